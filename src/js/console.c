/* The console object, and the way of all text to the host's sink.
 *
 * Every message is one write: its text with the group's indentation and the newline. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/process.h"
#include "loop/extend.h"

enum { GROUP_STEP = 2 };

/* ---- Output -----------------------------------------------------------------------------------*/

/* Surrogates in their three-byte form become one character in pairs, U+FFFD alone. */
static void repair(mr__bytes *out, const char *data, size_t len)
{
    const unsigned char *s = (const unsigned char *)data;
    size_t plain = 0, i = 0;
    while (i < len) {
        const unsigned char *hit = memchr(s + i, 0xED, len - i);
        i = hit == NULL ? len : (size_t)(hit - s);
        if (i + 2 >= len || s[i + 1] < 0xA0) {
            i += i < len;
            continue;
        }
        mr__bytes_append(out, data + plain, i - plain);
        bool pair = s[i + 1] < 0xB0 && i + 5 < len && s[i + 3] == 0xED && s[i + 4] >= 0xB0;
        if (pair) {
            uint32_t high = (s[i + 1] & 0x0Fu) << 6 | (s[i + 2] & 0x3Fu);
            uint32_t low = (s[i + 4] & 0x0Fu) << 6 | (s[i + 5] & 0x3Fu);
            uint32_t point = 0x10000u + (high << 10) + low;
            char four[4] = {(char)(0xF0u | point >> 18), (char)(0x80u | (point >> 12 & 0x3Fu)),
                            (char)(0x80u | (point >> 6 & 0x3Fu)), (char)(0x80u | (point & 0x3Fu))};
            mr__bytes_append(out, four, 4);
        } else {
            mr__bytes_str(out, "\xEF\xBF\xBD");
        }
        i += pair ? 6 : 3;
        plain = i;
    }
    mr__bytes_append(out, data + plain, len - plain);
}

void mr__js_write(mr_js *js, int stream, const char *data, size_t len)
{
    if (js->options.write == NULL || len == 0)
        return;
    if (memchr(data, 0xED, len) == NULL) {
        js->options.write(stream, data, len, js->options.write_arg);
        return;
    }
    mr__bytes repaired = {0};
    repair(&repaired, data, len);
    if (!repaired.failed)
        js->options.write(stream, repaired.data, repaired.len, js->options.write_arg);
    mr__bytes_deinit(&repaired);
}

static bool colors_of(const mr_js *js, int stream)
{
    return stream == MR__STDOUT ? js->options.color_stdout : js->options.color_stderr;
}

/* One message: text indented by the groups, and a newline. */
static JSValue write_message(mr_js *js, int stream, const mr__bytes *text)
{
    mr__bytes line = {0};
    size_t indent = js->console->group_indent;
    mr__bytes_fill(&line, ' ', indent);
    mr__text_indented(&line, text->data, text->len, indent);
    mr__bytes_char(&line, '\n');
    line.failed |= text->failed;
    int result = mr__text_check(js->ctx, &line);
    int written = result == 0 ? mr__js_write_as_script(js, stream, line.data, line.len) : 0;
    if (written < 0)
        result = -1;
    else if (result == 0 && written == 0)
        mr__js_write(js, stream, line.data, line.len);
    mr__bytes_deinit(&line);
    return result < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* Format the arguments behind what text holds already, write it, release text. */
static JSValue write_formatted(mr_js *js, int stream, mr__bytes *text, int argc, JSValueConst *argv)
{
    int result = mr__js_format(js, text, argc, argv, colors_of(js, stream));
    JSValue value = result < 0 ? JS_EXCEPTION : write_message(js, stream, text);
    mr__bytes_deinit(text);
    return value;
}

static JSValue log_to(mr_js *js, int stream, int argc, JSValueConst *argv)
{
    mr__bytes text = {0};
    return write_formatted(js, stream, &text, argc, argv);
}

static JSValue method_log(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                          int stream)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return log_to(js, stream, argc, argv);
}

/* ---- dir, table, trace, assert, clear ---------------------------------------------------------*/

static JSValue method_dir(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__inspect_options options = mr__inspect_defaults;
    options.custom = false;
    options.colors = js->options.color_stdout;
    mr__bytes text = {0};
    int result = mr__inspect_with(js, &text, argc > 0 ? argv[0] : JS_UNDEFINED,
                                  argc > 1 ? argv[1] : JS_UNDEFINED, &options);
    JSValue value = result < 0 ? JS_EXCEPTION : write_message(js, MR__STDOUT, &text);
    mr__bytes_deinit(&text);
    return value;
}

