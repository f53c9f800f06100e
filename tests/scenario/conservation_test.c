/* Scenarios D1 to D9: accepted work is run, cancelled or discarded and reported; under any end. */
#include "scenario.h"

#include "loop/extend.h"

/* ---- D1, D2: producers against an end ---- */

enum { PRODUCERS = 50, ITEMS = 1000 };

typedef struct item {
    _Atomic uint32_t ran, reported;
} item;

static item items[PRODUCERS * ITEMS];
static _Atomic uint64_t items_ran, items_reported, items_accepted, items_refused;
static _Atomic bool wrong_thread;
static pthread_t items_thread; /* the thread that may run and report */
static gate enough_ran;
static unsigned enough;

static void item_run(void *arg)
{
    item *it = arg;
    atomic_fetch_add(&it->ran, 1);
    if (atomic_fetch_add(&items_ran, 1) + 1 == enough) {
        gate_open(&enough_ran);
    }
}

static void item_discard(void *arg, mr_status reason)
{
    item *it = arg;
    own_discard(arg, reason);
    atomic_fetch_add(&it->reported, 1);
    atomic_fetch_add(&items_reported, 1);
    if (!pthread_equal(pthread_self(), items_thread)) {
        atomic_store(&wrong_thread, true);
    }
}

static void *producer_main(void *arg)
{
    item *mine = arg;
    uint64_t accepted = 0;
    for (unsigned i = 0; i < ITEMS; i++) {
        mr_task task = {.fn = item_run, .arg = &mine[i], .discard = item_discard};
        mr_status status = mr_submit_with(loop, &task);
        EXPECT(status == 0 || status == MR_ECLOSED);
        accepted += status == 0;
    }
    atomic_fetch_add(&items_accepted, accepted);
    atomic_fetch_add(&items_refused, ITEMS - accepted);
    return NULL;
}

static void items_reset(unsigned stop_after)
{
    gate fresh = GATE;
    memset(items, 0, sizeof items);
    items_ran = items_reported = items_accepted = items_refused = 0;
    wrong_thread = false;
    enough_ran = fresh;
    enough = stop_after;
}

/* Run 50 producers against an end that comes after 5000 tasks have run; what run returned. */
static mr_status produce_against(mr_park park, bool by_close)
{
    runner r;
    pthread_t producers[PRODUCERS];
    items_reset(5000);
    begin(park);
    gate started = GATE;
    submit(open_gate, &started);
    runner_start(&r);
    gate_wait(&started);
    items_thread = r.thread;
    for (unsigned i = 0; i < PRODUCERS; i++) {
        producers[i] = thread_start(producer_main, &items[i * ITEMS]);
    }
    gate_wait(&enough_ran);
    assert_int_equal(by_close ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER), 0);
    mr_status status = runner_join(&r);
    for (unsigned i = 0; i < PRODUCERS; i++) {
        thread_join(producers[i]);
    }
    return status;
}

static void check_items(void)
{
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        assert_true(items[i].ran + items[i].reported <= 1);
    }
    assert_int_equal(items_accepted + items_refused, PRODUCERS * ITEMS);
    assert_int_equal(items_accepted, items_ran + items_reported);
    assert_false(wrong_thread);
    mr_kind_stats tasks = counts(MR_KIND_TASK);
    assert_int_equal(tasks.attempted, PRODUCERS * ITEMS + 1);
    assert_int_equal(tasks.accepted, items_accepted + 1);
    assert_int_equal(tasks.refused, items_refused);
    assert_int_equal(tasks.run, items_ran + 1);
}

static void D1_shutdown_amid_producers_runs_all_that_was_accepted(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        assert_int_equal(produce_against(park, false), 0);
        assert_int_equal(items_reported, 0);
        check_items();
        finish();
    }
}

static void D2_close_amid_producers_reports_what_did_not_run(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        assert_int_equal(produce_against(park, true), MR_ECANCELED);
        check_items();
        finish();
    }
}

/* ---- D3: submitters, watch adders and stoppers at once ---- */

