/* require, require.resolve and what hangs on them. */
#include "js/modules.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "js/builtins.h"
#include "js/errors.h"
#include "js/file_url.h"
#include "js/host_modules.h"

enum { STACK_MAX = 1000 };

/* ---- Errors -----------------------------------------------------------------------------------*/

/* The files that led here, innermost first. */
static JSValue require_stack(JSContext *ctx, JSValueConst module)
{
    JSValue stack = JS_NewArray(ctx);
    JSValue at = JS_DupValue(ctx, module);
    uint32_t count = 0;
    for (int i = 0; i < STACK_MAX && JS_IsObject(at) && !JS_IsException(stack); i++) {
        JSValue name = JS_GetPropertyStr(ctx, at, "filename");
        JSValue up = JS_GetPropertyStr(ctx, at, "parent");
        JS_FreeValue(ctx, at);
        at = up;
        if (JS_IsString(name) &&
            JS_DefinePropertyValueUint32(ctx, stack, count++, JS_DupValue(ctx, name),
                                         JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, stack);
            stack = JS_EXCEPTION;
        }
        JS_FreeValue(ctx, name);
    }
    if (JS_IsException(at))
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, at);
    return stack;
}

static void append_stack(JSContext *ctx, mr__bytes *message, JSValueConst stack)
{
    int64_t count = 0;
    if (JS_GetLength(ctx, stack, &count) < 0 || count == 0)
        return;
    mr__bytes_str(message, "\nRequire stack:");
    for (int64_t i = 0; i < count; i++) {
        JSValue name = JS_GetPropertyInt64(ctx, stack, i);
        const char *text = JS_ToCString(ctx, name);
        mr__bytes_printf(message, "\n- %s", text == NULL ? "" : text);
        JS_FreeCString(ctx, text);
        JS_FreeValue(ctx, name);
    }
}

/* Throw what the resolver said, with the stack of requirers if nothing was found at all. */
static JSValue throw_unresolved(JSContext *ctx, JSValueConst module, mr__resolve_error *error)
{
    if (!error->plain)
        return mr__modules_throw(ctx, error);
    JSValue stack = require_stack(ctx, module);
    if (JS_IsException(stack)) {
        mr__resolve_error_deinit(error);
        return stack;
    }
    append_stack(ctx, &error->message, stack);
    mr__modules_throw(ctx, error);
    JSValue value = JS_GetException(ctx);
    if (!JS_IsError(value))
        JS_FreeValue(ctx, stack);
    else if (JS_DefinePropertyValueStr(ctx, value, "requireStack", stack, JS_PROP_C_W_E) < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_Throw(ctx, value);
}

/* ---- require ----------------------------------------------------------------------------------*/

/* The request as text; NULL with an exception if it is no string. */
static const char *request_text(JSContext *ctx, int argc, JSValueConst *argv, const char *argument)
{
    JSValueConst value = argc > 0 ? argv[0] : JS_UNDEFINED;
    if (JS_IsString(value))
        return JS_ToCString(ctx, value);
    mr__js_throw_arg_type(ctx, argument, "of type string", value);
    return NULL;
}

static bool resolve(mr_js *js, const char *request, const char *path, mr__resolved *out,
                    mr__resolve_error *error)
{
    mr__bytes directory = {0};
    mr__path_dirname(&directory, path);
    bool found = mr__resolve_require(js->modules->resolver, request, mr__bytes_cstr(&directory),
                                     path, out, error);
    mr__bytes_deinit(&directory);
    return found;
}

JSValue mr__require_call(JSContext *ctx, JSValueConst module, const char *path, int argc,
                         JSValueConst *argv)
{
    mr_js *js = mr__js_of(ctx);
    const char *request = js->modules == NULL ? NULL : request_text(ctx, argc, argv, "id");
    if (request == NULL)
        return JS_EXCEPTION;
    mr__resolved found = {0};
    mr__resolve_error error = {0};
    JSValue exports;
    if (request[0] == '\0')
        exports = mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_VALUE",
                                    "The argument 'id' must be a non-empty string. Received ''");
    else if (mr__js_is_host_module(js, request))
        exports = mr__js_host_exports(js, request);
    else if (!resolve(js, request, path, &found, &error))
        exports = throw_unresolved(ctx, module, &error);
    else if (found.builtin)
        exports = mr__js_builtin(js, mr__bytes_cstr(&found.name));
    else
        exports = mr__commonjs_load(js, mr__bytes_cstr(&found.name), module);
    mr__resolve_error_deinit(&error);
    mr__resolved_deinit(&found);
    JS_FreeCString(ctx, request);
    return exports;
}