static JSValue method_table(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__bytes text = {0};
    JSValueConst data = argc > 0 ? argv[0] : JS_UNDEFINED;
    JSValueConst columns = argc > 1 ? argv[1] : JS_UNDEFINED;
    int made = mr__console_table(js, &text, data, columns, js->options.color_stdout);
    JSValue value = JS_EXCEPTION;
    if (made == 0)
        value = log_to(js, MR__STDOUT, 1, &data);
    else if (made > 0)
        value = write_message(js, MR__STDOUT, &text);
    mr__bytes_deinit(&text);
    return value;
}

/* The stack of here, without the frame of the console method itself. */
static int append_trace(mr_js *js, mr__bytes *out)
{
    JSValue error = JS_NewError(js->ctx);
    JSValue stack = mr__intrinsic_call(js, MR__FN_ERROR_STACK, error);
    size_t len = 0;
    const char *text = JS_IsString(stack) ? JS_ToCStringLen(js->ctx, &len, stack) : NULL;
    const char *rest = text == NULL ? NULL : memchr(text, '\n', len);
    if (rest != NULL) {
        size_t rest_len = len - (size_t)(rest - text);
        while (rest_len > 0 && rest[rest_len - 1] == '\n')
            rest_len--;
        mr__bytes_append(out, rest, rest_len);
    }
    JS_FreeCString(js->ctx, text);
    JS_FreeValue(js->ctx, stack);
    JS_FreeValue(js->ctx, error);
    return text == NULL ? -1 : 0;
}

static JSValue method_trace(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__bytes text = {0};
    JSValue value = JS_EXCEPTION;
    mr__bytes_str(&text, argc > 0 ? "Trace: " : "Trace");
    if (mr__js_format(js, &text, argc, argv, js->options.color_stderr) == 0) {
        if (append_trace(js, &text) < 0 && JS_HasException(ctx))
            mr__clear_exception(ctx);
        value = write_message(js, MR__STDERR, &text);
    }
    mr__bytes_deinit(&text);
    return value;
}

/* assert(condition, ...data): the first of data becomes part of the format. */
static JSValue method_assert(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (argc > 0 && JS_ToBool(ctx, argv[0]) != 0)
        return JS_UNDEFINED;
    mr__bytes text = {0};
    mr__bytes_str(&text, "Assertion failed");
    if (argc > 1) {
        size_t len;
        const char *first = JS_ToCStringLen(ctx, &len, argv[1]);
        if (first == NULL) {
            mr__bytes_deinit(&text);
            return JS_EXCEPTION;
        }
        mr__bytes_str(&text, ": ");
        mr__bytes_append(&text, first, len);
        JS_FreeCString(ctx, first);
    }
    JSValue format = mr__text_to_js(ctx, &text);
    JSValueConst *list = mr__alloc((size_t)(argc + 1) * sizeof(JSValue));
    JSValue value = JS_EXCEPTION;
    if (list == NULL) {
        JS_ThrowOutOfMemory(ctx);
    } else if (!JS_IsException(format)) {
        list[0] = format;
        for (int i = 2; i < argc; i++)
            list[i - 1] = argv[i];
        value = log_to(js, MR__STDERR, argc > 2 ? argc - 1 : 1, list);
    }
    mr__free(list);
    JS_FreeValue(ctx, format);
    return value;
}

