/* Scenarios W1 to W4 of promises: another thread waits for what a call on the owner makes. */
#include "promise_reports.h"

static const mr_promise_state no_state = (mr_promise_state)77;

typedef struct making {
    mr_status status;
    mr_value value;      /* passes */
    mr_settler *settler; /* make a pending promise instead */
    _Atomic unsigned calls;
    gate called;
} making;

static mr_status make(void *arg, mr_value *out_value)
{
    making *m = arg;
    EXPECT(mr_loop_now(loop) != 0 && out_value->kind == MR_VALUE_UNDEFINED);
    *out_value = m->settler != NULL ? mr_value_promise(pending(m->settler)) : m->value;
    atomic_fetch_add(&m->calls, 1);
    gate_open(&m->called);
    return m->status;
}

static runner awaited;

static void begin_running(mr_park park)
{
    begin_observed(park);
    runner_start(&awaited);
    wait_for_state(MR_STATE_SLEEPING);
}

static void end_running(void)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&awaited), 0);
    assert_story("");
    check_promises(0, true);
    check_reports(loop);
    leave_loop();
}

/* What mr_await gives; its value is left to the caller where it is one. */
static mr_status await(making *m, uint64_t timeout_ns, mr_promise_state *out_state, mr_value *out)
{
    *out_state = no_state;
    *out = mr_value_int(-77);
    m->called = (gate)GATE;
    mr_status status = mr_await(loop, make, m, timeout_ns, out_state, out);
    if (status != 0)
        EXPECT(*out_state == no_state && number_of(*out) == -77);
    return status;
}

static void W1_await_gives_a_value_an_error_and_what_a_promise_becomes(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_promise_state how;
        mr_value value;
        begin_running(park);
        making m = {.value = custom_of(&counted_type, 1)};
        assert_int_equal(await(&m, FOR_EVER, &how, &value), 0);
        assert_int_equal(how, MR_PROMISE_FULFILLED);
        assert_int_equal(custom_number(value), 1);
        mr_value_release(value);

        m = (making){.status = MR_EIO, .value = custom_of(&counted_type, 2)};
        assert_int_equal(await(&m, FOR_EVER, &how, &value), 0);
        assert_int_equal(how, MR_PROMISE_REJECTED);
        assert_int_equal(custom_number(value), 2);
        mr_value_release(value);

        m = (making){.status = MR_EIO}; /* without a reason: an error of the code */
        assert_int_equal(await(&m, SEC, &how, &value), 0);
        assert_int_equal(how, MR_PROMISE_REJECTED);
        assert_int_equal(code_of(value), MR_EIO);
        mr_value_release(value);

        m = (making){.value = custom_of(&counted_type, 3)};
        assert_int_equal(mr_await(loop, make, &m, FOR_EVER, NULL, NULL), 0);
        end_running();
    }
}

typedef struct settling {
    making *making;
    bool rejects;
} settling;

static void *settle_when_called(void *arg)
{
    const settling *s = arg;
    gate_wait(&s->making->called);
    mr_status (*settle)(mr_loop *, mr_settler, mr_value) =
        s->rejects ? mr_settler_reject : mr_settler_resolve;
    EXPECT(settle(loop, *s->making->settler, custom_of(&counted_type, 4)) == 0);
    return NULL;
}

static void W1_await_waits_for_a_promise_that_others_settle(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_running(park);
        for (unsigned rejects = 0; rejects < 2; rejects++) {
            mr_settler settler;
            making m = {.settler = &settler, .called = GATE};
            settling s = {&m, rejects};
            mr_promise_state how = no_state;
            mr_value value;
            pthread_t thread = thread_start(settle_when_called, &s);
            assert_int_equal(mr_await(loop, make, &m, FOR_EVER, &how, &value), 0);
            thread_join(thread);
            assert_int_equal(how, rejects ? MR_PROMISE_REJECTED : MR_PROMISE_FULFILLED);
            assert_int_equal(custom_number(value), 4);
            mr_value_release(value);
        }
        end_running();
    }
}

