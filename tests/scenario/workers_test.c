/* Scenarios K of promises: pools of threads, jobs and what ends them. */
#include "scenario.h"

/* ---- a job that tells what happens to it ---- */

typedef struct piece {
    const char *name;
    hold *at;         /* where fn waits; NULL: it does not */
    mr_status answer; /* of fn */
    mr_value result;  /* passes to the promise */
    void (*inside)(mr_job *job, struct piece *p);
    pthread_t thread;
    mr_status told; /* mr_job_cancelled at the end of fn */
    _Atomic unsigned ran, released;
    mr_promise *promise;
    mr_job *job;
    mr_abort_signal *signal;
    uint64_t deadline_ns;
    bool unref;
} piece;

static mr_pool *pool;

static mr_status piece_fn(mr_job *job, void *arg, mr_value *out_value)
{
    piece *p = arg;
    p->thread = pthread_self();
    atomic_fetch_add(&p->ran, 1);
    if (p->at != NULL)
        hold_here(p->at);
    if (p->inside != NULL)
        p->inside(job, p);
    p->told = mr_job_cancelled(job);
    EXPECT(out_value->kind == MR_VALUE_UNDEFINED);
    *out_value = p->result;
    return p->answer;
}

static void piece_release(void *arg)
{
    piece *p = arg;
    atomic_fetch_add(&p->released, 1);
}

static mr_status try_offload_to(mr_loop *to, mr_pool *of, piece *p)
{
    const mr_offload_spec spec = {.size_bytes = sizeof spec,
                                  .fn = piece_fn,
                                  .arg = p,
                                  .release = piece_release,
                                  .signal = p->signal,
                                  .deadline_ns = p->deadline_ns,
                                  .unref = p->unref};
    mr_status status = mr_offload(to, of, &spec, &p->promise, &p->job);
    EXPECT((status == 0) == (p->promise != NULL) && (status == 0) == (p->job != NULL));
    EXPECT(atomic_load(&p->released) == 0);
    return status;
}

static mr_status try_offload(piece *p)
{
    return try_offload_to(loop, pool, p);
}

static void offload(piece *p)
{
    EXPECT(try_offload(p) == 0);
}

static void drop(piece *p)
{
    mr_promise_unref(p->promise);
    mr_job_unref(p->job);
    p->promise = NULL;
    p->job = NULL;
}

/* ---- what became of a promise: "name=7", "name!EIO", "name!7" ---- */

static mr_status on_fulfilled(mr_value value, void *arg, mr_value *out_value)
{
    int64_t number = -1;
    (void)out_value;
    mr_value_as_int(value, &number);
    note("%s=%d", ((piece *)arg)->name, (int)number);
    return 0;
}

static mr_status on_rejected(mr_value reason, void *arg, mr_value *out_value)
{
    int64_t number = -1;
    (void)out_value;
    if (mr_value_as_int(reason, &number))
        note("%s!%d", ((piece *)arg)->name, (int)number);
    else
        note("%s!%s", ((piece *)arg)->name,
             mr_status_name(mr_error_code(mr_value_as_error(reason))) + 3);
    return 0;
}

static void tell(piece *p)
{
    const mr_reaction reaction = {
        .on_fulfilled = on_fulfilled, .on_rejected = on_rejected, .arg = p, .release = nothing};
    EXPECT(mr_promise_then(p->promise, &reaction, NULL) == 0);
}

static void offload_and_tell(piece *p)
{
    offload(p);
    tell(p);
}

static mr_status code_of(const piece *p)
{
    return mr_error_code(mr_value_as_error(mr_promise_reason(p->promise)));
}

/* ---- the pool of the scenario ---- */

static mr_pool_stats numbers_of(mr_pool *of)
{
    mr_pool_stats n;
    memset(&n, 0, sizeof n);
    EXPECT(mr_pool_get_stats(of, &n) == 0);
    EXPECT(n.submitted == n.completed + n.failed + n.cancelled + n.queued + n.running);
    EXPECT(n.running <= n.most_running && n.queued <= n.most_queued);
    EXPECT(n.threads <= n.most_threads && n.idle <= n.most_idle);
    return n;
}

static mr_pool_stats numbers(void)
{
    return numbers_of(pool);
}

static mr_pool *new_pool(unsigned threads, unsigned queue)
{
    mr_pool *made = NULL;
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = threads,
                                     .max_queue = queue,
                                     .name = "workers"};
    assert_int_equal(mr_pool_create(&options, &made), 0);
    return made;
}

static void begin_pool(mr_park park, unsigned threads, unsigned queue)
{
    begin(park);
    pool = new_pool(threads, queue);
}

static void end_pool(void)
{
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    mr_pool_stats n = numbers();
    assert_int_equal(n.threads + n.queued + n.running, 0);
    mr_pool_unref(pool);
    pool = NULL;
}

/* Run until everything that is owed has come. */
static void run_to_the_end(void)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        assert_int_equal(mr_loop_turn(loop, 0), 0); /* it has run before */
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
}

static void pieces_init(piece *pieces, unsigned n, const char *names, hold *at)
{
    memset(pieces, 0, n * sizeof *pieces);
    for (unsigned i = 0; i < n; i++) {
        pieces[i].name = names + 2 * i;
        pieces[i].at = at;
        pieces[i].result = mr_value_int(i);
    }
}

#define NAMES "a\0b\0c\0d\0e\0f\0g\0h\0"

/* ---- K1: value, error, argument ---- */

