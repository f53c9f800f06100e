/* Immediates: a doubly linked FIFO through a slab, so that cancelling is O(1). */
#include <string.h>

#include "loop/core.h"

/* Give the slot back. */
MR_INLINE void let_go(mr_loop *loop, mr__immediate *immediate)
{
    if (MR_UNLIKELY(immediate->unref))
        mr__unref_add(loop, false);
    mr__slab_free(&loop->immediates, &immediate->slot, immediate->slot.next);
}

/* The one before it on the list; NULL: it is the first. */
static mr__immediate *before(mr_loop *loop, const mr__immediate *immediate)
{
    return immediate->link == &loop->immediate_head
               ? NULL
               : MR_CONTAINER(immediate->link, mr__immediate, next);
}

/* Take it off the list and out of the slab. */
static void release(mr_loop *loop, mr__immediate *immediate)
{
    if (immediate == loop->immediate_last)
        loop->immediate_last = before(loop, immediate);
    *immediate->link = immediate->next;
    if (immediate->next == NULL)
        loop->immediate_tail = immediate->link;
    else
        immediate->next->link = immediate->link;
    let_go(loop, immediate);
}

/* `release` of the first. */
MR_INLINE void release_head(mr_loop *loop, mr__immediate *immediate)
{
    mr__immediate *next = immediate->next;
    if (immediate == loop->immediate_last)
        loop->immediate_last = NULL;
    loop->immediate_head = next;
    if (next == NULL)
        loop->immediate_tail = &loop->immediate_head;
    else
        next->link = &loop->immediate_head;
    let_go(loop, immediate);
}

/* May be called at once, and there is a free slot. */
MR_INLINE bool can_start(mr_loop *loop)
{
    return mr__may_start(loop, true) && MR_LIKELY(loop->immediates.free != NULL);
}

/* The same after a no: 0 after all, with a slot to be had, or why the start fails. */
MR_COLD static mr_status prepare_slowly(mr_loop *loop)
{
    mr_status status = mr__owner_start(loop, true);
    if (status == MR_OK && loop->immediates.free == NULL && !mr__slab_grow(&loop->immediates))
        status = MR_ENOMEM;
    if (status != MR_OK && status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].refused, 1);
    return status;
}

/* A slot at the end of the list, whose task is for the caller to write. can_start was asked. */
MR_INLINE mr__immediate *enqueue(mr_loop *loop, uint64_t *out_id)
{
    uint32_t index = 0; /* there is a slot, which the analyser cannot know */
    mr__immediate *immediate = mr__slab_alloc(&loop->immediates, &index);
    uint64_t id = mr__slab_id(&immediate->slot, index);
    uint64_t live = mr__counter_get(&loop->immediates.live);
    *out_id = id;
    immediate->unref = false;
    immediate->next = NULL;
    immediate->link = loop->immediate_tail;
    *loop->immediate_tail = immediate;
    loop->immediate_tail = &immediate->next;
    mr__tally *tally = &loop->other[MR_KIND_IMMEDIATE];
    mr__counter_add(&tally->accepted, 1);
    mr__counter_max(&tally->most, live);
    return immediate;
}

MR_INLINE void enqueue_task(mr_loop *loop, mr_task_fn *fn, void *arg, mr_discard_fn *discard,
                            mr_immediate *out_immediate)
{
    mr__immediate *immediate = enqueue(loop, &out_immediate->id);
    immediate->fn = fn;
    immediate->arg = arg;
    immediate->discard = discard;
}

/* In one piece, so that the usual way needs no frame. */
MR_COLD static mr_status start_slowly(mr_loop *loop, mr_task_fn *fn, void *arg,
                                      mr_discard_fn *discard, mr_immediate *out_immediate)
{
    mr_status status = prepare_slowly(loop);
    if (status == MR_OK)
        enqueue_task(loop, fn, arg, discard, out_immediate);
    return status;
}

MR_INLINE mr_status start(mr_loop *loop, mr_task_fn *fn, void *arg, mr_discard_fn *discard,
                          mr_immediate *out_immediate)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_immediate == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(!can_start(loop)))
        return start_slowly(loop, fn, arg, discard, out_immediate);
    enqueue_task(loop, fn, arg, discard, out_immediate);
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
    mr__immediate *found = mr__slab_find(&loop->immediates, immediate.id);
    if (found == NULL)
        return MR_ENOENT;
    release(loop, found);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].cancelled, 1);
    return MR_OK;
}

