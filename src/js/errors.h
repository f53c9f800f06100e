/* Pieces of error making that more than one file of the room needs. The rest is in runtime.h. */
#ifndef MR_JS_ERRORS_H
#define MR_JS_ERRORS_H

#include "js/runtime.h"

/* Append what was given, as "an instance of Foo", "type number (5)". Runs no script. */
void mr__js_append_received(JSContext *ctx, mr__bytes *out, JSValueConst value);

/* Throw ERR_INVALID_ARG_TYPE: The "ARGUMENT" argument must be EXPECTED. Received … */
JSValue mr__js_throw_arg_type(JSContext *ctx, const char *argument, const char *expected,
                              JSValueConst value);

/* ---- dom_exception.c -------------------------------------------------------------------------*/

/* A DOMException with a name of Web IDL's table ("DataCloneError") and a text in UTF-8. Its stack
 * begins at the script that called us. The name is ours, not checked. */
JSValue mr__js_new_dom(JSContext *ctx, const char *name, const char *text, size_t len);
MR_PRINTF(3, 4)
JSValue mr__js_throw_dom(JSContext *ctx, const char *name, const char *format, ...);

/* Name and message of a DOMException, owned; runs no code of a script. 1; 0: it is none, both are
 * undefined; -1: an exception waits. */
int mr__js_dom_fields(mr_js *js, JSValueConst value, JSValue out_fields[2]);

#endif
