#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "loop/extend.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "promise/value.h"

/* ---- Codes ------------------------------------------------------------------------------------*/

static int compare_codes(const void *a, const void *b)
{
    mr_status x = *(const mr_status *)a, y = *(const mr_status *)b;
    return (x > y) - (x < y);
}

/* Whether the error, a member or a cause of it, at any depth, has the code. NULL has none. */
static bool holds(const mr_error *error, mr_status code)
{
    return error != NULL &&
           bsearch(&code, error->codes, error->code_n, sizeof code, compare_codes) != NULL;
}

/* At most so many codes will be held. */
static size_t most_codes(const mr_error_spec *spec)
{
    size_t n = 1 + (spec->cause == NULL ? 0 : spec->cause->code_n);
    for (size_t i = 0; i < spec->member_n; i++) {
        const mr_error *member = mr_value_as_error(spec->members[i]);
        n += member == NULL ? 0 : member->code_n;
    }
    return n;
}

static mr_status *append_codes(mr_status *at, const mr_error *error)
{
    if (error == NULL)
        return at;
    memcpy(at, error->codes, error->code_n * sizeof *at);
    return at + error->code_n;
}

static void take_codes(mr_error *error, mr_status *codes, const mr_error_spec *spec)
{
    mr_status *end = codes;
    *end++ = spec->code;
    end = append_codes(end, spec->cause);
    for (size_t i = 0; i < spec->member_n; i++)
        end = append_codes(end, mr_value_as_error(spec->members[i]));
    qsort(codes, (size_t)(end - codes), sizeof *codes, compare_codes);
    size_t n = 1;
    for (const mr_status *code = codes + 1; code < end; code++)
        if (*code != codes[n - 1])
            codes[n++] = *code;
    error->codes = codes;
    error->code_n = n;
}

/* ---- Making -----------------------------------------------------------------------------------*/

/* MR_EINVAL, or MR_ENOMEM when the sum is beyond all memory. */
static mr_status measure(const mr_error_spec *spec, size_t code_n, size_t *out_size)
{
    size_t fixed, size = sizeof(mr_error) + strlen(spec->message) + 1;
    if (__builtin_mul_overflow(spec->member_n, sizeof(mr_value), &fixed) ||
        __builtin_add_overflow(size, fixed, &size) ||
        __builtin_mul_overflow(code_n, sizeof(mr_status), &fixed) ||
        __builtin_add_overflow(size, fixed, &size))
        return MR_ENOMEM;
    for (size_t i = 0; i < spec->context_n; i++) {
        if (spec->context[i].key == NULL || spec->context[i].text == NULL)
            return MR_EINVAL;
        fixed = sizeof(mr_error_context) + strlen(spec->context[i].key) + 1 +
                strlen(spec->context[i].text) + 1;
        if (__builtin_add_overflow(size, fixed, &size))
            return MR_ENOMEM;
    }
    *out_size = size;
    return MR_OK;
}

static const char *copy_text(char **at, const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = memcpy(*at, text, len);
    *at += len;
    return copy;
}

/* 64 random bits twice, and the time in ms since 1970: of the system, or while the thread runs a
 * simulated loop of that, so that the seed decides ids too. */
static uint64_t random_and_time(uint64_t out_random[2])
{
    mr_loop *loop = mr__loop_driven();
    if (loop == NULL || !mr__loop_simulated(loop)) {
        mr__entropy(out_random, 2 * sizeof *out_random);
        return mr__clock_wall() / 1000000;
    }
    uint64_t wall_ns, origin_ns = mr__loop_origin(loop, &wall_ns);
    out_random[0] = mr__sim_chance(loop);
    out_random[1] = mr__sim_chance(loop);
    return (wall_ns + (mr__loop_clock(loop) - origin_ns)) / 1000000;
}

/* A UUID of version 7, RFC 9562 section 5.7: 48 bits of milliseconds since 1970, the rest random. */
static void make_id(char *out_id)
{
    uint64_t random[2];
    uint64_t ms = random_and_time(random);
    uint8_t raw[16];
    memcpy(raw, random, sizeof raw);
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

/* From the cause: the id, and whether the error is bound. */
static void take_cause(mr_error *error, mr_error *cause)
{
    error->cause = mr_error_ref(cause);
    if (cause == NULL) {
        make_id(error->id);
        return;
    }
    memcpy(error->id, cause->id, sizeof error->id);
    error->object.bound |= cause->object.bound;
}

static void take_texts(mr_error *error, const mr_error_spec *spec, mr_error_context *context,
                       char *at)
{
    error->message = copy_text(&at, spec->message);
    for (size_t i = 0; i < spec->context_n; i++) {
        context[i].key = copy_text(&at, spec->context[i].key);
        context[i].text = copy_text(&at, spec->context[i].text);
    }
    error->context = context;
    error->context_n = spec->context_n;
}

static bool valid(const mr_error_spec *spec)
{
    return spec != NULL && spec->size_bytes == sizeof *spec && spec->code < 0 &&
           (spec->context_n == 0 || spec->context != NULL) &&
           (spec->member_n == 0 || spec->members != NULL);
}

mr_status mr_error_create(const mr_error_spec *spec, mr_error **out_error)
{
    if (!valid(spec) || out_error == NULL)
        return MR_EINVAL;
    mr_error_spec full = *spec;
    if (full.message == NULL)
        full.message = mr_status_text(full.code);
    size_t size, code_n = most_codes(&full);
    mr_status status = measure(&full, code_n, &size);
    if (status != MR_OK)
        return status;
    mr_error *error = mr__alloc_zero(size);
    if (error == NULL)
        return MR_ENOMEM;
    mr__object_init(&error->object, MR__OBJECT_ERROR);
    error->code = full.code;
    error->is_temporary = full.is_temporary;
    mr_error_context *context = (mr_error_context *)(void *)(error->members + full.member_n);
    mr_status *codes = (mr_status *)(void *)(context + full.context_n);
    take_cause(error, full.cause);
    take_members(error, &full);
    take_codes(error, codes, &full);
    take_texts(error, &full, context, (char *)(codes + code_n));
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
    if (error != NULL)
        mr__object_unref(&error->object);
}

/* ---- Reading ----------------------------------------------------------------------------------*/

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

/* What follows the error on the way to the code, which it holds and has not itself. */
static mr_error *next_towards(const mr_error *error, mr_status code)
{
    for (size_t i = 0; i < error->member_n; i++) {
        mr_error *member = mr_value_as_error(error->members[i]);
        if (holds(member, code))
            return member;
    }
    return error->cause;
}

mr_error *mr_error_find(mr_error *error, mr_status code)
{
    if (!holds(error, code))
        return NULL;
    while (error->code != code)
        error = next_towards(error, code);
    return error;
}

void mr__error_set_origin(mr_error *error, mr_value origin)
{
    error->origin = origin;
    error->object.bound |= mr_value_is_bound(origin);
}

mr_value mr__error_origin(const mr_error *error)
{
    return error->origin;
}

mr_error *mr__error_ref_living(mr_error *error)
{
    /* Relaxed: it is bound, only this thread counts it. */
    return atomic_load_explicit(&error->object.refs, memory_order_relaxed) == 0
               ? NULL
               : mr_error_ref(error);
}
