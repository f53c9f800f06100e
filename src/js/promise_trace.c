/* Where promises were made: a stack for each, and the record of what it was made in reaction to.
 *
 * The engine tells of each promise as it is made, with the promise that `then` was called on, and
 * when a reaction begins and ends. Records are script objects behind a weak map from the promise: they
 * go with it, or with the last promise that came out of it. A chain is cut after a few links, since
 * a loop of awaits makes an endless one. */
#include "js/promise_trace.h"

#include <string.h>

#include "base/memory.h"

enum { LONGEST_CHAIN = 8 };

struct mr__js_promise_trace {
    JSValue capture; /* Error.captureStackTrace */
    JSValue map, map_get, map_set;
    JSAtom stack, cause, depth;
    JSValue running;    /* record of the promise whose reaction runs, undefined: none */
    JSValueConst about; /* being reported */
    bool busy;          /* the stack is being taken: promises made for that are not looked at */
};

/* ---- Records ----------------------------------------------------------------------------------*/

static void forget_exception(JSContext *ctx)
{
    JS_FreeValue(ctx, JS_GetException(ctx));
}

/* Owned; undefined: there is none. */
static JSValue record_of(mr_js *js, JSValueConst promise)
{
    struct mr__js_promise_trace *trace = js->promise_trace;
    if (!JS_IsObject(promise))
        return JS_UNDEFINED;
    JSValue record = JS_Call(js->ctx, trace->map_get, trace->map, 1, &promise);
    if (JS_IsException(record)) {
        forget_exception(js->ctx);
        return JS_UNDEFINED;
    }
    return record;
}

static int32_t depth_of(mr_js *js, JSValueConst record)
{
    int32_t depth = 0;
    if (!JS_IsObject(record))
        return -1;
    JSValue value = JS_GetProperty(js->ctx, record, js->promise_trace->depth);
    if (JS_ToInt32(js->ctx, &depth, value) < 0)
        forget_exception(js->ctx);
    JS_FreeValue(js->ctx, value);
    return depth;
}

/* cause passes in. */
static JSValue new_record(mr_js *js, JSValue cause)
{
    struct mr__js_promise_trace *trace = js->promise_trace;
    JSContext *ctx = js->ctx;
    int32_t depth = depth_of(js, cause) + 1;
    JSValue record = JS_NewObjectProto(ctx, JS_NULL);
    JSValue captured = JS_IsException(record) ? JS_EXCEPTION
                                              : JS_Call(ctx, trace->capture, JS_UNDEFINED, 1,
                                                        (JSValueConst[]){record});
    bool whole = !JS_IsException(captured);
    JS_FreeValue(ctx, captured);
    if (depth >= LONGEST_CHAIN) {
        JS_FreeValue(ctx, cause);
        cause = JS_UNDEFINED;
        depth = 0;
    }
    whole = whole && JS_DefinePropertyValue(ctx, record, trace->depth, JS_NewInt32(ctx, depth),
                                            JS_PROP_C_W_E) >= 0;
    if (whole)
        return JS_DefinePropertyValue(ctx, record, trace->cause, cause, JS_PROP_C_W_E) >= 0
                   ? record
                   : (JS_FreeValue(ctx, record), JS_EXCEPTION);
    JS_FreeValue(ctx, cause);
    JS_FreeValue(ctx, record);
    return JS_EXCEPTION;
}

static void remember(mr_js *js, JSValueConst promise, JSValueConst parent)
{
    struct mr__js_promise_trace *trace = js->promise_trace;
    JSContext *ctx = js->ctx;
    if (trace->busy || js->gone || JS_HasException(ctx))
        return;
    trace->busy = true;
    JSValue cause = record_of(js, parent);
    if (JS_IsUndefined(cause))
        cause = JS_DupValue(ctx, trace->running);
    JSValue record = new_record(js, cause);
    JSValueConst args[] = {promise, record};
    JSValue stored =
        JS_IsException(record) ? JS_EXCEPTION : JS_Call(ctx, trace->map_set, trace->map, 2, args);
    if (JS_IsException(stored))
        forget_exception(ctx);
    JS_FreeValue(ctx, stored);
    JS_FreeValue(ctx, record);
    trace->busy = false;
}

static void hook(JSContext *ctx, JSPromiseHookType type, JSValueConst promise, JSValueConst parent,
                 void *opaque)
{
    mr_js *js = opaque;
    struct mr__js_promise_trace *trace = js->promise_trace;
    switch (type) {
    case JS_PROMISE_HOOK_INIT:
        remember(js, promise, parent);
        break;
    case JS_PROMISE_HOOK_BEFORE:
    case JS_PROMISE_HOOK_AFTER:
        JS_FreeValue(ctx, trace->running);
        trace->running = type == JS_PROMISE_HOOK_BEFORE ? record_of(js, promise) : JS_UNDEFINED;
        break;
    default:
        break;
    }
}

