/* Scenarios W1 to W4 of promises: another thread waits for a promise. */
#include "promise_reports.h"

static const mr_promise_state no_state = (mr_promise_state)77;

/* A wait on a thread that is not the owner, and what it gave. */
typedef struct asker {
    mr_waiter *waiter;
    uint64_t timeout_ns;
    mr_status status;
    mr_promise_state state;
    mr_value value;
    gate *ready;
    pthread_t thread;
} asker;

static void ask(asker *a)
{
    a->state = no_state;
    a->value = mr_value_int(-77);
    a->status = mr_waiter_wait(a->waiter, a->timeout_ns, &a->state, &a->value);
}

static bool untouched(const asker *a)
{
    return a->state == no_state && number_of(a->value) == -77;
}

static void *asker_main(void *arg)
{
    asker *a = arg;
    if (a->ready != NULL)
        gate_open(a->ready);
    ask(a);
    return NULL;
}

/* The same, to its end. */
static void ask_elsewhere(asker *a)
{
    thread_join(thread_start(asker_main, a));
}

static mr_waiter *waiter_of(mr_promise *promise)
{
    mr_waiter *waiter = NULL;
    EXPECT(mr_promise_waiter(promise, &waiter) == 0);
    return waiter;
}

static asker asker_for(mr_promise *promise)
{
    return (asker){.waiter = waiter_of(promise), .timeout_ns = FOR_EVER};
}

static void done_asking(asker *a)
{
    mr_value_release(a->value);
    mr_waiter_unref(a->waiter);
}

/* ---- W1: many ---- */

enum { THREADS = 16 };
static const char text[] = "forty bytes that do not stand inline....";

typedef struct crowd {
    gate ready, go;
    asker askers[THREADS];
} crowd;

typedef struct member {
    crowd *crowd;
    unsigned number;
} member;

static void *member_main(void *arg)
{
    const member *m = arg;
    asker *a = &m->crowd->askers[m->number];
    a->timeout_ns = 0;
    ask(a);
    EXPECT(a->status == MR_ETIMEDOUT && untouched(a));
    gate_open(&m->crowd->ready);
    a->timeout_ns = FOR_EVER;
    ask(a);
    asker again = *a;
    ask(&again); /* as often as it asks */
    EXPECT(again.status == a->status && again.state == a->state);
    EXPECT(mr_value_as_bytes(&again.value, NULL) == mr_value_as_bytes(&a->value, NULL));
    EXPECT(mr_value_as_error(again.value) == mr_value_as_error(a->value));
    mr_value_release(again.value);
    EXPECT(mr_waiter_wait(a->waiter, 0, NULL, NULL) == a->status);
    return NULL;
}

static void check_bytes(const crowd *c)
{
    const void *first = NULL;
    for (unsigned i = 0; i < THREADS; i++) {
        size_t len = 0;
        const void *bytes = mr_value_as_bytes(&c->askers[i].value, &len);
        assert_int_equal(c->askers[i].status, 0);
        assert_int_equal(c->askers[i].state, MR_PROMISE_FULFILLED);
        assert_int_equal(len, sizeof text);
        assert_memory_equal(bytes, text, sizeof text);
        assert_true(i == 0 || bytes == first);
        first = bytes;
    }
}

static void check_errors(const crowd *c)
{
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(c->askers[i].status, 0);
        assert_int_equal(c->askers[i].state, MR_PROMISE_REJECTED);
        assert_int_equal(code_of(c->askers[i].value), MR_EIO);
        assert_ptr_equal(mr_value_as_error(c->askers[i].value),
                         mr_value_as_error(c->askers[0].value));
    }
}

static mr_value error_value(mr_status code)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error = NULL;
    EXPECT(mr_error_create(&spec, &error) == 0);
    return mr_value_error(error);
}

