/* Promises that pass between C and script: scenarios X1, X2, X4 and X5 of the page on promises. */
#include "bridge_scenario.h"

#include <millrace/microtask.h>

/* ---- X1 ---- */

static mr_status add_ten(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg;
    *out_value = mr_value_int(int_of(value) + 10);
    return 0;
}

static mr_status recover(mr_value reason, void *arg, mr_value *out_value)
{
    (void)arg;
    note("caught-%s", mr_error_message(mr_value_as_error(reason)));
    *out_value = mr_value_int(1);
    return 0;
}

static void X1_twenty_one_doubled_by_script_and_ten_added_by_C_is_52(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    mr_promise *doubled = promise_of("p.then((x) => x * 2)");
    mr_promise *sum = then(doubled, add_ten, NULL, NULL);
    show_promise("sum", sum);
    run("sum.then((x) => note('sum=' + x))");
    resolve_int(settler, 21);
    turn();
    EXPECT(is_fulfilled_with(sum, 52));
    assert_story("sum=52");
    mr_promise_unref(sum);
    mr_promise_unref(doubled);
    mr_promise_unref(promise);
    finish_js();
}

static void X1_an_error_thrown_midway_is_recovered_on_the_other_side(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler, second;
    mr_promise *promise = pending(&settler), *failing = pending(&second);
    show_promise("p", promise);
    show_promise("f", failing);
    mr_promise *thrown = promise_of("p.then((x) => { throw new Error('mid' + x) })");
    mr_promise *recovered = then(thrown, NULL, recover, NULL);
    mr_promise *caught = promise_of("(async () => { try { await f } catch (e) {"
                                    "note('script-' + e.code); return 2 } })()");
    resolve_int(settler, 21);
    EXPECT(mr_settler_reject(loop, second, error_value(MR_EIO, NULL, NULL)) == 0);
    turn();
    EXPECT(is_fulfilled_with(recovered, 1) && is_fulfilled_with(caught, 2));
    assert_story("script-MR_EIO caught-mid21");
    mr_promise_unref(caught);
    mr_promise_unref(recovered);
    mr_promise_unref(thrown);
    mr_promise_unref(failing);
    mr_promise_unref(promise);
    finish_js();
}

/* ---- X2: one order ---- */

static mr_settler settler_at_hand;

static void X2_c_and_script(void *arg)
{
    (void)arg;
    mr_promise *promise = pending(&settler_at_hand);
    tell(promise, "C1");
    show_promise("p", promise);
    run("p.then((x) => note('js2=' + x))");
    tell(promise, "C3");
    run("p.then((x) => note('js2b=' + x))");
    EXPECT(mr_microtask(loop, say, (void *)(uintptr_t) "m0") == 0);
    run("queueMicrotask(() => note('m1'))");
    EXPECT(mr_next_tick(loop, say, (void *)(uintptr_t) "t0") == 0);
    run("process.nextTick(() => note('t1'))");
    resolve_int(settler_at_hand, 5);
    EXPECT(mr_microtask(loop, say, (void *)(uintptr_t) "m2") == 0);
    run("queueMicrotask(() => note('m3'))");
    mr_promise_unref(promise);
}

/* The reactions of the script's side stand together in the place where it was shown. */
static void X2_ticks_microtasks_and_reactions_of_both_run_in_one_order(void **state)
{
    (void)state;
    begin_js();
    in_task(X2_c_and_script, NULL);
    assert_story("t0 t1 m0 m1 C1=5 js2=5 js2b=5 C3=5 m2 m3");
    finish_js();
}

static void X2_a_promise_of_C_reaches_script_without_a_further_job(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run("p.then(() => note('reaction'))");
    EXPECT(mr_settler_resolve(loop, settler, mr_value_int(1)) == 0);
    EXPECT(mr_microtask(loop, say, (void *)(uintptr_t) "later") == 0);
    turn();
    assert_story("reaction later");
    show_promise("q", promise); /* settled: the same */
    run("q.then(() => note('second')); queueMicrotask(() => note('third'))");
    assert_story("reaction later second third");
    mr_promise_unref(promise);
    finish_js();
}

