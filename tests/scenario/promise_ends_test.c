/* Scenario G5 of promises: what becomes of promises when their loop ends, gracefully and at once. */
#include "promise_reports.h"

enum { N = 1000 };

/* ---- what reactions do, counted ---- */

static unsigned ran, released, wrong_reason;
static uint32_t last_slot;
static bool out_of_order;

static void reset_counts(void)
{
    ran = released = wrong_reason = 0;
    last_slot = 0;
    out_of_order = false;
}

/* arg: the settler. */
static mr_status count_closed(mr_value value, void *arg, mr_value *out_value)
{
    (void)out_value;
    uint32_t slot = (uint32_t)((mr_settler *)arg)->id;
    out_of_order |= ran != 0 && slot <= last_slot;
    last_slot = slot;
    wrong_reason += code_of(value) != MR_ECLOSED;
    ran++;
    return 0;
}

static mr_status count_wrong(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    wrong_reason++;
    return 0;
}

static void count_released(void *arg)
{
    (void)arg;
    released++;
}

static void end_here(bool close)
{
    if (close)
        assert_int_equal(mr_loop_close(loop), 0);
    else
        shut_down_turned();
}

/* The loop goes first, its promises later. */
static void leave_loop_then(mr_promise **promises, unsigned n)
{
    check_promises(n, true);
    mr_loop_unref(loop);
    loop = NULL;
    for (unsigned i = 0; i < n; i++)
        mr_promise_unref(promises[i]);
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    assert_int_equal(atomic_load(&customs_alive), 0);
}

/* ---- a thousand pending ones ---- */

static mr_settler settlers[N];
static mr_promise *thousand[N];

/* A reaction each, two for some; half of them have a release; so many reactions. */
static unsigned make_thousand(void)
{
    unsigned reactions = 0;
    for (unsigned i = 0; i < N; i++) {
        mr_reaction reaction = {count_wrong, count_closed, &settlers[i],
                                i % 2 == 0 ? count_released : NULL};
        thousand[i] = pending(&settlers[i]);
        EXPECT(mr_promise_then(thousand[i], &reaction, NULL) == 0);
        reactions++;
        if (i % 5 == 0) {
            const mr_reaction pass = {.release = count_released}; /* without handlers */
            EXPECT(mr_promise_then(thousand[i], &pass, NULL) == 0);
            reactions++;
        }
    }
    return reactions;
}

static void G5_shutdown_rejects_a_thousand_in_slot_order_and_runs_their_reactions(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned running = 0; running < 2; running++) {
            begin_observed(park);
            reset_counts();
            make_thousand();
            if (running) {
                submit(shut_down, NULL);
                assert_int_equal(mr_loop_run(loop), 0);
            } else {
                shut_down_turned();
            }
            assert_int_equal(ran, N);
            assert_int_equal(wrong_reason, 0);
            assert_int_equal(released, N / 2 + N / 5);
            assert_false(out_of_order);
            for (unsigned i = 0; i < N; i++)
                assert_true(is_rejected_by(thousand[i], MR_ECLOSED));
            assert_story(""); /* not reported */
            assert_int_equal(promise_stats().unhandled, 0);
            assert_int_equal(promise_stats().pending, 0);
            check_reports(loop);
            leave_loop_then(thousand, N);
        }
    }
}

static void G5_close_rejects_a_thousand_and_releases_or_reports_their_reactions(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned running = 0; running < 2; running++) {
            begin_observed(park);
            reset_counts();
            make_thousand();
            if (running) {
                assert_int_equal(mr_loop_request_close(loop), 0);
                assert_int_equal(mr_loop_turn(loop, 0), MR_ECANCELED);
            } else {
                end_here(true);
            }
            assert_int_equal(ran + wrong_reason, 0);
            assert_int_equal(released, N / 2 + N / 5);
            assert_int_equal(reports_of_all_kinds(), N / 2);
            assert_int_equal(told.discarded[MR_KIND_MICROTASK], N / 2);
            assert_int_equal(told.reason, MR_ECLOSED);
            for (unsigned i = 0; i < N; i++)
                assert_true(is_rejected_by(thousand[i], MR_ECLOSED));
            assert_story("");
            leave_loop_then(thousand, N);
        }
    }
}

