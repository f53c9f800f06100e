/* Ends of promises that C and script share: scenarios X9 of the page on promises and I4, J2, J3 of
 * the one on JavaScript; simulated worlds; what is left after many promises; allocations that fail. */
#include "bridge_scenario.h"

#include <millrace/pool.h>
#include <millrace/sim.h>
#include <millrace/sleep.h>

static mr_status count_call(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    ++*(unsigned *)arg;
    return 0;
}

/* ---- X9 ---- */

static void X9_a_closed_loop_runs_no_script_and_rejects_what_C_waits_for(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *of_c = pending(&settler);
    show_promise("p", of_c);
    run("p.then(() => note('never'), () => note('never')); p.finally(() => note('never'))");
    mr_promise *of_script =
        promise_of("globalThis.n = new Promise((r) => { globalThis.settle = r })");
    mr_promise *derived = promise_of("n.then(() => note('never'), () => note('never'))");
    tell(of_script, "never");
    assert_int_equal(mr_loop_close(loop), 0);
    EXPECT(is_rejected_by(of_c, MR_ECLOSED) && is_rejected_by(of_script, MR_ECLOSED));
    EXPECT(is_rejected_by(derived, MR_ECLOSED));
    EXPECT(mr_settler_resolve(loop, settler, mr_value_int(1)) == MR_ECLOSED);
    EXPECT(mr_js_eval(js, "settle(1)", 9, NULL, MR_JS_SCRIPT, NULL) == MR_ECLOSED);
    assert_story("");
    mr_promise_unref(of_c);
    destroy_js();
    EXPECT(is_rejected_by(of_script, MR_ECLOSED));
    mr_promise_unref(of_script);
    mr_promise_unref(derived);
    assert_story("");
    check_all_gone();
}

/* ---- I4 ---- */

/* Promises that wait for everything a script can wait for, and jobs that are queued already. */
static void queue_everything(void *arg)
{
    (void)arg;
    run("const never = new Promise(() => {});"
        "const waits = async (what) => { try { await what } finally { note('finally') } };"
        "(async () => { for await (const x of (async function* () { yield never })()) note(x) })();"
        "waits(never); waits(p); waits(Promise.all([p, never, delay(5)]));"
        "waits(new Promise((r) => setTimeout(r, 0))); waits(new Promise(setImmediate));"
        "new Promise((r, j) => setInterval(j, 1)).finally(() => note('interval'));"
        "process.on('exit', () => note('exit')); process.on('beforeExit', () => "
        "note('beforeExit'));"
        "globalThis.held = [never, waits];");
    mr_loop_request_close(loop);
    run("Promise.resolve().then(() => note('reaction')); queueMicrotask(() => note('microtask'));"
        "process.nextTick(() => note('tick')); waits(0); Promise.reject(new Error('unseen'));");
}

static void
I4_a_loop_closed_with_pending_promises_runs_no_javascript_and_leaks_nothing(void **state)
{
    (void)state;
    for (int runtime_first = 0; runtime_first < 2; runtime_first++) {
        begin_js();
        mr_settler settler;
        mr_promise *of_c = pending(&settler);
        show_promise("p", of_c);
        assert_int_equal(mr_submit(loop, queue_everything, NULL), 0);
        assert_int_equal(mr_loop_run(loop), MR_ECANCELED);
        EXPECT(mr_settler_resolve(loop, settler, mr_value_int(1)) == MR_ECLOSED);
        assert_story("");
        if (runtime_first)
            destroy_js();
        mr_promise_unref(of_c);
        destroy_js();
        assert_story("");
        check_all_gone();
    }
}

static void X9_a_destroyed_runtime_rejects_what_C_waits_for_and_is_not_entered(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *of_c = pending(&settler);
    show_promise("p", of_c);
    run("p.then(() => note('never'), () => note('never'))");
    mr_promise *of_script = promise_of("new Promise(() => {})");
    tell(of_script, "script");
    tell(of_c, "C");
    destroy_js();
    EXPECT(is_pending(of_c) && is_rejected_by(of_script, MR_ECLOSED));
    resolve_int(settler, 5); /* nobody of the script is told */
    turn();
    EXPECT(is_fulfilled_with(of_c, 5));
    assert_story("script!MR_ECLOSED C=5");
    mr_promise_unref(of_c);
    mr_promise_unref(of_script);
    finish_js();
}

