/* ping for libev: ev_async_send, no queue behind it. */
#include "rules/ping_rules.h"

#include "c/libev_lib.h"

static struct ev_loop *loops[2];
static ev_async bells[2];

static void heard(struct ev_loop *of, ev_async *watcher, int events)
{
    (void)of, (void)events;
    ping_heard((unsigned)(watcher - bells));
}

static void peer_open(unsigned k)
{
    loops[k] = ev_loop_new(EVFLAG_AUTO);
    CHECK(loops[k] != NULL);
    ev_async_init(&bells[k], heard);
    ev_async_start(loops[k], &bells[k]);
}

static inline void peer_ring(unsigned k)
{
    ev_async_send(loops[k], &bells[k]);
}

static void peer_run(unsigned k)
{
    ev_run(loops[k], 0);
}

static void peer_stop(unsigned k)
{
    ev_break(loops[k], EVBREAK_ALL);
}

BENCH_REGISTER(libev_ping)
{
    ping_register("libev");
    ping_register_async("libev");
}
