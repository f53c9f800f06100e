/* Entering script from C, and the gate that ends it.
 *
 * js->gone is the gate. Once it is set no JavaScript may run: callbacks of the loop look at it
 * before they call script, and native functions look at it first of all (MR__JS_GATE), because the
 * engine turns the uncatchable error of process.exit back into an ordinary rejection in some
 * places. A callback that is being ended by a limit (limits.h) is held off in the same way until
 * control is back here. */
#ifndef MR_JS_GATE_H
#define MR_JS_GATE_H

#include "base/macros.h"
#include "js/runtime.h"

/* First statement of a native function. */
#define MR__JS_GATE(js)                                                                            \
    do {                                                                                           \
        if (MR_UNLIKELY((js)->gone || (js)->limits.ending != MR__JS_END_NOT))                      \
            return mr__js_throw_exit(js);                                                          \
    } while (0)

/* Around every call from C into script. Another frame may be another stack or thread. */
static inline void mr__js_enter(mr_js *js)
{
    if (js->depth++ != 0)
        return;
    js->limits.answering = false;
#ifdef MR_TEST
    if (js->limits.collects && (js->limits.collected >> 20 < MR__JS_COLLECTS_MIB ||
                                (++js->limits.collections % MR__JS_COLLECTS_SELDOM == 0 &&
                                 js->heap.used < MR__JS_COLLECTS_BELOW))) {
        js->limits.collected += js->heap.used;
        JS_RunGC(js->rt);
    }
#endif
    uintptr_t at = (uintptr_t)__builtin_frame_address(0);
    if (MR_UNLIKELY(js->stack != at)) {
        JS_UpdateStackTop(js->rt);
        js->stack = at;
    }
    if (MR_UNLIKELY(at - js->limits.roomy_low >= js->limits.roomy_size))
        mr__js_stack_enter(js, at);
    /* A glance: what is asked for at this moment concerns the callback that begins or none. */
    uint32_t word = atomic_load_explicit(&js->limits.stop_word, memory_order_relaxed);
    if (MR_UNLIKELY((js->limits.limit_ns | word) != 0))
        mr__js_limits_enter(js);
}

/* An exception of a callback that was ended has been dealt with when this returns, and no longer
 * waits in the context. */
static inline void mr__js_leave(mr_js *js)
{
    if (--js->depth == 0 && MR_UNLIKELY(js->limits.ending != MR__JS_END_NOT))
        mr__js_ended(js);
}

/* Enter for a call of the host's that answers with a status (mr__js_result): nothing is reported. */
static inline void mr__js_enter_call(mr_js *js)
{
    mr__js_enter(js);
    if (js->depth == 1)
        js->limits.answering = true;
}

/* Call fn as one callback of the loop: an exception goes to mr__js_uncaught. Ignores the result. */
MR_INLINE void mr__js_call_callback(mr_js *js, JSValueConst fn, JSValueConst this_val, int argc,
                                    JSValueConst *argv)
{
    if (MR_UNLIKELY(js->gone))
        return;
    mr__js_enter(js);
    JSValue result = JS_Call(js->ctx, fn, this_val, argc, argv);
    mr__js_leave(js);
    if (MR_UNLIKELY(JS_IsException(result)))
        mr__js_uncaught(js, false);
    else if (MR_UNLIKELY(JS_VALUE_HAS_REF_COUNT(result)))
        JS_FreeValue(js->ctx, result);
}

/* Shut the gate and take back what the runtime scheduled on the loop. Runs no script. */
void mr__js_stop(mr_js *js);
void mr__js_timers_stop(mr_js *js);
void mr__js_delays_stop(mr_js *js);
void mr__js_stdin_stop(mr_js *js);
void mr__js_events_stop(mr_js *js);
/* Whether reads of standard input wait, because the host reads it. */
void mr__js_stdin_hold(mr_js *js, bool held);

/* Emit a process warning, as process.emitWarning(text, name) does. */
void mr__js_warn(mr_js *js, const char *name, const char *text);

/* exception.c: report the value on stderr; it stays the caller's. */
void mr__js_print_report(mr_js *js, JSValueConst value);

/* Watch the promise of a module or of eval code: a rejection goes to mr__js_uncaught_value; one
 * that is there already is thrown. promise passes in; the result is it or JS_EXCEPTION. */
JSValue mr__js_watch_entry(mr_js *js, JSValue promise);

/* What process.js gives to C: functions kept from before any user code ran. */
typedef enum mr__js_process_fn {
    MR__PROCESS_EMIT,      /* (name, ...args) through process.emit */
    MR__PROCESS_UNCAUGHT,  /* (value, origin): whether a listener had it */
    MR__PROCESS_REJECTION, /* (reason, promise): whether a listener had it */
    MR__PROCESS_WARN,      /* (text, name) */
    MR__PROCESS_FN_COUNT
} mr__js_process_fn;
/* Call one of them. Undefined when the process object is not there (yet). */
JSValue mr__js_process_call(mr_js *js, mr__js_process_fn fn, int argc, JSValueConst *argv);

#endif
