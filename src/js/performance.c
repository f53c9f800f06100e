/* `performance`: now, timeOrigin, toJSON (High Resolution Time). */
#include "js/gate.h"
#include "js/simulation.h"

static JSValue performance_now(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    return JS_NewFloat64(ctx, (double)(mr__js_clock(js) - js->created_ns) / 1e6);
}

static JSValue time_origin(JSContext *ctx, JSValueConst this_val)
{
    (void)this_val;
    return JS_NewFloat64(ctx, mr__js_of(ctx)->time_origin_ms);
}

static JSValue performance_to_json(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    (void)argc, (void)argv;
    const char *names[] = {"timeOrigin"};
    const JSValue values[] = {time_origin(ctx, this_val)};
    return JS_NewObjectFromStr(ctx, 1, names, values);
}

static const JSCFunctionListEntry members[] = {
    JS_CFUNC_DEF2("now", 0, performance_now, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("toJSON", 0, performance_to_json, JS_PROP_C_W_E),
    {"timeOrigin",
     JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
     JS_DEF_CGETSET,
     0,
     {.getset = {{.getter = time_origin}, {.setter = NULL}}}},
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Performance", JS_PROP_CONFIGURABLE),
};

static JSValue new_performance(JSContext *ctx)
{
    JSValue proto = JS_NewObject(ctx);
    const int count = sizeof(members) / sizeof(members[0]);
    if (JS_IsException(proto) || JS_SetPropertyFunctionList(ctx, proto, members, count) < 0) {
        JS_FreeValue(ctx, proto);
        return JS_EXCEPTION;
    }
    JSValue object = JS_NewObjectProto(ctx, proto);
    JS_FreeValue(ctx, proto);
    return object;
}

static JSValue get_performance(JSContext *ctx, JSValueConst this_val)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    if (JS_IsUndefined(js->performance)) {
        JSValue object = new_performance(ctx);
        if (JS_IsException(object))
            return object;
        js->performance = object;
    }
    return JS_DupValue(ctx, js->performance);
}

/* [Replaceable]: writing makes a plain property of the global object. */
static JSValue set_performance(JSContext *ctx, JSValueConst this_val, JSValueConst value)
{
    (void)this_val;
    JSValue global = JS_GetGlobalObject(ctx);
    int done = JS_DefinePropertyValueStr(ctx, global, "performance", JS_DupValue(ctx, value),
                                         JS_PROP_C_W_E);
    JS_FreeValue(ctx, global);
    return done < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

int mr__js_performance_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry name = {
        "performance",
        JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
        JS_DEF_CGETSET,
        0,
        {.getset = {{.getter = get_performance}, {.setter = set_performance}}}};
    return JS_SetPropertyFunctionList(js->ctx, global, &name, 1) < 0 ? -1 : 0;
}
