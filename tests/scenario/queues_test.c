/* Scenarios Q1 to Q9: the ways in keep order, bounds and memory. */
#include "scenario.h"

static uint32_t next_wanted;
static bool in_order;

static void in_sequence(void *arg)
{
    in_order = in_order && (uintptr_t)arg == next_wanted;
    next_wanted++;
}

static void sequence_reset(void)
{
    next_wanted = 0;
    in_order = true;
}

static void assert_sequence(uint32_t n)
{
    assert_int_equal(next_wanted, n);
    assert_true(in_order);
}

/* ---- Q1 ---- */

static void *submit_numbers(void *arg)
{
    for (uintptr_t i = 0; i < *(unsigned *)arg; i++) {
        submit(in_sequence, (void *)i);
    }
    submit(shut_down, NULL);
    return NULL;
}

static void Q1_one_producer_is_fifo(void **state)
{
    (void)state;
    unsigned n = 100000;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_external = 1U << 17;
        begin_with(&options);
        sequence_reset();
        submit_numbers(&n); /* all before the run */
        assert_int_equal(mr_loop_run(loop), 0);
        assert_sequence(n);
        finish();

        begin_with(&options);
        sequence_reset();
        pthread_t producer = thread_start(submit_numbers, &n); /* and against the run */
        assert_int_equal(mr_loop_run(loop), 0);
        thread_join(producer);
        assert_sequence(n);
        finish();
    }
}

/* ---- Q2 ---- */

enum { PRODUCERS = 16 };

static uint32_t producer_next[PRODUCERS];
static _Atomic unsigned producers_left;
static unsigned per_producer;

static void from_producer(void *arg)
{
    uintptr_t number = (uintptr_t)arg;
    unsigned who = (unsigned)(number % PRODUCERS);
    in_order = in_order && number / PRODUCERS == producer_next[who];
    producer_next[who]++;
}

static void *producer_main(void *arg)
{
    uintptr_t who = (uintptr_t)arg;
    for (uintptr_t i = 0; i < per_producer; i++) {
        mr_status status;
        while ((status = mr_submit(loop, from_producer, (void *)(i * PRODUCERS + who))) ==
               MR_EBACKPRESSURE) {
            rest(50000);
        }
        EXPECT(status == 0);
    }
    if (atomic_fetch_sub(&producers_left, 1) == 1) {
        while (mr_submit(loop, shut_down, NULL) == MR_EBACKPRESSURE) {
            rest(50000);
        }
    }
    return NULL;
}

static void Q2_each_of_sixteen_producers_is_fifo(void **state)
{
    (void)state;
    per_producer = scaled(62500);
    for (EACH_PARK(park)) {
        pthread_t threads[PRODUCERS];
        mr_loop_options options = options_for(park);
        options.max_external = 8192;
        begin_with(&options);
        memset(producer_next, 0, sizeof producer_next);
        in_order = true;
        atomic_store(&producers_left, PRODUCERS);
        for (uintptr_t i = 0; i < PRODUCERS; i++) {
            threads[i] = thread_start(producer_main, (void *)i);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        for (unsigned i = 0; i < PRODUCERS; i++) {
            thread_join(threads[i]);
            assert_int_equal(producer_next[i], per_producer);
        }
        assert_true(in_order);
        assert_in_range(counts(MR_KIND_TASK).most_pending, 1, 8192);
        finish();
    }
}

/* ---- many at once ---- */

static void many_are_accepted_in_a_row_as_far_as_there_is_room(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        size_t accepted = 77;
        mr_loop_options options = options_for(park);
        options.max_external = 4;
        begin_with(&options);
        const mr_task five[] = {{say, "a", NULL},
                                {say, "b", NULL},
                                {say, "c", NULL},
                                {say, "d", NULL},
                                {say, "e", NULL}};
        const mr_task bad[] = {{say, "x", NULL}, {NULL, "y", NULL}};
        assert_int_equal(mr_submit_many(loop, bad, 2, &accepted), MR_EINVAL);
        assert_int_equal(mr_submit_many(loop, NULL, 1, &accepted), MR_EINVAL);
        assert_int_equal(mr_submit_many(NULL, five, 1, &accepted), MR_EINVAL);
        assert_int_equal(accepted, 77);
        assert_int_equal(mr_submit_many(loop, NULL, 0, &accepted), 0);
        assert_int_equal(accepted, 0);
        assert_int_equal(mr_submit_many(loop, five, 5, &accepted), MR_EBACKPRESSURE);
        assert_int_equal(accepted, 4);
        assert_int_equal(mr_submit_many(loop, five, 2, &accepted), MR_EBACKPRESSURE);
        assert_int_equal(accepted, 0);
        assert_int_equal(counts(MR_KIND_TASK).pending, 4);
        assert_int_equal(counts(MR_KIND_TASK).refused, 3);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("a b c d");
        assert_int_equal(mr_submit_many(loop, &five[4], 1, NULL), 0);
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(mr_submit_many(loop, five, 1, &accepted), MR_ECLOSED);
        assert_int_equal(accepted, 0);
        assert_story("a b c d e");
        finish();
    }
}