static JSValue method_clear(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    static const char home[] = "\x1b[1;1H\x1b[0J";
    (void)this_val;
    (void)argc;
    (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (js->options.color_stdout)
        mr__js_write(js, MR__STDOUT, home, sizeof(home) - 1);
    return JS_UNDEFINED;
}

/* ---- Groups -----------------------------------------------------------------------------------*/

static JSValue method_group(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue value = argc > 0 ? log_to(js, MR__STDOUT, argc, argv) : JS_UNDEFINED;
    if (!JS_IsException(value))
        js->console->group_indent += GROUP_STEP;
    return value;
}

static JSValue method_group_end(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (js->console->group_indent >= GROUP_STEP)
        js->console->group_indent -= GROUP_STEP;
    return JS_UNDEFINED;
}

/* ---- Counters and timers ----------------------------------------------------------------------*/

/* The label as an atom and as text; "default" when it is not given. JS_ATOM_NULL: exception. */
static JSAtom read_label(JSContext *ctx, mr__bytes *out, int argc, JSValueConst *argv)
{
    bool given = argc > 0 && !JS_IsUndefined(argv[0]);
    JSValue text = given ? JS_ToString(ctx, argv[0]) : JS_NewString(ctx, "default");
    JSAtom atom = JS_ATOM_NULL;
    if (!JS_IsException(text) && mr__text_append_js(ctx, out, text) == 0)
        atom = JS_ValueToAtom(ctx, text);
    JS_FreeValue(ctx, text);
    return atom;
}

/* The number kept for a label, or -1. */
static double read_mark(mr_js *js, JSValueConst table, JSAtom label)
{
    double number = -1;
    JSValue value = mr__data_own(js, table, label);
    if (JS_IsNumber(value) && JS_ToFloat64(js->ctx, &number, value) < 0)
        number = -1;
    JS_FreeValue(js->ctx, value);
    return number;
}

static int keep_mark(mr_js *js, JSValueConst table, JSAtom label, double number)
{
    return JS_DefinePropertyValue(js->ctx, table, label, JS_NewFloat64(js->ctx, number),
                                  JS_PROP_C_W_E);
}

/* A complaint of the console itself. */
static void complain(mr_js *js, const char *before, mr__bytes *label, const char *after)
{
    mr__bytes text = {0};
    mr__bytes_str(&text, before);
    mr__bytes_append(&text, label->data, label->len);
    mr__bytes_str(&text, after);
    mr__js_warn(js, "Warning", mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
}

static JSValue method_count(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                            int reset)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__bytes label = {0};
    JSAtom atom = read_label(ctx, &label, argc, argv);
    JSValue value = atom == JS_ATOM_NULL ? JS_EXCEPTION : JS_UNDEFINED;
    if (atom != JS_ATOM_NULL) {
        JSValueConst counts = js->console->counts;
        double count = read_mark(js, counts, atom);
        if (reset && count < 0)
            complain(js, "Count for '", &label, "' does not exist");
        else if (reset)
            JS_DeleteProperty(ctx, counts, atom, 0);
        else if (keep_mark(js, counts, atom, count < 0 ? 1 : count + 1) < 0)
            value = JS_EXCEPTION;
        if (!reset && !JS_IsException(value)) {
            mr__bytes_printf(&label, ": %.0f", count < 0 ? 1 : count + 1);
            value = write_message(js, MR__STDOUT, &label);
        }
        JS_FreeAtom(ctx, atom);
    }
    mr__bytes_deinit(&label);
    return value;
}

/* A time as Node.js writes it: 1.234ms, 1.234s, 1:02.345 (m:ss.mmm), 1:02:03.456 (h:mm:ss.mmm). */
static void append_time(mr__bytes *out, double ms)
{
    double hours = floor(ms / 3600000), minutes = floor((ms - hours * 3600000) / 60000);
    double seconds = (ms - hours * 3600000 - minutes * 60000) / 1000;
    if (hours > 0) {
        mr__bytes_printf(out, "%.0f:%02.0f:%06.3f (h:mm:ss.mmm)", hours, minutes, seconds);
    } else if (minutes > 0) {
        mr__bytes_printf(out, "%.0f:%06.3f (m:ss.mmm)", minutes, seconds);
    } else if (ms >= 1000) {
        mr__bytes_printf(out, "%.3fs", seconds);
    } else {
        char text[32];
        int len = snprintf(text, sizeof(text), "%.3f", ms);
        while (len > 1 && text[len - 1] == '0')
            len--;
        if (text[len - 1] == '.')
            len--;
        mr__bytes_append(out, text, (size_t)len);
        mr__bytes_str(out, "ms");
    }
}

static double clock_ms(mr_js *js)
{
    return (double)mr__loop_clock(js->loop) / 1e6;
}

static JSValue method_time(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__bytes label = {0};
    JSAtom atom = read_label(ctx, &label, argc, argv);
    int result = atom == JS_ATOM_NULL ? -1 : 0;
    if (result == 0 && read_mark(js, js->console->timers, atom) >= 0)
        complain(js, "Label '", &label, "' already exists for console.time()");
    else if (result == 0)
        result = keep_mark(js, js->console->timers, atom, clock_ms(js));
    JS_FreeAtom(ctx, atom);
    mr__bytes_deinit(&label);
    return result < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* timeLog(label, ...data) and timeEnd(label) */
static JSValue method_time_log(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int end)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    double now = clock_ms(js);
    mr__bytes text = {0};
    JSAtom atom = read_label(ctx, &text, argc, argv);
    if (atom == JS_ATOM_NULL) {
        mr__bytes_deinit(&text);
        return JS_EXCEPTION;
    }
    JSValue value = JS_UNDEFINED;
    double start = read_mark(js, js->console->timers, atom);
    if (start < 0) {
        complain(js, "No such label '", &text,
                 end ? "' for console.timeEnd()" : "' for console.timeLog()");
        mr__bytes_deinit(&text);
    } else {
        if (end)
            JS_DeleteProperty(ctx, js->console->timers, atom, 0);
        mr__bytes_str(&text, ": ");
        append_time(&text, now - start);
        for (int i = 1; i < argc && !end && !JS_IsException(value); i++) {
            mr__bytes_char(&text, ' ');
            JSValueConst one = argv[i];
            if (mr__js_format(js, &text, 1, &one, js->options.color_stdout) < 0)
                value = JS_EXCEPTION;
        }
        if (!JS_IsException(value))
            value = write_message(js, MR__STDOUT, &text);
        mr__bytes_deinit(&text);
    }
    JS_FreeAtom(ctx, atom);
    return value;
}

/* ---- Installation -----------------------------------------------------------------------------*/

#define METHOD(name, length, fn) JS_CFUNC_DEF2(name, length, fn, JS_PROP_C_W_E)
#define METHOD_MAGIC(name, length, fn, magic)                                                      \
    {                                                                                              \
        name, JS_PROP_C_W_E, JS_DEF_CFUNC, magic,                                                  \
        {                                                                                          \
            .func = { length, JS_CFUNC_generic_magic, {.generic_magic = fn} }                      \
        }                                                                                          \
    }

static const JSCFunctionListEntry methods[] = {
    METHOD_MAGIC("log", 0, method_log, MR__STDOUT),
    METHOD_MAGIC("warn", 0, method_log, MR__STDERR),
    METHOD("dir", 0, method_dir),
    METHOD("time", 0, method_time),
    METHOD_MAGIC("timeEnd", 0, method_time_log, 1),
    METHOD_MAGIC("timeLog", 0, method_time_log, 0),
    METHOD("trace", 0, method_trace),
    METHOD("assert", 0, method_assert),
    METHOD("clear", 0, method_clear),
    METHOD_MAGIC("count", 0, method_count, 0),
    METHOD_MAGIC("countReset", 0, method_count, 1),
    METHOD("group", 0, method_group),
    METHOD("groupEnd", 0, method_group_end),
    METHOD("table", 0, method_table),
    METHOD_MAGIC("debug", 0, method_log, MR__STDOUT),
    METHOD_MAGIC("info", 0, method_log, MR__STDOUT),
    METHOD_MAGIC("dirxml", 0, method_log, MR__STDOUT),
    METHOD_MAGIC("error", 0, method_log, MR__STDERR),
    METHOD("groupCollapsed", 0, method_group),
};

static int define_console(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    JSAtom tag = js->console->intrinsics.atoms[MR__ATOM_TAG];
    int hidden = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
    /* A namespace object: between it and Object.prototype stands an empty object of its own. */
    JSValue prototype = JS_NewObject(ctx);
    JSValue console = JS_IsException(prototype) ? JS_EXCEPTION : JS_NewObjectProto(ctx, prototype);
    JS_FreeValue(ctx, prototype);
    if (JS_IsException(console) ||
        JS_SetPropertyFunctionList(ctx, console, methods, sizeof(methods) / sizeof(methods[0])) <
            0 ||
        JS_DefinePropertyValue(ctx, console, tag, JS_NewString(ctx, "console"),
                               JS_PROP_CONFIGURABLE) < 0) {
        JS_FreeValue(ctx, console);
        return -1;
    }
    return JS_DefinePropertyValueStr(ctx, global, "console", console, hidden) < 0 ? -1 : 0;
}

int mr__js_console_install(mr_js *js, JSValueConst global)
{
    js->console = mr__alloc_zero(sizeof(*js->console));
    if (js->console == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->console->stack_top = (uintptr_t)__builtin_frame_address(0);
    js->console->counts = JS_NewObjectProto(js->ctx, JS_NULL);
    js->console->timers = JS_NewObjectProto(js->ctx, JS_NULL);
    if (mr__intrinsics_init(js, &js->console->intrinsics, global) < 0)
        return -1;
    return define_console(js, global);
}

void mr__js_console_destroy(mr_js *js)
{
    if (js->console == NULL)
        return;
    JS_FreeValue(js->ctx, js->console->counts);
    JS_FreeValue(js->ctx, js->console->timers);
    mr__intrinsics_deinit(js, &js->console->intrinsics);
    mr__free(js->console);
    js->console = NULL;
}
