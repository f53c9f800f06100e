/* Values between C and script through mr_js_*: scenarios I1, I3 and K3 of the page on JavaScript. */
#include "bridge_scenario.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define SAFE ((INT64_C(1) << 53) - 1)

static mr_js_value *global_of(const char *name)
{
    mr_js_value *value = NULL;
    EXPECT(mr_js_get(js, NULL, name, &value) == 0);
    return value;
}

static void set_global(const char *name, mr_js_value *value)
{
    EXPECT(mr_js_set(js, NULL, name, value) == 0);
    mr_js_value_unref(value);
}

/* ---- I1: integers ---- */

static void I1_integers_go_to_the_script_as_numbers_up_to_2_53_and_as_BigInts_beyond(void **state)
{
    (void)state;
    begin_js();
    static const struct {
        int64_t number;
        const char *shown;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {SAFE, "9007199254740991"},
                {-SAFE, "-9007199254740991"},
                {SAFE + 1, "9007199254740992n"},
                {-SAFE - 1, "-9007199254740992n"},
                {INT64_MAX, "9223372036854775807n"},
                {INT64_MIN, "-9223372036854775808n"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        mr_js_value *value = NULL;
        int64_t back = 77;
        EXPECT(mr_js_from_int64(js, rows[i].number, &value) == 0);
        EXPECT(mr_js_to_int64(js, value, &back) == 0 && back == rows[i].number);
        set_global("x", value);
        EXPECT_TEXT("String(x) + (typeof x === 'bigint' ? 'n' : '')", rows[i].shown);
        show("x", mr_value_int(rows[i].number)); /* the bridge says the same */
        EXPECT_TEXT("String(x) + (typeof x === 'bigint' ? 'n' : '')", rows[i].shown);
    }
    static const struct {
        uint64_t number;
        const char *shown;
    } large[] = {{0, "0"},
                 {SAFE, "9007199254740991"},
                 {SAFE + 1, "9007199254740992n"},
                 {UINT64_C(1) << 63, "9223372036854775808n"},
                 {UINT64_MAX, "18446744073709551615n"}};
    for (size_t i = 0; i < COUNT_OF(large); i++) {
        mr_js_value *value = NULL;
        uint64_t back = 77;
        EXPECT(mr_js_from_uint64(js, large[i].number, &value) == 0);
        EXPECT(mr_js_to_uint64(js, value, &back) == 0 && back == large[i].number);
        set_global("x", value);
        EXPECT_TEXT("String(x) + (typeof x === 'bigint' ? 'n' : '')", large[i].shown);
        show("x", mr_value_uint(large[i].number));
        mr_value round = value_of("x");
        EXPECT(mr_value_as_uint(round, &back) && back == large[i].number);
        EXPECT_TEXT("String(x) + (typeof x === 'bigint' ? 'n' : '')", large[i].shown);
    }
    finish_js();
}

static void I1_only_what_is_an_integer_comes_as_one(void **state)
{
    (void)state;
    begin_js();
    static const char *const neither[] = {
        "-0",       "NaN",        "0.5",       "Infinity",
        "2 ** 53",  "-(2 ** 53)", "2n ** 64n", "-(2n ** 63n) - 1n",
        "undefined"};
    for (size_t i = 0; i < COUNT_OF(neither); i++) {
        mr_js_value *value = eval(neither[i]);
        int64_t number = 77;
        uint64_t large = 77;
        EXPECT(mr_js_to_int64(js, value, &number) == MR_ERANGE && number == 77);
        EXPECT(mr_js_to_uint64(js, value, &large) == MR_ERANGE && large == 77);
        mr_js_value_unref(value);
    }
    mr_js_value *value = eval("2n ** 63n"); /* for one of the two */
    int64_t number = 77;
    uint64_t large = 77;
    EXPECT(mr_js_to_int64(js, value, &number) == MR_ERANGE && number == 77);
    EXPECT(mr_js_to_uint64(js, value, &large) == 0 && large == UINT64_C(1) << 63);
    mr_js_value_unref(value);
    value = eval("-1");
    EXPECT(mr_js_to_uint64(js, value, &large) == MR_ERANGE && large == UINT64_C(1) << 63);
    EXPECT(mr_js_to_int64(js, value, &number) == 0 && number == -1);
    mr_js_value_unref(value);
    value = eval("({ valueOf() { throw 1 } })");
    EXPECT(mr_js_to_int64(js, value, &number) == MR_EJS);
    mr_js_value_unref(value);
    value = eval("Symbol()");
    EXPECT(mr_js_to_double(js, value, &(double){0}) == MR_EJS);
    mr_js_value_unref(value);
    finish_js();
}

static void I1_minus_zero_and_no_number_stay_doubles(void **state)
{
    (void)state;
    begin_js();
    static const double numbers[] = {-0.0,    0.5,     INFINITY,          -INFINITY,
                                     DBL_MIN, DBL_MAX, 9007199254740992.0};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        mr_js_value *value = NULL;
        double back = 77;
        EXPECT(mr_js_from_double(js, numbers[i], &value) == 0);
        EXPECT(mr_js_to_double(js, value, &back) == 0 && back == numbers[i] &&
               !signbit(back) == !signbit(numbers[i]));
        mr_value copy = {.kind = 99};
        EXPECT(mr_js_to_value(js, value, &copy) == 0 && copy.kind == MR_VALUE_DOUBLE);
        mr_js_value_unref(value);
    }
    EXPECT(isnan(value_of("NaN").as.number));
    finish_js();
}

