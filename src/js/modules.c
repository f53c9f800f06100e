/* ES modules: from specifier to loaded, linked and evaluated module. module_records.h says how
 * failures are kept. */
#include "js/modules.h"

#include <string.h>

#include "base/memory.h"
#include "js/builtins.h"
#include "js/errors.h"
#include "js/file_url.h"
#include "js/host_modules.h"
#include "js/source_text.h"

/* ---- Errors -----------------------------------------------------------------------------------*/

static int add_text(JSContext *ctx, JSValueConst error, const char *name, const mr__bytes *text)
{
    if (text->len == 0)
        return 0;
    JSValue value = JS_NewStringLen(ctx, text->data, text->len);
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, error, name, value, JS_PROP_C_W_E);
}

JSValue mr__modules_throw(JSContext *ctx, mr__resolve_error *error)
{
    if (error->code == NULL || error->message.failed) {
        JS_ThrowOutOfMemory(ctx);
    } else {
        mr__js_throw_code(ctx, error->js_class, error->code, "%.*s", (int)error->message.len,
                          error->message.data);
        JSValue value = JS_GetException(ctx);
        if (JS_IsError(value) && (add_text(ctx, value, "url", &error->url) < 0 ||
                                  add_text(ctx, value, "path", &error->path) < 0))
            JS_FreeValue(ctx, value);
        else
            JS_Throw(ctx, value);
    }
    mr__resolve_error_deinit(error);
    return JS_EXCEPTION;
}

bool mr__modules_is_syntax_error(JSContext *ctx, JSValueConst value)
{
    if (!JS_IsError(value))
        return false;
    JSValue model = JS_NewSyntaxError(ctx, "%s", "");
    JSValue expected = JS_GetPrototype(ctx, model), actual = JS_GetPrototype(ctx, value);
    bool same = JS_IsObject(expected) && JS_IsStrictEqual(ctx, expected, actual);
    JS_FreeValue(ctx, model);
    JS_FreeValue(ctx, expected);
    JS_FreeValue(ctx, actual);
    return same;
}

/* ---- import.meta ------------------------------------------------------------------------------*/

/* import.meta.resolve(specifier): the URL, also of a file that is not there. */
static JSValue meta_resolve(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                            int magic, JSValueConst *data)
{
    (void)this_val;
    (void)magic;
    mr_js *js = mr__js_of(ctx);
    if (js->modules == NULL)
        return JS_UNDEFINED;
    const char *specifier = JS_ToCString(ctx, argc > 0 ? argv[0] : JS_UNDEFINED);
    const char *importer = specifier == NULL ? NULL : JS_ToCString(ctx, data[0]);
    JSValue result = JS_EXCEPTION;
    if (importer != NULL) {
        mr__resolved found = {0};
        mr__resolve_error error = {0};
        mr__bytes url = {0};
        bool host = mr__js_is_host_module(js, specifier);
        bool good =
            !host && mr__resolve_import(js->modules->resolver, specifier, importer, &found, &error);
        if (good && found.builtin)
            mr__bytes_printf(&url, "node:%s", mr__bytes_cstr(&found.name));
        else if (good)
            mr__file_url_append(&url, mr__bytes_cstr(&found.name));
        if (good && !found.builtin)
            mr__bytes_str(&url, mr__bytes_cstr(&found.suffix));
        if (!good && error.url.len != 0)
            mr__bytes_append(&url, error.url.data, error.url.len);
        if (host)
            mr__bytes_str(&url, specifier);
        result = url.failed     ? JS_ThrowOutOfMemory(ctx)
                 : url.len == 0 ? mr__modules_throw(ctx, &error)
                                : JS_NewStringLen(ctx, url.data, url.len);
        mr__bytes_deinit(&url);
        mr__resolve_error_deinit(&error);
        mr__resolved_deinit(&found);
    }
    JS_FreeCString(ctx, importer);
    JS_FreeCString(ctx, specifier);
    return result;
}

static int set_meta(JSContext *ctx, JSValueConst meta, const char *name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, meta, name, value, JS_PROP_C_W_E) < 0 ? -1 : 0;
}

