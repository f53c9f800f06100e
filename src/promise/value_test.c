#include "promise/value.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static unsigned released;
static void *last_released;

static void count_release(void *object)
{
    released++;
    last_released = object;
}

static const mr_custom_type counted = {.name = "counted", .release = count_release};
static const mr_custom_type other = {.name = "other", .release = count_release};
static const mr_custom_type bound = {.name = "bound", .release = count_release, .bound = true};

static mr_value custom(const mr_custom_type *type, void *object)
{
    mr_value value;
    assert_int_equal(mr_value_custom(type, object, &value), MR_OK);
    return value;
}

static mr_value array(const mr_value *items, size_t n)
{
    mr_value value;
    assert_int_equal(mr_value_array(items, n, &value), MR_OK);
    return value;
}

static int setup(void **state)
{
    (void)state;
    released = 0;
    last_released = NULL;
    return 0;
}

static void zeroed_memory_is_undefined(void **state)
{
    (void)state;
    mr_value zeroed;
    memset(&zeroed, 0, sizeof zeroed);
    assert_int_equal(zeroed.kind, MR_VALUE_UNDEFINED);
    assert_int_equal(mr_value_undefined().kind, MR_VALUE_UNDEFINED);
    assert_int_equal(mr_value_error(NULL).kind, MR_VALUE_UNDEFINED);
    assert_int_equal(mr_value_promise(NULL).kind, MR_VALUE_UNDEFINED);
}

static void small_kinds_come_back_as_they_went_in(void **state)
{
    (void)state;
    bool boolean = false;
    int64_t integer = 0;
    double number = 0;
    int here;
    assert_true(mr_value_as_bool(mr_value_bool(true), &boolean) && boolean);
    assert_true(mr_value_as_int(mr_value_int(INT64_MIN), &integer) && integer == INT64_MIN);
    assert_true(mr_value_as_double(mr_value_double(0.5), &number) && number == 0.5);
    assert_true(mr_value_as_double(mr_value_int(-3), &number) && number == -3);
    assert_ptr_equal(mr_value_as_pointer(mr_value_pointer(&here)), &here);
    assert_ptr_equal(mr_value_as_promise(mr_value_promise((mr_promise *)(void *)&here)), &here);
}

static void another_kind_answers_no_and_writes_nothing(void **state)
{
    (void)state;
    bool boolean = true;
    int64_t integer = 7;
    double number = 7;
    size_t n = 7;
    mr_value null = mr_value_null(), custom_value = custom(&counted, NULL);
    assert_false(mr_value_as_bool(mr_value_int(0), &boolean));
    assert_false(mr_value_as_int(mr_value_double(0), &integer));
    assert_false(mr_value_as_double(mr_value_bool(false), &number));
    assert_null(mr_value_as_pointer(custom_value));
    assert_null(mr_value_as_bytes(&null, &n));
    assert_null(mr_value_as_bytes(NULL, &n));
    assert_null(mr_value_as_array(null, &n));
    assert_null(mr_value_as_error(custom_value));
    assert_null(mr_value_as_promise(custom_value));
    assert_null(mr_value_as_custom(mr_value_pointer(&n), &counted));
    assert_null(mr_value_as_custom(custom_value, &other));
    assert_null(mr_value_as_custom(custom_value, NULL));
    assert_true(boolean && integer == 7 && number == 7 && n == 7);
    mr_value_release(custom_value);
}

static void bytes_of_every_length_come_back(void **state)
{
    (void)state;
    uint8_t data[40];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i + 1);
    for (size_t len = 0; len <= sizeof data; len++) {
        mr_value value;
        size_t got = 77;
        assert_int_equal(mr_value_bytes(len == 0 ? NULL : data, len, &value), MR_OK);
        const void *bytes = mr_value_as_bytes(&value, &got);
        assert_non_null(bytes);
        assert_int_equal(got, len);
        assert_memory_equal(bytes, data, len);
        mr_value_release(value);
    }
}

