/* Scenarios W1 to W11: how a loop falls asleep and what wakes it. */
#include "scenario.h"

/* ---- W1 ---- */

static void submit_while_owner_is_held(mr_park park, mr__test_point point)
{
    point_hold p = {.point = point, .armed = true, .at = HOLD};
    gate ran = GATE;
    runner r;
    begin(park);
    mr__test_point_set(loop, point_hold_fn, &p);
    runner_start(&r);
    gate_wait(&p.at.reached);
    submit(open_gate, &ran);
    gate_open(&p.at.go);
    gate_wait(&ran);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&r), 0);
    finish();
}

static void *submit_open_gate(void *arg)
{
    submit(open_gate, arg);
    return NULL;
}

/* The producer has pushed and not looked at the state yet; the loop sleeps already. */
static void push_while_owner_sleeps(mr_park park)
{
    point_hold p = {.point = MR__TEST_PRODUCER_PUSHED, .armed = true, .at = HOLD};
    gate ran = GATE;
    runner r;
    begin(park);
    mr__test_point_set(loop, point_hold_fn, &p);
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    pthread_t producer = thread_start(submit_open_gate, &ran);
    gate_wait(&p.at.reached);
    gate_open(&p.at.go);
    gate_wait(&ran);
    thread_join(producer);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&r), 0);
    finish();
}

typedef struct two_points {
    point_hold owner, producer;
} two_points;

static void two_points_fn(mr_loop *of, mr__test_point point, void *arg)
{
    two_points *t = arg;
    point_hold_fn(of, point, &t->owner);
    point_hold_fn(of, point, &t->producer);
}

/* The owner publishes after the push and must find the task while the producer is still held. */
static void push_while_owner_falls_asleep(mr_park park, mr__test_point point)
{
    two_points t = {.owner = {.point = point, .armed = true, .at = HOLD},
                    .producer = {.point = MR__TEST_PRODUCER_PUSHED, .armed = true, .at = HOLD}};
    gate ran = GATE;
    runner r;
    begin(park);
    mr__test_point_set(loop, two_points_fn, &t);
    runner_start(&r);
    gate_wait(&t.owner.at.reached);
    pthread_t producer = thread_start(submit_open_gate, &ran);
    gate_wait(&t.producer.at.reached);
    gate_open(&t.owner.at.go);
    gate_wait(&ran);
    gate_open(&t.producer.at.go);
    thread_join(producer);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&r), 0);
    finish();
}

static void W1_submit_at_every_step_of_falling_asleep_wakes(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        submit_while_owner_is_held(park, MR__TEST_BEFORE_PARK);
        submit_while_owner_is_held(park, MR__TEST_PUBLISHED_SLEEPING);
        push_while_owner_sleeps(park);
        push_while_owner_falls_asleep(park, MR__TEST_BEFORE_PARK);
        push_while_owner_falls_asleep(park, MR__TEST_PUBLISHED_SLEEPING);
    }
}

/* ---- W2, W3 ---- */

static _Atomic unsigned ran;

static void count_run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
}

static void W2_submits_to_a_running_loop_send_no_wake(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold h = HOLD;
        runner r;
        begin(park);
        atomic_store(&ran, 0);
        submit(hold_here, &h);
        runner_start(&r);
        gate_wait(&h.reached);
        uint64_t wakes = stats_of(loop).wakes_sent;
        for (unsigned i = 0; i < 10000; i++) {
            submit(count_run, NULL); /* the owner is held: a blocking producer would hang here */
        }
        assert_int_equal(stats_of(loop).wakes_sent, wakes);
        submit(shut_down, NULL);
        gate_open(&h.go);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(ran, 10000);
        assert_int_equal(stats_of(loop).wakes_sent, wakes);
        finish();
    }
}

static void *submit_hundred(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 100; i++) {
        submit(count_run, NULL);
    }
    return NULL;
}

static void no_watch_event(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    EXPECT(events == 0); /* an idle descriptor */
}

