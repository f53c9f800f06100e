/* A REPL's session: lines are collected to inputs, inputs are run, commands are obeyed. */
#include "js/repl.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "js/errors.h"
#include "js/gate.h"
#include "js/promise_trace.h"
#include "js/source_text.h"
#include "js/value.h"

enum library_fn { FN_START, FN_DECLARE, FN_BURY, FN_COMPLETE, FN_SET_LAST, FN_SET_ERROR, FN_COUNT };
static const char *const library_names[FN_COUNT] = {"start",    "declare", "bury",
                                                    "complete", "setLast", "setError"};

struct mr_js_repl {
    mr_js *js;
    mr_js_repl_state state;
    mr__bytes input;      /* lines of the present one */
    mr__bytes transcript; /* all that ran, for .save */
    char name[24];        /* of the input in stacks */
    unsigned inputs;
    atomic_bool asked; /* mr_js_repl_interrupt, until mr_js_repl_resume */
    bool told;         /* of the interruption: once, until mr_js_repl_resume */
    uint64_t waited;   /* number of the await that BUSY waits for: others come too late */
    JSValue library[FN_COUNT];
};

/* ---- What it says -----------------------------------------------------------------------------*/

static void say(mr_js_repl *repl, const char *text)
{
    mr__js_write(repl->js, MR__STDOUT, text, strlen(text));
}

static void say_status(mr_js_repl *repl, mr_status status)
{
    say(repl, "Ended: ");
    say(repl, mr_status_text(status));
    say(repl, "\n");
}

static JSValue say_text(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    const char *text = JS_ToCString(ctx, argv[0]);
    if (text != NULL && js->repl != NULL)
        say(js->repl, text);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

/* ---- The library ------------------------------------------------------------------------------*/

static JSValue call_library(mr_js_repl *repl, enum library_fn fn, int argc, JSValueConst *argv)
{
    mr__js_enter(repl->js);
    JSValue result = JS_Call(repl->js->ctx, repl->library[fn], JS_UNDEFINED, argc, argv);
    mr__js_leave(repl->js);
    return result;
}

/* For what fails only without memory. */
static void tell_library(mr_js_repl *repl, enum library_fn fn, JSValueConst value)
{
    JSContext *ctx = repl->js->ctx;
    JSValue result = call_library(repl, fn, 1, &value);
    if (JS_IsException(result))
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, result);
}

static bool load_library(mr_js_repl *repl)
{
    JSContext *ctx = repl->js->ctx;
    mr__js_enter(repl->js);
    JSValue exports = mr__js_builtin(repl->js, "internal/repl");
    bool loaded = !JS_IsException(exports);
    for (int i = 0; loaded && i < FN_COUNT; i++) {
        repl->library[i] = JS_GetPropertyStr(ctx, exports, library_names[i]);
        loaded = JS_IsFunction(ctx, repl->library[i]);
    }
    JS_FreeValue(ctx, exports);
    if (loaded) {
        JSValue native = JS_NewObjectProto(ctx, JS_NULL);
        JSValue function = JS_NewCFunction(ctx, say_text, "say", 1);
        loaded = JS_DefinePropertyValueStr(ctx, native, "say", function, JS_PROP_C_W_E) >= 0;
        JSValue result = call_library(repl, FN_START, 1, &native);
        loaded = loaded && !JS_IsException(result);
        JS_FreeValue(ctx, result);
        JS_FreeValue(ctx, native);
    }
    mr__js_leave(repl->js);
    if (!loaded)
        JS_FreeValue(ctx, JS_GetException(ctx));
    return loaded;
}

/* ---- How an input ends ------------------------------------------------------------------------*/

static void show_value(mr_js_repl *repl, JSValueConst value)
{
    tell_library(repl, FN_BURY, JS_UNDEFINED);
    tell_library(repl, FN_SET_LAST, value);
    mr__repl_print_value(repl->js, value);
}

static void show_thrown(mr_js_repl *repl, JSValueConst value)
{
    tell_library(repl, FN_SET_ERROR, value);
    mr__repl_print_thrown(repl->js, value);
}

