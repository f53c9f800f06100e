/* What a call answers: 0, or one negative code from the list below.
 *
 * The list is the only place where a code gets its number, name, sentence and the class of the
 * error that JavaScript sees. Codes are never renumbered: new ones are added at the end.
 *
 * Since 0.1 */
#ifndef MILLRACE_STATUS_H
#define MILLRACE_STATUS_H

#include <millrace/attributes.h>

MR_BEGIN_DECLS

/* X(name, number, JavaScript class, sentence) */
#define MR_STATUS_LIST(X)                                                                          \
    X(EINVAL, -1, TypeError, "invalid argument")                                                   \
    X(ENOMEM, -2, RangeError, "out of memory")                                                     \
    X(ENOENT, -3, Error, "no such object: the id is stale or was never valid")                     \
    X(EEXIST, -4, Error, "exists already")                                                         \
    X(EBADF, -5, Error, "bad file descriptor")                                                     \
    X(ENOTSUP, -6, Error, "not supported")                                                         \
    X(ELIMIT, -7, RangeError, "a limit of the system is reached")                                  \
    X(EBUSY, -8, Error, "in use by another thread")                                                \
    X(EREENTRANT, -9, Error, "not allowed from inside a callback of this object")                  \
    X(EWRONGTHREAD, -10, Error, "only the owner thread may do this")                               \
    X(ECLOSED, -11, Error, "closed")                                                               \
    X(EBACKPRESSURE, -12, RangeError, "the queue is full or over its rate, try again later")       \
    X(ECANCELED, -13, Error, "canceled")                                                           \
    X(ETIMEDOUT, -14, Error, "timed out")                                                          \
    X(EINCOMPATIBLE, -15, Error, "not possible in the present mode")                               \
    X(EEXHAUSTED, -16, RangeError, "the range of ids is used up")                                  \
    X(EPOLLER, -17, Error, "the poller failed")                                                    \
    X(EFORKED, -18, Error, "the process was forked")                                               \
    X(EDEADLOCK, -19, Error, "nothing can ever happen any more")                                   \
    X(EJS, -20, Error, "JavaScript threw an exception")                                            \
    X(ERANGE, -21, RangeError, "value out of range")                                               \
    X(EIO, -22, Error, "input or output failed")                                                   \
    X(ECYCLE, -23, TypeError, "a promise was resolved with itself")                                \
    X(EAGGREGATE, -24, AggregateError, "all promises were rejected")                               \
    X(ETHREADEXIT, -25, Error, "the thread ended inside the job")                                  \
    X(EABORT, -26, Error, "aborted")

typedef int mr_status;

enum {
    MR_OK = 0,
#define MR_STATUS_ENUM(name, number, js_class, sentence) MR_##name = number,
    MR_STATUS_LIST(MR_STATUS_ENUM)
#undef MR_STATUS_ENUM
};

/* The name of a code, as "MR_ENOENT"; "MR_OK" for 0; "MR_UNKNOWN" for a number not in the list.
 *
 * Returns  a string that lives as long as the program.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD const char *mr_status_name(mr_status status);

/* One sentence in English that says what the code means, without a full stop.
 *
 * Returns  a string that lives as long as the program.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD const char *mr_status_text(mr_status status);

/* The class of the JavaScript error made from the code, as "TypeError".
 *
 * Returns  a string that lives as long as the program.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD const char *mr_status_js_class(mr_status status);

MR_END_DECLS

#endif
