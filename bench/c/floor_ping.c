/* Floor of ping: floor-futex, an owner that sleeps on a futex and is rung for. */
#include "rules/ping_rules.h"

#include "c/floor_bell.h"

static floor_bell bells[2];
static bool stopped[2];

static void peer_open(unsigned k)
{
    (void)k;
}

static inline void peer_ring(unsigned k)
{
    bell_ring(&bells[k]);
}

static void peer_run(unsigned k)
{
    while (!stopped[k]) {
        bell_wait(&bells[k]);
        ping_heard(k);
    }
}

static void peer_stop(unsigned k)
{
    stopped[k] = true;
}

BENCH_REGISTER(floor_ping)
{
    ping_register("floor-futex");
    ping_register_async("floor-futex");
}
