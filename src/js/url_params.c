/* URLSearchParams (URL Standard, section 6.2): a list of pairs, by itself or of a URL. */
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/text.h"
#include "js/url.h"
#include "js/url_record.h"

struct pair {
    mr__bytes name, value; /* UTF-8 */
};

struct params {
    struct pair *pairs;
    size_t count, cap;
    JSValue url; /* whose query the list is; undefined: nobody's */
};

/* What an iterator's object holds. */
struct walk {
    JSValue params;
    size_t next;
    int kind;
};
enum { KEYS, VALUES, ENTRIES };

/* ---- The list ---------------------------------------------------------------------------------*/

static void free_pair(struct pair *pair)
{
    mr__bytes_deinit(&pair->name);
    mr__bytes_deinit(&pair->value);
}

static void empty(struct params *params)
{
    for (size_t i = 0; i < params->count; i++)
        free_pair(&params->pairs[i]);
    params->count = 0;
}

static void free_params(struct params *params)
{
    if (params != NULL) {
        empty(params);
        mr__free(params->pairs);
    }
    mr__free(params);
}

/* The texts pass in, also on failure. */
static bool add(struct params *params, mr__bytes *name, mr__bytes *value)
{
    bool good = !name->failed && !value->failed;
    if (good && params->count == params->cap) {
        size_t cap = params->cap * 2 + 4;
        struct pair *pairs = mr__realloc(params->pairs, cap * sizeof(*pairs));
        good = pairs != NULL;
        if (good) {
            params->pairs = pairs;
            params->cap = cap;
        }
    }
    if (good) {
        params->pairs[params->count++] = (struct pair){*name, *value};
    } else {
        mr__bytes_deinit(name);
        mr__bytes_deinit(value);
    }
    *name = *value = (mr__bytes){0};
    return good;
}

static void take_out(struct params *params, size_t index)
{
    free_pair(&params->pairs[index]);
    params->count--;
    memmove(params->pairs + index, params->pairs + index + 1,
            (params->count - index) * sizeof(*params->pairs));
}

static bool same(const mr__bytes *a, const mr__bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* ---- application/x-www-form-urlencoded --------------------------------------------------------*/

/* Text of a piece: plus signs are spaces, %xx bytes, and ill-formed UTF-8 is replaced. */
static void decode_piece(mr__bytes *out, const char *text, size_t len)
{
    mr__bytes spaced = {0}, bytes = {0};
    for (size_t i = 0; i < len; i++)
        mr__bytes_char(&spaced, text[i] == '+' ? ' ' : text[i]);
    mr__url_decode(&bytes, spaced.data, spaced.len);
    mr__url_well_formed(out, bytes.data, bytes.len);
    out->failed = out->failed || spaced.failed || bytes.failed;
    mr__bytes_deinit(&spaced);
    mr__bytes_deinit(&bytes);
}

static bool parse_query(struct params *params, const char *text, size_t len)
{
    for (size_t start = 0, end; start < len; start = end + 1) {
        const char *found = memchr(text + start, '&', len - start);
        end = found == NULL ? len : (size_t)(found - text);
        if (end == start)
            continue;
        const char *equals = memchr(text + start, '=', end - start);
        size_t name_end = equals == NULL ? end : (size_t)(equals - text);
        size_t value_start = equals == NULL ? end : name_end + 1;
        mr__bytes name = {0}, value = {0};
        decode_piece(&name, text + start, name_end - start);
        decode_piece(&value, text + value_start, end - value_start);
        if (!add(params, &name, &value))
            return false;
    }
    return true;
}

static void serialize(const struct params *params, mr__bytes *out)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct pair *pair = &params->pairs[i];
        if (i > 0)
            mr__bytes_char(out, '&');
        mr__url_encode(out, pair->name.data, pair->name.len, MR__URL_SET_FORM);
        mr__bytes_char(out, '=');
        mr__url_encode(out, pair->value.data, pair->value.len, MR__URL_SET_FORM);
    }
}

/* ---- The object -------------------------------------------------------------------------------*/

static void finalize(JSRuntime *rt, JSValueConst object)
{
    JSClassID id;
    struct params *params = JS_GetAnyOpaque(object, &id);
    if (params != NULL)
        JS_FreeValueRT(rt, params->url);
    free_params(params);
}

