/* fd and echo for libevent, without its locks: persistent events, with the read and write calls of the
 * user. */
#include "rules/fd_rules.h"

#include <event2/event.h>

static struct event_base *base;

static void ready(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events;
    fd_ready((size_t)(uintptr_t)arg);
}

static void peer_open(void)
{
    CHECK((base = event_base_new()) != NULL);
}

static void peer_watch(size_t i, int fd)
{
    struct event *event = event_new(base, fd, EV_READ | EV_PERSIST, ready, (void *)(uintptr_t)i);
    CHECK(event != NULL && event_add(event, NULL) == 0);
}

static void peer_run(void)
{
    event_base_dispatch(base);
}

static void peer_stop(void)
{
    event_base_loopbreak(base);
}

BENCH_REGISTER(libevent_fd)
{
    fd_register("libevent");
    fd_register_echo("libevent");
}
