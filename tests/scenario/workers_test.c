/* Scenarios K1 to K5, K9, K10 and K13 of promises: what workers run, and how many of them. */
#include "workers.h"

/* ---- K1: value, error, argument ---- */

static void K1_what_fn_returns_settles_the_promise(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        piece p[5];
        begin_pool(park, 1, 0);
        pieces_init(p, 5, NAMES, NULL);
        p[1].answer = MR_EIO;
        p[1].result = mr_value_undefined();
        p[2].answer = MR_EIO;
        p[3].answer = 7; /* no status of ours */
        p[3].result = mr_value_undefined();
        assert_int_equal(mr_value_bytes("longer than stands inline", 25, &p[4].result), 0);
        for (unsigned i = 0; i < 5; i++) {
            offload_and_tell(&p[i]);
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_PENDING);
        }
        assert_story("");
        run_to_the_end();
        assert_story("a=0 b!EIO c!2 d!EINVAL e=-1");
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, 1);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, 0);
            assert_false(pthread_equal(p[i].thread, pthread_self()));
        }
        size_t len = 0;
        mr_value bytes = mr_promise_value(p[4].promise);
        assert_memory_equal(mr_value_as_bytes(&bytes, &len), "longer than stands inline", 25);
        assert_int_equal(len, 25);
        for (unsigned i = 0; i < 5; i++)
            drop(&p[i]);
        mr_pool_stats n = numbers();
        assert_int_equal(n.completed, 2);
        assert_int_equal(n.failed, 3);
        end_pool();
        finish();
    }
}

static void K1_a_value_bound_to_the_loop_is_refused(void **state)
{
    (void)state;
    piece p;
    mr_promise *bound;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), &bound), 0);
    p.result = mr_value_promise(mr_promise_ref(bound));
    offload_and_tell(&p);
    run_to_the_end();
    assert_story("a!EINVAL");
    assert_int_equal(numbers().failed, 1);
    mr_promise_unref(bound);
    drop(&p);
    end_pool();
    finish();
}

static void K1_a_promise_that_nobody_holds_drops_the_value(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_value_bytes("a value that is counted", 23, &p.result), 0);
    offload(&p);
    drop(&p);
    run_to_the_end();
    assert_int_equal(p.ran, 1);
    assert_int_equal(p.released, 1);
    end_pool();
    finish();
}

/* ---- K2: two threads ---- */

typedef struct turnstile {
    gate reached, go;
    _Atomic unsigned next;
    _Atomic unsigned inside, most;
} turnstile;

static mr_status pass(mr_job *job, void *arg, mr_value *out_value)
{
    (void)job, (void)out_value;
    turnstile *t = arg;
    unsigned inside = atomic_fetch_add(&t->inside, 1) + 1;
    if (inside > atomic_load(&t->most))
        atomic_store(&t->most, inside);
    unsigned number = atomic_fetch_add(&t->next, 1) + 1;
    gate_open(&t->reached);
    gate_wait_for(&t->go, number);
    atomic_fetch_sub(&t->inside, 1);
    return number % 2 == 0 ? MR_EIO : 0;
}

static mr_status drop_reason(mr_value reason, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(mr_error_code(mr_value_as_error(reason)) == MR_EIO);
    return 0;
}

static void K2_two_threads_run_a_hundred_gated_jobs(void **state)
{
    (void)state;
    enum { JOBS = 100 };
    turnstile t = {GATE, GATE, 0, 0, 0};
    hooked h = {0};
    mr_pool_options options = {.size_bytes = sizeof options,
                               .max_threads = 2,
                               .on_thread_start = on_thread_start,
                               .on_thread_exit = on_thread_exit,
                               .arg = &h};
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_pool_create(&options, &pool), 0);
    const mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = pass, .arg = &t};
    for (unsigned i = 0; i < JOBS; i++) {
        mr_promise *promise;
        EXPECT(mr_offload(loop, pool, &spec, &promise, NULL) == 0);
        EXPECT(mr_promise_catch(promise, drop_reason, NULL, NULL, NULL) == 0);
        mr_promise_unref(promise);
    }
    for (unsigned ended = 0; ended + 2 <= JOBS; ended++) {
        gate_wait_for(&t.reached, ended + 2);
        mr_pool_stats n = numbers();
        assert_int_equal(n.submitted, JOBS);
        assert_int_equal(n.threads, 2);
        assert_int_equal(n.idle, 0);
        assert_int_equal(n.running, 2);
        assert_int_equal(n.queued, JOBS - 2 - ended);
        assert_int_equal(n.completed, (ended + 1) / 2);
        assert_int_equal(n.failed, ended / 2);
        assert_int_equal(n.most_running, 2);
        gate_open(&t.go);
    }
    gate_open(&t.go);
    run_to_the_end();
    assert_int_equal(atomic_load(&t.most), 2);
    mr_pool_stats n = numbers();
    assert_int_equal(n.completed, JOBS / 2);
    assert_int_equal(n.failed, JOBS / 2);
    assert_true(n.longest_wait_ns <= n.wait_ns && n.longest_run_ns <= n.run_ns);
    assert_true(n.most_queued >= JOBS - 2);
    end_pool();
    assert_int_equal(h.starts, 2);
    assert_int_equal(h.exits, 2);
    finish();
}

