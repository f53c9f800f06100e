/* The pool on simulated loops: no thread, and moments and order that the seed picks. */
#include "promise/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/sim.h>
#include <millrace/submit.h>
#include <millrace/timer.h>

#include "base/macros.h"

static mr_loop *loop;
static mr_pool *pool;
static char order[64]; /* names of the jobs, in the order of their ends */
static unsigned failures;

#define EXPECT(x)                                                                                  \
    ((x) ? (void)0 : (void)(failures++, print_error("%d: not so: %s\n", __LINE__, #x)))

typedef struct note {
    mr__pool_job job;
    char name;
    int worked, done, discarded, abandoned;
    mr_status reason;
    uint64_t worked_ns, done_ns;
    void (*in_work)(struct note *n);
} note;

static note notes[12];

static note *note_of(mr__pool_job *job)
{
    return MR_CONTAINER(job, note, job);
}

static mr_pool_stats numbers(void)
{
    mr_pool_stats n;
    EXPECT(mr_pool_get_stats(pool, &n) == MR_OK);
    EXPECT(n.submitted == n.completed + n.failed + n.cancelled + n.queued + n.running);
    EXPECT(n.most_threads == 0);
    return n;
}

static mr_status note_work(mr__pool_job *job)
{
    note *n = note_of(job);
    EXPECT(!mr__loop_is_owner(loop)); /* it plays a thread of its own */
    n->worked++;
    n->worked_ns = mr__loop_clock(loop);
    if (n->in_work != NULL)
        n->in_work(n);
    return n->name == 'x' ? MR_EIO : MR_OK;
}

static void note_done(mr__pool_job *job)
{
    note *n = note_of(job);
    EXPECT(mr__loop_is_owner(loop) && mr__loop_in_callback(loop));
    n->done++;
    n->done_ns = mr_loop_now(loop);
    strncat(order, &n->name, 1);
}

static void note_discard(mr__pool_job *job, mr_status reason)
{
    note *n = note_of(job);
    EXPECT(mr__loop_is_owner(loop));
    n->discarded++;
    n->reason = reason;
}

static void note_abandoned(mr__pool_job *job)
{
    note_of(job)->abandoned++;
}

static int ends(const note *n)
{
    return n->done + n->discarded + n->abandoned;
}

static void begin_with(uint64_t seed, const mr_pool_options *of_pool)
{
    const mr_simulate simulate = {.seed = seed};
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = &simulate};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    assert_int_equal(mr_pool_create(of_pool, &pool), MR_OK);
    order[0] = 0;
    memset(notes, 0, sizeof notes);
    for (unsigned i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        notes[i].name = (char)('a' + i);
        notes[i].job = (mr__pool_job){.work = note_work,
                                      .done = note_done,
                                      .discard = note_discard,
                                      .abandoned = note_abandoned};
    }
}

static void begin(uint64_t seed, unsigned threads, unsigned queue)
{
    const mr_pool_options of_pool = {
        .size_bytes = sizeof of_pool, .max_threads = threads, .max_queue = queue};
    begin_with(seed, &of_pool);
}

static void submit(int from, int to)
{
    for (int i = from; i < to; i++) {
        EXPECT(mr__pool_submit(pool, loop, &notes[i].job) == MR_OK);
        EXPECT(notes[i].worked + ends(&notes[i]) == 0);
    }
}

static void finish(void)
{
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    assert_int_equal(failures, 0);
}

static void a_job_takes_virtual_time_and_no_thread(void **state)
{
    (void)state;
    bool waited = false, lasted = false;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        begin(seed, 0, 0);
        submit(0, 1);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_int_equal(notes[0].done, 1);
        assert_int_equal(ends(&notes[0]), 1);
        assert_true(notes[0].done_ns >= notes[0].worked_ns);
        waited |= notes[0].worked_ns != 0;
        lasted |= notes[0].done_ns != notes[0].worked_ns;
        mr_pool_stats n = numbers();
        assert_int_equal(n.completed, 1);
        assert_int_equal(n.wait_ns, notes[0].worked_ns);
        finish();
    }
    assert_true(waited && lasted);
}

static void the_seed_orders_completions(void **state)
{
    (void)state;
    static const char *const orders[] = {"abc", "acb", "bac", "bca", "cab", "cba"};
    unsigned seen[6] = {0};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        char first[64];
        for (int round = 0; round < 2; round++) {
            begin(seed, 3, 0);
            submit(0, 3);
            assert_int_equal(mr_loop_run(loop), MR_OK);
            finish();
            if (round == 0)
                strcpy(first, order);
        }
        assert_string_equal(order, first);
        for (unsigned i = 0; i < 6; i++)
            seen[i] += strcmp(order, orders[i]) == 0;
    }
    for (unsigned i = 0; i < 6; i++)
        assert_true(seen[i] != 0);
}

