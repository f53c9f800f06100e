/* Settling, reacting, following: the operations of ECMA-262, section 27.2.
 *
 * Nothing here calls a handler but run_reaction, which is a microtask. Settling only queues jobs, so it
 * never recurses on the length of a chain. The number of jobs between a settlement and a reaction is
 * that of the specification: a reaction is one job (NewPromiseReactionJob); following a promise is one
 * more (NewPromiseResolveThenableJob), in which a reaction is attached to it. */
#include "promise/registry.h"

#include "base/memory.h"

mr_value mr__promises_error(mr__promises *of, mr_status code)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error;
    if (mr_error_create(&spec, &error) != MR_OK)
        error = mr_error_ref(of->memory_error);
    return mr_value_error(error);
}

/* ---- jobs ---- */

static void run_reaction(mr_promise *promise, const mr__reaction *reaction);
static void drop_reaction(mr_promise *promise, const mr__reaction *reaction);

static void run_inline(void *arg)
{
    mr_promise *promise = arg;
    mr__reaction reaction = promise->reaction;
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    run_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

/* run_inline and run_node of the usual kinds. */
static void run_then(void *arg);
static void run_element(void *arg);
static void run_then_node(void *arg);

static mr_task_fn *const inline_job[] = {
    [MR__REACT_THEN] = run_then,       [MR__REACT_FINALLY] = run_inline,
    [MR__REACT_KEEP] = run_inline,     [MR__REACT_ADOPT] = run_inline,
    [MR__REACT_ELEMENT] = run_element, /* AT_ONCE is no job */
};

static void discard_inline(void *arg, mr_status reason)
{
    mr_promise *promise = arg;
    (void)reason;
    mr__reaction reaction = promise->reaction;
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    drop_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

static void run_node(void *arg)
{
    mr__node *node = arg;
    mr_promise *promise = node->link.promise;
    mr__reaction reaction = node->reaction;
    mr__node_free(promise->of, node);
    run_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

static void discard_node(void *arg, mr_status reason)
{
    mr__node *node = arg;
    mr_promise *promise = node->link.promise;
    mr__reaction reaction = node->reaction;
    (void)reason;
    mr__node_free(promise->of, node);
    drop_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

MR_COLD static bool queue_slowly(mr__promises *of, mr_task_fn *fn, void *arg,
                                 mr_discard_fn *discard)
{
    const mr_task task = {fn, arg, discard};
    mr_status status = mr_microtask_with(of->loop, &task);
    if (MR_UNLIKELY(status == MR_ECLOSED)) {
        mr__microtask_refuse(of->loop, &task);
        return true;
    }
    return status == MR_OK;
}

/* False without memory. When the loop ends the job is discarded at once. */
MR_INLINE bool queue(mr__promises *of, mr_task_fn *fn, void *arg, mr_discard_fn *discard)
{
    mr_loop *loop = of->loop;
    if (MR_LIKELY(!loop->has_source && !loop->no_starts) &&
        mr__ring_push_fits(&loop->microtasks, (mr__item){.fn = fn, .arg = arg, .discard = discard}))
        return true;
    return queue_slowly(of, fn, arg, discard);
}

/* A reaction that becomes a job, or could not: a combinator takes off only what is in a list. */
MR_INLINE void be_listed(mr__reaction *reaction, bool listed)
{
    if (MR_UNLIKELY(mr__reaction_kind(reaction) == MR__REACT_ELEMENT))
        mr__combinator_listed(mr__reaction_target(reaction), reaction->arg.index,
                              listed ? reaction : NULL);
}

static bool queue_inline(mr_promise *promise)
{
    if (MR_UNLIKELY(mr__reaction_kind(&promise->reaction) == MR__REACT_AT_ONCE)) {
        promise->flags &= (uint16_t)~MR__P_INLINE;
        promise->reaction.as.at_once.fn(promise, promise->reaction.arg.user);
        return true;
    }
    mr__promise_hold(promise);
    promise->flags |= MR__P_QUEUED;
    be_listed(&promise->reaction, false);
    mr_task_fn *run = inline_job[mr__reaction_kind(&promise->reaction)];
    if (MR_LIKELY(queue(promise->of, run, promise, discard_inline)))
        return true;
    promise->refs--;
    promise->flags &= (uint16_t)~MR__P_QUEUED;
    be_listed(&promise->reaction, true);
    return false;
}

MR_INLINE bool queue_node(mr_promise *promise, mr__node *node)
{
    mr__react kind = mr__reaction_kind(&node->reaction);
    if (MR_UNLIKELY(kind == MR__REACT_AT_ONCE)) {
        mr__reaction reaction = node->reaction;
        mr__node_free(promise->of, node);
        reaction.as.at_once.fn(promise, reaction.arg.user);
        return true;
    }
    mr__node *next = node->link.next;
    mr__promise_hold(promise);
    be_listed(&node->reaction, false);
    node->link.promise = promise;
    mr_task_fn *run = MR_LIKELY(kind == MR__REACT_THEN) ? run_then_node : run_node;
    if (MR_LIKELY(queue(promise->of, run, node, discard_node)))
        return true;
    promise->refs--;
    node->link.next = next;
    be_listed(&node->reaction, true);
    return false;
}

static void be_late(mr_promise *promise)
{
    if ((promise->flags & MR__P_LATE) == 0)
        mr__promise_list_add(&promise->of->late, promise);
    promise->flags |= MR__P_LATE;
    mr__extension_due(promise->of->loop);
}

/* Those before it left the list. */
static void be_first(mr__node *node)
{
    if (mr__reaction_kind(&node->reaction) == MR__REACT_ELEMENT)
        node->reaction.as.element.before = NULL;
}

/* The jobs of the nodes, which leave the promise. */
static bool queue_nodes(mr_promise *promise)
{
    while (promise->last != NULL) {
        mr__node *last = promise->last, *first = last->link.next;
        mr__node *second = first->link.next;
        if (!queue_node(promise, first))
            return false;
        if (first == last) {
            promise->last = NULL;
        } else {
            last->link.next = second;
            be_first(second);
        }
    }
    return true;
}

/* More than one, of another kind, or there is no room in the queue. */
MR_COLD static void trigger_slowly(mr_promise *promise)
{
    bool held = (promise->flags & MR__P_HELD) != 0;
    bool inline_first = (promise->flags & (MR__P_INLINE | MR__P_QUEUED)) == MR__P_INLINE;
    promise->flags &= (uint16_t)~MR__P_HELD;
    if ((inline_first && !queue_inline(promise)) || !queue_nodes(promise))
        be_late(promise);
    if (held)
        mr__promise_drop(promise);
}

/* Of a settled promise whose jobs are not queued yet. */
void mr__promise_trigger(mr_promise *promise)
{
    enum { WANTED = MR__P_HELD | MR__P_INLINE, LOOKED_AT = WANTED | MR__P_QUEUED };
    mr_loop *loop = promise->of->loop;
    mr__react kind = mr__reaction_kind(&promise->reaction);
    /* The job takes over the reference of being pending. */
    if (MR_LIKELY((promise->flags & LOOKED_AT) == WANTED && promise->last == NULL &&
                  kind != MR__REACT_AT_ONCE && !loop->has_source && !loop->no_starts) &&
        mr__ring_push_fits(&loop->microtasks,
                           (mr__item){inline_job[kind], promise, discard_inline, 0})) {
        promise->flags = (uint16_t)((promise->flags & ~MR__P_HELD) | MR__P_QUEUED);
        be_listed(&promise->reaction, false);
    } else {
        trigger_slowly(promise);
    }
}

/* ---- settling ---- */

/* What was on the way of one that follows, or was kept for its settler alone, is let go after it. */
MR_COLD static void let_go_way(mr_promise *promise, uint16_t flags, mr_value way)
{
    if ((flags & MR__P_FOLLOWS) != 0)
        mr_value_release(way);
    if ((flags & MR__P_KEPT) != 0)
        mr__promise_drop(promise);
}

MR_INLINE void settle(mr_promise *promise, mr_promise_state state, mr_value value)
{
    mr__promises *of = promise->of;
    MR_DASSERT(promise->state == MR_PROMISE_PENDING);
    const mr_value way = promise->as.value;
    const uint16_t flags = promise->flags;
    promise->as.value = value;
    promise->state = (uint8_t)state;
    promise->flags = (uint16_t)(flags & ~(MR__P_FOLLOWS | MR__P_KEPT));
    mr__counter_add(&of->settled, 1);
    mr__promise_tell(promise, state == MR_PROMISE_FULFILLED ? MR_PROMISE_WAS_FULFILLED
                                                            : MR_PROMISE_WAS_REJECTED);
    if (state == MR_PROMISE_REJECTED && (flags & MR__P_MINDED) == 0)
        mr__rejection_track(promise);
    if ((flags & MR__P_HELD) != 0)
        mr__promise_trigger(promise);
    if (MR_UNLIKELY((flags & (MR__P_FOLLOWS | MR__P_KEPT)) != 0))
        let_go_way(promise, flags, way);
}

void mr__promise_fulfil(mr_promise *promise, mr_value value)
{
    settle(promise, MR_PROMISE_FULFILLED, value);
}

void mr__promise_reject_with(mr_promise *promise, mr_value reason)
{
    settle(promise, MR_PROMISE_REJECTED, reason);
}

/* ---- following ---- */

static bool follows(const mr_promise *promise)
{
    return promise->state == MR_PROMISE_PENDING && (promise->flags & MR__P_FOLLOWS) != 0;
}

static mr_promise *way_of(const mr_promise *promise)
{
    return promise->as.value.as.pointer;
}

/* The promise at the end of the way, by path halving (Tarjan and van Leeuwen, 1984): each visited one
 * then points to its grandparent, so that all questions together cost nearly linear time. */
static mr_promise *end_of_way(mr_promise *promise)
{
    while (follows(promise)) {
        mr_promise *next = way_of(promise);
        if (!follows(next))
            return next;
        mr_promise *after = way_of(next);
        if ((promise->flags & MR__P_LATE) != 0) { /* it needs the next one itself */
            promise = next;
            continue;
        }
        mr__promise_hold(after);
        promise->as.value.as.pointer = after;
        mr__promise_drop(next); /* what waits for it keeps it */
        promise = after;
    }
    return promise;
}

static bool attach_node(mr_promise *promise, mr__node *node);

static void run_adopt(void *arg)
{
    mr__node *node = arg;
    mr_promise *to = node->link.promise, *promise = mr__reaction_target(&node->reaction);
    if (!attach_node(to, node)) {
        mr__node_free(promise->of, node);
        be_late(promise);
        mr__promise_drop(promise);
    }
    mr__promise_drop(to);
}

static bool queue_adoption(mr_promise *promise)
{
    mr_promise *to = way_of(promise);
    mr__node *node = mr__node_new(promise->of);
    if (node == NULL)
        return false;
    node->reaction = (mr__reaction){.target = (uintptr_t)promise | MR__REACT_ADOPT};
    node->link.promise = to;
    mr__promise_hold(promise);
    mr__promise_hold(to);
    if (queue(promise->of, run_adopt, node, discard_node))
        return true;
    promise->refs--;
    to->refs--;
    mr__node_free(promise->of, node);
    return false;
}

static void follow(mr_promise *promise, mr_value value)
{
    mr__promises *of = promise->of;
    if (MR_UNLIKELY(end_of_way(value.as.pointer) == promise)) {
        mr_value reason = mr__promises_error(of, MR_ECYCLE);
        mr_value_release(value);
        settle(promise, MR_PROMISE_REJECTED, reason);
        return;
    }
    promise->as.value = value;
    promise->flags |= MR__P_FOLLOWS;
    mr__counter_add(&of->adopted, 1);
    mr__promise_tell(promise, MR_PROMISE_WAS_ADOPTED);
    if (!queue_adoption(promise))
        be_late(promise);
}

/* Whether resolving with it is more than fulfilling. */
MR_INLINE bool is_resolved_further(mr_value value)
{
    return value.kind == MR_VALUE_PROMISE || value.kind == MR_VALUE_SCRIPT;
}

static bool script_adopts(mr_promise *promise, mr_value value)
{
    const mr__script *script = value.as.pointer;
    return value.kind == MR_VALUE_SCRIPT && script->type->adopt(script->of_room, promise);
}

void mr__promise_resolve_with(mr_promise *promise, mr_value value)
{
    if (MR_LIKELY(!is_resolved_further(value)))
        settle(promise, MR_PROMISE_FULFILLED, value);
    else if (value.kind == MR_VALUE_PROMISE)
        follow(promise, value);
    else if (script_adopts(promise, value))
        mr_value_release(value);
    else
        settle(promise, MR_PROMISE_FULFILLED, value);
}

void mr__promise_adopted(mr_promise *promise, bool fulfilled, mr_value value)
{
    if (promise->state != MR_PROMISE_PENDING || promise->of->ended)
        mr_value_release(value); /* the loop ended first */
    else if (fulfilled)
        mr__promise_resolve_with(promise, value);
    else
        settle(promise, MR_PROMISE_REJECTED, value);
}

mr_status mr__promise_bridge(mr_promise *promise, mr__settled_fn *fn, void *arg)
{
    uint16_t handled = promise->flags & MR__P_HANDLED;
    if (!mr__promise_attach_at_once(promise, fn, arg, NULL))
        return MR_ENOMEM;
    promise->flags = (uint16_t)((promise->flags & ~MR__P_HANDLED) | handled);
    mr__promise_shown(promise);
    return MR_OK;
}

void mr__promise_shown(mr_promise *promise)
{
    uint16_t flags = promise->flags;
    promise->flags = flags | MR__P_SHOWN;
    if ((flags & MR__P_MINDED) == 0 && (flags & MR__P_REPORTED) != 0)
        mr__rejection_handled(promise);
}

void mr__promise_returned(mr_promise *promise)
{
    promise->flags &= (uint16_t)~MR__P_SHOWN;
    if (promise->state == MR_PROMISE_REJECTED &&
        (promise->flags & (MR__P_HANDLED | MR__P_REPORTED)) == 0)
        mr__rejection_track(promise);
}

void mr__promise_retry_late(mr__promises *of)
{
    mr__promise_list late = of->late;
    mr_promise *promise;
    of->late = (mr__promise_list){NULL, NULL};
    while ((promise = mr__promise_list_take(&late)) != NULL) {
        promise->flags &= (uint16_t)~MR__P_LATE;
        if (promise->state != MR_PROMISE_PENDING)
            mr__promise_trigger(promise);
        else if (follows(promise) && !queue_adoption(promise))
            be_late(promise);
        mr__promise_drop(promise);
    }
}

/* ---- attaching ---- */

/* It knows the one before it. */
static bool may_be_detached(const mr__reaction *reaction)
{
    mr__react kind = mr__reaction_kind(reaction);
    return kind == MR__REACT_ELEMENT || kind == MR__REACT_AT_ONCE;
}

static void append(mr_promise *promise, mr__node *node)
{
    mr__node *last = promise->last;
    if (may_be_detached(&node->reaction))
        node->reaction.as.element.before = last == NULL ? NULL : &last->reaction;
    node->link.next = last == NULL ? node : last->link.next;
    if (last != NULL)
        last->link.next = node;
    promise->last = node;
}

MR_INLINE void hold_pending(mr_promise *promise)
{
    if ((promise->flags & MR__P_HELD) != 0)
        return;
    promise->flags |= MR__P_HELD;
    mr__promise_hold(promise);
}

void mr__promise_be_handled(mr_promise *promise)
{
    if ((promise->flags & MR__P_HANDLED) == 0) {
        promise->flags |= MR__P_HANDLED;
        if (MR_UNLIKELY((promise->flags & (MR__P_REPORTED | MR__P_SHOWN)) == MR__P_REPORTED))
            mr__rejection_handled(promise);
    }
}

/* Whether new reactions go to the list rather than to the queue. */
static bool collects(const mr_promise *promise)
{
    return promise->state == MR_PROMISE_PENDING || (promise->flags & MR__P_LATE) != 0;
}

/* Attach a node, which passes on success; its reaction may move into the promise. */
static bool attach_node(mr_promise *promise, mr__node *node)
{
    bool pending = promise->state == MR_PROMISE_PENDING;
    if (!collects(promise)) {
        if (!queue_node(promise, node))
            return false;
    } else if (pending && (promise->flags & MR__P_INLINE) == 0 && promise->last == NULL &&
               mr__reaction_kind(&node->reaction) != MR__REACT_ELEMENT) {
        promise->reaction = node->reaction;
        promise->flags |= MR__P_INLINE;
        mr__node_free(promise->of, node);
    } else {
        append(promise, node);
    }
    if (pending)
        hold_pending(promise);
    mr__promise_be_handled(promise);
    return true;
}

bool mr__promise_attach(mr_promise *promise, const mr__reaction *reaction, mr__reaction **out_at)
{
    if (MR_LIKELY((promise->flags & MR__P_INLINE) == 0 && promise->last == NULL)) {
        promise->reaction = *reaction;
        promise->flags |= MR__P_INLINE;
        if (out_at != NULL)
            *out_at = promise->state == MR_PROMISE_PENDING ? &promise->reaction : NULL;
        if (promise->state == MR_PROMISE_PENDING) {
            hold_pending(promise);
        } else if (!queue_inline(promise)) {
            promise->flags &= (uint16_t)~MR__P_INLINE;
            return false;
        }
        mr__promise_be_handled(promise);
        return true;
    }
    mr__node *node = mr__node_new(promise->of);
    if (node == NULL)
        return false;
    node->reaction = *reaction;
    if (out_at != NULL)
        *out_at = collects(promise) ? &node->reaction : NULL;
    if (attach_node(promise, node))
        return true;
    mr__node_free(promise->of, node);
    return false;
}

bool mr__promise_attach_at_once(mr_promise *promise, mr__settled_fn *fn, void *arg,
                                mr__reaction **out_at)
{
    const mr__reaction reaction = {
        .as.at_once.fn = fn, .arg.user = arg, .target = MR__REACT_AT_ONCE};
    return mr__promise_attach(promise, &reaction, out_at);
}

static void unlink_node(mr_promise *promise, mr__node *node)
{
    mr__node *last = promise->last, *next = node->link.next;
    mr__node *before = (mr__node *)(void *)node->reaction.as.element.before;
    if (last == next && last == node) {
        promise->last = NULL;
    } else {
        (before != NULL ? before : last)->link.next = next;
        if (node == last)
            promise->last = before;
        else if (may_be_detached(&next->reaction))
            next->reaction.as.element.before = node->reaction.as.element.before;
    }
    mr__node_free(promise->of, node);
}

static void let_go_pending(mr_promise *promise)
{
    if ((promise->flags & MR__P_HELD) == 0)
        return;
    promise->flags &= (uint16_t)~MR__P_HELD;
    mr__promise_drop(promise);
}

void mr__promise_detach(mr_promise *promise, mr__reaction *reaction)
{
    if (reaction == &promise->reaction)
        promise->flags &= (uint16_t)~MR__P_INLINE;
    else
        unlink_node(promise, (mr__node *)(void *)reaction);
    if ((promise->flags & MR__P_INLINE) == 0 && promise->last == NULL)
        let_go_pending(promise);
}

void mr__promise_drop_reactions(mr_promise *promise)
{
    if ((promise->flags & (MR__P_INLINE | MR__P_QUEUED)) == MR__P_INLINE) {
        mr__reaction reaction = promise->reaction;
        promise->flags &= (uint16_t)~MR__P_INLINE;
        be_listed(&reaction, false);
        drop_reaction(promise, &reaction);
    }
    while (promise->last != NULL) {
        mr__node *first = promise->last->link.next;
        if (first == promise->last)
            promise->last = NULL;
        else
            promise->last->link.next = first->link.next;
        mr__reaction reaction = first->reaction;
        mr__node_free(promise->of, first);
        be_listed(&reaction, false);
        drop_reaction(promise, &reaction);
    }
    let_go_pending(promise);
}

/* ---- reacting ---- */

/* A copy of how a promise ended is how another ends. */
static void pass(const mr_promise *promise, mr_promise *child)
{
    settle(child, (mr_promise_state)promise->state, mr__value_ref(promise->as.value));
}

void mr__promise_answer(mr_promise *promise, mr_status status, mr_value value)
{
    mr__promises *of = promise->of;
    bool accepted = mr__promises_accept(of, value);
    if (MR_LIKELY(status == MR_OK && accepted)) {
        mr__promise_resolve_with(promise, value);
        return;
    }
    if (!accepted || value.kind == MR_VALUE_UNDEFINED) {
        mr_value_release(value);
        value = mr__promises_error(of, status < MR_OK ? status : MR_EINVAL);
    }
    settle(promise, MR_PROMISE_REJECTED, value);
}

MR_INLINE void react(mr_promise *promise, mr_reaction_fn *fn, void *arg, mr_release_fn *release,
                     mr_promise *child)
{
    mr_value value = {0};
    mr_status status = MR_OK;
    if (MR_LIKELY(fn != NULL))
        status = fn(promise->as.value, arg, &value);
    if (release != NULL)
        release(arg);
    if (MR_UNLIKELY(fn == NULL))
        pass(promise, child);
    else if (MR_LIKELY(status == MR_OK && !is_resolved_further(value)))
        settle(child, MR_PROMISE_FULFILLED, value);
    else
        mr__promise_answer(child, status, value);
    mr__promise_drop(child);
}

static void run_then_node(void *arg)
{
    mr__node *node = arg;
    mr_promise *promise = node->link.promise;
    mr_reaction_fn *fn = node->reaction.as.fn[promise->state == MR_PROMISE_REJECTED];
    void *user = node->reaction.arg.user;
    mr_release_fn *release = node->reaction.release;
    mr_promise *child = mr__reaction_target(&node->reaction);
    mr__node_free(promise->of, node);
    react(promise, fn, user, release, child);
    mr__promise_drop(promise);
}

static void run_then(void *arg)
{
    mr_promise *promise = arg;
    const mr__reaction *reaction = &promise->reaction;
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    react(promise, reaction->as.fn[promise->state == MR_PROMISE_REJECTED], reaction->arg.user,
          reaction->release, mr__reaction_target(reaction));
    mr__promise_drop(promise);
}

static void run_element(void *arg)
{
    mr_promise *promise = arg;
    mr__combinator *combinator = mr__reaction_target(&promise->reaction);
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    mr__combinator_element(combinator, promise->reaction.arg.index,
                           (mr_promise_state)promise->state, promise->as.value);
    mr__combinator_unref(combinator);
    mr__promise_drop(promise);
}

/* The settlement of promise, after value has been awaited: section 27.2.5.3, thenFinally and
 * catchFinally, with their two promises. value passes. False without memory. */
static bool keep_after(mr_promise *promise, mr_value value, mr_promise *child)
{
    mr__promises *of = promise->of;
    bool given = value.kind == MR_VALUE_PROMISE;
    mr_promise *awaited = given ? value.as.pointer : mr__promise_new(of, false);
    mr_promise *kept = mr__promise_new(of, false);
    if (awaited != NULL && !given)
        settle(awaited, MR_PROMISE_FULFILLED, value);
    else if (awaited == NULL)
        mr_value_release(value);
    const mr__reaction reaction = {.as.kept = mr__value_ref(promise->as.value),
                                   .arg.state = (mr_promise_state)promise->state,
                                   .target = (uintptr_t)kept | MR__REACT_KEEP};
    bool attached = awaited != NULL && kept != NULL && mr__promise_attach(awaited, &reaction, NULL);
    if (awaited != NULL)
        mr__promise_drop(awaited);
    if (!attached) {
        mr_value_release(reaction.as.kept);
        if (kept != NULL)
            mr__promise_drop(kept);
        return false;
    }
    mr__promise_hold(kept);
    mr__promise_resolve_with(child, mr_value_promise(kept));
    return true;
}

static void react_finally(mr_promise *promise, const mr__reaction *reaction)
{
    mr_promise *child = mr__reaction_target(reaction);
    mr_value value = {0};
    mr_status status = reaction->as.fn[0]((mr_value){0}, reaction->arg.user, &value);
    if (reaction->release != NULL)
        reaction->release(reaction->arg.user);
    if (status != MR_OK || !mr__promises_accept(promise->of, value))
        mr__promise_answer(child, status, value);
    else if (!keep_after(promise, value, child))
        settle(child, MR_PROMISE_REJECTED, mr_value_error(mr_error_ref(promise->of->memory_error)));
    mr__promise_drop(child);
}

static void react_keep(const mr_promise *promise, const mr__reaction *reaction)
{
    mr_promise *child = mr__reaction_target(reaction);
    if (promise->state == MR_PROMISE_REJECTED) {
        mr_value_release(reaction->as.kept);
        pass(promise, child);
    } else {
        settle(child, reaction->arg.state, reaction->as.kept);
    }
    mr__promise_drop(child);
}

static void run_reaction(mr_promise *promise, const mr__reaction *reaction)
{
    switch (mr__reaction_kind(reaction)) {
    case MR__REACT_THEN:
        react(promise, reaction->as.fn[promise->state == MR_PROMISE_REJECTED], reaction->arg.user,
              reaction->release, mr__reaction_target(reaction));
        break;
    case MR__REACT_FINALLY:
        react_finally(promise, reaction);
        break;
    case MR__REACT_KEEP:
        react_keep(promise, reaction);
        break;
    case MR__REACT_ADOPT:
        pass(promise, mr__reaction_target(reaction));
        mr__promise_drop(mr__reaction_target(reaction));
        break;
    case MR__REACT_ELEMENT:
        mr__combinator_element(mr__reaction_target(reaction), reaction->arg.index,
                               (mr_promise_state)promise->state, promise->as.value);
        mr__combinator_unref(mr__reaction_target(reaction));
        break;
    case MR__REACT_AT_ONCE: /* never a job */
        break;
    }
}

/* The loop ended first. */
static void drop_reaction(mr_promise *promise, const mr__reaction *reaction)
{
    switch (mr__reaction_kind(reaction)) {
    case MR__REACT_THEN:
    case MR__REACT_FINALLY:
        if (reaction->release != NULL)
            reaction->release(reaction->arg.user);
        else if (reaction->as.fn[0] != NULL || reaction->as.fn[1] != NULL)
            mr__loop_report_discard(promise->of->loop, MR_KIND_MICROTASK, reaction->arg.user);
        mr__promise_drop(mr__reaction_target(reaction));
        break;
    case MR__REACT_KEEP:
        mr_value_release(reaction->as.kept);
        mr__promise_drop(mr__reaction_target(reaction));
        break;
    case MR__REACT_ADOPT:
        mr__promise_drop(mr__reaction_target(reaction));
        break;
    case MR__REACT_ELEMENT:
        mr__combinator_unref(mr__reaction_target(reaction));
        break;
    case MR__REACT_AT_ONCE:
        reaction->as.at_once.fn(promise, reaction->arg.user);
        break;
    }
}

/* ---- the calls that attach ---- */

/* To one that has reactions already, or has settled. */
static bool attach_further(mr_promise *promise, const mr_reaction *reaction, uintptr_t target)
{
    const mr__reaction r = {.as.fn = {reaction->on_fulfilled, reaction->on_rejected},
                            .arg.user = reaction->arg,
                            .release = reaction->release,
                            .target = target};
    if ((promise->flags & MR__P_INLINE) == 0 && promise->last == NULL)
        return mr__promise_attach(promise, &r, NULL);
    mr__node *node = mr__node_new(promise->of);
    if (MR_UNLIKELY(node == NULL))
        return false;
    node->reaction = r;
    if (MR_LIKELY(attach_node(promise, node)))
        return true;
    mr__node_free(promise->of, node);
    return false;
}

/* reaction is copied, field by field, to where it stays. */
MR_INLINE mr_status attach(mr_promise *promise, const mr_reaction *reaction, mr__react kind,
                           mr_promise **out_child)
{
    mr__promises *of;
    mr_status status = mr__promises_of(promise->of->loop, &of);
    if (MR_UNLIKELY(status != MR_OK))
        return status;
    mr_promise *child = mr__promise_new(of, false);
    if (MR_UNLIKELY(child == NULL))
        return MR_ENOMEM;
    const uint16_t flags = promise->flags;
    if (MR_LIKELY((flags & MR__P_INLINE) == 0 && promise->last == NULL &&
                  promise->state == MR_PROMISE_PENDING)) {
        promise->reaction.as.fn[0] = reaction->on_fulfilled;
        promise->reaction.as.fn[1] = reaction->on_rejected;
        promise->reaction.arg.user = reaction->arg;
        promise->reaction.release = reaction->release;
        promise->reaction.target = (uintptr_t)child | kind;
        promise->flags = flags | MR__P_INLINE | MR__P_HANDLED | MR__P_HELD;
        promise->refs += (flags & MR__P_HELD) == 0;
    } else if (MR_UNLIKELY(!attach_further(promise, reaction, (uintptr_t)child | kind))) {
        mr__promise_drop(child);
        return MR_ENOMEM;
    }
    if (out_child != NULL) {
        mr__promise_hold(child);
        *out_child = child;
    }
    return MR_OK;
}

mr_status mr_promise_then(mr_promise *promise, const mr_reaction *reaction, mr_promise **out_child)
{
    if (MR_UNLIKELY(promise == NULL || reaction == NULL))
        return MR_EINVAL;
    return attach(promise, reaction, MR__REACT_THEN, out_child);
}

mr_status mr_promise_catch(mr_promise *promise, mr_reaction_fn *fn, void *arg,
                           mr_release_fn *release, mr_promise **out_child)
{
    if (promise == NULL || fn == NULL)
        return MR_EINVAL;
    const mr_reaction r = {.on_rejected = fn, .arg = arg, .release = release};
    return attach(promise, &r, MR__REACT_THEN, out_child);
}

mr_status mr_promise_finally(mr_promise *promise, mr_reaction_fn *fn, void *arg,
                             mr_release_fn *release, mr_promise **out_child)
{
    if (promise == NULL || fn == NULL)
        return MR_EINVAL;
    const mr_reaction r = {.on_fulfilled = fn, .on_rejected = fn, .arg = arg, .release = release};
    return attach(promise, &r, MR__REACT_FINALLY, out_child);
}
