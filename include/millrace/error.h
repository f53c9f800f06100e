/* Errors: what travels asynchronously.
 *
 * An error is immutable and counted, and may cross threads if what it holds may. It has a code, a
 * message, context as keys and values, a chain of causes, members (of an aggregate), and a
 * correlation id, a UUID of version 7 (RFC 9562), made at birth; an error with a cause takes the
 * cause's id over, so that it stays the same through wrapping.
 *
 * Since 0.1 */
#ifndef MILLRACE_ERROR_H
#define MILLRACE_ERROR_H

#include <millrace/value.h>

MR_BEGIN_DECLS

typedef struct mr_error_context {
    const char *key, *text; /* neither is NULL */
} mr_error_context;

/* Zero in any field but the code means: none. */
typedef struct mr_error_spec {
    size_t size_bytes;               /* sizeof(mr_error_spec): lets the struct grow */
    mr_status code;                  /* negative */
    const char *message;             /* copied; NULL: the sentence of the code */
    mr_error *cause;                 /* borrowed: the error counts it for itself */
    const mr_error_context *context; /* copied */
    size_t context_n;
    const mr_value *members; /* borrowed: the error counts them for itself */
    size_t member_n;
    bool is_temporary; /* trying again may help */
} mr_error_spec;

/* Make an error.
 *
 * Returns  0; MR_ENOMEM, MR_EINVAL (code not below 0, a NULL key or text). On failure *out_error is
 *          untouched.
 * Owns     *out_error is owned: release with mr_error_unref.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_error_create(const mr_error_spec *spec,
                                                            mr_error **out_error);

/* Add or give back a reference; unref takes NULL. Never recurses on the length of a chain.
 *
 * Thread   any; the owner if a member is bound.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_error *mr_error_ref(mr_error *error);
MR_API MR_ANY_THREAD void mr_error_unref(mr_error *error);

/* What an error holds, lent as long as the error is owned. NULL gives MR_OK, "", NULL, false or 0.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_error_code(const mr_error *error);
MR_API MR_ANY_THREAD const char *mr_error_message(const mr_error *error);
MR_API MR_ANY_THREAD mr_error *mr_error_cause(const mr_error *error);
MR_API MR_ANY_THREAD bool mr_error_is_temporary(const mr_error *error);
MR_API MR_ANY_THREAD const char *mr_error_id(const mr_error *error); /* 36 characters */
MR_API MR_ANY_THREAD size_t mr_error_context_count(const mr_error *error);
MR_API MR_ANY_THREAD mr_error_context mr_error_context_at(const mr_error *error, size_t index);
/* The text of a key, of this error or else the nearest cause; NULL without one. */
MR_API MR_ANY_THREAD const char *mr_error_context_text(const mr_error *error, const char *key);
MR_API MR_ANY_THREAD size_t mr_error_member_count(const mr_error *error);
MR_API MR_ANY_THREAD mr_value mr_error_member_at(const mr_error *error, size_t index);

/* The first error with the code: this one, its members in order with all of theirs, its causes. Takes
 * steps for what lies on the way to it, not for all that there is.
 *
 * Returns  it, lent as long as error is owned; NULL when there is none.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_error *mr_error_find(mr_error *error, mr_status code);

MR_END_DECLS

#endif
