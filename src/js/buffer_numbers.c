/* Buffer's reads and writes of numbers.
 *
 * All are two functions, read and write, whose magic number says width, order and kind. */
#include <math.h>
#include <string.h>

#include "base/macros.h"
#include "js/buffer.h"
#include "js/errors.h"
#include "js/gate.h"

enum { WIDTH = 0x0F, BIG = 0x10, SIGNED = 0x20, REAL = 0x40, BIGINT = 0x80, LONGEST = 6 };

/* ---- Places -----------------------------------------------------------------------------------*/

/* Say what is wrong with a number that should have been between low and high. */
static int throw_place(JSContext *ctx, JSValueConst value, const char *argument, int low,
                       double high)
{
    char expected[64];
    double number = 0;
    if (!JS_IsNumber(value)) {
        mr__js_throw_arg_type(ctx, argument, "of type number", value);
        return -1;
    }
    JS_ToFloat64(ctx, &number, value);
    if (isnan(number) || floor(number) != number) {
        mr__js_throw_range(ctx, argument, "an integer", value);
    } else if (high < 0) {
        mr__js_throw_code(ctx, "RangeError", "ERR_BUFFER_OUT_OF_BOUNDS",
                          "Attempt to access memory outside buffer bounds");
    } else {
        snprintf(expected, sizeof(expected), ">= %d and <= %.0f", low, high);
        mr__js_throw_range(ctx, argument, expected, value);
    }
    return -1;
}

/* Where width bytes begin; an offset that is undefined is 0. */
static int find_place(JSContext *ctx, const mr__view *view, JSValueConst offset, size_t width,
                      size_t *out_place)
{
    double place = -1, room = (double)view->len - (double)width;
    if (JS_IsUndefined(offset))
        offset = JS_NewInt32(ctx, 0);
    if (MR_LIKELY(JS_VALUE_GET_TAG(offset) == JS_TAG_INT)) {
        int at = JS_VALUE_GET_INT(offset);
        if (at >= 0 && (size_t)at + width <= view->len) {
            *out_place = (size_t)at;
            return 0;
        }
    }
    if (JS_IsNumber(offset))
        JS_ToFloat64(ctx, &place, offset);
    if (!(place >= 0 && place <= room && place == floor(place)))
        return throw_place(ctx, offset, "offset", 0, room);
    *out_place = (size_t)place;
    return 0;
}

/* The width that a script gave: 1 to 6. */
static int find_width(JSContext *ctx, JSValueConst value, int *out_width)
{
    double width = 0;
    if (JS_IsNumber(value))
        JS_ToFloat64(ctx, &width, value);
    if (!(width >= 1 && width <= LONGEST && width == floor(width)))
        return throw_place(ctx, value, "byteLength", 1, LONGEST);
    *out_width = (int)width;
    return 0;
}

/* ---- Bytes ------------------------------------------------------------------------------------*/

static uint64_t load(const uint8_t *from, int kind)
{
    uint64_t bits = 0;
    int width = kind & WIDTH;
    for (int i = 0; i < width; i++)
        bits = bits << 8 | from[kind & BIG ? i : width - 1 - i];
    return bits;
}

