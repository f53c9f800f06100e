/* Ingress: what other threads send. Tasks come through the two inboxes, the rest in lists under a lock. */
#include "base/memory.h"
#include "loop/core.h"

mr_status mr__ingress_init(mr__ingress *ingress, uint32_t max_external, uint32_t max_internal)
{
    ingress->commands_tail = &ingress->commands;
    ingress->completions_tail = &ingress->completions;
    ingress->arrivals_tail = &ingress->arrivals;
    mr_status status = mr__inbox_init(&ingress->external, max_external);
    if (status == MR_OK)
        status = mr__inbox_init(&ingress->internal, max_internal);
    return status == MR_OK ? mr__mutex_init(&ingress->lock) : status;
}

void mr__ingress_deinit(mr__ingress *ingress)
{
    mr__inbox_deinit(&ingress->external);
    mr__inbox_deinit(&ingress->internal);
    while (ingress->spare != NULL) {
        mr__command *spare = ingress->spare;
        ingress->spare = spare->next;
        mr__free(spare);
    }
    mr__mutex_deinit(&ingress->lock);
}

/* What a submission must know of its loop and its thread before it claims a place. */
static mr_status may_submit(mr_loop *loop, mr__inbox *inbox, size_t n, bool *out_owner)
{
    mr_status status = MR_OK;
    if (mr__forked(loop))
        return MR_EFORKED;
    *out_owner = mr__is_owner(loop);
    if (MR_UNLIKELY(*out_owner && loop->no_starts))
        mr__inbox_refuse(inbox, n, MR_ECLOSED, &status);
    return status;
}

/* The owner looks, too: while it runs, nobody is asleep; and if another thread has begun to run the loop, and
 * to sleep, since the caller was asked for, the caller is no owner any more. */
MR_INLINE void pushed(mr_loop *loop)
{
    mr__test_point_pass(loop, MR__TEST_PRODUCER_PUSHED);
    mr__wake_if_asleep(loop);
}

/* Who was refused may send nothing more until it is told that the queue is low: so the owner shall look
 * once more, even if it has taken everything in between. */
static MR_COLD void refused(mr_loop *loop, mr__inbox *inbox)
{
    if (mr__inbox_was_full(inbox) && !mr__is_owner(loop))
        mr__wake_always(loop);
}

static MR_COLD mr_status submit_slowly(mr_loop *loop, mr__inbox *inbox, const mr_task *task)
{
    if (task->fn == NULL)
        return MR_EINVAL;
    bool owner;
    mr_status status = may_submit(loop, inbox, 1, &owner);
    if (status == MR_OK)
        status = mr__inbox_push(inbox, owner, task);
    if (status == MR_OK)
        pushed(loop);
    else if (status == MR_EBACKPRESSURE)
        refused(loop, inbox);
    return status;
}

/* Where nothing is out of the ordinary, without a call and a copy in memory. A thread that has no number
 * yet owns nothing: no owner is 0. */
MR_INLINE mr_status submit(mr_loop *loop, mr__inbox *inbox, mr_task_fn *fn, void *arg,
                           mr_discard_fn *discard)
{
    if (MR_LIKELY(fn != NULL && !mr__forked(loop))) {
        /* model: none, as mr__is_owner */
        bool owner =
            atomic_load_explicit(&loop->owner, memory_order_relaxed) == mr__thread_id_cached;
        if (MR_LIKELY((!owner || (loop->sim == NULL && !loop->no_starts)) &&
                      mr__inbox_push_fast(inbox, owner, fn, arg, discard))) {
            pushed(loop);
            return MR_OK;
        }
    }
    return submit_slowly(loop, inbox, &(mr_task){fn, arg, discard});
}

mr_status mr_submit_many(mr_loop *loop, const mr_task *tasks, size_t n, size_t *out_accepted)
{
    if (loop == NULL || (tasks == NULL && n != 0))
        return MR_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (tasks[i].fn == NULL)
            return MR_EINVAL;
    size_t accepted = 0;
    bool owner;
    mr_status status = may_submit(loop, &loop->ingress.external, n, &owner);
    if (status == MR_OK && n != 0)
        status = mr__inbox_push_many(&loop->ingress.external, owner, tasks, n, &accepted);
    if (accepted != 0)
        pushed(loop);
    if (status == MR_EBACKPRESSURE)
        refused(loop, &loop->ingress.external);
    if (out_accepted != NULL)
        *out_accepted = accepted;
    return status;
}

mr_status mr_submit_with(mr_loop *loop, const mr_task *task)
{
    if (loop == NULL || task == NULL)
        return MR_EINVAL;
    return submit(loop, &loop->ingress.external, task->fn, task->arg, task->discard);
}

