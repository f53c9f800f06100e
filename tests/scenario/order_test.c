/* Scenarios O1 to O14: the order of callbacks within a turn and within a checkpoint. */
#include "scenario.h"

static unsigned round_no; /* which mr_loop_turn of the test is running */

static void turn(void)
{
    round_no++;
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

static void start_immediate(mr_task_fn *fn, void *arg)
{
    mr_immediate immediate = {0};
    EXPECT(mr_immediate_start(loop, fn, arg, &immediate) == 0);
    EXPECT(immediate.id != 0);
}

static void tick(mr_task_fn *fn, const char *name)
{
    EXPECT(mr_next_tick(loop, fn, (void *)(uintptr_t)name) == 0);
}

static void micro(mr_task_fn *fn, const char *name)
{
    EXPECT(mr_microtask(loop, fn, (void *)(uintptr_t)name) == 0);
}

/* ---- O1 ---- */

static void task_a(void *arg)
{
    (void)arg;
    note("A");
    micro(say, "m");
}

static void O1_microtask_runs_between_two_tasks(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned per_phase = 0; per_phase < 2; per_phase++) {
            mr_loop_options options = options_for(park);
            options.flags = per_phase != 0 ? MR_MICROTASKS_PER_PHASE : 0;
            begin_with(&options);
            submit(task_a, NULL);
            submit_say("B");
            submit(shut_down, NULL);
            assert_int_equal(mr_loop_run(loop), 0);
            assert_story(per_phase != 0 ? "A B m" : "A m B");
            finish();
        }
    }
}

/* ---- O2 to O4 ---- */

static void micro_1a(void *arg)
{
    (void)arg;
    note("1a");
    micro(say, "deep");
}

static void micro_1(void *arg)
{
    (void)arg;
    note("1");
    micro(micro_1a, NULL);
    micro(say, "1b");
}

static void O2_microtasks_of_microtasks_run_before_the_next_task(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        micro(micro_1, NULL);
        micro(say, "2");
        submit_say("task");
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("1 2 1a 1b deep task");
        finish();
    }
}

static void micro_p1(void *arg)
{
    (void)arg;
    note("p1");
    tick(say, "t2");
}

static void micro_q1(void *arg)
{
    (void)arg;
    note("q1");
    micro(say, "q2");
}

static void queue_p1_q1_t1(void *arg)
{
    say(arg);
    micro(micro_p1, NULL);
    micro(micro_q1, NULL);
    tick(say, "t1");
}

static void O3_tick_of_a_microtask_waits_for_all_microtasks(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        submit(queue_p1_q1_t1, "A");
        submit_say("B");
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("A t1 p1 q1 q2 t2 B");
        finish();
    }
}

static void tick_2(void *arg)
{
    (void)arg;
    note("t2");
    tick(say, "t3");
}

static void tick_1(void *arg)
{
    (void)arg;
    note("t1");
    tick(tick_2, NULL);
    micro(say, "m");
}

static void O4_ticks_of_ticks_run_before_microtasks(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        tick(tick_1, NULL);
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("t1 t2 t3 m");
        finish();
    }
}

/* ---- O5, O6 ---- */

static void say_m(void *arg)
{
    note("%s.m", (const char *)arg);
}

static void say_and_queue(void *arg)
{
    say(arg);
    micro(say_m, arg);
}

static void watch_say_and_queue(mr_watch watch, unsigned events, void *arg)
{
    EXPECT((events & MR_READ) != 0);
    EXPECT(mr_watch_modify(loop, watch, 0) == 0);
    say_and_queue(arg);
}

static void O5_phases_run_in_their_order_each_with_its_checkpoint(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 1);
        begin(park);
        round_no = 0;
        mr_watch watch;
        submit(say_and_queue, "external");
        assert_int_equal(mr_submit_internal(loop, say_and_queue, "internal"), 0);
        timer_in(0, say_and_queue, "timer");
        assert_int_equal(mr_close_callback(loop, say_and_queue, "close"), 0);
        start_immediate(say_and_queue, "immediate");
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, watch_say_and_queue, "fd", &watch), 0);
        turn();
        assert_story("fd fd.m immediate immediate.m close close.m timer timer.m internal "
                     "internal.m external external.m");
        turn();
        finish_turned();
        pipe_close(fds);
    }
}