/* The path of a file URL without query and fragment. */
static void path_of(const char *url, mr__bytes *out)
{
    mr__bytes ignored = {0};
    (void)mr__file_url_resolve(url, "/", out, &ignored);
    mr__bytes_deinit(&ignored);
}

static int fill_meta(mr_js *js, JSModuleDef *def, const char *name)
{
    JSContext *ctx = js->ctx;
    JSValue meta = JS_GetImportMeta(ctx, def);
    if (JS_IsException(meta))
        return -1;
    JSValue url = JS_NewString(ctx, name);
    mr__bytes path = {0}, directory = {0};
    path_of(name, &path);
    mr__path_dirname(&directory, mr__bytes_cstr(&path));
    bool main = js->modules->main_name.len != 0 &&
                strcmp(name, mr__bytes_cstr(&js->modules->main_name)) == 0;
    int status = -1;
    if (!JS_IsException(url) &&
        set_meta(ctx, meta, "dirname", JS_NewString(ctx, mr__bytes_cstr(&directory))) == 0 &&
        set_meta(ctx, meta, "filename", JS_NewString(ctx, mr__bytes_cstr(&path))) == 0 &&
        set_meta(ctx, meta, "main", JS_NewBool(ctx, main)) == 0 &&
        set_meta(ctx, meta, "resolve",
                 JS_NewCFunctionData2(ctx, meta_resolve, "resolve", 1, 0, 1, &url)) == 0 &&
        set_meta(ctx, meta, "url", JS_DupValue(ctx, url)) == 0)
        status = 0;
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&directory);
    JS_FreeValue(ctx, url);
    JS_FreeValue(ctx, meta);
    return status;
}

/* ---- Loading one module -----------------------------------------------------------------------*/