mr_status mr_submit(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return loop == NULL ? MR_EINVAL : submit(loop, &loop->ingress.external, fn, arg, NULL);
}

mr_status mr_submit_internal_with(mr_loop *loop, const mr_task *task)
{
    if (loop == NULL || task == NULL)
        return MR_EINVAL;
    return submit(loop, &loop->ingress.internal, task->fn, task->arg, task->discard);
}

mr_status mr_submit_internal(mr_loop *loop, mr_task_fn *fn, void *arg)
{
    return loop == NULL ? MR_EINVAL : submit(loop, &loop->ingress.internal, fn, arg, NULL);
}

/* Of those that are there, `most`. */
static void run_inbox(mr_loop *loop, mr__inbox *inbox, mr_kind kind, uint64_t there, uint64_t most)
{
    mr_task task;
    bool draining = loop->draining;
    uint64_t n = there < most ? there : most;
    if (mr__closing(loop))
        n = 0;
    while (n-- != 0 && mr__inbox_pop(inbox, draining, &task)) {
        mr__counter_add(&inbox->run, 1);
        mr__call_begin(loop, kind, 0);
        task.fn(task.arg);
        mr__call_end(loop);
        if (mr__over_turn_time(loop) || (mr__stopping(loop) && (!draining || mr__closing(loop))))
            break;
    }
    mr__inbox_drained(inbox, there);
}

void mr__external_run(mr_loop *loop)
{
    mr__inbox *external = &loop->ingress.external;
    uint64_t budget = loop->draining ? UINT64_MAX : loop->options.max_tasks_per_turn;
    uint64_t there = mr__inbox_pending(external);
    run_inbox(loop, external, MR_KIND_TASK, there, budget);
    if (there > budget)
        loop->pressure_due |= 1u << MR_PRESSURE_LEFT_OVER;
}

void mr__internal_run(mr_loop *loop)
{
    mr__inbox *internal = &loop->ingress.internal;
    uint64_t there = mr__inbox_pending(internal);
    mr__outcomes_run(loop);
    mr__completions_run(loop);
    mr__arrivals_run(loop);
    run_inbox(loop, internal, MR_KIND_INTERNAL, mr__inbox_pending(internal), there);
}

/* Whether something came in, looked at under the lock: the second look before parking. */
bool mr__ingress_waiting(mr_loop *loop)
{
    mr__ingress *ingress = &loop->ingress;
    mr__mutex_lock(&ingress->lock);
    bool waiting =
        ingress->commands != NULL || ingress->completions != NULL || ingress->arrivals != NULL;
    mr__mutex_unlock(&ingress->lock);
    return waiting;
}

void mr__ingress_stopping(mr_loop *loop)
{
    mr__inbox_shut(&loop->ingress.external, MR__INBOX_SHUT | MR__INBOX_SHUT_OWNER);
    mr__inbox_shut(&loop->ingress.internal, MR__INBOX_SHUT);
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
    mr__inbox_hold(&ingress->external);
    mr__inbox_hold(&ingress->internal);
    bool shut = force || is_quiet(ingress);
    if (shut) { /* model: SHUT, SHUT_FORCED */
        mr__inbox_shut(&ingress->external, MR__INBOX_SHUT | MR__INBOX_SHUT_OWNER);
        mr__inbox_shut(&ingress->internal, MR__INBOX_SHUT | MR__INBOX_SHUT_OWNER);
        ingress->completions_shut = true;
    }
    mr__inbox_let_go(&ingress->internal);
    mr__inbox_let_go(&ingress->external);
    mr__mutex_unlock(&ingress->lock);
    return shut;
}

static void discard_inbox(mr_loop *loop, mr__inbox *inbox, mr_kind kind, mr_status reason)
{
    mr_task task;
    while (mr__inbox_pop(inbox, true, &task)) {
        mr__counter_add(&inbox->discarded, 1);
        mr__call_discard(loop, kind, task.fn, task.arg, task.discard, reason);
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
    bool open = !mr__inbox_is_shut(&ingress->internal, owner) && !(owner && loop->no_starts);
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
    mr__inbox_trim(&loop->ingress.external, MR__RING_KEEP);
    mr__inbox_trim(&loop->ingress.internal, MR__RING_KEEP);
}

/* A list that somebody was in the middle of changing, not `whole`, may point anywhere: its memory is
 * left alone. */
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
    mr__inbox_after_fork(&ingress->external);
    mr__inbox_after_fork(&ingress->internal);
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
