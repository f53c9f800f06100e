/* setTimeout, setInterval, setImmediate and their handles.
 *
 * A handle is an object of class Timeout or Immediate with one struct behind it. The struct has two
 * owners: the object, and the loop while it holds a timer or immediate for it; it is freed when
 * both are gone. While pending, the struct holds its object, so that the callback lives. A one-shot
 * that has fired keeps its callback for refresh; clearing gives it up. */
#include "js/gate.h"

#include <math.h>
#include <string.h>

#include <millrace/immediate.h>
#include <millrace/timer.h>

#include "base/memory.h"
#include "js/idmap.h"
#include "loop/extend.h"

enum { INLINE_ARGS = 3 };
enum { NS_PER_MS = 1000000 };
static const double longest_ms = 2147483647.0;
static const uint64_t last_number = (UINT64_C(1) << 53) - 1;

enum scheduler {
    SET_TIMEOUT,
    CLEAR_TIMEOUT,
    SET_INTERVAL,
    CLEAR_INTERVAL,
    SET_IMMEDIATE,
    CLEAR_IMMEDIATE,
    SCHEDULER_COUNT
};

struct handle {
    mr_js *js;      /* NULL: the runtime has ended, only the loop still knows this */
    JSValue object; /* held while pending, else undefined */
    JSValue fn;
    JSValue few[INLINE_ARGS];
    JSValue *args;
    int argc;
    uint32_t delay_ms;
    uint64_t number;                /* the id that Symbol.toPrimitive tells */
    uint64_t loop_id;               /* timer or immediate of the loop */
    struct handle *previous, *next; /* pending ones of the runtime */
    bool immediate, repeats, ref;
    bool pending; /* on the list */
    bool held;    /* the loop has it as an argument */
    bool cleared; /* for good; an immediate that ran is so too */
    bool running, refreshed;
    bool told;   /* number is in timers->numbers */
    bool orphan; /* the object is gone */
};

struct mr__js_timers {
    JSClassID timeout_class, immediate_class;
    uint64_t last_number;
    mr__idmap numbers; /* ids that scripts were told -> handle */
    struct handle *pending;
    JSValue functions[SCHEDULER_COUNT];
    bool warned_nan, warned_negative;
};

/* ---- The struct -------------------------------------------------------------------------------*/

static void free_call(JSRuntime *rt, struct handle *handle)
{
    JSValue fn = handle->fn;
    handle->fn = JS_UNDEFINED;
    int argc = handle->argc;
    handle->argc = 0;
    for (int i = 0; i < argc; i++)
        JS_FreeValueRT(rt, handle->args[i]);
    if (handle->args != handle->few)
        mr__free(handle->args);
    handle->args = handle->few;
    JS_FreeValueRT(rt, fn);
}

/* The object's end. Runs inside the engine's collector: no script, no list but the map. */
static void finalize_handle(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    struct handle *handle = JS_GetAnyOpaque(object, &class_id);
    if (handle == NULL)
        return;
    if (handle->told && handle->js->timers != NULL)
        mr__idmap_remove(&handle->js->timers->numbers, handle->number);
    free_call(rt, handle);
    handle->orphan = true;
    handle->js = NULL;
    if (!handle->held)
        mr__free(handle);
}

static void mark_handle(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    struct handle *handle = JS_GetAnyOpaque(object, &class_id);
    if (handle == NULL)
        return;
    JS_MarkValue(rt, handle->fn, mark);
    for (int i = 0; i < handle->argc; i++)
        JS_MarkValue(rt, handle->args[i], mark);
}

static void link_pending(struct handle *handle, JSValueConst object)
{
    struct mr__js_timers *timers = handle->js->timers;
    handle->object = JS_DupValue(handle->js->ctx, object);
    handle->pending = true;
    handle->previous = NULL;
    handle->next = timers->pending;
    if (handle->next != NULL)
        handle->next->previous = handle;
    timers->pending = handle;
}

/* No longer pending. May free the object and with it the struct: the last thing to do. */
static void release(struct handle *handle)
{
    if (!handle->pending)
        return;
    struct handle **link =
        handle->previous ? &handle->previous->next : &handle->js->timers->pending;
    *link = handle->next;
    if (handle->next != NULL)
        handle->next->previous = handle->previous;
    handle->pending = false;
    JSValue object = handle->object;
    handle->object = JS_UNDEFINED;
    JS_FreeValue(handle->js->ctx, object);
}

