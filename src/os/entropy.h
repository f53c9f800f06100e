/* Random bytes of the system. */
#ifndef MR_OS_ENTROPY_H
#define MR_OS_ENTROPY_H

#include <stddef.h>

/* Fill buffer with bytes that no other call gets, in this thread, another, or a forked child. For
 * ids, not for keys: a system without a source is made up for. Any thread. */
void mr__entropy(void *buffer, size_t len_bytes);

#endif