enum { ROW = 7, ROWS = 2000 };
static unsigned in_row, rows_ended;

/* Each row's tasks come one after the other: the number within the row tells. */
static void row_ran(void *arg)
{
    EXPECT((uintptr_t)arg == in_row);
    in_row = in_row + 1 == ROW ? 0 : in_row + 1;
    rows_ended += in_row == 0;
}

static void *row_producer(void *arg)
{
    (void)arg;
    mr_task row[ROW];
    for (uintptr_t i = 0; i < ROW; i++) {
        row[i] = (mr_task){row_ran, (void *)i, NULL};
    }
    for (unsigned n = scaled(ROWS); n != 0; n--) {
        size_t accepted;
        EXPECT(mr_submit_many(loop, row, ROW, &accepted) == 0 && accepted == ROW);
    }
    return NULL;
}

static void rows_of_several_threads_are_not_mixed(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        pthread_t threads[4];
        in_row = rows_ended = 0;
        begin(park);
        runner_start(&r);
        for (unsigned i = 0; i < 4; i++) {
            threads[i] = thread_start(row_producer, NULL);
        }
        for (unsigned i = 0; i < 4; i++) {
            thread_join(threads[i]);
        }
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(rows_ended, 4 * scaled(ROWS));
        finish();
    }
}

/* ---- Q3 ---- */

static void fill_four(mr_task *fifth)
{
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(mr_submit(loop, say, "t"), 0);
    }
    mr_task before = *fifth;
    assert_int_equal(mr_submit_with(loop, fifth), MR_EBACKPRESSURE);
    assert_int_equal(mr_submit(loop, say, "refused"), MR_EBACKPRESSURE);
    assert_memory_equal(fifth, &before, sizeof before);
}

static void Q3_the_bound_refuses_at_once(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_external = 4;
        begin_with(&options);
        char text[] = "the fifth";
        mr_task fifth = {.fn = say, .arg = text, .discard = own_discard};
        fill_four(&fifth);
        assert_int_equal(mr_submit_internal(loop, say, "internal"), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("internal t t t t");
        fill_four(&fifth);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("internal t t t t t t t t");
        assert_string_equal(text, "the fifth");
        assert_int_equal(told.own, 0);
        mr_kind_stats tasks = counts(MR_KIND_TASK);
        assert_int_equal(tasks.attempted, 12);
        assert_int_equal(tasks.accepted, 8);
        assert_int_equal(tasks.refused, 4);
        assert_int_equal(tasks.most_pending, 4);
        finish_turned();
    }
}

/* ---- Q4, Q6: every queue of tasks ---- */

