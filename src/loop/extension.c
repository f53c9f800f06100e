/* The door of the one room above that keeps state in a loop; arrivals are in ingress.c. */
#include "loop/core.h"

mr_status mr__extension_attach(mr_loop *loop, const mr__extension *extension, void *self)
{
    if (loop->extension != NULL)
        return MR_EBUSY;
    loop->extension = extension;
    /* Release pairs with the acquire in mr__extension_of. model: none, once in a loop's life */
    atomic_store_explicit(&loop->extension_self, self, memory_order_release);
    return MR_OK;
}

void *mr__extension_of(mr_loop *loop)
{
    return atomic_load_explicit(&loop->extension_self, memory_order_acquire); /* model: none */
}

void mr__extension_due(mr_loop *loop)
{
    mr__set_observed(loop, MR__IS_DUE, true);
}

void mr__extension_run_due(mr_loop *loop)
{
    if ((loop->observed & MR__IS_DUE) == 0)
        return;
    mr__set_observed(loop, MR__IS_DUE, false);
    loop->extension->due(loop->extension_self);
}

bool mr__extension_settle_rest(mr_loop *loop)
{
    return loop->extension != NULL && loop->extension->settle_rest(loop->extension_self);
}

void mr__extension_end(mr_loop *loop)
{
    if (loop->extension != NULL)
        loop->extension->end(loop->extension_self);
}

void mr__extension_destroy(mr_loop *loop)
{
    if (loop->extension != NULL)
        loop->extension->destroy(loop->extension_self);
}

mr_status mr__loop_owner_start(const mr_loop *loop)
{
    return MR_LIKELY(loop != NULL && mr__may_start(loop, true)) ? MR_OK
                                                                : mr__owner_start(loop, true);
}

bool mr__loop_spins(const mr_loop *loop)
{
    return (loop->options.flags & MR_NO_SPINNING) == 0;
}

bool mr__loop_closed(const mr_loop *loop)
{
    return loop->no_starts || mr__phase(loop) == MR__CLOSED;
}
