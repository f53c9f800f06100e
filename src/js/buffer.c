/* Buffer: its constructor, how instances are made, and where their memory comes from. */
#include "js/buffer.h"

#include <string.h>

#include "base/memory.h"
#include "js/gate.h"

enum { POOL_SIZE = 8192, POOL_ALIGNMENT = 8 };

struct mr__js_buffers {
    JSValue uint8;       /* the intrinsic Uint8Array */
    JSValue fast;        /* FastBuffer: makes instances, and is the species of all */
    JSValue proto;       /* Buffer.prototype as it was made */
    JSValue constructor; /* Buffer */
    JSValue pool;        /* the ArrayBuffer that small instances share, or undefined */
    JSValue atob, btoa;  /* the global functions, which node:buffer has too */
    size_t pool_size, pool_used;
    JSAtom pool_size_name;
};

/* ---- Instances --------------------------------------------------------------------------------*/

/* new FastBuffer(...argv), whatever a script did to Buffer in the meantime. */
static JSValue construct(mr_js *js, int argc, JSValueConst *argv)
{
    return JS_CallConstructor2(js->ctx, js->buffers->uint8, js->buffers->fast, argc, argv);
}

/* The bytes of a new instance, for its maker. */
static JSValue with_data(mr_js *js, JSValue buffer, uint8_t **out_data)
{
    size_t len;
    if (out_data != NULL)
        *out_data = JS_IsException(buffer) ? NULL : JS_GetUint8Array(js->ctx, &len, buffer);
    return buffer;
}

JSValue mr__js_buffer_new(mr_js *js, size_t len, uint8_t **out_data)
{
    JSValueConst args[] = {JS_NewInt64(js->ctx, (int64_t)len)};
    return with_data(js, construct(js, 1, args), out_data);
}

JSValue mr__js_buffer_on(mr_js *js, JSValueConst array_buffer, size_t offset, size_t len)
{
    JSValueConst args[] = {array_buffer, JS_NewInt64(js->ctx, (int64_t)offset),
                           JS_NewInt64(js->ctx, (int64_t)len)};
    return construct(js, 3, args);
}

JSValue mr__js_buffer_from_array(mr_js *js, JSValue array)
{
    if (!JS_IsException(array) && JS_SetPrototype(js->ctx, array, js->buffers->proto) < 0) {
        JS_FreeValue(js->ctx, array);
        return JS_EXCEPTION;
    }
    return array;
}

JSValue mr__js_buffer_copy(mr_js *js, const uint8_t *bytes, size_t len)
{
    return mr__js_buffer_from_array(js, JS_NewUint8ArrayCopy(js->ctx, bytes, len));
}

int mr__js_is_buffer(mr_js *js, JSValueConst value)
{
    return JS_IsObject(value) ? JS_IsInstanceOf(js->ctx, value, js->buffers->constructor) : 0;
}

/* ---- The pool ---------------------------------------------------------------------------------*/

/* Buffer.poolSize, which a script may change: where the pool is used and how large the next is. */
static size_t pool_size(mr_js *js)
{
    double size = POOL_SIZE;
    JSValue value = JS_GetProperty(js->ctx, js->buffers->constructor, js->buffers->pool_size_name);
    if (JS_IsException(value))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    else if (JS_IsNumber(value))
        JS_ToFloat64(js->ctx, &size, value);
    JS_FreeValue(js->ctx, value);
    return size >= 0 && size <= INT32_MAX ? (size_t)size : 0;
}

static int renew_pool(mr_js *js, size_t size)
{
    struct mr__js_buffers *state = js->buffers;
    JSValue first = mr__js_buffer_new(js, size, NULL);
    JSValue buffer = JS_IsException(first)
                         ? JS_EXCEPTION
                         : JS_GetTypedArrayBuffer(js->ctx, first, NULL, NULL, NULL);
    JS_FreeValue(js->ctx, first);
    if (JS_IsException(buffer))
        return -1;
    JS_FreeValue(js->ctx, state->pool);
    state->pool = buffer;
    state->pool_size = size;
    state->pool_used = 0;
    return 0;
}

