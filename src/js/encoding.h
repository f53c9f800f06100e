/* Text to bytes and back in the encodings that Node.js names.
 *
 * decode makes a string of bytes, encode makes bytes of a string. No input is refused: what an
 * encoding cannot say is replaced (utf8: U+FFFD per maximal ill-formed part, WHATWG Encoding),
 * masked (latin1, ascii), skipped (base64) or ends the text (hex). A byte-order mark stays. */
#ifndef MR_JS_ENCODING_H
#define MR_JS_ENCODING_H

#include <quickjs.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mr__encoding {
    MR__ENCODING_UNKNOWN = -1,
    MR__ENCODING_BYTES = 0, /* none: the bytes themselves, as a Buffer */
    MR__ENCODING_UTF8,
    MR__ENCODING_UTF16LE,
    MR__ENCODING_LATIN1,
    MR__ENCODING_ASCII,
    MR__ENCODING_HEX,
    MR__ENCODING_BASE64,
    MR__ENCODING_BASE64URL,
    MR__ENCODING_COUNT
} mr__encoding;

/* By name, in any case: utf8 utf-8 ucs2 ucs-2 utf16le utf-16le latin1 binary ascii hex base64
 * base64url, and buffer for MR__ENCODING_BYTES. */
mr__encoding mr__encoding_of(const char *name);

/* A string of the bytes, or with MR__ENCODING_BYTES a Buffer with a copy. */
JSValue mr__js_decode(JSContext *ctx, const uint8_t *bytes, size_t len, mr__encoding encoding);

/* The bytes of a string (anything else is converted to one first). *out_bytes is owned (mr__free)
 * and NULL when there are none. -1 with an exception. */
int mr__js_encode(JSContext *ctx, JSValueConst text, mr__encoding encoding, uint8_t **out_bytes,
                  size_t *out_len);

/* Whether the bytes are well-formed UTF-8, or all below 0x80. */
bool mr__is_utf8(const uint8_t *bytes, size_t len);
bool mr__is_ascii(const uint8_t *bytes, size_t len);

/* A string read once, to ask for its length in bytes and then for the bytes. Between begin, which
 * may run script when text is no string, and end nothing runs. */
typedef struct mr__encoder {
    mr__encoding encoding;
    const char *utf8;
    const uint16_t *units; /* in place of utf8 where one unit makes one or two bytes */
    uint8_t *digits;       /* in place of utf8: owned, the low bytes of the units */
    size_t len;            /* of whichever it is */
} mr__encoder;
int mr__encoder_begin(JSContext *ctx, JSValueConst text, mr__encoding encoding,
                      mr__encoder *out_encoder);
void mr__encoder_end(JSContext *ctx, mr__encoder *encoder);
/* How many bytes all of it makes. */
size_t mr__encoder_size(const mr__encoder *encoder);
/* Write as many bytes as there is room for, no part of a character; the number written. */
size_t mr__encoder_write(const mr__encoder *encoder, uint8_t *out, size_t room);

/* How many bytes at the end are the beginning of a well-formed sequence that is not whole. */
size_t mr__utf8_tail(const uint8_t *bytes, size_t len);
/* The engine writes a lone surrogate as three bytes; put U+FFFD there, which takes as many. */
void mr__utf8_repair_surrogates(uint8_t *bytes, size_t len);

#endif
