/* What the classes URL and URLSearchParams know of each other. */
#ifndef MR_JS_URL_H
#define MR_JS_URL_H

#include "js/runtime.h"

int mr__js_url_params_make(mr_js *js, JSValueConst global);

/* A URLSearchParams of a URL object, with the pairs of its query. */
JSValue mr__js_params_of(mr_js *js, JSValueConst url, const char *query, size_t len);
/* The query of its URL has become another. -1 with an exception. */
int mr__js_params_reset(mr_js *js, JSValueConst params, const char *query, size_t len);
/* Pair i of a list, lent; false behind the last. */
bool mr__js_params_at(mr_js *js, JSValueConst params, size_t i, const mr__bytes **out_name,
                      const mr__bytes **out_value);
/* The pairs of a URL have changed: query, or NULL for none. -1 with an exception. */
int mr__js_url_set_query(mr_js *js, JSValueConst url, const char *query, size_t len);

/* Make a class: its constructor, owned and a global name, and a prototype with the list. */
int mr__js_url_class(mr_js *js, JSValueConst global, JSClassID *out_id, JSValue *out_constructor,
                     const JSClassDef *def, JSCFunction *construct_fn, int length,
                     const JSCFunctionListEntry *list, int count);
/* An object of the class for `new`, or without new_target (undefined). */
JSValue mr__js_url_object(JSContext *ctx, JSValueConst new_target, JSClassID id);
/* Throw ERR_INVALID_THIS, ERR_MISSING_ARGS ('The "url" argument must be specified'). */
JSValue mr__js_url_bad_this(JSContext *ctx, const char *class_name);
JSValue mr__js_url_missing(JSContext *ctx, const char *which);

#endif
