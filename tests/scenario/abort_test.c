/* Scenarios B1, B2 and B6 of the page on promises: aborting, handlers, other threads. */
#include "aborting.h"

/* ---- B1 ---- */

static void B1_first_reason_wins_and_is_the_same_object(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = signal_of(c);
    assert_false(mr_abort_signal_aborted(signal));
    assert_int_equal(mr_abort_signal_reason(signal).kind, MR_VALUE_UNDEFINED);
    assert_int_equal(mr_abort_signal_check(signal), 0);
    assert_ptr_equal(mr_abort_signal_loop(signal), loop);
    mr_value reason = error_of(MR_EIO);
    assert_int_equal(mr_abort(c, reason), 0);
    assert_int_equal(mr_abort(c, error_of(MR_EBUSY)), 0);
    assert_int_equal(mr_abort(c, mr_value_undefined()), 0);
    assert_true(mr_abort_signal_aborted(signal));
    assert_ptr_equal(mr_value_as_error(mr_abort_signal_reason(signal)), mr_value_as_error(reason));
    assert_int_equal(mr_abort_signal_check(signal), MR_EIO);
    mr_abort_controller_unref(c);
    finish_turned();
}

static void B1_without_a_reason_it_is_an_error_of_the_code(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    assert_int_equal(mr_abort(c, mr_value_undefined()), 0);
    assert_int_equal(code_of(mr_abort_signal_reason(signal_of(c))), MR_EABORT);
    assert_int_equal(mr_abort_signal_check(signal_of(c)), MR_EABORT);
    mr_abort_controller_unref(c);
    c = controller();
    assert_int_equal(mr_abort(c, mr_value_int(7)), 0);
    assert_int_equal(number_of(mr_abort_signal_reason(signal_of(c))), 7);
    assert_int_equal(mr_abort_signal_check(signal_of(c)), MR_EABORT);
    mr_abort_controller_unref(c);
    finish_turned();
}

static void B1_signal_outlives_its_controller_and_keeps_the_reason(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = mr_abort_signal_ref(signal_of(c));
    assert_ptr_equal(mr_abort_controller_ref(c), c);
    mr_abort_controller_unref(c);
    assert_int_equal(mr_abort(c, mr_value_int(3)), 0);
    mr_abort_controller_unref(c);
    assert_int_equal(number_of(mr_abort_signal_reason(signal)), 3);
    finish_turned();
    mr_abort_signal_unref(signal);
}

/* A loop that has ended without its last reference given back here. */
static void B1_signal_is_readable_after_the_end(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller(), *other = controller();
    on_released(signal_of(c), "a");
    on_released(signal_of(other), "b");
    assert_int_equal(mr_abort(c, mr_value_int(3)), 0);
    assert_story("a -a");
    mr_loop *kept = loop;
    finish_turned(); /* gives the last reference of the test back */
    assert_story("a -a -b");
    assert_int_equal(number_of(mr_abort_signal_reason(signal_of(c))), 3);
    assert_int_equal(mr_abort(c, mr_value_int(4)), MR_ECLOSED);
    assert_int_equal(mr_abort_signal_on(signal_of(c), say_aborted, NULL, NULL, NULL), MR_ECLOSED);
    assert_int_equal(mr_abort_post(kept, mr_abort_controller_id(other), mr_value_int(1)),
                     MR_ECLOSED);
    mr_abort_controller_unref(c);
    mr_abort_controller_unref(other); /* and with it the loop's memory */
}

static mr_status from_elsewhere;

static void *use_elsewhere(void *arg)
{
    mr_abort_controller *c = arg, *made = c;
    mr_abort_signal *signal = signal_of(c), *other = signal;
    mr_abort_handler handler = {77};
    EXPECT(mr_abort_controller_create(loop, &made) == MR_EWRONGTHREAD && made == c);
    EXPECT(mr_abort(c, mr_value_undefined()) == MR_EWRONGTHREAD);
    EXPECT(mr_abort_any(loop, &signal, 1, &other) == MR_EWRONGTHREAD && other == signal);
    EXPECT(mr_abort_after(loop, 1, &other) == MR_EWRONGTHREAD && other == signal);
    EXPECT(mr_abort_signal_on(signal, say_aborted, NULL, say_released, &handler) ==
           MR_EWRONGTHREAD);
    EXPECT(handler.id == 77);
    EXPECT(mr_abort_signal_off(signal, handler) == MR_EWRONGTHREAD);
    mr_abort_controller_unref(c);
    mr_abort_signal_unref(signal);
    return NULL;
}

