/* Buffer's comparisons and searches. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/buffer.h"
#include "js/errors.h"
#include "js/gate.h"

/* ---- Comparisons ------------------------------------------------------------------------------*/

static int order_of(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t common = a_len < b_len ? a_len : b_len;
    int order = common == 0 ? 0 : memcmp(a, b, common);
    if (order == 0)
        return (a_len > b_len) - (a_len < b_len);
    return order < 0 ? -1 : 1;
}

/* Buffer.compare(buf1, buf2) */
static JSValue compare_two(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view a, b;
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_arg(ctx, mr__js_arg(argc, argv, 0), "buf1", &a) < 0 ||
        mr__js_buffer_arg(ctx, mr__js_arg(argc, argv, 1), "buf2", &b) < 0)
        return JS_EXCEPTION;
    return JS_NewInt32(ctx, order_of(a.data, a.len, b.data, b.len));
}

/* An optional end of compare(). */
static int compare_end(JSContext *ctx, JSValueConst value, const char *argument, uint64_t max,
                       size_t *out_end)
{
    return JS_IsUndefined(value) ? 0 : mr__js_check_integer(ctx, value, argument, max, out_end);
}

/* compare(target, targetStart, targetEnd, sourceStart, sourceEnd) */
static JSValue buffer_compare(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view source, target;
    size_t from = 0, to = 0;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_arg(ctx, mr__js_arg(argc, argv, 0), "target", &target) < 0 ||
        mr__js_buffer_this(ctx, this_val, &source) < 0)
        return JS_EXCEPTION;
    size_t from_end = source.len, to_end = target.len;
    if (compare_end(ctx, mr__js_arg(argc, argv, 1), "targetStart", MR__BUFFER_MAX_LENGTH, &to) <
            0 ||
        compare_end(ctx, mr__js_arg(argc, argv, 2), "targetEnd", target.len, &to_end) < 0 ||
        compare_end(ctx, mr__js_arg(argc, argv, 3), "sourceStart", MR__BUFFER_MAX_LENGTH, &from) <
            0 ||
        compare_end(ctx, mr__js_arg(argc, argv, 4), "sourceEnd", source.len, &from_end) < 0)
        return JS_EXCEPTION;
    if (from >= from_end)
        return JS_NewInt32(ctx, to >= to_end ? 0 : -1);
    if (to >= to_end)
        return JS_NewInt32(ctx, 1);
    return JS_NewInt32(
        ctx, order_of(source.data + from, from_end - from, target.data + to, to_end - to));
}

/* equals(otherBuffer) */
static JSValue buffer_equals(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    mr__view a, b;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_buffer_arg(ctx, mr__js_arg(argc, argv, 0), "otherBuffer", &b) < 0 ||
        mr__js_buffer_this(ctx, this_val, &a) < 0)
        return JS_EXCEPTION;
    return JS_NewBool(ctx, a.len == b.len && order_of(a.data, a.len, b.data, b.len) == 0);
}

/* ---- Searching --------------------------------------------------------------------------------*/

/* What is searched, as elements of one or two bytes, from the front or from the back: all searches
 * are forward ones on such a sequence. */
struct sequence {
    const uint8_t *data;
    size_t count;
    int width;
    bool reversed;
};

static unsigned element(const struct sequence *sequence, size_t i)
{
    size_t at = sequence->reversed ? sequence->count - 1 - i : i;
    if (sequence->width == 1)
        return sequence->data[at];
    return (unsigned)sequence->data[2 * at] | (unsigned)sequence->data[2 * at + 1] << 8;
}

/* For each prefix of the needle the longest of its proper ends that is a prefix again. */
static void fill_borders(const struct sequence *needle, uint32_t *borders)
{
    uint32_t border = 0;
    borders[0] = 0;
    for (size_t i = 1; i < needle->count; i++) {
        while (border > 0 && element(needle, i) != element(needle, border))
            border = borders[border - 1];
        if (element(needle, i) == element(needle, border))
            border++;
        borders[i] = border;
    }
}

/* The first place of the needle, SIZE_MAX if there is none. Knuth, Morris, Pratt (1977): linear
 * whatever a script makes of the two. */
