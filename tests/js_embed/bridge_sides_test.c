/* What C and script do with each other's promises: scenarios X6, X8, X10 and X11 of the page on
 * promises, with B1 and K1; H2, I2 and I7 of the one on JavaScript. */
#include "bridge_scenario.h"

#include <millrace/abort.h>
#include <millrace/hooks.h>
#include <millrace/pool.h>
#include <millrace/sleep.h>
#include <millrace/timer.h>

/* ---- functions of C for script ---- */

/* A function that calls one of C with the value of its argument. */
typedef mr_status value_fn(mr_value argument, mr_value *out_value);

static mr_status call_with_value(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                                 mr_js_value **out_value)
{
    value_fn *const *fn = arg;
    mr_value argument = {0}, result = {0};
    mr_status status = argc == 0 ? 0 : mr_js_to_value(of, argv[0], &argument);
    if (status != 0)
        return status;
    status = (*fn)(argument, &result);
    mr_value_release(argument);
    if (status == 0)
        status = mr_js_from_value(of, result, out_value);
    mr_value_release(result);
    return status;
}

static void add_value_function(const char *name, value_fn *const *fn)
{
    add_function(name, call_with_value, (void *)(uintptr_t)fn);
}

static mr_status give_back(mr_value argument, mr_value *out_value)
{
    *out_value = mr_value_ref(argument);
    return 0;
}
static value_fn *const same = give_back;

static mr_promise *kept;

static mr_status keep_and_give_back(mr_value argument, mr_value *out_value)
{
    kept = mr_promise_ref(mr_value_as_promise(argument));
    *out_value = mr_value_ref(argument);
    return 0;
}
static value_fn *const keep = keep_and_give_back;

static mr_status tell_promise(mr_value argument, mr_value *out_value)
{
    (void)out_value;
    tell(mr_value_as_promise(argument), "C");
    return 0;
}
static value_fn *const to_c = tell_promise;

static mr_status add_ten(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg;
    *out_value = mr_value_int(int_of(value) + 10);
    return 0;
}

/* ---- X6, I2: threads ---- */

enum { THREADS = 20 };

typedef struct foreign {
    mr_settler settler;
    int number;
    bool builds;
} foreign;

static mr_status build(void *arg, mr_value *out_value)
{
    *out_value = mr_value_int(((const foreign *)arg)->number);
    return 0;
}

static void *settle_elsewhere(void *arg)
{
    foreign *f = arg;
    EXPECT((f->builds ? mr_settler_resolve_with(loop, f->settler, build, f)
                      : mr_settler_resolve(loop, f->settler, mr_value_int(f->number))) == 0);
    return NULL;
}