/* Compile the text, which loads everything that it imports. */
static JSModuleDef *compile(mr_js *js, mr__module_record *record, const mr__bytes *text)
{
    struct mr__js_modules *modules = js->modules;
    struct mr__compile_frame frame = {modules->frame, record, text->data, text->len, {0}};
    modules->frame = &frame;
    JSValue code = JS_Eval(js->ctx, text->data, text->len, record->name,
                           JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    modules->frame = frame.outer;
    mr__wanted_list_deinit(&frame.wanted);
    if (JS_IsException(code))
        return NULL;
    JSModuleDef *def = JS_VALUE_GET_PTR(code);
    JS_FreeValue(js->ctx, code); /* the context keeps it */
    record->kind = MR__MODULE_JS;
    return fill_meta(js, def, record->name) < 0 ? NULL : def;
}

JSValue mr__modules_parse_json(JSContext *ctx, const char *path, const mr__bytes *text)
{
    JSValue value = JS_ParseJSON(ctx, text->data, text->len, path);
    if (!JS_IsException(value))
        return value;
    JSValue error = JS_GetException(ctx);
    JSValue message = JS_IsError(error) ? JS_GetPropertyStr(ctx, error, "message") : JS_UNDEFINED;
    const char *chars = JS_IsString(message) ? JS_ToCString(ctx, message) : NULL;
    mr__bytes full = {0};
    mr__bytes_printf(&full, "%s: %s", path, chars == NULL ? "" : chars);
    if (chars != NULL && !full.failed)
        JS_DefinePropertyValueStr(ctx, error, "message", JS_NewStringLen(ctx, full.data, full.len),
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    mr__bytes_deinit(&full);
    JS_FreeCString(ctx, chars);
    JS_FreeValue(ctx, message);
    return JS_Throw(ctx, error);
}

static JSModuleDef *load_json(mr_js *js, mr__module_record *record, const char *path)
{
    bool plain = strpbrk(record->name, "?#") == NULL;
    JSValue value;
    if (plain) {
        value = mr__commonjs_load(js, path, JS_UNDEFINED);
    } else {
        mr__bytes text = {0};
        int err = mr__source_read(path, &text);
        mr__source_clean(&text);
        value = err != 0 ? mr__js_throw_errno(js->ctx, err, "open", path, NULL)
                         : mr__modules_parse_json(js->ctx, path, &text);
        mr__bytes_deinit(&text);
    }
    if (JS_IsException(value))
        return NULL;
    record->kind = MR__MODULE_VALUE;
    return mr__module_of_exports(js, record, value);
}

/* Whether a .js file of no declared type is an ES module: it is not CommonJS by its grammar. */
static bool is_module_by_text(mr_js *js, const char *path, const mr__bytes *text)
{
    if (!mr__source_may_be_module(text))
        return false;
    JSContext *ctx = js->ctx;
    JSValue code = mr__commonjs_compile(ctx, path, text);
    bool failed = JS_IsException(code);
    if (failed) {
        JSValue error = JS_GetException(ctx);
        failed = mr__modules_is_syntax_error(ctx, error);
        JS_FreeValue(ctx, error);
    }
    JS_FreeValue(ctx, code);
    return failed;
}

enum format { FORMAT_ERROR, FORMAT_MODULE, FORMAT_COMMONJS, FORMAT_JSON };

/* By the file's ending and the package around it. */
static enum format format_of(mr_js *js, const char *path, const mr__bytes *text)
{
    const char *base = strrchr(path, '/');
    const char *ending = strrchr(base == NULL ? path : base, '.');
    if (ending != NULL && strcmp(ending, ".mjs") == 0)
        return FORMAT_MODULE;
    if (ending != NULL && strcmp(ending, ".cjs") == 0)
        return FORMAT_COMMONJS;
    if (ending != NULL && strcmp(ending, ".json") == 0)
        return FORMAT_JSON;
    if (ending != NULL && strcmp(ending, ".js") != 0) {
        mr__js_throw_code(js->ctx, "TypeError", "ERR_UNKNOWN_FILE_EXTENSION",
                          "Unknown file extension \"%s\" for %s", ending, path);
        return FORMAT_ERROR;
    }
    mr__package_type type = mr__resolver_package_type(js->modules->resolver, path);
    if (type == MR__PACKAGE_MODULE)
        return FORMAT_MODULE;
    return type != MR__PACKAGE_COMMONJS && is_module_by_text(js, path, text) ? FORMAT_MODULE
                                                                             : FORMAT_COMMONJS;
}

static JSModuleDef *load_as(mr_js *js, mr__module_record *record, enum format format,
                            const char *path, const mr__bytes *text)
{
    if (format == FORMAT_ERROR)
        return NULL;
    if (format == FORMAT_JSON && !record->json) {
        mr__js_throw_code(js->ctx, "TypeError", "ERR_IMPORT_ATTRIBUTE_MISSING",
                          "Module \"%s\" needs an import attribute of \"type: json\"",
                          record->name);
        return NULL;
    }
    if (format != FORMAT_JSON && record->json) {
        mr__js_throw_code(js->ctx, "TypeError", "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE",
                          "Module \"%s\" is not of type \"json\"", record->name);
        return NULL;
    }
    if (format == FORMAT_JSON)
        return load_json(js, record, path);
    return format == FORMAT_MODULE ? compile(js, record, text) : mr__commonjs_module(js, record);
}

static JSModuleDef *load_file(mr_js *js, mr__module_record *record)
{
    mr__bytes path = {0}, text = {0};
    JSModuleDef *def = NULL;
    path_of(record->name, &path);
    const char *name = mr__bytes_cstr(&path);
    int err = mr__source_read(name, &text);
    mr__source_clean(&text);
    if (path.failed || text.failed)
        JS_ThrowOutOfMemory(js->ctx);
    else if (err != 0)
        mr__js_throw_errno(js->ctx, err, "open", name, NULL);
    else
        def = load_as(js, record, format_of(js, name, &text), name, &text);
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&text);
    return def;
}

static JSModuleDef *load(mr_js *js, mr__module_record *record)
{
    bool host = strncmp(record->name, MR__HOST_PREFIX, strlen(MR__HOST_PREFIX)) == 0;
    if (!host && strncmp(record->name, "node:", 5) != 0)
        return load_file(js, record);
    if (record->json) {
        mr__js_throw_code(js->ctx, "TypeError", "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE",
                          "Module \"%s\" is not of type \"json\"", record->name);
        return NULL;
    }
    JSValue exports = host ? mr__js_host_exports(js, record->name + strlen(MR__HOST_PREFIX))
                           : mr__js_builtin(js, record->name + 5);
    if (JS_IsException(exports))
        return NULL;
    record->kind = MR__MODULE_VALUE;
    return mr__module_of_exports(js, record, exports);
}

/* Load into the record. A failure below another module becomes a module that throws. */
static JSModuleDef *load_record(mr_js *js, mr__module_record *record)
{
    if (record->busy) { /* by a require() in the middle of it */
        mr__js_throw_code(js->ctx, "Error", "ERR_REQUIRE_CYCLE_MODULE",
                          "Cannot require() ES Module %s in a cycle.", record->name);
        return NULL;
    }
    record->busy = true;
    JSModuleDef *def = record->failed ? NULL : load(js, record);
    record->busy = false;
    if (def == NULL && !record->failed)
        mr__module_record_fail(js->ctx, record, JS_GetException(js->ctx));
    if (def == NULL && js->modules->frame != NULL)
        def = mr__module_of_error(js, record, JS_DupValue(js->ctx, record->error));
    record->def = def;
    return def;
}

/* ---- Whole graphs -----------------------------------------------------------------------------*/

static JSValue throw_kept(JSContext *ctx, mr__module_record *record)
{
    return JS_Throw(ctx, JS_DupValue(ctx, record->error));
}

/* Link and evaluate a loaded graph: the promise. The record keeps what goes wrong before that. */
static JSValue evaluate(mr_js *js, mr__module_record *record)
{
    JSContext *ctx = js->ctx;
    if (mr__module_records_settle(ctx, &js->modules->records, record))
        return throw_kept(ctx, record);
    mr__module_records_link(record);
    mr__module_records_begin(record);
    JSValue promise = JS_EvalFunction(ctx, JS_DupValue(ctx, JS_MKPTR(JS_TAG_MODULE, record->def)));
    if (js->modules != NULL)
        mr__module_records_end(record);
    if (!JS_IsException(promise))
        return promise;
    mr__module_record_fail(ctx, record, mr__module_missing(js, record, JS_GetException(ctx)));
    return throw_kept(ctx, record);
}

/* Load the root of a graph for an import() or the entry. */
static JSModuleDef *load_root(mr_js *js, mr__module_record *record)
{
    if (record->def == NULL && load_record(js, record) == NULL) {
        throw_kept(js->ctx, record);
        return NULL;
    }
    JSValue promise = evaluate(js, record);
    if (JS_IsException(promise))
        return NULL;
    JS_FreeValue(js->ctx, promise); /* the engine asks for the same one again */
    return record->def;
}

JSValue mr__modules_evaluate(mr_js *js, const char *name, const mr__bytes *text,
                             bool *out_bad_syntax)
{
    struct mr__js_modules *modules = js->modules;
    mr__module_record *record = mr__module_records_get(&modules->records, name, false);
    if (record == NULL)
        return JS_ThrowOutOfMemory(js->ctx);
    if (record->def == NULL && !record->failed) {
        modules->main_name.len = 0;
        mr__bytes_str(&modules->main_name, name);
        record->def = compile(js, record, text);
        if (record->def == NULL) {
            mr__module_record_fail(js->ctx, record, JS_GetException(js->ctx));
            *out_bad_syntax = mr__modules_is_syntax_error(js->ctx, record->error);
        }
    }
    return record->failed ? throw_kept(js->ctx, record) : evaluate(js, record);
}

/* ---- require() of an ES module ----------------------------------------------------------------*/

/* The namespace of a loaded module, evaluated now; promise is that of its evaluation. */
static JSValue finished(mr_js *js, mr__module_record *record, JSValue promise)
{
    JSContext *ctx = js->ctx;
    if (JS_IsException(promise))
        return promise;
    JSPromiseStateEnum state = JS_PromiseState(ctx, promise);
    JSValue result = JS_EXCEPTION;
    if (state == JS_PROMISE_FULFILLED) {
        result = JS_GetModuleNamespace(ctx, record->def);
    } else if (state == JS_PROMISE_REJECTED) {
        JS_PromiseMarkAsHandled(ctx, promise);
        JS_Throw(ctx, JS_PromiseResult(ctx, promise));
    } else {
        mr__js_throw_code(ctx, "Error", "ERR_REQUIRE_ASYNC_MODULE",
                          "require() cannot be used on an ESM graph with top-level await. Use "
                          "import() instead. Requested %s",
                          record->name);
    }
    JS_FreeValue(ctx, promise);
    return result;
}

static int has_export(JSContext *ctx, JSValueConst space, const char *name)
{
    JSAtom atom = JS_NewAtom(ctx, name);
    int has = atom == JS_ATOM_NULL ? -1 : JS_HasProperty(ctx, space, atom);
    JS_FreeAtom(ctx, atom);
    return has;
}

/* The same exports and `__esModule`, by which transpiled code knows that `default` is meant. */
static JSValue marked(mr_js *js, const char *url)
{
    mr__bytes name = {0}, text = {0};
    mr__bytes_printf(&name, "%s#require", url);
    mr__bytes_printf(&text,
                     "export * from \"%s\"; export { default } from \"%s\";"
                     "export const __esModule = true;",
                     url, url);
    JSValue result = JS_EXCEPTION;
    mr__module_record *record =
        name.failed || text.failed
            ? NULL
            : mr__module_records_get(&js->modules->records, mr__bytes_cstr(&name), false);
    if (record == NULL)
        JS_ThrowOutOfMemory(js->ctx);
    else if (record->def != NULL || (record->def = compile(js, record, &text)) != NULL)
        result = finished(js, record, evaluate(js, record));
    mr__bytes_deinit(&name);
    mr__bytes_deinit(&text);
    return result;
}

/* What of a namespace, which passes in, is the module for CommonJS. */
static JSValue for_commonjs(mr_js *js, JSValue space, const char *url)
{
    JSContext *ctx = js->ctx;
    if (JS_IsException(space))
        return space;
    int own = has_export(ctx, space, "module.exports"), has_default = 0, has_mark = 0;
    if (own == 0)
        has_default = has_export(ctx, space, "default");
    if (has_default > 0)
        has_mark = has_export(ctx, space, "__esModule");
    JSValue result = JS_EXCEPTION;
    if (own > 0)
        result = JS_GetPropertyStr(ctx, space, "module.exports");
    else if (own == 0 && has_default > 0 && has_mark == 0)
        result = marked(js, url);
    else if (own == 0 && has_default >= 0 && has_mark >= 0)
        return space;
    JS_FreeValue(ctx, space);
    return result;
}

/* The engine begins with another graph in the middle of one, but not with one that shares what is being
 * loaded or evaluated. */
static JSValue require_record(mr_js *js, mr__module_record *record)
{
    bool loaded = record->busy || record->def != NULL || load_record(js, record) != NULL;
    if (record->failed || !loaded)
        return throw_kept(js->ctx, record);
    if (mr__module_records_are_busy(&js->modules->records, record))
        return mr__js_throw_code(js->ctx, "Error", "ERR_REQUIRE_CYCLE_MODULE",
                                 "Cannot require() ES Module %s in a cycle.", record->name);
    return finished(js, record, evaluate(js, record));
}

JSValue mr__modules_require(mr_js *js, const char *path)
{
    struct mr__js_modules *modules = js->modules;
    struct mr__compile_frame *frame = modules->frame;
    const mr__wanted *wanted = modules->wanted;
    mr__bytes url = {0};
    mr__file_url_append(&url, path);
    mr__module_record *record =
        url.failed ? NULL : mr__module_records_get(&modules->records, mr__bytes_cstr(&url), false);
    modules->frame = NULL;
    modules->wanted = NULL;
    JSValue exports = record == NULL
                          ? JS_ThrowOutOfMemory(js->ctx)
                          : for_commonjs(js, require_record(js, record), mr__bytes_cstr(&url));
    if (js->modules != NULL) {
        modules->frame = frame;
        modules->wanted = wanted;
    }
    mr__bytes_deinit(&url);
    return exports;
}

/* ---- What the engine calls --------------------------------------------------------------------*/

static bool wants_json(JSContext *ctx, JSValueConst attributes)
{
    if (!JS_IsObject(attributes))
        return false;
    JSValue type = JS_GetPropertyStr(ctx, attributes, "type");
    const char *text = JS_IsString(type) ? JS_ToCString(ctx, type) : NULL;
    bool json = text != NULL && strcmp(text, "json") == 0;
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, type);
    return json;
}

