/* The embedding API: a runtime on a loop of a C program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <millrace/js.h>
#include <millrace/millrace.h>

/* ---- A loop, a runtime, what was written ------------------------------------------------------*/

struct world {
    mr_loop *loop;
    mr_js *js;
    char out[8192], err[8192];
    size_t out_len, err_len;
};

static void on_write(int stream, const char *data, size_t len, void *arg)
{
    struct world *world = arg;
    char *text = stream == 1 ? world->out : world->err;
    size_t *used = stream == 1 ? &world->out_len : &world->err_len;
    assert_true(*used + len < sizeof(world->out));
    memcpy(text + *used, data, len);
    *used += len;
    text[*used] = '\0';
}

static void say(struct world *world, const char *text)
{
    on_write(1, text, strlen(text), world);
}

static void on_quiescence(void *arg)
{
    struct world *world = arg;
    if (world->js != NULL)
        mr_js_before_exit(world->js);
}

static mr_status create(struct world *world, mr_js **out_js)
{
    const mr_js_options options = {
        .size_bytes = sizeof(options), .write = on_write, .write_arg = world};
    return mr_js_create(world->loop, &options, out_js);
}

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.loop = NULL};
    const mr_loop_options options = {.size_bytes = sizeof(options),
                                     .auto_exit = true,
                                     .on_quiescence = on_quiescence,
                                     .arg = &world};
    assert_int_equal(mr_loop_create(&options, &world.loop), 0);
    assert_int_equal(create(&world, &world.js), 0);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    assert_int_equal(mr_js_destroy(world->js), 0);
    mr_loop_unref(world->loop);
    return 0;
}

static mr_js_value *eval(struct world *world, const char *source)
{
    mr_js_value *value = NULL;
    mr_status status = mr_js_eval(world->js, source, strlen(source), NULL, MR_JS_SCRIPT, &value);
    if (status != 0)
        print_error("%s: %s\n", source, mr_js_last_error(world->js));
    assert_int_equal(status, 0);
    return value;
}

static void run_code(struct world *world, const char *source)
{
    mr_js_value_unref(eval(world, source));
}

static void assert_text(struct world *world, mr_js_value *value, const char *expected)
{
    char *text;
    size_t len;
    assert_int_equal(mr_js_to_string(world->js, value, &text, &len), 0);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
    mr_js_free(text);
}

/* ---- Creation ---------------------------------------------------------------------------------*/

