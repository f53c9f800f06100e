/* Scenarios G1 to G4 and G6 of promises: the registry of settlers, its memory, who may use an id when.
 * G5, the end, is in promise_ends_test.c. */
#include "promise_reports.h"

#include <sys/wait.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "promise/registry.h"

/* ---- on a thread that is not the owner ---- */

typedef struct foreign {
    mr_settler settler;
    mr_value value;
    bool rejects;
    mr_status status;
} foreign;

static void *foreign_main(void *arg)
{
    foreign *f = arg;
    f->status = (f->rejects ? mr_settler_reject : mr_settler_resolve)(loop, f->settler, f->value);
    return NULL;
}

/* What another thread's settling answers; the value is released where it did not pass. */
static mr_status settle_elsewhere(mr_settler settler, mr_value value, bool rejects)
{
    foreign f = {settler, value, rejects, 77};
    thread_join(thread_start(foreign_main, &f));
    if (f.status != 0)
        mr_value_release(value);
    return f.status;
}

/* ---- G1: who keeps a promise ---- */

static void G1_the_last_unref_of_a_bare_pending_promise_makes_its_settler_stale(void **state)
{
    (void)state;
    mr_settler settler, other;
    begin_observed(MR_PARK_AUTO);
    mr_promise *promise = mr_promise_ref(pending(&settler));
    mr_promise_unref(promise);
    assert_int_equal(promises_of(loop).live, 1);
    mr_promise_unref(promise);
    mr_promise_unref(NULL);
    assert_null(mr_promise_ref(NULL));
    assert_int_equal(promises_of(loop).live, 0);
    assert_int_equal(promises_of(loop).pending, 0);
    mr_value value = object_new(1);
    assert_int_equal(mr_settler_resolve(loop, settler, value), MR_ENOENT);
    assert_int_equal(mr_settler_reject(loop, settler, value), MR_ENOENT);
    assert_int_equal(object_number(value), 1); /* it stayed ours */
    assert_int_equal(settle_elsewhere(settler, value, false), MR_ENOENT);
    mr_promise *next = pending(&other); /* of the same slot, perhaps */
    assert_int_not_equal(other.id, settler.id);
    assert_int_equal(mr_settler_resolve(loop, settler, mr_value_int(1)), MR_ENOENT);
    assert_int_equal(mr_settler_resolve(loop, (mr_settler){0}, mr_value_int(1)), MR_ENOENT);
    assert_int_equal(mr_settler_resolve(loop, (mr_settler){UINT64_MAX}, mr_value_int(1)),
                     MR_ENOENT);
    assert_int_equal(mr_promise_get_state(next), MR_PROMISE_PENDING);
    mr_promise_unref(next);
    finish_observed();
}

static void attach_a_reaction(mr_promise *promise)
{
    note_when_settled(promise, "r");
}

static mr_waiter *waiter_at_hand;

static void attach_a_waiter(mr_promise *promise)
{
    EXPECT(mr_promise_waiter(promise, &waiter_at_hand) == 0);
}

static void attach_a_follower(mr_promise *promise)
{
    mr_settler settler;
    mr_promise *follower = pending(&settler);
    note_when_settled(follower, "r");
    EXPECT(mr_settler_resolve(loop, settler, lend(promise)) == 0);
    mr_promise_unref(follower);
}

static void attach_a_race(mr_promise *promise)
{
    mr_promise *race = NULL;
    mr_value value = lend(promise);
    EXPECT(mr_promise_race(loop, &value, 1, &race) == 0);
    note_when_settled(race, "r");
    mr_promise_unref(race);
}

static void G1_a_pending_promise_with_something_attached_lives_until_it_settles(void **state)
{
    (void)state;
    void (*const attach[])(mr_promise *) = {attach_a_reaction, attach_a_follower, attach_a_race,
                                            attach_a_waiter};
    for (unsigned i = 0; i < COUNT_OF(attach); i++) {
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        waiter_at_hand = NULL;
        mr_promise *promise = pending(&settler);
        attach[i](promise);
        mr_promise_unref(promise);
        turn_once();
        assert_true(promises_of(loop).pending >= 1);
        assert_int_equal(settle_elsewhere(settler, mr_value_int(7), i % 2 == 1), 0);
        assert_int_equal(settle_elsewhere(settler, mr_value_int(8), false), MR_ENOENT);
        turn_once();
        assert_story(waiter_at_hand == NULL ? "r7" : "");
        mr_value value = {0};
        if (waiter_at_hand != NULL)
            assert_int_equal(mr_waiter_wait(waiter_at_hand, 0, NULL, &value), 0);
        assert_true(waiter_at_hand == NULL || number_of(value) == 7);
        mr_waiter_unref(waiter_at_hand);
        assert_int_equal(promises_of(loop).live, 0);
        finish_observed();
    }
}

