#include "promise/value.h"

#include <string.h>

#include <millrace/promise.h>

#include "base/macros.h"
#include "base/memory.h"

enum { NOT_INLINE = 255 };

static_assert(sizeof(mr_value) == 16, "a value is 16 bytes");
static_assert(offsetof(mr_value, as) - offsetof(mr_value, inlined) + sizeof(((mr_value *)0)->as) ==
                  MR_VALUE_INLINE_BYTES,
              "the two halves of inline bytes stand one behind the other");

typedef struct bytes {
    mr__object object;
    size_t len;
    uint8_t data[];
} bytes;

/* ---- Counted objects --------------------------------------------------------------------------*/

void mr__object_init(mr__object *object, mr__object_kind kind)
{
    *object = (mr__object){.kind = (uint8_t)kind};
    atomic_init(&object->refs, 1);
}

mr__object *mr__object_ref(mr__object *object)
{
    /* Relaxed: who adds a reference has one already. */
    atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed);
    return object;
}

static bool drop(mr__object *object)
{
    /* Release, so that what this thread read is read before another frees; acquire at the last one,
     * so that the freeing comes after everybody's reading. Not as a fence: ThreadSanitizer sees
     * none. */
    return atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel) == 1;
}

static mr__object *object_of(mr_value value)
{
    switch ((mr_value_kind)value.kind) {
    case MR_VALUE_BYTES:
    case MR_VALUE_TEXT:
        return value.len == NOT_INLINE ? value.as.pointer : NULL;
    case MR_VALUE_ERROR:
    case MR_VALUE_ARRAY:
    case MR_VALUE_SCRIPT:
    case MR_VALUE_CUSTOM:
        return value.as.pointer;
    default:
        return NULL;
    }
}

static void release_all(const mr_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!mr__value_is_plain(values[i]))
            mr_value_release(values[i]);
}

static void bury(mr__object *object)
{
    switch ((mr__object_kind)object->kind) {
    case MR__OBJECT_ARRAY: {
        const mr__array *array = (const mr__array *)object;
        release_all(array->items, array->n);
        break;
    }
    case MR__OBJECT_ERROR: {
        const mr_error *error = (const mr_error *)object;
        release_all(error->members, error->member_n);
        mr_error_unref(error->cause);
        mr_value_release(error->origin);
        break;
    }
    case MR__OBJECT_CUSTOM: {
        const mr__custom *custom = (const mr__custom *)object;
        custom->type->release(custom->of_user);
        break;
    }
    case MR__OBJECT_SCRIPT: {
        const mr__script *script = (const mr__script *)object;
        script->type->release(script->of_room);
        break;
    }
    case MR__OBJECT_BYTES:
        break;
    }
    mr__free(object);
}

/* What dies while another is buried, by whatever way it was reached (a promise, a custom's release
 * function), waits until that is done: so no depth of holding is a depth of calls. */
void mr__object_unref(mr__object *object)
{
    static _Thread_local mr__object *dead;
    static _Thread_local bool burying;
    if (object == NULL || !drop(object))
        return;
    object->next_dead = dead;
    dead = object;
    if (burying)
        return;
    burying = true;
    while (dead != NULL) {
        mr__object *next = dead;
        dead = next->next_dead;
        bury(next);
    }
    burying = false;
}

mr_value mr_value_ref(mr_value value)
{
    mr__object *object = object_of(value);
    if (object != NULL)
        mr__object_ref(object);
    else if (value.kind == MR_VALUE_PROMISE)
        mr_promise_ref(value.as.pointer);
    return value;
}

void mr_value_release(mr_value value)
{
    mr__object *object = object_of(value);
    if (object != NULL)
        mr__object_unref(object);
    else if (value.kind == MR_VALUE_PROMISE)
        mr_promise_unref(value.as.pointer);
}

bool mr_value_is_bound(mr_value value)
{
    const mr__object *object = object_of(value);
    return object != NULL ? object->bound : value.kind == MR_VALUE_PROMISE;
}

/* ---- Making -----------------------------------------------------------------------------------*/

static mr_status make_bytes(mr_value_kind kind, const void *data, size_t len_bytes,
                            mr_value *out_value)
{
    if ((data == NULL && len_bytes != 0) || out_value == NULL)
        return MR_EINVAL;
    mr_value value = {.kind = (uint8_t)kind, .len = NOT_INLINE};
    if (len_bytes <= MR_VALUE_INLINE_BYTES) {
        value.len = (uint8_t)len_bytes;
        if (len_bytes != 0)
            memcpy((char *)&value + offsetof(mr_value, inlined), data, len_bytes);
        *out_value = value;
        return MR_OK;
    }
    if (len_bytes > SIZE_MAX - sizeof(bytes))
        return MR_ENOMEM;
    bytes *object = mr__alloc(sizeof *object + len_bytes);
    if (object == NULL)
        return MR_ENOMEM;
    mr__object_init(&object->object, MR__OBJECT_BYTES);
    object->len = len_bytes;
    memcpy(object->data, data, len_bytes);
    value.as.pointer = object;
    *out_value = value;
    return MR_OK;
}

mr_status mr_value_bytes(const void *data, size_t len_bytes, mr_value *out_value)
{
    return make_bytes(MR_VALUE_BYTES, data, len_bytes, out_value);
}

