/* Values: what promises settle with and errors carry.
 *
 * A value is 16 bytes and is passed by value. Numbers, pointers and up to 14 bytes stand inside it;
 * longer bytes, errors, arrays and customs are immutable objects that it counts. They may cross
 * threads, their counts are atomic. A promise and a script value belong to their loop: a value that
 * holds one, at any depth, stays on the owner thread (mr_value_is_bound).
 *
 * Ownership: a value counts one reference to what it holds. A call that takes a value as an argument
 * by value takes that reference over when it succeeds; accessors lend.
 *
 * Since 0.1 */
#ifndef MILLRACE_VALUE_H
#define MILLRACE_VALUE_H

#include <millrace/status.h>

MR_BEGIN_DECLS

typedef enum mr_value_kind {
    MR_VALUE_UNDEFINED, /* zeroed memory is the undefined value */
    MR_VALUE_NULL,
    MR_VALUE_BOOL,
    MR_VALUE_INT,
    MR_VALUE_DOUBLE,
    MR_VALUE_POINTER, /* of yours, not counted */
    MR_VALUE_BYTES,
    MR_VALUE_ERROR,
    MR_VALUE_ARRAY,
    MR_VALUE_PROMISE,
    MR_VALUE_SCRIPT,
    MR_VALUE_CUSTOM,
    MR_VALUE_TEXT, /* bytes that are UTF-8: a string to a script */
    MR_VALUE_UINT  /* an integer from 2^63 to 2^64-1; smaller ones are of the kind INT */
} mr_value_kind;

enum { MR_VALUE_INLINE_BYTES = 14 };

/* Read through the calls below; the layout is shown so that it can be passed by value. */
typedef struct mr_value {
    uint8_t kind;       /* mr_value_kind */
    uint8_t len;        /* of bytes that stand inline; 255: they are an object */
    uint8_t inlined[6]; /* the first of them; the others follow in `as` */
    union {
        int64_t integer; /* the first: an initialiser zeroes all eight bytes */
        bool boolean;
        double number;
        void *pointer;
        uint8_t inlined[8];
    } as;
} mr_value;

typedef struct mr_error mr_error;
typedef struct mr_promise mr_promise;

/* A counted object of yours: type->release(object) runs once, at the last release of the value. */
typedef struct mr_custom_type {
    const char *name;
    void (*release)(void *object);
    bool bound; /* must stay on the owner thread */
} mr_custom_type;

static inline mr_value mr_value_undefined(void)
{
    mr_value value = {MR_VALUE_UNDEFINED, 0, {0}, {0}};
    return value;
}

static inline mr_value mr_value_null(void)
{
    mr_value value = mr_value_undefined();
    value.kind = MR_VALUE_NULL;
    return value;
}

static inline mr_value mr_value_bool(bool boolean)
{
    mr_value value = mr_value_undefined();
    value.kind = MR_VALUE_BOOL;
    value.as.boolean = boolean;
    return value;
}

static inline mr_value mr_value_int(int64_t integer)
{
    mr_value value = mr_value_undefined();
    value.kind = MR_VALUE_INT;
    value.as.integer = integer;
    return value;
}

/* An integer that may need all 64 bits. */
static inline mr_value mr_value_uint(uint64_t integer)
{
    mr_value value = mr_value_int((int64_t)integer);
    if (integer > INT64_MAX)
        value.kind = MR_VALUE_UINT;
    return value;
}

static inline mr_value mr_value_double(double number)
{
    mr_value value = mr_value_undefined();
    value.kind = MR_VALUE_DOUBLE;
    value.as.number = number;
    return value;
}

static inline mr_value mr_value_pointer(void *pointer)
{
    mr_value value = mr_value_undefined();
    value.kind = MR_VALUE_POINTER;
    value.as.pointer = pointer;
    return value;
}

