/* Values and errors between C and script: scenarios I1 and I3 of the page on JavaScript, X3 of the
 * one on promises. */
#include "bridge_scenario.h"

#include <math.h>

/* ---- I1: numbers ---- */

static void I1_ints_are_numbers_up_to_2_53_and_bigints_beyond(void **state)
{
    static const struct {
        int64_t integer;
        const char *text;
    } rows[] = {
        {0, "number 0"},
        {-1, "number -1"},
        {INT32_MAX, "number 2147483647"},
        {INT64_C(2147483648), "number 2147483648"},
        {(INT64_C(1) << 53) - 1, "number 9007199254740991"},
        {1 - (INT64_C(1) << 53), "number -9007199254740991"},
        {INT64_C(1) << 53, "bigint 9007199254740992"},
        {-(INT64_C(1) << 53), "bigint -9007199254740992"},
        {INT64_MAX, "bigint 9223372036854775807"},
        {INT64_MIN, "bigint -9223372036854775808"},
    };
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        show("x", mr_value_int(rows[i].integer));
        EXPECT_TEXT("`${typeof x} ${x}`", rows[i].text);
        mr_value back = value_of("x");
        EXPECT(back.kind == MR_VALUE_INT && back.as.integer == rows[i].integer);
    }
    finish_js();
}

static void I1_doubles_keep_their_value_and_sign(void **state)
{
    static const struct {
        double number;
        const char *test;
    } rows[] = {
        {-0.0, "Object.is(x, -0)"},   {NAN, "Number.isNaN(x)"},
        {INFINITY, "x === Infinity"}, {-INFINITY, "x === -Infinity"},
        {0.1, "x === 0.1"},           {5e-324, "x === Number.MIN_VALUE"},
        {0x1p53, "x === 2 ** 53"},    {-0x1p53, "x === -(2 ** 53)"},
        {0x1p63, "x === 2 ** 63"},    {1.7976931348623157e308, "x === Number.MAX_VALUE"},
    };
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        show("x", mr_value_double(rows[i].number));
        mr_js_value *yes = eval(rows[i].test);
        mr_value is = to_value(yes), back = value_of("x");
        EXPECT(is.kind == MR_VALUE_BOOL && is.as.boolean);
        EXPECT(back.kind == MR_VALUE_DOUBLE &&
               memcmp(&back.as.number, &rows[i].number, sizeof(double)) == 0);
    }
    /* Integral and safe: an int. */
    show("x", mr_value_double(3));
    mr_value three = value_of("x");
    EXPECT(three.kind == MR_VALUE_INT && three.as.integer == 3);
    finish_js();
}

static void I1_numbers_of_a_script_are_ints_where_they_are_safe_integers(void **state)
{
    static const struct {
        const char *source;
        int64_t integer;
    } ints[] = {{"0", 0},
                {"2 ** 53 - 1", (INT64_C(1) << 53) - 1},
                {"1 - 2 ** 53", 1 - (INT64_C(1) << 53)},
                {"2n ** 53n", INT64_C(1) << 53},
                {"2n ** 63n - 1n", INT64_MAX},
                {"-(2n ** 63n)", INT64_MIN},
                {"0n", 0},
                {"1e3", 1000}};
    static const char *const doubles[] = {"-0",  "2 ** 53",  "-(2 ** 53)", "0.5",    "1e300",
                                          "NaN", "Infinity", "-Infinity",  "2 ** 63"};
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(ints); i++) {
        mr_value value = value_of(ints[i].source);
        EXPECT(value.kind == MR_VALUE_INT && value.as.integer == ints[i].integer);
    }
    for (size_t i = 0; i < COUNT_OF(doubles); i++)
        EXPECT(value_of(doubles[i]).kind == MR_VALUE_DOUBLE);
    mr_value zero = value_of("-0");
    EXPECT(zero.as.number == 0 && signbit(zero.as.number));
    finish_js();
}

static void I1_a_bigint_beyond_64_bits_is_out_of_range_and_writes_nothing(void **state)
{
    static const char *const sources[] = {"-(2n ** 63n) - 1n", "2n ** 64n", "2n ** 4000n"};
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        mr_js_value *big = eval(sources[i]);
        mr_value value = mr_value_int(77);
        EXPECT(mr_js_to_value(js, big, &value) == MR_ERANGE);
        EXPECT(value.kind == MR_VALUE_INT && value.as.integer == 77);
        mr_js_value_unref(big);
    }
    finish_js();
}

