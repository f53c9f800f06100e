/* Scenarios A1 to A5: a promise resolved with a promise follows it; rings are refused. */
#include "promise_scenario.h"

/* ---- A1 ---- */

static mr_promise *own_child;

static mr_status return_own_child(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg;
    *out_value = holding(own_child);
    return 0;
}

static mr_status build_itself(void *arg, mr_value *out_value)
{
    *out_value = holding(arg);
    return 0;
}

static void A1_a_promise_resolved_with_itself_is_rejected(void **state)
{
    (void)state;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    mr_promise *promise = pending(&settler);
    tell(promise, "r");
    resolve_with_promise(settler, promise);
    assert_true(is_rejected_by(promise, MR_ECYCLE)); /* at once, as in ECMA-262 */
    assert_int_equal(mr_settler_resolve(loop, settler, mr_value_int(1)), MR_ENOENT);
    turn();
    assert_story("r!MR_ECYCLE");
    mr_promise_unref(promise);
    assert_int_equal(live_promises(), 0);

    promise = pending(&settler);
    assert_int_equal(mr_settler_resolve_with(loop, settler, build_itself, promise), 0);
    turn();
    assert_true(is_rejected_by(promise, MR_ECYCLE));
    mr_promise_unref(promise);
    assert_int_equal(promise_stats().adopted, 0);
    finish_promises_turned();
}

static void A1_a_handler_that_returns_its_own_child_rejects_it(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    for (unsigned rejects = 0; rejects < 2; rejects++) {
        mr_promise *parent = rejects ? rejected(1) : fulfilled(1);
        own_child = then(parent, return_own_child, return_own_child, NULL);
        turn();
        assert_true(is_rejected_by(own_child, MR_ECYCLE));
        mr_promise_unref(own_child);
        mr_promise_unref(parent);
        assert_int_equal(live_promises(), 0);
    }
    finish_promises_turned();
}

/* ---- A2 ---- */

enum { RING = 1000 };

static mr_promise *ring[RING];
static mr_settler ring_settlers[RING];

/* Resolve each with the next, in an order that a step with no common divisor makes. */
static void close_ring(unsigned n, unsigned step)
{
    for (unsigned i = 0; i < n; i++)
        ring[i] = pending(&ring_settlers[i]);
    unsigned at = 0;
    for (unsigned i = 0; i < n; i++, at = (at + step) % n) {
        for (unsigned k = 0; k < n && n < 10; k++)
            assert_true(is_pending(ring[k])); /* until the last */
        resolve_with_promise(ring_settlers[at], ring[(at + 1) % n]);
    }
    unsigned rejected_now = 0, closing = (at + n - step) % n;
    for (unsigned i = 0; i < n; i++)
        rejected_now += !is_pending(ring[i]);
    assert_int_equal(rejected_now, 1);
    assert_true(is_rejected_by(ring[closing], MR_ECYCLE));
}

static void drop_ring(unsigned n)
{
    turn();
    for (unsigned i = 0; i < n; i++) {
        assert_true(is_rejected_by(ring[i], MR_ECYCLE)); /* all follow */
        mr_promise_unref(ring[i]);
    }
    assert_int_equal(live_promises(), 0);
}

static void A2_closing_a_ring_rejects_the_closing_promise_and_all_follow(void **state)
{
    (void)state;
    static const struct {
        unsigned n, step;
    } rings[] = {{2, 1}, {3, 1},    {3, 2},      {5, 2},    {7, 3},
                 {8, 7}, {RING, 1}, {RING, 999}, {RING, 7}, {RING, 501}};
    begin(MR_PARK_AUTO);
    for (unsigned i = 0; i < COUNT_OF(rings); i++) {
        close_ring(rings[i].n, rings[i].step);
        drop_ring(rings[i].n);
        close_ring(rings[i].n, rings[i].step); /* the same with the reactions not run yet */
        for (unsigned k = 0; k < rings[i].n; k++)
            mr_promise_unref(ring[k]);
        turn();
        assert_int_equal(live_promises(), 0);
    }
    finish_promises_turned();
}

