#include "js/simulation.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

#include <millrace/sim.h>

#include "base/memory.h"
#include "js/gate.h"
#include "loop/extend.h"

enum { PIDS = 32768 };
/* A busy wait of a second costs about a million readings, as on a real machine. */
enum { READINGS_AT_ONCE = 1000, READING_NS = 1000 };

struct mr__js_simulation {
    JSValue date;           /* the engine's constructor: scripts cannot reach it any more */
    JSValue date_to_string; /* as it was before any of them ran */
    JSValue random;         /* Math.random of the engine */
    int pid, ppid;
    uint64_t instant_ns; /* what the clock showed last */
    unsigned readings;   /* since it shows that */
};

/* ---- Readings ---------------------------------------------------------------------------------*/

static uint64_t read_virtual_clock(mr_js *js, struct mr__js_simulation *simulation)
{
    uint64_t now_ns = mr__loop_clock(js->loop);
    if (now_ns > simulation->instant_ns) {
        simulation->instant_ns = now_ns;
        simulation->readings = 0;
    } else if (simulation->readings < READINGS_AT_ONCE) {
        simulation->readings++;
    } else {
        mr_sim_advance(js->loop,
                       READING_NS); /* in vain for an 'exit' listener, whose loop is gone */
        simulation->instant_ns += READING_NS;
    }
    return simulation->instant_ns;
}

uint64_t mr__js_clock(mr_js *js)
{
    return MR_UNLIKELY(js->simulation != NULL) ? read_virtual_clock(js, js->simulation)
                                               : mr__loop_clock(js->loop);
}

double mr__js_wall_ms(mr_js *js)
{
    if (mr__loop_simulated(js->loop))
        return (double)MR__SIM_EPOCH_MS + (double)(mr__js_clock(js) / 1000) / 1e3;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)(now.tv_nsec / 1000) / 1e3;
}

int mr__js_pid(const mr_js *js)
{
    return js->simulation != NULL ? js->simulation->pid : getpid();
}

int mr__js_ppid(const mr_js *js)
{
    return js->simulation != NULL ? js->simulation->ppid : getppid();
}

uint64_t mr__js_chance(mr_js *js)
{
    return js->simulation != NULL ? mr__sim_chance(js->loop) : 0;
}

/* ---- Date -------------------------------------------------------------------------------------*/

static double date_ms(mr_js *js)
{
    return floor(mr__js_wall_ms(js));
}

static JSValue date_now(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewNumber(ctx, date_ms(mr__js_of(ctx)));
}

/* Date() without new: a string. */
static JSValue date_string(mr_js *js)
{
    JSValue date = JS_NewDate(js->ctx, date_ms(js));
    if (JS_IsException(date))
        return date;
    JSValue text = JS_Call(js->ctx, js->simulation->date_to_string, date, 0, NULL);
    JS_FreeValue(js->ctx, date);
    return text;
}

/* The engine's constructor does the work; only where it would read the clock it is given a time. */
static JSValue new_date(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (JS_IsUndefined(new_target))
        return date_string(js);
    JSValue now = JS_NewNumber(ctx, date_ms(js));
    JSValueConst args[] = {now};
    return JS_CallConstructor2(ctx, js->simulation->date, new_target, argc == 0 ? 1 : argc,
                               argc == 0 ? args : argv);
}

/* Give `to` the own properties of `from` that it lacks, with their attributes and in their order. */
static int copy_missing(JSContext *ctx, JSValueConst from, JSValueConst to)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, from, JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK))
        return -1;
    int failed = 0;
    for (uint32_t i = 0; i < count && failed >= 0; i++) {
        JSPropertyDescriptor property;
        int there = JS_GetOwnProperty(ctx, NULL, to, names[i].atom);
        failed = there < 0 ? -1 : 0;
        if (there != 0)
            continue;
        failed = JS_GetOwnProperty(ctx, &property, from, names[i].atom);
        if (failed > 0)
            failed = JS_DefinePropertyValue(ctx, to, names[i].atom, property.value,
                                            property.flags & JS_PROP_C_W_E);
    }
    JS_FreePropertyEnum(ctx, names, count);
    return failed < 0 ? -1 : 0;
}

/* value passes in. */
static int define(JSContext *ctx, JSValueConst object, const char *name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, object, name, value,
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE | JS_PROP_THROW);
}

