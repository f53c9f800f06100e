/* Floors of turn and microtask: floor-ring, an array of function and argument used as a ring, and for
 * turn_watched floor-epoll, the same with one epoll_wait a turn. */
#include "rules/turn_rules.h"

#include <sys/epoll.h>

typedef struct entry {
    turn_fn *fn;
    void *arg;
} entry;

static entry *ring;
static uint64_t mask, head, tail;
static int epoll = -1;
static bool stopped;

static void peer_open(uint64_t ops)
{
    uint64_t capacity = 2;
    while (capacity < ops)
        capacity *= 2;
    mask = capacity - 1;
    ring = bench_alloc(capacity, sizeof(*ring));
}

static void peer_stop(void)
{
    stopped = true;
}

static void peer_turn(void)
{
    for (uint64_t end = tail; head != end;) {
        entry one = ring[head++ & mask];
        one.fn(one.arg);
    }
}

static void peer_run(void)
{
    struct epoll_event events[16];
    while (!stopped) {
        if (epoll >= 0)
            CHECK(epoll_wait(epoll, events, 16, 0) == 0);
        peer_turn();
    }
}

static void peer_watch(int fd)
{
    CHECK((epoll = epoll_create1(0)) >= 0);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN}) == 0);
}

static inline void defer(turn_fn *fn)
{
    ring[tail++ & mask] = (entry){fn, NULL};
}

TURN_CHAIN(immediate, defer)
TURN_BURST(immediate, defer)
TURN_WATCHED(defer)

BENCH_REGISTER(floor_turn)
{
    turn_add("floor-epoll", "turn_watched", turn_watched);
    turn_add("floor-ring", "immediate_chain", immediate_chain);
    turn_add("floor-ring", "immediate_burst", immediate_burst);
    turn_add("floor-ring", "microtask_chain", immediate_chain);
    turn_add("floor-ring", "microtask_burst", immediate_burst);
    turn_add("floor-ring", "tick_chain", immediate_chain);
    turn_add("floor-ring", "tick_burst", immediate_burst);
}
