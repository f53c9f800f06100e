/* Abort signals between C and script: scenario X7 of the page on promises; I5, J1 and J2 of the one on
 * JavaScript. */
#include "bridge_scenario.h"

#include <pthread.h>

#include <millrace/abort.h>
#include <millrace/pool.h>
#include <millrace/sleep.h>

#include "js/web_events.h"

/* ---- What they share ---- */

/* What was noted since the last time. */
#define EXPECT_STORY(text)                                                                         \
    do {                                                                                           \
        assert_story(text);                                                                        \
        story_clear();                                                                             \
    } while (0)

static mr_abort_signal *to_c(const char *source)
{
    mr_js_value *value = eval(source);
    mr_abort_signal *signal = NULL;
    EXPECT(mr_js_to_abort_signal(js, value, &signal) == 0);
    mr_js_value_unref(value);
    return signal;
}

static void show_signal(const char *name, mr_abort_signal *signal)
{
    mr_js_value *value = NULL;
    EXPECT(mr_js_from_abort_signal(js, signal, &value) == 0);
    EXPECT(mr_js_set(js, NULL, name, value) == 0);
    mr_js_value_unref(value);
}

static void note_abort(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal, (void)reason;
    note("%s", (const char *)arg);
}

static void note_release(void *arg)
{
    note("(%s)", (const char *)arg);
}

static void handle(mr_abort_signal *signal, const char *name)
{
    EXPECT(mr_abort_signal_on(signal, note_abort, (void *)(uintptr_t)name, note_release, NULL) ==
           0);
}

static mr_abort_controller *new_controller(void)
{
    mr_abort_controller *controller = NULL;
    EXPECT(mr_abort_controller_create(loop, &controller) == 0);
    return controller;
}

/* ---- X7: a script's signal ends a job ---- */

static atomic_bool job_runs;

static mr_status wait_for_cancel(mr_job *job, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    const struct timespec tick = {.tv_nsec = 100000};
    atomic_store(&job_runs, true);
    while (mr_job_cancelled(job) == 0)
        nanosleep(&tick, NULL);
    return mr_job_cancelled(job);
}

/* offload(signal): the promise of a job that ends when it is told to. */
static mr_status offload_to(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                            mr_js_value **out_value)
{
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = wait_for_cancel};
    mr_promise *promise;
    mr_status status = argc == 1 ? mr_js_to_abort_signal(of, argv[0], &spec.signal) : MR_EINVAL;
    if (status != 0)
        return status;
    status = mr_offload(loop, arg, &spec, &promise, NULL);
    mr_abort_signal_unref(spec.signal);
    if (status != 0)
        return status;
    status = mr_js_from_value(of, mr_value_promise(promise), out_value);
    mr_promise_unref(promise);
    return status;
}

static void wait_until_job_runs(void)
{
    const struct timespec tick = {.tv_nsec = 100000};
    while (!atomic_load(&job_runs))
        nanosleep(&tick, NULL);
}

/* Of one thread. */
static mr_pool *new_pool(void)
{
    atomic_store(&job_runs, false);
    mr_pool *pool = NULL;
    const mr_pool_options options = {.size_bytes = sizeof options, .max_threads = 1};
    assert_int_equal(mr_pool_create(&options, &pool), 0);
    return pool;
}

static void end_pool(mr_pool *pool)
{
    assert_int_equal(mr_pool_shutdown(pool, MR_NEVER), 0);
    mr_pool_unref(pool);
}

static void turn_until_noted(size_t notes)
{
    for (int i = 0; i < 100000 && strlen(story) < notes; i++)
        EXPECT(mr_loop_turn(loop, 1000000) == 0);
}