static bool first_was_seen;

static void first_queues(const char *name)
{
    note("%s", name);
    if (!first_was_seen) {
        first_was_seen = true;
        micro(say, "micro");
        tick(say, "tick");
    }
}

static void watch_first_queues(mr_watch watch, unsigned events, void *arg)
{
    (void)events;
    EXPECT(mr_watch_modify(loop, watch, 0) == 0);
    first_queues(arg);
}

static void timer_first_queues(void *arg)
{
    first_queues(arg);
}

static void O6_checkpoint_between_two_fds_and_between_two_timers(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int one[2], two[2];
        pipe_with(one, 1);
        pipe_with(two, 1);
        begin(park);
        mr_watch watch;
        first_was_seen = false;
        assert_int_equal(mr_watch_add(loop, one[0], MR_READ, watch_first_queues, "fd", &watch), 0);
        assert_int_equal(mr_watch_add(loop, two[0], MR_READ, watch_first_queues, "fd", &watch), 0);
        turn();
        assert_story("fd tick micro fd");
        story_clear();
        first_was_seen = false;
        timer_in(0, timer_first_queues, "T1");
        timer_in(0, timer_first_queues, "T2");
        turn();
        assert_story("T1 tick micro T2");
        finish_turned();
        pipe_close(one);
        pipe_close(two);
    }
}

/* ---- O7 ---- */

static void say_at(void *arg)
{
    note("%s@%u", (const char *)arg, round_no);
}

static void task_adds_task(void *arg)
{
    say_at(arg);
    submit(say_at, "task2");
}

static void immediate_adds(void *arg)
{
    say_at(arg);
    start_immediate(say_at, "imm2");
    timer_in(0, say_at, "timer");
    timer_at(0, say_at, "overdue");
    submit(say_at, "task-of-imm");
}

static void internal_adds(void *arg)
{
    say_at(arg);
    EXPECT(mr_submit_internal(loop, say_at, "int2") == 0);
}

static void close_adds(void *arg)
{
    say_at(arg);
    EXPECT(mr_close_callback(loop, say_at, "close2") == 0);
}

static void O7_phases_are_snapshots_later_phases_run_in_the_same_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        round_no = 0;
        submit(task_adds_task, "task1");
        start_immediate(immediate_adds, "imm1");
        assert_int_equal(mr_submit_internal(loop, internal_adds, "int1"), 0);
        assert_int_equal(mr_close_callback(loop, close_adds, "close1"), 0);
        turn();
        turn();
        turn();
        assert_story("imm1@1 close1@1 int1@1 task1@1 task-of-imm@1 "
                     "imm2@2 close2@2 overdue@2 timer@2 int2@2 task2@2");
        finish_turned();
    }
}

/* ---- O8 to O11 ---- */

static uint32_t seen[128 * 1024];
static size_t seen_count;

static void see(void *arg)
{
    if (seen_count < COUNT_OF(seen)) {
        seen[seen_count] = (uint32_t)(uintptr_t)arg;
    }
    seen_count++;
}

static void assert_seen_in_order(size_t n)
{
    assert_int_equal(seen_count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(seen[i], i);
    }
    seen_count = 0;
}

static void O8_immediates_ticks_and_close_callbacks_are_fifo(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        seen_count = 0;
        for (uintptr_t i = 0; i < 1000; i++) {
            start_immediate(see, (void *)i);
        }
        turn();
        assert_seen_in_order(1000);
        for (uintptr_t i = 0; i < 1000; i++) {
            assert_int_equal(mr_next_tick(loop, see, (void *)i), 0);
        }
        turn();
        assert_seen_in_order(1000);
        for (uintptr_t i = 0; i < 1000; i++) {
            assert_int_equal(mr_close_callback(loop, see, (void *)i), 0);
        }
        turn();
        assert_seen_in_order(1000);
        finish_turned();
    }
}

static mr_immediate first, second, third;

static void start_noted(const char *name, mr_immediate *out_immediate)
{
    EXPECT(mr_immediate_start(loop, say, (void *)(uintptr_t)name, out_immediate) == 0);
}

