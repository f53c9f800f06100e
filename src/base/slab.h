/* Slots with generations: stable addresses, ids that cannot dangle.
 *
 * An id holds slot number and generation. A generation is odd while its slot is in use and even
 * while it is free, so an id matches exactly the object it was made for. A slot whose generation is
 * used up is retired. Every element starts with a mr__slot and fits in a cache line, so that finding
 * one multiplies nothing. Pages never move and are freed with the slab; the first SINGLES are blocks of
 * their own, the others come from blocks of GROUP.
 *
 * Invariant (mr__slab_check): live + free + retired = slots in all pages. */
#ifndef MR_BASE_SLAB_H
#define MR_BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/counter.h"
#include "base/macros.h"

#ifdef MR_TEST
enum { MR__SLAB_SHIFT = 1, MR__SLAB_SINGLES = 5, MR__SLAB_GROUP = 4 };
#else
enum { MR__SLAB_SHIFT = 8, MR__SLAB_SINGLES = 64, MR__SLAB_GROUP = 128 };
#endif
enum { MR__SLAB_PAGE = 1 << MR__SLAB_SHIFT, MR__SLOT_BYTES = MR_LINE };
#define MR__NIL UINT32_MAX

typedef struct mr__slot {
    uint32_t generation;
    uint32_t next; /* in use: the user's own, for a list; free: the slot's own number */
} mr__slot;

/* A slot that is free, on the slab's list; its last word is the slab's. */
typedef struct mr__free_slot {
    mr__slot slot;
    char left[MR__SLOT_BYTES - sizeof(mr__slot) - sizeof(void *)]; /* by the last user */
    struct mr__free_slot *next;
} mr__free_slot;
static_assert(sizeof(mr__free_slot) == MR__SLOT_BYTES, "the link fits in a slot");

typedef struct mr__slab {
    char **pages;
    uint32_t page_count, page_cap;
    uint32_t retired;
    mr__free_slot *free;
    mr__counter live;
    mr__counter allocations, bytes;
} mr__slab;

void mr__slab_init(mr__slab *slab);
void mr__slab_deinit(mr__slab *slab);
bool mr__slab_grow(mr__slab *slab);
void mr__slab_check(const mr__slab *slab);

static inline void *mr__slab_at(const mr__slab *slab, uint32_t index)
{
    return slab->pages[index >> MR__SLAB_SHIFT] +
           (size_t)(index & (MR__SLAB_PAGE - 1)) * MR__SLOT_BYTES;
}

static inline uint64_t mr__slab_id(const mr__slot *slot, uint32_t index)
{
    return (uint64_t)slot->generation << 32 | index;
}

/* The element of an id, or NULL when the id is stale or never was one. */
static inline void *mr__slab_find(const mr__slab *slab, uint64_t id)
{
    uint32_t index = (uint32_t)id, generation = (uint32_t)(id >> 32);
    if (MR_UNLIKELY(index >> MR__SLAB_SHIFT >= slab->page_count || (generation & 1) == 0))
        return NULL;
    mr__slot *slot = mr__slab_at(slab, index);
    return MR_LIKELY(slot->generation == generation) ? slot : NULL;
}

/* A slot for use, or NULL without memory; its `next` is its number. The bytes between it and the
 * last word are what the last user left, at first zeros. */
static inline void *mr__slab_alloc(mr__slab *slab, uint32_t *out_index)
{
    if (MR_UNLIKELY(slab->free == NULL) && !mr__slab_grow(slab))
        return NULL;
    mr__free_slot *taken = slab->free;
    *out_index = taken->slot.next;
    slab->free = taken->next;
    mr__counter_add(&slab->live, 1);
    taken->slot.generation++;
    return taken;
}

/* Give back the element at index. */
static inline void mr__slab_free(mr__slab *slab, mr__slot *slot, uint32_t index)
{
    MR_DASSERT((slot->generation & 1) == 1);
    mr__counter_set(&slab->live, mr__counter_get(&slab->live) - 1);
    slot->generation++;
    if (MR_UNLIKELY(slot->generation == 0)) {
        slab->retired++;
        return;
    }
    slot->next = index;
    mr__free_slot *given = (mr__free_slot *)(void *)slot;
    given->next = slab->free;
    slab->free = given;
}

#endif
