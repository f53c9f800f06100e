#include "js/webidl.h"

#include "js/errors.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/intrinsics.h"

/* ---- Classes ----------------------------------------------------------------------------------*/

static JSValue make_constructor(JSContext *ctx, const mr__web_interface *interface,
                                const mr__webidl_class *parent)
{
    JSValue above =
        parent != NULL ? JS_DupValue(ctx, parent->constructor) : JS_GetFunctionProto(ctx);
    JSValue constructor = JS_NewCFunction3(ctx, interface->constructor, interface->name,
                                           interface->length, JS_CFUNC_constructor, 0, above, 0);
    JS_FreeValue(ctx, above);
    return constructor;
}

static JSValue make_prototype(JSContext *ctx, const mr__web_interface *interface,
                              const mr__webidl_class *parent)
{
    JSValue above = parent != NULL ? JS_GetClassProto(ctx, parent->id) : JS_UNDEFINED;
    JSValue proto = parent != NULL ? JS_NewObjectProto(ctx, above) : JS_NewObject(ctx);
    JS_FreeValue(ctx, above);
    if (!JS_IsException(proto) &&
        JS_SetPropertyFunctionList(ctx, proto, interface->members, interface->member_count) < 0) {
        JS_FreeValue(ctx, proto);
        return JS_EXCEPTION;
    }
    return proto;
}

int mr__web_define(mr_js *js, JSValueConst global, const mr__web_interface *interface,
                   const mr__webidl_class *parent, mr__webidl_class *out_class)
{
    JSContext *ctx = js->ctx;
    const JSClassDef def = {.class_name = interface->name,
                            .finalizer = interface->finalizer,
                            .gc_mark = interface->mark};
    JS_NewClassID(js->rt, &out_class->id);
    if (JS_NewClass(js->rt, out_class->id, &def) < 0)
        return -1;
    JSValue proto = make_prototype(ctx, interface, parent);
    if (JS_IsException(proto))
        return -1;
    JS_SetClassProto(ctx, out_class->id, proto);
    JSValue constructor = make_constructor(ctx, interface, parent);
    if (JS_IsException(constructor))
        return -1;
    out_class->constructor = constructor;
    return JS_SetConstructor(ctx, constructor, proto) < 0 ||
                   JS_DefinePropertyValueStr(ctx, global, interface->name,
                                             JS_DupValue(ctx, constructor),
                                             JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0
               ? -1
               : 0;
}

JSValue mr__web_illegal(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    (void)new_target, (void)argc, (void)argv;
    return mr__js_throw_code(ctx, "TypeError", "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
}

JSValue mr__web_construct(JSContext *ctx, JSValueConst new_target, JSClassID class_id, void *opaque)
{
    JSValue proto = JS_GetPropertyStr(ctx, new_target, "prototype");
    if (JS_IsException(proto))
        return proto;
    JSValue object = JS_IsObject(proto) ? JS_NewObjectProtoClass(ctx, proto, class_id)
                                        : JS_NewObjectClass(ctx, class_id);
    JS_FreeValue(ctx, proto);
    if (!JS_IsException(object))
        JS_SetOpaque(object, opaque);
    return object;
}

/* ---- Arguments --------------------------------------------------------------------------------*/

JSValue mr__web_throw_this(JSContext *ctx, const char *interface)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_THIS",
                             "Value of \"this\" must be of type %s", interface);
}

JSValue mr__web_throw_missing(JSContext *ctx, const char *argument)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_MISSING_ARGS",
                             "The \"%s\" argument must be specified", argument);
}

int mr__web_dictionary(JSContext *ctx, JSValueConst value, const char *argument)
{
    if (JS_IsObject(value))
        return 1;
    if (JS_IsUndefined(value) || JS_IsNull(value))
        return 0;
    mr__js_throw_arg_type(ctx, argument, "of type object", value);
    return -1;
}

int mr__web_flag(JSContext *ctx, JSValueConst dictionary, const char *name, bool *value)
{
    JSValue member = JS_GetPropertyStr(ctx, dictionary, name);
    if (JS_IsException(member))
        return -1;
    if (!JS_IsUndefined(member))
        *value = JS_ToBool(ctx, member) > 0;
    JS_FreeValue(ctx, member);
    return 0;
}

