/* Declarations of a REPL's input that may come again in a later one.
 *
 * At the top level of the text `let` and `const` become `var`, `class A {}` becomes
 * `var A=class A {};`, and the session has made properties of these names beforehand, which act as
 * the declarations would: dead until initialised, and constant if so declared. A `let` without a
 * value gets one. The text compiles as it is; what is rewritten is compiled again. */
#include "js/repl.h"

#include <string.h>

#include "js/tokens.h"

struct rewriter {
    mr__scanner scan;
    mr__token before; /* the token before scan.token */
    bool value_before;
    const char *copied; /* input up to here is in out */
    mr__bytes *out, *names;
    bool strange;
};

/* ---- Tokens -----------------------------------------------------------------------------------*/

static bool next(struct rewriter *r)
{
    r->before = r->scan.token;
    r->value_before = r->scan.value_before || mr__scan_is(&r->scan, "}");
    return mr__scan_next(&r->scan);
}

static bool peek_is(const struct rewriter *r, const char *text)
{
    mr__scanner ahead = r->scan;
    return mr__scan_next(&ahead) && mr__scan_is(&ahead, text);
}

static bool newline_before(const struct rewriter *r)
{
    const char *from = r->before.text == NULL ? r->scan.token.text : r->before.text + r->before.len;
    return memchr(from, '\n', (size_t)(r->scan.token.text - from)) != NULL;
}

/* Whether the token can only be the first of a new statement: a line begins with it, what came
 * before is complete, and nothing could join the two. */
static bool begins_statement(const struct rewriter *r)
{
    const mr__token *token = &r->scan.token;
    if (!r->value_before || !newline_before(r))
        return false;
    switch (token->kind) {
    case MR__TOKEN_WORD:
        return !mr__token_is(token, "in") && !mr__token_is(token, "instanceof");
    case MR__TOKEN_STRING:
        return true;
    case MR__TOKEN_OTHER:
        return token->text[-1] != '`';
    default:
        return false;
    }
}

/* Read on until the bracket just read is closed: depth is the one outside of it. */
static void skip_to(struct rewriter *r, unsigned depth)
{
    while (r->scan.depth > depth && next(r)) {
    }
}

/* ---- What is declared -------------------------------------------------------------------------*/

static void add_name(struct rewriter *r, char letter)
{
    const mr__token *token = &r->scan.token;
    if (memchr(token->text, '\\', token->len) != NULL)
        r->strange = true;
    mr__bytes_char(r->names, letter);
    mr__bytes_append(r->names, token->text, token->len);
    mr__bytes_char(r->names, '\0');
}

/* In a pattern: the default value, up to the comma or the bracket behind it. */
static void skip_default(struct rewriter *r, unsigned depth)
{
    if (!mr__scan_accept(&r->scan, "="))
        return;
    while (!(r->scan.depth == depth && peek_is(r, ",")) &&
           !(r->scan.depth == depth && (peek_is(r, "}") || peek_is(r, "]"))) && next(r)) {
    }
}

static void read_target(struct rewriter *r, char letter);

/* After a key of an object pattern: what it is bound to. */
static void read_property(struct rewriter *r, char letter, unsigned depth)
{
    mr__scanner key = r->scan;
    if (mr__scan_is(&r->scan, "["))
        skip_to(r, depth);
    if (mr__scan_accept(&r->scan, ":")) {
        if (next(r))
            read_target(r, letter);
    } else {
        r->scan = key;
        add_name(r, letter);
    }
}

/* The names of a pattern or the one name that the present token begins. */
static void read_target(struct rewriter *r, char letter)
{
    if (r->scan.token.kind == MR__TOKEN_WORD) {
        add_name(r, letter);
        return;
    }
    bool object = mr__scan_is(&r->scan, "{");
    if (!object && !mr__scan_is(&r->scan, "[")) {
        r->strange = true;
        return;
    }
    unsigned depth = r->scan.depth;
    while (!r->strange && next(r)) {
        if (r->scan.depth < depth)
            return;
        if (mr__scan_is(&r->scan, ","))
            continue;
        bool rest = mr__scan_is(&r->scan, ".");
        while (mr__scan_is(&r->scan, ".") && next(r)) {
        }
        if (object && !rest)
            read_property(r, letter, depth);
        else
            read_target(r, letter);
        skip_default(r, depth);
    }
    r->strange = true; /* it never ended */
}

