// Buffer: any method with any arguments: the outcome, the error and what became of the bytes (F2).
const { Hash, below, pick } = require('./random.cjs');

const names = Object.getOwnPropertyNames(Buffer.prototype)
    .filter((name) => !['constructor', 'parent', 'offset', 'inspect', 'toLocaleString'].includes(name)).sort();
const statics = ['alloc', 'byteLength', 'compare', 'concat', 'copyBytesFrom', 'from', 'isBuffer', 'isEncoding', 'of'];
const values = [
    undefined, null, 0, 1, -1, 2, 3, 7, 8, 9, 1.5, -0.5, NaN, Infinity, -Infinity, 255, 256, 65536, 2 ** 31, 2 ** 32, 2 ** 53,
    '1', '', 'a', 'abc', 'utf8', 'hex', 'base64', 'ucs2', 'latin1', 'nope', 'ff00', '\u00E9\u20AC', '\uD800', true, false,
    {}, [], [1, 2, 300], () => 1, /x/, new Date(NaN),
];
const makers = [
    () => Buffer.from('hello'), () => new Uint8Array([1, 2, 3]), () => new Uint16Array([1, 513]), () => Buffer.alloc(0),
    () => new ArrayBuffer(4), () => ({ length: 2, 0: 5, 1: 6 }), () => ({ type: 'Buffer', data: [9] }),
    () => [Buffer.from('a'), new Uint8Array(2)], () => new String('str'), () => ({ valueOf: () => 3 }),
    () => ({ toString: () => 'hex' }), () => new Float32Array([1.5, 300]),
];

function show(value) {
    if (ArrayBuffer.isView(value)) {
        return value.constructor.name + Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
    }
    return typeof value === 'bigint' ? value + 'n' : Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function call(object, name, args) {
    try {
        return show(object[name](...args));
    } catch (error) {
        return error.name + ' ' + (error.code ? error.code + ' ' + error.message : '');
    }
}

const hashes = new Map();
for (let i = 0; i < 3000; i++) {
    const made = below(4) === 0;
    const name = pick(made ? statics : names);
    const self = Buffer.from('0123456789ab'.slice(0, below(13)));
    const args = Array.from({ length: below(5) }, () => (below(4) ? pick(values) : pick(makers)()));
    const size = made && (name === 'alloc' ? args[0] : name === 'concat' ? args[1] : 0);
    if (typeof size === 'number' && size > 1e6) continue;
    /* Node.js 20 answers wrongly in UTF-16 when the length is odd. */
    if (/indexOf|includes/i.test(name) && args.includes('ucs2')) continue;
    const key = made ? 'Buffer.' + name : name;
    if (!hashes.has(key)) hashes.set(key, new Hash());
    hashes.get(key).add(call(made ? Buffer : self, name, args)).add(self.toString('hex'));
}
for (const key of [...hashes.keys()].sort()) console.log(key, String(hashes.get(key)));
