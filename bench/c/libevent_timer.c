/* timer for libevent, without its locks: events in the user's memory. Outside a callback it reads the
 * clock at each start. */
#include "rules/timer_rules.h"

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event *timers;

static void fired(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events;
    timer_fired((size_t)((struct event *)arg - timers));
}

static void peer_open(size_t n)
{
    CHECK((base = event_base_new()) != NULL);
    timers = bench_alloc(n, sizeof(*timers));
    for (size_t i = 0; i < n; i++)
        CHECK(evtimer_assign(&timers[i], base, fired, &timers[i]) == 0);
}

static void peer_look(void)
{
    event_base_update_cache_time(base);
}

static inline void peer_start(size_t i, uint64_t ms)
{
    struct timeval delay = {.tv_sec = (long)(ms / 1000), .tv_usec = (long)(ms % 1000 * 1000)};
    CHECK(evtimer_add(&timers[i], &delay) == 0);
}

static inline void peer_cancel(size_t i)
{
    CHECK(evtimer_del(&timers[i]) == 0);
}

static void peer_run(void)
{
    event_base_dispatch(base);
}

static void peer_stop(void)
{
    event_base_loopbreak(base);
}

BENCH_REGISTER(libevent_timer)
{
    timer_register("libevent", 1000000);
}
