/* Values that C holds, and functions of C: shared by the files of the embedding API. */
#ifndef MR_JS_VALUE_H
#define MR_JS_VALUE_H

#include "js/runtime.h"

/* A counted value. Emptied (js NULL, value undefined) when its runtime ends; the handle stays. */
struct mr_js_value {
    mr_js *js;
    JSValue value;
    struct mr_js_value *previous, *next; /* js->values */
};

/* A handle for value, which passes in also on failure (NULL: no memory). */
mr_js_value *mr__js_value_new(mr_js *js, JSValue value);
/* Empty all handles of the runtime. */
void mr__js_values_empty(mr_js *js);

/* Entry of a public call that may run script: MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED or 0. */
mr_status mr__js_check(const mr_js *js);
/* The same for a call that runs none: hooks may make it. */
mr_status mr__js_check_making(const mr_js *js);
/* End of one: turns a result of the engine into a status and, unless out is NULL, a handle; value
 * passes in. Keeps what was thrown for mr_js_last_error. */
mr_status mr__js_result(mr_js *js, JSValue value, mr_js_value **out_value);
/* The same for what no script made: what was thrown is memory that is short, or MR_EJS. */
mr_status mr__js_made(mr_js *js, JSValue value, mr_js_value **out_value);
/* Throw for a status: what the engine threw if that is why, else an error of its class. */
JSValue mr__js_throw_status(mr_js *js, mr_status status);

#define MR__SAFE_INTEGER ((INT64_C(1) << 53) - 1)
/* A number, or a BigInt where the rule says so; owned. */
JSValue mr__js_from_integer(mr_js *js, int64_t integer);
/* A BigInt's 64 bits: of a uint64_t, or of an int64_t when negative. MR_ERANGE, MR_EJS. */
mr_status mr__js_bigint(mr_js *js, JSValueConst value, uint64_t *out_bits, bool *out_negative);
/* Run the checkpoint if nothing of the loop or of the script is on the stack. */
void mr__js_settle(mr_js *js);

#endif
