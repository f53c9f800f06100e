/* Scenarios G1 to G4 of promises: the registry of settlers, its memory, who may use an id when. */
#include "promise/registry.h"

#include "promise_reports.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

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
    assert_int_equal(promise_stats().live, 1);
    mr_promise_unref(promise);
    mr_promise_unref(NULL);
    assert_null(mr_promise_ref(NULL));
    assert_int_equal(promise_stats().live, 0);
    assert_int_equal(promise_stats().pending, 0);
    mr_value value = custom_of(&counted_type, 1);
    assert_int_equal(mr_settler_resolve(loop, settler, value), MR_ENOENT);
    assert_int_equal(mr_settler_reject(loop, settler, value), MR_ENOENT);
    assert_int_equal(custom_number(value), 1); /* it stayed ours */
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
    EXPECT(mr_settler_resolve(loop, settler, holding(promise)) == 0);
    mr_promise_unref(follower);
}

static void attach_a_race(mr_promise *promise)
{
    mr_promise *race = NULL;
    mr_value value = holding(promise);
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
        turn();
        assert_true(promise_stats().pending >= 1);
        assert_int_equal(settle_elsewhere(settler, mr_value_int(7), i % 2 == 1), 0);
        assert_int_equal(settle_elsewhere(settler, mr_value_int(8), false), MR_ENOENT);
        turn();
        assert_story(waiter_at_hand == NULL ? "r7" : "");
        mr_value value = {0};
        if (waiter_at_hand != NULL)
            assert_int_equal(mr_waiter_wait(waiter_at_hand, 0, NULL, &value), 0);
        assert_true(waiter_at_hand == NULL || number_of(value) == 7);
        mr_waiter_unref(waiter_at_hand);
        assert_int_equal(promise_stats().live, 0);
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
    turn();
    assert_int_equal(promise_stats().live, 2);
    assert_int_equal(mr_settler_resolve(loop, settlers[0], custom_of(&counted_type, 1)), 0);
    assert_int_equal(promise_stats().live, 1);
    assert_int_equal(atomic_load(&customs_alive), 0);
    assert_int_equal(mr_settler_reject(loop, settlers[1], mr_value_int(2)), 0);
    turn();
    assert_story("u2");
    assert_int_equal(promise_stats().live, 0);
    finish_observed();
}

static void take_reference(mr_promise *promise, uint64_t age_ns, mr_creation creation, void *arg)
{
    (void)age_ns, (void)creation;
    *(mr_promise **)arg = mr_promise_ref(promise);
}

static void G1_a_race_that_leaves_does_not_free_it(void **state)
{
    (void)state;
    mr_settler settler;
    mr_promise *lent = NULL, *winner, *race;
    begin_observed(MR_PARK_AUTO);
    assert_int_equal(mr_promise_with_resolvers(loop, NULL, &settler), 0);
    assert_int_equal(mr_promise_each(loop, take_reference, &lent), 0);
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), &winner), 0);
    const mr_value inputs[] = {mr_value_promise(lent), mr_value_promise(winner)};
    assert_int_equal(mr_promise_race(loop, inputs, 2, &race), 0);
    turn();
    assert_int_equal(mr_promise_get_state(race), MR_PROMISE_FULFILLED);
    mr_promise_unref(race);
    assert_int_equal(mr_settler_resolve(loop, settler, mr_value_int(2)), 0);
    assert_int_equal(promise_stats().live, 0);
    finish_observed();
}

/* What the release of a value does with the loop on which it is settled. */
static struct {
    mr_timer timer;
    mr_settler settler;
    unsigned releases;
} on_release;

static void release_into_the_loop(void *object)
{
    EXPECT(object == &on_release);
    on_release.releases++;
    EXPECT(mr_timer_cancel(loop, on_release.timer) == 0);
    EXPECT(mr_timer_cancel(loop, on_release.timer) == MR_ENOENT); /* at once: on the owner */
    EXPECT(mr_settler_resolve(loop, on_release.settler, mr_value_int(4)) == 0);
}

