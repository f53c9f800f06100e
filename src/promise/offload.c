/* Offloaded jobs: a job of a pool with a promise, and what may end it early.
 *
 * Who may touch a job: `base` as pool.h says; what says `owner` the owner of its loop, until the job
 * has ended or its loop does; `result` its worker, then who ends it. The rest does not change. */
#include "base/macros.h"
#include "base/memory.h"
#include "os/clock.h"
#include "promise/abort.h"
#include "promise/pool.h"
#include "promise/registry.h"

#include <millrace/timer.h>

struct mr_job {
    mr__pool_job base;
    _Atomic unsigned refs; /* handles, and one until it has ended */
    mr_job_fn *fn;
    void *arg;
    mr_release_fn *release;
    uint64_t deadline_ns; /* by the loop's clock; MR_NEVER */
    mr_settler settler;
    mr_value result;         /* what fn left */
    bool returned;           /* fn did */
    _Atomic bool looks_late; /* fn runs, and may look at the clock for its deadline */

    mr_timer timer;          /* owner: of the deadline */
    mr__abort_effect effect; /* owner */
    mr__end_notice notice;   /* owner: the loop ends before the job */

    /* Written by the owner when the signal aborts; read by others once `stopped` says MR_EABORT,
     * which stands for nothing else there. */
    mr_status abort_status;
    mr_value abort_reason; /* undefined: bound, not for others */
};

static mr_job *job_of(mr__pool_job *base)
{
    return MR_CONTAINER(base, mr_job, base);
}

/* ---- Handles ----------------------------------------------------------------------------------*/

mr_job *mr_job_ref(mr_job *job)
{
    if (job != NULL)
        atomic_fetch_add_explicit(&job->refs, 1, memory_order_relaxed);
    return job;
}

void mr_job_unref(mr_job *job)
{
    if (job == NULL || atomic_fetch_sub_explicit(&job->refs, 1, memory_order_acq_rel) != 1)
        return;
    mr_value_release(job->abort_reason);
    mr__pool_let_go(job->base.pool);
    mr__free(job);
}

mr_status mr_job_cancel(mr_job *job)
{
    return job == NULL ? MR_EINVAL : mr__pool_cancel(&job->base, MR_ECANCELED);
}

static mr_status stopped(const mr_job *job)
{
    return atomic_load_explicit(&job->base.stopped, memory_order_acquire);
}

mr_status mr_job_cancelled(mr_job *job)
{
    if (job == NULL)
        return MR_EINVAL;
    /* The timer of a deadline comes late, or not at all, where the loop is busy or stops. */
    if (stopped(job) == MR_OK && atomic_load_explicit(&job->looks_late, memory_order_relaxed) &&
        mr__clock_now() >= job->deadline_ns)
        mr__pool_job_stop(&job->base, MR_ETIMEDOUT);
    mr_status reason = stopped(job);
    return reason == MR_EABORT ? job->abort_status : reason;
}

mr_value mr_job_reason(const mr_job *job)
{
    return job != NULL && stopped(job) == MR_EABORT ? job->abort_reason : mr_value_undefined();
}

/* ---- The work, on a worker --------------------------------------------------------------------*/

static bool is_late(const mr_job *job)
{
    return job->deadline_ns != MR_NEVER && mr__loop_clock(job->base.loop) >= job->deadline_ns;
}

static mr_status work(mr__pool_job *base)
{
    mr_job *job = job_of(base);
    if (is_late(job)) {
        base->refused = MR_ETIMEDOUT;
        return MR_OK;
    }
    /* Virtual time stands still meanwhile. */
    bool looks = job->deadline_ns != MR_NEVER && !mr__loop_simulated(base->loop);
    atomic_store_explicit(&job->looks_late, looks, memory_order_relaxed);
    mr_status status = job->fn(job, job->arg, &job->result);
    atomic_store_explicit(&job->looks_late, false, memory_order_relaxed);
    job->returned = true;
    return status > 0 || mr_value_is_bound(job->result) ? MR_EINVAL : status;
}

