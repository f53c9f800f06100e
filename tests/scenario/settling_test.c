/* Scenarios P2 and P8 to P13: settlers and threads, releases, refusals, long chains. */
#include "promise_scenario.h"

static bool inside; /* a call of the library */
static pthread_t owner;

/* ---- P2 ---- */

enum { RIVALS = 100 };

static struct {
    pthread_barrier_t start, end;
    mr_settler settler;
    bool over;
    mr_status answers[RIVALS + 1];
} race;

static mr_status compete(int64_t who)
{
    return who % 2 == 0 ? mr_settler_resolve(loop, race.settler, mr_value_int(who))
                        : mr_settler_reject(loop, race.settler, mr_value_int(who));
}

static void *rival_main(void *arg)
{
    int64_t who = (int64_t)(intptr_t)arg;
    for (;;) {
        pthread_barrier_wait(&race.start);
        if (race.over)
            return NULL;
        race.answers[who] = compete(who);
        pthread_barrier_wait(&race.end);
    }
}

/* Who won; the others lost. */
static int64_t only_winner(unsigned rivals)
{
    int64_t winner = -1;
    for (unsigned i = 0; i < rivals; i++) {
        EXPECT(race.answers[i] == 0 || race.answers[i] == MR_ENOENT);
        if (race.answers[i] != 0)
            continue;
        EXPECT(winner == -1);
        winner = i;
    }
    EXPECT(winner != -1);
    return winner;
}

static void one_race(bool owner_too)
{
    mr_promise *promise = pending(&race.settler);
    tell(promise, "r");
    pthread_barrier_wait(&race.start);
    if (owner_too)
        race.answers[RIVALS] = compete(RIVALS);
    pthread_barrier_wait(&race.end);
    int64_t winner = only_winner(owner_too ? RIVALS + 1 : RIVALS);
    EXPECT(is_pending(promise) == (winner != RIVALS)); /* the owner's settlement is at once */
    EXPECT(compete(0) == MR_ENOENT);                   /* the winner is decided already */
    story_clear();
    turn();
    EXPECT(winner % 2 == 0 ? is_fulfilled_with(promise, winner)
                           : is_rejected_with(promise, winner));
    char wanted[32];
    snprintf(wanted, sizeof wanted, "r%c%" PRId64, winner % 2 == 0 ? '=' : '!', winner);
    assert_story(wanted);
    EXPECT(compete(0) == MR_ENOENT);
    mr_promise_unref(promise);
}

static void P2_of_a_hundred_racing_settlements_one_wins(void **state)
{
    (void)state;
    pthread_t threads[RIVALS];
    unsigned rounds = scaled(1000);
    begin(MR_PARK_AUTO);
    pthread_barrier_init(&race.start, NULL, RIVALS + 1);
    pthread_barrier_init(&race.end, NULL, RIVALS + 1);
    race.over = false;
    turn();
    for (intptr_t i = 0; i < RIVALS; i++)
        threads[i] = thread_start(rival_main, (void *)i);
    for (unsigned i = 0; i < rounds; i++)
        one_race(i % 4 == 3);
    race.over = true;
    pthread_barrier_wait(&race.start);
    for (unsigned i = 0; i < RIVALS; i++)
        thread_join(threads[i]);
    pthread_barrier_destroy(&race.start);
    pthread_barrier_destroy(&race.end);
    assert_int_equal(promise_stats().settled, rounds);
    finish_promises_turned();
}

/* ---- P8 ---- */

enum { REACTIONS = 8 };

static unsigned released[REACTIONS];

static void attach_counted(mr_promise *promise, unsigned which, mr_reaction_fn *on_fulfilled,
                           mr_reaction_fn *on_rejected)
{
    const mr_reaction reaction = {.on_fulfilled = on_fulfilled,
                                  .on_rejected = on_rejected,
                                  .arg = &released[which],
                                  .release = count_release};
    EXPECT(mr_promise_then(promise, &reaction, NULL) == 0);
}

static mr_status before_release(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    EXPECT(*(unsigned *)arg == 0); /* it comes after the handler */
    note("ran");
    return 0;
}