static void I1_integers_are_always_BigInts_where_the_host_wants_it(void **state)
{
    (void)state;
    js = NULL;
    begin(MR_PARK_AUTO);
    const mr_js_options options = {
        .size_bytes = sizeof options, .write = write_note, .always_bigint = true};
    assert_int_equal(mr_js_create(loop, &options, &js), 0);
    mr_js_value *value = NULL;
    EXPECT(mr_js_from_int64(js, 5, &value) == 0);
    set_global("a", value);
    EXPECT(mr_js_from_uint64(js, 6, &value) == 0);
    set_global("b", value);
    EXPECT(mr_js_from_double(js, 7, &value) == 0);
    set_global("c", value);
    show("d", mr_value_int(-8));
    EXPECT_TEXT("[a, b, c, d].map((x) => typeof x + x).join()", "bigint5,bigint6,number7,bigint-8");
    int64_t number = 0;
    value = global_of("a");
    EXPECT(mr_js_to_int64(js, value, &number) == 0 && number == 5);
    mr_js_value_unref(value);
    finish_js();
}

/* ---- I1: strings ---- */

static void I1_strings_have_a_length_and_lone_surrogates_are_replaced(void **state)
{
    (void)state;
    for (uint32_t entries = 0; entries <= 4; entries += 4) {
        js = NULL;
        begin(MR_PARK_AUTO);
        const mr_js_options options = {
            .size_bytes = sizeof options, .write = write_note, .cache_entries = entries};
        assert_int_equal(mr_js_create(loop, &options, &js), 0);
        mr_js_value *value = NULL;
        EXPECT(mr_js_from_string(js, "a\0\xed\xa0\x80z\xff", 7, &value) == 0);
        set_global("s", value);
        EXPECT_TEXT("[...s].map((c) => c.codePointAt(0).toString(16)).join()",
                    "61,0,fffd,fffd,fffd,7a,fffd");
        value = eval("'x\\ud800y\\0\\udc00'");
        char *text = NULL;
        size_t len = 0;
        EXPECT(mr_js_to_string(js, value, &text, &len) == 0 && len == 9);
        EXPECT(text != NULL && memcmp(text, "x\xef\xbf\xbdy\0\xef\xbf\xbd", 10) == 0);
        mr_js_free(text);
        mr_js_value_unref(value);
        finish_js();
    }
}

/* ---- I1: bytes ---- */

static unsigned given_back;

static void on_release(void *data, size_t len, void *arg)
{
    EXPECT(arg == &given_back && len == 4);
    given_back++;
    free(data);
}

static uint8_t *four_bytes(void)
{
    uint8_t *data = malloc(4);
    assert_non_null(data);
    memcpy(data, "\1\2\3\4", 4);
    return data;
}

