/* timer for Millrace: mr_timer_start, which reads the clock at each call and keeps the timer in memory of
 * its own; the user has an id. */
#include "rules/timer_rules.h"

#include "c/millrace_loop.h"

static mr_timer *timers;

static void fired(void *arg)
{
    timer_fired((size_t)(uintptr_t)arg);
}

static void peer_open(size_t n)
{
    millrace_open();
    timers = bench_alloc(n, sizeof(*timers));
}

static void peer_look(void)
{
    (void)mr_loop_now(peer_loop);
}

static inline void peer_start(size_t i, uint64_t ms)
{
    CHECK(mr_timer_start(peer_loop, ms * 1000000, fired, (void *)(uintptr_t)i, &timers[i]) == 0);
}

static inline void peer_cancel(size_t i)
{
    CHECK(mr_timer_cancel(peer_loop, timers[i]) == 0);
}

static void peer_run(void)
{
    millrace_run();
}

static void peer_stop(void)
{
    millrace_stop();
}

BENCH_REGISTER(millrace_timer)
{
    timer_register("millrace", 10000000);
}
