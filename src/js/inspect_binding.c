/* binding('util'): the inspector and the engine's type tests for the JavaScript library. */
#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"

static JSValueConst argument(int argc, JSValueConst *argv, int i)
{
    return i < argc ? argv[i] : JS_UNDEFINED;
}

/* ---- Text -------------------------------------------------------------------------------------*/

/* inspect(value, options) */
static JSValue inspect(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr__bytes text = {0};
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__inspect_with(js, &text, argument(argc, argv, 0), argument(argc, argv, 1),
                         &mr__inspect_defaults) < 0) {
        mr__bytes_deinit(&text);
        return JS_EXCEPTION;
    }
    return mr__text_to_js(ctx, &text);
}

/* formatWithOptions(options, ...args) */
static JSValue format_with_options(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    (void)this_val;
    mr__bytes text = {0};
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_format_with(js, &text, argc > 0 ? argc - 1 : 0, argv + 1, &mr__inspect_defaults,
                           argument(argc, argv, 0)) < 0) {
        mr__bytes_deinit(&text);
        return JS_EXCEPTION;
    }
    return mr__text_to_js(ctx, &text);
}

/* ---- Contents ---------------------------------------------------------------------------------*/

/* getProxyDetails(proxy): [target, handler], null for a revoked one, undefined for other values. */
static JSValue proxy_details(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    JSValueConst proxy = argument(argc, argv, 0);
    if (!JS_IsProxy(proxy))
        return JS_UNDEFINED;
    JSValue parts[2] = {JS_GetProxyTarget(ctx, proxy), JS_UNDEFINED};
    if (JS_IsException(parts[0])) {
        mr__clear_exception(ctx);
        return JS_NULL;
    }
    parts[1] = JS_GetProxyHandler(ctx, proxy);
    return JS_NewArrayFrom(ctx, 2, parts);
}

/* getPromiseDetails(promise): [state, result], state 0 pending, 1 fulfilled, 2 rejected. */
static JSValue promise_details(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    JSValueConst promise = argument(argc, argv, 0);
    if (!JS_IsPromise(promise))
        return JS_UNDEFINED;
    JSPromiseStateEnum state = JS_PromiseState(ctx, promise);
    JSValue parts[2] = {JS_NewInt32(ctx, (int)state), JS_UNDEFINED};
    if (state != JS_PROMISE_PENDING)
        parts[1] = JS_PromiseResult(ctx, promise);
    return JS_NewArrayFrom(ctx, 2, parts);
}

/* getOwnNonIndexProperties(object, onlyEnumerable) */
static JSValue non_index_properties(JSContext *ctx, JSValueConst this_val, int argc,
                                    JSValueConst *argv)
{
    (void)this_val;
    mr__inspector in;
    mr__inspect_options options = mr__inspect_defaults;
    mr__keys keys = {0};
    JSValueConst object = argument(argc, argv, 0);
    if (!JS_IsObject(object))
        return JS_ThrowTypeError(ctx, "not an object");
    options.show_hidden = JS_ToBool(ctx, argument(argc, argv, 1)) <= 0;
    if (mr__inspector_init(&in, mr__js_of(ctx), &options) < 0 ||
        mr__keys_read(&in, &keys, object, true) < 0)
        return JS_EXCEPTION;
    JSValue list = JS_NewArray(ctx);
    int result = JS_IsException(list) ? -1 : 0;
    for (uint32_t i = 0; i < keys.count && result >= 0; i++)
        result = JS_DefinePropertyValueUint32(ctx, list, i, JS_AtomToValue(ctx, keys.atoms[i]),
                                              JS_PROP_C_W_E);
    mr__keys_deinit(ctx, &keys);
    mr__inspector_deinit(&in);
    if (result >= 0)
        return list;
    JS_FreeValue(ctx, list);
    return JS_EXCEPTION;
}

/* previewEntries(collection or iterator): [items, whether keys and values alternate]. */
static JSValue preview_entries(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    mr__items items;
    if (mr__items_read(js, &items, argument(argc, argv, 0), UINT64_MAX) < 0)
        return JS_EXCEPTION;
    JSValue pairs = JS_NewBool(ctx, items.pairs);
    JSValue list = JS_NewArray(ctx);
    int result = JS_IsException(list) ? -1 : 0;
    for (size_t i = 0; i < items.count && result >= 0; i++)
        result = JS_DefinePropertyValueUint32(ctx, list, (uint32_t)i,
                                              JS_DupValue(ctx, items.values[i]), JS_PROP_C_W_E);
    mr__items_deinit(js, &items);
    if (result < 0) {
        JS_FreeValue(ctx, list);
        return JS_EXCEPTION;
    }
    JSValue parts[2] = {list, pairs};
    return JS_NewArrayFrom(ctx, 2, parts);
}

