/* The monotonic clock, in nanoseconds; it never goes back and does not count suspension. */
#ifndef MR_OS_CLOCK_H
#define MR_OS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* In the header because each start of a timer reads it. */
static inline uint64_t mr__clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
