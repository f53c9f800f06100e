#include "promise/pool.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millrace/submit.h>

#include "base/macros.h"
#include "base/memory.h"
#include "base/thread_id.h"
#include "os/clock.h"
#include "os/fault.h"
#include "os/thread.h"

/* ---- A gate: work waits at it until the test opens it -----------------------------------------*/

typedef struct gate {
    mr__mutex mutex;
    mr__cond changed;
    int tickets; /* how many may pass; a test that opens it gives plenty */
    int waiting, passed;
} gate;

static void gate_init(gate *g)
{
    *g = (gate){0};
    assert_int_equal(mr__mutex_init(&g->mutex), MR_OK);
    assert_int_equal(mr__cond_init(&g->changed), MR_OK);
}

static void gate_deinit(gate *g)
{
    mr__cond_deinit(&g->changed);
    mr__mutex_deinit(&g->mutex);
}

static void gate_pass(gate *g)
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

static void gate_open(gate *g, int tickets)
{
    mr__mutex_lock(&g->mutex);
    g->tickets += tickets;
    mr__cond_broadcast(&g->changed);
    mr__mutex_unlock(&g->mutex);
}

static void gate_await(gate *g, int waiting)
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

static note *note_of(mr__pool_job *job)
{
    return MR_CONTAINER(job, note, job);
}

static mr_status note_work(mr__pool_job *job)
{
    note *n = note_of(job);
    n->work_thread = mr__thread_id();
    if (n->gate != NULL)
        gate_pass(n->gate);
    n->worked++;
    return n->answer;
}

static void note_done(mr__pool_job *job)
{
    note *n = note_of(job);
    n->done_thread = mr__thread_id();
    if (n->counter != NULL)
        n->place = ++*n->counter;
    n->done++;
}

static void note_discard(mr__pool_job *job, mr_status reason)
{
    note *n = note_of(job);
    n->reason = reason;
    n->discarded++;
}

static void note_abandoned(mr__pool_job *job)
{
    note *n = note_of(job);
    _Atomic int *ended = n->ended;
    n->abandoned++;
    if (ended != NULL)
        ++*ended;
}

static void note_init(note *n, gate *g)
{
    memset(n, 0, sizeof *n);
    n->gate = g;
    n->job.work = note_work;
    n->job.done = note_done;
    n->job.discard = note_discard;
    n->job.abandoned = note_abandoned;
}

static int ends(const note *n)
{
    return n->done + n->discarded + n->abandoned;
}

static mr_loop *make_loop(void)
{
    mr_loop *loop;
    const mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    return loop;
}

static mr_pool *make_pool(unsigned threads, unsigned queue)
{
    mr_pool *pool;
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = threads,
                                     .max_queue = queue,
                                     .name = "test-pool"};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    return pool;
}

static mr_pool_stats numbers(mr_pool *pool)
{
    mr_pool_stats n;
    assert_int_equal(mr_pool_get_stats(pool, &n), MR_OK);
    assert_int_equal(n.submitted, n.completed + n.failed + n.cancelled + n.queued + n.running);
    return n;
}

/* ---- Tests ------------------------------------------------------------------------------------*/