static void X9_a_promise_that_outlives_two_runtimes_is_shown_to_the_third(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    for (int i = 0; i < 2; i++) {
        show_promise("p", promise);
        run("p.then(() => note('never'))");
        destroy_js();
        create_js();
    }
    show_promise("p", promise);
    run("p.then((x) => note('js=' + x))");
    resolve_int(settler, 7);
    turn();
    assert_story("js=7");
    mr_promise_unref(promise);
    finish_js();
}

static void X9_a_shutdown_runs_the_reactions_of_both(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *of_c = pending(&settler);
    show_promise("p", of_c);
    run("p.catch((e) => note('js-' + e.code))");
    mr_promise *of_script = promise_of("new Promise(() => {})");
    tell(of_script, "C");
    shut_down_turned();
    EXPECT(is_rejected_by(of_c, MR_ECLOSED) && is_rejected_by(of_script, MR_ECLOSED));
    assert_story("js-MR_ECLOSED C!MR_ECLOSED");
    mr_promise_unref(of_c);
    mr_promise_unref(of_script);
    finish_js();
}

static void X9_what_adopts_a_thenable_ends_with_its_runtime(void **state)
{
    (void)state;
    for (int turns = 0; turns < 2; turns++) {
        begin_js();
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        mr_value thenable = value_of("({ then() { note('then') } })");
        assert_int_equal(mr_settler_resolve(loop, settler, thenable), 0);
        tell(promise, "C");
        if (turns != 0)
            turn();
        EXPECT(is_pending(promise));
        destroy_js();
        turn();
        EXPECT(is_rejected_by(promise, MR_ECLOSED));
        assert_story(turns != 0 ? "then C!MR_ECLOSED" : "C!MR_ECLOSED");
        mr_promise_unref(promise);
        finish_js();
    }
}

static void X9_what_adopts_a_thenable_ends_with_its_loop(void **state)
{
    (void)state;
    for (int closes = 0; closes < 2; closes++) {
        begin_js();
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        mr_value thenable = value_of("({ then() { note('then') } })");
        assert_int_equal(mr_settler_resolve(loop, settler, thenable), 0);
        if (closes)
            assert_int_equal(mr_loop_close(loop), 0);
        else
            shut_down_turned();
        EXPECT(is_rejected_by(promise, MR_ECLOSED));
        assert_story(closes ? "" : "then");
        mr_promise_unref(promise);
        finish_js();
    }
}

/* ---- J3: which ends first ---- */

static mr_promise *many_of_both(void)
{
    mr_settler settler;
    mr_promise *of_c = pending(&settler);
    show_promise("p", of_c);
    mr_promise *of_script = promise_of(
        "const o = { p }; o.o = o; globalThis.q = p.then(() => o);"
        "process.on('exit', () => note('exit')); q.catch(() => {}); new Promise(() => {})");
    mr_value items[] = {holding(of_script), value_of("({ q })"), value_of("new Error('e')"),
                        custom_of(&counted_type, 1)};
    mr_value array;
    EXPECT(mr_value_array(items, 4, &array) == 0);
    show("a", array);
    mr_promise *keeps = NULL;
    EXPECT(mr_promise_resolve(loop, array, &keeps) == 0);
    show_promise("k", keeps);
    run("a.push(k, a)");
    mr_promise_unref(of_c);
    mr_promise_unref(of_script);
    return keeps;
}

static void J3_the_runtime_before_the_loop_with_references_both_ways(void **state)
{
    (void)state;
    begin_js();
    mr_promise *keeps = many_of_both();
    destroy_js();
    mr_promise_unref(keeps);
    finish_js();
    begin_js();
    keeps = many_of_both();
    mr_promise_unref(keeps);
    finish_js();
}

