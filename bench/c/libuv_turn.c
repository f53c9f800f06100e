/* turn for libuv: an idle handle that stays active calls back once a turn; nothing is queued anew. */
#include "rules/turn_rules.h"

#include <uv.h>

static uv_loop_t loop;
static uv_idle_t idle;
static uv_poll_t poll_handle;
static turn_fn *idle_fn;

static void idled(uv_idle_t *handle)
{
    (void)handle;
    idle_fn(NULL);
}

static void peer_open(uint64_t ops)
{
    (void)ops;
    CHECK(uv_loop_init(&loop) == 0 && uv_idle_init(&loop, &idle) == 0);
    CHECK(uv_idle_start(&idle, idled) == 0);
}

static void peer_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void peer_stop(void)
{
    uv_idle_stop(&idle);
    uv_stop(&loop);
}

static void never(uv_poll_t *handle, int status, int events)
{
    (void)handle, (void)status, (void)events;
    CHECK(false);
}

static void peer_watch(int fd)
{
    CHECK(uv_poll_init(&loop, &poll_handle, fd) == 0);
    CHECK(uv_poll_start(&poll_handle, UV_READABLE, never) == 0);
}

static inline void defer(turn_fn *fn)
{
    idle_fn = fn;
}

TURN_CHAIN(immediate, defer)
TURN_WATCHED(defer)

BENCH_REGISTER(libuv_turn)
{
    turn_add("libuv", "immediate_chain", immediate_chain);
    turn_add("libuv", "turn_watched", turn_watched);
}