static void W3_a_burst_to_a_woken_loop_costs_one_wake(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        point_hold p = {.point = MR__TEST_AFTER_WAKE, .armed = true, .at = HOLD};
        int fds[2], copies[500];
        pthread_t threads[10];
        runner r;
        mr_watch watch;
        pipe_with(fds, 0);
        begin(park);
        atomic_store(&ran, 0);
        for (unsigned i = 0; i < 500; i++) {
            copies[i] = dup(fds[0]);
            assert_int_equal(mr_watch_add(loop, copies[i], MR_READ, no_watch_event, NULL, &watch),
                             0);
        }
        mr__test_point_set(loop, point_hold_fn, &p);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_wake(loop), 0);
        gate_wait(&p.at.reached);
        uint64_t wakes = stats_of(loop).wakes_sent;
        assert_in_range(wakes, 0, 1);
        for (unsigned i = 0; i < 10; i++) {
            threads[i] = thread_start(submit_hundred, NULL);
        }
        for (unsigned i = 0; i < 10; i++) {
            thread_join(threads[i]);
        }
        assert_in_range(stats_of(loop).wakes_sent - wakes, 0, 1);
        submit(shut_down, NULL);
        gate_open(&p.at.go);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(ran, 1000);
        finish();
        for (unsigned i = 0; i < 500; i++) {
            close(copies[i]);
        }
        pipe_close(fds);
    }
}

/* ---- W4 ---- */

/* How long a task takes to a parked loop whose next wake fails that way. */
static uint64_t wake_with_fault(uint64_t max_wait_ns, int os_error)
{
    gate done = GATE;
    runner r;
    mr_loop_options options = options_for(MR_PARK_POLLER);
    options.max_wait_ns = max_wait_ns;
    begin_with(&options);
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    mr__fault_set(MR__SYS_WAKE_WRITE, os_error, 1);
    uint64_t before = real_now();
    submit(open_gate, &done);
    gate_wait(&done);
    uint64_t took = real_now() - before;
    mr__fault_set(MR__SYS_WAKE_WRITE, 0, 0);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&r), 0);
    finish();
    return took;
}

static void W4_a_failed_wake_write_costs_at_most_the_longest_wait(void **state)
{
    (void)state;
    /* "At once" against a longest wait of a minute: the watchdog would bark. */
    assert_true(wake_with_fault(60 * SEC, EINTR) < 30 * SEC);
    assert_true(wake_with_fault(60 * SEC, EAGAIN) < 30 * SEC);
    assert_true(wake_with_fault(50 * MS, EIO) < 30 * SEC);
}

/* ---- W5 ---- */

typedef enum source {
    FROM_EXTERNAL,
    FROM_INTERNAL,
    FROM_COMMAND,
    FROM_TICK,
    FROM_MICROTASK,
    FROM_END_JOB,
    FROM_IMMEDIATE,
    FROM_CLOSE_CALLBACK,
    FROM_STOP,
    SOURCES
} source;

typedef struct last_look {
    mr__test_point point;
    source source;
    bool armed;
} last_look;

static last_look look;

static void found(void *arg)
{
    (void)arg;
    note("found");
    shut_down(NULL);
}

static void found_outcome(mr_status outcome, void *arg)
{
    EXPECT(outcome == MR_ENOENT);
    found(arg);
}

static mr_status fill(source from)
{
    mr_immediate immediate;
    switch (from) {
    case FROM_EXTERNAL:
        return mr_submit(loop, found, NULL);
    case FROM_INTERNAL:
        return mr_submit_internal(loop, found, NULL);
    case FROM_COMMAND:
        return mr_timer_cancel_outcome(loop, (mr_timer){0}, found_outcome, NULL);
    case FROM_TICK:
        return mr_next_tick(loop, found, NULL);
    case FROM_MICROTASK:
        return mr_microtask(loop, found, NULL);
    case FROM_END_JOB:
        return mr_checkpoint_end(loop, found, NULL);
    case FROM_IMMEDIATE:
        return mr_immediate_start(loop, found, NULL, &immediate);
    case FROM_CLOSE_CALLBACK:
        return mr_close_callback(loop, found, NULL);
    case FROM_STOP:
    case SOURCES:
        break;
    }
    return mr_loop_request_close(loop);
}

static void *fill_elsewhere(void *arg)
{
    EXPECT(fill(*(source *)arg) == 0);
    return NULL;
}

/* On the owner, between deciding to wait and waiting: the source fills now. */
static void fill_at_point(mr_loop *of, mr__test_point point, void *arg)
{
    (void)of, (void)arg;
    if (point != look.point || !look.armed) {
        return;
    }
    look.armed = false;
    note("filled");
    bool owner_only = look.source >= FROM_TICK && look.source <= FROM_CLOSE_CALLBACK;
    if (owner_only) {
        EXPECT(fill(look.source) == 0);
    } else {
        thread_join(thread_start(fill_elsewhere, &look.source));
    }
}

