#include "base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

#ifdef MR_TEST
static _Atomic uint64_t allocations;
static _Atomic uint64_t countdown;

uint64_t mr__alloc_count(void)
{
    return atomic_load(&allocations);
}

void mr__alloc_fail_at(uint64_t n)
{
    atomic_store(&countdown, n);
}

static bool refuse(void)
{
    atomic_fetch_add(&allocations, 1);
    uint64_t left = atomic_load(&countdown);
    while (left != 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1)) {
    }
    return left == 1;
}
#else
static inline bool refuse(void)
{
    return false;
}
#endif

void *mr__alloc(size_t size_bytes)
{
    MR_ASSERT(size_bytes != 0);
    return refuse() ? NULL : malloc(size_bytes);
}

void *mr__alloc_zero(size_t size_bytes)
{
    MR_ASSERT(size_bytes != 0);
    return refuse() ? NULL : calloc(1, size_bytes);
}

void *mr__alloc_aligned(size_t size_bytes, size_t alignment)
{
    MR_ASSERT(size_bytes != 0 && size_bytes % alignment == 0);
    return refuse() ? NULL : aligned_alloc(alignment, size_bytes);
}

void *mr__alloc_line(size_t size_bytes)
{
    size_t rounded = (size_bytes + MR_LINE - 1) / MR_LINE * MR_LINE;
    MR_ASSERT(rounded != 0);
    void *block = refuse() ? NULL : aligned_alloc(MR_LINE, rounded);
    return block == NULL ? NULL : memset(block, 0, rounded);
}

/* Relaxed: a hint, always the same one. */
static mr__bulk_fn *_Atomic tell;

void mr__memory_tell(mr__bulk_fn *fn)
{
    atomic_store_explicit(&tell, fn, memory_order_relaxed);
}

void *mr__alloc_bulk(size_t size_bytes)
{
    size_t unit = size_bytes < MR__LARGE_PAGE ? MR_LINE : MR__LARGE_PAGE;
    size_t rounded = (size_bytes + unit - 1) / unit * unit;
    MR_ASSERT(rounded != 0);
    void *block = refuse() ? NULL : aligned_alloc(unit, rounded);
    mr__bulk_fn *fn = atomic_load_explicit(&tell, memory_order_relaxed);
    if (unit == MR__LARGE_PAGE && block != NULL && fn != NULL)
        fn(block, rounded);
    return block;
}

void *mr__realloc(void *block, size_t size_bytes)
{
    MR_ASSERT(size_bytes != 0);
    return refuse() ? NULL : realloc(block, size_bytes);
}

void mr__free(void *block)
{
    free(block);
}
