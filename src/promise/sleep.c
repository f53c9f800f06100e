/* Time in promises: a settler each, and a timer that uses it.
 *
 * What belongs to a promise of these is freed by whoever comes first: its timer, the abort of its
 * signal, the promise that it bounds; the loop's end lets the timer go and leaves the settler to be
 * rejected by it. */
#include <millrace/sleep.h>
#include <millrace/timer.h>

#include "base/memory.h"
#include "promise/abort.h"
#include "promise/registry.h"

static mr__promises *promises_of(mr_loop *loop)
{
    return mr__extension_of(loop); /* there is a promise */
}

static void time_out(mr_loop *loop, mr_settler settler)
{
    mr__promises *of = promises_of(loop);
    mr__settler_use(of, settler, MR_PROMISE_REJECTED, mr__promises_error(of, MR_ETIMEDOUT));
}

/* ---- Sleeps and timeouts ----------------------------------------------------------------------*/

typedef struct sleeper {
    mr__abort_effect effect; /* on the list of its signal, if it has one */
    mr_loop *loop;
    mr_settler settler;
    mr_timer timer;
    bool rejects;
} sleeper;

static void wake_up(void *arg)
{
    sleeper s = *(sleeper *)arg;
    mr__abort_effect_remove(&((sleeper *)arg)->effect);
    mr__free(arg);
    if (s.rejects)
        time_out(s.loop, s.settler);
    else
        mr__settler_use(promises_of(s.loop), s.settler, MR_PROMISE_FULFILLED, mr_value_undefined());
}

static void end_without_waking(void *arg, mr_status reason)
{
    (void)reason;
    mr__abort_effect_remove(&((sleeper *)arg)->effect);
    mr__free(arg);
}

static void abort_sleep(mr__abort_effect *effect, mr_value reason)
{
    sleeper *asleep = MR_CONTAINER(effect, sleeper, effect);
    sleeper s = *asleep;
    mr__free(asleep);
    mr__timer_cancel_now(s.loop, s.timer.id);
    mr__settler_use(promises_of(s.loop), s.settler, MR_PROMISE_REJECTED, mr_value_ref(reason));
}

static mr_status start_timer(mr_loop *loop, uint64_t delay_ns, mr_task_fn *fn,
                             mr_discard_fn *discard, void *arg, mr_timer *out_timer)
{
    mr_timer_spec spec = {
        .size_bytes = sizeof spec, .fn = fn, .arg = arg, .discard = discard, .delay_ns = delay_ns};
    return mr_timer_start_with(loop, &spec, out_timer);
}

/* On failure nothing is left. */
static mr_status fall_asleep(sleeper *s, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_promise *promise;
    mr_status status = mr_promise_with_resolvers(s->loop, &promise, &s->settler);
    if (status != MR_OK)
        return status;
    status = start_timer(s->loop, delay_ns, wake_up, end_without_waking, s, &s->timer);
    if (status == MR_OK)
        *out_promise = promise;
    else
        mr_promise_unref(promise);
    return status;
}

static mr_status make_sleeper(mr_loop *loop, uint64_t delay_ns, mr_abort_signal *signal,
                              bool rejects, mr_promise **out_promise)
{
    sleeper *s = mr__alloc_zero(sizeof *s);
    if (s == NULL)
        return MR_ENOMEM;
    s->effect.fn = abort_sleep;
    s->loop = loop;
    s->rejects = rejects;
    mr_status status = fall_asleep(s, delay_ns, out_promise);
    if (status != MR_OK)
        mr__free(s);
    else if (signal != NULL)
        mr__abort_effect_add(signal, &s->effect);
    return status;
}

static mr_status make_rejected(mr_loop *loop, mr_value reason, mr_promise **out_promise)
{
    mr_status status = mr_promise_reject(loop, mr_value_ref(reason), out_promise);
    if (status != MR_OK)
        mr_value_release(reason);
    return status;
}

mr_status mr_sleep(mr_loop *loop, uint64_t delay_ns, mr_abort_signal *signal,
                   mr_promise **out_promise)
{
    mr_status status = mr__loop_owner_start(loop);
    if (status != MR_OK)
        return status;
    if (out_promise == NULL || (signal != NULL && mr_abort_signal_loop(signal) != loop))
        return MR_EINVAL;
    if (mr_abort_signal_aborted(signal))
        return make_rejected(loop, mr_abort_signal_reason(signal), out_promise);
    return make_sleeper(loop, delay_ns, signal, false, out_promise);
}

