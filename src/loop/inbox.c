#include "loop/inbox.h"

#include "base/memory.h"
#include "os/spin.h"

enum { CHUNK_STEPS = MR__INBOX_CHUNK_STEPS, SMALL_DRAINS = 64, LOOKS = 128 };

static inline uint64_t position_of(uint64_t gate)
{
    return gate & ~(uint64_t)MR__INBOX_FLAGS;
}

mr_status mr__inbox_init(mr__inbox *inbox, uint32_t bound)
{
    /* One more than tasks can fill, since they need not begin where a chunk does: so the entry of a
     * position that may be claimed has been given up by the chunk before. */
    uint64_t entries = 2;
    while (entries < (uint64_t)bound / MR__INBOX_CHUNK + 2)
        entries *= 2;
    inbox->directory = mr__alloc_zero(entries * sizeof *inbox->directory);
    if (inbox->directory == NULL)
        return MR_ENOMEM;
    inbox->directory_mask = entries - 1;
    inbox->bound = bound;
    inbox->limit = (uint64_t)bound * MR__INBOX_STEP;
    return mr__mutex_init(&inbox->lock);
}

/* ---- chunks: under the lock ---- */

static mr__inbox_chunk *take_spare(mr__inbox *inbox)
{
    mr__inbox_chunk *chunk = inbox->spare;
    if (chunk != NULL)
        inbox->spare = chunk->next;
    return chunk;
}

static void free_chunk(mr__inbox *inbox, mr__inbox_chunk *chunk)
{
    mr__counter_set(&inbox->chunks, mr__counter_get(&inbox->chunks) - 1);
    mr__free(chunk);
}

static void keep_at_most(mr__inbox *inbox, uint64_t chunks)
{
    while (inbox->spare != NULL && mr__counter_get(&inbox->chunks) > chunks)
        free_chunk(inbox, take_spare(inbox));
}

static mr__inbox_chunk *new_chunk(mr__inbox *inbox)
{
    mr__inbox_chunk *chunk = mr__alloc_line(sizeof *chunk);
    if (chunk != NULL) {
        chunk->lap = MR__INBOX_LAP;
        mr__counter_add(&inbox->chunks, 1);
        mr__counter_add(&inbox->allocations, 1);
    }
    return chunk;
}

static void install(mr__inbox *inbox, mr__inbox_chunk *chunk)
{
    /* Release pairs with the acquire in claim: who finds the chunk finds its slots empty.
     * model: none, a part of CLAIM */
    atomic_store_explicit(mr__inbox_entry(inbox, inbox->installed), chunk, memory_order_release);
    inbox->installed += CHUNK_STEPS;
}

static bool install_until(mr__inbox *inbox, uint64_t end)
{
    bool all = true;
    mr__mutex_lock(&inbox->lock);
    while (all && (int64_t)(end - inbox->installed) > 0) {
        mr__inbox_chunk *chunk = take_spare(inbox);
        if (chunk == NULL)
            chunk = new_chunk(inbox);
        if (chunk != NULL)
            install(inbox, chunk);
        all = chunk != NULL;
    }
    mr__mutex_unlock(&inbox->lock);
    return all;
}

/* ---- producers ---- */