static void promise_bigints(void *arg)
{
    mr_promise **promises = arg;
    promises[0] = promise_of("Promise.resolve(2n ** 65n)");
    promises[1] = promise_of("Promise.reject(2n ** 64n)");
    tell(promises[0], "value");
    tell(promises[1], "reason");
}

static void I1_a_promise_of_a_bigint_beyond_64_bits_is_rejected_with_the_range(void **state)
{
    (void)state;
    begin_js();
    mr_promise *promises[2];
    in_task(promise_bigints, promises);
    EXPECT(is_rejected_by(promises[0], MR_ERANGE) && is_rejected_by(promises[1], MR_ERANGE));
    assert_story("value!MR_ERANGE reason!MR_ERANGE");
    mr_promise_unref(promises[0]);
    mr_promise_unref(promises[1]);
    finish_js();
}

static void I1_undefined_null_and_booleans_are_the_same(void **state)
{
    (void)state;
    begin_js();
    show("u", mr_value_undefined());
    show("n", mr_value_null());
    show("t", mr_value_bool(true));
    show("f", mr_value_bool(false));
    EXPECT_TRUE("u === undefined && n === null && t === true && f === false");
    EXPECT(value_of("u").kind == MR_VALUE_UNDEFINED && value_of("n").kind == MR_VALUE_NULL);
    mr_value t = value_of("t"), f = value_of("f");
    EXPECT(t.kind == MR_VALUE_BOOL && t.as.boolean && f.kind == MR_VALUE_BOOL && !f.as.boolean);
    finish_js();
}

/* ---- I1: text ---- */

static void there_and_back(const char *bytes, size_t len, const char *expected, size_t expected_len)
{
    mr_value value = {0};
    EXPECT(mr_value_text(bytes, len, &value) == 0);
    show("x", value);
    mr_value_release(value);
    EXPECT_TRUE("typeof x === 'string' && x.isWellFormed()");
    mr_value back = value_of("x");
    size_t n = 0;
    const char *text = mr_value_as_text(&back, &n);
    EXPECT(text != NULL && n == expected_len && memcmp(text, expected, n) == 0);
    mr_value_release(back);
}

static void I1_text_keeps_zeros_and_what_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    begin_js();
    there_and_back("", 0, "", 0);
    there_and_back("a\0b\0", 4, "a\0b\0", 4);
    EXPECT_TRUE("x.length === 4 && x.charCodeAt(1) === 0");
    there_and_back("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 11, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80",
                   11);
    there_and_back("a\xff\x62", 3, "a\xef\xbf\xbd\x62", 5);
    there_and_back("\xc3", 1, "\xef\xbf\xbd", 3);                                    /* cut off */
    there_and_back("\xed\xa0\x80.", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.", 10); /* surrogate */
    there_and_back("\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd", 6);                    /* overlong */
    finish_js();
}

static void I1_lone_surrogates_of_a_script_are_replaced(void **state)
{
    (void)state;
    begin_js();
    mr_value value = value_of("'x\\ud800y\\udc00z\\ud83d\\ude00'");
    size_t n = 0;
    const char *text = mr_value_as_text(&value, &n);
    EXPECT(text != NULL && n == 13 &&
           memcmp(text, "x\xef\xbf\xbdy\xef\xbf\xbdz\xf0\x9f\x98\x80", 13) == 0);
    mr_value_release(value);
    value = value_of("'ab'.repeat(500000)");
    EXPECT(mr_value_as_text(&value, &n) != NULL && n == 1000000);
    mr_value_release(value);
    finish_js();
}

/* ---- I1: bytes ---- */

