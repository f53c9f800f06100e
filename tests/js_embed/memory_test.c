/* Memory: G6 the limit in a microtask and in a timer, E13 out of memory inside a promise job, the n-th
 * allocation fails while script runs, J2, and runtimes made and destroyed in a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/js.h>

#include "base/memory.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

struct fixture {
    mr_loop *loop;
    mr_js *js;
    char out[4096], err[8192];
    size_t out_len, err_len;
};

static void keep(int stream, const char *data, size_t len, void *arg)
{
    struct fixture *f = arg;
    char *text = stream == 1 ? f->out : f->err;
    size_t *have = stream == 1 ? &f->out_len : &f->err_len;
    size_t room = (stream == 1 ? sizeof(f->out) : sizeof(f->err)) - 1 - *have;
    if (len > room)
        len = room;
    memcpy(text + *have, data, len);
    *have += len;
    text[*have] = '\0';
}

static void begin(struct fixture *f, size_t limit_bytes)
{
    *f = (struct fixture){0};
    const mr_loop_options loop_options = {.size_bytes = sizeof loop_options, .auto_exit = true};
    assert_int_equal(mr_loop_create(&loop_options, &f->loop), 0);
    const mr_js_options options = {.size_bytes = sizeof options,
                                   .write = keep,
                                   .write_arg = f,
                                   .memory_limit_bytes = limit_bytes};
    assert_int_equal(mr_js_create(f->loop, &options, &f->js), 0);
}

static void end(struct fixture *f)
{
    assert_int_equal(mr_js_destroy(f->js), 0);
    (void)mr_loop_close(f->loop);
    mr_loop_unref(f->loop);
}

static mr_status eval(struct fixture *f, const char *source)
{
    return mr_js_eval(f->js, source, strlen(source), "test.js", MR_JS_SCRIPT, NULL);
}

/* ---- The limit --------------------------------------------------------------------------------*/

/* Each way of using more and more memory, in a timer, a microtask, a tick and a promise job; later
 * callbacks run, what was used is given back, and it is told of: thrown or reported. */
static const char *const hungry[] = {
    "const a = []; for (;;) a.push({ x: {} })",
    "let o = null; for (;;) o = { o }",
    "let s = 'x'; for (;;) s += s + 'y'",
    "const a = []; for (;;) a.push(new Uint8Array(100000))",
    "const a = []; for (;;) a.push(new ArrayBuffer(1 << 20))",
    "new Array(1e7).fill(1).map(String)",
    "const m = new Map(); for (let i = 0;; i++) m.set(i, [i])",
    "const a = []; for (;;) a.push(Symbol('x' + a.length))",
    "const a = []; for (;;) a.push(() => a)",
    "const a = []; for (;;) a.push('x'.repeat(1000) + a.length)",
    "JSON.parse('[' + '[1,2,3,4,5,6,7,8,9,10],'.repeat(1e5) + '1]')",
    "for (;;) Promise.resolve().then(() => {})",
    "const a = []; for (;;) { a.push(new Error('x')) }",
    "'x,'.repeat(1e6).split(',')",
    "const a = []; for (;;) a.push(f.bind(null, a))",
    "function* g() { for (;;) yield {}; } Array.from(g())",
    "f(...new Array(30000).fill(0).map(() => new Array(1000).fill(0)))",
    "const a = []; for (;;) try { a.push(new Array(1000).fill(0)) } catch {}",
    "const a = []; for (;;) try { a.push({}) } finally { a.push([]) }",
};

static const char *const places[] = {
    "setTimeout(() => { %s; })",
    "setTimeout(() => queueMicrotask(() => { %s; }))",
    "setTimeout(() => process.nextTick(() => { %s; }))",
    "setTimeout(() => { Promise.resolve().then(() => { %s; }); })",
    "setTimeout(async () => { await 0; %s; })",
};

