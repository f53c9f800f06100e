/* Handles of timers: their life between the script, the runtime and the loop. */
#include "js/handle_pool.h"

#include <millrace/timer.h>

#include "js/gate.h"
#include "loop/extend.h"

enum { NS_PER_MS = 1000000 };

/* ---- The struct -------------------------------------------------------------------------------*/

static JSValueConst object_of(void *object)
{
    return JS_MKPTR(JS_TAG_OBJECT, object);
}

/* NULL: the runtime has ended, only the loop still knows the handle. */
static mr_js *js_of(const mr__handle *handle)
{
    return mr__handle_block_of(handle)->pool->js;
}

MR_COLD void mr__handle_args_free(JSRuntime *rt, mr__handle_args *args)
{
    for (uint32_t i = 0; i < args->count; i++)
        JS_FreeValueRT(rt, args->values[i]);
    js_free_rt(rt, args);
}

/* Give up the callback and its arguments. */
MR_INLINE void free_call(JSRuntime *rt, mr__handle *handle)
{
    void *fn = handle->fn;
    mr__handle_args *args = handle->args;
    handle->fn = NULL;
    handle->args = NULL;
    if (MR_UNLIKELY(args != NULL))
        mr__handle_args_free(rt, args);
    if (fn != NULL)
        JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, fn));
}

/* The object's end. Runs inside the engine's collector: no script, no list but the map. */
static void finalize_handle(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    mr__handle *handle = JS_GetAnyOpaque(object, &class_id);
    if (handle == NULL)
        return;
    if (MR_UNLIKELY(handle->told) && js_of(handle) != NULL)
        mr__idmap_remove(&js_of(handle)->timers->numbers, handle->number);
    free_call(rt, handle);
    handle->orphan = true;
    handle->cleared = true;
    if (!handle->held)
        mr__handle_give_back(handle);
}

static void mark_handle(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    mr__handle *handle = JS_GetAnyOpaque(object, &class_id);
    if (handle == NULL)
        return;
    if (handle->fn != NULL)
        JS_MarkValue(rt, object_of(handle->fn), mark);
    for (uint32_t i = 0; handle->args != NULL && i < handle->args->count; i++)
        JS_MarkValue(rt, handle->args->values[i], mark);
}

MR_INLINE void set_pending(mr_js *js, mr__handle *handle, JSValueConst object)
{
    handle->object = JS_VALUE_GET_PTR(JS_DupValue(js->ctx, object));
    handle->pending = true;
    js->heap.waiting++;
}

/* No longer pending. May free the object and with it the struct: the last thing to do. */
MR_INLINE void release(mr_js *js, mr__handle *handle)
{
    if (!handle->pending)
        return;
    handle->pending = false;
    js->heap.waiting--;
    void *object = handle->object;
    handle->object = NULL;
    JS_FreeValueRT(js->rt, JS_MKPTR(JS_TAG_OBJECT, object));
}

/* The loop gave the struct back. false: nobody else has it, it is gone. */
static bool taken_back(mr__handle *handle)
{
    handle->held = false;
    if (MR_LIKELY(!handle->orphan))
        return true;
    mr__handle_give_back(handle);
    return false;
}

static void discarded(void *arg, mr_status reason)
{
    (void)reason;
    mr__handle *handle = arg;
    if (taken_back(handle))
        release(js_of(handle), handle);
}

/* ---- Timers of the loop -----------------------------------------------------------------------*/

/* Whole milliseconds, so that the timers of one burst are due in one turn; up, so that none is
 * early. Beyond the clock's end: never. */
static uint64_t deadline_after(uint64_t start_ns, uint32_t delay_ms)
{
    uint64_t delay_ns = (uint64_t)delay_ms * NS_PER_MS;
    if (MR_UNLIKELY(start_ns > UINT64_MAX - delay_ns - (NS_PER_MS - 1)))
        return UINT64_MAX;
    uint64_t due = start_ns + delay_ns;
    return (due + NS_PER_MS - 1) / NS_PER_MS * NS_PER_MS;
}

static void fire_timer(void *arg);

