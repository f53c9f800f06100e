/* One turn: checkpoint, poll, immediates, close callbacks, timers, internal work, external work. */
#include "loop/core.h"

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void poll_phase(mr_loop *loop, uint64_t now_ns, uint64_t max_wait_ns)
{
    uint64_t deadline = 0; /* do not wait */
    bool ends = loop->options.auto_exit && !mr_loop_alive(loop);
    if (max_wait_ns != 0 && !ends && !mr__has_work(loop)) {
        uint64_t next = mr__timers_next(loop), bound = saturating_add(now_ns, max_wait_ns);
        deadline = next < bound ? next : bound;
    }
    MR__HOOK(loop, poll, true, deadline);
    uint64_t polls = mr__counter_get(&loop->polls);
    if (loop->sim != NULL) {
        if (deadline != 0 && !mr__sim_wait(loop, deadline))
            mr__request_stop(loop, MR__STOP_DEADLOCK);
    } else if (deadline > now_ns && loop->ready_pos == loop->ready_count) {
        mr__park(loop, deadline);
    }
    bool polled = mr__counter_get(&loop->polls) != polls;
    if (!polled && mr__counter_get(&loop->watches.live) != 0)
        mr__watches_collect(loop);
    MR__HOOK(loop, poll, false, loop->ready_count - loop->ready_pos);
    mr__now_fresh(loop);
    mr__watches_run(loop);
}

/* What the turn noticed goes to on_pressure, each kind at most once. */
static void pressure_phase(mr_loop *loop)
{
    uint32_t due = loop->pressure_due;
    loop->pressure_due = 0;
    if (due == 0 || loop->options.on_pressure == NULL)
        return;
    for (unsigned kind = 0; due >> kind != 0; kind++)
        if ((due >> kind & 1) != 0 && !mr__closing(loop))
            mr__call_pressure(loop, (mr_pressure)kind,
                              mr__inbox_pending(&loop->ingress.external));
}

static void note_external_depth(mr_loop *loop)
{
    uint64_t depth = mr__inbox_pending(&loop->ingress.external);
    uint64_t bound = loop->options.max_external;
    if (!loop->queue_was_high && mr__counter_get(&loop->external_peak) * 4 >= bound * 3) {
        loop->queue_was_high = true;
        loop->pressure_due |= 1u << MR_PRESSURE_QUEUE_HIGH;
    } else if (loop->queue_was_high && depth * 2 <= bound) {
        loop->queue_was_high = false;
        loop->pressure_due |= 1u << MR_PRESSURE_QUEUE_LOW;
    }
    mr__counter_set(&loop->external_peak, depth);
    if (loop->turn_time_up)
        loop->pressure_due |= 1u << MR_PRESSURE_TURN_TIME;
}

static void phase(mr_loop *loop, void (*run)(mr_loop *loop))
{
    if (mr__stopping(loop))
        return;
    mr__commands_apply(loop);
    run(loop);
    mr__checkpoint(loop); /* for MR_MICROTASKS_PER_PHASE; otherwise nothing is left for it */
}

void mr__turn(mr_loop *loop, uint64_t max_wait_ns)
{
    mr__counter_add(&loop->turns, 1);
    if ((atomic_load_explicit(&loop->life, memory_order_relaxed) & MR__POKED) != 0)
        atomic_fetch_and(&loop->life, ~(uint32_t)MR__POKED);
    uint64_t now = mr__now_fresh(loop);
    loop->turn_start_ns = now;
    loop->turn_time_up = false;
    MR__HOOK(loop, turn, true);
    mr__commands_apply(loop);
    mr__checkpoint(loop);
    if (!mr__stopping(loop)) {
        poll_phase(loop, now, max_wait_ns);
        mr__checkpoint(loop);
    }
    phase(loop, mr__immediates_run);
    phase(loop, mr__closes_run);
    phase(loop, mr__timers_run);
    phase(loop, mr__internal_run);
    phase(loop, mr__external_run);
    note_external_depth(loop);
    pressure_phase(loop);
    MR__HOOK(loop, turn, false);
}