static void K2_a_bound_per_loop_is_kept_and_lets_others_pass(void **state)
{
    (void)state;
    turnstile t = {GATE, GATE, 0, 0, 0};
    piece other;
    mr_pool_options options = {.size_bytes = sizeof options, .max_threads = 3, .max_per_loop = 1};
    mr_loop *second;
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_loop_create(NULL, &second), 0);
    assert_int_equal(mr_pool_create(&options, &pool), 0);
    const mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = pass, .arg = &t};
    for (unsigned i = 0; i < 4; i++) {
        mr_promise *promise;
        EXPECT(mr_offload(loop, pool, &spec, &promise, NULL) == 0);
        mr_promise_unref(promise);
    }
    gate_wait(&t.reached);
    pieces_init(&other, 1, NAMES, NULL);
    assert_int_equal(try_offload_to(second, pool, &other), 0);
    assert_int_equal(mr_loop_shutdown(second, FOR_EVER), 0);
    assert_int_equal(mr_promise_get_state(other.promise), MR_PROMISE_FULFILLED);
    assert_int_equal(numbers().running, 1);
    assert_int_equal(numbers().queued, 3);
    for (unsigned i = 0; i < 4; i++)
        gate_open(&t.go);
    run_to_the_end();
    assert_int_equal(atomic_load(&t.most), 1);
    drop(&other);
    mr_loop_unref(second);
    end_pool();
    finish();
}

/* ---- K3: a full queue ---- */

static uint64_t live_promises(void)
{
    mr_promise_stats stats;
    EXPECT(mr_promise_get_stats(loop, &stats) == 0);
    return stats.live;
}

static void K3_a_full_queue_refuses_and_makes_no_promise(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[6];
        begin_pool(park, 1, 4);
        pieces_init(p, 6, NAMES, NULL);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        for (unsigned i = 1; i < 5; i++)
            offload_and_tell(&p[i]);
        uint64_t live = live_promises();
        assert_int_equal(try_offload(&p[5]), MR_EBACKPRESSURE);
        assert_int_equal(live_promises(), live);
        assert_int_equal(numbers().refused, 1);
        assert_int_equal(numbers().queued, 4);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("a=0 b=1 c=2 d=3 e=4");
        assert_int_equal(p[5].ran + p[5].released, 0);
        assert_int_equal(numbers().submitted, 5);
        for (unsigned i = 0; i < 5; i++)
            drop(&p[i]);
        end_pool();
        finish();
    }
}

static void *offload_elsewhere(void *arg)
{
    EXPECT(try_offload(arg) == MR_EWRONGTHREAD);
    return NULL;
}

static void K3_wrong_calls_change_nothing(void **state)
{
    (void)state;
    piece p;
    mr_promise *promise = NULL;
    mr_pool_stats stats;
    mr_pool_options wrong = {.size_bytes = sizeof wrong, .max_threads = 1025};
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    thread_join(thread_start(offload_elsewhere, &p));
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = piece_fn, .arg = &p};
    assert_int_equal(mr_offload(NULL, pool, &spec, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, NULL, &spec, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, pool, NULL, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, pool, &spec, NULL, NULL), MR_EINVAL);
    spec.fn = NULL;
    assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), MR_EINVAL);
    spec.fn = piece_fn;
    spec.size_bytes--;
    assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), MR_EINVAL);
    assert_null(promise);
    assert_int_equal(mr_job_cancel(NULL), MR_EINVAL);
    assert_int_equal(mr_job_cancelled(NULL), MR_EINVAL);
    assert_int_equal(mr_job_reason(NULL).kind, MR_VALUE_UNDEFINED);
    assert_null(mr_job_ref(NULL));
    mr_job_unref(NULL);
    assert_null(mr_pool_ref(NULL));
    mr_pool_unref(NULL);
    assert_int_equal(mr_pool_close(NULL), MR_EINVAL);
    assert_int_equal(mr_pool_shutdown(NULL, 0), MR_EINVAL);
    assert_int_equal(mr_pool_get_stats(NULL, &stats), MR_EINVAL);
    assert_int_equal(mr_pool_get_stats(pool, NULL), MR_EINVAL);
    mr_pool *none = NULL;
    assert_int_equal(mr_pool_create(&wrong, &none), MR_EINVAL);
    assert_null(none);
    assert_int_equal(mr_pool_create(NULL, NULL), MR_EINVAL);
    assert_int_equal(numbers().submitted + numbers().refused, 0);
    finish_turned();
    assert_int_equal(p.ran + p.released, 0);
    end_pool();
}

