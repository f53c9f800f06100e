/* Group timer.
 *
 *   timer_sched        `ops` one-shots are started with random delays of 1 to 1000 ms.
 *   timer_cancel       all of them are cancelled, in the order of starting (the starts are not counted).
 *   timer_cancel_r     the same in a random order.
 *   timer_pair_bgN     a timer is started (1 to 1000 ms) and cancelled, while N others wait for an hour and
 *                      some seconds.
 *   timer_fire         100 000 timers of 1 to 10 ms fire. Also _late_p50, _late_p99 and _late_max: ns
 *                      from the deadline (clock before the start call + delay) to the callback.
 *   million_timers     10 000 000 timers, 1000 for each ms, all fire (libuv's own benchmark).
 *   scale_timers_N     timer_pair with N residents; one figure against the size. Also _bytes: memory for the
 *                      loop and its timers, over N.
 *
 * Counted: processor time of the thread; for timer_fire and million_timers starts, waiting and firing
 * together, since the wall time of both is that of the last deadline. Memory for timers is the contestant's
 * user's where its API has it so, and made before. Each callback says which timer it is; each must come
 * once, and whoever fires early is told of on stderr: the contestant `millrace` must never. For timer_sched,
 * timer_cancel and timer_cancel_r all timers are started and cancelled once before, so that what either side
 * keeps of its memory is there. All but timer_fire and million_timers is done in a callback of the loop, the
 * place where programs do it: outside a run ours asks as well whether another thread has begun one.
 *
 * Clocks: timer_fire reads one before each start and in each callback on every side, for lateness. The
 * contestant reads what it needs: libev and libuv take the time of the turn, which is theirs to do; both
 * are told to look at the clock once before the starts.
 *
 * The contestant gives: peer_open(n): a loop and n timers, not started; peer_look(): the loop looks at
 * the clock; peer_start(i, ms), peer_cancel(i), peer_run(): until peer_stop() in a callback. Its callback
 * calls timer_fired(i).
 */
#include "harness.h"

static void peer_open(size_t n);
static void peer_look(void);
static inline void peer_start(size_t i, uint64_t ms);
static inline void peer_cancel(size_t i);
static void peer_run(void);
static void peer_stop(void);

static uint64_t timer_left;
static uint64_t *timer_due, *timer_late; /* ns; by timer, 0: has fired; by firing */
static uint64_t timer_early, timer_count;
static void (*timer_set)(const bench_workload *workload); /* still to be done, in a callback */
static const bench_workload *timer_workload;
static uint64_t timer_memory; /* before the loop was opened */

static inline void timer_fired(size_t i)
{
    if (timer_set != NULL) {
        timer_set(timer_workload);
        timer_set = NULL;
        peer_stop();
        return;
    }
    if (timer_late != NULL) {
        uint64_t now = wall_ns();
        CHECK(timer_due[i] != 0);
        timer_early += now < timer_due[i];
        timer_late[timer_count++] = now < timer_due[i] ? 0 : now - timer_due[i];
        timer_due[i] = 0;
    }
    if (--timer_left == 0)
        peer_stop();
}

static uint16_t *timer_delays(size_t n, uint64_t most_ms)
{
    uint16_t *delays = bench_alloc(n, sizeof(*delays));
    uint64_t state = 1442695040888963407u;
    for (size_t i = 0; i < n; i++)
        delays[i] = (uint16_t)(1 + bench_random(&state) % most_ms);
    return delays;
}

/* Do `set` with n timers in the callback of one more. */
static void timer_inside(const bench_workload *workload, size_t n,
                         void (*set)(const bench_workload *workload))
{
    timer_workload = workload;
    timer_set = set;
    timer_memory = bench_memory();
    peer_open(n + 1);
    peer_look();
    peer_start(n, 1);
    peer_run();
    CHECK(timer_set == NULL);
}

static void timer_warm_up(const uint16_t *delays, size_t n)
{
    peer_look();
    for (size_t i = 0; i < n; i++)
        peer_start(i, delays[i]);
    for (size_t i = 0; i < n; i++)
        peer_cancel(i);
    peer_look();
}

static void sched_set(const bench_workload *workload)
{
    uint16_t *delays = timer_delays(workload->ops, 1000);
    timer_warm_up(delays, workload->ops);
    uint64_t start = thread_ns();
    for (size_t i = 0; i < workload->ops; i++)
        peer_start(i, delays[i]);
    bench_span(thread_ns() - start, workload->ops);
}

static void timer_sched(const bench_workload *workload)
{
    timer_inside(workload, workload->ops, sched_set);
}