static int check_attribute(JSContext *ctx, JSValueConst attributes, JSAtom key)
{
    const char *name = JS_AtomToCString(ctx, key);
    JSValue value = JS_GetProperty(ctx, attributes, key);
    const char *text = JS_ToCString(ctx, value);
    int status = -1;
    if (name != NULL && text != NULL) {
        status = strcmp(name, "type") == 0 && strcmp(text, "json") == 0 ? 0 : -1;
        if (status < 0)
            mr__js_throw_code(ctx, "TypeError", "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED",
                              "Import attribute \"%s\" with value \"%s\" is not supported", name,
                              text);
    }
    JS_FreeCString(ctx, text);
    JS_FreeCString(ctx, name);
    JS_FreeValue(ctx, value);
    return status;
}

static int check_attributes(JSContext *ctx, void *opaque, JSValueConst attributes)
{
    (void)opaque;
    JSPropertyEnum *keys;
    uint32_t count;
    if (!JS_IsObject(attributes))
        return 0;
    if (JS_GetOwnPropertyNames(ctx, &keys, &count, attributes,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < count && status == 0; i++)
        status = check_attribute(ctx, attributes, keys[i].atom);
    JS_FreePropertyEnum(ctx, keys, count);
    return status;
}

/* What the module being compiled wants of the specifier, for the loader that is called next. */
static void note_wanted(struct mr__js_modules *modules, const char *specifier)
{
    struct mr__compile_frame *frame = modules->frame;
    modules->wanted = NULL;
    if (frame == NULL)
        return;
    if (frame->text != NULL) {
        mr__wanted_list_find(&frame->wanted, frame->text, frame->len);
        frame->text = NULL;
    }
    static const mr__wanted nothing = {0};
    modules->wanted = mr__wanted_list_get(&frame->wanted, specifier);
    if (modules->wanted == NULL && !frame->wanted.failed)
        modules->wanted = &nothing;
}

/* The record for a name that is imported: thrown at once if it has failed and nothing is being
 * compiled, else noted as needed by what is being compiled. */
static mr__module_record *enter(mr_js *js, const char *name, bool json)
{
    struct mr__js_modules *modules = js->modules;
    mr__module_record *record = mr__module_records_get(&modules->records, name, json);
    if (record == NULL ||
        (modules->frame != NULL && !mr__module_record_depends(modules->frame->record, record))) {
        JS_ThrowOutOfMemory(js->ctx);
        return NULL;
    }
    if (modules->frame == NULL && record->failed) {
        throw_kept(js->ctx, record);
        return NULL;
    }
    if (modules->frame == NULL && record->def != NULL && !record->linked)
        return load_root(js, record) == NULL ? NULL : record;
    if (modules->frame != NULL && record->kind == MR__MODULE_COMMONJS && !record->linked &&
        mr__commonjs_module_extend(js, record) < 0)
        return NULL;
    return record;
}

/* The one error for a specifier that leads nowhere: the same as before while its text is the same.
 */
static char *enter_unresolved(mr_js *js, mr__resolve_error *error)
{
    mr__bytes name = {0};
    mr__bytes_printf(&name, "unresolved:%.*s", (int)error->message.len,
                     error->message.data == NULL ? "" : error->message.data);
    mr__module_record *record =
        mr__module_records_get(&js->modules->records, mr__bytes_cstr(&name), false);
    if (record != NULL && !record->failed) {
        mr__modules_throw(js->ctx, error);
        mr__module_record_fail(js->ctx, record, JS_GetException(js->ctx));
    }
    mr__resolve_error_deinit(error);
    char *result = NULL;
    if (record == NULL)
        JS_ThrowOutOfMemory(js->ctx);
    else if (enter(js, mr__bytes_cstr(&name), false) != NULL)
        result = js_strdup(js->ctx, mr__bytes_cstr(&name));
    mr__bytes_deinit(&name);
    return result;
}

/* Enter the module of that name, which passes in; the engine's copy of the name. */
static char *enter_named(mr_js *js, mr__bytes *name, JSValueConst attributes)
{
    char *result = NULL;
    if (name->failed)
        JS_ThrowOutOfMemory(js->ctx);
    else if (enter(js, mr__bytes_cstr(name), wants_json(js->ctx, attributes)) != NULL)
        result = js_strdup(js->ctx, mr__bytes_cstr(name));
    mr__bytes_deinit(name);
    return result;
}

/* From importer and specifier to the name of the module. */
static char *normalize(JSContext *ctx, const char *importer, const char *specifier,
                       JSValueConst attributes, void *opaque)
{
    mr_js *js = opaque;
    mr__resolved found = {0};
    mr__resolve_error error = {0};
    mr__bytes name = {0};
    char *result = NULL;
    if (js->modules == NULL) {
        JS_ThrowInternalError(ctx, "the runtime is closed");
        return NULL;
    }
    note_wanted(js->modules, specifier);
    /* The text of eval() and Function has this name in the engine, whoever called them: the entry's
     * folder is a better guess than the working directory. */
    if (strcmp(importer, "<input>") == 0 && js->modules->entry_path.len != 0)
        importer = mr__bytes_cstr(&js->modules->entry_path);
    if (mr__js_is_host_module(js, specifier)) {
        mr__bytes_printf(&name, MR__HOST_PREFIX "%s", specifier);
        return enter_named(js, &name, attributes);
    }
    if (!mr__resolve_import(js->modules->resolver, specifier, importer, &found, &error)) {
        mr__resolved_deinit(&found);
        return enter_unresolved(js, &error);
    }
    if (found.builtin)
        mr__bytes_str(&name, "node:");
    if (found.builtin)
        mr__bytes_str(&name, mr__bytes_cstr(&found.name));
    else
        mr__file_url_append(&name, mr__bytes_cstr(&found.name));
    if (!found.builtin)
        mr__bytes_str(&name, mr__bytes_cstr(&found.suffix));
    result = enter_named(js, &name, attributes);
    mr__resolved_deinit(&found);
    mr__resolve_error_deinit(&error);
    return result;
}

/* Called for a name that the engine has no module for yet. Below an import() nothing is on the
 * stack, so the graph is linked and evaluated here: only here its failure can be kept. */
static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque,
                                JSValueConst attributes)
{
    mr_js *js = opaque;
    mr__module_record *record =
        mr__module_records_get(&js->modules->records, name, wants_json(ctx, attributes));
    if (record == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return NULL;
    }
    return js->modules->frame == NULL ? load_root(js, record) : load_record(js, record);
}

