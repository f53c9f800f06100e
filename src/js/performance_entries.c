/* PerformanceEntry, PerformanceMark, PerformanceMeasure. */
#include <math.h>

#include "js/errors.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/performance.h"

/* ---- The struct behind an entry ---------------------------------------------------------------*/

static void finalize_entry(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    mr__perf_entry *entry = JS_GetAnyOpaque(object, &class_id);
    if (entry == NULL)
        return;
    JS_FreeAtomRT(rt, entry->name);
    JS_FreeValueRT(rt, entry->detail);
    js_free_rt(rt, entry);
}

static void mark_entry(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    const mr__perf_entry *entry = JS_GetAnyOpaque(object, &class_id);
    if (entry != NULL)
        JS_MarkValue(rt, entry->detail, mark);
}

mr__perf_entry *mr__perf_entry_of(mr_js *js, JSValueConst value)
{
    mr__perf_entry *entry = JS_GetOpaque(value, js->webapi->mark.id);
    return entry != NULL ? entry : JS_GetOpaque(value, js->webapi->measure.id);
}

JSValue mr__perf_entry_new(mr_js *js, JSValueConst new_target, mr__perf_entry entry)
{
    JSContext *ctx = js->ctx;
    JSClassID class_id = entry.measure ? js->webapi->measure.id : js->webapi->mark.id;
    mr__perf_entry *made = js_malloc(ctx, sizeof(*made));
    JSValue object = made == NULL ? JS_EXCEPTION
                     : JS_IsUndefined(new_target)
                         ? JS_NewObjectClass(ctx, class_id)
                         : mr__web_construct(ctx, new_target, class_id, NULL);
    if (JS_IsException(object)) {
        js_free(ctx, made);
        JS_FreeAtom(ctx, entry.name);
        JS_FreeValue(ctx, entry.detail);
        return object;
    }
    *made = entry;
    JS_SetOpaque(object, made);
    return object;
}

/* ---- Arguments --------------------------------------------------------------------------------*/

JSAtom mr__perf_name(JSContext *ctx, JSValueConst value)
{
    JSValue text = JS_ToString(ctx, value);
    JSAtom name = JS_IsException(text) ? JS_ATOM_NULL : JS_ValueToAtom(ctx, text);
    JS_FreeValue(ctx, text);
    return name;
}

int mr__perf_number(JSContext *ctx, const char *what, JSValueConst value, double *out_number)
{
    if (JS_ToFloat64(ctx, out_number, value) < 0)
        return -1;
    if (isfinite(*out_number))
        return 0;
    mr__js_throw_arg_type(ctx, what, "a finite number", value);
    return -1;
}

int mr__perf_check_time(JSContext *ctx, const char *what, double time_ms)
{
    if (time_ms >= 0)
        return 0;
    mr__js_throw_code(ctx, "TypeError", "ERR_PERFORMANCE_INVALID_TIMESTAMP",
                      "%g is not a valid timestamp for %s", time_ms, what);
    return -1;
}

JSValue mr__perf_detail(mr_js *js, JSValueConst given)
{
    return JS_IsUndefined(given) ? JS_NULL : mr__js_clone(js, given, 0, NULL);
}

/* The members in the order of their names; *out_detail is owned, undefined when missing. */
static int read_mark_options(mr_js *js, JSValueConst options, JSValue *out_detail,
                             double *out_start_ms)
{
    JSContext *ctx = js->ctx;
    int given = mr__web_dictionary(ctx, options, "markOptions");
    if (given <= 0)
        return given;
    *out_detail = JS_GetPropertyStr(ctx, options, "detail");
    if (JS_IsException(*out_detail))
        return -1;
    JSValue start = JS_GetPropertyStr(ctx, options, "startTime");
    int failed = JS_IsException(start) ? -1 : 0;
    if (failed == 0 && !JS_IsUndefined(start))
        failed = mr__perf_number(ctx, "markOptions.startTime", start, out_start_ms) < 0 ||
                         mr__perf_check_time(ctx, "startTime", *out_start_ms) < 0
                     ? -1
                     : 0;
    JS_FreeValue(ctx, start);
    return failed;
}

int mr__perf_read_mark(mr_js *js, int argc, JSValueConst *argv, mr__perf_entry *out_entry)
{
    JSContext *ctx = js->ctx;
    if (argc < 1) {
        mr__web_throw_missing(ctx, "name");
        return -1;
    }
    JSAtom name = mr__perf_name(ctx, argv[0]);
    if (name == JS_ATOM_NULL)
        return -1;
    JSValue given = JS_UNDEFINED, detail = JS_EXCEPTION;
    double start_ms = NAN;
    if (argc < 2 || read_mark_options(js, argv[1], &given, &start_ms) == 0) {
        if (isnan(start_ms))
            start_ms = mr__perf_now(js);
        detail = mr__perf_detail(js, given);
    }
    JS_FreeValue(ctx, given);
    if (JS_IsException(detail)) {
        JS_FreeAtom(ctx, name);
        return -1;
    }
    *out_entry = (mr__perf_entry){.name = name, .start_ms = start_ms, .detail = detail};
    return 0;
}

