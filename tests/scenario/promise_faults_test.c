/* Scenario K4 for promises; see faults.h. */
#include "faults.h"
#include "promise_scenario.h"

enum { KEPT = 64, PREPARED = WARM_MOST + 2, SIBLINGS = 3 };

/* ---- what the rows act on ---- */

static mr_promise *kept[KEPT]; /* let go at the end of a case */
static unsigned kept_n;
static mr_value custom; /* one, shared: its references must add up */
static mr_promise *inputs[PREPARED][SIBLINGS];
static mr_settler settlers[PREPARED][SIBLINGS];
static mr_promise *followed;
static mr_settler followed_settler;
static mr_waiter *waiter;
static unsigned attached, reacted, let_go; /* reactions of the setup */
static unsigned rejections;                /* that must be reported in the end */

/* What a call made, or left untouched. */
static mr_status keep(mr_status status, mr_promise *const *out_promise)
{
    EXPECT((status == 0) == ((uintptr_t)*out_promise != untouched));
    if (status == 0)
        kept[kept_n++] = *out_promise;
    return status;
}

static mr_promise *out_untouched(void)
{
    return (mr_promise *)(uintptr_t)untouched;
}

static mr_status on_reaction(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    reacted++;
    return 0;
}

static void on_let_go(void *arg)
{
    (void)arg;
    let_go++;
}

static void on_release(void *arg)
{
    called[(uintptr_t)arg] = true;
}

static void with_custom(void)
{
    kept_n = attached = reacted = let_go = rejections = 0;
    waiter = NULL;
    followed = NULL;
    custom = custom_of(&counted_type, 1);
    memset(inputs, 0, sizeof inputs);
}

static void stage_clear(void)
{
    bool ended = mr_loop_state(loop) == MR_STATE_CLOSED; /* by a failure of the poller */
    for (unsigned i = 0; i < 4 && !ended; i++)
        turn();
    EXPECT(promise_stats().unhandled == rejections);
    if (!ended)
        shut_down_turned();
    EXPECT(reacted == attached && let_go == attached);
    while (kept_n != 0)
        mr_promise_unref(kept[--kept_n]);
    for (unsigned i = 0; i < PREPARED * SIBLINGS; i++)
        mr_promise_unref(inputs[i / SIBLINGS][i % SIBLINGS]);
    mr_promise_unref(followed);
    mr_waiter_unref(waiter);
    mr_value_release(custom);
    EXPECT(atomic_load(&customs_alive) == 0);
    EXPECT(live_promises() == 0 && promise_stats().waiters == 0);
}

/* ---- setups ---- */

static void reactions_on(mr_promise *promise)
{
    for (unsigned i = 0; i < SIBLINGS; i++) {
        const mr_reaction reaction = {on_reaction, on_reaction, NULL, on_let_go};
        EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
        attached++;
    }
}

static void prepared(bool with_reactions)
{
    with_custom();
    for (unsigned i = 0; i < PREPARED * SIBLINGS; i++) {
        mr_promise **at = &inputs[i / SIBLINGS][i % SIBLINGS];
        *at = pending(&settlers[i / SIBLINGS][i % SIBLINGS]);
        if (with_reactions)
            reactions_on(*at);
    }
}

static void pending_inputs(void)
{
    prepared(false);
}

static void reacted_inputs(void)
{
    prepared(true);
}

static void settled_inputs(void)
{
    prepared(false);
    for (unsigned i = 0; i < PREPARED * SIBLINGS; i++)
        resolve_int(settlers[i / SIBLINGS][i % SIBLINGS], 1);
}

/* Rejected and reported: attaching tells of it. */
static void reported_inputs(void)
{
    prepared(false);
    for (unsigned i = 0; i < PREPARED * SIBLINGS; i++)
        reject_int(settlers[i / SIBLINGS][i % SIBLINGS], 1);
    turn();
    rejections = PREPARED * SIBLINGS;
}

