// E12 the text for a reason that is no Error: short, without running its code.
'use strict';
const told = (error) => String(error.message).replace(/^.*with the reason /s, '');
process.on('uncaughtException', (error, origin) => {
    console.log(error.name, error.code, origin, told(error));
});
class Foo {
    toString() {
        throw new Error('never called');
    }
}
class Bar {}
class Tagged {
    get [Symbol.toStringTag]() {
        throw new Error('never called');
    }
}
const values = [
    'str', '', 1, -0, 10n, true, null, undefined, Symbol('s'), { a: 1 }, [1, 2], new Foo(), new Bar(),
    new Tagged(), Object.create(null), (a) => a, class K {}, new Map(), new Set([1]), new Date(0), /r/,
    new Proxy({}, {}), new Proxy([], {}), Promise.resolve(), new Uint8Array(2), new ArrayBuffer(1),
    Object('s'), Object(1), Object(true), { constructor: undefined }, { [Symbol.toStringTag]: 'Tag' },
    Object.assign(Object.create(null), { [Symbol.toStringTag]: 'Tag' }), new (class extends Array {})(),
    (function () { return arguments; })(), { get constructor() { throw new Error('never called'); } },
    { stack: 'stands for itself', message: 'as it is' },
];
(async () => {
    for (const value of values) {
        Promise.reject(value);
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
})();
