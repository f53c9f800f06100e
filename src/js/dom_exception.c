/* DOMException (Web IDL 4.3): an Error with a name of a table, in place of a class for each. The
 * objects themselves are made in internal/dom_exception. */
#include <stdarg.h>
#include <string.h>

#include "js/errors.h"
#include "js/gate.h"

enum { CONSTANT = JS_PROP_ENUMERABLE };

/* Web IDL 4.3: the names before there were names. */
static const JSCFunctionListEntry constants[] = {
    JS_PROP_INT32_DEF("INDEX_SIZE_ERR", 1, CONSTANT),
    JS_PROP_INT32_DEF("DOMSTRING_SIZE_ERR", 2, CONSTANT),
    JS_PROP_INT32_DEF("HIERARCHY_REQUEST_ERR", 3, CONSTANT),
    JS_PROP_INT32_DEF("WRONG_DOCUMENT_ERR", 4, CONSTANT),
    JS_PROP_INT32_DEF("INVALID_CHARACTER_ERR", 5, CONSTANT),
    JS_PROP_INT32_DEF("NO_DATA_ALLOWED_ERR", 6, CONSTANT),
    JS_PROP_INT32_DEF("NO_MODIFICATION_ALLOWED_ERR", 7, CONSTANT),
    JS_PROP_INT32_DEF("NOT_FOUND_ERR", 8, CONSTANT),
    JS_PROP_INT32_DEF("NOT_SUPPORTED_ERR", 9, CONSTANT),
    JS_PROP_INT32_DEF("INUSE_ATTRIBUTE_ERR", 10, CONSTANT),
    JS_PROP_INT32_DEF("INVALID_STATE_ERR", 11, CONSTANT),
    JS_PROP_INT32_DEF("SYNTAX_ERR", 12, CONSTANT),
    JS_PROP_INT32_DEF("INVALID_MODIFICATION_ERR", 13, CONSTANT),
    JS_PROP_INT32_DEF("NAMESPACE_ERR", 14, CONSTANT),
    JS_PROP_INT32_DEF("INVALID_ACCESS_ERR", 15, CONSTANT),
    JS_PROP_INT32_DEF("VALIDATION_ERR", 16, CONSTANT),
    JS_PROP_INT32_DEF("TYPE_MISMATCH_ERR", 17, CONSTANT),
    JS_PROP_INT32_DEF("SECURITY_ERR", 18, CONSTANT),
    JS_PROP_INT32_DEF("NETWORK_ERR", 19, CONSTANT),
    JS_PROP_INT32_DEF("ABORT_ERR", 20, CONSTANT),
    JS_PROP_INT32_DEF("URL_MISMATCH_ERR", 21, CONSTANT),
    JS_PROP_INT32_DEF("QUOTA_EXCEEDED_ERR", 22, CONSTANT),
    JS_PROP_INT32_DEF("TIMEOUT_ERR", 23, CONSTANT),
    JS_PROP_INT32_DEF("INVALID_NODE_TYPE_ERR", 24, CONSTANT),
    JS_PROP_INT32_DEF("DATA_CLONE_ERR", 25, CONSTANT),
};

/* The names that have a code, at its place. */
static const char *const legacy_names[] = {
    [1] = "IndexSizeError",
    [3] = "HierarchyRequestError",
    [4] = "WrongDocumentError",
    [5] = "InvalidCharacterError",
    [7] = "NoModificationAllowedError",
    [8] = "NotFoundError",
    [9] = "NotSupportedError",
    [10] = "InUseAttributeError",
    [11] = "InvalidStateError",
    [12] = "SyntaxError",
    [13] = "InvalidModificationError",
    [14] = "NamespaceError",
    [15] = "InvalidAccessError",
    [17] = "TypeMismatchError",
    [18] = "SecurityError",
    [19] = "NetworkError",
    [20] = "AbortError",
    [21] = "URLMismatchError",
    [22] = "QuotaExceededError",
    [23] = "TimeoutError",
    [24] = "InvalidNodeTypeError",
    [25] = "DataCloneError",
};

