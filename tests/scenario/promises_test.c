/* Scenarios P1, P3 to P7 and P14: reactions and what their handlers make. The other P: settling_test.c. */
#include "promise_scenario.h"

/* ---- P1 ---- */

static bool inside; /* a call of the library */

static mr_status not_inside(mr_value value, void *arg, mr_value *out_value)
{
    EXPECT(!inside);
    return tell_value(value, arg, out_value);
}

/* Attach, with a microtask queued after it: a reaction that took two jobs would come after that. */
static void attach_between(mr_promise *promise, const char *name, const char *next)
{
    const mr_reaction reaction = {.on_fulfilled = not_inside, .arg = (void *)(uintptr_t)name};
    inside = true;
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
    inside = false;
    EXPECT(mr_microtask(loop, say, (void *)(uintptr_t)next) == 0);
}

static void react_to_settled(void *arg)
{
    uint64_t before = counts(MR_KIND_MICROTASK).accepted;
    mr_promise *promise = fulfilled(5);
    attach_between(promise, "r1", "m1");
    attach_between(promise, "r2", "m2");
    attach_between(promise, "r3", "m3");
    EXPECT(counts(MR_KIND_MICROTASK).accepted - before == 6);
    EXPECT(story_len == 0);
    mr_promise_unref(promise);
    (void)arg;
}

static void react_to_pending(void *arg)
{
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    tell(promise, "r1");
    tell(promise, "r2");
    tell(promise, "r3");
    EXPECT(mr_microtask(loop, say, "m1") == 0);
    uint64_t before = counts(MR_KIND_MICROTASK).accepted;
    inside = true;
    resolve_int(settler, 6);
    inside = false;
    EXPECT(counts(MR_KIND_MICROTASK).accepted - before == 3);
    EXPECT(mr_microtask(loop, say, "m2") == 0);
    tell(promise, "r4");
    EXPECT(story_len == 0 && is_fulfilled_with(promise, 6));
    mr_promise_unref(promise);
    (void)arg;
}

