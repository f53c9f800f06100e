/* CommonJS files, JSON and built-in modules as ES modules: modules of C with default and names. */
#include "js/modules.h"

#include <string.h>

#include "js/builtins.h"
#include "js/file_url.h"
#include "js/source_text.h"

enum { KEYS_MAX = 4096, REEXPORTS_MAX = 256 };

/* ---- Names ------------------------------------------------------------------------------------*/

static bool has_keys(JSValueConst value)
{
    return JS_IsObject(value) && !JS_IsArray(value) && JS_GetTypedArrayType(value) < 0;
}

/* Add the own enumerable names of an object: none of one that is a store of data by its size. */
static int add_keys(JSContext *ctx, mr__export_names *names, JSValueConst object)
{
    JSPropertyEnum *keys;
    uint32_t count;
    if (!has_keys(object))
        return 0;
    if (JS_GetOwnPropertyNames(ctx, &keys, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) <
        0)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < count && count <= KEYS_MAX && status == 0; i++) {
        size_t len;
        const char *name = JS_AtomToCStringLen(ctx, &len, keys[i].atom);
        if (name == NULL)
            status = -1;
        else if (strlen(name) == len && strcmp(name, "default") != 0)
            mr__export_names_add(names, name, len);
        JS_FreeCString(ctx, name);
    }
    JS_FreePropertyEnum(ctx, keys, count);
    return status;
}

static void add_all(mr__export_names *to, const mr__export_names *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (strcmp(from->items[i], "default") != 0)
            mr__export_names_add(to, from->items[i], strlen(from->items[i]));
    }
    to->failed = to->failed || from->failed;
}

static void find_names(mr_js *js, mr__module_record *record, const char *path,
                       mr__export_names *seen);

/* The names of a file or built-in module whose names this one hands on. */
static void find_reexports(mr_js *js, mr__module_record *record, const char *path,
                           const char *request, mr__export_names *seen)
{
    mr__resolved found = {0};
    mr__resolve_error error = {0};
    mr__bytes directory = {0};
    mr__path_dirname(&directory, path);
    if (!mr__resolve_require(js->modules->resolver, request, mr__bytes_cstr(&directory), path,
                             &found, &error)) {
        record->uncertain = true;
    } else if (found.builtin) {
        JSValue exports = mr__js_builtin(js, mr__bytes_cstr(&found.name));
        if (JS_IsException(exports) || add_keys(js->ctx, &record->names, exports) < 0)
            JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        JS_FreeValue(js->ctx, exports);
    } else {
        find_names(js, record, mr__bytes_cstr(&found.name), seen);
    }
    mr__bytes_deinit(&directory);
    mr__resolved_deinit(&found);
    mr__resolve_error_deinit(&error);
}

static void find_names(mr_js *js, mr__module_record *record, const char *path,
                       mr__export_names *seen)
{
    if (mr__export_names_has(seen, path))
        return;
    const char *ending = strrchr(path, '.');
    mr__bytes text = {0};
    if (seen->count == REEXPORTS_MAX || seen->failed ||
        (ending != NULL && (strcmp(ending, ".json") == 0 || strcmp(ending, ".node") == 0)) ||
        mr__source_read(path, &text) != 0) {
        record->uncertain = true;
        mr__bytes_deinit(&text);
        return;
    }
    mr__export_names_add(seen, path, strlen(path));
    mr__commonjs_names names = {0};
    mr__commonjs_names_find(&names, text.data, text.len);
    mr__bytes_deinit(&text);
    add_all(&record->names, &names.exports);
    record->uncertain = record->uncertain || names.uncertain;
    for (size_t i = 0; i < names.reexports.count; i++)
        find_reexports(js, record, path, names.reexports.items[i], seen);
    mr__commonjs_names_deinit(&names);
}

/* ---- Modules of C -----------------------------------------------------------------------------*/

static mr__module_record *record_of(JSContext *ctx, JSModuleDef *def)
{
    mr_js *js = mr__js_of(ctx);
    JSAtom atom = JS_GetModuleName(ctx, def);
    const char *name = JS_AtomToCString(ctx, atom);
    mr__module_record *record = NULL;
    for (int json = 0; name != NULL && js->modules != NULL && json < 2; json++) {
        mr__module_record *found = mr__module_records_find(&js->modules->records, name, json != 0);
        if (found != NULL && found->def == def)
            record = found;
    }
    JS_FreeCString(ctx, name);
    JS_FreeAtom(ctx, atom);
    if (record == NULL)
        JS_ThrowInternalError(ctx, "a module without record");
    return record;
}

/* The value of a name of exports; undefined for one that is not its own, or whose getter throws. */
static JSValue named_export(JSContext *ctx, JSValueConst exports, const char *name)
{
    if (!JS_IsObject(exports))
        return JS_UNDEFINED;
    JSAtom atom = JS_NewAtom(ctx, name);
    int own = atom == JS_ATOM_NULL ? -1 : JS_GetOwnProperty(ctx, NULL, exports, atom);
    JSValue value = own > 0 ? JS_GetProperty(ctx, exports, atom) : JS_UNDEFINED;
    JS_FreeAtom(ctx, atom);
    if (own >= 0 && !JS_IsException(value))
        return value;
    JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_UNDEFINED;
}

