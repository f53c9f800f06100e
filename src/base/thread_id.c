#include "base/thread_id.h"

#include <stdatomic.h>

_Thread_local uint64_t mr__thread_id_cached;

uint64_t mr__thread_id_make(void)
{
    /* Relaxed: only distinctness matters. Pairs with nothing. */
    static _Atomic uint64_t last;
    mr__thread_id_cached = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
    return mr__thread_id_cached;
}