static void W3_await_releases_a_result_that_comes_after_its_timeout(void **state)
{
    (void)state;
    for (unsigned rejects = 0; rejects < 2; rejects++) {
        mr_settler settler;
        mr_promise_state how;
        mr_value value;
        begin_running(MR_PARK_AUTO);
        making m = {.settler = &settler};
        uint64_t start = real_now();
        assert_int_equal(await(&m, 5 * MS, &how, &value), MR_ETIMEDOUT);
        assert_true(real_now() - start >= 5 * MS);
        gate_wait(&m.called);
        settling s = {&m, rejects};
        settle_when_called(&s);
        end_running(); /* nothing reported, no object left */
    }
}

static void W3_await_may_time_out_before_its_call_is_made(void **state)
{
    (void)state;
    hold held = HOLD;
    mr_promise_state how;
    mr_value value;
    begin_running(MR_PARK_AUTO);
    submit(hold_here, &held);
    gate_wait(&held.reached);
    making m = {.value = custom_of(&counted_type, 1)};
    assert_int_equal(await(&m, MS, &how, &value), MR_ETIMEDOUT);
    assert_int_equal(atomic_load(&m.calls), 0);
    gate_open(&held.go);
    gate_wait(&m.called); /* it is made all the same */
    end_running();
    assert_int_equal(atomic_load(&m.calls), 1);
}

typedef struct awaiter {
    making making;
    mr_status status;
} awaiter;

static void *awaiter_main(void *arg)
{
    awaiter *a = arg;
    a->status = mr_await(loop, make, &a->making, FOR_EVER, NULL, NULL);
    return NULL;
}

static void W4_await_is_closed_when_the_loop_ends_before_the_promise_settles(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        for (unsigned close = 0; close < 2; close++) {
            mr_settler settler;
            awaiter a = {.making = {.settler = &settler, .called = GATE}};
            begin_running(park);
            pthread_t thread = thread_start(awaiter_main, &a);
            gate_wait(&a.making.called);
            assert_int_equal(close ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER), 0);
            thread_join(thread);
            assert_int_equal(a.status, MR_ECLOSED);
            assert_int_equal(runner_join(&awaited), close ? MR_ECANCELED : 0);
            a.making.calls = 0;
            assert_int_equal(mr_await(loop, make, &a.making, FOR_EVER, NULL, NULL), MR_ECLOSED);
            assert_int_equal(a.making.calls, 0);
            check_promises(0, true);
            leave_loop();
        }
    }
}

static void W4_await_is_closed_when_its_call_is_discarded(void **state)
{
    (void)state;
    hold held = HOLD;
    awaiter a = {.making = {.called = GATE}};
    begin_running(MR_PARK_AUTO);
    submit(hold_here, &held);
    gate_wait(&held.reached);
    pthread_t thread = thread_start(awaiter_main, &a);
    while (counts(MR_KIND_TASK).accepted != 2)
        rest(20000);
    assert_int_equal(mr_loop_request_close(loop), 0);
    gate_open(&held.go);
    thread_join(thread);
    assert_int_equal(a.status, MR_ECLOSED);
    assert_int_equal(a.making.calls, 0);
    assert_int_equal(runner_join(&awaited), MR_ECANCELED);
    assert_int_equal(counts(MR_KIND_TASK).discarded, 1);
    check_promises(0, true);
    leave_loop();
}

static void W4_await_on_a_full_queue_is_refused(void **state)
{
    (void)state;
    hold held = HOLD;
    mr_promise_state how;
    mr_value value;
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.max_external = 2;
    begin_with(&options);
    observe();
    runner_start(&awaited);
    submit(hold_here, &held);
    gate_wait(&held.reached);
    submit(nothing, NULL);
    submit(nothing, NULL);
    making m = {.value = custom_of(&counted_type, 1)};
    assert_int_equal(await(&m, FOR_EVER, &how, &value), MR_EBACKPRESSURE);
    gate_open(&held.go);
    while (counts(MR_KIND_TASK).run != 3)
        rest(20000);
    assert_int_equal(m.calls, 0); /* what it would have made is the caller's */
    assert_int_equal(await(&m, FOR_EVER, &how, &value), 0);
    assert_int_equal(m.calls, 1);
    mr_value_release(value);
    end_running();
}