static int keep_original(mr_js *js, JSValueConst global, JSValueConst *out_prototype)
{
    struct mr__js_simulation *simulation = js->simulation;
    simulation->date = JS_GetPropertyStr(js->ctx, global, "Date");
    JSValue prototype = JS_GetPropertyStr(js->ctx, simulation->date, "prototype");
    simulation->date_to_string = JS_GetPropertyStr(js->ctx, prototype, "toString");
    JS_FreeValue(js->ctx, prototype); /* the constructor holds it */
    *out_prototype = prototype;
    return JS_IsFunction(js->ctx, simulation->date_to_string) ? 0 : -1;
}

static int replace_date(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    JSValueConst prototype;
    if (keep_original(js, global, &prototype) < 0)
        return -1;
    JSValue date = JS_NewCFunction2(ctx, new_date, "Date", 7, JS_CFUNC_constructor_or_func, 0);
    int failed = JS_IsException(date) || copy_missing(ctx, js->simulation->date, date) < 0 ||
                 define(ctx, date, "now", JS_NewCFunction(ctx, date_now, "now", 0)) < 0 ||
                 define(ctx, prototype, "constructor", JS_DupValue(ctx, date)) < 0;
    if (failed) {
        JS_FreeValue(ctx, date);
        return -1;
    }
    return define(ctx, global, "Date", date);
}

/* ---- Math.random ------------------------------------------------------------------------------*/

/* The upper 53 bits: every multiple of 2^-53 below 1 equally often. */
static JSValue random_number(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewFloat64(ctx, (double)(mr__js_chance(mr__js_of(ctx)) >> 11) * 0x1p-53);
}

static int replace_random(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    JSValue math = JS_GetPropertyStr(ctx, global, "Math");
    js->simulation->random =
        JS_IsException(math) ? JS_EXCEPTION : JS_GetPropertyStr(ctx, math, "random");
    if (JS_IsException(js->simulation->random)) {
        JS_FreeValue(ctx, math);
        return -1;
    }
    int failed = JS_IsException(math) ? -1
                                      : define(ctx, math, "random",
                                               JS_NewCFunction(ctx, random_number, "random", 0));
    JS_FreeValue(ctx, math);
    return failed < 0 ? -1 : 0;
}

/* ---- Life -------------------------------------------------------------------------------------*/

int mr__js_simulation_install(mr_js *js, JSValueConst global)
{
    if (!mr__loop_simulated(js->loop))
        return 0;
    struct mr__js_simulation *simulation = mr__alloc_zero(sizeof(*simulation));
    if (simulation == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    simulation->date = simulation->date_to_string = simulation->random = JS_UNDEFINED;
    simulation->ppid = 1 + (int)(mr__sim_chance(js->loop) % (PIDS / 2));
    simulation->pid = simulation->ppid + 1 + (int)(mr__sim_chance(js->loop) % (PIDS / 2));
    js->simulation = simulation;
    return replace_date(js, global) < 0 || replace_random(js, global) < 0 ? -1 : 0;
}

/* Put one back that was there; what is thrown meanwhile is dropped. */
static void put_back(JSContext *ctx, JSValueConst object, const char *name, JSValueConst value)
{
    if (!JS_IsObject(object) || !JS_IsObject(value))
        return;
    if (define(ctx, object, name, JS_DupValue(ctx, value)) < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
}

void mr__js_simulation_undo(mr_js *js, JSValueConst global)
{
    struct mr__js_simulation *simulation = js->simulation;
    JSContext *ctx = js->ctx;
    if (simulation == NULL)
        return;
    JSValue math = JS_GetPropertyStr(ctx, global, "Math");
    JSValue prototype = JS_IsObject(simulation->date)
                            ? JS_GetPropertyStr(ctx, simulation->date, "prototype")
                            : JS_UNDEFINED;
    put_back(ctx, math, "random", simulation->random);
    put_back(ctx, prototype, "constructor", simulation->date);
    put_back(ctx, global, "Date", simulation->date);
    JS_FreeValue(ctx, math);
    JS_FreeValue(ctx, prototype);
}

void mr__js_simulation_destroy(mr_js *js)
{
    if (js->simulation == NULL)
        return;
    JS_FreeValue(js->ctx, js->simulation->date);
    JS_FreeValue(js->ctx, js->simulation->date_to_string);
    JS_FreeValue(js->ctx, js->simulation->random);
    mr__free(js->simulation);
    js->simulation = NULL;
}
