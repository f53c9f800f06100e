/* The threads of a pool. */
#include "base/memory.h"
#include "promise/pool_core.h"

struct mr__worker {
    mr__worker *next; /* in `workers` while it is there, in `left` until it is joined */
    mr_pool *pool;
    mr__thread thread;
    uint64_t thread_id; /* 0 until it runs */
    mr__pool_job *job;  /* that it runs; under the lock */
    bool leaving;       /* it counts no more; its own */
};

uint64_t mr__deadline_in(uint64_t timeout_ns)
{
    uint64_t now_ns = mr__clock_now();
    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

/* ---- Leaving ----------------------------------------------------------------------------------*/

static void count_idle(mr_pool *pool)
{
    if (++pool->n.idle > pool->n.most_idle)
        pool->n.most_idle = pool->n.idle;
}

/* From here on nobody counts on this worker; it is still waited for. An idle one, with the lock. */
static void retire(mr_pool *pool, mr__worker *self)
{
    pool->n.threads--;
    pool->n.idle--;
    pool->leaving++;
    self->leaving = true;
}

static void unlink_worker(mr_pool *pool, mr__worker *self)
{
    mr__worker **link = &pool->workers;
    while (*link != self)
        link = &(*link)->next;
    *link = self->next;
}

/* The last steps of a worker: somebody else joins it, or, when nobody is left to, it frees itself.
 */
static void bury(mr_pool *pool, mr__worker *self)
{
    mr__pool_lock(pool);
    unlink_worker(pool, self);
    bool orphaned = pool->orphaned;
    if (!orphaned) {
        self->next = pool->left;
        pool->left = self;
    }
    pool->leaving--;
    if (pool->n.threads + pool->leaving == 0)
        mr__cond_broadcast(&pool->ended);
    bool unused = mr__pool_unused(pool);
    mr__pool_unlock(pool);
    if (orphaned)
        mr__free(self);
    if (unused)
        mr__pool_let_go(pool);
}

static void leave(mr_pool *pool, mr__worker *self)
{
    if (pool->on_thread_exit != NULL)
        pool->on_thread_exit(pool->arg);
    bury(pool, self);
}

/* ---- Working ----------------------------------------------------------------------------------*/

/* Wait until there is work; false when the worker has to leave. With the lock. */
static bool await_work(mr_pool *pool)
{
    uint64_t deadline_ns = mr__deadline_in(pool->idle_ns);
    bool in_time = true;
    while (mr__pool_next_lane(pool) == NULL && !pool->closing && in_time)
        in_time = mr__cond_wait_until(&pool->work, &pool->mutex, deadline_ns);
    return mr__pool_next_lane(pool) != NULL;
}

/* The job that the worker ran, or that ended its thread. Takes the lock and keeps it. */
static mr__pool_job *lay_down(mr_pool *pool, mr__worker *self)
{
    uint64_t now_ns = mr__clock_now();
    mr__pool_job *job = self->job;
    mr__pool_lock(pool);
    self->job = NULL;
    mr__pool_ends(pool, job, now_ns);
    count_idle(pool);
    return job;
}

/* Run the oldest job that may run; called and returns with the lock. False, without it: the job
 * forked, and this is the child. */
static bool run_next(mr_pool *pool, mr__worker *self)
{
    self->job = mr__pool_next_lane(pool)->queue.first;
    pool->n.idle--;
    mr__pool_begins(pool, self->job, mr__clock_now());
    mr__pool_unlock(pool);
    mr__pool_run(self->job);
    if (mr__pool_forked(pool))
        return false;
    mr__pool_job *job = lay_down(pool, self);
    mr__pool_unlock(pool);
    mr__pool_deliver(job);
    mr__pool_lock(pool);
    return true;
}

static void worker_main(void *arg)
{
    mr__worker *self = arg;
    mr_pool *pool = self->pool;
    mr__pool_lock(pool);
    self->thread_id = mr__thread_id();
    mr__pool_unlock(pool);
    if (pool->on_thread_start != NULL)
        pool->on_thread_start(pool->arg);
    mr__pool_lock(pool);
    while (await_work(pool))
        if (!run_next(pool, self))
            return;
    retire(pool, self);
    mr__pool_unlock(pool);
    leave(pool, self);
}

/* In the place of a worker that is gone. Without a thread nothing that waits would ever end: those
 * jobs come back as a list. */
static mr__pool_job *replace(mr_pool *pool)
{
    unsigned waiting = mr__pool_waiting(pool);
    if (waiting != 0 || !pool->closing)
        (void)mr__worker_start(pool);
    mr__cond_signal(&pool->work); /* the job may have kept others of its loop from running */
    return pool->n.threads == 0 ? mr__pool_drop_waiting(pool, MR_ELIMIT) : NULL;
}

/* User code ended the thread: a job, as a rule. The last thing to run on it. */
static void worker_exited(void *arg)
{
    mr__worker *self = arg;
    mr_pool *pool = self->pool;
    mr__pool_job *job = self->job, *dropped = NULL;
    if (mr__pool_forked(pool))
        return;
    if (self->leaving) {
        bury(pool, self);
        return;
    }
    if (job != NULL) {
        job->status = MR_ETHREADEXIT;
        lay_down(pool, self);
        retire(pool, self);
        dropped = replace(pool);
    } else {
        mr__pool_lock(pool);
        retire(pool, self);
        if (pool->n.threads == 0) /* every thread would end like this one */
            dropped = mr__pool_drop_waiting(pool, MR_ETHREADEXIT);
    }
    mr__pool_unlock(pool);
    if (job != NULL)
        mr__pool_deliver(job);
    mr__pool_deliver_all(dropped);
    leave(pool, self);
}

/* With the lock, so that the new thread finds itself in the list. */
mr_status mr__worker_start(mr_pool *pool)
{
    mr__worker *self = mr__alloc_zero(sizeof *self);
    if (self == NULL)
        return MR_ENOMEM;
    self->pool = pool;
    mr_status status =
        mr__thread_start_guarded(&self->thread, worker_main, worker_exited, self, pool->stack_bytes,
                                 pool->name[0] != '\0' ? pool->name : NULL);
    if (status != MR_OK) {
        mr__free(self);
        return status;
    }
    self->next = pool->workers;
    pool->workers = self;
    count_idle(pool);
    if (++pool->n.threads > pool->n.most_threads)
        pool->n.most_threads = pool->n.threads;
    return MR_OK;
}

/* ---- For the pool -----------------------------------------------------------------------------*/

bool mr__worker_is_self(const mr_pool *pool)
{
    if (pool->sim_working != 0)
        return true;
    uint64_t id = mr__thread_id();
    for (const mr__worker *each = pool->workers; each != NULL; each = each->next) {
        if (each->thread_id == id)
            return true;
    }
    return false;
}

void mr__workers_stop(mr_pool *pool, mr_status reason)
{
    for (mr__worker *each = pool->workers; each != NULL; each = each->next)
        if (each->job != NULL)
            mr__pool_job_stop(each->job, reason);
}

void mr__workers_detach(mr_pool *pool)
{
    for (mr__worker *each = pool->workers; each != NULL; each = each->next)
        mr__thread_detach(&each->thread);
}

mr__worker *mr__workers_left(mr_pool *pool)
{
    mr__worker *left = pool->left;
    pool->left = NULL;
    return left;
}

/* Each is past its last use of the pool, so this waits for a few instructions. */
void mr__workers_join(mr__worker *left)
{
    while (left != NULL) {
        mr__worker *next = left->next;
        mr__thread_join(&left->thread);
        mr__free(left);
        left = next;
    }
}
