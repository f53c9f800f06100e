/* Scenarios T7 to T11, T13 to T15: cancelling, resetting, and ids that never reach another timer.
 */
#include "scenario.h"

/* ---- T7 to T11: cancelling ---- */

static void T7_cancel_is_zero_once_then_enoent(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_timer before = timer_in(SEC, say, "before");
        mr_timer after = timer_in(0, say, "after");
        assert_int_equal(mr_timer_cancel(loop, before), 0);
        assert_int_equal(mr_timer_cancel(loop, before), MR_ENOENT);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("after");
        assert_int_equal(mr_timer_cancel(loop, after), MR_ENOENT);
        assert_int_equal(mr_timer_cancel(loop, (mr_timer){0}), MR_ENOENT);
        mr_timer alive = timer_in(3600 * SEC, say, "alive");
        uint64_t seed = 7;
        for (unsigned i = 0; i < 10000; i++) {
            mr_timer random = {next_random(&seed)};
            if (random.id != alive.id) {
                assert_int_equal(mr_timer_cancel(loop, random), MR_ENOENT);
                assert_int_equal(mr_timer_reset(loop, random, 0), MR_ENOENT);
                assert_int_equal(mr_timer_unref(loop, random), MR_ENOENT);
            }
        }
        for (unsigned bit = 0; bit < 64; bit++) {
            mr_timer flipped = {alive.id ^ (UINT64_C(1) << bit)};
            assert_int_equal(mr_timer_cancel(loop, flipped), MR_ENOENT);
        }
        assert_int_equal(mr_timer_cancel(loop, alive), 0);
        assert_int_equal(counts(MR_KIND_TIMER).cancelled, 2);
        finish_turned();
    }
}

static mr_timer self_timer, sibling_timer;

static void cancel_self_and_sibling(void *arg)
{
    (void)arg;
    timer_in(0, say, "new");
    note("%s", mr_status_name(mr_timer_cancel(loop, self_timer)));
    note("%s", mr_status_name(mr_timer_cancel(loop, self_timer)));
    note("%s", mr_status_name(mr_timer_cancel(loop, sibling_timer)));
}

static void T8_cancel_in_own_callback_leaves_siblings(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        self_timer = timer_in(0, cancel_self_and_sibling, NULL);
        sibling_timer = timer_in(0, say, "sibling 1");
        timer_in(0, say, "sibling 2");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("MR_OK MR_ENOENT MR_OK sibling 2");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("MR_OK MR_ENOENT MR_OK sibling 2 new");
        finish_turned();
    }
}

static void cancel_sibling(void *arg)
{
    say(arg);
    EXPECT(mr_timer_cancel(loop, sibling_timer) == 0);
}

static void queue_cancel(void *arg)
{
    say(arg);
    EXPECT(mr_microtask(loop, cancel_sibling, "microtask") == 0);
}

static void T9_microtask_between_two_due_timers_cancels_the_second(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        timer_in(0, queue_cancel, "first");
        sibling_timer = timer_in(0, say, "second");
        timer_in(0, say, "third");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("first microtask third");
        finish_turned();
    }
}

static void note_outcome(mr_status outcome, void *arg)
{
    note("%s %s", (const char *)arg, mr_status_name(outcome));
}

static void T10_foreign_cancel_in_an_earlier_phase_prevents_the_timer(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold h = HOLD, later = HOLD;
        runner r;
        mr_immediate immediate;
        begin(park);
        mr_timer fires = timer_in(0, say, "fires");
        mr_timer cancelled = timer_in(0, say, "must not fire");
        mr_timer quiet = timer_in(0, say, "must not fire either");
        assert_int_equal(mr_immediate_start(loop, hold_here, &h, &immediate), 0);
        submit(hold_here, &later);
        runner_start(&r);
        gate_wait(&h.reached);
        assert_int_equal(mr_timer_cancel_outcome(loop, cancelled, note_outcome, "cancel"), 0);
        assert_int_equal(mr_timer_cancel(loop, quiet), 0);
        gate_open(&h.go);
        gate_wait(&later.reached);
        assert_story("fires cancel MR_OK");
        assert_int_equal(mr_timer_cancel_outcome(loop, fires, note_outcome, "fired"), 0);
        assert_int_equal(mr_timer_cancel(loop, fires), 0);
        submit(shut_down, NULL);
        gate_open(&later.go);
        assert_int_equal(runner_join(&r), 0);
        assert_story("fires cancel MR_OK fired MR_ENOENT");
        assert_int_equal(counts(MR_KIND_TIMER).cancelled, 2);
        finish();
    }
}

