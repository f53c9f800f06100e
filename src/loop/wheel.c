#include "loop/wheel.h"

#define TIMER mr__timer_at

void mr__wheel_init(mr__wheel *wheel, uint64_t time_ns)
{
    *wheel = (mr__wheel){.time_ns = time_ns};
    for (unsigned i = 0; i < MR__LISTS; i++)
        wheel->lists[i] = (mr__list){MR__NIL, MR__NIL};
}

/* Stable merge of two lists. */
static mr__list merge(mr__slab *timers, mr__list a, mr__list b)
{
    uint32_t head = MR__NIL, before = MR__NIL, *link = &head;
    while (a.head != MR__NIL && b.head != MR__NIL) {
        bool second = TIMER(timers, b.head)->deadline_ns < TIMER(timers, a.head)->deadline_ns;
        uint32_t *from = second ? &b.head : &a.head;
        mr__timer *timer = TIMER(timers, *from);
        timer->prev = before;
        before = *link = *from;
        link = &timer->slot.next;
        *from = *link;
    }
    mr__list rest = a.head != MR__NIL ? a : b;
    *link = rest.head;
    TIMER(timers, rest.head)->prev = before;
    return (mr__list){head, rest.tail};
}

/* They are to go on DUE. Whether they are in order already, as timers of one delay are; if not, some
 * are not marked yet. */
static bool mark_due(const mr__list *list, mr__slab *timers)
{
    uint64_t before = 0;
    for (uint32_t at = list->head; at != MR__NIL;) {
        mr__timer *timer = TIMER(timers, at);
        if (timer->deadline_ns < before)
            return false;
        before = timer->deadline_ns;
        timer->list = MR__LIST_DUE;
        at = timer->slot.next;
    }
    return true;
}

/* A sorted run is first sorted outside the list: keys of distance and slot number in an array, by digits
 * from the lowest (LSD radix sort, which is stable). */
#ifdef MR_TEST
enum { RUN = 48, SMALL_RUN = 4 };
#else
enum { RUN = 1024, SMALL_RUN = 32 };
#endif
enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

