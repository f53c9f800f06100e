/* Workers: threads for work that blocks or computes, and jobs whose results are promises.
 *
 * A pool is counted, belongs to no loop, and none is global: separate kinds of work take separate
 * pools. Its threads start on demand, with all signals blocked and deaf to pthread_cancel, and leave
 * when they are idle for long. Jobs wait in one FIFO; a bound per loop lets the jobs of others pass.
 *
 * A job ends once: it fulfils or rejects its promise with what its function returns, as internal
 * work of the loop, in the order in which jobs end; or, if it never began, it is cancelled. While it
 * is pending it holds its loop, unless it is unref'd; shutdown of the loop waits for both kinds.
 *
 *                       not started                  running        finished
 *   mr_job_cancel       0; MR_ECANCELED              MR_EBUSY, told MR_ENOENT
 *   the signal aborts   its reason                   told           nothing
 *   the deadline        MR_ETIMEDOUT                 told           nothing
 *   shutdown of a loop  runs                         awaited        delivered
 *   close of a loop     MR_ECLOSED                   told, not      its value is released
 *                                                    awaited
 *   mr_pool_shutdown    runs                         awaited        delivered
 *   mr_pool_close       MR_ECLOSED                   told, awaited  delivered
 *
 * "Told" means that mr_job_cancelled says so from then on, with the first of these reasons; the
 * promise is still settled by what the function returns, except where its loop was closed.
 *
 * On a simulated loop there are no threads: a job runs on the one thread there is, at a moment of
 * virtual time that the seed picks, and ends at a later one; at most max_threads of a loop, by
 * default 4, are between the two. No thread hooks are called, and the function must not exit the
 * thread.
 *
 * After a fork a pool is the parent's. In the child calls answer MR_EFORKED, and jobs that were
 * pending never end: make a new pool.
 *
 * Invariant: submitted = completed + failed + cancelled + queued + running, at every moment.
 *
 * Since 0.1 */
#ifndef MILLRACE_POOL_H
#define MILLRACE_POOL_H

#include <millrace/abort.h>
#include <millrace/promise.h>

MR_BEGIN_DECLS

typedef struct mr_pool mr_pool; /* counted: mr_pool_ref, mr_pool_unref */
typedef struct mr_job mr_job;   /* counted: mr_job_ref, mr_job_unref */

/* Zero in any field means the default. Start from {.size_bytes = sizeof(mr_pool_options)}. */
typedef struct mr_pool_options {
    size_t size_bytes;     /* sizeof(mr_pool_options): lets the struct grow */
    unsigned max_threads;  /* processors, within 2 to 16; 1 to 1024 */
    unsigned max_queue;    /* jobs that wait for a thread: 1024; 1 to 2^24 */
    unsigned max_per_loop; /* jobs of one loop that run at a time; 0: no bound */
    uint64_t idle_ns;      /* a thread without work leaves after this: 10 s */
    size_t stack_bytes;    /* of a thread: the system's default; at least 16 384 */
    const char *name;      /* of its threads, 15 bytes are kept; copied */
    /* On each thread once, before its first job and after its last. Both must return; the end of
     * the pool is refused in them with MR_EREENTRANT. */
    void (*on_thread_start)(void *arg);
    void (*on_thread_exit)(void *arg);
    void *arg; /* given to both; needed until a shutdown or close has returned 0 */
} mr_pool_options;

/* Make a pool; no thread starts yet.
 *
 * options  borrowed until it returns; NULL: all defaults.
 * Returns  0; MR_EINVAL (a value out of range), MR_ENOMEM. On failure *out_pool is untouched.
 * Owns     *out_pool is owned: release with mr_pool_unref.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_pool_create(const mr_pool_options *options,
                                                           mr_pool **out_pool);

/* One more reference; one less. The last one is as mr_pool_close, but waits for nothing: what runs
 * ends by itself, and its results still arrive. NULL is fine.
 *
 * Thread   any; unref from the pool's own threads, too.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_pool *mr_pool_ref(mr_pool *pool);
MR_API MR_ANY_THREAD void mr_pool_unref(mr_pool *pool);

/* Refuse new jobs with MR_ECLOSED; finish all accepted ones (shutdown), or drop those that wait and
 * tell those that run (close); then join all threads. Again, and one after the other, is fine.
 *
 * timeout_ns  of the waiting only (MR_NEVER: none); the pool goes on ending all the same.
 * Returns     0; MR_ETIMEDOUT; MR_EREENTRANT from a thread of this pool; MR_EFORKED, MR_EINVAL.
 * Thread      any.
 * Since       0.1 */
