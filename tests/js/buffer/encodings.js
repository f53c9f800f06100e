// Buffer: text in every encoding, there and back; lone surrogates, ill-formed and cut sequences.
const { Hash, below, bytes, outcome, pick } = require('./random.cjs');

const encodings = [
    'utf8', 'UTF-8', 'utf16le', 'ucs2', 'UCS-2', 'utf-16LE', 'latin1', 'binary', 'ascii', 'hex', 'base64', 'base64url',
];
const pieces = [
    'a', 'Z', '0', '9', 'f', '=', '==', '-', '_', '+', '/', ' ', '\n', '\0', '\x7F', '\x80', '\xE9', '\xFF', '\u0100', '\u07FF',
    '\u0800', '\u20AC', '\uFFFD', '\uFFFF', '\uFEFF', '\u{1F600}', '\u{10FFFF}', '\u0141', '\u0430', '\u013D', '\uD800', '\uDBFF', '\uDC00', '\uDFFF',
];

function text(length) {
    let all = '';
    for (let i = 0; i < length; i++) all += pick(pieces);
    return all;
}

function units(string) {
    let all = '';
    for (let i = 0; i < string.length; i++) all += string.charCodeAt(i).toString(16) + ' ';
    return all;
}

for (const encoding of encodings) {
    const made = new Hash(), sizes = new Hash(), written = new Hash(), parts = new Hash();
    for (let i = 0; i < 300; i++) {
        const string = text(below(i % 50 === 0 ? 200 : 12));
        made.add(Buffer.from(string, encoding).toString('hex'));
        sizes.add(Buffer.byteLength(string, encoding));
        const target = Buffer.alloc(10, '.');
        const args = [[], [below(11)], [below(11), below(11)]][below(3)];
        written.add(outcome(() => target.write(string, ...args, encoding))).add(target.latin1Slice());
        const source = Buffer.from(bytes(below(20)));
        parts.add(units(source.toString(encoding, below(22) - 1, below(22) - 1)));
        parts.add(units(source.toString(encoding)));
    }
    console.log(encoding.padEnd(9), String(made), String(sizes), String(written), String(parts));
}

/* All sequences of some bytes at the edges of UTF-8. */
const edges = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF];
const all = new Hash();
for (const a of edges) for (const b of edges) for (const c of edges) {
    all.add(units(Buffer.from([a, b, c]).toString()));
    all.add(units(Buffer.from([a, b, c, 0x80]).utf8Slice()));
    all.add(units(Buffer.from([a, b, c, 0xBF, 0x41]).toString('utf8', 0, 4)));
}
console.log('edges', String(all));

/* Each byte and each pair of digits, there and back. */
const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
for (const encoding of ['latin1', 'hex', 'base64', 'base64url', 'ucs2']) {
    console.log(encoding, Buffer.from(every.toString(encoding), encoding).equals(every));
}
console.log(every.toString('ascii').length, units(every.toString('ascii', 126, 132)));
console.log(units(every.toString('utf8', 0xBE, 0xC4)));

/* A character that does not fit is not begun. */
for (let room = 0; room <= 8; room++) {
    const small = Buffer.alloc(room);
    console.log(room, small.write('\u00E9\u{1F600}\u20AC'), small.toString('hex'), Buffer.alloc(room).write('\u{1F600}a', 'ucs2'));
}

/* Padding, blanks and foreign characters in base64. */
for (const string of ['', '=', 'Y', 'YQ', 'YQ=', 'YQ==', 'YWI', 'YWI=', 'YWJj', 'YWJjZ', 'Y W\nJ\tj', 'YW=Jj', '_-8', '/+8=', '*Y*Q*']) {
    console.log(JSON.stringify(string), Buffer.from(string, 'base64'), Buffer.from(string, 'base64url'));
}
for (const string of ['', '0', '0g', 'g0', 'ab0', 'abg0cd', 'AbCd', ' ab', 'ab cd']) {
    console.log(JSON.stringify(string), Buffer.from(string, 'hex'));
}
for (const length of [0, 1, 2, 3, 4, 5, 1000]) {
    const source = Buffer.alloc(length, 0xFB);
    console.log(length, source.toString('base64').slice(-8), source.toString('base64url').slice(-8));
}

/* Long text keeps its order and length. */
const long = text(30000).toWellFormed();
console.log(Buffer.from(long).toString() === long, Buffer.from(long, 'ucs2').toString('ucs2') === long);
