/* The pool: reasons to end, jobs that hold nothing, the end of a loop, races and forks. */
#include "promise/pool_notes.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fault.h"

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
        mr__thread_back_off(0);
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
        cmocka_unit_test(what_the_system_refuses_is_refused_once),
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
