/* Scenarios M1 and M2 of the page on promises: the clock. */
#include "scenario.h"

static mr_perf *perf;

static void make_perf(void)
{
    assert_int_equal(mr_perf_create(loop, &perf), 0);
}

static void drop_perf(void)
{
    mr_perf_destroy(perf);
    finish_turned();
}

static void wait_ns(uint64_t ns)
{
    assert_int_equal(mr_sim_advance(loop, ns), 0);
}

static void mark(const char *name)
{
    assert_int_equal(mr_perf_mark(perf, name, mr_value_undefined(), NULL), 0);
}

static void measured(const char *start, const char *end, uint64_t at, int64_t duration)
{
    mr_perf_entry *entry = NULL;
    assert_int_equal(mr_perf_measure(perf, "m", start, end, mr_value_undefined(), &entry), 0);
    assert_int_equal(mr_perf_entry_kind(entry), MR_PERF_MEASURE);
    assert_int_equal(mr_perf_entry_start(entry), at);
    assert_true(mr_perf_entry_duration(entry) == duration);
    mr_perf_entry_unref(entry);
}

static size_t count(mr_perf_kind kind, const char *name)
{
    size_t n = 0;
    assert_int_equal(mr_perf_list(perf, kind, name, NULL, 0, &n), 0);
    return n;
}

/* ---- M1 ---- */

static void M1_measures_are_exact_with_and_without_start_and_end(void **state)
{
    (void)state;
    begin_simulated(1, 7 * SEC, false);
    make_perf();
    wait_ns(100);
    mark("a");
    wait_ns(20);
    mark("b");
    wait_ns(3);
    measured(NULL, NULL, 0, 123);
    measured("a", NULL, 100, 23);
    measured(NULL, "b", 0, 120);
    measured("a", "b", 100, 20);
    measured("b", "a", 120, -20);
    measured("a", "a", 100, 0);
    wait_ns(77);
    mark("a"); /* the latest counts */
    wait_ns(1);
    measured("a", NULL, 200, 1);
    measured("a", "b", 200, -80);
    measured("b", "a", 120, 80);
    assert_int_equal(mr_perf_now(perf), 201);
    assert_true(mr_perf_time_origin(perf) == UINT64_C(946684807) * SEC);
    drop_perf();
}

static void M1_unknown_mark_is_no_entry(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    make_perf();
    mark("a");
    static const char *const ends[][2] = {
        {"x", NULL}, {NULL, "x"}, {"x", "a"}, {"a", "x"}, {"m", NULL}};
    measured("a", NULL, 0, 0); /* "m", which is no mark */
    for (unsigned i = 0; i < COUNT_OF(ends); i++) {
        mr_perf_entry *entry = NULL;
        assert_int_equal(
            mr_perf_measure(perf, "m", ends[i][0], ends[i][1], mr_value_undefined(), &entry),
            MR_ENOENT);
        assert_null(entry);
    }
    assert_int_equal(count(MR_PERF_ANY, NULL), 2);
    drop_perf();
}

/* ---- M2 ---- */

/* Names and start times of what is listed, as a story. */
static void tell(mr_perf_kind kind, const char *name)
{
    mr_perf_entry *entries[16];
    size_t n = 0;
    assert_int_equal(mr_perf_list(perf, kind, name, entries, COUNT_OF(entries), &n), 0);
    assert_true(n <= COUNT_OF(entries));
    for (size_t i = 0; i < n; i++)
        note("%s@%" PRIu64, mr_perf_entry_name(entries[i]), mr_perf_entry_start(entries[i]));
    note("|");
}

static void M2_entries_are_listed_by_start_time_kind_and_name(void **state)
{
    (void)state;
    begin_simulated(1, SEC, false);
    make_perf();
    wait_ns(10);
    mark("a");
    wait_ns(10);
    mark("b");
    measured("a", NULL, 10, 10);
    mark("m");
    wait_ns(10);
    measured(NULL, "a", 0, 10);
    mark("a");
    tell(MR_PERF_ANY, NULL);
    tell(MR_PERF_MARK, NULL);
    tell(MR_PERF_MEASURE, NULL);
    tell(MR_PERF_ANY, "m");
    tell(MR_PERF_MARK, "m");
    tell(MR_PERF_ANY, "none");
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MARK, "a"), 0);
    tell(MR_PERF_ANY, NULL);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MEASURE, NULL), 0);
    tell(MR_PERF_ANY, NULL);
    assert_int_equal(mr_perf_clear(perf, MR_PERF_ANY, NULL), 0);
    tell(MR_PERF_ANY, NULL);
    assert_story("m@0 a@10 m@10 b@20 m@20 a@30 | a@10 b@20 m@20 a@30 | m@0 m@10 | m@0 m@10 m@20 | "
                 "m@20 | | m@0 m@10 b@20 m@20 | b@20 m@20 | |");
    drop_perf();
}

static void M2_the_last_of_65537_entries_is_dropped_and_counted(void **state)
{
    (void)state;
    static mr_perf_entry *entries[65537];
    mr_perf_entry *last = NULL;
    size_t n = 0;
    begin_simulated(1, SEC, false);
    make_perf();
    /* Out of order: each second one starts before the one before it. */
    mark("first");
    for (unsigned i = 1; i < 65536; i += 2) {
        wait_ns(1);
        char name[16];
        snprintf(name, sizeof name, "%u", i % 1000);
        mark(name);
        if (i + 1 < 65536)
            assert_int_equal(mr_perf_measure(perf, "m", "first", name, mr_value_undefined(), NULL),
                             0);
    }
    assert_int_equal(count(MR_PERF_ANY, NULL), 65536);
    assert_int_equal(mr_perf_dropped(perf), 0);
    wait_ns(5);
    assert_int_equal(mr_perf_mark(perf, "last", mr_value_int(5), &last), 0);
    assert_string_equal(mr_perf_entry_name(last), "last");
    assert_int_equal(mr_perf_entry_start(last), 32768 + 5);
    mr_perf_entry_unref(last);
    assert_int_equal(mr_perf_dropped(perf), 1);
    assert_int_equal(count(MR_PERF_ANY, "last"), 0);
    assert_int_equal(mr_perf_measure(perf, "m", "last", NULL, mr_value_undefined(), NULL),
                     MR_ENOENT);
    assert_int_equal(mr_perf_list(perf, MR_PERF_ANY, NULL, entries, COUNT_OF(entries), &n), 0);
    assert_int_equal(n, 65536);
    for (size_t i = 1; i < n; i++)
        assert_true(mr_perf_entry_start(entries[i - 1]) <= mr_perf_entry_start(entries[i]));
    assert_int_equal(mr_perf_clear(perf, MR_PERF_MEASURE, NULL), 0);
    mark("again"); /* there is room */
    assert_int_equal(count(MR_PERF_ANY, NULL), 32768 + 1 + 1);
    assert_int_equal(mr_perf_dropped(perf), 1);
    drop_perf();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(M1_measures_are_exact_with_and_without_start_and_end),
        SCENARIO(M1_unknown_mark_is_no_entry),
        SCENARIO(M2_entries_are_listed_by_start_time_kind_and_name),
        SCENARIO(M2_the_last_of_65537_entries_is_dropped_and_counted),
    };
    return RUN_SCENARIOS(tests);
}
