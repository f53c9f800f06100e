// META: title=what the harness has
// META: script=helper.js
'use strict';
test(() => assert_equals(helper(), 1), 'a helper');
test(() => assert_equals(1, 2), 'fails');
test(() => { assert_throws_js(TypeError, () => null.x); assert_throws_exactly(1, () => { throw 1; }); }, 'throws');
test(() => assert_throws_js(RangeError, () => null.x), 'throws another');
async_test((t) => { setTimeout(t.step_func_done(() => assert_array_equals([1, NaN], [1, NaN])), 1); }, 'async');
async_test((t) => { setTimeout(t.step_func_done(() => assert_array_equals([1, 0], [1, -0])), 1); }, 'async fails');
async_test((t) => { setTimeout(t.unreached_func('ran'), 0); t.done(); }, 'done before');
promise_test(async (t) => { await promise_rejects_js(t, TypeError, Promise.reject(new TypeError())); }, 'rejects');
promise_test(async (t) => { await promise_rejects_js(t, TypeError, Promise.resolve()); }, 'does not reject');
promise_test(() => Promise.reject(undefined), 'rejected with nothing');
const order = [];
promise_test(async () => { order.push(1); await new Promise((r) => setTimeout(r, 2)); order.push(2); }, 'first');
promise_test(async () => { assert_array_equals(order, [1, 2]); }, 'one after the other');
