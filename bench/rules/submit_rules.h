/* Group submit: work that threads hand to a loop.
 *
 *   submit_pN          N foreign threads, 1 to 16, post `ops` tasks in all, as fast as they can, one call
 *                      each; the loop runs them. Also _same and _cross.
 *   submit_burst_pN    the same, but each of them sleeps after 10 000 until the tasks of all have run
 *   submit_batch       one thread posts them 64 at a time: by one call where the contestant has one for
 *                      that, by one turn of its lock and one wake where the queue is its user's own.
 *   million_async      one thread wakes random ones of 1 048 576 targets, `ops` times; a target that is to be
 *                      called already is not queued again. An operation is a waking, merged or not.
 *   submit_self_chain  the owner: each task submits the next; one is in flight.
 *
 * Counted: wall time from the moment all producers may begin to the end of the last task. Each task
 * carries a number; the loop checks that those of a producer come in order, none twice, and all of them.
 * No descriptor is watched but what the contestant itself needs to be woken.
 *
 * A contestant that queues for itself (mailbox.h) does so once with a malloc for each task (NAME-malloc)
 * and once with nodes that the caller has (NAME). A full queue of a bounded contestant: the producer
 * yields and tries again; that is counted with the rest.
 *
 * The contestant gives: peer_open(workload), peer_post(producer, index, number), any thread;
 * peer_post_many(producer, index, number, n): n tasks with numbers that follow; peer_run(), until
 * peer_stop() is called in a callback. Its callback calls submit_ran(number).
 */
#include "harness.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SUBMIT_BATCH = 64, SUBMIT_BURST = 10000, SUBMIT_MOST_PRODUCERS = 16 };
typedef enum submit_how { SUBMIT_STREAM, SUBMIT_BATCHES, SUBMIT_BURSTS } submit_how; /* active */
#define SUBMIT_INDEX_BITS 40

typedef struct submit_producer {
    pthread_t thread;
    unsigned number;
    uint64_t count;
    const bench_workload *workload;
} submit_producer;

static uint64_t submit_left, submit_next[SUBMIT_MOST_PRODUCERS];
static uint64_t submit_pause; /* what is left when a burst has run; 0 where there is but one */
static unsigned submit_producers;
static _Alignas(64) _Atomic uint32_t submit_bursts; /* that have run */
static bool submit_chained;
static pthread_barrier_t submit_gate;

static void peer_open(const bench_workload *workload);
static inline void peer_post(unsigned producer, uint64_t index, uint64_t number);
static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n);
static void peer_run(void);
static void peer_stop(void);

enum { SUBMIT_TARGETS = 1 << 20 };
static _Atomic bool *submit_waking; /* of a target; NULL but for million_async */
static uint64_t submit_called;

/* The number above all targets comes last. */
static inline void submit_woke(uint64_t target)
{
    if (target == SUBMIT_TARGETS) {
        peer_stop();
        return;
    }
    CHECK(atomic_exchange_explicit(&submit_waking[target], false, memory_order_acq_rel));
    submit_called++;
}

static void submit_begin_burst(void)
{
    uint64_t each = submit_left / submit_producers;
    submit_pause = submit_left - (each < SUBMIT_BURST ? each : SUBMIT_BURST) * submit_producers;
}

static void submit_burst_ran(void)
{
    if (submit_left == 0)
        peer_stop();
    else
        submit_begin_burst();
    atomic_fetch_add(&submit_bursts, 1);
    syscall(SYS_futex, &submit_bursts, FUTEX_WAKE_PRIVATE, SUBMIT_MOST_PRODUCERS, NULL, NULL, 0);
}

static void submit_await_burst(uint32_t burst)
{
    while (atomic_load(&submit_bursts) == burst)
        syscall(SYS_futex, &submit_bursts, FUTEX_WAIT_PRIVATE, burst, NULL, NULL, 0);
}

static inline void submit_ran(uint64_t number)
{
    if (submit_waking != NULL) {
        submit_woke(number);
        return;
    }
    uint64_t producer = number >> SUBMIT_INDEX_BITS;
    uint64_t index = number & (((uint64_t)1 << SUBMIT_INDEX_BITS) - 1);
    CHECK(submit_next[producer] == index);
    submit_next[producer]++;
    if (--submit_left == submit_pause)
        submit_burst_ran();
    else if (submit_chained)
        peer_post(0, index + 1, index + 1);
}

