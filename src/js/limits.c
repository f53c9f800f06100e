/* Ending what runs: by the stop word, by time, by memory. */
#include "js/limits.h"

#include <string.h>

#include "js/gate.h"
#include "js/repl.h"
#include "js/value.h"
#include "loop/extend.h"

/* On a simulated loop: what one poll of the engine, 10,000 branches or calls, counts as. */
enum { NS_PER_SIMULATED_POLL = 100000 };
/* Script that goes on after this many refused calls is only held by the stack limit. */
enum { MOST_USED_UP = 64, LONGEST_PERIOD = 1000000 };
enum { EXIT_INTERRUPTED = 1, EXIT_TIME = 124, EXIT_OTHER_LIMIT = 125 };

/* ---- The budget of a task ---------------------------------------------------------------------*/

static void arm(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    limits->polls = 0;
    if (mr__loop_simulated(js->loop)) {
        limits->poll_budget = limits->limit_ns / NS_PER_SIMULATED_POLL + 1;
        return;
    }
    uint64_t now_ns = mr__loop_clock(js->loop);
    limits->deadline_ns =
        now_ns + limits->limit_ns < now_ns ? UINT64_MAX : now_ns + limits->limit_ns;
}

static bool time_is_up(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    if (limits->limit_ns == 0)
        return false;
    return limits->poll_budget != 0 ? limits->polls >= limits->poll_budget
                                    : mr__loop_clock(js->loop) >= limits->deadline_ns;
}

/* A task begins: it has a whole budget, and what was asked for while nothing ran is forgotten. Its
 * number may be new in the middle of its checkpoint, where nothing was looked at before: then what was
 * asked for concerns a job of it that has just ended, and the ones behind. */
static void begin_task(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    uint32_t callback = MR_JS_INTERRUPT_CALLBACK;
    if (!mr__loop_in_checkpoint(js->loop))
        (void)atomic_compare_exchange_strong_explicit(&limits->stop_word, &callback, 0,
                                                      memory_order_relaxed, memory_order_relaxed);
    limits->times_up = 0;
    limits->times_short = 0;
    if (limits->limit_ns != 0)
        arm(js);
}

static void begin_ending(mr_js *js, mr__js_ending ending, mr_status reason)
{
    js->limits.ending = (uint8_t)ending;
    js->limits.reason = reason;
    js->limits.used_up = 0;
    JS_SetMaxStackSize(js->rt, 1);
}

/* ---- Refusing the next call -------------------------------------------------------------------*/

static JSValue do_nothing(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)ctx, (void)this_val, (void)argc, (void)argv;
    return JS_UNDEFINED;
}

static bool use_up_one(mr_js *js)
{
    JSValue result = JS_Call(js->ctx, js->limits.nothing, JS_UNDEFINED, 0, NULL);
    if (!JS_IsException(result))
        return true;
    JS_FreeValue(js->ctx, JS_GetException(js->ctx)); /* no stack or memory is left even for this */
    return false;
}

/* The engine has just begun to count anew: make the next poll a real one. */
static void use_up_period(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    if (limits->used_up == MOST_USED_UP)
        return;
    limits->used_up++;
    limits->using_up = true;
    JS_SetMaxStackSize(js->rt, limits->stack_bytes);
    if (JS_IsUndefined(limits->nothing))
        limits->nothing = JS_NewCFunction(js->ctx, do_nothing, "", 0);
    if (limits->period == 0) {
        uint32_t count = 0;
        limits->polled = false;
        while (!limits->polled && count < LONGEST_PERIOD && use_up_one(js))
            count++;
        limits->period = limits->polled ? count : 0;
    }
    for (uint32_t i = 1; i < limits->period && use_up_one(js); i++) {
    }
    JS_SetMaxStackSize(js->rt, 1);
    limits->using_up = false;
}

void mr__js_limits_enter(mr_js *js)
{
    /* What runs outside any callback is a task of its own, with the checkpoint that follows. */
    uint64_t task = mr__loop_task(js->loop);
    bool outside = !mr__loop_in_callback(js->loop) && !mr__loop_in_checkpoint(js->loop);
    if (task != js->limits.task || outside) {
        js->limits.task = task;
        begin_task(js);
    }
    if (atomic_load_explicit(&js->limits.stop_word, memory_order_acquire) ==
        MR_JS_INTERRUPT_RUNTIME)
        begin_ending(js, MR__JS_END_RUNTIME, MR_ECANCELED);
}

/* ---- The engine asks --------------------------------------------------------------------------*/

static mr_js_verdict ask(mr_js *js, mr_js_limit limit, uint32_t times)
{
    const mr_js_options *options = &js->options;
    return options->on_limit == NULL ? MR_JS_END_CALLBACK
                                     : options->on_limit(js, limit, times, options->on_limit_arg);
}

static void judge(mr_js *js, mr_js_limit limit, uint32_t times, mr_status reason)
{
    switch (ask(js, limit, times)) {
    case MR_JS_GRANT:
        if (limit == MR_JS_LIMIT_TIME)
            arm(js);
        break;
    case MR_JS_END_RUNTIME:
        begin_ending(js, MR__JS_END_RUNTIME, reason);
        break;
    case MR_JS_END_CALLBACK:
    default:
        begin_ending(js, MR__JS_END_CALLBACK, reason);
    }
}

/* Whether script is over its memory, or goes on and on after it was refused some. The host that asks
 * to be told is told at the first refusal. */
static bool memory_is_out(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    bool refused = js->heap.refused != limits->refused_seen;
    bool again = refused && (limits->refused_before || js->options.on_limit != NULL);
    limits->refused_seen = js->heap.refused;
    limits->refused_before = refused;
    return again || mr__js_heap_short(&js->heap);
}

