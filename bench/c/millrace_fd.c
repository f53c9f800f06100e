/* fd and echo for Millrace: watches, with the read and write calls of the user. */
#include "rules/fd_rules.h"

#include "c/millrace_loop.h"

static void ready(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    fd_ready((size_t)(uintptr_t)arg);
}

static void peer_open(void)
{
    millrace_open();
}

static void peer_watch(size_t i, int fd)
{
    mr_watch watch;
    CHECK(mr_watch_add(peer_loop, fd, MR_READ, ready, (void *)(uintptr_t)i, &watch) == 0);
}

static void peer_run(void)
{
    millrace_run();
}

static void peer_stop(void)
{
    millrace_stop();
}

BENCH_REGISTER(millrace_fd)
{
    fd_register("millrace");
    fd_register_echo("millrace");
}
