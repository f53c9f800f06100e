/* Scenarios T1 to T22: deadlines, order, cancelling; mostly in virtual time, where they are exact.
 */
#include "scenario.h"

/* ---- T1 to T4 ---- */

static void T1_delay_is_kept_exactly_and_fires_once(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    timer_in(10 * MS, say_ms, "t");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("t@10");
    assert_int_equal(mr_loop_now(loop), 10 * MS);
    finish();
}

static uint64_t fired_at[16];
static unsigned fired_count;

static void record_time(void *arg)
{
    (void)arg;
    if (fired_count < COUNT_OF(fired_at)) {
        fired_at[fired_count] = mr_loop_now(loop);
    }
    fired_count++;
}

static void T2_waits_of_any_length_are_exact(void **state)
{
    (void)state;
    static const uint64_t delays[] = {SEC,      1001 * MS,  1500 * MS,
                                      12 * SEC, 3600 * SEC, 31536000 * SEC};
    static const uint64_t starts[] = {0, 1, 123456789, UINT64_C(1) << 60};
    for (unsigned s = 0; s < COUNT_OF(starts); s++) {
        begin_simulated(1, starts[s], true);
        fired_count = 0;
        for (unsigned i = COUNT_OF(delays); i > 0; i--) {
            timer_in(delays[i - 1], record_time, NULL);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(fired_count, COUNT_OF(delays));
        for (unsigned i = 0; i < COUNT_OF(delays); i++) {
            assert_int_equal(fired_at[i], starts[s] + delays[i]);
        }
        finish();
        /* Each alone: nothing else wakes the loop on the way. */
        for (unsigned i = 0; i < COUNT_OF(delays); i++) {
            begin_simulated(1, starts[s], true);
            fired_count = 0;
            timer_in(delays[i], record_time, NULL);
            assert_int_equal(mr_loop_run(loop), 0);
            assert_int_equal(fired_count, 1);
            assert_int_equal(fired_at[0], starts[s] + delays[i]);
            finish();
        }
    }
}

static void never_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    EXPECT(false);
}

/* A watch makes the loop wait in the poller, for which each of these lengths is a trap of its own.
 */
static void T2_waits_are_exact_with_a_watch_too(void **state)
{
    (void)state;
    static const uint64_t delays[] = {SEC,      1001 * MS,  1500 * MS,
                                      12 * SEC, 3600 * SEC, 31536000 * SEC};
    int fds[2];
    mr_watch watch;
    for (unsigned i = 0; i <= COUNT_OF(delays); i++) { /* each alone, then all */
        begin_simulated(1, 123456789, true);
        assert_int_equal(mr_sim_pipe(loop, fds), 0);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, never_ready, NULL, &watch), 0);
        assert_int_equal(mr_watch_unref(loop, watch), 0);
        bool all = i == COUNT_OF(delays);
        unsigned from = all ? 0 : i, to = all ? i : i + 1;
        fired_count = 0;
        for (unsigned k = from; k < to; k++) {
            timer_in(delays[k], record_time, NULL);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(fired_count, to - from);
        for (unsigned k = from; k < to; k++) {
            assert_int_equal(fired_at[k - from], 123456789 + delays[k]);
        }
        assert_int_equal(stats_of(loop).turns, to - from);
        finish();
    }
}

static void say_t_and_stop(void *arg)
{
    say_ms(arg);
    shut_down(NULL);
}

static void start_500_ms(void *arg)
{
    say_ms(arg);
    timer_in(500 * MS, say_t_and_stop, "t");
}

static uint64_t submit_starter(mr_loop *of, void *arg)
{
    EXPECT(mr_submit(of, start_500_ms, arg) == 0);
    return MR_SIM_DONE;
}

