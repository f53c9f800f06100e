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
    bool single;
    struct mr__handle_block *block = mr__arena_take(&pool->memory, &single);
    if (block == NULL)
        return false;
    *block = (struct mr__handle_block){
        .pool = pool, .after = pool->all, .fresh = MR__HANDLES, .single = single};
    if (block->after != NULL)
        block->after->before = block;
    pool->all = block;
    mr__handle_block_list(pool, block);
    return true;
}

static void free_if_over(struct mr__handle_pool *pool)
{
    if (pool->js == NULL && pool->all == NULL)
        mr__free(pool);
}

void mr__handle_block_drop(struct mr__handle_pool *pool, struct mr__handle_block *block)
{
    mr__handle_block_unlist(pool, block);
    struct mr__handle_block **link = block->before ? &block->before->after : &pool->all;
    *link = block->after;
    if (block->after != NULL)
        block->after->before = block->before;
    ASAN_UNPOISON_MEMORY_REGION(block, MR__HANDLE_BLOCK_BYTES);
    mr__arena_give(&pool->memory, block, block->single);
    free_if_over(pool);
}

struct mr__handle_pool *mr__handle_pool_create(mr_js *js)
{
    struct mr__handle_pool *pool = mr__alloc_zero(sizeof(*pool));
    if (pool == NULL)
        return NULL;
    pool->js = js;
    mr__arena_init(&pool->memory, MR__HANDLE_BLOCK_BYTES, MR__ARENA_SINGLES);
    return pool;
}

static void each_pending_of(struct mr__handle_block *block, void (*fn)(mr__handle *handle))
{
    for (unsigned i = 0; i < (unsigned)MR__HANDLES - block->fresh; i++) {
        if (block->handles[i].pending)
            fn(&block->handles[i]);
    }
}

static void drop_empty(struct mr__handle_pool *pool)
{
    struct mr__handle_block *block = pool->open;
    while (block != NULL) {
        struct mr__handle_block *next = block->next;
        if (block->used == 0 && mr__handle_block_may_go(block))
            mr__handle_block_drop(pool, block);
        block = next;
    }
}

void mr__handle_pool_each_pending(struct mr__handle_pool *pool, void (*fn)(mr__handle *handle))
{
    if (pool == NULL)
        return;
    bool outermost = !pool->walked;
    pool->walked = true;
    for (struct mr__handle_block *block = pool->all; block != NULL; block = block->after)
        each_pending_of(block, fn);
    if (!outermost)
        return;
    pool->walked = false;
    drop_empty(pool);
}

void mr__handle_pool_close(struct mr__handle_pool *pool)
{
    if (pool == NULL)
        return;
    /* At most one block is wholly free; with no other it takes the pool with it. */
    struct mr__handle_block *empty = pool->open;
    while (empty != NULL && empty->used != 0)
        empty = empty->next;
    pool->js = NULL;
    if (empty != NULL)
        mr__handle_block_drop(pool, empty);
    else
        free_if_over(pool);
}
