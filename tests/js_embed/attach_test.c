/* A runtime in an engine of the host's: scenario G3, I6 and J3 of the page on JavaScript; what was queued
 * before; what is left after. */
#include "bridge_scenario.h"

#include <stdlib.h>

#include "base/memory.h"

/* ---- an engine of the host's ---- */

static JSRuntime *engine;
static JSContext *context;
static uint64_t engine_allocations, engine_fails_at; /* 0: never */

static bool engine_has(void)
{
    return ++engine_allocations != engine_fails_at;
}

static void *engine_calloc(void *arg, size_t n, size_t size)
{
    (void)arg;
    return engine_has() ? calloc(n, size) : NULL;
}

static void *engine_malloc(void *arg, size_t size)
{
    (void)arg;
    return engine_has() ? malloc(size) : NULL;
}

static void engine_free(void *arg, void *block)
{
    (void)arg;
    free(block);
}

static void *engine_realloc(void *arg, void *block, size_t size)
{
    (void)arg;
    return engine_has() ? realloc(block, size) : NULL;
}

static size_t engine_usable(const void *block)
{
    (void)block;
    return 0;
}

static void begin_engine(void)
{
    static const JSMallocFunctions functions = {engine_calloc, engine_malloc, engine_free,
                                                engine_realloc, engine_usable};
    engine_fails_at = 0;
    engine = JS_NewRuntime2(&functions, NULL);
    assert_non_null(engine);
    JS_SetDumpFlags(engine, JS_DUMP_LEAKS | JS_DUMP_ATOM_LEAKS);
    context = JS_NewContext(engine);
    assert_non_null(context);
}

/* Nothing has leaked, or the engine says so on standard output. */
static void end_engine(void)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), caught = memfd_create("leaks", MFD_CLOEXEC);
    dup2(caught, STDOUT_FILENO);
    JS_FreeContext(context);
    JS_FreeRuntime(engine);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    char said[4096];
    ssize_t n = pread(caught, said, sizeof said - 1, 0);
    close(caught);
    said[n > 0 ? n : 0] = 0;
    assert_string_equal(said, "");
}

static JSValue host_eval(const char *source)
{
    return JS_Eval(context, source, strlen(source), "host.js", JS_EVAL_TYPE_GLOBAL);
}

static void host_run(const char *source)
{
    JSValue value = host_eval(source);
    if (JS_IsException(value))
        print_error("%s threw\n", source);
    assert_false(JS_IsException(value));
    JS_FreeValue(context, value);
}

/* The text of what the host evaluates, owned. */
static char *host_text(const char *source)
{
    JSValue value = host_eval(source);
    assert_false(JS_IsException(value));
    const char *text = JS_ToCString(context, value);
    char *copy = strdup(text);
    JS_FreeCString(context, text);
    JS_FreeValue(context, value);
    return copy;
}

/* Every property of the global object with its attributes and, by number, its values. */
static const char describe[] =
    "(() => { const seen = describe.seen; const n = (v) => typeof v === 'object' && v !== null ||"
    " typeof v === 'function' ? (seen.has(v) ? seen : seen.set(v, seen.size)).get(v) : String(v);"
    " const all = (o) => Reflect.ownKeys(o).map((k) => { const d ="
    "   Reflect.getOwnPropertyDescriptor(o, k); return String(k) + '|' + d.writable + d.enumerable "
    "+"
    "   d.configurable + n(d.value) + n(d.get) + n(d.set) }).join();"
    " return Object.isExtensible(globalThis) + all(globalThis) + all(Math) + all(Date) +"
    "   all(Date.prototype) + all(Promise.prototype) + all(Object.prototype) + all(Error) })()";

static void begin_attach(void)
{
    js = NULL;
    begin(MR_PARK_AUTO);
    tell_reports();
    begin_engine();
    host_run("globalThis.describe = { seen: new Map() }");
}

static mr_status attach(void)
{
    const mr_js_options options = {.size_bytes = sizeof options, .write = write_note};
    return mr_js_attach(loop, context, &options, &js);
}

