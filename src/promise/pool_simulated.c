/* Jobs of simulated loops: steps in the place of threads. */
#include "promise/pool_core.h"

/* Up to about a millisecond of virtual time, of any order of magnitude. */
static uint64_t some_while(mr_loop *loop)
{
    uint64_t random = mr__sim_random(loop);
    return random >> 44 >> (random & 15);
}

/* They are the first in the list. */
void mr__simulated_arm(mr_pool *pool, mr_loop *loop)
{
    unsigned armed = 0;
    for (mr__pool_job *job = pool->simulated.first; job != NULL && armed < pool->sim_threads;
         job = job->next) {
        if (job->loop != loop)
            continue;
        armed++;
        if (!job->armed) {
            job->armed = true;
            mr__sim_step_add(loop, &job->step, some_while(loop));
        }
    }
}

static void begin(mr_pool *pool, mr__pool_job *job)
{
    mr__pool_lock(pool);
    pool->sim_queued--;
    pool->sim_running++;
    mr__pool_begins(pool, job, mr__loop_clock(job->loop));
    pool->sim_working++;
    mr__pool_unlock(pool);
    mr__pool_run(job);
    mr__pool_lock(pool);
    pool->sim_working--;
    mr__pool_unlock(pool);
    mr__sim_step_add(job->loop, &job->step, some_while(job->loop));
}

static void end(mr_pool *pool, mr__pool_job *job)
{
    mr__pool_lock(pool);
    mr__pool_unlink(&pool->simulated, job);
    pool->sim_running--;
    mr__pool_ends(pool, job, mr__loop_clock(job->loop));
    mr__simulated_arm(pool, job->loop);
    bool unused = mr__pool_unused(pool);
    mr__pool_unlock(pool);
    if (unused)
        mr__pool_let_go(pool);
    mr__pool_deliver(job);
}

static void step(void *arg)
{
    mr__pool_job *job = arg;
    if (job->phase == MR__JOB_QUEUED)
        begin(job->pool, job);
    else
        end(job->pool, job);
}

mr_status mr__simulated_submit(mr_pool *pool, mr_loop *loop, mr__pool_job *job)
{
    job->armed = false;
    job->step = (mr__sim_step){.fn = step, .arg = job, .kind = "job", .outlives = true};
    if (pool->sim_queued + pool->sim_running >= pool->sim_threads + pool->max_queue)
        return MR_EBACKPRESSURE;
    mr_status status = mr__completion_reserve(loop, &job->completion);
    if (status != MR_OK)
        return status;
    job->queued_ns = mr__loop_clock(loop);
    pool->sim_queued++;
    mr__pool_accept(pool, &pool->simulated, job);
    mr__simulated_arm(pool, loop);
    return MR_OK;
}

void mr__simulated_finish(mr_pool *pool)
{
    while (pool->simulated.first != NULL) {
        mr__pool_job *job = pool->simulated.first;
        mr__pool_unlock(pool);
        mr__sim_step_now(job->loop, &job->step);
        mr__pool_lock(pool);
    }
}