static void P8_release_of_a_run_and_of_a_branch_not_taken_is_once(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    memset(released, 0, sizeof released);
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    attach_counted(promise, 0, before_release, NULL);
    attach_counted(promise, 1, NULL, before_release);
    attach_counted(promise, 2, NULL, NULL);
    assert_int_equal(mr_promise_catch(promise, before_release, &released[3], count_release, NULL),
                     0);
    assert_int_equal(mr_promise_finally(promise, before_release, &released[5], count_release, NULL),
                     0);
    resolve_int(settler, 1);
    attach_counted(promise, 4, before_release, NULL);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(released[i], 0);
    turn();
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(released[i], 1);
    assert_story("ran ran ran");
    mr_promise_unref(promise);
    finish_promises_turned();
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(released[i], 1);
}

static void P8_release_of_a_promise_freed_unsettled_is_once(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    memset(released, 0, sizeof released);
    mr_promise *never;
    assert_int_equal(mr_promise_race(loop, NULL, 0, &never), 0);
    for (unsigned i = 0; i < 3; i++)
        attach_counted(never, i, before_release, before_release);
    mr_promise_unref(never);
    turn();
    assert_int_equal(live_promises(), 1); /* what nobody can settle stays until the end */
    assert_int_equal(released[0] + released[1] + released[2], 0);
    finish_promises_turned();
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(released[i], 1);
    assert_string_equal(story, "");
}

static void P8_release_at_a_close_is_once_and_no_reaction_runs(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    memset(released, 0, sizeof released);
    mr_settler settler, other;
    mr_promise *promise = pending(&settler), *settled = pending(&other);
    for (unsigned i = 0; i < 4; i++)
        attach_counted(promise, i, before_release, before_release);
    for (unsigned i = 4; i < 6; i++)
        attach_counted(settled, i, before_release, NULL); /* their jobs are queued */
    resolve_int(other, 1);
    attach_counted(settled, 6, before_release, NULL);
    const mr_reaction bare = {.on_fulfilled = before_release, .arg = released};
    assert_int_equal(mr_promise_then(promise, &bare, NULL), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(released[i], 1);
    assert_int_equal(atomic_load(&told.discarded[MR_KIND_MICROTASK]), 1); /* the bare one */
    assert_int_equal(atomic_load(&told.reason), MR_ECLOSED);
    assert_string_equal(story, "");
    assert_true(is_rejected_by(promise, MR_ECLOSED) && is_fulfilled_with(settled, 1));
    mr_promise_unref(promise);
    mr_promise_unref(settled);
    finish_promises_closed();
}

static mr_promise *kept_promise;

static void release_at_the_end(void *arg)
{
    mr_promise *made = NULL;
    const mr_reaction more = {.on_fulfilled = before_release};
    EXPECT(mr_promise_then(kept_promise, &more, NULL) == MR_ECLOSED);
    EXPECT(mr_promise_resolve(loop, mr_value_int(1), &made) == MR_ECLOSED && made == NULL);
    EXPECT(mr_settler_resolve(loop, *(mr_settler *)arg, mr_value_int(1)) == MR_ECLOSED);
    mr_promise_unref(kept_promise); /* the last one, of a promise not ended yet */
    note("released");
}

static void P8_release_at_a_close_may_unref_but_start_nothing(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        begin(MR_PARK_AUTO);
        mr_settler settlers[2];
        mr_promise *promises[2] = {pending(&settlers[0]), pending(&settlers[1])};
        kept_promise = promises[order];
        const mr_reaction reaction = {
            .on_fulfilled = before_release, .arg = &settlers[order], .release = release_at_the_end};
        assert_int_equal(mr_promise_then(promises[1 - order], &reaction, NULL), 0);
        mr_promise_unref(promises[1 - order]);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_string_equal(story, "released");
        finish_promises_closed();
    }
}

/* ---- P9 ---- */

static mr_promise *const untouched = (mr_promise *)(uintptr_t)0xA5A5A5A5u;
static mr_promise *p9_promise;
static mr_settler p9_settler;

static mr_status never_try(void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    note("never");
    return 0;
}

static mr_status never_react(mr_value value, void *arg, mr_value *out_value)
{
    (void)value;
    return never_try(arg, out_value);
}

static void each_never(mr_promise *promise, uint64_t age_ns, mr_creation creation, void *arg)
{
    (void)promise, (void)age_ns, (void)creation, (void)arg;
    note("never");
}

