/* Names, keys and properties of the objects that the inspector writes. */
#include <string.h>

#include "js/inspect.h"

/* ---- The class's name -------------------------------------------------------------------------*/

/* Whether constructor.prototype is among the prototypes of value, read without script. */
static bool is_instance(mr_js *js, JSValueConst value, JSValueConst constructor)
{
    struct mr__intrinsics *known = mr__intrinsics_of(js);
    JSValue wanted = mr__data_own(js, constructor, known->atoms[MR__ATOM_PROTOTYPE]);
    JSValue proto = JS_IsObject(wanted) ? JS_GetPrototype(js->ctx, value) : JS_NULL;
    bool found = false;
    while (JS_IsObject(proto) && !(found = JS_VALUE_GET_PTR(proto) == JS_VALUE_GET_PTR(wanted)) &&
           !JS_IsProxy(proto)) {
        JSValue next = JS_GetPrototype(js->ctx, proto);
        JS_FreeValue(js->ctx, proto);
        proto = next;
    }
    JS_FreeValue(js->ctx, proto);
    JS_FreeValue(js->ctx, wanted);
    return found;
}

/* Append the name of holder's own constructor if value is an instance of it: 1, 0, -1. */
static int own_constructor(mr__inspector *in, mr__bytes *out, JSValueConst value,
                           JSValueConst holder)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSValue constructor = mr__data_own(in->js, holder, known->atoms[MR__ATOM_CONSTRUCTOR]);
    JSValue name = JS_UNDEFINED;
    int result = 0;
    if (JS_IsFunction(in->ctx, constructor) && !JS_IsProxy(constructor))
        name = mr__data_own(in->js, constructor, known->atoms[MR__ATOM_NAME]);
    if (JS_IsString(name) && is_instance(in->js, value, constructor)) {
        size_t before = out->len;
        result = mr__text_append_js(in->ctx, out, name) < 0 ? -1 : out->len > before;
    }
    JS_FreeValue(in->ctx, name);
    JS_FreeValue(in->ctx, constructor);
    return result;
}

static bool has_builtin_constructor(mr__inspector *in, JSValueConst holder)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSValue constructor = mr__data_own(in->js, holder, known->atoms[MR__ATOM_CONSTRUCTOR]);
    JSValue name = JS_UNDEFINED;
    if (JS_IsFunction(in->ctx, constructor) && !JS_IsProxy(constructor))
        name = mr__data_own(in->js, constructor, known->atoms[MR__ATOM_NAME]);
    bool builtin = mr__is_class_name(in->js, name);
    JS_FreeValue(in->ctx, name);
    JS_FreeValue(in->ctx, constructor);
    return builtin;
}

static int push_seen(mr__inspector *in, JSValueConst value);

/* showHidden: the data and accessor properties that value inherits from one prototype. */
static int inherit_from(mr__inspector *in, mr__entries *out, JSValueConst value, JSValueConst proto,
                        mr__keys *above, int depth)
{
    JSPropertyEnum *names;
    uint32_t count;
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    int flags = JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK;
    if (JS_GetOwnPropertyNames(in->ctx, &names, &count, proto, flags) < 0)
        return -1;
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        JSAtom key = names[i].atom;
        if (key == known->atoms[MR__ATOM_CONSTRUCTOR] || mr__keys_have(above, key) ||
            mr__data_is_own(in->js, value, key, NULL))
            continue;
        JSValue held = mr__data_own(in->js, proto, key);
        if (!JS_IsFunction(in->ctx, held)) {
            if (in->options.colors)
                mr__bytes_str(&out->text, "\x1b[2m");
            result =
                mr__inspect_property(in, &out->text, proto, value, key, depth, MR__PLACE_OBJECT);
            if (in->options.colors)
                mr__bytes_str(&out->text, "\x1b[22m");
            mr__entries_end(out);
        }
        JS_FreeValue(in->ctx, held);
    }
    for (uint32_t i = 0; i < count && result == 0; i++)
        result = mr__keys_add(in->ctx, above, names[i].atom, false);
    JS_FreePropertyEnum(in->ctx, names, count);
    return result;
}

