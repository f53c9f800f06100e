/* The listeners of an event target: for each type a list in order of adding, found by callback and
 * capture. A dispatch that goes through a list stands on the stack as a walk; who takes a listener
 * off moves the walks on that stand before it. */
#include "js/gate.h"
#include "js/web_events.h"

enum { MANY_LISTENERS = 16, MANY_TYPES = 8 };

static uint64_t key_of(JSValueConst callback, bool capture)
{
    return (uint64_t)(uintptr_t)JS_VALUE_GET_PTR(callback) | (capture ? 1 : 0);
}

static bool is_capture(const mr__listener *listener)
{
    return (listener->flags & MR__LISTENER_CAPTURE) != 0;
}

/* An event handler attribute may be the same function as a listener, beside it. */
static bool has_key(const mr__listener *listener)
{
    return (listener->flags & MR__LISTENER_HANDLER) == 0;
}

/* ---- Lists ------------------------------------------------------------------------------------*/

mr__listeners *mr__js_listeners_of(mr__target *target, JSAtom type)
{
    uint64_t found;
    if (target->by_type.cap != 0)
        return mr__idmap_get(&target->by_type, type, &found) ? (mr__listeners *)(uintptr_t)found
                                                             : NULL;
    mr__listeners *list = target->lists;
    while (list != NULL && list->type != type)
        list = list->next;
    return list;
}

/* Once there are many lists each is found through the map. */
static bool map_list(mr__target *target, mr__listeners *added)
{
    if (target->by_type.cap == 0 && target->list_count < MANY_TYPES)
        return true;
    if (target->by_type.cap != 0)
        return mr__idmap_put(&target->by_type, added->type, (uintptr_t)added);
    for (mr__listeners *list = added; list != NULL; list = list->next) {
        if (!mr__idmap_put(&target->by_type, list->type, (uintptr_t)list)) {
            mr__idmap_deinit(&target->by_type);
            return false;
        }
    }
    return true;
}

static mr__listeners *new_list(mr_js *js, mr__target *target, JSAtom type)
{
    mr__listeners *list = js_mallocz(js->ctx, sizeof(*list));
    if (list == NULL)
        return NULL;
    list->target = target;
    list->type = type;
    list->next = target->lists;
    if (!map_list(target, list)) {
        js_free(js->ctx, list);
        JS_ThrowOutOfMemory(js->ctx);
        return NULL;
    }
    JS_DupAtom(js->ctx, type);
    if (list->next != NULL)
        list->next->previous = list;
    target->lists = list;
    target->list_count++;
    return list;
}

static bool is_walked(const mr__listeners *list)
{
    const mr__walk *walk = list->target->walks;
    while (walk != NULL && walk->list != list)
        walk = walk->outer;
    return walk != NULL;
}

void mr__js_list_release(JSRuntime *rt, mr__listeners *list)
{
    mr__target *target = list->target;
    if (list->count != 0 || is_walked(list))
        return;
    *(list->previous != NULL ? &list->previous->next : &target->lists) = list->next;
    if (list->next != NULL)
        list->next->previous = list->previous;
    target->list_count--;
    if (target->by_type.cap != 0)
        mr__idmap_remove(&target->by_type, list->type);
    mr__idmap_deinit(&list->index);
    JS_FreeAtomRT(rt, list->type);
    js_free_rt(rt, list);
}

/* ---- Finding ----------------------------------------------------------------------------------*/

static mr__listener *find(const mr__listeners *list, JSValueConst callback, bool capture)
{
    uint64_t found;
    if (list->index.cap != 0)
        return mr__idmap_get(&list->index, key_of(callback, capture), &found)
                   ? (mr__listener *)(uintptr_t)found
                   : NULL;
    mr__listener *listener = list->first;
    while (listener != NULL &&
           (JS_VALUE_GET_PTR(listener->callback) != JS_VALUE_GET_PTR(callback) ||
            is_capture(listener) != capture || !has_key(listener)))
        listener = listener->next;
    return listener;
}

mr__listener *mr__js_find_listener(mr__target *target, JSAtom type, JSValueConst callback,
                                   bool capture)
{
    const mr__listeners *list = mr__js_listeners_of(target, type);
    return list == NULL ? NULL : find(list, callback, capture);
}

static bool put(mr__listeners *list, mr__listener *listener)
{
    return !has_key(listener) ||
           mr__idmap_put(&list->index, key_of(listener->callback, is_capture(listener)),
                         (uintptr_t)listener);
}

static bool index_listener(mr__listeners *list, mr__listener *added)
{
    if (list->index.cap == 0 && list->count < MANY_LISTENERS)
        return true;
    bool done = put(list, added);
    for (mr__listener *l = list->index.len > 1 ? NULL : list->first; done && l != NULL; l = l->next)
        done = put(list, l);
    if (!done)
        mr__idmap_deinit(&list->index); /* searched from end to end again */
    return done;
}

/* ---- Adding and removing ----------------------------------------------------------------------*/

static void append(mr__listeners *list, mr__listener *listener)
{
    listener->list = list;
    listener->order = ++list->target->last_order;
    listener->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = listener;
    list->last = listener;
    list->count++;
    list->captures += is_capture(listener);
}