mr_status mr_value_text(const char *text, size_t len_bytes, mr_value *out_value)
{
    return make_bytes(MR_VALUE_TEXT, text, len_bytes, out_value);
}

mr_status mr__value_script(const mr__script_type *type, void *object, mr_value *out_value)
{
    mr__script *script = mr__alloc(sizeof *script);
    if (script == NULL)
        return MR_ENOMEM;
    mr__object_init(&script->object, MR__OBJECT_SCRIPT);
    script->object.bound = true;
    script->type = type;
    script->of_room = object;
    *out_value = (mr_value){.kind = MR_VALUE_SCRIPT, .as.pointer = script};
    return MR_OK;
}

void *mr__value_script_object(mr_value value)
{
    return value.kind == MR_VALUE_SCRIPT ? ((const mr__script *)value.as.pointer)->of_room : NULL;
}

mr_status mr_value_array(const mr_value *items, size_t n, mr_value *out_value)
{
    if ((items == NULL && n != 0) || out_value == NULL)
        return MR_EINVAL;
    mr__array *array = n > (SIZE_MAX - sizeof *array) / sizeof *items
                           ? NULL
                           : mr__alloc(sizeof *array + n * sizeof *items);
    if (array == NULL)
        return MR_ENOMEM;
    mr__object_init(&array->object, MR__OBJECT_ARRAY);
    array->n = n;
    for (size_t i = 0; i < n; i++) {
        array->items[i] = items[i];
        array->object.bound |= mr_value_is_bound(items[i]);
    }
    *out_value = (mr_value){.kind = MR_VALUE_ARRAY, .as.pointer = array};
    return MR_OK;
}

mr_status mr_value_custom(const mr_custom_type *type, void *object, mr_value *out_value)
{
    if (type == NULL || type->release == NULL || out_value == NULL)
        return MR_EINVAL;
    mr__custom *custom = mr__alloc(sizeof *custom);
    if (custom == NULL)
        return MR_ENOMEM;
    mr__object_init(&custom->object, MR__OBJECT_CUSTOM);
    custom->object.bound = type->bound;
    custom->type = type;
    custom->of_user = object;
    *out_value = (mr_value){.kind = MR_VALUE_CUSTOM, .as.pointer = custom};
    return MR_OK;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

bool mr_value_as_bool(mr_value value, bool *out_boolean)
{
    if (value.kind != MR_VALUE_BOOL || out_boolean == NULL)
        return false;
    *out_boolean = value.as.boolean;
    return true;
}

bool mr_value_as_int(mr_value value, int64_t *out_integer)
{
    if (value.kind != MR_VALUE_INT || out_integer == NULL)
        return false;
    *out_integer = value.as.integer;
    return true;
}

bool mr_value_as_uint(mr_value value, uint64_t *out_integer)
{
    bool fits =
        value.kind == MR_VALUE_UINT || (value.kind == MR_VALUE_INT && value.as.integer >= 0);
    if (!fits || out_integer == NULL)
        return false;
    *out_integer = (uint64_t)value.as.integer;
    return true;
}

bool mr_value_as_double(mr_value value, double *out_number)
{
    if (out_number == NULL)
        return false;
    if (value.kind == MR_VALUE_DOUBLE)
        *out_number = value.as.number;
    else if (value.kind == MR_VALUE_INT)
        *out_number = (double)value.as.integer;
    else if (value.kind == MR_VALUE_UINT)
        *out_number = (double)(uint64_t)value.as.integer;
    else
        return false;
    return true;
}

void *mr_value_as_pointer(mr_value value)
{
    return value.kind == MR_VALUE_POINTER ? value.as.pointer : NULL;
}

const void *mr_value_as_bytes(const mr_value *value, size_t *out_len_bytes)
{
    if (value == NULL || (value->kind != MR_VALUE_BYTES && value->kind != MR_VALUE_TEXT))
        return NULL;
    const bytes *object = value->len == NOT_INLINE ? value->as.pointer : NULL;
    if (out_len_bytes != NULL)
        *out_len_bytes = object != NULL ? object->len : value->len;
    return object != NULL ? object->data : (const uint8_t *)value + offsetof(mr_value, inlined);
}

const char *mr_value_as_text(const mr_value *value, size_t *out_len_bytes)
{
    return value == NULL || value->kind != MR_VALUE_TEXT ? NULL
                                                         : mr_value_as_bytes(value, out_len_bytes);
}

const mr_value *mr_value_as_array(mr_value value, size_t *out_n)
{
    if (value.kind != MR_VALUE_ARRAY)
        return NULL;
    const mr__array *array = value.as.pointer;
    if (out_n != NULL)
        *out_n = array->n;
    return array->items;
}

mr_error *mr_value_as_error(mr_value value)
{
    return value.kind == MR_VALUE_ERROR ? value.as.pointer : NULL;
}

mr_promise *mr_value_as_promise(mr_value value)
{
    return value.kind == MR_VALUE_PROMISE ? value.as.pointer : NULL;
}

void *mr_value_as_custom(mr_value value, const mr_custom_type *type)
{
    if (value.kind != MR_VALUE_CUSTOM || type == NULL)
        return NULL;
    const mr__custom *custom = value.as.pointer;
    return custom->type == type ? custom->of_user : NULL;
}
