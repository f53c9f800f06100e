/* A hierarchical timing wheel over 64-bit nanoseconds (Varghese and Lauck, 1987).
 *
 * A timer stands on the level of the highest 6-bit digit in which its deadline differs from the
 * wheel's time, in the slot of that digit. So all timers of a lower level come before all of a
 * higher one, slots of a level are in order, and the next deadline is found from one occupancy word
 * a level. When the time enters a slot its timers move down. Timers of one deadline always share a
 * list, in order of starting.
 *
 * Lists are doubly linked by slot number. Besides the wheel's: OVERDUE (started with a deadline not
 * after the wheel's time), DUE (collected for firing, in order), NEVER (deadline 2^64-1), and NONE
 * for the timer whose callback runs.
 *
 * Invariant (mr__wheel_check): each timer is on the list it names, an occupancy bit is set exactly
 * if its list is not empty, and each deadline on a wheel list lies after the wheel's time and in
 * the list's range. */
#ifndef MR_LOOP_WHEEL_H
#define MR_LOOP_WHEEL_H

#include <stdint.h>

#include "base/slab.h"

enum {
    MR__WHEEL_LEVELS = 11,
    MR__LIST_OVERDUE = MR__WHEEL_LEVELS * 64,
    MR__LIST_DUE,
    MR__LIST_NEVER,
    MR__LIST_NONE,
    MR__LISTS = MR__LIST_NONE
};

enum {
    MR__TIMER_REF = 1,
    MR__TIMER_REPEAT = 2,
    MR__TIMER_CLAMP = 4,
    MR__TIMER_CANCELLED = 8, /* in its own callback */
    MR__TIMER_REARMED = 16   /* by a reset in its own callback */
};

typedef struct mr__timer {
    mr__slot slot; /* slot.next: next on the list */
    uint32_t prev;
    uint32_t turn; /* of starting */
    uint64_t deadline_ns;
    void (*fn)(void *arg);
    void *arg;
    void (*discard)(void *arg, int reason);
    uint64_t period_ns;
    uint16_t list;
    uint8_t flags; /* MR__TIMER_... */
    uint8_t slack_log2, nesting;
    uint8_t spare[3];
} mr__timer;
static_assert(sizeof(mr__timer) <= MR__SLOT_BYTES, "a timer fits in a slot");

typedef struct mr__list {
    uint32_t head, tail;
} mr__list;

typedef struct mr__wheel {
    uint64_t time_ns;
    uint64_t occupied[MR__WHEEL_LEVELS];
    /* The least deadline of one list a level, so that parking does not look through it each time.
     */
    struct {
        uint64_t min_ns;
        unsigned list;
        bool valid;
    } least[MR__WHEEL_LEVELS];
    mr__list lists[MR__LISTS];
} mr__wheel;

void mr__wheel_init(mr__wheel *wheel, uint64_t time_ns);
/* Collect on DUE, in order, what was overdue and what was left there. */
void mr__wheel_overdue(mr__wheel *wheel, mr__slab *timers);
/* Move the time on, at most to now_ns, until there are timers on DUE: those of one slot, so that they are
 * still in the cache when they fire. False: none was left, the time is now_ns. */
bool mr__wheel_collect(mr__wheel *wheel, mr__slab *timers, uint64_t now_ns);
/* The next deadline: 0 when something is due or overdue, UINT64_MAX when there is none. */
uint64_t mr__wheel_next(mr__wheel *wheel, mr__slab *timers);
void mr__wheel_check(const mr__wheel *wheel, const mr__slab *timers);

static inline mr__timer *mr__timer_at(const mr__slab *timers, uint32_t index)
{
    return mr__slab_at(timers, index);
}

static inline unsigned mr__wheel_level(uint64_t deadline_ns, uint64_t time_ns)
{
    return (63u - (unsigned)__builtin_clzll(deadline_ns ^ time_ns)) / 6;
}

/* Put a timer that is on no list (NONE) at the end of one; not of the wheel's own. */
MR_INLINE void mr__wheel_append(mr__wheel *wheel, mr__slab *timers, unsigned list, mr__timer *timer,
                                uint32_t index)
{
    MR_DASSERT(timer->list == MR__LIST_NONE && list < MR__LISTS);
    mr__list *to = &wheel->lists[list];
    timer->list = (uint16_t)list;
    timer->slot.next = MR__NIL;
    timer->prev = to->tail;
    if (to->tail == MR__NIL)
        to->head = index;
    else
        mr__timer_at(timers, to->tail)->slot.next = index;
    to->tail = index;
}

/* Put a timer that is on no list where its deadline says. */
MR_INLINE void mr__wheel_insert(mr__wheel *wheel, mr__slab *timers, mr__timer *timer,
                                uint32_t index)
{
    uint64_t deadline = timer->deadline_ns;
    unsigned list;
    if (MR_UNLIKELY(deadline == UINT64_MAX)) {
        list = MR__LIST_NEVER;
    } else if (MR_UNLIKELY(deadline <= wheel->time_ns)) {
        list = MR__LIST_OVERDUE;
    } else {
        unsigned level = mr__wheel_level(deadline, wheel->time_ns);
        unsigned digit = (unsigned)(deadline >> (6 * level)) & 63;
        list = level * 64 + digit;
        wheel->occupied[level] |= UINT64_C(1) << digit;
        if (wheel->least[level].list == list && deadline < wheel->least[level].min_ns)
            wheel->least[level].min_ns = deadline; /* of no account when it is not valid */
    }
    mr__wheel_append(wheel, timers, list, timer, index);
}

/* Take a timer from its list; NONE is fine. */
MR_INLINE void mr__wheel_remove(mr__wheel *wheel, mr__slab *timers, mr__timer *timer)
{
    unsigned list = timer->list;
    if (list == MR__LIST_NONE)
        return;
    mr__list *from = &wheel->lists[list];
    if (timer->prev == MR__NIL)
        from->head = timer->slot.next;
    else
        mr__timer_at(timers, timer->prev)->slot.next = timer->slot.next;
    if (timer->slot.next == MR__NIL)
        from->tail = timer->prev;
    else
        mr__timer_at(timers, timer->slot.next)->prev = timer->prev;
    timer->list = MR__LIST_NONE;
    if (list >= MR__LIST_OVERDUE)
        return;
    unsigned level = list / 64;
    if (from->head == MR__NIL)
        wheel->occupied[level] &= ~(UINT64_C(1) << (list & 63));
    if (wheel->least[level].list == list && timer->deadline_ns == wheel->least[level].min_ns)
        wheel->least[level].valid = false;
}

/* The first of DUE, on no list any more; or NIL. */
MR_INLINE uint32_t mr__wheel_take_due(mr__wheel *wheel, mr__slab *timers)
{
    mr__list *due = &wheel->lists[MR__LIST_DUE];
    uint32_t index = due->head;
    if (index == MR__NIL)
        return index;
    mr__timer *timer = mr__timer_at(timers, index);
    timer->list = MR__LIST_NONE;
    due->head = timer->slot.next;
    if (due->head == MR__NIL) {
        due->tail = MR__NIL;
    } else {
        mr__timer *next = mr__timer_at(timers, due->head);
        next->prev = MR__NIL; /* and in the cache when its turn comes */
    }
    return index;
}

#endif