/* Tell, once until mr_js_repl_resume, that code was stopped. */
static void show_interruption(mr_js_repl *repl)
{
    mr_js *js = repl->js;
    if (repl->told)
        return;
    repl->told = true;
    mr__js_throw_code(js->ctx, "Error", "ERR_SCRIPT_EXECUTION_INTERRUPTED", "%s",
                      "Script execution was interrupted by `SIGINT`");
    JSValue error = JS_GetException(js->ctx);
    tell_library(repl, FN_SET_ERROR, error);
    JS_FreeValue(js->ctx, error);
    say(repl, "Uncaught Error [ERR_SCRIPT_EXECUTION_INTERRUPTED]: Script execution was interrupted "
              "by `SIGINT`\n");
}

/* The exception that waits ended the input, or a limit did and none waits. */
static void end_thrown(mr_js_repl *repl)
{
    JSContext *ctx = repl->js->ctx;
    mr_status reason = repl->js->limits.reason;
    repl->js->limits.reason = MR_OK;
    JSValue thrown = JS_HasException(ctx) ? JS_GetException(ctx) : JS_UNDEFINED;
    if (!repl->js->gone) {
        tell_library(repl, FN_BURY, JS_UNDEFINED);
        if (reason == MR_OK)
            show_thrown(repl, thrown);
        else if (reason == MR_ECANCELED)
            show_interruption(repl);
        else
            say_status(repl, reason);
    }
    JS_FreeValue(ctx, thrown);
}

/* ---- Top-level await --------------------------------------------------------------------------*/

/* magic: 1 when it was rejected; data: the number of the await. */
static JSValue awaited(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                       int magic, JSValueConst *data)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    mr_js_repl *repl = js->repl;
    int64_t number;
    if (repl == NULL || js->gone || JS_ToInt64(ctx, &number, data[0]) < 0 ||
        (uint64_t)number != repl->waited || repl->state != MR_JS_REPL_BUSY)
        return JS_UNDEFINED;
    repl->state = MR_JS_REPL_READY;
    tell_library(repl, FN_BURY, JS_UNDEFINED);
    if (magic == 1) {
        show_thrown(repl, argv[0]);
        return JS_UNDEFINED;
    }
    JSValue value = JS_GetPropertyStr(ctx, argv[0], "value");
    if (JS_IsException(value))
        return value;
    show_value(repl, value);
    JS_FreeValue(ctx, value);
    return JS_UNDEFINED;
}

/* promise passes in. */
static void wait_for(mr_js_repl *repl, JSValue promise)
{
    JSContext *ctx = repl->js->ctx;
    JSValue number = JS_NewInt64(ctx, (int64_t)++repl->waited);
    JSValue fulfilled = JS_NewCFunctionData(ctx, awaited, 1, 0, 1, &number);
    JSValue rejected = JS_NewCFunctionData(ctx, awaited, 1, 1, 1, &number);
    JSValue derived = JS_IsException(fulfilled) || JS_IsException(rejected)
                          ? JS_EXCEPTION
                          : JS_PromiseThen(ctx, promise, fulfilled, rejected);
    JS_FreeValue(ctx, fulfilled);
    JS_FreeValue(ctx, rejected);
    JS_FreeValue(ctx, promise);
    if (JS_IsException(derived)) {
        end_thrown(repl);
        return;
    }
    JS_FreeValue(ctx, derived);
    repl->state = MR_JS_REPL_BUSY;
}

/* ---- Running an input -------------------------------------------------------------------------*/

