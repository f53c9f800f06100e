/* The one place where user code is called, and the one checkpoint.
 *
 * Every callback of a phase runs between mr__call_begin and mr__call_end, which sets the current
 * task, feeds the hooks and runs the checkpoint. Ticks, microtasks and end jobs belong to the task
 * whose checkpoint runs them. */
#include "loop/core.h"

enum { RUNAWAY = 100000 };

void mr__call(mr_loop *loop, mr_kind kind, uint64_t id, mr_task_fn *fn, void *arg)
{
    mr__call_begin(loop, kind, id);
    fn(arg);
    mr__call_end(loop);
}

void mr__loop_call_inside(mr_loop *loop, void (*fn)(void *arg), void *arg)
{
    /* Outside any run the owner visits meanwhile: to run or to close the loop from fn is reentrant
     * there too, and nobody else begins to. */
    bool visit = false;
    if (MR_UNLIKELY(mr__driven != loop) && mr__owner_enters(loop, &visit) && visit) {
        mr_loop_ref(loop);
        mr__now_fresh(loop);
    }
    loop->depth++;
    fn(arg);
    loop->depth--;
    if (MR_UNLIKELY(visit)) {
        mr__owner_leaves(loop);
        mr_loop_unref(loop);
    }
}

void mr__call_discard(mr_loop *loop, mr_kind kind, mr_task_fn *fn, void *arg,
                      mr_discard_fn *discard, mr_status reason)
{
    if (mr__forked(loop))
        return; /* the parent reports */
    bool before = loop->no_starts;
    mr__set_no_starts(loop, true);
    loop->depth++;
    if (loop->sim != NULL)
        mr__sim_trace_kind(loop, kind, 0);
    if (discard != NULL)
        discard(arg, reason);
    else if (loop->options.on_discard != NULL)
        loop->options.on_discard(kind, fn, arg, reason, loop->options.arg);
    loop->depth--;
    mr__set_no_starts(loop, before);
}

void mr__loop_report_discard(mr_loop *loop, mr_kind kind, void *arg)
{
    mr__call_discard(loop, kind, NULL, arg, NULL, MR_ECLOSED);
}

void mr__call_pressure(mr_loop *loop, mr_pressure kind, uint64_t depth)
{
    mr__call_begin(loop, MR_KIND_INTERNAL, 0);
    loop->options.on_pressure(kind, depth, loop->options.arg);
    mr__call_end(loop);
}

void mr__call_poller_failure(mr_loop *loop)
{
    if (loop->options.on_poller_failure == NULL)
        return;
    loop->depth++;
    loop->options.on_poller_failure(loop->poller_error, loop->options.arg);
    loop->depth--;
}

/* One checkpoint: callbacks run so far, and how many may run (max_microtasks). The steps below take
 * the number and give it back, so that it stays in a register. */
static inline bool may_go_on(const mr_loop *loop, uint64_t used, uint64_t limit)
{
    return MR_LIKELY(used < limit && !mr__closing(loop));
}

/* A simulation sees each callback of a checkpoint before it runs. `simulated` is a constant to each
 * step, so that the checkpoint of real loops is compiled without it. */
static void before_simulated(mr_loop *loop, mr_kind kind)
{
    mr__sim_between(loop);
    mr__sim_trace_kind(loop, kind, 0);
}

/* All of a ring, with those that are added meanwhile. */
MR_INLINE uint64_t run_ring(mr_loop *loop, mr_kind kind, mr__ring *ring, uint64_t used,
                            uint64_t limit, bool simulated)
{
    mr__item item;
    while (may_go_on(loop, used, limit) && mr__ring_pop(ring, &item)) {
        if (simulated)
            before_simulated(loop, kind);
        item.fn(item.arg);
        used++;
    }
    return used;
}

MR_INLINE uint64_t run_source(mr_loop *loop, uint64_t used, uint64_t limit, bool simulated)
{
    while (may_go_on(loop, used, limit)) {
        if (simulated && !loop->source.pending(loop->source.self))
            break;
        if (simulated)
            before_simulated(loop, MR_KIND_MICROTASK);
        if (!loop->source.run_one(loop->source.self))
            break;
        used++;
    }
    return used;
}

MR_INLINE uint64_t run_until_empty(mr_loop *loop, uint64_t used, uint64_t limit, bool simulated)
{
    do {
        used = run_ring(loop, MR_KIND_TICK, &loop->ticks, used, limit, simulated);
        used = loop->has_source
                   ? run_source(loop, used, limit, simulated)
                   : run_ring(loop, MR_KIND_MICROTASK, &loop->microtasks, used, limit, simulated);
    } while (mr__ring_len(&loop->ticks) != 0 && may_go_on(loop, used, limit));
    return used;
}

MR_INLINE uint64_t run_end_jobs(mr_loop *loop, uint64_t used, uint64_t limit, bool simulated)
{
    mr__item item;
    for (uint64_t n = mr__ring_len(&loop->end_jobs); n != 0 && may_go_on(loop, used, limit); n--) {
        if (!mr__ring_pop(&loop->end_jobs, &item))
            break;
        if (simulated)
            before_simulated(loop, MR_KIND_END_JOB);
        item.fn(item.arg);
        used = run_until_empty(loop, used + 1, limit, simulated);
    }
    return used;
}

MR_INLINE uint64_t drain(mr_loop *loop, uint64_t limit, bool simulated)
{
    uint64_t used = run_until_empty(loop, 0, limit, simulated);
    return mr__ring_len(&loop->end_jobs) == 0 ? used : run_end_jobs(loop, used, limit, simulated);
}

void mr__checkpoint_slow(mr_loop *loop)
{
    if (loop->in_checkpoint)
        return;
    uint64_t limit = loop->options.max_microtasks;
    if (limit == 0)
        limit = UINT64_MAX;
    loop->in_checkpoint = true;
    loop->depth++;
    uint64_t used =
        MR_LIKELY(loop->sim == NULL) ? drain(loop, limit, false) : drain(loop, limit, true);
    loop->depth--;
    loop->in_checkpoint = false;
    if (MR_UNLIKELY(used >= RUNAWAY))
        loop->pressure_due |= 1u << MR_PRESSURE_RUNAWAY;
    mr__counter_max(&loop->most_microtasks, used);
    if (loop->ticks.cap > MR__RING_START)
        mr__ring_drained(&loop->ticks, used);
    if (loop->microtasks.cap > MR__RING_START)
        mr__ring_drained(&loop->microtasks, used);
    MR__HOOK(loop, drained, used);
}

void mr__loop_checkpoint(mr_loop *loop)
{
    if (loop->depth == 0 && !loop->no_starts && mr__phase(loop) != MR__CLOSED)
        mr__checkpoint(loop);
}

void mr__microtask_run(mr_loop *loop, const mr_task *task)
{
    mr__counter_add(&loop->source_run, 1);
    task->fn(task->arg);
}