/* Each call that only the owner may make answers `wanted`, and changes nothing. */
static void every_owner_call_answers(mr_status wanted)
{
    mr_promise *out = untouched;
    mr_waiter *waiter = (mr_waiter *)untouched;
    mr_settler settler = {7};
    mr_value values[2] = {custom_of(&counted_type, 1), mr_value_promise(p9_promise)};
    const mr_reaction reaction = {never_react, never_react, &releases, count_release};
    unsigned before = atomic_load(&releases);
    EXPECT(mr_promise_with_resolvers(loop, &out, &settler) == wanted && settler.id == 7);
    EXPECT(mr_promise_resolve(loop, values[0], &out) == wanted);
    EXPECT(mr_promise_resolve(loop, values[1], &out) == wanted);
    EXPECT(mr_promise_reject(loop, values[0], &out) == wanted);
    EXPECT(mr_promise_try(loop, never_try, NULL, &out) == wanted);
    EXPECT(mr_promise_then(p9_promise, &reaction, &out) == wanted);
    EXPECT(mr_promise_catch(p9_promise, never_react, &releases, count_release, &out) == wanted);
    EXPECT(mr_promise_finally(p9_promise, never_react, &releases, count_release, &out) == wanted);
    EXPECT(mr_promise_all(loop, values, 2, &out) == wanted);
    EXPECT(mr_promise_all_settled(loop, values, 2, &out) == wanted);
    EXPECT(mr_promise_any(loop, values, 2, &out) == wanted);
    EXPECT(mr_promise_race(loop, values, 2, &out) == wanted);
    EXPECT(mr_promise_configure(loop, NULL) == wanted);
    EXPECT(mr_promise_each(loop, each_never, NULL) == wanted);
    if (wanted == MR_EWRONGTHREAD)
        EXPECT(mr_promise_waiter(p9_promise, &waiter) == wanted);
    EXPECT(out == untouched && waiter == (mr_waiter *)untouched);
    EXPECT(atomic_load(&releases) == before);
    EXPECT(atomic_load(&customs_alive) == 1 && custom_number(values[0]) == 1);
    mr_value_release(values[0]);
}

static void *call_from_elsewhere(void *arg)
{
    every_owner_call_answers(MR_EWRONGTHREAD);
    mr_promise_unref(p9_promise); /* not here: nothing is done */
    EXPECT(mr_promise_ref(p9_promise) == p9_promise);
    (void)arg;
    return NULL;
}

static void P9_owner_calls_elsewhere_and_after_the_end_change_nothing(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    turn();
    p9_promise = pending(&p9_settler);
    mr_promise_stats before = promise_stats(), after;
    elsewhere_do(call_from_elsewhere, NULL);
    after = promise_stats();
    assert_memory_equal(&before, &after, sizeof before);
    resolve_int(p9_settler, 3); /* nothing was attached */
    turn();
    assert_true(is_fulfilled_with(p9_promise, 3));
    assert_int_equal(promise_stats().live, 1);

    mr_settler late;
    mr_promise *waits = pending(&late);
    shut_down_turned();
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
    every_owner_call_answers(MR_ECLOSED);
    assert_int_equal(mr_settler_resolve(loop, late, mr_value_int(1)), MR_ECLOSED);
    assert_int_equal(mr_settler_reject(loop, late, mr_value_int(1)), MR_ECLOSED);
    assert_int_equal(mr_settler_resolve_with(loop, late, never_try, NULL), MR_ECLOSED);
    assert_true(is_rejected_by(waits, MR_ECLOSED) && is_fulfilled_with(p9_promise, 3));
    assert_ptr_equal(mr_promise_loop(waits), loop);
    assert_string_equal(story, "");
    mr_promise_unref(waits);
    mr_promise_unref(p9_promise);
    finish_promises();
}

