/* epoll_pwait2 (Linux 5.11) takes nanoseconds; before it, and for what is whole milliseconds, epoll_pwait
 * waits, rounded up: a wait is then late by less than a millisecond, never early. Both by syscall, which is
 * no point of cancellation. */
#include "os/poller.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <millrace/watch.h>

#include "base/macros.h"
#include "base/memory.h"
#include "os/fault.h"

#define WAKE_TOKEN UINT64_MAX
#define BATCH 256

struct mr__poller {
    int epoll, wake;
    bool no_pwait2;
    struct epoll_event events[BATCH];
};

static mr_status status_of(int error)
{
    switch (error) {
    case EBADF:
    case ENOENT:
        return MR_EBADF;
    case EEXIST:
        return MR_EEXIST;
    case EPERM:
        return MR_ENOTSUP;
    case ENOMEM:
        return MR_ENOMEM;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
        return MR_ELIMIT;
    default:
        return MR_EINVAL;
    }
}

static int injected(mr__syscall call)
{
    int error = mr__fault_take(call);
    if (error != 0)
        errno = error;
    return error;
}

mr_status mr__poller_open(mr__poller **out_poller)
{
    mr__poller *poller = mr__alloc_zero(sizeof *poller);
    if (poller == NULL)
        return MR_ENOMEM;
    poller->wake = -1;
    poller->epoll = injected(MR__SYS_POLLER_OPEN) != 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll >= 0 && injected(MR__SYS_WAKER_OPEN) == 0)
        poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = WAKE_TOKEN};
    if (poller->wake < 0 || injected(MR__SYS_WAKER_OPEN) != 0 ||
        epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake, &event) != 0) {
        mr_status status = status_of(errno);
        mr__poller_close(poller);
        return status;
    }
    *out_poller = poller;
    return MR_OK;
}

/* Not tried again on failure: Linux has given the descriptor up by then, and a stranger may have the
 * number. */
static void close_once(int fd)
{
    if (fd < 0)
        return;
    close(fd);
    (void)injected(MR__SYS_CLOSE);
}

void mr__poller_close(mr__poller *poller)
{
    if (poller == NULL)
        return;
    close_once(poller->wake);
    close_once(poller->epoll);
    mr__free(poller);
}

static uint32_t to_epoll(unsigned events)
{
    /* EPOLLRDHUP is level-triggered too: asked for only with reading, so that a writer does not
     * spin on a peer's half-close. */
    return ((events & MR_READ) != 0 ? EPOLLIN | EPOLLRDHUP : 0u) |
           ((events & MR_WRITE) != 0 ? EPOLLOUT : 0u);
}

static unsigned from_epoll(uint32_t events)
{
    return ((events & EPOLLIN) != 0 ? MR_READ : 0u) | ((events & EPOLLOUT) != 0 ? MR_WRITE : 0u) |
           ((events & EPOLLERR) != 0 ? MR_ERROR : 0u) |
           ((events & (EPOLLHUP | EPOLLRDHUP)) != 0 ? MR_HANGUP : 0u) |
           ((events & EPOLLHUP) != 0 ? MR__FULL_HANGUP : 0u);
}

mr_status mr__poller_set(mr__poller *poller, int fd, unsigned from, unsigned to, uint64_t token)
{
    MR_ASSERT(token != WAKE_TOKEN);
    if (from == 0 && to == 0)
        return MR_OK;
    if (fd == poller->epoll || fd == poller->wake)
        return MR_EBADF; /* a number that the caller closed, and that became ours */
    int op = from == 0 ? EPOLL_CTL_ADD : to == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    struct epoll_event event = {.events = to_epoll(to), .data.u64 = token};
    bool failed =
        op == EPOLL_CTL_DEL
            ? epoll_ctl(poller->epoll, op, fd, &event) != 0 || injected(MR__SYS_POLLER_UNSET) != 0
            : injected(MR__SYS_POLLER_SET) != 0 || epoll_ctl(poller->epoll, op, fd, &event) != 0;
    return failed ? status_of(errno) : MR_OK;
}

static int wait_ns(mr__poller *poller, int cap, uint64_t timeout_ns)
{
    uint64_t ms = timeout_ns / 1000000u, rest = timeout_ns % 1000000u;
    if (rest != 0 && timeout_ns != UINT64_MAX && !poller->no_pwait2) {
        struct timespec span = {.tv_sec = (time_t)(ms / 1000u),
                                .tv_nsec = (long)(timeout_ns % 1000000000u)};
        long n = syscall(SYS_epoll_pwait2, poller->epoll, poller->events, cap, &span, NULL, 0);
        if (n >= 0 || errno != ENOSYS)
            return (int)n;
        poller->no_pwait2 = true;
    }
    ms += rest != 0;
    int bounded = timeout_ns == UINT64_MAX ? -1 : ms > 1000000000u ? 1000000000 : (int)ms;
    return (int)syscall(SYS_epoll_pwait, poller->epoll, poller->events, cap, bounded, NULL, 0);
}

static void drain_wake(mr__poller *poller)
{
    uint64_t count;
    while (read(poller->wake, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

mr_status mr__poller_wait(mr__poller *poller, uint64_t timeout_ns, mr__ready *ready, size_t cap,
                          size_t *out_count, int *out_error)
{
    int most = cap > BATCH ? BATCH : (int)cap; /* a pending wake takes one of the places */
    int n = injected(MR__SYS_POLLER_WAIT) != 0 ? -1 : wait_ns(poller, most, timeout_ns);
    *out_count = 0;
    if (n < 0 && errno != EINTR) {
        *out_error = errno;
        return MR_EPOLLER;
    }
    for (int i = 0; i < n; i++) {
        if (poller->events[i].data.u64 == WAKE_TOKEN)
            drain_wake(poller);
        else
            ready[(*out_count)++] = (mr__ready){.token = poller->events[i].data.u64,
                                                .events = from_epoll(poller->events[i].events)};
    }
    return MR_OK;
}

void mr__poller_wake(mr__poller *poller)
{
    int before = errno; /* may run in a signal handler */
    uint64_t one = 1;
    /* EAGAIN with a full counter means that a wake is pending; it costs a few tries to be sure.
     * Other failures cannot be mended here: the bounded wait of the owner (max_wait_ns) is the net
     * below. */
    for (int tries = 0; tries < 4; tries++) {
        ssize_t n = injected(MR__SYS_WAKE_WRITE) != 0 ? -1 : write(poller->wake, &one, sizeof one);
        if (n >= 0 || (errno != EINTR && errno != EAGAIN))
            break;
    }
    errno = before;
}
