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
static_assert(sizeof(mr__timer) <= 64, "a timer fits in a line");

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
/* Put a timer that is on no list (NONE) where its deadline says. */
void mr__wheel_insert(mr__wheel *wheel, mr__slab *timers, uint32_t index);
/* Take a timer from its list; NONE is fine. */
void mr__wheel_remove(mr__wheel *wheel, mr__slab *timers, uint32_t index);
/* Move the time on and collect what is due, in order, on DUE. */
void mr__wheel_advance(mr__wheel *wheel, mr__slab *timers, uint64_t now_ns);
/* The next deadline: 0 when something is due or overdue, UINT64_MAX when there is none. */
uint64_t mr__wheel_next(mr__wheel *wheel, mr__slab *timers);
void mr__wheel_append(mr__wheel *wheel, mr__slab *timers, unsigned list, uint32_t index);
void mr__wheel_check(const mr__wheel *wheel, const mr__slab *timers);

#endif
