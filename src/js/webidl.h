/* What interfaces of Web IDL share: making a class, checking receivers, the bytes behind a buffer
 * source. Functions return as the engine's do: -1 or JS_EXCEPTION with the exception waiting. */
#ifndef MR_JS_WEBIDL_H
#define MR_JS_WEBIDL_H

#include "js/runtime.h"

/* Members of an interface: a method (WEC) and a getter (EC). */
#define MR__WEB_METHOD(name, length, call) JS_CFUNC_DEF2(name, length, call, JS_PROP_C_W_E)
#define MR__WEB_GETTER(name, call, which)                                                          \
    {                                                                                              \
        name, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE, JS_DEF_CGETSET_MAGIC, which,              \
        {                                                                                          \
            .getset = { {.getter_magic = call}, {.setter = NULL} }                                 \
        }                                                                                          \
    }
#define MR__WEB_TAG(name) JS_PROP_STRING_DEF("[Symbol.toStringTag]", name, JS_PROP_CONFIGURABLE)

typedef struct mr__web_interface {
    const char *name;
    int length; /* of the constructor */
    JSCFunction *constructor;
    JSClassFinalizer *finalizer;
    JSClassGCMark *mark;
    const JSCFunctionListEntry *members;
    int member_count;
} mr__web_interface;

typedef struct mr__webidl_class {
    JSClassID id;
    JSValue constructor; /* owned, undefined before it is made */
} mr__webidl_class;

/* Make the class, whose prototype the context keeps (JS_GetClassProto), and its global name. parent
 * is the class it inherits from, or NULL. */
int mr__web_define(mr_js *js, JSValueConst global, const mr__web_interface *interface,
                   const mr__webidl_class *parent, mr__webidl_class *out_class);

/* A constructor of an interface that cannot be made by scripts. */
JSValue mr__web_illegal(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv);

/* A new object of the class for a constructor call: its prototype is new_target's, or that of the
 * class if that is no object. opaque passes in, to the finalizer of the class: on failure it stays
 * the caller's. */
JSValue mr__web_construct(JSContext *ctx, JSValueConst new_target, JSClassID class_id,
                          void *opaque);

/* TypeErrors: ERR_INVALID_THIS, ERR_MISSING_ARGS. */
JSValue mr__web_throw_this(JSContext *ctx, const char *interface);
JSValue mr__web_throw_missing(JSContext *ctx, const char *argument);

/* 1: a dictionary to read members from; 0: undefined or null, all members missing; -1: neither. */
int mr__web_dictionary(JSContext *ctx, JSValueConst value, const char *argument);
/* Read a boolean member of a dictionary into *value, which stays as it is if that is missing. */
int mr__web_flag(JSContext *ctx, JSValueConst dictionary, const char *name, bool *value);

/* Call fn with each item of a sequence<…>, as its iterator gives them. */
int mr__web_sequence(mr_js *js, JSValueConst value, const char *argument,
                     int (*fn)(mr_js *js, JSValueConst item, void *arg), void *arg);

/* Room for one more item in an array of the engine's memory; false: none, thrown. */
bool mr__web_grow(JSContext *ctx, void **array, size_t count, size_t *cap, size_t item_size);

/* A plain object. The values pass in, also on failure, which one that is an exception is. */
JSValue mr__web_object(JSContext *ctx, int count, const char *const *names, const JSValue *values);

/* The bytes behind an ArrayBuffer, a SharedArrayBuffer or a view of one, as they are now: valid until
 * script runs next. What is detached or out of bounds has none. false: value is nothing of that. */
bool mr__web_bytes(mr_js *js, JSValueConst value, uint8_t **out_bytes, size_t *out_len);

#endif