/* Whether a signal hears of its abort decides who holds it. */
static void count_abort(mr_js *js, const mr__listeners *list, bool more)
{
    if (!list->target->is_signal || list->type != js->events->atoms[MR__NAME_ABORT])
        return;
    mr__signal *signal = (mr__signal *)list->target;
    signal->abort_listeners += more ? 1 : -(size_t)1;
    mr__js_signal_changed(js, signal);
}

int mr__js_listen(mr_js *js, mr__target *target, JSAtom type, JSValueConst callback, uint32_t flags,
                  mr__listener **out_listener)
{
    mr__listeners *list = mr__js_listeners_of(target, type);
    bool capture = (flags & MR__LISTENER_CAPTURE) != 0;
    if (list != NULL && !(flags & MR__LISTENER_HANDLER) && find(list, callback, capture) != NULL)
        return 0;
    if (list == NULL && (list = new_list(js, target, type)) == NULL)
        return -1;
    mr__listener *listener = js_malloc(js->ctx, sizeof(*listener));
    if (listener == NULL) {
        mr__js_list_release(js->rt, list);
        return -1;
    }
    *listener = (mr__listener){.callback = JS_DupValue(js->ctx, callback), .flags = flags};
    index_listener(list, listener);
    append(list, listener);
    count_abort(js, list, true);
    if (out_listener != NULL)
        *out_listener = listener;
    return 1;
}

/* Off its list; what it holds stays. */
static void unlink_listener(mr__listener *listener)
{
    mr__listeners *list = listener->list;
    for (mr__walk *walk = list->target->walks; walk != NULL; walk = walk->outer) {
        if (walk->next == listener)
            walk->next = listener->next;
    }
    *(listener->previous != NULL ? &listener->previous->next : &list->first) = listener->next;
    *(listener->next != NULL ? &listener->next->previous : &list->last) = listener->previous;
    list->count--;
    list->captures -= is_capture(listener);
    if (list->index.cap != 0 && has_key(listener))
        mr__idmap_remove(&list->index, key_of(listener->callback, is_capture(listener)));
}

void mr__js_unlisten(mr_js *js, mr__listener *listener)
{
    mr__listeners *list = listener->list;
    mr__listener_end *end = listener->end;
    JSValue callback = listener->callback;
    unlink_listener(listener);
    js_free(js->ctx, listener);
    if (end != NULL) {
        mr__js_step_remove(js, &end->step);
        js_free(js->ctx, end);
    }
    count_abort(js, list, false);
    mr__js_list_release(js->rt, list);
    JS_FreeValue(js->ctx, callback);
}

/* ---- Option signal ----------------------------------------------------------------------------*/

static mr__listener_end *end_of(mr__abort_step *step)
{
    return (mr__listener_end *)step; /* the first member */
}

static void end_listener(mr_js *js, mr__abort_step *step, mr__signal *signal)
{
    (void)signal;
    mr__listener *listener = end_of(step)->listener;
    JSValue target = JS_DupValue(js->ctx, listener->list->target->object);
    mr__js_unlisten(js, listener);
    JS_FreeValue(js->ctx, target);
}

static void signal_gone(mr_js *js, mr__abort_step *step)
{
    end_of(step)->listener->end = NULL;
    js_free_rt(js->rt, step);
}

int mr__js_listener_end_with(mr_js *js, mr__listener *listener, mr__signal *signal)
{
    mr__listener_end *end = js_mallocz(js->ctx, sizeof(*end));
    if (end == NULL)
        return -1;
    end->step.fn = end_listener;
    end->step.gone = signal_gone;
    end->listener = listener;
    listener->end = end;
    mr__js_step_add(js, signal, &end->step);
    return 0;
}

/* ---- The target's end -------------------------------------------------------------------------*/

static void free_listener(mr_js *js, mr__listener *listener)
{
    if (listener->end != NULL) {
        mr__js_step_remove_late(js, &listener->end->step);
        js_free_rt(js->rt, listener->end);
    }
    JS_FreeValueRT(js->rt, listener->callback);
    js_free_rt(js->rt, listener);
}

/* In a finalizer. */
void mr__js_target_deinit(JSRuntime *rt, mr__target *target)
{
    mr_js *js = JS_GetRuntimeOpaque(rt);
    for (mr__listeners *list = target->lists, *next_list; list != NULL; list = next_list) {
        next_list = list->next;
        for (mr__listener *l = list->first, *next; l != NULL; l = next) {
            next = l->next;
            free_listener(js, l);
        }
        mr__idmap_deinit(&list->index);
        JS_FreeAtomRT(rt, list->type);
        js_free_rt(rt, list);
    }
    mr__idmap_deinit(&target->by_type);
}

void mr__js_target_mark(JSRuntime *rt, const mr__target *target, JS_MarkFunc *mark)
{
    for (const mr__listeners *list = target->lists; list != NULL; list = list->next) {
        for (const mr__listener *l = list->first; l != NULL; l = l->next)
            JS_MarkValue(rt, l->callback, mark);
    }
}
