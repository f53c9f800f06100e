/* timer for libev: watchers in the user's memory; delays count from the time of the turn. */
#include "rules/timer_rules.h"

#include "c/libev_lib.h"

static struct ev_loop *loop;
static ev_timer *timers;

static void fired(struct ev_loop *of, ev_timer *timer, int events)
{
    (void)of, (void)events;
    timer_fired((size_t)(timer - timers));
}

static void peer_open(size_t n)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    CHECK(loop != NULL);
    timers = bench_alloc(n, sizeof(*timers));
    for (size_t i = 0; i < n; i++)
        ev_timer_init(&timers[i], fired, 0., 0.);
}

static void peer_look(void)
{
    ev_now_update(loop);
}

static inline void peer_start(size_t i, uint64_t ms)
{
    ev_timer_set(&timers[i], (double)ms * 1e-3, 0.);
    ev_timer_start(loop, &timers[i]);
}

static inline void peer_cancel(size_t i)
{
    ev_timer_stop(loop, &timers[i]);
}

static void peer_run(void)
{
    ev_run(loop, 0);
}

static void peer_stop(void)
{
    ev_break(loop, EVBREAK_ALL);
}

BENCH_REGISTER(libev_timer)
{
    timer_register("libev", 1000000);
}
