/* Timers: starting, firing, cancelling. The wheel holds them; a firing one is on no list. */
#include "loop/core.h"

enum { CLAMP_LEVEL = 6, MOST_NESTING = 15, KNOWN_FLAGS = 15 };
#define CLAMP_NS UINT64_C(4000000)

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

MR_INLINE mr__timer *find(mr_loop *loop, uint64_t id)
{
    mr__timer *timer = mr__slab_find(&loop->timers, id);
    return timer == NULL || (timer->flags & MR__TIMER_CANCELLED) != 0 ? NULL : timer;
}

static uint64_t round_up(uint64_t deadline_ns, unsigned slack_log2)
{
    uint64_t mask = (UINT64_C(1) << slack_log2) - 1;
    return deadline_ns > UINT64_MAX - mask ? deadline_ns : (deadline_ns + mask) & ~mask;
}

/* Give a timer on no list its deadline and its place. */
MR_INLINE void schedule(mr_loop *loop, mr__timer *timer, uint32_t index, uint64_t deadline_ns)
{
    timer->deadline_ns =
        MR_LIKELY(timer->slack_log2 == 0) ? deadline_ns : round_up(deadline_ns, timer->slack_log2);
    timer->turn = (uint32_t)mr__counter_get(&loop->turns);
    if (deadline_ns <= loop->timers_until_ns)
        loop->timer_turn = timer->turn;
    mr__wheel_insert(&loop->wheel, &loop->timers, timer, index);
    MR__HOOK(loop, timer, true, mr__slab_id(&timer->slot, index), timer->deadline_ns);
}

MR_INLINE void release(mr_loop *loop, mr__timer *timer, uint32_t index)
{
    mr__wheel_remove(&loop->wheel, &loop->timers, timer);
    if (MR_UNLIKELY((timer->flags & MR__TIMER_REF) == 0))
        mr__unref_add(loop, false);
    mr__slab_free(&loop->timers, &timer->slot, index);
}

static uint64_t clamped(mr_loop *loop, uint64_t deadline_ns)
{
    if (loop->timer_nesting < CLAMP_LEVEL)
        return deadline_ns;
    uint64_t least = saturating_add(mr__clock_of(loop), CLAMP_NS);
    return deadline_ns < least ? least : deadline_ns;
}

static uint8_t slack_log2(uint64_t slack_ns)
{
    return slack_ns == 0 ? 0 : (uint8_t)(63 - __builtin_clzll(slack_ns));
}

/* Why a start fails: not now, or no slot to be had (asked for only then). */
MR_COLD static mr_status refusal(mr_loop *loop)
{
    mr_status status = mr__owner_start(loop, false);
    if (status == MR_OK)
        status = MR_ENOMEM;
    if (status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_TIMER].refused, 1);
    return status;
}

/* May be called, and there is a free slot. */
MR_INLINE bool can_start(mr_loop *loop)
{
    return (mr__may_start(loop, false) || mr__owner_start(loop, false) == MR_OK) &&
           (MR_LIKELY(loop->timers.free != NULL) || mr__slab_grow(&loop->timers));
}

MR_INLINE mr_status start(mr_loop *loop, const mr_timer_spec *spec, mr_timer *out_timer)
{
    if (MR_UNLIKELY(!can_start(loop)))
        return refusal(loop);
    uint64_t deadline = spec->delay_ns;
    if ((spec->flags & MR_TIMER_AT) == 0)
        deadline = saturating_add(mr__clock_of(loop), deadline);
    uint32_t index;
    mr__timer *timer = mr__slab_alloc(&loop->timers, &index);
    uint32_t flags = spec->flags;
    timer->fn = spec->fn;
    timer->arg = spec->arg;
    timer->discard = spec->discard;
    timer->period_ns = spec->period_ns;
    timer->list = MR__LIST_NONE;
    timer->flags = (uint8_t)(((flags & MR_TIMER_UNREF) == 0 ? MR__TIMER_REF : 0) |
                             ((flags & MR_TIMER_REPEAT) != 0 ? MR__TIMER_REPEAT : 0) |
                             ((flags & MR_TIMER_HTML_CLAMP) != 0 ? MR__TIMER_CLAMP : 0));
    timer->slack_log2 = slack_log2(spec->slack_ns);
    timer->nesting =
        (uint8_t)(loop->timer_nesting < MOST_NESTING ? loop->timer_nesting + 1 : MOST_NESTING);
    schedule(loop, timer, index,
             MR_UNLIKELY((flags & MR_TIMER_HTML_CLAMP) != 0) ? clamped(loop, deadline) : deadline);
    if (MR_UNLIKELY((flags & MR_TIMER_UNREF) != 0))
        mr__unref_add(loop, true);
    mr__tally *tally = &loop->other[MR_KIND_TIMER];
    mr__counter_add(&tally->accepted, 1);
    mr__counter_max(&tally->most, mr__counter_get(&loop->timers.live));
    out_timer->id = mr__slab_id(&timer->slot, index);
    return MR_OK;
}

