/* A candidate for ingress: floor-bounded, the least that does what Millrace's queue owes. Tasks are copied, a
 * function and an argument of 16 bytes; all producers have one order; the bound of 65 536 is exact, a full queue
 * refuses (the producer yields); a flag beside the position shuts it in the same step. One ring of fixed
 * size, nothing counted, nothing else in the owner's loop. */
#include "rules/submit_rules.h"

#include "c/ingress_bell.h"
#include <sched.h>

enum { PLACES = 65536, SHUT = 1, STEP = 2 };
#define LAP ((uint64_t)1 << 63)

typedef struct place {
    _Atomic uint64_t word; /* the function; the top bit: of this lap */
    void *arg;
} place;

static _Alignas(64) _Atomic uint64_t gate; /* first position not claimed, and SHUT */
static _Atomic uint64_t seen;              /* a head that a producer has read */
static _Alignas(64) _Atomic uint64_t head; /* first position not taken */
static _Alignas(64) place places[PLACES];
static floor_bell bell;
static bool stopped;

static void peer_open(const bench_workload *workload)
{
    (void)workload;
    memset(places, 0, sizeof(places));
}

static void ran(void *arg)
{
    submit_ran((uint64_t)(uintptr_t)arg);
}

static inline place *place_at(uint64_t at)
{
    return &places[at / STEP % PLACES];
}

static inline uint64_t lap_at(uint64_t at)
{
    return (at / STEP / PLACES % 2 == 0) ? LAP : 0;
}

/* n places in a row, for which there must be room. */
static inline uint64_t claim(uint64_t n)
{
    uint64_t at = atomic_load_explicit(&gate, memory_order_relaxed);
    for (;;) {
        CHECK((at & SHUT) == 0);
        if (at + n * STEP - atomic_load_explicit(&seen, memory_order_acquire) > PLACES * STEP) {
            uint64_t now = atomic_load_explicit(&head, memory_order_acquire);
            atomic_store_explicit(&seen, now, memory_order_release);
            if (at + n * STEP - now > PLACES * STEP)
                sched_yield();
            at = atomic_load_explicit(&gate, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(
                       &gate, &at, at + n * STEP, memory_order_seq_cst, memory_order_relaxed)) {
            return at;
        }
    }
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    (void)producer, (void)index;
    uint64_t at = claim(n);
    for (uint64_t i = 0; i < n; i++, at += STEP) {
        place_at(at)->arg = (void *)(uintptr_t)(number + i);
        atomic_store_explicit(&place_at(at)->word, (uint64_t)(uintptr_t)ran ^ lap_at(at),
                              memory_order_release);
    }
    if (atomic_load(&bell.state) == BELL_ASLEEP) /* ordered by the claim */
        bell_ring(&bell);
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    peer_post_many(producer, index, number, 1);
}

static void peer_stop(void)
{
    stopped = true;
}

static inline void pause_spinning(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static bool has_work(void)
{
    return atomic_load(&gate) != atomic_load(&head);
}

/* For some 50 microseconds before it sleeps, as Millrace's owner does. */
static void await_work(void)
{
    for (unsigned looks = 0; looks < 1000; looks++) {
        if (has_work())
            return;
        pause_spinning();
    }
    ingress_sleep(&bell, has_work);
}

static void take(uint64_t at)
{
    uint64_t word;
    while (((word = atomic_load_explicit(&place_at(at)->word, memory_order_acquire) ^ lap_at(at)) &
            LAP) != 0)
        pause_spinning();
    void *arg = place_at(at)->arg;
    atomic_store_explicit(&head, at + STEP, memory_order_release);
    ((void (*)(void *))(uintptr_t)word)(arg);
}

static void peer_run(void)
{
    for (uint64_t at = 0; !stopped;) {
        for (uint64_t end = atomic_load(&gate); at != end && !stopped; at += STEP)
            take(at);
        if (!stopped)
            await_work();
    }
}

BENCH_REGISTER(ingress_bounded)
{
    submit_register("floor-bounded");
}