static void P1_reactions_are_one_job_each_in_order_of_attaching(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        in_task(react_to_settled, NULL);
        assert_story("r1=5 m1 r2=5 m2 r3=5 m3");
        story_clear();
        in_task(react_to_pending, NULL);
        assert_story("m1 r1=6 r2=6 r3=6 m2 r4=6");
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

static void P1_calls_outside_a_run_wait_for_its_checkpoint(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    tell(promise, "a");
    reject_int(settler, 4);
    tell(promise, "b");
    assert_story("");
    mr_promise_unref(promise);
    turn();
    assert_story("a!4 b!4");
    finish_promises_turned();
}

/* ---- P1: what a handler may do ---- */

typedef struct tempted {
    mr_promise *promise, *other;
    mr_settler own, others;
} tempted;

static mr_status tempted_handler(mr_value value, void *arg, mr_value *out_value)
{
    tempted *t = arg;
    int64_t number = int_of(value);
    note("in");
    tell(t->promise, "again"); /* what it reacts to, whose last reaction this was */
    EXPECT(mr_settler_resolve(loop, t->own, mr_value_int(9)) == MR_ENOENT);
    EXPECT(mr_settler_reject(loop, t->own, mr_value_int(9)) == MR_ENOENT);
    mr_promise_unref(t->promise); /* the last one */
    EXPECT(int_of(value) == number);
    tell(t->other, "other");
    reject_int(t->others, 8);
    EXPECT(is_rejected_with(t->other, 8));
    mr_promise_unref(t->other);
    *out_value = mr_value_int(number + 1);
    return 0;
}

static void tempt(void *arg)
{
    tempted *t = arg;
    t->promise = pending(&t->own);
    t->other = pending(&t->others);
    mr_promise *child = then(t->promise, tempted_handler, NULL, t);
    tell(t->promise, "sibling");
    tell(child, "child");
    mr_promise_unref(child);
    resolve_int(t->own, 1);
}

static void P1_a_handler_may_attach_settle_and_unref_what_it_reacts_to(void **state)
{
    (void)state;
    tempted t;
    begin(MR_PARK_AUTO);
    in_task(tempt, &t);
    assert_story("in sibling=1 again=1 other!8 child=2");
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

static mr_promise *kept_promise;

static void release_attaches(void *arg)
{
    note("release-%s", (const char *)arg);
    tell(kept_promise, "late");
}

static mr_status tell_and_forget(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)value, (void)out_value;
    note("handler");
    return 0;
}

static void attach_with_release(void *arg)
{
    mr_settler settler;
    mr_reaction reaction = {.on_fulfilled = tell_and_forget,
                            .on_rejected = tell_reason,
                            .arg = (void *)(uintptr_t) "x",
                            .release = release_attaches};
    kept_promise = pending(&settler);
    EXPECT(mr_promise_then(kept_promise, &reaction, NULL) == 0);
    tell(kept_promise, "second");
    resolve_int(settler, 3);
    (void)arg;
}

static void P1_a_release_function_may_attach_to_what_it_belonged_to(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    in_task(attach_with_release, NULL);
    assert_story("handler release-x second=3 late=3");
    mr_promise_unref(kept_promise);
    finish_promises_turned();
}

static mr_status attach_one_more(mr_value value, void *arg, mr_value *out_value)
{
    unsigned *left = arg;
    (void)value, (void)out_value;
    note("%u", *left);
    if (--*left != 0) {
        const mr_reaction reaction = {.on_fulfilled = attach_one_more, .arg = left};
        EXPECT(mr_promise_then(kept_promise, &reaction, NULL) == 0);
    }
    return 0;
}

static void attach_one_by_one(void *arg)
{
    const mr_reaction reaction = {.on_fulfilled = attach_one_more, .arg = arg};
    kept_promise = fulfilled(1);
    EXPECT(mr_promise_then(kept_promise, &reaction, NULL) == 0);
    EXPECT(mr_next_tick(loop, say, "tick") == 0);
}

static void P1_reactions_attached_by_reactions_run_in_the_same_checkpoint(void **state)
{
    (void)state;
    unsigned left = 5;
    begin(MR_PARK_AUTO);
    submit(attach_one_by_one, &left);
    submit_say("next-task");
    turn();
    assert_story("tick 5 4 3 2 1 next-task");
    mr_promise_unref(kept_promise);
    finish_promises_turned();
}

static void one_reaction(void *arg)
{
    mr_promise *promise = fulfilled((int64_t)(uintptr_t)arg);
    note("task");
    tell(promise, "r");
    mr_promise_unref(promise);
}

static void P1_with_microtasks_per_phase_reactions_run_after_the_phase(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= MR_MICROTASKS_PER_PHASE; flags++) {
        mr_loop_options options = options_for(MR_PARK_AUTO);
        options.flags = flags;
        begin_with(&options);
        submit(one_reaction, (void *)1);
        submit(one_reaction, (void *)2);
        turn();
        if (flags == 0)
            assert_story("task r=1 task r=2");
        else
            assert_story("task task r=1 r=2");
        finish_promises_turned();
    }
}

/* ---- P3 ---- */

enum { ANSWER_VALUE, ANSWER_CODE, ANSWER_REASON, ANSWER_PROMISE, ANSWER_CODE_ABOVE, ANSWERS };

static mr_settler p3_settler;
static mr_promise *p3_pending;

static mr_status answer_as_asked(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    switch ((uintptr_t)arg) {
    case ANSWER_VALUE:
        *out_value = mr_value_int(10);
        return 0;
    case ANSWER_CODE:
        return MR_ETIMEDOUT;
    case ANSWER_REASON:
        *out_value = mr_value_int(11);
        return MR_EIO;
    case ANSWER_PROMISE:
        *out_value = mr_value_promise(p3_pending);
        return 0;
    default:
        return 17; /* no status: an invalid one */
    }
}

static mr_promise *p3_children[2][ANSWERS];

static void make_answers(void *arg)
{
    mr_promise *parents[2] = {fulfilled(1), rejected(2)};
    (void)arg;
    p3_pending = pending(&p3_settler);
    for (unsigned way = 0; way < 2; way++) {
        for (uintptr_t answer = 0; answer < ANSWERS; answer++) {
            if (way == 1 && answer == ANSWER_PROMISE)
                mr_promise_ref(p3_pending); /* each handler gives one away */
            p3_children[way][answer] =
                then(parents[way], way == 0 ? answer_as_asked : tell_value,
                     way == 1 ? answer_as_asked : tell_reason, (void *)answer);
        }
        mr_promise_unref(parents[way]);
    }
    EXPECT(story_len == 0);
}

