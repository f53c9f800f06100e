// Dates, regular expressions, null prototypes of special kinds.
console.log(new Date(0), new Date(1e12), new Date(NaN), [new Date(0)], { d: new Date(-1) });
console.log(Object.assign(new Date(0), { x: 1 }), new (class D extends Date {})(0), Object.setPrototypeOf(new Date(0), null));
console.log(/a/, /[/]\/x/gimsuy, new RegExp(''), /x/d, Object.assign(/x/, { y: 1 }), new (class R extends RegExp {})('z', 'g'));
console.log(Object.setPrototypeOf(/x/g, null), [[[[/x/g, new Date(0)]]]], [[[[Object.assign(/x/, { y: 1 })]]]]);
console.log(Object.setPrototypeOf(Promise.resolve(1), null), Object.setPrototypeOf(new WeakSet(), null));
console.log(Object.setPrototypeOf(new Number(1), null), Object.setPrototypeOf(new String('s'), null));
console.log(Object.setPrototypeOf([1], null), Object.setPrototypeOf(new Uint8Array(1), null));
console.log(Object.setPrototypeOf(new Date(0), Object.prototype), Object.setPrototypeOf([1], Object.prototype));
console.log(Object.setPrototypeOf((function* () {})(), null), Object.setPrototypeOf(new WeakRef({}), null));
for (const v of [() => {}, new Date(0), /x/, new ArrayBuffer(1), Promise.resolve(1), new WeakMap(), new Number(1),
    new Map([[1, 2]]), new Set([1]), [1], new Uint8Array(1), new Map([[1, 2]]).entries(), class Q {}, {}]) {
    Object.defineProperty(v, Symbol.toStringTag, { value: 'TAG', configurable: true });
    console.log(v);
    Object.defineProperty(v, 'k', { value: { a: { b: {} } }, enumerable: true });
    console.dir(v, { depth: 0 });
    console.dir([v], { depth: 0 });
}
