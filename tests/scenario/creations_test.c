/* Scenario G6 of promises: where they were made, for reports and lists. */
#include "promise_reports.h"

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
        turn();
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
    turn();
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
        SCENARIO(G6_reports_name_up_to_so_many_frames_as_were_asked_for),
        SCENARIO(G6_off_costs_neither_space_nor_allocations),
        SCENARIO(G6_a_creation_stays_until_its_promise_is_freed),
        SCENARIO(G6_pending_promises_are_listed_with_their_age),
    };
    return RUN_SCENARIOS(tests);
}