static int find_sequence(JSContext *ctx, const struct sequence *hay, const struct sequence *needle,
                         size_t *out_place)
{
    uint32_t *borders = mr__alloc(needle->count * sizeof(*borders));
    if (borders == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    fill_borders(needle, borders);
    size_t matched = 0;
    *out_place = SIZE_MAX;
    for (size_t i = 0; i < hay->count && *out_place == SIZE_MAX; i++) {
        while (matched > 0 && element(hay, i) != element(needle, matched))
            matched = borders[matched - 1];
        if (element(hay, i) == element(needle, matched))
            matched++;
        if (matched == needle->count)
            *out_place = i + 1 - matched;
    }
    mr__free(borders);
    return 0;
}

struct search {
    mr__view hay, needle;
    double from; /* the byte offset asked for */
    bool forward;
    bool wide; /* aligned pairs of bytes */
};

/* Where a search for something that long may begin; -1: nowhere. */
static double first_place(const struct search *search, double needle_len)
{
    double len = (double)search->hay.len, from = search->from;
    if (from < 0) {
        if (from + len >= 0)
            return from + len;
        return search->forward || needle_len == 0 ? 0 : -1;
    }
    if (from + needle_len <= len)
        return from;
    if (needle_len == 0)
        return len;
    return search->forward ? -1 : len - 1;
}

/* The place in elements, from element start on or back; SIZE_MAX when there is none. */
static int find_elements(JSContext *ctx, const struct search *search, size_t start,
                         size_t *out_place)
{
    int width = search->wide ? 2 : 1;
    size_t count = search->hay.len / (size_t)width, wanted = search->needle.len / (size_t)width;
    const uint8_t *data = search->hay.data;
    *out_place = SIZE_MAX;
    if (search->forward && width == 1) {
        const uint8_t *found = memmem(data + start, count - start, search->needle.data, wanted);
        *out_place = found == NULL ? SIZE_MAX : (size_t)(found - data);
        return 0;
    }
    struct sequence needle = {search->needle.data, wanted, width, !search->forward};
    struct sequence hay = {data + (search->forward ? start * 2 : 0), count - start, width,
                           !search->forward};
    if (!search->forward)
        hay.count = (start < count - wanted ? start : count - wanted) + wanted;
    if (find_sequence(ctx, &hay, &needle, out_place) < 0)
        return -1;
    if (*out_place != SIZE_MAX)
        *out_place = search->forward ? *out_place + start : hay.count - wanted - *out_place;
    return 0;
}

static int find_bytes(JSContext *ctx, const struct search *search, int64_t *out_place)
{
    size_t place;
    double start = first_place(search, (double)search->needle.len);
    *out_place = (int64_t)start;
    if (search->needle.len == 0)
        return 0;
    *out_place = -1;
    if (start < 0 || search->hay.len == 0 || search->needle.len > search->hay.len ||
        (search->forward && (size_t)start > search->hay.len - search->needle.len))
        return 0;
    if (search->wide && (search->hay.len < 2 || search->needle.len < 2))
        return 0;
    size_t width = search->wide ? 2 : 1;
    if (find_elements(ctx, search, (size_t)start / width, &place) < 0)
        return -1;
    if (place != SIZE_MAX)
        *out_place = (int64_t)(place * width);
    return 0;
}

static int64_t find_byte(const struct search *search, uint8_t byte)
{
    double start = first_place(search, 1);
    const uint8_t *data = search->hay.data, *found;
    if (start < 0 || search->hay.len == 0)
        return -1;
    size_t at = (size_t)start;
    if (search->forward)
        found = memchr(data + at, byte, search->hay.len - at);
    else
        found = memrchr(data, byte, at + 1);
    return found == NULL ? -1 : (int64_t)(found - data);
}

/* ---- The arguments of a search ----------------------------------------------------------------*/

/* The byte offset: within 32 bits, whole; what is no number means the end to begin at. */
static int find_offset(JSContext *ctx, JSValueConst value, struct search *search)
{
    double from;
    if (JS_ToFloat64(ctx, &from, value) < 0)
        return -1;
    if (isnan(from))
        from = search->forward ? 0 : (double)search->hay.len;
    from = from > INT32_MAX ? INT32_MAX : from < INT32_MIN ? INT32_MIN : from;
    search->from = trunc(from);
    return 0;
}

static int find_string(JSContext *ctx, struct search *search, JSValueConst text,
                       mr__encoding encoding, int64_t *out_place)
{
    uint8_t *bytes;
    if (mr__js_encode(ctx, text, encoding, &bytes, &search->needle.len) < 0)
        return -1;
    search->needle.data = bytes;
    int failed = find_bytes(ctx, search, out_place);
    mr__free(bytes);
    return failed;
}

static int throw_search_value(JSContext *ctx, JSValueConst value)
{
    mr__js_throw_arg_type(
        ctx, "value", "one of type number or string or an instance of Buffer or Uint8Array", value);
    return -1;
}

/* A number, a string in its encoding, or bytes, in which an encoding only says how they lie. */
static int find_value(JSContext *ctx, JSValueConst this_val, struct search *search,
                      JSValueConst value, JSValueConst name, int64_t *out_place)
{
    int encoding = MR__ENCODING_UTF8;
    uint32_t byte;
    if (JS_IsNumber(value)) {
        JS_ToUint32(ctx, &byte, value);
        *out_place = find_byte(search, (uint8_t)byte);
        return 0;
    }
    if (!JS_IsUndefined(name))
        encoding = mr__js_encoding_named(ctx, name);
    if (encoding == MR__ENCODING_THREW)
        return -1;
    mr__js_view(ctx, this_val, &search->hay); /* the name may have run script */
    search->wide = encoding == MR__ENCODING_UTF16LE;
    if (JS_IsString(value)) {
        if (encoding >= 0)
            return find_string(ctx, search, value, (mr__encoding)encoding, out_place);
        mr__js_throw_encoding(ctx, name);
        return -1;
    }
    if (!mr__js_is_uint8(value) || !mr__js_view(ctx, value, &search->needle))
        return throw_search_value(ctx, value);
    return find_bytes(ctx, search, out_place);
}

enum { INDEX_OF, LAST_INDEX_OF, INCLUDES };

/* indexOf, lastIndexOf, includes (value[, byteOffset][, encoding]) */
static JSValue buffer_search(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                             int which)
{
    JSValueConst offset = mr__js_arg(argc, argv, 1), name = mr__js_arg(argc, argv, 2);
    struct search search = {.forward = which != LAST_INDEX_OF};
    int64_t place;
    MR__JS_GATE(mr__js_of(ctx));
    if (!mr__js_view(ctx, this_val, &search.hay))
        return mr__js_throw_arg_type(ctx, "buffer",
                                     "an instance of Buffer, TypedArray, or DataView", this_val);
    if (JS_IsString(offset)) {
        name = offset;
        offset = JS_UNDEFINED;
    }
    if (find_offset(ctx, offset, &search) < 0)
        return JS_EXCEPTION;
    mr__js_view(ctx, this_val, &search.hay);
    if (find_value(ctx, this_val, &search, mr__js_arg(argc, argv, 0), name, &place) < 0)
        return JS_EXCEPTION;
    return which == INCLUDES ? JS_NewBool(ctx, place >= 0) : JS_NewInt64(ctx, place);
}

/* ---- The names --------------------------------------------------------------------------------*/

static const JSCFunctionListEntry methods[] = {
    MR__METHOD("equals", 1, buffer_equals),
    MR__METHOD("compare", 5, buffer_compare),
    MR__METHOD_MAGIC("indexOf", 3, buffer_search, INDEX_OF),
    MR__METHOD_MAGIC("lastIndexOf", 3, buffer_search, LAST_INDEX_OF),
    MR__METHOD_MAGIC("includes", 3, buffer_search, INCLUDES),
};

static const JSCFunctionListEntry statics[] = {
    MR__METHOD("compare", 2, compare_two),
};

int mr__js_buffer_search(JSContext *ctx, JSValueConst proto, JSValueConst constructor)
{
    if (JS_SetPropertyFunctionList(ctx, proto, methods, countof(methods)) < 0)
        return -1;
    return JS_SetPropertyFunctionList(ctx, constructor, statics, countof(statics));
}