static void look_at_limits(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    /* Acquire: pairs with the release of mr_js_interrupt. */
    uint32_t word = atomic_load_explicit(&limits->stop_word, memory_order_acquire);
    if (MR_UNLIKELY(word != 0)) {
        begin_ending(js, word == MR_JS_INTERRUPT_RUNTIME ? MR__JS_END_RUNTIME : MR__JS_END_CALLBACK,
                     MR_ECANCELED);
    } else if (MR_UNLIKELY(memory_is_out(js))) {
        mr__js_heap_recover(&js->heap);
        judge(js, MR_JS_LIMIT_MEMORY, ++limits->times_short, MR_ENOMEM);
    } else if (time_is_up(js)) {
        judge(js, MR_JS_LIMIT_TIME, ++limits->times_up, MR_ETIMEDOUT);
    }
}

int mr__js_interrupted(JSRuntime *rt, void *opaque)
{
    (void)rt;
    mr_js *js = opaque;
    mr__js_limits *limits = &js->limits;
    if (limits->using_up) {
        limits->polled = true;
        return 0;
    }
    limits->polls++;
    if (!js->gone && js->depth != 0 && limits->ending == MR__JS_END_NOT)
        look_at_limits(js);
    if (limits->ending != MR__JS_END_NOT)
        use_up_period(js);
    return js->gone || limits->ending != MR__JS_END_NOT;
}

/* ---- Back where C called script ---------------------------------------------------------------*/

static const char *text_of(mr_status reason)
{
    switch (reason) {
    case MR_ETIMEDOUT:
        return "the callback took longer than its time limit and was ended";
    case MR_ENOMEM:
        return "the callback used more memory than its limit and was ended";
    default:
        return "the callback was interrupted";
    }
}

/* What the engine threw, where it still is what was thrown: it knows the place. */
static void report(mr_js *js, JSValueConst thrown, mr_status reason)
{
    const char *text = text_of(reason);
    if (!JS_IsUncatchableError(thrown)) {
        mr__js_write(js, MR__STDERR, text, strlen(text));
        mr__js_write(js, MR__STDERR, "\n", 1);
        return;
    }
    JSValue message = JS_NewString(js->ctx, text);
    if (JS_IsException(message) ||
        JS_DefinePropertyValueStr(js->ctx, thrown, "message", message,
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    mr__js_print_report(js, thrown);
}

static void end_runtime(mr_js *js, mr_status reason)
{
    if (js->gone)
        return;
    if (reason == MR_ETIMEDOUT)
        mr__js_end_at_once(js, EXIT_TIME);
    else
        mr__js_end_at_once(js, reason == MR_ECANCELED ? EXIT_INTERRUPTED : EXIT_OTHER_LIMIT);
}

void mr__js_ended(mr_js *js)
{
    mr__js_limits *limits = &js->limits;
    mr__js_ending ending = (mr__js_ending)limits->ending;
    mr_status reason = limits->reason;
    bool answering = limits->answering;
    JSValue thrown = JS_GetException(js->ctx);
    JS_SetMaxStackSize(js->rt, limits->stack_bytes);
    limits->ending = MR__JS_END_NOT;
    limits->answering = false;
    limits->reason = answering ? reason : MR_OK;
    if (ending == MR__JS_END_CALLBACK) {
        /* Only now: until here an end that was asked for is this one. A stronger one stays. */
        uint32_t callback = MR_JS_INTERRUPT_CALLBACK;
        (void)atomic_compare_exchange_strong_explicit(&limits->stop_word, &callback, 0,
                                                      memory_order_relaxed, memory_order_relaxed);
        if (limits->limit_ns != 0)
            arm(js); /* for the rest of the checkpoint */
    }
    if (mr__js_heap_short(&js->heap))
        JS_RunGC(js->rt); /* what it made may be rings */
    bool told = answering || js->gone || (reason == MR_ECANCELED && mr__repl_take_interruption(js));
    if (!told) {
        size_t limit = js->heap.limit;
        js->heap.limit = 0; /* telling of it takes some */
        report(js, thrown, reason);
        js->heap.limit = limit;
    }
    JS_FreeValue(js->ctx, thrown);
    if (ending == MR__JS_END_RUNTIME)
        end_runtime(js, reason);
}

/* ---- Life -------------------------------------------------------------------------------------*/

void mr__js_limits_destroy(mr_js *js)
{
    JS_FreeValue(js->ctx, js->limits.nothing);
    js->limits.nothing = JS_UNDEFINED;
}

/* ---- The host's side --------------------------------------------------------------------------*/

mr_status mr_js_set_callback_limit(mr_js *js, uint64_t limit_ns)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    mr__js_limits *limits = &js->limits;
    limits->limit_ns = limit_ns;
    limits->deadline_ns = UINT64_MAX; /* of the task that runs: none */
    limits->poll_budget = mr__loop_simulated(js->loop) ? UINT64_MAX : 0;
    limits->task = mr__loop_task(js->loop);
    return MR_OK;
}

mr_status mr_js_interrupt(mr_js *js, mr_js_interrupt_reason reason)
{
    if (js == NULL || (reason != MR_JS_INTERRUPT_CALLBACK && reason != MR_JS_INTERRUPT_RUNTIME))
        return MR_EINVAL;
    /* Release: pairs with the acquire of the owner, which then sees what was done before. */
    uint32_t word = atomic_load_explicit(&js->limits.stop_word, memory_order_relaxed);
    while (word < (uint32_t)reason &&
           !atomic_compare_exchange_weak_explicit(&js->limits.stop_word, &word, (uint32_t)reason,
                                                  memory_order_release, memory_order_relaxed)) {
    }
    return MR_OK;
}
