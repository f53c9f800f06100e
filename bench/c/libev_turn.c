/* turn for libev: an idle watcher that stays active for the chain, ev_feed_event for the burst. */
#include "rules/turn_rules.h"

#include "c/libev_lib.h"

static struct ev_loop *loop;
static ev_idle idle;
static ev_prepare *fed; /* any watcher can be fed; each has room for one event */
static ev_io io;
static turn_fn *called;
static size_t next_fed;

static void idled(struct ev_loop *of, ev_idle *watcher, int events)
{
    (void)of, (void)watcher, (void)events;
    called(NULL);
}

static void was_fed(struct ev_loop *of, ev_prepare *watcher, int events)
{
    (void)of, (void)watcher, (void)events;
    called(NULL);
}

static void peer_open(uint64_t ops)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    CHECK(loop != NULL);
    fed = bench_alloc(ops, sizeof(*fed));
    for (uint64_t i = 0; i < ops; i++)
        ev_prepare_init(&fed[i], was_fed);
    ev_idle_init(&idle, idled);
    if (ops == 1)
        ev_idle_start(loop, &idle);
}

static void peer_run(void)
{
    ev_run(loop, next_fed == 0 ? 0 : EVRUN_NOWAIT);
}

static void peer_turn(void)
{
    ev_run(loop, EVRUN_NOWAIT);
    next_fed = 0;
}

static void peer_stop(void)
{
    ev_break(loop, EVBREAK_ALL);
}

static void never(struct ev_loop *of, ev_io *watcher, int events)
{
    (void)of, (void)watcher, (void)events;
    CHECK(false);
}

static void peer_watch(int fd)
{
    ev_io_init(&io, never, fd, EV_READ);
    ev_io_start(loop, &io);
}

static inline void defer(turn_fn *fn)
{
    called = fn;
}

static inline void feed(turn_fn *fn)
{
    called = fn;
    ev_feed_event(loop, &fed[next_fed++], EV_CUSTOM);
}

TURN_CHAIN(immediate, defer)
TURN_BURST(immediate, feed)
TURN_WATCHED(defer)

BENCH_REGISTER(libev_turn)
{
    turn_add("libev", "immediate_chain", immediate_chain);
    turn_add("libev", "immediate_burst", immediate_burst);
    turn_add("libev", "turn_watched", turn_watched);
}