static void end_attach(void)
{
    assert_int_equal(mr_js_destroy(js), 0);
    js = NULL;
    end_engine();
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        shut_down_turned();
    check_all_gone();
}

/* ---- it works ---- */

static void attached_runtime_runs_scripts_and_keeps_what_the_host_had(void **state)
{
    (void)state;
    begin_attach();
    host_run("globalThis.mine = { a: 1 }; globalThis.queueMicrotask = 5; var v = 6; let l = 7");
    assert_int_equal(attach(), 0);
    EXPECT_TEXT(
        "[mine.a, typeof queueMicrotask, v, l, typeof process.exit, this === global].join()",
        "1,function,6,7,function,true");
    add_function("note", note_text, NULL);
    run("setTimeout(() => note('timer'), 1); setImmediate(() => note('immediate'));"
        "process.nextTick(() => note('tick')); Promise.resolve().then(() => note('promise'))");
    mr_promise *promise = promise_of("new Promise((r) => setTimeout(r, 2, 5))");
    tell(promise, "C");
    while (is_pending(promise))
        assert_int_equal(mr_loop_turn(loop, UINT64_MAX), 0);
    turn();
    assert_story("tick promise immediate timer C=5");
    mr_promise_unref(promise);
    end_attach();
}

static void note_job(void *name)
{
    note("%s", (const char *)name);
}

static void microtasks_of_C_queued_before_come_first_and_in_order(void **state)
{
    (void)state;
    for (int attaches = 0; attaches < 2; attaches++) {
        begin_attach();
        char names[][3] = {"m1", "m2", "m3"};
        for (int i = 0; i < 3; i++)
            assert_int_equal(mr_microtask(loop, note_job, names[i]), 0);
        if (attaches)
            assert_int_equal(attach(), 0);
        else
            create_js();
        if (attaches)
            add_function("note", note_text, NULL);
        assert_int_equal(mr_microtask(loop, note_job, (void *)(uintptr_t) "m4"), 0);
        run("Promise.resolve().then(() => note('job'))");
        assert_story("m1 m2 m3 m4 job");
        if (!attaches)
            destroy_js();
        end_attach();
    }
}

static void jobs_that_the_host_queued_run_with_the_loop(void **state)
{
    (void)state;
    begin_attach();
    host_run("globalThis.order = []; Promise.resolve().then(() => order.push('host'))");
    assert_int_equal(mr_microtask(loop, note_job, (void *)(uintptr_t) "C"), 0);
    assert_int_equal(attach(), 0);
    turn();
    EXPECT_TEXT("order.join()", "host");
    assert_story("C");
    end_attach();
}

/* ---- G3 ---- */

/* Attaching fails with the cause, and nothing is changed; cause, an expression of the host's on `e`. */
static void expect_refused(const char *before, const char *cause, mr_status expected)
{
    begin_attach();
    host_run(before);
    char *was = host_text(describe);
    assert_int_equal(mr_microtask(loop, note_job, (void *)(uintptr_t) "kept"), 0);
    mr_status status = attach();
    if (status != expected)
        print_error("%s: %s\n", before, mr_status_name(status));
    assert_int_equal(status, expected);
    assert_null(js);
    JSValue thrown = JS_GetException(context);
    JSValue fn = host_eval(cause);
    JSValue fits = JS_Call(context, fn, JS_UNDEFINED, 1, &thrown);
    if (JS_ToBool(context, fits) != 1)
        print_error("%s: not %s\n", before, cause);
    assert_int_equal(JS_ToBool(context, fits), 1);
    JS_FreeValue(context, fn);
    JS_FreeValue(context, thrown);
    char *is = host_text(describe);
    assert_string_equal(is, was);
    free(was);
    free(is);
    /* The loop is free for another, and has its microtask. */
    create_js();
    run("note('other')");
    assert_story("other kept");
    destroy_js();
    end_attach();
}

static const char *const is_type_error = "((e) => e instanceof TypeError)";

static void G3_a_frozen_global_object_refuses_and_keeps_all(void **state)
{
    (void)state;
    expect_refused("Object.freeze(globalThis)", is_type_error, MR_EJS);
}

