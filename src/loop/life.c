/* Who owns the loop, how it is run, and how it ends.
 *
 * An end is asked for by raising `stop` and moving the life word to STOPPING, both under life_lock;
 * the one thread that drives (driver) carries it out. Every waiter waits for CLOSED with no driver.
 */
#include "loop/core.h"

enum { DRAIN_PASSES = 10000 };

bool mr__loop_is_owner(const mr_loop *loop)
{
    return mr__is_owner(loop);
}

mr_status mr__loop_owner_call(const mr_loop *loop)
{
    return mr__owner_call(loop);
}

mr_status mr__loop_call_allowed(const mr_loop *loop)
{
    mr_status status = mr__owner_call(loop);
    if (status == MR_OK && mr__forked(loop))
        status = MR_EFORKED;
    else if (status == MR_OK && mr__loop_closing(loop))
        status = MR_ECLOSED;
    return status;
}

mr_loop *mr__loop_driven(void)
{
    return mr__driven;
}

uint64_t mr__loop_task(const mr_loop *loop)
{
    return loop->tasks_begun;
}

bool mr__loop_in_callback(const mr_loop *loop)
{
    return loop->depth != 0;
}

bool mr__loop_in_checkpoint(const mr_loop *loop)
{
    return loop->in_checkpoint;
}

bool mr__loop_closing(const mr_loop *loop)
{
    return mr__closing(loop) || loop->no_starts;
}

mr_status mr__owner_start(const mr_loop *loop, bool drains)
{
    mr_status status = mr__owner_call(loop);
    if (status == MR_OK && (loop->no_starts || (!drains && mr__phase(loop) == MR__STOPPING)))
        status = MR_ECLOSED;
    return status;
}

/* Change the phase and keep the flags. Under life_lock, but the flags may change meanwhile. */
static void set_phase(mr_loop *loop, uint32_t phase)
{
    uint32_t life = atomic_load(&loop->life); /* model: SET_PHASE */
    while (
        !atomic_compare_exchange_weak(&loop->life, &life, (life & ~(uint32_t)MR__PHASE) | phase)) {
    }
}

/* Under life_lock. A loop that is CLOSED has ended for the reason it has, also while the thread that
 * ended it is still leaving. */
static void raise_stop(mr_loop *loop, mr__stop stop)
{
    if (mr__phase(loop) == MR__CLOSED)
        return;
    /* Before the phase: who sees STOPPING sees the reason. model: RAISE */
    if (atomic_load(&loop->stop) < stop)
        atomic_store(&loop->stop, stop);
    if (mr__phase(loop) < MR__STOPPING) {
        mr__ingress_stopping(loop);
        set_phase(loop, MR__STOPPING);
    }
}

void mr__request_stop(mr_loop *loop, mr__stop stop)
{
    if (mr__forked(loop))
        return; /* nothing ends in a child before mr_loop_after_fork */
    mr__mutex_lock(&loop->life_lock);
    raise_stop(loop, stop);
    mr__mutex_unlock(&loop->life_lock);
}

mr_status mr__loop_end_status(const mr_loop *loop)
{
    switch ((mr__stop)atomic_load(&loop->stop)) { /* model: none, the end is over */
    case MR__STOP_CLOSE:
        return MR_ECANCELED;
    case MR__STOP_DEADLOCK:
        return MR_EDEADLOCK;
    case MR__STOP_POLLER:
        return MR_EPOLLER;
    case MR__STOP_FORKED:
        return MR_EFORKED;
    default:
        return MR_OK;
    }
}

/* Under life_lock. */
static void drive(mr_loop *loop)
{
    MR_ASSERT(loop->driver == 0);
    atomic_store(&loop->driver, mr__self(loop));        /* see mr__owner_holds; model: DRIVE */
    for (unsigned i = 0; atomic_load(&loop->held); i++) /* model: WAIT_HELD */
        mr__thread_back_off(i);
    loop->driven_outside = mr__driven;
    mr__driven = loop;
}

