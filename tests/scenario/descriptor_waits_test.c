/* Scenarios F10, F11, F12: what other threads ask of watches, and how long they wait for it. */
#include "scenario.h"

static const uint64_t untouched = UINT64_C(0xA5A5A5A5A5A5A5A5); /* no call would write this */

static void never(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == 0);
}

static uint64_t watches(void)
{
    return counts(MR_KIND_WATCH).pending;
}

/* Counts what was posted, by all threads, through the test point. */
static gate posted;

static void posted_fn(mr_loop *of, mr__test_point point, void *arg)
{
    (void)of, (void)arg;
    if (point == MR__TEST_PRODUCER_PUSHED) {
        gate_open(&posted);
    }
}

static void posted_begin(mr_park park)
{
    begin(park);
    posted.opened = 0;
    mr__test_point_set(loop, posted_fn, NULL);
}

/* ---- F10 ---- */

typedef struct held_watch {
    int fd;
    hold at;
    mr_watch watch;
    unsigned calls, closed; /* owner */
    _Atomic bool inside;
    bool inside_at_return;
    mr_status status;
} held_watch;

static void hold_in_callback(mr_watch watch, unsigned events, void *arg)
{
    held_watch *h = arg;
    EXPECT(watch.id == h->watch.id && events == MR_READ);
    atomic_store(&h->inside, true);
    if (h->calls++ == 0) {
        hold_here(&h->at);
    }
    atomic_store(&h->inside, false);
}

static void count_closed(void *arg)
{
    ((held_watch *)arg)->closed++;
}

static void *remove_without_limit(void *arg)
{
    held_watch *h = arg;
    h->status = mr_watch_remove_wait(loop, h->watch, count_closed, h, FOR_EVER);
    h->inside_at_return = atomic_load(&h->inside);
    return NULL;
}

static void F10_remove_waits_for_the_callback_in_progress(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        runner r;
        pipe_with(fds, 1);
        held_watch h = {.fd = fds[0], .at = HOLD};
        posted_begin(park);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, hold_in_callback, &h, &h.watch), 0);
        runner_start(&r);
        gate_wait(&h.at.reached);
        assert_int_equal(mr_watch_remove_wait(loop, h.watch, count_closed, &h, 10 * MS),
                         MR_ETIMEDOUT);
        assert_int_equal(mr_watch_modify_wait(loop, h.watch, MR_WRITE, 10 * MS), MR_ETIMEDOUT);
        assert_int_equal(watches(), 1);
        pthread_t other = thread_start(remove_without_limit, &h);
        gate_wait_for(&posted, 3);
        gate_open(&h.at.go);
        thread_join(other);
        assert_int_equal(h.status, 0);
        assert_false(h.inside_at_return);
        assert_int_equal(watches(), 0);
        assert_int_equal(mr_watch_remove_wait(loop, h.watch, count_closed, &h, FOR_EVER),
                         MR_ENOENT);
        assert_int_equal(mr_watch_modify_wait(loop, h.watch, MR_READ, FOR_EVER), MR_ENOENT);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(h.closed, 1); /* the one that timed out tells nothing */
        finish();
        pipe_close(fds);
    }
}

static void F10_a_timed_out_remove_leaves_the_watch_in_place(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 1);
        held_watch h = {.fd = fds[0], .at = HOLD};
        runner r;
        begin(park);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, hold_in_callback, &h, &h.watch), 0);
        runner_start(&r);
        gate_wait(&h.at.reached);
        assert_int_equal(mr_watch_remove_wait(loop, h.watch, count_closed, &h, 10 * MS),
                         MR_ETIMEDOUT);
        gate_open(&h.at.go);
        /* Level-triggered, so it is called again; and a change waits for no callback to come. */
        assert_int_equal(mr_watch_modify_wait(loop, h.watch, 0, FOR_EVER), 0);
        unsigned calls = h.calls;
        assert_true(calls >= 1);
        assert_int_equal(mr_watch_modify_wait(loop, h.watch, MR_READ, FOR_EVER), 0);
        gate done = GATE;
        submit(open_gate, &done); /* the task below runs in a later turn, after its poll */
        gate_wait(&done);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_true(h.calls > calls);
        assert_int_equal(h.closed, 0);
        assert_int_equal(counts(MR_KIND_WATCH).discarded, 1);
        finish();
        pipe_close(fds);
    }
}

