#include "js/module_names.h"

#include <string.h>

#include "base/memory.h"
#include "js/tokens.h"

/* ---- Sets of names ----------------------------------------------------------------------------*/

void mr__export_names_deinit(mr__export_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        mr__free(names->items[i]);
    mr__free(names->items);
    *names = (mr__export_names){0};
}

static bool equals(const char *name, const char *text, size_t len)
{
    return strncmp(name, text, len) == 0 && name[len] == '\0';
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = mr__alloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

void mr__export_names_add(mr__export_names *names, const char *text, size_t len)
{
    for (size_t i = 0; i < names->count; i++) {
        if (equals(names->items[i], text, len))
            return;
    }
    if (names->count == names->cap) {
        size_t cap = names->cap == 0 ? 8 : names->cap * 2;
        char **items = mr__realloc(names->items, cap * sizeof(*items));
        if (items == NULL) {
            names->failed = true;
            return;
        }
        names->items = items;
        names->cap = cap;
    }
    char *copy = copy_text(text, len);
    if (copy == NULL)
        names->failed = true;
    else
        names->items[names->count++] = copy;
}

bool mr__export_names_has(const mr__export_names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], text) == 0)
            return true;
    }
    return false;
}

/* ---- CommonJS ---------------------------------------------------------------------------------*/

void mr__commonjs_names_deinit(mr__commonjs_names *names)
{
    mr__export_names_deinit(&names->exports);
    mr__export_names_deinit(&names->reexports);
}

static void add_token(mr__export_names *names, const mr__token *token)
{
    mr__export_names_add(names, token->text, token->len);
}

static bool is_plain_string(const mr__token *token)
{
    return token->kind == MR__TOKEN_STRING && memchr(token->text, '\\', token->len) == NULL;
}

/* "=" that is not the start of "==" or "=>". */
static bool accept_assignment(mr__scanner *s)
{
    mr__scanner ahead = *s;
    if (!mr__scan_accept(&ahead, "=") ||
        (ahead.at < ahead.end && (*ahead.at == '=' || *ahead.at == '>')))
        return false;
    *s = ahead;
    return true;
}

/* require("x") after the word: its string; kind END if it is something else. */
static mr__token accept_request(mr__scanner *s)
{
    mr__scanner ahead = *s;
    mr__token none = {MR__TOKEN_END, NULL, 0};
    if (!mr__scan_accept(&ahead, "(") || !mr__scan_next(&ahead) || !is_plain_string(&ahead.token))
        return none;
    mr__token request = ahead.token;
    if (!mr__scan_accept(&ahead, ")"))
        return none;
    *s = ahead;
    return request;
}

/* "exports" or "module.exports" as the next tokens. */
static bool accept_exports(mr__scanner *s)
{
    mr__scanner ahead = *s;
    if (mr__scan_accept(s, "exports"))
        return true;
    if (!mr__scan_accept(&ahead, "module") || !mr__scan_accept(&ahead, ".") ||
        !mr__scan_accept(&ahead, "exports"))
        return false;
    *s = ahead;
    return true;
}

/* After exports: ".name =", "['name'] =". Each assignment of a chain is met in turn. */
static void find_member(mr__commonjs_names *names, mr__scanner *s)
{
    mr__scanner ahead = *s;
    if (mr__scan_accept(&ahead, ".")) {
        if (mr__scan_next(&ahead) && ahead.token.kind == MR__TOKEN_WORD) {
            mr__token name = ahead.token;
            if (accept_assignment(&ahead))
                add_token(&names->exports, &name);
        }
    } else if (mr__scan_accept(&ahead, "[")) {
        bool known = mr__scan_next(&ahead) && is_plain_string(&ahead.token);
        mr__token name = ahead.token;
        if (!known || !mr__scan_accept(&ahead, "]"))
            names->uncertain = true;
        else if (accept_assignment(&ahead))
            add_token(&names->exports, &name);
    }
}

/* Skip the value of a property, up to the "," or "}" that ends it. */
static void skip_value(mr__scanner *s)
{
    unsigned depth = s->depth;
    for (mr__scanner ahead = *s; mr__scan_next(&ahead); *s = ahead) {
        bool closes = ahead.depth < depth;
        if (closes || (ahead.depth == depth && mr__scan_is(&ahead, ",")))
            return;
    }
}

