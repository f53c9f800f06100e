/* Scenario K4 for pools and jobs; see faults.h. */
#include "faults.h"

static mr_pool *pool;
static mr_job *a_job;
static mr_abort_controller *controller;
static gate go = GATE; /* jobs wait until the stage is cleared */

static void stage_clear(void)
{
    gate_open(&go);
    EXPECT(pool == NULL || mr_pool_close(pool) == 0);
    mr_pool_unref(pool);
    mr_job_unref(a_job);
    if (mr_loop_state(loop) != MR_STATE_CLOSED)
        EXPECT(mr_loop_turn(loop, 0) == 0); /* deadlines go with their jobs */
    mr_abort_controller_unref(controller);
    pool = NULL;
    a_job = NULL;
    controller = NULL;
    go.opened = 0;
}

/* ---- pools ---- */

static mr_status make_pool(unsigned threads, mr_pool **out_pool)
{
    const mr_pool_options options = {
        .size_bytes = sizeof options, .max_threads = threads, .max_per_loop = threads};
    return mr_pool_create(&options, out_pool);
}

static mr_status do_create(void)
{
    mr_pool *made = (mr_pool *)(uintptr_t)untouched;
    mr_status status = make_pool(1, &made);
    EXPECT((status == 0) == ((uintptr_t)made != untouched));
    if (status == 0)
        mr_pool_unref(made);
    return status;
}

static void one_pool(void)
{
    EXPECT(make_pool(2, &pool) == 0);
}

static mr_status do_ref(void)
{
    EXPECT(mr_pool_ref(pool) == pool);
    mr_pool_unref(pool);
    return 0;
}

static mr_status do_shutdown(void)
{
    return mr_pool_shutdown(pool, FOR_EVER);
}

static mr_status do_close(void)
{
    return mr_pool_close(pool);
}

static mr_status do_get_stats(void)
{
    mr_pool_stats stats = {.submitted = untouched};
    mr_status status = mr_pool_get_stats(pool, &stats);
    return written(status, &stats.submitted);
}

/* ---- jobs ---- */

static mr_status job_fn(mr_job *job, void *arg, mr_value *out_value)
{
    (void)job, (void)arg, (void)out_value;
    gate_wait(&go);
    return 0;
}

static mr_status simulated_fn(mr_job *job, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    return mr_job_cancelled(job);
}

static void release_called(void *arg)
{
    called[(uintptr_t)arg] = true;
}

static mr_offload_spec spec_of_attempt(void)
{
    return (mr_offload_spec){.size_bytes = sizeof(mr_offload_spec),
                             .fn = job_fn,
                             .arg = arg_of_attempt(),
                             .release = release_called};
}

/* All or nothing, in the pool's numbers and the promises' too. */
static mr_status offload(const mr_offload_spec *spec, mr_job **out_job)
{
    mr_promise *promise = (mr_promise *)(uintptr_t)untouched;
    mr_job *job = (mr_job *)(uintptr_t)untouched;
    mr_pool_stats before, after;
    mr_promise_stats promises_before, promises_after;
    EXPECT(mr_pool_get_stats(pool, &before) == 0);
    EXPECT(mr_promise_get_stats(loop, &promises_before) == 0);
    mr_status status = mr_offload(loop, pool, spec, &promise, &job);
    EXPECT(mr_pool_get_stats(pool, &after) == 0);
    EXPECT(mr_promise_get_stats(loop, &promises_after) == 0);
    EXPECT(after.submitted == before.submitted + (status == 0));
    EXPECT(promises_after.live == promises_before.live + (status == 0));
    EXPECT((status == 0) == ((uintptr_t)promise != untouched));
    EXPECT((status == 0) == ((uintptr_t)job != untouched));
    if (status != 0)
        return status;
    mr_promise_unref(promise);
    if (out_job != NULL)
        *out_job = job;
    else
        mr_job_unref(job);
    return status;
}

