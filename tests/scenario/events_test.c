/* Scenarios E1 to E3 of the page on promises: events. */
#include "scenario.h"

static mr_event_target *target;
static mr_listener second, late;
static mr_event *outer, *inner;

static mr_event *event_of(const char *type, uint32_t flags)
{
    mr_event *event = NULL;
    EXPECT(mr_event_create(loop, type, mr_value_undefined(), flags, &event) == 0);
    return event;
}

static void release_noted(void *arg)
{
    note("~%s", (const char *)arg);
}

static mr_listener add(mr_event_fn *fn, const char *name, bool once)
{
    mr_listener listener = {0};
    mr_listen_options options = {
        .size_bytes = sizeof options, .once = once, .release = release_noted};
    EXPECT(mr_event_target_add(target, "go", fn, (void *)(uintptr_t)name, &options, &listener) ==
           0);
    EXPECT(listener.id != 0);
    return listener;
}

static bool dispatch(mr_event *event)
{
    bool allowed = false;
    EXPECT(mr_event_target_dispatch(target, event, &allowed) == 0);
    return allowed;
}

static void dispatch_new(void)
{
    mr_event *event = event_of("go", 0);
    EXPECT(dispatch(event));
    mr_event_unref(event);
}

/* A scenario is a task of a loop: the target is made before and dropped at its end. */
static void play(mr_task_fn *scenario, mr_park park)
{
    begin(park);
    assert_int_equal(mr_event_target_create(loop, &target), 0);
    submit(scenario, NULL);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    mr_event_target_unref(target);
    finish_turned();
}

static void say_event(mr_event_target *of, mr_event *event, void *arg)
{
    EXPECT(of == target);
    EXPECT((mr_event_flags(event) & MR_EVENT_DISPATCHING) != 0);
    note("%s", (const char *)arg);
}

/* ---- E1 ---- */

static void prevent(mr_event_target *of, mr_event *event, void *arg)
{
    say_event(of, event, arg);
    EXPECT(mr_event_prevent(event) == 0);
}

static void order_once_and_result(void *arg)
{
    (void)arg;
    mr_event *plain = event_of("go", 0), *cancelable = event_of("go", MR_EVENT_CANCELABLE);
    add(say_event, "1", false);
    add(say_event, "2", true);
    add(say_event, "3", false);
    EXPECT(dispatch(plain));
    note("|");
    EXPECT(dispatch(cancelable));
    add(prevent, "4", true);
    EXPECT(dispatch(plain)); /* cannot be */
    EXPECT((mr_event_flags(plain) & MR_EVENT_PREVENTED) == 0);
    add(prevent, "5", true);
    EXPECT(!dispatch(cancelable));
    EXPECT((mr_event_flags(cancelable) & MR_EVENT_PREVENTED) != 0);
    note("|");
    EXPECT(mr_event_target_count(target, "go") == 2);
    mr_event_unref(plain);
    mr_event_unref(cancelable);
}

static void E1_listeners_run_in_order_once_and_prevent(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        play(order_once_and_result, park);
        assert_story("1 2 ~2 3 | 1 3 1 3 4 ~4 1 3 5 ~5 | ~1 ~3");
    }
}

/* ---- E2 ---- */

static void change(mr_event_target *of, mr_event *event, void *arg)
{
    say_event(of, event, arg);
    EXPECT(mr_event_target_remove(of, second) == 0);
    EXPECT(mr_event_target_remove(of, second) == MR_ENOENT);
    late = add(say_event, "late", false);
    note("changed");
}

static void remove_and_add(void *arg)
{
    (void)arg;
    add(change, "1", true);
    second = add(say_event, "2", false);
    add(say_event, "3", false);
    dispatch_new();
    note("|");
    dispatch_new();
    note("|");
    EXPECT(mr_event_target_remove(target, second) == MR_ENOENT);
    EXPECT(mr_event_target_remove(target, late) == 0);
    EXPECT(mr_event_target_remove(target, late) == MR_ENOENT);
    dispatch_new();
    EXPECT(mr_event_target_clear(target, "go") == 0);
    EXPECT(mr_event_target_count(target, NULL) == 0);
    dispatch_new();
}

static void E2_removed_ones_are_skipped_and_added_ones_wait(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        play(remove_and_add, park);
        assert_story("1 ~2 changed ~1 3 | 3 late | ~late 3 ~3");
    }
}

/* ---- E3 ---- */

static void stop(mr_event_target *of, mr_event *event, void *arg)
{
    say_event(of, event, arg);
    EXPECT(mr_event_stop(event) == 0);
}

static void nest(mr_event_target *of, mr_event *event, void *arg)
{
    say_event(of, event, arg);
    if (event != outer)
        return;
    bool allowed = false;
    EXPECT(mr_event_target_dispatch(of, outer, &allowed) == MR_EREENTRANT);
    EXPECT(!allowed);
    note("(");
    EXPECT(dispatch(inner));
    note(")");
    EXPECT((mr_event_flags(inner) & MR_EVENT_DISPATCHING) == 0);
}

static void stop_and_nest(void *arg)
{
    (void)arg;
    outer = event_of("go", 0);
    inner = event_of("go", 0);
    add(nest, "1", false);
    add(stop, "2", true);
    add(say_event, "3", false);
    EXPECT(dispatch(outer)); /* "2" stops the inner one only, and is gone then */
    note("|");
    add(stop, "4", false);
    add(say_event, "never", true);
    EXPECT(dispatch(inner));
    EXPECT(dispatch(inner)); /* again, stopped again */
    mr_event_unref(outer);
    mr_event_unref(inner);
}

static void E3_stopping_ends_the_pass_and_other_events_nest(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        play(stop_and_nest, park);
        assert_story("1 ( 1 2 ~2 ) 3 | 1 3 4 1 3 4 ~1 ~3 ~4 ~never");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(E1_listeners_run_in_order_once_and_prevent),
        SCENARIO(E2_removed_ones_are_skipped_and_added_ones_wait),
        SCENARIO(E3_stopping_ends_the_pass_and_other_events_nest),
    };
    return RUN_SCENARIOS(tests);
}
