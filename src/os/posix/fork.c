#include "os/fork.h"

#include <pthread.h>
#include <stdbool.h>

#include "os/fault.h"

_Atomic uint32_t mr__fork_count;

static void (*_Atomic notice)(void);

static void child(void)
{
    atomic_fetch_add_explicit(&mr__fork_count, 1, memory_order_relaxed);
    void (*in_child)(void) = atomic_load(&notice);
    if (in_child != NULL)
        in_child();
}

mr_status mr__fork_watch(void (*in_child)(void))
{
    /* No lock, which a fork could find taken. Two threads may register both: a child then counts
     * and is told twice, which says the same. */
    static _Atomic bool watching;
    if (in_child != NULL)
        atomic_store(&notice, in_child);
    if (atomic_load(&watching))
        return MR_OK;
    if (mr__fault_take(MR__SYS_FORK_WATCH) != 0 || pthread_atfork(NULL, NULL, child) != 0)
        return MR_ENOMEM;
    atomic_store(&watching, true);
    return MR_OK;
}
