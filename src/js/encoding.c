#include "js/encoding.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/memory.h"
#include "js/buffer.h"

static const struct {
    const char name[10];
    mr__encoding encoding;
} names[] = {
    {"utf8", MR__ENCODING_UTF8},       {"utf-8", MR__ENCODING_UTF8},
    {"utf16le", MR__ENCODING_UTF16LE}, {"utf-16le", MR__ENCODING_UTF16LE},
    {"ucs2", MR__ENCODING_UTF16LE},    {"ucs-2", MR__ENCODING_UTF16LE},
    {"latin1", MR__ENCODING_LATIN1},   {"binary", MR__ENCODING_LATIN1},
    {"ascii", MR__ENCODING_ASCII},     {"hex", MR__ENCODING_HEX},
    {"base64", MR__ENCODING_BASE64},   {"base64url", MR__ENCODING_BASE64URL},
    {"buffer", MR__ENCODING_BYTES},
};

mr__encoding mr__encoding_of(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool maybe = (names[i].name[0] ^ name[0]) % 0x20 == 0;
        if (maybe && strcasecmp(names[i].name, name) == 0)
            return names[i].encoding;
    }
    return MR__ENCODING_UNKNOWN;
}

/* ---- UTF-8 ------------------------------------------------------------------------------------*/

static size_t ascii_prefix(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    for (uint64_t word; len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < len && bytes[i] < 0x80)
        i++;
    return i;
}

/* The lead byte's sequence: its length (0: no lead byte) and the bounds of its second byte, which
 * exclude overlong forms, surrogates and what lies above U+10FFFF (Unicode 15, table 3-7). */
static size_t sequence_of(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* The length of the well-formed sequence at the start of bytes; 0 when there is none, and then
 * *bad is the length of the maximal part that one U+FFFD stands for. */
static size_t take_sequence(const uint8_t *bytes, size_t len, size_t *bad)
{
    uint8_t low, high;
    size_t need = sequence_of(bytes[0], &low, &high);
    *bad = 1;
    if (need == 0)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if (i == len || bytes[i] < low || bytes[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
        *bad = i + 1;
    }
    return need;
}

static size_t well_formed_prefix(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    for (;;) {
        i += ascii_prefix(bytes + i, len - i);
        size_t bad, taken = i < len ? take_sequence(bytes + i, len - i, &bad) : 0;
        if (taken == 0)
            return i;
        i += taken;
    }
}

bool mr__is_utf8(const uint8_t *bytes, size_t len)
{
    return well_formed_prefix(bytes, len) == len;
}

bool mr__is_ascii(const uint8_t *bytes, size_t len)
{
    return ascii_prefix(bytes, len) == len;
}

/* Write what is well-formed, and U+FFFD for the rest. Each byte makes at most three. */
static size_t repair(const uint8_t *bytes, size_t len, uint8_t *out)
{
    size_t written = 0;
    for (size_t i = 0; i < len;) {
        size_t good = well_formed_prefix(bytes + i, len - i);
        memcpy(out + written, bytes + i, good);
        written += good;
        i += good;
        if (i == len)
            break;
        size_t bad;
        take_sequence(bytes + i, len - i, &bad);
        memcpy(out + written, "\xEF\xBF\xBD", 3);
        written += 3;
        i += bad;
    }
    return written;
}

static JSValue decode_utf8(JSContext *ctx, const uint8_t *bytes, size_t len)
{
    size_t good = well_formed_prefix(bytes, len);
    if (good == len)
        return JS_NewStringLen(ctx, (const char *)bytes, len);
    uint8_t *fixed = len < SIZE_MAX / 3 ? mr__alloc(good + 3 * (len - good)) : NULL;
    if (fixed == NULL)
        return JS_ThrowOutOfMemory(ctx);
    memcpy(fixed, bytes, good);
    size_t fixed_len = good + repair(bytes + good, len - good, fixed + good);
    JSValue text = JS_NewStringLen(ctx, (const char *)fixed, fixed_len);
    mr__free(fixed);
    return text;
}

void mr__utf8_repair_surrogates(uint8_t *bytes, size_t len)
{
    uint8_t *at = bytes, *end = bytes + len;
    while (end - at >= 3 && (at = memchr(at, 0xED, (size_t)(end - at) - 2)) != NULL) {
        if (at[1] >= 0xA0)
            memcpy(at, "\xEF\xBF\xBD", 3);
        at += 3;
    }
}

size_t mr__utf8_tail(const uint8_t *bytes, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        const uint8_t *lead = bytes + len - back;
        if ((*lead & 0xC0) == 0x80)
            continue;
        uint8_t low, high;
        size_t bad;
        return sequence_of(*lead, &low, &high) > back && take_sequence(lead, back, &bad) == 0 &&
                       bad == back
                   ? back
                   : 0;
    }
    return 0;
}

/* ---- Single bytes and UTF-16 ------------------------------------------------------------------*/

/* Through UTF-8, in which the engine finds out by itself that one byte a character is enough. */
static JSValue decode_single(JSContext *ctx, const uint8_t *bytes, size_t len, uint8_t mask)
{
    if (mr__is_ascii(bytes, len))
        return JS_NewStringLen(ctx, (const char *)bytes, len);
    uint8_t *utf8 = len < SIZE_MAX / 2 ? mr__alloc(2 * len) : NULL;
    if (utf8 == NULL)
        return JS_ThrowOutOfMemory(ctx);
    size_t written = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i] & mask;
        if (c >= 0x80)
            utf8[written++] = (uint8_t)(0xC0 | c >> 6);
        utf8[written++] = c < 0x80 ? c : (uint8_t)(0x80 | (c & 0x3F));
    }
    JSValue text = JS_NewStringLen(ctx, (const char *)utf8, written);
    mr__free(utf8);
    return text;
}