static void P9_wrong_arguments_are_refused_and_change_nothing(void **state)
{
    (void)state;
    mr_promise *out = untouched;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    mr_promise *promise = pending(&settler);
    mr_value null_promise = mr_value_int(0);
    null_promise.kind = MR_VALUE_PROMISE;
    const mr_reaction reaction = {never_react, never_react, &releases, count_release};
    mr_promise_stats before = promise_stats(), after;
    unsigned releases_before = atomic_load(&releases);
    assert_int_equal(mr_promise_with_resolvers(NULL, &out, &settler), MR_EINVAL);
    assert_int_equal(mr_promise_with_resolvers(loop, &out, NULL), MR_EINVAL);
    assert_int_equal(mr_promise_resolve(loop, null_promise, &out), MR_EINVAL);
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), NULL), MR_EINVAL);
    assert_int_equal(mr_promise_reject(loop, null_promise, &out), MR_EINVAL);
    assert_int_equal(mr_promise_try(loop, NULL, NULL, &out), MR_EINVAL);
    assert_int_equal(mr_promise_try(loop, never_try, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_promise_then(NULL, &reaction, &out), MR_EINVAL);
    assert_int_equal(mr_promise_then(promise, NULL, &out), MR_EINVAL);
    assert_int_equal(mr_promise_catch(promise, NULL, &releases, count_release, &out), MR_EINVAL);
    assert_int_equal(mr_promise_finally(promise, NULL, &releases, count_release, &out), MR_EINVAL);
    assert_int_equal(mr_settler_resolve(NULL, settler, mr_value_int(1)), MR_EINVAL);
    assert_int_equal(mr_settler_resolve(loop, settler, null_promise), MR_EINVAL);
    assert_int_equal(mr_settler_reject(loop, settler, null_promise), MR_EINVAL);
    assert_int_equal(mr_settler_resolve_with(loop, settler, NULL, NULL), MR_EINVAL);
    assert_int_equal(mr_settler_resolve(loop, (mr_settler){0}, mr_value_int(1)), MR_ENOENT);
    assert_int_equal(mr_settler_resolve(loop, (mr_settler){~UINT64_C(0)}, mr_value_int(1)),
                     MR_ENOENT);
    assert_int_equal(mr_settler_resolve(loop, (mr_settler){settler.id + 1}, mr_value_int(1)),
                     MR_ENOENT);
    after = promise_stats();
    assert_memory_equal(&before, &after, sizeof before);
    assert_ptr_equal(out, untouched);
    assert_int_equal(atomic_load(&releases), releases_before);
    resolve_int(settler, 2); /* none of them used it up */
    assert_true(is_fulfilled_with(promise, 2));
    mr_promise_unref(promise);
    mr_promise_unref(NULL);
    finish_promises_turned();
}

/* ---- P10 ---- */

static unsigned links;

/* A chain of `links` promises on first, of which only the last is held. */
static mr_promise *long_chain(mr_promise *first)
{
    mr_promise *at = first;
    for (unsigned i = 0; i < links; i++) {
        mr_promise *next = NULL;
        EXPECT(mr_promise_then(at, &(mr_reaction){0}, &next) == 0);
        mr_promise_unref(at);
        at = next;
    }
    return at;
}

static void *run_long_chains(void *arg)
{
    mr_settler settler;
    uint64_t before = counts(MR_KIND_MICROTASK).run;
    (void)arg;
    turn();                                           /* this thread owns it */
    mr_promise *last = long_chain(pending(&settler)); /* settle and pass through */
    EXPECT(live_promises() == links + 1);
    resolve_int(settler, 4);
    turn();
    EXPECT(is_fulfilled_with(last, 4));
    EXPECT(counts(MR_KIND_MICROTASK).run - before == links); /* linear: a job a link */
    EXPECT(live_promises() == 1);
    mr_promise_unref(last);

    mr_promise_unref(long_chain(pending(&settler))); /* freed at the end, never settled by us */
    EXPECT(live_promises() == links + 1);
    EXPECT(mr_loop_close(loop) == 0);
    return NULL;
}

/* In fewer bytes of stack than there are links. */
static void P10_long_chains_settle_pass_and_free_on_a_constant_stack(void **state)
{
    (void)state;
    pthread_attr_t attributes;
    pthread_t thread;
    links = scaled(1000000);
    begin(MR_PARK_AUTO);
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_long_chains, NULL), 0);
    pthread_attr_destroy(&attributes);
    thread_join(thread);
    finish_promises_closed();
}

static void P10_a_nest_of_promises_as_reasons_is_freed_on_a_constant_stack(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    mr_promise *at = rejected(1);
    for (unsigned i = 0; i < scaled(200000); i++) {
        mr_promise *next = NULL;
        assert_int_equal(mr_promise_reject(loop, mr_value_promise(at), &next), 0);
        at = next;
    }
    turn(); /* all are reported */
    mr_promise_unref(at);
    assert_int_equal(live_promises(), 0);
    finish_promises_turned();
}

/* ---- P11 ---- */

enum { SETTLING_THREADS = 100, EACH = 1000 };

static mr_settler (*p11_settlers)[EACH];
static unsigned p11_each;
static uint64_t p11_sum, p11_seen;