static void X7_a_scripts_signal_ends_a_job_with_its_reason(void **state)
{
    (void)state;
    begin_js();
    mr_pool *pool = new_pool();
    add_function("offload", offload_to, pool);
    run("globalThis.c = new AbortController(); globalThis.reason = { why: 1 };"
        "globalThis.told = []; const tell = (name) => (r) => {"
        "    told.push(name + ' ' + (r === reason || r.code));"
        "    if (told.length === 2) note(told.sort().join()) };"
        "offload(c.signal).catch(tell('running')); offload(c.signal).catch(tell('queued'))");
    wait_until_job_runs();
    run("c.abort(reason)");
    turn_until_noted(strlen("queued true,running MR_EABORT"));
    EXPECT_STORY("queued true,running MR_EABORT");
    /* The one that runs keeps the thread: the signal that follows comes to one that waits. */
    run("globalThis.d = new AbortController(); offload(d.signal).catch(() => note('end'));"
        "globalThis.e = new AbortController();"
        "offload(AbortSignal.any([e.signal])).catch((r) => note('any ' + (r === reason)));"
        "e.abort(reason)");
    EXPECT_STORY("any true");
    run("d.abort()");
    turn_until_noted(strlen("end"));
    EXPECT_STORY("end");
    run("offload(c.signal).then(() => note('run'), (r) => note('before ' + (r === reason)))");
    turn_until_noted(strlen("before true"));
    EXPECT_STORY("before true");
    end_pool(pool);
    finish_js();
}

static void X7_a_timeout_that_nobody_holds_ends_a_job(void **state)
{
    (void)state;
    begin_js();
    mr_pool *pool = new_pool();
    add_function("offload", offload_to, pool);
    run("globalThis.c = new AbortController(); offload(c.signal).catch((r) => note(r.code))");
    wait_until_job_runs();
    run("offload(AbortSignal.timeout(5)).catch((r) =>"
        "    note(r.name + r.code + (r instanceof DOMException)))");
    collect();
    turn_until_noted(strlen("TimeoutError23true"));
    EXPECT_STORY("TimeoutError23true");
    run("c.abort()");
    turn_until_noted(strlen("MR_EABORT"));
    EXPECT_STORY("MR_EABORT");
    run("try { offload({}) } catch (e) { note(e.code) }; try { offload(new EventTarget()) } catch "
        "(e) { note(e.code) }");
    EXPECT_STORY("MR_EINVAL MR_EINVAL");
    end_pool(pool);
    finish_js();
}

static void X7_C_sees_the_abort_inside_the_call_after_internal_work_and_with_its_code(void **state)
{
    (void)state;
    begin_js();
    mr_abort_signal *signal = to_c("globalThis.c = new AbortController();"
                                   "c.signal.onabort = () => note('listener'); c.signal");
    EXPECT(!mr_abort_signal_aborted(signal) && mr_abort_signal_loop(signal) == loop);
    handle(signal, "handler");
    mr_promise *sleep = NULL;
    EXPECT(mr_sleep(loop, UINT64_C(1000000000000), signal, &sleep) == 0);
    tell(sleep, "sleep");
    run("c.abort(); note('returned')");
    EXPECT_STORY("handler (handler) listener returned sleep!MR_EABORT");
    EXPECT(mr_abort_signal_check(signal) == MR_EABORT && is_rejected_by(sleep, MR_EABORT));
    show("r", mr_abort_signal_reason(signal));
    EXPECT_TRUE("r === c.signal.reason && r instanceof DOMException");
    mr_promise_unref(sleep);
    mr_abort_signal_unref(signal);
    signal = to_c("AbortSignal.abort()");
    EXPECT(mr_abort_signal_check(signal) == MR_EABORT);
    mr_abort_signal_unref(signal);
    signal = to_c("AbortSignal.abort(10n ** 30n)"); /* no value of C */
    EXPECT(mr_abort_signal_check(signal) == MR_EABORT);
    mr_abort_signal_unref(signal);
    turn();
    finish_js();
}

/* ---- X7: a signal of C in a script ---- */

