/* Scenarios K6 to K8, K11 and K12 of promises: what ends jobs early, and the ends of loops and pools. */
#include "workers.h"

#include <sys/wait.h>

/* ---- K6: signals and deadlines before the start ---- */

static void K6_a_signal_ends_what_has_not_started_with_its_reason(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[4];
        mr_error *error;
        const mr_error_spec why = {.size_bytes = sizeof why, .code = MR_ERANGE};
        begin_pool(park, 1, 1);
        pieces_init(p, 4, NAMES, NULL);
        mr_abort_controller *controller = new_controller();
        mr_abort_signal *signal = mr_abort_controller_signal(controller);
        assert_int_equal(mr_error_create(&why, &error), 0);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        p[1].signal = signal;
        offload_and_tell(&p[1]);
        assert_int_equal(mr_abort(controller, mr_value_error(mr_error_ref(error))), 0);
        assert_int_equal(mr_promise_get_state(p[1].promise), MR_PROMISE_REJECTED);
        assert_int_equal(mr_job_cancel(p[1].job), MR_ENOENT);
        assert_int_equal(numbers().queued, 0);
        offload_and_tell(&p[2]);
        p[3].signal = signal; /* aborted before; the full queue is no matter */
        offload_and_tell(&p[3]);
        assert_int_equal(mr_promise_get_state(p[3].promise), MR_PROMISE_REJECTED);
        assert_int_equal(numbers().cancelled, 2);
        for (unsigned i = 1; i < 4; i += 2) {
            assert_ptr_equal(mr_value_as_error(mr_promise_reason(p[i].promise)), error);
            assert_ptr_equal(mr_value_as_error(mr_job_reason(p[i].job)), error);
            assert_int_equal(mr_job_cancelled(p[i].job), MR_ERANGE);
        }
        assert_story("");
        gate_open(&at.go);
        run_to_the_end();
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(p[i].ran, i % 2 == 0);
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        mr_abort_controller_unref(controller);
        mr_error_unref(error);
        end_pool();
        finish();
    }
}

static void K6_a_reason_bound_to_the_loop_keeps_its_identity(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    mr_promise *reason;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    mr_abort_controller *controller = new_controller();
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), &reason), 0);
    p[0].at = &at;
    p[0].signal = p[1].signal = mr_abort_controller_signal(controller);
    offload(&p[0]);
    offload_and_tell(&p[1]);
    gate_wait(&at.reached);
    assert_int_equal(mr_abort(controller, mr_value_promise(mr_promise_ref(reason))), 0);
    assert_ptr_equal(mr_value_as_promise(mr_promise_reason(p[1].promise)), reason);
    assert_int_equal(mr_job_cancelled(p[0].job), MR_EABORT);
    assert_int_equal(mr_job_reason(p[0].job).kind, MR_VALUE_UNDEFINED); /* not for a worker */
    gate_open(&at.go);
    run_to_the_end();
    mr_abort_controller_unref(controller);
    mr_promise_unref(reason);
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

