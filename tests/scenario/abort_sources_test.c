/* Scenarios B3 to B5 of the page on promises: signals that follow others, or a timer. */
#include "aborting.h"

/* ---- B3 ---- */

static void B3_any_of_none_never_aborts(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_signal *none = any_of(0, NULL);
    on_released(none, "a");
    assert_false(mr_abort_signal_aborted(none));
    mr_abort_signal_unref(none); /* nothing can abort it: freed, handlers or not */
    assert_story("-a");
    finish_turned();
}

static void B3_first_aborted_in_the_array_decides(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller(), *c = controller();
    assert_int_equal(mr_abort(c, mr_value_int(3)), 0);
    assert_int_equal(mr_abort(b, mr_value_int(2)), 0);
    mr_abort_signal *any =
        any_of(3, (mr_abort_signal *[]){signal_of(a), signal_of(b), signal_of(c)});
    assert_true(mr_abort_signal_aborted(any));
    assert_int_equal(number_of(mr_abort_signal_reason(any)), 2);
    assert_int_equal(mr_abort(a, mr_value_int(1)), 0);
    assert_int_equal(number_of(mr_abort_signal_reason(any)), 2);
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(a);
    mr_abort_controller_unref(b);
    mr_abort_controller_unref(c);
    finish_turned();
}

/* All are aborted before the first is told. */
static void look_at_all(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal, (void)reason;
    mr_abort_signal *const *all = arg;
    note("%d%d%d", mr_abort_signal_aborted(all[0]), mr_abort_signal_aborted(all[1]),
         mr_abort_signal_aborted(all[2]));
}

static void B3_dependents_follow_after_the_source_in_order_of_making(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller();
    mr_abort_signal *first = any_2(signal_of(a), signal_of(b));
    mr_abort_signal *second = any_2(first, first); /* follows a and b themselves, once each */
    mr_abort_signal *all[] = {signal_of(b), first, second};
    on_say(second, "second");
    on_say(first, "first");
    assert_int_equal(mr_abort_signal_on(signal_of(b), look_at_all, all, NULL, NULL), 0);
    on_say(signal_of(b), "source");
    mr_abort_signal *copy = mr_abort_signal_ref(second);
    assert_int_equal(mr_abort(b, mr_value_int(5)), 0);
    assert_story("111 source first second");
    assert_int_equal(number_of(mr_abort_signal_reason(second)), 5);
    assert_int_equal(mr_abort(a, mr_value_int(6)), 0);
    assert_int_equal(number_of(mr_abort_signal_reason(second)), 5);
    mr_abort_signal_unref(copy);
    mr_abort_signal_unref(first);
    mr_abort_signal_unref(second);
    mr_abort_controller_unref(a);
    mr_abort_controller_unref(b);
    finish_turned();
}

static void B3_links_go_to_the_sources_not_to_what_is_between(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_signal *inner = any_of(1, (mr_abort_signal *[]){signal_of(c)});
    mr_abort_signal *outer = any_of(1, &inner);
    mr_abort_signal_unref(inner);
    on_say(outer, "outer");
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_story("outer");
    mr_abort_signal_unref(outer);
    mr_abort_controller_unref(c);
    finish_turned();
}

static void B3_dependent_with_handlers_lives_until_it_ends(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller();
    mr_abort_signal *any = any_2(signal_of(a), signal_of(b));
    on_released(any, "x");
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(a);
    assert_story("");
    assert_int_equal(mr_abort(b, mr_value_int(1)), 0);
    assert_story("x -x");
    mr_abort_controller_unref(b);
    finish_turned();
}

static void B3_dependent_with_handlers_ends_with_its_sources(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller();
    mr_abort_signal *held = any_2(signal_of(a), signal_of(b));
    mr_abort_signal *any = any_2(signal_of(a), signal_of(b));
    mr_abort_handler last = on_released(any, "x");
    on_released(held, "held");
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(a);
    assert_story("");
    mr_abort_controller_unref(b);
    assert_story("-x");
    assert_int_equal(mr_abort_signal_off(held, last), MR_ENOENT);
    mr_abort_signal *of_ended = any_of(1, &held);
    assert_false(mr_abort_signal_aborted(of_ended));
    mr_abort_signal_unref(of_ended);
    mr_abort_signal_unref(held);
    assert_story("-x -held");
    finish_turned();
}