static void mark(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark_func)
{
    JSClassID id;
    const struct params *params = JS_GetAnyOpaque(object, &id);
    if (params != NULL)
        JS_MarkValue(rt, params->url, mark_func);
}

static struct params *params_of(JSContext *ctx, JSValueConst this_val)
{
    struct params *params = JS_GetOpaque(this_val, mr__js_of(ctx)->url.params);
    if (params == NULL)
        mr__js_url_bad_this(ctx, "URLSearchParams");
    return params;
}

static struct params *new_params(JSContext *ctx)
{
    struct params *params = mr__alloc_zero(sizeof(*params));
    if (params == NULL)
        JS_ThrowOutOfMemory(ctx);
    else
        params->url = JS_UNDEFINED;
    return params;
}

JSValue mr__js_params_of(mr_js *js, JSValueConst url, const char *query, size_t len)
{
    JSContext *ctx = js->ctx;
    struct params *params = new_params(ctx);
    if (params == NULL)
        return JS_EXCEPTION;
    JSValue object = parse_query(params, query, len) ? JS_NewObjectClass(ctx, js->url.params)
                                                     : JS_ThrowOutOfMemory(ctx);
    if (JS_IsException(object)) {
        free_params(params);
        return object;
    }
    params->url = JS_DupValue(ctx, url);
    JS_SetOpaque(object, params);
    return object;
}

int mr__js_params_reset(mr_js *js, JSValueConst object, const char *query, size_t len)
{
    struct params *params = JS_GetOpaque(object, js->url.params);
    empty(params);
    if (parse_query(params, query, len))
        return 0;
    JS_ThrowOutOfMemory(js->ctx);
    return -1;
}

bool mr__js_params_at(mr_js *js, JSValueConst object, size_t i, const mr__bytes **out_name,
                      const mr__bytes **out_value)
{
    const struct params *params = JS_GetOpaque(object, js->url.params);
    if (i >= params->count)
        return false;
    *out_name = &params->pairs[i].name;
    *out_value = &params->pairs[i].value;
    return true;
}

/* Tell the URL, if there is one, what the list has become. */
static JSValue update(JSContext *ctx, const struct params *params)
{
    if (JS_IsUndefined(params->url))
        return JS_UNDEFINED;
    mr__bytes text = {0};
    serialize(params, &text);
    int failed = text.failed;
    if (failed)
        JS_ThrowOutOfMemory(ctx);
    else
        failed = mr__js_url_set_query(mr__js_of(ctx), params->url, text.len == 0 ? NULL : text.data,
                                      text.len) < 0;
    mr__bytes_deinit(&text);
    return failed ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- Construction -----------------------------------------------------------------------------*/

static int add_values(JSContext *ctx, struct params *params, JSValueConst name, JSValueConst value)
{
    mr__bytes texts[2] = {{0}, {0}};
    if (mr__js_append_text(ctx, &texts[0], name) < 0 ||
        mr__js_append_text(ctx, &texts[1], value) < 0) {
        mr__bytes_deinit(&texts[0]);
        mr__bytes_deinit(&texts[1]);
        return -1;
    }
    if (add(params, &texts[0], &texts[1]))
        return 0;
    JS_ThrowOutOfMemory(ctx);
    return -1;
}

/* An iterator under way. */
struct steps {
    JSValue iterator, next;
};

static JSValue get(JSContext *ctx, JSValueConst object, enum mr__atom atom)
{
    return JS_GetProperty(ctx, object, mr__intrinsics_of(mr__js_of(ctx))->atoms[atom]);
}

/* Begin with what the method made; -1 with an exception. */
static int begin(JSContext *ctx, struct steps *steps, JSValueConst iterable, JSValueConst method)
{
    steps->next = JS_UNDEFINED;
    steps->iterator = JS_Call(ctx, method, iterable, 0, NULL);
    if (JS_IsException(steps->iterator))
        return -1;
    if (!JS_IsObject(steps->iterator)) {
        JS_FreeValue(ctx, steps->iterator);
        steps->iterator = JS_UNDEFINED;
        JS_ThrowTypeError(ctx, "the iterator is not an object");
        return -1;
    }
    steps->next = JS_GetPropertyStr(ctx, steps->iterator, "next");
    return JS_IsException(steps->next) ? -1 : 0;
}

static void end(JSContext *ctx, struct steps *steps)
{
    JS_FreeValue(ctx, steps->iterator);
    JS_FreeValue(ctx, steps->next);
}

/* 1 with the next value, owned; 0 at the end; -1. */
static int step(JSContext *ctx, struct steps *steps, JSValue *out_value)
{
    JSValue result = JS_Call(ctx, steps->next, steps->iterator, 0, NULL);
    if (!JS_IsException(result) && !JS_IsObject(result)) {
        JS_FreeValue(ctx, result);
        result = JS_ThrowTypeError(ctx, "the result of the iterator is not an object");
    }
    if (JS_IsException(result))
        return -1;
    JSValue done = get(ctx, result, MR__ATOM_DONE);
    int ended = JS_IsException(done) ? -1 : JS_ToBool(ctx, done);
    JS_FreeValue(ctx, done);
    int found = ended < 0 ? -1 : !ended;
    if (found > 0) {
        *out_value = get(ctx, result, MR__ATOM_VALUE);
        found = JS_IsException(*out_value) ? -1 : 1;
    }
    JS_FreeValue(ctx, result);
    return found;
}

static int throw_tuple(JSContext *ctx)
{
    mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_TUPLE",
                      "Each query pair must be an iterable [name, value] tuple");
    return -1;
}