static void G1_without_an_output_the_promise_lives_until_it_settles(void **state)
{
    (void)state;
    mr_settler settlers[2];
    begin_observed(MR_PARK_AUTO);
    assert_int_equal(mr_promise_with_resolvers(loop, NULL, &settlers[0]), 0);
    assert_int_equal(mr_promise_with_resolvers(loop, NULL, &settlers[1]), 0);
    turn_once();
    assert_int_equal(promises_of(loop).live, 2);
    assert_int_equal(mr_settler_resolve(loop, settlers[0], object_new(1)), 0);
    assert_int_equal(promises_of(loop).live, 1);
    assert_int_equal(atomic_load(&objects_live), 0);
    assert_int_equal(mr_settler_reject(loop, settlers[1], mr_value_int(2)), 0);
    turn_once();
    assert_story("u2");
    assert_int_equal(promises_of(loop).live, 0);
    finish_observed();
}

static void G1_a_pending_promise_keeps_no_loop_running(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_settler settler, late;
        mr_loop_options options = options_for(park);
        options.auto_exit = true;
        begin_with(&options);
        observe();
        mr_promise *promise = pending(&settler);
        note_when_settled(promise, "a");
        mr_promise_unref(promise);
        promise = pending(&late);
        note_when_settled(promise, "b");
        mr_promise_unref(promise);
        assert_false(mr_loop_alive(loop));
        assert_int_equal(settle_elsewhere(late, mr_value_int(5), false), 0);
        assert_int_equal(mr_loop_run(loop), 0); /* at once: the watchdog sees to it */
        assert_story("b5 a-1011");
        check_promises(0, true);
        check_reports(loop);
        leave_loop();
    }
}

/* ---- G2: memory ---- */

static_assert(sizeof(mr_value) <= 16, "table of section 11");
static_assert(sizeof(mr_promise) <= 96, "a promise with one reaction inline");
static_assert(sizeof(mr__node) <= 48, "each further reaction");

/* Allocations for promises since the last call, pages of slots left out. */
static uint64_t allocations_but_pages(void)
{
    static uint64_t allocations, pages;
    mr_promise_stats stats = promises_of(loop);
    uint64_t made = stats.allocations - allocations;
    uint64_t grown = stats.capacity / MR__PROMISE_PAGE - pages;
    allocations = stats.allocations;
    pages = stats.capacity / MR__PROMISE_PAGE;
    return made - grown;
}

static void G2_reactions_cost_a_node_each_but_for_the_first(void **state)
{
    (void)state;
    enum { N = 50 }; /* so that no page is given back meanwhile */
    mr_settler settlers[N];
    mr_promise *promises[N];
    begin_observed(MR_PARK_AUTO);
    allocations_but_pages();
    for (unsigned i = 0; i < N; i++)
        promises[i] = pending(&settlers[i]);
    assert_int_equal(allocations_but_pages(), 0);
    for (unsigned i = 0; i < N; i++)
        note_when_settled(promises[i], "");
    assert_int_equal(allocations_but_pages(), 0);
    for (unsigned i = 0; i < N; i++)
        note_when_settled(promises[0], "");
    assert_int_equal(allocations_but_pages(), N);
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(mr_settler_resolve(loop, settlers[i], mr_value_int(1)), 0);
        mr_promise_unref(promises[i]);
    }
    turn_once();
    mr_promise *again = pending(&settlers[0]); /* nodes are used again */
    for (unsigned i = 0; i < N; i++)
        note_when_settled(again, "");
    assert_int_equal(allocations_but_pages(), 0);
    mr_promise_unref(again);
    finish_observed();
}

