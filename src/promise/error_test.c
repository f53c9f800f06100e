#include <millrace/error.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <millrace/loop.h>
#include <millrace/submit.h>

#include "base/memory.h"

static mr_error *create(const mr_error_spec *spec)
{
    mr_error *error;
    assert_int_equal(mr_error_create(spec, &error), MR_OK);
    return error;
}

static mr_error *plain(mr_status code)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    return create(&spec);
}

/* Takes over the cause. */
static mr_error *wrap(mr_error *cause, mr_status code)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = code, .cause = cause};
    mr_error *error = create(&spec);
    mr_error_unref(cause);
    return error;
}

/* Takes over the members and the cause. */
static mr_error *aggregate(mr_status code, mr_error *cause, mr_error *a, mr_error *b)
{
    mr_value members[] = {mr_value_error(a), mr_value_int(5), mr_value_error(b)};
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = code, .cause = cause, .members = members, .member_n = 3};
    mr_error *error = create(&spec);
    mr_error_unref(cause);
    mr_error_unref(a);
    mr_error_unref(b);
    return error;
}

static void everything_of_the_spec_is_kept(void **state)
{
    (void)state;
    char message[] = "it broke", key[] = "file", text[] = "a.txt";
    mr_error *cause = plain(MR_EIO);
    const mr_error_context context[] = {{key, text}, {"line", ""}};
    const mr_value members[] = {mr_value_int(1), mr_value_error(cause)};
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EAGGREGATE,
                                .message = message,
                                .cause = cause,
                                .context = context,
                                .context_n = 2,
                                .members = members,
                                .member_n = 2,
                                .is_temporary = true};
    mr_error *error = create(&spec);
    memset(message, 'x', sizeof message - 1);
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(mr_error_code(error), MR_EAGGREGATE);
    assert_string_equal(mr_error_message(error), "it broke");
    assert_ptr_equal(mr_error_cause(error), cause);
    assert_true(mr_error_is_temporary(error));
    assert_int_equal(mr_error_context_count(error), 2);
    assert_string_equal(mr_error_context_at(error, 0).key, "file");
    assert_string_equal(mr_error_context_at(error, 0).text, "a.txt");
    assert_string_equal(mr_error_context_at(error, 1).text, "");
    assert_null(mr_error_context_at(error, 2).key);
    assert_int_equal(mr_error_member_count(error), 2);
    assert_ptr_equal(mr_value_as_error(mr_error_member_at(error, 1)), cause);
    assert_int_equal(mr_error_member_at(error, 2).kind, MR_VALUE_UNDEFINED);
    mr_error_unref(cause);
    assert_int_equal(mr_error_code(mr_error_cause(error)), MR_EIO); /* counted */
    mr_error_unref(error);
}

static void without_a_message_there_is_the_sentence_of_the_code(void **state)
{
    (void)state;
    mr_error *error = plain(MR_ETIMEDOUT), *unknown = plain(-4711);
    assert_string_equal(mr_error_message(error), mr_status_text(MR_ETIMEDOUT));
    assert_string_equal(mr_error_message(unknown), mr_status_text(-4711));
    mr_error_unref(error);
    mr_error_unref(unknown);
}

static void nothing_asked_of_null_gives_nothing(void **state)
{
    (void)state;
    assert_int_equal(mr_error_code(NULL), MR_OK);
    assert_string_equal(mr_error_message(NULL), "");
    assert_string_equal(mr_error_id(NULL), "");
    assert_null(mr_error_cause(NULL));
    assert_false(mr_error_is_temporary(NULL));
    assert_int_equal(mr_error_context_count(NULL), 0);
    assert_null(mr_error_context_at(NULL, 0).key);
    assert_null(mr_error_context_text(NULL, "key"));
    assert_int_equal(mr_error_member_count(NULL), 0);
    assert_int_equal(mr_error_member_at(NULL, 0).kind, MR_VALUE_UNDEFINED);
    assert_null(mr_error_find(NULL, MR_EIO));
    assert_null(mr_error_ref(NULL));
    mr_error_unref(NULL);
}

static void the_nearest_text_of_a_key_counts(void **state)
{
    (void)state;
    const mr_error_context inner[] = {{"file", "inner"}, {"user", "u"}}, outer[] = {{"file", "o"}};
    const mr_error_spec of_inner = {
        .size_bytes = sizeof of_inner, .code = MR_EIO, .context = inner, .context_n = 2};
    mr_error *cause = create(&of_inner);
    const mr_error_spec of_outer = {.size_bytes = sizeof of_outer,
                                    .code = MR_EIO,
                                    .context = outer,
                                    .context_n = 1,
                                    .cause = cause};
    mr_error *error = create(&of_outer);
    assert_string_equal(mr_error_context_text(error, "file"), "o");
    assert_string_equal(mr_error_context_text(error, "user"), "u");
    assert_null(mr_error_context_text(error, "host"));
    assert_null(mr_error_context_text(error, NULL));
    mr_error_unref(error);
    mr_error_unref(cause);
}

