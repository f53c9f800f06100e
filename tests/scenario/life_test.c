/* Scenarios L1 to L9, L11 to L13: running and ending. Calls that must be refused: misuse_test.c. */
#include "scenario.h"

/* ---- L1 ---- */

static void run_and_turn_inside(void *arg)
{
    (void)arg;
    note("run %s", mr_status_name(mr_loop_run(loop)));
    note("turn %s", mr_status_name(mr_loop_turn(loop, 0)));
}

static void L1_run_from_own_task_is_reentrant(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        submit(run_and_turn_inside, NULL);
        submit_say("next");
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("run MR_EREENTRANT turn MR_EREENTRANT next");
        finish();
    }
}

/* ---- L2, L3 ---- */

typedef struct contest {
    gate lost;
    _Atomic unsigned busy, entered, other;
} contest;

static void *contestant(void *arg)
{
    contest *c = arg;
    mr_status status = mr_loop_run(loop);
    if (status == MR_EBUSY) {
        atomic_fetch_add(&c->busy, 1);
        gate_open(&c->lost);
    } else {
        atomic_fetch_add(status == 0 ? &c->entered : &c->other, 1);
    }
    return NULL;
}

static void L2_one_of_ten_threads_enters(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        contest c = {.lost = GATE};
        pthread_t threads[10];
        begin(park);
        for (unsigned i = 0; i < 10; i++) {
            threads[i] = thread_start(contestant, &c);
        }
        gate_wait_for(&c.lost, 9);
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        for (unsigned i = 0; i < 10; i++) {
            thread_join(threads[i]);
        }
        assert_int_equal(c.busy, 9);
        assert_int_equal(c.entered, 1);
        assert_int_equal(c.other, 0);
        finish();
    }
}

static void say_outcome(mr_status outcome, void *arg)
{
    note("%s %s", (const char *)arg, mr_status_name(outcome));
}

static void L3_run_during_the_drain_is_closed_not_busy(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold drain = HOLD;
        runner r;
        begin(park);
        submit(shut_down, NULL);
        submit(hold_here, &drain);
        runner_start(&r);
        gate_wait(&drain.reached);
        assert_int_equal(mr_loop_state(loop), MR_STATE_STOPPING);
        assert_int_equal(mr_loop_run(loop), MR_ECLOSED);
        assert_int_equal(mr_loop_turn(loop, 0), MR_ECLOSED);
        assert_int_equal(mr_submit(loop, say, "x"), MR_ECLOSED);
        assert_int_equal(mr_submit_internal(loop, say, "x"), MR_ECLOSED);
        assert_int_equal(mr_timer_cancel(loop, (mr_timer){0}), 0); /* accepted as a command */
        assert_int_equal(mr_timer_cancel_outcome(loop, (mr_timer){0}, say_outcome, "outcome"), 0);
        assert_int_equal(mr_loop_wake(loop), 0);
        gate_open(&drain.go);
        assert_int_equal(runner_join(&r), 0);
        assert_story("outcome MR_ENOENT");
        assert_int_equal(mr_loop_run(loop), MR_ECLOSED);
        assert_int_equal(mr_loop_turn(loop, 0), MR_ECLOSED);
        finish();
    }
}

/* ---- L4, L5 ---- */

static pthread_t ran_on;

static void say_where(void *arg)
{
    say(arg);
    ran_on = pthread_self();
}

static void *shut_down_thread(void *arg)
{
    *(mr_status *)arg = mr_loop_shutdown(loop, FOR_EVER);
    return NULL;
}

static void queue_three(void)
{
    submit(say_where, "1");
    submit(say_where, "2");
    submit(say_where, "3");
}

static void L4_shutdown_before_run_drains_on_the_caller(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        queue_three();
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_story("1 2 3");
        assert_true(pthread_equal(ran_on, pthread_self()));
        finish();

        mr_status status = 1;
        begin(park);
        queue_three();
        pthread_t other = thread_start(shut_down_thread, &status);
        thread_join(other);
        assert_int_equal(status, 0);
        assert_story("1 2 3");
        assert_true(pthread_equal(ran_on, other));
        finish();
    }
}

static void L5_close_before_run_reports_everything(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_timer timer;
        mr_immediate immediate;
        unsigned descriptors = open_descriptors();
        begin(park);
        queue_three();
        assert_int_equal(mr_timer_start(loop, 0, say, "timer", &timer), 0);
        assert_int_equal(mr_timer_start(loop, SEC, say, "timer", &timer), 0);
        assert_int_equal(mr_immediate_start(loop, say, "immediate", &immediate), 0);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_story("");
        assert_int_equal(told.discarded[MR_KIND_TASK], 3);
        assert_int_equal(told.discarded[MR_KIND_TIMER], 2);
        assert_int_equal(told.discarded[MR_KIND_IMMEDIATE], 1);
        assert_int_equal(reports_of_all_kinds(), 6);
        assert_int_equal(told.reason, MR_ECLOSED);
        assert_int_equal(open_descriptors(), descriptors);
        finish();
    }
}

