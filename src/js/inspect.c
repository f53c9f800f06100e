/* Values as text, as util.inspect of Node.js 20 writes them: the entry and the descent.
 *
 * The functions that describe single kinds of objects are in inspect_kinds.c, inspect_buffers.c and
 * inspect_error.c; names, keys and properties in inspect_object.c; lines in inspect_layout.c. */
#include "js/inspect.h"

#include <limits.h>
#include <string.h>

#include "js/gate.h"

const mr__inspect_options mr__inspect_defaults = {
    .depth = 2,
    .max_array_length = 100,
    .max_string_length = 10000,
    .break_length = 80,
    .compact = 3,
    .custom = true,
};

enum {
    STACK_FALLBACK = 192 * 1024, /* bytes of stack used when nothing is known of the stack */
    STACK_RESERVE = 64 * 1024,   /* left for a script's function that the inspector calls */
    STACK_DEFAULT = 1024 * 1024,
    MIN_SPLIT = 16 /* shorter strings are never split at their newlines */
};

/* From here on nothing deeper is shown: about 128 million characters at one level. */
static const uint64_t written_max = UINT64_C(1) << 27;

bool mr__inspect_too_deep(const mr__inspector *in, int depth)
{
    return !in->unlimited_depth && depth > in->options.depth;
}

/* ---- Primitives -------------------------------------------------------------------------------*/

/* Each line of a long text quoted by itself, joined by ` +`. */
static void append_lines(mr__inspector *in, mr__bytes *out, const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        const char *stop = line == NULL ? end : line + 1;
        mr__style_begin(out, MR__STYLE_STRING, in->options.colors);
        mr__text_quote(out, text, (size_t)(stop - text));
        mr__style_end(out, MR__STYLE_STRING, in->options.colors);
        if (stop < end) {
            mr__bytes_str(out, " +\n");
            mr__bytes_fill(out, ' ', in->indentation + 2);
        }
        text = stop;
    }
}

/* The first units of a text, and half of a pair if the cut goes through one. */
static void cut_text(mr__bytes *cut, const char *text, size_t len, size_t units)
{
    bool split;
    size_t prefix = mr__text_prefix(text, len, units, &split);
    mr__bytes_append(cut, text, prefix);
    if (split) {
        const unsigned char *four = (const unsigned char *)text + prefix;
        uint32_t point = (four[0] & 0x07u) << 18 | (four[1] & 0x3Fu) << 12 | (four[2] & 0x3Fu) << 6;
        uint32_t high = 0xD800u + ((point - 0x10000u) >> 10);
        mr__bytes_char(cut, (char)0xED);
        mr__bytes_char(cut, (char)(0x80u | (high >> 6 & 0x3Fu)));
        mr__bytes_char(cut, (char)(0x80u | (high & 0x3Fu)));
    }
}

static int inspect_string(mr__inspector *in, mr__bytes *out, JSValueConst value)
{
    size_t len;
    const char *text = JS_ToCStringLen(in->ctx, &len, value);
    if (text == NULL)
        return -1;
    mr__bytes cut = {0};
    size_t units = mr__text_units(text, len, false), more = 0;
    const char *shown = text;
    if (units > (size_t)in->options.max_string_length) {
        more = units - (size_t)in->options.max_string_length;
        cut_text(&cut, text, len, (size_t)in->options.max_string_length);
        units -= more;
        shown = mr__bytes_cstr(&cut);
        len = cut.len;
    }
    int64_t room = (int64_t)in->options.break_length - (int64_t)in->indentation - 4;
    if (in->options.compact != MR__COMPACT_TRUE && units > MIN_SPLIT && (int64_t)units > room) {
        append_lines(in, out, shown, len);
    } else {
        mr__style_begin(out, MR__STYLE_STRING, in->options.colors);
        mr__text_quote(out, shown, len);
        mr__style_end(out, MR__STYLE_STRING, in->options.colors);
    }
    if (more > 0)
        mr__bytes_printf(out, "... %zu more character%s", more, more > 1 ? "s" : "");
    out->failed |= cut.failed;
    mr__bytes_deinit(&cut);
    JS_FreeCString(in->ctx, text);
    return 0;
}