static void inputs_and_a_followed(void)
{
    prepared(true);
    followed = pending(&followed_settler);
}

static void inputs_and_a_settled_followed(void)
{
    inputs_and_a_followed();
    resolve_int(followed_settler, 1);
}

static void with_stacks(void)
{
    const mr_promise_options options = {.size_bytes = sizeof options, .debug_stacks = 8};
    with_custom();
    EXPECT(mr_promise_configure(loop, &options) == 0);
}

/* ---- making ---- */

static mr_status do_with_resolvers(void)
{
    mr_promise *out = out_untouched();
    mr_settler settler = {untouched};
    mr_status status = mr_promise_with_resolvers(loop, &out, &settler);
    EXPECT((status == 0) == (settler.id != untouched));
    return keep(status, &out);
}

static mr_status do_with_settler_alone(void)
{
    mr_settler settler = {untouched};
    return written(mr_promise_with_resolvers(loop, NULL, &settler), &settler.id);
}

/* A value that passes on success and stays the caller's otherwise. */
static mr_status keep_value(mr_status status, mr_promise *const *out, mr_value value)
{
    if (status != 0)
        mr_value_release(value);
    return keep(status, out);
}

static mr_status do_resolve(void)
{
    mr_promise *out = out_untouched();
    mr_value value = mr_value_ref(custom);
    return keep_value(mr_promise_resolve(loop, value, &out), &out, value);
}

static mr_status do_reject(void)
{
    mr_promise *out = out_untouched();
    mr_value value = mr_value_ref(custom);
    mr_status status = keep_value(mr_promise_reject(loop, value, &out), &out, value);
    rejections += status == 0;
    return status;
}

static mr_status try_value(void *arg, mr_value *out_value)
{
    called[(uintptr_t)arg] = true;
    *out_value = mr_value_ref(custom);
    return 0;
}

static mr_status try_code(void *arg, mr_value *out_value)
{
    (void)out_value;
    called[(uintptr_t)arg] = true;
    return MR_EIO;
}

static mr_status do_try(void)
{
    mr_promise *out = out_untouched();
    return keep(mr_promise_try(loop, try_value, arg_of_attempt(), &out), &out);
}

static mr_status do_try_code(void)
{
    mr_promise *out = out_untouched();
    mr_status status = keep(mr_promise_try(loop, try_code, arg_of_attempt(), &out), &out);
    rejections += status == 0;
    EXPECT(status != 0 || is_rejected_by(out, MR_EIO) || is_rejected_by(out, MR_ENOMEM));
    return status;
}

static mr_status do_read(void)
{
    mr_promise *promise = inputs[0][0];
    EXPECT(mr_promise_ref(promise) == promise);
    EXPECT(is_pending(promise) && is_undefined(mr_promise_value(promise)));
    EXPECT(is_undefined(mr_promise_reason(promise)) && mr_promise_loop(promise) == loop);
    EXPECT(mr_promise_creation(promise).n == 0);
    mr_promise_unref(promise);
    return 0;
}

/* ---- chaining ---- */

static mr_reaction reaction_of_attempt(void)
{
    return (mr_reaction){NULL, NULL, arg_of_attempt(), on_release};
}

/* Each attempt on the same promise: inline, then one more, and so on. */
static mr_status do_then(void)
{
    mr_promise *out = out_untouched();
    const mr_reaction reaction = reaction_of_attempt();
    return keep(mr_promise_then(inputs[0][0], &reaction, &out), &out);
}

static mr_status never(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    return 0;
}

static mr_status do_then_without_child(void)
{
    const mr_reaction reaction = {never, never, arg_of_attempt(), on_release};
    return mr_promise_then(inputs[0][0], &reaction, NULL);
}

static mr_status do_catch(void)
{
    mr_promise *out = out_untouched();
    return keep(mr_promise_catch(inputs[0][0], never, arg_of_attempt(), on_release, &out), &out);
}