static void sum_of_twenty(bool created_for_script)
{
    pthread_t threads[THREADS];
    foreign f[THREADS];
    begin_js();
    run("globalThis.list = []; globalThis.add = (p) => { list.push(p) }");
    mr_js_value *add = eval("add");
    for (int i = 0; i < THREADS; i++) {
        mr_js_value *handle = NULL;
        f[i] = (foreign){.number = i, .builds = i % 3 == 0};
        if (created_for_script) {
            assert_int_equal(mr_js_promise_create(js, &handle, &f[i].settler), 0);
        } else {
            mr_promise *promise = pending(&f[i].settler);
            handle = from_value(mr_value_promise(promise));
            mr_promise_unref(promise);
        }
        assert_int_equal(mr_js_call(js, add, NULL, 1, &handle, NULL), 0);
        mr_js_value_unref(handle);
    }
    mr_js_value_unref(add);
    run("Promise.all(list).then((x) => { globalThis.all = x; note('all') }); list = 0");
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(settle_elsewhere, &f[THREADS - 1 - i]);
    while (story_len == 0)
        EXPECT(mr_loop_turn(loop, MS) == 0);
    for (int i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    turn();
    EXPECT_TEXT("all.join() + ' ' + all.reduce((a, b) => a + b)",
                "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19 190");
    EXPECT(live_promises() == 0);
    finish_js();
}

static void X6_twenty_threads_settle_promises_of_C_under_a_scripts_all(void **state)
{
    (void)state;
    sum_of_twenty(false);
}

static void I2_native_promises_settled_from_twenty_threads_sum_up_in_order(void **state)
{
    (void)state;
    sum_of_twenty(true);
}

static mr_status fail_to_build(void *arg, mr_value *out_value)
{
    if (arg != NULL)
        *out_value = mr_value_int(5);
    return MR_ETIMEDOUT;
}

static void I2_a_builder_that_fails_rejects(void **state)
{
    (void)state;
    begin_js();
    mr_js_value *a, *b;
    mr_settler settlers[2];
    assert_int_equal(mr_js_promise_create(js, &a, &settlers[0]), 0);
    assert_int_equal(mr_js_promise_create(js, &b, &settlers[1]), 0);
    assert_int_equal(mr_js_set(js, NULL, "a", a), 0);
    assert_int_equal(mr_js_set(js, NULL, "b", b), 0);
    mr_js_value_unref(a);
    mr_js_value_unref(b);
    run("a.catch((e) => note(e.code)); b.catch((e) => note(e))");
    assert_int_equal(mr_settler_resolve_with(loop, settlers[0], fail_to_build, NULL), 0);
    assert_int_equal(mr_settler_resolve_with(loop, settlers[1], fail_to_build, loop), 0);
    turn();
    assert_story("MR_ETIMEDOUT 5");
    EXPECT(mr_settler_resolve(loop, settlers[0], mr_value_int(1)) == MR_ENOENT);
    finish_js();
}

static mr_status make_script_value(void *arg, mr_value *out_value)
{
    *out_value = value_of(arg);
    return 0;
}

static void *build_elsewhere(void *arg)
{
    foreign *f = arg;
    EXPECT(mr_settler_resolve(loop, f->settler, mr_value_promise(kept)) == MR_EINVAL);
    EXPECT(mr_settler_resolve_with(loop, f->settler, make_script_value,
                                   "({ then(a) { a(21) } })") == 0);
    return NULL;
}

static void I2_a_builder_may_make_a_thenable_of_script(void **state)
{
    (void)state;
    begin_js();
    foreign f = {.number = 0};
    mr_promise *promise = pending(&f.settler);
    kept = promise;
    show_promise("p", promise);
    run("p.then((x) => note('js=' + x))");
    elsewhere_do(build_elsewhere, &f);
    turn();
    assert_story("js=21");
    mr_promise_unref(promise);
    finish_js();
}

/* ---- X8: rejections ---- */

static void reject_pending(void *arg)
{
    reject_int(*(mr_settler *)arg, 4);
}

static void X8_a_rejection_of_C_is_reported_by_the_script_that_has_it(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    in_task(reject_pending, &settler);
    assert_story("script-unhandled!4");
    mr_promise_unref(promise);
    mr_promise_stats stats = promise_stats();
    EXPECT(stats.unhandled == 0);
    finish_js();
}

static void X8_a_rejection_of_C_that_script_handles_is_not_reported(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run("p.then(() => {}).catch((x) => note('caught=' + x))");
    in_task(reject_pending, &settler);
    assert_story("caught=4");
    mr_promise_unref(promise);
    finish_js();
}

static void X8_the_tail_of_a_chain_through_both_is_reported_once(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    mr_promise *of_script = promise_of("p.then(() => 1).then(() => 2)");
    mr_promise *tail = then(of_script, add_ten, NULL, NULL);
    in_task(reject_pending, &settler);
    assert_story("unhandled!4");
    show_promise("tail", tail);
    turn();
    assert_story("unhandled!4 script-unhandled!4 handled!4");
    mr_promise_unref(promise);
    mr_promise_unref(of_script);
    mr_promise_unref(tail);
    finish_js();
}

static void reject_in_script(void *arg)
{
    (void)arg;
    kept = promise_of("Promise.reject(new RangeError('lost'))");
}

static void X8_a_rejection_of_script_that_C_has_is_reported_by_C(void **state)
{
    (void)state;
    begin_js();
    in_task(reject_in_script, NULL);
    assert_story("unhandled!MR_EJS");
    tell(kept, "C");
    turn();
    assert_story("unhandled!MR_EJS C!MR_EJS handled!MR_EJS");
    mr_promise_unref(kept);
    finish_js();
}

static void reject_in_script_handled(void *arg)
{
    (void)arg;
    kept = promise_of("Promise.reject(4)");
    tell(kept, "C");
}

static void X8_a_rejection_of_script_that_C_handles_is_not_reported(void **state)
{
    (void)state;
    begin_js();
    in_task(reject_in_script_handled, NULL);
    assert_story("C!4");
    mr_promise_unref(kept);
    finish_js();
}

static void X8_what_only_passed_through_C_is_handled_by_the_script(void **state)
{
    (void)state;
    begin_js();
    add_value_function("same", &same);
    run_in_task("same(new Promise((_, r) => r(1))).catch((x) => note('caught=' + x))");
    run_in_task("same(Promise.reject(2)).catch((x) => note('caught=' + x))");
    run_in_task("const p = same(new Promise((_, r) => setImmediate(r, 3)));"
                "p.catch((x) => note('caught=' + x))");
    turn();
    turn();
    assert_story("caught=1 caught=2 caught=3");
    add_value_function("keep", &keep);
    run_in_task("keep(new Promise((_, r) => r(4))).catch((x) => note('caught=' + x))");
    EXPECT(is_rejected_with(kept, 4));
    mr_promise_unref(kept);
    EXPECT(promise_stats().unhandled == 0);
    finish_js();
}

static void pass_through_script(void *arg)
{
    mr_settler settler;
    mr_promise *promise = arg != NULL ? rejected(5) : pending(&settler);
    show_promise("p", promise);
    mr_promise *back = promise_of("(() => p)()");
    EXPECT(back == promise);
    tell(back, "C");
    mr_promise_unref(back);
    if (arg == NULL)
        reject_int(settler, 4);
    mr_promise_unref(promise);
}

static void X8_what_only_passed_through_script_is_handled_by_C(void **state)
{
    (void)state;
    begin_js();
    in_task(pass_through_script, NULL);
    in_task(pass_through_script, js);
    run("p = 0");
    assert_story("C!4 C!5");
    finish_js();
}

/* C shows a promise and gets it back, by the script itself or through a function. */
static mr_promise *there_and_back(mr_settler *out_settler, const char *script)
{
    mr_promise *promise = out_settler != NULL ? pending(out_settler) : rejected(4);
    show_promise("p", promise);
    mr_promise *back = promise_of(script);
    EXPECT(back == promise);
    mr_promise_unref(back);
    return promise;
}

static void give_back_rejected(void *script)
{
    kept = there_and_back(NULL, script);
}

static void X8_what_came_back_from_the_script_is_reported_by_C(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = there_and_back(&settler, "p");
    in_task(reject_pending, &settler);
    assert_story("unhandled!4");
    run("p.catch((x) => note('late=' + x))");
    turn();
    assert_story("unhandled!4 late=4 handled!4");
    mr_promise_unref(promise);
    in_task(give_back_rejected, (void *)(uintptr_t) "p");
    assert_story("unhandled!4 late=4 handled!4 unhandled!4");
    tell(kept, "C");
    turn();
    assert_story("unhandled!4 late=4 handled!4 unhandled!4 C!4 handled!4");
    mr_promise_unref(kept);
    EXPECT(promise_stats().unhandled == 2);
    finish_js();
}

static void X8_what_came_back_is_not_reported_where_the_script_has_handled_it(void **state)
{
    (void)state;
    static const char *const handled[] = {
        "p.catch((x) => note('caught=' + x)), p",                      /* before */
        "queueMicrotask(() => p.catch((x) => note('caught=' + x))), p" /* after, in time */
    };
    begin_js();
    for (int i = 0; i < 2; i++) {
        mr_settler settler;
        mr_promise *promise = there_and_back(&settler, handled[i]);
        in_task(reject_pending, &settler);
        mr_promise_unref(promise);
        in_task(give_back_rejected, (void *)(uintptr_t)handled[i]);
        mr_promise_unref(kept);
    }
    assert_story("caught=4 caught=4 caught=4 caught=4");
    EXPECT(promise_stats().unhandled == 0);
    finish_js();
}

/* A rejected promise that C handles: shown, returned and shown again in one callback. */
static void there_back_and_there(void *arg)
{
    (void)arg;
    mr_promise *promise = rejected(5);
    tell(promise, "C");
    show_promise("q", promise);
    mr_promise_unref(promise);
    run("same(q) === q || note('another')");
}

static void X8_what_goes_to_the_script_once_more_is_reported_there(void **state)
{
    (void)state;
    begin_js();
    add_value_function("same", &same);
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run_in_task("same(p) === p || note('another')");
    in_task(reject_pending, &settler);
    assert_story("script-unhandled!4");
    mr_promise_unref(promise);
    in_task(there_back_and_there, NULL);
    assert_story("script-unhandled!4 C!5 script-unhandled!5");
    EXPECT(promise_stats().unhandled == 0);
    finish_js();
}

/* ---- H2: combinators over both ---- */

static mr_promise *combine(mr_promise *a, mr_promise *b, unsigned level)
{
    mr_value both[] = {mr_value_promise(a), mr_value_promise(b)};
    mr_promise *out = NULL;
    if (level % 3 == 0)
        EXPECT(mr_promise_all(loop, both, 2, &out) == 0);
    else if (level % 3 == 1)
        EXPECT(mr_promise_all_settled(loop, both, 2, &out) == 0);
    else
        EXPECT(mr_promise_any(loop, both, 2, &out) == 0);
    return out;
}

/* Each level: C combines, script combines what C gave and something of its own. */
static void H2_ten_levels_of_combinators_over_both_have_the_right_values(void **state)
{
    static const char *const of_script[] = {"Promise.race([c, new Promise(() => {})])",
                                            "Promise.all([c, Promise.resolve(1)]).then(([x]) => x)",
                                            "Promise.any([Promise.reject(1), c])",
                                            "Promise.allSettled([c]).then(([x]) => x.value)"};
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *at = pending(&settler);
    for (unsigned level = 0; level < 10; level++) {
        mr_promise *of_c = combine(at, fulfilled((int64_t)level), level);
        show_promise("c", of_c);
        mr_promise_unref(of_c);
        at = promise_of(of_script[level % 4]);
    }
    show_promise("c", at);
    run("c.then((x) => { globalThis.result = x })");
    resolve_int(settler, 42);
    for (int i = 0; i < 3; i++)
        turn();
    /* any, at levels 2, 5 and 8, takes its second input: it is the first to settle. */
    EXPECT_TEXT("JSON.stringify(result)", "[8,9]");
    EXPECT(mr_promise_get_state(at) == MR_PROMISE_FULFILLED);
    mr_promise_unref(at);
    run("c = result = 0");
    collect();
    EXPECT(live_promises() == 0);
    finish_js();
}

static void H2_all_over_both_keeps_the_values_of_every_level(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *at = pending(&settler);
    for (unsigned level = 0; level < 10; level++) {
        mr_promise *of_c = combine(at, fulfilled((int64_t)level), 0);
        show_promise("c", of_c);
        mr_promise_unref(of_c);
        at = promise_of("Promise.all([c]).then(([x]) => x)");
    }
    show_promise("c", at);
    run("c.then((x) => { globalThis.result = x })");
    resolve_int(settler, 42);
    turn();
    EXPECT_TEXT("JSON.stringify(result)", "[[[[[[[[[[42,0],1],2],3],4],5],6],7],8],9]");
    mr_promise_unref(at);
    finish_js();
}

/* ---- abort, pools, sleeps ---- */

static void told_of_abort(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal;
    *(mr_value *)arg = mr_value_ref(reason);
    show("reason", reason);
}

static void B1_the_reason_of_an_abort_is_the_same_through_script_and_back(void **state)
{
    static const char *const reasons[] = {"({ why: 1 })", "new TypeError('mine')", "Symbol('s')"};
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        char source[64];
        mr_abort_controller *controller;
        mr_value told_reason = {0};
        snprintf(source, sizeof source, "globalThis.given = %s", reasons[i]);
        assert_int_equal(mr_abort_controller_create(loop, &controller), 0);
        mr_abort_signal *signal = mr_abort_controller_signal(controller);
        assert_int_equal(mr_abort_signal_on(signal, told_of_abort, &told_reason, NULL, NULL), 0);
        mr_value reason = value_of(source);
        assert_int_equal(mr_abort(controller, reason), 0);
        EXPECT_TRUE("reason === given");
        mr_value back = value_of("reason");
        EXPECT(back.kind == reason.kind);
        EXPECT(back.kind != MR_VALUE_ERROR || is_same(back, mr_abort_signal_reason(signal)));
        mr_value_release(back);
        mr_value_release(told_reason);
        mr_abort_controller_unref(controller);
    }
    finish_js();
}

