/* Submission: the way into a loop for every thread.
 *
 * External work is bounded and refused at once when full; internal work runs before external work
 * of the same turn. FIFO per producer. What the producer wrote before the call is visible to the
 * task.
 *
 * Since 0.1 */
#ifndef MILLRACE_SUBMIT_H
#define MILLRACE_SUBMIT_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

/* Ask the loop to run fn(arg) on its owner thread.
 *
 * Returns  0; MR_EBACKPRESSURE (queue full), MR_ECLOSED (also while stopping), MR_ENOMEM,
 *          MR_EINVAL. On failure fn never runs.
 * Owns     arg passes to the loop on success, stays the caller's on failure.
 * Thread   any; wakes the loop if it sleeps.
 * Calls    fn from a later turn or a later phase of this one, never before this returns.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_submit(mr_loop *loop, mr_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_submit_with(mr_loop *loop, const mr_task *task);

/* Submit n tasks in a row by one claim of their places: nobody's task comes between them.
 *
 * Returns  0: all of them; otherwise as mr_submit for the first that was not accepted, those before it
 *          were. MR_EINVAL, when one has no fn, accepts none.
 * Owns     the args of the accepted ones pass to the loop; *out_accepted (may be NULL) is how many
 *          they are, 0 to n. It is untouched at MR_EINVAL.
 * Thread   any; wakes the loop if it sleeps, once.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_submit_many(mr_loop *loop, const mr_task *tasks,
                                                           size_t n, size_t *out_accepted);

/* mr_submit for internal work. While the loop stops, only the owner may (work that continues a
 * drain).
 *
 * Returns  as mr_submit.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_submit_internal(mr_loop *loop, mr_task_fn *fn,
                                                               void *arg);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_submit_internal_with(mr_loop *loop,
                                                                    const mr_task *task);

MR_END_DECLS

#endif
