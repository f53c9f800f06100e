/* Scenarios S1 to S4 of the page on promises: time. */
#include "scenario.h"

#include <millrace/sleep.h>

/* ---- what the scenarios share ---- */

static mr_promise *sleep_for(uint64_t delay, mr_abort_signal *signal)
{
    mr_promise *made = NULL;
    EXPECT(mr_sleep(loop, delay, signal, &made) == 0);
    return made;
}

static mr_promise *deadline_of(mr_promise *promise, uint64_t delay)
{
    mr_promise *made = NULL;
    EXPECT(mr_promise_deadline(promise, delay, &made) == 0);
    return made;
}

static mr_promise *pending(mr_settler *out_settler)
{
    mr_promise *made = NULL;
    EXPECT(mr_promise_with_resolvers(loop, &made, out_settler) == 0);
    return made;
}

/* How a promise ended and at what virtual time: "name=5@20", "name!MR_ETIMEDOUT@50". */
static mr_status say_value(mr_value value, void *arg, mr_value *out_value)
{
    int64_t number = 0;
    (void)out_value;
    mr_value_as_int(value, &number);
    note("%s=%" PRId64 "@%" PRIu64, (const char *)arg, number, mr_loop_now(loop) / MS);
    return 0;
}

static mr_status say_reason(mr_value reason, void *arg, mr_value *out_value)
{
    int64_t number = 0;
    (void)out_value;
    if (mr_value_as_int(reason, &number))
        note("%s!%" PRId64 "@%" PRIu64, (const char *)arg, number, mr_loop_now(loop) / MS);
    else
        note("%s!%s@%" PRIu64, (const char *)arg,
             mr_status_name(mr_error_code(mr_value_as_error(reason))), mr_loop_now(loop) / MS);
    return 0;
}

static void tell(mr_promise *promise, const char *name)
{
    mr_reaction reaction = {say_value, say_reason, (void *)(uintptr_t)name, NULL};
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
}

/* The same, and the promise is left alone with it. */
static void tell_and_drop(mr_promise *promise, const char *name)
{
    tell(promise, name);
    mr_promise_unref(promise);
}

static mr_settler settler_at_hand;

static void resolve_with_5(void *arg)
{
    (void)arg;
    EXPECT(mr_settler_resolve(loop, settler_at_hand, mr_value_int(5)) == 0);
    note("timers:%" PRIu64, counts(MR_KIND_TIMER).pending);
}

static void reject_with_6(void *arg)
{
    (void)arg;
    EXPECT(mr_settler_reject(loop, settler_at_hand, mr_value_int(6)) == 0);
}

static mr_promise_stats promise_stats(void)
{
    mr_promise_stats stats = {0};
    EXPECT(mr_promise_get_stats(loop, &stats) == 0);
    return stats;
}

static unsigned unhandled;

static void count_unhandled(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    (void)promise, (void)reason, (void)creation, (void)arg;
    unhandled++;
}

static void begin_timed(void)
{
    begin_simulated(1, 0, true);
    unhandled = 0;
    mr_promise_options options = {.size_bytes = sizeof options,
                                  .on_unhandled_rejection = count_unhandled};
    EXPECT(mr_promise_configure(loop, &options) == 0);
}

/* Of the library's own timers that the end discarded: nobody need be told. */
static void finish_with_discarded(unsigned timers)
{
    assert_int_equal(counts(MR_KIND_TIMER).discarded, timers);
    atomic_fetch_add(&told.own, timers);
    finish();
}

/* ---- S1 ---- */

static void S1_sleep_and_timeout_end_after_their_delay(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *timeout = NULL;
    assert_int_equal(mr_timeout(loop, 100 * MS, &timeout), 0);
    tell_and_drop(sleep_for(100 * MS, NULL), "sleep");
    tell_and_drop(timeout, "timeout");
    tell_and_drop(sleep_for(0, NULL), "soon");
    assert_int_equal(mr_loop_run(loop), 0); /* it is not over before them */
    assert_story("soon=0@0 timeout!MR_ETIMEDOUT@100 sleep=0@100");
    assert_int_equal(promise_stats().live, 0);
    finish_with_discarded(0);
}

static void S1_promise_nobody_kept_is_no_matter(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *timeout = NULL;
    assert_int_equal(mr_timeout(loop, 100 * MS, &timeout), 0);
    mr_promise_unref(timeout);
    mr_promise_unref(sleep_for(50 * MS, NULL));
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(unhandled, 0);
    assert_int_equal(counts(MR_KIND_TIMER).run, 2);
    finish_with_discarded(0);
}

