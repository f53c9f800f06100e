/* Immediates: a doubly linked FIFO through a slab, so that cancelling is O(1). */
#include "loop/core.h"

static mr__immediate *at(mr_loop *loop, uint32_t index)
{
    return mr__slab_at(&loop->immediates, index);
}

static void append(mr_loop *loop, uint32_t index)
{
    mr__immediate *immediate = at(loop, index);
    immediate->slot.next = MR__NIL;
    immediate->prev = loop->immediate_tail;
    if (loop->immediate_tail == MR__NIL)
        loop->immediate_head = index;
    else
        at(loop, loop->immediate_tail)->slot.next = index;
    loop->immediate_tail = index;
}

/* Take it off the list and out of the slab. */
static void release(mr_loop *loop, uint32_t index)
{
    mr__immediate *immediate = at(loop, index);
    if (immediate->prev == MR__NIL)
        loop->immediate_head = immediate->slot.next;
    else
        at(loop, immediate->prev)->slot.next = immediate->slot.next;
    if (immediate->slot.next == MR__NIL)
        loop->immediate_tail = immediate->prev;
    else
        at(loop, immediate->slot.next)->prev = immediate->prev;
    if (immediate->ref != 0)
        mr__alive_add(loop, false);
    mr__slab_free(&loop->immediates, &immediate->slot, index);
}

/* Why a start fails: not now, or no slot to be had (asked for only then). */
MR_COLD static mr_status refusal(mr_loop *loop)
{
    mr_status status = mr__owner_start(loop, true);
    if (status == MR_OK)
        status = MR_ENOMEM;
    if (status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].refused, 1);
    return status;
}

/* May be called, and there is a free slot. */
MR_INLINE bool can_start(mr_loop *loop)
{
    return (mr__may_start(loop, true) || mr__owner_start(loop, true) == MR_OK) &&
           (MR_LIKELY(loop->immediates.free_head != MR__NIL) || mr__slab_grow(&loop->immediates));
}

mr_status mr_immediate_start_with(mr_loop *loop, const mr_task *task, mr_immediate *out_immediate)
{
    if (MR_UNLIKELY(loop == NULL || task == NULL || task->fn == NULL || out_immediate == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(!can_start(loop)))
        return refusal(loop);
    uint32_t index;
    mr__immediate *immediate = mr__slab_alloc(&loop->immediates, &index);
    immediate->fn = task->fn;
    immediate->arg = task->arg;
    immediate->discard = task->discard;
    immediate->ref = 1;
    immediate->sequence = ++loop->immediate_sequence;
    append(loop, index);
    mr__alive_add(loop, true);
    mr__tally *tally = &loop->other[MR_KIND_IMMEDIATE];
    mr__counter_add(&tally->accepted, 1);
    mr__counter_max(&tally->most, mr__counter_get(&loop->immediates.live));
    out_immediate->id = mr__slab_id(&immediate->slot, index);
    return MR_OK;
}

mr_status mr_immediate_start(mr_loop *loop, mr_task_fn *fn, void *arg, mr_immediate *out_immediate)
{
    return mr_immediate_start_with(loop, &(mr_task){fn, arg, NULL}, out_immediate);
}

mr_status mr_immediate_cancel(mr_loop *loop, mr_immediate immediate)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    if (mr__slab_find(&loop->immediates, immediate.id) == NULL)
        return MR_ENOENT;
    release(loop, (uint32_t)immediate.id);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].cancelled, 1);
    return MR_OK;
}

static mr_status set_ref(mr_loop *loop, uint64_t id, uint32_t ref)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    mr__immediate *immediate = mr__slab_find(&loop->immediates, id);
    if (immediate == NULL)
        return MR_ENOENT;
    if (immediate->ref != ref)
        mr__alive_add(loop, ref != 0);
    immediate->ref = ref;
    return MR_OK;
}

mr_status mr_immediate_ref(mr_loop *loop, mr_immediate immediate)
{
    return set_ref(loop, immediate.id, 1);
}

mr_status mr_immediate_unref(mr_loop *loop, mr_immediate immediate)
{
    return set_ref(loop, immediate.id, 0);
}

void mr__immediates_run(mr_loop *loop)
{
    uint64_t last = loop->immediate_sequence;
    while (loop->immediate_head != MR__NIL && !mr__closing(loop)) {
        uint32_t index = loop->immediate_head;
        mr__immediate *immediate = at(loop, index);
        if (immediate->sequence > last)
            break;
        mr_task task = {immediate->fn, immediate->arg, NULL};
        uint64_t id = mr__slab_id(&immediate->slot, index);
        release(loop, index);
        mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].run, 1);
        mr__call(loop, MR_KIND_IMMEDIATE, id, task.fn, task.arg);
        if (mr__over_turn_time(loop))
            break;
    }
}

void mr__immediates_discard(mr_loop *loop, mr_status reason)
{
    while (loop->immediate_head != MR__NIL) {
        uint32_t index = loop->immediate_head;
        mr_task task = {at(loop, index)->fn, at(loop, index)->arg, at(loop, index)->discard};
        release(loop, index);
        mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].discarded, 1);
        mr__call_discard(loop, MR_KIND_IMMEDIATE, task.fn, task.arg, task.discard, reason);
    }
}