/* The last of the batch leaves it, and its slot goes to one that has to wait for the next turn. */
static void cancel_last_and_start(void *arg)
{
    note("a");
    EXPECT(mr_immediate_cancel(loop, third) == 0);
    start_noted("d", &third);
    if (arg != NULL) {
        EXPECT(mr_immediate_cancel(loop, second) == 0);
        start_noted("e", &second);
    }
}

static void O8_batch_of_immediates_ends_where_it_began_to_end(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (int both = 0; both < 2; both++) {
            begin(park);
            EXPECT(mr_immediate_start(loop, cancel_last_and_start, both != 0 ? loop : NULL,
                                      &first) == 0);
            start_noted("b", &second);
            start_noted("c", &third);
            turn();
            assert_story(both != 0 ? "a" : "a b");
            turn();
            assert_story(both != 0 ? "a d e" : "a b d");
            finish_turned();
        }
    }
}

static void O9_internal_work_runs_before_external_work(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        seen_count = 0;
        for (uintptr_t i = 1; i <= 2000; i++) {
            submit(see, (void *)i);
        }
        assert_int_equal(mr_submit_internal(loop, see, (void *)0), 0);
        turn();
        turn();
        assert_seen_in_order(2001);
        finish_turned();
    }
}

static unsigned link_round[100], links, externals_in_first_round;

static void chain_link(void *arg)
{
    (void)arg;
    link_round[links++] = round_no;
    if (links < COUNT_OF(link_round)) {
        EXPECT(mr_submit_internal(loop, chain_link, NULL) == 0);
    }
}

static void count_external(void *arg)
{
    (void)arg;
    externals_in_first_round += round_no == 1;
}

static void O10_internal_chain_runs_one_link_a_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        round_no = links = externals_in_first_round = 0;
        for (unsigned i = 0; i < 100; i++) {
            submit(count_external, NULL);
        }
        assert_int_equal(mr_submit_internal(loop, chain_link, NULL), 0);
        turn();
        assert_int_equal(links, 1);
        assert_int_equal(externals_in_first_round, 100);
        while (round_no < 100) {
            turn();
        }
        assert_int_equal(links, 100);
        for (unsigned i = 0; i < 100; i++) {
            assert_int_equal(link_round[i], i + 1);
        }
        finish_turned();
    }
}

static size_t seen_at_timer;

static void timer_looks(void *arg)
{
    (void)arg;
    seen_at_timer = seen_count;
    shut_down(NULL);
}

static void O11_runaway_checkpoint_drains_whole_and_warns_once(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        seen_count = seen_at_timer = 0;
        timer_in(0, timer_looks, NULL);
        /* A second turn is needed: the event comes at the end of an external phase. */
        for (uintptr_t i = 0; i < 100001; i++) {
            assert_int_equal(mr_microtask(loop, see, (void *)i), 0);
        }
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(seen_at_timer, 100001);
        assert_seen_in_order(100001);
        if (mr_loop_state(loop) != MR_STATE_CLOSED) {
            assert_int_equal(mr_loop_turn(loop, 0), 0);
        }
        finish();
    }
    for (EACH_PARK(park)) {
        begin(park);
        for (uintptr_t i = 0; i < 100001; i++) {
            assert_int_equal(mr_microtask(loop, nothing, NULL), 0);
        }
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(told.pressure[MR_PRESSURE_RUNAWAY], 1);
        finish_turned();
    }
}

/* ---- O12, O13 ---- */

static uint64_t parks_at_last;

static void drained(mr_loop *of, uint64_t count, void *arg)
{
    (void)of, (void)arg;
    if (count != 0) {
        note("%" PRIu64, count);
    }
}

static void last_of_2000(void *arg)
{
    see(arg);
    parks_at_last = stats_of(loop).parks;
    shut_down(NULL);
}

static void O12_bounded_checkpoint_goes_on_before_any_park(void **state)
{
    (void)state;
    static const mr_hooks hooks = {.size_bytes = sizeof hooks, .microtasks_drained = drained};
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_microtasks = 1024;
        begin_with(&options);
        seen_count = 0;
        parks_at_last = 1;
        assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
        for (uintptr_t i = 0; i < 1999; i++) {
            assert_int_equal(mr_microtask(loop, see, (void *)i), 0);
        }
        assert_int_equal(mr_microtask(loop, last_of_2000, (void *)1999), 0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_seen_in_order(2000);
        assert_story("1024 976");
        assert_int_equal(parks_at_last, 0);
        assert_int_equal(stats_of(loop).parks, 0);
        finish();
    }
}

