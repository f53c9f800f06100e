/* How each kind of object begins, what it holds besides its keys, and how it is written when it has
 * none. Buffers and errors have files of their own. */
#include <stdio.h>
#include <string.h>

#include "js/inspect.h"

void mr__more_items(mr__bytes *out, uint64_t count)
{
    mr__bytes_printf(out, "... %llu more item%s", (unsigned long long)count, count > 1 ? "s" : "");
}

static bool named(const mr__shape *shape, const char *name)
{
    size_t len = strlen(name);
    return !shape->no_constructor && shape->constructor.len == len &&
           memcmp(shape->constructor.data, name, len) == 0;
}

/* The opening: prefix and brace. */
static void open_with(mr__shape *shape, const char *fallback, const char *size, const char *brace)
{
    mr__shape_prefix(shape, &shape->open, fallback, size);
    mr__bytes_str(&shape->open, brace);
}

/* An object without contents is its opening and closing brace alone. */
static int empty(mr__shape *shape)
{
    mr__bytes_append(&shape->base, shape->open.data, shape->open.len);
    mr__bytes_str(&shape->base, shape->close);
    return MR__SHAPE_DONE;
}

static void size_text(char text[32], uint64_t size)
{
    snprintf(text, 32, "(%llu)", (unsigned long long)size);
}

/* ---- Arrays -----------------------------------------------------------------------------------*/

static void append_holes(mr__inspector *in, mr__entries *entries, uint64_t count)
{
    mr__style_begin(&entries->text, MR__STYLE_UNDEFINED, in->options.colors);
    mr__bytes_printf(&entries->text, "<%llu empty item%s>", (unsigned long long)count,
                     count > 1 ? "s" : "");
    mr__style_end(&entries->text, MR__STYLE_UNDEFINED, in->options.colors);
    mr__entries_end(entries);
}

/* The first index from `from` that exists, or length. Walks the keys, so that a huge sparse array
 * costs no more than what it holds. */
static int next_index(mr__inspector *in, const JSPropertyEnum *names, uint32_t count, uint32_t *at,
                      uint64_t from, uint64_t length, uint64_t *out_index)
{
    *out_index = length;
    for (; *at < count; (*at)++) {
        uint32_t index;
        JSValue text = JS_AtomToValue(in->ctx, names[*at].atom);
        double number = -1;
        bool string = JS_IsString(text) && JS_ToFloat64(in->ctx, &number, text) == 0;
        JS_FreeValue(in->ctx, text);
        if (!string || !(number >= 0) || number > 4294967294.0 || number >= (double)length)
            return 0;
        index = (uint32_t)number;
        if ((double)index != number)
            return 0;
        if (index >= from) {
            *out_index = index;
            return 1;
        }
    }
    return 0;
}

static int append_element(mr__inspector *in, mr__entries *entries, JSValueConst value, uint32_t i,
                          int depth)
{
    JSAtom atom = JS_NewAtomUInt32(in->ctx, i);
    int result =
        mr__inspect_property(in, &entries->text, value, value, atom, depth, MR__PLACE_ELEMENT);
    mr__entries_end(entries);
    JS_FreeAtom(in->ctx, atom);
    return result;
}

/* The rest of an array from its first hole on: runs of holes count as one item. */
static int fill_sparse(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth,
                       uint64_t index, uint64_t length)
{
    JSPropertyEnum *names;
    uint32_t count, at = 0;
    size_t max = (size_t)in->options.max_array_length;
    int flags = JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY, result = 0;
    if (JS_GetOwnPropertyNames(in->ctx, &names, &count, shape->value, flags) < 0)
        return -1;
    while (entries->count < max && index < length && result == 0) {
        uint64_t next;
        if (next_index(in, names, count, &at, index, length, &next) == 0)
            break;
        if (next > index) {
            append_holes(in, entries, next - index);
            index = next;
            if (entries->count == max)
                break;
        }
        result = append_element(in, entries, shape->value, (uint32_t)index, depth);
        index++;
    }
    JS_FreePropertyEnum(in->ctx, names, count);
    if (result < 0 || index >= length)
        return result;
    if (entries->count < max) {
        append_holes(in, entries, length - index);
    } else {
        mr__more_items(&entries->text, length - index);
        mr__entries_end(entries);
    }
    return 0;
}

