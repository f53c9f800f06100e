#include "js/heap.h"

#include <malloc.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "loop/extend.h"

/* What an engine with all its intrinsics takes, and half as much again. */
enum { RESERVE = 512 * 1024, ALIGNMENT = 16 };
/* So much of it each runtime touches. */
enum { TOUCHED = 320 * 1024 };
/* The engine's arenas are of 3.5 to 4 KiB and come and go in bursts. All are in pieces of one size: the
 * first are allocations, of which some are kept when they are given back, the others are cut from large
 * pages, as a burst pays more for touching small ones than for all else that it does. With AddressSanitizer
 * the engine has no arenas, and what is freed must be seen to be. */
#ifdef __SANITIZE_ADDRESS__
enum { SINGLES = 0, SPARES = 0 };
#elif defined(MR_TEST)
enum { SINGLES = 64, SPARES = 2 };
#else
enum { SINGLES = 512, SPARES = 128 };
#endif
enum { ARENA_LEAST = 3600, ARENA_MOST = 4096, PIECE = ARENA_MOST + MR_LINE };
/* From here on a block is worth large pages of its own. */
enum { BULK = 2 * MR__LARGE_PAGE };
/* In the low bits of a block's `previous`. */
enum { IN_PIECE = 1, IN_SINGLE = 2, IN_BITS = IN_PIECE | IN_SINGLE };
/* No collection of cycles before a runtime holds this much: its own start would cause one. */
enum { FIRST_COLLECTION = 4 * 1024 * 1024 };
/* An object without properties, and the place for two. */
enum { HANDLE_BYTES = 80 + 40 };
/* What is larger than an arena is large. */
enum { SMALL = 4608, MOST_HEADROOM = 4 * 1024 * 1024 };
/* Near the limit the engine is made to collect: its own threshold may lie above the limit. */
enum { LIMIT_PARTS = 64 };

static_assert(sizeof(mr__js_block) == ALIGNMENT,
              "what follows the header is aligned as malloc does");

static inline mr__js_block *block_of(const void *memory)
{
    return (mr__js_block *)(uintptr_t)memory - 1;
}

static inline bool reserved(const mr__js_block *block)
{
    return block->previous == NULL;
}

static inline uintptr_t place_of(const mr__js_block *block)
{
    return (uintptr_t)block->previous & IN_BITS;
}

static inline mr__js_block *previous_of(const mr__js_block *block)
{
    return (mr__js_block *)((uintptr_t)block->previous & ~(uintptr_t)IN_BITS);
}

static inline void set_previous(mr__js_block *block, const mr__js_block *previous, uintptr_t place)
{
    block->previous = (mr__js_block *)((uintptr_t)previous | place);
}

static size_t usable(const void *memory)
{
    if (memory == NULL)
        return 0;
    mr__js_block *block = block_of(memory);
    if (reserved(block))
        return (size_t)(uintptr_t)block->next;
    return place_of(block) != 0 ? (size_t)ARENA_MOST : malloc_usable_size(block) - sizeof(*block);
}

/* ---- Counting ---------------------------------------------------------------------------------*/

static void *refuse(mr__js_heap *heap)
{
    heap->refused++;
    return NULL;
}

static void collect_soon(mr__js_heap *heap)
{
    size_t used = heap->used + heap->external, left = heap->limit - used;
    size_t step = left / 2 > heap->limit / LIMIT_PARTS ? left / 2 : heap->limit / LIMIT_PARTS;
    heap->collect_at = used + step;
    JS_SetGCThreshold(heap->rt, 0); /* the next object that is made; it sets the next one itself */
}

/* After a collection the engine awaits half as much again as was left, and a burst of a million objects
 * is gone through a dozen times. Without a limit there is time until it is twice as much. The objects of
 * handles that wait are no garbage: no collection looks for some because there are many. */
static inline void space_collections(mr__js_heap *heap)
{
    size_t threshold = JS_GetGCThreshold(heap->rt), waiting = heap->waiting * HANDLE_BYTES;
    if (MR_LIKELY(threshold == heap->threshold + heap->for_waiting &&
                  waiting == heap->for_waiting) ||
        heap->limit != 0 || threshold > SIZE_MAX / 2)
        return;
    if (threshold != heap->threshold + heap->for_waiting) {
        size_t next = threshold + threshold / 3;
        heap->threshold =
            next < FIRST_COLLECTION + waiting ? (size_t)FIRST_COLLECTION : next - waiting;
    }
    heap->for_waiting = waiting;
    JS_SetGCThreshold(heap->rt, heap->threshold + waiting);
}

