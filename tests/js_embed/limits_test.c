/* Limits: K1 an endless loop in each kind of callback, E13 an interrupt inside a promise job. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/js.h>
#include <millrace/timer.h>

enum { LIMIT_NS = 5000000 };

/* ---- A runtime whose output is kept -----------------------------------------------------------*/

struct fixture {
    mr_loop *loop;
    mr_js *js;
    char out[4096], err[8192];
    size_t out_len, err_len;
    uint32_t asked, times; /* on_limit */
    mr_js_verdict verdict;
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

static mr_js_verdict asked(mr_js *js, mr_js_limit limit, uint32_t times, void *arg)
{
    struct fixture *f = arg;
    assert_ptr_equal(js, f->js);
    assert_int_equal(limit, MR_JS_LIMIT_TIME);
    f->asked++;
    f->times = times;
    return times == 1 ? f->verdict : MR_JS_END_CALLBACK;
}

static void begin_on(struct fixture *f, mr_loop *loop, uint64_t limit_ns, mr_js_limit_fn *on_limit)
{
    mr_js_verdict verdict = f->verdict;
    *f = (struct fixture){.loop = loop, .verdict = verdict};
    const mr_js_options options = {.size_bytes = sizeof options,
                                   .write = keep,
                                   .write_arg = f,
                                   .callback_limit_ns = limit_ns,
                                   .on_limit = on_limit,
                                   .on_limit_arg = f};
    assert_int_equal(mr_js_create(f->loop, &options, &f->js), 0);
}

static void begin(struct fixture *f, uint64_t limit_ns, mr_js_limit_fn *on_limit, bool simulated)
{
    const mr_simulate simulate = {.seed = 7};
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = simulated ? &simulate : NULL};
    mr_loop *loop;
    assert_int_equal(mr_loop_create(&options, &loop), 0);
    begin_on(f, loop, limit_ns, on_limit);
}

static void end(struct fixture *f)
{
    assert_int_equal(mr_js_destroy(f->js), 0);
    (void)mr_loop_close(f->loop);
    mr_loop_unref(f->loop);
}

static mr_status eval(struct fixture *f, const char *source, mr_js_kind kind)
{
    return mr_js_eval(f->js, source, strlen(source), "test.js", kind, NULL);
}

static unsigned count(const char *text, const char *word)
{
    unsigned found = 0;
    while ((text = strstr(text, word)) != NULL) {
        found++;
        text += strlen(word);
    }
    return found;
}

/* ---- K1 ---------------------------------------------------------------------------------------*/

/* `spin` never returns; `seen` must stay empty of what starts with "no"; `next` runs afterwards. */
static const char prelude[] =
    "globalThis.seen = [];"
    "globalThis.push = Function.prototype.call.bind(Array.prototype.push);"
    "globalThis.spin = () => { try { for (;;); } catch { push(seen, 'no catch'); }"
    "                          finally { push(seen, 'no finally'); } };"
    "globalThis.no = (what) => () => push(seen, 'no ' + what);"
    "process.on('uncaughtException', no('uncaughtException'));"
    "process.on('unhandledRejection', no('unhandledRejection'));"
    "process.on('rejectionHandled', no('rejectionHandled'));";