/* On the owner nothing waits: also not in the watch's own callback. */
static void remove_itself(mr_watch watch, unsigned events, void *arg)
{
    const int *spare = arg;
    mr_watch other = {0};
    EXPECT(events == MR_READ);
    EXPECT(mr_watch_add_wait(loop, *spare, MR_READ, never, NULL, 0, &other) == 0);
    EXPECT(mr_watch_add_wait(loop, *spare, MR_READ, never, NULL, 0, &other) == MR_EEXIST);
    EXPECT(mr_watch_modify_wait(loop, other, 0, 0) == 0);
    EXPECT(mr_watch_remove_wait(loop, other, say, "other", 0) == 0);
    EXPECT(mr_watch_remove_wait(loop, watch, say, "itself", 0) == 0);
    EXPECT(mr_watch_remove_wait(loop, watch, say, "x", FOR_EVER) == MR_ENOENT);
    note("called");
}

static void F10_on_the_owner_nothing_waits(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2], spare[2];
        mr_watch watch;
        pipe_with(fds, 1);
        pipe_with(spare, 0);
        begin(park);
        assert_int_equal(
            mr_watch_add_wait(loop, fds[0], MR_READ, remove_itself, &spare[0], 0, &watch), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("called other itself");
        assert_int_equal(watches(), 0);
        finish_turned();
        pipe_close(fds);
        pipe_close(spare);
    }
}

/* ---- F11 ---- */

static void F11_a_timed_out_add_never_appears(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_watch watch = {untouched};
        hold h = HOLD;
        runner r;
        pipe_with(fds, 1);
        begin(park);
        submit(hold_here, &h);
        runner_start(&r);
        gate_wait(&h.reached);
        assert_int_equal(mr_watch_add_wait(loop, fds[0], MR_READ, never, NULL, 10 * MS, &watch),
                         MR_ETIMEDOUT);
        uint64_t allocations = stats_of(loop).allocations;
        for (unsigned i = 0; i < 100; i++) { /* what a waiter leaves is used again */
            assert_int_equal(mr_watch_add_wait(loop, fds[0], MR_READ, never, NULL, 0, &watch),
                             MR_ETIMEDOUT);
        }
        assert_int_equal(stats_of(loop).allocations, allocations);
        assert_int_equal(watch.id, untouched);
        gate_open(&h.go);
        gate done = GATE;
        submit(open_gate, &done); /* two turns later */
        gate_wait(&done);
        submit(open_gate, &done);
        gate_wait_for(&done, 2);
        assert_int_equal(counts(MR_KIND_WATCH).attempted, 101);
        assert_int_equal(counts(MR_KIND_WATCH).refused, 101);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        finish();
        pipe_close(fds);
    }
}

static void read_one(mr_watch watch, unsigned events, void *arg)
{
    char byte;
    EXPECT(events == MR_READ);
    EXPECT(read(0, &byte, 1) == 1);
    EXPECT(mr_watch_modify(loop, watch, 0) == 0);
    gate_open(arg);
}

static void F11_descriptor_zero_can_be_watched(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2], input = dup(0);
        gate called = GATE;
        mr_watch watch;
        runner r;
        pipe_with(fds, 1);
        assert_int_equal(dup2(fds[0], 0), 0);
        begin(park);
        runner_start(&r);
        assert_int_equal(mr_watch_add_wait(loop, 0, MR_READ, read_one, &called, FOR_EVER, &watch),
                         0);
        assert_int_not_equal(watch.id, 0);
        gate_wait(&called);
        assert_int_equal(mr_watch_remove_wait(loop, watch, NULL, NULL, FOR_EVER), 0);
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        finish();
        if (input >= 0) {
            dup2(input, 0);
            close(input);
        } else {
            close(0);
        }
        pipe_close(fds);
    }
}

