/* Hooks: how metrics, audit, tracing and limits see a loop without the loop knowing them.
 *
 * A loop takes up to four tables. Begin hooks run in order of attachment, end hooks in reverse.
 * They run on the owner thread; they must not call user code of the loop; what they schedule runs
 * later. Every member may be NULL. No table installed costs one predicted branch per callback.
 *
 * Since 0.1 */
#ifndef MILLRACE_HOOKS_H
#define MILLRACE_HOOKS_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

/* What happened to a promise. ADOPTED: it follows another from now on. */
typedef enum mr_promise_transition {
    MR_PROMISE_MADE = 0,
    MR_PROMISE_WAS_ADOPTED,
    MR_PROMISE_WAS_FULFILLED,
    MR_PROMISE_WAS_REJECTED,
    MR_PROMISE_WAS_UNHANDLED, /* reported, or would be if there was a callback */
    MR_PROMISE_WAS_HANDLED,   /* after that */
    MR_PROMISE_FREED
} mr_promise_transition;

typedef struct mr_hooks {
    size_t size_bytes; /* sizeof(mr_hooks): lets the struct grow */
    void *arg;
    void (*turn_begin)(mr_loop *loop, uint64_t turn, void *arg);
    void (*turn_end)(mr_loop *loop, uint64_t turn, void *arg);
    /* Around the callback itself and its checkpoint. id is the timer, watch or immediate id, or 0.
     */
    void (*task_begin)(mr_loop *loop, mr_kind kind, uint64_t id, void *arg);
    void (*task_end)(mr_loop *loop, mr_kind kind, uint64_t id, void *arg);
    void (*timer_scheduled)(mr_loop *loop, uint64_t id, uint64_t deadline_ns, void *arg);
    void (*timer_cancelled)(mr_loop *loop, uint64_t id, void *arg);
    void (*microtasks_drained)(mr_loop *loop, uint64_t count, void *arg);
    void (*poll_begin)(mr_loop *loop, uint64_t max_wait_ns, void *arg);
    void (*poll_end)(mr_loop *loop, unsigned ready, void *arg);
    void (*mode_changed)(mr_loop *loop, mr_park effective, void *arg); /* FUTEX or POLLER */
    /* id is that of the promise's settler, or would be. */
    void (*promise_transition)(mr_loop *loop, uint64_t id, mr_promise_transition what, void *arg);
} mr_hooks;

/* Attach a table, which is borrowed until mr_hooks_detach or the end of the loop.
 *
 * Returns  0; MR_EBUSY (four are attached), MR_EEXIST, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_hooks_attach(mr_loop *loop, const mr_hooks *hooks);

/* Detach it. From inside a hook it takes effect for the next event.
 *
 * Returns  0; MR_ENOENT, MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_hooks_detach(mr_loop *loop, const mr_hooks *hooks);

MR_END_DECLS

#endif