static mr_status do_offload(void)
{
    const mr_offload_spec spec = spec_of_attempt();
    return offload(&spec, NULL);
}

static mr_status do_offload_simulated(void)
{
    mr_offload_spec spec = spec_of_attempt();
    spec.fn = simulated_fn;
    return offload(&spec, NULL);
}

static mr_status do_offload_with_deadline(void)
{
    mr_offload_spec spec = spec_of_attempt();
    spec.deadline_ns = 3600 * SEC;
    return offload(&spec, NULL);
}

static void one_pool_and_signal(void)
{
    one_pool();
    EXPECT(mr_abort_controller_create(loop, &controller) == 0);
}

static mr_status do_offload_with_signal(void)
{
    mr_offload_spec spec = spec_of_attempt();
    spec.signal = mr_abort_controller_signal(controller);
    return offload(&spec, NULL);
}

static void one_pool_and_aborted_signal(void)
{
    one_pool_and_signal();
    EXPECT(mr_abort(controller, mr_value_int(1)) == 0);
}

/* Two run, the third waits. */
static void some_jobs(void)
{
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = job_fn};
    one_pool();
    for (unsigned i = 0; i < 3; i++)
        EXPECT(offload(&spec, i == 2 ? &a_job : NULL) == 0);
}

static mr_status do_job_cancel(void)
{
    return mr_job_cancel(a_job);
}

static mr_status do_job_look(void)
{
    EXPECT(mr_job_ref(a_job) == a_job);
    EXPECT(mr_job_cancelled(a_job) == 0);
    EXPECT(mr_job_reason(a_job).kind == MR_VALUE_UNDEFINED);
    mr_job_unref(a_job);
    return 0;
}

/* A signal, a deadline and the end of the pool reject what waits. */
static mr_status do_abort(void)
{
    return mr_abort(controller, mr_value_int(1));
}

static void some_jobs_with_signal(void)
{
    one_pool_and_signal();
    for (attempt = 1; attempt < 4; attempt++)
        EXPECT(do_offload_with_signal() == 0);
}

static const row rows[] = {
    {"mr_pool_create", do_create, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_pool_ref mr_pool_unref", do_ref, one_pool, REPEATS, {0}},
    {"mr_pool_shutdown", do_shutdown, one_pool, REPEATS, {0}},
    {"mr_pool_close", do_close, one_pool, REPEATS, {0}},
    {"mr_pool_get_stats", do_get_stats, some_jobs, REPEATS, {0}},
    {"mr_offload", do_offload, one_pool, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_offload", do_offload_simulated, one_pool, REPEATS | SIMULATED, {MR_ENOMEM}},
    {"mr_offload", do_offload_with_signal, one_pool_and_signal, REPEATS, {MR_ENOMEM, MR_ELIMIT}},
    {"mr_offload", do_offload_with_signal, one_pool_and_aborted_signal, REPEATS, {MR_ENOMEM}},
    /* The timer comes first, so that a job is accepted last: it is counted, as cancelled. */
    {"mr_offload",
     do_offload_with_deadline,
     one_pool,
     REPEATS | NUMBERLESS,
     {MR_ENOMEM, MR_ELIMIT}},
    {"mr_job_cancel", do_job_cancel, some_jobs, 0, {0}},
    {"mr_job_ref mr_job_unref mr_job_cancelled mr_job_reason",
     do_job_look,
     some_jobs,
     REPEATS,
     {0}},
    {"mr_abort", do_abort, some_jobs_with_signal, 0, {MR_ENOMEM}},
};

static void K4_each_failed_allocation_leaves_pools_and_jobs_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_memory, rows, COUNT_OF(rows)) > 50);
}

static void K4_each_failed_system_call_leaves_pools_and_jobs_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_system, rows, COUNT_OF(rows)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_leaves_pools_and_jobs_as_they_were),
        SCENARIO(K4_each_failed_system_call_leaves_pools_and_jobs_as_they_were),
    };
    return RUN_SCENARIOS(tests);
}