/* One waiter without a limit. */
typedef struct waiter {
    int fd;
    mr_watch watch;
    mr_status add, modify, remove;
} waiter;

static void *wait_without_limit(void *arg)
{
    waiter *w = arg;
    w->add = mr_watch_add_wait(loop, w->fd, MR_READ, never, NULL, FOR_EVER, &w->watch);
    w->modify = mr_watch_modify_wait(loop, w->watch, 0, FOR_EVER);
    w->remove = mr_watch_remove_wait(loop, w->watch, NULL, NULL, FOR_EVER);
    return NULL;
}

static void F11_on_a_loop_that_nobody_runs_waits_end_with_it(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        for (unsigned run = 0; run < 2; run++) {
            int fds[2];
            pipe_with(fds, 0);
            waiter w = {.fd = fds[0], .watch = {untouched}};
            posted_begin(park);
            pthread_t other = thread_start(wait_without_limit, &w);
            gate_wait(&posted);
            assert_int_equal(watches(), 0);
            if (run != 0) {
                while (counts(MR_KIND_WATCH).cancelled == 0) {
                    assert_int_equal(mr_loop_turn(loop, MS), 0);
                }
            }
            assert_int_equal(mr_loop_close(loop), 0);
            thread_join(other);
            mr_status want = run != 0 ? MR_OK : MR_ECLOSED;
            assert_int_equal(w.add, want);
            assert_int_equal(w.modify, want);
            assert_int_equal(w.remove, want);
            assert_true(run != 0 || w.watch.id == untouched);
            finish();
            pipe_close(fds);
        }
    }
}

static void *time_out_thrice(void *arg)
{
    waiter *w = arg;
    w->add = mr_watch_add_wait(loop, w->fd, MR_READ, never, NULL, MS, &w->watch);
    w->modify = mr_watch_modify_wait(loop, w->watch, 0, MS);
    w->remove = mr_watch_remove_wait(loop, w->watch, NULL, NULL, MS);
    return NULL;
}

static void F11_on_a_loop_that_nobody_runs_the_time_passes(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 1);
        waiter w = {.fd = fds[0], .watch = {untouched}};
        begin(park);
        thread_join(thread_start(time_out_thrice, &w));
        assert_int_equal(w.add, MR_ETIMEDOUT);
        assert_int_equal(w.modify, MR_ETIMEDOUT);
        assert_int_equal(w.remove, MR_ETIMEDOUT);
        assert_int_equal(w.watch.id, untouched);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(watches(), 0);
        finish_turned();
        pipe_close(fds);
    }
}

static void F11_the_end_of_the_loop_releases_all_who_wait(void **state)
{
    (void)state;
    enum { WAITERS = 4 };
    for (EACH_WATCH_PARK(park)) {
        for (unsigned close_it = 0; close_it < 2; close_it++) {
            int fds[2];
            waiter w[WAITERS];
            pthread_t threads[WAITERS];
            hold h = HOLD;
            runner r;
            pipe_with(fds, 0);
            posted_begin(park);
            submit(hold_here, &h);
            runner_start(&r);
            gate_wait(&h.reached);
            for (unsigned i = 0; i < WAITERS; i++) {
                w[i] = (waiter){.fd = fds[0], .watch = {untouched}};
                threads[i] = thread_start(wait_without_limit, &w[i]);
            }
            gate_wait_for(&posted, 1 + WAITERS);
            if (close_it != 0) {
                assert_int_equal(mr_loop_request_close(loop), 0);
            } else {
                assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
            }
            /* In STOPPING an add is refused at once, while the owner is still held. */
            mr_watch late = {untouched};
            assert_int_equal(mr_watch_add_wait(loop, fds[0], MR_READ, never, NULL, FOR_EVER, &late),
                             MR_ECLOSED);
            assert_int_equal(mr_watch_modify_wait(loop, late, MR_READ, FOR_EVER), MR_ECLOSED);
            assert_int_equal(mr_watch_remove_wait(loop, late, NULL, NULL, MS), MR_ETIMEDOUT);
            assert_int_equal(late.id, untouched);
            gate_open(&h.go);
            assert_int_equal(runner_join(&r), close_it != 0 ? MR_ECANCELED : 0);
            for (unsigned i = 0; i < WAITERS; i++) {
                thread_join(threads[i]);
                assert_int_equal(w[i].add, MR_ECLOSED);
                assert_int_equal(w[i].modify, MR_ECLOSED);
                assert_true(w[i].remove == MR_ECLOSED || w[i].remove == MR_ENOENT);
            }
            assert_int_equal(counts(MR_KIND_WATCH).refused, WAITERS + 1);
            finish();
            pipe_close(fds);
        }
    }
}