static void I1_bytes_of_every_size_are_copied_both_ways(void **state)
{
    static const size_t sizes[] = {0, 1, 14, 15, 1 << 20};
    (void)state;
    begin_js();
    char *data = malloc(1 << 20);
    assert_non_null(data);
    for (size_t i = 0; i < 1 << 20; i++)
        data[i] = (char)(i * 7);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        mr_value value = {0};
        size_t n = 99;
        EXPECT(mr_value_bytes(data, sizes[i], &value) == 0);
        show("x", value);
        EXPECT_TRUE("x instanceof Uint8Array && x.every((b, i) => b === (i * 7 & 255))");
        mr_value back = value_of("globalThis.y = x");
        EXPECT(back.kind == MR_VALUE_BYTES);
        const void *bytes = mr_value_as_bytes(&back, &n);
        EXPECT(bytes != NULL && n == sizes[i] && memcmp(bytes, data, n) == 0);
        run("y.fill(0)"); /* neither side sees the other's */
        EXPECT(memcmp(mr_value_as_bytes(&back, NULL), data, n) == 0);
        EXPECT(memcmp(mr_value_as_bytes(&value, NULL), data, n) == 0);
        mr_value_release(back);
        mr_value_release(value);
    }
    free(data);
    finish_js();
}

static void I1_views_are_cut_and_detached_ones_are_objects(void **state)
{
    (void)state;
    begin_js();
    size_t n = 99;
    mr_value value = value_of("new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)");
    const uint8_t *bytes = mr_value_as_bytes(&value, &n);
    EXPECT(bytes != NULL && n == 2 && bytes[0] == 2 && bytes[1] == 3);
    mr_value_release(value);
    value = value_of("globalThis.d = new Uint8Array(8); d.buffer.transfer(); d");
    EXPECT(value.kind == MR_VALUE_SCRIPT);
    show("same", value);
    EXPECT_TRUE("same === d");
    mr_value_release(value);
    value = value_of("new Uint8Array(0)");
    EXPECT(value.kind == MR_VALUE_BYTES && mr_value_as_bytes(&value, &n) != NULL && n == 0);
    mr_value_release(value);
    value = value_of("new Uint16Array(2)");
    EXPECT(value.kind == MR_VALUE_BYTES && mr_value_as_bytes(&value, &n) != NULL && n == 4);
    mr_value_release(value);
    value = value_of("new (class Mine extends Uint8Array {})(3)");
    EXPECT(mr_value_as_bytes(&value, &n) != NULL && n == 3);
    mr_value_release(value);
    finish_js();
}

/* ---- I1: arrays ---- */

static mr_value array_of(const mr_value *items, size_t n)
{
    mr_value array = {0};
    EXPECT(mr_value_array(items, n, &array) == 0);
    return array;
}

static void I1_arrays_are_arrays_at_every_depth(void **state)
{
    (void)state;
    begin_js();
    mr_value inner[] = {mr_value_int(1), text_value("a longer text than fits inside")};
    mr_value outer[] = {array_of(inner, 2), array_of(NULL, 0), mr_value_undefined(),
                        mr_value_null()};
    mr_value array = array_of(outer, 4);
    show("x", array);
    mr_value_release(array);
    EXPECT_TRUE("Array.isArray(x) && Array.isArray(x[0]) && Array.isArray(x[1])");
    EXPECT_TEXT("JSON.stringify(x)", "[[1,\"a longer text than fits inside\"],[],null,null]");
    EXPECT_TRUE("x.length === 4 && x[2] === undefined");
    /* What looks like settlements is an array all the same. */
    mr_value pairs[] = {mr_value_int(1), mr_value_int(5)};
    array = array_of(pairs, 2);
    show("x", array);
    mr_value_release(array);
    EXPECT_TEXT("JSON.stringify(x)", "[1,5]");
    finish_js();
}

static void I1_an_array_of_a_script_comes_back_as_the_same_object(void **state)
{
    (void)state;
    begin_js();
    mr_value value = value_of("globalThis.a = [1, [2]]");
    EXPECT(value.kind == MR_VALUE_SCRIPT && mr_value_is_bound(value));
    show("b", value);
    EXPECT_TRUE("a === b");
    mr_value_release(value);
    finish_js();
}

static void I1_arrays_nested_without_end_are_refused_not_followed(void **state)
{
    (void)state;
    begin_js();
    mr_value array = array_of(NULL, 0);
    mr_js_value *handle = NULL;
    for (int i = 0; i < 100; i++)
        array = array_of(&array, 1);
    show("x", array);
    EXPECT_TRUE("x.flat(Infinity).length === 0 && x.length === 1");
    for (int i = 0; i < 100000; i++)
        array = array_of(&array, 1);
    EXPECT(mr_js_from_value(js, array, &handle) == MR_EJS && handle == NULL);
    EXPECT(strstr(mr_js_last_error(js), "RangeError") != NULL);
    mr_value_release(array);
    EXPECT_TRUE("1 + 1 === 2");
    finish_js();
}

