/* Bulk memory (mr__alloc_bulk): the system is asked to back it by large pages, which spares a fault for
 * each small one and most misses of the translation buffer. */
#ifndef MR_OS_BULK_H
#define MR_OS_BULK_H

#include <stddef.h>

void mr__bulk_use_large_pages(void);
void mr__bulk_advise(void *block, size_t size_bytes);
/* Back the pages that lie in the block at once, instead of by a fault for each. */
void mr__bulk_populate(void *block, size_t size_bytes);

#endif
