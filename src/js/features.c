/* What the engine in use can do, found out by asking one that was made for it. */
#include <string.h>

#include "js/runtime.h"

struct probe {
    uint64_t feature;
    const char *source; /* true: it is there. A syntax that the engine lacks does not compile. */
};

static const struct probe probes[] = {
    {MR_JS_WEAK_REFS,
     "typeof WeakRef === 'function' && typeof FinalizationRegistry === 'function'"},
    {MR_JS_SHARED_MEMORY, "typeof SharedArrayBuffer === 'function' && typeof Atomics === 'object'"},
    {MR_JS_RESIZABLE_BUFFERS, "new ArrayBuffer(1, { maxByteLength: 2 }).resizable === true"},
    {MR_JS_BUFFER_TRANSFER, "typeof ArrayBuffer.prototype.transfer === 'function'"},
    {MR_JS_FLOAT16, "typeof Float16Array === 'function'"},
    {MR_JS_REGEXP_SETS, "/[[a-z]--[b]]/v.test('a')"},
    {MR_JS_ITERATOR_HELPERS, "typeof Iterator.prototype.map === 'function'"},
    {MR_JS_SET_METHODS, "typeof Set.prototype.union === 'function'"},
    {MR_JS_PROMISE_TRY, "typeof Promise.try === 'function'"},
    {MR_JS_ARRAY_FROM_ASYNC, "typeof Array.fromAsync === 'function'"},
    {MR_JS_ERROR_IS_ERROR, "typeof Error.isError === 'function'"},
    {MR_JS_DISPOSE, "typeof Symbol.dispose === 'symbol'"},
    {MR_JS_USING, "{ using x = null } true"},
    {MR_JS_TEMPORAL, "typeof Temporal === 'object'"},
    {MR_JS_INTL, "typeof Intl === 'object'"},
};

static bool is_true(JSContext *ctx, const char *source)
{
    JSValue value = JS_Eval(ctx, source, strlen(source), "<probe>", JS_EVAL_TYPE_GLOBAL);
    bool yes = JS_IsBool(value) && JS_ToBool(ctx, value) == 1;
    if (JS_IsException(value))
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, value);
    return yes;
}

mr_status mr_js_features(uint64_t *out_features)
{
    if (out_features == NULL)
        return MR_EINVAL;
    JSRuntime *rt = JS_NewRuntime();
    JSContext *ctx = rt == NULL ? NULL : JS_NewContext(rt);
    uint64_t features = 0;
    for (size_t i = 0; ctx != NULL && i < sizeof probes / sizeof probes[0]; i++) {
        if (is_true(ctx, probes[i].source))
            features |= probes[i].feature;
    }
    if (ctx != NULL)
        JS_FreeContext(ctx);
    if (rt != NULL)
        JS_FreeRuntime(rt);
    if (ctx == NULL)
        return MR_ENOMEM;
    *out_features = features;
    return MR_OK;
}
