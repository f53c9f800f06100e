#include <millrace/event.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millrace/microtask.h>
#include <millrace/sim.h>
#include <millrace/submit.h>

#include "base/memory.h"

/* ---- a loop, a target, and what happened ---- */

static mr_loop *loop;
static mr_event_target *target;
static char story[256];

static void note(const char *text)
{
    if (strlen(story) + strlen(text) + 2 > sizeof story)
        abort();
    strcat(strcat(story, story[0] == '\0' ? "" : " "), text);
}

static int setup(void **state)
{
    (void)state;
    const mr_simulate world = {.seed = 1, .start_ns = 1000};
    const mr_loop_options options = {.size_bytes = sizeof options, .simulate = &world};
    story[0] = 0;
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    assert_int_equal(mr_event_target_create(loop, &target), MR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mr_event_target_unref(target);
    mr_loop_unref(loop);
    return 0;
}

static void note_task(void *arg)
{
    note(arg);
}

static void say(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    note(arg);
}

static void say_release(void *arg)
{
    note("~");
    strcat(story, arg);
}

static mr_listener add(const char *type, mr_event_fn *fn, void *arg, bool once)
{
    mr_listener listener;
    const mr_listen_options options = {
        .size_bytes = sizeof options, .once = once, .release = say_release};
    assert_int_equal(mr_event_target_add(target, type, fn, arg, &options, &listener), MR_OK);
    return listener;
}

static mr_event *make(const char *type, uint32_t flags)
{
    mr_event *event;
    assert_int_equal(mr_event_create(loop, type, mr_value_undefined(), flags, &event), MR_OK);
    return event;
}

static bool dispatch(const char *type)
{
    mr_event *event = make(type, 0);
    bool allowed = false;
    assert_int_equal(mr_event_target_dispatch(target, event, &allowed), MR_OK);
    mr_event_unref(event);
    return allowed;
}

/* ---- events ---- */

static void an_event_says_what_it_is(void **state)
{
    (void)state;
    mr_event *event;
    assert_int_equal(mr_sim_advance(loop, 234), MR_OK);
    assert_int_equal(mr_event_create(loop, "change", mr_value_int(5), MR_EVENT_CANCELABLE, &event),
                     MR_OK);
    assert_int_equal(mr_sim_advance(loop, 1000), MR_OK);
    int64_t detail = 0;
    assert_true(mr_value_as_int(mr_event_detail(event), &detail) && detail == 5);
    assert_string_equal(mr_event_type(event), "change");
    assert_int_equal(mr_event_time(event), 1234);
    assert_int_equal(mr_event_flags(event), MR_EVENT_CANCELABLE);
    mr_event_unref(event);
    assert_string_equal(mr_event_type(NULL), "");
    assert_int_equal(mr_event_time(NULL), 0);
    assert_int_equal(mr_event_flags(NULL), 0);
    assert_int_equal(mr_event_detail(NULL).kind, MR_VALUE_UNDEFINED);
}

static void the_detail_goes_with_the_last_reference(void **state)
{
    (void)state;
    static const mr_custom_type type = {.name = "said", .release = say_release};
    mr_value detail;
    mr_event *event;
    assert_int_equal(mr_value_custom(&type, "detail", &detail), MR_OK);
    assert_int_equal(mr_event_create(loop, "a", detail, 0, &event), MR_OK);
    mr_event_unref(mr_event_ref(event));
    assert_string_equal(story, "");
    mr_event_unref(event);
    assert_string_equal(story, "~detail");
}

static void only_a_cancelable_event_is_prevented(void **state)
{
    (void)state;
    mr_event *plain = make("a", 0), *cancelable = make("a", MR_EVENT_CANCELABLE);
    bool allowed = false;
    assert_int_equal(mr_event_prevent(plain), MR_OK);
    assert_int_equal(mr_event_prevent(cancelable), MR_OK);
    assert_int_equal(mr_event_target_dispatch(target, plain, &allowed), MR_OK);
    assert_true(allowed);
    assert_int_equal(mr_event_target_dispatch(target, cancelable, &allowed), MR_OK);
    assert_false(allowed);
    assert_int_equal(mr_event_flags(cancelable), MR_EVENT_CANCELABLE | MR_EVENT_PREVENTED);
    mr_event_unref(plain);
    mr_event_unref(cancelable);
}

static void an_event_stopped_before_reaches_nobody_once(void **state)
{
    (void)state;
    mr_event *event = make("a", 0);
    add("a", say, "a", false);
    assert_int_equal(mr_event_stop(event), MR_OK);
    assert_int_equal(mr_event_target_dispatch(target, event, NULL), MR_OK);
    assert_string_equal(story, "");
    assert_int_equal(mr_event_target_dispatch(target, event, NULL), MR_OK);
    assert_string_equal(story, "a");
    mr_event_unref(event);
}

/* ---- listeners ---- */

static void only_listeners_of_the_type_are_called(void **state)
{
    (void)state;
    char types[40][16];
    for (int i = 0; i < 40; i++) {
        snprintf(types[i], sizeof types[i], "t%d", i);
        add(types[i], say, types[i], false);
    }
    assert_true(dispatch("t17"));
    assert_true(dispatch("t3"));
    assert_true(dispatch("t"));
    assert_string_equal(story, "t17 t3");
    story[0] = 0;
    assert_int_equal(mr_event_target_clear(target, NULL), MR_OK);
    assert_int_equal(strncmp(story, "~t0 ~t1 ~t2 ", 12), 0);
}

static void counts_are_by_type_and_of_all(void **state)
{
    (void)state;
    assert_int_equal(mr_event_target_count(target, NULL), 0);
    add("a", say, "1", false);
    mr_listener second = add("a", say, "2", false);
    add("b", say, "3", false);
    assert_int_equal(mr_event_target_count(target, NULL), 3);
    assert_int_equal(mr_event_target_count(target, "a"), 2);
    assert_int_equal(mr_event_target_count(target, "c"), 0);
    assert_int_equal(mr_event_target_count(NULL, "a"), 0);
    assert_int_equal(mr_event_target_remove(target, second), MR_OK);
    assert_int_equal(mr_event_target_count(target, "a"), 1);
    assert_int_equal(mr_event_target_clear(target, "a"), MR_OK);
    assert_int_equal(mr_event_target_count(target, NULL), 1);
    assert_int_equal(mr_event_target_clear(target, "a"), MR_OK);
    assert_string_equal(story, "~2 ~1");
}

static void ids_are_never_given_again(void **state)
{
    (void)state;
    const mr_listener none = {0}, never = {1000000};
    uint64_t before = 0;
    assert_int_equal(mr_event_target_remove(target, none), MR_ENOENT);
    for (int i = 0; i < 1000; i++) {
        mr_listener id;
        assert_int_equal(mr_event_target_add(target, i % 2 == 0 ? "a" : "b", say, "", NULL, &id),
                         MR_OK);
        assert_true(id.id > before);
        before = id.id;
        if (i % 3 == 0)
            continue; /* some stay */
        assert_int_equal(mr_event_target_remove(target, id), MR_OK);
        assert_int_equal(mr_event_target_remove(target, id), MR_ENOENT);
    }
    assert_int_equal(mr_event_target_remove(target, never), MR_ENOENT);
    assert_int_equal(mr_event_target_count(target, NULL), 334);
}

static void adding_and_removing_for_ever_needs_no_more_memory(void **state)
{
    (void)state;
    mr_listener ids[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(mr_event_target_add(target, "a", say, "", NULL, &ids[i]), MR_OK);
    uint64_t before = mr__alloc_count();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(mr_event_target_remove(target, ids[i % 4]), MR_OK);
        assert_int_equal(mr_event_target_add(target, "a", say, "", NULL, &ids[i % 4]), MR_OK);
    }
    assert_true(mr__alloc_count() - before <= 1000 + 1); /* the listeners themselves */
}

static void a_target_releases_its_listeners_at_its_end(void **state)
{
    (void)state;
    add("a", say, "1", false);
    add("b", say, "2", true);
    mr_event_target_unref(mr_event_target_ref(target));
    assert_string_equal(story, "");
    mr_event_target_unref(target);
    assert_string_equal(story, "~1 ~2");
    target = NULL;
}

/* ---- inside a dispatch ---- */

static mr_listener self;

static void remove_self(mr_event_target *of, mr_event *event, void *arg)
{
    (void)event;
    note(arg);
    assert_int_equal(mr_event_target_remove(of, self), MR_OK);
    assert_int_equal(mr_event_target_remove(of, self), MR_ENOENT);
    note("still");
}

static void one_that_runs_is_released_afterwards(void **state)
{
    (void)state;
    self = add("a", remove_self, "1", false);
    add("a", say, "2", true);
    dispatch("a");
    assert_string_equal(story, "1 still ~1 2 ~2");
    assert_int_equal(mr_event_target_count(target, NULL), 0);
}

static unsigned depth;

static void again(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    note(arg);
    if (++depth < 3)
        dispatch("a");
    else
        assert_int_equal(mr_event_target_clear(of, NULL), MR_OK);
    note("back");
}

static void nested_calls_of_one_listener_release_it_once(void **state)
{
    (void)state;
    depth = 0;
    add("a", again, "1", false);
    add("a", say, "2", false);
    dispatch("a");
    assert_string_equal(story, "1 1 1 ~2 back back back ~1");
}

static void drop_target(mr_event_target *of, mr_event *event, void *arg)
{
    (void)event;
    note(arg);
    mr_event_target_unref(of);
    target = NULL;
}

static void the_last_unref_inside_waits_for_the_end_of_the_dispatch(void **state)
{
    (void)state;
    add("a", drop_target, "1", false);
    add("a", say, "2", false);
    dispatch("a");
    assert_string_equal(story, "1 2 ~1 ~2");
}

static void add_another(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event, (void)arg;
    note("1");
    add("a", say, "new", false);
}

static void one_added_after_its_type_was_emptied_waits(void **state)
{
    (void)state;
    add("a", add_another, "1", true);
    dispatch("a");
    assert_string_equal(story, "1 ~1");
    dispatch("a");
    assert_string_equal(story, "1 ~1 new");
}

static void queue_microtask(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    note(arg);
    assert_int_equal(mr_microtask(loop, note_task, "microtask"), MR_OK);
}

static void dispatch_a(void *arg)
{
    (void)arg;
    dispatch("a");
    note("after");
}

static void no_checkpoint_comes_inside(void **state)
{
    (void)state;
    add("a", queue_microtask, "1", false);
    add("a", queue_microtask, "2", false);
    assert_int_equal(mr_submit(loop, dispatch_a, NULL), MR_OK);
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_string_equal(story, "1 2 after microtask microtask");
}

/* ---- the loop from inside, outside any run ---- */

static void try_loop(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event, (void)arg;
    assert_int_equal(mr_loop_run(loop), MR_EREENTRANT);
    assert_int_equal(mr_loop_turn(loop, 0), MR_EREENTRANT);
    assert_int_equal(mr_loop_close(loop), MR_EREENTRANT);
    note("tried");
}

static void running_and_closing_inside_are_reentrant(void **state)
{
    (void)state;
    add("a", try_loop, "1", false);
    dispatch("a");
    assert_string_equal(story, "tried");
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
}

static void shut_down(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    note(arg);
    assert_int_equal(mr_loop_shutdown(loop, UINT64_MAX), MR_OK);
}

static void shutdown_inside_is_carried_out_later(void **state)
{
    (void)state;
    add("a", shut_down, "1", false);
    add("a", say, "2", false);
    dispatch("a");
    assert_string_equal(story, "1 2");
    assert_int_equal(mr_loop_state(loop), MR_STATE_STOPPING);
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
}

static void request_close(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    note(arg);
    assert_int_equal(mr_loop_request_close(loop), MR_OK);
}

static void after_a_request_to_close_no_listener_begins(void **state)
{
    (void)state;
    mr_event *event = make("a", 0), *last = make("b", 0);
    bool allowed = false;
    add("b", request_close, "last", false);
    assert_int_equal(mr_event_target_dispatch(target, last, &allowed), MR_OK);
    assert_true(allowed); /* there was nobody left to be called */
    add("a", say, "never", false);
    allowed = false;
    assert_int_equal(mr_event_target_dispatch(target, event, &allowed), MR_ECLOSED);
    assert_false(allowed);
    assert_int_equal(mr_event_flags(event), 0);
    assert_string_equal(story, "last");
    mr_event_unref(event);
    mr_event_unref(last);
}

static void a_request_to_close_ends_the_pass(void **state)
{
    (void)state;
    mr_event *event = make("a", 0);
    add("a", request_close, "1", false);
    add("a", say, "never", false);
    assert_int_equal(mr_event_target_dispatch(target, event, NULL), MR_ECLOSED);
    assert_string_equal(story, "1");
    mr_event_unref(event);
}

static void after_the_end_one_may_read_and_remove(void **state)
{
    (void)state;
    mr_event *event = make("a", MR_EVENT_CANCELABLE), *more = event;
    mr_event_target *second = target;
    mr_listener listener = add("a", say, "1", false);
    add("a", say, "2", false);
    assert_int_equal(mr_loop_close(loop), MR_OK);
    assert_int_equal(mr_event_target_dispatch(target, event, NULL), MR_ECLOSED);
    assert_int_equal(mr_event_target_add(target, "a", say, NULL, NULL, NULL), MR_ECLOSED);
    assert_int_equal(mr_event_target_create(loop, &second), MR_ECLOSED);
    assert_int_equal(mr_event_create(loop, "a", mr_value_null(), 0, &more), MR_ECLOSED);
    assert_true(second == target && more == event);
    assert_int_equal(mr_event_target_count(target, "a"), 2);
    assert_int_equal(mr_event_target_remove(target, listener), MR_OK);
    assert_int_equal(mr_event_target_clear(target, NULL), MR_OK);
    assert_int_equal(mr_event_prevent(event), MR_OK);
    assert_int_equal(mr_event_stop(event), MR_OK);
    assert_string_equal(story, "~1 ~2");
    mr_event_unref(event);
}

static void a_forked_child_dispatches_nothing_before_it_takes_the_loop(void **state)
{
    (void)state;
    mr_event *event = make("a", 0);
    add("a", say, "1", false);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool right = mr_event_target_dispatch(target, event, NULL) == MR_EFORKED;
        right &= mr_loop_after_fork(loop) == MR_OK;
        right &= mr_event_target_dispatch(target, event, NULL) == MR_OK;
        _exit(right && strcmp(story, "1") == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    mr_event_unref(event);
}

static _Atomic bool turned;

static void *turn_main(void *arg)
{
    (void)arg;
    mr_status status = mr_loop_turn(loop, 0);
    atomic_store(&turned, true);
    return status == MR_OK && mr_loop_close(loop) == MR_OK ? &loop : NULL;
}

static void start_turning(mr_event_target *of, mr_event *event, void *arg)
{
    (void)of, (void)event;
    if (pthread_create(arg, NULL, turn_main, NULL) != 0)
        abort();
    for (int i = 0; i < 1000; i++)
        sched_yield();
    note(atomic_load(&turned) ? "turned" : "waits");
}

static void another_thread_that_comes_to_run_the_loop_waits(void **state)
{
    (void)state;
    pthread_t thread;
    void *right;
    atomic_store(&turned, false);
    mr_event *event = make("a", 0);
    assert_int_equal(mr_event_target_add(target, "a", start_turning, &thread, NULL, NULL), MR_OK);
    assert_int_equal(mr_event_target_dispatch(target, event, NULL), MR_OK);
    pthread_join(thread, &right);
    assert_ptr_equal(right, &loop);
    assert_true(atomic_load(&turned));
    assert_string_equal(story, "waits");
    mr_event_unref(event);
}

/* ---- refusals ---- */

static void wrong_arguments_change_nothing(void **state)
{
    (void)state;
    mr_loop *another;
    mr_event *event = make("a", 0), *elsewhere, *none = event;
    mr_event_target *second = target;
    mr_listener listener = {77};
    const mr_listen_options wrong = {.size_bytes = 1};
    bool allowed = false;
    assert_int_equal(mr_loop_create(NULL, &another), MR_OK);
    assert_int_equal(mr_event_create(another, "a", mr_value_null(), 0, &elsewhere), MR_OK);
    assert_int_equal(mr_event_target_create(NULL, &second), MR_EINVAL);
    assert_int_equal(mr_event_target_create(loop, NULL), MR_EINVAL);
    assert_int_equal(mr_event_target_add(NULL, "a", say, NULL, NULL, &listener), MR_EINVAL);
    assert_int_equal(mr_event_target_add(target, NULL, say, NULL, NULL, &listener), MR_EINVAL);
    assert_int_equal(mr_event_target_add(target, "a", NULL, NULL, NULL, &listener), MR_EINVAL);
    assert_int_equal(mr_event_target_add(target, "a", say, NULL, &wrong, &listener), MR_EINVAL);
    assert_int_equal(mr_event_target_remove(NULL, listener), MR_EINVAL);
    assert_int_equal(mr_event_target_clear(NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_event_target_dispatch(NULL, event, &allowed), MR_EINVAL);
    assert_int_equal(mr_event_target_dispatch(target, NULL, &allowed), MR_EINVAL);
    assert_int_equal(mr_event_target_dispatch(target, elsewhere, &allowed), MR_EINVAL);
    assert_int_equal(mr_event_create(NULL, "a", mr_value_null(), 0, &none), MR_EINVAL);
    assert_int_equal(mr_event_create(loop, NULL, mr_value_null(), 0, &none), MR_EINVAL);
    assert_int_equal(mr_event_create(loop, "a", mr_value_null(), MR_EVENT_STOPPED, &none),
                     MR_EINVAL);
    assert_int_equal(mr_event_create(loop, "a", mr_value_null(), 0, NULL), MR_EINVAL);
    assert_int_equal(mr_event_prevent(NULL), MR_EINVAL);
    assert_int_equal(mr_event_stop(NULL), MR_EINVAL);
    assert_null(mr_event_ref(NULL));
    assert_null(mr_event_target_ref(NULL));
    mr_event_unref(NULL);
    mr_event_target_unref(NULL);
    assert_true(second == target && none == event && listener.id == 77 && !allowed);
    assert_int_equal(mr_event_target_count(target, NULL), 0);
    mr_event_unref(event);
    mr_event_unref(elsewhere);
    mr_loop_unref(another);
}

static mr_event *of_owner;
static unsigned unlike; /* answers that were not those of a foreign thread */

static void *foreign_main(void *arg)
{
    mr_listener listener = *(mr_listener *)arg;
    mr_event_target *made;
    mr_event *event;
    const mr_status said[] = {
        mr_event_target_create(loop, &made),
        mr_event_target_add(target, "a", say, NULL, NULL, &listener),
        mr_event_target_remove(target, listener),
        mr_event_target_clear(target, NULL),
        mr_event_target_dispatch(target, of_owner, NULL),
        mr_event_create(loop, "a", mr_value_null(), 0, &event),
        mr_event_prevent(of_owner),
        mr_event_stop(of_owner),
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        unlike += said[i] != MR_EWRONGTHREAD;
    mr_event_unref(of_owner);
    mr_event_target_unref(target);
    return NULL;
}

static void calls_of_another_thread_change_nothing(void **state)
{
    (void)state;
    pthread_t thread;
    mr_listener listener = add("a", say, "1", false);
    of_owner = make("a", MR_EVENT_CANCELABLE);
    unlike = 0;
    assert_int_equal(pthread_create(&thread, NULL, foreign_main, &listener), 0);
    pthread_join(thread, NULL);
    assert_int_equal(unlike, 0);
    assert_int_equal(mr_event_flags(of_owner), MR_EVENT_CANCELABLE);
    assert_int_equal(mr_event_target_count(target, "a"), 1);
    assert_string_equal(story, "");
    mr_event_unref(of_owner);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_event_says_what_it_is),
        TEST(the_detail_goes_with_the_last_reference),
        TEST(only_a_cancelable_event_is_prevented),
        TEST(an_event_stopped_before_reaches_nobody_once),
        TEST(only_listeners_of_the_type_are_called),
        TEST(counts_are_by_type_and_of_all),
        TEST(ids_are_never_given_again),
        TEST(adding_and_removing_for_ever_needs_no_more_memory),
        TEST(a_target_releases_its_listeners_at_its_end),
        TEST(one_that_runs_is_released_afterwards),
        TEST(nested_calls_of_one_listener_release_it_once),
        TEST(the_last_unref_inside_waits_for_the_end_of_the_dispatch),
        TEST(one_added_after_its_type_was_emptied_waits),
        TEST(no_checkpoint_comes_inside),
        TEST(running_and_closing_inside_are_reentrant),
        TEST(shutdown_inside_is_carried_out_later),
        TEST(after_a_request_to_close_no_listener_begins),
        TEST(a_request_to_close_ends_the_pass),
        TEST(after_the_end_one_may_read_and_remove),
        TEST(another_thread_that_comes_to_run_the_loop_waits),
        TEST(a_forked_child_dispatches_nothing_before_it_takes_the_loop),
        TEST(wrong_arguments_change_nothing),
        TEST(calls_of_another_thread_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