/* ---- The end, on the owner --------------------------------------------------------------------*/

/* Off all lists of the loop. */
static void detach(mr_job *job)
{
    mr_loop *loop = job->base.loop;
    mr__end_notice_remove(loop, &job->notice);
    mr__abort_effect_remove(&job->effect);
    if (job->timer.id != 0)
        mr_timer_cancel(loop, job->timer);
    job->timer.id = 0;
}

static void reject(mr_job *job, mr_value reason)
{
    if (mr_settler_reject(job->base.loop, job->settler, reason) != MR_OK)
        mr_value_release(reason);
}

static void reject_with_code(mr_job *job, mr_status code)
{
    reject(job, mr__promises_error(mr__extension_of(job->base.loop), code));
}

static void release_arg(mr_job *job)
{
    if (job->release != NULL)
        job->release(job->arg);
}

static mr_value take_result(mr_job *job)
{
    mr_value result = job->result;
    job->result = mr_value_undefined();
    return result;
}

static void settle(mr_job *job)
{
    mr_status status = job->base.status;
    mr_value result = take_result(job);
    if (!job->returned || mr_value_is_bound(result) ||
        (status != MR_OK && result.kind == MR_VALUE_UNDEFINED)) {
        mr_value_release(result);
        reject_with_code(job, status);
    } else if (status != MR_OK) {
        reject(job, result);
    } else if (mr_settler_resolve(job->base.loop, job->settler, result) != MR_OK) {
        mr_value_release(result);
    }
}

static void done(mr__pool_job *base)
{
    mr_job *job = job_of(base);
    detach(job);
    settle(job);
    release_arg(job);
    mr_job_unref(job);
}

/* Cancelled, and then perhaps rejected already; or the loop ends, and what it ends rejects it. */
static void discard(mr__pool_job *base, mr_status reason)
{
    mr_job *job = job_of(base);
    detach(job);
    mr_value_release(take_result(job));
    if (!mr__loop_closed(base->loop))
        reject_with_code(job, reason);
    release_arg(job);
    mr_job_unref(job);
}

/* The loop has ended, and told so before. A bound value is nothing that this thread may release. */
static void abandoned(mr__pool_job *base)
{
    mr_job *job = job_of(base);
    mr_value result = take_result(job);
    if (!mr_value_is_bound(result))
        mr_value_release(result);
    release_arg(job);
    mr_job_unref(job);
}

/* ---- What ends it early, on the owner ---------------------------------------------------------*/

static void on_deadline(void *arg)
{
    mr_job *job = arg;
    job->timer.id = 0;
    if (mr__pool_cancel(&job->base, MR_ETIMEDOUT) == MR_OK)
        reject_with_code(job, MR_ETIMEDOUT);
}

/* The loop stops, and its timers with it. */
static void on_deadline_discarded(void *arg, mr_status reason)
{
    mr_job *job = arg;
    (void)reason;
    job->timer.id = 0;
}

static void note_abort(mr_job *job, mr_value reason)
{
    mr_error *error = mr_value_as_error(reason);
    job->abort_status = error == NULL ? MR_EABORT : mr_error_code(error);
    if (!mr_value_is_bound(reason))
        job->abort_reason = mr_value_ref(reason);
}

static void on_abort(mr__abort_effect *effect, mr_value reason)
{
    mr_job *job = MR_CONTAINER(effect, mr_job, effect);
    note_abort(job, reason);
    if (mr__pool_cancel(&job->base, MR_EABORT) == MR_OK)
        reject(job, mr_value_ref(reason));
}

static void on_loop_end(mr__end_notice *notice)
{
    mr_job *job = MR_CONTAINER(notice, mr_job, notice);
    detach(job);
    (void)mr__pool_cancel(&job->base, MR_ECLOSED);
}

/* ---- Offloading -------------------------------------------------------------------------------*/

