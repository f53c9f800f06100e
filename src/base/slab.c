#include "base/slab.h"

#include <string.h>

#include "base/memory.h"

void mr__slab_init(mr__slab *slab)
{
    *slab = (mr__slab){0};
}

enum { PAGE_BYTES = MR__SLOT_BYTES << MR__SLAB_SHIFT };

/* Whether the page is the first of a block. */
static bool begins_block(uint32_t page)
{
    return page < MR__SLAB_SINGLES || (page - MR__SLAB_SINGLES) % MR__SLAB_GROUP == 0;
}

void mr__slab_deinit(mr__slab *slab)
{
    for (uint32_t i = 0; i < slab->page_count; i++)
        if (begins_block(i))
            mr__free(slab->pages[i]);
    mr__free(slab->pages);
    mr__slab_init(slab);
}

static bool reserve_page_table(mr__slab *slab)
{
    if (slab->page_count < slab->page_cap)
        return true;
    uint32_t cap = slab->page_cap == 0 ? 4 : slab->page_cap * 2;
    char **pages = mr__realloc(slab->pages, cap * sizeof *pages);
    if (pages == NULL)
        return false;
    slab->pages = pages;
    mr__counter_add(&slab->bytes, (cap - slab->page_cap) * sizeof *pages);
    slab->page_cap = cap;
    mr__counter_add(&slab->allocations, 1);
    return true;
}

static char *new_page(mr__slab *slab)
{
    uint32_t page = slab->page_count;
    if (!begins_block(page))
        return slab->pages[page - 1] + PAGE_BYTES;
    size_t pages = page < MR__SLAB_SINGLES ? 1 : MR__SLAB_GROUP;
    char *block = mr__alloc_bulk(pages * PAGE_BYTES);
    mr__counter_add(&slab->allocations, block != NULL);
    return block;
}

bool mr__slab_grow(mr__slab *slab)
{
    MR_ASSERT(slab->page_count < UINT32_MAX >> MR__SLAB_SHIFT);
    if (!reserve_page_table(slab))
        return false;
    char *page = new_page(slab);
    if (page == NULL)
        return false;
    memset(page, 0, PAGE_BYTES); /* its cache lines are written below anyhow */
    uint32_t first = slab->page_count << MR__SLAB_SHIFT;
    slab->pages[slab->page_count++] = page;
    mr__counter_add(&slab->bytes, PAGE_BYTES);
    for (uint32_t i = MR__SLAB_PAGE;
         i-- > 0;) { /* backwards, so that slots are given out upwards */
        mr__free_slot *slot = mr__slab_at(slab, first + i);
        slot->slot.next = first + i;
        slot->next = slab->free;
        slab->free = slot;
    }
    return true;
}

void mr__slab_check(const mr__slab *slab)
{
    uint64_t slots = (uint64_t)slab->page_count << MR__SLAB_SHIFT, unused = 0;
    for (const mr__free_slot *at = slab->free; at != NULL; at = at->next) {
        MR_ASSERT((at->slot.generation & 1) == 0);
        MR_ASSERT(mr__slab_at(slab, at->slot.next) == at);
        MR_ASSERT(++unused <= slots);
    }
    MR_ASSERT(mr__counter_get(&slab->live) + unused + slab->retired == slots);
}