int mr__inspect_primitive(mr__inspector *in, mr__bytes *out, JSValueConst value)
{
    enum mr__style style = MR__STYLE_UNDEFINED;
    bool separators = in->options.numeric_separator, colors = in->options.colors;
    int result = 0;
    if (JS_IsString(value))
        return inspect_string(in, out, value);
    if (JS_IsNumber(value))
        style = MR__STYLE_NUMBER;
    else if (JS_IsBigInt(value))
        style = MR__STYLE_BIGINT;
    else if (JS_IsBool(value))
        style = MR__STYLE_BOOLEAN;
    else if (JS_IsNull(value))
        style = MR__STYLE_NULL;
    else if (JS_IsSymbol(value))
        style = MR__STYLE_SYMBOL;
    mr__style_begin(out, style, colors);
    if (style == MR__STYLE_NUMBER)
        mr__text_number(out, in->ctx, value, separators);
    else if (style == MR__STYLE_BIGINT)
        mr__text_bigint(out, in->ctx, value, separators);
    else
        result = mr__text_append_js(in->ctx, out, value);
    mr__style_end(out, style, colors);
    return result;
}

/* ---- Circles ----------------------------------------------------------------------------------*/

static bool is_seen(const mr__inspector *in, JSValueConst value)
{
    for (size_t i = 0; i < in->seen_count; i++) {
        if (in->seen[i] == JS_VALUE_GET_PTR(value))
            return true;
    }
    return false;
}

static int push(JSContext *ctx, void ***list, size_t *count, size_t *cap, void *item)
{
    if (*count == *cap) {
        size_t more = *cap < 16 ? 16 : *cap * 2;
        void **grown = js_realloc(ctx, *list, more * sizeof(*grown));
        if (grown == NULL)
            return -1;
        *list = grown;
        *cap = more;
    }
    (*list)[(*count)++] = item;
    return 0;
}

/* The reference number of an object that was met inside itself, 0 if it was not. */
static size_t circle_number(const mr__inspector *in, JSValueConst value)
{
    for (size_t i = 0; i < in->circular_count; i++) {
        if (in->circular[i] == JS_VALUE_GET_PTR(value))
            return i + 1;
    }
    return 0;
}

static int inspect_circle(mr__inspector *in, mr__bytes *out, JSValueConst value)
{
    size_t number = circle_number(in, value);
    if (number == 0) {
        if (push(in->ctx, &in->circular, &in->circular_count, &in->circular_cap,
                 JS_VALUE_GET_PTR(value)) < 0)
            return -1;
        number = in->circular_count;
    }
    mr__style_begin(out, MR__STYLE_SPECIAL, in->options.colors);
    mr__bytes_printf(out, "[Circular *%zu]", number);
    mr__style_end(out, MR__STYLE_SPECIAL, in->options.colors);
    return 0;
}

/* Put `<ref *1>` in front of what was written, if the object was met inside itself. */
static void mark_circle(mr__inspector *in, mr__shape *shape)
{
    size_t number = circle_number(in, shape->value);
    if (number == 0)
        return;
    mr__bytes *target = in->options.compact == MR__COMPACT_TRUE ? &shape->open : &shape->base;
    mr__bytes marked = {0};
    mr__style_begin(&marked, MR__STYLE_SPECIAL, in->options.colors);
    mr__bytes_printf(&marked, "<ref *%zu>", number);
    mr__style_end(&marked, MR__STYLE_SPECIAL, in->options.colors);
    if (target->len > 0) {
        mr__bytes_char(&marked, ' ');
        mr__bytes_append(&marked, target->data, target->len);
    }
    mr__bytes_deinit(target);
    *target = marked;
}

/* ---- Objects ----------------------------------------------------------------------------------*/

void mr__shape_deinit(mr__inspector *in, mr__shape *shape)
{
    mr__bytes_deinit(&shape->constructor);
    mr__bytes_deinit(&shape->tag);
    mr__bytes_deinit(&shape->base);
    mr__bytes_deinit(&shape->open);
    mr__keys_deinit(in->ctx, &shape->keys);
    mr__entries_deinit(&shape->inherited);
    mr__items_deinit(in->js, &shape->items);
}