/* ---- Life -------------------------------------------------------------------------------------*/

const mr__bytes *mr__js_source_of(mr_js *js, const char *name)
{
    struct mr__js_modules *modules = js->modules;
    size_t len = strlen(name);
    static const char suffix[] = "[stdin]", encoded[] = "%5Bstdin%5D";
    bool plain = strcmp(name, suffix) == 0;
    bool url = strncmp(name, "file:", 5) == 0 && len > sizeof(encoded) &&
               strcmp(name + len - (sizeof(encoded) - 1), encoded) == 0;
    return modules != NULL && modules->stdin_text.len != 0 && (plain || url) ? &modules->stdin_text
                                                                             : NULL;
}

int mr__js_modules_install(mr_js *js, JSValueConst global)
{
    (void)global;
    struct mr__js_modules *modules = js->modules = mr__alloc_zero(sizeof(*modules));
    if (modules != NULL) {
        modules->cache = modules->module_proto = modules->main = JS_UNDEFINED;
        modules->resolver = mr__resolver_create(mr__js_builtin_names());
    }
    if (modules == NULL || modules->resolver == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    return mr__commonjs_install(js);
}

void mr__js_modules_listen(mr_js *js)
{
    JS_SetModuleLoaderFunc2(js->rt, NULL, load_module, check_attributes, js);
    JS_SetModuleNormalizeFunc2(js->rt, normalize);
}

void mr__js_modules_destroy(mr_js *js)
{
    struct mr__js_modules *modules = js->modules;
    if (modules == NULL)
        return;
    mr__commonjs_destroy(js);
    js->modules = NULL;
    mr__module_records_deinit(js->ctx, &modules->records);
    mr__resolver_destroy(modules->resolver);
    mr__bytes_deinit(&modules->main_name);
    mr__bytes_deinit(&modules->entry_path);
    mr__bytes_deinit(&modules->stdin_text);
    mr__free(modules);
}
