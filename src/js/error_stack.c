/* What scripts read as `stack`: the line `Name: message`, then the frames, as Node.js has it.
 *
 * The engine keeps the frames alone. The accessor of Error.prototype is replaced by one that puts the
 * head in front when it is read, so that a name or message given by the constructor after super() is
 * in it, and Error.captureStackTrace by one whose frames belong to the error in the same way. What
 * shows errors takes the frames from here (mr__js_error_frames) and makes the head itself, without
 * running code of the script. In a context of the host's, Error stays as the host has it. */
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/intrinsics.h"

/* The functions of the engine that stand behind ours, and what was captured for errors. */
struct mr__js_error_stacks {
    JSValue capture;
    JSValue captured; /* WeakMap: error → frames; undefined until one is captured */
    JSAtom stack;
};

static const char frame_start[] = "    at ";

static bool is_frames(const char *text)
{
    return text[0] == '\0' || strncmp(text, frame_start, sizeof frame_start - 1) == 0;
}

JSValue mr__js_error_frames(mr_js *js, JSValueConst error)
{
    struct mr__js_error_stacks *stacks = js->error_stacks;
    if (stacks != NULL && JS_IsObject(stacks->captured)) {
        JSValue frames = mr__kept_call(js, MR__KEPT_WEAK_MAP_GET, stacks->captured, 1, &error);
        if (!JS_IsUndefined(frames))
            return frames;
    }
    return mr__intrinsic_call(js, MR__FN_ERROR_STACK, error);
}

/* ---- With the head ----------------------------------------------------------------------------*/

JSValue mr__js_error_stack(mr_js *js, JSValueConst error, JSValue frames)
{
    JSContext *ctx = js->ctx;
    size_t len = 0;
    const char *text = JS_IsString(frames) ? JS_ToCStringLen(ctx, &len, frames) : NULL;
    if (JS_IsString(frames) && text == NULL) {
        JS_FreeValue(ctx, frames);
        return JS_EXCEPTION;
    }
    bool bare = text != NULL ? is_frames(text) : JS_IsUndefined(frames);
    if (!bare) {
        JS_FreeCString(ctx, text);
        return frames;
    }
    JSValue head = mr__intrinsic_call(js, MR__FN_ERROR_TEXT, error);
    size_t head_len = 0;
    const char *head_text = JS_IsException(head) ? NULL : JS_ToCStringLen(ctx, &head_len, head);
    JSValue whole = JS_EXCEPTION;
    if (head_text != NULL) {
        mr__bytes bytes = {0};
        while (len > 0 && text[len - 1] == '\n')
            len--;
        mr__bytes_append(&bytes, head_text, head_len);
        mr__bytes_str(&bytes, len > 0 ? "\n" : "");
        mr__bytes_append(&bytes, text, len);
        whole = bytes.failed
                    ? JS_ThrowOutOfMemory(ctx)
                    : JS_NewStringLen(ctx, bytes.data == NULL ? "" : bytes.data, bytes.len);
        mr__bytes_deinit(&bytes);
    }
    JS_FreeCString(ctx, head_text);
    JS_FreeValue(ctx, head);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, frames);
    return whole;
}

static JSValue get_stack(JSContext *ctx, JSValueConst this_val)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!JS_IsObject(this_val))
        return JS_ThrowTypeError(ctx, "not an object");
    if (!JS_IsError(this_val))
        return JS_UNDEFINED;
    return mr__js_error_stack(js, this_val, mr__js_error_frames(js, this_val));
}

/* An own property: of an error not enumerable, as its stack is in Node.js. */
static JSValue set_stack(JSContext *ctx, JSValueConst this_val, JSValueConst value)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!JS_IsObject(this_val))
        return JS_ThrowTypeError(ctx, "not an object");
    /* A property there would hide the accessor from every error. */
    if (JS_VALUE_GET_PTR(this_val) == JS_VALUE_GET_PTR(mr__intrinsics_of(js)->error_proto))
        return JS_UNDEFINED;
    int flags = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE | JS_PROP_THROW;
    if (!JS_IsError(this_val))
        flags |= JS_PROP_ENUMERABLE;
    int defined = JS_DefinePropertyValue(ctx, this_val, js->error_stacks->stack,
                                         JS_DupValue(ctx, value), flags);
    return defined < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- captureStackTrace ------------------------------------------------------------------------*/

/* The text without the frame of our own function, which stands there when none was to be left out. */
static JSValue without_own_frame(JSContext *ctx, JSValue frames)
{
    static const char own[] = "    at captureStackTrace (native)\n";
    const char *text = JS_IsString(frames) ? JS_ToCString(ctx, frames) : NULL;
    if (text != NULL && strncmp(text, own, sizeof own - 1) == 0) {
        JS_FreeValue(ctx, frames);
        frames = JS_NewString(ctx, text + sizeof own - 1);
    }
    JS_FreeCString(ctx, text);
    return frames;
}

