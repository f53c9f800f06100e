/* A growable FIFO of callbacks.
 *
 * One thread at a time pushes and pops (an ingress queue holds its lock); any thread may read the
 * counters. head and tail only rise, so tail - origin is the number ever pushed; positions are
 * taken modulo the capacity, a power of two, which makes wrapping at 2^64 harmless.
 *
 * Invariant (mr__ring_check): tail - head <= cap; cap is 0 or a power of two; usual <= cap, most. */
#ifndef MR_BASE_RING_H
#define MR_BASE_RING_H

#include <stdbool.h>

#include "base/counter.h"
#include "base/macros.h"

#ifdef MR_TEST
enum { MR__RING_START = 2 };
#else
enum { MR__RING_START = 1024 };
#endif
enum { MR__RING_KEEP = 4096 }; /* entries kept over a long wait */

typedef struct mr__item {
    void (*fn)(void *arg);
    void *arg;
    void (*discard)(void *arg, int reason);
    uint64_t extra; /* the queue's own: a time stamp, a context */
} mr__item;
static_assert(sizeof(mr__item) <= 32, "a queued task fits in half a line");

typedef struct mr__ring {
    mr__item *items;
    uint32_t cap;
    uint32_t small_drains; /* drains in a row that used under a quarter */
    uint32_t usual; /* not above cap or most: with fewer entries one more fits and is no news */
    mr__counter head, tail;
    uint64_t origin;
    mr__counter unrun; /* head, less the entries that were taken to be run */
    mr__counter most;  /* entries pending at most */
    mr__counter allocations, bytes;
} mr__ring;

void mr__ring_deinit(mr__ring *ring);
bool mr__ring_grow(mr__ring *ring); /* false: no memory, unchanged */
/* Give memory back, down to `keep` entries, a power of two, or what holds those queued. Never
 * fails: it stays large when there is no memory for the smaller one. */
void mr__ring_trim(mr__ring *ring, uint32_t keep);
/* Called when a drain ended, with the most entries that were pending in it: halves after 64 small
 * ones in a row. */
void mr__ring_drained(mr__ring *ring, uint64_t used);
void mr__ring_check(const mr__ring *ring);
void mr__ring_preset(mr__ring *ring, uint64_t value); /* empty ring: set the counters; for tests */

static inline uint64_t mr__ring_len(const mr__ring *ring)
{
    return mr__counter_get(&ring->tail) - mr__counter_get(&ring->head);
}

/* Entries that were taken to be run. */
static inline uint64_t mr__ring_run(const mr__ring *ring)
{
    return mr__counter_get(&ring->head) - mr__counter_get(&ring->unrun);
}

/* A new last entry, to be written at once; without growing: false when it is full. */
MR_INLINE bool mr__ring_place(mr__ring *ring, mr__item **out_place)
{
    uint64_t tail = mr__counter_get(&ring->tail);
    uint64_t len = tail - mr__counter_get(&ring->head);
    if (MR_UNLIKELY(len >= ring->usual)) {
        if (len == ring->cap)
            return false;
        mr__counter_max(&ring->most, len + 1);
        ring->usual = (uint32_t)len + 1;
    }
    *out_place = &ring->items[tail & (ring->cap - 1)];
    mr__counter_set(&ring->tail, tail + 1);
    return true;
}

/* Without growing; false when it is full. */
MR_INLINE bool mr__ring_push_fits(mr__ring *ring, mr__item item)
{
    mr__item *place;
    if (MR_UNLIKELY(!mr__ring_place(ring, &place)))
        return false;
    *place = item;
    return true;
}

/* The same of a task: `extra` is left as it was. */
MR_INLINE bool mr__ring_put(mr__ring *ring, void (*fn)(void *arg), void *arg,
                            void (*discard)(void *arg, int reason))
{
    mr__item *place;
    if (MR_UNLIKELY(!mr__ring_place(ring, &place)))
        return false;
    place->fn = fn;
    place->arg = arg;
    place->discard = discard;
    return true;
}

MR_INLINE bool mr__ring_push(mr__ring *ring, mr__item item)
{
    if (MR_UNLIKELY(mr__ring_len(ring) == ring->cap) && !mr__ring_grow(ring))
        return false;
    return mr__ring_push_fits(ring, item);
}

/* Take the first entry; one that is not run is told of by mr__ring_not_run. */
MR_INLINE bool mr__ring_pop(mr__ring *ring, mr__item *out_item)
{
    uint64_t head = mr__counter_get(&ring->head);
    if (head == mr__counter_get(&ring->tail))
        return false;
    mr__item *item = &ring->items[head & (ring->cap - 1)];
    *out_item = *item;
    mr__counter_set(&ring->head, head + 1);
    return true;
}

static inline void mr__ring_not_run(mr__ring *ring)
{
    mr__counter_add(&ring->unrun, 1);
}

#endif
