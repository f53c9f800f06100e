#include "promise/pool.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/macros.h"
#include "base/memory.h"
#include "os/clock.h"
#include "os/fork.h"
#include "os/thread.h"

enum {
    THREADS_LIMIT = 1024,
    QUEUE_LIMIT = 1 << 24,
    QUEUE_DEFAULT = 1024,
    SIMULATED_DEFAULT = 4 /* the same on every machine */
};
static const uint64_t idle_default_ns = 10u * UINT64_C(1000000000);

typedef struct worker {
    struct worker *next; /* in `workers` while it runs, in `left` until it is joined */
    mr__pool *pool;
    mr__thread thread;
    uint64_t thread_id; /* 0 until it runs */
} worker;

typedef struct job_list {
    mr__pool_job *first, *last;
} job_list;

/* Invariant (see check): the lists and counts agree; threads = idle + running without the simulated
 * ones, where idle are those that wait or are about to look for work. The pool's memory lives while
 * refs > 0, threads > 0 or a simulated job is in it. */
struct mr__pool {
    _Atomic unsigned refs;
    mr__mutex mutex; /* guards all below it */
    mr__cond work;   /* a job came, or the pool ends */
    mr__cond ended;  /* the last worker left */
    job_list queue;
    job_list simulated; /* jobs of simulated loops, those that run included */
    unsigned sim_queued, sim_running, sim_threads;
    unsigned sim_working; /* work() of theirs on the stack */
    worker *workers, *left;
    bool closing;  /* no new jobs; workers leave when the queue is empty */
    bool orphaned; /* the last reference is gone: workers are detached, the last one frees */
    unsigned max_threads, max_queue;
    uint64_t idle_ns;
    size_t stack_bytes;
    char name[16];
    mr__pool_numbers n;
    uint32_t fork_generation; /* of the process that the threads are in; counted since the first
                                 loop, without which there are none */
};

/* In a forked child there are no workers, and the mutex may be held for ever. */
static bool forked(const mr__pool *pool)
{
    return MR_UNLIKELY(pool->fork_generation != mr__fork_generation());
}

static void check(const mr__pool *pool)
{
    const mr__pool_numbers *n = &pool->n;
    MR_DASSERT(n->threads == n->idle + n->running - pool->sim_running);
    MR_DASSERT((pool->queue.first == NULL) == (n->queued == pool->sim_queued));
    MR_DASSERT((pool->simulated.first == NULL) == (pool->sim_queued + pool->sim_running == 0));
    MR_DASSERT(n->submitted == n->completed + n->failed + n->cancelled + n->queued + n->running);
    MR_DASSERT(n->queued == pool->sim_queued || n->threads > 0);
    (void)n;
}

static void lock(mr__pool *pool)
{
    mr__mutex_lock(&pool->mutex);
    check(pool);
}

static void unlock(mr__pool *pool)
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

static void configure(mr__pool *pool, const mr__pool_options *options)
{
    pool->max_threads = options->max_threads != 0 ? options->max_threads : default_threads();
    pool->sim_threads = options->max_threads != 0 ? options->max_threads : SIMULATED_DEFAULT;
    pool->max_queue = options->max_queue != 0 ? options->max_queue : QUEUE_DEFAULT;
    pool->idle_ns = options->idle_ns != 0 ? options->idle_ns : idle_default_ns;
    pool->stack_bytes = options->stack_bytes;
    snprintf(pool->name, sizeof pool->name, "%s", options->name == NULL ? "" : options->name);
}

static mr_status init_sync(mr__pool *pool)
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

mr_status mr__pool_create(const mr__pool_options *options, mr__pool **out_pool)
{
    static const mr__pool_options defaults = {0};
    if (options == NULL)
        options = &defaults;
    if (out_pool == NULL || options->max_threads > THREADS_LIMIT ||
        options->max_queue > QUEUE_LIMIT)
        return MR_EINVAL;
    mr__pool *pool = mr__alloc_zero(sizeof *pool);
    if (pool == NULL)
        return MR_ENOMEM;
    atomic_init(&pool->refs, 1);
    pool->fork_generation = mr__fork_generation();
    configure(pool, options);
    if (init_sync(pool) != MR_OK) {
        mr__free(pool);
        return MR_ENOMEM;
    }
    *out_pool = pool;
    return MR_OK;
}

