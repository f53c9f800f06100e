/* Commands: what foreign threads ask the owner to do with its timers, watches and way of parking.
 *
 * Posting appends under ingress.lock and returns. The owner applies all of them at the start of
 * every phase. A command that wants its outcome told then waits for the internal phase.
 *
 * A command may be awaited (mr__command_wait). Whether it is applied or timed out is decided by who
 * takes it off the list, under ingress.lock: the owner, which then always answers, or its poster,
 * and then nobody else ever saw it. So what the poster waits with can live in its own frame. */
#include "base/memory.h"
#include "loop/core.h"

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
                           void *arg, mr__awaited *awaited)
{
    mr__command command = {.kind = kind, .id = id, .fn = fn, .arg = arg, .awaited = awaited};
    if (mr__forked(loop))
        return MR_EFORKED;
    mr__mutex_lock(&loop->ingress.lock);
    mr_status status = append_locked(&loop->ingress, &command);
    mr__mutex_unlock(&loop->ingress.lock);
    if (status != MR_OK)
        return status;
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    mr__wake_if_asleep(loop);
    return MR_OK;
}

static void answer(mr_loop *loop, mr__awaited *awaited)
{
    mr_status status = awaited->apply(loop, awaited);
    mr__mutex_lock(&loop->life_lock);
    awaited->status = status;
    awaited->answered = true; /* the poster may be gone once the lock is free */
    mr__cond_broadcast(&loop->ended);
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
    case MR__COMMAND_AWAITED:
        answer(loop, command->awaited);
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
    /* None left although there should be: mr_loop_after_fork forgot them. */
    for (bool more = last != NULL; more && loop->outcomes != NULL && !mr__closing(loop);) {
        mr__command *command = take_outcome(loop);
        mr__command told = *command;
        more = command != last;
        give_back(loop, command);
        mr__counter_add(&loop->side_run, 1);
        mr__call_begin(loop, MR_KIND_INTERNAL, 0);
        told.fn(told.outcome, told.arg);
        mr__call_end(loop);
        if (mr__over_turn_time(loop))
            break;
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

/* Who awaits a command with an answer in its own frame does not exist in a child. */
static void forget(mr__command *command)
{
    while (command != NULL) {
        mr__command *next = command->next;
        mr__free(command);
        command = next;
    }
}

void mr__commands_after_fork(mr_loop *loop, bool whole)
{
    mr__ingress *ingress = &loop->ingress;
    forget(whole ? ingress->commands : NULL);
    ingress->commands = NULL;
    ingress->commands_tail = &ingress->commands;
    if (!whole)
        ingress->spare = NULL;
    forget(loop->outcomes);
    loop->outcomes = NULL;
    loop->outcomes_tail = &loop->outcomes;
}

/* Take an awaited command back; false when the owner was first. */
static bool withdraw(mr_loop *loop, const mr__awaited *awaited)
{
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    mr__command **link = &ingress->commands;
    while (*link != NULL && (*link)->awaited != awaited)
        link = &(*link)->next;
    mr__command *command = *link;
    if (command != NULL) {
        *link = command->next;
        if (command->next == NULL)
            ingress->commands_tail = link;
        mr__counter_set(&ingress->signal, mr__counter_get(&ingress->signal) - 1);
        command->next = ingress->spare;
        ingress->spare = command;
    }
    mr__mutex_unlock(&ingress->lock);
    return command != NULL;
}

static bool answered_until(mr_loop *loop, const mr__awaited *awaited, uint64_t deadline_ns)
{
    bool in_time = true;
    mr__mutex_lock(&loop->life_lock);
    while (!awaited->answered && in_time)
        in_time = mr__cond_wait_until(&loop->ended, &loop->life_lock, deadline_ns);
    bool answered = awaited->answered;
    mr__mutex_unlock(&loop->life_lock);
    return answered;
}

mr_status mr__command_wait(mr_loop *loop, mr__awaited *awaited, uint64_t timeout_ns)
{
    MR_ASSERT(awaited->apply != NULL && !awaited->answered);
    if (mr__forked(loop))
        return MR_EFORKED;
    bool visit;
    if (mr__owner_enters(loop, &visit)) {
        awaited->status = awaited->apply(loop, awaited);
        awaited->answered = true;
        if (visit)
            mr__owner_leaves(loop);
        return awaited->status;
    }
    if (mr__self(loop) == UINT64_MAX)
        return MR_ETIMEDOUT; /* an actor: its owner is this thread, so no wait of it could end */
    uint64_t now = mr__clock_now();
    uint64_t deadline = timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
    mr_status status = mr__command_post(loop, MR__COMMAND_AWAITED, 0, NULL, NULL, awaited);
    if (status != MR_OK)
        return status;
    if (!answered_until(loop, awaited, deadline)) {
        if (withdraw(loop, awaited))
            return MR_ETIMEDOUT;
        answered_until(loop, awaited, UINT64_MAX); /* being applied right now */
    }
    return awaited->status;
}

typedef struct park_change {
    mr__awaited awaited;
    mr_park park;
} park_change;

static mr_status apply_park(mr_loop *loop, mr__awaited *awaited)
{
    const park_change *change = (const park_change *)awaited;
    return loop->no_starts ? MR_ECLOSED : mr__park_mode_apply(loop, change->park);
}

mr_status mr_loop_set_park(mr_loop *loop, mr_park park, uint64_t timeout_ns)
{
    if (loop == NULL || (unsigned)park > MR_PARK_POLLER)
        return MR_EINVAL;
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    park_change change = {.awaited.apply = apply_park, .park = park};
    return mr__command_wait(loop, &change.awaited, timeout_ns);
}