static void store(uint8_t *to, int kind, uint64_t bits)
{
    int width = kind & WIDTH;
    for (int i = 0; i < width; i++, bits >>= 8)
        to[kind & BIG ? width - 1 - i : i] = (uint8_t)bits;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

static JSValue value_of(JSContext *ctx, uint64_t bits, int kind)
{
    int width = kind & WIDTH;
    MR_ASSERT(width > 0 && width <= 8);
    if (kind & REAL) {
        double number;
        float single;
        uint32_t low = (uint32_t)bits;
        memcpy(&number, &bits, sizeof number);
        memcpy(&single, &low, sizeof single);
        return JS_NewFloat64(ctx, width == 4 ? (double)single : number);
    }
    int unused = 64 - 8 * width;
    int64_t number = kind & SIGNED ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
    if (kind & BIGINT)
        return kind & SIGNED ? JS_NewBigInt64(ctx, number) : JS_NewBigUint64(ctx, bits);
    return JS_NewInt64(ctx, number);
}

static JSValue read_at(JSContext *ctx, JSValueConst this_val, JSValueConst offset, int kind)
{
    mr__view view;
    size_t place;
    if (mr__js_buffer_this(ctx, this_val, &view) < 0 ||
        find_place(ctx, &view, offset, kind & WIDTH, &place) < 0)
        return JS_EXCEPTION;
    return value_of(ctx, load(view.data + place, kind), kind);
}

/* (offset = 0) */
static JSValue buffer_read(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                           int kind)
{
    MR__JS_GATE(mr__js_of(ctx));
    return read_at(ctx, this_val, mr__js_arg(argc, argv, 0), kind);
}

/* (offset, byteLength) */
static JSValue buffer_read_wide(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                int kind)
{
    int width;
    JSValueConst offset = mr__js_arg(argc, argv, 0);
    MR__JS_GATE(mr__js_of(ctx));
    if (JS_IsUndefined(offset))
        return mr__js_throw_arg_type(ctx, "offset", "of type number", offset);
    if (find_width(ctx, mr__js_arg(argc, argv, 1), &width) < 0)
        return JS_EXCEPTION;
    return read_at(ctx, this_val, offset, kind | width);
}

/* ---- Writing ----------------------------------------------------------------------------------*/

static int throw_value(JSContext *ctx, int kind, JSValueConst value)
{
    char expected[64];
    int bits = 8 * (kind & WIDTH);
    const char *suffix = kind & BIGINT ? "n" : "";
    int64_t half = INT64_C(1) << (bits - 1 > 62 ? 62 : bits - 1);
    if (bits > 32 && (kind & SIGNED))
        snprintf(expected, sizeof(expected), ">= -(2%s ** %d%s) and < 2%s ** %d%s", suffix,
                 bits - 1, suffix, suffix, bits - 1, suffix);
    else if (bits > 32)
        snprintf(expected, sizeof(expected), ">= 0%s and < 2%s ** %d%s", suffix, suffix, bits,
                 suffix);
    else
        snprintf(expected, sizeof(expected), ">= %lld and <= %lld",
                 kind & SIGNED ? -(long long)half : 0LL,
                 (long long)(kind & SIGNED ? half - 1 : 2 * half - 1));
    mr__js_throw_range(ctx, "value", expected, value);
    return -1;
}

static bool in_range(double number, int kind)
{
    int bits = 8 * (kind & WIDTH);
    double low = kind & SIGNED ? -ldexp(1, bits - 1) : 0;
    double high = ldexp(1, kind & SIGNED ? bits - 1 : bits);
    /* A fraction above the largest integer is too large; NaN passes and is written as 0. */
    return !(number < low || number > high - (bits > 53 ? 0 : 1)) && !(number >= high);
}

/* The bits that assigning the number byte by byte leaves: the low four bytes of its whole part,
 * and above them the floor of what is left. */
static uint64_t bits_of(double number)
{
    if (!isfinite(number))
        return 0;
    uint64_t low = (uint64_t)(int64_t)trunc(number) & UINT32_MAX;
    uint64_t high = (uint64_t)(int64_t)floor(ldexp(number, -32));
    return high << 32 | low;
}

static int write_bits(JSContext *ctx, JSValueConst this_val, uint64_t bits, JSValueConst offset,
                      int kind, size_t *out_end)
{
    mr__view view;
    size_t place;
    if (mr__js_buffer_this(ctx, this_val, &view) < 0 ||
        find_place(ctx, &view, offset, kind & WIDTH, &place) < 0)
        return -1;
    store(view.data + place, kind, bits);
    *out_end = place + (kind & WIDTH);
    return 0;
}

static JSValue write_integer(JSContext *ctx, JSValueConst this_val, JSValueConst value,
                             JSValueConst offset, int kind)
{
    double number;
    size_t end;
    if (JS_ToFloat64(ctx, &number, value) < 0)
        return JS_EXCEPTION;
    /* A single byte has its offset looked at first. */
    if ((kind & WIDTH) == 1 && !JS_IsNumber(offset) && !JS_IsUndefined(offset))
        return mr__js_throw_arg_type(ctx, "offset", "of type number", offset);
    if (!in_range(number, kind)) {
        throw_value(ctx, kind, JS_NewFloat64(ctx, number));
        return JS_EXCEPTION;
    }
    if (write_bits(ctx, this_val, bits_of(number), offset, kind, &end) < 0)
        return JS_EXCEPTION;
    return JS_NewInt64(ctx, (int64_t)end);
}

static JSValue write_real(JSContext *ctx, JSValueConst this_val, JSValueConst value,
                          JSValueConst offset, int kind)
{
    double number;
    size_t end;
    uint64_t bits;
    if (JS_ToFloat64(ctx, &number, value) < 0)
        return JS_EXCEPTION;
    memcpy(&bits, &number, sizeof bits);
    if ((kind & WIDTH) == 4) {
        float single = (float)number;
        uint32_t low;
        memcpy(&low, &single, sizeof low);
        bits = low;
    }
    if (write_bits(ctx, this_val, bits, offset, kind, &end) < 0)
        return JS_EXCEPTION;
    return JS_NewInt64(ctx, (int64_t)end);
}

/* Whether a BigInt is what its 64 bits say. */
static bool bigint_fits(JSContext *ctx, JSValueConst value, uint64_t bits, int kind)
{
    JSValue same = kind & SIGNED ? JS_NewBigInt64(ctx, (int64_t)bits) : JS_NewBigUint64(ctx, bits);
    bool fits = JS_IsStrictEqual(ctx, value, same);
    JS_FreeValue(ctx, same);
    return fits;
}

/* Numbers are compared with the bounds, and only then is their type refused. */
static JSValue write_bigint(JSContext *ctx, JSValueConst this_val, JSValueConst value,
                            JSValueConst offset, int kind)
{
    int64_t bits = 0;
    double number = 0;
    size_t end;
    bool bigint = JS_IsBigInt(value), fits = true;
    if (bigint) {
        if (JS_ToBigInt64(ctx, &bits, value) < 0)
            return JS_EXCEPTION;
        fits = bigint_fits(ctx, value, (uint64_t)bits, kind);
    } else if (JS_IsNumber(value)) {
        JS_ToFloat64(ctx, &number, value);
        fits = in_range(number, kind);
    }
    if (!fits) {
        throw_value(ctx, kind, value);
        return JS_EXCEPTION;
    }
    mr__view view;
    if (mr__js_buffer_this(ctx, this_val, &view) < 0 ||
        find_place(ctx, &view, offset, kind & WIDTH, &end) < 0)
        return JS_EXCEPTION;
    if (!bigint)
        return JS_ThrowTypeError(ctx,
                                 "cannot mix BigInt and other types, use explicit conversions");
    store(view.data + end, kind, (uint64_t)bits);
    return JS_NewInt64(ctx, (int64_t)(end + (kind & WIDTH)));
}

/* (value, offset = 0) */
static JSValue buffer_write(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                            int kind)
{
    JSValueConst value = mr__js_arg(argc, argv, 0), offset = mr__js_arg(argc, argv, 1);
    MR__JS_GATE(mr__js_of(ctx));
    if (kind & BIGINT)
        return write_bigint(ctx, this_val, value, offset, kind);
    if (kind & REAL)
        return write_real(ctx, this_val, value, offset, kind);
    return write_integer(ctx, this_val, value, offset, kind);
}

/* (value, offset, byteLength) */
static JSValue buffer_write_wide(JSContext *ctx, JSValueConst this_val, int argc,
                                 JSValueConst *argv, int kind)
{
    int width;
    JSValueConst offset = mr__js_arg(argc, argv, 1);
    MR__JS_GATE(mr__js_of(ctx));
    if (find_width(ctx, mr__js_arg(argc, argv, 2), &width) < 0)
        return JS_EXCEPTION;
    if (!JS_IsUndefined(offset))
        return write_integer(ctx, this_val, mr__js_arg(argc, argv, 0), offset, kind | width);
    /* Here it must be given, but the value is judged before it, save for a single byte. */
    double number;
    if (JS_ToFloat64(ctx, &number, mr__js_arg(argc, argv, 0)) < 0)
        return JS_EXCEPTION;
    if (width > 1 && !in_range(number, kind | width)) {
        throw_value(ctx, kind | width, JS_NewFloat64(ctx, number));
        return JS_EXCEPTION;
    }
    return mr__js_throw_arg_type(ctx, "offset", "of type number", offset);
}

/* ---- The names --------------------------------------------------------------------------------*/

#define READ(name, kind) MR__METHOD_MAGIC("read" name, 0, buffer_read, kind)
#define WRITE(name, kind) MR__METHOD_MAGIC("write" name, 1, buffer_write, kind)
#define BOTH_ORDERS(OF, name, kind) OF(name "LE", kind), OF(name "BE", (kind) | BIG)
#define UINT_ALIAS(verb, rest) MR__METHOD_ALIAS(verb "Uint" rest, verb "UInt" rest)
#define BIGUINT_ALIAS(verb, rest) MR__METHOD_ALIAS(verb "BigUint" rest, verb "BigUInt" rest)

static const JSCFunctionListEntry numbers[] = {
    BOTH_ORDERS(READ, "BigUInt64", 8 | BIGINT),
    BIGUINT_ALIAS("read", "64LE"),
    BIGUINT_ALIAS("read", "64BE"),
    BOTH_ORDERS(READ, "BigInt64", 8 | BIGINT | SIGNED),
    BOTH_ORDERS(WRITE, "BigUInt64", 8 | BIGINT),
    BIGUINT_ALIAS("write", "64LE"),
    BIGUINT_ALIAS("write", "64BE"),
    BOTH_ORDERS(WRITE, "BigInt64", 8 | BIGINT | SIGNED),

    MR__METHOD_MAGIC("readUIntLE", 2, buffer_read_wide, 0),
    READ("UInt32LE", 4),
    READ("UInt16LE", 2),
    READ("UInt8", 1),
    MR__METHOD_MAGIC("readUIntBE", 2, buffer_read_wide, BIG),
    READ("UInt32BE", 4 | BIG),
    READ("UInt16BE", 2 | BIG),
    UINT_ALIAS("read", "LE"),
    UINT_ALIAS("read", "32LE"),
    UINT_ALIAS("read", "16LE"),
    UINT_ALIAS("read", "8"),
    UINT_ALIAS("read", "BE"),
    UINT_ALIAS("read", "32BE"),
    UINT_ALIAS("read", "16BE"),
    MR__METHOD_MAGIC("readIntLE", 2, buffer_read_wide, SIGNED),
    READ("Int32LE", 4 | SIGNED),
    READ("Int16LE", 2 | SIGNED),
    READ("Int8", 1 | SIGNED),
    MR__METHOD_MAGIC("readIntBE", 2, buffer_read_wide, BIG | SIGNED),
    READ("Int32BE", 4 | BIG | SIGNED),
    READ("Int16BE", 2 | BIG | SIGNED),

    MR__METHOD_MAGIC("writeUIntLE", 3, buffer_write_wide, 0),
    WRITE("UInt32LE", 4),
    WRITE("UInt16LE", 2),
    WRITE("UInt8", 1),
    MR__METHOD_MAGIC("writeUIntBE", 3, buffer_write_wide, BIG),
    WRITE("UInt32BE", 4 | BIG),
    WRITE("UInt16BE", 2 | BIG),
    UINT_ALIAS("write", "LE"),
    UINT_ALIAS("write", "32LE"),
    UINT_ALIAS("write", "16LE"),
    UINT_ALIAS("write", "8"),
    UINT_ALIAS("write", "BE"),
    UINT_ALIAS("write", "32BE"),
    UINT_ALIAS("write", "16BE"),
    MR__METHOD_MAGIC("writeIntLE", 3, buffer_write_wide, SIGNED),
    WRITE("Int32LE", 4 | SIGNED),
    WRITE("Int16LE", 2 | SIGNED),
    WRITE("Int8", 1 | SIGNED),
    MR__METHOD_MAGIC("writeIntBE", 3, buffer_write_wide, BIG | SIGNED),
    WRITE("Int32BE", 4 | BIG | SIGNED),
    WRITE("Int16BE", 2 | BIG | SIGNED),

    BOTH_ORDERS(READ, "Float", 4 | REAL),
    BOTH_ORDERS(READ, "Double", 8 | REAL),
    BOTH_ORDERS(WRITE, "Float", 4 | REAL),
    BOTH_ORDERS(WRITE, "Double", 8 | REAL),
};

int mr__js_buffer_numbers(JSContext *ctx, JSValueConst proto)
{
    return JS_SetPropertyFunctionList(ctx, proto, numbers, countof(numbers));
}
