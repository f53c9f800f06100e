/* What the scenario tests of promises share: making them, reactions that tell the story, and the law
 * that every one of them ends with: no promise is left. */
#ifndef MR_TESTS_PROMISE_SCENARIO_H
#define MR_TESTS_PROMISE_SCENARIO_H

#include "scenario.h"

#include <millrace/promise.h>

/* ---- numbers ---- */

static inline mr_promise_stats promise_stats(void)
{
    mr_promise_stats stats;
    memset(&stats, 0xA5, sizeof stats);
    EXPECT(mr_promise_get_stats(loop, &stats) == 0);
    return stats;
}

static inline uint64_t live_promises(void)
{
    return promise_stats().live;
}

/* Nothing of a promise is left. */
static inline void check_promises_gone(void)
{
    mr_promise_stats stats = promise_stats();
    assert_int_equal(stats.live, 0);
    assert_int_equal(stats.pending, 0);
    assert_int_equal(stats.waiters, 0);
}

static inline void finish_promises(void)
{
    check_promises_gone();
    finish();
}

/* Shut a loop down that the calling thread drives. */
static inline void shut_down_turned(void)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
}

/* The same, with nothing left over. */
static inline void finish_promises_turned(void)
{
    shut_down_turned();
    finish_promises();
}

/* A close reports the arguments of reactions that were never accepted as microtasks: the sum of
 * finish() is then not for us. */
static inline void finish_promises_closed(void)
{
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        assert_int_equal(mr_loop_close(loop), 0);
    check_conservation(loop);
    check_promises_gone();
    assert_int_equal(atomic_load(&told.after_run), 0);
    mr_loop_unref(loop);
    loop = NULL;
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
}

/* One turn, with all its checkpoints. */
static inline void turn(void)
{
    EXPECT(mr_loop_turn(loop, 0) == 0);
}

/* Run fn(arg) as a task of the loop: what it attaches and settles is seen from inside a callback. */
static inline void in_task(mr_task_fn *fn, void *arg)
{
    submit(fn, arg);
    turn();
}

/* ---- making ---- */

static inline mr_promise *pending(mr_settler *out_settler)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_with_resolvers(loop, &promise, out_settler) == 0);
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_PENDING && out_settler->id != 0);
    return promise;
}

static inline mr_promise *fulfilled(int64_t value)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_resolve(loop, mr_value_int(value), &promise) == 0);
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_FULFILLED);
    return promise;
}

static inline mr_promise *rejected(int64_t reason)
{
    mr_promise *promise = NULL;
    EXPECT(mr_promise_reject(loop, mr_value_int(reason), &promise) == 0);
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_REJECTED);
    return promise;
}

/* A value of one more reference to promise. */
static inline mr_value holding(mr_promise *promise)
{
    return mr_value_promise(mr_promise_ref(promise));
}

static inline void resolve_int(mr_settler settler, int64_t value)
{
    EXPECT(mr_settler_resolve(loop, settler, mr_value_int(value)) == 0);
}

static inline void reject_int(mr_settler settler, int64_t reason)
{
    EXPECT(mr_settler_reject(loop, settler, mr_value_int(reason)) == 0);
}

static inline void settle_int(mr_settler settler, bool rejects, int64_t value)
{
    if (rejects)
        reject_int(settler, value);
    else
        resolve_int(settler, value);
}

static inline void resolve_with_promise(mr_settler settler, mr_promise *promise)
{
    EXPECT(mr_settler_resolve(loop, settler, holding(promise)) == 0);
}

/* ---- reading ---- */

/* -1 for what is no int. */
static inline int64_t int_of(mr_value value)
{
    int64_t integer = -1;
    (void)mr_value_as_int(value, &integer);
    return integer;
}

static inline bool is_undefined(mr_value value)
{
    return value.kind == MR_VALUE_UNDEFINED;
}

static inline bool is_fulfilled_with(const mr_promise *promise, int64_t value)
{
    return mr_promise_get_state(promise) == MR_PROMISE_FULFILLED &&
           int_of(mr_promise_value(promise)) == value && is_undefined(mr_promise_reason(promise));
}

static inline bool is_rejected_with(const mr_promise *promise, int64_t reason)
{
    return mr_promise_get_state(promise) == MR_PROMISE_REJECTED &&
           int_of(mr_promise_reason(promise)) == reason && is_undefined(mr_promise_value(promise));
}

static inline bool is_rejected_by(const mr_promise *promise, mr_status code)
{
    return mr_promise_get_state(promise) == MR_PROMISE_REJECTED &&
           mr_error_code(mr_value_as_error(mr_promise_reason(promise))) == code &&
           is_undefined(mr_promise_value(promise));
}