static void L5_last_unref_closes_and_reports(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        const mr_task task = {.fn = say, .arg = (void *)(uintptr_t) "x", .discard = own_discard};
        begin(park);
        assert_int_equal(mr_submit_with(loop, &task), 0);
        assert_int_equal(mr_next_tick_with(loop, &task), 0);
        submit_say("x");
        mr_loop_unref(mr_loop_ref(loop));
        assert_int_equal(mr_loop_state(loop), MR_STATE_CREATED);
        mr_loop_unref(loop);
        loop = NULL;
        assert_story("");
        assert_int_equal(told.own, 2);
        assert_int_equal(told.discarded[MR_KIND_TASK], 1);
        assert_int_equal(told.reason, MR_ECLOSED);
    }
}

/* ---- L6, L7: an end asked for from each kind of callback ---- */

static mr_task_fn *watched_fn;

static void watch_calls(mr_watch watch, unsigned events, void *arg)
{
    (void)events;
    EXPECT(mr_watch_modify(loop, watch, 0) == 0);
    watched_fn(arg);
}

/* Arrange that fn runs as a callback of that kind. */
static void launch(mr_kind kind, int fd, mr_task_fn *fn)
{
    mr_status status = MR_EINVAL;
    mr_immediate immediate;
    mr_timer timer;
    mr_watch watch;
    switch (kind) {
    case MR_KIND_TASK:
        status = mr_submit(loop, fn, NULL);
        break;
    case MR_KIND_INTERNAL:
        status = mr_submit_internal(loop, fn, NULL);
        break;
    case MR_KIND_MICROTASK:
        status = mr_microtask(loop, fn, NULL);
        break;
    case MR_KIND_TICK:
        status = mr_next_tick(loop, fn, NULL);
        break;
    case MR_KIND_IMMEDIATE:
        status = mr_immediate_start(loop, fn, NULL, &immediate);
        break;
    case MR_KIND_CLOSE:
        status = mr_close_callback(loop, fn, NULL);
        break;
    case MR_KIND_TIMER:
        status = mr_timer_start(loop, 0, fn, NULL, &timer);
        break;
    case MR_KIND_WATCH:
        watched_fn = fn;
        status = mr_watch_add(loop, fd, MR_READ, watch_calls, NULL, &watch);
        break;
    case MR_KIND_END_JOB:
        status = mr_checkpoint_end(loop, fn, NULL);
        break;
    case MR_KIND_COUNT:
        break;
    }
    assert_int_equal(status, 0);
}

static void queue_later_work(void)
{
    mr_immediate immediate;
    mr_timer timer;
    EXPECT(mr_submit(loop, say, "task") == 0);
    EXPECT(mr_immediate_start(loop, say, "immediate", &immediate) == 0);
    EXPECT(mr_timer_start(loop, 0, say, "timer", &timer) == 0);
    EXPECT(mr_microtask(loop, say, "microtask") == 0);
}

static void shut_down_inside(void *arg)
{
    (void)arg;
    queue_later_work();
    note("shutdown %d", mr_loop_shutdown(loop, FOR_EVER));
    EXPECT(mr_loop_state(loop) == MR_STATE_STOPPING);
    EXPECT(mr_submit(loop, say, "too late") == MR_ECLOSED);
}

static void L6_shutdown_from_each_kind_of_callback(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
            if (kind == MR_KIND_WATCH && park == MR_PARK_FUTEX) {
                continue;
            }
            int fds[2];
            pipe_with(fds, 1);
            begin(park);
            launch((mr_kind)kind, fds[0], shut_down_inside);
            assert_int_equal(mr_loop_run(loop), 0);
            assert_story("shutdown 0 microtask immediate task");
            assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
            finish();
            pipe_close(fds);
        }
    }
}

static void close_inside(void *arg)
{
    (void)arg;
    note("close %s", mr_status_name(mr_loop_close(loop)));
    EXPECT(mr_loop_state(loop) == MR_STATE_RUNNING);
    submit_say("goes on");
    submit(shut_down, NULL);
}

static void request_close_inside(void *arg)
{
    (void)arg;
    queue_later_work();
    note("request %d", mr_loop_request_close(loop));
    EXPECT(mr_submit(loop, say, "too late") == MR_ECLOSED);
}

