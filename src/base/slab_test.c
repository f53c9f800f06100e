#include "base/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

typedef struct element {
    mr__slot slot;
    uint64_t value;
    char more[24];
} element;

static mr__slab new_slab(void)
{
    mr__slab slab;
    mr__slab_init(&slab);
    return slab;
}

/* A new element with a value, and its id. */
static element *take(mr__slab *slab, uint64_t value, uint64_t *out_id)
{
    uint32_t index = MR__NIL;
    element *it = mr__slab_alloc(slab, &index);
    mr__slab_check(slab);
    assert_non_null(it);
    assert_ptr_equal(mr__slab_at(slab, index), it);
    it->value = value;
    *out_id = mr__slab_id(&it->slot, index);
    return it;
}

static void give_back(mr__slab *slab, uint64_t id)
{
    mr__slab_free(slab, mr__slab_at(slab, (uint32_t)id), (uint32_t)id);
    mr__slab_check(slab);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* ---- Claims -----------------------------------------------------------------------------------*/

static void a_new_slab_owns_no_memory_and_finds_nothing(void **state)
{
    (void)state;
    uint64_t before = mr__alloc_count();
    mr__slab slab = new_slab();
    mr__slab_check(&slab);
    for (uint64_t generation = 0; generation < 4; generation++)
        for (uint64_t index = 0; index < 4; index++)
            assert_null(mr__slab_find(&slab, generation << 32 | index));
    assert_null(mr__slab_find(&slab, UINT64_MAX));
    mr__slab_deinit(&slab);
    assert_int_equal(mr__alloc_count(), before);
}

static void slots_are_given_out_upwards(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    for (uint32_t i = 0; i < 9; i++) {
        uint64_t id;
        take(&slab, i, &id);
        assert_int_equal((uint32_t)id, i);
        assert_int_equal(id >> 32, 1);
    }
    mr__slab_deinit(&slab);
}

static void each_id_finds_its_own_element(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    element *made[33];
    uint64_t ids[33];
    for (uint64_t i = 0; i < 33; i++)
        made[i] = take(&slab, 1000 + i, &ids[i]);
    for (uint64_t i = 0; i < 33; i++) {
        element *found = mr__slab_find(&slab, ids[i]);
        assert_ptr_equal(found, made[i]); /* pages never moved while the table grew */
        assert_int_equal(found->value, 1000 + i);
    }
    mr__slab_deinit(&slab);
}

static void a_freed_id_stays_stale_when_its_slot_is_used_again(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t old, now;
    element *first = take(&slab, 1, &old);
    give_back(&slab, old);
    assert_null(mr__slab_find(&slab, old));
    element *second = take(&slab, 2, &now);
    assert_ptr_equal(first, second);
    assert_int_equal((uint32_t)old, (uint32_t)now);
    assert_null(mr__slab_find(&slab, old));
    assert_ptr_equal(mr__slab_find(&slab, now), second);
    mr__slab_deinit(&slab);
}

static void ids_that_never_were_find_nothing(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t used, freed;
    take(&slab, 1, &used);
    take(&slab, 2, &freed);
    give_back(&slab, freed);
    assert_null(mr__slab_find(&slab, 0));
    assert_null(mr__slab_find(&slab, (uint32_t)used));              /* generation 0 */
    assert_null(mr__slab_find(&slab, used + (UINT64_C(1) << 32)));  /* even */
    assert_null(mr__slab_find(&slab, used + (UINT64_C(2) << 32)));  /* not yet */
    assert_null(mr__slab_find(&slab, freed + (UINT64_C(1) << 32))); /* that of the free slot */
    assert_null(mr__slab_find(&slab, UINT64_C(1) << 32 | MR__SLAB_PAGE)); /* behind the last page */
    assert_null(mr__slab_find(&slab, UINT64_C(1) << 32 | MR__NIL));
    mr__slab_deinit(&slab);
}

static void new_elements_are_zero_and_pages_lie_on_lines(void **state)
{
    (void)state;
    static const element zero;
    mr__slab slab = new_slab();
    for (uint64_t i = 0; i < 8; i++) {
        uint64_t id;
        uint32_t index;
        element *it = mr__slab_alloc(&slab, &index);
        id = mr__slab_id(&it->slot, index);
        assert_memory_equal(&it->value, &zero.value, sizeof zero - offsetof(element, value));
        if (((uint32_t)id & (MR__SLAB_PAGE - 1)) == 0)
            assert_int_equal((uintptr_t)it % MR_LINE, 0);
        memset(&it->value, 0xa5, sizeof *it - offsetof(element, value));
    }
    mr__slab_deinit(&slab);
}

/* The only slot on the free list gets the last free generation there is. */
static void a_slot_with_its_generations_used_up_is_never_given_out_again(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t id, other;
    take(&slab, 1, &id);
    give_back(&slab, id);
    ((mr__slot *)mr__slab_at(&slab, (uint32_t)id))->generation = UINT32_MAX - 1;
    take(&slab, 2, &id);
    assert_int_equal(id >> 32, UINT32_MAX);
    give_back(&slab, id);
    assert_int_equal(slab.retired, 1);
    assert_null(mr__slab_find(&slab, id));
    assert_null(mr__slab_find(&slab, (uint32_t)id));
    for (int i = 0; i < 10; i++) {
        take(&slab, 3, &other);
        assert_int_not_equal((uint32_t)other, (uint32_t)id);
    }
    mr__slab_deinit(&slab);
}

static void growth_without_memory_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) { /* the page table, then the page */
        mr__slab slab = new_slab();
        uint64_t ids[64];
        uint32_t index = 5;
        unsigned made = 0;
        for (; made < 4 * MR__SLAB_PAGE; made++) { /* the first page table is then full */
            if (made % MR__SLAB_PAGE == 0 && (nth == 2 || made == 0)) {
                mr__alloc_fail_at(made == 0 ? nth : 1);
                assert_null(mr__slab_alloc(&slab, &index));
                mr__alloc_fail_at(0);
                mr__slab_check(&slab);
                assert_int_equal(index, 5);
                assert_int_equal(mr__counter_get(&slab.live), made);
            }
            take(&slab, made, &ids[made]);
        }
        mr__alloc_fail_at(nth);
        assert_null(mr__slab_alloc(&slab, &index));
        mr__alloc_fail_at(0);
        take(&slab, made, &ids[made]);
        for (uint64_t i = 0; i <= made; i++)
            assert_int_equal(((element *)mr__slab_find(&slab, ids[i]))->value, i);
        mr__slab_deinit(&slab);
    }
}

