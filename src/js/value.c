/* Values between C and JavaScript, and functions of C that JavaScript can call. */
#include "js/value.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/text.h"
#include "js/value_cache.h"

/* ---- Handles ----------------------------------------------------------------------------------*/

mr_js_value *mr__js_value_new(mr_js *js, JSValue value)
{
    mr_js_value *handle = mr__alloc(sizeof(*handle));
    if (handle == NULL) {
        JS_FreeValue(js->ctx, value);
        return NULL;
    }
    *handle = (mr_js_value){.js = js, .value = value, .next = js->values};
    if (js->values != NULL)
        js->values->previous = handle;
    js->values = handle;
    js->value_count++;
    return handle;
}

static JSValue detach(mr_js_value *handle)
{
    JSValue value = handle->value;
    mr_js_value **link = handle->previous ? &handle->previous->next : &handle->js->values;
    *link = handle->next;
    handle->js->value_count--;
    if (handle->next != NULL)
        handle->next->previous = handle->previous;
    *handle = (mr_js_value){.value = JS_UNDEFINED};
    return value;
}

void mr_js_value_unref(mr_js_value *value)
{
    if (value == NULL)
        return;
    mr_js *js = value->js;
    if (js != NULL)
        JS_FreeValue(js->ctx, detach(value));
    mr__free(value);
    if (js != NULL)
        mr__js_bridge_release(js);
}

void mr__js_values_empty(mr_js *js)
{
    while (js->values != NULL)
        JS_FreeValue(js->ctx, detach(js->values));
}

static mr_status give(mr_js *js, JSValue value, mr_js_value **out_value)
{
    mr_js_value *handle = mr__js_value_new(js, value);
    if (handle == NULL)
        return MR_ENOMEM;
    *out_value = handle;
    return MR_OK;
}

/* ---- From C -----------------------------------------------------------------------------------*/

mr_status mr_js_from_string(mr_js *js, const char *text, size_t len_bytes, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK || out_value == NULL || (text == NULL && len_bytes != 0))
        return status != MR_OK ? status : MR_EINVAL;
    return mr__js_made(js, mr__js_cached_string(js, text, len_bytes), out_value);
}

mr_status mr_js_from_double(mr_js *js, double number, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK || out_value == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    return give(js, JS_NewNumber(js->ctx, number), out_value);
}

JSValue mr__js_from_integer(mr_js *js, int64_t integer)
{
    bool safe = integer >= -MR__SAFE_INTEGER && integer <= MR__SAFE_INTEGER;
    return safe && !js->options.always_bigint ? JS_NewInt64(js->ctx, integer)
                                              : JS_NewBigInt64(js->ctx, integer);
}

mr_status mr_js_from_int64(mr_js *js, int64_t number, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK || out_value == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    return mr__js_made(js, mr__js_from_integer(js, number), out_value);
}

mr_status mr_js_from_uint64(mr_js *js, uint64_t number, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK || out_value == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    return mr__js_made(js,
                       number <= INT64_MAX ? mr__js_from_integer(js, (int64_t)number)
                                           : JS_NewBigUint64(js->ctx, number),
                       out_value);
}

mr_status mr_js_from_bool(mr_js *js, bool value, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK || out_value == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    return give(js, JS_NewBool(js->ctx, value), out_value);
}

/* ---- To C -------------------------------------------------------------------------------------*/

static bool belongs(const mr_js *js, const mr_js_value *value)
{
    return value != NULL && value->js == js;
}

static mr_status check_value(mr_js *js, const mr_js_value *value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    return belongs(js, value) ? MR_OK : MR_EINVAL;
}

/* Hand out a text as one owned, terminated block. */
static mr_status give_text(mr__bytes *text, char **out_text, size_t *out_len)
{
    size_t len = text->len;
    mr__bytes_char(text, '\0');
    if (text->failed) {
        mr__bytes_deinit(text);
        return MR_ENOMEM;
    }
    *out_text = text->data;
    if (out_len != NULL)
        *out_len = len;
    return MR_OK;
}

