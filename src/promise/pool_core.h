/* The pool's own shared header: its struct, and the doors between its files. */
#ifndef MR_PROMISE_POOL_CORE_H
#define MR_PROMISE_POOL_CORE_H

#include "base/macros.h"
#include "os/clock.h"
#include "os/fork.h"
#include "os/thread.h"
#include "promise/pool.h"

typedef struct mr__worker mr__worker;

typedef struct mr__job_list {
    mr__pool_job *first, *last;
} mr__job_list;

/* The jobs of one loop, in a pool that bounds how many of it run; else the jobs of all. */
typedef struct mr__lane {
    struct mr__lane *next;
    const mr_loop *loop; /* NULL: all */
    mr__job_list queue;
    unsigned queued, running;
} mr__lane;

/* Invariant (see check in pool.c): lanes, lists and counts agree; threads = idle + running without
 * the simulated ones, where idle are those that wait or are about to look for work. While a job
 * waits there is a thread. The pool lives while refs > 0, threads or leaving > 0 or a simulated job
 * is in it; its memory while kept > 0, of which the living pool is one. */
struct mr_pool {
    _Atomic unsigned refs, kept;
    mr__mutex mutex; /* guards all below it */
    mr__cond work;   /* a job came, or the pool ends */
    mr__cond ended;  /* the last worker left */
    mr__lane all;    /* without a bound: the only lane */
    mr__lane *lanes;
    mr__job_list simulated; /* jobs of simulated loops, those that run included */
    unsigned sim_queued, sim_running, sim_threads;
    unsigned sim_working; /* work() of theirs on the stack */
    mr__worker *workers, *left;
    unsigned leaving; /* workers that count no more, but may still call on_thread_exit */
    bool closing;     /* no new jobs; workers leave when nothing is left for them */
    bool orphaned;    /* the last reference is gone: workers are detached, the last one frees */
    unsigned max_threads, max_queue, max_per_loop;
    uint64_t idle_ns;
    size_t stack_bytes;
    void (*on_thread_start)(void *arg);
    void (*on_thread_exit)(void *arg);
    void *arg;
    char name[16];
    mr_pool_stats n;
    uint32_t fork_generation; /* of the process that the threads are in; counted since the first
                                 loop, without which there are none */
};

/* In a forked child there are no workers, and the mutex may be held for ever. */
static inline bool mr__pool_forked(const mr_pool *pool)
{
    return MR_UNLIKELY(pool->fork_generation != mr__fork_generation());
}

/* ---- pool.c; all but deliver under the lock */
void mr__pool_lock(mr_pool *pool);
void mr__pool_unlock(mr_pool *pool);
static inline unsigned mr__pool_waiting(const mr_pool *pool) /* for threads */
{
    return pool->n.queued - pool->sim_queued;
}
/* Whether nothing is in the pool that would need it. */
bool mr__pool_unused(const mr_pool *pool);
void mr__pool_accept(mr_pool *pool, mr__job_list *list, mr__pool_job *job);
/* The lane whose first job may run and is the oldest of those, or NULL. */
mr__lane *mr__pool_next_lane(mr_pool *pool);
void mr__pool_unlink(mr__job_list *list, mr__pool_job *job);
/* Drop the queued jobs of the threads; they come back as a list through next. */
mr__pool_job *mr__pool_drop_waiting(mr_pool *pool, mr_status reason);
void mr__pool_begins(mr_pool *pool, mr__pool_job *job, uint64_t now_ns);
void mr__pool_ends(mr_pool *pool, mr__pool_job *job, uint64_t now_ns);
/* work() of the job, unless nobody waits for it. Without the lock. */
void mr__pool_run(mr__pool_job *job);
/* Hand the job over to its loop. Without the lock: the pool may end in what this leads to. */
void mr__pool_deliver(mr__pool_job *job);
void mr__pool_deliver_all(mr__pool_job *jobs);

/* ---- pool_worker.c; under the lock but for the joining */
mr_status mr__worker_start(mr_pool *pool);
bool mr__worker_is_self(const mr_pool *pool); /* a thread of the pool calls */
void mr__workers_stop(mr_pool *pool, mr_status reason);
void mr__workers_detach(mr_pool *pool);
mr__worker *mr__workers_left(mr_pool *pool); /* who left, to be joined */
void mr__workers_join(mr__worker *left);
uint64_t mr__deadline_in(uint64_t timeout_ns);

/* ---- pool_simulated.c */
mr_status mr__simulated_submit(mr_pool *pool, mr_loop *loop, mr__pool_job *job);
/* Under the lock: as many jobs of a loop as there would be threads get a step. */
void mr__simulated_arm(mr_pool *pool, mr_loop *loop);
/* With the lock, which it releases in between: take all steps now, as nobody else will. */
void mr__simulated_finish(mr_pool *pool);

#endif