static void K1_what_fn_returns_settles_the_promise(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        piece p[5];
        begin_pool(park, 1, 0);
        pieces_init(p, 5, NAMES, NULL);
        p[1].answer = MR_EIO;
        p[1].result = mr_value_undefined();
        p[2].answer = MR_EIO;
        p[3].answer = 7; /* no status of ours */
        p[3].result = mr_value_undefined();
        assert_int_equal(mr_value_bytes("longer than stands inline", 25, &p[4].result), 0);
        for (unsigned i = 0; i < 5; i++) {
            offload_and_tell(&p[i]);
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_PENDING);
        }
        assert_story("");
        run_to_the_end();
        assert_story("a=0 b!EIO c!2 d!EINVAL e=-1");
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, 1);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, 0);
            assert_false(pthread_equal(p[i].thread, pthread_self()));
        }
        size_t len = 0;
        mr_value bytes = mr_promise_value(p[4].promise);
        assert_memory_equal(mr_value_as_bytes(&bytes, &len), "longer than stands inline", 25);
        assert_int_equal(len, 25);
        for (unsigned i = 0; i < 5; i++)
            drop(&p[i]);
        mr_pool_stats n = numbers();
        assert_int_equal(n.completed, 2);
        assert_int_equal(n.failed, 3);
        end_pool();
        finish();
    }
}

static void K1_a_value_bound_to_the_loop_is_refused(void **state)
{
    (void)state;
    piece p;
    mr_promise *bound;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), &bound), 0);
    p.result = mr_value_promise(mr_promise_ref(bound));
    offload_and_tell(&p);
    run_to_the_end();
    assert_story("a!EINVAL");
    assert_int_equal(numbers().failed, 1);
    mr_promise_unref(bound);
    drop(&p);
    end_pool();
    finish();
}

static void K1_a_promise_that_nobody_holds_drops_the_value(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_value_bytes("a value that is counted", 23, &p.result), 0);
    offload(&p);
    drop(&p);
    run_to_the_end();
    assert_int_equal(p.ran, 1);
    assert_int_equal(p.released, 1);
    end_pool();
    finish();
}

/* ---- K2: two threads ---- */

typedef struct turnstile {
    gate reached, go;
    _Atomic unsigned next;
    _Atomic unsigned inside, most;
} turnstile;

static mr_status pass(mr_job *job, void *arg, mr_value *out_value)
{
    (void)job, (void)out_value;
    turnstile *t = arg;
    unsigned inside = atomic_fetch_add(&t->inside, 1) + 1;
    if (inside > atomic_load(&t->most))
        atomic_store(&t->most, inside);
    unsigned number = atomic_fetch_add(&t->next, 1) + 1;
    gate_open(&t->reached);
    gate_wait_for(&t->go, number);
    atomic_fetch_sub(&t->inside, 1);
    return number % 2 == 0 ? MR_EIO : 0;
}

typedef struct hooked {
    _Atomic unsigned starts, exits;
    pthread_t threads[4];
} hooked;

static void on_thread_start(void *arg)
{
    hooked *h = arg;
    unsigned n = atomic_fetch_add(&h->starts, 1);
    EXPECT(n < COUNT_OF(h->threads));
    h->threads[n % COUNT_OF(h->threads)] = pthread_self();
}

static void on_thread_exit(void *arg)
{
    hooked *h = arg;
    bool mine = false;
    for (unsigned i = 0; i < atomic_load(&h->starts); i++)
        mine |= pthread_equal(h->threads[i % COUNT_OF(h->threads)], pthread_self()) != 0;
    EXPECT(mine);
    atomic_fetch_add(&h->exits, 1);
}

static mr_status drop_reason(mr_value reason, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    EXPECT(mr_error_code(mr_value_as_error(reason)) == MR_EIO);
    return 0;
}

static void K2_two_threads_run_a_hundred_gated_jobs(void **state)
{
    (void)state;
    enum { JOBS = 100 };
    turnstile t = {GATE, GATE, 0, 0, 0};
    hooked h = {0};
    mr_pool_options options = {.size_bytes = sizeof options,
                               .max_threads = 2,
                               .on_thread_start = on_thread_start,
                               .on_thread_exit = on_thread_exit,
                               .arg = &h};
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_pool_create(&options, &pool), 0);
    const mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = pass, .arg = &t};
    for (unsigned i = 0; i < JOBS; i++) {
        mr_promise *promise;
        EXPECT(mr_offload(loop, pool, &spec, &promise, NULL) == 0);
        EXPECT(mr_promise_catch(promise, drop_reason, NULL, NULL, NULL) == 0);
        mr_promise_unref(promise);
    }
    for (unsigned ended = 0; ended + 2 <= JOBS; ended++) {
        gate_wait_for(&t.reached, ended + 2);
        mr_pool_stats n = numbers();
        assert_int_equal(n.submitted, JOBS);
        assert_int_equal(n.threads, 2);
        assert_int_equal(n.idle, 0);
        assert_int_equal(n.running, 2);
        assert_int_equal(n.queued, JOBS - 2 - ended);
        assert_int_equal(n.completed, (ended + 1) / 2);
        assert_int_equal(n.failed, ended / 2);
        assert_int_equal(n.most_running, 2);
        gate_open(&t.go);
    }
    gate_open(&t.go);
    run_to_the_end();
    assert_int_equal(atomic_load(&t.most), 2);
    mr_pool_stats n = numbers();
    assert_int_equal(n.completed, JOBS / 2);
    assert_int_equal(n.failed, JOBS / 2);
    assert_true(n.longest_wait_ns <= n.wait_ns && n.longest_run_ns <= n.run_ns);
    assert_true(n.most_queued >= JOBS - 2);
    end_pool();
    assert_int_equal(h.starts, 2);
    assert_int_equal(h.exits, 2);
    finish();
}