/* Applied, or timed out and never applied: the owner's own numbers must agree with the answers. */
typedef struct racer {
    uint64_t seed;
    int fd;
    unsigned rounds, added, timed_out, removed;
} racer;

static void *race_the_owner(void *arg)
{
    racer *r = arg;
    for (unsigned i = 0; i < r->rounds; i++) {
        mr_watch watch = {untouched};
        uint64_t limit = next_random(&r->seed) % 40000;
        mr_status status = mr_watch_add_wait(loop, r->fd, MR_READ, never, NULL, limit, &watch);
        EXPECT(status == 0 || status == MR_ETIMEDOUT);
        EXPECT((status == 0) == (watch.id != untouched));
        r->timed_out += status != 0;
        if (status != 0) {
            continue;
        }
        r->added++;
        do {
            limit = next_random(&r->seed) % 40000;
            status = mr_watch_remove_wait(loop, watch, NULL, NULL, limit);
            EXPECT(status == 0 || status == MR_ETIMEDOUT);
        } while (status != 0);
        EXPECT(mr_watch_remove_wait(loop, watch, NULL, NULL, FOR_EVER) == MR_ENOENT);
        r->removed++;
    }
    return NULL;
}

static void F11_every_race_of_time_and_owner_has_one_winner(void **state)
{
    (void)state;
    enum { RACERS = 4 };
    for (EACH_WATCH_PARK(park)) {
        int fds[RACERS][2];
        racer racers[RACERS];
        pthread_t threads[RACERS];
        runner r;
        unsigned added = 0, timed_out = 0;
        begin(park);
        runner_start(&r);
        for (unsigned i = 0; i < RACERS; i++) {
            pipe_with(fds[i], 0);
            racers[i] = (racer){.seed = 77 + i, .fd = fds[i][0], .rounds = scaled(2000)};
            threads[i] = thread_start(race_the_owner, &racers[i]);
        }
        for (unsigned i = 0; i < RACERS; i++) {
            thread_join(threads[i]);
            added += racers[i].added;
            timed_out += racers[i].timed_out;
            assert_int_equal(racers[i].removed, racers[i].added);
            pipe_close(fds[i]);
        }
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(counts(MR_KIND_WATCH).accepted, added);
        assert_int_equal(counts(MR_KIND_WATCH).cancelled, added);
        assert_int_equal(counts(MR_KIND_WATCH).refused, timed_out);
        finish();
    }
}

static uint64_t actor_waits(mr_loop *of, void *arg)
{
    mr_watch watch = {untouched};
    (void)arg;
    EXPECT(mr_watch_add_wait(of, 0, MR_READ, never, NULL, FOR_EVER, &watch) == MR_ETIMEDOUT);
    EXPECT(mr_watch_remove_wait(of, watch, NULL, NULL, FOR_EVER) == MR_ETIMEDOUT);
    EXPECT(mr_loop_set_park(of, MR_PARK_FUTEX, FOR_EVER) == MR_ETIMEDOUT);
    EXPECT(watch.id == untouched);
    note("actor");
    return MR_SIM_DONE;
}

