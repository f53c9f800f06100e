/* Entering script from C, and the gate that ends it.
 *
 * js->gone is the gate. Once it is set no JavaScript may run: callbacks of the loop look at it
 * before they call script, and native functions look at it first of all (MR__JS_GATE), because the
 * engine turns the uncatchable error of process.exit back into an ordinary rejection in some
 * places. */
#ifndef MR_JS_GATE_H
#define MR_JS_GATE_H

#include "base/macros.h"
#include "js/runtime.h"

/* First statement of a native function. */
#define MR__JS_GATE(js)                                                                            \
    do {                                                                                           \
        if (MR_UNLIKELY((js)->gone))                                                               \
            return mr__js_throw_exit(js);                                                          \
    } while (0)

/* Around every call from C into script. */
static inline void mr__js_enter(mr_js *js)
{
    if (js->depth++ == 0)
        JS_UpdateStackTop(js->rt);
}

static inline void mr__js_leave(mr_js *js)
{
    js->depth--;
}

/* Shut the gate and take back what the runtime scheduled on the loop. Runs no script. */
void mr__js_stop(mr_js *js);
void mr__js_timers_stop(mr_js *js);
void mr__js_stdin_stop(mr_js *js);

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