static void memory_is_counted(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t id, before = mr__alloc_count();
    for (uint64_t i = 0; i < 100; i++)
        take(&slab, i, &id);
    assert_int_equal(mr__counter_get(&slab.live), 100);
    assert_int_equal(mr__counter_get(&slab.allocations), mr__alloc_count() - before);
    uint32_t groups = (slab.page_count - MR__SLAB_SINGLES + MR__SLAB_GROUP - 1) / MR__SLAB_GROUP;
    assert_int_equal(mr__counter_get(&slab.allocations),
                     MR__SLAB_SINGLES + groups + 5); /* tables of 4, 8, ... 64 */
    assert_int_equal(mr__counter_get(&slab.bytes),
                     100 * MR__SLOT_BYTES + slab.page_cap * sizeof(char *));
    mr__slab_deinit(&slab);
    assert_int_equal(mr__counter_get(&slab.bytes), 0);
    assert_int_equal(mr__counter_get(&slab.live), 0);
}

static void a_released_slab_can_be_used_again(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t id;
    for (uint64_t i = 0; i < 5; i++)
        take(&slab, i, &id);
    mr__slab_deinit(&slab);
    mr__slab_check(&slab);
    assert_null(mr__slab_find(&slab, id));
    take(&slab, 6, &id);
    assert_int_equal((uint32_t)id, 0);
    mr__slab_deinit(&slab);
}

enum { MODEL = 40 };

static void random_use_agrees_with_a_plain_table(void **state)
{
    (void)state;
    mr__slab slab = new_slab();
    uint64_t ids[MODEL] = {0}, stale[MODEL] = {0}, value_of[MODEL] = {0}, live = 0;
    uint32_t seed = 3;
    for (uint64_t step = 0; step < 20000; step++) {
        uint32_t at = next_random(&seed) % MODEL;
        if (ids[at] == 0) {
            take(&slab, step, &ids[at]);
            value_of[at] = step;
            live++;
        } else {
            give_back(&slab, ids[at]);
            stale[at] = ids[at];
            ids[at] = 0;
            live--;
        }
        assert_int_equal(mr__counter_get(&slab.live), live);
        at = next_random(&seed) % MODEL;
        assert_null(mr__slab_find(&slab, stale[at]));
        element *found = mr__slab_find(&slab, ids[at]);
        assert_int_equal(found != NULL, ids[at] != 0);
        if (found != NULL)
            assert_int_equal(found->value, value_of[at]);
    }
    assert_true(slab.page_count <= MODEL / MR__SLAB_PAGE); /* free slots were used first */
    mr__slab_deinit(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_slab_owns_no_memory_and_finds_nothing),
        cmocka_unit_test(slots_are_given_out_upwards),
        cmocka_unit_test(each_id_finds_its_own_element),
        cmocka_unit_test(a_freed_id_stays_stale_when_its_slot_is_used_again),
        cmocka_unit_test(ids_that_never_were_find_nothing),
        cmocka_unit_test(new_elements_are_zero_and_pages_lie_on_lines),
        cmocka_unit_test(a_slot_with_its_generations_used_up_is_never_given_out_again),
        cmocka_unit_test(growth_without_memory_changes_nothing),
        cmocka_unit_test(memory_is_counted),
        cmocka_unit_test(a_released_slab_can_be_used_again),
        cmocka_unit_test(random_use_agrees_with_a_plain_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