/* One item of a sequence: an iterable of exactly two. */
static int add_item(JSContext *ctx, struct params *params, JSValueConst item)
{
    if (!JS_IsObject(item))
        return throw_tuple(ctx);
    JSValue method = get(ctx, item, MR__ATOM_ITERATOR);
    if (JS_IsException(method))
        return -1;
    if (!JS_IsFunction(ctx, method)) {
        JS_FreeValue(ctx, method);
        return throw_tuple(ctx);
    }
    struct steps steps;
    JSValue values[2] = {JS_UNDEFINED, JS_UNDEFINED};
    int count = 0, found = begin(ctx, &steps, item, method) < 0 ? -1 : 1;
    JS_FreeValue(ctx, method);
    while (found > 0) {
        JSValue value = JS_UNDEFINED;
        found = step(ctx, &steps, &value);
        if (found > 0 && count < 2)
            values[count] = value;
        else
            JS_FreeValue(ctx, value);
        count += found > 0 && count < 3;
    }
    end(ctx, &steps);
    int failed = found < 0    ? -1
                 : count == 2 ? add_values(ctx, params, values[0], values[1])
                              : throw_tuple(ctx);
    JS_FreeValue(ctx, values[0]);
    JS_FreeValue(ctx, values[1]);
    return failed;
}

static int add_sequence(JSContext *ctx, struct params *params, JSValueConst init,
                        JSValueConst method)
{
    if (!JS_IsFunction(ctx, method)) {
        mr__js_throw_code(ctx, "TypeError", "ERR_ARG_NOT_ITERABLE", "Query pairs must be iterable");
        return -1;
    }
    struct steps steps;
    int found = begin(ctx, &steps, init, method) < 0 ? -1 : 1;
    while (found > 0) {
        JSValue item = JS_UNDEFINED;
        found = step(ctx, &steps, &item);
        if (found > 0 && add_item(ctx, params, item) < 0)
            found = -1;
        JS_FreeValue(ctx, item);
    }
    end(ctx, &steps);
    return found;
}

/* A record: own enumerable properties; of names that become equal the last value counts. */
static int add_record(JSContext *ctx, struct params *params, JSValueConst init)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, init, JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK) <
        0)
        return -1;
    int failed = 0;
    for (uint32_t i = 0; i < count && failed == 0; i++) {
        JSPropertyDescriptor desc;
        int found = JS_GetOwnProperty(ctx, &desc, init, names[i].atom);
        if (found > 0) {
            JS_FreeValue(ctx, desc.value);
            JS_FreeValue(ctx, desc.getter);
            JS_FreeValue(ctx, desc.setter);
        }
        failed = found < 0 ? -1 : 0;
        if (found <= 0 || !(desc.flags & JS_PROP_ENUMERABLE))
            continue;
        JSValue name = JS_AtomToValue(ctx, names[i].atom);
        JSValue value = JS_IsException(name) || JS_IsSymbol(name)
                            ? JS_UNDEFINED
                            : JS_GetProperty(ctx, init, names[i].atom);
        failed = JS_IsException(name) || JS_IsException(value) ||
                         add_values(ctx, params, name, value) < 0
                     ? -1
                     : 0;
        JS_FreeValue(ctx, name);
        JS_FreeValue(ctx, value);
        for (size_t k = 0; failed == 0 && k + 1 < params->count; k++) {
            if (same(&params->pairs[k].name, &params->pairs[params->count - 1].name)) {
                struct pair last = params->pairs[--params->count];
                free_pair(&params->pairs[k]);
                params->pairs[k] = last;
            }
        }
    }
    JS_FreePropertyEnum(ctx, names, count);
    return failed;
}

