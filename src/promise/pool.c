/* The pool itself: its queue, its numbers, its end. */
#include <stdio.h>

#include "base/memory.h"
#include "promise/pool_core.h"

enum {
    THREADS_LIMIT = 1024,
    QUEUE_LIMIT = 1 << 24,
    QUEUE_DEFAULT = 1024,
    STACK_LEAST = 16384,
    SIMULATED_DEFAULT = 4 /* the same on every machine */
};
static const uint64_t idle_default_ns = 10u * UINT64_C(1000000000);

#ifdef MR_DEBUG
static void check(const mr_pool *pool)
{
    const mr_pool_stats *n = &pool->n;
    unsigned queued = 0, running = 0;
    for (const mr__lane *lane = pool->lanes; lane != NULL; lane = lane->next) {
        MR_DASSERT((lane->queue.first == NULL) == (lane->queued == 0));
        MR_DASSERT(pool->max_per_loop == 0 || lane->running <= pool->max_per_loop);
        queued += lane->queued;
        running += lane->running;
    }
    MR_DASSERT(queued == mr__pool_waiting(pool) && running == n->running - pool->sim_running);
    MR_DASSERT(n->threads == n->idle + running);
    MR_DASSERT((pool->simulated.first == NULL) == (pool->sim_queued + pool->sim_running == 0));
    MR_DASSERT(n->submitted == n->completed + n->failed + n->cancelled + n->queued + n->running);
    MR_DASSERT(queued == 0 || n->threads > 0);
}
#else
static void check(const mr_pool *pool)
{
    (void)pool;
}
#endif

void mr__pool_lock(mr_pool *pool)
{
    mr__mutex_lock(&pool->mutex);
    check(pool);
}

void mr__pool_unlock(mr_pool *pool)
{
    check(pool);
    mr__mutex_unlock(&pool->mutex);
}

/* ---- Making and freeing -----------------------------------------------------------------------*/

static unsigned default_threads(void)
{
    unsigned cpus = mr__thread_cpus();
    return cpus < 2 ? 2 : cpus > 16 ? 16 : cpus;
}

static void configure(mr_pool *pool, const mr_pool_options *options)
{
    pool->max_threads = options->max_threads != 0 ? options->max_threads : default_threads();
    pool->sim_threads = options->max_threads != 0 ? options->max_threads : SIMULATED_DEFAULT;
    pool->max_queue = options->max_queue != 0 ? options->max_queue : QUEUE_DEFAULT;
    pool->max_per_loop = options->max_per_loop;
    if (pool->max_per_loop != 0 && pool->max_per_loop < pool->sim_threads)
        pool->sim_threads = pool->max_per_loop;
    pool->idle_ns = options->idle_ns != 0 ? options->idle_ns : idle_default_ns;
    pool->stack_bytes = options->stack_bytes;
    pool->on_thread_start = options->on_thread_start;
    pool->on_thread_exit = options->on_thread_exit;
    pool->arg = options->arg;
    snprintf(pool->name, sizeof pool->name, "%s", options->name == NULL ? "" : options->name);
}

static bool valid(const mr_pool_options *options)
{
    return options->size_bytes == sizeof *options && options->max_threads <= THREADS_LIMIT &&
           options->max_queue <= QUEUE_LIMIT &&
           (options->stack_bytes == 0 || options->stack_bytes >= STACK_LEAST);
}

static mr_status init_sync(mr_pool *pool)
{
    if (mr__mutex_init(&pool->mutex) != MR_OK)
        return MR_ENOMEM;
    if (mr__cond_init(&pool->work) != MR_OK)
        goto no_work;
    if (mr__cond_init(&pool->ended) != MR_OK)
        goto no_ended;
    return MR_OK;
no_ended:
    mr__cond_deinit(&pool->work);
no_work:
    mr__mutex_deinit(&pool->mutex);
    return MR_ENOMEM;
}

