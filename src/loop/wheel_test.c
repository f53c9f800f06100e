/* The wheel against a plain array: after each step the lists are checked, the next deadline is the
 * array's, and what is due stands in the order of deadline, then of starting. */
#include "loop/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "os/sim/random.h"

#define NEVER UINT64_MAX
#define LAST (UINT64_MAX - 1) /* the last deadline that can come */
enum { MODEL = 64 };

typedef struct entry {
    uint64_t deadline_ns, order; /* order 0: not in use */
    uint32_t index;
    bool due;
} entry;

static mr__wheel wheel;
static mr__slab timers;
static entry model[MODEL];
static uint64_t started;

static void begin(uint64_t time_ns)
{
    mr__wheel_init(&wheel, time_ns);
    mr__slab_init(&timers);
    started = 0;
    for (int i = 0; i < MODEL; i++)
        model[i] = (entry){0};
}

static void finish(void)
{
    mr__slab_deinit(&timers);
}

/* ---- The array's answers ----------------------------------------------------------------------*/

/* The first entry in order that is due (or, with due false, that waits); NULL without one. */
static entry *first_of(bool due, const entry *after)
{
    entry *first = NULL;
    for (entry *e = model; e < model + MODEL; e++) {
        if (e->order == 0 || e->due != due)
            continue;
        if (after != NULL && (e->deadline_ns < after->deadline_ns ||
                              (e->deadline_ns == after->deadline_ns && e->order <= after->order)))
            continue;
        if (first == NULL || e->deadline_ns < first->deadline_ns ||
            (e->deadline_ns == first->deadline_ns && e->order < first->order))
            first = e;
    }
    return first;
}

static uint64_t next_by_model(void)
{
    if (first_of(true, NULL) != NULL)
        return 0;
    const entry *next = first_of(false, NULL);
    if (next == NULL || next->deadline_ns == NEVER)
        return NEVER;
    return next->deadline_ns <= wheel.time_ns ? 0 : next->deadline_ns;
}

static void check(void)
{
    mr__wheel_check(&wheel, &timers);
    mr__slab_check(&timers);
    uint32_t at = wheel.lists[MR__LIST_DUE].head;
    for (const entry *e = first_of(true, NULL); e != NULL; e = first_of(true, e)) {
        assert_int_equal(at, e->index);
        at = mr__timer_at(&timers, at)->slot.next;
    }
    assert_int_equal(at, MR__NIL);
}

static void check_next(void)
{
    assert_int_equal(mr__wheel_next(&wheel, &timers), next_by_model());
    mr__wheel_check(&wheel, &timers);
}

/* ---- Steps ------------------------------------------------------------------------------------*/

static entry *start(uint64_t deadline_ns)
{
    entry *e = model;
    while (e->order != 0)
        assert_true(++e < model + MODEL);
    mr__timer *timer = mr__slab_alloc(&timers, &e->index);
    assert_non_null(timer);
    timer->list = MR__LIST_NONE;
    timer->deadline_ns = deadline_ns;
    mr__wheel_insert(&wheel, &timers, mr__timer_at(&timers, e->index), e->index);
    e->deadline_ns = deadline_ns;
    e->order = ++started;
    e->due = false;
    check();
    return e;
}

static void stop(entry *e)
{
    mr__wheel_remove(&wheel, &timers, mr__timer_at(&timers, e->index));
    mr__wheel_remove(&wheel, &timers,
                     mr__timer_at(&timers, e->index)); /* on no list any more: nothing happens */
    mr__slab_free(&timers, &mr__timer_at(&timers, e->index)->slot, e->index);
    e->order = 0;
    check();
}

static void advance(uint64_t now_ns)
{
    /* All that is due on one list: the next batch is collected behind what waits there. */
    mr__wheel_overdue(&wheel, &timers);
    mr__list due = {MR__NIL, MR__NIL}, *list = &wheel.lists[MR__LIST_DUE];
    for (;;) {
        if (list->head != MR__NIL && due.head != MR__NIL) {
            mr__timer_at(&timers, due.tail)->slot.next = list->head;
            mr__timer_at(&timers, list->head)->prev = due.tail;
        }
        if (list->head != MR__NIL)
            due = (mr__list){due.head == MR__NIL ? list->head : due.head, list->tail};
        *list = (mr__list){MR__NIL, MR__NIL};
        if (!mr__wheel_collect(&wheel, &timers, now_ns))
            break;
        assert_true(list->head != MR__NIL && wheel.time_ns <= now_ns);
    }
    *list = due;
    assert_int_equal(wheel.time_ns, now_ns);
    for (int i = 0; i < MODEL; i++)
        if (model[i].order != 0 && model[i].deadline_ns <= now_ns && model[i].deadline_ns != NEVER)
            model[i].due = true;
    check();
}

