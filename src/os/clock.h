/* The monotonic clock, in nanoseconds; it never goes back and does not count suspension. */
#ifndef MR_OS_CLOCK_H
#define MR_OS_CLOCK_H

#include <stdint.h>

uint64_t mr__clock_now(void);

#endif
