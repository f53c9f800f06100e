#include "os/fault.h"

#ifdef MR_TEST
#include <errno.h>
#include <stdatomic.h>

static _Atomic unsigned left[MR__SYS_COUNT];
static _Atomic int error_of[MR__SYS_COUNT];
static _Atomic uint64_t passed[MR__SYS_COUNT];
static _Atomic uint64_t countdown;

static const int likely[MR__SYS_COUNT] = {
    [MR__SYS_POLLER_OPEN] = EMFILE,  [MR__SYS_WAKER_OPEN] = ENFILE, [MR__SYS_POLLER_SET] = ENOSPC,
    [MR__SYS_POLLER_UNSET] = ENOENT, [MR__SYS_POLLER_WAIT] = EBADF, [MR__SYS_WAKE_WRITE] = EIO,
    [MR__SYS_CLOSE] = EINTR,         [MR__SYS_PARK_WAIT] = EINTR,   [MR__SYS_MUTEX_INIT] = EAGAIN,
    [MR__SYS_COND_INIT] = ENOMEM,    [MR__SYS_FORK_WATCH] = ENOMEM, [MR__SYS_THREAD_START] = EAGAIN,
    [MR__SYS_ENTROPY] = ENOSYS};

void mr__fault_set(mr__syscall call, int os_error, unsigned times)
{
    atomic_store(&error_of[call], os_error);
    atomic_store(&left[call], times);
}

void mr__fault_nth(uint64_t n)
{
    atomic_store(&countdown, n);
}

uint64_t mr__fault_passed(mr__syscall call)
{
    return atomic_load(&passed[call]);
}

int mr__fault_take(mr__syscall call)
{
    atomic_fetch_add(&passed[call], 1);
    uint64_t nth = atomic_load(&countdown);
    while (nth != 0 && !atomic_compare_exchange_weak(&countdown, &nth, nth - 1)) {
    }
    if (nth == 1)
        return likely[call];
    unsigned now = atomic_load(&left[call]);
    while (now != 0 && !atomic_compare_exchange_weak(&left[call], &now, now - 1)) {
    }
    return now == 0 ? 0 : atomic_load(&error_of[call]);
}
#else
typedef int mr__fault_empty; /* ISO C wants a declaration in each file */
#endif