/* Take the first that is due, which must have been the nth started. */
static void expect_due(uint64_t nth)
{
    entry *e = first_of(true, NULL);
    assert_non_null(e);
    assert_int_equal(e->order, nth);
    stop(e);
}

static void expect_none_due(void)
{
    assert_int_equal(wheel.lists[MR__LIST_DUE].head, MR__NIL);
}

/* ---- Claims -----------------------------------------------------------------------------------*/

static void an_empty_wheel_has_no_deadline_at_any_time(void **state)
{
    (void)state;
    static const uint64_t times[] = {0, 1, 63, 64, UINT64_C(1) << 63, LAST, UINT64_MAX};
    begin(0);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        advance(times[i]);
        expect_none_due();
        assert_int_equal(mr__wheel_next(&wheel, &timers), NEVER);
    }
    finish();
}

/* Each alone, then each with the others: one step before its deadline it waits, at it it is due. */
static void one_by_one(uint64_t from_ns, uint64_t middle_ns)
{
    const uint64_t deadlines[] = {middle_ns - 2, middle_ns - 1, middle_ns, middle_ns + 1,
                                  middle_ns + 2};
    for (int i = 0; i < 5; i++) {
        begin(from_ns);
        start(deadlines[i]);
        assert_int_equal(mr__wheel_next(&wheel, &timers), deadlines[i]);
        advance(deadlines[i] - 1);
        expect_none_due();
        assert_int_equal(mr__wheel_next(&wheel, &timers), deadlines[i]);
        advance(deadlines[i]);
        expect_due(1);
        finish();
    }
    begin(from_ns);
    for (int i = 5; i-- > 0;)
        start(deadlines[i]);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(mr__wheel_next(&wheel, &timers), deadlines[i]);
        advance(deadlines[i]);
        expect_due(5 - i);
        expect_none_due();
    }
    finish();
}

static void a_nanosecond_is_told_apart_around_every_power_of_64(void **state)
{
    (void)state;
    for (unsigned level = 1; level < MR__WHEEL_LEVELS; level++) {
        uint64_t power = UINT64_C(1) << (6 * level);
        for (uint64_t times = 1; times < 64 && (level < 10 || times < 16); times += 7)
            one_by_one(0, power * times);
        one_by_one(power - 7, power);
        one_by_one(power / 2, power + power / 64);
        if (level < 10)
            one_by_one(power * 3 + 5, power * 64);
    }
}

static void a_nanosecond_is_told_apart_at_the_ends_of_time(void **state)
{
    (void)state;
    static const uint64_t starts[] = {0, 1, UINT64_C(1) << 62, (UINT64_C(1) << 63) - 3};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        one_by_one(starts[i], UINT64_C(1) << 63);
        one_by_one(starts[i], UINT64_MAX - 3);
    }
    one_by_one(UINT64_MAX - 6, UINT64_MAX - 3);
}

static void every_level_is_used_and_empties_in_order_at_once(void **state)
{
    (void)state;
    begin(0);
    for (unsigned level = MR__WHEEL_LEVELS; level-- > 0;)
        start(UINT64_C(3) << (6 * level));
    for (unsigned level = 0; level < MR__WHEEL_LEVELS; level++)
        assert_int_equal(wheel.occupied[level], 1 << 3);
    advance(UINT64_MAX);
    for (unsigned level = 0; level < MR__WHEEL_LEVELS; level++)
        expect_due(MR__WHEEL_LEVELS - level);
    finish();
}

static void equal_deadlines_keep_the_order_of_starting_from_any_distance(void **state)
{
    (void)state;
    const uint64_t deadline = (UINT64_C(1) << 36) + (UINT64_C(1) << 18) + 5;
    begin(0);
    start(deadline);
    for (unsigned bit = 40; bit-- > 0;) { /* nearer and nearer, so on lower and lower levels */
        uint64_t now = deadline - (UINT64_C(1) << bit);
        if (now > deadline || now <= wheel.time_ns)
            continue;
        advance(now);
        expect_none_due();
        start(deadline);
    }
    assert_true(started > 30);
    advance(deadline);
    for (uint64_t i = 1; i <= started; i++)
        expect_due(i);
    finish();
}