static mr_status do_finally(void)
{
    mr_promise *out = out_untouched();
    return keep(mr_promise_finally(inputs[0][0], never, arg_of_attempt(), on_release, &out), &out);
}

/* ---- settling ---- */

static mr_status do_settler_resolve(void)
{
    return mr_settler_resolve(loop, settlers[attempt][0], mr_value_ref(custom));
}

static mr_status do_settler_reject(void)
{
    return mr_settler_reject(loop, settlers[attempt][0], mr_value_ref(custom));
}

static mr_status do_settler_follow(void)
{
    return mr_settler_resolve(loop, settlers[attempt][0], holding(followed));
}

static mr_status do_settler_cycle(void)
{
    mr_promise *promise = inputs[attempt][0];
    mr_status status = mr_settler_resolve(loop, settlers[attempt][0], holding(promise));
    EXPECT(is_rejected_by(promise, MR_ECYCLE) || is_rejected_by(promise, MR_ENOMEM));
    return status;
}

static mr_status build_custom(void *arg, mr_value *out_value)
{
    (void)arg;
    *out_value = mr_value_ref(custom);
    return 0;
}

static mr_status do_resolve_with(void)
{
    return mr_settler_resolve_with(loop, settlers[attempt][0], build_custom, NULL);
}

static mr_status do_resolve_elsewhere(void)
{
    return call_elsewhere(do_settler_resolve, false);
}

static mr_status do_reject_elsewhere(void)
{
    return call_elsewhere(do_settler_reject, false);
}

static mr_status do_resolve_with_elsewhere(void)
{
    return call_elsewhere(do_resolve_with, false);
}

/* The reactions, and what they make, without memory. */
static mr_status do_settle_and_turn(void)
{
    mr_status status = do_settler_resolve();
    turn();
    return status;
}

static mr_status do_follow_and_turn(void)
{
    mr_status status = do_settler_follow();
    turn();
    return status;
}

static mr_status return_own(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg;
    reacted++;
    *out_value = mr_value_ref(custom);
    return 0;
}

static mr_status return_followed(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg;
    reacted++;
    *out_value = holding(followed);
    return 0;
}

/* Whatever fails inside, what comes of finally is settled. */
static mr_status do_finally_and_turn(void)
{
    mr_promise *children[2];
    mr_status status =
        mr_promise_finally(inputs[attempt][0], return_own, NULL, on_let_go, &children[0]);
    if (status != 0)
        return status;
    attached++;
    kept[kept_n++] = children[0];
    mr_promise *waits = inputs[attempt][1];
    status = mr_promise_finally(waits, return_followed, NULL, on_let_go, &children[1]);
    if (status == 0) {
        attached++;
        kept[kept_n++] = children[1];
        resolve_int(settlers[attempt][1], 2);
    }
    resolve_int(settlers[attempt][0], 1);
    for (unsigned i = 0; i < 3; i++)
        turn();
    EXPECT(is_fulfilled_with(children[0], 1) || is_rejected_by(children[0], MR_ENOMEM));
    rejections += !is_fulfilled_with(children[0], 1);
    if (status == 0) {
        EXPECT(is_fulfilled_with(children[1], 2) || is_rejected_by(children[1], MR_ENOMEM));
        rejections += !is_fulfilled_with(children[1], 2);
    }
    return 0;
}

/* ---- combinators ---- */

typedef mr_status combinator(mr_loop *of, const mr_value *values, size_t n, mr_promise **out);

/* A plain value, the inputs of the attempt, one of them twice. */
static mr_status combined(combinator *combine)
{
    mr_promise *out = out_untouched();
    mr_value values[SIBLINGS + 2] = {mr_value_ref(custom)};
    for (unsigned i = 0; i <= SIBLINGS; i++)
        values[i + 1] = holding(inputs[attempt][i % SIBLINGS]);
    mr_status status = combine(loop, values, COUNT_OF(values), &out);
    for (unsigned i = 0; i < COUNT_OF(values) && status != 0; i++)
        mr_value_release(values[i]);
    return keep(status, &out);
}

