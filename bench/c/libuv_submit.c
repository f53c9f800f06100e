/* submit for libuv: a mailbox behind one uv_async_t. */
#include "rules/submit_rules.h"

#include "mailbox.h"
#include <uv.h>

static uv_loop_t loop;
static uv_async_t bell;

static void rung(uv_async_t *handle)
{
    (void)handle;
    mailbox_drain();
}

static void peer_open(const bench_workload *workload)
{
    mailbox_open(workload);
    CHECK(uv_loop_init(&loop) == 0 && uv_async_init(&loop, &bell, rung) == 0);
}

static void peer_wake(void)
{
    uv_async_send(&bell);
}

static void peer_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void peer_stop(void)
{
    uv_stop(&loop);
}

BENCH_REGISTER(libuv_submit)
{
    submit_register("libuv");
    submit_register("libuv-malloc");
}
