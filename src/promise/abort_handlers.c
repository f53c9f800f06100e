/* Handlers of abort signals: on a signal's list until it is aborted, later a microtask each. */
#include <millrace/microtask.h>

#include "promise/abort_signal.h"

/* What a call needs, once the handler's slot may be used again. */
typedef struct call {
    mr_abort_signal *signal;
    mr_abort_fn *fn;
    void *arg;
    void (*release)(void *arg);
} call;

static call call_of(const mr__abort_handler *handler)
{
    return (call){handler->signal, handler->fn, handler->arg, handler->release};
}

static void call_and_release(void *arg)
{
    const call *c = arg;
    c->fn(c->signal, c->signal->reason, c->arg);
    if (c->release != NULL)
        c->release(c->arg);
}

static void release(const call *c)
{
    if (c->release != NULL)
        mr__loop_call_inside(c->signal->home->loop, c->release, c->arg);
}

/* While a handler is in use, its slot's own link holds the slot's number. */
static void free_slot(mr__aborts *home, mr__abort_handler *handler)
{
    mr__slab_free(&home->handlers, &handler->slot, handler->slot.next);
}

static void append(mr_abort_signal *signal, mr__abort_handler *handler)
{
    handler->prev = signal->last_handler;
    *(handler->prev != NULL ? &handler->prev->next : &signal->first_handler) = handler;
    signal->last_handler = handler;
}

static void take_off(mr__abort_handler *handler)
{
    mr_abort_signal *signal = handler->signal;
    *(handler->prev != NULL ? &handler->prev->next : &signal->first_handler) = handler->next;
    *(handler->next != NULL ? &handler->next->prev : &signal->last_handler) = handler->prev;
}

/* Take the first one off the list. */
static call take_first(mr_abort_signal *signal)
{
    mr__abort_handler *handler = signal->first_handler;
    call taken = call_of(handler);
    take_off(handler);
    free_slot(signal->home, handler);
    return taken;
}

void mr__abort_handlers_call(mr_abort_signal *signal)
{
    while (signal->first_handler != NULL && !mr__loop_closing(signal->home->loop)) {
        call next = take_first(signal);
        mr__loop_call_inside(signal->home->loop, call_and_release, &next);
    }
}

void mr__abort_handlers_release(mr_abort_signal *signal)
{
    while (signal->first_handler != NULL) {
        call next = take_first(signal);
        release(&next);
    }
}

/* ---- Added after the abort --------------------------------------------------------------------*/

static void run_late(void *arg)
{
    mr__abort_handler *handler = arg;
    call late = call_of(handler);
    free_slot(late.signal->home, handler);
    if (late.fn != NULL)
        call_and_release(&late);
    mr__abort_signal_drop(late.signal);
}

static void discard_late(void *arg, mr_status reason)
{
    (void)reason;
    mr__abort_handler *handler = arg;
    call late = call_of(handler);
    free_slot(late.signal->home, handler);
    if (late.fn != NULL)
        release(&late);
    mr__abort_signal_drop(late.signal);
}

static mr_status defer(mr__abort_handler *handler)
{
    handler->late = true;
    mr_status status =
        mr_microtask_with(handler->signal->home->loop, &(mr_task){run_late, handler, discard_late});
    if (status == MR_OK)
        handler->signal->refs++;
    return status;
}

/* ---- Adding and removing ----------------------------------------------------------------------*/

mr_status mr_abort_signal_on(mr_abort_signal *signal, mr_abort_fn *fn, void *arg,
                             void (*release_fn)(void *arg), mr_abort_handler *out_handler)
{
    if (signal == NULL || fn == NULL)
        return MR_EINVAL;
    mr__aborts *home = signal->home;
    mr_status status = mr__loop_owner_start(home->loop);
    if (status != MR_OK)
        return status;
    uint32_t index;
    mr__abort_handler *handler = mr__slab_alloc(&home->handlers, &index);
    if (handler == NULL)
        return MR_ENOMEM;
    uint64_t id = mr__slab_id(&handler->slot, index);
    handler->slot.next = index;
    handler->next = handler->prev = NULL;
    handler->signal = signal;
    handler->fn = fn;
    handler->arg = arg;
    handler->release = release_fn;
    handler->late = false;
    if (!signal->aborted) {
        append(signal, handler);
    } else if ((status = defer(handler)) != MR_OK) {
        free_slot(home, handler);
        return status;
    }
    if (out_handler != NULL)
        out_handler->id = id;
    mr__abort_check(signal);
    return MR_OK;
}

mr_status mr_abort_signal_off(mr_abort_signal *signal, mr_abort_handler id)
{
    if (signal == NULL)
        return MR_EINVAL;
    mr__aborts *home = signal->home;
    mr_status status = mr__loop_owner_start(home->loop);
    if (status != MR_OK)
        return status;
    mr__abort_handler *handler = mr__slab_find(&home->handlers, id.id);
    if (handler == NULL || handler->signal != signal || handler->fn == NULL)
        return MR_ENOENT;
    call dropped = call_of(handler);
    if (handler->late) {
        handler->fn = NULL;
    } else {
        take_off(handler);
        free_slot(home, handler);
    }
    signal->refs++; /* what is released may let it go */
    release(&dropped);
    mr__abort_signal_drop(signal);
    return MR_OK;
}
