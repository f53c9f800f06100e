/* binding('events'): event targets and signals for our own JavaScript, whatever scripts did to the
 * methods of the classes. */
#include "js/jobs.h"
#include "js/web_events.h"

static JSValue is_event_target(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return JS_NewBool(ctx, mr__js_target_of(mr__js_of(ctx), argv[0]) != NULL);
}

static JSValue is_abort_signal(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return JS_NewBool(ctx, mr__js_signal_of(mr__js_of(ctx), argv[0]) != NULL);
}

/* listeners(target, type): an array of the callbacks. */
static JSValue listeners(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr__target *target = mr__js_target_of(mr__js_of(ctx), argv[0]);
    JSAtom type = mr__js_to_type(mr__js_of(ctx), argv[1]);
    JSValue list = type == JS_ATOM_NULL ? JS_EXCEPTION : JS_NewArray(ctx);
    const mr__listeners *found = JS_IsException(list) ? NULL : mr__js_listeners_of(target, type);
    uint32_t at = 0;
    for (const mr__listener *l = found == NULL ? NULL : found->first; l != NULL; l = l->next) {
        if (JS_DefinePropertyValueUint32(ctx, list, at++, JS_DupValue(ctx, l->callback),
                                         JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, list);
            list = JS_EXCEPTION;
            break;
        }
    }
    JS_FreeAtom(ctx, type);
    return list;
}

static JSValue get_max(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return JS_NewNumber(ctx, mr__js_target_of(mr__js_of(ctx), argv[0])->max_listeners);
}

static JSValue set_max(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr__target *target = mr__js_target_of(mr__js_of(ctx), argv[0]);
    target->warned = false;
    return JS_ToFloat64(ctx, &target->max_listeners, argv[1]) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static JSValue set_default_max(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    double *most = &mr__js_of(ctx)->events->max_listeners;
    return JS_ToFloat64(ctx, most, argv[0]) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* listen(signal, callback): called once at abort, though the event be stopped. */
static JSValue listen(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    mr__signal *signal = mr__js_signal_of(js, argv[0]);
    return mr__js_listen(js, &signal->target, js->events->atoms[MR__NAME_ABORT], argv[1],
                         MR__LISTENER_ONCE | MR__LISTENER_RESISTANT, NULL) < 0
               ? JS_EXCEPTION
               : JS_UNDEFINED;
}

static JSValue unlisten(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    mr__signal *signal = mr__js_signal_of(js, argv[0]);
    mr__listener *listener =
        mr__js_find_listener(&signal->target, js->events->atoms[MR__NAME_ABORT], argv[1], false);
    if (listener != NULL)
        mr__js_unlisten(js, listener);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("isEventTarget", 1, is_event_target),
    JS_CFUNC_DEF("isAbortSignal", 1, is_abort_signal),
    JS_CFUNC_DEF("listeners", 2, listeners),
    JS_CFUNC_DEF("getMaxListeners", 1, get_max),
    JS_CFUNC_DEF("setMaxListeners", 2, set_max),
    JS_CFUNC_DEF("setDefaultMaxListeners", 1, set_default_max),
    JS_CFUNC_DEF("listen", 2, listen),
    JS_CFUNC_DEF("unlisten", 2, unlisten),
    JS_CFUNC_DEF("queueMicrotask", 1, mr__js_queue_microtask),
};

int mr__js_binding_events(mr_js *js, JSValueConst target)
{
    return JS_SetPropertyFunctionList(js->ctx, target, functions,
                                      sizeof(functions) / sizeof(functions[0]));
}