static void J3_the_loop_before_the_runtime_with_references_both_ways(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        begin_js();
        mr_promise *keeps = many_of_both();
        assert_int_equal(mr_loop_close(loop), 0);
        if (first)
            mr_promise_unref(keeps);
        destroy_js();
        if (!first)
            mr_promise_unref(keeps);
        assert_story("");
        check_all_gone();
    }
}

static void J3_values_are_released_after_runtime_and_loop(void **state)
{
    (void)state;
    begin_js();
    mr_value object = value_of("({})"), error = value_of("new Error('kept')");
    mr_js_value *handle = eval("({ a: 1 })");
    destroy_js();
    shut_down_turned();
    check_all_gone();
    EXPECT(strcmp(mr_error_message(mr_value_as_error(error)), "kept") == 0);
    mr_value_release(object);
    mr_value_release(error);
    mr_js_value_unref(handle);
    EXPECT(atomic_load(&failed_expectations) == 0);
}

/* ---- J2: collected ---- */

static void J2_what_a_settled_promise_of_C_held_is_collected(void **state)
{
    (void)state;
    begin_js();
    mr_js_value *handle;
    mr_settler settler;
    assert_int_equal(mr_js_promise_create(js, &handle, &settler), 0);
    assert_int_equal(mr_js_set(js, NULL, "p", handle), 0);
    mr_js_value_unref(handle);
    run("(() => { const big = { p }; globalThis.w = new WeakRef(big); globalThis.v ="
        "new WeakRef(p); p.then(() => big) })(); p = 0");
    collect();
    EXPECT_TRUE("typeof w.deref() === 'object'"); /* it may yet settle */
    EXPECT(mr_settler_resolve(loop, settler, mr_value_int(1)) == 0);
    turn();
    collect();
    EXPECT_TRUE("w.deref() === undefined && v.deref() === undefined");
    EXPECT(live_promises() == 0);
    finish_js();
}

static void J2_a_promise_dropped_by_C_lets_the_scripts_be_collected(void **state)
{
    (void)state;
    begin_js();
    mr_promise *promise = promise_of("globalThis.n = new Promise(() => {});"
                                     "globalThis.w = new WeakRef(n); n");
    run("n = 0");
    collect();
    EXPECT_TRUE("w.deref() instanceof Promise"); /* C has it */
    mr_promise_unref(promise);
    turn();
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    finish_js();
}

enum { MANY = 10000 };

static void J2_ten_thousand_promises_of_each_side_leave_nothing(void **state)
{
    static mr_settler settlers[MANY];
    unsigned called = 0;
    (void)state;
    begin_js();
    unsigned n = scaled(MANY);
    run("globalThis.count = 0; globalThis.follow = (p) => { p.then(() => count++) };"
        "globalThis.settles = []; globalThis.make = () => new Promise((r) => settles.push(r))");
    mr_js_value *follow = eval("follow"), *make = eval("make");
    for (unsigned i = 0; i < n; i++) {
        mr_js_value *handle;
        assert_int_equal(mr_js_promise_create(js, &handle, &settlers[i]), 0);
        assert_int_equal(mr_js_call(js, follow, NULL, 1, &handle, NULL), 0);
        mr_js_value_unref(handle);
        assert_int_equal(mr_js_call(js, make, NULL, 0, NULL, &handle), 0);
        mr_value value = to_value(handle);
        const mr_reaction reaction = {.on_fulfilled = count_call, .arg = &called};
        EXPECT(mr_promise_then(mr_value_as_promise(value), &reaction, NULL) == 0);
        mr_value_release(value);
    }
    EXPECT(live_promises() >= 2 * n);
    for (unsigned i = 0; i < n; i++)
        EXPECT(mr_settler_resolve(loop, settlers[i], mr_value_int(1)) == 0);
    run("settles.forEach((r) => r(1)); settles = 0");
    turn();
    mr_js_value_unref(follow);
    mr_js_value_unref(make);
    EXPECT(called == n);
    mr_value count = value_of("count");
    EXPECT(count.as.integer == n);
    EXPECT(live_promises() == 0);
    finish_js();
}