static mr_status return_next(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = holding(ring[((uintptr_t)arg + 1) % 4]);
    return 0;
}

static void A2_a_ring_of_handlers_is_refused_too(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise *start = fulfilled(1);
    for (uintptr_t i = 0; i < 4; i++)
        ring[i] = then(start, return_next, NULL, (void *)i);
    mr_promise_unref(start);
    drop_ring(4);
    finish_promises_turned();
}

static void A2_a_ring_through_a_reaction_stays_pending_and_costs_nothing_after_the_end(void **state)
{
    (void)state;
    for (unsigned closes = 0; closes < 2; closes++) {
        mr_settler settler;
        begin(MR_PARK_AUTO);
        mr_promise *promise = pending(&settler); /* waits for its own child: not by following */
        mr_promise *child = then(promise, tell_value, tell_reason, "never");
        resolve_with_promise(settler, child);
        turn();
        assert_true(is_pending(promise) && is_pending(child));
        mr_promise_unref(promise);
        mr_promise_unref(child);
        turn();
        assert_int_equal(live_promises(), 2);
        if (closes == 0)
            shut_down_turned();
        finish_promises_closed();
        assert_string_equal(story, "");
    }
}

/* ---- A3 ---- */

static void A3_resolving_with_a_pending_promise_spends_the_settler_and_follows(void **state)
{
    (void)state;
    for (unsigned rejects = 0; rejects < 2; rejects++) {
        mr_settler p_settler, q_settler;
        begin(MR_PARK_AUTO);
        tell_reports();
        mr_promise *p = pending(&p_settler), *q = pending(&q_settler);
        resolve_with_promise(p_settler, q);
        assert_int_equal(mr_settler_resolve(loop, p_settler, mr_value_int(1)), MR_ENOENT);
        assert_int_equal(mr_settler_reject(loop, p_settler, mr_value_int(1)), MR_ENOENT);
        assert_int_equal(mr_settler_resolve_with(loop, p_settler, build_itself, p), MR_ENOENT);
        turn();
        assert_true(is_pending(p) && is_pending(q));
        if (rejects)
            reject_int(q_settler, 2);
        else
            resolve_int(q_settler, 2);
        turn();
        assert_true(rejects ? is_rejected_with(p, 2) : is_fulfilled_with(p, 2));
        assert_story(rejects ? "unhandled!2" : ""); /* p: q is handled by what follows it */
        mr_promise_unref(p);
        mr_promise_unref(q);
        finish_promises_turned();
    }
}