static void to_c_task(void *arg)
{
    (void)arg;
    run("let settle; globalThis.n = new Promise((r) => { settle = r }); globalThis.settle = "
        "settle");
    mr_promise *promise = promise_of("n");
    tell(promise, "C");
    run("settle(1); queueMicrotask(() => { note('m1'); queueMicrotask(() => note('m3')) });"
        "queueMicrotask(() => note('m2'))");
    mr_promise_unref(promise);
}

/* Job 1 settles the promise of C; its reaction stands behind what was queued until then. */
static void X2_a_promise_of_a_script_reaches_C_after_exactly_one_job(void **state)
{
    (void)state;
    begin_js();
    in_task(to_c_task, NULL);
    assert_story("m1 m2 C=1 m3");
    finish_js();
}

static void settled_to_c_task(void *arg)
{
    (void)arg;
    mr_promise *promise = promise_of("Promise.resolve(1)");
    EXPECT(is_pending(promise));
    tell(promise, "C");
    run("queueMicrotask(() => { note('m1'); queueMicrotask(() => note('m2')) })");
    mr_promise_unref(promise);
}

static void X2_a_settled_promise_of_a_script_takes_one_job_too(void **state)
{
    (void)state;
    begin_js();
    in_task(settled_to_c_task, NULL);
    assert_story("m1 C=1 m2");
    finish_js();
}

/* ---- X4: identity ---- */

static void X4_each_promise_shown_twice_is_the_same_object(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("a", promise);
    show_promise("b", promise);
    EXPECT_TRUE(
        "a === b && a instanceof Promise && Object.getPrototypeOf(a) === Promise.prototype");
    mr_promise *back = promise_of("a");
    EXPECT(back == promise);
    mr_promise_unref(back);
    mr_promise *one = promise_of("globalThis.n = new Promise((r) => { globalThis.settle = r })");
    mr_promise *two = promise_of("n");
    EXPECT(one == two && one != promise);
    show_promise("m", one);
    EXPECT_TRUE("m === n");
    resolve_int(settler, 1);
    run("settle(2)");
    turn();
    show_promise("c", promise); /* also when they have settled */
    show_promise("m", one);
    EXPECT_TRUE("a === c && m === n");
    back = promise_of("c");
    EXPECT(back == promise && is_fulfilled_with(back, 1) && is_fulfilled_with(one, 2));
    mr_promise_unref(back);
    back = promise_of("n");
    EXPECT(back == one);
    mr_promise_unref(back);
    mr_promise_unref(one);
    mr_promise_unref(two);
    mr_promise_unref(promise);
    finish_js();
}

static void X4_a_promise_first_shown_after_it_settled_is_the_same_object_too(void **state)
{
    (void)state;
    begin_js();
    mr_promise *value = fulfilled(3), *reason = rejected(4);
    show_promise("v", value);
    show_promise("r", reason);
    run("r.catch(() => {})");
    mr_promise *v = promise_of("v"), *r = promise_of("r");
    EXPECT(v == value && r == reason);
    show_promise("w", v);
    EXPECT_TRUE("v === w");
    mr_promise_unref(v);
    mr_promise_unref(r);
    mr_promise_unref(value);
    mr_promise_unref(reason);
    finish_js();
}

static void X4_the_promise_of_a_promise_inside_an_array_is_the_same(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    mr_value items[] = {holding(promise), holding(promise)}, array;
    assert_int_equal(mr_value_array(items, 2, &array), 0);
    show("a", array);
    show_promise("p", promise);
    EXPECT_TRUE("a[0] === p && a[1] === p");
    mr_value_release(array);
    mr_promise_unref(promise);
    resolve_int(settler, 0);
    finish_js();
}