static void *submit_produce(void *arg)
{
    submit_producer *me = arg;
    bench_place_thread(me->workload->place, BENCH_OTHER);
    uint64_t number = (uint64_t)me->number << SUBMIT_INDEX_BITS;
    pthread_barrier_wait(&submit_gate);
    if (me->workload->active == SUBMIT_BATCHES) {
        for (uint64_t i = 0; i < me->count; i += SUBMIT_BATCH) {
            uint64_t n = me->count - i < SUBMIT_BATCH ? me->count - i : SUBMIT_BATCH;
            peer_post_many(me->number, i, number + i, n);
        }
        return NULL;
    }
    uint64_t burst = me->workload->active == SUBMIT_BURSTS ? SUBMIT_BURST : me->count;
    for (uint64_t i = 0, end; i < me->count; i = end) {
        end = me->count - i < burst ? me->count : i + burst;
        for (uint64_t k = i; k < end; k++)
            peer_post(me->number, k, number + k);
        if (end != me->count)
            submit_await_burst((uint32_t)(i / burst));
    }
    return NULL;
}

static void submit_run(const bench_workload *workload)
{
    submit_producer producers[SUBMIT_MOST_PRODUCERS];
    unsigned n = submit_producers = (unsigned)workload->size;
    uint64_t count = workload->ops / n; /* of each */
    submit_left = count * n;
    if (workload->active == SUBMIT_BURSTS)
        submit_begin_burst();
    bench_place_thread(workload->place, BENCH_OWNER);
    peer_open(workload);
    CHECK(pthread_barrier_init(&submit_gate, NULL, n + 1) == 0);
    for (unsigned i = 0; i < n; i++) {
        producers[i] = (submit_producer){.number = i, .count = count, .workload = workload};
        CHECK(pthread_create(&producers[i].thread, NULL, submit_produce, &producers[i]) == 0);
    }
    uint64_t start = wall_ns();
    pthread_barrier_wait(&submit_gate);
    peer_run();
    uint64_t end = wall_ns();
    for (unsigned i = 0; i < n; i++)
        pthread_join(producers[i].thread, NULL);
    CHECK(submit_left == 0);
    bench_span(end - start, count * n);
}

static void *submit_wake(void *arg)
{
    submit_producer *me = arg;
    uint64_t state = 88172645463325252u, sent = 0;
    bench_place_thread(me->workload->place, BENCH_OTHER);
    pthread_barrier_wait(&submit_gate);
    for (uint64_t i = 0; i < me->workload->ops; i++) {
        uint64_t target = bench_random(&state) % SUBMIT_TARGETS;
        if (!atomic_exchange_explicit(&submit_waking[target], true, memory_order_acq_rel))
            peer_post(0, sent++, target);
    }
    peer_post(0, sent, SUBMIT_TARGETS);
    me->count = sent;
    return NULL;
}

static void submit_million_run(const bench_workload *workload)
{
    submit_producer producer = {.workload = workload};
    submit_waking = bench_alloc(SUBMIT_TARGETS, sizeof(*submit_waking));
    bench_place_thread(workload->place, BENCH_OWNER);
    peer_open(workload);
    CHECK(pthread_barrier_init(&submit_gate, NULL, 2) == 0);
    CHECK(pthread_create(&producer.thread, NULL, submit_wake, &producer) == 0);
    uint64_t start = wall_ns();
    pthread_barrier_wait(&submit_gate);
    peer_run();
    uint64_t end = wall_ns();
    pthread_join(producer.thread, NULL);
    CHECK(submit_called == producer.count && producer.count <= workload->ops);
    bench_span(end - start, workload->ops);
}

static void submit_chain_run(const bench_workload *workload)
{
    submit_left = workload->ops;
    submit_chained = true;
    peer_open(workload);
    uint64_t start = thread_ns();
    peer_post(0, 0, 0);
    peer_run();
    uint64_t end = thread_ns();
    CHECK(submit_left == 0);
    bench_span(end - start, workload->ops);
}

static void submit_register(const char *contestant)
{
    bench_workload one = {.ops = 1000000};
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    for (bench_place place = PLACE_FREE; place <= PLACE_CROSS; place++) {
        const char *suffix = bench_place_suffix(place);
        one.place = place;
        one.run = submit_run;
        for (unsigned n = 1; n <= SUBMIT_MOST_PRODUCERS; n *= 2) {
            one.size = n;
            one.active = SUBMIT_STREAM;
            snprintf(one.name, sizeof(one.name), "submit_p%u%s", n, suffix);
            bench_add(&one);
            one.active = SUBMIT_BURSTS;
            snprintf(one.name, sizeof(one.name), "submit_burst_p%u%s", n, suffix);
            bench_add(&one);
        }
        one.size = 1;
        one.active = SUBMIT_BATCHES;
        snprintf(one.name, sizeof(one.name), "submit_batch%s", suffix);
        bench_add(&one);
        one.active = SUBMIT_STREAM;
        one.run = submit_million_run;
        snprintf(one.name, sizeof(one.name), "million_async%s", suffix);
        bench_add(&one);
    }
    one.place = PLACE_FREE;
    one.run = submit_chain_run;
    snprintf(one.name, sizeof(one.name), "submit_self_chain");
    bench_add(&one);
}
