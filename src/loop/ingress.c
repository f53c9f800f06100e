/* Ingress: the two bounded queues that foreign threads push into, and owed completions.
 *
 * A queue is two rings. Producers push `in` under the lock; the owner pops `out` without it and
 * swaps the two under the lock when out is empty. So the lock is taken once a task by producers and
 * once a batch by the owner, and FIFO holds because out is always older than in. */
#include "base/memory.h"
#include "loop/core.h"

static void init_inbox(mr__inbox *inbox, uint32_t bound)
{
    inbox->bound = bound;
    inbox->open_to_all = inbox->open_to_owner = true;
}

mr_status mr__ingress_init(mr__ingress *ingress, uint32_t max_external, uint32_t max_internal)
{
    init_inbox(&ingress->external, max_external);
    init_inbox(&ingress->internal, max_internal);
    ingress->commands_tail = &ingress->commands;
    ingress->completions_tail = &ingress->completions;
    ingress->arrivals_tail = &ingress->arrivals;
    return mr__mutex_init(&ingress->lock);
}

void mr__ingress_deinit(mr__ingress *ingress)
{
    mr__ring_deinit(&ingress->external.in);
    mr__ring_deinit(&ingress->external.out);
    mr__ring_deinit(&ingress->internal.in);
    mr__ring_deinit(&ingress->internal.out);
    while (ingress->spare != NULL) {
        mr__command *spare = ingress->spare;
        ingress->spare = spare->next;
        mr__free(spare);
    }
    mr__mutex_deinit(&ingress->lock);
}

/* For the owner, or under the lock (then exact): the rings change places under it. */
uint64_t mr__inbox_pending(mr__inbox *inbox)
{
    /* Acquire pairs with the release in take_batch: who sees the batch gone from `in` sees it here.
     * model: PEEK on the owner; under the lock it is part of PUSH, SHUT and LOOK_LOCKED */
    return mr__ring_len(&inbox->in) +
           atomic_load_explicit(&inbox->pending_out, memory_order_acquire);
}

static mr_status push_locked(mr__inbox *inbox, const mr_task *task, bool owner, uint64_t *out_depth)
{
    if (!inbox->open_to_all && !(owner && inbox->open_to_owner))
        return MR_ECLOSED;
    uint64_t depth = mr__inbox_pending(inbox);
    if (depth >= inbox->bound)
        return MR_EBACKPRESSURE;
    mr__item item = {.fn = task->fn, .arg = task->arg, .discard = task->discard};
    if (!mr__ring_push(&inbox->in, item)) /* model: PUSH */
        return MR_ENOMEM;
    *out_depth = depth + 1;
    mr__counter_max(&inbox->most, depth + 1);
    return MR_OK;
}

/* Tasks in a row under one lock: how many of them were accepted, and why not the next. */
MR_INLINE mr_status submit_all(mr_loop *loop, mr__inbox *inbox, const mr_task *tasks, size_t n,
                               size_t *out_accepted)
{
    if (mr__forked(loop))
        return MR_EFORKED;
    bool owner = mr__loop_is_owner(loop);
    mr_status status = MR_OK;
    uint64_t depth = 0;
    size_t accepted = 0;
    mr__mutex_lock(&loop->ingress.lock);
    if (owner && loop->no_starts)
        status = MR_ECLOSED;
    while (accepted != n && status == MR_OK) {
        status = push_locked(inbox, &tasks[accepted], owner, &depth);
        accepted += status == MR_OK;
    }
    if (MR_UNLIKELY(status != MR_OK))
        inbox->refused += n - accepted;
    if (MR_LIKELY(accepted != 0) && inbox == &loop->ingress.external)
        mr__counter_max(&loop->external_peak, depth);
    mr__mutex_unlock(&loop->ingress.lock);
    *out_accepted = accepted;
    if (MR_UNLIKELY(accepted == 0))
        return status;
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    /* Asked anew: another thread may have begun to run the loop, and to sleep, since. Then it took
     * ownership before its last look, which was before the push. */
    if (!mr__is_owner(loop))
        mr__wake_if_asleep(loop);
    return status;
}

static mr_status submit(mr_loop *loop, mr__inbox *inbox, const mr_task *task)
{
    size_t accepted;
    return submit_all(loop, inbox, task, 1, &accepted);
}

