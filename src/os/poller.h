/* The poller contract: readiness of descriptors, level-triggered, and one wake from outside.
 *
 * One platform file stands behind these names. set, wait and the rest are for one thread; wake may
 * come from any thread and from a signal handler. Descriptors are close-on-exec from birth. */
#ifndef MR_OS_POLLER_H
#define MR_OS_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <millrace/status.h>

typedef struct mr__poller mr__poller;

/* events are MR_READ, MR_WRITE, MR_ERROR, MR_HANGUP of millrace/watch.h; MR__FULL_HANGUP beside
 * MR_HANGUP when both directions are gone. */
enum { MR__FULL_HANGUP = 16 };
typedef struct mr__ready {
    uint64_t token;
    unsigned events;
} mr__ready;

mr_status mr__poller_open(mr__poller **out_poller); /* MR_ENOMEM, MR_ELIMIT */
void mr__poller_close(mr__poller *poller);          /* NULL allowed */

/* Bring fd's registration from `from` to `to` (0: not registered). token comes back with events.
 * MR_EBADF, MR_EEXIST, MR_ENOTSUP (regular file), MR_ELIMIT, MR_ENOMEM; unchanged on failure.
 * Taking away (to 0) answers MR_EBADF when the kernel knows no such registration: it is gone all
 * the same, unless a duplicate of the closed descriptor keeps it. */
mr_status mr__poller_set(mr__poller *poller, int fd, unsigned from, unsigned to, uint64_t token);

/* Wait until something is ready, it is woken, or timeout_ns have passed (0: do not wait;
 * UINT64_MAX: no bound). Up to cap entries are written.
 * MR_EPOLLER with *out_error set on failure; interruption is not one: it answers 0 with none ready.
 */
mr_status mr__poller_wait(mr__poller *poller, uint64_t timeout_ns, mr__ready *ready, size_t cap,
                          size_t *out_count, int *out_error);

/* Make the present or the next wait return. */
void mr__poller_wake(mr__poller *poller);

#endif
