/* Installation as a transaction.
 *
 * The families define their names on an object of their own, the stage, whose prototype is the global
 * object. Only when all of that has worked is the global object looked at, and changed property by
 * property, each remembered first. So a global object that does not take a name keeps all it had. */
#include "js/install.h"

#include <string.h>

#include "base/memory.h"
#include "js/simulation.h"

/* A name that is being installed, and what the global object had there. */
struct change {
    JSAtom name;
    bool there; /* before: property says what */
    JSPropertyDescriptor before;
};

struct transaction {
    mr_js *js;
    JSValue global, stage;
    JSPropertyEnum *names; /* of the stage, in the order of their definition */
    uint32_t count, done;
    struct change *changes;
};

static void free_property(JSContext *ctx, const JSPropertyDescriptor *property)
{
    JS_FreeValue(ctx, property->value);
    JS_FreeValue(ctx, property->getter);
    JS_FreeValue(ctx, property->setter);
}

static int define(JSContext *ctx, JSValueConst object, JSAtom name,
                  const JSPropertyDescriptor *property)
{
    const int has = property->flags & JS_PROP_GETSET ? JS_PROP_HAS_GET | JS_PROP_HAS_SET
                                                     : JS_PROP_HAS_VALUE | JS_PROP_HAS_WRITABLE;
    const int flags = (property->flags & (JS_PROP_C_W_E | JS_PROP_GETSET)) | has |
                      JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_ENUMERABLE | JS_PROP_THROW;
    return JS_DefineProperty(ctx, object, name, property->value, property->getter, property->setter,
                             flags);
}

/* ---- Preflight --------------------------------------------------------------------------------*/

static int refuse(JSContext *ctx, JSAtom name, const char *why)
{
    const char *text = JS_AtomToCString(ctx, name);
    JS_ThrowTypeError(ctx, "the global object's property '%s' %s", text ? text : "", why);
    JS_FreeCString(ctx, text);
    return -1;
}

static int preflight_global(const struct transaction *t)
{
    JSContext *ctx = t->js->ctx;
    int extensible = JS_IsProxy(t->global) ? 0 : JS_IsExtensible(ctx, t->global);
    if (extensible == 0)
        JS_ThrowTypeError(ctx, JS_IsProxy(t->global) ? "the global object is a proxy"
                                                     : "the global object is not extensible");
    return extensible > 0 ? 0 : -1;
}

/* Whether the property may be replaced. One that cannot even be read is not: its exception stands. */
static int preflight_name(struct transaction *t, JSAtom name, struct change *change)
{
    JSContext *ctx = t->js->ctx;
    *change = (struct change){.name = name};
    int there = JS_GetOwnProperty(ctx, &change->before, t->global, name);
    if (there <= 0)
        return there;
    change->there = true;
    if (!(change->before.flags & JS_PROP_CONFIGURABLE))
        return refuse(ctx, name, "is not configurable");
    if (!(change->before.flags & JS_PROP_GETSET))
        return 0;
    JSValue value = JS_GetProperty(ctx, t->global, name);
    JS_FreeValue(ctx, value);
    return JS_IsException(value) ? -1 : 0;
}

static int preflight(struct transaction *t)
{
    JSContext *ctx = t->js->ctx;
    if (preflight_global(t) < 0 ||
        JS_GetOwnPropertyNames(ctx, &t->names, &t->count, t->stage,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK) < 0)
        return -1;
    t->changes = mr__alloc_zero((t->count + 1) * sizeof *t->changes);
    if (t->changes == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (preflight_name(t, t->names[i].atom, &t->changes[i]) < 0)
            return -1;
    }
    return 0;
}

/* ---- Define, undo -----------------------------------------------------------------------------*/