/* The pool's memory; NULL once a script has detached or resized it. */
static uint8_t *pool_data(mr_js *js)
{
    size_t size;
    if (!JS_IsObject(js->buffers->pool))
        return NULL;
    uint8_t *data = JS_GetArrayBuffer(js->ctx, &size, js->buffers->pool);
    if (data == NULL)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return size == js->buffers->pool_size ? data : NULL;
}

JSValue mr__js_buffer_pooled(mr_js *js, size_t len, uint8_t **out_data)
{
    struct mr__js_buffers *state = js->buffers;
    size_t size = len == 0 ? 0 : pool_size(js);
    if (len >= size >> 1)
        return mr__js_buffer_new(js, len, out_data);
    if ((pool_data(js) == NULL || len > state->pool_size - state->pool_used) &&
        renew_pool(js, size) < 0)
        return JS_EXCEPTION;
    JSValue buffer = mr__js_buffer_on(js, state->pool, state->pool_used, len);
    if (!JS_IsException(buffer)) {
        size_t used = (state->pool_used + len + POOL_ALIGNMENT - 1) / POOL_ALIGNMENT;
        state->pool_used = used * POOL_ALIGNMENT;
        if (state->pool_used > state->pool_size)
            state->pool_used = state->pool_size;
    }
    return with_data(js, buffer, out_data);
}

/* ---- Functions of the constructor -------------------------------------------------------------*/

enum { ALLOC, ALLOC_UNSAFE, ALLOC_UNSAFE_SLOW };

static JSValue buffer_alloc(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                            int kind)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    size_t size;
    if (mr__js_check_size(ctx, mr__js_arg(argc, argv, 0), &size) < 0)
        return JS_EXCEPTION;
    if (kind == ALLOC_UNSAFE)
        return mr__js_buffer_pooled(js, size, NULL);
    JSValue buffer = mr__js_buffer_new(js, size, NULL);
    JSValueConst fill = mr__js_arg(argc, argv, 1);
    bool zero = JS_VALUE_GET_TAG(fill) == JS_TAG_INT && JS_VALUE_GET_INT(fill) == 0;
    if (kind != ALLOC || size == 0 || JS_IsUndefined(fill) || zero || JS_IsException(buffer))
        return buffer;
    JSValue filled = mr__js_buffer_fill_all(js, buffer, fill, mr__js_arg(argc, argv, 2));
    JS_FreeValue(ctx, buffer);
    return filled;
}

static JSValue buffer_from(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (argc > 0 && JS_IsString(argv[0]))
        return mr__js_buffer_from_string(js, argv[0], mr__js_arg(argc, argv, 1));
    return mr__js_buffer_call_library(ctx, this_val, argc, argv, "from");
}

/* Node.js makes the items numbers one after the other, as assigning to an element does. */
static JSValue buffer_of(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue buffer = mr__js_buffer_new(js, (size_t)argc, NULL);
    for (int i = 0; i < argc && !JS_IsException(buffer); i++) {
        if (JS_SetPropertyUint32(ctx, buffer, (uint32_t)i, JS_DupValue(ctx, argv[i])) < 0) {
            JS_FreeValue(ctx, buffer);
            buffer = JS_EXCEPTION;
        }
    }
    return buffer;
}

static JSValue buffer_is_buffer(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    int is = mr__js_is_buffer(js, mr__js_arg(argc, argv, 0));
    return is < 0 ? JS_EXCEPTION : JS_NewBool(ctx, is);
}

static JSValue buffer_is_encoding(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewBool(ctx, argc > 0 && JS_IsString(argv[0]) &&
                               mr__js_encoding_named(ctx, argv[0]) > MR__ENCODING_UNKNOWN);
}

static JSValue copy_bytes_from(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    MR__JS_GATE(mr__js_of(ctx));
    return mr__js_buffer_call_library(ctx, this_val, argc, argv, "copyBytesFrom");
}

static JSValue get_species(JSContext *ctx, JSValueConst this_val)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return JS_DupValue(ctx, js->buffers->fast);
}