mr_status mr_submit_many(mr_loop *loop, const mr_task *tasks, size_t n, size_t *out_accepted)
{
    if (loop == NULL || (tasks == NULL && n != 0))
        return MR_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (tasks[i].fn == NULL)
            return MR_EINVAL;
    size_t accepted = 0;
    mr_status status = submit_all(loop, &loop->ingress.external, tasks, n, &accepted);
    if (out_accepted != NULL)
        *out_accepted = accepted;
    return status;
}

mr_status mr_submit_with(mr_loop *loop, const mr_task *task)
{
    if (loop == NULL || task == NULL || task->fn == NULL)
        return MR_EINVAL;
    return submit(loop, &loop->ingress.external, task);
}

mr_status mr_submit(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_submit_with(loop, &(mr_task){fn, arg, NULL});
}

mr_status mr_submit_internal_with(mr_loop *loop, const mr_task *task)
{
    if (loop == NULL || task == NULL || task->fn == NULL)
        return MR_EINVAL;
    return submit(loop, &loop->ingress.internal, task);
}

mr_status mr_submit_internal(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return mr_submit_internal_with(loop, &(mr_task){fn, arg, NULL});
}

/* The rings change places; counters stay with their sides through `origin`. */
static bool take_batch(mr_loop *loop, mr__inbox *inbox)
{
    if (mr__ring_len(&inbox->out) != 0)
        return true;
    if (mr__ring_len(&inbox->in) == 0)
        return false;
    mr__mutex_lock(&loop->ingress.lock);
    mr__ring batch = inbox->in;
    inbox->in = inbox->out;
    inbox->out = batch;
    uint64_t taken = mr__ring_len(&inbox->out);
    if (inbox->out.cap > MR__RING_START)
        mr__ring_drained(&inbox->out, taken);
    /* Release pairs with the acquire in mr__inbox_pending. model: SWAP */
    atomic_store_explicit(&inbox->pending_out, taken, memory_order_release);
    mr__mutex_unlock(&loop->ingress.lock);
    return taken != 0;
}

static bool pop(mr_loop *loop, mr__inbox *inbox, mr__item *out_item)
{
    if (!take_batch(loop, inbox) || !mr__ring_pop(&inbox->out, out_item))
        return false;
    mr__counter_set(&inbox->pending_out, mr__counter_get(&inbox->pending_out) - 1);
    return true;
}

static void run_inbox(mr_loop *loop, mr__inbox *inbox, mr_kind kind, uint64_t most)
{
    uint64_t n = mr__inbox_pending(inbox);
    mr__item item;
    for (n = n < most ? n : most; n != 0 && !mr__closing(loop); n--) {
        if (!pop(loop, inbox, &item))
            break;
        mr__counter_add(&inbox->run, 1);
        mr__call(loop, kind, 0, item.fn, item.arg);
        if (mr__over_turn_time(loop) || (mr__stopping(loop) && !loop->draining))
            break;
    }
}

/* How many external tasks wait, and in *out_peak the most since the last call.
 * Under the lock, so that no producer tells a peak between: one that was refused since the last look
 * is in this peak, or will be in the next. */
uint64_t mr__external_depth(mr_loop *loop, uint64_t *out_peak)
{
    mr__mutex_lock(&loop->ingress.lock);
    uint64_t depth = mr__inbox_pending(&loop->ingress.external);
    *out_peak = mr__counter_get(&loop->external_peak);
    mr__counter_set(&loop->external_peak, depth);
    mr__mutex_unlock(&loop->ingress.lock);
    return depth;
}

void mr__external_run(mr_loop *loop)
{
    mr__inbox *external = &loop->ingress.external;
    uint64_t budget = loop->draining ? UINT64_MAX : loop->options.max_tasks_per_turn;
    uint64_t there = mr__inbox_pending(external);
    run_inbox(loop, external, MR_KIND_TASK, budget);
    if (there > budget)
        loop->pressure_due |= 1u << MR_PRESSURE_LEFT_OVER;
}

void mr__internal_run(mr_loop *loop)
{
    uint64_t there = mr__inbox_pending(&loop->ingress.internal);
    mr__outcomes_run(loop);
    mr__completions_run(loop);
    mr__arrivals_run(loop);
    run_inbox(loop, &loop->ingress.internal, MR_KIND_INTERNAL, there);
}