/* The loop gave the struct back. false: nobody else has it, it is freed. */
static bool taken_back(struct handle *handle)
{
    handle->held = false;
    if (!handle->orphan)
        return true;
    mr__free(handle);
    return false;
}

static void discarded(void *arg, mr_status reason)
{
    (void)reason;
    struct handle *handle = arg;
    if (taken_back(handle))
        release(handle);
}

/* ---- Timers of the loop -----------------------------------------------------------------------*/

/* Whole milliseconds, so that the timers of one burst are due in one turn; up, so that none is
 * early. Beyond the clock's end: never. */
static uint64_t deadline_after(uint64_t start_ns, uint32_t delay_ms)
{
    uint64_t delay_ns = (uint64_t)delay_ms * NS_PER_MS;
    if (start_ns > UINT64_MAX - delay_ns - (NS_PER_MS - 1))
        return UINT64_MAX;
    uint64_t due = start_ns + delay_ns;
    return (due + NS_PER_MS - 1) / NS_PER_MS * NS_PER_MS;
}

static void fire_timer(void *arg);

static mr_status start_timer(struct handle *handle)
{
    mr_loop *loop = handle->js->loop;
    mr_timer_spec spec = {
        .size_bytes = sizeof(spec),
        .fn = fire_timer,
        .arg = handle,
        .discard = discarded,
        .delay_ns = deadline_after(mr__loop_clock(loop), handle->delay_ms),
        .flags = MR_TIMER_AT | (handle->ref ? 0u : (uint32_t)MR_TIMER_UNREF),
    };
    mr_timer timer;
    mr_status status = mr_timer_start_with(loop, &spec, &timer);
    if (status == MR_OK) {
        handle->loop_id = timer.id;
        handle->held = true;
    }
    return status;
}

static bool reset_timer(struct handle *handle, uint64_t start_ns)
{
    mr_timer timer = {handle->loop_id};
    uint64_t deadline = deadline_after(start_ns, handle->delay_ms);
    return mr_timer_reset_at(handle->js->loop, timer, deadline) == MR_OK;
}

/* After the callback: an interval and a refreshed one-shot go on, everything else is done. */
static void after_timer(struct handle *handle, uint64_t start_ns)
{
    handle->running = false;
    bool goes_on = !handle->cleared && !handle->js->gone;
    if (goes_on && handle->repeats)
        goes_on = reset_timer(handle, start_ns);
    else
        goes_on = goes_on && handle->refreshed;
    if (goes_on)
        return;
    if (taken_back(handle))
        release(handle);
}

static void fire_timer(void *arg)
{
    struct handle *handle = arg;
    mr_js *js = handle->js;
    if (js == NULL || js->gone) {
        discarded(handle, MR_ECLOSED);
        return;
    }
    uint64_t start_ns = handle->repeats ? mr__loop_clock(js->loop) : 0;
    handle->running = true;
    handle->refreshed = false;
    JSValue fn = JS_DupValue(js->ctx, handle->fn);
    mr__js_call_callback(js, fn, handle->object, handle->argc, handle->args);
    JS_FreeValue(js->ctx, fn);
    after_timer(handle, start_ns);
}

/* ---- Immediates of the loop -------------------------------------------------------------------*/

static void fire_immediate(void *arg)
{
    struct handle *handle = arg;
    mr_js *js = handle->js;
    if (!taken_back(handle))
        return;
    handle->cleared = true;
    /* Its turn or the drain may come when nothing lives any more: then it is not run. */
    if (handle->ref || mr_loop_alive(js->loop)) {
        handle->running = true;
        mr__js_call_callback(js, handle->fn, handle->object, handle->argc, handle->args);
    }
    free_call(js->rt, handle);
    release(handle);
}

static mr_status start_immediate(struct handle *handle)
{
    mr_immediate immediate;
    mr_task task = {fire_immediate, handle, discarded};
    mr_status status = mr_immediate_start_with(handle->js->loop, &task, &immediate);
    if (status == MR_OK) {
        handle->loop_id = immediate.id;
        handle->held = true;
    }
    return status;
}

