/* Decoding a stream of bytes piece by piece: what a piece leaves unfinished waits for the next. */
#include <string.h>

#include "base/memory.h"
#include "js/encoding.h"
#include "js/gate.h"
#include "js/process.h"

enum { LONGEST_TAIL = 3 };

struct decoder {
    mr__encoding encoding;
    size_t tail_len;
    uint8_t tail[LONGEST_TAIL];
};

static size_t utf8_tail(const uint8_t *bytes, size_t len)
{
    for (size_t back = 1; back <= LONGEST_TAIL && back <= len; back++) {
        uint8_t byte = bytes[len - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t whole = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return whole > back ? back : 0;
    }
    return 0;
}

/* An odd byte, and the first half of a surrogate pair. */
static size_t utf16_tail(const uint8_t *bytes, size_t len)
{
    size_t odd = len % 2;
    bool half = len >= 2 + odd && (bytes[len - odd - 1] & 0xFC) == 0xD8;
    return odd + (half ? 2 : 0);
}

static size_t tail_of(mr__encoding encoding, const uint8_t *bytes, size_t len)
{
    switch (encoding) {
    case MR__ENCODING_UTF8:
        return utf8_tail(bytes, len);
    case MR__ENCODING_UTF16LE:
        return utf16_tail(bytes, len);
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        return len % 3;
    default:
        return 0;
    }
}

static JSValue decode_piece(JSContext *ctx, struct decoder *decoder, const uint8_t *bytes,
                            size_t len, bool last)
{
    mr__bytes all = {0};
    mr__bytes_append(&all, decoder->tail, decoder->tail_len);
    mr__bytes_append(&all, bytes, len);
    if (all.failed) {
        mr__bytes_deinit(&all);
        return JS_ThrowOutOfMemory(ctx);
    }
    const uint8_t *data = (const uint8_t *)all.data;
    size_t keep = last ? 0 : tail_of(decoder->encoding, data, all.len);
    decoder->tail_len = keep;
    if (keep != 0)
        memcpy(decoder->tail, data + all.len - keep, keep);
    JSValue text = all.len == keep ? JS_NewStringLen(ctx, "", 0)
                                   : mr__js_decode(ctx, data, all.len - keep, decoder->encoding);
    mr__bytes_deinit(&all);
    return text;
}

/* (bytes or undefined, last) */
static JSValue decode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                      int magic, void *opaque)
{
    (void)this_val, (void)magic;
    size_t len = 0;
    const uint8_t *bytes = NULL;
    if (argc > 0 && JS_IsObject(argv[0])) {
        bytes = JS_GetUint8Array(ctx, &len, argv[0]);
        if (bytes == NULL)
            return JS_EXCEPTION;
    }
    bool last = argc > 1 && JS_ToBool(ctx, argv[1]) > 0;
    return decode_piece(ctx, opaque, bytes, len, last);
}

static mr__encoding encoding_of(JSContext *ctx, JSValueConst name)
{
    const char *text = JS_ToCString(ctx, name);
    mr__encoding encoding = text ? mr__encoding_of(text) : MR__ENCODING_UNKNOWN;
    JS_FreeCString(ctx, text);
    return encoding == MR__ENCODING_BYTES ? MR__ENCODING_UNKNOWN : encoding;
}

JSValue mr__js_new_decoder(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr__encoding encoding = encoding_of(ctx, argv[0]);
    if (encoding == MR__ENCODING_UNKNOWN)
        return JS_UNDEFINED;
    struct decoder *decoder = mr__alloc_zero(sizeof(*decoder));
    if (decoder == NULL)
        return JS_ThrowOutOfMemory(ctx);
    decoder->encoding = encoding;
    JSValue function = JS_NewCClosure(ctx, decode, NULL, mr__free, 2, 0, decoder);
    if (JS_IsException(function))
        mr__free(decoder);
    return function;
}

JSValue mr__js_encoding_name(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
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
    mr__encoding encoding = encoding_of(ctx, argv[0]);
    return encoding == MR__ENCODING_UNKNOWN ? JS_UNDEFINED : JS_NewString(ctx, names[encoding]);
}
