/* Threads and a runtime: scenario I2 of the page on JavaScript, and its any-thread calls. Also under
 * ThreadSanitizer, which sees the engine too. */
#include "bridge_scenario.h"

enum { THREADS = 20, EACH = 10 };

struct settling {
    mr_settler settlers[EACH];
    unsigned number;
};

/* A builder runs on the owner. */
static mr_status build(void *arg, mr_value *out_value)
{
    *out_value = mr_value_int(*(unsigned *)arg);
    return 0;
}

static void *settle_all(void *arg)
{
    struct settling *mine = arg;
    for (unsigned i = 0; i < EACH; i++) {
        if (i % 2 == 0)
            EXPECT(mr_settler_resolve(loop, mine->settlers[i], mr_value_int(mine->number)) == 0);
        else
            EXPECT(mr_settler_resolve_with(loop, mine->settlers[i], build, &mine->number) == 0);
        EXPECT(mr_settler_resolve(loop, mine->settlers[i], mr_value_int(-1)) != 0); /* once */
    }
    return NULL;
}

static void run_until(const char *word)
{
    for (int i = 0; i < 10000 && strstr(story, word) == NULL; i++)
        assert_int_equal(mr_loop_turn(loop, 100 * MS), 0);
}

static void I2_promises_settled_by_20_threads_under_Promise_all_keep_sum_and_order(void **state)
{
    (void)state;
    begin_js();
    static struct settling work[THREADS];
    run("globalThis.list = []; globalThis.add = (p) => { list.push(p) }");
    mr_js_value *add = eval("add");
    for (unsigned t = 0; t < THREADS; t++) {
        work[t].number = t;
        for (unsigned i = 0; i < EACH; i++) {
            mr_js_value *promise = NULL;
            EXPECT(mr_js_promise_create(js, &promise, &work[t].settlers[i]) == 0);
            EXPECT(mr_js_call(js, add, NULL, 1, &promise, NULL) == 0);
            mr_js_value_unref(promise);
        }
    }
    mr_js_value_unref(add);
    run("Promise.all(list).then((all) => note([all.length, all.reduce((a, b) => a + b),"
        " all.every((x, i) => x === Math.floor(i / 10))].join()))");
    pthread_t threads[THREADS];
    for (unsigned t = 0; t < THREADS; t++)
        threads[t] = thread_start(settle_all, &work[t]);
    run_until("200,");
    for (unsigned t = 0; t < THREADS; t++)
        thread_join(threads[t]);
    assert_story("200,1900,true");
    run("list = 0");
    finish_js();
}

/* ---- submitting against every kind of end ---- */

struct submitting {
    mr_js *js; /* counted */
    atomic_uint accepted, refused;
    unsigned run, discarded; /* owner */
};

static void count_run(mr_js *of, void *arg)
{
    struct submitting *mine = arg;
    EXPECT(of == mine->js && mr_js_eval(of, "1", 1, NULL, MR_JS_SCRIPT, NULL) == 0);
    mine->run++;
}

static void count_discarded(void *arg, mr_status reason)
{
    struct submitting *mine = arg;
    EXPECT(reason == MR_ECLOSED);
    mine->discarded++;
}

static void *submit_all(void *arg)
{
    struct submitting *mine = arg;
    const mr_js_task task = {count_run, mine, count_discarded};
    for (unsigned i = 0; i < 200; i++) {
        mr_status status = mr_js_submit_with(mine->js, &task);
        EXPECT(status == 0 || status == MR_ECLOSED);
        atomic_fetch_add(status == 0 ? &mine->accepted : &mine->refused, 1);
    }
    mr_js_unref(mine->js);
    return NULL;
}

static void submissions_race_with_every_end_and_none_is_lost(void **state)
{
    (void)state;
    for (unsigned end = 0; end < 4; end++) {
        begin_js();
        static struct submitting work[4];
        memset(work, 0, sizeof work);
        pthread_t threads[4];
        for (unsigned t = 0; t < 4; t++) {
            work[t].js = mr_js_ref(js);
            threads[t] = thread_start(submit_all, &work[t]);
        }
        for (int i = 0; i < 5; i++)
            turn();
        if (end == 0)
            destroy_js();
        else if (end == 1)
            run("setImmediate(() => process.exit())");
        else if (end == 2)
            assert_int_equal(mr_loop_close(loop), 0);
        else
            shut_down_turned();
        if (end < 2)
            turn();
        for (unsigned t = 0; t < 4; t++)
            thread_join(threads[t]);
        finish_js();
        unsigned all = 0;
        for (unsigned t = 0; t < 4; t++) {
            EXPECT(work[t].run + work[t].discarded == atomic_load(&work[t].accepted));
            all += atomic_load(&work[t].accepted) + atomic_load(&work[t].refused);
        }
        assert_int_equal(all, 800);
        assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    }
}

/* The last reference may be another thread's, after loop and runtime. */
static atomic_bool both_ended;

static void *hold_until_the_end(void *arg)
{
    while (!atomic_load(&both_ended))
        rest(MS);
    EXPECT(mr_js_submit(arg, count_run, NULL) == MR_ECLOSED);
    mr_js_unref(arg);
    return NULL;
}

static void memory_of_a_runtime_may_go_on_another_thread(void **state)
{
    (void)state;
    begin_js();
    atomic_store(&both_ended, false);
    pthread_t thread = thread_start(hold_until_the_end, mr_js_ref(js));
    finish_js();
    atomic_store(&both_ended, true);
    thread_join(thread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(I2_promises_settled_by_20_threads_under_Promise_all_keep_sum_and_order),
        SCENARIO(submissions_race_with_every_end_and_none_is_lost),
        SCENARIO(memory_of_a_runtime_may_go_on_another_thread),
    };
    return RUN_SCENARIOS(tests);
}
