/* Scenarios C1 to C9: all, all_settled, any and race. */
#include "promise_scenario.h"

typedef mr_status combinator(mr_loop *of, const mr_value *values, size_t n, mr_promise **out);

static combinator *const combinators[] = {mr_promise_all, mr_promise_all_settled, mr_promise_any,
                                          mr_promise_race};

enum { ALL, ALL_SETTLED, ANY, RACE, COMBINATORS };

static mr_promise *combine(unsigned kind, const mr_value *values, size_t n)
{
    mr_promise *made = NULL;
    EXPECT(combinators[kind](loop, values, n, &made) == 0);
    EXPECT(made != NULL);
    return made;
}

static int64_t item_int(const mr_promise *promise, size_t index)
{
    size_t n = 0;
    const mr_value *items = mr_value_as_array(mr_promise_value(promise), &n);
    return items != NULL && index < n ? int_of(items[index]) : -1;
}

static bool has_length(const mr_promise *promise, size_t wanted)
{
    size_t n = wanted + 1;
    return mr_value_as_array(mr_promise_value(promise), &n) != NULL && n == wanted;
}

static bool entry_is(const mr_promise *promise, size_t index, mr_promise_state state, int64_t value)
{
    mr_promise_state got_state = MR_PROMISE_PENDING;
    mr_value got = mr_value_undefined();
    return mr_settled_at(mr_promise_value(promise), index, &got_state, &got) == 0 &&
           got_state == state && int_of(got) == value;
}

/* The aggregate error that promise was rejected with. */
static mr_error *aggregate_of(const mr_promise *promise)
{
    mr_error *error = mr_value_as_error(mr_promise_reason(promise));
    EXPECT(mr_promise_get_state(promise) == MR_PROMISE_REJECTED);
    EXPECT(mr_error_code(error) == MR_EAGGREGATE && mr_error_message(error)[0] != 0);
    EXPECT(is_undefined(mr_promise_value(promise)));
    return error;
}

/* ---- C1 ---- */

static void C1_all_of_nothing_is_an_empty_array(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    for (unsigned kind = ALL; kind <= ALL_SETTLED; kind++) {
        mr_promise *made = combine(kind, NULL, 0);
        assert_int_equal(mr_promise_get_state(made), MR_PROMISE_FULFILLED);
        assert_true(has_length(made, 0));
        tell(made, "r");
        turn();
        assert_story("r=array-0");
        story_clear();
        mr_promise_unref(made);
    }
    finish_promises_turned();
}

static void C1_all_gathers_values_by_index_whatever_the_order(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler settlers[3];
    mr_promise *waits[3];
    for (unsigned i = 0; i < 3; i++)
        waits[i] = pending(&settlers[i]);
    mr_value values[7] = {mr_value_int(10),
                          mr_value_promise(waits[0]),
                          mr_value_promise(waits[1]),
                          custom_of(&counted_type, 13),
                          holding(waits[0]), /* twice */
                          mr_value_promise(fulfilled(15)),
                          mr_value_promise(waits[2])};
    mr_promise *made = combine(ALL, values, 7);
    tell(made, "all");
    turn();
    for (unsigned i = 3; i-- > 0;) {
        assert_true(is_pending(made));
        resolve_int(settlers[i], 20 + i);
        turn();
    }
    assert_story("all=array-7");
    static const int64_t wanted[7] = {10, 20, 21, -1, 20, 15, 22};
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(item_int(made, i), wanted[i]);
    assert_int_equal(custom_number(mr_value_as_array(mr_promise_value(made), NULL)[3]), 13);
    assert_false(mr_value_is_bound(mr_promise_value(made)));
    assert_int_equal(mr_settled_at(mr_promise_value(made), 0, NULL, NULL), MR_EINVAL);
    mr_promise_unref(made);
    assert_int_equal(atomic_load(&customs_alive), 0);
    finish_promises_turned();
}

static void C1_plain_values_are_not_settled_inside_the_call(void **state)
{
    (void)state;
    static const char *const wanted[COMBINATORS] = {"m r=array-3", "m r=array-6", "m r=1", "m r=1"};
    begin(MR_PARK_AUTO);
    for (unsigned kind = 0; kind < COMBINATORS; kind++) {
        mr_value values[3] = {mr_value_int(1), mr_value_int(2), mr_value_int(3)};
        story_clear();
        mr_promise *made = combine(kind, values, 3);
        assert_true(is_pending(made));
        tell(made, "r");
        assert_int_equal(mr_microtask(loop, say, "m"), 0);
        turn();
        assert_story(wanted[kind]);
        mr_promise_unref(made);
    }
    finish_promises_turned();
}

