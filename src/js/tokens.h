/* JavaScript text as a row of tokens, roughly: enough to find import and export forms in it.
 *
 * No parser: whether a slash divides or starts a regular expression is guessed from the token
 * before. A wrong guess can hide or invent names, never read outside of the text. A scanner is a
 * plain value: copy it to look ahead. */
#ifndef MR_JS_TOKENS_H
#define MR_JS_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mr__token_kind {
    MR__TOKEN_END,
    MR__TOKEN_WORD,   /* identifier or keyword */
    MR__TOKEN_STRING, /* text without the quotes, escapes as written */
    MR__TOKEN_OTHER,  /* number, regular expression, piece of a template */
    MR__TOKEN_PUNCT   /* one character */
} mr__token_kind;

typedef struct mr__token {
    mr__token_kind kind;
    const char *text;
    size_t len;
} mr__token;

enum { MR__SCAN_DEPTH = 256, MR__SCAN_TEMPLATES = 16 };

typedef struct mr__scanner {
    const char *at, *end;
    mr__token token;                        /* the last one read */
    bool value_before;                      /* it ends an expression: a slash divides */
    unsigned depth;                         /* open brackets of all kinds */
    uint8_t conditions[MR__SCAN_DEPTH / 8]; /* by depth: the "(" of if, while, for, with */
    unsigned templates[MR__SCAN_TEMPLATES]; /* depth at which the text of a template goes on */
    unsigned template_count;
} mr__scanner;

void mr__scan_start(mr__scanner *scanner, const char *text, size_t len);
/* Read the next token into scanner->token; false at the end. */
bool mr__scan_next(mr__scanner *scanner);

bool mr__token_is(const mr__token *token, const char *text); /* a word or a punctuator */
bool mr__scan_is(const mr__scanner *scanner, const char *text);
/* Read the next token if it is that word or punctuator. */
bool mr__scan_accept(mr__scanner *scanner, const char *text);

#endif
