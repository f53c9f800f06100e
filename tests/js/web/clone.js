// F7 clone: every kind of 3.7, kept and refused.
'use strict';
const attempt = (f) => {
    try {
        return f();
    } catch (error) {
        return error instanceof DOMException ? error.name + ' ' + error.code
            : error instanceof Error ? error.constructor.name : error;
    }
};
const clone = structuredClone;

for (const value of [
    undefined, null, true, false, 0, -0, 1.5, NaN, Infinity, 12n, '', 'text', '\ud800', '\0',
]) {
    console.log(Object.is(clone(value), value));
}
for (const value of [
    Object(1), Object(-0), Object('text'), Object(true), Object(3n), new Date(5), new Date(NaN),
    /x\/y/gi, /(?:)/, /\n/dsu, [1, , 3], [, ,], Object.assign([1, 2], { extra: [3] }), new Array(4),
    { a: 1, b: { c: [] } }, Object.create(null), new Map([[1, { a: 2 }], ['k', new Set([1])]]),
    new Set([[], {}, new Map()]), new (class Foo { x = 1; })(), { ['__proto__']: 5 }, { 2: 'b', 1: 'a', z: 0 },
    new Uint8Array([1, 2, 3]), new Float64Array([1.5]), new BigInt64Array([5n]),
    new Uint16Array(new ArrayBuffer(8), 2, 2), new DataView(new ArrayBuffer(4), 1, 2),
    new ArrayBuffer(3),
]) {
    const copy = clone(value);
    console.log(copy, copy !== value);
}
const regexp = /a/g;
regexp.lastIndex = 3;
console.log(clone(regexp).lastIndex);
console.log(Object.keys(clone(Object.assign(new Map(), { a: 1 }))), Object.keys(clone(Object.assign(new Date(0), { a: 1 }))));
console.log(Reflect.ownKeys(clone({ [Symbol('s')]: 1, a: 2 })), clone(Object.defineProperty({}, 'hidden', { value: 1 })));
console.log(Object.getOwnPropertyDescriptor(clone(Object.freeze({ get a() { return 1; } })), 'a'));

/* Shared parts and circles. */
const part = { p: 1 };
const whole = { a: part, b: part, list: [part], map: new Map([[part, part]]), set: new Set([part]) };
whole.self = whole;
whole.map.set('whole', whole);
const copied = clone(whole);
console.log(copied.a === copied.b, copied.list[0] === copied.a, copied.map.get(copied.a) === copied.a,
    copied.set.has(copied.a), copied.self === copied, copied.map.get('whole') === copied, copied.a !== part);
const memory = new ArrayBuffer(8);
const views = clone([memory, new Uint8Array(memory, 2), new DataView(memory)]);
views[1][0] = 9;
console.log(views[1].buffer === views[0], views[2].buffer === views[0], views[2].getUint8(2), new Uint8Array(memory)[2]);
const shared = new SharedArrayBuffer(4);
const sharing = clone([shared, new Uint8Array(shared)]);
sharing[1][0] = 7;
console.log(new Uint8Array(shared)[0], sharing[0] !== shared, sharing[1].buffer === sharing[0]);

/* Buffers and views that change their length keep doing so. */
for (const [size, max] of [[8, 16], [16, 16]]) {
    const resizable = new ArrayBuffer(size, { maxByteLength: max });
    new Uint8Array(resizable).fill(9);
    const list = clone([resizable, new Uint8Array(resizable), new Uint8Array(resizable, 0, size), new DataView(resizable, 3)]);
    console.log(list[1].join(), new Uint8Array(resizable).join(), list[0].resizable, list[0].maxByteLength);
    list[0].resize(size === 8 ? 12 : 6);
    console.log(list[1].length, list[2].length, list[3].byteLength, resizable.byteLength);
}

