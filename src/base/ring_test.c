#include "base/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/memory.h"

/* ---- Items that carry a number ----------------------------------------------------------------*/

static bool push(mr__ring *ring, uint64_t number)
{
    bool pushed = mr__ring_push(ring, (mr__item){.extra = number});
    mr__ring_check(ring);
    return pushed;
}

static void push_many(mr__ring *ring, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        assert_true(push(ring, first + i));
}

static void expect_many(mr__ring *ring, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        mr__item item = {.extra = UINT64_MAX};
        assert_true(mr__ring_pop(ring, &item));
        mr__ring_check(ring);
        assert_int_equal(item.extra, first + i);
    }
}

static void expect_empty(mr__ring *ring)
{
    mr__item item = {.extra = 77};
    assert_int_equal(mr__ring_len(ring), 0);
    assert_false(mr__ring_pop(ring, &item));
    assert_int_equal(item.extra, 77);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* ---- Claims -----------------------------------------------------------------------------------*/

static void a_zeroed_ring_is_empty_and_owns_no_memory(void **state)
{
    (void)state;
    mr__ring ring = {0};
    uint64_t before = mr__alloc_count();
    mr__ring_check(&ring);
    expect_empty(&ring);
    mr__ring_deinit(&ring);
    assert_int_equal(mr__alloc_count(), before);
}

static void dummy_fn(void *arg)
{
    (void)arg;
}

static void dummy_discard(void *arg, int reason)
{
    (void)arg;
    (void)reason;
}

static void an_item_comes_out_as_it_went_in(void **state)
{
    (void)state;
    mr__ring ring = {0};
    mr__item out;
    assert_true(mr__ring_push(&ring, (mr__item){dummy_fn, &ring, dummy_discard, UINT64_MAX - 1}));
    assert_true(mr__ring_pop(&ring, &out));
    assert_true(out.fn == dummy_fn && out.arg == &ring && out.discard == dummy_discard);
    assert_int_equal(out.extra, UINT64_MAX - 1);
    mr__ring_deinit(&ring);
}

static void random_pushes_and_pops_keep_the_order_over_growth(void **state)
{
    (void)state;
    mr__ring ring = {0};
    uint64_t in = 0, out = 0;
    uint32_t seed = 1;
    for (int step = 0; step < 20000; step++) {
        uint64_t count = next_random(&seed) % 7;
        if (next_random(&seed) % 2 == 0) {
            push_many(&ring, in, count);
            in += count;
        } else {
            count = count < in - out ? count : in - out;
            expect_many(&ring, out, count);
            out += count;
        }
        assert_int_equal(mr__ring_len(&ring), in - out);
    }
    expect_many(&ring, out, in - out);
    expect_empty(&ring);
    assert_true(ring.cap >= 64);
    mr__ring_deinit(&ring);
}

static void growth_with_wrapped_contents_keeps_the_order(void **state)
{
    (void)state;
    for (uint64_t skipped = 0; skipped < 8; skipped++) {
        mr__ring ring = {0};
        push_many(&ring, 0, 8);
        expect_many(&ring, 0, skipped);
        push_many(&ring, 8, skipped + 5); /* fills the ring round its end, then grows it */
        assert_int_equal(ring.cap, 16);
        expect_many(&ring, skipped, 13);
        expect_empty(&ring);
        mr__ring_deinit(&ring);
    }
}

static void counters_may_wrap_at_two_to_the_64(void **state)
{
    (void)state;
    for (uint64_t before = 0; before < 6; before++) {
        mr__ring ring = {0};
        push_many(&ring, 0, 3);
        expect_many(&ring, 0, 3);
        mr__ring_preset(&ring, UINT64_MAX - before);
        expect_empty(&ring);
        push_many(&ring, 10, 11);
        assert_int_equal(mr__ring_len(&ring), 11);
        expect_many(&ring, 10, 11);
        expect_empty(&ring);
        assert_int_equal(mr__counter_get(&ring.tail) - ring.origin, 14);
        mr__ring_deinit(&ring);
    }
}

static void growth_doubles_and_is_counted(void **state)
{
    (void)state;
    mr__ring ring = {0};
    uint32_t cap = 0;
    uint64_t growths = 0;
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(push(&ring, i));
        if (ring.cap != cap) {
            assert_int_equal(ring.cap, cap == 0 ? MR__RING_START : cap * 2);
            assert_int_equal(mr__ring_len(&ring), cap + 1);
            cap = ring.cap;
            growths++;
        }
        assert_int_equal(mr__counter_get(&ring.allocations), growths);
        assert_int_equal(mr__counter_get(&ring.bytes), cap * sizeof(mr__item));
    }
    mr__ring_deinit(&ring);
}

static void a_push_without_memory_changes_nothing(void **state)
{
    (void)state;
    mr__ring ring = {0};
    mr__alloc_fail_at(1);
    assert_false(push(&ring, 0));
    assert_int_equal(ring.cap, 0);
    push_many(&ring, 0, MR__RING_START);
    mr__alloc_fail_at(1);
    assert_false(push(&ring, 99));
    mr__alloc_fail_at(0);
    assert_int_equal(ring.cap, MR__RING_START);
    assert_int_equal(mr__ring_len(&ring), MR__RING_START);
    push_many(&ring, MR__RING_START, 1);
    expect_many(&ring, 0, MR__RING_START + 1);
    expect_empty(&ring);
    mr__ring_deinit(&ring);
}

static void most_is_the_highest_number_ever_pending(void **state)
{
    (void)state;
    mr__ring ring = {0};
    push_many(&ring, 0, 3);
    expect_many(&ring, 0, 2);
    push_many(&ring, 3, 1);
    assert_int_equal(mr__counter_get(&ring.most), 3);
    push_many(&ring, 4, 2);
    assert_int_equal(mr__counter_get(&ring.most), 4);
    expect_many(&ring, 2, 4);
    assert_int_equal(mr__counter_get(&ring.most), 4);
    mr__ring_deinit(&ring);
}

