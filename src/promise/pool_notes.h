/* What the tests of the pool share: gates that work waits at, jobs that note what happens to them. */
#ifndef MR_PROMISE_POOL_NOTES_H
#define MR_PROMISE_POOL_NOTES_H

#include "promise/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/submit.h>

#include "base/macros.h"
#include "base/thread_id.h"
#include "os/thread.h"

/* ---- A gate: work waits at it until the test opens it -----------------------------------------*/

typedef struct gate {
    mr__mutex mutex;
    mr__cond changed;
    int tickets; /* how many may pass; a test that opens it gives plenty */
    int waiting, passed;
} gate;

static inline void gate_init(gate *g)
{
    *g = (gate){0};
    assert_int_equal(mr__mutex_init(&g->mutex), MR_OK);
    assert_int_equal(mr__cond_init(&g->changed), MR_OK);
}

static inline void gate_deinit(gate *g)
{
    mr__cond_deinit(&g->changed);
    mr__mutex_deinit(&g->mutex);
}

static inline void gate_pass(gate *g)
{
    mr__mutex_lock(&g->mutex);
    g->waiting++;
    mr__cond_broadcast(&g->changed);
    while (g->tickets == 0)
        mr__cond_wait(&g->changed, &g->mutex);
    g->tickets--;
    g->waiting--;
    g->passed++;
    mr__mutex_unlock(&g->mutex);
}

static inline void gate_open(gate *g, int tickets)
{
    mr__mutex_lock(&g->mutex);
    g->tickets += tickets;
    mr__cond_broadcast(&g->changed);
    mr__mutex_unlock(&g->mutex);
}

static inline void gate_await(gate *g, int waiting)
{
    mr__mutex_lock(&g->mutex);
    while (g->waiting < waiting)
        mr__cond_wait(&g->changed, &g->mutex);
    mr__mutex_unlock(&g->mutex);
}

/* ---- A job that notes all that happens to it --------------------------------------------------*/

typedef struct note {
    mr__pool_job job;
    gate *gate;
    mr_status answer;
    _Atomic int worked, done, discarded, abandoned;
    mr_status reason;
    uint64_t work_thread, done_thread;
    int *counter, place; /* the order of ending */
    _Atomic int *ended;
} note;

static inline note *note_of(mr__pool_job *job)
{
    return MR_CONTAINER(job, note, job);
}

static inline mr_status note_work(mr__pool_job *job)
{
    note *n = note_of(job);
    n->work_thread = mr__thread_id();
    if (n->gate != NULL)
        gate_pass(n->gate);
    n->worked++;
    return n->answer;
}

static inline void note_done(mr__pool_job *job)
{
    note *n = note_of(job);
    n->done_thread = mr__thread_id();
    if (n->counter != NULL)
        n->place = ++*n->counter;
    n->done++;
}

static inline void note_discard(mr__pool_job *job, mr_status reason)
{
    note *n = note_of(job);
    n->reason = reason;
    n->discarded++;
}

static inline void note_abandoned(mr__pool_job *job)
{
    note *n = note_of(job);
    _Atomic int *ended = n->ended;
    n->abandoned++;
    if (ended != NULL)
        ++*ended;
}

static inline void note_init(note *n, gate *g)
{
    memset(n, 0, sizeof *n);
    n->gate = g;
    n->job.work = note_work;
    n->job.done = note_done;
    n->job.discard = note_discard;
    n->job.abandoned = note_abandoned;
}

static inline int ends(const note *n)
{
    return n->done + n->discarded + n->abandoned;
}

static inline mr_loop *make_loop(void)
{
    mr_loop *loop;
    const mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    return loop;
}

static inline mr_pool *make_pool(unsigned threads, unsigned queue)
{
    mr_pool *pool;
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = threads,
                                     .max_queue = queue,
                                     .name = "test-pool"};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    return pool;
}

static inline mr_pool_stats numbers(mr_pool *pool)
{
    mr_pool_stats n;
    assert_int_equal(mr_pool_get_stats(pool, &n), MR_OK);
    assert_int_equal(n.submitted, n.completed + n.failed + n.cancelled + n.queued + n.running);
    return n;
}

typedef struct opener {
    gate *gate;
    int tickets;
} opener;

static inline void open_later(void *arg)
{
    opener *o = arg;
    gate_open(o->gate, o->tickets);
}

static inline void ask_for_shutdown(void *arg)
{
    assert_int_equal(mr_loop_shutdown(arg, UINT64_MAX), MR_OK);
}

#endif
