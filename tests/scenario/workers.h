/* What the scenarios of workers share: jobs that tell what happens to them, and a pool.
 *
 * A piece is the argument of one job. It ends the scenario released once, or, where its job was
 * refused, never; drop() gives up what is left of it. */
#ifndef MR_TESTS_WORKERS_H
#define MR_TESTS_WORKERS_H

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

static inline mr_status piece_fn(mr_job *job, void *arg, mr_value *out_value)
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

static inline void piece_release(void *arg)
{
    piece *p = arg;
    atomic_fetch_add(&p->released, 1);
}

static inline mr_status try_offload_to(mr_loop *to, mr_pool *of, piece *p)
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

static inline mr_status try_offload(piece *p)
{
    return try_offload_to(loop, pool, p);
}

static inline void offload(piece *p)
{
    EXPECT(try_offload(p) == 0);
}

static inline void drop(piece *p)
{
    mr_promise_unref(p->promise);
    mr_job_unref(p->job);
    p->promise = NULL;
    p->job = NULL;
}

/* ---- what became of a promise: "name=7", "name!EIO", "name!7" ---- */

static inline mr_status on_fulfilled(mr_value value, void *arg, mr_value *out_value)
{
    int64_t number = -1;
    (void)out_value;
    mr_value_as_int(value, &number);
    note("%s=%d", ((piece *)arg)->name, (int)number);
    return 0;
}

static inline mr_status on_rejected(mr_value reason, void *arg, mr_value *out_value)
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

static inline void tell(piece *p)
{
    const mr_reaction reaction = {
        .on_fulfilled = on_fulfilled, .on_rejected = on_rejected, .arg = p, .release = nothing};
    EXPECT(mr_promise_then(p->promise, &reaction, NULL) == 0);
}

static inline void offload_and_tell(piece *p)
{
    offload(p);
    tell(p);
}

static inline mr_status code_of(const piece *p)
{
    return mr_error_code(mr_value_as_error(mr_promise_reason(p->promise)));
}

/* ---- the pool of the scenario ---- */

static inline mr_pool_stats numbers_of(mr_pool *of)
{
    mr_pool_stats n;
    memset(&n, 0, sizeof n);
    EXPECT(mr_pool_get_stats(of, &n) == 0);
    EXPECT(n.submitted == n.completed + n.failed + n.cancelled + n.queued + n.running);
    EXPECT(n.running <= n.most_running && n.queued <= n.most_queued);
    EXPECT(n.threads <= n.most_threads && n.idle <= n.most_idle);
    return n;
}

static inline mr_pool_stats numbers(void)
{
    return numbers_of(pool);
}

static inline mr_pool *new_pool(unsigned threads, unsigned queue)
{
    mr_pool *made = NULL;
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = threads,
                                     .max_queue = queue,
                                     .name = "workers"};
    assert_int_equal(mr_pool_create(&options, &made), 0);
    return made;
}

static inline void begin_pool(mr_park park, unsigned threads, unsigned queue)
{
    begin(park);
    pool = new_pool(threads, queue);
}

static inline void end_pool(void)
{
    assert_int_equal(mr_pool_shutdown(pool, FOR_EVER), 0);
    mr_pool_stats n = numbers();
    assert_int_equal(n.threads + n.queued + n.running, 0);
    mr_pool_unref(pool);
    pool = NULL;
}

/* Run until everything that is owed has come. */
static inline void run_to_the_end(void)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        assert_int_equal(mr_loop_turn(loop, 0), 0); /* it has run before */
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
}

static inline void pieces_init(piece *pieces, unsigned n, const char *names, hold *at)
{
    memset(pieces, 0, n * sizeof *pieces);
    for (unsigned i = 0; i < n; i++) {
        pieces[i].name = names + 2 * i;
        pieces[i].at = at;
        pieces[i].result = mr_value_int(i);
    }
}

#define NAMES "a\0b\0c\0d\0e\0f\0g\0h\0"

static inline void wait_until_told(mr_job *job, piece *p)
{
    (void)p;
    while (mr_job_cancelled(job) == 0)
        sched_yield();
}

static inline mr_abort_controller *new_controller(void)
{
    mr_abort_controller *controller = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &controller), 0);
    return controller;
}

/* ---- what threads tell ---- */

typedef struct hooked {
    _Atomic unsigned starts, exits;
} hooked;

static _Thread_local unsigned hooks_here;

static inline void on_thread_start(void *arg)
{
    hooked *h = arg;
    EXPECT(hooks_here++ == 0);
    atomic_fetch_add(&h->starts, 1);
}

static inline void on_thread_exit(void *arg)
{
    hooked *h = arg;
    EXPECT(hooks_here++ == 1);
    atomic_fetch_add(&h->exits, 1);
}

#endif
