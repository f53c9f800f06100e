/* The order of what script and C queue in callbacks that scripts alone cannot have: submitted tasks
 * and descriptors. Scenarios C1, C4, C5, C7, C8 and D6 of the page on JavaScript. */
#include "bridge_scenario.h"

#include <millrace/microtask.h>
#include <millrace/watch.h>

/* ---- a descriptor that is ready once ---- */

typedef struct ready {
    int fds[2];
    const char *source; /* run when it is */
    mr_watch watch;
} ready;

static void on_ready(mr_watch watch, unsigned events, void *arg)
{
    ready *r = arg;
    EXPECT(events == MR_READ);
    EXPECT(mr_watch_remove(loop, watch, NULL, NULL) == 0);
    run(r->source);
}

static void make_ready(ready *r, const char *source)
{
    r->source = source;
    assert_int_equal(pipe(r->fds), 0);
    assert_int_equal(write(r->fds[1], "x", 1), 1);
    assert_int_equal(mr_watch_add(loop, r->fds[0], MR_READ, on_ready, r, &r->watch), 0);
}

static void unmake(ready *r)
{
    close(r->fds[0]);
    close(r->fds[1]);
}

/* ---- C microtasks for script ---- */

static void note_microtask(void *arg)
{
    note("c%d", (int)(intptr_t)arg);
}

static int c_microtasks;

static mr_status queue_from_c(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                              mr_js_value **out_value)
{
    (void)of, (void)argc, (void)argv, (void)arg, (void)out_value;
    return mr_microtask(loop, note_microtask, (void *)(intptr_t)++c_microtasks);
}

static const char work_source[] = "globalThis.work = (name) => {"
                                  "  process.nextTick(() => { note(name + ':t');"
                                  "    process.nextTick(() => note(name + ':tt')); "
                                  "Promise.resolve().then(() => note(name + ':tp'));"
                                  "    queueMicrotask(() => note(name + ':tm')); });"
                                  "  Promise.resolve().then(() => { note(name + ':p');"
                                  "    process.nextTick(() => note(name + ':pt')); "
                                  "Promise.resolve().then(() => note(name + ':pp'));"
                                  "    queueMicrotask(() => note(name + ':pm')); });"
                                  "  queueMicrotask(() => { note(name + ':m');"
                                  "    process.nextTick(() => note(name + ':mt')); "
                                  "Promise.resolve().then(() => note(name + ':mp'));"
                                  "    queueMicrotask(() => note(name + ':mm')); });"
                                  "  note(name); };";

/* What work leads to: ticks with their new ticks, the queue in order of queuing, later ticks. */
#define DONE(n)                                                                                    \
    n " " n ":t " n ":tt " n ":p " n ":m " n ":tp " n ":tm " n ":pp " n ":pm " n ":mp " n ":mm " n \
      ":pt " n ":mt"

static void C1_a_task_and_a_descriptor_end_with_their_whole_checkpoint(void **state)
{
    (void)state;
    begin_js();
    run(work_source);
    submit(run_task, "work('a')");
    submit_say("next");
    turn();
    assert_story(DONE("a") " next");
    story_clear();
    ready r, other;
    make_ready(&r, "work('f')");
    make_ready(&other, "note('other')");
    while (story_len < sizeof(DONE("f") " other") - 1)
        EXPECT(mr_loop_turn(loop, MS) == 0);
    /* Which descriptor is told first is the poller's matter. */
    if (story[0] == 'f')
        assert_story(DONE("f") " other");
    else
        assert_story("other " DONE("f"));
    unmake(&r);
    unmake(&other);
    finish_js();
}

static void C4_in_a_descriptors_callback_the_immediate_comes_before_the_timer(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        begin_js();
        ready r;
        make_ready(&r, "setTimeout(() => note('timer'), 0); setImmediate(() => note('immediate'));"
                       "const until = Date.now() + 2; while (Date.now() < until);");
        for (int n = 0; n < 100 && strstr(story, "timer") == NULL; n++)
            EXPECT(mr_loop_turn(loop, MS) == 0);
        assert_story("immediate timer");
        unmake(&r);
        finish_js();
    }
}

static void C5_between_two_submitted_tasks_is_a_checkpoint(void **state)
{
    (void)state;
    begin_js();
    run(work_source);
    submit(run_task, "work('a')");
    submit(run_task, "work('b')");
    turn();
    assert_story(DONE("a") " " DONE("b"));
    finish_js();
}

static void task_of_the_turn(void *arg)
{
    (void)arg;
    run("work('task')");
}