mr_status mr_timer_start_with(mr_loop *loop, const mr_timer_spec *spec, mr_timer *out_timer)
{
    if (loop == NULL || spec == NULL || spec->size_bytes != sizeof *spec || spec->fn == NULL ||
        out_timer == NULL || (spec->flags & ~(uint32_t)KNOWN_FLAGS) != 0)
        return MR_EINVAL;
    return start(loop, spec, out_timer);
}

mr_status mr__timer_start_once(mr_loop *loop, uint64_t deadline_ns, bool ref, const mr_task *task,
                               uint64_t *out_id)
{
    mr_timer_spec spec = {.fn = task->fn,
                          .arg = task->arg,
                          .discard = task->discard,
                          .delay_ns = deadline_ns,
                          .flags = MR_TIMER_AT | (ref ? 0u : (uint32_t)MR_TIMER_UNREF)};
    mr_timer timer = {0};
    mr_status status = start(loop, &spec, &timer);
    if (MR_LIKELY(status == MR_OK))
        *out_id = timer.id;
    return status;
}

mr_status mr_timer_start(mr_loop *loop, uint64_t delay_ns, mr_task_fn *fn, void *arg,
                         mr_timer *out_timer)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_timer == NULL))
        return MR_EINVAL;
    mr_timer_spec spec = {.fn = fn, .arg = arg, .delay_ns = delay_ns};
    return start(loop, &spec, out_timer);
}

mr_status mr_timer_start_at(mr_loop *loop, uint64_t deadline_ns, mr_task_fn *fn, void *arg,
                            mr_timer *out_timer)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_timer == NULL))
        return MR_EINVAL;
    mr_timer_spec spec = {.fn = fn, .arg = arg, .delay_ns = deadline_ns, .flags = MR_TIMER_AT};
    return start(loop, &spec, out_timer);
}

mr_status mr_timer_repeat(mr_loop *loop, uint64_t period_ns, mr_task_fn *fn, void *arg,
                          mr_timer *out_timer)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_timer == NULL))
        return MR_EINVAL;
    mr_timer_spec spec = {.fn = fn,
                          .arg = arg,
                          .delay_ns = period_ns,
                          .period_ns = period_ns,
                          .flags = MR_TIMER_REPEAT};
    return start(loop, &spec, out_timer);
}

static mr_status reset(mr_loop *loop, uint64_t id, uint64_t deadline_ns)
{
    mr__timer *timer = find(loop, id);
    if (timer == NULL)
        return MR_ENOENT;
    if (timer->list == MR__LIST_NONE)
        timer->flags |= MR__TIMER_REARMED; /* its callback runs now */
    mr__wheel_remove(&loop->wheel, &loop->timers, timer);
    schedule(loop, timer, (uint32_t)id, deadline_ns);
    return MR_OK;
}

mr_status mr_timer_reset(mr_loop *loop, mr_timer timer, uint64_t delay_ns)
{
    mr_status status = loop == NULL ? MR_EINVAL : mr__owner_start(loop, false);
    if (status != MR_OK)
        return status;
    return reset(loop, timer.id, saturating_add(mr__clock_of(loop), delay_ns));
}