/* Bytes in use by the program; 0 where only the allocator's replacement knows. */
static size_t bytes_in_use(void)
{
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

static void G2_a_combinator_costs_no_more_than_the_table_says(void **state)
{
    (void)state;
    enum { N = 1000, HEADERS = 64 };
    mr_status (*const all[])(mr_loop *, const mr_value *, size_t, mr_promise **) = {
        mr_promise_all, mr_promise_all_settled, mr_promise_any, mr_promise_race};
    static mr_promise *promises[N];
    static mr_settler settlers[N];
    static mr_value values[N];
    for (unsigned kind = 0; kind < COUNT_OF(all); kind++) {
        mr_promise *child = NULL;
        begin_observed(MR_PARK_AUTO);
        mr_promise_unref(fulfilled(1)); /* room for the child */
        for (unsigned i = 0; i < N; i++) {
            promises[i] = pending(&settlers[i]);
            values[i] = lend(promises[i]);
        }
        mr_promise_unref(fulfilled(1));
        allocations_but_pages();
        size_t before = bytes_in_use();
        assert_int_equal(all[kind](loop, values, N, &child), 0);
        assert_in_range(bytes_in_use() - before, 0, 96 + 32 * N + HEADERS);
        assert_in_range(allocations_but_pages(), 0, 2);
        for (unsigned i = 0; i < N; i++) {
            EXPECT(mr_settler_resolve(loop, settlers[i], mr_value_int(1)) == 0);
            mr_promise_unref(promises[i]);
        }
        mr_promise_unref(child);
        finish_observed();
    }
}

static unsigned rounds_reacted;

static mr_status count_round(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(number_of(value) == 7);
    rounds_reacted++;
    return 0;
}

enum { ROUNDS_A_TURN = 100 };

static void hundred_rounds(void *arg)
{
    const mr_reaction reaction = {.on_fulfilled = count_round, .arg = arg};
    for (unsigned i = 0; i < ROUNDS_A_TURN; i++) {
        mr_settler settler;
        mr_promise *promise = NULL;
        EXPECT(mr_promise_with_resolvers(loop, &promise, &settler) == 0);
        EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
        EXPECT(mr_settler_resolve(loop, settler, mr_value_int(7)) == 0);
        mr_promise_unref(promise);
    }
}

static void G2_a_million_rounds_allocate_nothing(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    turn_with(hundred_rounds, NULL); /* warm-up */
    turn_with(hundred_rounds, NULL);
    uint64_t of_promises = promises_of(loop).allocations;
    uint64_t of_loop = stats_of(loop).allocations;
    uint64_t all = mr__alloc_count();
    rounds_reacted = 0;
    for (unsigned i = 0; i < 1000000 / ROUNDS_A_TURN; i++)
        turn_with(hundred_rounds, NULL);
    assert_int_equal(rounds_reacted, 1000000);
    assert_int_equal(promises_of(loop).allocations, of_promises);
    assert_int_equal(stats_of(loop).allocations, of_loop);
    assert_int_equal(mr__alloc_count(), all);
    assert_int_equal(promises_of(loop).live, 0);
    finish_turned();
}

/* ---- G2: hooks ---- */

typedef struct seen_id {
    uint64_t id;
    char what[16];
} seen_id;

static seen_id ids[16];
static unsigned ids_n;

/* By id, a letter for each transition. */
static void keep_transition(mr_loop *of, uint64_t id, mr_promise_transition what, void *arg)
{
    (void)of, (void)arg;
    unsigned i = 0;
    while (i < ids_n && ids[i].id != id)
        i++;
    if (i == COUNT_OF(ids))
        return;
    ids_n = i == ids_n ? ids_n + 1 : ids_n;
    ids[i].id = id;
    size_t len = strlen(ids[i].what);
    if (len < sizeof ids[i].what - 1)
        ids[i].what[len] = "mafruhx"[what];
}

static const char *seen_of(uint64_t id)
{
    for (unsigned i = 0; i < ids_n; i++)
        if (ids[i].id == id)
            return ids[i].what;
    return "";
}

static void G2_hooks_are_told_each_transition_under_the_id_of_the_settler(void **state)
{
    (void)state;
    const mr_hooks hooks = {.size_bytes = sizeof hooks, .promise_transition = keep_transition};
    mr_settler a, b, c, d;
    memset(ids, 0, sizeof ids);
    ids_n = 0;
    begin_observed(MR_PARK_AUTO);
    assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
    mr_promise *fulfils = pending(&a), *rejects = pending(&b), *follows = pending(&c);
    mr_promise_unref(pending(&d));
    assert_string_equal(seen_of(a.id), "m");
    assert_string_equal(seen_of(d.id), "mx");
    assert_int_equal(mr_settler_resolve(loop, c, lend(rejects)), 0);
    assert_int_equal(mr_settler_resolve(loop, a, mr_value_int(1)), 0);
    assert_string_equal(seen_of(a.id), "mf");
    assert_string_equal(seen_of(c.id), "ma");
    turn_once();
    assert_int_equal(settle_elsewhere(b, mr_value_int(2), true), 0);
    turn_once();
    assert_string_equal(seen_of(b.id), "mr");
    assert_string_equal(seen_of(c.id), "maru");
    handle(follows);
    turn_once();
    assert_string_equal(seen_of(c.id), "maruh");
    mr_promise *plain = fulfilled(3);
    assert_string_equal(ids[ids_n - 1].what, "mf");
    mr_promise_unref(plain);
    assert_string_equal(ids[ids_n - 1].what, "mfx");
    mr_promise_unref(fulfils);
    mr_promise_unref(rejects);
    mr_promise_unref(follows);
    assert_string_equal(seen_of(a.id), "mfx");
    assert_string_equal(seen_of(b.id), "mrx");
    assert_string_equal(seen_of(c.id), "maruhx");
    finish_observed();
}

static void G2_no_hook_is_called_after_the_end(void **state)
{
    (void)state;
    mr_hooks *hooks = malloc(sizeof *hooks);
    *hooks = count_hooks;
    mr_settler settler;
    memset(seen, 0, sizeof seen);
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_hooks_attach(loop, hooks), 0);
    mr_promise *promise = pending(&settler);
    assert_int_equal(mr_loop_close(loop), 0);
    free(hooks); /* it was lent until the end */
    assert_int_equal(seen[MR_PROMISE_WAS_REJECTED], 1);
    mr_promise_unref(promise);
    assert_int_equal(seen[MR_PROMISE_FREED], 0);
    check_promises(0, false);
    leave_loop();
}

/* ---- G3: pages ---- */

