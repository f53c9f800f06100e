/* Buffer's strings: toString, write, byteLength, and Buffer.from of a string. */
#include <math.h>
#include <string.h>

#include "js/buffer.h"
#include "js/errors.h"
#include "js/gate.h"

/* ---- Bytes to strings -------------------------------------------------------------------------*/

static size_t string_length(size_t len, mr__encoding encoding)
{
    switch (encoding) {
    case MR__ENCODING_UTF16LE:
        return len / 2;
    case MR__ENCODING_HEX:
        return 2 * len;
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        return len / 3 * 4;
    default:
        return len;
    }
}

static JSValue decode(JSContext *ctx, const uint8_t *data, size_t len, mr__encoding encoding)
{
    if (string_length(len, encoding) > MR__BUFFER_MAX_STRING)
        return mr__js_throw_code(ctx, "Error", "ERR_STRING_TOO_LONG",
                                 "Cannot create a string longer than 0x%x characters",
                                 (unsigned)MR__BUFFER_MAX_STRING);
    return mr__js_decode(ctx, data, len, encoding);
}

/* A part of the receiver once everything that runs script is done: the buffer may have shrunk. */
static JSValue decode_part(JSContext *ctx, JSValueConst this_val, double start, double end,
                           mr__encoding encoding)
{
    mr__view view;
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    size_t last = end < (double)view.len ? (size_t)end : view.len;
    if (!(start < (double)last))
        return JS_NewStringLen(ctx, "", 0);
    size_t first = (size_t)start;
    return decode(ctx, view.data + first, last - first, encoding);
}

/* toString(encoding, start, end) */
static JSValue buffer_to_string(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    if (argc == 0)
        return decode(ctx, view.data, view.len, MR__ENCODING_UTF8);
    double start = 0, end = (double)view.len;
    if (argc > 1 && mr__js_to_trunc(ctx, argv[1], &start) < 0)
        return JS_EXCEPTION;
    if (start >= (double)view.len)
        return JS_NewStringLen(ctx, "", 0);
    if (argc > 2 && !JS_IsUndefined(argv[2]) && mr__js_to_trunc(ctx, argv[2], &end) < 0)
        return JS_EXCEPTION;
    start = start > 0 ? start : 0;
    end = end < (double)view.len ? end : (double)view.len;
    if (end <= start)
        return JS_NewStringLen(ctx, "", 0);
    int encoding =
        JS_IsUndefined(argv[0]) ? (int)MR__ENCODING_UTF8 : mr__js_encoding_named(ctx, argv[0]);
    if (encoding == MR__ENCODING_UNKNOWN)
        return mr__js_throw_encoding(ctx, argv[0]);
    if (encoding < 0)
        return JS_EXCEPTION;
    return decode_part(ctx, this_val, start, end, (mr__encoding)encoding);
}

/* An index of the slice and write functions: whole, not negative. */
static int to_index(JSContext *ctx, JSValueConst value, double by_default, double *out_index)
{
    *out_index = by_default;
    if (JS_IsUndefined(value))
        return 0;
    if (mr__js_to_trunc(ctx, value, out_index) < 0)
        return -1;
    if (*out_index >= 0)
        return 0;
    mr__js_throw_code(ctx, "RangeError", "ERR_OUT_OF_RANGE", "Index out of range");
    return -1;
}

/* utf8Slice(start, end) and its kin */
static JSValue buffer_slice_as(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int encoding)
{
    mr__view view;
    double start, end;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    if (view.len == 0)
        return JS_NewStringLen(ctx, "", 0);
    if (to_index(ctx, mr__js_arg(argc, argv, 0), 0, &start) < 0 ||
        to_index(ctx, mr__js_arg(argc, argv, 1), (double)view.len, &end) < 0)
        return JS_EXCEPTION;
    if ((end > start ? end : start) > (double)view.len)
        return mr__js_throw_code(ctx, "RangeError", "ERR_OUT_OF_RANGE", "Index out of range");
    return decode_part(ctx, this_val, start, end, (mr__encoding)encoding);
}

/* ---- Strings to bytes -------------------------------------------------------------------------*/

