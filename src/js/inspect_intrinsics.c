/* What the inspector knows about the engine's objects: intrinsic functions taken at installation,
 * class ids, and reads that run no script. */
#include <string.h>

#include "base/memory.h"
#include "js/inspect.h"

void mr__clear_exception(JSContext *ctx)
{
    JS_FreeValue(ctx, JS_GetException(ctx));
}

struct mr__intrinsics *mr__intrinsics_of(mr_js *js)
{
    return &js->console->intrinsics;
}

/* ---- Reads without script ---------------------------------------------------------------------*/

JSValue mr__intrinsic_call(mr_js *js, enum mr__intrinsic fn, JSValueConst value)
{
    JSValueConst function = mr__intrinsics_of(js)->functions[fn];
    if (!JS_IsObject(function))
        return JS_UNDEFINED;
    return JS_Call(js->ctx, function, value, 0, NULL);
}

/* An accessor's value if its getter is one of the engine's or ours that only read a slot. */
static JSValue trusted_getter(mr_js *js, JSValueConst getter, JSValueConst value)
{
    static const unsigned char trusted[] = {MR__FN_ERROR_STACK, MR__FN_DOM_NAME, MR__FN_DOM_MESSAGE,
                                            MR__FN_DOM_CODE, MR__FN_TYPED_TAG};
    struct mr__intrinsics *in = mr__intrinsics_of(js);
    for (size_t i = 0; i < sizeof(trusted) && JS_IsObject(getter); i++) {
        JSValueConst known = in->functions[trusted[i]];
        if (!JS_IsObject(known) || JS_VALUE_GET_PTR(known) != JS_VALUE_GET_PTR(getter))
            continue;
        JSValue result = JS_Call(js->ctx, getter, value, 0, NULL);
        if (!JS_IsException(result))
            return result;
        mr__clear_exception(js->ctx);
    }
    return JS_UNDEFINED;
}

/* 1 with *out_value owned if holder has atom as its own, 0 if not. */
static int read_own(mr_js *js, JSValueConst holder, JSValueConst value, JSAtom atom,
                    JSValue *out_value)
{
    JSPropertyDescriptor desc;
    int found = JS_GetOwnProperty(js->ctx, &desc, holder, atom);
    if (found < 0)
        mr__clear_exception(js->ctx); /* a module's binding that has no value yet */
    if (found <= 0)
        return found < 0;
    if (desc.flags & JS_PROP_GETSET) {
        *out_value = trusted_getter(js, desc.getter, value);
        JS_FreeValue(js->ctx, desc.value);
    } else {
        *out_value = desc.value;
    }
    JS_FreeValue(js->ctx, desc.getter);
    JS_FreeValue(js->ctx, desc.setter);
    return 1;
}

JSValue mr__data_own(mr_js *js, JSValueConst value, JSAtom atom)
{
    JSValue result = JS_UNDEFINED;
    if (JS_IsObject(value) && !JS_IsProxy(value))
        read_own(js, value, value, atom, &result);
    return result;
}

JSValue mr__data_get(mr_js *js, JSValueConst value, JSAtom atom)
{
    JSContext *ctx = js->ctx;
    JSValue result = JS_UNDEFINED;
    JSValue holder = JS_DupValue(ctx, value);
    while (JS_IsObject(holder) && !JS_IsProxy(holder)) {
        if (read_own(js, holder, value, atom, &result) != 0)
            break;
        JSValue next = JS_GetPrototype(ctx, holder);
        JS_FreeValue(ctx, holder);
        holder = next;
    }
    JS_FreeValue(ctx, holder);
    return result;
}

bool mr__data_is_own(mr_js *js, JSValueConst value, JSAtom atom, bool *out_enumerable)
{
    JSPropertyDescriptor desc;
    if (!JS_IsObject(value) || JS_IsProxy(value))
        return false;
    int found = JS_GetOwnProperty(js->ctx, &desc, value, atom);
    if (found < 0)
        mr__clear_exception(js->ctx);
    if (found <= 0)
        return false;
    if (out_enumerable != NULL)
        *out_enumerable = (desc.flags & JS_PROP_ENUMERABLE) != 0;
    JS_FreeValue(js->ctx, desc.value);
    JS_FreeValue(js->ctx, desc.getter);
    JS_FreeValue(js->ctx, desc.setter);
    return true;
}

