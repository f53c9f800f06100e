/* Properties for the library's own files: what Object.defineProperty does with a literal each time takes
 * several times as long, and the process object alone has forty of them at each start. */
#include "js/gate.h"
#include "js/runtime.h"

enum { HAS_ALL = JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_ENUMERABLE | JS_PROP_THROW };
enum { HAS_VALUE = HAS_ALL | JS_PROP_HAS_VALUE | JS_PROP_HAS_WRITABLE };

static JSValue define_with(JSContext *ctx, JSValueConst *argv, JSValueConst value,
                           JSValueConst getter, JSValueConst setter, int flags)
{
    MR__JS_GATE(mr__js_of(ctx));
    JSAtom name = JS_ValueToAtom(ctx, argv[1]);
    int defined = name == JS_ATOM_NULL
                      ? -1
                      : JS_DefineProperty(ctx, argv[0], name, value, getter, setter, flags);
    JS_FreeAtom(ctx, name);
    return defined < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* (object, name, value, enumerable = true): a plain data property. */
static JSValue define(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    bool enumerable = argc < 4 || JS_IsUndefined(argv[3]) || JS_ToBool(ctx, argv[3]) > 0;
    int flags = HAS_VALUE | JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
    return define_with(ctx, argv, argv[2], JS_UNDEFINED, JS_UNDEFINED,
                       flags | (enumerable ? JS_PROP_ENUMERABLE : 0));
}

/* (object, name, value): one that cannot be assigned to. */
static JSValue constant(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return define_with(ctx, argv, argv[2], JS_UNDEFINED, JS_UNDEFINED,
                       HAS_VALUE | JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE);
}

/* (object, name, get): an accessor without a setter. */
static JSValue accessor(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    const int has = HAS_ALL | JS_PROP_HAS_GET | JS_PROP_HAS_SET;
    return define_with(ctx, argv, JS_UNDEFINED, argv[2], JS_UNDEFINED,
                       has | JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("define", 3, define),
    JS_CFUNC_DEF("constant", 3, constant),
    JS_CFUNC_DEF("accessor", 3, accessor),
};

int mr__js_binding_object(mr_js *js, JSValueConst target)
{
    return JS_SetPropertyFunctionList(js->ctx, target, functions,
                                      sizeof(functions) / sizeof(functions[0]));
}
