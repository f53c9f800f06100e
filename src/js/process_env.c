/* process.env: an object of strings.
 *
 * An exotic object in front of a plain one. Names are strings; what is written is converted to a
 * string; symbols cannot be written. The environment of the process is copied when the object is
 * first looked at, and writes stay inside the runtime. */
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/process.h"

extern char **environ;

struct env {
    JSValue store; /* undefined until first looked at */
    JSClassID class_id;
};

static void finalize_env(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    struct env *env = JS_GetAnyOpaque(object, &class_id);
    if (env == NULL)
        return;
    JS_FreeValueRT(rt, env->store);
    mr__free(env);
}

static void mark_env(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    struct env *env = JS_GetAnyOpaque(object, &class_id);
    if (env != NULL)
        JS_MarkValue(rt, env->store, mark);
}

static int copy_variable(JSContext *ctx, JSValueConst store, const char *variable)
{
    const char *equals = strchr(variable, '=');
    if (equals == NULL || equals == variable)
        return 0;
    JSAtom name = JS_NewAtomLen(ctx, variable, (size_t)(equals - variable));
    if (name == JS_ATOM_NULL)
        return -1;
    int done =
        JS_DefinePropertyValue(ctx, store, name, JS_NewString(ctx, equals + 1), JS_PROP_C_W_E);
    JS_FreeAtom(ctx, name);
    return done;
}

/* The plain object behind, borrowed; undefined when memory is short. */
static JSValueConst store_of(JSContext *ctx, JSValueConst object)
{
    JSClassID class_id;
    struct env *env = JS_GetAnyOpaque(object, &class_id);
    if (!JS_IsUndefined(env->store))
        return env->store;
    JSValue store = JS_NewObjectProto(ctx, JS_NULL);
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
        if (JS_IsException(store) || copy_variable(ctx, store, *variable) < 0) {
            JS_FreeValue(ctx, store);
            return JS_EXCEPTION;
        }
    }
    env->store = store;
    return env->store;
}

static int env_get_own(JSContext *ctx, JSPropertyDescriptor *desc, JSValueConst object, JSAtom name)
{
    JSValueConst store = store_of(ctx, object);
    return JS_IsException(store) ? -1 : JS_GetOwnProperty(ctx, desc, store, name);
}

static int env_names(JSContext *ctx, JSPropertyEnum **names, uint32_t *count, JSValueConst object)
{
    JSValueConst store = store_of(ctx, object);
    return JS_IsException(store)
               ? -1
               : JS_GetOwnPropertyNames(ctx, names, count, store, JS_GPN_STRING_MASK);
}

static int env_delete(JSContext *ctx, JSValueConst object, JSAtom name)
{
    JSValueConst store = store_of(ctx, object);
    return JS_IsException(store) ? -1 : JS_DeleteProperty(ctx, store, name, 0);
}

static int put(JSContext *ctx, JSValueConst store, JSAtom name, JSValueConst value)
{
    JSValue key = JS_AtomToValue(ctx, name);
    bool symbol = JS_IsSymbol(key);
    JS_FreeValue(ctx, key);
    if (symbol) {
        JS_ThrowTypeError(ctx, "Cannot convert a Symbol value to a string");
        return -1;
    }
    JSValue text = JS_ToString(ctx, value);
    if (JS_IsException(text))
        return -1;
    return JS_DefinePropertyValue(ctx, store, name, text, JS_PROP_C_W_E);
}

static int env_set(JSContext *ctx, JSValueConst object, JSAtom name, JSValueConst value,
                   JSValueConst receiver, int flags)
{
    (void)receiver, (void)flags;
    JSValueConst store = store_of(ctx, object);
    return JS_IsException(store) ? -1 : put(ctx, store, name, value);
}

static int env_define(JSContext *ctx, JSValueConst object, JSAtom name, JSValueConst value,
                      JSValueConst getter, JSValueConst setter, int flags)
{
    (void)getter, (void)setter;
    const int all = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_ENUMERABLE;
    JSValueConst store = store_of(ctx, object);
    if (JS_IsException(store))
        return -1;
    if ((flags & (JS_PROP_HAS_GET | JS_PROP_HAS_SET)) != 0) {
        mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_OBJECT_DEFINE_PROPERTY",
                          "'process.env' does not accept an accessor(getter/setter) descriptor");
        return -1;
    }
    if ((flags & all) != all) {
        mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_OBJECT_DEFINE_PROPERTY",
                          "'process.env' only accepts a configurable, writable, and enumerable "
                          "data descriptor");
        return -1;
    }
    return put(ctx, store, name, value);
}

static JSClassExoticMethods env_methods = {
    .get_own_property = env_get_own,
    .get_own_property_names = env_names,
    .delete_property = env_delete,
    .define_own_property = env_define,
    .set_property = env_set,
};

JSValue mr__js_new_env(mr_js *js)
{
    const JSClassDef def = {
        .class_name = "Object",
        .finalizer = finalize_env,
        .gc_mark = mark_env,
        .exotic = &env_methods,
    };
    struct env *env = mr__alloc_zero(sizeof(*env));
    if (env == NULL)
        return JS_ThrowOutOfMemory(js->ctx);
    env->store = JS_UNDEFINED;
    JS_NewClassID(js->rt, &env->class_id);
    JSValue plain = JS_NewObject(js->ctx);
    JSValue proto = JS_GetPrototype(js->ctx, plain);
    JS_FreeValue(js->ctx, plain);
    JSValue object = JS_NewClass(js->rt, env->class_id, &def) < 0
                         ? JS_ThrowOutOfMemory(js->ctx)
                         : JS_NewObjectProtoClass(js->ctx, proto, env->class_id);
    JS_FreeValue(js->ctx, proto);
    if (JS_IsException(object)) {
        mr__free(env);
        return object;
    }
    JS_SetOpaque(object, env);
    return object;
}