static void T3_timer_started_after_idleness_counts_from_its_start(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    assert_int_equal(mr_sim_actor(loop, 2 * SEC, submit_starter, "task"), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("task@2000 t@2500");
    finish();
}

static void work_50_ms(void *arg)
{
    (void)arg;
    EXPECT(mr_sim_advance(loop, 50 * MS) == 0);
    timer_in(10 * MS, say_ms, "t");
}

static void T4_timer_started_late_in_a_callback_counts_from_its_start(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    submit(work_50_ms, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("t@60");
    finish();
}

/* ---- T5, T6 ---- */

static void start_second(void *arg)
{
    say_ms(arg);
    timer_at(100 * MS, say_ms, "second");
}

static void start_first_late(void *arg)
{
    (void)arg;
    EXPECT(mr_sim_advance(loop, 110 * MS) == 0);
    timer_at(100 * MS, say_ms, "first");
}

static void T5_order_of_starting_holds_for_those_started_when_due(void **state)
{
    (void)state;
    mr_immediate immediate;
    begin_simulated(1, 0, true);
    timer_at(90 * MS, start_second, "starter");
    assert_int_equal(mr_immediate_start(loop, start_first_late, NULL, &immediate), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("starter@110 first@110 second@110");
    finish();
}

enum { EQUAL = 10000, LEVELS = 9 };
static uint32_t equal_seen[EQUAL];
static unsigned equal_count, equal_started;
static uint64_t equal_deadline;

static void equal_fires(void *arg)
{
    EXPECT(mr_loop_now(loop) == equal_deadline);
    equal_seen[equal_count++] = (uint32_t)(uintptr_t)arg;
}

static void start_equal_batch(void *arg)
{
    unsigned upto = (unsigned)(uintptr_t)arg;
    for (; equal_started < upto; equal_started++) {
        timer_at(equal_deadline, equal_fires, (void *)(uintptr_t)equal_started);
    }
}

static void T5_equal_deadlines_fire_in_order_of_starting(void **state)
{
    (void)state;
    static const uint64_t starts[] = {0, 63, UINT64_C(0xFFFFFFFFFF), 77777777777};
    for (unsigned s = 0; s < COUNT_OF(starts); s++) {
        begin_simulated(1, starts[s], true);
        equal_count = equal_started = 0;
        equal_deadline = starts[s] + (UINT64_C(1) << 48) + 12345;
        for (unsigned level = 0; level < LEVELS; level++) {
            uint64_t distance = level < LEVELS - 1 ? UINT64_C(1) << (6 * (LEVELS - 1 - level)) : 1;
            uintptr_t upto = EQUAL * (level + 1) / LEVELS;
            timer_at(equal_deadline - distance, start_equal_batch, (void *)upto);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(equal_count, EQUAL);
        for (unsigned i = 0; i < EQUAL; i++) {
            assert_int_equal(equal_seen[i], i);
        }
        finish();
    }
}

static const uint64_t *near_sorted;
static unsigned near_fired;

static void near_fires(void *arg)
{
    uint64_t deadline = *(const uint64_t *)arg;
    EXPECT(mr_loop_now(loop) == deadline);
    EXPECT(near_sorted[near_fired] == deadline);
    near_fired++;
}

static void T6_deadlines_a_nanosecond_apart_fire_by_deadline(void **state)
{
    (void)state;
    static const uint64_t sorted[] = {61,   62,   63,     64,     65,    66,   67,
                                      4094, 4095, 4096,   4097,   4098,  4099, 8191,
                                      8192, 8193, 262143, 262144, 262145};
    static const uint64_t begins[] = {0, 1, 60};
    uint64_t seed = 42;
    near_sorted = sorted;
    for (unsigned round = 0; round < 300; round++) {
        unsigned order[COUNT_OF(sorted)];
        for (unsigned i = 0; i < COUNT_OF(sorted); i++) {
            unsigned j = (unsigned)(next_random(&seed) % (i + 1));
            order[i] = order[j];
            order[j] = i;
        }
        begin_simulated(round, begins[round % 3], true);
        near_fired = 0;
        for (unsigned i = 0; i < COUNT_OF(sorted); i++) {
            timer_at(sorted[order[i]], near_fires, (void *)(uintptr_t)&sorted[order[i]]);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(near_fired, COUNT_OF(sorted));
        finish();
    }
}

enum { HEAP = 400 };

typedef struct late {
    uint64_t deadline;
    bool fired;
} late;

static late lates[HEAP];
static uint64_t late_limit, late_last; /* due: up to the limit; the last one fired */
static unsigned late_last_index, late_fired;

static void late_fires(void *arg)
{
    late *t = arg;
    unsigned index = (unsigned)(t - lates);
    EXPECT(!t->fired && t->deadline <= late_limit);
    EXPECT(late_fired == 0 || t->deadline > late_last ||
           (t->deadline == late_last && index > late_last_index));
    t->fired = true;
    late_last = t->deadline;
    late_last_index = index;
    late_fired++;
}

/* Start half of the timers, let time pass some of them at one stroke, start the rest, pass more. */
static void T6_timers_overdue_together_fire_by_deadline_then_by_start(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (unsigned round = 0; round < 200; round++) {
        uint64_t span = UINT64_C(1) << (4 + round % 30), origin = next_random(&seed) >> 20;
        begin_simulated(round, origin, false);
        late_limit = origin;
        unsigned started = 0, due = 0;
        memset(lates, 0, sizeof lates);
        for (unsigned part = 1; part <= 4; part++) {
            for (; started < HEAP * part / 4; started++) {
                lates[started].deadline = origin + 1 + next_random(&seed) % span;
                timer_at(lates[started].deadline, late_fires, &lates[started]);
            }
            uint64_t pass = part == 4 ? span : next_random(&seed) % (span / 4);
            assert_int_equal(mr_sim_advance(loop, pass), 0);
            late_limit += pass;
            due = 0;
            for (unsigned i = 0; i < started; i++) {
                due += lates[i].deadline <= late_limit && !lates[i].fired;
            }
            late_fired = 0;
            assert_int_equal(mr_loop_turn(loop, 0), 0);
            assert_int_equal(late_fired, due);
        }
        assert_int_equal(mr__test_live_timers(loop), 0);
        finish_turned();
    }
}

static mr_timer moved, ended;

static void change_those_to_come(void *arg)
{
    say(arg);
    EXPECT(mr_timer_reset(loop, moved, 5 * MS) == 0);
    EXPECT(mr_timer_cancel(loop, ended) == 0);
    timer_at(80 * MS, say, "new-80");
    timer_at(20 * MS, say, "new-20");
    timer_at(70 * MS, say, "new-70");
}

/* All were due when the first fired; what that does to the others holds, and what it starts waits. */
static void T6_callback_changes_those_that_are_due_with_it(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    timer_at(10 * MS, change_those_to_come, "first");
    moved = timer_at(60 * MS, say, "moved");
    timer_at(30 * MS, say, "30");
    ended = timer_at(90 * MS, say, "ended");
    timer_at(70 * MS, say, "70");
    timer_at(95 * MS, say, "95");
    assert_int_equal(mr_sim_advance(loop, 100 * MS), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("first 30 70 95");
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("first 30 70 95 new-20 new-70 new-80");
    assert_int_equal(mr_sim_advance(loop, 5 * MS), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("first 30 70 95 new-20 new-70 new-80 moved");
    finish_turned();
}

/* ---- T12 ---- */

static mr_timer self_timer, last_timer;
static uint64_t work_ns;
static bool works_once;
static unsigned repeats_left;

static void repeat_works(void *arg)
{
    say_ms(arg);
    EXPECT(mr_sim_advance(loop, work_ns) == 0);
    work_ns = works_once ? 0 : work_ns;
    if (--repeats_left == 0) {
        EXPECT(mr_timer_cancel(loop, self_timer) == 0);
    }
}

static void work_25_ms(void *arg)
{
    say_ms(arg);
    EXPECT(mr_sim_advance(loop, 25 * MS) == 0);
}

static void T12_repeat_delayed_by_a_sibling_counts_from_its_own_start(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    work_ns = 0;
    repeats_left = 3;
    timer_in(10 * MS, work_25_ms, "sibling");
    self_timer = timer_every(10 * MS, repeat_works, "r");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("sibling@10 r@10 r@45 r@55"); /* mr_loop_now: the phase began at 10 */
    finish();
}

static void T12_repeat_counts_from_the_start_of_its_callback(void **state)
{
    (void)state;
    static const struct {
        uint64_t work;
        bool once;
        const char *want;
    } cases[] = {{0, false, "r@10 r@20 r@30"},
                 {3 * MS, false, "r@10 r@20 r@30"},
                 {25 * MS, false, "r@10 r@35 r@60"},
                 {25 * MS, true, "r@10 r@35 r@45"}};
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        begin_simulated(1, 0, true);
        work_ns = cases[i].work;
        works_once = cases[i].once;
        repeats_left = 3;
        self_timer = timer_every(10 * MS, repeat_works, "r");
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story(cases[i].want);
        finish();
    }
}

/* ---- T16 ---- */

static void T16_far_deadlines_neither_wrap_nor_fire_early(void **state)
{
    (void)state;
    begin_simulated(1, 1000, false);
    fired_count = 0;
    timer_in(UINT64_C(1) << 63, record_time, NULL);
    timer_in(MR_NEVER, say, "never");
    timer_in(MR_NEVER - 1000, say, "saturated");
    timer_at(MR_NEVER, say, "never");
    timer_every(MR_NEVER, say, "never");
    timer_at(MR_NEVER - 1, record_time, NULL);
    assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
    assert_int_equal(fired_count, 2);
    assert_int_equal(fired_at[0], 1000 + (UINT64_C(1) << 63));
    assert_int_equal(fired_at[1], MR_NEVER - 1);
    assert_story("");
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(told.discarded[MR_KIND_TIMER], 4);
    finish();
}

static void cancel_last(void *arg)
{
    (void)arg;
    EXPECT(mr_timer_cancel(loop, last_timer) == 0);
}

static void T16_nothing_left_after_the_last_cancel(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    last_timer = timer_in(SEC, say, "must not fire");
    submit(cancel_last, NULL);
    assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
    assert_story("");
    assert_int_equal(mr_loop_now(loop), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    finish();
}

/* ---- T17, T18 ---- */

static unsigned zero_fired, repeat_fired, fd_fired, task_ran;

static void zero_again(void *arg)
{
    zero_fired++;
    timer_in(0, zero_again, arg);
}

static void repeat_again(void *arg)
{
    (void)arg;
    repeat_fired++;
}

static void fd_again(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == MR_READ);
    fd_fired++;
}

static void task_again(void *arg)
{
    task_ran++;
    submit(task_again, arg);
}

static void T17_one_of_each_per_turn(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_watch watch;
        pipe_with(fds, 1);
        begin(park);
        zero_fired = repeat_fired = fd_fired = task_ran = 0;
        timer_in(0, zero_again, NULL);
        timer_every(0, repeat_again, NULL);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, fd_again, NULL, &watch), 0);
        submit(task_again, NULL);
        for (unsigned turn = 1; turn <= 200; turn++) {
            assert_int_equal(mr_loop_turn(loop, 0), 0);
            assert_int_equal(zero_fired, turn);
            assert_int_equal(repeat_fired, turn);
            assert_int_equal(fd_fired, turn);
            assert_int_equal(task_ran, turn);
        }
        assert_int_equal(mr_loop_close(loop), 0);
        finish();
        pipe_close(fds);
    }
}

static mr_timer clamped(uint64_t delay, uint64_t period, mr_task_fn *fn, void *arg)
{
    mr_timer timer = {0};
    mr_timer_spec spec = {.size_bytes = sizeof spec,
                          .fn = fn,
                          .arg = arg,
                          .delay_ns = delay,
                          .period_ns = period,
                          .flags = MR_TIMER_HTML_CLAMP | (period != 0 ? MR_TIMER_REPEAT : 0U)};
    EXPECT(mr_timer_start_with(loop, &spec, &timer) == 0);
    return timer;
}

static unsigned chain_left;

static void chain(void *arg);

static void chain_from_microtask(void *arg)
{
    clamped(0, 0, chain, arg);
}

static void task_outside_chain(void *arg)
{
    (void)arg;
    clamped(0, 0, say_ms, "outside");
}

static void chain(void *arg)
{
    (void)arg;
    note("%" PRIu64, mr_loop_now(loop) / MS);
    if (--chain_left == 0) {
        submit(task_outside_chain, NULL);
        clamped(10 * MS, 0, say_ms, "ten");
        EXPECT(mr_sim_advance(loop, 3 * MS) == 0);
        clamped(1, 0, say_ms, "short");
    } else if (chain_left % 2 == 0) {
        clamped(0, 0, chain, NULL);
    } else {
        EXPECT(mr_microtask(loop, chain_from_microtask, NULL) == 0);
    }
}

static void T18_nested_timers_are_clamped_from_the_seventh(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    chain_left = 10;
    clamped(0, 0, chain, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("0 0 0 0 0 0 4 8 12 16 outside@19 short@23 ten@26");
    finish();

    begin_simulated(1, 0, true);
    work_ns = 0;
    repeats_left = 8;
    self_timer = clamped(MS, MS, repeat_works, "r");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("r@1 r@2 r@3 r@4 r@5 r@6 r@10 r@14");
    finish();
}

/* ---- T19 ---- */

typedef struct survivor {
    uint64_t deadline;
    mr_timer timer;
    bool cancelled, fired;
} survivor;

static uint64_t last_fired;
static unsigned survivors_fired;

static void survivor_fires(void *arg)
{
    survivor *s = arg;
    EXPECT(!s->cancelled && !s->fired);
    EXPECT(mr_loop_now(loop) == s->deadline);
    EXPECT(s->deadline >= last_fired);
    last_fired = s->deadline;
    s->fired = true;
    survivors_fired++;
}

static void T19_a_million_timers_leave_exact_survivors(void **state)
{
    (void)state;
    unsigned n = scaled(1000000), cancelled = 0;
    uint64_t seed = 2024;
    survivor *all = calloc(n, sizeof *all);
    assert_non_null(all);
    begin_simulated(1, 0, true);
    for (unsigned i = 0; i < n; i++) {
        uint64_t delay = next_random(&seed) % (31536000 * SEC);
        all[i].deadline = i % 16 == 15 ? all[i - 1].deadline : delay;
        all[i].timer = timer_at(all[i].deadline, survivor_fires, &all[i]);
    }
    assert_int_equal(mr__test_live_timers(loop), n);
    for (unsigned i = 0; i < n; i++) {
        if (next_random(&seed) % 10 < 3) {
            all[i].cancelled = true;
            cancelled++;
            assert_int_equal(mr_timer_cancel(loop, all[i].timer), 0);
        }
    }
    last_fired = survivors_fired = 0;
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(survivors_fired, n - cancelled);
    assert_int_equal(mr__test_live_timers(loop), 0);
    assert_int_equal(counts(MR_KIND_TIMER).cancelled, cancelled);
    assert_int_equal(counts(MR_KIND_TIMER).run, n - cancelled);
    finish();
    free(all);
}

/* ---- T20 to T22 ---- */

static _Atomic bool readers_stop;

static void *read_now(void *arg)
{
    (void)arg;
    uint64_t last = 0;
    while (!atomic_load(&readers_stop)) {
        uint64_t now = mr_loop_now(loop);
        EXPECT(now >= last);
        last = now;
    }
    return NULL;
}

static void count_down(void *arg)
{
    unsigned *left = arg;
    if (--*left == 0) {
        shut_down(NULL);
    } else {
        timer_in(20000, count_down, arg);
    }
}

static void T20_other_threads_never_see_time_go_back(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        pthread_t readers[8];
        runner r;
        unsigned left = scaled(2000);
        begin(park);
        atomic_store(&readers_stop, false);
        for (unsigned i = 0; i < 8; i++) {
            readers[i] = thread_start(read_now, NULL);
        }
        timer_in(0, count_down, &left);
        runner_start(&r);
        assert_int_equal(runner_join(&r), 0);
        atomic_store(&readers_stop, true);
        for (unsigned i = 0; i < 8; i++) {
            thread_join(readers[i]);
        }
        finish();
    }
}

static void T20_owner_between_turns_reads_fresh_time(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        uint64_t before = mr_loop_now(loop);
        rest(2 * MS);
        assert_true(mr_loop_now(loop) - before >= 2 * MS);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        before = mr_loop_now(loop);
        rest(2 * MS);
        assert_true(mr_loop_now(loop) - before >= 2 * MS);
        finish_turned();
    }
}

static unsigned real_left;

static void real_fires(void *arg)
{
    EXPECT(real_now() >= *(uint64_t *)arg);
    if (--real_left == 0) {
        shut_down(NULL);
    }
}

static void start_real_timers(void *arg)
{
    uint64_t *not_before = arg, seed = 99;
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t delay = next_random(&seed) % (20 * MS);
        not_before[i] = real_now() + delay;
        timer_in(delay, real_fires, &not_before[i]);
    }
}

static void T21_no_real_timer_is_early(void **state)
{
    (void)state;
    static uint64_t not_before[10000];
    for (EACH_PARK(park)) {
        begin(park);
        real_left = 10000;
        submit(start_real_timers, not_before);
        assert_int_equal(mr_loop_run(loop), 0);
        finish();
    }
}

static uint64_t last_wake;
static unsigned wakes;

static void slack_fires(void *arg)
{
    uint64_t now = mr_loop_now(loop), deadline = (uint64_t)(uintptr_t)arg * MS + 1;
    EXPECT(now >= deadline && now - deadline <= 33600000);
    wakes += now != last_wake;
    last_wake = now;
}

static void T22_slack_gathers_timers_into_few_wakes(void **state)
{
    (void)state;
    begin_simulated(1, 1, true);
    last_wake = wakes = 0;
    for (uintptr_t i = 1; i <= 1000; i++) {
        mr_timer timer;
        mr_timer_spec spec = {.size_bytes = sizeof spec,
                              .fn = slack_fires,
                              .arg = (void *)i,
                              .delay_ns = i * MS,
                              .slack_ns = 64 * MS};
        assert_int_equal(mr_timer_start_with(loop, &spec, &timer), 0);
    }
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(counts(MR_KIND_TIMER).run, 1000);
    assert_in_range(wakes, 1, 31);
    assert_in_range(stats_of(loop).parks, 0, 31);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(T1_delay_is_kept_exactly_and_fires_once),
        SCENARIO(T2_waits_of_any_length_are_exact),
        SCENARIO(T2_waits_are_exact_with_a_watch_too),
        SCENARIO(T3_timer_started_after_idleness_counts_from_its_start),
        SCENARIO(T4_timer_started_late_in_a_callback_counts_from_its_start),
        SCENARIO(T5_order_of_starting_holds_for_those_started_when_due),
        SCENARIO(T5_equal_deadlines_fire_in_order_of_starting),
        SCENARIO(T6_deadlines_a_nanosecond_apart_fire_by_deadline),
        SCENARIO(T6_timers_overdue_together_fire_by_deadline_then_by_start),
        SCENARIO(T6_callback_changes_those_that_are_due_with_it),
        SCENARIO(T12_repeat_counts_from_the_start_of_its_callback),
        SCENARIO(T12_repeat_delayed_by_a_sibling_counts_from_its_own_start),
        SCENARIO(T16_far_deadlines_neither_wrap_nor_fire_early),
        SCENARIO(T16_nothing_left_after_the_last_cancel),
        SCENARIO(T17_one_of_each_per_turn),
        SCENARIO(T18_nested_timers_are_clamped_from_the_seventh),
        SCENARIO(T19_a_million_timers_leave_exact_survivors),
        SCENARIO(T20_other_threads_never_see_time_go_back),
        SCENARIO(T20_owner_between_turns_reads_fresh_time),
        SCENARIO(T21_no_real_timer_is_early),
        SCENARIO(T22_slack_gathers_timers_into_few_wakes),
    };
    return RUN_SCENARIOS(tests);
}
