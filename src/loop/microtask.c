/* Ticks, microtasks, end jobs, close callbacks: the queues; call.c runs the first three. */
#include "loop/core.h"

static mr_status push(mr_loop *loop, mr__ring *ring, mr_kind kind, const mr_task *task)
{
    mr__item item = {.fn = task->fn, .arg = task->arg, .discard = task->discard};
    if (MR_LIKELY(mr__ring_push(ring, item)))
        return MR_OK;
    mr__counter_add(&loop->other[kind].refused, 1);
    return MR_ENOMEM;
}

static mr_status check(mr_loop *loop, mr_kind kind, const mr_task *task)
{
    if (MR_UNLIKELY(loop == NULL || task == NULL || task->fn == NULL))
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, true);
    if (MR_UNLIKELY(status == MR_ECLOSED))
        mr__counter_add(&loop->other[kind].refused, 1);
    return status;
}

mr_status mr_next_tick_with(mr_loop *loop, const mr_task *task)
{
    mr_status status = check(loop, MR_KIND_TICK, task);
    return status != MR_OK ? status : push(loop, &loop->ticks, MR_KIND_TICK, task);
}

mr_status mr_next_tick(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_next_tick_with(loop, &(mr_task){fn, arg, NULL});
}

static mr_status push_to_source(mr_loop *loop, const mr_task *task)
{
    mr_status status = loop->source.push(loop->source.self, task);
    mr__tally *tally = &loop->other[MR_KIND_MICROTASK];
    mr__counter_add(status == MR_OK ? &tally->accepted : &tally->refused, 1);
    return status;
}

mr_status mr_microtask_with(mr_loop *loop, const mr_task *task)
{
    mr_status status = check(loop, MR_KIND_MICROTASK, task);
    if (MR_UNLIKELY(status != MR_OK))
        return status;
    return loop->has_source ? push_to_source(loop, task)
                            : push(loop, &loop->microtasks, MR_KIND_MICROTASK, task);
}

mr_status mr_microtask(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_microtask_with(loop, &(mr_task){fn, arg, NULL});
}

mr_status mr_checkpoint_end_with(mr_loop *loop, const mr_task *task)
{
    mr_status status = check(loop, MR_KIND_END_JOB, task);
    return status != MR_OK ? status : push(loop, &loop->end_jobs, MR_KIND_END_JOB, task);
}

mr_status mr_checkpoint_end(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_checkpoint_end_with(loop, &(mr_task){fn, arg, NULL});
}

mr_status mr_close_callback_with(mr_loop *loop, const mr_task *task)
{
    mr_status status = check(loop, MR_KIND_CLOSE, task);
    return status != MR_OK ? status : push(loop, &loop->closes, MR_KIND_CLOSE, task);
}

mr_status mr_close_callback(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_close_callback_with(loop, &(mr_task){fn, arg, NULL});
}

void mr__closes_run(mr_loop *loop)
{
    mr__item item;
    for (uint64_t n = mr__ring_len(&loop->closes); n != 0 && !mr__closing(loop); n--) {
        if (!mr__ring_pop(&loop->closes, &item))
            break;
        mr__counter_add(&loop->close_run, 1);
        mr__call(loop, MR_KIND_CLOSE, 0, item.fn, item.arg);
        if (mr__over_turn_time(loop))
            break;
    }
}

mr_status mr__microtask_attach(mr_loop *loop, const mr__microtask_source *source)
{
    if (loop->has_source)
        return MR_EBUSY;
    loop->source = *source;
    loop->has_source = true;
    mr__item item;
    while (mr__ring_len(&loop->microtasks) != 0) {
        item = loop->microtasks.items[mr__counter_get(&loop->microtasks.head) &
                                      (loop->microtasks.cap - 1)];
        mr_task task = {item.fn, item.arg, item.discard};
        if (source->push(source->self, &task) != MR_OK) {
            source->drop(source->self); /* those moved so far are reported */
            loop->has_source = false;
            return MR_ENOMEM;
        }
        mr__ring_pop(&loop->microtasks, &item);
    }
    return MR_OK;
}

void mr__microtask_detach(mr_loop *loop)
{
    loop->has_source = false;
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