static JSValue decode_utf16le(JSContext *ctx, const uint8_t *bytes, size_t len)
{
    size_t units = len / 2;
    uint16_t *text = mr__alloc(units * 2 + 2);
    if (text == NULL)
        return JS_ThrowOutOfMemory(ctx);
    for (size_t i = 0; i < units; i++)
        text[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    JSValue value = JS_NewStringUTF16(ctx, text, units);
    mr__free(text);
    return value;
}

/* ---- Hexadecimal and base64 (RFC 4648) --------------------------------------------------------*/

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t write_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return 2 * len;
}

static size_t write_base64(const uint8_t *bytes, size_t len, const char *digits, bool pad,
                           char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0u) |
                         (left > 2 ? bytes[i + 2] : 0u);
        size_t used = left > 2 ? 4 : left + 1;
        for (size_t k = 0; k < used; k++)
            out[written++] = digits[group >> (18 - 6 * k) & 63];
        for (size_t k = used; pad && k < 4; k++)
            out[written++] = '=';
    }
    return written;
}

static JSValue decode_digits(JSContext *ctx, const uint8_t *bytes, size_t len,
                             mr__encoding encoding)
{
    char *text = len < SIZE_MAX / 4 ? mr__alloc(2 * len + 4) : NULL;
    if (text == NULL)
        return JS_ThrowOutOfMemory(ctx);
    size_t written;
    if (encoding == MR__ENCODING_HEX)
        written = write_hex(bytes, len, text);
    else if (encoding == MR__ENCODING_BASE64)
        written = write_base64(bytes, len, base64_digits, true, text);
    else
        written = write_base64(bytes, len, base64url_digits, false, text);
    JSValue value = JS_NewStringLen(ctx, text, written);
    mr__free(text);
    return value;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of digits, up to the first that is none. Both readers count only when out is NULL. */
static size_t read_hex(const uint8_t *text, size_t len, uint8_t *out, size_t room)
{
    size_t written = 0;
    for (; len - 2 * written >= 2 && written < room; written++) {
        int high = hex_digit(text[2 * written]), low = hex_digit(text[2 * written + 1]);
        if (high < 0 || low < 0)
            break;
        if (out != NULL)
            out[written] = (uint8_t)(high << 4 | low);
    }
    return written;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Both alphabets; what is no digit is skipped, '=' ends the text. */
static size_t read_base64(const uint8_t *text, size_t len, uint8_t *out, size_t room)
{
    size_t written = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < len && text[i] != '=' && written < room; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            continue;
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            if (out != NULL)
                out[written] = (uint8_t)(bits >> count);
            written++;
        }
    }
    return written;
}

/* ---- The two doors ----------------------------------------------------------------------------*/

JSValue mr__js_decode(JSContext *ctx, const uint8_t *bytes, size_t len, mr__encoding encoding)
{
    if (encoding == MR__ENCODING_BYTES)
        return mr__js_buffer_copy(mr__js_of(ctx), bytes, len);
    if (len == 0)
        return JS_NewStringLen(ctx, "", 0);
    switch (encoding) {
    case MR__ENCODING_UTF16LE:
        return decode_utf16le(ctx, bytes, len);
    case MR__ENCODING_LATIN1:
        return decode_single(ctx, bytes, len, 0xFF);
    case MR__ENCODING_ASCII:
        return decode_single(ctx, bytes, len, 0x7F);
    case MR__ENCODING_HEX:
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        return decode_digits(ctx, bytes, len, encoding);
    default:
        return decode_utf8(ctx, bytes, len);
    }
}

/* ---- Text to bytes ----------------------------------------------------------------------------*/

static bool is_by_unit(mr__encoding encoding)
{
    return encoding == MR__ENCODING_LATIN1 || encoding == MR__ENCODING_ASCII ||
           encoding == MR__ENCODING_UTF16LE;
}

