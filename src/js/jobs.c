/* Jobs: the engine's queue as the loop's microtask FIFO, queueMicrotask, and ticks.
 *
 * The engine's job queue is the one FIFO of the loop while a runtime is attached. A microtask of C
 * waits in a ring of ours, and a job in the engine's queue stands for its place; that job takes the
 * next one from the ring, so both keep one order. Once the gate is shut the engine's jobs stay
 * where they are, and only C's are run. */
#include "js/jobs.h"

#include <string.h>

#include "base/memory.h"
#include "base/ring.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/rejections.h"
#include "loop/extend.h"

#include <millrace/microtask.h>

enum { INLINE_ARGS = 3, SPARE_TICKS = 64 };

/* One process.nextTick call, on the list of its runtime while the loop holds it. js is NULL once
 * the runtime has ended; the loop then only gives the record back. */
struct tick {
    mr_js *js;
    struct tick *previous, *next;
    JSValue fn;
    int argc;
    JSValue few[INLINE_ARGS];
    JSValue *args;
};

struct mr__js_jobs {
    mr__ring c_tasks; /* microtasks of C, in order */
    struct tick *ticks, *spare;
    unsigned spare_count;
    bool attached;
};

/* ---- The loop's microtask source --------------------------------------------------------------*/

static bool take_c_task(struct mr__js_jobs *jobs, mr_task *out_task)
{
    mr__item item;
    if (!mr__ring_pop(&jobs->c_tasks, &item))
        return false;
    *out_task = (mr_task){item.fn, item.arg, item.discard};
    return true;
}

static JSValue run_c_task(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    mr_task task;
    if (take_c_task(js->jobs, &task))
        mr__microtask_run(js->loop, &task);
    return JS_UNDEFINED;
}

static mr_status source_push(void *self, const mr_task *task)
{
    mr_js *js = self;
    if (!mr__ring_push(&js->jobs->c_tasks, (mr__item){task->fn, task->arg, task->discard, 0}))
        return MR_ENOMEM;
    if (js->gone || JS_EnqueueJob(js->ctx, run_c_task, 0, NULL) == 0)
        return MR_OK;
    /* Nothing was queued behind it: the newest entry is this one. */
    mr__counter *tail = &js->jobs->c_tasks.tail;
    mr__counter_set(tail, mr__counter_get(tail) - 1);
    JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return MR_ENOMEM;
}

static bool source_run_one(void *self)
{
    mr_js *js = self;
    if (js->gone) {
        mr_task task;
        if (!take_c_task(js->jobs, &task))
            return false;
        mr__microtask_run(js->loop, &task);
        return true;
    }
    JSContext *ctx;
    mr__js_enter(js);
    int ran = JS_ExecutePendingJob(js->rt, &ctx);
    mr__js_leave(js);
    if (ran < 0)
        mr__js_uncaught(js, false);
    if (js->bridge != NULL && js->bridge->let_go != NULL)
        mr__js_bridge_release(js);
    return ran != 0;
}

static bool source_pending(const void *self)
{
    const mr_js *js = self;
    return js->gone ? mr__ring_len(&js->jobs->c_tasks) != 0 : JS_IsJobPending(js->rt);
}

static void source_drop(void *self)
{
    mr_js *js = self;
    mr_task task;
    while (take_c_task(js->jobs, &task))
        mr__microtask_discard(js->loop, &task);
}

/* ---- queueMicrotask ---------------------------------------------------------------------------*/

/* A job of our own, so that what the callback throws ends this callback and not the drain. */
static JSValue run_callback(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc;
    JSValue result = JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
    if (JS_IsException(result))
        mr__js_uncaught(mr__js_of(ctx), false);
    JS_FreeValue(ctx, result);
    return JS_UNDEFINED;
}

JSValue mr__js_queue_microtask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    MR__JS_GATE(mr__js_of(ctx));
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    return JS_EnqueueJob(ctx, run_callback, 1, argv) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

/* ---- process.nextTick -------------------------------------------------------------------------*/