static void I1_all_settled_is_shown_with_status_value_and_reason(void **state)
{
    (void)state;
    begin_js();
    const mr_value inputs[] = {mr_value_int(7), mr_value_promise(rejected(8)),
                               mr_value_promise(fulfilled(9))};
    mr_promise *all, *none;
    assert_int_equal(mr_promise_all_settled(loop, inputs, 3, &all), 0);
    assert_int_equal(mr_promise_all_settled(loop, NULL, 0, &none), 0);
    show_promise("all", all);
    show_promise("none", none);
    run("Promise.all([all, none]).then((x) => { globalThis.r = x })");
    turn();
    EXPECT_TEXT("JSON.stringify(r)", "[[{\"status\":\"fulfilled\",\"value\":7},"
                                     "{\"status\":\"rejected\",\"reason\":8},"
                                     "{\"status\":\"fulfilled\",\"value\":9}],[]]");
    mr_promise_unref(all);
    mr_promise_unref(none);
    finish_js();
}

/* ---- I1, I3: customs, pointers, objects ---- */

static void I3_customs_and_pointers_come_back_as_the_same_value(void **state)
{
    int here;
    (void)state;
    begin_js();
    mr_value custom = custom_of(&counted_type, 5), pointer = mr_value_pointer(&here);
    show("c", custom);
    show("p", pointer);
    EXPECT_TRUE("typeof c === 'object' && Reflect.ownKeys(c).length === 0");
    mr_value c = value_of("c"), p = value_of("p");
    EXPECT(is_same(c, custom) && custom_number(c) == 5);
    EXPECT(mr_value_as_pointer(p) == &here);
    mr_value_release(c);
    mr_value_release(custom);
    EXPECT(atomic_load(&customs_alive) == 1); /* the script's */
    run("delete globalThis.c");
    collect();
    EXPECT(atomic_load(&customs_alive) == 0);
    show("p", mr_value_pointer(NULL));
    EXPECT(value_of("p").kind == MR_VALUE_POINTER);
    finish_js();
}

static void I3_objects_functions_and_symbols_come_back_as_the_same(void **state)
{
    static const char *const sources[] = {
        "({ a: 1 })",        "(() => 1)",        "Symbol('s')", "new Map()",           "[]",
        "new Proxy({}, {})", "class A {}",       "new Date(0)", "Object.create(null)", "/x/",
        "new WeakMap()",     "new Proxy([], {})"};
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        char source[80];
        snprintf(source, sizeof source, "globalThis.x = %s", sources[i]);
        mr_value value = value_of(source);
        EXPECT(value.kind == MR_VALUE_SCRIPT && mr_value_is_bound(value));
        show("y", value);
        EXPECT_TRUE("x === y");
        mr_value_release(value);
    }
    finish_js();
}

static void I3_what_a_runtime_left_behind_is_undefined_in_the_next(void **state)
{
    (void)state;
    begin_js();
    mr_value object = value_of("({})"), error = value_of("new TypeError('mine')");
    destroy_js();
    create_js();
    show("o", object);
    show("e", error);
    EXPECT_TRUE("o === undefined && e.message === 'mine' && e.code === 'MR_EJS'");
    mr_value back = value_of("e");
    EXPECT(is_same(back, error));
    mr_value_release(back);
    mr_value_release(object);
    mr_value_release(error);
    finish_js();
}

static void I6_promises_of_another_loop_are_refused_at_every_depth(void **state)
{
    (void)state;
    begin_js();
    mr_loop *other;
    mr_promise *foreign;
    mr_js_value *handle = NULL;
    assert_int_equal(mr_loop_create(NULL, &other), 0);
    assert_int_equal(mr_promise_resolve(other, mr_value_int(1), &foreign), 0);
    EXPECT(mr_js_from_value(js, mr_value_promise(foreign), &handle) == MR_EINVAL);
    mr_value item = mr_value_promise(foreign); /* passes */
    mr_value array = array_of(&item, 1);
    EXPECT(mr_js_from_value(js, array, &handle) == MR_EJS && handle == NULL);
    mr_value_release(array);
    assert_int_equal(mr_loop_close(other), 0);
    mr_loop_unref(other);
    finish_js();
}

