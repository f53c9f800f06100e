/* The memory of handles: blocks of a page, each with its own free list, found by the address.
 *
 * A block with free handles is on the list of open ones. One that is wholly free goes, except the last of
 * these, so that setting and clearing in turns does not allocate. Since the loop may hold handles after
 * their runtime has ended, a closed pool lives until its last block is free.
 *
 * Invariant: a block is open iff used < MR__HANDLES; fresh handles were never given out. */
#ifndef MR_JS_HANDLE_POOL_H
#define MR_JS_HANDLE_POOL_H

#include "base/arena.h"
#include "js/handles.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#endif

#ifdef MR_TEST
enum { MR__HANDLE_BLOCK_BYTES = 256 };
#else
enum { MR__HANDLE_BLOCK_BYTES = 4096 };
#endif

struct mr__handle_block {
    struct mr__handle_pool *pool;
    struct mr__handle_block *previous, *next; /* open ones */
    struct mr__handle_block *before, *after;  /* all */
    mr__handle *free;
    uint16_t used, fresh;
    bool single; /* as mr__arena_take said */
    mr__handle handles[];
};
enum {
    MR__HANDLES = (MR__HANDLE_BLOCK_BYTES - sizeof(struct mr__handle_block)) / sizeof(mr__handle)
};

struct mr__handle_pool {
    mr_js *js; /* NULL: closed */
    struct mr__handle_block *open, *all;
    mr__arena memory;
    bool walked; /* blocks stay, also wholly free ones */
};

struct mr__handle_pool *mr__handle_pool_create(mr_js *js);
/* Call fn, which may give handles back, for each that is pending; new ones may be left out. */
void mr__handle_pool_each_pending(struct mr__handle_pool *pool, void (*fn)(mr__handle *handle));
/* No more will be taken; the pool goes when the last one was given back. NULL: nothing. */
void mr__handle_pool_close(struct mr__handle_pool *pool);

/* Of a block: a new one that is listed, put on the list, off it, given up. */
MR_COLD bool mr__handle_block_add(struct mr__handle_pool *pool);
MR_COLD void mr__handle_block_list(struct mr__handle_pool *pool, struct mr__handle_block *block);
MR_COLD void mr__handle_block_unlist(struct mr__handle_pool *pool, struct mr__handle_block *block);
MR_COLD void mr__handle_block_drop(struct mr__handle_pool *pool, struct mr__handle_block *block);

/* What is poisoned of a free handle: whether it is pending can be read. */
enum { MR__HANDLE_POISON = offsetof(mr__handle, delay_ms) };

MR_INLINE struct mr__handle_block *mr__handle_block_of(const mr__handle *handle)
{
    return (struct mr__handle_block *)((uintptr_t)handle &
                                       ~(uintptr_t)(MR__HANDLE_BLOCK_BYTES - 1));
}

/* Of one that is wholly free. */
MR_INLINE bool mr__handle_block_may_go(const struct mr__handle_block *block)
{
    bool only = block->previous == NULL && block->next == NULL;
    return !block->pool->walked && (!only || block->pool->js == NULL);
}

/* Not cleared; NULL: no memory. */
MR_INLINE mr__handle *mr__handle_take(struct mr__handle_pool *pool)
{
    if (MR_UNLIKELY(pool->open == NULL) && !mr__handle_block_add(pool))
        return NULL;
    struct mr__handle_block *block = pool->open;
    mr__handle *handle = block->free;
    if (handle != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(handle, MR__HANDLE_POISON);
        block->free = handle->next;
    } else {
        handle = &block->handles[MR__HANDLES - block->fresh--];
    }
    if (MR_UNLIKELY(++block->used == MR__HANDLES))
        mr__handle_block_unlist(pool, block);
    return handle;
}

MR_INLINE void mr__handle_give_back(mr__handle *handle)
{
    struct mr__handle_block *block = mr__handle_block_of(handle);
    MR_DASSERT(!handle->pending);
    handle->next = block->free;
    block->free = handle;
    ASAN_POISON_MEMORY_REGION(handle, MR__HANDLE_POISON);
    if (MR_UNLIKELY(block->used-- == MR__HANDLES))
        mr__handle_block_list(block->pool, block);
    if (MR_UNLIKELY(block->used == 0) && mr__handle_block_may_go(block))
        mr__handle_block_drop(block->pool, block);
}

#endif
