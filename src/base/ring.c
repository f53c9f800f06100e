#include "base/ring.h"

#include <string.h>

#include "base/memory.h"

void mr__ring_check(const mr__ring *ring)
{
    MR_ASSERT((ring->cap & (ring->cap - 1)) == 0);
    MR_ASSERT(mr__ring_len(ring) <= ring->cap);
    MR_ASSERT((ring->cap == 0) == (ring->items == NULL));
    MR_ASSERT(ring->usual <= ring->cap && ring->usual <= mr__counter_get(&ring->most));
}

void mr__ring_deinit(mr__ring *ring)
{
    mr__free(ring->items);
    ring->items = NULL;
    ring->cap = ring->usual = 0;
    mr__counter_set(&ring->bytes, 0);
    mr__counter_set(&ring->head, mr__counter_get(&ring->tail));
}

/* Entries keep their counters, so they move to their place modulo the new capacity. */
static bool resize(mr__ring *ring, uint32_t cap)
{
    MR_DASSERT(mr__ring_len(ring) <= cap);
    mr__item *items = mr__alloc_bulk((size_t)cap * sizeof *items);
    if (items == NULL)
        return false;
    uint64_t tail = mr__counter_get(&ring->tail);
    for (uint64_t at = mr__counter_get(&ring->head); at != tail; at++)
        items[at & (cap - 1)] = ring->items[at & (ring->cap - 1)];
    mr__free(ring->items);
    ring->items = items;
    ring->cap = cap;
    ring->usual = ring->usual < cap ? ring->usual : cap;
    ring->small_drains = 0;
    mr__counter_add(&ring->allocations, 1);
    mr__counter_set(&ring->bytes, (uint64_t)cap * sizeof *items);
    return true;
}

bool mr__ring_grow(mr__ring *ring)
{
    mr__ring_check(ring);
    if (ring->cap > UINT32_MAX / 2)
        return false;
    return resize(ring, ring->cap == 0 ? MR__RING_START : ring->cap * 2);
}

void mr__ring_trim(mr__ring *ring, uint32_t keep)
{
    uint64_t len = mr__ring_len(ring);
    if (ring->cap <= keep)
        return;
    uint32_t cap = MR__RING_START;
    while (cap < len || (cap * 2 <= keep && cap * 2 <= ring->cap))
        cap *= 2;
    if (cap < ring->cap)
        resize(ring, cap);
}

void mr__ring_drained(mr__ring *ring, uint64_t used)
{
    if (ring->cap <= MR__RING_START || used >= ring->cap / 4) {
        ring->small_drains = 0;
        return;
    }
    if (++ring->small_drains >= 64 && mr__ring_len(ring) <= ring->cap / 2)
        resize(ring, ring->cap / 2);
}

void mr__ring_preset(mr__ring *ring, uint64_t value)
{
    MR_ASSERT(mr__ring_len(ring) == 0);
    uint64_t pushed = mr__counter_get(&ring->tail) - ring->origin;
    ring->origin = value - pushed;
    mr__counter_set(&ring->unrun, value - mr__ring_run(ring));
    mr__counter_set(&ring->head, value);
    mr__counter_set(&ring->tail, value);
}