static int set_exports(JSContext *ctx, JSModuleDef *def, const mr__module_record *record,
                       JSValueConst exports)
{
    if (JS_SetModuleExport(ctx, def, "default", JS_DupValue(ctx, exports)) < 0)
        return -1;
    for (size_t i = 0; i < record->names.count; i++) {
        const char *name = record->names.items[i];
        if (JS_SetModuleExport(ctx, def, name, named_export(ctx, exports, name)) < 0)
            return -1;
    }
    return 0;
}

static int init_values(JSContext *ctx, JSModuleDef *def)
{
    mr__module_record *record = record_of(ctx, def);
    return record == NULL ? -1 : set_exports(ctx, def, record, record->exports);
}

static int init_error(JSContext *ctx, JSModuleDef *def)
{
    JS_Throw(ctx, JS_GetModulePrivateValue(ctx, def));
    return -1;
}

static int add_exports(JSContext *ctx, JSModuleDef *def, const mr__export_names *names, size_t from)
{
    for (size_t i = from; i < names->count; i++) {
        if (JS_AddModuleExport(ctx, def, names->items[i]) < 0)
            return -1;
    }
    return 0;
}

static JSModuleDef *new_module(mr_js *js, mr__module_record *record, JSModuleInitFunc *init)
{
    if (record->names.failed) {
        JS_ThrowOutOfMemory(js->ctx);
        return NULL;
    }
    JSModuleDef *def = JS_NewCModule(js->ctx, record->name, init);
    if (def == NULL || JS_AddModuleExport(js->ctx, def, "default") < 0 ||
        add_exports(js->ctx, def, &record->names, 0) < 0)
        return NULL;
    return def;
}

JSModuleDef *mr__module_of_exports(mr_js *js, mr__module_record *record, JSValue exports)
{
    record->exports = exports;
    if (!record->json && add_keys(js->ctx, &record->names, exports) < 0)
        return NULL;
    return new_module(js, record, init_values);
}

JSModuleDef *mr__module_of_error(mr_js *js, mr__module_record *record, JSValue error)
{
    JSModuleDef *def = JS_NewCModule(js->ctx, record->name, init_error);
    if (def == NULL)
        JS_FreeValue(js->ctx, error);
    else
        JS_SetModulePrivateValue(js->ctx, def, error);
    return def;
}

/* ---- CommonJS ---------------------------------------------------------------------------------*/

static void path_of(const mr__module_record *record, mr__bytes *path)
{
    mr__bytes ignored = {0};
    (void)mr__file_url_resolve(record->name, "/", path, &ignored);
    mr__bytes_deinit(&ignored);
}

static JSValue load_exports(mr_js *js, const mr__module_record *record)
{
    mr__bytes path = {0};
    path_of(record, &path);
    JSValue exports = mr__commonjs_load(js, mr__bytes_cstr(&path), JS_UNDEFINED);
    mr__bytes_deinit(&path);
    return exports;
}

/* Run at load: what it threw is thrown again when its turn in the order comes. */
static int run_now(mr_js *js, mr__module_record *record)
{
    record->has_run = true;
    record->exports = load_exports(js, record);
    if (JS_IsException(record->exports)) {
        record->has_thrown = true;
        record->exports = JS_GetException(js->ctx);
        if (js->modules->wanted != NULL)
            add_all(&record->names, &js->modules->wanted->names);
        return 0;
    }
    return add_keys(js->ctx, &record->names, record->exports);
}

/* Whether the importer at work asks for names that are not known yet. */
static bool lacks_names(const mr__module_record *record, const mr__wanted *wanted)
{
    if (wanted == NULL || (wanted->all && record->uncertain))
        return true;
    for (size_t i = 0; i < wanted->names.count; i++) {
        if (strcmp(wanted->names.items[i], "default") != 0 &&
            !mr__export_names_has(&record->names, wanted->names.items[i]))
            return true;
    }
    return false;
}

static int init_commonjs(JSContext *ctx, JSModuleDef *def)
{
    mr__module_record *record = record_of(ctx, def);
    if (record == NULL)
        return -1;
    if (record->has_thrown) {
        JS_Throw(ctx, JS_DupValue(ctx, record->exports));
        return -1;
    }
    JSValue exports =
        record->has_run ? JS_DupValue(ctx, record->exports) : load_exports(mr__js_of(ctx), record);
    int status = JS_IsException(exports) ? -1 : set_exports(ctx, def, record, exports);
    JS_FreeValue(ctx, exports);
    return status;
}

JSModuleDef *mr__commonjs_module(mr_js *js, mr__module_record *record)
{
    mr__bytes path = {0};
    mr__export_names seen = {0};
    path_of(record, &path);
    record->kind = MR__MODULE_COMMONJS;
    find_names(js, record, mr__bytes_cstr(&path), &seen);
    bool loaded = mr__commonjs_is_loaded(js, mr__bytes_cstr(&path));
    mr__export_names_deinit(&seen);
    mr__bytes_deinit(&path);
    if ((loaded || lacks_names(record, js->modules->wanted)) && run_now(js, record) < 0)
        return NULL;
    return new_module(js, record, init_commonjs);
}

int mr__commonjs_module_extend(mr_js *js, mr__module_record *record)
{
    size_t known = record->names.count;
    if (record->def == NULL || record->has_run || !lacks_names(record, js->modules->wanted))
        return 0;
    if (run_now(js, record) < 0 || record->names.failed)
        return -1;
    return add_exports(js->ctx, record->def, &record->names, known);
}