static void I6_values_of_another_runtime_are_refused(void **state)
{
    (void)state;
    begin_js();
    mr_loop *other;
    mr_js *second;
    assert_int_equal(mr_loop_create(NULL, &other), 0);
    assert_int_equal(mr_js_create(other, NULL, &second), 0);
    mr_js_value *object = eval("({})");
    mr_value value = mr_value_int(7);
    EXPECT(mr_js_to_value(second, object, &value) == MR_EINVAL && value.as.integer == 7);
    value = to_value(object);
    EXPECT(mr_js_from_value(second, value, &object) == 0); /* as undefined */
    mr_value seen = {.kind = 99};
    EXPECT(mr_js_to_value(second, object, &seen) == 0 && seen.kind == MR_VALUE_UNDEFINED);
    mr_js_value_unref(object);
    mr_value_release(value);
    assert_int_equal(mr_js_destroy(second), 0);
    assert_int_equal(mr_loop_close(other), 0);
    mr_loop_unref(other);
    finish_js();
}

static void *call_elsewhere(void *arg)
{
    mr_value value = mr_value_int(7);
    mr_js_value *handle = NULL;
    mr_settler settler = {0};
    EXPECT(mr_js_to_value(js, arg, &value) == MR_EWRONGTHREAD && value.as.integer == 7);
    EXPECT(mr_js_from_value(js, value, &handle) == MR_EWRONGTHREAD && handle == NULL);
    EXPECT(mr_js_promise_create(js, &handle, &settler) == MR_EWRONGTHREAD && settler.id == 0);
    return NULL;
}

static void I1_wrong_calls_change_nothing(void **state)
{
    (void)state;
    begin_js();
    mr_js_value *object = eval("({})"), *handle = NULL;
    mr_settler settler = {0};
    mr_value value = mr_value_int(7);
    elsewhere_do(call_elsewhere, object);
    EXPECT(mr_js_to_value(NULL, object, &value) == MR_EINVAL);
    EXPECT(mr_js_to_value(js, NULL, &value) == MR_EINVAL);
    EXPECT(mr_js_to_value(js, object, NULL) == MR_EINVAL);
    EXPECT(mr_js_from_value(js, value, NULL) == MR_EINVAL);
    EXPECT(mr_js_promise_create(js, NULL, &settler) == MR_EINVAL);
    EXPECT(mr_js_promise_create(js, &handle, NULL) == MR_EINVAL);
    assert_int_equal(mr_loop_close(loop), 0);
    EXPECT(mr_js_to_value(js, object, &value) == MR_ECLOSED);
    EXPECT(mr_js_from_value(js, value, &handle) == MR_ECLOSED);
    EXPECT(mr_js_promise_create(js, &handle, &settler) == MR_ECLOSED);
    EXPECT(value.as.integer == 7 && handle == NULL && settler.id == 0);
    mr_js_value_unref(object);
    finish_js();
}

/* ---- X3: errors ---- */

static void X3_an_error_of_C_has_code_message_and_cause_and_comes_back(void **state)
{
    (void)state;
    begin_js();
    mr_value inner = error_value(MR_ETIMEDOUT, NULL, NULL);
    mr_value outer = error_value(MR_EINVAL, "no such row", inner.as.pointer);
    show("e", outer);
    EXPECT_TEXT("[e.name, e.code, e.message, e instanceof TypeError].join()",
                "TypeError,MR_EINVAL,no such row,true");
    EXPECT_TEXT("[e.cause.code, e.cause.message, e.cause instanceof Error].join()",
                "MR_ETIMEDOUT,timed out,true");
    EXPECT_TEXT("Object.keys(e).join()", "code");
    mr_value back = value_of("e"), cause = value_of("e.cause");
    EXPECT(is_same(back, outer) && is_same(cause, inner));
    show("again", outer);
    EXPECT_TRUE("again === e");
    mr_value_release(back);
    mr_value_release(cause);
    mr_value_release(inner);
    mr_value_release(outer);
    back = value_of("try { throw e } catch (x) { x }"); /* the script's keeps it */
    EXPECT(mr_error_code(mr_value_as_error(back)) == MR_EINVAL);
    mr_value_release(back);
    finish_js();
}