JSValue mr__proxy_unwrap(mr_js *js, JSValueConst value)
{
    JSValue target = JS_DupValue(js->ctx, value);
    while (JS_IsProxy(target)) {
        JSValue next = JS_GetProxyTarget(js->ctx, target);
        JS_FreeValue(js->ctx, target);
        if (JS_IsException(next)) {
            mr__clear_exception(js->ctx);
            return JS_NULL;
        }
        target = next;
    }
    return target;
}

/* ---- Kinds ------------------------------------------------------------------------------------*/

enum mr__kind mr__kind_of(mr_js *js, JSValueConst value)
{
    JSClassID id = JS_GetClassID(value);
    return id < MR__CLASSES_MAX ? (enum mr__kind)mr__intrinsics_of(js)->kinds[id] : MR__KIND_OTHER;
}

bool mr__is_error(mr_js *js, JSValueConst value)
{
    if (!JS_IsObject(value) || JS_IsProxy(value))
        return false;
    if (JS_IsError(value))
        return true;
    void *wanted = JS_VALUE_GET_PTR(mr__intrinsics_of(js)->error_proto);
    JSValue proto = JS_GetPrototype(js->ctx, value);
    bool found = false;
    while (JS_IsObject(proto) && !(found = JS_VALUE_GET_PTR(proto) == wanted) &&
           !JS_IsProxy(proto)) {
        JSValue next = JS_GetPrototype(js->ctx, proto);
        JS_FreeValue(js->ctx, proto);
        proto = next;
    }
    JS_FreeValue(js->ctx, proto);
    return found;
}

bool mr__is_namespace(mr_js *js, JSValueConst value)
{
    return mr__kind_of(js, value) == MR__KIND_NAMESPACE;
}

/* Whether a text looks like the name of a class. */
static bool is_like_class(const char *name, size_t len)
{
    return len >= 2 && name[0] >= 'A' && name[0] <= 'Z' && strchr(name, '_') == NULL;
}

bool mr__is_class_name(mr_js *js, JSValueConst name)
{
    struct mr__intrinsics *in = mr__intrinsics_of(js);
    size_t len;
    const char *text = JS_IsString(name) ? JS_ToCStringLen(js->ctx, &len, name) : NULL;
    if (text == NULL)
        return false;
    bool found = false;
    if (is_like_class(text, len)) {
        JSAtom atom = JS_NewAtomLen(js->ctx, text, len);
        for (int i = 0; i < 2 && !found; i++) {
            for (uint32_t j = 0; j < in->globals[i].count && !found; j++)
                found = in->globals[i].names[j].atom == atom;
        }
        JS_FreeAtom(js->ctx, atom);
    }
    JS_FreeCString(js->ctx, text);
    return found;
}

/* ---- Contents of collections ------------------------------------------------------------------*/

/* What lies behind a Map's or Set's iterator. The engine has no call that looks without moving, so
 * this follows its layout; probe_layout compares it with live iterators before it is ever used. */
struct iterator_data {
    JSValue source; /* the collection, undefined when exhausted */
    int kind;
    void *position; /* the entry given last, NULL before the first */
};

static struct iterator_data *iterator_data_of(struct mr__intrinsics *in, JSValueConst iterator,
                                              enum mr__kind kind)
{
    return JS_GetOpaque(iterator, in->class_ids[kind]);
}

void mr__items_deinit(mr_js *js, mr__items *items)
{
    for (size_t i = 0; i < items->count; i++)
        JS_FreeValue(js->ctx, items->values[i]);
    mr__free(items->values);
    *items = (mr__items){0};
}

static int items_add(mr_js *js, mr__items *items, JSValue value)
{
    if (items->count == items->cap) {
        size_t cap = items->cap < 8 ? 8 : items->cap * 2;
        JSValue *values = mr__realloc(items->values, cap * sizeof(*values));
        if (values == NULL) {
            JS_FreeValue(js->ctx, value);
            JS_ThrowOutOfMemory(js->ctx);
            return -1;
        }
        items->values = values;
        items->cap = cap;
    }
    items->values[items->count++] = value;
    return 0;
}

