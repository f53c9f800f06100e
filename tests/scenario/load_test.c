/* Scenarios K5 and K6: many threads calling anything, and every order of ending. */
#include "scenario.h"

/* ---- K6: each descriptor is closed once ---- */

typedef enum ending { SHUTDOWN, CLOSE, FAILURE, UNREF, ENDINGS } ending;

/* Descriptors of somebody else, who opens as soon as numbers are free. */
typedef struct strangers {
    int pipe[2]; /* what a stray wake would be written into */
    int fds[64];
    unsigned count;
} strangers;

static void strangers_come(strangers *s, unsigned n)
{
    while (n-- != 0) {
        s->fds[s->count] = dup(s->pipe[1]);
        EXPECT(s->fds[s->count] >= 0);
        s->count++;
    }
}

static void strangers_are_well(strangers *s)
{
    char byte;
    for (unsigned i = 0; i < s->count; i++) {
        EXPECT(fcntl(s->fds[i], F_GETFD) >= 0);
        close(s->fds[i]);
    }
    EXPECT(read(s->pipe[0], &byte, 1) == -1 && errno == EAGAIN);
    pipe_close(s->pipe);
}

static void never_called(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == 0);
}

static void end_by(ending which)
{
    mr_state before = mr_loop_state(loop);
    mr_status status;
    switch (which) {
    case SHUTDOWN:
        status = mr_loop_shutdown(loop, FOR_EVER);
        EXPECT(status == 0 || status == MR_ECANCELED || status == MR_EPOLLER);
        break;
    case CLOSE:
        EXPECT(mr_loop_close(loop) == 0);
        EXPECT(mr_loop_state(loop) == MR_STATE_CLOSED);
        break;
    case FAILURE:
        mr__fault_set(MR__SYS_POLLER_WAIT, EBADF, 1);
        status = mr_loop_turn(loop, 0);
        mr__fault_set(MR__SYS_POLLER_WAIT, 0, 0);
        EXPECT(status == (before == MR_STATE_CLOSED     ? MR_ECLOSED
                          : before == MR_STATE_STOPPING ? 0
                                                        : MR_EPOLLER));
        break;
    default:
        mr_loop_unref(loop);
        break;
    }
}

static void ends_in_order(mr_park park, bool has_run, const ending order[ENDINGS])
{
    int ready[2];
    mr_watch watch;
    strangers s = {.count = 0};
    pipe_with(s.pipe, 0);
    pipe_with(ready, 0);
    uint64_t closes = mr__fault_passed(MR__SYS_CLOSE);
    mr__fault_set(MR__SYS_CLOSE, EINTR, 1000); /* a failed close is not tried again */
    begin(park);
    assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, never_called, NULL, &watch), 0);
    if (has_run)
        assert_int_equal(mr_loop_turn(loop, 0), 0);
    mr_loop *kept = mr_loop_ref(loop);
    for (unsigned i = 0; i < ENDINGS; i++) {
        end_by(order[i]);
        strangers_come(&s, 4);
    }
    check_conservation(kept);
    loop = kept;
    finish();
    assert_int_equal(mr__fault_passed(MR__SYS_CLOSE) - closes, 2); /* poller and wake */
    mr__fault_set(MR__SYS_CLOSE, 0, 0);
    strangers_are_well(&s);
    pipe_close(ready);
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
}

static bool is_permutation(const ending order[ENDINGS])
{
    unsigned seen = 0;
    for (unsigned i = 0; i < ENDINGS; i++)
        seen |= 1u << order[i];
    return seen == (1u << ENDINGS) - 1;
}

static void K6_every_order_of_ending_closes_each_descriptor_once(void **state)
{
    (void)state;
    unsigned orders = 0;
    for (EACH_WATCH_PARK(park)) {
        for (unsigned code = 0; code < 256; code++) {
            const ending order[ENDINGS] = {(ending)(code & 3), (ending)(code >> 2 & 3),
                                           (ending)(code >> 4 & 3), (ending)(code >> 6)};
            if (!is_permutation(order))
                continue;
            ends_in_order(park, false, order);
            ends_in_order(park, true, order);
            orders++;
        }
    }
    assert_int_equal(orders, 2 * 24);
}

/* The last reference alone ends everything. */
static void K6_last_unref_alone_closes_each_descriptor_once(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int ready[2];
        mr_watch watch;
        pipe_with(ready, 0);
        uint64_t closes = mr__fault_passed(MR__SYS_CLOSE);
        begin(park);
        assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, never_called, NULL, &watch), 0);
        mr_loop_unref(loop);
        loop = NULL;
        assert_int_equal(mr__fault_passed(MR__SYS_CLOSE) - closes, 2);
        pipe_close(ready);
    }
}

typedef struct race {
    gate start;
    _Atomic bool over;
    strangers s;
} race;

static void *race_to_end(void *arg)
{
    race *r = arg;
    gate_wait(&r->start);
    if (mr_loop_shutdown(loop, FOR_EVER) > 0)
        EXPECT(false);
    mr_loop_unref(loop);
    return NULL;
}