static void B3_dependent_is_freed_with_its_last_handler(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_signal *any = any_of(1, (mr_abort_signal *[]){signal_of(c)});
    mr_abort_handler one = on_released(any, "1"), two = on_released(any, "2");
    mr_abort_signal_unref(any);
    assert_int_equal(mr_abort_signal_off(any, one), 0); /* a loan: its handlers keep it */
    assert_int_equal(mr_abort_signal_off(any, two), 0);
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_story("-1 -2");
    mr_abort_controller_unref(c);
    finish_turned();
}

static unsigned given_back;

/* A release function that gives a signal back. */
static void unref_signal(void *arg)
{
    given_back++;
    mr_abort_signal_unref(arg);
}

static void B3_a_chain_of_releases_is_no_chain_of_calls(void **state)
{
    (void)state;
    enum { LINKS = 100000 };
    begin(MR_PARK_AUTO);
    mr_abort_signal *head = any_of(0, NULL);
    for (unsigned i = 0; i < LINKS; i++) {
        mr_abort_signal *next = any_of(0, NULL);
        assert_int_equal(mr_abort_signal_on(next, say_aborted, head, unref_signal, NULL), 0);
        head = next;
    }
    given_back = 0;
    mr_abort_signal_unref(head);
    assert_int_equal(given_back, LINKS);
    finish_turned();
}

/* ---- B4 ---- */

static void say_abort_ms(mr_abort_signal *signal, mr_value reason, void *arg)
{
    note("%s@%" PRIu64 ":%s", (const char *)arg, mr_loop_now(loop) / MS,
         mr_status_name(code_of(reason)));
    EXPECT(mr_abort_signal_check(signal) == code_of(reason));
}

static mr_abort_signal *after(uint64_t delay)
{
    mr_abort_signal *made = NULL;
    EXPECT(mr_abort_after(loop, delay, &made) == 0);
    return made;
}

static void B4_abort_after_does_not_keep_the_loop(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_abort_signal *signal = after(SEC);
    on(signal, say_abort_ms, "x");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("");
    assert_true(mr_loop_now(loop) < SEC);
    assert_false(mr_abort_signal_aborted(signal));
    mr_abort_signal_unref(signal);
    atomic_fetch_add(&told.own, 1); /* its timer, of which nobody need be told */
    finish();
}

static void B4_abort_after_comes_in_its_time(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_abort_signal *signal = after(SEC);
    on(signal, say_abort_ms, "x");
    timer_in(2 * SEC, say_ms, "work");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("x@1000:MR_ETIMEDOUT work@2000");
    mr_abort_signal_unref(signal);
    finish();
}

static void B4_timer_holds_what_waits_for_it_and_only_that(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_abort_controller *c = controller();
    mr_abort_signal *with_handler = after(SEC), *with_dependent = after(2 * SEC);
    mr_abort_signal *bare = after(3 * SEC), *removed = after(4 * SEC), *dropped = after(5 * SEC);
    on(with_handler, say_abort_ms, "handler");
    mr_abort_signal *any = any_2(signal_of(c), with_dependent);
    on(any, say_abort_ms, "dependent");
    mr_abort_signal *gone = any_2(signal_of(c), dropped);
    mr_abort_handler handler = on_released(removed, "removed");
    assert_int_equal(counts(MR_KIND_TIMER).pending, 5);
    mr_abort_signal_unref(with_handler);
    mr_abort_signal_unref(with_dependent);
    mr_abort_signal_unref(any);
    mr_abort_signal_unref(bare);
    mr_abort_signal_unref(dropped);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 4);
    mr_abort_signal_unref(gone);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 3);
    mr_abort_signal_unref(removed);
    assert_int_equal(mr_abort_signal_off(removed, handler), 0);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 2);
    timer_in(9 * SEC, say_ms, "end");
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("-removed handler@1000:MR_ETIMEDOUT dependent@2000:MR_ETIMEDOUT end@9000");
    mr_abort_controller_unref(c);
    finish();
}