static void create_checks_its_arguments(void **state)
{
    struct world *world = *state;
    mr_js *js = (mr_js *)world;
    const mr_js_options bad_size = {.size_bytes = 1};
    assert_int_equal(mr_js_create(NULL, NULL, &js), MR_EINVAL);
    assert_int_equal(mr_js_create(world->loop, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_js_create(world->loop, &bad_size, &js), MR_EINVAL);
    assert_ptr_equal(js, world);
    assert_int_equal(mr_js_destroy(NULL), 0);
}

static void second_runtime_on_a_loop_is_busy(void **state)
{
    struct world *world = *state;
    mr_js *js = NULL;
    assert_int_equal(create(world, &js), MR_EBUSY);
    assert_null(js);
    assert_int_equal(mr_js_destroy(world->js), 0);
    assert_int_equal(create(world, &world->js), 0);
}

static void create_on_a_closed_loop_is_refused(void **state)
{
    (void)state;
    mr_loop *loop;
    mr_js *js = NULL;
    assert_int_equal(mr_loop_create(NULL, &loop), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(mr_js_create(loop, NULL, &js), MR_ECLOSED);
    mr_loop_unref(loop);
}

static void runtime_works_without_options(void **state)
{
    (void)state;
    mr_loop *loop;
    mr_js *js;
    assert_int_equal(mr_loop_create(NULL, &loop), 0);
    assert_int_equal(mr_js_create(loop, NULL, &js), 0);
    assert_int_equal(mr_js_eval(js, "console.log(1)", 14, NULL, MR_JS_SCRIPT, NULL), 0);
    assert_int_equal(mr_js_destroy(js), 0);
    mr_loop_unref(loop);
}

static void engine_version_has_three_numbers(void **state)
{
    (void)state;
    int major, minor, patch;
    assert_int_equal(sscanf(mr_js_engine_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

/* ---- Evaluation and calls ---------------------------------------------------------------------*/

static void eval_gives_the_completion_value(void **state)
{
    struct world *world = *state;
    mr_js_value *value = eval(world, "6 * 7");
    double number;
    assert_int_equal(mr_js_to_double(world->js, value, &number), 0);
    assert_true(number == 42);
    assert_text(world, value, "42");
    mr_js_value_unref(value);
}

static void eval_runs_a_checkpoint_before_it_returns(void **state)
{
    struct world *world = *state;
    run_code(world, "process.nextTick(() => console.log('tick'));"
                    "Promise.resolve().then(() => console.log('promise')); console.log('code');");
    assert_string_equal(world->out, "code\ntick\npromise\n");
}

static void eval_reports_what_was_thrown(void **state)
{
    struct world *world = *state;
    mr_js_value *value = (mr_js_value *)world;
    const char source[] = "'line 1';\n  throw new TypeError('mine');";
    assert_string_equal(mr_js_last_error(world->js), "");
    assert_int_equal(mr_js_eval(world->js, source, strlen(source), "x.js", MR_JS_SCRIPT, &value),
                     MR_EJS);
    assert_ptr_equal(value, world);
    const char *text = mr_js_last_error(world->js);
    assert_non_null(strstr(text, "x.js:2:"));
    assert_non_null(strstr(text, "  throw new TypeError('mine');\n"));
    assert_non_null(strstr(text, "Uncaught TypeError: mine"));
    assert_string_equal(world->err, "");
}

static void raise_goes_through_uncaught_exception(void **state)
{
    struct world *world = *state;
    run_code(world, "process.on('uncaughtException', (value) => console.log('heard', value));");
    assert_int_equal(mr_js_eval(world->js, "throw 5", 7, NULL, MR_JS_SCRIPT, NULL), MR_EJS);
    mr_js_raise(world->js);
    assert_string_equal(world->out, "heard 5\n");
    assert_false(mr_js_exit_code(world->js, NULL));
}

static void raise_unheard_ends_the_runtime_but_not_the_process(void **state)
{
    struct world *world = *state;
    int status;
    assert_int_equal(mr_js_eval(world->js, "throw 5", 7, NULL, MR_JS_SCRIPT, NULL), MR_EJS);
    mr_js_raise(world->js);
    assert_string_equal(world->err, "Uncaught 5\n");
    assert_true(mr_js_exit_code(world->js, &status));
    assert_int_equal(status, 1);
    assert_int_equal(mr_js_eval(world->js, "1", 1, NULL, MR_JS_SCRIPT, NULL), MR_ECLOSED);
}

static void exit_in_eval_is_canceled_and_stops_timers(void **state)
{
    struct world *world = *state;
    const char source[] = "setInterval(() => {}, 1); setImmediate(() => console.log('never'));"
                          "process.on('exit', (c) => console.log('exit', c));"
                          "try { process.exit(3); } finally { console.log('never'); }";
    assert_int_equal(mr_js_eval(world->js, source, strlen(source), NULL, MR_JS_SCRIPT, NULL),
                     MR_ECANCELED);
    assert_int_equal(mr_loop_run(world->loop), 0); /* nothing keeps it alive */
    assert_string_equal(world->out, "exit 3\n");
    assert_int_equal(mr_js_finish(world->js), 3);
}

static void module_promise_and_late_throw(void **state)
{
    struct world *world = *state;
    const char source[] = "await new Promise((r) => setTimeout(r, 1)); throw 'late';";
    run_code(world, "process.on('uncaughtException', (v, o) => console.log(v, o));");
    mr_js_value *promise;
    assert_int_equal(mr_js_eval(world->js, source, strlen(source), "m.js", MR_JS_MODULE, &promise),
                     0);
    assert_text(world, promise, "[object Promise]");
    mr_js_value_unref(promise);
    assert_int_equal(mr_loop_run(world->loop), 0);
    assert_string_equal(world->out, "late unhandledRejection\n");
}

static void call_passes_this_and_arguments(void **state)
{
    struct world *world = *state;
    mr_js_value *fn = eval(world, "(function (...a) { return this.name + a.join(); })");
    mr_js_value *object = eval(world, "({ name: 'n' })"), *args[20], *result;
    for (int i = 0; i < 20; i++)
        assert_int_equal(mr_js_from_int64(world->js, i, &args[i]), 0);
    assert_int_equal(mr_js_call(world->js, fn, object, 2, args, &result), 0);
    assert_text(world, result, "n0,1");
    mr_js_value_unref(result);
    assert_int_equal(mr_js_call(world->js, fn, object, 20, args, &result), 0);
    assert_text(world, result, "n0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19");
    mr_js_value_unref(result);
    assert_int_equal(mr_js_call(world->js, object, NULL, 0, NULL, NULL), MR_EJS);
    for (int i = 0; i < 20; i++)
        mr_js_value_unref(args[i]);
    mr_js_value_unref(object);
    mr_js_value_unref(fn);
}

static void properties_are_read_and_written(void **state)
{
    struct world *world = *state;
    mr_js_value *value, *text, *object = eval(world, "globalThis.o = { a: 1 }");
    assert_int_equal(mr_js_from_string(world->js, "gr\xc3\xbc\xc3\x9f\x65", 7, &text), 0);
    assert_int_equal(mr_js_set(world->js, object, "b", text), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "g", text), 0);
    assert_int_equal(mr_js_get(world->js, NULL, "g", &value), 0);
    assert_text(world, value, "gr\xc3\xbc\xc3\x9f\x65");
    mr_js_value_unref(value);
    value = eval(world, "o.a + o.b + g.length");
    assert_text(world, value,
                "1gr\xc3\xbc\xc3\x9f\x65"
                "5");
    mr_js_value_unref(value);
    value = eval(world, "({ get x() { throw 1; } })");
    assert_int_equal(mr_js_get(world->js, value, "x", &text), MR_EJS);
    mr_js_value_unref(value);
    mr_js_value_unref(text);
    mr_js_value_unref(object);
}

/* ---- Conversions ------------------------------------------------------------------------------*/

static void numbers_keep_their_value_across_the_boundary(void **state)
{
    struct world *world = *state;
    const int64_t safe = (INT64_C(1) << 53) - 1;
    const int64_t numbers[] = {0, 1, -1, safe, -safe, safe + 1, -safe - 1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        mr_js_value *value;
        int64_t back = 1234;
        assert_int_equal(mr_js_from_int64(world->js, numbers[i], &value), 0);
        assert_int_equal(mr_js_to_int64(world->js, value, &back), 0);
        assert_true(back == numbers[i]);
        mr_js_value_unref(value);
    }
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct world *world = *state;
    const char *sources[] = {"2 ** 53",   "-(2 ** 53)",        "NaN",      "Infinity", "0.5",
                             "2n ** 63n", "-(2n ** 63n) - 1n", "2n ** 64n"};
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        mr_js_value *value = eval(world, sources[i]);
        int64_t number = 77;
        assert_int_equal(mr_js_to_int64(world->js, value, &number), MR_ERANGE);
        assert_int_equal(number, 77);
        mr_js_value_unref(value);
    }
}

static void bad_utf8_and_lone_surrogates_become_replacement_characters(void **state)
{
    struct world *world = *state;
    mr_js_value *value;
    assert_int_equal(mr_js_from_string(world->js,
                                       "a\xff"
                                       "b",
                                       3, &value),
                     0);
    assert_text(world, value,
                "a\xef\xbf\xbd"
                "b");
    mr_js_value_unref(value);
    value = eval(world, "'x\\ud800y\\udc00'");
    assert_text(world, value, "x\xef\xbf\xbdy\xef\xbf\xbd");
    mr_js_value_unref(value);
    char *text;
    size_t len;
    assert_int_equal(mr_js_from_string(world->js, "a\0b", 3, &value), 0);
    assert_int_equal(mr_js_to_string(world->js, value, &text, &len), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 4);
    mr_js_free(text);
    mr_js_value_unref(value);
}

static void inspect_shows_what_the_console_shows(void **state)
{
    struct world *world = *state;
    mr_js_value *value = eval(world, "({ a: [1, 's'], b: new Map([[1, 2]]) })");
    char *text;
    assert_int_equal(mr_js_inspect(world->js, value, &text, NULL), 0);
    assert_string_equal(text, "{ a: [ 1, 's' ], b: Map(1) { 1 => 2 } }");
    mr_js_free(text);
    mr_js_value_unref(value);
}

/* ---- Functions of C ---------------------------------------------------------------------------*/

static mr_status join(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                      mr_js_value **out_value)
{
    char text[256] = "";
    for (size_t i = 0; i < argc; i++) {
        char *part;
        mr_status status = mr_js_to_string(js, argv[i], &part, NULL);
        if (status != 0)
            return status;
        strncat(text, part, sizeof(text) - strlen(text) - 1);
        mr_js_free(part);
    }
    strncat(text, arg, sizeof(text) - strlen(text) - 1);
    return mr_js_from_string(js, text, strlen(text), out_value);
}

static mr_status refuse(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                        mr_js_value **out_value)
{
    (void)js, (void)argc, (void)argv, (void)out_value;
    return *(mr_status *)arg;
}

static void c_function_is_called_from_script(void **state)
{
    struct world *world = *state;
    char suffix[] = "!";
    mr_js_value *fn, *value;
    assert_int_equal(mr_js_function_create(world->js, "join", join, suffix, &fn), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "join", fn), 0);
    mr_js_value_unref(fn);
    value = eval(world, "join.name + join() + join(1, 'x', 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)");
    assert_text(world, value, "join!1x234567891011!");
    mr_js_value_unref(value);
    value = eval(world, "try { join({ toString() { throw 'own'; } }) } catch (e) { e }");
    assert_text(world, value, "own");
    mr_js_value_unref(value);
}

static void status_of_a_c_function_becomes_an_error(void **state)
{
    struct world *world = *state;
    mr_status status = MR_EINVAL;
    mr_js_value *fn, *value;
    assert_int_equal(mr_js_function_create(world->js, NULL, refuse, &status, &fn), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "refuse", fn), 0);
    mr_js_value_unref(fn);
    const char source[] = "try { refuse() } catch (e) { [e.name, e.code, e.message].join('|') }";
    value = eval(world, source);
    assert_text(world, value, "TypeError|MR_EINVAL|invalid argument");
    mr_js_value_unref(value);
    status = MR_ETIMEDOUT;
    value = eval(world, source);
    assert_text(world, value, "Error|MR_ETIMEDOUT|timed out");
    mr_js_value_unref(value);
}

static mr_status destroy_me(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                            mr_js_value **out_value)
{
    (void)argc, (void)argv, (void)out_value;
    *(mr_status *)arg = mr_js_destroy(js);
    return 0;
}

static void destroy_inside_javascript_is_reentrant(void **state)
{
    struct world *world = *state;
    mr_status status = 0;
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(world->js, "f", destroy_me, &status, &fn), 0);
    assert_int_equal(mr_js_call(world->js, fn, NULL, 0, NULL, NULL), 0);
    assert_int_equal(status, MR_EREENTRANT);
    mr_js_value_unref(fn);
}