static void W5_each_source_alone_prevents_the_park(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned i = 0; i < 2 * SOURCES; i++) {
            look = (last_look){.point =
                                   i % 2 == 0 ? MR__TEST_BEFORE_PARK : MR__TEST_PUBLISHED_SLEEPING,
                               .source = (source)(i / 2),
                               .armed = true};
            begin(park);
            mr__test_point_set(loop, fill_at_point, NULL);
            assert_int_equal(mr_loop_run(loop), look.source == FROM_STOP ? MR_ECANCELED : 0);
            assert_story(look.source == FROM_STOP ? "filled" : "filled found");
            assert_int_equal(stats_of(loop).parks, 0);
            finish();
        }
    }
}

/* ---- W6 to W8 ---- */

static void W6_futex_and_watches_exclude_each_other(void **state)
{
    (void)state;
    int fds[2];
    mr_watch watch = {7};
    pipe_with(fds, 0);
    unsigned descriptors = open_descriptors();
    begin(MR_PARK_FUTEX);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, no_watch_event, NULL, &watch),
                     MR_EINCOMPATIBLE);
    assert_int_equal(watch.id, 7);
    assert_int_equal(counts(MR_KIND_WATCH).accepted, 0);
    assert_int_equal(counts(MR_KIND_WATCH).pending, 0);
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_AUTO, 0), 0);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, no_watch_event, NULL, &watch), 0);
    finish_turned();

    for (EACH_WATCH_PARK(park)) {
        begin(park);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, no_watch_event, NULL, &watch), 0);
        assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, 0), MR_EINCOMPATIBLE);
        assert_int_equal(counts(MR_KIND_WATCH).pending, 1);
        assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), 0);
        assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, 0), 0);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, no_watch_event, NULL, &watch),
                         MR_EINCOMPATIBLE);
        finish_turned();
    }
    pipe_close(fds);
}

static void W7_an_idle_loop_sleeps_through(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        begin(park);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        rest(SEC);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(stats_of(loop).parks, 1);
        if (park != MR_PARK_POLLER) {
            assert_int_equal(stats_of(loop).polls, 0);
        }
        finish();
    }
}

static char modes[256];

static void mode_changed(mr_loop *of, mr_park effective, void *arg)
{
    (void)of, (void)arg;
    EXPECT(effective != MR_PARK_AUTO);
    strcat(modes, effective == MR_PARK_FUTEX ? "futex " : "poller ");
}

static mr_watch idle_watch;

static void add_idle(void *arg)
{
    note("add");
    EXPECT(mr_watch_add(loop, *(int *)arg, MR_READ, no_watch_event, NULL, &idle_watch) == 0);
}

static void remove_idle(void *arg)
{
    (void)arg;
    note("remove");
    EXPECT(mr_watch_remove(loop, idle_watch, NULL, NULL) == 0);
}

static void submit_and_wait_for_sleep(mr_task_fn *fn, void *arg)
{
    gate done = GATE;
    submit_say("before");
    submit(fn, arg);
    submit_say("after");
    submit(open_gate, &done);
    gate_wait(&done);
    wait_for_state(MR_STATE_SLEEPING);
}

static void W8_auto_follows_the_watches(void **state)
{
    (void)state;
    static const mr_hooks hooks = {.size_bytes = sizeof hooks, .mode_changed = mode_changed};
    int fds[2];
    runner r;
    pipe_with(fds, 0);
    begin(MR_PARK_AUTO);
    modes[0] = 0;
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    submit_and_wait_for_sleep(add_idle, &fds[0]);
    submit_and_wait_for_sleep(remove_idle, NULL);
    submit_and_wait_for_sleep(nothing, NULL);
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    assert_string_equal(modes, "poller futex ");
    assert_story("before add after before remove after before after");
    finish();
    pipe_close(fds);
}

/* ---- W9 ---- */

typedef struct struggle {
    int fd;
    unsigned rounds;
    unsigned toggles_seen, adds, watches; /* owner */
    mr_park effective;                    /* owner, from the hook */
    _Atomic unsigned accepted, ran;
} struggle;

static void struggle_mode(mr_loop *of, mr_park effective, void *arg)
{
    (void)of;
    ((struggle *)arg)->effective = effective;
}

static void struggle_point(mr_loop *of, mr__test_point point, void *arg)
{
    (void)of;
    const struggle *s = arg;
    if (point == MR__TEST_PUBLISHED_SLEEPING) {
        EXPECT(s->watches == 0 || s->effective == MR_PARK_POLLER);
    }
}

static void struggle_toggle(void *arg)
{
    struggle *s = arg;
    s->toggles_seen++;
    if (s->watches != 0) {
        EXPECT(mr_watch_remove(loop, idle_watch, NULL, NULL) == 0);
        s->watches = 0;
        return;
    }
    mr_status status = mr_watch_add(loop, s->fd, MR_READ, no_watch_event, NULL, &idle_watch);
    EXPECT(status == 0 || status == MR_EINCOMPATIBLE);
    s->watches = status == 0;
    s->adds += status == 0;
}