static mr_status start_immediate(mr_loop *of, mr_task_fn *fn, void *arg)
{
    mr_immediate immediate;
    return mr_immediate_start(of, fn, arg, &immediate);
}

typedef mr_status queue_fn(mr_loop *of, mr_task_fn *fn, void *arg);
static queue_fn *const queues[] = {mr_submit,      mr_submit_internal, mr_microtask,
                                   mr_next_tick,   mr_checkpoint_end,  mr_close_callback,
                                   start_immediate};

/* Push `size`, pop some, push again and so on: growth meets a head that has moved. */
static void interleave(mr_park park, queue_fn *queue, unsigned size)
{
    mr_loop_options options = options_for(park);
    options.max_tasks_per_turn = 7;
    options.max_microtasks = 7;
    begin_with(&options);
    sequence_reset();
    uintptr_t pushed = 0;
    for (unsigned part = 1; part <= 4; part++) {
        for (unsigned i = 0; i < size * part / 3; i++) {
            EXPECT(queue(loop, in_sequence, (void *)pushed) == 0);
            pushed++;
        }
        for (unsigned turns = 0; turns < 5; turns++) {
            assert_int_equal(mr_loop_turn(loop, 0), 0);
        }
    }
    finish_turned();
    assert_sequence((uint32_t)pushed);
}

static void Q4_growth_between_pops_keeps_the_order(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 2, 3, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025};
    for (EACH_PARK(park)) {
        for (unsigned q = 0; q < COUNT_OF(queues); q++) {
            for (unsigned s = 0; s < COUNT_OF(sizes); s++) {
                interleave(park, queues[q], sizes[s]);
            }
        }
    }
}

static void Q6_counters_pass_their_wraps(void **state)
{
    (void)state;
    static const uint64_t presets[] = {(UINT64_C(1) << 32) - 2, UINT64_MAX - 1,
                                       (UINT64_C(1) << 31) - 2, (UINT64_C(1) << 63) - 2};
    for (unsigned p = 0; p < COUNT_OF(presets); p++) {
        begin(MR_PARK_AUTO);
        mr__test_preset_counters(loop, presets[p]);
        for (unsigned q = 0; q < COUNT_OF(queues); q++) {
            sequence_reset();
            for (uintptr_t i = 0; i < 10; i++) {
                assert_int_equal(queues[q](loop, in_sequence, (void *)i), 0);
            }
            assert_int_equal(mr_loop_turn(loop, 0), 0);
            assert_sequence(10);
        }
        finish_turned();
    }
}

/* ---- Q5 ---- */

static void *submit_first(void *arg)
{
    submit_say("held 1");
    submit_say("held 2");
    return arg;
}

static void Q5_a_held_producer_hides_nobody_elses_task(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        point_hold p = {.point = MR__TEST_PRODUCER_PUSHED, .armed = true, .at = HOLD};
        begin(park);
        mr__test_point_set(loop, point_hold_fn, &p);
        pthread_t producer = thread_start(submit_first, NULL);
        gate_wait(&p.at.reached);
        submit_say("free 1");
        submit_say("free 2");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("held 1 free 1 free 2");
        submit_say("free 3");
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("held 1 free 1 free 2 free 3");
        gate_open(&p.at.go);
        thread_join(producer);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("held 1 free 1 free 2 free 3 held 2");
        finish_turned();
    }
}

/* ---- Q7 ---- */

static _Atomic unsigned ran;

static void count_run(void *arg)
{
    (void)arg;
    atomic_fetch_add_explicit(&ran, 1, memory_order_relaxed);
}

/* A burst that the owner meets as a whole; then it sleeps again. */
static void burst(unsigned n)
{
    hold h = HOLD;
    gate done = GATE;
    submit(hold_here, &h);
    gate_wait(&h.reached);
    for (unsigned i = 0; i < n; i++) {
        submit(count_run, NULL);
    }
    submit(open_gate, &done);
    gate_open(&h.go);
    gate_wait(&done);
    wait_for_state(MR_STATE_SLEEPING);
}