static void X7_a_signal_of_C_aborts_what_a_script_does(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("const fetchLike = (signal) => new Promise((resolve, reject) => {"
        "  signal.throwIfAborted(); signal.onabort = (e) => { note(e.isTrusted); "
        "reject(signal.reason) } });"
        "fetchLike(s).catch((r) => note(r.code + ' ' + r.message)); globalThis.any = "
        "AbortSignal.any([s]);"
        "globalThis.p = 'none'; any.onabort = () => { p = any.reason === s.reason }");
    EXPECT_TRUE("s instanceof AbortSignal && !s.aborted && s.reason === undefined");
    mr_value reason = error_value(MR_EIO, "disk", NULL);
    mr_error *error = mr_value_as_error(reason);
    EXPECT(mr_abort(controller, reason) == 0);
    EXPECT_TRUE("s.aborted && p");
    turn();
    EXPECT_STORY("true MR_EIO disk");
    mr_value back = value_of("s.reason");
    EXPECT(mr_value_as_error(back) == error);
    mr_value_release(back);
    mr_abort_controller_unref(controller);
    turn();
    finish_js();
}

static void *post_abort(void *arg)
{
    EXPECT(mr_abort_post(loop, *(const mr_abort_id *)arg, mr_value_int(7)) == 0);
    return NULL;
}

static void X7_a_post_from_a_thread_and_a_timer_of_C_abort_in_script(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    mr_abort_id id = mr_abort_controller_id(controller);
    show_signal("s", mr_abort_controller_signal(controller));
    run("s.onabort = () => note(s.reason)");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, post_abort, &id), 0);
    pthread_join(thread, NULL);
    turn_until_noted(1);
    EXPECT_STORY("7");
    mr_abort_signal *timed = NULL;
    EXPECT(mr_abort_after(loop, MS, &timed) == 0);
    show_signal("t", timed);
    mr_abort_signal_unref(timed); /* lives by the script's listener */
    run("t.onabort = function () { note(this.reason.code) }; t = 0");
    collect();
    turn_until_noted(strlen("MR_ETIMEDOUT"));
    EXPECT_STORY("MR_ETIMEDOUT");
    mr_abort_controller_unref(controller);
    finish_js();
}

static void X7_what_throws_in_script_surfaces_as_a_tick_and_others_are_told(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("process.on('uncaughtException', (e) => note('U ' + e)); s.onabort = () => { throw 'x' };"
        "s.addEventListener('abort', () => note('sibling'))");
    handle(mr_abort_controller_signal(controller), "later");
    EXPECT(mr_abort(controller, mr_value_null()) == 0);
    turn();
    EXPECT_STORY("sibling later (later) U x");
    mr_abort_controller_unref(controller);
    finish_js();
}

static void X7_an_exit_in_a_listener_ends_the_script_and_not_the_abort(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("s.onabort = () => { note('bye'); process.exit(3) };"
        "s.addEventListener('abort', () => note('never'))");
    handle(mr_abort_controller_signal(controller), "C");
    EXPECT(mr_abort(controller, mr_value_null()) == 0);
    EXPECT_STORY("bye C (C)");
    int code = 0;
    EXPECT(mr_js_exit_code(js, &code) && code == 3);
    mr_abort_controller_unref(controller);
    finish_js();
}

/* ---- X7: there and back ---- */