static const struct {
    const char *name, *source;
} kinds[] = {
    {"timer", "setTimeout(spin)"},
    {"interval", "const i = setInterval(() => { if (i.n++) clearInterval(i); else spin(); }, 1);"
                 "i.n = 0"},
    {"immediate", "setImmediate(spin)"},
    {"tick", "setTimeout(() => process.nextTick(spin))"},
    {"microtask", "setTimeout(() => queueMicrotask(spin))"},
    {"reaction", "setTimeout(() => Promise.resolve().then(spin).catch(no('catch'))"
                 ".finally(no('finally')))"},
    {"async function", "setTimeout(async () => { await 0; try { spin(); } finally {"
                       " push(seen, 'no finally'); } })"},
    {"await loop", "setTimeout(async () => { try { for (;;) await 0; } finally {"
                   " push(seen, 'no finally'); } })"},
    {"microtask chain",
     "setTimeout(() => { const again = () => queueMicrotask(again); again(); })"},
    {"tick chain", "setTimeout(() => { const again = () => process.nextTick(again); again(); })"},
    {"executor", "setTimeout(() => { try { new Promise(spin); push(seen, 'no rest'); }"
                 " finally { push(seen, 'no finally'); } })"},
    {"Promise.try", "setTimeout(() => { Promise.try(spin).catch(no('catch')); })"},
    {"then getter", "setTimeout(() => { try { Promise.resolve({ get then() { spin(); } });"
                    " push(seen, 'no rest'); } finally { push(seen, 'no finally'); } })"},
    {"thenable job", "setTimeout(() => { Promise.resolve({ then: spin }).catch(no('catch')); })"},
    {"async generator", "setTimeout(() => { (async function* () { try { spin(); } finally {"
                        " push(seen, 'no finally'); } })().next().catch(no('catch')); })"},
    {"async iteration", "setTimeout(async () => { for await (const x of (async function* () {"
                        " yield 1; spin(); })()) ; push(seen, 'no rest'); })"},
    {"generator", "setTimeout(() => { const g = (function* () { try { spin(); } finally {"
                  " push(seen, 'no finally'); } })(); for (const x of g) ; })"},
    {"iterator of all", "setTimeout(() => { Promise.all({ [Symbol.iterator]: () => ({ next: spin,"
                        " return: no('return') }) }).catch(no('catch')); })"},
    {"iterator of allSettled", "setTimeout(() => { Promise.allSettled({ [Symbol.iterator]: spin })"
                               ".catch(no('catch')); })"},
    {"iterator of any", "setTimeout(() => { Promise.any({ [Symbol.iterator]: () => ({ next: () =>"
                        " ({ get done() { spin(); } }), return: no('return') }) })"
                        ".catch(no('catch')); })"},
    {"iterator of race", "setTimeout(() => { Promise.race({ [Symbol.iterator]: () => ({ next: () =>"
                         " ({ get value() { spin(); } }), return: no('return') }) })"
                         ".catch(no('catch')); })"},
    {"iterator close",
     "setTimeout(() => { for (const x of { [Symbol.iterator]: () => ({ next: () =>"
     " ({ value: 1 }), return: spin }) }) break; push(seen, 'no rest'); })"},
    {"regular expression", "setTimeout(() => { /^(a+)+$/.test('a'.repeat(60) + 'b');"
                           " push(seen, 'no rest'); })"},
    {"comparator", "setTimeout(() => { [2, 1].sort(spin); push(seen, 'no rest'); })"},
    {"toJSON", "setTimeout(() => { JSON.stringify({ toJSON: spin }); push(seen, 'no rest'); })"},
    {"proxy trap", "setTimeout(() => { 'x' in new Proxy({}, { has: spin }); push(seen, 'no rest');"
                   "})"},
    {"conversion in ours", "setTimeout(() => { setTimeout(no('timer'), { valueOf: spin });"
                           " push(seen, 'no rest'); })"},
    {"argument of ours",
     "setTimeout(() => { console.log({ [Symbol.for('nodejs.util.inspect.custom')]"
     ": spin }); push(seen, 'no rest'); })"},
    {"listener", "process.once('x', spin); process.once('x', no('listener'));"
                 "setTimeout(() => process.emit('x'))"},
    {"exception listener", "process.removeAllListeners('uncaughtException');"
                           "process.on('uncaughtException', spin);"
                           "setTimeout(() => { throw 1; })"},
    {"rejection listener", "process.removeAllListeners('unhandledRejection');"
                           "process.once('unhandledRejection', spin);"
                           "setTimeout(() => { Promise.reject(1); })"},
    {"module after its await", "import 'node:os'; await new Promise(setTimeout); spin();"
                               " push(seen, 'no rest')"},
    {"module after two", "import 'node:os'; await new Promise(setTimeout); await 0; spin();"
                         " push(seen, 'no rest')"},
    {"prepareStackTrace",
     "setTimeout(() => { Error.prepareStackTrace = spin; try { new Error().stack; }"
     " finally { Error.prepareStackTrace = undefined; } })"},
};