/* getConstructorName(object): as the inspector shows it, '' for a null prototype. */
static JSValue constructor_name(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr__inspector in;
    mr_js *js = mr__js_of(ctx);
    JSValue target = mr__proxy_unwrap(js, argument(argc, argv, 0));
    mr__shape shape = {.value = target};
    int result = 0;
    if (mr__inspector_init(&in, js, &mr__inspect_defaults) < 0)
        result = -1;
    else if (JS_IsObject(target))
        result = mr__shape_name(&in, &shape, 0);
    mr__inspector_deinit(&in);
    mr__entries_deinit(&shape.inherited);
    JS_FreeValue(ctx, target);
    if (result >= 0)
        return mr__text_to_js(ctx, &shape.constructor);
    mr__bytes_deinit(&shape.constructor);
    return JS_EXCEPTION;
}

/* ---- Type tests -------------------------------------------------------------------------------*/

enum test {
    IS_EXTERNAL,
    IS_DATE,
    IS_REGEXP,
    IS_MAP,
    IS_SET,
    IS_MAP_ITERATOR,
    IS_SET_ITERATOR,
    IS_WEAK_MAP,
    IS_WEAK_SET,
    IS_PROMISE,
    IS_PROXY,
    IS_ARRAY_BUFFER,
    IS_ANY_ARRAY_BUFFER,
    IS_SHARED_ARRAY_BUFFER,
    IS_DATA_VIEW,
    IS_TYPED_ARRAY,
    IS_NUMBER_OBJECT,
    IS_STRING_OBJECT,
    IS_BOOLEAN_OBJECT,
    IS_BIGINT_OBJECT,
    IS_SYMBOL_OBJECT,
    IS_BOXED,
    IS_NATIVE_ERROR,
    IS_GENERATOR_OBJECT,
    IS_GENERATOR_FUNCTION,
    IS_ASYNC_FUNCTION,
    IS_ARGUMENTS,
    IS_NAMESPACE,
    IS_ARRAY_OF /* + JSTypedArrayEnum */
};

static bool test_kind(enum test test, enum mr__kind kind)
{
    switch (test) {
    case IS_MAP_ITERATOR:
        return kind == MR__KIND_MAP_ITERATOR;
    case IS_SET_ITERATOR:
        return kind == MR__KIND_SET_ITERATOR;
    case IS_SHARED_ARRAY_BUFFER:
        return kind == MR__KIND_SHARED_BUFFER;
    case IS_NUMBER_OBJECT:
        return kind == MR__KIND_NUMBER;
    case IS_STRING_OBJECT:
        return kind == MR__KIND_STRING;
    case IS_BOOLEAN_OBJECT:
        return kind == MR__KIND_BOOLEAN;
    case IS_BIGINT_OBJECT:
        return kind == MR__KIND_BIGINT;
    case IS_SYMBOL_OBJECT:
        return kind == MR__KIND_SYMBOL;
    case IS_BOXED:
        return kind >= MR__KIND_NUMBER && kind <= MR__KIND_BIGINT;
    case IS_GENERATOR_OBJECT:
        return kind == MR__KIND_GENERATOR || kind == MR__KIND_ASYNC_GENERATOR;
    case IS_GENERATOR_FUNCTION:
        return kind == MR__KIND_GENERATOR_FUNCTION || kind == MR__KIND_ASYNC_GENERATOR_FUNCTION;
    case IS_ASYNC_FUNCTION:
        return kind == MR__KIND_ASYNC_FUNCTION || kind == MR__KIND_ASYNC_GENERATOR_FUNCTION;
    case IS_ARGUMENTS:
        return kind == MR__KIND_ARGUMENTS;
    case IS_NAMESPACE:
        return kind == MR__KIND_NAMESPACE;
    default:
        return false; /* isExternal: the engine has no such values */
    }
}

