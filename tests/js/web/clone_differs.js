// F7 clone: what the standard keeps or refuses and Node.js does not, and depth
'use strict';
const attempt = (f) => {
    try {
        return f();
    } catch (error) {
        return error instanceof DOMException ? error.name + ' ' + error.code : error.constructor.name;
    }
};
let deep = null;
for (let i = 0; i < 200000; i++) {
    deep = i % 3 === 0 ? { deep } : i % 3 === 1 ? [deep] : new Map([[deep, 0]]);
}
let levels = 0;
for (let at = structuredClone(deep); at !== null; levels++) {
    at = at instanceof Map ? [...at.keys()][0] : Array.isArray(at) ? at[0] : at.deep;
}
console.log(levels);
const error = new DOMException('text', 'DataCloneError');
const copy = structuredClone(error);
console.log(copy instanceof DOMException, copy.name, copy.message, copy.code, copy.stack === error.stack);
const circle = new Error('circle');
circle.cause = circle;
console.log(structuredClone(circle).cause.cause.message);
for (const value of [
    setTimeout(() => {}, 0), setImmediate(() => {}), new TextEncoder(), new TextDecoder(), performance, crypto,
    performance.mark('x'), process,
]) {
    console.log(attempt(() => structuredClone(value)));
}
const detached = new ArrayBuffer(1);
detached.transfer();
console.log(attempt(() => structuredClone(1, { transfer: [detached] })),
    attempt(() => structuredClone(1, { transfer: [{}] })),
    attempt(() => structuredClone(1, { transfer: [new SharedArrayBuffer(1)] })),
    attempt(() => structuredClone(1, { transfer: null })), attempt(() => structuredClone(1, { transfer: {} })));
const growable = new SharedArrayBuffer(4, { maxByteLength: 8 });
growable.grow(6);
console.log(structuredClone(growable).byteLength, structuredClone(growable).maxByteLength);
const revoked = Proxy.revocable({}, {});
revoked.revoke();
for (const value of [
    new Event('x'), new CustomEvent('x'), new EventTarget(), new AbortController(), AbortSignal.abort(), new URL('a:b'),
    new URLSearchParams('a=1'), new URLSearchParams('a=1').keys(), 'a'.matchAll(/a/g), [1].values().map((x) => x),
    Iterator.from({ next() {} }), console, (() => 1).bind(), new Proxy(() => {}, {}), [new Proxy([], {})], revoked.proxy,
]) {
    console.log(attempt(() => structuredClone(value)));
}
console.log(structuredClone(Buffer.from('ab')), structuredClone(new Float16Array([1.5])), structuredClone(Math),
    structuredClone(new (class { #hidden = 1; shown = 2; })()));