static void C7_phases_of_one_turn_each_with_its_checkpoint(void **state)
{
    (void)state;
    begin_js();
    add_function("fromC", queue_from_c, NULL);
    c_microtasks = 0;
    run(work_source);
    run("setTimeout(() => { work('timer'); fromC(); }, 1);"
        "setImmediate(() => { work('immediate'); fromC(); });");
    ready r;
    make_ready(&r, "work('fd'); fromC()");
    submit(task_of_the_turn, NULL);
    rest(3 * MS);
    turn();
    /* As loop.md orders the phases; the C microtask stands in the queue where it was queued. */
#define WITH_C(n, c)                                                                               \
    n " " n ":t " n ":tt " n ":p " n ":m c" c " " n ":tp " n ":tm " n ":pp " n ":pm " n ":mp " n   \
      ":mm " n ":pt " n ":mt"
    assert_story(
        WITH_C("fd", "1") " " WITH_C("immediate", "2") " " WITH_C("timer", "3") " " DONE("task"));
    unmake(&r);
    finish_js();
}

/* ---- C8, D6 ---- */

enum { MANY = 10000 };

static void push_number(void *arg)
{
    char source[64];
    snprintf(source, sizeof source, "numbers.push(%d)", (int)(intptr_t)arg);
    run(source);
}

static void *submit_many(void *arg)
{
    (void)arg;
    for (intptr_t i = 0; i < MANY;) {
        mr_status status = mr_submit(loop, push_number, (void *)i);
        if (status == 0)
            i++;
        else
            EXPECT(status == MR_EBACKPRESSURE);
    }
    return NULL;
}

static void C8_submits_of_a_thread_run_in_their_order(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.numbers = []");
    pthread_t thread = thread_start(submit_many, NULL);
    uint64_t before = 0;
    for (;;) {
        EXPECT(mr_loop_turn(loop, MS) == 0);
        mr_value length = value_of("numbers.length");
        before = (uint64_t)int_of(length);
        if (before == MANY)
            break;
    }
    thread_join(thread);
    EXPECT_TRUE("numbers.every((n, i) => n === i)");
    finish_js();
}

static void C8_microtasks_of_C_and_script_run_as_queued(void **state)
{
    (void)state;
    begin_js();
    add_function("fromC", queue_from_c, NULL);
    c_microtasks = 0;
    run_in_task("for (let i = 1; i <= 5; i++) {"
                "  fromC(); queueMicrotask(() => { note('s' + i); if (i === 2) fromC(); });"
                "  Promise.resolve().then(() => note('p' + i)); }");
    assert_story("c1 s1 p1 c2 s2 p2 c3 s3 p3 c4 s4 p4 c5 s5 p5 c6");
    finish_js();
}

static atomic_bool flooding;

static void *flood(void *arg)
{
    (void)arg;
    while (atomic_load(&flooding)) {
        mr_status status = mr_submit(loop, nothing, NULL);
        EXPECT(status == 0 || status == MR_EBACKPRESSURE);
    }
    return NULL;
}

static void D6_a_clear_in_a_task_holds_while_threads_flood_the_queue(void **state)
{
    (void)state;
    begin_js();
    atomic_store(&flooding, true);
    pthread_t threads[3];
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        threads[i] = thread_start(flood, NULL);
    for (int i = 0; i < 50; i++) {
        run("globalThis.t = setTimeout(() => note('timer'), 1);"
            "globalThis.n = setInterval(() => note('interval'), 1);"
            "globalThis.m = setImmediate(() => note('immediate'))");
        rest(2 * MS); /* all three are due */
        run("clearTimeout(t); clearInterval(n); clearImmediate(m)");
        turn();
        turn();
    }
    atomic_store(&flooding, false);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        thread_join(threads[i]);
    turn();
    assert_story("");
    finish_js();
}

/* ---- the end of a runtime takes its immediates back, and no others ---- */

static void note_immediate(void *arg)
{
    note("c%d", (int)(intptr_t)arg);
}

static void the_end_of_a_runtime_leaves_the_immediates_of_C(void **state)
{
    (void)state;
    begin_js();
    mr_immediate of_c;
    run("setImmediate(() => note('js'))");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mr_immediate_start(loop, note_immediate, (void *)(intptr_t)i, &of_c), 0);
        run("setImmediate(() => note('js')); setImmediate((...rest) => note('js'), {}, [])");
    }
    destroy_js();
    turn();
    assert_story("c0 c1 c2");
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(C1_a_task_and_a_descriptor_end_with_their_whole_checkpoint),
        SCENARIO(C4_in_a_descriptors_callback_the_immediate_comes_before_the_timer),
        SCENARIO(C5_between_two_submitted_tasks_is_a_checkpoint),
        SCENARIO(C7_phases_of_one_turn_each_with_its_checkpoint),
        SCENARIO(C8_submits_of_a_thread_run_in_their_order),
        SCENARIO(C8_microtasks_of_C_and_script_run_as_queued),
        SCENARIO(D6_a_clear_in_a_task_holds_while_threads_flood_the_queue),
        SCENARIO(the_end_of_a_runtime_leaves_the_immediates_of_C),
    };
    return RUN_SCENARIOS(tests);
}
