// Errors. Frames differ between engines, so most of these have none.
const bare = (e) => Object.defineProperty(e, 'stack', { value: '', configurable: true, writable: true });
const text = (e, stack) => Object.defineProperty(e, 'stack', { value: stack, configurable: true });
console.log(bare(new Error('text')), bare(new TypeError()), bare(new Error('')), [bare(new RangeError('x'))]);
class Val extends Error {}
class ValError extends TypeError {}
class Named extends Error { constructor(m) { super(m); this.name = 'Named'; this.extra = { a: { b: {} } }; } }
console.log(bare(new Val('v')), bare(new ValError('v')), bare(new Named('n')), { e: bare(new Named('n')) });
console.log(bare(Object.assign(new Error('x'), { name: 'Other' })), bare(Object.assign(new Error('x'), { code: 'E_X' })));
console.log(bare(new Error('x', { cause: bare(new Error('y', { cause: 'z' })) })), bare(new Error('x', { cause: undefined })));
console.log(bare(new AggregateError([bare(new Error('1')), 2], 'agg')), bare(new AggregateError([])));
console.log(bare(new Error('line 1\nline 2')), { a: { b: bare(new Error('line 1\nline 2')) } });
console.log(text(new Error('x'), 'Error: x\n    at here (file:1:2)\n    at there (file:3:4)'));
console.log([text(new Error('x'), 'Error: x\n    at here (file:1:2)')], { e: text(new Error('x'), 'only text') });
console.log(text(Object.assign(new Error('x'), { k: 1 }), 'Error: x\n    at here (file:1:2)'));
console.log(text(new Val('x'), 'Error: x\n    at here (file:1:2)'), text(new ValError('x'), 'TypeError: x\n    at q (f:1:1)'));
const frames = '\n    at a (f:1:1)\n    at b (f:2:1)\n    at c (f:3:1)\n    at d (f:4:1)\n    at e (f:5:1)';
console.log(text(new Error('o', { cause: text(new Error('i'), 'Error: i' + frames) }), 'Error: o\n    at z (f:9:9)' + frames));
const circle = bare(new Error('circle'));
circle.self = circle;
console.log(circle, { circle });
console.log([[[[bare(new Error('deep'))]]]], [[[[bare(Object.assign(new Error('deep'), { k: 1 }))]]]]);
console.log(Object.create(Error.prototype), bare(Object.setPrototypeOf(new Error('np'), null)));
console.dir(bare(new Error('hidden')), { showHidden: false, depth: 0 });
console.dir(text(new Error('x'), 'Error: x\n    at here (file:1:2)\n    at p (/a/node_modules/pkg/x.js:1:1)'), { colors: true });
for (const e of [new SyntaxError('s'), new EvalError('e'), new URIError('u'), new ReferenceError('r')]) console.log(bare(e));
try { null.x; } catch (e) { console.log(e.name, bare(e).message.length > 0); }
console.log('%s', bare(new Error('in %s')), '%s');
