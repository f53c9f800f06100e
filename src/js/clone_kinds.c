/* What is copied as a whole: boxes, dates, regular expressions, errors. */
#include "js/clone.h"

#include <string.h>

#include "js/errors.h"
#include "js/inspect.h"

/* ---- Boxes, dates, regular expressions --------------------------------------------------------*/

static JSValue copy_box(mr__clone *clone, JSValueConst source, enum mr__intrinsic value_of)
{
    JSValue value = mr__intrinsic_call(clone->js, value_of, source);
    JSValue box = JS_IsException(value) ? JS_EXCEPTION : JS_ToObject(clone->js->ctx, value);
    JS_FreeValue(clone->js->ctx, value);
    return box;
}

static JSValue copy_date(mr__clone *clone, JSValueConst source)
{
    double time;
    JSValue value = mr__intrinsic_call(clone->js, MR__FN_DATE_TIME, source);
    return JS_IsException(value) || JS_ToFloat64(clone->js->ctx, &time, value) < 0
               ? JS_EXCEPTION
               : JS_NewDate(clone->js->ctx, time);
}

static int read_flags(mr__clone *clone, JSValueConst source, char out[9])
{
    static const char letters[] = "dgimsuvy";
    size_t count = 0;
    for (size_t i = 0; i < 8; i++) {
        JSValue set =
            mr__intrinsic_call(clone->js, MR__FN_RE_FLAGS + (enum mr__intrinsic)i, source);
        if (JS_IsException(set))
            return -1;
        if (JS_ToBool(clone->js->ctx, set) > 0)
            out[count++] = letters[i];
        JS_FreeValue(clone->js->ctx, set);
    }
    out[count] = '\0';
    return 0;
}

static JSValue copy_regexp(mr__clone *clone, JSValueConst source)
{
    JSContext *ctx = clone->js->ctx;
    char flags[9];
    if (read_flags(clone, source, flags) < 0)
        return JS_EXCEPTION;
    JSValue args[] = {mr__intrinsic_call(clone->js, MR__FN_RE_SOURCE, source),
                      JS_NewString(ctx, flags)};
    JSValue copy = JS_IsException(args[0]) || JS_IsException(args[1])
                       ? JS_EXCEPTION
                       : mr__kept_new(clone->js, MR__KEPT_REGEXP, 2, (JSValueConst *)args);
    JS_FreeValue(ctx, args[0]);
    JS_FreeValue(ctx, args[1]);
    return copy;
}

/* ---- Errors -----------------------------------------------------------------------------------*/

/* The prototype that a name asks for. Any name but the seven: that of Error. */
static JSValueConst proto_named(mr_js *js, const char *name, size_t len)
{
    static const struct {
        const char *name;
        mr__kept proto;
    } classes[] = {
        {"EvalError", MR__KEPT_EVAL_ERROR},           {"RangeError", MR__KEPT_RANGE_ERROR},
        {"ReferenceError", MR__KEPT_REFERENCE_ERROR}, {"SyntaxError", MR__KEPT_SYNTAX_ERROR},
        {"TypeError", MR__KEPT_TYPE_ERROR},           {"URIError", MR__KEPT_URI_ERROR},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strlen(classes[i].name) == len && memcmp(classes[i].name, name, len) == 0)
            return js->kept->values[classes[i].proto];
    }
    return mr__intrinsics_of(js)->error_proto;
}

/* An error without anything of its own, of the class that the property name says. */
static JSValue new_named(mr__clone *clone, JSValueConst source)
{
    JSContext *ctx = clone->js->ctx;
    JSValue name = JS_GetProperty(ctx, source, mr__intrinsics_of(clone->js)->atoms[MR__ATOM_NAME]);
    if (JS_IsException(name))
        return name;
    size_t len = 0;
    const char *text = JS_IsString(name) ? JS_ToCStringLen(ctx, &len, name) : NULL;
    JSValueConst proto = proto_named(clone->js, text != NULL ? text : "", len);
    JSValue error = JS_NewError(ctx);
    if (!JS_IsException(error) && JS_SetPrototype(ctx, error, proto) < 0) {
        JS_FreeValue(ctx, error);
        error = JS_EXCEPTION;
    }
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, name);
    return error;
}

/* An own data property: 1 and owned; 0. */
static int own_data(JSContext *ctx, JSValueConst object, JSAtom name, JSValue *out_value)
{
    JSPropertyDescriptor desc;
    int found = JS_GetOwnProperty(ctx, &desc, object, name);
    if (found <= 0)
        return found;
    JS_FreeValue(ctx, desc.getter);
    JS_FreeValue(ctx, desc.setter);
    *out_value = desc.value;
    if (!(desc.flags & JS_PROP_GETSET))
        return 1;
    JS_FreeValue(ctx, desc.value);
    return 0;
}

