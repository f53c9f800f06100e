/* A bounded queue of tasks that any thread appends to and the owner takes from.
 *
 * A position only rises. A producer claims the next ones by one compare-and-swap of `gate`, which holds
 * the position and whether the queue is open: so a claim is accepted, in order, or refused, in one step,
 * and when the gate is shut nothing is accepted any more. Then it writes the task into its slot, last
 * the function, by which the owner knows that it is there. The owner takes in the order of positions;
 * it waits for a slot that is claimed and not yet written.
 *
 * The owner writes no slot: that would fetch each line of them once more, and a producer that writes the next
 * slot of the line would have to fetch it back. A bit in the slot tells this lap's task from the last one's.
 *
 * Slots lie in chunks, found through a directory by position, so the queue grows without moving a task.
 * After Vyukov's bounded queue, with chunks and with one producers' word instead of a sequence number in
 * each slot.
 *
 * Who may touch what: producers the first line, which has all that a claim needs; all the directory; the
 * owner the line of `head`; the rest is under `lock`, taken once a chunk. */
#ifndef MR_LOOP_INBOX_H
#define MR_LOOP_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <millrace/submit.h>

#include "base/counter.h"
#include "base/macros.h"
#include "os/thread.h"

#ifdef MR_TEST
enum { MR__INBOX_CHUNK = 64 };
#else
enum { MR__INBOX_CHUNK = 1024 };
#endif

/* The flags below the position, and what a position is counted in. */
enum {
    MR__INBOX_SHUT = 1,       /* to other threads */
    MR__INBOX_SHUT_OWNER = 2, /* to the owner */
    MR__INBOX_HELD = 4,       /* nobody may pass until mr__inbox_let_go */
    MR__INBOX_FLAGS = 7,
    MR__INBOX_STEP = 8,
    MR__INBOX_CHUNK_STEPS = MR__INBOX_CHUNK * MR__INBOX_STEP
};

/* The first word of a slot: a function, of which these two bits, zero in every address that can be called,
 * say more. */
#define MR__INBOX_LAP                                                                              \
    ((uint64_t)1 << 63) /* as the chunk's: written, else left from the lap before */
#define MR__INBOX_BESIDE ((uint64_t)1 << 62) /* there is a discard function */

typedef struct mr__inbox_slot {
    _Atomic uint64_t word;
    void *arg;
} mr__inbox_slot;

typedef struct mr__inbox_chunk {
    mr__inbox_slot slots[MR__INBOX_CHUNK];
    struct mr__inbox_chunk *next; /* of the spare ones */
    uint64_t lap;                 /* the bit is turned over when all slots were taken */
    mr_discard_fn *discards[MR__INBOX_CHUNK];
} mr__inbox_chunk;

typedef struct mr__inbox {
    alignas(MR_LINE) _Atomic uint64_t gate; /* first position not claimed, and flags */
    _Atomic uint64_t seen;                  /* a head that some producer has read */
    uint64_t limit;                         /* the bound, in steps */
    mr__inbox_chunk *_Atomic *directory;
    uint64_t directory_mask;
    _Atomic uint64_t peak; /* most pending since mr__inbox_peak */
    _Atomic uint64_t most;
    _Atomic uint64_t refused;

    alignas(MR_LINE) _Atomic uint64_t head; /* first position not taken; written by the owner */
    mr__inbox_chunk *front;                 /* where head is; NULL: to be looked up */
    mr__counter run, discarded;
    uint64_t scrubbed;     /* a head at which no slot held an old argument */
    uint32_t small_drains; /* in a row that used under a quarter */
    uint32_t waits;        /* in a row for the slot at head to be written */
    uint32_t bound;

    alignas(MR_LINE) mr__mutex lock;
    uint64_t origin;        /* gate when nothing had been accepted */
    uint64_t installed;     /* first position without a chunk */
    mr__inbox_chunk *spare; /* kept for later */
    mr__counter chunks;     /* in the directory and spare */
    mr__counter allocations;
} mr__inbox;

/* Of a zeroed struct; deinit also of one whose init failed or never was. */
mr_status mr__inbox_init(mr__inbox *inbox, uint32_t bound);
void mr__inbox_deinit(mr__inbox *inbox);