/* Nobody holds them; the last reference to the loop ends it. */
static void G5_the_last_unref_of_a_loop_ends_its_promises(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    reset_counts();
    make_thousand();
    for (unsigned i = 0; i < N; i++)
        mr_promise_unref(thousand[i]);
    mr_loop_unref(loop);
    loop = NULL;
    assert_int_equal(ran, 0);
    assert_int_equal(released, N / 2 + N / 5);
    assert_int_equal(told.discarded[MR_KIND_MICROTASK], N / 2);
    assert_int_equal(seen[MR_PROMISE_MADE], seen[MR_PROMISE_FREED]);
}

/* ---- what the last drain makes ---- */

static mr_promise *made_late[2];

static mr_status note_and_fail(mr_value value, void *arg, mr_value *out_value)
{
    note_number(value, arg, out_value);
    return MR_EIO;
}

/* A reaction of the drain that makes reactions, promises and a rejection of its own. */
static mr_status make_more(mr_value value, void *arg, mr_value *out_value)
{
    mr_settler settler;
    note_number(value, arg, out_value);
    made_late[0] = fulfilled(3);
    note_when_settled(made_late[0], "f");
    made_late[1] = pending(&settler);
    note_when_settled(made_late[1], "p");
    mr_promise *child = NULL;
    EXPECT(mr_promise_catch(made_late[1], note_and_fail, (void *)(uintptr_t) "c", NULL, &child) ==
           0);
    mr_promise_unref(child); /* rejected with MR_EIO: that is news */
    mr_promise *settled = pending(&settler);
    note_when_settled(settled, "s");
    EXPECT(mr_settler_resolve(loop, settler, mr_value_int(4)) == 0);
    mr_promise_unref(settled);
    EXPECT(mr_microtask(loop, say, "m") == 0);
    *out_value = holding(made_late[1]);
    return 0;
}

static void G5_reactions_made_by_the_last_drain_run_too(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_settler settler;
        begin_observed(park);
        mr_promise *promise = pending(&settler), *child = NULL;
        EXPECT(mr_promise_catch(promise, make_more, (void *)(uintptr_t) "a", NULL, &child) == 0);
        note_when_settled(child, "z");
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("a-1011 f3 s4 m p-1011 c-1011 z-1011 u-1022");
        mr_promise *held[] = {promise, child, made_late[0], made_late[1]};
        assert_true(is_rejected_by(promise, MR_ECLOSED) &&
                    is_rejected_by(made_late[1], MR_ECLOSED) && is_rejected_by(child, MR_ECLOSED));
        assert_int_equal(number_of(mr_promise_value(made_late[0])), 3);
        check_reports(loop);
        leave_loop_then(held, COUNT_OF(held));
    }
}

static unsigned generations;

/* Each rejected one makes the next pending one. */
static mr_status make_next(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    mr_settler settler;
    if (++generations == (uintptr_t)arg)
        return 0;
    mr_promise *next = pending(&settler);
    EXPECT(mr_promise_catch(next, make_next, arg, count_released, NULL) == 0);
    mr_promise_unref(next);
    return 0;
}

static void G5_a_drain_goes_on_while_it_makes_promises_up_to_its_limit(void **state)
{
    (void)state;
    const uintptr_t limits[] = {500, UINTPTR_MAX};
    for (unsigned i = 0; i < COUNT_OF(limits); i++) {
        begin_observed(MR_PARK_AUTO);
        reset_counts();
        generations = 0;
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        assert_int_equal(
            mr_promise_catch(promise, make_next, (void *)limits[i], count_released, NULL), 0);
        mr_promise_unref(promise);
        shut_down_turned();
        assert_true(i == 0 ? generations == 500 : generations >= 5000 && generations <= 10000);
        assert_int_equal(released, i == 0 ? generations : generations + 1);
        check_promises(0, true);
        leave_loop();
    }
}

/* ---- promises that wait for others ---- */

enum { FOLLOWERS = 50 };

static void G5_followers_end_with_what_they_follow(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_promise *all[FOLLOWERS + 1];
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        reset_counts();
        all[0] = pending(&settler);
        for (unsigned i = 1; i <= FOLLOWERS; i++) {
            all[i] = pending(&settlers[i]);
            const mr_reaction reaction = {count_wrong, count_closed, &settlers[i], count_released};
            EXPECT(mr_promise_then(all[i], &reaction, NULL) == 0);
            EXPECT(mr_settler_resolve(loop, settlers[i], holding(all[i - 1])) == 0);
            if (i == FOLLOWERS / 2)
                turn(); /* some have attached themselves, some have not */
        }
        assert_int_equal(promise_stats().adopted, FOLLOWERS);
        end_here(close);
        assert_int_equal(ran, close ? 0 : FOLLOWERS);
        assert_int_equal(wrong_reason, 0);
        assert_int_equal(released, FOLLOWERS);
        for (unsigned i = 0; i <= FOLLOWERS; i++)
            assert_true(is_rejected_by(all[i], MR_ECLOSED));
        assert_story("");
        leave_loop_then(all, COUNT_OF(all));
    }
}