static void cancel_set(const bench_workload *workload)
{
    uint16_t *delays = timer_delays(workload->ops, 1000);
    uint32_t *order = bench_shuffled(workload->ops);
    timer_warm_up(delays, workload->ops);
    for (size_t i = 0; i < workload->ops; i++)
        peer_start(i, delays[i]);
    if (workload->size == 0)
        for (size_t i = 0; i < workload->ops; i++)
            order[i] = (uint32_t)i;
    uint64_t start = thread_ns();
    for (size_t i = 0; i < workload->ops; i++)
        peer_cancel(order[i]);
    bench_span(thread_ns() - start, workload->ops);
}

/* size: 1 for a random order. */
static void timer_cancel(const bench_workload *workload)
{
    timer_inside(workload, workload->ops, cancel_set);
}

static void pair_set(const bench_workload *workload)
{
    enum { MANY = 4096 };
    uint16_t *delays = timer_delays(MANY, 1000);
    uint64_t state = 1;
    for (size_t i = 0; i < workload->size; i++)
        peer_start(i, 3600000 + bench_random(&state) % 10000);
    if (strncmp(workload->name, "scale", 5) == 0)
        bench_bytes(bench_memory() - timer_memory, workload->size);
    uint64_t start = thread_ns();
    for (size_t i = 0; i < workload->ops; i++) {
        peer_start(workload->size, delays[i % MANY]);
        peer_cancel(workload->size);
    }
    bench_span(thread_ns() - start, workload->ops);
}

/* size: residents. */
static void timer_pair(const bench_workload *workload)
{
    timer_inside(workload, workload->size + 1, pair_set);
}

static void timer_fire(const bench_workload *workload)
{
    size_t n = workload->ops;
    uint16_t *delays = timer_delays(n, 10);
    timer_due = bench_alloc(n, sizeof(*timer_due));
    timer_late = bench_alloc(n, sizeof(*timer_late));
    timer_left = n;
    peer_open(n);
    peer_look();
    uint64_t start = thread_ns();
    for (size_t i = 0; i < n; i++) {
        timer_due[i] = wall_ns() + delays[i] * (uint64_t)1000000;
        peer_start(i, delays[i]);
    }
    peer_run();
    uint64_t end = thread_ns();
    CHECK(timer_left == 0 && timer_count == n);
    if (timer_early > 0)
        fprintf(stderr, "%llu of %zu timers fired early\n", (unsigned long long)timer_early, n);
    CHECK(timer_early == 0 || strcmp(workload->contestant, "millrace") != 0);
    bench_sort(timer_late, n);
    bench_span(end - start, n);
    bench_result("_late_p50", (double)bench_percentile(timer_late, n, 0.5), n);
    bench_result("_late_p99", (double)bench_percentile(timer_late, n, 0.99), n);
    bench_result("_late_max", (double)timer_late[n - 1], n);
}

static void timer_million(const bench_workload *workload)
{
    timer_left = workload->ops;
    peer_open(workload->ops);
    peer_look();
    uint64_t start = thread_ns();
    for (size_t i = 0; i < workload->ops; i++)
        peer_start(i, 1 + i / 1000);
    peer_run();
    uint64_t end = thread_ns();
    CHECK(timer_left == 0);
    bench_span(end - start, workload->ops);
}

static inline void timer_add(const char *contestant, const char *name,
                             void (*run)(const bench_workload *), uint64_t ops, uint64_t size)
{
    bench_workload one = {.run = run, .ops = ops, .size = size};
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    snprintf(one.name, sizeof(one.name), "%s", name);
    bench_add(&one);
}

/* most: the largest scale_timers_N. */
static inline void timer_register_sets(const char *contestant, uint64_t most)
{
    timer_add(contestant, "timer_sched", timer_sched, 1000000, 0);
    timer_add(contestant, "timer_cancel", timer_cancel, 1000000, 0);
    timer_add(contestant, "timer_cancel_r", timer_cancel, 1000000, 1);
    timer_add(contestant, "timer_pair_bg0", timer_pair, 1000000, 0);
    timer_add(contestant, "timer_pair_bg10000", timer_pair, 1000000, 10000);
    timer_add(contestant, "timer_pair_bg1000000", timer_pair, 1000000, 1000000);
    for (uint64_t n = 10; n <= most; n *= 10) {
        char name[40];
        snprintf(name, sizeof(name), "scale_timers_%llu", (unsigned long long)n);
        timer_add(contestant, name, timer_pair, 1000000, n);
    }
}

static inline void timer_register(const char *contestant, uint64_t most)
{
    timer_register_sets(contestant, most);
    timer_add(contestant, "timer_fire", timer_fire, 100000, 0);
    timer_add(contestant, "million_timers", timer_million, 10000000, 0);
}