MR_INLINE mr_status start_timer(mr_js *js, mr__handle *handle, bool ref)
{
    mr_loop *loop = js->loop;
    const mr_task task = {fire_timer, handle, discarded};
    uint64_t deadline = deadline_after(mr__loop_clock(loop), handle->delay_ms);
    mr_status status = mr__timer_start_once(loop, deadline, ref, &task, &handle->loop_id);
    handle->held = status == MR_OK;
    return status;
}

static bool reset_timer(mr_js *js, mr__handle *handle, uint64_t start_ns)
{
    mr_timer timer = {handle->loop_id};
    uint64_t deadline = deadline_after(start_ns, handle->delay_ms);
    return mr_timer_reset_at(js->loop, timer, deadline) == MR_OK;
}

void mr__handle_call(mr_js *js, void *fn, void *object, mr__handle_args *args)
{
    if (MR_LIKELY(args == NULL))
        mr__js_call_callback(js, object_of(fn), object_of(object), 0, NULL);
    else
        mr__js_call_callback(js, object_of(fn), object_of(object), (int)args->count,
                             (JSValueConst *)args->values);
}

/* After the callback: an interval and a refreshed one-shot go on, everything else is done. */
static void after_timer(mr_js *js, mr__handle *handle, uint64_t start_ns)
{
    handle->running = false;
    if (handle->cleared)
        free_call(js->rt, handle);
    bool goes_on = !handle->cleared && !js->gone;
    if (goes_on && handle->repeats)
        goes_on = reset_timer(js, handle, start_ns);
    else
        goes_on = goes_on && handle->refreshed;
    if (!goes_on && taken_back(handle))
        release(js, handle);
}

static void fire_timer(void *arg)
{
    mr__handle *handle = arg;
    mr_js *js = js_of(handle);
    if (MR_UNLIKELY(js == NULL || js->gone || handle->cleared)) {
        discarded(handle, MR_ECLOSED);
        return;
    }
    uint64_t start_ns = handle->repeats ? mr__loop_clock(js->loop) : 0;
    handle->running = true;
    handle->refreshed = false;
    mr__handle_call(js, handle->fn, handle->object, handle->args);
    after_timer(js, handle, start_ns);
}

/* ---- What scripts do with them ----------------------------------------------------------------*/

/* Take a pending one back from the loop. What the loop cannot give back it reports as discarded. */
static void cancel(mr_js *js, mr__handle *handle)
{
    mr_status status = mr__timer_cancel_now(js->loop, handle->loop_id);
    if (status == MR_OK && !handle->running && taken_back(handle))
        release(js, handle);
}

void mr__handle_clear(mr_js *js, mr__handle *handle)
{
    if (handle->cleared)
        return;
    handle->cleared = true;
    if (MR_UNLIKELY(handle->told)) {
        mr__idmap_remove(&js->timers->numbers, handle->number);
        handle->told = false;
    }
    if (!handle->running) /* else the callback and its arguments are in use */
        free_call(js->rt, handle);
    if (handle->pending)
        cancel(js, handle);
}

void mr__handle_set_ref(mr_js *js, mr__handle *handle, bool ref)
{
    handle->ref = ref;
    if (!handle->pending)
        return;
    if (ref)
        mr_timer_ref(js->loop, (mr_timer){handle->loop_id});
    else
        mr_timer_unref(js->loop, (mr_timer){handle->loop_id});
}

void mr__handle_refresh(mr_js *js, mr__handle *handle, JSValueConst object)
{
    if (handle->cleared)
        return;
    if (!handle->pending) {
        if (start_timer(js, handle, handle->ref) == MR_OK)
            set_pending(js, handle, object);
    } else if (reset_timer(js, handle, mr__loop_clock(js->loop))) {
        handle->refreshed = true;
    }
}

/* ---- Making a handle --------------------------------------------------------------------------*/

MR_COLD mr__handle_args *mr__handle_args_copy(mr_js *js, int argc, JSValueConst *argv)
{
    mr__handle_args *args =
        js_malloc_rt(js->rt, sizeof(*args) + (size_t)argc * sizeof(args->values[0]));
    if (args == NULL)
        return NULL;
    args->count = (uint32_t)argc;
    for (int i = 0; i < argc; i++)
        args->values[i] = JS_DupValue(js->ctx, argv[i]);
    return args;
}