/* One member of the object that is assigned to module.exports; false: what follows is unknown. */
static bool find_property(mr__commonjs_names *names, mr__scanner *s)
{
    if (mr__scan_accept(s, ".")) {
        if (mr__scan_accept(s, ".") && mr__scan_accept(s, ".") && mr__scan_accept(s, "require")) {
            mr__token request = accept_request(s);
            if (request.kind == MR__TOKEN_STRING) {
                add_token(&names->reexports, &request);
                return true;
            }
        }
        names->uncertain = true;
        skip_value(s);
        return true;
    }
    if (!mr__scan_next(s))
        return false;
    mr__token name = s->token;
    if (mr__token_is(&name, "[") || (name.kind != MR__TOKEN_WORD && !is_plain_string(&name))) {
        names->uncertain = true;
        return false;
    }
    bool prefix =
        mr__token_is(&name, "get") || mr__token_is(&name, "set") || mr__token_is(&name, "async");
    mr__scanner ahead = *s;
    if (prefix && mr__scan_next(&ahead) &&
        (ahead.token.kind == MR__TOKEN_WORD || is_plain_string(&ahead.token))) {
        name = ahead.token;
        *s = ahead;
    }
    add_token(&names->exports, &name);
    skip_value(s);
    return true;
}

static void find_literal(mr__commonjs_names *names, mr__scanner *s)
{
    while (!mr__scan_accept(s, "}")) {
        if (!find_property(names, s))
            return;
        if (!mr__scan_accept(s, ",") && !mr__scan_accept(s, "}")) {
            names->uncertain = true;
            return;
        } else if (mr__scan_is(s, "}")) {
            return;
        }
    }
}

/* After "module.exports =". */
static void find_whole(mr__commonjs_names *names, mr__scanner *s)
{
    if (mr__scan_accept(s, "{")) {
        find_literal(names, s);
        return;
    }
    mr__scanner ahead = *s;
    if (mr__scan_accept(&ahead, "require")) {
        mr__token request = accept_request(&ahead);
        if (request.kind == MR__TOKEN_STRING) {
            mr__export_names_deinit(&names->reexports); /* the last assignment stands */
            add_token(&names->reexports, &request);
            return;
        }
    }
    if (!accept_exports(&ahead))
        names->uncertain = true;
}

static void find_after_exports(mr__commonjs_names *names, mr__scanner *s, bool whole)
{
    if (whole && accept_assignment(s))
        find_whole(names, s);
    else
        find_member(names, s);
}

/* After "Object": .defineProperty(exports, "name", … */
static void find_define(mr__commonjs_names *names, mr__scanner *s)
{
    mr__scanner ahead = *s;
    if (!mr__scan_accept(&ahead, ".") || !mr__scan_next(&ahead))
        return;
    mr__token method = ahead.token;
    if (!mr__scan_accept(&ahead, "(") || !accept_exports(&ahead))
        return;
    if (mr__token_is(&method, "defineProperty") && mr__scan_accept(&ahead, ",") &&
        mr__scan_next(&ahead) && is_plain_string(&ahead.token))
        add_token(&names->exports, &ahead.token);
    else
        names->uncertain = true;
    *s = ahead;
}

/* After "__exportStar" or "__export", the helpers of TypeScript: (require("x"), exports). */
static void find_star(mr__commonjs_names *names, mr__scanner *s)
{
    mr__scanner ahead = *s;
    if (!mr__scan_accept(&ahead, "("))
        return;
    mr__token request = {MR__TOKEN_END, NULL, 0};
    if (mr__scan_accept(&ahead, "require"))
        request = accept_request(&ahead);
    if (request.kind == MR__TOKEN_STRING)
        add_token(&names->reexports, &request);
    else
        names->uncertain = true;
}

static void find_word(mr__commonjs_names *names, mr__scanner *s)
{
    if (mr__scan_is(s, "exports")) {
        find_after_exports(names, s, false);
    } else if (mr__scan_is(s, "module")) {
        if (mr__scan_accept(s, ".") && mr__scan_accept(s, "exports"))
            find_after_exports(names, s, true);
    } else if (mr__scan_is(s, "Object")) {
        find_define(names, s);
    } else if (mr__scan_is(s, "__exportStar") || mr__scan_is(s, "__export")) {
        find_star(names, s);
    }
}