static void K2_a_bound_per_loop_is_kept_and_lets_others_pass(void **state)
{
    (void)state;
    turnstile t = {GATE, GATE, 0, 0, 0};
    piece other;
    mr_pool_options options = {.size_bytes = sizeof options, .max_threads = 3, .max_per_loop = 1};
    mr_loop *second;
    begin(MR_PARK_AUTO);
    assert_int_equal(mr_loop_create(NULL, &second), 0);
    assert_int_equal(mr_pool_create(&options, &pool), 0);
    const mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = pass, .arg = &t};
    for (unsigned i = 0; i < 4; i++) {
        mr_promise *promise;
        EXPECT(mr_offload(loop, pool, &spec, &promise, NULL) == 0);
        mr_promise_unref(promise);
    }
    gate_wait(&t.reached);
    pieces_init(&other, 1, NAMES, NULL);
    assert_int_equal(try_offload_to(second, pool, &other), 0);
    assert_int_equal(mr_loop_shutdown(second, FOR_EVER), 0);
    assert_int_equal(mr_promise_get_state(other.promise), MR_PROMISE_FULFILLED);
    assert_int_equal(numbers().running, 1);
    assert_int_equal(numbers().queued, 3);
    for (unsigned i = 0; i < 4; i++)
        gate_open(&t.go);
    run_to_the_end();
    assert_int_equal(atomic_load(&t.most), 1);
    drop(&other);
    mr_loop_unref(second);
    end_pool();
    finish();
}

/* ---- K3: a full queue ---- */

static uint64_t live_promises(void)
{
    mr_promise_stats stats;
    EXPECT(mr_promise_get_stats(loop, &stats) == 0);
    return stats.live;
}

static void K3_a_full_queue_refuses_and_makes_no_promise(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[6];
        begin_pool(park, 1, 4);
        pieces_init(p, 6, NAMES, NULL);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        for (unsigned i = 1; i < 5; i++)
            offload_and_tell(&p[i]);
        uint64_t live = live_promises();
        assert_int_equal(try_offload(&p[5]), MR_EBACKPRESSURE);
        assert_int_equal(live_promises(), live);
        assert_int_equal(numbers().refused, 1);
        assert_int_equal(numbers().queued, 4);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("a=0 b=1 c=2 d=3 e=4");
        assert_int_equal(p[5].ran + p[5].released, 0);
        assert_int_equal(numbers().submitted, 5);
        for (unsigned i = 0; i < 5; i++)
            drop(&p[i]);
        end_pool();
        finish();
    }
}

static void *offload_elsewhere(void *arg)
{
    EXPECT(try_offload(arg) == MR_EWRONGTHREAD);
    return NULL;
}

static void K3_wrong_calls_change_nothing(void **state)
{
    (void)state;
    piece p;
    mr_promise *promise = NULL;
    mr_pool_stats stats;
    mr_pool_options wrong = {.size_bytes = sizeof wrong, .max_threads = 1025};
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    thread_join(thread_start(offload_elsewhere, &p));
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = piece_fn, .arg = &p};
    assert_int_equal(mr_offload(NULL, pool, &spec, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, NULL, &spec, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, pool, NULL, &promise, NULL), MR_EINVAL);
    assert_int_equal(mr_offload(loop, pool, &spec, NULL, NULL), MR_EINVAL);
    spec.fn = NULL;
    assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), MR_EINVAL);
    spec.fn = piece_fn;
    spec.size_bytes--;
    assert_int_equal(mr_offload(loop, pool, &spec, &promise, NULL), MR_EINVAL);
    assert_null(promise);
    assert_int_equal(mr_job_cancel(NULL), MR_EINVAL);
    assert_int_equal(mr_job_cancelled(NULL), MR_EINVAL);
    assert_int_equal(mr_job_reason(NULL).kind, MR_VALUE_UNDEFINED);
    assert_null(mr_job_ref(NULL));
    mr_job_unref(NULL);
    assert_null(mr_pool_ref(NULL));
    mr_pool_unref(NULL);
    assert_int_equal(mr_pool_close(NULL), MR_EINVAL);
    assert_int_equal(mr_pool_shutdown(NULL, 0), MR_EINVAL);
    assert_int_equal(mr_pool_get_stats(NULL, &stats), MR_EINVAL);
    assert_int_equal(mr_pool_get_stats(pool, NULL), MR_EINVAL);
    mr_pool *none = NULL;
    assert_int_equal(mr_pool_create(&wrong, &none), MR_EINVAL);
    assert_null(none);
    assert_int_equal(mr_pool_create(NULL, NULL), MR_EINVAL);
    assert_int_equal(numbers().submitted + numbers().refused, 0);
    finish_turned();
    assert_int_equal(p.ran + p.released, 0);
    end_pool();
}

/* ---- K4: cancel before the start ---- */

static void *cancel_here(void *arg)
{
    EXPECT(mr_job_cancel(arg) == 0);
    EXPECT(mr_job_cancel(arg) == MR_ENOENT);
    EXPECT(mr_job_cancelled(arg) == MR_ECANCELED);
    return NULL;
}

static void K4_cancelled_before_the_start_it_never_runs(void **state)
{
    (void)state;
    for (unsigned elsewhere = 0; elsewhere < 2; elsewhere++) {
        hold at = HOLD;
        piece p[3];
        begin_pool(MR_PARK_AUTO, 1, 1);
        pieces_init(p, 3, NAMES, NULL);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        offload_and_tell(&p[1]);
        assert_int_equal(try_offload(&p[2]), MR_EBACKPRESSURE);
        if (elsewhere)
            thread_join(thread_start(cancel_here, p[1].job));
        else
            cancel_here(p[1].job);
        assert_int_equal(numbers().queued, 0);
        assert_int_equal(numbers().cancelled, 1);
        offload_and_tell(&p[2]);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("b!ECANCELED a=0 c=2");
        assert_int_equal(p[1].ran, 0);
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        end_pool();
        finish();
    }
}

