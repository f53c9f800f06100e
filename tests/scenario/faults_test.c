/* Scenario K4 for the calls of the loop; see faults.h. */
#include "faults.h"

#include <millrace/version.h>

#include "os/fork.h"

static mr_loop *made; /* a second loop, for the calls that make and free one */
static mr_timer timer;
static mr_immediate immediate;
static mr_watch watch;

static void stage_clear(void)
{
    mr_loop_unref(made);
    made = NULL;
}

static void on_call(void *arg)
{
    called[(uintptr_t)arg] = true;
}

static void on_own_discard(void *arg, mr_status reason)
{
    called[(uintptr_t)arg] = true;
    own_discard(arg, reason);
}

static void on_event(mr_watch of, unsigned events, void *arg)
{
    (void)of;
    EXPECT(events != 0);
    called[(uintptr_t)arg] = true;
}

static void on_outcome(mr_status outcome, void *arg)
{
    EXPECT(outcome == 0 || outcome == MR_ENOENT);
    called[(uintptr_t)arg] = true;
}

static mr_task task_of_attempt(void)
{
    return (mr_task){on_call, arg_of_attempt(), on_own_discard};
}

/* ---- loop.h ---- */

static mr_status make(const mr_loop_options *options)
{
    mr_loop *out = (mr_loop *)(uintptr_t)untouched;
    mr_status status = mr_loop_create(options, &out);
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    made = status == 0 ? out : NULL;
    return status;
}

static mr_status do_create(void)
{
    mr_loop_options options = {.size_bytes = sizeof options, .park = MR_PARK_POLLER};
    return make(&options);
}

static mr_status do_create_simulated(void)
{
    mr_simulate world = {.seed = 1};
    mr_loop_options options = {.size_bytes = sizeof options, .simulate = &world};
    return make(&options);
}

static mr_status do_ref(void)
{
    EXPECT(mr_loop_ref(loop) == loop);
    mr_loop_unref(loop);
    return 0;
}

static void made_with_work(void)
{
    mr_timer t;
    mr_watch w;
    EXPECT(do_create() == 0);
    EXPECT(mr_timer_start(made, 0, nothing, NULL, &t) == 0);
    EXPECT(mr_watch_add(made, pipes[0][0], MR_READ, on_event, NULL, &w) == 0);
}

static mr_status do_unref(void)
{
    mr_loop_unref(made);
    made = NULL;
    return 0;
}

static void some_work(void)
{
    timer = timer_in(3600 * SEC, nothing, NULL);
    EXPECT(mr_immediate_start(loop, nothing, NULL, &immediate) == 0);
    if (mr_watch_add(loop, pipes[0][0], MR_READ, on_event, NULL, &watch) != 0)
        EXPECT(park_at_hand == MR_PARK_FUTEX);
    submit(nothing, NULL);
    EXPECT(mr_close_callback(loop, nothing, NULL) == 0);
}

static void some_work_and_an_end(void)
{
    some_work();
    timer_in(MS, shut_down, NULL);
}

static mr_status do_run(void)
{
    return mr_loop_run(loop);
}

static mr_status do_turn(void)
{
    return mr_loop_turn(loop, MS);
}

static mr_status do_shutdown(void)
{
    return mr_loop_shutdown(loop, FOR_EVER);
}

static mr_status do_close(void)
{
    return mr_loop_close(loop);
}

static mr_status do_request_close(void)
{
    mr_status status = mr_loop_request_close(loop);
    EXPECT(mr_loop_turn(loop, 0) == MR_ECANCELED);
    return status;
}

static mr_status do_wake(void)
{
    return mr_loop_wake(loop);
}

static mr_status do_state(void)
{
    EXPECT(mr_loop_state(loop) == MR_STATE_CREATED);
    return 0;
}

static mr_status do_alive(void)
{
    EXPECT(mr_loop_alive(loop));
    return 0;
}

static mr_status do_now(void)
{
    EXPECT(mr_loop_now(loop) != 0);
    return 0;
}

static mr_status do_hold(void)
{
    return mr_loop_hold(loop);
}

static mr_status do_hold_release(void)
{
    mr_status status = mr_loop_hold(loop);
    return status == 0 ? mr_loop_release(loop) : status;
}