/* ---- Clearing ---------------------------------------------------------------------------------*/

static void forget_number(struct handle *handle)
{
    if (handle->told)
        mr__idmap_remove(&handle->js->timers->numbers, handle->number);
    handle->told = false;
}

/* Take a pending one back from the loop. What the loop cannot give back it reports as discarded. */
static void cancel(struct handle *handle)
{
    mr_loop *loop = handle->js->loop;
    mr_status status = handle->immediate
                           ? mr_immediate_cancel(loop, (mr_immediate){handle->loop_id})
                           : mr_timer_cancel(loop, (mr_timer){handle->loop_id});
    if (status == MR_OK && !handle->running && taken_back(handle))
        release(handle);
}

static void clear_handle(struct handle *handle)
{
    if (handle->cleared)
        return;
    mr_js *js = handle->js;
    handle->cleared = true;
    forget_number(handle);
    free_call(js->rt, handle);
    if (handle->pending)
        cancel(handle);
}

/* ---- Making a handle --------------------------------------------------------------------------*/

static bool copy_args(JSContext *ctx, struct handle *handle, int argc, JSValueConst *argv)
{
    handle->args = argc <= INLINE_ARGS ? handle->few : mr__alloc((size_t)argc * sizeof(JSValue));
    if (handle->args == NULL)
        return false;
    handle->argc = argc;
    for (int i = 0; i < argc; i++)
        handle->args[i] = JS_DupValue(ctx, argv[i]);
    return true;
}

static struct handle *new_handle(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv)
{
    struct handle *handle = mr__alloc(sizeof(*handle));
    if (handle == NULL)
        return NULL;
    *handle = (struct handle){.js = js, .object = JS_UNDEFINED, .ref = true, .number = 0};
    if (!copy_args(js->ctx, handle, argc, argv)) {
        mr__free(handle);
        return NULL;
    }
    handle->fn = JS_DupValue(js->ctx, fn);
    return handle;
}

/* Put the struct behind an object and start it. After the loop's end it is made and never runs. */
static JSValue start_handle(mr_js *js, struct handle *handle)
{
    JSContext *ctx = js->ctx;
    struct mr__js_timers *timers = js->timers;
    JSValue object =
        JS_NewObjectClass(ctx, handle->immediate ? timers->immediate_class : timers->timeout_class);
    if (JS_IsException(object)) {
        free_call(js->rt, handle);
        mr__free(handle);
        return object;
    }
    JS_SetOpaque(object, handle);
    mr_status status = handle->immediate ? start_immediate(handle) : start_timer(handle);
    if (status == MR_OK) {
        link_pending(handle, object);
        return object;
    }
    if (status == MR_ECLOSED)
        return object;
    JS_FreeValue(ctx, object);
    return status == MR_ENOMEM
               ? JS_ThrowOutOfMemory(ctx)
               : mr__js_throw_code(ctx, mr_status_js_class(status), mr_status_name(status), "%s",
                                   mr_status_text(status));
}

/* ---- Delays -----------------------------------------------------------------------------------*/

static void warn_delay(mr_js *js, const char *name, double delay, const char *what)
{
    char text[160];
    JSValue number = JS_NewNumber(js->ctx, delay);
    const char *shown = JS_ToCString(js->ctx, number);
    snprintf(text, sizeof(text), "%s %s.\nTimeout duration was set to 1.", shown ? shown : "",
             what);
    JS_FreeCString(js->ctx, shown);
    mr__js_warn(js, name, text);
}

/* What stands for a delay that is not in range. */
static uint32_t odd_delay(mr_js *js, double delay)
{
    struct mr__js_timers *timers = js->timers;
    if (isnan(delay) && !timers->warned_nan) {
        timers->warned_nan = true;
        warn_delay(js, "TimeoutNaNWarning", delay, "is not a number");
    } else if (delay < 0 && !timers->warned_negative) {
        timers->warned_negative = true;
        warn_delay(js, "TimeoutNegativeWarning", delay, "is a negative number");
    } else if (delay > longest_ms) {
        warn_delay(js, "TimeoutOverflowWarning", delay,
                   "does not fit into a 32-bit signed integer");
    }
    return 1;
}