/* One step of an iterator: 1 and *out_value owned, 0 at the end, -1. */
static int iterate(mr_js *js, enum mr__intrinsic next, JSValueConst iterator, JSValue *out_value)
{
    struct mr__intrinsics *in = mr__intrinsics_of(js);
    JSValue step = mr__intrinsic_call(js, next, iterator);
    if (JS_IsException(step))
        return -1;
    JSValue done = mr__data_own(js, step, in->atoms[MR__ATOM_DONE]);
    bool ended = !JS_IsBool(done) || JS_VALUE_GET_BOOL(done) != 0;
    if (!ended)
        *out_value = mr__data_own(js, step, in->atoms[MR__ATOM_VALUE]);
    JS_FreeValue(js->ctx, done);
    JS_FreeValue(js->ctx, step);
    return !ended;
}

static int add_item(mr_js *js, mr__items *items, JSValue item)
{
    if (!items->pairs)
        return items_add(js, items, item);
    JSValue key = JS_GetPropertyUint32(js->ctx, item, 0);
    JSValue value = JS_GetPropertyUint32(js->ctx, item, 1);
    JS_FreeValue(js->ctx, item);
    if (items_add(js, items, key) < 0) {
        JS_FreeValue(js->ctx, value);
        return -1;
    }
    return items_add(js, items, value);
}

/* Take what a fresh iterator of ours gives, and count the rest. */
static int drain(mr_js *js, mr__items *items, JSValueConst iterator, enum mr__intrinsic next,
                 uint64_t max, bool count_rest)
{
    JSValue item;
    int got;
    while ((got = iterate(js, next, iterator, &item)) > 0) {
        if (items->total++ >= max) {
            JS_FreeValue(js->ctx, item);
            if (!count_rest)
                break;
        } else if (add_item(js, items, item) < 0) {
            return -1;
        }
    }
    return got < 0 ? -1 : 0;
}

static int read_collection(mr_js *js, mr__items *items, JSValueConst value, uint64_t max)
{
    bool map = JS_IsMap(value);
    items->pairs = map;
    JSValue iterator = mr__intrinsic_call(js, map ? MR__FN_MAP_ENTRIES : MR__FN_SET_VALUES, value);
    if (JS_IsException(iterator))
        return -1;
    int result = drain(js, items, iterator, map ? MR__FN_MAP_NEXT : MR__FN_SET_NEXT, max, false);
    JS_FreeValue(js->ctx, iterator);
    JSValue size = mr__intrinsic_call(js, map ? MR__FN_MAP_SIZE : MR__FN_SET_SIZE, value);
    int64_t total = 0;
    if (JS_IsException(size) || JS_ToInt64(js->ctx, &total, size) < 0)
        return -1;
    items->total = (uint64_t)total;
    return result;
}

/* Move a fresh iterator to where another one stands. 0 if that place is gone. */
static int catch_up(mr_js *js, JSValueConst iterator, enum mr__kind kind, enum mr__intrinsic next,
                    const struct iterator_data *wanted)
{
    struct iterator_data *data = iterator_data_of(mr__intrinsics_of(js), iterator, kind);
    while (data->position != wanted->position) {
        JSValue item;
        int got = iterate(js, next, iterator, &item);
        if (got <= 0)
            return got;
        JS_FreeValue(js->ctx, item);
    }
    return 1;
}

static int read_iterator(mr_js *js, mr__items *items, JSValueConst value, enum mr__kind kind,
                         uint64_t max)
{
    struct mr__intrinsics *in = mr__intrinsics_of(js);
    struct iterator_data *data = iterator_data_of(in, value, kind);
    if (!in->layout.known || data == NULL)
        return 0;
    bool map = kind == MR__KIND_MAP_ITERATOR;
    enum mr__intrinsic make = map ? MR__FN_MAP_KEYS : MR__FN_SET_VALUES;
    items->pairs = data->kind == in->layout.entries;
    if (items->pairs)
        make = map ? MR__FN_MAP_ENTRIES : MR__FN_SET_ENTRIES;
    else if (map && data->kind == in->layout.values)
        make = MR__FN_MAP_VALUES;
    if (!JS_IsObject(data->source))
        return 0;
    JSValue iterator = mr__intrinsic_call(js, make, data->source);
    if (JS_IsException(iterator))
        return -1;
    enum mr__intrinsic next = map ? MR__FN_MAP_NEXT : MR__FN_SET_NEXT;
    int result = catch_up(js, iterator, kind, next, data);
    if (result > 0)
        result = drain(js, items, iterator, next, max, true);
    JS_FreeValue(js->ctx, iterator);
    return result;
}

