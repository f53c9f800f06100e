/* Values and errors between C and script. */
#include "js/bridge.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/text.h"
#include "js/value.h"
#include "js/value_bytes.h"
#include "js/value_cache.h"
#include "js/web_events.h"
#include "loop/extend.h"
#include "promise/door.h"

enum { NESTING_MOST = 500 }; /* arrays in arrays, on the way to a script */

static void release_script(void *object)
{
    mr_js_value_unref(object);
}

static const mr__script_type script_type = {release_script, mr__js_adopt};

static uint64_t key_of(const void *object)
{
    return (uint64_t)(uintptr_t)object;
}

/* ---- holders: objects that keep an mr_value -----------------------------------------------------*/

typedef struct mr__js_held held;

held *mr__js_held_by(const mr_js *js, JSValueConst object)
{
    return JS_GetOpaque(object, js->bridge->holder_class);
}

static void release_held(mr_js *js, held *h)
{
    mr_value_release(h->value);
    js_free_rt(js->rt, h);
}

void mr__js_bridge_release(mr_js *js)
{
    struct mr__js_bridge *bridge = js->bridge;
    if (bridge == NULL || bridge->releasing)
        return;
    bridge->releasing = true;
    mr__js_signals_look(js);
    mr__js_twins_release(js);
    while (bridge->let_go != NULL) {
        held *h = bridge->let_go;
        bridge->let_go = h->next;
        release_held(js, h);
    }
    mr__js_bytes_release(js);
    bridge->releasing = false;
}

static void finalize_holder(JSRuntime *rt, JSValueConst object)
{
    mr_js *js = JS_GetRuntimeOpaque(rt);
    struct mr__js_bridge *bridge = js->bridge;
    held *h = mr__js_held_by(js, object);
    uint64_t of;
    if (h == NULL)
        return;
    if (h->error_object != 0 && mr__idmap_get(&bridge->errors, key_of(h->value.as.pointer), &of) &&
        of == h->error_object)
        mr__idmap_remove(&bridge->errors, key_of(h->value.as.pointer));
    if (bridge->ended) {
        release_held(js, h);
        return;
    }
    h->next = bridge->let_go;
    bridge->let_go = h;
}

static const JSClassDef holder_def = {.class_name = "Object", .finalizer = finalize_holder};

JSValue mr__js_hold(mr_js *js, mr_value value, uint64_t error_object)
{
    JSValue object = JS_NewObjectClass(js->ctx, js->bridge->holder_class);
    held *h = JS_IsException(object) ? NULL : js_malloc(js->ctx, sizeof *h);
    if (h == NULL) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    *h = (held){mr_value_ref(value), error_object, NULL};
    JS_SetOpaque(object, h);
    return object;
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
        if (JS_IsException(item) ||
            JS_DefinePropertyValueUint32(js->ctx, list, (uint32_t)i, item, JS_PROP_C_W_E) < 0) {
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
    return value->kind == MR_VALUE_TEXT ? mr__js_cached_string(js, data, len)
                                        : JS_NewUint8ArrayCopy(js->ctx, data, len);
}

static JSValue from_promise(mr_js *js, mr_promise *promise)
{
    if (promise == NULL || mr_promise_loop(promise) != js->loop)
        return mr__js_throw_code(js->ctx, "TypeError", "MR_EINVAL", "a promise of another loop");
    return mr__js_from_promise(js, promise);
}

/* What may hold values that hold values. */
static JSValue from_nest(mr_js *js, mr_value value)
{
    JSValue made;
    if (js->bridge->nesting == NESTING_MOST)
        return mr__js_throw_code(js->ctx, "RangeError", "MR_ELIMIT", "nested too deeply");
    js->bridge->nesting++;
    if (value.kind == MR_VALUE_ERROR)
        made = mr__js_from_error(js, value.as.pointer);
    else if (value.kind == MR_VALUE_ARRAY)
        made = from_array(js, value);
    else
        made = from_promise(js, value.as.pointer);
    js->bridge->nesting--;
    return made;
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
        return mr__js_from_integer(js, value.as.integer);
    case MR_VALUE_UINT:
        return JS_NewBigUint64(js->ctx, (uint64_t)value.as.integer);
    case MR_VALUE_DOUBLE:
        return JS_NewFloat64(js->ctx, value.as.number);
    case MR_VALUE_BYTES:
    case MR_VALUE_TEXT:
        return from_bytes(js, &value);
    case MR_VALUE_ERROR:
    case MR_VALUE_ARRAY:
    case MR_VALUE_PROMISE:
        return from_nest(js, value);
    case MR_VALUE_SCRIPT:
        return from_script(js, value);
    case MR_VALUE_POINTER:
    case MR_VALUE_CUSTOM:
        break;
    }
    return mr__js_hold(js, value, 0);
}

/* ---- to C -------------------------------------------------------------------------------------*/

mr_status mr__js_script_value_as(mr_js *js, const mr__script_type *type, JSValueConst value,
                                 mr_value *out_value)
{
    mr_js_value *handle = mr__js_value_new(js, JS_DupValue(js->ctx, value));
    if (handle == NULL)
        return MR_ENOMEM;
    mr_status status = mr__value_script(type, handle, out_value);
    if (status != MR_OK)
        mr_js_value_unref(handle);
    return status;
}

mr_status mr__js_script_value(mr_js *js, JSValueConst value, mr_value *out_value)
{
    return mr__js_script_value_as(js, &script_type, value, out_value);
}

static mr_value from_number(double number)
{
    if (trunc(number) == number && fabs(number) <= (double)MR__SAFE_INTEGER &&
        !(number == 0 && signbit(number)))
        return mr_value_int((int64_t)number);
    return mr_value_double(number);
}

static mr_status from_bigint(mr_js *js, JSValueConst value, mr_value *out_value)
{
    uint64_t bits;
    bool negative;
    mr_status status = mr__js_bigint(js, value, &bits, &negative);
    if (status == MR_OK)
        *out_value = negative ? mr_value_int((int64_t)bits) : mr_value_uint(bits);
    return status;
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
    const held *h = mr__js_held_by(js, value);
    if (h != NULL) {
        *out_value = mr_value_ref(h->value);
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
        return mr__js_to_error(js, value, out_value);
    if (mr__js_is_bytes(js, value)) {
        mr_status status = mr__js_bytes_to_value(js, value, out_value);
        if (status != MR_ENOENT) /* detached */
            return status;
    }
    return mr__js_script_value(js, value, out_value);
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
        return mr__js_script_value(js, value, out_value); /* a symbol */
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
    mr__js_bridge_release(js);
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
    mr__js_bridge_release(js);
    return mr__js_made(js, made, out_value);
}

int mr__js_bridge_install(mr_js *js, JSValueConst global)
{
    (void)global;
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
    mr__js_bridge_release(js);
    js->bridge->ended = true;
    JS_FreeValue(js->ctx, js->bridge->private_key);
}

void mr__js_bridge_free(mr_js *js)
{
    if (js->bridge != NULL) {
        mr__idmap_deinit(&js->bridge->errors);
        mr__idmap_deinit(&js->bridge->wrapped);
    }
    mr__free(js->bridge);
}
