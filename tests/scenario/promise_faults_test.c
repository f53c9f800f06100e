/* Scenario K4 for promises, values and errors: the n-th allocation fails, then the n-th system call, in
 * every public call (fault_rows.h). And what holds beyond that for settling: it never fails for lack
 * of memory; the reactions come later, none is lost. */
#include "fault_rows.h"
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

/* The table's before_end. */
static void check_and_let_go(void)
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

/* ---- value.h, error.h ---- */

static const char long_text[] = "longer than the fourteen bytes that stand inside";

static mr_status do_bytes(void)
{
    mr_value value = custom;
    size_t len = 0;
    mr_status status = mr_value_bytes(long_text, sizeof long_text, &value);
    if (status != 0) {
        EXPECT(memcmp(&value, &custom, sizeof value) == 0);
        return status;
    }
    EXPECT(strcmp(mr_value_as_bytes(&value, &len), long_text) == 0 && len == sizeof long_text);
    mr_value_release(mr_value_ref(value));
    mr_value_release(value);
    return 0;
}

static mr_status do_array(void)
{
    mr_value items[2] = {mr_value_ref(custom), mr_value_int(1)}, value = custom;
    mr_status status = mr_value_array(items, 2, &value);
    EXPECT((status == 0) == (mr_value_as_array(value, NULL) != NULL));
    mr_value_release(status == 0 ? value : items[0]);
    return status;
}

static mr_status do_custom(void)
{
    int *object = malloc(sizeof *object);
    mr_value value = mr_value_null();
    atomic_fetch_add(&customs_alive, 1);
    mr_status status = mr_value_custom(&counted_type, object, &value);
    EXPECT((status == 0) == (mr_value_as_custom(value, &counted_type) == object));
    if (status == 0)
        mr_value_release(value);
    else
        custom_release(object); /* still the caller's */
    return status;
}

static mr_status do_read_values(void)
{
    bool boolean = false;
    int64_t integer = 0;
    double number = 0;
    EXPECT(mr_value_as_bool(mr_value_bool(true), &boolean) && boolean);
    EXPECT(mr_value_as_int(mr_value_int(2), &integer) && integer == 2);
    EXPECT(mr_value_as_double(mr_value_int(2), &number) && number > 1);
    EXPECT(mr_value_as_pointer(mr_value_pointer(&integer)) == &integer);
    EXPECT(mr_value_as_error(custom) == NULL && mr_value_as_promise(custom) == NULL);
    EXPECT(!mr_value_is_bound(custom));
    return 0;
}

static mr_status do_error(void)
{
    const mr_error_context context[1] = {{"key", long_text}};
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EIO,
                                .message = long_text,
                                .context = context,
                                .context_n = 1,
                                .members = &custom,
                                .member_n = 1};
    mr_error *error = NULL;
    mr_status status = mr_error_create(&spec, &error);
    if (status != 0) {
        EXPECT(error == NULL);
        return status;
    }
    EXPECT(mr_error_ref(error) == error);
    mr_error_unref(error);
    EXPECT(mr_error_code(error) == MR_EIO && strcmp(mr_error_message(error), long_text) == 0);
    EXPECT(mr_error_cause(error) == NULL && !mr_error_is_temporary(error));
    EXPECT(strlen(mr_error_id(error)) == 36 && mr_error_context_count(error) == 1);
    EXPECT(strcmp(mr_error_context_at(error, 0).text, long_text) == 0);
    EXPECT(strcmp(mr_error_context_text(error, "key"), long_text) == 0);
    EXPECT(mr_error_member_count(error) == 1 && custom_number(mr_error_member_at(error, 0)) == 1);
    EXPECT(mr_error_find(error, MR_EIO) == error);
    mr_error_unref(error);
    return 0;
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
    {"mr_value_bytes mr_value_as_bytes mr_value_ref mr_value_release",
     do_bytes,
     with_custom,
     REPEATS,
     {MR_ENOMEM}},
    {"mr_value_array mr_value_as_array", do_array, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_value_custom mr_value_as_custom", do_custom, with_custom, REPEATS, {MR_ENOMEM}},
    {"mr_value_as_bool mr_value_as_int mr_value_as_double mr_value_as_pointer mr_value_as_error "
     "mr_value_as_promise mr_value_is_bound",
     do_read_values,
     with_custom,
     REPEATS,
     {0}},
    {"mr_error_create mr_error_ref mr_error_unref mr_error_code mr_error_message mr_error_cause "
     "mr_error_is_temporary mr_error_id mr_error_context_count mr_error_context_at "
     "mr_error_context_text mr_error_member_count mr_error_member_at mr_error_find",
     do_error,
     with_custom,
     REPEATS,
     {MR_ENOMEM}},
};

static void K4_each_failed_allocation_of_a_promise_leaves_everything_as_it_was(void **state)
{
    (void)state;
    unsigned taken = 0;
    before_end = check_and_let_go;
    every_n(rows, COUNT_OF(rows), &of_memory, &taken);
    assert_true(taken > 200);
}

static void K4_each_failed_system_call_of_a_promise_leaves_everything_as_it_was(void **state)
{
    (void)state;
    unsigned taken = 0;
    before_end = check_and_let_go;
    every_n(rows, COUNT_OF(rows), &of_system, &taken);
    assert_true(taken > 5);
}

/* ---- settling without memory ---- */

enum { LATES = 9 };

static char want_of_late[256];