static mr_status plus_one(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg;
    *out_value = mr_value_int(int_of(value) + 1);
    return 0;
}

static void C1_an_input_may_be_a_child_of_another_or_of_the_combinator(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *parent = pending(&settler), *child = then(parent, plus_one, NULL, NULL);
    mr_value values[4] = {holding(child), holding(parent), holding(child), holding(parent)};
    mr_promise *first = combine(ALL, values, 4);
    mr_value nested[3] = {holding(first), holding(child), holding(first)};
    mr_promise *second = combine(ALL, nested, 3);
    resolve_int(settler, 1);
    turn();
    assert_true(has_length(first, 4) && has_length(second, 3));
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(item_int(first, i), i % 2 == 0 ? 2 : 1);
    const mr_value *items = mr_value_as_array(mr_promise_value(second), NULL);
    assert_ptr_equal(mr_value_as_array(items[0], NULL), mr_value_as_array(items[2], NULL));
    assert_int_equal(int_of(items[1]), 2);
    mr_promise_unref(parent);
    mr_promise_unref(child);
    mr_promise_unref(first);
    mr_promise_unref(second);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

static void C1_a_promise_resolved_with_all_of_itself_costs_nothing_after_the_end(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < COMBINATORS; kind++) {
        begin(MR_PARK_AUTO);
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        mr_value values[2] = {holding(promise), holding(promise)};
        mr_promise *made = combine(kind, values, 2);
        assert_int_equal(mr_settler_resolve(loop, settler, mr_value_promise(made)), 0);
        turn();
        assert_true(is_pending(promise));
        mr_promise_unref(promise);
        finish_promises_turned();
    }
}

/* ---- C2 ---- */

static void C2_all_is_rejected_by_the_first_rejection_and_nothing_is_reported(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_settler settlers[3];
        mr_promise *inputs[3];
        mr_value values[3];
        for (unsigned i = 0; i < 3; i++) {
            inputs[i] = pending(&settlers[i]);
            values[i] = holding(inputs[i]);
        }
        mr_promise *made = combine(ALL, values, 3);
        tell(made, "all");
        reject_int(settlers[order], order);
        reject_int(settlers[1 - order], 1 - order);
        turn();
        assert_true(is_rejected_with(made, order));
        reject_int(settlers[2], 2); /* after it has settled: still handled */
        turn();
        assert_story(order == 0 ? "all!0" : "all!1");
        assert_int_equal(promise_stats().unhandled, 0);
        for (unsigned i = 0; i < 3; i++)
            mr_promise_unref(inputs[i]);
        mr_promise_unref(made);
        finish_promises_turned();
    }
}

static void C2_only_the_combined_promise_itself_is_reported(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    tell_reports();
    mr_value values[3] = {mr_value_promise(rejected(1)), mr_value_promise(rejected(2)),
                          mr_value_int(3)};
    mr_promise_unref(combine(ALL, values, 3));
    turn();
    assert_story("unhandled!1");
    finish_promises_turned();
}

/* ---- C3 ---- */

enum { DERIVED = 1000 };

static struct derived {
    mr_settler settler;
    bool rejects;
} derived[DERIVED];

static void settle_derived(void *arg)
{
    const struct derived *d = arg;
    resolve_int(d->settler, d - derived);
}

static mr_status derive(mr_value value, void *arg, mr_value *out_value)
{
    *out_value = mr_value_int(int_of(value) * 2);
    return ((const struct derived *)arg)->rejects ? MR_EIO : 0;
}

static mr_status check_entries(mr_value value, void *arg, mr_value *out_value)
{
    mr_promise_state state = MR_PROMISE_PENDING;
    mr_value entry = mr_value_int(77);
    (void)arg, (void)out_value;
    for (unsigned i = 0; i < DERIVED; i++) {
        EXPECT(mr_settled_at(value, i, &state, &entry) == 0);
        EXPECT(state == (derived[i].rejects ? MR_PROMISE_REJECTED : MR_PROMISE_FULFILLED));
        EXPECT(int_of(entry) == 2 * (int64_t)i);
    }
    entry = mr_value_int(77);
    state = MR_PROMISE_PENDING;
    EXPECT(mr_settled_at(value, DERIVED, &state, &entry) == MR_ERANGE);
    EXPECT(mr_settled_at(mr_value_int(1), 0, &state, &entry) == MR_EINVAL);
    EXPECT(mr_settled_at(value, DERIVED - 1, NULL, NULL) == 0);
    EXPECT(int_of(entry) == 77 && state == MR_PROMISE_PENDING);
    note("checked@%" PRIu64, mr_loop_now(loop) / MS);
    shut_down(NULL);
    return 0;
}

