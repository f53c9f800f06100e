/* ping for Millrace: mr_submit, default options; and millrace-nospin, a loop that sleeps at once, which is
 * what the peers do. */
#include "rules/ping_rules.h"

#include <millrace/millrace.h>

static mr_loop *loops[2];

static void heard(void *arg)
{
    ping_heard((unsigned)(uintptr_t)arg);
}

static void peer_open(unsigned k)
{
    mr_loop_options options = {.size_bytes = sizeof(options)};
    options.flags = strstr(ping_contestant, "-nospin") != NULL ? MR_NO_SPINNING : 0;
    CHECK(mr_loop_create(&options, &loops[k]) == 0);
}

static inline void peer_ring(unsigned k)
{
    CHECK(mr_submit(loops[k], heard, (void *)(uintptr_t)k) == 0);
}

static void peer_run(unsigned k)
{
    CHECK(mr_loop_run(loops[k]) == MR_ECANCELED);
}

static void peer_stop(unsigned k)
{
    CHECK(mr_loop_request_close(loops[k]) == 0);
}

BENCH_REGISTER(millrace_ping)
{
    ping_register("millrace");
    ping_register_async("millrace");
    ping_register("millrace-nospin");
    ping_register_async("millrace-nospin");
}
