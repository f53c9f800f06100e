#include <millrace/perf.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <millrace/sim.h>

#include "base/memory.h"

static mr_loop *loop;
static mr_perf *perf;

static int setup(void **state)
{
    (void)state;
    const mr_simulate world = {.seed = 1, .start_ns = 5000000};
    const mr_loop_options options = {.size_bytes = sizeof options, .simulate = &world};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    assert_int_equal(mr_perf_create(loop, &perf), MR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mr_perf_destroy(perf);
    mr_loop_unref(loop);
    return 0;
}

static void wait_ns(uint64_t ns)
{
    assert_int_equal(mr_sim_advance(loop, ns), MR_OK);
}

static void mark(const char *name)
{
    assert_int_equal(mr_perf_mark(perf, name, mr_value_undefined(), NULL), MR_OK);
}

static mr_status measure(const char *name, const char *start, const char *end)
{
    return mr_perf_measure(perf, name, start, end, mr_value_undefined(), NULL);
}

/* The names of what is listed. */
static const char *list(mr_perf_kind kind, const char *name)
{
    static char text[256];
    mr_perf_entry *entries[32];
    size_t n;
    assert_int_equal(mr_perf_list(perf, kind, name, entries, 32, &n), MR_OK);
    assert_true(n <= 32);
    text[0] = 0;
    for (size_t i = 0; i < n; i++)
        strcat(strcat(text, i == 0 ? "" : " "), mr_perf_entry_name(entries[i]));
    return text;
}

static unsigned released;

static void count_release(void *object)
{
    (void)object;
    released++;
}

static mr_value counted(void)
{
    static const mr_custom_type type = {.name = "counted", .release = count_release};
    mr_value value;
    released = 0;
    assert_int_equal(mr_value_custom(&type, NULL, &value), MR_OK);
    return value;
}

static void the_origin_is_the_creation_of_the_loop(void **state)
{
    (void)state;
    mr_perf *later;
    assert_int_equal(mr_perf_now(perf), 0);
    wait_ns(123);
    assert_int_equal(mr_perf_now(perf), 123);
    assert_int_equal(mr_perf_create(loop, &later), MR_OK);
    assert_int_equal(mr_perf_now(later), 123);
    assert_true(mr_perf_time_origin(later) == UINT64_C(946684800005000000));
    mr_perf_destroy(later);
}

static uint64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void of_a_real_loop_it_is_in_wall_time(void **state)
{
    (void)state;
    mr_loop *real;
    mr_perf *of_real;
    uint64_t before = wall_ns();
    assert_int_equal(mr_loop_create(NULL, &real), MR_OK);
    uint64_t after = wall_ns();
    assert_int_equal(mr_perf_create(real, &of_real), MR_OK);
    assert_true(mr_perf_time_origin(of_real) >= before && mr_perf_time_origin(of_real) <= after);
    uint64_t first = mr_perf_now(of_real), second = mr_perf_now(of_real);
    assert_true(first <= second && second < UINT64_C(600000000000));
    mr_perf_destroy(of_real);
    mr_loop_unref(real);
}

static void an_entry_says_what_it_is(void **state)
{
    (void)state;
    mr_perf_entry *entry, *whole;
    int64_t detail = 0;
    wait_ns(10);
    assert_int_equal(mr_perf_mark(perf, "start", mr_value_int(5), &entry), MR_OK);
    wait_ns(5);
    assert_int_equal(mr_perf_measure(perf, "m", "start", NULL, mr_value_null(), &whole), MR_OK);
    assert_int_equal(mr_perf_entry_kind(entry), MR_PERF_MARK);
    assert_string_equal(mr_perf_entry_name(entry), "start");
    assert_int_equal(mr_perf_entry_start(entry), 10);
    assert_int_equal(mr_perf_entry_duration(entry), 0);
    assert_true(mr_value_as_int(mr_perf_entry_detail(entry), &detail) && detail == 5);
    assert_int_equal(mr_perf_entry_kind(whole), MR_PERF_MEASURE);
    assert_int_equal(mr_perf_entry_start(whole), 10);
    assert_int_equal(mr_perf_entry_duration(whole), 5);
    mr_perf_entry_unref(entry);
    mr_perf_entry_unref(whole);
    assert_int_equal(mr_perf_entry_kind(NULL), MR_PERF_ANY);
    assert_string_equal(mr_perf_entry_name(NULL), "");
    assert_int_equal(mr_perf_entry_start(NULL), 0);
    assert_int_equal(mr_perf_entry_duration(NULL), 0);
    assert_int_equal(mr_perf_entry_detail(NULL).kind, MR_VALUE_UNDEFINED);
}

static void an_entry_outlives_the_list(void **state)
{
    (void)state;
    mr_perf_entry *entry;
    assert_int_equal(mr_perf_mark(perf, "a", counted(), &entry), MR_OK);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, NULL), MR_OK);
    assert_string_equal(mr_perf_entry_name(entry), "a");
    assert_int_equal(released, 0);
    mr_perf_entry_unref(mr_perf_entry_ref(entry));
    assert_int_equal(released, 0);
    mr_perf_entry_unref(entry);
    assert_int_equal(released, 1);
}

