/* echo for libuv: its TCP streams, one buffer for all, uv_try_write, which writes at once. */
#include "echo_client.h"

#include <uv.h>

static uv_loop_t loop;
static uv_tcp_t server;

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    static char buffer[65536];
    (void)handle, (void)suggested;
    *out = uv_buf_init(buffer, sizeof(buffer));
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    CHECK(n >= 0);
    if (n == 0)
        return;
    uv_buf_t answer = uv_buf_init(buffer->base, (unsigned)n);
    CHECK(uv_try_write(stream, &answer, 1) == (int)n);
}

static void connected(uv_stream_t *listener, int status)
{
    uv_tcp_t *stream = bench_alloc(1, sizeof(*stream));
    CHECK(status == 0 && uv_tcp_init(&loop, stream) == 0);
    CHECK(uv_accept(listener, (uv_stream_t *)stream) == 0);
    CHECK(uv_read_start((uv_stream_t *)stream, give_buffer, got) == 0);
}

static void serve(int listener, uint64_t connections)
{
    (void)connections;
    CHECK(uv_loop_init(&loop) == 0 && uv_tcp_init(&loop, &server) == 0);
    CHECK(uv_tcp_open(&server, listener) == 0);
    CHECK(uv_listen((uv_stream_t *)&server, 1024, connected) == 0);
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void run(const bench_workload *workload)
{
    echo_run(workload, serve);
}

BENCH_REGISTER(libuv_echo)
{
    echo_register("libuv", run);
}
