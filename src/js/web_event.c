/* Event and CustomEvent (DOM standard, section 2). */
#include <string.h>

#include "js/errors.h"
#include "js/gate.h"
#include "js/web_events.h"
#include "loop/extend.h"

enum { AT_TARGET = 2 };

/* ---- The struct -------------------------------------------------------------------------------*/

static void finalize_event(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    mr__event *event = JS_GetAnyOpaque(object, &class_id);
    if (event == NULL)
        return;
    JS_FreeAtomRT(rt, event->type);
    JS_FreeValueRT(rt, event->target);
    JS_FreeValueRT(rt, event->detail);
    struct mr__js_events *events = ((mr_js *)JS_GetRuntimeOpaque(rt))->events;
    if (events->spare_event == NULL && !events->ended)
        events->spare_event = event;
    else
        js_free_rt(rt, event);
}

static mr__event *take_struct(mr_js *js)
{
    mr__event *event = js->events->spare_event;
    js->events->spare_event = NULL;
    return event != NULL ? event : js_malloc(js->ctx, sizeof(*event));
}

static void mark_event(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    const mr__event *event = JS_GetAnyOpaque(object, &class_id);
    if (event == NULL)
        return;
    JS_MarkValue(rt, event->target, mark);
    JS_MarkValue(rt, event->detail, mark);
}

mr__event *mr__js_event_of(mr_js *js, JSValueConst value)
{
    return JS_GetOpaque(value, js->events->event_class);
}

static int define_is_trusted(mr_js *js, JSValueConst object)
{
    struct mr__js_events *events = js->events;
    return JS_DefineProperty(js->ctx, object, events->atoms[MR__NAME_IS_TRUSTED], JS_UNDEFINED,
                             events->is_trusted, JS_UNDEFINED,
                             JS_PROP_ENUMERABLE | JS_PROP_HAS_GET | JS_PROP_HAS_SET |
                                 JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_ENUMERABLE);
}

/* Without memory for it events are slower. */
static void keep_sample(mr_js *js)
{
    struct mr__js_events *events = js->events;
    JSValue sample =
        JS_NewObjectProtoClass(js->ctx, events->protos[MR__WEB_EVENT], events->event_class);
    if (!JS_IsException(sample) && define_is_trusted(js, sample) >= 0)
        events->event_sample = sample;
    else
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    if (JS_IsUndefined(events->event_sample))
        JS_FreeValue(js->ctx, sample);
}

/* type passes in, also on failure. */
static JSValue make_event(mr_js *js, JSValueConst proto, JSAtom type, uint32_t flags,
                          mr__event **out_event)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    const mr__web_class which = flags & MR__EVENT_CUSTOM ? MR__WEB_CUSTOM_EVENT : MR__WEB_EVENT;
    JSValue object = mr__js_new_web_object(js, which, events->event_class, proto);
    mr__event *event = JS_IsException(object) ? NULL : take_struct(js);
    if (event == NULL) {
        JS_FreeAtom(ctx, type);
        JS_FreeValue(ctx, object);
        return JS_EXCEPTION;
    }
    double now_ms = (double)(mr__loop_clock(js->loop) - js->created_ns) / 1e6;
    *event = (mr__event){type, flags, JS_NULL, JS_NULL, now_ms};
    JS_SetOpaque(object, event);
    if (define_is_trusted(js, object) < 0) {
        JS_FreeValue(ctx, object);
        return JS_EXCEPTION;
    }
    if (MR_UNLIKELY(which == MR__WEB_EVENT && JS_IsUndefined(events->event_sample)))
        keep_sample(js);
    *out_event = event;
    return object;
}

JSValue mr__js_event_new(mr_js *js, JSAtom type)
{
    mr__event *event;
    return make_event(js, js->events->protos[MR__WEB_EVENT], JS_DupAtom(js->ctx, type),
                      MR__EVENT_TRUSTED, &event);
}

/* ---- Constructors -----------------------------------------------------------------------------*/

