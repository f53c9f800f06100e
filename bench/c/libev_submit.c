/* submit for libev: a mailbox behind one ev_async. */
#include "rules/submit_rules.h"

#include "c/libev_lib.h"
#include "mailbox.h"

static struct ev_loop *loop;
static ev_async bell;

static void rung(struct ev_loop *of, ev_async *watcher, int events)
{
    (void)of, (void)watcher, (void)events;
    mailbox_drain();
}

static void peer_open(const bench_workload *workload)
{
    mailbox_open(workload);
    loop = ev_loop_new(EVFLAG_AUTO);
    CHECK(loop != NULL);
    ev_async_init(&bell, rung);
    ev_async_start(loop, &bell);
}

static void peer_wake(void)
{
    ev_async_send(loop, &bell);
}

static void peer_run(void)
{
    ev_run(loop, 0);
}

static void peer_stop(void)
{
    ev_break(loop, EVBREAK_ALL);
}

BENCH_REGISTER(libev_submit)
{
    submit_register("libev");
    submit_register("libev-malloc");
}