static void destroy_in_microtask(void *arg)
{
    struct world *world = arg;
    say(world, mr_js_destroy(world->js) == MR_EREENTRANT ? "refused " : "destroyed ");
}

/* Whether a job of the engine stands for the microtask or not. */
static void destroy_in_a_microtask_of_c_is_reentrant(void **state)
{
    struct world *world = *state;
    assert_int_equal(mr_microtask(world->loop, destroy_in_microtask, world), 0);
    run_code(world, "Promise.resolve().then(() => console.log('job'))");
    assert_int_equal(mr_microtask(world->loop, destroy_in_microtask, world), 0);
    assert_int_equal(mr_loop_run(world->loop), 0);
    assert_string_equal(world->out, "refused job\nrefused ");
}

static mr_status eval_inside(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                             mr_js_value **out_value)
{
    (void)argc, (void)argv, (void)arg;
    const char source[] = "console.log('inner'); queueMicrotask(() => console.log('microtask'));";
    return mr_js_eval(js, source, strlen(source), NULL, MR_JS_SCRIPT, out_value);
}

static void eval_inside_javascript_leaves_the_checkpoint_to_the_outer_one(void **state)
{
    struct world *world = *state;
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(world->js, "f", eval_inside, NULL, &fn), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "f", fn), 0);
    mr_js_value_unref(fn);
    run_code(world, "f(); console.log('outer');");
    assert_string_equal(world->out, "inner\nouter\nmicrotask\n");
}

