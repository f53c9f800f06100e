// Styles, as escape sequences.
const value = {
    number: 1, negative: -0, bigint: 1n, string: 'x', symbol: Symbol('q'), null: null, undefined: undefined, bool: true,
    date: new Date(0), regexp: /x/g, fn() {}, cls: class Q {}, 'quoted-key': 2, [Symbol('k')]: 1,
    get getter() { return 1; }, set setter(v) {}, boxed: [new String('s'), new Number(1), Object(1n), Object(Symbol('x'))],
    array: [1, , 2], map: new Map([[1, 'a']]), set: new Set(['b']), promise: Promise.resolve(1), pending: new Promise(() => {}),
    buffer: new ArrayBuffer(2), typed: new Uint8Array(2), weak: new WeakMap(), deep: { a: { b: { c: {} } } }, it: new Map([[1, 2]]).entries(),
};
console.dir(value, { colors: true });
console.dir(value, { colors: true, compact: true });
console.dir(value, { colors: true, depth: 0 });
console.dir(Array.from({ length: 40 }, (_, i) => (i % 2 ? i : String(i))), { colors: true });
console.dir(Array.from({ length: 120 }, (_, i) => i), { colors: true });
console.dir('line one of a long text\nline two of a long text, which is long enough to be split\n', { colors: true });
console.dir([Object.defineProperty(new Error('bare'), 'stack', { value: '' })], { colors: true });
console.dir(new (class Foo { constructor() { this.self = this; } })(), { colors: true, compact: true });
console.dir(Object.create({ inherited: 1 }), { colors: true, showHidden: true });
