/* Settling, reacting, following: the operations of ECMA-262, section 27.2.
 *
 * Nothing here calls a handler but the jobs at the end, which are microtasks. The number of jobs between a settlement and a reaction is
 * that of the specification: a reaction is one job (NewPromiseReactionJob); following a promise is one
 * more (NewPromiseResolveThenableJob), in which a reaction is attached to it. */
#include "promise/settling.h"

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

static void run_inline(void *arg)
{
    mr_promise *promise = arg;
    mr__reaction reaction = promise->reaction;
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    run_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

/* run_inline and run_node of the usual kinds. */
static void run_element(void *arg);
static void run_then_node(void *arg);

mr_task_fn *const mr__inline_jobs[] = {
    [MR__REACT_THEN] = mr__run_then,   [MR__REACT_FINALLY] = run_inline,
    [MR__REACT_KEEP] = run_inline,     [MR__REACT_ADOPT] = run_inline,
    [MR__REACT_ELEMENT] = run_element, /* AT_ONCE is no job */
};

void mr__discard_inline(void *arg, mr_status reason)
{
    mr_promise *promise = arg;
    (void)reason;
    mr__reaction reaction = promise->reaction;
    promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    mr__promise_drop_reaction(promise, &reaction);
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
    mr__promise_drop_reaction(promise, &reaction);
    mr__promise_drop(promise);
}

MR_COLD bool mr__queue_slowly(mr__promises *of, mr_task_fn *fn, void *arg, mr_discard_fn *discard)
{
    const mr_task task = {fn, arg, discard};
    mr_status status = mr_microtask_with(of->loop, &task);
    if (MR_UNLIKELY(status == MR_ECLOSED)) {
        mr__microtask_refuse(of->loop, &task);
        return true;
    }
    return status == MR_OK;
}

enum { REASON = 1 }; /* a status above 0: the value is the reason as it is */

/* The end of a reaction without a child, where somebody has to hear of it. value passes unless there
 * is no memory. */
static bool tell_end(mr__promises *of, mr_status status, mr_value value)
{
    mr_promise *child = mr__promise_new(of, false);
    if (MR_UNLIKELY(child == NULL))
        return false;
    if (status == REASON)
        mr__promise_reject_with(child, value);
    else
        mr__promise_answer(child, status, value);
    mr__promise_drop(child);
    return true;
}

/* What is no job. */
static bool finish_inline(mr_promise *promise)
{
    mr__reaction reaction = promise->reaction;
    promise->flags &= (uint16_t)~MR__P_INLINE;
    if (mr__reaction_kind(&reaction) == MR__REACT_AT_ONCE)
        reaction.as.at_once.fn(promise, reaction.arg.user);
    else if (!tell_end(promise->of, reaction.arg.status, reaction.as.kept))
        promise->flags |= MR__P_INLINE;
    return (promise->flags & MR__P_INLINE) == 0;
}

static bool finish_node(mr_promise *promise, mr__node *node)
{
    mr__reaction reaction = node->reaction;
    if (mr__reaction_kind(&reaction) == MR__REACT_OWED &&
        !tell_end(promise->of, reaction.arg.status, reaction.as.kept))
        return false;
    mr__node_free(promise->of, node);
    if (mr__reaction_kind(&reaction) == MR__REACT_AT_ONCE)
        reaction.as.at_once.fn(promise, reaction.arg.user);
    return true;
}

/* An element that the combinator needs no job of. */
MR_INLINE bool takes_element(mr_promise *promise, const mr__reaction *reaction)
{
    return mr__reaction_kind(reaction) == MR__REACT_ELEMENT &&
           mr__combinator_take(mr__reaction_target(reaction), reaction->arg.index,
                               (mr_promise_state)promise->state, promise->as.value);
}

bool mr__promise_queue_inline(mr_promise *promise)
{
    if (MR_UNLIKELY(mr__reaction_kind(&promise->reaction) >= MR__REACT_AT_ONCE))
        return finish_inline(promise);
    if (takes_element(promise, &promise->reaction)) {
        promise->flags &= (uint16_t)~MR__P_INLINE;
        return true;
    }
    mr__promise_hold(promise);
    promise->flags |= MR__P_QUEUED;
    mr__reaction_listed(&promise->reaction, false);
    mr_task_fn *run = mr__inline_jobs[mr__reaction_kind(&promise->reaction)];
    if (MR_LIKELY(mr__queue(promise->of, run, promise, mr__discard_inline)))
        return true;
    promise->refs--;
    promise->flags &= (uint16_t)~MR__P_QUEUED;
    mr__reaction_listed(&promise->reaction, true);
    return false;
}

/* The job of a node takes over its place in the circle. */
MR_INLINE bool queue_node_as(mr_promise *promise, mr__node *node, mr_task_fn *run)
{
    mr__node *next = node->link.next;
    node->link.promise = promise;
    promise->refs++;
    if (MR_LIKELY(mr__queue(promise->of, run, node, discard_node)))
        return true;
    promise->refs--;
    node->link.next = next;
    return false;
}

static bool queue_node_slowly(mr_promise *promise, mr__node *node)
{
    if (mr__reaction_kind(&node->reaction) >= MR__REACT_AT_ONCE)
        return finish_node(promise, node);
    if (takes_element(promise, &node->reaction)) {
        mr__node_free(promise->of, node);
        return true;
    }
    mr__reaction_listed(&node->reaction, false);
    if (queue_node_as(promise, node, run_node))
        return true;
    mr__reaction_listed(&node->reaction, true);
    return false;
}

bool mr__promise_queue_node(mr_promise *promise, mr__node *node)
{
    return MR_LIKELY(mr__reaction_kind(&node->reaction) == MR__REACT_THEN)
               ? queue_node_as(promise, node, run_then_node)
               : queue_node_slowly(promise, node);
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

/* As many jobs of handlers as stand at the front and find room in the ring; what is then the first, or
 * NULL. */
static mr__node *queue_handlers(mr_promise *promise, mr__node *first)
{
    mr__ring *ring = &promise->of->loop->microtasks;
    const mr__node *last = promise->last;
    mr__item *const items = ring->items;
    const uint64_t head = mr__counter_get(&ring->head), cap = ring->cap, end = head + cap;
    uint64_t tail = mr__counter_get(&ring->tail);
    const uint64_t before = tail;
    for (mr__node *node = NULL; tail != end && node != last; tail++) {
        node = first;
        if (mr__reaction_kind(&node->reaction) != MR__REACT_THEN)
            break;
        first = node->link.next;
        node->link.promise = promise;
        items[tail & (cap - 1)] =
            (mr__item){.fn = run_then_node, .arg = node, .discard = discard_node};
        if (node == last)
            first = NULL;
    }
    promise->refs += (uint32_t)(tail - before);
    mr__counter_set(&ring->tail, tail);
    mr__counter_max(&ring->most, tail - head);
    return first;
}

/* The jobs of the nodes, which leave the promise. */
static bool queue_nodes(mr_promise *promise)
{
    while (promise->last != NULL) {
        mr__node *last = promise->last, *first = last->link.next;
        if (MR_LIKELY((promise->of->loop->observed & MR__NO_QUEUE) == 0))
            first = queue_handlers(promise, first);
        if (first == NULL) {
            promise->last = NULL;
            break;
        }
        last->link.next = first;
        be_first(first);
        mr__node *second = first->link.next;
        if (!mr__promise_queue_node(promise, first))
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
static MR__APART void trigger_slowly(mr_promise *promise)
{
    bool held = (promise->flags & MR__P_HELD) != 0;
    bool inline_first = (promise->flags & (MR__P_INLINE | MR__P_QUEUED)) == MR__P_INLINE;
    promise->flags &= (uint16_t)~MR__P_HELD;
    if ((inline_first && !mr__promise_queue_inline(promise)) || !queue_nodes(promise))
        be_late(promise);
    if (held)
        mr__promise_drop(promise);
}

/* Of a settled promise whose jobs are not queued yet. */
void mr__promise_trigger(mr_promise *promise)
{
    const uint16_t flags = promise->flags;
    if ((flags & (MR__P_HELD | MR__P_INLINE | MR__P_QUEUED)) == (MR__P_HELD | MR__P_INLINE) &&
        promise->last == NULL && takes_element(promise, &promise->reaction)) {
        promise->flags = flags & (uint16_t) ~(MR__P_HELD | MR__P_INLINE);
        mr__promise_drop(promise);
        return;
    }
    if (!mr__trigger_usual(promise, promise->flags))
        trigger_slowly(promise);
}

/* ---- settling ---- */

MR_COLD void mr__promise_let_go_way(mr_promise *promise, uint16_t flags, mr_value way)
{
    if ((flags & MR__P_FOLLOWS) != 0)
        mr_value_release(way);
    if ((flags & MR__P_KEPT) != 0)
        mr__promise_drop(promise);
}

void mr__promise_fulfil(mr_promise *promise, mr_value value)
{
    mr__settle(promise, MR_PROMISE_FULFILLED, value);
}

void mr__promise_reject_with(mr_promise *promise, mr_value reason)
{
    mr__settle(promise, MR_PROMISE_REJECTED, reason);
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

static void run_adopt(void *arg)
{
    mr__node *node = arg;
    mr_promise *to = node->link.promise, *promise = mr__reaction_target(&node->reaction);
    if (!mr__promise_attach_node(to, node)) {
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
    if (mr__queue(promise->of, run_adopt, node, discard_node))
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
        mr__settle(promise, MR_PROMISE_REJECTED, reason);
        return;
    }
    promise->as.value = value;
    promise->flags |= MR__P_FOLLOWS;
    mr__counter_add(&of->adopted, 1);
    mr__promise_tell(promise, MR_PROMISE_WAS_ADOPTED);
    if (!queue_adoption(promise))
        be_late(promise);
}

static bool script_adopts(mr_promise *promise, mr_value value)
{
    const mr__script *script = value.as.pointer;
    return value.kind == MR_VALUE_SCRIPT && script->type->adopt(script->of_room, promise);
}

void mr__promise_resolve_with(mr_promise *promise, mr_value value)
{
    if (MR_LIKELY(!mr__is_resolved_further(value)))
        mr__settle(promise, MR_PROMISE_FULFILLED, value);
    else if (value.kind == MR_VALUE_PROMISE)
        follow(promise, value);
    else if (script_adopts(promise, value))
        mr_value_release(value);
    else
        mr__settle(promise, MR_PROMISE_FULFILLED, value);
}

void mr__promise_adopted(mr_promise *promise, bool fulfilled, mr_value value)
{
    if (promise->state != MR_PROMISE_PENDING || promise->of->ended)
        mr_value_release(value); /* the loop ended first */
    else if (fulfilled)
        mr__promise_resolve_with(promise, value);
    else
        mr__settle(promise, MR_PROMISE_REJECTED, value);
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

/* ---- reacting ---- */

/* A copy of how a promise ended is how another ends. */
static void pass(const mr_promise *promise, mr_promise *child)
{
    mr__settle(child, (mr_promise_state)promise->state, mr__value_ref(promise->as.value));
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
    mr__settle(promise, MR_PROMISE_REJECTED, value);
}

/* The reaction keeps its place until it is over, so that there is one for what could not be told for
 * want of memory: then the answer is false. */
static MR__APART bool answer_slowly(mr_promise *promise, mr__reaction *at, mr_status status,
                                    mr_value value)
{
    mr_promise *child = mr__reaction_target(at);
    if (child != NULL) {
        if (status == REASON)
            mr__settle(child, MR_PROMISE_REJECTED, value);
        else
            mr__promise_answer(child, status, value);
        mr__promise_drop(child);
    } else if (status == MR_OK && !mr__is_resolved_further(value)) {
        mr_value_release(value);
    } else if (!tell_end(promise->of, status, value)) {
        *at = (mr__reaction){.as.kept = value, .arg.status = status, .target = MR__REACT_OWED};
        return false;
    }
    return true;
}

static MR__APART bool pass_through(mr_promise *promise, mr__reaction *at)
{
    if (at->release != NULL)
        at->release(at->arg.user);
    mr_status status = promise->state == MR_PROMISE_REJECTED ? REASON : MR_OK;
    return answer_slowly(promise, at, status, mr__value_ref(promise->as.value));
}

MR_INLINE bool react(mr_promise *promise, mr__reaction *at)
{
    mr_value value = {0};
    mr_reaction_fn *fn = at->as.fn[promise->state == MR_PROMISE_REJECTED];
    if (MR_UNLIKELY(fn == NULL))
        return pass_through(promise, at);
    mr_status status = fn(promise->as.value, at->arg.user, &value);
    if (at->release != NULL)
        at->release(at->arg.user);
    if (MR_UNLIKELY(status != MR_OK || !mr__value_is_plain(value)))
        return answer_slowly(promise, at, status > MR_OK ? MR_EINVAL : status, value);
    mr_promise *child = mr__reaction_target(at);
    if (child == NULL)
        return true;
    if (MR_UNLIKELY((child->of->loop->observed & MR__BY_HOOKS) != 0))
        return answer_slowly(promise, at, MR_OK, value);
    /* It is nobody's but its parent's to settle, so it follows none. */
    if (!mr__settle_plainly(child, child->flags, MR_PROMISE_FULFILLED, mr__value_halves(&value)))
        mr__promise_trigger(child);
    mr__promise_drop(child);
    return true;
}

static void run_then_node(void *arg)
{
    mr__node *node = arg;
    mr_promise *promise = node->link.promise;
    if (MR_LIKELY(react(promise, &node->reaction))) {
        mr__node_free(promise->of, node);
    } else {
        mr__promise_append(promise, node);
        be_late(promise);
    }
    mr__promise_drop(promise);
}

void mr__run_then(void *arg)
{
    mr_promise *promise = arg;
    if (MR_LIKELY(react(promise, &promise->reaction))) {
        promise->flags &= (uint16_t) ~(MR__P_INLINE | MR__P_QUEUED);
    } else {
        promise->flags &= (uint16_t)~MR__P_QUEUED;
        be_late(promise);
    }
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
        mr__settle(awaited, MR_PROMISE_FULFILLED, value);
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
        mr__settle(child, MR_PROMISE_REJECTED,
                   mr_value_error(mr_error_ref(promise->of->memory_error)));
    mr__promise_drop(child);
}

static void react_keep(const mr_promise *promise, const mr__reaction *reaction)
{
    mr_promise *child = mr__reaction_target(reaction);
    if (promise->state == MR_PROMISE_REJECTED) {
        mr_value_release(reaction->as.kept);
        pass(promise, child);
    } else {
        mr__settle(child, reaction->arg.state, reaction->as.kept);
    }
    mr__promise_drop(child);
}

/* Of the kinds that have no job of their own. */
static void run_reaction(mr_promise *promise, const mr__reaction *reaction)
{
    switch (mr__reaction_kind(reaction)) {
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
    default: /* THEN has its own, AT_ONCE and OWED have none */
        break;
    }
}

/* The loop ended first. */
void mr__promise_drop_reaction(mr_promise *promise, const mr__reaction *reaction)
{
    switch (mr__reaction_kind(reaction)) {
    case MR__REACT_THEN:
    case MR__REACT_FINALLY:
        if (reaction->release != NULL)
            reaction->release(reaction->arg.user);
        else if (reaction->as.fn[0] != NULL || reaction->as.fn[1] != NULL)
            mr__loop_report_discard(promise->of->loop, MR_KIND_MICROTASK, reaction->arg.user);
        if (mr__reaction_target(reaction) != NULL)
            mr__promise_drop(mr__reaction_target(reaction));
        break;
    case MR__REACT_OWED:
        mr_value_release(reaction->as.kept);
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