static int declare(mr_js_repl *repl, const mr__bytes *names)
{
    if (names->len == 0)
        return 0;
    JSContext *ctx = repl->js->ctx;
    JSValue list = JS_NewArray(ctx);
    uint32_t count = 0;
    for (size_t at = 0; at < names->len; at += strlen(names->data + at) + 1) {
        JSValue name = JS_NewString(ctx, names->data + at);
        if (JS_IsException(list) ||
            JS_DefinePropertyValueUint32(ctx, list, count++, name, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, list);
            return -1;
        }
    }
    JSValue result = call_library(repl, FN_DECLARE, 1, &list);
    JS_FreeValue(ctx, list);
    JS_FreeValue(ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

/* code passes in. */
static void run_code(mr_js_repl *repl, JSValue code, const mr__repl_source *source)
{
    mr_js *js = repl->js;
    if (declare(repl, &source->names) < 0) {
        JS_FreeValue(js->ctx, code);
        end_thrown(repl);
        return;
    }
    mr__js_enter_call(js);
    JSValue value = JS_EvalFunction(js->ctx, code);
    mr__js_leave(js);
    if (JS_IsException(value) || js->limits.reason != MR_OK) {
        JS_FreeValue(js->ctx, value);
        end_thrown(repl);
    } else if (source->async) {
        wait_for(repl, value);
    } else {
        show_value(repl, value);
        JS_FreeValue(js->ctx, value);
    }
}

static void show_bad_syntax(mr_js_repl *repl, const mr__bytes *text)
{
    JSContext *ctx = repl->js->ctx;
    JSValue error = JS_GetException(ctx);
    mr__repl_print_place(repl->js, error, repl->name, text);
    show_thrown(repl, error);
    JS_FreeValue(ctx, error);
}

static bool is_blank(const mr__bytes *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (strchr(" \t\r\n", text->data[i]) == NULL)
            return false;
    }
    return true;
}

/* Run what was collected; final: nothing follows. */
static void run_input(mr_js_repl *repl, bool final)
{
    JSContext *ctx = repl->js->ctx;
    mr__repl_source source = {0};
    if (final && repl->input.len > 0 && repl->input.data[repl->input.len - 1] == '\n')
        repl->input.len--; /* no line comes behind it */
    const char *text = mr__bytes_cstr(&repl->input);
    repl->state = MR_JS_REPL_READY;
    if (is_blank(&repl->input)) {
        repl->input.len = 0;
        return;
    }
    snprintf(repl->name, sizeof(repl->name), "REPL%u", repl->inputs + 1);
    mr__js_enter(repl->js);
    JSValue code = mr__repl_compile(ctx, text, repl->input.len, repl->name, &source);
    mr__js_leave(repl->js);
    if (JS_IsException(code) && source.ends_early && !final) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        mr__bytes_char(&repl->input, '\n');
        repl->state = MR_JS_REPL_MORE;
    } else {
        mr__bytes input = repl->input; /* the script may give lines again */
        repl->input = (mr__bytes){0};
        repl->inputs++;
        mr__bytes_append(&repl->transcript, input.data, input.len);
        if (input.len > 0 && input.data[input.len - 1] != '\n')
            mr__bytes_char(&repl->transcript, '\n');
        if (JS_IsException(code))
            show_bad_syntax(repl, &input);
        else
            run_code(repl, code, &source);
        mr__bytes_deinit(&input);
    }
    mr__repl_source_deinit(&source);
}

/* ---- Commands ---------------------------------------------------------------------------------*/

static void do_break(mr_js_repl *repl, const char *argument)
{
    (void)argument;
    repl->input.len = 0;
    repl->state = MR_JS_REPL_READY;
}

static void do_editor(mr_js_repl *repl, const char *argument)
{
    (void)argument;
    do_break(repl, NULL);
    say(repl, "// Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)\n");
    repl->state = MR_JS_REPL_EDITOR;
}

static void do_exit(mr_js_repl *repl, const char *argument)
{
    (void)argument;
    repl->state = MR_JS_REPL_ENDED;
}

static void do_load(mr_js_repl *repl, const char *path)
{
    mr__bytes text = {0};
    int error = *path == '\0' ? ENOENT : mr__source_read(path, &text);
    if (error != 0) {
        mr__bytes message = {0};
        mr__bytes_printf(&message, "Failed to load: %s: %s\n", path, strerror(error));
        say(repl, mr__bytes_cstr(&message));
        mr__bytes_deinit(&message);
    } else {
        mr__source_clean(&text);
        repl->input.len = 0;
        mr__bytes_append(&repl->input, text.data, text.len);
        run_input(repl, true);
    }
    mr__bytes_deinit(&text);
}

static void do_save(mr_js_repl *repl, const char *path)
{
    FILE *file = *path == '\0' ? NULL : fopen(path, "we");
    bool saved = file != NULL && fwrite(repl->transcript.data ? repl->transcript.data : "", 1,
                                        repl->transcript.len, file) == repl->transcript.len;
    if (file != NULL && fclose(file) != 0)
        saved = false;
    mr__bytes message = {0};
    mr__bytes_printf(&message, saved ? "Session saved to: %s\n" : "Failed to save: %s\n", path);
    say(repl, mr__bytes_cstr(&message));
    mr__bytes_deinit(&message);
}

static void do_help(mr_js_repl *repl, const char *argument);

