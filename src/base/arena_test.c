#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { MANY = 200 };

typedef struct taken {
    void *block[MANY];
    bool single[MANY];
} taken;

static void take(mr__arena *arena, taken *t, unsigned i)
{
    t->block[i] = mr__arena_take(arena, &t->single[i]);
    assert_non_null(t->block[i]);
    memset(t->block[i], (int)i, arena->block_bytes);
    mr__arena_check(arena);
}

/* Its bytes are what was written: nobody else has it. */
static void give(mr__arena *arena, taken *t, unsigned i)
{
    const unsigned char *bytes = t->block[i];
    for (size_t at = 0; at < arena->block_bytes; at++)
        assert_int_equal(bytes[at], i & 255);
    mr__arena_give(arena, t->block[i], t->single[i]);
    mr__arena_check(arena);
}

static void with_blocks_of(size_t block_bytes, size_t alignment)
{
    mr__arena arena;
    taken t;
    mr__arena_init(&arena, block_bytes, MR__ARENA_SINGLES);
    for (unsigned i = 0; i < MANY; i++) {
        take(&arena, &t, i);
        assert_int_equal((uintptr_t)t.block[i] % alignment, 0);
        assert_int_equal(t.single[i], i < MR__ARENA_SINGLES);
    }
    for (unsigned i = 0; i < MANY; i += 2)
        give(&arena, &t, i);
    for (unsigned i = 0; i < MANY; i += 2)
        take(&arena, &t, i);
    for (unsigned i = MANY; i-- > 0;)
        give(&arena, &t, i);
    assert_null(arena.with_room);
    assert_int_equal(arena.singles, 0);
}

static void blocks_are_apart_and_aligned_and_all_memory_goes(void **state)
{
    (void)state;
    with_blocks_of(MR_LINE, MR_LINE);
    with_blocks_of(3 * MR_LINE, MR_LINE);
    with_blocks_of(1024, 1024);
}

static void room_that_was_given_back_is_used_again(void **state)
{
    (void)state;
    mr__arena arena;
    taken t;
    mr__arena_init(&arena, MR_LINE, MR__ARENA_SINGLES);
    for (unsigned i = 0; i < MANY / 2; i++)
        take(&arena, &t, i);
    uint64_t before = mr__alloc_count();
    for (unsigned round = 0; round < 10; round++) {
        give(&arena, &t, MANY / 4);
        take(&arena, &t, MANY / 4);
    }
    assert_int_equal(mr__alloc_count(), before);
    for (unsigned i = 0; i < MANY / 2; i++)
        give(&arena, &t, i);
}

static void without_memory_nothing_changes(void **state)
{
    (void)state;
    mr__arena arena;
    taken t;
    mr__arena_init(&arena, 1024, MR__ARENA_SINGLES);
    for (unsigned i = 0; i < 9; i++) {
        uint64_t before = mr__alloc_count();
        mr__alloc_fail_at(1);
        t.block[i] = mr__arena_take(&arena, &t.single[i]);
        mr__alloc_fail_at(0);
        assert_true((t.block[i] == NULL) == (mr__alloc_count() != before));
        if (t.block[i] == NULL)
            t.block[i] = mr__arena_take(&arena, &t.single[i]);
        assert_non_null(t.block[i]);
        mr__arena_check(&arena);
    }
    for (unsigned i = 0; i < 9; i++)
        mr__arena_give(&arena, t.block[i], t.single[i]);
    assert_null(arena.with_room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_apart_and_aligned_and_all_memory_goes),
        cmocka_unit_test(room_that_was_given_back_is_used_again),
        cmocka_unit_test(without_memory_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
