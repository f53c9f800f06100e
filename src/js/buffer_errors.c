/* Arguments of Buffer's functions, and Node.js's errors about them. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/buffer.h"
#include "js/errors.h"

/* ---- Views ------------------------------------------------------------------------------------*/

bool mr__js_is_uint8(JSValueConst value)
{
    return JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8;
}

bool mr__js_is_memory(JSContext *ctx, JSValueConst value)
{
    size_t size;
    if (JS_IsArrayBuffer(value))
        return true;
    /* Shared memory has no test of its own. */
    bool shared = JS_IsObject(value) && JS_GetArrayBuffer(ctx, &size, value) != NULL;
    if (!shared)
        JS_FreeValue(ctx, JS_GetException(ctx));
    return shared;
}

/* Any view whose elements are wider than a byte. */
static uint8_t *wide_view(JSContext *ctx, JSValueConst value, size_t *out_len)
{
    size_t offset, size;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, out_len, NULL);
    if (JS_IsException(buffer))
        return NULL;
    uint8_t *data = JS_GetArrayBuffer(ctx, &size, buffer);
    JS_FreeValue(ctx, buffer); /* the view holds it */
    return data == NULL ? NULL : data + offset;
}

bool mr__js_view(JSContext *ctx, JSValueConst value, mr__view *out_view)
{
    int type = JS_GetTypedArrayType(value);
    if (type < 0)
        return false;
    bool bytes = type == JS_TYPED_ARRAY_UINT8 || type == JS_TYPED_ARRAY_UINT8C;
    size_t len = 0;
    uint8_t *data = bytes ? JS_GetUint8Array(ctx, &len, value) : wide_view(ctx, value, &len);
    if (data == NULL) {
        JS_FreeValue(ctx, JS_GetException(ctx)); /* detached, or shrunk below the view */
        len = 0;
    }
    *out_view = (mr__view){data, len};
    return true;
}

int mr__js_buffer_this(JSContext *ctx, JSValueConst this_val, mr__view *out_view)
{
    if (mr__js_view(ctx, this_val, out_view))
        return 0;
    mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_TYPE", "argument must be a buffer");
    return -1;
}

int mr__js_buffer_arg(JSContext *ctx, JSValueConst value, const char *argument, mr__view *out_view)
{
    if (mr__js_is_uint8(value) && mr__js_view(ctx, value, out_view))
        return 0;
    mr__js_throw_arg_type(ctx, argument, "an instance of Buffer or Uint8Array", value);
    return -1;
}

/* ---- Numbers ----------------------------------------------------------------------------------*/

/* Digits in groups of three, as numbers beyond 2^32 are shown. */
static void append_grouped(mr__bytes *out, const char *digits)
{
    size_t len = strlen(digits), first = digits[0] == '-';
    for (size_t i = 0; i < len; i++) {
        if (i > first && (len - i) % 3 == 0)
            mr__bytes_char(out, '_');
        mr__bytes_char(out, digits[i]);
    }
}

