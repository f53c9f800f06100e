/* Text of script strings as exact UTF-8. */
#ifndef MR_JS_TEXT_H
#define MR_JS_TEXT_H

#include "js/runtime.h"

/* Append the string conversion of value; lone surrogates become U+FFFD. Runs script for objects.
 * -1 with an exception. */
int mr__js_append_text(JSContext *ctx, mr__bytes *out, JSValueConst value);

#endif