MR_API MR_ANY_THREAD mr_status mr_pool_shutdown(mr_pool *pool, uint64_t timeout_ns);
MR_API MR_ANY_THREAD mr_status mr_pool_close(mr_pool *pool);

typedef struct mr_pool_stats {
    unsigned threads, idle, queued, running; /* now; idle: threads without a job */
    unsigned most_threads, most_idle, most_queued, most_running;
    uint64_t submitted, refused;
    uint64_t completed, failed;        /* ran, and returned 0 or a failure */
    uint64_t cancelled;                /* ended without having run */
    uint64_t wait_ns, longest_wait_ns; /* from the call to the start, of those that ran */
    uint64_t run_ns, longest_run_ns;
} mr_pool_stats;

/* Copy the pool's numbers: one consistent picture.
 *
 * Returns  0; MR_EFORKED, MR_EINVAL. On failure *out_stats is untouched.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_pool_get_stats(mr_pool *pool, mr_pool_stats *out_stats);

/* ---- jobs ---- */

/* The work. Returns 0 and leaves an owned value in *out_value, which is undefined on entry; or a
 * negative status, and then *out_value is the reason, or where it was left undefined an error of
 * that code is. A value bound to a loop (mr_value_is_bound) is none that a worker may give: the
 * promise is then rejected with MR_EINVAL. Where the function ends its thread instead of returning,
 * the promise is rejected with MR_ETHREADEXIT and the pool replaces the thread. */
typedef mr_status mr_job_fn(mr_job *job, void *arg, mr_value *out_value);

/* Zero in any field but the first two means: none. */
typedef struct mr_offload_spec {
    size_t size_bytes; /* sizeof(mr_offload_spec): lets the struct grow */
    mr_job_fn *fn;
    void *arg;
    mr_release_fn *release;  /* of arg: once, after fn or instead of it */
    mr_abort_signal *signal; /* of the same loop; borrowed, the job counts it for itself */
    uint64_t deadline_ns;    /* from the call */
    bool unref;              /* does not keep the loop alive */
} mr_offload_spec;

/* Run fn(job, arg) on a thread of the pool; *out_promise is settled with what it returns.
 *
 * With a signal that has aborted already the promise is rejected with its reason, and fn is never
 * called. While the loop stops no timer runs: a deadline then counts when the job would begin, and
 * in mr_job_cancelled.
 *
 * Returns  0; MR_EBACKPRESSURE (queue full); MR_ELIMIT (no thread can be started, and there is
 *          none); MR_ECLOSED (pool or loop); MR_ENOMEM, MR_EEXHAUSTED, MR_EWRONGTHREAD, MR_EFORKED,
 *          MR_EINVAL (also a signal of another loop, or a stack smaller than the system allows). On
 *          failure no promise is made, nothing is released and the outputs are untouched.
 * Owns     arg passes to the job on success. *out_promise is owned. *out_job is owned, and may be
 *          released at any time; out_job may be NULL.
 * Thread   owner.
 * Calls    fn on a thread of the pool; release on the owner, as internal work or when the loop ends,
 *          and where the loop ended while fn ran, on that thread. None before this returns.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_offload(mr_loop *loop, mr_pool *pool,
                                                  const mr_offload_spec *spec,
                                                  mr_promise **out_promise, mr_job **out_job);

/* One more reference; one less. A handle keeps neither the job nor its loop nor the pool's threads.
 * unref takes NULL.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_job *mr_job_ref(mr_job *job);
MR_API MR_ANY_THREAD void mr_job_unref(mr_job *job);

/* Cancel a job that has not started: it never will, its place in the queue is free, and the loop
 * rejects its promise with MR_ECANCELED. One that runs is told.
 *
 * Returns  0; MR_EBUSY (it runs; told, unless it was before); MR_ENOENT (it has finished, or was
 *          cancelled); MR_EFORKED, MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_job_cancel(mr_job *job);

/* Whether the job was asked to end: what its function looks at between two steps.
 *
 * Returns  0, or the first reason: MR_ECANCELED (mr_job_cancel), MR_ETIMEDOUT (the deadline),
 *          MR_ECLOSED (the loop or the pool was closed), or for a signal the code of its reason,
 *          MR_EABORT where that is no error; MR_EINVAL for NULL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_job_cancelled(mr_job *job);

/* What the signal aborted with, where that is the first reason and not bound to a loop; otherwise
 * undefined. Lent as long as the job is: to its function until that returns.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_value mr_job_reason(const mr_job *job);

MR_END_DECLS

#endif