/* ---- Members ----------------------------------------------------------------------------------*/

enum { NAME, ENTRY_TYPE, START_TIME, DURATION, DETAIL };
static const char *const member_names[] = {"name", "entryType", "startTime", "duration", "detail"};

static JSValue member_of(JSContext *ctx, const mr__perf_entry *entry, int which)
{
    switch (which) {
    case NAME:
        return JS_AtomToString(ctx, entry->name);
    case ENTRY_TYPE:
        return JS_NewString(ctx, entry->measure ? "measure" : "mark");
    case START_TIME:
        return JS_NewNumber(ctx, entry->start_ms);
    case DURATION:
        return JS_NewNumber(ctx, entry->duration_ms);
    default:
        return JS_DupValue(ctx, entry->detail);
    }
}

static JSValue get_member(JSContext *ctx, JSValueConst this_val, int which)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__perf_entry *entry = mr__perf_entry_of(js, this_val);
    return entry != NULL ? member_of(ctx, entry, which)
                         : mr__web_throw_this(ctx, "PerformanceEntry");
}

static JSValue mark_detail(JSContext *ctx, JSValueConst this_val, int magic)
{
    (void)magic;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__perf_entry *entry = JS_GetOpaque(this_val, js->webapi->mark.id);
    return entry != NULL ? JS_DupValue(ctx, entry->detail)
                         : mr__web_throw_this(ctx, "PerformanceMark");
}

static JSValue measure_detail(JSContext *ctx, JSValueConst this_val, int magic)
{
    (void)magic;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    const mr__perf_entry *entry = JS_GetOpaque(this_val, js->webapi->measure.id);
    return entry != NULL ? JS_DupValue(ctx, entry->detail)
                         : mr__web_throw_this(ctx, "PerformanceMeasure");
}

/* All members of an entry as a plain object. */
static JSValue show_entry(mr_js *js, JSValueConst value)
{
    const mr__perf_entry *entry = mr__perf_entry_of(js, value);
    JSValue values[DETAIL + 1];
    for (int i = 0; i <= DETAIL; i++)
        values[i] = member_of(js->ctx, entry, i);
    return mr__web_object(js->ctx, DETAIL + 1, member_names, values);
}

static JSValue to_json(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return mr__perf_entry_of(js, this_val) != NULL ? show_entry(js, this_val)
                                                   : mr__web_throw_this(ctx, "PerformanceEntry");
}

static JSValue new_mark(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__perf_entry entry;
    return mr__perf_read_mark(js, argc, argv, &entry) < 0
               ? JS_EXCEPTION
               : mr__perf_entry_new(js, new_target, entry);
}

/* ---- Classes ----------------------------------------------------------------------------------*/

static const JSCFunctionListEntry entry_members[] = {
    MR__WEB_GETTER("name", get_member, NAME),
    MR__WEB_GETTER("entryType", get_member, ENTRY_TYPE),
    MR__WEB_GETTER("startTime", get_member, START_TIME),
    MR__WEB_GETTER("duration", get_member, DURATION),
    MR__WEB_METHOD("toJSON", 0, to_json),
    MR__WEB_TAG("PerformanceEntry"),
};
static const JSCFunctionListEntry mark_members[] = {
    MR__WEB_GETTER("detail", mark_detail, 0),
    MR__WEB_TAG("PerformanceMark"),
};
static const JSCFunctionListEntry measure_members[] = {
    MR__WEB_GETTER("detail", measure_detail, 0),
    MR__WEB_TAG("PerformanceMeasure"),
};

int mr__perf_entries_install(mr_js *js, JSValueConst global)
{
    const mr__web_interface entry = {.name = "PerformanceEntry",
                                     .constructor = mr__web_illegal,
                                     .members = entry_members,
                                     .member_count = 6};
    const mr__web_interface mark = {.name = "PerformanceMark",
                                    .length = 1,
                                    .constructor = new_mark,
                                    .finalizer = finalize_entry,
                                    .mark = mark_entry,
                                    .members = mark_members,
                                    .member_count = 2};
    const mr__web_interface measure = {.name = "PerformanceMeasure",
                                       .constructor = mr__web_illegal,
                                       .finalizer = finalize_entry,
                                       .mark = mark_entry,
                                       .members = measure_members,
                                       .member_count = 2};
    struct mr__js_webapi *web = js->webapi;
    const mr__stand_in shown = {show_entry, 1, true, false};
    return mr__web_define(js, global, &entry, NULL, &web->entry) < 0 ||
                   mr__web_define(js, global, &mark, &web->entry, &web->mark) < 0 ||
                   mr__web_define(js, global, &measure, &web->entry, &web->measure) < 0 ||
                   mr__inspect_register(js, web->mark.id, &shown) < 0 ||
                   mr__inspect_register(js, web->measure.id, &shown) < 0
               ? -1
               : 0;
}
