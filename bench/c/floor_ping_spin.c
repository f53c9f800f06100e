/* Floor of ping: floor-spin, an owner that never sleeps. It needs a processor of its own, so _same is left
 * out. */
#include "rules/ping_rules.h"

static _Alignas(64) _Atomic uint32_t rung[2];
static bool stopped[2];

static void peer_open(unsigned k)
{
    (void)k;
}

static inline void peer_ring(unsigned k)
{
    atomic_store_explicit(&rung[k], 1, memory_order_release);
}

static void peer_run(unsigned k)
{
    while (!stopped[k]) {
        if (atomic_load_explicit(&rung[k], memory_order_acquire) == 0)
            continue;
        atomic_store_explicit(&rung[k], 0, memory_order_relaxed);
        ping_heard(k);
    }
}

static void peer_stop(unsigned k)
{
    stopped[k] = true;
}

BENCH_REGISTER(floor_ping_spin)
{
    ping_add("floor-spin", "ping_hot", PLACE_FREE, 100000, 0, ping_run);
    ping_add("floor-spin", "ping_50us", PLACE_FREE, 20000, 50000, ping_run);
    ping_add("floor-spin", "ping_hot", PLACE_CROSS, 100000, 0, ping_run);
}