/* showHidden: up to three prototypes below the classes of the language. */
static int inherit(mr__inspector *in, mr__entries *out, JSValueConst value, JSValueConst first,
                   bool from_first, int depth)
{
    mr__keys above = {0};
    int result = push_seen(in, value), level = 0;
    JSValue proto = JS_DupValue(in->ctx, first);
    for (; result == 0 && level < 3 && JS_IsObject(proto) && !JS_IsProxy(proto); level++) {
        if (level > 0 || !from_first) {
            JSValue next = JS_GetPrototype(in->ctx, proto);
            JS_FreeValue(in->ctx, proto);
            proto = next;
            if (!JS_IsObject(proto) || JS_IsProxy(proto) || has_builtin_constructor(in, proto))
                break;
        }
        result = inherit_from(in, out, value, proto, &above, depth);
    }
    in->seen_count--;
    JS_FreeValue(in->ctx, proto);
    mr__keys_deinit(in->ctx, &above);
    return result;
}

/* The engine's name of a class, for objects that no constructor of theirs names. */
static int append_class_name(mr__inspector *in, mr__bytes *out, JSValueConst value)
{
    if (JS_IsFunction(in->ctx, value)) {
        mr__bytes_str(out, "Function");
        return 0;
    }
    JSAtom atom = JS_GetClassName(in->js->rt, JS_GetClassID(value));
    const char *name = atom == JS_ATOM_NULL ? NULL : JS_AtomToCString(in->ctx, atom);
    mr__bytes_str(out, name == NULL || name[0] == '\0' ? "Object" : name);
    JS_FreeCString(in->ctx, name);
    JS_FreeAtom(in->ctx, atom);
    return 0;
}

static int name_of(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                   mr__shape *shape, bool *out_none);

/* `Object <Complex prototype>`, `Foo <Bar>`, `Object <[Object: null prototype] {}>`. */
static int odd_name(mr__inspector *in, mr__bytes *out, JSValueConst value, JSValueConst first,
                    int depth, mr__shape *shape)
{
    append_class_name(in, out, value);
    if (mr__inspect_too_deep(in, depth)) {
        mr__bytes_str(out, " <Complex prototype>");
        return 0;
    }
    mr__bytes_str(out, " <");
    bool none = false;
    int result = name_of(in, out, first, depth + 1, shape, &none);
    if (result == 0 && none) {
        mr__inspect_options saved = in->options;
        bool unlimited = in->unlimited_depth;
        in->options.custom = false;
        in->options.depth = -1;
        in->unlimited_depth = false;
        result = mr__inspect_value(in, out, first, 0, false);
        in->options = saved;
        in->unlimited_depth = unlimited;
    }
    mr__bytes_char(out, '>');
    return result;
}

/* Append the name under which value is known; *out_none: it has a null prototype. */
static int name_of(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                   mr__shape *shape, bool *out_none)
{
    JSValue first = JS_UNDEFINED, holder = JS_DupValue(in->ctx, value);
    int found = 0;
    while (JS_IsObject(holder) && !JS_IsProxy(holder)) {
        found = own_constructor(in, out, value, holder);
        if (found != 0)
            break;
        JSValue next = JS_GetPrototype(in->ctx, holder);
        JS_FreeValue(in->ctx, holder);
        holder = next;
        if (JS_IsUndefined(first))
            first = JS_DupValue(in->ctx, next);
    }
    int result = found < 0 ? -1 : 0;
    if (found > 0 && shape != NULL && shape->has_inherited) {
        bool direct = JS_IsObject(first) && JS_VALUE_GET_PTR(first) == JS_VALUE_GET_PTR(holder);
        if (!direct || !has_builtin_constructor(in, holder))
            result = inherit(in, &shape->inherited, value, JS_IsObject(first) ? first : value,
                             JS_IsObject(first), depth);
    } else if (found == 0 && JS_IsNull(first)) {
        *out_none = true;
    } else if (found == 0) {
        result = odd_name(in, out, value, first, depth, shape);
    }
    JS_FreeValue(in->ctx, first);
    JS_FreeValue(in->ctx, holder);
    return result;
}

int mr__shape_name(mr__inspector *in, mr__shape *shape, int depth)
{
    shape->has_inherited = in->options.show_hidden && !mr__inspect_too_deep(in, depth);
    int result =
        name_of(in, &shape->constructor, shape->value, depth, shape, &shape->no_constructor);
    shape->has_inherited = shape->inherited.count > 0;
    return result;
}

