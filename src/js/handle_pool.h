/* The memory of handles: blocks of a page, each with its own free list, found by the address.
 *
 * A block with free handles is on the pool's list. One that is wholly free goes, except the last on
 * the list, so that setting and clearing in turns does not allocate. Since the loop may hold handles
 * after their runtime has ended, a closed pool lives until its last block is free.
 *
 * Invariant: a block is on the list iff used < MR__HANDLES; fresh handles were never given out. */
#ifndef MR_JS_HANDLE_POOL_H
#define MR_JS_HANDLE_POOL_H

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
    struct mr__handle_block *previous, *next; /* on the list of those with free handles */
    mr__handle *free;
    unsigned used, fresh;
    mr__handle handles[];
};
enum {
    MR__HANDLES = (MR__HANDLE_BLOCK_BYTES - sizeof(struct mr__handle_block)) / sizeof(mr__handle)
};

struct mr__handle_pool {
    struct mr__handle_block *open;
    size_t blocks;
    bool closed;
};

struct mr__handle_pool *mr__handle_pool_create(void);
/* No more will be taken; the pool goes when the last one was given back. NULL: nothing. */
void mr__handle_pool_close(struct mr__handle_pool *pool);

/* Of a block: a new one that is listed, put on the list, off it, given up. */
MR_COLD bool mr__handle_block_add(struct mr__handle_pool *pool);
MR_COLD void mr__handle_block_list(struct mr__handle_pool *pool, struct mr__handle_block *block);
MR_COLD void mr__handle_block_unlist(struct mr__handle_pool *pool, struct mr__handle_block *block);
MR_COLD void mr__handle_block_drop(struct mr__handle_pool *pool, struct mr__handle_block *block);

/* Not cleared; NULL: no memory. */
MR_INLINE mr__handle *mr__handle_take(struct mr__handle_pool *pool)
{
    if (MR_UNLIKELY(pool->open == NULL) && !mr__handle_block_add(pool))
        return NULL;
    struct mr__handle_block *block = pool->open;
    mr__handle *handle = block->free;
    if (handle != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(handle, sizeof(*handle));
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
    struct mr__handle_block *block =
        (struct mr__handle_block *)(void *)((char *)handle -
                                            (uintptr_t)handle % MR__HANDLE_BLOCK_BYTES);
    handle->next = block->free;
    block->free = handle;
    ASAN_POISON_MEMORY_REGION(handle, sizeof(*handle));
    if (MR_UNLIKELY(block->used-- == MR__HANDLES))
        mr__handle_block_list(block->pool, block);
    bool only = block->previous == NULL && block->next == NULL;
    if (MR_UNLIKELY(block->used == 0) && (!only || block->pool->closed))
        mr__handle_block_drop(block->pool, block);
}

#endif
