/* Waiters: how another thread sleeps until a promise has settled. */
#include "promise/registry.h"

#include "base/memory.h"
#include "os/clock.h"
#include "os/spin.h"
#include "os/thread.h"

#include <millrace/submit.h>

struct mr_waiter {
    _Atomic uint32_t refs; /* its user, and the promise while that is pending */
    mr_loop *loop;         /* one reference */
    mr__mutex lock;        /* guards all below it */
    mr__cond settled;
    _Atomic bool done; /* set under the lock; looked at without it while spinning */
    mr_status status;  /* done: 0, or why there is no result */
    mr_promise_state state;
    mr_value value;
    /* mr_await alone */
    mr_make_fn *fn;
    void *arg;
};

static mr_waiter *waiter_new(mr_loop *loop)
{
    mr_waiter *waiter = mr__alloc_zero(sizeof *waiter);
    if (waiter == NULL)
        return NULL;
    if (mr__mutex_init(&waiter->lock) != MR_OK) {
        mr__free(waiter);
        return NULL;
    }
    if (mr__cond_init(&waiter->settled) != MR_OK) {
        mr__mutex_deinit(&waiter->lock);
        mr__free(waiter);
        return NULL;
    }
    atomic_init(&waiter->refs, 1);
    waiter->loop = mr_loop_ref(loop);
    return waiter;
}

void mr_waiter_unref(mr_waiter *waiter)
{
    /* Release and acquire: what any holder did comes before the freeing. */
    if (waiter == NULL || atomic_fetch_sub_explicit(&waiter->refs, 1, memory_order_acq_rel) != 1)
        return;
    mr_value_release(waiter->value);
    mr__cond_deinit(&waiter->settled);
    mr__mutex_deinit(&waiter->lock);
    mr_loop *loop = waiter->loop;
    mr__free(waiter);
    mr_loop_unref(loop);
}

/* The end of waiting. A bound value stays with its promise. */
static void publish(mr_waiter *waiter, mr_status status, const mr_promise *promise)
{
    mr__mutex_lock(&waiter->lock);
    waiter->done = true;
    waiter->status = status;
    if (promise != NULL) {
        waiter->state = (mr_promise_state)promise->state;
        if (mr_value_is_bound(promise->as.value))
            waiter->status = MR_EINVAL;
        else
            waiter->value = mr_value_ref(promise->as.value);
    }
    mr__cond_broadcast(&waiter->settled);
    mr__mutex_unlock(&waiter->lock);
}

static bool ended_by_loop(const mr_promise *promise)
{
    return promise->state == MR_PROMISE_PENDING ||
           (promise->state == MR_PROMISE_REJECTED && promise->as.value.kind == MR_VALUE_ERROR &&
            promise->as.value.as.pointer == promise->of->closed_error);
}

static void settled(mr_promise *promise, void *arg)
{
    mr_waiter *waiter = arg;
    mr__promises *of = promise->of;
    bool ended = ended_by_loop(promise);
    mr__counter_set(&of->waiters, mr__counter_get(&of->waiters) - 1);
    publish(waiter, ended ? MR_ECLOSED : MR_OK, ended ? NULL : promise);
    mr_waiter_unref(waiter);
}

/* Give the waiter what promise has, or have it told later. */
static mr_status wait_for(mr_waiter *waiter, mr_promise *promise)
{
    if (promise->state != MR_PROMISE_PENDING) {
        publish(waiter, MR_OK, promise);
        return MR_OK;
    }
    if (!mr__promise_attach_at_once(promise, settled, waiter, NULL))
        return MR_ENOMEM;
    atomic_fetch_add_explicit(&waiter->refs, 1, memory_order_relaxed);
    mr__counter_add(&promise->of->waiters, 1);
    return MR_OK;
}

mr_status mr_promise_waiter(mr_promise *promise, mr_waiter **out_waiter)
{
    if (promise == NULL || out_waiter == NULL)
        return MR_EINVAL;
    mr_loop *loop = promise->of->loop;
    if (!promise->of->ended || promise->state == MR_PROMISE_PENDING) {
        mr_status status = mr__loop_owner_start(loop);
        if (status != MR_OK)
            return status;
    }
    mr_waiter *waiter = waiter_new(loop);
    if (waiter == NULL)
        return MR_ENOMEM;
    mr_status status = wait_for(waiter, promise);
    if (status != MR_OK) {
        mr_waiter_unref(waiter);
        return status;
    }
    mr__promise_be_handled(promise);
    *out_waiter = waiter;
    return MR_OK;
}

