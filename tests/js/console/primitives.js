// Primitives alone, in a list and behind a key.
const values = [
    undefined, null, true, false, 0, -0, 1, -1, 3.14, 1e21, 1e-7, 123456789, NaN, Infinity,
    -Infinity, 0n, -5n, 123456789012345678901234567890n, 'text', '', Symbol('s'), Symbol(),
    Symbol.iterator, Symbol.for('registered'), Symbol('a\nb'),
];
for (const value of values) {
    console.log(value);
    console.log([value], { value });
    console.log(value, value);
}
for (const value of [new Number(3), new Number(-0), new String('abc'), new Boolean(false), Object(1n),
    Object(Symbol('b')), Object.assign(new String('xy'), { z: 1 }),
    Object.assign(new Number(1), { k: [1] }), new (class S extends String {})('q')]) {
    console.log(value, [value]);
}
for (const value of [0, 123, 1234, -1234567, 1234.5678, 1000000, 0.1234567, 1234567890123456789n, 12n]) {
    console.dir(value, { numericSeparator: true });
}
