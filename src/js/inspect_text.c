/* Text of the inspector: measuring, quoting, styling, numbers. */
#include <string.h>

#include "js/inspect.h"

/* ---- Styles -----------------------------------------------------------------------------------*/

static const struct style {
    const char *name, *begin, *end;
} styles[] = {
    [MR__STYLE_NONE] = {"", "", ""},
    [MR__STYLE_SPECIAL] = {"special", "\x1b[36m", "\x1b[39m"},
    [MR__STYLE_NUMBER] = {"number", "\x1b[33m", "\x1b[39m"},
    [MR__STYLE_BIGINT] = {"bigint", "\x1b[33m", "\x1b[39m"},
    [MR__STYLE_BOOLEAN] = {"boolean", "\x1b[33m", "\x1b[39m"},
    [MR__STYLE_UNDEFINED] = {"undefined", "\x1b[90m", "\x1b[39m"},
    [MR__STYLE_NULL] = {"null", "\x1b[1m", "\x1b[22m"},
    [MR__STYLE_STRING] = {"string", "\x1b[32m", "\x1b[39m"},
    [MR__STYLE_SYMBOL] = {"symbol", "\x1b[32m", "\x1b[39m"},
    [MR__STYLE_DATE] = {"date", "\x1b[35m", "\x1b[39m"},
    [MR__STYLE_REGEXP] = {"regexp", "\x1b[31m", "\x1b[39m"},
    [MR__STYLE_MODULE] = {"module", "\x1b[4m", "\x1b[24m"},
};

void mr__style_begin(mr__bytes *out, enum mr__style style, bool colors)
{
    if (colors)
        mr__bytes_str(out, styles[style].begin);
}

void mr__style_end(mr__bytes *out, enum mr__style style, bool colors)
{
    if (colors)
        mr__bytes_str(out, styles[style].end);
}

void mr__style_text(mr__bytes *out, enum mr__style style, bool colors, const char *text)
{
    mr__style_begin(out, style, colors);
    mr__bytes_str(out, text);
    mr__style_end(out, style, colors);
}

enum mr__style mr__style_named(const char *name)
{
    for (size_t i = 1; i < sizeof(styles) / sizeof(styles[0]); i++) {
        if (strcmp(styles[i].name, name) == 0)
            return (enum mr__style)i;
    }
    return MR__STYLE_NONE;
}

/* ---- Measuring --------------------------------------------------------------------------------*/

/* Length of a colour sequence at text, else 0. */
static size_t color_sequence(const char *text, size_t len)
{
    if (len < 4 || text[0] != '\x1b' || text[1] != '[')
        return 0;
    size_t i = 2;
    while (i < len && i < 4 && text[i] >= '0' && text[i] <= '9')
        i++;
    return i > 2 && i < len && text[i] == 'm' ? i + 1 : 0;
}

size_t mr__text_units(const char *text, size_t len, bool colors)
{
    size_t units = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        size_t skip = colors && c == 0x1B ? color_sequence(text + i, len - i) : 0;
        if (skip > 0)
            i += skip - 1;
        else
            units += (size_t)((c & 0xC0) != 0x80) + (size_t)(c >= 0xF0);
    }
    return units;
}

/* The code point at text[*at], and step over it. The text is well-formed but for lone surrogates.
 */
static uint32_t next_point(const char *text, size_t len, size_t *at)
{
    unsigned char lead = (unsigned char)text[(*at)++];
    if (lead < 0xC0)
        return lead;
    uint32_t point = lead >= 0xF0 ? lead & 0x07u : lead >= 0xE0 ? lead & 0x0Fu : lead & 0x1Fu;
    while (*at < len && ((unsigned char)text[*at] & 0xC0) == 0x80)
        point = point << 6 | ((unsigned char)text[(*at)++] & 0x3Fu);
    return point;
}

