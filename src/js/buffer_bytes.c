/* Buffer's work on bytes: fill, copy, concat, parts, swaps and the JSON form. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/buffer.h"
#include "js/errors.h"
#include "js/gate.h"

/* ---- fill -------------------------------------------------------------------------------------*/

static JSValue throw_fill_value(JSContext *ctx, JSValueConst value)
{
    mr__bytes text = {0};
    if (mr__js_inspect(mr__js_of(ctx), &text, value, &mr__inspect_defaults) < 0) {
        mr__bytes_deinit(&text);
        return JS_EXCEPTION;
    }
    mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_VALUE",
                      "The argument 'value' is invalid. Received %s", mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
    return JS_EXCEPTION;
}

/* The pattern again and again. It may lie inside the place it fills. */
static void repeat(uint8_t *to, size_t len, const uint8_t *pattern, size_t pattern_len)
{
    size_t done = pattern_len < len ? pattern_len : len;
    if (done != 0)
        memmove(to, pattern, done);
    for (size_t step; done < len; done += step) {
        step = done < len - done ? done : len - done;
        memcpy(to + done, to, step);
    }
}

/* The encoding of a filling string; nothing and '' mean UTF-8. */
static int fill_encoding(JSContext *ctx, JSValueConst name)
{
    if (JS_IsUndefined(name) || JS_IsNull(name))
        return MR__ENCODING_UTF8;
    if (!JS_IsString(name)) {
        mr__js_throw_arg_type(ctx, "encoding", "of type string", name);
        return MR__ENCODING_THREW;
    }
    if (JS_ToBool(ctx, name) == 0)
        return MR__ENCODING_UTF8;
    int encoding = mr__js_encoding_named(ctx, name);
    if (encoding == MR__ENCODING_UNKNOWN) {
        mr__js_throw_encoding(ctx, name);
        return MR__ENCODING_THREW;
    }
    return encoding;
}

struct fill {
    JSValueConst buffer, value;
    int encoding;
    size_t start, end;
};

/* The part that is filled, as it is now. */
static mr__view fill_part(JSContext *ctx, const struct fill *fill)
{
    mr__view view = {NULL, 0};
    mr__js_view(ctx, fill->buffer, &view);
    size_t end = fill->end < view.len ? fill->end : view.len;
    if (fill->start >= end)
        return (mr__view){NULL, 0};
    return (mr__view){view.data + fill->start, end - fill->start};
}

static int fill_bytes(JSContext *ctx, const struct fill *fill, const uint8_t *bytes, size_t len)
{
    mr__view part = fill_part(ctx, fill);
    if (len == 0) {
        throw_fill_value(ctx, fill->value);
        return -1;
    }
    repeat(part.data, part.len, bytes, len);
    return 0;
}

static int fill_string(JSContext *ctx, const struct fill *fill)
{
    uint8_t *bytes, zero = 0;
    size_t len;
    if (JS_ToBool(ctx, fill->value) == 0)
        return fill_bytes(ctx, fill, &zero, 1);
    if (mr__js_encode(ctx, fill->value, (mr__encoding)fill->encoding, &bytes, &len) < 0)
        return -1;
    int failed = fill_bytes(ctx, fill, bytes, len);
    mr__free(bytes);
    return failed;
}

static int fill_with(JSContext *ctx, const struct fill *fill)
{
    mr__view source;
    uint32_t number;
    if (JS_IsString(fill->value))
        return fill_string(ctx, fill);
    if (mr__js_view(ctx, fill->value, &source))
        return fill_bytes(ctx, fill, source.data, source.len);
    if (JS_ToUint32(ctx, &number, fill->value) < 0)
        return -1;
    mr__view part = fill_part(ctx, fill);
    if (part.len != 0)
        memset(part.data, (int)(number & 0xFF), part.len);
    return 0;
}

JSValue mr__js_buffer_fill_all(mr_js *js, JSValueConst buffer, JSValueConst value,
                               JSValueConst encoding)
{
    struct fill fill = {buffer, value, MR__ENCODING_UTF8, 0, SIZE_MAX};
    if (JS_IsString(value))
        fill.encoding = fill_encoding(js->ctx, encoding);
    if (fill.encoding < 0 || fill_with(js->ctx, &fill) < 0)
        return JS_EXCEPTION;
    return JS_DupValue(js->ctx, buffer);
}