static void J2_rounds_of_shown_and_settled_promises_keep_memory_flat(void **state)
{
    size_t after[3];
    (void)state;
    begin_js();
    run("globalThis.count = 0; globalThis.follow = (p) => { p.then(() => count++) }");
    mr_js_value *follow = eval("follow");
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < scaled(3000); i++) {
            mr_js_value *handle;
            mr_settler settler;
            assert_int_equal(mr_js_promise_create(js, &handle, &settler), 0);
            assert_int_equal(mr_js_call(js, follow, NULL, 1, &handle, NULL), 0);
            mr_js_value_unref(handle);
            EXPECT(mr_settler_resolve(loop, settler, error_value(MR_EIO, "e", NULL)) == 0);
            run("0");
        }
        JS_RunGC(js->rt);
        after[round] = bytes_in_use();
    }
    EXPECT(after[2] < after[1] + 16384);
    mr_js_value_unref(follow);
    finish_js();
}

/* ---- simulated worlds ---- */

static mr_status work(mr_job *job, void *arg, mr_value *out_value)
{
    (void)job;
    *out_value = mr_value_int((intptr_t)arg);
    return 0;
}

static mr_status note_result(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    note("c%" PRId64, int_of(value));
    return 0;
}

static void simulate_run(uint64_t seed, char *out, size_t size)
{
    begin_js_simulated(seed);
    mr_pool *pool;
    assert_int_equal(mr_pool_create(NULL, &pool), 0);
    run("globalThis.list = []; globalThis.f = async (p, i) => { const x = await p;"
        "note('js' + x); await new Promise((r) => setTimeout(r, Math.random() * 20));"
        "note('slept' + i); return x }");
    mr_js_value *f = eval("f");
    for (intptr_t i = 0; i < 8; i++) {
        const mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = work, .arg = (void *)i};
        mr_promise *promise;
        assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), 0);
        mr_js_value *args[2], *result;
        args[0] = from_value(mr_value_promise(promise));
        args[1] = from_value(mr_value_int(i));
        assert_int_equal(mr_js_call(js, f, NULL, 2, args, &result), 0);
        mr_value back = to_value(result);
        const mr_reaction reaction = {.on_fulfilled = note_result};
        EXPECT(mr_promise_then(mr_value_as_promise(back), &reaction, NULL) == 0);
        mr_value_release(back);
        mr_promise_unref(promise);
        mr_js_value_unref(args[0]);
        mr_js_value_unref(args[1]);
    }
    mr_js_value_unref(f);
    EXPECT(mr_loop_run(loop) == 0);
    snprintf(out, size, "%s @%" PRIu64, story, mr_loop_now(loop));
    destroy_js();
    mr_pool_unref(pool);
    check_all_gone();
}

static void M8_a_seed_gives_one_trace_of_bridged_promises(void **state)
{
    static char traces[4][2048];
    unsigned differ = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        simulate_run(seed, traces[0], sizeof traces[0]);
        simulate_run(seed, traces[1], sizeof traces[1]);
        simulate_run(seed + 1, traces[2], sizeof traces[2]);
        assert_string_equal(traces[0], traces[1]);
        assert_non_null(strstr(traces[0], "c7"));
        differ += strcmp(traces[0], traces[2]) != 0;
    }
    EXPECT(differ > 5);
    assert_int_equal(atomic_load(&failed_expectations), 0);
}

/* ---- allocations of ours that fail ---- */

static void *const unwritten = (void *)(uintptr_t)0xa5a5a5a5;
static mr_js_value *subject; /* what the call at hand acts on */
static mr_value given;

static mr_status try_to_value(void)
{
    mr_value value = {.kind = 99};
    mr_status status = mr_js_to_value(js, subject, &value);
    EXPECT((status == 0) == (value.kind != 99));
    if (status == 0)
        mr_value_release(value);
    return status;
}