static void T10_maker_may_cancel_while_another_thread_begins_to_run(void **state)
{
    (void)state;
    enum { TIMERS = 16 };
    for (EACH_PARK(park)) {
        for (unsigned round = 0; round < scaled(300); round++) {
            mr_timer timers[TIMERS];
            runner r;
            begin(park);
            for (unsigned i = 0; i < TIMERS; i++)
                timers[i] = timer_in(SEC * (i + 1) * 1000, nothing, NULL);
            runner_start(&r);
            uint64_t before = mr_loop_now(loop);
            for (unsigned i = 0; i < TIMERS; i++) {
                assert_int_equal(mr_timer_unref(loop, timers[i]), 0);
                assert_int_equal(mr_timer_cancel(loop, timers[i]), 0);
                uint64_t now = mr_loop_now(loop);
                assert_true(now >= before);
                before = now;
                mr_loop_alive(loop);
            }
            submit(shut_down, NULL);
            assert_int_equal(runner_join(&r), 0);
            assert_int_equal(counts(MR_KIND_TIMER).cancelled, TIMERS);
            finish();
        }
    }
}

static void T11_cancel_many_answers_for_each_id(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        enum { N = 1000 };
        mr_timer timers[N];
        mr_status statuses[N], want[N];
        begin(park);
        mr_timer stale = timer_in(0, nothing, NULL);
        assert_int_equal(mr_timer_cancel(loop, stale), 0);
        for (unsigned i = 0; i < N; i++) {
            statuses[i] = 1;
            want[i] = i % 10 >= 7 ? MR_ENOENT : 0;
            timers[i] = i % 10 == 7   ? timers[i - 3]
                        : i % 10 == 8 ? stale
                        : i % 10 == 9 ? (mr_timer){0}
                                      : timer_in(0, say, "must not fire");
        }
        assert_int_equal(mr_timer_cancel_many(loop, timers, N, statuses), 0);
        assert_memory_equal(statuses, want, sizeof want);
        assert_int_equal(mr_timer_cancel_many(loop, timers, 0, statuses), 0);
        assert_int_equal(mr_timer_cancel_many(loop, NULL, 0, NULL), 0);
        assert_int_equal(mr__test_live_timers(loop), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("");
        assert_int_equal(counts(MR_KIND_TIMER).cancelled, 701);
        finish_turned();
    }
}

/* ---- T13, T14 ---- */

static unsigned revivals, repeats_left;

static void revive(void *arg)
{
    say_ms(arg);
    if (revivals++ == 0) {
        EXPECT(mr_timer_reset(loop, self_timer, 5 * MS) == 0);
    }
}

static void reset_repeat_once(void *arg)
{
    say_ms(arg);
    if (revivals++ == 0) {
        EXPECT(mr_timer_reset(loop, self_timer, 3 * MS) == 0);
    } else if (revivals == 4) {
        EXPECT(mr_timer_cancel(loop, self_timer) == 0);
    }
}

static void reset_after_cancel(void *arg)
{
    say_ms(arg);
    EXPECT(mr_timer_cancel(loop, self_timer) == 0);
    EXPECT(mr_timer_reset(loop, self_timer, MS) == MR_ENOENT);
    EXPECT(mr_timer_reset_at(loop, self_timer, 0) == MR_ENOENT);
}

static void T13_reset_moves_and_revives(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_timer later = timer_in(10 * MS, say_ms, "later");
    mr_timer earlier = timer_in(10 * MS, say_ms, "earlier");
    mr_timer cancelled = timer_in(10 * MS, say_ms, "cancelled");
    mr_timer at = timer_in(10 * MS, say_ms, "at");
    assert_int_equal(mr_timer_reset(loop, later, 20 * MS), 0);
    assert_int_equal(mr_timer_reset(loop, earlier, 4 * MS), 0);
    assert_int_equal(mr_timer_reset_at(loop, at, 7 * MS), 0);
    assert_int_equal(mr_timer_cancel(loop, cancelled), 0);
    assert_int_equal(mr_timer_reset(loop, cancelled, MS), MR_ENOENT);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("earlier@4 at@7 later@20");
    finish();

    begin_simulated(1, 0, true);
    revivals = 0;
    self_timer = timer_in(10 * MS, revive, "one-shot");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("one-shot@10 one-shot@15");
    assert_int_equal(counts(MR_KIND_TIMER).accepted, 1);
    finish();

    begin_simulated(1, 0, true);
    revivals = 0;
    self_timer = timer_every(10 * MS, reset_repeat_once, "repeat");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("repeat@10 repeat@13 repeat@23 repeat@33");
    finish();

    begin_simulated(1, 0, true);
    self_timer = timer_in(10 * MS, reset_after_cancel, "t");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("t@10");
    finish();
}

