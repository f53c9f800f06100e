/* The clocks, in nanoseconds. The monotonic one never goes back and does not count suspension; the
 * wall clock counts from 1970-01-01T00:00:00Z and is what somebody set it to. */
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

static inline uint64_t mr__clock_wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