/* Whether something came in, looked at under the lock: the second look before parking. */
bool mr__ingress_waiting(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    bool waiting = mr__ring_len(&ingress->external.in) != 0 ||
                   mr__ring_len(&ingress->internal.in) != 0 || ingress->commands != NULL ||
                   ingress->completions != NULL || ingress->arrivals != NULL;
    mr__mutex_unlock(&ingress->lock);
    return waiting;
}

void mr__ingress_stopping(mr_loop *loop)
{
    mr__mutex_lock(&loop->ingress.lock);
    loop->ingress.external.open_to_all = loop->ingress.external.open_to_owner = false;
    loop->ingress.internal.open_to_all = false; /* model: SHUT_OUT */
    mr__mutex_unlock(&loop->ingress.lock);
}

/* Under the lock. */
static bool is_quiet(mr__ingress *ingress)
{
    return mr__inbox_pending(&ingress->external) == 0 &&
           mr__inbox_pending(&ingress->internal) == 0 && ingress->commands == NULL &&
           ingress->completions == NULL && ingress->arrivals == NULL &&
           mr__counter_get(&ingress->owed) == 0;
}

bool mr__ingress_quiet(mr_loop *loop)
{
    mr__mutex_lock(&loop->ingress.lock);
    bool quiet = is_quiet(&loop->ingress);
    mr__mutex_unlock(&loop->ingress.lock);
    return quiet;
}

bool mr__ingress_shut(mr_loop *loop, bool force)
{
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    bool shut = force || is_quiet(ingress);
    if (shut) { /* model: SHUT, SHUT_FORCED */
        ingress->external.open_to_all = ingress->external.open_to_owner = false;
        ingress->internal.open_to_all = ingress->internal.open_to_owner = false;
        ingress->completions_shut = true;
    }
    mr__mutex_unlock(&ingress->lock);
    return shut;
}

static void discard_inbox(mr_loop *loop, mr__inbox *inbox, mr_kind kind, mr_status reason)
{
    mr__item item;
    while (pop(loop, inbox, &item)) {
        mr__counter_add(&inbox->discarded, 1);
        mr__call_discard(loop, kind, item.fn, item.arg, item.discard, reason);
    }
}

/* ---- completions ---- */

mr_status mr__completion_reserve(mr_loop *loop, mr__completion *completion)
{
    MR_ASSERT(completion->fn != NULL && completion->discard != NULL);
    if (mr__forked(loop))
        return MR_EFORKED;
    mr__ingress *ingress = &loop->ingress;
    bool owner = mr__loop_is_owner(loop);
    mr__mutex_lock(&ingress->lock);
    bool open = ingress->internal.open_to_all ||
                (owner && ingress->internal.open_to_owner && !loop->no_starts);
    if (open) {
        mr__counter_add(&ingress->owed, 1);
        mr__counter_add(&ingress->owed_unref, completion->unref);
    }
    mr__mutex_unlock(&ingress->lock);
    if (!open)
        return MR_ECLOSED;
    completion->fork_generation = loop->fork_generation;
    mr_loop_ref(loop);
    return MR_OK;
}

static void append_locked(mr__ingress *ingress, mr__completion *completion)
{
    completion->next = NULL;
    *ingress->completions_tail = completion;
    ingress->completions_tail = &completion->next;
    mr__counter_add(&ingress->signal, 1);
    mr__counter_add(&ingress->side_accepted, 1);
}

mr_status mr__completion_post(mr_loop *loop, mr__completion *completion)
{
    mr__ingress *ingress = &loop->ingress;
    if (completion->fork_generation != mr__fork_generation()) {
        mr_loop_unref(loop); /* reserved by the parent */
        return MR_ECLOSED;
    }
    mr__mutex_lock(&ingress->lock);
    bool open = !ingress->completions_shut;
    if (open) {
        append_locked(ingress, completion); /* model: POST */
        mr__counter_set(&ingress->owed_unref,
                        mr__counter_get(&ingress->owed_unref) - completion->unref);
    }
    mr__mutex_unlock(&ingress->lock);
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    if (open)
        mr__wake_if_asleep(loop);
    mr_loop_unref(loop); /* the reference of the reserve; a run holds its own */
    return open ? MR_OK : MR_ECLOSED;
}

mr_status mr__completion_offer(mr_loop *loop, mr__completion *(*claim)(void *arg), void *arg)
{
    if (mr__forked(loop))
        return MR_EFORKED;
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    bool open = !ingress->completions_shut;
    mr__completion *completion = open ? claim(arg) : NULL;
    if (completion != NULL) {
        completion->fork_generation = loop->fork_generation;
        mr__counter_add(&ingress->owed, 1);
        append_locked(ingress, completion); /* model: POST */
    }
    mr__mutex_unlock(&ingress->lock);
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    if (completion != NULL)
        mr__wake_if_asleep(loop);
    return open ? MR_OK : MR_ECLOSED;
}

