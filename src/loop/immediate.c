/* Immediates: a doubly linked FIFO through a slab, so that cancelling is O(1). */
#include <string.h>

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

/* A slot at the end of the list, whose task is for the caller to write. can_start was asked. */
MR_INLINE mr__immediate *enqueue(mr_loop *loop, uint64_t *out_id)
{
    uint32_t index;
    mr__immediate *immediate = mr__slab_alloc(&loop->immediates, &index);
    immediate->ref = 1;
    immediate->sequence = ++loop->immediate_sequence;
    append(loop, index);
    mr__alive_add(loop, true);
    mr__tally *tally = &loop->other[MR_KIND_IMMEDIATE];
    mr__counter_add(&tally->accepted, 1);
    mr__counter_max(&tally->most, mr__counter_get(&loop->immediates.live));
    *out_id = mr__slab_id(&immediate->slot, index);
    return immediate;
}

MR_INLINE mr_status start(mr_loop *loop, mr_task_fn *fn, void *arg, mr_discard_fn *discard,
                          mr_immediate *out_immediate)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_immediate == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(!can_start(loop)))
        return refusal(loop);
    mr__immediate *immediate = enqueue(loop, &out_immediate->id);
    immediate->fn = fn;
    immediate->arg = arg;
    immediate->discard = discard;
    return MR_OK;
}

mr_status mr_immediate_start_with(mr_loop *loop, const mr_task *task, mr_immediate *out_immediate)
{
    return task == NULL ? MR_EINVAL
                        : start(loop, task->fn, task->arg, task->discard, out_immediate);
}

mr_status mr_immediate_start(mr_loop *loop, mr_task_fn *fn, void *arg, mr_immediate *out_immediate)
{
    return start(loop, fn, arg, NULL, out_immediate);
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

/* `release` of the first. */
MR_INLINE void release_head(mr_loop *loop, mr__immediate *immediate, uint32_t index)
{
    uint32_t next = immediate->slot.next;
    loop->immediate_head = next;
    if (next == MR__NIL)
        loop->immediate_tail = MR__NIL;
    else
        at(loop, next)->prev = MR__NIL;
    if (MR_LIKELY(immediate->ref != 0))
        mr__alive_add(loop, false);
    mr__slab_free(&loop->immediates, &immediate->slot, index);
}

MR_INLINE void run_one(mr_loop *loop, mr__immediate *immediate, uint32_t index)
{
    mr_task_fn *fn = immediate->fn;
    uint64_t id = mr__slab_id(&immediate->slot, index);
    bool ref = immediate->ref != 0;
    void *words[MR__OWN_WORDS];
    words[0] = immediate->words[0]; /* a task's argument */
    if (fn == NULL) {
        words[1] = immediate->words[1];
        words[2] = immediate->words[2];
    }
    release_head(loop, immediate, index);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].run, 1);
    mr__call_begin(loop, MR_KIND_IMMEDIATE, id);
    if (fn != NULL)
        fn(words[0]);
    else
        loop->own_immediates.run(loop->own_immediates.self, words, ref);
    mr__call_end(loop);
}

/* Those that were there when it began. */
MR_INLINE void run_batch(mr_loop *loop)
{
    uint64_t last = loop->immediate_sequence;
    do {
        uint32_t index = loop->immediate_head;
        mr__immediate *immediate = at(loop, index);
        if (immediate->sequence > last)
            break;
        run_one(loop, immediate, index);
    } while (loop->immediate_head != MR__NIL && !mr__closing(loop) && !mr__over_turn_time(loop));
}

void mr__immediates_run(mr_loop *loop)
{
    if (loop->immediate_head != MR__NIL && !mr__closing(loop))
        run_batch(loop);
}

/* Whether immediates are all that a turn finds before it polls: no other work, nobody who looks on, no
 * clock to be asked. Read together: each one alone is as good as never set. */
static bool nothing_else(const mr_loop *loop)
{
    const mr__inbox *external = &loop->ingress.external, *internal = &loop->ingress.internal;
    /* Relaxed, as at the start of a turn: one missed here is seen by a later turn, at the latest
     * before parking. model: BEGIN, GLANCE_STOP */
    uint64_t any = atomic_load_explicit(&loop->life, memory_order_relaxed) & MR__POKED;
    any |= atomic_load_explicit(&loop->stop, memory_order_relaxed);
    any |= mr__counter_get(&loop->ingress.signal);
    any |= (uint64_t)mr__inbox_any(external) | (uint64_t)mr__inbox_any(internal);
    any |= mr__ring_len(&loop->ticks) | mr__ring_len(&loop->microtasks);
    any |= mr__ring_len(&loop->end_jobs) | mr__ring_len(&loop->closes);
    any |= mr__counter_get(&loop->timers.live) | (loop->ready_pos ^ loop->ready_count);
    any |= (uintptr_t)loop->outcomes | (uintptr_t)loop->arrived | (uintptr_t)loop->landed;
    any |= (uintptr_t)loop->sim | loop->options.max_turn_ns | loop->pressure_due;
    any |= (uint64_t)loop->observed | loop->has_source | loop->extension_due |
           (loop->options.flags & MR_MICROTASKS_PER_PHASE);
    return any == 0;
}

