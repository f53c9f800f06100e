/* Objects of our own classes, which show what their getters tell, and the classes themselves. */
#include <limits.h>

#include "base/macros.h"
#include "js/inspect.h"
#include "js/webapi.h"

enum { SHOWN_MAX = 16 };

struct mr__shown {
    struct shown_class {
        JSClassID class_id;
        mr__stand_in stand_in;
    } classes[SHOWN_MAX];
    size_t count;
    const void *constructors[SHOWN_MAX]; /* which show as classes, not as functions */
    size_t constructor_count;
};

static struct mr__shown *shown_of(mr_js *js)
{
    if (js->shown == NULL)
        js->shown = js_mallocz(js->ctx, sizeof(*js->shown));
    return js->shown;
}

int mr__inspect_register(mr_js *js, JSClassID class_id, const mr__stand_in *stand_in)
{
    struct mr__shown *shown = shown_of(js);
    if (shown == NULL)
        return -1;
    MR_ASSERT(shown->count < SHOWN_MAX);
    shown->classes[shown->count++] = (struct shown_class){class_id, *stand_in};
    return 0;
}

int mr__inspect_install(mr_js *js, JSValueConst global)
{
    static const char *const names[] = {
        "AbortController",
        "AbortSignal",
        "Crypto",
        "CustomEvent",
        "DOMException",
        "Event",
        "EventTarget",
        "Performance",
        "PerformanceEntry",
        "PerformanceMark",
        "PerformanceMeasure",
        "TextDecoder",
        "TextEncoder",
        "URL",
        "URLSearchParams",
    };
    struct mr__shown *shown = shown_of(js);
    for (size_t i = 0; shown != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        JSValue constructor = JS_GetPropertyStr(js->ctx, global, names[i]);
        if (JS_IsException(constructor))
            return -1;
        if (JS_IsObject(constructor))
            shown->constructors[shown->constructor_count++] = JS_VALUE_GET_PTR(constructor);
        JS_FreeValue(js->ctx, constructor); /* the runtime holds it */
    }
    return shown == NULL ? -1 : 0;
}

bool mr__inspect_is_platform_class(mr_js *js, JSValueConst function)
{
    for (size_t i = 0; js->shown != NULL && i < js->shown->constructor_count; i++) {
        if (js->shown->constructors[i] == JS_VALUE_GET_PTR(function))
            return true;
    }
    return false;
}

void mr__inspect_unregister(mr_js *js)
{
    js_free(js->ctx, js->shown);
    js->shown = NULL;
}

/* The one Performance has the class of event targets. */
static JSClassID class_of(const mr_js *js, JSValueConst value)
{
    bool performance = JS_IsObject(js->performance) &&
                       JS_VALUE_GET_PTR(js->performance) == JS_VALUE_GET_PTR(value);
    return performance ? js->webapi->performance.id : JS_GetClassID(value);
}

static const mr__stand_in *find(const mr_js *js, JSValueConst value)
{
    JSClassID class_id = class_of(js, value);
    for (size_t i = 0; js->shown != NULL && i < js->shown->count; i++) {
        if (js->shown->classes[i].class_id == class_id)
            return &js->shown->classes[i].stand_in;
    }
    return NULL;
}

/* The stand-in as it shows by itself, with the levels that are left for it. */
static int inspect_apart(mr__inspector *in, mr__bytes *out, JSValueConst object, int levels)
{
    mr__inspect_options options = in->options;
    mr__inspector apart;
    if (options.depth != INT_MAX)
        options.depth = levels;
    if (mr__inspector_init(&apart, in->js, &options) < 0)
        return -1;
    apart.getters = in->getters;
    apart.unlimited_depth = in->unlimited_depth;
    int result = mr__inspect_value(&apart, out, object, 0, false);
    mr__inspector_deinit(&apart);
    return result;
}

int mr__inspect_class_name(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    mr__shape shape = {.value = value};
    int result = mr__shape_name(in, &shape, depth);
    mr__bytes_append(out, shape.constructor.data, shape.constructor.len);
    out->failed |= shape.constructor.failed;
    mr__shape_deinit(in, &shape);
    return result;
}

static int append_contents(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                           const mr__stand_in *stand_in)
{
    JSValue object = stand_in->make(in->js, value);
    if (JS_IsException(object))
        return -1;
    int result = stand_in->named ? mr__inspect_class_name(in, out, value, depth) : 0;
    mr__bytes_str(out, stand_in->named ? " " : "");
    if (result == 0)
        result = inspect_apart(in, out, object, in->options.depth - depth - stand_in->fewer_levels);
    JS_FreeValue(in->ctx, object);
    return result;
}

static int append_brackets(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    mr__style_begin(out, MR__STYLE_SPECIAL, in->options.colors);
    mr__bytes_char(out, '[');
    int result = mr__inspect_class_name(in, out, value, depth);
    mr__bytes_char(out, ']');
    mr__style_end(out, MR__STYLE_SPECIAL, in->options.colors);
    return result;
}

int mr__inspect_platform(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    const mr__stand_in *stand_in = find(in->js, value);
    if (stand_in == NULL || (stand_in->plain_when_deep && mr__inspect_too_deep(in, depth)))
        return 0;
    mr__bytes text = {0};
    int result = mr__inspect_too_deep(in, depth)
                     ? append_brackets(in, &text, value, depth)
                     : append_contents(in, &text, value, depth, stand_in);
    if (result == 0)
        mr__text_indented(out, text.data, text.len, in->indentation);
    out->failed |= text.failed;
    mr__bytes_deinit(&text);
    return result < 0 ? -1 : 1;
}
