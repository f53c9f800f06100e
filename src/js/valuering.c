#include "js/valuering.h"

#ifdef MR_TEST
enum { SMALLEST = 2 };
#else
enum { SMALLEST = 64 };
#endif

/* Values keep their positions, so they move to their place modulo the new capacity. */
static bool resize(JSRuntime *rt, mr__valuering *ring, uint32_t cap)
{
    JSValue *values = js_malloc_rt(rt, cap * sizeof(*values));
    if (values == NULL)
        return false;
    for (uint32_t at = ring->head; at != ring->tail; at++)
        values[at & (cap - 1)] = ring->values[at & (ring->cap - 1)];
    js_free_rt(rt, ring->values);
    ring->values = values;
    ring->cap = cap;
    return true;
}

bool mr__valuering_grow(JSRuntime *rt, mr__valuering *ring, uint32_t n)
{
    uint64_t wanted = (uint64_t)(ring->tail - ring->head) + n;
    uint64_t cap = ring->cap == 0 ? SMALLEST : ring->cap;
    while (cap < wanted)
        cap *= 2;
    return cap <= UINT32_MAX / 2 && resize(rt, ring, (uint32_t)cap);
}

void mr__valuering_shrink(JSRuntime *rt, mr__valuering *ring)
{
    resize(rt, ring, MR__VALUERING_KEEP); /* without memory it stays as it is */
}

void mr__valuering_deinit(JSRuntime *rt, mr__valuering *ring)
{
    while (!mr__valuering_empty(ring))
        JS_FreeValueRT(rt, mr__valuering_pop(rt, ring));
    js_free_rt(rt, ring->values);
    *ring = (mr__valuering){0};
}