static bool may_run_lightly(const mr_loop *loop)
{
    return loop->immediate_head != MR__NIL && nothing_else(loop) &&
           (!loop->options.auto_exit || mr__counter_get(&loop->alive_refs) != 0);
}

/* Whether there are still immediates to be run. */
static bool poll(mr_loop *loop)
{
    mr__watches_collect(loop);
    if (loop->ready_pos != loop->ready_count) {
        mr__watches_run(loop);
        mr__checkpoint(loop);
    }
    return loop->immediate_head != MR__NIL && !mr__stopping(loop);
}

bool mr__immediates_only(mr_loop *loop)
{
    enum { TURNS_PER_READING = 64 };
    if (!may_run_lightly(loop))
        return false;
    loop->where = MR__IN_IMMEDIATES;
    do {
        mr__counter_add(&loop->turns, 1);
        loop->now_is_old = true;
        if (MR_UNLIKELY(mr__counter_get(&loop->turns) % TURNS_PER_READING == 0))
            mr__now_fresh(loop);
        if (mr__counter_get(&loop->watches.live) != 0 && !poll(loop))
            break;
        run_batch(loop);
    } while (may_run_lightly(loop));
    return true;
}

/* ---- The runtime's own ------------------------------------------------------------------------*/

void mr__own_immediates_set(mr_loop *loop, const mr__own_immediates *own)
{
    loop->own_immediates = *own;
}

mr_status mr__own_immediate_start(mr_loop *loop, void *const *words, uint64_t *out_id)
{
    if (MR_UNLIKELY(!can_start(loop)))
        return refusal(loop);
    mr__immediate *immediate = enqueue(loop, out_id);
    immediate->fn = NULL;
    for (int i = 0; i < MR__OWN_WORDS; i++)
        immediate->words[i] = words[i];
    return MR_OK;
}

static mr__immediate *find_own(mr_loop *loop, uint64_t id)
{
    mr__immediate *immediate = mr__slab_find(&loop->immediates, id);
    return immediate != NULL && immediate->fn == NULL ? immediate : NULL;
}

static void take_own(mr_loop *loop, const mr__immediate *immediate, uint32_t index,
                     void **out_words)
{
    memcpy(out_words, immediate->words, sizeof immediate->words);
    release(loop, index);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].cancelled, 1);
}

bool mr__own_immediate_take(mr_loop *loop, uint64_t id, void **out_words)
{
    const mr__immediate *immediate = find_own(loop, id);
    if (immediate == NULL || mr__owner_call(loop) != MR_OK)
        return false;
    take_own(loop, immediate, (uint32_t)id, out_words);
    return true;
}

bool mr__own_immediate_ref(mr_loop *loop, uint64_t id)
{
    const mr__immediate *immediate = find_own(loop, id);
    return immediate != NULL && immediate->ref != 0;
}

void mr__own_immediates_clear(mr_loop *loop)
{
    uint32_t index = loop->immediate_head;
    while (index != MR__NIL) {
        const mr__immediate *immediate = at(loop, index);
        uint32_t next = immediate->slot.next;
        if (immediate->fn == NULL) {
            void *words[MR__OWN_WORDS];
            take_own(loop, immediate, index, words);
            loop->own_immediates.discard(loop->own_immediates.self, words);
        }
        index = next;
    }
}

struct own {
    mr__own_immediates by;
    void *words[MR__OWN_WORDS];
};

static void discard_own(void *arg, mr_status reason)
{
    (void)reason;
    struct own *own = arg;
    own->by.discard(own->by.self, own->words);
}

static void discard_head(mr_loop *loop, mr_status reason)
{
    uint32_t index = loop->immediate_head;
    mr__immediate *immediate = at(loop, index);
    struct own own = {loop->own_immediates, {NULL}};
    mr_task task = {NULL, &own, discard_own};
    if (immediate->fn != NULL)
        task = (mr_task){immediate->fn, immediate->arg, immediate->discard};
    else
        memcpy(own.words, immediate->words, sizeof own.words);
    release(loop, index);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].discarded, 1);
    mr__call_discard(loop, MR_KIND_IMMEDIATE, task.fn, task.arg, task.discard, reason);
}

void mr__immediates_discard(mr_loop *loop, mr_status reason)
{
    while (loop->immediate_head != MR__NIL)
        discard_head(loop, reason);
}