/* ---- K5: cancel while it runs ---- */

static void wait_until_told(mr_job *job, piece *p)
{
    (void)p;
    while (mr_job_cancelled(job) == 0)
        sched_yield();
}

static void K5_cancelled_while_it_runs_it_is_told_and_may_fulfil(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p;
        begin_pool(park, 1, 0);
        pieces_init(&p, 1, NAMES, &at);
        p.inside = wait_until_told;
        offload_and_tell(&p);
        gate_wait(&at.reached);
        assert_int_equal(mr_job_cancelled(p.job), 0);
        assert_int_equal(mr_job_cancel(p.job), MR_EBUSY);
        assert_int_equal(mr_job_cancel(p.job), MR_EBUSY);
        gate_open(&at.go);
        run_to_the_end();
        assert_story("a=0");
        assert_int_equal(p.told, MR_ECANCELED);
        assert_int_equal(mr_job_cancel(p.job), MR_ENOENT);
        assert_int_equal(p.released, 1);
        assert_int_equal(numbers().completed, 1);
        drop(&p);
        end_pool();
        finish();
    }
}

/* The deadline is seen by the job itself, although its loop does not run. */
static void K5_a_running_job_is_told_of_its_deadline(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, &at);
    p.inside = wait_until_told;
    p.deadline_ns = 50 * MS;
    offload_and_tell(&p);
    gate_wait(&at.reached);
    gate_open(&at.go);
    while (numbers().running != 0)
        sched_yield();
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_story("a=0");
    assert_int_equal(p.told, MR_ETIMEDOUT);
    run_to_the_end();
    drop(&p);
    end_pool();
    finish();
}

static mr_abort_controller *new_controller(void)
{
    mr_abort_controller *controller = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &controller), 0);
    return controller;
}

static void read_reason(mr_job *job, piece *p)
{
    int64_t number = 0;
    wait_until_told(job, p);
    EXPECT(mr_value_as_int(mr_job_reason(job), &number) && number == 77);
}

static void K5_a_running_job_reads_the_reason_of_its_signal(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 2, NAMES, &at);
    mr_abort_controller *controller = new_controller();
    p[0].signal = p[1].signal = mr_abort_controller_signal(controller);
    p[0].inside = read_reason;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait_for(&at.reached, 2);
    assert_int_equal(mr_job_cancel(p[1].job), MR_EBUSY); /* the first reason */
    assert_int_equal(mr_abort(controller, mr_value_int(77)), 0);
    assert_int_equal(mr_job_reason(p[1].job).kind, MR_VALUE_UNDEFINED);
    gate_open(&at.go);
    while (numbers().running != 0)
        sched_yield();
    run_to_the_end();
    assert_int_equal(p[0].told, MR_EABORT);
    assert_int_equal(p[1].told, MR_ECANCELED);
    assert_int_equal(numbers().completed, 2);
    mr_abort_controller_unref(controller);
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

/* ---- K6: signals and deadlines before the start ---- */

static void K6_a_signal_ends_what_has_not_started_with_its_reason(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[4];
        mr_error *error;
        const mr_error_spec why = {.size_bytes = sizeof why, .code = MR_ERANGE};
        begin_pool(park, 1, 1);
        pieces_init(p, 4, NAMES, NULL);
        mr_abort_controller *controller = new_controller();
        mr_abort_signal *signal = mr_abort_controller_signal(controller);
        assert_int_equal(mr_error_create(&why, &error), 0);
        p[0].at = &at;
        offload_and_tell(&p[0]);
        gate_wait(&at.reached);
        p[1].signal = signal;
        offload_and_tell(&p[1]);
        assert_int_equal(mr_abort(controller, mr_value_error(mr_error_ref(error))), 0);
        assert_int_equal(mr_promise_get_state(p[1].promise), MR_PROMISE_REJECTED);
        assert_int_equal(mr_job_cancel(p[1].job), MR_ENOENT);
        assert_int_equal(numbers().queued, 0);
        offload_and_tell(&p[2]);
        p[3].signal = signal; /* aborted before; the full queue is no matter */
        offload_and_tell(&p[3]);
        assert_int_equal(mr_promise_get_state(p[3].promise), MR_PROMISE_REJECTED);
        assert_int_equal(numbers().cancelled, 2);
        for (unsigned i = 1; i < 4; i += 2) {
            assert_ptr_equal(mr_value_as_error(mr_promise_reason(p[i].promise)), error);
            assert_ptr_equal(mr_value_as_error(mr_job_reason(p[i].job)), error);
            assert_int_equal(mr_job_cancelled(p[i].job), MR_ERANGE);
        }
        assert_story("");
        gate_open(&at.go);
        run_to_the_end();
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(p[i].ran, i % 2 == 0);
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        mr_abort_controller_unref(controller);
        mr_error_unref(error);
        end_pool();
        finish();
    }
}

