/* A bounded queue of tasks that any thread appends to and the owner takes from.
 *
 * A position only rises. A producer claims the next ones by one compare-and-swap of `gate`, which holds
 * the position and whether the queue is open: so a claim is accepted, in order, or refused, in one step,
 * and when the gate is shut nothing is accepted any more. Then it writes the task into its slot, last
 * the function, by which the owner knows that it is there. The owner takes in the order of positions;
 * it waits for a slot that is claimed and not yet written.
 *
 * Slots lie in chunks, found through a directory by position, so the queue grows without moving a task.
 * After Vyukov's bounded queue, with chunks and with one producers' word instead of a sequence number in
 * each slot.
 *
 * Who may touch what: producers the first line; all the directory; the owner the line of `head`; the rest
 * is under `lock`, taken once a chunk. */
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
    MR__INBOX_STEP = 8
};

typedef struct mr__inbox_slot {
    mr_task_fn *_Atomic fn; /* NULL: not written, or taken */
    void *arg;
} mr__inbox_slot;

typedef struct mr__inbox_chunk {
    mr__inbox_slot slots[MR__INBOX_CHUNK];
    struct mr__inbox_chunk *next; /* of the spare ones */
    /* Until a task with a discard function comes into this chunk, nobody reads or writes the array;
     * from then on everybody writes it. */
    _Atomic bool discards_used;
    mr_discard_fn *discards[MR__INBOX_CHUNK];
} mr__inbox_chunk;

typedef struct mr__inbox {
    alignas(MR_LINE) _Atomic uint64_t gate; /* first position not claimed, and flags */
    _Atomic uint64_t seen;                  /* a head that some producer has read */
    _Atomic uint64_t peak;                  /* most pending since mr__inbox_peak */
    _Atomic uint64_t most;
    _Atomic uint64_t refused;

    alignas(MR_LINE) mr__inbox_chunk *_Atomic *directory;
    uint64_t directory_mask;
    uint32_t bound;
    uint64_t origin; /* gate when nothing had been accepted */

    alignas(MR_LINE) _Atomic uint64_t head; /* first position not taken; written by the owner */
    mr__inbox_chunk *front;                 /* where head is; NULL: to be looked up */
    mr__counter run, discarded;
    uint32_t small_drains; /* in a row that used under a quarter */
    uint32_t waits;        /* in a row for the slot at head to be written */

    alignas(MR_LINE) mr__mutex lock;
    uint64_t installed;     /* first position without a chunk */
    mr__inbox_chunk *spare; /* kept for later */
    mr__counter chunks;     /* in the directory and spare */
    mr__counter allocations;
} mr__inbox;

/* Of a zeroed struct; deinit also of one whose init failed or never was. */
mr_status mr__inbox_init(mr__inbox *inbox, uint32_t bound);
void mr__inbox_deinit(mr__inbox *inbox);

/* Any thread; the caller wakes the owner. push_many accepts as many of n > 0 tasks as there is room
 * for, in a row: 0 when all were, else why not the next. */
mr_status mr__inbox_push(mr__inbox *inbox, bool owner, const mr_task *task);
mr_status mr__inbox_push_many(mr__inbox *inbox, bool owner, const mr_task *tasks, size_t n,
                              size_t *out_accepted);
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

static inline uint32_t mr__inbox_slot_of(uint64_t at)
{
    return (uint32_t)(at / MR__INBOX_STEP % MR__INBOX_CHUNK);
}
/* Parts of mr__inbox_pop. The chunk of a position, if there is one; whether a slot that was empty has been
 * written after all, for its producer is two stores away, or was interrupted there; and the end of a
 * chunk, of which the last task was taken. */
bool mr__inbox_find_front(mr__inbox *inbox, uint64_t at);
bool mr__inbox_not_written(mr__inbox *inbox, uint64_t at, bool wait);
void mr__inbox_retire(mr__inbox *inbox, uint64_t at);
/* The owner takes the first task, if it is there. False: none is claimed, or it is not written yet.
 * `wait`: then it is waited for. */
MR_INLINE bool mr__inbox_pop(mr__inbox *inbox, bool wait, mr_task *out_task)
{
    /* model: none, the owner's own */
    uint64_t at = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    if (MR_UNLIKELY(inbox->front == NULL) && !mr__inbox_find_front(inbox, at))
        return false;
    mr__inbox_chunk *chunk = inbox->front;
    mr__inbox_slot *slot = &chunk->slots[mr__inbox_slot_of(at)];
    /* Acquire pairs with the release in write_slot. model: TAKE_WRITTEN */
    mr_task_fn *fn = atomic_load_explicit(&slot->fn, memory_order_acquire);
    if (MR_UNLIKELY(fn == NULL)) {
        if (!mr__inbox_not_written(inbox, at, wait))
            return false;
        fn = atomic_load_explicit(&slot->fn, memory_order_acquire); /* model: TAKE_WRITTEN */
    }
    *out_task = (mr_task){.fn = fn, .arg = slot->arg};
    /* model: none, with the task's own order */
    if (MR_UNLIKELY(atomic_load_explicit(&chunk->discards_used, memory_order_relaxed)))
        out_task->discard = chunk->discards[mr__inbox_slot_of(at)];
    slot->arg = NULL;
    /* Relaxed: `head` tells it. model: none */
    atomic_store_explicit(&slot->fn, NULL, memory_order_relaxed);
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
void mr__inbox_trim(mr__inbox *inbox, uint32_t keep);
/* In a forked child: the tasks stay the parent's. */
void mr__inbox_after_fork(mr__inbox *inbox);
#ifdef MR_TEST
void mr__inbox_preset(mr__inbox *inbox, uint64_t value); /* empty: set the positions */
#endif

#endif
