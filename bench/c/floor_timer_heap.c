/* A candidate for timers: floor-heap, a 4-ary heap of deadlines in an array; each timer knows its place, so
 * that it can be taken out from the middle. No clock is read, nothing ever fires. */
#include "rules/timer_rules.h"

typedef struct entry {
    uint64_t due_ms;
    size_t timer;
} entry;

static entry *heap;
static size_t heap_n, *places;

static void peer_open(size_t n)
{
    heap = bench_alloc(n, sizeof(*heap));
    places = bench_alloc(n, sizeof(*places));
}

static void peer_look(void)
{
}

static inline void put(size_t place, entry one)
{
    heap[place] = one;
    places[one.timer] = place;
}

static void sift_up(size_t place, entry one)
{
    for (; place > 0 && heap[(place - 1) / 4].due_ms > one.due_ms; place = (place - 1) / 4)
        put(place, heap[(place - 1) / 4]);
    put(place, one);
}

static void sift_down(size_t place, entry one)
{
    for (;;) {
        size_t child = 4 * place + 1, least = child;
        if (child >= heap_n)
            break;
        for (size_t i = child + 1; i < child + 4 && i < heap_n; i++)
            if (heap[i].due_ms < heap[least].due_ms)
                least = i;
        if (heap[least].due_ms >= one.due_ms)
            break;
        put(place, heap[least]);
        place = least;
    }
    put(place, one);
}

static inline void peer_start(size_t i, uint64_t ms)
{
    sift_up(heap_n++, (entry){ms, i});
}

static inline void peer_cancel(size_t i)
{
    size_t place = places[i];
    entry last = heap[--heap_n];
    if (place == heap_n)
        return;
    if (place > 0 && heap[(place - 1) / 4].due_ms > last.due_ms)
        sift_up(place, last);
    else
        sift_down(place, last);
}

/* No loop, so no callback: at once. */
static void peer_run(void)
{
    timer_fired(0);
}

static void peer_stop(void)
{
}

BENCH_REGISTER(floor_timer_heap)
{
    timer_register_sets("floor-heap", 10000000);
}