/* The state stays to be read of a promise that had no settler. */
static void G5_children_end_with_their_parents_at_shutdown_and_stay_pending_at_close(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_promise *all[4];
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        all[0] = pending(&settler);
        assert_int_equal(mr_promise_then(all[0], &(mr_reaction){0}, &all[1]), 0);
        assert_int_equal(mr_promise_finally(all[1], swallow, NULL, NULL, &all[2]), 0);
        assert_int_equal(mr_promise_catch(all[2], swallow, NULL, NULL, &all[3]), 0);
        end_here(close);
        assert_true(is_rejected_by(all[0], MR_ECLOSED));
        for (unsigned i = 1; i < 3; i++)
            assert_true(close ? is_pending(all[i]) : is_rejected_by(all[i], MR_ECLOSED));
        assert_true(close ? is_pending(all[3])
                          : mr_promise_get_state(all[3]) == MR_PROMISE_FULFILLED);
        leave_loop_then(all, COUNT_OF(all));
    }
}

enum { ALL, ALL_SETTLED, ANY, RACE, KINDS };
static mr_status (*const combine[KINDS])(mr_loop *, const mr_value *, size_t, mr_promise **) = {
    mr_promise_all, mr_promise_all_settled, mr_promise_any, mr_promise_race};

static void check_combined(mr_promise *const *children)
{
    mr_promise_state how = MR_PROMISE_PENDING;
    mr_value value = {0};
    assert_true(is_rejected_by(children[ALL], MR_ECLOSED) &&
                is_rejected_by(children[RACE], MR_ECLOSED));
    assert_int_equal(mr_settled_at(mr_promise_value(children[ALL_SETTLED]), 1, &how, &value), 0);
    assert_int_equal(how, MR_PROMISE_REJECTED);
    assert_int_equal(code_of(value), MR_ECLOSED);
    mr_error *aggregate = mr_value_as_error(mr_promise_reason(children[ANY]));
    assert_int_equal(mr_error_code(aggregate), MR_EAGGREGATE);
    assert_int_equal(mr_error_member_count(aggregate), 2);
    assert_int_equal(code_of(mr_error_member_at(aggregate, 1)), MR_ECLOSED);
}

static void G5_combinators_over_pending_inputs_end_without_a_report_or_a_leak(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_settler of[2];
        mr_promise *held[KINDS + 2];
        begin_observed(MR_PARK_AUTO);
        reset_counts();
        held[KINDS] = pending(&of[0]);
        held[KINDS + 1] = pending(&of[1]);
        for (unsigned kind = 0; kind < KINDS; kind++) {
            mr_value values[] = {holding(held[KINDS]), holding(held[KINDS + 1])};
            const mr_reaction reaction = {.release = count_released};
            assert_int_equal(combine[kind](loop, values, 2, &held[kind]), 0);
            assert_int_equal(mr_promise_then(held[kind], &reaction, NULL), 0);
        }
        end_here(close);
        assert_int_equal(released, KINDS);
        assert_true(is_rejected_by(held[KINDS], MR_ECLOSED) &&
                    is_rejected_by(held[KINDS + 1], MR_ECLOSED));
        for (unsigned kind = 0; close && kind < KINDS; kind++)
            assert_true(is_pending(held[kind]));
        if (!close)
            check_combined(held);
        assert_story("");
        leave_loop_then(held, COUNT_OF(held));
    }
}

static mr_promise *own_child;

static mr_status all_of_itself(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg;
    mr_value self = holding(own_child);
    mr_promise *all = NULL;
    EXPECT(mr_promise_all(loop, &self, 1, &all) == 0);
    *out_value = mr_value_promise(all);
    return 0;
}