/* ---- ids ---- */

static uint64_t milliseconds_of(const char *id)
{
    char digits[13];
    memcpy(digits, id, 8);
    memcpy(digits + 8, id + 9, 4);
    digits[12] = 0;
    return strtoull(digits, NULL, 16);
}

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void an_id_is_a_uuid_of_version_seven(void **state)
{
    (void)state;
    uint64_t before = wall_ms();
    mr_error *error = plain(MR_EIO);
    uint64_t after = wall_ms();
    const char *id = mr_error_id(error);
    assert_int_equal(strlen(id), 36);
    for (int i = 0; i < 36; i++)
        assert_true(i == 8 || i == 13 || i == 18 || i == 23
                        ? id[i] == '-'
                        : isdigit((unsigned char)id[i]) || (id[i] >= 'a' && id[i] <= 'f'));
    assert_int_equal(id[14], '7');
    assert_non_null(strchr("89ab", id[19]));
    assert_true(milliseconds_of(id) >= before && milliseconds_of(id) <= after);
    mr_error_unref(error);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, 37);
}

static void no_two_births_have_the_same_id(void **state)
{
    (void)state;
    enum { N = 10000 };
    static char ids[N][37];
    for (int i = 0; i < N; i++) {
        mr_error *error = plain(MR_EIO);
        memcpy(ids[i], mr_error_id(error), 37);
        mr_error_unref(error);
    }
    qsort(ids, N, 37, compare_ids);
    for (int i = 1; i < N; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
}

static void wrapping_keeps_the_id(void **state)
{
    (void)state;
    mr_error *cause = plain(MR_EIO), *member = plain(MR_EBADF);
    char of_cause[37], of_member[37];
    memcpy(of_cause, mr_error_id(cause), 37);
    memcpy(of_member, mr_error_id(member), 37);
    mr_error *error = wrap(wrap(cause, MR_EJS), MR_ECANCELED);
    assert_string_equal(mr_error_id(error), of_cause);
    error = aggregate(MR_EAGGREGATE, error, member, plain(MR_EIO));
    assert_string_equal(mr_error_id(error), of_cause);
    mr_error_unref(error);
    error = aggregate(MR_EAGGREGATE, NULL, plain(MR_EIO), plain(MR_EIO));
    assert_string_not_equal(mr_error_id(error), of_member); /* members are no causes */
    mr_error_unref(error);
}

static char simulated_id[37];

static void note_id(void *arg)
{
    (void)arg;
    mr_error *error;
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EIO};
    if (mr_error_create(&spec, &error) != MR_OK)
        abort();
    memcpy(simulated_id, mr_error_id(error), 37);
    mr_error_unref(error);
}

static const char *id_in_simulation(uint64_t seed)
{
    mr_loop *loop;
    const mr_simulate world = {.seed = seed, .start_ns = 5000000};
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = &world};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    assert_int_equal(mr_submit(loop, note_id, NULL), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    mr_loop_unref(loop);
    return simulated_id;
}

static void in_a_simulation_the_seed_decides_ids(void **state)
{
    (void)state;
    char first[37];
    memcpy(first, id_in_simulation(1), 37);
    assert_true(milliseconds_of(first) == UINT64_C(946684800005));
    assert_string_equal(id_in_simulation(1), first);
    assert_string_not_equal(id_in_simulation(2), first);
}

/* ---- finding ---- */

static void the_first_of_a_code_is_found(void **state)
{
    (void)state;
    /* aggregate( timeout <- io "a" | aggregate( badf, io "b" ) ) <- canceled */
    mr_error *a = plain(MR_EIO), *b = plain(MR_EIO), *badf = plain(MR_EBADF);
    mr_error *canceled = plain(MR_ECANCELED);
    mr_error *timeout = wrap(a, MR_ETIMEDOUT);
    mr_error *inner = aggregate(MR_EAGGREGATE, NULL, badf, b);
    mr_error *error = aggregate(MR_EAGGREGATE, canceled, timeout, inner);
    assert_ptr_equal(mr_error_find(error, MR_EAGGREGATE), error);
    assert_ptr_equal(mr_error_find(error, MR_ETIMEDOUT), timeout);
    assert_ptr_equal(mr_error_find(error, MR_EIO), a); /* a cause of a member, before b */
    assert_ptr_equal(mr_error_find(error, MR_EBADF), badf);
    assert_ptr_equal(mr_error_find(error, MR_ECANCELED), canceled);
    assert_null(mr_error_find(error, MR_EJS));
    assert_null(mr_error_find(error, MR_OK));
    assert_ptr_equal(mr_error_find(inner, MR_EIO), b);
    mr_error_unref(error);
}

