/* Noticing a fork: a number that is one higher in a forked child than in its parent.
 *
 * Reading it costs one load. The C library's fork() counts; vfork() and raw clone() calls do not:
 * their children may only exec or _exit. */
#ifndef MR_OS_FORK_H
#define MR_OS_FORK_H

#include <stdatomic.h>
#include <stdint.h>

#include <millrace/status.h>

extern _Atomic uint32_t mr__fork_count; /* changes in the child only, on its only thread */

/* Begin to count, and to call in_child, always the same one, in each child; NULL: only count. Again
 * and from any thread is fine. MR_ENOMEM. */
mr_status mr__fork_watch(void (*in_child)(void));

static inline uint32_t mr__fork_generation(void)
{
    /* Relaxed: a child begins with one thread, and it is the one that counted. */
    return atomic_load_explicit(&mr__fork_count, memory_order_relaxed);
}

#endif
