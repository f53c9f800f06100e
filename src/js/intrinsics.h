/* The engine's own constructors, functions and prototypes that files of this room call, taken at
 * installation: nothing that a script changes afterwards reaches them. inspect.h has those that
 * show values. */
#ifndef MR_JS_INTRINSICS_H
#define MR_JS_INTRINSICS_H

#include "js/runtime.h"

typedef enum mr__kept {
    MR__KEPT_MAP,
    MR__KEPT_MAP_SET,
    MR__KEPT_MAP_FOR_EACH,
    MR__KEPT_SET,
    MR__KEPT_SET_ADD,
    MR__KEPT_SET_FOR_EACH,
    MR__KEPT_REGEXP,
    MR__KEPT_DATA_VIEW,
    MR__KEPT_BUFFER,
    MR__KEPT_BUFFER_TRANSFER,
    MR__KEPT_BUFFER_RESIZE,
    MR__KEPT_BUFFER_RESIZABLE,
    MR__KEPT_BUFFER_MAX,
    MR__KEPT_SHARED_GROWABLE,
    MR__KEPT_SHARED_MAX,
    MR__KEPT_TYPED_LENGTH, /* byteLength */
    MR__KEPT_EVAL_ERROR,   /* the prototypes */
    MR__KEPT_RANGE_ERROR,
    MR__KEPT_REFERENCE_ERROR,
    MR__KEPT_SYNTAX_ERROR,
    MR__KEPT_TYPE_ERROR,
    MR__KEPT_URI_ERROR,
    MR__KEPT_OBJECT_TO_STRING,
    MR__KEPT_WEAK_MAP,
    MR__KEPT_WEAK_MAP_GET,
    MR__KEPT_WEAK_MAP_SET,
    MR__KEPT_COUNT
} mr__kept;

struct mr__js_kept {
    JSValue values[MR__KEPT_COUNT];
};

int mr__js_kept_install(mr_js *js);
void mr__js_kept_destroy(mr_js *js);

/* Call the function on a receiver; call the constructor. */
JSValue mr__kept_call(mr_js *js, mr__kept which, JSValueConst receiver, int argc,
                      JSValueConst *argv);
JSValue mr__kept_new(mr_js *js, mr__kept which, int argc, JSValueConst *argv);

enum { MR__VIEW_DATA_VIEW = -1, MR__VIEW_BUFFER = -2 };
typedef struct mr__buffer_view {
    JSValue buffer;     /* owned; undefined for a typed array out of bounds */
    size_t offset, len; /* bytes */
    int type;           /* a JSTypedArrayEnum, or a value above for a DataView or a buffer itself */
    bool in_bounds;
} mr__buffer_view;

/* What a buffer or a view of one shows. false: value is neither. */
bool mr__buffer_view_of(mr_js *js, JSValueConst value, mr__buffer_view *out_view);

#endif
