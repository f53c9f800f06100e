// read(n) gives n bytes when they are there, the rest at the end.
'use strict';
const parts = [];
process.stdin.on('readable', () => {
    for (let chunk; (chunk = process.stdin.read(4)) !== null;) {
        parts.push(chunk.toString());
    }
});
process.stdin.on('end', () => console.log(parts));