static void up_to_fourteen_bytes_need_no_memory(void **state)
{
    (void)state;
    mr_value value;
    uint64_t before = mr__alloc_count();
    assert_int_equal(mr_value_bytes("12345678901234", 14, &value), MR_OK);
    assert_int_equal(mr__alloc_count(), before);
    assert_int_equal(mr_value_bytes("123456789012345", 15, &value), MR_OK);
    assert_int_equal(mr__alloc_count(), before + 1);
    mr_value_release(value);
}

static void bytes_beyond_all_memory_are_refused(void **state)
{
    (void)state;
    mr_value value = mr_value_int(7);
    assert_int_equal(mr_value_bytes("x", SIZE_MAX, &value), MR_ENOMEM);
    assert_int_equal(mr_value_array(&value, SIZE_MAX / 16, &value), MR_ENOMEM);
    assert_int_equal(value.kind, MR_VALUE_INT);
}

static void an_array_has_its_items_by_index(void **state)
{
    (void)state;
    int a, b;
    mr_value items[] = {mr_value_int(1), custom(&counted, &a), mr_value_null(),
                        custom(&counted, &b)};
    size_t n = 0;
    mr_value value = array(items, 4);
    const mr_value *got = mr_value_as_array(value, &n);
    assert_int_equal(n, 4);
    assert_memory_equal(got, items, sizeof items);
    assert_ptr_equal(mr_value_as_custom(got[3], &counted), &b);
    mr_value_release(value);
    assert_int_equal(released, 2);
    value = array(NULL, 0);
    assert_non_null(mr_value_as_array(value, &n));
    assert_int_equal(n, 0);
    mr_value_release(value);
}

static void the_last_release_frees_and_no_other(void **state)
{
    (void)state;
    int object;
    mr_value value = custom(&counted, &object), again = mr_value_ref(value);
    assert_ptr_equal(mr_value_as_custom(again, &counted), &object);
    mr_value_release(value);
    assert_int_equal(released, 0);
    mr_value_release(again);
    assert_int_equal(released, 1);
    assert_ptr_equal(last_released, &object);
}

static void what_holds_a_bound_value_is_bound(void **state)
{
    (void)state;
    int promise;
    mr_error *error, *wrapped;
    mr_value plain = custom(&counted, NULL), held = custom(&bound, NULL);
    assert_false(mr_value_is_bound(plain));
    assert_true(mr_value_is_bound(held));
    assert_true(mr_value_is_bound(mr_value_promise((mr_promise *)(void *)&promise)));
    assert_false(mr_value_is_bound(mr_value_pointer(&promise)));
    mr_value items[] = {plain, held}, inner = array(items, 2), outer = array(&inner, 1);
    assert_true(mr_value_is_bound(outer));
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = MR_EIO, .members = &outer, .member_n = 1};
    assert_int_equal(mr_error_create(&spec, &error), MR_OK);
    const mr_error_spec around = {.size_bytes = sizeof around, .code = MR_EIO, .cause = error};
    assert_int_equal(mr_error_create(&around, &wrapped), MR_OK);
    assert_true(mr_value_is_bound(mr_value_error(error)));
    assert_true(mr_value_is_bound(mr_value_error(wrapped)));
    mr_error_unref(wrapped);
    mr_error_unref(error);
    mr_value_release(outer);
    assert_int_equal(released, 2);
}

static void freeing_a_deep_value_takes_no_stack(void **state)
{
    (void)state;
    mr_value value = custom(&counted, NULL);
    for (int i = 0; i < 1000000; i++)
        value = array(&value, 1);
    mr_value_release(value);
    assert_int_equal(released, 1);
}

static void release_held(void *object)
{
    mr_value *held = object;
    mr_value_release(*held);
    free(held);
    released++;
}

static const mr_custom_type holder = {.name = "holder", .release = release_held};

