/* TextEncoder and TextDecoder (Encoding standard) for UTF-8 and the two forms of UTF-16. */
#include <string.h>

#include "base/memory.h"
#include "js/encoding.h"
#include "js/errors.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/webapi.h"
#include "js/webidl.h"

/* ---- TextEncoder ------------------------------------------------------------------------------*/

static bool is_encoder(mr_js *js, JSValueConst value)
{
    return JS_GetClassID(value) == js->webapi->encoder.id;
}

static JSValue new_encoder(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return mr__web_construct(ctx, new_target, js->webapi->encoder.id, NULL);
}

static JSValue encoder_encoding(JSContext *ctx, JSValueConst this_val, int magic)
{
    (void)magic;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return is_encoder(js, this_val) ? JS_NewString(ctx, "utf-8")
                                    : mr__web_throw_this(ctx, "TextEncoder");
}

static JSValue encode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!is_encoder(js, this_val))
        return mr__web_throw_this(ctx, "TextEncoder");
    if (argc < 1 || JS_IsUndefined(argv[0]))
        return JS_NewUint8ArrayCopy(ctx, NULL, 0);
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (text == NULL)
        return JS_EXCEPTION;
    JSValue array = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, len);
    JS_FreeCString(ctx, text);
    uint8_t *bytes = JS_IsException(array) ? NULL : JS_GetUint8Array(ctx, &len, array);
    if (bytes != NULL)
        mr__utf8_repair_surrogates(bytes, len);
    return array;
}

/* How much of the text fits into room bytes, whole characters only, and how many UTF-16 units that
 * is. */
static size_t fitting(const uint8_t *text, size_t len, size_t room, size_t *out_units)
{
    size_t taken = len < room ? len : room;
    while (taken < len && taken > 0 && (text[taken] & 0xC0) == 0x80)
        taken--;
    size_t units = 0;
    for (size_t i = 0; i < taken; i++)
        units += (text[i] & 0xC0) == 0x80 ? 0u : text[i] >= 0xF0 ? 2u : 1u;
    *out_units = units;
    return taken;
}

static JSValue new_counts(JSContext *ctx, size_t read, size_t written)
{
    static const char *const names[] = {"read", "written"};
    const JSValue values[] = {JS_NewInt64(ctx, (int64_t)read), JS_NewInt64(ctx, (int64_t)written)};
    return mr__web_object(ctx, 2, names, values);
}

/* The conversion of the first argument may run script: the room is measured after it. */
static JSValue encode_into(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (!is_encoder(js, this_val))
        return mr__web_throw_this(ctx, "TextEncoder");
    if (argc < 1)
        return mr__web_throw_missing(ctx, "src");
    size_t len, room, units;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (text == NULL)
        return JS_EXCEPTION;
    uint8_t *bytes;
    if (JS_GetTypedArrayType(argv[1]) != JS_TYPED_ARRAY_UINT8) {
        JS_FreeCString(ctx, text);
        return mr__js_throw_arg_type(ctx, "dest", "an instance of Uint8Array", argv[1]);
    }
    mr__web_bytes(js, argv[1], &bytes, &room);
    size_t written = fitting((const uint8_t *)text, len, room, &units);
    if (written != 0) {
        memcpy(bytes, text, written);
        mr__utf8_repair_surrogates(bytes, written);
    }
    JS_FreeCString(ctx, text);
    return new_counts(ctx, units, written);
}

/* ---- Labels -----------------------------------------------------------------------------------*/

enum form { UTF8, UTF16LE, UTF16BE };
static const char *const form_names[] = {"utf-8", "utf-16le", "utf-16be"};

static const struct {
    const char *label;
    enum form form;
} labels[] = {
    {"unicode-1-1-utf-8", UTF8},
    {"unicode11utf8", UTF8},
    {"unicode20utf8", UTF8},
    {"utf-8", UTF8},
    {"utf8", UTF8},
    {"x-unicode20utf8", UTF8},
    {"unicodefffe", UTF16BE},
    {"utf-16be", UTF16BE},
    {"csunicode", UTF16LE},
    {"iso-10646-ucs-2", UTF16LE},
    {"ucs-2", UTF16LE},
    {"unicode", UTF16LE},
    {"unicodefeff", UTF16LE},
    {"utf-16", UTF16LE},
    {"utf-16le", UTF16LE},
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* ASCII case only, and no NUL ends the label before its end. */
static bool same_label(const char *text, size_t len, const char *label)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        if (c != label[i] || c == '\0')
            return false;
    }
    return label[len] == '\0';
}

