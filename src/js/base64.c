/* atob and btoa (HTML standard, 8.3; the forgiving decoding of Infra, 7). */
#include "base/memory.h"
#include "js/encoding.h"
#include "js/errors.h"
#include "js/gate.h"
#include "js/webapi.h"
#include "js/webidl.h"

enum { BAD = 64, SPACE = 65, PAD = 66 };

/* The value of a digit, or what else it is. */
static uint8_t class_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    if (c == '+' || c == '/')
        return c == '+' ? 62 : 63;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r')
        return SPACE;
    return c == '=' ? PAD : BAD;
}

/* The bytes that the text says, at most three quarters of len and two. Returns NULL, or what is wrong, in the
 * words of Node.js 20. */
static const char *decode_forgiving(const uint8_t *text, size_t len, uint8_t *out, size_t *out_len)
{
    size_t digits = 0, pads = 0, written = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t value = class_of(text[i]);
        if (value == SPACE)
            continue;
        if (value == PAD) {
            pads++;
            continue;
        }
        if (value == BAD || pads != 0)
            return "Invalid character";
        bits = bits << 6 | value;
        digits++;
        if (digits % 4 != 1)
            out[written++] = (uint8_t)(bits >> (digits % 4 == 2 ? 4 : digits % 4 == 3 ? 2 : 0));
    }
    *out_len = written;
    if (pads != 0 && (pads > 2 || (digits + pads) % 4 != 0))
        return "Invalid character";
    return digits % 4 == 1 ? "The string to be decoded is not correctly encoded." : NULL;
}

static JSValue atob(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    if (argc < 1)
        return mr__web_throw_missing(ctx, "input");
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (text == NULL)
        return JS_EXCEPTION;
    uint8_t *bytes = mr__alloc(len / 4 * 3 + 3);
    JSValue result;
    size_t count;
    const char *problem =
        bytes == NULL ? NULL : decode_forgiving((const uint8_t *)text, len, bytes, &count);
    if (bytes == NULL)
        result = JS_ThrowOutOfMemory(ctx);
    else if (problem == NULL)
        result = mr__js_decode(ctx, bytes, count, MR__ENCODING_LATIN1);
    else
        result = mr__js_throw_dom(ctx, "InvalidCharacterError", problem);
    mr__free(bytes);
    JS_FreeCString(ctx, text);
    return result;
}

/* The code units of UTF-8 text as bytes. false: one is above 255. */
static bool narrow(const uint8_t *text, size_t len, uint8_t *out, size_t *out_len)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text[i];
        if (c > 0xC3)
            return false;
        if (c >= 0xC0)
            c = (uint8_t)((c & 3) << 6 | (text[++i] & 0x3F));
        out[written++] = c;
    }
    *out_len = written;
    return true;
}

static JSValue btoa(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    if (argc < 1)
        return mr__web_throw_missing(ctx, "input");
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (text == NULL)
        return JS_EXCEPTION;
    uint8_t *bytes = mr__alloc(len + 1);
    JSValue result;
    size_t count;
    if (bytes == NULL)
        result = JS_ThrowOutOfMemory(ctx);
    else if (narrow((const uint8_t *)text, len, bytes, &count))
        result = mr__js_decode(ctx, bytes, count, MR__ENCODING_BASE64);
    else
        result = mr__js_throw_dom(ctx, "InvalidCharacterError", "Invalid character");
    mr__free(bytes);
    JS_FreeCString(ctx, text);
    return result;
}

int mr__js_base64_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry functions[] = {
        MR__WEB_METHOD("atob", 1, atob),
        MR__WEB_METHOD("btoa", 1, btoa),
    };
    return JS_SetPropertyFunctionList(js->ctx, global, functions, 2) < 0 ? -1 : 0;
}