/* Become the driver and the owner, under life_lock. */
static void take(mr_loop *loop)
{
    drive(loop);
    atomic_store(&loop->owner, loop->driver); /* model: OWN */
}

/* Take life_lock, once no owner is visiting. */
static void lock_life(mr_loop *loop)
{
    mr__mutex_lock(&loop->life_lock);
    while (loop->visited && loop->driver != mr__self(loop))
        mr__cond_wait(&loop->ended, &loop->life_lock);
}

static mr_status enter_locked(mr_loop *loop, bool one_turn)
{
    uint32_t phase = mr__phase(loop);
    if (phase == MR__CLOSED)
        return MR_ECLOSED;
    if (loop->driver == mr__self(loop))
        return MR_EREENTRANT;
    if (phase == MR__STOPPING)
        return one_turn && loop->driver == 0 && mr__loop_is_owner(loop) ? MR_OK : MR_ECLOSED;
    return loop->driver != 0 ? MR_EBUSY : MR_OK;
}

static mr_status enter(mr_loop *loop, bool one_turn)
{
    if (mr__forked(loop))
        return mr__phase(loop) == MR__CLOSED ? MR_ECLOSED : MR_EFORKED;
    lock_life(loop);
    mr_status status = enter_locked(loop, one_turn);
    if (status == MR_OK) {
        take(loop);
        loop->ever_run = true;
        if (mr__phase(loop) == MR__CREATED)
            set_phase(loop, MR__RUNNING);
    }
    mr__mutex_unlock(&loop->life_lock);
    return status;
}

static void leave(mr_loop *loop)
{
    mr__driven = loop->driven_outside;
    mr__mutex_lock(&loop->life_lock);
    loop->driver = 0; /* model: LEAVE */
    loop->visited = false;
    mr__cond_broadcast(&loop->ended);
    mr__mutex_unlock(&loop->life_lock);
}

bool mr__owner_enters(mr_loop *loop, bool *out_visit)
{
    *out_visit = false;
    if (!mr__is_owner(loop) || mr__forked(loop)) /* in a child there is nobody else */
        return mr__is_owner(loop);
    mr__mutex_lock(&loop->life_lock);
    bool inside = loop->driver == mr__self(loop);
    bool visit = loop->driver == 0 && mr__is_owner(loop);
    if (visit) {
        drive(loop);
        loop->visited = true;
    }
    mr__mutex_unlock(&loop->life_lock);
    *out_visit = visit;
    return inside || visit;
}

void mr__owner_leaves(mr_loop *loop)
{
    leave(loop);
}

static bool queues_empty(mr_loop *loop)
{
    return loop->immediate_head == NULL && mr__ring_len(&loop->closes) == 0 &&
           !mr__checkpoint_pending(loop) && loop->outcomes == NULL && loop->arrived == NULL &&
           loop->landed == NULL && mr__inbox_pending(&loop->ingress.external) == 0 &&
           mr__inbox_pending(&loop->ingress.internal) == 0;
}

static void drain_pass(mr_loop *loop)
{
    mr__commands_apply(loop);
    mr__checkpoint(loop);
    mr__immediates_run(loop);
    mr__checkpoint(loop);
    mr__closes_run(loop);
    mr__checkpoint(loop);
    mr__internal_run(loop);
    mr__checkpoint(loop);
    mr__external_run(loop);
    mr__checkpoint(loop);
    mr__extension_run_due(loop);
    mr__checkpoint(loop);
}

/* Run all that is queued, with what it queues, until nothing is left and nothing is owed. */
void mr__drain(mr_loop *loop)
{
    loop->options.max_turn_ns = 0; /* a bound on turns, of which there are none any more */
    loop->turn_time_up = false;
    loop->draining = true;
    loop->where = MR__IN_DRAIN;
    mr__timers_discard(loop, MR_ECLOSED);
    mr__watches_discard(loop, MR_ECLOSED);
    for (int pass = 0; pass < DRAIN_PASSES && !mr__closing(loop);) {
        if (!queues_empty(loop) || mr__ingress_waiting(loop)) {
            drain_pass(loop);
            pass++;
        } else if (mr__ingress_quiet(loop) && mr__extension_settle_rest(loop)) {
            mr__checkpoint(loop);
            pass++;
        } else if (mr__ingress_shut(loop, false)) {
            return;
        } else {
            mr__extension_run_due(loop);
            atomic_fetch_and(&loop->life, ~(uint32_t)MR__POKED); /* model: DRAIN_POKE */
            mr__park(loop, UINT64_MAX); /* a pool still works for this loop */
        }
    }
}