static void work_is_on_a_worker_and_done_on_the_owner(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(2, 0);
    note n;
    note_init(&n, NULL);
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    assert_int_equal(n.done, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.worked, 1);
    assert_int_equal(n.done, 1);
    assert_int_equal(ends(&n), 1);
    assert_int_equal(n.done_thread, mr__thread_id());
    assert_int_not_equal(n.work_thread, mr__thread_id());
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

static void options_out_of_range_make_no_pool(void **state)
{
    (void)state;
    mr_pool *pool = NULL;
    const mr_pool_options options[] = {
        {0},
        {.size_bytes = sizeof options[0], .max_threads = 1025},
        {.size_bytes = sizeof options[0], .max_queue = (1 << 24) + 1},
        {.size_bytes = sizeof options[0], .stack_bytes = 16383}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        assert_int_equal(mr_pool_create(&options[i], &pool), MR_EINVAL);
    assert_int_equal(mr_pool_create(NULL, NULL), MR_EINVAL);
    mr__alloc_fail_at(1);
    assert_int_equal(mr_pool_create(NULL, &pool), MR_ENOMEM);
    assert_null(pool);
    mr_pool_unref(NULL);
    assert_null(mr_pool_ref(NULL));
}

static void hundred_gated_jobs_never_run_more_than_two_at_once(void **state)
{
    (void)state;
    enum { JOBS = 100 };
    static note jobs[JOBS];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(2, 0);
    for (int i = 0; i < JOBS; i++) {
        note_init(&jobs[i], &g);
        jobs[i].answer = i % 2 == 0 ? MR_OK : MR_EIO;
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    for (int i = 0; i < JOBS - 2; i++) {
        gate_await(&g, 2);
        mr_pool_stats n = numbers(pool);
        assert_int_equal(n.threads, 2);
        assert_int_equal(n.running, 2);
        assert_int_equal(n.queued, JOBS - 2 - i);
        assert_int_equal(n.completed + n.failed, i);
        gate_open(&g, 1);
        while (numbers(pool).completed + numbers(pool).failed == (uint64_t)i) {
        }
    }
    gate_open(&g, 2);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    mr_pool_stats n = numbers(pool);
    assert_int_equal(n.completed, JOBS / 2);
    assert_int_equal(n.failed, JOBS / 2);
    assert_int_equal(n.most_running, 2);
    assert_int_equal(n.most_threads, 2);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].done == 1 ? ends(&jobs[i]) : 0, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void one_thread_ends_jobs_in_the_order_of_submitting(void **state)
{
    (void)state;
    enum { JOBS = 50 };
    static note jobs[JOBS];
    int counter = 0;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    for (int i = 0; i < JOBS; i++) {
        note_init(&jobs[i], NULL);
        jobs[i].counter = &counter;
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    assert_int_equal(mr_loop_run(loop), MR_OK);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].place, i + 1);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

static void a_full_queue_refuses_and_calls_nothing(void **state)
{
    (void)state;
    note jobs[6];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 4);
    for (int i = 0; i < 6; i++)
        note_init(&jobs[i], &g);
    for (int i = 0; i < 5; i++)
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[5].job), MR_EBACKPRESSURE);
    assert_int_equal(numbers(pool).refused, 1);
    gate_open(&g, 6);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(jobs[i].done, 1);
    assert_int_equal(jobs[5].worked + ends(&jobs[5]), 0);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[5].job), MR_ECLOSED);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void a_cancelled_job_never_runs_and_frees_its_place(void **state)
{
    (void)state;
    note jobs[3];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 1);
    for (int i = 0; i < 3; i++)
        note_init(&jobs[i], &g);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[0].job), MR_OK);
    gate_await(&g, 1);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[1].job), MR_OK);
    assert_int_equal(mr__pool_cancel(&jobs[0].job, MR_ECANCELED), MR_EBUSY);
    assert_int_equal(mr__pool_cancel(&jobs[1].job, MR_ECANCELED), MR_OK);
    assert_int_equal(jobs[1].discarded, 0);
    assert_int_equal(numbers(pool).cancelled, 1);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[2].job), MR_OK);
    gate_open(&g, 3);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(jobs[0].done, 1);
    assert_int_equal(jobs[1].worked, 0);
    assert_int_equal(jobs[1].discarded, 1);
    assert_int_equal(jobs[1].reason, MR_ECANCELED);
    assert_int_equal(ends(&jobs[1]), 1);
    assert_int_equal(jobs[2].done, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

typedef struct opener {
    gate *gate;
    int tickets;
} opener;

static void open_later(void *arg)
{
    opener *o = arg;
    gate_open(o->gate, o->tickets);
}

static void ask_for_shutdown(void *arg)
{
    assert_int_equal(mr_loop_shutdown(arg, UINT64_MAX), MR_OK);
}

static void loop_shutdown_runs_and_awaits_all_jobs(void **state)
{
    (void)state;
    note jobs[5];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(2, 0);
    for (int i = 0; i < 5; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 2);
    assert_int_equal(mr_submit(loop, ask_for_shutdown, loop), MR_OK);
    opener o = {&g, 5};
    mr__thread thread;
    assert_int_equal(mr__thread_start(&thread, open_later, &o, 0, NULL), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    mr__thread_join(&thread);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(ends(&jobs[i]), 1);
    }
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void loop_close_waits_for_no_job_and_queued_ones_never_run(void **state)
{
    (void)state;
    note jobs[5];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(2, 0);
    for (int i = 0; i < 5; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 2);
    assert_int_equal(mr_loop_close(loop), MR_OK);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
    mr_loop_unref(loop);
    gate_open(&g, 5);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    int worked = 0;
    for (int i = 0; i < 5; i++) {
        worked += jobs[i].worked;
        assert_int_equal(ends(&jobs[i]), 1);
        assert_int_equal(jobs[i].abandoned, 1);
    }
    assert_int_equal(worked, 2);
    assert_int_equal(numbers(pool).cancelled, 3);
    mr_pool_unref(pool);
    gate_deinit(&g);
}

static void pool_close_drops_what_is_queued_and_joins(void **state)
{
    (void)state;
    note jobs[4];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    for (int i = 0; i < 4; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 1);
    opener o = {&g, 4};
    mr__thread thread;
    assert_int_equal(mr__thread_start(&thread, open_later, &o, 0, NULL), MR_OK);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr__thread_join(&thread);
    assert_int_equal(numbers(pool).threads, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(jobs[0].worked, 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ends(&jobs[i]), 1);
    int discarded = 0;
    for (int i = 1; i < 4; i++) {
        discarded += jobs[i].discarded;
        assert_int_equal(jobs[i].worked + jobs[i].discarded, 1);
        assert_int_equal(jobs[i].reason, jobs[i].discarded ? MR_ECLOSED : MR_OK);
    }
    assert_int_equal(numbers(pool).cancelled, discarded);
    note late;
    note_init(&late, NULL);
    assert_int_equal(mr__pool_submit(pool, loop, &late.job), MR_ECLOSED);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    assert_int_equal(mr_pool_shutdown(pool, 0), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void pool_shutdown_times_out_and_finishes_all_the_same(void **state)
{
    (void)state;
    note jobs[3];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    for (int i = 0; i < 3; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 1);
    assert_int_equal(mr_pool_shutdown(pool, 1000000), MR_ETIMEDOUT);
    gate_open(&g, 3);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    assert_int_equal(numbers(pool).completed, 3);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(jobs[i].done, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

typedef struct selfish {
    note note;
    mr_pool *pool;
    mr_status close, shutdown;
} selfish;

static mr_status end_own_pool(mr__pool_job *job)
{
    selfish *s = MR_CONTAINER(note_of(job), selfish, note);
    s->close = mr_pool_close(s->pool);
    s->shutdown = mr_pool_shutdown(s->pool, 0);
    return MR_OK;
}

static void a_worker_cannot_end_its_own_pool(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    selfish s = {.pool = make_pool(1, 0)};
    note_init(&s.note, NULL);
    s.note.job.work = end_own_pool;
    assert_int_equal(mr__pool_submit(s.pool, loop, &s.note.job), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(s.close, MR_EREENTRANT);
    assert_int_equal(s.shutdown, MR_EREENTRANT);
    assert_int_equal(mr_pool_close(s.pool), MR_OK);
    mr_pool_unref(s.pool);
    mr_loop_unref(loop);
}

static void the_last_unref_waits_for_nothing(void **state)
{
    (void)state;
    note jobs[3];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    for (int i = 0; i < 3; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 1);
    mr_pool_unref(mr_pool_ref(pool));
    mr_pool_unref(pool);
    gate_open(&g, 3);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(jobs[0].done, 1);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(jobs[i].worked, 0);
        assert_int_equal(jobs[i].reason, MR_ECLOSED);
        assert_int_equal(jobs[i].discarded, 1);
    }
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void idle_threads_leave_and_come_back(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool;
    const mr_pool_options options = {
        .size_bytes = sizeof options, .max_threads = 3, .idle_ns = 1000000};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    for (int round = 0; round < 3; round++) {
        note n;
        note_init(&n, NULL);
        assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
        while (numbers(pool).completed < (uint64_t)round + 1 || numbers(pool).threads > 0) {
        }
        assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
        assert_int_equal(n.done, 1);
    }
    assert_int_equal(numbers(pool).most_threads, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

static void each_result_goes_to_its_own_loop(void **state)
{
    (void)state;
    mr_loop *loops[2] = {make_loop(), make_loop()};
    mr_pool *pool = make_pool(2, 0);
    note jobs[20];
    for (int i = 0; i < 20; i++) {
        note_init(&jobs[i], NULL);
        assert_int_equal(mr__pool_submit(pool, loops[i % 2], &jobs[i].job), MR_OK);
    }
    assert_int_equal(mr_loop_run(loops[1]), MR_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(jobs[i].done, i % 2);
    assert_int_equal(mr_loop_run(loops[0]), MR_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(jobs[i].done, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loops[0]);
    mr_loop_unref(loops[1]);
}

static void a_blocked_pool_holds_up_no_other(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *blocked = make_pool(1, 0), *open = make_pool(1, 0);
    note first, second;
    note_init(&first, &g);
    note_init(&second, NULL);
    assert_int_equal(mr__pool_submit(blocked, loop, &first.job), MR_OK);
    assert_int_equal(mr__pool_submit(open, loop, &second.job), MR_OK);
    while (second.done == 0)
        assert_int_equal(mr_loop_turn(loop, UINT64_MAX), MR_OK);
    assert_int_equal(first.worked, 0);
    gate_open(&g, 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(first.done, 1);
    mr_pool_unref(blocked);
    mr_pool_unref(open);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void without_any_thread_nothing_is_accepted(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool;
    const mr_pool_options huge = {
        .size_bytes = sizeof huge, .max_threads = 2, .stack_bytes = (size_t)1 << 46};
    assert_int_equal(mr_pool_create(&huge, &pool), MR_OK);
    note n;
    note_init(&n, NULL);
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_ELIMIT);
    assert_int_equal(n.worked + ends(&n), 0);
    assert_int_equal(numbers(pool).refused, 1);
    mr_pool_unref(pool);

    pool = make_pool(2, 0);
    mr__alloc_fail_at(1);
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_ENOMEM);
    note first;
    note_init(&first, &g);
    assert_int_equal(mr__pool_submit(pool, loop, &first.job), MR_OK);
    gate_await(&g, 1);
    mr__alloc_fail_at(1); /* no second thread: the job waits for the first */
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    mr__alloc_fail_at(0);
    assert_int_equal(numbers(pool).threads, 1);
    gate_open(&g, 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.done, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

/* ---- Threads that end early, hooks ------------------------------------------------------------*/

typedef struct hooked {
    mr_pool *pool;
    _Atomic int started, exited;
    _Atomic int ended_pool; /* that a hook could not */
    bool start_exits;
} hooked;

static void on_start(void *arg)
{
    hooked *h = arg;
    h->started++;
    if (h->pool != NULL && mr_pool_close(h->pool) == MR_EREENTRANT)
        h->ended_pool++;
    if (h->start_exits)
        pthread_exit(NULL);
}

static void on_exit_hook(void *arg)
{
    hooked *h = arg;
    h->exited++;
    if (h->pool != NULL && mr_pool_shutdown(h->pool, 0) == MR_EREENTRANT)
        h->ended_pool++;
}

static mr_pool *make_hooked(hooked *h, unsigned threads)
{
    mr_pool *pool;
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = threads,
                                     .on_thread_start = on_start,
                                     .on_thread_exit = on_exit_hook,
                                     .arg = h};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    return pool;
}

static mr_status exit_thread(mr__pool_job *job)
{
    note *n = note_of(job);
    n->worked++;
    if (n->gate != NULL)
        gate_pass(n->gate);
    pthread_exit(NULL);
}

static void a_job_that_exits_its_thread_is_done_and_the_thread_replaced(void **state)
{
    (void)state;
    note jobs[4];
    gate g;
    gate_init(&g);
    hooked h = {0};
    mr_loop *loop = make_loop();
    mr_pool *pool = make_hooked(&h, 1);
    for (int i = 0; i < 4; i++) {
        note_init(&jobs[i], i == 0 ? &g : NULL);
        if (i % 2 == 0)
            jobs[i].job.work = exit_thread;
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_open(&g, 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(jobs[i].worked, 1);
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(ends(&jobs[i]), 1);
        assert_int_equal(jobs[i].job.status, i % 2 == 0 ? MR_ETHREADEXIT : MR_OK);
    }
    mr_pool_stats n = numbers(pool);
    assert_int_equal(n.failed, 2);
    assert_int_equal(n.completed, 2);
    assert_int_equal(n.most_threads, 1);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    assert_int_equal(h.started, 3);
    assert_int_equal(h.exited, 3);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void without_a_thread_in_its_place_waiting_jobs_are_dropped(void **state)
{
    (void)state;
    note jobs[3];
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    for (int i = 0; i < 3; i++) {
        note_init(&jobs[i], &g);
        jobs[i].job.work = exit_thread;
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 1);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    gate_open(&g, 3);
    assert_int_equal(mr_loop_shutdown(loop, UINT64_MAX), MR_OK);
    assert_int_equal(jobs[0].done, 1);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(jobs[i].worked, 0);
        assert_int_equal(jobs[i].discarded, 1);
        assert_int_equal(jobs[i].reason, MR_ELIMIT);
    }
    assert_int_equal(numbers(pool).cancelled, 2);
    assert_int_equal(numbers(pool).threads, 0);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

/* The pool has no other reference: what the thread leaves behind is freed by itself. */
static void a_thread_of_an_orphaned_pool_may_end_in_its_job(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n;
    note_init(&n, &g);
    n.job.work = exit_thread;
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    gate_await(&g, 1);
    mr_pool_unref(pool);
    gate_open(&g, 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.job.status, MR_ETHREADEXIT);
    assert_int_equal(n.done, 1);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static mr_status cancel_own_thread(mr__pool_job *job)
{
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return note_work(job);
}

static void a_thread_cannot_be_cancelled(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n[2];
    for (int i = 0; i < 2; i++) {
        note_init(&n[i], NULL);
        n[i].job.work = cancel_own_thread;
        assert_int_equal(mr__pool_submit(pool, loop, &n[i].job), MR_OK);
    }
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n[0].worked + n[1].worked, 2);
    assert_int_equal(n[0].job.status + n[1].job.status, MR_OK);
    assert_int_equal(n[0].work_thread, n[1].work_thread);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

static void hooks_are_called_once_a_thread_and_cannot_end_the_pool(void **state)
{
    (void)state;
    enum { JOBS = 8 };
    note jobs[JOBS];
    gate g;
    gate_init(&g);
    hooked h = {0};
    mr_loop *loop = make_loop();
    mr_pool *pool = h.pool = make_hooked(&h, 3);
    for (int i = 0; i < JOBS; i++) {
        note_init(&jobs[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &jobs[i].job), MR_OK);
    }
    gate_await(&g, 3);
    assert_int_equal(h.started, 3);
    assert_int_equal(h.exited, 0);
    gate_open(&g, JOBS);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    assert_int_equal(h.started, 3);
    assert_int_equal(h.exited, 3);
    assert_int_equal(h.ended_pool, 6);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void a_thread_that_ends_in_its_start_hook_takes_the_jobs_down(void **state)
{
    (void)state;
    hooked h = {.start_exits = true};
    mr_loop *loop = make_loop();
    mr_pool *pool = make_hooked(&h, 1);
    note n;
    note_init(&n, NULL);
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.discarded, 1);
    assert_int_equal(n.reason, MR_ETHREADEXIT);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    assert_int_equal(h.started, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

/* ---- A bound per loop -------------------------------------------------------------------------*/

static void a_bound_per_loop_lets_the_jobs_of_others_pass(void **state)
{
    (void)state;
    enum { JOBS = 6 };
    note first[JOBS], second[JOBS];
    gate g[2];
    mr_loop *loops[2] = {make_loop(), make_loop()};
    mr_pool *pool;
    const mr_pool_options options = {
        .size_bytes = sizeof options, .max_threads = 4, .max_queue = 8, .max_per_loop = 2};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    for (int i = 0; i < 2; i++)
        gate_init(&g[i]);
    for (int i = 0; i < JOBS; i++) {
        note_init(&first[i], &g[0]);
        assert_int_equal(mr__pool_submit(pool, loops[0], &first[i].job), MR_OK);
    }
    gate_await(&g[0], 2);
    assert_int_equal(numbers(pool).threads, 2); /* none for a job that may not run */
    for (int i = 0; i < JOBS; i++) {
        note_init(&second[i], &g[1]);
        assert_int_equal(mr__pool_submit(pool, loops[1], &second[i].job), MR_OK);
    }
    note late;
    note_init(&late, NULL);
    assert_int_equal(mr__pool_submit(pool, loops[1], &late.job), MR_EBACKPRESSURE);
    gate_await(&g[1], 2);
    gate_open(&g[1], JOBS);
    assert_int_equal(mr_loop_run(loops[1]), MR_OK);
    assert_int_equal(first[0].worked + first[1].worked, 0);
    mr_pool_stats n = numbers(pool);
    assert_int_equal(n.running, 2);
    assert_int_equal(n.queued, JOBS - 2);
    assert_int_equal(n.most_running, 4);
    gate_open(&g[0], JOBS);
    assert_int_equal(mr_loop_run(loops[0]), MR_OK);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(first[i].done + second[i].done, 2);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    for (int i = 0; i < 2; i++) {
        mr_loop_unref(loops[i]);
        gate_deinit(&g[i]);
    }
}

static void a_thread_that_ends_early_frees_its_place_in_the_bound(void **state)
{
    (void)state;
    note jobs[3];
    gate g[2];
    mr_loop *loop = make_loop(), *other = make_loop();
    mr_pool *pool;
    const mr_pool_options options = {
        .size_bytes = sizeof options, .max_threads = 2, .max_per_loop = 1};
    assert_int_equal(mr_pool_create(&options, &pool), MR_OK);
    for (int i = 0; i < 2; i++)
        gate_init(&g[i]);
    for (int i = 0; i < 3; i++)
        note_init(&jobs[i], i == 2 ? NULL : &g[i]);
    jobs[0].job.work = exit_thread;
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[0].job), MR_OK);
    assert_int_equal(mr__pool_submit(pool, other, &jobs[1].job), MR_OK);
    gate_await(&g[0], 1);
    gate_await(&g[1], 1);
    gate_open(&g[1], 1); /* its thread is idle from now on */
    assert_int_equal(mr_loop_run(other), MR_OK);
    assert_int_equal(mr__pool_submit(pool, loop, &jobs[2].job), MR_OK);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1); /* none in the place of the other */
    gate_open(&g[0], 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(jobs[2].done, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    mr_loop_unref(other);
    for (int i = 0; i < 2; i++)
        gate_deinit(&g[i]);
}

/* ---- Reasons to end ---------------------------------------------------------------------------*/

static void a_running_job_is_told_the_first_reason_only(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n[2];
    for (int i = 0; i < 2; i++) {
        note_init(&n[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &n[i].job), MR_OK);
    }
    gate_await(&g, 1);
    assert_int_equal(atomic_load(&n[0].job.stopped), MR_OK);
    assert_int_equal(mr__pool_cancel(&n[0].job, MR_ETIMEDOUT), MR_EBUSY);
    assert_int_equal(mr__pool_cancel(&n[0].job, MR_ECANCELED), MR_EBUSY);
    assert_int_equal(atomic_load(&n[0].job.stopped), MR_ETIMEDOUT);
    gate_open(&g, 2);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n[0].done, 1);
    assert_int_equal(mr__pool_cancel(&n[0].job, MR_ECANCELED), MR_ENOENT);
    assert_int_equal(atomic_load(&n[1].job.stopped), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static mr_status wait_for_a_reason(mr__pool_job *job)
{
    note *n = note_of(job);
    gate_pass(n->gate);
    while (atomic_load(&job->stopped) == MR_OK)
        mr__thread_yield();
    return note_work(job);
}

/* Neither would end otherwise. */
static void close_and_the_last_unref_tell_running_jobs(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        gate g;
        gate_init(&g);
        mr_loop *loop = make_loop();
        mr_pool *pool = make_pool(1, 0);
        note n;
        note_init(&n, &g);
        n.job.work = wait_for_a_reason;
        gate_open(&g, 2);
        assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
        while (numbers(pool).running == 0) {
        }
        if (i == 0)
            assert_int_equal(mr_pool_close(pool), MR_OK);
        mr_pool_unref(pool);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_int_equal(n.done, 1);
        assert_int_equal(n.job.stopped, MR_ECLOSED);
        mr_loop_unref(loop);
        gate_deinit(&g);
    }
}

static void a_job_refused_beforehand_is_counted_and_discarded(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 1);
    note n;
    note_init(&n, NULL);
    n.job.refused = MR_EABORT;
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    assert_int_equal(n.discarded, 0);
    assert_int_equal(mr__pool_cancel(&n.job, MR_ECANCELED), MR_ENOENT);
    assert_int_equal(numbers(pool).cancelled, 1);
    assert_int_equal(numbers(pool).threads, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.worked, 0);
    assert_int_equal(n.reason, MR_EABORT);
    assert_int_equal(ends(&n), 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    note late;
    note_init(&late, NULL);
    late.job.refused = MR_EABORT;
    assert_int_equal(mr__pool_submit(pool, loop, &late.job), MR_ECLOSED);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

/* What a handle of an offloaded job does. */
static void kept_memory_answers_after_the_last_unref(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n;
    note_init(&n, NULL);
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    mr__pool_keep(pool);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    assert_int_equal(mr__pool_cancel(&n.job, MR_ECANCELED), MR_ENOENT);
    mr__pool_let_go(pool);
    mr_loop_unref(loop);
}

/* ---- Jobs that hold nothing -------------------------------------------------------------------*/

static void an_unref_d_job_does_not_hold_its_loop_but_is_awaited(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n;
    note_init(&n, &g);
    n.job.unref = true;
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    gate_await(&g, 1);
    assert_false(mr_loop_alive(loop));
    opener o = {&g, 1};
    mr__thread thread;
    assert_int_equal(mr__thread_start(&thread, open_later, &o, 0, NULL), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK); /* auto-exit, a graceful end */
    mr__thread_join(&thread);
    assert_int_equal(n.done, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

static void the_result_of_an_unref_d_job_is_work_that_keeps_its_loop(void **state)
{
    (void)state;
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n;
    note_init(&n, NULL);
    n.job.unref = true;
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    assert_true(mr_loop_alive(loop));
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_int_equal(n.done, 1);
    assert_false(mr_loop_alive(loop));
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

/* ---- The end of a loop ------------------------------------------------------------------------*/

typedef struct mourner {
    mr__end_notice notice, *other;
    note *job;
    mr_loop *loop;
    int told;
} mourner;

static void on_end(mr__end_notice *notice)
{
    mourner *m = MR_CONTAINER(notice, mourner, notice);
    m->told++;
    assert_int_not_equal(mr_loop_state(m->loop), MR_STATE_CLOSED);
    if (m->job != NULL)
        assert_int_equal(mr__pool_cancel(&m->job->job, MR_ECLOSED), MR_OK);
    if (m->other != NULL)
        mr__end_notice_remove(m->loop, m->other);
}

static void who_is_told_of_the_end_may_still_cancel(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n[2];
    mourner m[4];
    for (int i = 0; i < 2; i++) {
        note_init(&n[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &n[i].job), MR_OK);
    }
    gate_await(&g, 1);
    for (int i = 0; i < 4; i++) {
        m[i] = (mourner){.notice.fn = on_end, .loop = loop};
        mr__end_notice_add(loop, &m[i].notice);
    }
    m[0].job = &n[1];
    m[0].other = &m[3].notice;
    mr__end_notice_remove(loop, &m[2].notice);
    mr__end_notice_remove(loop, &m[2].notice);
    assert_int_equal(mr_loop_close(loop), MR_OK);
    assert_int_equal(m[0].told + m[1].told, 2);
    assert_int_equal(m[2].told + m[3].told, 0);
    assert_int_equal(n[1].discarded, 1); /* before close returned */
    gate_open(&g, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    assert_int_equal(n[0].abandoned, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

/* ---- Races ------------------------------------------------------------------------------------*/

enum { RACE_ROUNDS = 300, RACE_JOBS = 8 };

typedef struct race {
    mr_loop *loop;
    mr_pool *pool;
    note jobs[RACE_JOBS];
    mr_status accepted[RACE_JOBS];
    _Atomic int ended;
} race;

static void submit_all(void *arg)
{
    race *r = arg;
    for (int i = 0; i < RACE_JOBS; i++)
        r->accepted[i] = mr__pool_submit(r->pool, r->loop, &r->jobs[i].job);
}

static void race_once(mr_pool *pool, bool close)
{
    race r = {.loop = make_loop(), .pool = pool};
    for (int i = 0; i < RACE_JOBS; i++)
        note_init(&r.jobs[i], NULL);
    assert_int_equal(mr_loop_hold(r.loop), MR_OK);
    mr__thread thread;
    assert_int_equal(mr__thread_start(&thread, submit_all, &r, 0, NULL), MR_OK);
    if (close)
        mr_loop_request_close(r.loop);
    else
        assert_int_equal(mr_submit(r.loop, ask_for_shutdown, r.loop), MR_OK);
    mr_loop_run(r.loop);
    if (close)
        assert_int_equal(mr_loop_close(r.loop), MR_OK);
    mr__thread_join(&thread);
    for (int i = 0; i < RACE_JOBS; i++) {
        int expected = r.accepted[i] == MR_OK;
        while (ends(&r.jobs[i]) < expected) {
        }
        assert_int_equal(ends(&r.jobs[i]), expected);
        assert_true(expected || r.accepted[i] == MR_ECLOSED);
        assert_true(close || r.jobs[i].done == expected);
    }
    mr_loop_unref(r.loop);
}

static void what_the_system_refuses_is_refused_once(void **state)
{
    (void)state;
    mr_pool *pool = NULL;
    uint64_t n = 1;
    for (;; n++) {
        mr__fault_nth(n);
        mr_status status = mr_pool_create(NULL, &pool);
        mr__fault_nth(0);
        if (status == MR_OK)
            break;
        assert_int_equal(status, MR_ENOMEM);
        assert_null(pool);
    }
    assert_true(n > 3); /* a mutex and two conditions */
    mr_loop *loop = make_loop();
    note job;
    note_init(&job, NULL);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    assert_int_equal(mr__pool_submit(pool, loop, &job.job), MR_ELIMIT);
    assert_int_equal(mr__pool_submit(pool, loop, &job.job), MR_OK);
    assert_int_equal(mr_loop_shutdown(loop, UINT64_MAX), MR_OK);
    assert_int_equal(job.done, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

static void submits_racing_the_end_of_the_loop_end_once(void **state)
{
    (void)state;
    mr_pool *pool = make_pool(3, 0);
    for (int round = 0; round < RACE_ROUNDS; round++)
        race_once(pool, round % 2 == 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    numbers(pool);
    mr_pool_unref(pool);
}

static void a_simulated_loop_needs_no_thread(void **state)
{
    (void)state;
    const mr_simulate simulate = {.seed = 1};
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = &simulate};
    mr_loop *loop;
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    mr_pool *pool = make_pool(2, 0);
    note n, failing;
    note_init(&n, NULL);
    note_init(&failing, NULL);
    failing.answer = MR_EIO;
    assert_int_equal(mr__pool_submit(pool, loop, &n.job), MR_OK);
    assert_int_equal(mr__pool_submit(pool, loop, &failing.job), MR_OK);
    assert_int_equal(n.done, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(n.done + failing.done, 2);
    assert_int_equal(failing.job.status, MR_EIO);
    mr_pool_stats seen = numbers(pool);
    assert_int_equal(seen.most_threads, 0);
    assert_int_equal(seen.completed, 1);
    assert_int_equal(seen.failed, 1);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
}

/* One job runs, one waits, and the loop owes both, when the process forks. */
static int calls_in_a_child(mr_pool *pool, mr_loop *loop, note *queued)
{
    note late;
    note_init(&late, NULL);
    alarm(60);
    if (mr__pool_submit(pool, loop, &late.job) != MR_EFORKED ||
        mr__pool_cancel(&queued->job, MR_ECANCELED) != MR_EFORKED)
        return 1;
    if (mr_pool_shutdown(pool, UINT64_MAX) != MR_EFORKED || mr_pool_close(pool) != MR_EFORKED)
        return 2;
    mr_pool_stats seen;
    if (mr_pool_get_stats(pool, &seen) != MR_EFORKED)
        return 3;
    mr_pool_unref(pool);
    if (mr_loop_after_fork(loop) != MR_OK || mr_loop_alive(loop) ||
        mr_loop_shutdown(loop, UINT64_MAX) != MR_OK || queued->done + queued->discarded != 0)
        return 4;
    return 0;
}

static void a_pool_is_the_parents_and_its_child_waits_for_nothing(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    mr_loop *loop = make_loop();
    mr_pool *pool = make_pool(1, 0);
    note n[2];
    for (int i = 0; i < 2; i++) {
        note_init(&n[i], &g);
        assert_int_equal(mr__pool_submit(pool, loop, &n[i].job), MR_OK);
    }
    gate_await(&g, 1);
    pid_t child = fork();
    if (child == 0)
        _exit(calls_in_a_child(pool, loop, &n[1]));
    int how = -1;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    gate_open(&g, 2);
    assert_int_equal(mr_loop_shutdown(loop, UINT64_MAX), MR_OK);
    assert_int_equal(n[0].done + n[1].done, 2);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    gate_deinit(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_on_a_worker_and_done_on_the_owner),
        cmocka_unit_test(options_out_of_range_make_no_pool),
        cmocka_unit_test(hundred_gated_jobs_never_run_more_than_two_at_once),
        cmocka_unit_test(one_thread_ends_jobs_in_the_order_of_submitting),
        cmocka_unit_test(a_full_queue_refuses_and_calls_nothing),
        cmocka_unit_test(a_cancelled_job_never_runs_and_frees_its_place),
        cmocka_unit_test(loop_shutdown_runs_and_awaits_all_jobs),
        cmocka_unit_test(loop_close_waits_for_no_job_and_queued_ones_never_run),
        cmocka_unit_test(pool_close_drops_what_is_queued_and_joins),
        cmocka_unit_test(pool_shutdown_times_out_and_finishes_all_the_same),
        cmocka_unit_test(a_worker_cannot_end_its_own_pool),
        cmocka_unit_test(the_last_unref_waits_for_nothing),
        cmocka_unit_test(idle_threads_leave_and_come_back),
        cmocka_unit_test(each_result_goes_to_its_own_loop),
        cmocka_unit_test(a_blocked_pool_holds_up_no_other),
        cmocka_unit_test(without_any_thread_nothing_is_accepted),
        cmocka_unit_test(what_the_system_refuses_is_refused_once),
        cmocka_unit_test(a_job_that_exits_its_thread_is_done_and_the_thread_replaced),
        cmocka_unit_test(without_a_thread_in_its_place_waiting_jobs_are_dropped),
        cmocka_unit_test(a_thread_of_an_orphaned_pool_may_end_in_its_job),
        cmocka_unit_test(a_thread_cannot_be_cancelled),
        cmocka_unit_test(hooks_are_called_once_a_thread_and_cannot_end_the_pool),
        cmocka_unit_test(a_thread_that_ends_in_its_start_hook_takes_the_jobs_down),
        cmocka_unit_test(a_bound_per_loop_lets_the_jobs_of_others_pass),
        cmocka_unit_test(a_thread_that_ends_early_frees_its_place_in_the_bound),
        cmocka_unit_test(a_running_job_is_told_the_first_reason_only),
        cmocka_unit_test(close_and_the_last_unref_tell_running_jobs),
        cmocka_unit_test(a_job_refused_beforehand_is_counted_and_discarded),
        cmocka_unit_test(kept_memory_answers_after_the_last_unref),
        cmocka_unit_test(an_unref_d_job_does_not_hold_its_loop_but_is_awaited),
        cmocka_unit_test(the_result_of_an_unref_d_job_is_work_that_keeps_its_loop),
        cmocka_unit_test(who_is_told_of_the_end_may_still_cancel),
        cmocka_unit_test(submits_racing_the_end_of_the_loop_end_once),
        cmocka_unit_test(a_simulated_loop_needs_no_thread),
        cmocka_unit_test(a_pool_is_the_parents_and_its_child_waits_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
