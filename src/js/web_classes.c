/* What the classes of events and abort signals share, and their installing. */
#include <string.h>

#include "base/memory.h"
#include "js/errors.h"
#include "js/gate.h"
#include "js/web_events.h"

enum { DEFAULT_MAX_LISTENERS = 10 };

static const char *const class_names[MR__WEB_CLASS_COUNT] = {
    [MR__WEB_EVENT] = "Event",
    [MR__WEB_CUSTOM_EVENT] = "CustomEvent",
    [MR__WEB_EVENT_TARGET] = "EventTarget",
    [MR__WEB_ABORT_SIGNAL] = "AbortSignal",
    [MR__WEB_ABORT_CONTROLLER] = "AbortController",
};

static const char *const atom_names[MR__WEB_NAME_COUNT] = {
    [MR__NAME_ABORT] = "abort",
    [MR__NAME_BUBBLES] = "bubbles",
    [MR__NAME_CANCELABLE] = "cancelable",
    [MR__NAME_CAPTURE] = "capture",
    [MR__NAME_COMPOSED] = "composed",
    [MR__NAME_DETAIL] = "detail",
    [MR__NAME_HANDLE_EVENT] = "handleEvent",
    [MR__NAME_IS_TRUSTED] = "isTrusted",
    [MR__NAME_NEXT] = "next",
    [MR__NAME_DONE] = "done",
    [MR__NAME_ONCE] = "once",
    [MR__NAME_PASSIVE] = "passive",
    [MR__NAME_PROTOTYPE] = "prototype",
    [MR__NAME_SIGNAL] = "signal",
    [MR__NAME_VALUE] = "value",
};

/* ---- Arguments --------------------------------------------------------------------------------*/

JSValue mr__js_throw_this(JSContext *ctx, const char *class_name)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_THIS",
                             "Value of \"this\" must be of type %s", class_name);
}

JSValue mr__js_throw_missing(JSContext *ctx, const char *argument)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_MISSING_ARGS",
                             "The \"%s\" argument must be specified", argument);
}

/* A text is found again by being the same string: a literal is, each time that it is reached. */
static JSAtom text_to_type(mr_js *js, JSValueConst text)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    if (MR_LIKELY(JS_VALUE_GET_TAG(events->last_text) == JS_VALUE_GET_TAG(text) &&
                  JS_VALUE_GET_PTR(events->last_text) == JS_VALUE_GET_PTR(text)))
        return JS_DupAtom(ctx, events->last_type);
    JSAtom type = JS_ValueToAtom(ctx, text);
    if (type != JS_ATOM_NULL) {
        JS_FreeValue(ctx, events->last_text);
        JS_FreeAtom(ctx, events->last_type);
        events->last_text = JS_DupValue(ctx, text);
        events->last_type = JS_DupAtom(ctx, type);
    }
    return type;
}

JSAtom mr__js_to_type(mr_js *js, JSValueConst value)
{
    JSContext *ctx = js->ctx;
    if (JS_IsString(value))
        return text_to_type(js, value);
    JSValue string = JS_ToString(ctx, value);
    JSAtom type = JS_IsException(string) ? JS_ATOM_NULL : JS_ValueToAtom(ctx, string);
    JS_FreeValue(ctx, string);
    return type;
}

int mr__js_read_flag(mr_js *js, JSValueConst dictionary, mr__web_name name, uint32_t flag,
                     uint32_t *flags)
{
    JSValue value = JS_GetProperty(js->ctx, dictionary, js->events->atoms[name]);
    if (JS_IsException(value))
        return -1;
    if (JS_ToBool(js->ctx, value) > 0)
        *flags |= flag;
    JS_FreeValue(js->ctx, value);
    return 0;
}

JSValue mr__js_proto_for(mr_js *js, JSValueConst new_target, mr__web_class which)
{
    struct mr__js_events *events = js->events;
    if (JS_VALUE_GET_PTR(new_target) == JS_VALUE_GET_PTR(events->constructors[which]))
        return JS_DupValue(js->ctx, events->protos[which]);
    JSValue proto = JS_GetProperty(js->ctx, new_target, events->atoms[MR__NAME_PROTOTYPE]);
    if (JS_IsObject(proto) || JS_IsException(proto))
        return proto;
    JS_FreeValue(js->ctx, proto);
    return JS_DupValue(js->ctx, events->protos[which]);
}

JSValue mr__js_new_web_object(mr_js *js, mr__web_class which, JSClassID class_id,
                              JSValueConst proto)
{
    JSValue *sample = &js->events->samples[which];
    if (MR_UNLIKELY(JS_IsUndefined(*sample)) &&
        JS_VALUE_GET_PTR(proto) == JS_VALUE_GET_PTR(js->events->protos[which])) {
        JSValue object = JS_NewObjectProtoClass(js->ctx, proto, class_id);
        if (JS_IsException(object))
            return object;
        *sample = object;
    }
    return JS_NewObjectProtoClass(js->ctx, proto, class_id);
}