typedef struct melee {
    int fds[3][2];
    _Atomic bool go;
    _Atomic unsigned shutdown_cut;
} melee;

typedef struct fighter {
    melee *melee;
    unsigned number;
} fighter;

static void melee_wait(const melee *m)
{
    while (!atomic_load(&m->go)) {
        sched_yield();
    }
}

static void *melee_submitter(void *arg)
{
    const fighter *f = arg;
    melee_wait(f->melee);
    for (unsigned i = 0; i < ITEMS; i++) {
        mr_status status = mr_submit(loop, nothing, NULL);
        EXPECT(status == 0 || status == MR_ECLOSED);
    }
    return NULL;
}

static void melee_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)events, (void)arg;
    mr_status status = mr_watch_modify(loop, watch, 0);
    EXPECT(status == 0 || status == MR_ECLOSED);
}

static void *melee_adder(void *arg)
{
    const fighter *f = arg;
    mr_watch watch;
    melee_wait(f->melee);
    mr_status status = mr_watch_add_wait(loop, f->melee->fds[f->number][0], MR_READ, melee_ready,
                                         NULL, FOR_EVER, &watch);
    EXPECT(status == 0 || status == MR_ECLOSED);
    return NULL;
}

static void *melee_stopper(void *arg)
{
    const fighter *f = arg;
    melee_wait(f->melee);
    for (unsigned i = 0; i < f->number * 40; i++) {
        sched_yield();
    }
    if (f->number % 2 == 0) {
        mr_status status = mr_loop_shutdown(loop, FOR_EVER);
        EXPECT(status == 0 || status == MR_ECANCELED);
        atomic_fetch_add(&f->melee->shutdown_cut, status == MR_ECANCELED);
    } else {
        EXPECT(mr_loop_close(loop) == 0);
    }
    EXPECT(mr_loop_state(loop) == MR_STATE_CLOSED);
    return NULL;
}

static void melee_round(mr_park park, melee *m)
{
    fighter fighters[13];
    pthread_t threads[13];
    runner r;
    begin(park);
    atomic_store(&m->go, false);
    atomic_store(&m->shutdown_cut, 0);
    for (unsigned i = 0; i < 13; i++) {
        void *(*fn)(void *) = i < 5 ? melee_submitter : i < 8 ? melee_adder : melee_stopper;
        fighters[i] = (fighter){m, i < 5 ? i : i < 8 ? i - 5 : i - 8};
        threads[i] = thread_start(fn, &fighters[i]);
    }
    runner_start(&r);
    atomic_store(&m->go, true);
    for (unsigned i = 0; i < 13; i++) {
        thread_join(threads[i]);
    }
    mr_status status = runner_join(&r);
    assert_true(status == 0 || status == MR_ECANCELED || status == MR_ECLOSED);
    if (status == 0) {
        assert_int_equal(m->shutdown_cut, 0);
        assert_int_equal(told.discarded[MR_KIND_TASK], 0);
    }
    atomic_store(&told.after_run, 0); /* a stopper may have been the owner, its end before run's */
    finish();
}