static mr_status do_all(void)
{
    return combined(mr_promise_all);
}

static mr_status do_all_settled(void)
{
    return combined(mr_promise_all_settled);
}

static mr_status do_any(void)
{
    return combined(mr_promise_any);
}

static mr_status do_race(void)
{
    return combined(mr_promise_race);
}

/* All rejected: an aggregate that cannot be made is an error of memory. */
static mr_status do_any_rejected(void)
{
    mr_promise *out = NULL;
    mr_value values[1] = {holding(inputs[attempt][0])};
    mr_status status = mr_promise_any(loop, values, 1, &out);
    if (status != 0) {
        mr_value_release(values[0]);
        return status;
    }
    kept[kept_n++] = out;
    reject_int(settlers[attempt][0], 1);
    for (unsigned i = 0; i < 3; i++)
        turn();
    EXPECT(is_rejected_by(out, MR_EAGGREGATE) || is_rejected_by(out, MR_ENOMEM));
    rejections++;
    return 0;
}

static mr_status do_settled_at(void)
{
    EXPECT(mr_settled_at(custom, 0, NULL, NULL) == MR_EINVAL);
    return 0;
}

/* ---- waiting ---- */

static mr_status do_waiter(void)
{
    mr_waiter *out = (mr_waiter *)(uintptr_t)untouched;
    mr_status status = mr_promise_waiter(inputs[0][attempt % SIBLINGS], &out);
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status == 0) {
        mr_waiter_unref(waiter);
        waiter = out;
    }
    return status;
}

static void one_waiter(void)
{
    settled_inputs();
    EXPECT(mr_promise_waiter(inputs[0][0], &waiter) == 0);
}

static mr_status do_wait(void)
{
    mr_value value;
    mr_promise_state state = MR_PROMISE_PENDING;
    mr_status status = mr_waiter_wait(waiter, 0, &state, &value);
    EXPECT(state == MR_PROMISE_FULFILLED && int_of(value) == 1);
    return status;
}

static mr_status await(void)
{
    mr_value value = mr_value_undefined();
    mr_promise_state state = MR_PROMISE_PENDING;
    mr_status status = mr_await(loop, try_value, arg_of_attempt(), FOR_EVER, &state, &value);
    EXPECT((status == 0) == (state == MR_PROMISE_FULFILLED));
    EXPECT((status == 0) == (custom_number(value) == 1));
    mr_value_release(value);
    return status;
}

static mr_status do_await(void)
{
    return call_elsewhere(await, true);
}

/* ---- the rest ---- */

static mr_status do_configure(void)
{
    const mr_promise_options options = {.size_bytes = sizeof options, .debug_stacks = 4};
    return mr_promise_configure(loop, &options);
}

static void each_promise(mr_promise *promise, uint64_t age_ns, mr_creation creation, void *arg)
{
    (void)age_ns, (void)creation;
    ++*(unsigned *)arg;
    EXPECT(is_pending(promise));
}

static mr_status do_each(void)
{
    unsigned n = 0;
    mr_status status = mr_promise_each(loop, each_promise, &n);
    EXPECT(n == PREPARED * SIBLINGS);
    return status;
}

static mr_status do_get_promise_stats(void)
{
    mr_promise_stats stats = {.live = untouched};
    return written(mr_promise_get_stats(loop, &stats), &stats.live);
}

/* ---- the table ---- */

/* Combinators: the jobs that a failed one leaves in the queue are counted, and find nothing to do. */
enum { LEAVES_JOBS = NUMBERLESS };