static void codes_that_are_not_ours_are_found_too(void **state)
{
    (void)state;
    mr_error *deep = plain(-100000);
    mr_error *error = aggregate(INT32_MIN, NULL, wrap(plain(-65), -64), wrap(deep, -63));
    assert_ptr_equal(mr_error_find(error, -100000), deep);
    assert_ptr_equal(mr_error_find(error, INT32_MIN), error);
    assert_non_null(mr_error_find(error, -65));
    assert_null(mr_error_find(error, -127));
    mr_error_unref(error);
}

static void a_long_chain_takes_no_stack(void **state)
{
    (void)state;
    mr_error *last = plain(MR_EBADF), *error = last;
    for (int i = 0; i < 1000000; i++)
        error = wrap(error, MR_EIO);
    assert_ptr_equal(mr_error_find(error, MR_EBADF), last);
    assert_null(mr_error_find(error, MR_EJS));
    assert_null(mr_error_context_text(error, "no such key"));
    mr_error_unref(error);
}

static void deep_members_take_no_stack(void **state)
{
    (void)state;
    mr_error *last = plain(MR_EBADF), *error = last;
    for (int i = 0; i < 100000; i++)
        error = aggregate(MR_EAGGREGATE, NULL, plain(MR_EIO), error);
    assert_ptr_equal(mr_error_find(error, MR_EBADF), last);
    assert_null(mr_error_find(error, MR_EJS));
    mr_error_unref(error);
}

/* 2^1000 ways lead to the last one. */
static void shared_members_take_no_time(void **state)
{
    (void)state;
    mr_error *last = plain(-777), *error = last;
    for (int i = 0; i < 1000; i++)
        error = aggregate(MR_EAGGREGATE, mr_error_ref(error), mr_error_ref(error), error);
    assert_ptr_equal(mr_error_find(error, -777), last);
    assert_null(mr_error_find(error, -778));
    mr_error_unref(error);
}

/* ---- refusals ---- */

static void wrong_specs_are_refused(void **state)
{
    (void)state;
    const mr_error_context no_key = {NULL, "text"}, no_text = {"key", NULL};
    const mr_error_spec wrong[] = {
        {.size_bytes = sizeof wrong[0] - 1, .code = MR_EIO},
        {.size_bytes = sizeof wrong[0], .code = MR_OK},
        {.size_bytes = sizeof wrong[0], .code = 1},
        {.size_bytes = sizeof wrong[0], .code = MR_EIO, .context_n = 1},
        {.size_bytes = sizeof wrong[0], .code = MR_EIO, .member_n = 1},
        {.size_bytes = sizeof wrong[0], .code = MR_EIO, .context = &no_key, .context_n = 1},
        {.size_bytes = sizeof wrong[0], .code = MR_EIO, .context = &no_text, .context_n = 1},
    };
    mr_error *error = (mr_error *)(void *)&error;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(mr_error_create(&wrong[i], &error), MR_EINVAL);
    const mr_error_spec right = {.size_bytes = sizeof right, .code = MR_EIO};
    assert_int_equal(mr_error_create(NULL, &error), MR_EINVAL);
    assert_int_equal(mr_error_create(&right, NULL), MR_EINVAL);
    assert_ptr_equal(error, &error);
}

static unsigned released;

static void count_release(void *object)
{
    (void)object;
    released++;
}

static void without_memory_nothing_is_counted(void **state)
{
    (void)state;
    static const mr_custom_type type = {.name = "counted", .release = count_release};
    mr_value member;
    mr_error *cause = plain(MR_EIO), *error = cause;
    assert_int_equal(mr_value_custom(&type, NULL, &member), MR_OK);
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EIO,
                                .cause = cause,
                                .members = &member,
                                .member_n = 1};
    mr__alloc_fail_at(1);
    assert_int_equal(mr_error_create(&spec, &error), MR_ENOMEM);
    mr__alloc_fail_at(0);
    assert_ptr_equal(error, cause);
    released = 0;
    mr_value_release(member);
    assert_int_equal(released, 1);
    mr_error_unref(cause);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_the_spec_is_kept),
        cmocka_unit_test(without_a_message_there_is_the_sentence_of_the_code),
        cmocka_unit_test(nothing_asked_of_null_gives_nothing),
        cmocka_unit_test(the_nearest_text_of_a_key_counts),
        cmocka_unit_test(an_id_is_a_uuid_of_version_seven),
        cmocka_unit_test(no_two_births_have_the_same_id),
        cmocka_unit_test(wrapping_keeps_the_id),
        cmocka_unit_test(in_a_simulation_the_seed_decides_ids),
        cmocka_unit_test(the_first_of_a_code_is_found),
        cmocka_unit_test(codes_that_are_not_ours_are_found_too),
        cmocka_unit_test(a_long_chain_takes_no_stack),
        cmocka_unit_test(deep_members_take_no_stack),
        cmocka_unit_test(shared_members_take_no_time),
        cmocka_unit_test(wrong_specs_are_refused),
        cmocka_unit_test(without_memory_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
