#include "base/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { MANY = 1000 };

typedef struct thing {
    mr__name name;
    char text[24];
} thing;

static thing things[MANY];

static void name_them(void)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(things[i].text, sizeof things[i].text, "thing %d", i);
        things[i].name.text = things[i].text;
    }
}

static void each_is_found_by_its_own_name(void **state)
{
    (void)state;
    mr__names names;
    mr__names_init(&names);
    name_them();
    for (int i = 0; i < MANY; i++) {
        assert_null(mr__names_find(&names, things[i].text));
        mr__names_add(&names, &things[i].name);
    }
    mr__names_check(&names);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(mr__names_find(&names, things[i].text), &things[i].name);
    assert_null(mr__names_find(&names, "thing"));
    assert_null(mr__names_find(&names, ""));
    assert_true(names.chain_count >= MANY / 2);
    mr__names_deinit(&names);
}

static void removing_leaves_the_others(void **state)
{
    (void)state;
    mr__names names;
    mr__names_init(&names);
    name_them();
    for (int i = 0; i < MANY; i++)
        mr__names_add(&names, &things[i].name);
    for (int i = 0; i < MANY; i += 2)
        mr__names_remove(&names, &things[i].name);
    mr__names_check(&names);
    assert_int_equal(names.count, MANY / 2);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(mr__names_find(&names, things[i].text),
                         i % 2 == 0 ? NULL : &things[i].name);
    mr__names_deinit(&names);
}

static void without_memory_chains_grow_longer(void **state)
{
    (void)state;
    mr__names names;
    mr__names_init(&names);
    name_them();
    for (int i = 0; i < 100; i++) {
        mr__alloc_fail_at(1);
        mr__names_add(&names, &things[i].name);
    }
    mr__alloc_fail_at(0);
    assert_int_equal(names.chain_count, MR__NAMES_FEW);
    mr__names_check(&names);
    mr__names_add(&names, &things[100].name);
    assert_int_equal(names.chain_count, 2 * MR__NAMES_FEW);
    mr__names_check(&names);
    mr__names_deinit(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_by_its_own_name),
        cmocka_unit_test(removing_leaves_the_others),
        cmocka_unit_test(without_memory_chains_grow_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
