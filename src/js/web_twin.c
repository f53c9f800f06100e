/* Abort signals between script and C: each has one of the other, its twin; the two abort together.
 *
 * A signal of C that was made for a script's is foreign (promise/door.h): a step aborts it, and it says
 * when it is freed. An AbortSignal that was made for one of C is told by a handler, which also says
 * when that signal is freed; once aborted it counts it instead. Neither keeps the other alive before
 * the abort; who waits on either side does, by the rules of that side. A finalizer only notes that an
 * AbortSignal is gone: what is released then may run the program's functions. */
#include <millrace/abort.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/value.h"
#include "js/web_events.h"
#include "promise/door.h"

struct mr__signal_twin {
    mr__abort_step step; /* first: of a script's signal that one of C follows */
    mr_js *js;
    mr__signal *signal;                      /* NULL: collected */
    mr_abort_signal *c_signal;               /* NULL: freed */
    mr_abort_handler handler;                /* of one that is followed; 0: called or released */
    bool foreign;                            /* c_signal follows signal */
    bool counted;                            /* c_signal is */
    bool busy;                               /* its handler is yet to be released: freed then */
    struct mr__signal_twin *previous, *next; /* js->events->twins */
    struct mr__signal_twin *next_gone;
};
typedef struct mr__signal_twin twin;

static uint64_t key_of(const mr_abort_signal *signal)
{
    return (uint64_t)(uintptr_t)signal;
}

/* ---- Life -------------------------------------------------------------------------------------*/

static twin *new_twin(mr_js *js, mr__signal *signal)
{
    twin *t = mr__alloc_zero(sizeof(*t));
    if (t == NULL)
        return NULL;
    t->js = js;
    t->signal = signal;
    t->next = js->events->twins;
    if (t->next != NULL)
        t->next->previous = t;
    js->events->twins = t;
    signal->twin = t;
    return t;
}

/* The AbortSignal knows it no more. */
static mr__signal *cut(twin *t)
{
    mr__signal *signal = t->signal;
    if (signal != NULL)
        signal->twin = NULL;
    t->signal = NULL;
    return signal;
}

static void free_twin(twin *t)
{
    struct mr__js_events *events = t->js->events;
    *(t->previous != NULL ? &t->previous->next : &events->twins) = t->next;
    if (t->next != NULL)
        t->next->previous = t->previous;
    cut(t);
    t->js = NULL;
    if (!t->busy)
        mr__free(t);
}

/* The signal of C is freed, or forgotten: its twin can not be aborted by it. */
static void lose_c(twin *t)
{
    mr__idmap *by_c = &t->js->events->twins_by_c;
    uint64_t of;
    if (t->c_signal != NULL && mr__idmap_get(by_c, key_of(t->c_signal), &of) && of == (uintptr_t)t)
        mr__idmap_remove(by_c, key_of(t->c_signal));
    t->c_signal = NULL;
    t->handler.id = 0;
}

static void let_c_go(twin *t)
{
    mr_abort_signal *c_signal = t->c_signal;
    const mr_abort_handler handler = t->handler;
    bool counted = t->counted, foreign = t->foreign;
    lose_c(t);
    if (c_signal == NULL)
        return;
    if (foreign)
        mr__abort_foreign_end(c_signal);
    else if (handler.id != 0 && mr_abort_signal_off(c_signal, handler) != MR_OK)
        t->busy = true; /* the loop is ending, and will release it */
    if (counted)
        mr_abort_signal_unref(c_signal);
}

void mr__js_twin_gone(mr_js *js, mr__signal *signal)
{
    twin *t = signal->twin;
    if (t == NULL)
        return;
    t->signal = NULL;
    t->next_gone = js->events->twins_gone;
    js->events->twins_gone = t;
}

void mr__js_twins_release(mr_js *js)
{
    twin *t;
    while ((t = js->events->twins_gone) != NULL) {
        js->events->twins_gone = t->next_gone;
        let_c_go(t);
        free_twin(t);
    }
}

void mr__js_twins_stop(mr_js *js)
{
    mr__js_twins_release(js);
    twin *t;
    while ((t = js->events->twins) != NULL) {
        cut(t);
        mr__js_step_remove(js, &t->step);
        let_c_go(t);
        free_twin(t);
    }
    mr__idmap_deinit(&js->events->twins_by_c);
}

/* ---- From script to C -------------------------------------------------------------------------*/

/* The reason for C. What has no value there is undefined. */
static mr_value reason_for_c(mr_js *js, JSValueConst reason)
{
    mr_value value;
    mr_status status = mr__js_to_value(js, reason, &value);
    if (status == MR_EJS)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return status == MR_OK ? value : mr_value_undefined();
}

static void abort_foreign(mr_js *js, mr__abort_step *step, mr__signal *signal)
{
    mr_abort_signal *c_signal = mr_abort_signal_ref(((twin *)step)->c_signal);
    mr__abort_foreign_abort(c_signal, reason_for_c(js, signal->reason));
    mr_abort_signal_unref(c_signal);
}

static void nothing(mr_js *js, mr__abort_step *step)
{
    (void)js, (void)step;
}

/* The foreign signal is freed. */
static void foreign_lost(void *arg)
{
    twin *t = arg;
    t->c_signal = NULL;
    if (cut(t) == NULL) /* among those that are gone */
        return;
    mr__js_step_remove(t->js, &t->step);
    free_twin(t);
}