static mr_status do_set_park(void)
{
    return mr_loop_set_park(loop, MR_PARK_POLLER, FOR_EVER);
}

static mr_status do_set_park_elsewhere(void)
{
    return call_elsewhere(do_set_park, true);
}

static mr_status do_get_stats(void)
{
    mr_loop_stats stats = {.turns = untouched};
    mr_status status = mr_loop_get_stats(loop, &stats);
    return written(status, &stats.turns);
}

/* This process plays the child: it is one as far as the loop can tell. */
static void forked_with_watches(void)
{
    some_work();
    EXPECT(mr_watch_add(loop, pipes[1][0], MR_READ, on_event, NULL, &watch) == 0);
    atomic_fetch_add(&mr__fork_count, 1);
}

static mr_status do_after_fork(void)
{
    mr_status status = mr_loop_after_fork(loop);
    EXPECT(status == 0 || mr_loop_turn(loop, 0) == MR_EFORKED);
    return status;
}

/* ---- submit.h, microtask.h, immediate.h ---- */

static mr_status do_submit(void)
{
    return mr_submit(loop, on_call, arg_of_attempt());
}

static mr_status do_submit_elsewhere(void)
{
    return call_elsewhere(do_submit, false);
}

static mr_status do_submit_internal(void)
{
    return mr_submit_internal(loop, on_call, arg_of_attempt());
}

/* The long and the short forms of calls that take a task and nothing else. */
#define TASK_CALL(name)                                                                            \
    static mr_status do_##name(void)                                                               \
    {                                                                                              \
        return mr_##name(loop, on_call, arg_of_attempt());                                         \
    }                                                                                              \
    static mr_status do_##name##_with(void)                                                        \
    {                                                                                              \
        mr_task task = task_of_attempt();                                                          \
        return mr_##name##_with(loop, &task);                                                      \
    }

TASK_CALL(next_tick)
TASK_CALL(microtask)
TASK_CALL(checkpoint_end)
TASK_CALL(close_callback)

static mr_status do_submit_with(void)
{
    mr_task task = task_of_attempt();
    return mr_submit_with(loop, &task);
}

static mr_status do_submit_many(void)
{
    mr_task task = task_of_attempt();
    return mr_submit_many(loop, &task, 1, NULL);
}

static mr_status do_submit_internal_with(void)
{
    mr_task task = task_of_attempt();
    return mr_submit_internal_with(loop, &task);
}

static mr_status do_immediate_start(void)
{
    mr_immediate out = {untouched};
    return written(mr_immediate_start(loop, on_call, arg_of_attempt(), &out), &out.id);
}

static mr_status do_immediate_start_with(void)
{
    mr_immediate out = {untouched};
    mr_task task = task_of_attempt();
    return written(mr_immediate_start_with(loop, &task, &out), &out.id);
}

static mr_status do_immediate_cancel(void)
{
    return mr_immediate_cancel(loop, immediate);
}

static mr_status do_immediate_ref(void)
{
    return mr_immediate_ref(loop, immediate);
}

static mr_status do_immediate_unref(void)
{
    return mr_immediate_unref(loop, immediate);
}

/* ---- timer.h ---- */

static mr_status do_timer_start(void)
{
    mr_timer out = {untouched};
    return written(mr_timer_start(loop, 0, on_call, arg_of_attempt(), &out), &out.id);
}

static mr_status do_timer_start_at(void)
{
    mr_timer out = {untouched};
    return written(mr_timer_start_at(loop, 0, on_call, arg_of_attempt(), &out), &out.id);
}

static mr_status do_timer_repeat(void)
{
    mr_timer out = {untouched};
    return written(mr_timer_repeat(loop, SEC, on_call, arg_of_attempt(), &out), &out.id);
}

static mr_status do_timer_start_with(void)
{
    mr_timer out = {untouched};
    mr_timer_spec spec = {
        .size_bytes = sizeof spec, .fn = on_call, .arg = arg_of_attempt(), .slack_ns = MS};
    return written(mr_timer_start_with(loop, &spec, &out), &out.id);
}

static mr_status do_timer_reset(void)
{
    return mr_timer_reset(loop, timer, SEC);
}

