/* fd and echo for libev: ev_io, with the read and write calls of the user. */
#include "rules/fd_rules.h"

#include "c/libev_lib.h"

static struct ev_loop *loop;

static void ready(struct ev_loop *of, ev_io *watcher, int events)
{
    (void)of, (void)events;
    fd_ready((size_t)(uintptr_t)watcher->data);
}

static void peer_open(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    CHECK(loop != NULL);
}

static void peer_watch(size_t i, int fd)
{
    ev_io *watcher = bench_alloc(1, sizeof(*watcher));
    ev_io_init(watcher, ready, fd, EV_READ);
    watcher->data = (void *)(uintptr_t)i;
    ev_io_start(loop, watcher);
}

static void peer_run(void)
{
    ev_run(loop, 0);
}

static void peer_stop(void)
{
    ev_break(loop, EVBREAK_ALL);
}

BENCH_REGISTER(libev_fd)
{
    fd_register("libev");
    fd_register_echo("libev");
}
