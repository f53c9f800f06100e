/* What tests of rejections, waiters and settlers share: reports that go into the story, transitions
 * that hooks count, and the law that they end with: each promise made is freed, each transition was
 * told. */
#ifndef MR_TESTS_PROMISE_REPORTS_H
#define MR_TESTS_PROMISE_REPORTS_H

#include "scenario.h"

/* A counted value's objects that are there. */
static _Atomic int64_t objects_live;

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

static inline mr_promise_stats promises_of(mr_loop *of)
{
    mr_promise_stats stats;
    memset(&stats, 0xA5, sizeof stats);
    EXPECT(mr_promise_get_stats(of, &stats) == 0);
    return stats;
}

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
    atomic_store(&objects_live, 0);
    assert_int_equal(mr_hooks_attach(loop, &count_hooks), 0);
    assert_int_equal(mr_promise_configure(loop, &options), 0);
}

static inline void begin_observed(mr_park park)
{
    begin(park);
    observe();
}

/* ---- promises ---- */

static inline mr_promise *pending(mr_settler *out_settler)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_with_resolvers(loop, &promise, out_settler) == 0);
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_PENDING);
    return promise;
}

static inline mr_promise *fulfilled(int number)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_resolve(loop, mr_value_int(number), &promise) == 0);
    return promise;
}

static inline mr_promise *rejected(int number)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_reject(loop, mr_value_int(number), &promise) == 0);
    return promise;
}

/* A rejection that nobody keeps. */
static inline void reject_alone(int number)
{
    mr_promise_unref(rejected(number));
}

static inline mr_value lend(mr_promise *promise)
{
    return mr_value_promise(mr_promise_ref(promise));
}

/* A handler that swallows, and one that notes what it got: "a3" with "a" as its argument. */
static inline mr_status swallow(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    return 0;
}

static inline mr_status note_value(mr_value value, void *arg, mr_value *out_value)
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
    const mr_reaction reaction = {note_value, note_value, (void *)(uintptr_t)name, NULL};
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
}

/* A counted value. */
static inline void object_release(void *object)
{
    free(object);
    atomic_fetch_sub(&objects_live, 1);
}

static const mr_custom_type object_type = {.name = "object", .release = object_release};

static inline mr_value object_new(int number)
{
    mr_value value = {0};
    int *object = malloc(sizeof *object);
    EXPECT(object != NULL);
    *object = number;
    atomic_fetch_add(&objects_live, 1);
    EXPECT(mr_value_custom(&object_type, object, &value) == 0);
    return value;
}

static inline int object_number(mr_value value)
{
    const int *object = mr_value_as_custom(value, &object_type);
    return object == NULL ? 999 : *object;
}

/* ---- ends ---- */

/* At CLOSED: nothing was lost, and hooks, if they were attached from the beginning, know as much as the
 * numbers. `kept` promises are still somebody's. */
static inline void check_promises(uint64_t kept, bool hooked)
{
    check_conservation(loop);
    mr_promise_stats stats = promises_of(loop);
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
    assert_int_equal(atomic_load(&objects_live), 0);
}

/* Of a loop that the calling thread turns, all of whose promises were given back. */
static inline void finish_promises(bool hooked)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        assert_int_equal(mr_loop_turn(loop, 0), 0);
    check_promises(0, hooked);
    check_reports(loop);
    leave_loop();
}

static inline void finish_observed(void)
{
    finish_promises(true);
}

static inline void turn_once(void)
{
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

/* One turn with fn in it. */
static inline void turn_with(mr_task_fn *fn, void *arg)
{
    submit(fn, arg);
    turn_once();
}

#endif
