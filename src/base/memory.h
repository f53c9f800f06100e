/* The library's one door to the allocator: counts, and in test builds fails on demand. */
#ifndef MR_BASE_MEMORY_H
#define MR_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

void *mr__alloc(size_t size_bytes);      /* NULL when there is none; never for size 0 */
void *mr__alloc_zero(size_t size_bytes); /* the same, zeroed */
/* Aligned to a power of two that divides the size; not zeroed. */
void *mr__alloc_aligned(size_t size_bytes, size_t alignment);
void *mr__alloc_line(size_t size_bytes); /* zeroed, aligned to a cache line */
/* Aligned to a cache line, not zeroed; what is large enough is aligned to a large page, and the
 * platform is told. */
void *mr__alloc_bulk(size_t size_bytes);
void *mr__realloc(void *block, size_t size_bytes); /* as realloc; block stays on failure */
void mr__free(void *block);                        /* NULL allowed */

/* How a platform is told of bulk memory, by whoever knows it (os/bulk.h); none by default. */
enum { MR__LARGE_PAGE = 2 * 1024 * 1024 };
typedef void mr__bulk_fn(void *block, size_t size_bytes);
void mr__memory_tell(mr__bulk_fn *fn);

#ifdef MR_TEST
/* Test builds: allocations since the start of the process, and a countdown: the n-th from now fails
 * (1 = the next one), 0 = none fails. */
uint64_t mr__alloc_count(void);
void mr__alloc_fail_at(uint64_t n);
#endif

#endif