static int add_text(JSContext *ctx, struct params *params, JSValueConst init)
{
    mr__bytes text = {0};
    if (mr__js_append_text(ctx, &text, init) < 0)
        return -1;
    size_t skip = text.len > 0 && text.data[0] == '?';
    bool good = !text.failed && parse_query(params, text.data + skip, text.len - skip);
    mr__bytes_deinit(&text);
    if (!good)
        JS_ThrowOutOfMemory(ctx);
    return good ? 0 : -1;
}

static int read_init(JSContext *ctx, struct params *params, JSValueConst init)
{
    if (JS_IsUndefined(init))
        return 0;
    if (!JS_IsObject(init))
        return add_text(ctx, params, init);
    JSValue method = get(ctx, init, MR__ATOM_ITERATOR);
    if (JS_IsException(method))
        return -1;
    int failed = JS_IsUndefined(method) || JS_IsNull(method)
                     ? add_record(ctx, params, init)
                     : add_sequence(ctx, params, init, method);
    JS_FreeValue(ctx, method);
    return failed;
}

static JSValue construct(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct params *params = new_params(ctx);
    if (params == NULL)
        return JS_EXCEPTION;
    JSValue object = argc > 0 && read_init(ctx, params, argv[0]) < 0
                         ? JS_EXCEPTION
                         : mr__js_url_object(ctx, new_target, js->url.params);
    if (JS_IsException(object))
        free_params(params);
    else
        JS_SetOpaque(object, params);
    return object;
}

/* ---- Methods ----------------------------------------------------------------------------------*/

static JSValue to_js(JSContext *ctx, const mr__bytes *text)
{
    return JS_NewStringLen(ctx, text->data == NULL ? "" : text->data, text->len);
}

enum method { APPEND, DELETE, GET, GET_ALL, HAS, SET };

static JSValue append_pair(JSContext *ctx, struct params *params, mr__bytes *name, mr__bytes *value)
{
    return add(params, name, value) ? update(ctx, params) : JS_ThrowOutOfMemory(ctx);
}

static JSValue delete_pairs(JSContext *ctx, struct params *params, const mr__bytes *name,
                            const mr__bytes *value)
{
    for (size_t i = params->count; i-- > 0;) {
        const struct pair *pair = &params->pairs[i];
        if (same(&pair->name, name) && (value == NULL || same(&pair->value, value)))
            take_out(params, i);
    }
    return update(ctx, params);
}

static JSValue get_first(JSContext *ctx, const struct params *params, const mr__bytes *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (same(&params->pairs[i].name, name))
            return to_js(ctx, &params->pairs[i].value);
    }
    return JS_NULL;
}

static JSValue get_all(JSContext *ctx, const struct params *params, const mr__bytes *name)
{
    JSValue list = JS_NewArray(ctx);
    uint32_t found = 0;
    for (size_t i = 0; i < params->count && !JS_IsException(list); i++) {
        if (same(&params->pairs[i].name, name) &&
            JS_DefinePropertyValueUint32(ctx, list, found++, to_js(ctx, &params->pairs[i].value),
                                         JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, list);
            list = JS_EXCEPTION;
        }
    }
    return list;
}

static JSValue has(JSContext *ctx, const struct params *params, const mr__bytes *name,
                   const mr__bytes *value)
{
    bool found = false;
    for (size_t i = 0; i < params->count && !found; i++) {
        const struct pair *pair = &params->pairs[i];
        found = same(&pair->name, name) && (value == NULL || same(&pair->value, value));
    }
    return JS_NewBool(ctx, found);
}

