/* ping for libuv: uv_async_send, no queue behind it. */
#include "rules/ping_rules.h"

#include <uv.h>

static uv_loop_t loops[2];
static uv_async_t bells[2];

static void heard(uv_async_t *handle)
{
    ping_heard((unsigned)(handle - bells));
}

static void peer_open(unsigned k)
{
    CHECK(uv_loop_init(&loops[k]) == 0 && uv_async_init(&loops[k], &bells[k], heard) == 0);
}

static inline void peer_ring(unsigned k)
{
    CHECK(uv_async_send(&bells[k]) == 0);
}

static void peer_run(unsigned k)
{
    uv_run(&loops[k], UV_RUN_DEFAULT);
}

static void peer_stop(unsigned k)
{
    uv_stop(&loops[k]);
}

BENCH_REGISTER(libuv_ping)
{
    ping_register("libuv");
    ping_register_async("libuv");
}
