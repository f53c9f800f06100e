/* Scenarios B1 to B5: budgets and the reports of pressure. */
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

static unsigned outcomes;

static void outcome_1_ms(mr_status outcome, void *arg)
{
    EXPECT(outcome == MR_ENOENT && (uintptr_t)arg == outcomes);
    outcomes++;
    EXPECT(mr_sim_advance(loop, MS) == 0);
}

static void B2_outcomes_of_commands_share_the_bound_of_the_turn(void **state)
{
    (void)state;
    enum { COMMANDS = 100 };
    uint64_t fired_ms = 0;
    mr_simulate world = {.seed = 1};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.auto_exit = true;
    options.max_turn_ns = 5 * MS;
    begin_with(&options);
    outcomes = 0;
    for (uintptr_t i = 0; i < COMMANDS; i++) {
        assert_int_equal(mr_timer_cancel_outcome(loop, (mr_timer){0}, outcome_1_ms, (void *)i), 0);
    }
    timer_in(10 * MS, note_ms, &fired_ms);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_in_range(fired_ms, 10, 16);
    assert_int_equal(outcomes, COMMANDS);
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

static void B3_a_burst_drained_in_one_turn_is_told_as_over(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_external = 4;
        begin_with(&options);
        for (unsigned bursts = 1; bursts <= 3; bursts++) {
            submit_many(3);
            turn();
            assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_HIGH], bursts);
            assert_int_equal(told.pressure[MR_PRESSURE_QUEUE_LOW], bursts);
        }
        finish_turned();
    }
}

/* A producer that waits for queue low whenever it is refused: it must come, each time. */
typedef struct polite {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned lows; /* under lock */
    unsigned items, waits;
} polite;

static void polite_pressure(mr_pressure kind, uint64_t depth, void *arg)
{
    polite *p = arg;
    (void)depth;
    pthread_mutex_lock(&p->lock);
    p->lows += kind == MR_PRESSURE_QUEUE_LOW;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

static void *submit_politely(void *arg)
{
    polite *p = arg;
    for (unsigned sent = 0; sent < p->items;) {
        pthread_mutex_lock(&p->lock);
        unsigned before = p->lows;
        pthread_mutex_unlock(&p->lock);
        mr_status status = mr_submit(loop, nothing, NULL);
        EXPECT(status == 0 || status == MR_EBACKPRESSURE);
        sent += status == 0;
        pthread_mutex_lock(&p->lock);
        p->waits += status != 0;
        while (status != 0 && p->lows == before) {
            pthread_cond_wait(&p->moved, &p->lock);
        }
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

static unsigned send_politely(mr_park park, unsigned items)
{
    enum { SENDERS = 2 };
    polite p = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .items = items};
    pthread_t threads[SENDERS];
    runner r;
    mr_loop_options options = options_for(park);
    options.max_external = 4;
    options.on_pressure = polite_pressure;
    options.on_discard = NULL;
    options.on_poller_failure = NULL;
    options.arg = &p;
    begin_with(&options);
    runner_start(&r);
    for (unsigned i = 0; i < SENDERS; i++) {
        threads[i] = thread_start(submit_politely, &p);
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        thread_join(threads[i]);
    }
    while (mr_submit(loop, shut_down, NULL) != 0) {
        sched_yield();
    }
    assert_int_equal(runner_join(&r), 0);
    assert_int_equal(counts(MR_KIND_TASK).run, SENDERS * p.items + 1);
    finish();
    return p.waits;
}

static void B3_queue_low_comes_to_every_producer_that_was_refused(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        assert_true(send_politely(park, scaled(20000)) > 0);
    }
}

/* Nobody fills the queue again after the last tasks, so who was refused then is told now or never. */
static void B3_queue_low_comes_also_to_the_last_producer_that_was_refused(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned round = 0; round < scaled(2000); round++) {
            send_politely(park, 7 + round % 5);
        }
    }
}

