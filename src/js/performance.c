/* `performance` (High Resolution Time, User Timing): the clock, and what is on the timeline. There is
 * one object a runtime, made when it is asked for; its methods know it by its address. */
#include "js/performance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/simulation.h"
#include "js/web_events.h"

enum { KEPT_MAX = 65536 };

/* First statements of a member. */
#define RECEIVE(js, ctx, this_val)                                                                 \
    mr_js *js = mr__js_of(ctx);                                                                    \
    MR__JS_GATE(js);                                                                               \
    if (!is_performance(js, this_val))                                                             \
    return mr__web_throw_this(ctx, "Performance")

static bool is_performance(mr_js *js, JSValueConst value)
{
    return JS_IsObject(value) && JS_IsObject(js->performance) &&
           JS_VALUE_GET_PTR(value) == JS_VALUE_GET_PTR(js->performance);
}

/* ---- Time -------------------------------------------------------------------------------------*/

double mr__perf_now(mr_js *js)
{
    return (double)(mr__js_clock(js) - js->created_ns) / 1e6;
}

static JSValue now(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    RECEIVE(js, ctx, this_val);
    return JS_NewFloat64(ctx, mr__perf_now(js));
}

static JSValue time_origin(JSContext *ctx, JSValueConst this_val, int magic)
{
    (void)magic;
    RECEIVE(js, ctx, this_val);
    return JS_NewFloat64(ctx, js->time_origin_ms);
}

static JSValue show_performance(mr_js *js, JSValueConst value)
{
    (void)value;
    static const char *const names[] = {"timeOrigin"};
    const JSValue values[] = {JS_NewFloat64(js->ctx, js->time_origin_ms)};
    return mr__web_object(js->ctx, 1, names, values);
}

static JSValue to_json(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    RECEIVE(js, ctx, this_val);
    return show_performance(js, this_val);
}

/* ---- The timeline -----------------------------------------------------------------------------*/

/* Keep the entry, if there is room on the timeline. -1: no memory, thrown. */
static int keep(mr_js *js, JSValueConst object)
{
    struct mr__js_timeline *line = js->webapi->timeline;
    const mr__perf_entry *entry = mr__perf_entry_of(js, object);
    if (line->count == KEPT_MAX) {
        line->dropped++;
        return 0;
    }
    if (!mr__web_grow(js->ctx, (void **)&line->objects, line->count, &line->cap, sizeof(JSValue)))
        return -1;
    if (!entry->measure && !mr__idmap_put(&line->latest, entry->name, (uint64_t)(uintptr_t)entry)) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    line->objects[line->count++] = JS_DupValue(js->ctx, object);
    return 0;
}

/* entry passes in. */
static JSValue add(mr_js *js, mr__perf_entry entry)
{
    JSValue object = mr__perf_entry_new(js, JS_UNDEFINED, entry);
    if (JS_IsException(object) || keep(js, object) == 0)
        return object;
    JS_FreeValue(js->ctx, object);
    return JS_EXCEPTION;
}

static JSValue mark(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    RECEIVE(js, ctx, this_val);
    mr__perf_entry entry;
    return mr__perf_read_mark(js, argc, argv, &entry) < 0 ? JS_EXCEPTION : add(js, entry);
}

static JSValue measure(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    RECEIVE(js, ctx, this_val);
    mr__perf_entry entry;
    return mr__perf_read_measure(js, argc, argv, &entry) < 0 ? JS_EXCEPTION : add(js, entry);
}

/* Take off the timeline what is of that kind and, unless it is JS_ATOM_NULL, of that name. */
static void clear(mr_js *js, bool measures, JSAtom name)
{
    struct mr__js_timeline *line = js->webapi->timeline;
    size_t kept = 0;
    for (size_t i = 0; i < line->count; i++) {
        JSValue object = line->objects[i];
        const mr__perf_entry *entry = mr__perf_entry_of(js, object);
        if (entry->measure != measures || (name != JS_ATOM_NULL && entry->name != name)) {
            line->objects[kept++] = object;
            continue;
        }
        if (!measures)
            mr__idmap_remove(&line->latest, entry->name);
        JS_FreeValue(js->ctx, object);
    }
    line->count = kept;
}

