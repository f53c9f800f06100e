/* A runtime's life: made on a loop, stopped, destroyed. */
#include "js/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/embed_life.h"
#include "js/host_modules.h"
#include "js/inspect.h"
#include "js/install.h"
#include "js/jobs.h"
#include "js/modules.h"
#include "js/promise_trace.h"
#include "js/rejections.h"
#include "js/simulation.h"
#include "js/value.h"
#include "js/value_cache.h"
#include "js/webapi.h"
#include "loop/extend.h"

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
    js->options = (mr_js_options)MR_JS_OPTIONS_INIT;
    if (options == NULL)
        return true;
    js->options = *options;
    if (options->hooks != NULL)
        js->hooks = *options->hooks;
    js->options.hooks = NULL;
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
            (options->hooks == NULL || options->hooks->size_bytes == sizeof(mr_js_hooks)) &&
            options->cache_entries <= MR__CACHE_MOST &&
            (unsigned)options->rejections <= MR_JS_REJECTIONS_NONE);
}

/* ---- The engine -------------------------------------------------------------------------------*/

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

#ifdef MR_TEST
#ifdef JS_ABORT_ON_LEAKS /* else they are only dumped */
enum { LEAK_FLAGS = JS_ABORT_ON_LEAKS | JS_DUMP_ATOM_LEAKS };
#else
enum { LEAK_FLAGS = JS_DUMP_LEAKS | JS_DUMP_ATOM_LEAKS };
#endif
#endif

static bool make_engine(mr_js *js)
{
    js->rt = mr__js_heap_engine(&js->heap);
    if (js->rt == NULL)
        return false;
#ifdef MR_TEST
    JS_SetDumpFlags(js->rt, LEAK_FLAGS);
    js->limits.collects = getenv("MR_COLLECT") != NULL;
#endif
    js->ctx = JS_NewContextRaw(js->rt);
    mr__js_share_memory(js);
    bool whole = js->ctx != NULL && add_intrinsics(js->ctx) == 0;
    js->heap.made = true;
    return whole;
}

/* In this order: each finds what those before it made. */
static int (*const families[])(mr_js *js, JSValueConst global) = {
    mr__js_builtins_install, mr__js_dom_exception_install, mr__js_jobs_install,
    mr__js_ticks_install,    mr__js_events_install,        mr__js_webapi_install,
    mr__js_timers_install,   mr__js_delay_install,         mr__js_process_install,
    mr__js_console_install,  mr__js_url_install,           mr__js_modules_install,
    mr__js_fs_install,       mr__js_buffer_install,        mr__js_bridge_install,
    mr__inspect_install,     mr__js_promise_trace_install, mr__js_error_stacks_install,
};

/* bench/js/startup asks what each of them holds, and names them. */
static void tell_heap(const mr_js *js)
{
#ifdef MR_TEST
    if (getenv("MR_TELL_HEAP") == NULL)
        return;
    JSMemoryUsage usage;
    JS_ComputeMemoryUsage(js->rt, &usage);
    (void)fprintf(stderr, "%lld\n", (long long)usage.malloc_size);
#else
    (void)js;
#endif
}

/* global is an object that stands before the global one: see install.c. */
static int install_families(mr_js *js, JSValueConst global)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        tell_heap(js);
        if (families[i](js, global) < 0)
            return -1;
    }
    tell_heap(js);
    return JS_DefinePropertyValueStr(js->ctx, global, "global", JS_GetGlobalObject(js->ctx),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

/* The engine calls us from now on. Nothing here can fail. */
static void listen(mr_js *js)
{
    JS_SetCanBlock(js->rt, false);
    JS_SetInterruptHandler(js->rt, mr__js_interrupted, js);
    mr__js_rejections_listen(js);
    mr__js_modules_listen(js);
    /* Only now: the engine's own start does not survive every failed allocation. */
    if (!js->attached)
        mr__js_heap_limit(&js->heap, js->options.memory_limit_bytes);
    else if (js->options.memory_limit_bytes != 0)
        JS_SetMemoryLimit(js->rt, js->options.memory_limit_bytes);
    js->limits.limit_ns = js->options.callback_limit_ns;
    js->limits.task = UINT64_MAX;
}

/* An engine of the host's goes on without us. */
static void stop_listening(mr_js *js)
{
    JS_SetInterruptHandler(js->rt, NULL, NULL);
    JS_SetModuleLoaderFunc(js->rt, NULL, NULL, NULL);
}

/* ---- Creation and destruction -----------------------------------------------------------------*/

static void free_context(mr_js *js)
{
    mr__js_events_stop(js);
    mr__js_bridge_destroy(js);
    mr__js_events_destroy(js);
    mr__js_fs_destroy(js);
    mr__js_buffer_destroy(js);
    mr__js_modules_destroy(js);
    mr__js_host_modules_destroy(js);
    mr__js_console_destroy(js);
    mr__js_process_destroy(js);
    mr__js_timers_destroy(js);
    mr__js_promise_trace_destroy(js);
    mr__js_error_stacks_destroy(js);
    mr__js_ticks_destroy(js);
    mr__js_jobs_destroy(js);
    mr__js_url_destroy(js);
    mr__js_dom_exception_destroy(js);
    mr__js_webapi_destroy(js);
    mr__inspect_unregister(js);
    mr__js_values_empty(js);
    mr__js_cache_clear(js);
    JSValue *const kept[] = {&js->entry, &js->failure, &js->performance};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        JS_FreeValue(js->ctx, *kept[i]);
        *kept[i] = JS_UNDEFINED;
    }
    mr__js_limits_destroy(js);
    mr__js_builtins_destroy(js);
    mr__js_simulation_destroy(js);
}

