/* Decoding a stream of bytes piece by piece: what a piece leaves unfinished waits for the next. The
 * pieces of text are those of Node.js's StringDecoder. */
#include <string.h>

#include "base/memory.h"
#include "js/buffer.h"
#include "js/encoding.h"
#include "js/gate.h"
#include "js/process.h"

enum { LONGEST = 4 };

/* An unfinished character: kept bytes are here, missing ones are to come. */
struct decoder {
    mr__encoding encoding;
    size_t kept, missing;
    uint8_t bytes[LONGEST];
};

/* ---- Where a piece is cut ---------------------------------------------------------------------*/

/* How many bytes a lead byte announces; 0 for what is none. */
static size_t announced(uint8_t lead)
{
    if ((lead & 0xE0) == 0xC0)
        return 2;
    if ((lead & 0xF0) == 0xE0)
        return 3;
    return (lead & 0xF8) == 0xF0 ? 4 : 0;
}

static void cut_utf8(struct decoder *decoder, const uint8_t *bytes, size_t len)
{
    for (size_t back = 1; back <= LONGEST && back <= len; back++) {
        uint8_t byte = bytes[len - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t whole = announced(byte);
        decoder->kept = whole > back ? back : 0;
        decoder->missing = whole > back ? whole - back : 0;
        return;
    }
}

/* Note how many bytes at the end of a piece wait for more. */
static void cut(struct decoder *decoder, const uint8_t *bytes, size_t len)
{
    switch (decoder->encoding) {
    case MR__ENCODING_UTF8:
        cut_utf8(decoder, bytes, len);
        break;
    case MR__ENCODING_UTF16LE:
        if (len % 2 == 1)
            decoder->kept = decoder->missing = 1;
        else if ((bytes[len - 1] & 0xFC) == 0xD8)
            decoder->kept = decoder->missing = 2;
        break;
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        decoder->kept = len % 3;
        decoder->missing = decoder->kept > 0 ? 3 - decoder->kept : 0;
        break;
    default:
        break;
    }
}

/* ---- Text -------------------------------------------------------------------------------------*/

static JSValue text_of(JSContext *ctx, const struct decoder *decoder, const uint8_t *bytes,
                       size_t len)
{
    return mr__js_decode(ctx, bytes, len, decoder->encoding);
}

/* A continuation that does not come ends the character: what follows begins another one. */
static size_t continuations(const struct decoder *decoder, const uint8_t *bytes, size_t len)
{
    size_t count = 0, most = len < decoder->missing ? len : decoder->missing;
    if (decoder->encoding != MR__ENCODING_UTF8)
        return most;
    while (count < most && (bytes[count] & 0xC0) == 0x80)
        count++;
    return count;
}

/* The kept character with what the piece has of it; the number of bytes taken. *out_text is empty
 * while some are missing still. */
static size_t complete(JSContext *ctx, struct decoder *decoder, const uint8_t *bytes, size_t len,
                       JSValue *out_text)
{
    size_t taken = continuations(decoder, bytes, len);
    memcpy(decoder->bytes + decoder->kept, bytes, taken);
    decoder->kept += taken;
    bool broken = taken < len && taken < decoder->missing;
    decoder->missing = broken ? 0 : decoder->missing - taken;
    *out_text = JS_UNDEFINED;
    if (decoder->missing != 0)
        return taken;
    *out_text = text_of(ctx, decoder, decoder->bytes, decoder->kept);
    decoder->kept = 0;
    return taken;
}

static JSValue join(JSContext *ctx, JSValue first, JSValue second)
{
    mr__bytes all = {0};
    if (JS_IsUndefined(first) || JS_IsException(second)) {
        JS_FreeValue(ctx, first);
        return second;
    }
    JSValue parts[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        size_t count;
        const uint16_t *units = JS_ToCStringLenUTF16(ctx, &count, parts[i]);
        mr__bytes_append(&all, units, 2 * count);
        all.failed = all.failed || units == NULL;
        JS_FreeCStringUTF16(ctx, units);
        JS_FreeValue(ctx, parts[i]);
    }
    JSValue text =
        all.failed ? JS_ThrowOutOfMemory(ctx)
                   : JS_NewStringUTF16(ctx, (const uint16_t *)(const void *)all.data, all.len / 2);
    mr__bytes_deinit(&all);
    return text;
}

static JSValue decode_piece(JSContext *ctx, struct decoder *decoder, const uint8_t *bytes,
                            size_t len)
{
    JSValue first = JS_UNDEFINED;
    while (decoder->missing > 0 && len > 0 && JS_IsUndefined(first)) {
        size_t taken = complete(ctx, decoder, bytes, len, &first);
        bytes += taken;
        len -= taken;
    }
    if (JS_IsException(first))
        return first;
    if (len == 0)
        return JS_IsUndefined(first) ? JS_NewStringLen(ctx, "", 0) : first;
    cut(decoder, bytes, len);
    len -= decoder->kept;
    memcpy(decoder->bytes, bytes + len, decoder->kept);
    return join(ctx, first, text_of(ctx, decoder, bytes, len));
}

/* What is unfinished at the end, as far as it makes text. */
static JSValue finish(JSContext *ctx, struct decoder *decoder)
{
    size_t len = decoder->kept;
    if (decoder->encoding == MR__ENCODING_UTF16LE)
        len -= len % 2;
    decoder->kept = decoder->missing = 0;
    return text_of(ctx, decoder, decoder->bytes, len);
}

/* ---- The function that a script's object holds ------------------------------------------------*/

enum { NEED, TOTAL, CHARACTER, RESET };

static JSValue tell(JSContext *ctx, struct decoder *decoder, int what)
{
    switch (what) {
    case NEED:
        return JS_NewInt64(ctx, (int64_t)decoder->missing);
    case TOTAL:
        return JS_NewInt64(ctx, (int64_t)(decoder->missing + decoder->kept));
    case CHARACTER:
        return mr__js_buffer_copy(mr__js_of(ctx), decoder->bytes, LONGEST);
    default:
        decoder->kept = decoder->missing = 0;
        return JS_UNDEFINED;
    }
}

/* (bytes or undefined, last), or (what to tell) */
static JSValue decode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                      int magic, void *opaque)
{
    (void)this_val, (void)magic;
    struct decoder *decoder = opaque;
    JSValue text = JS_UNDEFINED;
    if (argc > 0 && JS_IsNumber(argv[0]))
        return tell(ctx, decoder, JS_VALUE_GET_INT(argv[0]));
    if (argc > 0 && JS_IsObject(argv[0])) {
        mr__view view;
        if (mr__js_buffer_this(ctx, argv[0], &view) < 0)
            return JS_EXCEPTION;
        text = decode_piece(ctx, decoder, view.data, view.len);
    }
    if (argc > 1 && JS_ToBool(ctx, argv[1]) > 0 && !JS_IsException(text))
        text = join(ctx, text, finish(ctx, decoder));
    return JS_IsUndefined(text) ? JS_NewStringLen(ctx, "", 0) : text;
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