void mr__end_notice_add(mr_loop *loop, mr__end_notice *notice)
{
    MR_ASSERT(notice->fn != NULL);
    notice->next = NULL;
    notice->prev = loop->last_notice;
    if (notice->prev != NULL)
        notice->prev->next = notice;
    else
        loop->first_notice = notice;
    loop->last_notice = notice;
}

void mr__end_notice_remove(mr_loop *loop, mr__end_notice *notice)
{
    if (notice->prev == NULL && loop->first_notice != notice)
        return;
    if (notice->prev != NULL)
        notice->prev->next = notice->next;
    else
        loop->first_notice = notice->next;
    if (notice->next != NULL)
        notice->next->prev = notice->prev;
    else
        loop->last_notice = notice->prev;
    notice->next = notice->prev = NULL;
}

static void tell_of_the_end(mr_loop *loop)
{
    mr__end_notice *notice;
    while ((notice = loop->first_notice) != NULL) {
        mr__end_notice_remove(loop, notice);
        notice->fn(notice);
    }
}

/* Report what was accepted and never ran, then publish CLOSED. */
static void finish(mr_loop *loop)
{
    /* model: none, the owner raises POLLER itself */
    mr_status reason = atomic_load(&loop->stop) == MR__STOP_POLLER ? MR_EPOLLER : MR_ECLOSED;
    mr__set_no_starts(loop, true);
    loop->where = MR__IN_END;
    if (reason == MR_EPOLLER)
        mr__call_poller_failure(loop);
    tell_of_the_end(loop);
    mr__ingress_shut(loop, true);
    mr__commands_apply(loop);
    mr__timers_discard(loop, reason);
    mr__watches_discard(loop, reason);
    mr__immediates_discard(loop, reason);
    mr__queues_discard(loop, reason);
    mr__ingress_discard(loop, reason);
    mr__commands_discard(loop, reason);
    mr__extension_end(loop);
    mr__sim_trace(loop, "closed", 0);
    mr__test_point_pass(loop, MR__TEST_BEFORE_CLOSED);
    mr__mutex_lock(&loop->life_lock);
    set_phase(loop, MR__CLOSED);
    mr__mutex_unlock(&loop->life_lock);
    mr__wait_for_wakers(loop);
    mr__poller_close(loop->poller);
    loop->poller = NULL;
    if (loop->sim != NULL)
        mr__sim_ended(loop);
}

static mr_status end(mr_loop *loop)
{
    MR_ASSERT(loop->depth == 0);
    if (!mr__closing(loop))
        mr__drain(loop);
    if (mr__forked(loop))
        return MR_EFORKED;
    finish(loop);
    return mr__loop_end_status(loop);
}

/* Whether to go on although nothing is alive: the quiescence handler may have started something. */
static bool revived(mr_loop *loop)
{
    if (loop->options.on_quiescence != NULL)
        mr__call(loop, MR_KIND_INTERNAL, 0, loop->options.on_quiescence, loop->options.arg);
    return mr_loop_alive(loop);
}

mr_status mr_loop_run(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    mr_status status = enter(loop, false);
    if (status != MR_OK)
        return status;
    mr_loop_ref(loop);
    while (!mr__stopping(loop)) {
        if (loop->options.auto_exit && !mr__any_ref(loop) && !mr_loop_alive(loop) &&
            !revived(loop)) {
            mr__request_stop(loop, MR__STOP_SHUTDOWN);
            break;
        }
        if (!mr__stopping(loop))
            mr__turns(loop);
    }
    status = end(loop);
    leave(loop);
    mr_loop_unref(loop);
    return status;
}