static void X7_each_comes_back_as_it_was(void **state)
{
    (void)state;
    begin_js();
    mr_abort_signal *of_script = to_c("globalThis.c = new AbortController(); c.signal");
    mr_abort_signal *again = to_c("c.signal");
    EXPECT(again == of_script);
    mr_abort_signal_unref(again);
    show_signal("back", of_script);
    EXPECT_TRUE("back === c.signal");
    mr_abort_controller *controller = new_controller();
    mr_abort_signal *of_c = mr_abort_controller_signal(controller);
    show_signal("s", of_c);
    show_signal("t", of_c);
    EXPECT_TRUE("s === t");
    again = to_c("s");
    EXPECT(again == of_c);
    mr_abort_signal_unref(again);
    EXPECT(mr_abort(controller, mr_value_int(1)) == 0);
    run("c.abort(2)");
    show_signal("back", of_script);
    show_signal("t", of_c);
    EXPECT_TRUE("back === c.signal && s === t && s.reason === 1");
    again = to_c("t");
    EXPECT(again == of_c);
    mr_abort_signal_unref(again);
    mr_abort_signal_unref(of_script);
    mr_abort_controller_unref(controller);
    /* One that had aborted before. */
    controller = new_controller();
    EXPECT(mr_abort(controller, mr_value_int(3)) == 0);
    show_signal("s", mr_abort_controller_signal(controller));
    show_signal("t", mr_abort_controller_signal(controller));
    EXPECT_TRUE("s === t && s.aborted && s.reason === 3");
    mr_abort_controller_unref(controller);
    /* any of both kinds, on both sides */
    controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    mr_abort_signal *both[] = {
        to_c("globalThis.d = new AbortController(); AbortSignal.any([d.signal, s])"),
        mr_abort_controller_signal(controller)};
    mr_abort_signal *any = NULL;
    EXPECT(mr_abort_any(loop, both, 2, &any) == 0);
    handle(any, "any");
    run("d.abort('d')");
    EXPECT(mr_abort_signal_aborted(any));
    EXPECT_STORY("any (any)");
    mr_abort_signal_unref(any);
    mr_abort_signal_unref(both[0]);
    mr_abort_controller_unref(controller);
    mr_js_value *value = NULL;
    EXPECT(mr_js_from_abort_signal(js, NULL, &value) == MR_EINVAL && value == NULL);
    turn();
    finish_js();
}

/* ---- X7, J: what lives ---- */

static void X7_J1_a_dropped_follower_leaves_nothing_on_either_side(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("globalThis.w = new WeakRef(s); s = 0");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    show_signal("s", mr_abort_controller_signal(controller));
    EXPECT_TRUE("!s.aborted");
    /* With a listener it lives as long as C may abort it. */
    run("s.onabort = () => note('told'); w = new WeakRef(s); s = 0");
    collect();
    EXPECT_TRUE("w.deref() !== undefined");
    mr_abort_controller_unref(controller);
    turn();
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    /* A script's signal that only C has. */
    mr_abort_signal *signal =
        to_c("globalThis.c = new AbortController(); w = new WeakRef(c.signal); c.signal");
    handle(signal, "C");
    collect();
    EXPECT_TRUE("w.deref() === c.signal");
    mr_abort_signal_unref(signal); /* lives with its handler */
    run("c.abort(); c = 0");
    EXPECT_STORY("C (C)");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    signal = to_c("c = new AbortController(); w = new WeakRef(c.signal); c.signal");
    handle(signal, "D");
    mr_abort_signal_unref(signal);
    run("c = 0"); /* nobody can abort it */
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    turn();
    EXPECT_STORY("(D)");
    finish_js();
}

static void X7_the_loop_ends_first(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("s.onabort = () => note('never'); globalThis.c = new AbortController()");
    mr_abort_signal *signal = to_c("c.signal");
    handle(signal, "C");
    assert_int_equal(mr_loop_close(loop), 0);
    EXPECT_STORY("(C)");
    EXPECT(mr_abort(controller, mr_value_int(1)) == MR_ECLOSED);
    mr_abort_controller_unref(controller);
    mr_abort_signal_unref(signal);
    destroy_js();
    check_all_gone();
}

static void X7_the_runtime_ends_first(void **state)
{
    (void)state;
    begin_js();
    mr_abort_controller *controller = new_controller();
    show_signal("s", mr_abort_controller_signal(controller));
    run("s.onabort = () => note('never'); globalThis.c = new AbortController()");
    mr_abort_signal *signal = to_c("c.signal"), *unheld = to_c("AbortSignal.timeout(1e6)");
    handle(signal, "C");
    handle(unheld, "D");
    mr_abort_signal_unref(unheld);
    destroy_js();
    EXPECT_STORY("(D)");
    EXPECT(mr_abort(controller, mr_value_int(1)) == 0);
    EXPECT(!mr_abort_signal_aborted(signal));
    mr_abort_controller_unref(controller);
    mr_abort_signal_unref(signal);
    turn();
    EXPECT_STORY("(C)");
    shut_down_turned();
    check_all_gone();
}

