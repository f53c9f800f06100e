/* Scenario G4 of promises: who settles one wins alone, also among actors and across a fork. */
#include "forks.h"
#include "promise_reports.h"

static unsigned released_here;

static void count_released(void *arg)
{
    (void)arg;
    released_here++;
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
    EXPECT(won_of[at] == 0 ? code_of(value) == MR_ECLOSED : custom_number(value) == won_value[at]);
    return 0;
}

static mr_status build_object(void *arg, mr_value *out_value)
{
    *out_value = custom_of(&counted_type, 1000 + (int)(uintptr_t)arg);
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
        mr_value value = custom_of(&counted_type, number);
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
    released_here = 0;
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
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], custom_of(&counted_type, 4)) == 0);
    EXPECT(mr_settler_resolve_with(loop, forked[BY_BUILDER], build_five, NULL) == 0);
    EXPECT(mr_settler_resolve(loop, forked[GIVEN_UP], custom_of(&counted_type, 6)) == 0);
    return NULL;
}

static mr_status note_object(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    note("o%d", custom_number(value));
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
    EXPECT(atomic_load(&customs_alive) == 0); /* what the parent's thread gave is let go */
    EXPECT(mr_settler_resolve(loop, forked[GIVEN_UP], mr_value_int(1)) == MR_ENOENT);
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], custom_of(&counted_type, 14)) == 0);
    EXPECT(mr_settler_resolve(loop, forked[BY_VALUE], mr_value_int(1)) == MR_ENOENT);
    EXPECT(promise_stats().pending == 1); /* BY_BUILDER; handlers have children */
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
        turn();
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
            mr_promise_stats stats = promise_stats();
            EXPECT(stats.live == 0 && stats.pending == 0 && stats.settled == 4);
            EXPECT(atomic_load(&customs_alive) == 0);
            mr_loop_unref(loop);
            child_ends();
        }
        turn();
        assert_story("o4 builds b5");
        mr_promise_unref(by_value);
        mr_promise_unref(by_builder);
        finish_observed();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(G4_actors_settle_each_promise_once_in_a_thousand_worlds),
        SCENARIO(G4_what_the_parents_threads_settle_is_not_settled_in_a_child),
    };
    return RUN_SCENARIOS(tests);
}
