#include "js/tokens.h"

#include <string.h>

void mr__scan_start(mr__scanner *scanner, const char *text, size_t len)
{
    memset(scanner, 0, sizeof(*scanner));
    scanner->at = text;
    scanner->end = text + len;
}

bool mr__token_is(const mr__token *token, const char *text)
{
    size_t len = strlen(text);
    return (token->kind == MR__TOKEN_WORD || token->kind == MR__TOKEN_PUNCT) && token->len == len &&
           memcmp(token->text, text, len) == 0;
}

bool mr__scan_is(const mr__scanner *scanner, const char *text)
{
    return mr__token_is(&scanner->token, text);
}

bool mr__scan_accept(mr__scanner *scanner, const char *text)
{
    mr__scanner ahead = *scanner;
    if (!mr__scan_next(&ahead) || !mr__scan_is(&ahead, text))
        return false;
    *scanner = ahead;
    return true;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '\\' || (unsigned char)c >= 0x80;
}

static bool starts_with(const mr__scanner *s, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(s->end - s->at) >= len && memcmp(s->at, text, len) == 0;
}

static void skip_blanks(mr__scanner *s)
{
    while (s->at < s->end) {
        if (*s->at == ' ' || (*s->at >= '\t' && *s->at <= '\r')) {
            s->at++;
        } else if (starts_with(s, "//")) {
            while (s->at < s->end && *s->at != '\n')
                s->at++;
        } else if (starts_with(s, "/*")) {
            s->at += 2;
            while (s->at < s->end && !starts_with(s, "*/"))
                s->at++;
            s->at += s->at < s->end ? 2 : 0;
        } else {
            return;
        }
    }
}

static void set_token(mr__scanner *s, mr__token_kind kind, const char *start, const char *end,
                      bool value)
{
    s->token = (mr__token){kind, start, (size_t)(end - start)};
    s->value_before = value;
}

/* Whether an expression, not a division, follows the word. */
static bool is_operator_word(const mr__token *token)
{
    static const char *const words[] = {"return", "typeof",     "case",  "in",    "of",
                                        "delete", "void",       "throw", "new",   "do",
                                        "else",   "instanceof", "yield", "await", "default"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (mr__token_is(token, words[i]))
            return true;
    }
    return false;
}

static void read_word(mr__scanner *s)
{
    const char *start = s->at;
    bool number = *start >= '0' && *start <= '9';
    while (s->at < s->end && (is_word_char(*s->at) || (number && *s->at == '.')))
        s->at++;
    set_token(s, number ? MR__TOKEN_OTHER : MR__TOKEN_WORD, start, s->at, true);
    s->value_before = number || !is_operator_word(&s->token);
}

static void read_string(mr__scanner *s)
{
    char quote = *s->at++;
    const char *start = s->at;
    while (s->at < s->end && *s->at != quote && *s->at != '\n')
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    set_token(s, MR__TOKEN_STRING, start, s->at, true);
    s->at += s->at < s->end ? 1 : 0;
}

/* The text of a template up to its end or to the next "${". */
static void read_template(mr__scanner *s)
{
    const char *start = s->at;
    while (s->at < s->end && *s->at != '`' && !starts_with(s, "${"))
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    set_token(s, MR__TOKEN_OTHER, start, s->at, true);
    if (starts_with(s, "${") && s->template_count < MR__SCAN_TEMPLATES) {
        s->templates[s->template_count++] = s->depth++;
        s->value_before = false;
        s->at += 2;
    } else {
        s->at += s->at < s->end ? 1 : 0;
    }
}

/* A regular expression; false, nothing read, if the line ends before it does. */
static bool read_regex(mr__scanner *s)
{
    bool in_class = false;
    const char *at = s->at + 1;
    for (; at < s->end && *at != '\n' && (*at != '/' || in_class); at++) {
        if (*at == '[')
            in_class = true;
        else if (*at == ']')
            in_class = false;
        else if (*at == '\\' && s->end - at > 1)
            at++;
    }
    if (at >= s->end || *at != '/')
        return false;
    for (at++; at < s->end && is_word_char(*at); at++) {
    }
    set_token(s, MR__TOKEN_OTHER, s->at, at, true);
    s->at = at;
    return true;
}

static void open_bracket(mr__scanner *s, char c)
{
    bool condition = c == '(' && (mr__scan_is(s, "if") || mr__scan_is(s, "while") ||
                                  mr__scan_is(s, "for") || mr__scan_is(s, "with"));
    if (s->depth < MR__SCAN_DEPTH) {
        uint8_t bit = (uint8_t)(1u << s->depth % 8);
        uint8_t *byte = &s->conditions[s->depth / 8];
        *byte = (uint8_t)(condition ? *byte | bit : *byte & ~bit);
    }
    s->depth++;
}

/* Whether what the bracket closed is a value. After "}" a block is more likely than an object. */
static bool close_bracket(mr__scanner *s, char c)
{
    s->depth -= s->depth > 0 ? 1 : 0;
    if (c == ')' && s->depth < MR__SCAN_DEPTH)
        return (s->conditions[s->depth / 8] & 1u << s->depth % 8) == 0;
    return c != '}';
}

static void read_punct(mr__scanner *s)
{
    char c = *s->at;
    bool value = false;
    if (c == '(' || c == '[' || c == '{')
        open_bracket(s, c);
    else if (c == ')' || c == ']' || c == '}')
        value = close_bracket(s, c);
    s->at++;
    set_token(s, MR__TOKEN_PUNCT, s->at - 1, s->at, value);
}

bool mr__scan_next(mr__scanner *s)
{
    skip_blanks(s);
    if (s->at >= s->end) {
        set_token(s, MR__TOKEN_END, s->end, s->end, false);
        return false;
    }
    char c = *s->at;
    if (is_word_char(c)) {
        read_word(s);
    } else if (c == '"' || c == '\'') {
        read_string(s);
    } else if (c == '`') {
        s->at++;
        read_template(s);
    } else if (c == '}' && s->template_count > 0 &&
               s->depth == s->templates[s->template_count - 1] + 1) {
        s->depth--;
        s->template_count--;
        s->at++;
        read_template(s);
    } else if (c != '/' || s->value_before || !read_regex(s)) {
        read_punct(s);
    }
    return true;
}
