/* Races: threads submit, settle, untrack and interrupt while the owner runs, exits and destroys. What
 * was accepted is run or discarded, once; ThreadSanitizer looks at the rest. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/js.h>
#include <millrace/promise.h>

enum { THREADS = 4, EACH = 60, ROUNDS = 6 };

enum ending { RUN_OUT, EXIT, DESTROY };

struct race {
    mr_loop *loop;
    mr_js *js;
    _Atomic unsigned ready, accepted, ran, discarded, started;
    mr_settler settlers[THREADS][EACH];
    mr_js_track *tracks[THREADS][EACH];
};

struct worker {
    struct race *race;
    unsigned index;
    pthread_t thread;
};

static void task(mr_js *js, void *arg)
{
    struct race *race = arg;
    atomic_fetch_add(&race->ran, 1);
    mr_status status =
        mr_js_eval(js, "for (let i = 0; i < 2000; i++);", 31, NULL, MR_JS_SCRIPT, NULL);
    assert_true(status == MR_OK || status == MR_ECANCELED);
}

static void dropped(void *arg, mr_status reason)
{
    (void)reason;
    struct race *race = arg;
    atomic_fetch_add(&race->discarded, 1);
}

static void *work(void *arg)
{
    struct worker *self = arg;
    struct race *race = self->race;
    atomic_fetch_add(&race->ready, 1);
    while (atomic_load(&race->started) == 0) {
    }
    for (unsigned i = 0; i < EACH; i++) {
        const mr_js_task what = {task, race, dropped};
        if (mr_js_submit_with(race->js, &what) == MR_OK)
            atomic_fetch_add(&race->accepted, 1);
        (void)mr_settler_resolve(race->loop, race->settlers[self->index][i], mr_value_int(i));
        (void)mr_js_interrupt(race->js, MR_JS_INTERRUPT_CALLBACK);
        (void)mr_js_signal_untrack(race->tracks[self->index][i]);
        (void)mr_js_signal_untrack(race->tracks[self->index][i]);
    }
    mr_js_unref(race->js);
    mr_loop_unref(race->loop);
    return NULL;
}

static mr_status aborted(mr_js *js, mr_js_value *reason, void *arg)
{
    (void)js, (void)reason, (void)arg;
    return MR_OK;
}

static void eval(struct race *race, const char *source, mr_js_value **out_value)
{
    mr_status status = MR_ECANCELED; /* an interrupt may meet it */
    while (status == MR_ECANCELED && !mr_js_exit_code(race->js, NULL))
        status = mr_js_eval(race->js, source, strlen(source), NULL, MR_JS_SCRIPT, out_value);
    assert_int_equal(status, 0);
}

static void prepare(struct race *race, unsigned thread, unsigned i)
{
    mr_js_value *promise, *signal;
    bool was_aborted;
    assert_int_equal(mr_js_promise_create(race->js, &promise, &race->settlers[thread][i]), 0);
    assert_int_equal(mr_js_set(race->js, NULL, "promise", promise), 0);
    eval(race, "promise.then(() => { settled++; for (let i = 0; i < 1000; i++); })", NULL);
    mr_js_value_unref(promise);
    eval(race, "controllers.push(new AbortController()), controllers.at(-1).signal", &signal);
    assert_int_equal(
        mr_js_signal_track(race->js, signal, aborted, NULL, &race->tracks[thread][i], &was_aborted),
        0);
    mr_js_value_unref(signal);
}

static const char program[] =
    "globalThis.settled = 0; globalThis.controllers = [];"
    "globalThis.rounds = 0; process.on('uncaughtException', () => {});"
    "const again = () => { for (let i = 0; i < 3e4; i++); controllers.pop()?.abort();"
    "  if (++rounds < 200) setTimeout(again); else if (globalThis.exits) process.exit(3); };"
    "setTimeout(again);";

static void run_race(enum ending ending)
{
    struct race race = {0};
    struct worker workers[THREADS];
    const mr_loop_options loop_options = {.size_bytes = sizeof loop_options, .auto_exit = true};
    assert_int_equal(mr_loop_create(&loop_options, &race.loop), 0);
    assert_int_equal(mr_js_create(race.loop, NULL, &race.js), 0);
    eval(&race, program, NULL);
    if (ending == EXIT)
        eval(&race, "globalThis.exits = true; rounds = 150", NULL);
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < EACH; i++)
            prepare(&race, t, i);
        workers[t] = (struct worker){.race = &race, .index = t};
        (void)mr_js_ref(race.js);
        (void)mr_loop_ref(race.loop);
        assert_int_equal(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
    }
    while (atomic_load(&race.ready) != THREADS) {
    }
    atomic_store(&race.started, 1);
    for (int i = 0; ending == DESTROY && i < 20; i++)
        (void)mr_loop_turn(race.loop, 0);
    if (ending != DESTROY)
        (void)mr_loop_run(race.loop);
    assert_int_equal(mr_js_destroy(race.js), 0);
    for (unsigned t = 0; t < THREADS; t++)
        assert_int_equal(pthread_join(workers[t].thread, NULL), 0);
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < EACH; i++)
            mr_js_track_unref(race.tracks[t][i]);
    }
    (void)mr_loop_close(race.loop);
    mr_loop_unref(race.loop);
    assert_int_equal(atomic_load(&race.accepted),
                     atomic_load(&race.ran) + atomic_load(&race.discarded));
}

static void threads_against_a_run(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        run_race(RUN_OUT);
}

static void threads_against_an_exit(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        run_race(EXIT);
}

static void threads_against_a_destroy(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++)
        run_race(DESTROY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_against_a_run),
        cmocka_unit_test(threads_against_an_exit),
        cmocka_unit_test(threads_against_a_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
