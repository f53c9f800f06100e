/* The global names of a runtime, put into its context as one transaction. */
#ifndef MR_JS_INSTALL_H
#define MR_JS_INSTALL_H

#include "js/runtime.h"

/* Define on the global object what families(js, object) defines on an object, then join(js), the last
 * step that may fail (out of memory). On failure the global object is as it was: -1 with an exception. */
int mr__js_install_globals(mr_js *js, int (*families)(mr_js *js, JSValueConst global),
                           bool (*join)(mr_js *js));

/* Whether the value is what the engine throws when memory is short. Runs no script. */
bool mr__js_is_out_of_memory(JSContext *ctx, JSValueConst thrown);

#endif