static void *race_to_close(void *arg)
{
    race *r = arg;
    gate_wait(&r->start);
    EXPECT(mr_loop_close(loop) == 0);
    mr_loop_unref(loop);
    return NULL;
}

static void *race_to_wake(void *arg)
{
    race *r = arg;
    gate_wait(&r->start);
    while (mr_loop_wake(loop) == 0) {
    }
    mr_loop_unref(loop);
    return NULL;
}

static void *race_for_numbers(void *arg)
{
    race *r = arg;
    while (!atomic_load(&r->over)) {
        int fds[4];
        for (unsigned i = 0; i < COUNT_OF(fds); i++)
            EXPECT((fds[i] = dup(r->s.pipe[1])) >= 0);
        sched_yield();
        for (unsigned i = 0; i < COUNT_OF(fds); i++)
            EXPECT(close(fds[i]) == 0);
    }
    return NULL;
}

static void K6_racing_ends_close_each_descriptor_once(void **state)
{
    (void)state;
    static void *(*const racers[])(void *) = {race_to_end, race_to_close, race_to_wake,
                                              race_to_wake};
    for (unsigned round = 0; round < scaled(200); round++) {
        race r = {.start = GATE};
        int ready[2];
        mr_watch watch;
        pthread_t threads[COUNT_OF(racers)], numbers;
        runner run;
        pipe_with(r.s.pipe, 0);
        pipe_with(ready, 0);
        uint64_t closes = mr__fault_passed(MR__SYS_CLOSE);
        begin(round % 2 == 0 ? MR_PARK_AUTO : MR_PARK_POLLER);
        assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, never_called, NULL, &watch), 0);
        numbers = thread_start(race_for_numbers, &r);
        for (unsigned i = 0; i < COUNT_OF(racers); i++) {
            mr_loop_ref(loop);
            threads[i] = thread_start(racers[i], &r);
        }
        runner_start(&run);
        wait_for_state(MR_STATE_SLEEPING);
        if (round % 3 == 0)
            mr__fault_set(MR__SYS_POLLER_WAIT, EBADF, 1);
        gate_open(&r.start);
        mr_status status = runner_join(&run);
        mr__fault_set(MR__SYS_POLLER_WAIT, 0, 0);
        assert_true(status == 0 || status == MR_ECANCELED ||
                    (status == MR_EPOLLER && round % 3 == 0));
        for (unsigned i = 0; i < COUNT_OF(racers); i++)
            thread_join(threads[i]);
        atomic_store(&r.over, true);
        thread_join(numbers);
        finish();
        assert_int_equal(mr__fault_passed(MR__SYS_CLOSE) - closes, 2);
        strangers_are_well(&r.s);
        pipe_close(ready);
    }
}

/* ---- K5: 100 threads, 1000 random calls each ---- */

enum { SHARED_TIMERS = 256, PIPES = 4 };

static _Atomic uint64_t shared_timers[SHARED_TIMERS]; /* ids that the owner has given out */
static int pipes[PIPES][2];
static uint64_t owner_random;
static _Atomic uint64_t ran, refused, reported, accepted;

static void own_report(void *arg, mr_status reason)
{
    (void)arg, (void)reason;
    atomic_fetch_add(&reported, 1);
    atomic_fetch_add(&told.own, 1);
}

static void count_run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
}

static void told_anything(mr_status outcome, void *arg)
{
    (void)arg;
    EXPECT(outcome == 0 || outcome == MR_ENOENT);
}

static void on_any_event(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT(events != 0);
    if (next_random(&owner_random) % 2 == 0)
        EXPECT(mr_watch_remove(loop, watch, nothing, NULL) == 0);
    else
        EXPECT(mr_watch_modify(loop, watch, next_random(&owner_random) % 4) <= 0);
}

static void started(mr_status status)
{
    EXPECT(status == 0 || status == MR_ECLOSED);
}

/* One random owner call, on the owner. */
static void owner_call(void *arg)
{
    (void)arg;
    uint64_t dice = next_random(&owner_random), place = dice >> 8 & (SHARED_TIMERS - 1);
    mr_timer timer = {0};
    mr_immediate immediate = {0};
    mr_watch watch = {0};
    mr_timer known = {atomic_load(&shared_timers[place])};
    switch (dice % 12) {
    case 0:
        started(mr_timer_start(loop, dice >> 20 & 0xfffff, nothing, NULL, &timer));
        break;
    case 1:
        started(mr_timer_repeat(loop, dice >> 20 & 0xfffff, nothing, NULL, &timer));
        break;
    case 2:
        started(mr_timer_start(loop, SEC * 3600, nothing, NULL, &timer));
        break;
    case 3:
        (void)!mr_timer_reset(loop, known, dice >> 20 & 0xfffff);
        break;
    case 4:
        (void)!mr_timer_cancel(loop, known);
        break;
    case 5:
        started(mr_immediate_start(loop, nothing, NULL, &immediate));
        if (dice >> 63 != 0)
            (void)!mr_immediate_cancel(loop, immediate);
        break;
    case 6:
        started(mr_microtask(loop, nothing, NULL));
        break;
    case 7:
        started(mr_next_tick(loop, nothing, NULL));
        break;
    case 8:
        started(mr_close_callback(loop, nothing, NULL));
        break;
    case 9:
        started(mr_checkpoint_end(loop, nothing, NULL));
        break;
    case 10:
        (void)!mr_watch_add(loop, pipes[place % PIPES][place >> 2 & 1], dice >> 20 & 3,
                            on_any_event, NULL, &watch);
        break;
    default:
        (void)!mr_timer_unref(loop, known);
        break;
    }
    if (timer.id != 0)
        atomic_store(&shared_timers[place], timer.id);
}