static void sort_few(uint64_t *keys, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        uint32_t at = i;
        for (; at != 0 && keys[at - 1] >> 32 > key >> 32; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* One digit: from `keys` to `to`. */
static void sort_digit(const uint64_t *keys, uint64_t *to, uint32_t n, unsigned shift)
{
    uint32_t places[DIGITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        places[keys[i] >> shift & (DIGITS - 1)]++;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint32_t count = places[digit];
        places[digit] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < n; i++)
        to[places[keys[i] >> shift & (DIGITS - 1)]++] = keys[i];
}

/* By the upper half of the keys, of which `used` has a bit set where they have. Where they end up. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *spare, uint32_t n, uint64_t used)
{
    if (n <= SMALL_RUN) {
        sort_few(keys, n);
        return keys;
    }
    for (unsigned shift = 32; shift < 64 && used >> shift != 0; shift += DIGIT_BITS) {
        sort_digit(keys, spare, n, shift);
        uint64_t *sorted_by_digit = spare;
        spare = keys;
        keys = sorted_by_digit;
    }
    return keys;
}

/* Take the first timers of *rest, as many as make a run, mark them as due and link them in order. Deadlines
 * that lie too far apart for a key end a run. */
static mr__list take_run(mr__slab *timers, uint32_t *rest)
{
    uint64_t some[RUN], others[RUN];
    some[0] = *rest; /* n is never 0: for the compiler */
    uint64_t least = TIMER(timers, *rest)->deadline_ns, most = least, used = 0;
    uint32_t n = 0;
    for (uint32_t at = *rest; n < RUN && at != MR__NIL; n++) {
        mr__timer *timer = TIMER(timers, at);
        uint64_t deadline = timer->deadline_ns;
        uint64_t low = deadline < least ? deadline : least,
                 high = deadline > most ? deadline : most;
        if (high - low > UINT32_MAX)
            break;
        least = low;
        most = high;
        others[n] = deadline;
        some[n] = at;
        timer->list = MR__LIST_DUE;
        at = timer->slot.next;
        *rest = at;
    }
    for (uint32_t i = 0; i < n; i++) {
        some[i] |= (others[i] - least) << 32;
        used |= some[i];
    }
    const uint64_t *keys = sort_keys(some, others, n, used);
    for (uint32_t i = 0, before = MR__NIL; i < n; i++) {
        mr__timer *timer = TIMER(timers, (uint32_t)keys[i]);
        timer->prev = before;
        timer->slot.next = i + 1 < n ? (uint32_t)keys[i + 1] : MR__NIL;
        before = (uint32_t)keys[i];
    }
    return (mr__list){(uint32_t)keys[0], (uint32_t)keys[n - 1]};
}

/* Mark a list as due, in order of deadlines, stably: runs, merged bottom-up with one pending for each
 * power of two of them. */
static void sort_due(mr__list *list, mr__slab *timers)
{
    const mr__list none = {MR__NIL, MR__NIL};
    if (mark_due(list, timers))
        return;
    mr__list runs[32];
    uint32_t rest = list->head;
    unsigned used = 0;
    while (rest != MR__NIL) {
        mr__list run = take_run(timers, &rest);
        unsigned i = 0;
        for (; i < used && runs[i].head != MR__NIL; i++) {
            run = merge(timers, runs[i], run);
            runs[i] = none;
        }
        if (i == used)
            used++;
        runs[i] = run;
    }
    *list = none;
    for (unsigned i = 0; i < used; i++)
        if (runs[i].head != MR__NIL)
            *list = list->head == MR__NIL ? runs[i] : merge(timers, runs[i], *list);
}

/* Two lists as one; what their timers say of the list is not changed. */
static mr__list joined(mr__slab *timers, mr__list a, mr__list b)
{
    if (a.head == MR__NIL || b.head == MR__NIL)
        return a.head == MR__NIL ? b : a;
    TIMER(timers, a.tail)->slot.next = b.head;
    TIMER(timers, b.head)->prev = a.tail;
    return (mr__list){a.head, b.tail};
}

static void move_to_due(mr__wheel *wheel, mr__slab *timers, mr__list list)
{
    sort_due(&list, timers);
    mr__list *due = &wheel->lists[MR__LIST_DUE];
    *due = joined(timers, *due, list);
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

void mr__wheel_overdue(mr__wheel *wheel, mr__slab *timers)
{
    if (wheel->lists[MR__LIST_DUE].head == MR__NIL &&
        wheel->lists[MR__LIST_OVERDUE].head == MR__NIL)
        return;
    mr__list due = detach(wheel, MR__LIST_DUE);
    move_to_due(wheel, timers, joined(timers, due, detach(wheel, MR__LIST_OVERDUE)));
}

bool mr__wheel_collect(mr__wheel *wheel, mr__slab *timers, uint64_t now_ns)
{
    MR_DASSERT(now_ns >= wheel->time_ns);
    for (unsigned level; (level = lowest_level(wheel)) < MR__WHEEL_LEVELS;) {
        unsigned digit = (unsigned)__builtin_ctzll(wheel->occupied[level]);
        uint64_t start = slot_start(wheel, level, digit);
        uint64_t end = start | ((UINT64_C(1) << (6 * level)) - 1);
        if (start > now_ns)
            break;
        mr__list list = detach(wheel, level * 64 + digit);
        wheel->least[level].valid = false;
        wheel->time_ns = end <= now_ns ? end : start;
        if (end <= now_ns)
            move_to_due(wheel, timers, list);
        else
            cascade(wheel, timers, list);
        if (wheel->lists[MR__LIST_DUE].head != MR__NIL)
            return true;
    }
    wheel->time_ns = now_ns;
    return false;
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