/* ---- One FIFO ---------------------------------------------------------------------------------*/

static void c_microtask(void *arg)
{
    say(arg, "C ");
}

static mr_status queue_c(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                         mr_js_value **out_value)
{
    (void)js, (void)argc, (void)argv, (void)out_value;
    return mr_microtask(((struct world *)arg)->loop, c_microtask, arg);
}

static void add_queue_c(struct world *world)
{
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(world->js, "c", queue_c, world, &fn), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "c", fn), 0);
    mr_js_value_unref(fn);
    run_code(world, "globalThis.js = (n) => process.stdout.write(n + ' ');");
}

static void microtasks_of_c_and_script_share_one_queue(void **state)
{
    struct world *world = *state;
    add_queue_c(world);
    run_code(world, "queueMicrotask(() => { js(1); c(); queueMicrotask(() => js(6)); }); c();"
                    "Promise.resolve().then(() => js(3)); c(); queueMicrotask(() => js(5));"
                    "process.nextTick(() => js(0));");
    assert_string_equal(world->out, "0 1 C 3 C 5 C 6 ");
}

static void microtasks_queued_before_the_runtime_come_first(void **state)
{
    struct world *world = *state;
    assert_int_equal(mr_js_destroy(world->js), 0);
    world->js = NULL;
    assert_int_equal(mr_microtask(world->loop, c_microtask, world), 0);
    assert_int_equal(create(world, &world->js), 0);
    run_code(world, "queueMicrotask(() => process.stdout.write('js '));");
    assert_string_equal(world->out, "C js ");
}