static void B1_a_sleep_aborted_rejects_the_scripts_await_with_the_reason(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller;
    mr_promise *sleep;
    assert_int_equal(mr_abort_controller_create(loop, &controller), 0);
    assert_int_equal(mr_sleep(loop, SEC, mr_abort_controller_signal(controller), &sleep), 0);
    show_promise("sleep", sleep);
    mr_promise_unref(sleep);
    run("(async () => { try { await sleep } catch (e) { note(e.code); globalThis.e = e } })()");
    assert_int_equal(mr_abort(controller, mr_value_undefined()), 0);
    turn();
    assert_story("MR_EABORT");
    mr_value back = value_of("e");
    EXPECT(is_same(back, mr_abort_signal_reason(mr_abort_controller_signal(controller))));
    mr_value_release(back);
    mr_abort_controller_unref(controller);
    finish_js();
}

static mr_status job_of(mr_job *job, void *arg, mr_value *out_value)
{
    (void)job;
    const char *what = arg;
    if (strcmp(what, "fail") == 0)
        return MR_EIO;
    if (strcmp(what, "reason") == 0) {
        *out_value = mr_value_int(4);
        return MR_EIO;
    }
    return mr_value_text(what, strlen(what), out_value);
}

static void K1_results_of_workers_arrive_under_await(void **state)
{
    static const char *const works[] = {"a result of a worker", "fail", "reason"};
    (void)state;
    begin_js();
    mr_pool *pool;
    assert_int_equal(mr_pool_create(NULL, &pool), 0);
    run("globalThis.f = async (p) => { try { note(await p) } catch (e) { note(e.code ?? e) } }");
    mr_js_value *f = eval("f");
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        const mr_offload_spec spec = {
            .size_bytes = sizeof spec, .fn = job_of, .arg = (void *)(uintptr_t)works[i]};
        mr_promise *promise;
        assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), 0);
        mr_js_value *handle = from_value(mr_value_promise(promise));
        mr_promise_unref(promise);
        assert_int_equal(mr_js_call(js, f, NULL, 1, &handle, NULL), 0);
        mr_js_value_unref(handle);
        size_t before = story_len;
        while (story_len == before)
            EXPECT(mr_loop_turn(loop, MS) == 0);
    }
    mr_js_value_unref(f);
    assert_story("a result of a worker MR_EIO 4");
    assert_int_equal(mr_pool_shutdown(pool, MR_NEVER), 0);
    mr_pool_unref(pool);
    finish_js();
}