static JSValue write_text(JSContext *ctx, JSValueConst this_val, JSValueConst text, double offset,
                          double length, mr__encoding encoding)
{
    mr__view view;
    mr__encoder encoder;
    if (!JS_IsString(text))
        return mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_TYPE",
                                 "argument must be a string");
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    if (offset > (double)view.len)
        return mr__js_throw_code(ctx, "RangeError", "ERR_BUFFER_OUT_OF_BOUNDS",
                                 "\"offset\" is outside of buffer bounds");
    size_t first = (size_t)offset, room = view.len - first;
    if (length < (double)room)
        room = (size_t)length;
    if (room == 0)
        return JS_NewInt32(ctx, 0);
    if (mr__encoder_begin(ctx, text, encoding, &encoder) < 0)
        return JS_EXCEPTION;
    size_t written = mr__encoder_write(&encoder, view.data + first, room);
    mr__encoder_end(ctx, &encoder);
    return JS_NewInt64(ctx, (int64_t)written);
}

/* utf8Write(string, offset, length) and its kin */
static JSValue buffer_write_as(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int encoding)
{
    JSValueConst text = mr__js_arg(argc, argv, 0), most = mr__js_arg(argc, argv, 2);
    double offset = 0, length = 0;
    mr__view view;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0 ||
        (JS_IsString(text) && to_index(ctx, mr__js_arg(argc, argv, 1), 0, &offset) < 0))
        return JS_EXCEPTION;
    /* A wrong offset is told of before a wrong length. */
    if (JS_IsString(text) && offset <= (double)view.len &&
        to_index(ctx, most, INFINITY, &length) < 0)
        return JS_EXCEPTION;
    return write_text(ctx, this_val, text, offset, length, (mr__encoding)encoding);
}

/* The encoding of write and byteLength, where everything falsy means UTF-8. */
static int encoding_or_utf8(JSContext *ctx, JSValueConst value)
{
    int given = JS_ToBool(ctx, value);
    return given > 0 ? mr__js_encoding_named(ctx, value) : (int)MR__ENCODING_UTF8;
}

/* write(string), write(string, encoding), write(string, offset[, length][, encoding]) */
static JSValue buffer_write_string(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    JSValueConst text = mr__js_arg(argc, argv, 0), offset = mr__js_arg(argc, argv, 1),
                 length = mr__js_arg(argc, argv, 2), name = mr__js_arg(argc, argv, 3);
    mr__view view;
    size_t first = 0, room;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    if (JS_IsUndefined(offset))
        return write_text(ctx, this_val, text, 0, INFINITY, MR__ENCODING_UTF8);
    room = view.len;
    if (JS_IsUndefined(length) && JS_IsString(offset)) {
        name = offset;
    } else {
        if (mr__js_check_integer(ctx, offset, "offset", view.len, &first) < 0)
            return JS_EXCEPTION;
        if (JS_IsString(length))
            name = length;
        else if (!JS_IsUndefined(length) &&
                 mr__js_check_integer(ctx, length, "length", view.len, &room) < 0)
            return JS_EXCEPTION;
    }
    int encoding = encoding_or_utf8(ctx, name);
    if (encoding == MR__ENCODING_UNKNOWN)
        return mr__js_throw_encoding(ctx, name);
    if (encoding < 0)
        return JS_EXCEPTION;
    return write_text(ctx, this_val, text, (double)first, (double)room, (mr__encoding)encoding);
}

JSValue mr__js_buffer_from_string(mr_js *js, JSValueConst text, JSValueConst encoding)
{
    JSContext *ctx = js->ctx;
    int number = MR__ENCODING_UTF8;
    uint8_t *data;
    mr__encoder encoder;
    if (JS_IsString(encoding) && JS_ToBool(ctx, encoding) > 0)
        number = mr__js_encoding_named(ctx, encoding);
    if (number == MR__ENCODING_UNKNOWN)
        return mr__js_throw_encoding(ctx, encoding);
    if (number < 0 || mr__encoder_begin(ctx, text, (mr__encoding)number, &encoder) < 0)
        return JS_EXCEPTION;
    size_t size = mr__encoder_size(&encoder);
    JSValue buffer = mr__js_buffer_pooled(js, size, &data);
    if (data != NULL)
        mr__encoder_write(&encoder, data, size);
    mr__encoder_end(ctx, &encoder);
    return buffer;
}

/* ---- Lengths and tests ------------------------------------------------------------------------*/

/* An estimate by length and padding alone, as Node.js makes it. */
static size_t base64_length(const char *text, size_t len, size_t chars)
{
    size_t padding = 0;
    while (padding < 2 && padding < chars && text[len - 1 - padding] == '=')
        padding++;
    return (chars - padding) * 3 / 4;
}