mr_status mr_pool_create(const mr_pool_options *options, mr_pool **out_pool)
{
    static const mr_pool_options defaults = {.size_bytes = sizeof defaults};
    if (options == NULL)
        options = &defaults;
    if (out_pool == NULL || !valid(options))
        return MR_EINVAL;
    mr_pool *pool = mr__alloc_zero(sizeof *pool);
    if (pool == NULL)
        return MR_ENOMEM;
    atomic_init(&pool->refs, 1);
    atomic_init(&pool->kept, 1);
    pool->fork_generation = mr__fork_generation();
    configure(pool, options);
    if (pool->max_per_loop == 0)
        pool->lanes = &pool->all;
    if (init_sync(pool) != MR_OK) {
        mr__free(pool);
        return MR_ENOMEM;
    }
    *out_pool = pool;
    return MR_OK;
}

void mr__pool_keep(mr_pool *pool)
{
    atomic_fetch_add_explicit(&pool->kept, 1, memory_order_relaxed);
}

void mr__pool_let_go(mr_pool *pool)
{
    if (atomic_fetch_sub_explicit(&pool->kept, 1, memory_order_acq_rel) != 1)
        return;
    MR_ASSERT(pool->workers == NULL && pool->left == NULL);
    MR_ASSERT(pool->n.queued == 0 && pool->simulated.first == NULL);
    mr__cond_deinit(&pool->ended);
    mr__cond_deinit(&pool->work);
    mr__mutex_deinit(&pool->mutex);
    mr__free(pool);
}

mr_pool *mr_pool_ref(mr_pool *pool)
{
    if (pool != NULL)
        atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
    return pool;
}

bool mr__pool_unused(const mr_pool *pool)
{
    return pool->orphaned && pool->n.threads + pool->leaving == 0 && pool->simulated.first == NULL;
}

/* ---- Lanes (under the lock) -------------------------------------------------------------------*/

static mr__lane *lane_for(mr_pool *pool, const mr_loop *loop)
{
    if (pool->max_per_loop == 0)
        return &pool->all;
    for (mr__lane *lane = pool->lanes; lane != NULL; lane = lane->next)
        if (lane->loop == loop)
            return lane;
    mr__lane *lane = mr__alloc_zero(sizeof *lane);
    if (lane == NULL)
        return NULL;
    lane->loop = loop;
    lane->next = pool->lanes;
    pool->lanes = lane;
    return lane;
}

static void free_if_empty(mr_pool *pool, mr__lane *lane)
{
    if (lane == &pool->all || lane->queued + lane->running != 0)
        return;
    mr__lane **link = &pool->lanes;
    while (*link != lane)
        link = &(*link)->next;
    *link = lane->next;
    mr__free(lane);
}

/* How many more of its jobs may run. */
static unsigned room(const mr_pool *pool, const mr__lane *lane)
{
    return pool->max_per_loop == 0 ? UINT32_MAX : pool->max_per_loop - lane->running;
}

/* Jobs that wait for nothing but a thread. */
static unsigned ready(const mr_pool *pool)
{
    unsigned sum = 0;
    for (const mr__lane *lane = pool->lanes; lane != NULL; lane = lane->next)
        sum += lane->queued < room(pool, lane) ? lane->queued : room(pool, lane);
    return sum;
}

mr__lane *mr__pool_next_lane(mr_pool *pool)
{
    mr__lane *next = NULL;
    for (mr__lane *lane = pool->lanes; lane != NULL; lane = lane->next) {
        if (lane->queued == 0 || room(pool, lane) == 0)
            continue;
        if (next == NULL || lane->queue.first->sequence < next->queue.first->sequence)
            next = lane;
    }
    return next;
}

/* ---- The queue (under the lock) ---------------------------------------------------------------*/