static void D3_submitters_adders_and_stoppers_leave_one_termination(void **state)
{
    (void)state;
    melee m = {.go = false};
    for (unsigned i = 0; i < 3; i++) {
        pipe_with(m.fds[i], 1);
    }
    for (EACH_WATCH_PARK(park)) {
        uint64_t began = real_now();
        for (unsigned n = 0; another_round(n, scaled(100), began); n++) {
            melee_round(park, &m);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        pipe_close(m.fds[i]);
    }
}

/* ---- D4 to D7: the drain ---- */

static void say_m(void *arg)
{
    note("%s.m", (const char *)arg);
}

static void say_and_queue(void *arg)
{
    say(arg);
    EXPECT(mr_microtask(loop, say_m, arg) == 0);
}

static void queue_four(void)
{
    mr_immediate immediate;
    submit(say_and_queue, "external");
    EXPECT(mr_submit_internal(loop, say_and_queue, "internal") == 0);
    EXPECT(mr_close_callback(loop, say_and_queue, "close") == 0);
    EXPECT(mr_immediate_start(loop, say_and_queue, "immediate", &immediate) == 0);
}

static void queue_four_and_stop(void *arg)
{
    queue_four();
    shut_down(arg);
}

static void D4_drain_goes_through_the_queues_in_order(void **state)
{
    (void)state;
    static const char want[] = "immediate immediate.m close close.m internal internal.m "
                               "external external.m";
    for (EACH_PARK(park)) {
        begin(park);
        queue_four();
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_story(want);
        finish();

        begin(park);
        submit(queue_four_and_stop, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story(want);
        finish();
    }
}

static void drained_task(void *arg)
{
    mr_immediate immediate;
    mr_timer timer = {5};
    mr_watch watch = {5};
    EXPECT(mr_loop_state(loop) == MR_STATE_STOPPING);
    note("task");
    EXPECT(mr_microtask(loop, say, "microtask") == 0);
    EXPECT(mr_next_tick(loop, say, "tick") == 0);
    EXPECT(mr_checkpoint_end(loop, say, "end") == 0);
    EXPECT(mr_immediate_start(loop, say, "immediate", &immediate) == 0);
    EXPECT(mr_close_callback(loop, say, "close") == 0);
    EXPECT(mr_submit_internal(loop, say, "internal") == 0);
    EXPECT(mr_timer_start(loop, 0, say, "timer", &timer) == MR_ECLOSED);
    EXPECT(mr_submit(loop, say, "external") == MR_ECLOSED);
    EXPECT(mr_watch_add(loop, *(int *)arg, MR_READ, melee_ready, NULL, &watch) == MR_ECLOSED);
    EXPECT(timer.id == 5 && watch.id == 5);
}

static void D5_a_drained_task_may_continue_but_not_start_anew(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 0);
        begin(park);
        submit(shut_down, NULL);
        submit(drained_task, &fds[0]);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("task tick microtask end immediate close internal");
        assert_int_equal(counts(MR_KIND_TIMER).accepted, 0);
        assert_int_equal(counts(MR_KIND_TASK).refused, 1);
        finish();
        pipe_close(fds);
    }
}

static void say_and_shut_down(void *arg)
{
    say(arg);
    shut_down(NULL);
}

static void D6_due_siblings_of_a_stopping_timer_are_reported(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_timer timer;
        begin(park);
        assert_int_equal(mr_timer_start(loop, 0, say_and_shut_down, "first", &timer), 0);
        assert_int_equal(mr_timer_start(loop, 0, say, "second", &timer), 0);
        assert_int_equal(mr_timer_start(loop, 0, say, "third", &timer), 0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("first");
        assert_int_equal(told.discarded[MR_KIND_TIMER], 2);
        assert_int_equal(told.reason, MR_ECLOSED);
        finish();
    }
}

static unsigned requeued;

static void requeue(void *arg)
{
    (void)arg;
    requeued++;
    EXPECT(mr_submit_internal(loop, requeue, NULL) == 0);
}

static void D7_endless_drain_ends_after_ten_thousand_passes(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        requeued = 0;
        assert_int_equal(mr_submit_internal(loop, requeue, NULL), 0);
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(requeued, 10000);
        assert_int_equal(told.discarded[MR_KIND_INTERNAL], 1);
        finish();

        begin(park);
        requeued = 0;
        assert_int_equal(mr_next_tick(loop, shut_down, NULL), 0);
        assert_int_equal(mr_submit_internal(loop, requeue, NULL), 0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(requeued, 10000);
        assert_int_equal(told.discarded[MR_KIND_INTERNAL], 1);
        finish();
    }
}

/* ---- D8 ---- */

static unsigned own_told[MR_KIND_COUNT];