/* data: the module, the path of its file */
static JSValue require(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                       int magic, JSValueConst *data)
{
    (void)this_val;
    (void)magic;
    const char *path = JS_ToCString(ctx, data[1]);
    if (path == NULL)
        return JS_EXCEPTION;
    JSValue exports = mr__require_call(ctx, data[0], path, argc, argv);
    JS_FreeCString(ctx, path);
    return exports;
}

/* ---- require.resolve --------------------------------------------------------------------------*/

/* One directory of options.paths. */
static bool resolve_in(mr_js *js, const char *request, const char *directory, const char *path,
                       mr__resolved *out, mr__resolve_error *error)
{
    char cwd[PATH_MAX];
    mr__bytes absolute = {0};
    mr__resolve_error_deinit(error);
    *error = (mr__resolve_error){0};
    mr__path_normalize(&absolute, getcwd(cwd, sizeof(cwd)) == NULL ? "/" : cwd, directory);
    bool found = mr__resolve_require(js->modules->resolver, request, mr__bytes_cstr(&absolute),
                                     path, out, error);
    mr__bytes_deinit(&absolute);
    return found;
}

/* Look from each of the directories in turn: 1 found, 0 not (error says why), -1 exception. */
static int resolve_in_list(mr_js *js, const char *request, JSValueConst list, const char *path,
                           mr__resolved *out, mr__resolve_error *error)
{
    JSContext *ctx = js->ctx;
    int64_t count = 0;
    if (!JS_IsArray(list)) {
        mr__bytes text = {0};
        mr__js_append_received(ctx, &text, list);
        mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_ARG_VALUE",
                          "The property 'options.paths' is invalid. Received %s",
                          mr__bytes_cstr(&text));
        mr__bytes_deinit(&text);
        return -1;
    }
    if (JS_GetLength(ctx, list, &count) < 0)
        return -1;
    mr__resolve_error_deinit(error);
    bool found = false;
    for (int64_t i = 0; i < count && !found && (i == 0 || error->plain); i++) {
        JSValue item = JS_GetPropertyInt64(ctx, list, i);
        const char *directory = JS_IsException(item) ? NULL : JS_ToCString(ctx, item);
        JS_FreeValue(ctx, item);
        if (directory == NULL)
            return -1;
        found = resolve_in(js, request, directory, path, out, error);
        JS_FreeCString(ctx, directory);
    }
    if (count == 0) {
        error->plain = true;
        error->js_class = "Error";
        error->code = "MODULE_NOT_FOUND";
        mr__bytes_printf(&error->message, "Cannot find module '%s'", request);
    }
    return found;
}

static int resolve_with_options(mr_js *js, const char *request, JSValueConst options,
                                const char *path, mr__resolved *out, mr__resolve_error *error)
{
    if (!JS_IsObject(options))
        return resolve(js, request, path, out, error);
    JSValue paths = JS_GetPropertyStr(js->ctx, options, "paths");
    int found = JS_IsException(paths)   ? -1
                : JS_IsUndefined(paths) ? resolve(js, request, path, out, error)
                                        : resolve_in_list(js, request, paths, path, out, error);
    JS_FreeValue(js->ctx, paths);
    return found;
}

