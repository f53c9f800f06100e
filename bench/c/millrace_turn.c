/* turn and microtask for Millrace. */
#include "rules/turn_rules.h"

#include "c/millrace_loop.h"

static void peer_open(uint64_t ops)
{
    (void)ops;
    millrace_open();
}

static void peer_run(void)
{
    millrace_run();
}

static void peer_turn(void)
{
    CHECK(mr_loop_turn(peer_loop, 0) == 0);
}

static void peer_stop(void)
{
    millrace_stop();
}

static void never(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    CHECK(false);
}

static void peer_watch(int fd)
{
    mr_watch watch;
    CHECK(mr_watch_add(peer_loop, fd, MR_READ, never, NULL, &watch) == 0);
}

static inline void defer_immediate(turn_fn *fn)
{
    mr_immediate immediate;
    CHECK(mr_immediate_start(peer_loop, fn, NULL, &immediate) == 0);
}

static inline void defer_microtask(turn_fn *fn)
{
    CHECK(mr_microtask(peer_loop, fn, NULL) == 0);
}

static inline void defer_tick(turn_fn *fn)
{
    CHECK(mr_next_tick(peer_loop, fn, NULL) == 0);
}

TURN_CHAIN(immediate, defer_immediate)
TURN_BURST(immediate, defer_immediate)
TURN_WATCHED(defer_immediate)
TURN_CHAIN(microtask, defer_microtask)
TURN_BURST(microtask, defer_microtask)
TURN_CHAIN(tick, defer_tick)
TURN_BURST(tick, defer_tick)

BENCH_REGISTER(millrace_turn)
{
    turn_add("millrace", "immediate_chain", immediate_chain);
    turn_add("millrace", "immediate_burst", immediate_burst);
    turn_add("millrace", "turn_watched", turn_watched);
    turn_add("millrace", "microtask_chain", microtask_chain);
    turn_add("millrace", "microtask_burst", microtask_burst);
    turn_add("millrace", "tick_chain", tick_chain);
    turn_add("millrace", "tick_burst", tick_burst);
}
