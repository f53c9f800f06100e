/* Values and errors between C and script. */
#include "js/bridge.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/encoding.h"
#include "js/gate.h"
#include "js/text.h"
#include "js/value.h"
#include "loop/extend.h"
#include "promise/door.h"

static const int64_t safe_integer = (INT64_C(1) << 53) - 1;

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

/* What an object holds. The engine finalizes objects amid a collection, when nothing else may be freed
 * and no function of the program may run; so what is let go then waits on a list of the bridge. */
typedef struct mr__js_held {
    mr_value value;
    uint64_t error_object; /* that this is the holder of; 0: none */
    struct mr__js_held *next;
} held;

static held *held_by(const mr_js *js, JSValueConst object)
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
    while (bridge->let_go != NULL) {
        held *h = bridge->let_go;
        bridge->let_go = h->next;
        release_held(js, h);
    }
    bridge->releasing = false;
}

static void finalize_holder(JSRuntime *rt, JSValueConst object)
{
    mr_js *js = JS_GetRuntimeOpaque(rt);
    struct mr__js_bridge *bridge = js->bridge;
    held *h = held_by(js, object);
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

static JSValue hold(mr_js *js, mr_value value, uint64_t error_object)
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

/* ---- errors to script -------------------------------------------------------------------------*/

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
        if (JS_IsException(item) ||
            JS_DefinePropertyValueUint32(js->ctx, list, (uint32_t)i, item, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(js->ctx, list);
            return JS_EXCEPTION;
        }
    }
    return list;
}

