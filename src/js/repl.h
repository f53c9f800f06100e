/* The parts of the REPL: repl.c the session, repl_source.c its texts, repl_print.c what it writes,
 * lib/internal/repl.js its names. */
#ifndef MR_JS_REPL_H
#define MR_JS_REPL_H

#include <millrace/repl.h>

#include "js/runtime.h"

/* ---- repl_source.c ----------------------------------------------------------------------------*/

/* An input as it will be run. */
typedef struct mr__repl_source {
    mr__bytes text;
    mr__bytes
        names;  /* that it declares: a letter (l, c or k for let, const, class), the name, NUL */
    bool async; /* has a top-level await: the result is the promise of { value } */
    bool ends_early; /* does not compile only because it is not finished */
} mr__repl_source;

void mr__repl_source_deinit(mr__repl_source *source);
/* Compile an input under the name. The code, or the SyntaxError thrown; *out tells the rest. */
JSValue mr__repl_compile(JSContext *ctx, const char *text, size_t len, const char *name,
                         mr__repl_source *out);
/* The text with its top-level let, const and class made assignments to names that are declared
 * already; columns stay where they can. false: there is nothing to do, or it is too strange. */
bool mr__repl_rewrite(const char *text, size_t len, mr__bytes *out, mr__bytes *out_names);

/* ---- repl_print.c -----------------------------------------------------------------------------*/

/* Write a result, or what was thrown, to standard output. */
void mr__repl_print_value(mr_js *js, JSValueConst value);
void mr__repl_print_thrown(mr_js *js, JSValueConst value);
/* The line and the caret of a SyntaxError in the text that was given under the name. */
void mr__repl_print_place(mr_js *js, JSValueConst error, const char *name, const mr__bytes *text);

/* ---- repl.c -----------------------------------------------------------------------------------*/

/* What left a callback and had no listener. false: there is no session. */
bool mr__repl_take_uncaught(mr_js *js, JSValueConst value);
/* A callback was ended by mr_js_interrupt. false: there is no session. */
bool mr__repl_take_interruption(mr_js *js);

#endif