int mr__items_read(mr_js *js, mr__items *out_items, JSValueConst value, uint64_t max)
{
    *out_items = (mr__items){0};
    enum mr__kind kind = mr__kind_of(js, value);
    int result = 0;
    if (JS_IsMap(value) || JS_IsSet(value))
        result = read_collection(js, out_items, value, max);
    else if (kind == MR__KIND_MAP_ITERATOR || kind == MR__KIND_SET_ITERATOR)
        result = read_iterator(js, out_items, value, kind, max);
    if (result < 0)
        mr__items_deinit(js, out_items);
    return result;
}

/* ---- Installation -----------------------------------------------------------------------------*/

static const char *const atom_names[] = {
    [MR__ATOM_NAME] = "name",
    [MR__ATOM_MESSAGE] = "message",
    [MR__ATOM_STACK] = "stack",
    [MR__ATOM_CAUSE] = "cause",
    [MR__ATOM_ERRORS] = "errors",
    [MR__ATOM_CODE] = "code",
    [MR__ATOM_LENGTH] = "length",
    [MR__ATOM_CONSTRUCTOR] = "constructor",
    [MR__ATOM_PROTOTYPE] = "prototype",
    [MR__ATOM_PROTO] = "__proto__",
    [MR__ATOM_TO_STRING] = "toString",
    [MR__ATOM_BYTE_LENGTH] = "byteLength",
    [MR__ATOM_BYTE_OFFSET] = "byteOffset",
    [MR__ATOM_BUFFER] = "buffer",
    [MR__ATOM_VALUE] = "value",
    [MR__ATOM_DONE] = "done",
};

static int init_atoms(mr_js *js, struct mr__intrinsics *in)
{
    JSContext *ctx = js->ctx;
    for (size_t i = 0; i < sizeof(atom_names) / sizeof(atom_names[0]); i++)
        in->atoms[i] = JS_NewAtom(ctx, atom_names[i]);
    JSValue custom = JS_NewSymbol(ctx, "nodejs.util.inspect.custom", true);
    in->atoms[MR__ATOM_CUSTOM] = JS_ValueToAtom(ctx, custom);
    JS_FreeValue(ctx, custom);
    JSValue proto = JS_GetClassProto(ctx, in->class_ids[MR__KIND_SYMBOL]);
    JSValue symbol = mr__data_own(js, proto, in->atoms[MR__ATOM_CONSTRUCTOR]);
    static const char *const known[] = {"toStringTag", "iterator", "toPrimitive"};
    for (int i = 0; i < 3; i++) {
        JSAtom name = JS_NewAtom(ctx, known[i]);
        JSValue value = mr__data_own(js, symbol, name);
        in->atoms[MR__ATOM_TAG + i] =
            JS_IsSymbol(value) ? JS_ValueToAtom(ctx, value) : JS_ATOM_NULL;
        JS_FreeValue(ctx, value);
        JS_FreeAtom(ctx, name);
    }
    JS_FreeValue(ctx, symbol);
    JS_FreeValue(ctx, proto);
    for (size_t i = 0; i < MR__ATOM_COUNT; i++) {
        if (in->atoms[i] == JS_ATOM_NULL)
            return -1;
    }
    return 0;
}

/* The engine numbers its own classes from 1 in a fixed order, before any other class is made, so
 * the first of a name is the engine's. Two stand behind "Arguments"; the second "Object" is a
 * module's namespace. */
