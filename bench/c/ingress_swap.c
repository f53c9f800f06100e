/* A candidate for ingress: floor-swap, two vectors under a lock. Producers append to one, the owner takes it
 * whole and gives back the other, empty. Tasks are copied; nobody allocates once the vectors have grown. */
#include "rules/submit_rules.h"

#include "c/floor_bell.h"

typedef struct vector {
    uint64_t *at;
    size_t n, capacity;
} vector;

static struct {
    _Alignas(64) pthread_mutex_t lock;
    vector in;
    _Alignas(64) vector out;
    bool stopped;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER};
static floor_bell bell;

static void peer_open(const bench_workload *workload)
{
    (void)workload;
}

static inline void append(vector *to, uint64_t number)
{
    if (to->n == to->capacity) {
        to->capacity = to->capacity == 0 ? 1024 : 2 * to->capacity;
        to->at = reallocarray(to->at, to->capacity, sizeof(*to->at));
        CHECK(to->at != NULL);
    }
    to->at[to->n++] = number;
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    (void)producer, (void)index;
    pthread_mutex_lock(&queue.lock);
    bool was_empty = queue.in.n == 0;
    for (uint64_t i = 0; i < n; i++)
        append(&queue.in, number + i);
    pthread_mutex_unlock(&queue.lock);
    if (was_empty)
        bell_ring(&bell);
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    peer_post_many(producer, index, number, 1);
}

static void peer_stop(void)
{
    queue.stopped = true;
}

static void peer_run(void)
{
    while (!queue.stopped) {
        bell_wait(&bell);
        pthread_mutex_lock(&queue.lock);
        vector taken = queue.in;
        queue.in = queue.out;
        pthread_mutex_unlock(&queue.lock);
        for (size_t i = 0; i < taken.n; i++)
            submit_ran(taken.at[i]);
        taken.n = 0;
        queue.out = taken;
    }
}

BENCH_REGISTER(ingress_swap)
{
    submit_register("floor-swap");
}