/* ---- The report -------------------------------------------------------------------------------*/

/* The frames of a record that are the script's. */
static void append_frames(mr_js *js, mr__bytes *out, JSValueConst record)
{
    JSValue stack = JS_GetProperty(js->ctx, record, js->promise_trace->stack);
    const char *text = JS_IsString(stack) ? JS_ToCString(js->ctx, stack) : NULL;
    size_t before = out->len;
    for (const char *line = text; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        if (memmem(line, len, "node:", 5) == NULL && memmem(line, len, "(native)", 8) == NULL) {
            mr__bytes_append(out, line, len);
            mr__bytes_char(out, '\n');
        }
        line += len + (line[len] == '\n');
    }
    if (out->len == before)
        mr__bytes_str(out, "    by the runtime\n");
    JS_FreeCString(js->ctx, text);
    JS_FreeValue(js->ctx, stack);
}

void mr__js_promise_trace_append(mr_js *js, mr__bytes *out)
{
    struct mr__js_promise_trace *trace = js->promise_trace;
    if (trace == NULL || !JS_IsObject(trace->about))
        return;
    JSValue record = record_of(js, trace->about);
    mr__bytes_str(out, "The promise was made\n");
    while (JS_IsObject(record)) {
        append_frames(js, out, record);
        JSValue cause = JS_GetProperty(js->ctx, record, trace->cause);
        JS_FreeValue(js->ctx, record);
        record = cause;
        if (JS_IsObject(record))
            mr__bytes_str(out, "in reaction to one made\n");
    }
    JS_FreeValue(js->ctx, record);
}

void mr__js_promise_trace_about(mr_js *js, JSValueConst promise)
{
    if (js->promise_trace != NULL)
        js->promise_trace->about = promise;
}

/* ---- Life -------------------------------------------------------------------------------------*/

static JSValue get_member(JSContext *ctx, const char *object, const char *name)
{
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue holder = JS_GetPropertyStr(ctx, global, object);
    JSValue member = JS_GetPropertyStr(ctx, holder, name);
    JS_FreeValue(ctx, holder);
    JS_FreeValue(ctx, global);
    return member;
}

int mr__js_promise_trace_install(mr_js *js, JSValueConst global)
{
    (void)global; /* what is needed of it is the engine's own */
    JSContext *ctx = js->ctx;
    if (!js->options.trace_promises)
        return 0;
    struct mr__js_promise_trace *trace = mr__alloc_zero(sizeof(*trace));
    if (trace == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    JSValue scope = JS_GetGlobalObject(ctx);
    JSValue weak_map = JS_GetPropertyStr(ctx, scope, "WeakMap");
    JSValue prototype = JS_GetPropertyStr(ctx, weak_map, "prototype");
    trace->capture = get_member(ctx, "Error", "captureStackTrace");
    trace->map = JS_CallConstructor(ctx, weak_map, 0, NULL);
    trace->map_get = JS_GetPropertyStr(ctx, prototype, "get");
    trace->map_set = JS_GetPropertyStr(ctx, prototype, "set");
    trace->stack = JS_NewAtom(ctx, "stack");
    trace->cause = JS_NewAtom(ctx, "cause");
    trace->depth = JS_NewAtom(ctx, "depth");
    trace->running = trace->about = JS_UNDEFINED;
    JS_FreeValue(ctx, prototype);
    JS_FreeValue(ctx, weak_map);
    JS_FreeValue(ctx, scope);
    js->promise_trace = trace;
    if (!JS_IsFunction(ctx, trace->capture) || JS_IsException(trace->map))
        return -1;
    JS_SetPromiseHook(js->rt, hook, js);
    return 0;
}

void mr__js_promise_trace_destroy(mr_js *js)
{
    struct mr__js_promise_trace *trace = js->promise_trace;
    if (trace == NULL)
        return;
    JS_SetPromiseHook(js->rt, NULL, NULL);
    js->promise_trace = NULL;
    JS_FreeValue(js->ctx, trace->capture);
    JS_FreeValue(js->ctx, trace->map);
    JS_FreeValue(js->ctx, trace->map_get);
    JS_FreeValue(js->ctx, trace->map_set);
    JS_FreeValue(js->ctx, trace->running);
    JS_FreeAtom(js->ctx, trace->stack);
    JS_FreeAtom(js->ctx, trace->cause);
    JS_FreeAtom(js->ctx, trace->depth);
    mr__free(trace);
}