static void P3_the_answer_of_a_handler_settles_the_child(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    in_task(make_answers, NULL);
    assert_story("");
    for (unsigned way = 0; way < 2; way++) {
        mr_promise *const *children = p3_children[way];
        assert_true(is_fulfilled_with(children[ANSWER_VALUE], 10));
        assert_true(is_rejected_by(children[ANSWER_CODE], MR_ETIMEDOUT));
        assert_true(is_rejected_with(children[ANSWER_REASON], 11));
        assert_true(is_rejected_by(children[ANSWER_CODE_ABOVE], MR_EINVAL));
        assert_true(is_pending(children[ANSWER_PROMISE]));
    }
    assert_int_equal(promise_stats().adopted, 2);
    resolve_int(p3_settler, 12);
    assert_true(is_pending(p3_children[0][ANSWER_PROMISE])); /* a job later */
    turn();
    assert_true(is_fulfilled_with(p3_children[0][ANSWER_PROMISE], 12));
    assert_true(is_fulfilled_with(p3_children[1][ANSWER_PROMISE], 12));
    for (unsigned i = 0; i < 2 * ANSWERS; i++)
        mr_promise_unref(p3_children[i / ANSWERS][i % ANSWERS]);
    finish_promises_turned();
}

static mr_status answer_foreign_promise(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = holding(arg);
    return int_of(value) == 1 ? 0 : MR_EIO;
}

static void P3_a_promise_of_another_loop_is_no_answer(void **state)
{
    (void)state;
    mr_loop *second;
    mr_promise *foreign, *children[2];
    assert_int_equal(mr_loop_create(NULL, &second), 0);
    assert_int_equal(mr_promise_resolve(second, mr_value_int(1), &foreign), 0);
    begin(MR_PARK_AUTO);
    for (unsigned i = 0; i < 2; i++) {
        mr_promise *parent = fulfilled(i + 1);
        children[i] = then(parent, answer_foreign_promise, NULL, foreign);
        mr_promise_unref(parent);
    }
    turn();
    assert_true(is_rejected_by(children[0], MR_EINVAL));
    assert_true(is_rejected_by(children[1], MR_EIO));
    for (unsigned i = 0; i < 2; i++)
        mr_promise_unref(children[i]);
    finish_promises_turned();
    mr_promise_unref(foreign);
    mr_promise_stats stats;
    assert_int_equal(mr_promise_get_stats(second, &stats), 0);
    assert_int_equal(stats.live, 0);
    mr_loop_unref(second);
}

/* ---- P4 ---- */

/* Five links without a handler for what comes. Owned. */
static mr_promise *five_links(mr_promise *from, bool will_reject)
{
    mr_promise *at = mr_promise_ref(from);
    for (unsigned i = 0; i < 5; i++) {
        mr_promise *next =
            then(at, will_reject ? tell_value : NULL, will_reject ? NULL : tell_reason, "never");
        mr_promise_unref(at);
        at = next;
    }
    return at;
}

static void P4_missing_handlers_pass_value_and_reason_unchanged(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        bool rejects = way % 2 == 1;
        begin(MR_PARK_AUTO);
        mr_settler settler;
        mr_promise *first = pending(&settler), *early = way < 2 ? five_links(first, rejects) : NULL;
        mr_value value = custom_of(&counted_type, 77);
        assert_int_equal(rejects ? mr_settler_reject(loop, settler, mr_value_ref(value))
                                 : mr_settler_resolve(loop, settler, mr_value_ref(value)),
                         0);
        mr_promise *last = early != NULL ? early : five_links(first, rejects);
        mr_promise_unref(first);
        turn();
        assert_int_equal(mr_promise_get_state(last),
                         rejects ? MR_PROMISE_REJECTED : MR_PROMISE_FULFILLED);
        mr_value got = rejects ? mr_promise_reason(last) : mr_promise_value(last);
        assert_int_equal(custom_number(got), 77);
        assert_ptr_equal(mr_value_as_custom(got, &counted_type),
                         mr_value_as_custom(value, &counted_type)); /* the object itself */
        mr_value_release(value);
        assert_int_equal(atomic_load(&customs_alive), 1);
        mr_promise_unref(last);
        assert_int_equal(atomic_load(&customs_alive), 0);
        assert_story("");
        finish_promises_turned();
    }
}