/* Why not to wait: on the owner nobody else can settle it; an actor's owner is its own thread, and
 * time stands still. */
static mr_status may_wait(const mr_loop *loop)
{
    if (mr__loop_is_owner(loop))
        return MR_EDEADLOCK;
    return mr__loop_simulated(loop) ? MR_ETIMEDOUT : MR_OK;
}

static void spin_until_done(const mr_waiter *waiter, uint64_t began_ns, uint64_t deadline_ns)
{
    uint64_t bound = began_ns + MR__SPIN_NS, until = bound < deadline_ns ? bound : deadline_ns;
    do {
        for (unsigned looks = 0; looks < MR__SPIN_LOOKS; looks++) {
            /* Relaxed: what is done is read under the lock. */
            if (atomic_load_explicit(&waiter->done, memory_order_relaxed))
                return;
            mr__spin_pause();
        }
    } while (mr__clock_now() < until);
}

/* This thread's last waits. */
static _Thread_local mr__spin waits;

/* Wait, under the lock. */
static mr_status sleep_until_done(mr_waiter *waiter, uint64_t deadline_ns)
{
    while (!waiter->done)
        if (!mr__cond_wait_until(&waiter->settled, &waiter->lock, deadline_ns))
            return MR_ETIMEDOUT;
    return MR_OK;
}

mr_status mr_waiter_wait(mr_waiter *waiter, uint64_t timeout_ns, mr_promise_state *out_state,
                         mr_value *out_value)
{
    if (waiter == NULL)
        return MR_EINVAL;
    mr_status status = waiter->done ? MR_OK : may_wait(waiter->loop);
    uint64_t began = status == MR_OK ? mr__clock_now() : 0;
    uint64_t deadline = timeout_ns >= UINT64_MAX - began ? UINT64_MAX : began + timeout_ns;
    if (status == MR_OK && mr__loop_spins(waiter->loop) && mr__spin_worth(&waits))
        spin_until_done(waiter, began, deadline);
    mr__mutex_lock(&waiter->lock);
    if (status == MR_OK)
        status = sleep_until_done(waiter, deadline);
    if (began != 0)
        mr__spin_learn(&waits, mr__clock_now() - began);
    if (waiter->done)
        status = waiter->status;
    if (waiter->done && (status == MR_OK || status == MR_EINVAL) && out_state != NULL)
        *out_state = waiter->state;
    if (status == MR_OK && out_value != NULL)
        *out_value = mr_value_ref(waiter->value);
    mr__mutex_unlock(&waiter->lock);
    return status;
}

/* ---- mr_await ---- */

static void discard_await(void *arg, mr_status reason)
{
    mr_waiter *waiter = arg;
    publish(waiter, reason, NULL);
    mr_waiter_unref(waiter);
}

static void run_await(void *arg)
{
    mr_waiter *waiter = arg;
    mr_promise *promise;
    mr_status status = mr_promise_try(waiter->loop, waiter->fn, waiter->arg, &promise);
    if (status == MR_OK) {
        status = wait_for(waiter, promise);
        mr__promise_be_handled(promise);
        mr__promise_drop(promise);
    }
    if (status != MR_OK)
        publish(waiter, status, NULL);
    mr_waiter_unref(waiter);
}

mr_status mr_await(mr_loop *loop, mr_make_fn *fn, void *arg, uint64_t timeout_ns,
                   mr_promise_state *out_state, mr_value *out_value)
{
    if (loop == NULL || fn == NULL)
        return MR_EINVAL;
    if (mr__loop_is_owner(loop))
        return MR_EDEADLOCK;
    mr_waiter *waiter = waiter_new(loop);
    if (waiter == NULL)
        return MR_ENOMEM;
    waiter->fn = fn;
    waiter->arg = arg;
    atomic_fetch_add_explicit(&waiter->refs, 1, memory_order_relaxed);
    const mr_task task = {run_await, waiter, discard_await};
    mr_status status = mr_submit_with(loop, &task);
    if (status == MR_OK)
        status = mr_waiter_wait(waiter, timeout_ns, out_state, out_value);
    else
        mr_waiter_unref(waiter); /* the task's */
    mr_waiter_unref(waiter);
    return status;
}
