/* The memory of handles: blocks of a page, each with its own free list, found by the address.
 *
 * A block with free handles is on the pool's list. One that is wholly free goes, except the last on
 * the list, so that setting and clearing in turns does not allocate. Since the loop may hold handles
 * after their runtime has ended, a closed pool lives until its last block is free.
 *
 * Invariant: a block is on the list iff used < HANDLES; fresh handles were never given out. */
#include "js/handles.h"

#include <stddef.h>

#include "base/memory.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#endif

#ifdef MR_TEST
enum { BLOCK_BYTES = 256 };
#else
enum { BLOCK_BYTES = 4096 };
#endif

struct block {
    struct mr__handle_pool *pool;
    struct block *previous, *next; /* on the list of those with free handles */
    mr__handle *free;
    unsigned used, fresh;
    mr__handle handles[];
};
enum { HANDLES = (BLOCK_BYTES - sizeof(struct block)) / sizeof(mr__handle) };

struct mr__handle_pool {
    struct block *open;
    size_t blocks;
    bool closed;
};

static struct block *block_of(mr__handle *handle)
{
    return (struct block *)(void *)((char *)handle - (uintptr_t)handle % BLOCK_BYTES);
}

static void list(struct mr__handle_pool *pool, struct block *block)
{
    block->previous = NULL;
    block->next = pool->open;
    if (block->next != NULL)
        block->next->previous = block;
    pool->open = block;
}

static void unlist(struct mr__handle_pool *pool, struct block *block)
{
    struct block **link = block->previous ? &block->previous->next : &pool->open;
    *link = block->next;
    if (block->next != NULL)
        block->next->previous = block->previous;
}

static bool add_block(struct mr__handle_pool *pool)
{
    struct block *block = mr__alloc_aligned(BLOCK_BYTES, BLOCK_BYTES);
    if (block == NULL)
        return false;
    *block = (struct block){.pool = pool, .fresh = HANDLES};
    list(pool, block);
    pool->blocks++;
    return true;
}

static void drop_block(struct mr__handle_pool *pool, struct block *block)
{
    unlist(pool, block);
    ASAN_UNPOISON_MEMORY_REGION(block, BLOCK_BYTES);
    mr__free(block);
    pool->blocks--;
    if (pool->closed && pool->blocks == 0)
        mr__free(pool);
}

mr__handle *mr__handle_take(struct mr__handle_pool *pool)
{
    if (MR_UNLIKELY(pool->open == NULL) && !add_block(pool))
        return NULL;
    struct block *block = pool->open;
    mr__handle *handle = block->free;
    if (handle != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(handle, sizeof(*handle));
        block->free = handle->next;
    } else {
        handle = &block->handles[HANDLES - block->fresh--];
    }
    if (MR_UNLIKELY(++block->used == HANDLES))
        unlist(pool, block);
    return handle;
}

void mr__handle_give_back(mr__handle *handle)
{
    struct block *block = block_of(handle);
    struct mr__handle_pool *pool = block->pool;
    handle->next = block->free;
    block->free = handle;
    ASAN_POISON_MEMORY_REGION(handle, sizeof(*handle));
    if (MR_UNLIKELY(block->used-- == HANDLES))
        list(pool, block);
    bool only = block->previous == NULL && block->next == NULL;
    if (MR_UNLIKELY(block->used == 0) && (!only || pool->closed))
        drop_block(pool, block);
}

struct mr__handle_pool *mr__handle_pool_create(void)
{
    return mr__alloc_zero(sizeof(struct mr__handle_pool));
}

void mr__handle_pool_close(struct mr__handle_pool *pool)
{
    if (pool == NULL)
        return;
    /* At most one block is wholly free; with no other it takes the pool with it. */
    size_t others = pool->blocks;
    struct block *empty = pool->open;
    while (empty != NULL && empty->used != 0)
        empty = empty->next;
    pool->closed = true;
    if (empty != NULL)
        drop_block(pool, empty);
    else if (others == 0)
        mr__free(pool);
}