static inline bool is_pending(const mr_promise *promise)
{
    return mr_promise_get_state(promise) == MR_PROMISE_PENDING &&
           is_undefined(mr_promise_value(promise)) && is_undefined(mr_promise_reason(promise));
}

/* ---- reactions that tell the story ---- */

/* "name=value" when fulfilled, "name!reason" when rejected; errors by the name of their code. */
static inline void note_value(const char *name, char mark, mr_value value)
{
    int64_t integer;
    size_t n;
    if (mr_value_as_int(value, &integer))
        note("%s%c%" PRId64, name, mark, integer);
    else if (mr_value_as_error(value) != NULL)
        note("%s%c%s", name, mark, mr_status_name(mr_error_code(mr_value_as_error(value))));
    else if (mr_value_as_array(value, &n) != NULL)
        note("%s%carray-%zu", name, mark, n);
    else if (mr_value_as_promise(value) != NULL)
        note("%s%cpromise", name, mark);
    else
        note("%s%c-", name, mark);
}

static inline mr_status tell_value(mr_value value, void *arg, mr_value *out_value)
{
    EXPECT(is_undefined(*out_value));
    note_value(arg, '=', value);
    return 0;
}

static inline mr_status tell_reason(mr_value value, void *arg, mr_value *out_value)
{
    EXPECT(is_undefined(*out_value));
    note_value(arg, '!', value);
    return 0;
}

/* Note how promise settles, under name. */
static inline void tell(mr_promise *promise, const char *name)
{
    const mr_reaction reaction = {
        .on_fulfilled = tell_value, .on_rejected = tell_reason, .arg = (void *)(uintptr_t)name};
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
}

static inline mr_promise *then(mr_promise *promise, mr_reaction_fn *on_fulfilled,
                               mr_reaction_fn *on_rejected, void *arg)
{
    mr_promise *child = NULL;
    const mr_reaction reaction = {
        .on_fulfilled = on_fulfilled, .on_rejected = on_rejected, .arg = arg};
    EXPECT(mr_promise_then(promise, &reaction, &child) == 0);
    EXPECT(child != NULL && child != promise && is_pending(child));
    return child;
}

static inline mr_promise *finally(mr_promise *promise, mr_reaction_fn *fn, void *arg)
{
    mr_promise *child = NULL;
    EXPECT(mr_promise_finally(promise, fn, arg, NULL, &child) == 0);
    EXPECT(child != NULL && child != promise && is_pending(child));
    return child;
}

/* ---- what nobody may lose: releases counted by argument ---- */

static _Atomic unsigned releases;

static inline void count_release(void *arg)
{
    atomic_fetch_add(&releases, 1);
    if (arg != NULL)
        ++*(unsigned *)arg;
}

/* Customs that are counted while they live. */
static _Atomic int customs_alive;

static inline void custom_release(void *object)
{
    free(object);
    atomic_fetch_sub(&customs_alive, 1);
}

static const mr_custom_type counted_type = {"counted", custom_release, false};
static const mr_custom_type bound_type = {"bound", custom_release, true};

static inline mr_value custom_of(const mr_custom_type *type, int number)
{
    mr_value value = {0};
    int *object = malloc(sizeof *object);
    EXPECT(object != NULL);
    if (object == NULL)
        return value;
    *object = number;
    atomic_fetch_add(&customs_alive, 1);
    EXPECT(mr_value_custom(type, object, &value) == 0);
    return value;
}

/* -1 for another value. */
static inline int custom_number(mr_value value)
{
    const int *object = mr_value_as_custom(value, &counted_type);
    return object == NULL ? -1 : *object;
}

/* ---- reports of unhandled rejections: told into the story ---- */

static inline void tell_unhandled(mr_promise *promise, mr_value reason, mr_creation creation,
                                  void *arg)
{
    (void)creation, (void)arg;
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_REJECTED);
    note_value("unhandled", '!', reason);
}

static inline void tell_handled(mr_promise *promise, void *arg)
{
    (void)arg;
    note_value("handled", '!', mr_promise_reason(promise));
}

static inline void tell_reports(void)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = tell_unhandled,
                                        .on_rejection_handled = tell_handled};
    EXPECT(mr_promise_configure(loop, &options) == 0);
}

/* ---- other threads ---- */

static inline void elsewhere_do(void *(*fn)(void *), void *arg)
{
    thread_join(thread_start(fn, arg));
}

#endif
