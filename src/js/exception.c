/* The one way from C into script, what happens to what leaves a callback, and the end of a script.
 *
 * To decide and to report, nothing of the value thrown is read and none of its code is run. */
#include "js/gate.h"

#include <string.h>

#include <millrace/immediate.h>

#include "js/process.h"
#include "js/repl.h"
#include "js/value.h"
#include "loop/extend.h"

enum { EXIT_UNCAUGHT = 1, EXIT_LISTENER_THREW = 7, EXIT_UNSETTLED = 13 };

/* ---- The end ----------------------------------------------------------------------------------*/

JSValue mr__js_throw_exit(mr_js *js)
{
    JSValue error = JS_NewInternalError(js->ctx, "%s", "the script has ended");
    JS_SetUncatchableError(js->ctx, error);
    return JS_Throw(js->ctx, error);
}

/* Emit 'exit' through the script's listeners, which may change js->exit_code. Once a runtime. */
static void emit_exit(mr_js *js)
{
    js->exiting = true;
    JSValue name = JS_NewString(js->ctx, "exit");
    JSValue code = JS_NewInt32(js->ctx, js->has_exit_code ? js->exit_code : 0);
    JSValueConst args[] = {name, code};
    mr__js_enter(js);
    JSValue result = mr__js_process_call(js, MR__PROCESS_EMIT, 2, args);
    mr__js_leave(js);
    if (JS_IsException(result))
        mr__js_uncaught(js, false);
    JS_FreeValue(js->ctx, result);
    JS_FreeValue(js->ctx, name);
}

static void set_code(mr_js *js, int code)
{
    js->exit_code = code;
    js->has_exit_code = true;
}

void mr__js_end(mr_js *js)
{
    if (!js->has_exit_code)
        set_code(js, 0);
    mr__js_stop(js);
    if (js->options.exit_closes_loop)
        mr_loop_request_close(js->loop);
}

void mr__js_exit(mr_js *js, int code, bool has_code)
{
    if (js->gone)
        return;
    if (has_code)
        set_code(js, code);
    if (!js->exiting)
        emit_exit(js);
    if (!js->gone)
        mr__js_end(js);
}

/* ---- Uncaught ---------------------------------------------------------------------------------*/

void mr__js_end_at_once(mr_js *js, int code)
{
    js->exiting = true;
    set_code(js, code);
    mr__js_end(js);
}

static void listener_threw(mr_js *js)
{
    JSValue thrown = JS_GetException(js->ctx);
    if (!js->gone && !mr__repl_take_uncaught(js, thrown)) {
        mr__js_print_report(js, thrown);
        mr__js_end_at_once(js, EXIT_LISTENER_THREW);
    }
    JS_FreeValue(js->ctx, thrown);
}

static void end_uncaught(mr_js *js, JSValueConst value)
{
    if (mr__repl_take_uncaught(js, value))
        return;
    mr__js_print_report(js, value);
    mr__js_exit(js, EXIT_UNCAUGHT, true);
}

void mr__js_uncaught_value(mr_js *js, JSValue value, bool from_rejection)
{
    /* What ended a callback has been told of, also if the engine made a rejection of it. */
    if (js->gone || JS_IsUncatchableError(value)) {
        JS_FreeValue(js->ctx, value);
        return;
    }
    JSValue origin =
        JS_NewString(js->ctx, from_rejection ? "unhandledRejection" : "uncaughtException");
    JSValueConst args[] = {value, origin};
    bool telling = js->heap.telling;
    js->heap.telling = true;
    mr__js_enter(js);
    JSValue heard = mr__js_process_call(js, MR__PROCESS_UNCAUGHT, 2, args);
    mr__js_leave(js);
    js->heap.telling = telling;
    if (JS_IsException(heard) && JS_HasException(js->ctx))
        listener_threw(js);
    else if (JS_IsException(heard))
        ; /* a listener had it, and was ended by a limit */
    else if (JS_ToBool(js->ctx, heard) <= 0 && !js->gone)
        end_uncaught(js, value);
    JS_FreeValue(js->ctx, heard);
    JS_FreeValue(js->ctx, origin);
    JS_FreeValue(js->ctx, value);
}