/* The dependent ended, so nothing waits for the time any more. */
static void B4_timer_goes_when_its_dependents_were_aborted(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_abort_controller *c = controller();
    mr_abort_signal *timed = after(SEC), *any = any_2(timed, signal_of(c));
    mr_abort_signal_unref(timed);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 1);
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_int_equal(counts(MR_KIND_TIMER).pending, 0);
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(c);
    assert_int_equal(mr_loop_run(loop), 0);
    finish();
}

static void B4_abort_does_not_fail_for_want_of_memory(void **state)
{
    (void)state;
    begin_simulated(1, 0, true);
    mr_abort_signal *signal = after(SEC);
    on(signal, say_abort_ms, "x");
    timer_in(2 * SEC, say_ms, "work");
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    while (!mr_abort_signal_aborted(signal)) {
        mr__alloc_fail_at(1);
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    }
    mr__alloc_fail_at(0);
    assert_story("x@1000:MR_ETIMEDOUT");
    mr_abort_signal_unref(signal);
    assert_int_equal(mr_loop_run(loop), 0);
    finish();
}

/* ---- B5 ---- */

static void B5_dropped_dependents_leave_nothing_at_a_long_lived_signal(void **state)
{
    (void)state;
    enum { ROUNDS = 10000, KEPT = 100 };
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller(), *other = controller();
    mr_abort_signal *source = signal_of(c), *kept[KEPT];
    for (unsigned i = 0; i < KEPT; i++)
        kept[i] = any_2(source, signal_of(other));
    size_t before = bytes_in_use();
    for (unsigned i = 0; i < ROUNDS; i++) {
        mr_abort_signal *any = any_2(source, signal_of(other));
        mr_abort_signal *outer = any_2(any, kept[i % KEPT]);
        mr_abort_handler handler = on(outer, say_aborted, "never");
        mr_abort_signal_unref(any);
        EXPECT(mr_abort_signal_off(outer, handler) == 0);
        mr_abort_signal_unref(outer);
    }
    assert_true(bytes_in_use() <= before + 4096); /* what the allocator keeps for itself */
    for (unsigned i = 0; i < KEPT; i++)
        on_say(kept[i], "k");
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_int_equal(story_len, 2 * KEPT - 1);
    for (unsigned i = 0; i < KEPT; i++)
        mr_abort_signal_unref(kept[i]);
    mr_abort_controller_unref(c);
    mr_abort_controller_unref(other);
    finish_turned();
}

/* In the order of dropping that a list from the front would be slow for. */
static void B5_a_thousand_at_once_go_in_any_order(void **state)
{
    (void)state;
    enum { N = 1000 };
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_signal *source = signal_of(c), *all[N];
    uint64_t random = 7;
    for (unsigned i = 0; i < N; i++)
        all[i] = any_of(1, &source);
    for (unsigned left = N; left > 10; left--) {
        unsigned at = (unsigned)(next_random(&random) % left);
        mr_abort_signal_unref(all[at]);
        all[at] = all[left - 1];
    }
    for (unsigned i = 0; i < 10; i++)
        on_say(all[i], "x");
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_story("x x x x x x x x x x");
    for (unsigned i = 0; i < 10; i++)
        mr_abort_signal_unref(all[i]);
    mr_abort_controller_unref(c);
    finish_turned();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(B3_any_of_none_never_aborts),
        SCENARIO(B3_first_aborted_in_the_array_decides),
        SCENARIO(B3_dependents_follow_after_the_source_in_order_of_making),
        SCENARIO(B3_links_go_to_the_sources_not_to_what_is_between),
        SCENARIO(B3_dependent_with_handlers_lives_until_it_ends),
        SCENARIO(B3_dependent_with_handlers_ends_with_its_sources),
        SCENARIO(B3_dependent_is_freed_with_its_last_handler),
        SCENARIO(B3_a_chain_of_releases_is_no_chain_of_calls),
        SCENARIO(B4_abort_after_does_not_keep_the_loop),
        SCENARIO(B4_abort_after_comes_in_its_time),
        SCENARIO(B4_timer_holds_what_waits_for_it_and_only_that),
        SCENARIO(B4_timer_goes_when_its_dependents_were_aborted),
        SCENARIO(B4_abort_does_not_fail_for_want_of_memory),
        SCENARIO(B5_dropped_dependents_leave_nothing_at_a_long_lived_signal),
        SCENARIO(B5_a_thousand_at_once_go_in_any_order),
    };
    return RUN_SCENARIOS(tests);
}
