// Objects that bring the function by which they are shown.
const custom = Symbol.for('nodejs.util.inspect.custom');
const show = (result) => ({ [custom]() { return result; } });
console.log(show('text'), [show('text')], { a: show('line 1\nline 2') }, [[show('l1\nl2')]]);
console.log(show(5), show(null), show(undefined), show(true), show(Symbol('s')), show(7n), show(() => {}));
console.log(show({ a: { b: { c: { d: 1 } } } }), [show([1, [2, [3, [4]]]])], { x: show(new Map([[1, 2]])) });
console.log({ [custom](depth, options, inspect) { return [depth, Object.keys(options).join(), typeof inspect].join(' '); } });
console.log({ a: { b: { [custom](depth) { return `depth ${depth}`; } } } });
console.log({ [custom](depth, options, inspect) { return inspect({ deep: { er: { still: {} } } }, { ...options, depth: 0 }); } });
console.log({ [custom](depth, options) { return options.stylize('styled', 'number') + options.stylize('x', 'nothing'); } });
console.log({ [custom]() { return this; }, a: 1 }, { [custom]: 'not a function' }, { [custom]: null });
class Money { constructor(n) { this.n = n; } [custom]() { return `Money<${this.n}>`; } }
console.log(new Money(5), [new Money(6)], Money, Money.prototype, new (class More extends Money {})(7));
console.log(new Proxy(new Money(8), {}));
console.dir(new Money(9));
console.dir(new Money(9), { customInspect: true });
console.dir({ m: new Money(1) }, { customInspect: true, depth: 5 });
console.dir({ [custom](depth, options) { return String(depth) + options.depth; } }, { customInspect: true, depth: Infinity });
console.dir({ [custom](depth, options) { return String(depth) + options.depth; } }, { customInspect: true, depth: null });
console.dir({ [custom](depth, options) { return JSON.stringify(options.mine); } }, { customInspect: true, mine: { a: 1 } });
console.log(new Map([[new Money(1), new Money(2)]]), new Set([new Money(3)]));
try {
    console.log({ [custom]() { throw new Error('from custom'); } });
} catch (e) {
    console.log('caught', e.message);
}
console.log('%s %o %O %j', new Money(1), new Money(2), new Money(3), new Money(4));