static void I1_bytes_are_copied_or_shared_with_the_script(void **state)
{
    (void)state;
    begin_js();
    given_back = 0;
    uint8_t local[] = {9, 8, 7};
    mr_js_value *value = NULL;
    EXPECT(mr_js_from_bytes(js, local, 3, &value) == 0);
    local[0] = 0;
    set_global("a", value);
    EXPECT_TEXT("a.constructor.name + a", "Uint8Array9,8,7");
    uint8_t *data = four_bytes();
    EXPECT(mr_js_from_owned_bytes(js, data, 4, on_release, &given_back, &value) == 0);
    set_global("b", value);
    data[3] = 5; /* the memory itself */
    EXPECT_TEXT("b.join() + b.buffer.byteLength", "1,2,3,54");
    run("b[0] = 77");
    EXPECT(data[0] == 77 && given_back == 0);
    run("globalThis.c = new DataView(b.buffer, 1, 2); b = 0");
    collect();
    EXPECT(given_back == 0);
    EXPECT_TEXT("c.getUint8(0)", "2");
    run("c = 0");
    collect();
    EXPECT(given_back == 1);
    EXPECT(mr_js_from_bytes(js, NULL, 0, &value) == 0);
    set_global("e", value);
    EXPECT(mr_js_from_owned_bytes(js, NULL, 0, NULL, NULL, &value) == 0);
    set_global("f", value);
    EXPECT_TEXT("e.length + f.length", "0");
    EXPECT(mr_js_from_bytes(js, NULL, 1, &value) == MR_EINVAL);
    EXPECT(mr_js_from_bytes(js, local, (size_t)INT32_MAX + 1, &value) == MR_ERANGE);
    finish_js();
}

static void I1_lent_bytes_are_given_back_once_whatever_the_script_does(void **state)
{
    (void)state;
    static const char *const ends[] = {"b = 0", "b.buffer.transfer(); b = 0",
                                       "globalThis.d = b.buffer.transfer(); b = 0",
                                       "try { b.buffer.transfer(8) } catch {}", "0"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        begin_js();
        given_back = 0;
        mr_js_value *value = NULL;
        EXPECT(mr_js_from_owned_bytes(js, four_bytes(), 4, on_release, &given_back, &value) == 0);
        set_global("b", value);
        run(ends[i]);
        finish_js();
        EXPECT(given_back == 1);
        assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
    }
}

static const struct {
    const char *source, *bytes;
    size_t len;
} views[] = {{"new Uint8Array([1, 2, 3]).buffer", "\1\2\3", 3},
             {"new Uint8Array([1, 2, 3])", "\1\2\3", 3},
             {"new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", "\2\3", 2},
             {"new Uint8ClampedArray([300])", "\xff", 1},
             {"new Int16Array([1, -1])", "\1\0\xff\xff", 4},
             {"new BigUint64Array([1n])", "\1\0\0\0\0\0\0\0", 8},
             {"new Float64Array(1)", "\0\0\0\0\0\0\0\0", 8},
             {"new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 2)", "\3\4", 2},
             {"new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", "\2\3", 2},
             {"new ArrayBuffer(0)", "", 0},
             {"new Uint8Array(new ArrayBuffer(2, { maxByteLength: 8 }))", "\0\0", 2}};