/* The first pair of the name gets the value, the others go. */
static JSValue set(JSContext *ctx, struct params *params, mr__bytes *name, mr__bytes *value)
{
    size_t first = 0;
    while (first < params->count && !same(&params->pairs[first].name, name))
        first++;
    if (first == params->count)
        return append_pair(ctx, params, name, value);
    for (size_t i = params->count; --i > first;) {
        if (same(&params->pairs[i].name, name))
            take_out(params, i);
    }
    mr__bytes_deinit(&params->pairs[first].value);
    params->pairs[first].value = *value;
    *value = (mr__bytes){0};
    return update(ctx, params);
}

static JSValue run(JSContext *ctx, struct params *params, enum method method, mr__bytes *name,
                   mr__bytes *value, bool has_value)
{
    switch (method) {
    case APPEND:
        return append_pair(ctx, params, name, value);
    case DELETE:
        return delete_pairs(ctx, params, name, has_value ? value : NULL);
    case GET:
        return get_first(ctx, params, name);
    case GET_ALL:
        return get_all(ctx, params, name);
    case HAS:
        return has(ctx, params, name, has_value ? value : NULL);
    case SET:
        return set(ctx, params, name, value);
    }
    return JS_UNDEFINED;
}

static JSValue call_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                           int magic)
{
    MR__JS_GATE(mr__js_of(ctx));
    struct params *params = params_of(ctx, this_val);
    bool two = magic == APPEND || magic == SET;
    bool takes_value = two || magic == DELETE || magic == HAS;
    if (params == NULL)
        return JS_EXCEPTION;
    if (argc < 1 + two)
        return mr__js_url_missing(ctx,
                                  two ? "\"name\" and \"value\" arguments" : "\"name\" argument");
    bool has_value = takes_value && argc > 1 && (two || !JS_IsUndefined(argv[1]));
    mr__bytes name = {0}, value = {0};
    JSValue result = JS_EXCEPTION;
    if (mr__js_append_text(ctx, &name, argv[0]) == 0 &&
        (!has_value || mr__js_append_text(ctx, &value, argv[1]) == 0)) {
        if (name.failed || value.failed)
            JS_ThrowOutOfMemory(ctx);
        else
            result = run(ctx, params, (enum method)magic, &name, &value, has_value);
    }
    mr__bytes_deinit(&name);
    mr__bytes_deinit(&value);
    return result;
}

static JSValue to_text(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    const struct params *params = params_of(ctx, this_val);
    if (params == NULL)
        return JS_EXCEPTION;
    mr__bytes text = {0};
    serialize(params, &text);
    JSValue result = text.failed ? JS_ThrowOutOfMemory(ctx) : to_js(ctx, &text);
    mr__bytes_deinit(&text);
    return result;
}

static JSValue get_size(JSContext *ctx, JSValueConst this_val)
{
    MR__JS_GATE(mr__js_of(ctx));
    const struct params *params = params_of(ctx, this_val);
    return params == NULL ? JS_EXCEPTION : JS_NewInt64(ctx, (int64_t)params->count);
}

/* ---- Order ------------------------------------------------------------------------------------*/

/* By UTF-16 code units: a code point above U+FFFF comes before U+E000 to U+FFFF, which in UTF-8 it
 * follows. */
static int compare_names(const mr__bytes *a, const mr__bytes *b)
{
    size_t least = a->len < b->len ? a->len : b->len, i = 0;
    while (i < least && a->data[i] == b->data[i])
        i++;
    if (i == least)
        return (a->len > b->len) - (a->len < b->len);
    unsigned char x = (unsigned char)a->data[i], y = (unsigned char)b->data[i];
    bool x_pair = x >= 0xF0, y_pair = y >= 0xF0;
    if (x_pair != y_pair && (x_pair ? y : x) >= 0xEE)
        return x_pair ? -1 : 1;
    return x < y ? -1 : 1;
}

