/* crypto: getRandomValues and randomUUID (Web Cryptography). The bytes come from the kernel; simulated,
 * from the seed. There is one object a runtime, made when it is asked for. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "js/errors.h"
#include "js/gate.h"
#include "js/simulation.h"
#include "js/webapi.h"

enum { QUOTA = 65536, AT_ONCE = 256, UUID_BYTES = 16, UUID_CHARS = 36 };

/* ---- Chance -----------------------------------------------------------------------------------*/

static void fill_simulated(mr_js *js, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        uint64_t word = mr__js_chance(js);
        size_t take = len < sizeof(word) ? len : sizeof(word);
        for (size_t i = 0; i < take; i++)
            bytes[i] = (uint8_t)(word >> (8 * i));
        bytes += take;
        len -= take;
    }
}

/* 0 or an errno. getentropy gives at most 256 bytes at once. */
static int fill_real(uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t take = len < AT_ONCE ? len : AT_ONCE;
        if (getentropy(bytes, take) != 0)
            return errno;
        bytes += take;
        len -= take;
    }
    return 0;
}

static int fill(mr_js *js, uint8_t *bytes, size_t len)
{
    int err = 0;
    if (js->simulation != NULL)
        fill_simulated(js, bytes, len);
    else
        err = fill_real(bytes, len);
    if (err == 0)
        return 0;
    mr__js_throw_errno(js->ctx, err, "getentropy", NULL, NULL);
    return -1;
}

/* ---- Methods ----------------------------------------------------------------------------------*/

static bool is_crypto(mr_js *js, JSValueConst value)
{
    return JS_GetClassID(value) == js->webapi->crypto.id;
}

static bool is_integer_array(JSValueConst value)
{
    int type = JS_GetTypedArrayType(value);
    return type >= 0 && type != JS_TYPED_ARRAY_FLOAT16 && type != JS_TYPED_ARRAY_FLOAT32 &&
           type != JS_TYPED_ARRAY_FLOAT64;
}

static JSValue get_random_values(JSContext *ctx, JSValueConst this_val, int argc,
                                 JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!is_crypto(js, this_val))
        return mr__web_throw_this(ctx, "Crypto");
    if (argc < 1)
        return mr__web_throw_missing(ctx, "array");
    if (!is_integer_array(argv[0]))
        return mr__js_throw_dom(ctx, "TypeMismatchError",
                                "The data argument must be an integer-type TypedArray");
    uint8_t *bytes;
    size_t len;
    mr__web_bytes(js, argv[0], &bytes, &len);
    if (len > QUOTA)
        return mr__js_throw_dom(ctx, "QuotaExceededError",
                                "The requested length exceeds 65,536 bytes");
    return fill(js, bytes, len) < 0 ? JS_EXCEPTION : JS_DupValue(ctx, argv[0]);
}

/* Version 4, variant 1 (RFC 9562, 5.4). */
static void write_uuid(uint8_t bytes[UUID_BYTES], char out[UUID_CHARS])
{
    static const char digits[] = "0123456789abcdef";
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
}

static JSValue random_uuid(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!is_crypto(js, this_val))
        return mr__web_throw_this(ctx, "Crypto");
    uint8_t bytes[UUID_BYTES];
    char text[UUID_CHARS];
    if (fill(js, bytes, sizeof(bytes)) < 0)
        return JS_EXCEPTION;
    write_uuid(bytes, text);
    return JS_NewStringLen(ctx, text, sizeof(text));
}

/* ---- The object and its class -----------------------------------------------------------------*/

static JSValue get_crypto(JSContext *ctx, JSValueConst this_val)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue global = JS_GetGlobalObject(ctx);
    bool ours =
        JS_IsUndefined(this_val) || JS_IsNull(this_val) || JS_IsStrictEqual(ctx, this_val, global);
    JS_FreeValue(ctx, global);
    if (!ours) /* an attribute of the global object, as in Web IDL */
        return mr__web_throw_this(ctx, "the global object");
    JSValue *object = &js->webapi->crypto_object;
    if (JS_IsUndefined(*object)) {
        JSValue made = JS_NewObjectClass(ctx, js->webapi->crypto.id);
        if (JS_IsException(made))
            return made;
        *object = made;
    }
    return JS_DupValue(ctx, *object);
}

int mr__js_crypto_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry members[] = {
        MR__WEB_METHOD("getRandomValues", 1, get_random_values),
        MR__WEB_METHOD("randomUUID", 0, random_uuid),
        MR__WEB_TAG("Crypto"),
    };
    static const JSCFunctionListEntry name = {
        "crypto",
        JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
        JS_DEF_CGETSET,
        0,
        {.getset = {{.getter = get_crypto}, {.setter = NULL}}}};
    const mr__web_interface crypto = {
        .name = "Crypto", .constructor = mr__web_illegal, .members = members, .member_count = 3};
    return mr__web_define(js, global, &crypto, NULL, &js->webapi->crypto) < 0 ||
                   JS_SetPropertyFunctionList(js->ctx, global, &name, 1) < 0
               ? -1
               : 0;
}