static void L7_close_and_request_close_from_each_kind_of_callback(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
            if (kind == MR_KIND_WATCH && park == MR_PARK_FUTEX) {
                continue;
            }
            int fds[2];
            pipe_with(fds, 1);
            begin(park);
            launch((mr_kind)kind, fds[0], close_inside);
            assert_int_equal(mr_loop_run(loop), 0);
            assert_story("close MR_EREENTRANT goes on");
            finish();

            begin(park);
            launch((mr_kind)kind, fds[0], request_close_inside);
            assert_int_equal(mr_loop_run(loop), MR_ECANCELED);
            assert_story("request 0");
            assert_int_equal(told.discarded[MR_KIND_TASK], 1);
            assert_int_equal(told.discarded[MR_KIND_IMMEDIATE], 1);
            assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
            assert_int_equal(told.discarded[MR_KIND_MICROTASK], 1);
            finish();
            pipe_close(fds);
        }
    }
}

static void *close_elsewhere(void *arg)
{
    *(mr_status *)arg = mr_loop_close(loop);
    return NULL;
}

static void L7_close_between_turns_ends_inside_the_call(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_status status = 1;
        begin(park);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        submit_say("x");
        pthread_t other = thread_start(close_elsewhere, &status);
        thread_join(other);
        assert_int_equal(status, 0);
        assert_int_equal(told.discarded[MR_KIND_TASK], 1);
        assert_true(pthread_equal(told.thread, other));
        assert_int_equal(mr_loop_turn(loop, 0), MR_ECLOSED);
        assert_story("");
        finish();
    }
}

static void L7_request_close_between_turns_is_carried_out_by_the_next_call(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned how = 0; how < 3; how++) {
            begin(park);
            submit_say("x");
            assert_int_equal(mr_loop_request_close(loop), 0);
            assert_int_equal(mr_loop_state(loop), MR_STATE_STOPPING);
            assert_int_equal(told.discarded[MR_KIND_TASK], 0);
            if (how == 0) {
                assert_int_equal(mr_loop_turn(loop, 0), MR_ECANCELED);
            } else if (how == 1) {
                assert_int_equal(mr_loop_close(loop), 0);
            } else {
                mr_loop_unref(loop);
                loop = NULL;
            }
            assert_int_equal(told.discarded[MR_KIND_TASK], 1);
            assert_story("");
            if (loop != NULL) {
                finish();
            }
        }
    }
}

/* ---- L8, L9 ---- */

static void L8_timeout_of_shutdown_ends_the_waiting_only(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold h = HOLD;
        runner r;
        begin(park);
        submit(hold_here, &h);
        queue_three();
        runner_start(&r);
        gate_wait(&h.reached);
        uint64_t before = real_now();
        assert_int_equal(mr_loop_shutdown(loop, 10 * MS), MR_ETIMEDOUT);
        assert_true(real_now() - before >= 10 * MS);
        assert_int_equal(mr_loop_state(loop), MR_STATE_STOPPING);
        gate_open(&h.go);
        assert_int_equal(runner_join(&r), 0);
        assert_story("1 2 3");
        assert_true(pthread_equal(ran_on, r.thread));
        assert_int_equal(mr_loop_shutdown(loop, 0), 0);
        finish();
    }
}

static void L8_shutdown_elsewhere_waits_for_the_owners_next_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_status status = 1;
        begin(park);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        queue_three();
        pthread_t other = thread_start(shut_down_thread, &status);
        wait_for_state(MR_STATE_STOPPING);
        assert_story("");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        thread_join(other);
        assert_int_equal(status, 0);
        assert_story("1 2 3");
        assert_true(pthread_equal(ran_on, pthread_self()));
        finish();
    }
}

static void L9_parked_loop_is_woken_by_shutdown_and_by_close(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        begin(park);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
        assert_int_equal(runner_join(&r), 0);
        finish();

        begin(park);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
        assert_int_equal(runner_join(&r), MR_ECANCELED);
        finish();

        begin(park);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_request_close(loop), 0);
        assert_int_equal(runner_join(&r), MR_ECANCELED);
        finish();
    }
}

/* ---- L11 ---- */

typedef struct flood {
    mr_loop *loop;
    gate *going;
    _Atomic uint64_t *accepted;
} flood;

static _Atomic uint64_t flood_ran, flood_discarded;

static void flood_task(void *arg)
{
    (void)arg;
    atomic_fetch_add_explicit(&flood_ran, 1, memory_order_relaxed);
}

static void flood_discard(mr_kind kind, mr_task_fn *fn, void *task_arg, mr_status reason, void *arg)
{
    (void)fn, (void)task_arg, (void)arg;
    EXPECT(kind == MR_KIND_TASK && reason == MR_ECLOSED);
    atomic_fetch_add_explicit(&flood_discarded, 1, memory_order_relaxed);
}

static void *flood_main(void *arg)
{
    flood *f = arg;
    uint64_t accepted = 0;
    for (;;) {
        mr_status status = mr_submit(f->loop, flood_task, NULL);
        if (status != 0) {
            EXPECT(status == MR_ECLOSED);
            break;
        }
        if (++accepted == 100) {
            gate_open(f->going);
        }
    }
    atomic_fetch_add(f->accepted, accepted);
    mr_loop_unref(f->loop);
    return NULL;
}