static const struct command {
    const char *name, *help;
    void (*run)(mr_js_repl *repl, const char *argument);
} commands[] = {
    {".break", "drop an unfinished input", do_break},
    {".clear", "the same as .break", do_break},
    {".editor", "type several lines, Ctrl+D runs them", do_editor},
    {".exit", "leave", do_exit},
    {".help", "print this text", do_help},
    {".load", "run a file: .load FILE", do_load},
    {".save", "write all inputs to a file: .save FILE", do_save},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void do_help(mr_js_repl *repl, const char *argument)
{
    (void)argument;
    mr__bytes text = {0};
    for (int i = 0; i < COMMAND_COUNT; i++)
        mr__bytes_printf(&text, "%-9s%s\n", commands[i].name, commands[i].help);
    mr__bytes_str(&text, "\nCtrl+C stops the running code, Ctrl+D leaves.\n");
    say(repl, mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
}

/* A line that is a command is done. `.5` is a number, and a continued input may go on with a
 * method that has no command's name. */
static bool obey(mr_js_repl *repl, const char *line)
{
    line += strspn(line, " \t");
    if (line[0] != '.' || line[1] == '.' || (line[1] >= '0' && line[1] <= '9'))
        return false;
    size_t len = strcspn(line, " \t\r");
    const char *argument = line + len + strspn(line + len, " \t");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strlen(commands[i].name) == len && memcmp(commands[i].name, line, len) == 0) {
            commands[i].run(repl, argument);
            return true;
        }
    }
    if (repl->state != MR_JS_REPL_READY)
        return false;
    say(repl, "Invalid REPL keyword\n");
    return true;
}

/* ---- Lines ------------------------------------------------------------------------------------*/

static mr_status check(const mr_js_repl *repl)
{
    mr_status status = repl == NULL ? MR_EINVAL : mr__js_check(repl->js);
    if (status != MR_OK)
        return status;
    return repl->state == MR_JS_REPL_BUSY ? MR_EBUSY : MR_OK;
}

/* The checkpoint of an input. What was asked for while it ran concerns its jobs too; the runtime
 * forgets it between two entries. */
static void settle(mr_js_repl *repl)
{
    if (atomic_load(&repl->asked))
        mr_js_repl_interrupt(repl);
    mr__js_settle(repl->js);
}

static void take_line(mr_js_repl *repl, const char *line, size_t len)
{
    if (repl->state != MR_JS_REPL_EDITOR && memchr(line, '\0', len) == NULL && obey(repl, line))
        return;
    mr__bytes_append(&repl->input, line, len);
    if (repl->state == MR_JS_REPL_EDITOR)
        mr__bytes_char(&repl->input, '\n');
    else
        run_input(repl, false);
}

mr_status mr_js_repl_line(mr_js_repl *repl, const char *text, size_t len_bytes)
{
    mr_status status = check(repl);
    if (status != MR_OK)
        return status;
    if (text == NULL && len_bytes != 0)
        return MR_EINVAL;
    if (repl->state == MR_JS_REPL_ENDED)
        return MR_ECLOSED;
    mr__bytes line = {0};
    mr__bytes_append(&line, text, len_bytes);
    mr__source_clean(&line);
    const char *clean = mr__bytes_cstr(&line);
    status = line.failed ? MR_ENOMEM : MR_OK;
    if (status == MR_OK)
        take_line(repl, clean, line.len);
    mr__bytes_deinit(&line);
    settle(repl);
    return status;
}

mr_status mr_js_repl_end_input(mr_js_repl *repl)
{
    mr_status status = check(repl);
    if (status != MR_OK)
        return status;
    if (repl->state == MR_JS_REPL_MORE || repl->state == MR_JS_REPL_EDITOR)
        run_input(repl, true);
    settle(repl);
    return MR_OK;
}

void mr_js_repl_break(mr_js_repl *repl)
{
    if (repl == NULL || mr__js_check(repl->js) != MR_OK || repl->state == MR_JS_REPL_ENDED)
        return;
    repl->input.len = 0;
    bool waiting = repl->state == MR_JS_REPL_BUSY && atomic_load(&repl->asked);
    repl->state = MR_JS_REPL_READY;
    repl->waited++;
    if (waiting)
        show_interruption(repl);
    tell_library(repl, FN_BURY, JS_UNDEFINED);
}

void mr_js_repl_interrupt(mr_js_repl *repl)
{
    atomic_store(&repl->asked, true);
    mr_status status = mr_js_interrupt(repl->js, MR_JS_INTERRUPT_CALLBACK);
    (void)status;
}