static void K6_a_deadline_ends_what_has_not_started(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    gate_wait(&at.reached);
    p[1].deadline_ns = 5 * MS;
    uint64_t before = real_now();
    offload_and_tell(&p[1]);
    while (mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    assert_true(real_now() - before >= 5 * MS);
    assert_int_equal(code_of(&p[1]), MR_ETIMEDOUT);
    assert_int_equal(mr_job_cancelled(p[1].job), MR_ETIMEDOUT);
    assert_int_equal(numbers().queued, 0);
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b!ETIMEDOUT a=0");
    assert_int_equal(p[1].ran, 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

/* No timer runs any more, but the worker looks. */
static void K6_a_deadline_holds_in_a_drain(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    p[1].deadline_ns = 20 * MS;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    uint64_t before = real_now();
    runner r;
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
    while (real_now() - before < 20 * MS)
        rest(MS);
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_int_equal(p[1].ran, 0);
    assert_int_equal(code_of(&p[1]), MR_ETIMEDOUT);
    atomic_fetch_add(&told.own, counts(MR_KIND_TIMER).discarded); /* of the deadline */
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

static void K6_the_first_of_cancel_signal_and_deadline_decides(void **state)
{
    (void)state;
    static const char *const stories[] = {"b!ECANCELED", "b!EABORT", "b!ETIMEDOUT"};
    for (unsigned first = 0; first < 3; first++) {
        hold at = HOLD;
        piece p[2];
        begin_pool(MR_PARK_AUTO, 1, 0);
        pieces_init(p, 2, NAMES, NULL);
        mr_abort_controller *controller = new_controller();
        p[0].at = &at;
        offload(&p[0]);
        gate_wait(&at.reached);
        p[1].signal = mr_abort_controller_signal(controller);
        p[1].deadline_ns = first == 2 ? 1 : 3600 * SEC;
        offload_and_tell(&p[1]);
        if (first == 0)
            assert_int_equal(mr_job_cancel(p[1].job), 0);
        while (first == 2 && mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
            assert_int_equal(mr_loop_turn(loop, SEC), 0);
        assert_int_equal(mr_abort(controller, mr_value_undefined()), 0);
        assert_int_equal(mr_job_cancel(p[1].job), MR_ENOENT);
        gate_open(&at.go);
        while (mr_promise_get_state(p[0].promise) == MR_PROMISE_PENDING)
            assert_int_equal(mr_loop_turn(loop, SEC), 0);
        assert_story(stories[first]);
        assert_int_equal(p[1].ran, 0);
        mr_abort_controller_unref(controller);
        for (unsigned i = 0; i < 2; i++)
            drop(&p[i]);
        finish_turned();
        end_pool();
    }
}

/* In virtual time, with one thread's worth of jobs: each seed has its own first. */
static void K6_in_virtual_time_a_deadline_and_a_start_race_by_the_seed(void **state)
{
    (void)state;
    unsigned late = 0, in_time = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        piece p[4];
        begin_simulated(seed, 0, false);
        pool = new_pool(1, 0);
        pieces_init(p, 4, NAMES, NULL);
        for (unsigned i = 0; i < 4; i++) {
            p[i].deadline_ns = 20000;
            offload(&p[i]);
        }
        timer_in(10 * MS, shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        for (unsigned i = 0; i < 4; i++) {
            bool ran = p[i].ran == 1;
            assert_int_equal(mr_promise_get_state(p[i].promise),
                             ran ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED);
            assert_true(ran || code_of(&p[i]) == MR_ETIMEDOUT);
            assert_int_equal(p[i].released, 1);
            late += !ran;
            in_time += ran;
            drop(&p[i]);
        }
        assert_int_equal(numbers().most_threads, 0);
        end_pool();
        finish();
    }
    assert_true(late != 0 && in_time != 0);
}

/* ---- K7: what a pending job holds ---- */

static void K7_an_unref_d_job_holds_no_loop_but_its_end_is_awaited(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    runner r;
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.auto_exit = true;
    begin_with(&options);
    pool = new_pool(1, 0);
    pieces_init(&p, 1, NAMES, &at);
    p.unref = true;
    offload_and_tell(&p);
    gate_wait(&at.reached);
    assert_false(mr_loop_alive(loop));
    runner_start(&r);
    wait_for_state(MR_STATE_STOPPING); /* by itself */
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_story("a=0");
    drop(&p);
    end_pool();
    finish();
}

static void K7_a_pending_job_holds_its_loop(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    runner r;
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.auto_exit = true;
    begin_with(&options);
    pool = new_pool(1, 0);
    pieces_init(&p, 1, NAMES, &at);
    offload_and_tell(&p);
    assert_true(mr_loop_alive(loop));
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_story("a=0");
    drop(&p);
    end_pool();
    finish();
}

static void offload_in_the_drain(void *arg)
{
    piece *p = arg;
    EXPECT(mr_loop_state(loop) == MR_STATE_STOPPING);
    p->deadline_ns = 3600 * SEC;
    offload_and_tell(p);
}

static void K7_the_owner_may_offload_while_it_drains(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    submit(shut_down, NULL);
    submit(offload_in_the_drain, &p);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("a=0");
    assert_int_equal(try_offload(&(piece){.name = "late"}), MR_ECLOSED);
    drop(&p);
    end_pool();
    finish();
}

/* ---- K7, K8: the end of the loop ---- */

static void K7_shutdown_runs_and_awaits_all_jobs(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[5];
        runner r;
        begin_pool(park, 2, 0);
        pieces_init(p, 5, NAMES, &at);
        for (unsigned i = 0; i < 5; i++)
            offload_and_tell(&p[i]);
        gate_wait_for(&at.reached, 2);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
        assert_int_equal(numbers().running, 2);
        assert_int_equal(numbers().queued, 3);
        gate_open(&at.go);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
        assert_int_equal(story_len, 5 * 4 - 1); /* all reactions; their order is the threads' */
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, 1);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, 0);
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_FULFILLED);
            drop(&p[i]);
        }
        end_pool();
        finish();
    }
}

