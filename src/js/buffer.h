/* Buffer, as Node.js 20 has it: a Uint8Array with another prototype.
 *
 * The constructor and its prototype are C function lists, so that a script which does not use them
 * pays for the names alone; what is rare is JavaScript (lib/internal/buffer.js), loaded at its first
 * call. All memory is zeroed when it comes from the system: what "unsafe" means here is that a piece
 * of the pool may hold what this script itself wrote before. */
#ifndef MR_JS_BUFFER_H
#define MR_JS_BUFFER_H

#include "js/encoding.h"
#include "js/runtime.h"

/* As in Node.js 20; the engine's own limits for arrays (2^31 - 1) give a RangeError as well. */
#define MR__BUFFER_MAX_LENGTH UINT64_C(4294967296)
enum { MR__BUFFER_MAX_STRING = 536870888 };

/* Bytes of a view: borrowed until any script runs. */
typedef struct mr__view {
    uint8_t *data; /* may be NULL when len is 0 */
    size_t len;
} mr__view;

/* ---- buffer.c: making them --------------------------------------------------------------------*/

/* A buffer of len bytes, zeroed or from the pool; out_data (may be NULL) are its bytes. */
JSValue mr__js_buffer_new(mr_js *js, size_t len, uint8_t **out_data);
JSValue mr__js_buffer_pooled(mr_js *js, size_t len, uint8_t **out_data);
/* A buffer on the given part of an ArrayBuffer. */
JSValue mr__js_buffer_on(mr_js *js, JSValueConst array_buffer, size_t offset, size_t len);
/* A copy of bytes. */
JSValue mr__js_buffer_copy(mr_js *js, const uint8_t *bytes, size_t len);
/* Make a fresh Uint8Array (passes in, may be an exception) a Buffer. */
JSValue mr__js_buffer_from_array(mr_js *js, JSValue array);

/* Whether Buffer is on the value's chain of prototypes; -1 with an exception. */
int mr__js_is_buffer(mr_js *js, JSValueConst value);

/* ---- buffer_errors.c: arguments and what is said of wrong ones --------------------------------*/

/* The bytes of a typed array of any type; none when it is detached. false, without an exception, for
 * everything else. */
bool mr__js_view(JSContext *ctx, JSValueConst value, mr__view *out_view);
bool mr__js_is_uint8(JSValueConst value);
/* An ArrayBuffer or a SharedArrayBuffer. */
bool mr__js_is_memory(JSContext *ctx, JSValueConst value);
/* The receiver's bytes, else a TypeError and -1. */
int mr__js_buffer_this(JSContext *ctx, JSValueConst this_val, mr__view *out_view);
/* The bytes of an argument that must be a Uint8Array, else ERR_INVALID_ARG_TYPE and -1. */
int mr__js_buffer_arg(JSContext *ctx, JSValueConst value, const char *argument, mr__view *out_view);
/* ERR_OUT_OF_RANGE: The value of "ARGUMENT" is out of range. It must be EXPECTED. Received … */
JSValue mr__js_throw_range(JSContext *ctx, const char *argument, const char *expected,
                           JSValueConst value);
/* An integer between the bounds, else the error of Node.js's validateInteger and -1. */
int mr__js_check_integer(JSContext *ctx, JSValueConst value, const char *argument, uint64_t max,
                         size_t *out_number);
/* A number of bytes, whole part only. */
int mr__js_check_size(JSContext *ctx, JSValueConst value, size_t *out_size);
/* The largest whole number that is not above the value, 0 for what is not finite. */
int mr__js_to_floor(JSContext *ctx, JSValueConst value, double *out_number);
/* The value truncated towards zero, 0 for NaN. */
int mr__js_to_trunc(JSContext *ctx, JSValueConst value, double *out_number);
/* argv[i], undefined behind the end. */
static inline JSValueConst mr__js_arg(int argc, JSValueConst *argv, int i)
{
    return i < argc ? argv[i] : JS_UNDEFINED;
}

/* The encoding that a value names, converted to a string; MR__ENCODING_UNKNOWN - 1 with an
 * exception. */
enum { MR__ENCODING_THREW = MR__ENCODING_UNKNOWN - 1 };
int mr__js_encoding_named(JSContext *ctx, JSValueConst value);
JSValue mr__js_throw_encoding(JSContext *ctx, JSValueConst value);

/* ---- The function lists -----------------------------------------------------------------------*/

#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define MR__METHOD(name, length, function) JS_CFUNC_DEF2(name, length, function, JS_PROP_C_W_E)
#define MR__METHOD_MAGIC(name, length, function, magic)                                            \
    {                                                                                              \
        name, JS_PROP_C_W_E, JS_DEF_CFUNC, magic,                                                  \
        {                                                                                          \
            .func = { length, JS_CFUNC_generic_magic, {.generic_magic = function} }                \
        }                                                                                          \
    }
#define MR__METHOD_ALIAS(name, from)                                                               \
    {                                                                                              \
        name, JS_PROP_C_W_E, JS_DEF_ALIAS, 0,                                                      \
        {                                                                                          \
            .alias = { from, -1 }                                                                  \
        }                                                                                          \
    }

/* Each file defines its methods on the prototype, and the constructor's where it has some. */
int mr__js_buffer_numbers(JSContext *ctx, JSValueConst proto);
int mr__js_buffer_text(JSContext *ctx, JSValueConst proto, JSValueConst constructor);
int mr__js_buffer_bytes(JSContext *ctx, JSValueConst proto, JSValueConst constructor);
int mr__js_buffer_search(JSContext *ctx, JSValueConst proto, JSValueConst constructor);

/* buffer_text.c: Buffer.from of a string; and the two tests, in which ascii says which. */
JSValue mr__js_buffer_from_string(mr_js *js, JSValueConst text, JSValueConst encoding);
JSValue mr__js_buffer_is_utf8(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                              int ascii);
/* buffer_bytes.c: buffer.fill(value, encoding); the result is the buffer once more. */
JSValue mr__js_buffer_fill_all(mr_js *js, JSValueConst buffer, JSValueConst value,
                               JSValueConst encoding);

/* Define Buffer, FastBuffer, atob and btoa on the object. */
int mr__js_buffer_classes(mr_js *js, JSValueConst target);
/* Call the function NAME of lib/internal/buffer.js. */
JSValue mr__js_buffer_call_library(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv, const char *name);

#endif
