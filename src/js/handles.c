/* Handles: their life between the script, the runtime and the loop. */
#include "js/handle_pool.h"

#include <millrace/immediate.h>
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

MR_COLD static void free_args(JSRuntime *rt, mr__handle *handle)
{
    mr__handle_args *args = handle->args;
    handle->args = NULL;
    for (uint32_t i = 0; i < args->count; i++)
        JS_FreeValueRT(rt, args->values[i]);
    js_free_rt(rt, args);
}

/* Give up the callback and its arguments. */
MR_INLINE void free_call(JSRuntime *rt, mr__handle *handle)
{
    void *fn = handle->fn;
    handle->fn = NULL;
    if (MR_UNLIKELY(handle->args != NULL))
        free_args(rt, handle);
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

/* Of a timer: once it has fired it may hold a callback that holds it. An immediate has its callback only
 * while it is held itself. */
static void mark_timer(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
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
}

/* No longer pending. May free the object and with it the struct: the last thing to do. */
MR_INLINE void release(mr_js *js, mr__handle *handle)
{
    if (!handle->pending)
        return;
    handle->pending = false;
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

static mr_status start_timer(mr_js *js, mr__handle *handle)
{
    mr_loop *loop = js->loop;
    mr_timer_spec spec = {
        .size_bytes = sizeof(spec),
        .fn = fire_timer,
        .arg = handle,
        .discard = discarded,
        .delay_ns = deadline_after(mr__loop_clock(loop), handle->delay_ms),
        .flags = MR_TIMER_AT | (handle->ref ? 0u : (uint32_t)MR_TIMER_UNREF),
    };
    mr_timer timer;
    mr_status status = mr_timer_start_with(loop, &spec, &timer);
    if (MR_LIKELY(status == MR_OK)) {
        handle->loop_id = timer.id;
        handle->held = true;
    }
    return status;
}

static bool reset_timer(mr_js *js, mr__handle *handle, uint64_t start_ns)
{
    mr_timer timer = {handle->loop_id};
    uint64_t deadline = deadline_after(start_ns, handle->delay_ms);
    return mr_timer_reset_at(js->loop, timer, deadline) == MR_OK;
}

static void call(mr_js *js, mr__handle *handle)
{
    const mr__handle_args *args = handle->args;
    int argc = MR_LIKELY(args == NULL) ? 0 : (int)args->count;
    mr__js_call_callback(js, object_of(handle->fn), object_of(handle->object), argc,
                         argc == 0 ? NULL : (JSValueConst *)args->values);
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
    call(js, handle);
    after_timer(js, handle, start_ns);
}

/* ---- Immediates of the loop -------------------------------------------------------------------*/

static void fire_immediate(void *arg)
{
    mr__handle *handle = arg;
    mr_js *js = js_of(handle);
    if (MR_UNLIKELY(js == NULL || handle->cleared)) {
        discarded(handle, MR_ECLOSED);
        return;
    }
    taken_back(handle);
    handle->cleared = true;
    /* Its turn or the drain may come when nothing lives any more: then it is not run. */
    if (MR_LIKELY(handle->ref) || mr_loop_alive(js->loop)) {
        handle->running = true;
        call(js, handle);
    }
    free_call(js->rt, handle);
    release(js, handle);
}

static mr_status start_immediate(mr_js *js, mr__handle *handle)
{
    mr_immediate immediate;
    mr_task task = {fire_immediate, handle, discarded};
    mr_status status = mr_immediate_start_with(js->loop, &task, &immediate);
    if (MR_LIKELY(status == MR_OK)) {
        handle->loop_id = immediate.id;
        handle->held = true;
    }
    return status;
}

/* ---- What scripts do with them ----------------------------------------------------------------*/

/* Take a pending one back from the loop. What the loop cannot give back it reports as discarded. */
static void cancel(mr_js *js, mr__handle *handle)
{
    mr_loop *loop = js->loop;
    mr_status status = handle->immediate
                           ? mr_immediate_cancel(loop, (mr_immediate){handle->loop_id})
                           : mr__timer_cancel_now(loop, handle->loop_id);
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
    mr_loop *loop = js->loop;
    if (handle->immediate && ref)
        mr_immediate_ref(loop, (mr_immediate){handle->loop_id});
    else if (handle->immediate)
        mr_immediate_unref(loop, (mr_immediate){handle->loop_id});
    else if (ref)
        mr_timer_ref(loop, (mr_timer){handle->loop_id});
    else
        mr_timer_unref(loop, (mr_timer){handle->loop_id});
}

void mr__handle_refresh(mr_js *js, mr__handle *handle, JSValueConst object)
{
    if (handle->cleared)
        return;
    if (!handle->pending) {
        if (start_timer(js, handle) == MR_OK)
            set_pending(js, handle, object);
    } else if (reset_timer(js, handle, mr__loop_clock(js->loop))) {
        handle->refreshed = true;
    }
}

/* ---- Making a handle --------------------------------------------------------------------------*/

MR_COLD static bool copy_args(mr_js *js, mr__handle *handle, int argc, JSValueConst *argv)
{
    mr__handle_args *args =
        js_malloc_rt(js->rt, sizeof(*args) + (size_t)argc * sizeof(args->values[0]));
    if (args == NULL)
        return false;
    args->count = (uint32_t)argc;
    for (int i = 0; i < argc; i++)
        args->values[i] = JS_DupValue(js->ctx, argv[i]);
    handle->args = args;
    return true;
}

MR_INLINE mr__handle *new_handle(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv)
{
    mr__handle *handle = mr__handle_take(js->timers->pool);
    if (MR_UNLIKELY(handle == NULL))
        return NULL;
    /* One by one: the compiler would clear the whole by a string instruction, which is slow to start. */
    handle->object = NULL;
    handle->args = NULL;
    handle->number = 0;
    handle->delay_ms = 0;
    handle->immediate = handle->repeats = handle->pending = handle->held = handle->cleared =
        handle->running = handle->refreshed = handle->told = handle->orphan = false;
    handle->ref = true;
    if (MR_UNLIKELY(argc > 0) && !copy_args(js, handle, argc, argv)) {
        mr__handle_give_back(handle);
        return NULL;
    }
    handle->fn = JS_VALUE_GET_PTR(JS_DupValue(js->ctx, fn));
    return handle;
}

MR_COLD static JSValue not_started(mr_js *js, mr__handle *handle, JSValue object, mr_status status)
{
    if (status == MR_ECLOSED) {
        free_call(js->rt, handle);
        return object;
    }
    JS_FreeValue(js->ctx, object);
    if (status == MR_ENOMEM)
        return JS_ThrowOutOfMemory(js->ctx);
    return mr__js_throw_code(js->ctx, mr_status_js_class(status), mr_status_name(status), "%s",
                             mr_status_text(status));
}

/* Put the struct behind an object and start it. */
MR_INLINE JSValue start(mr_js *js, mr__handle *handle, JSClassID class_id, bool immediate)
{
    JSValue object = JS_NewObjectClass(js->ctx, class_id);
    if (MR_UNLIKELY(JS_IsException(object))) {
        free_call(js->rt, handle);
        mr__handle_give_back(handle);
        return object;
    }
    JS_SetOpaque(object, handle);
    mr_status status = immediate ? start_immediate(js, handle) : start_timer(js, handle);
    if (MR_UNLIKELY(status != MR_OK))
        return not_started(js, handle, object, status);
    set_pending(js, handle, object);
    return object;
}

JSValue mr__handle_start_timer(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv,
                               uint32_t delay_ms, bool repeats)
{
    mr__handle *handle = new_handle(js, fn, argc, argv);
    if (MR_UNLIKELY(handle == NULL))
        return JS_ThrowOutOfMemory(js->ctx);
    handle->delay_ms = delay_ms;
    handle->repeats = repeats;
    handle->number = ++js->timers->last_number;
    return start(js, handle, js->timers->timeout_class, false);
}

JSValue mr__handle_start_immediate(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv)
{
    mr__handle *handle = new_handle(js, fn, argc, argv);
    if (MR_UNLIKELY(handle == NULL))
        return JS_ThrowOutOfMemory(js->ctx);
    handle->immediate = true;
    return start(js, handle, js->timers->immediate_class, true);
}

/* ---- Life -------------------------------------------------------------------------------------*/

static int new_class(mr_js *js, JSClassID *class_id, const char *name, JSClassGCMark *mark)
{
    const JSClassDef def = {.class_name = name, .finalizer = finalize_handle, .gc_mark = mark};
    JS_NewClassID(js->rt, class_id);
    return JS_NewClass(js->rt, *class_id, &def);
}

int mr__handles_install(mr_js *js)
{
    struct mr__js_timers *timers = js->timers;
    timers->pool = mr__handle_pool_create(js);
    if (timers->pool == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    if (new_class(js, &timers->timeout_class, "Timeout", mark_timer) < 0 ||
        new_class(js, &timers->immediate_class, "Immediate", NULL) < 0 ||
        mr__handle_protos_install(js) < 0)
        return -1;
    timers->spare_timeout = JS_NewObjectClass(js->ctx, timers->timeout_class);
    timers->spare_immediate = JS_NewObjectClass(js->ctx, timers->immediate_class);
    return JS_IsException(timers->spare_timeout) || JS_IsException(timers->spare_immediate) ? -1
                                                                                            : 0;
}

static void clear(mr__handle *handle)
{
    mr__handle_clear(js_of(handle), handle);
}

/* Take everything back from the loop. A handle whose callback runs now stays until that returns. */
void mr__js_timers_stop(mr_js *js)
{
    if (js->timers != NULL)
        mr__handle_pool_each_pending(js->timers->pool, clear);
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
    JS_FreeValue(js->ctx, timers->spare_immediate);
    mr__handle_pool_close(timers->pool);
}