static void run_hungry(const char *place, const char *code)
{
    struct fixture f;
    char source[512];
    begin(&f, 8 * 1024 * 1024);
    assert_int_equal(eval(&f, "const f = () => {}; let told = 0;"
                              "process.on('uncaughtException', () => told++);"
                              "process.on('unhandledRejection', () => told++)"),
                     0);
    snprintf(source, sizeof source, place, code);
    assert_int_equal(eval(&f, source), 0);
    assert_int_equal(eval(&f, "setTimeout(() => setTimeout(() => {"
                              "  const a = []; for (let i = 0; i < 1000; i++) a.push({ i });"
                              "  console.log('later', a.length, told) }, 1), 1)"),
                     0);
    assert_int_equal(mr_loop_run(f.loop), 0);
    bool thrown = strcmp(f.out, "later 1000 1\n") == 0;
    bool ended = strcmp(f.out, "later 1000 0\n") == 0 && strstr(f.err, "memory") != NULL;
    if (!thrown && !ended)
        fail_msg("%s: %s %s", source, f.out, f.err);
    end(&f);
}

static void g6_e13_memory_limit_is_told_of_and_later_callbacks_run(void **state)
{
    (void)state;
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        for (size_t i = 0; i < sizeof hungry / sizeof hungry[0]; i++) {
            if (!SANITIZED || (i + place) % 5 == 0)
                run_hungry(places[place], hungry[i]);
        }
    }
}

static void g6_garbage_is_collected_before_the_limit_is_said_to_be_reached(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 8 * 1024 * 1024);
    assert_int_equal(eval(&f,
                          "const keep = new Uint8Array(4e6);"
                          "for (let i = 0; i < 1e5; i++) { const a = { s: 'x'.repeat(100) };"
                          "  a.a = a; }"
                          "for (let i = 0; i < 2000; i++) { const a = { b: new ArrayBuffer(1e4) };"
                          "  a.a = a; }"),
                     0);
    assert_string_equal(f.err, "");
    end(&f);
}

/* ---- The n-th allocation ----------------------------------------------------------------------*/

/* What uses each family; each is run with every allocation failing once. */
static const char *const families[] = {
    "setTimeout(f, 0, 1, 2, 3, 4, 5); setInterval(f, 1).unref(); setImmediate(f); "
    "clearTimeout(+setTimeout(f))",
    "queueMicrotask(f); process.nextTick(f, 1, 2, 3, 4, 5, 6); Promise.resolve().then(f)",
    "console.log({ a: [1, 2, { b: new Map([[1, 2]]) }], e: new Error('x') }, 'y'); "
    "console.table([{ a: 1 }])",
    "process.once('x', f); process.emit('x'); process.emitWarning('w'); process.env.Q = '1'",
    "require('node:util').inspect(new Proxy({}, {})); require('node:path').resolve('a')",
    "Promise.reject(new Error('x')).catch(f); Promise.all([1, Promise.resolve()]).then(f)",
    "new DOMException('a', 'AbortError').stack; performance.now(); process.memoryUsage()",
    "(async () => { for await (const x of [1, 2]) await null; })(); f.bind(1, 2)",
    "JSON.parse('{\"a\":[1,2,3]}'); /a+(b)/.exec('aab'); 'a,b'.split(','); [3, 1, 2].sort()",
    "require('node:fs').existsSync('/'); require('node:fs').promises.stat('/').then(f, f)",
    "throw new TypeError('x')",
};

static void run_with_failure(const char *source, uint64_t n, bool *out_taken)
{
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(eval(&f, "process.on('uncaughtException', () => {}); const f = () => {};"
                              "const require = process.getBuiltinModule ?? (() => ({}))"),
                     0);
    uint64_t before = mr__alloc_count();
    mr__alloc_fail_at(n);
    mr_status status = eval(&f, source);
    if (status == MR_EJS)
        mr_js_raise(f.js);
    (void)mr_loop_turn(f.loop, 0);
    (void)mr_loop_turn(f.loop, 0);
    *out_taken = mr__alloc_count() - before >= n;
    mr__alloc_fail_at(0);
    end(&f);
}

static void n_th_allocation_fails_in_each_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        bool taken = true;
        for (uint64_t n = 1; taken; n += SANITIZED ? 1 + n / 8 : 1)
            run_with_failure(families[i], n, &taken);
    }
}

/* ---- What is let go ---------------------------------------------------------------------------*/

