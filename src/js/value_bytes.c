/* Bytes between C and script: buffers and views of them. */
#include "js/value_bytes.h"

#include <string.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/value.h"

/* ---- Memory of C as a buffer of the script ----------------------------------------------------*/

/* What the engine calls a buffer's end comes amid collections and calls, where no function of the host
 * may run: it waits on a list of the bridge. */
struct mr__js_lent {
    mr_js *js;
    void *data;
    size_t len;
    mr_js_release_fn *release; /* NULL: given back, or never to be */
    void *arg;
    bool armed; /* the script has it; before, a failure leaves the data to the caller */
    struct mr__js_lent *next;
};

static void give_back(struct mr__js_lent *lent)
{
    if (lent->release != NULL)
        lent->release(lent->data, lent->len, lent->arg);
    mr__free(lent);
}

void mr__js_bytes_release(mr_js *js)
{
    struct mr__js_bridge *bridge = js->bridge;
    while (bridge->lent_back != NULL) {
        struct mr__js_lent *lent = bridge->lent_back;
        bridge->lent_back = lent->next;
        give_back(lent);
    }
}

/* The engine's way to free and to resize the memory of a buffer; what C lent keeps its size. */
static void *manage_lent(JSRuntime *rt, void *opaque, void *data, size_t size)
{
    (void)rt, (void)data;
    struct mr__js_lent *lent = opaque;
    struct mr__js_bridge *bridge = lent->js->bridge;
    if (size != 0 || !lent->armed)
        return NULL;
    if (bridge->ended) {
        give_back(lent);
    } else {
        lent->next = bridge->lent_back;
        bridge->lent_back = lent;
    }
    return NULL;
}

static JSValue new_lent(mr_js *js, struct mr__js_lent *lent)
{
    static uint8_t nothing; /* a buffer of no bytes still has an address */
    uint8_t *data = lent->data == NULL ? &nothing : lent->data;
    JSValue array = JS_NewUint8Array(js->ctx, data, lent->len, manage_lent, lent, false);
    lent->armed = !JS_IsException(array);
    return array;
}

static mr_status check_new(mr_js *js, const void *data, size_t len, mr_js_value **out_value)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK)
        return status;
    if (out_value == NULL || (data == NULL && len != 0))
        return MR_EINVAL;
    return len > INT32_MAX ? MR_ERANGE : MR_OK;
}

mr_status mr_js_from_bytes(mr_js *js, const void *data, size_t len_bytes, mr_js_value **out_value)
{
    mr_status status = check_new(js, data, len_bytes, out_value);
    return status != MR_OK
               ? status
               : mr__js_made(js, JS_NewUint8ArrayCopy(js->ctx, data, len_bytes), out_value);
}

mr_status mr_js_from_owned_bytes(mr_js *js, void *data, size_t len_bytes, mr_js_release_fn *release,
                                 void *arg, mr_js_value **out_value)
{
    mr_status status = check_new(js, data, len_bytes, out_value);
    if (status != MR_OK)
        return status;
    struct mr__js_lent *lent = mr__alloc(sizeof *lent);
    mr_js_value *handle = mr__js_value_new(js, JS_UNDEFINED);
    if (lent == NULL || handle == NULL) {
        mr__free(lent);
        mr_js_value_unref(handle);
        return MR_ENOMEM;
    }
    *lent = (struct mr__js_lent){js, data, len_bytes, release, arg, false, NULL};
    JSValue array = new_lent(js, lent);
    if (JS_IsException(array)) {
        mr__free(lent);
        mr_js_value_unref(handle);
        return mr__js_made(js, array, NULL);
    }
    handle->value = array;
    *out_value = handle;
    return MR_OK;
}

/* ---- Bytes of the script ----------------------------------------------------------------------*/

/* Where the bytes of a buffer or a view are. buffer is owned. */
struct place {
    JSValue buffer;
    size_t offset, len;
};

static void drop_exception(JSContext *ctx)
{
    JS_FreeValue(ctx, JS_GetException(ctx));
}

static bool size_of(mr_js *js, enum mr__intrinsic getter, JSValueConst view, size_t *out_size)
{
    int64_t size = 0;
    JSValue value = mr__intrinsic_call(js, getter, view);
    bool good = !JS_IsException(value) && JS_ToInt64(js->ctx, &size, value) == 0;
    JS_FreeValue(js->ctx, value);
    *out_size = (size_t)size;
    return good;
}

