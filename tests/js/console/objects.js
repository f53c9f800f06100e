// Plain objects: keys, accessors, prototypes, depth, names of classes.
console.log({}, { a: 1 }, { a: { b: { c: { d: 1 } } } }, { a: { b: { c: {} } } });
console.log({ get a() { return 1; }, set b(v) {}, get c() { return 1; }, set c(v) {}, d() {}, e: () => {} });
console.log({ [Symbol('k')]: 1, [Symbol()]: 2, [Symbol.iterator]: 3, [Symbol('a b')]: { x: 1 } });
console.log(Object.create(null), Object.assign(Object.create(null), { a: 1 }));
console.log([Object.assign(Object.create(null), { a: { b: { c: {} } } })]);
console.log(Object.create({}), Object.create({ a: 1 }), Object.create(Object.create(null)));
console.log(Object.create(Object.create(Object.create(null))));
class Foo { x = 1; #secret = 2; get y() { return 3; } }
class Bar extends Foo { z = { a: { b: { c: 1 } } }; }
console.log(new Foo(), new Bar(), [new Foo()], { foo: new Bar() }, { a: { b: { c: new Foo() } } });
console.log(Object.create(Foo.prototype), Foo.prototype, Bar.prototype, new (class {})(), [new (class {})()]);
console.log({ constructor: 'x' }, { constructor: Foo }, Object.create({ constructor: undefined }));
console.log({ __proto__: { a: 1 }, b: 2 }, { ['__proto__']: 1 });
class Tagged {}
Object.defineProperty(Tagged.prototype, Symbol.toStringTag, { value: 'Tag' });
console.log(new Tagged(), Object.assign(new Tagged(), { a: 1 }), { [Symbol.toStringTag]: 'own' });
console.log(Object.defineProperty({}, Symbol.toStringTag, { value: 'hidden' }));
console.log(Object.defineProperty({ a: 1 }, 'hidden', { value: 1 }));
console.dir(Object.defineProperty({ a: 1 }, 'hidden', { value: { b: 1 } }), { showHidden: true });
console.dir(new Bar(), { showHidden: true });
console.log(Math, JSON, Reflect, Atomics);
console.log(Object.prototype, Map.prototype, Array.prototype, Date.prototype, Promise.prototype);
console.log(new (class extends Object {})(), Object.freeze({ a: 1 }), Object(Object.create(Foo.prototype)));
console.log((function () { return arguments; })(1, 'a'), (function () { return arguments; })());
console.log((function* () {})(), (async function* () {})(), [][Symbol.iterator](), 'x'[Symbol.iterator]());
for (const depth of [-1, 0, 1, 2, 3, null, Infinity]) {
    console.dir({ a: { b: { c: { d: { e: [[[]]] } } } }, f: new Foo(), g: [[[[1]]]] }, { depth });
}