static void settle_with_a_last_use(void *arg)
{
    static const mr_custom_type calling_type = {.name = "calling",
                                                .release = release_into_the_loop};
    mr_settler settler;
    mr_value value = mr_value_null();
    on_release.timer = timer_in(FOR_EVER, nothing, NULL);
    mr_promise *promise = pending(&on_release.settler);
    note_when_settled(promise, "p");
    mr_promise_unref(promise);
    EXPECT(mr_promise_with_resolvers(loop, NULL, &settler) == 0);
    EXPECT(mr_value_custom(&calling_type, &on_release, &value) == 0);
    unsigned before = on_release.releases;
    EXPECT(mr_settler_resolve(loop, settler, value) == 0);
    EXPECT(on_release.releases == before + 1);
    (void)arg;
}

static void settle_from_another_loop(void)
{
    mr_loop *other = NULL;
    EXPECT(mr_loop_create(NULL, &other) == 0);
    EXPECT(mr_submit(other, settle_with_a_last_use, NULL) == 0);
    EXPECT(mr_loop_turn(other, 0) == 0);
    EXPECT(mr_loop_close(other) == 0);
    mr_loop_unref(other);
}

/* Without hooks an owner outside a run has shorter ways: both. */
static void G1_a_settlement_anywhere_may_release_what_calls_into_the_loop(void **state)
{
    (void)state;
    for (unsigned hooked = 0; hooked < 2; hooked++) {
        begin(MR_PARK_AUTO);
        if (hooked)
            observe();
        on_release.releases = 0;
        settle_with_a_last_use(NULL); /* before any run */
        in_task(settle_with_a_last_use, NULL);
        settle_with_a_last_use(NULL); /* between two turns */
        settle_from_another_loop();
        turn();
        assert_int_equal(on_release.releases, 4);
        assert_story("p4 p4 p4 p4");
        finish_hooked(hooked);
    }
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
    mr_promise_stats stats = promise_stats();
    uint64_t made = stats.allocations - allocations;
    uint64_t grown = stats.capacity / MR__PROMISE_PAGE - pages;
    allocations = stats.allocations;
    pages = stats.capacity / MR__PROMISE_PAGE;
    return made - grown;
}

static void G2_reactions_cost_at_most_a_node_each_but_for_the_first(void **state)
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
    assert_in_range(allocations_but_pages(), 1, N);
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(mr_settler_resolve(loop, settlers[i], mr_value_int(1)), 0);
        mr_promise_unref(promises[i]);
    }
    turn();
    mr_promise *again = pending(&settlers[0]); /* nodes are used again */
    for (unsigned i = 0; i < N; i++)
        note_when_settled(again, "");
    assert_int_equal(allocations_but_pages(), 0);
    mr_promise_unref(again);
    finish_observed();
}