enum { MANY = 100000, LOOKS = 20 };
static mr_settler many[MANY], more[MANY];

static void make_many(mr_settler *settlers)
{
    for (unsigned i = 0; i < MANY; i++)
        EXPECT(mr_promise_with_resolvers(loop, NULL, &settlers[i]) == 0);
}

static bool survives(unsigned i)
{
    return i % 100 == 0;
}

static void expect_stale(void)
{
    for (unsigned i = 0; i < MANY; i++)
        if (!survives(i))
            EXPECT(mr_settler_resolve(loop, many[i], mr_value_int(1)) == MR_ENOENT);
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Among the ids of both. */
static bool all_differ(void)
{
    static uint64_t all[2 * MANY];
    for (unsigned i = 0; i < MANY; i++) {
        all[i] = many[i].id;
        all[MANY + i] = more[i].id;
    }
    qsort(all, COUNT_OF(all), sizeof all[0], by_id);
    for (unsigned i = 1; i < COUNT_OF(all); i++)
        if (all[i] == all[i - 1])
            return false;
    return true;
}

static void G3_empty_pages_go_back_a_few_a_turn_and_no_id_comes_back(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    make_many(many);
    uint64_t capacity = promises_of(loop).capacity;
    assert_in_range(capacity, MANY, MANY + MR__PROMISE_PAGE);
    for (unsigned i = 0; i < MANY; i++)
        if (!survives(i))
            EXPECT(mr_settler_resolve(loop, many[i], mr_value_int(1)) == 0);
    assert_int_equal(promises_of(loop).live, MANY / 100);
    assert_int_equal(promises_of(loop).capacity, capacity); /* not in the call */
    unsigned turns = 0;
    for (uint64_t now = capacity; now * 25 > promises_of(loop).live * 100; turns++) {
        uint64_t before = now;
        assert_int_equal(mr_loop_turn(loop, FOR_EVER), 0); /* which does not park meanwhile */
        now = promises_of(loop).capacity;
        assert_in_range(before - now, 1, LOOKS);
    }
    assert_true(turns >= (capacity - 4 * MANY / 100) / LOOKS);
    capacity = promises_of(loop).capacity;
    assert_in_range(capacity, MANY / 100, 4 * MANY / 100);
    turn_once();
    assert_int_equal(promises_of(loop).capacity, capacity); /* and no more */
    expect_stale();
    assert_int_equal(settle_elsewhere(many[MANY - 1], mr_value_int(1), false), MR_ENOENT);
    make_many(more); /* pages come back */
    expect_stale();
    assert_true(all_differ());
    for (unsigned i = 0; i < MANY; i++) {
        if (survives(i))
            EXPECT(mr_settler_resolve(loop, many[i], mr_value_int(1)) == 0);
        EXPECT(mr_settler_resolve(loop, more[i], mr_value_int(1)) == 0);
    }
    assert_int_equal(promises_of(loop).live, 0);
    while (promises_of(loop).capacity > 256)
        turn_once();
    for (unsigned i = 0; i < 100; i++)
        turn_once();
    assert_true(promises_of(loop).capacity > 256 - LOOKS); /* so many are kept */
    finish_turned();
    assert_int_equal(atomic_load(&failed_expectations), 0);
}

/* ---- G4: races ---- */

enum { BATCH = 1000, RACES = 100000 };

typedef struct race {
    pthread_barrier_t start, end;
    mr_settler settlers[BATCH];
    unsigned batches;
    uint64_t won;
} race;

static void *racer_main(void *arg)
{
    race *r = arg;
    for (unsigned n = r->batches; n != 0; n--) {
        pthread_barrier_wait(&r->start);
        for (unsigned i = 0; i < BATCH; i++) {
            mr_value value = object_new((int)i);
            mr_status status = i % 2 == 0 ? mr_settler_resolve(loop, r->settlers[i], value)
                                          : mr_settler_reject(loop, r->settlers[i], value);
            EXPECT(status == 0 || status == MR_ENOENT);
            r->won += status == 0;
            if (status != 0)
                mr_value_release(value);
        }
        pthread_barrier_wait(&r->end);
    }
    return NULL;
}

static void G4_a_settlement_races_the_last_unref(void **state)
{
    (void)state;
    static race r;
    static mr_promise *promises[BATCH];
    begin(MR_PARK_AUTO);
    r.batches = scaled(RACES / BATCH);
    r.won = 0;
    pthread_barrier_init(&r.start, NULL, 2);
    pthread_barrier_init(&r.end, NULL, 2);
    pthread_t racer = thread_start(racer_main, &r);
    for (unsigned n = 0; n < r.batches; n++) {
        for (unsigned i = 0; i < BATCH; i++)
            promises[i] = pending(&r.settlers[i]);
        pthread_barrier_wait(&r.start);
        for (unsigned i = 0; i < BATCH; i++)
            mr_promise_unref(promises[i]);
        if (n % 3 == 0)
            turn_once(); /* some are delivered, and their slots used again, meanwhile */
        pthread_barrier_wait(&r.end);
        if (n % 2 == 0)
            turn_once();
    }
    thread_join(racer);
    pthread_barrier_destroy(&r.start);
    pthread_barrier_destroy(&r.end);
    while (promises_of(loop).live != 0)
        turn_once();
    assert_int_equal(promises_of(loop).settled, r.won);
    assert_int_equal(promises_of(loop).freed, (uint64_t)r.batches * BATCH);
    assert_int_equal(mr_loop_close(loop), 0);
    check_promises(0, false);
    leave_loop();
}

/* Settled elsewhere, given up here, and the loop ends before it hears of the first. */
static void G4_a_settlement_of_a_promise_that_is_gone_meets_the_end(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        mr_settler settlers[3];
        begin_observed(MR_PARK_AUTO);
        for (unsigned i = 0; i < 3; i++) {
            mr_promise *promise = pending(&settlers[i]);
            assert_int_equal(settle_elsewhere(settlers[i], object_new(1), how % 2 == 1), 0);
            mr_promise_unref(promise);
        }
        assert_int_equal(how < 2 ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER), 0);
        check_promises(0, true);
        assert_int_equal(seen[MR_PROMISE_MADE], 3);
        leave_loop();
    }
}

