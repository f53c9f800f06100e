/* Floor of submit: floor-list, nodes of the caller in a list that producers push to by compare-and-swap;
 * the owner takes it whole and reverses it (Treiber, 1986). It is rung for when the list was empty. */
#include "rules/submit_rules.h"

#include "c/floor_bell.h"

typedef struct node {
    struct node *next;
    uint64_t number;
} node;

static _Alignas(64) _Atomic(node *) newest;
static floor_bell bell;
static node *nodes[SUBMIT_MOST_PRODUCERS];
static bool stopped;

static void peer_open(const bench_workload *workload)
{
    size_t each = workload->ops / (workload->size == 0 ? 1 : workload->size) + 1;
    for (unsigned i = 0; i == 0 || i < workload->size; i++) {
        nodes[i] = bench_alloc(each, sizeof(node));
        memset(nodes[i], 1, each * sizeof(node));
    }
}

/* first is the newest, last the oldest. */
static inline void push(node *first, node *last)
{
    node *before = atomic_load_explicit(&newest, memory_order_relaxed);
    do
        last->next = before;
    while (!atomic_compare_exchange_weak_explicit(&newest, &before, first, memory_order_release,
                                                  memory_order_relaxed));
    if (before == NULL)
        bell_ring(&bell);
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    node *mine = &nodes[producer][index];
    mine->number = number;
    push(mine, mine);
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    node *mine = &nodes[producer][index];
    mine[0].number = number;
    for (uint64_t i = 1; i < n; i++) {
        mine[i].number = number + i;
        mine[i].next = &mine[i - 1];
    }
    push(&mine[n - 1], mine);
}

static void peer_stop(void)
{
    stopped = true;
}

static void peer_run(void)
{
    while (!stopped) {
        bell_wait(&bell);
        node *taken = atomic_exchange_explicit(&newest, NULL, memory_order_acquire);
        node *oldest = NULL;
        for (node *next; taken != NULL; taken = next) {
            next = taken->next;
            taken->next = oldest;
            oldest = taken;
        }
        for (node *next; oldest != NULL; oldest = next) {
            next = oldest->next;
            submit_ran(oldest->number);
        }
    }
}

BENCH_REGISTER(floor_submit_list)
{
    submit_register("floor-list");
}