static int to_delay(mr_js *js, JSValueConst value, uint32_t *out_ms)
{
    *out_ms = 1;
    if (JS_IsUndefined(value) || JS_IsNull(value))
        return 0;
    double delay = 0;
    JSValue number = JS_ToNumber(js->ctx, value);
    if (JS_IsException(number) || JS_ToFloat64(js->ctx, &delay, number) < 0)
        return -1;
    *out_ms = delay >= 1 && delay <= longest_ms ? (uint32_t)delay : odd_delay(js, delay);
    return 0;
}

/* ---- The schedulers ---------------------------------------------------------------------------*/

static JSValue set_timer(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                         int repeats)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    uint32_t delay_ms;
    if (mr__js_check_function(ctx, argv[0], "callback") < 0 || to_delay(js, argv[1], &delay_ms) < 0)
        return JS_EXCEPTION;
    MR__JS_GATE(js); /* the conversion may have run script */
    if (js->timers->last_number == last_number)
        return mr__js_throw_code(ctx, "RangeError", "MR_EEXHAUSTED", "%s",
                                 mr_status_text(MR_EEXHAUSTED));
    struct handle *handle = new_handle(js, argv[0], argc > 2 ? argc - 2 : 0, argv + 2);
    if (handle == NULL)
        return JS_ThrowOutOfMemory(ctx);
    handle->delay_ms = delay_ms;
    handle->repeats = repeats != 0;
    handle->number = ++js->timers->last_number;
    return start_handle(js, handle);
}

static JSValue set_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    struct handle *handle = new_handle(js, argv[0], argc > 1 ? argc - 1 : 0, argv + 1);
    if (handle == NULL)
        return JS_ThrowOutOfMemory(ctx);
    handle->immediate = true;
    return start_handle(js, handle);
}

/* A number or its exact decimal string as an id; 0: none. */
static uint64_t number_of(JSContext *ctx, JSValueConst value)
{
    double number = 0;
    if (JS_IsNumber(value)) {
        JS_ToFloat64(ctx, &number, value);
        return number >= 1 && number <= (double)last_number && trunc(number) == number
                   ? (uint64_t)number
                   : 0;
    }
    size_t len;
    const char *text = JS_IsString(value) ? JS_ToCStringLen(ctx, &len, value) : NULL;
    if (text == NULL)
        return 0;
    uint64_t id = 0;
    bool valid = len > 0 && len <= 16 && text[0] != '0';
    for (size_t i = 0; valid && i < len; i++) {
        valid = text[i] >= '0' && text[i] <= '9';
        id = id * 10 + (uint64_t)(text[i] - '0');
    }
    JS_FreeCString(ctx, text);
    return valid ? id : 0;
}

static JSValue clear_timer(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct handle *handle = JS_GetOpaque(argv[0], js->timers->timeout_class);
    uint64_t number = handle == NULL && !JS_IsObject(argv[0]) ? number_of(ctx, argv[0]) : 0;
    uint64_t found;
    if (number != 0 && mr__idmap_get(&js->timers->numbers, number, &found))
        handle = (struct handle *)(uintptr_t)found;
    if (handle != NULL)
        clear_handle(handle);
    return JS_UNDEFINED;
}

static JSValue clear_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct handle *handle = JS_GetOpaque(argv[0], js->timers->immediate_class);
    if (handle != NULL)
        clear_handle(handle);
    return JS_UNDEFINED;
}

/* ---- Methods of handles -----------------------------------------------------------------------*/

enum method { REF, UNREF, HAS_REF, REFRESH, CLOSE, DISPOSE, TO_PRIMITIVE };

static void set_ref(struct handle *handle, bool ref)
{
    handle->ref = ref;
    if (!handle->pending)
        return;
    mr_loop *loop = handle->js->loop;
    if (handle->immediate && ref)
        mr_immediate_ref(loop, (mr_immediate){handle->loop_id});
    else if (handle->immediate)
        mr_immediate_unref(loop, (mr_immediate){handle->loop_id});
    else if (ref)
        mr_timer_ref(loop, (mr_timer){handle->loop_id});
    else
        mr_timer_unref(loop, (mr_timer){handle->loop_id});
}

static void refresh(struct handle *handle, JSValueConst object)
{
    if (handle->cleared)
        return;
    if (!handle->pending) {
        if (start_timer(handle) == MR_OK)
            link_pending(handle, object);
    } else if (reset_timer(handle, mr__loop_clock(handle->js->loop))) {
        handle->refreshed = true;
    }
}

