/* Deep equality of every pair out of a row of values, loose and strict. */
'use strict';
const assert = require('node:assert');
const { isDeepStrictEqual } = require('node:util');
const sym = Symbol('a');
class A { constructor() { this.x = 1; } }
class B { constructor() { this.x = 1; } }
function make() {
    const circle = { a: 1 };
    circle.me = circle;
    const unrolled = { a: 1 };
    unrolled.me = { a: 1, me: unrolled };
    const circularMap = new Map([[{ a: 1 }, 2]]);
    circularMap.set('me', circularMap);
    const named = Object.assign([1, 2], { x: 1 });
    const advanced = /a/g;
    advanced.lastIndex = 1;
    const hidden = Object.defineProperty({}, 'x', { value: 1 });
    return [
        0, -0, 1, '1', '', ' ', true, false, null, undefined, NaN, 1n, sym, {}, [], { a: 1 }, { a: '1' }, { a: 1, b: 2 }, { b: 2, a: 1 },
        { a: undefined }, { a: null }, [1, 2], ['1', 2], named, [, 1], [undefined, 1], [, 1, ,], (function () { return arguments; })(1, 2),
        { 0: 1, 1: 2 }, new A(), new B(), { x: 1 }, hidden, circle, unrolled, new Error('m'), new TypeError('m'), new Error('n'),
        Object.assign(new Error('m'), { code: 1 }), new Error('m', { cause: 1 }), new AggregateError([1], 'm'), new AggregateError([2], 'm'),
        /a/g, /a/i, advanced, new Date(5), new Date(6), new Date(NaN), new Set([1, 2]), new Set([2, 1]), new Set(['1', 2]), new Set([{ a: 1 }, { a: 2 }]),
        new Set([{ a: 2 }, { a: 1 }]), new Set([{ a: '1' }, { a: 2 }]), new Set([null]), new Set([undefined]), new Set(['']), new Set([false]),
        new Set([NaN]), new Map([[1, 2]]), new Map([['1', 2]]), new Map([[1, '2']]), new Map([[{ a: 1 }, 2]]), new Map([[{ a: '1' }, '2']]), circularMap,
        new Map([[null, 1]]), new Map([[undefined, 1]]), new Map([[1, { a: 1 }], [2, { b: 1 }]]), new Map([[2, { b: 1 }], [1, { a: 1 }]]),
        new Uint8Array([1, 2]), new Uint8Array([1, 3]), new Int8Array([1, 2]), new Float32Array([0]), new Float32Array([-0]), new Float64Array([NaN]),
        Object.assign(new Uint8Array([1, 2]), { q: 1 }), new ArrayBuffer(2), new Uint8Array([1, 0]).buffer, new SharedArrayBuffer(2), new DataView(new ArrayBuffer(2)),
        Object(1), Object(2), Object('1'), Object(true), Object(1n), Object(sym), Object.assign(Object('1'), { a: 1 }), make, Math, Object.create(null),
        Object.assign(Object.create(null), { a: 1 }), { [sym]: 1 }, { [sym]: 2 }, { [sym]: 1, a: 1 }, [[1, [2, [3]]]], [[1, [2, ['3']]]],
        { get [Symbol.toStringTag]() { return 'Q'; } }, new Proxy([1, 2], {}), new Proxy({ a: 1 }, {}), Object.assign([1, 2], { [sym]: 1 }),
        (class extends Array {}).from([1, 2]), [NaN], [0], [-0], [null], [undefined], new WeakMap(), Promise.resolve(1),
    ];
}
const left = make(), right = make();
const loose = (a, b) => {
    try { assert.deepEqual(a, b); return true; } catch { return false; }
};
for (let i = 0; i < left.length; i++) {
    let row = '';
    for (let j = 0; j < right.length; j++) {
        const strict = isDeepStrictEqual(left[i], right[j]);
        row += strict ? loose(left[i], right[j]) ? '=' : '!' : loose(left[i], right[j]) ? '~' : '.';
    }
    console.log(row);
}