/* The engine and all that hangs on it. */
static void free_engine(mr_js *js)
{
    js->gone = true;
    atomic_store(&js->ended, true);
    mr__js_life_end(js);
    if (js->ctx != NULL)
        free_context(js);
    if (js->attached)
        JS_RunGC(js->rt); /* while what is let go still finds us */
    if (js->ctx != NULL)
        JS_FreeContext(js->ctx);
    mr__js_heap_free(&js->heap);
}

/* The memory, which others may hold longer than the runtime lives. */
static void free_memory(mr_js *js)
{
    mr__js_bridge_free(js);
    mr__js_cache_destroy(js);
    mr__js_events_free(js);
    mr__bytes_deinit(&js->failure_text);
    mr__bytes_deinit(&js->eval_name);
    mr__bytes_deinit(&js->eval_source);
    free_list(js->options.argv, js->options.argc);
    free_list(js->options.exec_argv, js->options.exec_argc);
    mr__free((void *)(uintptr_t)js->options.argv0);
    mr_loop_unref(js->loop);
    mr__free(js);
}

mr_js *mr_js_ref(mr_js *js)
{
    if (js != NULL)
        atomic_fetch_add_explicit(&js->refs, 1, memory_order_relaxed); /* model: none, a count */
    return js;
}

void mr_js_unref(mr_js *js)
{
    if (js != NULL && atomic_fetch_sub(&js->refs, 1) == 1) /* model: none, a count */
        free_memory(js);
}

static void engine_ended(JSRuntime *rt, void *arg)
{
    (void)rt;
    mr_js_unref(arg);
}

/* All that may still fail once the names are there. */
static bool join(mr_js *js)
{
    if (mr__js_jobs_attach(js) != MR_OK)
        return false;
    if (!js->attached)
        return true;
    /* Objects of ours that the host keeps look at the memory until his engine ends. */
    if (JS_AddRuntimeFinalizer(js->rt, engine_ended, js) < 0)
        return false;
    mr_js_ref(js);
    return true;
}

static int install(mr_js *js)
{
    mr__js_enter(js);
    int failed = mr__js_install_globals(js, install_families, join);
    mr__js_leave(js);
    js->heap.installed = true;
    /* What an engine of ours did without while it was made is missing in what it made. */
    if (js->heap.refused != 0 || js->heap.in_need)
        return -1;
    if (failed == 0)
        listen(js);
    return failed;
}

/* ---- Creation ---------------------------------------------------------------------------------*/

static mr_js *new_js(mr_loop *loop, const mr_js_options *options)
{
    mr_js *js = mr__alloc_zero(sizeof(*js));
    if (js == NULL)
        return NULL;
    js->refs = 1;
    js->loop = mr_loop_ref(loop);
    js->entry = js->failure = js->performance = JS_UNDEFINED;
    js->url.constructor = js->url.params_constructor = JS_UNDEFINED;
    js->dom.constructor = js->dom.prototype = js->dom.create = js->dom.fields = JS_UNDEFINED;
    js->limits.nothing = JS_UNDEFINED;
    js->created_ns = mr__loop_clock(loop);
    js->time_origin_ms = mr__js_wall_ms(js);
    if (copy_options(js, options) && mr__js_cache_create(js))
        return js;
    free_memory(js);
    return NULL;
}

