/* Scenarios U1 to U9 of promises: rejections that nobody handles are reported, once, in order. */
#include "promise_reports.h"

#include <sys/resource.h>

/* ---- U1, U2: when ---- */

static mr_promise *kept; /* across turns of a test */

static void microtask_that_adds(void *arg)
{
    say(arg);
    EXPECT(mr_microtask(loop, say, "m2") == 0);
    EXPECT(mr_next_tick(loop, say, "t2") == 0);
}

static void reject_two(void *arg)
{
    (void)arg;
    kept = rejected(1);
    reject_alone(2);
    EXPECT(mr_microtask(loop, microtask_that_adds, "m") == 0);
    EXPECT(mr_next_tick(loop, say, "t") == 0);
    note("task");
}

static void U1_a_rejection_is_reported_once_after_all_ticks_and_microtasks(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_observed(park);
        in_task(reject_two, NULL);
        assert_story("task t m m2 t2 u1 u2");
        assert_int_equal(promise_stats().unhandled, 2);
        assert_int_equal(promise_stats().live, 1); /* the tracker let the other one go */
        for (unsigned i = 0; i < 5; i++)
            in_task(say, "-");
        assert_story("task t m m2 t2 u1 u2 - - - - -");
        mr_promise_unref(kept);
        finish_observed();
        assert_story("task t m m2 t2 u1 u2 - - - - -");
    }
}

static void look_at_report(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    EXPECT(creation.n == 0);
    EXPECT(promise == *(mr_promise **)arg && mr_promise_get_state(promise) == MR_PROMISE_REJECTED);
    EXPECT(mr_value_as_error(reason) == mr_value_as_error(mr_promise_reason(promise)));
    note("%s", mr_error_message(mr_value_as_error(reason)));
}

static void U1_the_report_names_promise_reason_and_argument(void **state)
{
    (void)state;
    mr_promise *promise = NULL;
    mr_error *error = NULL;
    begin(MR_PARK_AUTO);
    const mr_promise_options options = {
        .size_bytes = sizeof options, .on_unhandled_rejection = look_at_report, .arg = &promise};
    assert_int_equal(mr_promise_configure(loop, &options), 0);
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EIO, .message = "broken"};
    assert_int_equal(mr_error_create(&spec, &error), 0);
    assert_int_equal(mr_promise_reject(loop, mr_value_error(error), &promise), 0);
    assert_story(""); /* never inside the call */
    turn();
    assert_story("broken");
    mr_promise_unref(promise);
    finish_turned();
    assert_story("broken");
}

static void handle_kept(void *arg)
{
    (void)arg;
    handle(kept);
    note("+");
}

/* When the handler comes, after the rejection. */
enum { SAME_CALLBACK, IN_A_TICK, IN_A_MICROTASK, NEXT_TURN };

static void reject_and_handle(void *arg)
{
    int when = *(int *)arg;
    kept = rejected(1);
    if (when == SAME_CALLBACK)
        handle_kept(NULL);
    else if (when == IN_A_TICK)
        EXPECT(mr_next_tick(loop, handle_kept, NULL) == 0);
    else if (when == IN_A_MICROTASK)
        EXPECT(mr_microtask(loop, handle_kept, NULL) == 0);
}

static void U2_a_handler_in_the_same_checkpoint_is_in_time(void **state)
{
    (void)state;
    for (int when = SAME_CALLBACK; when < NEXT_TURN; when++) {
        begin_observed(MR_PARK_AUTO);
        in_task(reject_and_handle, &when);
        assert_story("+");
        in_task(handle_kept, NULL);
        assert_story("+ +");
        assert_int_equal(seen[MR_PROMISE_WAS_UNHANDLED] + seen[MR_PROMISE_WAS_HANDLED], 0);
        mr_promise_unref(kept);
        finish_observed();
        assert_story("+ +");
    }
}

static void U2_a_handler_in_the_next_turn_is_reported_once_after_the_report(void **state)
{
    (void)state;
    int when = NEXT_TURN;
    for (EACH_PARK(park)) {
        begin_observed(park);
        in_task(reject_and_handle, &when);
        assert_story("u1");
        in_task(handle_kept, NULL);
        assert_story("u1 + h1");
        in_task(handle_kept, NULL);
        assert_story("u1 + h1 +");
        assert_int_equal(seen[MR_PROMISE_WAS_UNHANDLED], 1);
        assert_int_equal(seen[MR_PROMISE_WAS_HANDLED], 1);
        mr_promise_unref(kept);
        finish_observed();
        assert_story("u1 + h1 +");
    }
}