mr_status mr_timer_reset_at(mr_loop *loop, mr_timer timer, uint64_t deadline_ns)
{
    mr_status status = loop == NULL ? MR_EINVAL : mr__owner_start(loop, false);
    return status != MR_OK ? status : reset(loop, timer.id, deadline_ns);
}

mr_status mr__timer_cancel_now(mr_loop *loop, uint64_t id)
{
    mr__timer *timer = find(loop, id);
    if (timer == NULL)
        return MR_ENOENT;
    mr__counter_add(&loop->other[MR_KIND_TIMER].cancelled, 1);
    MR__HOOK(loop, timer, false, id, 0);
    if (timer->list == MR__LIST_NONE || (timer->flags & MR__TIMER_REARMED) != 0) {
        /* Its callback runs now: the firing code gives the slot back. */
        mr__wheel_remove(&loop->wheel, &loop->timers, timer);
        timer->flags |= MR__TIMER_CANCELLED;
    } else {
        release(loop, timer, (uint32_t)id);
    }
    return MR_OK;
}

mr_status mr__timer_set_ref(mr_loop *loop, uint64_t id, bool ref)
{
    mr__timer *timer = find(loop, id);
    if (timer == NULL)
        return MR_ENOENT;
    bool was = (timer->flags & MR__TIMER_REF) != 0;
    if (was != ref) {
        mr__unref_add(loop, !ref);
        timer->flags ^= MR__TIMER_REF;
    }
    return MR_OK;
}

MR_INLINE mr_status apply(mr_loop *loop, mr__command_kind kind, uint64_t id)
{
    if (MR_UNLIKELY(mr__phase(loop) == MR__CLOSED))
        return MR_ECLOSED;
    return kind == MR__COMMAND_CANCEL ? mr__timer_cancel_now(loop, id)
                                      : mr__timer_set_ref(loop, id, kind == MR__COMMAND_REF);
}

/* By the owner while it does not run the loop, or runs another inside it. */
static mr_status outside(mr_loop *loop, mr__command_kind kind, uint64_t id)
{
    mr_status status;
    bool visit;
    if (mr__owner_holds(loop)) {
        status = apply(loop, kind, id);
        mr__owner_lets_go(loop);
        return status;
    }
    if (!mr__owner_enters(loop, &visit))
        return mr__command_post(loop, kind, id, NULL, NULL, NULL);
    status = apply(loop, kind, id);
    if (visit)
        mr__owner_leaves(loop);
    return status;
}