/* fill(value[, offset[, end]][, encoding]) */
static JSValue buffer_fill(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValueConst value = mr__js_arg(argc, argv, 0), offset = mr__js_arg(argc, argv, 1),
                 end = mr__js_arg(argc, argv, 2), name = mr__js_arg(argc, argv, 3);
    mr__view view;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    struct fill fill = {this_val, value, MR__ENCODING_UTF8, 0, view.len};
    if (JS_IsString(value)) {
        if (JS_IsUndefined(offset) || JS_IsString(offset)) {
            name = offset;
            offset = end = JS_UNDEFINED;
        } else if (JS_IsString(end)) {
            name = end;
            end = JS_UNDEFINED;
        }
        fill.encoding = fill_encoding(ctx, name);
        if (fill.encoding < 0)
            return JS_EXCEPTION;
    }
    if (!JS_IsUndefined(offset) &&
        (mr__js_check_integer(ctx, offset, "offset", MR__BUFFER_MAX_LENGTH, &fill.start) < 0 ||
         (!JS_IsUndefined(end) && mr__js_check_integer(ctx, end, "end", view.len, &fill.end) < 0)))
        return JS_EXCEPTION;
    if (!JS_IsUndefined(offset) && fill.start >= fill.end)
        return JS_DupValue(ctx, this_val);
    return fill_with(ctx, &fill) < 0 ? JS_EXCEPTION : JS_DupValue(ctx, this_val);
}

/* ---- copy and concat --------------------------------------------------------------------------*/

/* A place of copy(): whole, between 0 and max. */
static int copy_place(JSContext *ctx, JSValueConst value, const char *argument, double by_default,
                      double max, double *out_place)
{
    char expected[64] = ">= 0";
    *out_place = by_default;
    if (JS_IsUndefined(value))
        return 0;
    if (mr__js_to_floor(ctx, value, out_place) < 0)
        return -1;
    if (*out_place >= 0 && *out_place <= max)
        return 0;
    if (isfinite(max))
        snprintf(expected, sizeof(expected), ">= 0 && <= %.0f", max);
    mr__js_throw_range(ctx, argument, expected, JS_NewNumber(ctx, *out_place));
    return -1;
}

/* copy(target, targetStart, sourceStart, sourceEnd) */
static JSValue buffer_copy(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view source, target;
    double to, from, end;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_arg(ctx, this_val, "source", &source) < 0 ||
        mr__js_buffer_arg(ctx, mr__js_arg(argc, argv, 0), "target", &target) < 0 ||
        copy_place(ctx, mr__js_arg(argc, argv, 1), "targetStart", 0, INFINITY, &to) < 0 ||
        copy_place(ctx, mr__js_arg(argc, argv, 2), "sourceStart", 0, (double)source.len, &from) <
            0 ||
        copy_place(ctx, mr__js_arg(argc, argv, 3), "sourceEnd", (double)source.len, INFINITY,
                   &end) < 0)
        return JS_EXCEPTION;
    mr__js_view(ctx, this_val, &source); /* once more: the conversions may have run script */
    mr__js_view(ctx, argv[0], &target);
    end = end < (double)source.len ? end : (double)source.len;
    if (to >= (double)target.len || from >= end)
        return JS_NewInt32(ctx, 0);
    size_t count = (size_t)(end - from), room = target.len - (size_t)to;
    count = count < room ? count : room;
    memmove(target.data + (size_t)to, source.data + (size_t)from, count);
    return JS_NewInt64(ctx, (int64_t)count);
}

/* The lengths of all items, also of those that will be refused. */
static int total_length(JSContext *ctx, JSValueConst list, int64_t count, size_t *out_total)
{
    double total = 0;
    for (int64_t i = 0; i < count; i++) {
        double len = 0;
        JSValue item = JS_GetPropertyInt64(ctx, list, i);
        JSValue length =
            JS_IsException(item) ? JS_EXCEPTION : JS_GetPropertyStr(ctx, item, "length");
        JS_FreeValue(ctx, item);
        if (JS_IsException(length))
            return -1;
        if (JS_IsNumber(length))
            JS_ToFloat64(ctx, &len, length);
        JS_FreeValue(ctx, length);
        total += len > 0 ? len : 0;
    }
    JSValue size = JS_NewNumber(ctx, total);
    return mr__js_check_size(ctx, size, out_total);
}