static void K6_a_reason_bound_to_the_loop_keeps_its_identity(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    mr_promise *reason;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    mr_abort_controller *controller = new_controller();
    assert_int_equal(mr_promise_resolve(loop, mr_value_int(1), &reason), 0);
    p[0].at = &at;
    p[0].signal = p[1].signal = mr_abort_controller_signal(controller);
    offload(&p[0]);
    offload_and_tell(&p[1]);
    gate_wait(&at.reached);
    assert_int_equal(mr_abort(controller, mr_value_promise(mr_promise_ref(reason))), 0);
    assert_ptr_equal(mr_value_as_promise(mr_promise_reason(p[1].promise)), reason);
    assert_int_equal(mr_job_cancelled(p[0].job), MR_EABORT);
    assert_int_equal(mr_job_reason(p[0].job).kind, MR_VALUE_UNDEFINED); /* not for a worker */
    gate_open(&at.go);
    run_to_the_end();
    mr_abort_controller_unref(controller);
    mr_promise_unref(reason);
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

static void K6_a_deadline_ends_what_has_not_started(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    gate_wait(&at.reached);
    p[1].deadline_ns = 5 * MS;
    uint64_t before = real_now();
    offload_and_tell(&p[1]);
    while (mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    assert_true(real_now() - before >= 5 * MS);
    assert_int_equal(code_of(&p[1]), MR_ETIMEDOUT);
    assert_int_equal(mr_job_cancelled(p[1].job), MR_ETIMEDOUT);
    assert_int_equal(numbers().queued, 0);
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b!ETIMEDOUT a=0");
    assert_int_equal(p[1].ran, 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

/* No timer runs any more, but the worker looks. */
static void K6_a_deadline_holds_in_a_drain(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    p[1].deadline_ns = 20 * MS;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    uint64_t before = real_now();
    runner r;
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
    while (real_now() - before < 20 * MS)
        rest(MS);
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_int_equal(p[1].ran, 0);
    assert_int_equal(code_of(&p[1]), MR_ETIMEDOUT);
    atomic_fetch_add(&told.own, counts(MR_KIND_TIMER).discarded); /* of the deadline */
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

static void K6_the_first_of_cancel_signal_and_deadline_decides(void **state)
{
    (void)state;
    static const char *const stories[] = {"b!ECANCELED", "b!EABORT", "b!ETIMEDOUT"};
    for (unsigned first = 0; first < 3; first++) {
        hold at = HOLD;
        piece p[2];
        begin_pool(MR_PARK_AUTO, 1, 0);
        pieces_init(p, 2, NAMES, NULL);
        mr_abort_controller *controller = new_controller();
        p[0].at = &at;
        offload(&p[0]);
        gate_wait(&at.reached);
        p[1].signal = mr_abort_controller_signal(controller);
        p[1].deadline_ns = first == 2 ? 1 : 3600 * SEC;
        offload_and_tell(&p[1]);
        if (first == 0)
            assert_int_equal(mr_job_cancel(p[1].job), 0);
        while (first == 2 && mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
            assert_int_equal(mr_loop_turn(loop, SEC), 0);
        assert_int_equal(mr_abort(controller, mr_value_undefined()), 0);
        assert_int_equal(mr_job_cancel(p[1].job), MR_ENOENT);
        gate_open(&at.go);
        while (mr_promise_get_state(p[0].promise) == MR_PROMISE_PENDING)
            assert_int_equal(mr_loop_turn(loop, SEC), 0);
        assert_story(stories[first]);
        assert_int_equal(p[1].ran, 0);
        mr_abort_controller_unref(controller);
        for (unsigned i = 0; i < 2; i++)
            drop(&p[i]);
        finish_turned();
        end_pool();
    }
}

/* In virtual time, with one thread's worth of jobs: each seed has its own first. */
static void K6_in_virtual_time_a_deadline_and_a_start_race_by_the_seed(void **state)
{
    (void)state;
    unsigned late = 0, in_time = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        piece p[4];
        begin_simulated(seed, 0, false);
        pool = new_pool(1, 0);
        pieces_init(p, 4, NAMES, NULL);
        for (unsigned i = 0; i < 4; i++) {
            p[i].deadline_ns = 20000;
            offload(&p[i]);
        }
        timer_in(10 * MS, shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        for (unsigned i = 0; i < 4; i++) {
            bool ran = p[i].ran == 1;
            assert_int_equal(mr_promise_get_state(p[i].promise),
                             ran ? MR_PROMISE_FULFILLED : MR_PROMISE_REJECTED);
            assert_true(ran || code_of(&p[i]) == MR_ETIMEDOUT);
            assert_int_equal(p[i].released, 1);
            late += !ran;
            in_time += ran;
            drop(&p[i]);
        }
        assert_int_equal(numbers().most_threads, 0);
        end_pool();
        finish();
    }
    assert_true(late != 0 && in_time != 0);
}

/* ---- K7, K8: the end of the loop ---- */

static void K7_shutdown_runs_and_awaits_all_jobs(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[5];
        runner r;
        begin_pool(park, 2, 0);
        pieces_init(p, 5, NAMES, &at);
        for (unsigned i = 0; i < 5; i++)
            offload_and_tell(&p[i]);
        gate_wait_for(&at.reached, 2);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_shutdown(loop, 0), MR_ETIMEDOUT);
        assert_int_equal(numbers().running, 2);
        assert_int_equal(numbers().queued, 3);
        gate_open(&at.go);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
        assert_int_equal(story_len, 5 * 4 - 1); /* all reactions; their order is the threads' */
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, 1);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, 0);
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_FULFILLED);
            drop(&p[i]);
        }
        end_pool();
        finish();
    }
}