static void X3_an_error_of_a_script_has_message_code_and_cause_and_comes_back(void **state)
{
    (void)state;
    begin_js();
    mr_value value = value_of("globalThis.e = new RangeError('outer', { cause:"
                              "Object.assign(new Error('inner'), { code: 'MR_ETIMEDOUT' }) })");
    mr_error *error = mr_value_as_error(value);
    EXPECT(error != NULL && mr_error_code(error) == MR_EJS);
    EXPECT(strcmp(mr_error_message(error), "outer") == 0);
    EXPECT(mr_error_code(mr_error_cause(error)) == MR_ETIMEDOUT);
    EXPECT(strcmp(mr_error_message(mr_error_cause(error)), "inner") == 0);
    EXPECT(mr_error_find(error, MR_ETIMEDOUT) == mr_error_cause(error));
    EXPECT(mr_value_is_bound(value));
    show("same", value);
    EXPECT_TRUE("same === e");
    mr_value again = value_of("e"), cause = value_of("e.cause");
    EXPECT(is_same(again, value) && mr_value_as_error(cause) == mr_error_cause(error));
    mr_value_release(again);
    mr_value_release(cause);
    mr_value_release(value);
    finish_js();
}

static void X3_an_error_given_up_by_C_is_made_anew_and_a_collected_one_too(void **state)
{
    (void)state;
    begin_js();
    mr_value value = value_of("globalThis.e = new Error('one')");
    mr_value_release(value);
    value = value_of("e.message = 'two', e");
    EXPECT(strcmp(mr_error_message(mr_value_as_error(value)), "two") == 0);
    mr_value_release(value);
    /* The object of an error of C is collected: the next one is another. */
    value = error_value(MR_EIO, "disk", NULL);
    show("x", value);
    run("globalThis.w = new WeakRef(x); x.mark = 1; x.self = x; x = 0");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    show("x", value);
    EXPECT_TRUE("x.mark === undefined && x.message === 'disk'");
    mr_value_release(value);
    finish_js();
}

static void X3_an_aggregate_of_C_has_errors_and_one_of_a_script_members(void **state)
{
    (void)state;
    begin_js();
    const mr_value inputs[] = {mr_value_promise(rejected(3)), mr_value_promise(rejected(4))};
    mr_promise *any;
    assert_int_equal(mr_promise_any(loop, inputs, 2, &any), 0);
    show_promise("any", any);
    run("any.catch((e) => { globalThis.e = e })");
    turn();
    EXPECT_TEXT("[e.code, e instanceof Error, Array.isArray(e.errors), e.errors].join()",
                "MR_EAGGREGATE,true,true,3,4");
    mr_value back = value_of("e");
    EXPECT(is_same(back, mr_promise_reason(any)));
    mr_value_release(back);
    mr_promise_unref(any);
    back = value_of("globalThis.inner = new Error('in');"
                    "globalThis.a = new AggregateError([5, 'x', inner, 2n ** 99n], 'all')");
    mr_error *error = mr_value_as_error(back);
    EXPECT(mr_error_code(error) == MR_EAGGREGATE && mr_error_member_count(error) == 4);
    EXPECT(strcmp(mr_error_message(error), "all") == 0);
    EXPECT(int_of(mr_error_member_at(error, 0)) == 5);
    EXPECT(mr_error_member_at(error, 1).kind == MR_VALUE_TEXT);
    EXPECT(mr_error_member_at(error, 3).kind == MR_VALUE_SCRIPT); /* as it is */
    mr_value inner = value_of("inner");
    EXPECT(is_same(mr_error_member_at(error, 2), inner));
    mr_value_release(inner);
    mr_value_release(back);
    back = value_of("new AggregateError([])");
    EXPECT(mr_error_code(mr_value_as_error(back)) == MR_EAGGREGATE);
    EXPECT(mr_error_member_count(mr_value_as_error(back)) == 0);
    mr_value_release(back);
    finish_js();
}