static int fill_array(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    int64_t length;
    if (JS_GetLength(in->ctx, shape->value, &length) < 0)
        return -1;
    int64_t shown = length < in->options.max_array_length ? length : in->options.max_array_length;
    for (int64_t i = 0; i < shown; i++) {
        JSAtom atom = JS_NewAtomUInt32(in->ctx, (uint32_t)i);
        bool exists = mr__data_is_own(in->js, shape->value, atom, NULL);
        JS_FreeAtom(in->ctx, atom);
        if (!exists)
            return fill_sparse(in, shape, entries, depth, (uint64_t)i, (uint64_t)length);
        if (append_element(in, entries, shape->value, (uint32_t)i, depth) < 0)
            return -1;
    }
    if (length > shown) {
        mr__more_items(&entries->text, (uint64_t)(length - shown));
        mr__entries_end(entries);
    }
    return 0;
}

static int describe_array(mr__inspector *in, mr__shape *shape)
{
    int64_t length;
    char size[32];
    if (JS_GetLength(in->ctx, shape->value, &length) < 0 ||
        mr__keys_read(in, &shape->keys, shape->value, true) < 0)
        return MR__SHAPE_FAILED;
    size_text(size, (uint64_t)length);
    if (!named(shape, "Array") || shape->tag.len > 0)
        mr__shape_prefix(shape, &shape->open, "Array", size);
    mr__bytes_char(&shape->open, '[');
    shape->close = "]";
    shape->list = true;
    shape->fill = fill_array;
    return length == 0 && mr__shape_bare(shape) ? empty(shape) : MR__SHAPE_GO_ON;
}

/* ---- Maps, Sets and their iterators -----------------------------------------------------------*/

static void append_rest(mr__inspector *in, const mr__items *items, mr__entries *entries)
{
    uint64_t max = (uint64_t)in->options.max_array_length;
    if (items->total > max) {
        mr__more_items(&entries->text, items->total - max);
        mr__entries_end(entries);
    }
}

static int fill_values(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    const mr__items *items = &shape->items;
    int result = 0;
    in->indentation += 2;
    for (size_t i = 0; i < items->count && result == 0; i++) {
        result = mr__inspect_value(in, &entries->text, items->values[i], depth, false);
        mr__entries_end(entries);
    }
    append_rest(in, items, entries);
    in->indentation -= 2;
    return result;
}

static int fill_map(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    const mr__items *items = &shape->items;
    int result = 0;
    in->indentation += 2;
    for (size_t i = 0; i + 1 < items->count && result == 0; i += 2) {
        result = mr__inspect_value(in, &entries->text, items->values[i], depth, false);
        mr__bytes_str(&entries->text, " => ");
        if (result == 0)
            result = mr__inspect_value(in, &entries->text, items->values[i + 1], depth, false);
        mr__entries_end(entries);
    }
    append_rest(in, items, entries);
    in->indentation -= 2;
    return result;
}

static int describe_collection(mr__inspector *in, mr__shape *shape)
{
    char size[32];
    bool map = JS_IsMap(shape->value);
    if (mr__keys_read(in, &shape->keys, shape->value, false) < 0 ||
        mr__items_read(in->js, &shape->items, shape->value,
                       (uint64_t)in->options.max_array_length) < 0)
        return MR__SHAPE_FAILED;
    size_text(size, shape->items.total);
    open_with(shape, map ? "Map" : "Set", size, "{");
    shape->fill = map ? fill_map : fill_values;
    return shape->items.total == 0 && mr__shape_bare(shape) ? empty(shape) : MR__SHAPE_GO_ON;
}

/* The pairs of an entries() iterator, each written as an array. */
static int fill_pairs(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    const mr__items *items = &shape->items;
    mr__bytes open = {0};
    mr__bytes_char(&open, '[');
    int result = 0;
    in->indentation += 2;
    for (size_t i = 0; i + 1 < items->count && result == 0; i += 2) {
        mr__entries pair = {0};
        for (size_t k = 0; k < 2 && result == 0; k++) {
            result = mr__inspect_value(in, &pair.text, items->values[i + k], depth, false);
            mr__entries_end(&pair);
        }
        mr__frame frame = {NULL, &open, "]", true, JS_UNDEFINED, depth};
        if (result == 0)
            result = mr__layout(in, &entries->text, &pair, &frame);
        mr__entries_end(entries);
        mr__entries_deinit(&pair);
    }
    in->indentation -= 2;
    append_rest(in, items, entries);
    mr__bytes_deinit(&open);
    return result;
}