static void run_kind(size_t kind, bool simulated)
{
    struct fixture f = {0};
    begin(&f, LIMIT_NS, NULL, simulated);
    assert_int_equal(eval(&f, prelude, MR_JS_SCRIPT), 0);
    bool module = strncmp(kinds[kind].source, "import ", 7) == 0;
    assert_int_equal(eval(&f, kinds[kind].source, module ? MR_JS_MODULE : MR_JS_SCRIPT), 0);
    assert_int_equal(eval(&f,
                          "setTimeout(() => push(seen, 'next'), 30);"
                          "setTimeout(() => console.log(seen.join()), 60)",
                          MR_JS_SCRIPT),
                     0);
    assert_int_equal(mr_loop_run(f.loop), 0);
    if (strcmp(f.out, "next\n") != 0 || count(f.err, "time limit") != 1)
        fail_msg("%s: seen %s, reported %s", kinds[kind].name, f.out, f.err);
    int code = -1;
    assert_true(mr_js_exit_code(f.js, &code));
    assert_true(code == 0 || (code == 13 && module)); /* its evaluation stays unsettled */
    end(&f);
}

static void k1_endless_loop_in_each_kind_of_callback_is_ended_and_reported_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        run_kind(i, false);
}

static void k1_the_same_on_a_simulated_loop(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        run_kind(i, true);
}

/* ---- Entries of C -----------------------------------------------------------------------------*/

static void an_entry_of_c_answers_with_the_status_and_is_not_reported(void **state)
{
    (void)state;
    static const struct {
        mr_js_kind kind;
        const char *source;
    } entries[] = {
        {MR_JS_SCRIPT, "try { for (;;); } finally { globalThis.seen = 1; }"},
        {MR_JS_MODULE, "try { for (;;); } finally { globalThis.seen = 1; }"},
        {MR_JS_EVAL, "await 0, 1; for (;;);"}, /* the loop is in the checkpoint: that is reported */
        {MR_JS_SCRIPT, "try { new Promise(() => { for (;;); }); } finally { seen(); }"},
        {MR_JS_SCRIPT, "eval('for (;;);')"},
    };
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        struct fixture f = {0};
        begin(&f, LIMIT_NS, NULL, false);
        bool later = entries[i].kind == MR_JS_EVAL;
        assert_int_equal(eval(&f, entries[i].source, entries[i].kind), later ? 0 : MR_ETIMEDOUT);
        assert_int_equal(count(f.err, "time limit"), later);
        assert_int_equal(eval(&f, "if (globalThis.seen) throw 1", MR_JS_SCRIPT), 0);
        mr_js_value *fn;
        assert_int_equal(mr_js_eval(f.js, "(() => { for (;;); })", 21, NULL, MR_JS_SCRIPT, &fn), 0);
        assert_int_equal(mr_js_call(f.js, fn, NULL, 0, NULL, NULL), MR_ETIMEDOUT);
        mr_js_value_unref(fn);
        end(&f);
    }
}

static mr_status calls_back(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                            mr_js_value **out_value)
{
    (void)argc, (void)out_value;
    mr_status *status = arg;
    *status = mr_js_call(js, argv[0], NULL, 0, NULL, NULL);
    return MR_OK; /* does not pass it on */
}