static void X3_rings_of_causes_and_members_are_cut(void **state)
{
    (void)state;
    begin_js();
    mr_value value = value_of("const r = new Error('r'), s = new Error('s', { cause: r });"
                              "r.cause = s; r");
    mr_error *error = mr_value_as_error(value);
    EXPECT(strcmp(mr_error_message(mr_error_cause(error)), "s") == 0);
    EXPECT(mr_error_cause(mr_error_cause(error)) == NULL);
    mr_value_release(value);
    value = value_of("const a = new AggregateError([], 'a'); a.errors.push(a, a);"
                     "a.cause = new Error('c', { cause: a }); a");
    error = mr_value_as_error(value);
    EXPECT(mr_error_member_count(error) == 2);
    EXPECT(mr_error_member_at(error, 0).kind == MR_VALUE_SCRIPT);
    mr_value_release(value);
    value = value_of("let deep = new AggregateError([1]);"
                     "for (let i = 0; i < 10000; i++) deep = new AggregateError([deep, deep]);"
                     "deep");
    unsigned depth = 0;
    for (mr_value at = value; mr_value_as_error(at) != NULL; depth++)
        at = mr_error_member_at(mr_value_as_error(at), 0);
    EXPECT(depth > 10 && depth < 100);
    mr_value_release(value);
    finish_js();
}

static void X3_a_long_chain_of_causes_is_made_on_a_constant_stack(void **state)
{
    (void)state;
    begin_js();
    mr_value chain = error_value(MR_EIO, "first", NULL);
    for (int i = 0; i < 20000; i++) {
        mr_value next = error_value(MR_EIO, "next", chain.as.pointer);
        mr_value_release(chain);
        chain = next;
    }
    show("e", chain);
    EXPECT_TEXT("let n = 0, at = e; for (; at.cause; at = at.cause) n++; n + at.message",
                "20000first");
    mr_value_release(chain);
    run("e = at = 0");
    mr_value value = value_of("let x = new Error('0'); for (let i = 1; i < 20000; i++)"
                              "x = new Error(String(i), { cause: x }); x");
    unsigned depth = 0;
    for (mr_error *e = mr_value_as_error(value); e != NULL; e = mr_error_cause(e))
        depth++;
    EXPECT(depth == 64); /* the outermost ones */
    EXPECT(strcmp(mr_error_message(mr_value_as_error(value)), "19999") == 0);
    mr_value_release(value);
    finish_js();
}

static void X3_getters_that_throw_and_strange_properties_do_no_harm(void **state)
{
    static const char *const sources[] = {
        "Object.defineProperty(new Error(), 'message', { get() { throw 1 } })",
        "Object.defineProperty(new Error(), 'code', { get() { throw 1 } })",
        "Object.defineProperty(new Error(), 'cause', { get() { throw 1 } })",
        "Object.defineProperty(new Error(), 'errors', { get() { throw 1 } })",
        "Object.assign(new Error(), { message: 5, code: {}, cause: 5, errors: 5 })",
        "Object.assign(new Error(), { code: 'ENOENT', errors: new Proxy([], {"
        "get() { throw 1 } }) })",
        "Object.setPrototypeOf(new Error(''), null)"};
    (void)state;
    begin_js();
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        mr_value value = value_of(sources[i]);
        mr_error *error = mr_value_as_error(value);
        EXPECT(error != NULL && mr_error_code(error) == MR_EJS);
        EXPECT(strcmp(mr_error_message(error), "") == 0);
        EXPECT(mr_error_cause(error) == NULL && mr_error_member_count(error) == 0);
        mr_value_release(value);
    }
    EXPECT_TRUE("true"); /* no exception waits */
    finish_js();
}

static void X3_an_error_is_its_own_not_that_of_its_prototype(void **state)
{
    (void)state;
    begin_js();
    mr_value value = error_value(MR_EIO, "disk", NULL);
    show("e", value);
    run("globalThis.s = Object.setPrototypeOf(new Error('mine'), e);"
        "globalThis.spied = 0; globalThis.t = Object.setPrototypeOf(new Error('mine'),"
        "new Proxy(Error.prototype, { get(o, k) { if (typeof k === 'symbol') spied++;"
        "return o[k] } }))");
    mr_value mine = value_of("s"), through = value_of("t");
    EXPECT(!is_same(mine, value) && mr_error_code(mr_value_as_error(through)) == MR_EJS);
    EXPECT_TRUE("spied === 0");
    mr_value_release(mine);
    mr_value_release(through);
    mr_value_release(value);
    finish_js();
}