/* ---- K4: cancel before the start ---- */

static void *cancel_here(void *arg)
{
    EXPECT(mr_job_cancel(arg) == 0);
    EXPECT(mr_job_cancel(arg) == MR_ENOENT);
    EXPECT(mr_job_cancelled(arg) == MR_ECANCELED);
    return NULL;
}

static void K4_cancelled_before_the_start_it_never_runs(void **state)
{
    (void)state;
    for (unsigned elsewhere = 0; elsewhere < 2; elsewhere++) {
        hold at = HOLD;
        piece p[3];
        begin_pool(MR_PARK_AUTO, 1, 1);
        pieces_init(p, 3, NAMES, NULL);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        offload_and_tell(&p[1]);
        assert_int_equal(try_offload(&p[2]), MR_EBACKPRESSURE);
        if (elsewhere)
            thread_join(thread_start(cancel_here, p[1].job));
        else
            cancel_here(p[1].job);
        assert_int_equal(numbers().queued, 0);
        assert_int_equal(numbers().cancelled, 1);
        offload_and_tell(&p[2]);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("b!ECANCELED a=0 c=2");
        assert_int_equal(p[1].ran, 0);
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        end_pool();
        finish();
    }
}

/* ---- K5: cancel while it runs ---- */

static void K5_cancelled_while_it_runs_it_is_told_and_may_fulfil(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p;
        begin_pool(park, 1, 0);
        pieces_init(&p, 1, NAMES, &at);
        p.inside = wait_until_told;
        offload_and_tell(&p);
        gate_wait(&at.reached);
        assert_int_equal(mr_job_cancelled(p.job), 0);
        assert_int_equal(mr_job_cancel(p.job), MR_EBUSY);
        assert_int_equal(mr_job_cancel(p.job), MR_EBUSY);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("a=0");
        assert_int_equal(p.told, MR_ECANCELED);
        assert_int_equal(mr_job_cancel(p.job), MR_ENOENT);
        assert_int_equal(p.released, 1);
        assert_int_equal(numbers().completed, 1);
        drop(&p);
        end_pool();
        finish();
    }
}

/* The deadline is seen by the job itself, although its loop does not run. */
static void K5_a_running_job_is_told_of_its_deadline(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, &at);
    p.inside = wait_until_told;
    p.deadline_ns = 50 * MS;
    offload_and_tell(&p);
    gate_wait(&at.reached);
    gate_open(&at.go);
    while (numbers().running != 0)
        sched_yield();
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("a=0");
    assert_int_equal(p.told, MR_ETIMEDOUT);
    run_to_the_end();
    drop(&p);
    end_pool();
    finish();
}

static void read_reason(mr_job *job, piece *p)
{
    int64_t number = 0;
    wait_until_told(job, p);
    EXPECT(mr_value_as_int(mr_job_reason(job), &number) && number == 77);
}

static void K5_a_running_job_reads_the_reason_of_its_signal(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 2, NAMES, &at);
    mr_abort_controller *controller = new_controller();
    p[0].signal = p[1].signal = mr_abort_controller_signal(controller);
    p[0].inside = read_reason;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait_for(&at.reached, 2);
    assert_int_equal(mr_job_cancel(p[1].job), MR_EBUSY); /* the first reason */
    assert_int_equal(mr_abort(controller, mr_value_int(77)), 0);
    assert_int_equal(mr_job_reason(p[1].job).kind, MR_VALUE_UNDEFINED);
    gate_open(&at.go);
    while (numbers().running != 0)
        sched_yield();
    run_to_the_end();
    assert_int_equal(p[0].told, MR_EABORT);
    assert_int_equal(p[1].told, MR_ECANCELED);
    assert_int_equal(numbers().completed, 2);
    mr_abort_controller_unref(controller);
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

/* ---- K9: pools and loops ---- */