static size_t write_units(const uint16_t *units, size_t count, bool wide, uint8_t *out)
{
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        out[written++] = (uint8_t)units[i];
        if (wide)
            out[written++] = (uint8_t)(units[i] >> 8);
    }
    return written;
}

/* Node.js takes the low byte of a wide character for a digit: so a text that is not ASCII is read
 * by units here, and what was begun with its UTF-8 is begun anew. */
static int narrow_digits(JSContext *ctx, JSValueConst text, mr__encoder *encoder)
{
    if (mr__is_ascii((const uint8_t *)encoder->utf8, encoder->len))
        return 0;
    JS_FreeCString(ctx, encoder->utf8);
    encoder->utf8 = NULL;
    const uint16_t *units = JS_ToCStringLenUTF16(ctx, &encoder->len, text);
    if (units == NULL)
        return -1;
    encoder->digits = mr__alloc(encoder->len);
    if (encoder->digits != NULL)
        write_units(units, encoder->len, false, encoder->digits);
    else
        JS_ThrowOutOfMemory(ctx);
    JS_FreeCStringUTF16(ctx, units);
    return encoder->digits == NULL ? -1 : 0;
}

int mr__encoder_begin(JSContext *ctx, JSValueConst text, mr__encoding encoding,
                      mr__encoder *out_encoder)
{
    mr__encoder encoder = {.encoding = encoding};
    if (is_by_unit(encoding))
        encoder.units = JS_ToCStringLenUTF16(ctx, &encoder.len, text);
    else
        encoder.utf8 = JS_ToCStringLen(ctx, &encoder.len, text);
    if (encoder.units == NULL && encoder.utf8 == NULL)
        return -1;
    if (encoder.utf8 != NULL && encoding != MR__ENCODING_UTF8 &&
        narrow_digits(ctx, text, &encoder) < 0)
        return -1;
    *out_encoder = encoder;
    return 0;
}

void mr__encoder_end(JSContext *ctx, mr__encoder *encoder)
{
    if (encoder->units != NULL)
        JS_FreeCStringUTF16(ctx, encoder->units);
    JS_FreeCString(ctx, encoder->utf8);
    mr__free(encoder->digits);
    encoder->units = NULL;
    encoder->utf8 = NULL;
    encoder->digits = NULL;
}

static const uint8_t *text_of(const mr__encoder *encoder)
{
    return encoder->digits != NULL ? encoder->digits : (const uint8_t *)encoder->utf8;
}

size_t mr__encoder_size(const mr__encoder *encoder)
{
    const uint8_t *text = text_of(encoder);
    switch (encoder->encoding) {
    case MR__ENCODING_UTF16LE:
        return 2 * encoder->len;
    case MR__ENCODING_HEX:
        return read_hex(text, encoder->len, NULL, SIZE_MAX);
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        return read_base64(text, encoder->len, NULL, SIZE_MAX);
    default:
        return encoder->len;
    }
}

static size_t write_utf8(const uint8_t *text, size_t len, uint8_t *out, size_t room)
{
    if (len > room) {
        len = room;
        while (len > 0 && (text[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(out, text, len);
    mr__utf8_repair_surrogates(out, len);
    return len;
}

size_t mr__encoder_write(const mr__encoder *encoder, uint8_t *out, size_t room)
{
    const uint8_t *text = text_of(encoder);
    size_t len = encoder->len;
    bool wide = encoder->encoding == MR__ENCODING_UTF16LE;
    size_t most = wide ? room / 2 : room;
    if (room == 0 || len == 0)
        return 0;
    switch (encoder->encoding) {
    case MR__ENCODING_HEX:
        return read_hex(text, len, out, room);
    case MR__ENCODING_BASE64:
    case MR__ENCODING_BASE64URL:
        return read_base64(text, len, out, room);
    case MR__ENCODING_LATIN1:
    case MR__ENCODING_ASCII:
    case MR__ENCODING_UTF16LE:
        return write_units(encoder->units, len < most ? len : most, wide, out);
    default:
        return write_utf8(text, len, out, room);
    }
}

/* No encoding makes more than two bytes of a unit, or more than it read of UTF-8. */
int mr__js_encode(JSContext *ctx, JSValueConst text, mr__encoding encoding, uint8_t **out_bytes,
                  size_t *out_len)
{
    MR_ASSERT(encoding >= 0 && encoding < MR__ENCODING_COUNT);
    mr__encoder encoder;
    if (mr__encoder_begin(ctx, text, encoding, &encoder) < 0)
        return -1;
    size_t room = encoder.units != NULL ? 2 * encoder.len : encoder.len;
    uint8_t *bytes = room == 0 ? NULL : mr__alloc(room);
    bool failed = room != 0 && bytes == NULL;
    size_t len = failed ? 0 : mr__encoder_write(&encoder, bytes, room);
    mr__encoder_end(ctx, &encoder);
    if (failed) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    *out_bytes = bytes;
    *out_len = len;
    return 0;
}