static void P4_catch_passes_a_value_and_long_bytes_arrays_and_errors_too(void **state)
{
    (void)state;
    static const char text[] = "longer than the fourteen bytes that stand inside";
    mr_value values[3], got;
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EIO, .message = text};
    mr_error *error;
    size_t len = 0;
    assert_int_equal(mr_value_bytes(text, sizeof text, &values[0]), 0);
    assert_int_equal(mr_error_create(&spec, &error), 0);
    values[1] = mr_value_error(error);
    got = mr_value_int(3);
    assert_int_equal(mr_value_array(&got, 1, &values[2]), 0);
    begin(MR_PARK_AUTO);
    for (unsigned i = 0; i < 3; i++) {
        mr_promise *first, *child, *last;
        assert_int_equal(mr_promise_resolve(loop, mr_value_ref(values[i]), &first), 0);
        assert_int_equal(mr_promise_catch(first, tell_reason, "never", NULL, &child), 0);
        assert_int_equal(mr_promise_then(child, &(mr_reaction){0}, &last), 0);
        turn();
        got = mr_promise_value(last);
        assert_memory_equal(&got, &values[i], sizeof got);
        mr_promise_unref(first);
        mr_promise_unref(child);
        mr_promise_unref(last);
    }
    assert_string_equal(mr_value_as_bytes(&values[0], &len), text);
    assert_int_equal(len, sizeof text);
    for (unsigned i = 0; i < 3; i++)
        mr_value_release(values[i]);
    assert_story("");
    finish_promises_turned();
}

/* ---- P5 ---- */

enum {
    LAST_PLAIN,
    LAST_FAILS,
    LAST_FAILS_WITH,
    LAST_FULFILLED,
    LAST_REJECTED,
    LAST_PENDING,
    LASTS
};

static mr_settler last_settler;

static mr_status at_last(mr_value value, void *arg, mr_value *out_value)
{
    EXPECT(!inside);
    EXPECT(is_undefined(value) && is_undefined(*out_value)); /* it gets no argument */
    note("finally");
    switch ((uintptr_t)arg) {
    case LAST_PLAIN:
        *out_value = mr_value_int(90); /* and its value is dropped */
        return 0;
    case LAST_FAILS:
        return MR_EIO;
    case LAST_FAILS_WITH:
        *out_value = mr_value_int(91);
        return MR_EIO;
    case LAST_FULFILLED:
        *out_value = mr_value_promise(fulfilled(92));
        return 0;
    case LAST_REJECTED:
        *out_value = mr_value_promise(rejected(93));
        return 0;
    default:
        *out_value = mr_value_promise(pending(&last_settler));
        return 0;
    }
}

/* What comes out of a parent settled with 1: as it was, or as the handler replaced it. */
static bool kept_or_replaced(const mr_promise *child, unsigned last, bool rejects)
{
    switch (last) {
    case LAST_FAILS:
        return is_rejected_by(child, MR_EIO);
    case LAST_FAILS_WITH:
        return is_rejected_with(child, 91);
    case LAST_REJECTED:
        return is_rejected_with(child, 93);
    default:
        return rejects ? is_rejected_with(child, 1) : is_fulfilled_with(child, 1);
    }
}

static void one_finally(uintptr_t last, bool rejects, bool first_settled)
{
    mr_settler settler;
    mr_promise *parent = pending(&settler);
    story_clear();
    inside = true;
    if (first_settled)
        settle_int(settler, rejects, 1);
    mr_promise *child = finally(parent, at_last, (void *)last);
    if (!first_settled)
        settle_int(settler, rejects, 1);
    inside = false;
    assert_story("");
    turn();
    assert_story("finally");
    if (last == LAST_PENDING) {
        assert_true(is_pending(child)); /* it is awaited */
        resolve_int(last_settler, 94);
        turn();
    }
    assert_true(kept_or_replaced(child, (unsigned)last, rejects));
    mr_promise_unref(parent);
    mr_promise_unref(child);
    assert_int_equal(live_promises(), 0);
}

static void P5_finally_keeps_the_settlement_unless_it_fails(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    for (uintptr_t last = 0; last < LASTS; last++)
        for (unsigned way = 0; way < 4; way++)
            one_finally(last, way % 2 == 1, way / 2 == 1);
    finish_promises_turned();
}

