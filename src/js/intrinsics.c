#include "js/intrinsics.h"

#include <string.h>

#include "base/memory.h"
#include "js/inspect.h"

/* Where a value is found: CLASS.prototype.MEMBER (its getter, for an accessor), CLASS.prototype with
 * the member "prototype", CLASS itself with none. */
static const struct {
    const char *class_name, *member;
    unsigned char which;
} places[] = {
    {"Map", NULL, MR__KEPT_MAP},
    {"Map", "set", MR__KEPT_MAP_SET},
    {"Map", "forEach", MR__KEPT_MAP_FOR_EACH},
    {"Set", NULL, MR__KEPT_SET},
    {"Set", "add", MR__KEPT_SET_ADD},
    {"Set", "forEach", MR__KEPT_SET_FOR_EACH},
    {"RegExp", NULL, MR__KEPT_REGEXP},
    {"DataView", NULL, MR__KEPT_DATA_VIEW},
    {"ArrayBuffer", NULL, MR__KEPT_BUFFER},
    {"ArrayBuffer", "transfer", MR__KEPT_BUFFER_TRANSFER},
    {"ArrayBuffer", "resize", MR__KEPT_BUFFER_RESIZE},
    {"ArrayBuffer", "resizable", MR__KEPT_BUFFER_RESIZABLE},
    {"ArrayBuffer", "maxByteLength", MR__KEPT_BUFFER_MAX},
    {"SharedArrayBuffer", "growable", MR__KEPT_SHARED_GROWABLE},
    {"SharedArrayBuffer", "maxByteLength", MR__KEPT_SHARED_MAX},
    {"EvalError", "prototype", MR__KEPT_EVAL_ERROR},
    {"RangeError", "prototype", MR__KEPT_RANGE_ERROR},
    {"ReferenceError", "prototype", MR__KEPT_REFERENCE_ERROR},
    {"SyntaxError", "prototype", MR__KEPT_SYNTAX_ERROR},
    {"TypeError", "prototype", MR__KEPT_TYPE_ERROR},
    {"URIError", "prototype", MR__KEPT_URI_ERROR},
    {"Object", "toString", MR__KEPT_OBJECT_TO_STRING},
    {"WeakMap", NULL, MR__KEPT_WEAK_MAP},
    {"WeakMap", "get", MR__KEPT_WEAK_MAP_GET},
    {"WeakMap", "set", MR__KEPT_WEAK_MAP_SET},
};

/* A data property's value, an accessor's getter; undefined when there is none. */
static JSValue own_value(JSContext *ctx, JSValueConst object, const char *name)
{
    JSPropertyDescriptor desc;
    JSAtom atom = JS_NewAtom(ctx, name);
    int found = atom == JS_ATOM_NULL  ? -1
                : JS_IsObject(object) ? JS_GetOwnProperty(ctx, &desc, object, atom)
                                      : 0;
    JS_FreeAtom(ctx, atom);
    if (found <= 0)
        return found < 0 ? JS_EXCEPTION : JS_UNDEFINED;
    JS_FreeValue(ctx, desc.setter);
    JS_FreeValue(ctx, desc.flags & JS_PROP_GETSET ? desc.value : desc.getter);
    return desc.flags & JS_PROP_GETSET ? desc.getter : desc.value;
}

static JSValue find(JSContext *ctx, JSValueConst global, const char *class_name, const char *member)
{
    JSValue constructor = own_value(ctx, global, class_name);
    if (member == NULL || JS_IsException(constructor))
        return constructor;
    JSValue proto = own_value(ctx, constructor, "prototype");
    JS_FreeValue(ctx, constructor);
    if (JS_IsException(proto) || strcmp(member, "prototype") == 0)
        return proto;
    JSValue value = own_value(ctx, proto, member);
    JS_FreeValue(ctx, proto);
    return value;
}

/* The getter of %TypedArray%.prototype, which has no name of its own. */
static JSValue find_typed_length(JSContext *ctx, JSValueConst global)
{
    JSValue proto = find(ctx, global, "Uint8Array", "prototype");
    if (JS_IsException(proto))
        return proto;
    JSValue base = JS_GetPrototype(ctx, proto);
    JSValue getter = own_value(ctx, base, "byteLength");
    JS_FreeValue(ctx, base);
    JS_FreeValue(ctx, proto);
    return getter;
}

