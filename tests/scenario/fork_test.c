/* Scenarios K1 and K2: what of a loop is there in a forked child and in a program it becomes.
 *
 * The parent waits for its child inside the very callback that forked, so all the child does comes
 * before anything the parent does next. */
#include "forks.h"

#include <signal.h>

static void never_called(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == 0);
}

static void never_told(mr_status outcome, void *arg)
{
    (void)arg;
    EXPECT(outcome == 77);
}

static void children_were_well(void)
{
    unsigned failed = children_failed;
    children_failed = 0;
    assert_int_equal(failed, 0);
}

/* As check_conservation, for a child, which must not leave through cmocka. */
static void expect_conservation(void)
{
    mr_loop_stats stats = stats_of(loop);
    for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
        const mr_kind_stats *k = &stats.kind[kind];
        EXPECT(k->attempted == k->accepted + k->refused);
        EXPECT(k->accepted == k->run + k->cancelled + k->discarded);
        EXPECT(k->pending == 0 && k->most_pending <= k->accepted);
    }
}

/* ---- K1: one world on both sides of a fork ---- */

typedef struct world {
    int ready[2];
    mr_watch watch;
    mr_timer timer;
    bool child_comes_along; /* it calls mr_loop_after_fork in the callback, and the run goes on */
} world;

static world here;

/* Says so once: readiness is shared by both processes, so the byte stays where it is. */
static void on_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT((events & MR_READ) != 0);
    note("w");
    EXPECT(mr_watch_modify(loop, watch, 0) == 0);
}

static void fire_last(void *arg)
{
    (void)arg;
    note("t");
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
}

static void told_outcome(mr_status outcome, void *arg)
{
    (void)arg;
    EXPECT(outcome == MR_ENOENT);
    note("o");
}

static void forking_task(void *arg)
{
    (void)arg;
    mr_immediate immediate;
    note("fork");
    EXPECT(mr_microtask(loop, say, "m") == 0);
    EXPECT(mr_immediate_start(loop, say, "i", &immediate) == 0);
    EXPECT(mr_timer_start(loop, MS, fire_last, NULL, &here.timer) == 0);
    submit_say("parents");
    EXPECT(mr_submit_internal(loop, say, "parents") == 0);
    EXPECT(mr_timer_cancel_outcome(loop, (mr_timer){7}, told_outcome, NULL) == 0);
    if (park_at_hand != MR_PARK_FUTEX)
        EXPECT(write(here.ready[1], "x", 1) == 1);
    if (fork_and_wait() && here.child_comes_along)
        EXPECT(mr_loop_after_fork(loop) == 0);
}

/* Before mr_loop_after_fork nothing reaches the parent, a lock or the poller. */
static void expect_standstill(void)
{
    mr_loop_stats stats;
    mr_watch watch = {5};
    EXPECT(mr_loop_run(loop) == MR_EFORKED);
    EXPECT(mr_loop_turn(loop, 0) == MR_EFORKED);
    EXPECT(mr_submit(loop, say, "x") == MR_EFORKED);
    EXPECT(mr_submit_internal(loop, say, "x") == MR_EFORKED);
    EXPECT(mr_timer_cancel_outcome(loop, here.timer, never_told, NULL) == MR_EFORKED);
    EXPECT(mr_watch_add(loop, here.ready[1], MR_WRITE, never_called, NULL, &watch) == MR_EFORKED);
    EXPECT(mr_watch_add_wait(loop, here.ready[1], MR_WRITE, never_called, NULL, 0, &watch) ==
           MR_EFORKED);
    EXPECT(mr_watch_modify_wait(loop, here.watch, 0, 0) == MR_EFORKED);
    EXPECT(mr_watch_remove_wait(loop, here.watch, NULL, NULL, 0) == MR_EFORKED);
    EXPECT(watch.id == 5);
    EXPECT(mr_loop_set_park(loop, MR_PARK_POLLER, 0) == MR_EFORKED);
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == MR_EFORKED);
    EXPECT(mr_loop_close(loop) == MR_EFORKED);
    EXPECT(mr_loop_request_close(loop) == MR_EFORKED);
    EXPECT(mr_loop_get_stats(loop, &stats) == MR_EFORKED);
    EXPECT(mr_loop_wake(loop) == 0);
    EXPECT(mr_loop_state(loop) == MR_STATE_RUNNING);
    EXPECT(mr_loop_alive(loop));
}

