/* delay(ms): a promise that a timer resolves. */
#include <math.h>

#include <millrace/timer.h>

#include "base/memory.h"
#include "js/errors.h"
#include "js/gate.h"
#include "loop/extend.h"

enum { NS_PER_MS = 1000000 };
static const double longest_ms = 9007199254740991.0; /* 2^53-1 */

/* One that waits. The loop has it as an argument until it fires or is discarded; when the runtime
 * goes first, js is NULL and nothing of the script is left in it. */
struct mr__js_delay {
    mr_js *js;
    JSValue resolve;
    mr_timer timer;
    struct mr__js_delay *previous, *next; /* js->delays */
};

/* Take it off the list; the resolving function is the caller's. */
static JSValue empty(struct mr__js_delay *delay)
{
    struct mr__js_delay **link = delay->previous ? &delay->previous->next : &delay->js->delays;
    *link = delay->next;
    if (delay->next != NULL)
        delay->next->previous = delay->previous;
    delay->js = NULL;
    return delay->resolve;
}

static void fire(void *arg)
{
    struct mr__js_delay *delay = arg;
    mr_js *js = delay->js;
    if (js != NULL) {
        JSValue resolve = empty(delay);
        if (!js->gone)
            mr__js_call_callback(js, resolve, JS_UNDEFINED, 0, NULL);
        JS_FreeValue(js->ctx, resolve);
    }
    mr__free(delay);
}

static void discarded(void *arg, mr_status reason)
{
    (void)reason;
    struct mr__js_delay *delay = arg;
    if (delay->js != NULL) {
        JSContext *ctx = delay->js->ctx;
        JS_FreeValue(ctx, empty(delay));
    }
    mr__free(delay);
}

/* Whole milliseconds of the clock, as for the other timers of scripts; past its end: never. */
static uint64_t deadline_after(uint64_t start_ns, double ms)
{
    double delay_ns = trunc(ms) * NS_PER_MS;
    if (delay_ns >= (double)(UINT64_MAX - start_ns - NS_PER_MS))
        return UINT64_MAX;
    uint64_t due = start_ns + (uint64_t)delay_ns;
    return (due + NS_PER_MS - 1) / NS_PER_MS * NS_PER_MS;
}

/* resolve passes in. After the loop's end the promise is made and stays pending. */
static int start(mr_js *js, JSValue resolve, double ms)
{
    struct mr__js_delay *delay = mr__alloc(sizeof(*delay));
    if (delay == NULL) {
        JS_FreeValue(js->ctx, resolve);
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    *delay = (struct mr__js_delay){.js = js, .resolve = resolve, .next = js->delays};
    if (delay->next != NULL)
        delay->next->previous = delay;
    js->delays = delay;
    mr_timer_spec spec = {
        .size_bytes = sizeof(spec),
        .fn = fire,
        .arg = delay,
        .discard = discarded,
        .delay_ns = deadline_after(mr__loop_clock(js->loop), ms),
        .flags = MR_TIMER_AT,
    };
    mr_status status = mr_timer_start_with(js->loop, &spec, &delay->timer);
    if (status == MR_OK)
        return 0;
    discarded(delay, status);
    if (status != MR_ENOMEM)
        return 0;
    JS_ThrowOutOfMemory(js->ctx);
    return -1;
}

static JSValue delay_for(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    double ms = 0;
    if (argc > 0 && JS_ToFloat64(ctx, &ms, argv[0]) < 0)
        return JS_EXCEPTION;
    if (ms > longest_ms)
        return mr__js_throw_code(ctx, "RangeError", "ERR_OUT_OF_RANGE",
                                 "The value of \"ms\" is out of range. It must be <= 2 ** 53 - 1. "
                                 "Received %.17g",
                                 ms);
    JSValue functions[2];
    JSValue promise = JS_NewPromiseCapability(ctx, functions);
    if (JS_IsException(promise))
        return promise;
    JS_FreeValue(ctx, functions[1]);
    if (start(js, functions[0], ms > 0 ? ms : 0) < 0) {
        JS_FreeValue(ctx, promise);
        return JS_EXCEPTION;
    }
    return promise;
}

int mr__js_delay_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry function =
        JS_CFUNC_DEF2("delay", 1, delay_for, JS_PROP_C_W_E);
    return JS_SetPropertyFunctionList(js->ctx, global, &function, 1) < 0 ? -1 : 0;
}

/* What the loop cannot give back it reports as discarded, now or later. */
void mr__js_delays_stop(mr_js *js)
{
    while (js->delays != NULL) {
        struct mr__js_delay *delay = js->delays;
        JS_FreeValue(js->ctx, empty(delay));
        if (mr_timer_cancel(js->loop, delay->timer) == MR_OK)
            mr__free(delay);
    }
}
