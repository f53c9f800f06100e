/* What runs around a callback: ticks, microtasks, end jobs; and close callbacks.
 *
 * The checkpoint that follows every callback runs all ticks with those they add, then all
 * microtasks with those they add, back to ticks while there are any; then end jobs one by one,
 * draining ticks and microtasks after each. An end job added by an end job waits for the next
 * checkpoint; the loop does not park before it. Close callbacks have a phase of their own in the
 * turn.
 *
 * All queues are FIFO. Nothing is ever called inside one of these calls.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED (after the drain), MR_ENOMEM, MR_EINVAL.
 * Owns     arg passes to the loop on success.
 * Thread   owner.
 *
 * Since 0.1 */
#ifndef MILLRACE_MICROTASK_H
#define MILLRACE_MICROTASK_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

/* Run before all microtasks of the next checkpoint (process.nextTick of Node.js). Since 0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_next_tick(mr_loop *loop, mr_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_OWNER mr_status mr_next_tick_with(mr_loop *loop, const mr_task *task);

/* Queue a microtask (HTML, section 8.1.7.3; queueMicrotask). With a JavaScript runtime on the loop,
 * C microtasks and promise jobs share one FIFO. Since 0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_microtask(mr_loop *loop, mr_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_OWNER mr_status mr_microtask_with(mr_loop *loop, const mr_task *task);

/* Run at the end of the checkpoint. Since 0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_checkpoint_end(mr_loop *loop, mr_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_OWNER mr_status mr_checkpoint_end_with(mr_loop *loop, const mr_task *task);

/* Run in the close phase of the turn. Since 0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_close_callback(mr_loop *loop, mr_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_OWNER mr_status mr_close_callback_with(mr_loop *loop, const mr_task *task);

MR_END_DECLS

#endif