static void struggle_count(void *arg)
{
    atomic_fetch_add(&((struggle *)arg)->ran, 1);
}

static void *struggle_modes(void *arg)
{
    struggle *s = arg;
    uint64_t seed = 5;
    for (unsigned i = 0; i < s->rounds; i++) {
        mr_status status = mr_loop_set_park(loop, (mr_park)(next_random(&seed) % 3), 10 * SEC);
        EXPECT(status == 0 || status == MR_EINCOMPATIBLE);
    }
    return NULL;
}

static void *struggle_watches(void *arg)
{
    struggle *s = arg;
    for (unsigned i = 0; i < s->rounds; i++) {
        submit(struggle_toggle, s);
        if (i % 8 == 0) {
            rest(1000);
        }
    }
    return NULL;
}

static void *struggle_tasks(void *arg)
{
    struggle *s = arg;
    for (unsigned i = 0; i < s->rounds; i++) {
        submit(struggle_count, s);
        if (i % 8 == 0) {
            rest(1000);
        }
    }
    return NULL;
}

static void W9_modes_watches_and_tasks_from_three_threads(void **state)
{
    (void)state;
    int fds[2];
    struggle s = {.rounds = scaled(10000), .effective = MR_PARK_FUTEX};
    const mr_hooks hooks = {.size_bytes = sizeof hooks, .arg = &s, .mode_changed = struggle_mode};
    runner r;
    pipe_with(fds, 0);
    s.fd = fds[0];
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    mr__test_point_set(loop, struggle_point, &s);
    runner_start(&r);
    pthread_t threads[] = {thread_start(struggle_modes, &s), thread_start(struggle_watches, &s),
                           thread_start(struggle_tasks, &s)};
    for (unsigned i = 0; i < COUNT_OF(threads); i++) {
        thread_join(threads[i]);
    }
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    assert_int_equal(s.ran, s.rounds);
    assert_int_equal(s.toggles_seen, s.rounds);
    assert_true(s.adds > 0);
    finish();
    pipe_close(fds);
}

static void W9_a_timed_out_mode_change_is_never_applied(void **state)
{
    (void)state;
    static const mr_hooks hooks = {.size_bytes = sizeof hooks, .mode_changed = mode_changed};
    hold h = HOLD;
    runner r;
    begin(MR_PARK_AUTO);
    modes[0] = 0;
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    submit(hold_here, &h);
    runner_start(&r);
    gate_wait(&h.reached);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_POLLER, 10 * MS), MR_ETIMEDOUT);
    gate_open(&h.go);
    submit_and_wait_for_sleep(nothing, NULL);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, FOR_EVER), 0);
    submit_and_wait_for_sleep(nothing, NULL);
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    assert_string_equal(modes, "");
    finish();
}

/* ---- W10, W11 ---- */

static uint64_t last_noted;
static mr_timer hour_timer;

static void note_time(mr_loop *of, uint64_t turn, void *arg)
{
    (void)turn, (void)arg;
    uint64_t now = mr_loop_now(of) / SEC;
    EXPECT(mr_loop_now(of) % SEC == 0);
    if (now != last_noted) {
        note("%" PRIu64, now);
        last_noted = now;
    }
}

static void fired_second(void *arg)
{
    EXPECT(mr_loop_now(loop) == 1201 * SEC);
    *(unsigned *)arg += 1;
}

static void start_one_second(void *arg)
{
    mr_timer timer;
    EXPECT(mr_loop_now(loop) == 1200 * SEC);
    EXPECT(mr_timer_start(loop, SEC, fired_second, arg, &timer) == 0);
}

static uint64_t cancel_then_submit(mr_loop *of, void *arg)
{
    unsigned *steps = arg;
    if (++*steps == 1) {
        EXPECT(mr_timer_cancel(of, hour_timer) == 0);
        return 600 * SEC;
    }
    EXPECT(mr_submit(of, start_one_second, steps) == 0);
    return MR_SIM_DONE;
}

