/* Settlers: ids that settle a promise, on its owner at once, from elsewhere as an arrival. */
#include "promise/settling.h"

/* A use of a settler: what claim needs under the lock. */
typedef struct use {
    mr__promises *of;
    uint64_t id;
    mr__arriving arriving;
    mr_value value;
    mr_make_fn *make;
    void *arg;
} use;

static mr__arrival *claim(void *arg)
{
    const use *u = arg;
    mr_promise *promise = mr__promise_claim(u->of, u->id);
    if (promise == NULL)
        return NULL;
    promise->arriving = (uint8_t)u->arriving;
    if (u->arriving == MR__ARRIVING_BUILD) {
        promise->as.build.make = u->make;
        promise->as.build.arg = u->arg;
    } else {
        promise->as.value = u->value;
    }
    return &promise->link.arrival;
}

MR_INLINE mr_status settle_slot(const use *u, mr_promise *promise)
{
    if (!mr__promises_accept(u->of, u->value))
        return MR_EINVAL;
    if (mr__loop_closed(u->of->loop))
        return MR_ECLOSED;
    if (!mr__promise_spend(promise, u->id))
        return MR_ENOENT;
    u->of->settlers--;
    mr__promise_hold(promise);
    if (u->arriving == MR__ARRIVING_RESOLVE)
        mr__promise_resolve_with(promise, u->value);
    else
        mr__promise_reject_with(promise, u->value);
    mr__promise_drop(promise);
    return MR_OK;
}

static mr_status settle_here(const use *u)
{
    return settle_slot(u, mr__promise_slot(u->of, u->id));
}

void mr__settler_use(mr__promises *of, mr_settler settler, mr_promise_state state, mr_value value)
{
    const use u = {.of = of,
                   .id = settler.id,
                   .arriving =
                       state == MR_PROMISE_REJECTED ? MR__ARRIVING_REJECT : MR__ARRIVING_RESOLVE,
                   .value = value};
    if (settle_here(&u) != MR_OK)
        mr_value_release(value);
}

static bool acts_as_owner(mr_loop *loop, bool *out_visit)
{
    if (MR_LIKELY(mr__driven == loop))
        return mr__is_owner(loop);
    bool acts = mr__owner_enters(loop, out_visit);
    if (*out_visit)
        mr_loop_ref(loop);
    return acts;
}

/* Whether settling it calls no code of anybody else: nobody listens, and what reacts does so later. */
static bool settles_quietly(const mr_promise *promise)
{
    return promise == NULL || ((promise->flags & MR__P_MARKED) == 0 && promise->last == NULL &&
                               ((promise->flags & MR__P_INLINE) == 0 ||
                                mr__reaction_kind(&promise->reaction) != MR__REACT_AT_ONCE));
}

/* By the owner outside any run: usually a moment, without a lock. */
static bool settle_in_a_moment(const use *u, mr_status *out_status)
{
    mr_loop *loop = u->of->loop;
    if (!mr__value_is_plain(u->value) || loop->has_source || !mr__owner_holds(loop))
        return false;
    mr_promise *promise = mr__promise_slot(u->of, u->id);
    bool quiet = settles_quietly(promise);
    if (quiet)
        *out_status = settle_slot(u, promise);
    mr__owner_lets_go(loop);
    return quiet;
}

static mr_status settle(mr_loop *loop, use *u)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (mr__phase(loop) == MR__CLOSED)
        return MR_ECLOSED;
    u->of = mr__extension_of(loop);
    if (u->of == NULL)
        return MR_ENOENT;
    mr_status outside;
    if (u->arriving != MR__ARRIVING_BUILD && mr__driven != loop && mr__is_owner(loop) &&
        settle_in_a_moment(u, &outside))
        return outside;
    /* Outside any run a visit, since releasing a value may call into the loop. */
    bool visit = false;
    if (u->arriving == MR__ARRIVING_BUILD || !acts_as_owner(loop, &visit))
        return mr_value_is_bound(u->value) ? MR_EINVAL : mr__arrival_post(loop, claim, u);
    mr_status status = settle_here(u);
    if (MR_UNLIKELY(visit)) {
        mr__owner_leaves(loop);
        mr_loop_unref(loop);
    }
    return status;
}

