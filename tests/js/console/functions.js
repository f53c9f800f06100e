// Functions and classes.
function named(a, b) {}
class A { static s = 1; static m() {} }
class B extends A {}
console.log(named, () => {}, function () {}, [named, () => {}], { f() {}, g: () => {}, 'a-b': () => {} });
console.log(async () => {}, async function af() {}, function* g() {}, async function* ag() {});
console.log(A, B, class {}, class extends A {}, class Z extends null {});
console.log([A], { A }, [[[[A]]]], [[[[Object.assign(() => {}, { p: 1 })]]]]);
console.log(Object.assign(named, { p: 1, q: { r: {} } }), named.bind(null), Math.max, Map, Symbol, eval);
console.log(Object.assign(() => {}, { a: 1 }), Object.defineProperty(() => {}, 'name', { value: 'renamed' }));
console.log(Object.setPrototypeOf(() => {}, null), Object.setPrototypeOf(class Q {}, null));
console.log(Object.setPrototypeOf(async () => {}, null), Object.setPrototypeOf(function x() {}, Foo.prototype));
function Foo() {}
console.log(new Foo(), new (Foo.bind())(), Foo.prototype, Function.prototype);
console.log(Object.defineProperty(() => {}, Symbol.toStringTag, { value: 'Tag' }));
console.log(class/* comment */C1 { constructor() {} }, class D1{a(){}}, ({ class() {} }).class);
console.dir(() => {}, { showHidden: true });
console.dir(class C { static x = 1; }, { showHidden: true });