/* Merge sort: equal names keep their order. */
static void sort_pairs(struct pair *pairs, struct pair *room, size_t count)
{
    if (count < 2)
        return;
    size_t middle = count / 2, left = 0, right = middle;
    sort_pairs(pairs, room, middle);
    sort_pairs(pairs + middle, room, count - middle);
    for (size_t i = 0; i < count; i++) {
        bool take_left =
            right == count ||
            (left < middle && compare_names(&pairs[left].name, &pairs[right].name) <= 0);
        room[i] = pairs[take_left ? left++ : right++];
    }
    memcpy(pairs, room, count * sizeof(*pairs));
}

static JSValue sort(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    struct params *params = params_of(ctx, this_val);
    if (params == NULL)
        return JS_EXCEPTION;
    struct pair *room = mr__alloc((params->count + 1) * sizeof(*room));
    if (room == NULL)
        return JS_ThrowOutOfMemory(ctx);
    sort_pairs(params->pairs, room, params->count);
    mr__free(room);
    return update(ctx, params);
}

/* ---- Iteration --------------------------------------------------------------------------------*/

static JSValue for_each(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    MR__JS_GATE(mr__js_of(ctx));
    JSValueConst fn = argc > 0 ? argv[0] : JS_UNDEFINED;
    const struct params *params = params_of(ctx, this_val);
    if (params == NULL || mr__js_check_function(ctx, fn, "callback") < 0)
        return JS_EXCEPTION;
    for (size_t i = 0; i < params->count; i++) { /* the list may change under it */
        JSValue args[] = {to_js(ctx, &params->pairs[i].value), to_js(ctx, &params->pairs[i].name),
                          JS_DupValue(ctx, this_val)};
        JSValue result = JS_IsException(args[0]) || JS_IsException(args[1])
                             ? JS_EXCEPTION
                             : JS_Call(ctx, fn, argc > 1 ? argv[1] : JS_UNDEFINED, 3, args);
        for (size_t k = 0; k < 3; k++)
            JS_FreeValue(ctx, args[k]);
        if (JS_IsException(result))
            return result;
        JS_FreeValue(ctx, result);
    }
    return JS_UNDEFINED;
}

static void finalize_walk(JSRuntime *rt, JSValueConst object)
{
    JSClassID id;
    struct walk *walk = JS_GetAnyOpaque(object, &id);
    if (walk != NULL)
        JS_FreeValueRT(rt, walk->params);
    mr__free(walk);
}

static void mark_walk(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark_func)
{
    JSClassID id;
    const struct walk *walk = JS_GetAnyOpaque(object, &id);
    if (walk != NULL)
        JS_MarkValue(rt, walk->params, mark_func);
}

static JSValue iterate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                       int magic)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (params_of(ctx, this_val) == NULL)
        return JS_EXCEPTION;
    JSValue object = JS_NewObjectClass(ctx, js->url.iterator);
    struct walk *walk = JS_IsException(object) ? NULL : mr__alloc(sizeof(*walk));
    if (walk == NULL) {
        JS_FreeValue(ctx, object);
        return JS_ThrowOutOfMemory(ctx);
    }
    *walk = (struct walk){.params = JS_DupValue(ctx, this_val), .kind = magic};
    JS_SetOpaque(object, walk);
    return object;
}

static JSValue entry_of(JSContext *ctx, const struct pair *pair, int kind)
{
    if (kind != ENTRIES)
        return to_js(ctx, kind == KEYS ? &pair->name : &pair->value);
    JSValue list = JS_NewArray(ctx);
    if (!JS_IsException(list) &&
        (JS_DefinePropertyValueUint32(ctx, list, 0, to_js(ctx, &pair->name), JS_PROP_C_W_E) < 0 ||
         JS_DefinePropertyValueUint32(ctx, list, 1, to_js(ctx, &pair->value), JS_PROP_C_W_E) < 0)) {
        JS_FreeValue(ctx, list);
        return JS_EXCEPTION;
    }
    return list;
}

static JSValue next(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct walk *walk = JS_GetOpaque(this_val, js->url.iterator);
    if (walk == NULL)
        return mr__js_url_bad_this(ctx, "URLSearchParamsIterator");
    const struct params *params = JS_GetOpaque(walk->params, js->url.params);
    bool done = walk->next >= params->count;
    JSValue value = done ? JS_UNDEFINED : entry_of(ctx, &params->pairs[walk->next], walk->kind);
    if (JS_IsException(value))
        return value;
    walk->next += !done;
    const char *names[] = {"value", "done"};
    const JSValue values[] = {value, JS_NewBool(ctx, done)};
    return JS_NewObjectFromStr(ctx, 2, names, values);
}