static void G3_a_sealed_global_object_refuses_and_keeps_all(void **state)
{
    (void)state;
    expect_refused("Object.seal(globalThis)", is_type_error, MR_EJS);
    expect_refused("Object.preventExtensions(globalThis)", is_type_error, MR_EJS);
}

static void G3_a_throwing_accessor_refuses_with_what_it_throws(void **state)
{
    (void)state;
    expect_refused("Object.defineProperty(globalThis, 'console',"
                   " { get() { throw 'mine' }, configurable: true })",
                   "((e) => e === 'mine')", MR_EJS);
    expect_refused("Object.defineProperty(globalThis, 'clearTimeout', { get() { throw 5 } })",
                   is_type_error, MR_EJS);
}

static void G3_a_name_that_is_not_configurable_refuses_and_keeps_all(void **state)
{
    (void)state;
    expect_refused("Object.defineProperty(globalThis, 'process', { value: 1, writable: true })",
                   "((e) => e instanceof TypeError && e.message.includes(\"'process'\"))", MR_EJS);
    /* the last that is defined */
    expect_refused("Object.defineProperty(globalThis, 'global', { value: 1 })", is_type_error,
                   MR_EJS);
}

static void G3_a_prototype_that_throws_is_no_hindrance(void **state)
{
    (void)state;
    begin_attach();
    host_run("for (const name of ['process', 'setTimeout', 'value', 'get', 'set', 'then'])"
             " Object.defineProperty(Object.prototype, name, { __proto__: null,"
             " set() { throw name }, configurable: true })");
    assert_int_equal(attach(), 0);
    EXPECT_TRUE("Object.hasOwn(globalThis, 'process') && typeof setTimeout === 'function'");
    end_attach();
}

static void G3_an_accessor_that_works_is_replaced(void **state)
{
    (void)state;
    begin_attach();
    host_run("globalThis.reads = 0; Object.defineProperty(globalThis, 'console',"
             " { get() { reads++; return 1 }, configurable: true })");
    assert_int_equal(attach(), 0);
    EXPECT_TEXT("typeof console.log + reads", "function1");
    end_attach();
}

static void G3_a_simulated_loop_leaves_the_built_ins_as_they_were(void **state)
{
    (void)state;
    js = NULL;
    begin_simulated(1, 0, false);
    begin_engine();
    host_run("globalThis.describe = { seen: new Map() };"
             "Object.defineProperty(globalThis, 'global', { value: 1 })");
    char *was = host_text(describe);
    assert_int_equal(attach(), MR_EJS);
    JS_FreeValue(context, JS_GetException(context));
    char *is = host_text(describe);
    assert_string_equal(is, was);
    free(was);
    free(is);
    end_attach();
}

/* The n-th allocation of ours fails, for every n: whole, or nothing. */
static void G3_memory_of_ours_that_is_short_leaves_all_as_it_was(void **state)
{
    (void)state;
    begin_attach();
    char *was = host_text(describe);
    bool taken = true;
    for (uint64_t n = 1; taken; n += 1 + n / 32) {
        assert_int_equal(mr_microtask(loop, nothing, NULL), 0);
        uint64_t before = mr__alloc_count();
        mr__alloc_fail_at(n);
        mr_status status = attach();
        mr__alloc_fail_at(0);
        taken = mr__alloc_count() - before >= n;
        assert_int_equal(status, taken ? MR_ENOMEM : 0);
        if (!taken)
            break;
        JS_FreeValue(context, JS_GetException(context));
        char *is = host_text(describe);
        assert_string_equal(is, was);
        free(is);
    }
    free(was);
    turn();
    end_attach();
}