static JSValue to_primitive(JSContext *ctx, struct handle *handle)
{
    struct mr__js_timers *timers = handle->js->timers;
    if (!handle->told && !handle->cleared) {
        if (!mr__idmap_put(&timers->numbers, handle->number, (uintptr_t)handle))
            return JS_ThrowOutOfMemory(ctx);
        handle->told = true;
    }
    return JS_NewInt64(ctx, (int64_t)handle->number);
}

static JSValue call_method(JSContext *ctx, JSValueConst this_val, struct handle *handle, int method)
{
    switch ((enum method)method) {
    case REF:
    case UNREF:
        if (!handle->immediate || !handle->cleared)
            set_ref(handle, method == REF);
        return JS_DupValue(ctx, this_val);
    case HAS_REF:
        return JS_NewBool(ctx, handle->ref && !(handle->immediate && handle->cleared));
    case REFRESH:
        refresh(handle, this_val);
        return JS_DupValue(ctx, this_val);
    case CLOSE:
        clear_handle(handle);
        return JS_DupValue(ctx, this_val);
    case TO_PRIMITIVE:
        return to_primitive(ctx, handle);
    case DISPOSE:
    default:
        clear_handle(handle);
        return JS_UNDEFINED;
    }
}

static JSValue timeout_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                              int method)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct handle *handle = JS_GetOpaque2(ctx, this_val, js->timers->timeout_class);
    return handle == NULL ? JS_EXCEPTION : call_method(ctx, this_val, handle, method);
}

static JSValue immediate_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                int method)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct handle *handle = JS_GetOpaque2(ctx, this_val, js->timers->immediate_class);
    return handle == NULL ? JS_EXCEPTION : call_method(ctx, this_val, handle, method);
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
static const JSCFunctionListEntry immediate_methods[] = {
    METHOD("ref", 0, immediate_method, REF),
    METHOD("unref", 0, immediate_method, UNREF),
    METHOD("hasRef", 0, immediate_method, HAS_REF),
    METHOD("[Symbol.dispose]", 0, immediate_method, DISPOSE),
};
#undef METHOD

static int make_class(mr_js *js, JSClassID *class_id, const char *name,
                      const JSCFunctionListEntry *methods, int method_count)
{
    JSContext *ctx = js->ctx;
    const JSClassDef def = {
        .class_name = name, .finalizer = finalize_handle, .gc_mark = mark_handle};
    JS_NewClassID(js->rt, class_id);
    if (JS_NewClass(js->rt, *class_id, &def) < 0)
        return -1;
    JSValue proto = JS_NewObject(ctx);
    JSValue constructor =
        JS_NewCFunction2(ctx, illegal_constructor, name, 0, JS_CFUNC_constructor_or_func, 0);
    int failed = JS_IsException(proto) || JS_IsException(constructor) ||
                 JS_SetPropertyFunctionList(ctx, proto, methods, method_count) < 0 ||
                 JS_SetConstructor(ctx, constructor, proto) < 0;
    JS_FreeValue(ctx, constructor);
    JS_SetClassProto(ctx, *class_id, proto);
    return failed ? -1 : 0;
}

/* ---- Names ------------------------------------------------------------------------------------*/

static const struct {
    const char *name;
    int length;
    int repeats; /* of set_timer; -1: not that function */
    JSCFunction *fn;
} schedulers[SCHEDULER_COUNT] = {
    [SET_TIMEOUT] = {"setTimeout", 2, 0, NULL},
    [CLEAR_TIMEOUT] = {"clearTimeout", 1, -1, clear_timer},
    [SET_INTERVAL] = {"setInterval", 2, 1, NULL},
    [CLEAR_INTERVAL] = {"clearInterval", 1, -1, clear_timer},
    [SET_IMMEDIATE] = {"setImmediate", 1, -1, set_immediate},
    [CLEAR_IMMEDIATE] = {"clearImmediate", 1, -1, clear_immediate},
};

