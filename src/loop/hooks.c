/* The hook tables: begin events in order of attachment, end events in reverse. */
#include "loop/core.h"

mr_status mr_hooks_attach(mr_loop *loop, const mr_hooks *hooks)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    if (hooks == NULL || hooks->size_bytes != sizeof *hooks)
        return MR_EINVAL;
    for (unsigned i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i] == hooks)
            return MR_EEXIST;
    if (loop->hook_count == MR__HOOKS_MAX)
        return MR_EBUSY;
    loop->hooks[loop->hook_count++] = hooks;
    loop->observed |= MR__BY_HOOKS;
    return MR_OK;
}

mr_status mr_hooks_detach(mr_loop *loop, const mr_hooks *hooks)
{
    if (loop == NULL || hooks == NULL)
        return MR_EINVAL;
    if (!mr__loop_is_owner(loop))
        return MR_EWRONGTHREAD;
    for (unsigned i = 0; i < loop->hook_count; i++) {
        if (loop->hooks[i] != hooks)
            continue;
        for (loop->hook_count--; i < loop->hook_count; i++)
            loop->hooks[i] = loop->hooks[i + 1];
        if (loop->hook_count == 0 && !mr__sim_traced(loop->sim))
            loop->observed &= (uint8_t)~MR__BY_HOOKS;
        return MR_OK;
    }
    return MR_ENOENT;
}

/* A table may detach itself inside a hook, so positions are checked again after each call. */
#define FORWARD(loop, member, ...)                                                                 \
    for (unsigned i = 0; i < (loop)->hook_count; i++) {                                            \
        const mr_hooks *table = (loop)->hooks[i];                                                  \
        if (table->member != NULL)                                                                 \
            table->member(loop, __VA_ARGS__, table->arg);                                          \
    }
#define BACKWARD(loop, member, ...)                                                                \
    for (unsigned i = (loop)->hook_count; i-- > 0;) {                                              \
        const mr_hooks *table = i < (loop)->hook_count ? (loop)->hooks[i] : NULL;                  \
        if (table != NULL && table->member != NULL)                                                \
            table->member(loop, __VA_ARGS__, table->arg);                                          \
    }

void mr__hook_turn(mr_loop *loop, bool begin)
{
    uint64_t turn = mr__counter_get(&loop->turns);
    if (begin)
        FORWARD(loop, turn_begin, turn)
    if (loop->turn_door != NULL)
        loop->turn_door(begin, turn, loop->turn_door_arg);
    if (!begin)
        BACKWARD(loop, turn_end, turn)
}

void mr__loop_set_turn_door(mr_loop *loop, mr__turn_door_fn *fn, void *arg)
{
    loop->turn_door = fn;
    loop->turn_door_arg = arg;
    mr__set_observed(loop, MR__BY_DOOR, fn != NULL);
}

void mr__hook_task(mr_loop *loop, bool begin, mr_kind kind, uint64_t id)
{
    if (begin && loop->sim != NULL)
        mr__sim_trace_kind(loop, kind, id);
    if (begin)
        FORWARD(loop, task_begin, kind, id)
    else
        BACKWARD(loop, task_end, kind, id)
}

void mr__hook_timer(mr_loop *loop, bool scheduled, uint64_t id, uint64_t deadline_ns)
{
    if (scheduled)
        FORWARD(loop, timer_scheduled, id, deadline_ns)
    else
        FORWARD(loop, timer_cancelled, id)
}

void mr__hook_drained(mr_loop *loop, uint64_t count)
{
    FORWARD(loop, microtasks_drained, count)
}

void mr__hook_poll(mr_loop *loop, bool begin, uint64_t value)
{
    if (begin)
        FORWARD(loop, poll_begin, value)
    else
        BACKWARD(loop, poll_end, (unsigned)value)
}

void mr__loop_promise_hook(mr_loop *loop, uint64_t id, mr_promise_transition what)
{
    static const char *const names[] = {
        "promise made",      "promise adopted", "promise fulfilled", "promise rejected",
        "promise unhandled", "promise handled", "promise freed"};
    if (loop->sim != NULL)
        mr__sim_trace(loop, names[what], id);
    FORWARD(loop, promise_transition, id, what)
}

void mr__hook_mode(mr_loop *loop, mr_park effective)
{
    FORWARD(loop, mode_changed, effective)
}
