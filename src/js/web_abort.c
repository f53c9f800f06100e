/* The classes AbortSignal and AbortController, and signals that a timer aborts. */
#include <math.h>
#include <string.h>

#include <millrace/timer.h>

#include "base/memory.h"
#include "js/errors.h"
#include "js/gate.h"
#include "js/web_events.h"
#include "loop/extend.h"

static const double last_integer = 9007199254740991.0;
static const uint64_t ns_per_ms = 1000000;

static JSValue new_dom_error(mr_js *js, const char *name, const char *text)
{
    mr__js_throw_dom(js->ctx, name, "%s", text);
    return JS_GetException(js->ctx);
}

/* The reason given, or an AbortError for undefined. */
static JSValue reason_of(mr_js *js, int argc, JSValueConst *argv)
{
    return argc > 0 && !JS_IsUndefined(argv[0])
               ? JS_DupValue(js->ctx, argv[0])
               : new_dom_error(js, "AbortError", "This operation was aborted");
}

/* ---- Timers -----------------------------------------------------------------------------------*/

/* What the loop has as an argument. signal NULL: cancelled, the loop will still give it back. */
struct mr__timeout {
    mr_js *js;
    mr__signal *signal;
    struct mr__timeout *previous, *next;
    uint64_t loop_id;
};

static mr__signal *detach(struct mr__timeout *timeout)
{
    mr__signal *signal = timeout->signal;
    if (signal == NULL)
        return NULL;
    *(timeout->previous != NULL ? &timeout->previous->next : &timeout->js->events->timeouts) =
        timeout->next;
    if (timeout->next != NULL)
        timeout->next->previous = timeout->previous;
    timeout->signal = NULL;
    signal->timeout = NULL;
    return signal;
}

void mr__js_timeout_cancel(mr__signal *signal)
{
    struct mr__timeout *timeout = signal->timeout;
    if (timeout == NULL)
        return;
    detach(timeout);
    if (mr__timer_cancel_now(timeout->js->loop, timeout->loop_id) == MR_OK)
        mr__free(timeout);
}

static void on_time(void *arg)
{
    struct mr__timeout *timeout = arg;
    mr_js *js = timeout->js;
    mr__signal *signal = detach(timeout);
    mr__free(timeout);
    if (signal == NULL || js->gone)
        return;
    JSValue object = JS_DupValue(js->ctx, signal->target.object);
    mr__js_enter(js);
    JSValue reason = new_dom_error(js, "TimeoutError", "The operation was aborted due to timeout");
    int failed = mr__js_signal_abort(js, signal, reason);
    JS_FreeValue(js->ctx, reason);
    mr__js_leave(js);
    if (failed < 0)
        mr__js_uncaught(js, false);
    JS_FreeValue(js->ctx, object);
}

static void on_no_time(void *arg, mr_status why)
{
    (void)why;
    struct mr__timeout *timeout = arg;
    mr_js *js = timeout->js;
    mr__signal *signal = detach(timeout);
    mr__free(timeout);
    if (signal == NULL)
        return;
    JSValue object = JS_DupValue(js->ctx, signal->target.object);
    mr__js_signal_set_outside(js, signal, false);
    JS_FreeValue(js->ctx, object);
}

/* On the grid of the script's other timers. */
static uint64_t deadline_of(mr_js *js, double delay_ms)
{
    const double most = (double)(UINT64_MAX / ns_per_ms / 2);
    uint64_t now = mr__loop_clock(js->loop);
    if (delay_ms >= most || now / ns_per_ms >= UINT64_MAX / ns_per_ms / 2)
        return UINT64_MAX;
    return (now / ns_per_ms + (now % ns_per_ms != 0) + (uint64_t)delay_ms) * ns_per_ms;
}

/* Once the loop has ended the signal is made and never aborts. */
static int start_timeout(mr_js *js, mr__signal *signal, double delay_ms)
{
    struct mr__timeout *timeout = mr__alloc_zero(sizeof(*timeout));
    mr_timer timer;
    const mr_timer_spec spec = {.size_bytes = sizeof(spec),
                                .fn = on_time,
                                .arg = timeout,
                                .discard = on_no_time,
                                .delay_ns = deadline_of(js, delay_ms),
                                .flags = MR_TIMER_AT | MR_TIMER_UNREF};
    mr_status status = timeout == NULL ? MR_ENOMEM : mr_timer_start_with(js->loop, &spec, &timer);
    if (status != MR_OK) {
        mr__free(timeout);
        if (status != MR_ECLOSED)
            JS_ThrowOutOfMemory(js->ctx);
        return status == MR_ECLOSED ? 0 : -1;
    }
    struct mr__js_events *events = js->events;
    *timeout = (struct mr__timeout){js, signal, NULL, events->timeouts, timer.id};
    if (events->timeouts != NULL)
        events->timeouts->previous = timeout;
    events->timeouts = timeout;
    signal->timeout = timeout;
    signal->outside = true;
    return 0;
}

