// Buffer: which memory an instance has: pool, parts that share, copies that do not; fill, copy, concat, swaps.
const { Hash, below, bytes, outcome, pick } = require('./random.cjs');

/* Small unsafe ones and strings share the pool; poolSize may be changed. */
console.log(Buffer.poolSize, Buffer.allocUnsafe(10).buffer.byteLength, Buffer.from('ab').buffer.byteLength);
console.log(Buffer.allocUnsafe(4095).buffer.byteLength, Buffer.allocUnsafe(4096).buffer.byteLength);
console.log(Buffer.alloc(10).buffer.byteLength, Buffer.allocUnsafeSlow(10).buffer.byteLength);
console.log(Buffer.from([1, 2]).buffer.byteLength > 2, Buffer.concat([Buffer.alloc(3)]).buffer.byteLength > 3);
console.log(Buffer.allocUnsafe(0).buffer.byteLength, Buffer.from('').length, Buffer.from('').buffer.byteLength);
const a = Buffer.allocUnsafe(3), b = Buffer.allocUnsafe(3);
console.log(a.buffer === b.buffer, (b.byteOffset - a.byteOffset) % 8, a.offset === a.byteOffset, a.parent === a.buffer);
Buffer.poolSize = 64;
const pools = new Set();
for (let i = 0; i < 2000; i++) pools.add(Buffer.allocUnsafe(31).buffer);
console.log(pools.size > 500, Buffer.allocUnsafe(32).buffer.byteLength, Buffer.allocUnsafe(31).buffer.byteLength);
Buffer.poolSize = 8192;
let clean = true;
for (let i = 0; i < 200; i++) clean &&= Buffer.alloc(below(100)).every((byte) => byte === 0);
console.log('alloc is zeroed', clean);

/* Parts. */
const whole = Buffer.from('0123456789');
const part = whole.subarray(2, 5);
part[0] = 0x78;
console.log(String(whole), String(part), part.buffer === whole.buffer, part instanceof Buffer, Buffer.isBuffer(part));
console.log(String(whole.slice(-3)), String(whole.slice(-3, -1)), String(whole.slice(8, 2)), String(part.slice(1).slice(1)));
const cut = new Hash();
const ends = [undefined, null, NaN, '3', '-2', 1.9, -1.9, Infinity, -Infinity, {}, [4], true];
for (let i = 0; i < 2000; i++) {
    const args = [0, 1].map(() => (below(2) ? below(30) - 15 : pick(ends))).slice(0, below(3));
    cut.add(whole.slice(...args)).add(whole.subarray(...args).length);
}
console.log('parts', String(cut));
for (const name of ['map', 'filter', 'slice', 'subarray', 'with', 'toReversed']) {
    const made = name === 'with' ? whole.with(0, 1) : whole[name]((x) => x);
    console.log(name, made.constructor.name, Object.getPrototypeOf(made) === Buffer.prototype);
}
console.log([...whole.entries()].length, [...whole.keys()].at(-1), [...whole.values()].length, [...whole].length, whole.at(-1));
console.log(Uint8Array.prototype.slice.call(whole, 0, 2).buffer === whole.buffer);

/* Copies. */
const source = new Uint8Array([1, 2, 3]);
const copied = Buffer.from(source);
const shared = Buffer.from(source.buffer, 1);
source[1] = 9;
console.log(copied, shared, shared.byteOffset, shared.buffer === source.buffer);
console.log(Buffer.from(Buffer.from('abc')).toString(), Buffer.from(Buffer.from('abc').subarray(1)).toString());
const halves = new Uint16Array([0x0102, 0x0304, 0x0506]);
console.log(Buffer.from(halves), Buffer.from(halves.buffer), Buffer.copyBytesFrom(halves), Buffer.copyBytesFrom(halves, 1, 1),
    Buffer.copyBytesFrom(halves.subarray(1), 1), Buffer.copyBytesFrom(new Float64Array([1])));

/* fill. */
const filled = new Hash();
const patterns = ['a', 'ab', 'abc', '\u20AC', '', 'zz', '6162', 'YQ==', 1, 256, -1, 1.5, NaN, null, true, undefined, Buffer.from('xy'), new Uint16Array([1, 2])];
const codes = [undefined, 'utf8', 'hex', 'base64', 'ucs2', 'latin1', 'nope', null];
for (let i = 0; i < 2500; i++) {
    const target = Buffer.alloc(9, '.');
    const args = [pick(patterns), below(4) ? below(11) : pick(codes), below(4) ? below(11) : pick(codes), pick(codes)];
    filled.add(outcome(() => target.fill(...args.slice(0, 1 + below(4))))).add(target.latin1Slice());
    filled.add(outcome(() => Buffer.alloc(below(9), pick(patterns), pick(codes)).toString('hex')));
}
console.log('fill', String(filled));
const self = Buffer.from('abcdefgh');
console.log(self.fill(self.subarray(2, 5), 1).toString());

/* copy, also onto itself. */
const moved = new Hash();
const places = [undefined, null, NaN, '1', 1.5, -1, Infinity, 2 ** 40, {}];
for (let i = 0; i < 2500; i++) {
    const from = Buffer.from('0123456789');
    const to = below(2) ? from : pick([Buffer.alloc(5, '.'), new Uint8Array(7)]);
    const args = [0, 1, 2].map(() => (below(4) ? below(12) : pick(places))).slice(0, below(4));
    moved.add(outcome(() => from.copy(to, ...args))).add(Buffer.from(to).toString('hex'));
}
console.log('copy', String(moved));

/* concat. */
const joined = new Hash();
for (let i = 0; i < 1000; i++) {
    const list = Array.from({ length: below(5) }, () => pick([Buffer.from(bytes(below(9))), new Uint8Array(below(4))]));
    joined.add(Buffer.concat(list).toString('hex'));
    joined.add(outcome(() => Buffer.concat(list, pick([0, 1, 5, 20, undefined, -1, 1.5, '3'])).toString('hex')));
}
console.log('concat', String(joined));

/* Swaps, JSON. */
for (const [name, word] of [['swap16', 2], ['swap32', 4], ['swap64', 8]]) {
    const row = Buffer.from(Array.from({ length: 160 }, (_, i) => i));
    console.log(name, row[name]() === row, row.toString('hex', 0, 16), row.toString('hex', 152), outcome(() => row.subarray(1)[name]()),
        outcome(() => row.subarray(1, 1 + 3 * word)[name]().toString('hex')));
}
console.log(JSON.stringify({ b: Buffer.from('hi'), e: Buffer.alloc(0) }), Buffer.from(JSON.parse(JSON.stringify(Buffer.from('hi')))));
console.log(String(Buffer.from('abc')), Buffer.from('abc') + 'd', `${Buffer.from('\u20AC')}`, Buffer.from('ab').toLocaleString('hex'));