int mr__shape_tag(mr__inspector *in, mr__shape *shape)
{
    JSAtom atom = mr__intrinsics_of(in->js)->atoms[MR__ATOM_TAG];
    bool enumerable = false;
    if (mr__data_is_own(in->js, shape->value, atom, &enumerable) &&
        (enumerable || in->options.show_hidden))
        return 0;
    JSValue tag = mr__data_get(in->js, shape->value, atom);
    int result = JS_IsString(tag) ? mr__text_append_js(in->ctx, &shape->tag, tag) : 0;
    JS_FreeValue(in->ctx, tag);
    JSValue global = JS_GetGlobalObject(in->ctx);
    if (shape->tag.len == 0 && JS_VALUE_GET_PTR(global) == JS_VALUE_GET_PTR(shape->value))
        mr__bytes_str(&shape->tag, "global");
    JS_FreeValue(in->ctx, global);
    return result;
}

static bool same_text(const mr__bytes *a, const char *b)
{
    size_t len = strlen(b);
    return a->len == len && memcmp(len > 0 ? a->data : "", b, len) == 0;
}

static bool same_bytes(const mr__bytes *a, const mr__bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

void mr__shape_prefix(const mr__shape *shape, mr__bytes *out, const char *fallback,
                      const char *size)
{
    const mr__bytes *tag = &shape->tag;
    bool tagged;
    if (shape->no_constructor) {
        mr__bytes_char(out, '[');
        mr__bytes_str(out, fallback);
        mr__bytes_str(out, size);
        mr__bytes_str(out, ": null prototype] ");
        tagged = tag->len > 0 && !same_text(tag, fallback);
    } else {
        mr__bytes_append(out, shape->constructor.data, shape->constructor.len);
        mr__bytes_str(out, size);
        mr__bytes_char(out, ' ');
        tagged = tag->len > 0 && !same_bytes(tag, &shape->constructor);
    }
    if (tagged) {
        mr__bytes_char(out, '[');
        mr__bytes_append(out, tag->data, tag->len);
        mr__bytes_str(out, "] ");
    }
}

bool mr__shape_bare(const mr__shape *shape)
{
    return shape->keys.count == 0 && !shape->has_inherited;
}

/* ---- Keys -------------------------------------------------------------------------------------*/

int mr__keys_add(JSContext *ctx, mr__keys *keys, JSAtom atom, bool first)
{
    if (keys->count == keys->cap) {
        uint32_t cap = keys->cap < 8 ? 8 : keys->cap * 2;
        JSAtom *atoms = js_realloc(ctx, keys->atoms, cap * sizeof(*atoms));
        if (atoms == NULL)
            return -1;
        keys->atoms = atoms;
        keys->cap = cap;
    }
    uint32_t at = first ? 0 : keys->count;
    memmove(keys->atoms + at + 1, keys->atoms + at, (keys->count - at) * sizeof(*keys->atoms));
    keys->atoms[at] = JS_DupAtom(ctx, atom);
    keys->count++;
    return 0;
}

bool mr__keys_remove(JSContext *ctx, mr__keys *keys, JSAtom atom)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        if (keys->atoms[i] != atom)
            continue;
        JS_FreeAtom(ctx, atom);
        keys->count--;
        memmove(keys->atoms + i, keys->atoms + i + 1, (keys->count - i) * sizeof(*keys->atoms));
        return true;
    }
    return false;
}

bool mr__keys_have(const mr__keys *keys, JSAtom atom)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        if (keys->atoms[i] == atom)
            return true;
    }
    return false;
}

void mr__keys_deinit(JSContext *ctx, mr__keys *keys)
{
    for (uint32_t i = 0; i < keys->count; i++)
        JS_FreeAtom(ctx, keys->atoms[i]);
    js_free(ctx, keys->atoms);
    *keys = (mr__keys){0};
}