static void X7_rounds_keep_memory_flat(void **state)
{
    size_t after[3];
    (void)state;
    begin_js();
    run("globalThis.long = new AbortController(); globalThis.t = new EventTarget()");
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < scaled(2000); i++) {
            mr_abort_controller *controller = new_controller();
            show_signal("s", mr_abort_controller_signal(controller));
            mr_abort_signal *signal =
                to_c("AbortSignal.any([s, long.signal, AbortSignal.timeout(1e9)])");
            run("t.addEventListener('x', () => s, { signal: AbortSignal.any([long.signal]) });"
                "s.onabort = () => s; AbortSignal.timeout(1e8)");
            if (i % 2 == 0)
                EXPECT(mr_abort(controller, mr_value_null()) == 0);
            mr_abort_signal_unref(signal);
            mr_abort_controller_unref(controller);
            run("s = 0; t = new EventTarget()");
        }
        collect();
        turn();
        after[round] = bytes_in_use();
    }
    EXPECT(after[2] < after[1] + 16384);
    finish_js();
}

/* ---- I5: tracks ---- */

static mr_js_track *track_to_drop;

static mr_status note_track(mr_js *of, mr_js_value *reason, void *arg)
{
    char *text = NULL;
    EXPECT(mr_js_to_string(of, reason, &text, NULL) == 0);
    note("%s:%s", (const char *)arg, text);
    mr_js_free(text);
    if (strcmp(arg, "drops") == 0) {
        EXPECT(mr_js_signal_untrack(track_to_drop) == 0);
        EXPECT(mr_js_signal_untrack(track_to_drop) == MR_ENOENT);
    }
    return strcmp(arg, "fails") == 0 ? MR_EIO : 0;
}

static mr_js_track *track(const char *source, const char *name)
{
    mr_js_track *made = NULL;
    bool aborted = true;
    mr_js_value *signal = eval(source);
    EXPECT(mr_js_signal_track(js, signal, note_track, (void *)(uintptr_t)name, &made, &aborted) ==
           0);
    EXPECT((made == NULL) == aborted);
    mr_js_value_unref(signal);
    return made;
}

static void I5_tracks_are_called_once_before_listeners_in_order(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.c = new AbortController(); c.signal.onabort = () => note('listener');"
        "globalThis.any = AbortSignal.any([c.signal]); any.onabort = () => note('any listener')");
    mr_js_track *tracks[] = {track("c.signal", "a"), track("any", "any"), track("c.signal", "b")};
    run("c.abort('r'); c.abort('s'); note('end')");
    EXPECT_STORY("a:r b:r listener any:r any listener end");
    for (int i = 0; i < 3; i++) {
        EXPECT(mr_js_signal_untrack(tracks[i]) == MR_ENOENT);
        mr_js_track_unref(tracks[i]);
    }
    EXPECT(track("c.signal", "late") == NULL); /* aborted already: said, not called */
    turn();
    EXPECT_STORY("");
    mr_js_value *wrong = eval("new EventTarget()");
    mr_js_track *none = NULL;
    bool aborted;
    EXPECT(mr_js_signal_track(js, wrong, note_track, NULL, &none, &aborted) == MR_EINVAL);
    EXPECT(mr_js_signal_track(js, NULL, note_track, NULL, &none, &aborted) == MR_EINVAL);
    EXPECT(mr_js_signal_untrack(NULL) == MR_EINVAL);
    mr_js_track_unref(NULL);
    mr_js_value_unref(wrong);
    finish_js();
}

static void I5_untracked_before_in_and_after_the_abort(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.c = new AbortController()");
    mr_js_track *before = track("c.signal", "before"), *drops = track("c.signal", "drops");
    track_to_drop = track("c.signal", "dropped");
    mr_js_track *after = track("c.signal", "after");
    EXPECT(mr_js_signal_untrack(before) == 0);
    EXPECT(mr_js_signal_untrack(before) == MR_ENOENT);
    run("c.abort(1)");
    EXPECT_STORY("drops:1 after:1");
    EXPECT(mr_js_signal_untrack(after) == MR_ENOENT);
    EXPECT(mr_js_signal_untrack(before) == MR_ENOENT);
    mr_js_track_unref(before);
    mr_js_track_unref(drops);
    mr_js_track_unref(track_to_drop);
    mr_js_track_unref(after);
    finish_js();
}