static void K8_close_waits_for_no_job_and_ends_what_has_not_started(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hold at = HOLD;
        piece p[5];
        runner r;
        begin_pool(park, 2, 0);
        pieces_init(p, 5, NAMES, &at);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(mr_value_bytes("a late value is released", 24, &p[i].result), 0);
            offload_and_tell(&p[i]);
        }
        gate_wait_for(&at.reached, 2);
        runner_start(&r);
        wait_for_state(MR_STATE_SLEEPING);
        assert_int_equal(mr_loop_close(loop), 0);
        assert_int_equal(runner_join(&r), MR_ECANCELED);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_REJECTED);
            assert_int_equal(code_of(&p[i]), MR_ECLOSED);
            assert_int_equal(p[i].ran, i < 2);
            assert_int_equal(p[i].released, i >= 2); /* before run returned */
            assert_int_equal(mr_job_cancelled(p[i].job), MR_ECLOSED);
            mr_promise_unref(p[i].promise);
            p[i].promise = NULL;
            if (i >= 2)
                mr_value_release(p[i].result); /* never given */
        }
        assert_int_equal(numbers().running, 2);
        assert_int_equal(numbers().queued, 0);
        assert_int_equal(numbers().cancelled, 3);
        assert_story("");
        atomic_fetch_add(&told.own, 3); /* told to the jobs */
        atomic_fetch_sub(&told.after_run, atomic_load(&told.after_run));
        finish();
        gate_open(&at.go);
        end_pool();
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(p[i].ran, i < 2);
            assert_int_equal(p[i].released, 1);
            assert_int_equal(p[i].told, i < 2 ? MR_ECLOSED : 0);
            assert_int_equal(mr_job_cancel(p[i].job), MR_ENOENT); /* loop and pool are gone */
            drop(&p[i]);
        }
    }
}

static void K8_close_releases_a_value_that_has_not_arrived(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    assert_int_equal(mr_value_bytes("a late value is released", 24, &p.result), 0);
    p.deadline_ns = 3600 * SEC;
    offload_and_tell(&p);
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    assert_int_equal(mr_job_cancel(p.job), MR_ENOENT);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_int_equal(p.ran, 1);
    assert_int_equal(p.released, 1);
    assert_int_equal(code_of(&p), MR_ECLOSED);
    assert_story("");
    atomic_fetch_add(&told.own, 1);
    drop(&p);
    end_pool();
    finish();
}

/* The signal outlives the loop's run, its job too. */
static void K8_a_signal_of_a_closed_loop_knows_no_job(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, &at);
    mr_abort_controller *controller = new_controller();
    for (unsigned i = 0; i < 2; i++) {
        p[i].signal = mr_abort_controller_signal(controller);
        p[i].deadline_ns = 3600 * SEC;
        offload(&p[i]);
    }
    gate_wait(&at.reached);
    assert_int_equal(mr_loop_close(loop), 0);
    gate_open(&at.go);
    end_pool();
    mr_abort_controller_unref(controller);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(p[i].ran, i == 0);
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    atomic_fetch_add(&told.own, 1);
    finish();
}

/* ---- K9: pools and loops ---- */

static void K9_a_blocked_pool_holds_up_no_other(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    mr_pool *free_one = new_pool(1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    assert_int_equal(try_offload_to(loop, free_one, &p[1]), 0);
    tell(&p[1]);
    while (mr_promise_get_state(p[1].promise) == MR_PROMISE_PENDING)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    assert_story("b=1");
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b=1 a=0");
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    mr_pool_unref(free_one);
    end_pool();
    finish();
}

typedef struct lane {
    mr_loop *loop;
    piece p[20];
    unsigned arrived;
} lane;

static mr_status on_own_loop(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    lane *l = arg;
    EXPECT(mr_loop_alive(l->loop) || true);
    l->arrived++;
    return 0;
}

static void *run_lane(void *arg)
{
    lane *l = arg;
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    const mr_reaction reaction = {.on_fulfilled = on_own_loop, .arg = l};
    EXPECT(mr_loop_create(&options, &l->loop) == 0);
    pieces_init(l->p, COUNT_OF(l->p), NAMES NAMES NAMES, NULL);
    for (unsigned i = 0; i < COUNT_OF(l->p); i++) {
        EXPECT(try_offload_to(l->loop, pool, &l->p[i]) == 0);
        EXPECT(mr_promise_then(l->p[i].promise, &reaction, NULL) == 0);
    }
    EXPECT(mr_loop_run(l->loop) == 0);
    for (unsigned i = 0; i < COUNT_OF(l->p); i++) {
        EXPECT(mr_promise_get_state(l->p[i].promise) == MR_PROMISE_FULFILLED);
        drop(&l->p[i]);
    }
    mr_loop_unref(l->loop);
    return NULL;
}

static void K9_each_result_comes_to_its_own_loop(void **state)
{
    (void)state;
    lane lanes[2];
    pthread_t threads[2];
    memset(lanes, 0, sizeof lanes);
    pool = new_pool(2, 0);
    for (unsigned i = 0; i < 2; i++)
        threads[i] = thread_start(run_lane, &lanes[i]);
    for (unsigned i = 0; i < 2; i++) {
        thread_join(threads[i]);
        assert_int_equal(lanes[i].arrived, COUNT_OF(lanes[i].p));
    }
    assert_int_equal(numbers().completed, 2 * COUNT_OF(lanes[0].p));
    end_pool();
}

/* ---- K10: a job that ends its thread ---- */

static void leave_thread(mr_job *job, piece *p)
{
    (void)job, (void)p;
    pthread_exit(NULL);
}

static void K10_a_job_that_ends_its_thread_rejects_and_the_next_runs(void **state)
{
    (void)state;
    for (EACH_PARK(park)) {
        hooked h = {0};
        piece p[3];
        mr_pool_options options = {.size_bytes = sizeof options,
                                   .max_threads = 1,
                                   .on_thread_start = on_thread_start,
                                   .on_thread_exit = on_thread_exit,
                                   .arg = &h};
        begin(park);
        assert_int_equal(mr_pool_create(&options, &pool), 0);
        pieces_init(p, 3, NAMES, NULL);
        p[0].inside = leave_thread;
        for (unsigned i = 0; i < 3; i++)
            offload_and_tell(&p[i]);
        run_to_the_end();
        assert_story("a!ETHREADEXIT b=1 c=2");
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(p[i].released, 1);
            drop(&p[i]);
        }
        mr_pool_stats n = numbers();
        assert_int_equal(n.failed, 1);
        assert_int_equal(n.completed, 2);
        assert_int_equal(n.most_threads, 1);
        end_pool();
        assert_int_equal(h.starts, 2);
        assert_int_equal(h.exits, 2);
        finish();
    }
}

