/* Group submit: work that threads hand to a loop.
 *
 *   submit_pN          N foreign threads post `ops` tasks in all, as fast as they can, one call each;
 *                      the loop runs them. Also _same and _cross.
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

enum { SUBMIT_BATCH = 64, SUBMIT_MOST_PRODUCERS = 16 };
#define SUBMIT_INDEX_BITS 40

typedef struct submit_producer {
    pthread_t thread;
    unsigned number;
    uint64_t count;
    const bench_workload *workload;
} submit_producer;

static uint64_t submit_left, submit_next[SUBMIT_MOST_PRODUCERS];
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
    if (--submit_left == 0)
        peer_stop();
    else if (submit_chained)
        peer_post(0, index + 1, index + 1);
}

static void *submit_produce(void *arg)
{
    submit_producer *me = arg;
    bench_place_thread(me->workload->place, BENCH_OTHER);
    uint64_t number = (uint64_t)me->number << SUBMIT_INDEX_BITS;
    pthread_barrier_wait(&submit_gate);
    if (me->workload->active != 0) {
        for (uint64_t i = 0; i < me->count; i += SUBMIT_BATCH) {
            uint64_t n = me->count - i < SUBMIT_BATCH ? me->count - i : SUBMIT_BATCH;
            peer_post_many(me->number, i, number + i, n);
        }
        return NULL;
    }
    for (uint64_t i = 0; i < me->count; i++)
        peer_post(me->number, i, number + i);
    return NULL;
}

static void submit_run(const bench_workload *workload)
{
    submit_producer producers[SUBMIT_MOST_PRODUCERS];
    unsigned n = (unsigned)workload->size;
    submit_left = workload->ops;
    bench_place_thread(workload->place, BENCH_OWNER);
    peer_open(workload);
    CHECK(pthread_barrier_init(&submit_gate, NULL, n + 1) == 0);
    for (unsigned i = 0; i < n; i++) {
        uint64_t count = workload->ops / n + (i < workload->ops % n);
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
    bench_span(end - start, workload->ops);
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
    static const unsigned counts[] = {1, 8, 16};
    bench_workload one = {.ops = 1000000};
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    for (bench_place place = PLACE_FREE; place <= PLACE_CROSS; place++) {
        const char *suffix = bench_place_suffix(place);
        one.place = place;
        one.run = submit_run;
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            one.size = counts[i];
            snprintf(one.name, sizeof(one.name), "submit_p%u%s", counts[i], suffix);
            bench_add(&one);
        }
        one.size = one.active = 1;
        snprintf(one.name, sizeof(one.name), "submit_batch%s", suffix);
        bench_add(&one);
        one.active = 0;
        one.run = submit_million_run;
        snprintf(one.name, sizeof(one.name), "million_async%s", suffix);
        bench_add(&one);
    }
    one.place = PLACE_FREE;
    one.run = submit_chain_run;
    snprintf(one.name, sizeof(one.name), "submit_self_chain");
    bench_add(&one);
}