/* Tie the object to its error: the object holds the error, the error finds the object. */
static int tie(mr_js *js, JSValueConst object, mr_error *error)
{
    uint64_t address = key_of(JS_VALUE_GET_PTR(object));
    JSValue holder = hold(js, mr_value_error(error), address);
    if (JS_IsException(holder))
        return -1;
    if (!mr__idmap_put(&js->bridge->errors, key_of(error), address)) {
        JS_FreeValue(js->ctx, holder);
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    JSAtom key = JS_ValueToAtom(js->ctx, js->bridge->private_key);
    int done = JS_DefinePropertyValue(js->ctx, object, key, holder, 0);
    JS_FreeAtom(js->ctx, key);
    return done < 0 ? -1 : 0;
}

/* cause, undefined for none, passes. */
static JSValue make_error(mr_js *js, mr_error *error, JSValue cause)
{
    JSValue object = new_error(js, error);
    if (!JS_IsObject(object)) {
        JS_FreeValue(js->ctx, cause);
        return object;
    }
    if ((!JS_IsUndefined(cause) && define(js, object, "cause", cause) < 0) ||
        (mr_error_code(error) == MR_EAGGREGATE &&
         define(js, object, "errors", members_of(js, error)) < 0) ||
        tie(js, object, error) < 0) {
        JS_FreeValue(js->ctx, object);
        return JS_EXCEPTION;
    }
    return object;
}

/* The object that an error has, owned; else undefined. */
static JSValue known_object(mr_js *js, const mr_error *error)
{
    uint64_t object;
    const mr_js_value *origin = mr__value_script_object(mr__error_origin(error));
    if (origin != NULL && origin->js == js)
        return JS_DupValue(js->ctx, origin->value);
    if (mr__idmap_get(&js->bridge->errors, key_of(error), &object))
        return JS_DupValue(js->ctx, JS_MKPTR(JS_TAG_OBJECT, (void *)(uintptr_t)object));
    return JS_UNDEFINED;
}

/* From the innermost cause outwards: a chain of causes may be long. */
static JSValue from_error(mr_js *js, mr_error *error)
{
    JSValue object = known_object(js, error);
    if (!JS_IsUndefined(object))
        return object;
    size_t n = 0;
    for (mr_error *at = error; at != NULL && JS_IsUndefined(object); n++) {
        at = mr_error_cause(at);
        if (at != NULL)
            object = known_object(js, at);
    }
    mr_error **chain = mr__alloc(n * sizeof(mr_error *));
    if (chain == NULL) {
        JS_FreeValue(js->ctx, object);
        return JS_ThrowOutOfMemory(js->ctx);
    }
    for (size_t i = 0; i < n; i++, error = mr_error_cause(error))
        chain[i] = error;
    while (n > 0 && !JS_IsException(object))
        object = make_error(js, chain[--n], object);
    mr__free(chain);
    return object;
}

/* ---- errors to C ------------------------------------------------------------------------------*/

/* Errors of a script that an error of C is being made of, the outermost last. */
struct mr__js_wrapping {
    JSValueConst object;
    const struct mr__js_wrapping *outer;
    unsigned depth;
};

enum { CAUSES_MOST = 64, MEMBERS_MOST = 1 << 20, AGGREGATES_MOST = 32 };

static void release_origin(void *object)
{
    mr_js_value *handle = object;
    if (handle->js != NULL)
        mr__idmap_remove(&handle->js->bridge->wrapped, key_of(JS_VALUE_GET_PTR(handle->value)));
    mr_js_value_unref(handle);
}

static const mr__script_type origin_type = {release_origin, mr__js_adopt};

/* The status that `code` of a script's error names; `other` for none. */
static mr_status code_named(const char *name, mr_status other)
{
#define ROW(code, number, js_class, sentence)                                                      \
    if (name != NULL && strcmp(name, "MR_" #code) == 0)                                            \
        return number;
    MR_STATUS_LIST(ROW)
#undef ROW
    return other;
}

/* A property; what a getter throws is dropped. */
static JSValue read(mr_js *js, JSValueConst object, const char *name)
{
    JSValue value = JS_GetPropertyStr(js->ctx, object, name);
    if (!JS_IsException(value))
        return value;
    JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return JS_UNDEFINED;
}

/* A property as text up to a zero; nothing for what is no string. */
static void read_text(mr_js *js, JSValueConst object, const char *name, mr__bytes *out)
{
    JSValue value = read(js, object, name);
    if (JS_IsString(value) && mr__js_append_text(js->ctx, out, value) < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, value);
}

/* So it cannot be wrapped now; nor can what is too deep inside. */
static bool is_being_wrapped(const mr_js *js, JSValueConst object)
{
    const struct mr__js_wrapping *at = js->bridge->wrapping;
    if (at != NULL && at->depth == AGGREGATES_MOST)
        return true;
    while (at != NULL && JS_VALUE_GET_PTR(at->object) != JS_VALUE_GET_PTR(object))
        at = at->outer;
    return at != NULL;
}

static mr_status script_value_as(mr_js *js, const mr__script_type *type, JSValueConst value,
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

/* Let the error find its object, and the object its error. */
static mr_status set_origin(mr_js *js, mr_error *error, JSValueConst object)
{
    mr_value origin;
    if (!mr__idmap_put(&js->bridge->wrapped, key_of(JS_VALUE_GET_PTR(object)), key_of(error)))
        return MR_ENOMEM;
    mr_status status = script_value_as(js, &origin_type, object, &origin);
    if (status == MR_OK)
        mr__error_set_origin(error, origin);
    else
        mr__idmap_remove(&js->bridge->wrapped, key_of(JS_VALUE_GET_PTR(object)));
    return status;
}

/* The reasons of an AggregateError. */
struct members {
    mr_value *items;
    size_t n;
    bool exist; /* there may be none of them */
};

static void free_members(struct members *members)
{
    while (members->n > 0)
        mr_value_release(members->items[--members->n]);
    mr__free(members->items);
}

static mr_status read_member(mr_js *js, JSValueConst list, size_t index, mr_value *out_member)
{
    JSValue item = JS_GetPropertyUint32(js->ctx, list, (uint32_t)index);
    if (JS_IsException(item)) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        item = JS_UNDEFINED;
    }
    mr_status status = mr__js_to_value(js, item, out_member);
    if (status == MR_EJS)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    if (status == MR_ERANGE) /* a BigInt too large for C: as it is */
        status = script_value_as(js, &script_type, item, out_member);
    JS_FreeValue(js->ctx, item);
    return status;
}

static mr_status read_list(mr_js *js, JSValueConst list, struct members *members)
{
    int64_t length;
    mr_status status = MR_OK;
    if (JS_GetLength(js->ctx, list, &length) < 0) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        return MR_OK;
    }
    members->exist = true;
    if (length == 0 || length > MEMBERS_MOST)
        return MR_OK;
    members->items = mr__alloc((size_t)length * sizeof(mr_value));
    if (members->items == NULL)
        return MR_ENOMEM;
    while (status == MR_OK && members->n < (size_t)length) {
        status = read_member(js, list, members->n, &members->items[members->n]);
        members->n += status == MR_OK;
    }
    return status;
}

static mr_status read_members(mr_js *js, JSValueConst object, struct members *members)
{
    JSValue list = read(js, object, "errors");
    mr_status status = JS_IsArray(list) ? read_list(js, list, members) : MR_OK;
    JS_FreeValue(js->ctx, list);
    return status;
}

/* What a script's error says, as an error of C with the cause that was made for it. */
static mr_status copy_error(mr_js *js, JSValueConst object, mr_error *cause, mr_error **out_error)
{
    mr__bytes message = {0}, code = {0};
    struct members members = {0};
    read_text(js, object, "message", &message);
    read_text(js, object, "code", &code);
    mr_status status = read_members(js, object, &members);
    const mr_error_spec spec = {
        .size_bytes = sizeof spec,
        .code = code_named(mr__bytes_cstr(&code), members.exist ? MR_EAGGREGATE : MR_EJS),
        .message = mr__bytes_cstr(&message),
        .cause = cause,
        .members = members.items,
        .member_n = members.n};
    if (message.failed || code.failed)
        status = MR_ENOMEM;
    if (status == MR_OK)
        status = mr_error_create(&spec, out_error);
    free_members(&members);
    mr__bytes_deinit(&message);
    mr__bytes_deinit(&code);
    return status;
}

static mr_status wrap_one(mr_js *js, JSValueConst object, mr_error *cause, mr_error **out_error)
{
    const struct mr__js_wrapping *outer = js->bridge->wrapping;
    const struct mr__js_wrapping here = {object, outer, outer == NULL ? 1 : outer->depth + 1};
    mr_error *error;
    js->bridge->wrapping = &here;
    mr_status status = copy_error(js, object, cause, &error);
    js->bridge->wrapping = outer;
    if (status != MR_OK)
        return status;
    status = set_origin(js, error, object);
    if (status == MR_OK)
        *out_error = error;
    else
        mr_error_unref(error);
    return status;
}

/* The error that an object has, owned, or NULL. */
static mr_error *known_error(mr_js *js, JSValueConst object)
{
    JSPropertyDescriptor found;
    uint64_t wrapped;
    if (mr__idmap_get(&js->bridge->wrapped, key_of(JS_VALUE_GET_PTR(object)), &wrapped))
        return mr__error_ref_living((mr_error *)(uintptr_t)wrapped);
    JSAtom key = JS_ValueToAtom(js->ctx, js->bridge->private_key);
    mr_error *error = NULL;
    int has = JS_GetOwnProperty(js->ctx, &found, object, key);
    JS_FreeAtom(js->ctx, key);
    if (has < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    if (has <= 0)
        return NULL;
    const held *h = held_by(js, found.value);
    if (h != NULL)
        error = mr_error_ref(h->value.as.pointer);
    JS_FreeValue(js->ctx, found.value);
    JS_FreeValue(js->ctx, found.getter);
    JS_FreeValue(js->ctx, found.setter);
    return error;
}

/* The errors behind object that have none of C yet, itself first; *out_cause is that of the last. */
static size_t read_causes(mr_js *js, JSValueConst object, JSValue *chain, mr_error **out_cause)
{
    size_t n = 0;
    JSValue at = JS_DupValue(js->ctx, object);
    *out_cause = NULL;
    while (n < CAUSES_MOST && JS_IsError(at) && !is_being_wrapped(js, at)) {
        for (size_t i = 0; i < n; i++) {
            if (JS_VALUE_GET_PTR(chain[i]) == JS_VALUE_GET_PTR(at)) {
                JS_FreeValue(js->ctx, at);
                return n;
            }
        }
        *out_cause = n == 0 ? NULL : known_error(js, at);
        if (*out_cause != NULL)
            break;
        chain[n++] = at;
        at = read(js, at, "cause");
    }
    JS_FreeValue(js->ctx, at);
    return n;
}

static mr_status wrap_error(mr_js *js, JSValueConst object, mr_value *out_value)
{
    JSValue chain[CAUSES_MOST];
    mr_error *error;
    mr_status status = MR_OK;
    size_t n = read_causes(js, object, chain, &error);
    while (n > 0) {
        mr_error *cause = error;
        n--;
        if (status == MR_OK)
            status = wrap_one(js, chain[n], cause, &error);
        if (status == MR_OK)
            mr_error_unref(cause);
        JS_FreeValue(js->ctx, chain[n]);
    }
    if (status == MR_OK)
        *out_value = mr_value_error(error);
    else
        mr_error_unref(error); /* what was made of its causes */
    return status;
}

static mr_status to_error(mr_js *js, JSValueConst object, mr_value *out_value)
{
    mr_error *error = known_error(js, object);
    if (error != NULL) {
        *out_value = mr_value_error(error);
        return MR_OK;
    }
    return is_being_wrapped(js, object) ? script_value_as(js, &script_type, object, out_value)
                                        : wrap_error(js, object, out_value);
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
    return value->kind == MR_VALUE_TEXT ? mr__js_decode(js->ctx, data, len, MR__ENCODING_UTF8)
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
        made = from_error(js, value.as.pointer);
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
        return value.as.integer >= -safe_integer && value.as.integer <= safe_integer
                   ? JS_NewInt64(js->ctx, value.as.integer)
                   : JS_NewBigInt64(js->ctx, value.as.integer);
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
    return hold(js, value, 0);
}

/* ---- to C -------------------------------------------------------------------------------------*/

static mr_status script_value(mr_js *js, JSValueConst value, mr_value *out_value)
{
    return script_value_as(js, &script_type, value, out_value);
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
    const held *h = held_by(js, value);
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
        return to_error(js, value, out_value);
    if (JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8) {
        size_t len;
        const uint8_t *data = JS_GetUint8Array(js->ctx, &len, value);
        if (data != NULL || !JS_HasException(js->ctx))
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