typedef struct ender {
    gate *go;
    mr_settler settlers[64];
    unsigned won, closed;
} ender;

static void *ender_main(void *arg)
{
    ender *e = arg;
    gate_wait(e->go);
    for (unsigned i = 0; i < COUNT_OF(e->settlers); i++) {
        mr_value value = object_new(1);
        mr_status status = mr_settler_resolve(loop, e->settlers[i], value);
        EXPECT(status == 0 || status == MR_ENOENT || status == MR_ECLOSED);
        e->won += status == 0;
        e->closed += status == MR_ECLOSED;
        if (status != 0)
            mr_value_release(value);
    }
    return NULL;
}

static _Atomic uint64_t fulfilled_here, rejected_here, released_here;

static mr_status count_fulfilled(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(object_number(value) == 1);
    atomic_fetch_add(&fulfilled_here, 1);
    return 0;
}

static mr_status count_rejected(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(code_of(value) == MR_ECLOSED);
    atomic_fetch_add(&rejected_here, 1);
    return 0;
}

static void count_released(void *arg)
{
    (void)arg;
    atomic_fetch_add(&released_here, 1);
}

static const mr_reaction count_reaction = {count_fulfilled, count_rejected, NULL, count_released};

static void react_and_unref(mr_promise *promise)
{
    EXPECT(mr_promise_then(promise, &count_reaction, NULL) == 0);
    mr_promise_unref(promise);
}

static void reset_counts(void)
{
    fulfilled_here = rejected_here = released_here = 0;
}

static void G4_settlements_race_the_end(void **state)
{
    (void)state;
    for (unsigned n = scaled(300); n != 0; n--) {
        bool close = n % 2 == 0;
        gate go = GATE;
        ender enders[3];
        pthread_t threads[3];
        runner r;
        unsigned won = 0;
        begin(MR_PARK_AUTO);
        reset_counts();
        for (unsigned i = 0; i < COUNT_OF(enders); i++) {
            enders[i] = (ender){.go = &go};
            for (unsigned k = 0; k < COUNT_OF(enders[i].settlers); k++)
                react_and_unref(pending(&enders[i].settlers[k]));
            threads[i] = thread_start(ender_main, &enders[i]);
        }
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        gate_open(&go);
        assert_int_equal(close ? mr_loop_close(loop) : mr_loop_shutdown(loop, FOR_EVER), 0);
        for (unsigned i = 0; i < COUNT_OF(enders); i++) {
            thread_join(threads[i]);
            won += enders[i].won;
        }
        assert_int_equal(runner_join(&r), close ? MR_ECANCELED : 0);
        assert_int_equal(released_here, 3 * 64);
        if (close)
            assert_true(fulfilled_here <= won && rejected_here == 0);
        else
            assert_true(fulfilled_here == won && rejected_here == 3 * 64 - won);
        check_promises(0, false);
        leave_loop();
    }
}

/* ---- G4: in a thousand worlds ---- */

enum { ACTORS = 4, SHARED = 8 };

typedef struct settling_actor {
    unsigned left;
    uint64_t random;
} settling_actor;

static mr_settler shared[SHARED];
static mr_promise *held_back[SHARED];
static unsigned won_of[SHARED], reacted_of[SHARED], actors_left;
static int won_value[SHARED], ending_of_world;

static mr_status keep_shared(mr_value value, void *arg, mr_value *out_value)
{
    unsigned at = (unsigned)(uintptr_t)arg;
    (void)out_value;
    reacted_of[at]++;
    EXPECT(won_of[at] == 0 ? code_of(value) == MR_ECLOSED : object_number(value) == won_value[at]);
    return 0;
}

static mr_status build_object(void *arg, mr_value *out_value)
{
    *out_value = object_new(1000 + (int)(uintptr_t)arg);
    return 0;
}