void mr__js_timeouts_stop(mr_js *js)
{
    while (js->events->timeouts != NULL)
        mr__js_timeout_cancel(js->events->timeouts->signal);
}

/* ---- Static methods of AbortSignal ------------------------------------------------------------*/

static JSValue signal_abort(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue object = mr__js_signal_new(js);
    if (JS_IsException(object))
        return object;
    mr__signal *signal = mr__js_signal_of(js, object);
    signal->aborted = true;
    signal->reason = reason_of(js, argc, argv);
    return object;
}

/* [EnforceRange] unsigned long long */
static int to_delay(JSContext *ctx, JSValueConst value, double *out_ms)
{
    double number;
    JSValue converted = JS_ToNumber(ctx, value);
    if (JS_IsException(converted) || JS_ToFloat64(ctx, &number, converted) < 0)
        return -1;
    number = trunc(number);
    if (number >= 0 && number <= last_integer) {
        *out_ms = number;
        return 0;
    }
    mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_VALUE", "%s",
                      "The \"delay\" argument must be an integer from 0 to 2**53 - 1");
    return -1;
}

static JSValue signal_timeout(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    double delay_ms;
    if (argc < 1)
        return mr__js_throw_missing(ctx, "delay");
    if (to_delay(ctx, argv[0], &delay_ms) < 0)
        return JS_EXCEPTION;
    MR__JS_GATE(js); /* the conversion may have run script */
    JSValue object = mr__js_signal_new(js);
    if (JS_IsException(object))
        return object;
    if (start_timeout(js, mr__js_signal_of(js, object), delay_ms) == 0)
        return object;
    JS_FreeValue(ctx, object);
    return JS_EXCEPTION;
}

/* Signals that an iterable gave, each held. */
struct signals {
    mr__signal **list;
    size_t count, room;
};

static int put(mr_js *js, struct signals *signals, JSValueConst value)
{
    mr__signal *signal = mr__js_signal_of(js, value);
    if (signal == NULL) {
        mr__js_throw_arg_type(js->ctx, "signals", "an iterable of AbortSignal", value);
        return -1;
    }
    if (signals->count == signals->room) {
        size_t room = signals->room * 2 + 4;
        void *list = js_realloc(js->ctx, signals->list, room * sizeof(*signals->list));
        if (list == NULL)
            return -1;
        signals->list = list;
        signals->room = room;
    }
    signals->list[signals->count++] = signal;
    (void)JS_DupValue(js->ctx, value);
    return 0;
}

static void free_signals(mr_js *js, struct signals *signals)
{
    for (size_t i = 0; i < signals->count; i++)
        JS_FreeValue(js->ctx, signals->list[i]->target.object);
    js_free(js->ctx, signals->list);
}

/* 1: *out_value, 0: the end, -1. */
static int step(mr_js *js, JSValueConst iterator, JSValueConst next, JSValue *out_value)
{
    JSContext *ctx = js->ctx;
    const JSAtom *atoms = js->events->atoms;
    JSValue result = JS_Call(ctx, next, iterator, 0, NULL);
    if (!JS_IsException(result) && !JS_IsObject(result)) {
        JS_FreeValue(ctx, result);
        result = JS_ThrowTypeError(ctx, "%s", "iterator result is not an object");
    }
    if (JS_IsException(result))
        return -1;
    JSValue done = JS_GetProperty(ctx, result, atoms[MR__NAME_DONE]);
    int more = JS_IsException(done) ? -1 : !JS_ToBool(ctx, done);
    JS_FreeValue(ctx, done);
    if (more > 0) {
        *out_value = JS_GetProperty(ctx, result, atoms[MR__NAME_VALUE]);
        more = JS_IsException(*out_value) ? -1 : 1;
    }
    JS_FreeValue(ctx, result);
    return more;
}

/* Web IDL, sequence: what is no signal ends it, and the iterator is not closed. */
static int read_iterator(mr_js *js, JSValueConst iterator, struct signals *signals)
{
    JSValue next = JS_GetProperty(js->ctx, iterator, js->events->atoms[MR__NAME_NEXT]);
    JSValue value;
    int more = JS_IsException(next) ? -1 : 1;
    while (more > 0 && (more = step(js, iterator, next, &value)) > 0) {
        if (put(js, signals, value) < 0)
            more = -1;
        JS_FreeValue(js->ctx, value);
    }
    JS_FreeValue(js->ctx, next);
    return more;
}