static mr_status set_unref(mr_loop *loop, uint64_t id, bool unref)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    mr__immediate *immediate = mr__slab_find(&loop->immediates, id);
    if (immediate == NULL)
        return MR_ENOENT;
    if (immediate->unref != unref)
        mr__unref_add(loop, unref);
    immediate->unref = unref;
    return MR_OK;
}

mr_status mr_immediate_ref(mr_loop *loop, mr_immediate immediate)
{
    return set_unref(loop, immediate.id, false);
}

mr_status mr_immediate_unref(mr_loop *loop, mr_immediate immediate)
{
    return set_unref(loop, immediate.id, true);
}

/* Its callback runs, between mr__call_begin and mr__call_end. */
MR_INLINE void run_one(mr_loop *loop, mr__immediate *immediate)
{
    mr_task_fn *fn = immediate->fn;
    bool ref = !immediate->unref;
    void *words[MR__OWN_WORDS];
    words[0] = immediate->words[0]; /* a task's argument */
    if (fn == NULL) {
        words[1] = immediate->words[1];
        words[2] = immediate->words[2];
    }
    uint64_t id = mr__slab_id(&immediate->slot, immediate->slot.next);
    release_head(loop, immediate);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].run, 1);
    mr__call_begin(loop, MR_KIND_IMMEDIATE, id);
    if (fn != NULL)
        fn(words[0]);
    else
        loop->own_immediates.run(loop->own_immediates.self, words, ref);
    mr__call_end(loop);
}

/* Those that are there now. */
MR_INLINE void begin_batch(mr_loop *loop)
{
    loop->immediate_last = MR_CONTAINER(loop->immediate_tail, mr__immediate, next);
}

/* Up to immediate_last. */
static void run_batch(mr_loop *loop)
{
    do {
        run_one(loop, loop->immediate_head);
    } while (loop->immediate_last != NULL && !mr__closing(loop) && !mr__over_turn_time(loop));
    loop->immediate_last = NULL;
}

void mr__immediates_run(mr_loop *loop)
{
    if (loop->immediate_head == NULL || mr__closing(loop))
        return;
    begin_batch(loop);
    run_batch(loop);
}

/* Whether immediates are all that a turn finds before it polls: no other work, nobody who looks on, no
 * clock to be asked. Two halves, each read together, for each thing alone is as good as never set. This
 * one is of what other threads bring about, and callbacks that nothing_queued says nothing of. */
MR_INLINE bool nothing_new(const mr_loop *loop)
{
    const mr__inbox *external = &loop->ingress.external, *internal = &loop->ingress.internal;
    /* Relaxed, as at the start of a turn: one missed here is seen by a later turn, at the latest
     * before parking. model: BEGIN */
    uint64_t any = atomic_load_explicit(&loop->life, memory_order_relaxed) & MR__POKED;
    any |= mr__counter_get(&loop->ingress.signal);
    any |= mr__inbox_any(external) | mr__inbox_any(internal);
    any |= mr__ring_len(&loop->closes) | mr__counter_get(&loop->timers.live);
    return any == 0;
}

/* Whether no checkpoint is due, nobody looks on and no end was asked for. */
MR_INLINE bool nothing_queued(const mr_loop *loop)
{
    uint64_t any = mr__ring_len(&loop->ticks) | mr__ring_len(&loop->microtasks);
    any |= mr__ring_len(&loop->end_jobs) | loop->observed;
    /* model: GLANCE_STOP */
    return (any | atomic_load_explicit(&loop->stop, memory_order_relaxed)) == 0;
}

/* And all that checkpoints, watches and other phases may leave behind. */
static bool nothing_else(const mr_loop *loop)
{
    uint64_t any = loop->ready_pos ^ loop->ready_count;
    any |= (uintptr_t)loop->outcomes | (uintptr_t)loop->arrived | (uintptr_t)loop->landed;
    any |= loop->pressure_due;
    return any == 0 && nothing_queued(loop) && nothing_new(loop);
}

/* Run the batch, each as run_one does, until a callback does something out of the ordinary, which is then
 * seen to. Whether none did. The caller has told of the kind and the depth. */
MR_INLINE bool run_lightly(mr_loop *loop)
{
    do {
        mr__immediate *immediate = loop->immediate_head;
        mr_task_fn *fn = immediate->fn;
        void *arg = immediate->arg;
        if (MR_UNLIKELY(fn == NULL))
            return false;
        loop->current_id = mr__slab_id(&immediate->slot, immediate->slot.next);
        loop->tasks_begun++;
        release_head(loop, immediate);
        mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].run, 1);
        fn(arg);
        if (MR_UNLIKELY(!nothing_queued(loop))) {
            mr__call_end(loop);
            loop->depth++;
            return false;
        }
    } while (loop->immediate_last != NULL);
    return true;
}