static void link_last(mr__job_list *list, mr__pool_job *job)
{
    job->next = NULL;
    job->prev = list->last;
    if (list->last != NULL)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

void mr__pool_unlink(mr__job_list *list, mr__pool_job *job)
{
    if (job->prev != NULL)
        job->prev->next = job->next;
    else
        list->first = job->next;
    if (job->next != NULL)
        job->next->prev = job->prev;
    else
        list->last = job->prev;
    job->next = job->prev = NULL;
}

static void count_accepted(mr_pool *pool, mr__pool_job *job)
{
    mr_loop_ref(job->loop);
    job->sequence = pool->n.submitted++;
}

void mr__pool_accept(mr_pool *pool, mr__job_list *list, mr__pool_job *job)
{
    count_accepted(pool, job);
    job->phase = MR__JOB_QUEUED;
    link_last(list, job);
    if (++pool->n.queued > pool->n.most_queued)
        pool->n.most_queued = pool->n.queued;
}

static void refuse(mr_pool *pool, mr__pool_job *job, mr_status reason)
{
    job->phase = MR__JOB_FINISHED;
    job->refused = reason;
    mr__pool_job_stop(job, reason);
    pool->n.cancelled++;
}

/* A queued job that will not run. */
static void drop(mr_pool *pool, mr__pool_job *job, mr_status reason)
{
    MR_ASSERT(job->phase == MR__JOB_QUEUED);
    refuse(pool, job, reason);
    pool->n.queued--;
    if (job->lane != NULL) {
        mr__pool_unlink(&job->lane->queue, job);
        job->lane->queued--;
        free_if_empty(pool, job->lane);
        return;
    }
    mr__pool_unlink(&pool->simulated, job);
    pool->sim_queued--;
    if (job->armed)
        mr__sim_step_remove(job->loop, &job->step);
}

mr__pool_job *mr__pool_drop_waiting(mr_pool *pool, mr_status reason)
{
    mr__job_list dropped = {NULL, NULL};
    for (mr__lane *lane = pool->lanes, *next; lane != NULL; lane = next) {
        next = lane->next;
        for (unsigned n = lane->queued; n != 0; n--) { /* the last one may free the lane */
            mr__pool_job *job = lane->queue.first;
            drop(pool, job, reason);
            link_last(&dropped, job);
        }
    }
    return dropped.first;
}

static mr__pool_job *drop_simulated(mr_pool *pool, mr_status reason)
{
    mr__job_list dropped = {NULL, NULL};
    for (mr__pool_job *job = pool->simulated.first, *next; job != NULL; job = next) {
        next = job->next;
        if (job->phase == MR__JOB_QUEUED) {
            drop(pool, job, reason);
            link_last(&dropped, job);
        }
    }
    return dropped.first;
}

/* ---- Running ----------------------------------------------------------------------------------*/

static void note(uint64_t spent_ns, uint64_t *total_ns, uint64_t *longest_ns)
{
    *total_ns += spent_ns;
    if (spent_ns > *longest_ns)
        *longest_ns = spent_ns;
}

void mr__pool_begins(mr_pool *pool, mr__pool_job *job, uint64_t now_ns)
{
    MR_ASSERT(job->phase == MR__JOB_QUEUED);
    job->phase = MR__JOB_RUNNING;
    job->started_ns = now_ns;
    pool->n.queued--;
    if (++pool->n.running > pool->n.most_running)
        pool->n.most_running = pool->n.running;
    if (job->lane != NULL) {
        mr__pool_unlink(&job->lane->queue, job);
        job->lane->queued--;
        job->lane->running++;
    }
}

void mr__pool_ends(mr_pool *pool, mr__pool_job *job, uint64_t now_ns)
{
    MR_ASSERT(job->phase == MR__JOB_RUNNING);
    pool->n.running--;
    if (job->lane != NULL) {
        job->lane->running--;
        free_if_empty(pool, job->lane);
    }
    if (job->refused != MR_OK) {
        refuse(pool, job, job->refused);
        return;
    }
    job->phase = MR__JOB_FINISHED;
    if (job->status == MR_OK)
        pool->n.completed++;
    else
        pool->n.failed++;
    note(job->started_ns - job->queued_ns, &pool->n.wait_ns, &pool->n.longest_wait_ns);
    note(now_ns - job->started_ns, &pool->n.run_ns, &pool->n.longest_run_ns);
}

void mr__pool_run(mr__pool_job *job)
{
    if (mr_loop_state(job->loop) == MR_STATE_CLOSED)
        job->refused = MR_ECLOSED;
    else
        job->status = job->work(job);
}

static void completion_run(void *arg)
{
    mr__pool_job *job = arg;
    if (job->refused == MR_OK)
        job->done(job);
    else
        job->discard(job, job->refused);
}

static void completion_discard(void *arg, mr_status reason)
{
    mr__pool_job *job = arg;
    job->discard(job, reason);
}

void mr__pool_deliver(mr__pool_job *job)
{
    mr_loop *loop = job->loop;
    if (mr__completion_post(loop, &job->completion) != MR_OK)
        job->abandoned(job);
    mr_loop_unref(loop);
}

void mr__pool_deliver_all(mr__pool_job *jobs)
{
    while (jobs != NULL) {
        mr__pool_job *next = jobs->next;
        mr__pool_deliver(jobs);
        jobs = next;
    }
}

/* ---- Submitting -------------------------------------------------------------------------------*/

static void prepare(mr_pool *pool, mr__pool_job *job, mr_loop *loop)
{
    job->completion = (mr__completion){
        .fn = completion_run, .discard = completion_discard, .arg = job, .unref = job->unref};
    job->pool = pool;
    job->loop = loop;
    job->lane = NULL;
    job->status = MR_OK;
    atomic_store_explicit(&job->stopped, MR_OK, memory_order_relaxed);
    job->next = job->prev = NULL;
    job->phase = MR__JOB_NEW;
}

/* Whether the queue is full and, if there is work for one more thread, that thread. An idle worker
 * counts as the place of one job: it will take it without any other ending. */
static mr_status admit(mr_pool *pool, const mr__lane *lane)
{
    unsigned ready_now = ready(pool);
    bool may_run = lane->queued < room(pool, lane);
    if (may_run && ready_now < pool->n.idle)
        return MR_OK;
    if (may_run && pool->n.threads < pool->max_threads) {
        mr_status status = mr__worker_start(pool);
        if (status == MR_OK || pool->n.threads == 0)
            return status;
    }
    unsigned taken = ready_now < pool->n.idle ? ready_now : pool->n.idle;
    return mr__pool_waiting(pool) - taken < pool->max_queue ? MR_OK : MR_EBACKPRESSURE;
}

static mr_status enqueue(mr_pool *pool, mr_loop *loop, mr__pool_job *job)
{
    mr__lane *lane = lane_for(pool, loop);
    if (lane == NULL)
        return MR_ENOMEM;
    mr_status status = admit(pool, lane);
    if (status == MR_OK)
        status = mr__completion_reserve(loop, &job->completion);
    if (status != MR_OK) {
        free_if_empty(pool, lane);
        return status;
    }
    job->lane = lane;
    job->queued_ns = mr__clock_now();
    mr__pool_accept(pool, &lane->queue, job);
    lane->queued++;
    mr__cond_signal(&pool->work);
    return MR_OK;
}

/* Accepted, and ended at once. */
static mr_status accept_refused(mr_pool *pool, mr_loop *loop, mr__pool_job *job)
{
    mr_status status = mr__completion_reserve(loop, &job->completion);
    if (status == MR_OK) {
        count_accepted(pool, job);
        refuse(pool, job, job->refused);
    }
    return status;
}

mr_status mr__pool_submit(mr_pool *pool, mr_loop *loop, mr__pool_job *job)
{
    MR_ASSERT(job->work != NULL && job->done != NULL && job->discard != NULL);
    MR_ASSERT(job->abandoned != NULL && loop != NULL);
    if (mr__pool_forked(pool))
        return MR_EFORKED;
    bool refused = job->refused != MR_OK;
    prepare(pool, job, loop);
    mr__pool_lock(pool);
    mr_status status = MR_ECLOSED;
    if (!pool->closing)
        status = refused                    ? accept_refused(pool, loop, job)
                 : mr__loop_simulated(loop) ? mr__simulated_submit(pool, loop, job)
                                            : enqueue(pool, loop, job);
    if (status != MR_OK)
        pool->n.refused++;
    mr__worker *left = mr__workers_left(pool);
    mr__pool_unlock(pool);
    mr__workers_join(left);
    if (status == MR_OK && refused)
        mr__pool_deliver(job);
    return status;
}

static mr_status cancel(mr_pool *pool, mr__pool_job *job, mr_status reason)
{
    switch (job->phase) {
    case MR__JOB_QUEUED:
        drop(pool, job, reason);
        if (mr__loop_simulated(job->loop))
            mr__simulated_arm(pool, job->loop);
        return MR_OK;
    case MR__JOB_RUNNING:
        mr__pool_job_stop(job, reason);
        return MR_EBUSY;
    default:
        return MR_ENOENT;
    }
}

mr_status mr__pool_cancel(mr__pool_job *job, mr_status reason)
{
    mr_pool *pool = job->pool;
    if (mr__pool_forked(pool))
        return MR_EFORKED;
    mr__pool_lock(pool);
    mr_status status = cancel(pool, job, reason);
    mr__pool_unlock(pool);
    if (status == MR_OK)
        mr__pool_deliver(job);
    return status;
}

/* ---- The end of the pool ----------------------------------------------------------------------*/

/* The jobs to be delivered come out in two lists: of threads, and of simulated loops. */
static void begin_end(mr_pool *pool, bool dropping, mr__pool_job *out_dropped[2])
{
    out_dropped[0] = out_dropped[1] = NULL;
    pool->closing = true;
    mr__cond_broadcast(&pool->work);
    if (!dropping)
        return;
    out_dropped[0] = mr__pool_drop_waiting(pool, MR_ECLOSED);
    out_dropped[1] = drop_simulated(pool, MR_ECLOSED);
    mr__workers_stop(pool, MR_ECLOSED);
    for (mr__pool_job *job = pool->simulated.first; job != NULL; job = job->next)
        mr__pool_job_stop(job, MR_ECLOSED);
}

static mr_status end_pool(mr_pool *pool, bool dropping, uint64_t timeout_ns)
{
    if (pool == NULL)
        return MR_EINVAL;
    if (mr__pool_forked(pool))
        return MR_EFORKED;
    mr__pool_lock(pool);
    if (mr__worker_is_self(pool)) {
        mr__pool_unlock(pool);
        return MR_EREENTRANT;
    }
    mr__pool_job *dropped[2];
    begin_end(pool, dropping, dropped);
    mr__pool_unlock(pool);
    mr__pool_deliver_all(dropped[0]);
    mr__pool_deliver_all(dropped[1]);
    mr__pool_lock(pool);
    mr__simulated_finish(pool);
    uint64_t deadline_ns = pool->n.threads + pool->leaving != 0 ? mr__deadline_in(timeout_ns) : 0;
    bool in_time = true;
    while (pool->n.threads + pool->leaving != 0 && in_time)
        in_time = mr__cond_wait_until(&pool->ended, &pool->mutex, deadline_ns);
    bool ended = pool->n.threads + pool->leaving == 0;
    mr__worker *left = mr__workers_left(pool);
    mr__pool_unlock(pool);
    mr__workers_join(left);
    return ended ? MR_OK : MR_ETIMEDOUT;
}

mr_status mr_pool_shutdown(mr_pool *pool, uint64_t timeout_ns)
{
    return end_pool(pool, false, timeout_ns);
}

mr_status mr_pool_close(mr_pool *pool)
{
    return end_pool(pool, true, UINT64_MAX);
}

/* Nobody can join what still runs: the threads go on alone, the last one frees the pool. */
void mr_pool_unref(mr_pool *pool)
{
    if (pool == NULL || atomic_fetch_sub_explicit(&pool->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (mr__pool_forked(pool))
        return; /* its lists may be torn: left to the end of the process */
    mr__pool_lock(pool);
    mr__pool_job *dropped[2];
    begin_end(pool, true, dropped);
    mr__worker *left = mr__workers_left(pool);
    pool->orphaned = true;
    mr__workers_detach(pool);
    bool unused = mr__pool_unused(pool);
    mr__pool_unlock(pool);
    if (unused)
        mr__pool_let_go(pool);
    mr__workers_join(left);
    mr__pool_deliver_all(dropped[0]);
    mr__pool_deliver_all(dropped[1]);
}

mr_status mr_pool_get_stats(mr_pool *pool, mr_pool_stats *out_stats)
{
    if (pool == NULL || out_stats == NULL)
        return MR_EINVAL;
    if (mr__pool_forked(pool))
        return MR_EFORKED;
    mr__pool_lock(pool);
    *out_stats = pool->n;
    mr__pool_unlock(pool);
    return MR_OK;
}