/* ---- Making and reading one -------------------------------------------------------------------*/

/* The functions of the library file, loaded when the first exception is made. */
static int load(mr_js *js)
{
    if (JS_IsObject(js->dom.fields))
        return 0;
    JSValue exports = mr__js_builtin(js, "internal/dom_exception");
    if (JS_IsException(exports))
        return -1;
    JSValue create = JS_GetPropertyStr(js->ctx, exports, "create");
    JSValue fields = JS_GetPropertyStr(js->ctx, exports, "fieldsOf");
    JS_FreeValue(js->ctx, exports);
    if (JS_IsException(create) || JS_IsException(fields)) {
        JS_FreeValue(js->ctx, create);
        JS_FreeValue(js->ctx, fields);
        return -1;
    }
    js->dom.create = create;
    js->dom.fields = fields;
    return 0;
}

/* name and message pass in; above undefined: the stack begins at the script that called us. */
static JSValue create(mr_js *js, JSValue name, JSValue message, JSValueConst prototype,
                      JSValueConst above)
{
    JSContext *ctx = js->ctx;
    JSValue error = JS_EXCEPTION;
    JSValueConst args[] = {name, message, prototype, above};
    if (!JS_IsException(name) && !JS_IsException(message) && load(js) == 0)
        error = JS_Call(ctx, js->dom.create, JS_UNDEFINED, 4, args);
    JS_FreeValue(ctx, name);
    JS_FreeValue(ctx, message);
    return error;
}

JSValue mr__js_new_dom(JSContext *ctx, const char *name, const char *text, size_t len)
{
    mr_js *js = mr__js_of(ctx);
    JSValue kind = JS_NewString(ctx, name);
    return create(js, kind, JS_NewStringLen(ctx, text, len), js->dom.prototype, JS_UNDEFINED);
}

JSValue mr__js_throw_dom(JSContext *ctx, const char *name, const char *format, ...)
{
    mr__bytes text = {0};
    va_list args;
    va_start(args, format);
    mr__bytes_vprintf(&text, format, args);
    va_end(args);
    JSValue error = text.failed ? JS_ThrowOutOfMemory(ctx)
                                : mr__js_new_dom(ctx, name, mr__bytes_cstr(&text), text.len);
    mr__bytes_deinit(&text);
    return JS_IsException(error) ? error : JS_Throw(ctx, error);
}

int mr__js_dom_fields(mr_js *js, JSValueConst value, JSValue out_fields[2])
{
    JSContext *ctx = js->ctx;
    out_fields[0] = out_fields[1] = JS_UNDEFINED;
    if (!JS_IsError(value) || !JS_IsObject(js->dom.fields))
        return 0;
    JSValue pair = JS_Call(ctx, js->dom.fields, JS_UNDEFINED, 1, &value);
    if (JS_IsException(pair))
        return -1;
    if (!JS_IsObject(pair))
        return 0;
    out_fields[0] = JS_GetPropertyUint32(ctx, pair, 0);
    out_fields[1] = JS_GetPropertyUint32(ctx, pair, 1);
    JS_FreeValue(ctx, pair);
    return 1;
}

/* ---- The class --------------------------------------------------------------------------------*/

/* An argument as DOMString: the default for undefined. */
static JSValue text_of(JSContext *ctx, int argc, JSValueConst *argv, int index, const char *missing)
{
    if (argc <= index || JS_IsUndefined(argv[index]))
        return JS_NewString(ctx, missing);
    return JS_ToString(ctx, argv[index]);
}

static JSValue construct(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    JSValue message = text_of(ctx, argc, argv, 0, "");
    JSValue name = JS_IsException(message) ? JS_EXCEPTION : text_of(ctx, argc, argv, 1, "Error");
    JSValue prototype =
        JS_IsException(name) ? JS_EXCEPTION : JS_GetPropertyStr(ctx, new_target, "prototype");
    if (JS_IsException(prototype)) {
        JS_FreeValue(ctx, message);
        JS_FreeValue(ctx, name);
        return prototype;
    }
    JSValueConst used = JS_IsObject(prototype) ? prototype : js->dom.prototype;
    JSValue error = create(js, name, message, used, js->dom.constructor);
    JS_FreeValue(ctx, prototype);
    return error;
}

