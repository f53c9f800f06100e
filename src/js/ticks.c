/* process.nextTick.
 *
 * The loop's tick queue decides the order, also between ticks of C and of the script; each tick of
 * ours in it stands for the next call in a ring: the function alone, or the number of arguments, the
 * function and they. So a tick costs no allocation. */
#include "js/jobs.h"

#include "base/memory.h"
#include "js/gate.h"
#include "js/valuering.h"

#include <millrace/microtask.h>

/* js is NULL once the runtime has ended; the loop then only gives back what it holds, and the last
 * one frees this. */
struct mr__js_ticks {
    mr_js *js;
    mr__valuering calls;
    uint64_t held;
};

enum { FEW_ARGS = 8 };

/* Take a call's function and arguments off the ring; call (unless that is not wanted), free them. */
static void take_values(mr_js *js, JSValue *values, int argc, bool run)
{
    for (int i = 0; i <= argc; i++)
        values[i] = mr__valuering_pop(js->rt, &js->ticks->calls);
    if (run)
        mr__js_call_callback(js, values[0], JS_UNDEFINED, argc, values + 1);
    for (int i = 0; i <= argc; i++)
        JS_FreeValue(js->ctx, values[i]);
}

static void take_call_with_args(mr_js *js, int argc, bool run)
{
    JSValue few[FEW_ARGS + 1];
    if (argc <= FEW_ARGS) {
        take_values(js, few, argc, run);
        return;
    }
    JSValue *many = mr__alloc(((size_t)argc + 1) * sizeof(*many));
    if (many != NULL) {
        take_values(js, many, argc, run);
        mr__free(many);
        return;
    }
    for (int i = 0; i <= argc; i++)
        JS_FreeValue(js->ctx, mr__valuering_pop(js->rt, &js->ticks->calls));
    if (run && !js->gone) {
        JS_ThrowOutOfMemory(js->ctx);
        mr__js_uncaught(js, false);
    }
}

MR_INLINE void take_tick(struct mr__js_ticks *ticks, bool run)
{
    ticks->held--;
    mr_js *js = ticks->js;
    if (MR_UNLIKELY(js == NULL)) {
        if (ticks->held == 0)
            mr__free(ticks);
        return;
    }
    JSValue value = mr__valuering_pop(js->rt, &ticks->calls);
    if (!JS_IsObject(value)) {
        take_call_with_args(js, JS_VALUE_GET_INT(value), run);
        return;
    }
    if (run)
        mr__js_call_callback(js, value, JS_UNDEFINED, 0, NULL);
    JS_FreeValue(js->ctx, value);
}

static void run_tick(void *arg)
{
    take_tick(arg, true);
}

static void discard_tick(void *arg, mr_status reason)
{
    (void)reason;
    take_tick(arg, false);
}

JSValue mr__js_next_tick(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    struct mr__js_ticks *ticks = js->ticks;
    if (MR_UNLIKELY(!mr__valuering_reserve(js->rt, &ticks->calls, (uint32_t)argc + 1)))
        return JS_ThrowOutOfMemory(ctx);
    mr_status status = mr_next_tick_with(js->loop, &(mr_task){run_tick, ticks, discard_tick});
    if (MR_UNLIKELY(status !=
                    MR_OK)) /* after the loop's end: dropped, as all that listeners queue */
        return status == MR_ENOMEM ? JS_ThrowOutOfMemory(ctx) : JS_UNDEFINED;
    ticks->held++;
    if (argc > 1)
        mr__valuering_push(&ticks->calls, JS_NewInt32(ctx, argc - 1));
    mr__valuering_push(&ticks->calls, JS_DupValue(ctx, argv[0]));
    for (int i = 1; i < argc; i++)
        mr__valuering_push(&ticks->calls, JS_DupValue(ctx, argv[i]));
    return JS_UNDEFINED;
}

int mr__js_ticks_install(mr_js *js, JSValueConst global)
{
    (void)global;
    js->ticks = mr__alloc_zero(sizeof(*js->ticks));
    if (js->ticks == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->ticks->js = js;
    return 0;
}

void mr__js_ticks_destroy(mr_js *js)
{
    struct mr__js_ticks *ticks = js->ticks;
    if (ticks == NULL)
        return;
    js->ticks = NULL;
    mr__valuering_deinit(js->rt, &ticks->calls);
    ticks->js = NULL;
    if (ticks->held == 0)
        mr__free(ticks);
}
