/* Commands: what foreign threads ask the owner to do with its timers and its way of parking.
 *
 * Posting appends under ingress.lock and returns. The owner applies all of them at the start of
 * every phase. A command that wants its outcome told then waits for the internal phase. */
#include "base/memory.h"
#include "loop/core.h"

/* A foreign set_park that waits. Under life_lock; two hands hold it: the asker and the command. */
typedef struct mr__park_request {
    mr_park park;
    bool applied, abandoned;
    unsigned holders;
    mr_status status;
} mr__park_request;

static mr__command *obtain(mr__ingress *ingress)
{
    mr__command *command = ingress->spare;
    if (command != NULL) {
        ingress->spare = command->next;
        return command;
    }
    command = mr__alloc_zero(sizeof *command);
    if (command != NULL)
        ingress->command_allocations++;
    return command;
}

static void give_back(mr_loop *loop, mr__command *command)
{
    mr__mutex_lock(&loop->ingress.lock);
    command->next = loop->ingress.spare;
    loop->ingress.spare = command;
    mr__mutex_unlock(&loop->ingress.lock);
}

static mr_status append_locked(mr__ingress *ingress, const mr__command *given)
{
    if (ingress->completions_shut)
        return MR_ECLOSED;
    mr__command *command = obtain(ingress);
    if (command == NULL)
        return MR_ENOMEM;
    *command = *given;
    *ingress->commands_tail = command;
    ingress->commands_tail = &command->next;
    mr__counter_add(&ingress->signal, 1);
    if (command->fn != NULL)
        mr__counter_add(&ingress->side_accepted, 1);
    return MR_OK;
}

mr_status mr__command_post(mr_loop *loop, mr__command_kind kind, uint64_t id, mr_outcome_fn *fn,
                           void *arg, mr__park_request *park)
{
    mr__command command = {.kind = kind, .id = id, .fn = fn, .arg = arg, .park = park};
    mr__mutex_lock(&loop->ingress.lock);
    mr_status status = append_locked(&loop->ingress, &command);
    mr__mutex_unlock(&loop->ingress.lock);
    if (status != MR_OK)
        return status;
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    mr__wake_if_asleep(loop);
    return MR_OK;
}

/* Under life_lock. */
static void let_go(mr__park_request *request)
{
    if (--request->holders == 0)
        mr__free(request);
}

static void finish_park(mr_loop *loop, mr__park_request *request, bool apply)
{
    mr__mutex_lock(&loop->life_lock);
    if (!request->abandoned) {
        request->status = apply ? mr__park_mode_apply(loop, request->park) : MR_ECLOSED;
        request->applied = true;
        mr__cond_broadcast(&loop->ended);
    }
    let_go(request);
    mr__mutex_unlock(&loop->life_lock);
}

static void apply(mr_loop *loop, mr__command *command)
{
    switch (command->kind) {
    case MR__COMMAND_CANCEL:
        command->outcome = mr__timer_cancel_now(loop, command->id);
        break;
    case MR__COMMAND_REF:
    case MR__COMMAND_UNREF:
        command->outcome = mr__timer_set_ref(loop, command->id, command->kind == MR__COMMAND_REF);
        break;
    case MR__COMMAND_PARK:
        finish_park(loop, command->park, !loop->no_starts);
        break;
    }
    if (command->fn == NULL) {
        give_back(loop, command);
        return;
    }
    command->next = NULL;
    *loop->outcomes_tail = command;
    loop->outcomes_tail = &command->next;
}

void mr__commands_apply(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    if (MR_LIKELY(mr__counter_get(&ingress->signal) == 0))
        return;
    mr__mutex_lock(&ingress->lock);
    mr__command *command = ingress->commands;
    ingress->commands = NULL;
    ingress->commands_tail = &ingress->commands;
    uint64_t taken = 0;
    for (mr__command *c = command; c != NULL; c = c->next)
        taken++;
    mr__counter_set(&ingress->signal, mr__counter_get(&ingress->signal) - taken);
    mr__mutex_unlock(&ingress->lock);
    while (command != NULL) {
        mr__command *next = command->next;
        apply(loop, command);
        command = next;
    }
}

static mr__command *take_outcome(mr_loop *loop)
{
    mr__command *command = loop->outcomes;
    loop->outcomes = command->next;
    if (loop->outcomes == NULL)
        loop->outcomes_tail = &loop->outcomes;
    return command;
}

void mr__outcomes_run(mr_loop *loop)
{
    mr__command *last = NULL;
    for (mr__command *c = loop->outcomes; c != NULL; c = c->next)
        last = c; /* a snapshot: later ones wait for the next turn */
    for (bool more = last != NULL; more && !mr__closing(loop);) {
        mr__command *command = take_outcome(loop);
        mr__command told = *command;
        more = command != last;
        give_back(loop, command);
        mr__counter_add(&loop->side_run, 1);
        mr__call_begin(loop, MR_KIND_INTERNAL, 0);
        told.fn(told.outcome, told.arg);
        mr__call_end(loop);
    }
}

/* Outcomes have a signature of their own: on_discard is told without a function. */
void mr__commands_discard(mr_loop *loop, mr_status reason)
{
    while (loop->outcomes != NULL) {
        mr__command *command = take_outcome(loop);
        void *arg = command->arg;
        give_back(loop, command);
        mr__counter_add(&loop->side_discarded, 1);
        mr__call_discard(loop, MR_KIND_INTERNAL, NULL, arg, NULL, reason);
    }
}

static mr_status ask_park(mr_loop *loop, mr__park_request *request, uint64_t timeout_ns)
{
    uint64_t now = mr__clock_now();
    uint64_t deadline = timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
    mr__mutex_lock(&loop->life_lock);
    bool in_time = true;
    while (!request->applied && in_time)
        in_time = mr__cond_wait_until(&loop->ended, &loop->life_lock, deadline);
    mr_status status = request->applied ? request->status : MR_ETIMEDOUT;
    request->abandoned = true;
    let_go(request);
    mr__mutex_unlock(&loop->life_lock);
    return status;
}

static mr_status set_park_elsewhere(mr_loop *loop, mr_park park, uint64_t timeout_ns)
{
    mr__park_request *request = mr__alloc_zero(sizeof *request);
    if (request == NULL)
        return MR_ENOMEM;
    request->park = park;
    request->holders = 2;
    mr_status status = mr__command_post(loop, MR__COMMAND_PARK, 0, NULL, NULL, request);
    if (status != MR_OK) {
        mr__free(request);
        return status;
    }
    return ask_park(loop, request, timeout_ns);
}

mr_status mr_loop_set_park(mr_loop *loop, mr_park park, uint64_t timeout_ns)
{
    if (loop == NULL || (unsigned)park > MR_PARK_POLLER)
        return MR_EINVAL;
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    if (mr__loop_is_owner(loop))
        return mr__park_mode_apply(loop, park);
    return set_park_elsewhere(loop, park, timeout_ns);
}