static bool find_form(const char *text, size_t len, enum form *out_form)
{
    while (len > 0 && is_space(text[0]))
        text++, len--;
    while (len > 0 && is_space(text[len - 1]))
        len--;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (!same_label(text, len, labels[i].label))
            continue;
        *out_form = labels[i].form;
        return true;
    }
    return false;
}

/* ---- Decoding ---------------------------------------------------------------------------------*/

enum { LONGEST_TAIL = 3 };

struct decoder {
    enum form form;
    bool fatal, ignore_bom;
    bool streaming; /* the last call left the stream open */
    bool bom_seen;  /* or whatever stands at its place */
    uint8_t tail_len;
    uint8_t tail[LONGEST_TAIL]; /* the beginning of a character, valid so far */
};

static struct decoder *decoder_of(JSContext *ctx, JSValueConst value)
{
    return JS_GetOpaque(value, mr__js_of(ctx)->webapi->decoder.id);
}

static uint16_t unit_at(enum form form, const uint8_t *bytes)
{
    unsigned high = bytes[form == UTF16BE ? 0 : 1], low = bytes[form == UTF16BE ? 1 : 0];
    return (uint16_t)(high << 8 | low);
}

/* How many bytes at the end may become a character with what follows. */
static size_t tail_of(enum form form, const uint8_t *bytes, size_t len)
{
    if (form == UTF8)
        return mr__utf8_tail(bytes, len);
    size_t odd = len % 2;
    bool half = len - odd >= 2 && (unit_at(form, bytes + len - odd - 2) & 0xFC00) == 0xD800;
    return odd + (half ? 2 : 0);
}

/* Code units with U+FFFD in place of lone surrogates and of an odd byte at the end, which is one
 * mistake together with a first half before it; *out_good is whether there were none. */
static size_t read_units(enum form form, const uint8_t *bytes, size_t len, uint16_t *out,
                         bool *out_good)
{
    size_t count = len / 2;
    bool cut = false;
    *out_good = len % 2 == 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t unit = unit_at(form, bytes + 2 * i);
        out[i] = unit;
        if ((unit & 0xF800) != 0xD800)
            continue;
        uint16_t next = 0;
        if (i + 1 < count)
            next = unit_at(form, bytes + (2 * i + 2));
        if ((unit & 0xFC00) == 0xD800 && (next & 0xFC00) == 0xDC00) {
            out[++i] = next;
            continue;
        }
        cut = (unit & 0xFC00) == 0xD800 && i + 1 == count;
        out[i] = 0xFFFD;
        *out_good = false;
    }
    if (len % 2 != 0 && !cut)
        out[count++] = 0xFFFD;
    return count;
}

static JSValue throw_invalid(JSContext *ctx, enum form form)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_ENCODING_INVALID_ENCODED_DATA",
                             "The encoded data was not valid for encoding %s", form_names[form]);
}

static JSValue decode_utf16(JSContext *ctx, const struct decoder *decoder, const uint8_t *bytes,
                            size_t len)
{
    uint16_t *units = mr__alloc((len / 2 + 1) * sizeof(*units));
    if (units == NULL)
        return JS_ThrowOutOfMemory(ctx);
    bool good;
    size_t count = read_units(decoder->form, bytes, len, units, &good);
    JSValue text = decoder->fatal && !good ? throw_invalid(ctx, decoder->form)
                                           : JS_NewStringUTF16(ctx, units, count);
    mr__free(units);
    return text;
}

/* Whole characters, or the end of the stream. */
static JSValue decode_bytes(JSContext *ctx, const struct decoder *decoder, const uint8_t *bytes,
                            size_t len)
{
    if (len == 0)
        return JS_NewStringLen(ctx, "", 0);
    if (decoder->form != UTF8)
        return decode_utf16(ctx, decoder, bytes, len);
    if (decoder->fatal && !mr__is_utf8(bytes, len))
        return throw_invalid(ctx, UTF8);
    return mr__js_decode(ctx, bytes, len, MR__ENCODING_UTF8);
}

