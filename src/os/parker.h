/* The parking contract: a thread sleeps while a word keeps its value; no descriptor is needed. */
#ifndef MR_OS_PARKER_H
#define MR_OS_PARKER_H

#include <stdatomic.h>
#include <stdint.h>

/* Sleep while *word is expected, until woken, interrupted, or deadline_ns of the monotonic clock
 * has come (UINT64_MAX: never). Returns for no reason at times: the caller looks again. */
void mr__parker_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* Wake the one sleeper. Async-signal-safe. */
void mr__parker_wake(_Atomic uint32_t *word);

#endif