static int describe_iterator(mr__inspector *in, mr__shape *shape, bool map)
{
    const char *type = map ? "Map" : "Set";
    char own_tag[16];
    snprintf(own_tag, sizeof(own_tag), "%s Iterator", type);
    if (mr__keys_read(in, &shape->keys, shape->value, false) < 0 ||
        mr__items_read(in->js, &shape->items, shape->value,
                       (uint64_t)in->options.max_array_length) < 0)
        return MR__SHAPE_FAILED;
    bool other =
        shape->tag.len != strlen(own_tag) || memcmp(shape->tag.data, own_tag, shape->tag.len) != 0;
    mr__bytes_char(&shape->open, '[');
    if (other && shape->tag.len > 0) {
        mr__bytes_append(&shape->open, shape->tag.data, shape->tag.len);
        mr__bytes_str(&shape->open, "] [");
    }
    mr__bytes_printf(&shape->open, "%s %s] {", type, shape->items.pairs ? "Entries" : "Iterator");
    shape->fill = shape->items.pairs ? fill_pairs : fill_values;
    return MR__SHAPE_GO_ON;
}

/* ---- Functions --------------------------------------------------------------------------------*/

/* Whether the source text is that of a class: `class`, and a `{` before any `(` but for comments.
 */
static bool is_class_source(const char *text, size_t len)
{
    if (len < 7 || memcmp(text, "class", 5) != 0 || text[len - 1] != '}')
        return false;
    char next = text[5];
    return next == ' ' || next == '{' || next == '\t' || next == '\n' || next == '\r' ||
           next == '/' || (unsigned char)next >= 0x80;
}

static bool is_class(mr__inspector *in, JSValueConst value)
{
    JSValue source = mr__intrinsic_call(in->js, MR__FN_FUNCTION_SOURCE, value);
    size_t len;
    const char *text = JS_IsString(source) ? JS_ToCStringLen(in->ctx, &len, source) : NULL;
    bool found = text != NULL && JS_IsConstructor(in->ctx, value) && is_class_source(text, len);
    if (JS_IsException(source))
        mr__clear_exception(in->ctx);
    JS_FreeCString(in->ctx, text);
    JS_FreeValue(in->ctx, source);
    return found;
}

static int append_function_name(mr__inspector *in, mr__bytes *out, JSValueConst function,
                                bool own_only)
{
    JSAtom atom = mr__intrinsics_of(in->js)->atoms[MR__ATOM_NAME];
    JSValue name =
        own_only ? mr__data_own(in->js, function, atom) : mr__data_get(in->js, function, atom);
    int result = JS_IsString(name) ? mr__text_append_js(in->ctx, out, name) : 0;
    JS_FreeValue(in->ctx, name);
    return result;
}

static void append_tag(mr__shape *shape)
{
    const mr__bytes *tag = &shape->tag, *name = &shape->constructor;
    bool same = !shape->no_constructor && tag->len == name->len &&
                (tag->len == 0 || memcmp(tag->data, name->data, tag->len) == 0);
    if (tag->len == 0 || same)
        return;
    mr__bytes_str(&shape->base, " [");
    mr__bytes_append(&shape->base, tag->data, tag->len);
    mr__bytes_char(&shape->base, ']');
}

static int append_class(mr__inspector *in, mr__shape *shape)
{
    mr__bytes *base = &shape->base;
    mr__bytes name = {0};
    mr__bytes_str(base, "[class ");
    int result = append_function_name(in, &name, shape->value, true);
    if (name.len > 0)
        mr__bytes_append(base, name.data, name.len);
    else
        mr__bytes_str(base, "(anonymous)");
    if (!shape->no_constructor && !named(shape, "Function")) {
        mr__bytes_str(base, " [");
        mr__bytes_append(base, shape->constructor.data, shape->constructor.len);
        mr__bytes_char(base, ']');
    }
    append_tag(shape);
    name.len = 0;
    JSValue parent = JS_GetPrototype(in->ctx, shape->value);
    if (JS_IsObject(parent) && result == 0)
        result = append_function_name(in, &name, parent, false);
    JS_FreeValue(in->ctx, parent);
    if (shape->no_constructor) {
        mr__bytes_str(base, " extends [null prototype]");
    } else if (name.len > 0) {
        mr__bytes_str(base, " extends ");
        mr__bytes_append(base, name.data, name.len);
    }
    mr__bytes_char(base, ']');
    mr__bytes_deinit(&name);
    return result;
}