static void init_kinds(mr_js *js, struct mr__intrinsics *in)
{
    static const struct {
        const char *name;
        unsigned char kind, nth;
    } classes[] = {
        {"Error", MR__KIND_ERROR, 1},
        {"Number", MR__KIND_NUMBER, 1},
        {"String", MR__KIND_STRING, 1},
        {"Boolean", MR__KIND_BOOLEAN, 1},
        {"Symbol", MR__KIND_SYMBOL, 1},
        {"BigInt", MR__KIND_BIGINT, 1},
        {"Arguments", MR__KIND_ARGUMENTS, 1},
        {"Arguments", MR__KIND_ARGUMENTS, 2},
        {"Date", MR__KIND_DATE, 1},
        {"SharedArrayBuffer", MR__KIND_SHARED_BUFFER, 1},
        {"Map Iterator", MR__KIND_MAP_ITERATOR, 1},
        {"Set Iterator", MR__KIND_SET_ITERATOR, 1},
        {"Generator", MR__KIND_GENERATOR, 1},
        {"AsyncGenerator", MR__KIND_ASYNC_GENERATOR, 1},
        {"GeneratorFunction", MR__KIND_GENERATOR_FUNCTION, 1},
        {"AsyncGeneratorFunction", MR__KIND_ASYNC_GENERATOR_FUNCTION, 1},
        {"AsyncFunction", MR__KIND_ASYNC_FUNCTION, 1},
        {"Object", MR__KIND_NAMESPACE, 2},
    };
    enum { COUNT = sizeof(classes) / sizeof(classes[0]) };
    unsigned char met[COUNT] = {0};
    JSAtom names[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = JS_NewAtom(js->ctx, classes[i].name);
    for (JSClassID id = 1; id < MR__CLASSES_MAX && JS_IsRegisteredClass(js->rt, id); id++) {
        JSAtom name = JS_GetClassName(js->rt, id);
        for (size_t i = 0; i < COUNT; i++) {
            if (names[i] != name || ++met[i] != classes[i].nth)
                continue;
            in->kinds[id] = classes[i].kind;
            in->class_ids[classes[i].kind] = id;
        }
        JS_FreeAtom(js->ctx, name);
    }
    for (size_t i = 0; i < COUNT; i++)
        JS_FreeAtom(js->ctx, names[i]);
}

/* A method, or the getter of an accessor. Borrows proto; undefined when there is none. */
static JSValue take(mr_js *js, JSValueConst proto, const char *name)
{
    JSPropertyDescriptor desc;
    JSAtom atom = JS_NewAtom(js->ctx, name);
    int found = JS_IsObject(proto) ? JS_GetOwnProperty(js->ctx, &desc, proto, atom) : 0;
    JS_FreeAtom(js->ctx, atom);
    if (found < 0)
        mr__clear_exception(js->ctx);
    if (found <= 0)
        return JS_UNDEFINED;
    JS_FreeValue(js->ctx, desc.setter);
    if (desc.flags & JS_PROP_GETSET) {
        JS_FreeValue(js->ctx, desc.value);
        return desc.getter;
    }
    JS_FreeValue(js->ctx, desc.getter);
    return desc.value;
}

struct wanted {
    unsigned char fn;
    const char *name;
};

static void take_all(mr_js *js, struct mr__intrinsics *in, JSValue proto, const struct wanted *list,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        in->functions[list[i].fn] = take(js, proto, list[i].name);
    JS_FreeValue(js->ctx, proto);
}

#define TAKE_ALL(js, in, proto, list)                                                              \
    take_all(js, in, proto, list, sizeof(list) / sizeof((list)[0]))

/* The prototype of an instance that C can make. */
static JSValue proto_of(mr_js *js, JSValue sample)
{
    JSValue proto = JS_GetPrototype(js->ctx, sample);
    JS_FreeValue(js->ctx, sample);
    return proto;
}

/* The prototype of class `name` of the global object. */
static JSValue global_proto(mr_js *js, JSValueConst global, const char *name)
{
    JSValue constructor = take(js, global, name);
    JSValue proto = take(js, constructor, "prototype");
    JS_FreeValue(js->ctx, constructor);
    return proto;
}

static void take_collections(mr_js *js, struct mr__intrinsics *in, JSValueConst global)
{
    static const struct wanted map[] = {{MR__FN_MAP_SIZE, "size"},
                                        {MR__FN_MAP_KEYS, "keys"},
                                        {MR__FN_MAP_VALUES, "values"},
                                        {MR__FN_MAP_ENTRIES, "entries"}};
    static const struct wanted set[] = {
        {MR__FN_SET_SIZE, "size"}, {MR__FN_SET_VALUES, "values"}, {MR__FN_SET_ENTRIES, "entries"}};
    static const struct wanted map_next[] = {{MR__FN_MAP_NEXT, "next"}};
    static const struct wanted set_next[] = {{MR__FN_SET_NEXT, "next"}};
    TAKE_ALL(js, in, global_proto(js, global, "Map"), map);
    TAKE_ALL(js, in, global_proto(js, global, "Set"), set);
    TAKE_ALL(js, in, JS_GetClassProto(js->ctx, in->class_ids[MR__KIND_MAP_ITERATOR]), map_next);
    TAKE_ALL(js, in, JS_GetClassProto(js->ctx, in->class_ids[MR__KIND_SET_ITERATOR]), set_next);
}

static void take_boxes(mr_js *js, struct mr__intrinsics *in)
{
    static const struct {
        enum mr__kind kind;
        enum mr__intrinsic fn;
    } boxes[] = {{MR__KIND_NUMBER, MR__FN_NUMBER_VALUE},
                 {MR__KIND_STRING, MR__FN_STRING_VALUE},
                 {MR__KIND_BOOLEAN, MR__FN_BOOLEAN_VALUE},
                 {MR__KIND_BIGINT, MR__FN_BIGINT_VALUE},
                 {MR__KIND_SYMBOL, MR__FN_SYMBOL_VALUE}};
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        JSValue proto = JS_GetClassProto(js->ctx, in->class_ids[boxes[i].kind]);
        in->functions[boxes[i].fn] = take(js, proto, "valueOf");
        JS_FreeValue(js->ctx, proto);
    }
    static const struct wanted symbol[] = {{MR__FN_SYMBOL_TEXT, "toString"}};
    TAKE_ALL(js, in, JS_GetClassProto(js->ctx, in->class_ids[MR__KIND_SYMBOL]), symbol);
}