static void customs_that_hold_each_other_take_no_stack_either(void **state)
{
    (void)state;
    mr_value value = mr_value_null();
    for (int i = 0; i < 300000; i++) {
        mr_value *held = malloc(sizeof *held);
        assert_non_null(held);
        *held = value;
        value = custom(&holder, held);
    }
    mr_value_release(value);
    assert_int_equal(released, 300000);
}

static void wrong_arguments_change_nothing(void **state)
{
    (void)state;
    mr_value value = mr_value_int(7);
    const mr_custom_type no_release = {.name = "none"};
    assert_int_equal(mr_value_bytes(NULL, 1, &value), MR_EINVAL);
    assert_int_equal(mr_value_bytes("", 0, NULL), MR_EINVAL);
    assert_int_equal(mr_value_array(NULL, 1, &value), MR_EINVAL);
    assert_int_equal(mr_value_array(NULL, 0, NULL), MR_EINVAL);
    assert_int_equal(mr_value_custom(NULL, NULL, &value), MR_EINVAL);
    assert_int_equal(mr_value_custom(&no_release, NULL, &value), MR_EINVAL);
    assert_int_equal(mr_value_custom(&counted, NULL, NULL), MR_EINVAL);
    assert_false(mr_value_as_bool(mr_value_bool(true), NULL));
    assert_false(mr_value_as_int(mr_value_int(1), NULL));
    assert_false(mr_value_as_double(mr_value_double(1), NULL));
    assert_true(value.kind == MR_VALUE_INT && value.as.integer == 7);
}

static void without_memory_nothing_is_taken(void **state)
{
    (void)state;
    int object;
    mr_value item = custom(&counted, &object), value = mr_value_int(7);
    mr__alloc_fail_at(1);
    assert_int_equal(mr_value_bytes("123456789012345", 15, &value), MR_ENOMEM);
    mr__alloc_fail_at(1);
    assert_int_equal(mr_value_array(&item, 1, &value), MR_ENOMEM);
    mr__alloc_fail_at(1);
    assert_int_equal(mr_value_custom(&counted, &object, &value), MR_ENOMEM);
    mr__alloc_fail_at(0);
    assert_true(value.kind == MR_VALUE_INT && value.as.integer == 7);
    assert_int_equal(released, 0);
    mr_value_release(item);
}

static void *ref_and_release(void *arg)
{
    mr_value value = *(mr_value *)arg;
    for (int i = 0; i < 10000; i++)
        mr_value_release(mr_value_ref(value));
    mr_value_release(value);
    return NULL;
}

static void threads_may_share_a_value(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    mr_value item = custom(&counted, NULL), value = array(&item, 1);
    for (int i = 0; i < THREADS; i++) {
        mr_value_ref(value);
        assert_int_equal(pthread_create(&threads[i], NULL, ref_and_release, &value), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(released, 0);
    mr_value_release(value);
    assert_int_equal(released, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(zeroed_memory_is_undefined, setup),
        cmocka_unit_test_setup(small_kinds_come_back_as_they_went_in, setup),
        cmocka_unit_test_setup(another_kind_answers_no_and_writes_nothing, setup),
        cmocka_unit_test_setup(bytes_of_every_length_come_back, setup),
        cmocka_unit_test_setup(up_to_fourteen_bytes_need_no_memory, setup),
        cmocka_unit_test_setup(bytes_beyond_all_memory_are_refused, setup),
        cmocka_unit_test_setup(an_array_has_its_items_by_index, setup),
        cmocka_unit_test_setup(the_last_release_frees_and_no_other, setup),
        cmocka_unit_test_setup(what_holds_a_bound_value_is_bound, setup),
        cmocka_unit_test_setup(freeing_a_deep_value_takes_no_stack, setup),
        cmocka_unit_test_setup(customs_that_hold_each_other_take_no_stack_either, setup),
        cmocka_unit_test_setup(wrong_arguments_change_nothing, setup),
        cmocka_unit_test_setup(without_memory_nothing_is_taken, setup),
        cmocka_unit_test_setup(threads_may_share_a_value, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
