/* What a host is told of a runtime: scenario K2 of the page on JavaScript, and tasks from other threads. */
#include "bridge_scenario.h"

#include <millrace/sim.h>
#include <millrace/submit.h>

static struct {
    unsigned created, shutdown, begun, ended;
    bool in_turn, wrong, noted; /* noted: in the story */
    mr_status fails;            /* what each hook answers */
    mr_status create_fails;
    bool looks; /* try what hooks may do and what not */
} told_hooks;

static void never(mr_js *of, void *arg)
{
    (void)of, (void)arg;
    note("never");
}

static void from_hook(mr_js *of, void *arg)
{
    (void)of;
    note("from-%s", (const char *)arg);
}

/* Nothing enters JavaScript from a hook. */
static void look_around(mr_js *of, const char *hook)
{
    mr_js_value *value = NULL;
    if (!told_hooks.looks)
        return;
    EXPECT(mr_js_eval(of, "note('never')", 13, NULL, MR_JS_SCRIPT, NULL) == MR_EREENTRANT);
    EXPECT(mr_js_get(of, NULL, "note", &value) == MR_EREENTRANT);
    EXPECT(mr_js_run_file(of, "/never.js", MR_JS_SCRIPT, NULL) == MR_EREENTRANT);
    EXPECT(mr_js_destroy(of) == MR_EREENTRANT);
    mr_status status = mr_js_submit(of, from_hook, (void *)(uintptr_t)hook);
    EXPECT(status == (strcmp(hook, "shutdown") == 0 ? MR_ECLOSED : MR_OK));
}

static mr_status on_created(mr_js *of, void *arg)
{
    EXPECT(arg == &told_hooks && told_hooks.created == 0);
    told_hooks.created++;
    if (told_hooks.noted)
        note("created");
    look_around(of, "created");
    return told_hooks.create_fails;
}

static mr_status on_turn_begin(mr_js *of, uint64_t number, void *arg)
{
    (void)of, (void)arg, (void)number;
    told_hooks.wrong |= told_hooks.in_turn || told_hooks.shutdown != 0 || told_hooks.created != 1;
    told_hooks.in_turn = true;
    if (told_hooks.begun++ == 0)
        look_around(of, "turn");
    if (told_hooks.noted)
        note("(");
    return told_hooks.fails;
}

static mr_status on_turn_end(mr_js *of, uint64_t number, void *arg)
{
    (void)of, (void)arg, (void)number;
    told_hooks.wrong |= !told_hooks.in_turn || told_hooks.shutdown != 0;
    told_hooks.in_turn = false;
    told_hooks.ended++;
    if (told_hooks.noted)
        note(")");
    return told_hooks.fails;
}

static mr_status on_shutdown(mr_js *of, void *arg)
{
    (void)arg;
    told_hooks.wrong |= told_hooks.in_turn;
    told_hooks.shutdown++;
    if (told_hooks.noted)
        note("shutdown");
    look_around(of, "shutdown");
    return told_hooks.fails;
}

static const mr_js_hooks hooks = {.size_bytes = sizeof hooks,
                                  .created = on_created,
                                  .turn_begin = on_turn_begin,
                                  .turn_end = on_turn_end,
                                  .shutdown = on_shutdown,
                                  .arg = &told_hooks};

static mr_status make(void)
{
    const mr_js_options options = {
        .size_bytes = sizeof options, .write = write_note, .hooks = &hooks};
    return mr_js_create(loop, &options, &js);
}

static void begin_hooks(void)
{
    js = NULL;
    memset(&told_hooks, 0, sizeof told_hooks);
    begin(MR_PARK_AUTO);
    tell_reports();
}

static void begin_noted(void)
{
    begin_hooks();
    told_hooks.noted = true;
    assert_int_equal(make(), 0);
    add_function("note", note_text, NULL);
    run("process.on('exit', (code) => note('exit' + code))");
}

static void expect_paired(unsigned turns)
{
    EXPECT(told_hooks.begun == told_hooks.ended && !told_hooks.in_turn && !told_hooks.wrong);
    EXPECT(told_hooks.begun >= turns);
    EXPECT(told_hooks.created == 1 && told_hooks.shutdown == 1);
}

/* ---- K2 ---- */

static void K2_natural_end_tells_in_order(void **state)
{
    (void)state;
    begin_noted();
    run("setImmediate(() => { note('a'); setImmediate(() => note('b')) })");
    turn();
    turn();
    shut_down_turned();
    assert_story("created ( a ) ( b ) exit0 shutdown");
    expect_paired(2);
    finish_js();
}

static void K2_explicit_end_tells_in_order_and_once(void **state)
{
    (void)state;
    begin_noted();
    run("setImmediate(() => { note('a'); setImmediate(() => note('never')); process.exit(3) })");
    turn();
    turn();
    turn();
    assert_story("created ( a exit3 ) shutdown");
    expect_paired(1);
    finish_js();
    expect_paired(1);
}

static void K2_fatal_end_tells_in_order_and_once(void **state)
{
    (void)state;
    begin_noted();
    run("setImmediate(() => { note('a'); throw 5 })");
    turn();
    turn();
    assert_story("created ( a <error> exit1 ) shutdown");
    expect_paired(1);
    finish_js();
    expect_paired(1);
}

static void K2_closing_and_destroying_tell_in_order_and_once(void **state)
{
    (void)state;
    for (int closes = 0; closes < 2; closes++) {
        begin_noted();
        run("setImmediate(() => note('never'))");
        if (closes)
            assert_int_equal(mr_loop_close(loop), 0);
        destroy_js();
        assert_story("created shutdown");
        expect_paired(0);
        finish_js();
    }
}

static void destroy_now(void *arg)
{
    (void)arg;
    destroy_js();
}