static int define_all(struct transaction *t)
{
    JSContext *ctx = t->js->ctx;
    for (; t->done < t->count; t->done++) {
        JSPropertyDescriptor property;
        JSAtom name = t->names[t->done].atom;
        int there = JS_GetOwnProperty(ctx, &property, t->stage, name);
        if (there < 0)
            return -1;
        int failed = there == 0 ? 0 : define(ctx, t->global, name, &property);
        if (there > 0)
            free_property(ctx, &property);
        if (failed < 0)
            return -1;
    }
    return 0;
}

/* In reverse, with the failure kept. A property that was ours and configurable can be deleted, one that
 * was replaced be defined as before, without memory for more than there was. */
static void undo(struct transaction *t)
{
    JSContext *ctx = t->js->ctx;
    while (t->done > 0) {
        const struct change *change = &t->changes[--t->done];
        int failed = change->there ? define(ctx, t->global, change->name, &change->before)
                                   : JS_DeleteProperty(ctx, t->global, change->name, 0);
        if (failed < 0)
            JS_FreeValue(ctx, JS_GetException(ctx));
    }
}

static void end(struct transaction *t)
{
    JSContext *ctx = t->js->ctx;
    for (uint32_t i = 0; t->changes != NULL && i < t->count; i++) {
        if (t->changes[i].there)
            free_property(ctx, &t->changes[i].before);
    }
    mr__free(t->changes);
    if (t->names != NULL)
        JS_FreePropertyEnum(ctx, t->names, t->count);
    JS_FreeValue(ctx, t->stage);
    JS_FreeValue(ctx, t->global);
}

/* A simulation changes built-ins themselves; all the others must find them so. */
int mr__js_install_globals(mr_js *js, int (*families)(mr_js *js, JSValueConst global),
                           bool (*join)(mr_js *js))
{
    JSContext *ctx = js->ctx;
    struct transaction t = {.js = js, .global = JS_GetGlobalObject(ctx)};
    JS_SetRuntimeOpaque(js->rt, js);
    t.stage = JS_NewObjectProto(ctx, t.global);
    int failed = JS_IsException(t.stage) || mr__js_simulation_install(js, t.global) < 0 ||
                 families(js, t.stage) < 0 || preflight(&t) < 0 || define_all(&t) < 0;
    if (!failed && !join(js)) {
        failed = true;
        JS_ThrowOutOfMemory(ctx);
    }
    if (failed) {
        JSValue cause = JS_GetException(ctx);
        undo(&t);
        mr__js_simulation_undo(js, t.global);
        JS_Throw(ctx, cause);
    }
    end(&t);
    return failed ? -1 : 0;
}

/* ---- Out of memory ----------------------------------------------------------------------------*/

static bool says_out_of_memory(JSContext *ctx, JSValueConst error)
{
    JSPropertyDescriptor message;
    JSAtom name = JS_NewAtom(ctx, "message");
    int there = JS_GetOwnProperty(ctx, &message, error, name);
    JS_FreeAtom(ctx, name);
    if (there <= 0)
        return there < 0;
    const char *text = JS_IsString(message.value) ? JS_ToCString(ctx, message.value) : NULL;
    bool says = text != NULL && strcmp(text, "out of memory") == 0;
    JS_FreeCString(ctx, text);
    free_property(ctx, &message);
    return says;
}

bool mr__js_is_out_of_memory(JSContext *ctx, JSValueConst thrown)
{
    if (JS_IsUninitialized(thrown) || JS_IsNull(thrown))
        return true;
    if (!JS_IsError(thrown) || JS_IsProxy(thrown))
        return false;
    /* The class by its prototype: the engine's InternalError. */
    JSValue model = JS_NewInternalError(ctx, "%s", "");
    JSValue expected = JS_IsException(model) ? JS_NULL : JS_GetPrototype(ctx, model);
    JSValue actual = JS_GetPrototype(ctx, thrown);
    bool same = JS_IsStrictEqual(ctx, expected, actual);
    JS_FreeValue(ctx, expected);
    JS_FreeValue(ctx, actual);
    JS_FreeValue(ctx, model);
    return same && says_out_of_memory(ctx, thrown);
}
