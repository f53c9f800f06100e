/* Floor of submit: floor-mutex, the mailbox of the peers with a futex where the owner sleeps; no loop
 * around it. */
#include "rules/submit_rules.h"

#include "c/floor_bell.h"
#include "mailbox.h"

static floor_bell bell;
static bool stopped;

static void peer_open(const bench_workload *workload)
{
    mailbox_open(workload);
}

static void peer_wake(void)
{
    bell_ring(&bell);
}

static void peer_stop(void)
{
    stopped = true;
}

static void peer_run(void)
{
    while (!stopped) {
        bell_wait(&bell);
        mailbox_drain();
    }
}

BENCH_REGISTER(floor_submit)
{
    submit_register("floor-mutex");
}
