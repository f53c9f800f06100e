/* Abort signals: what aborting does, and who holds whom (DOM standard, section 3.2 and 3.3). */
#include <string.h>

#include "js/gate.h"
#include "js/web_events.h"

mr__signal *mr__js_signal_of(mr_js *js, JSValueConst value)
{
    return JS_GetOpaque(value, js->events->signal_class);
}

static JSValue hold(mr_js *js, const mr__signal *signal)
{
    return JS_DupValue(js->ctx, signal->target.object);
}

static void let_go(mr_js *js, const mr__signal *signal)
{
    JS_FreeValue(js->ctx, signal->target.object);
}

/* ---- The runtime's holds ----------------------------------------------------------------------*/

static void keep(mr_js *js, mr__signal *signal)
{
    signal->kept = true;
    signal->previous_kept = NULL;
    signal->next_kept = js->events->kept;
    if (signal->next_kept != NULL)
        signal->next_kept->previous_kept = signal;
    js->events->kept = signal;
    (void)hold(js, signal);
}

static void keep_no_more(mr_js *js, mr__signal *signal)
{
    signal->kept = false;
    *(signal->previous_kept != NULL ? &signal->previous_kept->next_kept : &js->events->kept) =
        signal->next_kept;
    if (signal->next_kept != NULL)
        signal->next_kept->previous_kept = signal->previous_kept;
    let_go(js, signal);
}

static void keep_as_needed(mr_js *js, mr__signal *signal)
{
    bool wanted = signal->needed && signal->outside && !js->events->ended;
    if (wanted && !signal->kept)
        keep(js, signal);
    else if (!wanted && signal->kept)
        keep_no_more(js, signal);
}

void mr__js_signal_set_outside(mr_js *js, mr__signal *signal, bool outside)
{
    signal->outside = outside;
    keep_as_needed(js, signal);
}

/* ---- What makes a signal needed ---------------------------------------------------------------*/

static void hold_dependent(mr_js *js, mr__signal_link *link, bool holds)
{
    mr__signal *source = link->source;
    link->holds = holds;
    source->needed_dependents += holds ? 1 : -(size_t)1;
    if (holds)
        (void)hold(js, link->dependent);
    mr__js_signal_changed(js, source);
    if (!holds)
        let_go(js, link->dependent);
}

/* Goes down one level at most: a source has no sources. */
void mr__js_signal_changed(mr_js *js, mr__signal *signal)
{
    bool needed = !signal->aborted && (signal->abort_listeners != 0 || signal->first_step != NULL ||
                                       signal->needed_dependents != 0);
    if (needed == signal->needed)
        return;
    signal->needed = needed;
    for (size_t i = 0; i < signal->link_count; i++) {
        if (signal->links[i].source != NULL)
            hold_dependent(js, &signal->links[i], needed);
    }
    keep_as_needed(js, signal);
}

/* ---- Steps ------------------------------------------------------------------------------------*/

static void take_off(mr__abort_step *step)
{
    mr__signal *signal = step->signal;
    *(step->previous != NULL ? &step->previous->next : &signal->first_step) = step->next;
    *(step->next != NULL ? &step->next->previous : &signal->last_step) = step->previous;
    step->signal = NULL;
}

void mr__js_step_add(mr_js *js, mr__signal *signal, mr__abort_step *step)
{
    step->signal = signal;
    step->next = NULL;
    step->previous = signal->last_step;
    *(step->previous != NULL ? &step->previous->next : &signal->first_step) = step;
    signal->last_step = step;
    mr__js_signal_changed(js, signal);
}

void mr__js_step_remove(mr_js *js, mr__abort_step *step)
{
    mr__signal *signal = step->signal;
    if (signal == NULL)
        return;
    (void)hold(js, signal);
    take_off(step);
    mr__js_signal_changed(js, signal);
    let_go(js, signal);
}

/* Whether the signal is needed still, a finalizer may not act upon. What is not kept by then needs
 * no second look: nothing of the runtime holds it. */
void mr__js_step_remove_late(mr_js *js, mr__abort_step *step)
{
    mr__signal *signal = step->signal;
    if (signal == NULL)
        return;
    take_off(step);
    if (signal->to_look_at)
        return;
    signal->to_look_at = true;
    signal->previous_look = NULL;
    signal->next_look = js->events->to_look_at;
    if (signal->next_look != NULL)
        signal->next_look->previous_look = signal;
    js->events->to_look_at = signal;
}