/* The object that only the error holds is freed amid the collection of a ring. */
static void X3_what_a_collected_error_held_is_freed_too(void **state)
{
    (void)state;
    begin_js();
    run("globalThis.w = new WeakRef(globalThis.o = { a: 1 })");
    mr_value members[] = {value_of("o"), custom_of(&bound_type, 1)};
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = MR_EIO, .members = members, .member_n = 2};
    mr_error *error;
    assert_int_equal(mr_error_create(&spec, &error), 0);
    mr_value_release(members[0]);
    mr_value_release(members[1]);
    show("e", mr_value_error(error));
    mr_error_unref(error);
    run("e.self = e; o = e = 0");
    collect();
    EXPECT_TRUE("w.deref() === undefined");
    EXPECT(atomic_load(&customs_alive) == 0);
    finish_js();
}

static mr_status convert(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                         mr_js_value **out_value)
{
    (void)arg, (void)argc;
    mr_value value;
    mr_status status = mr_js_to_value(of, argv[0], &value);
    if (status != 0)
        return status;
    status = mr_js_from_value(of, value, out_value);
    mr_value_release(value);
    return status;
}

static void I3_values_pass_through_a_function_of_C_unchanged(void **state)
{
    (void)state;
    begin_js();
    add_function("same", convert, NULL);
    EXPECT_TEXT("[undefined, null, true, 0, -0, NaN, 2 ** 53, 2n ** 53n, 'x', '', Symbol.iterator,"
                "new Error('e'), new AggregateError([1]), Promise.resolve(1), () => 1, {}, [], "
                "new Proxy(class {}, {})].filter((x) => !Object.is(same(x), x)).length",
                "0");
    EXPECT_TEXT("try { same(2n ** 64n) } catch (e) { [e.name, e.code].join() }",
                "RangeError,MR_ERANGE");
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(I1_ints_are_numbers_up_to_2_53_and_bigints_beyond),
        SCENARIO(I1_doubles_keep_their_value_and_sign),
        SCENARIO(I1_numbers_of_a_script_are_ints_where_they_are_safe_integers),
        SCENARIO(I1_a_bigint_beyond_64_bits_is_out_of_range_and_writes_nothing),
        SCENARIO(I1_a_promise_of_a_bigint_beyond_64_bits_is_rejected_with_the_range),
        SCENARIO(I1_undefined_null_and_booleans_are_the_same),
        SCENARIO(I1_text_keeps_zeros_and_what_is_no_utf8_is_replaced),
        SCENARIO(I1_lone_surrogates_of_a_script_are_replaced),
        SCENARIO(I1_bytes_of_every_size_are_copied_both_ways),
        SCENARIO(I1_views_are_cut_and_detached_ones_are_objects),
        SCENARIO(I1_arrays_are_arrays_at_every_depth),
        SCENARIO(I1_an_array_of_a_script_comes_back_as_the_same_object),
        SCENARIO(I1_arrays_nested_without_end_are_refused_not_followed),
        SCENARIO(I1_all_settled_is_shown_with_status_value_and_reason),
        SCENARIO(I1_wrong_calls_change_nothing),
        SCENARIO(I3_customs_and_pointers_come_back_as_the_same_value),
        SCENARIO(I3_objects_functions_and_symbols_come_back_as_the_same),
        SCENARIO(I3_what_a_runtime_left_behind_is_undefined_in_the_next),
        SCENARIO(I3_values_pass_through_a_function_of_C_unchanged),
        SCENARIO(I6_promises_of_another_loop_are_refused_at_every_depth),
        SCENARIO(I6_values_of_another_runtime_are_refused),
        SCENARIO(X3_an_error_of_C_has_code_message_and_cause_and_comes_back),
        SCENARIO(X3_an_error_of_a_script_has_message_code_and_cause_and_comes_back),
        SCENARIO(X3_an_error_given_up_by_C_is_made_anew_and_a_collected_one_too),
        SCENARIO(X3_an_aggregate_of_C_has_errors_and_one_of_a_script_members),
        SCENARIO(X3_rings_of_causes_and_members_are_cut),
        SCENARIO(X3_a_long_chain_of_causes_is_made_on_a_constant_stack),
        SCENARIO(X3_getters_that_throw_and_strange_properties_do_no_harm),
        SCENARIO(X3_an_error_is_its_own_not_that_of_its_prototype),
        SCENARIO(X3_what_a_collected_error_held_is_freed_too),
    };
    return RUN_SCENARIOS(tests);
}