/* Whether `more` bytes are refused. */
static inline bool beyond(mr__js_heap *heap, size_t more)
{
    if (MR_LIKELY(heap->limit == 0))
        return false;
    size_t used = heap->used + heap->external, limit = heap->limit;
    if (more <= SMALL) {
        size_t headroom = limit < MOST_HEADROOM ? limit : MOST_HEADROOM;
        limit += heap->telling ? 2 * headroom : headroom;
    }
    if (used > limit || more > limit - used)
        return true;
    if (MR_UNLIKELY(used + more > heap->collect_at && used < heap->limit))
        collect_soon(heap);
    return false;
}

static void *enlist(mr__js_heap *heap, mr__js_block *block, uintptr_t place)
{
    block->next = heap->blocks;
    set_previous(block, (mr__js_block *)&heap->blocks, place);
    if (block->next != NULL)
        set_previous(block->next, block, place_of(block->next));
    heap->blocks = block;
    heap->used += usable(block + 1);
    heap->blocks_used++;
    return block + 1;
}

/* `next` comes first in a block, so that the list's head can stand for one. */
static void delist(mr__js_heap *heap, mr__js_block *block)
{
    previous_of(block)->next = block->next;
    if (block->next != NULL)
        set_previous(block->next, previous_of(block), place_of(block->next));
    heap->used -= usable(block + 1);
    heap->blocks_used--;
}

/* ---- The reserve ------------------------------------------------------------------------------*/