/* ---- U3 to U6: which ---- */

static mr_promise *link_to(mr_promise *promise)
{
    const mr_reaction fulfilled_only = {.on_fulfilled = swallow};
    mr_promise *child = NULL;
    EXPECT(mr_promise_then(promise, &fulfilled_only, &child) == 0);
    return child;
}

static mr_promise *links(mr_promise *promise, unsigned n)
{
    mr_promise *tail = mr_promise_ref(promise);
    for (; n != 0; n--) {
        mr_promise *next = link_to(tail);
        mr_promise_unref(tail);
        tail = next;
    }
    return tail;
}

static void U3_of_a_chain_the_tail_is_reported_and_of_two_branches_two(void **state)
{
    (void)state;
    for (unsigned settled = 0; settled < 2; settled++) {
        mr_settler settler = {0};
        begin_observed(MR_PARK_AUTO);
        mr_promise *first = settled ? rejected(1) : pending(&settler);
        mr_promise *tail = links(first, 5);
        if (!settled)
            assert_int_equal(mr_settler_reject(loop, settler, mr_value_int(1)), 0);
        turn();
        assert_story("u1");
        assert_ptr_equal(last_reported, tail);
        assert_int_equal(promise_stats().unhandled, 1);
        mr_promise_unref(tail);
        mr_promise_unref(first);

        first = settled ? rejected(2) : pending(&settler);
        mr_promise *trunk = links(first, 3), *left = links(trunk, 1), *right = links(trunk, 2);
        if (!settled)
            assert_int_equal(mr_settler_reject(loop, settler, mr_value_int(2)), 0);
        turn();
        assert_story("u1 u2 u2");
        assert_ptr_equal(last_reported, right); /* the longer one was rejected later */
        assert_int_equal(promise_stats().unhandled, 3);
        mr_promise_unref(left);
        mr_promise_unref(right);
        mr_promise_unref(trunk);
        mr_promise_unref(first);
        finish_observed();
    }
}

static void U3_a_chain_that_nobody_keeps_is_reported_at_its_tail(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    mr_promise *first = rejected(1);
    mr_promise_unref(links(first, 5));
    mr_promise_unref(first);
    turn();
    assert_story("u1");
    assert_int_equal(promise_stats().live, 0);
    assert_int_equal(promise_stats().freed, 6);
    finish_observed();
}

static void reject_around_a_handler(void *arg)
{
    (void)arg;
    reject_alone(3);
    reject_alone(1);
    handle_kept(NULL);
    reject_alone(2);
}

static void U4_handled_ones_come_first_then_rejections_in_their_order(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        begin_observed(park);
        kept = rejected(9);
        turn();
        assert_story("u9");
        in_task(reject_around_a_handler, NULL);
        assert_story("u9 + h9 u3 u1 u2");
        mr_promise_unref(kept);
        finish_observed();
        assert_story("u9 + h9 u3 u1 u2");
    }
}

/* Made in one order, rejected in another. */
static void U4_the_order_is_that_of_rejecting_not_of_making(void **state)
{
    (void)state;
    enum { N = 20 };
    mr_settler settlers[N];
    mr_promise *promises[N];
    char want[N * 4 + 8] = "";
    begin_observed(MR_PARK_AUTO);
    for (unsigned i = 0; i < N; i++)
        promises[i] = pending(&settlers[i]);
    mr_promise *parent = rejected(100); /* its child is rejected by a job, so after all of these */
    mr_promise_unref(link_to(parent));
    for (unsigned i = 0; i < N; i++) {
        unsigned at = i * 7 % N;
        assert_int_equal(mr_settler_reject(loop, settlers[at], mr_value_int(at)), 0);
        sprintf(want + strlen(want), "u%u ", at);
    }
    turn();
    strcat(want, "u100");
    assert_story(want);
    mr_promise_unref(parent);
    for (unsigned i = 0; i < N; i++)
        mr_promise_unref(promises[i]);
    finish_observed();
}