/* Whether there are still immediates to be run. */
static bool poll(mr_loop *loop)
{
    mr__watches_collect(loop);
    if (loop->ready_pos != loop->ready_count) {
        mr__watches_run(loop);
        mr__checkpoint(loop);
    }
    return loop->immediate_head != NULL && !mr__stopping(loop);
}

MR_INLINE void count_turn(mr_loop *loop)
{
    enum { TURNS_PER_READING = 64 };
    uint64_t turn = mr__counter_get(&loop->turns) + 1;
    mr__counter_set(&loop->turns, turn);
    loop->now_is_old = true;
    if (MR_UNLIKELY(turn % TURNS_PER_READING == 0))
        mr__now_fresh(loop);
}

/* Light turns without a watch, while they are nothing but that. One has begun. */
static void run_light_turns(mr_loop *loop)
{
    loop->depth++;
    loop->current_kind = MR_KIND_IMMEDIATE;
    for (;;) {
        begin_batch(loop);
        if (!run_lightly(loop))
            break;
        if (loop->immediate_head == NULL || !nothing_new(loop) ||
            mr__counter_get(&loop->watches.live) != 0 || loop->options.auto_exit)
            break;
        count_turn(loop);
    }
    loop->depth--;
    if (loop->immediate_last != NULL && !mr__closing(loop))
        run_batch(loop);
    loop->immediate_last = NULL;
}

bool mr__immediates_only(mr_loop *loop)
{
    if (loop->immediate_head == NULL || !nothing_else(loop))
        return false;
    loop->where = MR__IN_IMMEDIATES;
    do {
        count_turn(loop);
        if (mr__counter_get(&loop->watches.live) == 0)
            run_light_turns(loop);
        else if (poll(loop))
            mr__immediates_run(loop);
        else
            break;
    } while (loop->immediate_head != NULL && nothing_else(loop) &&
             (!loop->options.auto_exit || mr__any_ref(loop)));
    return true;
}

/* ---- The runtime's own ------------------------------------------------------------------------*/

void mr__own_immediates_set(mr_loop *loop, const mr__own_immediates *own)
{
    loop->own_immediates = *own;
}

mr_status mr__own_immediate_start(mr_loop *loop, void *const *words, uint64_t *out_id)
{
    mr_status status = can_start(loop) ? MR_OK : prepare_slowly(loop);
    if (MR_UNLIKELY(status != MR_OK))
        return status;
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

static void take_own(mr_loop *loop, mr__immediate *immediate, void **out_words)
{
    memcpy(out_words, immediate->words, sizeof immediate->words);
    release(loop, immediate);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].cancelled, 1);
}

bool mr__own_immediate_take(mr_loop *loop, uint64_t id, void **out_words)
{
    mr__immediate *immediate = find_own(loop, id);
    if (immediate == NULL || mr__owner_call(loop) != MR_OK)
        return false;
    take_own(loop, immediate, out_words);
    return true;
}

bool mr__own_immediate_ref(mr_loop *loop, uint64_t id)
{
    const mr__immediate *immediate = find_own(loop, id);
    return immediate != NULL && !immediate->unref;
}

void mr__own_immediates_clear(mr_loop *loop)
{
    for (mr__immediate *immediate = loop->immediate_head, *next; immediate != NULL;
         immediate = next) {
        next = immediate->next;
        if (immediate->fn == NULL) {
            void *words[MR__OWN_WORDS];
            take_own(loop, immediate, words);
            loop->own_immediates.discard(loop->own_immediates.self, words);
        }
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
    mr__immediate *immediate = loop->immediate_head;
    struct own own = {loop->own_immediates, {NULL}};
    mr_task task = {NULL, &own, discard_own};
    if (immediate->fn != NULL)
        task = (mr_task){immediate->fn, immediate->arg, immediate->discard};
    else
        memcpy(own.words, immediate->words, sizeof own.words);
    release(loop, immediate);
    mr__counter_add(&loop->other[MR_KIND_IMMEDIATE].discarded, 1);
    mr__call_discard(loop, MR_KIND_IMMEDIATE, task.fn, task.arg, task.discard, reason);
}

void mr__immediates_discard(mr_loop *loop, mr_status reason)
{
    while (loop->immediate_head != NULL)
        discard_head(loop, reason);
}
