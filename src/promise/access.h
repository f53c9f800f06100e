/* Who may look at what belongs to a loop: its owner; after its end one thread at a time. */
#ifndef MR_PROMISE_ACCESS_H
#define MR_PROMISE_ACCESS_H

#include "loop/extend.h"

/* 0 or MR_EWRONGTHREAD. */
static inline mr_status mr__access(const mr_loop *loop)
{
    return mr__loop_is_owner(loop) || mr_loop_state(loop) == MR_STATE_CLOSED ? MR_OK
                                                                             : MR_EWRONGTHREAD;
}

#endif
