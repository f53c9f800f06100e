/* The methods of timers' handles, and the prototypes of all. */
#include "js/gate.h"
#include "js/handles.h"

enum method { REF, UNREF, HAS_REF, REFRESH, CLOSE, DISPOSE, TO_PRIMITIVE };

static JSValue to_primitive(mr_js *js, mr__handle *handle)
{
    if (!handle->told && !handle->cleared) {
        if (!mr__idmap_put(&js->timers->numbers, handle->number, (uintptr_t)handle))
            return JS_ThrowOutOfMemory(js->ctx);
        handle->told = true;
    }
    return JS_NewInt64(js->ctx, (int64_t)handle->number);
}

static JSValue call_method(mr_js *js, JSValueConst this_val, mr__handle *handle, int method)
{
    JSContext *ctx = js->ctx;
    switch ((enum method)method) {
    case REF:
    case UNREF:
        mr__handle_set_ref(js, handle, method == REF);
        return JS_DupValue(ctx, this_val);
    case HAS_REF:
        return JS_NewBool(ctx, handle->ref);
    case REFRESH:
        mr__handle_refresh(js, handle, this_val);
        return JS_DupValue(ctx, this_val);
    case CLOSE:
        mr__handle_clear(js, handle);
        return JS_DupValue(ctx, this_val);
    case TO_PRIMITIVE:
        return to_primitive(js, handle);
    case DISPOSE:
    default:
        mr__handle_clear(js, handle);
        return JS_UNDEFINED;
    }
}

static JSValue timeout_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                              int method)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__handle *handle = JS_GetOpaque2(ctx, this_val, js->timers->timeout_class);
    return handle == NULL ? JS_EXCEPTION : call_method(js, this_val, handle, method);
}

/* ---- Classes ----------------------------------------------------------------------------------*/

static JSValue illegal_constructor(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return mr__js_throw_code(ctx, "TypeError", "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
}

#define METHOD(name, length, call, magic) JS_CFUNC_MAGIC_DEF(name, length, call, magic)
static const JSCFunctionListEntry timeout_methods[] = {
    METHOD("ref", 0, timeout_method, REF),
    METHOD("unref", 0, timeout_method, UNREF),
    METHOD("hasRef", 0, timeout_method, HAS_REF),
    METHOD("refresh", 0, timeout_method, REFRESH),
    METHOD("close", 0, timeout_method, CLOSE),
    METHOD("[Symbol.dispose]", 0, timeout_method, DISPOSE),
    METHOD("[Symbol.toPrimitive]", 0, timeout_method, TO_PRIMITIVE),
};
#undef METHOD

int mr__handle_proto(JSContext *ctx, JSClassID class_id, const char *name,
                     const JSCFunctionListEntry *methods, int method_count)
{
    JSValue proto = JS_NewObject(ctx);
    JSValue constructor =
        JS_NewCFunction2(ctx, illegal_constructor, name, 0, JS_CFUNC_constructor_or_func, 0);
    int failed = JS_IsException(proto) || JS_IsException(constructor) ||
                 JS_SetPropertyFunctionList(ctx, proto, methods, method_count) < 0 ||
                 JS_SetConstructor(ctx, constructor, proto) < 0;
    JS_FreeValue(ctx, constructor);
    JS_SetClassProto(ctx, class_id, proto);
    return failed ? -1 : 0;
}

int mr__timeout_proto_install(mr_js *js)
{
    return mr__handle_proto(js->ctx, js->timers->timeout_class, "Timeout", timeout_methods,
                            sizeof(timeout_methods) / sizeof(timeout_methods[0]));
}