/* own: each thread has a waiter of its own; otherwise all share one. */
static void one_crowd(mr_park park, bool own, bool fulfils)
{
    static crowd c;
    member members[THREADS];
    pthread_t threads[THREADS];
    runner r;
    mr_settler settler;
    gate ran = GATE;
    c = (crowd){.ready = GATE};
    begin_observed(park);
    mr_promise *promise = pending(&settler);
    mr_waiter *shared = own ? NULL : waiter_of(promise);
    for (unsigned i = 0; i < THREADS; i++)
        c.askers[i].waiter = own ? waiter_of(promise) : shared;
    assert_int_equal(promise_stats().waiters, own ? THREADS : 1);
    mr_promise_unref(promise); /* the waiters keep it */
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    for (unsigned i = 0; i < THREADS; i++) {
        members[i] = (member){&c, i};
        threads[i] = thread_start(member_main, &members[i]);
    }
    gate_wait_for(&c.ready, THREADS);
    for (unsigned i = 1; i <= 50; i++) { /* the owner works while they wait */
        submit(open_gate, &ran);
        gate_wait_for(&ran, i);
    }
    mr_value value = {0};
    if (fulfils) {
        assert_int_equal(mr_value_bytes(text, sizeof text, &value), 0);
        assert_int_equal(mr_settler_resolve(loop, settler, value), 0);
    } else {
        assert_int_equal(mr_settler_reject(loop, settler, error_value(MR_EIO)), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    if (fulfils)
        check_bytes(&c);
    else
        check_errors(&c);
    for (unsigned i = 0; i < THREADS; i++) {
        mr_value_release(c.askers[i].value);
        if (own)
            mr_waiter_unref(c.askers[i].waiter);
    }
    mr_waiter_unref(shared);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    assert_int_equal(runner_join(&r), 0);
    assert_story("");
    check_promises(0, true);
    leave_loop();
}

static void W1_sixteen_waiters_get_one_result_and_the_owner_works_on(void **state)
{
    (void)state;
    for (EACH_PARK(park))
        for (unsigned n = scaled(20); n != 0; n--)
            one_crowd(park, true, n % 2 == 0);
}

static void W1_sixteen_threads_share_a_waiter(void **state)
{
    (void)state;
    for (unsigned n = scaled(20); n != 0; n--)
        one_crowd(MR_PARK_AUTO, false, n % 2 == 0);
}

/* Waiters come and go while their promise settles. */
static void *leaver_main(void *arg)
{
    mr_waiter_unref(arg);
    return NULL;
}

static void W1_a_waiter_may_leave_while_its_promise_settles(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    for (unsigned n = scaled(500); n != 0; n--) {
        mr_settler settler;
        mr_promise *promise = pending(&settler);
        pthread_t thread = thread_start(leaver_main, waiter_of(promise));
        assert_int_equal(mr_settler_resolve(loop, settler, custom_of(&counted_type, 1)), 0);
        mr_promise_unref(promise);
        thread_join(thread);
        assert_int_equal(atomic_load(&customs_alive), 0);
    }
    finish_observed();
}

static void W1_a_value_bound_to_the_loop_stays_there(void **state)
{
    (void)state;
    mr_settler settler;
    mr_value array = {0};
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = pending(&settler), *inner = fulfilled(1);
    asker before = asker_for(promise);
    mr_value item = mr_value_promise(inner);
    assert_int_equal(mr_value_array(&item, 1, &array), 0);
    assert_int_equal(mr_settler_resolve(loop, settler, array), 0);
    asker after = asker_for(promise);
    ask_elsewhere(&before);
    ask_elsewhere(&after);
    assert_int_equal(before.status, MR_EINVAL);
    assert_int_equal(after.status, MR_EINVAL);
    assert_int_equal(before.state, MR_PROMISE_FULFILLED);
    assert_int_equal(after.state, MR_PROMISE_FULFILLED);
    assert_int_equal(number_of(before.value), -77);
    assert_int_equal(number_of(after.value), -77);
    done_asking(&before);
    done_asking(&after);
    mr_promise_unref(promise);
    finish_observed();
}

static void *wrong_thread_main(void *arg)
{
    mr_waiter *waiter = (mr_waiter *)(uintptr_t)5;
    EXPECT(mr_promise_waiter(arg, &waiter) == MR_EWRONGTHREAD);
    EXPECT(waiter == (mr_waiter *)(uintptr_t)5);
    return NULL;
}

static void W1_waiters_are_made_by_the_owner_alone(void **state)
{
    (void)state;
    mr_waiter *waiter = NULL;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = rejected(1);
    thread_join(thread_start(wrong_thread_main, promise));
    assert_int_equal(mr_promise_waiter(NULL, &waiter), MR_EINVAL);
    assert_int_equal(mr_promise_waiter(promise, NULL), MR_EINVAL);
    assert_int_equal(mr_waiter_wait(NULL, 0, NULL, NULL), MR_EINVAL);
    mr_waiter_unref(NULL);
    turn();
    assert_story("u1"); /* nothing was attached */
    mr_promise_unref(promise);
    finish_observed();
}

/* ---- W2: results that are there ---- */

static void expect_result(asker *a, mr_promise_state state, int number)
{
    assert_int_equal(a->status, 0);
    assert_int_equal(a->state, state);
    assert_int_equal(custom_number(a->value), number);
    mr_value_release(a->value);
}

static void W2_what_has_settled_answers_at_once_whatever_the_loop_does(void **state)
{
    (void)state;
    mr_settler settlers[2];
    begin_observed(MR_PARK_AUTO);
    mr_promise *promises[2] = {pending(&settlers[0]), pending(&settlers[1])};
    asker early[2] = {asker_for(promises[0]), asker_for(promises[1])};
    assert_int_equal(mr_settler_resolve(loop, settlers[0], custom_of(&counted_type, 4)), 0);
    assert_int_equal(mr_settler_reject(loop, settlers[1], custom_of(&counted_type, 5)), 0);
    asker late[2] = {asker_for(promises[0]), asker_for(promises[1])};
    for (unsigned closed = 0; closed < 2; closed++) { /* first on a loop that nobody runs */
        for (unsigned i = 0; i < 2; i++) {
            ask(&early[i]); /* also on the owner */
            expect_result(&early[i], i == 0 ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED,
                          4 + (int)i);
            ask_elsewhere(&early[i]);
            expect_result(&early[i], i == 0 ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED,
                          4 + (int)i);
            ask_elsewhere(&late[i]);
            expect_result(&late[i], i == 0 ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED,
                          4 + (int)i);
        }
        if (!closed)
            assert_int_equal(mr_loop_close(loop), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        asker after = asker_for(promises[i]); /* made after the end */
        ask_elsewhere(&after);
        expect_result(&after, i == 0 ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED, 4 + (int)i);
        mr_waiter_unref(after.waiter);
        mr_promise_unref(promises[i]);
        mr_waiter_unref(early[i].waiter);
    }
    assert_story("");
    check_promises(0, false);
    mr_loop_unref(loop);
    loop = NULL;
    for (unsigned i = 0; i < 2; i++) { /* a waiter is the last that knows the loop */
        ask_elsewhere(&late[i]);
        expect_result(&late[i], i == 0 ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED, 4 + (int)i);
        mr_waiter_unref(late[i].waiter);
    }
    assert_int_equal(atomic_load(&customs_alive), 0);
}

static void W2_a_waiter_after_the_end_keeps_nothing_of_a_reported_rejection(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = rejected(3);
    turn();
    assert_story("u3");
    assert_int_equal(mr_loop_close(loop), 0);
    asker a = asker_for(promise);
    ask_elsewhere(&a);
    assert_int_equal(a.status, 0);
    assert_int_equal(a.state, MR_PROMISE_REJECTED);
    assert_int_equal(number_of(a.value), 3);
    done_asking(&a);
    mr_promise_unref(promise);
    assert_story("u3");
    check_promises(0, false);
    leave_loop();
}

/* ---- W3: timeouts ---- */

static void W3_after_a_timeout_the_waiter_gets_the_result(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        runner r;
        mr_settler settler;
        begin_observed(park);
        mr_promise *promise = pending(&settler);
        asker a = asker_for(promise);
        mr_promise_unref(promise);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING); /* it is the owner by now */
        a.timeout_ns = 10 * MS;
        uint64_t start = real_now();
        ask(&a);
        assert_true(real_now() - start >= 10 * MS);
        assert_int_equal(a.status, MR_ETIMEDOUT);
        assert_true(untouched(&a));
        a.timeout_ns = 0;
        ask(&a);
        assert_int_equal(a.status, MR_ETIMEDOUT);
        assert_int_equal(mr_settler_resolve(loop, settler, custom_of(&counted_type, 6)), 0);
        a.timeout_ns = FOR_EVER;
        ask(&a);
        expect_result(&a, MR_PROMISE_FULFILLED, 6);
        a.timeout_ns = 0;
        ask(&a);
        expect_result(&a, MR_PROMISE_FULFILLED, 6);
        mr_waiter_unref(a.waiter);
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(runner_join(&r), 0);
        check_promises(0, true);
        leave_loop();
    }
}

/* ---- W4: waits that cannot end well ---- */

static void wait_in_callback(void *arg)
{
    asker *a = arg;
    a->timeout_ns = FOR_EVER;
    ask(a);
    EXPECT(a->status == MR_EDEADLOCK && untouched(a));
}

static void W4_the_owner_may_not_wait_for_what_is_pending(void **state)
{
    (void)state;
    mr_settler settler;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = pending(&settler);
    asker a = asker_for(promise);
    const uint64_t timeouts[] = {0, SEC, FOR_EVER};
    for (unsigned i = 0; i < COUNT_OF(timeouts); i++) {
        a.timeout_ns = timeouts[i];
        ask(&a);
        assert_int_equal(a.status, MR_EDEADLOCK);
        assert_true(untouched(&a));
    }
    in_task(wait_in_callback, &a);
    assert_int_equal(mr_settler_resolve(loop, settler, custom_of(&counted_type, 1)), 0);
    ask(&a);
    expect_result(&a, MR_PROMISE_FULFILLED, 1);
    mr_waiter_unref(a.waiter);
    mr_promise_unref(promise);
    finish_observed();
}

/* A thread waits for each of: pending, following it, a child of it, a race of nothing. */
enum { SORTS = 4 };

static void end_while_they_wait(mr_park park, bool close)
{
    asker askers[SORTS];
    gate ready = GATE;
    runner r;
    mr_settler settler, following;
    mr_promise *sorts[SORTS] = {NULL};
    begin_observed(park);
    sorts[0] = pending(&settler);
    sorts[1] = pending(&following);
    assert_int_equal(mr_settler_resolve(loop, following, holding(sorts[0])), 0);
    assert_int_equal(mr_promise_then(sorts[0], &(mr_reaction){0}, &sorts[2]), 0);
    assert_int_equal(mr_promise_race(loop, NULL, 0, &sorts[3]), 0);
    for (unsigned i = 0; i < SORTS; i++) {
        askers[i] = asker_for(sorts[i]);
        askers[i].ready = &ready;
        mr_promise_unref(sorts[i]);
    }
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    for (unsigned i = 0; i < SORTS; i++)
        askers[i].thread = thread_start(asker_main, &askers[i]);
    gate_wait_for(&ready, SORTS);
    assert_int_equal(close ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER), 0);
    for (unsigned i = 0; i < SORTS; i++) {
        thread_join(askers[i].thread);
        assert_int_equal(askers[i].status, MR_ECLOSED);
        assert_true(untouched(&askers[i]));
        ask(&askers[i]);
        assert_int_equal(askers[i].status, MR_ECLOSED);
        mr_waiter_unref(askers[i].waiter);
    }
    assert_int_equal(runner_join(&r), close ? MR_ECANCELED : 0);
    assert_story("");
    check_promises(0, true);
    leave_loop();
}

