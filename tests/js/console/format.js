// The directives of a first string.
console.log('%s %s', 'a');
console.log('%s|%s|%s|%s', 1, -0, 5n, Symbol('s'), 'rest', { a: 1 });
console.log('%s %s %s %s', null, undefined, true, () => 1);
console.log('%s', { a: { b: 1 } }, { a: { b: 1 } });
console.log('%s', [1, [2, [3]]], '%s');
console.log('%s', class A {}, class B { toString() { return 'no'; } });
console.log('%s %s', new (class A { toString() { return 'own'; } })(), new (class B extends Date {})(0));
console.log('%s', new (class P extends (class Q { toString() { return 'parent'; } }) {})());
console.log('%s', { toString() { return 'ts'; } }, { toString: 5 }, Object.create(null));
console.log('%s', { [Symbol.toPrimitive]() { return 'prim'; } }, new Date(0), [new Date(0)]);
console.log('%s', Object.create({ toString() { return 'inherited'; } }), new Map([[1, 2]]), new Set());
console.log('%s', new Proxy({ toString() { return 'proxied'; } }, {}), new String('boxed'), new Error('x').message);
console.log('%d %d %d %d %d', '12', '12x', 5n, 3.9, '', {});
console.log('%d %d %d %d', null, undefined, true, Symbol('q'));
console.log('%d', { valueOf() { return 7; } }, '%d');
console.log('%i %i %i %i %i', 3.9, '42px', 5n, 'x', -0.5);
console.log('%i', { toString() { return '9 lives'; } }, Symbol('q'));
console.log('%f %f %f %f', '1.5z', 'x', 2, Symbol('q'));
console.log('%j %j %j %j', { a: [1] }, 'str', undefined, [undefined, () => {}]);
console.log('%j', { toJSON() { return 'json'; } });
const circle = {};
circle.circle = circle;
console.log('%j', circle);
console.log('%O', { a: { b: { c: { d: {} } } } }, '%O', 'str');
console.log('%O %O', 'str', 5);
console.log('%o', { a: { b: { c: { d: { e: { f: 1 } } } } } });
console.log('%o', [1, 2, [3]]);
console.log('%o %o', 'str', 5);
console.log('%o', class A { static x = 1; });
console.log('%o', new Proxy({ a: 1 }, { b: 2 }));
console.log('%cstyled%c rest', 'color: red', '', 'more');
console.log('%%', '%%', 1);
console.log('%% %s %%', 'x');
console.log('%%%s%%', 'x');
console.log('%%');
console.log('%');
console.log('100%', 'a');
console.log('%x %z %5d %.2f %', 1, 2);
console.log('%s');
console.log('%s', '%s', 'x');
console.log('a', '%s', 'b');
console.log(1, '%s', 'b');
console.log({ a: 1 }, '%s', 'b');
console.log('%s%s%s', 'a', 'b', 'c', 'd', ['e']);
console.log('é%s日本%d😀', 'x', 1);
console.log('', 'a');
console.log('a', '');
console.log();
console.log('a\nb', ['a\nb']);
for (const bad of [() => console.log('%s', { toString() { throw new Error('ts'); } }), () => console.log('%j', { toJSON() { throw new Error('tj'); } })]) {
    try {
        bad();
    } catch (e) {
        console.log('caught', e.message);
    }
}