mr_status mr_loop_turn(mr_loop *loop, uint64_t max_wait_ns)
{
    if (loop == NULL)
        return MR_EINVAL;
    mr_status status = enter(loop, true);
    if (status != MR_OK)
        return status;
    mr_loop_ref(loop);
    if (!mr__stopping(loop))
        mr__turn(loop, max_wait_ns);
    if (mr__stopping(loop))
        status = end(loop);
    leave(loop);
    mr_loop_unref(loop);
    return status;
}

/* Under life_lock, which it releases. */
static mr_status wait_closed(mr_loop *loop, uint64_t timeout_ns)
{
    uint64_t deadline = UINT64_MAX;
    if (timeout_ns != UINT64_MAX && timeout_ns < UINT64_MAX - mr__clock_now())
        deadline = mr__clock_now() + timeout_ns;
    mr_status status = MR_OK;
    while (status == MR_OK && (mr__phase(loop) != MR__CLOSED || loop->driver != 0))
        if (!mr__cond_wait_until(&loop->ended, &loop->life_lock, deadline))
            status = MR_ETIMEDOUT;
    if (mr__phase(loop) == MR__CLOSED && loop->driver == 0)
        status = mr__loop_end_status(loop);
    mr__mutex_unlock(&loop->life_lock);
    return status;
}

/* Drive the end on this thread. Under life_lock, which it releases. */
static mr_status end_here(mr_loop *loop)
{
    take(loop);
    mr__mutex_unlock(&loop->life_lock);
    mr_status status = end(loop);
    leave(loop);
    return status;
}

static mr_status shutdown_locked(mr_loop *loop, uint64_t timeout_ns)
{
    uint32_t phase = mr__phase(loop);
    bool mine = loop->driver == mr__self(loop);
    bool never_run = !loop->ever_run;
    raise_stop(loop, MR__STOP_SHUTDOWN);
    if (phase == MR__CLOSED || mine ||
        (loop->driver == 0 && !never_run && mr__loop_is_owner(loop))) {
        mr__mutex_unlock(&loop->life_lock);
        return MR_OK;
    }
    if (loop->driver == 0 && never_run)
        return end_here(loop);
    mr__wake_always(loop);
    if (mr__self(loop) == UINT64_MAX) { /* an actor: its owner is this thread, so it cannot wait */
        mr__mutex_unlock(&loop->life_lock);
        return MR_OK;
    }
    return wait_closed(loop, timeout_ns);
}

mr_status mr_loop_shutdown(mr_loop *loop, uint64_t timeout_ns)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__forked(loop))
        return MR_EFORKED;
    mr_loop_ref(loop);
    lock_life(loop);
    mr_status status = shutdown_locked(loop, timeout_ns);
    mr_loop_unref(loop);
    return status;
}

mr_status mr_loop_request_close(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__forked(loop))
        return MR_EFORKED;
    mr__request_stop(loop, MR__STOP_CLOSE);
    mr__wake_always(loop);
    return MR_OK;
}

mr_status mr_loop_close(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__forked(loop))
        return MR_EFORKED;
    if (mr__self(loop) == UINT64_MAX)
        return mr_loop_request_close(loop);
    atomic_fetch_add_explicit(&loop->refs, 1, memory_order_relaxed); /* model: none, a count */
    lock_life(loop);
    if (mr__phase(loop) == MR__CLOSED && loop->driver == 0) {
        mr__mutex_unlock(&loop->life_lock);
    } else if (loop->driver == mr__self(loop)) {
        mr__mutex_unlock(&loop->life_lock);
        atomic_fetch_sub(&loop->refs, 1); /* model: none, a count */
        return MR_EREENTRANT;
    } else {
        raise_stop(loop, MR__STOP_CLOSE);
        if (loop->driver == 0) {
            end_here(loop);
        } else {
            mr__wake_always(loop);
            wait_closed(loop, UINT64_MAX);
        }
    }
    mr_loop_unref(loop);
    return MR_OK;
}