/* Copy the items into the buffer, which holds them or is full before. The number of bytes. */
static int copy_items(JSContext *ctx, JSValueConst list, int64_t count, JSValueConst buffer,
                      size_t *out_done)
{
    char argument[48];
    for (int64_t i = 0; i < count; i++) {
        mr__view view, all = {NULL, 0};
        JSValue item = JS_GetPropertyInt64(ctx, list, i);
        snprintf(argument, sizeof(argument), "list[%lld]", (long long)i);
        int failed = JS_IsException(item) ? -1 : mr__js_buffer_arg(ctx, item, argument, &view);
        if (failed == 0) {
            mr__js_view(ctx, buffer, &all);
            size_t room = *out_done < all.len ? all.len - *out_done : 0;
            size_t part = view.len < room ? view.len : room;
            if (part != 0)
                memmove(all.data + *out_done, view.data, part);
            *out_done += part;
        }
        JS_FreeValue(ctx, item);
        if (failed != 0)
            return -1;
    }
    return 0;
}

/* Buffer.concat(list, length) */
static JSValue buffer_concat(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValueConst list = mr__js_arg(argc, argv, 0), length = mr__js_arg(argc, argv, 1);
    mr_js *js = mr__js_of(ctx);
    int64_t count;
    size_t total = 0, done = 0;
    (void)this_val;
    MR__JS_GATE(js);
    if (!JS_IsArray(list))
        return mr__js_throw_arg_type(ctx, "list", "an instance of Array", list);
    if (JS_GetLength(ctx, list, &count) < 0)
        return JS_EXCEPTION;
    if (count == 0)
        return mr__js_buffer_new(js, 0, NULL);
    if (JS_IsUndefined(length)
            ? total_length(ctx, list, count, &total) < 0
            : mr__js_check_integer(ctx, length, "length", MR__BUFFER_MAX_LENGTH, &total) < 0)
        return JS_EXCEPTION;
    JSValue buffer = mr__js_buffer_pooled(js, total, NULL);
    if (JS_IsException(buffer))
        return buffer;
    if (copy_items(ctx, list, count, buffer, &done) < 0) {
        JS_FreeValue(ctx, buffer);
        return JS_EXCEPTION;
    }
    mr__view all = {NULL, 0};
    mr__js_view(ctx, buffer, &all);
    if (done < all.len)
        memset(all.data + done, 0, all.len - done);
    return buffer;
}

/* ---- Parts ------------------------------------------------------------------------------------*/

/* An end of a part: negative counts from the end of the whole. */
static int part_end(JSContext *ctx, JSValueConst value, size_t len, size_t *out_end)
{
    double end;
    if (mr__js_to_trunc(ctx, value, &end) < 0)
        return -1;
    end = end < 0 ? end + (double)len : end;
    *out_end = end > 0 ? end < (double)len ? (size_t)end : len : 0;
    return 0;
}

/* subarray(start, end): a buffer on the same memory. */
static JSValue buffer_subarray(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    size_t start = 0, end, offset;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    end = view.len;
    if ((argc > 0 && part_end(ctx, argv[0], view.len, &start) < 0) ||
        (argc > 1 && !JS_IsUndefined(argv[1]) && part_end(ctx, argv[1], view.len, &end) < 0))
        return JS_EXCEPTION;
    JSValue memory = JS_GetTypedArrayBuffer(ctx, this_val, &offset, NULL, NULL);
    if (JS_IsException(memory))
        return memory;
    JSValue part = mr__js_buffer_on(js, memory, offset + start, end > start ? end - start : 0);
    JS_FreeValue(ctx, memory);
    return part;
}

/* slice(start, end): the receiver's own subarray, which is another one for a plain Uint8Array. */
static JSValue buffer_slice(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValueConst args[] = {mr__js_arg(argc, argv, 0), mr__js_arg(argc, argv, 1)};
    MR__JS_GATE(mr__js_of(ctx));
    JSValue subarray = JS_GetPropertyStr(ctx, this_val, "subarray");
    if (JS_IsException(subarray))
        return subarray;
    JSValue part = JS_Call(ctx, subarray, this_val, countof(args), args);
    JS_FreeValue(ctx, subarray);
    return part;
}

