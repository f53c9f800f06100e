/* What tests of rejections, waiters and settlers share: reports that go into the story, transitions
 * that hooks count, and the law that they end with: each promise made is freed, each transition was
 * told. */
#ifndef MR_TESTS_PROMISE_REPORTS_H
#define MR_TESTS_PROMISE_REPORTS_H

#include "promise_scenario.h"

/* ---- transitions ---- */

static uint64_t seen[MR_PROMISE_FREED + 1];

static inline void count_transition(mr_loop *of, uint64_t id, mr_promise_transition what, void *arg)
{
    (void)of, (void)arg;
    EXPECT((uint32_t)(id >> 32) % 2 == 1); /* as the id of a settler that may be used */
    seen[what]++;
}

static const mr_hooks count_hooks = {.size_bytes = sizeof(mr_hooks),
                                     .promise_transition = count_transition};

/* ---- values ---- */

/* The int, or -1000 and the code of an error less, or 999. */
static inline int number_of(mr_value value)
{
    int64_t number = 999;
    if (mr_value_as_error(value) != NULL)
        number = -1000 + mr_error_code(mr_value_as_error(value));
    else
        mr_value_as_int(value, &number);
    return (int)number;
}

static inline mr_status code_of(mr_value reason)
{
    return mr_error_code(mr_value_as_error(reason));
}

/* ---- reports, as "u5" and "h5" for the reason 5 ---- */

static mr_promise *last_reported; /* not a reference */

static inline void note_unhandled(mr_promise *promise, mr_value reason, mr_creation creation,
                                  void *arg)
{
    (void)arg;
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_REJECTED);
    EXPECT(number_of(mr_promise_reason(promise)) == number_of(reason));
    EXPECT(creation.n == 0 && creation.frames == NULL);
    last_reported = promise;
    note("u%d", number_of(reason));
}

static inline void note_handled(mr_promise *promise, void *arg)
{
    (void)arg;
    note("h%d", number_of(mr_promise_reason(promise)));
}

/* Hooks and reports, on a loop just made. */
static inline void observe(void)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = note_unhandled,
                                        .on_rejection_handled = note_handled};
    memset(seen, 0, sizeof seen);
    last_reported = NULL;
    atomic_store(&customs_alive, 0);
    assert_int_equal(mr_hooks_attach(loop, &count_hooks), 0);
    assert_int_equal(mr_promise_configure(loop, &options), 0);
}

static inline void begin_observed(mr_park park)
{
    begin(park);
    observe();
}

/* ---- promises ---- */

/* A rejection that nobody keeps. */
static inline void reject_alone(int number)
{
    mr_promise_unref(rejected(number));
}

/* A handler that swallows, and one that notes what it got: "a3" with "a" as its argument. */
static inline mr_status swallow(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    return 0;
}

static inline mr_status note_number(mr_value value, void *arg, mr_value *out_value)
{
    (void)out_value;
    note("%s%d", (const char *)arg, number_of(value));
    return 0;
}

static inline void handle(mr_promise *promise)
{
    EXPECT(mr_promise_catch(promise, swallow, NULL, NULL, NULL) == 0);
}

static inline void note_when_settled(mr_promise *promise, const char *name)
{
    const mr_reaction reaction = {note_number, note_number, (void *)(uintptr_t)name, NULL};
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
}

/* ---- ends ---- */

/* At CLOSED: nothing was lost, and hooks, if they were attached from the beginning, know as much as the
 * numbers. `kept` promises are still somebody's. */
static inline void check_promises(uint64_t kept, bool hooked)
{
    check_conservation(loop);
    mr_promise_stats stats = promise_stats();
    assert_int_equal(stats.live, kept);
    assert_true(stats.pending <= kept);
    assert_int_equal(stats.waiters, 0);
    if (!hooked)
        return;
    assert_int_equal(seen[MR_PROMISE_MADE], stats.freed + kept);
    assert_int_equal(seen[MR_PROMISE_FREED], stats.freed);
    assert_int_equal(seen[MR_PROMISE_WAS_FULFILLED] + seen[MR_PROMISE_WAS_REJECTED], stats.settled);
    assert_int_equal(seen[MR_PROMISE_WAS_ADOPTED], stats.adopted);
    assert_int_equal(seen[MR_PROMISE_WAS_UNHANDLED], stats.unhandled);
    assert_true(seen[MR_PROMISE_WAS_HANDLED] <= stats.unhandled);
}

static inline void leave_loop(void)
{
    mr_loop_unref(loop);
    loop = NULL;
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    assert_int_equal(atomic_load(&customs_alive), 0);
}

/* Of a loop that the calling thread turns, all of whose promises were given back. */
static inline void finish_hooked(bool hooked)
{
    shut_down_turned();
    check_promises(0, hooked);
    check_reports(loop);
    leave_loop();
}

static inline void finish_observed(void)
{
    finish_hooked(true);
}

#endif