MR_INLINE mr__handle *new_handle(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv)
{
    mr__handle *handle = mr__handle_take(js->timers->pool);
    if (MR_UNLIKELY(handle == NULL))
        return NULL;
    /* One by one: the compiler would clear the whole by a string instruction, which is slow to start. */
    handle->object = NULL;
    handle->args = NULL;
    handle->pending = handle->held = handle->cleared = handle->running = handle->refreshed =
        handle->told = handle->orphan = false;
    handle->ref = true;
    if (MR_UNLIKELY(argc > 0)) {
        handle->args = mr__handle_args_copy(js, argc, argv);
        if (handle->args == NULL) {
            mr__handle_give_back(handle);
            return NULL;
        }
    }
    handle->fn = JS_VALUE_GET_PTR(JS_DupValue(js->ctx, fn));
    return handle;
}

JSValue mr__handle_refused(mr_js *js, mr_status status)
{
    if (status == MR_ENOMEM)
        return JS_ThrowOutOfMemory(js->ctx);
    return mr__js_throw_code(js->ctx, mr_status_js_class(status), mr_status_name(status), "%s",
                             mr_status_text(status));
}

MR_COLD static JSValue not_started(mr_js *js, JSValue object, mr_status status)
{
    if (status == MR_ECLOSED)
        return object;
    JS_FreeValue(js->ctx, object);
    return mr__handle_refused(js, status);
}

JSValue mr__handle_start(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv,
                         uint32_t delay_ms, bool repeats)
{
    mr__handle *handle = new_handle(js, fn, argc, argv);
    if (MR_UNLIKELY(handle == NULL))
        return JS_ThrowOutOfMemory(js->ctx);
    handle->delay_ms = delay_ms;
    handle->repeats = repeats;
    handle->number = ++js->timers->last_number;
    JSValue object = JS_NewObjectClass(js->ctx, js->timers->timeout_class);
    if (MR_UNLIKELY(JS_IsException(object))) {
        free_call(js->rt, handle);
        mr__handle_give_back(handle);
        return object;
    }
    JS_SetOpaque(object, handle);
    mr_status status = start_timer(js, handle, true);
    if (MR_UNLIKELY(status != MR_OK))
        return not_started(js, object, status);
    set_pending(js, handle, object);
    return object;
}

/* ---- Life -------------------------------------------------------------------------------------*/

int mr__handles_install(mr_js *js)
{
    const JSClassDef def = {
        .class_name = "Timeout", .finalizer = finalize_handle, .gc_mark = mark_handle};
    struct mr__js_timers *timers = js->timers;
    timers->pool = mr__handle_pool_create(js);
    if (timers->pool == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    JS_NewClassID(js->rt, &timers->timeout_class);
    if (JS_NewClass(js->rt, timers->timeout_class, &def) < 0 || mr__timeout_proto_install(js) < 0)
        return -1;
    timers->spare_timeout = JS_NewObjectClass(js->ctx, timers->timeout_class);
    return JS_IsException(timers->spare_timeout) ? -1 : 0;
}

static void clear(mr__handle *handle)
{
    mr__handle_clear(js_of(handle), handle);
}

/* Take everything back from the loop. A handle whose callback runs now stays until that returns. */
void mr__js_timers_stop(mr_js *js)
{
    if (js->timers == NULL)
        return;
    mr__handle_pool_each_pending(js->timers->pool, clear);
    mr__immediates_stop(js);
}

/* The loop still reports it: its struct stays for that. */
static void give_up(mr__handle *handle)
{
    release(js_of(handle), handle);
}

void mr__handles_destroy(mr_js *js)
{
    struct mr__js_timers *timers = js->timers;
    mr__js_timers_stop(js);
    mr__handle_pool_each_pending(timers->pool, give_up);
    JS_FreeValue(js->ctx, timers->spare_timeout);
    mr__handle_pool_close(timers->pool);
}