/* It is zeroed and nothing of it is used twice. NULL: it is used up. */
static void *take_reserve(mr__js_heap *heap, size_t size)
{
    size_t whole = (size + sizeof(mr__js_block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (heap->reserve == NULL || whole < size || whole > RESERVE - heap->reserve_used)
        return NULL;
    mr__js_block *block = (mr__js_block *)(void *)(heap->reserve + heap->reserve_used);
    heap->reserve_used += whole;
    whole -= sizeof(*block);
    *block = (mr__js_block){(mr__js_block *)(uintptr_t)whole, NULL};
    heap->used += whole;
    return block + 1;
}

/* ---- Pieces -----------------------------------------------------------------------------------*/

static inline bool like_arena(size_t size)
{
    return SPARES != 0 && size >= ARENA_LEAST && size <= ARENA_MOST;
}

/* One that is on no list, and what to say of its place. */
static mr__js_block *take_piece(mr__js_heap *heap, uintptr_t *out_place)
{
    bool single = true;
    mr__js_block *block = heap->spares;
    if (block != NULL) {
        heap->spares = block->next;
        heap->spare_count--;
    } else if (heap->singles != SINGLES) {
        block = mr__alloc(ARENA_MOST + sizeof(*block));
        heap->singles += block != NULL;
    } else {
        single = false;
        block = mr__arena_take(&heap->pieces, &(bool){false});
    }
    *out_place = IN_PIECE | (single ? IN_SINGLE : 0);
    return block;
}

static void give_piece(mr__js_heap *heap, mr__js_block *block)
{
    bool single = (place_of(block) & IN_SINGLE) != 0;
    if (single && heap->spare_count != SPARES) {
        block->next = heap->spares;
        heap->spares = block;
        heap->spare_count++;
    } else if (single) {
        heap->singles--;
        mr__free(block);
    } else {
        mr__arena_give(&heap->pieces, block, false);
    }
}

static void free_spares(mr__js_heap *heap)
{
    while (heap->spares != NULL) {
        mr__js_block *block = heap->spares;
        heap->spares = block->next;
        mr__free(block);
    }
}

static void free_block(mr__js_heap *heap, mr__js_block *block)
{
    if (place_of(block) != 0)
        give_piece(heap, block);
    else
        mr__free(block);
}

/* ---- The engine's allocator -------------------------------------------------------------------*/

/* There is no memory. */
static void *need(mr__js_heap *heap, size_t size)
{
    void *memory = size <= SMALL ? take_reserve(heap, size) : NULL;
    if (memory == NULL)
        return refuse(heap);
    heap->in_need = true;
    return memory;
}

static void *heap_malloc(void *opaque, size_t size)
{
    mr__js_heap *heap = opaque;
    void *memory = NULL;
    if (MR_UNLIKELY(!heap->installed) && (!heap->made || like_arena(size)))
        memory = take_reserve(heap, size);
    if (memory != NULL)
        return memory;
    if (MR_UNLIKELY(size > SIZE_MAX - sizeof(mr__js_block) || beyond(heap, size)))
        return refuse(heap);
    if (MR_LIKELY(heap->made))
        space_collections(heap);
    uintptr_t place = 0;
    mr__js_block *block;
    if (like_arena(size))
        block = take_piece(heap, &place);
    else if (MR_LIKELY(size < BULK))
        block = mr__alloc(size + sizeof(*block));
    else
        block = mr__alloc_bulk(size + sizeof(*block));
    return MR_UNLIKELY(block == NULL) ? need(heap, size) : enlist(heap, block, place);
}

static void *heap_calloc(void *opaque, size_t count, size_t size)
{
    mr__js_heap *heap = opaque;
    size_t whole = count * size; /* the engine has checked it */
    void *memory = MR_LIKELY(heap->made) ? NULL : take_reserve(heap, whole);
    if (memory != NULL)
        return memory;
    if (MR_UNLIKELY(whole > SIZE_MAX - sizeof(mr__js_block) || beyond(heap, whole)))
        return refuse(heap);
    mr__js_block *block = mr__alloc_zero(whole + sizeof(*block));
    return MR_UNLIKELY(block == NULL) ? need(heap, whole) : enlist(heap, block, 0);
}

static void heap_free(void *opaque, void *memory)
{
    mr__js_heap *heap = opaque;
    if (memory == NULL)
        return;
    mr__js_block *block = block_of(memory);
    if (reserved(block)) {
        heap->used -= usable(memory);
        return;
    }
    delist(heap, block);
    free_block(heap, block);
}

/* Of a block that cannot grow where it is. */
static void *move(mr__js_heap *heap, void *memory, size_t size)
{
    size_t old = usable(memory);
    if (size <= old)
        return memory;
    void *moved = heap_malloc(heap, size);
    if (moved != NULL) {
        memcpy(moved, memory, old);
        heap_free(heap, memory);
    }
    return moved;
}

static void *heap_realloc(void *opaque, void *memory, size_t size)
{
    mr__js_heap *heap = opaque;
    if (memory == NULL)
        return heap_malloc(heap, size);
    mr__js_block *block = block_of(memory);
    if (reserved(block) || place_of(block) != 0)
        return move(heap, memory, size);
    size_t old = usable(memory);
    /* Beyond the limit by the size of what is asked for, not by what is added to it. */
    if (MR_UNLIKELY(
            size > SIZE_MAX - sizeof(*block) ||
            (size > old &&
             beyond(heap, size <= SMALL || size - old > SMALL ? size - old : (size_t)SMALL + 1))))
        return refuse(heap);
    delist(heap, block);
    mr__js_block *moved = mr__realloc(block, size + sizeof(*block));
    if (MR_LIKELY(moved != NULL))
        return enlist(heap, moved, 0);
    enlist(heap, block, 0);
    void *in_need = need(heap, size);
    if (in_need != NULL) {
        memcpy(in_need, memory, old < size ? old : size);
        heap_free(heap, memory);
    }
    return in_need;
}

static const JSMallocFunctions heap_functions = {
    .js_calloc = heap_calloc,
    .js_malloc = heap_malloc,
    .js_free = heap_free,
    .js_realloc = heap_realloc,
    .js_malloc_usable_size = usable,
};

/* ---- Life -------------------------------------------------------------------------------------*/

JSRuntime *mr__js_heap_engine(mr__js_heap *heap)
{
    mr__memory_tell(
        mr__loop_advise_bulk); /* the shared library has a copy of its own of base/memory.c */
    mr__arena_init(&heap->pieces, PIECE, 0);
    heap->reserve = mr__alloc_zero(RESERVE);
    if (heap->reserve != NULL)
        mr__loop_populate(heap->reserve, TOUCHED);
    if (heap->reserve != NULL)
        heap->rt = JS_NewRuntime2(&heap_functions, heap);
    if (heap->rt != NULL)
        JS_SetGCThreshold(heap->rt, heap->threshold = FIRST_COLLECTION);
    if (heap->rt == NULL)
        mr__free(heap->reserve);
    return heap->rt;
}

void mr__js_heap_limit(mr__js_heap *heap, size_t limit)
{
    heap->limit = limit;
    heap->collect_at = limit / 2;
}

void mr__js_heap_recover(mr__js_heap *heap)
{
    heap->in_need = false;
}

static void discard(mr__js_heap *heap)
{
    JS_RunGC(heap->rt);
    mr__js_block *block = heap->blocks;
    while (block != NULL) {
        mr__js_block *next = block->next;
        free_block(heap, block);
        block = next;
    }
    heap->blocks = NULL;
}

void mr__js_heap_free(mr__js_heap *heap)
{
    if (heap->rt == NULL)
        return;
    if (heap->refused != 0)
        discard(heap);
    else
        JS_FreeRuntime(heap->rt);
    MR_DASSERT(heap->blocks == NULL);
    free_spares(heap);
    mr__free(heap->reserve);
    *heap = (mr__js_heap){0};
}

bool mr__js_heap_hold(mr__js_heap *heap, size_t size)
{
    if (MR_UNLIKELY(beyond(heap, size))) {
        heap->refused++;
        return false;
    }
    heap->external += size;
    return true;
}

void mr__js_heap_let_go(mr__js_heap *heap, size_t size)
{
    heap->external -= size;
}