static void end_job_1(void *arg)
{
    (void)arg;
    note("e1");
    micro(say, "m");
    EXPECT(mr_checkpoint_end(loop, say, "e3") == 0);
}

static void queue_end_jobs(void *arg)
{
    say(arg);
    EXPECT(mr_checkpoint_end(loop, end_job_1, NULL) == 0);
    EXPECT(mr_checkpoint_end(loop, say, "e2") == 0);
}

static void end_job_stops(void *arg)
{
    say(arg);
    parks_at_last = stats_of(loop).parks;
    shut_down(NULL);
}

static void end_job_adds_stop(void *arg)
{
    say(arg);
    EXPECT(mr_checkpoint_end(loop, end_job_stops, "e3") == 0);
}

static void O13_end_job_of_an_end_job_waits_for_the_next_checkpoint(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        submit(queue_end_jobs, "A");
        submit_say("B");
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("A e1 m e2 B e3");
        finish();
        /* Without other work the next checkpoint comes before any park. */
        begin(park);
        parks_at_last = 1;
        assert_int_equal(mr_checkpoint_end(loop, end_job_adds_stop, "e1"), 0);
        assert_int_equal(mr_checkpoint_end(loop, say, "e2"), 0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("e1 e2 e3");
        assert_int_equal(parks_at_last, 0);
        finish();
    }
}

/* ---- O14 ---- */

static bool inside; /* a call of the library is on the stack */
static unsigned called_from_loop;

static void outside_task(void *arg)
{
    (void)arg;
    EXPECT(!inside);
    called_from_loop++;
}

static void outside_watch(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    outside_task(arg);
}

static void outside_outcome(mr_status outcome, void *arg)
{
    EXPECT(outcome == 0 || outcome == MR_ENOENT);
    outside_task(arg);
}

#define INSIDE(call)                                                                               \
    do {                                                                                           \
        inside = true;                                                                             \
        mr_status inside_status = (call);                                                          \
        inside = false;                                                                            \
        EXPECT(inside_status == 0);                                                                \
    } while (0)
#define INSIDE_FAILS(call, code)                                                                   \
    do {                                                                                           \
        inside = true;                                                                             \
        mr_status inside_status = (call);                                                          \
        inside = false;                                                                            \
        EXPECT(inside_status == (code));                                                           \
    } while (0)

static void call_queues(void)
{
    const mr_task task = {.fn = outside_task, .discard = own_discard};
    mr_immediate a, b;
    INSIDE(mr_submit(loop, outside_task, NULL));
    INSIDE(mr_submit_with(loop, &task));
    INSIDE(mr_submit_internal(loop, outside_task, NULL));
    INSIDE(mr_submit_internal_with(loop, &task));
    INSIDE(mr_next_tick(loop, outside_task, NULL));
    INSIDE(mr_next_tick_with(loop, &task));
    INSIDE(mr_microtask(loop, outside_task, NULL));
    INSIDE(mr_microtask_with(loop, &task));
    INSIDE(mr_checkpoint_end(loop, outside_task, NULL));
    INSIDE(mr_checkpoint_end_with(loop, &task));
    INSIDE(mr_close_callback(loop, outside_task, NULL));
    INSIDE(mr_close_callback_with(loop, &task));
    INSIDE(mr_immediate_start(loop, outside_task, NULL, &a));
    INSIDE(mr_immediate_start_with(loop, &task, &b));
    INSIDE(mr_immediate_unref(loop, a));
    INSIDE(mr_immediate_ref(loop, a));
    INSIDE(mr_immediate_cancel(loop, b));
}

static void call_timers(void)
{
    mr_timer a, b, c, d;
    const mr_timer_spec spec = {.size_bytes = sizeof spec, .fn = outside_task};
    mr_status statuses[2] = {1, 1};
    INSIDE(mr_timer_start(loop, 0, outside_task, NULL, &a));
    INSIDE(mr_timer_start_at(loop, 0, outside_task, NULL, &b));
    INSIDE(mr_timer_repeat(loop, 0, outside_task, NULL, &c));
    INSIDE(mr_timer_start_with(loop, &spec, &d));
    INSIDE(mr_timer_reset(loop, a, 0));
    INSIDE(mr_timer_reset_at(loop, a, 0));
    INSIDE(mr_timer_unref(loop, a));
    INSIDE(mr_timer_ref(loop, a));
    INSIDE(mr_timer_cancel(loop, b));
    INSIDE(mr_timer_cancel_outcome(loop, c, outside_outcome, NULL));
    const mr_timer stale[2] = {b, d};
    INSIDE(mr_timer_cancel_many(loop, stale, 2, statuses));
    EXPECT(statuses[0] == MR_ENOENT && statuses[1] == 0);
}