/* ---- K11: offloading races the end ---- */

enum { RACERS = 6 };

typedef struct race {
    piece p[RACERS];
    unsigned offered, accepted, settled;
    gate begun;
} race;

static mr_status on_settled(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)out_value;
    ((race *)arg)->settled++;
    return 0;
}

static void offer(void *arg)
{
    race *r = arg;
    mr_immediate next;
    piece *p = &r->p[r->offered];
    const mr_reaction reaction = {on_settled, on_settled, r, NULL};
    mr_status status = try_offload(p);
    EXPECT(status == 0 || status == MR_ECLOSED);
    if (status == 0) {
        r->accepted++;
        EXPECT(mr_promise_then(p->promise, &reaction, NULL) == 0);
    }
    gate_open(&r->begun);
    if (++r->offered < RACERS)
        EXPECT(mr_immediate_start(loop, offer, r, &next) == 0 ||
               mr_loop_state(loop) >= MR_STATE_STOPPING);
}

static void *shut_down_elsewhere(void *arg)
{
    gate_wait(&((race *)arg)->begun);
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
    return NULL;
}

static void K11_what_races_shutdown_is_refused_or_settled_once(void **state)
{
    (void)state;
    pool = new_pool(2, 0);
    for (unsigned round = scaled(1000); round != 0; round--) {
        race r = {.begun = GATE};
        mr_immediate first;
        begin(MR_PARK_AUTO);
        pieces_init(r.p, RACERS, NAMES, NULL);
        EXPECT(mr_immediate_start(loop, offer, &r, &first) == 0);
        pthread_t thread = thread_start(shut_down_elsewhere, &r);
        assert_int_equal(mr_loop_run(loop), 0);
        thread_join(thread);
        assert_int_equal(r.settled, r.accepted);
        for (unsigned i = 0; i < RACERS; i++) {
            bool accepted = r.p[i].promise != NULL;
            assert_int_equal(r.p[i].ran, accepted);
            assert_int_equal(r.p[i].released, accepted);
            drop(&r.p[i]);
        }
        finish();
    }
    end_pool();
}

/* ---- K12: the end of the pool ---- */

static unsigned threads_of_process(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void end_own_pool(mr_job *job, piece *p)
{
    (void)job, (void)p;
    EXPECT(mr_pool_shutdown(pool, FOR_EVER) == MR_EREENTRANT);
    EXPECT(mr_pool_close(pool) == MR_EREENTRANT);
}

static void K12_shutdown_of_a_pool_finishes_all_and_joins(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[4];
    unsigned threads = threads_of_process();
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 4, NAMES, NULL);
    p[0].at = p[1].at = &at;
    p[2].inside = end_own_pool;
    for (unsigned i = 0; i < 3; i++)
        offload_and_tell(&p[i]);
    gate_wait_for(&at.reached, 2);
    assert_int_equal(mr_pool_shutdown(pool, MS), MR_ETIMEDOUT);
    assert_int_equal(try_offload(&p[3]), MR_ECLOSED);
    assert_int_equal(numbers().refused, 1);
    gate_open(&at.go);
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    assert_int_equal(threads_of_process(), threads);
    assert_int_equal(numbers().completed, 3);
    assert_int_equal(mr_pool_close(pool), 0);
    assert_int_equal(mr_pool_shutdown(pool, 0), 0);
    run_to_the_end();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(p[i].told, 0);
        assert_int_equal(mr_promise_get_state(p[i].promise), MR_PROMISE_FULFILLED);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

static void K12_close_of_a_pool_drops_what_waits_and_tells_what_runs(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[3];
    unsigned threads = threads_of_process();
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 3, NAMES, NULL);
    p[0].at = &at;
    p[0].inside = wait_until_told;
    for (unsigned i = 0; i < 3; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    gate_open(&at.go); /* it ends when it is told */
    assert_int_equal(mr_pool_close(pool), 0);
    assert_int_equal(threads_of_process(), threads);
    assert_int_equal(numbers().cancelled, 2);
    run_to_the_end();
    assert_int_equal(p[0].told, MR_ECLOSED);
    assert_story("b!ECLOSED c!ECLOSED a=0");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(p[i].ran, i == 0);
        assert_int_equal(p[i].released, 1);
        drop(&p[i]);
    }
    end_pool();
    finish();
}

static void K12_the_last_unref_of_a_pool_waits_for_nothing(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(p, 2, NAMES, NULL);
    p[0].at = &at;
    for (unsigned i = 0; i < 2; i++)
        offload_and_tell(&p[i]);
    gate_wait(&at.reached);
    mr_pool_unref(mr_pool_ref(pool));
    mr_pool_unref(pool);
    pool = NULL;
    assert_int_equal(mr_job_cancelled(p[0].job), MR_ECLOSED);
    assert_int_equal(mr_job_cancel(p[0].job), MR_EBUSY); /* handles may outlive the pool */
    gate_open(&at.go);
    run_to_the_end();
    assert_story("b!ECLOSED a=0");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(mr_job_cancel(p[i].job), MR_ENOENT);
        drop(&p[i]);
    }
    finish();
}

