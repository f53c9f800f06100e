/* One turn: checkpoint, poll, immediates, close callbacks, timers, internal work, external work. */
#include "loop/core.h"

/* A thread that sleeps in a poller comes back no sooner. */
enum { SLEEP_AT_LEAST_NS = 20000 };

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* While descriptors were ready as soon as they were asked for, ask before the loop says that it sleeps, looks
 * at all that could have come meanwhile, and lets the kernel reckon a deadline. */
static bool found_at_once(mr_loop *loop)
{
    if (!loop->busy_watches || mr__counter_get(&loop->watches.live) == 0)
        return false;
    mr__watches_collect(loop);
    return loop->ready_count != 0;
}

static void poll_phase(mr_loop *loop, uint64_t now_ns, uint64_t max_wait_ns)
{
    uint64_t deadline = 0; /* do not wait */
    if (max_wait_ns != 0 && !mr__work_seen(loop) &&
        !(loop->options.auto_exit && !mr_loop_alive(loop))) {
        uint64_t next = mr__timers_next(loop), bound = saturating_add(now_ns, max_wait_ns);
        deadline = next < bound ? next : bound; /* 0: a timer is due */
    }
    MR__HOOK(loop, poll, true, deadline);
    if (mr__forked(loop))
        return; /* in a hook: the poller, and who would wake us, are the parent's */
    uint64_t polls = mr__counter_get(&loop->polls);
    if (deadline > now_ns && loop->ready_pos == loop->ready_count && !found_at_once(loop))
        mr__park(loop, deadline);
    bool polled = deadline != 0 || mr__counter_get(&loop->polls) != polls;
    if (mr__counter_get(&loop->polls) == polls && mr__counter_get(&loop->watches.live) != 0) {
        mr__watches_collect(loop);
        polled = true;
    }
    MR__HOOK(loop, poll, false, loop->ready_count - loop->ready_pos);
    if (polled) {
        uint64_t after_ns = mr__now_fresh(loop);
        loop->busy_watches =
            loop->ready_count != 0 && loop->sim == NULL && after_ns - now_ns < SLEEP_AT_LEAST_NS;
    }
    if (loop->ready_pos != loop->ready_count)
        mr__watches_run(loop);
}

/* What the turn noticed goes to on_pressure, each kind at most once. */
static void pressure_phase(mr_loop *loop)
{
    uint32_t due = loop->pressure_due;
    loop->pressure_due = 0;
    if (loop->options.on_pressure == NULL)
        return;
    for (unsigned kind = 0; due >> kind != 0; kind++)
        if ((due >> kind & 1) != 0 && !mr__closing(loop))
            mr__call_pressure(loop, (mr_pressure)kind, mr__inbox_pending(&loop->ingress.external));
}

static void note_external_depth(mr_loop *loop)
{
    uint64_t bound = loop->options.max_external;
    mr__inbox *external = &loop->ingress.external;
    if (loop->queue_was_high || mr__counter_get(&external->peak) * 4 >= bound * 3) {
        uint64_t peak, depth = mr__inbox_peak(external, &peak);
        if (!loop->queue_was_high && peak * 4 >= bound * 3) {
            loop->queue_was_high = true;
            loop->pressure_due |= 1u << MR_PRESSURE_QUEUE_HIGH;
        }
        /* In the same turn too: who stopped at the first may send nothing more until the second. */
        if (loop->queue_was_high && depth * 2 <= bound) {
            loop->queue_was_high = false;
            loop->pressure_due |= 1u << MR_PRESSURE_QUEUE_LOW;
        }
    }
    if (loop->turn_time_up)
        loop->pressure_due |= 1u << MR_PRESSURE_TURN_TIME;
}

/* One phase: commands first, so that what they prevent is prevented. `any` spares an empty one. */
MR_INLINE void phase(mr_loop *loop, mr__where where, bool any, void (*run)(mr_loop *loop))
{
    loop->where = where;
    if (mr__counter_get(&loop->ingress.signal) != 0)
        mr__commands_apply(loop);
    if (!any || mr__stopping(loop))
        return;
    run(loop);
    mr__checkpoint(loop); /* for MR_MICROTASKS_PER_PHASE; otherwise nothing is left for it */
}

static bool internal_any(mr_loop *loop)
{
    return mr__inbox_pending(&loop->ingress.internal) != 0 || loop->outcomes != NULL ||
           loop->arrived != NULL || loop->landed != NULL ||
           mr__counter_get(&loop->ingress.signal) != 0;
}

static void begin(mr_loop *loop)
{
    mr__counter_add(&loop->turns, 1);
    /* Relaxed: one missed here is seen before parking. model: BEGIN */
    if ((atomic_load_explicit(&loop->life, memory_order_relaxed) & MR__POKED) != 0)
        atomic_fetch_and(&loop->life, ~(uint32_t)MR__POKED); /* model: TAKE_POKE */
    loop->turn_start_ns = mr__now_fresh(loop);
    loop->turn_time_up = false;
    loop->where = MR__IN_CHECKPOINT;
    if (MR_UNLIKELY((loop->observed & (MR__BY_HOOKS | MR__BY_DOOR)) != 0))
        mr__hook_turn(loop, true);
}

/* What comes after the immediates. */
static void rest_of_turn(mr_loop *loop)
{
    phase(loop, MR__IN_CLOSES, mr__ring_len(&loop->closes) != 0, mr__closes_run);
    phase(loop, MR__IN_TIMERS, mr__counter_get(&loop->timers.live) != 0, mr__timers_run);
    phase(loop, MR__IN_INTERNAL, internal_any(loop), mr__internal_run);
    phase(loop, MR__IN_EXTERNAL, mr__inbox_pending(&loop->ingress.external) != 0, mr__external_run);
    note_external_depth(loop);
    if (MR_UNLIKELY(loop->pressure_due != 0))
        pressure_phase(loop);
    if (MR_UNLIKELY((loop->observed & MR__IS_DUE) != 0))
        mr__extension_run_due(loop);
    if (MR_UNLIKELY((loop->observed & (MR__BY_HOOKS | MR__BY_DOOR)) != 0))
        mr__hook_turn(loop, false);
    loop->where = MR__IN_BETWEEN;
}

void mr__turns(mr_loop *loop)
{
    if (mr__immediates_only(loop))
        rest_of_turn(loop);
    else
        mr__turn(loop, UINT64_MAX);
}

void mr__turn(mr_loop *loop, uint64_t max_wait_ns)
{
    begin(loop);
    if (MR_UNLIKELY(loop->sim != NULL))
        mr__sim_between(loop); /* also in turns without a callback */
    mr__commands_apply(loop);
    mr__checkpoint(loop);
    loop->where = MR__IN_POLL;
    if (!mr__stopping(loop)) {
        poll_phase(loop, loop->turn_start_ns, max_wait_ns);
        mr__checkpoint(loop);
    }
    phase(loop, MR__IN_IMMEDIATES, loop->immediate_head != NULL, mr__immediates_run);
    rest_of_turn(loop);
}
