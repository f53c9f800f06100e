/* CommonJS modules: module objects, require.cache, and running a file. */
#include "js/modules.h"

#include <string.h>

#include "js/errors.h"
#include "js/file_url.h"
#include "js/source_text.h"

/* ---- Module objects ---------------------------------------------------------------------------*/

static int define(JSContext *ctx, JSValueConst object, const char *name, JSValue value, int flags)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, object, name, value, flags) < 0 ? -1 : 0;
}

static int fill_module(mr_js *js, JSValueConst module, const char *path, const char *id,
                       JSValueConst parent)
{
    JSContext *ctx = js->ctx;
    mr__bytes directory = {0};
    mr__path_dirname(&directory, path);
    const char *where = mr__bytes_cstr(&directory);
    int all = JS_PROP_C_W_E, hidden = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
    int status = define(ctx, module, "id", JS_NewString(ctx, id), all) < 0 ||
                         define(ctx, module, "path", JS_NewString(ctx, where), all) < 0 ||
                         define(ctx, module, "exports", JS_NewObject(ctx), all) < 0 ||
                         define(ctx, module, "filename", JS_NewString(ctx, path), all) < 0 ||
                         define(ctx, module, "loaded", JS_FALSE, all) < 0 ||
                         define(ctx, module, "children", JS_NewArray(ctx), all) < 0 ||
                         define(ctx, module, "paths", mr__require_paths(ctx, where), all) < 0 ||
                         define(ctx, module, "parent", JS_DupValue(ctx, parent), hidden) < 0
                     ? -1
                     : 0;
    mr__bytes_deinit(&directory);
    return status;
}

static JSValue new_module(mr_js *js, const char *path, const char *id, JSValueConst parent)
{
    JSValue module = JS_NewObjectProto(js->ctx, js->modules->module_proto);
    if (!JS_IsException(module) && fill_module(js, module, path, id, parent) < 0) {
        JS_FreeValue(js->ctx, module);
        return JS_EXCEPTION;
    }
    return module;
}

/* The children of the parent, if they are still an array; JS_UNDEFINED else. */
static JSValue children_of(JSContext *ctx, JSValueConst parent)
{
    JSValue children =
        JS_IsObject(parent) ? JS_GetPropertyStr(ctx, parent, "children") : JS_UNDEFINED;
    if (JS_IsException(children))
        JS_FreeValue(ctx, JS_GetException(ctx));
    if (JS_IsArray(children))
        return children;
    JS_FreeValue(ctx, children);
    return JS_UNDEFINED;
}

/* The place of the module among the children, or their number. */
static int64_t place_of(JSContext *ctx, JSValueConst children, JSValueConst module,
                        int64_t *out_count)
{
    int64_t count = 0, place = 0;
    if (JS_GetLength(ctx, children, &count) < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
    for (; place < count; place++) {
        JSValue child = JS_GetPropertyInt64(ctx, children, place);
        bool same = JS_IsStrictEqual(ctx, child, module);
        JS_FreeValue(ctx, child);
        if (same)
            break;
    }
    *out_count = count;
    return place;
}

static int add_child(JSContext *ctx, JSValueConst parent, JSValueConst module)
{
    JSValue children = children_of(ctx, parent);
    int status = 0;
    if (JS_IsArray(children)) {
        int64_t count, place = place_of(ctx, children, module, &count);
        if (place == count && count < UINT32_MAX)
            status = JS_DefinePropertyValueUint32(ctx, children, (uint32_t)place,
                                                  JS_DupValue(ctx, module), JS_PROP_C_W_E);
    }
    JS_FreeValue(ctx, children);
    return status < 0 ? -1 : 0;
}

/* Undo add_child for the module that was added last. */
static void drop_child(JSContext *ctx, JSValueConst parent, JSValueConst module)
{
    JSValue children = children_of(ctx, parent);
    if (JS_IsArray(children)) {
        int64_t count, place = place_of(ctx, children, module, &count);
        if (place == count - 1 && JS_SetLength(ctx, children, place) < 0)
            JS_FreeValue(ctx, JS_GetException(ctx));
    }
    JS_FreeValue(ctx, children);
}

/* ---- require.cache ----------------------------------------------------------------------------*/

/* The module object that the cache has for the path; JS_UNDEFINED for none. */
static JSValue cached(mr_js *js, const char *path)
{
    JSValue module = JS_GetPropertyStr(js->ctx, js->modules->cache, path);
    if (JS_IsObject(module) || JS_IsException(module))
        return module;
    JS_FreeValue(js->ctx, module);
    return JS_UNDEFINED;
}

bool mr__commonjs_is_loaded(mr_js *js, const char *path)
{
    JSContext *ctx = js->ctx;
    JSValue module = cached(js, path);
    JSValue loaded = JS_IsObject(module) ? JS_GetPropertyStr(ctx, module, "loaded") : JS_FALSE;
    bool result = JS_IsBool(loaded) && JS_VALUE_GET_BOOL(loaded);
    if (JS_IsException(module) || JS_IsException(loaded))
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, loaded);
    JS_FreeValue(ctx, module);
    return result;
}

