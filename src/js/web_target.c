/* EventTarget: its methods and dispatch (DOM standard, section 2.7 to 2.9). */
#include <math.h>
#include <string.h>

#include "js/errors.h"
#include "js/gate.h"
#include "js/jobs.h"
#include "js/web_events.h"

/* ---- Objects ----------------------------------------------------------------------------------*/

void mr__js_target_init(mr_js *js, mr__target *target, JSValueConst object)
{
    memset(target, 0, sizeof(*target));
    target->object = object;
    target->max_listeners = js->events->max_listeners;
}

static void finalize_target(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    mr__target *target = JS_GetAnyOpaque(object, &class_id);
    if (target == NULL)
        return;
    mr__js_target_deinit(rt, target);
    js_free_rt(rt, target);
}

static void mark_target(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    const mr__target *target = JS_GetAnyOpaque(object, &class_id);
    if (target != NULL)
        mr__js_target_mark(rt, target, mark);
}

mr__target *mr__js_target_of(mr_js *js, JSValueConst value)
{
    JSClassID class_id = 0;
    void *opaque = JS_GetAnyOpaque(value, &class_id);
    return class_id == js->events->target_class || class_id == js->events->signal_class ? opaque
                                                                                        : NULL;
}

JSValue mr__js_target_new(mr_js *js, JSValueConst proto)
{
    JSValue object =
        mr__js_new_web_object(js, MR__WEB_EVENT_TARGET, js->events->target_class, proto);
    mr__target *target = JS_IsException(object) ? NULL : js_malloc(js->ctx, sizeof(*target));
    if (target == NULL) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    mr__js_target_init(js, target, object);
    JS_SetOpaque(object, target);
    return object;
}

static JSValue construct_target(JSContext *ctx, JSValueConst new_target, int argc,
                                JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue proto = mr__js_proto_for(js, new_target, MR__WEB_EVENT_TARGET);
    if (JS_IsException(proto))
        return proto;
    JSValue object = mr__js_target_new(js, proto);
    JS_FreeValue(ctx, proto);
    return object;
}

/* ---- Options ----------------------------------------------------------------------------------*/

/* AddEventListenerOptions or boolean; with `all` false EventListenerOptions or boolean. */
static int read_options(mr_js *js, JSValueConst options, bool all, uint32_t *flags,
                        JSValue *out_signal)
{
    if (!JS_IsObject(options)) {
        *flags |= JS_ToBool(js->ctx, options) > 0 ? MR__LISTENER_CAPTURE : 0;
        return 0;
    }
    if (mr__js_read_flag(js, options, MR__NAME_CAPTURE, MR__LISTENER_CAPTURE, flags) < 0)
        return -1;
    if (!all)
        return 0;
    if (mr__js_read_flag(js, options, MR__NAME_ONCE, MR__LISTENER_ONCE, flags) < 0 ||
        mr__js_read_flag(js, options, MR__NAME_PASSIVE, MR__LISTENER_PASSIVE, flags) < 0)
        return -1;
    JSValue signal = JS_GetProperty(js->ctx, options, js->events->atoms[MR__NAME_SIGNAL]);
    if (JS_IsException(signal))
        return -1;
    if (!JS_IsUndefined(signal) && mr__js_signal_of(js, signal) == NULL) {
        mr__js_throw_arg_type(js->ctx, "options.signal", "an instance of AbortSignal", signal);
        JS_FreeValue(js->ctx, signal);
        return -1;
    }
    *out_signal = signal;
    return 0;
}

/* The callback: an object, or nothing. */
static int check_callback(JSContext *ctx, JSValueConst callback)
{
    if (JS_IsObject(callback) || JS_IsNull(callback) || JS_IsUndefined(callback))
        return 0;
    mr__js_throw_arg_type(ctx, "listener", "an instance of EventListener", callback);
    return -1;
}

/* ---- addEventListener, removeEventListener ----------------------------------------------------*/

