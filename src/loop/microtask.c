/* Ticks, microtasks, end jobs, close callbacks: the queues; call.c runs the first three. */
#include "loop/core.h"

static mr_kind kind_of(const mr_loop *loop, const mr__ring *ring)
{
    if (ring == &loop->microtasks)
        return MR_KIND_MICROTASK;
    if (ring == &loop->ticks)
        return MR_KIND_TICK;
    return ring == &loop->end_jobs ? MR_KIND_END_JOB : MR_KIND_CLOSE;
}

static mr_status push_to_source(mr_loop *loop, const mr__item *item)
{
    mr_status status =
        loop->source.push(loop->source.self, &(mr_task){item->fn, item->arg, item->discard});
    if (status == MR_OK)
        mr__counter_add(&loop->other[MR_KIND_MICROTASK].accepted, 1);
    return status;
}

/* Everything but the usual case: a refusal, a full ring, a simulated loop, microtasks with a source. */
MR_COLD static mr_status enqueue_slowly(mr_loop *loop, mr__ring *ring, mr_task_fn *fn, void *arg,
                                        mr_discard_fn *discard)
{
    const mr__item item = {fn, arg, discard, 0};
    mr_status status = mr__owner_start(loop, true);
    if (status == MR_OK && loop->has_source && ring == &loop->microtasks)
        status = push_to_source(loop, &item);
    else if (status == MR_OK && !mr__ring_push(ring, item))
        status = MR_ENOMEM;
    if (status == MR_ECLOSED || status == MR_ENOMEM)
        mr__counter_add(&loop->other[kind_of(loop, ring)].refused, 1);
    return status;
}

/* `unless`: what makes a case unusual, of all that stands in `observed`. */
MR_INLINE mr_status enqueue(mr_loop *loop, mr__ring *ring, unsigned unless, mr_task_fn *fn,
                            void *arg, mr_discard_fn *discard)
{
    return mr__may_start_unless(loop, unless) && MR_LIKELY(mr__ring_put(ring, fn, arg, discard))
               ? MR_OK
               : enqueue_slowly(loop, ring, fn, arg, discard);
}

/* A queue's two calls: the short and the long form. */
#define QUEUE(name, ring, unless)                                                                  \
    mr_status name(mr_loop *loop, mr_task_fn *fn, void *arg)                                       \
    {                                                                                              \
        if (MR_UNLIKELY(loop == NULL || fn == NULL))                                               \
            return MR_EINVAL;                                                                      \
        return enqueue(loop, &loop->ring, unless, fn, arg, NULL);                                  \
    }                                                                                              \
    mr_status name##_with(mr_loop *loop, const mr_task *task)                                      \
    {                                                                                              \
        if (MR_UNLIKELY(loop == NULL || task == NULL || task->fn == NULL))                         \
            return MR_EINVAL;                                                                      \
        return enqueue(loop, &loop->ring, unless, task->fn, task->arg, task->discard);             \
    }

QUEUE(mr_next_tick, ticks, MR__NO_SIMPLE_START)
QUEUE(mr_checkpoint_end, end_jobs, MR__NO_SIMPLE_START)
QUEUE(mr_close_callback, closes, MR__NO_SIMPLE_START)
QUEUE(mr_microtask, microtasks, MR__NO_SIMPLE_START | MR__HAS_SOURCE)

void mr__closes_run(mr_loop *loop)
{
    mr__item item;
    for (uint64_t n = mr__ring_len(&loop->closes); n != 0 && !mr__closing(loop); n--) {
        if (!mr__ring_pop(&loop->closes, &item))
            break;
        mr__call(loop, MR_KIND_CLOSE, 0, item.fn, item.arg);
        if (mr__over_turn_time(loop))
            break;
    }
}

static void set_source(mr_loop *loop, bool on)
{
    loop->has_source = on;
    mr__set_observed(loop, MR__HAS_SOURCE, on);
}

mr_status mr__microtask_attach(mr_loop *loop, const mr__microtask_source *source)
{
    if (loop->has_source)
        return MR_EBUSY;
    loop->source = *source;
    set_source(loop, true);
    mr__item item;
    uint64_t head = mr__counter_get(&loop->microtasks.head);
    uint64_t end = mr__counter_get(&loop->microtasks.tail);
    for (; head != end; head++) {
        item = loop->microtasks.items[head & (loop->microtasks.cap - 1)];
        const mr_task task = {item.fn, item.arg, item.discard};
        if (source->push(source->self, &task) != MR_OK) {
            set_source(loop, false); /* all of them are still here */
            return MR_ENOMEM;
        }
    }
    while (mr__ring_pop(&loop->microtasks, &item))
        mr__ring_not_run(&loop->microtasks); /* here */
    return MR_OK;
}

void mr__microtask_detach(mr_loop *loop)
{
    set_source(loop, false);
}

void mr__microtask_return(mr_loop *loop, const mr_task *task)
{
    const mr__item item = {.fn = task->fn, .arg = task->arg, .discard = task->discard};
    if (mr__owner_start(loop, true) == MR_OK && mr__ring_push(&loop->microtasks, item))
        loop->microtasks.origin++; /* counted as accepted before */
    else
        mr__microtask_discard(loop, task);
}

void mr__microtask_refuse(mr_loop *loop, const mr_task *task)
{
    mr__counter_add(&loop->other[MR_KIND_MICROTASK].accepted, 1);
    mr__microtask_discard(loop, task);
}

void mr__microtask_discard(mr_loop *loop, const mr_task *task)
{
    mr__counter_add(&loop->other[MR_KIND_MICROTASK].discarded, 1);
    mr__call_discard(loop, MR_KIND_MICROTASK, task->fn, task->arg, task->discard, MR_ECLOSED);
}

static void discard_ring(mr_loop *loop, mr__ring *ring, mr_kind kind, mr_status reason)
{
    mr__item item;
    while (mr__ring_pop(ring, &item)) {
        mr__ring_not_run(ring);
        mr__counter_add(&loop->other[kind].discarded, 1);
        mr__call_discard(loop, kind, item.fn, item.arg, item.discard, reason);
    }
}

void mr__queues_discard(mr_loop *loop, mr_status reason)
{
    discard_ring(loop, &loop->ticks, MR_KIND_TICK, reason);
    discard_ring(loop, &loop->microtasks, MR_KIND_MICROTASK, reason);
    discard_ring(loop, &loop->end_jobs, MR_KIND_END_JOB, reason);
    discard_ring(loop, &loop->closes, MR_KIND_CLOSE, reason);
    if (loop->has_source)
        loop->source.drop(loop->source.self);
}