/* The length of a byte-order mark to leave out. It is looked for once, at the first character. */
static size_t take_bom(struct decoder *decoder, const uint8_t *bytes, size_t len)
{
    if (decoder->bom_seen || decoder->ignore_bom || len == 0)
        return 0;
    decoder->bom_seen = true;
    if (decoder->form == UTF8)
        return len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    return len >= 2 && unit_at(decoder->form, bytes) == 0xFEFF ? 2 : 0;
}

/* bytes begin with what the decoder kept. */
static JSValue decode_piece(JSContext *ctx, struct decoder *decoder, const uint8_t *bytes,
                            size_t len)
{
    size_t keep = decoder->streaming ? tail_of(decoder->form, bytes, len) : 0;
    size_t whole = len - keep;
    size_t bom = take_bom(decoder, bytes, whole);
    JSValue text = decode_bytes(ctx, decoder, bytes + bom, whole - bom);
    decoder->tail_len = JS_IsException(text) ? 0 : (uint8_t)keep;
    if (keep != 0)
        memcpy(decoder->tail, bytes + whole, keep);
    return text;
}

static JSValue decode_joined(JSContext *ctx, struct decoder *decoder, const uint8_t *bytes,
                             size_t len)
{
    uint8_t *joined = mr__alloc(decoder->tail_len + len);
    if (joined == NULL)
        return JS_ThrowOutOfMemory(ctx);
    memcpy(joined, decoder->tail, decoder->tail_len);
    if (len != 0)
        memcpy(joined + decoder->tail_len, bytes, len);
    JSValue text = decode_piece(ctx, decoder, joined, decoder->tail_len + len);
    mr__free(joined);
    return text;
}

/* ---- TextDecoder ------------------------------------------------------------------------------*/

static JSValue decode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct decoder *decoder = decoder_of(ctx, this_val);
    if (decoder == NULL)
        return mr__web_throw_this(ctx, "TextDecoder");
    uint8_t *bytes = NULL;
    size_t len = 0;
    bool stream = false;
    bool given = argc > 0 && !JS_IsUndefined(argv[0]);
    if (given && !mr__web_bytes(js, argv[0], &bytes, &len))
        return mr__js_throw_arg_type(
            ctx, "list", "an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView",
            argv[0]);
    int has_options = argc > 1 ? mr__web_dictionary(ctx, argv[1], "options") : 0;
    if (has_options < 0 || (has_options > 0 && mr__web_flag(ctx, argv[1], "stream", &stream) < 0))
        return JS_EXCEPTION;
    if (has_options > 0 && given) /* a getter may have changed the buffer */
        mr__web_bytes(js, argv[0], &bytes, &len);
    if (!decoder->streaming) {
        decoder->bom_seen = false;
        decoder->tail_len = 0;
    }
    decoder->streaming = stream;
    return decoder->tail_len != 0 ? decode_joined(ctx, decoder, bytes, len)
                                  : decode_piece(ctx, decoder, bytes, len);
}

static int read_options(JSContext *ctx, JSValueConst options, struct decoder *decoder)
{
    int given = mr__web_dictionary(ctx, options, "options");
    if (given <= 0)
        return given;
    return mr__web_flag(ctx, options, "fatal", &decoder->fatal) < 0 ||
                   mr__web_flag(ctx, options, "ignoreBOM", &decoder->ignore_bom) < 0
               ? -1
               : 0;
}

static int choose_form(JSContext *ctx, const char *label, size_t len, struct decoder *decoder)
{
    if (find_form(label, len, &decoder->form))
        return 0;
    mr__js_throw_code(ctx, "RangeError", "ERR_ENCODING_NOT_SUPPORTED",
                      "The \"%s\" encoding is not supported", label);
    return -1;
}