/* Whether the key is an array index: "0" to "4294967294". */
static bool is_index(JSContext *ctx, JSAtom atom)
{
    size_t len;
    JSValue value = JS_AtomToValue(ctx, atom);
    bool symbol = JS_IsSymbol(value);
    JS_FreeValue(ctx, value);
    const char *text = symbol ? NULL : JS_AtomToCStringLen(ctx, &len, atom);
    if (text == NULL)
        return false;
    uint64_t number = 0;
    bool index = len > 0 && len <= 10 && (text[0] != '0' || len == 1);
    for (size_t i = 0; index && i < len; i++) {
        index = text[i] >= '0' && text[i] <= '9';
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    JS_FreeCString(ctx, text);
    return index && number <= 4294967294u;
}

/* Indices stand first among the keys of an object. */
static uint32_t count_indices(JSContext *ctx, const JSPropertyEnum *names, uint32_t count)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_index(ctx, names[middle].atom))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int mr__keys_read(mr__inspector *in, mr__keys *keys, JSValueConst value, bool skip_indices)
{
    JSPropertyEnum *names;
    uint32_t count;
    int flags = JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK;
    bool namespace = mr__is_namespace(in->js, value);
    if (namespace && !in->options.show_hidden)
        flags = JS_GPN_STRING_MASK; /* all are enumerable; asking would fail for unset bindings */
    else if (!in->options.show_hidden)
        flags |= JS_GPN_ENUM_ONLY;
    if (JS_GetOwnPropertyNames(in->ctx, &names, &count, value, flags) < 0)
        return -1;
    uint32_t first = skip_indices ? count_indices(in->ctx, names, count) : 0;
    int result = 0;
    if (count > first) {
        keys->atoms = js_malloc(in->ctx, (count - first) * sizeof(*keys->atoms));
        result = keys->atoms == NULL ? -1 : 0;
    }
    for (uint32_t i = first; i < count && result == 0; i++)
        keys->atoms[keys->count++] = JS_DupAtom(in->ctx, names[i].atom);
    keys->cap = keys->count;
    JS_FreePropertyEnum(in->ctx, names, count);
    return result;
}

/* ---- Properties -------------------------------------------------------------------------------*/

static int append_key(mr__inspector *in, mr__bytes *out, JSAtom key, bool enumerable)
{
    bool colors = in->options.colors;
    JSValue value = JS_AtomToValue(in->ctx, key);
    bool symbol = JS_IsSymbol(value);
    mr__bytes text = {0};
    int result = mr__text_append_js(in->ctx, &text, value);
    const char *data = mr__bytes_cstr(&text);
    JS_FreeValue(in->ctx, value);
    if (symbol) {
        mr__bytes_char(out, '[');
        mr__style_begin(out, MR__STYLE_SYMBOL, colors);
        mr__text_escape(out, data, text.len);
        mr__style_end(out, MR__STYLE_SYMBOL, colors);
        mr__bytes_char(out, ']');
    } else if (key == mr__intrinsics_of(in->js)->atoms[MR__ATOM_PROTO]) {
        mr__bytes_str(out, "['__proto__']");
    } else if (!enumerable) {
        mr__bytes_char(out, '[');
        mr__text_escape(out, data, text.len);
        mr__bytes_char(out, ']');
    } else if (mr__text_is_identifier(data, text.len)) {
        mr__bytes_append(out, data, text.len);
    } else {
        mr__style_begin(out, MR__STYLE_STRING, colors);
        mr__text_quote(out, data, text.len);
        mr__style_end(out, MR__STYLE_STRING, colors);
    }
    mr__bytes_deinit(&text);
    return result;
}

/* getters: call the getter and write what it gave behind the label. */
static int append_getter(mr__inspector *in, mr__bytes *out, JSValueConst getter,
                         JSValueConst receiver, const char *label, int depth)
{
    bool colors = in->options.colors;
    mr__bytes open = {0};
    JSValue got = mr__inspect_call(in, getter, receiver, 0, NULL);
    int result = 0;
    if (JS_IsException(got) && mr__inspect_is_ended(in))
        return -1;
    in->indentation += 2;
    if (JS_IsObject(got)) {
        mr__bytes_printf(&open, "[%s]", label);
        mr__style_text(out, MR__STYLE_SPECIAL, colors, mr__bytes_cstr(&open));
        mr__bytes_char(out, ' ');
        result = mr__inspect_value(in, out, got, depth, false);
    } else {
        mr__bytes_printf(&open, "[%s:", label);
        mr__style_text(out, MR__STYLE_SPECIAL, colors, mr__bytes_cstr(&open));
        mr__bytes_char(out, ' ');
        if (JS_IsException(got)) {
            JSValue error = JS_GetException(in->ctx);
            JSValue message =
                mr__data_get(in->js, error, mr__intrinsics_of(in->js)->atoms[MR__ATOM_MESSAGE]);
            mr__bytes_str(out, "<Inspection threw (");
            result = mr__text_append_js(in->ctx, out, message);
            mr__bytes_str(out, ")>");
            JS_FreeValue(in->ctx, message);
            JS_FreeValue(in->ctx, error);
        } else {
            result = mr__inspect_primitive(in, out, got);
        }
        mr__style_text(out, MR__STYLE_SPECIAL, colors, "]");
    }
    in->indentation -= 2;
    JS_FreeValue(in->ctx, got);
    mr__bytes_deinit(&open);
    return result;
}