/* Once a target: most likely listeners are added over and over and never removed. */
static int warn_many(mr_js *js, mr__target *target, JSAtom type)
{
    const mr__listeners *list = mr__js_listeners_of(target, type);
    if (target->warned || !(target->max_listeners > 0) ||
        !((double)list->count > target->max_listeners))
        return 0;
    target->warned = true;
    JSContext *ctx = js->ctx;
    JSValue warn = mr__js_builtin(js, "internal/event_target");
    JSValue args[] = {target->object, JS_AtomToString(ctx, type),
                      JS_NewInt64(ctx, (int64_t)list->count),
                      JS_NewFloat64(ctx, target->max_listeners)};
    JSValue result = JS_IsException(warn) || JS_IsException(args[1])
                         ? JS_EXCEPTION
                         : JS_Call(ctx, warn, JS_UNDEFINED, 4, (JSValueConst *)args);
    JS_FreeValue(ctx, args[1]);
    JS_FreeValue(ctx, warn);
    JS_FreeValue(ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

static int add(mr_js *js, mr__target *target, JSAtom type, JSValueConst callback, uint32_t flags,
               JSValueConst signal_object)
{
    mr__signal *signal = mr__js_signal_of(js, signal_object);
    if (!JS_IsObject(callback) || (signal != NULL && signal->aborted))
        return 0;
    mr__listener *listener;
    int added = mr__js_listen(js, target, type, callback, flags, &listener);
    if (added <= 0)
        return added;
    if (signal != NULL && mr__js_listener_end_with(js, listener, signal) < 0) {
        mr__js_unlisten(js, listener);
        return -1;
    }
    return warn_many(js, target, type);
}

static JSValue add_event_listener(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__target *target = mr__js_target_of(js, this_val);
    if (target == NULL)
        return mr__js_throw_this(ctx, "EventTarget");
    if (argc < 2)
        return mr__js_throw_missing(ctx, argc < 1 ? "type" : "listener");
    JSAtom type = mr__js_to_type(js, argv[0]);
    if (type == JS_ATOM_NULL)
        return JS_EXCEPTION;
    uint32_t flags = 0;
    JSValue signal = JS_UNDEFINED;
    int failed = check_callback(ctx, argv[1]);
    if (failed == 0 && argc > 2)
        failed = read_options(js, argv[2], true, &flags, &signal);
    if (failed == 0)
        failed = add(js, target, type, argv[1], flags, signal);
    JS_FreeValue(ctx, signal);
    JS_FreeAtom(ctx, type);
    return failed < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static JSValue remove_event_listener(JSContext *ctx, JSValueConst this_val, int argc,
                                     JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__target *target = mr__js_target_of(js, this_val);
    if (target == NULL)
        return mr__js_throw_this(ctx, "EventTarget");
    if (argc < 2)
        return mr__js_throw_missing(ctx, argc < 1 ? "type" : "listener");
    JSAtom type = mr__js_to_type(js, argv[0]);
    if (type == JS_ATOM_NULL)
        return JS_EXCEPTION;
    uint32_t flags = 0;
    int failed = check_callback(ctx, argv[1]);
    if (failed == 0 && argc > 2)
        failed = read_options(js, argv[2], false, &flags, NULL);
    if (failed == 0 && JS_IsObject(argv[1])) {
        mr__listener *listener =
            mr__js_find_listener(target, type, argv[1], (flags & MR__LISTENER_CAPTURE) != 0);
        if (listener != NULL)
            mr__js_unlisten(js, listener);
    }
    JS_FreeAtom(ctx, type);
    return failed < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- Dispatch ---------------------------------------------------------------------------------*/

int mr__js_report_listener(mr_js *js)
{
    JSContext *ctx = js->ctx;
    JSValue thrown = JS_GetException(ctx);
    if (js->gone || JS_IsUncatchableError(thrown)) {
        JS_Throw(ctx, thrown);
        return -1;
    }
    JSValueConst args[] = {js->events->thrower, thrown};
    JSValue queued = mr__js_next_tick(ctx, JS_UNDEFINED, 2, args);
    JS_FreeValue(ctx, thrown);
    return JS_IsException(queued) ? -1 : 0;
}

/* Web IDL, "call a user object's operation": the object itself, or its method handleEvent. */
static JSValue call_listener(mr_js *js, JSValueConst callback, bool is_handler, JSValueConst target,
                             JSValueConst event)
{
    JSContext *ctx = js->ctx;
    if (MR_LIKELY(JS_IsFunction(ctx, callback)))
        return JS_Call(ctx, callback, target, 1, &event);
    if (is_handler)
        return JS_UNDEFINED;
    JSValue method = JS_GetProperty(ctx, callback, js->events->atoms[MR__NAME_HANDLE_EVENT]);
    if (JS_IsException(method))
        return method;
    JSValue result = JS_IsFunction(ctx, method)
                         ? JS_Call(ctx, method, callback, 1, &event)
                         : JS_ThrowTypeError(ctx, "%s", "handleEvent is not a function");
    JS_FreeValue(ctx, method);
    return result;
}

static int run_listener(mr_js *js, mr__listener *listener, JSValueConst target,
                        JSValueConst event_object, mr__event *event)
{
    const uint32_t flags = listener->flags;
    JSValue callback = JS_DupValue(js->ctx, listener->callback);
    if (flags & MR__LISTENER_ONCE)
        mr__js_unlisten(js, listener);
    if (flags & MR__LISTENER_PASSIVE)
        event->flags |= MR__EVENT_PASSIVE;
    JSValue result =
        call_listener(js, callback, (flags & MR__LISTENER_HANDLER) != 0, target, event_object);
    event->flags &= ~(uint32_t)MR__EVENT_PASSIVE;
    JS_FreeValue(js->ctx, callback);
    if (MR_UNLIKELY(JS_IsException(result)))
        return mr__js_report_listener(js);
    JS_FreeValue(js->ctx, result);
    return 0;
}

/* One pass over the list as it stands now. */
static int run_pass(mr_js *js, mr__walk *walk, bool capture, JSValueConst target,
                    JSValueConst event_object, mr__event *event)
{
    const uint64_t last = walk->list->target->last_order;
    const uint32_t stop = event->flags & MR__EVENT_STOPPED;
    walk->next = walk->list->first;
    while (walk->next != NULL && walk->next->order <= last) {
        mr__listener *listener = walk->next;
        walk->next = listener->next;
        bool stopped = stop != 0 || (event->flags & MR__EVENT_STOPPED_NOW) != 0;
        if (((listener->flags & MR__LISTENER_CAPTURE) != 0) != capture ||
            (stopped && !(listener->flags & MR__LISTENER_RESISTANT)))
            continue;
        if (run_listener(js, listener, target, event_object, event) < 0)
            return -1;
    }
    return 0;
}

/* At its target an event is captured first, then it bubbles. */
static int run_listeners(mr_js *js, mr__target *target, mr__listeners *list,
                         JSValueConst event_object, mr__event *event)
{
    mr__walk walk = {target->walks, list, NULL};
    target->walks = &walk;
    int failed = 0;
    if (list->captures != 0)
        failed = run_pass(js, &walk, true, target->object, event_object, event);
    if (failed == 0)
        failed = run_pass(js, &walk, false, target->object, event_object, event);
    target->walks = walk.outer;
    mr__js_list_release(js->rt, list);
    return failed;
}

int mr__js_dispatch(mr_js *js, mr__target *target, JSValueConst event_object)
{
    mr__event *event = mr__js_event_of(js, event_object);
    JSValue old_target = event->target;
    event->target = JS_DupValue(js->ctx, target->object);
    event->flags |= MR__EVENT_DISPATCHED;
    JS_FreeValue(js->ctx, old_target);
    mr__listeners *list = mr__js_listeners_of(target, event->type);
    int failed = list == NULL ? 0 : run_listeners(js, target, list, event_object, event);
    event->flags &= ~(uint32_t)(MR__EVENT_DISPATCHED | MR__EVENT_STOPPED | MR__EVENT_STOPPED_NOW);
    return failed;
}

static JSValue dispatch_event(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__target *target = mr__js_target_of(js, this_val);
    if (target == NULL)
        return mr__js_throw_this(ctx, "EventTarget");
    if (argc < 1)
        return mr__js_throw_missing(ctx, "event");
    mr__event *event = mr__js_event_of(js, argv[0]);
    if (event == NULL)
        return mr__js_throw_arg_type(ctx, "event", "an instance of Event", argv[0]);
    if (event->flags & MR__EVENT_DISPATCHED)
        return mr__js_throw_dom(ctx, "InvalidStateError", "%s",
                                "The event is already being dispatched");
    event->flags &= ~(uint32_t)MR__EVENT_TRUSTED;
    if (mr__js_dispatch(js, target, argv[0]) < 0)
        return JS_EXCEPTION;
    return JS_NewBool(ctx, (event->flags & MR__EVENT_CANCELED) == 0);
}

/* ---- The class --------------------------------------------------------------------------------*/

static const JSCFunctionListEntry members[] = {
    JS_CFUNC_DEF2("addEventListener", 2, add_event_listener, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("removeEventListener", 2, remove_event_listener, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("dispatchEvent", 1, dispatch_event, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "EventTarget", JS_PROP_CONFIGURABLE),
};

int mr__js_target_install(mr_js *js)
{
    const JSClassDef def = {
        .class_name = "EventTarget", .finalizer = finalize_target, .gc_mark = mark_target};
    JS_NewClassID(js->rt, &js->events->target_class);
    if (JS_NewClass(js->rt, js->events->target_class, &def) < 0)
        return -1;
    return mr__js_make_web_class(js, MR__WEB_EVENT_TARGET, -1, construct_target, 0, members,
                                 sizeof(members) / sizeof(members[0]));
}