static const char *function_type(mr__inspector *in, JSValueConst value)
{
    switch (mr__kind_of(in->js, value)) {
    case MR__KIND_GENERATOR_FUNCTION:
        return "GeneratorFunction";
    case MR__KIND_ASYNC_GENERATOR_FUNCTION:
        return "AsyncGeneratorFunction";
    case MR__KIND_ASYNC_FUNCTION:
        return "AsyncFunction";
    default:
        return "Function";
    }
}

static int append_function(mr__inspector *in, mr__shape *shape)
{
    mr__bytes *base = &shape->base;
    mr__bytes name = {0};
    const char *type = function_type(in, shape->value);
    int result = append_function_name(in, &name, shape->value, false);
    mr__bytes_printf(base, "[%s", type);
    if (shape->no_constructor)
        mr__bytes_str(base, " (null prototype)");
    if (name.len > 0) {
        mr__bytes_str(base, ": ");
        mr__bytes_append(base, name.data, name.len);
    } else {
        mr__bytes_str(base, " (anonymous)");
    }
    mr__bytes_char(base, ']');
    if (!shape->no_constructor && !named(shape, type)) {
        mr__bytes_char(base, ' ');
        mr__bytes_append(base, shape->constructor.data, shape->constructor.len);
    }
    append_tag(shape);
    mr__bytes_deinit(&name);
    return result;
}

/* The whole text when there are no keys, in its style. */
static int base_alone(mr__inspector *in, mr__shape *shape, enum mr__style style)
{
    mr__bytes styled = {0};
    mr__style_begin(&styled, style, in->options.colors);
    mr__bytes_append(&styled, shape->base.data, shape->base.len);
    mr__style_end(&styled, style, in->options.colors);
    mr__bytes_deinit(&shape->base);
    shape->base = styled;
    return MR__SHAPE_DONE;
}

static int describe_function(mr__inspector *in, mr__shape *shape)
{
    if (mr__keys_read(in, &shape->keys, shape->value, false) < 0)
        return MR__SHAPE_FAILED;
    bool class = is_class(in, shape->value) || mr__inspect_is_platform_class(in->js, shape->value);
    int result = class ? append_class(in, shape) : append_function(in, shape);
    mr__bytes_char(&shape->open, '{');
    if (result < 0)
        return MR__SHAPE_FAILED;
    return mr__shape_bare(shape) ? base_alone(in, shape, MR__STYLE_SPECIAL) : MR__SHAPE_GO_ON;
}

/* ---- RegExp, Date, boxed primitives -----------------------------------------------------------*/

/* `Foo ` in front of a text, unless it is the class's usual name. */
static void prefix_base(mr__shape *shape, const char *usual)
{
    if (!named(shape, usual) || shape->tag.len > 0)
        mr__shape_prefix(shape, &shape->base, usual, "");
}

static int describe_regexp(mr__inspector *in, mr__shape *shape, int depth)
{
    static const char letters[] = "dgimsuvy";
    prefix_base(shape, "RegExp");
    JSValue source = mr__intrinsic_call(in->js, MR__FN_RE_SOURCE, shape->value);
    mr__bytes_char(&shape->base, '/');
    int result = JS_IsException(source) ? -1 : mr__text_append_js(in->ctx, &shape->base, source);
    mr__bytes_char(&shape->base, '/');
    JS_FreeValue(in->ctx, source);
    for (int i = 0; i < 8 && result == 0; i++) {
        JSValue set =
            mr__intrinsic_call(in->js, (enum mr__intrinsic)(MR__FN_RE_FLAGS + i), shape->value);
        if (JS_IsException(set))
            result = -1;
        else if (JS_IsBool(set) && JS_VALUE_GET_BOOL(set))
            mr__bytes_char(&shape->base, letters[i]);
        JS_FreeValue(in->ctx, set);
    }
    mr__bytes_char(&shape->open, '{');
    if (result < 0)
        return MR__SHAPE_FAILED;
    if (mr__shape_bare(shape) || mr__inspect_too_deep(in, depth))
        return base_alone(in, shape, MR__STYLE_REGEXP);
    return MR__SHAPE_GO_ON;
}