static void G5_what_nothing_can_settle_stays_pending_and_costs_nothing(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_promise *held[2], *start;
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        reset_counts();
        const mr_reaction reaction = {count_wrong, count_wrong, NULL, count_released};
        assert_int_equal(mr_promise_race(loop, NULL, 0, &held[0]), 0);
        assert_int_equal(mr_promise_then(held[0], &reaction, NULL), 0);
        const mr_reaction ring = {.on_fulfilled = all_of_itself};
        start = pending(&settler);
        assert_int_equal(mr_promise_then(start, &ring, &own_child), 0);
        assert_int_equal(mr_settler_resolve(loop, settler, mr_value_int(1)), 0);
        mr_promise_unref(start);
        turn();
        held[1] = own_child;
        end_here(close);
        assert_true(is_pending(held[0]) && is_pending(held[1]));
        assert_int_equal(released, 1);
        assert_int_equal(wrong_reason, 0);
        check_conservation(loop);
        mr_promise_unref(held[1]);
        assert_int_equal(promise_stats().live, 1);
        mr_loop_unref(loop);
        loop = NULL;
        mr_promise_unref(held[0]);
        assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    }
}

/* ---- settlements that are on their way ---- */

static mr_status build_object(void *arg, mr_value *out_value)
{
    (void)arg;
    note("builds");
    *out_value = custom_of(&counted_type, 2);
    return 0;
}

static void *post_settlements(void *arg)
{
    const mr_settler *of = arg;
    EXPECT(mr_settler_resolve(loop, of[0], custom_of(&counted_type, 1)) == 0);
    EXPECT(mr_settler_resolve_with(loop, of[1], build_object, NULL) == 0);
    EXPECT(mr_settler_reject(loop, of[2], custom_of(&counted_type, 3)) == 0);
    return NULL;
}

static void G5_a_settlement_not_yet_delivered_is_kept_by_shutdown_and_dropped_by_close(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_settler of[3];
        mr_promise *all[3];
        begin_observed(MR_PARK_AUTO);
        for (unsigned i = 0; i < 3; i++) {
            all[i] = pending(&of[i]);
            handle(all[i]);
        }
        thread_join(thread_start(post_settlements, of));
        end_here(close);
        for (unsigned i = 0; i < 3; i++)
            assert_true(close ? is_rejected_by(all[i], MR_ECLOSED)
                              : custom_number(i == 2 ? mr_promise_reason(all[i])
                                                     : mr_promise_value(all[i])) == (int)i + 1);
        assert_story(close ? "" : "builds");
        assert_int_equal(told.discarded[MR_KIND_INTERNAL], close);
        if (close)
            assert_int_equal(atomic_load(&customs_alive), 0);
        leave_loop_then(all, 3);
    }
}

static void settle_and_close(void *arg)
{
    const mr_settler *of = arg;
    EXPECT(mr_settler_resolve(loop, of[0], custom_of(&counted_type, 1)) == 0);
    EXPECT(mr_settler_reject(loop, of[1], custom_of(&counted_type, 2)) == 0);
    EXPECT(mr_loop_request_close(loop) == 0);
}

static void G5_jobs_of_settled_promises_are_dropped_by_a_close(void **state)
{
    (void)state;
    mr_settler of[3];
    mr_promise *all[3];
    begin_observed(MR_PARK_AUTO);
    reset_counts();
    for (unsigned i = 0; i < 3; i++) {
        const mr_reaction released_one = {count_wrong, count_wrong, NULL, count_released};
        const mr_reaction reported = {count_wrong, count_wrong, NULL, NULL};
        all[i] = pending(&of[i]);
        EXPECT(mr_promise_then(all[i], &released_one, NULL) == 0);
        EXPECT(mr_promise_then(all[i], &reported, NULL) == 0);
        EXPECT(mr_promise_then(all[i], &released_one, NULL) == 0);
    }
    assert_int_equal(mr_settler_resolve(loop, of[2], holding(all[0])), 0); /* its job is not run */
    submit(settle_and_close, of);
    assert_int_equal(mr_loop_turn(loop, 0), MR_ECANCELED);
    assert_int_equal(wrong_reason, 0);
    assert_int_equal(released, 6);
    assert_int_equal(told.discarded[MR_KIND_MICROTASK], 3);
    assert_int_equal(custom_number(mr_promise_value(all[0])), 1); /* they had settled */
    assert_int_equal(custom_number(mr_promise_reason(all[1])), 2);
    assert_true(is_rejected_by(all[2], MR_ECLOSED));
    assert_story("");
    leave_loop_then(all, 3);
}

/* ---- release functions that do things ---- */

