/* Creation, references, numbers. */
#include "base/memory.h"
#include "loop/core.h"
#include "os/bulk.h"

enum { MAX_QUEUE = 1 << 24, MAX_BUDGET = 1 << 20 };

static bool in_range(uint32_t value, uint32_t most)
{
    return value >= 1 && value <= most;
}

/* The caller's options with defaults in place of zeros; MR_EINVAL names nothing else: each value is
 * out of its documented range. */
static mr_status complete_options(const mr_loop_options *given, mr_loop_options *out)
{
    mr_loop_options options = {.size_bytes = sizeof options};
    if (given != NULL) {
        if (given->size_bytes != sizeof options)
            return MR_EINVAL;
        options = *given;
    }
    if (options.max_external == 0)
        options.max_external = 65536;
    if (options.max_internal == 0)
        options.max_internal = 65536;
    if (options.max_tasks_per_turn == 0)
        options.max_tasks_per_turn = 1024;
    if (options.max_wait_ns == 0)
        options.max_wait_ns = UINT64_C(10000000000);
    if (!in_range(options.max_external, MAX_QUEUE) || !in_range(options.max_internal, MAX_QUEUE) ||
        !in_range(options.max_tasks_per_turn, MAX_BUDGET) ||
        (options.flags & ~(uint32_t)(MR_MICROTASKS_PER_PHASE | MR_NO_SPINNING)) != 0 ||
        (unsigned)options.park > MR_PARK_POLLER ||
        (options.simulate != NULL && options.park == MR_PARK_POLLER))
        return MR_EINVAL;
    *out = options;
    return MR_OK;
}

static void destroy(mr_loop *loop)
{
    mr__extension_destroy(loop);
    mr__watches_deinit(loop);
    mr__poller_close(loop->poller);
    mr__ring_deinit(&loop->ticks);
    mr__ring_deinit(&loop->microtasks);
    mr__ring_deinit(&loop->end_jobs);
    mr__ring_deinit(&loop->closes);
    mr__slab_deinit(&loop->immediates);
    mr__slab_deinit(&loop->timers);
    mr__slab_deinit(&loop->watches);
    mr__ingress_deinit(&loop->ingress);
    mr__cond_deinit(&loop->ended);
    mr__mutex_deinit(&loop->life_lock);
    mr__sim_destroy(loop->sim);
    mr__free(loop);
}

static void init_owner_part(mr_loop *loop)
{
    mr__slab_init(&loop->immediates);
    mr__slab_init(&loop->timers);
    mr__slab_init(&loop->watches);
    loop->immediate_tail = &loop->immediate_head;
    loop->timers_until_ns = UINT64_MAX;
    loop->outcomes_tail = &loop->outcomes;
    loop->effective = MR_PARK_FUTEX;
    atomic_store(&loop->owner, mr__thread_id()); /* model: none, before it is shared */
    uint64_t now = mr__clock_of(loop);
    atomic_store(&loop->now_ns, now); /* model: none, as above */
    loop->origin_ns = now;
    loop->origin_wall_ns =
        loop->sim == NULL ? mr__clock_wall() : MR__SIM_EPOCH_MS * UINT64_C(1000000) + now;
    mr__wheel_init(&loop->wheel, now);
}

static mr_status init(mr_loop *loop)
{
    mr__bulk_use_large_pages();
    loop->fork_generation = mr__fork_generation();
    mr_status status = mr__fork_begin();
    if (status == MR_OK)
        status = mr__mutex_init(&loop->life_lock);
    if (status == MR_OK)
        status = mr__cond_init(&loop->ended);
    if (status == MR_OK)
        status = mr__ingress_init(&loop->ingress, loop->options.max_external,
                                  loop->options.max_internal);
    if (status == MR_OK && loop->options.simulate != NULL) {
        loop->sim = mr__sim_create(loop->options.simulate);
        status = loop->sim == NULL ? MR_ENOMEM : MR_OK;
        loop->options.simulate = NULL;
    }
    if (status != MR_OK)
        return status;
    init_owner_part(loop);
    bool special =
        loop->options.max_turn_ns != 0 || (loop->options.flags & MR_MICROTASKS_PER_PHASE) != 0;
    loop->observed =
        (uint8_t)((loop->sim != NULL ? MR__IS_SIMULATED : 0) |
                  (mr__sim_traced(loop->sim) ? MR__BY_HOOKS : 0) | (special ? MR__IS_SPECIAL : 0));
    return loop->options.park == MR_PARK_POLLER ? mr__park_mode_apply(loop, MR_PARK_POLLER) : MR_OK;
}