static void await_in_callback(void *arg)
{
    mr_promise_state how;
    mr_value value;
    EXPECT(await(arg, FOR_EVER, &how, &value) == MR_EDEADLOCK);
}

static void W4_await_on_the_owner_would_deadlock(void **state)
{
    (void)state;
    mr_promise_state how;
    mr_value value;
    making m = {.value = mr_value_int(1)};
    begin_observed(MR_PARK_AUTO);
    assert_int_equal(await(&m, FOR_EVER, &how, &value), MR_EDEADLOCK);
    assert_int_equal(await(&m, 0, &how, &value), MR_EDEADLOCK);
    in_task(await_in_callback, &m);
    assert_int_equal(mr_await(NULL, make, &m, 0, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_await(loop, NULL, &m, 0, NULL, NULL), MR_EINVAL);
    assert_int_equal(m.calls, 0);
    assert_int_equal(counts(MR_KIND_TASK).attempted, 1);
    finish_observed();
}

/* ---- in a simulation ---- */

static mr_waiter *simulated;
static making simulated_making;

static void resolve_simulated(void *arg)
{
    resolve_int(*(mr_settler *)arg, 8);
}

static uint64_t waiting_actor(mr_loop *of, void *arg)
{
    (void)arg;
    mr_promise_state how = no_state;
    EXPECT(mr_waiter_wait(simulated, FOR_EVER, &how, NULL) == MR_ETIMEDOUT && how == no_state);
    EXPECT(mr_await(of, make, &simulated_making, FOR_EVER, &how, NULL) == MR_ETIMEDOUT);
    return MR_SIM_DONE;
}

static uint64_t answered_actor(mr_loop *of, void *arg)
{
    (void)of, (void)arg;
    mr_promise_state how = no_state;
    mr_value value = {0};
    EXPECT(mr_waiter_wait(simulated, FOR_EVER, &how, &value) == 0);
    EXPECT(how == MR_PROMISE_FULFILLED && int_of(value) == 8);
    return MR_SIM_DONE;
}

static void W3_an_actor_times_out_at_once(void **state)
{
    (void)state;
    mr_settler settler;
    begin_simulated(1, 0, true);
    observe();
    simulated_making = (making){.value = custom_of(&counted_type, 9)};
    mr_promise *promise = pending(&settler);
    assert_int_equal(mr_promise_waiter(promise, &simulated), 0);
    mr_promise_unref(promise);
    assert_int_equal(mr_sim_actor(loop, MS, waiting_actor, NULL), 0);
    timer_in(2 * MS, resolve_simulated, &settler);
    assert_int_equal(mr_sim_actor(loop, 3 * MS, answered_actor, NULL), 0);
    timer_in(4 * MS, nothing, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(simulated_making.calls, 1);
    mr_waiter_unref(simulated);
    check_promises(0, true);
    leave_loop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(W1_await_gives_a_value_an_error_and_what_a_promise_becomes),
        SCENARIO(W1_await_waits_for_a_promise_that_others_settle),
        SCENARIO(W3_await_releases_a_result_that_comes_after_its_timeout),
        SCENARIO(W3_await_may_time_out_before_its_call_is_made),
        SCENARIO(W3_an_actor_times_out_at_once),
        SCENARIO(W4_await_is_closed_when_the_loop_ends_before_the_promise_settles),
        SCENARIO(W4_await_is_closed_when_its_call_is_discarded),
        SCENARIO(W4_await_on_a_full_queue_is_refused),
        SCENARIO(W4_await_on_the_owner_would_deadlock),
    };
    return RUN_SCENARIOS(tests);
}