/* Both arguments are converted before the label is looked up. */
static int read_arguments(JSContext *ctx, int argc, JSValueConst *argv, struct decoder *decoder)
{
    size_t len = 0;
    const char *label = NULL;
    if (argc > 0 && !JS_IsUndefined(argv[0])) {
        label = JS_ToCStringLen(ctx, &len, argv[0]);
        if (label == NULL)
            return -1;
    }
    int failed = argc > 1 ? read_options(ctx, argv[1], decoder) : 0;
    if (failed == 0 && label != NULL)
        failed = choose_form(ctx, label, len, decoder);
    JS_FreeCString(ctx, label);
    return failed;
}

static JSValue new_decoder(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct decoder options = {.form = UTF8};
    if (read_arguments(ctx, argc, argv, &options) < 0)
        return JS_EXCEPTION;
    struct decoder *decoder = js_malloc(ctx, sizeof(*decoder));
    if (decoder == NULL)
        return JS_EXCEPTION;
    *decoder = options;
    JSValue object = mr__web_construct(ctx, new_target, js->webapi->decoder.id, decoder);
    if (JS_IsException(object))
        js_free(ctx, decoder);
    return object;
}

static void finalize_decoder(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    js_free_rt(rt, JS_GetAnyOpaque(object, &class_id));
}

enum { ENCODING, FATAL, IGNORE_BOM };

static JSValue decoder_member(JSContext *ctx, JSValueConst this_val, int which)
{
    MR__JS_GATE(mr__js_of(ctx));
    const struct decoder *decoder = decoder_of(ctx, this_val);
    if (decoder == NULL)
        return mr__web_throw_this(ctx, "TextDecoder");
    if (which == ENCODING)
        return JS_NewString(ctx, form_names[decoder->form]);
    return JS_NewBool(ctx, which == FATAL ? decoder->fatal : decoder->ignore_bom);
}

/* ---- Classes ----------------------------------------------------------------------------------*/

static const JSCFunctionListEntry encoder_members[] = {
    MR__WEB_GETTER("encoding", encoder_encoding, 0),
    MR__WEB_METHOD("encode", 0, encode),
    MR__WEB_METHOD("encodeInto", 2, encode_into),
    MR__WEB_TAG("TextEncoder"),
};
static const JSCFunctionListEntry decoder_members[] = {
    MR__WEB_METHOD("decode", 0, decode),
    MR__WEB_GETTER("encoding", decoder_member, ENCODING),
    MR__WEB_GETTER("fatal", decoder_member, FATAL),
    MR__WEB_GETTER("ignoreBOM", decoder_member, IGNORE_BOM),
    MR__WEB_TAG("TextDecoder"),
};

static JSValue show_encoder(mr_js *js, JSValueConst value)
{
    (void)value;
    static const char *const names[] = {"encoding"};
    const JSValue values[] = {JS_NewString(js->ctx, "utf-8")};
    return mr__web_object(js->ctx, 1, names, values);
}

static JSValue show_decoder(mr_js *js, JSValueConst value)
{
    const struct decoder *decoder = decoder_of(js->ctx, value);
    static const char *const names[] = {"encoding", "fatal", "ignoreBOM"};
    const JSValue values[] = {JS_NewString(js->ctx, form_names[decoder->form]),
                              JS_NewBool(js->ctx, decoder->fatal),
                              JS_NewBool(js->ctx, decoder->ignore_bom)};
    return mr__web_object(js->ctx, 3, names, values);
}

int mr__js_textcodec_install(mr_js *js, JSValueConst global)
{
    const mr__web_interface encoder = {.name = "TextEncoder",
                                       .constructor = new_encoder,
                                       .members = encoder_members,
                                       .member_count = 4};
    const mr__web_interface decoder = {.name = "TextDecoder",
                                       .constructor = new_decoder,
                                       .finalizer = finalize_decoder,
                                       .members = decoder_members,
                                       .member_count = 5};
    struct mr__js_webapi *web = js->webapi;
    return mr__web_define(js, global, &encoder, NULL, &web->encoder) < 0 ||
                   mr__web_define(js, global, &decoder, NULL, &web->decoder) < 0 ||
                   mr__inspect_register(js, web->encoder.id,
                                        &(mr__stand_in){show_encoder, 0, false, false}) < 0 ||
                   mr__inspect_register(js, web->decoder.id,
                                        &(mr__stand_in){show_decoder, 0, true, false}) < 0
               ? -1
               : 0;
}