static void C3_all_settled_of_a_thousand_derived_promises_has_values_by_index(void **state)
{
    (void)state;
    static mr_value values[DERIVED];
    uint64_t random = 88172645463325252;
    begin_simulated(1, 0, false);
    tell_reports();
    for (unsigned i = 0; i < DERIVED; i++) {
        derived[i].rejects = next_random(&random) % 3 == 0;
        mr_promise *parent = pending(&derived[i].settler);
        values[i] = mr_value_promise(then(parent, derive, NULL, &derived[i]));
        mr_promise_unref(parent);
        timer_in(next_random(&random) % 500 * MS, settle_derived, &derived[i]);
    }
    timer_in(500 * MS, nothing, NULL);
    mr_promise *made = combine(ALL_SETTLED, values, DERIVED);
    EXPECT(mr_promise_then(made, &(mr_reaction){.on_fulfilled = check_entries}, NULL) == 0);
    mr_promise_unref(made);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_memory_equal(story, "checked@4", 9); /* with the last: 499 ms at most */
    finish_promises();
}

static void C3_all_settled_keeps_a_reason_that_is_a_promise_and_is_bound_then(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise *reason = fulfilled(1), *input = NULL;
    assert_int_equal(mr_promise_reject(loop, holding(reason), &input), 0);
    mr_value values[2] = {mr_value_int(5), mr_value_promise(input)};
    mr_promise *made = combine(ALL_SETTLED, values, 2);
    turn();
    mr_value entry;
    assert_true(entry_is(made, 0, MR_PROMISE_FULFILLED, 5));
    assert_int_equal(mr_settled_at(mr_promise_value(made), 1, NULL, &entry), 0);
    assert_ptr_equal(mr_value_as_promise(entry), reason);
    assert_true(mr_value_is_bound(mr_promise_value(made)));
    mr_promise_unref(made);
    mr_promise_unref(reason);
    finish_promises_turned();
}

/* ---- C4 ---- */

static void C4_any_of_nothing_is_an_aggregate_of_none(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise *made = combine(ANY, NULL, 0);
    assert_int_equal(mr_error_member_count(aggregate_of(made)), 0);
    tell(made, "any");
    turn();
    assert_story("any!MR_EAGGREGATE");
    mr_promise_unref(made);
    finish_promises_turned();
}

enum { CANDIDATES = 5 };

static void C4_any_is_the_first_fulfilment_or_all_reasons_by_index(void **state)
{
    (void)state;
    for (unsigned one_fulfils = 0; one_fulfils < 2; one_fulfils++) {
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_settler settlers[CANDIDATES];
        mr_value values[CANDIDATES];
        for (unsigned i = 0; i < CANDIDATES; i++)
            values[i] = mr_value_promise(pending(&settlers[i]));
        mr_promise *made = combine(ANY, values, CANDIDATES);
        tell(made, "any");
        for (unsigned i = CANDIDATES; i-- > 1;)
            reject_int(settlers[i], i);
        turn();
        assert_true(is_pending(made));
        if (one_fulfils) {
            resolve_int(settlers[0], 50);
            turn();
            assert_true(is_fulfilled_with(made, 50));
            assert_story("any=50");
        } else {
            const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EIO};
            mr_error *error;
            assert_int_equal(mr_error_create(&spec, &error), 0);
            assert_int_equal(mr_settler_reject(loop, settlers[0], mr_value_error(error)), 0);
            turn();
            mr_error *aggregate = aggregate_of(made);
            assert_int_equal(mr_error_member_count(aggregate), CANDIDATES);
            assert_ptr_equal(mr_value_as_error(mr_error_member_at(aggregate, 0)), error);
            for (unsigned i = 1; i < CANDIDATES; i++)
                assert_int_equal(int_of(mr_error_member_at(aggregate, i)), i);
            assert_ptr_equal(mr_error_find(aggregate, MR_EIO), error);
            assert_null(mr_error_find(aggregate, MR_ECANCELED));
            assert_story("any!MR_EAGGREGATE");
        }
        mr_promise_unref(made);
        finish_promises_turned();
    }
}