static void child_goes_on(void)
{
    EXPECT(strcmp(story, "fork") == 0); /* its checkpoint waits, too */
    expect_standstill();
    if (park_at_hand != MR_PARK_FUTEX)
        EXPECT(mr_watch_modify(loop, here.watch, MR_WRITE) == MR_EFORKED);
    EXPECT(mr_loop_after_fork(loop) == 0);
    EXPECT(mr_loop_after_fork(loop) == 0); /* once more is nothing */
    EXPECT(counts(MR_KIND_TASK).pending == 0 && counts(MR_KIND_INTERNAL).pending == 0);
    submit_say("own");
    EXPECT(mr_loop_run(loop) == 0);
}

static void one_world(mr_park park, bool child_comes_along)
{
    here = (world){.child_comes_along = child_comes_along};
    pipe_with(here.ready, 0);
    begin(park);
    bool watches = park != MR_PARK_FUTEX;
    if (watches)
        assert_int_equal(mr_watch_add(loop, here.ready[0], MR_READ, on_ready, NULL, &here.watch),
                         0);
    submit(forking_task, NULL);
    submit_say("parents");
    mr_status status = mr_loop_run(loop);
    if (in_child) {
        if (child_comes_along) {
            EXPECT(status == 0);
            EXPECT(strcmp(story, watches ? "fork m w i t" : "fork m i t") == 0);
        } else {
            EXPECT(status == MR_EFORKED);
            child_goes_on();
            /* The timer is due in whichever turn; the rest has one order. */
            EXPECT(strstr(story, watches ? "fork m w i" : "fork m i") == story);
            EXPECT(strstr(story, " t") != NULL && strstr(story, "own") != NULL);
            EXPECT(strstr(story, "parents") == NULL && strstr(story, " o ") == NULL);
        }
        expect_conservation();
        mr_loop_unref(loop);
        child_ends();
    }
    assert_int_equal(status, 0);
    assert_non_null(strstr(story, "fork m parents"));
    assert_non_null(strstr(story, watches ? "w i" : "i"));
    assert_non_null(strstr(story, "o parents parents"));
    assert_int_equal(counts(MR_KIND_TASK).run, 3);
    assert_int_equal(counts(MR_KIND_TIMER).run, 1);
    finish();
    pipe_close(here.ready);
    children_were_well();
}

static void K1_child_stands_still_until_after_fork_and_then_runs(void **state)
{
    (void)state;
    for (EACH_PARK(park))
        one_world(park, false);
}

static void K1_after_fork_in_the_callback_lets_the_run_go_on(void **state)
{
    (void)state;
    for (EACH_PARK(park))
        one_world(park, true);
}

/* ---- K1: other ways to be in a child ---- */

static void fork_and_drop_all(void *arg)
{
    mr_immediate *immediate = arg;
    note("fork");
    if (!fork_and_wait())
        return;
    EXPECT(mr_immediate_cancel(loop, *immediate) == 0);
    EXPECT(mr_timer_cancel(loop, here.timer) == 0);
    EXPECT(mr_watch_remove(loop, here.watch, say, "closed") == 0);
}

static void K1_child_without_the_loop_takes_nothing_from_the_parent(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        mr_immediate immediate = {0};
        here = (world){0};
        pipe_with(here.ready, 1);
        begin(park);
        here.timer = timer_in(MS, fire_last, NULL);
        assert_int_equal(mr_immediate_start(loop, say, "i", &immediate), 0);
        assert_int_equal(mr_watch_add(loop, here.ready[0], MR_READ, on_ready, NULL, &here.watch),
                         0);
        /* A tick comes before the first poll. */
        assert_int_equal(mr_next_tick(loop, fork_and_drop_all, &immediate), 0);
        mr_status status = mr_loop_run(loop);
        if (in_child) {
            EXPECT(status == MR_EFORKED);
            EXPECT(strcmp(story, "fork") == 0);
            mr_loop_unref(loop);
            EXPECT(reports_of_all_kinds() == 0);
            child_ends();
        }
        assert_int_equal(status, 0);
        assert_story("fork w i t");
        finish();
        pipe_close(here.ready);
        children_were_well();
    }
}

