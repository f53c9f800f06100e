/* turn for libevent, without its locks: the burst makes as many events active. It has nothing that runs
 * once a turn but a timer of 0: the chain is that. */
#include "rules/turn_rules.h"

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event *events_made, io;
static turn_fn *called;
static size_t next_active;

static void active(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events, (void)arg;
    called(NULL);
}

static void peer_open(uint64_t ops)
{
    CHECK((base = event_base_new()) != NULL);
    events_made = bench_alloc(ops, sizeof(*events_made));
    for (uint64_t i = 0; i < ops; i++)
        CHECK(event_assign(&events_made[i], base, -1, 0, active, NULL) == 0);
}

static void peer_run(void)
{
    event_base_dispatch(base);
}

static void peer_turn(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
    next_active = 0;
}

static void peer_stop(void)
{
    event_base_loopbreak(base);
}

static void never(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events, (void)arg;
    CHECK(false);
}

static void peer_watch(int fd)
{
    CHECK(event_assign(&io, base, fd, EV_READ | EV_PERSIST, never, NULL) == 0);
    CHECK(event_add(&io, NULL) == 0);
}

static inline void defer(turn_fn *fn)
{
    called = fn;
    event_add(&events_made[0], &(struct timeval){0});
}

static inline void activate(turn_fn *fn)
{
    called = fn;
    event_active(&events_made[next_active++], EV_TIMEOUT, 0);
}

TURN_CHAIN(immediate, defer)
TURN_BURST(immediate, activate)
TURN_WATCHED(defer)

BENCH_REGISTER(libevent_turn)
{
    turn_add("libevent", "immediate_chain", immediate_chain);
    turn_add("libevent", "immediate_burst", immediate_burst);
    turn_add("libevent", "turn_watched", turn_watched);
}
