/* Scenario K4 for abort signals and time in promises; see faults.h. */
#include "faults.h"

static mr_abort_controller *controllers[2 * WARM_MOST];
static unsigned controller_count;
static mr_abort_signal *signals[4 * WARM_MOST];
static unsigned signal_count;
static mr_promise *promises[2 * WARM_MOST];
static unsigned promise_count;
static mr_settler settler;
static mr_abort_handler handlers[WARM_MOST];

/* In virtual time, until no timer is left: what is in its way then is told by the test's numbers. */
static void stage_clear(void)
{
    for (unsigned i = 0; i < promise_count; i++)
        mr_promise_unref(promises[i]);
    for (unsigned i = 0; i < signal_count; i++)
        mr_abort_signal_unref(signals[i]);
    for (unsigned i = 0; i < controller_count; i++)
        mr_abort_controller_unref(controllers[i]);
    promise_count = signal_count = controller_count = 0;
    EXPECT(mr_loop_turn(loop, 0) == 0);
    while (counts(MR_KIND_TIMER).pending != 0)
        EXPECT(mr_loop_turn(loop, SEC) == 0);
}

static void on_release(void *arg)
{
    called[(uintptr_t)arg] = true;
}

static void on_abort(mr_abort_signal *signal, mr_value reason, void *arg)
{
    EXPECT(mr_abort_signal_aborted(signal) && reason.kind != MR_VALUE_UNDEFINED);
    EXPECT(!called[(uintptr_t)arg]);
}

/* ---- abort.h ---- */

static mr_status do_controller_create(void)
{
    mr_abort_controller *out = (mr_abort_controller *)(uintptr_t)untouched;
    mr_status status = mr_abort_controller_create(loop, &out);
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status != 0)
        return status;
    controllers[controller_count++] = out;
    EXPECT(mr_abort_controller_id(out).id != 0);
    mr_abort_controller_unref(mr_abort_controller_ref(out));
    return 0;
}

static void one_controller(void)
{
    EXPECT(do_controller_create() == 0);
}

static mr_abort_signal *source(void)
{
    return mr_abort_controller_signal(controllers[0]);
}

static mr_status add_handler(mr_abort_signal *signal)
{
    mr_abort_handler out = {untouched};
    mr_status status = mr_abort_signal_on(signal, on_abort, arg_of_attempt(), on_release, &out);
    if (status == 0)
        handlers[attempt % WARM_MOST] = out;
    return written(status, &out.id);
}

static void with_handlers(void)
{
    one_controller();
    for (attempt = WARM_MOST; attempt > 0; attempt--)
        EXPECT(add_handler(source()) == 0);
}

static void aborted(void)
{
    one_controller();
    EXPECT(mr_abort(controllers[0], mr_value_int(1)) == 0);
}

static mr_status do_abort(void)
{
    mr_status status = mr_abort(controllers[0], mr_value_undefined());
    EXPECT(mr_abort_signal_aborted(source()) == (status == 0));
    EXPECT(called[1] == (status == 0));
    return status;
}

static mr_status do_abort_post(void)
{
    mr_status status =
        mr_abort_post(loop, mr_abort_controller_id(controllers[0]), mr_value_undefined());
    EXPECT(!mr_abort_signal_aborted(source()));
    return status;
}

static mr_status do_abort_post_elsewhere(void)
{
    return call_elsewhere(do_abort_post, false);
}

static mr_status keep(mr_status status, mr_abort_signal *out)
{
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status == 0)
        signals[signal_count++] = out;
    return status;
}

static mr_status do_abort_any(void)
{
    mr_abort_signal *out = (mr_abort_signal *)(uintptr_t)untouched, *of = source();
    mr_status status = mr_abort_any(loop, &of, 1, &out);
    return keep(status, out);
}

