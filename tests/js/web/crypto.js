// F9 random values: every view, bounds, 65,536 and one more; 10,000 UUIDs differ.
'use strict';
const attempt = (f) => {
    try {
        return f();
    } catch (error) {
        return [error instanceof DOMException, error instanceof TypeError, error.name, error.code];
    }
};
for (const Type of [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    BigInt64Array, BigUint64Array,
]) {
    const size = Type.BYTES_PER_ELEMENT;
    const full = new Type(65536 / size);
    console.log(Type.name, crypto.getRandomValues(full) === full,
        full.some((x) => x != 0), attempt(() => crypto.getRandomValues(new Type(65536 / size + 1))));
    const empty = new Type(0);
    console.log(crypto.getRandomValues(empty) === empty);
}
/* Only the view's part. */
const buffer = new ArrayBuffer(64);
crypto.getRandomValues(new Uint8Array(buffer, 16, 32));
const bytes = new Uint8Array(buffer);
console.log(bytes.subarray(0, 16).every((x) => x === 0), bytes.subarray(48).every((x) => x === 0),
    bytes.subarray(16, 48).some((x) => x !== 0));
for (const wrong of [
    new Float32Array(1), new Float64Array(1), new DataView(buffer), buffer, null, undefined, 5,
    'text', {}, [1, 2], new Float64Array(65537),
]) {
    console.log(attempt(() => crypto.getRandomValues(wrong)));
}
console.log(attempt(() => crypto.getRandomValues()));
/* Each byte value comes, about equally often. */
const counts = new Array(256).fill(0);
for (let i = 0; i < 4; i++) {
    for (const byte of crypto.getRandomValues(new Uint8Array(65536))) {
        counts[byte]++;
    }
}
console.log(counts.every((n) => n > 700 && n < 1400));

const seen = new Set();
let shape = true;
for (let i = 0; i < 10000; i++) {
    const id = crypto.randomUUID();
    shape &&= /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
    seen.add(id);
}
console.log(seen.size, shape);

console.log(Object.prototype.toString.call(crypto), crypto instanceof Crypto, crypto === crypto);
for (const f of [() => new Crypto(), () => Crypto(), () => crypto.getRandomValues.call({}, bytes),
    () => (0, crypto.randomUUID)(), () => crypto.randomUUID.call(Object.create({}))]) {
    console.log(attempt(f));
}
console.log(crypto);
const { get } = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
for (const self of [undefined, null, globalThis, {}, Object.create(globalThis), 1]) console.log(attempt(() => get.call(self) === crypto));