/* ---- Classes ----------------------------------------------------------------------------------*/

static JSValue new_constructor(mr_js *js, mr__web_class which, int base, JSCFunction *constructor,
                               int length)
{
    JSContext *ctx = js->ctx;
    const char *name = class_names[which];
    if (base < 0)
        return JS_NewCFunction2(ctx, constructor, name, length, JS_CFUNC_constructor, 0);
    return JS_NewCFunction3(ctx, constructor, name, length, JS_CFUNC_constructor, 0,
                            js->events->constructors[base], 0);
}

int mr__js_make_web_class(mr_js *js, mr__web_class which, int base, JSCFunction *constructor,
                          int length, const JSCFunctionListEntry *members, int count)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    JSValue proto = base < 0 ? JS_NewObject(ctx) : JS_NewObjectProto(ctx, events->protos[base]);
    events->protos[which] = proto;
    JSValue function = new_constructor(js, which, base, constructor, length);
    events->constructors[which] = function;
    return JS_IsException(proto) || JS_IsException(function) ||
                   JS_SetPropertyFunctionList(ctx, proto, members, count) < 0 ||
                   JS_SetConstructor(ctx, function, proto) < 0
               ? -1
               : 0;
}

/* ---- Life -------------------------------------------------------------------------------------*/

static JSValue throw_argument(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return JS_Throw(ctx, JS_DupValue(ctx, argv[0]));
}

static struct mr__js_events *make_state(void)
{
    struct mr__js_events *events = mr__alloc_zero(sizeof(*events));
    if (events == NULL)
        return NULL;
    for (int i = 0; i < MR__WEB_CLASS_COUNT; i++)
        events->protos[i] = events->constructors[i] = events->samples[i] = JS_UNDEFINED;
    events->is_trusted = events->thrower = events->event_sample = events->last_text = JS_UNDEFINED;
    events->max_listeners = DEFAULT_MAX_LISTENERS;
    return events;
}

static int make_atoms(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    for (int i = 0; i < MR__WEB_NAME_COUNT; i++) {
        js->events->atoms[i] = JS_NewAtom(ctx, atom_names[i]);
        if (js->events->atoms[i] == JS_ATOM_NULL)
            return -1;
    }
    JSValue symbol = JS_GetPropertyStr(ctx, global, "Symbol");
    JSValue iterator = JS_GetPropertyStr(ctx, symbol, "iterator");
    js->events->iterator = JS_IsException(iterator) ? JS_ATOM_NULL : JS_ValueToAtom(ctx, iterator);
    JS_FreeValue(ctx, iterator);
    JS_FreeValue(ctx, symbol);
    return js->events->iterator == JS_ATOM_NULL ? -1 : 0;
}

int mr__js_events_install(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events = make_state();
    if (events == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    events->thrower = JS_NewCFunction(ctx, throw_argument, "", 1);
    if (JS_IsException(events->thrower) || make_atoms(js, global) < 0 ||
        mr__js_event_install(js) < 0 || mr__js_target_install(js) < 0 ||
        mr__js_signal_install(js) < 0 || mr__js_abort_install(js) < 0)
        return -1;
    for (int i = 0; i < MR__WEB_CLASS_COUNT; i++) {
        if (JS_DefinePropertyValueStr(ctx, global, class_names[i],
                                      JS_DupValue(ctx, events->constructors[i]),
                                      JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0)
            return -1;
    }
    return 0;
}

void mr__js_events_destroy(mr_js *js)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    if (events == NULL)
        return;
    mr__js_events_stop(js);
    for (int i = 0; i < MR__WEB_CLASS_COUNT; i++) {
        JS_FreeValue(ctx, events->protos[i]);
        JS_FreeValue(ctx, events->constructors[i]);
        JS_FreeValue(ctx, events->samples[i]);
    }
    for (int i = 0; i < MR__WEB_NAME_COUNT; i++)
        JS_FreeAtom(ctx, events->atoms[i]);
    JS_FreeAtom(ctx, events->iterator);
    JS_FreeValue(ctx, events->is_trusted);
    JS_FreeValue(ctx, events->thrower);
    JS_FreeValue(ctx, events->event_sample);
    JS_FreeValue(ctx, events->last_text);
    JS_FreeAtom(ctx, events->last_type);
    js_free(ctx, events->spare_event);
    events->spare_event = NULL;
}

/* The engine's last finalizers still look at it. */
void mr__js_events_free(mr_js *js)
{
    mr__free(js->events);
    js->events = NULL;
}