/* What util.promisify takes instead: the function of the same name from timers/promises. */
static JSValue get_promisified(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int which)
{
    (void)this_val, (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue promises = mr__js_builtin(js, "timers/promises");
    if (JS_IsException(promises))
        return promises;
    JSValue function = JS_GetPropertyStr(ctx, promises, schedulers[which].name);
    JS_FreeValue(ctx, promises);
    return function;
}

static int define_promisified(JSContext *ctx, JSValueConst function, int which)
{
    JSValue symbol = JS_NewSymbol(ctx, "nodejs.util.promisify.custom", true);
    JSAtom atom = JS_ValueToAtom(ctx, symbol);
    JS_FreeValue(ctx, symbol);
    JSValue getter =
        JS_NewCFunctionMagic(ctx, get_promisified, "get", 0, JS_CFUNC_generic_magic, which);
    if (atom == JS_ATOM_NULL || JS_IsException(getter)) {
        JS_FreeAtom(ctx, atom);
        JS_FreeValue(ctx, getter);
        return -1;
    }
    int defined =
        JS_DefinePropertyGetSet(ctx, function, atom, getter, JS_UNDEFINED, JS_PROP_ENUMERABLE);
    JS_FreeAtom(ctx, atom);
    return defined;
}

static JSValue new_scheduler(JSContext *ctx, int which)
{
    const char *name = schedulers[which].name;
    JSValue function =
        schedulers[which].repeats < 0
            ? JS_NewCFunction(ctx, schedulers[which].fn, name, schedulers[which].length)
            : JS_NewCFunctionMagic(ctx, set_timer, name, schedulers[which].length,
                                   JS_CFUNC_generic_magic, schedulers[which].repeats);
    bool promisified = which == SET_TIMEOUT || which == SET_IMMEDIATE;
    if (!JS_IsException(function) && promisified && define_promisified(ctx, function, which) < 0) {
        JS_FreeValue(ctx, function);
        return JS_EXCEPTION;
    }
    return function;
}

static int define_functions(mr_js *js, JSValueConst target)
{
    for (int i = 0; i < SCHEDULER_COUNT; i++) {
        JSValue function = JS_DupValue(js->ctx, js->timers->functions[i]);
        if (JS_DefinePropertyValueStr(js->ctx, target, schedulers[i].name, function,
                                      JS_PROP_C_W_E) < 0)
            return -1;
    }
    return 0;
}

/* The schedulers as they are, whatever scripts did to the global names. */
int mr__js_binding_timers(mr_js *js, JSValueConst target)
{
    return define_functions(js, target);
}

/* ---- Life -------------------------------------------------------------------------------------*/

int mr__js_timers_install(mr_js *js, JSValueConst global)
{
    struct mr__js_timers *timers = mr__alloc_zero(sizeof(*timers));
    if (timers == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->timers = timers;
    for (int i = 0; i < SCHEDULER_COUNT; i++)
        timers->functions[i] = JS_UNDEFINED;
    if (make_class(js, &timers->timeout_class, "Timeout", timeout_methods,
                   sizeof(timeout_methods) / sizeof(timeout_methods[0])) < 0 ||
        make_class(js, &timers->immediate_class, "Immediate", immediate_methods,
                   sizeof(immediate_methods) / sizeof(immediate_methods[0])) < 0)
        return -1;
    for (int i = 0; i < SCHEDULER_COUNT; i++) {
        timers->functions[i] = new_scheduler(js->ctx, i);
        if (JS_IsException(timers->functions[i]))
            return -1;
    }
    return define_functions(js, global);
}

/* Take everything back from the loop. A handle whose callback runs now stays until that returns. */
void mr__js_timers_stop(mr_js *js)
{
    struct handle *handle = js->timers ? js->timers->pending : NULL;
    while (handle != NULL) {
        struct handle *next = handle->next;
        clear_handle(handle);
        handle = next;
    }
}

void mr__js_timers_destroy(mr_js *js)
{
    struct mr__js_timers *timers = js->timers;
    if (timers == NULL)
        return;
    mr__js_timers_stop(js);
    while (timers->pending != NULL)
        release(timers->pending); /* the loop still reports these: their structs stay for it */
    for (int i = 0; i < SCHEDULER_COUNT; i++)
        JS_FreeValue(js->ctx, timers->functions[i]);
    mr__idmap_deinit(&timers->numbers);
    mr__free(timers);
    js->timers = NULL;
}