static void I5_one_that_fails_surfaces_as_a_tick_and_the_others_are_told(void **state)
{
    (void)state;
    begin_js();
    run("process.on('uncaughtException', (e, origin) => note(e.code + ' ' + origin));"
        "globalThis.c = new AbortController(); c.signal.onabort = () => note('listener')");
    mr_js_track *a = track("c.signal", "fails"), *b = track("c.signal", "b");
    run("c.abort(1); note('returned')");
    EXPECT_STORY("fails:1 b:1 listener returned MR_EIO uncaughtException");
    mr_js_track_unref(a);
    mr_js_track_unref(b);
    finish_js();
}

static void I5_tracks_end_with_the_signal_the_runtime_and_the_loop(void **state)
{
    (void)state;
    begin_js();
    mr_js_track *of_lost = track("new AbortController().signal", "never");
    collect();
    EXPECT(mr_js_signal_untrack(of_lost) == 0); /* arg is the caller's again */
    mr_js_track_unref(of_lost);
    mr_js_track_unref(track("globalThis.c = new AbortController(); c.signal", "unheld"));
    run("c.abort(1)");
    EXPECT_STORY("unheld:1");
    mr_js_track *left = track("c = new AbortController(); c.signal", "never");
    mr_js_track *other = track("AbortSignal.timeout(1e6)", "never");
    destroy_js();
    EXPECT(mr_js_signal_untrack(left) == 0);
    EXPECT(mr_js_signal_untrack(left) == MR_ENOENT);
    shut_down_turned();
    EXPECT(mr_js_signal_untrack(other) == 0);
    mr_js_track_unref(other);
    check_all_gone();
    mr_js_track_unref(left); /* with the last reference to the loop */
}

typedef struct untracker {
    mr_js_track *track;
    mr_status status;
    pthread_t thread;
} untracker;

static atomic_uint calls;

static mr_status count_abort(mr_js *of, mr_js_value *reason, void *arg)
{
    (void)of, (void)reason, (void)arg;
    atomic_fetch_add(&calls, 1);
    return 0;
}

static void *untrack_elsewhere(void *arg)
{
    untracker *u = arg;
    u->status = mr_js_signal_untrack(u->track);
    EXPECT(mr_js_signal_untrack(u->track) == MR_ENOENT);
    mr_js_track_unref(u->track);
    return NULL;
}

enum { THREADS = 8 };

/* What of the abort, the destruction and the untracking comes first, nobody knows. */
static void untrack_round(int round)
{
    untracker u[THREADS];
    run("globalThis.c = new AbortController()");
    mr_js_value *signal = eval("c.signal");
    atomic_store(&calls, 0);
    for (int i = 0; i < THREADS; i++) {
        bool aborted;
        EXPECT(mr_js_signal_track(js, signal, count_abort, NULL, &u[i].track, &aborted) == 0);
    }
    mr_js_value_unref(signal);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&u[i].thread, NULL, untrack_elsewhere, &u[i]), 0);
    if (round % 3 == 0)
        run("c.abort()");
    else if (round % 3 == 1)
        turn();
    else
        destroy_js();
    unsigned untracked = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(u[i].thread, NULL);
        untracked += u[i].status == 0;
        EXPECT(u[i].status == 0 || u[i].status == MR_ENOENT);
    }
    EXPECT(untracked + atomic_load(&calls) == THREADS);
    turn();
    if (js == NULL)
        create_js();
    EXPECT(js->events->tracks == NULL || round % 3 == 2);
}

static void I5_threads_untrack_during_aborts_turns_and_destruction(void **state)
{
    (void)state;
    begin_js();
    for (int round = 0; round < (int)scaled(300); round++)
        untrack_round(round);
    finish_js();
}