static inline mr__inbox_chunk *_Atomic *mr__inbox_entry(const mr__inbox *inbox, uint64_t at)
{
    return &inbox->directory[at / MR__INBOX_CHUNK_STEPS & inbox->directory_mask];
}
static inline uint32_t mr__inbox_slot_of(uint64_t at)
{
    return (uint32_t)(at / MR__INBOX_STEP % MR__INBOX_CHUNK);
}
/* The flags that stop this side. */
static inline uint64_t mr__inbox_bars(bool owner)
{
    return MR__INBOX_HELD | (owner ? MR__INBOX_SHUT_OWNER : MR__INBOX_SHUT);
}

/* Any thread; the caller wakes the owner. push_many accepts as many of n > 0 tasks as there is room
 * for, in a row: 0 when all were, else why not the next. */
mr_status mr__inbox_push(mr__inbox *inbox, bool owner, const mr_task *task);
mr_status mr__inbox_push_many(mr__inbox *inbox, bool owner, const mr_task *tasks, size_t n,
                              size_t *out_accepted);
/* After a claim up to `end` that looked deeper than any before, and before its slots are written: so the head
 * is not beyond them. */
void mr__inbox_tell_depth(mr__inbox *inbox, uint64_t end);
MR_INLINE void mr__inbox_write(mr__inbox_chunk *chunk, uint64_t at, mr_task_fn *fn, void *arg,
                               mr_discard_fn *discard)
{
    mr__inbox_slot *slot = &chunk->slots[mr__inbox_slot_of(at)];
    uint64_t word = (uint64_t)(uintptr_t)fn ^ chunk->lap;
    slot->arg = arg;
    if (MR_UNLIKELY(discard != NULL)) {
        chunk->discards[mr__inbox_slot_of(at)] = discard;
        word |= MR__INBOX_BESIDE;
    }
    /* Release pairs with the acquire in mr__inbox_pop: the task is whole. model: WRITTEN */
    atomic_store_explicit(&slot->word, word, memory_order_release);
}
/* One task where nothing stands in its way. False: nothing is done, mr__inbox_push knows why. */
MR_INLINE bool mr__inbox_push_fast(mr__inbox *inbox, bool owner, mr_task_fn *fn, void *arg,
                                   mr_discard_fn *discard)
{
    const uint64_t bars = mr__inbox_bars(owner), limit = inbox->limit;
    uint64_t used;
    mr__inbox_chunk *chunk;
    /* model: none, the exchange below decides */
    uint64_t gate = atomic_load_explicit(&inbox->gate, memory_order_relaxed);
    do {
        /* Acquire: see look_at_head, and for the chunk install. By a gate that was old `used` is beyond
         * the limit. model: none, a part of CLAIM */
        used = gate - atomic_load_explicit(&inbox->seen, memory_order_acquire);
        chunk = atomic_load_explicit(mr__inbox_entry(inbox, gate), memory_order_acquire);
        if (MR_UNLIKELY((gate & bars) != 0 || used >= limit || chunk == NULL))
            return false;
        /* Sequentially consistent with the look before parking: see loop/wake.c. A gate that has not
         * changed has kept the chunk too: it goes when its last position was taken, and none from the
         * gate on was. model: CLAIM */
    } while (MR_UNLIKELY(!atomic_compare_exchange_weak_explicit(
        &inbox->gate, &gate, gate + MR__INBOX_STEP, memory_order_seq_cst, memory_order_relaxed)));
    /* model: none, statistics */
    if (MR_UNLIKELY(used / MR__INBOX_STEP >=
                    atomic_load_explicit(&inbox->peak, memory_order_relaxed)))
        mr__inbox_tell_depth(inbox, (gate & ~(uint64_t)MR__INBOX_FLAGS) + MR__INBOX_STEP);
    mr__inbox_write(chunk, gate, fn, arg, discard);
    return true;
}
/* n tasks are not accepted: counted, *out_status told; 0. */
size_t mr__inbox_refuse(mr__inbox *inbox, size_t n, mr_status why, mr_status *out_status);
/* A producer that was refused for want of room, though the owner may have made room since: the next peak
 * is the bound. False: it was already. */