static void A3_a_follower_lives_until_what_it_follows_settles(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_settler p_settler, q_settler;
    mr_promise *p = pending(&p_settler), *q = pending(&q_settler);
    mr_value heap = custom_of(&counted_type, 5);
    tell(p, "p");
    resolve_with_promise(p_settler, q);
    mr_promise_unref(p);
    mr_promise_unref(q); /* nobody has either of them */
    turn();
    assert_int_equal(live_promises(), 2);
    assert_int_equal(mr_settler_resolve(loop, q_settler, heap), 0);
    turn();
    assert_story("p=-");
    assert_int_equal(live_promises(), 0);
    assert_int_equal(atomic_load(&customs_alive), 0);

    p = pending(&p_settler), q = pending(&q_settler); /* nobody waits for it */
    resolve_with_promise(p_settler, q);
    mr_promise_unref(p);
    mr_promise_unref(q);
    turn();
    resolve_int(q_settler, 1);
    turn();
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

static void A3_the_end_of_the_loop_ends_followers_as_what_they_follow(void **state)
{
    (void)state;
    for (unsigned closes = 0; closes < 2; closes++) {
        begin(MR_PARK_AUTO);
        mr_settler p_settler, q_settler;
        mr_promise *p = pending(&p_settler), *q = pending(&q_settler);
        tell(p, "p");
        resolve_with_promise(p_settler, q);
        if (closes == 0)
            shut_down_turned();
        else
            assert_int_equal(mr_loop_close(loop), 0);
        assert_string_equal(story, closes == 0 ? "p!MR_ECLOSED" : "");
        assert_true(is_rejected_by(p, MR_ECLOSED) && is_rejected_by(q, MR_ECLOSED));
        mr_promise_unref(p);
        mr_promise_unref(q);
        finish_promises_closed();
    }
}

static mr_status return_parent(mr_value value, void *arg, mr_value *out_value)
{
    EXPECT(int_of(value) == 6);
    *out_value = mr_value_promise(arg); /* the last reference to what it reacts to */
    return 0;
}

static void A3_a_handler_may_return_the_promise_it_reacts_to(void **state)
{
    (void)state;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    mr_promise *parent = pending(&settler);
    mr_promise *child = then(parent, return_parent, NULL, parent);
    resolve_int(settler, 6);
    turn();
    assert_true(is_fulfilled_with(child, 6));
    mr_promise_unref(child);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

/* ---- A4 ---- */

static unsigned long_n;
static mr_promise **longs;
static mr_settler *long_settlers;

/* i follows i + 1, the last one is settled. */
static void adopt_in_order(bool backwards)
{
    for (unsigned i = 0; i < long_n; i++) {
        longs[i] = pending(&long_settlers[i]);
        if (!backwards && i != 0)
            resolve_with_promise(long_settlers[i - 1], longs[i]);
    }
    for (unsigned i = long_n - 1; backwards && i-- > 0;)
        resolve_with_promise(long_settlers[i], longs[i + 1]);
}

/* By halves: i follows i + step, for steps that shrink; the ways grow at both ends. */
static void adopt_by_halves(void)
{
    for (unsigned i = 0; i < long_n; i++)
        longs[i] = pending(&long_settlers[i]);
    for (unsigned step = 2; step / 2 < long_n; step *= 2)
        for (unsigned i = step / 2 - 1; i + 1 < long_n; i += step)
            resolve_with_promise(long_settlers[i], longs[i + 1]);
}

static void settle_and_check(bool early)
{
    uint64_t before = counts(MR_KIND_MICROTASK).run;
    if (!early)
        turn(); /* all have attached */
    resolve_int(long_settlers[long_n - 1], 3);
    turn();
    for (unsigned i = 0; i < long_n; i++) {
        EXPECT(is_fulfilled_with(longs[i], 3));
        mr_promise_unref(longs[i]);
    }
    EXPECT(counts(MR_KIND_MICROTASK).run - before == 2 * (uint64_t)(long_n - 1));
    EXPECT(live_promises() == 0);
}

static void *run_long_ways(void *arg)
{
    (void)arg;
    turn(); /* this thread owns it */
    for (unsigned i = 0; i < 6; i++) {
        uint64_t adopted = promise_stats().adopted;
        if (i / 2 == 2)
            adopt_by_halves();
        else
            adopt_in_order(i / 2 == 1);
        EXPECT(promise_stats().adopted - adopted == long_n - 1);
        settle_and_check(i % 2 == 0);
    }
    adopt_in_order(true); /* closing the ring is noticed, and cheap */
    resolve_with_promise(long_settlers[long_n - 1], longs[0]);
    EXPECT(is_rejected_by(longs[long_n - 1], MR_ECYCLE));
    turn();
    for (unsigned i = 0; i < long_n; i++) {
        EXPECT(is_rejected_by(longs[i], MR_ECYCLE));
        mr_promise_unref(longs[i]);
    }
    adopt_in_order(false); /* never settled by us */
    for (unsigned i = 0; i < long_n; i++)
        mr_promise_unref(longs[i]);
    EXPECT(mr_loop_close(loop) == 0);
    return NULL;
}

static void A4_a_hundred_thousand_adoptions_take_linear_steps_and_constant_stack(void **state)
{
    (void)state;
    pthread_attr_t attributes;
    pthread_t thread;
    long_n = scaled(100000);
    longs = calloc(long_n, sizeof *longs);
    long_settlers = calloc(long_n, sizeof *long_settlers);
    assert_true(longs != NULL && long_settlers != NULL);
    begin(MR_PARK_AUTO);
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_long_ways, NULL), 0);
    pthread_attr_destroy(&attributes);
    thread_join(thread);
    finish_promises_closed();
    free(longs);
    free(long_settlers);
}