static void F11_an_actor_does_not_wait_for_its_own_thread(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    assert_int_equal(mr_sim_actor(loop, SEC, actor_waits, NULL), 0);
    timer_in(2 * SEC, shut_down, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("actor");
    finish();
}

/* ---- F12 ---- */

enum { ADDERS = 16 };

static gate start_line;

static void *add_one(void *arg)
{
    waiter *w = arg;
    gate_wait(&start_line);
    w->add = mr_watch_add_wait(loop, w->fd, MR_READ, never, NULL, FOR_EVER, &w->watch);
    return NULL;
}

static void adders_scene(mr_park park, mr_status want, unsigned poller_descriptors)
{
    int fds[ADDERS][2];
    waiter w[ADDERS];
    pthread_t threads[ADDERS];
    runner r;
    start_line.opened = 0;
    for (unsigned i = 0; i < ADDERS; i++) {
        pipe_with(fds[i], 0);
        w[i] = (waiter){.fd = fds[i][0], .watch = {untouched}};
    }
    unsigned descriptors = open_descriptors();
    begin(park);
    runner_start(&r);
    for (unsigned i = 0; i < ADDERS; i++) {
        threads[i] = thread_start(add_one, &w[i]);
    }
    gate_open(&start_line);
    for (unsigned i = 0; i < ADDERS; i++) {
        thread_join(threads[i]);
        assert_int_equal(w[i].add, want);
        assert_true((w[i].watch.id == untouched) == (want != 0));
        for (unsigned j = 0; j < i; j++) {
            assert_true(want != 0 || w[i].watch.id != w[j].watch.id);
        }
    }
    assert_int_equal(open_descriptors(), descriptors + poller_descriptors);
    assert_int_equal(watches(), want == 0 ? ADDERS : 0);
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    finish();
    for (unsigned i = 0; i < ADDERS; i++) {
        pipe_close(fds[i]);
    }
}

static void F12_sixteen_threads_share_one_poller(void **state)
{
    (void)state;
    for (unsigned n = scaled(20); n > 0; n--) {
        adders_scene(MR_PARK_AUTO, MR_OK, 2); /* epoll and eventfd */
        adders_scene(MR_PARK_POLLER, MR_OK, 2);
        adders_scene(MR_PARK_FUTEX, MR_EINCOMPATIBLE, 0);
    }
}

/* Who made the loop owns it until another thread begins to run it, and cannot know when that is. */
static void F12_the_maker_may_add_while_another_thread_begins_to_run(void **state)
{
    (void)state;
    int fds[2];
    pipe_with(fds, 0);
    for (EACH_WATCH_PARK(park)) {
        for (unsigned n = scaled(200); n > 0; n--) {
            mr_watch watch;
            runner r;
            begin(park);
            runner_start(&r);
            assert_int_equal(
                mr_watch_add_wait(loop, fds[0], MR_READ, never, NULL, FOR_EVER, &watch), 0);
            assert_int_equal(mr_loop_set_park(loop, MR_PARK_POLLER, FOR_EVER), 0);
            assert_int_equal(mr_watch_modify_wait(loop, watch, MR_WRITE, FOR_EVER), 0);
            assert_int_equal(mr_watch_remove_wait(loop, watch, NULL, NULL, FOR_EVER), 0);
            submit(shut_down, NULL);
            assert_int_equal(runner_join(&r), 0);
            finish();
        }
    }
    pipe_close(fds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(F10_remove_waits_for_the_callback_in_progress),
        SCENARIO(F10_a_timed_out_remove_leaves_the_watch_in_place),
        SCENARIO(F10_on_the_owner_nothing_waits),
        SCENARIO(F11_a_timed_out_add_never_appears),
        SCENARIO(F11_descriptor_zero_can_be_watched),
        SCENARIO(F11_on_a_loop_that_nobody_runs_waits_end_with_it),
        SCENARIO(F11_on_a_loop_that_nobody_runs_the_time_passes),
        SCENARIO(F11_the_end_of_the_loop_releases_all_who_wait),
        SCENARIO(F11_every_race_of_time_and_owner_has_one_winner),
        SCENARIO(F11_an_actor_does_not_wait_for_its_own_thread),
        SCENARIO(F12_sixteen_threads_share_one_poller),
        SCENARIO(F12_the_maker_may_add_while_another_thread_begins_to_run),
    };
    return RUN_SCENARIOS(tests);
}