/* Take the module out of the cache if it is the one that is there. */
static void forget(mr_js *js, const char *path, JSValueConst module)
{
    JSContext *ctx = js->ctx;
    JSValue present = cached(js, path);
    JSAtom key = JS_NewAtom(ctx, path);
    if (JS_IsStrictEqual(ctx, present, module) && key != JS_ATOM_NULL)
        JS_DeleteProperty(ctx, js->modules->cache, key, 0);
    JS_FreeAtom(ctx, key);
    JS_FreeValue(ctx, present);
}

/* ---- Running a file ---------------------------------------------------------------------------*/

JSValue mr__commonjs_compile(JSContext *ctx, const char *name, const mr__bytes *text)
{
    /* Two lines that do not count: the text's first line is line 1 and starts at its own column. */
    static const char head[] = "(function (exports, require, module, __filename, __dirname) {\n\n";
    mr__bytes wrapped = {0};
    mr__bytes_str(&wrapped, head);
    mr__bytes_append(&wrapped, text->data, text->len);
    mr__bytes_str(&wrapped, "\n})");
    const char *source = mr__bytes_cstr(&wrapped);
    JSEvalOptions options = {JS_EVAL_OPTIONS_VERSION,
                             JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY, name, -1};
    JSValue code =
        wrapped.failed ? JS_ThrowOutOfMemory(ctx) : JS_Eval2(ctx, source, wrapped.len, &options);
    mr__bytes_deinit(&wrapped);
    return code;
}

/* Call the compiled file (owned, passes in) with its five arguments. */
static int run_code(mr_js *js, JSValueConst module, const char *path, JSValue code)
{
    JSContext *ctx = js->ctx;
    mr__bytes directory = {0};
    mr__path_dirname(&directory, path);
    JSValue function = JS_EvalFunction(ctx, code);
    JSValue args[] = {JS_GetPropertyStr(ctx, module, "exports"), mr__require_new(js, module, path),
                      JS_DupValue(ctx, module), JS_NewString(ctx, path),
                      JS_NewString(ctx, mr__bytes_cstr(&directory))};
    bool good = !JS_IsException(function);
    for (size_t i = 0; i < 5; i++)
        good = good && !JS_IsException(args[i]);
    JSValue result = good ? JS_Call(ctx, function, args[0], 5, args) : JS_EXCEPTION;
    int status = JS_IsException(result) ? -1 : 0;
    for (size_t i = 0; i < 5; i++)
        JS_FreeValue(ctx, args[i]);
    JS_FreeValue(ctx, result);
    JS_FreeValue(ctx, function);
    mr__bytes_deinit(&directory);
    return status;
}

/* Fill module.exports from an ES module. */
static int run_module(mr_js *js, JSValueConst module, const char *path)
{
    return define(js->ctx, module, "exports", mr__modules_require(js, path), JS_PROP_C_W_E);
}

static bool ends_with(const char *path, const char *ending)
{
    size_t len = strlen(path), ending_len = strlen(ending);
    return len > ending_len && strcmp(path + len - ending_len, ending) == 0;
}

/* Whether a file that does not compile is an ES module, as for import: it may be one by its words, and
 * its type is declared nowhere. Takes the exception away if so. */
static bool is_module_after_all(mr_js *js, const char *path, const mr__bytes *text)
{
    if (!ends_with(path, ".js") || !mr__source_may_be_module(text) ||
        mr__resolver_package_type(js->modules->resolver, path) == MR__PACKAGE_COMMONJS)
        return false;
    JSValue error = JS_GetException(js->ctx);
    bool syntax = mr__modules_is_syntax_error(js->ctx, error);
    if (syntax)
        JS_FreeValue(js->ctx, error);
    else
        JS_Throw(js->ctx, error);
    return syntax;
}

static int run_text(mr_js *js, JSValueConst module, const char *path, const mr__bytes *text)
{
    if (ends_with(path, ".json"))
        return define(js->ctx, module, "exports", mr__modules_parse_json(js->ctx, path, text),
                      JS_PROP_C_W_E);
    JSValue code = mr__commonjs_compile(js->ctx, path, text);
    if (JS_IsException(code))
        return is_module_after_all(js, path, text) ? run_module(js, module, path) : -1;
    return run_code(js, module, path, code);
}

