/* The engine's memory: every block it has, counted and known.
 *
 * The engine keeps small objects in arenas of its own; what comes here are arenas and large blocks.
 * Each that it has is on a list, so that an engine that was refused memory once, and may have lost track of
 * references then, can be discarded whole: its collector runs a last time, so that objects end, and
 * whatever is left afterwards goes without being looked at.
 *
 * Engines do not survive it everywhere when a small block is refused. So the first blocks come from
 * one reserve, until the engine is made, and arenas until ours is installed; later only large ones are refused at the limit: small
 * ones may go beyond it, by as much again and at most 4 MiB, and when there is no memory at all they
 * come from what is set aside of the reserve. The runtime is then short of memory, and what runs is
 * ended the next time that the engine asks (limits.c). */
#ifndef MR_JS_HEAP_H
#define MR_JS_HEAP_H

#include <quickjs.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct mr__js_block {
    struct mr__js_block *next, *previous; /* previous NULL: of the reserve, and next is its size */
} mr__js_block;

typedef struct mr__js_heap {
    mr__js_block *blocks;
    JSRuntime *rt;            /* once it is made */
    size_t used, blocks_used; /* by the engine */
    size_t external;          /* held for script outside the engine: mr__js_heap_external */
    size_t limit;             /* of both; 0: none */
    size_t collect_at;        /* used by both: ask the engine to collect soon */
    bool telling;             /* of an exception: with twice the headroom, as what was thrown may be
                                 that there is no memory, and what filled it may still be there */
    size_t threshold;         /* of the engine's collections, without the objects that wait */
    size_t for_waiting;       /* what was added to it for those */
    size_t waiting;           /* handles of timers and immediates that are pending */
    mr__arena pieces;         /* its arenas are in */
    mr__js_block *spares;     /* pieces that it gave back, for the next ones */
    unsigned spare_count, singles; /* singles: pieces that are allocations, spare ones too */
    uint64_t refused;              /* how often there was no memory */
    bool in_need;                  /* what was set aside has been used */
    bool made;                     /* the engine is: from now on blocks are the allocator's */
    bool installed;                /* and arenas, too */
    char *reserve;
    size_t reserve_used;
} mr__js_heap;

/* An engine on this heap, which is zeroed; NULL: no memory. */
JSRuntime *mr__js_heap_engine(mr__js_heap *heap);
/* The limit holds from now on; 0: none. */
void mr__js_heap_limit(mr__js_heap *heap, size_t limit);
/* End the engine, whose contexts are freed, and with it the heap. */
void mr__js_heap_free(mr__js_heap *heap);

/* Whether script holds more than it may, or has used what was set aside. */
static inline bool mr__js_heap_short(const mr__js_heap *heap)
{
    return heap->in_need || (heap->limit != 0 && heap->used + heap->external > heap->limit);
}
/* What ran has been ended: what was set aside may be used again as far as there is some. */
void mr__js_heap_recover(mr__js_heap *heap);

/* Whether so much more may be held for script; counts it if so. */
bool mr__js_heap_hold(mr__js_heap *heap, size_t size);
void mr__js_heap_let_go(mr__js_heap *heap, size_t size);

#endif
