/* util.format: a first string with directives, and the rest behind it. */
#include <string.h>

#include "js/inspect.h"

struct format {
    mr_js *js;
    JSContext *ctx;
    mr__bytes *out;
    const mr__inspect_options *base;
    JSValueConst options;
};

/* ---- One argument as text ---------------------------------------------------------------------*/

enum change { AS_GIVEN, SHALLOW /* %s */, HIDDEN /* %o */ };

static int append_inspected(struct format *f, JSValueConst value, enum change change)
{
    mr__inspector in;
    if (mr__inspector_init(&in, f->js, f->base) < 0)
        return -1;
    int result = mr__options_read(&in, f->options);
    if (change != AS_GIVEN)
        in.unlimited_depth = false;
    if (change == SHALLOW) {
        in.options.depth = 0;
        in.options.colors = false;
        in.options.compact = 3;
    } else if (change == HIDDEN) {
        in.options.show_hidden = in.options.show_proxy = true;
        in.options.depth = 4;
    }
    if (result == 0)
        result = mr__inspect_value(&in, f->out, value, 0, false);
    mr__inspector_deinit(&in);
    return result;
}

static int append_string(struct format *f, JSValueConst value)
{
    size_t len;
    const char *text = JS_ToCStringLen(f->ctx, &len, value);
    if (text == NULL)
        return -1;
    mr__bytes_append(f->out, text, len);
    JS_FreeCString(f->ctx, text);
    return 0;
}

/* The nearest object from value upwards that has a toString or Symbol.toPrimitive; owned. */
static JSValue conversion_holder(struct format *f, JSValueConst value)
{
    struct mr__intrinsics *known = mr__intrinsics_of(f->js);
    JSValue holder = JS_DupValue(f->ctx, value);
    while (JS_IsObject(holder) && !JS_IsProxy(holder) &&
           !mr__data_is_own(f->js, holder, known->atoms[MR__ATOM_TO_STRING], NULL) &&
           !mr__data_is_own(f->js, holder, known->atoms[MR__ATOM_TO_PRIMITIVE], NULL)) {
        JSValue next = JS_GetPrototype(f->ctx, holder);
        JS_FreeValue(f->ctx, holder);
        holder = next;
    }
    return holder;
}

/* Whether the object brings a conversion to a string of its own, so that %s uses it. */
static bool converts_itself(struct format *f, JSValueConst value)
{
    struct mr__intrinsics *known = mr__intrinsics_of(f->js);
    JSValue target = mr__proxy_unwrap(f->js, value);
    JSValue holder = conversion_holder(f, target);
    bool own = JS_IsObject(holder) && JS_VALUE_GET_PTR(holder) == JS_VALUE_GET_PTR(target);
    bool converts = false;
    if (own && !mr__data_is_own(f->js, holder, known->atoms[MR__ATOM_TO_PRIMITIVE], NULL)) {
        JSPropertyDescriptor desc;
        converts = JS_GetOwnProperty(f->ctx, &desc, holder, known->atoms[MR__ATOM_TO_STRING]) > 0;
        if (converts) {
            converts = (desc.flags & JS_PROP_GETSET) || JS_IsFunction(f->ctx, desc.value);
            JS_FreeValue(f->ctx, desc.value);
            JS_FreeValue(f->ctx, desc.getter);
            JS_FreeValue(f->ctx, desc.setter);
        }
    } else if (own) {
        converts = true;
    } else if (JS_IsObject(holder)) {
        JSAtom atom = known->atoms[MR__ATOM_CONSTRUCTOR];
        JSValue constructor = mr__data_own(f->js, holder, atom);
        JSValue name = mr__data_own(f->js, constructor, known->atoms[MR__ATOM_NAME]);
        converts = !JS_IsFunction(f->ctx, constructor) || !mr__is_class_name(f->js, name);
        JS_FreeValue(f->ctx, name);
        JS_FreeValue(f->ctx, constructor);
    }
    JS_FreeValue(f->ctx, holder);
    JS_FreeValue(f->ctx, target);
    return converts;
}

/* %s */
static int append_s(struct format *f, JSValueConst value)
{
    if (JS_IsNumber(value)) {
        mr__text_number(f->out, f->ctx, value, false);
        return 0;
    }
    if (JS_IsBigInt(value)) {
        mr__text_bigint(f->out, f->ctx, value, false);
        return 0;
    }
    if (JS_IsSymbol(value))
        return mr__text_append_js(f->ctx, f->out, value);
    if (JS_IsObject(value) && !JS_IsFunction(f->ctx, value) && !converts_itself(f, value))
        return append_inspected(f, value, SHALLOW);
    return append_string(f, value);
}