static void P5_a_promise_that_finally_awaits_and_that_rejects_replaces(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    for (unsigned rejects = 0; rejects < 2; rejects++) {
        mr_promise *parent = rejects ? rejected(1) : fulfilled(1);
        mr_promise *child = finally(parent, at_last, (void *)LAST_PENDING);
        turn();
        assert_true(is_pending(child));
        reject_int(last_settler, 5);
        turn();
        assert_true(is_rejected_with(child, 5));
        mr_promise_unref(parent);
        mr_promise_unref(child);
    }
    finish_promises_turned();
}

static mr_status give_arg(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = holding(*(mr_promise **)arg);
    return 0;
}

static void P5_finally_awaiting_its_own_child_stays_pending_and_is_freed(void **state)
{
    (void)state;
    mr_promise *child = NULL;
    begin(MR_PARK_AUTO);
    mr_promise *parent = fulfilled(1);
    child = finally(parent, give_arg, &child);
    turn();
    assert_true(is_pending(child)); /* as in ECMA-262: nobody resolved it with itself */
    mr_promise_unref(parent);
    mr_promise_unref(child);
    finish_promises_turned();
}

/* ---- P6 ---- */

static mr_status try_value(void *arg, mr_value *out_value)
{
    EXPECT(is_undefined(*out_value));
    EXPECT(mr_loop_turn(loop, 0) == MR_EREENTRANT);
    EXPECT(mr_microtask(loop, say, "microtask") == 0); /* no checkpoint of its own */
    note("try");
    *out_value = mr_value_int((int64_t)(uintptr_t)arg);
    return 0;
}

static mr_status try_code(void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    note("try");
    return MR_ERANGE;
}

static mr_status try_reason(void *arg, mr_value *out_value)
{
    note("try");
    *out_value = mr_value_int((int64_t)(uintptr_t)arg);
    return MR_ERANGE;
}

static mr_status try_promise(void *arg, mr_value *out_value)
{
    note("try");
    *out_value = holding(arg);
    return 0;
}

static mr_promise *tried(mr_make_fn *fn, void *arg)
{
    mr_promise *promise = NULL;
    story_clear();
    EXPECT(mr_promise_try(loop, fn, arg, &promise) == 0);
    assert_story("try"); /* called inside */
    return promise;
}

static void P6_try_makes_a_promise_of_what_the_function_does(void **state)
{
    (void)state;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    mr_promise *awaited = pending(&settler);
    mr_promise *made[4] = {tried(try_value, (void *)3), tried(try_code, NULL),
                           tried(try_reason, (void *)4), tried(try_promise, awaited)};
    assert_true(is_fulfilled_with(made[0], 3));
    assert_true(is_rejected_by(made[1], MR_ERANGE));
    assert_true(is_rejected_with(made[2], 4));
    assert_true(is_pending(made[3]) && made[3] != awaited); /* another promise, which follows */
    resolve_int(settler, 6);
    turn();
    assert_true(is_fulfilled_with(made[3], 6));
    assert_story("try microtask");
    for (unsigned i = 0; i < 4; i++)
        mr_promise_unref(made[i]);
    mr_promise_unref(awaited);
    finish_promises_turned();
}

static pthread_t owner;

static void *settle_with_eight(void *arg)
{
    resolve_int(*(mr_settler *)arg, 8);
    return NULL;
}

static mr_status on_the_owner(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(pthread_equal(pthread_self(), owner));
    note_value("r", '=', value);
    shut_down(NULL);
    return 0;
}

static mr_settler p6_settler;

static mr_status try_with_thread(void *arg, mr_value *out_value)
{
    *out_value = mr_value_promise(pending(&p6_settler));
    *(pthread_t *)arg = thread_start(settle_with_eight, &p6_settler);
    return 0;
}

static void try_in_task(void *arg)
{
    mr_promise *promise;
    owner = pthread_self();
    EXPECT(mr_promise_try(loop, try_with_thread, arg, &promise) == 0);
    mr_promise_unref(then(promise, on_the_owner, NULL, NULL));
    mr_promise_unref(promise);
}

static void P6_a_settler_given_to_a_thread_runs_the_handler_on_the_owner(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        pthread_t thread;
        runner r;
        begin(park);
        submit(try_in_task, &thread);
        runner_start(&r);
        assert_int_equal(runner_join(&r), 0);
        thread_join(thread);
        assert_story("r=8");
        finish_promises();
    }
}