static void past_deadlines_are_due_at_the_next_advance_by_deadline(void **state)
{
    (void)state;
    begin(1000);
    start(1000);
    start(0);
    start(999);
    start(1001);
    start(0);
    expect_none_due();
    assert_int_equal(mr__wheel_next(&wheel, &timers), 0);
    advance(1000); /* the time need not move */
    expect_due(2);
    expect_due(5);
    expect_due(3);
    expect_due(1);
    expect_none_due();
    assert_int_equal(mr__wheel_next(&wheel, &timers), 1001);
    finish();
}

static void what_was_left_over_is_merged_with_what_became_due(void **state)
{
    (void)state;
    begin(0);
    start(10);
    start(30);
    start(20);
    advance(30);
    expect_due(1);
    start(25); /* overdue, between those left over */
    start(20);
    start(40);
    advance(50);
    expect_due(3);
    expect_due(5);
    expect_due(4);
    expect_due(2);
    expect_due(6);
    expect_none_due();
    finish();
}

static void never_does_not_come_even_at_the_end_of_time(void **state)
{
    (void)state;
    begin(0);
    entry *never = start(NEVER);
    assert_int_equal(mr__wheel_next(&wheel, &timers), NEVER);
    start(LAST);
    assert_int_equal(mr__wheel_next(&wheel, &timers), LAST);
    advance(UINT64_MAX);
    expect_due(2);
    expect_none_due();
    start(NEVER);
    assert_int_equal(mr__wheel_next(&wheel, &timers), NEVER);
    stop(never);
    finish();
}

static void a_timer_can_be_taken_from_every_list(void **state)
{
    (void)state;
    for (int taken = 0; taken < 3; taken++) { /* first, middle and last of each list */
        static const uint64_t deadlines[] = {5, 7, 200, UINT64_C(1) << 40, LAST, NEVER};
        for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
            begin(5);
            entry *e[3];
            for (int k = 0; k < 3; k++)
                e[k] = start(deadlines[i]);
            stop(e[taken]);
            check_next();
            advance(UINT64_MAX);
            for (uint64_t k = 1; k <= 3 && deadlines[i] != NEVER; k++)
                if (k != (uint64_t)taken + 1)
                    expect_due(k);
            expect_none_due();
            finish();
        }
        begin(0);
        entry *due[3];
        for (int k = 0; k < 3; k++)
            due[k] = start(1);
        advance(1);
        stop(due[taken]);
        finish();
    }
}

static void the_next_deadline_follows_every_change(void **state)
{
    (void)state;
    begin(0);
    entry *far = start(5000);
    check_next();
    entry *near = start(4800); /* in the same slot */
    check_next();
    start(4900);
    check_next();
    stop(near);
    check_next();
    start(100);
    check_next();
    advance(99);
    check_next();
    start(98);
    check_next();
    advance(100);
    check_next();
    expect_due(5);
    expect_due(4);
    check_next();
    stop(far);
    check_next();
    advance(4899);
    check_next();
    advance(4900);
    expect_due(3);
    check_next();
    finish();
}

static void a_list_of_any_length_is_sorted_stably(void **state)
{
    (void)state;
    for (uint64_t length = 0; length <= MODEL; length++) {
        mr__random random;
        mr__random_seed(&random, length);
        begin(0);
        for (uint64_t i = 0; i < length; i++)
            start((UINT64_C(1) << 20) + mr__random_below(&random, 6)); /* one slot, many equal */
        advance(UINT64_C(1) << 21);
        while (first_of(true, NULL) != NULL)
            stop(first_of(true, NULL));
        expect_none_due();
        finish();
    }
}

/* More than the model has room for, of one slot, with deadlines within `range` of each other. */
static void sort_long_list(uint64_t range, uint64_t seed)
{
    enum { MANY = 3000 };
    static uint64_t order_of[2 * MANY]; /* by slot number */
    mr__random random;
    mr__random_seed(&random, seed);
    begin(0);
    for (uint64_t i = 1; i <= MANY; i++) {
        uint32_t index;
        mr__timer *timer = mr__slab_alloc(&timers, &index);
        assert_true(timer != NULL && index < 2 * MANY);
        timer->list = MR__LIST_NONE;
        timer->deadline_ns = (UINT64_C(1) << 46) + mr__random_below(&random, range);
        order_of[index] = i;
        mr__wheel_insert(&wheel, &timers, timer, index);
    }
    assert_true(mr__wheel_collect(&wheel, &timers, UINT64_C(1) << 47));
    mr__wheel_check(&wheel, &timers);
    uint64_t deadline = 0, order = 0, n = 0;
    for (uint32_t at; (at = mr__wheel_take_due(&wheel, &timers)) != MR__NIL; n++) {
        const mr__timer *timer = mr__timer_at(&timers, at);
        assert_true(timer->deadline_ns > deadline ||
                    (timer->deadline_ns == deadline && order_of[at] > order));
        deadline = timer->deadline_ns;
        order = order_of[at];
    }
    assert_int_equal(n, MANY);
    finish();
}