static const row rows[] = {
    {"mr_promise_with_resolvers", do_with_resolvers, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_with_resolvers", do_with_resolvers, with_stacks, REPEATS, {MR_ENOMEM}},
    {"mr_promise_with_resolvers", do_with_settler_alone, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_resolve", do_resolve, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_reject", do_reject, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_try", do_try, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_try", do_try_code, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_ref mr_promise_unref mr_promise_get_state mr_promise_value mr_promise_reason "
     "mr_promise_loop mr_promise_creation",
     do_read,
     pending_inputs,
     REPEATS,
     {0}},
    {"mr_promise_then", do_then, pending_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_then", do_then, settled_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_then", do_then_without_child, pending_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_then", do_then_without_child, reported_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_catch", do_catch, pending_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_catch", do_catch, settled_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_finally", do_finally, pending_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_finally", do_finally, settled_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_finally", do_finally_and_turn, inputs_and_a_settled_followed, 0, {MR_ENOMEM}},
    {"mr_settler_resolve", do_settler_resolve, reacted_inputs, REPEATS, {0}},
    {"mr_settler_resolve", do_settler_follow, inputs_and_a_followed, REPEATS, {0}},
    {"mr_settler_resolve", do_settler_follow, inputs_and_a_settled_followed, REPEATS, {0}},
    {"mr_settler_resolve", do_settler_cycle, reacted_inputs, REPEATS, {0}},
    {"mr_settler_resolve", do_settle_and_turn, reacted_inputs, REPEATS, {0}},
    {"mr_settler_resolve", do_follow_and_turn, inputs_and_a_settled_followed, REPEATS, {0}},
    {"mr_settler_resolve", do_resolve_elsewhere, reacted_inputs, REPEATS, {0}},
    {"mr_settler_reject", do_settler_reject, reacted_inputs, REPEATS, {0}},
    {"mr_settler_reject", do_reject_elsewhere, reacted_inputs, REPEATS, {0}},
    {"mr_settler_resolve_with", do_resolve_with, reacted_inputs, REPEATS, {0}},
    {"mr_settler_resolve_with", do_resolve_with_elsewhere, reacted_inputs, REPEATS, {0}},
    {"mr_promise_all", do_all, pending_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_all", do_all, settled_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_all_settled", do_all_settled, reported_inputs, LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_all_settled", do_all_settled, pending_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_all_settled", do_all_settled, settled_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_any", do_any, pending_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_any", do_any, settled_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_any", do_any_rejected, pending_inputs, LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_race", do_race, pending_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_promise_race", do_race, settled_inputs, REPEATS | LEAVES_JOBS, {MR_ENOMEM}},
    {"mr_settled_at", do_settled_at, with_custom, REPEATS, {0}},
    {"mr_promise_waiter", do_waiter, pending_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_promise_waiter", do_waiter, settled_inputs, REPEATS, {MR_ENOMEM}},
    {"mr_waiter_wait mr_waiter_unref", do_wait, one_waiter, REPEATS, {0}},
    {"mr_await", do_await, with_custom, REPEATS | NUMBERLESS, {MR_ENOMEM, MR_EPOLLER}},
    {"mr_promise_configure", do_configure, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_promise_each", do_each, pending_inputs, REPEATS, {0}},
    {"mr_promise_get_stats", do_get_promise_stats, pending_inputs, REPEATS, {0}},
};

static void K4_each_failed_allocation_of_a_promise_leaves_everything_as_it_was(void **state)
{
    (void)state;
    assert_true(every_n(&of_memory, rows, COUNT_OF(rows)) > 200);
}

static void K4_each_failed_system_call_of_a_promise_leaves_everything_as_it_was(void **state)
{
    (void)state;
    assert_true(every_n(&of_system, rows, COUNT_OF(rows)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_of_a_promise_leaves_everything_as_it_was),
        SCENARIO(K4_each_failed_system_call_of_a_promise_leaves_everything_as_it_was),
    };
    return RUN_SCENARIOS(tests);
}