static void script_below_a_c_function_ends_what_called_it_too(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin(&f, LIMIT_NS, NULL, false);
    mr_status inner = MR_OK;
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(f.js, "down", calls_back, &inner, &fn), 0);
    assert_int_equal(mr_js_set(f.js, NULL, "down", fn), 0);
    mr_js_value_unref(fn);
    assert_int_equal(eval(&f,
                          "try { down(() => { for (;;); }); globalThis.on = 1 }"
                          "finally { globalThis.on = 1 }",
                          MR_JS_SCRIPT),
                     MR_ETIMEDOUT);
    assert_int_equal(inner, MR_ETIMEDOUT);
    assert_int_equal(eval(&f, "if (globalThis.on) throw 1", MR_JS_SCRIPT), 0);
    assert_string_equal(f.err, "");
    end(&f);
}

/* ---- Verdicts ---------------------------------------------------------------------------------*/

static void a_grant_is_the_same_time_once_more(void **state)
{
    (void)state;
    struct fixture f = {.verdict = MR_JS_GRANT};
    begin(&f, LIMIT_NS, asked, true);
    assert_int_equal(eval(&f, "for (;;);", MR_JS_SCRIPT), MR_ETIMEDOUT);
    assert_int_equal(f.asked, 2);
    assert_int_equal(f.times, 2);
    assert_int_equal(eval(&f, "for (;;);", MR_JS_SCRIPT), MR_ETIMEDOUT);
    assert_int_equal(f.asked, 4); /* another task counts anew */
    end(&f);
}

static void a_runtime_that_is_ended_runs_nothing_more(void **state)
{
    (void)state;
    struct fixture f = {.verdict = MR_JS_END_RUNTIME};
    begin(&f, LIMIT_NS, asked, false);
    assert_int_equal(eval(&f,
                          "process.on('exit', () => console.log('exit'));"
                          "setTimeout(() => { Promise.resolve().then(() => console.log('then'));"
                          "  process.nextTick(() => console.log('tick')); for (;;); });"
                          "setTimeout(() => console.log('timer'), 5)",
                          MR_JS_SCRIPT),
                     0);
    assert_int_equal(mr_loop_run(f.loop), 0);
    int code;
    assert_true(mr_js_exit_code(f.js, &code));
    assert_int_equal(code, 124);
    assert_int_equal(mr_js_finish(f.js), 124);
    assert_string_equal(f.out, "");
    assert_int_equal(count(f.err, "time limit"), 1);
    assert_int_equal(eval(&f, "1", MR_JS_SCRIPT), MR_ECLOSED);
    end(&f);
}

static void the_limit_is_per_task_and_waiting_does_not_count(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin(&f, 50000000, asked, false);
    static const char source[] =
        "const busy = (ms) => { const end = performance.now() + ms; while (performance.now() < "
        "end); };"
        "let n = 0; const again = () => { busy(5); if (++n < 20) setTimeout(again, 5); }; again()";
    assert_int_equal(eval(&f, source, MR_JS_SCRIPT), 0);
    assert_int_equal(mr_loop_run(f.loop), 0);
    assert_string_equal(f.err, ""); /* 100 ms in all, 5 in each */
    end(&f);
}

static void the_checkpoint_belongs_to_its_callback(void **state)
{
    (void)state;
    struct fixture f = {.verdict = MR_JS_END_CALLBACK};
    begin(&f, 0, asked, true);
    assert_int_equal(mr_js_set_callback_limit(f.js, 30000000), 0); /* 300 polls */
    /* Each job takes about 100 polls: 20 of them are one task too long, in 20 timers they are not. */
    static const char source[] =
        "const busy = () => { for (let i = 0; i < 1e6; i++); };"
        "let jobs = 0; const job = () => { busy(); if (++jobs < 20) queueMicrotask(job); };"
        "let timers = 0; const timer = () => { busy(); if (++timers < 20) setTimeout(timer);"
        "  else queueMicrotask(job); }; timer();"
        "process.on('exit', () => console.log(timers, jobs < 20))";
    assert_int_equal(eval(&f, source, MR_JS_SCRIPT), 0);
    assert_int_equal(mr_loop_turn(f.loop, 0), 0);
    while (f.asked == 0 && mr_loop_turn(f.loop, UINT64_MAX) == MR_OK) {
    }
    assert_int_equal(f.asked, 1);
    (void)mr_js_finish(f.js);
    assert_string_equal(f.out, "20 true\n");
    end(&f);
}