static void microtasks_of_c_survive_the_runtime(void **state)
{
    struct world *world = *state;
    assert_int_equal(mr_microtask(world->loop, c_microtask, world), 0);
    assert_int_equal(mr_js_destroy(world->js), 0);
    world->js = NULL;
    assert_int_equal(mr_loop_run(world->loop), 0);
    assert_string_equal(world->out, "C ");
}

static void microtasks_of_c_run_after_process_exit(void **state)
{
    struct world *world = *state;
    add_queue_c(world);
    const char source[] = "queueMicrotask(() => js('never')); c(); c(); process.exit(0);";
    assert_int_equal(mr_js_eval(world->js, source, strlen(source), NULL, MR_JS_SCRIPT, NULL),
                     MR_ECANCELED);
    assert_int_equal(mr_microtask(world->loop, c_microtask, world), 0);
    assert_int_equal(mr_loop_run(world->loop), 0);
    assert_string_equal(world->out, "C C C ");
}

static void discard_c(void *arg, mr_status reason)
{
    assert_int_equal(reason, MR_ECLOSED);
    say(arg, "discarded ");
}

static void microtasks_of_c_are_reported_when_the_loop_closes(void **state)
{
    struct world *world = *state;
    const mr_task task = {c_microtask, world, discard_c};
    assert_int_equal(mr_microtask_with(world->loop, &task), 0);
    assert_int_equal(mr_loop_close(world->loop), 0);
    assert_string_equal(world->out, "discarded ");
}

/* ---- The end ----------------------------------------------------------------------------------*/

static const char busy[] =
    "setTimeout(() => console.log('never'), 1e6); setImmediate(() => console.log('never'));"
    "setInterval(() => {}, 5).unref(); process.nextTick(() => console.log('tick'));"
    "new Promise(() => {}).then(() => {}); Promise.reject(1).catch(() => {});"
    "globalThis.cycle = { f() { return cycle; } }; process.on('exit', () => console.log('exit'));";