/* The same for the engine's, a new one each time: a method of its own whose making fails is lost to it. */
static void G3_memory_of_the_engine_that_is_short_leaves_all_as_it_was(void **state)
{
    (void)state;
    mr_status status = MR_ENOMEM;
    for (uint64_t n = 1; status != 0; n += 1 + n / 16) {
        begin_attach();
        char *was = host_text(describe);
        engine_allocations = 0;
        engine_fails_at = n;
        status = attach();
        engine_fails_at = 0;
        assert_true(status == 0 || status == MR_ENOMEM || status == MR_EJS);
        if (status != 0) {
            JS_FreeValue(context, JS_GetException(context));
            char *is = host_text(describe);
            assert_string_equal(is, was);
            free(is);
        }
        free(was);
        end_attach();
    }
}

/* ---- I6 ---- */

static void I6_a_second_runtime_on_a_loop_is_busy(void **state)
{
    (void)state;
    begin_attach();
    create_js();
    mr_js *first = js, *second = NULL;
    const mr_js_options options = {.size_bytes = sizeof options};
    EXPECT(mr_js_create(loop, &options, &second) == MR_EBUSY);
    EXPECT(mr_js_attach(loop, context, &options, &second) == MR_EBUSY);
    EXPECT(second == NULL && js == first);
    EXPECT(JS_GetRuntimeOpaque(engine) == NULL);
    EXPECT_TEXT("6 * 7", "42");
    destroy_js();
    end_attach();
}

static void I6_a_context_that_has_a_runtime_is_busy(void **state)
{
    (void)state;
    begin_attach();
    assert_int_equal(attach(), 0);
    mr_loop *other;
    mr_js *second = NULL;
    assert_int_equal(mr_loop_create(NULL, &other), 0);
    EXPECT(mr_js_attach(other, context, NULL, &second) == MR_EBUSY);
    JSContext *sibling = JS_NewContext(engine); /* of the same engine */
    EXPECT(mr_js_attach(other, sibling, NULL, &second) == MR_EBUSY && second == NULL);
    JS_FreeContext(sibling);
    mr_loop *own = loop;
    mr_js *first = js;
    loop = other; /* of a runtime of ours */
    js = NULL;
    create_js();
    EXPECT(mr_js_attach(own, js->ctx, NULL, &second) == MR_EBUSY && second == NULL);
    destroy_js();
    mr_loop_unref(other);
    loop = own;
    js = first;
    EXPECT_TEXT("1 + 1", "2");
    end_attach();
}

static void I6_a_value_of_another_runtime_is_rejected(void **state)
{
    (void)state;
    begin_attach();
    assert_int_equal(attach(), 0);
    mr_loop *own = loop, *other;
    mr_js *first = js;
    mr_js_value *mine = eval("({ a: 1 })"), *out = NULL;
    mr_value value = value_of("({ b: 1 })"), copy = {.kind = 99};
    mr_promise *promise = promise_of("Promise.resolve(1)");
    assert_int_equal(mr_loop_create(NULL, &other), 0);
    js = NULL;
    loop = other;
    create_js();
    mr_js *second = js;
    mr_js_value *fn = eval("(x) => x");
    EXPECT(mr_js_call(second, fn, NULL, 1, &mine, &out) == MR_EINVAL);
    EXPECT(mr_js_call(second, mine, NULL, 0, NULL, &out) == MR_EINVAL);
    EXPECT(mr_js_call(second, fn, mine, 0, NULL, &out) == MR_EINVAL);
    EXPECT(mr_js_set(second, NULL, "x", mine) == MR_EINVAL);
    EXPECT(mr_js_get(second, mine, "a", &out) == MR_EINVAL);
    EXPECT(mr_js_to_value(second, mine, &copy) == MR_EINVAL && copy.kind == 99 && out == NULL);
    EXPECT(mr_js_from_value(second, mr_value_promise(promise), &out) == MR_EINVAL && out == NULL);
    show("foreign", value); /* of another runtime: nothing */
    EXPECT_TEXT("String(foreign)", "undefined");
    mr_js_value_unref(fn);
    destroy_js();
    mr_loop_unref(other);
    loop = own;
    js = first;
    mr_value_release(value);
    mr_promise_unref(promise);
    mr_js_value_unref(mine);
    end_attach();
}

/* ---- the end ---- */