static void expect_to_run_alone(note *n)
{
    (void)n;
    EXPECT(numbers().running == 1);
}

static void one_thread_is_one_job_at_a_time_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        begin(seed, 1, 0);
        for (int i = 0; i < 8; i++)
            notes[i].in_work = expect_to_run_alone;
        submit(0, 8);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_string_equal(order, "abcdefgh");
        assert_int_equal(numbers().most_running, 1);
        finish();
    }
}

static void more_threads_run_jobs_side_by_side_within_their_number(void **state)
{
    (void)state;
    unsigned most = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        begin(seed, 3, 0);
        submit(0, 12);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        mr_pool_stats n = numbers();
        assert_int_equal(n.completed, 12);
        assert_in_range(n.most_running, 1, 3);
        most = n.most_running > most ? n.most_running : most;
        finish();
    }
    assert_int_equal(most, 3);
}

static void a_bound_per_loop_holds_without_threads_too(void **state)
{
    (void)state;
    const mr_pool_options of_pool = {
        .size_bytes = sizeof of_pool, .max_threads = 8, .max_per_loop = 2};
    unsigned most = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin_with(seed, &of_pool);
        submit(0, 12);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        mr_pool_stats n = numbers();
        assert_int_equal(n.completed, 12);
        most = n.most_running > most ? n.most_running : most;
        finish();
    }
    assert_int_equal(most, 2);
}

static void a_failed_work_is_counted_and_told(void **state)
{
    (void)state;
    begin(1, 2, 0);
    notes[0].name = 'x';
    submit(0, 2);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(notes[0].job.status, MR_EIO);
    assert_int_equal(notes[1].job.status, MR_OK);
    assert_int_equal(numbers().failed, 1);
    assert_int_equal(numbers().completed, 1);
    finish();
}

static void a_full_queue_refuses_a_simulated_job(void **state)
{
    (void)state;
    begin(1, 2, 3);
    submit(0, 5);
    assert_int_equal(mr__pool_submit(pool, loop, &notes[5].job), MR_EBACKPRESSURE);
    assert_int_equal(numbers().refused, 1);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(strlen(order), 5);
    assert_int_equal(notes[5].worked + ends(&notes[5]), 0);
    assert_int_equal(mr__pool_submit(pool, loop, &notes[5].job), MR_ECLOSED);
    assert_int_equal(numbers().refused, 2);
    finish();
}

static void a_queued_simulated_job_can_be_cancelled(void **state)
{
    (void)state;
    begin(1, 1, 0);
    submit(0, 3);
    assert_int_equal(mr__pool_cancel(&notes[0].job, MR_ECANCELED),
                     MR_OK); /* had its step already */
    assert_int_equal(mr__pool_cancel(&notes[2].job, MR_ECANCELED), MR_OK);
    assert_int_equal(notes[0].discarded + notes[2].discarded, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_string_equal(order, "b");
    for (int i = 0; i <= 2; i += 2) {
        assert_int_equal(notes[i].worked, 0);
        assert_int_equal(notes[i].discarded, 1);
        assert_int_equal(notes[i].reason, MR_ECANCELED);
        assert_int_equal(ends(&notes[i]), 1);
    }
    finish();
}

static uint64_t cancel_when_running(mr_loop *of, void *arg)
{
    (void)of;
    note *n = arg;
    if (n->worked == 0)
        return 100;
    if (n->done == 0) {
        EXPECT(mr__pool_cancel(&n->job, MR_ECANCELED) == MR_EBUSY);
        EXPECT(n->job.stopped == MR_ECANCELED);
    }
    return MR_SIM_DONE;
}

static void a_running_simulated_job_cannot(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed, 1, 0);
        submit(0, 1);
        assert_int_equal(mr_sim_actor(loop, 0, cancel_when_running, &notes[0]), MR_OK);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_int_equal(notes[0].done, 1);
        finish();
    }
}

static void ask_for_shutdown(void *arg)
{
    (void)arg;
    EXPECT(mr_loop_shutdown(loop, 0) == MR_OK);
}

static void ask_for_close(void *arg)
{
    (void)arg;
    EXPECT(mr_loop_request_close(loop) == MR_OK);
}

static void loop_shutdown_waits_for_simulated_jobs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed, 2, 0);
        submit(0, 6);
        assert_int_equal(mr_submit(loop, ask_for_shutdown, NULL), MR_OK);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_int_equal(strlen(order), 6);
        finish();
    }
}

static void loop_close_abandons_simulated_jobs_unworked(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed, 2, 0);
        submit(0, 6);
        mr_timer timer;
        assert_int_equal(mr_timer_start(loop, seed * 3000, ask_for_close, NULL, &timer), MR_OK);
        mr_status status = mr_loop_run(loop);
        assert_true(status == MR_ECANCELED || (status == MR_OK && strlen(order) == 6));
        int worked = 0;
        for (int i = 0; i < 6; i++) {
            assert_int_equal(ends(&notes[i]), 1);
            worked += notes[i].worked;
        }
        assert_int_equal(numbers().completed, worked);
        assert_int_equal(numbers().cancelled, 6 - worked);
        finish();
    }
}