static int describe_date(mr__inspector *in, mr__shape *shape)
{
    double time = NAN;
    prefix_base(shape, "Date");
    JSValue value = mr__intrinsic_call(in->js, MR__FN_DATE_TIME, shape->value);
    int result = JS_IsException(value) ? -1 : JS_ToFloat64(in->ctx, &time, value);
    if (result == 0 && isnan(time)) {
        mr__bytes_str(&shape->base, "Invalid Date");
    } else if (result == 0) {
        JSValue iso = mr__intrinsic_call(in->js, MR__FN_DATE_ISO, shape->value);
        result = JS_IsException(iso) ? -1 : mr__text_append_js(in->ctx, &shape->base, iso);
        JS_FreeValue(in->ctx, iso);
    }
    mr__bytes_char(&shape->open, '{');
    if (result < 0)
        return MR__SHAPE_FAILED;
    return mr__shape_bare(shape) ? base_alone(in, shape, MR__STYLE_DATE) : MR__SHAPE_GO_ON;
}

static const struct box {
    enum mr__kind kind;
    enum mr__intrinsic value;
    enum mr__style style;
    const char *name;
} boxes[] = {
    {MR__KIND_NUMBER, MR__FN_NUMBER_VALUE, MR__STYLE_NUMBER, "Number"},
    {MR__KIND_STRING, MR__FN_STRING_VALUE, MR__STYLE_STRING, "String"},
    {MR__KIND_BOOLEAN, MR__FN_BOOLEAN_VALUE, MR__STYLE_BOOLEAN, "Boolean"},
    {MR__KIND_BIGINT, MR__FN_BIGINT_VALUE, MR__STYLE_BIGINT, "BigInt"},
    {MR__KIND_SYMBOL, MR__FN_SYMBOL_VALUE, MR__STYLE_SYMBOL, "Symbol"},
};

static const struct box *box_of(enum mr__kind kind)
{
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        if (boxes[i].kind == kind)
            return &boxes[i];
    }
    return NULL;
}

/* The characters of a boxed string are not listed as keys. */
static void drop_characters(mr__inspector *in, mr__shape *shape, JSValueConst string)
{
    int64_t length = 0;
    if (JS_GetLength(in->ctx, string, &length) < 0)
        mr__clear_exception(in->ctx);
    mr__keys *keys = &shape->keys;
    uint32_t drop = length < keys->count ? (uint32_t)length : keys->count;
    for (uint32_t i = 0; i < drop; i++)
        JS_FreeAtom(in->ctx, keys->atoms[i]);
    keys->count -= drop;
    memmove(keys->atoms, keys->atoms + drop, keys->count * sizeof(*keys->atoms));
}

static int describe_box(mr__inspector *in, mr__shape *shape, const struct box *box)
{
    bool colors = in->options.colors;
    JSValue value = mr__intrinsic_call(in->js, box->value, shape->value);
    if (JS_IsException(value))
        return MR__SHAPE_FAILED;
    if (box->kind == MR__KIND_STRING && shape->keys.count > 0)
        drop_characters(in, shape, value);
    mr__bytes_printf(&shape->base, "[%s", box->name);
    if (shape->no_constructor) {
        mr__bytes_str(&shape->base, " (null prototype)");
    } else if (!named(shape, box->name)) {
        mr__bytes_str(&shape->base, " (");
        mr__bytes_append(&shape->base, shape->constructor.data, shape->constructor.len);
        mr__bytes_char(&shape->base, ')');
    }
    mr__bytes_str(&shape->base, ": ");
    in->options.colors = false;
    int result = mr__inspect_primitive(in, &shape->base, value);
    in->options.colors = colors;
    JS_FreeValue(in->ctx, value);
    mr__bytes_char(&shape->base, ']');
    append_tag(shape);
    mr__bytes_char(&shape->open, '{');
    if (result < 0)
        return MR__SHAPE_FAILED;
    return mr__shape_bare(shape) ? base_alone(in, shape, box->style) : MR__SHAPE_GO_ON;
}

/* ---- Promises, weak collections, namespaces ---------------------------------------------------*/

static int fill_promise(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    bool colors = in->options.colors;
    JSPromiseStateEnum state = JS_PromiseState(in->ctx, shape->value);
    int result = 0;
    if (state == JS_PROMISE_PENDING) {
        mr__style_text(&entries->text, MR__STYLE_SPECIAL, colors, "<pending>");
    } else {
        if (state == JS_PROMISE_REJECTED) {
            mr__style_text(&entries->text, MR__STYLE_SPECIAL, colors, "<rejected>");
            mr__bytes_char(&entries->text, ' ');
        }
        JSValue value = JS_PromiseResult(in->ctx, shape->value);
        in->indentation += 2;
        result = mr__inspect_value(in, &entries->text, value, depth, false);
        in->indentation -= 2;
        JS_FreeValue(in->ctx, value);
    }
    mr__entries_end(entries);
    return result;
}

