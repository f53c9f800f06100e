// Many byte strings and texts through every encoding, there and back: one sum for each encoding.
const fs = require('fs');
const os = require('os');
const path = require('path');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const file = path.join(dir, 'file');
const encodings = ['utf8', 'UTF-8', 'ucs2', 'utf16le', 'latin1', 'binary', 'ascii', 'hex', 'base64', 'base64url'];

let state = 12345;
function random(below) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
}

const sums = {};
function add(encoding, text) {
    let sum = sums[encoding] ?? 0;
    for (let i = 0; i < text.length; i++) {
        sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
    }
    sums[encoding] = (Math.imul(sum, 31) + text.length) | 0;
}

const broken = [0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xc3, 0x28, 0xc0, 0xaf, 0x41, 0xef, 0xbb,
    0xbf, 0xf4, 0x90, 0xf5, 0xe0];
for (let n = 0; n < 300; n++) {
    const bytes = Uint8Array.from({ length: random(40) }, () =>
        (n % 3 === 0 ? random(256) : n % 3 === 1 ? broken[random(broken.length)] : random(128)));
    fs.writeFileSync(file, bytes);
    for (const encoding of encodings) {
        add(encoding, fs.readFileSync(file, encoding));
    }
}

const pieces = ['A', 'z', '0', '9', '+', '/', '-', '_', '=', ' ', '\n', '!', '\u00e9', '\u20ac', '\ud83d\ude00',
    '\ud800', 'ff', 'YWJj', '\ufeff'];
for (let n = 0; n < 300; n++) {
    const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('');
    for (const encoding of encodings) {
        if (/hex|base64/.test(encoding) && /[^\0-\xff]/.test(text)) {
            continue; // Node.js takes the low byte of a character for a digit
        }
        fs.writeFileSync(file, text, encoding);
        add(encoding, fs.readFileSync(file, 'hex'));
    }
}
for (const encoding of encodings) {
    console.log(encoding, sums[encoding]);
}
