/* Waking and parking.
 *
 * The owner publishes ASLEEP in the life word, then looks at every source of work once more
 * (mr__has_work), then waits while the flag stands. A producer makes its work visible, then looks
 * at the flag. No wake is lost:
 *   - tasks: the claim of a place, ASLEEP and the looks at both are sequentially consistent. If the
 * claim comes first, the owner's second look sees it, and stays awake until the task is written; if the
 * flag comes first, the producer's look, which follows its claim, sees that.
 *   - commands, completions, arrivals: both sides take ingress.lock. If the producer's critical section
 * comes first, the owner's second look sees the work; if the owner's look comes first, the flag, set
 * before it, is visible to the producer after its own section.
 *   - stop and poke: both sides change the life word; its modification order decides likewise.
 * Clearing ASLEEP elects one waker, so a sleep costs one wake at most.
 *
 * tests/model/wake.pml is this protocol as a Spin model; "model: LABEL" names the step there. */
#include "loop/core.h"

static void wake_sleeper(mr_loop *loop)
{
    if (loop->sim != NULL)
        return; /* it is this very thread, and will see the flag gone */
    if (atomic_load(&loop->parked_in_poller)) /* model: KIND */
        mr__poller_wake(loop->poller);        /* model: WRITE */
    else
        mr__parker_wake(&loop->life); /* model: FUTEX_WAKE */
}

void mr__wake_asleep(mr_loop *loop)
{
    if (mr__forked(loop))
        return; /* nobody sleeps here, and the poller's wake would reach the parent */
    /* Sequentially consistent with mr__wait_for_wakers: counted before the flag is taken, so an
     * owner that saw the flag gone waits for the write below before it closes the poller. */
    atomic_fetch_add(&loop->wakers, 1); /* model: COUNT */
    /* model: WIN */
    if ((atomic_fetch_and(&loop->life, ~(uint32_t)MR__ASLEEP) & MR__ASLEEP) != 0) {
        /* Relaxed: statistics. model: none */
        atomic_fetch_add_explicit(&loop->wakes_sent, 1, memory_order_relaxed);
        wake_sleeper(loop);
    }
    atomic_fetch_sub(&loop->wakers, 1); /* model: UNCOUNT */
}

void mr__wake_always(mr_loop *loop)
{
    if ((atomic_fetch_or(&loop->life, MR__POKED) & MR__ASLEEP) != 0) /* model: POKE */
        mr__wake_asleep(loop);
}

mr_status mr_loop_wake(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    mr__wake_always(loop);
    return MR_OK;
}

void mr__wait_for_wakers(mr_loop *loop)
{
    /* Each is a few instructions and one system call from being done. */
    for (unsigned i = 0; atomic_load(&loop->wakers) != 0; i++) /* model: WAIT_WAKERS */
        mr__thread_back_off(i);
}

/* What the owner itself has left; timers are asked for when they are due next. */
static bool owner_has_work(mr_loop *loop)
{
    return mr__checkpoint_pending(loop) || loop->immediate_head != NULL ||
           mr__ring_len(&loop->closes) != 0 || loop->outcomes != NULL || loop->arrived != NULL ||
           loop->landed != NULL || (loop->observed & MR__IS_DUE) != 0 ||
           loop->ready_pos != loop->ready_count || (loop->pressure_due != 0 && !loop->draining);
}

static bool stop_is_new(const mr_loop *loop)
{
    mr__stop known = loop->draining ? MR__STOP_SHUTDOWN : MR__STOP_NONE;
    return atomic_load(&loop->stop) > known; /* model: LOOK_STOP */
}

/* What other threads may have done, without the lock: a hint. */
static bool something_came(const mr_loop *loop)
{
    /* model: none, what is missed here is seen after PUBLISH */
    return (atomic_load_explicit(&loop->life, memory_order_relaxed) & MR__POKED) != 0 ||
           stop_is_new(loop) || mr__counter_get(&loop->ingress.signal) != 0 ||
           mr__inbox_any(&loop->ingress.external) != 0 ||
           mr__inbox_any(&loop->ingress.internal) != 0;
}

bool mr__work_seen(mr_loop *loop)
{
    return owner_has_work(loop) || something_came(loop);
}

/* Every source of work, after publishing ASLEEP. */
static bool has_work(mr_loop *loop)
{
    uint32_t life = atomic_load(&loop->life); /* model: LOOK_AGAIN */
    /* model: LOOK_STOP, then LOOK_LOCKED */
    return (life & MR__POKED) != 0 || stop_is_new(loop) || owner_has_work(loop) ||
           mr__inbox_pending(&loop->ingress.external) != 0 ||
           mr__inbox_pending(&loop->ingress.internal) != 0 || mr__timers_next(loop) == 0 ||
           mr__ingress_waiting(loop);
}

