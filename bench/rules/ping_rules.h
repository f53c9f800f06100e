/* Group ping: how long a loop takes to answer another thread.
 *
 *   ping_hot    another thread asks, waits for the answer, and asks again; p50, and _p99. Also _same, _cross.
 *   ping_50us   the same after 50 microseconds in which nothing happened
 *   ping_cold   the same after 1 ms
 *   async_n     two loops, each on a thread of its own, send one token to and fro (libuv's own benchmark).
 *
 * An operation is a question and its answer; for async_n a crossing. Counted: wall time from before the
 * asking call to the moment that the asker has the answer; for async_n of the whole. A run ends after `ops`
 * or after a second, whichever comes first. Every question must be answered, by one callback.
 *
 * The asker waits the same way for all contestants: on one processor (_same) it sleeps on a futex, elsewhere
 * it looks at the answer without pause, so that the time is that of the loop's waking and not of its own. The
 * pauses of ping_50us are spent looking at the clock, those of ping_cold asleep.
 *
 * The contestant gives, for loop k, 0 or 1: peer_open(k), peer_ring(k) for any thread, peer_run(k), until
 * peer_stop(k) in a callback. Its callback calls ping_heard(k). Rings are never merged here: one is on its
 * way.
 */
#include "harness.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PING_SECOND = 1000000000 };

static void peer_open(unsigned k);
static inline void peer_ring(unsigned k);
static void peer_run(unsigned k);
static void peer_stop(unsigned k);

static _Alignas(64) _Atomic uint32_t ping_answer;
static _Alignas(64) _Atomic bool ping_over;
static bool ping_sleeps, ping_between_loops;
static uint64_t ping_crossings, ping_most, ping_deadline;
static uint64_t ping_asked, *ping_samples;
static const char *ping_contestant; /* for contestants of two kinds */

/* The token's turn to cross; two loops share these by the token alone. */
static inline void ping_cross(unsigned k)
{
    bool over = atomic_load_explicit(&ping_over, memory_order_relaxed);
    if (!over) {
        ping_crossings++;
        over =
            ping_crossings == ping_most || (ping_crossings % 64 == 0 && wall_ns() > ping_deadline);
        atomic_store_explicit(&ping_over, over, memory_order_relaxed);
        peer_ring(1 - k); /* at the end, too: the other one is to stop */
    }
    if (over)
        peer_stop(k);
}

static inline void ping_heard(unsigned k)
{
    if (ping_between_loops) {
        ping_cross(k);
        return;
    }
    if (atomic_load_explicit(&ping_over, memory_order_relaxed)) {
        peer_stop(k);
        return;
    }
    atomic_fetch_add(&ping_answer, 1);
    if (ping_sleeps)
        syscall(SYS_futex, &ping_answer, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void ping_wait(uint32_t before)
{
    while (atomic_load_explicit(&ping_answer, memory_order_acquire) == before)
        if (ping_sleeps)
            syscall(SYS_futex, &ping_answer, FUTEX_WAIT_PRIVATE, before, NULL, NULL, 0);
}

static void ping_pause(uint64_t ns)
{
    if (ns >= 1000000) {
        struct timespec pause = {.tv_nsec = (long)ns};
        while (nanosleep(&pause, &pause) != 0)
            ;
        return;
    }
    for (uint64_t end = wall_ns() + ns; ns > 0 && wall_ns() < end;)
        ;
}

static void *ping_ask(void *arg)
{
    const bench_workload *workload = arg;
    bench_place_thread(workload->place, BENCH_OTHER);
    uint64_t end = wall_ns() + PING_SECOND;
    while (ping_asked < workload->ops) {
        ping_pause(workload->size);
        uint32_t before = atomic_load_explicit(&ping_answer, memory_order_relaxed);
        uint64_t start = wall_ns();
        peer_ring(0);
        ping_wait(before);
        uint64_t now = wall_ns();
        ping_samples[ping_asked++] = now - start;
        if (now > end)
            break;
    }
    CHECK(atomic_load(&ping_answer) == ping_asked);
    atomic_store(&ping_over, true);
    peer_ring(0);
    return NULL;
}

/* size: the pause, ns. */
static void ping_run(const bench_workload *workload)
{
    pthread_t asker;
    bench_workload copy = *workload;
    ping_samples = bench_alloc(workload->ops, sizeof(*ping_samples));
    ping_sleeps = workload->place == PLACE_SAME;
    ping_contestant = workload->contestant;
    bench_place_thread(workload->place, BENCH_OWNER);
    peer_open(0);
    CHECK(pthread_create(&asker, NULL, ping_ask, &copy) == 0);
    peer_run(0);
    pthread_join(asker, NULL);
    bench_percentiles(ping_samples, ping_asked);
}

static void *ping_run_second(void *arg)
{
    const bench_workload *workload = arg;
    bench_place_thread(workload->place, BENCH_OTHER);
    peer_run(1);
    return NULL;
}

static inline void async_run(const bench_workload *workload)
{
    pthread_t second;
    bench_workload copy = *workload;
    ping_between_loops = true;
    ping_contestant = workload->contestant;
    ping_most = workload->ops;
    bench_place_thread(workload->place, BENCH_OWNER);
    peer_open(0);
    peer_open(1);
    CHECK(pthread_create(&second, NULL, ping_run_second, &copy) == 0);
    uint64_t start = wall_ns();
    ping_deadline = start + PING_SECOND;
    peer_ring(0);
    peer_run(0);
    uint64_t end = wall_ns();
    pthread_join(second, NULL);
    CHECK(ping_crossings > 0);
    bench_span(end - start, ping_crossings);
}

static void ping_add(const char *contestant, const char *name, bench_place place, uint64_t ops,
                     uint64_t pause, void (*run)(const bench_workload *))
{
    bench_workload one = {.run = run, .ops = ops, .size = pause, .place = place};
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    snprintf(one.name, sizeof(one.name), "%s%s", name, bench_place_suffix(place));
    bench_add(&one);
}

static inline void ping_register(const char *contestant)
{
    for (bench_place place = PLACE_FREE; place <= PLACE_CROSS; place++) {
        ping_add(contestant, "ping_hot", place, 100000, 0, ping_run);
        ping_add(contestant, "ping_50us", place, 20000, 50000, ping_run);
        ping_add(contestant, "ping_cold", place, 1000, 1000000, ping_run);
    }
}

static inline void ping_register_async(const char *contestant)
{
    for (bench_place place = PLACE_FREE; place <= PLACE_CROSS; place++)
        ping_add(contestant, "async_n", place, 100000, 0, async_run);
}