static void settle_shared(unsigned at, uint64_t random)
{
    int number = (int)(random % 100);
    mr_status status = 0;
    if (random % 3 == 2) {
        number = 1000 + (int)at;
        status = mr_settler_resolve_with(loop, shared[at], build_object, (void *)(uintptr_t)at);
    } else {
        mr_value value = object_new(number);
        status = random % 3 == 0 ? mr_settler_resolve(loop, shared[at], value)
                                 : mr_settler_reject(loop, shared[at], value);
        if (status != 0)
            mr_value_release(value);
    }
    EXPECT(status == 0 || status == MR_ENOENT || status == MR_ECLOSED);
    if (status == 0) {
        won_of[at]++;
        won_value[at] = number;
    }
}

static void drop_held(void *arg)
{
    unsigned at = (unsigned)(uintptr_t)arg;
    mr_promise_unref(held_back[at]);
    held_back[at] = NULL;
}

static void settle_as_owner(void *arg)
{
    settle_shared((unsigned)(uintptr_t)arg, (uintptr_t)arg * 5);
}

static uint64_t settling_step(mr_loop *of, void *arg)
{
    settling_actor *a = arg;
    uint64_t random = next_random(&a->random);
    unsigned at = (unsigned)(random >> 8) % SHARED;
    if (random % 7 == 0)
        (void)!mr_submit(of, drop_held, (void *)(uintptr_t)at);
    else if (random % 7 == 1)
        (void)!mr_submit(of, settle_as_owner, (void *)(uintptr_t)at);
    else
        settle_shared(at, random >> 16);
    if (--a->left != 0)
        return random % 2 == 0 ? 0 : random % MS;
    if (--actors_left == 0) {
        mr_status status =
            ending_of_world == 0 ? mr_loop_request_close(of) : mr_loop_shutdown(of, 0);
        EXPECT(status == 0);
    }
    return MR_SIM_DONE;
}

static void one_world(uint64_t seed)
{
    static settling_actor actors[ACTORS];
    begin_simulated(seed, 0, false);
    observe();
    memset(won_of, 0, sizeof won_of);
    memset(reacted_of, 0, sizeof reacted_of);
    ending_of_world = (int)(seed % 3);
    actors_left = ACTORS;
    for (unsigned i = 0; i < SHARED; i++) {
        const mr_reaction reaction = {keep_shared, keep_shared, (void *)(uintptr_t)i,
                                      count_released};
        held_back[i] = pending(&shared[i]);
        EXPECT(mr_promise_then(held_back[i], &reaction, NULL) == 0);
    }
    reset_counts();
    for (unsigned i = 0; i < ACTORS; i++) {
        actors[i] = (settling_actor){10, seed * ACTORS + i + 1};
        assert_int_equal(mr_sim_actor(loop, 0, settling_step, &actors[i]), 0);
    }
    assert_int_equal(mr_loop_run(loop), ending_of_world == 0 ? MR_ECANCELED : 0);
    for (unsigned i = 0; i < SHARED; i++) {
        mr_promise_unref(held_back[i]);
        EXPECT(won_of[i] <= 1 && reacted_of[i] <= 1);
        EXPECT(ending_of_world == 0 || reacted_of[i] == 1);
    }
    assert_int_equal(released_here, SHARED);
    if (atomic_load(&failed_expectations) != 0)
        print_error("seed %" PRIu64 "\n", seed);
    check_promises(0, false);
    leave_loop();
}

static void G4_actors_settle_each_promise_once_in_a_thousand_worlds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++)
        one_world(seed);
}

/* ---- G4: fork ---- */

static bool in_child;

/* True in the child. In the parent, after the child has ended well. */
static bool fork_and_wait(void)
{
    pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0) {
        in_child = true;
        atomic_store(&failed_expectations, 0);
        alarm(60); /* the watchdog thread is the parent's */
        return true;
    }
    int how = -1;
    EXPECT(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
    return false;
}

static void child_ends(void)
{
    unsigned failed = atomic_load(&failed_expectations);
    _exit(failed > 99 ? 99 : (int)failed);
}

/* Those another thread of the parent settles: with a value, with a builder, and one given up here. */
enum { BY_VALUE, BY_BUILDER, GIVEN_UP, FORKED };
static mr_settler forked[FORKED];

static mr_status build_five(void *arg, mr_value *out_value)
{
    (void)arg;
    note(in_child ? "child-builds" : "builds");
    *out_value = mr_value_int(5);
    return 0;
}

static void *parents_thread(void *arg)
{
    (void)arg;
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], object_new(4)) == 0);
    EXPECT(mr_settler_resolve_with(loop, forked[BY_BUILDER], build_five, NULL) == 0);
    EXPECT(mr_settler_resolve(loop, forked[GIVEN_UP], object_new(6)) == 0);
    return NULL;
}

static mr_status note_object(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    note("o%d", object_number(value));
    return 0;
}