mr_status mr_timeout(mr_loop *loop, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_status status = mr__loop_owner_start(loop);
    if (status == MR_OK && out_promise == NULL)
        status = MR_EINVAL;
    return status == MR_OK ? make_sleeper(loop, delay_ns, NULL, true, out_promise) : status;
}

/* ---- Deadlines --------------------------------------------------------------------------------*/

typedef struct mr__deadline {
    struct mr__deadline *next; /* of those followed */
    mr_loop *loop;
    mr_promise *promise; /* lives as long as `reaction` is attached */
    mr__reaction *reaction;
    mr_settler settler;
    mr_timer timer; /* {0}: discarded */
    mr_promise_state state;
    mr_value value;
} deadline;

/* One after the other, also when the end of one settles what another bounds: no chain of deadlines
 * is a chain of calls. */
static void follow(mr__promises *of, deadline *d)
{
    bool outermost = of->followed == NULL;
    deadline **last = &of->followed;
    while (*last != NULL)
        last = &(*last)->next;
    *last = d;
    while (outermost && of->followed != NULL) {
        deadline *first = of->followed;
        mr__settler_use(of, first->settler, first->state, first->value);
        of->followed = first->next;
        mr__free(first);
    }
}

static void on_settled(mr_promise *promise, void *arg)
{
    deadline *d = arg;
    if (d->timer.id != 0)
        mr__timer_cancel_now(d->loop, d->timer.id);
    if (promise->state == MR_PROMISE_PENDING) { /* the loop ended */
        mr__free(d);
        return;
    }
    d->state = (mr_promise_state)promise->state;
    d->value = mr_value_ref(promise->as.value);
    follow(promise->of, d);
}

/* One that has settled and could not say so yet, for want of memory, was in time. */
static void on_time(void *arg)
{
    deadline *d = arg;
    d->timer.id = 0;
    if (d->promise->state != MR_PROMISE_PENDING)
        return;
    mr__promise_detach(d->promise, d->reaction);
    time_out(d->loop, d->settler);
    mr__free(d);
}

/* The loop stops: what settles meanwhile is still followed. */
static void on_no_time(void *arg, mr_status reason)
{
    (void)reason;
    ((deadline *)arg)->timer.id = 0;
}

/* On failure nothing is left at the promise. */
static mr_status bound(mr_promise *promise, uint64_t delay_ns, deadline *d)
{
    uint16_t handled = promise->flags & MR__P_HANDLED;
    d->promise = promise;
    if (!mr__promise_attach_at_once(promise, on_settled, d, &d->reaction))
        return MR_ENOMEM;
    mr_status status = start_timer(d->loop, delay_ns, on_time, on_no_time, d, &d->timer);
    if (status != MR_OK) {
        promise->flags = (uint16_t)((promise->flags & ~MR__P_HANDLED) | handled);
        mr__promise_detach(promise, d->reaction);
    }
    return status;
}

static mr_status make_deadline(mr_promise *promise, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_promise *bounded;
    deadline *d = mr__alloc_zero(sizeof *d);
    if (d == NULL)
        return MR_ENOMEM;
    d->loop = promise->of->loop;
    mr_status status = mr_promise_with_resolvers(d->loop, &bounded, &d->settler);
    if (status == MR_OK) {
        status = bound(promise, delay_ns, d);
        if (status != MR_OK)
            mr_promise_unref(bounded);
    }
    if (status == MR_OK)
        *out_promise = bounded;
    else
        mr__free(d);
    return status;
}

/* A promise that has settled as this one. */
static mr_status make_same(mr_promise *promise, mr_promise **out_promise)
{
    mr_promise *same = mr__promise_new(promise->of, false);
    if (same == NULL)
        return MR_ENOMEM;
    mr__promise_be_handled(promise);
    if (promise->state == MR_PROMISE_FULFILLED)
        mr__promise_fulfil(same, mr_value_ref(promise->as.value));
    else
        mr__promise_reject_with(same, mr_value_ref(promise->as.value));
    *out_promise = same;
    return MR_OK;
}

mr_status mr_promise_deadline(mr_promise *promise, uint64_t delay_ns, mr_promise **out_promise)
{
    if (promise == NULL || out_promise == NULL)
        return MR_EINVAL;
    mr_status status = mr__loop_owner_start(promise->of->loop);
    if (status != MR_OK)
        return status;
    return promise->state == MR_PROMISE_PENDING ? make_deadline(promise, delay_ns, out_promise)
                                                : make_same(promise, out_promise);
}
