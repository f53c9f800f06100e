/* Text to bytes and back in the encodings that Node.js names.
 *
 * decode makes a string of bytes, encode makes bytes of a string. No input is refused: what an
 * encoding cannot say is replaced (utf8: U+FFFD per maximal ill-formed part, WHATWG Encoding),
 * masked (latin1, ascii), skipped (base64) or ends the text (hex). A byte-order mark stays. */
#ifndef MR_JS_ENCODING_H
#define MR_JS_ENCODING_H

#include <quickjs.h>

#include <stddef.h>
#include <stdint.h>

typedef enum mr__encoding {
    MR__ENCODING_UNKNOWN = -1,
    MR__ENCODING_BYTES = 0, /* none: the bytes themselves, as a Uint8Array */
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

/* A string of the bytes, or with MR__ENCODING_BYTES a Uint8Array with a copy. */
JSValue mr__js_decode(JSContext *ctx, const uint8_t *bytes, size_t len, mr__encoding encoding);

/* The bytes of a string (anything else is converted to one first). *out_bytes is owned (mr__free)
 * and NULL when there are none. -1 with an exception. */
int mr__js_encode(JSContext *ctx, JSValueConst text, mr__encoding encoding, uint8_t **out_bytes,
                  size_t *out_len);

#endif
