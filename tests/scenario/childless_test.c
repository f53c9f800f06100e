/* Reactions whose derived promise nobody asked for: there is none while nobody has to hear of it, and what
 * is reported is the same. On loops without hooks, which see each promise from the start. */
#include "promise_reports.h"

#include "base/memory.h"

static void begin_reported(void)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = note_unhandled,
                                        .on_rejection_handled = note_handled};
    begin(MR_PARK_AUTO);
    atomic_store(&customs_alive, 0);
    assert_int_equal(mr_promise_configure(loop, &options), 0);
}

static unsigned calls;

static mr_status ends_as_told(mr_value value, void *arg, mr_value *out_value)
{
    const mr_value *end = arg;
    (void)value;
    calls++;
    *out_value = *end;
    return end->kind == MR_VALUE_INT ? MR_EINVAL : 0;
}

static void attach_alone(mr_promise *promise, mr_reaction_fn *fn, void *arg)
{
    const mr_reaction reaction = {.on_fulfilled = fn, .arg = arg};
    assert_int_equal(mr_promise_then(promise, &reaction, NULL), 0);
}

/* As the first reaction, which lies in the promise, and as a further one. */
static mr_promise *reacting(mr_settler *out_settler, bool further, mr_reaction_fn *fn, void *arg)
{
    mr_promise *promise = pending(out_settler);
    if (further)
        tell(promise, "first");
    attach_alone(promise, fn, arg);
    return promise;
}

static void U5_without_a_child_a_failing_handler_is_reported_all_the_same(void **state)
{
    (void)state;
    for (unsigned further = 0; further < 2; further++) {
        begin_reported();
        mr_value seven = mr_value_int(7);
        mr_settler settler;
        mr_promise *promise = reacting(&settler, further, ends_as_told, &seven);
        assert_int_equal(live_promises(), 1);
        resolve_int(settler, 1);
        turn();
        assert_story(further ? "first=1 u7" : "u7");
        mr_promise_unref(promise);
        finish_promises_turned();
    }
}

static void U5_without_a_child_a_rejection_that_passes_through_is_reported(void **state)
{
    (void)state;
    for (unsigned further = 0; further < 2; further++) {
        begin_reported();
        mr_value never = mr_value_int(0);
        mr_settler settler;
        calls = 0;
        mr_promise *promise = reacting(&settler, further, ends_as_told, &never);
        reject_int(settler, 4);
        turn();
        assert_int_equal(calls, 0);
        assert_story(further ? "first!4 u4" : "u4");
        mr_promise_unref(promise);
        finish_promises_turned();
    }
}

static void U5_without_a_child_a_promise_that_is_returned_is_awaited(void **state)
{
    (void)state;
    begin_reported();
    mr_settler settler, inner_settler;
    mr_promise *inner = pending(&inner_settler);
    mr_value end = mr_value_promise(inner); /* passes to the handler's value */
    mr_promise *promise = reacting(&settler, false, ends_as_told, &end);
    resolve_int(settler, 1);
    turn();
    assert_story("");
    reject_int(inner_settler, 5);
    turn();
    assert_story("u5");
    mr_promise_unref(promise);
    finish_promises_turned();
}

static void P8_without_a_child_the_value_of_a_handler_is_released(void **state)
{
    (void)state;
    for (unsigned further = 0; further < 2; further++) {
        begin_reported();
        mr_value end = custom_of(&counted_type, 3);
        mr_settler settler;
        mr_promise *promise = reacting(&settler, further, ends_as_told, &end);
        resolve_int(settler, 1);
        turn();
        assert_int_equal(atomic_load(&customs_alive), 0);
        assert_int_equal(live_promises(), 1);
        mr_promise_unref(promise);
        finish_promises_turned();
    }
}

/* No slot is free, and the next allocation fails. */
static mr_promise *filling[64];
static unsigned filled;

static mr_status fails_without_memory(mr_value value, void *arg, mr_value *out_value)
{
    while (promise_stats().live != promise_stats().capacity && filled < 64)
        filling[filled++] = fulfilled(0);
    mr__alloc_fail_at(1);
    return ends_as_told(value, arg, out_value);
}

/* Settled, and fn has run, which is one of these two. */
static mr_promise *settled_without_memory(bool further, mr_reaction_fn *fn, mr_value *arg)
{
    mr_settler settler;
    filled = 0;
    mr_promise *promise = reacting(&settler, further, fn, arg);
    resolve_int(settler, 1);
    turn();
    mr__alloc_fail_at(0);
    return promise;
}

static void finish_filled(mr_promise *promise)
{
    while (filled != 0)
        mr_promise_unref(filling[--filled]);
    mr_promise_unref(promise);
    finish_promises_turned();
}

static void U5_without_memory_for_the_child_the_report_comes_later_once(void **state)
{
    (void)state;
    for (unsigned further = 0; further < 2; further++) {
        begin_reported();
        mr_value seven = mr_value_int(7);
        mr_promise *promise = settled_without_memory(further, fails_without_memory, &seven);
        assert_story(further ? "first=1" : "");
        turn();
        turn();
        assert_story(further ? "first=1 u7" : "u7");
        finish_filled(promise);
    }
}

static mr_status fails_with_it(mr_value value, void *arg, mr_value *out_value)
{
    return fails_without_memory(value, arg, out_value) == 0 ? MR_EINVAL : 0;
}

/* What was kept for a later turn goes with the loop. */
static void G5_without_memory_for_the_child_a_close_leaves_nothing(void **state)
{
    (void)state;
    for (unsigned further = 0; further < 2; further++) {
        begin_reported();
        mr_value custom = custom_of(&counted_type, 3);
        mr_promise *promise = settled_without_memory(further, fails_with_it, &custom);
        assert_int_equal(atomic_load(&customs_alive), 1);
        finish_filled(promise);
        assert_int_equal(atomic_load(&customs_alive), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(U5_without_a_child_a_failing_handler_is_reported_all_the_same),
        SCENARIO(U5_without_a_child_a_rejection_that_passes_through_is_reported),
        SCENARIO(U5_without_a_child_a_promise_that_is_returned_is_awaited),
        SCENARIO(P8_without_a_child_the_value_of_a_handler_is_released),
        SCENARIO(U5_without_memory_for_the_child_the_report_comes_later_once),
        SCENARIO(G5_without_memory_for_the_child_a_close_leaves_nothing),
    };
    return RUN_SCENARIOS(tests);
}