/* ---- B4 ---- */

enum { PRODUCERS = 4 };

typedef struct flood {
    _Atomic bool over;
    _Atomic uint64_t turn; /* its number; written by the owner */
    uint64_t begun_ns[2];  /* of the turn before this one, and of this one */
    uint64_t deadline_ns, written_in, seed;
    int fds[2];
    unsigned fires, reads, wanted;
    _Atomic uint64_t mode_in; /* the turn that saw the last change of mode */
    gate done;
} flood;

static flood wave;
static _Thread_local uint64_t *pushed_in; /* of the thread that changes modes */

static void wave_turn(mr_loop *of, uint64_t number, void *arg)
{
    (void)number, (void)arg;
    wave.begun_ns[0] = wave.begun_ns[1];
    wave.begun_ns[1] = mr_loop_now(of);
    atomic_fetch_add(&wave.turn, 1);
}

static void wave_mode(mr_loop *of, mr_park effective, void *arg)
{
    (void)of, (void)effective, (void)arg;
    atomic_store(&wave.mode_in, atomic_load(&wave.turn));
}

static void wave_pushed(mr_loop *of, mr__test_point point, void *arg)
{
    (void)of, (void)arg;
    if (point == MR__TEST_PRODUCER_PUSHED && pushed_in != NULL) {
        *pushed_in = atomic_load(&wave.turn);
    }
}

static void *submit_without_pause(void *arg)
{
    while (!atomic_load(&wave.over)) {
        mr_status status = mr_submit(loop, nothing, NULL);
        EXPECT(status == 0 || status == MR_EBACKPRESSURE);
    }
    return arg;
}

/* Not due when the turn before this one began: it would have fired then. */
static void wave_timer(void *arg)
{
    (void)arg;
    EXPECT(wave.deadline_ns > wave.begun_ns[0]);
    if (wave.fds[1] >= 0 && wave.written_in == 0) {
        EXPECT(write(wave.fds[1], "x", 1) == 1);
        wave.written_in = atomic_load(&wave.turn);
    }
    if (++wave.fires == wave.wanted) {
        gate_open(&wave.done);
    }
    wave.deadline_ns = mr_loop_now(loop) + next_random(&wave.seed) % (MS / 2);
    timer_at(wave.deadline_ns, wave_timer, NULL);
}

static void wave_readable(mr_watch watch, unsigned events, void *arg)
{
    char byte;
    (void)watch, (void)arg;
    EXPECT(events == MR_READ && read(wave.fds[0], &byte, 1) == 1);
    EXPECT(atomic_load(&wave.turn) == wave.written_in + 1);
    wave.written_in = 0;
    if (++wave.reads == wave.wanted) {
        gate_open(&wave.done);
    }
}

static void wave_begin(mr_park park, const mr_hooks *hooks)
{
    wave = (flood){.wanted = scaled(200), .seed = 11, .fds = {-1, -1}, .done = GATE};
    begin(park);
    mr__test_point_set(loop, wave_pushed, NULL);
    assert_int_equal(mr_hooks_attach(loop, hooks), 0);
    wave.deadline_ns = mr_loop_now(loop) + MS;
    timer_at(wave.deadline_ns, wave_timer, NULL);
}

static void wave_threads_start(runner *r, pthread_t threads[PRODUCERS])
{
    runner_start(r);
    for (unsigned i = 0; i < PRODUCERS; i++) {
        threads[i] = thread_start(submit_without_pause, NULL);
    }
}

static void wave_end(runner *r, const pthread_t threads[PRODUCERS])
{
    atomic_store(&wave.over, true);
    for (unsigned i = 0; i < PRODUCERS; i++) {
        thread_join(threads[i]);
    }
    while (mr_submit(loop, shut_down, NULL) != 0) {
        sched_yield(); /* the queue is full */
    }
    assert_int_equal(runner_join(r), 0);
    assert_true(counts(MR_KIND_TASK).run > 0);
    finish();
}

