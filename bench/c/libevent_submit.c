/* submit for libevent: a mailbox behind one event that producers make active; locks by pthreads. */
#include "rules/submit_rules.h"

#include "mailbox.h"
#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static struct event *bell;

static void rung(evutil_socket_t fd, short events, void *arg)
{
    (void)fd, (void)events, (void)arg;
    mailbox_drain();
}

static void peer_open(const bench_workload *workload)
{
    mailbox_open(workload);
    CHECK(evthread_use_pthreads() == 0);
    CHECK((base = event_base_new()) != NULL);
    CHECK((bell = event_new(base, -1, EV_PERSIST, rung, NULL)) != NULL);
    CHECK(event_add(bell, &(struct timeval){.tv_sec = 3600}) == 0); /* keeps the loop alive */
}

static void peer_wake(void)
{
    event_active(bell, EV_READ, 0);
}

static void peer_run(void)
{
    event_base_dispatch(base);
}

static void peer_stop(void)
{
    event_base_loopbreak(base);
}

BENCH_REGISTER(libevent_submit)
{
    submit_register("libevent");
    submit_register("libevent-malloc");
}