/* On the owner at once, elsewhere as a command. */
MR_INLINE mr_status command(mr_loop *loop, mr__command_kind kind, uint64_t id)
{
    if (MR_UNLIKELY(loop == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(!mr__is_owner(loop)))
        return mr__command_post(loop, kind, id, NULL, NULL, NULL);
    return MR_LIKELY(mr__driven == loop) ? apply(loop, kind, id) : outside(loop, kind, id);
}

mr_status mr_timer_cancel(mr_loop *loop, mr_timer timer)
{
    return command(loop, MR__COMMAND_CANCEL, timer.id);
}

mr_status mr_timer_ref(mr_loop *loop, mr_timer timer)
{
    return command(loop, MR__COMMAND_REF, timer.id);
}

mr_status mr_timer_unref(mr_loop *loop, mr_timer timer)
{
    return command(loop, MR__COMMAND_UNREF, timer.id);
}

mr_status mr_timer_cancel_outcome(mr_loop *loop, mr_timer timer, mr_outcome_fn *fn, void *arg)
{
    if (loop == NULL || fn == NULL)
        return MR_EINVAL;
    return mr__command_post(loop, MR__COMMAND_CANCEL, timer.id, fn, arg, NULL);
}

mr_status mr_timer_cancel_many(mr_loop *loop, const mr_timer *timers, size_t n, mr_status *statuses)
{
    if (loop == NULL || (n != 0 && (timers == NULL || statuses == NULL)))
        return MR_EINVAL;
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        statuses[i] = mr__timer_cancel_now(loop, timers[i].id);
    return MR_OK;
}

/* After the callback, before its checkpoint: gone, or armed again. */
static void settle(mr_loop *loop, mr__timer *timer, uint32_t index, uint64_t started_ns)
{
    if ((timer->flags & MR__TIMER_CANCELLED) != 0) {
        release(loop, timer, index);
    } else if ((timer->flags & MR__TIMER_REARMED) != 0) {
        timer->flags &= (uint8_t)~MR__TIMER_REARMED;
    } else if ((timer->flags & MR__TIMER_REPEAT) != 0) {
        uint64_t period = timer->period_ns;
        if ((timer->flags & MR__TIMER_CLAMP) != 0 && timer->nesting >= CLAMP_LEVEL &&
            period < CLAMP_NS)
            period = CLAMP_NS;
        if (timer->nesting < MOST_NESTING)
            timer->nesting++;
        schedule(loop, timer, index, saturating_add(started_ns, period));
    } else {
        mr__counter_add(&loop->other[MR_KIND_TIMER].run, 1);
        release(loop, timer, index);
    }
}

static void fire(mr_loop *loop, mr__timer *timer, uint32_t index)
{
    uint64_t started = (timer->flags & MR__TIMER_REPEAT) != 0 ? mr__clock_of(loop) : 0;
    unsigned outer = loop->timer_nesting;
    loop->timer_nesting = timer->nesting;
    mr__call_begin(loop, MR_KIND_TIMER, mr__slab_id(&timer->slot, index));
    timer->fn(timer->arg);
    settle(loop, timer, index, started);
    mr__call_end(loop);
    loop->timer_nesting = outer;
}

/* A timer never fires in the turn that started it. Such ones go back before the first callback of their
 * batch, so that one which a callback starts with the same deadline comes after them. */
static void put_off_new(mr_loop *loop, uint32_t turn)
{
    mr__slab *timers = &loop->timers;
    for (uint32_t at = loop->wheel.lists[MR__LIST_DUE].head, next; at != MR__NIL; at = next) {
        mr__timer *timer = mr__timer_at(timers, at);
        next = timer->slot.next;
        if (timer->turn == turn) {
            mr__wheel_remove(&loop->wheel, timers, timer);
            mr__wheel_append(&loop->wheel, timers, MR__LIST_OVERDUE, timer, at);
        }
    }
}

/* What is on DUE. False: the turn has to go on first, or ends. */
static bool fire_due(mr_loop *loop, uint32_t turn)
{
    if (loop->timer_turn == turn)
        put_off_new(loop, turn);
    while (!mr__stopping(loop)) {
        uint32_t index = mr__wheel_take_due(&loop->wheel, &loop->timers);
        if (index == MR__NIL)
            return true;
        fire(loop, mr__timer_at(&loop->timers, index), index);
        if (mr__over_turn_time(loop))
            break;
    }
    return false;
}

void mr__timers_run(mr_loop *loop)
{
    if (mr__counter_get(&loop->timers.live) == 0)
        return;
    uint64_t now = mr__now_fresh(loop);
    uint32_t turn = (uint32_t)mr__counter_get(&loop->turns);
    mr__wheel_overdue(&loop->wheel, &loop->timers);
    /* One that is started from now on with a later deadline is not met again in this turn. */
    loop->timers_until_ns = now;
    while (fire_due(loop, turn) && mr__wheel_collect(&loop->wheel, &loop->timers, now)) {
    }
    loop->timers_until_ns = UINT64_MAX;
}

void mr__timers_discard(mr_loop *loop, mr_status reason)
{
    static const unsigned first[] = {MR__LIST_DUE, MR__LIST_OVERDUE};
    for (unsigned i = 0; i < MR__LIST_OVERDUE + 3 && mr__counter_get(&loop->timers.live) != 0;
         i++) {
        unsigned list = i < 2 ? first[i] : i == MR__LIST_OVERDUE + 2 ? MR__LIST_NEVER : i - 2;
        uint32_t index;
        while ((index = loop->wheel.lists[list].head) != MR__NIL) {
            mr__timer *timer = mr__timer_at(&loop->timers, index), copy = *timer;
            release(loop, timer, index);
            mr__counter_add(&loop->other[MR_KIND_TIMER].discarded, 1);
            mr__call_discard(loop, MR_KIND_TIMER, copy.fn, copy.arg, copy.discard, reason);
        }
    }
}
