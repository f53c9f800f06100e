/* Timers: starting, firing, cancelling. The wheel holds them; a firing one is on no list. */
#include "loop/core.h"

enum { CLAMP_LEVEL = 6, MOST_NESTING = 15, KNOWN_FLAGS = 15 };
#define CLAMP_NS UINT64_C(4000000)

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static mr__timer *find(mr_loop *loop, uint64_t id)
{
    mr__timer *timer = mr__slab_find(&loop->timers, id);
    return timer == NULL || timer->cancelled ? NULL : timer;
}

static uint64_t round_up(uint64_t deadline_ns, unsigned slack_log2)
{
    uint64_t mask = (UINT64_C(1) << slack_log2) - 1;
    return deadline_ns > UINT64_MAX - mask ? deadline_ns : (deadline_ns + mask) & ~mask;
}

/* Give a timer on no list its deadline and its place. */
static void schedule(mr_loop *loop, uint32_t index, uint64_t deadline_ns)
{
    mr__timer *timer = mr__slab_at(&loop->timers, index);
    timer->deadline_ns = round_up(deadline_ns, timer->slack_log2);
    timer->turn = (uint32_t)mr__counter_get(&loop->turns);
    mr__wheel_insert(&loop->wheel, &loop->timers, index);
    MR__HOOK(loop, timer, true, mr__slab_id(&timer->slot, index), timer->deadline_ns);
}

static void release(mr_loop *loop, uint32_t index)
{
    mr__timer *timer = mr__slab_at(&loop->timers, index);
    mr__wheel_remove(&loop->wheel, &loop->timers, index);
    if (timer->ref)
        mr__alive_add(loop, false);
    mr__slab_free(&loop->timers, index);
}

typedef struct request {
    mr_task_fn *fn;
    void *arg;
    mr_discard_fn *discard;
    uint64_t deadline_ns, period_ns, slack_ns;
    uint32_t flags;
} request;

static void fill(mr_loop *loop, mr__timer *timer, const request *want)
{
    unsigned nesting = loop->timer_nesting + 1;
    timer->fn = want->fn;
    timer->arg = want->arg;
    timer->discard = want->discard;
    timer->period_ns = want->period_ns;
    timer->list = MR__LIST_NONE;
    timer->slack_log2 =
        want->slack_ns == 0 ? 0 : (63u - (unsigned)__builtin_clzll(want->slack_ns)) & 63u;
    timer->nesting = (nesting > MOST_NESTING ? MOST_NESTING : nesting) & 15u;
    timer->ref = (want->flags & MR_TIMER_UNREF) == 0;
    timer->repeat = (want->flags & MR_TIMER_REPEAT) != 0;
    timer->clamp = (want->flags & MR_TIMER_HTML_CLAMP) != 0;
    timer->cancelled = 0;
    timer->rearmed = 0;
}

static mr_status refuse(mr_loop *loop, mr_status status)
{
    if (status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_TIMER].refused, 1);
    return status;
}

static mr_status start(mr_loop *loop, const request *want, mr_timer *out_timer)
{
    uint32_t index;
    mr__timer *timer = mr__slab_alloc(&loop->timers, &index);
    if (MR_UNLIKELY(timer == NULL))
        return refuse(loop, MR_ENOMEM);
    fill(loop, timer, want);
    uint64_t deadline = want->deadline_ns;
    if (timer->clamp && loop->timer_nesting >= CLAMP_LEVEL) {
        uint64_t least = saturating_add(mr__loop_clock(loop), CLAMP_NS);
        deadline = deadline < least ? least : deadline;
    }
    schedule(loop, index, deadline);
    if (timer->ref)
        mr__alive_add(loop, true);
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
    mr_status status = mr__owner_start(loop, false);
    if (status != MR_OK)
        return refuse(loop, status);
    bool at = (spec->flags & MR_TIMER_AT) != 0;
    request want = {.fn = spec->fn,
                    .arg = spec->arg,
                    .discard = spec->discard,
                    .deadline_ns = at ? spec->delay_ns
                                      : saturating_add(mr__loop_clock(loop), spec->delay_ns),
                    .period_ns = spec->period_ns,
                    .slack_ns = spec->slack_ns,
                    .flags = spec->flags};
    return start(loop, &want, out_timer);
}

static mr_status start_simple(mr_loop *loop, uint64_t delay_ns, uint64_t period_ns, uint32_t flags,
                              mr_task_fn *fn, void *arg, mr_timer *out_timer)
{
    if (MR_UNLIKELY(loop == NULL || fn == NULL || out_timer == NULL))
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    if (MR_UNLIKELY(status != MR_OK))
        return refuse(loop, status);
    bool at = (flags & MR_TIMER_AT) != 0;
    request want = {.fn = fn,
                    .arg = arg,
                    .deadline_ns = at ? delay_ns : saturating_add(mr__loop_clock(loop), delay_ns),
                    .period_ns = period_ns,
                    .flags = flags};
    return start(loop, &want, out_timer);
}

mr_status mr_timer_start(mr_loop *loop, uint64_t delay_ns, mr_task_fn *fn, void *arg,
                         mr_timer *out_timer)
{
    return start_simple(loop, delay_ns, 0, 0, fn, arg, out_timer);
}

mr_status mr_timer_start_at(mr_loop *loop, uint64_t deadline_ns, mr_task_fn *fn, void *arg,
                            mr_timer *out_timer)
{
    return start_simple(loop, deadline_ns, 0, MR_TIMER_AT, fn, arg, out_timer);
}