static void X4_dropped_by_script_it_settles_all_the_same_and_by_C_too(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run("p.then((x) => note('js=' + x)); p = 0");
    mr_promise_unref(promise);
    collect();
    resolve_int(settler, 7);
    turn();
    assert_story("js=7");
    EXPECT(live_promises() == 0);
    promise = promise_of("new Promise((r) => { globalThis.settle = r })");
    mr_promise_unref(promise);
    EXPECT(live_promises() == 0); /* its settler is stale, which harms nobody */
    run("settle(1)");
    turn();
    assert_story("js=7");
    finish_js();
}

static void X4_the_promises_of_a_subclass_are_followed_without_running_its_code(void **state)
{
    (void)state;
    begin_js();
    run("class Mine extends Promise { then(a, b) { note('then'); return super.then(a, b) }"
        "static get [Symbol.species]() { note('species'); return Promise } };"
        "globalThis.m = new Mine((r) => { globalThis.settle = r })");
    mr_promise *promise = promise_of("m");
    tell(promise, "C");
    run("settle(4)");
    turn();
    assert_story("C=4");
    show_promise("back", promise);
    EXPECT_TRUE("back === m");
    mr_promise_unref(promise);
    finish_js();
}

/* ---- X5: thenables ---- */

static void resolve_with_script(mr_settler settler, const char *source)
{
    mr_value value = value_of(source);
    if (mr_settler_resolve(loop, settler, value) != 0)
        mr_value_release(value);
}

static void thenable_task(void *arg)
{
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    tell(promise, "C");
    EXPECT(mr_microtask(loop, say, (void *)(uintptr_t) "before") == 0);
    resolve_with_script(settler, arg);
    note("resolved");
    EXPECT(is_pending(promise));
    mr_promise_unref(promise);
}

static void X5_the_then_of_a_thenable_runs_once_in_a_microtask(void **state)
{
    (void)state;
    begin_js();
    in_task(thenable_task, "({ then(a) { note('then'); a(6); a(7); } })");
    assert_story("resolved before then C=6");
    finish_js();
}

static void X5_what_a_thenable_does_first_counts(void **state)
{
    static const struct {
        char source[120];
        const char *outcome;
    } rows[] = {
        {"({ then(a, r) { a(1); r(2); throw 3 } })", "resolved before C=1"},
        {"({ then(a, r) { r(2); a(1) } })", "resolved before C!2"},
        {"({ then() { throw new Error('own') } })", "resolved before C!MR_EJS"},
        {"({ get then() { note('get'); throw 5 } })", "resolved before get C!5"},
        {"({ then(a) { a({ then(b) { b(8) } }) } })", "resolved before C=8"},
        {"({ then(a) { a(Promise.resolve(9)) } })", "resolved before C=9"},
        {"Object.create({ then(a) { a(10) } })", "resolved before C=10"},
        {"new Proxy({ then(a) { a(11) } }, {})", "resolved before C=11"},
        {"new Proxy({}, { get(o, k) { note(String(k)); return (a) => a(12) } })",
         "resolved before then C=12"},
        {"Object.assign(() => {}, { then(a) { a(13) } })", "resolved before C=13"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_js();
        in_task(thenable_task, (void *)(uintptr_t)rows[i].source);
        assert_story(rows[i].outcome);
        finish_js();
    }
}

static void X5_what_has_no_callable_then_is_the_value_itself(void **state)
{
    static const char *const sources[] = {"({ then: 0 })",
                                          "({ then: {} })",
                                          "({ then: null })",
                                          "({ get then() { return 1 } })",
                                          "new Proxy({}, {})",
                                          "new Proxy({}, { get() {} })",
                                          "Object.create({ then: 1 })"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        char source[100];
        begin_js();
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        show_promise("p", promise);
        run("p.then((x) => { globalThis.seen = x })");
        snprintf(source, sizeof source, "globalThis.o = %s", sources[i]);
        resolve_with_script(settler, source);
        turn();
        EXPECT(mr_promise_get_state(promise) == MR_PROMISE_FULFILLED);
        show("value", mr_promise_value(promise));
        EXPECT_TRUE("value === o && seen === o");
        mr_promise_unref(promise);
        finish_js();
    }
}

static void X5_a_then_that_comes_after_fulfilling_is_not_called(void **state)
{
    (void)state;
    begin_js();
    mr_promise *promise =
        promise_of("const o = {}, p = Promise.resolve(o); o.then = () => note('never'); p");
    turn();
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_FULFILLED);
    EXPECT(mr_promise_value(promise).kind == MR_VALUE_SCRIPT);
    assert_story("");
    mr_promise_unref(promise);
    finish_js();
}

