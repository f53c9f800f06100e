// Buffer: every read and write of a number, at random places and with values around the bounds.
const { Hash, below, bytes, outcome, pick } = require('./random.cjs');

const integers = [
    0, -0, 1, -1, 0.5, -0.5, 1.5, -1.5, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535,
    65536, 2 ** 23 - 1, 2 ** 23, -(2 ** 23), -(2 ** 23) - 1, 2 ** 24, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32,
    2 ** 39, -(2 ** 39), 2 ** 40 - 1, 2 ** 47 - 1, -(2 ** 47), 2 ** 48 - 1, 2 ** 48, 2 ** 53, 1e18, NaN, Infinity, -Infinity,
    undefined, null, true, '12', '0x7f', 'x', {}, [], [7], 5n,
];
const bigs = [
    0n, 1n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 200n, 255n,
    1, -1, 2 ** 64, NaN, undefined, null, '7',
];
const reals = [
    0, -0, 1, -1.5, Math.PI, 1e-45, 1e-46, 1.4e-45, 3.4028234663852886e38, 3.4028235677973366e38, 1e39, 5e-324, 1e308,
    NaN, Infinity, -Infinity, '1.5', 'x', undefined, null, {}, 7n, 16777217, 0.1,
];
const offsets = [
    0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13, -1, 1.5, NaN, Infinity, -Infinity, '1', null, undefined, {}, 2 ** 40, -0, 1n,
];
const widths = [1, 2, 3, 4, 5, 6, 0, 7, 1.5, NaN, '2', undefined, null, -1, Infinity];

const names = Object.getOwnPropertyNames(Buffer.prototype).filter((name) => /^(read|write)./.test(name)).sort();
console.log(names.length, 'names');

for (const name of names) {
    const hash = new Hash();
    const wide = /U?[iI]nt[BL]E$/.test(name);
    const values = /Big/.test(name) ? bigs : /Float|Double/.test(name) ? reals : integers;
    let worked = 0;
    for (let i = 0; i < 150; i++) {
        const buffer = Buffer.from(bytes(12));
        const args = name.startsWith('read') ? [] : [below(3) === 0 && values === integers ? below(2 ** 32) : pick(values)];
        if (below(8) > 0) args.push(below(3) > 0 ? below(13) : pick(offsets));
        if (wide && (args.length > 1 || name.startsWith('read')) && below(10) > 0) {
            while (args.length < (name.startsWith('read') ? 1 : 2)) args.push(0);
            args.push(below(4) > 0 ? 1 + below(6) : pick(widths));
        }
        const text = outcome(() => buffer[name](...args));
        worked += !text.includes('Error');
        hash.add(text).add(buffer.toString('hex'));
    }
    console.log(name, Buffer.prototype[name].length, String(hash), worked);
}


/* What is written is read again. */
let wrong = 0;
for (let i = 0; i < 600; i++) {
    const buffer = Buffer.alloc(16);
    const width = 1 + below(6);
    const number = below(2 ** 16) + below(2 ** 32) * 2 ** 16;
    const value = number % 2 ** (8 * width);
    const signed = value - 2 ** (8 * width - 1);
    const at = below(16 - width);
    for (const order of ['LE', 'BE']) {
        if (buffer['writeUInt' + order](value, at, width) !== at + width) wrong++;
        if (buffer['readUInt' + order](at, width) !== value) wrong++;
        if (buffer['writeInt' + order](signed, at, width) !== at + width) wrong++;
        if (buffer['readInt' + order](at, width) !== signed) wrong++;
        buffer['writeDouble' + order](value / 3, at % 8);
        if (buffer['readDouble' + order](at % 8) !== value / 3) wrong++;
        buffer['writeFloat' + order](value / 3, at % 8);
        if (buffer['readFloat' + order](at % 8) !== Math.fround(value / 3)) wrong++;
        const big = BigInt(number) * 65537n;
        buffer['writeBigUInt64' + order](BigInt.asUintN(64, big), at % 8);
        if (buffer['readBigUInt64' + order](at % 8) !== BigInt.asUintN(64, big)) wrong++;
        if (buffer['readBigInt64' + order](at % 8) !== BigInt.asIntN(64, big)) wrong++;
    }
}
console.log('wrong', wrong);

/* The bits of a NaN survive only as far as the engine keeps them; the sign of zero always does. */
const buffer = Buffer.alloc(8);
buffer.writeDoubleBE(-0);
console.log(buffer.toString('hex'), Object.is(buffer.readDoubleBE(), -0), Object.is(buffer.readFloatBE(), -0));
console.log(Number.isNaN(Buffer.from('7ff8000000000000', 'hex').readDoubleBE()));
console.log(Buffer.prototype.readUint8 === Buffer.prototype.readUInt8,
    Buffer.prototype.writeBigUint64LE === Buffer.prototype.writeBigUInt64LE,
    Buffer.prototype.readUintBE === Buffer.prototype.readUIntBE);