static bool valid(const mr_loop *loop, const mr_offload_spec *spec)
{
    return spec != NULL && spec->size_bytes == sizeof *spec && spec->fn != NULL &&
           (spec->signal == NULL || mr_abort_signal_loop(spec->signal) == loop);
}

static mr_job *new_job(mr_pool *pool, const mr_offload_spec *spec)
{
    mr_job *job = mr__alloc_zero(sizeof *job);
    if (job == NULL)
        return NULL;
    atomic_init(&job->refs, 1);
    job->base.work = work;
    job->base.done = done;
    job->base.discard = discard;
    job->base.abandoned = abandoned;
    job->base.unref = spec->unref;
    job->base.pool = pool;
    job->fn = spec->fn;
    job->arg = spec->arg;
    job->release = spec->release;
    job->deadline_ns = MR_NEVER;
    job->effect.fn = on_abort;
    job->notice.fn = on_loop_end;
    mr__pool_keep(pool);
    return job;
}

static mr_status start_deadline(mr_loop *loop, mr_job *job, uint64_t delay_ns)
{
    if (delay_ns == 0 || delay_ns == MR_NEVER)
        return MR_OK;
    uint64_t now_ns = mr__loop_clock(loop);
    job->deadline_ns = delay_ns > MR_NEVER - now_ns ? MR_NEVER : now_ns + delay_ns;
    const mr_timer_spec spec = {.size_bytes = sizeof spec,
                                .fn = on_deadline,
                                .arg = job,
                                .discard = on_deadline_discarded,
                                .delay_ns = job->deadline_ns,
                                .flags = MR_TIMER_AT | MR_TIMER_UNREF};
    mr_status status = mr_timer_start_with(loop, &spec, &job->timer);
    return status == MR_ECLOSED ? MR_OK : status; /* while stopping: see mr_job_cancelled */
}

/* Accepted, and ended before it is begun. */
static mr_status submit_aborted(mr_loop *loop, mr_pool *pool, mr_job *job, mr_value reason)
{
    note_abort(job, reason);
    job->base.refused = MR_EABORT;
    mr_status status = mr__pool_submit(pool, loop, &job->base);
    if (status == MR_OK)
        reject(job, mr_value_ref(reason));
    return status;
}

/* The job is the pool's at 0, but has not ended: that is for this thread to do. */
static mr_status submit(mr_loop *loop, mr_pool *pool, mr_job *job, const mr_offload_spec *spec)
{
    if (mr_abort_signal_aborted(spec->signal))
        return submit_aborted(loop, pool, job, mr_abort_signal_reason(spec->signal));
    mr_status status = start_deadline(loop, job, spec->deadline_ns);
    if (status == MR_OK)
        status = mr__pool_submit(pool, loop, &job->base);
    if (status != MR_OK)
        return status;
    mr__end_notice_add(loop, &job->notice);
    if (spec->signal != NULL)
        mr__abort_effect_add(spec->signal, &job->effect);
    return MR_OK;
}

mr_status mr_offload(mr_loop *loop, mr_pool *pool, const mr_offload_spec *spec,
                     mr_promise **out_promise, mr_job **out_job)
{
    if (loop == NULL || pool == NULL || out_promise == NULL || !valid(loop, spec))
        return MR_EINVAL;
    mr_job *job = new_job(pool, spec);
    if (job == NULL)
        return MR_ENOMEM;
    mr_promise *promise = NULL;
    mr_status status = mr_promise_with_resolvers(loop, &promise, &job->settler);
    if (status == MR_OK)
        status = submit(loop, pool, job, spec);
    if (status != MR_OK) {
        if (job->timer.id != 0)
            mr_timer_cancel(loop, job->timer);
        mr_promise_unref(promise);
        mr_job_unref(job);
        return status;
    }
    *out_promise = promise;
    if (out_job != NULL)
        *out_job = mr_job_ref(job);
    return MR_OK;
}