/* A value that holds an error; the caller's reference passes to it. NULL gives undefined. */
static inline mr_value mr_value_error(mr_error *error)
{
    mr_value value = mr_value_undefined();
    value.kind = error == NULL ? MR_VALUE_UNDEFINED : MR_VALUE_ERROR;
    value.as.pointer = error;
    return value;
}

/* A value that holds a promise; the caller's reference passes to it. NULL gives undefined. */
static inline mr_value mr_value_promise(mr_promise *promise)
{
    mr_value value = mr_value_undefined();
    value.kind = promise == NULL ? MR_VALUE_UNDEFINED : MR_VALUE_PROMISE;
    value.as.pointer = promise;
    return value;
}

/* Copy len_bytes of data into a value; data may be NULL when there are none.
 *
 * Returns  0; MR_ENOMEM (more than 14 bytes), MR_EINVAL. On failure *out_value is untouched.
 * Owns     *out_value is owned.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_value_bytes(const void *data, size_t len_bytes,
                                                           mr_value *out_value);

/* The same for text in UTF-8, which mr_value_as_bytes and mr_value_as_text read.
 *
 * Returns  as mr_value_bytes; the text is not checked, a script sees U+FFFD for what is no UTF-8.
 * Owns     *out_value is owned.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_value_text(const char *text, size_t len_bytes,
                                                          mr_value *out_value);

/* An array of n values, by index; items may be NULL when there are none.
 *
 * Returns  0; MR_ENOMEM, MR_EINVAL. On failure *out_value is untouched.
 * Owns     the items' references pass to the array on success; *out_value is owned.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_value_array(const mr_value *items, size_t n,
                                                           mr_value *out_value);

/* A counted object of yours; type is borrowed for as long as the program runs.
 *
 * Returns  0; MR_ENOMEM, MR_EINVAL (type or its release is NULL). On failure *out_value is untouched
 *          and object is the caller's.
 * Owns     object passes to the value on success.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_value_custom(const mr_custom_type *type,
                                                            void *object, mr_value *out_value);

/* One more reference to what the value holds.
 *
 * Returns  the same value, owned.
 * Thread   any; the owner for a bound one.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_value mr_value_ref(mr_value value);

/* Give a reference back. Never recurses on the depth of what it frees: what a release function gives
 * back is freed after that has returned.
 *
 * Thread   any; the owner for a bound one.
 * Calls    the release function of a custom at its last reference.
 * Since    0.1 */
MR_API MR_ANY_THREAD void mr_value_release(mr_value value);

/* Whether it holds a promise, a script value or a bound custom, at any depth.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD bool mr_value_is_bound(mr_value value);

/* What a value holds. A value of another kind answers false, 0 or NULL, and the output is untouched.
 *
 * value    borrowed; the bytes, items and objects are lent as long as the value is owned. Bytes that
 *          stand inline are lent as long as *value stays where it is.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD bool mr_value_as_bool(mr_value value, bool *out_boolean);
MR_API MR_ANY_THREAD bool mr_value_as_int(mr_value value, int64_t *out_integer);
MR_API MR_ANY_THREAD bool mr_value_as_uint(mr_value value, uint64_t *out_integer); /* 0 and above */
MR_API MR_ANY_THREAD bool mr_value_as_double(mr_value value, double *out_number);  /* ints too */
MR_API MR_ANY_THREAD void *mr_value_as_pointer(mr_value value);
MR_API MR_ANY_THREAD const void *mr_value_as_bytes(const mr_value *value, size_t *out_len_bytes);
MR_API MR_ANY_THREAD const char *mr_value_as_text(const mr_value *value, size_t *out_len_bytes);
MR_API MR_ANY_THREAD const mr_value *mr_value_as_array(mr_value value, size_t *out_n);
MR_API MR_ANY_THREAD mr_error *mr_value_as_error(mr_value value);
MR_API MR_ANY_THREAD mr_promise *mr_value_as_promise(mr_value value);
MR_API MR_ANY_THREAD void *mr_value_as_custom(mr_value value, const mr_custom_type *type);

MR_END_DECLS

#endif