/* Reactions enough for the queue of microtasks to grow, whose growing fails. */
static void settle_starved(uint64_t n, unsigned reactions, bool rejects)
{
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    want_of_late[0] = 0;
    for (unsigned i = 0; i < reactions; i++) {
        static const char *const names[LATES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
        char one[8];
        tell(promise, names[i]);
        snprintf(one, sizeof one, "%s%s%c1", i == 0 ? "" : " ", names[i], rejects ? '!' : '=');
        strcat(want_of_late, one);
    }
    mr__alloc_fail_at(n);
    settle_int(settler, rejects, 1);
    mr__alloc_fail_at(0);
    EXPECT(rejects ? is_rejected_with(promise, 1) : is_fulfilled_with(promise, 1));
    mr_promise_unref(promise);
}

static void
P13_a_settlement_without_memory_is_there_at_once_and_its_reactions_a_turn_later(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 4; n++)
        for (unsigned reactions = 1; reactions <= LATES; reactions++) {
            begin(MR_PARK_AUTO);
            tell_reports();
            settle_starved(n, reactions, n % 2 == 1);
            turn();
            turn();
            assert_story(want_of_late); /* of one promise they keep their order */
            assert_int_equal(live_promises(), 0);
            finish_promises_turned();
        }
}

static void P13_a_loop_that_runs_takes_late_reactions_up_by_itself(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin(park);
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        tell(promise, "a");
        tell(promise, "b");
        mr_promise *last = then(promise, on_reaction, NULL, NULL);
        EXPECT(mr_promise_finally(last, on_reaction, NULL, shut_down, NULL) == 0);
        mr_promise_unref(last);
        mr_promise_unref(promise);
        mr__alloc_fail_at(1);
        resolve_int(settler, 1);
        mr__alloc_fail_at(0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("a=1 b=1");
        finish_promises();
    }
}

/* ---- combinators that come to nothing ---- */

/* Fail each allocation of a call once, then let it succeed. With one of a few numbers of microtasks in
 * the queue before it, a job that it queues needs memory. */
static bool fail_and_retry(combinator *combine, mr_value *values, size_t n)
{
    mr_promise *out = out_untouched();
    for (uint64_t at = 1; at < 20; at++) {
        uint64_t before = mr__alloc_count();
        mr__alloc_fail_at(at);
        mr_status status = combine(loop, values, n, &out);
        mr__alloc_fail_at(0);
        if (status == 0) {
            mr_promise_unref(out);
            EXPECT(mr__alloc_count() - before < at); /* every allocation has failed once */
            return at > 1;
        }
        EXPECT(status == MR_ENOMEM && out == out_untouched());
    }
    return false;
}

static void K4_a_failed_combinator_does_not_take_off_what_was_never_attached(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        mr_value values[3] = {mr_value_promise(fulfilled(1)), mr_value_promise(fulfilled(2)),
                              mr_value_promise(fulfilled(3))};
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        assert_true(fail_and_retry(mr_promise_all, values, 3));
        turn();
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

static void K4_a_reported_rejection_is_told_handled_once_when_a_retry_succeeds(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_value values[4];
        for (unsigned i = 0; i < 4; i++)
            values[i] = mr_value_promise(rejected(i));
        turn();
        assert_story("unhandled!0 unhandled!1 unhandled!2 unhandled!3");
        story_clear();
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        assert_true(fail_and_retry(mr_promise_all_settled, values, 4));
        turn();
        assert_story("handled!0 handled!1 handled!2 handled!3");
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

/* ---- combinators on a promise whose reactions are late ---- */

enum { RACES = 6 };

static mr_promise *late_promise, *late_all;

/* Every race has taken its reaction off by now. */
static void combine_late(void *arg)
{
    mr_value values[2] = {mr_value_promise(rejected(5)), holding(late_promise)};
    EXPECT(mr_promise_all(loop, values, 2, &late_all) == 0);
    (void)arg;
}

static void K4_races_leave_a_promise_whose_reactions_are_late(void **state)
{
    (void)state;
    for (unsigned room = 0; room < 32; room++) {
        begin(MR_PARK_AUTO);
        mr_settler settler, others[RACES];
        mr_promise *races[RACES];
        late_promise = pending(&settler);
        for (unsigned i = 0; i < RACES; i++) {
            mr_value values[2] = {holding(late_promise), mr_value_promise(pending(&others[i]))};
            EXPECT(mr_promise_race(loop, values, 2, &races[i]) == 0);
        }
        for (unsigned i = 0; i < room; i++)
            EXPECT(mr_microtask(loop, nothing, NULL) == 0);
        for (unsigned i = 0; i < RACES; i++)
            reject_int(others[i], i); /* their jobs come first */
        mr__alloc_fail_at(1);
        resolve_int(settler, 9);
        mr__alloc_fail_at(0);
        EXPECT(mr_microtask(loop, combine_late, NULL) == 0);
        for (unsigned i = 0; i < 3; i++)
            turn();
        for (unsigned i = 0; i < RACES; i++) {
            assert_true(is_rejected_with(races[i], i));
            mr_promise_unref(races[i]);
        }
        assert_true(is_rejected_with(late_all, 5));
        mr_promise_unref(late_all);
        mr_promise_unref(late_promise);
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_of_a_promise_leaves_everything_as_it_was),
        SCENARIO(K4_each_failed_system_call_of_a_promise_leaves_everything_as_it_was),
        SCENARIO(P13_a_settlement_without_memory_is_there_at_once_and_its_reactions_a_turn_later),
        SCENARIO(P13_a_loop_that_runs_takes_late_reactions_up_by_itself),
        SCENARIO(K4_a_failed_combinator_does_not_take_off_what_was_never_attached),
        SCENARIO(K4_a_reported_rejection_is_told_handled_once_when_a_retry_succeeds),
        SCENARIO(K4_races_leave_a_promise_whose_reactions_are_late),
    };
    return RUN_SCENARIOS(tests);
}
