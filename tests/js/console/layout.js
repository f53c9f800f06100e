// One line or several: widths, levels, options.
for (let n = 50; n < 80; n++) {
    console.log({ a: 'x'.repeat(n) });
    console.log(['x'.repeat(n - 20), 'y'.repeat(10)]);
    console.log({ first: 'x'.repeat(20), second: 'y'.repeat(n - 40), third: 3 });
}
for (let n = 50; n < 80; n += 3) {
    console.log([{ a: 'x'.repeat(n) }], { b: { a: 'x'.repeat(n) } }, new Map([['k', 'x'.repeat(n)]]));
    console.log(new (class LongName {
        p = 'x'.repeat(n - 20);
        q = [1, 2];
    })());
}
const deep = { a: { b: { c: {} } } }, deeper = { a: { b: { c: { d: {} } } } };
console.log(deep, deeper, [[[]]], [[[[]]]], [[[1]]], { a: [{ b: [{}] }] }, { a: [{ b: [{ c: 1 }] }] });
const data = { name: 'x', list: [1, 2, { a: 1 }], nested: { a: 'y'.repeat(30), b: 'z'.repeat(30) }, f() {} };
for (const compact of [true, false, 0, 1, 2, 3, 4, 10]) {
    for (const breakLength of [1, 20, 40, 60, 80, 120, Infinity]) {
        console.dir(data, { compact, breakLength });
    }
    console.dir(Array.from({ length: 30 }, (_, i) => i * 11), { compact });
    console.dir(deeper, { compact, depth: 5 });
}
for (const breakLength of [1, 20, 40, 60, 120, Infinity]) {
    console.dir(Array.from({ length: 30 }, (_, i) => 'w'.repeat(i % 7)), { breakLength });
}
console.dir({ b: 1, a: { d: 1, c: 2 }, c: [3, 1] }, { sorted: true });
console.dir({ b: 1, a: 2, c: 3 }, { sorted: (x, y) => (x < y ? 1 : -1) });
console.dir(Object.assign([3, 1], { z: 1, y: 2 }), { sorted: true });
const accessors = { get a() { return { x: 1 }; }, set b(v) {}, get c() { return 1; }, set c(v) {}, get d() { throw new Error('boo'); },
    get e() { return null; }, get f() { return 's'; } };
for (const getters of [true, false, 'get', 'set']) console.dir(accessors, { getters });