static void B4_timers_and_fds_wait_a_turn_at_most_under_load(void **state)
{
    (void)state;
    static const mr_hooks hooks = {.size_bytes = sizeof hooks, .turn_begin = wave_turn};
    for (EACH_WATCH_PARK(park)) {
        mr_watch watch;
        pthread_t threads[PRODUCERS];
        runner r;
        wave_begin(park, &hooks);
        pipe_with(wave.fds, 0);
        assert_int_equal(mr_watch_add(loop, wave.fds[0], MR_READ, wave_readable, NULL, &watch), 0);
        wave_threads_start(&r, threads);
        gate_wait_for(&wave.done, 2);
        wave_end(&r, threads);
        pipe_close(wave.fds);
    }
}

static void B4_a_mode_change_waits_a_turn_at_most_under_load(void **state)
{
    (void)state;
    static const mr_hooks hooks = {
        .size_bytes = sizeof hooks, .turn_begin = wave_turn, .mode_changed = wave_mode};
    uint64_t pushed = 0;
    pthread_t threads[PRODUCERS];
    runner r;
    wave_begin(MR_PARK_AUTO, &hooks);
    wave_threads_start(&r, threads);
    pushed_in = &pushed;
    for (unsigned i = 0; i < wave.wanted; i++) {
        mr_park park = i % 2 == 0 ? MR_PARK_POLLER : MR_PARK_FUTEX;
        assert_int_equal(mr_loop_set_park(loop, park, FOR_EVER), 0);
        assert_true(atomic_load(&wave.mode_in) <= pushed + 1);
    }
    pushed_in = NULL;
    gate_wait(&wave.done);
    wave_end(&r, threads);
}

/* ---- B5 ---- */

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

/* What the pressure callback's own checkpoint does is reported too, though nothing else happens. */
static void endless_microtask(void *arg)
{
    unsigned *left = arg;
    if (--*left != 0) {
        EXPECT(mr_microtask(loop, endless_microtask, left) == 0);
    }
}

static unsigned microtasks_left;

static void pressure_runs_away(mr_pressure kind, uint64_t depth, void *arg)
{
    (void)depth, (void)arg;
    note("%u", (unsigned)kind);
    if (kind == MR_PRESSURE_QUEUE_HIGH) {
        microtasks_left = 100001;
        EXPECT(mr_microtask(loop, endless_microtask, &microtasks_left) == 0);
    }
}

static void B5_pressure_noticed_after_its_phase_is_reported_without_other_work(void **state)
{
    (void)state;
    mr_simulate world = {.seed = 1};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.max_external = 4;
    options.on_pressure = pressure_runs_away;
    begin_with(&options);
    submit_many(3);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("1 2"); /* high and low: nothing is left */
    assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
    assert_story("1 2 4");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(B1_the_budget_of_a_turn_is_exact),
        SCENARIO(B2_a_bounded_turn_lets_a_timer_through_a_long_queue),
        SCENARIO(B2_outcomes_of_commands_share_the_bound_of_the_turn),
        SCENARIO(B3_queue_pressure_is_reported_at_its_edges_only),
        SCENARIO(B3_a_burst_drained_in_one_turn_is_told_as_over),
        SCENARIO(B3_queue_low_comes_to_every_producer_that_was_refused),
        SCENARIO(B3_queue_low_comes_also_to_the_last_producer_that_was_refused),
        SCENARIO(B4_timers_and_fds_wait_a_turn_at_most_under_load),
        SCENARIO(B4_a_mode_change_waits_a_turn_at_most_under_load),
        SCENARIO(B5_what_the_pressure_callback_submits_runs_next_turn),
        SCENARIO(B5_pressure_noticed_after_its_phase_is_reported_without_other_work),
    };
    return RUN_SCENARIOS(tests);
}