bool mr_js_repl_resume(mr_js_repl *repl)
{
    bool told = repl->told;
    repl->told = false;
    atomic_store(&repl->asked, false);
    return told;
}

void mr_js_repl_own_input(mr_js_repl *repl, bool own)
{
    if (repl != NULL && mr__js_check(repl->js) == MR_OK)
        mr__js_stdin_hold(repl->js, own);
}

bool mr__repl_take_uncaught(mr_js *js, JSValueConst value)
{
    if (js->repl == NULL)
        return false;
    show_thrown(js->repl, value);
    mr__bytes trace = {0};
    mr__js_promise_trace_append(js, &trace);
    if (trace.len != 0)
        say(js->repl, mr__bytes_cstr(&trace));
    mr__bytes_deinit(&trace);
    return true;
}

/* A job that was stopped has perhaps made its successor already: the order stands for the rest of
 * the checkpoint. */
bool mr__repl_take_interruption(mr_js *js)
{
    if (js->repl == NULL)
        return false;
    show_interruption(js->repl);
    mr_status status = mr_js_interrupt(js, MR_JS_INTERRUPT_CALLBACK);
    (void)status;
    return true;
}

/* ---- Completion -------------------------------------------------------------------------------*/

/* list: the part that is replaced, then the words. */
static bool give_words(mr_js_repl *repl, JSValueConst list, size_t len, mr_js_completion_fn *fn,
                       void *arg, size_t *out_start)
{
    JSContext *ctx = repl->js->ctx;
    for (uint32_t i = 0;; i++) {
        JSValue item = JS_GetPropertyUint32(ctx, list, i);
        if (JS_IsUndefined(item))
            return true;
        size_t size;
        const char *word = JS_ToCStringLen(ctx, &size, item);
        JS_FreeValue(ctx, item);
        if (word == NULL)
            return false;
        if (i == 0)
            *out_start = size <= len ? len - size : 0;
        else
            fn(word, size, arg);
        JS_FreeCString(ctx, word);
    }
}

mr_status mr_js_repl_complete(mr_js_repl *repl, const char *text, size_t len_bytes,
                              mr_js_completion_fn *fn, void *arg, size_t *out_start)
{
    mr_status status = repl == NULL ? MR_EINVAL : mr__js_check(repl->js);
    if (status != MR_OK)
        return status;
    if (text == NULL || fn == NULL || out_start == NULL)
        return MR_EINVAL;
    JSContext *ctx = repl->js->ctx;
    *out_start = len_bytes;
    JSValue line = JS_NewStringLen(ctx, text, len_bytes);
    JSValue list = JS_IsException(line) ? line : call_library(repl, FN_COMPLETE, 1, &line);
    bool given = !JS_IsException(list) && give_words(repl, list, len_bytes, fn, arg, out_start);
    if (!given)
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, line);
    JS_FreeValue(ctx, list);
    return given ? MR_OK : MR_ENOMEM;
}

/* ---- Life -------------------------------------------------------------------------------------*/

mr_status mr_js_repl_create(mr_js *js, mr_js_repl **out_repl)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (out_repl == NULL)
        return MR_EINVAL;
    if (js->repl != NULL)
        return MR_EBUSY;
    mr_js_repl *repl = mr__alloc_zero(sizeof(*repl));
    if (repl == NULL)
        return MR_ENOMEM;
    repl->js = js;
    for (int i = 0; i < FN_COUNT; i++)
        repl->library[i] = JS_UNDEFINED;
    js->repl = repl;
    if (!load_library(repl)) {
        mr_js_repl_destroy(repl);
        return MR_ENOMEM;
    }
    *out_repl = repl;
    return MR_OK;
}

void mr_js_repl_destroy(mr_js_repl *repl)
{
    if (repl == NULL)
        return;
    repl->js->repl = NULL;
    for (int i = 0; i < FN_COUNT; i++)
        JS_FreeValue(repl->js->ctx, repl->library[i]);
    mr__bytes_deinit(&repl->input);
    mr__bytes_deinit(&repl->transcript);
    mr__free(repl);
}

mr_js_repl_state mr_js_repl_get_state(const mr_js_repl *repl)
{
    return repl == NULL || repl->js->gone ? MR_JS_REPL_ENDED : repl->state;
}
