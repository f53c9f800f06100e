/* Promises without memory: settling never fails for lack of it, the reactions come later and none is
 * lost (P13); a combinator that could not be made leaves nothing behind (K4). */
#include "promise_scenario.h"

static mr_status on_reaction(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    return 0;
}

/* ---- settling without memory ---- */

enum { LATES = 9 };

static char want_of_late[256];

/* Reactions enough for the queue of microtasks to grow, whose growing fails. */
static void settle_starved(uint64_t n, unsigned reactions, bool rejects)
{
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    want_of_late[0] = 0;
    for (unsigned i = 0; i < reactions; i++) {
        static const char *const names[LATES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
        char one[8];
        tell(promise, names[i]);
        snprintf(one, sizeof one, "%s%s%c1", i == 0 ? "" : " ", names[i], rejects ? '!' : '=');
        strcat(want_of_late, one);
    }
    mr__alloc_fail_at(n);
    settle_int(settler, rejects, 1);
    mr__alloc_fail_at(0);
    EXPECT(rejects ? is_rejected_with(promise, 1) : is_fulfilled_with(promise, 1));
    mr_promise_unref(promise);
}

static void
P13_a_settlement_without_memory_is_there_at_once_and_its_reactions_a_turn_later(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 4; n++)
        for (unsigned reactions = 1; reactions <= LATES; reactions++) {
            begin(MR_PARK_AUTO);
            tell_reports();
            settle_starved(n, reactions, n % 2 == 1);
            turn();
            turn();
            assert_story(want_of_late); /* of one promise they keep their order */
            assert_int_equal(live_promises(), 0);
            finish_promises_turned();
        }
}

static void P13_a_loop_that_runs_takes_late_reactions_up_by_itself(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        tell(promise, "a");
        tell(promise, "b");
        mr_promise *last = then(promise, on_reaction, NULL, NULL);
        EXPECT(mr_promise_finally(last, on_reaction, NULL, shut_down, NULL) == 0);
        mr_promise_unref(last);
        mr_promise_unref(promise);
        mr__alloc_fail_at(1);
        resolve_int(settler, 1);
        mr__alloc_fail_at(0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("a=1 b=1");
        finish_promises();
    }
}

/* ---- combinators that come to nothing ---- */

typedef mr_status combinator(mr_loop *of, const mr_value *values, size_t n, mr_promise **out);

/* Fail each allocation of a call once, then let it succeed. With one of a few numbers of microtasks in
 * the queue before it, a job that it queues needs memory. */
static bool fail_and_retry(combinator *combine, mr_value *values, size_t n)
{
    mr_promise *const untouched = (mr_promise *)(uintptr_t)0xA5A5, *out = untouched;
    for (uint64_t at = 1; at < 20; at++) {
        uint64_t before = mr__alloc_count();
        mr__alloc_fail_at(at);
        mr_status status = combine(loop, values, n, &out);
        mr__alloc_fail_at(0);
        if (status == 0) {
            mr_promise_unref(out);
            EXPECT(mr__alloc_count() - before < at); /* every allocation has failed once */
            return at > 1;
        }
        EXPECT(status == MR_ENOMEM && out == untouched);
    }
    return false;
}

static void K4_a_failed_combinator_does_not_take_off_what_was_never_attached(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        mr_value values[3] = {mr_value_promise(fulfilled(1)), mr_value_promise(fulfilled(2)),
                              mr_value_promise(fulfilled(3))};
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        assert_true(fail_and_retry(mr_promise_all, values, 3));
        turn();
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

static void K4_a_reported_rejection_is_told_handled_once_when_a_retry_succeeds(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_value values[4];
        for (unsigned i = 0; i < 4; i++)
            values[i] = mr_value_promise(rejected(i));
        turn();
        assert_story("unhandled!0 unhandled!1 unhandled!2 unhandled!3");
        story_clear();
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        assert_true(fail_and_retry(mr_promise_all_settled, values, 4));
        turn();
        assert_story("handled!0 handled!1 handled!2 handled!3");
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

/* ---- combinators on a promise whose reactions are late ---- */

enum { RACES = 6 };

static mr_promise *late_promise, *late_all;

/* Every race has taken its reaction off by now. */
static void combine_late(void *arg)
{
    mr_value values[2] = {mr_value_promise(rejected(5)), holding(late_promise)};
    EXPECT(mr_promise_all(loop, values, 2, &late_all) == 0);
    (void)arg;
}

static void K4_races_leave_a_promise_whose_reactions_are_late(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        mr_settler settler, others[RACES];
        mr_promise *races[RACES];
        late_promise = pending(&settler);
        for (unsigned i = 0; i < RACES; i++) {
            mr_value values[2] = {holding(late_promise), mr_value_promise(pending(&others[i]))};
            EXPECT(mr_promise_race(loop, values, 2, &races[i]) == 0);
        }
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        for (unsigned i = 0; i < RACES; i++)
            reject_int(others[i], i); /* their jobs come first */
        mr__alloc_fail_at(1);
        resolve_int(settler, 9);
        mr__alloc_fail_at(0);
        EXPECT(mr_microtask(loop, combine_late, NULL) == 0);
        for (unsigned i = 0; i < 3; i++)
            turn();
        for (unsigned i = 0; i < RACES; i++) {
            assert_true(is_rejected_with(races[i], i));
            mr_promise_unref(races[i]);
        }
        assert_true(is_rejected_with(late_all, 5));
        mr_promise_unref(late_all);
        mr_promise_unref(late_promise);
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(P13_a_settlement_without_memory_is_there_at_once_and_its_reactions_a_turn_later),
        SCENARIO(P13_a_loop_that_runs_takes_late_reactions_up_by_itself),
        SCENARIO(K4_a_failed_combinator_does_not_take_off_what_was_never_attached),
        SCENARIO(K4_a_reported_rejection_is_told_handled_once_when_a_retry_succeeds),
        SCENARIO(K4_races_leave_a_promise_whose_reactions_are_late),
    };
    return RUN_SCENARIOS(tests);
}