/* The dictionary of the second argument; an inherited dictionary is read first. */
static int read_init(mr_js *js, JSValueConst init, uint32_t *flags, JSValue *out_detail)
{
    if (JS_IsUndefined(init) || JS_IsNull(init))
        return 0;
    if (!JS_IsObject(init)) {
        mr__js_throw_arg_type(js->ctx, "options", "of type object", init);
        return -1;
    }
    if (mr__js_read_flag(js, init, MR__NAME_BUBBLES, MR__EVENT_BUBBLES, flags) < 0 ||
        mr__js_read_flag(js, init, MR__NAME_CANCELABLE, MR__EVENT_CANCELABLE, flags) < 0 ||
        mr__js_read_flag(js, init, MR__NAME_COMPOSED, MR__EVENT_COMPOSED, flags) < 0)
        return -1;
    if (!(*flags & MR__EVENT_CUSTOM))
        return 0;
    JSValue detail = JS_GetProperty(js->ctx, init, js->events->atoms[MR__NAME_DETAIL]);
    if (JS_IsException(detail))
        return -1;
    *out_detail = JS_IsUndefined(detail) ? JS_NULL : detail;
    return 0;
}

static JSValue construct(mr_js *js, JSValueConst new_target, int argc, JSValueConst *argv,
                         mr__web_class which, uint32_t flags)
{
    JSContext *ctx = js->ctx;
    MR__JS_GATE(js);
    if (argc < 1)
        return mr__js_throw_missing(ctx, "type");
    JSAtom type = mr__js_to_type(js, argv[0]);
    if (type == JS_ATOM_NULL)
        return JS_EXCEPTION;
    JSValue detail = JS_NULL, proto = JS_EXCEPTION;
    mr__event *event;
    if (argc < 2 || read_init(js, argv[1], &flags, &detail) == 0)
        proto = mr__js_proto_for(js, new_target, which);
    if (JS_IsException(proto)) {
        JS_FreeAtom(ctx, type);
        JS_FreeValue(ctx, detail);
        return proto;
    }
    JSValue object = make_event(js, proto, type, flags, &event);
    JS_FreeValue(ctx, proto);
    if (JS_IsException(object))
        JS_FreeValue(ctx, detail);
    else
        event->detail = detail;
    return object;
}

static JSValue construct_event(JSContext *ctx, JSValueConst new_target, int argc,
                               JSValueConst *argv)
{
    return construct(mr__js_of(ctx), new_target, argc, argv, MR__WEB_EVENT, 0);
}

static JSValue construct_custom_event(JSContext *ctx, JSValueConst new_target, int argc,
                                      JSValueConst *argv)
{
    return construct(mr__js_of(ctx), new_target, argc, argv, MR__WEB_CUSTOM_EVENT,
                     MR__EVENT_CUSTOM);
}

/* ---- Attributes -------------------------------------------------------------------------------*/

enum attribute {
    TYPE,
    TARGET,
    CURRENT_TARGET,
    EVENT_PHASE,
    CANCEL_BUBBLE,
    BUBBLES,
    CANCELABLE,
    RETURN_VALUE,
    DEFAULT_PREVENTED,
    COMPOSED,
    IS_TRUSTED,
    TIME_STAMP
};

static JSValue get_attribute(JSContext *ctx, JSValueConst this_val, int which)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL)
        return mr__js_throw_this(ctx, "Event");
    const uint32_t flags = event->flags;
    switch ((enum attribute)which) {
    case TYPE:
        return JS_AtomToString(ctx, event->type);
    case TARGET:
        return JS_DupValue(ctx, event->target);
    case CURRENT_TARGET:
        return flags & MR__EVENT_DISPATCHED ? JS_DupValue(ctx, event->target) : JS_NULL;
    case EVENT_PHASE:
        return JS_NewInt32(ctx, flags & MR__EVENT_DISPATCHED ? AT_TARGET : 0);
    case CANCEL_BUBBLE:
        return JS_NewBool(ctx, (flags & MR__EVENT_STOPPED) != 0);
    case BUBBLES:
        return JS_NewBool(ctx, (flags & MR__EVENT_BUBBLES) != 0);
    case CANCELABLE:
        return JS_NewBool(ctx, (flags & MR__EVENT_CANCELABLE) != 0);
    case RETURN_VALUE:
        return JS_NewBool(ctx, (flags & MR__EVENT_CANCELED) == 0);
    case DEFAULT_PREVENTED:
        return JS_NewBool(ctx, (flags & MR__EVENT_CANCELED) != 0);
    case COMPOSED:
        return JS_NewBool(ctx, (flags & MR__EVENT_COMPOSED) != 0);
    case IS_TRUSTED:
        return JS_NewBool(ctx, (flags & MR__EVENT_TRUSTED) != 0);
    case TIME_STAMP:
    default:
        return JS_NewFloat64(ctx, event->time_stamp);
    }
}