static void X5_a_thenable_resolved_with_a_promise_of_C_follows_it(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler, inner;
    mr_promise *promise = pending(&settler), *of_c = pending(&inner);
    show_promise("c", of_c);
    resolve_with_script(settler, "({ then(a) { note('then'); a(c) } })");
    turn();
    EXPECT(is_pending(promise));
    resolve_int(inner, 21);
    turn();
    EXPECT(is_fulfilled_with(promise, 21));
    assert_story("then");
    mr_promise_unref(promise);
    mr_promise_unref(of_c);
    finish_js();
}

static mr_status make_thenable(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = value_of(arg);
    return 0;
}

static void X5_a_handler_of_C_may_return_a_thenable_or_a_promise_of_script(void **state)
{
    (void)state;
    begin_js();
    mr_promise *first = fulfilled(0);
    mr_promise *a = then(first, make_thenable, NULL, "({ then(a) { a(31) } })");
    mr_promise *b = then(first, make_thenable, NULL, "Promise.resolve(32)");
    mr_promise *c = then(first, make_thenable, NULL, "Promise.reject(33)");
    tell(a, "a");
    tell(b, "b");
    tell(c, "c");
    turn();
    EXPECT(is_fulfilled_with(a, 31) && is_fulfilled_with(b, 32) && is_rejected_with(c, 33));
    mr_promise_unref(a);
    mr_promise_unref(b);
    mr_promise_unref(c);
    mr_promise_unref(first);
    finish_js();
}

static void X5_a_promise_resolved_with_its_own_other_side_is_a_ring(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    tell(promise, "C");
    resolve_with_script(settler, "p");
    turn();
    EXPECT(is_rejected_by(promise, MR_ECYCLE));
    run("p.catch((e) => note(e.code))");
    assert_story("C!MR_ECYCLE MR_ECYCLE"); /* to script it was handled, being shown to C */
    mr_promise_unref(promise);
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(X1_twenty_one_doubled_by_script_and_ten_added_by_C_is_52),
        SCENARIO(X1_an_error_thrown_midway_is_recovered_on_the_other_side),
        SCENARIO(X2_ticks_microtasks_and_reactions_of_both_run_in_one_order),
        SCENARIO(X2_a_promise_of_C_reaches_script_without_a_further_job),
        SCENARIO(X2_a_promise_of_a_script_reaches_C_after_exactly_one_job),
        SCENARIO(X2_a_settled_promise_of_a_script_takes_one_job_too),
        SCENARIO(X4_each_promise_shown_twice_is_the_same_object),
        SCENARIO(X4_a_promise_first_shown_after_it_settled_is_the_same_object_too),
        SCENARIO(X4_the_promise_of_a_promise_inside_an_array_is_the_same),
        SCENARIO(X4_dropped_by_script_it_settles_all_the_same_and_by_C_too),
        SCENARIO(X4_the_promises_of_a_subclass_are_followed_without_running_its_code),
        SCENARIO(X5_the_then_of_a_thenable_runs_once_in_a_microtask),
        SCENARIO(X5_what_a_thenable_does_first_counts),
        SCENARIO(X5_what_has_no_callable_then_is_the_value_itself),
        SCENARIO(X5_a_then_that_comes_after_fulfilling_is_not_called),
        SCENARIO(X5_a_thenable_resolved_with_a_promise_of_C_follows_it),
        SCENARIO(X5_a_handler_of_C_may_return_a_thenable_or_a_promise_of_script),
        SCENARIO(X5_a_promise_resolved_with_its_own_other_side_is_a_ring),
    };
    return RUN_SCENARIOS(tests);
}