static void K8_close_waits_for_no_job_and_ends_what_has_not_started(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[5];
        runner r;
        begin_pool(park, 2, 0);
        pieces_init(p, 5, NAMES, &at);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(mr_value_bytes("a late value is released", 24, &p[i].result), 0);
            offload_and_tell(&p[i]);
        }
        gate_wait_for(&at.reached, 2);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_int_equal(runner_join(&r), MR_ECANCELED);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_REJECTED);
            assert_int_equal(code_of(&p[i]), MR_ECLOSED);
            assert_int_equal(p[i].ran, i < 2);
            assert_int_equal(p[i].released, i >= 2); /* before run returned */
            assert_int_equal(mr_job_cancelled(p[i].job), MR_ECLOSED);
            mr_promise_unref(p[i].promise);
            p[i].promise = NULL;
            if (i >= 2)
                mr_value_release(p[i].result); /* never given */
        }
        assert_int_equal(numbers().running, 2);
        assert_int_equal(numbers().queued, 0);
        assert_int_equal(numbers().cancelled, 3);
        assert_story("");
        atomic_fetch_add(&told.own, 3); /* told to the jobs */
        atomic_fetch_sub(&told.after_run, atomic_load(&told.after_run));
        finish();
        gate_open(&at.go);
        end_pool();
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, i < 2);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, i < 2 ? MR_ECLOSED : 0);
            assert_int_equal(mr_job_cancel(p[i].job), MR_ENOENT); /* loop and pool are gone */
            drop(&p[i]);
        }
    }
}

static void K8_close_releases_a_value_that_has_not_arrived(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_value_bytes("a late value is released", 24, &p.result), 0);
    p.deadline_ns = 3600 * SEC;
    offload_and_tell(&p);
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    assert_int_equal(mr_job_cancel(p.job), MR_ENOENT);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(p.ran, 1);
    assert_int_equal(p.released, 1);
    assert_int_equal(code_of(&p), MR_ECLOSED);
    assert_story("");
    atomic_fetch_add(&told.own, 1);
    drop(&p);
    end_pool();
    finish();
}

/* The signal outlives the loop's run, its job too. */
static void K8_a_signal_of_a_closed_loop_knows_no_job(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, &at);
    mr_abort_controller *controller = new_controller();
    for (unsigned i = 0; i < 2; i++) {
        p[i].signal = mr_abort_controller_signal(controller);
        p[i].deadline_ns = 3600 * SEC;
        offload(&p[i]);
    }
    gate_wait(&at.reached);
    assert_int_equal(mr_loop_close(loop), 0);
    gate_open(&at.go);
    end_pool();
    mr_abort_controller_unref(controller);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(p[i].ran, i == 0);
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    atomic_fetch_add(&told.own, 1);
    finish();
}

/* ---- K11: offloading races the end ---- */

enum { RACERS = 6 };

typedef struct race {
    piece p[RACERS];
    unsigned offered, accepted, settled;
    gate begun;
} race;

static mr_status on_settled(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    ((race *)arg)->settled++;
    return 0;
}