/* Errors. */
for (const Type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    const error = new Type('message', { cause: { a: [1] } });
    error.extra = 1;
    const copy = clone(error);
    console.log(Object.getPrototypeOf(copy) === Type.prototype, copy.name, copy.message, copy.cause,
        copy.stack === error.stack, 'extra' in copy, Object.keys(copy).length, String(copy));
}
class Own extends RangeError {
    get name() { return 'Own'; }
}
for (const error of [
    new Own('m'), new AggregateError([1], 'm'), Object.assign(new Error('m'), { name: 'TypeError' }),
    Object.assign(new Error('m'), { name: 5 }), new Error(), Object.defineProperty(new Error('m'), 'message', { get() { return 'no'; } }),
    Object.assign(new Error('m'), { message: 5 }),
]) {
    const copy = clone(error);
    console.log(copy.constructor.name, copy.name, JSON.stringify(copy.message), Object.hasOwn(copy, 'message'), Object.hasOwn(copy, 'cause'));
}
console.log(clone(Object.assign(Object.create(Error.prototype), { message: 'plain' })));

/* Refused. */
for (const value of [
    () => 1, class {}, Symbol('s'), Object(Symbol('s')), new Proxy({}, {}), new Proxy([], {}), Promise.resolve(),
    new WeakMap(), new WeakSet(), new WeakRef({}), new Map().entries(), new Set().values(), [].values(), ''[Symbol.iterator](),
    (function* () {})(), (async function* () {})(), (function () { return arguments; })(1), { f() {} }, [() => {}],
    new Map([[1, Symbol()]]), new Map([[() => {}, 1]]), new Set([Symbol()]), new Error('m', { cause: () => {} }), globalThis,
    new FinalizationRegistry(() => {}),
]) {
    console.log(attempt(() => clone(value)));
}
console.log(attempt(() => clone()), attempt(() => clone(1, 5)), attempt(() => clone(1, 'x')), attempt(() => clone(1, { transfer: 5 })), attempt(() => clone(1, { transfer: [5] })));
console.log(clone(1, undefined), clone(1, null), clone(1, {}), clone(1, { transfer: undefined }), clone(1, { transfer: [] }));

/* Getters: once, in order, depth first; what they throw comes through. */
const log = [];
const traced = (name, more) => ({ get [name + 1]() { log.push(name + 1); return more; }, get [name + 2]() { log.push(name + 2); return 2; } });
console.log(clone(traced('a', [traced('b'), traced('c', new Map([[traced('d'), traced('e')]]))])), log.join(' '));
const thrown = { mine: true };
console.log(attempt(() => clone([1, { get x() { throw thrown; } }])) === thrown);
const changing = { get a() { delete this.b; this.c = 1; return 1; }, b: 2 };
console.log(clone(changing));

/* Transfer. */
const moved = new ArrayBuffer(8);
new Uint8Array(moved).fill(5);
const result = clone({ v: new Uint8Array(moved, 2, 3), moved, m: new Map([[moved, 1]]), s: new Set([new DataView(moved, 1)]), w: [moved] }, { transfer: [moved] });
console.log(result.v, result.v.buffer === result.moved, result.m.has(result.moved), [...result.s][0].buffer === result.moved, result.w[0] === result.moved, moved.byteLength, Object.keys(result).join());
console.log(clone(1, { transfer: new Set([new ArrayBuffer(1)]) }));
const kept = [new ArrayBuffer(4), new ArrayBuffer(4)];
console.log(attempt(() => clone({ kept, get x() { throw thrown; } }, { transfer: kept })) === thrown, attempt(() => clone(() => {}, { transfer: kept })),
    attempt(() => clone(kept, { transfer: [kept[0], kept[1], kept[0]] })), kept.map((b) => b.byteLength).join());
console.log(attempt(() => clone(moved)), attempt(() => clone(new Uint8Array(moved))));
const order = [];
attempt(() => clone({ get v() { order.push('graph'); } }, { get transfer() { order.push('list'); return []; } }));
console.log(order.join());

/* Large. */
const many = Array.from({ length: 50000 }, (_, i) => ({ i, s: 's' + i, part }));
const back = clone(many);
console.log(back.length, back[49999].i, back[0].part === back[49999].part);
