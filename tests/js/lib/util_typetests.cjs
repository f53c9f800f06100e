/* util.types over a row of values. */
'use strict';
const types = require('node:util/types');
const values = {
    undefined, null: null, number: 1, string: 'a', object: {}, array: [], date: new Date(0), regexp: /x/, error: new Error(),
    fake: Object.create(Error.prototype), map: new Map(), set: new Set(), weakmap: new WeakMap(), weakset: new WeakSet(),
    mapit: new Map().keys(), setit: new Set().values(), promise: Promise.resolve(), thenable: { then() {} }, fn() {},
    async async() {}, *gen() {}, async *agen() {}, generator: (function* () {})(), args: (function () { return arguments; })(),
    buffer: new ArrayBuffer(1), shared: new SharedArrayBuffer(1), view: new DataView(new ArrayBuffer(1)),
    u8: new Uint8Array(), u8c: new Uint8ClampedArray(), u16: new Uint16Array(), u32: new Uint32Array(), i8: new Int8Array(),
    i16: new Int16Array(), i32: new Int32Array(), f32: new Float32Array(), f64: new Float64Array(), b64: new BigInt64Array(),
    bu64: new BigUint64Array(), proxy: new Proxy({}, {}), pmap: new Proxy(new Map(), {}), boxn: Object(1), boxs: Object('a'),
    boxb: Object(true), boxi: Object(1n), boxsym: Object(Symbol()), tagged: { [Symbol.toStringTag]: 'Map' },
};
for (const test of Object.keys(types).filter((k) => !/KeyObject|CryptoKey/.test(k))) {
    console.log(test, types[test].name, Object.keys(values).filter((k) => types[test](values[k])).join());
}
console.log(require('node:util').types === types);
import('node:util/types').then((ns) => console.log(ns.isMap(new Map()), ns.default === types));