bool mr__inbox_was_full(mr__inbox *inbox);
static inline uint64_t mr__inbox_pending(const mr__inbox *inbox)
{
    /* Head first: it never passes the gate. Sequentially consistent, for the look before parking:
     * see loop/wake.c. model: PEEK, LOOK_CLAIMED */
    uint64_t head = atomic_load(&inbox->head);
    return ((atomic_load(&inbox->gate) & ~(uint64_t)MR__INBOX_FLAGS) - head) / MR__INBOX_STEP;
}
/* Whether it is not 0, of any thread at any moment, with no other order: a hint. */
static inline uint64_t mr__inbox_any(const mr__inbox *inbox)
{
    /* model: none, what is missed here is seen by mr__inbox_pending */
    return (atomic_load_explicit(&inbox->gate, memory_order_relaxed) ^
            atomic_load_explicit(&inbox->head, memory_order_relaxed)) &
           ~(uint64_t)MR__INBOX_FLAGS;
}
static inline uint64_t mr__inbox_accepted(const mr__inbox *inbox)
{
    /* model: none, statistics */
    return ((atomic_load(&inbox->gate) & ~(uint64_t)MR__INBOX_FLAGS) - inbox->origin) /
           MR__INBOX_STEP;
}
static inline uint64_t mr__inbox_bytes(const mr__inbox *inbox)
{
    return mr__counter_get(&inbox->chunks) * sizeof(mr__inbox_chunk);
}
/* The owner: how many wait, and in *out_peak the most since the last call. What came between is in
 * this peak or in the next. */
uint64_t mr__inbox_peak(mr__inbox *inbox, uint64_t *out_peak);

/* Parts of mr__inbox_pop. The chunk of a position, if there is one; the word of a slot that was not written,
 * if it has been after all, for its producer is two stores away, or was interrupted there; and the end of a
 * chunk, of which the last task was taken. */
bool mr__inbox_find_front(mr__inbox *inbox, uint64_t at);
bool mr__inbox_not_written(mr__inbox *inbox, uint64_t at, bool wait, uint64_t *out_word);
void mr__inbox_retire(mr__inbox *inbox, uint64_t at);
static inline uint64_t mr__inbox_word(const mr__inbox_chunk *chunk, uint64_t at)
{
    /* Acquire pairs with the release in mr__inbox_write. model: TAKE_WRITTEN */
    return atomic_load_explicit(&chunk->slots[mr__inbox_slot_of(at)].word, memory_order_acquire) ^
           chunk->lap;
}
/* The owner takes the first task, if it is there. False: none is claimed, or it is not written yet.
 * `wait`: then it is waited for. */
MR_INLINE bool mr__inbox_pop(mr__inbox *inbox, bool wait, mr_task *out_task)
{
    /* model: none, the owner's own */
    uint64_t at = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    if (MR_UNLIKELY(inbox->front == NULL) && !mr__inbox_find_front(inbox, at))
        return false;
    const mr__inbox_chunk *chunk = inbox->front;
    uint64_t word = mr__inbox_word(chunk, at);
    mr_discard_fn *discard = NULL;
    if (MR_UNLIKELY((word & (MR__INBOX_LAP | MR__INBOX_BESIDE)) != 0)) {
        if ((word & MR__INBOX_LAP) != 0 && !mr__inbox_not_written(inbox, at, wait, &word))
            return false;
        if ((word & MR__INBOX_BESIDE) != 0)
            discard = chunk->discards[mr__inbox_slot_of(at)];
        word &= ~MR__INBOX_BESIDE;
    }
    *out_task =
        (mr_task){(mr_task_fn *)(uintptr_t)word, chunk->slots[mr__inbox_slot_of(at)].arg, discard};
    if (MR_UNLIKELY(mr__inbox_slot_of(at) == MR__INBOX_CHUNK - 1))
        mr__inbox_retire(inbox, at);
    /* Release pairs with the acquire in look_at_head. model: TAKE_WRITTEN */
    atomic_store_explicit(&inbox->head, at + MR__INBOX_STEP, memory_order_release);
    return true;
}

/* Flags of the gate that are set from now on. */
void mr__inbox_shut(mr__inbox *inbox, unsigned flags);
bool mr__inbox_is_shut(const mr__inbox *inbox, bool owner);
/* Stop all producers at the gate, decide something, and let them go on. */
void mr__inbox_hold(mr__inbox *inbox);
void mr__inbox_let_go(mr__inbox *inbox);

/* The owner, after a drain that began with `used` tasks: gives memory back after 64 small ones. */
void mr__inbox_drained(mr__inbox *inbox, uint64_t used);
/* The owner, before a long wait: keeps `keep` slots, and in free ones no argument of a task that was. */
void mr__inbox_trim(mr__inbox *inbox, uint32_t keep);
/* In a forked child: the tasks stay the parent's. */
void mr__inbox_after_fork(mr__inbox *inbox);
#ifdef MR_TEST
void mr__inbox_preset(mr__inbox *inbox, uint64_t value); /* empty: set the positions */
#endif

#endif
