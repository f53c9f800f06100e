/* Immediates: run once in the immediate phase of the turn, which follows the poll.
 *
 * A snapshot: an immediate queued by an immediate runs in the next turn. Handles are generational
 * ids: a stale one is a clean MR_ENOENT. Ref'd when made: a ref'd immediate keeps an auto_exit loop
 * alive.
 *
 * Since 0.1 */
#ifndef MILLRACE_IMMEDIATE_H
#define MILLRACE_IMMEDIATE_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

typedef struct mr_immediate {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_immediate;

/* Queue fn(arg).
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED, MR_ENOMEM, MR_EINVAL (NULL loop, fn or output). On
 *          failure *out_immediate is untouched.
 * Owns     arg passes to the loop on success; after a cancel it is the caller's again.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_immediate_start(mr_loop *loop, mr_task_fn *fn, void *arg,
                                                          mr_immediate *out_immediate);
MR_API MR_NODISCARD MR_OWNER mr_status mr_immediate_start_with(mr_loop *loop, const mr_task *task,
                                                               mr_immediate *out_immediate);

/* Take it back; keep the loop alive with it or not (flags, not counts).
 *
 * Returns  0; MR_ENOENT (it ran, runs now or was cancelled), MR_EWRONGTHREAD, MR_ECLOSED,
 *          MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_immediate_cancel(mr_loop *loop, mr_immediate immediate);
MR_API MR_OWNER mr_status mr_immediate_ref(mr_loop *loop, mr_immediate immediate);
MR_API MR_OWNER mr_status mr_immediate_unref(mr_loop *loop, mr_immediate immediate);

MR_END_DECLS

#endif
