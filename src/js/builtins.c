/* The JavaScript library: evaluated from bytecode at first use, one result per file and runtime.
 *
 * A library file is a function body that returns its exports. While it runs, asking for it again is
 * a cycle among our own files: an error, since there is nothing to hand out yet. */
#include "js/builtins.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "js/primordials.h"

enum state { UNTOUCHED, RUNNING, DONE };

struct entry {
    enum state state;
    JSValue exports;
};

static const mr__js_binding bindings[] = {
    {"buffer", mr__js_binding_buffer},   {"events", mr__js_binding_events},
    {"fs", mr__js_binding_fs},           {"modules", mr__js_binding_modules},
    {"object", mr__js_binding_object},   {"os", mr__js_binding_os},
    {"process", mr__js_binding_process}, {"timers", mr__js_binding_timers},
    {"url", mr__js_binding_url},         {"util", mr__js_binding_util},
    {"webapi", mr__js_binding_webapi},
};
enum { BINDING_COUNT = sizeof(bindings) / sizeof(bindings[0]) };

static const char *const error_classes[] = {"Error", "TypeError", "RangeError", "SyntaxError"};
enum { ERROR_CLASS_COUNT = sizeof(error_classes) / sizeof(error_classes[0]) };

struct mr__js_builtins {
    struct entry *entries; /* parallel to mr__builtin_sources */
    JSValue primordials, binding, require;
    JSValue namespaces[BINDING_COUNT];
    JSValue error_protos[ERROR_CLASS_COUNT];
};

/* ---- Names ------------------------------------------------------------------------------------*/

static int compare(const void *name, const void *source)
{
    return strcmp(name, ((const struct mr__builtin_source *)source)->name);
}

static size_t find_source(const char *name)
{
    const struct mr__builtin_source *found =
        bsearch(name, mr__builtin_sources, mr__builtin_source_count, sizeof *found, compare);
    return found == NULL ? mr__builtin_source_count : (size_t)(found - mr__builtin_sources);
}

bool mr__js_builtin_is_public(const char *name)
{
    return strncmp(name, "internal/", 9) != 0 && find_source(name) != mr__builtin_source_count;
}

const char *const *mr__js_builtin_names(void)
{
    return mr__builtin_public_names;
}

/* ---- Running a file ---------------------------------------------------------------------------*/

/* The file's function called with the three arguments: its exports. */
static JSValue run_source(mr_js *js, const struct mr__builtin_source *source)
{
    struct mr__js_builtins *builtins = js->builtins;
    JSValue code = JS_ReadObject(js->ctx, source->data, source->len, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(code))
        return code;
    JSValue function = JS_EvalFunction(js->ctx, code);
    if (JS_IsException(function))
        return function;
    JSValueConst args[] = {builtins->primordials, builtins->binding, builtins->require};
    JSValue exports = JS_Call(js->ctx, function, JS_UNDEFINED, 3, args);
    JS_FreeValue(js->ctx, function);
    return exports;
}

JSValue mr__js_builtin(mr_js *js, const char *name)
{
    size_t index = find_source(name);
    if (index == mr__builtin_source_count)
        return JS_ThrowInternalError(js->ctx, "no built-in file '%s'", name);
    struct entry *entry = &js->builtins->entries[index];
    if (entry->state == RUNNING)
        return JS_ThrowInternalError(js->ctx, "built-in file '%s' needs itself", name);
    if (entry->state == UNTOUCHED) {
        entry->state = RUNNING;
        JSValue exports = run_source(js, &mr__builtin_sources[index]);
        entry->state = JS_IsException(exports) ? UNTOUCHED : DONE;
        if (JS_IsException(exports))
            return exports;
        entry->exports = exports;
    }
    return JS_DupValue(js->ctx, entry->exports);
}

