/* The options of util.inspect: from a script's object, and as the object that custom functions get.
 */
#include <limits.h>
#include <string.h>

#include "js/inspect.h"

enum { LOWEST_DEPTH = -1000000 };

/* ---- From a script's object -------------------------------------------------------------------*/

/* options[name]: 1 and *out_value owned if it is given and not undefined, 0, -1. */
static int option(JSContext *ctx, JSValueConst object, const char *name, JSValue *out_value)
{
    *out_value = JS_GetPropertyStr(ctx, object, name);
    return JS_IsException(*out_value) ? -1 : !JS_IsUndefined(*out_value);
}

static int read_flag(JSContext *ctx, JSValueConst object, const char *name, bool *out_flag)
{
    JSValue value;
    int given = option(ctx, object, name, &value);
    if (given > 0)
        *out_flag = JS_ToBool(ctx, value) > 0;
    JS_FreeValue(ctx, value);
    return given < 0 ? -1 : 0;
}

/* A count: null and Infinity are INT_MAX, below 0 is 0 unless negative ones are allowed. */
static int read_count(JSContext *ctx, JSValueConst object, const char *name, int *out_count,
                      bool negative, bool *out_null)
{
    JSValue value;
    double number = 0;
    int given = option(ctx, object, name, &value);
    int result = given < 0 ? -1 : 0;
    bool null = JS_IsNull(value);
    if (given > 0 && !null)
        result = JS_ToFloat64(ctx, &number, value);
    JS_FreeValue(ctx, value);
    if (given <= 0 || result < 0)
        return result;
    if (out_null != NULL)
        *out_null = null;
    if (null || number >= INT_MAX)
        *out_count = INT_MAX;
    else if (isnan(number) || (number < 0 && !negative))
        *out_count = 0;
    else
        *out_count = number < LOWEST_DEPTH ? LOWEST_DEPTH : (int)floor(number);
    return 0;
}

static int read_compact(JSContext *ctx, JSValueConst object, int *out_compact)
{
    JSValue value;
    int given = option(ctx, object, "compact", &value);
    bool boolean = JS_IsBool(value), set = boolean && JS_VALUE_GET_BOOL(value);
    JS_FreeValue(ctx, value);
    if (given <= 0)
        return given;
    if (!boolean)
        return read_count(ctx, object, "compact", out_compact, false, NULL);
    *out_compact = set ? MR__COMPACT_TRUE : 0;
    return 0;
}

static int read_getters(mr__inspector *in, JSValueConst object)
{
    JSValue value;
    int given = option(in->ctx, object, "getters", &value);
    const char *word = JS_IsString(value) ? JS_ToCString(in->ctx, value) : NULL;
    if (given > 0) {
        in->getters = MR__GETTERS_NONE;
        if (word != NULL && strcmp(word, "get") == 0)
            in->getters = MR__GETTERS_GET;
        else if (word != NULL && strcmp(word, "set") == 0)
            in->getters = MR__GETTERS_SET;
        else if (JS_IsBool(value) && JS_VALUE_GET_BOOL(value))
            in->getters = MR__GETTERS_ALL;
    }
    JS_FreeCString(in->ctx, word);
    JS_FreeValue(in->ctx, value);
    return given < 0 ? -1 : 0;
}

/* true, or a comparator. */
static int read_sorted(mr__inspector *in, JSValueConst object)
{
    JSValue value;
    int given = option(in->ctx, object, "sorted", &value);
    if (given > 0) {
        in->options.sorted = JS_ToBool(in->ctx, value) > 0;
        JS_FreeValue(in->ctx, in->comparator);
        in->comparator = JS_IsFunction(in->ctx, value) ? JS_DupValue(in->ctx, value) : JS_UNDEFINED;
    }
    JS_FreeValue(in->ctx, value);
    return given < 0 ? -1 : 0;
}

int mr__options_read(mr__inspector *in, JSValueConst object)
{
    JSContext *ctx = in->ctx;
    mr__inspect_options *o = &in->options;
    if (!JS_IsObject(object))
        return 0;
    in->user_options = object;
    if (read_flag(ctx, object, "showHidden", &o->show_hidden) < 0 ||
        read_count(ctx, object, "depth", &o->depth, true, &in->unlimited_depth) < 0 ||
        read_flag(ctx, object, "colors", &o->colors) < 0 ||
        read_flag(ctx, object, "customInspect", &o->custom) < 0 ||
        read_flag(ctx, object, "showProxy", &o->show_proxy) < 0 ||
        read_count(ctx, object, "maxArrayLength", &o->max_array_length, false, NULL) < 0 ||
        read_count(ctx, object, "maxStringLength", &o->max_string_length, false, NULL) < 0 ||
        read_count(ctx, object, "breakLength", &o->break_length, false, NULL) < 0 ||
        read_compact(ctx, object, &o->compact) < 0 || read_sorted(in, object) < 0 ||
        read_getters(in, object) < 0 ||
        read_flag(ctx, object, "numericSeparator", &o->numeric_separator) < 0)
        return -1;
    return 0;
}

/* ---- To a custom function ---------------------------------------------------------------------*/

static JSValue count_value(JSContext *ctx, int count)
{
    return count == INT_MAX ? JS_NewFloat64(ctx, HUGE_VAL) : JS_NewInt32(ctx, count);
}