static void W10_the_wait_follows_the_earliest_timer(void **state)
{
    (void)state;
    static const mr_hooks hooks = {
        .size_bytes = sizeof hooks, .turn_begin = note_time, .turn_end = note_time};
    unsigned steps = 0;
    mr_timer timer;
    begin_simulated(1, 0, false);
    last_noted = FOR_EVER;
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    assert_int_equal(mr_timer_start(loop, 3600 * SEC, say, "hour", &hour_timer), 0);
    assert_int_equal(mr_timer_start(loop, 7200 * SEC, shut_down, NULL, &timer), 0);
    assert_int_equal(mr_sim_actor(loop, 600 * SEC, cancel_then_submit, &steps), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("0 600 1200 1201 7200"); /* nothing at 3600 */
    assert_int_equal(steps, 3);
    finish();
}

/* Timers of one slot of the wheel: an earlier one is added, then cancelled. */
static void start_two_earlier(void *arg)
{
    mr_timer timer;
    (void)arg;
    EXPECT(mr_timer_start_at(loop, 7190 * SEC, nothing, NULL, &timer) == 0);
    EXPECT(mr_timer_start_at(loop, 7180 * SEC, say, "must not fire", &hour_timer) == 0);
}

static uint64_t add_then_cancel(mr_loop *of, void *arg)
{
    unsigned *steps = arg;
    if (++*steps == 1) {
        EXPECT(mr_submit(of, start_two_earlier, NULL) == 0);
        return 600 * SEC;
    }
    EXPECT(mr_timer_cancel(of, hour_timer) == 0);
    return MR_SIM_DONE;
}

static void W10_an_earlier_timer_nearby_moves_the_wait(void **state)
{
    (void)state;
    static const mr_hooks hooks = {
        .size_bytes = sizeof hooks, .turn_begin = note_time, .turn_end = note_time};
    unsigned steps = 0;
    mr_timer timer;
    begin_simulated(1, 0, false);
    last_noted = FOR_EVER;
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    assert_int_equal(mr_timer_start(loop, 7200 * SEC, shut_down, NULL, &timer), 0);
    assert_int_equal(mr_sim_actor(loop, 600 * SEC, add_then_cancel, &steps), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("0 600 1200 7190 7200");
    finish();
}

static void wake_inside(void *arg)
{
    (void)arg;
    note("%s", mr_loop_state(loop) == MR_STATE_STOPPING ? "stopping" : "running");
    EXPECT(mr_loop_wake(loop) == 0);
}

static void wait_for_turns_beyond(uint64_t turns)
{
    while (stats_of(loop).turns == turns) {
        rest(20000);
    }
    wait_for_state(MR_STATE_SLEEPING);
}

static void W11_wake_causes_one_empty_turn(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        gate woken = GATE;
        runner r;
        begin(park);
        assert_int_equal(mr_loop_wake(loop), 0);
        submit(wake_inside, NULL);
        submit(open_gate, &woken);
        runner_start(&r);
        gate_wait(&woken);
        wait_for_state(MR_STATE_SLEEPING);
        rest(50 * MS); /* what the wake above caused is over; nothing below depends on it */
        wait_for_state(MR_STATE_SLEEPING);
        assert_story("running");
        for (unsigned i = 0; i < 5; i++) {
            uint64_t turns = stats_of(loop).turns;
            assert_int_equal(mr_loop_wake(loop), 0);
            wait_for_turns_beyond(turns);
            assert_int_equal(stats_of(loop).turns, turns + 1);
        }
        assert_story("running");
        hold h = HOLD;
        submit(hold_here, &h);
        submit(wake_inside, NULL);
        gate_wait(&h.reached);
        assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
        assert_int_equal(mr_loop_wake(loop), 0);
        gate_open(&h.go);
        assert_int_equal(runner_join(&r), 0);
        assert_story("running stopping");
        assert_int_equal(mr_loop_wake(loop), MR_ECLOSED);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(W1_submit_at_every_step_of_falling_asleep_wakes),
        SCENARIO(W2_submits_to_a_running_loop_send_no_wake),
        SCENARIO(W3_a_burst_to_a_woken_loop_costs_one_wake),
        SCENARIO(W4_a_failed_wake_write_costs_at_most_the_longest_wait),
        SCENARIO(W5_each_source_alone_prevents_the_park),
        SCENARIO(W6_futex_and_watches_exclude_each_other),
        SCENARIO(W7_an_idle_loop_sleeps_through),
        SCENARIO(W8_auto_follows_the_watches),
        SCENARIO(W9_modes_watches_and_tasks_from_three_threads),
        SCENARIO(W9_a_timed_out_mode_change_is_never_applied),
        SCENARIO(W10_the_wait_follows_the_earliest_timer),
        SCENARIO(W10_an_earlier_timer_nearby_moves_the_wait),
        SCENARIO(W11_wake_causes_one_empty_turn),
    };
    return RUN_SCENARIOS(tests);
}
