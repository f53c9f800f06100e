// ArrayBuffer, views, typed arrays.
console.log(new ArrayBuffer(0), new ArrayBuffer(3), new Uint8Array([1, 2, 255]).buffer, new ArrayBuffer(120));
console.log(new DataView(new ArrayBuffer(4), 1, 2), new SharedArrayBuffer(2));
for (const Type of [Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array]) {
    console.log(new Type(), new Type(3), [new Type(1)]);
}
console.log(new Float64Array([1.5, -0, NaN, Infinity]), new Uint8Array(120), new Uint8Array(Array.from({ length: 20 }, (_, i) => i * 13)));
console.log(Object.assign(new Uint8Array(2), { x: 1 }), new (class U extends Uint8Array {})(2));
console.log({ a: { b: { c: new Uint8Array(2), d: new ArrayBuffer(1), e: new Uint8Array() } } });
console.dir(new Uint16Array([1, 2]), { showHidden: true });
console.dir(new ArrayBuffer(2), { showHidden: true, maxArrayLength: 1 });
console.dir(new Float32Array([1, 2, 3]), { maxArrayLength: 1 });
console.dir(new DataView(new ArrayBuffer(2)), { compact: true });