/* Buffer(...) and new Buffer(...): old, with a warning, and the same as from() and alloc(). */
static JSValue construct_buffer(JSContext *ctx, JSValueConst new_target, int argc,
                                JSValueConst *argv)
{
    (void)new_target;
    MR__JS_GATE(mr__js_of(ctx));
    return mr__js_buffer_call_library(ctx, JS_UNDEFINED, argc, argv, "construct");
}

static JSValue construct_fast(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return JS_CallConstructor2(ctx, js->buffers->uint8, new_target, argc, argv);
}

JSValue mr__js_buffer_call_library(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv, const char *name)
{
    JSValue library = mr__js_builtin(mr__js_of(ctx), "internal/buffer");
    if (JS_IsException(library))
        return library;
    JSValue function = JS_GetPropertyStr(ctx, library, name);
    JSValue result = JS_Call(ctx, function, this_val, argc, argv);
    JS_FreeValue(ctx, function);
    JS_FreeValue(ctx, library);
    return result;
}

static const JSCFunctionListEntry statics[] = {
    JS_PROP_INT32_DEF("poolSize", POOL_SIZE, JS_PROP_C_W_E),
    MR__METHOD("from", 3, buffer_from),
    MR__METHOD("copyBytesFrom", 3, copy_bytes_from),
    MR__METHOD("of", 0, buffer_of),
    MR__METHOD_MAGIC("alloc", 3, buffer_alloc, ALLOC),
    MR__METHOD_MAGIC("allocUnsafe", 1, buffer_alloc, ALLOC_UNSAFE),
    MR__METHOD_MAGIC("allocUnsafeSlow", 1, buffer_alloc, ALLOC_UNSAFE_SLOW),
    MR__METHOD("isBuffer", 1, buffer_is_buffer),
    MR__METHOD("isEncoding", 1, buffer_is_encoding),
    JS_CGETSET_DEF("[Symbol.species]", get_species, NULL),
};

/* ---- Methods that the library has -------------------------------------------------------------*/

static JSValue buffer_inspect(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    MR__JS_GATE(mr__js_of(ctx));
    return mr__js_buffer_call_library(ctx, this_val, argc, argv, "inspect");
}

/* Symbol.for('nodejs.util.inspect.custom') has the same function as the name inspect. */
static int define_inspect(JSContext *ctx, JSValueConst proto)
{
    JSValue symbol = JS_NewSymbol(ctx, "nodejs.util.inspect.custom", true);
    JSValue function = JS_NewCFunction(ctx, buffer_inspect, "inspect", 2);
    JSAtom atom = JS_ValueToAtom(ctx, symbol);
    JS_FreeValue(ctx, symbol);
    int failed = JS_DefinePropertyValueStr(ctx, proto, "inspect", JS_DupValue(ctx, function),
                                           JS_PROP_C_W_E) < 0 ||
                 atom == JS_ATOM_NULL;
    if (failed)
        JS_FreeValue(ctx, function);
    else
        failed = JS_DefinePropertyValue(ctx, proto, atom, function, JS_PROP_C_W_E) < 0;
    JS_FreeAtom(ctx, atom);
    return failed ? -1 : 0;
}

static int define_kept(mr_js *js, JSValueConst target, const char *name, JSValueConst value)
{
    return JS_DefinePropertyValueStr(js->ctx, target, name, JS_DupValue(js->ctx, value),
                                     JS_PROP_C_W_E);
}

int mr__js_buffer_classes(mr_js *js, JSValueConst target)
{
    struct mr__js_buffers *state = js->buffers;
    return define_kept(js, target, "Buffer", state->constructor) < 0 ||
                   define_kept(js, target, "FastBuffer", state->fast) < 0 ||
                   define_kept(js, target, "atob", state->atob) < 0 ||
                   define_kept(js, target, "btoa", state->btoa) < 0
               ? -1
               : 0;
}

/* ---- Life -------------------------------------------------------------------------------------*/