static void K1_owner_may_fork_between_turns(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        submit_say("parents");
        if (fork_and_wait()) {
            EXPECT(mr_loop_turn(loop, 0) == MR_EFORKED);
            EXPECT(mr_loop_after_fork(loop) == 0);
            submit_say("own");
            EXPECT(mr_loop_turn(loop, 0) == 0);
            EXPECT(strcmp(story, "own") == 0);
            EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
            EXPECT(mr_loop_turn(loop, 0) == 0);
            EXPECT(mr_loop_state(loop) == MR_STATE_CLOSED);
            expect_conservation();
            mr_loop_unref(loop);
            child_ends();
        }
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("parents");
        finish_turned();
        children_were_well();
    }
}

static void fork_only(void *arg)
{
    note("%s", (const char *)arg);
    fork_and_wait();
}

static void K1_fork_in_a_drain_leaves_the_drain_to_be_finished(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        submit(fork_only, "fork");
        submit_say("parents");
        mr_immediate immediate;
        assert_int_equal(mr_immediate_start(loop, nothing, NULL, &immediate), 0);
        mr_status status = mr_loop_shutdown(loop, FOR_EVER); /* never run: the caller drains */
        if (in_child) {
            EXPECT(status == MR_EFORKED);
            EXPECT(mr_loop_turn(loop, 0) == MR_EFORKED);
            EXPECT(mr_loop_after_fork(loop) == 0);
            EXPECT(mr_loop_state(loop) == MR_STATE_STOPPING);
            EXPECT(mr_loop_turn(loop, 0) == 0);
            EXPECT(strcmp(story, "fork") == 0);
            expect_conservation();
            mr_loop_unref(loop);
            child_ends();
        }
        assert_int_equal(status, 0);
        assert_story("fork parents");
        finish();
        children_were_well();
    }
}

static void fork_when_discarded(void *arg, mr_status reason)
{
    EXPECT(reason == MR_ECLOSED);
    own_discard(arg, reason);
    fork_and_wait();
}

static void K1_fork_in_a_report_reports_nothing_more_in_the_child(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_task forking = {nothing, NULL, fork_when_discarded};
        mr_immediate immediate;
        assert_int_equal(mr_immediate_start_with(loop, &forking, &immediate), 0);
        submit_say("parents");
        mr_status status = mr_loop_close(loop);
        if (in_child) {
            EXPECT(status == 0 && mr_loop_state(loop) == MR_STATE_CLOSED);
            EXPECT(atomic_load(&told.own) == 1 && reports_of_all_kinds() == 0);
            mr_loop_unref(loop);
            child_ends();
        }
        assert_int_equal(status, 0);
        assert_int_equal(atomic_load(&told.own), 1);
        assert_int_equal(reports_of_all_kinds(), 1);
        finish();
        children_were_well();
    }
}

static void K1_thread_that_does_not_own_the_loop_cannot_bring_it_along(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        begin(park);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        if (fork_and_wait()) {
            EXPECT(mr_loop_after_fork(loop) == MR_EWRONGTHREAD);
            EXPECT(mr_loop_run(loop) == MR_EFORKED);
            EXPECT(mr_submit(loop, say, "x") == MR_EFORKED);
            EXPECT(mr_timer_cancel(loop, (mr_timer){7}) == MR_EFORKED);
            EXPECT(mr_loop_shutdown(loop, FOR_EVER) == MR_EFORKED);
            EXPECT(mr_loop_wake(loop) == 0);
            EXPECT(!mr_loop_alive(loop));
            mr_loop_unref(loop);
            child_ends();
        }
        submit_say("parents");
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(runner_join(&r), 0);
        assert_story("parents");
        finish();
        children_were_well();
    }
}

static void K1_virtual_time_goes_on_in_the_child(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    timer_in(5 * MS, say_ms, "a");
    timer_in(10 * MS, fork_only, "fork");
    timer_in(20 * MS, say_ms, "b");
    mr_status status = mr_loop_run(loop);
    if (in_child) {
        EXPECT(status == MR_EFORKED && strcmp(story, "a@5 fork") == 0);
        EXPECT(mr_loop_after_fork(loop) == 0);
        EXPECT(mr_loop_run(loop) == 0);
        EXPECT(strcmp(story, "a@5 fork b@20") == 0);
        expect_conservation();
        mr_loop_unref(loop);
        child_ends();
    }
    assert_int_equal(status, 0);
    assert_story("a@5 fork b@20");
    finish();
    children_were_well();
}

/* ---- K1: other threads in the middle of something ---- */

static _Atomic bool producers_stop;

