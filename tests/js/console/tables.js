// console.table
console.table([{ a: 1, b: 'x' }, { a: 2222222, c: true }]);
console.table([[1, 2], [3, 4]]);
console.table([1, 2, 'x', null, undefined, Symbol('s'), 5n, true]);
console.table([{ a: 1, 1: 2, b: 3 }, { c: 5, 0: 1 }]);
console.table({ r1: [1, 2], r2: [3], r3: {} });
console.table({ x: { a: 1 }, y: { a: { z: 1 } }, z: 5 });
console.table(new Map([[{ a: 1 }, [1]], ['x', new Set([1])]]));
console.table(new Set([1, 'q', { a: 1 }]));
console.table(new Map([['a', 1]]).entries());
console.table(new Map([['a', 1]]).keys());
console.table(new Set(['q']).values());
console.table([{ a: 1, b: 2 }, { b: 3 }], ['b']);
console.table([{ a: 1 }], ['x', 'a']);
console.table([5, { x: 1 }], ['x']);
console.table([], ['a']);
console.table([]);
console.table({});
console.table([[], []]);
console.table([[[]]]);
console.table([{ a: [1, 2, 3], b: { c: { d: 1 } } }, { a: [1, 2, 3, 4, 5], b: { c: 1, d: 2, e: 3 } }]);
console.table([new Map([[1, 2]]), null, undefined, () => 1, new Date(0)]);
console.table([{ 日本: '日', b: 'é' }, { b: '😀' }]);
console.table([{ a: 'x\ny' }]);
console.table(new Uint8Array([1, 2]));
console.table([Object.assign(() => 1, { q: 1 })]);
console.table('text');
console.table(5);
console.table(null);
console.table(undefined);
console.table();
console.table(() => 1);
try {
    console.table([1], 5);
} catch (e) {
    console.log(e.name, e.code);
}
console.group('group');
console.table([{ a: 1 }]);
console.groupEnd();
console.table([{ get a() { return 'got'; } }]);