/* ---- X10: timers ---- */

static mr_timer timer_at_hand;
static mr_status cancel_status;

static mr_status cancel_timer(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                              mr_js_value **out_value)
{
    (void)of, (void)argc, (void)argv, (void)arg, (void)out_value;
    cancel_status = mr_timer_cancel(loop, timer_at_hand);
    return 0;
}

static void say_and_cancel_in_script(void *arg)
{
    note("%s", (const char *)arg);
    run("cancel()");
}

static void X10_a_timer_of_C_is_cancelled_by_script_also_in_its_own_callback(void **state)
{
    (void)state;
    begin_js_simulated(1);
    add_function("cancel", cancel_timer, NULL);
    timer_at_hand = timer_in(10 * MS, say, "never");
    run("setTimeout(() => cancel(), 5)");
    EXPECT(mr_loop_run(loop) == 0);
    EXPECT(cancel_status == 0);
    destroy_js();
    check_all_gone();
    begin_js_simulated(1);
    add_function("cancel", cancel_timer, NULL);
    timer_at_hand = timer_every(10 * MS, say_and_cancel_in_script, "once");
    EXPECT(mr_loop_run(loop) == 0);
    EXPECT(cancel_status == 0);
    EXPECT(mr_timer_cancel(loop, timer_at_hand) == MR_ECLOSED);
    assert_story("once");
    destroy_js();
    check_all_gone();
}