static void call_watches(int fd)
{
    mr_watch watch;
    INSIDE(mr_watch_add(loop, fd, MR_READ, outside_watch, NULL, &watch));
    INSIDE(mr_watch_modify(loop, watch, 0));
    INSIDE(mr_watch_unref(loop, watch));
    INSIDE(mr_watch_ref(loop, watch));
    INSIDE(mr_watch_remove(loop, watch, outside_task, NULL));
}

static void call_the_rest(void)
{
    static const mr_hooks hooks = {.size_bytes = sizeof hooks};
    mr_loop_stats stats;
    INSIDE(mr_hooks_attach(loop, &hooks));
    INSIDE(mr_hooks_detach(loop, &hooks));
    INSIDE(mr_loop_hold(loop));
    INSIDE(mr_loop_release(loop));
    INSIDE(mr_loop_wake(loop));
    INSIDE(mr_loop_set_park(loop, MR_PARK_AUTO, 0));
    INSIDE(mr_loop_get_stats(loop, &stats));
    inside = true;
    (void)mr_loop_now(loop);
    (void)mr_loop_alive(loop);
    (void)mr_loop_state(loop);
    mr_loop_unref(mr_loop_ref(loop));
    inside = false;
}

static void call_everything(void *arg)
{
    call_queues();
    call_timers();
    call_watches(*(int *)arg);
    call_the_rest();
    INSIDE_FAILS(mr_loop_run(loop), MR_EREENTRANT);
    INSIDE_FAILS(mr_loop_turn(loop, 0), MR_EREENTRANT);
    INSIDE_FAILS(mr_loop_close(loop), MR_EREENTRANT);
}

static void call_everything_and_stop(void *arg)
{
    call_everything(arg);
    INSIDE(mr_loop_shutdown(loop, FOR_EVER));
}

static void O14_no_call_ever_calls_back(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 1);
        begin(park);
        called_from_loop = 0;
        call_queues();
        call_timers();
        call_watches(fds[0]);
        call_the_rest();
        assert_int_equal(called_from_loop, 0);
        submit(call_everything, &fds[0]);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        /* Twice 13 queued callbacks, 1 of 2 timers reset, 1 outcome, 1 close callback of a watch.
         */
        assert_int_equal(called_from_loop, 2 * (13 + 1 + 1 + 1));
        submit(call_everything_and_stop, &fds[0]);
        assert_int_equal(mr_loop_run(loop), 0);
        finish();
        pipe_close(fds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(O1_microtask_runs_between_two_tasks),
        SCENARIO(O2_microtasks_of_microtasks_run_before_the_next_task),
        SCENARIO(O3_tick_of_a_microtask_waits_for_all_microtasks),
        SCENARIO(O4_ticks_of_ticks_run_before_microtasks),
        SCENARIO(O5_phases_run_in_their_order_each_with_its_checkpoint),
        SCENARIO(O6_checkpoint_between_two_fds_and_between_two_timers),
        SCENARIO(O7_phases_are_snapshots_later_phases_run_in_the_same_turn),
        SCENARIO(O8_immediates_ticks_and_close_callbacks_are_fifo),
        SCENARIO(O8_batch_of_immediates_ends_where_it_began_to_end),
        SCENARIO(O9_internal_work_runs_before_external_work),
        SCENARIO(O10_internal_chain_runs_one_link_a_turn),
        SCENARIO(O11_runaway_checkpoint_drains_whole_and_warns_once),
        SCENARIO(O12_bounded_checkpoint_goes_on_before_any_park),
        SCENARIO(O13_end_job_of_an_end_job_waits_for_the_next_checkpoint),
        SCENARIO(O14_no_call_ever_calls_back),
    };
    return RUN_SCENARIOS(tests);
}