static void *run_and_unref(void *arg)
{
    mr_loop *of = arg;
    mr_status status = mr_loop_run(of);
    EXPECT(status == MR_ECANCELED || status == MR_ECLOSED);
    mr_loop_unref(of);
    return NULL;
}

static void flood_round(mr_park park)
{
    mr_loop_options options = options_for(park);
    options.max_external = 1U << 24;
    options.on_discard = flood_discard;
    mr_loop *of = NULL;
    assert_int_equal(mr_loop_create(&options, &of), 0);
    gate going = GATE;
    _Atomic uint64_t accepted = 0;
    atomic_store(&flood_ran, 0);
    atomic_store(&flood_discarded, 0);
    pthread_t producers[4];
    flood f = {.going = &going, .accepted = &accepted};
    f.loop = of;
    for (unsigned i = 0; i < 4; i++) {
        (void)mr_loop_ref(of);
        producers[i] = thread_start(flood_main, &f);
    }
    pthread_t owner = thread_start(run_and_unref, mr_loop_ref(of));
    gate_wait_for(&going, 4);
    assert_int_equal(mr_loop_close(of), 0);
    mr_loop_unref(of);
    for (unsigned i = 0; i < 4; i++) {
        thread_join(producers[i]);
    }
    thread_join(owner);
    assert_int_equal(atomic_load(&accepted),
                     atomic_load(&flood_ran) + atomic_load(&flood_discarded));
    assert_int_equal(atomic_load(&failed_expectations), 0);
}

static void L11_producers_outlive_the_creators_reference(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned n = scaled(20); n > 0; n--) {
            flood_round(park);
        }
    }
}

/* ---- L12, L13 ---- */

static void turn_of_three(void)
{
    mr_immediate immediate;
    mr_timer timer;
    submit_say("task");
    assert_int_equal(mr_timer_start(loop, 0, say, "timer", &timer), 0);
    assert_int_equal(mr_immediate_start(loop, say, "immediate", &immediate), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("immediate timer task");
    assert_int_equal(mr_loop_state(loop), MR_STATE_RUNNING);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("immediate timer task");
    finish_turned();
}

static void L12_one_turn_runs_each_phase_once(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        turn_of_three();
    }
    begin_simulated(1, 5 * SEC, false);
    turn_of_three();
}

static mr_loop *inner;

static void inner_task(void *arg)
{
    (void)arg;
    note("inner");
    note("outer-run %s", mr_status_name(mr_loop_run(loop)));
    note("outer-turn %s", mr_status_name(mr_loop_turn(loop, 0)));
    note("outer-submit %d", mr_submit(loop, say, "outer-task"));
    EXPECT(mr_loop_shutdown(inner, FOR_EVER) == 0);
}

static void run_second_loop(void *arg)
{
    const mr_loop_options *options = arg;
    EXPECT(mr_loop_create(options, &inner) == 0);
    EXPECT(mr_submit(inner, inner_task, NULL) == 0);
    note("inner-run %d", mr_loop_run(inner));
    EXPECT(mr_loop_state(inner) == MR_STATE_CLOSED);
    mr_loop_unref(inner);
    submit(shut_down, NULL);
}

static void L13_a_callback_may_run_another_loop(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        begin_with(&options);
        submit(run_second_loop, &options);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("inner outer-run MR_EREENTRANT outer-turn MR_EREENTRANT outer-submit 0 "
                     "inner-run 0 outer-task");
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(L1_run_from_own_task_is_reentrant),
        SCENARIO(L2_one_of_ten_threads_enters),
        SCENARIO(L3_run_during_the_drain_is_closed_not_busy),
        SCENARIO(L4_shutdown_before_run_drains_on_the_caller),
        SCENARIO(L5_close_before_run_reports_everything),
        SCENARIO(L5_last_unref_closes_and_reports),
        SCENARIO(L6_shutdown_from_each_kind_of_callback),
        SCENARIO(L7_close_and_request_close_from_each_kind_of_callback),
        SCENARIO(L7_close_between_turns_ends_inside_the_call),
        SCENARIO(L7_request_close_between_turns_is_carried_out_by_the_next_call),
        SCENARIO(L8_timeout_of_shutdown_ends_the_waiting_only),
        SCENARIO(L8_shutdown_elsewhere_waits_for_the_owners_next_turn),
        SCENARIO(L9_parked_loop_is_woken_by_shutdown_and_by_close),
        SCENARIO(L11_producers_outlive_the_creators_reference),
        SCENARIO(L12_one_turn_runs_each_phase_once),
        SCENARIO(L13_a_callback_may_run_another_loop),
    };
    return RUN_SCENARIOS(tests);
}