static mr_promise *given_back[4];

static void give_all_back(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < COUNT_OF(given_back); i++) {
        mr_promise_unref(given_back[i]);
        given_back[i] = NULL;
    }
}

static void try_everything(void *arg)
{
    mr_settler settler = {5};
    mr_promise *promise = (mr_promise *)(uintptr_t)5;
    mr_waiter *waiter = NULL;
    EXPECT(mr_promise_with_resolvers(loop, &promise, &settler) == MR_ECLOSED);
    EXPECT(mr_promise_resolve(loop, mr_value_int(1), &promise) == MR_ECLOSED);
    EXPECT(mr_promise_race(loop, NULL, 0, &promise) == MR_ECLOSED);
    EXPECT(mr_promise_then(given_back[0], &(mr_reaction){0}, &promise) == MR_ECLOSED);
    EXPECT(mr_promise_waiter(given_back[0], &waiter) == MR_ECLOSED);
    EXPECT(mr_settler_resolve(loop, *(mr_settler *)arg, mr_value_int(1)) == MR_ECLOSED);
    EXPECT(settler.id == 5 && promise == (mr_promise *)(uintptr_t)5 && waiter == NULL);
    note("tried");
}

static void G5_a_release_at_a_close_may_give_back_promises_and_start_nothing(void **state)
{
    (void)state;
    for (unsigned at = 0; at <= COUNT_OF(given_back); at++) {
        mr_settler first, of[COUNT_OF(given_back)], second;
        begin_observed(MR_PARK_AUTO);
        mr_promise *before = pending(&first);
        for (unsigned i = 0; i < COUNT_OF(given_back); i++)
            given_back[i] = pending(&of[i]);
        mr_promise *after = pending(&second);
        mr_promise *has = at == 0 ? after : before; /* in a slot that comes later, or earlier */
        const mr_reaction tries = {swallow, swallow, &of[1], try_everything};
        const mr_reaction gives = {swallow, swallow, NULL, give_all_back};
        assert_int_equal(mr_promise_then(has, &tries, NULL), 0);
        assert_int_equal(mr_promise_then(has, &gives, NULL), 0);
        if (at >= 2) /* one is settled elsewhere already, one follows */
            thread_join(thread_start(post_settlements, of));
        if (at >= 3)
            assert_int_equal(mr_settler_resolve(loop, of[3], holding(before)), 0);
        if (at >= 4)
            turn();
        assert_int_equal(mr_loop_close(loop), 0);
        assert_non_null(strstr(story, "tried"));
        mr_promise *held[] = {before, after};
        assert_true(is_rejected_by(before, MR_ECLOSED) && is_rejected_by(after, MR_ECLOSED));
        leave_loop_then(held, 2);
    }
}

/* ---- after the end ---- */

static mr_status never_made(void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(loop == NULL);
    return 0;
}

static void expect_closed_calls(mr_promise *promise, mr_settler settler)
{
    mr_promise *const nobody = (mr_promise *)(uintptr_t)5;
    mr_promise *out = nobody;
    mr_settler made = {5};
    mr_value value = mr_value_int(1);
    const mr_reaction reaction = {count_wrong, count_wrong, NULL, count_released};
    const mr_promise_options options = {.size_bytes = sizeof options};
    EXPECT(mr_promise_then(promise, &reaction, &out) == MR_ECLOSED);
    EXPECT(mr_promise_catch(promise, count_wrong, NULL, count_released, &out) == MR_ECLOSED);
    EXPECT(mr_promise_finally(promise, count_wrong, NULL, count_released, &out) == MR_ECLOSED);
    EXPECT(mr_promise_with_resolvers(loop, &out, &made) == MR_ECLOSED);
    EXPECT(mr_promise_resolve(loop, value, &out) == MR_ECLOSED);
    EXPECT(mr_promise_reject(loop, value, &out) == MR_ECLOSED);
    EXPECT(mr_promise_try(loop, never_made, NULL, &out) == MR_ECLOSED);
    for (unsigned kind = 0; kind < KINDS; kind++)
        EXPECT(combine[kind](loop, &value, 1, &out) == MR_ECLOSED);
    EXPECT(mr_promise_configure(loop, &options) == MR_ECLOSED);
    EXPECT(mr_settler_resolve(loop, settler, value) == MR_ECLOSED);
    EXPECT(mr_settler_reject(loop, settler, value) == MR_ECLOSED);
    EXPECT(mr_settler_resolve_with(loop, settler, never_made, NULL) == MR_ECLOSED);
    EXPECT(out == nobody && made.id == 5);
}