static void U5_a_handler_for_values_alone_leaves_the_child_to_be_reported(void **state)
{
    (void)state;
    for (unsigned later = 0; later < 2; later++) {
        begin_observed(MR_PARK_AUTO);
        mr_promise *parent = rejected(1);
        if (later) {
            turn();
            assert_story("u1");
            assert_ptr_equal(last_reported, parent);
        }
        mr_promise *child = link_to(parent);
        turn();
        assert_story(later ? "u1 h1 u1" : "u1");
        assert_ptr_equal(last_reported, child);
        assert_int_equal(promise_stats().unhandled, 1 + later);
        mr_promise_unref(child);
        mr_promise_unref(parent);
        finish_observed();
    }
}

/* Attach something to q that is no reaction; its own tail is handled. */
static void attach_waiter(mr_promise *q)
{
    mr_waiter *waiter = NULL;
    EXPECT(mr_promise_waiter(q, &waiter) == 0);
    mr_waiter_unref(waiter); /* it was asked for once */
}

static void handle_and_drop(mr_promise *promise)
{
    handle(promise);
    mr_promise_unref(promise);
}

static void attach_combinators(mr_promise *q)
{
    mr_status (*const all[])(mr_loop *, const mr_value *, size_t, mr_promise **) = {
        mr_promise_all, mr_promise_all_settled, mr_promise_any, mr_promise_race};
    for (unsigned i = 0; i < COUNT_OF(all); i++) {
        mr_promise *child = NULL;
        mr_value value = holding(q);
        EXPECT(all[i](loop, &value, 1, &child) == 0);
        handle_and_drop(child);
    }
}

static void attach_adoption(mr_promise *q)
{
    mr_settler settler;
    mr_promise *p = pending(&settler);
    EXPECT(mr_settler_resolve(loop, settler, holding(q)) == 0);
    handle_and_drop(p);
}

static void U6_waiter_combinator_and_adoption_handle_a_promise(void **state)
{
    (void)state;
    void (*const attach[])(mr_promise *) = {attach_waiter, attach_combinators, attach_adoption};
    for (unsigned i = 0; i < COUNT_OF(attach); i++) {
        mr_settler settler;
        begin_observed(MR_PARK_AUTO);
        mr_promise *before = pending(&settler), *after = rejected(2);
        attach[i](before);
        attach[i](after);
        turn();
        assert_int_equal(mr_settler_reject(loop, settler, mr_value_int(1)), 0);
        turn();
        assert_story("");
        assert_int_equal(promise_stats().unhandled, 0);
        mr_promise_unref(before);
        mr_promise_unref(after);
        finish_observed();
    }
}

static void U6_of_what_was_attached_the_tail_is_reported(void **state)
{
    (void)state;
    mr_settler settler;
    mr_promise *race = NULL;
    begin_observed(MR_PARK_AUTO);
    mr_promise *q = rejected(1), *p = pending(&settler);
    mr_value value = holding(q);
    assert_int_equal(mr_promise_race(loop, &value, 1, &race), 0);
    turn();
    assert_story("u1");
    assert_ptr_equal(last_reported, race);
    assert_int_equal(mr_settler_resolve(loop, settler, holding(q)), 0);
    turn();
    assert_story("u1 u1");
    assert_ptr_equal(last_reported, p);
    mr_promise_unref(race);
    mr_promise_unref(q);
    mr_promise_unref(p);
    finish_observed();
}

/* ---- U7: reports that reject ---- */

enum { GENERATIONS = 200 };
static unsigned reporting, reports_made, deepest;

static void reject_from_report(mr_promise *promise, mr_value reason, mr_creation creation,
                               void *arg)
{
    (void)promise, (void)creation, (void)arg;
    reporting++;
    deepest = reporting > deepest ? reporting : deepest;
    reports_made++;
    if (number_of(reason) < GENERATIONS)
        reject_alone(number_of(reason) + 1);
    note("u%d", number_of(reason));
    reporting--;
}

static void note_task_end(mr_loop *of, mr_kind kind, uint64_t id, void *arg)
{
    (void)of, (void)id, (void)arg;
    if (kind == MR_KIND_TASK)
        note("|"); /* its checkpoint is over */
}

static void reject_first(void *arg)
{
    (void)arg;
    reject_alone(1);
    EXPECT(mr_checkpoint_end(loop, say, "end") == 0);
}

