/* Errors between C and script. An error and what was made of it find each other, so each comes back as
 * itself. */
#include "js/bridge.h"

#include <string.h>

#include "base/memory.h"
#include "js/text.h"
#include "js/value.h"
#include "promise/door.h"

static uint64_t key_of(const void *object)
{
    return (uint64_t)(uintptr_t)object;
}

/* ---- to script -------------------------------------------------------------------------*/

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
    JSValue holder = mr__js_hold(js, mr_value_error(error), address);
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
JSValue mr__js_from_error(mr_js *js, mr_error *error)
{
    const mr_js_value *thrown = mr__value_script_object(mr__error_origin(error));
    if (thrown != NULL && thrown->js == js) /* which undefined may be */
        return JS_DupValue(js->ctx, thrown->value);
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

/* ---- to C ------------------------------------------------------------------------------*/

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

/* The reasons that an AbortSignal makes have names; a number is their code. */
static mr_status code_of_abort(const char *name)
{
    if (strcmp(name, "AbortError") == 0)
        return MR_EABORT;
    return strcmp(name, "TimeoutError") == 0 ? MR_ETIMEDOUT : MR_EJS;
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

/* Let the error find its object, and the object its error. */
static mr_status set_origin(mr_js *js, mr_error *error, JSValueConst object)
{
    mr_value origin;
    if (!mr__idmap_put(&js->bridge->wrapped, key_of(JS_VALUE_GET_PTR(object)), key_of(error)))
        return MR_ENOMEM;
    mr_status status = mr__js_script_value_as(js, &origin_type, object, &origin);
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
        status = mr__js_script_value(js, item, out_member);
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
    mr__bytes message = {0}, code = {0}, name = {0};
    struct members members = {0};
    read_text(js, object, "message", &message);
    read_text(js, object, "code", &code);
    read_text(js, object, "name", &name);
    mr_status status = read_members(js, object, &members);
    const mr_error_spec spec = {
        .size_bytes = sizeof spec,
        .code = code_named(mr__bytes_cstr(&code),
                           members.exist ? MR_EAGGREGATE : code_of_abort(mr__bytes_cstr(&name))),
        .message = mr__bytes_cstr(&message),
        .cause = cause,
        .members = members.items,
        .member_n = members.n};
    if (message.failed || code.failed || name.failed)
        status = MR_ENOMEM;
    if (status == MR_OK)
        status = mr_error_create(&spec, out_error);
    free_members(&members);
    mr__bytes_deinit(&message);
    mr__bytes_deinit(&code);
    mr__bytes_deinit(&name);
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
    const struct mr__js_held *h = mr__js_held_by(js, found.value);
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

mr_status mr__js_to_error(mr_js *js, JSValueConst object, mr_value *out_value)
{
    mr_error *error = known_error(js, object);
    if (error != NULL) {
        *out_value = mr_value_error(error);
        return MR_OK;
    }
    return is_being_wrapped(js, object) ? mr__js_script_value(js, object, out_value)
                                        : wrap_error(js, object, out_value);
}

/* ---- what was thrown --------------------------------------------------------------------------*/

/* An error for a value that is none: its message is the value as the console shows it. */
static mr_status wrap_value(mr_js *js, JSValueConst thrown, mr_error **out_error)
{
    mr__bytes text = {0};
    mr_error *error = NULL;
    mr_value origin = mr_value_undefined();
    mr__inspect_options options = mr__inspect_defaults;
    options.custom = false;
    if (mr__js_inspect(js, &text, thrown, &options) < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = MR_EJS, .message = mr__bytes_cstr(&text)};
    mr_status status = text.failed ? MR_ENOMEM : mr_error_create(&spec, &error);
    if (status == MR_OK)
        status = mr__js_script_value(js, thrown, &origin);
    mr__bytes_deinit(&text);
    if (status != MR_OK) {
        mr_error_unref(error);
        return status;
    }
    mr__error_set_origin(error, origin);
    *out_error = error;
    return MR_OK;
}

mr_status mr__js_thrown_to_error(mr_js *js, JSValueConst thrown, mr_error **out_error)
{
    mr_value value;
    if (!JS_IsError(thrown))
        return wrap_value(js, thrown, out_error);
    mr_status status = mr__js_to_error(js, thrown, &value);
    if (status != MR_OK)
        return status;
    *out_error = mr_value_as_error(value);
    if (*out_error != NULL)
        return MR_OK;
    mr_value_release(value); /* it is being wrapped further out */
    return wrap_value(js, thrown, out_error);
}
