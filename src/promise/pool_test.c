/* The pool: what is submitted ends once, on its loop, and what ends early. */
#include "promise/pool_notes.h"

#include "base/memory.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
