#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "os/entropy.h"
#include "promise/value.h"

static mr__object *object_of(mr_error *error)
{
    return error == NULL ? NULL : &error->object;
}

static bool fits(const mr_error_spec *spec, size_t *out_size)
{
    size_t size = sizeof(mr_error) + strlen(spec->message) + 1;
    for (size_t i = 0; i < spec->context_n; i++) {
        if (spec->context[i].key == NULL || spec->context[i].text == NULL)
            return false;
        size += sizeof(mr_error_context) + strlen(spec->context[i].key) + 1 +
                strlen(spec->context[i].text) + 1;
    }
    *out_size = size + spec->member_n * sizeof(mr_value);
    return true;
}

static const char *copy_text(char **at, const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = memcpy(*at, text, len);
    *at += len;
    return copy;
}

/* A UUID of version 7, RFC 9562 section 5.7: 48 bits of milliseconds since 1970, the rest random. */
static void make_id(char *out_id)
{
    uint8_t raw[16];
    mr__entropy(raw, sizeof raw);
    uint64_t ms = mr__wall_clock_ms();
    for (unsigned i = 0; i < 6; i++)
        raw[i] = (uint8_t)(ms >> (40 - 8 * i));
    raw[6] = (uint8_t)(0x70 | (raw[6] & 0x0F));
    raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3F));
    for (unsigned i = 0; i < sizeof raw; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out_id++ = '-';
        *out_id++ = "0123456789abcdef"[raw[i] >> 4];
        *out_id++ = "0123456789abcdef"[raw[i] & 15];
    }
    *out_id = 0;
}

static void take_members(mr_error *error, const mr_error_spec *spec)
{
    error->member_n = spec->member_n;
    for (size_t i = 0; i < spec->member_n; i++) {
        error->members[i] = mr_value_ref(spec->members[i]);
        error->object.bound |= mr_value_is_bound(spec->members[i]);
    }
}

static void take_texts(mr_error *error, const mr_error_spec *spec)
{
    mr_error_context *context = (mr_error_context *)(void *)(error->members + spec->member_n);
    char *at = (char *)(context + spec->context_n);
    error->message = copy_text(&at, spec->message);
    for (size_t i = 0; i < spec->context_n; i++) {
        context[i].key = copy_text(&at, spec->context[i].key);
        context[i].text = copy_text(&at, spec->context[i].text);
    }
    error->context = context;
    error->context_n = spec->context_n;
}

mr_status mr_error_create(const mr_error_spec *spec, mr_error **out_error)
{
    if (spec == NULL || spec->size_bytes != sizeof *spec || spec->code >= 0 || out_error == NULL ||
        (spec->context_n != 0 && spec->context == NULL) ||
        (spec->member_n != 0 && spec->members == NULL))
        return MR_EINVAL;
    mr_error_spec full = *spec;
    if (full.message == NULL)
        full.message = mr_status_text(full.code);
    size_t size;
    if (!fits(&full, &size))
        return MR_EINVAL;
    mr_error *error = mr__alloc_zero(size);
    if (error == NULL)
        return MR_ENOMEM;
    mr__object_init(&error->object, MR__OBJECT_ERROR);
    error->code = full.code;
    error->is_temporary = full.is_temporary;
    error->cause = mr_error_ref(full.cause);
    if (full.cause != NULL) {
        memcpy(error->id, full.cause->id, sizeof error->id);
        error->object.bound = full.cause->object.bound;
    } else {
        make_id(error->id);
    }
    take_members(error, &full);
    take_texts(error, &full);
    *out_error = error;
    return MR_OK;
}

mr_error *mr_error_ref(mr_error *error)
{
    if (error != NULL)
        mr__object_ref(&error->object);
    return error;
}

void mr_error_unref(mr_error *error)
{
    mr__object_unref(object_of(error));
}

mr_status mr_error_code(const mr_error *error)
{
    return error == NULL ? MR_OK : error->code;
}

const char *mr_error_message(const mr_error *error)
{
    return error == NULL ? "" : error->message;
}

mr_error *mr_error_cause(const mr_error *error)
{
    return error == NULL ? NULL : error->cause;
}

bool mr_error_is_temporary(const mr_error *error)
{
    return error != NULL && error->is_temporary;
}

const char *mr_error_id(const mr_error *error)
{
    return error == NULL ? "" : error->id;
}

size_t mr_error_context_count(const mr_error *error)
{
    return error == NULL ? 0 : error->context_n;
}

mr_error_context mr_error_context_at(const mr_error *error, size_t index)
{
    return index < mr_error_context_count(error) ? error->context[index]
                                                 : (mr_error_context){NULL, NULL};
}

const char *mr_error_context_text(const mr_error *error, const char *key)
{
    if (key == NULL)
        return NULL;
    for (; error != NULL; error = error->cause)
        for (size_t i = 0; i < error->context_n; i++)
            if (strcmp(error->context[i].key, key) == 0)
                return error->context[i].text;
    return NULL;
}

size_t mr_error_member_count(const mr_error *error)
{
    return error == NULL ? 0 : error->member_n;
}

mr_value mr_error_member_at(const mr_error *error, size_t index)
{
    return index < mr_error_member_count(error) ? error->members[index] : mr_value_undefined();
}

mr_error *mr_error_find(mr_error *error, mr_status code)
{
    /* Recursion only into members that are errors with members: chains of causes are walked. */
    for (; error != NULL; error = error->cause) {
        if (error->code == code)
            return error;
        for (size_t i = 0; i < error->member_n; i++) {
            mr_error *found = mr_error_find(mr_value_as_error(error->members[i]), code);
            if (found != NULL)
                return found;
        }
    }
    return NULL;
}
