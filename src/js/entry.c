/* Running a file: what kind it is, and how it starts. */
#include "js/modules.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "js/builtins.h"
#include "js/errors.h"
#include "js/file_url.h"
#include "js/gate.h"
#include "js/source_text.h"

struct entry {
    mr__bytes path; /* real path, or a made-up one in the working directory for standard input */
    mr__bytes text;
    bool standard_input;
    const char *name; /* of a script, for stacks and import() */
};

static const char stdin_name[] = "[stdin]";

static bool ends_with(const char *path, const char *ending)
{
    size_t len = strlen(path), ending_len = strlen(ending);
    return len > ending_len && strcmp(path + len - ending_len, ending) == 0;
}

/* By the ending; a .js file and one of no known ending by its package, then by its words. */
static mr_js_kind kind_of(mr_js *js, const struct entry *entry, const char *path)
{
    if (ends_with(path, ".mjs"))
        return MR_JS_MODULE;
    if (ends_with(path, ".cjs") || ends_with(path, ".json"))
        return MR_JS_COMMONJS;
    switch (mr__resolver_package_type(js->modules->resolver, path)) {
    case MR__PACKAGE_MODULE:
        return MR_JS_MODULE;
    case MR__PACKAGE_NONE:
        return mr__source_uses_commonjs(&entry->text) ? MR_JS_COMMONJS : MR_JS_SCRIPT;
    default:
        return MR_JS_COMMONJS;
    }
}

static JSValue run_module(mr_js *js, struct entry *entry, bool *out_bad_syntax)
{
    mr__bytes url = {0};
    mr__file_url_append(&url, mr__bytes_cstr(&entry->path));
    JSValue promise =
        url.failed ? JS_ThrowOutOfMemory(js->ctx)
                   : mr__modules_evaluate(js, mr__bytes_cstr(&url), &entry->text, out_bad_syntax);
    mr__bytes_deinit(&url);
    return mr__js_watch_entry(js, promise);
}

static JSValue compile_script(mr_js *js, const struct entry *entry)
{
    return JS_Eval(js->ctx, entry->text.data, entry->text.len, entry->name,
                   JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
}

/* The text did not compile as what it was taken for: as a module, or else the first error. */
static JSValue run_as_module_instead(mr_js *js, struct entry *entry)
{
    JSValue first = JS_GetException(js->ctx);
    if (!mr__modules_is_syntax_error(js->ctx, first))
        return JS_Throw(js->ctx, first);
    bool bad_syntax = false;
    JSValue promise = run_module(js, entry, &bad_syntax);
    if (!bad_syntax) {
        JS_FreeValue(js->ctx, first);
        return promise;
    }
    JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return JS_Throw(js->ctx, first);
}

static JSValue run_entry(mr_js *js, struct entry *entry, mr_js_kind kind)
{
    bool bad_syntax, guess = kind == MR_JS_AUTO;
    const char *path = mr__bytes_cstr(&entry->path);
    if (guess)
        kind = kind_of(js, entry, path);
    if (kind == MR_JS_MODULE)
        return run_module(js, entry, &bad_syntax);
    bool commonjs = kind == MR_JS_COMMONJS;
    if (commonjs && ends_with(path, ".json"))
        return mr__commonjs_load(js, path, JS_NULL);
    JSValue code = commonjs ? mr__commonjs_compile(js->ctx, entry->name, &entry->text)
                            : compile_script(js, entry);
    if (JS_IsException(code))
        return guess && !ends_with(path, ".cjs") ? run_as_module_instead(js, entry) : code;
    return commonjs ? mr__commonjs_run_main(js, path, code) : JS_EvalFunction(js->ctx, code);
}

/* The entry's text and the path that it counts as. 0 or an errno value. */
static int read_entry(struct entry *entry, const char *path)
{
    char real[PATH_MAX];
    int err = mr__source_read(path, &entry->text);
    if (err != 0)
        return err;
    mr__source_clean(&entry->text);
    entry->standard_input = strcmp(path, "-") == 0;
    if (entry->standard_input)
        mr__resolve_importer_path(&entry->path, stdin_name);
    else
        mr__bytes_str(&entry->path, realpath(path, real) == NULL ? path : real);
    entry->name = entry->standard_input ? stdin_name : mr__bytes_cstr(&entry->path);
    return 0;
}

JSValue mr__js_run_file(mr_js *js, const char *path, mr_js_kind kind)
{
    struct entry entry = {0};
    JSValue result;
    int err = read_entry(&entry, path);
    if (err != 0) {
        result = mr__js_throw_errno(js->ctx, err, "open", path, NULL);
    } else if (entry.text.failed || entry.path.failed) {
        result = JS_ThrowOutOfMemory(js->ctx);
    } else {
        js->modules->entry_path.len = 0;
        mr__bytes_append(&js->modules->entry_path, entry.path.data, entry.path.len);
        if (entry.standard_input) {
            js->modules->stdin_text.len = 0;
            mr__bytes_append(&js->modules->stdin_text, entry.text.data, entry.text.len);
        }
        result = run_entry(js, &entry, kind);
    }
    mr__bytes_deinit(&entry.text);
    mr__bytes_deinit(&entry.path);
    return result;
}

/* ---- What lib/module.js needs -----------------------------------------------------------------*/

static JSValue create_require(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    const char *path = argc < 1 ? NULL : JS_ToCString(ctx, argv[0]);
    if (path == NULL)
        return JS_EXCEPTION;
    JSValue require = mr__commonjs_new_require(mr__js_of(ctx), path);
    JS_FreeCString(ctx, path);
    return require;
}

/* The path of a file URL; null for one that has none here. */
static JSValue path_of_url(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    const char *url = argc < 1 ? NULL : JS_ToCString(ctx, argv[0]);
    if (url == NULL)
        return JS_EXCEPTION;
    mr__bytes path = {0}, suffix = {0};
    JSValue result = JS_NULL;
    if (mr__file_url_resolve(url, "/", &path, &suffix) == MR__FILE_URL_OK)
        result = JS_NewString(ctx, mr__bytes_cstr(&path));
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&suffix);
    JS_FreeCString(ctx, url);
    return result;
}

static JSValue builtin_names(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    (void)argv;
    const char *const *names = mr__js_builtin_names();
    JSValue array = JS_NewArray(ctx);
    for (uint32_t i = 0; names[i] != NULL && !JS_IsException(array); i++) {
        JSValue name = JS_NewString(ctx, names[i]);
        if (JS_IsException(name) ||
            JS_DefinePropertyValueUint32(ctx, array, i, name, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        }
    }
    return array;
}

static JSValue is_builtin(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    const char *name = argc < 1 ? NULL : JS_ToCString(ctx, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    bool found = mr__js_builtin_is_public(strncmp(name, "node:", 5) == 0 ? name + 5 : name);
    JS_FreeCString(ctx, name);
    return JS_NewBool(ctx, found);
}

int mr__js_binding_modules(mr_js *js, JSValueConst target)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_DEF("createRequire", 1, create_require),
        JS_CFUNC_DEF("pathOfURL", 1, path_of_url),
        JS_CFUNC_DEF("builtinNames", 0, builtin_names),
        JS_CFUNC_DEF("isBuiltin", 1, is_builtin),
    };
    return JS_SetPropertyFunctionList(js->ctx, target, functions,
                                      sizeof(functions) / sizeof(functions[0]));
}