static void C4_an_aggregate_of_aggregates_is_searched_through(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_value values[2] = {mr_value_promise(rejected(1)), mr_value_promise(combine(ANY, NULL, 0))};
    mr_promise *inner = combine(ANY, values, 2);
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_ERANGE};
    mr_error *error;
    mr_promise *last;
    assert_int_equal(mr_error_create(&spec, &error), 0);
    assert_int_equal(mr_promise_reject(loop, mr_value_error(error), &last), 0);
    mr_value outer_values[3] = {holding(inner), holding(inner), mr_value_promise(last)};
    mr_promise *outer = combine(ANY, outer_values, 3);
    turn();
    mr_error *aggregate = aggregate_of(outer);
    assert_int_equal(mr_error_member_count(aggregate), 3);
    assert_ptr_equal(mr_error_find(aggregate, MR_ERANGE), error);
    assert_ptr_equal(mr_error_find(aggregate, MR_EAGGREGATE), aggregate);
    mr_promise_unref(inner);
    mr_promise_unref(outer);
    finish_promises_turned();
}

/* ---- C5 ---- */

static void C5_race_of_nothing_stays_pending_and_is_freed(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise *made = combine(RACE, NULL, 0);
    turn();
    assert_true(is_pending(made));
    mr_promise_unref(made);
    assert_int_equal(live_promises(), 0); /* at once: nobody waits for it */
    made = combine(RACE, NULL, 0);
    tell(made, "never");
    mr_promise_unref(made);
    shut_down_turned();
    assert_string_equal(story, "");
    finish_promises_closed();
}

static void C5_race_is_the_first_by_the_owners_order(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        begin(MR_PARK_AUTO);
        mr_settler settlers[2];
        mr_promise *inputs[2] = {pending(&settlers[0]), pending(&settlers[1])};
        mr_value values[3] = {mr_value_promise(inputs[0]), mr_value_promise(inputs[1]),
                              mr_value_promise(inputs[1])};
        mr_promise_ref(inputs[1]);
        mr_promise *made = combine(RACE, values, 3);
        unsigned first = way % 2;
        if (way / 2 == 1)
            reject_int(settlers[first], first);
        else
            resolve_int(settlers[first], first);
        reject_int(settlers[1 - first], 9); /* in the same turn */
        turn();
        assert_true(way / 2 == 1 ? is_rejected_with(made, first) : is_fulfilled_with(made, first));
        mr_promise_unref(made);
        assert_int_equal(live_promises(), 0);
        finish_promises_turned();
    }
}