static struct tick *new_tick(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv)
{
    struct mr__js_jobs *jobs = js->jobs;
    struct tick *tick = jobs->spare;
    if (tick != NULL) {
        jobs->spare = tick->next;
        jobs->spare_count--;
    } else {
        tick = mr__alloc(sizeof(*tick));
    }
    if (tick == NULL)
        return NULL;
    tick->args = argc <= INLINE_ARGS ? tick->few : mr__alloc((size_t)argc * sizeof(JSValue));
    if (tick->args == NULL) {
        mr__free(tick);
        return NULL;
    }
    tick->js = js;
    tick->fn = JS_DupValue(js->ctx, fn);
    tick->argc = argc;
    for (int i = 0; i < argc; i++)
        tick->args[i] = JS_DupValue(js->ctx, argv[i]);
    tick->previous = NULL;
    tick->next = jobs->ticks;
    if (tick->next != NULL)
        tick->next->previous = tick;
    jobs->ticks = tick;
    return tick;
}

/* Empty the record and take it off the list; the memory stays the loop's or the caller's. */
static void empty_tick(struct tick *tick)
{
    mr_js *js = tick->js;
    struct tick **link = tick->previous ? &tick->previous->next : &js->jobs->ticks;
    *link = tick->next;
    if (tick->next != NULL)
        tick->next->previous = tick->previous;
    tick->js = NULL;
    JS_FreeValue(js->ctx, tick->fn);
    for (int i = 0; i < tick->argc; i++)
        JS_FreeValue(js->ctx, tick->args[i]);
    if (tick->args != tick->few)
        mr__free(tick->args);
}

static void free_tick(struct tick *tick)
{
    mr_js *js = tick->js;
    if (js != NULL)
        empty_tick(tick);
    if (js == NULL || js->jobs->spare_count == SPARE_TICKS) {
        mr__free(tick);
        return;
    }
    tick->next = js->jobs->spare;
    js->jobs->spare = tick;
    js->jobs->spare_count++;
}

static void run_tick(void *arg)
{
    struct tick *tick = arg;
    if (tick->js != NULL)
        mr__js_call_callback(tick->js, tick->fn, JS_UNDEFINED, tick->argc, tick->args);
    free_tick(tick);
}

static void discard_tick(void *arg, mr_status reason)
{
    (void)reason;
    free_tick(arg);
}

JSValue mr__js_next_tick(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    int extra = argc > 1 ? argc - 1 : 0;
    struct tick *tick = new_tick(js, argv[0], extra, argv + 1);
    if (tick == NULL)
        return JS_ThrowOutOfMemory(ctx);
    mr_status status = mr_next_tick_with(js->loop, &(mr_task){run_tick, tick, discard_tick});
    if (status == MR_OK)
        return JS_UNDEFINED;
    free_tick(tick);
    /* After the loop's end it is dropped, as everything that exit listeners queue. */
    return status == MR_ENOMEM ? JS_ThrowOutOfMemory(ctx) : JS_UNDEFINED;
}

/* ---- Life -------------------------------------------------------------------------------------*/

static mr_status attach(mr_js *js)
{
    const mr__microtask_source source = {source_push, source_run_one, source_pending, source_drop,
                                         js};
    return mr__microtask_attach(js->loop, &source);
}

int mr__js_jobs_install(mr_js *js, JSValueConst global)
{
    js->jobs = mr__alloc_zero(sizeof(*js->jobs));
    if (js->jobs == NULL || attach(js) != MR_OK) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->jobs->attached = true;
    if (mr__js_rejections_install(js) < 0)
        return -1;
    JSValue function = JS_NewCFunction(js->ctx, mr__js_queue_microtask, "queueMicrotask", 1);
    return JS_DefinePropertyValueStr(js->ctx, global, "queueMicrotask", function, JS_PROP_C_W_E);
}

/* Microtasks of C that have not run go back into the loop's own ring. */
static void return_c_tasks(mr_js *js)
{
    mr_task task;
    while (take_c_task(js->jobs, &task))
        mr__microtask_return(js->loop, &task);
}

void mr__js_jobs_destroy(mr_js *js)
{
    struct mr__js_jobs *jobs = js->jobs;
    if (jobs == NULL)
        return;
    mr__js_rejections_destroy(js);
    while (jobs->ticks != NULL)
        empty_tick(jobs->ticks);
    while (jobs->spare != NULL) {
        struct tick *tick = jobs->spare;
        jobs->spare = tick->next;
        mr__free(tick);
    }
    if (jobs->attached) {
        mr__microtask_detach(js->loop);
        return_c_tasks(js);
    }
    mr__ring_deinit(&jobs->c_tasks);
    mr__free(jobs);
    js->jobs = NULL;
}
