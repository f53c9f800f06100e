/* The pool as the library itself uses it: jobs that the caller's struct holds, so that nothing is
 * allocated to submit one. Offloaded jobs (millrace/pool.h) and the file system calls of scripts are
 * made of it.
 *
 * Life of a job, after a submit that returned 0: it waits in one FIFO; work() runs on a worker;
 * then exactly one of these ends it, and its memory is the caller's again inside that call:
 *   done       on the loop's owner, as internal work of the loop with a checkpoint;
 *   discard    on the loop's owner, instead of done: the job was cancelled, the pool closed before
 *              it started, or the loop ended while its result was queued;
 *   abandoned  on any thread: the loop had ended before; it may only free memory.
 * A pending job holds its loop alive unless it is unref'd, and a loop's shutdown waits for it; a
 * loop's close does not.
 *
 * A work() that ends its thread has the status MR_ETHREADEXIT; done follows all the same.
 *
 * On a simulated loop there are no other threads: the one thread runs work() at a moment in virtual
 * time that the seed picks, and ends the job at a later one; never more than max_threads (by
 * default 4 there) at a time, begun from the front of the queue. Numbers of time are then virtual.
 *
 * After a fork a pool is the parent's alone. In the child its threads do not exist, so every call
 * answers MR_EFORKED, the last unref leaves the memory to the end of the process, and the jobs that
 * waited never end: make a new pool. A job whose work() forks ends its child there, with exec or
 * _exit; if it returns all the same, its thread ends. */
#ifndef MR_PROMISE_POOL_H
#define MR_PROMISE_POOL_H

#include <stdatomic.h>

#include <millrace/pool.h>

#include "loop/extend.h"

/* A door: in the shared library these are exported, under a private name, for libmillrace-js. */
#pragma GCC visibility push(default)

/* Under the pool's lock. */
typedef enum mr__job_phase {
    MR__JOB_NEW,
    MR__JOB_QUEUED,
    MR__JOB_RUNNING,
    MR__JOB_FINISHED
} mr__job_phase;

typedef struct mr__pool_job mr__pool_job;
struct mr__pool_job {
    /* Set by the caller; all but work may be called with the pool gone. */
    mr_status (*work)(mr__pool_job *job); /* its answer is for the statistics and for done */
    void (*done)(mr__pool_job *job);
    void (*discard)(mr__pool_job *job, mr_status reason);
    void (*abandoned)(mr__pool_job *job);
    bool unref; /* does not keep the loop alive */
    /* Why work() will not run, or 0. Not 0 on submitting: accepted, counted as cancelled, discard
     * follows. work() may set it and do nothing, which counts as not having run. */
    mr_status refused;

    mr_status status; /* what work() returned; in done */

    /* The pool's own. */
    _Atomic mr_status stopped; /* the first reason to end, 0: none; work() may look at it */
    mr__job_phase phase;
    mr__completion completion;
    mr__pool_job *next, *prev;
    mr_pool *pool;
    struct mr__lane *lane; /* NULL: simulated */
    uint64_t sequence;
    mr_loop *loop; /* owned until the end of the job */
    mr__sim_step step;
    uint64_t queued_ns, started_ns;
    bool armed;
};

/* Queue a job for the loop.
 *
 * Returns  0; MR_EBACKPRESSURE (queue full), MR_ELIMIT (no thread can be started and there is
 * none), MR_EINVAL (its stack is too small), MR_ENOMEM, MR_ECLOSED (pool or loop), MR_EFORKED. On
 * failure nothing of the job is ever called. Thread any; while the loop stops, its owner. */
MR_NODISCARD mr_status mr__pool_submit(mr_pool *pool, mr_loop *loop, mr__pool_job *job);

/* Take a job out of the queue: discard(reason) follows on the loop, never inside this call. One that
 * runs is told by `stopped`, if it was not before.
 *
 * Returns  0; MR_EBUSY (it runs), MR_ENOENT (it ran or was taken out), MR_EFORKED. The job was
 * submitted; its memory, and the pool's (mr__pool_keep), are there. Thread: any. */
mr_status mr__pool_cancel(mr__pool_job *job, mr_status reason);

/* The first reason to end wins. Thread: any. */
static inline void mr__pool_job_stop(mr__pool_job *job, mr_status reason)
{
    mr_status none = MR_OK;
    /* Release pairs with the acquire of who looks: it sees what led to the reason. */
    atomic_compare_exchange_strong_explicit(&job->stopped, &none, reason, memory_order_acq_rel,
                                            memory_order_acquire);
}

/* Keep the pool's memory, and nothing else of it. Thread: any. */
void mr__pool_keep(mr_pool *pool);
void mr__pool_let_go(mr_pool *pool);

#pragma GCC visibility pop

#endif
