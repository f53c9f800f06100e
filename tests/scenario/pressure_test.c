/* Scenarios B1, B2, B3, B5: budgets and the reports of pressure. */
#include "scenario.h"

static unsigned ran;

static void count_run(void *arg)
{
    (void)arg;
    ran++;
}

static void submit_many(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        submit(count_run, NULL);
    }
}

static void turn(void)
{
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

static void B1_the_budget_of_a_turn_is_exact(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        ran = 0;
        submit_many(1025);
        turn();
        assert_int_equal(ran, 1024);
        assert_int_equal(told.pressure[MR_PRESSURE_LEFT_OVER], 1);
        assert_int_equal(told.pressure_depth[MR_PRESSURE_LEFT_OVER], 1);
        turn();
        assert_int_equal(ran, 1025);
        turn();
        assert_int_equal(told.pressure[MR_PRESSURE_LEFT_OVER], 1);
        finish_turned();

        mr_loop_options options = options_for(park);
        options.max_tasks_per_turn = 10;
        begin_with(&options);
        ran = 0;
        submit_many(25);
        for (unsigned i = 1; i <= 3; i++) {
            turn();
            assert_int_equal(ran, i < 3 ? 10 * i : 25);
        }
        assert_int_equal(told.pressure[MR_PRESSURE_LEFT_OVER], 2);
        assert_int_equal(told.pressure_depth[MR_PRESSURE_LEFT_OVER], 5);
        finish_turned();
    }
}

static uint32_t next_wanted;
static bool in_order;

static void work_1_ms(void *arg)
{
    in_order = in_order && (uintptr_t)arg == next_wanted;
    next_wanted++;
    EXPECT(mr_sim_advance(loop, MS) == 0);
}

static void note_ms(void *arg)
{
    *(uint64_t *)arg = mr_loop_now(loop) / MS;
}

static void B2_a_bounded_turn_lets_a_timer_through_a_long_queue(void **state)
{
    (void)state;
    enum { TASKS = 100000 };
    uint64_t fired_ms = 0;
    mr_timer timer;
    mr_simulate world = {.seed = 1};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.auto_exit = true;
    options.max_external = 1U << 17;
    options.max_turn_ns = 5 * MS;
    begin_with(&options);
    next_wanted = 0;
    in_order = true;
    for (uintptr_t i = 0; i < TASKS; i++) {
        submit(work_1_ms, (void *)i);
    }
    assert_int_equal(mr_timer_start(loop, 10 * MS, note_ms, &fired_ms, &timer), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_in_range(fired_ms, 10, 16);
    assert_int_equal(next_wanted, TASKS);
    assert_true(in_order);
    assert_true(told.pressure[MR_PRESSURE_TURN_TIME] >= TASKS / 6);
    finish();
}

static void B3_queue_pressure_is_reported_at_its_edges_only(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_external = 100;
        options.max_tasks_per_turn = 2;
        begin_with(&options);
        ran = 0;
        submit_many(74);
        turn(); /* 72 left, never was over 75 */
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 0);
        submit_many(2);
        turn();
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 0);
        submit_many(4); /* 76 */
        turn();
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 1);
        for (unsigned swings = 0; swings < 5; swings++) {
            submit_many(2); /* 74 to 76 and back */
            turn();
        }
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 1);
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_LOW], 0);
        for (unsigned depth = 74; depth > 52; depth -= 2) {
            turn();
        }
        assert_int_equal(counts(MR_KIND_TASK).pending, 52);
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_LOW], 0);
        turn();
        turn(); /* 48 */
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_LOW], 1);
        turn();
        submit_many(10); /* 56: neither edge */
        turn();
        turn();
        turn();
        turn();
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 1);
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_LOW], 1);
        submit_many(30); /* 78: the second rise */
        turn();
        assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], 2);
        finish_turned();
    }
}

static unsigned round_no, inside;
static bool submitted;

static void say_round(void *arg)
{
    EXPECT(inside == 0);
    note("%s@%u", (const char *)arg, round_no);
}

static void pressure_submits(mr_pressure kind, uint64_t depth, void *arg)
{
    (void)depth, (void)arg;
    EXPECT(inside++ == 0);
    if (kind == MR_PRESSURE_LEFT_OVER) {
        note("pressure@%u", round_no);
        if (!submitted) {
            submitted = true;
            submit(say_round, "submitted");
            EXPECT(mr_microtask(loop, say_round, "microtask") == 0);
        }
    }
    inside--;
}

static void B5_what_the_pressure_callback_submits_runs_next_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_tasks_per_turn = 2;
        options.on_pressure = pressure_submits;
        begin_with(&options);
        round_no = inside = 0;
        submitted = false;
        submit(say_round, "a");
        submit(say_round, "b");
        submit(say_round, "c");
        for (unsigned i = 0; i < 3; i++) {
            round_no++;
            turn();
        }
        assert_story("a@1 b@1 pressure@1 microtask@1 c@2 submitted@2");
        finish_turned();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(B1_the_budget_of_a_turn_is_exact),
        SCENARIO(B2_a_bounded_turn_lets_a_timer_through_a_long_queue),
        SCENARIO(B3_queue_pressure_is_reported_at_its_edges_only),
        SCENARIO(B5_what_the_pressure_callback_submits_runs_next_turn),
    };
    return RUN_SCENARIOS(tests);
}