static void release_nothing(void *object)
{
    EXPECT(object == &from_elsewhere);
}

static void *post_bound(void *arg)
{
    static const mr_custom_type bound = {"bound", release_nothing, true};
    mr_value reason;
    EXPECT(mr_value_custom(&bound, &from_elsewhere, &reason) == 0);
    EXPECT(mr_abort_post(loop, mr_abort_controller_id(arg), reason) == MR_EINVAL);
    mr_value_release(reason);
    return NULL;
}

static void B1_misuse_changes_nothing(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller(), *made = c;
    mr_abort_signal *signal = signal_of(c), *other = signal;
    thread_join(thread_start(use_elsewhere, c));
    thread_join(thread_start(post_bound, c));
    assert_int_equal(mr_abort_controller_create(NULL, &made), MR_EINVAL);
    assert_int_equal(mr_abort_controller_create(loop, NULL), MR_EINVAL);
    assert_int_equal(mr_abort(NULL, mr_value_undefined()), MR_EINVAL);
    assert_int_equal(mr_abort_any(loop, NULL, 1, &other), MR_EINVAL);
    assert_int_equal(mr_abort_any(loop, &(mr_abort_signal *){NULL}, 1, &other), MR_EINVAL);
    assert_int_equal(mr_abort_any(loop, &signal, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_abort_any(NULL, &signal, 1, &other), MR_EINVAL);
    assert_int_equal(mr_abort_after(NULL, 1, &other), MR_EINVAL);
    assert_int_equal(mr_abort_after(loop, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_abort_signal_on(NULL, say_aborted, NULL, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_abort_signal_on(signal, NULL, NULL, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_abort_signal_off(NULL, (mr_abort_handler){1}), MR_EINVAL);
    assert_int_equal(mr_abort_post(NULL, (mr_abort_id){1}, mr_value_null()), MR_EINVAL);
    assert_int_equal(mr_abort_post(loop, (mr_abort_id){0}, mr_value_null()), MR_ENOENT);
    assert_ptr_equal(made, c);
    assert_ptr_equal(other, signal);
    mr_abort_controller_unref(NULL);
    mr_abort_signal_unref(NULL);
    assert_null(mr_abort_signal_ref(NULL));
    assert_null(mr_abort_controller_ref(NULL));
    assert_null(mr_abort_controller_signal(NULL));
    assert_null(mr_abort_signal_loop(NULL));
    assert_false(mr_abort_signal_aborted(NULL));
    assert_int_equal(mr_abort_signal_check(NULL), 0);
    assert_int_equal(mr_abort_signal_reason(NULL).kind, MR_VALUE_UNDEFINED);
    assert_false(mr_abort_signal_aborted(signal));
    assert_int_equal(mr_abort_controller_id(NULL).id, 0);
    mr_abort_controller_unref(c);
    finish_turned();
}

static void B1_signal_of_another_loop_is_refused(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_loop *first = loop;
    mr_abort_controller *c = controller();
    loop = NULL;
    begin(MR_PARK_AUTO);
    mr_abort_signal *signal = signal_of(c), *out = signal;
    assert_int_equal(mr_abort_any(loop, &signal, 1, &out), MR_EINVAL);
    assert_ptr_equal(out, signal);
    finish_turned();
    loop = first;
    mr_abort_controller_unref(c);
    finish_turned();
}

/* ---- B2 ---- */

static void B2_handlers_run_in_order_inside_the_call_each_once(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    on_released(signal_of(c), "a");
    mr_abort_handler b = on_released(signal_of(c), "b");
    on_say(signal_of(c), "c");
    on_say(signal_of(c), "c"); /* the same again is another one */
    assert_int_equal(mr_abort_signal_off(signal_of(c), b), 0);
    assert_story("-b");
    assert_int_equal(mr_abort_signal_off(signal_of(c), b), MR_ENOENT);
    note("[");
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    note("]");
    assert_int_equal(mr_abort(c, mr_value_int(2)), 0);
    assert_story("-b [ a -a c c ]");
    mr_abort_controller_unref(c);
    finish_turned();
}

static mr_abort_controller *at_hand;
static mr_abort_handler later;

static void say_microtask(void *arg)
{
    note("%s", (const char *)arg);
}

/* Adds one more, removes `later`, aborts again, and asks for a microtask. */
static void meddle(mr_abort_signal *signal, mr_value reason, void *arg)
{
    note("%s", (const char *)arg);
    EXPECT(mr_microtask(loop, say_microtask, "m1") == 0);
    on_released(signal, "added");
    EXPECT(mr_microtask(loop, say_microtask, "m2") == 0);
    EXPECT(mr_abort_signal_off(signal, later) == 0);
    EXPECT(mr_abort_signal_off(signal, later) == MR_ENOENT);
    EXPECT(mr_abort(at_hand, mr_value_int(2)) == 0);
    EXPECT(number_of(mr_abort_signal_reason(signal)) == 1 && number_of(reason) == 1);
}

static void abort_at_hand(void *arg)
{
    (void)arg;
    EXPECT(mr_abort(at_hand, mr_value_int(1)) == 0);
    note("returned");
}

static void B2_handler_added_after_the_abort_is_a_microtask(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    at_hand = controller();
    on(signal_of(at_hand), meddle, "a");
    later = on_released(signal_of(at_hand), "b");
    on_say(signal_of(at_hand), "c");
    submit(abort_at_hand, NULL);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("a -b c returned m1 added -added m2");
    mr_abort_controller_unref(at_hand);
    finish_turned();
}

static void B2_late_handler_may_still_be_removed(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    mr_abort_handler late = on_released(signal_of(c), "late");
    on_released(signal_of(c), "kept");
    assert_story("");
    assert_int_equal(mr_abort_signal_off(signal_of(c), late), 0);
    assert_int_equal(mr_abort_signal_off(signal_of(c), late), MR_ENOENT);
    mr_abort_controller_unref(c); /* the signal waits for its microtask */
    assert_story("-late");
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("-late kept -kept");
    finish_turned();
}

static void B2_handler_of_another_signal_is_not_removed(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller();
    mr_abort_handler of_a = on_released(signal_of(a), "a");
    assert_int_equal(mr_abort_signal_off(signal_of(b), of_a), MR_ENOENT);
    assert_int_equal(mr_abort_signal_off(signal_of(b), (mr_abort_handler){0}), MR_ENOENT);
    assert_int_equal(mr_abort(a, mr_value_int(1)), 0);
    assert_int_equal(mr_abort_signal_off(signal_of(a), of_a), MR_ENOENT);
    assert_story("a -a");
    mr_abort_controller_unref(a);
    mr_abort_controller_unref(b);
    finish_turned();
}

/* Gives back all that the test holds. */
static void let_go(mr_abort_signal *signal, mr_value reason, void *arg)
{
    mr_abort_controller_unref(at_hand);
    EXPECT(mr_abort_signal_aborted(signal) && number_of(reason) == 1);
    note("%s", (const char *)arg);
}

static void B2_handler_may_let_go_of_signal_and_controller(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    at_hand = controller();
    on(signal_of(at_hand), let_go, "a");
    on_released(signal_of(at_hand), "b");
    assert_int_equal(mr_abort(at_hand, mr_value_int(1)), 0);
    assert_story("a b -b");
    finish_turned();
}

/* Aborts the controller that is its argument. */
static void pass_on(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal;
    note("(");
    EXPECT(mr_abort(arg, mr_value_ref(reason)) == 0);
    note(")");
}

static void B2_handlers_may_abort_others(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *a = controller(), *b = controller();
    assert_int_equal(mr_abort_signal_on(signal_of(a), pass_on, b, NULL, NULL), 0);
    assert_int_equal(mr_abort_signal_on(signal_of(b), pass_on, a, NULL, NULL), 0);
    on_say(signal_of(a), "a");
    on_say(signal_of(b), "b");
    mr_abort_signal *both = any_2(signal_of(b), signal_of(a));
    on_say(both, "both");
    assert_int_equal(mr_abort(a, mr_value_int(9)), 0);
    /* both follows a already when b is aborted */
    assert_story("( ( ) b ) a both");
    assert_int_equal(number_of(mr_abort_signal_reason(signal_of(b))), 9);
    mr_abort_signal_unref(both);
    mr_abort_controller_unref(a);
    mr_abort_controller_unref(b);
    finish_turned();
}

static void close_and_run(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal, (void)reason, (void)arg;
    EXPECT(mr_loop_close(loop) == MR_EREENTRANT);
    EXPECT(mr_loop_turn(loop, 0) == MR_EREENTRANT);
    note("refused");
}

static void B2_handler_outside_any_run_is_inside_a_callback(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    on(signal_of(c), close_and_run, "");
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    assert_story("refused");
    mr_abort_controller_unref(c);
    finish_turned();
}

static void ask_for_close(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal, (void)reason;
    note("%s", (const char *)arg);
    EXPECT(mr_loop_request_close(loop) == 0);
}

static void B2_no_handler_is_called_once_the_loop_closes(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    at_hand = controller();
    on(signal_of(at_hand), ask_for_close, "a");
    on_released(signal_of(at_hand), "b");
    mr_abort_signal *follows = any_2(signal_of(at_hand), signal_of(at_hand));
    on_released(follows, "c");
    submit(abort_at_hand, NULL);
    assert_int_equal(mr_loop_turn(loop, 0), MR_ECANCELED);
    assert_story("a returned -b -c");
    assert_true(mr_abort_signal_aborted(follows));
    mr_abort_signal_unref(follows);
    mr_abort_controller_unref(at_hand);
    finish();
}

static void B2_late_handler_is_released_by_a_close(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    assert_int_equal(mr_abort(c, mr_value_int(1)), 0);
    on_released(signal_of(c), "late");
    mr_abort_controller_unref(c);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_story("-late");
    atomic_fetch_add(&told.own, 1); /* the library's own microtask: its release was the report */
    finish();
}

/* ---- B6 ---- */

enum { POSTERS = 100 };

typedef struct posters {
    mr_abort_id id;
    gate go;
    _Atomic unsigned done, wins;
} posters;

static posters all_posters = {.go = GATE};
static _Atomic unsigned calls, released_reasons;

static void count_reason(void *object)
{
    (void)object;
    atomic_fetch_add(&released_reasons, 1);
}

static const mr_custom_type counted_reason = {"reason", count_reason, false};

static void *post_an_abort(void *arg)
{
    gate_wait(&all_posters.go);
    mr_value reason;
    EXPECT(mr_value_custom(&counted_reason, arg, &reason) == 0);
    EXPECT(mr_abort_post(loop, all_posters.id, reason) == 0);
    atomic_fetch_add(&all_posters.done, 1);
    return NULL;
}

static void count_call(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal;
    *(uintptr_t *)arg = (uintptr_t)mr_value_as_custom(reason, &counted_reason);
    atomic_fetch_add(&calls, 1);
}

static void B6_hundred_threads_post_one_abort(void **state)
{
    (void)state;
    for (unsigned round = 0; round < scaled(20); round++) {
        begin(MR_PARK_AUTO);
        mr_abort_controller *c = controller();
        uintptr_t winner = 0;
        all_posters = (posters){.id = mr_abort_controller_id(c), .go = GATE};
        atomic_store(&calls, 0);
        atomic_store(&released_reasons, 0);
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(mr_abort_signal_on(signal_of(c), count_call, &winner, NULL, NULL), 0);
        pthread_t threads[POSTERS];
        for (unsigned i = 0; i < POSTERS; i++)
            threads[i] = thread_start(post_an_abort, (void *)(uintptr_t)(i + 1));
        gate_open(&all_posters.go);
        while (atomic_load(&all_posters.done) < POSTERS || !mr_abort_signal_aborted(signal_of(c)))
            assert_int_equal(mr_loop_turn(loop, MS), 0);
        for (unsigned i = 0; i < POSTERS; i++)
            thread_join(threads[i]);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_int_equal(atomic_load(&calls), 2);
        assert_true(winner >= 1 && winner <= POSTERS);
        assert_int_equal(atomic_load(&released_reasons), POSTERS - 1);
        mr_abort_controller_unref(c);
        assert_int_equal(atomic_load(&released_reasons), POSTERS);
        assert_int_equal(mr_abort_post(loop, all_posters.id, mr_value_null()), MR_ENOENT);
        finish_turned();
    }
}

static void *post_7(void *arg)
{
    from_elsewhere = mr_abort_post(loop, *(mr_abort_id *)arg, mr_value_int(7));
    return NULL;
}

static mr_status post_from_elsewhere(mr_abort_id id)
{
    thread_join(thread_start(post_7, &id));
    return from_elsewhere;
}

static void B6_first_accepted_gives_the_reason_and_runs_later(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_abort_controller *c = controller();
        mr_abort_id id = mr_abort_controller_id(c);
        on_say(signal_of(c), "x");
        assert_int_equal(post_from_elsewhere(id), 0);
        assert_int_equal(mr_abort_post(loop, id, mr_value_int(8)), 0);
        assert_false(mr_abort_signal_aborted(signal_of(c)));
        assert_story("");
        assert_true(mr_loop_alive(loop));
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("x");
        assert_int_equal(number_of(mr_abort_signal_reason(signal_of(c))), 7);
        assert_int_equal(mr_abort_post(loop, id, mr_value_undefined()), 0);
        assert_false(mr_loop_alive(loop));
        mr_abort_controller_unref(c);
        assert_int_equal(post_from_elsewhere(id), MR_ENOENT);
        finish_turned();
    }
}

static void B6_owner_that_aborts_first_gives_the_reason(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    on_say(signal_of(c), "x");
    assert_int_equal(post_from_elsewhere(mr_abort_controller_id(c)), 0);
    assert_int_equal(mr_abort(c, mr_value_int(8)), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("x");
    assert_int_equal(number_of(mr_abort_signal_reason(signal_of(c))), 8);
    mr_abort_controller_unref(c);
    finish_turned();
}

static void B6_accepted_abort_outlives_the_last_reference(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    mr_abort_id id = mr_abort_controller_id(c);
    on_released(signal_of(c), "x");
    assert_int_equal(post_from_elsewhere(id), 0);
    mr_abort_controller_unref(c);
    assert_story("");
    assert_int_equal(post_from_elsewhere(id), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("x -x");
    assert_int_equal(post_from_elsewhere(id), MR_ENOENT);
    finish_turned();
}

static void B6_accepted_abort_is_carried_out_by_a_shutdown(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller();
    on_say(signal_of(c), "x");
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(post_from_elsewhere(mr_abort_controller_id(c)), 0); /* also while it stops */
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("x");
    assert_int_equal(post_from_elsewhere(mr_abort_controller_id(c)), MR_ECLOSED);
    mr_abort_controller_unref(c);
    finish();
}

static void B6_close_drops_an_accepted_abort(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_abort_controller *c = controller(), *bare = controller();
    on_released(signal_of(c), "x");
    assert_int_equal(post_from_elsewhere(mr_abort_controller_id(c)), 0);
    assert_int_equal(post_from_elsewhere(mr_abort_controller_id(bare)), 0);
    mr_abort_controller_unref(bare);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_story("-x");
    assert_false(mr_abort_signal_aborted(signal_of(c)));
    mr_abort_controller_unref(c);
    atomic_fetch_add(&told.own, 2); /* internal work of the library: nobody is told */
    finish();
}

typedef struct racer {
    mr_abort_id id;
    gate go;
    _Atomic bool done;
} racer;

static racer race;

static void *post_in_a_race(void *arg)
{
    (void)arg;
    gate_wait(&race.go);
    mr_status status = mr_abort_post(loop, race.id, mr_value_int(1));
    EXPECT(status == 0 || status == MR_ENOENT);
    from_elsewhere = status;
    return NULL;
}

/* Whether a handler runs is exactly what the post answered. */
static void B6_post_races_the_last_unref(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    for (unsigned round = 0; round < scaled(2000); round++) {
        mr_abort_controller *c = controller();
        story_clear();
        on_say(signal_of(c), "x");
        race = (racer){.id = mr_abort_controller_id(c), .go = GATE};
        pthread_t thread = thread_start(post_in_a_race, NULL);
        gate_open(&race.go);
        if (round % 2 != 0)
            sched_yield();
        mr_abort_controller_unref(c);
        thread_join(thread);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_string_equal(story, from_elsewhere == 0 ? "x" : "");
    }
    finish_turned();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(B1_first_reason_wins_and_is_the_same_object),
        SCENARIO(B1_without_a_reason_it_is_an_error_of_the_code),
        SCENARIO(B1_signal_outlives_its_controller_and_keeps_the_reason),
        SCENARIO(B1_signal_is_readable_after_the_end),
        SCENARIO(B1_misuse_changes_nothing),
        SCENARIO(B1_signal_of_another_loop_is_refused),
        SCENARIO(B2_handlers_run_in_order_inside_the_call_each_once),
        SCENARIO(B2_handler_added_after_the_abort_is_a_microtask),
        SCENARIO(B2_late_handler_may_still_be_removed),
        SCENARIO(B2_handler_of_another_signal_is_not_removed),
        SCENARIO(B2_handler_may_let_go_of_signal_and_controller),
        SCENARIO(B2_handlers_may_abort_others),
        SCENARIO(B2_handler_outside_any_run_is_inside_a_callback),
        SCENARIO(B2_no_handler_is_called_once_the_loop_closes),
        SCENARIO(B2_late_handler_is_released_by_a_close),
        SCENARIO(B6_hundred_threads_post_one_abort),
        SCENARIO(B6_first_accepted_gives_the_reason_and_runs_later),
        SCENARIO(B6_owner_that_aborts_first_gives_the_reason),
        SCENARIO(B6_accepted_abort_outlives_the_last_reference),
        SCENARIO(B6_accepted_abort_is_carried_out_by_a_shutdown),
        SCENARIO(B6_close_drops_an_accepted_abort),
        SCENARIO(B6_post_races_the_last_unref),
    };
    return RUN_SCENARIOS(tests);
}