static JSValue require_resolve(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                               int magic, JSValueConst *data)
{
    (void)this_val;
    (void)magic;
    mr_js *js = mr__js_of(ctx);
    const char *request = request_text(ctx, argc, argv, "request");
    const char *path = request == NULL ? NULL : JS_ToCString(ctx, data[1]);
    JSValue result = JS_EXCEPTION;
    if (path != NULL && mr__js_is_host_module(js, request)) {
        result = JS_NewString(ctx, request);
    } else if (path != NULL && js->modules != NULL) {
        mr__resolved found = {0};
        mr__resolve_error error = {0};
        int outcome = resolve_with_options(js, request, argc > 1 ? argv[1] : JS_UNDEFINED, path,
                                           &found, &error);
        if (outcome == 0)
            throw_unresolved(ctx, data[0], &error);
        else if (outcome > 0)
            /* A built-in module keeps the form in which it was asked for. */
            result = JS_NewString(
                ctx, found.builtin && request[0] != '#' ? request : mr__bytes_cstr(&found.name));
        mr__resolve_error_deinit(&error);
        mr__resolved_deinit(&found);
    }
    JS_FreeCString(ctx, path);
    JS_FreeCString(ctx, request);
    return result;
}

/* ---- require.resolve.paths --------------------------------------------------------------------*/

JSValue mr__require_paths(JSContext *ctx, const char *directory)
{
    JSValue array = JS_NewArray(ctx);
    mr__bytes path = {0};
    for (uint32_t n = 0; !JS_IsException(array); n++) {
        path.len = 0;
        if (!mr__resolve_search_path(directory, n, &path))
            break;
        JSValue text = JS_NewString(ctx, mr__bytes_cstr(&path));
        if (JS_IsException(text) ||
            JS_DefinePropertyValueUint32(ctx, array, n, text, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        }
    }
    mr__bytes_deinit(&path);
    return array;
}

static JSValue paths_for(JSContext *ctx, const char *request, const char *directory)
{
    if (strncmp(request, "node:", 5) == 0 || mr__js_builtin_is_public(request))
        return JS_NULL;
    if (!mr__resolve_is_relative(request))
        return mr__require_paths(ctx, directory);
    JSValue only = JS_NewString(ctx, directory);
    return JS_IsException(only) ? only : JS_NewArrayFrom(ctx, 1, &only);
}

static JSValue resolve_paths(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                             int magic, JSValueConst *data)
{
    (void)this_val;
    (void)magic;
    const char *request = request_text(ctx, argc, argv, "request");
    const char *path = request == NULL ? NULL : JS_ToCString(ctx, data[1]);
    JSValue result = JS_EXCEPTION;
    if (path != NULL) {
        mr__bytes directory = {0};
        mr__path_dirname(&directory, path);
        result = paths_for(ctx, request, mr__bytes_cstr(&directory));
        mr__bytes_deinit(&directory);
    }
    JS_FreeCString(ctx, path);
    JS_FreeCString(ctx, request);
    return result;
}

/* ---- The function object ----------------------------------------------------------------------*/

static int define(JSContext *ctx, JSValueConst object, const char *name, JSValue value)
{
    return JS_IsException(value)
               ? -1
               : JS_DefinePropertyValueStr(ctx, object, name, value, JS_PROP_C_W_E);
}

static JSValue new_resolve(JSContext *ctx, JSValueConst *data)
{
    JSValue function = JS_NewCFunctionData2(ctx, require_resolve, "resolve", 2, 0, 2, data);
    if (!JS_IsException(function) &&
        define(ctx, function, "paths",
               JS_NewCFunctionData2(ctx, resolve_paths, "paths", 1, 0, 2, data)) < 0) {
        JS_FreeValue(ctx, function);
        return JS_EXCEPTION;
    }
    return function;
}

JSValue mr__require_new(mr_js *js, JSValueConst module, const char *path)
{
    JSContext *ctx = js->ctx;
    JSValue name = JS_NewString(ctx, path);
    if (JS_IsException(name))
        return name;
    JSValueConst data[] = {module, name};
    JSValue function = JS_NewCFunctionData2(ctx, require, "require", 1, 0, 2, data);
    if (!JS_IsException(function) &&
        (define(ctx, function, "resolve", new_resolve(ctx, data)) < 0 ||
         define(ctx, function, "main", JS_DupValue(ctx, js->modules->main)) < 0 ||
         define(ctx, function, "cache", JS_DupValue(ctx, js->modules->cache)) < 0)) {
        JS_FreeValue(ctx, function);
        function = JS_EXCEPTION;
    }
    JS_FreeValue(ctx, name);
    return function;
}