static MR__APART mr_status settle_slowly(mr_loop *loop, mr_settler settler, mr_promise_state state,
                                         mr__halves value)
{
    use u = {.id = settler.id,
             .arriving = state == MR_PROMISE_REJECTED ? MR__ARRIVING_REJECT : MR__ARRIVING_RESOLVE};
    mr__value_set(&u.value, value);
    return settle(loop, &u);
}

static MR__APART mr_status trigger(mr_promise *promise)
{
    mr__promise_trigger(promise);
    return MR_OK;
}

enum { UNUSUAL = 1 };

/* The usual use, by the owner: with a plain value, of a promise that one handler waits for at most.
 * UNUSUAL: it is another, and nothing is done. */
MR_INLINE mr_status settle_usual(mr__promises *of, mr_settler settler, mr_promise_state state,
                                 mr__halves value)
{
    enum { WANTED = MR__P_PENDING | MR__P_SETTLER, ALLOWED = MR__P_INLINE | MR__P_HELD };
    const uint16_t minds = state == MR_PROMISE_REJECTED ? 0 : MR__P_HANDLED;
    const uint16_t wanted = state == MR_PROMISE_REJECTED ? WANTED | MR__P_HANDLED : WANTED;
    mr_promise *promise = mr__promise_slot(of, settler.id);
    if (MR_UNLIKELY(promise == NULL))
        return UNUSUAL;
    const uint16_t flags = promise->flags;
    if (MR_UNLIKELY((flags & ~(ALLOWED | minds)) != wanted))
        return UNUSUAL;
    if ((flags & MR__P_HELD) != 0 &&
        MR_UNLIKELY(promise->last != NULL ||
                    mr__reaction_kind(&promise->reaction) == MR__REACT_AT_ONCE))
        return UNUSUAL;
    if (MR_UNLIKELY(!mr__promise_spend(promise, settler.id)))
        return MR_ENOENT;
    of->settlers--;
    return mr__settle_plainly(promise, flags, state, value) ? MR_OK : trigger(promise);
}

/* Outside any run the owner holds the loop meanwhile. */
MR_INLINE mr_status settle_outside(mr_loop *loop, mr_settler settler, mr_promise_state state,
                                   mr__halves value)
{
    if (MR_UNLIKELY(!mr__owner_holds(loop)))
        return settle_slowly(loop, settler, state, value);
    mr_status status = settle_usual(mr__promises_here(loop), settler, state, value);
    mr__owner_lets_go(loop);
    return MR_LIKELY(status != UNUSUAL) ? status : settle_slowly(loop, settler, state, value);
}

static mr_status resolve_outside(mr_loop *loop, mr_settler settler, mr__halves value)
{
    return settle_outside(loop, settler, MR_PROMISE_FULFILLED, value);
}

static mr_status reject_outside(mr_loop *loop, mr_settler settler, mr__halves reason)
{
    return settle_outside(loop, settler, MR_PROMISE_REJECTED, reason);
}

MR_INLINE mr_status settle_as(mr_loop *loop, mr_settler settler, mr_promise_state state,
                              mr_value whole)
{
    const mr__halves value = mr__value_halves(&whole);
    if (MR_UNLIKELY(loop == NULL || whole.kind >= MR_VALUE_BYTES ||
                    !mr__promises_usual(loop, MR__EXTRAORDINARY) ||
                    mr__promises_here(loop) == NULL))
        return settle_slowly(loop, settler, state, value);
    if (mr__driven != loop)
        return state == MR_PROMISE_FULFILLED ? resolve_outside(loop, settler, value)
                                             : reject_outside(loop, settler, value);
    mr_status status = settle_usual(mr__promises_here(loop), settler, state, value);
    return MR_LIKELY(status != UNUSUAL) ? status : settle_slowly(loop, settler, state, value);
}

mr_status mr_settler_resolve(mr_loop *loop, mr_settler settler, mr_value value)
{
    return settle_as(loop, settler, MR_PROMISE_FULFILLED, value);
}

mr_status mr_settler_reject(mr_loop *loop, mr_settler settler, mr_value reason)
{
    return settle_as(loop, settler, MR_PROMISE_REJECTED, reason);
}

mr_status mr_settler_resolve_with(mr_loop *loop, mr_settler settler, mr_make_fn *make, void *arg)
{
    if (make == NULL)
        return MR_EINVAL;
    use u = {.id = settler.id, .arriving = MR__ARRIVING_BUILD, .make = make, .arg = arg};
    return settle(loop, &u);
}
