#include "js/clone.h"

#include "js/errors.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/webapi.h"
#include "js/webidl.h"

enum container { OBJECT, MAP, SET, ERROR };

/* A container being filled. */
struct mr__clone_frame {
    size_t entry; /* 1 + index */
    enum container container;
    size_t at, count;
    JSPropertyEnum *names; /* OBJECT */
    JSValue *items;        /* the others; of a map keys and values alternate */
    mr__copied key;        /* MAP: waits for its value */
};

/* What goes where, noted. */
struct mr__clone_link {
    size_t entry;
    enum container container;
    JSAtom name;
    mr__copied key, value;
};

/* ---- Entries ----------------------------------------------------------------------------------*/

size_t mr__clone_enter(mr__clone *clone, JSValueConst source, JSValue copy)
{
    JSContext *ctx = clone->js->ctx;
    if (JS_IsException(copy))
        return 0;
    if (!mr__web_grow(clone->js->ctx, (void **)&clone->entries, clone->entry_count,
                      &clone->entry_cap, sizeof(*clone->entries))) {
        JS_FreeValue(ctx, copy);
        return 0;
    }
    uint64_t key = (uint64_t)(uintptr_t)JS_VALUE_GET_PTR(source);
    if (!mr__idmap_put(&clone->seen, key, clone->entry_count + 1)) {
        JS_FreeValue(ctx, copy);
        JS_ThrowOutOfMemory(ctx);
        return 0;
    }
    clone->entries[clone->entry_count++] = (struct mr__clone_entry){JS_DupValue(ctx, source), copy};
    return clone->entry_count;
}

static size_t find_entry(const mr__clone *clone, JSValueConst value)
{
    uint64_t entry;
    uint64_t key = (uint64_t)(uintptr_t)JS_VALUE_GET_PTR(value);
    return mr__idmap_get(&clone->seen, key, &entry) ? (size_t)entry : 0;
}

/* The copy, owned; undefined while it waits for a transfer. */
static JSValue take_copy(mr__clone *clone, mr__copied *copied)
{
    if (copied->entry != 0)
        return JS_DupValue(clone->js->ctx, clone->entries[copied->entry - 1].copy);
    JSValue value = copied->value;
    copied->value = JS_UNDEFINED;
    return value;
}

/* ---- Joining ----------------------------------------------------------------------------------*/