static void clearing_is_by_kind_and_name(void **state)
{
    (void)state;
    mark("a");
    mark("b");
    mark("a");
    assert_int_equal(measure("a", "a", "b"), MR_OK);
    assert_int_equal(measure("c", NULL, NULL), MR_OK);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MARK, "a"), MR_OK);
    assert_string_equal(list(MR_PERF_ANY, NULL), "b a c");
    assert_int_equal(measure("d", "a", NULL), MR_ENOENT);
    assert_int_equal(measure("d", "b", NULL), MR_OK);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, "b"), MR_OK);
    assert_string_equal(list(MR_PERF_ANY, NULL), "a c d");
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MEASURE, NULL), MR_OK);
    assert_string_equal(list(MR_PERF_ANY, NULL), "");
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, NULL), MR_OK);
}

static void clearing_measures_keeps_marks(void **state)
{
    (void)state;
    mark("a");
    assert_int_equal(measure("a", "a", NULL), MR_OK);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MEASURE, "a"), MR_OK);
    assert_int_equal(measure("b", "a", NULL), MR_OK);
    assert_string_equal(list(MR_PERF_ANY, NULL), "a b");
}

static void a_list_longer_than_the_room_is_counted_and_cut(void **state)
{
    (void)state;
    mr_perf_entry *entries[3] = {NULL};
    size_t n = 0;
    mark("a");
    mark("b");
    mark("c");
    assert_int_equal(mr_perf_list(perf, MR_PERF_MARK, NULL, entries, 2, &n), MR_OK);
    assert_int_equal(n, 3);
    assert_string_equal(mr_perf_entry_name(entries[1]), "b");
    assert_null(entries[2]);
    assert_int_equal(mr_perf_list(perf, MR_PERF_MARK, "c", NULL, 0, &n), MR_OK);
    assert_int_equal(n, 1);
}

static void release_clears(void *object)
{
    (void)object;
    released++;
    if (mr_perf_clear(perf, MR_PERF_ANY, NULL) != MR_OK ||
        mr_perf_mark(perf, "from release", mr_value_undefined(), NULL) != MR_OK)
        abort();
}

static void a_release_function_may_use_the_list(void **state)
{
    (void)state;
    static const mr_custom_type type = {.name = "clears", .release = release_clears};
    released = 0;
    for (int i = 0; i < 3; i++) {
        mr_value value;
        assert_int_equal(mr_value_custom(&type, NULL, &value), MR_OK);
        assert_int_equal(mr_perf_mark(perf, "a", value, NULL), MR_OK);
    }
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, NULL), MR_OK);
    assert_int_equal(released, 3);
    assert_string_equal(list(MR_PERF_ANY, NULL), "from release");
}

static void after_the_end_one_may_read_and_clear(void **state)
{
    (void)state;
    mr_perf *another = perf;
    mark("a");
    assert_int_equal(mr_loop_close(loop), MR_OK);
    assert_int_equal(mr_perf_mark(perf, "b", mr_value_null(), NULL), MR_ECLOSED);
    assert_int_equal(measure("c", NULL, NULL), MR_ECLOSED);
    assert_int_equal(mr_perf_create(loop, &another), MR_ECLOSED);
    assert_ptr_equal(another, perf);
    assert_string_equal(list(MR_PERF_ANY, NULL), "a");
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, NULL), MR_OK);
    assert_string_equal(list(MR_PERF_ANY, NULL), "");
}

