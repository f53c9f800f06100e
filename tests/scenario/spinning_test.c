/* Spinning before sleeping, and who must not. */
#include "scenario.h"

#include <millrace/promise.h>
#include <millrace/submit.h>

enum { ROUNDS = 2000 };

static mr_status same(void *arg, mr_value *out)
{
    *out = mr_value_int(*(int *)arg);
    return MR_OK;
}

/* Ask and wait, again and again, as fast as the answers come. */
static void *ask(void *arg)
{
    (void)arg;
    for (int i = 0; i < (int)scaled(ROUNDS); i++) {
        mr_value answer;
        EXPECT(mr_await(loop, same, &i, FOR_EVER, NULL, &answer) == 0);
        EXPECT(answer.as.integer == i);
    }
    return NULL;
}

static void ask_a_loop(mr_park park, uint32_t flags)
{
    runner r;
    mr_loop_options options = options_for(park);
    options.flags = flags;
    begin_with(&options);
    runner_start(&r);
    thread_join(thread_start(ask, NULL));
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    assert_int_equal(counts(MR_KIND_TASK).run, scaled(ROUNDS) + 1);
    finish();
}

static void every_question_is_answered_spinning_or_not(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        ask_a_loop(park, 0);
        ask_a_loop(park, MR_NO_SPINNING);
    }
}

/* From the processor's time it must follow that an idle loop sleeps: at most one spin after work. */
static void an_idle_loop_burns_nothing(void **state)
{
    (void)state;
    runner r;
    begin(MR_PARK_FUTEX);
    runner_start(&r);
    thread_join(thread_start(ask, NULL));
    rest(20 * MS);
    clockid_t clock;
    assert_int_equal(pthread_getcpuclockid(r.thread, &clock), 0);
    struct timespec before, after;
    clock_gettime(clock, &before);
    rest(100 * MS);
    clock_gettime(clock, &after);
    int64_t burnt = (after.tv_sec - before.tv_sec) * (int64_t)SEC + after.tv_nsec - before.tv_nsec;
    assert_true(burnt < (int64_t)(5 * MS));
    submit(shut_down, NULL);
    assert_int_equal(runner_join(&r), 0);
    finish();
}

static void *ask_and_stop(void *arg)
{
    (void)arg;
    for (int i = 0; i < 8; i++) {
        mr_value answer;
        EXPECT(mr_await(loop, same, &i, FOR_EVER, NULL, &answer) == 0);
    }
    rest(30000);
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
    return NULL;
}

/* Stops, commands and settlements reach a loop that may be spinning. */
static void what_is_no_task_ends_a_spin_too(void **state)
{
    (void)state;
    for (unsigned n = scaled(100); n != 0; n--) {
        runner r;
        begin(MR_PARK_FUTEX);
        runner_start(&r);
        thread_join(thread_start(ask_and_stop, NULL));
        assert_int_equal(runner_join(&r), 0);
        finish();
    }
}

/* A wait with a bound ends at it, whether it is spent spinning or asleep. */
static void a_timer_that_is_due_meanwhile_is_not_early(void **state)
{
    (void)state;
    begin(MR_PARK_FUTEX);
    for (unsigned n = scaled(300); n != 0; n--) {
        mr_timer timer;
        uint64_t due = real_now() + 20000;
        assert_int_equal(mr_timer_start_at(loop, due, say, "t", &timer), 0);
        while (counts(MR_KIND_TIMER).run != scaled(300) - n + 1)
            assert_int_equal(mr_loop_turn(loop, FOR_EVER), 0);
        assert_true(real_now() >= due);
    }
    assert_int_equal(mr_loop_close(loop), 0);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(every_question_is_answered_spinning_or_not),
        SCENARIO(an_idle_loop_burns_nothing),
        SCENARIO(what_is_no_task_ends_a_spin_too),
        SCENARIO(a_timer_that_is_due_meanwhile_is_not_early),
    };
    return RUN_SCENARIOS(tests);
}
