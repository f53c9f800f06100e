/* The messages of the assertions about equality, with their differences. */
'use strict';
const assert = require('node:assert');
class Foo extends Error {}
class Point { constructor() { this.x = 1; } }
const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const pairs = [
    [1, 2], [1, '1'], [0, -0], [NaN, 1], [1n, 2n], ['a', 'b'], ['short', 'shore'], ['a longer text with a difference here', 'a longer text with a difference thera'],
    ['x'.repeat(50), `${'x'.repeat(49)}y`], ['a\nb\nc', 'a\nb\nd'], ['one line', 'two\nlines'], [null, undefined], [true, 'true'], [Symbol('q'), 1],
    [{}, []], [{}, {}], [[], []], [{ a: 1 }, { a: 2 }], [{ a: 1, b: 2 }, { a: 1, c: 2 }], [[1, 2, 3], [1, 2, 3, 4]], [[1, 2, 3, 4], [1, 2, 3]],
    [many(10, (i) => i), many(10, (i) => i === 9 ? 'x' : i)], [many(100, (i) => i), many(100, (i) => i * 2)], [many(30, (i) => `l${i}`), many(30, (i) => i === 15 ? 'd' : `l${i}`)],
    [many(40, (i) => i), many(40, (i) => i === 5 || i === 30 ? 'd' : i)], [many(60, (i) => ({ i })), many(60, (i) => ({ i: i + (i === 30) }))],
    [many(8, (i) => i), many(9, (i) => i)], [many(9, (i) => i), many(8, (i) => i)],
    [new Point(), { x: 1 }], [new Error('m'), new Error('n')], [new TypeError('m'), new Error('m')], [new Foo('m'), new Foo('m')], [new Map([[1, { a: 1 }]]), new Map([[1, { a: 2 }]])],
    [new Set([1, { a: 1 }]), new Set([1, { a: 2 }])], [new Date(0), new Date(1)], [/a/, /b/g], [() => 1, () => 1], [function f() {}, function g() {}],
    [{ a: { b: { c: { d: { e: 1 } } } } }, { a: { b: { c: { d: { e: 2 } } } } }], [{ z: 1, y: 2, x: 3, w: 4, v: 5, u: 6 }, { z: 1, y: 2, x: 3, w: 4, v: 5, u: 7 }],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])], [Object(1), Object(2)], [[undefined], [,]], [{ get a() { return 1; } }, { a: 2 }], [Object.create(null), {}],
    ['x'.repeat(600), 'y'.repeat(600)], [{ s: 'multi\nline' }, { s: 'multi\nlines' }],
];
const tell = (f) => {
    try {
        f();
        console.log('ok');
    } catch (e) {
        console.log(e.name, e.code, e.operator, e.generatedMessage);
        console.log(e.message);
    }
};
const names = ['equal', 'notEqual', 'deepEqual', 'notDeepEqual', 'deepStrictEqual', 'notDeepStrictEqual', 'strictEqual', 'notStrictEqual'];
for (const name of names) {
    console.log(`---- ${name} ${assert[name].length} ${assert[name].name}`);
    for (const [a, b] of pairs) {
        tell(() => assert[name](a, b));
        if (name.startsWith('not')) tell(() => assert[name](a, a));
    }
    tell(() => assert[name](1));
    tell(() => assert[name](...(name.startsWith('not') ? [1, 1] : [1, 2]), 'message'));
    tell(() => assert[name](...(name.startsWith('not') ? [1, 1] : [1, 2]), new Foo('own')));
    tell(() => assert.strict[name](1, '1'));
}
const lines = (text) => text.split('');
for (const [a, b] of ['abcdefgh', 'abcxefgh', 'aabbccdd', 'abcdefghijklmnop', 'xbcdefghijklmnopq', 'hgfedcba', ''].flatMap((x, _, all) => all.map((y) => [x, y]))) {
    tell(() => assert.deepStrictEqual(lines(a), lines(b)));
    tell(() => assert.strictEqual(lines(a).join('\n'), lines(b).join('\n')));
}
