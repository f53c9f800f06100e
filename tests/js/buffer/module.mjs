// node:buffer as a module: its names, transcode, isUtf8, isAscii, SlowBuffer, INSPECT_MAX_BYTES.
import buffer, { Buffer as Named, constants, isAscii, isUtf8, kMaxLength, kStringMaxLength, SlowBuffer, transcode } from 'node:buffer';
import * as plain from 'buffer';
import { builtinModules, createRequire } from 'node:module';

console.log(Named === Buffer, plain.Buffer === Buffer, plain.default === buffer, builtinModules.includes('buffer'));
console.log(createRequire(import.meta.url)('buffer') === buffer, constants.MAX_LENGTH === kMaxLength, constants.MAX_STRING_LENGTH === kStringMaxLength);

const texts = [
    '', 'plain', '\u00E9t\u00E9 \u20AC \u{1F600} \u0100', '\x7F\x80\xFF',
];
const encodings = ['utf8', 'ucs2', 'utf16le', 'latin1', 'binary', 'ascii', 'UTF-8', '', undefined, 'hex', 'base64', 'nope', 5];
for (const text of texts) {
    for (const from of encodings) {
        const row = [];
        for (const to of encodings) {
            try {
                row.push(transcode(Named.from(text, Named.isEncoding(from) ? from : 'utf8'), from, to).toString('hex'));
            } catch (error) {
                row.push(error.name + ' ' + error.code + ' ' + error.errno + ' ' + error.message);
            }
        }
        console.log(JSON.stringify(text), from, row.join(' '));
    }
}
for (const bytes of [[0x80, 0x42], [0x41, 0xE2, 0x82], [0xF0, 0x9F, 0x98], [0x3D, 0xD8], [0x00, 0xDC, 0x41, 0x00], [0x41, 0x00, 0x42]]) {
    for (const from of ['utf8', 'ucs2', 'latin1', 'ascii']) {
        for (const to of ['utf8', 'ucs2', 'latin1', 'ascii']) {
            try {
                console.log(bytes, from, to, transcode(new Uint8Array(bytes), from, to));
            } catch (error) {
                console.log(bytes, from, to, error.code);
            }
        }
    }
}
for (const bytes of [[], [0x41], [0x80], [0xC3, 0xA9], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80]]) {
    const list = new Uint8Array(bytes);
    console.log(bytes, isUtf8(list), isAscii(list), isUtf8(list.buffer), isAscii(new DataView(list.buffer).buffer), isUtf8(Named.from(list)));
}
console.log(isUtf8(new Uint16Array([0x4141])), isAscii(new Uint16Array([0x8041])));
for (const value of ['a', 5, undefined, {}, []]) {
    for (const fn of [isUtf8, isAscii, (x) => transcode(x, 'utf8', 'ucs2'), SlowBuffer, (x) => new SlowBuffer(x).length]) {
        try {
            console.log(typeof value, fn(value)?.length);
        } catch (error) {
            console.log(error.name, error.code, error.message);
        }
    }
}
const slow = SlowBuffer(3);
console.log(slow instanceof Buffer, slow.length, slow.buffer.byteLength, Object.getPrototypeOf(SlowBuffer) === Uint8Array);

console.log(buffer.INSPECT_MAX_BYTES, Buffer.alloc(52));
for (const size of [2, 0, 1, Infinity, 3.5]) {
    buffer.INSPECT_MAX_BYTES = size;
    console.log(buffer.INSPECT_MAX_BYTES, Buffer.alloc(3), Buffer.alloc(0), [Object.assign(Buffer.alloc(1), { x: 1 })]);
}
for (const size of ['1', -1, undefined, NaN]) {
    try {
        buffer.INSPECT_MAX_BYTES = size;
    } catch (error) {
        console.log(error.code, error.message);
    }
}