static void take_objects(mr_js *js, struct mr__intrinsics *in, JSValueConst global,
                         JSValueConst stage)
{
    static const struct wanted date[] = {{MR__FN_DATE_TIME, "getTime"},
                                         {MR__FN_DATE_ISO, "toISOString"}};
    static const struct wanted function[] = {{MR__FN_FUNCTION_SOURCE, "toString"}};
    static const struct wanted error[] = {{MR__FN_ERROR_STACK, "stack"},
                                          {MR__FN_ERROR_TEXT, "toString"}};
    static const struct wanted dom[] = {
        {MR__FN_DOM_NAME, "name"}, {MR__FN_DOM_MESSAGE, "message"}, {MR__FN_DOM_CODE, "code"}};
    static const struct wanted view[] = {{MR__FN_VIEW_LENGTH, "byteLength"},
                                         {MR__FN_VIEW_OFFSET, "byteOffset"},
                                         {MR__FN_VIEW_BUFFER, "buffer"}};
    static const struct wanted regexp[] = {
        {MR__FN_RE_SOURCE, "source"},       {MR__FN_RE_FLAGS, "hasIndices"},
        {MR__FN_RE_FLAGS + 1, "global"},    {MR__FN_RE_FLAGS + 2, "ignoreCase"},
        {MR__FN_RE_FLAGS + 3, "multiline"}, {MR__FN_RE_FLAGS + 4, "dotAll"},
        {MR__FN_RE_FLAGS + 5, "unicode"},   {MR__FN_RE_FLAGS + 6, "unicodeSets"},
        {MR__FN_RE_FLAGS + 7, "sticky"},
    };
    static const struct wanted parse[] = {{MR__FN_PARSE_INT, "parseInt"},
                                          {MR__FN_PARSE_FLOAT, "parseFloat"}};
    TAKE_ALL(js, in, proto_of(js, JS_NewDate(js->ctx, 0)), date);
    TAKE_ALL(js, in, JS_GetFunctionProto(js->ctx), function);
    TAKE_ALL(js, in, JS_DupValue(js->ctx, in->error_proto), error);
    TAKE_ALL(js, in, global_proto(js, stage, "DOMException"), dom);
    TAKE_ALL(js, in, global_proto(js, global, "DataView"), view);
    TAKE_ALL(js, in, global_proto(js, global, "RegExp"), regexp);
    TAKE_ALL(js, in, JS_DupValue(js->ctx, global), parse);
}

static void take_typed_tag(mr_js *js, struct mr__intrinsics *in, JSValueConst global)
{
    JSPropertyDescriptor desc;
    JSValue proto = global_proto(js, global, "Uint8Array");
    JSValue base = JS_IsObject(proto) ? JS_GetPrototype(js->ctx, proto) : JS_UNDEFINED;
    if (JS_IsObject(base) && JS_GetOwnProperty(js->ctx, &desc, base, in->atoms[MR__ATOM_TAG]) > 0) {
        in->functions[MR__FN_TYPED_TAG] = desc.getter;
        JS_FreeValue(js->ctx, desc.setter);
        JS_FreeValue(js->ctx, desc.value);
    }
    JS_FreeValue(js->ctx, base);
    JS_FreeValue(js->ctx, proto);
}