static void trim_keeps_what_is_queued_and_what_was_asked(void **state)
{
    (void)state;
    static const struct {
        uint64_t queued;
        uint32_t keep, cap;
    } rows[] = {{0, 0, 2},   {0, 2, 2},     {0, 8, 8},   {1, 0, 2},   {2, 0, 2},
                {3, 0, 4},   {5, 2, 8},     {9, 8, 16},  {32, 0, 32}, {33, 0, 64},
                {0, 64, 64}, {0, 4096, 64}, {64, 0, 64}, {3, 32, 32}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mr__ring ring = {0};
        push_many(&ring, 0, 64);
        expect_many(&ring, 0, 64 - rows[i].queued);
        mr__ring_trim(&ring, rows[i].keep);
        mr__ring_check(&ring);
        assert_int_equal(ring.cap, rows[i].cap);
        assert_int_equal(mr__counter_get(&ring.bytes), rows[i].cap * sizeof(mr__item));
        expect_many(&ring, 64 - rows[i].queued, rows[i].queued);
        expect_empty(&ring);
        mr__ring_deinit(&ring);
    }
}

static void trim_without_memory_leaves_the_ring_large(void **state)
{
    (void)state;
    mr__ring ring = {0};
    push_many(&ring, 0, 33);
    expect_many(&ring, 0, 30);
    mr__alloc_fail_at(1);
    mr__ring_trim(&ring, 0);
    mr__alloc_fail_at(0);
    mr__ring_check(&ring);
    assert_int_equal(ring.cap, 64);
    expect_many(&ring, 30, 3);
    mr__ring_deinit(&ring);
}

static void drained(mr__ring *ring, uint64_t used, int times)
{
    for (int i = 0; i < times; i++)
        mr__ring_drained(ring, used);
    mr__ring_check(ring);
}

static mr__ring ring_of_64(void)
{
    mr__ring ring = {0};
    push_many(&ring, 0, 64);
    expect_many(&ring, 0, 64);
    assert_int_equal(ring.cap, 64);
    return ring;
}

static void the_64th_small_drain_in_a_row_halves_the_ring(void **state)
{
    (void)state;
    mr__ring ring = ring_of_64();
    drained(&ring, 15, 63);
    assert_int_equal(ring.cap, 64);
    drained(&ring, 15, 1);
    assert_int_equal(ring.cap, 32);
    drained(&ring, 0, 63);
    assert_int_equal(ring.cap, 32);
    drained(&ring, 0, 1);
    assert_int_equal(ring.cap, 16);
    mr__ring_deinit(&ring);
}

static void a_large_drain_starts_the_count_again(void **state)
{
    (void)state;
    mr__ring ring = ring_of_64();
    drained(&ring, 0, 63);
    drained(&ring, 16, 1);
    drained(&ring, 0, 63);
    assert_int_equal(ring.cap, 64);
    drained(&ring, 0, 1);
    assert_int_equal(ring.cap, 32);
    mr__ring_deinit(&ring);
}

static void halving_stops_at_the_first_size(void **state)
{
    (void)state;
    mr__ring ring = ring_of_64();
    drained(&ring, 0, 64 * 20);
    assert_int_equal(ring.cap, MR__RING_START);
    push_many(&ring, 0, 5);
    expect_many(&ring, 0, 5);
    mr__ring_deinit(&ring);
}

static void a_ring_too_full_for_half_its_size_is_not_halved(void **state)
{
    (void)state;
    mr__ring ring = ring_of_64();
    push_many(&ring, 0, 33);
    drained(&ring, 0, 100);
    assert_int_equal(ring.cap, 64);
    expect_many(&ring, 0, 1);
    drained(&ring, 0, 1);
    assert_int_equal(ring.cap, 32);
    expect_many(&ring, 1, 32);
    mr__ring_deinit(&ring);
}

static void a_released_ring_is_empty_and_can_be_used_again(void **state)
{
    (void)state;
    mr__ring ring = {0};
    push_many(&ring, 0, 5);
    mr__ring_deinit(&ring);
    mr__ring_check(&ring);
    expect_empty(&ring);
    assert_int_equal(mr__counter_get(&ring.bytes), 0);
    push_many(&ring, 7, 9);
    expect_many(&ring, 7, 9);
    assert_int_equal(mr__counter_get(&ring.tail) - ring.origin, 14);
    mr__ring_deinit(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_ring_is_empty_and_owns_no_memory),
        cmocka_unit_test(an_item_comes_out_as_it_went_in),
        cmocka_unit_test(random_pushes_and_pops_keep_the_order_over_growth),
        cmocka_unit_test(growth_with_wrapped_contents_keeps_the_order),
        cmocka_unit_test(counters_may_wrap_at_two_to_the_64),
        cmocka_unit_test(growth_doubles_and_is_counted),
        cmocka_unit_test(a_push_without_memory_changes_nothing),
        cmocka_unit_test(most_is_the_highest_number_ever_pending),
        cmocka_unit_test(trim_keeps_what_is_queued_and_what_was_asked),
        cmocka_unit_test(trim_without_memory_leaves_the_ring_large),
        cmocka_unit_test(the_64th_small_drain_in_a_row_halves_the_ring),
        cmocka_unit_test(a_large_drain_starts_the_count_again),
        cmocka_unit_test(halving_stops_at_the_first_size),
        cmocka_unit_test(a_ring_too_full_for_half_its_size_is_not_halved),
        cmocka_unit_test(a_released_ring_is_empty_and_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
