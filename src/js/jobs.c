/* Jobs: one FIFO of the script's microtasks, the engine's promise jobs and C's microtasks.
 *
 * The engine's job queue is the one FIFO of the loop while a runtime is attached, and costs an
 * allocation a job. What is queued while it is empty therefore waits in `front`, a ring of ours:
 * whatever the engine queues later comes after it, so the order is one: all of `front`, then the
 * engine's jobs. In `front` stand functions for queueMicrotask, and null for the next microtask of C.
 * Those wait in `c_tasks`, each with one null or one job of the engine's that stands for its place.
 * Once the gate is shut only C's are run, in their order; the rest stays where it is. */
#include "base/memory.h"
#include "base/ring.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/rejections.h"
#include "js/valuering.h"
#include "js/web_events.h"
#include "loop/extend.h"

#include <millrace/microtask.h>

struct mr__js_jobs {
    mr__valuering front;
    mr__ring c_tasks; /* microtasks of C, in order */
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

static bool run_next_c_task(mr_js *js)
{
    mr_task task;
    if (!take_c_task(js->jobs, &task))
        return false;
    mr__microtask_run(js->loop, &task);
    return true;
}

static JSValue run_c_task(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    /* In an engine of the host's a place may be left of a runtime that has ended or was never made. */
    if (js != NULL && js->jobs != NULL)
        run_next_c_task(js);
    return JS_UNDEFINED;
}

/* The place of a microtask of C: a null in front, or a job behind those of the engine. */
static bool push_place(mr_js *js)
{
    if (js->gone)
        return true;
    if (!JS_IsJobPending(js->rt)) {
        if (!mr__valuering_reserve(js->rt, &js->jobs->front, 1))
            return false;
        mr__valuering_push(&js->jobs->front, JS_NULL);
        return true;
    }
    if (JS_EnqueueJob(js->ctx, run_c_task, 0, NULL) == 0)
        return true;
    JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return false;
}

static mr_status source_push(void *self, const mr_task *task)
{
    mr_js *js = self;
    mr__ring *ring = &js->jobs->c_tasks;
    if (mr__ring_len(ring) == ring->cap && !mr__ring_grow(ring))
        return MR_ENOMEM;
    if (!push_place(js))
        return MR_ENOMEM;
    mr__ring_push_fits(ring, (mr__item){task->fn, task->arg, task->discard, 0});
    return MR_OK;
}

/* What stands first in front, which is not empty. */
static void run_front(mr_js *js)
{
    JSValue value = mr__valuering_pop(js->rt, &js->jobs->front);
    if (MR_UNLIKELY(!JS_IsObject(value))) {
        mr__js_enter(js); /* as in a job: the runtime can not be destroyed from it */
        run_next_c_task(js);
        mr__js_leave(js);
        return;
    }
    mr__js_call_callback(js, value, JS_UNDEFINED, 0, NULL);
    JS_FreeValue(js->ctx, value);
}

static bool run_engine_job(mr_js *js)
{
    JSContext *ctx;
    mr__js_enter(js);
    int ran = JS_ExecutePendingJob(js->rt, &ctx);
    mr__js_leave(js);
    if (ran < 0)
        mr__js_uncaught(js, false);
    return ran != 0;
}

static bool source_run_one(void *self)
{
    mr_js *js = self;
    if (MR_UNLIKELY(js->gone))
        return run_next_c_task(js);
    bool ran = true;
    if (!mr__valuering_empty(&js->jobs->front))
        run_front(js);
    else
        ran = run_engine_job(js);
    if (MR_UNLIKELY(js->bridge != NULL &&
                    (js->bridge->let_go != NULL || js->bridge->lent_back != NULL ||
                     js->events->twins_gone != NULL)))
        mr__js_bridge_release(js);
    return ran;
}

static bool source_pending(const void *self)
{
    const mr_js *js = self;
    if (MR_UNLIKELY(js->gone))
        return mr__ring_len(&js->jobs->c_tasks) != 0;
    return !mr__valuering_empty(&js->jobs->front) || JS_IsJobPending(js->rt);
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
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    if (JS_IsJobPending(js->rt))
        return JS_EnqueueJob(ctx, run_callback, 1, argv) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
    if (MR_UNLIKELY(!mr__valuering_reserve(js->rt, &js->jobs->front, 1)))
        return JS_ThrowOutOfMemory(ctx);
    mr__valuering_push(&js->jobs->front, JS_DupValue(ctx, argv[0]));
    return JS_UNDEFINED;
}

/* ---- Life -------------------------------------------------------------------------------------*/

mr_status mr__js_jobs_attach(mr_js *js)
{
    const mr__microtask_source source = {source_push, source_run_one, source_pending, source_drop,
                                         js};
    mr_status status = mr__microtask_attach(js->loop, &source);
    js->jobs->attached = status == MR_OK;
    return status;
}

int mr__js_jobs_install(mr_js *js, JSValueConst global)
{
    js->jobs = mr__alloc_zero(sizeof(*js->jobs));
    if (js->jobs == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
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
    mr__valuering_deinit(js->rt, &jobs->front);
    if (jobs->attached) {
        mr__microtask_detach(js->loop);
        return_c_tasks(js);
    }
    mr__ring_deinit(&jobs->c_tasks);
    mr__free(jobs);
    js->jobs = NULL;
}
