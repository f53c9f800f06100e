/* What a REPL does to a text before it runs: is it complete, does it await, what does it declare.
 *
 * Whether more could complete a text is asked of the engine: a text that is not finished fails where
 * it ends, so the same text with an impossible line behind it fails in that line. */
#include "js/repl.h"

#include <stdlib.h>
#include <string.h>

#include "js/tokens.h"

void mr__repl_source_deinit(mr__repl_source *source)
{
    mr__bytes_deinit(&source->text);
    mr__bytes_deinit(&source->names);
}

/* ---- Finished or not --------------------------------------------------------------------------*/

/* Message and place of a SyntaxError; line 0: it has no place. */
struct complaint {
    char message[128];
    unsigned long line, column;
};

static void copy_member(JSContext *ctx, JSValueConst error, const char *name, char *out,
                        size_t size)
{
    JSValue value = JS_GetPropertyStr(ctx, error, name);
    const char *text = JS_IsString(value) ? JS_ToCString(ctx, value) : NULL;
    out[0] = '\0';
    if (text != NULL)
        strncat(out, text, size - 1);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, value);
}

static struct complaint read_complaint(JSContext *ctx, JSValueConst error)
{
    struct complaint complaint = {.line = 0};
    char stack[256];
    copy_member(ctx, error, "message", complaint.message, sizeof(complaint.message));
    copy_member(ctx, error, "stack", stack, sizeof(stack));
    const char *at = strstr(stack, "    at ");
    size_t len = at == NULL ? 0 : strcspn(at, "\n");
    const char *column = len == 0 ? NULL : memrchr(at, ':', len);
    const char *line = column == NULL ? NULL : memrchr(at, ':', (size_t)(column - at));
    if (line != NULL) {
        complaint.line = strtoul(line + 1, NULL, 10);
        complaint.column = strtoul(column + 1, NULL, 10);
    }
    return complaint;
}

/* The byte at a place; 0 behind the end. Columns count characters. */
static char byte_at(const char *text, size_t len, unsigned long line, unsigned long column)
{
    const char *at = text, *end = text + len;
    for (; at < end && line > 1; at++)
        line -= *at == '\n';
    while (at < end && column > 1) {
        at++;
        while (at < end && ((unsigned char)*at & 0xC0) == 0x80)
            at++;
        column--;
    }
    return at < end ? *at : '\0';
}

/* A backslash joins the last line to the next one. */
static bool ends_with_backslash(const char *text, size_t len)
{
    size_t count = 0;
    while (count < len && text[len - 1 - count] == '\\')
        count++;
    return count % 2 == 1;
}

/* The parser complains at the end about these, but no text behind them would help. */
static bool is_hopeless(const char *message)
{
    return strncmp(message, "break must", 10) == 0 || strncmp(message, "continue must", 13) == 0 ||
           strncmp(message, "invalid redefinition", 20) == 0;
}

static bool fails_behind(JSContext *ctx, const char *text, size_t len, int flags)
{
    static const char impossible[] = "\n\001";
    mr__bytes longer = {0};
    unsigned long last = 2;
    for (size_t i = 0; i < len; i++)
        last += text[i] == '\n';
    mr__bytes_append(&longer, text, len);
    mr__bytes_append(&longer, impossible, sizeof(impossible) - 1);
    const char *source = mr__bytes_cstr(&longer);
    JSValue code = longer.failed ? JS_UNDEFINED : JS_Eval(ctx, source, longer.len, "REPL", flags);
    bool behind = false;
    if (JS_IsException(code)) {
        JSValue error = JS_GetException(ctx);
        struct complaint complaint = read_complaint(ctx, error);
        behind = complaint.line >= last && !is_hopeless(complaint.message);
        JS_FreeValue(ctx, error);
    }
    JS_FreeValue(ctx, code);
    mr__bytes_deinit(&longer);
    return behind;
}

