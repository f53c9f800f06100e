#include "js/host_modules.h"

#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/value.h"

enum state { UNTOUCHED, RUNNING, DONE, FAILED };

struct mr__js_host_module {
    struct mr__js_host_module *next;
    mr_js_module_fn *init;
    void *arg;
    enum state state;
    JSValue exports; /* FAILED: what is thrown */
    char name[];
};

static struct mr__js_host_module *find(const mr_js *js, const char *name)
{
    struct mr__js_host_module *at = js->host_modules;
    while (at != NULL && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

bool mr__js_is_host_module(const mr_js *js, const char *name)
{
    return find(js, name) != NULL;
}

/* ---- The first use ----------------------------------------------------------------------------*/

static mr_status call_init(mr_js *js, struct mr__js_host_module *module)
{
    mr_js_value *handle = mr__js_value_new(js, JS_DupValue(js->ctx, module->exports));
    if (handle == NULL)
        return MR_ENOMEM;
    mr_status status = module->init(js, handle, module->arg);
    mr_js_value_unref(handle);
    return status;
}

static JSValue fail(mr_js *js, struct mr__js_host_module *module, mr_status status)
{
    JS_FreeValue(js->ctx, module->exports);
    (void)mr__js_throw_status(js, status);
    module->exports = JS_GetException(js->ctx);
    module->state = FAILED;
    return JS_Throw(js->ctx, JS_DupValue(js->ctx, module->exports));
}

JSValue mr__js_host_exports(mr_js *js, const char *name)
{
    struct mr__js_host_module *module = find(js, name);
    if (module->state == FAILED)
        return JS_Throw(js->ctx, JS_DupValue(js->ctx, module->exports));
    if (module->state == UNTOUCHED) {
        JSValue exports = JS_NewObject(js->ctx);
        if (JS_IsException(exports))
            return exports;
        module->exports = exports;
        module->state = RUNNING; /* who asks meanwhile gets what is there, as from CommonJS */
        mr__js_enter(js);
        mr_status status = call_init(js, module);
        mr__js_leave(js);
        if (js->gone)
            return mr__js_throw_exit(js);
        if (status != MR_OK)
            return fail(js, module, status);
        module->state = DONE;
    }
    return JS_DupValue(js->ctx, module->exports);
}

/* ---- Registering ------------------------------------------------------------------------------*/

/* A bare name: no path, none that the runtime or URLs have taken. */
static bool is_bare(const char *name)
{
    static const char *const taken[] = {
        "node:", "file:", "data:", "http:", "https:", MR__HOST_PREFIX};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strncmp(name, taken[i], strlen(taken[i])) == 0)
            return false;
    }
    return name[0] != '\0' && strchr("./#", name[0]) == NULL && strlen(name) <= 255;
}

mr_status mr_js_module_add(mr_js *js, const char *name, mr_js_module_fn *init, void *arg)
{
    mr_status status = mr__js_check_making(js);
    if (status != MR_OK)
        return status;
    if (name == NULL || init == NULL || !is_bare(name))
        return MR_EINVAL;
    if (find(js, name) != NULL)
        return MR_EEXIST;
    size_t size = strlen(name) + 1;
    struct mr__js_host_module *module = mr__alloc(sizeof *module + size);
    if (module == NULL)
        return MR_ENOMEM;
    *module = (struct mr__js_host_module){js->host_modules, init, arg, UNTOUCHED, JS_UNDEFINED};
    memcpy(module->name, name, size);
    js->host_modules = module;
    return MR_OK;
}

void mr__js_host_modules_destroy(mr_js *js)
{
    while (js->host_modules != NULL) {
        struct mr__js_host_module *module = js->host_modules;
        js->host_modules = module->next;
        JS_FreeValue(js->ctx, module->exports);
        mr__free(module);
    }
}
