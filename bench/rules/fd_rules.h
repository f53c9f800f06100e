/* Groups fd and echo: descriptors that become readable.
 *
 *   fds_iN_aM     N descriptors stay idle, M pipes pass bytes: M bytes are on their way around the ring of
 *                 the active ones; a callback reads one and writes it into the next pipe. One, not all
 *                 that are there: bytes that meet would stay together, and the order in which a contestant
 *                 calls would make the batches. The idle ones are duplicates of the reading end of one
 *                 pipe: ten thousand pipes are more descriptors than many systems allow.
 *   eventfds_iN_aM   the same with eventfds, as semaphores, in place of pipes.
 *   echo_cN       a TCP server on loopback sends back what it gets. One client, the same for all servers,
 *                 another process: N connections, on each 64 bytes, the answer, and again. Server on
 *                 processor 0, client on 1.
 *   scale_watches_N  fds_iN_a1; one figure against the size. Also _bytes: memory of the process for the loop and its
 *                 watches, over N; the kernel's is not in it.
 *
 * An operation is a callback; for echo an answer that has come whole. Counted: processor time of the
 * thread, the reads and writes included, which are the same on all sides; for echo wall time at the client,
 * from the first message to the last answer, when all are connected. Every callback must find bytes (for
 * echo: or a connection), and the client checks the bytes of each answer. All loops are level-triggered
 * and poll at least once for every batch of events that they have got.
 *
 * The contestant gives: peer_open(), peer_watch(i, fd), peer_run(), until peer_stop() in a callback. Its
 * callback calls fd_ready(i).
 */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo_client.h"

enum { FD_BUFFER = 65536 };

static void peer_open(void);
static void peer_watch(size_t i, int fd);
static void peer_run(void);
static void peer_stop(void);

typedef struct fd_pair {
    int in, out; /* to be read, to be written to reach it */
    uint32_t next;
} fd_pair;

static fd_pair *fd_pairs;
static uint64_t fd_left;
static size_t fd_unit; /* bytes that are one unit: 8 of an eventfd */
static bool fd_serves;
static size_t fd_served;

/* Raise the limit, or leave. */
static void fd_need(uint64_t n)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= n)
        return;
    limit.rlim_cur = n;
    if (limit.rlim_max < n)
        limit.rlim_max = n;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        bench_skip("too few descriptors allowed");
}

static void fd_echo(size_t i)
{
    static char buffer[FD_BUFFER];
    if (i == 0) {
        int connection = accept4(fd_pairs[0].in, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        CHECK(connection >= 0);
        fd_pairs[++fd_served].in = connection;
        peer_watch(fd_served, connection);
        return;
    }
    ssize_t n = read(fd_pairs[i].in, buffer, sizeof(buffer));
    CHECK(n > 0 && write(fd_pairs[i].in, buffer, (size_t)n) == n);
}

/* Returns false where nothing was there. */
static inline bool fd_ready(size_t i)
{
    char buffer[8];
    if (fd_serves) {
        fd_echo(i);
        return true;
    }
    ssize_t n = read(fd_pairs[i].in, buffer, fd_unit);
    if (n <= 0) {
        CHECK(n < 0 && errno == EAGAIN);
        return false;
    }
    CHECK(write(fd_pairs[fd_pairs[i].next].out, buffer, (size_t)n) == n);
    if (fd_left > 0 && --fd_left == 0) /* the rest of a batch may still come */
        peer_stop();
    return true;
}

static void fd_make(fd_pair *pair, bool active)
{
    static int idle = -1;
    int ends[2];
    if (!active && idle >= 0) {
        *pair = (fd_pair){.in = dup(idle), .out = -1};
        CHECK(pair->in >= 0);
    } else if (!active) {
        CHECK(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
        *pair = (fd_pair){.in = idle = ends[0], .out = ends[1]};
    } else if (fd_unit == 1) {
        CHECK(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
        *pair = (fd_pair){.in = ends[0], .out = ends[1]};
    } else {
        pair->in = pair->out = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE);
        CHECK(pair->in >= 0);
    }
}

/* size idle ones and active ones between them; place: SAME for eventfds, which is no placement. */
static void fd_run(const bench_workload *workload)
{
    size_t idle = workload->size, active = workload->active, n = idle + active;
    size_t each = n / active;
    uint64_t one = 1;
    fd_unit = workload->place == PLACE_SAME ? sizeof(one) : 1;
    fd_need(idle + 2 * active + 64);
    fd_pairs = bench_alloc(n, sizeof(*fd_pairs));
    fd_left = workload->ops;
    uint64_t before = bench_memory();
    peer_open();
    for (size_t i = 0; i < n; i++) {
        bool is_active = i % each == 0 && i / each < active;
        fd_make(&fd_pairs[i], is_active);
        fd_pairs[i].next = (uint32_t)((i / each + 1) % active * each);
        peer_watch(i, fd_pairs[i].in);
    }
    if (strncmp(workload->name, "scale", 5) == 0)
        bench_bytes(bench_memory() - before, n);
    for (size_t i = 0; i < active; i++)
        CHECK(write(fd_pairs[i * each].out, &one, fd_unit) == (ssize_t)fd_unit);
    uint64_t start = thread_ns();
    peer_run();
    uint64_t end = thread_ns();
    CHECK(fd_left == 0);
    bench_span(end - start, workload->ops);
}

static void fd_serve(int listener, uint64_t connections)
{
    fd_serves = true;
    fd_pairs = bench_alloc(connections + 1, sizeof(*fd_pairs));
    fd_pairs[0].in = listener;
    peer_open();
    peer_watch(0, listener);
    peer_run();
}

/* size: connections. */
static void fd_echo_run(const bench_workload *workload)
{
    fd_need(workload->size + 64);
    echo_run(workload, fd_serve);
}

static void fd_add(const char *contestant, const char *kind, uint64_t idle, uint64_t active)
{
    bench_workload one = {.run = fd_run, .ops = 200000, .size = idle, .active = active};
    one.place = strcmp(kind, "eventfds") == 0 ? PLACE_SAME : PLACE_FREE;
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    if (strcmp(kind, "scale") == 0)
        snprintf(one.name, sizeof(one.name), "scale_watches_%llu", (unsigned long long)idle);
    else
        snprintf(one.name, sizeof(one.name), "%s_i%llu_a%llu", kind, (unsigned long long)idle,
                 (unsigned long long)active);
    bench_add(&one);
}

static inline void fd_register(const char *contestant)
{
    static const unsigned idle[] = {0, 100, 1000, 10000}, active[] = {1, 10, 100};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++)
            fd_add(contestant, "fds", idle[i], active[j]);
    fd_add(contestant, "eventfds", 0, 1);
    fd_add(contestant, "eventfds", 0, 100);
    for (uint64_t n = 1; n <= 100000; n *= 10)
        fd_add(contestant, "scale", n, 1);
}

static inline void fd_register_echo(const char *contestant)
{
    echo_register(contestant, fd_echo_run);
}
