/* What Buffer's library files need of the C side. Their arguments are checked there: what is asserted
 * about them here, a script cannot break. */
#include <string.h>

#include "base/macros.h"
#include "js/buffer.h"
#include "js/gate.h"

/* (value, length): a buffer of the elements of something like an array, each made a number. */
static JSValue from_items(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    mr__view view;
    uint8_t *data;
    double length;
    (void)this_val, (void)argc;
    MR__JS_GATE(js);
    if (JS_ToFloat64(ctx, &length, argv[1]) < 0)
        return JS_EXCEPTION;
    JSValue size = JS_NewFloat64(ctx, length > 0 ? length : 0);
    size_t count;
    if (mr__js_check_size(ctx, size, &count) < 0)
        return JS_EXCEPTION;
    JSValue buffer = mr__js_buffer_pooled(js, count, &data);
    if (JS_IsException(buffer))
        return buffer;
    if (mr__js_is_uint8(argv[0]) && mr__js_view(ctx, argv[0], &view) && view.len == count) {
        if (count != 0)
            memcpy(data, view.data, count);
        return buffer;
    }
    for (size_t i = 0; i < count; i++) {
        JSValue item = JS_GetPropertyInt64(ctx, argv[0], (int64_t)i);
        if (JS_IsException(item) || JS_SetPropertyInt64(ctx, buffer, (int64_t)i, item) < 0) {
            JS_FreeValue(ctx, buffer);
            return JS_EXCEPTION;
        }
    }
    return buffer;
}

/* (view, start, end): a buffer with a copy of these bytes. */
static JSValue copy_bytes(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    int64_t start, end;
    uint8_t *data;
    (void)this_val, (void)argc;
    if (!mr__js_view(ctx, argv[0], &view) || JS_ToInt64(ctx, &start, argv[1]) < 0 ||
        JS_ToInt64(ctx, &end, argv[2]) < 0)
        return JS_EXCEPTION;
    end = end < (int64_t)view.len ? end : (int64_t)view.len;
    size_t len = start < end ? (size_t)(end - start) : 0;
    JSValue buffer = mr__js_buffer_pooled(mr__js_of(ctx), len, &data);
    if (data != NULL && len != 0)
        memcpy(data, view.data + start, len);
    return buffer;
}

/* (view, count): the first bytes in hexadecimal with spaces between. */
static JSValue spaced_hex(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    double count;
    mr__bytes text = {0};
    (void)this_val, (void)argc;
    if (mr__js_buffer_this(ctx, argv[0], &view) < 0 || JS_ToFloat64(ctx, &count, argv[1]) < 0)
        return JS_EXCEPTION;
    size_t shown = count < (double)view.len ? (size_t)count : view.len;
    for (size_t i = 0; i < shown; i++)
        mr__bytes_printf(&text, i == 0 ? "%02x" : " %02x", (unsigned)view.data[i]);
    JSValue result = text.failed ? JS_ThrowOutOfMemory(ctx)
                                 : JS_NewStringLen(ctx, text.len == 0 ? "" : text.data, text.len);
    mr__bytes_deinit(&text);
    return result;
}

/* (arrayBuffer): its length, whatever a script made of the getter. */
static JSValue byte_length(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    size_t len;
    (void)this_val, (void)argc;
    if (JS_GetArrayBuffer(ctx, &len, argv[0]) == NULL) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        len = 0;
    }
    return JS_NewInt64(ctx, (int64_t)len);
}

/* (text, encoding) */
static JSValue encode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return mr__js_buffer_from_string(mr__js_of(ctx), argv[0], argv[1]);
}

/* (view, encoding), which exists */
static JSValue decode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view view;
    (void)this_val, (void)argc;
    int encoding = mr__js_encoding_named(ctx, argv[1]);
    if (encoding < 0 || mr__js_buffer_this(ctx, argv[0], &view) < 0)
        return JS_EXCEPTION;
    return mr__js_decode(ctx, view.data, view.len, (mr__encoding)encoding);
}

/* (name): the one name of an encoding, utf8 for none, undefined if there is no such encoding. */
static JSValue encoding_name(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    static const char *const names[MR__ENCODING_COUNT] = {
        [MR__ENCODING_UTF8] = "utf8",
        [MR__ENCODING_UTF16LE] = "utf16le",
        [MR__ENCODING_LATIN1] = "latin1",
        [MR__ENCODING_ASCII] = "ascii",
        [MR__ENCODING_HEX] = "hex",
        [MR__ENCODING_BASE64] = "base64",
        [MR__ENCODING_BASE64URL] = "base64url",
    };
    (void)this_val, (void)argc;
    bool none = JS_IsUndefined(argv[0]) || JS_IsNull(argv[0]) ||
                (JS_IsString(argv[0]) && JS_ToBool(ctx, argv[0]) == 0);
    int encoding = none ? (int)MR__ENCODING_UTF8 : MR__ENCODING_UNKNOWN;
    if (!none && JS_IsString(argv[0]))
        encoding = mr__js_encoding_named(ctx, argv[0]);
    return encoding < 0 ? JS_UNDEFINED : JS_NewString(ctx, names[encoding]);
}

int mr__js_binding_buffer(mr_js *js, JSValueConst target)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_DEF("fromItems", 2, from_items),
        JS_CFUNC_DEF("copyBytes", 3, copy_bytes),
        JS_CFUNC_DEF("spacedHex", 2, spaced_hex),
        JS_CFUNC_DEF("byteLength", 1, byte_length),
        JS_CFUNC_DEF("encode", 2, encode),
        JS_CFUNC_DEF("decode", 2, decode),
        JS_CFUNC_DEF("encodingName", 1, encoding_name),
        JS_CFUNC_MAGIC_DEF("isUtf8", 1, mr__js_buffer_is_utf8, 0),
        JS_CFUNC_MAGIC_DEF("isAscii", 1, mr__js_buffer_is_utf8, 1),
        JS_PROP_DOUBLE_DEF("kMaxLength", (double)MR__BUFFER_MAX_LENGTH, JS_PROP_C_W_E),
        JS_PROP_INT32_DEF("kStringMaxLength", MR__BUFFER_MAX_STRING, JS_PROP_C_W_E),
    };
    if (JS_SetPropertyFunctionList(js->ctx, target, functions, countof(functions)) < 0)
        return -1;
    return mr__js_buffer_classes(js, target);
}