/* `[Foo]`, or why the inspector stops here. */
static void append_cut(mr__inspector *in, mr__bytes *out, const mr__shape *shape, const char *why)
{
    mr__bytes name = {0};
    mr__shape_prefix(shape, &name, "Object", "");
    bool bracketed = shape->no_constructor && why[0] == '\0';
    mr__style_begin(out, MR__STYLE_SPECIAL, in->options.colors);
    mr__bytes_str(out, bracketed ? "" : "[");
    if (name.len > 0)
        mr__bytes_append(out, name.data, name.len - 1);
    mr__bytes_str(out, why);
    mr__bytes_str(out, bracketed ? "" : "]");
    mr__style_end(out, MR__STYLE_SPECIAL, in->options.colors);
    mr__bytes_deinit(&name);
}

static bool stack_is_short(const mr__inspector *in)
{
    return (uintptr_t)__builtin_frame_address(0) < in->stack_limit;
}

static int fill_entries(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    int result = shape->fill == NULL ? 0 : shape->fill(in, shape, entries, depth);
    enum mr__place place = shape->list ? MR__PLACE_EXTRA : MR__PLACE_OBJECT;
    for (uint32_t i = 0; i < shape->keys.count && result == 0; i++) {
        result = mr__inspect_property(in, &entries->text, shape->value, shape->value,
                                      shape->keys.atoms[i], depth, place);
        mr__entries_end(entries);
    }
    for (size_t i = 0; i < shape->inherited.count; i++) {
        size_t len;
        const char *text = mr__entries_at(&shape->inherited, i, &len);
        mr__bytes_append(&entries->text, text, len);
        mr__entries_end(entries);
    }
    return result;
}

static int sort_entries(mr__inspector *in, const mr__shape *shape, mr__entries *entries)
{
    if (!in->options.sorted)
        return 0;
    if (!shape->list)
        return mr__entries_sort(in, entries, 0);
    if (shape->keys.count < 2)
        return 0;
    return mr__entries_sort(in, entries, entries->count - shape->keys.count);
}

/* Write the entries and lay them out. */
static int inspect_contents(mr__inspector *in, mr__bytes *out, mr__shape *shape, int depth)
{
    mr__entries entries = {0};
    if (push(in->ctx, &in->seen, &in->seen_count, &in->seen_cap, JS_VALUE_GET_PTR(shape->value)) <
        0)
        return -1;
    in->current_depth = depth;
    int result = fill_entries(in, shape, &entries, depth);
    in->seen_count--;
    if (result == 0)
        result = sort_entries(in, shape, &entries);
    if (result == 0) {
        mark_circle(in, shape);
        mr__frame frame = {&shape->base, &shape->open, shape->close,
                           shape->list,  shape->value, depth};
        size_t before = out->len, level = in->indentation / 2;
        result = mr__layout(in, out, &entries, &frame);
        level = level < sizeof(in->written) / sizeof(in->written[0])
                    ? level
                    : sizeof(in->written) / sizeof(in->written[0]) - 1;
        in->written[level] += out->len - before;
        if (in->written[level] > written_max) {
            in->options.depth = -1;
            in->unlimited_depth = false;
        }
    }
    mr__entries_deinit(&entries);
    return result;
}

static int inspect_object(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                          bool in_typed_array)
{
    mr__shape shape = {.value = value, .close = "}"};
    int result = mr__shape_name(in, &shape, depth);
    if (result == 0)
        result = mr__shape_tag(in, &shape);
    if (result == 0)
        result = mr__describe(in, &shape, depth, in_typed_array);
    if (result == MR__SHAPE_DONE) {
        mr__bytes_append(out, shape.base.data, shape.base.len);
        out->failed |= shape.base.failed;
        result = 0;
    } else if (result == MR__SHAPE_GO_ON) {
        if (mr__inspect_too_deep(in, depth))
            append_cut(in, out, &shape, "");
        else if (stack_is_short(in))
            append_cut(in, out, &shape,
                       ": Inspection interrupted prematurely. Maximum call stack size exceeded.");
        else
            result = inspect_contents(in, out, &shape, depth + 1);
    }
    mr__shape_deinit(in, &shape);
    return result;
}

/* ---- Script's functions
 * ------------------------------------------------------------------------*/

