/* Signals that a script's signals abort; see door.h. */
#include "base/macros.h"
#include "base/memory.h"
#include "promise/abort_signal.h"
#include "promise/door.h"

static mr__abort_foreign *foreign_of(mr_abort_signal *signal)
{
    MR_ASSERT(signal->kind == MR__ABORT_FOREIGN);
    return MR_CONTAINER(signal, mr__abort_foreign, signal);
}

mr_status mr__abort_foreign_create(mr_loop *loop, mr__abort_lost_fn *lost, void *arg,
                                   mr_abort_signal **out_signal)
{
    mr__aborts *home;
    mr_status status = mr__aborts_of(loop, &home);
    if (status != MR_OK)
        return status;
    mr__abort_foreign *foreign = mr__alloc_zero(sizeof *foreign);
    if (foreign == NULL)
        return MR_ENOMEM;
    foreign->lost = lost;
    foreign->arg = arg;
    mr__abort_signal_init(home, &foreign->signal, MR__ABORT_FOREIGN);
    *out_signal = &foreign->signal;
    return MR_OK;
}

void *mr__abort_foreign_arg(mr_abort_signal *signal, mr__abort_lost_fn *lost)
{
    if (signal->kind != MR__ABORT_FOREIGN || foreign_of(signal)->lost != lost)
        return NULL;
    return foreign_of(signal)->arg;
}

void mr__abort_foreign_abort(mr_abort_signal *signal, mr_value reason)
{
    mr__abort_run(signal, reason);
}

void mr__abort_foreign_end(mr_abort_signal *signal)
{
    foreign_of(signal)->lost = NULL;
    mr__abort_look(signal);
}

bool mr__abort_foreign_may_abort(const mr_abort_signal *signal)
{
    return MR_CONTAINER(signal, const mr__abort_foreign, signal)->lost != NULL;
}

void mr__abort_foreign_tell(mr_abort_signal *signal)
{
    mr__abort_foreign *foreign = foreign_of(signal);
    mr__abort_lost_fn *lost = foreign->lost;
    foreign->lost = NULL;
    if (lost != NULL)
        lost(foreign->arg);
}
