/* Settling: how a promise ends and its reactions become jobs. Inline, for the few places that settle
 * promises in great number.
 *
 * Nothing here calls a handler: settling only queues jobs, so it never recurses on the length of a
 * chain. */
#ifndef MR_PROMISE_SETTLING_H
#define MR_PROMISE_SETTLING_H

#include "promise/registry.h"

/* For what a hot path ends with, so that it needs no frame of its own. */
#define MR__APART __attribute__((noinline))

/* Jobs, by kind, of the reaction that lies in the promise; the job's argument is the promise. */
extern mr_task_fn *const mr__inline_jobs[];
void mr__run_then(void *promise);
void mr__discard_inline(void *promise, mr_status reason);
/* False without memory. When the loop ends the job is discarded at once. */
bool mr__queue_slowly(mr__promises *of, mr_task_fn *fn, void *arg, mr_discard_fn *discard);
/* The jobs of a settled promise's reactions; true also when there was nothing to queue. */
bool mr__promise_queue_inline(mr_promise *promise);
bool mr__promise_queue_node(mr_promise *promise, mr__node *node);
/* What was on the way of one that follows, or was kept for its settler alone, is let go. */
void mr__promise_let_go_way(mr_promise *promise, uint16_t flags, mr_value way);

MR_INLINE bool mr__queue(mr__promises *of, mr_task_fn *fn, void *arg, mr_discard_fn *discard)
{
    mr_loop *loop = of->loop;
    if (MR_LIKELY((loop->observed & MR__NO_QUEUE) == 0) &&
        mr__ring_push_fits(&loop->microtasks, (mr__item){.fn = fn, .arg = arg, .discard = discard}))
        return true;
    return mr__queue_slowly(of, fn, arg, discard);
}

/* A reaction that becomes a job, or could not: a combinator takes off only what is in a list. */
MR_INLINE void mr__reaction_listed(mr__reaction *reaction, bool listed)
{
    if (MR_UNLIKELY(mr__reaction_kind(reaction) == MR__REACT_ELEMENT))
        mr__combinator_listed(mr__reaction_target(reaction), reaction->arg.index,
                              listed ? reaction : NULL);
}

/* What the flags of a settled promise say of its value. */
MR_INLINE uint16_t mr__flags_settled(uint16_t flags, mr_value value)
{
    uint16_t counted = mr__value_is_plain(value) ? 0 : MR__P_COUNTED;
    return (uint16_t)((flags & ~(MR__P_PENDING | MR__P_FOLLOWS | MR__P_KEPT)) | counted);
}

/* Queue the job of a promise with one handler: it takes over the reference of being pending. */
MR_INLINE bool mr__trigger_usual(mr_promise *promise, uint16_t flags)
{
    enum { WANTED = MR__P_HELD | MR__P_INLINE, LOOKED_AT = WANTED | MR__P_QUEUED };
    mr_loop *loop = promise->of->loop;
    if (MR_UNLIKELY((flags & LOOKED_AT) != WANTED || promise->last != NULL ||
                    mr__reaction_kind(&promise->reaction) != MR__REACT_THEN ||
                    (loop->observed & MR__NO_QUEUE) != 0) ||
        !mr__ring_push_fits(&loop->microtasks,
                            (mr__item){mr__run_then, promise, mr__discard_inline, 0}))
        return false;
    promise->flags = (uint16_t)((flags & ~MR__P_HELD) | MR__P_QUEUED);
    return true;
}

/* Of a promise that follows none and is not kept, while nobody looks on: with a plain value, where it is
 * fulfilled or handled already. False: mr__promise_trigger is to be called. */
MR_INLINE bool mr__settle_plainly(mr_promise *promise, uint16_t flags, mr_promise_state state,
                                  mr__halves value)
{
    MR_DASSERT(promise->state == MR_PROMISE_PENDING && promise->flags == flags);
    flags &= (uint16_t)~MR__P_PENDING;
    mr__value_set(&promise->as.value, value);
    promise->state = (uint8_t)state;
    promise->flags = flags;
    mr__counter_add(&promise->of->settled, 1);
    return (flags & MR__P_HELD) == 0 || mr__trigger_usual(promise, flags);
}

/* value passes. */
MR_INLINE void mr__settle(mr_promise *promise, mr_promise_state state, mr_value value)
{
    MR_DASSERT(promise->state == MR_PROMISE_PENDING);
    const mr_value way = promise->as.value;
    const uint16_t was = promise->flags, flags = mr__flags_settled(was, value);
    promise->as.value = value;
    promise->state = (uint8_t)state;
    promise->flags = flags;
    mr__counter_add(&promise->of->settled, 1);
    mr__promise_tell(promise, state == MR_PROMISE_FULFILLED ? MR_PROMISE_WAS_FULFILLED
                                                            : MR_PROMISE_WAS_REJECTED);
    if (state == MR_PROMISE_REJECTED && (flags & MR__P_MINDED) == 0)
        mr__rejection_track(promise);
    if ((flags & MR__P_HELD) != 0)
        mr__promise_trigger(promise);
    if (MR_UNLIKELY((was & (MR__P_FOLLOWS | MR__P_KEPT)) != 0))
        mr__promise_let_go_way(promise, was, way);
}

/* Whether resolving with it is more than fulfilling. */
MR_INLINE bool mr__is_resolved_further(mr_value value)
{
    return value.kind == MR_VALUE_PROMISE || value.kind == MR_VALUE_SCRIPT;
}

#endif
