/* Scenarios R1 to R7: what keeps a loop alive, and how an auto_exit loop ends. */
#include "scenario.h"

static void begin_auto_exit(mr_park park)
{
    mr_loop_options options = options_for(park);
    options.auto_exit = true;
    begin_with(&options);
}

static void R1_auto_exit_ends_an_empty_loop_without_a_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_auto_exit(park);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(stats_of(loop).turns, 0);
        assert_int_equal(stats_of(loop).parks, 0);
        finish();

        runner r;
        begin(park);
        assert_false(mr_loop_alive(loop));
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING); /* off: it parks */
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(runner_join(&r), 0);
        finish();
    }
}

static void R2_unrefd_repeat_runs_while_another_timer_lives(void **state)
{
    (void)state;
    mr_timer timer;
    begin_simulated(1, 0, true);
    assert_int_equal(mr_timer_start(loop, 4500 * MS, say_ms, "last", &timer), 0);
    assert_int_equal(mr_timer_repeat(loop, SEC, say_ms, "r", &timer), 0);
    assert_int_equal(mr_timer_unref(loop, timer), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("r@1000 r@2000 r@3000 r@4000 last@4500");
    assert_int_equal(mr_loop_now(loop), 4500 * MS);
    assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
    finish();
}

static void R3_overdue_unrefd_timer_gets_no_last_chance(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_timer timer;
        mr_timer_spec spec = {.size_bytes = sizeof spec, .fn = say, .flags = MR_TIMER_UNREF};
        begin_auto_exit(park);
        assert_int_equal(mr_timer_start_at(loop, 0, say, "overdue", &timer), 0);
        assert_int_equal(mr_timer_unref(loop, timer), 0);
        assert_int_equal(mr_timer_start_with(loop, &spec, &timer), 0);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("");
        assert_int_equal(stats_of(loop).turns, 0);
        assert_int_equal(told.discarded[MR_KIND_TIMER], 2);
        finish();
    }
}

/* ---- R4 ---- */

static void ignore_watch(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
}

static void R4_ref_and_unref_are_flags(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_timer timer;
        mr_immediate immediate;
        mr_watch watch;
        pipe_with(fds, 0);
        begin(park);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_timer_start(loop, SEC, say, "t", &timer), 0);
        assert_true(mr_loop_alive(loop));
        assert_int_equal(mr_timer_unref(loop, timer), 0);
        assert_int_equal(mr_timer_unref(loop, timer), 0);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_timer_ref(loop, timer), 0);
        assert_true(mr_loop_alive(loop));
        assert_int_equal(mr_timer_cancel(loop, timer), 0);
        assert_false(mr_loop_alive(loop));

        assert_int_equal(mr_immediate_start(loop, say, "i", &immediate), 0);
        assert_int_equal(mr_immediate_unref(loop, immediate), 0);
        assert_int_equal(mr_immediate_unref(loop, immediate), 0);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_immediate_ref(loop, immediate), 0);
        assert_true(mr_loop_alive(loop));
        assert_int_equal(mr_immediate_cancel(loop, immediate), 0);
        assert_false(mr_loop_alive(loop));

        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, ignore_watch, NULL, &watch), 0);
        assert_int_equal(mr_watch_unref(loop, watch), 0);
        assert_int_equal(mr_watch_unref(loop, watch), 0);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_watch_ref(loop, watch), 0);
        assert_true(mr_loop_alive(loop));
        assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), 0);
        assert_false(mr_loop_alive(loop));

        assert_int_equal(mr_timer_ref(loop, timer), MR_ENOENT);
        assert_int_equal(mr_timer_unref(loop, timer), MR_ENOENT);
        assert_int_equal(mr_timer_ref(loop, (mr_timer){0}), MR_ENOENT);
        assert_int_equal(mr_immediate_ref(loop, immediate), MR_ENOENT);
        assert_int_equal(mr_immediate_unref(loop, (mr_immediate){0}), MR_ENOENT);
        assert_int_equal(mr_immediate_cancel(loop, immediate), MR_ENOENT);
        assert_int_equal(mr_watch_ref(loop, watch), MR_ENOENT);
        assert_int_equal(mr_watch_unref(loop, (mr_watch){0}), MR_ENOENT);
        assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), MR_ENOENT);
        assert_int_equal(mr_watch_modify(loop, watch, MR_READ), MR_ENOENT);
        assert_false(mr_loop_alive(loop));
        finish_turned();
        pipe_close(fds);
    }
}

/* The same flags, seen by a loop that ends when it may. */
static void R4_foreign_unref_lets_the_loop_end(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        mr_timer timer;
        begin_auto_exit(park);
        assert_int_equal(mr_timer_start(loop, 3600 * SEC, say, "t", &timer), 0);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_timer_unref(loop, timer), 0);
        assert_int_equal(runner_join(&r), 0);
        assert_story("");
        assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
        finish();
    }
}