size_t mr__text_columns(const char *text, size_t len, bool colors)
{
    size_t columns = 0;
    for (size_t i = 0; i < len;) {
        size_t skip = colors && text[i] == '\x1b' ? color_sequence(text + i, len - i) : 0;
        if (skip > 0)
            i += skip;
        else
            columns += (size_t)mr__width_of(next_point(text, len, &i));
    }
    return columns;
}

size_t mr__text_prefix(const char *text, size_t len, size_t units, bool *out_split)
{
    size_t at = 0;
    *out_split = false;
    while (at < len && units > 0) {
        bool pair = (unsigned char)text[at] >= 0xF0;
        if (pair && units == 1) {
            *out_split = true;
            return at;
        }
        units -= pair ? 2 : 1;
        next_point(text, len, &at);
    }
    return at;
}

int mr__text_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t i = 0;
    while (i < a_len && i < b_len && a[i] == b[i])
        i++;
    if (i == a_len || i == b_len)
        return i < a_len ? 1 : i < b_len ? -1 : 0;
    unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
    /* Surrogate pairs sort before U+E000 to U+FFFF, their UTF-8 after it. */
    if ((x >= 0xEE) && (y >= 0xEE) && ((x >= 0xF0) != (y >= 0xF0)))
        return x >= 0xF0 ? -1 : 1;
    return x < y ? -1 : 1;
}

bool mr__text_find(const char *text, size_t len, const char *part, size_t part_len, size_t *out_at)
{
    for (size_t i = 0; part_len > 0 && part_len <= len && i <= len - part_len;) {
        const char *hit = memchr(text + i, part[0], len - part_len - i + 1);
        if (hit == NULL)
            return false;
        if (memcmp(hit, part, part_len) == 0) {
            *out_at = (size_t)(hit - text);
            return true;
        }
        i = (size_t)(hit - text) + 1;
    }
    return false;
}

bool mr__text_is_identifier(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return len > 0;
}

void mr__text_indented(mr__bytes *out, const char *text, size_t len, size_t indentation)
{
    const char *end = len == 0 ? text : text + len;
    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        if (line == NULL) {
            mr__bytes_append(out, text, (size_t)(end - text));
            return;
        }
        mr__bytes_append(out, text, (size_t)(line - text) + 1);
        mr__bytes_fill(out, ' ', indentation);
        text = line + 1;
    }
}

/* ---- Quoting ----------------------------------------------------------------------------------*/

/* Append the escape of the character at text[i], or nothing if it needs none. Returns the bytes it
 * took. */
static size_t append_escape(mr__bytes *out, const char *text, size_t len, size_t i, char quote)
{
    static const char *const names[] = {
        [0x08] = "\\b", [0x09] = "\\t", [0x0A] = "\\n", [0x0C] = "\\f", [0x0D] = "\\r"};
    unsigned char c = (unsigned char)text[i];
    if (c < 0x20 || c == 0x7F) {
        if (c < sizeof(names) / sizeof(names[0]) && names[c] != NULL)
            mr__bytes_str(out, names[c]);
        else
            mr__bytes_printf(out, "\\x%02X", c);
        return 1;
    }
    if (c == '\\' || (c == '\'' && quote == '\'')) {
        mr__bytes_char(out, '\\');
        mr__bytes_char(out, (char)c);
        return 1;
    }
    if (c == 0xC2 && i + 1 < len && (unsigned char)text[i + 1] < 0xA0) {
        mr__bytes_printf(out, "\\x%02X", (unsigned char)text[i + 1]);
        return 2;
    }
    if (c == 0xED && i + 2 < len && (unsigned char)text[i + 1] >= 0xA0) {
        size_t at = i;
        mr__bytes_printf(out, "\\u%04x", (unsigned)next_point(text, len, &at));
        return 3;
    }
    return 0;
}