static void refuses_all(void)
{
    mr_immediate immediate = {5};
    mr_timer timer = {5};
    EXPECT(mr_submit(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_submit_internal(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_microtask(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_next_tick(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_checkpoint_end(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_close_callback(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_immediate_start(loop, say, "x", &immediate) == MR_ECLOSED);
    EXPECT(mr_timer_start(loop, 0, say, "x", &timer) == MR_ECLOSED);
    EXPECT(immediate.id == 5 && timer.id == 5);
}

static void own_with_kind(void *arg, mr_status reason)
{
    own_discard(NULL, reason);
    EXPECT(reason == MR_ECLOSED);
    own_told[*(mr_kind *)arg]++;
    free(arg); /* a discard function may free */
    refuses_all();
}

static void default_with_kind(mr_kind kind, mr_task_fn *fn, void *task_arg, mr_status reason,
                              void *arg)
{
    on_discard(kind, fn, task_arg, reason, arg);
    EXPECT(reason == MR_ECLOSED);
    EXPECT(kind == MR_KIND_WATCH || fn == say);
    EXPECT(strcmp(task_arg, "without") == 0);
    EXPECT(arg == own_told);
    refuses_all();
}

static mr_task task_with_own(mr_kind kind)
{
    mr_kind *arg = malloc(sizeof *arg);
    assert_non_null(arg);
    *arg = kind;
    return (mr_task){.fn = say, .arg = arg, .discard = own_with_kind};
}

static mr_task without = {.fn = say, .arg = (void *)(uintptr_t) "without"};

static void queue_timers_and_watches(const int fds[2][2])
{
    mr_timer timer;
    mr_task task = task_with_own(MR_KIND_TIMER);
    mr_timer_spec spec = {.size_bytes = sizeof spec,
                          .fn = task.fn,
                          .arg = task.arg,
                          .discard = task.discard,
                          .delay_ns = SEC};
    assert_int_equal(mr_timer_start_with(loop, &spec, &timer), 0);
    assert_int_equal(mr_timer_start(loop, SEC, say, without.arg, &timer), 0);
    mr_watch watch;
    task = task_with_own(MR_KIND_WATCH);
    assert_int_equal(
        mr_watch_add_with(loop, fds[0][0], MR_READ, melee_ready, task.arg, task.discard, &watch),
        0);
    assert_int_equal(mr_watch_add(loop, fds[1][0], MR_READ, melee_ready, without.arg, &watch), 0);
}

static void queue_with_and_without(const int fds[2][2])
{
    typedef mr_status with_fn(mr_loop *, const mr_task *);
    static with_fn *const calls[] = {mr_submit_with,         mr_submit_internal_with,
                                     mr_microtask_with,      mr_next_tick_with,
                                     mr_close_callback_with, mr_checkpoint_end_with};
    static const mr_kind kinds[] = {MR_KIND_TASK, MR_KIND_INTERNAL, MR_KIND_MICROTASK,
                                    MR_KIND_TICK, MR_KIND_CLOSE,    MR_KIND_END_JOB};
    for (unsigned i = 0; i < COUNT_OF(calls); i++) {
        mr_task task = task_with_own(kinds[i]);
        assert_int_equal(calls[i](loop, &task), 0);
        assert_int_equal(calls[i](loop, &without), 0);
    }
    mr_immediate immediate;
    mr_task task = task_with_own(MR_KIND_IMMEDIATE);
    assert_int_equal(mr_immediate_start_with(loop, &task, &immediate), 0);
    assert_int_equal(mr_immediate_start_with(loop, &without, &immediate), 0);
    queue_timers_and_watches(fds);
}

static void D8_each_report_goes_to_the_right_function(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2][2];
        pipe_with(fds[0], 1);
        pipe_with(fds[1], 1);
        mr_loop_options options = options_for(park);
        options.on_discard = default_with_kind;
        options.arg = own_told;
        begin_with(&options);
        memset(own_told, 0, sizeof own_told);
        queue_with_and_without((const int(*)[2])fds);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_story("");
        for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
            assert_int_equal(own_told[kind], 1);
            assert_int_equal(told.discarded[kind], 1);
        }
        finish();
        pipe_close(fds[0]);
        pipe_close(fds[1]);
    }
}

static void D8_discard_functions_start_nothing_during_a_drain(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2][2];
        pipe_with(fds[0], 1);
        pipe_with(fds[1], 1);
        mr_loop_options options = options_for(park);
        options.on_discard = default_with_kind;
        options.arg = own_told;
        begin_with(&options);
        memset(own_told, 0, sizeof own_told);
        queue_timers_and_watches((const int(*)[2])fds);
        submit_say("task");
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_story("task");
        assert_int_equal(own_told[MR_KIND_TIMER], 1);
        assert_int_equal(own_told[MR_KIND_WATCH], 1);
        assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
        assert_int_equal(told.discarded[MR_KIND_WATCH], 1);
        finish();
        pipe_close(fds[0]);
        pipe_close(fds[1]);
    }
}

/* ---- D9 ---- */

static void D9_poller_failure_reports_all_work(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_watch watch;
        mr_timer timer;
        pipe_with(fds, 0);
        begin(park);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, melee_ready, NULL, &watch), 0);
        assert_int_equal(mr_timer_start(loop, SEC, say, "timer", &timer), 0);
        submit_say("task");
        mr__fault_set(MR__SYS_POLLER_WAIT, EBADF, 1);
        assert_int_equal(mr_loop_run(loop), MR_EPOLLER);
        assert_int_equal(told.poller_failures, 1);
        assert_int_equal(told.os_error, EBADF);
        assert_int_equal(told.reason, MR_EPOLLER);
        assert_int_equal(told.discarded[MR_KIND_WATCH], 1);
        assert_int_equal(told.discarded[MR_KIND_TIMER], 1);
        assert_int_equal(told.discarded[MR_KIND_TASK], 1);
        assert_story("");
        assert_int_equal(mr_loop_run(loop), MR_ECLOSED);
        finish();
        mr__fault_set(MR__SYS_POLLER_WAIT, 0, 0);
        pipe_close(fds);
    }
}