static void fork_with_settlements_posted(void *arg)
{
    mr_promise *given_up = arg;
    thread_join(thread_start(parents_thread, NULL));
    mr_promise_unref(given_up);
    if (!fork_and_wait())
        return;
    EXPECT(mr_loop_after_fork(loop) == 0);
    EXPECT(atomic_load(&objects_live) == 0); /* what the parent's thread gave is let go */
    EXPECT(mr_settler_resolve(loop, forked[GIVEN_UP], mr_value_int(1)) == MR_ENOENT);
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], object_new(14)) == 0);
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], mr_value_int(1)) == MR_ENOENT);
    EXPECT(promises_of(loop).pending == 1); /* BY_BUILDER; handlers have children */
}

static void G4_what_the_parents_threads_settle_is_not_settled_in_a_child(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_observed(park);
        mr_promise *given_up = pending(&forked[GIVEN_UP]);
        mr_promise *by_value = pending(&forked[BY_VALUE]);
        mr_promise *by_builder = pending(&forked[BY_BUILDER]);
        submit(fork_with_settlements_posted, given_up);
        turn_once();
        const mr_reaction reaction = {.on_fulfilled = note_object};
        EXPECT(mr_promise_then(by_value, &reaction, NULL) == 0);
        note_when_settled(by_builder, "b");
        if (in_child) {
            EXPECT(mr_settler_resolve(loop, forked[BY_BUILDER], mr_value_int(15)) == 0);
            EXPECT(mr_loop_turn(loop, 0) == 0);
            EXPECT(strcmp(story, "o14 b15") == 0);
            mr_promise_unref(by_value);
            mr_promise_unref(by_builder);
            EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0 && mr_loop_turn(loop, 0) == 0);
            mr_promise_stats stats = promises_of(loop);
            EXPECT(stats.live == 0 && stats.pending == 0 && stats.settled == 4);
            EXPECT(atomic_load(&objects_live) == 0);
            mr_loop_unref(loop);
            child_ends();
        }
        turn_once();
        assert_story("o4 builds b5");
        mr_promise_unref(by_value);
        mr_promise_unref(by_builder);
        finish_observed();
    }
}

/* ---- G6: where promises were made ---- */

static mr_creation reported_creation;
static void *reported_frames[64];

static void keep_creation(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    (void)reason, (void)arg;
    mr_creation asked = mr_promise_creation(promise);
    EXPECT(asked.n == creation.n && asked.frames == creation.frames);
    reported_creation = creation;
    for (unsigned i = 0; i < creation.n && i < 64; i++)
        reported_frames[i] = creation.frames[i];
}

static void set_stacks(unsigned frames)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = keep_creation,
                                        .debug_stacks = frames};
    EXPECT(mr_promise_configure(loop, &options) == 0);
}

static void *volatile called_from;
static volatile unsigned depth_made;

__attribute__((noinline)) static mr_promise *make_here(unsigned depth)
{
    mr_promise *promise;
    if (depth != 0) {
        promise = make_here(depth - 1);
    } else {
        called_from = __builtin_return_address(0);
        promise = rejected(1);
    }
    depth_made++; /* no tail call */
    return promise;
}

static bool came_from(mr_creation creation, const void *address)
{
    for (unsigned i = 0; i < creation.n; i++)
        if (creation.frames[i] == address)
            return true;
    return false;
}

static void G6_reports_name_up_to_so_many_frames_as_were_asked_for(void **state)
{
    (void)state;
    const unsigned asked[] = {32, 64, 8, 0, 32};
    begin(MR_PARK_AUTO);
    for (unsigned i = 0; i < COUNT_OF(asked); i++) {
        set_stacks(asked[i]);
        reported_creation = (mr_creation){(void *const *)reported_frames, 99};
        mr_promise *promise = make_here(80);
        mr_creation creation = mr_promise_creation(promise);
        assert_int_equal(creation.n, asked[i]);
        assert_true(asked[i] == 0 || came_from(creation, called_from));
        assert_true(asked[i] != 0 || creation.frames == NULL);
        turn_once();
        assert_int_equal(reported_creation.n, asked[i]);
        assert_true(reported_creation.frames == creation.frames);
        mr_promise_unref(promise);
    }
    mr_promise *shallow = make_here(0);
    assert_in_range(mr_promise_creation(shallow).n, 2, 32);
    mr_promise_unref(shallow);
    assert_int_equal(mr_promise_creation(NULL).n, 0);
    mr_promise_options options = {.size_bytes = sizeof options, .debug_stacks = 65};
    assert_int_equal(mr_promise_configure(loop, &options), MR_EINVAL);
    options = (mr_promise_options){.size_bytes = 1};
    assert_int_equal(mr_promise_configure(loop, &options), MR_EINVAL);
    finish_turned();
}

static void G6_off_costs_neither_space_nor_allocations(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise_unref(make_here(0));
    uint64_t before = mr__alloc_count();
    mr_promise_unref(make_here(0));
    turn_once();
    uint64_t off = mr__alloc_count() - before;
    assert_int_equal(off, 0);
    set_stacks(32);
    before = mr__alloc_count();
    mr_promise_unref(make_here(0));
    assert_true(mr__alloc_count() > before); /* the check sees what is kept */
    finish_turned();
}

