/* The text for a value that nobody caught: where, the line with a caret, the value, its stack. */
#include <stdlib.h>
#include <string.h>

#include "js/file_url.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/modules.h"
#include "js/promise_trace.h"
#include "js/rejections.h"
#include "js/report.h"
#include "js/source_text.h"

enum { BEFORE_CARET = 80, AFTER_CARET = 160 }; /* characters of a long line that are shown */

/* One place of a stack; name and function point into the stack's text. */
struct place {
    const char *name, *function;
    size_t name_len, function_len; /* 0: no function's name */
    unsigned long line, column;
};

/* ---- The stack's places -----------------------------------------------------------------------*/

/* Take ":123" from the end of the text. */
static bool take_number(const char *text, size_t *len, unsigned long *out_number)
{
    size_t at = *len;
    while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9')
        at--;
    if (at == *len || at < 2 || text[at - 1] != ':')
        return false;
    *out_number = strtoul(text + at, NULL, 10);
    *len = at - 1;
    return true;
}

static bool is_ours(const char *name, size_t len)
{
    return (len > 5 && memcmp(name, "node:", 5) == 0) ||
           (len > 9 && memcmp(name, "millrace:", 9) == 0);
}

/* The place in a line "    at name (file:1:2)" or "    at file:1:2". */
static bool read_frame(const char *line, size_t len, struct place *out_place)
{
    while (len > 0 && *line == ' ') {
        line++;
        len--;
    }
    if (len < 4 || memcmp(line, "at ", 3) != 0)
        return false;
    const char *start = line + 3, *function = start;
    size_t left = len - 3, function_len = 0;
    if (start[left - 1] == ')') {
        left--;
        for (size_t i = 0; i + 1 < left; i++) {
            if (start[i] == ' ' && start[i + 1] == '(') {
                function_len = i;
                start += i + 2;
                left -= i + 2;
                break;
            }
        }
    }
    struct place place = {
        .name = start, .function = function, .name_len = left, .function_len = function_len};
    if (!take_number(start, &place.name_len, &place.column) ||
        !take_number(start, &place.name_len, &place.line) || is_ours(start, place.name_len))
        return false;
    *out_place = place;
    return true;
}

static bool has_name(mr_js *js, JSValueConst constructor, const struct place *place)
{
    JSValue name = JS_IsFunction(js->ctx, constructor) && !JS_IsProxy(constructor)
                       ? mr__data_own(js, constructor, mr__intrinsics_of(js)->atoms[MR__ATOM_NAME])
                       : JS_UNDEFINED;
    size_t len = 0;
    const char *text = JS_IsString(name) ? JS_ToCStringLen(js->ctx, &len, name) : NULL;
    bool same =
        text != NULL && len == place->function_len && memcmp(text, place->function, len) == 0;
    JS_FreeCString(js->ctx, text);
    JS_FreeValue(js->ctx, name);
    return same;
}

/* Whether the place is in a constructor of the error's classes, by name. Runs no script. */
static bool is_constructing(mr_js *js, JSValueConst error, const struct place *place)
{
    bool found = false;
    if (place->function_len == 0 || !JS_IsObject(error) || JS_IsProxy(error))
        return false;
    JSValue proto = JS_GetPrototype(js->ctx, error);
    while (!found && JS_IsObject(proto) && !JS_IsProxy(proto)) {
        JSValue constructor =
            mr__data_own(js, proto, mr__intrinsics_of(js)->atoms[MR__ATOM_CONSTRUCTOR]);
        found = has_name(js, constructor, place);
        JS_FreeValue(js->ctx, constructor);
        JSValue above = JS_GetPrototype(js->ctx, proto);
        JS_FreeValue(js->ctx, proto);
        proto = above;
    }
    JS_FreeValue(js->ctx, proto);
    return found;
}

/* Where text is that eval, Function or JSON.parse was given: nobody has it any more. */
static bool is_text_of_a_call(const struct place *place)
{
    return place->name_len == 7 && memcmp(place->name, "<input>", 7) == 0;
}

/* The place to show: the first of the script itself, below the constructors of the error and below text
 * that is not there to be shown; else the first. */
static bool find_place(mr_js *js, JSValueConst error, const char *stack, struct place *out_place)
{
    bool any = false, constructing = true;
    while (*stack != '\0') {
        struct place place;
        size_t len = strcspn(stack, "\n");
        if (read_frame(stack, len, &place)) {
            constructing = constructing && is_constructing(js, error, &place);
            if (!constructing && !is_text_of_a_call(&place)) {
                *out_place = place;
                return true;
            }
            if (!any)
                *out_place = place;
            any = true;
        }
        stack += len + (stack[len] == '\n');
    }
    return any;
}

/* ---- The source line --------------------------------------------------------------------------*/

/* The path or name that is shown, and the text, which *storage may hold. */
static const mr__bytes *source_text(mr_js *js, const char *name, mr__bytes *path,
                                    mr__bytes *storage)
{
    if (js->eval_name.len != 0 && strcmp(name, js->eval_name.data) == 0) {
        mr__bytes_str(path, name);
        return &js->eval_source;
    }
    const mr__bytes *kept = mr__js_source_of(js, name);
    mr__bytes suffix = {0};
    if (strncmp(name, "file:", 5) != 0 ||
        mr__file_url_resolve(name, "/", path, &suffix) != MR__FILE_URL_OK) {
        path->len = 0;
        mr__bytes_str(path, name);
    }
    mr__bytes_deinit(&suffix);
    if (kept != NULL)
        return kept;
    const char *file = mr__bytes_cstr(path);
    return file[0] == '/' && mr__source_read(file, storage) == 0 ? storage : NULL;
}

