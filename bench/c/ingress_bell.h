/* How the owner of a queue without a lock sleeps: it says so, looks once more, and then waits. Producers pay
 * a fence and a look (Dekker's pattern); only who finds the owner asleep calls the system. */
#ifndef BENCH_INGRESS_BELL_H
#define BENCH_INGRESS_BELL_H

#include "c/floor_bell.h"

/* After a task was made visible. */
static inline void ingress_ring(floor_bell *bell)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&bell->state, memory_order_relaxed) == BELL_ASLEEP)
        bell_ring(bell);
}

/* Wait, unless there is something after all. */
static inline void ingress_sleep(floor_bell *bell, bool (*has_work)(void))
{
    atomic_store_explicit(&bell->state, BELL_ASLEEP, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    while (!has_work() && atomic_load(&bell->state) == BELL_ASLEEP)
        syscall(SYS_futex, &bell->state, FUTEX_WAIT_PRIVATE, BELL_ASLEEP, NULL, NULL, 0);
    atomic_store_explicit(&bell->state, BELL_QUIET, memory_order_relaxed);
}

#endif