JSValue mr__inspect_call(mr__inspector *in, JSValueConst fn, JSValueConst receiver, int argc,
                         JSValueConst *argv)
{
    mr__js_enter(in->js);
    JSValue result = JS_Call(in->ctx, fn, receiver, argc, argv);
    mr__js_leave(in->js);
    return result;
}

bool mr__inspect_is_ended(mr__inspector *in)
{
    JSValue error = JS_GetException(in->ctx);
    bool ended = JS_IsUncatchableError(error);
    JS_Throw(in->ctx, error);
    return ended;
}

/* ---- Custom functions and proxies -------------------------------------------------------------*/

/* The function that the object brings to be shown, if any; undefined else. A class's prototype is
 * not shown by the function meant for its instances. */
static JSValue find_custom(mr__inspector *in, JSValueConst value)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSValue custom = mr__data_get(in->js, value, known->atoms[MR__ATOM_CUSTOM]);
    bool usable = JS_IsFunction(in->ctx, custom);
    if (usable && JS_IsObject(known->inspect))
        usable = JS_VALUE_GET_PTR(custom) != JS_VALUE_GET_PTR(known->inspect);
    if (usable) {
        JSValue constructor = mr__data_get(in->js, value, known->atoms[MR__ATOM_CONSTRUCTOR]);
        JSValue proto = mr__data_get(in->js, constructor, known->atoms[MR__ATOM_PROTOTYPE]);
        usable = !JS_IsObject(proto) || JS_VALUE_GET_PTR(proto) != JS_VALUE_GET_PTR(value);
        JS_FreeValue(in->ctx, proto);
        JS_FreeValue(in->ctx, constructor);
    }
    if (usable)
        return custom;
    JS_FreeValue(in->ctx, custom);
    return JS_UNDEFINED;
}

/* util.inspect, which custom functions get as their third argument; borrowed. */
static JSValueConst inspect_function(mr__inspector *in)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    if (!JS_IsUndefined(known->inspect))
        return known->inspect;
    JSValue util = mr__js_builtin(in->js, "util");
    if (JS_IsException(util)) {
        mr__clear_exception(in->ctx);
        return JS_UNDEFINED;
    }
    JSAtom name = JS_NewAtom(in->ctx, "inspect");
    known->inspect = mr__data_own(in->js, util, name);
    JS_FreeAtom(in->ctx, name);
    JS_FreeValue(in->ctx, util);
    return known->inspect;
}

/* Append what a custom function gave: a string as it is, anything else inspected. */
static int append_custom(mr__inspector *in, mr__bytes *out, JSValueConst given, int depth)
{
    if (!JS_IsString(given))
        return mr__inspect_value(in, out, given, depth, false);
    size_t len;
    const char *text = JS_ToCStringLen(in->ctx, &len, given);
    if (text == NULL)
        return -1;
    mr__text_indented(out, text, len, in->indentation);
    JS_FreeCString(in->ctx, text);
    return 0;
}

/* 1 if a custom function wrote the value, 0 if there is none or it gave the value itself back. */
static int inspect_custom(mr__inspector *in, mr__bytes *out, JSValueConst value,
                          JSValueConst receiver, int depth)
{
    JSValue custom = find_custom(in, value);
    if (JS_IsUndefined(custom))
        return 0;
    JSValue levels =
        in->unlimited_depth ? JS_NULL : JS_NewInt32(in->ctx, in->options.depth - depth);
    if (!in->unlimited_depth && in->options.depth == INT_MAX)
        levels = JS_NewFloat64(in->ctx, HUGE_VAL);
    JSValue options = mr__options_object(in);
    int result = -1;
    if (!JS_IsException(options)) {
        JSValueConst argv[3] = {levels, options, inspect_function(in)};
        JSValue given = mr__inspect_call(in, custom, receiver, 3, argv);
        bool itself = JS_IsObject(given) && JS_VALUE_GET_PTR(given) == JS_VALUE_GET_PTR(receiver);
        if (itself)
            result = 0;
        else if (!JS_IsException(given))
            result = append_custom(in, out, given, depth) < 0 ? -1 : 1;
        JS_FreeValue(in->ctx, given);
    }
    JS_FreeValue(in->ctx, options);
    JS_FreeValue(in->ctx, custom);
    return result;
}

