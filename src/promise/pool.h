/* A pool of worker threads for work that blocks: file system calls now, offloaded promises on top.
 *
 * A pool is counted, belongs to no loop in particular, and none is global: separate kinds of work
 * take separate pools. Threads start on demand with all signals blocked and leave after idle_ns
 * without work. A job is intrusive: the caller's struct holds it, so that nothing is allocated to
 * submit it.
 *
 * Life of a job, after a submit that returned 0: it waits in one FIFO; work() runs on a worker;
 * then exactly one of these ends it, and its memory is the caller's again inside that call:
 *   done       on the loop's owner, as internal work of the loop with a checkpoint;
 *   discard    on the loop's owner, instead of done: the job was cancelled, the pool closed before
 *              it started, or the loop ended while its result was queued;
 *   abandoned  on any thread: the loop had ended before; it may only free memory.
 * A pending job holds its loop alive, and a loop's shutdown waits for it; a loop's close does not.
 *
 * On a simulated loop there are no other threads: the one thread runs work() at a moment in virtual
 * time that the seed picks, and ends the job at a later one; never more than max_threads (by
 * default 4 there) at a time, begun from the front of the queue. Numbers of time are then virtual.
 *
 * After a fork a pool is the parent's alone. In the child its threads do not exist, so every call
 * answers MR_EFORKED, statistics are zero, the last unref leaves the memory to the end of the
 * process, and the jobs that waited never end: make a new pool. A job whose work() forks ends its
 * child there, with exec or _exit; if it returns all the same, its thread ends.
 *
 * Invariant: submitted = completed + failed + cancelled + queued + running, at every moment. */
#ifndef MR_PROMISE_POOL_H
#define MR_PROMISE_POOL_H

#include "loop/extend.h"

/* A door: in the shared library these are exported, under a private name, for libmillrace-js. */
#pragma GCC visibility push(default)

typedef struct mr__pool mr__pool;

/* Zero in any field means the default. */
typedef struct mr__pool_options {
    unsigned max_threads; /* processors, within 2 to 16; 1 to 1024 */
    unsigned max_queue;   /* jobs that wait for a thread: 1024; 1 to 2^24 */
    uint64_t idle_ns;     /* a thread without work leaves after this: 10 s */
    size_t stack_bytes;   /* the system's */
    const char *name;     /* of its threads, 15 bytes are kept; copied */
} mr__pool_options;

typedef struct mr__pool_job mr__pool_job;
struct mr__pool_job {
    /* Set by the caller; all but work may be called with the pool gone. */
    mr_status (*work)(mr__pool_job *job); /* its answer is for the statistics and for done */
    void (*done)(mr__pool_job *job);
    void (*discard)(mr__pool_job *job, mr_status reason);
    void (*abandoned)(mr__pool_job *job);

    mr_status status; /* what work() returned; in done */

    /* The pool's own. */
    mr__completion completion;
    mr__pool_job *next, *prev;
    mr__pool *pool; /* simulated: alive while the job is in it */
    mr_loop *loop;  /* owned until the end of the job */
    mr__sim_step step;
    uint64_t queued_ns, started_ns;
    mr_status refused; /* why work() did not run, or 0 */
    bool queued, armed;
};

/* Make a pool; no thread starts yet.
 *
 * Returns  0; MR_EINVAL (a value out of range), MR_ENOMEM. Owns: *out_pool is owned. Thread: any.
 */
MR_NODISCARD mr_status mr__pool_create(const mr__pool_options *options, mr__pool **out_pool);

/* The last unref drops the queued jobs (discard with MR_ECLOSED) and waits for nothing: running
 * jobs end by themselves and their results still arrive. NULL is fine. Thread: any, workers too. */
mr__pool *mr__pool_ref(mr__pool *pool);
void mr__pool_unref(mr__pool *pool);

/* Queue a job for the loop.
 *
 * Returns  0; MR_EBACKPRESSURE (queue full), MR_ELIMIT (no thread can be started and there is
 * none), MR_ENOMEM, MR_ECLOSED (pool or loop), MR_EFORKED. On failure nothing of the job is ever
 * called. Thread any; while the loop stops, its owner. */
MR_NODISCARD mr_status mr__pool_submit(mr__pool *pool, mr_loop *loop, mr__pool_job *job);

/* Take a job out of the queue: discard(MR_ECANCELED) follows on the loop, never inside this call.
 *
 * Returns  0; MR_EBUSY (it runs or ran). The job must not have ended. Thread: any. */
mr_status mr__pool_cancel(mr__pool *pool, mr__pool_job *job);

/* Refuse new jobs; finish all accepted ones (shutdown) or drop the queued ones (close); then join
 * all threads. Calling again, and after the other, is fine.
 *
 * Returns  0; MR_ETIMEDOUT (it goes on all the same), MR_EREENTRANT from a thread of this pool.
 * Thread   any. */
mr_status mr__pool_shutdown(mr__pool *pool, uint64_t timeout_ns);
mr_status mr__pool_close(mr__pool *pool);

typedef struct mr__pool_numbers {
    unsigned threads, idle, queued, running;
    unsigned most_threads, most_queued, most_running;
    uint64_t submitted, refused;
    uint64_t completed, failed; /* work() returned 0, or a status */
    uint64_t cancelled;         /* ended without having run */
    uint64_t wait_ns, longest_wait_ns;
    uint64_t run_ns, longest_run_ns;
} mr__pool_numbers;

/* One consistent picture. Thread: any. */
void mr__pool_stats(mr__pool *pool, mr__pool_numbers *out_numbers);

#pragma GCC visibility pop

#endif
