/* The pool: threads that end early, their hooks, and a bound for each loop. */
#include "promise/pool_notes.h"

#include <errno.h>
#include <pthread.h>

#include "os/fault.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_that_exits_its_thread_is_done_and_the_thread_replaced),
        cmocka_unit_test(without_a_thread_in_its_place_waiting_jobs_are_dropped),
        cmocka_unit_test(a_thread_of_an_orphaned_pool_may_end_in_its_job),
        cmocka_unit_test(a_thread_cannot_be_cancelled),
        cmocka_unit_test(hooks_are_called_once_a_thread_and_cannot_end_the_pool),
        cmocka_unit_test(a_thread_that_ends_in_its_start_hook_takes_the_jobs_down),
        cmocka_unit_test(a_bound_per_loop_lets_the_jobs_of_others_pass),
        cmocka_unit_test(a_thread_that_ends_early_frees_its_place_in_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