/* showProxy: `Proxy [ target, handler ]`. */
static int inspect_proxy(mr__inspector *in, mr__bytes *out, JSValueConst proxy, int depth)
{
    if (mr__inspect_too_deep(in, depth)) {
        mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors, "Proxy [Array]");
        return 0;
    }
    JSValue parts[2] = {JS_GetProxyTarget(in->ctx, proxy), JS_GetProxyHandler(in->ctx, proxy)};
    mr__entries entries = {0};
    mr__bytes open = {0};
    mr__bytes_str(&open, "Proxy [");
    int result = 0;
    in->indentation += 2;
    for (int i = 0; i < 2 && result == 0; i++) {
        result = mr__inspect_value(in, &entries.text, parts[i], depth + 1, false);
        mr__entries_end(&entries);
    }
    in->indentation -= 2;
    mr__frame frame = {NULL, &open, "]", true, JS_UNDEFINED, depth + 1};
    if (result == 0)
        result = mr__layout(in, out, &entries, &frame);
    JS_FreeValue(in->ctx, parts[0]);
    JS_FreeValue(in->ctx, parts[1]);
    mr__entries_deinit(&entries);
    mr__bytes_deinit(&open);
    return result;
}

/* ---- Entry ------------------------------------------------------------------------------------*/

int mr__inspect_value(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                      bool in_typed_array)
{
    if (!JS_IsObject(value))
        return mr__inspect_primitive(in, out, value);
    JSValue target = mr__proxy_unwrap(in->js, value);
    int result = 0;
    if (JS_IsNull(target)) {
        mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors, "<Revoked Proxy>");
    } else if (in->options.show_proxy && JS_IsProxy(value)) {
        result = stack_is_short(in) ? 0 : inspect_proxy(in, out, value, depth);
    } else {
        if (in->options.custom)
            result = inspect_custom(in, out, target, value, depth);
        if (in->options.custom && result == 0)
            result = mr__inspect_platform(in, out, target, depth);
        if (in->options.custom && result == 0)
            result = mr__inspect_url_params(in, out, target, depth);
        if (in->options.custom && result == 0)
            result = mr__inspect_web(in, out, target, depth);
        if (result == 0 && is_seen(in, target))
            result = inspect_circle(in, out, target);
        else if (result == 0)
            result = inspect_object(in, out, target, depth, in_typed_array);
    }
    JS_FreeValue(in->ctx, target);
    return result < 0 ? -1 : 0;
}

/* How far down the stack the inspector may go: as far as script may, where the runtime's stack is
 * known from its installation. */
static uintptr_t find_stack_limit(const mr_js *js)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t top = js->console->stack_top;
    size_t size = js->options.stack_bytes > 0 ? js->options.stack_bytes : STACK_DEFAULT;
    uintptr_t limit = here - STACK_FALLBACK;
    if (here <= top && here > top - size && top - size + STACK_RESERVE < limit)
        limit = top - size + STACK_RESERVE;
    return limit;
}

int mr__inspector_init(mr__inspector *in, mr_js *js, const mr__inspect_options *options)
{
    *in = (mr__inspector){.js = js,
                          .ctx = js->ctx,
                          .options = *options,
                          .getters = options->getters ? MR__GETTERS_ALL : MR__GETTERS_NONE,
                          .comparator = JS_UNDEFINED,
                          .user_options = JS_UNDEFINED};
    if (js->console == NULL) {
        JS_ThrowInternalError(js->ctx, "the console is not installed");
        return -1;
    }
    in->stack_limit = find_stack_limit(js);
    return 0;
}

void mr__inspector_deinit(mr__inspector *in)
{
    JS_FreeValue(in->ctx, in->comparator);
    js_free(in->ctx, in->seen);
    js_free(in->ctx, in->circular);
}

int mr__js_inspect(mr_js *js, mr__bytes *out, JSValueConst value,
                   const mr__inspect_options *options)
{
    mr__inspector in;
    if (mr__inspector_init(&in, js, options) < 0)
        return -1;
    int result = mr__inspect_value(&in, out, value, 0, false);
    mr__inspector_deinit(&in);
    return result < 0 ? -1 : mr__text_check(js->ctx, out);
}