static void I5_a_foreign_untrack_lets_the_signal_go(void **state)
{
    (void)state;
    begin_js();
    untracker u = {.track = track("globalThis.s = AbortSignal.timeout(1e6);"
                                  "globalThis.w = new WeakRef(s); s",
                                  "never")};
    run("s = 0");
    collect();
    EXPECT_TRUE("w.deref() !== undefined");
    assert_int_equal(pthread_create(&u.thread, NULL, untrack_elsewhere, &u), 0);
    pthread_join(u.thread, NULL);
    EXPECT(u.status == 0);
    turn();
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    finish_js();
}

/* ---- J1, J2 ---- */

static void J1_a_signal_lives_with_its_controller_and_a_controller_not_with_its_signal(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.c = new AbortController(); c.signal.onabort = () => note('told');"
        "globalThis.w = new WeakRef(c.signal)");
    collect();
    EXPECT_TRUE("w.deref() === c.signal");
    run("c.abort()");
    EXPECT_STORY("told");
    run("c = new AbortController(); globalThis.s = c.signal; globalThis.k = { deep: [] };"
        "s.onabort = () => k; w = new WeakRef(c); c = 0");
    collect();
    EXPECT_TRUE("w.deref() === undefined && !s.aborted"); /* nothing can abort it any more */
    run("w = new WeakRef(s); s = 0");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    /* A ring of controller, signal and listener. */
    run("(() => { const c = new AbortController(); c.signal.onabort = () => c; c.me = c; w = new "
        "WeakRef(c) })()");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    finish_js();
}

static void J1_dropped_signals_of_any_and_timeout_are_collected(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.c = new AbortController(); globalThis.ws = [AbortSignal.any([c.signal]),"
        "AbortSignal.timeout(1e6), AbortSignal.any([AbortSignal.timeout(1e6), c.signal]),"
        "AbortSignal.any([])].map((s) => new WeakRef(s));"
        "{ const s = AbortSignal.any([]); s.onabort = () => s; ws.push(new WeakRef(s)) }"
        "for (const s of [AbortSignal.any([c.signal]), AbortSignal.timeout(1e6)]) {"
        "  const f = () => s; s.addEventListener('abort', f); s.removeEventListener('abort', f);"
        "  s.onabort = f; s.onabort = null; ws.push(new WeakRef(s)) }");
    collect();
    collect();
    EXPECT_TEXT("ws.map((w) => w.deref()).join()", ",,,,,,");
    /* With listeners that may yet be told they live, and end when told. */
    run("{ const a = AbortSignal.any([c.signal]); a.onabort = () => note('any'); ws = [new "
        "WeakRef(a)] }"
        "{ const a = AbortSignal.any([AbortSignal.any([AbortSignal.timeout(1), c.signal])]);"
        "  a.addEventListener('abort', () => note('timed')); ws.push(new WeakRef(a)) }"
        "{ const t = new EventTarget(); globalThis.t = t; t.addEventListener('x', () => note('x'),"
        "  { signal: AbortSignal.timeout(2) }) }");
    collect();
    EXPECT_TRUE("ws.every((w) => w.deref())");
    turn_until_noted(5);
    EXPECT_STORY("timed");
    run("setTimeout(() => { t.dispatchEvent(new Event('x')); note('gone') }, 5)");
    turn_until_noted(4);
    EXPECT_STORY("gone");
    run("c.abort()");
    EXPECT_STORY("any");
    collect();
    EXPECT_TRUE("ws.every((w) => w.deref() === undefined)");
    finish_js();
}

static void J1_ten_thousand_dependents_of_a_long_signal_leave_nothing(void **state)
{
    size_t after[3];
    (void)state;
    begin_js();
    run("globalThis.long = new AbortController()");
    for (int round = 0; round < 3; round++) {
        run("for (let i = 0; i < 10000; i++) AbortSignal.any([long.signal, long.signal])");
        run("for (let i = 0; i < 1000; i++) { const s = AbortSignal.any([long.signal]); s.me = s;"
            "s.onabort = () => s; s.onabort = null }");
        collect();
        after[round] = bytes_in_use();
    }
    EXPECT(after[2] < after[1] + 16384);
    finish_js();
}

