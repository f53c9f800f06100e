/* Counted objects behind values: one head for all, and one release that does not recurse. */
#ifndef MR_PROMISE_VALUE_H
#define MR_PROMISE_VALUE_H

#include <stdatomic.h>
#include <string.h>

#include <millrace/error.h>
#include <millrace/promise.h>

#include "base/macros.h"
#include "promise/door.h"

typedef enum mr__object_kind {
    MR__OBJECT_BYTES,
    MR__OBJECT_ARRAY,
    MR__OBJECT_ERROR,
    MR__OBJECT_CUSTOM,
    MR__OBJECT_SCRIPT
} mr__object_kind;

/* Immutable after birth but for the count. */
typedef struct mr__object {
    _Atomic uint32_t refs;
    uint8_t kind;                 /* mr__object_kind */
    bool bound;                   /* holds something of one loop */
    bool settlements;             /* an array that mr_settled_at reads */
    struct mr__object *next_dead; /* of those whose count fell to 0 in one release */
} mr__object;

typedef struct mr__script {
    mr__object object;
    const mr__script_type *type;
    void *of_room;
} mr__script;

typedef struct mr__custom {
    mr__object object;
    const mr_custom_type *type;
    void *of_user;
} mr__custom;

typedef struct mr__array {
    mr__object object;
    size_t n;
    mr_value items[];
} mr__array;

/* Invariant: codes are those of the error itself, of its members and of its causes, with all of
 * theirs, each once and in rising order. So a search knows where to go and never turns back. */
struct mr_error {
    mr__object object;
    mr_status code;
    bool is_temporary;
    char id[37];
    size_t context_n, member_n, code_n;
    mr_error *cause;
    mr_value origin; /* the script's own error, or undefined */
    const char *message;
    /* Behind it, in the same block: members, context, codes, and the texts. */
    const mr_error_context *context;
    const mr_status *codes;
    mr_value members[];
};

/* Whether it is all in itself: neither to be counted nor to be released. */
static inline bool mr__value_is_plain(mr_value value)
{
    return value.kind < MR_VALUE_BYTES;
}

/* mr_value_ref without a call for the plain ones. */
MR_INLINE mr_value mr__value_ref(mr_value value)
{
    return MR_LIKELY(mr__value_is_plain(value)) ? value : mr_value_ref(value);
}

/* A value on its way through registers. Written a moment ago, maybe field by field, it is not to be read
 * in one piece: such a load waits until the stores have left the store buffer. */
typedef struct mr__halves {
    uint64_t first, second;
} mr__halves;

MR_INLINE mr__halves mr__value_halves(const mr_value *value)
{
    mr__halves halves;
    memcpy(&halves.first, value, sizeof halves.first);
    memcpy(&halves.second, (const char *)value + sizeof halves.first, sizeof halves.second);
    return halves;
}

MR_INLINE void mr__value_set(mr_value *to, mr__halves halves)
{
    memcpy(to, &halves.first, sizeof halves.first);
    __asm__("" : "+m"(*(char *)to), "+r"(halves.second)); /* lest the compiler joins the two */
    memcpy((char *)to + sizeof halves.first, &halves.second, sizeof halves.second);
}

void mr__object_init(mr__object *object, mr__object_kind kind);
mr__object *mr__object_ref(mr__object *object);
void mr__object_unref(mr__object *object);

#endif