static void S1_timeout_that_nobody_handles_is_reported(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *timeout = NULL;
    assert_int_equal(mr_timeout(loop, 100 * MS, &timeout), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(unhandled, 1);
    mr_promise_unref(timeout);
    finish_with_discarded(0);
}

static void *call_elsewhere(void *arg)
{
    mr_promise *out = arg;
    EXPECT(mr_sleep(loop, 1, NULL, &out) == MR_EWRONGTHREAD);
    EXPECT(mr_timeout(loop, 1, &out) == MR_EWRONGTHREAD);
    EXPECT(mr_promise_deadline(arg, 1, &out) == MR_EWRONGTHREAD && out == arg);
    return NULL;
}

static void S1_misuse_changes_nothing(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &c), 0);
    mr_loop *first = loop;
    loop = NULL;
    begin_timed();
    mr_promise *promise = pending(&settler_at_hand), *out = promise;
    thread_join(thread_start(call_elsewhere, promise));
    assert_int_equal(mr_sleep(NULL, 1, NULL, &out), MR_EINVAL);
    assert_int_equal(mr_sleep(loop, 1, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_sleep(loop, 1, mr_abort_controller_signal(c), &out), MR_EINVAL);
    assert_int_equal(mr_timeout(NULL, 1, &out), MR_EINVAL);
    assert_int_equal(mr_timeout(loop, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_promise_deadline(NULL, 1, &out), MR_EINVAL);
    assert_int_equal(mr_promise_deadline(promise, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(mr_sleep(loop, 1, NULL, &out), MR_ECLOSED);
    assert_int_equal(mr_timeout(loop, 1, &out), MR_ECLOSED);
    assert_int_equal(mr_promise_deadline(promise, 1, &out), MR_ECLOSED);
    assert_ptr_equal(out, promise);
    mr_promise_unref(promise);
    finish_with_discarded(0);
    loop = first;
    mr_abort_controller_unref(c);
    finish_turned();
}

/* ---- S2 ---- */

static void S2_promise_in_time_gives_its_value_and_no_timer_stays(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    tell(p, "before");
    tell_and_drop(deadline_of(p, 50 * MS), "d");
    tell_and_drop(p, "after");
    timer_in(20 * MS, resolve_with_5, NULL);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 2);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("timers:1 before=5@20 d=5@20 after=5@20"); /* the one whose callback that was */
    assert_int_equal(mr_loop_now(loop) / MS, 20);
    assert_int_equal(promise_stats().live, 0);
    finish_with_discarded(0);
}

static void S2_promise_too_late_is_timed_out(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    tell_and_drop(deadline_of(p, 50 * MS), "d");
    tell_and_drop(p, "p");
    timer_in(80 * MS, resolve_with_5, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("d!MR_ETIMEDOUT@50 timers:1 p=5@80");
    assert_int_equal(promise_stats().live, 0);
    finish_with_discarded(0);
}

static void S2_rejection_in_time_is_passed_on(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    tell_and_drop(deadline_of(p, 50 * MS), "d");
    mr_promise *lost = deadline_of(p, 50 * MS);
    timer_in(20 * MS, reject_with_6, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("d!6@20");
    assert_int_equal(unhandled, 1); /* lost; p itself is handled */
    mr_promise_unref(lost);
    mr_promise_unref(p);
    finish_with_discarded(0);
}

static void S2_rejection_after_the_deadline_is_handled(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    tell_and_drop(deadline_of(p, 10 * MS), "d");
    timer_in(20 * MS, reject_with_6, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("d!MR_ETIMEDOUT@10");
    assert_int_equal(unhandled, 0);
    mr_promise_unref(p);
    finish_with_discarded(0);
}

static void S2_settled_promise_needs_no_timer(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *fulfilled = NULL, *rejected = NULL;
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(5), &fulfilled), 0);
    assert_int_equal(mr_promise_reject(loop, mr_value_int(6), &rejected), 0);
    tell_and_drop(deadline_of(fulfilled, 0), "f");
    tell_and_drop(deadline_of(rejected, 0), "r");
    assert_int_equal(counts(MR_KIND_TIMER).pending, 0);
    mr_promise_unref(fulfilled);
    mr_promise_unref(rejected);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("f=5@0 r!6@0");
    assert_int_equal(unhandled, 0);
    finish_with_discarded(0);
}

/* Of many on one promise the middle ones go first, amid other reactions. */
static void S2_expired_deadlines_leave_nothing_at_the_promise(void **state)
{
    (void)state;
    enum { ROUNDS = 1000 };
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    uint64_t random = 5;
    size_t before = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        mr_promise *each[6];
        for (unsigned j = 0; j < COUNT_OF(each); j++) {
            each[j] = deadline_of(p, (1 + next_random(&random) % 5) * MS);
            EXPECT(mr_promise_catch(each[j], say_reason, (void *)(uintptr_t) "", NULL, NULL) == 0);
            mr_promise_unref(each[j]);
        }
        story_clear();
        while (counts(MR_KIND_TIMER).pending != 0)
            assert_int_equal(mr_loop_turn(loop, SEC), 0);
        if (i == 10)
            before = bytes_in_use();
    }
    assert_true(bytes_in_use() <= before + 4096); /* what the allocator keeps for itself */
    assert_int_equal(promise_stats().live, 1);
    story_clear();
    tell(p, "1");
    tell_and_drop(deadline_of(p, 1 * MS), "x");
    tell(p, "2");
    tell_and_drop(deadline_of(p, 10 * MS), "3");
    while (counts(MR_KIND_TIMER).pending != 1)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    story_clear();
    tell(p, "4");
    assert_int_equal(mr_settler_resolve(loop, settler_at_hand, mr_value_undefined()), 0);
    uint64_t now = mr_loop_now(loop) / MS;
    mr_promise_unref(p);
    assert_int_equal(mr_loop_run(loop), 0);
    char expected[128];
    snprintf(expected, sizeof expected,
             "1=0@%" PRIu64 " 2=0@%" PRIu64 " 3=0@%" PRIu64 " 4=0@%" PRIu64, now, now, now, now);
    assert_story(expected);
    finish_with_discarded(0);
}

static void S2_a_chain_of_deadlines_is_no_chain_of_calls(void **state)
{
    (void)state;
    enum { LINKS = 200000 };
    begin_timed();
    mr_promise *first = pending(&settler_at_hand), *last = first;
    for (unsigned i = 0; i < LINKS; i++) {
        mr_promise *next = deadline_of(last, SEC);
        mr_promise_unref(last);
        last = next;
    }
    tell_and_drop(last, "end");
    assert_int_equal(mr_settler_resolve(loop, settler_at_hand, mr_value_int(5)), 0);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 0);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("end=5@0");
    assert_int_equal(promise_stats().live, 0);
    finish_with_discarded(0);
}

static void S2_deadline_holds_only_what_it_bounds(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    mr_promise_unref(deadline_of(p, 50 * MS));
    mr_promise_unref(p); /* lives by what is attached */
    assert_int_equal(promise_stats().live, 1);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(promise_stats().live, 0);
    finish_with_discarded(0);
}

/* ---- S3 ---- */

static void S3_shutdown_rejects_a_sleep(void **state)
{
    (void)state;
    begin_timed();
    mr_abort_controller *c = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &c), 0);
    mr_promise *timeout = NULL, *sleep = sleep_for(SEC, mr_abort_controller_signal(c));
    assert_int_equal(mr_timeout(loop, SEC, &timeout), 0);
    mr_promise *lost = sleep_for(2 * SEC, NULL);
    tell(sleep, "sleep");
    tell(timeout, "timeout");
    timer_in(10 * MS, shut_down, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("sleep!MR_ECLOSED@10 timeout!MR_ECLOSED@10");
    assert_int_equal(mr_promise_get_state(lost), MR_PROMISE_REJECTED);
    assert_int_equal(unhandled, 0);
    mr_promise_unref(sleep);
    mr_promise_unref(timeout);
    mr_promise_unref(lost);
    mr_abort_controller_unref(c);
    finish_with_discarded(3);
}