static void U7_a_rejection_by_a_report_waits_for_the_next_checkpoint(void **state)
{
    (void)state;
    const mr_hooks hooks = {.size_bytes = sizeof hooks, .task_end = note_task_end};
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = reject_from_report};
    for (EACH_PARK(park)) {
        begin(park);
        reporting = reports_made = deepest = 0;
        assert_int_equal(mr_promise_configure(loop, &options), 0);
        assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
        in_task(reject_first, NULL);
        assert_memory_equal(story, "u1 end | u2", 11);
        while (reports_made != GENERATIONS) {
            unsigned before = reports_made;
            assert_int_equal(mr_loop_turn(loop, FOR_EVER), 0);     /* does not park before them */
            assert_in_range(reports_made, before + 1, before + 2); /* a turn has two checkpoints */
        }
        assert_int_equal(deepest, 1);
        turn();
        assert_int_equal(reports_made, GENERATIONS);
        finish_turned();
    }
}

/* ---- U8: a foreign rejection ---- */

typedef struct moment {
    uint64_t turn, parks;
    long sleeps; /* of the thread, in whatever call */
} moment;

static uint64_t turn_now;
static moment rejected_at, reported_at;
static gate report_came, may_handle, handled_came;
static mr_promise *contested;

static moment moment_now(void)
{
    struct rusage usage;
    EXPECT(getrusage(RUSAGE_THREAD, &usage) == 0);
    return (moment){turn_now, stats_of(loop).parks, usage.ru_nvcsw};
}

static void keep_turn(mr_loop *of, uint64_t turn, void *arg)
{
    (void)of, (void)arg;
    turn_now = turn;
}

static void keep_rejection(mr_loop *of, uint64_t id, mr_promise_transition what, void *arg)
{
    (void)of, (void)id, (void)arg;
    if (what == MR_PROMISE_WAS_REJECTED)
        rejected_at = moment_now();
}

static void keep_report(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    (void)creation, (void)arg;
    EXPECT(promise == contested && number_of(reason) == 5);
    reported_at = moment_now();
    note("u");
    gate_open(&report_came);
}

static void keep_handled(mr_promise *promise, void *arg)
{
    (void)arg;
    EXPECT(promise == contested);
    note("h");
    gate_open(&handled_came);
}

static void handle_contested(void *arg)
{
    (void)arg;
    handle(contested);
}

/* Would handle the rejection, and is held. */
static void *handler_main(void *arg)
{
    (void)arg;
    gate_wait(&may_handle);
    submit(handle_contested, NULL);
    return NULL;
}

static void drop_contested(void *arg)
{
    mr_promise_unref(contested);
    shut_down(arg);
}

static const mr_hooks moment_hooks = {
    .size_bytes = sizeof(mr_hooks), .turn_begin = keep_turn, .promise_transition = keep_rejection};

/* How often the owner slept between rejection and report. */
static long report_while_the_handler_is_held(mr_park park)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = keep_report,
                                        .on_rejection_handled = keep_handled};
    runner r;
    gate fresh = GATE;
    mr_settler settler;
    report_came = may_handle = handled_came = fresh;
    rejected_at = reported_at = (moment){0, 0, 0};
    begin(park);
    assert_int_equal(mr_hooks_attach(loop, &moment_hooks), 0);
    assert_int_equal(mr_promise_configure(loop, &options), 0);
    contested = pending(&settler);
    pthread_t handler = thread_start(handler_main, NULL);
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    assert_int_equal(mr_settler_reject(loop, settler, mr_value_int(5)), 0);
    gate_wait(&report_came); /* while the handler is held */
    gate_open(&may_handle);
    thread_join(handler);
    gate_wait(&handled_came);
    submit(drop_contested, NULL);
    assert_int_equal(runner_join(&r), 0);
    assert_story("u h");
    assert_int_not_equal(rejected_at.turn, 0);
    assert_int_equal(reported_at.turn, rejected_at.turn);
    assert_int_equal(reported_at.parks, rejected_at.parks);
    finish();
    return reported_at.sleeps - rejected_at.sleeps;
}

static void U8_the_loop_reports_at_once_and_never_waits_for_a_handler(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        long fewest = 1;
        for (unsigned n = 0; n < 5; n++) { /* a lock of the tools may cost a sleep, not each time */
            long sleeps = report_while_the_handler_is_held(park);
            fewest = sleeps < fewest ? sleeps : fewest;
        }
        assert_int_equal(fewest, 0);
    }
}