/* What the engine stored as kind for a new iterator over map, or -1 if the layout is another. */
static int probe_kind(mr_js *js, struct mr__intrinsics *in, JSValueConst map,
                      enum mr__intrinsic make, enum mr__intrinsic next)
{
    JSValue iterator = mr__intrinsic_call(js, make, map), item = JS_UNDEFINED;
    struct iterator_data *data = iterator_data_of(in, iterator, MR__KIND_MAP_ITERATOR);
    bool fits = data != NULL && JS_IsObject(data->source) &&
                JS_VALUE_GET_PTR(data->source) == JS_VALUE_GET_PTR(map) && data->position == NULL &&
                data->kind >= 0 && data->kind <= 2;
    int kind = fits ? data->kind : -1;
    if (fits)
        fits = iterate(js, next, iterator, &item) == 1 && data->position != NULL;
    JS_FreeValue(js->ctx, item);
    JS_FreeValue(js->ctx, iterator);
    if (JS_HasException(js->ctx))
        mr__clear_exception(js->ctx);
    return fits ? kind : -1;
}

static void probe_layout(mr_js *js, struct mr__intrinsics *in, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    JSValue constructor = take(js, global, "Map");
    JSValue pair[2] = {JS_NewInt32(ctx, 1), JS_NewInt32(ctx, 2)};
    JSValue entry = JS_NewArrayFrom(ctx, 2, pair);
    JSValue list = JS_NewArrayFrom(ctx, 1, &entry);
    JSValue map = JS_CallConstructor(ctx, constructor, 1, &list);
    if (JS_IsMap(map)) {
        struct mr__iterator_layout *layout = &in->layout;
        layout->keys = probe_kind(js, in, map, MR__FN_MAP_KEYS, MR__FN_MAP_NEXT);
        layout->values = probe_kind(js, in, map, MR__FN_MAP_VALUES, MR__FN_MAP_NEXT);
        layout->entries = probe_kind(js, in, map, MR__FN_MAP_ENTRIES, MR__FN_MAP_NEXT);
        layout->known = layout->keys >= 0 && layout->values >= 0 && layout->entries >= 0 &&
                        layout->keys != layout->values && layout->values != layout->entries &&
                        layout->keys != layout->entries;
    } else {
        mr__clear_exception(ctx);
    }
    JS_FreeValue(ctx, map);
    JS_FreeValue(ctx, list);
    JS_FreeValue(ctx, constructor);
}

/* The names in the global object, also those that are being installed: what has such a constructor
 * counts as built in. */
static int init_globals(mr_js *js, struct mr__intrinsics *in, JSValueConst global,
                        JSValueConst stage)
{
    JSValueConst objects[] = {global, stage};
    for (int i = 0; i < 2; i++) {
        if (JS_GetOwnPropertyNames(js->ctx, &in->globals[i].names, &in->globals[i].count,
                                   objects[i], JS_GPN_STRING_MASK) < 0)
            return -1;
    }
    return 0;
}

int mr__intrinsics_init(mr_js *js, struct mr__intrinsics *in, JSValueConst stage)
{
    for (size_t i = 0; i < MR__FN_COUNT; i++)
        in->functions[i] = JS_UNDEFINED;
    in->error_proto = in->inspect = JS_UNDEFINED;
    init_kinds(js, in);
    if (init_atoms(js, in) < 0)
        return -1;
    JSValue global = JS_GetGlobalObject(js->ctx);
    in->error_proto = JS_GetClassProto(js->ctx, in->class_ids[MR__KIND_ERROR]);
    take_collections(js, in, global);
    take_boxes(js, in);
    take_objects(js, in, global, stage);
    take_typed_tag(js, in, global);
    probe_layout(js, in, global);
    int result = init_globals(js, in, global, stage);
    JS_FreeValue(js->ctx, global);
    return result;
}

void mr__intrinsics_deinit(mr_js *js, struct mr__intrinsics *in)
{
    for (size_t i = 0; i < MR__ATOM_COUNT; i++)
        JS_FreeAtom(js->ctx, in->atoms[i]);
    for (size_t i = 0; i < MR__FN_COUNT; i++)
        JS_FreeValue(js->ctx, in->functions[i]);
    JS_FreeValue(js->ctx, in->error_proto);
    JS_FreeValue(js->ctx, in->inspect);
    for (int i = 0; i < 2; i++) {
        if (in->globals[i].names != NULL)
            JS_FreePropertyEnum(js->ctx, in->globals[i].names, in->globals[i].count);
    }
}
