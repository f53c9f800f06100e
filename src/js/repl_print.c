/* What a REPL writes: results, and what was thrown, as Node.js lays them out. */
#include <stdlib.h>
#include <string.h>

#include "js/gate.h"
#include "js/inspect.h"
#include "js/modules.h"
#include "js/repl.h"
#include "js/report.h"

static const mr__inspect_options *print_options(const mr_js *js, mr__inspect_options *out)
{
    *out = mr__inspect_defaults;
    out->colors = js->options.color_stdout;
    out->show_proxy = true;
    return out;
}

static void write_text(mr_js *js, mr__bytes *text)
{
    if (!text->failed && !js->gone)
        mr__js_write(js, MR__STDOUT, text->data, text->len);
}

void mr__repl_print_value(mr_js *js, JSValueConst value)
{
    mr__bytes text = {0};
    mr__inspect_options options;
    mr__js_enter(js);
    int failed = mr__js_inspect(js, &text, value, print_options(js, &options));
    mr__js_leave(js);
    if (failed < 0) {
        JSValue thrown = JS_GetException(js->ctx);
        mr__repl_print_thrown(js, thrown);
        JS_FreeValue(js->ctx, thrown);
    } else {
        mr__bytes_char(&text, '\n');
        write_text(js, &text);
    }
    mr__bytes_deinit(&text);
}

/* ---- What was thrown --------------------------------------------------------------------------*/

/* A frame that says no more than that the input ran. */
static bool is_input_frame(const char *line, size_t len)
{
    static const char start[] = "    at <eval> (REPL";
    return len > sizeof(start) && memcmp(line, start, sizeof(start) - 1) == 0;
}

static bool is_frame(const char *line, size_t len)
{
    return len > 7 && memcmp(line, "    at ", 7) == 0;
}

/* Copy the text without frames that say nothing. */
static void append_lines(mr__bytes *out, const mr__bytes *text, bool all_frames)
{
    const char *at = text->data, *end = at + text->len;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        if (is_input_frame(at, len) || (!all_frames && is_frame(at, len))) {
            /* " {" behind it begins the error's own properties */
            if (len > 2 && memcmp(at + len - 2, " {", 2) == 0 && out->len > 0 &&
                out->data[out->len - 1] == '\n') {
                out->len--;
                mr__bytes_str(out, " {\n");
            }
        } else {
            mr__bytes_append(out, at, len);
            mr__bytes_char(out, '\n');
        }
        at += len + (newline != NULL);
    }
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->len--;
}

static bool is_syntax_error(mr_js *js, JSValueConst value)
{
    return mr__modules_is_syntax_error(js->ctx, value);
}

/* Append the value, an error without the brackets that one without frames gets. */
static void append_thrown(mr_js *js, mr__bytes *out, JSValueConst value)
{
    mr__bytes text = {0}, lines = {0};
    mr__inspect_options options;
    mr__js_enter(js);
    int failed = mr__js_inspect(js, &text, value, print_options(js, &options));
    mr__js_leave(js);
    if (failed < 0) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        mr__bytes_str(out, "value that could not be shown");
    } else {
        append_lines(&lines, &text, !is_syntax_error(js, value));
        bool bare = JS_IsError(value) && lines.len > 2 && lines.data[0] == '[' &&
                    lines.data[lines.len - 1] == ']';
        mr__bytes_append(out, lines.data + bare, lines.len - 2 * (size_t)bare);
    }
    mr__bytes_deinit(&text);
    mr__bytes_deinit(&lines);
}

void mr__repl_print_thrown(mr_js *js, JSValueConst value)
{
    mr__bytes text = {0}, out = {0};
    append_thrown(js, &text, value);
    bool one_line = text.len == 0 || memchr(text.data, '\n', text.len) == NULL;
    mr__bytes_str(&out, one_line || JS_IsError(value) ? "Uncaught " : "Uncaught:\n");
    mr__bytes_append(&out, text.data, text.len);
    mr__bytes_char(&out, '\n');
    write_text(js, &out);
    mr__bytes_deinit(&text);
    mr__bytes_deinit(&out);
}

void mr__repl_print_place(mr_js *js, JSValueConst error, const char *name, const mr__bytes *text)
{
    mr__bytes out = {0};
    mr__js_report_line(js, &out, error, name, text);
    if (out.len > 0)
        write_text(js, &out);
    mr__bytes_deinit(&out);
}
