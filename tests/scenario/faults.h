/* What the fault tests (scenario K4) share: the n-th allocation fails, then the n-th system call, for
 * every n, in every public call of the core.
 *
 * One row a call (scripts/check-faults sees to it that none is missing), more where a call has more
 * than one way. For each n a row gets a fresh loop, is repeated `warm` times undisturbed, so that
 * queues and slabs stand at each edge of growing, and then once with the fault. Either the call
 * copes, or it answers a code that its header names, leaves all numbers and its outputs as they
 * were, and succeeds when tried again. Then the loop ends, and the law of conservation holds. */
#ifndef MR_TESTS_FAULTS_H
#define MR_TESTS_FAULTS_H

#include "scenario.h"

enum { WARM_MOST = 5, FDS = WARM_MOST + 2 };

static const uint64_t untouched = UINT64_C(0xA5A5A5A5A5A5A5A5);

/* ---- the stage: what the rows act on ---- */

static int pipes[FDS][2];
static unsigned attempt; /* counts the acts on this stage; each has its own argument and fd */
static bool called[64];  /* by attempt: its callback ran or was reported */

/* By the test: give up what its setups and acts made, and look at what came of it. */
static void stage_clear(void);

static inline void *arg_of_attempt(void)
{
    return (void *)(uintptr_t)attempt;
}

/* An output is written exactly by success. */
static inline mr_status written(mr_status status, const uint64_t *out)
{
    EXPECT((status == 0) == (*out != untouched));
    return status;
}

/* A call from a thread that is not the owner, while the owner turns its loop. */
typedef struct elsewhere {
    mr_status (*act)(void);
    mr_status status;
    _Atomic bool done;
} elsewhere;

static inline void *elsewhere_main(void *arg)
{
    elsewhere *e = arg;
    e->status = e->act();
    atomic_store(&e->done, true);
    return NULL;
}

static inline mr_status call_elsewhere(mr_status (*act)(void), bool turn)
{
    elsewhere e = {.act = act};
    pthread_t thread = thread_start(elsewhere_main, &e);
    while (turn && !atomic_load(&e.done)) {
        mr_status status = mr_loop_turn(loop, 0);
        EXPECT(status == 0 || status == MR_EPOLLER || status == MR_ECLOSED);
        sched_yield();
    }
    thread_join(thread);
    return e.status;
}

/* ---- rows ---- */

typedef struct row {
    const char *calls;
    mr_status (*act)(void);
    void (*setup)(void);
    unsigned flags;
    mr_status may[3]; /* what the fault may make of it */
} row;

enum {
    REPEATS = 1,   /* may be called again and again on one loop */
    SIMULATED = 2, /* on a loop in virtual time */
    NUMBERLESS = 4 /* its loop tells no numbers before it succeeds */
};

/* ---- faults ---- */

typedef struct faults {
    void (*at)(uint64_t n);
    uint64_t (*passed)(void);
} faults;

static inline uint64_t all_system_calls(void)
{
    uint64_t sum = 0;
    for (unsigned call = 0; call < MR__SYS_COUNT; call++)
        sum += mr__fault_passed((mr__syscall)call);
    return sum;
}

static const faults of_memory = {mr__alloc_fail_at, mr__alloc_count};
static const faults of_system = {mr__fault_nth, all_system_calls};

/* ---- one case: a row, a fault, an n, so many calls before ---- */

static inline void stage_begin(const row *r)
{
    attempt = 0;
    memset(called, 0, sizeof called);
    for (unsigned i = 0; i < FDS; i++)
        pipe_with(pipes[i], 0);
    if ((r->flags & SIMULATED) != 0)
        begin_simulated(7, 0, false);
    else
        begin(MR_PARK_AUTO);
    if (r->setup != NULL)
        r->setup();
    attempt = 0;
}

static inline void stage_end(void)
{
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        finish_turned();
    else
        finish();
    for (unsigned i = 0; i < FDS; i++)
        pipe_close(pipes[i]);
}

static inline void same_numbers(const mr_loop_stats *a, const mr_loop_stats *b)
{
    for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
        const mr_kind_stats *x = &a->kind[kind], *y = &b->kind[kind];
        EXPECT(x->accepted == y->accepted && x->run == y->run && x->cancelled == y->cancelled &&
               x->discarded == y->discarded && x->pending == y->pending);
    }
}

static inline mr_promise_stats promises_now(void)
{
    mr_promise_stats stats = {0};
    EXPECT(mr_promise_get_stats(loop, &stats) == 0);
    return stats;
}

static inline void same_promises(const mr_promise_stats *a, const mr_promise_stats *b)
{
    EXPECT(a->live == b->live && a->pending == b->pending && a->settled == b->settled &&
           a->adopted == b->adopted && a->unhandled == b->unhandled && a->waiters == b->waiters);
}

static inline bool allowed(const row *r, mr_status status)
{
    for (unsigned i = 0; i < COUNT_OF(r->may); i++)
        if (status == r->may[i])
            return true;
    return status == 0;
}

/* Whether the fault came to be. */
static inline bool one_case(const row *r, const faults *f, uint64_t n, unsigned warm)
{
    stage_begin(r);
    for (; attempt < warm; attempt++)
        EXPECT(r->act() == 0);
    bool numbers = (r->flags & NUMBERLESS) == 0;
    mr_loop_stats before = {0}, after = {0};
    if (numbers)
        before = stats_of(loop);
    mr_promise_stats promises_before = promises_now();
    uint64_t passed = f->passed();
    f->at(n);
    mr_status status = r->act();
    f->at(0);
    bool taken = f->passed() - passed >= n;
    EXPECT(allowed(r, status) && (taken || status == 0));
    bool ended = mr_loop_state(loop) == MR_STATE_CLOSED; /* by a failure of the poller */
    if (status != 0 && !ended) {
        if (numbers)
            after = stats_of(loop);
        same_numbers(&before, &after);
        mr_promise_stats promises_after = promises_now();
        same_promises(&promises_before, &promises_after);
        attempt++; /* what failed keeps its argument, which must stay its caller's */
        EXPECT(r->act() == 0);
    }
    stage_clear();
    if (atomic_load(&failed_expectations) != 0)
        print_error("%s: n %" PRIu64 ", warm %u, status %d\n", r->calls, n, warm, status);
    stage_end();
    bool kept = status == 0 || ended || !called[attempt - 1];
    if (!kept)
        print_error("%s: n %" PRIu64 ", warm %u: its argument was used\n", r->calls, n, warm);
    assert_true(kept);
    return taken;
}

/* How many faults came to be. */
static inline unsigned every_n(const faults *f, const row *rows, size_t row_count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < row_count; i++) {
        const row *r = &rows[i];
        unsigned most = (r->flags & REPEATS) != 0 ? WARM_MOST : 1;
        for (unsigned warm = 0; warm < most; warm++) {
            uint64_t n = 1;
            while (one_case(r, f, n, warm))
                assert_true(++n < 1000);
            sum += (unsigned)n - 1;
        }
    }
    return sum;
}

#endif