static JSValue length_of_text(JSContext *ctx, JSValueConst text, mr__encoding encoding)
{
    int64_t chars;
    size_t len;
    if (JS_GetLength(ctx, text, &chars) < 0)
        return JS_EXCEPTION;
    switch (encoding) {
    case MR__ENCODING_LATIN1:
    case MR__ENCODING_ASCII:
        return JS_NewInt64(ctx, chars);
    case MR__ENCODING_UTF16LE:
        return JS_NewInt64(ctx, 2 * chars);
    case MR__ENCODING_HEX:
        return JS_NewInt64(ctx, chars / 2);
    default:
        break;
    }
    const char *utf8 = JS_ToCStringLen(ctx, &len, text);
    if (utf8 == NULL)
        return JS_EXCEPTION;
    size_t bytes = encoding == MR__ENCODING_UTF8 ? len : base64_length(utf8, len, (size_t)chars);
    JS_FreeCString(ctx, utf8);
    return JS_NewInt64(ctx, (int64_t)bytes);
}

/* Buffer.byteLength(string or bytes, encoding) */
static JSValue buffer_byte_length(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    JSValueConst value = mr__js_arg(argc, argv, 0);
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    if (JS_IsString(value)) {
        int encoding = encoding_or_utf8(ctx, mr__js_arg(argc, argv, 1));
        if (encoding == MR__ENCODING_THREW)
            return JS_EXCEPTION;
        return length_of_text(ctx, value,
                              encoding < 0 ? MR__ENCODING_UTF8 : (mr__encoding)encoding);
    }
    if (JS_GetTypedArrayType(value) >= 0 || JS_IsDataView(value) || mr__js_is_memory(ctx, value))
        return JS_GetPropertyStr(ctx, value, "byteLength");
    return mr__js_throw_arg_type(ctx, "string",
                                 "of type string or an instance of Buffer or ArrayBuffer", value);
}

JSValue mr__js_buffer_is_utf8(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                              int ascii)
{
    JSValueConst value = mr__js_arg(argc, argv, 0);
    mr__view view = {NULL, 0};
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    if (JS_IsObject(value) && mr__js_is_memory(ctx, value))
        view.data = JS_GetArrayBuffer(ctx, &view.len, value);
    else if (!mr__js_view(ctx, value, &view))
        return mr__js_throw_arg_type(ctx, "input",
                                     "an instance of ArrayBuffer, Buffer, or TypedArray", value);
    if (view.data == NULL) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return mr__js_throw_code(ctx, "Error", "ERR_INVALID_STATE",
                                 "Cannot validate on a detached buffer");
    }
    return JS_NewBool(ctx,
                      ascii ? mr__is_ascii(view.data, view.len) : mr__is_utf8(view.data, view.len));
}

/* ---- The names --------------------------------------------------------------------------------*/

#define SLICE(name, encoding) MR__METHOD_MAGIC(name "Slice", 0, buffer_slice_as, encoding)
#define WRITE(name, encoding) MR__METHOD_MAGIC(name "Write", 0, buffer_write_as, encoding)

static const JSCFunctionListEntry methods[] = {
    SLICE("ascii", MR__ENCODING_ASCII),
    SLICE("base64", MR__ENCODING_BASE64),
    SLICE("base64url", MR__ENCODING_BASE64URL),
    SLICE("latin1", MR__ENCODING_LATIN1),
    SLICE("hex", MR__ENCODING_HEX),
    SLICE("ucs2", MR__ENCODING_UTF16LE),
    SLICE("utf8", MR__ENCODING_UTF8),
    WRITE("ascii", MR__ENCODING_ASCII),
    WRITE("base64", MR__ENCODING_BASE64),
    WRITE("base64url", MR__ENCODING_BASE64URL),
    WRITE("latin1", MR__ENCODING_LATIN1),
    WRITE("hex", MR__ENCODING_HEX),
    WRITE("ucs2", MR__ENCODING_UTF16LE),
    WRITE("utf8", MR__ENCODING_UTF8),
    MR__METHOD("toString", 3, buffer_to_string),
    MR__METHOD_ALIAS("toLocaleString", "toString"),
    MR__METHOD("write", 4, buffer_write_string),
};

static const JSCFunctionListEntry statics[] = {
    MR__METHOD("byteLength", 2, buffer_byte_length),
};

int mr__js_buffer_text(JSContext *ctx, JSValueConst proto, JSValueConst constructor)
{
    if (JS_SetPropertyFunctionList(ctx, proto, methods, countof(methods)) < 0)
        return -1;
    return JS_SetPropertyFunctionList(ctx, constructor, statics, countof(statics));
}
