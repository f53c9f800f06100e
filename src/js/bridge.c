/* Values and errors between C and script. */
#include "js/bridge.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/text.h"
#include "js/value.h"
#include "loop/extend.h"
#include "promise/door.h"

static const int64_t safe_integer = (INT64_C(1) << 53) - 1;

static mr_value *held_by(const mr_js *js, JSValueConst object)
{
    return JS_GetOpaque(object, js->bridge->holder_class);
}

static uint64_t key_of(const void *object)
{
    return (uint64_t)(uintptr_t)object;
}

/* ---- holders: objects that keep an mr_value -----------------------------------------------------*/

static void finalize_holder(JSRuntime *rt, JSValueConst object)
{
    mr_js *js = JS_GetRuntimeOpaque(rt);
    mr_value *value = held_by(js, object);
    if (value == NULL)
        return;
    if (value->kind == MR_VALUE_ERROR)
        mr__idmap_remove(&js->bridge->errors, key_of(value->as.pointer));
    mr_value_release(*value);
    js_free_rt(rt, value);
}

static const JSClassDef holder_def = {.class_name = "Object", .finalizer = finalize_holder};

static JSValue hold(mr_js *js, mr_value value)
{
    JSValue object = JS_NewObjectClass(js->ctx, js->bridge->holder_class);
    mr_value *held = JS_IsException(object) ? NULL : js_malloc(js->ctx, sizeof *held);
    if (held == NULL) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    *held = mr_value_ref(value);
    JS_SetOpaque(object, held);
    return object;
}

/* ---- errors -----------------------------------------------------------------------------------*/