static mr_status add_up(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    p11_sum += (uint64_t)int_of(value);
    if (++p11_seen == (uint64_t)SETTLING_THREADS * p11_each)
        shut_down(NULL);
    return 0;
}

static void *settle_many(void *arg)
{
    uintptr_t who = (uintptr_t)arg;
    for (unsigned i = 0; i < p11_each; i++)
        settle_int(p11_settlers[who][i], i % 2 == 1, (int64_t)(who * p11_each + i));
    return NULL;
}

static void P11_a_hundred_threads_settle_a_hundred_thousand(void **state)
{
    (void)state;
    p11_each = scaled(EACH);
    p11_settlers = malloc(SETTLING_THREADS * sizeof *p11_settlers);
    assert_non_null(p11_settlers);
    for (EACH_PARK(park)) {
        pthread_t threads[SETTLING_THREADS];
        begin(park);
        p11_sum = p11_seen = 0;
        const mr_reaction reaction = {.on_fulfilled = add_up, .on_rejected = add_up};
        for (unsigned i = 0; i < SETTLING_THREADS * p11_each; i++) {
            mr_promise *promise = pending(&p11_settlers[i / p11_each][i % p11_each]);
            assert_int_equal(mr_promise_then(promise, &reaction, NULL), 0);
            mr_promise_unref(promise);
        }
        for (uintptr_t i = 0; i < SETTLING_THREADS; i++)
            threads[i] = thread_start(settle_many, (void *)i);
        assert_int_equal(mr_loop_run(loop), 0);
        for (unsigned i = 0; i < SETTLING_THREADS; i++)
            thread_join(threads[i]);
        uint64_t n = (uint64_t)SETTLING_THREADS * p11_each;
        assert_int_equal(p11_seen, n);
        assert_int_equal(p11_sum, n * (n - 1) / 2);
        assert_int_equal(promise_stats().settled, n);
        finish_promises();
    }
    free(p11_settlers);
}

/* ---- P12 ---- */

typedef struct built {
    mr_status status;
    mr_value value;
    unsigned calls;
} built;

static mr_status build(void *arg, mr_value *out_value)
{
    built *b = arg;
    EXPECT(!inside && pthread_equal(pthread_self(), owner));
    EXPECT(is_undefined(*out_value));
    b->calls++;
    *out_value = b->value;
    return b->status;
}

typedef struct foreign {
    mr_settler settler;
    mr_value value;
    built *built;
    bool rejects;
    mr_status status;
} foreign;

static void *use_settler(void *arg)
{
    foreign *f = arg;
    if (f->built != NULL)
        f->status = mr_settler_resolve_with(loop, f->settler, build, f->built);
    else if (f->rejects)
        f->status = mr_settler_reject(loop, f->settler, f->value);
    else
        f->status = mr_settler_resolve(loop, f->settler, f->value);
    return NULL;
}

static mr_status from_elsewhere(mr_settler settler, mr_value value, bool rejects, built *by)
{
    foreign f = {settler, value, by, rejects, 1};
    elsewhere_do(use_settler, &f);
    return f.status;
}

static void P12_bound_values_are_refused_elsewhere_and_the_settler_still_works(void **state)
{
    (void)state;
    mr_settler settler;
    begin(MR_PARK_AUTO);
    turn();
    mr_promise *promise = pending(&settler), *other = fulfilled(1);
    mr_value array, item = holding(other), bound = custom_of(&bound_type, 1);
    assert_int_equal(mr_value_array(&item, 1, &array), 0);
    for (unsigned rejects = 0; rejects < 2; rejects++) {
        assert_int_equal(from_elsewhere(settler, mr_value_promise(other), rejects, NULL),
                         MR_EINVAL);
        assert_int_equal(from_elsewhere(settler, array, rejects, NULL), MR_EINVAL);
        assert_int_equal(from_elsewhere(settler, bound, rejects, NULL), MR_EINVAL);
    }
    turn();
    assert_true(is_pending(promise));
    assert_int_equal(from_elsewhere(settler, mr_value_int(5), false, NULL), 0);
    assert_true(is_pending(promise));
    turn();
    assert_true(is_fulfilled_with(promise, 5));
    mr_value_release(array); /* all stayed the caller's */
    mr_value_release(bound);
    assert_int_equal(atomic_load(&customs_alive), 0);
    mr_promise_unref(other);
    mr_promise_unref(promise);
    finish_promises_turned();
}

