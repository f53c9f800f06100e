/* Counted objects behind values: one head for all, and one release that does not recurse. */
#ifndef MR_PROMISE_VALUE_H
#define MR_PROMISE_VALUE_H

#include <stdatomic.h>

#include <millrace/error.h>
#include <millrace/promise.h>

typedef enum mr__object_kind {
    MR__OBJECT_BYTES,
    MR__OBJECT_ARRAY,
    MR__OBJECT_ERROR,
    MR__OBJECT_CUSTOM
} mr__object_kind;

/* Immutable after birth but for the count. */
typedef struct mr__object {
    _Atomic uint32_t refs;
    uint8_t kind;                 /* mr__object_kind */
    bool bound;                   /* holds something of one loop */
    bool settlements;             /* an array that mr_settled_at reads */
    struct mr__object *next_dead; /* of those whose count fell to 0 in one release */
} mr__object;

/* Also behind a script value, which only its kind sets apart. */
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
    const char *message;
    /* Behind it, in the same block: members, context, codes, and the texts. */
    const mr_error_context *context;
    const mr_status *codes;
    mr_value members[];
};

void mr__object_init(mr__object *object, mr__object_kind kind);
mr__object *mr__object_ref(mr__object *object);
void mr__object_unref(mr__object *object);

#endif