/* %d, %i, %f */
static int append_number(struct format *f, JSValueConst value, char directive)
{
    if (JS_IsBigInt(value) && directive != 'f') {
        mr__text_bigint(f->out, f->ctx, value, false);
        return 0;
    }
    JSValue number;
    if (JS_IsSymbol(value)) {
        number = JS_NAN;
    } else if (directive == 'd') {
        number = JS_ToNumber(f->ctx, value);
    } else {
        JSValueConst parse =
            mr__intrinsics_of(f->js)
                ->functions[directive == 'i' ? MR__FN_PARSE_INT : MR__FN_PARSE_FLOAT];
        number = JS_Call(f->ctx, parse, JS_UNDEFINED, 1, &value);
    }
    if (JS_IsException(number))
        return -1;
    mr__text_number(f->out, f->ctx, number, false);
    JS_FreeValue(f->ctx, number);
    return 0;
}

/* Whether the waiting exception is the engine's complaint about a circle. */
static bool is_circle_error(struct format *f, JSValueConst error)
{
    struct mr__intrinsics *known = mr__intrinsics_of(f->js);
    if (!JS_IsError(error))
        return false;
    JSValue message = mr__data_own(f->js, error, known->atoms[MR__ATOM_MESSAGE]);
    const char *text = JS_IsString(message) ? JS_ToCString(f->ctx, message) : NULL;
    bool circle = text != NULL && strcmp(text, "circular reference") == 0;
    JS_FreeCString(f->ctx, text);
    JS_FreeValue(f->ctx, message);
    return circle;
}

/* %j */
static int append_json(struct format *f, JSValueConst value)
{
    JSValue json = JS_JSONStringify(f->ctx, value, JS_UNDEFINED, JS_UNDEFINED);
    if (!JS_IsException(json)) {
        int result = append_string(f, json);
        JS_FreeValue(f->ctx, json);
        return result;
    }
    JSValue error = JS_GetException(f->ctx);
    if (!is_circle_error(f, error)) {
        JS_Throw(f->ctx, error);
        return -1;
    }
    JS_FreeValue(f->ctx, error);
    mr__bytes_str(f->out, "[Circular]");
    return 0;
}

/* ---- The format string ------------------------------------------------------------------------*/

static int append_directive(struct format *f, char directive, JSValueConst value)
{
    switch (directive) {
    case 's':
        return append_s(f, value);
    case 'd':
    case 'i':
    case 'f':
        return append_number(f, value, directive);
    case 'j':
        return append_json(f, value);
    case 'O':
        return append_inspected(f, value, AS_GIVEN);
    case 'o':
        return append_inspected(f, value, HIDDEN);
    default:
        return 0; /* %c: the argument is swallowed */
    }
}

/* Write the string with its directives filled in. Returns the arguments used up, the string's own
 * included; 0 if there was nothing to fill in and nothing was written; -1. */
static int append_format(struct format *f, int argc, JSValueConst *argv, const char *text,
                         size_t len)
{
    size_t last = 0;
    int used = 0;
    for (size_t i = 0; i + 1 < len; i++) {
        if (text[i] != '%')
            continue;
        char directive = text[++i];
        bool filled = directive != '%' && strchr("sdifjOoc", directive) != NULL && directive != 0;
        if (directive == '%') {
            mr__bytes_append(f->out, text + last, i - last);
            last = i + 1;
        } else if (filled && used + 1 < argc) {
            mr__bytes_append(f->out, text + last, i - 1 - last);
            last = i + 1;
            if (append_directive(f, directive, argv[++used]) < 0)
                return -1;
        }
    }
    if (last == 0)
        return 0;
    mr__bytes_append(f->out, text + last, len - last);
    return used + 1;
}

int mr__js_format_with(mr_js *js, mr__bytes *out, int argc, JSValueConst *argv,
                       const mr__inspect_options *base, JSValueConst options)
{
    struct format f = {js, js->ctx, out, base, options};
    int next = 0, result = 0;
    if (argc > 1 && JS_IsString(argv[0])) {
        size_t len;
        const char *text = JS_ToCStringLen(js->ctx, &len, argv[0]);
        if (text == NULL)
            return -1;
        next = append_format(&f, argc, argv, text, len);
        JS_FreeCString(js->ctx, text);
        if (next < 0)
            return -1;
    }
    for (bool first = next == 0; next < argc && result == 0; next++, first = false) {
        if (!first)
            mr__bytes_char(out, ' ');
        result = JS_IsString(argv[next]) ? append_string(&f, argv[next])
                                         : append_inspected(&f, argv[next], AS_GIVEN);
    }
    return result < 0 ? -1 : mr__text_check(js->ctx, out);
}

int mr__js_format(mr_js *js, mr__bytes *out, int argc, JSValueConst *argv, bool colors)
{
    mr__inspect_options options = mr__inspect_defaults;
    options.colors = colors;
    return mr__js_format_with(js, out, argc, argv, &options, JS_UNDEFINED);
}