/* ---- Interrupts -------------------------------------------------------------------------------*/

struct interrupter {
    pthread_t thread;
    mr_js *js;
    mr_js_interrupt_reason reason;
    _Atomic bool running; /* the script says so */
};

static void *interrupt(void *arg)
{
    struct interrupter *self = arg;
    while (!atomic_load(&self->running)) {
    }
    assert_int_equal(mr_js_interrupt(self->js, self->reason), 0);
    return NULL;
}

static mr_status say_running(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                             mr_js_value **out_value)
{
    (void)js, (void)argc, (void)argv, (void)out_value;
    struct interrupter *self = arg;
    atomic_store(&self->running, true);
    return MR_OK;
}

static void interrupted_run(struct fixture *f, mr_js_interrupt_reason reason, const char *source)
{
    begin(f, 0, NULL, false);
    struct interrupter self = {.js = f->js, .reason = reason};
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(f->js, "running", say_running, &self, &fn), 0);
    assert_int_equal(mr_js_set(f->js, NULL, "running", fn), 0);
    mr_js_value_unref(fn);
    assert_int_equal(pthread_create(&self.thread, NULL, interrupt, &self), 0);
    assert_int_equal(eval(f, source, MR_JS_SCRIPT), 0);
    assert_int_equal(mr_loop_run(f->loop), 0);
    assert_int_equal(pthread_join(self.thread, NULL), 0);
}

static void e13_interrupt_inside_a_promise_job_is_reported_and_the_next_callback_runs(void **state)
{
    (void)state;
    struct fixture f = {0};
    interrupted_run(&f, MR_JS_INTERRUPT_CALLBACK,
                    "const no = () => console.log('no');"
                    "process.on('unhandledRejection', no); process.on('uncaughtException', no);"
                    "setTimeout(() => { Promise.resolve().then(() => { running(); for (;;); })"
                    "  .then(no, no); queueMicrotask(() => console.log('microtask')) });"
                    "setTimeout(() => console.log('timer'), 5)");
    assert_string_equal(f.out, "microtask\ntimer\n");
    assert_int_equal(count(f.err, "interrupted"), 1);
    int code = -1;
    assert_true(mr_js_exit_code(f.js, &code) && code == 0);
    end(&f);
}

static void e13_interrupt_of_the_runtime_inside_a_promise_job_ends_it(void **state)
{
    (void)state;
    struct fixture f = {0};
    interrupted_run(&f, MR_JS_INTERRUPT_RUNTIME,
                    "const no = () => console.log('no'); process.on('exit', no);"
                    "process.on('unhandledRejection', no); process.on('uncaughtException', no);"
                    "setTimeout(() => { Promise.resolve().then(() => { running(); for (;;); })"
                    "  .then(no, no); queueMicrotask(no) }); setTimeout(no, 5)");
    assert_string_equal(f.out, "");
    assert_int_equal(count(f.err, "interrupted"), 1);
    assert_true(mr_js_exit_code(f.js, NULL));
    end(&f);
}

static void an_interrupt_while_nothing_runs(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin(&f, 0, NULL, false);
    assert_int_equal(mr_js_interrupt(NULL, MR_JS_INTERRUPT_CALLBACK), MR_EINVAL);
    assert_int_equal(mr_js_interrupt(f.js, (mr_js_interrupt_reason)0), MR_EINVAL);
    assert_int_equal(mr_js_interrupt(f.js, MR_JS_INTERRUPT_CALLBACK), 0); /* is forgotten */
    assert_int_equal(eval(&f, "for (let i = 0; i < 1e5; i++);", MR_JS_SCRIPT), 0);
    assert_int_equal(mr_js_interrupt(f.js, MR_JS_INTERRUPT_RUNTIME), 0); /* is not */
    assert_int_equal(mr_js_interrupt(f.js, MR_JS_INTERRUPT_CALLBACK), 0);
    assert_int_equal(eval(&f, "console.log(1)", MR_JS_SCRIPT), MR_ECANCELED);
    assert_int_equal(eval(&f, "1", MR_JS_SCRIPT), MR_ECLOSED);
    assert_string_equal(f.out, "");
    end(&f);
}