static int read_signals(mr_js *js, JSValueConst iterable, struct signals *signals)
{
    JSContext *ctx = js->ctx;
    JSValue method =
        JS_IsObject(iterable) ? JS_GetProperty(ctx, iterable, js->events->iterator) : JS_UNDEFINED;
    if (JS_IsException(method))
        return -1;
    if (!JS_IsFunction(ctx, method)) {
        JS_FreeValue(ctx, method);
        mr__js_throw_arg_type(ctx, "signals", "an iterable of AbortSignal", iterable);
        return -1;
    }
    JSValue iterator = JS_Call(ctx, method, iterable, 0, NULL);
    JS_FreeValue(ctx, method);
    if (JS_IsException(iterator))
        return -1;
    int status = -1;
    if (JS_IsObject(iterator))
        status = read_iterator(js, iterator, signals);
    else
        JS_ThrowTypeError(ctx, "%s", "iterator is not an object");
    JS_FreeValue(ctx, iterator);
    return status;
}

/* DOM, "create a dependent abort signal". */
static JSValue any_of(mr_js *js, const struct signals *signals)
{
    JSValue object = mr__js_signal_new(js);
    if (JS_IsException(object))
        return object;
    mr__signal *signal = mr__js_signal_of(js, object);
    for (size_t i = 0; i < signals->count; i++) {
        if (signals->list[i]->aborted) {
            signal->aborted = true;
            signal->reason = JS_DupValue(js->ctx, signals->list[i]->reason);
            return object;
        }
    }
    if (mr__js_signal_follow(js, signal, signals->count, signals->list) == 0)
        return object;
    JS_FreeValue(js->ctx, object);
    return JS_EXCEPTION;
}

static JSValue signal_any(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (argc < 1)
        return mr__js_throw_missing(ctx, "signals");
    struct signals signals = {0};
    JSValue object = read_signals(js, argv[0], &signals) < 0 ? JS_EXCEPTION : any_of(js, &signals);
    free_signals(js, &signals);
    return object;
}

/* ---- AbortSignal ------------------------------------------------------------------------------*/

enum attribute { ABORTED, REASON, ON_ABORT };

static JSValue get_attribute(JSContext *ctx, JSValueConst this_val, int which)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__signal *signal = mr__js_signal_of(js, this_val);
    if (signal == NULL)
        return mr__js_throw_this(ctx, "AbortSignal");
    if (which == ABORTED)
        return JS_NewBool(ctx, signal->aborted);
    if (which == REASON)
        return JS_DupValue(ctx, signal->reason);
    return signal->on_abort == NULL ? JS_NULL : JS_DupValue(ctx, signal->on_abort->callback);
}

/* HTML, event handler attributes: an object takes the place of the one before, else it goes. */
static JSValue set_on_abort(JSContext *ctx, JSValueConst this_val, JSValueConst value, int which)
{
    (void)which;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__signal *signal = mr__js_signal_of(js, this_val);
    if (signal == NULL)
        return mr__js_throw_this(ctx, "AbortSignal");
    mr__listener *handler = signal->on_abort;
    if (!JS_IsObject(value)) {
        signal->on_abort = NULL;
        if (handler != NULL)
            mr__js_unlisten(js, handler);
        return JS_UNDEFINED;
    }
    if (handler != NULL) {
        JSValue old = handler->callback;
        handler->callback = JS_DupValue(ctx, value);
        JS_FreeValue(ctx, old);
        return JS_UNDEFINED;
    }
    return mr__js_listen(js, &signal->target, js->events->atoms[MR__NAME_ABORT], value,
                         MR__LISTENER_HANDLER, &signal->on_abort) < 0
               ? JS_EXCEPTION
               : JS_UNDEFINED;
}

static JSValue throw_if_aborted(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__signal *signal = mr__js_signal_of(js, this_val);
    if (signal == NULL)
        return mr__js_throw_this(ctx, "AbortSignal");
    return signal->aborted ? JS_Throw(ctx, JS_DupValue(ctx, signal->reason)) : JS_UNDEFINED;
}