static void destroy_before_the_loop_with_work_pending(void **state)
{
    struct world *world = *state;
    run_code(world, busy);
    assert_int_equal(mr_js_destroy(world->js), 0);
    world->js = NULL;
    assert_int_equal(mr_loop_run(world->loop), 0); /* nothing of the script is left in it */
    assert_string_equal(world->out, "tick\n");
}

static void destroy_after_the_loop_with_work_pending(void **state)
{
    struct world *world = *state;
    run_code(world, busy);
    assert_int_equal(mr_loop_close(world->loop), 0);
    assert_int_equal(mr_js_eval(world->js, "1", 1, NULL, MR_JS_SCRIPT, NULL), MR_ECLOSED);
    assert_string_equal(world->out, "tick\n");
}

static void loop_may_be_unreferenced_before_the_runtime(void **state)
{
    (void)state;
    struct world world = {.loop = NULL};
    assert_int_equal(mr_loop_create(NULL, &world.loop), 0);
    assert_int_equal(create(&world, &world.js), 0);
    run_code(&world, busy);
    mr_loop_unref(world.loop);
    assert_int_equal(mr_js_destroy(world.js), 0);
}

static void value_handles_outlive_the_runtime(void **state)
{
    struct world *world = *state;
    mr_js_value *value = eval(world, "({})"), *other = NULL;
    assert_int_equal(mr_js_destroy(world->js), 0);
    assert_int_equal(create(world, &world->js), 0);
    assert_int_equal(mr_js_get(world->js, value, "x", &other), MR_EINVAL);
    assert_null(other);
    mr_js_value_unref(value);
}

static void natural_end_emits_before_exit_and_exit_once(void **state)
{
    struct world *world = *state;
    run_code(world, "process.on('beforeExit', (c) => console.log('beforeExit', c));"
                    "process.on('exit', (c) => { console.log('exit', c); process.exitCode = 5;"
                    "setTimeout(() => console.log('never'), 0); });"
                    "setTimeout(() => console.log('timer'), 1);");
    assert_int_equal(mr_loop_run(world->loop), 0);
    assert_int_equal(mr_js_finish(world->js), 5);
    assert_int_equal(mr_js_finish(world->js), 5);
    assert_string_equal(world->out, "timer\nbeforeExit 0\nexit 0\n");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(create_checks_its_arguments),
        CASE(second_runtime_on_a_loop_is_busy),
        CASE(create_on_a_closed_loop_is_refused),
        CASE(runtime_works_without_options),
        CASE(engine_version_has_three_numbers),
        CASE(eval_gives_the_completion_value),
        CASE(eval_runs_a_checkpoint_before_it_returns),
        CASE(eval_reports_what_was_thrown),
        CASE(raise_goes_through_uncaught_exception),
        CASE(raise_unheard_ends_the_runtime_but_not_the_process),
        CASE(exit_in_eval_is_canceled_and_stops_timers),
        CASE(module_promise_and_late_throw),
        CASE(call_passes_this_and_arguments),
        CASE(properties_are_read_and_written),
        CASE(numbers_keep_their_value_across_the_boundary),
        CASE(numbers_out_of_range_are_refused),
        CASE(bad_utf8_and_lone_surrogates_become_replacement_characters),
        CASE(inspect_shows_what_the_console_shows),
        CASE(c_function_is_called_from_script),
        CASE(status_of_a_c_function_becomes_an_error),
        CASE(destroy_inside_javascript_is_reentrant),
        CASE(destroy_in_a_microtask_of_c_is_reentrant),
        CASE(eval_inside_javascript_leaves_the_checkpoint_to_the_outer_one),
        CASE(microtasks_of_c_and_script_share_one_queue),
        CASE(microtasks_queued_before_the_runtime_come_first),
        CASE(microtasks_of_c_survive_the_runtime),
        CASE(microtasks_of_c_run_after_process_exit),
        CASE(microtasks_of_c_are_reported_when_the_loop_closes),
        CASE(destroy_before_the_loop_with_work_pending),
        CASE(destroy_after_the_loop_with_work_pending),
        CASE(loop_may_be_unreferenced_before_the_runtime),
        CASE(value_handles_outlive_the_runtime),
        CASE(natural_end_emits_before_exit_and_exit_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