/* ---- Statements -------------------------------------------------------------------------------*/

static void copy_up_to(struct rewriter *r, const char *end)
{
    mr__bytes_append(r->out, r->copied, (size_t)(end - r->copied));
    r->copied = end;
}

/* Read the initial value: up to a comma (true: another name follows) or the end of the statement,
 * whose first foreign token is then the present one. */
static bool skip_value(struct rewriter *r, bool *out_more)
{
    *out_more = true;
    while (next(r)) {
        if (r->scan.depth != 0)
            continue;
        if (mr__scan_is(&r->scan, ","))
            return true;
        if (mr__scan_is(&r->scan, ";") || begins_statement(r))
            return false;
    }
    *out_more = false;
    return false;
}

/* The names behind `let` or `const`, the present token. Leaves the present token to the caller;
 * false at the end of the text. */
static bool read_declaration(struct rewriter *r)
{
    bool constant = mr__scan_is(&r->scan, "const"), more = true;
    copy_up_to(r, r->scan.token.text);
    mr__bytes_str(r->out, constant ? "var  " : "var");
    r->copied += r->scan.token.len;
    while (!r->strange && (more = next(r))) {
        bool name = r->scan.token.kind == MR__TOKEN_WORD;
        read_target(r, constant ? 'c' : 'l');
        if (name && !constant && !peek_is(r, "=")) {
            copy_up_to(r, r->scan.token.text + r->scan.token.len);
            mr__bytes_str(r->out, "=void 0");
        }
        if (!skip_value(r, &more))
            break;
    }
    return more;
}

static bool read_class(struct rewriter *r)
{
    copy_up_to(r, r->scan.token.text);
    if (!next(r))
        return false;
    add_name(r, 'k');
    mr__bytes_str(r->out, "var ");
    mr__bytes_append(r->out, r->scan.token.text, r->scan.token.len);
    mr__bytes_char(r->out, '=');
    while (next(r)) {
        if (mr__scan_is(&r->scan, "{") && r->scan.depth == 1) {
            skip_to(r, 0);
            copy_up_to(r, r->scan.at);
            mr__bytes_char(r->out, ';');
            return next(r);
        }
    }
    return false;
}

static bool at_statement(const struct rewriter *r)
{
    return r->before.text == NULL || r->before.len == 0 || mr__token_is(&r->before, ";") ||
           mr__token_is(&r->before, "}") || begins_statement(r);
}

static bool declares_class(const struct rewriter *r)
{
    return mr__scan_is(&r->scan, "class") && at_statement(r) && !peek_is(r, "{") &&
           !peek_is(r, "extends") && !mr__token_is(&r->before, "extends");
}

static bool declares_let(const struct rewriter *r)
{
    if (!mr__scan_is(&r->scan, "let") || !at_statement(r))
        return false;
    mr__scanner ahead = r->scan;
    if (!mr__scan_next(&ahead))
        return false;
    if (ahead.token.kind == MR__TOKEN_WORD)
        return !mr__scan_is(&ahead, "in") && !mr__scan_is(&ahead, "instanceof");
    return mr__scan_is(&ahead, "[") || mr__scan_is(&ahead, "{");
}

bool mr__repl_rewrite(const char *text, size_t len, mr__bytes *out, mr__bytes *out_names)
{
    struct rewriter r = {.copied = text, .out = out, .names = out_names};
    mr__scan_start(&r.scan, text, len);
    bool more = next(&r);
    while (more && !r.strange) {
        bool top = r.scan.depth == 0;
        if (top && mr__scan_is(&r.scan, "const") && !mr__token_is(&r.before, "."))
            more = read_declaration(&r);
        else if (top && declares_let(&r))
            more = read_declaration(&r);
        else if (top && declares_class(&r))
            more = read_class(&r);
        else
            more = next(&r);
    }
    copy_up_to(&r, text + len);
    return out_names->len != 0 && !r.strange && !out->failed && !out_names->failed;
}