static void A4_many_followers_of_one_settle_in_the_order_of_following(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    mr_settler settler, settlers[5];
    mr_promise *followers[5];
    begin(MR_PARK_AUTO);
    mr_promise *one = pending(&settler);
    tell(one, "first");
    for (unsigned i = 0; i < 5; i++) {
        followers[i] = pending(&settlers[i]);
        tell(followers[i], names[i]);
    }
    for (unsigned i = 5; i-- > 0;)
        resolve_with_promise(settlers[i], one);
    turn();
    tell(one, "last");
    resolve_int(settler, 1);
    turn();
    assert_story("first=1 last=1 e=1 d=1 c=1 b=1 a=1");
    for (unsigned i = 0; i < 5; i++)
        mr_promise_unref(followers[i]);
    mr_promise_unref(one);
    finish_promises_turned();
}

/* ---- A5 ---- */

static void A5_resolve_gives_a_promise_back_and_reject_takes_it_as_the_reason(void **state)
{
    (void)state;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    mr_promise *states[3] = {pending(&settler), fulfilled(1), rejected(2)};
    for (unsigned i = 0; i < 3; i++) {
        mr_promise *same = NULL, *other = NULL;
        uint64_t live = live_promises();
        assert_int_equal(mr_promise_resolve(loop, mr_value_promise(states[i]), &same), 0);
        assert_ptr_equal(same, states[i]); /* with the reference that was given */
        assert_int_equal(live_promises(), live);
        assert_int_equal(mr_promise_reject(loop, holding(same), &other), 0);
        assert_int_equal(mr_promise_get_state(other), MR_PROMISE_REJECTED); /* whatever it is */
        assert_ptr_equal(mr_value_as_promise(mr_promise_reason(other)), same);
        assert_true(mr_value_is_bound(mr_promise_reason(other)));
        mr_promise_unref(same);
        mr_promise_unref(other);
    }
    turn();
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

static mr_status reject_with_arg(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    *out_value = holding(arg);
    return MR_EIO;
}

static void A5_a_promise_as_a_reason_is_not_followed(void **state)
{
    (void)state;
    mr_settler settler, unused;
    begin(MR_PARK_AUTO);
    mr_promise *reason = pending(&unused), *promise = pending(&settler), *start = fulfilled(1);
    tell(promise, "p");
    assert_int_equal(mr_settler_reject(loop, settler, holding(reason)), 0);
    mr_promise *child = then(start, reject_with_arg, NULL, reason);
    tell(child, "child");
    turn();
    assert_story("p!promise child!promise");
    assert_ptr_equal(mr_value_as_promise(mr_promise_reason(promise)), reason);
    assert_true(is_pending(reason));
    mr_promise_unref(start);
    mr_promise_unref(child);
    mr_promise_unref(promise);
    mr_promise_unref(reason);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(A1_a_promise_resolved_with_itself_is_rejected),
        SCENARIO(A1_a_handler_that_returns_its_own_child_rejects_it),
        SCENARIO(A2_closing_a_ring_rejects_the_closing_promise_and_all_follow),
        SCENARIO(A2_a_ring_of_handlers_is_refused_too),
        SCENARIO(A2_a_ring_through_a_reaction_stays_pending_and_costs_nothing_after_the_end),
        SCENARIO(A3_resolving_with_a_pending_promise_spends_the_settler_and_follows),
        SCENARIO(A3_a_follower_lives_until_what_it_follows_settles),
        SCENARIO(A3_the_end_of_the_loop_ends_followers_as_what_they_follow),
        SCENARIO(A3_a_handler_may_return_the_promise_it_reacts_to),
        SCENARIO(A4_a_hundred_thousand_adoptions_take_linear_steps_and_constant_stack),
        SCENARIO(A4_many_followers_of_one_settle_in_the_order_of_following),
        SCENARIO(A5_resolve_gives_a_promise_back_and_reject_takes_it_as_the_reason),
        SCENARIO(A5_a_promise_as_a_reason_is_not_followed),
    };
    return RUN_SCENARIOS(tests);
}