static mr_status do_abort_after(void)
{
    mr_abort_signal *out = (mr_abort_signal *)(uintptr_t)untouched;
    mr_status status = mr_abort_after(loop, SEC, &out);
    return keep(status, out);
}

static mr_status do_signal_look(void)
{
    mr_abort_signal *signal = mr_abort_signal_ref(source());
    EXPECT(mr_abort_signal_aborted(signal) && mr_abort_signal_check(signal) == MR_EABORT);
    EXPECT(mr_abort_signal_reason(signal).kind == MR_VALUE_INT);
    EXPECT(mr_abort_signal_loop(signal) == loop);
    mr_abort_signal_unref(signal);
    return 0;
}

static mr_status do_signal_on(void)
{
    return add_handler(source());
}

static mr_status do_signal_off(void)
{
    return mr_abort_signal_off(source(), handlers[1 + attempt % (WARM_MOST - 1)]);
}

/* ---- sleep.h ---- */

static mr_status keep_promise(mr_status status, mr_promise *out)
{
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status == 0)
        promises[promise_count++] = out;
    return status;
}

static mr_status do_sleep(void)
{
    mr_promise *out = (mr_promise *)(uintptr_t)untouched;
    mr_status status = mr_sleep(loop, SEC, source(), &out);
    return keep_promise(status, out);
}

static mr_status do_timeout(void)
{
    mr_promise *out = (mr_promise *)(uintptr_t)untouched;
    mr_status status = mr_timeout(loop, SEC, &out);
    return keep_promise(status, out);
}

static void one_pending(void)
{
    EXPECT(mr_promise_with_resolvers(loop, &promises[0], &settler) == 0);
    promise_count = 1;
}

static void one_rejected(void)
{
    EXPECT(mr_promise_reject(loop, mr_value_int(1), &promises[0]) == 0);
    promise_count = 1;
}

static mr_status do_deadline(void)
{
    mr_promise *out = (mr_promise *)(uintptr_t)untouched;
    mr_status status = mr_promise_deadline(promises[0], SEC, &out);
    return keep_promise(status, out);
}

/* ---- the table ---- */

static const row rows[] = {
    {"mr_abort_controller_create mr_abort_controller_ref mr_abort_controller_unref "
     "mr_abort_controller_signal mr_abort_controller_id",
     do_controller_create,
     NULL,
     REPEATS | SIMULATED,
     {MR_ENOMEM}},
    {"mr_abort", do_abort, with_handlers, SIMULATED, {MR_ENOMEM}},
    {"mr_abort_post", do_abort_post, one_controller, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_post", do_abort_post_elsewhere, one_controller, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_any", do_abort_any, one_controller, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_any", do_abort_any, aborted, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_after", do_abort_after, NULL, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_signal_ref mr_abort_signal_unref mr_abort_signal_aborted mr_abort_signal_reason "
     "mr_abort_signal_check mr_abort_signal_loop",
     do_signal_look,
     aborted,
     REPEATS | SIMULATED,
     {0}},
    {"mr_abort_signal_on", do_signal_on, one_controller, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_signal_on", do_signal_on, aborted, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_abort_signal_off", do_signal_off, with_handlers, SIMULATED, {0}},
    {"mr_sleep", do_sleep, one_controller, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_sleep", do_sleep, aborted, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_timeout", do_timeout, NULL, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_promise_deadline", do_deadline, one_pending, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_promise_deadline", do_deadline, one_rejected, REPEATS | SIMULATED, {MR_ENOMEM}},
};

static void K4_each_failed_allocation_leaves_signals_and_sleeps_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_memory, rows, COUNT_OF(rows)) > 50);
}

static void K4_each_failed_system_call_leaves_signals_and_sleeps_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_system, rows, COUNT_OF(rows)) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_leaves_signals_and_sleeps_as_they_were),
        SCENARIO(K4_each_failed_system_call_leaves_signals_and_sleeps_as_they_were),
    };
    return RUN_SCENARIOS(tests);
}
