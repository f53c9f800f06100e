/* promisify, callbackify, deprecate, inherits, and the small ones. */
'use strict';
const util = require('node:util');
const tell = (f) => {
    try {
        console.log(f());
    } catch (x) {
        console.log(x.name, x.code, x.message);
    }
};
tell(() => util.inherits(1));
tell(() => util.inherits(function () {}, null));
tell(() => util.inherits(null, function () {}));
tell(() => util.inherits(function () {}, {}));
tell(() => util.promisify(1));
tell(() => util.promisify({}));
tell(() => { const f = () => {}; f[util.promisify.custom] = 1; return util.promisify(f); });
tell(() => { const f = () => {}, g = () => {}; f[util.promisify.custom] = g; return util.promisify(f) === g; });
tell(() => { function foo(a, b) {} foo.x = 1; const p = util.promisify(foo); return [p.name, p.length, p.x, util.promisify(p) === p]; });
tell(() => util.callbackify(1));
tell(() => util.callbackify(async () => {})());
tell(() => { const f = util.callbackify(async function foo(a, b) {}); return [f.name, f.length]; });
tell(() => util.deprecate(() => {}, 'm', 1));
tell(() => util.deprecate(function foo(a, b) {}, 'm').name);
tell(() => { class K { constructor(a) { this.a = a; } } const D = util.deprecate(K, 'class K', 'DEPK'); const o = new D(5); return [o instanceof K, o instanceof D, o.a, D.prototype === K.prototype]; });
tell(() => util.toUSVString('a\ud800'));
tell(() => util.stripVTControlCharacters('\x1b[1;31mred\x1b[0m \x1b]8;;http://a\x07link\x1b]8;;\x07 \x9b4mx\x1b['));
tell(() => util.stripVTControlCharacters(1));
tell(() => JSON.stringify([util.styleText(['red', 'bold'], 'x'), util.styleText('grey', 'x', { validateStream: false }), util.styleText([], 'x')]));
tell(() => util.styleText('none', 'x'));
tell(() => util.styleText('red', 1));
tell(() => util._extend({ a: 1 }, { b: 2 }));
tell(() => [util.isArray([]), util.isError(new Error()), util.isPrimitive(1), util.isRegExp(/x/), util.isDate(new Date(0)), util.isFunction(tell)]);
tell(() => [util.debuglog('none').enabled, util.debuglog('none')('x'), util.debug === util.debuglog]);
tell(() => [util.isDeepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }), util.isDeepStrictEqual([0], [-0])]);
process.removeAllListeners('warning');
process.on('warning', (w) => console.log('warning', w.name, w.code, w.message));
(async () => {
    const p = util.promisify((a, callback) => callback(a > 1 ? new Error(`e${a}`) : null, a, 2));
    console.log(await p(1), await p(2).catch((x) => x.message));
    const o = { v: 7, get: util.promisify(function (callback) { callback(null, this.v); }) };
    console.log(await o.get());
    await new Promise((done) => util.callbackify(async (x) => x + 1)(1, (e, v) => { console.log(e, v); done(); }));
    await new Promise((done) => util.callbackify(() => Promise.reject(null))((e) => { console.log(e.code, e.message, e.reason); done(); }));
    await new Promise((done) => util.callbackify(() => Promise.reject(new Error('q')))((e) => { console.log(e.message); done(); }));
    const a = util.deprecate(() => 1, 'old', 'DEPA');
    const b = util.deprecate(() => 2, 'old too', 'DEPA');
    const c = util.deprecate(() => 3, 'third');
    console.log(a(), a(), b(), c(), c());
})();
