/* The arguments of performance.measure: which two times it lies between. */
#include "js/errors.h"
#include "js/gate.h"
#include "js/performance.h"

/* A time, or the name of a mark. */
struct point {
    bool given;
    JSAtom name; /* owned, or JS_ATOM_NULL: time_ms counts */
    double time_ms;
};

struct measure {
    struct point start, end;
    bool has_duration, has_detail;
    double duration_ms;
    JSValue detail; /* owned */
};

static void free_measure(JSContext *ctx, struct measure *measure)
{
    JS_FreeAtom(ctx, measure->start.name);
    JS_FreeAtom(ctx, measure->end.name);
    JS_FreeValue(ctx, measure->detail);
}

/* ---- Reading ----------------------------------------------------------------------------------*/

static int read_name(JSContext *ctx, JSValueConst value, struct point *point)
{
    point->given = true;
    point->name = mr__perf_name(ctx, value);
    return point->name == JS_ATOM_NULL ? -1 : 0;
}

static int read_point(JSContext *ctx, JSValueConst options, const char *member, struct point *point)
{
    JSValue value = JS_GetPropertyStr(ctx, options, member);
    int failed = JS_IsException(value) ? -1 : 0;
    if (JS_IsNumber(value)) {
        point->given = true;
        failed = mr__perf_number(ctx, member, value, &point->time_ms);
    } else if (failed == 0 && !JS_IsUndefined(value)) {
        failed = read_name(ctx, value, point);
    }
    JS_FreeValue(ctx, value);
    return failed;
}

static int read_duration(JSContext *ctx, JSValueConst options, struct measure *measure)
{
    JSValue value = JS_GetPropertyStr(ctx, options, "duration");
    if (JS_IsException(value))
        return -1;
    measure->has_duration = !JS_IsUndefined(value);
    int failed =
        measure->has_duration ? mr__perf_number(ctx, "duration", value, &measure->duration_ms) : 0;
    JS_FreeValue(ctx, value);
    return failed;
}

/* The members in the order of their names. */
static int read_options(JSContext *ctx, JSValueConst options, struct measure *measure)
{
    JSValue detail = JS_GetPropertyStr(ctx, options, "detail");
    if (JS_IsException(detail))
        return -1;
    measure->detail = detail;
    measure->has_detail = !JS_IsUndefined(detail);
    return read_duration(ctx, options, measure) < 0 ||
                   read_point(ctx, options, "end", &measure->end) < 0 ||
                   read_point(ctx, options, "start", &measure->start) < 0
               ? -1
               : 0;
}

static int throw_type(JSContext *ctx, const char *text)
{
    mr__js_throw_code(ctx, "TypeError", "ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS", "%s", text);
    return -1;
}

static int check_options(JSContext *ctx, const struct measure *measure, bool end_mark)
{
    bool any =
        measure->start.given || measure->end.given || measure->has_duration || measure->has_detail;
    if (any && end_mark)
        return throw_type(ctx, "endMark must not be specified");
    if (any && !measure->start.given && !measure->end.given)
        return throw_type(ctx, "One of options.start or options.end is required");
    if (measure->start.given && measure->end.given && measure->has_duration)
        return throw_type(ctx, "Must not have options.start, options.end, and "
                               "options.duration specified");
    return 0;
}

/* All arguments are converted before any of them is judged. */
static int read_arguments(JSContext *ctx, int argc, JSValueConst *argv, struct measure *measure)
{
    bool end_mark = argc > 2 && !JS_IsUndefined(argv[2]);
    struct point end = {0};
    int failed = 0;
    bool options = argc > 1 && JS_IsObject(argv[1]);
    if (options)
        failed = read_options(ctx, argv[1], measure);
    else if (argc > 1 && !JS_IsUndefined(argv[1]) && !JS_IsNull(argv[1]))
        failed = read_name(ctx, argv[1], &measure->start);
    if (failed == 0 && end_mark)
        failed = read_name(ctx, argv[2], &end);
    if (failed == 0 && options)
        failed = check_options(ctx, measure, end_mark);
    if (failed < 0)
        JS_FreeAtom(ctx, end.name);
    else if (end_mark)
        measure->end = end;
    return failed;
}

/* ---- Times ------------------------------------------------------------------------------------*/

static int throw_unknown(JSContext *ctx, JSAtom name)
{
    const char *text = JS_AtomToCString(ctx, name);
    if (text != NULL)
        mr__js_throw_dom(ctx, "SyntaxError", "The \"%s\" performance mark has not been set", text);
    JS_FreeCString(ctx, text);
    return -1;
}

static int resolve(mr_js *js, const char *what, const struct point *point, double *out_ms)
{
    uint64_t found;
    *out_ms = point->time_ms;
    if (point->name == JS_ATOM_NULL)
        return mr__perf_check_time(js->ctx, what, point->time_ms);
    if (!mr__idmap_get(&js->webapi->timeline->latest, point->name, &found))
        return throw_unknown(js->ctx, point->name);
    *out_ms = ((const mr__perf_entry *)(uintptr_t)found)->start_ms;
    return 0;
}

/* The end is found first, then the start. */
static int find_times(mr_js *js, const struct measure *measure, double *out_start_ms,
                      double *out_end_ms)
{
    JSContext *ctx = js->ctx;
    double duration_ms = measure->duration_ms;
    *out_start_ms = 0;
    *out_end_ms = 0;
    if (measure->end.given && resolve(js, "end", &measure->end, out_end_ms) < 0)
        return -1;
    if (!measure->end.given && !measure->has_duration)
        *out_end_ms = mr__perf_now(js);
    if (measure->start.given && resolve(js, "start", &measure->start, out_start_ms) < 0)
        return -1;
    if (!measure->has_duration)
        return 0;
    if (mr__perf_check_time(ctx, "duration", duration_ms) < 0)
        return -1;
    if (measure->start.given)
        *out_end_ms = *out_start_ms + duration_ms;
    else
        *out_start_ms = *out_end_ms - duration_ms;
    return 0;
}

int mr__perf_read_measure(mr_js *js, int argc, JSValueConst *argv, mr__perf_entry *out_entry)
{
    JSContext *ctx = js->ctx;
    struct measure measure = {.detail = JS_UNDEFINED};
    double start_ms, end_ms;
    if (argc < 1) {
        mr__web_throw_missing(ctx, "name");
        return -1;
    }
    JSAtom name = mr__perf_name(ctx, argv[0]);
    if (name == JS_ATOM_NULL)
        return -1;
    JSValue detail = JS_EXCEPTION;
    if (read_arguments(ctx, argc, argv, &measure) == 0 &&
        find_times(js, &measure, &start_ms, &end_ms) == 0)
        detail = mr__perf_detail(js, measure.detail);
    free_measure(ctx, &measure);
    if (JS_IsException(detail)) {
        JS_FreeAtom(ctx, name);
        return -1;
    }
    *out_entry = (mr__perf_entry){name, true, start_ms, end_ms - start_ms, detail};
    return 0;
}
