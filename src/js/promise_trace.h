/* --trace-promises: where promises were made. Nothing of it exists when the option is off. */
#ifndef MR_JS_PROMISE_TRACE_H
#define MR_JS_PROMISE_TRACE_H

#include "js/runtime.h"

/* Begin to remember, if the options ask for it. -1 with an exception. */
int mr__js_promise_trace_install(mr_js *js, JSValueConst global);
void mr__js_promise_trace_destroy(mr_js *js);

/* The promise whose rejection is being reported, borrowed; undefined: none. */
void mr__js_promise_trace_about(mr_js *js, JSValueConst promise);
/* Append where that promise was made, and in reaction to what. Runs no script. */
void mr__js_promise_trace_append(mr_js *js, mr__bytes *out);

#endif