static void S3_close_rejects_a_sleep_and_calls_nothing(void **state)
{
    (void)state;
    begin_timed();
    mr_abort_controller *c = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &c), 0);
    mr_promise *sleep = sleep_for(SEC, mr_abort_controller_signal(c));
    mr_promise *bounded = deadline_of(sleep, SEC);
    mr_abort_controller_unref(c); /* the sleep holds the signal */
    assert_int_equal(mr_loop_close(loop), 0);
    assert_story("");
    assert_int_equal(mr_promise_get_state(sleep), MR_PROMISE_REJECTED);
    assert_int_equal(mr_promise_get_state(bounded), MR_PROMISE_REJECTED);
    assert_int_equal(mr_error_code(mr_value_as_error(mr_promise_reason(bounded))), MR_ECLOSED);
    mr_promise_unref(sleep);
    mr_promise_unref(bounded);
    finish_with_discarded(2);
}

static void resolve_while_stopping(void *arg)
{
    (void)arg;
    mr_promise *out = NULL;
    EXPECT(mr_sleep(loop, 1, NULL, &out) == MR_ECLOSED && out == NULL);
    EXPECT(mr_settler_resolve(loop, settler_at_hand, mr_value_int(5)) == 0);
}

static void shut_down_then_resolve(void *arg)
{
    EXPECT(mr_submit_internal(loop, resolve_while_stopping, NULL) == 0);
    shut_down(arg);
}

