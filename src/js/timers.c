/* The names of all schedulers; setTimeout, setInterval and what clears them, whose handles are handles.c. */
#include "js/gate.h"
#include "js/handles.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static const double longest_ms = 2147483647.0;
static const uint64_t last_number = (UINT64_C(1) << 53) - 1;

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
    if (MR_LIKELY(JS_VALUE_GET_TAG(value) == JS_TAG_INT) && JS_VALUE_GET_INT(value) > 0) {
        *out_ms = (uint32_t)JS_VALUE_GET_INT(value);
        return 0;
    }
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
    if (MR_UNLIKELY(js->timers->last_number == last_number))
        return mr__js_throw_code(ctx, "RangeError", "MR_EEXHAUSTED", "%s",
                                 mr_status_text(MR_EEXHAUSTED));
    return mr__handle_start(js, argv[0], argc > 2 ? argc - 2 : 0, argv + 2, delay_ms, repeats != 0);
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
    mr__handle *handle = JS_GetOpaque(argv[0], js->timers->timeout_class);
    uint64_t number = handle == NULL && !JS_IsObject(argv[0]) ? number_of(ctx, argv[0]) : 0;
    uint64_t found;
    if (number != 0 && mr__idmap_get(&js->timers->numbers, number, &found))
        handle = (mr__handle *)(uintptr_t)found;
    if (handle != NULL)
        mr__handle_clear(js, handle);
    return JS_UNDEFINED;
}

/* ---- Names ------------------------------------------------------------------------------------*/

static const struct {
    const char *name;
    int length;
    int repeats; /* of set_timer; -1: not that function */
    JSCFunction *fn;
} schedulers[MR__SCHEDULER_COUNT] = {
    [MR__SET_TIMEOUT] = {"setTimeout", 2, 0, NULL},
    [MR__CLEAR_TIMEOUT] = {"clearTimeout", 1, -1, clear_timer},
    [MR__SET_INTERVAL] = {"setInterval", 2, 1, NULL},
    [MR__CLEAR_INTERVAL] = {"clearInterval", 1, -1, clear_timer},
    [MR__SET_IMMEDIATE] = {"setImmediate", 1, -1, mr__set_immediate},
    [MR__CLEAR_IMMEDIATE] = {"clearImmediate", 1, -1, mr__clear_immediate},
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
    bool promisified = which == MR__SET_TIMEOUT || which == MR__SET_IMMEDIATE;
    if (!JS_IsException(function) && promisified && define_promisified(ctx, function, which) < 0) {
        JS_FreeValue(ctx, function);
        return JS_EXCEPTION;
    }
    return function;
}

static int define_functions(mr_js *js, JSValueConst target)
{
    for (int i = 0; i < MR__SCHEDULER_COUNT; i++) {
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
    for (int i = 0; i < MR__SCHEDULER_COUNT; i++)
        timers->functions[i] = JS_UNDEFINED;
    timers->spare_timeout = timers->spare_immediate = JS_UNDEFINED;
    if (mr__handles_install(js) < 0 || mr__immediates_install(js) < 0)
        return -1;
    for (int i = 0; i < MR__SCHEDULER_COUNT; i++) {
        timers->functions[i] = new_scheduler(js->ctx, i);
        if (JS_IsException(timers->functions[i]))
            return -1;
    }
    return define_functions(js, global);
}

void mr__js_timers_destroy(mr_js *js)
{
    struct mr__js_timers *timers = js->timers;
    if (timers == NULL)
        return;
    mr__handles_destroy(js);
    mr__immediates_destroy(js);
    for (int i = 0; i < MR__SCHEDULER_COUNT; i++)
        JS_FreeValue(js->ctx, timers->functions[i]);
    mr__idmap_deinit(&timers->numbers);
    mr__free(timers);
    js->timers = NULL;
}