static void I1_buffers_and_all_views_are_borrowed_copied_and_taken(void **state)
{
    (void)state;
    begin_js();
    run("Object.defineProperty(DataView.prototype, 'byteLength', { get() { throw 1 } });"
        "Object.defineProperty(Object.getPrototypeOf(Uint8Array.prototype), 'byteOffset',"
        " { get() { throw 1 } })"); /* what a script changes is not asked */
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        mr_js_value *value = eval(views[i].source);
        void *data = NULL;
        size_t len = 77;
        mr_value copy = {.kind = 99};
        EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == 0);
        EXPECT(len == views[i].len && memcmp(data, views[i].bytes, len) == 0);
        EXPECT(mr_js_copy_bytes(js, value, &data, &len) == 0);
        EXPECT(len == views[i].len && memcmp(data, views[i].bytes, len) == 0);
        EXPECT(((char *)data)[len] == 0);
        mr_js_free(data);
        EXPECT(mr_js_to_value(js, value, &copy) == 0 && copy.kind == MR_VALUE_BYTES);
        data = (void *)(uintptr_t)mr_value_as_bytes(&copy, &len);
        EXPECT(len == views[i].len && memcmp(data, views[i].bytes, len) == 0);
        mr_value_release(copy);
        EXPECT(mr_js_take_bytes(js, value, &data, &len) == 0);
        EXPECT(len == views[i].len && memcmp(data, views[i].bytes, len) == 0);
        mr_js_free(data);
        data = &len; /* it is detached now */
        EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == MR_ENOENT && data == &len);
        EXPECT(mr_js_copy_bytes(js, value, &data, &len) == MR_ENOENT && data == &len);
        EXPECT(mr_js_take_bytes(js, value, &data, &len) == MR_ENOENT && data == &len);
        EXPECT(mr_js_to_value(js, value, &copy) == 0 && copy.kind == MR_VALUE_SCRIPT);
        mr_value_release(copy);
        mr_js_value_unref(value);
    }
    finish_js();
}

static void I1_what_is_no_buffer_or_cannot_be_taken_is_refused(void **state)
{
    (void)state;
    begin_js();
    static const char *const others[] = {"1",
                                         "'text'",
                                         "[1, 2]",
                                         "({ byteLength: 1 })",
                                         "new Proxy(new Uint8Array(1), {})",
                                         "null",
                                         "Object.create(Uint8Array.prototype)"};
    void *data = &data;
    size_t len = 77;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        mr_js_value *value = eval(others[i]);
        EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == MR_EINVAL);
        EXPECT(mr_js_copy_bytes(js, value, &data, &len) == MR_EINVAL);
        EXPECT(mr_js_take_bytes(js, value, &data, &len) == MR_EINVAL);
        EXPECT(data == &data && len == 77);
        mr_js_value_unref(value);
    }
    mr_js_value *value =
        eval("globalThis.s = new Uint8Array(new SharedArrayBuffer(2)); s[0] = 1; s");
    EXPECT(mr_js_take_bytes(js, value, &data, &len) == MR_ENOTSUP && data == &data);
    EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == 0 && len == 2 && *(uint8_t *)data == 1);
    mr_js_value_unref(value);
    value = eval("globalThis.r = new ArrayBuffer(4, { maxByteLength: 8 });"
                 "globalThis.v = new Uint8Array(r, 2, 2); r.resize(1); v");
    EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == MR_ENOENT); /* out of bounds */
    mr_js_value_unref(value);
    finish_js();
}

static void I1_what_is_borrowed_may_be_written(void **state)
{
    (void)state;
    begin_js();
    mr_js_value *value = eval("globalThis.a = new Uint16Array(2)");
    void *data = NULL;
    size_t len = 0;
    EXPECT(mr_js_borrow_bytes(js, value, &data, &len) == 0 && len == 4);
    memset(data, 1, len);
    EXPECT_TEXT("a.join()", "257,257");
    mr_js_value_unref(value);
    finish_js();
}

/* ---- what was thrown ---- */

static void I3_what_was_thrown_is_held_by_an_error(void **state)
{
    (void)state;
    static const char *const thrown[] = {"5",
                                         "'text'",
                                         "undefined",
                                         "null",
                                         "{ a: 1 }",
                                         "Symbol.iterator",
                                         "new RangeError('mine')",
                                         "[1]",
                                         "2n ** 70n",
                                         "noted"};
    for (size_t i = 0; i < COUNT_OF(thrown); i++) {
        begin_js();
        mr_error *error = NULL;
        EXPECT(mr_js_exception(js, &error) == MR_ENOENT && error == NULL);
        char source[100];
        run("globalThis.noted = Object.assign(new Error('e'), { code: 'MR_EIO' })");
        snprintf(source, sizeof source, "throw globalThis.t = (%s)", thrown[i]);
        EXPECT(mr_js_eval(js, source, strlen(source), NULL, MR_JS_SCRIPT, NULL) == MR_EJS);
        EXPECT(mr_js_exception(js, &error) == 0 && error != NULL);
        EXPECT(mr_error_code(error) == (strcmp(thrown[i], "noted") == 0 ? MR_EIO : MR_EJS));
        show("x", mr_value_error(error));
        EXPECT_TRUE("Object.is(x, t)");
        mr_error_unref(error);
        run("x = t = noted = 0");
        finish_js();
    }
}