/* ---- U9: nobody asked ---- */

/* What fn wrote to standard output and error. */
static size_t bytes_written_by(void (*fn)(void))
{
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(NULL);
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    fn();
    fflush(NULL);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return (size_t)size;
}

static void turn_quietly(void)
{
    EXPECT(mr_loop_turn(loop, 0) == 0);
}

static void print_something(void)
{
    fputs("x", stdout);
    fputs("y", stderr);
}

static void U9_without_a_callback_it_is_counted_and_hooked_and_nothing_is_printed(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    assert_int_equal(mr_promise_configure(loop, NULL), 0);
    assert_int_equal(bytes_written_by(print_something), 2); /* the check sees what is printed */
    kept = rejected(1);
    assert_int_equal(bytes_written_by(turn_quietly), 0);
    assert_int_equal(promise_stats().unhandled, 1);
    assert_int_equal(seen[MR_PROMISE_WAS_UNHANDLED], 1);
    assert_int_equal(seen[MR_PROMISE_WAS_HANDLED], 0);
    handle(kept);
    assert_int_equal(bytes_written_by(turn_quietly), 0);
    assert_int_equal(seen[MR_PROMISE_WAS_HANDLED], 1);
    assert_int_equal(promise_stats().unhandled, 1);
    mr_promise_unref(kept);
    finish_observed();
    assert_story("");
}

/* ---- at the end ---- */

static void reject_later(void *arg)
{
    (void)arg;
    reject_alone(6);
}

static void U1_a_drain_reports_what_its_work_rejects_and_not_what_it_rejects_itself(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    mr_settler settler;
    mr_promise *promise = pending(&settler), *any = NULL, *all = NULL;
    mr_value values[2] = {holding(promise), holding(promise)};
    assert_int_equal(mr_promise_any(loop, values, 1, &any), 0);
    assert_int_equal(mr_promise_all(loop, values + 1, 1, &all), 0);
    mr_promise *child = link_to(promise);
    mr_promise_unref(child);
    mr_promise_unref(any);
    mr_promise_unref(all);
    mr_promise_unref(promise);
    submit(reject_later, NULL);
    finish_observed();
    assert_story("u6");
}

static void close_at_report(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    note_unhandled(promise, reason, creation, arg);
    EXPECT(mr_loop_request_close(loop) == 0);
}

static void U4_no_report_follows_one_that_asks_for_a_close(void **state)
{
    (void)state;
    begin_observed(MR_PARK_AUTO);
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = close_at_report,
                                        .on_rejection_handled = note_handled};
    assert_int_equal(mr_promise_configure(loop, &options), 0);
    reject_alone(1);
    reject_alone(2);
    assert_int_equal(mr_loop_turn(loop, 0), MR_ECANCELED);
    assert_story("u1");
    check_promises(0, true);
    leave_loop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(U1_a_rejection_is_reported_once_after_all_ticks_and_microtasks),
        SCENARIO(U1_the_report_names_promise_reason_and_argument),
        SCENARIO(U1_a_drain_reports_what_its_work_rejects_and_not_what_it_rejects_itself),
        SCENARIO(U2_a_handler_in_the_same_checkpoint_is_in_time),
        SCENARIO(U2_a_handler_in_the_next_turn_is_reported_once_after_the_report),
        SCENARIO(U3_of_a_chain_the_tail_is_reported_and_of_two_branches_two),
        SCENARIO(U3_a_chain_that_nobody_keeps_is_reported_at_its_tail),
        SCENARIO(U4_handled_ones_come_first_then_rejections_in_their_order),
        SCENARIO(U4_the_order_is_that_of_rejecting_not_of_making),
        SCENARIO(U4_no_report_follows_one_that_asks_for_a_close),
        SCENARIO(U5_a_handler_for_values_alone_leaves_the_child_to_be_reported),
        SCENARIO(U6_waiter_combinator_and_adoption_handle_a_promise),
        SCENARIO(U6_of_what_was_attached_the_tail_is_reported),
        SCENARIO(U7_a_rejection_by_a_report_waits_for_the_next_checkpoint),
        SCENARIO(U8_the_loop_reports_at_once_and_never_waits_for_a_handler),
        SCENARIO(U9_without_a_callback_it_is_counted_and_hooked_and_nothing_is_printed),
    };
    return RUN_SCENARIOS(tests);
}