static bool place_of_view(mr_js *js, JSValueConst view, struct place *out)
{
    if (!JS_IsDataView(view)) {
        out->buffer = JS_GetTypedArrayBuffer(js->ctx, view, &out->offset, &out->len, NULL);
        return !JS_IsException(out->buffer);
    }
    if (!size_of(js, MR__FN_VIEW_OFFSET, view, &out->offset) ||
        !size_of(js, MR__FN_VIEW_LENGTH, view, &out->len))
        return false;
    out->buffer = mr__intrinsic_call(js, MR__FN_VIEW_BUFFER, view);
    return !JS_IsException(out->buffer);
}

static bool is_buffer(mr_js *js, JSValueConst value)
{
    return JS_IsArrayBuffer(value) || mr__kind_of(js, value) == MR__KIND_SHARED_BUFFER;
}

bool mr__js_is_bytes(mr_js *js, JSValueConst value)
{
    return JS_IsObject(value) &&
           (JS_GetTypedArrayType(value) >= 0 || JS_IsDataView(value) || is_buffer(js, value));
}

/* The place and the address of the bytes; false for what is detached or out of bounds. */
static bool find(mr_js *js, JSValueConst value, struct place *place, uint8_t **out_data)
{
    size_t size;
    bool whole = is_buffer(js, value);
    *place = (struct place){.buffer = JS_UNDEFINED};
    if (whole)
        place->buffer = JS_DupValue(js->ctx, value);
    if (!whole && !place_of_view(js, value, place)) {
        drop_exception(js->ctx);
        return false;
    }
    uint8_t *data = JS_GetArrayBuffer(js->ctx, &size, place->buffer);
    if (whole)
        place->len = size;
    bool gone = data == NULL && JS_HasException(js->ctx);
    if (gone)
        drop_exception(js->ctx);
    if (gone || place->offset > size || place->len > size - place->offset) {
        JS_FreeValue(js->ctx, place->buffer);
        return false;
    }
    static uint8_t nothing;
    *out_data = data == NULL ? &nothing : data + place->offset;
    return true;
}

mr_status mr__js_bytes_to_value(mr_js *js, JSValueConst value, mr_value *out_value)
{
    struct place place;
    uint8_t *data;
    if (!find(js, value, &place, &data))
        return MR_ENOENT;
    mr_status status = mr_value_bytes(data, place.len, out_value);
    JS_FreeValue(js->ctx, place.buffer);
    return status;
}

static mr_status check_bytes(mr_js *js, const mr_js_value *value, const void *out,
                             const size_t *out_len)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    return value != NULL && value->js == js && out != NULL && out_len != NULL &&
                   mr__js_is_bytes(js, value->value)
               ? MR_OK
               : MR_EINVAL;
}

mr_status mr_js_borrow_bytes(mr_js *js, mr_js_value *value, void **out_data, size_t *out_len_bytes)
{
    struct place place;
    uint8_t *data;
    mr_status status = check_bytes(js, value, out_data, out_len_bytes);
    if (status != MR_OK)
        return status;
    if (!find(js, value->value, &place, &data))
        return MR_ENOENT;
    JS_FreeValue(js->ctx, place.buffer); /* the value holds it */
    *out_data = data;
    *out_len_bytes = place.len;
    return MR_OK;
}

/* A block of its own with the bytes of a place, terminated like a text. */
static mr_status copy(const struct place *place, const uint8_t *data, void **out_data,
                      size_t *out_len)
{
    uint8_t *block = mr__alloc(place->len + 1);
    if (block == NULL)
        return MR_ENOMEM;
    memcpy(block, data, place->len);
    block[place->len] = 0;
    *out_data = block;
    *out_len = place->len;
    return MR_OK;
}

mr_status mr_js_copy_bytes(mr_js *js, mr_js_value *value, void **out_data, size_t *out_len_bytes)
{
    struct place place;
    uint8_t *data;
    mr_status status = check_bytes(js, value, out_data, out_len_bytes);
    if (status != MR_OK)
        return status;
    if (!find(js, value->value, &place, &data))
        return MR_ENOENT;
    status = copy(&place, data, out_data, out_len_bytes);
    JS_FreeValue(js->ctx, place.buffer);
    return status;
}

mr_status mr_js_take_bytes(mr_js *js, mr_js_value *value, void **out_data, size_t *out_len_bytes)
{
    struct place place;
    uint8_t *data;
    mr_status status = check_bytes(js, value, out_data, out_len_bytes);
    if (status != MR_OK)
        return status;
    if (!find(js, value->value, &place, &data))
        return MR_ENOENT;
    if (JS_IsArrayBuffer(place.buffer)) {
        status = copy(&place, data, out_data, out_len_bytes);
        if (status == MR_OK)
            JS_DetachArrayBuffer(js->ctx, place.buffer);
    } else {
        status = MR_ENOTSUP; /* shared memory is nobody's to take */
    }
    JS_FreeValue(js->ctx, place.buffer);
    mr__js_bridge_release(js);
    return status;
}