/* From now on the frames are the error's, and the accessor shows them. */
static int adopt(mr_js *js, JSValueConst error, JSValueConst frames)
{
    struct mr__js_error_stacks *stacks = js->error_stacks;
    if (!JS_IsObject(stacks->captured)) {
        JSValue map = mr__kept_new(js, MR__KEPT_WEAK_MAP, 0, NULL);
        if (JS_IsException(map))
            return -1;
        stacks->captured = map;
    }
    JSValueConst pair[] = {error, frames};
    JSValue result = mr__kept_call(js, MR__KEPT_WEAK_MAP_SET, stacks->captured, 2, pair);
    int failed = JS_IsException(result) ? -1 : 0;
    JS_FreeValue(js->ctx, result);
    return failed < 0 ? -1 : JS_DeleteProperty(js->ctx, error, stacks->stack, 0);
}

static JSValue capture(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct mr__js_error_stacks *stacks = js->error_stacks;
    JSValueConst arguments[] = {argc > 0 ? argv[0] : JS_UNDEFINED,
                                argc > 1 ? argv[1] : JS_UNDEFINED};
    JSValue result = JS_Call(ctx, stacks->capture, this_val, 2, arguments);
    if (JS_IsException(result))
        return result;
    JSValue frames = mr__data_own(js, arguments[0], stacks->stack);
    const char *text = JS_IsString(frames) ? JS_ToCString(ctx, frames) : NULL;
    bool bare = text != NULL && is_frames(text), unread = JS_IsString(frames) && text == NULL;
    JS_FreeCString(ctx, text);
    if (!bare) {
        JS_FreeValue(ctx, frames);
        return unread ? JS_EXCEPTION : JS_UNDEFINED;
    }
    frames = without_own_frame(ctx, frames);
    int failed = JS_IsException(frames) ? -1 : 0;
    if (failed == 0 && JS_IsError(arguments[0])) {
        failed = adopt(js, arguments[0], frames);
    } else if (failed == 0) {
        JSValue whole = mr__js_error_stack(js, arguments[0], JS_DupValue(ctx, frames));
        failed = JS_IsException(whole)
                     ? -1
                     : JS_DefinePropertyValue(ctx, arguments[0], stacks->stack, whole,
                                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    }
    JS_FreeValue(ctx, frames);
    return failed < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- Installation -----------------------------------------------------------------------------*/

static int replace(JSContext *ctx, struct mr__js_error_stacks *stacks, JSValueConst constructor)
{
    static const JSCFunctionListEntry accessor = JS_CGETSET_DEF("stack", get_stack, set_stack);
    stacks->capture = JS_GetPropertyStr(ctx, constructor, "captureStackTrace");
    JSValue proto = JS_GetPropertyStr(ctx, constructor, "prototype");
    JSValue function = JS_NewCFunction(ctx, capture, "captureStackTrace", 2);
    int failed = -1;
    if (!JS_IsFunction(ctx, stacks->capture) || !JS_IsObject(proto) || JS_IsException(function))
        JS_FreeValue(ctx, function);
    else if (JS_DefinePropertyValueStr(ctx, constructor, "captureStackTrace", function,
                                       JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0)
        failed = JS_SetPropertyFunctionList(ctx, proto, &accessor, 1);
    JS_FreeValue(ctx, proto);
    return failed < 0 ? -1 : 0;
}

/* After all that keeps the engine's functions for itself. */
int mr__js_error_stacks_install(mr_js *js, JSValueConst global)
{
    (void)global;
    JSContext *ctx = js->ctx;
    if (js->attached)
        return 0;
    struct mr__js_error_stacks *stacks = js->error_stacks = mr__alloc_zero(sizeof *stacks);
    if (stacks == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    stacks->capture = stacks->captured = JS_UNDEFINED;
    stacks->stack = JS_NewAtom(ctx, "stack");
    if (stacks->stack == JS_ATOM_NULL)
        return -1;
    JSValue scope = JS_GetGlobalObject(ctx);
    JSValue constructor = JS_GetPropertyStr(ctx, scope, "Error");
    JS_FreeValue(ctx, scope);
    int failed = JS_IsException(constructor) ? -1 : replace(ctx, stacks, constructor);
    JS_FreeValue(ctx, constructor);
    return failed;
}

void mr__js_error_stacks_destroy(mr_js *js)
{
    struct mr__js_error_stacks *stacks = js->error_stacks;
    if (stacks == NULL)
        return;
    js->error_stacks = NULL;
    JS_FreeValue(js->ctx, stacks->capture);
    JS_FreeValue(js->ctx, stacks->captured);
    JS_FreeAtom(js->ctx, stacks->stack);
    mr__free(stacks);
}