static void cancel(mr__event *event)
{
    if ((event->flags & (MR__EVENT_CANCELABLE | MR__EVENT_PASSIVE)) == MR__EVENT_CANCELABLE)
        event->flags |= MR__EVENT_CANCELED;
}

static JSValue set_attribute(JSContext *ctx, JSValueConst this_val, JSValueConst value, int which)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL)
        return mr__js_throw_this(ctx, "Event");
    bool truth = JS_ToBool(ctx, value) > 0;
    if (which == CANCEL_BUBBLE && truth)
        event->flags |= MR__EVENT_STOPPED;
    else if (which == RETURN_VALUE && !truth)
        cancel(event);
    return JS_UNDEFINED;
}

static JSValue get_detail(JSContext *ctx, JSValueConst this_val)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL || !(event->flags & MR__EVENT_CUSTOM))
        return mr__js_throw_this(ctx, "CustomEvent");
    return JS_DupValue(ctx, event->detail);
}

/* ---- Methods ----------------------------------------------------------------------------------*/

enum method { STOP_PROPAGATION, STOP_IMMEDIATE_PROPAGATION, PREVENT_DEFAULT };

static JSValue change(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                      int which)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL)
        return mr__js_throw_this(ctx, "Event");
    if (which == PREVENT_DEFAULT)
        cancel(event);
    else if (which == STOP_PROPAGATION)
        event->flags |= MR__EVENT_STOPPED;
    else
        event->flags |= MR__EVENT_STOPPED | MR__EVENT_STOPPED_NOW;
    return JS_UNDEFINED;
}

static JSValue composed_path(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL)
        return mr__js_throw_this(ctx, "Event");
    if (!(event->flags & MR__EVENT_DISPATCHED))
        return JS_NewArray(ctx);
    JSValue target = JS_DupValue(ctx, event->target);
    return JS_NewArrayFrom(ctx, 1, &target);
}

/* initEvent and, with one argument more, initCustomEvent. Nothing happens during dispatch. */
static JSValue init(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int custom)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__event *event = mr__js_event_of(js, this_val);
    if (event == NULL || (custom && !(event->flags & MR__EVENT_CUSTOM)))
        return mr__js_throw_this(ctx, custom ? "CustomEvent" : "Event");
    if (argc < 1)
        return mr__js_throw_missing(ctx, "type");
    JSAtom type = mr__js_to_type(js, argv[0]);
    if (type == JS_ATOM_NULL)
        return JS_EXCEPTION;
    if (event->flags & MR__EVENT_DISPATCHED) {
        JS_FreeAtom(ctx, type);
        return JS_UNDEFINED;
    }
    JSAtom old_type = event->type;
    JSValue old_target = event->target, old_detail = event->detail;
    event->type = type;
    event->flags &= MR__EVENT_CUSTOM | MR__EVENT_COMPOSED;
    event->flags |= argc > 1 && JS_ToBool(ctx, argv[1]) > 0 ? MR__EVENT_BUBBLES : 0;
    event->flags |= argc > 2 && JS_ToBool(ctx, argv[2]) > 0 ? MR__EVENT_CANCELABLE : 0;
    event->target = JS_NULL;
    if (custom)
        event->detail = argc > 3 && !JS_IsUndefined(argv[3]) ? JS_DupValue(ctx, argv[3]) : JS_NULL;
    JS_FreeAtom(ctx, old_type);
    JS_FreeValue(ctx, old_target);
    if (custom)
        JS_FreeValue(ctx, old_detail);
    return JS_UNDEFINED;
}

/* ---- Classes ----------------------------------------------------------------------------------*/

