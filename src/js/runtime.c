/* A runtime's life: made on a loop, stopped, destroyed. */
#include "js/gate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "js/inspect.h"
#include "js/simulation.h"
#include "js/value.h"
#include "js/webapi.h"
#include "loop/extend.h"

/* No collection before a runtime holds this much: its own start would cause one. */
enum { FIRST_COLLECTION = 1024 * 1024 };
enum { DEFAULT_STACK = 1024 * 1024, STACK_RESERVE = 256 * 1024, SMALLEST_STACK = 64 * 1024 };

mr_js *mr__js_of(JSContext *ctx)
{
    return JS_GetRuntimeOpaque(JS_GetRuntime(ctx));
}

/* ---- Options ----------------------------------------------------------------------------------*/

static char *copy_str(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mr__alloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

static void free_list(const char *const *list, int count)
{
    for (int i = 0; list != NULL && i < count; i++)
        mr__free((void *)(uintptr_t)list[i]);
    mr__free((void *)(uintptr_t)list);
}

/* A copy of a list of strings; NULL for an empty one. */
static bool copy_list(const char *const *list, int count, const char *const **out_list)
{
    *out_list = NULL;
    if (count == 0)
        return true;
    const char **copy = mr__alloc_zero((size_t)count * sizeof(*copy));
    for (int i = 0; copy != NULL && i < count; i++) {
        copy[i] = copy_str(list[i]);
        if (copy[i] == NULL) {
            free_list(copy, count);
            return false;
        }
    }
    *out_list = copy;
    return copy != NULL;
}

static bool copy_options(mr_js *js, const mr_js_options *options)
{
    js->options = (mr_js_options){.size_bytes = sizeof(mr_js_options)};
    if (options == NULL)
        return true;
    js->options = *options;
    js->options.argv = NULL;
    js->options.exec_argv = NULL;
    js->options.argv0 = NULL;
    const char *argv0 = options->argv0;
    if (argv0 == NULL && options->argc > 0)
        argv0 = options->argv[0];
    return copy_list(options->argv, options->argc, &js->options.argv) &&
           copy_list(options->exec_argv, options->exec_argc, &js->options.exec_argv) &&
           (argv0 == NULL || (js->options.argv0 = copy_str(argv0)) != NULL);
}

static bool options_valid(const mr_js_options *options)
{
    return options == NULL ||
           (options->size_bytes == sizeof(mr_js_options) && options->argc >= 0 &&
            options->exec_argc >= 0 && (options->argc == 0 || options->argv != NULL) &&
            (options->exec_argc == 0 || options->exec_argv != NULL) &&
            (unsigned)options->rejections <= MR_JS_REJECTIONS_NONE);
}

/* ---- The engine -------------------------------------------------------------------------------*/

/* The engine ends what runs once this is not zero; it stays so once the gate is shut. */
static int interrupted(JSRuntime *rt, void *opaque)
{
    (void)rt;
    const mr_js *js = opaque;
    return js->gone;
}

static size_t stack_size(const mr_js_options *options)
{
    size_t size = options->stack_bytes ? options->stack_bytes : DEFAULT_STACK;
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < size + STACK_RESERVE) {
        size = limit.rlim_cur > STACK_RESERVE + SMALLEST_STACK ? limit.rlim_cur - STACK_RESERVE
                                                               : SMALLEST_STACK;
    }
    return size;
}

/* The engine's own performance, atob, btoa and DOMException are left out: they are not exact. */
static int add_intrinsics(JSContext *ctx)
{
    return JS_AddIntrinsicBaseObjects(ctx) || JS_AddIntrinsicDate(ctx) ||
                   JS_AddIntrinsicEval(ctx) || JS_AddIntrinsicRegExp(ctx) ||
                   JS_AddIntrinsicJSON(ctx) || JS_AddIntrinsicProxy(ctx) ||
                   JS_AddIntrinsicMapSet(ctx) || JS_AddIntrinsicTypedArrays(ctx) ||
                   JS_AddIntrinsicPromise(ctx) || JS_AddIntrinsicWeakRef(ctx)
               ? -1
               : 0;
}

static bool make_engine(mr_js *js)
{
    js->rt = JS_NewRuntime();
    if (js->rt == NULL)
        return false;
    JS_SetRuntimeOpaque(js->rt, js);
#ifdef MR_TEST
    JS_SetDumpFlags(js->rt, JS_DUMP_LEAKS | JS_DUMP_ATOM_LEAKS);
#endif
    JS_SetMaxStackSize(js->rt, stack_size(&js->options));
    JS_SetGCThreshold(js->rt, FIRST_COLLECTION);
    JS_SetCanBlock(js->rt, false);
    JS_SetInterruptHandler(js->rt, interrupted, js);
    js->ctx = JS_NewContextRaw(js->rt);
    mr__js_share_memory(js);
    return js->ctx != NULL && add_intrinsics(js->ctx) == 0;
}