static void offer(void *arg)
{
    race *r = arg;
    mr_immediate next;
    piece *p = &r->p[r->offered];
    const mr_reaction reaction = {on_settled, on_settled, r, NULL};
    mr_status status = try_offload(p);
    EXPECT(status == 0 || status == MR_ECLOSED);
    if (status == 0) {
        r->accepted++;
        EXPECT(mr_promise_then(p->promise, &reaction, NULL) == 0);
    }
    gate_open(&r->begun);
    if (++r->offered < RACERS)
        EXPECT(mr_immediate_start(loop, offer, r, &next) == 0 ||
               mr_loop_state(loop) >= MR_STATE_STOPPING);
}

static void *shut_down_elsewhere(void *arg)
{
    gate_wait(&((race *)arg)->begun);
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
    return NULL;
}

static void K11_what_races_shutdown_is_refused_or_settled_once(void **state)
{
    (void)state;
    pool = new_pool(2, 0);
    for (unsigned round = scaled(1000); round != 0; round--) {
        race r = {.begun = GATE};
        mr_immediate first;
        begin(MR_PARK_AUTO);
        pieces_init(r.p, RACERS, NAMES, NULL);
        EXPECT(mr_immediate_start(loop, offer, &r, &first) == 0);
        pthread_t thread = thread_start(shut_down_elsewhere, &r);
        assert_int_equal(mr_loop_run(loop), 0);
        thread_join(thread);
        assert_int_equal(r.settled, r.accepted);
        for (unsigned i = 0; i < RACERS; i++) {
            bool accepted = r.p[i].promise != NULL;
            assert_int_equal(r.p[i].ran, accepted);
            assert_int_equal(r.p[i].released, accepted);
            drop(&r.p[i]);
        }
        finish();
    }
    end_pool();
}

/* ---- K12: the end of the pool ---- */

static unsigned threads_of_process(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void end_own_pool(mr_job *job, piece *p)
{
    (void)job, (void)p;
    EXPECT(mr_pool_shutdown(pool, FOR_EVER) == MR_EREENTRANT);
    EXPECT(mr_pool_close(pool) == MR_EREENTRANT);
}

static void K12_shutdown_of_a_pool_finishes_all_and_joins(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[4];
    unsigned threads = threads_of_process();
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 4, NAMES, NULL);
    p[0].at = p[1].at = &at;
    p[2].inside = end_own_pool;
    for (unsigned i = 0; i < 3; i++)
        offload_and_tell(&p[i]);
    gate_wait_for(&at.reached, 2);
    assert_int_equal(mr_pool_shutdown(pool, MS), MR_ETIMEDOUT);
    assert_int_equal(try_offload(&p[3]), MR_ECLOSED);
    assert_int_equal(numbers().refused, 1);
    gate_open(&at.go);
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    assert_int_equal(threads_of_process(), threads);
    assert_int_equal(numbers().completed, 3);
    assert_int_equal(mr_pool_close(pool), 0);
    assert_int_equal(mr_pool_shutdown(pool, 0), 0);
    run_to_the_end();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(p[i].told, 0);
        assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_FULFILLED);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

static void K12_close_of_a_pool_drops_what_waits_and_tells_what_runs(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[3];
    unsigned threads = threads_of_process();
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 3, NAMES, NULL);
    p[0].at = &at;
    p[0].inside = wait_until_told;
    for (unsigned i = 0; i < 3; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    gate_open(&at.go); /* it ends when it is told */
    assert_int_equal(mr_pool_close(pool), 0);
    assert_int_equal(threads_of_process(), threads);
    assert_int_equal(numbers().cancelled, 2);
    run_to_the_end();
    assert_int_equal(p[0].told, MR_ECLOSED);
    assert_story("b!ECLOSED c!ECLOSED a=0");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(p[i].ran, i == 0);
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

static void K12_the_last_unref_of_a_pool_waits_for_nothing(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    mr_pool_unref(mr_pool_ref(pool));
    mr_pool_unref(pool);
    pool = NULL;
    assert_int_equal(mr_job_cancelled(p[0].job), MR_ECLOSED);
    assert_int_equal(mr_job_cancel(p[0].job), MR_EBUSY); /* handles may outlive the pool */
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b!ECLOSED a=0");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(mr_job_cancel(p[i].job), MR_ENOENT);
        drop(&p[i]);
    }
    finish();
}

