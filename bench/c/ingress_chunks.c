/* A candidate for ingress: floor-chunks, a list of chunks in which a producer gets its place by one
 * fetch-and-add. Who gets a place beyond the end goes on to the next chunk, which one of them makes. Chunks are
 * kept until the end: reclaiming them safely would cost more than is shown here. */
#include "rules/submit_rules.h"

#include "c/ingress_bell.h"

enum { PLACES = 1022 };

typedef struct chunk {
    _Alignas(64) _Atomic uint64_t taken;
    _Atomic(struct chunk *) next;
    _Atomic uint64_t places[PLACES]; /* the number + 1; 0: not written yet */
} chunk;

static _Alignas(64) _Atomic(chunk *) newest;
static _Alignas(64) chunk *oldest;
static uint64_t at;
static bool stopped;
static floor_bell bell;

static chunk *new_chunk(void)
{
    chunk *one = aligned_alloc(64, sizeof(*one));
    CHECK(one != NULL);
    memset(one, 0, sizeof(*one));
    return one;
}

static void peer_open(const bench_workload *workload)
{
    (void)workload;
    oldest = new_chunk();
    atomic_store(&newest, oldest);
}

static chunk *after(chunk *full)
{
    chunk *next = atomic_load_explicit(&full->next, memory_order_acquire);
    if (next == NULL) {
        chunk *made = new_chunk();
        if (atomic_compare_exchange_strong(&full->next, &next, made))
            next = made;
        else
            free(made);
    }
    atomic_compare_exchange_strong(&newest, &full, next);
    return next;
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    (void)producer, (void)index;
    chunk *into = atomic_load_explicit(&newest, memory_order_acquire);
    uint64_t place;
    while ((place = atomic_fetch_add_explicit(&into->taken, 1, memory_order_relaxed)) >= PLACES)
        into = after(into);
    atomic_store_explicit(&into->places[place], number + 1, memory_order_release);
    ingress_ring(&bell);
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        peer_post(producer, index + i, number + i);
}

static void peer_stop(void)
{
    stopped = true;
}

/* The next number + 1; 0: none. */
static uint64_t peek(void)
{
    if (at == PLACES) {
        chunk *next = atomic_load_explicit(&oldest->next, memory_order_acquire);
        if (next == NULL)
            return 0;
        oldest = next;
        at = 0;
    }
    return atomic_load_explicit(&oldest->places[at], memory_order_acquire);
}

static bool has_work(void)
{
    return peek() != 0;
}

static void peer_run(void)
{
    while (!stopped) {
        uint64_t next = peek();
        if (next == 0) {
            ingress_sleep(&bell, has_work);
            continue;
        }
        at++;
        submit_ran(next - 1);
    }
}

BENCH_REGISTER(ingress_chunks)
{
    submit_register("floor-chunks");
}