/* ---- K13: no thread ---- */

static void K13_without_any_thread_nothing_is_accepted(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p[2];
    begin_pool(MR_PARK_AUTO, 2, 0);
    pieces_init(p, 2, NAMES, NULL);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    assert_int_equal(try_offload(&p[0]), MR_ELIMIT);
    assert_int_equal(live_promises(), 0);
    assert_int_equal(numbers().submitted, 0);
    assert_int_equal(numbers().refused, 1);
    p[0].at = &at;
    offload_and_tell(&p[0]);
    gate_wait(&at.reached);
    mr__fault_set(MR__SYS_THREAD_START, EAGAIN, 1);
    offload_and_tell(&p[1]);
    assert_int_equal(numbers().threads, 1);
    assert_int_equal(numbers().queued, 1);
    gate_open(&at.go);
    run_to_the_end();
    assert_story("a=0 b=1");
    for (unsigned i = 0; i < 2; i++)
        drop(&p[i]);
    end_pool();
    finish();
}

/* ---- what a pending job holds ---- */

static void K7_an_unref_d_job_holds_no_loop_but_its_end_is_awaited(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    runner r;
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.auto_exit = true;
    begin_with(&options);
    pool = new_pool(1, 0);
    pieces_init(&p, 1, NAMES, &at);
    p.unref = true;
    offload_and_tell(&p);
    gate_wait(&at.reached);
    assert_false(mr_loop_alive(loop));
    runner_start(&r);
    wait_for_state(MR_STATE_STOPPING); /* by itself */
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_story("a=0");
    drop(&p);
    end_pool();
    finish();
}

static void K7_a_pending_job_holds_its_loop(void **state)
{
    (void)state;
    hold at = HOLD;
    piece p;
    runner r;
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.auto_exit = true;
    begin_with(&options);
    pool = new_pool(1, 0);
    pieces_init(&p, 1, NAMES, &at);
    offload_and_tell(&p);
    assert_true(mr_loop_alive(loop));
    runner_start(&r);
    wait_for_state(MR_STATE_SLEEPING);
    gate_open(&at.go);
    assert_int_equal(runner_join(&r), 0);
    assert_story("a=0");
    drop(&p);
    end_pool();
    finish();
}

static void offload_in_the_drain(void *arg)
{
    piece *p = arg;
    EXPECT(mr_loop_state(loop) == MR_STATE_STOPPING);
    p->deadline_ns = 3600 * SEC;
    offload_and_tell(p);
}

static void K7_the_owner_may_offload_while_it_drains(void **state)
{
    (void)state;
    piece p;
    begin_pool(MR_PARK_AUTO, 1, 0);
    pieces_init(&p, 1, NAMES, NULL);
    submit(shut_down, NULL);
    submit(offload_in_the_drain, &p);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_story("a=0");
    assert_int_equal(try_offload(&(piece){.name = "late"}), MR_ECLOSED);
    drop(&p);
    end_pool();
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K1_what_fn_returns_settles_the_promise),
        SCENARIO(K1_a_value_bound_to_the_loop_is_refused),
        SCENARIO(K1_a_promise_that_nobody_holds_drops_the_value),
        SCENARIO(K2_two_threads_run_a_hundred_gated_jobs),
        SCENARIO(K2_a_bound_per_loop_is_kept_and_lets_others_pass),
        SCENARIO(K3_a_full_queue_refuses_and_makes_no_promise),
        SCENARIO(K3_wrong_calls_change_nothing),
        SCENARIO(K4_cancelled_before_the_start_it_never_runs),
        SCENARIO(K5_cancelled_while_it_runs_it_is_told_and_may_fulfil),
        SCENARIO(K5_a_running_job_is_told_of_its_deadline),
        SCENARIO(K5_a_running_job_reads_the_reason_of_its_signal),
        SCENARIO(K6_a_signal_ends_what_has_not_started_with_its_reason),
        SCENARIO(K6_a_reason_bound_to_the_loop_keeps_its_identity),
        SCENARIO(K6_a_deadline_ends_what_has_not_started),
        SCENARIO(K6_a_deadline_holds_in_a_drain),
        SCENARIO(K6_the_first_of_cancel_signal_and_deadline_decides),
        SCENARIO(K6_in_virtual_time_a_deadline_and_a_start_race_by_the_seed),
        SCENARIO(K7_shutdown_runs_and_awaits_all_jobs),
        SCENARIO(K7_a_pending_job_holds_its_loop),
        SCENARIO(K7_an_unref_d_job_holds_no_loop_but_its_end_is_awaited),
        SCENARIO(K7_the_owner_may_offload_while_it_drains),
        SCENARIO(K8_close_waits_for_no_job_and_ends_what_has_not_started),
        SCENARIO(K8_close_releases_a_value_that_has_not_arrived),
        SCENARIO(K8_a_signal_of_a_closed_loop_knows_no_job),
        SCENARIO(K9_a_blocked_pool_holds_up_no_other),
        SCENARIO(K9_each_result_comes_to_its_own_loop),
        SCENARIO(K10_a_job_that_ends_its_thread_rejects_and_the_next_runs),
        SCENARIO(K11_what_races_shutdown_is_refused_or_settled_once),
        SCENARIO(K12_shutdown_of_a_pool_finishes_all_and_joins),
        SCENARIO(K12_close_of_a_pool_drops_what_waits_and_tells_what_runs),
        SCENARIO(K12_the_last_unref_of_a_pool_waits_for_nothing),
        SCENARIO(K13_without_any_thread_nothing_is_accepted),
    };
    return RUN_SCENARIOS(tests);
}