static void free_pool(mr__pool *pool)
{
    MR_ASSERT(pool->workers == NULL && pool->left == NULL);
    MR_ASSERT(pool->queue.first == NULL && pool->simulated.first == NULL);
    mr__cond_deinit(&pool->ended);
    mr__cond_deinit(&pool->work);
    mr__mutex_deinit(&pool->mutex);
    mr__free(pool);
}

mr__pool *mr__pool_ref(mr__pool *pool)
{
    if (pool != NULL)
        atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
    return pool;
}

/* ---- The queue (under the lock) ---------------------------------------------------------------*/

static void link_last(job_list *list, mr__pool_job *job)
{
    job->next = NULL;
    job->prev = list->last;
    if (list->last != NULL)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

static void unlink_from(job_list *list, mr__pool_job *job)
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

/* Accepted, at the end of its queue. */
static void append(mr__pool *pool, job_list *list, mr__pool_job *job)
{
    job->queued = true;
    link_last(list, job);
    pool->n.submitted++;
    if (++pool->n.queued > pool->n.most_queued)
        pool->n.most_queued = pool->n.queued;
}

static void no_longer_queued(mr__pool *pool, mr__pool_job *job)
{
    MR_ASSERT(job->queued);
    job->queued = false;
    pool->n.queued--;
}

/* A queued job that will not run. */
static void drop(mr__pool *pool, mr__pool_job *job, mr_status reason)
{
    no_longer_queued(pool, job);
    job->refused = reason;
    pool->n.cancelled++;
    if (!mr__loop_simulated(job->loop)) {
        unlink_from(&pool->queue, job);
        return;
    }
    unlink_from(&pool->simulated, job);
    pool->sim_queued--;
    if (job->armed)
        mr__sim_step_remove(job->loop, &job->step);
}

/* Drop all that is queued; the jobs come back as a list through next. */
static mr__pool_job *drop_all(mr__pool *pool, mr_status reason)
{
    job_list dropped = {NULL, NULL};
    mr__pool_job *next;
    while (pool->queue.first != NULL) {
        mr__pool_job *job = pool->queue.first;
        drop(pool, job, reason);
        link_last(&dropped, job);
    }
    for (mr__pool_job *job = pool->simulated.first; job != NULL; job = next) {
        next = job->next;
        if (job->queued) {
            drop(pool, job, reason);
            link_last(&dropped, job);
        }
    }
    return dropped.first;
}

/* ---- The end of a job -------------------------------------------------------------------------*/

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

/* Hand the job over to its loop. Without the lock: the pool may end in what this leads to. */
static void deliver(mr__pool_job *job)
{
    mr_loop *loop = job->loop;
    if (mr__completion_post(loop, &job->completion) != MR_OK)
        job->abandoned(job);
    mr_loop_unref(loop);
}

static void deliver_all(mr__pool_job *jobs)
{
    while (jobs != NULL) {
        mr__pool_job *next = jobs->next;
        deliver(jobs);
        jobs = next;
    }
}

/* ---- Workers ----------------------------------------------------------------------------------*/

static void note(uint64_t spent_ns, uint64_t *total_ns, uint64_t *longest_ns)
{
    *total_ns += spent_ns;
    if (spent_ns > *longest_ns)
        *longest_ns = spent_ns;
}

static void count_start(mr__pool *pool)
{
    if (++pool->n.running > pool->n.most_running)
        pool->n.most_running = pool->n.running;
}

static void count_end(mr__pool *pool, const mr__pool_job *job, uint64_t run_ns)
{
    pool->n.running--;
    if (job->refused != MR_OK) {
        pool->n.cancelled++;
        return;
    }
    if (job->status == MR_OK)
        pool->n.completed++;
    else
        pool->n.failed++;
    note(run_ns, &pool->n.run_ns, &pool->n.longest_run_ns);
}

/* Nobody waits for the work of a loop that has ended. */
static void work(mr__pool_job *job)
{
    if (mr_loop_state(job->loop) == MR_STATE_CLOSED)
        job->refused = MR_ECLOSED;
    else
        job->status = job->work(job);
}

/* Run the first job of the queue; called and returns with the lock. False, without it: the job
 * forked, and this is the child. */
static bool run_first(mr__pool *pool)
{
    mr__pool_job *job = pool->queue.first;
    unlink_from(&pool->queue, job);
    no_longer_queued(pool, job);
    pool->n.idle--;
    count_start(pool);
    uint64_t start_ns = mr__clock_now();
    note(start_ns - job->queued_ns, &pool->n.wait_ns, &pool->n.longest_wait_ns);
    unlock(pool);
    work(job);
    if (forked(pool))
        return false;
    uint64_t end_ns = mr__clock_now();
    lock(pool);
    count_end(pool, job, end_ns - start_ns);
    pool->n.idle++;
    unlock(pool);
    deliver(job);
    lock(pool);
    return true;
}

static uint64_t deadline_in(uint64_t timeout_ns)
{
    uint64_t now_ns = mr__clock_now();
    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

/* Wait until there is work; false when the worker has to leave. With the lock. */
static bool await_work(mr__pool *pool)
{
    uint64_t deadline_ns = deadline_in(pool->idle_ns);
    bool in_time = true;
    while (pool->queue.first == NULL && !pool->closing && in_time)
        in_time = mr__cond_wait_until(&pool->work, &pool->mutex, deadline_ns);
    return pool->queue.first != NULL;
}

static void remove_worker(mr__pool *pool, worker *self)
{
    worker **link = &pool->workers;
    while (*link != self)
        link = &(*link)->next;
    *link = self->next;
    pool->n.threads--;
    pool->n.idle--;
}

/* The last steps of a worker: somebody else joins it, or, when nobody is left to, it frees itself.
 */
static void leave(mr__pool *pool, worker *self)
{
    remove_worker(pool, self);
    bool orphaned = pool->orphaned;
    bool last = pool->n.threads == 0 && pool->simulated.first == NULL;
    if (!orphaned) {
        self->next = pool->left;
        pool->left = self;
    }
    if (pool->n.threads == 0)
        mr__cond_broadcast(&pool->ended);
    unlock(pool);
    if (!orphaned)
        return;
    mr__free(self);
    if (last)
        free_pool(pool);
}

static void worker_main(void *arg)
{
    worker *self = arg;
    mr__pool *pool = self->pool;
    lock(pool);
    self->thread_id = mr__thread_id();
    while (await_work(pool))
        if (!run_first(pool))
            return;
    leave(pool, self);
}

/* With the lock, so that the new thread finds itself in the list. */
static mr_status start_worker(mr__pool *pool)
{
    worker *self = mr__alloc_zero(sizeof *self);
    if (self == NULL)
        return MR_ENOMEM;
    self->pool = pool;
    mr_status status = mr__thread_start(&self->thread, worker_main, self, pool->stack_bytes,
                                        pool->name[0] != '\0' ? pool->name : NULL);
    if (status != MR_OK) {
        mr__free(self);
        return status;
    }
    self->next = pool->workers;
    pool->workers = self;
    pool->n.idle++;
    if (++pool->n.threads > pool->n.most_threads)
        pool->n.most_threads = pool->n.threads;
    return MR_OK;
}

/* Join workers that left. Each is past its last use of the pool, so this waits for a few
 * instructions. Without the lock. */
static void join_all(worker *left)
{
    while (left != NULL) {
        worker *next = left->next;
        mr__thread_join(&left->thread);
        mr__free(left);
        left = next;
    }
}

static worker *take_left(mr__pool *pool)
{
    worker *left = pool->left;
    pool->left = NULL;
    return left;
}

/* ---- Simulation: steps in the place of workers ------------------------------------------------*/

/* Up to about a millisecond of virtual time, of any order of magnitude. */
static uint64_t some_while(mr_loop *loop)
{
    uint64_t random = mr__sim_random(loop);
    return random >> 44 >> (random & 15);
}

/* As many jobs of a loop as there would be threads get a step; they are the first in the list. */
static void arm(mr__pool *pool, mr_loop *loop)
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

static void begin_simulated(mr__pool *pool, mr__pool_job *job)
{
    lock(pool);
    no_longer_queued(pool, job);
    pool->sim_queued--;
    pool->sim_running++;
    count_start(pool);
    job->started_ns = mr__loop_clock(job->loop);
    note(job->started_ns - job->queued_ns, &pool->n.wait_ns, &pool->n.longest_wait_ns);
    pool->sim_working++;
    unlock(pool);
    work(job);
    lock(pool);
    pool->sim_working--;
    unlock(pool);
    mr__sim_step_add(job->loop, &job->step, some_while(job->loop));
}

static void end_simulated(mr__pool *pool, mr__pool_job *job)
{
    lock(pool);
    unlink_from(&pool->simulated, job);
    pool->sim_running--;
    count_end(pool, job, mr__loop_clock(job->loop) - job->started_ns);
    arm(pool, job->loop);
    bool last = pool->orphaned && pool->n.threads == 0 && pool->simulated.first == NULL;
    unlock(pool);
    if (last)
        free_pool(pool);
    deliver(job);
}

static void step_simulated(void *arg)
{
    mr__pool_job *job = arg;
    if (job->queued)
        begin_simulated(job->pool, job);
    else
        end_simulated(job->pool, job);
}

static mr_status submit_simulated(mr__pool *pool, mr_loop *loop, mr__pool_job *job)
{
    job->pool = pool;
    job->armed = false;
    job->step = (mr__sim_step){.fn = step_simulated, .arg = job, .kind = "job", .outlives = true};
    lock(pool);
    mr_status status = MR_OK;
    if (pool->closing)
        status = MR_ECLOSED;
    else if (pool->sim_queued + pool->sim_running >= pool->sim_threads + pool->max_queue)
        status = MR_EBACKPRESSURE;
    else
        status = mr__completion_reserve(loop, &job->completion);
    if (status == MR_OK) {
        mr_loop_ref(loop);
        job->queued_ns = mr__loop_clock(loop);
        pool->sim_queued++;
        append(pool, &pool->simulated, job);
        arm(pool, loop);
    } else {
        pool->n.refused++;
    }
    unlock(pool);
    return status;
}

/* Nobody else will: take all their steps now. With the lock, which it releases in between. */
static void finish_simulated(mr__pool *pool)
{
    while (pool->simulated.first != NULL) {
        mr__pool_job *job = pool->simulated.first;
        unlock(pool);
        mr__sim_step_now(job->loop, &job->step);
        lock(pool);
    }
}

/* ---- Submitting -------------------------------------------------------------------------------*/

static void prepare(mr__pool_job *job, mr_loop *loop)
{
    job->completion =
        (mr__completion){.fn = completion_run, .discard = completion_discard, .arg = job};
    job->loop = loop;
    job->status = job->refused = MR_OK;
    job->next = job->prev = NULL;
    job->queued = false;
}

/* Whether the queue is full and, if there is work for one more thread, that thread. An idle worker
 * counts as the place of one job: it will take it without any other ending. */
static mr_status admit(mr__pool *pool)
{
    unsigned queued = pool->n.queued - pool->sim_queued;
    if (pool->closing)
        return MR_ECLOSED;
    if (queued < pool->n.idle)
        return MR_OK;
    if (pool->n.threads < pool->max_threads) {
        mr_status status = start_worker(pool);
        if (status == MR_OK || pool->n.threads == 0)
            return status;
    }
    return queued - pool->n.idle < pool->max_queue ? MR_OK : MR_EBACKPRESSURE;
}

static mr_status enqueue(mr__pool *pool, mr_loop *loop, mr__pool_job *job)
{
    mr_status status = admit(pool);
    if (status == MR_OK)
        status = mr__completion_reserve(loop, &job->completion);
    if (status != MR_OK) {
        pool->n.refused++;
        return status;
    }
    mr_loop_ref(loop);
    job->queued_ns = mr__clock_now();
    append(pool, &pool->queue, job);
    mr__cond_signal(&pool->work);
    return MR_OK;
}

mr_status mr__pool_submit(mr__pool *pool, mr_loop *loop, mr__pool_job *job)
{
    MR_ASSERT(job->work != NULL && job->done != NULL && job->discard != NULL);
    MR_ASSERT(job->abandoned != NULL && loop != NULL);
    if (forked(pool))
        return MR_EFORKED;
    prepare(job, loop);
    if (mr__loop_simulated(loop))
        return submit_simulated(pool, loop, job);
    lock(pool);
    mr_status status = enqueue(pool, loop, job);
    worker *left = take_left(pool);
    unlock(pool);
    join_all(left);
    return status;
}

mr_status mr__pool_cancel(mr__pool *pool, mr__pool_job *job)
{
    if (forked(pool))
        return MR_EFORKED;
    lock(pool);
    bool queued = job->queued;
    if (queued)
        drop(pool, job, MR_ECANCELED);
    if (queued && mr__loop_simulated(job->loop))
        arm(pool, job->loop);
    unlock(pool);
    if (!queued)
        return MR_EBUSY;
    deliver(job);
    return MR_OK;
}

/* ---- The end of the pool ----------------------------------------------------------------------*/

static bool is_worker(const mr__pool *pool)
{
    if (pool->sim_working != 0)
        return true;
    uint64_t id = mr__thread_id();
    for (const worker *each = pool->workers; each != NULL; each = each->next) {
        if (each->thread_id == id)
            return true;
    }
    return false;
}

static void begin_end(mr__pool *pool)
{
    pool->closing = true;
    mr__cond_broadcast(&pool->work);
}

static mr_status end_pool(mr__pool *pool, bool dropping, uint64_t timeout_ns)
{
    if (forked(pool))
        return MR_EFORKED;
    lock(pool);
    if (is_worker(pool)) {
        unlock(pool);
        return MR_EREENTRANT;
    }
    begin_end(pool);
    if (dropping) {
        mr__pool_job *dropped = drop_all(pool, MR_ECLOSED);
        unlock(pool);
        deliver_all(dropped);
        lock(pool);
    }
    finish_simulated(pool);
    uint64_t deadline_ns = pool->n.threads > 0 ? deadline_in(timeout_ns) : 0;
    bool in_time = true;
    while (pool->n.threads > 0 && in_time)
        in_time = mr__cond_wait_until(&pool->ended, &pool->mutex, deadline_ns);
    bool ended = pool->n.threads == 0;
    worker *left = take_left(pool);
    unlock(pool);
    join_all(left);
    return ended ? MR_OK : MR_ETIMEDOUT;
}

mr_status mr__pool_shutdown(mr__pool *pool, uint64_t timeout_ns)
{
    return end_pool(pool, false, timeout_ns);
}

mr_status mr__pool_close(mr__pool *pool)
{
    return end_pool(pool, true, UINT64_MAX);
}

/* Nobody can join what still runs: the threads go on alone, the last one frees the pool. */
void mr__pool_unref(mr__pool *pool)
{
    if (pool == NULL || atomic_fetch_sub_explicit(&pool->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (forked(pool))
        return; /* its lists may be torn: left to the end of the process */
    lock(pool);
    begin_end(pool);
    mr__pool_job *dropped = drop_all(pool, MR_ECLOSED);
    worker *left = take_left(pool);
    pool->orphaned = true;
    for (worker *each = pool->workers; each != NULL; each = each->next)
        mr__thread_detach(&each->thread);
    bool last = pool->n.threads == 0 && pool->simulated.first == NULL;
    unlock(pool);
    if (last)
        free_pool(pool);
    join_all(left);
    deliver_all(dropped);
}

void mr__pool_stats(mr__pool *pool, mr__pool_numbers *out_numbers)
{
    if (forked(pool)) {
        *out_numbers = (mr__pool_numbers){0};
        return;
    }
    lock(pool);
    *out_numbers = pool->n;
    unlock(pool);
}