/* The simulated Date comes first: what is installed after it keeps what it finds. */
static int install_families(mr_js *js, JSValueConst global)
{
    if (mr__js_simulation_install(js, global) < 0 || mr__js_builtins_install(js, global) < 0 ||
        mr__js_dom_exception_install(js, global) < 0 || mr__js_webapi_install(js, global) < 0 ||
        mr__js_jobs_install(js, global) < 0 || mr__js_timers_install(js, global) < 0 ||
        mr__js_process_install(js, global) < 0 || mr__js_console_install(js, global) < 0 ||
        mr__js_modules_install(js, global) < 0 || mr__js_fs_install(js, global) < 0 ||
        mr__js_buffer_install(js, global) < 0 || mr__js_bridge_install(js) < 0 ||
        mr__inspect_install(js, global) < 0)
        return -1;
    return JS_DefinePropertyValueStr(js->ctx, global, "global", JS_DupValue(js->ctx, global),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

static int install(mr_js *js)
{
    mr__js_enter(js);
    JSValue global = JS_GetGlobalObject(js->ctx);
    int failed = install_families(js, global);
    JS_FreeValue(js->ctx, global);
    mr__js_leave(js);
    /* Only now: the engine's own start does not survive every failed allocation. */
    if (js->options.memory_limit_bytes != 0)
        JS_SetMemoryLimit(js->rt, js->options.memory_limit_bytes);
    return failed;
}

/* ---- Creation and destruction -----------------------------------------------------------------*/

static void free_context(mr_js *js)
{
    mr__js_bridge_destroy(js);
    mr__js_fs_destroy(js);
    mr__js_buffer_destroy(js);
    mr__js_modules_destroy(js);
    mr__js_console_destroy(js);
    mr__js_process_destroy(js);
    mr__js_timers_destroy(js);
    mr__js_jobs_destroy(js);
    mr__js_dom_exception_destroy(js);
    mr__js_webapi_destroy(js);
    mr__inspect_unregister(js);
    mr__js_values_empty(js);
    JS_FreeValue(js->ctx, js->entry);
    JS_FreeValue(js->ctx, js->failure);
    JS_FreeValue(js->ctx, js->performance);
    mr__js_builtins_destroy(js);
    mr__js_simulation_destroy(js);
    JS_FreeContext(js->ctx);
}

static void free_js(mr_js *js)
{
    js->gone = true;
    if (js->ctx != NULL)
        free_context(js);
    if (js->rt != NULL)
        JS_FreeRuntime(js->rt);
    mr__js_bridge_free(js);
    mr__bytes_deinit(&js->failure_text);
    mr__bytes_deinit(&js->eval_name);
    mr__bytes_deinit(&js->eval_source);
    free_list(js->options.argv, js->options.argc);
    free_list(js->options.exec_argv, js->options.exec_argc);
    mr__free((void *)(uintptr_t)js->options.argv0);
    mr_loop_unref(js->loop);
    mr__free(js);
}

static mr_js *new_js(mr_loop *loop, const mr_js_options *options)
{
    mr_js *js = mr__alloc_zero(sizeof(*js));
    if (js == NULL)
        return NULL;
    js->loop = mr_loop_ref(loop);
    js->entry = js->failure = js->performance = JS_UNDEFINED;
    js->dom.constructor = js->dom.prototype = js->dom.create = js->dom.fields = JS_UNDEFINED;
    js->created_ns = mr__loop_clock(loop);
    js->time_origin_ms = mr__js_wall_ms(js);
    if (!copy_options(js, options) || !make_engine(js) || install(js) < 0) {
        free_js(js);
        return NULL;
    }
    return js;
}

mr_status mr_js_create(mr_loop *loop, const mr_js_options *options, mr_js **out_js)
{
    if (loop == NULL || out_js == NULL || !options_valid(options))
        return MR_EINVAL;
    if (!mr__loop_is_owner(loop))
        return MR_EWRONGTHREAD;
    if (mr_loop_state(loop) >= MR_STATE_STOPPING)
        return MR_ECLOSED;
    mr_status claimed = mr__loop_claim_runtime(loop, loop);
    if (claimed != MR_OK)
        return claimed;
    mr_js *js = new_js(loop, options);
    if (js == NULL) {
        mr__loop_release_runtime(loop);
        return MR_ENOMEM;
    }
    *out_js = js;
    return MR_OK;
}

mr_status mr_js_destroy(mr_js *js)
{
    if (js == NULL)
        return MR_OK;
    if (!mr__loop_is_owner(js->loop))
        return MR_EWRONGTHREAD;
    if (js->depth != 0)
        return MR_EREENTRANT;
    js->gone = true;
    mr__loop_release_runtime(js->loop);
    free_js(js);
    return MR_OK;
}

void mr__js_stop(mr_js *js)
{
    js->gone = true;
    mr__js_timers_stop(js);
    mr__js_stdin_stop(js);
}

bool mr_js_exited(const mr_js *js, int *out_status)
{
    if (js == NULL || !js->gone || !js->exiting)
        return false;
    if (out_status != NULL)
        *out_status = js->exit_code & 0xff;
    return true;
}

/* QJS_VERSION_MAJOR and its kin are numbers of the headers; the library that runs says its own. */
const char *mr_js_engine_version(void)
{
    return JS_GetVersion();
}