/* options.stylize(text, style) */
static JSValue stylize(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                       int colors)
{
    (void)this_val;
    JSValue text = argc > 0 ? JS_ToString(ctx, argv[0]) : JS_NewString(ctx, "undefined");
    const char *name = argc > 1 && JS_IsString(argv[1]) ? JS_ToCString(ctx, argv[1]) : NULL;
    enum mr__style style = name != NULL && colors ? mr__style_named(name) : MR__STYLE_NONE;
    JS_FreeCString(ctx, name);
    if (JS_IsException(text) || style == MR__STYLE_NONE)
        return text;
    mr__bytes styled = {0};
    mr__style_begin(&styled, style, true);
    int result = mr__text_append_js(ctx, &styled, text);
    mr__style_end(&styled, style, true);
    JS_FreeValue(ctx, text);
    if (result < 0) {
        mr__bytes_deinit(&styled);
        return JS_EXCEPTION;
    }
    return mr__text_to_js(ctx, &styled);
}

static JSValue getters_value(JSContext *ctx, enum mr__getters getters)
{
    if (getters == MR__GETTERS_GET || getters == MR__GETTERS_SET)
        return JS_NewString(ctx, getters == MR__GETTERS_GET ? "get" : "set");
    return JS_NewBool(ctx, getters == MR__GETTERS_ALL);
}

/* What the caller gave besides, over the options of ours. */
static int copy_given(JSContext *ctx, JSValueConst target, JSValueConst source)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (!JS_IsObject(source))
        return 0;
    int flags = JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK | JS_GPN_ENUM_ONLY, result = 0;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, source, flags) < 0)
        return -1;
    JSAtom depth_atom = JS_NewAtom(ctx, "depth"), stylize_atom = JS_NewAtom(ctx, "stylize");
    for (uint32_t i = 0; i < count && result >= 0; i++) {
        JSAtom key = names[i].atom;
        if (key == depth_atom || key == stylize_atom)
            continue;
        JSValue value = JS_GetProperty(ctx, source, key);
        result = JS_IsException(value)
                     ? -1
                     : JS_DefinePropertyValue(ctx, target, key, value, JS_PROP_C_W_E);
    }
    JS_FreeAtom(ctx, depth_atom);
    JS_FreeAtom(ctx, stylize_atom);
    JS_FreePropertyEnum(ctx, names, count);
    return result < 0 ? -1 : 0;
}

JSValue mr__options_object(mr__inspector *in)
{
    JSContext *ctx = in->ctx;
    const mr__inspect_options *o = &in->options;
    const char *names[] = {"stylize",         "showHidden", "depth",          "colors",
                           "customInspect",   "showProxy",  "maxArrayLength", "maxStringLength",
                           "breakLength",     "compact",    "sorted",         "getters",
                           "numericSeparator"};
    JSValue values[] = {
        JS_NewCFunctionMagic(ctx, stylize, "stylize", 2, JS_CFUNC_generic_magic, o->colors),
        JS_NewBool(ctx, o->show_hidden),
        in->unlimited_depth ? JS_NULL : count_value(ctx, o->depth),
        JS_NewBool(ctx, o->colors),
        JS_NewBool(ctx, o->custom),
        JS_NewBool(ctx, o->show_proxy),
        count_value(ctx, o->max_array_length),
        count_value(ctx, o->max_string_length),
        count_value(ctx, o->break_length),
        o->compact == MR__COMPACT_TRUE ? JS_TRUE
        : o->compact == 0              ? JS_FALSE
                                       : JS_NewInt32(ctx, o->compact),
        JS_IsUndefined(in->comparator) ? JS_NewBool(ctx, o->sorted)
                                       : JS_DupValue(ctx, in->comparator),
        getters_value(ctx, in->getters),
        JS_NewBool(ctx, o->numeric_separator),
    };
    JSValue object = JS_NewObject(ctx);
    int result = JS_IsException(object) ? -1 : 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (result >= 0)
            result = JS_DefinePropertyValueStr(ctx, object, names[i], values[i], JS_PROP_C_W_E);
        else
            JS_FreeValue(ctx, values[i]);
    }
    if (result >= 0)
        result = copy_given(ctx, object, in->user_options);
    if (result >= 0)
        return object;
    JS_FreeValue(ctx, object);
    return JS_EXCEPTION;
}

/* ---- Calls with options -----------------------------------------------------------------------*/

int mr__inspect_with(mr_js *js, mr__bytes *out, JSValueConst value, JSValueConst options,
                     const mr__inspect_options *base)
{
    mr__inspector in;
    if (mr__inspector_init(&in, js, base) < 0)
        return -1;
    int result = mr__options_read(&in, options);
    if (result == 0)
        result = mr__inspect_value(&in, out, value, 0, false);
    mr__inspector_deinit(&in);
    return result < 0 ? -1 : mr__text_check(js->ctx, out);
}

JSValue mr__text_to_js(JSContext *ctx, mr__bytes *text)
{
    JSValue value = text->failed ? JS_ThrowOutOfMemory(ctx)
                                 : JS_NewStringLen(ctx, text->len > 0 ? text->data : "", text->len);
    mr__bytes_deinit(text);
    return value;
}
