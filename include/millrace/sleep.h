/* Time in promises: sleeping, timing out, bounding how long another promise is waited for.
 *
 * All of them count from a clock read at the call, and are never early (millrace/timer.h). Their
 * timers keep the loop running until they fire or go: who waits for the promise wants its end. What
 * only limits something else should be mr_promise_deadline, whose timer goes with that, or
 * mr_abort_after, whose timer keeps nothing running.
 *
 * What the loop's end finds unfinished is rejected with MR_ECLOSED, not fulfilled: the time did not
 * pass.
 *
 * Since 0.1 */
#ifndef MILLRACE_SLEEP_H
#define MILLRACE_SLEEP_H

#include <millrace/abort.h>
#include <millrace/promise.h>

MR_BEGIN_DECLS

/* A promise that is fulfilled with undefined after a delay, or before that rejected with the reason
 * of signal, if that is aborted; then its timer is gone at once. signal may be NULL.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED (also while stopping), MR_EINVAL (signal of
 *          another loop). On failure *out_promise is untouched.
 * Owns     *out_promise is owned. The signal stays the caller's.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_sleep(mr_loop *loop, uint64_t delay_ns,
                                                mr_abort_signal *signal, mr_promise **out_promise);

/* A promise that is rejected with an error of code MR_ETIMEDOUT after a delay.
 *
 * Returns, Owns, Thread, Since: as mr_sleep. */
MR_API MR_NODISCARD MR_OWNER mr_status mr_timeout(mr_loop *loop, uint64_t delay_ns,
                                                  mr_promise **out_promise);

/* A promise that ends as `promise` does, if that settles within a delay, and is rejected with an
 * error of code MR_ETIMEDOUT if not. Its timer is gone as soon as `promise` settles; after the delay
 * nothing of it is left at `promise`. `promise` counts as handled.
 *
 * Returns  as mr_sleep.
 * Owns     *out_promise is owned. promise stays the caller's.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_deadline(mr_promise *promise, uint64_t delay_ns,
                                                           mr_promise **out_promise);

MR_END_DECLS

#endif