static void bursts_of_1000(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        burst(1000);
    }
}

static void Q7_memory_of_a_burst_is_given_back(void **state)
{
    (void)state;
    enum { ENTRY_BYTES = 32, KEPT = 4096, EXTERNAL_QUEUES = 2 }; /* producers' and owner's side */
    for (EACH_PARK(park)) {
        runner r;
        unsigned many = scaled(1000000), more = scaled(200);
        mr_loop_options options = options_for(park);
        options.max_external = 1U << 20;
        begin_with(&options);
        atomic_store(&ran, 0);
        uint64_t bytes_before = stats_of(loop).bytes_kept;
        runner_start(&r);
        burst(many);
        assert_int_equal(ran, many);
        assert_int_equal(counts(MR_KIND_TASK).most_pending, many + 1);
        assert_true(stats_of(loop).bytes_kept <=
                    bytes_before + (uint64_t)EXTERNAL_QUEUES * KEPT * ENTRY_BYTES);
        bursts_of_1000(200); /* until the halving of roomy queues has come to rest */
        uint64_t allocations = stats_of(loop).allocations, all = mr__alloc_count();
        bursts_of_1000(more);
        assert_int_equal(stats_of(loop).allocations, allocations);
        assert_int_equal(mr__alloc_count(), all);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(ran, many + (200 + more) * 1000);
        finish();
    }
}

/* ---- Q8, Q9 ---- */

static void Q8_an_empty_task_is_refused_and_harmless(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        assert_int_equal(mr_submit(loop, NULL, NULL), MR_EINVAL);
        submit_say("next");
        assert_int_equal(mr_submit_internal(loop, NULL, NULL), MR_EINVAL);
        assert_int_equal(mr_submit_internal(loop, say, "internal"), 0);
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("internal next");
        finish();
    }
}

typedef struct parcel {
    uint64_t plain; /* not atomic: submit publishes it */
    bool read;
} parcel;

enum { PARCELS = 20000 };
static parcel parcels[PARCELS];

static void read_parcel(void *arg)
{
    parcel *p = arg;
    EXPECT(p->plain == UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(p - parcels + 1));
    EXPECT(!p->read);
    p->read = true;
}

static void *write_parcels(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < PARCELS; i++) {
        parcels[i].plain = UINT64_C(0x9E3779B97F4A7C15) * (i + 1);
        if (i % 2 == 0) {
            submit(read_parcel, &parcels[i]);
        } else {
            EXPECT(mr_submit_internal(loop, read_parcel, &parcels[i]) == 0);
        }
    }
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
    return NULL;
}

static void Q9_what_was_written_before_submit_is_visible(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        gate started = GATE;
        memset(parcels, 0, sizeof parcels);
        begin(park);
        submit(open_gate, &started);
        runner_start(&r);
        gate_wait(&started);
        thread_join(thread_start(write_parcels, NULL));
        assert_int_equal(runner_join(&r), 0);
        for (size_t i = 0; i < PARCELS; i++) {
            assert_true(parcels[i].read);
        }
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(many_are_accepted_in_a_row_as_far_as_there_is_room),
        SCENARIO(rows_of_several_threads_are_not_mixed),
        SCENARIO(Q1_one_producer_is_fifo),
        SCENARIO(Q2_each_of_sixteen_producers_is_fifo),
        SCENARIO(Q3_the_bound_refuses_at_once),
        SCENARIO(Q4_growth_between_pops_keeps_the_order),
        SCENARIO(Q5_a_held_producer_hides_nobody_elses_task),
        SCENARIO(Q6_counters_pass_their_wraps),
        SCENARIO(Q7_memory_of_a_burst_is_given_back),
        SCENARIO(Q8_an_empty_task_is_refused_and_harmless),
        SCENARIO(Q9_what_was_written_before_submit_is_visible),
    };
    return RUN_SCENARIOS(tests);
}