/* Whether it was lower. */
static bool raise_to(_Atomic uint64_t *most, uint64_t depth)
{
    uint64_t known = atomic_load_explicit(most, memory_order_relaxed); /* model: none, statistics */
    while (known < depth)
        if (atomic_compare_exchange_weak_explicit(most, &known, depth, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    return false;
}

static uint64_t look_at_head(mr__inbox *inbox)
{
    /* Acquire pairs with the release in mr__inbox_pop: what was taken there is gone from the slots and
     * the directory. It is handed on to other producers by `seen`. model: none, a part of CLAIM */
    uint64_t head = atomic_load_explicit(&inbox->head, memory_order_acquire);
    atomic_store_explicit(&inbox->seen, head, memory_order_release); /* model: none */
    return head;
}

/* By a head that may be old. */
MR_COLD void mr__inbox_tell_depth(mr__inbox *inbox, uint64_t end)
{
    uint64_t depth = (end - look_at_head(inbox)) / MR__INBOX_STEP;
    raise_to(&inbox->peak, depth);
    raise_to(&inbox->most, depth);
}

static void wait_at_gate(mr__inbox *inbox)
{
    mr__mutex_lock(&inbox->lock); /* of who holds the gate */
    mr__mutex_unlock(&inbox->lock);
}

static inline mr__inbox_chunk *chunk_at(const mr__inbox *inbox, uint64_t at)
{
    /* Acquire: see install. model: none, a part of CLAIM */
    return atomic_load_explicit(mr__inbox_entry(inbox, at), memory_order_acquire);
}

MR_COLD size_t mr__inbox_refuse(mr__inbox *inbox, size_t n, mr_status why, mr_status *out_status)
{
    /* model: none, statistics */
    atomic_fetch_add_explicit(&inbox->refused, n, memory_order_relaxed);
    *out_status = why;
    return 0;
}

/* The next n places, or those of them for which there is room, from *out_at on. */
static size_t claim(mr__inbox *inbox, bool owner, size_t n, uint64_t *out_at, mr_status *out_status)
{
    const uint64_t limit = inbox->limit, shut = mr__inbox_bars(owner);
    /* model: none, the exchange below decides */
    uint64_t gate = atomic_load_explicit(&inbox->gate, memory_order_relaxed);
    for (;; gate = atomic_load_explicit(&inbox->gate, memory_order_relaxed)) { /* model: none */
        if (MR_UNLIKELY((gate & shut) != 0)) {
            if ((gate & MR__INBOX_HELD) == 0)
                return mr__inbox_refuse(inbox, n, MR_ECLOSED, out_status);
            wait_at_gate(inbox);
            continue;
        }
        uint64_t at = position_of(gate), take = n * MR__INBOX_STEP;
        /* Acquire: see look_at_head. model: none, a part of CLAIM */
        uint64_t used = at - atomic_load_explicit(&inbox->seen, memory_order_acquire);
        if (MR_UNLIKELY(used > limit - take)) {
            used = at - look_at_head(inbox);
            if ((int64_t)used < 0)
                continue; /* the gate has moved on */
            if (used >= limit)
                return mr__inbox_refuse(inbox, n, MR_EBACKPRESSURE, out_status);
            if (take > limit - used)
                take = limit - used;
        }
        if (MR_UNLIKELY(chunk_at(inbox, at) == NULL ||
                        chunk_at(inbox, at + take - MR__INBOX_STEP) == NULL)) {
            if (!install_until(inbox, at + take))
                return mr__inbox_refuse(inbox, n, MR_ENOMEM, out_status);
            continue;
        }
        /* Sequentially consistent with the look before parking: see loop/wake.c. A gate that has
         * not changed has kept the chunks too: they go with positions that were claimed.
         * model: CLAIM */
        if (MR_LIKELY(atomic_compare_exchange_weak_explicit(
                &inbox->gate, &gate, gate + take, memory_order_seq_cst, memory_order_relaxed))) {
            /* model: none, statistics */
            if (MR_UNLIKELY((used + take) / MR__INBOX_STEP >
                            atomic_load_explicit(&inbox->peak, memory_order_relaxed)))
                mr__inbox_tell_depth(inbox, at + take);
            *out_at = at;
            if (MR_UNLIKELY(take != n * MR__INBOX_STEP))
                mr__inbox_refuse(inbox, n - take / MR__INBOX_STEP, MR_EBACKPRESSURE, out_status);
            return take / MR__INBOX_STEP;
        }
    }
}

static void write_slots(mr__inbox *inbox, uint64_t at, const mr_task *tasks, size_t n)
{
    const mr_task *end = tasks + n;
    while (tasks != end) {
        mr__inbox_chunk *chunk = chunk_at(inbox, at);
        size_t left = MR__INBOX_CHUNK - mr__inbox_slot_of(at), here = (size_t)(end - tasks);
        for (size_t i = 0; i < (here < left ? here : left); i++) {
            mr__inbox_write(chunk, at, tasks->fn, tasks->arg, tasks->discard);
            at += MR__INBOX_STEP;
            tasks++;
        }
    }
}

mr_status mr__inbox_push(mr__inbox *inbox, bool owner, const mr_task *task)
{
    uint64_t at = 0;
    mr_status status = MR_OK;
    if (mr__inbox_push_fast(inbox, owner, task->fn, task->arg, task->discard))
        return MR_OK;
    if (claim(inbox, owner, 1, &at, &status) == 1)
        write_slots(inbox, at, task, 1);
    return status;
}

mr_status mr__inbox_push_many(mr__inbox *inbox, bool owner, const mr_task *tasks, size_t n,
                              size_t *out_accepted)
{
    uint64_t at = 0;
    mr_status status = MR_OK;
    size_t asked = n < inbox->bound ? n : inbox->bound;
    size_t accepted = claim(inbox, owner, asked, &at, &status);
    write_slots(inbox, at, tasks, accepted);
    if (MR_UNLIKELY(asked != n))
        mr__inbox_refuse(inbox, n - asked, status == MR_OK ? MR_EBACKPRESSURE : status, &status);
    *out_accepted = accepted;
    return status;
}

/* Relaxed, though the owner must see it: the caller's poke tells it. Where it stood already, its teller is
 * in the middle of a poke, or of a task whose slot the owner has yet to take. */
bool mr__inbox_was_full(mr__inbox *inbox)
{
    return raise_to(&inbox->peak, inbox->bound);
}

/* ---- the gate ---- */

void mr__inbox_shut(mr__inbox *inbox, unsigned flags)
{
    atomic_fetch_or(&inbox->gate, flags); /* model: SHUT_OUT, or a part of SHUT and SHUT_FORCED */
}

bool mr__inbox_is_shut(const mr__inbox *inbox, bool owner)
{
    /* model: none, a part of others' steps under ingress.lock */
    return (atomic_load(&inbox->gate) & (owner ? MR__INBOX_SHUT_OWNER : MR__INBOX_SHUT)) != 0;
}

void mr__inbox_hold(mr__inbox *inbox)
{
    mr__mutex_lock(&inbox->lock);
    atomic_fetch_or(&inbox->gate, MR__INBOX_HELD); /* model: SHUT */
}

void mr__inbox_let_go(mr__inbox *inbox)
{
    atomic_fetch_and(&inbox->gate, ~(uint64_t)MR__INBOX_HELD); /* model: SHUT */
    mr__mutex_unlock(&inbox->lock);
}

/* ---- the owner ---- */

uint64_t mr__inbox_peak(mr__inbox *inbox, uint64_t *out_peak)
{
    uint64_t told = atomic_exchange(&inbox->peak, 0); /* model: none, statistics */
    uint64_t depth = mr__inbox_pending(inbox);
    raise_to(&inbox->peak, depth);
    *out_peak = told > depth ? told : depth;
    return depth;
}

MR_COLD bool mr__inbox_find_front(mr__inbox *inbox, uint64_t at)
{
    inbox->front = chunk_at(inbox, at);
    return inbox->front != NULL;
}

MR_COLD bool mr__inbox_not_written(mr__inbox *inbox, uint64_t at, bool wait, uint64_t *out_word)
{
    if (mr__inbox_pending(inbox) == 0)
        return false;
    do {
        for (unsigned looks = 0; looks < LOOKS; looks++) {
            *out_word = mr__inbox_word(inbox->front, at);
            if ((*out_word & MR__INBOX_LAP) == 0) {
                inbox->waits = 0;
                return true;
            }
            mr__spin_pause();
        }
        mr__thread_back_off(inbox->waits++);
    } while (wait);
    return false;
}

/* The front chunk becomes the next one, or a spare one. The entry is empty before `head` says that its
 * positions are free again. */
MR_COLD void mr__inbox_retire(mr__inbox *inbox, uint64_t at)
{
    mr__inbox_chunk *chunk = inbox->front;
    inbox->front = NULL;
    chunk->lap ^= MR__INBOX_LAP;
    mr__mutex_lock(&inbox->lock);
    atomic_store_explicit(mr__inbox_entry(inbox, at), NULL, memory_order_relaxed); /* model: none */
    if (inbox->installed - at <= CHUNK_STEPS) {
        install(inbox, chunk);
    } else {
        chunk->next = inbox->spare;
        inbox->spare = chunk;
    }
    mr__mutex_unlock(&inbox->lock);
}

void mr__inbox_drained(mr__inbox *inbox, uint64_t used)
{
    uint64_t chunks = mr__counter_get(&inbox->chunks);
    if (MR_LIKELY(chunks <= 2) || used * 4 >= chunks * MR__INBOX_CHUNK) {
        inbox->small_drains = 0;
        return;
    }
    if (++inbox->small_drains < SMALL_DRAINS)
        return;
    inbox->small_drains = 0;
    mr__mutex_lock(&inbox->lock);
    keep_at_most(inbox, chunks / 2);
    mr__mutex_unlock(&inbox->lock);
}

static void trim_chunks(mr__inbox *inbox, uint32_t keep)
{
    if (mr__counter_get(&inbox->chunks) * MR__INBOX_CHUNK <= keep)
        return;
    mr__mutex_lock(&inbox->lock);
    keep_at_most(inbox, keep / MR__INBOX_CHUNK);
    mr__mutex_unlock(&inbox->lock);
}

/* The hold lets nobody write meanwhile but whose places are claimed. */
static void scrub_all(mr__inbox *inbox, uint64_t head)
{
    mr__inbox_hold(inbox);
    uint64_t claimed = position_of(atomic_load(&inbox->gate)) - head; /* model: none, as SHUT */
    for (uint64_t at = head / CHUNK_STEPS * CHUNK_STEPS; at != inbox->installed;
         at += MR__INBOX_STEP)
        if (at - head >= claimed)
            chunk_at(inbox, at)->slots[mr__inbox_slot_of(at)].arg = NULL;
    for (mr__inbox_chunk *chunk = inbox->spare; chunk != NULL; chunk = chunk->next)
        for (unsigned i = 0; i < MR__INBOX_CHUNK; i++)
            chunk->slots[i].arg = NULL;
    mr__inbox_let_go(inbox);
}

/* What was taken since the last time lies in this chunk, which no producer comes to again before it was
 * retired; or everywhere. */
static void scrub(mr__inbox *inbox)
{
    uint64_t at = inbox->scrubbed, head = atomic_load(&inbox->head); /* model: none, its own */
    inbox->scrubbed = head;
    if (at / CHUNK_STEPS != head / CHUNK_STEPS)
        scrub_all(inbox, head);
    else
        for (; at != head; at += MR__INBOX_STEP)
            inbox->front->slots[mr__inbox_slot_of(at)].arg = NULL;
}

void mr__inbox_trim(mr__inbox *inbox, uint32_t keep)
{
    trim_chunks(inbox, keep);
    scrub(inbox);
}

/* ---- as a whole ---- */

/* The queue is empty: where the next task goes there is no chunk. `whole`: they can be freed. */
static void drop_chunks(mr__inbox *inbox, bool whole)
{
    for (uint64_t i = 0; inbox->directory != NULL && i <= inbox->directory_mask; i++) {
        /* model: none, nobody else is there */
        mr__inbox_chunk *chunk = atomic_exchange(&inbox->directory[i], NULL);
        if (whole && chunk != NULL)
            free_chunk(inbox, chunk);
    }
    if (whole)
        keep_at_most(inbox, 0);
    else
        mr__counter_set(&inbox->chunks, 0);
    inbox->spare = NULL;
    inbox->front = NULL;
}

void mr__inbox_deinit(mr__inbox *inbox)
{
    drop_chunks(inbox, true);
    mr__free(inbox->directory);
    mr__mutex_deinit(&inbox->lock);
}

/* At the beginning of a chunk: of one that was not filled from there the laps of its slots would differ. */
static void set_positions(mr__inbox *inbox, uint64_t near, uint64_t ended)
{
    uint64_t at = near / CHUNK_STEPS * CHUNK_STEPS;
    /* model: none, of all: nobody else is there */
    atomic_store(&inbox->gate,
                 at | (atomic_load(&inbox->gate) & (MR__INBOX_SHUT | MR__INBOX_SHUT_OWNER)));
    atomic_store(&inbox->head, at);
    atomic_store(&inbox->seen, at);
    inbox->origin = at - ended * MR__INBOX_STEP;
    inbox->scrubbed = at;
    inbox->installed = at;
}

void mr__inbox_after_fork(mr__inbox *inbox)
{
    bool whole = mr__mutex_free(&inbox->lock);
    mr__mutex_renew(&inbox->lock);
    drop_chunks(inbox, whole);
    uint64_t ended = mr__counter_get(&inbox->run) + mr__counter_get(&inbox->discarded);
    set_positions(inbox, position_of(atomic_load(&inbox->gate)), ended); /* model: none */
    atomic_store(&inbox->peak, 0);                                       /* model: none */
    atomic_store(&inbox->most, 0);                                       /* model: none */
}

#ifdef MR_TEST
void mr__inbox_preset(mr__inbox *inbox, uint64_t value)
{
    MR_ASSERT(mr__inbox_pending(inbox) == 0);
    drop_chunks(inbox, true);
    set_positions(inbox, position_of(value), mr__inbox_accepted(inbox));
}
#endif