/* 1 and *out_item owned, 0 at the end. */
static int next_item(JSContext *ctx, JSValueConst iterator, JSValueConst next, JSValue *out_item)
{
    JSValue step = JS_Call(ctx, next, iterator, 0, NULL);
    if (!JS_IsException(step) && !JS_IsObject(step)) {
        JS_FreeValue(ctx, step);
        step = JS_ThrowTypeError(ctx, "iterator must return an object");
    }
    if (JS_IsException(step))
        return -1;
    JSValue done = JS_GetPropertyStr(ctx, step, "done");
    int more = JS_IsException(done) ? -1 : JS_ToBool(ctx, done) == 0;
    JS_FreeValue(ctx, done);
    if (more > 0) {
        *out_item = JS_GetPropertyStr(ctx, step, "value");
        more = JS_IsException(*out_item) ? -1 : 1;
    }
    JS_FreeValue(ctx, step);
    return more;
}

static int each_item(mr_js *js, JSValueConst iterator,
                     int (*fn)(mr_js *js, JSValueConst item, void *arg), void *arg)
{
    JSContext *ctx = js->ctx;
    JSValue next = JS_GetPropertyStr(ctx, iterator, "next");
    JSValue item;
    int more = JS_IsException(next) ? -1 : 1;
    while (more > 0 && (more = next_item(ctx, iterator, next, &item)) > 0) {
        if (fn(js, item, arg) < 0)
            more = -1;
        JS_FreeValue(ctx, item);
    }
    JS_FreeValue(ctx, next);
    return more;
}

int mr__web_sequence(mr_js *js, JSValueConst value, const char *argument,
                     int (*fn)(mr_js *js, JSValueConst item, void *arg), void *arg)
{
    JSContext *ctx = js->ctx;
    JSAtom name = mr__intrinsics_of(js)->atoms[MR__ATOM_ITERATOR];
    JSValue method = JS_IsObject(value) ? JS_GetProperty(ctx, value, name) : JS_UNDEFINED;
    if (JS_IsException(method))
        return -1;
    if (!JS_IsFunction(ctx, method)) {
        JS_FreeValue(ctx, method);
        mr__js_throw_arg_type(ctx, argument, "an iterable of objects", value);
        return -1;
    }
    JSValue iterator = JS_Call(ctx, method, value, 0, NULL);
    JS_FreeValue(ctx, method);
    if (!JS_IsException(iterator) && !JS_IsObject(iterator)) {
        JS_FreeValue(ctx, iterator);
        iterator = JS_ThrowTypeError(ctx, "iterator is not an object");
    }
    int failed = JS_IsException(iterator) ? -1 : each_item(js, iterator, fn, arg);
    JS_FreeValue(ctx, iterator);
    return failed;
}

bool mr__web_grow(JSContext *ctx, void **array, size_t count, size_t *cap, size_t item_size)
{
    if (count < *cap)
        return true;
    size_t wanted = *cap == 0 ? 8 : *cap * 2;
    void *grown = js_realloc(ctx, *array, wanted * item_size);
    if (grown == NULL)
        return false;
    *array = grown;
    *cap = wanted;
    return true;
}

JSValue mr__web_object(JSContext *ctx, int count, const char *const *names, const JSValue *values)
{
    JSValue object = JS_NewObject(ctx);
    bool failed = JS_IsException(object);
    for (int i = 0; i < count; i++) {
        failed |= JS_IsException(values[i]);
        if (failed)
            JS_FreeValue(ctx, values[i]);
        else
            failed = JS_DefinePropertyValueStr(ctx, object, names[i], values[i], JS_PROP_C_W_E) < 0;
    }
    if (!failed)
        return object;
    JS_FreeValue(ctx, object);
    return JS_EXCEPTION;
}

bool mr__web_bytes(mr_js *js, JSValueConst value, uint8_t **out_bytes, size_t *out_len)
{
    *out_bytes = NULL;
    *out_len = 0;
    mr__buffer_view view;
    if (!mr__buffer_view_of(js, value, &view))
        return false;
    size_t size;
    uint8_t *data = JS_GetArrayBuffer(js->ctx, &size, view.buffer);
    if (data == NULL) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    } else if (view.in_bounds && view.offset <= size && view.len <= size - view.offset) {
        *out_bytes = data + view.offset;
        *out_len = view.len;
    }
    JS_FreeValue(js->ctx, view.buffer);
    return true;
}