static void clear_from_C(void *arg)
{
    mr_js_value *timer = eval("timer"), *clear = eval(arg);
    EXPECT(mr_js_call(js, clear, NULL, 1, &timer, NULL) == 0);
    EXPECT(mr_js_call(js, clear, NULL, 1, &timer, NULL) == 0); /* stale: harmless */
    mr_js_value_unref(timer);
    mr_js_value_unref(clear);
    note("cleared");
}

static mr_status clear_in_callback(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                                   mr_js_value **out_value)
{
    (void)of, (void)argc, (void)argv, (void)out_value;
    clear_from_C(arg);
    return 0;
}

static void X10_a_timer_of_script_is_cleared_by_C_also_in_its_own_callback(void **state)
{
    (void)state;
    begin_js_simulated(1);
    run("globalThis.timer = setTimeout(() => note('never'), 10)");
    timer_in(5 * MS, clear_from_C, "clearTimeout");
    EXPECT(mr_loop_run(loop) == 0);
    assert_story("cleared");
    destroy_js();
    check_all_gone();
    begin_js_simulated(1);
    add_function("clear", clear_in_callback, "clearInterval");
    run("globalThis.timer = setInterval(() => { note('once'); clear() }, 10)");
    EXPECT(mr_loop_run(loop) == 0);
    assert_story("once cleared");
    destroy_js();
    check_all_gone();
}