/* Fill module.exports from the file. */
static int run_file(mr_js *js, JSValueConst module, const char *path)
{
    if (ends_with(path, ".mjs") ||
        (ends_with(path, ".js") &&
         mr__resolver_package_type(js->modules->resolver, path) == MR__PACKAGE_MODULE))
        return run_module(js, module, path);
    if (ends_with(path, ".node")) {
        mr__js_throw_code(js->ctx, "Error", "ERR_DLOPEN_FAILED",
                          "Native add-ons cannot be loaded: %s", path);
        return -1;
    }
    mr__bytes text = {0};
    int err = mr__source_read(path, &text);
    int status = -1;
    mr__source_clean(&text);
    if (err != 0)
        mr__js_throw_errno(js->ctx, err, "open", path, NULL);
    else if (text.failed)
        JS_ThrowOutOfMemory(js->ctx);
    else
        status = run_text(js, module, path, &text);
    mr__bytes_deinit(&text);
    return status;
}

/* Put a new module in the cache, run it, take it out again if it throws. code is JS_UNDEFINED to
 * read the file. */
static JSValue load_new(mr_js *js, JSValue module, const char *path, JSValueConst parent,
                        JSValue code)
{
    JSContext *ctx = js->ctx;
    JSValue exports = JS_EXCEPTION;
    if (JS_IsException(module)) {
        JS_FreeValue(ctx, code);
        return JS_EXCEPTION;
    }
    if (JS_DefinePropertyValueStr(ctx, js->modules->cache, path, JS_DupValue(ctx, module),
                                  JS_PROP_C_W_E) < 0 ||
        add_child(ctx, parent, module) < 0) {
        JS_FreeValue(ctx, code);
    } else if ((JS_IsUndefined(code) ? run_file(js, module, path)
                                     : run_code(js, module, path, code)) == 0 &&
               JS_SetPropertyStr(ctx, module, "loaded", JS_TRUE) >= 0) {
        exports = JS_GetPropertyStr(ctx, module, "exports");
    } else {
        JSValue error = JS_GetException(ctx);
        forget(js, path, module);
        drop_child(ctx, parent, module);
        JS_Throw(ctx, error);
    }
    JS_FreeValue(ctx, module);
    return exports;
}

JSValue mr__commonjs_load(mr_js *js, const char *path, JSValueConst parent)
{
    JSContext *ctx = js->ctx;
    JSValue module = cached(js, path);
    if (JS_IsException(module))
        return module;
    if (JS_IsUndefined(module))
        return load_new(js, new_module(js, path, path, parent), path, parent, JS_UNDEFINED);
    JSValue exports = add_child(ctx, parent, module) < 0
                          ? JS_EXCEPTION
                          : JS_GetPropertyStr(ctx, module, "exports");
    JS_FreeValue(ctx, module);
    return exports;
}

JSValue mr__commonjs_run_main(mr_js *js, const char *path, JSValue function)
{
    JSValue module = new_module(js, path, ".", JS_NULL);
    if (!JS_IsException(module)) {
        JS_FreeValue(js->ctx, js->modules->main);
        js->modules->main = JS_DupValue(js->ctx, module);
    }
    return load_new(js, module, path, JS_UNDEFINED, function);
}

/* ---- require outside of a module --------------------------------------------------------------*/

JSValue mr__commonjs_new_require(mr_js *js, const char *path)
{
    JSValue module = new_module(js, path, path, JS_UNDEFINED);
    if (JS_IsException(module))
        return module;
    JSValue require = mr__require_new(js, module, path);
    JS_FreeValue(js->ctx, module);
    return require;
}

/* module.require(request) */
static JSValue module_require(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue filename = JS_GetPropertyStr(ctx, this_val, "filename");
    const char *path = JS_IsString(filename) ? JS_ToCString(ctx, filename) : NULL;
    JSValue result = JS_EXCEPTION;
    if (path != NULL)
        result = mr__require_call(ctx, this_val, path, argc, argv);
    else if (!JS_IsException(filename))
        JS_ThrowTypeError(ctx, "module.require needs a module");
    JS_FreeCString(ctx, path);
    JS_FreeValue(ctx, filename);
    return result;
}

int mr__commonjs_install(mr_js *js)
{
    JSContext *ctx = js->ctx;
    struct mr__js_modules *modules = js->modules;
    modules->cache = JS_NewObjectProto(ctx, JS_NULL);
    modules->module_proto = JS_NewObject(ctx);
    if (JS_IsException(modules->cache) || JS_IsException(modules->module_proto))
        return -1;
    return define(ctx, modules->module_proto, "require",
                  JS_NewCFunction(ctx, module_require, "require", 1),
                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

void mr__commonjs_destroy(mr_js *js)
{
    JS_FreeValue(js->ctx, js->modules->cache);
    JS_FreeValue(js->ctx, js->modules->module_proto);
    JS_FreeValue(js->ctx, js->modules->main);
    js->modules->cache = js->modules->module_proto = js->modules->main = JS_UNDEFINED;
}
