/* Floors of promises: floor-list, the same steps by the least that C can do them with, under the rules of
 * millrace_promise.c. Promises of 96 bytes, with a count, a state, a value and room for one reaction, and
 * further reactions of 48 bytes lie in memory that was reserved before, and are taken from a list of free
 * ones, the last freed first. Reactions that are due stand in a ring of function and argument. The memory
 * comes in large pages, as ours does, and is touched first while it is measured.
 *
 * What it does not do: settle by an id, or from another thread; look who calls, whether the loop ends, has
 * a limit or is watched; keep numbers; report a rejection; grow. The calls stand out of line, as those of a
 * library do.
 *
 * floor-shared is floor-list with the exchange that others' right to settle asks for, which takes the promise. */
#include "harness.h"

#include <assert.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { PENDING, FULFILLED, REJECTED, NUMBER = 4, LARGE_PAGE = 2 * 1024 * 1024 };

#define CALL __attribute__((noinline)) static

typedef struct value {
    uint64_t kind;
    union {
        int64_t number;
        void *pointer;
    } as;
} value;

typedef struct promise promise;
typedef int handler(value got, void *arg, value *out);

typedef struct reaction {
    handler *fn[2];
    void *arg;
    void (*release)(void *arg);
    promise *child; /* or what gathers, for an element, whose fn[0] is NULL */
} reaction;

typedef struct further {
    reaction what;
    union {
        struct further *next;
        promise *of;
    } link;
} further;

struct promise {
    uint32_t refs, state, index;
    bool has_reaction;
    value got;
    promise *next_free;
    further *first, *last;
    reaction what;
};
static_assert(sizeof(promise) == 96 && sizeof(further) == 48, "as large as ours");

typedef struct gather {
    size_t left, n;
    promise *child;
    value items[];
} gather;

typedef struct job {
    void (*fn)(void *arg);
    void *arg;
} job;

static promise *free_promises, *promises, *promises_end;
static further *free_further, *furthers, *furthers_end;
static job *jobs;
static uint64_t job_mask, job_head, job_tail;
static uint64_t sum, left;
static bool shared;
static _Atomic uint32_t claim;

static void *reserve(size_t bytes)
{
    bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *block = aligned_alloc(LARGE_PAGE, bytes);
    CHECK(block != NULL);
    madvise(block, bytes, MADV_HUGEPAGE);
    return block;
}

static void open_for(uint64_t ops)
{
    uint64_t capacity = 2;
    while (capacity < ops)
        capacity *= 2;
    job_mask = capacity - 1;
    jobs = reserve(capacity * sizeof(*jobs));
    promises = reserve((ops + 2) * sizeof(*promises));
    promises_end = promises + ops + 2;
    furthers = reserve(ops * sizeof(*furthers));
    furthers_end = furthers + ops;
    left = ops;
}

static inline void defer(void (*fn)(void *arg), void *arg)
{
    jobs[job_tail++ & job_mask] = (job){fn, arg};
}

static void run(void)
{
    while (job_head != job_tail) {
        job one = jobs[job_head++ & job_mask];
        one.fn(one.arg);
    }
}

CALL promise *make(void)
{
    promise *p = free_promises;
    if (p != NULL)
        free_promises = p->next_free;
    else if (promises < promises_end)
        p = promises++;
    else
        return NULL;
    p->refs = 1;
    p->state = PENDING;
    p->has_reaction = false;
    p->first = NULL;
    return p;
}

static inline void drop(promise *p)
{
    if (--p->refs == 0) {
        p->next_free = free_promises;
        free_promises = p;
    }
}

CALL void unref(promise *p)
{
    drop(p);
}

static void settle_inside(promise *p, int state, value got);

static inline void react(promise *p, const reaction *what)
{
    value out = {0};
    promise *child = what->child;
    int status = what->fn[p->state == REJECTED](p->got, what->arg, &out);
    if (what->release != NULL)
        what->release(what->arg);
    if (child != NULL) {
        settle_inside(child, status == 0 ? FULFILLED : REJECTED, out);
        drop(child);
    }
}

static void run_first(void *arg)
{
    promise *p = arg;
    react(p, &p->what);
    p->has_reaction = false;
    drop(p);
}

static void run_further(void *arg)
{
    further *one = arg;
    promise *p = one->link.of;
    react(p, &one->what);
    one->link.next = free_further;
    free_further = one;
    drop(p);
}

static inline void take_item(promise *p)
{
    gather *all = (gather *)p->what.child;
    all->items[(uintptr_t)p->what.arg] = p->got;
    p->has_reaction = false;
    if (--all->left == 0) {
        settle_inside(all->child, FULFILLED, (value){.kind = NUMBER, .as.pointer = all});
        drop(all->child);
    }
    drop(p);
}

static void settle_inside(promise *p, int state, value got)
{
    p->state = (uint32_t)state;
    p->got = got;
    if (!p->has_reaction)
        return;
    if (p->what.fn[0] == NULL)
        take_item(p);
    else
        defer(run_first, p); /* with the reference of being pending */
    for (further *one = p->first; one != NULL;) {
        further *next = one->link.next;
        one->link.of = p;
        p->refs++;
        defer(run_further, one);
        one = next;
    }
    p->first = NULL;
}

CALL bool settle(promise *p, int64_t number)
{
    if (shared) {
        uint32_t expected = p->index;
        if (!atomic_compare_exchange_strong(&claim, &expected, p->index))
            return false;
    }
    if (p->state != PENDING)
        return false;
    settle_inside(p, FULFILLED, (value){.kind = NUMBER, .as.number = number});
    return true;
}

