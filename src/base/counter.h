/* Counters that one thread writes and any thread may read: relaxed loads and stores, which cost
 * what a plain increment costs. They order nothing and pair with nothing. */
#ifndef MR_BASE_COUNTER_H
#define MR_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t mr__counter;

static inline uint64_t mr__counter_get(const mr__counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void mr__counter_set(mr__counter *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

static inline void mr__counter_add(mr__counter *counter, uint64_t n)
{
    mr__counter_set(counter, mr__counter_get(counter) + n);
}

static inline void mr__counter_max(mr__counter *counter, uint64_t value)
{
    if (value > mr__counter_get(counter))
        mr__counter_set(counter, value);
}

#endif