static mr_status do_timer_reset_at(void)
{
    return mr_timer_reset_at(loop, timer, SEC);
}

static mr_status do_timer_cancel(void)
{
    return mr_timer_cancel(loop, timer);
}

static mr_status do_timer_ref(void)
{
    return mr_timer_ref(loop, timer);
}

static mr_status do_timer_unref(void)
{
    return mr_timer_unref(loop, timer);
}

static mr_status do_timer_cancel_elsewhere(void)
{
    return call_elsewhere(do_timer_cancel, false);
}

static mr_status do_timer_ref_elsewhere(void)
{
    return call_elsewhere(do_timer_ref, false);
}

static mr_status do_timer_unref_elsewhere(void)
{
    return call_elsewhere(do_timer_unref, false);
}

static mr_status do_timer_cancel_outcome(void)
{
    return mr_timer_cancel_outcome(loop, timer, on_outcome, arg_of_attempt());
}

static mr_status do_timer_cancel_many(void)
{
    mr_status statuses[2] = {77, 77};
    mr_status status = mr_timer_cancel_many(loop, &timer, 1, statuses);
    EXPECT(statuses[0] == status && statuses[1] == 77);
    return status;
}

/* ---- watch.h, hooks.h, sim.h, status.h, version.h ---- */

static mr_status do_watch_add(void)
{
    mr_watch out = {untouched};
    return written(mr_watch_add(loop, pipes[attempt][0], MR_READ, on_event, arg_of_attempt(), &out),
                   &out.id);
}

static mr_status do_watch_add_paused(void)
{
    mr_watch out = {untouched};
    return written(mr_watch_add(loop, pipes[attempt][0], 0, on_event, arg_of_attempt(), &out),
                   &out.id);
}

static mr_status do_watch_add_with(void)
{
    mr_watch out = {untouched};
    return written(mr_watch_add_with(loop, pipes[attempt][0], MR_READ, on_event, arg_of_attempt(),
                                     on_own_discard, &out),
                   &out.id);
}

static mr_status do_watch_modify(void)
{
    return mr_watch_modify(loop, watch, MR_WRITE);
}

static mr_status do_watch_remove(void)
{
    return mr_watch_remove(loop, watch, on_call, arg_of_attempt());
}

static mr_status do_watch_add_wait(void)
{
    mr_watch out = {untouched};
    return written(mr_watch_add_wait(loop, pipes[attempt][0], MR_READ, on_event, arg_of_attempt(),
                                     FOR_EVER, &out),
                   &out.id);
}

static mr_status do_watch_add_wait_elsewhere(void)
{
    return call_elsewhere(do_watch_add_wait, true);
}

static mr_status do_watch_add_wait_with(void)
{
    mr_watch out = {untouched};
    return written(mr_watch_add_wait_with(loop, pipes[attempt][0], MR_READ, on_event,
                                          arg_of_attempt(), on_own_discard, FOR_EVER, &out),
                   &out.id);
}

static mr_status do_watch_add_wait_with_elsewhere(void)
{
    return call_elsewhere(do_watch_add_wait_with, true);
}

static mr_status do_watch_modify_wait(void)
{
    return mr_watch_modify_wait(loop, watch, MR_READ, FOR_EVER);
}

static mr_status do_watch_modify_wait_elsewhere(void)
{
    return call_elsewhere(do_watch_modify_wait, true);
}

static mr_status do_watch_remove_wait(void)
{
    return mr_watch_remove_wait(loop, watch, on_call, arg_of_attempt(), FOR_EVER);
}

static mr_status do_watch_remove_wait_elsewhere(void)
{
    return call_elsewhere(do_watch_remove_wait, true);
}

/* A watch and nothing that a turn would run. */
static void one_watch(void)
{
    EXPECT(mr_watch_add(loop, pipes[0][0], MR_READ, on_event, NULL, &watch) == 0);
}

static mr_status do_watch_ref(void)
{
    return mr_watch_ref(loop, watch);
}

static mr_status do_watch_unref(void)
{
    return mr_watch_unref(loop, watch);
}

static const mr_hooks hooks[WARM_MOST] = {{.size_bytes = sizeof(mr_hooks)},
                                          {.size_bytes = sizeof(mr_hooks)},
                                          {.size_bytes = sizeof(mr_hooks)},
                                          {.size_bytes = sizeof(mr_hooks)},
                                          {.size_bytes = sizeof(mr_hooks)}};