static int define(mr_js *js, JSValueConst object, const char *name, JSValue value)
{
    return JS_IsException(value)
               ? -1
               : JS_DefinePropertyValueStr(js->ctx, object, name, value,
                                           JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

static JSValue new_error(mr_js *js, const mr_error *error)
{
    const char *name = mr_status_name(mr_error_code(error));
    const char *js_class = mr_status_js_class(mr_error_code(error));
    mr__js_throw_code(js->ctx, js_class, name, "%s", mr_error_message(error));
    return JS_GetException(js->ctx);
}

static JSValue members_of(mr_js *js, const mr_error *error)
{
    JSValue list = JS_NewArray(js->ctx);
    for (size_t i = 0; !JS_IsException(list) && i < mr_error_member_count(error); i++) {
        JSValue item = mr__js_from_value(js, mr_error_member_at(error, i));
        if (JS_IsException(item) || JS_SetPropertyUint32(js->ctx, list, (uint32_t)i, item) < 0) {
            JS_FreeValue(js->ctx, list);
            return JS_EXCEPTION;
        }
    }
    return list;
}

/* Tie the object to its error: the object holds the error, the error finds the object. */
static int tie(mr_js *js, JSValueConst object, mr_error *error)
{
    mr_value value = mr_value_error(error);
    JSValue holder = hold(js, value);
    if (JS_IsException(holder))
        return -1;
    JSAtom key = JS_ValueToAtom(js->ctx, js->bridge->private_key);
    int done = JS_DefinePropertyValue(js->ctx, object, key, holder, 0);
    JS_FreeAtom(js->ctx, key);
    if (done < 0)
        return -1;
    mr__idmap_put(&js->bridge->errors, key_of(error), key_of(JS_VALUE_GET_PTR(object)));
    return 0;
}

static JSValue make_error(mr_js *js, mr_error *error)
{
    JSValue object = new_error(js, error);
    mr_error *cause = mr_error_cause(error);
    if (!JS_IsObject(object))
        return object;
    if ((cause != NULL &&
         define(js, object, "cause", mr__js_from_value(js, mr_value_error(cause))) < 0) ||
        (mr_error_code(error) == MR_EAGGREGATE &&
         define(js, object, "errors", members_of(js, error)) < 0) ||
        tie(js, object, error) < 0) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    return object;
}

static JSValue from_error(mr_js *js, mr_error *error)
{
    uint64_t object;
    const mr_js_value *origin = mr__value_script_object(mr__error_origin(error));
    if (origin != NULL && origin->js == js)
        return JS_DupValue(js->ctx, origin->value);
    if (mr__idmap_get(&js->bridge->errors, key_of(error), &object))
        return JS_DupValue(js->ctx, JS_MKPTR(JS_TAG_OBJECT, (void *)(uintptr_t)object));
    return make_error(js, error);
}

/* The status that `code` of a script's error names; MR_EJS otherwise. */
static mr_status code_named(const char *name)
{
#define ROW(code, number, js_class, sentence)                                                      \
    if (strcmp(name, "MR_" #code) == 0)                                                            \
        return number;
    MR_STATUS_LIST(ROW)
#undef ROW
    return MR_EJS;
}

/* A property as text, or NULL; what a getter throws is dropped. */
static const char *text_of(mr_js *js, JSValueConst object, const char *name)
{
    JSValue value = JS_GetPropertyStr(js->ctx, object, name);
    const char *text = JS_IsString(value) ? JS_ToCString(js->ctx, value) : NULL;
    if (JS_IsException(value))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, value);
    return text;
}

static mr_status script_value(mr_js *js, JSValueConst value, mr_value *out_value);

static mr_status wrap_error(mr_js *js, JSValueConst value, mr_value *out_value)
{
    const char *message = text_of(js, value, "message"), *code = text_of(js, value, "code");
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = code != NULL ? code_named(code) : MR_EJS,
                                .message = message != NULL ? message : ""};
    mr_error *error;
    mr_value origin;
    mr_status status = script_value(js, value, &origin);
    if (status == MR_OK) {
        status = mr_error_create(&spec, &error);
        if (status == MR_OK)
            mr__error_set_origin(error, origin);
        else
            mr_value_release(origin);
    }
    JS_FreeCString(js->ctx, message);
    JS_FreeCString(js->ctx, code);
    if (status == MR_OK)
        *out_value = mr_value_error(error);
    return status;
}

static mr_status to_error(mr_js *js, JSValueConst object, mr_value *out_value)
{
    JSAtom key = JS_ValueToAtom(js->ctx, js->bridge->private_key);
    JSValue holder = JS_GetProperty(js->ctx, object, key);
    JS_FreeAtom(js->ctx, key);
    const mr_value *held = JS_IsObject(holder) ? held_by(js, holder) : NULL;
    mr_status status = MR_OK;
    if (held != NULL)
        *out_value = mr_value_ref(*held);
    else
        status = wrap_error(js, object, out_value);
    JS_FreeValue(js->ctx, holder);
    return status;
}

/* ---- to script --------------------------------------------------------------------------------*/

static JSValue from_settlement(mr_js *js, mr_value result, size_t index)
{
    mr_promise_state state = MR_PROMISE_PENDING;
    mr_value value = {0};
    (void)mr_settled_at(result, index, &state, &value);
    bool fulfilled = state == MR_PROMISE_FULFILLED;
    JSValue object = JS_NewObject(js->ctx);
    JSValue status = JS_NewString(js->ctx, fulfilled ? "fulfilled" : "rejected");
    JSValue item = mr__js_from_value(js, value);
    if (JS_IsException(object) || JS_IsException(status) || JS_IsException(item)) {
        JS_FreeValue(js->ctx, object);
        JS_FreeValue(js->ctx, status);
        JS_FreeValue(js->ctx, item);
        return JS_EXCEPTION;
    }
    if (JS_DefinePropertyValueStr(js->ctx, object, "status", status, JS_PROP_C_W_E) < 0) {
        JS_FreeValue(js->ctx, item);
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    if (JS_DefinePropertyValueStr(js->ctx, object, fulfilled ? "value" : "reason", item,
                                  JS_PROP_C_W_E) < 0) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    return object;
}

static JSValue from_array(mr_js *js, mr_value value)
{
    size_t n;
    const mr_value *items = mr_value_as_array(value, &n);
    bool settlements = n != 0 && mr_settled_at(value, 0, NULL, NULL) == MR_OK;
    JSValue list = JS_NewArray(js->ctx);
    for (size_t i = 0; !JS_IsException(list) && i < (settlements ? n / 2 : n); i++) {
        JSValue item =
            settlements ? from_settlement(js, value, i) : mr__js_from_value(js, items[i]);
        if (JS_IsException(item) || JS_SetPropertyUint32(js->ctx, list, (uint32_t)i, item) < 0) {
            JS_FreeValue(js->ctx, list);
            return JS_EXCEPTION;
        }
    }
    return list;
}

static JSValue from_script(mr_js *js, mr_value value)
{
    const mr_js_value *handle = mr__value_script_object(value);
    return handle->js == js ? JS_DupValue(js->ctx, handle->value) : JS_UNDEFINED;
}

static JSValue from_bytes(mr_js *js, const mr_value *value)
{
    size_t len = 0;
    const void *data = mr_value_as_bytes(value, &len);
    return value->kind == MR_VALUE_TEXT ? JS_NewStringLen(js->ctx, data, len)
                                        : JS_NewUint8ArrayCopy(js->ctx, data, len);
}

JSValue mr__js_from_value(mr_js *js, mr_value value)
{
    switch ((mr_value_kind)value.kind) {
    case MR_VALUE_UNDEFINED:
        return JS_UNDEFINED;
    case MR_VALUE_NULL:
        return JS_NULL;
    case MR_VALUE_BOOL:
        return JS_NewBool(js->ctx, value.as.boolean);
    case MR_VALUE_INT:
        return value.as.integer >= -safe_integer && value.as.integer <= safe_integer
                   ? JS_NewInt64(js->ctx, value.as.integer)
                   : JS_NewBigInt64(js->ctx, value.as.integer);
    case MR_VALUE_DOUBLE:
        return JS_NewFloat64(js->ctx, value.as.number);
    case MR_VALUE_BYTES:
    case MR_VALUE_TEXT:
        return from_bytes(js, &value);
    case MR_VALUE_ERROR:
        return from_error(js, value.as.pointer);
    case MR_VALUE_ARRAY:
        return from_array(js, value);
    case MR_VALUE_PROMISE:
        return mr__js_from_promise(js, value.as.pointer);
    case MR_VALUE_SCRIPT:
        return from_script(js, value);
    case MR_VALUE_POINTER:
    case MR_VALUE_CUSTOM:
        break;
    }
    return hold(js, value);
}

/* ---- to C -------------------------------------------------------------------------------------*/

static void release_script(void *object)
{
    mr_js_value_unref(object);
}

static const mr__script_type script_type = {release_script, mr__js_adopt};

static mr_status script_value(mr_js *js, JSValueConst value, mr_value *out_value)
{
    mr_js_value *handle = mr__js_value_new(js, JS_DupValue(js->ctx, value));
    if (handle == NULL)
        return MR_ENOMEM;
    mr_status status = mr__value_script(&script_type, handle, out_value);
    if (status != MR_OK)
        mr_js_value_unref(handle);
    return status;
}

static mr_value from_number(double number)
{
    if (trunc(number) == number && fabs(number) <= (double)safe_integer &&
        !(number == 0 && signbit(number)))
        return mr_value_int((int64_t)number);
    return mr_value_double(number);
}

static mr_status from_bigint(mr_js *js, JSValueConst value, mr_value *out_value)
{
    int64_t integer;
    if (JS_ToBigInt64(js->ctx, &integer, value) < 0)
        return MR_EJS;
    JSValue back = JS_NewBigInt64(js->ctx, integer);
    bool same = !JS_IsException(back) && JS_IsStrictEqual(js->ctx, value, back);
    JS_FreeValue(js->ctx, back);
    if (!same)
        return MR_ERANGE;
    *out_value = mr_value_int(integer);
    return MR_OK;
}

static mr_status from_string(mr_js *js, JSValueConst value, mr_value *out_value)
{
    mr__bytes text = {0};
    mr_status status = MR_EJS;
    if (mr__js_append_text(js->ctx, &text, value) == 0)
        status = text.failed ? MR_ENOMEM : mr_value_text(text.data, text.len, out_value);
    mr__bytes_deinit(&text);
    return status;
}

static mr_status from_object(mr_js *js, JSValueConst value, mr_value *out_value)
{
    const mr_value *held = held_by(js, value);
    if (held != NULL) {
        *out_value = mr_value_ref(*held);
        return MR_OK;
    }
    if (JS_IsPromise(value)) {
        mr_promise *promise;
        mr_status status = mr__js_to_promise(js, value, &promise);
        if (status == MR_OK)
            *out_value = mr_value_promise(promise);
        return status;
    }
    if (JS_IsError(value))
        return to_error(js, value, out_value);
    if (JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8) {
        size_t len;
        const uint8_t *data = JS_GetUint8Array(js->ctx, &len, value);
        if (data != NULL)
            return mr_value_bytes(data, len, out_value);
        JS_FreeValue(js->ctx, JS_GetException(js->ctx)); /* detached */
    }
    return script_value(js, value, out_value);
}

mr_status mr__js_to_value(mr_js *js, JSValueConst value, mr_value *out_value)
{
    double number;
    if (JS_IsUndefined(value)) {
        *out_value = mr_value_undefined();
    } else if (JS_IsNull(value)) {
        *out_value = mr_value_null();
    } else if (JS_IsBool(value)) {
        *out_value = mr_value_bool(JS_ToBool(js->ctx, value) > 0);
    } else if (JS_IsNumber(value)) {
        (void)JS_ToFloat64(js->ctx, &number, value);
        *out_value = from_number(number);
    } else if (JS_IsBigInt(value)) {
        return from_bigint(js, value, out_value);
    } else if (JS_IsString(value)) {
        return from_string(js, value, out_value);
    } else if (JS_IsObject(value)) {
        return from_object(js, value, out_value);
    } else {
        return script_value(js, value, out_value); /* a symbol */
    }
    return MR_OK;
}

/* ---- the calls --------------------------------------------------------------------------------*/

mr_status mr_js_to_value(mr_js *js, mr_js_value *value, mr_value *out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (value == NULL || value->js != js || out_value == NULL)
        return MR_EINVAL;
    mr__js_enter(js);
    status = mr__js_to_value(js, value->value, out_value);
    mr__js_leave(js);
    return status == MR_EJS ? mr__js_result(js, JS_EXCEPTION, NULL) : status;
}

mr_status mr_js_from_value(mr_js *js, mr_value value, mr_js_value **out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (out_value == NULL ||
        (value.kind == MR_VALUE_PROMISE &&
         (value.as.pointer == NULL || mr_promise_loop(value.as.pointer) != js->loop)))
        return MR_EINVAL;
    mr__js_enter(js);
    JSValue made = mr__js_from_value(js, value);
    mr__js_leave(js);
    return mr__js_result(js, made, out_value);
}

int mr__js_bridge_install(mr_js *js)
{
    js->bridge = mr__alloc_zero(sizeof *js->bridge);
    if (js->bridge == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->bridge->private_key = JS_NewPrivateSymbol(js->ctx, "millrace");
    if (JS_IsException(js->bridge->private_key))
        return -1;
    JS_NewClassID(js->rt, &js->bridge->holder_class);
    return JS_NewClass(js->rt, js->bridge->holder_class, &holder_def);
}

void mr__js_bridge_destroy(mr_js *js)
{
    if (js->bridge == NULL)
        return;
    mr__js_pairs_destroy(js);
    JS_FreeValue(js->ctx, js->bridge->private_key);
}

void mr__js_bridge_free(mr_js *js)
{
    if (js->bridge != NULL)
        mr__idmap_deinit(&js->bridge->errors);
    mr__free(js->bridge);
}
