/* Scenarios B1 to B6 of the page on promises: abort signals. */
#include "scenario.h"

#include <malloc.h>

#include <millrace/abort.h>

/* ---- what the scenarios share ---- */

static mr_abort_controller *controller(void)
{
    mr_abort_controller *made = NULL;
    EXPECT(mr_abort_controller_create(loop, &made) == 0);
    return made;
}

static mr_abort_signal *signal_of(mr_abort_controller *c)
{
    return mr_abort_controller_signal(c);
}

static mr_abort_signal *any_of(size_t n, mr_abort_signal *const *signals)
{
    mr_abort_signal *made = NULL;
    EXPECT(mr_abort_any(loop, signals, n, &made) == 0);
    return made;
}

static mr_abort_signal *any_2(mr_abort_signal *a, mr_abort_signal *b)
{
    return any_of(2, (mr_abort_signal *[]){a, b});
}

/* A handler whose argument is its name. */
static void say_aborted(mr_abort_signal *signal, mr_value reason, void *arg)
{
    EXPECT(mr_abort_signal_aborted(signal));
    EXPECT(reason.kind == mr_abort_signal_reason(signal).kind);
    note("%s", (const char *)arg);
}

static void say_released(void *arg)
{
    note("-%s", (const char *)arg);
}

static mr_abort_handler on(mr_abort_signal *signal, mr_abort_fn *fn, const char *name)
{
    mr_abort_handler handler = {0};
    EXPECT(mr_abort_signal_on(signal, fn, (void *)(uintptr_t)name, NULL, &handler) == 0);
    EXPECT(handler.id != 0);
    return handler;
}

static void on_say(mr_abort_signal *signal, const char *name)
{
    on(signal, say_aborted, name);
}

/* The same, and note the release. */
static mr_abort_handler on_released(mr_abort_signal *signal, const char *name)
{
    mr_abort_handler handler = {0};
    EXPECT(mr_abort_signal_on(signal, say_aborted, (void *)(uintptr_t)name, say_released,
                              &handler) == 0);
    return handler;
}

static int64_t number_of(mr_value value)
{
    int64_t number = -1;
    mr_value_as_int(value, &number);
    return number;
}

static mr_status code_of(mr_value value)
{
    return mr_error_code(mr_value_as_error(value));
}

static mr_value error_of(mr_status code)
{
    mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error = NULL;
    EXPECT(mr_error_create(&spec, &error) == 0);
    return mr_value_error(error);
}

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

/* Bytes that the program has from the allocator; a sanitizer's own knows them exactly. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t bytes_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
               ? __sanitizer_get_current_allocated_bytes()
               : mallinfo2().uordblks;
}

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