static void one_builder(mr_status status, mr_value value, bool here,
                        bool (*holds)(const mr_promise *promise))
{
    mr_settler settler;
    built b = {status, value, 0};
    mr_promise *promise = pending(&settler);
    if (here)
        assert_int_equal(mr_settler_resolve_with(loop, settler, build, &b), 0);
    else
        assert_int_equal(from_elsewhere(settler, mr_value_undefined(), false, &b), 0);
    assert_int_equal(b.calls, 0);
    assert_true(is_pending(promise));
    assert_int_equal(mr_settler_resolve(loop, settler, mr_value_int(1)), MR_ENOENT);
    assert_int_equal(mr_settler_resolve_with(loop, settler, build, &b), MR_ENOENT);
    turn();
    assert_int_equal(b.calls, 1);
    assert_true(holds(promise));
    mr_promise_unref(promise);
}

static bool has_seven(const mr_promise *promise)
{
    return is_fulfilled_with(promise, 7);
}

static bool has_io(const mr_promise *promise)
{
    return is_rejected_by(promise, MR_EIO);
}

static bool has_reason(const mr_promise *promise)
{
    return is_rejected_with(promise, 8);
}

static void P12_a_builder_makes_the_value_on_the_owner(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    turn();
    owner = pthread_self();
    for (unsigned here = 0; here < 2; here++) {
        one_builder(0, mr_value_int(7), here, has_seven);
        one_builder(0, mr_value_promise(fulfilled(7)), here, has_seven);
        one_builder(MR_EIO, mr_value_undefined(), here, has_io);
        one_builder(MR_EIO, mr_value_int(8), here, has_reason);
    }
    finish_promises_turned();
}

static void P12_a_builder_of_a_freed_promise_runs_and_its_value_is_released(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    turn();
    owner = pthread_self();
    mr_settler settler;
    built b = {0, custom_of(&counted_type, 1), 0};
    mr_promise *promise = pending(&settler);
    assert_int_equal(from_elsewhere(settler, mr_value_undefined(), false, &b), 0);
    mr_promise_unref(promise);
    turn();
    assert_int_equal(b.calls, 1);
    assert_int_equal(atomic_load(&customs_alive), 0);
    promise = pending(&settler);
    assert_int_equal(from_elsewhere(settler, custom_of(&counted_type, 2), false, NULL), 0);
    mr_promise_unref(promise);
    turn();
    assert_int_equal(atomic_load(&customs_alive), 0);
    finish_promises_turned();
}

static void P12_foreign_settlements_at_a_close_are_released_and_builders_reported(void **state)
{
    (void)state;
    begin(MR_PARK_AUTO);
    turn();
    owner = pthread_self();
    mr_settler settlers[2];
    built b = {0, mr_value_int(1), 0};
    mr_promise *promises[2] = {pending(&settlers[0]), pending(&settlers[1])};
    assert_int_equal(from_elsewhere(settlers[0], custom_of(&counted_type, 2), false, NULL), 0);
    assert_int_equal(from_elsewhere(settlers[1], mr_value_undefined(), false, &b), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(atomic_load(&customs_alive), 0);
    assert_int_equal(b.calls, 0);
    assert_int_equal(atomic_load(&told.discarded[MR_KIND_INTERNAL]), 1);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(is_rejected_by(promises[i], MR_ECLOSED));
        mr_promise_unref(promises[i]);
    }
    finish_promises_closed();
}

/* ---- P13 ---- */

static void P13_a_full_internal_queue_takes_a_foreign_settlement(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        mr_loop_options options = options_for(park);
        options.max_internal = 4;
        begin_with(&options);
        turn();
        mr_settler settlers[8];
        mr_promise *promises[8];
        for (unsigned i = 0; i < 8; i++) {
            promises[i] = pending(&settlers[i]);
            tell(promises[i], "p");
        }
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(mr_submit_internal(loop, nothing, NULL), 0);
        assert_int_equal(mr_submit_internal(loop, nothing, NULL), MR_EBACKPRESSURE);
        for (unsigned i = 0; i < 8; i++)
            assert_int_equal(from_elsewhere(settlers[i], mr_value_int(i), i % 2 == 1, NULL), 0);
        assert_int_equal(mr_submit_internal(loop, nothing, NULL), MR_EBACKPRESSURE);
        turn();
        turn();
        assert_story("p=0 p!1 p=2 p!3 p=4 p!5 p=6 p!7"); /* in order of settling */
        for (unsigned i = 0; i < 8; i++)
            mr_promise_unref(promises[i]);
        finish_promises_turned();
    }
}