/* ---- R5 ---- */

static void *hold_elsewhere(void *arg)
{
    gate *held = arg;
    EXPECT(mr_loop_hold(loop) == 0);
    EXPECT(mr_loop_hold(loop) == 0);
    gate_open(held);
    wait_for_state(MR_STATE_SLEEPING);
    EXPECT(mr_loop_release(loop) == 0);
    EXPECT(mr_loop_alive(loop));
    submit_say("while held");
    EXPECT(mr_loop_release(loop) == 0);
    return NULL;
}

static void R5_hold_and_release_are_counts(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        gate held = GATE;
        begin_auto_exit(park);
        assert_int_equal(mr_loop_release(loop), MR_EINVAL);
        pthread_t thread = thread_start(hold_elsewhere, &held);
        gate_wait(&held);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("while held");
        thread_join(thread);
        assert_int_equal(mr_loop_hold(loop), MR_ECLOSED);
        assert_int_equal(mr_loop_release(loop), MR_EINVAL);
        finish();
    }
}

/* ---- R6 ---- */

static unsigned quiet;

static void on_quiescence(void *arg)
{
    say(arg);
    if (quiet++ == 0) {
        submit_say("task");
    }
}

static void begin_with_quiescence(mr_park park)
{
    mr_loop_options options = options_for(park);
    options.auto_exit = true;
    options.on_quiescence = on_quiescence;
    options.arg = (void *)(uintptr_t) "quiet";
    quiet = 0;
    begin_with(&options);
}

static void request_close(void *arg)
{
    (void)arg;
    EXPECT(mr_loop_request_close(loop) == 0);
}

static void R6_quiescence_handler_may_start_new_work(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_with_quiescence(park);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("quiet task quiet");
        finish();

        begin_with_quiescence(park);
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("");
        finish();

        begin_with_quiescence(park);
        submit(request_close, NULL);
        assert_int_equal(mr_loop_run(loop), MR_ECANCELED);
        assert_story("");
        finish();
    }
}

/* ---- R7 ---- */

typedef struct race {
    _Atomic unsigned round; /* the submitter starts its round when this rises */
    _Atomic unsigned done;
    _Atomic bool over;
    _Atomic unsigned ran;
    unsigned accepted;
} race;

static void race_task(void *arg)
{
    atomic_fetch_add(&((race *)arg)->ran, 1);
}

static void *race_submitter(void *arg)
{
    race *c = arg;
    uint64_t seed = 3;
    for (unsigned round = 1;; round++) {
        while (atomic_load(&c->round) < round) {
            if (atomic_load(&c->over)) {
                return NULL;
            }
            sched_yield();
        }
        c->accepted = 0;
        for (unsigned i = 0; i < 3; i++) {
            for (uint64_t spin = next_random(&seed) % 300; spin > 0; spin--) {
                atomic_signal_fence(memory_order_seq_cst);
            }
            mr_status status = mr_submit(loop, race_task, c);
            EXPECT(status == 0 || status == MR_ECLOSED);
            c->accepted += status == 0;
        }
        atomic_store(&c->done, round);
    }
}

static void R7_a_submit_that_races_the_end_is_run_or_refused(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        race c = {0};
        uint64_t began = real_now();
        pthread_t submitter = thread_start(race_submitter, &c);
        for (unsigned round = 1; another_round(round - 1, scaled(10000), began); round++) {
            begin_auto_exit(park);
            atomic_store(&c.ran, 0);
            atomic_store(&c.round, round);
            assert_int_equal(mr_loop_run(loop), 0);
            while (atomic_load(&c.done) < round) {
                sched_yield();
            }
            assert_int_equal(c.accepted, c.ran);
            assert_int_equal(counts(MR_KIND_TASK).accepted, c.ran);
            assert_int_equal(counts(MR_KIND_TASK).attempted, 3);
            finish();
        }
        atomic_store(&c.over, true);
        thread_join(submitter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(R1_auto_exit_ends_an_empty_loop_without_a_turn),
        SCENARIO(R2_unrefd_repeat_runs_while_another_timer_lives),
        SCENARIO(R3_overdue_unrefd_timer_gets_no_last_chance),
        SCENARIO(R4_ref_and_unref_are_flags),
        SCENARIO(R4_foreign_unref_lets_the_loop_end),
        SCENARIO(R5_hold_and_release_are_counts),
        SCENARIO(R6_quiescence_handler_may_start_new_work),
        SCENARIO(R7_a_submit_that_races_the_end_is_run_or_refused),
    };
    return RUN_SCENARIOS(tests);
}
