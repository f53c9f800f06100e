/* The reason of a rejection in the message of the error that wraps it: as short as in Node.js, which has
 * V8's text for a value whose code must not run. */
#include <string.h>

#include "js/inspect.h"
#include "js/intrinsics.h"
#include "js/rejections.h"

bool mr__reason_is_error(mr_js *js, JSValueConst reason)
{
    if (!JS_IsObject(reason) || JS_IsProxy(reason))
        return false;
    return JS_IsError(reason) ||
           mr__data_is_own(js, reason, mr__intrinsics_of(js)->atoms[MR__ATOM_STACK], NULL);
}

static bool is_same(JSValueConst a, JSValueConst b)
{
    return JS_IsObject(a) && JS_IsObject(b) && JS_VALUE_GET_PTR(a) == JS_VALUE_GET_PTR(b);
}

/* Append what a function of ours or the engine's makes of the value. */
static int append_called(mr_js *js, mr__bytes *out, enum mr__intrinsic fn, JSValueConst value)
{
    JSValue text = mr__intrinsic_call(js, fn, value);
    int result = JS_IsException(text) ? -1 : mr__text_append_js(js->ctx, out, text);
    JS_FreeValue(js->ctx, text);
    return result;
}

/* The data property that a lookup finds, as text, if it is a string and not empty. */
static bool append_text(mr_js *js, mr__bytes *out, JSValueConst object, enum mr__atom atom,
                        const char *before)
{
    JSValue value = mr__data_get(js, object, mr__intrinsics_of(js)->atoms[atom]);
    mr__bytes text = {0};
    bool found = JS_IsString(value) && mr__text_append_js(js->ctx, &text, value) == 0;
    found = found && text.len != 0;
    if (found) {
        mr__bytes_str(out, before);
        mr__bytes_append(out, text.data, text.len);
    }
    mr__bytes_deinit(&text);
    JS_FreeValue(js->ctx, value);
    return found;
}

/* Name and message of what has the toString of errors without being one. */
static void append_as_error(mr_js *js, mr__bytes *out, JSValueConst object)
{
    bool named = append_text(js, out, object, MR__ATOM_NAME, "");
    append_text(js, out, object, MR__ATOM_MESSAGE, named ? ": " : "");
}

/* `#<Name>` by the constructor, if there is one with a name. */
static bool append_class(mr_js *js, mr__bytes *out, JSValueConst object)
{
    JSAtom name = mr__intrinsics_of(js)->atoms[MR__ATOM_CONSTRUCTOR];
    JSValue constructor = mr__data_get(js, object, name);
    bool found = JS_IsFunction(js->ctx, constructor) &&
                 append_text(js, out, constructor, MR__ATOM_NAME, "#<");
    if (found)
        mr__bytes_char(out, '>');
    JS_FreeValue(js->ctx, constructor);
    return found;
}

static const char *builtin_tag(mr_js *js, JSValueConst object)
{
    if (JS_IsArray(object))
        return "Array";
    if (JS_IsDate(object))
        return "Date";
    if (JS_IsRegExp(object))
        return "RegExp";
    switch (mr__kind_of(js, object)) {
    case MR__KIND_NUMBER:
        return "Number";
    case MR__KIND_STRING:
        return "String";
    case MR__KIND_BOOLEAN:
        return "Boolean";
    case MR__KIND_ARGUMENTS:
        return "Arguments";
    default:
        return "Object";
    }
}

static void describe_object(mr_js *js, mr__bytes *out, JSValueConst object)
{
    struct mr__intrinsics *known = mr__intrinsics_of(js);
    JSValue to_string = mr__data_get(js, object, known->atoms[MR__ATOM_TO_STRING]);
    bool plain = is_same(to_string, js->kept->values[MR__KEPT_OBJECT_TO_STRING]);
    bool error = is_same(to_string, known->functions[MR__FN_ERROR_TEXT]);
    JS_FreeValue(js->ctx, to_string);
    if (error) {
        append_as_error(js, out, object);
        return;
    }
    if (plain && append_class(js, out, object))
        return;
    mr__bytes_str(out, "[object ");
    if (!append_text(js, out, object, MR__ATOM_TAG, ""))
        mr__bytes_str(out, builtin_tag(js, object));
    mr__bytes_char(out, ']');
}

int mr__reason_describe(mr_js *js, mr__bytes *out, JSValueConst reason)
{
    JSContext *ctx = js->ctx;
    JSValue object = JS_DupValue(ctx, reason);
    while (JS_IsProxy(object)) {
        JSValue target = JS_GetProxyTarget(ctx, object);
        JS_FreeValue(ctx, object);
        object = target;
    }
    int result = 0;
    if (JS_IsException(object))
        result = -1;
    else if (JS_IsSymbol(object))
        result = append_called(js, out, MR__FN_SYMBOL_TEXT, object);
    else if (JS_IsFunction(ctx, object))
        result = append_called(js, out, MR__FN_FUNCTION_SOURCE, object);
    else if (JS_IsObject(object))
        describe_object(js, out, object);
    else
        result = mr__text_append_js(ctx, out, object);
    JS_FreeValue(ctx, object);
    return result;
}