/* ---- The stack --------------------------------------------------------------------------------*/

static const char recursion[] =
    "let depth = 0; const down = () => { depth++; down(); };"
    "for (let i = 0; i < 3; i++) { try { down(); throw 'none'; } catch (e) {"
    "  if (!(e instanceof RangeError)) throw e; } }"
    "for (const f of [() => JSON.parse('['.repeat(2e5)), () => { let a = []; for (let i = 0; i < "
    "2e5;"
    "  i++) a = [a]; return JSON.stringify(a); }, () => new Function('('.repeat(2e5)),"
    "  () => new RegExp('('.repeat(2e5))]) { try { f(); } catch (e) {"
    "  if (!(e instanceof RangeError || e instanceof SyntaxError || e instanceof Error)) throw e; "
    "} }"
    "depth";

static void *run_on_thread(void *arg)
{
    struct fixture *f = arg;
    begin(f, 0, NULL, false);
    mr_js_value *value;
    double depth = 0;
    assert_int_equal(mr_js_eval(f->js, recursion, sizeof recursion - 1, NULL, MR_JS_SCRIPT, &value),
                     0);
    assert_int_equal(mr_js_to_double(f->js, value, &depth), 0);
    assert_true(depth >= 30);
    mr_js_value_unref(value);
    end(f);
    return NULL;
}

static void overflow_is_a_range_error_on_threads_of_every_size(void **state)
{
    (void)state;
    static const size_t kib[] = {256, 320, 512, 1024, 8192};
    for (size_t i = 0; i < sizeof kib / sizeof kib[0]; i++) {
        struct fixture f = {0};
        pthread_t thread;
        pthread_attr_t attributes;
        assert_int_equal(pthread_attr_init(&attributes), 0);
        assert_int_equal(pthread_attr_setstacksize(&attributes, kib[i] * 1024), 0);
        assert_int_equal(pthread_create(&thread, &attributes, run_on_thread, &f), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        (void)pthread_attr_destroy(&attributes);
    }
    struct fixture f = {0};
    (void)run_on_thread(&f);
}

/* Called with most of a thread's stack in use already: what is left counts. */
static void *run_deep(void *arg)
{
    volatile char used[600 * 1024];
    used[0] = used[sizeof used - 1] = 1;
    return run_on_thread(arg);
}

static void the_stack_is_measured_where_script_is_entered(void **state)
{
    (void)state;
    struct fixture f = {0};
    pthread_t thread;
    pthread_attr_t attributes;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 1024 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_deep, &f), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_attr_destroy(&attributes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_of_c_answers_with_the_status_and_is_not_reported),
        cmocka_unit_test(script_below_a_c_function_ends_what_called_it_too),
        cmocka_unit_test(a_grant_is_the_same_time_once_more),
        cmocka_unit_test(a_runtime_that_is_ended_runs_nothing_more),
        cmocka_unit_test(the_limit_is_per_task_and_waiting_does_not_count),
        cmocka_unit_test(the_checkpoint_belongs_to_its_callback),
        cmocka_unit_test(e13_interrupt_inside_a_promise_job_is_reported_and_the_next_callback_runs),
        cmocka_unit_test(e13_interrupt_of_the_runtime_inside_a_promise_job_ends_it),
        cmocka_unit_test(an_interrupt_while_nothing_runs),
        cmocka_unit_test(overflow_is_a_range_error_on_threads_of_every_size),
        cmocka_unit_test(the_stack_is_measured_where_script_is_entered),
        cmocka_unit_test(k1_endless_loop_in_each_kind_of_callback_is_ended_and_reported_once),
        cmocka_unit_test(k1_the_same_on_a_simulated_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