static bool test_value(mr_js *js, JSValueConst value, int test)
{
    if (test >= IS_ARRAY_OF)
        return JS_GetTypedArrayType(value) == test - IS_ARRAY_OF;
    switch ((enum test)test) {
    case IS_DATE:
        return JS_IsDate(value);
    case IS_REGEXP:
        return JS_IsRegExp(value);
    case IS_MAP:
        return JS_IsMap(value);
    case IS_SET:
        return JS_IsSet(value);
    case IS_WEAK_MAP:
        return JS_IsWeakMap(value);
    case IS_WEAK_SET:
        return JS_IsWeakSet(value);
    case IS_PROMISE:
        return JS_IsPromise(value);
    case IS_PROXY:
        return JS_IsProxy(value);
    case IS_ARRAY_BUFFER:
        return JS_IsArrayBuffer(value) && mr__kind_of(js, value) != MR__KIND_SHARED_BUFFER;
    case IS_ANY_ARRAY_BUFFER:
        return JS_IsArrayBuffer(value) || mr__kind_of(js, value) == MR__KIND_SHARED_BUFFER;
    case IS_DATA_VIEW:
        return JS_IsDataView(value);
    case IS_TYPED_ARRAY:
        return JS_GetTypedArrayType(value) >= 0;
    case IS_NATIVE_ERROR:
        return JS_IsError(value);
    default:
        return test_kind((enum test)test, mr__kind_of(js, value));
    }
}

static JSValue type_test(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                         int test)
{
    (void)this_val;
    JSValueConst value = argument(argc, argv, 0);
    return JS_NewBool(ctx, JS_IsObject(value) && test_value(mr__js_of(ctx), value, test));
}

/* ---- Installation -----------------------------------------------------------------------------*/

#define TEST(name, test) JS_CFUNC_MAGIC_DEF(name, 1, type_test, test)
#define ARRAY_TEST(name, type) TEST("is" name, IS_ARRAY_OF + JS_TYPED_ARRAY_##type)

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("inspect", 2, inspect),
    JS_CFUNC_DEF("formatWithOptions", 1, format_with_options),
    JS_CFUNC_DEF("getProxyDetails", 1, proxy_details),
    JS_CFUNC_DEF("getPromiseDetails", 1, promise_details),
    JS_CFUNC_DEF("getOwnNonIndexProperties", 2, non_index_properties),
    JS_CFUNC_DEF("previewEntries", 1, preview_entries),
    JS_CFUNC_DEF("getConstructorName", 1, constructor_name),
    TEST("isExternal", IS_EXTERNAL),
    TEST("isDate", IS_DATE),
    TEST("isRegExp", IS_REGEXP),
    TEST("isMap", IS_MAP),
    TEST("isSet", IS_SET),
    TEST("isMapIterator", IS_MAP_ITERATOR),
    TEST("isSetIterator", IS_SET_ITERATOR),
    TEST("isWeakMap", IS_WEAK_MAP),
    TEST("isWeakSet", IS_WEAK_SET),
    TEST("isPromise", IS_PROMISE),
    TEST("isProxy", IS_PROXY),
    TEST("isArrayBuffer", IS_ARRAY_BUFFER),
    TEST("isAnyArrayBuffer", IS_ANY_ARRAY_BUFFER),
    TEST("isSharedArrayBuffer", IS_SHARED_ARRAY_BUFFER),
    TEST("isDataView", IS_DATA_VIEW),
    TEST("isTypedArray", IS_TYPED_ARRAY),
    TEST("isNumberObject", IS_NUMBER_OBJECT),
    TEST("isStringObject", IS_STRING_OBJECT),
    TEST("isBooleanObject", IS_BOOLEAN_OBJECT),
    TEST("isBigIntObject", IS_BIGINT_OBJECT),
    TEST("isSymbolObject", IS_SYMBOL_OBJECT),
    TEST("isBoxedPrimitive", IS_BOXED),
    TEST("isNativeError", IS_NATIVE_ERROR),
    TEST("isGeneratorObject", IS_GENERATOR_OBJECT),
    TEST("isGeneratorFunction", IS_GENERATOR_FUNCTION),
    TEST("isAsyncFunction", IS_ASYNC_FUNCTION),
    TEST("isArgumentsObject", IS_ARGUMENTS),
    TEST("isModuleNamespaceObject", IS_NAMESPACE),
    ARRAY_TEST("Uint8Array", UINT8),
    ARRAY_TEST("Uint8ClampedArray", UINT8C),
    ARRAY_TEST("Uint16Array", UINT16),
    ARRAY_TEST("Uint32Array", UINT32),
    ARRAY_TEST("Int8Array", INT8),
    ARRAY_TEST("Int16Array", INT16),
    ARRAY_TEST("Int32Array", INT32),
    ARRAY_TEST("Float16Array", FLOAT16),
    ARRAY_TEST("Float32Array", FLOAT32),
    ARRAY_TEST("Float64Array", FLOAT64),
    ARRAY_TEST("BigInt64Array", BIG_INT64),
    ARRAY_TEST("BigUint64Array", BIG_UINT64),
};

int mr__js_binding_util(mr_js *js, JSValueConst target)
{
    return JS_SetPropertyFunctionList(js->ctx, target, functions,
                                      sizeof(functions) / sizeof(functions[0]));
}