/* Whether a text that failed so could go on to something that compiles. */
static bool could_go_on(JSContext *ctx, JSValueConst error, const char *text, size_t len, int flags)
{
    struct complaint complaint = read_complaint(ctx, error);
    if (complaint.line == 0)
        return false;
    if (strcmp(complaint.message, "unexpected end of comment") == 0)
        return true;
    if (strcmp(complaint.message, "unexpected end of string") == 0) {
        char start = byte_at(text, len, complaint.line, complaint.column);
        return (start != '"' && start != '\'') || ends_with_backslash(text, len);
    }
    return fails_behind(ctx, text, len, flags);
}

/* ---- Compiling --------------------------------------------------------------------------------*/

static bool has_await(const char *text, size_t len)
{
    mr__scanner scanner;
    mr__scan_start(&scanner, text, len);
    while (mr__scan_next(&scanner)) {
        if (mr__scan_is(&scanner, "await"))
            return true;
    }
    return false;
}

/* An object literal rather than a block: it starts with a brace and ends with no semicolon. */
static bool looks_like_object(const char *text, size_t len)
{
    size_t start = strspn(text, " \t\r\n");
    while (len > start && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    return len > start && text[start] == '{' && text[len - 1] != ';';
}

static JSValue compile(JSContext *ctx, mr__repl_source *source, const char *name, int flags)
{
    const char *text = mr__bytes_cstr(&source->text);
    if (source->text.failed)
        return JS_ThrowOutOfMemory(ctx);
    return JS_Eval(ctx, text, source->text.len, name, flags);
}

static void set_text(mr__repl_source *source, const char *before, const char *text, size_t len,
                     const char *behind)
{
    source->text.len = 0;
    mr__bytes_str(&source->text, before);
    mr__bytes_append(&source->text, text, len);
    mr__bytes_str(&source->text, behind);
}

/* Compile as it stands with these flags; tells whether more text could help. */
static JSValue compile_plain(JSContext *ctx, const char *text, size_t len, const char *name,
                             int flags, mr__repl_source *out)
{
    if (looks_like_object(text, len)) {
        set_text(out, "(", text, len, "\n)");
        JSValue code = compile(ctx, out, name, flags);
        if (!JS_IsException(code))
            return code;
        JS_FreeValue(ctx, JS_GetException(ctx));
    }
    set_text(out, "", text, len, "");
    JSValue code = compile(ctx, out, name, flags);
    if (!JS_IsException(code))
        return code;
    JSValue error = JS_GetException(ctx);
    if (could_go_on(ctx, error, text, len, flags))
        out->ends_early = true;
    return JS_Throw(ctx, error);
}

/* The declarations replaced, if there are any; else, or if that fails, code as it is. */
static JSValue compile_rewritten(JSContext *ctx, JSValue code, const char *name, int flags,
                                 mr__repl_source *out)
{
    mr__bytes text = {0};
    if (!mr__repl_rewrite(out->text.data, out->text.len, &text, &out->names)) {
        mr__bytes_deinit(&text);
        out->names.len = 0;
        return code;
    }
    const char *source = mr__bytes_cstr(&text);
    JSValue rewritten = JS_Eval(ctx, source, text.len, name, flags);
    mr__bytes_deinit(&text);
    if (JS_IsException(rewritten)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        out->names.len = 0;
        return code;
    }
    JS_FreeValue(ctx, code);
    return rewritten;
}

JSValue mr__repl_compile(JSContext *ctx, const char *text, size_t len, const char *name,
                         mr__repl_source *out)
{
    const int plain =
        JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY | JS_EVAL_FLAG_BACKTRACE_BARRIER;
    int flags = plain;
    JSValue code;
    out->async = has_await(text, len);
    if (out->async) {
        flags = plain | JS_EVAL_FLAG_ASYNC;
        code = compile_plain(ctx, text, len, name, flags, out);
        if (JS_IsException(code)) {
            JSValue first = JS_GetException(ctx);
            flags = plain;
            out->async = false;
            code = compile_plain(ctx, text, len, name, flags, out);
            if (JS_IsException(code)) { /* of the two, the one that takes await for what it is */
                JS_FreeValue(ctx, JS_GetException(ctx));
                return JS_Throw(ctx, first);
            }
            JS_FreeValue(ctx, first);
        }
    } else {
        code = compile_plain(ctx, text, len, name, flags, out);
    }
    return JS_IsException(code) ? code : compile_rewritten(ctx, code, name, flags, out);
}
