/* Pieces of error making that more than one file of the room needs. The rest is in runtime.h. */
#ifndef MR_JS_ERRORS_H
#define MR_JS_ERRORS_H

#include "js/runtime.h"

/* Append what was given, as "an instance of Foo", "type number (5)". Runs no script. */
void mr__js_append_received(JSContext *ctx, mr__bytes *out, JSValueConst value);

/* Throw ERR_INVALID_ARG_TYPE: The "ARGUMENT" argument must be EXPECTED. Received … */
JSValue mr__js_throw_arg_type(JSContext *ctx, const char *argument, const char *expected,
                              JSValueConst value);

#endif
