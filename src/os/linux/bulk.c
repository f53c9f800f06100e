#include "os/bulk.h"

#include <sys/mman.h>

#include "base/memory.h"

/* Transparent huge pages (Linux 2.6.38). A refusal is no matter. */
void mr__bulk_advise(void *block, size_t size_bytes)
{
    (void)madvise(block, size_bytes, MADV_HUGEPAGE);
}

void mr__bulk_use_large_pages(void)
{
    mr__memory_tell(mr__bulk_advise);
}
