#include <millrace/status.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The list once more, by itself, to compare the answers with. */
static const struct row {
    mr_status number;
    const char *name, *js_class, *text;
} rows[] = {{0, "MR_OK", "Error", "success"},
#define ROW(name, number, js_class, sentence) {number, "MR_" #name, #js_class, sentence},
            MR_STATUS_LIST(ROW)
#undef ROW
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void numbers_go_down_from_zero_without_a_gap(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(rows[i].number, -i);
}

static void published_codes_keep_their_numbers(void **state)
{
    (void)state;
    assert_int_equal(MR_OK, 0);
    assert_int_equal(MR_EINVAL, -1);
    assert_int_equal(MR_ENOENT, -3);
    assert_int_equal(MR_ELIMIT, -7);
    assert_int_equal(MR_ECLOSED, -11);
    assert_int_equal(MR_EPOLLER, -17);
    assert_int_equal(MR_EIO, -22);
}

static void each_code_tells_its_name_text_and_class(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        assert_string_equal(mr_status_name(rows[i].number), rows[i].name);
        assert_string_equal(mr_status_text(rows[i].number), rows[i].text);
        assert_string_equal(mr_status_js_class(rows[i].number), rows[i].js_class);
    }
}

static void known_codes_say_what_the_header_says(void **state)
{
    (void)state;
    assert_string_equal(mr_status_name(MR_OK), "MR_OK");
    assert_string_equal(mr_status_text(MR_OK), "success");
    assert_string_equal(mr_status_name(MR_ENOENT), "MR_ENOENT");
    assert_string_equal(mr_status_text(MR_ECLOSED), "closed");
    assert_string_equal(mr_status_js_class(MR_EINVAL), "TypeError");
    assert_string_equal(mr_status_js_class(MR_ENOMEM), "RangeError");
}

static void texts_are_sentences_without_a_full_stop_and_all_different(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        const char *text = mr_status_text(rows[i].number);
        assert_true(strlen(text) > 1);
        assert_int_not_equal(text[strlen(text) - 1], '.');
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(text, mr_status_text(rows[j].number));
            assert_string_not_equal(rows[i].name, rows[j].name);
        }
    }
}

static void classes_are_those_of_ecmascript(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        const char *name = mr_status_js_class(rows[i].number);
        assert_true(strcmp(name, "Error") == 0 || strcmp(name, "TypeError") == 0 ||
                    strcmp(name, "RangeError") == 0 || strcmp(name, "AggregateError") == 0);
    }
}

static void numbers_outside_the_list_are_unknown(void **state)
{
    (void)state;
    static const mr_status outside[] = {1, 2, 1000, INT_MAX, -ROWS, -ROWS - 1, -1000, INT_MIN};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        assert_string_equal(mr_status_name(outside[i]), "MR_UNKNOWN");
        assert_string_equal(mr_status_text(outside[i]), "unknown status");
        assert_string_equal(mr_status_js_class(outside[i]), "Error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_down_from_zero_without_a_gap),
        cmocka_unit_test(published_codes_keep_their_numbers),
        cmocka_unit_test(each_code_tells_its_name_text_and_class),
        cmocka_unit_test(known_codes_say_what_the_header_says),
        cmocka_unit_test(texts_are_sentences_without_a_full_stop_and_all_different),
        cmocka_unit_test(classes_are_those_of_ecmascript),
        cmocka_unit_test(numbers_outside_the_list_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
