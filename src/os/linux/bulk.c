#include "os/bulk.h"

#include <stdint.h>
#include <sys/mman.h>

#include "base/memory.h"

/* Transparent huge pages (Linux 2.6.38). A refusal is no matter. */
void mr__bulk_advise(void *block, size_t size_bytes)
{
    (void)madvise(block, size_bytes, MADV_HUGEPAGE);
}

/* MADV_POPULATE_WRITE (Linux 5.14). */
void mr__bulk_populate(void *block, size_t size_bytes)
{
#ifdef MADV_POPULATE_WRITE
    enum { PAGE = 4096 }; /* a larger one: refused */
    uintptr_t first = ((uintptr_t)block + PAGE - 1) / PAGE * PAGE;
    uintptr_t end = ((uintptr_t)block + size_bytes) / PAGE * PAGE;
    if (end > first)
        (void)madvise((void *)first, end - first, MADV_POPULATE_WRITE);
#else
    (void)block, (void)size_bytes;
#endif
}

void mr__bulk_use_large_pages(void)
{
    mr__memory_tell(mr__bulk_advise);
}