static void K9_a_blocked_pool_holds_up_no_other(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    mr_pool *free_one = new_pool(1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    assert_int_equal(try_offload_to(loop, free_one, &p[1]), 0);
    tell(&p[1]);
    while (mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    assert_story("b=1");
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b=1 a=0");
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    mr_pool_unref(free_one);
    end_pool();
    finish();
}

typedef struct lane {
    mr_loop *loop;
    pthread_t thread;
    piece p[20];
    unsigned arrived;
} lane;

static mr_status on_own_loop(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    lane *l = arg;
    EXPECT(pthread_equal(l->thread, pthread_self()));
    l->arrived++;
    return 0;
}

static void *run_lane(void *arg)
{
    lane *l = arg;
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    const mr_reaction reaction = {.on_fulfilled = on_own_loop, .arg = l};
    l->thread = pthread_self();
    EXPECT(mr_loop_create(&options, &l->loop) == 0);
    pieces_init(l->p, COUNT_OF(l->p), NAMES NAMES NAMES, NULL);
    for (unsigned i = 0; i < COUNT_OF(l->p); i++) {
        EXPECT(try_offload_to(l->loop, pool, &l->p[i]) == 0);
        EXPECT(mr_promise_then(l->p[i].promise, &reaction, NULL) == 0);
    }
    EXPECT(mr_loop_run(l->loop) == 0);
    for (unsigned i = 0; i < COUNT_OF(l->p); i++) {
        EXPECT(mr_promise_get_state(l->p[i].promise) == MR_PROMISE_FULFILLED);
        drop(&l->p[i]);
    }
    mr_loop_unref(l->loop);
    return NULL;
}

static void K9_each_result_comes_to_its_own_loop(void **state)
{
    (void)state;
    lane lanes[2];
    pthread_t threads[2];
    memset(lanes, 0, sizeof lanes);
    pool = new_pool(2, 0);
    for (unsigned i = 0; i < 2; i++)
        threads[i] = thread_start(run_lane, &lanes[i]);
    for (unsigned i = 0; i < 2; i++) {
        thread_join(threads[i]);
        assert_int_equal(lanes[i].arrived, COUNT_OF(lanes[i].p));
    }
    assert_int_equal(numbers().completed, 2 * COUNT_OF(lanes[0].p));
    end_pool();
}

/* ---- K10: a job that ends its thread ---- */

static void leave_thread(mr_job *job, piece *p)
{
    (void)job, (void)p;
    pthread_exit(NULL);
}

static void K10_a_job_that_ends_its_thread_rejects_and_the_next_runs(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hooked h = {0};
        piece p[3];
        mr_pool_options options = {.size_bytes = sizeof options,
                                   .max_threads = 1,
                                   .on_thread_start = on_thread_start,
                                   .on_thread_exit = on_thread_exit,
                                   .arg = &h};
        begin(park);
        assert_int_equal(mr_pool_create(&options, &pool), 0);
        pieces_init(p, 3, NAMES, NULL);
        p[0].inside = leave_thread;
        for (unsigned i = 0; i < 3; i++)
            offload_and_tell(&p[i]);
        run_to_the_end();
        assert_story("a!ETHREADEXIT b=1 c=2");
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        mr_pool_stats n = numbers();
        assert_int_equal(n.failed, 1);
        assert_int_equal(n.completed, 2);
        assert_int_equal(n.most_threads, 1);
        end_pool();
        assert_int_equal(h.starts, 2);
        assert_int_equal(h.exits, 2);
        finish();
    }
}

/* ---- K13: no thread ---- */

static void K13_without_any_thread_nothing_is_accepted(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 2, NAMES, NULL);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    assert_int_equal(try_offload(&p[0]), MR_ELIMIT);
    assert_int_equal(live_promises(), 0);
    assert_int_equal(numbers().submitted, 0);
    assert_int_equal(numbers().refused, 1);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    gate_wait(&at.reached);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    offload_and_tell(&p[1]);
    assert_int_equal(numbers().threads, 1);
    assert_int_equal(numbers().queued, 1);
    gate_open(&at.go);
    run_to_the_end();
    assert_story("a=0 b=1");
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K1_what_fn_returns_settles_the_promise),
        SCENARIO(K1_a_value_bound_to_the_loop_is_refused),
        SCENARIO(K1_a_promise_that_nobody_holds_drops_the_value),
        SCENARIO(K2_two_threads_run_a_hundred_gated_jobs),
        SCENARIO(K2_a_bound_per_loop_is_kept_and_lets_others_pass),
        SCENARIO(K3_a_full_queue_refuses_and_makes_no_promise),
        SCENARIO(K3_wrong_calls_change_nothing),
        SCENARIO(K4_cancelled_before_the_start_it_never_runs),
        SCENARIO(K5_cancelled_while_it_runs_it_is_told_and_may_fulfil),
        SCENARIO(K5_a_running_job_is_told_of_its_deadline),
        SCENARIO(K5_a_running_job_reads_the_reason_of_its_signal),
        SCENARIO(K9_a_blocked_pool_holds_up_no_other),
        SCENARIO(K9_each_result_comes_to_its_own_loop),
        SCENARIO(K10_a_job_that_ends_its_thread_rejects_and_the_next_runs),
        SCENARIO(K13_without_any_thread_nothing_is_accepted),
    };
    return RUN_SCENARIOS(tests);
}