void mr__commonjs_names_find(mr__commonjs_names *names, const char *text, size_t len)
{
    mr__scanner s;
    mr__scan_start(&s, text, len);
    bool member = false; /* the token before is a dot */
    while (mr__scan_next(&s)) {
        bool helper = mr__scan_is(&s, "__exportStar");
        if (s.token.kind == MR__TOKEN_WORD && (!member || helper))
            find_word(names, &s);
        member = mr__scan_is(&s, ".");
    }
    /* esbuild writes all names of a bundle into code that never runs, for readers like this one. */
    static const char hint[] = "0 && (module.exports = {";
    if (len > sizeof(hint) && memmem(text, len, hint, sizeof(hint) - 1) != NULL)
        names->uncertain = false;
}

/* ---- What a module asks for -------------------------------------------------------------------*/

void mr__wanted_list_deinit(mr__wanted_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        mr__free(list->items[i].specifier);
        mr__export_names_deinit(&list->items[i].names);
    }
    mr__free(list->items);
    *list = (mr__wanted_list){0};
}

const mr__wanted *mr__wanted_list_get(const mr__wanted_list *list, const char *specifier)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].specifier, specifier) == 0)
            return &list->items[i];
    }
    return NULL;
}

static mr__wanted *get_or_add(mr__wanted_list *list, const mr__token *specifier)
{
    for (size_t i = 0; i < list->count; i++) {
        if (equals(list->items[i].specifier, specifier->text, specifier->len))
            return &list->items[i];
    }
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 8 : list->cap * 2;
        mr__wanted *items = mr__realloc(list->items, cap * sizeof(*items));
        if (items == NULL)
            return NULL;
        list->items = items;
        list->cap = cap;
    }
    mr__wanted *wanted = &list->items[list->count];
    *wanted = (mr__wanted){copy_text(specifier->text, specifier->len), {0}, false};
    if (wanted->specifier == NULL)
        return NULL;
    list->count++;
    return wanted;
}

/* "{ a, b as c, 'd' as e }" after the brace: the names on the left. */
static bool find_clause(mr__export_names *names, mr__scanner *s)
{
    while (!mr__scan_accept(s, "}")) {
        if (!mr__scan_next(s) ||
            (s->token.kind != MR__TOKEN_WORD && s->token.kind != MR__TOKEN_STRING))
            return false;
        add_token(names, &s->token);
        if (mr__scan_accept(s, "as") && !mr__scan_next(s))
            return false;
        if (!mr__scan_accept(s, ",")) {
            return mr__scan_accept(s, "}");
        }
    }
    return true;
}

/* What stands between "import" or "export" and "from"; false: this is no such declaration. */
static bool find_bindings(mr__wanted *found, mr__scanner *s, bool import)
{
    mr__scanner ahead = *s;
    if (import && mr__scan_next(&ahead) && ahead.token.kind == MR__TOKEN_WORD) {
        *s = ahead; /* the default, which every CommonJS file has */
        if (!mr__scan_accept(s, ","))
            return mr__scan_accept(s, "from");
    }
    if (mr__scan_accept(s, "*")) {
        found->all = true;
        if (mr__scan_accept(s, "as") && !mr__scan_next(s))
            return false;
    } else if (!mr__scan_accept(s, "{") || !find_clause(&found->names, s)) {
        return false;
    }
    return mr__scan_accept(s, "from");
}

/* After the word "import" or "export" at the top level. */
static void find_declaration(mr__wanted_list *list, mr__scanner *s, bool import)
{
    mr__wanted found = {NULL, {0}, false};
    mr__scanner ahead = *s;
    mr__wanted *wanted = NULL;
    if (find_bindings(&found, &ahead, import) && mr__scan_next(&ahead) &&
        ahead.token.kind == MR__TOKEN_STRING) {
        wanted = get_or_add(list, &ahead.token);
        list->failed = list->failed || wanted == NULL;
        *s = ahead;
    }
    for (size_t i = 0; wanted != NULL && i < found.names.count; i++)
        mr__export_names_add(&wanted->names, found.names.items[i], strlen(found.names.items[i]));
    if (wanted != NULL)
        wanted->all = wanted->all || found.all;
    mr__export_names_deinit(&found.names);
}

void mr__wanted_list_find(mr__wanted_list *list, const char *text, size_t len)
{
    mr__scanner s;
    mr__scan_start(&s, text, len);
    bool member = false;
    while (mr__scan_next(&s)) {
        bool import = mr__scan_is(&s, "import");
        if (!member && s.depth == 0 && (import || mr__scan_is(&s, "export")))
            find_declaration(list, &s, import);
        member = mr__scan_is(&s, ".");
    }
}