mr_status mr_js_to_string(mr_js *js, mr_js_value *value, char **out_text, size_t *out_len_bytes)
{
    mr_status status = check_value(js, value);
    if (status != MR_OK || out_text == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    mr__bytes text = {0};
    mr__js_enter(js);
    int failed = mr__js_append_text(js->ctx, &text, value->value);
    mr__js_leave(js);
    if (failed) {
        mr__bytes_deinit(&text);
        return mr__js_result(js, JS_EXCEPTION, NULL);
    }
    return give_text(&text, out_text, out_len_bytes);
}

mr_status mr_js_inspect(mr_js *js, mr_js_value *value, char **out_text, size_t *out_len_bytes)
{
    mr_status status = check_value(js, value);
    if (status != MR_OK || out_text == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    mr__bytes text = {0};
    mr__js_enter(js);
    int failed = mr__js_inspect(js, &text, value->value, &mr__inspect_defaults);
    mr__js_leave(js);
    if (failed) {
        mr__bytes_deinit(&text);
        return mr__js_result(js, JS_EXCEPTION, NULL);
    }
    return give_text(&text, out_text, out_len_bytes);
}

mr_status mr_js_to_double(mr_js *js, mr_js_value *value, double *out_number)
{
    mr_status status = check_value(js, value);
    if (status != MR_OK || out_number == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    mr__js_enter(js);
    JSValue number = JS_ToNumber(js->ctx, value->value);
    mr__js_leave(js);
    double result = 0;
    if (JS_IsException(number) || JS_ToFloat64(js->ctx, &result, number) < 0)
        return mr__js_result(js, JS_EXCEPTION, NULL);
    *out_number = result;
    return MR_OK;
}

/* Compared with what the bits convert back to: first as signed, then as unsigned. */
mr_status mr__js_bigint(mr_js *js, JSValueConst value, uint64_t *out_bits, bool *out_negative)
{
    int64_t number;
    if (JS_ToBigInt64(js->ctx, &number, value) < 0)
        return MR_EJS;
    for (int is_unsigned = 0; is_unsigned < 2; is_unsigned++) {
        JSValue back = is_unsigned ? JS_NewBigUint64(js->ctx, (uint64_t)number)
                                   : JS_NewBigInt64(js->ctx, number);
        if (JS_IsException(back))
            return MR_EJS;
        bool same = JS_IsStrictEqual(js->ctx, value, back);
        JS_FreeValue(js->ctx, back);
        if (same) {
            *out_bits = (uint64_t)number;
            *out_negative = !is_unsigned && number < 0;
            return MR_OK;
        }
    }
    return MR_ERANGE;
}

static mr_status integer_of(mr_js *js, mr_js_value *value, uint64_t *out_bits, bool *out_negative)
{
    mr_status status = check_value(js, value);
    if (status != MR_OK)
        return status;
    if (JS_IsBigInt(value->value)) {
        status = mr__js_bigint(js, value->value, out_bits, out_negative);
        return status == MR_EJS ? mr__js_made(js, JS_EXCEPTION, NULL) : status;
    }
    double number;
    status = mr_js_to_double(js, value, &number);
    if (status != MR_OK)
        return status;
    if (!(fabs(number) <= (double)MR__SAFE_INTEGER) || trunc(number) != number ||
        (number == 0 && signbit(number)))
        return MR_ERANGE;
    *out_bits = (uint64_t)(int64_t)number;
    *out_negative = number < 0;
    return MR_OK;
}

mr_status mr_js_to_int64(mr_js *js, mr_js_value *value, int64_t *out_number)
{
    uint64_t bits;
    bool negative;
    if (out_number == NULL)
        return MR_EINVAL;
    mr_status status = integer_of(js, value, &bits, &negative);
    if (status == MR_OK && !negative && bits > INT64_MAX)
        status = MR_ERANGE;
    if (status == MR_OK)
        *out_number = (int64_t)bits;
    return status;
}

mr_status mr_js_to_uint64(mr_js *js, mr_js_value *value, uint64_t *out_number)
{
    uint64_t bits;
    bool negative;
    if (out_number == NULL)
        return MR_EINVAL;
    mr_status status = integer_of(js, value, &bits, &negative);
    if (status == MR_OK && negative)
        status = MR_ERANGE;
    if (status == MR_OK)
        *out_number = bits;
    return status;
}

void mr_js_free(void *text)
{
    mr__free(text);
}

/* ---- Properties -------------------------------------------------------------------------------*/

/* The object, or the global object for NULL; owned. */
static JSValue object_of(mr_js *js, const mr_js_value *object)
{
    return object ? JS_DupValue(js->ctx, object->value) : JS_GetGlobalObject(js->ctx);
}

mr_status mr_js_get(mr_js *js, mr_js_value *object, const char *name, mr_js_value **out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (name == NULL || out_value == NULL || (object != NULL && !belongs(js, object)))
        return MR_EINVAL;
    JSValue target = object_of(js, object);
    mr__js_enter(js);
    JSAtom atom = mr__js_cached_atom(js, name, strlen(name));
    JSValue value = atom == JS_ATOM_NULL ? JS_EXCEPTION : JS_GetProperty(js->ctx, target, atom);
    JS_FreeAtom(js->ctx, atom);
    mr__js_leave(js);
    JS_FreeValue(js->ctx, target);
    return mr__js_result(js, value, out_value);
}

mr_status mr_js_set(mr_js *js, mr_js_value *object, const char *name, mr_js_value *value)
{
    mr_status status = check_value(js, value);
    if (status != MR_OK)
        return status;
    if (name == NULL || (object != NULL && !belongs(js, object)))
        return MR_EINVAL;
    JSValue target = object_of(js, object);
    mr__js_enter(js);
    JSAtom atom = mr__js_cached_atom(js, name, strlen(name));
    int done = atom == JS_ATOM_NULL
                   ? -1
                   : JS_SetProperty(js->ctx, target, atom, JS_DupValue(js->ctx, value->value));
    JS_FreeAtom(js->ctx, atom);
    mr__js_leave(js);
    JS_FreeValue(js->ctx, target);
    return mr__js_result(js, done < 0 ? JS_EXCEPTION : JS_UNDEFINED, NULL);
}

/* ---- Functions of C ---------------------------------------------------------------------------*/

enum { INLINE_ARGS = 8 };

struct c_function {
    mr_js *js;
    mr_js_function_fn *fn;
    void *arg;
};

/* Borrowed arguments, as handles for the length of the call. */
struct c_args {
    size_t count;
    mr_js_value **list;
    mr_js_value *few[INLINE_ARGS];
};

static void free_args(struct c_args *args)
{
    for (size_t i = 0; i < args->count; i++)
        mr_js_value_unref(args->list[i]);
    if (args->list != args->few)
        mr__free(args->list);
}

static bool make_args(mr_js *js, struct c_args *args, int argc, JSValueConst *argv)
{
    args->count = 0;
    args->list = args->few;
    if (argc > INLINE_ARGS)
        args->list = mr__alloc((size_t)argc * sizeof(*args->list));
    for (int i = 0; args->list != NULL && i < argc; i++) {
        mr_js_value *handle = mr__js_value_new(js, JS_DupValue(js->ctx, argv[i]));
        if (handle == NULL) {
            free_args(args);
            return false;
        }
        args->list[args->count++] = handle;
    }
    return args->list != NULL;
}

JSValue mr__js_throw_status(mr_js *js, mr_status status)
{
    if (status == MR_EJS && js->failed) {
        JSValue thrown = js->failure;
        js->failure = JS_UNDEFINED;
        js->failed = false;
        return JS_Throw(js->ctx, thrown);
    }
    return mr__js_throw_code(js->ctx, mr_status_js_class(status), mr_status_name(status), "%s",
                             mr_status_text(status));
}

static JSValue call_c_function(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int magic, void *opaque)
{
    (void)this_val, (void)magic;
    const struct c_function *function = opaque;
    mr_js *js = function->js;
    MR__JS_GATE(js);
    struct c_args args;
    if (!make_args(js, &args, argc, argv))
        return JS_ThrowOutOfMemory(ctx);
    mr_js_value *result = NULL;
    mr_status status = function->fn(js, (size_t)argc, args.list, function->arg, &result);
    JSValue value = JS_UNDEFINED;
    if (js->gone || js->limits.ending != MR__JS_END_NOT)
        value = mr__js_throw_exit(js);
    else if (status != MR_OK)
        value = mr__js_throw_status(js, status);
    else if (belongs(js, result))
        value = JS_DupValue(ctx, result->value);
    mr_js_value_unref(result);
    free_args(&args);
    return value;
}

mr_status mr_js_function_create(mr_js *js, const char *name, mr_js_function_fn *fn, void *arg,
                                mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK)
        return status;
    if (fn == NULL || out_value == NULL)
        return MR_EINVAL;
    struct c_function *function = mr__alloc(sizeof(*function));
    if (function == NULL)
        return MR_ENOMEM;
    *function = (struct c_function){js, fn, arg};
    /* Without a name, a failure here means that the closure did not take the record. */
    JSValue value = JS_NewCClosure(js->ctx, call_c_function, NULL, mr__free, 0, 0, function);
    if (JS_IsException(value)) {
        mr__free(function);
    } else if (name != NULL &&
               JS_DefinePropertyValueStr(js->ctx, value, "name", JS_NewString(js->ctx, name),
                                         JS_PROP_CONFIGURABLE) < 0) {
        JS_FreeValue(js->ctx, value);
        value = JS_EXCEPTION;
    }
    return mr__js_made(js, value, out_value);
}