/* ---- a fork ---- */

/* TSan lets a child of several threads start none. */
#ifdef __SANITIZE_THREAD__
enum { CHILDREN_START_THREADS = 0 };
#else
enum { CHILDREN_START_THREADS = 1 };
#endif

/* The deadline, the signal and the end of the loop come to the child too, and find nothing there. */
static int calls_in_a_child(piece *p, mr_abort_controller *controller)
{
    piece late;
    mr_pool_stats stats;
    mr_pool *own;
    alarm(60);
    pieces_init(&late, 1, NAMES, NULL);
    if (mr_loop_after_fork(loop) != 0 || try_offload(&late) != MR_EFORKED ||
        mr_job_cancel(p[1].job) != MR_EFORKED || mr_pool_close(pool) != MR_EFORKED ||
        mr_pool_get_stats(pool, &stats) != MR_EFORKED)
        return 1;
    if (mr_abort(controller, mr_value_int(1)) != 0 || mr_loop_turn(loop, 20 * MS) != 0 ||
        mr_promise_get_state(p[1].promise) != MR_PROMISE_PENDING)
        return 2;
    if (mr_pool_create(NULL, &own) != 0)
        return 3;
    if (CHILDREN_START_THREADS && try_offload_to(loop, own, &late) != 0)
        return 4;
    while (late.promise != NULL && mr_promise_get_state(late.promise) == MR_PROMISE_PENDING)
        if (mr_loop_turn(loop, SEC) != 0)
            return 5;
    mr_pool_unref(pool);
    if (mr_loop_close(loop) != 0 || code_of(&p[1]) != MR_ECLOSED || p[1].released != 0)
        return 6;
    return mr_pool_close(own) != 0 || atomic_load(&failed_expectations) != 0 ? 7 : 0;
}

static void K12_a_pool_is_the_parents(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    mr_abort_controller *controller = new_controller();
    p[0].at = &at;
    for (unsigned i = 0; i < 2; i++) {
        p[i].signal = mr_abort_controller_signal(controller);
        p[i].deadline_ns = 10 * MS;
        offload(&p[i]);
    }
    gate_wait(&at.reached);
    pid_t child = fork();
    if (child == 0)
        _exit(calls_in_a_child(p, controller));
    int how = -1;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    gate_open(&at.go);
    while (mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING ||
           mr_promise_get_state(p[0].promise) == MR_PROMISE_PENDING)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    run_to_the_end();
    mr_abort_controller_unref(controller);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K6_a_signal_ends_what_has_not_started_with_its_reason),
        SCENARIO(K6_a_reason_bound_to_the_loop_keeps_its_identity),
        SCENARIO(K6_a_deadline_ends_what_has_not_started),
        SCENARIO(K6_a_deadline_holds_in_a_drain),
        SCENARIO(K6_the_first_of_cancel_signal_and_deadline_decides),
        SCENARIO(K6_in_virtual_time_a_deadline_and_a_start_race_by_the_seed),
        SCENARIO(K7_an_unref_d_job_holds_no_loop_but_its_end_is_awaited),
        SCENARIO(K7_a_pending_job_holds_its_loop),
        SCENARIO(K7_the_owner_may_offload_while_it_drains),
        SCENARIO(K7_shutdown_runs_and_awaits_all_jobs),
        SCENARIO(K8_close_waits_for_no_job_and_ends_what_has_not_started),
        SCENARIO(K8_close_releases_a_value_that_has_not_arrived),
        SCENARIO(K8_a_signal_of_a_closed_loop_knows_no_job),
        SCENARIO(K11_what_races_shutdown_is_refused_or_settled_once),
        SCENARIO(K12_shutdown_of_a_pool_finishes_all_and_joins),
        SCENARIO(K12_close_of_a_pool_drops_what_waits_and_tells_what_runs),
        SCENARIO(K12_the_last_unref_of_a_pool_waits_for_nothing),
        SCENARIO(K12_a_pool_is_the_parents),
    };
    return RUN_SCENARIOS(tests);
}
