#include "loop/wheel.h"

#define TIMER mr__timer_at

void mr__wheel_init(mr__wheel *wheel, uint64_t time_ns)
{
    *wheel = (mr__wheel){.time_ns = time_ns};
    for (unsigned i = 0; i < MR__LISTS; i++)
        wheel->lists[i] = (mr__list){MR__NIL, MR__NIL};
}

/* Stable merge of two runs linked by slot.next. */
static uint32_t merge(mr__slab *timers, uint32_t a, uint32_t b)
{
    uint32_t head = MR__NIL, *link = &head;
    while (a != MR__NIL && b != MR__NIL) {
        uint32_t *from = TIMER(timers, b)->deadline_ns < TIMER(timers, a)->deadline_ns ? &b : &a;
        *link = *from;
        link = &TIMER(timers, *from)->slot.next;
        *from = *link;
    }
    *link = a != MR__NIL ? a : b;
    return head;
}

/* Whether it is in order already, as timers of one delay are. */
static bool sorted(const mr__list *list, const mr__slab *timers)
{
    uint64_t before = 0;
    for (uint32_t at = list->head; at != MR__NIL; at = TIMER(timers, at)->slot.next) {
        uint64_t deadline = TIMER(timers, at)->deadline_ns;
        if (deadline < before)
            return false;
        before = deadline;
    }
    return true;
}

/* Stable sort by deadline: bottom-up merge sort with one pending run for each power of two. */
static void sort_list(mr__list *list, mr__slab *timers)
{
    if (sorted(list, timers))
        return;
    uint32_t runs[32];
    unsigned used = 0;
    for (uint32_t at = list->head, next; at != MR__NIL; at = next) {
        next = TIMER(timers, at)->slot.next;
        TIMER(timers, at)->slot.next = MR__NIL;
        uint32_t run = at;
        unsigned i = 0;
        for (; i < used && runs[i] != MR__NIL; i++) {
            run = merge(timers, runs[i], run);
            runs[i] = MR__NIL;
        }
        if (i == used)
            used++;
        runs[i] = run;
    }
    uint32_t head = MR__NIL;
    for (unsigned i = 0; i < used; i++)
        if (runs[i] != MR__NIL)
            head = head == MR__NIL ? runs[i] : merge(timers, runs[i], head);
    list->head = head;
    uint32_t before = MR__NIL;
    for (uint32_t at = head; at != MR__NIL; at = TIMER(timers, at)->slot.next) {
        TIMER(timers, at)->prev = before;
        before = at;
    }
    list->tail = before;
}

/* Hang a whole list behind DUE. */
static void move_to_due(mr__wheel *wheel, mr__slab *timers, mr__list list)
{
    if (list.head == MR__NIL)
        return;
    for (uint32_t at = list.head; at != MR__NIL; at = TIMER(timers, at)->slot.next)
        TIMER(timers, at)->list = MR__LIST_DUE;
    mr__list *due = &wheel->lists[MR__LIST_DUE];
    TIMER(timers, list.head)->prev = due->tail;
    if (due->tail == MR__NIL)
        due->head = list.head;
    else
        TIMER(timers, due->tail)->slot.next = list.head;
    due->tail = list.tail;
}

static mr__list detach(mr__wheel *wheel, unsigned list)
{
    mr__list taken = wheel->lists[list];
    wheel->lists[list] = (mr__list){MR__NIL, MR__NIL};
    if (list < MR__LIST_OVERDUE)
        wheel->occupied[list / 64] &= ~(UINT64_C(1) << (list & 63));
    return taken;
}

/* The time has come to the start of a slot that ends later: its timers go down the levels. */
static void cascade(mr__wheel *wheel, mr__slab *timers, mr__list list)
{
    for (uint32_t at = list.head, next; at != MR__NIL; at = next) {
        mr__timer *timer = TIMER(timers, at);
        next = timer->slot.next;
        timer->list = MR__LIST_NONE;
        if (timer->deadline_ns <= wheel->time_ns)
            mr__wheel_append(wheel, timers, MR__LIST_DUE, timer, at);
        else
            mr__wheel_insert(wheel, timers, timer, at);
    }
}