/* ---- P7 ---- */

static void add_m3(void *arg)
{
    (void)arg;
    note("m2");
    EXPECT(mr_microtask(loop, say, "m3") == 0);
}

static void add_m2(void *arg)
{
    (void)arg;
    note("m1");
    EXPECT(mr_microtask(loop, add_m3, NULL) == 0);
}

static void resolve_and_count_jobs(void *arg)
{
    mr_settler settler;
    mr_promise *p = pending(&settler);
    tell(p, "r");
    mr_promise *q = fulfilled(1);
    if (arg != NULL)
        resolve_with_promise(settler, q);
    else
        resolve_int(settler, 1);
    EXPECT(is_pending(p) == (arg != NULL));
    EXPECT(mr_microtask(loop, add_m2, NULL) == 0);
    mr_promise_unref(p);
    mr_promise_unref(q);
}

static void P7_after_a_fulfilled_promise_a_reaction_is_the_third_job(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    in_task(resolve_and_count_jobs, "with a promise");
    assert_story("m1 m2 r=1 m3");
    story_clear();
    in_task(resolve_and_count_jobs, NULL);
    assert_story("r=1 m1 m2 m3");
    finish_promises_turned();
}

/* ---- P14 ---- */

static void P14_value_and_reason_are_those_of_the_state(void **state)
{
    (void)state;
    mr_settler settlers[2];
    begin(MR_PARK_AUTO);
    mr_promise *a = pending(&settlers[0]), *b = pending(&settlers[1]);
    assert_true(is_undefined(mr_promise_value(a)) && is_undefined(mr_promise_reason(a)));
    resolve_int(settlers[0], 42);
    assert_int_equal(int_of(mr_promise_value(a)), 42);
    assert_true(is_undefined(mr_promise_reason(a)));
    assert_null(mr_value_as_error(mr_promise_value(a)));
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EIO};
    mr_error *error;
    assert_int_equal(mr_error_create(&spec, &error), 0);
    assert_int_equal(mr_settler_reject(loop, settlers[1], mr_value_error(error)), 0);
    assert_int_equal(mr_promise_get_state(b), MR_PROMISE_REJECTED);
    assert_true(is_undefined(mr_promise_value(b)));
    assert_ptr_equal(mr_value_as_error(mr_promise_reason(b)), error);
    assert_null(mr_value_as_error(mr_value_int(42)));
    assert_ptr_equal(mr_promise_loop(a), loop);
    assert_int_equal(mr_promise_get_state(NULL), MR_PROMISE_PENDING);
    assert_true(is_undefined(mr_promise_value(NULL)) && is_undefined(mr_promise_reason(NULL)));
    assert_null(mr_promise_loop(NULL));
    mr_promise_unref(a);
    mr_promise_unref(b);
    finish_promises_turned();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(P1_reactions_are_one_job_each_in_order_of_attaching),
        SCENARIO(P1_calls_outside_a_run_wait_for_its_checkpoint),
        SCENARIO(P1_a_handler_may_attach_settle_and_unref_what_it_reacts_to),
        SCENARIO(P1_a_release_function_may_attach_to_what_it_belonged_to),
        SCENARIO(P1_reactions_attached_by_reactions_run_in_the_same_checkpoint),
        SCENARIO(P1_with_microtasks_per_phase_reactions_run_after_the_phase),
        SCENARIO(P3_the_answer_of_a_handler_settles_the_child),
        SCENARIO(P3_a_promise_of_another_loop_is_no_answer),
        SCENARIO(P4_missing_handlers_pass_value_and_reason_unchanged),
        SCENARIO(P4_catch_passes_a_value_and_long_bytes_arrays_and_errors_too),
        SCENARIO(P5_finally_keeps_the_settlement_unless_it_fails),
        SCENARIO(P5_a_promise_that_finally_awaits_and_that_rejects_replaces),
        SCENARIO(P5_finally_awaiting_its_own_child_stays_pending_and_is_freed),
        SCENARIO(P6_try_makes_a_promise_of_what_the_function_does),
        SCENARIO(P6_a_settler_given_to_a_thread_runs_the_handler_on_the_owner),
        SCENARIO(P7_after_a_fulfilled_promise_a_reaction_is_the_third_job),
        SCENARIO(P14_value_and_reason_are_those_of_the_state),
    };
    return RUN_SCENARIOS(tests);
}