static int fill_unknown(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    (void)shape;
    (void)depth;
    mr__style_text(&entries->text, MR__STYLE_SPECIAL, in->options.colors, "<items unknown>");
    mr__entries_end(entries);
    return 0;
}

static int describe_opaque(mr__shape *shape, const char *name, mr__fill_fn *fill)
{
    open_with(shape, name, "", "{");
    shape->fill = fill;
    return MR__SHAPE_GO_ON;
}

/* ---- Plain objects, and which describer an object gets ----------------------------------------*/

static int describe_plain(mr__inspector *in, mr__shape *shape)
{
    bool arguments = mr__kind_of(in->js, shape->value) == MR__KIND_ARGUMENTS;
    if (named(shape, "Object") && arguments) {
        mr__bytes_str(&shape->open, "[Arguments] {");
    } else if (named(shape, "Object") && shape->tag.len == 0) {
        mr__bytes_char(&shape->open, '{');
    } else {
        JSAtom atom = JS_GetClassName(in->js->rt, JS_GetClassID(shape->value));
        const char *name = atom == JS_ATOM_NULL ? NULL : JS_AtomToCString(in->ctx, atom);
        open_with(shape, name == NULL || name[0] == '\0' ? "Object" : name, "", "{");
        JS_FreeCString(in->ctx, name);
        JS_FreeAtom(in->ctx, atom);
    }
    return mr__shape_bare(shape) ? empty(shape) : MR__SHAPE_GO_ON;
}

/* An object of a special kind that was given Object.prototype and no iterator shows as plain. */
static bool is_disguised(mr__inspector *in, const mr__shape *shape)
{
    if (!named(shape, "Object"))
        return false;
    JSAtom atom = mr__intrinsics_of(in->js)->atoms[MR__ATOM_ITERATOR];
    JSValue iterator = mr__data_get(in->js, shape->value, atom);
    bool disguised = JS_IsUndefined(iterator);
    JS_FreeValue(in->ctx, iterator);
    return disguised;
}

/* Kinds that are listed whether or not they look like something else. */
static int describe_iterable(mr__inspector *in, mr__shape *shape, bool *out_done)
{
    enum mr__kind kind = mr__kind_of(in->js, shape->value);
    *out_done = true;
    if (JS_IsArray(shape->value))
        return describe_array(in, shape);
    if (JS_IsMap(shape->value) || JS_IsSet(shape->value))
        return describe_collection(in, shape);
    if (JS_GetTypedArrayType(shape->value) >= 0)
        return mr__describe_typed_array(in, shape);
    if (kind == MR__KIND_MAP_ITERATOR || kind == MR__KIND_SET_ITERATOR)
        return describe_iterator(in, shape, kind == MR__KIND_MAP_ITERATOR);
    *out_done = false;
    return MR__SHAPE_GO_ON;
}

int mr__describe(mr__inspector *in, mr__shape *shape, int depth, bool in_typed_array)
{
    JSValueConst value = shape->value;
    if (JS_IsFunction(in->ctx, value))
        return describe_function(in, shape);
    bool disguised = is_disguised(in, shape), done = false;
    if (!disguised) {
        int result = describe_iterable(in, shape, &done);
        if (done)
            return result;
    }
    if (mr__keys_read(in, &shape->keys, value, false) < 0)
        return MR__SHAPE_FAILED;
    if (disguised)
        return describe_plain(in, shape);
    enum mr__kind kind = mr__kind_of(in->js, value);
    if (JS_IsRegExp(value))
        return describe_regexp(in, shape, depth);
    if (JS_IsDate(value))
        return describe_date(in, shape);
    if (mr__is_error(in->js, value))
        return mr__describe_error(in, shape);
    if (JS_IsArrayBuffer(value) || kind == MR__KIND_SHARED_BUFFER)
        return mr__describe_buffer(in, shape, in_typed_array);
    if (JS_IsDataView(value))
        return mr__describe_view(in, shape);
    if (JS_IsPromise(value))
        return describe_opaque(shape, "Promise", fill_promise);
    if (JS_IsWeakSet(value))
        return describe_opaque(shape, "WeakSet", fill_unknown);
    if (JS_IsWeakMap(value))
        return describe_opaque(shape, "WeakMap", fill_unknown);
    if (kind == MR__KIND_NAMESPACE)
        return describe_opaque(shape, "Module", NULL);
    const struct box *box = box_of(kind);
    return box != NULL ? describe_box(in, shape, box) : describe_plain(in, shape);
}
