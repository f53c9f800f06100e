/* The options of inspect and format: how they are given, their defaults, custom functions. */
'use strict';
const util = require('node:util');
const tell = (f) => {
    try {
        console.log(f());
    } catch (x) {
        console.log(x.name, x.code, x.message.split('\n')[0]);
    }
};
const deep = { a: { b: { c: { d: 1 } } } };
tell(() => util.inspect(deep));
tell(() => util.inspect(deep, { depth: 0 }));
tell(() => util.inspect(deep, { depth: null }));
tell(() => util.inspect(deep, false, 0));
tell(() => util.inspect(deep, true, null, true) === util.inspect(deep, { showHidden: true, depth: null, colors: true }));
tell(() => util.inspect({ a: 1 }, null));
tell(() => util.inspect(Object.assign([], { 0: 1 }), true));
tell(() => util.inspect.defaultOptions);
tell(() => { util.inspect.defaultOptions = 1; });
tell(() => { util.inspect.defaultOptions = { depth: 0 }; return [util.inspect(deep), util.format('%s', 'x', deep), util.format(deep), util.formatWithOptions({ depth: 1 }, deep)]; });
tell(() => { util.inspect.defaultOptions.depth = 2; return util.inspect(deep); });
tell(() => util.format('%s %d %i %f %j %o %O %c%% %x', 'a', '1', 2.5, '3.5', { a: 1 }, [1], { b: 2 }, 'css', 'rest'));
tell(() => util.format(1, 2, '3', Symbol('s'), 10n, -0, null, undefined));
tell(() => util.format('%s', () => 1, class A {}, { toString() { return 'own'; } }));
tell(() => util.formatWithOptions({ colors: true }, '%s %O', 'a', { b: 1 }));
tell(() => util.formatWithOptions(1, 'a'));
class Money {
    constructor(v) { this.v = v; }
    [util.inspect.custom](depth, options, inspect) {
        return depth < 0 ? '[Money]' : `Money<${inspect(this.v, options)} ${depth} ${options.extra} ${inspect === util.inspect}>`;
    }
}
tell(() => util.inspect(new Money({ a: 1 }), { extra: 'x' }));
tell(() => util.inspect([new Money(1), { m: new Money('s') }]));
tell(() => util.inspect(new Money(1), { customInspect: false }));
tell(() => util.inspect({ [util.inspect.custom]: () => ({ other: 1 }) }));
tell(() => util.inspect.custom === Symbol.for('nodejs.util.inspect.custom'));
tell(() => [util.inspect.colors.red, util.inspect.colors.grey, util.inspect.styles.string]);
tell(() => util.inspect({ b: 1, a: 2 }, { sorted: true }));
tell(() => util.inspect('x'.repeat(30), { maxStringLength: 4 }));
tell(() => util.inspect([1, 2, 3, 4], { maxArrayLength: 2 }));
tell(() => util.inspect({ a: 1, b: { c: 2 } }, { compact: false }));
tell(() => util.inspect(123456789.12345, { numericSeparator: true }));
tell(() => util.inspect({ get a() { return 1; } }, { getters: true }));
tell(() => util.inspect(new Proxy({ a: 1 }, {}), { showProxy: true }));