static void *settle_elsewhere(void *arg)
{
    const mr_settler *settler = arg;
    EXPECT(mr_settler_resolve(loop, *settler, mr_value_int(1)) == MR_ECLOSED);
    EXPECT(mr_settler_reject(loop, *settler, mr_value_int(1)) == MR_ECLOSED);
    EXPECT(mr_settler_resolve_with(loop, *settler, never_made, NULL) == MR_ECLOSED);
    return NULL;
}

static void *unref_elsewhere(void *arg)
{
    mr_promise *promise = arg;
    EXPECT(custom_number(mr_promise_value(promise)) == 7);
    mr_promise_unref(mr_promise_ref(promise));
    mr_promise_unref(promise);
    return NULL;
}

static void G5_after_the_end_calls_are_closed_and_values_can_be_read(void **state)
{
    (void)state;
    for (unsigned close = 0; close < 2; close++) {
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        reset_counts();
        mr_promise *promise = pending(&settler), *with_value = NULL, *with_promise = NULL;
        assert_int_equal(mr_promise_resolve(loop, custom_of(&counted_type, 7), &with_value), 0);
        mr_value item = holding(promise), array = {0};
        assert_int_equal(mr_value_array(&item, 1, &array), 0);
        assert_int_equal(mr_promise_resolve(loop, array, &with_promise), 0);
        end_here(close);
        expect_closed_calls(promise, settler);
        expect_closed_calls(with_value, settler);
        thread_join(thread_start(settle_elsewhere, &settler));
        assert_int_equal(released + wrong_reason, 0);
        assert_true(is_rejected_by(promise, MR_ECLOSED));
        assert_ptr_equal(mr_promise_loop(promise), loop);
        check_promises(3, true);
        mr_loop_unref(loop);
        loop = NULL;
        assert_int_equal(custom_number(mr_promise_value(with_value)), 7);
        mr_promise_unref(promise); /* the array has one reference more */
        size_t n = 0;
        const mr_value *items = mr_value_as_array(mr_promise_value(with_promise), &n);
        assert_int_equal(n, 1);
        assert_true(is_rejected_by(mr_value_as_promise(items[0]), MR_ECLOSED));
        mr_promise_unref(with_promise);
        thread_join(thread_start(unref_elsewhere, with_value)); /* frees the loop, too */
        assert_int_equal(atomic_load(&customs_alive), 0);
        assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    }
}

static void *unref_too_early(void *arg)
{
    mr_promise_unref(arg); /* not the owner, before the end: nothing */
    EXPECT(mr_promise_ref(arg) == arg);
    return NULL;
}

static void G5_before_the_end_only_the_owner_counts(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = fulfilled(1);
    thread_join(thread_start(unref_too_early, promise));
    assert_int_equal(promise_stats().live, 1);
    mr_promise_unref(promise);
    assert_int_equal(promise_stats().live, 0);
    finish_observed();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(G5_shutdown_rejects_a_thousand_in_slot_order_and_runs_their_reactions),
        SCENARIO(G5_close_rejects_a_thousand_and_releases_or_reports_their_reactions),
        SCENARIO(G5_the_last_unref_of_a_loop_ends_its_promises),
        SCENARIO(G5_reactions_made_by_the_last_drain_run_too),
        SCENARIO(G5_a_drain_goes_on_while_it_makes_promises_up_to_its_limit),
        SCENARIO(G5_followers_end_with_what_they_follow),
        SCENARIO(G5_children_end_with_their_parents_at_shutdown_and_stay_pending_at_close),
        SCENARIO(G5_combinators_over_pending_inputs_end_without_a_report_or_a_leak),
        SCENARIO(G5_what_nothing_can_settle_stays_pending_and_costs_nothing),
        SCENARIO(G5_a_settlement_not_yet_delivered_is_kept_by_shutdown_and_dropped_by_close),
        SCENARIO(G5_jobs_of_settled_promises_are_dropped_by_a_close),
        SCENARIO(G5_a_release_at_a_close_may_give_back_promises_and_start_nothing),
        SCENARIO(G5_after_the_end_calls_are_closed_and_values_can_be_read),
        SCENARIO(G5_before_the_end_only_the_owner_counts),
    };
    return RUN_SCENARIOS(tests);
}
