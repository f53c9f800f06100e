/* A candidate for ingress: floor-rings, a ring of its own for each producer, which the owner visits in turn.
 * No two producers meet; but each must be known, a full ring refuses (the producer yields), and the order
 * among producers is that of the visits. */
#include "rules/submit_rules.h"

#include "c/ingress_bell.h"
#include <sched.h>

enum { RING = 4096 };

typedef struct ring {
    _Alignas(64) _Atomic uint64_t tail; /* written by the producer */
    uint64_t head_seen;
    _Alignas(64) _Atomic uint64_t head; /* written by the owner */
    uint64_t numbers[RING];
} ring;

static ring *rings;
static unsigned ring_count;
static bool stopped;
static floor_bell bell;

static void peer_open(const bench_workload *workload)
{
    ring_count = workload->size == 0 ? 1 : (unsigned)workload->size;
    rings = aligned_alloc(64, ring_count * sizeof(*rings));
    CHECK(rings != NULL);
    memset(rings, 0, ring_count * sizeof(*rings));
}

static inline void put(ring *into, uint64_t tail, uint64_t number)
{
    while (tail - into->head_seen == RING) {
        into->head_seen = atomic_load_explicit(&into->head, memory_order_acquire);
        if (tail - into->head_seen < RING)
            break;
        ingress_ring(&bell);
        sched_yield();
    }
    into->numbers[tail % RING] = number;
    atomic_store_explicit(&into->tail, tail + 1, memory_order_release);
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    (void)index;
    ring *into = &rings[producer];
    uint64_t tail = atomic_load_explicit(&into->tail, memory_order_relaxed);
    for (uint64_t i = 0; i < n; i++)
        put(into, tail + i, number + i);
    ingress_ring(&bell);
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    peer_post_many(producer, index, number, 1);
}

static void peer_stop(void)
{
    stopped = true;
}

static bool drain(ring *from)
{
    uint64_t head = atomic_load_explicit(&from->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&from->tail, memory_order_acquire);
    for (uint64_t i = head; i != tail; i++)
        submit_ran(from->numbers[i % RING]);
    atomic_store_explicit(&from->head, tail, memory_order_release);
    return head != tail;
}

static bool has_work(void)
{
    for (unsigned i = 0; i < ring_count; i++)
        if (atomic_load_explicit(&rings[i].tail, memory_order_acquire) !=
            atomic_load_explicit(&rings[i].head, memory_order_relaxed))
            return true;
    return false;
}

static void peer_run(void)
{
    while (!stopped) {
        bool any = false;
        for (unsigned i = 0; i < ring_count; i++)
            any = drain(&rings[i]) || any;
        if (!any)
            ingress_sleep(&bell, has_work);
    }
}

BENCH_REGISTER(ingress_rings)
{
    submit_register("floor-rings");
}