static mr_status try_from_value(void)
{
    mr_js_value *handle = unwritten;
    mr_status status = mr_js_from_value(js, given, &handle);
    EXPECT((status == 0) == (handle != unwritten));
    if (status == 0)
        mr_js_value_unref(handle);
    return status;
}

static mr_status try_promise_create(void)
{
    mr_js_value *handle = unwritten;
    mr_settler settler = {0};
    mr_status status = mr_js_promise_create(js, &handle, &settler);
    EXPECT((status == 0) == (handle != unwritten) && (status == 0) == (settler.id != 0));
    if (status == 0) {
        mr_js_value_unref(handle);
        EXPECT(mr_settler_resolve(loop, settler, mr_value_int(1)) == 0);
    }
    return status;
}

/* A promise that settles: it may end with an error instead, but end it must. */
static mr_status try_resolve(void)
{
    mr_settler settler;
    mr_promise *promise = NULL;
    mr_value value;
    mr_status status = mr_promise_with_resolvers(loop, &promise, &settler);
    if (status != 0)
        return status;
    status = mr_js_to_value(js, subject, &value);
    if (status == 0 && mr_settler_resolve(loop, settler, value) != 0)
        mr_value_release(value);
    for (int i = 0; i < 4; i++)
        turn();
    if (status == 0 && is_pending(promise))
        status = MR_EDEADLOCK;
    EXPECT(status == 0 || status == MR_ENOMEM || status == MR_EJS);
    if (status == 0 && mr_promise_get_state(promise) == MR_PROMISE_REJECTED) {
        EXPECT(is_rejected_by(promise, MR_ENOMEM) || is_rejected_by(promise, MR_EJS));
        status = MR_ENOMEM;
    }
    mr_promise_unref(promise);
    return status;
}

static void with_every_allocation_failing(const char *source, mr_value (*make)(void),
                                          mr_status (*act)(void))
{
    bool taken = true;
    for (uint64_t n = 1; taken; n++) {
        begin_js();
        subject = eval(source);
        given = make != NULL ? make() : mr_value_undefined();
        uint64_t live = live_promises(), before = mr__alloc_count();
        mr__alloc_fail_at(n);
        mr_status status = act();
        mr__alloc_fail_at(0);
        taken = mr__alloc_count() - before >= n;
        EXPECT(status == 0 || (taken && (status == MR_ENOMEM || status == MR_EJS)));
        EXPECT_TRUE("1 + 1 === 2"); /* no exception waits */
        turn();
        EXPECT(live_promises() == live);
        EXPECT(act() == 0);
        mr_value_release(given);
        mr_js_value_unref(subject);
        finish_js();
        EXPECT(n < 1000);
    }
}

static mr_value a_pending_promise(void)
{
    mr_promise *promise = NULL;
    mr_settler settler;
    EXPECT(mr_promise_with_resolvers(loop, &promise, &settler) == 0);
    return mr_value_promise(promise);
}

static mr_value a_settled_promise(void)
{
    return mr_value_promise(fulfilled(3));
}

static mr_value a_nest(void)
{
    mr_value inner = error_value(MR_EIO, "a message that is longer than others", NULL);
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EAGGREGATE,
                                .cause = inner.as.pointer,
                                .members = &inner,
                                .member_n = 1};
    mr_error *error = NULL;
    EXPECT(mr_error_create(&spec, &error) == 0);
    mr_value_release(inner);
    mr_value items[] = {mr_value_error(error), text_value("a text that is longer than others"),
                        custom_of(&counted_type, 1), a_pending_promise()};
    mr_value array = {0};
    EXPECT(mr_value_array(items, 4, &array) == 0);
    return array;
}