static void *hammer(void *arg)
{
    (void)arg;
    while (!atomic_load(&producers_stop)) {
        (void)!mr_submit(loop, nothing, NULL);
        (void)!mr_submit_internal(loop, nothing, NULL);
        (void)!mr_timer_cancel(loop, (mr_timer){7});
        (void)!mr_loop_set_park(loop, MR_PARK_AUTO, 0);
        mr_loop_stats stats;
        (void)!mr_loop_get_stats(loop, &stats);
    }
    return NULL;
}

static void fork_in_the_storm(void *arg)
{
    unsigned *left = arg;
    if (in_child)
        return;
    if (!fork_and_wait()) {
        if (--*left == 0)
            EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
        else
            EXPECT(mr_submit_internal(loop, fork_in_the_storm, left) == 0);
        return;
    }
    EXPECT(mr_loop_after_fork(loop) == 0);
    submit(shut_down, NULL);
}

static void K1_locks_held_by_other_threads_do_not_stop_the_child(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    skip(); /* it still sees the locks as held by the threads that are gone */
#endif
    unsigned left = scaled(60);
    pthread_t threads[4];
    begin(MR_PARK_AUTO);
    atomic_store(&producers_stop, false);
    submit(fork_in_the_storm, &left);
    for (unsigned i = 0; i < COUNT_OF(threads); i++)
        threads[i] = thread_start(hammer, NULL);
    mr_status status = mr_loop_run(loop);
    if (in_child) {
        EXPECT(status == 0);
        expect_conservation();
        child_ends();
    }
    atomic_store(&producers_stop, true);
    for (unsigned i = 0; i < COUNT_OF(threads); i++)
        thread_join(threads[i]);
    assert_int_equal(status, 0);
    assert_int_equal(left, 0);
    finish();
    children_were_well();
}

/* ---- K2: a program inherits none of our descriptors ---- */

/* What the program started by K2 does: counts which of the given numbers are open. */
static int count_open(int argc, char **argv)
{
    int open = 0;
    for (int i = 2; i < argc; i++)
        open += fcntl(atoi(argv[i]), F_GETFD) >= 0;
    return open;
}

static unsigned open_ones(bool open[256])
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++) {
        open[fd] = fcntl(fd, F_GETFD) >= 0;
        n += open[fd];
    }
    return n;
}

static int inherited_by_a_program(const bool before[256], const bool after[256])
{
    static char numbers[256][12];
    char *argv[260] = {(char *)(uintptr_t) "fork_test", (char *)(uintptr_t) "--count-open"};
    unsigned argc = 2;
    for (int fd = 0; fd < 256; fd++) {
        if (before[fd] || !after[fd])
            continue;
        snprintf(numbers[fd], sizeof numbers[fd], "%d", fd);
        argv[argc++] = numbers[fd];
    }
    pid_t child = fork();
    if (child == 0) {
        execv("/proc/self/exe", argv);
        _exit(111);
    }
    int how = -1;
    EXPECT(waitpid(child, &how, 0) == child && WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void K2_program_started_by_exec_has_none_of_our_descriptors(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        bool before[256], after[256];
        int ready[2];
        pipe_with(ready, 0);
        unsigned n = open_ones(before);
        begin(park);
        mr_watch watch;
        assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, never_called, NULL, &watch), 0);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(open_ones(after), n + 2); /* poller and wake */
        assert_int_equal(inherited_by_a_program(before, after), 0);
        after[50] = true; /* the check sees what is inherited */
        assert_int_equal(dup2(ready[1], 50), 50);
        assert_int_equal(inherited_by_a_program(before, after), 1);
        close(50);
        finish_turned();
        pipe_close(ready);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--count-open") == 0)
        return count_open(argc, argv);
    const struct CMUnitTest tests[] = {
        SCENARIO(K1_child_stands_still_until_after_fork_and_then_runs),
        SCENARIO(K1_after_fork_in_the_callback_lets_the_run_go_on),
        SCENARIO(K1_child_without_the_loop_takes_nothing_from_the_parent),
        SCENARIO(K1_owner_may_fork_between_turns),
        SCENARIO(K1_fork_in_a_drain_leaves_the_drain_to_be_finished),
        SCENARIO(K1_fork_in_a_report_reports_nothing_more_in_the_child),
        SCENARIO(K1_thread_that_does_not_own_the_loop_cannot_bring_it_along),
        SCENARIO(K1_virtual_time_goes_on_in_the_child),
        SCENARIO(K1_locks_held_by_other_threads_do_not_stop_the_child),
        SCENARIO(K2_program_started_by_exec_has_none_of_our_descriptors),
    };
    return RUN_SCENARIOS(tests);
}