/* ---- one seed, one story ---- */

enum { ACTORS = 4, STEPS = 6 };

static mr_settler sim_settlers[ACTORS][STEPS];
static unsigned sim_steps[ACTORS];
static char sim_traces[2][1 << 16];
static size_t sim_len;

static void keep_trace(const char *line, size_t len, void *arg)
{
    char *text = arg;
    EXPECT(sim_len + len + 2 < sizeof sim_traces[0]);
    if (sim_len + len + 2 < sizeof sim_traces[0]) {
        memcpy(text + sim_len, line, len);
        text[sim_len + len] = '\n';
        text[sim_len += len + 1] = 0;
    }
}

static uint64_t settle_as_actor(mr_loop *of, void *arg)
{
    uintptr_t who = (uintptr_t)arg;
    unsigned step = sim_steps[who]++;
    mr_value value = mr_value_int((int64_t)(who * 10 + step));
    EXPECT((step % 2 == 0 ? mr_settler_resolve(of, sim_settlers[who][step], value)
                          : mr_settler_reject(of, sim_settlers[who][step], value)) == 0);
    return step + 1 == STEPS ? MR_SIM_DONE : 0;
}

static void simulate_settlers(uint64_t seed, char *trace)
{
    mr_simulate world = {.seed = seed, .trace_fn = keep_trace, .trace_arg = trace};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    sim_len = 0;
    memset(sim_steps, 0, sizeof sim_steps);
    begin_with(&options);
    mr_value values[ACTORS];
    for (uintptr_t who = 0; who < ACTORS; who++) {
        mr_promise *promises[STEPS];
        for (unsigned i = 0; i < STEPS; i++) {
            promises[i] = pending(&sim_settlers[who][i]);
            tell(promises[i], "s");
            if (i != 0)
                mr_promise_unref(promises[i]);
        }
        values[who] = mr_value_promise(promises[0]);
        EXPECT(mr_sim_actor(loop, 0, settle_as_actor, (void *)who) == 0);
    }
    mr_promise *first;
    EXPECT(mr_promise_race(loop, values, ACTORS, &first) == 0);
    tell(first, "first");
    mr_promise_unref(first);
    timer_in(SEC, shut_down, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    finish_promises();
}

static void P11_in_a_simulation_the_seed_decides_the_order_of_settlements(void **state)
{
    (void)state;
    static char stories[2][sizeof story];
    unsigned different = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        for (unsigned i = 0; i < 2; i++) {
            simulate_settlers(seed, sim_traces[i]);
            snprintf(stories[i], sizeof stories[i], "%s", story);
        }
        assert_string_equal(sim_traces[0], sim_traces[1]);
        assert_string_equal(stories[0], stories[1]);
        simulate_settlers(seed + 100, sim_traces[1]);
        different += strcmp(stories[0], story) != 0;
    }
    assert_true(different != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(P2_of_a_hundred_racing_settlements_one_wins),
        SCENARIO(P8_release_of_a_run_and_of_a_branch_not_taken_is_once),
        SCENARIO(P8_release_of_a_promise_freed_unsettled_is_once),
        SCENARIO(P8_release_at_a_close_is_once_and_no_reaction_runs),
        SCENARIO(P8_release_at_a_close_may_unref_but_start_nothing),
        SCENARIO(P9_owner_calls_elsewhere_and_after_the_end_change_nothing),
        SCENARIO(P9_wrong_arguments_are_refused_and_change_nothing),
        SCENARIO(P10_long_chains_settle_pass_and_free_on_a_constant_stack),
        SCENARIO(P10_a_nest_of_promises_as_reasons_is_freed_on_a_constant_stack),
        SCENARIO(P11_a_hundred_threads_settle_a_hundred_thousand),
        SCENARIO(P12_bound_values_are_refused_elsewhere_and_the_settler_still_works),
        SCENARIO(P12_a_builder_makes_the_value_on_the_owner),
        SCENARIO(P12_a_builder_of_a_freed_promise_runs_and_its_value_is_released),
        SCENARIO(P12_foreign_settlements_at_a_close_are_released_and_builders_reported),
        SCENARIO(P13_a_full_internal_queue_takes_a_foreign_settlement),
        SCENARIO(P11_in_a_simulation_the_seed_decides_the_order_of_settlements),
    };
    return RUN_SCENARIOS(tests);
}