/* Move what was posted behind what the owner already took. */
static void take_completions(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    if (mr__counter_get(&ingress->signal) == 0) /* model: TAKE */
        return;
    mr__completion **tail = &loop->arrived;
    while (*tail != NULL)
        tail = &(*tail)->next;
    mr__mutex_lock(&ingress->lock);
    *tail = ingress->completions;
    uint64_t taken = 0;
    for (mr__completion *c = ingress->completions; c != NULL; c = c->next)
        taken++;
    ingress->completions = NULL;
    ingress->completions_tail = &ingress->completions;
    mr__counter_set(&ingress->signal, mr__counter_get(&ingress->signal) - taken);
    mr__mutex_unlock(&ingress->lock);
}

static void settle_debt(mr_loop *loop)
{
    mr__mutex_lock(&loop->ingress.lock);
    mr__counter_set(&loop->ingress.owed, mr__counter_get(&loop->ingress.owed) - 1);
    mr__mutex_unlock(&loop->ingress.lock);
}

void mr__completions_run(mr_loop *loop)
{
    take_completions(loop);
    uint64_t n = 0; /* a snapshot: what arrives meanwhile waits for the next turn */
    for (mr__completion *c = loop->arrived; c != NULL; c = c->next)
        n++;
    for (; n != 0 && !mr__closing(loop); n--) {
        mr__completion *completion = loop->arrived;
        if (completion == NULL)
            break; /* forgotten by mr_loop_after_fork */
        loop->arrived = completion->next;
        settle_debt(loop);
        mr__counter_add(&loop->side_run, 1);
        mr__call(loop, MR_KIND_INTERNAL, 0, completion->fn, completion->arg);
        if (mr__over_turn_time(loop))
            break;
    }
}

static void discard_completions(mr_loop *loop, mr_status reason)
{
    take_completions(loop);
    while (loop->arrived != NULL) {
        mr__completion *completion = loop->arrived;
        loop->arrived = completion->next;
        settle_debt(loop);
        mr__counter_add(&loop->side_discarded, 1);
        mr__call_discard(loop, MR_KIND_INTERNAL, completion->fn, completion->arg,
                         completion->discard, reason);
    }
}

/* ---- arrivals ---- */

mr_status mr__arrival_post(mr_loop *loop, mr__arrival *(*claim)(void *arg), void *arg)
{
    if (mr__forked(loop))
        return MR_EFORKED;
    mr__ingress *ingress = &loop->ingress;
    mr_status status = MR_ECLOSED;
    mr__mutex_lock(&ingress->lock);
    if (!ingress->completions_shut) {
        mr__arrival *arrival = claim(arg);
        status = arrival == NULL ? MR_ENOENT : MR_OK;
        if (arrival != NULL) { /* model: POST */
            arrival->next = NULL;
            *ingress->arrivals_tail = arrival;
            ingress->arrivals_tail = &arrival->next;
            mr__counter_add(&ingress->signal, 1);
            mr__counter_add(&ingress->side_accepted, 1);
        }
    }
    mr__mutex_unlock(&ingress->lock);
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    if (status == MR_OK && !mr__is_owner(loop))
        mr__wake_if_asleep(loop);
    return status;
}

/* In a forked child, before mr_loop_after_fork, there is nobody else, and the lock may be stuck. */
void mr__arrivals_lock(mr_loop *loop)
{
    if (!mr__forked(loop))
        mr__mutex_lock(&loop->ingress.lock);
}

void mr__arrivals_unlock(mr_loop *loop)
{
    if (!mr__forked(loop))
        mr__mutex_unlock(&loop->ingress.lock);
}

/* Behind what the owner already took: how many there are now. */
static uint64_t take_arrivals(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    mr__arrival **tail = &loop->landed;
    uint64_t there = 0;
    for (; *tail != NULL; tail = &(*tail)->next)
        there++;
    if (mr__counter_get(&ingress->signal) == 0) /* model: TAKE */
        return there;
    mr__mutex_lock(&ingress->lock);
    *tail = ingress->arrivals;
    uint64_t taken = 0;
    for (const mr__arrival *a = ingress->arrivals; a != NULL; a = a->next)
        taken++;
    ingress->arrivals = NULL;
    ingress->arrivals_tail = &ingress->arrivals;
    mr__counter_set(&ingress->signal, mr__counter_get(&ingress->signal) - taken);
    mr__mutex_unlock(&ingress->lock);
    return there + taken;
}