static void K4_values_of_script_survive_each_failed_allocation(void **state)
{
    static const char *const sources[] = {
        "({})",
        "'a string that is longer than fourteen'",
        "new Uint8Array(100)",
        "new Promise(() => {})",
        "Promise.resolve(1)",
        "new Error('a message', { cause: new Error('cause') })",
        "new AggregateError([1, new Error('in'), 'a string that is longer', {}], 'all')",
        "2n ** 40n",
        "Symbol()"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        with_every_allocation_failing(sources[i], NULL, try_to_value);
}

static void K4_values_of_C_survive_each_failed_allocation(void **state)
{
    (void)state;
    with_every_allocation_failing("0", a_pending_promise, try_from_value);
    with_every_allocation_failing("0", a_settled_promise, try_from_value);
    with_every_allocation_failing("0", a_nest, try_from_value);
}

static void K4_a_native_promise_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    with_every_allocation_failing("0", NULL, try_promise_create);
}

static void K4_resolving_with_what_script_made_ends_whatever_allocation_fails(void **state)
{
    static const char *const sources[] = {"({ then(a) { a(1) } })", "Promise.resolve({})",
                                          "new Proxy({}, {})"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        with_every_allocation_failing(sources[i], NULL, try_resolve);
}

/* ---- the engine without memory ---- */

static void K4_an_engine_without_memory_rejects_and_goes_on(void **state)
{
    (void)state;
    begin_js();
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    show_promise("p", promise);
    run("p.then(() => note('value'), (e) => note(e.name + ' ' + e.message))");
    char *data = calloc(1, 1 << 20);
    mr_value bytes = {0};
    assert_non_null(data);
    assert_int_equal(mr_value_bytes(data, 1 << 20, &bytes), 0);
    free(data);
    JSMemoryUsage usage;
    JS_ComputeMemoryUsage(js->rt, &usage);
    JS_SetMemoryLimit(js->rt, (size_t)usage.malloc_size + 100000);
    assert_int_equal(mr_settler_resolve(loop, settler, mr_value_ref(bytes)), 0);
    turn();
    mr_js_value *handle = NULL;
    EXPECT(mr_js_from_value(js, bytes, &handle) == MR_ENOMEM && handle == NULL);
    JS_SetMemoryLimit(js->rt, SIZE_MAX);
    assert_story("InternalError out of memory");
    handle = from_value(bytes);
    mr_js_value_unref(handle);
    mr_value_release(bytes);
    mr_promise_unref(promise);
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(X9_a_closed_loop_runs_no_script_and_rejects_what_C_waits_for),
        SCENARIO(I4_a_loop_closed_with_pending_promises_runs_no_javascript_and_leaks_nothing),
        SCENARIO(X9_a_destroyed_runtime_rejects_what_C_waits_for_and_is_not_entered),
        SCENARIO(X9_a_promise_that_outlives_two_runtimes_is_shown_to_the_third),
        SCENARIO(X9_a_shutdown_runs_the_reactions_of_both),
        SCENARIO(X9_what_adopts_a_thenable_ends_with_its_runtime),
        SCENARIO(X9_what_adopts_a_thenable_ends_with_its_loop),
        SCENARIO(J3_the_runtime_before_the_loop_with_references_both_ways),
        SCENARIO(J3_the_loop_before_the_runtime_with_references_both_ways),
        SCENARIO(J3_values_are_released_after_runtime_and_loop),
        SCENARIO(J2_what_a_settled_promise_of_C_held_is_collected),
        SCENARIO(J2_a_promise_dropped_by_C_lets_the_scripts_be_collected),
        SCENARIO(J2_ten_thousand_promises_of_each_side_leave_nothing),
        SCENARIO(J2_rounds_of_shown_and_settled_promises_keep_memory_flat),
        SCENARIO(M8_a_seed_gives_one_trace_of_bridged_promises),
        SCENARIO(K4_values_of_script_survive_each_failed_allocation),
        SCENARIO(K4_values_of_C_survive_each_failed_allocation),
        SCENARIO(K4_a_native_promise_is_made_whole_or_not_at_all),
        SCENARIO(K4_resolving_with_what_script_made_ends_whatever_allocation_fails),
        SCENARIO(K4_an_engine_without_memory_rejects_and_goes_on),
    };
    return RUN_SCENARIOS(tests);
}
