/* Scenario L10 and the table of section 2 after the end: calls that are refused and change nothing.
 */
#include "scenario.h"

static const uint64_t untouched = UINT64_C(0xA5A5A5A5A5A5A5A5); /* no call would write this */

static void never_called(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    EXPECT(events == 0);
}

static void never_called_outcome(mr_status outcome, void *arg)
{
    (void)outcome, (void)arg;
    EXPECT(outcome == 77);
}

static void starts_after_the_end(int fd)
{
    static const mr_hooks hooks = {.size_bytes = sizeof hooks};
    mr_timer timer = {untouched};
    mr_immediate immediate = {untouched};
    mr_watch watch = {untouched};
    EXPECT(mr_submit(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_submit_internal(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_microtask(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_next_tick(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_checkpoint_end(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_close_callback(loop, say, "x") == MR_ECLOSED);
    EXPECT(mr_immediate_start(loop, say, "x", &immediate) == MR_ECLOSED);
    EXPECT(mr_timer_start(loop, 0, say, "x", &timer) == MR_ECLOSED);
    EXPECT(mr_timer_start_at(loop, 0, say, "x", &timer) == MR_ECLOSED);
    EXPECT(mr_timer_repeat(loop, 0, say, "x", &timer) == MR_ECLOSED);
    EXPECT(mr_watch_add(loop, fd, MR_READ, never_called, NULL, &watch) == MR_ECLOSED);
    EXPECT(mr_watch_add_wait(loop, fd, MR_READ, never_called, NULL, FOR_EVER, &watch) ==
           MR_ECLOSED);
    EXPECT(mr_hooks_attach(loop, &hooks) == MR_ECLOSED);
    EXPECT(timer.id == untouched && immediate.id == untouched && watch.id == untouched);
}

static void changes_after_the_end(mr_timer timer, mr_immediate immediate, mr_watch watch)
{
    mr_status status = 77;
    EXPECT(mr_timer_cancel(loop, timer) == MR_ECLOSED);
    EXPECT(mr_timer_cancel_outcome(loop, timer, never_called_outcome, "x") == MR_ECLOSED);
    EXPECT(mr_timer_cancel_many(loop, &timer, 1, &status) == MR_ECLOSED && status == 77);
    EXPECT(mr_timer_ref(loop, timer) == MR_ECLOSED);
    EXPECT(mr_timer_unref(loop, timer) == MR_ECLOSED);
    EXPECT(mr_timer_reset(loop, timer, 0) == MR_ECLOSED);
    EXPECT(mr_immediate_cancel(loop, immediate) == MR_ECLOSED);
    EXPECT(mr_immediate_ref(loop, immediate) == MR_ECLOSED);
    EXPECT(mr_immediate_unref(loop, immediate) == MR_ECLOSED);
    EXPECT(mr_watch_modify(loop, watch, MR_READ) == MR_ECLOSED);
    EXPECT(mr_watch_remove(loop, watch, say, "x") == MR_ECLOSED);
    EXPECT(mr_watch_modify_wait(loop, watch, MR_READ, FOR_EVER) == MR_ECLOSED);
    EXPECT(mr_watch_remove_wait(loop, watch, say, "x", FOR_EVER) == MR_ECLOSED);
    EXPECT(mr_watch_ref(loop, watch) == MR_ECLOSED);
    EXPECT(mr_watch_unref(loop, watch) == MR_ECLOSED);
    EXPECT(mr_loop_hold(loop) == MR_ECLOSED);
    EXPECT(mr_loop_wake(loop) == MR_ECLOSED);
    EXPECT(mr_loop_set_park(loop, MR_PARK_AUTO, 0) == MR_ECLOSED);
    EXPECT(mr_loop_shutdown(loop, 0) == 0);
    EXPECT(mr_loop_close(loop) == 0);
    EXPECT(mr_loop_request_close(loop) == 0);
    EXPECT(!mr_loop_alive(loop));
}

/* The calls for other threads, on one. */
static void *waits_after_the_end(void *arg)
{
    mr_watch watch = {untouched};
    const int *fd = arg;
    EXPECT(mr_watch_add_wait(loop, *fd, MR_READ, never_called, NULL, FOR_EVER, &watch) ==
           MR_ECLOSED);
    EXPECT(mr_watch_modify_wait(loop, watch, MR_READ, FOR_EVER) == MR_ECLOSED);
    EXPECT(mr_watch_remove_wait(loop, watch, say, "x", FOR_EVER) == MR_ECLOSED);
    EXPECT(mr_loop_set_park(loop, MR_PARK_AUTO, FOR_EVER) == MR_ECLOSED);
    EXPECT(watch.id == untouched);
    return NULL;
}

static void L3_every_call_after_the_end_is_closed(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_timer timer;
        mr_immediate immediate;
        mr_watch watch;
        pipe_with(fds, 0);
        begin(park);
        assert_int_equal(mr_timer_start(loop, SEC, say, "t", &timer), 0);
        assert_int_equal(mr_immediate_start(loop, say, "i", &immediate), 0);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, never_called, NULL, &watch), 0);
        submit(shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("i");
        starts_after_the_end(fds[1]);
        changes_after_the_end(timer, immediate, watch);
        thread_join(thread_start(waits_after_the_end, &fds[1]));
        assert_story("i");
        finish();
        pipe_close(fds);
    }
}

/* ---- L10 ---- */

typedef struct targets {
    mr_loop *simulated;
    mr_timer timer;
    mr_immediate immediate;
    mr_watch watch;
    int fd;
} targets;

static uint64_t never_step(mr_loop *of, void *arg)
{
    (void)of, (void)arg;
    return MR_SIM_DONE;
}

static void timer_calls(mr_loop *l, const targets *t, mr_status want)
{
    const mr_timer_spec spec = {.size_bytes = sizeof spec, .fn = nothing};
    mr_timer out = {untouched};
    mr_status status = 77;
    EXPECT(mr_timer_start(l, 0, nothing, NULL, &out) == want);
    EXPECT(mr_timer_start_at(l, 0, nothing, NULL, &out) == want);
    EXPECT(mr_timer_repeat(l, 0, nothing, NULL, &out) == want);
    EXPECT(mr_timer_start_with(l, &spec, &out) == want);
    EXPECT(mr_timer_reset(l, t->timer, 0) == want);
    EXPECT(mr_timer_reset_at(l, t->timer, 0) == want);
    EXPECT(mr_timer_cancel_many(l, &t->timer, 1, &status) == want);
    EXPECT(out.id == untouched && status == 77);
}

static void queue_calls(mr_loop *l, const targets *t, mr_status want)
{
    const mr_task task = {.fn = nothing};
    mr_immediate out = {untouched};
    EXPECT(mr_immediate_start(l, nothing, NULL, &out) == want);
    EXPECT(mr_immediate_start_with(l, &task, &out) == want);
    EXPECT(out.id == untouched);
    EXPECT(mr_immediate_cancel(l, t->immediate) == want);
    EXPECT(mr_immediate_ref(l, t->immediate) == want);
    EXPECT(mr_immediate_unref(l, t->immediate) == want);
    EXPECT(mr_next_tick(l, nothing, NULL) == want);
    EXPECT(mr_next_tick_with(l, &task) == want);
    EXPECT(mr_microtask(l, nothing, NULL) == want);
    EXPECT(mr_microtask_with(l, &task) == want);
    EXPECT(mr_checkpoint_end(l, nothing, NULL) == want);
    EXPECT(mr_checkpoint_end_with(l, &task) == want);
    EXPECT(mr_close_callback(l, nothing, NULL) == want);
    EXPECT(mr_close_callback_with(l, &task) == want);
}

static void watch_calls_of(mr_loop *l, const targets *t, mr_status want)
{
    mr_watch out = {untouched};
    EXPECT(mr_watch_add(l, t->fd, MR_READ, never_called, NULL, &out) == want);
    EXPECT(mr_watch_add_with(l, t->fd, MR_READ, never_called, NULL, own_discard, &out) == want);
    EXPECT(out.id == untouched);
    EXPECT(mr_watch_modify(l, t->watch, MR_WRITE) == want);
    EXPECT(mr_watch_remove(l, t->watch, nothing, NULL) == want);
    EXPECT(mr_watch_ref(l, t->watch) == want);
    EXPECT(mr_watch_unref(l, t->watch) == want);
}

static void *owner_calls_elsewhere(void *arg)
{
    static const mr_hooks hooks = {.size_bytes = sizeof hooks};
    const targets *t = arg;
    timer_calls(loop, t, MR_EWRONGTHREAD);
    queue_calls(loop, t, MR_EWRONGTHREAD);
    watch_calls_of(loop, t, MR_EWRONGTHREAD);
    EXPECT(mr_hooks_attach(loop, &hooks) == MR_EWRONGTHREAD);
    EXPECT(mr_hooks_detach(loop, &hooks) == MR_EWRONGTHREAD);
    EXPECT(mr_sim_advance(t->simulated, 1) == MR_EWRONGTHREAD);
    EXPECT(mr_sim_actor(t->simulated, 0, never_step, NULL) == MR_EWRONGTHREAD);
    return NULL;
}

/* Invalid arguments are found before anything is waited for. */
static void *invalid_waits(void *arg)
{
    const targets *t = arg;
    mr_watch out = {untouched};
    EXPECT(mr_watch_add_wait(loop, t->fd, MR_READ, NULL, NULL, FOR_EVER, &out) == MR_EINVAL);
    EXPECT(mr_watch_add_wait(loop, t->fd, MR_READ, never_called, NULL, FOR_EVER, NULL) ==
           MR_EINVAL);
    EXPECT(mr_watch_add_wait(loop, -1, MR_READ, never_called, NULL, FOR_EVER, &out) == MR_EINVAL);
    EXPECT(mr_watch_add_wait(loop, t->fd, 64, never_called, NULL, FOR_EVER, &out) == MR_EINVAL);
    EXPECT(mr_watch_add_wait_with(loop, t->fd, MR_ERROR, never_called, NULL, own_discard, FOR_EVER,
                                  &out) == MR_EINVAL);
    EXPECT(mr_watch_modify_wait(loop, t->watch, 64, FOR_EVER) == MR_EINVAL);
    EXPECT(mr_loop_set_park(loop, (mr_park)7, FOR_EVER) == MR_EINVAL);
    EXPECT(out.id == untouched);
    return NULL;
}

static void null_loops(const targets *t)
{
    static const mr_hooks hooks = {.size_bytes = sizeof hooks};
    const mr_task task = {.fn = nothing};
    mr_loop_stats stats;
    timer_calls(NULL, t, MR_EINVAL);
    queue_calls(NULL, t, MR_EINVAL);
    watch_calls_of(NULL, t, MR_EINVAL);
    mr_watch out = {untouched};
    EXPECT(mr_watch_add_wait(NULL, t->fd, MR_READ, never_called, NULL, 0, &out) == MR_EINVAL);
    EXPECT(mr_watch_add_wait_with(NULL, t->fd, MR_READ, never_called, NULL, own_discard, 0, &out) ==
           MR_EINVAL);
    EXPECT(mr_watch_modify_wait(NULL, t->watch, MR_READ, 0) == MR_EINVAL);
    EXPECT(mr_watch_remove_wait(NULL, t->watch, nothing, NULL, 0) == MR_EINVAL);
    EXPECT(out.id == untouched);
    EXPECT(mr_submit(NULL, nothing, NULL) == MR_EINVAL);
    EXPECT(mr_submit_with(NULL, &task) == MR_EINVAL);
    EXPECT(mr_submit_internal(NULL, nothing, NULL) == MR_EINVAL);
    EXPECT(mr_submit_internal_with(NULL, &task) == MR_EINVAL);
    EXPECT(mr_timer_cancel(NULL, t->timer) == MR_EINVAL);
    EXPECT(mr_timer_ref(NULL, t->timer) == MR_EINVAL);
    EXPECT(mr_timer_unref(NULL, t->timer) == MR_EINVAL);
    EXPECT(mr_loop_run(NULL) == MR_EINVAL);
    EXPECT(mr_loop_turn(NULL, 0) == MR_EINVAL);
    EXPECT(mr_loop_shutdown(NULL, 0) == MR_EINVAL);
    EXPECT(mr_loop_close(NULL) == MR_EINVAL);
    EXPECT(mr_loop_request_close(NULL) == MR_EINVAL);
    EXPECT(mr_loop_wake(NULL) == MR_EINVAL);
    EXPECT(mr_loop_hold(NULL) == MR_EINVAL);
    EXPECT(mr_loop_release(NULL) == MR_EINVAL);
    EXPECT(mr_loop_set_park(NULL, MR_PARK_AUTO, 0) == MR_EINVAL);
    EXPECT(mr_loop_get_stats(NULL, &stats) == MR_EINVAL);
    EXPECT(mr_hooks_attach(NULL, &hooks) == MR_EINVAL);
    EXPECT(mr_hooks_detach(NULL, &hooks) == MR_EINVAL);
    EXPECT(mr_sim_advance(NULL, 1) == MR_EINVAL);
    EXPECT(mr_sim_actor(NULL, 0, never_step, NULL) == MR_EINVAL);
    EXPECT(mr_loop_state(NULL) == MR_STATE_CLOSED);
    EXPECT(mr_loop_now(NULL) == 0);
    EXPECT(mr_loop_ref(NULL) == NULL);
    mr_loop_unref(NULL);
}

static void null_callbacks(const targets *t)
{
    static const mr_task empty = {.fn = NULL};
    EXPECT(mr_submit(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_submit_with(loop, &empty) == MR_EINVAL);
    EXPECT(mr_submit_with(loop, NULL) == MR_EINVAL);
    EXPECT(mr_submit_internal(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_submit_internal_with(loop, &empty) == MR_EINVAL);
    EXPECT(mr_submit_internal_with(loop, NULL) == MR_EINVAL);
    EXPECT(mr_next_tick(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_next_tick_with(loop, &empty) == MR_EINVAL);
    EXPECT(mr_microtask(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_microtask_with(loop, NULL) == MR_EINVAL);
    EXPECT(mr_checkpoint_end(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_checkpoint_end_with(loop, NULL) == MR_EINVAL);
    EXPECT(mr_close_callback(loop, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_close_callback_with(loop, NULL) == MR_EINVAL);
    EXPECT(mr_timer_cancel_outcome(loop, t->timer, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_timer_cancel_many(loop, NULL, 1, NULL) == MR_EINVAL);
    EXPECT(mr_hooks_attach(loop, NULL) == MR_EINVAL);
    EXPECT(mr_hooks_detach(loop, NULL) == MR_EINVAL);
    EXPECT(mr_sim_actor(t->simulated, 0, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_loop_get_stats(loop, NULL) == MR_EINVAL);
    EXPECT(mr_loop_set_park(loop, (mr_park)7, 0) == MR_EINVAL);
    EXPECT(mr_loop_create(NULL, NULL) == MR_EINVAL);
}

static void null_outputs(const targets *t)
{
    const mr_task task = {.fn = nothing}, empty = {.fn = NULL};
    const mr_timer_spec no_fn = {.size_bytes = sizeof no_fn};
    const mr_timer_spec bad_flags = {.size_bytes = sizeof no_fn, .fn = nothing, .flags = 1U << 31};
    mr_timer timer = {untouched};
    mr_immediate immediate = {untouched};
    mr_watch watch = {untouched};
    EXPECT(mr_timer_start(loop, 0, NULL, NULL, &timer) == MR_EINVAL);
    EXPECT(mr_timer_start(loop, 0, nothing, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_timer_start_at(loop, 0, NULL, NULL, &timer) == MR_EINVAL);
    EXPECT(mr_timer_start_at(loop, 0, nothing, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_timer_repeat(loop, 0, NULL, NULL, &timer) == MR_EINVAL);
    EXPECT(mr_timer_repeat(loop, 0, nothing, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_timer_start_with(loop, NULL, &timer) == MR_EINVAL);
    EXPECT(mr_timer_start_with(loop, &no_fn, &timer) == MR_EINVAL);
    EXPECT(mr_timer_start_with(loop, &bad_flags, &timer) == MR_EINVAL);
    EXPECT(mr_immediate_start(loop, NULL, NULL, &immediate) == MR_EINVAL);
    EXPECT(mr_immediate_start(loop, nothing, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_immediate_start_with(loop, NULL, &immediate) == MR_EINVAL);
    EXPECT(mr_immediate_start_with(loop, &empty, &immediate) == MR_EINVAL);
    EXPECT(mr_immediate_start_with(loop, &task, NULL) == MR_EINVAL);
    EXPECT(mr_watch_add(loop, t->fd, MR_READ, NULL, NULL, &watch) == MR_EINVAL);
    EXPECT(mr_watch_add(loop, t->fd, MR_READ, never_called, NULL, NULL) == MR_EINVAL);
    EXPECT(mr_watch_add(loop, t->fd, 64, never_called, NULL, &watch) == MR_EINVAL);
    EXPECT(mr_watch_add(loop, t->fd, MR_HANGUP, never_called, NULL, &watch) == MR_EINVAL);
    EXPECT(mr_watch_add(loop, -1, MR_READ, never_called, NULL, &watch) == MR_EINVAL);
    EXPECT(mr_watch_modify(loop, t->watch, 64) == MR_EINVAL);
    EXPECT(timer.id == untouched && immediate.id == untouched && watch.id == untouched);
}

static void L10_owner_calls_elsewhere_and_null_change_nothing(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 0);
        begin_simulated(1, 0, false);
        targets t = {.simulated = loop, .fd = fds[1]};
        loop = NULL;
        begin(park);
        assert_int_equal(mr_timer_start(loop, SEC, say, "timer", &t.timer), 0);
        assert_int_equal(mr_immediate_start(loop, say, "immediate", &t.immediate), 0);
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, never_called, NULL, &t.watch), 0);
        mr_loop_stats before = stats_of(loop), simulated_before = stats_of(t.simulated);

        thread_join(thread_start(owner_calls_elsewhere, &t));
        thread_join(thread_start(invalid_waits, &t));
        invalid_waits(&t);
        null_loops(&t);
        null_callbacks(&t);
        null_outputs(&t);

        mr_loop_stats after = stats_of(loop), simulated_after = stats_of(t.simulated);
        assert_memory_equal(&before, &after, sizeof before);
        assert_memory_equal(&simulated_before, &simulated_after, sizeof before);
        assert_int_equal(mr_loop_state(loop), MR_STATE_CREATED);
        assert_int_equal(mr_loop_turn(loop, 0), 0);
        assert_story("immediate");
        finish_turned();
        assert_int_equal(mr_loop_close(t.simulated), 0);
        mr_loop_unref(t.simulated);
        pipe_close(fds);
    }
}

static void L10_create_validates_before_it_acquires(void **state)
{
    (void)state;
    mr_loop_options bad[7];
    for (unsigned i = 0; i < COUNT_OF(bad); i++) {
        bad[i] = options_for(MR_PARK_AUTO);
    }
    bad[0].size_bytes = 0;
    bad[1].max_external = (1U << 24) + 1;
    bad[2].max_internal = (1U << 24) + 1;
    bad[3].max_tasks_per_turn = (1U << 20) + 1;
    bad[4].flags = 1U << 31;
    bad[5].park = (mr_park)7;
    bad[6].max_external = UINT32_MAX;
    uint64_t allocations = mr__alloc_count();
    for (unsigned i = 0; i < COUNT_OF(bad); i++) {
        mr_loop *out = (mr_loop *)(void *)&bad[0];
        assert_int_equal(mr_loop_create(&bad[i], &out), MR_EINVAL);
        assert_ptr_equal(out, &bad[0]);
    }
    assert_int_equal(mr__alloc_count(), allocations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(L3_every_call_after_the_end_is_closed),
        SCENARIO(L10_owner_calls_elsewhere_and_null_change_nothing),
        SCENARIO(L10_create_validates_before_it_acquires),
    };
    return RUN_SCENARIOS(tests);
}