enum { PARENT, OFFSET };

/* Where the memory of a Buffer lies; undefined for what is none. */
static JSValue get_place(JSContext *ctx, JSValueConst this_val, int which)
{
    size_t offset;
    MR__JS_GATE(mr__js_of(ctx));
    int is_buffer = mr__js_is_uint8(this_val) ? mr__js_is_buffer(mr__js_of(ctx), this_val) : 0;
    if (is_buffer <= 0)
        return is_buffer < 0 ? JS_EXCEPTION : JS_UNDEFINED;
    JSValue memory = JS_GetTypedArrayBuffer(ctx, this_val, &offset, NULL, NULL);
    if (JS_IsException(memory) || which == PARENT)
        return memory;
    JS_FreeValue(ctx, memory);
    return JS_NewInt64(ctx, (int64_t)offset);
}

/* ---- Swaps and JSON ---------------------------------------------------------------------------*/

/* swap16, swap32, swap64: turn round the bytes of each word. */
static JSValue buffer_swap(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                           int width)
{
    mr__view view;
    (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    size_t word = (size_t)width;
    if (view.len % word != 0)
        return mr__js_throw_code(ctx, "RangeError", "ERR_INVALID_BUFFER_SIZE",
                                 "Buffer size must be a multiple of %d-bits", 8 * width);
    for (size_t at = 0; at < view.len; at += word) {
        for (size_t i = 0; i < word / 2; i++) {
            uint8_t byte = view.data[at + i];
            view.data[at + i] = view.data[at + word - 1 - i];
            view.data[at + word - 1 - i] = byte;
        }
    }
    return JS_DupValue(ctx, this_val);
}

static JSValue bytes_as_array(JSContext *ctx, const mr__view *view)
{
    JSValue array = JS_NewArray(ctx);
    for (size_t i = 0; i < view->len && !JS_IsException(array); i++) {
        if (JS_DefinePropertyValueUint32(ctx, array, (uint32_t)i, JS_NewInt32(ctx, view->data[i]),
                                         JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        }
    }
    return array;
}

/* { type: 'Buffer', data: [bytes] } */
static JSValue buffer_to_json(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_this(ctx, this_val, &view) < 0)
        return JS_EXCEPTION;
    JSValue json = JS_NewObject(ctx), data = bytes_as_array(ctx, &view);
    if (JS_IsException(json) || JS_IsException(data)) {
        JS_FreeValue(ctx, data);
    } else if (JS_DefinePropertyValueStr(ctx, json, "type", JS_NewString(ctx, "Buffer"),
                                         JS_PROP_C_W_E) < 0) {
        JS_FreeValue(ctx, data);
    } else if (JS_DefinePropertyValueStr(ctx, json, "data", data, JS_PROP_C_W_E) >= 0) {
        return json;
    }
    JS_FreeValue(ctx, json);
    return JS_EXCEPTION;
}

/* ---- The names --------------------------------------------------------------------------------*/

static const JSCFunctionListEntry methods[] = {
    JS_CGETSET_MAGIC_DEF2("parent", get_place, NULL, PARENT, JS_PROP_ENUMERABLE),
    JS_CGETSET_MAGIC_DEF2("offset", get_place, NULL, OFFSET, JS_PROP_ENUMERABLE),
    MR__METHOD("copy", 4, buffer_copy),
    MR__METHOD("fill", 4, buffer_fill),
    MR__METHOD("toJSON", 0, buffer_to_json),
    MR__METHOD("subarray", 2, buffer_subarray),
    MR__METHOD("slice", 2, buffer_slice),
    MR__METHOD_MAGIC("swap16", 0, buffer_swap, 2),
    MR__METHOD_MAGIC("swap32", 0, buffer_swap, 4),
    MR__METHOD_MAGIC("swap64", 0, buffer_swap, 8),
};

static const JSCFunctionListEntry statics[] = {
    MR__METHOD("concat", 2, buffer_concat),
};

int mr__js_buffer_bytes(JSContext *ctx, JSValueConst proto, JSValueConst constructor)
{
    if (JS_SetPropertyFunctionList(ctx, proto, methods, countof(methods)) < 0)
        return -1;
    return JS_SetPropertyFunctionList(ctx, constructor, statics, countof(statics));
}