static mr_status make_foreign(mr_js *js, mr__signal *signal, mr_abort_signal **out_signal)
{
    twin *t = new_twin(js, signal);
    if (t == NULL)
        return MR_ENOMEM;
    t->foreign = true;
    t->step.fn = abort_foreign;
    t->step.gone = nothing;
    mr_status status = mr__abort_foreign_create(js->loop, foreign_lost, t, &t->c_signal);
    if (status != MR_OK) {
        free_twin(t);
        return status;
    }
    if (signal->aborted)
        mr__abort_foreign_abort(t->c_signal, reason_for_c(js, signal->reason));
    else
        mr__js_step_add(js, signal, &t->step);
    *out_signal = t->c_signal;
    return MR_OK;
}

mr_status mr_js_to_abort_signal(mr_js *js, mr_js_value *value, mr_abort_signal **out_signal)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (value == NULL || value->js != js || out_signal == NULL)
        return MR_EINVAL;
    mr__js_twins_release(js);
    mr__signal *signal = mr__js_signal_of(js, value->value);
    if (signal == NULL)
        return MR_EINVAL;
    if (signal->twin == NULL)
        return make_foreign(js, signal, out_signal);
    *out_signal = mr_abort_signal_ref(signal->twin->c_signal);
    return MR_OK;
}

/* ---- From C to script -------------------------------------------------------------------------*/

static JSValue reason_for_script(mr_js *js, mr_value reason)
{
    JSValue value = mr__js_from_value(js, reason);
    return JS_IsException(value) ? JS_GetException(js->ctx) : value;
}

static void c_aborts(mr_abort_signal *c_signal, mr_value reason, void *arg)
{
    twin *t = arg;
    mr_js *js = t->js;
    t->busy = true;
    t->handler.id = 0;
    t->counted = true;
    (void)mr_abort_signal_ref(c_signal);
    if (t->signal == NULL || js->gone)
        return;
    JSValue object = JS_DupValue(js->ctx, t->signal->target.object);
    mr__js_enter(js);
    JSValue value = reason_for_script(js, reason);
    int failed = mr__js_signal_abort(js, t->signal, value);
    JS_FreeValue(js->ctx, value);
    mr__js_leave(js);
    if (failed < 0)
        mr__js_uncaught(js, false);
    JS_FreeValue(js->ctx, object);
}

/* The handler goes: called, taken off, or its signal is freed. */
static void handler_released(void *arg)
{
    twin *t = arg;
    mr_js *js = t->js;
    if (t->busy) {
        t->busy = false;
        if (js == NULL)
            mr__free(t);
        return;
    }
    if (t->handler.id == 0) /* let go */
        return;
    lose_c(t);
    mr__signal *signal = cut(t);
    if (signal == NULL) /* among those that are gone */
        return;
    JSValue object = JS_DupValue(js->ctx, signal->target.object);
    free_twin(t);
    mr__js_signal_set_outside(js, signal, false);
    JS_FreeValue(js->ctx, object);
}

/* Whether t could be tied to c_signal. */
static mr_status tie(mr_js *js, twin *t, mr_abort_signal *c_signal)
{
    if (!mr__idmap_put(&js->events->twins_by_c, key_of(c_signal), (uintptr_t)t))
        return MR_ENOMEM;
    t->c_signal = c_signal;
    if (mr_abort_signal_aborted(c_signal)) {
        t->counted = true;
        (void)mr_abort_signal_ref(c_signal);
        t->signal->aborted = true;
        t->signal->reason = reason_for_script(js, mr_abort_signal_reason(c_signal));
        return MR_OK;
    }
    mr_status status = mr_abort_signal_on(c_signal, c_aborts, t, handler_released, &t->handler);
    if (status == MR_OK)
        mr__js_signal_set_outside(js, t->signal, true);
    return status;
}

/* The AbortSignal of c_signal, owned; *out_status says why there is none. */
static JSValue make_follower(mr_js *js, mr_abort_signal *c_signal, mr_status *out_status)
{
    *out_status = MR_ENOMEM;
    JSValue object = mr__js_signal_new(js);
    if (JS_IsException(object)) {
        *out_status = MR_EJS;
        return object;
    }
    twin *t = new_twin(js, mr__js_signal_of(js, object));
    if (t != NULL)
        *out_status = tie(js, t, c_signal);
    if (*out_status == MR_OK)
        return object;
    if (t != NULL) {
        lose_c(t);
        free_twin(t);
    }
    JS_FreeValue(js->ctx, object);
    return JS_UNDEFINED;
}

static twin *find(mr_js *js, mr_abort_signal *c_signal)
{
    uint64_t found;
    twin *t = mr__abort_foreign_arg(c_signal, foreign_lost);
    if (t != NULL)
        return t->js == js ? t : NULL;
    return mr__idmap_get(&js->events->twins_by_c, key_of(c_signal), &found)
               ? (twin *)(uintptr_t)found
               : NULL;
}

mr_status mr_js_from_abort_signal(mr_js *js, mr_abort_signal *signal, mr_js_value **out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (signal == NULL || out_value == NULL || mr_abort_signal_loop(signal) != js->loop)
        return MR_EINVAL;
    mr__js_twins_release(js);
    const twin *t = find(js, signal);
    if (t != NULL && t->signal != NULL)
        return mr__js_result(js, JS_DupValue(js->ctx, t->signal->target.object), out_value);
    JSValue object = make_follower(js, signal, &status);
    return status == MR_OK || status == MR_EJS ? mr__js_result(js, object, out_value) : status;
}
