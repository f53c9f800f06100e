/* Floor of timer's sets: floor-wheel, lists of one millisecond each in an array, linked by index; no clock
 * is read, nothing ever fires. */
#include "rules/timer_rules.h"

enum { SLOTS = 4096 };

typedef struct node {
    uint64_t due_ms;
    uint32_t next, before;
} node;

static node *nodes; /* the first SLOTS are the heads of the lists */

static void peer_open(size_t n)
{
    nodes = bench_alloc(n + SLOTS, sizeof(*nodes));
    for (uint32_t i = 0; i < SLOTS; i++)
        nodes[i].next = nodes[i].before = i;
}

static void peer_look(void)
{
}

static inline void peer_start(size_t i, uint64_t ms)
{
    uint32_t me = (uint32_t)i + SLOTS, head = ms % SLOTS, last = nodes[head].before;
    nodes[me] = (node){.due_ms = ms, .next = head, .before = last};
    nodes[last].next = me;
    nodes[head].before = me;
}

static inline void peer_cancel(size_t i)
{
    node *me = &nodes[i + SLOTS];
    nodes[me->before].next = me->next;
    nodes[me->next].before = me->before;
}

/* No loop, so no callback: at once. */
static void peer_run(void)
{
    timer_fired(0);
}

static void peer_stop(void)
{
}

BENCH_REGISTER(floor_timer)
{
    timer_register_sets("floor-wheel", 10000000);
}