/* value passes in. */
static int define_hidden(JSContext *ctx, JSValueConst object, JSAtom name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValue(ctx, object, name, value,
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0
               ? -1
               : 0;
}

/* The stack as text, if it is one: an own property, or what the engine keeps. */
static int copy_stack(mr__clone *clone, JSValueConst source, JSValueConst copy)
{
    JSContext *ctx = clone->js->ctx;
    JSAtom name = mr__intrinsics_of(clone->js)->atoms[MR__ATOM_STACK];
    JSValue stack;
    int found = own_data(ctx, source, name, &stack);
    if (found == 0)
        stack = mr__js_error_stack(clone->js, source, mr__js_error_frames(clone->js, source));
    if (found < 0 || JS_IsException(stack))
        return -1;
    if (JS_IsString(stack))
        return define_hidden(ctx, copy, name, stack);
    JS_FreeValue(ctx, stack);
    return 0;
}

static int copy_message(mr__clone *clone, JSValueConst source, JSValueConst copy)
{
    JSContext *ctx = clone->js->ctx;
    JSAtom name = mr__intrinsics_of(clone->js)->atoms[MR__ATOM_MESSAGE];
    JSValue message;
    int found = own_data(ctx, source, name, &message);
    if (found <= 0)
        return found;
    JSValue text = JS_ToString(ctx, message);
    JS_FreeValue(ctx, message);
    return define_hidden(ctx, copy, name, text);
}

static size_t copy_error(mr__clone *clone, JSValueConst source)
{
    JSContext *ctx = clone->js->ctx;
    JSValue copy = new_named(clone, source);
    if (!JS_IsException(copy) &&
        (copy_message(clone, source, copy) < 0 || copy_stack(clone, source, copy) < 0)) {
        JS_FreeValue(ctx, copy);
        return 0;
    }
    size_t entry = mr__clone_enter(clone, source, copy);
    if (entry == 0)
        return 0;
    JSValue cause;
    int found = own_data(ctx, source, mr__intrinsics_of(clone->js)->atoms[MR__ATOM_CAUSE], &cause);
    if (found > 0)
        found = mr__clone_push_cause(clone, entry, cause);
    return found < 0 ? 0 : entry;
}

static JSValue copy_dom(mr__clone *clone, JSValueConst source, const JSValue fields[2])
{
    JSContext *ctx = clone->js->ctx;
    size_t len;
    const char *name = JS_ToCString(ctx, fields[0]);
    const char *message = name == NULL ? NULL : JS_ToCStringLen(ctx, &len, fields[1]);
    JSValue copy = message == NULL ? JS_EXCEPTION : mr__js_new_dom(ctx, name, message, len);
    JS_FreeCString(ctx, message);
    JS_FreeCString(ctx, name);
    if (JS_IsException(copy) || copy_stack(clone, source, copy) == 0)
        return copy;
    JS_FreeValue(ctx, copy);
    return JS_EXCEPTION;
}

static size_t copy_error_or_dom(mr__clone *clone, JSValueConst source)
{
    JSContext *ctx = clone->js->ctx;
    JSValue fields[2];
    int dom = mr__js_dom_fields(clone->js, source, fields);
    if (dom < 0)
        return 0;
    size_t entry = dom == 0 ? copy_error(clone, source)
                            : mr__clone_enter(clone, source, copy_dom(clone, source, fields));
    JS_FreeValue(ctx, fields[0]);
    JS_FreeValue(ctx, fields[1]);
    return entry;
}

/* ---- Which ------------------------------------------------------------------------------------*/

size_t mr__clone_leaf(mr__clone *clone, JSValueConst value)
{
    static const struct {
        enum mr__kind kind;
        enum mr__intrinsic value_of;
    } boxes[] = {
        {MR__KIND_NUMBER, MR__FN_NUMBER_VALUE},
        {MR__KIND_STRING, MR__FN_STRING_VALUE},
        {MR__KIND_BOOLEAN, MR__FN_BOOLEAN_VALUE},
        {MR__KIND_BIGINT, MR__FN_BIGINT_VALUE},
    };
    mr__buffer_view view;
    if (JS_IsError(value))
        return copy_error_or_dom(clone, value);
    if (JS_IsDate(value))
        return mr__clone_enter(clone, value, copy_date(clone, value));
    if (JS_IsRegExp(value))
        return mr__clone_enter(clone, value, copy_regexp(clone, value));
    if (mr__buffer_view_of(clone->js, value, &view))
        return mr__clone_view(clone, value, &view);
    enum mr__kind kind = mr__kind_of(clone->js, value);
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        if (boxes[i].kind == kind)
            return mr__clone_enter(clone, value, copy_box(clone, value, boxes[i].value_of));
    }
    mr__clone_refuse(clone, value);
    return 0;
}