static int append_accessor(mr__inspector *in, mr__bytes *out, const JSPropertyDescriptor *desc,
                           JSValueConst receiver, int depth)
{
    bool get = !JS_IsUndefined(desc->getter), set = !JS_IsUndefined(desc->setter);
    if (!get) {
        mr__style_text(out, set ? MR__STYLE_SPECIAL : MR__STYLE_UNDEFINED, in->options.colors,
                       set ? "[Setter]" : "undefined");
        return 0;
    }
    bool call = in->getters == MR__GETTERS_ALL || (in->getters == MR__GETTERS_GET && !set) ||
                (in->getters == MR__GETTERS_SET && set);
    if (call)
        return append_getter(in, out, desc->getter, receiver, set ? "Getter/Setter" : "Getter",
                             depth);
    mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors,
                   set ? "[Getter/Setter]" : "[Getter]");
    return 0;
}

int mr__inspect_held(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                     enum mr__place place)
{
    bool wide = in->options.compact == MR__COMPACT_TRUE && place == MR__PLACE_OBJECT;
    size_t step = wide ? 3 : 2;
    mr__bytes text = {0};
    in->indentation += step;
    int result = mr__inspect_value(in, &text, value, depth, false);
    if (place != MR__PLACE_ELEMENT) {
        size_t columns = wide ? mr__text_columns(text.data, text.len, in->options.colors) : 0;
        if (columns > (size_t)in->options.break_length) {
            mr__bytes_char(out, '\n');
            mr__bytes_fill(out, ' ', in->indentation);
        } else {
            mr__bytes_char(out, ' ');
        }
    }
    in->indentation -= step;
    mr__bytes_append(out, text.data, text.len);
    out->failed |= text.failed;
    mr__bytes_deinit(&text);
    return result;
}

/* The property's descriptor: 1; a module's binding without value: 0; -1. A property that is not own
 * shows as the plain value that it gives. */
static int describe_property(mr__inspector *in, JSPropertyDescriptor *desc, JSValueConst value,
                             JSAtom key)
{
    int found = JS_GetOwnProperty(in->ctx, desc, value, key);
    if (found > 0)
        return 1;
    if (found < 0) {
        mr__clear_exception(in->ctx);
        return 0;
    }
    *desc = (JSPropertyDescriptor){.flags = JS_PROP_C_W_E,
                                   .value = mr__data_get(in->js, value, key),
                                   .getter = JS_UNDEFINED,
                                   .setter = JS_UNDEFINED};
    return 1;
}

int mr__inspect_property(mr__inspector *in, mr__bytes *out, JSValueConst holder,
                         JSValueConst receiver, JSAtom key, int depth, enum mr__place place)
{
    JSPropertyDescriptor desc;
    int found = describe_property(in, &desc, holder, key);
    int result = 0;
    if (place != MR__PLACE_ELEMENT) {
        result = append_key(in, out, key, found == 0 || (desc.flags & JS_PROP_ENUMERABLE) != 0);
        mr__bytes_char(out, ':');
    }
    if (found == 0) {
        mr__bytes_char(out, ' ');
        mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors, "<uninitialized>");
        return result;
    }
    if (result == 0 && (desc.flags & JS_PROP_GETSET)) {
        if (place != MR__PLACE_ELEMENT)
            mr__bytes_char(out, ' ');
        result = append_accessor(in, out, &desc, receiver, depth);
    } else if (result == 0) {
        result = mr__inspect_held(in, out, desc.value, depth, place);
    }
    JS_FreeValue(in->ctx, desc.value);
    JS_FreeValue(in->ctx, desc.getter);
    JS_FreeValue(in->ctx, desc.setter);
    return result;
}

static int push_seen(mr__inspector *in, JSValueConst value)
{
    if (in->seen_count == in->seen_cap) {
        size_t cap = in->seen_cap < 16 ? 16 : in->seen_cap * 2;
        void **seen = js_realloc(in->ctx, in->seen, cap * sizeof(*seen));
        if (seen == NULL)
            return -1;
        in->seen = seen;
        in->seen_cap = cap;
    }
    in->seen[in->seen_count++] = JS_VALUE_GET_PTR(value);
    return 0;
}