static void *shut_down_waiting(void *arg)
{
    *(mr_status *)arg = mr_loop_shutdown(loop, FOR_EVER);
    return NULL;
}

static void owed_discard(void *arg, mr_status reason)
{
    (void)arg;
    note("owed %s", mr_status_name(reason));
}

/* The drain waits in the poller for work that is still owed; there the wait fails. */
static void D9_poller_failure_answers_the_waiter_in_shutdown(void **state)
{
    (void)state;
    hold h = HOLD;
    runner r;
    mr_status waited = 1;
    mr__completion owed = {.fn = say, .discard = owed_discard, .arg = (void *)(uintptr_t) "owed"};
    begin(MR_PARK_POLLER);
    assert_int_equal(mr__completion_reserve(loop, &owed), 0);
    submit(hold_here, &h);
    runner_start(&r);
    gate_wait(&h.reached);
    pthread_t waiter = thread_start(shut_down_waiting, &waited);
    wait_for_state(MR_STATE_STOPPING);
    mr__fault_set(MR__SYS_POLLER_WAIT, EBADF, 1000000);
    gate_open(&h.go);
    assert_int_equal(runner_join(&r), MR_EPOLLER);
    thread_join(waiter);
    mr__fault_set(MR__SYS_POLLER_WAIT, 0, 0);
    assert_int_equal(waited, MR_EPOLLER);
    assert_int_equal(told.poller_failures, 1);
    assert_int_equal(mr__completion_post(loop, &owed), MR_ECLOSED);
    assert_story("");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(D1_shutdown_amid_producers_runs_all_that_was_accepted),
        SCENARIO(D2_close_amid_producers_reports_what_did_not_run),
        SCENARIO(D3_submitters_adders_and_stoppers_leave_one_termination),
        SCENARIO(D4_drain_goes_through_the_queues_in_order),
        SCENARIO(D5_a_drained_task_may_continue_but_not_start_anew),
        SCENARIO(D6_due_siblings_of_a_stopping_timer_are_reported),
        SCENARIO(D7_endless_drain_ends_after_ten_thousand_passes),
        SCENARIO(D8_each_report_goes_to_the_right_function),
        SCENARIO(D8_discard_functions_start_nothing_during_a_drain),
        SCENARIO(D9_poller_failure_reports_all_work),
        SCENARIO(D9_poller_failure_answers_the_waiter_in_shutdown),
    };
    return RUN_SCENARIOS(tests);
}