/* A constructor below Uint8Array with the given prototype. */
static JSValue new_constructor(mr_js *js, JSCFunction *function, const char *name,
                               JSCFunctionEnum kind, int flags)
{
    struct mr__js_buffers *state = js->buffers;
    JSValue constructor = JS_NewCFunction3(js->ctx, function, name, 3, kind, 0, state->uint8, 0);
    if (!JS_IsException(constructor) &&
        JS_DefinePropertyValueStr(js->ctx, constructor, "prototype",
                                  JS_DupValue(js->ctx, state->proto), flags) < 0) {
        JS_FreeValue(js->ctx, constructor);
        return JS_EXCEPTION;
    }
    return constructor;
}

static int make_classes(mr_js *js, JSValueConst global)
{
    struct mr__js_buffers *state = js->buffers;
    JSContext *ctx = js->ctx;
    state->uint8 = JS_GetPropertyStr(ctx, global, "Uint8Array");
    JSValue base = JS_GetPropertyStr(ctx, state->uint8, "prototype");
    state->proto = JS_NewObjectProto(ctx, base);
    JS_FreeValue(ctx, base);
    if (JS_IsException(state->proto))
        return -1;
    state->fast = new_constructor(js, construct_fast, "FastBuffer", JS_CFUNC_constructor, 0);
    state->constructor = new_constructor(js, construct_buffer, "Buffer",
                                         JS_CFUNC_constructor_or_func, JS_PROP_WRITABLE);
    if (JS_IsException(state->fast) || JS_IsException(state->constructor))
        return -1;
    return JS_DefinePropertyValueStr(ctx, state->proto, "constructor",
                                     JS_DupValue(ctx, state->constructor),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

static int define_all(mr_js *js)
{
    struct mr__js_buffers *state = js->buffers;
    JSContext *ctx = js->ctx;
    if (JS_SetPropertyFunctionList(ctx, state->constructor, statics, countof(statics)) < 0 ||
        mr__js_buffer_numbers(ctx, state->proto) < 0 ||
        mr__js_buffer_text(ctx, state->proto, state->constructor) < 0 ||
        mr__js_buffer_bytes(ctx, state->proto, state->constructor) < 0 ||
        mr__js_buffer_search(ctx, state->proto, state->constructor) < 0)
        return -1;
    /* The engine does not say when it could not define one of a list. */
    return define_inspect(ctx, state->proto) < 0 || JS_HasException(ctx) ? -1 : 0;
}

int mr__js_buffer_install(mr_js *js, JSValueConst global)
{
    struct mr__js_buffers *state = js->buffers = mr__alloc(sizeof(*state));
    if (state == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    *state = (struct mr__js_buffers){
        .uint8 = JS_UNDEFINED,
        .fast = JS_UNDEFINED,
        .proto = JS_UNDEFINED,
        .constructor = JS_UNDEFINED,
        .pool = JS_UNDEFINED,
        .atob = JS_GetPropertyStr(js->ctx, global, "atob"),
        .btoa = JS_GetPropertyStr(js->ctx, global, "btoa"),
        .pool_size_name = JS_NewAtom(js->ctx, "poolSize"),
    };
    if (JS_IsException(state->atob) || JS_IsException(state->btoa) ||
        state->pool_size_name == JS_ATOM_NULL || make_classes(js, global) < 0 || define_all(js) < 0)
        return -1;
    return JS_DefinePropertyValueStr(js->ctx, global, "Buffer",
                                     JS_DupValue(js->ctx, state->constructor),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

void mr__js_buffer_destroy(mr_js *js)
{
    struct mr__js_buffers *state = js->buffers;
    if (state == NULL)
        return;
    js->buffers = NULL;
    JS_FreeValue(js->ctx, state->uint8);
    JS_FreeValue(js->ctx, state->fast);
    JS_FreeValue(js->ctx, state->proto);
    JS_FreeValue(js->ctx, state->constructor);
    JS_FreeValue(js->ctx, state->pool);
    JS_FreeValue(js->ctx, state->atob);
    JS_FreeValue(js->ctx, state->btoa);
    JS_FreeAtom(js->ctx, state->pool_size_name);
    mr__free(state);
}
