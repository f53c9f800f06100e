/* A growable FIFO of engine values, in memory that the engine's limit counts.
 *
 * Each value in it is owned by it. Positions only rise and are taken modulo the capacity, a power of
 * two. Invariant: tail - head <= cap; cap is 0 or a power of two. */
#ifndef MR_JS_VALUERING_H
#define MR_JS_VALUERING_H

#include <quickjs.h>

#include "base/macros.h"

typedef struct mr__valuering {
    JSValue *values;
    uint32_t cap;
    uint32_t head, tail;
} mr__valuering;

bool mr__valuering_grow(JSRuntime *rt, mr__valuering *ring, uint32_t n);
void mr__valuering_shrink(JSRuntime *rt, mr__valuering *ring);
/* Free the values and the memory. */
void mr__valuering_deinit(JSRuntime *rt, mr__valuering *ring);

enum { MR__VALUERING_KEEP = 4096 }; /* values for which memory is kept when it is empty */

static inline bool mr__valuering_empty(const mr__valuering *ring)
{
    return ring->head == ring->tail;
}

/* Make room for n more; false without memory, and nothing has changed. */
MR_INLINE bool mr__valuering_reserve(JSRuntime *rt, mr__valuering *ring, uint32_t n)
{
    return MR_LIKELY(ring->cap - (ring->tail - ring->head) >= n) || mr__valuering_grow(rt, ring, n);
}

/* value passes to the ring, which has room. */
MR_INLINE void mr__valuering_push(mr__valuering *ring, JSValue value)
{
    MR_DASSERT(ring->tail - ring->head < ring->cap);
    ring->values[ring->tail++ & (ring->cap - 1)] = value;
}

/* The oldest value, owned. The ring is not empty. */
MR_INLINE JSValue mr__valuering_pop(JSRuntime *rt, mr__valuering *ring)
{
    MR_DASSERT(!mr__valuering_empty(ring));
    JSValue value = ring->values[ring->head++ & (ring->cap - 1)];
    if (MR_UNLIKELY(ring->cap > MR__VALUERING_KEEP) && mr__valuering_empty(ring))
        mr__valuering_shrink(rt, ring);
    return value;
}

#endif