mr_status mr_loop_create(const mr_loop_options *options, mr_loop **out_loop)
{
    mr_loop_options complete;
    if (out_loop == NULL || complete_options(options, &complete) != MR_OK)
        return MR_EINVAL;
    mr_loop *loop = mr__alloc_line(sizeof *loop);
    if (loop == NULL)
        return MR_ENOMEM;
    loop->options = complete;
    atomic_store(&loop->refs, 1); /* model: none, as above */
    mr_status status = init(loop);
    if (status != MR_OK) {
        destroy(loop);
        return status;
    }
    *out_loop = loop;
    return MR_OK;
}

mr_loop *mr_loop_ref(mr_loop *loop)
{
    /* Relaxed: a reference is taken from one that is held. model: none */
    if (loop != NULL)
        atomic_fetch_add_explicit(&loop->refs, 1, memory_order_relaxed);
    return loop;
}

/* In a child that does without the loop: nothing is reported, that is the parent's. What another
 * thread owned may be torn, so its memory is left to the end of the process. */
static void unref_forked(mr_loop *loop)
{
    if (!mr__is_owner(loop))
        return;
    mr__fork_mend(loop);
    destroy(loop);
}

void mr_loop_unref(mr_loop *loop)
{
    /* Acquire-release: what every former holder did happens before the end below. model: none */
    if (loop == NULL || atomic_fetch_sub_explicit(&loop->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (mr__forked(loop)) {
        unref_forked(loop);
        return;
    }
    if (mr__phase(loop) != MR__CLOSED) {
        /* What ends may take references, and promises that somebody holds keep theirs. model: none */
        atomic_store(&loop->refs, 1);
        mr_loop_close(loop);
        mr_loop_unref(loop);
        return;
    }
    destroy(loop);
}

mr_state mr_loop_state(const mr_loop *loop)
{
    if (loop == NULL)
        return MR_STATE_CLOSED;
    /* model: none, a hint for the caller */
    uint32_t life = atomic_load_explicit(&loop->life, memory_order_acquire);
    switch (life & MR__PHASE) {
    case MR__CREATED:
        return MR_STATE_CREATED;
    case MR__RUNNING:
        return (life & MR__ASLEEP) != 0 ? MR_STATE_SLEEPING : MR_STATE_RUNNING;
    case MR__STOPPING:
        return MR_STATE_STOPPING;
    default:
        return MR_STATE_CLOSED;
    }
}

void mr__loop_advise_bulk(void *block, size_t size_bytes)
{
    mr__bulk_advise(block, size_bytes);
}

void mr__loop_populate(void *block, size_t size_bytes)
{
    mr__bulk_populate(block, size_bytes);
}

uint64_t mr__loop_clock(mr_loop *loop)
{
    return mr__clock_of(loop);
}

uint64_t mr__loop_origin(const mr_loop *loop, uint64_t *out_wall_ns)
{
    *out_wall_ns = loop->origin_wall_ns;
    return loop->origin_ns;
}

uint64_t mr__now_fresh(mr_loop *loop)
{
    uint64_t now = mr__clock_of(loop);
    /* Release pairs with the acquire in mr_loop_now: a reader that saw one value never sees an
     * earlier one. The owner alone stores, and the clock does not go back. model: none */
    atomic_store_explicit(&loop->now_ns, now, memory_order_release);
    loop->now_is_old = false;
    return now;
}

uint64_t mr_loop_now(mr_loop *loop)
{
    if (loop == NULL)
        return 0;
    bool visit;
    if (mr__driven != loop && mr__phase(loop) != MR__CLOSED && mr__owner_enters(loop, &visit) &&
        visit) { /* the owner, idle */
        mr__now_fresh(loop);
        mr__owner_leaves(loop);
    } else if (mr__driven == loop && loop->now_is_old && mr__is_owner(loop)) {
        mr__now_fresh(loop);
    }
    return atomic_load_explicit(&loop->now_ns, memory_order_acquire); /* model: none */
}

mr_status mr_loop_hold(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    atomic_fetch_add(&loop->holds, 1); /* model: none, a reason to live, not work */
    return MR_OK;
}

mr_status mr_loop_release(mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    uint64_t holds = atomic_load(&loop->holds); /* model: none, a reason to live */
    do {
        if (holds == 0)
            return MR_EINVAL;
        /* model: none */
    } while (!atomic_compare_exchange_weak(&loop->holds, &holds, holds - 1));
    if (holds == 1)
        mr__wake_always(loop); /* liveness is evaluated between turns */
    return MR_OK;
}

static bool ingress_alive(mr_loop *loop)
{
    return mr__inbox_pending(&loop->ingress.external) != 0 ||
           mr__inbox_pending(&loop->ingress.internal) != 0 ||
           mr__counter_get(&loop->ingress.owed) != mr__counter_get(&loop->ingress.owed_unref) ||
           mr__counter_get(&loop->ingress.signal) != 0;
}

static bool ingress_alive_elsewhere(mr_loop *loop)
{
    mr__mutex_lock(&loop->ingress.lock);
    bool alive = ingress_alive(loop);
    mr__mutex_unlock(&loop->ingress.lock);
    return alive;
}

bool mr_loop_alive(const mr_loop *given)
{
    mr_loop *loop = (mr_loop *)(uintptr_t)given; /* looks only: nothing is changed */
    if (loop == NULL || mr__phase(loop) == MR__CLOSED)
        return false;
    /* model: none, reasons to live */
    if (mr__any_ref(loop) || atomic_load(&loop->holds) != 0 || mr__ring_len(&loop->ticks) != 0 ||
        mr__ring_len(&loop->microtasks) != 0 || mr__ring_len(&loop->end_jobs) != 0 ||
        mr__ring_len(&loop->closes) != 0)
        return true;
    bool visit = false;
    if (mr__driven == loop ? !mr__is_owner(loop) : !mr__owner_enters(loop, &visit))
        return !mr__forked(loop) && ingress_alive_elsewhere(loop);
    bool alive = ingress_alive(loop) || mr__microtasks_pending(loop) || loop->outcomes != NULL;
    if (visit)
        mr__owner_leaves(loop);
    return alive;
}

static void fill_tally(mr_kind_stats *out, const mr__tally *tally, uint64_t pending)
{
    out->accepted = mr__counter_get(&tally->accepted);
    out->refused = mr__counter_get(&tally->refused);
    out->run = mr__counter_get(&tally->run);
    out->cancelled = mr__counter_get(&tally->cancelled);
    out->discarded = mr__counter_get(&tally->discarded);
    out->most_pending = mr__counter_get(&tally->most);
    out->pending = pending;
}

static void fill_ring(mr_loop *loop, mr_kind_stats *out, mr_kind kind, const mr__ring *ring)
{
    fill_tally(out, &loop->other[kind], mr__ring_len(ring));
    out->accepted += mr__counter_get(&ring->tail) - ring->origin;
    out->run = mr__ring_run(ring);
    out->most_pending = mr__counter_get(&ring->most);
}

static void fill_inbox(mr_kind_stats *out, const mr__inbox *inbox)
{
    /* What has run is read first: it was accepted before. model: none, statistics */
    out->run = mr__counter_get(&inbox->run);
    out->discarded = mr__counter_get(&inbox->discarded);
    out->pending = mr__inbox_pending(inbox);
    out->accepted = mr__inbox_accepted(inbox);
    out->refused = atomic_load(&inbox->refused); /* model: none */
    out->most_pending = atomic_load(&inbox->most);
}

static void fill_memory(mr_loop *loop, mr_loop_stats *out)
{
    const mr__ring *rings[] = {&loop->ticks, &loop->microtasks, &loop->end_jobs, &loop->closes};
    const mr__inbox *inboxes[] = {&loop->ingress.external, &loop->ingress.internal};
    const mr__slab *slabs[] = {&loop->immediates, &loop->timers, &loop->watches};
    mr__mutex_lock(&loop->ingress.lock);
    out->allocations = loop->ingress.command_allocations;
    mr__mutex_unlock(&loop->ingress.lock);
    for (size_t i = 0; i < sizeof inboxes / sizeof inboxes[0]; i++) {
        out->allocations += mr__counter_get(&inboxes[i]->allocations);
        out->bytes_kept += mr__inbox_bytes(inboxes[i]);
    }
    for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++) {
        out->allocations += mr__counter_get(&rings[i]->allocations);
        out->bytes_kept += mr__counter_get(&rings[i]->bytes);
    }
    for (size_t i = 0; i < sizeof slabs / sizeof slabs[0]; i++) {
        out->allocations += mr__counter_get(&slabs[i]->allocations);
        out->bytes_kept += mr__counter_get(&slabs[i]->bytes);
    }
}

mr_status mr_loop_get_stats(mr_loop *loop, mr_loop_stats *out_stats)
{
    if (loop == NULL || out_stats == NULL)
        return MR_EINVAL;
    if (mr__forked(loop))
        return MR_EFORKED;
    mr_loop_stats stats = {.turns = mr__counter_get(&loop->turns),
                           .parks = mr__counter_get(&loop->parks),
                           .polls = mr__counter_get(&loop->polls),
                           .wakes_sent = atomic_load(&loop->wakes_sent), /* model: none */
                           .most_microtasks = mr__counter_get(&loop->most_microtasks)};
    fill_inbox(&stats.kind[MR_KIND_TASK], &loop->ingress.external);
    fill_inbox(&stats.kind[MR_KIND_INTERNAL], &loop->ingress.internal);
    mr_kind_stats *internal = &stats.kind[MR_KIND_INTERNAL];
    uint64_t side_run = mr__counter_get(&loop->side_run);
    uint64_t side_discarded = mr__counter_get(&loop->side_discarded);
    uint64_t side_accepted = mr__counter_get(&loop->ingress.side_accepted);
    internal->accepted += side_accepted;
    internal->run += side_run;
    internal->discarded += side_discarded;
    internal->pending += side_accepted - side_run - side_discarded;
    fill_ring(loop, &stats.kind[MR_KIND_MICROTASK], MR_KIND_MICROTASK, &loop->microtasks);
    stats.kind[MR_KIND_MICROTASK].run += mr__counter_get(&loop->source_run);
    fill_ring(loop, &stats.kind[MR_KIND_TICK], MR_KIND_TICK, &loop->ticks);
    fill_ring(loop, &stats.kind[MR_KIND_CLOSE], MR_KIND_CLOSE, &loop->closes);
    fill_ring(loop, &stats.kind[MR_KIND_END_JOB], MR_KIND_END_JOB, &loop->end_jobs);
    fill_tally(&stats.kind[MR_KIND_IMMEDIATE], &loop->other[MR_KIND_IMMEDIATE],
               mr__counter_get(&loop->immediates.live));
    fill_tally(&stats.kind[MR_KIND_TIMER], &loop->other[MR_KIND_TIMER],
               mr__counter_get(&loop->timers.live));
    fill_tally(&stats.kind[MR_KIND_WATCH], &loop->other[MR_KIND_WATCH],
               mr__counter_get(&loop->watches.live));
    stats.kind[MR_KIND_WATCH].refused += mr__counter_get(&loop->ingress.watches_refused);
    for (int i = 0; i < MR_KIND_COUNT; i++)
        stats.kind[i].attempted = stats.kind[i].accepted + stats.kind[i].refused;
    fill_memory(loop, &stats);
    *out_stats = stats;
    return MR_OK;
}

mr_status mr__loop_claim_runtime(mr_loop *loop, void *runtime)
{
    if (loop->runtime != NULL)
        return MR_EBUSY;
    loop->runtime = runtime;
    return MR_OK;
}

void mr__loop_release_runtime(mr_loop *loop)
{
    loop->runtime = NULL;
}