static void j2_closures_of_what_is_done_are_collected(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    static const char source[] =
        "let gone = new Set(); const registry = new FinalizationRegistry((x) => gone.add(x));"
        "const watch = (name) => { const o = { name }; registry.register(o, name); return () => o; "
        "};"
        "globalThis.kept = [];"
        "setTimeout(watch('cleared timer')).close();"
        "kept.push(setTimeout(watch('cleared and kept'))); clearTimeout(kept[0]);"
        "setTimeout(watch('fired timer'));"
        "kept.push(setImmediate(watch('fired and kept')));"
        "{ const i = setInterval(watch('cleared interval')); clearInterval(+i); }"
        "setTimeout((o) => {}, 0, watch('argument'));"
        "setImmediate(watch('immediate')); clearImmediate(setImmediate(watch('cleared "
        "immediate')));"
        "process.nextTick(watch('tick')); queueMicrotask(watch('microtask'));"
        "process.once('x', watch('once')); process.emit('x');"
        "{ const l = watch('listener'); process.on('y', l); process.off('y', l); }"
        "Promise.resolve().then(watch('reaction'));"
        "setTimeout(() => { for (let i = 0; i < 5e4; i++) { const a = {}; a.a = a } }, 5);"
        "setTimeout(() => console.log([...gone].sort().join()), 20);";
    assert_int_equal(eval(&f, source), 0);
    assert_int_equal(mr_loop_run(f.loop), 0);
    assert_string_equal(f.out, "argument,cleared and kept,cleared immediate,cleared interval,"
                               "cleared timer,fired and kept,fired timer,immediate,listener,"
                               "microtask,once,reaction,tick\n");
    end(&f);
}

static void settle_and_drop(struct fixture *f, unsigned how)
{
    mr_js_value *promise, *fn, *argv[1];
    mr_settler settler;
    assert_int_equal(mr_js_promise_create(f->js, &promise, &settler), 0);
    static const char source[] = "(p) => { const o = {}; registry.register(o, 1);"
                                 " p.then(() => o, () => o) }";
    assert_int_equal(mr_js_eval(f->js, source, sizeof source - 1, NULL, MR_JS_SCRIPT, &fn), 0);
    argv[0] = promise;
    assert_int_equal(mr_js_call(f->js, fn, NULL, 1, argv, NULL), 0);
    if (how == 1)
        assert_int_equal(mr_settler_resolve(f->loop, settler, mr_value_int(1)), 0);
    if (how == 2)
        assert_int_equal(mr_settler_reject(f->loop, settler, mr_value_int(1)), 0);
    mr_js_value_unref(fn);
    mr_js_value_unref(promise);
}

static void j2_closures_of_settled_host_promises_are_collected(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0);
    assert_int_equal(eval(&f,
                          "let gone = 0; const registry = new FinalizationRegistry(() => gone++);"
                          "setTimeout(() => setTimeout(() => console.log(gone), 5), 5)"),
                     0);
    settle_and_drop(&f, 1);
    settle_and_drop(&f, 2);
    assert_int_equal(mr_loop_run(f.loop), 0);
    assert_string_equal(f.out, "2\n");
    end(&f);
}

/* ---- Runtimes in a row ------------------------------------------------------------------------*/

static void runtimes_in_a_row_keep_nothing(void **state)
{
    (void)state;
    mr_loop *loop;
    assert_int_equal(mr_loop_create(NULL, &loop), 0);
    /* MR_RUNTIMES: how many; 10000 take 20 s and more. */
    const char *wanted = getenv("MR_RUNTIMES");
    int count = wanted != NULL ? atoi(wanted) : SANITIZED ? 200 : 1000;
    uint64_t first = 0;
    for (int i = 0; i < count; i++) {
        mr_js *js;
        uint64_t before = mr__alloc_count();
        assert_int_equal(mr_js_create(loop, NULL, &js), 0);
        assert_int_equal(mr_js_destroy(js), 0);
        uint64_t took = mr__alloc_count() - before;
        if (i == 1)
            first = took;
        if (i > 1)
            assert_true(took == first); /* nothing grows from one to the next */
    }
    assert_int_equal(mr_loop_close(loop), 0);
    mr_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g6_e13_memory_limit_is_told_of_and_later_callbacks_run),
        cmocka_unit_test(g6_garbage_is_collected_before_the_limit_is_said_to_be_reached),
        cmocka_unit_test(n_th_allocation_fails_in_each_family),
        cmocka_unit_test(j2_closures_of_what_is_done_are_collected),
        cmocka_unit_test(j2_closures_of_settled_host_promises_are_collected),
        cmocka_unit_test(runtimes_in_a_row_keep_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