/* ---- K3 ---- */

static void begin_cached(uint32_t entries)
{
    js = NULL;
    begin(MR_PARK_AUTO);
    const mr_js_options options = {
        .size_bytes = sizeof options, .write = write_note, .cache_entries = entries};
    assert_int_equal(mr_js_create(loop, &options, &js), 0);
}

static mr_js_stats stats(void)
{
    mr_js_stats now = {.size_bytes = sizeof now};
    EXPECT(mr_js_get_stats(js, &now) == 0);
    return now;
}

/* Use many names and texts over and over, and say what came of it. */
static char *work(unsigned names, unsigned rounds)
{
    run("globalThis.o = {}; globalThis.log = []");
    mr_js_value *object = global_of("o"), *value = NULL;
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < names; i++) {
            char name[40];
            snprintf(name, sizeof name, i % 7 == 0 ? "%u" : "name-%u-\xc3\xa4\xff", i);
            EXPECT(mr_js_from_string(js, name, strlen(name), &value) == 0);
            EXPECT(mr_js_set(js, object, name, value) == 0);
            mr_js_value_unref(value);
            EXPECT(mr_js_get(js, object, name, &value) == 0);
            mr_js_value_unref(value);
        }
    }
    mr_js_value_unref(object);
    char *text = NULL;
    value = eval("JSON.stringify(o)");
    EXPECT(mr_js_to_string(js, value, &text, NULL) == 0);
    mr_js_value_unref(value);
    return text;
}

static void K3_cache_keeps_its_bound_and_counts(void **state)
{
    (void)state;
    begin_cached(8);
    mr_js_stats before = stats();
    EXPECT(before.cache_hits == 0 && before.cache_misses == 0 && before.cache_hit_ratio == 0);
    mr_js_value *value = NULL;
    for (int i = 0; i < 20; i++) {
        char text[16];
        snprintf(text, sizeof text, "text%d", i);
        EXPECT(mr_js_from_string(js, text, strlen(text), &value) == 0);
        mr_js_value_unref(value);
    }
    EXPECT(stats().cache_misses == 20 && stats().cache_evictions == 12 &&
           stats().cache_entries == 8);
    EXPECT(mr_js_from_string(js, "text12", 6, &value) == 0); /* the oldest: now the newest */
    mr_js_value_unref(value);
    EXPECT(mr_js_from_string(js, "new", 3, &value) == 0);
    mr_js_value_unref(value);
    EXPECT(mr_js_from_string(js, "text12", 6, &value) == 0);
    mr_js_value_unref(value);
    EXPECT(stats().cache_hits == 2 && stats().cache_evictions == 13 && stats().cache_entries == 8);
    EXPECT(mr_js_from_string(js, "text13", 6, &value) == 0); /* gone */
    mr_js_value_unref(value);
    EXPECT(stats().cache_hits == 2 && stats().cache_misses == 22);
    /* 32 bytes are kept, 33 are not */
    const char *longest = "0123456789abcdef0123456789abcdef0";
    for (int i = 0; i < 2; i++) {
        EXPECT(mr_js_from_string(js, longest, 33, &value) == 0);
        mr_js_value_unref(value);
    }
    EXPECT(stats().cache_hits == 2 && stats().cache_misses == 22);
    for (int i = 0; i < 2; i++) {
        EXPECT(mr_js_from_string(js, longest, 32, &value) == 0);
        mr_js_value_unref(value);
    }
    EXPECT(stats().cache_hits == 3 && stats().cache_misses == 23);
    finish_js();
}

static void K3_repeated_names_are_found_four_times_of_five(void **state)
{
    (void)state;
    begin_cached(MR_JS_CACHE_ENTRIES);
    char *text = work(50, 10);
    mr_js_free(text);
    EXPECT(stats().cache_hit_ratio >= 0.8 && stats().cache_hit_ratio <= 1);
    EXPECT(stats().cache_evictions == 0);
    finish_js();
}