enum { NAME, MESSAGE };

/* One field of this, owned; the error that names the class for any other value. */
static JSValue field_of(JSContext *ctx, JSValueConst this_val, int field)
{
    JSValue fields[2];
    int known = mr__js_dom_fields(mr__js_of(ctx), this_val, fields);
    if (known > 0) {
        JS_FreeValue(ctx, fields[1 - field]);
        return fields[field];
    }
    static const char text[] = "Value of \"this\" must be of type DOMException";
    return known < 0 ? JS_EXCEPTION
                     : mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_THIS", "%s", text);
}

static JSValue get_field(JSContext *ctx, JSValueConst this_val, int magic)
{
    MR__JS_GATE(mr__js_of(ctx));
    return field_of(ctx, this_val, magic);
}

static JSValue get_code(JSContext *ctx, JSValueConst this_val)
{
    MR__JS_GATE(mr__js_of(ctx));
    JSValue name = field_of(ctx, this_val, NAME);
    const char *text = JS_IsException(name) ? NULL : JS_ToCString(ctx, name);
    JS_FreeValue(ctx, name);
    if (text == NULL)
        return JS_EXCEPTION;
    int code = sizeof(legacy_names) / sizeof(legacy_names[0]) - 1;
    while (code > 0 && (legacy_names[code] == NULL || strcmp(legacy_names[code], text) != 0))
        code--;
    JS_FreeCString(ctx, text);
    return JS_NewInt32(ctx, code);
}

enum { GETTER = JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE };

static const JSCFunctionListEntry members[] = {
    {"name",
     GETTER,
     JS_DEF_CGETSET_MAGIC,
     NAME,
     {.getset = {{.getter_magic = get_field}, {.setter = NULL}}}},
    {"message",
     GETTER,
     JS_DEF_CGETSET_MAGIC,
     MESSAGE,
     {.getset = {{.getter_magic = get_field}, {.setter = NULL}}}},
    {"code", GETTER, JS_DEF_CGETSET, 0, {.getset = {{.getter = get_code}, {.setter = NULL}}}},
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "DOMException", JS_PROP_CONFIGURABLE),
};

static int make_class(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    const int constant_count = sizeof(constants) / sizeof(constants[0]);
    const int member_count = sizeof(members) / sizeof(members[0]);
    JSValue error = JS_GetPropertyStr(ctx, global, "Error");
    JSValue base = JS_GetPropertyStr(ctx, error, "prototype");
    JS_FreeValue(ctx, error);
    js->dom.prototype = JS_NewObjectProto(ctx, base);
    JS_FreeValue(ctx, base);
    js->dom.constructor =
        JS_NewCFunction2(ctx, construct, "DOMException", 0, JS_CFUNC_constructor, 0);
    if (JS_IsException(js->dom.prototype) || JS_IsException(js->dom.constructor) ||
        JS_SetPropertyFunctionList(ctx, js->dom.prototype, members, member_count) < 0 ||
        JS_SetPropertyFunctionList(ctx, js->dom.prototype, constants, constant_count) < 0 ||
        JS_SetPropertyFunctionList(ctx, js->dom.constructor, constants, constant_count) < 0)
        return -1;
    return JS_SetConstructor(ctx, js->dom.constructor, js->dom.prototype);
}

int mr__js_dom_exception_install(mr_js *js, JSValueConst global)
{
    if (make_class(js, global) < 0)
        return -1;
    return JS_DefinePropertyValueStr(js->ctx, global, "DOMException",
                                     JS_DupValue(js->ctx, js->dom.constructor),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

void mr__js_dom_exception_destroy(mr_js *js)
{
    JS_FreeValue(js->ctx, js->dom.constructor);
    JS_FreeValue(js->ctx, js->dom.prototype);
    JS_FreeValue(js->ctx, js->dom.create);
    JS_FreeValue(js->ctx, js->dom.fields);
}
