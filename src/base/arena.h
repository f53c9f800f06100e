/* Blocks of one size that come and go in great number: the first few are allocations of their own, the
 * others are cut from chunks, each of which goes when its last block is given back.
 *
 * A block of a power of two is aligned to its size, any other to a cache line.
 *
 * Invariant (mr__arena_check): exactly the chunks with room are on the list, and none is unused. */
#ifndef MR_BASE_ARENA_H
#define MR_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

#ifdef MR_TEST
enum { MR__ARENA_SINGLES = 2, MR__CHUNK_BYTES = 16 * 1024 };
#else
enum { MR__ARENA_SINGLES = 32, MR__CHUNK_BYTES = 2 * 1024 * 1024 };
#endif

typedef struct mr__chunk {
    struct mr__chunk *prev, *next; /* of those with room */
    void *free;                    /* given back; each begins with a pointer to the next */
    uint32_t used, cut;            /* blocks in use; that were ever cut */
} mr__chunk;

typedef struct mr__arena {
    size_t block_bytes;
    uint32_t singles, most_singles; /* in use; before chunks are cut */
    mr__chunk *with_room;
} mr__arena;

/* block_bytes is a multiple of a cache line. */
void mr__arena_init(mr__arena *arena, size_t block_bytes, uint32_t most_singles);
/* A block, not zeroed, or NULL; *out_single is to be told when it is given back. */
void *mr__arena_take(mr__arena *arena, bool *out_single);
void mr__arena_give(mr__arena *arena, void *block, bool single);
void mr__arena_check(const mr__arena *arena);

#endif
