/* Floor of fd and echo: floor-epoll, epoll_wait and a call for each event. */
#include "rules/fd_rules.h"

#include <sys/epoll.h>

enum { EVENTS = 1024 };

static int epoll;
static bool stopped;

static void peer_open(void)
{
    CHECK((epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0);
}

static void peer_watch(size_t i, int fd)
{
    struct epoll_event interest = {.events = EPOLLIN, .data.u64 = i};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest) == 0);
}

static void peer_run(void)
{
    static struct epoll_event events[EVENTS];
    while (!stopped) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n && !stopped; i++)
            fd_ready((size_t)events[i].data.u64);
    }
}

static void peer_stop(void)
{
    stopped = true;
}

BENCH_REGISTER(floor_fd)
{
    fd_register("floor-epoll");
    fd_register_echo("floor-epoll");
}