static void T13_reset_takes_a_new_place_among_equals(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_timer first = timer_in(10 * MS, say_ms, "first");
    timer_in(10 * MS, say_ms, "second");
    assert_int_equal(mr_timer_reset(loop, first, 10 * MS), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("second@10 first@10");
    finish();
}

static void start_and_cancel_at_third(void *arg)
{
    (void)arg;
    note("repeat");
    timer_in(0, say, "timeout");
    if (--repeats_left == 0) {
        EXPECT(mr_timer_cancel(loop, self_timer) == 0);
    }
}

static void T14_repeat_cancelling_itself_leaves_what_it_started(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.auto_exit = true;
        begin_with(&options);
        repeats_left = 3;
        self_timer = timer_every(0, start_and_cancel_at_third, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(counts(MR_KIND_TIMER).accepted, 4);
        assert_int_equal(counts(MR_KIND_TIMER).run, 3);
        assert_int_equal(counts(MR_KIND_TIMER).cancelled, 1);
        unsigned repeats = 0, timeouts = 0;
        for (const char *at = story; (at = strstr(at, "repeat")) != NULL; at++) {
            repeats++;
        }
        for (const char *at = story; (at = strstr(at, "timeout")) != NULL; at++) {
            timeouts++;
        }
        assert_int_equal(repeats, 3);
        assert_int_equal(timeouts, 3);
        finish();
    }
}

/* ---- T15 ---- */

static void T15_old_id_never_reaches_the_new_timer_of_its_slot(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_timer old = timer_in(0, say, "old");
        assert_int_equal(mr_timer_cancel(loop, old), 0);
        mr_timer new = timer_in(0, say, "new");
        assert_int_not_equal(new.id, old.id);
        assert_int_equal(mr_timer_cancel(loop, old), MR_ENOENT);
        assert_int_equal(mr_timer_reset(loop, old, SEC), MR_ENOENT);
        assert_int_equal(mr_timer_unref(loop, old), MR_ENOENT);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("new");
        finish_turned();
    }
}

static void T15_slot_with_its_generations_used_up_is_retired(void **state)
{
    (void)state;
    enum { N = 12 };
    mr_timer used[N];
    begin(MR_PARK_AUTO);
    mr__test_preset_generation(loop, UINT32_MAX - 2);
    for (unsigned i = 0; i < N; i++) {
        used[i] = timer_in(0, say, "must not fire");
        for (unsigned j = 0; j < i; j++) {
            assert_int_not_equal(used[i].id, used[j].id);
            assert_int_equal(mr_timer_cancel(loop, used[j]), MR_ENOENT);
        }
        assert_int_equal(mr_timer_cancel(loop, used[i]), 0);
    }
    mr_timer last = timer_in(0, say, "last");
    for (unsigned i = 0; i < N; i++) {
        assert_int_not_equal(used[i].id, last.id);
        assert_int_equal(mr_timer_cancel(loop, used[i]), MR_ENOENT);
    }
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("last");
    assert_int_equal(mr__test_live_timers(loop), 0);
    finish_turned();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(T7_cancel_is_zero_once_then_enoent),
        SCENARIO(T8_cancel_in_own_callback_leaves_siblings),
        SCENARIO(T9_microtask_between_two_due_timers_cancels_the_second),
        SCENARIO(T10_foreign_cancel_in_an_earlier_phase_prevents_the_timer),
        SCENARIO(T10_maker_may_cancel_while_another_thread_begins_to_run),
        SCENARIO(T11_cancel_many_answers_for_each_id),
        SCENARIO(T13_reset_moves_and_revives),
        SCENARIO(T13_reset_takes_a_new_place_among_equals),
        SCENARIO(T14_repeat_cancelling_itself_leaves_what_it_started),
        SCENARIO(T15_old_id_never_reaches_the_new_timer_of_its_slot),
        SCENARIO(T15_slot_with_its_generations_used_up_is_retired),
    };
    return RUN_SCENARIOS(tests);
}
