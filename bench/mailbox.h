/* The queue that users of a loop without one write for themselves: a list under a mutex, taken whole by
 * the owner, who is woken only when it was empty. Nodes are the caller's, or with `mallocs` allocated for
 * each task and freed by the owner. Included after rules/submit_rules.h; the contestant gives peer_wake().
 */
#ifndef BENCH_MAILBOX_H
#define BENCH_MAILBOX_H

typedef struct mail {
    struct mail *next;
    uint64_t number;
} mail;

static struct mailbox {
    _Alignas(64) pthread_mutex_t lock;
    mail *first, **last;
    _Alignas(64) bool mallocs;
    mail *nodes[SUBMIT_MOST_PRODUCERS]; /* in place of malloc: one for each task */
} mailbox = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void peer_wake(void);

static void mailbox_open(const bench_workload *workload)
{
    mailbox.last = &mailbox.first;
    mailbox.mallocs = strstr(workload->contestant, "-malloc") != NULL;
    if (mailbox.mallocs)
        return;
    size_t each = workload->ops / (workload->size == 0 ? 1 : workload->size) + 1;
    for (unsigned i = 0; i == 0 || i < workload->size; i++) {
        mailbox.nodes[i] = bench_alloc(each, sizeof(mail));
        memset(mailbox.nodes[i], 1, each * sizeof(mail)); /* no page fault while it is counted */
    }
}

static inline mail *mailbox_node(unsigned producer, uint64_t index, uint64_t number)
{
    mail *node = mailbox.mallocs ? malloc(sizeof(*node)) : &mailbox.nodes[producer][index];
    CHECK(node != NULL);
    node->number = number;
    node->next = NULL;
    return node;
}

static inline void mailbox_push(mail *first, mail *last)
{
    pthread_mutex_lock(&mailbox.lock);
    bool was_empty = mailbox.first == NULL;
    *mailbox.last = first;
    mailbox.last = &last->next;
    pthread_mutex_unlock(&mailbox.lock);
    if (was_empty)
        peer_wake();
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    mail *node = mailbox_node(producer, index, number);
    mailbox_push(node, node);
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    mail *first = mailbox_node(producer, index, number), *last = first;
    for (uint64_t i = 1; i < n; i++)
        last = last->next = mailbox_node(producer, index + i, number + i);
    mailbox_push(first, last);
}

static inline mail *mailbox_take(void)
{
    pthread_mutex_lock(&mailbox.lock);
    mail *taken = mailbox.first;
    mailbox.first = NULL;
    mailbox.last = &mailbox.first;
    pthread_mutex_unlock(&mailbox.lock);
    return taken;
}

/* What the contestant's wake callback does. */
static inline void mailbox_drain(void)
{
    for (mail *next, *node = mailbox_take(); node != NULL; node = next) {
        next = node->next;
        uint64_t number = node->number;
        if (mailbox.mallocs)
            free(node);
        submit_ran(number);
    }
}

#endif