static mr_status do_hooks_attach(void)
{
    return mr_hooks_attach(loop, &hooks[0]);
}

static void hooked(void)
{
    EXPECT(do_hooks_attach() == 0);
}

static mr_status do_hooks_detach(void)
{
    return mr_hooks_detach(loop, &hooks[0]);
}

static uint64_t step_once(mr_loop *of, void *arg)
{
    EXPECT(of == loop);
    on_call(arg);
    return MR_SIM_DONE;
}

static mr_status do_sim_advance(void)
{
    return mr_sim_advance(loop, MS);
}

static mr_status do_sim_actor(void)
{
    return mr_sim_actor(loop, 0, step_once, arg_of_attempt());
}

static int sim_fds[2];

static mr_status do_sim_pipe(void)
{
    int made_fds[2] = {-1, -1};
    mr_status status = mr_sim_pipe(loop, made_fds);
    EXPECT((status == 0) == (made_fds[0] >= 0) && (status == 0) == (made_fds[1] >= 0));
    return status;
}

static void one_sim_pipe(void)
{
    EXPECT(mr_sim_pipe(loop, sim_fds) == 0);
}

static mr_status do_sim_stream(void)
{
    char byte = 'x';
    size_t written = 0, read = 0;
    mr_status status = mr_sim_write(loop, sim_fds[0], &byte, 1, &written);
    if (status == 0)
        status = mr_sim_read(loop, sim_fds[1], &byte, 1, &read);
    EXPECT(status != 0 || (written == 1 && read == 1));
    return status;
}

static mr_status do_sim_close(void)
{
    mr_status status = mr_sim_end(loop, sim_fds[0]);
    return status != 0 ? status : mr_sim_close(loop, sim_fds[0]);
}

static mr_status do_say(void)
{
    EXPECT(mr_status_name(MR_ENOMEM) != NULL && mr_status_text(MR_ENOMEM) != NULL);
    EXPECT(mr_status_js_class(MR_ENOMEM) != NULL && mr_version() != NULL);
    return 0;
}

/* ---- the table ---- */