/* Bytes in use by the program; 0 where only the allocator's replacement knows. */
static size_t bytes_of_allocator(void)
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
            values[i] = holding(promises[i]);
        }
        mr_promise_unref(fulfilled(1));
        allocations_but_pages();
        size_t before = bytes_of_allocator();
        assert_int_equal(all[kind](loop, values, N, &child), 0);
        assert_in_range(bytes_of_allocator() - before, 0, 96 + 32 * N + HEADERS);
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
    in_task(hundred_rounds, NULL); /* warm-up */
    in_task(hundred_rounds, NULL);
    uint64_t of_promises = promise_stats().allocations;
    uint64_t of_loop = stats_of(loop).allocations;
    uint64_t all = mr__alloc_count();
    rounds_reacted = 0;
    for (unsigned i = 0; i < 1000000 / ROUNDS_A_TURN; i++)
        in_task(hundred_rounds, NULL);
    assert_int_equal(rounds_reacted, 1000000);
    assert_int_equal(promise_stats().allocations, of_promises);
    assert_int_equal(stats_of(loop).allocations, of_loop);
    assert_int_equal(mr__alloc_count(), all);
    assert_int_equal(promise_stats().live, 0);
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
    assert_int_equal(mr_settler_resolve(loop, c, holding(rejects)), 0);
    assert_int_equal(mr_settler_resolve(loop, a, mr_value_int(1)), 0);
    assert_string_equal(seen_of(a.id), "mf");
    assert_string_equal(seen_of(c.id), "ma");
    turn();
    assert_int_equal(settle_elsewhere(b, mr_value_int(2), true), 0);
    turn();
    assert_string_equal(seen_of(b.id), "mr");
    assert_string_equal(seen_of(c.id), "maru");
    handle(follows);
    turn();
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
    uint64_t capacity = promise_stats().capacity;
    assert_in_range(capacity, MANY, MANY + MR__PROMISE_PAGE);
    for (unsigned i = 0; i < MANY; i++)
        if (!survives(i))
            EXPECT(mr_settler_resolve(loop, many[i], mr_value_int(1)) == 0);
    assert_int_equal(promise_stats().live, MANY / 100);
    assert_int_equal(promise_stats().capacity, capacity); /* not in the call */
    unsigned turns = 0;
    for (uint64_t now = capacity; now * 25 > promise_stats().live * 100; turns++) {
        uint64_t before = now;
        assert_int_equal(mr_loop_turn(loop, FOR_EVER), 0); /* which does not park meanwhile */
        now = promise_stats().capacity;
        assert_in_range(before - now, 1, LOOKS);
    }
    assert_true(turns >= (capacity - 4 * MANY / 100) / LOOKS);
    capacity = promise_stats().capacity;
    assert_in_range(capacity, MANY / 100, 4 * MANY / 100);
    turn();
    assert_int_equal(promise_stats().capacity, capacity); /* and no more */
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
    assert_int_equal(promise_stats().live, 0);
    while (promise_stats().capacity > 256)
        turn();
    for (unsigned i = 0; i < 100; i++)
        turn();
    assert_true(promise_stats().capacity > 256 - LOOKS); /* so many are kept */
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
            mr_value value = custom_of(&counted_type, (int)i);
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
            turn(); /* some are delivered, and their slots used again, meanwhile */
        pthread_barrier_wait(&r.end);
        if (n % 2 == 0)
            turn();
    }
    thread_join(racer);
    pthread_barrier_destroy(&r.start);
    pthread_barrier_destroy(&r.end);
    while (promise_stats().live != 0)
        turn();
    assert_int_equal(promise_stats().settled, r.won);
    assert_int_equal(promise_stats().freed, (uint64_t)r.batches * BATCH);
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
            assert_int_equal(
                settle_elsewhere(settlers[i], custom_of(&counted_type, 1), how % 2 == 1), 0);
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
        mr_value value = custom_of(&counted_type, 1);
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
    EXPECT(custom_number(value) == 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(G1_the_last_unref_of_a_bare_pending_promise_makes_its_settler_stale),
        SCENARIO(G1_a_pending_promise_with_something_attached_lives_until_it_settles),
        SCENARIO(G1_without_an_output_the_promise_lives_until_it_settles),
        SCENARIO(G1_a_race_that_leaves_does_not_free_it),
        SCENARIO(G1_a_settlement_anywhere_may_release_what_calls_into_the_loop),
        SCENARIO(G1_a_pending_promise_keeps_no_loop_running),
        SCENARIO(G2_reactions_cost_at_most_a_node_each_but_for_the_first),
        SCENARIO(G2_a_combinator_costs_no_more_than_the_table_says),
        SCENARIO(G2_a_million_rounds_allocate_nothing),
        SCENARIO(G2_hooks_are_told_each_transition_under_the_id_of_the_settler),
        SCENARIO(G2_no_hook_is_called_after_the_end),
        SCENARIO(G3_empty_pages_go_back_a_few_a_turn_and_no_id_comes_back),
        SCENARIO(G4_a_settlement_races_the_last_unref),
        SCENARIO(G4_a_settlement_of_a_promise_that_is_gone_meets_the_end),
        SCENARIO(G4_settlements_race_the_end),
    };
    return RUN_SCENARIOS(tests);
}