/* The number of a script's timer is none of C's, and an id of C's none of the script's. */
static void X10_ids_of_the_other_side_are_harmless(void **state)
{
    (void)state;
    begin_js_simulated(1);
    mr_timer timer = timer_in(10 * MS, say, "C");
    run("globalThis.timer = setTimeout(() => note('js'), 10)");
    mr_value number = value_of("Number(timer)");
    EXPECT(number.kind == MR_VALUE_INT);
    EXPECT(mr_timer_cancel(loop, (mr_timer){.id = (uint64_t)number.as.integer}) == MR_ENOENT);
    show("id", mr_value_int((int64_t)timer.id));
    run("clearTimeout(Number(id)); clearTimeout(id)");
    EXPECT(mr_loop_run(loop) == 0);
    assert_story("C js");
    destroy_js();
    check_all_gone();
}

/* ---- X11: states at the hooks of a run ---- */

static const char *state_name(mr_loop *of)
{
    mr_state state = mr_loop_state(of);
    return state < MR_STATE_RUNNING    ? "created"
           : state < MR_STATE_STOPPING ? "running"
           : state < MR_STATE_CLOSED   ? "stopping"
                                       : "closed";
}

static mr_status note_state(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                            mr_js_value **out_value)
{
    (void)of, (void)argc, (void)argv, (void)arg, (void)out_value;
    note("%s", state_name(loop));
    return 0;
}

/* What the hooks see: a change of the loop's state, and of whether the script has ended. */
static void note_change(void)
{
    static const char *last = "";
    const char *now = state_name(loop);
    bool ended = js == NULL || mr_js_exit_code(js, NULL);
    EXPECT(ended || mr_loop_state(loop) <= MR_STATE_RUNNING);
    if (strcmp(last, now) != 0)
        note("[%s%s]", now, ended ? ",ended" : "");
    last = now;
}

static void on_turn(mr_loop *of, uint64_t turn_number, void *arg)
{
    (void)of, (void)turn_number, (void)arg;
    note_change();
}

static void on_task(mr_loop *of, mr_kind kind, uint64_t id, void *arg)
{
    (void)of, (void)kind, (void)id, (void)arg;
    note_change();
}

static void on_transition(mr_loop *of, uint64_t id, mr_promise_transition what, void *arg)
{
    (void)of, (void)id, (void)what, (void)arg;
    note_change();
}

static void X11_a_failing_script_sees_running_and_nothing_after_the_end(void **state)
{
    (void)state;
    begin_js_simulated(1);
    const mr_hooks hooks = {.size_bytes = sizeof hooks,
                            .turn_begin = on_turn,
                            .turn_end = on_turn,
                            .task_begin = on_task,
                            .task_end = on_task,
                            .promise_transition = on_transition};
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    add_function("state", note_state, NULL);
    run("process.on('exit', (c) => { note('exit' + c); state() });"
        "process.on('uncaughtExceptionMonitor', () => { note('monitor'); state() });"
        "globalThis.p = new Promise(() => {});"
        "setTimeout(() => { state(); queueMicrotask(() => note('never')); throw new Error('x') });"
        "setTimeout(() => note('never'), 5)");
    mr_promise *waits = promise_of("p.then(() => note('never'))");
    tell(waits, "C");
    EXPECT(mr_loop_run(loop) == 0);
    int status = 0;
    EXPECT(mr_js_exit_code(js, &status) && status == 1);
    EXPECT(mr_js_eval(js, "note('never')", 13, NULL, MR_JS_SCRIPT, NULL) == MR_ECLOSED);
    EXPECT(is_rejected_by(waits, MR_ECLOSED));
    mr_promise_unref(waits);
    destroy_js();
    assert_story("[created] [running] running monitor running <error> exit1 running "
                 "C!MR_ECLOSED");
    check_all_gone();
}