static void W4_the_end_of_the_loop_ends_the_waiting(void **state)
{
    (void)state;
    for (EACH_PARK(park))
        for (unsigned n = scaled(20); n != 0; n--)
            end_while_they_wait(park, n % 2 == 0);
}

static void resolve_now(void *arg)
{
    EXPECT(mr_settler_resolve(loop, *(mr_settler *)arg, custom_of(&counted_type, 8)) == 0);
}

static void W4_what_the_drain_settles_is_a_result(void **state)
{
    (void)state;
    mr_settler settler;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = pending(&settler);
    asker a = asker_for(promise);
    submit(resolve_now, &settler);
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    ask_elsewhere(&a);
    expect_result(&a, MR_PROMISE_FULFILLED, 8);
    mr_waiter_unref(a.waiter);
    mr_promise_unref(promise);
    check_promises(0, false);
    leave_loop();
}

static void W4_no_waiter_for_what_is_pending_after_the_end(void **state)
{
    (void)state;
    mr_waiter *waiter = (mr_waiter *)(uintptr_t)5;
    mr_promise *never = NULL;
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_promise_race(loop, NULL, 0, &never), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(mr_promise_waiter(never, &waiter), MR_ECLOSED);
    assert_ptr_equal(waiter, (mr_waiter *)(uintptr_t)5);
    mr_promise_unref(never);
    check_promises(0, false);
    leave_loop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(W1_sixteen_waiters_get_one_result_and_the_owner_works_on),
        SCENARIO(W1_sixteen_threads_share_a_waiter),
        SCENARIO(W1_a_waiter_may_leave_while_its_promise_settles),
        SCENARIO(W1_a_value_bound_to_the_loop_stays_there),
        SCENARIO(W1_waiters_are_made_by_the_owner_alone),
        SCENARIO(W2_what_has_settled_answers_at_once_whatever_the_loop_does),
        SCENARIO(W2_a_waiter_after_the_end_keeps_nothing_of_a_reported_rejection),
        SCENARIO(W3_after_a_timeout_the_waiter_gets_the_result),
        SCENARIO(W4_the_owner_may_not_wait_for_what_is_pending),
        SCENARIO(W4_the_end_of_the_loop_ends_the_waiting),
        SCENARIO(W4_what_the_drain_settles_is_a_result),
        SCENARIO(W4_no_waiter_for_what_is_pending_after_the_end),
    };
    return RUN_SCENARIOS(tests);
}
