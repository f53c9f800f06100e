/* Attaching reactions and taking them off again.
 *
 * The first one lies in the promise, if it comes while there are no others; the others are nodes in a
 * circle, of which the promise knows the last. Of a settled promise each is queued at once. */
#include "promise/settling.h"

/* It knows the one before it. */
static bool may_be_detached(const mr__reaction *reaction)
{
    mr__react kind = mr__reaction_kind(reaction);
    return kind == MR__REACT_ELEMENT || kind == MR__REACT_AT_ONCE;
}

MR_INLINE void link_last(mr_promise *promise, mr__node *node)
{
    mr__node *last = promise->last;
    node->link.next = last == NULL ? node : last->link.next;
    if (last != NULL)
        last->link.next = node;
    promise->last = node;
}

void mr__promise_append(mr_promise *promise, mr__node *node)
{
    mr__node *last = promise->last;
    if (may_be_detached(&node->reaction))
        node->reaction.as.element.before = last == NULL ? NULL : &last->reaction;
    link_last(promise, node);
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

bool mr__promise_attach_node(mr_promise *promise, mr__node *node)
{
    bool pending = promise->state == MR_PROMISE_PENDING;
    if (!collects(promise)) {
        if (!mr__promise_queue_node(promise, node))
            return false;
    } else if (pending && (promise->flags & MR__P_INLINE) == 0 && promise->last == NULL &&
               mr__reaction_kind(&node->reaction) != MR__REACT_ELEMENT) {
        promise->reaction = node->reaction;
        promise->flags |= MR__P_INLINE;
        mr__node_free(promise->of, node);
    } else {
        mr__promise_append(promise, node);
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
        } else if (!mr__promise_queue_inline(promise)) {
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
    if (mr__promise_attach_node(promise, node))
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
        mr__reaction_listed(&reaction, false);
        mr__promise_drop_reaction(promise, &reaction);
    }
    while (promise->last != NULL) {
        mr__node *first = promise->last->link.next;
        if (first == promise->last)
            promise->last = NULL;
        else
            promise->last->link.next = first->link.next;
        mr__reaction reaction = first->reaction;
        mr__node_free(promise->of, first);
        mr__reaction_listed(&reaction, false);
        mr__promise_drop_reaction(promise, &reaction);
    }
    let_go_pending(promise);
}

/* ---- the calls that attach ---- */

/* A reaction that nobody asks for the child of has one from the start where somebody looks on, or wants to
 * know where it was made. Otherwise it is made if the handler's end has to be told. */
static MR__APART mr_status attach(mr_promise *promise, const mr_reaction *reaction, mr__react kind,
                                  mr_promise **out_child)
{
    mr__promises *of = promise->of;
    mr_status status = mr__loop_owner_start(of->loop);
    if (status != MR_OK)
        return status;
    mr_promise *child = NULL;
    if (out_child != NULL || kind != MR__REACT_THEN || (of->loop->observed & MR__LOOKED_AT) != 0) {
        child = mr__promise_new(of, false);
        if (child == NULL)
            return MR_ENOMEM;
    }
    const mr__reaction r = {.as.fn = {reaction->on_fulfilled, reaction->on_rejected},
                            .arg.user = reaction->arg,
                            .release = reaction->release,
                            .target = (uintptr_t)child | kind};
    if (!mr__promise_attach(promise, &r, NULL)) {
        if (child != NULL)
            mr__promise_drop(child);
        return MR_ENOMEM;
    }
    if (out_child != NULL) {
        mr__promise_hold(child);
        *out_child = child;
    }
    return MR_OK;
}

/* reaction is copied, field by field, to where it stays. */
MR_INLINE void fill(mr__reaction *at, const mr_reaction *reaction, mr_promise *child)
{
    at->as.fn[0] = reaction->on_fulfilled;
    at->as.fn[1] = reaction->on_rejected;
    at->arg.user = reaction->arg;
    at->release = reaction->release;
    at->target = (uintptr_t)child | MR__REACT_THEN;
}

/* A reaction of a promise that has settled: it is queued at once. */
static MR__APART mr_status then_settled(mr_promise *promise, const mr_reaction *reaction,
                                        mr_promise **out_child)
{
    enum { UNUSUAL = MR__P_PENDING | MR__P_LATE | MR__P_REPORTED };
    mr__promises *of = promise->of;
    if (MR_UNLIKELY((promise->flags & UNUSUAL) != 0 || out_child != NULL ||
                    of->free_nodes == NULL || !mr__promises_usual(of->loop, MR__EXTRAORDINARY)))
        return attach(promise, reaction, MR__REACT_THEN, out_child);
    mr__node *node = of->free_nodes, *next = node->link.next;
    fill(&node->reaction, reaction, NULL);
    of->free_nodes = next;
    if (MR_LIKELY(mr__promise_queue_node(promise, node))) {
        promise->flags |= MR__P_HANDLED;
        return MR_OK;
    }
    node->link.next = next;
    of->free_nodes = node;
    return MR_ENOMEM;
}

/* The usual cases, in which nothing is called: the first reaction of a pending promise, and a further
 * one. All that may be in the way of them is left to `attach`. */
mr_status mr_promise_then(mr_promise *promise, const mr_reaction *reaction, mr_promise **out_child)
{
    if (MR_UNLIKELY(promise == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(reaction == NULL))
        return MR_EINVAL;
    mr__promises *of = promise->of;
    const uint16_t flags = promise->flags;
    if ((flags & MR__P_PENDING) == 0)
        return then_settled(promise, reaction, out_child);
    if (MR_UNLIKELY(!mr__promises_usual(of->loop, MR__LOOKED_AT | MR__NO_STARTS)))
        return attach(promise, reaction, MR__REACT_THEN, out_child);
    mr__reaction *at = &promise->reaction;
    bool further = (flags & MR__P_INLINE) != 0;
    if (further) {
        if (MR_UNLIKELY(of->free_nodes == NULL))
            return attach(promise, reaction, MR__REACT_THEN, out_child);
        at = &of->free_nodes->reaction;
    } else if (MR_UNLIKELY(promise->last != NULL)) {
        return attach(promise, reaction, MR__REACT_THEN, out_child);
    }
    mr_promise *child = NULL;
    if (out_child != NULL) {
        child = mr__promise_take(of, false);
        if (MR_UNLIKELY(child == NULL))
            return attach(promise, reaction, MR__REACT_THEN, out_child);
        child->refs = 2;
        *out_child = child;
    }
    fill(at, reaction, child);
    if (further) {
        mr__node *node = of->free_nodes;
        of->free_nodes = node->link.next;
        link_last(promise, node);
        return MR_OK;
    }
    promise->flags = flags | MR__P_INLINE | MR__P_HANDLED | MR__P_HELD;
    promise->refs += (flags & MR__P_HELD) == 0;
    return MR_OK;
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