static int take_all(JSContext *ctx, struct mr__js_kept *kept, JSValueConst global)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        JSValue value = find(ctx, global, places[i].class_name, places[i].member);
        if (JS_IsException(value))
            return -1;
        kept->values[places[i].which] = value;
    }
    JSValue getter = find_typed_length(ctx, global);
    if (JS_IsException(getter))
        return -1;
    kept->values[MR__KEPT_TYPED_LENGTH] = getter;
    return 0;
}

/* From the global object itself: what is being installed stands on another. */
int mr__js_kept_install(mr_js *js)
{
    struct mr__js_kept *kept = js->kept = mr__alloc(sizeof(*kept));
    if (kept == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    for (size_t i = 0; i < MR__KEPT_COUNT; i++)
        kept->values[i] = JS_UNDEFINED;
    JSValue global = JS_GetGlobalObject(js->ctx);
    int failed = take_all(js->ctx, kept, global);
    JS_FreeValue(js->ctx, global);
    return failed;
}

void mr__js_kept_destroy(mr_js *js)
{
    struct mr__js_kept *kept = js->kept;
    js->kept = NULL;
    for (size_t i = 0; kept != NULL && i < MR__KEPT_COUNT; i++)
        JS_FreeValue(js->ctx, kept->values[i]);
    mr__free(kept);
}

JSValue mr__kept_call(mr_js *js, mr__kept which, JSValueConst receiver, int argc,
                      JSValueConst *argv)
{
    return JS_Call(js->ctx, js->kept->values[which], receiver, argc, argv);
}

JSValue mr__kept_new(mr_js *js, mr__kept which, int argc, JSValueConst *argv)
{
    return JS_CallConstructor(js->ctx, js->kept->values[which], argc, argv);
}

/* ---- Views ------------------------------------------------------------------------------------*/

/* The number a getter gives. false when it throws: the view is detached or out of bounds. */
static bool take_size(JSContext *ctx, JSValue number, size_t *out_size)
{
    double size = 0;
    bool fits = !JS_IsException(number) && JS_ToFloat64(ctx, &size, number) == 0;
    if (!fits)
        JS_FreeValue(ctx, JS_GetException(ctx));
    *out_size = (size_t)size;
    return fits;
}

static void data_view(mr_js *js, JSValueConst value, mr__buffer_view *view)
{
    view->buffer = mr__intrinsic_call(js, MR__FN_VIEW_BUFFER, value);
    view->in_bounds =
        take_size(js->ctx, mr__intrinsic_call(js, MR__FN_VIEW_OFFSET, value), &view->offset) &&
        take_size(js->ctx, mr__intrinsic_call(js, MR__FN_VIEW_LENGTH, value), &view->len);
}

/* The length that the engine gives with the buffer is not that of an array which follows it. */
static void typed_array(mr_js *js, JSValueConst value, mr__buffer_view *view)
{
    size_t stale_len;
    view->buffer = JS_GetTypedArrayBuffer(js->ctx, value, &view->offset, &stale_len, NULL);
    if (JS_IsException(view->buffer)) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        view->buffer = JS_UNDEFINED;
        return;
    }
    view->in_bounds =
        take_size(js->ctx, mr__kept_call(js, MR__KEPT_TYPED_LENGTH, value, 0, NULL), &view->len);
}

bool mr__buffer_view_of(mr_js *js, JSValueConst value, mr__buffer_view *out_view)
{
    *out_view = (mr__buffer_view){.buffer = JS_UNDEFINED, .type = MR__VIEW_BUFFER};
    int type = JS_GetTypedArrayType(value);
    if (type >= 0) {
        out_view->type = type;
        typed_array(js, value, out_view);
    } else if (JS_IsDataView(value)) {
        out_view->type = MR__VIEW_DATA_VIEW;
        data_view(js, value, out_view);
    } else if (JS_IsArrayBuffer(value) || mr__kind_of(js, value) == MR__KIND_SHARED_BUFFER) {
        out_view->buffer = JS_DupValue(js->ctx, value);
        out_view->in_bounds = JS_GetArrayBuffer(js->ctx, &out_view->len, value) != NULL;
        if (!out_view->in_bounds)
            JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    } else {
        return false;
    }
    return true;
}