static mr__arrival *next_landed(mr_loop *loop)
{
    mr__arrival *arrival = loop->landed;
    if (arrival != NULL)
        loop->landed = arrival->next;
    return arrival;
}

void mr__arrivals_run(mr_loop *loop)
{
    mr__arrival *arrival;
    for (uint64_t n = take_arrivals(loop); n != 0 && !mr__closing(loop); n--) {
        arrival = next_landed(loop);
        if (arrival == NULL)
            break; /* forgotten by mr_loop_after_fork */
        mr__counter_add(&loop->side_run, 1);
        mr__call_begin(loop, MR_KIND_INTERNAL, 0);
        loop->extension->deliver(loop->extension_self, arrival);
        mr__call_end(loop);
        if (mr__over_turn_time(loop))
            break;
    }
}

static void discard_arrivals(mr_loop *loop)
{
    mr__arrival *arrival;
    take_arrivals(loop);
    while ((arrival = next_landed(loop)) != NULL) {
        mr__counter_add(&loop->side_discarded, 1);
        loop->extension->discard(loop->extension_self, arrival);
    }
}

void mr__ingress_discard(mr_loop *loop, mr_status reason)
{
    discard_inbox(loop, &loop->ingress.internal, MR_KIND_INTERNAL, reason);
    discard_inbox(loop, &loop->ingress.external, MR_KIND_TASK, reason);
    discard_completions(loop, reason);
    discard_arrivals(loop);
}

void mr__ingress_trim(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    mr__ring_trim(&ingress->external.in, MR__RING_KEEP);
    mr__ring_trim(&ingress->external.out, MR__RING_KEEP);
    mr__ring_trim(&ingress->internal.in, MR__RING_KEEP);
    mr__ring_trim(&ingress->internal.out, MR__RING_KEEP);
    mr__mutex_unlock(&ingress->lock);
}

/* What is in there stays the parent's. A ring that somebody was in the middle of changing may point
 * anywhere: its memory is left alone. */
static void forget_inbox(mr__inbox *inbox, bool whole)
{
    uint64_t ended = mr__counter_get(&inbox->run) + mr__counter_get(&inbox->discarded);
    if (!whole)
        inbox->in = (mr__ring){0};
    mr__ring_deinit(&inbox->in);
    mr__ring_deinit(&inbox->out);
    inbox->in.origin = mr__counter_get(&inbox->in.tail);
    inbox->out.origin = mr__counter_get(&inbox->out.tail) - ended;
    mr__counter_set(&inbox->pending_out, 0);
    mr__counter_set(&inbox->most, 0);
}

/* `whole` as above: a list that was being changed is left alone. */
static void forget_arrivals(mr_loop *loop, bool whole)
{
    mr__ingress *ingress = &loop->ingress;
    mr__arrival *arrival = whole ? ingress->arrivals : NULL;
    ingress->arrivals = NULL;
    ingress->arrivals_tail = &ingress->arrivals;
    mr__arrival *next;
    for (; arrival != NULL; arrival = next) {
        next = arrival->next;
        loop->extension->forget(loop->extension_self, arrival);
    }
    while ((arrival = next_landed(loop)) != NULL)
        loop->extension->forget(loop->extension_self, arrival);
}

void mr__ingress_after_fork(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    bool whole = mr__mutex_free(&ingress->lock);
    mr__mutex_renew(&ingress->lock);
    forget_inbox(&ingress->external, whole);
    forget_inbox(&ingress->internal, whole);
    mr__counter_set(&loop->external_peak, 0);
    mr__commands_after_fork(loop, whole);
    ingress->completions = NULL;
    ingress->completions_tail = &ingress->completions;
    loop->arrived = NULL;
    forget_arrivals(loop, whole);
    mr__counter_set(&ingress->owed, 0);
    mr__counter_set(&ingress->owed_unref, 0);
    mr__counter_set(&ingress->signal, 0);
    mr__counter_set(&ingress->side_accepted,
                    mr__counter_get(&loop->side_run) + mr__counter_get(&loop->side_discarded));
}
