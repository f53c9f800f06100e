#include "os/parker.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "os/fault.h"

void mr__parker_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec at = {.tv_sec = (time_t)(deadline_ns / 1000000000u),
                          .tv_nsec = (long)(deadline_ns % 1000000000u)};
    if (mr__fault_take(MR__SYS_PARK_WAIT) != 0)
        return;
    /* FUTEX_WAIT_BITSET takes an absolute monotonic time (Linux 2.6.25), so an interrupted wait
     * goes on with what is left without reading the clock. */
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected,
            deadline_ns == UINT64_MAX ? NULL : &at, NULL, FUTEX_BITSET_MATCH_ANY);
}

void mr__parker_wake(_Atomic uint32_t *word)
{
    int before = errno; /* may run in a signal handler */
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = before;
}