static void wrong_arguments_change_nothing(void **state)
{
    (void)state;
    mr_perf *another = perf;
    mr_perf_entry *entry = NULL;
    mr_value null = mr_value_null();
    size_t n = 7;
    assert_int_equal(mr_perf_create(NULL, &another), MR_EINVAL);
    assert_int_equal(mr_perf_create(loop, NULL), MR_EINVAL);
    assert_int_equal(mr_perf_mark(NULL, "a", null, &entry), MR_EINVAL);
    assert_int_equal(mr_perf_mark(perf, NULL, null, &entry), MR_EINVAL);
    assert_int_equal(mr_perf_measure(NULL, "a", NULL, NULL, null, &entry), MR_EINVAL);
    assert_int_equal(mr_perf_measure(perf, NULL, NULL, NULL, null, &entry), MR_EINVAL);
    assert_int_equal(mr_perf_list(NULL, MR_PERF_ANY, NULL, NULL, 0, &n), MR_EINVAL);
    assert_int_equal(mr_perf_list(perf, (mr_perf_kind)3, NULL, NULL, 0, &n), MR_EINVAL);
    assert_int_equal(mr_perf_list(perf, MR_PERF_ANY, NULL, NULL, 1, &n), MR_EINVAL);
    assert_int_equal(mr_perf_list(perf, MR_PERF_ANY, NULL, NULL, 0, NULL), MR_EINVAL);
    assert_int_equal(mr_perf_clear(NULL, MR_PERF_ANY, NULL), MR_EINVAL);
    assert_int_equal(mr_perf_clear(perf, (mr_perf_kind)3, NULL), MR_EINVAL);
    assert_int_equal(mr_perf_now(NULL), 0);
    assert_int_equal(mr_perf_time_origin(NULL), 0);
    assert_int_equal(mr_perf_dropped(NULL), 0);
    assert_null(mr_perf_entry_ref(NULL));
    mr_perf_entry_unref(NULL);
    mr_perf_destroy(NULL);
    assert_true(another == perf && entry == NULL && n == 7);
    assert_string_equal(list(MR_PERF_ANY, NULL), "");
}

static unsigned unlike; /* answers that were not those of a foreign thread */

static void *foreign_main(void *arg)
{
    mr_perf *made;
    size_t n;
    const mr_status said[] = {
        mr_perf_create(loop, &made),
        mr_perf_mark(perf, "b", mr_value_null(), NULL),
        measure("c", NULL, NULL),
        mr_perf_list(perf, MR_PERF_ANY, NULL, NULL, 0, &n),
        mr_perf_clear(perf, MR_PERF_ANY, NULL),
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        unlike += said[i] != MR_EWRONGTHREAD;
    unlike += mr_perf_now(perf) != 0;
    mr_perf_destroy(perf);
    mr_perf_entry_unref(arg);
    return NULL;
}

static void calls_of_another_thread_change_nothing(void **state)
{
    (void)state;
    pthread_t thread;
    mr_perf_entry *entry;
    wait_ns(5);
    assert_int_equal(mr_perf_mark(perf, "a", mr_value_null(), &entry), MR_OK);
    unlike = 0;
    assert_int_equal(pthread_create(&thread, NULL, foreign_main, entry), 0);
    pthread_join(thread, NULL);
    assert_int_equal(unlike, 0);
    assert_string_equal(list(MR_PERF_ANY, NULL), "a");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_origin_is_the_creation_of_the_loop),
        TEST(of_a_real_loop_it_is_in_wall_time),
        TEST(an_entry_says_what_it_is),
        TEST(an_entry_outlives_the_list),
        TEST(clearing_is_by_kind_and_name),
        TEST(clearing_measures_keeps_marks),
        TEST(a_list_longer_than_the_room_is_counted_and_cut),
        TEST(a_release_function_may_use_the_list),
        TEST(after_the_end_one_may_read_and_clear),
        TEST(wrong_arguments_change_nothing),
        TEST(calls_of_another_thread_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
