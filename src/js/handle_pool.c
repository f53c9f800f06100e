#include "js/handle_pool.h"

#include <stddef.h>

#include "base/memory.h"

void mr__handle_block_list(struct mr__handle_pool *pool, struct mr__handle_block *block)
{
    block->previous = NULL;
    block->next = pool->open;
    if (block->next != NULL)
        block->next->previous = block;
    pool->open = block;
}

void mr__handle_block_unlist(struct mr__handle_pool *pool, struct mr__handle_block *block)
{
    struct mr__handle_block **link = block->previous ? &block->previous->next : &pool->open;
    *link = block->next;
    if (block->next != NULL)
        block->next->previous = block->previous;
}

bool mr__handle_block_add(struct mr__handle_pool *pool)
{
    struct mr__handle_block *block =
        mr__alloc_aligned(MR__HANDLE_BLOCK_BYTES, MR__HANDLE_BLOCK_BYTES);
    if (block == NULL)
        return false;
    *block = (struct mr__handle_block){.pool = pool, .fresh = MR__HANDLES};
    mr__handle_block_list(pool, block);
    pool->blocks++;
    return true;
}

void mr__handle_block_drop(struct mr__handle_pool *pool, struct mr__handle_block *block)
{
    mr__handle_block_unlist(pool, block);
    ASAN_UNPOISON_MEMORY_REGION(block, MR__HANDLE_BLOCK_BYTES);
    mr__free(block);
    pool->blocks--;
    if (pool->closed && pool->blocks == 0)
        mr__free(pool);
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
    struct mr__handle_block *empty = pool->open;
    while (empty != NULL && empty->used != 0)
        empty = empty->next;
    pool->closed = true;
    if (empty != NULL)
        mr__handle_block_drop(pool, empty);
    else if (others == 0)
        mr__free(pool);
}