static void G6_a_creation_stays_until_its_promise_is_freed(void **state)
{
    (void)state;
    const unsigned later[] = {0, 8, 64};
    for (unsigned i = 0; i < COUNT_OF(later); i++) {
        begin(MR_PARK_AUTO);
        set_stacks(32);
        mr_promise *first = make_here(80); /* the next one is in the same page */
        mr_creation creation = mr_promise_creation(first);
        set_stacks(later[i]);
        mr_promise *second = make_here(80);
        assert_int_equal(mr_promise_creation(first).n, 32);
        assert_ptr_equal(mr_promise_creation(first).frames, creation.frames);
        assert_true(came_from(creation, called_from));
        assert_true(mr_promise_creation(second).n <= later[i]);
        assert_true((mr_promise_creation(second).n == 0) == (later[i] == 0));
        mr_promise_unref(first);
        mr_promise_unref(second);
        finish_turned();
    }
}

typedef struct listed {
    unsigned n;
    mr_promise *promises[8];
    uint64_t ages[8];
    unsigned frames[8];
} listed;

static void list_one(mr_promise *promise, uint64_t age_ns, mr_creation creation, void *arg)
{
    listed *l = arg;
    if (l->n < COUNT_OF(l->ages)) {
        l->promises[l->n] = promise;
        l->ages[l->n] = age_ns;
        l->frames[l->n] = creation.n;
    }
    l->n++;
}

static void *list_elsewhere(void *arg)
{
    EXPECT(mr_promise_each(loop, list_one, arg) == MR_EWRONGTHREAD);
    return NULL;
}

static void G6_pending_promises_are_listed_with_their_age(void **state)
{
    (void)state;
    mr_settler settlers[4];
    mr_promise *promises[4];
    listed l = {0};
    begin_simulated(1, 5 * SEC, true);
    assert_int_equal(mr_promise_each(loop, list_one, &l), 0);
    assert_int_equal(l.n, 0);
    promises[0] = pending(&settlers[0]);
    set_stacks(32);
    promises[1] = pending(&settlers[1]);
    assert_int_equal(mr_sim_advance(loop, 5 * MS), 0);
    promises[2] = pending(&settlers[2]);
    promises[3] = pending(&settlers[3]);
    assert_int_equal(mr_settler_resolve(loop, settlers[3], mr_value_int(1)), 0);
    assert_int_equal(mr_promise_each(loop, list_one, &l), 0);
    assert_int_equal(l.n, 3); /* the settled one is not among them */
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t ages[] = {0, 5 * MS, 0};
        unsigned at = 0;
        while (at < 3 && l.promises[at] != promises[i])
            at++;
        assert_in_range(at, 0, 2);
        assert_int_equal(l.ages[at], ages[i]);
        assert_int_equal(l.frames[at] != 0, i != 0);
    }
    l.n = 0;
    thread_join(thread_start(list_elsewhere, &l));
    assert_int_equal(mr_promise_each(loop, NULL, &l), MR_EINVAL);
    for (unsigned i = 0; i < 4; i++)
        mr_promise_unref(promises[i]);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(mr_promise_each(loop, list_one, &l), MR_ECLOSED);
    assert_int_equal(l.n, 0);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(G1_the_last_unref_of_a_bare_pending_promise_makes_its_settler_stale),
        SCENARIO(G1_a_pending_promise_with_something_attached_lives_until_it_settles),
        SCENARIO(G1_without_an_output_the_promise_lives_until_it_settles),
        SCENARIO(G1_a_pending_promise_keeps_no_loop_running),
        SCENARIO(G2_reactions_cost_a_node_each_but_for_the_first),
        SCENARIO(G2_a_combinator_costs_no_more_than_the_table_says),
        SCENARIO(G2_a_million_rounds_allocate_nothing),
        SCENARIO(G2_hooks_are_told_each_transition_under_the_id_of_the_settler),
        SCENARIO(G2_no_hook_is_called_after_the_end),
        SCENARIO(G3_empty_pages_go_back_a_few_a_turn_and_no_id_comes_back),
        SCENARIO(G4_a_settlement_races_the_last_unref),
        SCENARIO(G4_a_settlement_of_a_promise_that_is_gone_meets_the_end),
        SCENARIO(G4_settlements_race_the_end),
        SCENARIO(G4_actors_settle_each_promise_once_in_a_thousand_worlds),
        SCENARIO(G4_what_the_parents_threads_settle_is_not_settled_in_a_child),
        SCENARIO(G6_reports_name_up_to_so_many_frames_as_were_asked_for),
        SCENARIO(G6_off_costs_neither_space_nor_allocations),
        SCENARIO(G6_a_creation_stays_until_its_promise_is_freed),
        SCENARIO(G6_pending_promises_are_listed_with_their_age),
    };
    return RUN_SCENARIOS(tests);
}
