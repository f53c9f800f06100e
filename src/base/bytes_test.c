#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static void expect(mr__bytes *bytes, const char *text, size_t len)
{
    assert_false(bytes->failed);
    assert_int_equal(bytes->len, len);
    assert_true(bytes->cap >= len);
    if (len != 0)
        assert_memory_equal(bytes->data, text, len);
}

/* Each kind of append once; the text that they make. */
static void write_all(mr__bytes *bytes)
{
    mr__bytes_append(bytes, "one\0two", 7);
    mr__bytes_str(bytes, " three ");
    mr__bytes_char(bytes, '4');
    mr__bytes_fill(bytes, '-', 70);
    mr__bytes_printf(bytes, "[%5d|%s]", 42,
                     "a somewhat longer text, so that the buffer has to grow");
    mr__bytes_str(bytes, "end");
}

static const char all_text[] =
    "one\0two three 4----------------------------------------------------------------------"
    "[   42|a somewhat longer text, so that the buffer has to grow]end";
enum { ALL_LEN = sizeof all_text - 1 };

/* ---- Claims -----------------------------------------------------------------------------------*/

static void pieces_stand_one_after_the_other(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    write_all(&bytes);
    expect(&bytes, all_text, ALL_LEN);
    mr__bytes_deinit(&bytes);
}

static void single_characters_survive_every_growth(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    for (unsigned i = 0; i < 100000; i++)
        mr__bytes_char(&bytes, (char)(i * 7 % 251));
    assert_int_equal(bytes.len, 100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_true(bytes.data[i] == (char)(i * 7 % 251));
    mr__bytes_deinit(&bytes);
}

static void growth_doubles_so_that_allocations_are_few(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    uint64_t before = mr__alloc_count();
    for (unsigned i = 0; i < 65536; i++)
        mr__bytes_char(&bytes, 'x');
    assert_int_equal(mr__alloc_count() - before, 11); /* 64, 128, ... 65536 */
    assert_int_equal(bytes.cap, 65536);
    mr__bytes_deinit(&bytes);
}

static void appending_nothing_allocates_nothing(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    uint64_t before = mr__alloc_count();
    mr__bytes_append(&bytes, NULL, 0);
    mr__bytes_str(&bytes, "");
    mr__bytes_fill(&bytes, 'x', 0);
    mr__bytes_printf(&bytes, "%s", "");
    expect(&bytes, "", 0);
    assert_int_equal(mr__alloc_count(), before);
    mr__bytes_deinit(&bytes);
}

static void cstr_terminates_without_adding_a_byte(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    assert_string_equal(mr__bytes_cstr(&bytes), "");
    assert_int_equal(bytes.len, 0);
    mr__bytes_fill(&bytes, 'x', 64); /* exactly full */
    assert_int_equal(bytes.cap, 64);
    assert_int_equal(strlen(mr__bytes_cstr(&bytes)), 64);
    assert_int_equal(bytes.len, 64);
    mr__bytes_char(&bytes, 'y');
    assert_int_equal(strlen(mr__bytes_cstr(&bytes)), 65);
    assert_int_equal(bytes.data[64], 'y');
    mr__bytes_deinit(&bytes);
}

static void formatted_text_of_any_length_is_whole(void **state)
{
    (void)state;
    for (int len = 0; len < 300; len++) {
        mr__bytes bytes = {0};
        mr__bytes_str(&bytes, "<");
        mr__bytes_printf(&bytes, "%*s", len, len == 0 ? "" : "x");
        mr__bytes_str(&bytes, ">");
        assert_int_equal(bytes.len, len + 2);
        assert_int_equal(bytes.data[len], len == 0 ? '<' : 'x');
        assert_int_equal(bytes.data[len + 1], '>');
        mr__bytes_deinit(&bytes);
    }
}

static void after_a_failed_allocation_nothing_is_appended(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    mr__bytes_fill(&bytes, 'x', 60);
    mr__alloc_fail_at(1);
    mr__bytes_str(&bytes, "12345");
    mr__alloc_fail_at(0);
    assert_true(bytes.failed);
    mr__bytes_char(&bytes, 'y'); /* would fit */
    mr__bytes_append(&bytes, "yy", 2);
    mr__bytes_fill(&bytes, 'y', 2);
    mr__bytes_printf(&bytes, "%d", 1);
    assert_int_equal(bytes.len, 60);
    assert_string_equal(mr__bytes_cstr(&bytes), "");
    mr__bytes_deinit(&bytes);
    assert_false(bytes.failed);
    mr__bytes_str(&bytes, "again");
    expect(&bytes, "again", 5);
    mr__bytes_deinit(&bytes);
}

static void whichever_allocation_fails_the_buffer_says_so(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        mr__bytes bytes = {0};
        mr__alloc_fail_at(nth);
        uint64_t before = mr__alloc_count();
        write_all(&bytes);
        uint64_t used = mr__alloc_count() - before;
        mr__alloc_fail_at(0);
        assert_int_equal(bytes.failed, used == nth);
        if (!bytes.failed) {
            expect(&bytes, all_text, ALL_LEN);
            mr__bytes_deinit(&bytes);
            assert_true(nth > 1);
            return;
        }
        assert_string_equal(mr__bytes_cstr(&bytes), "");
        mr__bytes_deinit(&bytes);
    }
}

static void a_length_beyond_all_memory_fails_without_touching_the_text(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    uint64_t before;
    mr__bytes_str(&bytes, "kept");
    before = mr__alloc_count();
    mr__bytes_fill(&bytes, 'x', SIZE_MAX - 2);
    assert_true(bytes.failed);
    assert_int_equal(mr__alloc_count(), before);
    assert_int_equal(bytes.len, 4);
    assert_memory_equal(bytes.data, "kept", 4);
    mr__bytes_deinit(&bytes);
}

static void a_released_buffer_is_as_new(void **state)
{
    (void)state;
    mr__bytes bytes = {0};
    mr__bytes_str(&bytes, "text");
    mr__bytes_deinit(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.len + bytes.cap, 0);
    mr__bytes_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_stand_one_after_the_other),
        cmocka_unit_test(single_characters_survive_every_growth),
        cmocka_unit_test(growth_doubles_so_that_allocations_are_few),
        cmocka_unit_test(appending_nothing_allocates_nothing),
        cmocka_unit_test(cstr_terminates_without_adding_a_byte),
        cmocka_unit_test(formatted_text_of_any_length_is_whole),
        cmocka_unit_test(after_a_failed_allocation_nothing_is_appended),
        cmocka_unit_test(whichever_allocation_fails_the_buffer_says_so),
        cmocka_unit_test(a_length_beyond_all_memory_fails_without_touching_the_text),
        cmocka_unit_test(a_released_buffer_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