static void X11_a_graceful_end_lets_reactions_of_script_run_before_the_loop_is_closed(void **state)
{
    (void)state;
    begin_js();
    add_function("state", note_state, NULL);
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run("p.catch((e) => { note(e.code); state() })");
    shut_down_turned();
    EXPECT(is_rejected_by(promise, MR_ECLOSED));
    assert_story("MR_ECLOSED stopping");
    EXPECT(mr_js_eval(js, "note('never')", 13, NULL, MR_JS_SCRIPT, NULL) == MR_ECLOSED);
    mr_promise_unref(promise);
    finish_js();
}

/* ---- I7: entering ---- */

static mr_status eval_handler(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = value_of(arg);
    note("handler");
    return 0;
}

static void I7_eval_in_a_handler_of_C_leaves_the_checkpoint_to_the_loop(void **state)
{
    (void)state;
    begin_js();
    mr_promise *first = fulfilled(0);
    mr_promise *child =
        then(first, eval_handler, NULL, "queueMicrotask(() => note('microtask')); note('eval'); 3");
    tell(child, "C");
    turn();
    assert_story("eval handler microtask C=3");
    mr_promise_unref(child);
    mr_promise_unref(first);
    finish_js();
}

static void I7_a_function_of_C_attaches_while_script_runs(void **state)
{
    (void)state;
    begin_js();
    add_value_function("toC", &to_c);
    run_in_task("toC(Promise.resolve(1)); toC(new Promise((r) => r(2))); note('end')");
    assert_story("end C=1 C=2");
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(X6_twenty_threads_settle_promises_of_C_under_a_scripts_all),
        SCENARIO(I2_native_promises_settled_from_twenty_threads_sum_up_in_order),
        SCENARIO(I2_a_builder_that_fails_rejects),
        SCENARIO(I2_a_builder_may_make_a_thenable_of_script),
        SCENARIO(X8_a_rejection_of_C_is_reported_by_the_script_that_has_it),
        SCENARIO(X8_a_rejection_of_C_that_script_handles_is_not_reported),
        SCENARIO(X8_the_tail_of_a_chain_through_both_is_reported_once),
        SCENARIO(X8_a_rejection_of_script_that_C_has_is_reported_by_C),
        SCENARIO(X8_a_rejection_of_script_that_C_handles_is_not_reported),
        SCENARIO(X8_what_only_passed_through_C_is_handled_by_the_script),
        SCENARIO(X8_what_only_passed_through_script_is_handled_by_C),
        SCENARIO(X8_what_came_back_from_the_script_is_reported_by_C),
        SCENARIO(X8_what_came_back_is_not_reported_where_the_script_has_handled_it),
        SCENARIO(X8_what_goes_to_the_script_once_more_is_reported_there),
        SCENARIO(H2_ten_levels_of_combinators_over_both_have_the_right_values),
        SCENARIO(H2_all_over_both_keeps_the_values_of_every_level),
        SCENARIO(B1_the_reason_of_an_abort_is_the_same_through_script_and_back),
        SCENARIO(B1_a_sleep_aborted_rejects_the_scripts_await_with_the_reason),
        SCENARIO(K1_results_of_workers_arrive_under_await),
        SCENARIO(X10_a_timer_of_C_is_cancelled_by_script_also_in_its_own_callback),
        SCENARIO(X10_a_timer_of_script_is_cleared_by_C_also_in_its_own_callback),
        SCENARIO(X10_ids_of_the_other_side_are_harmless),
        SCENARIO(X11_a_failing_script_sees_running_and_nothing_after_the_end),
        SCENARIO(X11_a_graceful_end_lets_reactions_of_script_run_before_the_loop_is_closed),
        SCENARIO(I7_eval_in_a_handler_of_C_leaves_the_checkpoint_to_the_loop),
        SCENARIO(I7_a_function_of_C_attaches_while_script_runs),
    };
    return RUN_SCENARIOS(tests);
}
