#include "base/arena.h"

#include "base/memory.h"

static_assert(sizeof(mr__chunk) <= MR_LINE, "a chunk's head is one line");

static size_t alignment_of(const mr__arena *arena)
{
    bool power_of_two = (arena->block_bytes & (arena->block_bytes - 1)) == 0;
    return power_of_two ? arena->block_bytes : MR_LINE;
}

/* The head takes the place of a block where blocks are aligned to their size. */
static char *block_at(const mr__arena *arena, mr__chunk *chunk, uint32_t index)
{
    return (char *)chunk + alignment_of(arena) + index * arena->block_bytes;
}

static uint32_t capacity(const mr__arena *arena)
{
    return (uint32_t)((MR__CHUNK_BYTES - alignment_of(arena)) / arena->block_bytes);
}

static bool has_room(const mr__arena *arena, const mr__chunk *chunk)
{
    return chunk->free != NULL || chunk->cut < capacity(arena);
}

void mr__arena_init(mr__arena *arena, size_t block_bytes, uint32_t most_singles)
{
    MR_ASSERT(block_bytes % MR_LINE == 0);
    *arena = (mr__arena){.block_bytes = block_bytes, .most_singles = most_singles};
    MR_ASSERT(capacity(arena) >= 2);
}

void mr__arena_check(const mr__arena *arena)
{
    const mr__chunk *prev = NULL;
    for (const mr__chunk *chunk = arena->with_room; chunk != NULL; chunk = chunk->next) {
        MR_ASSERT(chunk->prev == prev && has_room(arena, chunk));
        MR_ASSERT(chunk->used != 0 && chunk->used <= chunk->cut);
        prev = chunk;
    }
}

static void link_chunk(mr__arena *arena, mr__chunk *chunk)
{
    chunk->prev = NULL;
    chunk->next = arena->with_room;
    if (chunk->next != NULL)
        chunk->next->prev = chunk;
    arena->with_room = chunk;
}

static void unlink_chunk(mr__arena *arena, mr__chunk *chunk)
{
    if (chunk->prev != NULL)
        chunk->prev->next = chunk->next;
    else
        arena->with_room = chunk->next;
    if (chunk->next != NULL)
        chunk->next->prev = chunk->prev;
}

/* Chunks are aligned to their size, so that a block finds its own. */
static mr__chunk *new_chunk(mr__arena *arena)
{
    mr__chunk *chunk = (size_t)MR__CHUNK_BYTES >= MR__LARGE_PAGE
                           ? mr__alloc_bulk(MR__CHUNK_BYTES)
                           : mr__alloc_aligned(MR__CHUNK_BYTES, MR__CHUNK_BYTES);
    if (chunk == NULL)
        return NULL;
    *chunk = (mr__chunk){0};
    link_chunk(arena, chunk);
    return chunk;
}

static void *take_from(mr__arena *arena, mr__chunk *chunk)
{
    void *block = chunk->free;
    if (block != NULL)
        chunk->free = *(void **)block;
    else
        block = block_at(arena, chunk, chunk->cut++);
    chunk->used++;
    if (!has_room(arena, chunk))
        unlink_chunk(arena, chunk);
    return block;
}

void *mr__arena_take(mr__arena *arena, bool *out_single)
{
    void *block;
    *out_single = arena->singles < arena->most_singles;
    if (*out_single) {
        block = mr__alloc_aligned(arena->block_bytes, alignment_of(arena));
        arena->singles += block != NULL;
        return block;
    }
    mr__chunk *chunk = arena->with_room != NULL ? arena->with_room : new_chunk(arena);
    return chunk == NULL ? NULL : take_from(arena, chunk);
}

void mr__arena_give(mr__arena *arena, void *block, bool single)
{
    if (single) {
        arena->singles--;
        mr__free(block);
        return;
    }
    mr__chunk *chunk = (mr__chunk *)((uintptr_t)block & ~(uintptr_t)(MR__CHUNK_BYTES - 1));
    if (!has_room(arena, chunk))
        link_chunk(arena, chunk);
    *(void **)block = chunk->free;
    chunk->free = block;
    if (--chunk->used == 0) {
        unlink_chunk(arena, chunk);
        mr__free(chunk);
    }
}