static void close_now(void *arg)
{
    (void)arg;
    mr_loop_request_close(loop);
}

static void K2_an_end_inside_a_turn_pairs_it(void **state)
{
    (void)state;
    begin_noted();
    in_task(destroy_now, NULL);
    turn();
    assert_story("created ( ) shutdown");
    expect_paired(1);
    finish_js();
    begin_noted();
    run("setImmediate(() => note('never'))");
    assert_int_equal(mr_submit(loop, close_now, NULL), 0);
    EXPECT(mr_loop_turn(loop, 0) == MR_ECANCELED);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
    expect_paired(1);
    finish_js();
}

static void make_now(void *arg)
{
    (void)arg;
    assert_int_equal(make(), 0);
}

static void K2_a_runtime_made_inside_a_turn_is_told_of_the_next(void **state)
{
    (void)state;
    begin_hooks();
    told_hooks.noted = true;
    in_task(make_now, NULL);
    assert_story("created");
    turn();
    assert_story("created ( )");
    finish_js();
    expect_paired(1);
}

static void K2_hooks_may_submit_and_not_enter(void **state)
{
    (void)state;
    begin_hooks();
    told_hooks.looks = true;
    assert_int_equal(make(), 0);
    turn();
    turn();
    assert_story("from-created from-turn");
    finish_js();
    expect_paired(2);
}

static void K2_a_created_hook_that_fails_undoes_the_creation(void **state)
{
    (void)state;
    begin_hooks();
    told_hooks.create_fails = MR_ELIMIT;
    EXPECT(make() == MR_ELIMIT && js == NULL);
    EXPECT(told_hooks.created == 1 && told_hooks.shutdown == 0);
    memset(&told_hooks, 0, sizeof told_hooks);
    assert_int_equal(make(), 0);
    EXPECT_TEXT("1 + 1", "2");
    finish_js();
    expect_paired(0);
}

static void K2_other_hooks_that_fail_are_counted_and_go_on(void **state)
{
    (void)state;
    begin_hooks();
    told_hooks.fails = MR_EIO;
    assert_int_equal(make(), 0);
    turn();
    turn();
    mr_js_stats stats = {.size_bytes = sizeof stats};
    EXPECT(mr_js_get_stats(js, &stats) == 0 && stats.hook_failures == 4);
    EXPECT_TEXT("1 + 1", "2");
    finish_js();
    expect_paired(2);
}

/* ---- mr_js_submit ---- */

static void note_entry(mr_js *of, void *arg)
{
    mr_status status = mr_js_eval(of, arg, strlen(arg), NULL, MR_JS_SCRIPT, NULL);
    note("%s", mr_status_name(status));
}

static unsigned discarded;

static void count_discard(void *arg, mr_status reason)
{
    EXPECT(reason == MR_ECLOSED);
    ++*(unsigned *)arg;
}

static void submitted_task_runs_later_with_a_checkpoint_after_it(void **state)
{
    (void)state;
    begin_js();
    char source[] = "queueMicrotask(() => note('job')); note('task')";
    EXPECT(mr_js_submit(js, note_entry, source) == 0);
    EXPECT(mr_js_submit(js, note_entry, source) == 0);
    assert_story("");
    turn();
    assert_story("task MR_OK job task MR_OK job");
    EXPECT(mr_js_submit(NULL, note_entry, NULL) == MR_EINVAL);
    EXPECT(mr_js_submit(js, NULL, NULL) == MR_EINVAL);
    finish_js();
}

static void submitted_task_never_runs_after_the_end(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        begin_js();
        discarded = 0;
        mr_js *held = mr_js_ref(js);
        const mr_js_task task = {never, &discarded, count_discard};
        if (kind == 0)
            run("setImmediate(() => process.exit())");
        EXPECT(mr_js_submit_with(js, &task) == 0);
        if (kind == 0) {
            turn();
        } else if (kind == 1) {
            destroy_js();
            turn();
        } else if (kind == 2) {
            assert_int_equal(mr_loop_close(loop), 0);
        } else {
            destroy_js();
            assert_int_equal(mr_loop_close(loop), 0);
        }
        EXPECT(discarded == 1);
        EXPECT(mr_js_submit_with(held, &task) == MR_ECLOSED && discarded == 1);
        EXPECT(mr_js_eval(held, "1", 1, NULL, MR_JS_SCRIPT, NULL) == MR_ECLOSED);
        mr_js_unref(held);
        assert_story("");
        finish_js();
    }
}

static void submitted_task_is_drained_by_a_shutdown(void **state)
{
    (void)state;
    begin_js();
    run("process.on('exit', () => note('exit'))");
    char source[] = "note('task')";
    EXPECT(mr_js_submit(js, note_entry, source) == 0);
    shut_down_turned();
    assert_story("task MR_OK exit");
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K2_natural_end_tells_in_order),
        SCENARIO(K2_explicit_end_tells_in_order_and_once),
        SCENARIO(K2_fatal_end_tells_in_order_and_once),
        SCENARIO(K2_closing_and_destroying_tell_in_order_and_once),
        SCENARIO(K2_an_end_inside_a_turn_pairs_it),
        SCENARIO(K2_a_runtime_made_inside_a_turn_is_told_of_the_next),
        SCENARIO(K2_hooks_may_submit_and_not_enter),
        SCENARIO(K2_a_created_hook_that_fails_undoes_the_creation),
        SCENARIO(K2_other_hooks_that_fail_are_counted_and_go_on),
        SCENARIO(submitted_task_runs_later_with_a_checkpoint_after_it),
        SCENARIO(submitted_task_never_runs_after_the_end),
        SCENARIO(submitted_task_is_drained_by_a_shutdown),
    };
    return RUN_SCENARIOS(tests);
}