static bool plain_digits(const char *text)
{
    text += *text == '-';
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* Whether a whole number is shown in groups: above 2^32 either way. */
static bool is_large(const char *text)
{
    static const char limit[] = "4294967296";
    text += *text == '-';
    size_t len = strlen(text);
    return len > sizeof limit - 1 || (len == sizeof limit - 1 && strcmp(text, limit) > 0);
}

static void append_number(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    double number = 0;
    const char *text = JS_ToCString(ctx, value);
    if (JS_IsNumber(value))
        JS_ToFloat64(ctx, &number, value);
    if (text != NULL && plain_digits(text) && is_large(text))
        append_grouped(out, text);
    else
        mr__bytes_printf(out, "%s%s", number == 0 && signbit(number) ? "-" : "",
                         text == NULL ? "" : text);
    mr__bytes_str(out, JS_IsBigInt(value) ? "n" : "");
    JS_FreeCString(ctx, text);
}

JSValue mr__js_throw_range(JSContext *ctx, const char *argument, const char *expected,
                           JSValueConst value)
{
    mr__bytes text = {0};
    if (JS_IsNumber(value) || JS_IsBigInt(value))
        append_number(ctx, &text, value);
    else
        mr__js_append_received(ctx, &text, value);
    mr__js_throw_code(ctx, "RangeError", "ERR_OUT_OF_RANGE",
                      "The value of \"%s\" is out of range. It must be %s. Received %s", argument,
                      expected, mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
    return JS_EXCEPTION;
}

/* A number, else ERR_INVALID_ARG_TYPE. */
static int check_number(JSContext *ctx, JSValueConst value, const char *argument,
                        double *out_number)
{
    if (!JS_IsNumber(value)) {
        mr__js_throw_arg_type(ctx, argument, "of type number", value);
        return -1;
    }
    return JS_ToFloat64(ctx, out_number, value);
}

static int throw_bounds(JSContext *ctx, JSValueConst value, const char *argument, uint64_t max)
{
    char expected[48];
    snprintf(expected, sizeof(expected), ">= 0 && <= %llu", (unsigned long long)max);
    mr__js_throw_range(ctx, argument, expected, value);
    return -1;
}

int mr__js_check_integer(JSContext *ctx, JSValueConst value, const char *argument, uint64_t max,
                         size_t *out_number)
{
    double number;
    if (check_number(ctx, value, argument, &number) < 0)
        return -1;
    if (!isfinite(number) || number != floor(number)) {
        mr__js_throw_range(ctx, argument, "an integer", value);
        return -1;
    }
    if (number < 0 || number > (double)max)
        return throw_bounds(ctx, value, argument, max);
    *out_number = (size_t)number;
    return 0;
}

int mr__js_check_size(JSContext *ctx, JSValueConst value, size_t *out_size)
{
    double number;
    if (check_number(ctx, value, "size", &number) < 0)
        return -1;
    if (!(number >= 0 && number <= (double)MR__BUFFER_MAX_LENGTH))
        return throw_bounds(ctx, value, "size", MR__BUFFER_MAX_LENGTH);
    *out_size = (size_t)number;
    return 0;
}

int mr__js_to_floor(JSContext *ctx, JSValueConst value, double *out_number)
{
    if (JS_ToFloat64(ctx, out_number, value) < 0)
        return -1;
    *out_number = isfinite(*out_number) ? floor(*out_number) : 0;
    return 0;
}

int mr__js_to_trunc(JSContext *ctx, JSValueConst value, double *out_number)
{
    if (JS_ToFloat64(ctx, out_number, value) < 0)
        return -1;
    *out_number = isnan(*out_number) ? 0 : trunc(*out_number);
    return 0;
}

/* ---- Encodings --------------------------------------------------------------------------------*/

int mr__js_encoding_named(JSContext *ctx, JSValueConst value)
{
    size_t len;
    const char *name = JS_ToCStringLen(ctx, &len, value);
    if (name == NULL)
        return MR__ENCODING_THREW;
    mr__encoding encoding = strlen(name) == len ? mr__encoding_of(name) : MR__ENCODING_UNKNOWN;
    JS_FreeCString(ctx, name);
    return encoding == MR__ENCODING_BYTES ? MR__ENCODING_UNKNOWN : encoding;
}

JSValue mr__js_throw_encoding(JSContext *ctx, JSValueConst value)
{
    mr__bytes text = {0};
    JSValue format = JS_NewString(ctx, "%s");
    JSValueConst args[] = {format, value};
    int failed = mr__js_format(mr__js_of(ctx), &text, 2, args, false);
    if (failed == 0)
        mr__js_throw_code(ctx, "TypeError", "ERR_UNKNOWN_ENCODING", "Unknown encoding: %s",
                          mr__bytes_cstr(&text));
    JS_FreeValue(ctx, format);
    mr__bytes_deinit(&text);
    return JS_EXCEPTION;
}
