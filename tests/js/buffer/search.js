// Buffer: indexOf, lastIndexOf, includes, compare, equals against plain loops and Node.js.
const { Hash, below, outcome, pick } = require('./random.cjs');

function word(length, letters) {
    let all = '';
    for (let i = 0; i < length; i++) all += String.fromCharCode(97 + below(letters));
    return all;
}

const offsets = [undefined, null, 0, 1, -1, 3, -3, 40, -40, NaN, Infinity, -Infinity, 1.7, -1.7, '2', {}, [], true, 2 ** 33, -(2 ** 33)];
const hash = new Hash();
let found = 0;
for (let i = 0; i < 5000; i++) {
    const letters = 1 + below(3);
    const hay = Buffer.from(word(below(30), letters));
    const needle = word(below(6), letters);
    const value = pick([needle, Buffer.from(needle), 97 + below(4), new Uint8Array(Buffer.from(needle))]);
    const args = [value, below(2) ? below(64) - 32 : pick(offsets)].slice(0, 1 + below(2));
    const first = outcome(() => hay.indexOf(...args));
    found += first >= 0;
    hash.add(first).add(outcome(() => hay.lastIndexOf(...args) + ' ' + hay.includes(...args)));
}
console.log('bytes', String(hash), found);

/* In UTF-16 only whole units count. (Node.js 20 answers wrongly when the length is odd.) */
const wide = new Hash();
for (let i = 0; i < 2000; i++) {
    const hay = Buffer.from(word(below(20), 2), 'ucs2');
    const needle = word(1 + below(4), 2);
    const value = pick([needle, Buffer.from(needle, 'ucs2')]);
    const at = below(50) - 25;
    wide.add(hay.indexOf(value, at, 'ucs2')).add(hay.lastIndexOf(value, at, 'utf16le')).add(hay.includes(value, 'ucs2'));
}
console.log('units', String(wide));

const others = new Hash();
for (let i = 0; i < 500; i++) {
    const hay = Buffer.from(word(below(20), 2));
    const needle = Buffer.from(word(1 + below(4), 2));
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf8']) {
        others.add(hay.indexOf(needle.toString(encoding), below(30) - 15, encoding));
        others.add(hay.lastIndexOf(needle.toString(encoding), encoding));
    }
}
console.log('encodings', String(others));

const order = new Hash();
const ends = [undefined, 0, 1, 2, 5, 9, -1, 1.5, NaN, '1', null, Infinity];
for (let i = 0; i < 2000; i++) {
    const a = Buffer.from(word(below(8), 2)), b = Buffer.from(word(below(8), 2));
    const args = [0, 1, 2, 3].map(() => (below(3) ? below(9) : pick(ends))).slice(0, below(5));
    order.add(outcome(() => a.compare(b, ...args))).add(Buffer.compare(a, b)).add(a.equals(b));
}
console.log('order', String(order));
console.log(['b', 'a', '', 'ab', '\xFF'].map((s) => Buffer.from(s)).sort(Buffer.compare).join());

/* What takes quadratic time in a plain loop: both ways, and in units. */
const many = 200000;
const hay = Buffer.alloc(2 * many, 'a');
const end = Buffer.concat([Buffer.alloc(many, 'a'), Buffer.from('b')]);
const start = Buffer.concat([Buffer.from('b'), Buffer.alloc(many, 'a')]);
console.log(hay.indexOf(end), hay.lastIndexOf(start), hay.lastIndexOf(end));
console.log(hay.indexOf(Buffer.alloc(many, 'a'), many), hay.lastIndexOf(Buffer.alloc(many, 'a'), many - 1));
console.log(Buffer.alloc(many, 'ab').indexOf(Buffer.alloc(many / 2, 'ba'), 0, 'ucs2'));
