// Arrays: holes, extra keys, columns, limits, subclasses.
console.log([], [1], [[]], [[[[1]]]], [[[[]]]], [undefined, null]);
console.log([, 1], [1, , 2], [, , ,], [1, , , 2, ,], new Array(5), Object.assign([, 'a'], { k: 1 }));
console.log(Object.assign([1, 2], { x: 1, '-1': 2, 'a b': 3, [Symbol('s')]: 4 }));
console.log(new Array(4294967295), Object.assign([], { 4294967294: 1, 4294967295: 2 }));
console.log(Object.defineProperty([1, 2], 'hidden', { value: 1 }));
console.dir(Object.defineProperty([1, 2], 'hidden', { value: 1 }), { showHidden: true });
console.log([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7], ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
for (const n of [7, 10, 26, 27, 40, 99, 100, 101, 102, 300]) {
    console.log(Array.from({ length: n }, (_, i) => i));
    console.log(Array.from({ length: n }, (_, i) => (i * 7919) % 1000 - 300));
    console.log(Array.from({ length: n }, (_, i) => 'word'.repeat(i % 5)));
    console.log(Array.from({ length: n }, (_, i) => BigInt(i) ** 3n));
}
console.log(Array.from({ length: 30 }, (_, i) => (i % 3 ? i : 'mixed')));
console.log(Array.from({ length: 20 }, (_, i) => (i === 11 ? { a: 1 } : i)));
console.log(Array.from({ length: 20 }, (_, i) => ['日本', '😀', 'é', 'e\u0301', 'ab', '한국어'][i % 6]));
console.log(Array.from({ length: 20 }, (_, i) => 'x'.repeat(i)));
console.log(Array.from({ length: 10 }, (_, i) => 'x'.repeat(60 + i)));
console.log({ a: { b: Array.from({ length: 30 }, (_, i) => i * i) } });
console.log(Object.assign(Array.from({ length: 10 }, (_, i) => i), { extra: 1 }));
for (const maxArrayLength of [0, 1, 3, 7, 8, null]) {
    console.dir([1, 2, 3, 4, 5, 6, 7, 8, 9], { maxArrayLength });
    console.dir([1, , , 4, , 6], { maxArrayLength });
    console.dir(new Set([1, 2, 3]), { maxArrayLength });
    console.dir(new Map([[1, 2], [3, 4]]), { maxArrayLength });
}
class List extends Array {}
console.log(new List(3), List.from([1, 2]), new List(), Object.setPrototypeOf([1], null));
console.log([new Array(2), [[, 1]]], [() => {}, class A {}, Symbol('x')]);
console.log(new Array(3).fill({ a: 1, b: { c: {} } }));
