/* Test builds (MR_TEST): make a system call of ours fail on demand.
 *
 * Each call that can fail passes mr__fault_take first. Left out are calls that cannot fail with
 * valid arguments and whose failure nobody could mend: reading the clock, waking a futex, locking,
 * reading the eventfd that epoll called ready. */
#ifndef MR_OS_FAULT_H
#define MR_OS_FAULT_H

typedef enum mr__syscall {
    MR__SYS_POLLER_OPEN,  /* epoll_create1 */
    MR__SYS_WAKER_OPEN,   /* eventfd, and its registration */
    MR__SYS_POLLER_SET,   /* epoll_ctl, adding and changing */
    MR__SYS_POLLER_UNSET, /* epoll_ctl, taking away; it is gone all the same */
    MR__SYS_POLLER_WAIT,  /* epoll_pwait2, epoll_wait */
    MR__SYS_WAKE_WRITE,   /* write to the eventfd */
    MR__SYS_CLOSE,        /* close; the descriptor is gone all the same, as on Linux */
    MR__SYS_PARK_WAIT,    /* futex wait */
    MR__SYS_MUTEX_INIT,   /* pthread_mutex_init */
    MR__SYS_COND_INIT,    /* pthread_cond_init */
    MR__SYS_FORK_WATCH,   /* pthread_atfork */
    MR__SYS_THREAD_START, /* pthread_create */
    MR__SYS_ENTROPY,      /* getrandom */
    MR__SYS_COUNT
} mr__syscall;

#ifdef MR_TEST
#include <stdint.h>

/* The next `times` calls of that kind in this process fail with errno `os_error`. Any thread. */
void mr__fault_set(mr__syscall call, int os_error, unsigned times);
/* The n-th call from now on, of whatever kind, fails with an errno that is likely for its kind
 * (1 = the next one); 0: none does. */
void mr__fault_nth(uint64_t n);
/* Calls of that kind since the start of the process, failed ones included. */
uint64_t mr__fault_passed(mr__syscall call);
/* 0, or the errno that this call must fail with. */
int mr__fault_take(mr__syscall call);
#else
#define mr__fault_take(call) ((void)(call), 0)
#endif

#endif
