/* fd for libuv: uv_poll. As a server that is not what one uses with libuv: see libuv_echo.c. */
#include "rules/fd_rules.h"

#include <uv.h>

static uv_loop_t loop;

static void ready(uv_poll_t *handle, int status, int events)
{
    (void)status, (void)events;
    fd_ready((size_t)(uintptr_t)handle->data);
}

static void peer_open(void)
{
    CHECK(uv_loop_init(&loop) == 0);
}

static void peer_watch(size_t i, int fd)
{
    uv_poll_t *handle = bench_alloc(1, sizeof(*handle));
    CHECK(uv_poll_init(&loop, handle, fd) == 0);
    handle->data = (void *)(uintptr_t)i;
    CHECK(uv_poll_start(handle, UV_READABLE, ready) == 0);
}

static void peer_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void peer_stop(void)
{
    uv_stop(&loop);
}

BENCH_REGISTER(libuv_fd)
{
    fd_register("libuv");
    fd_register_echo("libuv-poll");
}