static void S3_deadline_follows_what_still_settles_in_the_drain(void **state)
{
    (void)state;
    begin_timed();
    mr_promise *p = pending(&settler_at_hand);
    tell_and_drop(deadline_of(p, SEC), "d");
    mr_promise_unref(p);
    timer_in(10 * MS, shut_down_then_resolve, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("d=5@10");
    finish_with_discarded(1);
}

/* ---- S4 ---- */

static mr_abort_controller *at_hand;

static void abort_with_7(void *arg)
{
    (void)arg;
    EXPECT(mr_abort(at_hand, mr_value_int(7)) == 0);
    note("timers:%" PRIu64, counts(MR_KIND_TIMER).pending);
}

static void S4_abort_ends_a_sleep_with_its_reason(void **state)
{
    (void)state;
    begin_timed();
    assert_int_equal(mr_abort_controller_create(loop, &at_hand), 0);
    mr_abort_signal *signal = mr_abort_controller_signal(at_hand);
    tell_and_drop(sleep_for(100 * MS, signal), "sleep");
    tell_and_drop(sleep_for(10 * MS, signal), "short");
    timer_in(30 * MS, abort_with_7, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("short=0@10 timers:1 sleep!7@30");
    assert_int_equal(mr_loop_now(loop) / MS, 30);
    mr_abort_controller_unref(at_hand);
    finish_with_discarded(0);
}

static void S4_signal_aborted_before_gives_a_rejected_promise(void **state)
{
    (void)state;
    begin_timed();
    assert_int_equal(mr_abort_controller_create(loop, &at_hand), 0);
    assert_int_equal(mr_abort(at_hand, mr_value_int(7)), 0);
    tell_and_drop(sleep_for(100 * MS, mr_abort_controller_signal(at_hand)), "sleep");
    assert_int_equal(counts(MR_KIND_TIMER).attempted, 0);
    assert_story("");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("sleep!7@0");
    mr_abort_controller_unref(at_hand);
    finish_with_discarded(0);
}

static void S4_abort_of_a_dependent_signal_and_of_a_dropped_sleep(void **state)
{
    (void)state;
    begin_timed();
    mr_abort_signal *timed = NULL, *any = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &at_hand), 0);
    assert_int_equal(mr_abort_after(loop, 30 * MS, &timed), 0);
    mr_abort_signal *both[] = {mr_abort_controller_signal(at_hand), timed};
    assert_int_equal(mr_abort_any(loop, both, 2, &any), 0);
    tell_and_drop(sleep_for(MR_NEVER, any), "sleep");
    mr_promise_unref(sleep_for(MR_NEVER, any));
    mr_abort_signal_unref(timed);
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(at_hand);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("sleep!MR_ETIMEDOUT@30");
    assert_int_equal(unhandled, 0);
    finish_with_discarded(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(S1_sleep_and_timeout_end_after_their_delay),
        SCENARIO(S1_promise_nobody_kept_is_no_matter),
        SCENARIO(S1_timeout_that_nobody_handles_is_reported),
        SCENARIO(S1_misuse_changes_nothing),
        SCENARIO(S2_promise_in_time_gives_its_value_and_no_timer_stays),
        SCENARIO(S2_promise_too_late_is_timed_out),
        SCENARIO(S2_rejection_in_time_is_passed_on),
        SCENARIO(S2_rejection_after_the_deadline_is_handled),
        SCENARIO(S2_settled_promise_needs_no_timer),
        SCENARIO(S2_expired_deadlines_leave_nothing_at_the_promise),
        SCENARIO(S2_a_chain_of_deadlines_is_no_chain_of_calls),
        SCENARIO(S2_deadline_holds_only_what_it_bounds),
        SCENARIO(S3_shutdown_rejects_a_sleep),
        SCENARIO(S3_close_rejects_a_sleep_and_calls_nothing),
        SCENARIO(S3_deadline_follows_what_still_settles_in_the_drain),
        SCENARIO(S4_abort_ends_a_sleep_with_its_reason),
        SCENARIO(S4_signal_aborted_before_gives_a_rejected_promise),
        SCENARIO(S4_abort_of_a_dependent_signal_and_of_a_dropped_sleep),
    };
    return RUN_SCENARIOS(tests);
}
