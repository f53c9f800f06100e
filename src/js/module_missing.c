/* The error for an import of a name that the other module has not.
 *
 * The engine says which name is missing and in which module, whose name it cuts at 63 bytes; not who
 * imports it. What it says is therefore made anew, in Node.js's words, with the place of the import:
 * found by going through the graph, and in the text of each importer through its import and export
 * clauses. Where nothing is found the engine's own error stays. */
#include <ctype.h>
#include <string.h>

#include "js/file_url.h"
#include "js/inspect.h"
#include "js/modules.h"
#include "js/source_text.h"

enum { CUT_AT = 63 }; /* bytes of a name in a message of the engine */

struct part {
    const char *text;
    size_t len;
};

struct search {
    mr_js *js;
    struct part export, module; /* as the engine tells them */
    mr__module_record *importer;
    mr__bytes source;
    struct part specifier; /* in source */
    size_t at;             /* of the name */
};

/* ---- What the engine says ---------------------------------------------------------------------*/

static bool take(const char **text, const char *expected, struct part *out_part)
{
    size_t len = strlen(expected);
    if (strncmp(*text, expected, len) != 0)
        return false;
    const char *end = strchr(*text + len, '\'');
    if (end == NULL)
        return false;
    *out_part = (struct part){*text + len, (size_t)(end - *text) - len};
    *text = end;
    return true;
}

static bool read_message(const char *text, struct search *search)
{
    return take(&text, "Could not find export '", &search->export) &&
           take(&text, "' in module '", &search->module) && search->export.len < CUT_AT;
}

static bool is_named(const struct part *told, const char *name)
{
    size_t len = strlen(name);
    return (len == told->len || (told->len >= CUT_AT && len > told->len)) &&
           memcmp(name, told->text, told->len) == 0;
}

/* ---- A clause in the text ---------------------------------------------------------------------*/

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80) != 0;
}

static const char *find_word(const char *text, const char *end, struct part word)
{
    for (; (size_t)(end - text) >= word.len; text++)
        if (memcmp(text, word.text, word.len) == 0 && !in_word(text[-1]) &&
            (text + word.len == end || !in_word(text[word.len])))
            return text;
    return NULL;
}

/* The name in the clause after the keyword: among the names in braces, or "default" as the first of
 * an import. clause[-1] is readable. */
static const char *find_name(struct part name, const char *clause, const char *end, bool import)
{
    const char *found = find_word(clause, end, name);
    if (found != NULL || !import || name.len != 7 || memcmp(name.text, "default", 7) != 0)
        return found;
    while (clause < end && isspace((unsigned char)*clause))
        clause++;
    return clause < end && in_word(*clause) ? clause : NULL;
}

/* A clause from `keyword` on, up to the quote of its specifier: true if the name stands there. */
static bool read_clause(struct search *search, const char *clause, bool import)
{
    const char *end = search->source.data + search->source.len;
    size_t len = strcspn(clause, "'\";(");
    const char *quote = clause + len;
    if (quote >= end || (*quote != '\'' && *quote != '"'))
        return false;
    const char *name = find_name(search->export, clause, quote, import);
    const char *close = memchr(quote + 1, *quote, (size_t)(end - quote - 1));
    if (name == NULL || close == NULL)
        return false;
    search->at = (size_t)(name - search->source.data);
    search->specifier = (struct part){quote + 1, (size_t)(close - quote - 1)};
    return true;
}

/* Past a comment that begins here, else at itself. */
static const char *skip_comment(const char *at)
{
    const char *after = at;
    if (at[0] == '/' && at[1] == '/')
        after = at + strcspn(at, "\n");
    else if (at[0] == '/' && at[1] == '*')
        after = strstr(at + 2, "*/");
    return after != NULL ? after : at + strlen(at);
}

static bool find_clause(struct search *search)
{
    static const struct part keywords[] = {{"import", 6}, {"export", 6}};
    const char *text = search->source.data, *end = text + search->source.len;
    for (const char *at = skip_comment(text); at + 6 < end; at = skip_comment(at + 1))
        for (int i = 0; i < 2; i++)
            if (memcmp(at, keywords[i].text, 6) == 0 && (at == text || !in_word(at[-1])) &&
                !in_word(at[6]) && read_clause(search, at + 6, i == 0))
                return true;
    return false;
}

/* ---- The importer -----------------------------------------------------------------------------*/

static bool read_source(struct search *search, const char *name)
{
    mr__bytes path = {0}, suffix = {0};
    const mr__bytes *kept = mr__js_source_of(search->js, name);
    search->source.len = 0;
    bool read;
    if (kept != NULL) {
        mr__bytes_append(&search->source, kept->data, kept->len);
        read = true;
    } else {
        read = strncmp(name, "file:", 5) == 0 &&
               mr__file_url_resolve(name, "/", &path, &suffix) == MR__FILE_URL_OK &&
               mr__source_read(mr__bytes_cstr(&path), &search->source) == 0;
    }
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&suffix);
    (void)mr__bytes_cstr(&search->source); /* ends in a NUL */
    return read && !search->source.failed && search->source.data != NULL;
}

static bool find_importer(struct search *search, mr__module_record *record, unsigned walk)
{
    if (record->visit == walk)
        return false;
    record->visit = walk;
    for (size_t i = 0; i < record->dependency_count; i++) {
        mr__module_record *dependency = record->dependencies[i];
        search->importer = record;
        if ((is_named(&search->module, dependency->name) && read_source(search, record->name) &&
             find_clause(search)) ||
            find_importer(search, dependency, walk))
            return true;
    }
    return false;
}

/* ---- The error --------------------------------------------------------------------------------*/

static void append_place(const struct search *search, mr__bytes *out)
{
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < search->at; i++) {
        bool newline = search->source.data[i] == '\n';
        line += newline;
        column = newline ? 1 : column + ((search->source.data[i] & 0xC0) != 0x80);
    }
    mr__bytes_printf(out, "    at %s:%u:%u\n", search->importer->name, line, column);
}

static JSValue new_error(const struct search *search)
{
    JSContext *ctx = search->js->ctx;
    mr__bytes stack = {0};
    append_place(search, &stack);
    JS_ThrowSyntaxError(ctx, "The requested module '%.*s' does not provide an export named '%.*s'",
                        (int)(search->specifier.len < 128 ? search->specifier.len : 128),
                        search->specifier.text, (int)search->export.len, search->export.text);
    JSValue error = JS_GetException(ctx);
    JSValue text = JS_NewStringLen(ctx, stack.data, stack.len);
    if (JS_IsError(error) && JS_IsString(text))
        (void)JS_DefinePropertyValueStr(ctx, error, "stack", text,
                                        JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    else
        JS_FreeValue(ctx, text);
    mr__bytes_deinit(&stack);
    return error;
}

JSValue mr__module_missing(mr_js *js, mr__module_record *root, JSValue error)
{
    struct search search = {.js = js};
    JSValue message =
        JS_IsError(error) ? JS_GetPropertyStr(js->ctx, error, "message") : JS_UNDEFINED;
    const char *text = JS_IsString(message) ? JS_ToCString(js->ctx, message) : NULL;
    if (text != NULL && read_message(text, &search) &&
        find_importer(&search, root, ++js->modules->records.walks)) {
        JS_FreeValue(js->ctx, error);
        error = new_error(&search);
    }
    JS_FreeCString(js->ctx, text);
    JS_FreeValue(js->ctx, message);
    mr__bytes_deinit(&search.source);
    return error;
}