/* The error in whose place the engine threw null, having no memory for it. */
static JSValue out_of_memory(mr_js *js)
{
    js->heap.telling = true;
    JS_ThrowInternalError(js->ctx, "out of memory");
    js->heap.telling = false;
    return JS_GetException(js->ctx);
}

void mr__js_uncaught(mr_js *js, bool from_rejection)
{
    if (!JS_HasException(js->ctx))
        return; /* it was ended by a limit, which has told of it */
    JSValue thrown = JS_GetException(js->ctx);
    if (JS_IsNull(thrown) && js->heap.refused != js->limits.refused_seen)
        thrown = out_of_memory(js);
    mr__js_uncaught_value(js, thrown, from_rejection);
}

/* ---- Entry modules ----------------------------------------------------------------------------*/

static JSValue entry_rejected(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr__js_uncaught_value(mr__js_of(ctx), JS_DupValue(ctx, argv[0]), true);
    return JS_UNDEFINED;
}

static JSValue watch_pending(mr_js *js, JSValue promise)
{
    JSValue handler = JS_NewCFunction(js->ctx, entry_rejected, "", 1);
    JSValue derived = JS_IsException(handler)
                          ? JS_EXCEPTION
                          : JS_PromiseThen(js->ctx, promise, JS_UNDEFINED, handler);
    JS_FreeValue(js->ctx, handler);
    if (JS_IsException(derived)) {
        JS_FreeValue(js->ctx, promise);
        return derived;
    }
    JS_FreeValue(js->ctx, derived);
    if (JS_IsUndefined(js->entry))
        js->entry = JS_DupValue(js->ctx, promise);
    return promise;
}

JSValue mr__js_watch_entry(mr_js *js, JSValue promise)
{
    if (JS_IsException(promise) || !JS_IsPromise(promise))
        return promise;
    JSPromiseStateEnum state = JS_PromiseState(js->ctx, promise);
    if (state == JS_PROMISE_PENDING)
        return watch_pending(js, promise);
    if (state != JS_PROMISE_REJECTED)
        return promise;
    JS_PromiseMarkAsHandled(js->ctx, promise);
    JSValue reason = JS_PromiseResult(js->ctx, promise);
    JS_FreeValue(js->ctx, promise);
    js->entry_rejected = true;
    return JS_Throw(js->ctx, reason);
}

/* ---- The loop runs dry ------------------------------------------------------------------------*/

static void do_nothing(void *arg)
{
    (void)arg;
}

void mr_js_before_exit(mr_js *js)
{
    if (mr__js_check(js) != MR_OK || js->exiting)
        return;
    JSValue name = JS_NewString(js->ctx, "beforeExit");
    JSValue code = JS_NewInt32(js->ctx, js->has_exit_code ? js->exit_code : 0);
    JSValueConst args[] = {name, code};
    mr__js_enter(js);
    JSValue result = mr__js_process_call(js, MR__PROCESS_EMIT, 2, args);
    mr__js_leave(js);
    JS_FreeValue(js->ctx, name);
    if (JS_IsException(result)) {
        mr__js_uncaught(js, false);
        /* Handled: the loop goes round once more, which emits beforeExit again. */
        mr_immediate round;
        if (!js->gone && mr_immediate_start(js->loop, do_nothing, NULL, &round) != MR_OK)
            mr__js_exit(js, EXIT_UNCAUGHT, true);
    }
    JS_FreeValue(js->ctx, result);
    mr__js_settle(js);
}

static bool entry_unsettled(mr_js *js)
{
    return JS_PromiseState(js->ctx, js->entry) == JS_PROMISE_PENDING;
}

int mr_js_finish(mr_js *js)
{
    if (js == NULL || !mr__loop_is_owner(js->loop))
        return EXIT_UNCAUGHT;
    if (!js->gone) {
        if (!js->has_exit_code && entry_unsettled(js)) {
            static const char text[] = "Warning: Detected unsettled top-level await\n";
            set_code(js, EXIT_UNSETTLED);
            mr__js_write(js, MR__STDERR, text, sizeof(text) - 1);
        }
        mr__js_exit(js, 0, false);
    }
    return js->exit_code & 0xff;
}