static void J3_the_host_goes_on_after_the_runtime(void **state)
{
    (void)state;
    begin_attach();
    assert_int_equal(attach(), 0);
    run("globalThis.t = setTimeout(() => {}, 1000); globalThis.i = setImmediate(() => {});"
        "globalThis.s = structure = { t, i, log: console.log, env: process.env };"
        "process.on('exit', () => {}); globalThis.p = Promise.reject(1); p.catch(() => {});"
        "queueMicrotask(() => {})");
    show("c", mr_value_pointer(&loop));
    mr_promise *promise = fulfilled(5);
    show_promise("m", promise);
    mr_promise_unref(promise);
    mr_js_value *held = eval("({ held: 1 })");
    EXPECT(mr_js_destroy(js) == 0);
    js = NULL;
    JS_RunGC(engine);
    /* What he calls of ours has ended, and nothing can catch that. */
    JSValue value = host_eval("try { setTimeout(() => {}, 1) } catch { 'caught' }");
    EXPECT(JS_IsException(value));
    JS_FreeValue(context, JS_GetException(context));
    char *text = host_text("typeof setTimeout + [1, 2].map((x) => x + 1)");
    assert_string_equal(text, "function2,3");
    free(text);
    host_run("t = i = s = c = m = 0; structure = 0");
    JS_RunGC(engine);
    mr_js_value_unref(held);
    end_attach();
}

static void J3_the_loop_ends_before_the_attached_runtime(void **state)
{
    (void)state;
    for (int closes = 0; closes < 2; closes++) {
        begin_attach();
        assert_int_equal(attach(), 0);
        add_function("note", note_text, NULL);
        run("setTimeout(() => note('never'), 1000); process.on('exit', () => note('exit'));"
            "globalThis.p = new Promise(() => {})");
        if (closes)
            assert_int_equal(mr_loop_close(loop), 0);
        else
            shut_down_turned();
        assert_story(closes ? "" : "exit");
        EXPECT(mr_js_eval(js, "1", 1, NULL, MR_JS_SCRIPT, NULL) == MR_ECLOSED);
        end_attach();
    }
}

static void J3_the_host_frees_his_context_first_and_nothing_breaks(void **state)
{
    (void)state;
    begin_attach();
    assert_int_equal(attach(), 0);
    run("globalThis.t = setTimeout(() => {}, 1000)");
    JS_FreeContext(context); /* too early: the runtime holds it, too */
    EXPECT_TEXT("typeof t", "object");
    EXPECT(mr_js_destroy(js) == 0);
    js = NULL;
    JS_FreeRuntime(engine);
    shut_down_turned();
    check_all_gone();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(attached_runtime_runs_scripts_and_keeps_what_the_host_had),
        SCENARIO(microtasks_of_C_queued_before_come_first_and_in_order),
        SCENARIO(jobs_that_the_host_queued_run_with_the_loop),
        SCENARIO(G3_a_frozen_global_object_refuses_and_keeps_all),
        SCENARIO(G3_a_sealed_global_object_refuses_and_keeps_all),
        SCENARIO(G3_a_throwing_accessor_refuses_with_what_it_throws),
        SCENARIO(G3_a_name_that_is_not_configurable_refuses_and_keeps_all),
        SCENARIO(G3_a_prototype_that_throws_is_no_hindrance),
        SCENARIO(G3_an_accessor_that_works_is_replaced),
        SCENARIO(G3_a_simulated_loop_leaves_the_built_ins_as_they_were),
        SCENARIO(G3_memory_of_ours_that_is_short_leaves_all_as_it_was),
        SCENARIO(G3_memory_of_the_engine_that_is_short_leaves_all_as_it_was),
        SCENARIO(I6_a_second_runtime_on_a_loop_is_busy),
        SCENARIO(I6_a_context_that_has_a_runtime_is_busy),
        SCENARIO(I6_a_value_of_another_runtime_is_rejected),
        SCENARIO(J3_the_host_goes_on_after_the_runtime),
        SCENARIO(J3_the_loop_ends_before_the_attached_runtime),
        SCENARIO(J3_the_host_frees_his_context_first_and_nothing_breaks),
    };
    return RUN_SCENARIOS(tests);
}
