// 'readable' announces what read() then gives, in pieces as they are asked for.
'use strict';
process.stdin.setEncoding('utf8');
let text = '';
process.stdin.on('readable', () => {
    for (let chunk; (chunk = process.stdin.read()) !== null;) {
        text += chunk;
    }
});
process.stdin.on('end', () => console.log(JSON.stringify(text), process.stdin.read()));