static int join_pair(mr__clone *clone, JSValueConst map, mr__copied *key, mr__copied *value)
{
    JSContext *ctx = clone->js->ctx;
    JSValue pair[] = {take_copy(clone, key), take_copy(clone, value)};
    JSValue result = mr__kept_call(clone->js, MR__KEPT_MAP_SET, map, 2, (JSValueConst *)pair);
    JS_FreeValue(ctx, pair[0]);
    JS_FreeValue(ctx, pair[1]);
    JS_FreeValue(ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

static int join_item(mr__clone *clone, JSValueConst set, mr__copied *value)
{
    JSContext *ctx = clone->js->ctx;
    JSValue item = take_copy(clone, value);
    JSValue result = mr__kept_call(clone->js, MR__KEPT_SET_ADD, set, 1, (JSValueConst *)&item);
    JS_FreeValue(ctx, item);
    JS_FreeValue(ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

/* Put the value where it belongs. What is owned of key and value passes in. */
static int join(mr__clone *clone, size_t entry, enum container container, JSAtom name,
                mr__copied *key, mr__copied *value)
{
    JSContext *ctx = clone->js->ctx;
    JSValueConst target = clone->entries[entry - 1].copy;
    switch (container) {
    case MAP:
        return join_pair(clone, target, key, value);
    case SET:
        return join_item(clone, target, value);
    case ERROR:
        return JS_DefinePropertyValueStr(ctx, target, "cause", take_copy(clone, value),
                                         JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0
                   ? -1
                   : 0;
    default:
        return JS_DefinePropertyValue(ctx, target, name, take_copy(clone, value), JS_PROP_C_W_E) < 0
                   ? -1
                   : 0;
    }
}

static void free_copied(mr__clone *clone, mr__copied *copied)
{
    JS_FreeValue(clone->js->ctx, copied->value);
    copied->value = JS_UNDEFINED;
}

static int note(mr__clone *clone, size_t entry, enum container container, JSAtom name,
                mr__copied *key, mr__copied *value)
{
    if (!mr__web_grow(clone->js->ctx, (void **)&clone->links, clone->link_count, &clone->link_cap,
                      sizeof(*clone->links))) {
        free_copied(clone, key);
        free_copied(clone, value);
        return -1;
    }
    clone->links[clone->link_count++] =
        (struct mr__clone_link){entry, container, JS_DupAtom(clone->js->ctx, name), *key, *value};
    return 0;
}

static int join_or_note(mr__clone *clone, size_t entry, enum container container, JSAtom name,
                        mr__copied *key, mr__copied *value)
{
    return clone->transferred == 0 ? join(clone, entry, container, name, key, value)
                                   : note(clone, entry, container, name, key, value);
}

/* ---- Frames -----------------------------------------------------------------------------------*/

static struct mr__clone_frame *push(mr__clone *clone, size_t entry, enum container container)
{
    if (!mr__web_grow(clone->js->ctx, (void **)&clone->frames, clone->depth, &clone->frame_cap,
                      sizeof(*clone->frames)))
        return NULL;
    struct mr__clone_frame *frame = &clone->frames[clone->depth++];
    *frame = (struct mr__clone_frame){
        .entry = entry, .container = container, .key = {.value = JS_UNDEFINED}};
    return frame;
}

static void pop(mr__clone *clone)
{
    JSContext *ctx = clone->js->ctx;
    struct mr__clone_frame *frame = &clone->frames[--clone->depth];
    if (frame->names != NULL)
        JS_FreePropertyEnum(ctx, frame->names, (uint32_t)frame->count);
    for (size_t i = 0; frame->items != NULL && i < frame->count; i++)
        JS_FreeValue(ctx, frame->items[i]);
    js_free(ctx, frame->items);
    free_copied(clone, &frame->key);
}

static int push_object(mr__clone *clone, size_t entry, JSValueConst source)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (JS_GetOwnPropertyNames(clone->js->ctx, &names, &count, source,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
        return -1;
    if (count == 0) {
        JS_FreePropertyEnum(clone->js->ctx, names, count);
        return 0;
    }
    struct mr__clone_frame *frame = push(clone, entry, OBJECT);
    if (frame == NULL) {
        JS_FreePropertyEnum(clone->js->ctx, names, count);
        return -1;
    }
    frame->names = names;
    frame->count = count;
    return 0;
}

int mr__clone_push_cause(mr__clone *clone, size_t entry, JSValue cause)
{
    JSContext *ctx = clone->js->ctx;
    JSValue *items = js_malloc(ctx, sizeof(*items));
    struct mr__clone_frame *frame = items == NULL ? NULL : push(clone, entry, ERROR);
    if (frame == NULL) {
        js_free(ctx, items);
        JS_FreeValue(ctx, cause);
        return -1;
    }
    items[0] = cause;
    frame->items = items;
    frame->count = 1;
    return 0;
}

/* ---- Maps and sets ----------------------------------------------------------------------------*/

struct listing {
    mr__clone *clone;
    JSValue *items;
    size_t count, cap;
    bool pairs;
};

static bool list_item(struct listing *list, JSValueConst item)
{
    if (!mr__web_grow(list->clone->js->ctx, (void **)&list->items, list->count, &list->cap,
                      sizeof(*list->items)))
        return false;
    list->items[list->count++] = JS_DupValue(list->clone->js->ctx, item);
    return true;
}

/* The callback of forEach: (value, key). */
static JSValue list_entry(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                          int magic, void *opaque)
{
    (void)ctx, (void)this_val, (void)argc, (void)magic;
    struct listing *list = opaque;
    return (list->pairs && !list_item(list, argv[1])) || !list_item(list, argv[0]) ? JS_EXCEPTION
                                                                                   : JS_UNDEFINED;
}

static int list_collection(struct listing *list, JSValueConst source)
{
    mr_js *js = list->clone->js;
    JSValue callback = JS_NewCClosure(js->ctx, list_entry, NULL, NULL, 2, 0, list);
    if (JS_IsException(callback))
        return -1;
    JSValue result = mr__kept_call(js, list->pairs ? MR__KEPT_MAP_FOR_EACH : MR__KEPT_SET_FOR_EACH,
                                   source, 1, (JSValueConst *)&callback);
    JS_FreeValue(js->ctx, callback);
    JS_FreeValue(js->ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

/* The contents are listed before any of them is copied. */
static int push_collection(mr__clone *clone, size_t entry, JSValueConst source, bool map)
{
    struct listing list = {.clone = clone, .pairs = map};
    int failed = list_collection(&list, source);
    struct mr__clone_frame *frame =
        failed < 0 || list.count == 0 ? NULL : push(clone, entry, map ? MAP : SET);
    if (frame != NULL) {
        frame->items = list.items;
        frame->count = list.count;
        return 0;
    }
    for (size_t i = 0; i < list.count; i++)
        JS_FreeValue(clone->js->ctx, list.items[i]);
    js_free(clone->js->ctx, list.items);
    return failed < 0 || list.count != 0 ? -1 : 0;
}

/* ---- Objects ----------------------------------------------------------------------------------*/

static JSValue new_array(JSContext *ctx, JSValueConst source)
{
    int64_t length;
    if (JS_GetLength(ctx, source, &length) < 0)
        return JS_EXCEPTION;
    JSValue array = JS_NewArray(ctx);
    if (JS_IsException(array) || JS_SetLength(ctx, array, length) >= 0)
        return array;
    JS_FreeValue(ctx, array);
    return JS_EXCEPTION;
}

static size_t copy_object(mr__clone *clone, JSValueConst source)
{
    JSContext *ctx = clone->js->ctx;
    size_t entry;
    if (JS_GetClassID(source) == clone->js->webapi->object_id) {
        entry = mr__clone_enter(clone, source, JS_NewObject(ctx));
        return entry != 0 && push_object(clone, entry, source) == 0 ? entry : 0;
    }
    if (JS_IsArray(source)) {
        entry = mr__clone_enter(clone, source, new_array(ctx, source));
        return entry != 0 && push_object(clone, entry, source) == 0 ? entry : 0;
    }
    bool map = JS_IsMap(source);
    if (map || JS_IsSet(source)) {
        JSValue copy = mr__kept_new(clone->js, map ? MR__KEPT_MAP : MR__KEPT_SET, 0, NULL);
        entry = mr__clone_enter(clone, source, copy);
        return entry != 0 && push_collection(clone, entry, source, map) == 0 ? entry : 0;
    }
    return mr__clone_leaf(clone, source);
}

int mr__clone_copy(mr__clone *clone, JSValueConst value, mr__copied *out)
{
    *out = (mr__copied){JS_UNDEFINED, 0};
    if (JS_IsSymbol(value))
        return mr__clone_refuse(clone, value);
    if (!JS_IsObject(value)) {
        out->value = JS_DupValue(clone->js->ctx, value);
        return 0;
    }
    out->entry = find_entry(clone, value);
    if (out->entry == 0)
        out->entry = copy_object(clone, value);
    return out->entry != 0 ? 0 : -1;
}

/* ---- The walk ---------------------------------------------------------------------------------*/

/* The property's value: 1 and owned, 0 if it is gone by now. */
static int read_property(JSContext *ctx, JSValueConst source, JSAtom name, JSValue *out_value)
{
    JSPropertyDescriptor desc;
    int found = JS_GetOwnProperty(ctx, &desc, source, name);
    if (found <= 0)
        return found;
    *out_value = desc.value;
    if (desc.flags & JS_PROP_GETSET) {
        JS_FreeValue(ctx, desc.value);
        *out_value =
            JS_IsUndefined(desc.getter) ? JS_UNDEFINED : JS_Call(ctx, desc.getter, source, 0, NULL);
        JS_FreeValue(ctx, desc.getter);
        JS_FreeValue(ctx, desc.setter);
    }
    return JS_IsException(*out_value) ? -1 : 1;
}

/* One property of the object in the top frame. A new frame may move the others. */
static int step_object(mr__clone *clone)
{
    JSContext *ctx = clone->js->ctx;
    struct mr__clone_frame *frame = &clone->frames[clone->depth - 1];
    size_t entry = frame->entry;
    JSAtom name = frame->names[frame->at++].atom;
    JSValue value;
    int found = read_property(ctx, clone->entries[entry - 1].source, name, &value);
    if (found <= 0)
        return found;
    mr__copied copied, none = {JS_UNDEFINED, 0};
    int failed = mr__clone_copy(clone, value, &copied);
    JS_FreeValue(ctx, value);
    return failed < 0 ? -1 : join_or_note(clone, entry, OBJECT, name, &none, &copied);
}

/* One item of another container; the key of a map waits in its frame for the value. */
static int step_item(mr__clone *clone)
{
    size_t index = clone->depth - 1;
    struct mr__clone_frame *frame = &clone->frames[index];
    size_t entry = frame->entry;
    bool key = frame->container == MAP && frame->at % 2 == 0;
    enum container container = frame->container;
    mr__copied copied;
    if (mr__clone_copy(clone, frame->items[frame->at++], &copied) < 0)
        return -1;
    frame = &clone->frames[index];
    if (key) {
        frame->key = copied;
        return 0;
    }
    mr__copied waiting = frame->key;
    frame->key = (mr__copied){JS_UNDEFINED, 0};
    return join_or_note(clone, entry, container, JS_ATOM_NULL, &waiting, &copied);
}

static int walk(mr__clone *clone)
{
    while (clone->depth > 0) {
        const struct mr__clone_frame *frame = &clone->frames[clone->depth - 1];
        if (frame->at == frame->count)
            pop(clone);
        else if ((frame->container == OBJECT ? step_object(clone) : step_item(clone)) < 0)
            return -1;
    }
    return 0;
}

static int join_noted(mr__clone *clone)
{
    for (size_t i = 0; i < clone->link_count; i++) {
        struct mr__clone_link *link = &clone->links[i];
        if (join(clone, link->entry, link->container, link->name, &link->key, &link->value) < 0)
            return -1;
    }
    return 0;
}

/* ---- Refusal ----------------------------------------------------------------------------------*/

/* "#<Promise>": by the name of the first constructor on the way up. */
static void append_object(mr_js *js, mr__bytes *out, JSValueConst value)
{
    struct mr__intrinsics *known = mr__intrinsics_of(js);
    JSValue constructor = mr__data_get(js, value, known->atoms[MR__ATOM_CONSTRUCTOR]);
    JSValue name = mr__data_own(js, constructor, known->atoms[MR__ATOM_NAME]);
    mr__bytes_str(out, "#<");
    if (!JS_IsString(name) || mr__text_append_js(js->ctx, out, name) < 0)
        mr__bytes_str(out, "Object");
    mr__bytes_char(out, '>');
    JS_FreeValue(js->ctx, name);
    JS_FreeValue(js->ctx, constructor);
}

int mr__clone_refuse(mr__clone *clone, JSValueConst value)
{
    mr_js *js = clone->js;
    mr__bytes text = {0};
    if (JS_IsObject(value) && !JS_IsFunction(js->ctx, value)) {
        append_object(js, &text, value);
    } else {
        JSValue shown = mr__intrinsic_call(
            js, JS_IsSymbol(value) ? MR__FN_SYMBOL_TEXT : MR__FN_FUNCTION_SOURCE, value);
        if (JS_IsException(shown))
            mr__clear_exception(js->ctx);
        else
            mr__text_append_js(js->ctx, &text, shown);
        JS_FreeValue(js->ctx, shown);
    }
    if (text.failed)
        JS_ThrowOutOfMemory(js->ctx);
    else
        mr__js_throw_dom(js->ctx, "DataCloneError", "%s could not be cloned.",
                         mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
    return -1;
}

/* ---- The whole ---------------------------------------------------------------------------------*/

/* The buffers to move become the first entries. */
static int add_transferred(mr__clone *clone, JSValueConst item)
{
    JSContext *ctx = clone->js->ctx;
    if (!JS_IsArrayBuffer(item) || JS_IsImmutableArrayBuffer(item) == 1) {
        mr__js_throw_dom(ctx, "DataCloneError", "Found invalid value in transferList");
        return -1;
    }
    if (find_entry(clone, item) != 0) {
        mr__js_throw_dom(ctx, "DataCloneError", "Transfer list contains duplicate ArrayBuffer");
        return -1;
    }
    clone->transferred++;
    return mr__clone_enter(clone, item, JS_UNDEFINED) != 0 ? 0 : -1;
}

static void deinit(mr__clone *clone)
{
    JSContext *ctx = clone->js->ctx;
    while (clone->depth > 0)
        pop(clone);
    js_free(ctx, clone->frames);
    for (size_t i = 0; i < clone->link_count; i++) {
        JS_FreeAtom(ctx, clone->links[i].name);
        free_copied(clone, &clone->links[i].key);
        free_copied(clone, &clone->links[i].value);
    }
    js_free(ctx, clone->links);
    js_free(ctx, clone->views);
    for (size_t i = 0; i < clone->entry_count; i++) {
        JS_FreeValue(ctx, clone->entries[i].source);
        JS_FreeValue(ctx, clone->entries[i].copy);
    }
    js_free(ctx, clone->entries);
    mr__idmap_deinit(&clone->seen);
}

JSValue mr__js_clone(mr_js *js, JSValueConst value, size_t count, JSValueConst *transfer)
{
    mr__clone clone = {.js = js};
    mr__copied copied = {JS_UNDEFINED, 0};
    int failed = 0;
    for (size_t i = 0; i < count && failed == 0; i++)
        failed = add_transferred(&clone, transfer[i]);
    if (failed == 0)
        failed = mr__clone_copy(&clone, value, &copied) < 0 || walk(&clone) < 0 ||
                         mr__clone_transfer(&clone) < 0 || join_noted(&clone) < 0
                     ? -1
                     : 0;
    JSValue result = failed == 0 ? take_copy(&clone, &copied) : JS_EXCEPTION;
    free_copied(&clone, &copied);
    deinit(&clone);
    return result;
}

/* ---- The function -----------------------------------------------------------------------------*/

struct objects {
    JSValue *items;
    size_t count, cap;
};

static int add_object(mr_js *js, JSValueConst item, void *arg)
{
    struct objects *list = arg;
    if (!JS_IsObject(item)) {
        mr__js_throw_arg_type(js->ctx, "options.transfer", "an iterable of objects", item);
        return -1;
    }
    if (!mr__web_grow(js->ctx, (void **)&list->items, list->count, &list->cap, sizeof(JSValue)))
        return -1;
    list->items[list->count++] = JS_DupValue(js->ctx, item);
    return 0;
}

static int read_transfer(mr_js *js, JSValueConst options, struct objects *list)
{
    int given = mr__web_dictionary(js->ctx, options, "options");
    if (given <= 0)
        return given;
    JSValue transfer = JS_GetPropertyStr(js->ctx, options, "transfer");
    if (JS_IsException(transfer))
        return -1;
    int failed = JS_IsUndefined(transfer)
                     ? 0
                     : mr__web_sequence(js, transfer, "options.transfer", add_object, list);
    JS_FreeValue(js->ctx, transfer);
    return failed;
}

static JSValue structured_clone(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (argc < 1)
        return mr__web_throw_missing(ctx, "value");
    struct objects list = {0};
    JSValue result = JS_EXCEPTION;
    if (argc < 2 || read_transfer(js, argv[1], &list) == 0)
        result = mr__js_clone(js, argv[0], list.count, (JSValueConst *)list.items);
    for (size_t i = 0; i < list.count; i++)
        JS_FreeValue(ctx, list.items[i]);
    js_free(ctx, list.items);
    return result;
}

int mr__js_clone_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry functions[] = {
        MR__WEB_METHOD("structuredClone", 1, structured_clone),
    };
    JSValue plain = JS_NewObject(js->ctx);
    js->webapi->object_id = JS_GetClassID(plain);
    JS_FreeValue(js->ctx, plain);
    return JS_SetPropertyFunctionList(js->ctx, global, functions, 1) < 0 ? -1 : 0;
}