static void take_result(mr_status status)
{
    EXPECT(status == 0 || status == MR_ECLOSED || status == MR_EBACKPRESSURE);
    atomic_fetch_add(status == 0 ? &accepted : &refused, 1);
}

/* One random call that any thread may make. */
static void any_call(uint64_t *random)
{
    uint64_t dice = next_random(random);
    mr_timer timer = {dice >> 62 == 0 ? dice : atomic_load(&shared_timers[dice >> 8 & 255])};
    mr_task counted = {count_run, NULL, own_report};
    mr_loop_stats stats;
    switch (dice % 16) {
    case 0:
    case 1:
        take_result(mr_submit_with(loop, &counted));
        break;
    case 2:
        take_result(mr_submit_internal_with(loop, &counted));
        break;
    case 3:
        (void)!mr_timer_cancel(loop, timer);
        break;
    case 4:
        (void)!mr_timer_ref(loop, timer);
        break;
    case 5:
        (void)!mr_timer_unref(loop, timer);
        break;
    case 6:
        (void)!mr_timer_cancel_outcome(loop, timer, told_anything, NULL);
        break;
    case 7:
        (void)!mr_loop_wake(loop);
        break;
    case 8:
        if (mr_loop_hold(loop) == 0)
            EXPECT(mr_loop_release(loop) == 0);
        break;
    case 9:
        EXPECT(mr_loop_get_stats(loop, &stats) == 0);
        break;
    case 10:
        (void)mr_loop_alive(loop);
        (void)mr_loop_state(loop);
        break;
    case 11:
        EXPECT(mr_loop_now(loop) != 0);
        break;
    case 12:
        if (dice >> 60 == 0)
            (void)!mr_loop_set_park(loop, dice >> 59 & 1 ? MR_PARK_AUTO : MR_PARK_POLLER, MS);
        break;
    case 13:
        mr_loop_unref(mr_loop_ref(loop));
        break;
    default:
        (void)!mr_submit(loop, owner_call, NULL);
        break;
    }
}

static void *caller_main(void *arg)
{
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(uintptr_t)arg;
    for (unsigned i = 0; i < scaled(1000); i++)
        any_call(&random);
    return NULL;
}

static void random_load(bool early, bool close_it)
{
    pthread_t threads[100];
    runner r;
    memset(shared_timers, 0, sizeof shared_timers);
    owner_random = 88172645463325252u;
    atomic_store(&ran, 0), atomic_store(&refused, 0);
    atomic_store(&reported, 0), atomic_store(&accepted, 0);
    for (unsigned i = 0; i < PIPES; i++)
        pipe_with(pipes[i], i % 2);
    begin(MR_PARK_AUTO);
    runner_start(&r);
    while (mr_loop_state(loop) == MR_STATE_CREATED)
        sched_yield(); /* an end before run would be another scenario */
    for (uintptr_t i = 0; i < COUNT_OF(threads); i++)
        threads[i] = thread_start(caller_main, (void *)(i + 1));
    for (unsigned i = 0; !early && i < COUNT_OF(threads); i++)
        thread_join(threads[i]);
    mr_status status = close_it ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER);
    assert_int_equal(status, 0);
    assert_int_equal(runner_join(&r), close_it ? MR_ECANCELED : 0);
    for (unsigned i = 0; early && i < COUNT_OF(threads); i++)
        thread_join(threads[i]);
    assert_int_equal(ran + reported, accepted);
    assert_true(close_it || reported == 0);
    assert_int_equal(mr__test_live_timers(loop), 0);
    finish(); /* pending 0 of every kind: the other slabs are empty too */
    for (unsigned i = 0; i < PIPES; i++)
        pipe_close(pipes[i]);
}

static void K5_hundred_threads_of_random_calls_keep_the_law(void **state)
{
    (void)state;
    random_load(false, false);
    random_load(false, true);
}

static void K5_hundred_threads_of_random_calls_across_the_end(void **state)
{
    (void)state;
    random_load(true, false);
    random_load(true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K5_hundred_threads_of_random_calls_keep_the_law),
        SCENARIO(K5_hundred_threads_of_random_calls_across_the_end),
        SCENARIO(K6_every_order_of_ending_closes_each_descriptor_once),
        SCENARIO(K6_last_unref_alone_closes_each_descriptor_once),
        SCENARIO(K6_racing_ends_close_each_descriptor_once),
    };
    return RUN_SCENARIOS(tests);
}