static void pool_shutdown_works_off_simulated_jobs_at_once(void **state)
{
    (void)state;
    begin(1, 2, 0);
    submit(0, 4);
    assert_int_equal(mr_pool_shutdown(pool, 0), MR_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(notes[i].worked, 1);
    assert_string_equal(order, ""); /* their ends are the loop's */
    assert_int_equal(mr__pool_submit(pool, loop, &notes[4].job), MR_ECLOSED);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(strlen(order), 4);
    finish();
}

static void pool_close_drops_simulated_jobs_that_wait(void **state)
{
    (void)state;
    begin(1, 2, 0);
    submit(0, 4);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    assert_int_equal(notes[0].discarded, 0);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(notes[i].worked, 0);
        assert_int_equal(notes[i].discarded, 1);
        assert_int_equal(notes[i].reason, MR_ECLOSED);
    }
    finish();
}

static void close_own_pool(note *n)
{
    (void)n;
    EXPECT(mr_pool_close(pool) == MR_EREENTRANT);
    EXPECT(mr_pool_shutdown(pool, 0) == MR_EREENTRANT);
}

static void simulated_work_cannot_end_its_own_pool(void **state)
{
    (void)state;
    begin(1, 2, 0);
    notes[0].in_work = close_own_pool;
    submit(0, 2);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(notes[0].worked, 1);
    assert_int_equal(strlen(order), 2);
    finish();
}

static void drop_the_pool(note *n)
{
    (void)n;
    mr_pool_unref(pool);
}

/* The queued jobs are dropped; the one that runs keeps the memory of the pool until its end. */
static void the_last_unref_inside_simulated_work_frees_the_pool_later(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        begin(seed, 1, 0);
        notes[0].in_work = drop_the_pool;
        submit(0, 3);
        assert_int_equal(mr_loop_run(loop), MR_OK);
        assert_string_equal(order, "a");
        assert_int_equal(notes[1].reason, MR_ECLOSED);
        assert_int_equal(notes[2].reason, MR_ECLOSED);
        mr_loop_unref(loop);
        assert_int_equal(failures, 0);
    }
}

static void a_loop_that_never_ran_may_go_before_its_jobs(void **state)
{
    (void)state;
    begin(1, 2, 0);
    submit(0, 3);
    mr_loop_unref(loop);
    assert_int_equal(mr_pool_shutdown(pool, UINT64_MAX), MR_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(notes[i].worked, 1);
        assert_int_equal(notes[i].discarded, 1);
    }
    mr_pool_unref(pool);
    assert_int_equal(failures, 0);
}

static uint64_t submit_from_actor(mr_loop *of, void *arg)
{
    EXPECT(mr__pool_submit(pool, of, arg) == MR_OK);
    EXPECT(mr_loop_release(of) == MR_OK);
    return MR_SIM_DONE;
}

static void an_actor_may_submit(void **state)
{
    (void)state;
    begin(1, 2, 0);
    assert_int_equal(mr_loop_hold(loop), MR_OK);
    assert_int_equal(mr_sim_actor(loop, 50, submit_from_actor, &notes[0].job), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_string_equal(order, "a");
    assert_true(notes[0].worked_ns >= 50);
    numbers();
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_takes_virtual_time_and_no_thread),
        cmocka_unit_test(the_seed_orders_completions),
        cmocka_unit_test(one_thread_is_one_job_at_a_time_in_order),
        cmocka_unit_test(more_threads_run_jobs_side_by_side_within_their_number),
        cmocka_unit_test(a_bound_per_loop_holds_without_threads_too),
        cmocka_unit_test(a_failed_work_is_counted_and_told),
        cmocka_unit_test(a_full_queue_refuses_a_simulated_job),
        cmocka_unit_test(a_queued_simulated_job_can_be_cancelled),
        cmocka_unit_test(a_running_simulated_job_cannot),
        cmocka_unit_test(loop_shutdown_waits_for_simulated_jobs),
        cmocka_unit_test(loop_close_abandons_simulated_jobs_unworked),
        cmocka_unit_test(pool_shutdown_works_off_simulated_jobs_at_once),
        cmocka_unit_test(pool_close_drops_simulated_jobs_that_wait),
        cmocka_unit_test(simulated_work_cannot_end_its_own_pool),
        cmocka_unit_test(the_last_unref_inside_simulated_work_frees_the_pool_later),
        cmocka_unit_test(a_loop_that_never_ran_may_go_before_its_jobs),
        cmocka_unit_test(an_actor_may_submit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
