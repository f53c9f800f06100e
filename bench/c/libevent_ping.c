/* ping for libevent: event_active from another thread, locks by pthreads. */
#include "rules/ping_rules.h"

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *bases[2];
static struct event *bells[2];

static void heard(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events;
    ping_heard((unsigned)(uintptr_t)arg);
}

static void peer_open(unsigned k)
{
    CHECK(evthread_use_pthreads() == 0);
    CHECK((bases[k] = event_base_new()) != NULL);
    bells[k] = event_new(bases[k], -1, EV_PERSIST, heard, (void *)(uintptr_t)k);
    CHECK(bells[k] != NULL);
    CHECK(event_add(bells[k], &(struct timeval){.tv_sec = 3600}) == 0); /* keeps the loop alive */
}

static inline void peer_ring(unsigned k)
{
    event_active(bells[k], EV_READ, 0);
}

static void peer_run(unsigned k)
{
    event_base_dispatch(bases[k]);
}

static void peer_stop(unsigned k)
{
    event_base_loopbreak(bases[k]);
}

BENCH_REGISTER(libevent_ping)
{
    ping_register("libevent");
    ping_register_async("libevent");
}