/* ---- The classes ------------------------------------------------------------------------------*/

enum { WEC = JS_PROP_C_W_E };

#define METHOD(name, length, method)                                                               \
    {                                                                                              \
        name, WEC, JS_DEF_CFUNC, method,                                                           \
        {                                                                                          \
            .func = { length, JS_CFUNC_generic_magic, {.generic_magic = call_method} }             \
        }                                                                                          \
    }
#define ITERATE(name, kind)                                                                        \
    {                                                                                              \
        name, WEC, JS_DEF_CFUNC, kind,                                                             \
        {                                                                                          \
            .func = { 0, JS_CFUNC_generic_magic, {.generic_magic = iterate} }                      \
        }                                                                                          \
    }

static const JSCFunctionListEntry members[] = {
    {"size",
     JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
     JS_DEF_CGETSET,
     0,
     {.getset = {{.getter = get_size}, {.setter = NULL}}}},
    METHOD("append", 2, APPEND),
    METHOD("delete", 1, DELETE),
    METHOD("get", 1, GET),
    METHOD("getAll", 1, GET_ALL),
    METHOD("has", 1, HAS),
    METHOD("set", 2, SET),
    JS_CFUNC_DEF2("sort", 0, sort, WEC),
    ITERATE("entries", ENTRIES),
    JS_CFUNC_DEF2("forEach", 1, for_each, WEC),
    ITERATE("keys", KEYS),
    ITERATE("values", VALUES),
    JS_CFUNC_DEF2("toString", 0, to_text, WEC),
    JS_ALIAS_DEF("[Symbol.iterator]", "entries"),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "URLSearchParams", JS_PROP_CONFIGURABLE),
};

static const JSCFunctionListEntry iterator_members[] = {
    JS_CFUNC_DEF2("next", 0, next, WEC),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "URLSearchParams Iterator", JS_PROP_CONFIGURABLE),
};

/* %IteratorPrototype%: what the prototype of array iterators inherits from. */
static JSValue iterator_base(JSContext *ctx)
{
    JSValue list = JS_NewArray(ctx);
    JSAtom atom = mr__intrinsics_of(mr__js_of(ctx))->atoms[MR__ATOM_ITERATOR];
    JSValue iterator = JS_IsException(list) ? JS_EXCEPTION : JS_Invoke(ctx, list, atom, 0, NULL);
    JS_FreeValue(ctx, list);
    if (JS_IsException(iterator))
        return iterator;
    JSValue proto = JS_GetPrototype(ctx, iterator);
    JSValue base = JS_GetPrototype(ctx, proto);
    JS_FreeValue(ctx, iterator);
    JS_FreeValue(ctx, proto);
    return base;
}

static int make_iterator(mr_js *js)
{
    static const JSClassDef def = {
        .class_name = "URLSearchParams Iterator", .finalizer = finalize_walk, .gc_mark = mark_walk};
    JSContext *ctx = js->ctx;
    JS_NewClassID(js->rt, &js->url.iterator);
    if (JS_NewClass(js->rt, js->url.iterator, &def) < 0)
        return -1;
    JSValue base = iterator_base(ctx);
    JSValue proto = JS_IsException(base) ? JS_EXCEPTION : JS_NewObjectProto(ctx, base);
    JS_FreeValue(ctx, base);
    if (JS_IsException(proto) ||
        JS_SetPropertyFunctionList(ctx, proto, iterator_members,
                                   sizeof(iterator_members) / sizeof(iterator_members[0])) < 0) {
        JS_FreeValue(ctx, proto);
        return -1;
    }
    JS_SetClassProto(ctx, js->url.iterator, proto);
    return 0;
}

int mr__js_url_params_make(mr_js *js, JSValueConst global)
{
    static const JSClassDef def = {
        .class_name = "URLSearchParams", .finalizer = finalize, .gc_mark = mark};
    return mr__js_url_class(js, global, &js->url.params, &js->url.params_constructor, &def,
                            construct, 0, members, sizeof(members) / sizeof(members[0])) < 0
               ? -1
               : make_iterator(js);
}