static JSValue construct_signal(JSContext *ctx, JSValueConst new_target, int argc,
                                JSValueConst *argv)
{
    (void)new_target, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return mr__js_throw_code(ctx, "TypeError", "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
}

/* ---- AbortController --------------------------------------------------------------------------*/

static JSValue object_at(void *pointer)
{
    return JS_MKPTR(JS_TAG_OBJECT, pointer);
}

static void finalize_controller(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    void *signal = JS_GetAnyOpaque(object, &class_id);
    if (signal != NULL)
        JS_FreeValueRT(rt, object_at(signal));
}

static void mark_controller(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    void *signal = JS_GetAnyOpaque(object, &class_id);
    if (signal != NULL)
        JS_MarkValue(rt, object_at(signal), mark);
}

mr__signal *mr__js_controller_signal(mr_js *js, JSValueConst value, JSValue *out_object)
{
    void *object = JS_GetOpaque(value, js->events->controller_class);
    if (object == NULL)
        return NULL;
    *out_object = object_at(object);
    return mr__js_signal_of(js, *out_object);
}

static JSValue construct_controller(JSContext *ctx, JSValueConst new_target, int argc,
                                    JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue proto = mr__js_proto_for(js, new_target, MR__WEB_ABORT_CONTROLLER);
    if (JS_IsException(proto))
        return proto;
    JSValue object =
        mr__js_new_web_object(js, MR__WEB_ABORT_CONTROLLER, js->events->controller_class, proto);
    JS_FreeValue(ctx, proto);
    JSValue signal = JS_IsException(object) ? JS_EXCEPTION : mr__js_signal_new(js);
    if (JS_IsException(signal)) {
        JS_FreeValue(ctx, object);
        return signal;
    }
    JS_SetOpaque(object, JS_VALUE_GET_PTR(signal));
    return object;
}

static JSValue controller_signal(JSContext *ctx, JSValueConst this_val)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue object;
    if (mr__js_controller_signal(js, this_val, &object) == NULL)
        return mr__js_throw_this(ctx, "AbortController");
    return JS_DupValue(ctx, object);
}

static JSValue controller_abort(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue object;
    mr__signal *signal = mr__js_controller_signal(js, this_val, &object);
    if (signal == NULL)
        return mr__js_throw_this(ctx, "AbortController");
    if (signal->aborted)
        return JS_UNDEFINED;
    JSValue reason = reason_of(js, argc, argv);
    int failed = mr__js_signal_abort(js, signal, reason);
    JS_FreeValue(ctx, reason);
    return failed < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- Classes ----------------------------------------------------------------------------------*/

enum { READ = JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE };

static const JSCFunctionListEntry signal_statics[] = {
    JS_CFUNC_DEF2("abort", 0, signal_abort, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("timeout", 1, signal_timeout, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("any", 1, signal_any, JS_PROP_C_W_E),
};

static const JSCFunctionListEntry signal_members[] = {
    JS_CGETSET_MAGIC_DEF2("aborted", get_attribute, NULL, ABORTED, READ),
    JS_CGETSET_MAGIC_DEF2("reason", get_attribute, NULL, REASON, READ),
    JS_CFUNC_DEF2("throwIfAborted", 0, throw_if_aborted, JS_PROP_C_W_E),
    JS_CGETSET_MAGIC_DEF2("onabort", get_attribute, set_on_abort, ON_ABORT, READ),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "AbortSignal", JS_PROP_CONFIGURABLE),
};

static const JSCFunctionListEntry controller_members[] = {
    JS_CGETSET_DEF2("signal", controller_signal, NULL, READ),
    JS_CFUNC_DEF2("abort", 0, controller_abort, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "AbortController", JS_PROP_CONFIGURABLE),
};

int mr__js_abort_install(mr_js *js)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    const JSClassDef def = {.class_name = "AbortController",
                            .finalizer = finalize_controller,
                            .gc_mark = mark_controller};
    JS_NewClassID(js->rt, &events->controller_class);
    if (JS_NewClass(js->rt, events->controller_class, &def) < 0 ||
        mr__js_make_web_class(js, MR__WEB_ABORT_SIGNAL, MR__WEB_EVENT_TARGET, construct_signal, 0,
                              signal_members,
                              sizeof(signal_members) / sizeof(signal_members[0])) < 0 ||
        mr__js_make_web_class(js, MR__WEB_ABORT_CONTROLLER, -1, construct_controller, 0,
                              controller_members,
                              sizeof(controller_members) / sizeof(controller_members[0])) < 0)
        return -1;
    JS_SetClassProto(ctx, events->signal_class,
                     JS_DupValue(ctx, events->protos[MR__WEB_ABORT_SIGNAL]));
    return JS_SetPropertyFunctionList(ctx, events->constructors[MR__WEB_ABORT_SIGNAL],
                                      signal_statics,
                                      sizeof(signal_statics) / sizeof(signal_statics[0])) < 0
               ? -1
               : 0;
}