static void a_long_list_is_sorted_stably_however_far_its_deadlines_lie_apart(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits <= 42; bits++)
        sort_long_list(UINT64_C(1) << bits, bits);
}

/* ---- Anything at all --------------------------------------------------------------------------*/

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Deadlines where errors live: near the time, around digits that carry, equal ones, the extremes.
 */
static uint64_t random_deadline(mr__random *random)
{
    uint64_t power = UINT64_C(1) << (6 * mr__random_below(random, 11));
    uint64_t near = mr__random_below(random, 5) - 2;
    const entry *other = &model[mr__random_below(random, MODEL)];
    switch (mr__random_below(random, 9)) {
    case 0:
        return add(wheel.time_ns, mr__random_below(random, 200));
    case 1:
        return add(wheel.time_ns, mr__random_below(random, power) * 2);
    case 2:
        return (add(wheel.time_ns, power) & ~(power - 1)) + near;
    case 3:
        return other->deadline_ns;
    case 4:
        return other->deadline_ns + near;
    case 5:
        return mr__random_below(random, add(wheel.time_ns, 1));
    case 6:
        return (UINT64_C(1) << 63) + near;
    case 7:
        return UINT64_MAX - mr__random_below(random, 4);
    default:
        return mr__random_next(random) >> mr__random_below(random, 64);
    }
}

static uint64_t random_time(mr__random *random)
{
    uint64_t next = next_by_model(), time;
    switch (mr__random_below(random, 6)) {
    case 0:
        time = wheel.time_ns;
        break;
    case 1:
        time = next - 1;
        break;
    case 2:
        time = next;
        break;
    case 3:
        time = add(next, mr__random_below(random, 3));
        break;
    case 4:
        time = add(wheel.time_ns, mr__random_below(random, 100));
        break;
    default:
        time = add(wheel.time_ns, UINT64_C(1) << mr__random_below(random, 58));
        break;
    }
    return time > wheel.time_ns ? time : wheel.time_ns;
}

static void random_step(mr__random *random)
{
    entry *e = &model[mr__random_below(random, MODEL)];
    switch (mr__random_below(random, 8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (e->order == 0)
            start(random_deadline(random));
        break;
    case 4:
        if (e->order != 0)
            stop(e);
        break;
    case 5:
        check_next();
        break;
    case 6:
        for (uint64_t n = mr__random_below(random, 8); n > 0 && first_of(true, NULL) != NULL; n--)
            stop(first_of(true, NULL));
        break;
    default:
        advance(random_time(random));
        break;
    }
}

static void random_use_agrees_with_a_sorted_array(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        mr__random random;
        mr__random_seed(&random, seed);
        begin(mr__random_next(&random) >> mr__random_below(&random, 64));
        for (int step = 0; step < 400; step++)
            random_step(&random);
        advance(UINT64_MAX);
        while (first_of(true, NULL) != NULL)
            stop(first_of(true, NULL));
        check_next();
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_wheel_has_no_deadline_at_any_time),
        cmocka_unit_test(a_nanosecond_is_told_apart_around_every_power_of_64),
        cmocka_unit_test(a_nanosecond_is_told_apart_at_the_ends_of_time),
        cmocka_unit_test(every_level_is_used_and_empties_in_order_at_once),
        cmocka_unit_test(equal_deadlines_keep_the_order_of_starting_from_any_distance),
        cmocka_unit_test(past_deadlines_are_due_at_the_next_advance_by_deadline),
        cmocka_unit_test(what_was_left_over_is_merged_with_what_became_due),
        cmocka_unit_test(never_does_not_come_even_at_the_end_of_time),
        cmocka_unit_test(a_timer_can_be_taken_from_every_list),
        cmocka_unit_test(the_next_deadline_follows_every_change),
        cmocka_unit_test(a_list_of_any_length_is_sorted_stably),
        cmocka_unit_test(a_long_list_is_sorted_stably_however_far_its_deadlines_lie_apart),
        cmocka_unit_test(random_use_agrees_with_a_sorted_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