static const char *find_line(const mr__bytes *text, unsigned long number, size_t *out_len)
{
    const char *line = text->data, *end = text->data + text->len;
    for (; number > 1 && line != NULL; number--) {
        line = memchr(line, '\n', (size_t)(end - line));
        line = line == NULL ? NULL : line + 1;
    }
    if (line == NULL)
        return NULL;
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    size_t len = (size_t)((newline ? newline : end) - line);
    *out_len = len > 0 && line[len - 1] == '\r' ? len - 1 : len;
    return line;
}

/* Bytes of the first `count` characters. */
static size_t prefix_bytes(const char *line, size_t len, size_t count)
{
    size_t at = 0;
    while (at < len && count > 0) {
        at++;
        while (at < len && ((unsigned char)line[at] & 0xC0) == 0x80)
            at++;
        count--;
    }
    return at;
}

static void append_caret(mr__bytes *out, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\t') {
            mr__bytes_fill(out, ' ', mr__text_columns(line, i, false));
            mr__bytes_char(out, '\t');
            line += i + 1;
            len -= i + 1;
            i = (size_t)-1;
        }
    }
    mr__bytes_fill(out, ' ', mr__text_columns(line, len, false));
    mr__bytes_str(out, "^\n");
}

static void append_line(mr__bytes *out, const char *line, size_t len, unsigned long column)
{
    size_t at = column > 0 ? column - 1 : 0;
    if (at > BEFORE_CARET) {
        size_t skipped = prefix_bytes(line, len, at - BEFORE_CARET);
        line += skipped;
        len -= skipped;
        at = BEFORE_CARET;
    }
    size_t before = prefix_bytes(line, len, at);
    mr__bytes_append(out, line, prefix_bytes(line, len, at + AFTER_CARET));
    mr__bytes_char(out, '\n');
    append_caret(out, line, before);
}

static void append_place(mr_js *js, mr__bytes *out, const struct place *place)
{
    mr__bytes name = {0}, path = {0}, storage = {0};
    mr__bytes_append(&name, place->name, place->name_len);
    const mr__bytes *text = source_text(js, mr__bytes_cstr(&name), &path, &storage);
    mr__bytes_printf(out, "%s:%lu:%lu\n", mr__bytes_cstr(&path), place->line, place->column);
    size_t len;
    const char *line =
        text != NULL && text->data != NULL ? find_line(text, place->line, &len) : NULL;
    if (line != NULL)
        append_line(out, line, len, place->column);
    mr__bytes_char(out, '\n');
    mr__bytes_deinit(&name);
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&storage);
}

/* ---- The report -------------------------------------------------------------------------------*/

/* The stack of an error as text: its own property, else what the engine keeps. Runs no script. */
static JSValue stack_of(mr_js *js, JSValueConst value)
{
    if (js->console == NULL || !JS_IsObject(value) || !mr__is_error(js, value))
        return JS_UNDEFINED;
    JSAtom atom = mr__intrinsics_of(js)->atoms[MR__ATOM_STACK];
    JSValue stack = mr__data_own(js, value, atom);
    if (JS_IsString(stack))
        return stack;
    JS_FreeValue(js->ctx, stack);
    return mr__js_error_frames(js, value);
}

/* false: it has no place in the script. */
static bool append_source(mr_js *js, mr__bytes *out, JSValueConst value)
{
    JSValue stack = stack_of(js, value);
    const char *text = JS_IsString(stack) ? JS_ToCString(js->ctx, stack) : NULL;
    struct place place;
    bool found = text != NULL && find_place(js, value, text, &place);
    if (found)
        append_place(js, out, &place);
    JS_FreeCString(js->ctx, text);
    if (JS_IsException(stack))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, stack);
    return found;
}

void mr__js_report_line(mr_js *js, mr__bytes *out, JSValueConst error, const char *name,
                        const mr__bytes *text)
{
    JSValue stack = stack_of(js, error);
    const char *frames = JS_IsString(stack) ? JS_ToCString(js->ctx, stack) : NULL;
    struct place place;
    size_t len;
    if (frames != NULL && find_place(js, error, frames, &place) && strlen(name) == place.name_len &&
        memcmp(name, place.name, place.name_len) == 0) {
        const char *line = text->data != NULL ? find_line(text, place.line, &len) : NULL;
        if (line != NULL) {
            append_line(out, line, len, place.column);
            mr__bytes_char(out, '\n');
        }
    }
    JS_FreeCString(js->ctx, frames);
    if (JS_IsException(stack))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, stack);
}

void mr__js_report(mr_js *js, mr__bytes *out, JSValueConst value)
{
    bool placed = append_source(js, out, value);
    mr__inspect_options options = mr__inspect_defaults;
    options.custom = false;
    options.colors = js->options.color_stderr;
    mr__bytes text = {0};
    mr__bytes_str(out, "Uncaught ");
    if (mr__js_inspect(js, &text, value, &options) < 0) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        mr__bytes_str(out, "value that could not be shown");
    } else {
        mr__bytes_append(out, text.data, text.len);
    }
    mr__bytes_deinit(&text);
    mr__bytes_char(out, '\n');
    mr__js_promise_trace_append(js, out);
    /* Of the command; another host may have no such option. */
    if (!placed && js->promise_trace == NULL && js->options.own_stdio && js->repl == NULL &&
        mr__js_rejections_judging(js))
        mr__bytes_str(out, "(--trace-promises says where the promise was made)\n");
}

void mr__js_print_report(mr_js *js, JSValueConst value)
{
    mr__bytes text = {0};
    mr__js_report(js, &text, value);
    if (!text.failed)
        mr__js_write(js, MR__STDERR, text.data, text.len);
    mr__bytes_deinit(&text);
}
