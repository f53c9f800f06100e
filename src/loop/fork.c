/* A loop in a forked child: the owner's part came along whole, the rest did not.
 *
 * fork() copies the thread that calls it. If that is the owner, timers, immediates, watches and the
 * queues of checkpoints are as it left them. Other threads may have been anywhere: in the middle of
 * a push, holding a lock, waiting for the end. The poller is shared with the parent: a registration
 * changed in the child would change the parent's. So until mr_loop_after_fork no call that needs a
 * lock or the poller does anything, and ingress, which is the parent's to run, is forgotten.
 *
 * The fork itself stops the loops that its thread drives, so callbacks need not look. */
#include "loop/core.h"

_Thread_local mr_loop *mr__driven;

void mr__fork_mend(mr_loop *loop)
{
    mr__ingress_after_fork(loop);
    mr__mutex_renew(&loop->life_lock);
    mr__cond_renew(&loop->ended);
    if (loop->driver != mr__thread_id()) {
        loop->driver = 0;
        loop->visited = false;
    }
    /* model: none, in all of this file: a child of fork() has one thread */
    atomic_store(&loop->held, false);
    atomic_store(&loop->wakers, 0);
    atomic_fetch_and(&loop->life, ~(uint32_t)MR__ASLEEP);
}

/* In a child, inside run, turn or an end: what follows begins no callback and ends nothing. */
static void stand_still(mr_loop *loop)
{
    mr__fork_mend(loop);
    mr__stop stop = (mr__stop)atomic_load(&loop->stop); /* model: none */
    if (stop == MR__STOP_FORKED)
        return; /* a child of the child */
    loop->stop_before_fork = stop;
    atomic_store(&loop->stop, MR__STOP_FORKED); /* model: none */
}

static void in_child(void)
{
    for (mr_loop *loop = mr__driven; loop != NULL; loop = loop->driven_outside)
        stand_still(loop);
}

mr_status mr__fork_begin(void)
{
    return mr__fork_watch(in_child);
}

/* An end that another thread was asking for at the moment of the fork is asked for entirely. */
static void restore_stop(mr_loop *loop)
{
    /* model: none */
    if (atomic_load(&loop->stop) == MR__STOP_FORKED)
        atomic_store(&loop->stop, loop->stop_before_fork);
    mr__stop stop = (mr__stop)atomic_load(&loop->stop);
    if (stop != MR__STOP_NONE)
        mr__request_stop(loop, stop);
}

mr_status mr_loop_after_fork(mr_loop *loop)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK || !mr__forked(loop))
        return status;
    mr__fork_mend(loop);
    status = mr__watches_after_fork(loop);
    if (status != MR_OK)
        return status;
    loop->fork_generation = mr__fork_generation();
    restore_stop(loop);
    return MR_OK;
}