static void look_no_more(mr_js *js, mr__signal *signal)
{
    if (!signal->to_look_at)
        return;
    signal->to_look_at = false;
    *(signal->previous_look != NULL ? &signal->previous_look->next_look : &js->events->to_look_at) =
        signal->next_look;
    if (signal->next_look != NULL)
        signal->next_look->previous_look = signal->previous_look;
}

void mr__js_signals_look(mr_js *js)
{
    mr__signal *signal;
    while ((signal = js->events->to_look_at) != NULL) {
        look_no_more(js, signal);
        (void)hold(js, signal);
        mr__js_signal_changed(js, signal);
        let_go(js, signal);
    }
}

/* ---- Dependents -------------------------------------------------------------------------------*/

static void take_off_source(mr__signal_link *link)
{
    mr__signal *source = link->source;
    *(link->previous != NULL ? &link->previous->next : &source->first_dependent) = link->next;
    *(link->next != NULL ? &link->next->previous : &source->last_dependent) = link->previous;
    link->source = NULL;
}

/* It has aborted, and is not needed any more. */
static void leave_sources(mr_js *js, mr__signal *dependent)
{
    for (size_t i = 0; i < dependent->link_count; i++) {
        mr__signal *source = dependent->links[i].source;
        if (source == NULL)
            continue;
        take_off_source(&dependent->links[i]);
        let_go(js, source);
    }
    js_free(js->ctx, dependent->links);
    dependent->links = NULL;
    dependent->link_count = 0;
}

/* Once, however often it is given: then the source's last dependent is this one. */
static void link_to(mr_js *js, mr__signal *dependent, mr__signal *source)
{
    mr__signal_link *last = source->last_dependent;
    if (last != NULL && last->dependent == dependent)
        return;
    mr__signal_link *link = &dependent->links[dependent->link_count++];
    *link = (mr__signal_link){.previous = last, .source = source, .dependent = dependent};
    *(last != NULL ? &last->next : &source->first_dependent) = link;
    source->last_dependent = link;
    (void)hold(js, source);
}

int mr__js_signal_follow(mr_js *js, mr__signal *dependent, size_t n, mr__signal *const *signals)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += signals[i]->dependent ? signals[i]->link_count : 1;
    dependent->dependent = true;
    if (most == 0)
        return 0;
    dependent->links = js_calloc(js->ctx, most, sizeof(*dependent->links));
    if (dependent->links == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!signals[i]->dependent)
            link_to(js, dependent, signals[i]);
        for (size_t k = 0; signals[i]->dependent && k < signals[i]->link_count; k++) {
            if (signals[i]->links[k].source != NULL)
                link_to(js, dependent, signals[i]->links[k].source);
        }
    }
    return 0;
}

/* ---- Aborting ---------------------------------------------------------------------------------*/

/* Aborted, and held until its steps have run. */
static void mark_aborted(mr_js *js, mr__signal *signal, JSValueConst reason)
{
    (void)hold(js, signal);
    signal->aborted = true;
    signal->reason = JS_DupValue(js->ctx, reason);
    mr__js_signal_changed(js, signal);
    mr__js_timeout_cancel(signal);
    signal->outside = false;
}

static int fire_abort(mr_js *js, mr__signal *signal)
{
    if (signal->abort_listeners == 0)
        return 0;
    JSValue event = mr__js_event_new(js, js->events->atoms[MR__NAME_ABORT]);
    if (JS_IsException(event))
        return -1;
    int failed = mr__js_dispatch(js, &signal->target, event);
    JS_FreeValue(js->ctx, event);
    return failed;
}

/* DOM, "run the abort steps". */
static int run_steps(mr_js *js, mr__signal *signal)
{
    while (signal->first_step != NULL && !js->gone) {
        mr__abort_step *step = signal->first_step;
        take_off(step);
        step->fn(js, step, signal);
    }
    if (js->gone) {
        mr__js_throw_exit(js);
        return -1;
    }
    return fire_abort(js, signal);
}

