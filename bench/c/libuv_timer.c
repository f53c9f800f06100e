/* timer for libuv: handles in the user's memory; whole milliseconds from the time of the turn. */
#include "rules/timer_rules.h"

#include <uv.h>

static uv_loop_t loop;
static uv_timer_t *timers;

static void fired(uv_timer_t *timer)
{
    timer_fired((size_t)(timer - timers));
}

static void peer_open(size_t n)
{
    CHECK(uv_loop_init(&loop) == 0);
    timers = bench_alloc(n, sizeof(*timers));
    for (size_t i = 0; i < n; i++)
        CHECK(uv_timer_init(&loop, &timers[i]) == 0);
}

static void peer_look(void)
{
    uv_update_time(&loop);
}

static inline void peer_start(size_t i, uint64_t ms)
{
    CHECK(uv_timer_start(&timers[i], fired, ms, 0) == 0);
}

static inline void peer_cancel(size_t i)
{
    CHECK(uv_timer_stop(&timers[i]) == 0);
}

static void peer_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void peer_stop(void)
{
    uv_stop(&loop);
}

BENCH_REGISTER(libuv_timer)
{
    timer_register("libuv", 1000000);
}
