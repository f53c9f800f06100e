/* Bytes between C and script: buffers and views of them. */
#ifndef MR_JS_VALUE_BYTES_H
#define MR_JS_VALUE_BYTES_H

#include "js/runtime.h"

/* An ArrayBuffer, shared or not, or a view of one. Runs no script. */
bool mr__js_is_bytes(mr_js *js, JSValueConst value);
/* A copy of its bytes; MR_ENOENT: it is detached, or its buffer became too short. */
mr_status mr__js_bytes_to_value(mr_js *js, JSValueConst value, mr_value *out_value);
/* Call the release functions of buffers that the script has let go. */
void mr__js_bytes_release(mr_js *js);

#endif
