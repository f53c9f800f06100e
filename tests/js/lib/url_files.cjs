/* file: URLs and paths, both ways. */
'use strict';
const { fileURLToPath, pathToFileURL } = require('node:url');
const inputs = [
    'file:///a/b', 'file:///a%20b', 'file:///a%2fb', 'file:///a%5Cb', 'file://host/a', 'file://localhost/a',
    'file://LOCALHOST/a', 'file:a', 'file:/a', 'FILE:///A', 'file:///%zz', 'file:///%E0%A4%A', 'file:///a b?x#y',
    'file:///é', 'file:///a/../b', 'file:///a/./b/%2e%2E/c/.', 'file:///..', 'file:', 'file:///a\\b', '  file:///a ',
    'fi\nle:///a\tb', 'file:///C:/x', 'file:///C|/x/../..', 'file:////a', 'file:///a//b', 'http://x/', 'x:y', '/x', '',
    'file', 1, null, undefined, {}, [], { protocol: 'file:', href: 'file:///q', hostname: '', pathname: '/q' },
    { protocol: 'http:', href: 'x', hostname: '', pathname: '/q' }, { protocol: 'file:', href: 'x', auth: null },
];
for (const input of inputs) {
    try {
        console.log(JSON.stringify(input), JSON.stringify(fileURLToPath(input)));
    } catch (x) {
        console.log(JSON.stringify(input), x.name, x.code, x.message, x.input);
    }
}
let encoded = '';
for (let i = 0; i < 0x180; i++) encoded += pathToFileURL(`/${String.fromCharCode(i)}.`).href.slice(8, -1);
console.log(encoded);
for (const p of ['/', '/a/', '/a//b/../c', '/a b#?%', '/😀', '/a\ud800b', '/~user']) {
    const url = pathToFileURL(p);
    console.log(url.href, url.protocol, url.origin, url.host, url.pathname, url.search, url.hash, String(url),
        JSON.stringify({ url }), fileURLToPath(url));
}
for (const value of [1, undefined, {}]) {
    try { pathToFileURL(value); } catch (x) { console.log(x.code, x.message); }
}