/* The engine of the caller. */
static void take_engine(mr_js *js, JSContext *ctx)
{
    js->attached = true;
    js->ctx = JS_DupContext(ctx);
    js->rt = JS_GetRuntime(ctx);
}

/* Why there is no runtime; js goes. What was thrown stays in a context of the caller's. */
static mr_status fail(mr_js *js, JSContext *ctx)
{
    JSValue cause = js->ctx == NULL ? JS_UNINITIALIZED : JS_GetException(js->ctx);
    bool thrown = js->ctx != NULL && js->heap.refused == 0 && !js->heap.in_need &&
                  !mr__js_is_out_of_memory(js->ctx, cause);
    if (ctx == NULL && js->ctx != NULL)
        JS_FreeValue(js->ctx, cause);
    mr__loop_release_runtime(js->loop);
    free_engine(js);
    free_memory(js);
    if (ctx != NULL) {
        JS_SetRuntimeOpaque(JS_GetRuntime(ctx), NULL);
        JS_Throw(ctx, JS_IsUninitialized(cause) ? JS_NULL : cause);
    }
    return thrown ? MR_EJS : MR_ENOMEM;
}

static mr_status make(mr_loop *loop, JSContext *ctx, const mr_js_options *options, mr_js **out_js)
{
    if (loop == NULL || out_js == NULL || !options_valid(options))
        return MR_EINVAL;
    if (!mr__loop_is_owner(loop))
        return MR_EWRONGTHREAD;
    if (mr_loop_state(loop) >= MR_STATE_STOPPING)
        return MR_ECLOSED;
    if (ctx != NULL && JS_GetRuntimeOpaque(JS_GetRuntime(ctx)) != NULL)
        return MR_EBUSY;
    mr_status status = mr__loop_claim_runtime(loop, loop);
    if (status != MR_OK)
        return status;
    mr_js *js = new_js(loop, options);
    if (js == NULL) {
        mr__loop_release_runtime(loop);
        return MR_ENOMEM;
    }
    if (ctx != NULL)
        take_engine(js, ctx);
    if ((ctx == NULL && !make_engine(js)) || install(js) < 0)
        return fail(js, ctx);
    mr__js_life_begin(js);
    status = mr__js_hook_created(js);
    if (status == MR_OK)
        *out_js = js;
    else
        (void)mr_js_destroy(js);
    return status;
}

mr_status mr_js_create(mr_loop *loop, const mr_js_options *options, mr_js **out_js)
{
    return make(loop, NULL, options, out_js);
}

mr_status mr_js_attach(mr_loop *loop, JSContext *ctx, const mr_js_options *options, mr_js **out_js)
{
    return ctx == NULL ? MR_EINVAL : make(loop, ctx, options, out_js);
}

mr_status mr_js_destroy(mr_js *js)
{
    if (js == NULL)
        return MR_OK;
    if (!mr__loop_is_owner(js->loop))
        return MR_EWRONGTHREAD;
    if (js->depth != 0 || js->in_hook)
        return MR_EREENTRANT;
    mr__js_stop(js);
    mr__js_conclude(js);
    mr__loop_release_runtime(js->loop);
    if (js->attached)
        stop_listening(js);
    free_engine(js);
    mr_js_unref(js);
    return MR_OK;
}

void mr__js_stop(mr_js *js)
{
    js->gone = true;
    atomic_store(&js->ended, true);
    mr__js_timers_stop(js);
    mr__js_delays_stop(js);
    mr__js_stdin_stop(js);
    mr__js_pairs_reject(js);
    mr__js_events_stop(js);
}

bool mr_js_exit_code(const mr_js *js, int *out_code)
{
    if (js == NULL || !js->gone || !js->exiting)
        return false;
    if (out_code != NULL)
        *out_code = js->exit_code & 0xff;
    return true;
}

mr_status mr_js_get_stats(mr_js *js, mr_js_stats *out_stats)
{
    if (js == NULL || out_stats == NULL || out_stats->size_bytes != sizeof(mr_js_stats))
        return MR_EINVAL;
    if (!mr__loop_is_owner(js->loop))
        return MR_EWRONGTHREAD;
    *out_stats = (mr_js_stats){.size_bytes = sizeof(mr_js_stats),
                               .values = js->value_count,
                               .hook_failures = js->hook_failures};
    mr__js_cache_stats(js, out_stats);
    return MR_OK;
}

/* QJS_VERSION_MAJOR and its kin are numbers of the headers; the library that runs says its own. */
const char *mr_js_engine_version(void)
{
    return JS_GetVersion();
}