static JSValue clear_entries(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                             int measures)
{
    RECEIVE(js, ctx, this_val);
    JSAtom name = JS_ATOM_NULL;
    if (argc > 0 && !JS_IsUndefined(argv[0]) &&
        (name = mr__perf_name(ctx, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    clear(js, measures != 0, name);
    JS_FreeAtom(ctx, name);
    return JS_UNDEFINED;
}

void mr__perf_timeline_deinit(mr_js *js)
{
    struct mr__js_timeline *line = js->webapi->timeline;
    if (line == NULL)
        return;
    for (size_t i = 0; i < line->count; i++)
        JS_FreeValue(js->ctx, line->objects[i]);
    js_free(js->ctx, line->objects);
    mr__idmap_deinit(&line->latest);
    mr__free(line);
    js->webapi->timeline = NULL;
}

/* ---- Looking ----------------------------------------------------------------------------------*/

struct found {
    JSValueConst object;
    double start_ms;
    size_t order; /* marks before measures, then by adding: decides between equal starts */
};

static int by_start(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static JSValue list_found(JSContext *ctx, const struct found *found, size_t count)
{
    JSValue list = JS_NewArray(ctx);
    for (size_t i = 0; i < count && !JS_IsException(list); i++) {
        JSValue object = JS_DupValue(ctx, found[i].object);
        if (JS_DefinePropertyValueUint32(ctx, list, (uint32_t)i, object, JS_PROP_C_W_E) >= 0)
            continue;
        JS_FreeValue(ctx, list);
        list = JS_EXCEPTION;
    }
    return list;
}

/* Those of a name and a type, each JS_ATOM_NULL for any, in the order of their start. */
static JSValue look(mr_js *js, JSAtom name, bool marks, bool measures)
{
    const struct mr__js_timeline *line = js->webapi->timeline;
    struct found *found = mr__alloc((line->count + 1) * sizeof(*found));
    if (found == NULL)
        return JS_ThrowOutOfMemory(js->ctx);
    size_t count = 0;
    bool sorted = true;
    for (size_t i = 0; i < line->count; i++) {
        const mr__perf_entry *entry = mr__perf_entry_of(js, line->objects[i]);
        if ((name != JS_ATOM_NULL && entry->name != name) || !(entry->measure ? measures : marks))
            continue;
        found[count] = (struct found){line->objects[i], entry->start_ms,
                                      i + (entry->measure ? (size_t)KEPT_MAX : 0)};
        sorted = sorted && (count == 0 || by_start(&found[count - 1], &found[count]) < 0);
        count++;
    }
    if (!sorted)
        qsort(found, count, sizeof(*found), by_start);
    JSValue list = list_found(js->ctx, found, count);
    mr__free(found);
    return list;
}

static JSValue get_entries(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    RECEIVE(js, ctx, this_val);
    return look(js, JS_ATOM_NULL, true, true);
}

/* Which types a text means. -1: an exception waits. */
static int read_type(JSContext *ctx, JSValueConst value, bool *out_marks, bool *out_measures)
{
    const char *type = JS_ToCString(ctx, value);
    if (type == NULL)
        return -1;
    *out_marks = strcmp(type, "mark") == 0;
    *out_measures = strcmp(type, "measure") == 0;
    JS_FreeCString(ctx, type);
    return 0;
}

static JSValue get_entries_by_type(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    RECEIVE(js, ctx, this_val);
    if (argc < 1)
        return mr__web_throw_missing(ctx, "type");
    bool marks, measures;
    return read_type(ctx, argv[0], &marks, &measures) < 0 ? JS_EXCEPTION
                                                          : look(js, JS_ATOM_NULL, marks, measures);
}

static JSValue get_entries_by_name(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    RECEIVE(js, ctx, this_val);
    if (argc < 1)
        return mr__web_throw_missing(ctx, "name");
    JSAtom name = mr__perf_name(ctx, argv[0]);
    if (name == JS_ATOM_NULL)
        return JS_EXCEPTION;
    bool marks = true, measures = true;
    JSValue list = JS_EXCEPTION;
    if (argc < 2 || JS_IsUndefined(argv[1]) || read_type(ctx, argv[1], &marks, &measures) == 0)
        list = look(js, name, marks, measures);
    JS_FreeAtom(ctx, name);
    return list;
}

/* ---- The object and its class -----------------------------------------------------------------*/

JSValue mr__js_performance(mr_js *js)
{
    if (JS_IsUndefined(js->performance)) {
        JSValue proto = JS_GetClassProto(js->ctx, js->webapi->performance.id);
        JSValue object = mr__js_target_new(js, proto);
        JS_FreeValue(js->ctx, proto);
        if (JS_IsException(object))
            return object;
        js->performance = object;
    }
    return JS_DupValue(js->ctx, js->performance);
}

static JSValue get_performance(JSContext *ctx, JSValueConst this_val)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return mr__js_performance(js);
}

/* [Replaceable]: writing makes a plain property of the global object. */
static JSValue set_performance(JSContext *ctx, JSValueConst this_val, JSValueConst value)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    JSValue global = JS_GetGlobalObject(ctx);
    int done = JS_DefinePropertyValueStr(ctx, global, "performance", JS_DupValue(ctx, value),
                                         JS_PROP_C_W_E);
    JS_FreeValue(ctx, global);
    return done < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

#define CLEAR(name, measures)                                                                      \
    {                                                                                              \
        name, JS_PROP_C_W_E, JS_DEF_CFUNC, measures,                                               \
        {                                                                                          \
            .func = { 0, JS_CFUNC_generic_magic, {.generic_magic = clear_entries} }                \
        }                                                                                          \
    }
static const JSCFunctionListEntry members[] = {
    CLEAR("clearMarks", 0),
    CLEAR("clearMeasures", 1),
    MR__WEB_METHOD("getEntries", 0, get_entries),
    MR__WEB_METHOD("getEntriesByName", 1, get_entries_by_name),
    MR__WEB_METHOD("getEntriesByType", 1, get_entries_by_type),
    MR__WEB_METHOD("mark", 1, mark),
    MR__WEB_METHOD("measure", 1, measure),
    MR__WEB_METHOD("now", 0, now),
    MR__WEB_GETTER("timeOrigin", time_origin, 0),
    MR__WEB_METHOD("toJSON", 0, to_json),
    MR__WEB_TAG("Performance"),
};
#undef CLEAR

/* Performance is an EventTarget, whose class is not made as ours are. */
static int inherit(mr_js *js)
{
    const struct mr__js_events *events = js->events;
    JSValue proto = JS_GetClassProto(js->ctx, js->webapi->performance.id);
    int failed = JS_SetPrototype(js->ctx, proto, events->protos[MR__WEB_EVENT_TARGET]) < 0 ||
                 JS_SetPrototype(js->ctx, js->webapi->performance.constructor,
                                 events->constructors[MR__WEB_EVENT_TARGET]) < 0;
    JS_FreeValue(js->ctx, proto);
    return failed ? -1 : 0;
}

int mr__js_performance_install(mr_js *js, JSValueConst global)
{
    static const JSCFunctionListEntry name = {
        "performance",
        JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE,
        JS_DEF_CGETSET,
        0,
        {.getset = {{.getter = get_performance}, {.setter = set_performance}}}};
    const mr__web_interface performance = {.name = "Performance",
                                           .constructor = mr__web_illegal,
                                           .members = members,
                                           .member_count = sizeof(members) / sizeof(members[0])};
    struct mr__js_webapi *web = js->webapi;
    web->timeline = mr__alloc_zero(sizeof(*web->timeline));
    if (web->timeline == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    return mr__web_define(js, global, &performance, NULL, &web->performance) < 0 ||
                   inherit(js) < 0 || mr__perf_entries_install(js, global) < 0 ||
                   mr__inspect_register(js, web->performance.id,
                                        &(mr__stand_in){show_performance, 1, true, false}) < 0 ||
                   JS_SetPropertyFunctionList(js->ctx, global, &name, 1) < 0
               ? -1
               : 0;
}