static const row rows[] = {
    {"mr_loop_create", do_create, NULL, 0, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_loop_create", do_create_simulated, NULL, 0, {MR_ENOMEM}},
    {"mr_loop_ref", do_ref, NULL, REPEATS, {0}},
    {"mr_loop_unref", do_unref, made_with_work, 0, {0}},
    {"mr_loop_run", do_run, some_work_and_an_end, 0, {MR_EPOLLER}},
    {"mr_loop_turn", do_turn, some_work, 0, {MR_EPOLLER}},
    {"mr_loop_shutdown", do_shutdown, some_work, 0, {0}},
    {"mr_loop_close", do_close, some_work, 0, {0}},
    {"mr_loop_request_close", do_request_close, some_work, 0, {0}},
    {"mr_loop_wake", do_wake, NULL, REPEATS, {0}},
    {"mr_loop_state", do_state, NULL, REPEATS, {0}},
    {"mr_loop_alive", do_alive, some_work, REPEATS, {0}},
    {"mr_loop_now", do_now, NULL, REPEATS, {0}},
    {"mr_loop_hold", do_hold, NULL, REPEATS, {0}},
    {"mr_loop_release", do_hold_release, NULL, REPEATS, {0}},
    {"mr_loop_set_park", do_set_park, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_loop_set_park", do_set_park_elsewhere, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_loop_get_stats", do_get_stats, some_work, REPEATS, {0}},
    {"mr_loop_after_fork", do_after_fork, forked_with_watches, NUMBERLESS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_submit", do_submit, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_submit", do_submit_elsewhere, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_submit_with", do_submit_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_submit_many", do_submit_many, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_submit_internal", do_submit_internal, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_submit_internal_with", do_submit_internal_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_next_tick", do_next_tick, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_next_tick_with", do_next_tick_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_microtask", do_microtask, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_microtask_with", do_microtask_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_checkpoint_end", do_checkpoint_end, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_checkpoint_end_with", do_checkpoint_end_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_close_callback", do_close_callback, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_close_callback_with", do_close_callback_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_immediate_start", do_immediate_start, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_immediate_start_with", do_immediate_start_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_immediate_cancel", do_immediate_cancel, some_work, 0, {0}},
    {"mr_immediate_ref", do_immediate_ref, some_work, REPEATS, {0}},
    {"mr_immediate_unref", do_immediate_unref, some_work, REPEATS, {0}},
    {"mr_timer_start", do_timer_start, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_timer_start_at", do_timer_start_at, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_timer_repeat", do_timer_repeat, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_timer_start_with", do_timer_start_with, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_timer_reset", do_timer_reset, some_work, REPEATS, {0}},
    {"mr_timer_reset_at", do_timer_reset_at, some_work, REPEATS, {0}},
    {"mr_timer_cancel", do_timer_cancel, some_work, 0, {0}},
    {"mr_timer_cancel", do_timer_cancel_elsewhere, some_work, REPEATS, {MR_ENOMEM}},
    {"mr_timer_ref", do_timer_ref, some_work, REPEATS, {0}},
    {"mr_timer_ref", do_timer_ref_elsewhere, some_work, REPEATS, {MR_ENOMEM}},
    {"mr_timer_unref", do_timer_unref, some_work, REPEATS, {0}},
    {"mr_timer_unref", do_timer_unref_elsewhere, some_work, REPEATS, {MR_ENOMEM}},
    {"mr_timer_cancel_outcome", do_timer_cancel_outcome, some_work, REPEATS, {MR_ENOMEM}},
    {"mr_timer_cancel_many", do_timer_cancel_many, some_work, 0, {0}},
    {"mr_watch_add", do_watch_add, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_add", do_watch_add_paused, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT, MR_EBADF}},
    {"mr_watch_add_with", do_watch_add_with, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_modify", do_watch_modify, some_work, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_remove", do_watch_remove, some_work, 0, {MR_ENOMEM}},
    {"mr_watch_add_wait", do_watch_add_wait, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_add_wait", do_watch_add_wait_elsewhere, NULL, 0, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_add_wait_with", do_watch_add_wait_with, NULL, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_add_wait_with", do_watch_add_wait_with_elsewhere, NULL, 0, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_modify_wait", do_watch_modify_wait, one_watch, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_watch_modify_wait",
     do_watch_modify_wait_elsewhere,
     one_watch,
     0,
     {MR_ENOMEM, MR_ELIMIT, MR_ECLOSED}},
    {"mr_watch_remove_wait", do_watch_remove_wait, one_watch, 0, {MR_ENOMEM}},
    {"mr_watch_remove_wait", do_watch_remove_wait_elsewhere, one_watch, 0, {MR_ENOMEM, MR_ECLOSED}},
    {"mr_watch_ref", do_watch_ref, some_work, REPEATS, {0}},
    {"mr_watch_unref", do_watch_unref, some_work, REPEATS, {0}},
    {"mr_hooks_attach", do_hooks_attach, NULL, 0, {0}},
    {"mr_hooks_detach", do_hooks_detach, hooked, 0, {0}},
    {"mr_sim_advance", do_sim_advance, NULL, REPEATS | SIMULATED, {0}},
    {"mr_sim_actor", do_sim_actor, NULL, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_sim_pipe", do_sim_pipe, NULL, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_sim_read mr_sim_write", do_sim_stream, one_sim_pipe, REPEATS | SIMULATED, {0}},
    {"mr_sim_end mr_sim_close", do_sim_close, one_sim_pipe, SIMULATED, {0}},
    {"mr_status_name mr_status_text mr_status_js_class mr_version", do_say, NULL, 0, {0}},
};

static void K4_each_failed_allocation_leaves_everything_as_it_was(void **state)
{
    (void)state;
    assert_true(every_n(&of_memory, rows, COUNT_OF(rows)) > 100);
}

static void K4_each_failed_system_call_leaves_everything_as_it_was(void **state)
{
    (void)state;
    assert_true(every_n(&of_system, rows, COUNT_OF(rows)) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_leaves_everything_as_it_was),
        SCENARIO(K4_each_failed_system_call_leaves_everything_as_it_was),
    };
    return RUN_SCENARIOS(tests);
}