static void C5_race_with_a_plain_value_is_that_unless_one_before_it_has_settled(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *never = pending(&settler);
    mr_value values[3] = {holding(never), mr_value_int(4), mr_value_promise(fulfilled(5))};
    mr_promise *made = combine(RACE, values, 3);
    turn();
    assert_true(is_fulfilled_with(made, 4));
    mr_promise_unref(made);
    mr_value others[3] = {mr_value_promise(never), mr_value_promise(rejected(5)), mr_value_int(4)};
    made = combine(RACE, others, 3);
    turn();
    assert_true(is_rejected_with(made, 5));
    mr_promise_unref(made);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

/* ---- C6 ---- */

enum { LEVELS = 10 };

static void C6_ten_levels_have_the_right_values(void **state)
{
    (void)state;
    static const unsigned kinds[4] = {RACE, ANY, ALL_SETTLED, ALL}; /* inside out */
    begin(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *at = pending(&settler);
    for (unsigned i = 0; i < LEVELS * 4; i++) {
        mr_value values[1] = {mr_value_promise(at)};
        at = combine(kinds[i % 4], values, 1);
    }
    resolve_int(settler, 6);
    turn();
    assert_int_equal(mr_promise_get_state(at), MR_PROMISE_FULFILLED);
    mr_value value = mr_promise_value(at);
    for (unsigned i = LEVELS * 4; i-- > 0;) {
        size_t n = 0;
        if (kinds[i % 4] == ALL) {
            const mr_value *items = mr_value_as_array(value, &n);
            assert_true(items != NULL && n == 1);
            value = items[0];
        } else if (kinds[i % 4] == ALL_SETTLED) {
            mr_promise_state entry_state = MR_PROMISE_PENDING;
            assert_int_equal(mr_settled_at(value, 0, &entry_state, &value), 0);
            assert_int_equal(entry_state, MR_PROMISE_FULFILLED);
        }
    }
    assert_int_equal(int_of(value), 6);
    mr_promise_unref(at);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

/* ---- C7 ---- */

enum { INPUTS_MOST = 2097150 };

static void C7_wrong_inputs_are_refused_and_nothing_is_attached(void **state)
{
    (void)state;
    mr_loop *second;
    mr_promise *foreign, *const nothing_made = (mr_promise *)(uintptr_t)0xA5A5A5A5u;
    assert_int_equal(mr_loop_create(NULL, &second), 0);
    assert_int_equal(mr_promise_resolve(second, mr_value_int(1), &foreign), 0);
    mr_value *many = calloc(INPUTS_MOST + 1, sizeof *many);
    assert_non_null(many);
    for (unsigned kind = 0; kind < COMBINATORS; kind++) {
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_promise *input = rejected(7), *out = nothing_made;
        mr_value values[4] = {mr_value_promise(input), mr_value_int(1), mr_value_promise(foreign),
                              mr_value_promise(input)};
        uint64_t allocations = promise_stats().allocations;
        assert_int_equal(combinators[kind](loop, values, 4, &out), MR_EINVAL);
        values[2].as.pointer = NULL;
        assert_int_equal(combinators[kind](loop, values, 4, &out), MR_EINVAL);
        many[0] = mr_value_promise(input);
        assert_int_equal(combinators[kind](loop, many, INPUTS_MOST + 1, &out), MR_ELIMIT);
        assert_int_equal(combinators[kind](loop, many, SIZE_MAX, &out), MR_ELIMIT);
        assert_int_equal(combinators[kind](loop, NULL, 1, &out), MR_EINVAL);
        assert_int_equal(combinators[kind](loop, values, 1, NULL), MR_EINVAL);
        assert_int_equal(combinators[kind](NULL, values, 1, &out), MR_EINVAL);
        assert_ptr_equal(out, nothing_made);
        assert_int_equal(promise_stats().allocations, allocations);
        assert_int_equal(live_promises(), 1);
        turn();
        assert_story("unhandled!7"); /* nothing was attached */
        mr_promise_unref(input);
        finish_promises_turned();
    }
    free(many);
    mr_promise_unref(foreign);
    mr_loop_unref(second);
}

static void C7_the_most_inputs_are_taken(void **state)
{
    (void)state;
    mr_value *many = calloc(INPUTS_MOST, sizeof *many);
    assert_non_null(many);
    begin(MR_PARK_AUTO);
    many[INPUTS_MOST - 1] = mr_value_int(3);
    mr_promise *made = combine(ALL, many, INPUTS_MOST);
    turn();
    assert_true(has_length(made, INPUTS_MOST));
    assert_int_equal(item_int(made, INPUTS_MOST - 1), 3);
    mr_promise_unref(made);
    free(many);
    finish_promises_turned();
}

/* ---- C8 ---- */

static void C8_races_against_one_long_lived_promise_leave_nothing(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *long_lived = pending(&settler);
    unsigned rounds = scaled(100000);
    uint64_t allocations = 0, capacity = 0, all_before = 0;
    for (unsigned i = 0; i < rounds + 100; i++) {
        mr_settler short_settler;
        mr_value values[3] = {holding(long_lived), mr_value_promise(pending(&short_settler)),
                              holding(long_lived)};
        mr_promise *made = combine(RACE, values, 3);
        resolve_int(short_settler, i);
        turn();
        EXPECT(is_fulfilled_with(made, i));
        mr_promise_unref(made);
        mr_promise_stats stats = promise_stats();
        EXPECT(stats.live == 1);
        if (i == 99) { /* warm */
            allocations = stats.allocations;
            capacity = stats.capacity;
            all_before = mr__alloc_count();
        }
    }
    mr_promise_stats stats = promise_stats();
    assert_int_equal(stats.capacity, capacity);
    assert_int_equal(stats.allocations - allocations, 2 * (uint64_t)rounds); /* the races' own */
    assert_int_equal(mr__alloc_count() - all_before, 2 * (uint64_t)rounds);
    resolve_int(settler, 1);
    turn();
    mr_promise_unref(long_lived);
    finish_promises_turned();
}

/* ---- C8: taking off what is between other reactions ---- */

enum { FEW = 5, ROUNDS = 3000, REACTIONS_MOST = 40 };

static struct few {
    mr_promise *promise;
    mr_settler settler;
    bool settled;
} few[FEW];

static unsigned wanted_calls, next_call[FEW];

static mr_status in_turn(mr_value value, void *arg, mr_value *out_value)
{
    uintptr_t tag = (uintptr_t)arg;
    (void)value, (void)out_value;
    EXPECT(next_call[tag % FEW] == tag / FEW); /* the order of attaching */
    next_call[tag % FEW]++;
    wanted_calls--;
    return 0;
}

/* Reactions and combinators on few promises, which settle in between. */
static void mixed_round(uint64_t *random)
{
    unsigned attached[FEW] = {0};
    mr_promise *made[REACTIONS_MOST];
    unsigned n = 0;
    memset(next_call, 0, sizeof next_call);
    wanted_calls = 0;
    for (unsigned i = 0; i < FEW; i++) {
        few[i].promise = pending(&few[i].settler);
        few[i].settled = false;
    }
    for (unsigned step = 0; step < REACTIONS_MOST; step++) {
        uint64_t dice = next_random(random) >> 20;
        unsigned which = (unsigned)(dice / 8 % FEW);
        if (dice % 8 < 3) {
            void *tag = (void *)(uintptr_t)(attached[which]++ * FEW + which);
            const mr_reaction reaction = {in_turn, in_turn, tag, NULL};
            EXPECT(mr_promise_then(few[which].promise, &reaction, NULL) == 0);
            wanted_calls++;
        } else if (dice % 8 < 6) {
            mr_value values[FEW];
            size_t inputs = dice / 64 % FEW + 1;
            for (size_t i = 0; i < inputs; i++)
                values[i] = holding(few[next_random(random) >> 20 & 3].promise);
            made[n++] = combine((unsigned)(dice / 1024 % COMBINATORS), values, inputs);
        } else if (dice % 8 == 6) {
            turn();
        } else if (!few[which].settled) {
            few[which].settled = true;
            if (dice / 512 % 2 == 0)
                resolve_int(few[which].settler, which);
            else
                reject_int(few[which].settler, which);
        }
    }
    for (unsigned i = 0; i < FEW; i++) {
        if (!few[i].settled)
            resolve_int(few[i].settler, i);
        turn();
        mr_promise_unref(few[i].promise);
    }
    for (unsigned i = 0; i < n; i++) {
        EXPECT(!is_pending(made[i]));
        mr_promise_unref(made[i]);
    }
    EXPECT(wanted_calls == 0 && live_promises() == 0);
}

static void C8_taking_inputs_off_leaves_the_reactions_around_them(void **state)
{
    (void)state;
    uint64_t random = 362436069;
    begin(MR_PARK_AUTO);
    for (unsigned round = 0; round < scaled(ROUNDS); round++)
        mixed_round(&random);
    finish_promises_turned();
}

static void C8_an_input_that_only_a_settled_race_held_is_freed_with_it(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler loser, winner;
    mr_value values[3] = {mr_value_promise(pending(&loser)), mr_value_promise(pending(&winner)),
                          mr_value_int(0)};
    mr_promise *made = combine(RACE, values, 2);
    resolve_int(winner, 1);
    turn();
    assert_int_equal(live_promises(), 1);
    assert_int_equal(mr_settler_resolve(loop, loser, mr_value_int(2)), MR_ENOENT);
    mr_promise_unref(made);
    finish_promises_turned();
}

static void C8_combinators_at_the_end_release_all_they_hold(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 2 * COMBINATORS; way++) {
        unsigned kind = way % COMBINATORS;
        begin(MR_PARK_AUTO);
        mr_settler settlers[2];
        mr_promise *a = pending(&settlers[0]), *b = pending(&settlers[1]);
        mr_value values[4] = {holding(a), custom_of(&counted_type, 1), holding(b), holding(a)};
        if (kind == ANY || kind == RACE) { /* a plain value would settle it */
            mr_value_release(values[1]);
            values[1] = holding(b);
        }
        mr_promise *made = combine(kind, values, 4);
        turn();
        if (kind == ALL || kind == ALL_SETTLED)
            assert_int_equal(mr_settler_resolve(loop, settlers[0], custom_of(&counted_type, 2)), 0);
        if (way / COMBINATORS == 0) {
            shut_down_turned();
            assert_false(is_pending(made));
        } else {
            assert_int_equal(mr_loop_close(loop), 0);
        }
        mr_promise_unref(a);
        mr_promise_unref(b);
        mr_promise_unref(made);
        assert_int_equal(atomic_load(&customs_alive), 0);
        finish_promises_closed();
    }
}

/* ---- C9 ---- */

enum { SETTLING = 20 };

static mr_settler c9_settlers[SETTLING];

static void *settle_with_own_number(void *arg)
{
    uintptr_t who = (uintptr_t)arg;
    resolve_int(c9_settlers[who], (int64_t)who);
    return NULL;
}

static mr_status sum_in_order(mr_value value, void *arg, mr_value *out_value)
{
    size_t n = 0;
    int64_t sum = 0;
    const mr_value *items = mr_value_as_array(value, &n);
    (void)arg, (void)out_value;
    EXPECT(n == SETTLING);
    for (size_t i = 0; i < n; i++) {
        EXPECT(int_of(items[i]) == (int64_t)i);
        sum += int_of(items[i]);
    }
    note("sum=%" PRId64, sum);
    shut_down(NULL);
    return 0;
}

static void C9_twenty_threads_settle_the_inputs_of_one_all(void **state)
{
    (void)state;
    for (unsigned round = 0; round < scaled(30); round++) {
        pthread_t threads[SETTLING];
        mr_value values[SETTLING];
        runner r;
        begin((mr_park)(round % 3));
        for (unsigned i = 0; i < SETTLING; i++)
            values[i] = mr_value_promise(pending(&c9_settlers[i]));
        mr_promise *made = combine(ALL, values, SETTLING);
        EXPECT(mr_promise_then(made, &(mr_reaction){.on_fulfilled = sum_in_order}, NULL) == 0);
        mr_promise_unref(made);
        runner_start(&r);
        for (uintptr_t i = 0; i < SETTLING; i++)
            threads[i] = thread_start(settle_with_own_number, (void *)i);
        for (unsigned i = 0; i < SETTLING; i++)
            thread_join(threads[i]);
        assert_int_equal(runner_join(&r), 0);
        assert_story("sum=190");
        finish_promises();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(C1_all_of_nothing_is_an_empty_array),
        SCENARIO(C1_all_gathers_values_by_index_whatever_the_order),
        SCENARIO(C1_plain_values_are_not_settled_inside_the_call),
        SCENARIO(C1_an_input_may_be_a_child_of_another_or_of_the_combinator),
        SCENARIO(C1_a_promise_resolved_with_all_of_itself_costs_nothing_after_the_end),
        SCENARIO(C2_all_is_rejected_by_the_first_rejection_and_nothing_is_reported),
        SCENARIO(C2_only_the_combined_promise_itself_is_reported),
        SCENARIO(C3_all_settled_of_a_thousand_derived_promises_has_values_by_index),
        SCENARIO(C3_all_settled_keeps_a_reason_that_is_a_promise_and_is_bound_then),
        SCENARIO(C4_any_of_nothing_is_an_aggregate_of_none),
        SCENARIO(C4_any_is_the_first_fulfilment_or_all_reasons_by_index),
        SCENARIO(C4_an_aggregate_of_aggregates_is_searched_through),
        SCENARIO(C5_race_of_nothing_stays_pending_and_is_freed),
        SCENARIO(C5_race_is_the_first_by_the_owners_order),
        SCENARIO(C5_race_with_a_plain_value_is_that_unless_one_before_it_has_settled),
        SCENARIO(C6_ten_levels_have_the_right_values),
        SCENARIO(C7_wrong_inputs_are_refused_and_nothing_is_attached),
        SCENARIO(C7_the_most_inputs_are_taken),
        SCENARIO(C8_races_against_one_long_lived_promise_leave_nothing),
        SCENARIO(C8_taking_inputs_off_leaves_the_reactions_around_them),
        SCENARIO(C8_an_input_that_only_a_settled_race_held_is_freed_with_it),
        SCENARIO(C8_combinators_at_the_end_release_all_they_hold),
        SCENARIO(C9_twenty_threads_settle_the_inputs_of_one_all),
    };
    return RUN_SCENARIOS(tests);
}
