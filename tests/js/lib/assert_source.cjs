/* assert.ok without a message shows the source text of the call. */
'use strict';
const assert = require('assert');
const strict = assert.strict, { ok } = assert;
const T = (f) => { try { f(); } catch (e) { console.log(JSON.stringify(e.message), e.generatedMessage, e.actual, e.operator); } };
const a = { x: 0, f(v) { return v; }, 'k-k': { z: 0 } }, n = 0;
T(() => assert(false));
T(() => assert.ok(false));
T(() => assert.ok(a.x));
T(() => assert(a.x === 1));
T(() => ok(a.f(0)));
T(() => strict(a.f(a.f(0)), undefined));
T(() => { assert(a['k-k'].z, null); });
T(() => assert.equal(a.f(1) ? 1 : 2, 2) || assert(0));
T(() => assert(`x${a.x}${[1].map((q) => { return `(${q})`; })}` === ')'));
T(() => assert(/[/)(]\//.test('x') /* ) */));
T(() => assert(a.x / 2 / 3));
T(() => assert('é日本😀' === "b)"));
/* é日本😀 */ T(() => assert(n && 'é'));
T(() => assert(
  a.x === 1 &&
    n === 2,
));
T(() => {
    assert.ok(
        a.f([1, 2].includes(3)),
    );
});
T(() => assert((() => { if (a.x) { return 1; } return a.f(0); })()));
T(() => assert(typeof n === 'string'));
T(() => assert(!n === false, undefined));
T(() => require('assert').ok(n));
T(() => (assert)(n));
T(() => assert?.ok(n));
T(() => a.f(assert(n)));
T(() => assert(a.f(1) > 2)); T(() => assert(a.f(3) > 4));
T(() => assert(new Map([[1, 2]]).get(5)));
T(() => assert(false)
);
function check(v) { assert(v.x, undefined); }
T(() => check({ x: 0 }));
assert.throws(() => assert(0), (e) => { console.log(e.message); return true; });
T(() => assert.strict.ok(0));
T(() => assert(null));
T(() => assert(undefined));
T(() => assert(NaN));
T(() => assert(''));
T(() => assert([] == 1, undefined));
T(() => assert(a.x ? 1 : 0));
T(() => assert(a.f('(') === ')'));
T(() => assert(function () { return 0; }()));
T(() => assert({}.x));
T(() => assert([1, 2, 3].indexOf(4) >= 0));
(async () => { try { assert(await 0); } catch (e) { console.log(e.message); } })();
T(() => assert("a\tb" === '\u0001'));