static void J2_removed_listeners_and_untracked_signals_let_closures_go(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.t = new EventTarget(); globalThis.c = new AbortController(); globalThis.ws = "
        "[];"
        "const held = () => { const o = { f: () => o }; ws.push(new WeakRef(o)); return o.f };"
        "{ const f = held(); t.addEventListener('x', f); t.removeEventListener('x', f) }"
        "t.addEventListener('x', held(), { once: true }); t.dispatchEvent(new Event('x'));"
        "{ const f = held(); t.addEventListener('x', f, { signal: c.signal }); "
        "t.removeEventListener('x', f) }"
        "t.addEventListener('x', held(), { signal: AbortSignal.abort() });"
        "{ const c = new AbortController(); t.addEventListener('x', held(), { signal: c.signal }); "
        "c.abort() }"
        "c.signal.onabort = held(); c.signal.onabort = null;"
        "{ const lost = new EventTarget(); lost.addEventListener('x', held(), { signal: c.signal "
        "}) }"
        "{ const lost = new EventTarget(); lost.me = lost;"
        "  lost.addEventListener('x', held(), { signal: AbortSignal.timeout(1e6) }) }"
        "{ const e = new CustomEvent('x', { detail: held() }); e.me = e; t.dispatchEvent(e) }");
    collect();
    EXPECT_TEXT("ws.map((w) => w.deref()).join()", ",,,,,,,,");
    /* Listeners that stay. */
    run("ws = []; t.addEventListener('x', held(), { signal: c.signal }); c.signal.onabort = "
        "held()");
    collect();
    EXPECT_TRUE("ws.every((w) => w.deref())");
    run("c.abort(); c = 0");
    collect();
    EXPECT_TRUE("ws.every((w) => w.deref() === undefined)");
    EXPECT(js->events->kept == NULL && js->events->timeouts == NULL);
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(X7_a_scripts_signal_ends_a_job_with_its_reason),
        SCENARIO(X7_a_timeout_that_nobody_holds_ends_a_job),
        SCENARIO(X7_C_sees_the_abort_inside_the_call_after_internal_work_and_with_its_code),
        SCENARIO(X7_a_signal_of_C_aborts_what_a_script_does),
        SCENARIO(X7_a_post_from_a_thread_and_a_timer_of_C_abort_in_script),
        SCENARIO(X7_what_throws_in_script_surfaces_as_a_tick_and_others_are_told),
        SCENARIO(X7_an_exit_in_a_listener_ends_the_script_and_not_the_abort),
        SCENARIO(X7_each_comes_back_as_it_was),
        SCENARIO(X7_J1_a_dropped_follower_leaves_nothing_on_either_side),
        SCENARIO(X7_the_loop_ends_first),
        SCENARIO(X7_the_runtime_ends_first),
        SCENARIO(X7_rounds_keep_memory_flat),
        SCENARIO(I5_tracks_are_called_once_before_listeners_in_order),
        SCENARIO(I5_untracked_before_in_and_after_the_abort),
        SCENARIO(I5_one_that_fails_surfaces_as_a_tick_and_the_others_are_told),
        SCENARIO(I5_tracks_end_with_the_signal_the_runtime_and_the_loop),
        SCENARIO(I5_threads_untrack_during_aborts_turns_and_destruction),
        SCENARIO(I5_a_foreign_untrack_lets_the_signal_go),
        SCENARIO(J1_a_signal_lives_with_its_controller_and_a_controller_not_with_its_signal),
        SCENARIO(J1_dropped_signals_of_any_and_timeout_are_collected),
        SCENARIO(J1_ten_thousand_dependents_of_a_long_signal_leave_nothing),
        SCENARIO(J2_removed_listeners_and_untracked_signals_let_closures_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