/* DOM, "signal abort": all that is aborted together is so before anybody is told. */
int mr__js_signal_abort(mr_js *js, mr__signal *signal, JSValueConst reason)
{
    if (signal->aborted)
        return 0;
    mr__signal *next, *last = signal;
    int failed = 0;
    mark_aborted(js, signal, reason);
    while (signal->first_dependent != NULL) {
        last->next_run = signal->first_dependent->dependent;
        last = last->next_run;
        mark_aborted(js, last, reason);
        leave_sources(js, last);
    }
    for (; signal != NULL; signal = next) {
        next = signal->next_run;
        signal->next_run = NULL;
        if (failed == 0)
            failed = run_steps(js, signal);
        let_go(js, signal);
    }
    return failed;
}

/* ---- Objects ----------------------------------------------------------------------------------*/

/* Amid a collection the others may be gone before: whoever goes first cuts what joins two. */
static void cut_links(JSRuntime *rt, mr__signal *signal)
{
    while (signal->first_dependent != NULL) {
        mr__signal_link *link = signal->first_dependent;
        bool holds = link->holds;
        JSValue dependent = link->dependent->target.object;
        link->holds = false;
        take_off_source(link);
        if (holds)
            JS_FreeValueRT(rt, dependent);
    }
    for (size_t i = 0; i < signal->link_count; i++) {
        mr__signal *source = signal->links[i].source;
        if (source == NULL)
            continue;
        source->needed_dependents -= signal->links[i].holds;
        JSValue object = source->target.object;
        take_off_source(&signal->links[i]);
        JS_FreeValueRT(rt, object);
    }
    js_free_rt(rt, signal->links);
}

static void finalize_signal(JSRuntime *rt, JSValueConst object)
{
    JSClassID class_id;
    mr_js *js = JS_GetRuntimeOpaque(rt);
    mr__signal *signal = JS_GetAnyOpaque(object, &class_id);
    if (signal == NULL)
        return;
    look_no_more(js, signal);
    mr__js_timeout_cancel(signal);
    mr__js_twin_gone(js, signal);
    while (signal->first_step != NULL) {
        mr__abort_step *step = signal->first_step;
        take_off(step);
        step->gone(js, step);
    }
    cut_links(rt, signal);
    mr__js_target_deinit(rt, &signal->target);
    JS_FreeValueRT(rt, signal->reason);
    js_free_rt(rt, signal);
}

static void mark_signal(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    JSClassID class_id;
    const mr__signal *signal = JS_GetAnyOpaque(object, &class_id);
    if (signal == NULL)
        return;
    mr__js_target_mark(rt, &signal->target, mark);
    JS_MarkValue(rt, signal->reason, mark);
    for (const mr__signal_link *link = signal->first_dependent; link != NULL; link = link->next) {
        if (link->holds)
            JS_MarkValue(rt, link->dependent->target.object, mark);
    }
    for (size_t i = 0; i < signal->link_count; i++) {
        if (signal->links[i].source != NULL)
            JS_MarkValue(rt, signal->links[i].source->target.object, mark);
    }
}

JSValue mr__js_signal_new(mr_js *js)
{
    mr__js_signals_look(js);
    JSContext *ctx = js->ctx;
    JSValue object = mr__js_new_web_object(js, MR__WEB_ABORT_SIGNAL, js->events->signal_class,
                                           js->events->protos[MR__WEB_ABORT_SIGNAL]);
    mr__signal *signal = JS_IsException(object) ? NULL : js_mallocz(ctx, sizeof(*signal));
    if (signal == NULL) {
        JS_FreeValue(ctx, object);
        return JS_EXCEPTION;
    }
    mr__js_target_init(js, &signal->target, object);
    signal->target.is_signal = true;
    signal->reason = JS_UNDEFINED;
    JS_SetOpaque(object, signal);
    return object;
}

int mr__js_signal_install(mr_js *js)
{
    const JSClassDef def = {
        .class_name = "AbortSignal", .finalizer = finalize_signal, .gc_mark = mark_signal};
    JS_NewClassID(js->rt, &js->events->signal_class);
    return JS_NewClass(js->rt, js->events->signal_class, &def);
}

void mr__js_events_stop(mr_js *js)
{
    struct mr__js_events *events = js->events;
    if (events == NULL)
        return;
    events->ended = true;
    mr__js_tracks_stop(js);
    mr__js_twins_stop(js);
    mr__js_timeouts_stop(js);
    while (events->kept != NULL)
        keep_no_more(js, events->kept);
}
