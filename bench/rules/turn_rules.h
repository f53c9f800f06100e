/* Groups turn and microtask: callbacks that the owner queues for itself.
 *
 *   KIND_chain    a callback queues the next one, `ops` times; never more than one is queued.
 *   KIND_burst    `ops` callbacks are queued at once, then all run.
 *
 * with KIND immediate (runs in the next turn), microtask and tick (run after the current callback, before
 * anything else). turn_watched is immediate_chain while one idle pipe is watched: then every turn must
 * poll once. Without a descriptor no system call is owed.
 *
 * Counted: processor time of the thread, from the first queueing to the end of the last callback. Calls
 * are counted; all must have come. A burst is done once before it is counted, so that what either side
 * keeps of its memory is there. A contestant without immediates uses what runs once a turn and never
 * sleeps (idle handles).
 *
 * The contestant gives peer_open(ops), peer_run() and peer_stop(), peer_turn(): one turn that does not wait,
 * peer_watch(fd) for turn_watched, and for each kind a function `defer(fn)`, where fn is void (void *).
 */
#include "harness.h"

#include <unistd.h>

static uint64_t turn_left;

static void peer_open(uint64_t ops);
static void peer_run(void);
static void peer_stop(void);

typedef void turn_fn(void *arg);

static inline void turn_count(uint64_t start, uint64_t ops)
{
    uint64_t end = thread_ns();
    CHECK(turn_left == 0);
    bench_span(end - start, ops);
}

/* Define KIND_chain and KIND_burst. */
#define TURN_CHAIN(kind, defer)                                                                    \
    static void kind##_link(void *arg)                                                             \
    {                                                                                              \
        (void)arg;                                                                                 \
        if (--turn_left > 0)                                                                       \
            defer(kind##_link);                                                                    \
        else                                                                                       \
            peer_stop();                                                                           \
    }                                                                                              \
    static void kind##_chain(const bench_workload *workload)                                       \
    {                                                                                              \
        turn_left = workload->ops;                                                                 \
        peer_open(1);                                                                              \
        uint64_t start = thread_ns();                                                              \
        defer(kind##_link);                                                                        \
        peer_run();                                                                                \
        turn_count(start, workload->ops);                                                          \
    }

#define TURN_BURST(kind, defer)                                                                    \
    static void peer_turn(void);                                                                   \
    static void kind##_one(void *arg)                                                              \
    {                                                                                              \
        (void)arg;                                                                                 \
        if (--turn_left == 0)                                                                      \
            peer_stop();                                                                           \
    }                                                                                              \
    static void kind##_burst(const bench_workload *workload)                                       \
    {                                                                                              \
        peer_open(workload->ops);                                                                  \
        turn_left = workload->ops + 1;                                                             \
        for (uint64_t i = 0; i < workload->ops; i++)                                               \
            defer(kind##_one);                                                                     \
        peer_turn();                                                                               \
        CHECK(turn_left == 1);                                                                     \
        turn_left = workload->ops;                                                                 \
        uint64_t start = thread_ns();                                                              \
        for (uint64_t i = 0; i < workload->ops; i++)                                               \
            defer(kind##_one);                                                                     \
        peer_run();                                                                                \
        turn_count(start, workload->ops);                                                          \
    }

/* Define turn_watched by the chain of immediates; peer_watch(fd) is called on the open loop. */
#define TURN_WATCHED(defer)                                                                        \
    static void turn_watched(const bench_workload *workload)                                       \
    {                                                                                              \
        int ends[2];                                                                               \
        CHECK(pipe(ends) == 0);                                                                    \
        turn_left = workload->ops;                                                                 \
        peer_open(1);                                                                              \
        peer_watch(ends[0]);                                                                       \
        uint64_t start = thread_ns();                                                              \
        defer(immediate_link);                                                                     \
        peer_run();                                                                                \
        turn_count(start, workload->ops);                                                          \
    }

static inline void turn_add(const char *contestant, const char *name,
                            void (*run)(const bench_workload *))
{
    bench_workload one = {.run = run, .ops = 1000000};
    snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
    snprintf(one.name, sizeof(one.name), "%s", name);
    bench_add(&one);
}