CALL bool then(promise *p, const reaction *what, promise **out_child)
{
    promise *child = NULL;
    if (out_child != NULL) {
        if ((child = make()) == NULL)
            return false;
        child->refs = 2;
        *out_child = child;
    }
    if (!p->has_reaction && p->state == PENDING) {
        p->what = *what;
        p->what.child = child;
        p->has_reaction = true;
        p->refs++;
        return true;
    }
    further *one = free_further;
    if (one != NULL)
        free_further = one->link.next;
    else if (furthers < furthers_end)
        one = furthers++;
    else
        return false;
    one->what = *what;
    one->what.child = child;
    if (p->state != PENDING) {
        one->link.of = p;
        p->refs++;
        defer(run_further, one);
        return true;
    }
    one->link.next = NULL;
    if (p->first == NULL)
        p->first = one;
    else
        p->last->link.next = one;
    p->last = one;
    return true;
}

CALL promise *wait_for_all(promise **inputs, size_t n)
{
    gather *all = bench_alloc(1, sizeof(*all) + n * sizeof(value));
    all->n = n;
    all->child = make();
    all->child->refs = 2;
    for (size_t i = 0; i < n; i++) {
        promise *input = inputs[i];
        if (input->state != PENDING) {
            all->items[i] = input->got;
            drop(input);
            continue;
        }
        all->left++;
        input->what = (reaction){.arg = (void *)(uintptr_t)i, .child = (promise *)all};
        input->has_reaction = true; /* it keeps the reference */
    }
    if (all->left == 0) {
        settle_inside(all->child, FULFILLED, (value){.kind = NUMBER, .as.pointer = all});
        drop(all->child);
    }
    return all->child;
}

/* ---- workloads ---- */

static int add(value got, void *arg, value *out)
{
    (void)arg, (void)out;
    sum += (uint64_t)got.as.number;
    left--;
    return 0;
}

static int add_one(value got, void *arg, value *out)
{
    (void)arg;
    left--;
    *out = (value){.kind = NUMBER, .as.number = got.as.number + 1};
    return 0;
}

static int add_all(value got, void *arg, value *out)
{
    (void)arg, (void)out;
    const gather *all = got.as.pointer;
    for (size_t i = 0; i < all->n; i++)
        sum += (uint64_t)all->items[i].as.number;
    left = 0;
    return 0;
}

static const reaction adds = {.fn = {add, add}};
static const reaction adds_one = {.fn = {add_one, add_one}};
static const reaction adds_all = {.fn = {add_all, add_all}};

static void finish(uint64_t expected, uint64_t start, uint64_t ops)
{
    run();
    uint64_t end = thread_ns();
    CHECK(left == 0 && sum == expected);
    bench_span(end - start, ops);
}

static void create_resolve(const bench_workload *workload)
{
    open_for(workload->ops);
    shared = workload->size != 0;
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++) {
        promise *p = make();
        CHECK(p != NULL);
        CHECK(settle(p, (int64_t)i));
        sum += (uint64_t)p->got.as.number;
        unref(p);
    }
    left = 0;
    finish(workload->ops * (workload->ops - 1) / 2, start, workload->ops);
}

static void then_settled(const bench_workload *workload)
{
    open_for(workload->ops);
    promise *p = make();
    CHECK(settle(p, 3));
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++)
        CHECK(then(p, &adds, NULL));
    finish(3 * workload->ops, start, workload->ops);
}

static void then_chain(const bench_workload *workload)
{
    open_for(workload->ops);
    left++;
    uint64_t start = thread_ns();
    promise *first = make(), *last = first;
    for (uint64_t i = 0; i < workload->ops; i++) {
        promise *child;
        CHECK(then(last, &adds_one, &child));
        unref(last);
        last = child;
    }
    CHECK(then(last, &adds, NULL));
    unref(last);
    CHECK(settle(first, 0));
    finish(workload->ops, start, workload->ops);
}

static void fan_out(const bench_workload *workload)
{
    open_for(workload->ops);
    promise *p = make();
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++)
        CHECK(then(p, &adds, NULL));
    CHECK(settle(p, 5));
    finish(5 * workload->ops, start, workload->ops);
}

/* size: 1 for pending inputs. */
static void all(const bench_workload *workload)
{
    size_t n = workload->ops;
    open_for(n);
    promise **inputs = bench_alloc(n, sizeof(*inputs));
    for (size_t i = 0; i < n; i++) {
        inputs[i] = make();
        CHECK(workload->size == 1 || settle(inputs[i], (int64_t)i));
    }
    uint64_t start = thread_ns();
    promise *result = wait_for_all(inputs, n);
    CHECK(then(result, &adds_all, NULL));
    for (size_t i = 0; workload->size == 1 && i < n; i++)
        CHECK(settle(inputs[i], (int64_t)i));
    finish((uint64_t)n * (n - 1) / 2, start, n);
}

BENCH_REGISTER(floor_promise)
{
    static const bench_workload workloads[] = {
        {"create_resolve", "floor-list", create_resolve, .ops = 1000000},
        {"create_resolve", "floor-shared", create_resolve, .ops = 1000000, .size = 1},
        {"then_settled", "floor-list", then_settled, .ops = 1000000},
        {"then_chain", "floor-list", then_chain, .ops = 1000000},
        {"fan_out", "floor-list", fan_out, .ops = 100000},
        {"all", "floor-list", all, .ops = 100000},
        {"all_pending", "floor-list", all, .ops = 100000, .size = 1},
    };
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        bench_add(&workloads[i]);
}
