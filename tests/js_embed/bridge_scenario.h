/* What the tests of the bridge share: a runtime on the loop of the scenario, script that tells the
 * same story as C, and an end at which the engine has nothing to say about leaks. */
#ifndef MR_TESTS_BRIDGE_SCENARIO_H
#define MR_TESTS_BRIDGE_SCENARIO_H

#include "../scenario/promise_scenario.h"

#include <sys/mman.h>

#include <millrace/js.h>

#include "js/runtime.h" /* to have the engine collect */

static mr_js *js; /* of the scenario at hand */

/* ---- script ---- */

static inline mr_js_value *eval(const char *source)
{
    mr_js_value *value = NULL;
    mr_status status = mr_js_eval(js, source, strlen(source), NULL, MR_JS_SCRIPT, &value);
    if (status != 0)
        print_error("%s: %s: %s\n", source, mr_status_name(status), mr_js_last_error(js));
    EXPECT(status == 0);
    return value;
}

static inline void run(const char *source)
{
    mr_js_value_unref(eval(source));
}

/* A task. */
static inline void run_task(void *arg)
{
    run(arg);
}

static inline void run_in_task(const char *source)
{
    in_task(run_task, (void *)(uintptr_t)source);
}

static inline mr_value to_value(mr_js_value *handle)
{
    mr_value value = {.kind = 99};
    EXPECT(mr_js_to_value(js, handle, &value) == 0);
    mr_js_value_unref(handle);
    return value;
}

/* What an expression is for C, owned. */
static inline mr_value value_of(const char *source)
{
    return to_value(eval(source));
}

static inline mr_promise *promise_of(const char *source)
{
    mr_promise *promise = mr_value_as_promise(value_of(source));
    EXPECT(promise != NULL);
    return promise;
}

static inline mr_js_value *from_value(mr_value value)
{
    mr_js_value *handle = NULL;
    EXPECT(mr_js_from_value(js, value, &handle) == 0);
    return handle;
}

/* Give a global a value, which stays the caller's. */
static inline void show(const char *name, mr_value value)
{
    mr_js_value *handle = from_value(value);
    EXPECT(mr_js_set(js, NULL, name, handle) == 0);
    mr_js_value_unref(handle);
}

static inline void show_promise(const char *name, mr_promise *promise)
{
    show(name, mr_value_promise(promise));
}

/* The text of an expression. */
static inline void expect_text(const char *source, const char *expected, int line)
{
    mr_js_value *value = eval(source);
    char *text = NULL;
    size_t len = 0;
    EXPECT(mr_js_to_string(js, value, &text, &len) == 0);
    if (text == NULL || len != strlen(expected) || strcmp(text, expected) != 0) {
        print_error("line %d: %s is %s, not %s\n", line, source, text, expected);
        EXPECT(!"this text");
    }
    mr_js_free(text);
    mr_js_value_unref(value);
}
#define EXPECT_TEXT(source, expected) expect_text(source, expected, __LINE__)
#define EXPECT_TRUE(source) expect_text("String(" source ")", "true", __LINE__)

static inline mr_status note_text(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                                  mr_js_value **out_value)
{
    (void)arg, (void)out_value;
    char *text;
    mr_status status = argc == 1 ? mr_js_to_string(of, argv[0], &text, NULL) : MR_EINVAL;
    if (status != 0)
        return status;
    note("%s", text);
    mr_js_free(text);
    return 0;
}

static inline void add_function(const char *name, mr_js_function_fn *fn, void *arg)
{
    mr_js_value *function = NULL;
    EXPECT(mr_js_function_create(js, name, fn, arg, &function) == 0);
    EXPECT(mr_js_set(js, NULL, name, function) == 0);
    mr_js_value_unref(function);
}

/* ---- the engine ---- */

static inline void collect(void)
{
    JS_RunGC(js->rt);
    run("0"); /* what was let go by it is released at the next call */
}

static inline void write_note(int stream, const char *data, size_t len, void *arg)
{
    (void)arg;
    if (stream == 2)
        note("<error>");
    else
        note("<%.*s>", (int)(len != 0 && data[len - 1] == '\n' ? len - 1 : len), data);
}

static inline void create_js(void)
{
    const mr_js_options options = {.size_bytes = sizeof options, .write = write_note};
    assert_null(js);
    assert_int_equal(mr_js_create(loop, &options, &js), 0);
    add_function("note", note_text, NULL);
}

/* What leaks are, the engine says on standard output. */
static inline void destroy_js(void)
{
    if (js == NULL)
        return;
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), caught = memfd_create("leaks", MFD_CLOEXEC);
    assert_true(saved >= 0 && caught >= 0);
    dup2(caught, STDOUT_FILENO);
    mr_status status = mr_js_destroy(js);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    js = NULL;
    char said[4096];
    ssize_t n = pread(caught, said, sizeof said - 1, 0);
    close(caught);
    assert_int_equal(status, 0);
    said[n > 0 ? n : 0] = 0;
    assert_string_equal(said, "");
}

/* ---- begin and end ---- */

static inline void begin_js(void)
{
    js = NULL;
    begin(MR_PARK_AUTO);
    tell_reports();
    create_js();
    run("process.on('unhandledRejection', (reason) => note('script-unhandled!' +"
        " (reason instanceof Error ? reason.code ?? reason.message : reason)));"
        "process.on('rejectionHandled', () => note('script-handled'));");
}

/* A loop that ends by itself when nothing is left to do. */
static inline void begin_js_simulated(uint64_t seed)
{
    js = NULL;
    begin_simulated(seed, 0, true);
    tell_reports();
    create_js();
}

/* At CLOSED, with the runtime destroyed: nothing is left of either side. */
static inline void check_all_gone(void)
{
    check_conservation(loop);
    check_promises_gone();
    assert_int_equal(atomic_load(&customs_alive), 0);
    assert_int_equal(atomic_load(&told.after_run), 0);
    mr_loop_unref(loop);
    loop = NULL;
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
}

/* The runtime ends first, then the loop. */
static inline void finish_js(void)
{
    destroy_js();
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        shut_down_turned();
    check_all_gone();
}

/* ---- values ---- */

static inline mr_value text_value(const char *text)
{
    mr_value value = {0};
    EXPECT(mr_value_text(text, strlen(text), &value) == 0);
    return value;
}

static inline mr_value error_value(mr_status code, const char *message, mr_error *cause)
{
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = code, .message = message, .cause = cause};
    mr_error *error = NULL;
    EXPECT(mr_error_create(&spec, &error) == 0);
    return mr_value_error(error);
}

static inline bool is_same(mr_value a, mr_value b)
{
    return a.kind == b.kind && a.as.pointer == b.as.pointer;
}

#endif