mr_status mr_timer_repeat(mr_loop *loop, uint64_t period_ns, mr_task_fn *fn, void *arg,
                          mr_timer *out_timer)
{
    return start_simple(loop, period_ns, period_ns, MR_TIMER_REPEAT, fn, arg, out_timer);
}

static mr_status reset(mr_loop *loop, uint64_t id, uint64_t deadline_ns)
{
    mr__timer *timer = find(loop, id);
    if (timer == NULL)
        return MR_ENOENT;
    if (timer->list == MR__LIST_NONE)
        timer->rearmed = 1; /* its callback runs now */
    mr__wheel_remove(&loop->wheel, &loop->timers, (uint32_t)id);
    schedule(loop, (uint32_t)id, deadline_ns);
    return MR_OK;
}

mr_status mr_timer_reset(mr_loop *loop, mr_timer timer, uint64_t delay_ns)
{
    mr_status status = loop == NULL ? MR_EINVAL : mr__owner_start(loop, false);
    if (status != MR_OK)
        return status;
    return reset(loop, timer.id, saturating_add(mr__loop_clock(loop), delay_ns));
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
    if (timer->list == MR__LIST_NONE || timer->rearmed) {
        /* Its callback runs now: the firing code gives the slot back. */
        mr__wheel_remove(&loop->wheel, &loop->timers, (uint32_t)id);
        timer->cancelled = 1;
    } else {
        release(loop, (uint32_t)id);
    }
    return MR_OK;
}

mr_status mr__timer_set_ref(mr_loop *loop, uint64_t id, bool ref)
{
    mr__timer *timer = find(loop, id);
    if (timer == NULL)
        return MR_ENOENT;
    if (timer->ref != ref)
        mr__alive_add(loop, ref);
    timer->ref = ref;
    return MR_OK;
}

/* On the owner at once, elsewhere as a command. */
static mr_status command(mr_loop *loop, mr__command_kind kind, uint64_t id)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (!mr__loop_is_owner(loop))
        return mr__command_post(loop, kind, id, NULL, NULL, NULL);
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    return kind == MR__COMMAND_CANCEL ? mr__timer_cancel_now(loop, id)
                                      : mr__timer_set_ref(loop, id, kind == MR__COMMAND_REF);
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

uint64_t mr__timers_next(mr_loop *loop)
{
    return mr__wheel_next(&loop->wheel, &loop->timers);
}

/* After the callback, before its checkpoint: gone, or armed again. */
static void settle(mr_loop *loop, uint32_t index, uint64_t started_ns)
{
    mr__timer *timer = mr__slab_at(&loop->timers, index);
    if (timer->cancelled) {
        release(loop, index);
    } else if (timer->rearmed) {
        timer->rearmed = 0;
    } else if (timer->repeat) {
        uint64_t period = timer->period_ns;
        if (timer->clamp && timer->nesting >= CLAMP_LEVEL && period < CLAMP_NS)
            period = CLAMP_NS;
        if (timer->nesting < MOST_NESTING)
            timer->nesting = (timer->nesting + 1u) & 15u;
        schedule(loop, index, saturating_add(started_ns, period));
    } else {
        mr__counter_add(&loop->other[MR_KIND_TIMER].run, 1);
        release(loop, index);
    }
}

static void fire(mr_loop *loop, uint32_t index)
{
    mr__timer *timer = mr__slab_at(&loop->timers, index);
    uint64_t started = timer->repeat ? mr__loop_clock(loop) : 0;
    unsigned outer = loop->timer_nesting;
    loop->timer_nesting = timer->nesting;
    mr__call_begin(loop, MR_KIND_TIMER, mr__slab_id(&timer->slot, index));
    timer->fn(timer->arg);
    settle(loop, index, started);
    mr__call_end(loop);
    loop->timer_nesting = outer;
}

void mr__timers_run(mr_loop *loop)
{
    if (mr__counter_get(&loop->timers.live) == 0)
        return;
    mr__wheel_advance(&loop->wheel, &loop->timers, mr__now_fresh(loop));
    const mr__list *due = &loop->wheel.lists[MR__LIST_DUE];
    while (due->head != MR__NIL && !mr__stopping(loop)) {
        uint32_t index = due->head;
        mr__timer *timer = mr__slab_at(&loop->timers, index);
        mr__wheel_remove(&loop->wheel, &loop->timers, index);
        if (timer->turn == (uint32_t)mr__counter_get(&loop->turns)) {
            /* Never in the turn that started it. */
            mr__wheel_append(&loop->wheel, &loop->timers, MR__LIST_OVERDUE, index);
            continue;
        }
        fire(loop, index);
        if (mr__over_turn_time(loop))
            break;
    }
}

void mr__timers_discard(mr_loop *loop, mr_status reason)
{
    static const unsigned first[] = {MR__LIST_DUE, MR__LIST_OVERDUE};
    for (unsigned i = 0; i < MR__LIST_OVERDUE + 3 && mr__counter_get(&loop->timers.live) != 0; i++) {
        unsigned list = i < 2 ? first[i] : i == MR__LIST_OVERDUE + 2 ? MR__LIST_NEVER : i - 2;
        uint32_t index;
        while ((index = loop->wheel.lists[list].head) != MR__NIL) {
            mr__timer timer = *(mr__timer *)mr__slab_at(&loop->timers, index);
            release(loop, index);
            mr__counter_add(&loop->other[MR_KIND_TIMER].discarded, 1);
            mr__call_discard(loop, MR_KIND_TIMER, timer.fn, timer.arg, timer.discard, reason);
        }
    }
}