static void trim(mr_loop *loop)
{
    mr__ring_trim(&loop->ticks, MR__RING_KEEP);
    mr__ring_trim(&loop->microtasks, MR__RING_KEEP);
    mr__ring_trim(&loop->end_jobs, MR__RING_KEEP);
    mr__ring_trim(&loop->closes, MR__RING_KEEP);
    mr__ingress_trim(loop);
}

void mr__poller_failed(mr_loop *loop, int os_error)
{
    loop->poller_error = os_error; /* reported when the end begins */
    mr__request_stop(loop, MR__STOP_POLLER);
}

/* One wait in the kernel, or one move of a simulation. False: nothing more to wait for. */
static bool wait_once(mr_loop *loop, uint32_t life, uint64_t deadline_ns)
{
    if (loop->sim != NULL)
        return mr__sim_wait(loop, deadline_ns);
    uint64_t now = deadline_ns == UINT64_MAX ? 0 : mr__clock_now();
    if (now >= deadline_ns)
        return false;
    if (loop->effective == MR_PARK_FUTEX) {
        mr__parker_wait(&loop->life, life, deadline_ns); /* model: SLEEP_FUTEX */
        return true;
    }
    uint64_t left = deadline_ns - now, net = loop->options.max_wait_ns;
    int os_error = 0;
    mr__counter_add(&loop->polls, 1);
    /* model: SLEEP_POLLER */
    mr_status status = mr__poller_wait(loop->poller, left < net ? left : net, loop->ready,
                                       MR__READY_MAX, &loop->ready_count, &os_error);
    if (status != MR_OK)
        mr__poller_failed(loop, os_error);
    mr__watches_collected(loop);
    /* A stale entry stays ready: out of the wait, so that the next one begins with a new set. */
    return status == MR_OK && loop->ready_count == 0 && !loop->poller_stale;
}

static bool spin(mr_loop *loop, uint64_t began_ns, uint64_t deadline_ns)
{
    uint64_t bound = began_ns + MR__SPIN_NS, until = bound < deadline_ns ? bound : deadline_ns;
    do {
        for (unsigned looks = 0; looks < MR__SPIN_LOOKS; looks++) {
            if (something_came(loop))
                return true;
            mr__spin_pause();
        }
    } while (mr__clock_now() < until);
    return false;
}

static void sleep_until(mr_loop *loop, uint64_t deadline_ns);

void mr__park(mr_loop *loop, uint64_t deadline_ns)
{
    if (loop->sim != NULL || loop->effective != MR_PARK_FUTEX || loop->draining ||
        (loop->options.flags & MR_NO_SPINNING) != 0) {
        sleep_until(loop, deadline_ns);
        return;
    }
    uint64_t began_ns = mr__clock_now();
    if (!mr__spin_worth(&loop->spin) || !spin(loop, began_ns, deadline_ns))
        sleep_until(loop, deadline_ns);
    mr__spin_learn(&loop->spin, mr__clock_now() - began_ns);
}

static void sleep_until(mr_loop *loop, uint64_t deadline_ns)
{
    MR_DASSERT(loop->ready_pos == loop->ready_count);
    mr__watches_refresh(loop);
    loop->ready_pos = loop->ready_count = 0;
    /* model: none, the owner's own */
    if (deadline_ns == UINT64_MAX ||
        deadline_ns - atomic_load(&loop->now_ns) > UINT64_C(1000000000))
        trim(loop);
    mr__test_point_pass(loop, MR__TEST_BEFORE_PARK);
    atomic_store(&loop->parked_in_poller, loop->effective == MR_PARK_POLLER); /* model: CHOOSE */
    atomic_fetch_or(&loop->life, MR__ASLEEP);                                 /* model: PUBLISH */
    mr__test_point_pass(loop, MR__TEST_PUBLISHED_SLEEPING);
    if (!has_work(loop)) {
        mr__counter_add(&loop->parks, 1);
        uint32_t life;
        /* model: STILL_ASLEEP */
        while (((life = atomic_load(&loop->life)) & MR__ASLEEP) != 0 &&
               wait_once(loop, life, deadline_ns)) {
        }
    }
    atomic_fetch_and(&loop->life, ~(uint32_t)MR__ASLEEP); /* model: CLEAR */
    mr__test_point_pass(loop, MR__TEST_AFTER_WAKE);
}
