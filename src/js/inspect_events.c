/* Events, event targets, abort signals and controllers as Node.js shows them: there their classes
 * bring functions of the `nodejs.util.inspect.custom` kind, here nothing of it is visible. */
#include <limits.h>

#include "js/inspect.h"
#include "js/web_events.h"

/* The name of the constructor that the object finds. */
static void append_name(mr__inspector *in, mr__bytes *out, JSValueConst value,
                        const char *otherwise)
{
    const struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSValue constructor = mr__data_get(in->js, value, known->atoms[MR__ATOM_CONSTRUCTOR]);
    JSValue name = mr__data_get(in->js, constructor, known->atoms[MR__ATOM_NAME]);
    const char *text = JS_IsString(name) ? JS_ToCString(in->ctx, name) : NULL;
    mr__bytes_str(out, text == NULL ? otherwise : text);
    JS_FreeCString(in->ctx, text);
    JS_FreeValue(in->ctx, name);
    JS_FreeValue(in->ctx, constructor);
}

/* Append fields, an object that passes in, as a value of its own one level down. */
static int append_fields(mr__inspector *in, mr__bytes *out, JSValue fields)
{
    if (JS_IsException(fields))
        return -1;
    mr__inspect_options options = in->options;
    if (options.depth != INT_MAX)
        options.depth--;
    mr__inspector inner;
    mr__bytes text = {0};
    int result = mr__inspector_init(&inner, in->js, &options);
    inner.unlimited_depth = in->unlimited_depth;
    inner.getters = in->getters;
    if (result == 0)
        result = mr__inspect_value(&inner, &text, fields, 0, false);
    mr__bytes_char(out, ' ');
    mr__text_indented(out, mr__bytes_cstr(&text), text.len, in->indentation);
    mr__inspector_deinit(&inner);
    mr__bytes_deinit(&text);
    JS_FreeValue(in->ctx, fields);
    return result;
}

static JSValue event_fields(JSContext *ctx, const mr__event *event)
{
    const char *names[] = {"type", "defaultPrevented", "cancelable", "timeStamp"};
    const JSValue values[] = {JS_AtomToString(ctx, event->type),
                              JS_NewBool(ctx, (event->flags & MR__EVENT_CANCELED) != 0),
                              JS_NewBool(ctx, (event->flags & MR__EVENT_CANCELABLE) != 0),
                              JS_NewNumber(ctx, event->time_stamp)};
    return JS_NewObjectFromStr(ctx, 4, names, values);
}

static JSValue field(JSContext *ctx, const char *name, JSValue value)
{
    const char *names[] = {name};
    const JSValue values[] = {value};
    return JS_NewObjectFromStr(ctx, 1, names, values);
}

/* Too deep a signal is in brackets, as an object with fields. */
static int inspect_signal(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    bool deep = mr__inspect_too_deep(in, depth);
    mr__bytes name = {0};
    if (deep)
        mr__bytes_char(&name, '[');
    append_name(in, &name, value, "AbortSignal");
    if (deep)
        mr__bytes_char(&name, ']');
    if (deep)
        mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors, mr__bytes_cstr(&name));
    else
        mr__bytes_append(out, name.data, name.len);
    mr__bytes_deinit(&name);
    bool aborted = mr__js_signal_of(in->js, value)->aborted;
    return deep ? 0
                : append_fields(in, out, field(in->ctx, "aborted", JS_NewBool(in->ctx, aborted)));
}

int mr__inspect_web(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    JSContext *ctx = in->ctx;
    JSValue signal;
    bool deep = mr__inspect_too_deep(in, depth);
    const mr__event *event = mr__js_event_of(in->js, value);
    if (event != NULL) {
        append_name(in, out, value, "Event");
        return !deep && append_fields(in, out, event_fields(ctx, event)) < 0 ? -1 : 1;
    }
    if (mr__js_signal_of(in->js, value) != NULL)
        return inspect_signal(in, out, value, depth) < 0 ? -1 : 1;
    if (mr__js_target_of(in->js, value) != NULL) {
        append_name(in, out, value, "EventTarget");
        return !deep && append_fields(in, out, JS_NewObject(ctx)) < 0 ? -1 : 1;
    }
    if (deep || mr__js_controller_signal(in->js, value, &signal) == NULL)
        return 0;
    append_name(in, out, value, "AbortController");
    return append_fields(in, out, field(ctx, "signal", JS_DupValue(ctx, signal))) < 0 ? -1 : 1;
}