static void append_escaped(mr__bytes *out, const char *text, size_t len, char quote)
{
    size_t plain = 0, i = 0;
    while (i < len) {
        unsigned char c = (unsigned char)text[i];
        bool candidate = c < 0x20 || c == '\'' || c == '\\' || c == 0x7F || c == 0xC2 || c == 0xED;
        if (!candidate) {
            i++;
            continue;
        }
        mr__bytes_append(out, text + plain, i - plain);
        size_t taken = append_escape(out, text, len, i, quote);
        plain = i + taken;
        i += taken > 0 ? taken : 1;
    }
    mr__bytes_append(out, text + plain, len - plain);
}

void mr__text_escape(mr__bytes *out, const char *text, size_t len)
{
    append_escaped(out, text, len, '\'');
}

/* Single quotes, or those that need no escape. */
static char quote_for(const char *text, size_t len)
{
    size_t at;
    if (memchr(text, '\'', len) == NULL)
        return '\'';
    if (memchr(text, '"', len) == NULL)
        return '"';
    if (memchr(text, '`', len) == NULL && !mr__text_find(text, len, "${", 2, &at))
        return '`';
    return '\'';
}

void mr__text_quote(mr__bytes *out, const char *text, size_t len)
{
    char quote = quote_for(text, len);
    mr__bytes_char(out, quote);
    append_escaped(out, text, len, quote);
    mr__bytes_char(out, quote);
}

/* ---- Values of the language -------------------------------------------------------------------*/

int mr__text_append_js(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    if (JS_IsObject(value))
        return 0;
    if (JS_IsSymbol(value)) {
        mr_js *js = mr__js_of(ctx);
        JSValue text = mr__intrinsic_call(js, MR__FN_SYMBOL_TEXT, value);
        int result = JS_IsString(text) ? mr__text_append_js(ctx, out, text) : -1;
        JS_FreeValue(ctx, text);
        return result;
    }
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, value);
    if (text == NULL)
        return -1;
    mr__bytes_append(out, text, len);
    JS_FreeCString(ctx, text);
    return 0;
}

/* Digits in groups of three from the right, joined by underscores. */
static void append_grouped(mr__bytes *out, const char *digits, size_t len)
{
    size_t sign = len > 0 && digits[0] == '-' ? 1 : 0;
    mr__bytes_append(out, digits, sign);
    for (size_t i = sign; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0)
            mr__bytes_char(out, '_');
        mr__bytes_char(out, digits[i]);
    }
}

/* The fraction's digits in groups of three from the left. */
static void append_fraction(mr__bytes *out, const char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && i % 3 == 0)
            mr__bytes_char(out, '_');
        mr__bytes_char(out, digits[i]);
    }
}

void mr__text_number(mr__bytes *out, JSContext *ctx, JSValueConst number, bool separators)
{
    double value;
    size_t len;
    if (JS_ToFloat64(ctx, &value, number) == 0 && value == 0 && signbit(value)) {
        mr__bytes_str(out, "-0");
        return;
    }
    const char *text = JS_ToCStringLen(ctx, &len, number);
    if (text == NULL)
        return;
    const char *point = memchr(text, '.', len);
    if (!separators || memchr(text, 'e', len) != NULL || !isfinite(value)) {
        mr__bytes_append(out, text, len);
    } else {
        size_t whole = point != NULL ? (size_t)(point - text) : len;
        append_grouped(out, text, whole);
        if (point != NULL) {
            mr__bytes_char(out, '.');
            append_fraction(out, point + 1, len - whole - 1);
        }
    }
    JS_FreeCString(ctx, text);
}

void mr__text_bigint(mr__bytes *out, JSContext *ctx, JSValueConst bigint, bool separators)
{
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, bigint);
    if (text == NULL)
        return;
    if (separators)
        append_grouped(out, text, len);
    else
        mr__bytes_append(out, text, len);
    mr__bytes_char(out, 'n');
    JS_FreeCString(ctx, text);
}

int mr__text_check(JSContext *ctx, const mr__bytes *bytes)
{
    if (!bytes->failed)
        return 0;
    JS_ThrowOutOfMemory(ctx);
    return -1;
}