static void K3_off_and_small_give_the_same_results(void **state)
{
    (void)state;
    char *texts[3];
    static const uint32_t entries[] = {0, 3, MR_JS_CACHE_ENTRIES};
    for (int i = 0; i < 3; i++) {
        begin_cached(entries[i]);
        texts[i] = work(60, 3);
        EXPECT(stats().cache_entries <= entries[i]);
        EXPECT((stats().cache_misses == 0) == (entries[i] == 0));
        finish_js();
    }
    assert_string_equal(texts[0], texts[1]);
    assert_string_equal(texts[0], texts[2]);
    for (int i = 0; i < 3; i++)
        mr_js_free(texts[i]);
    const mr_js_options options = {.size_bytes = sizeof options, .cache_entries = 65537};
    begin(MR_PARK_AUTO);
    EXPECT(mr_js_create(loop, &options, &js) == MR_EINVAL);
    finish_js();
}

static void K3_cache_holds_no_object_and_shows_nothing(void **state)
{
    (void)state;
    begin_cached(4);
    mr_js_value *value = eval("globalThis.w = new WeakRef(globalThis.target = {}); 'x'");
    EXPECT(mr_js_set(js, NULL, "target", value) == 0);
    mr_js_value_unref(value);
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    for (int i = 0; i < 3; i++) { /* a name is a name, whatever it was before */
        run("globalThis.p = { length: 1, 0: 'zero', '-1': 'minus', constructor: 5 }");
        mr_js_value *object = global_of("p"), *out = NULL;
        static const char *const names[] = {"length", "0", "-1", "constructor", "absent"};
        static const char *const shown[] = {"1", "zero", "minus", "5", "undefined"};
        for (size_t n = 0; n < COUNT_OF(names); n++) {
            EXPECT(mr_js_get(js, object, names[n], &out) == 0);
            set_global("out", out);
            EXPECT_TEXT("String(out)", shown[n]);
        }
        mr_js_value_unref(object);
    }
    finish_js();
}

/* ---- features ---- */

static void features_say_what_the_engine_has(void **state)
{
    (void)state;
    begin_js();
    uint64_t features = 0;
    EXPECT(mr_js_features(&features) == 0 && mr_js_features(NULL) == MR_EINVAL);
    EXPECT((features & MR_JS_WEAK_REFS) != 0 && (features & MR_JS_INTL) == 0);
    mr_js_value *value = eval("typeof Float16Array === 'function'");
    char *text = NULL;
    EXPECT(mr_js_to_string(js, value, &text, NULL) == 0);
    EXPECT((strcmp(text, "true") == 0) == ((features & MR_JS_FLOAT16) != 0));
    mr_js_free(text);
    mr_js_value_unref(value);
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(I1_integers_go_to_the_script_as_numbers_up_to_2_53_and_as_BigInts_beyond),
        SCENARIO(I1_only_what_is_an_integer_comes_as_one),
        SCENARIO(I1_minus_zero_and_no_number_stay_doubles),
        SCENARIO(I1_integers_are_always_BigInts_where_the_host_wants_it),
        SCENARIO(I1_strings_have_a_length_and_lone_surrogates_are_replaced),
        SCENARIO(I1_bytes_are_copied_or_shared_with_the_script),
        SCENARIO(I1_lent_bytes_are_given_back_once_whatever_the_script_does),
        SCENARIO(I1_buffers_and_all_views_are_borrowed_copied_and_taken),
        SCENARIO(I1_what_is_no_buffer_or_cannot_be_taken_is_refused),
        SCENARIO(I1_what_is_borrowed_may_be_written),
        SCENARIO(I3_what_was_thrown_is_held_by_an_error),
        SCENARIO(K3_cache_keeps_its_bound_and_counts),
        SCENARIO(K3_repeated_names_are_found_four_times_of_five),
        SCENARIO(K3_off_and_small_give_the_same_results),
        SCENARIO(K3_cache_holds_no_object_and_shows_nothing),
        SCENARIO(features_say_what_the_engine_has),
    };
    return RUN_SCENARIOS(tests);
}