static JSValue require_builtin(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    const char *name = argc < 1 ? NULL : JS_ToCString(ctx, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    JSValue exports = mr__js_builtin(mr__js_of(ctx), name);
    JS_FreeCString(ctx, name);
    return exports;
}

/* The native namespace of the table's row, made at its first use. */
static JSValue namespace_of(mr_js *js, size_t row)
{
    JSValue *slot = &js->builtins->namespaces[row];
    if (JS_IsUndefined(*slot)) {
        JSValue target = JS_NewObjectProto(js->ctx, JS_NULL);
        if (JS_IsException(target))
            return target;
        if (bindings[row].init(js, target) < 0) {
            JS_FreeValue(js->ctx, target);
            return JS_EXCEPTION;
        }
        *slot = target;
    }
    return JS_DupValue(js->ctx, *slot);
}

static JSValue get_binding(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    const char *name = argc < 1 ? NULL : JS_ToCString(ctx, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    size_t row = 0;
    while (row < BINDING_COUNT && strcmp(bindings[row].name, name) != 0)
        row++;
    JSValue result = row == BINDING_COUNT ? JS_ThrowInternalError(ctx, "no native part '%s'", name)
                                          : namespace_of(mr__js_of(ctx), row);
    JS_FreeCString(ctx, name);
    return result;
}

/* ---- Coded errors -----------------------------------------------------------------------------*/

/* "Class [CODE]: message", as the errors of Node.js answer String(error). */
static JSValue coded_to_string(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    static const char *const names[] = {"name", "code", "message"};
    const char *parts[3] = {NULL, NULL, NULL};
    (void)argc;
    (void)argv;
    JSValue result = JS_EXCEPTION;
    size_t have = 0;
    for (; have < 3; have++) {
        JSValue value = JS_GetPropertyStr(ctx, this_val, names[have]);
        parts[have] = JS_IsException(value) ? NULL : JS_ToCString(ctx, value);
        JS_FreeValue(ctx, value);
        if (parts[have] == NULL)
            break;
    }
    if (have == 3) {
        mr__bytes text = {0};
        mr__bytes_printf(&text, "%s [%s]: %s", parts[0], parts[1], parts[2]);
        result = text.failed ? JS_ThrowOutOfMemory(ctx) : JS_NewStringLen(ctx, text.data, text.len);
        mr__bytes_deinit(&text);
    }
    for (size_t i = 0; i < 3; i++)
        JS_FreeCString(ctx, parts[i]);
    return result;
}

/* An object between coded errors of a class and the intrinsic prototype of that class: it has the
 * toString and, unlike a prototype that a script may make, no constructor. */
static JSValue make_error_proto(JSContext *ctx, JSValueConst global, const char *js_class)
{
    JSValue constructor = JS_GetPropertyStr(ctx, global, js_class);
    JSValue base = JS_GetPropertyStr(ctx, constructor, "prototype");
    JSValue proto = JS_NewObjectProto(ctx, base);
    JSValue to_string = JS_NewCFunction(ctx, coded_to_string, "toString", 0);
    JS_FreeValue(ctx, base);
    JS_FreeValue(ctx, constructor);
    if (JS_IsException(proto) || JS_IsException(to_string)) {
        JS_FreeValue(ctx, to_string);
    } else if (JS_DefinePropertyValueStr(ctx, proto, "toString", to_string,
                                         JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0) {
        return proto;
    }
    JS_FreeValue(ctx, proto);
    return JS_EXCEPTION;
}

int mr__js_builtins_brand_error(mr_js *js, JSValueConst error, const char *js_class)
{
    if (js == NULL || js->builtins == NULL)
        return 0;
    size_t row = ERROR_CLASS_COUNT - 1;
    while (row > 0 && strcmp(error_classes[row], js_class) != 0)
        row--;
    JSValueConst proto = js->builtins->error_protos[row];
    return JS_IsObject(proto) && JS_SetPrototype(js->ctx, error, proto) < 0 ? -1 : 0;
}

/* ---- Life -------------------------------------------------------------------------------------*/

static struct mr__js_builtins *make_state(void)
{
    struct mr__js_builtins *builtins = mr__alloc_zero(sizeof(*builtins));
    if (builtins == NULL)
        return NULL;
    builtins->entries = mr__alloc_zero((mr__builtin_source_count + 1) * sizeof(*builtins->entries));
    if (builtins->entries == NULL) {
        mr__free(builtins);
        return NULL;
    }
    for (size_t i = 0; i < mr__builtin_source_count; i++)
        builtins->entries[i].exports = JS_UNDEFINED;
    for (size_t i = 0; i < BINDING_COUNT; i++)
        builtins->namespaces[i] = JS_UNDEFINED;
    for (size_t i = 0; i < ERROR_CLASS_COUNT; i++)
        builtins->error_protos[i] = JS_UNDEFINED;
    builtins->primordials = builtins->binding = builtins->require = JS_UNDEFINED;
    return builtins;
}

/* The primordials are taken before any script runs, whatever is loaded first. */
int mr__js_builtins_install(mr_js *js, JSValueConst global)
{
    JSContext *ctx = js->ctx;
    struct mr__js_builtins *builtins = js->builtins = make_state();
    if (builtins == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    builtins->binding = JS_NewCFunction(ctx, get_binding, "binding", 1);
    builtins->require = JS_NewCFunction(ctx, require_builtin, "require", 1);
    for (size_t i = 0; i < ERROR_CLASS_COUNT; i++) {
        builtins->error_protos[i] = make_error_proto(ctx, global, error_classes[i]);
        if (JS_IsException(builtins->error_protos[i]))
            return -1;
    }
    if (JS_IsException(builtins->binding) || JS_IsException(builtins->require))
        return -1;
    if (mr__js_primordials_install(js) < 0)
        return -1;
    builtins->primordials = mr__js_primordials_object(js);
    return JS_IsException(builtins->primordials) ? -1 : 0;
}

void mr__js_builtins_destroy(mr_js *js)
{
    struct mr__js_builtins *builtins = js->builtins;
    if (builtins == NULL)
        return;
    js->builtins = NULL;
    for (size_t i = 0; i < mr__builtin_source_count; i++)
        JS_FreeValue(js->ctx, builtins->entries[i].exports);
    for (size_t i = 0; i < BINDING_COUNT; i++)
        JS_FreeValue(js->ctx, builtins->namespaces[i]);
    for (size_t i = 0; i < ERROR_CLASS_COUNT; i++)
        JS_FreeValue(js->ctx, builtins->error_protos[i]);
    JS_FreeValue(js->ctx, builtins->primordials);
    mr__js_primordials_destroy(js);
    JS_FreeValue(js->ctx, builtins->binding);
    JS_FreeValue(js->ctx, builtins->require);
    mr__free(builtins->entries);
    mr__free(builtins);
}
