/* Test builds (MR_TEST): make a system call of ours fail on demand. */
#ifndef MR_OS_FAULT_H
#define MR_OS_FAULT_H

typedef enum mr__syscall {
    MR__SYS_POLLER_OPEN, /* epoll_create1, eventfd */
    MR__SYS_POLLER_SET,  /* epoll_ctl */
    MR__SYS_POLLER_WAIT, /* epoll_pwait2 */
    MR__SYS_WAKE_WRITE,  /* write to the eventfd */
    MR__SYS_COUNT
} mr__syscall;

#ifdef MR_TEST
/* The next `times` calls of that kind in this process fail with errno `os_error`. Any thread. */
void mr__fault_set(mr__syscall call, int os_error, unsigned times);
/* 0, or the errno that this call must fail with. */
int mr__fault_take(mr__syscall call);
#else
#define mr__fault_take(call) ((void)(call), 0)
#endif

#endif