/* The lowest occupied level, or MR__WHEEL_LEVELS. */
static unsigned lowest_level(const mr__wheel *wheel)
{
    unsigned level = 0;
    while (level < MR__WHEEL_LEVELS && wheel->occupied[level] == 0)
        level++;
    return level;
}

static uint64_t slot_start(const mr__wheel *wheel, unsigned level, unsigned digit)
{
    unsigned shift = 6 * level;
    uint64_t above =
        level == MR__WHEEL_LEVELS - 1 ? 0 : wheel->time_ns >> (shift + 6) << (shift + 6);
    return above | (uint64_t)digit << shift;
}

void mr__wheel_advance(mr__wheel *wheel, mr__slab *timers, uint64_t now_ns)
{
    MR_DASSERT(now_ns >= wheel->time_ns);
    bool left_over = wheel->lists[MR__LIST_DUE].head != MR__NIL;
    mr__list overdue = detach(wheel, MR__LIST_OVERDUE);
    sort_list(&overdue, timers);
    move_to_due(wheel, timers, overdue);
    for (unsigned level; (level = lowest_level(wheel)) < MR__WHEEL_LEVELS;) {
        unsigned digit = (unsigned)__builtin_ctzll(wheel->occupied[level]);
        uint64_t start = slot_start(wheel, level, digit);
        if (start > now_ns)
            break;
        mr__list list = detach(wheel, level * 64 + digit);
        wheel->least[level].valid = false;
        wheel->time_ns = start;
        if (now_ns - start >= (UINT64_C(1) << (6 * level)) - 1) {
            if (level != 0)
                sort_list(&list, timers);
            move_to_due(wheel, timers, list);
        } else {
            cascade(wheel, timers, list);
        }
    }
    wheel->time_ns = now_ns;
    if (left_over)
        sort_list(&wheel->lists[MR__LIST_DUE], timers);
}

uint64_t mr__wheel_next(mr__wheel *wheel, mr__slab *timers)
{
    if (wheel->lists[MR__LIST_DUE].head != MR__NIL ||
        wheel->lists[MR__LIST_OVERDUE].head != MR__NIL)
        return 0;
    unsigned level = lowest_level(wheel);
    if (level == MR__WHEEL_LEVELS)
        return UINT64_MAX;
    unsigned list = level * 64 + (unsigned)__builtin_ctzll(wheel->occupied[level]);
    if (!wheel->least[level].valid || wheel->least[level].list != list) {
        uint64_t least = UINT64_MAX;
        for (uint32_t at = wheel->lists[list].head; at != MR__NIL;
             at = TIMER(timers, at)->slot.next)
            if (TIMER(timers, at)->deadline_ns < least)
                least = TIMER(timers, at)->deadline_ns;
        wheel->least[level].min_ns = least;
        wheel->least[level].list = list;
        wheel->least[level].valid = true;
    }
    return wheel->least[level].min_ns;
}

static void check_list(const mr__wheel *wheel, const mr__slab *timers, unsigned list)
{
    uint32_t before = MR__NIL;
    for (uint32_t at = wheel->lists[list].head; at != MR__NIL;) {
        const mr__timer *timer = TIMER(timers, at);
        MR_ASSERT(timer->list == list && timer->prev == before);
        MR_ASSERT((timer->slot.generation & 1) == 1);
        if (list < MR__LIST_OVERDUE) {
            MR_ASSERT(timer->deadline_ns > wheel->time_ns);
            MR_ASSERT(mr__wheel_level(timer->deadline_ns, wheel->time_ns) == list / 64);
            MR_ASSERT((timer->deadline_ns >> (6 * (list / 64)) & 63) == (list & 63));
        }
        before = at;
        at = timer->slot.next;
    }
    MR_ASSERT(wheel->lists[list].tail == before);
    if (list < MR__LIST_OVERDUE)
        MR_ASSERT((wheel->occupied[list / 64] >> (list & 63) & 1) == (before != MR__NIL));
}

void mr__wheel_check(const mr__wheel *wheel, const mr__slab *timers)
{
    for (unsigned list = 0; list < MR__LISTS; list++)
        check_list(wheel, timers, list);
}