enum {
    READ = JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
    CONSTANT = JS_PROP_ENUMERABLE,
};
#define GET(name, which) JS_CGETSET_MAGIC_DEF2(name, get_attribute, NULL, which, READ)
#define GET_SET(name, which) JS_CGETSET_MAGIC_DEF2(name, get_attribute, set_attribute, which, READ)
#define METHOD(name, length, call, magic)                                                          \
    {                                                                                              \
        name, JS_PROP_C_W_E, JS_DEF_CFUNC, magic,                                                  \
        {                                                                                          \
            .func = { length, JS_CFUNC_generic_magic, {.generic_magic = call} }                    \
        }                                                                                          \
    }

static const JSCFunctionListEntry constants[] = {
    JS_PROP_INT32_DEF("NONE", 0, CONSTANT),
    JS_PROP_INT32_DEF("CAPTURING_PHASE", 1, CONSTANT),
    JS_PROP_INT32_DEF("AT_TARGET", AT_TARGET, CONSTANT),
    JS_PROP_INT32_DEF("BUBBLING_PHASE", 3, CONSTANT),
};
enum { CONSTANT_COUNT = sizeof(constants) / sizeof(constants[0]) };

static const JSCFunctionListEntry event_members[] = {
    GET("type", TYPE),
    GET("target", TARGET),
    GET("srcElement", TARGET),
    GET("currentTarget", CURRENT_TARGET),
    JS_CFUNC_DEF2("composedPath", 0, composed_path, JS_PROP_C_W_E),
    GET("eventPhase", EVENT_PHASE),
    METHOD("stopPropagation", 0, change, STOP_PROPAGATION),
    GET_SET("cancelBubble", CANCEL_BUBBLE),
    METHOD("stopImmediatePropagation", 0, change, STOP_IMMEDIATE_PROPAGATION),
    GET("bubbles", BUBBLES),
    GET("cancelable", CANCELABLE),
    GET_SET("returnValue", RETURN_VALUE),
    METHOD("preventDefault", 0, change, PREVENT_DEFAULT),
    GET("defaultPrevented", DEFAULT_PREVENTED),
    GET("composed", COMPOSED),
    GET("timeStamp", TIME_STAMP),
    METHOD("initEvent", 1, init, false),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Event", JS_PROP_CONFIGURABLE),
};

static const JSCFunctionListEntry custom_members[] = {
    JS_CGETSET_DEF2("detail", get_detail, NULL, READ),
    METHOD("initCustomEvent", 1, init, true),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "CustomEvent", JS_PROP_CONFIGURABLE),
};

/* One getter for all events, as it stands on each of them. */
static JSValue new_is_trusted(JSContext *ctx)
{
    const JSCFunctionType getter = {.getter_magic = get_attribute};
    return JS_NewCFunction2(ctx, getter.generic, "get isTrusted", 0, JS_CFUNC_getter_magic,
                            IS_TRUSTED);
}

int mr__js_event_install(mr_js *js)
{
    JSContext *ctx = js->ctx;
    struct mr__js_events *events = js->events;
    const JSClassDef def = {
        .class_name = "Event", .finalizer = finalize_event, .gc_mark = mark_event};
    JS_NewClassID(js->rt, &events->event_class);
    events->is_trusted = new_is_trusted(ctx);
    if (JS_IsException(events->is_trusted) || JS_NewClass(js->rt, events->event_class, &def) < 0 ||
        mr__js_make_web_class(js, MR__WEB_EVENT, -1, construct_event, 1, event_members,
                              sizeof(event_members) / sizeof(event_members[0])) < 0 ||
        mr__js_make_web_class(js, MR__WEB_CUSTOM_EVENT, MR__WEB_EVENT, construct_custom_event, 1,
                              custom_members,
                              sizeof(custom_members) / sizeof(custom_members[0])) < 0)
        return -1;
    return JS_SetPropertyFunctionList(ctx, events->constructors[MR__WEB_EVENT], constants,
                                      CONSTANT_COUNT) < 0 ||
                   JS_SetPropertyFunctionList(ctx, events->protos[MR__WEB_EVENT], constants,
                                              CONSTANT_COUNT) < 0
               ? -1
               : 0;
}
