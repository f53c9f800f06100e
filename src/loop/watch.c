/* Watches: descriptors, their registrations in the poller, and the mode of parking they imply. */
#include "base/memory.h"
#include "loop/core.h"

enum { ASKABLE = MR_READ | MR_WRITE };

static mr__watch *find(mr_loop *loop, uint64_t id)
{
    return mr__slab_find(&loop->watches, id);
}

static uint64_t watch_count(const mr_loop *loop)
{
    return mr__counter_get(&loop->watches.live);
}

static void set_effective(mr_loop *loop, mr_park effective)
{
    if (loop->effective == effective)
        return;
    loop->effective = effective;
    MR__HOOK(loop, mode, effective);
}

static mr_status open_poller(mr_loop *loop)
{
    return loop->poller != NULL || loop->sim != NULL ? MR_OK : mr__poller_open(&loop->poller);
}

mr_status mr__park_mode_apply(mr_loop *loop, mr_park park)
{
    if (loop->sim != NULL && park == MR_PARK_POLLER)
        return MR_EINCOMPATIBLE;
    if (park == MR_PARK_FUTEX && watch_count(loop) != 0)
        return MR_EINCOMPATIBLE;
    bool poller = park == MR_PARK_POLLER || (park == MR_PARK_AUTO && watch_count(loop) != 0);
    mr_status status = poller ? open_poller(loop) : MR_OK;
    if (status != MR_OK)
        return status;
    loop->options.park = park;
    set_effective(loop, poller ? MR_PARK_POLLER : MR_PARK_FUTEX);
    return MR_OK;
}

/* A simulated loop has no poller: its descriptors know their readiness. */
static mr_status poller_set(mr_loop *loop, int fd, unsigned from, unsigned to, uint64_t token)
{
    return MR_UNLIKELY(loop->sim != NULL) ? mr__sim_poller_set(loop->sim, fd, from, to, token)
                                          : mr__poller_set(loop->poller, fd, from, to, token);
}

static uint32_t place(const mr_loop *loop, int fd)
{
    return (uint32_t)(loop->sim != NULL ? fd - MR__PIPES_FIRST : fd);
}

static bool reserve_fd(mr_loop *loop, int fd)
{
    uint32_t need = place(loop, fd) + 1, cap = loop->slot_of_fd_cap;
    if (need <= cap)
        return true;
    uint32_t grown = cap == 0 ? 64 : cap;
    while (grown < need)
        grown *= 2;
    uint32_t *slots = mr__realloc(loop->slot_of_fd, grown * sizeof *slots);
    if (slots == NULL)
        return false;
    for (uint32_t i = cap; i < grown; i++)
        slots[i] = MR__NIL;
    loop->slot_of_fd = slots;
    loop->slot_of_fd_cap = grown;
    return true;
}

void mr__watches_deinit(mr_loop *loop)
{
    mr__free(loop->slot_of_fd);
    loop->slot_of_fd = NULL;
}

/* Bring a descriptor's registration from one interest to another. One that is there although the
 * table knows none is left of a closed descriptor, whose duplicate came back under its number: it
 * is taken over. */
static mr_status set_interest(mr_loop *loop, int fd, unsigned from, unsigned to, uint64_t token)
{
    mr_status status = poller_set(loop, fd, from, to, token);
    if (status == MR_EEXIST && from == 0)
        status = poller_set(loop, fd, to, to, token);
    return status;
}

/* Paused watches are not registered, so what cannot be watched is found out here. */
static mr_status probe(mr_loop *loop, int fd, uint64_t token)
{
    mr_status status = set_interest(loop, fd, 0, MR_READ, token);
    return status == MR_OK ? poller_set(loop, fd, MR_READ, 0, token) : status;
}

/* Into the poller first: the table is as long as the number is high, and only a descriptor that is
 * open has a number within the system's bound. */
static mr_status enroll(mr_loop *loop, int fd, unsigned events, uint64_t token)
{
    mr_status status =
        events == 0 ? probe(loop, fd, token) : set_interest(loop, fd, 0, events, token);
    if (status != MR_OK || reserve_fd(loop, fd))
        return status;
    poller_set(loop, fd, events, 0, token);
    return MR_ENOMEM;
}

static mr_status add_to_poller(mr_loop *loop, int fd, unsigned events, uint32_t *out_index)
{
    uint32_t index;
    mr__watch *watch = mr__slab_alloc(&loop->watches, &index);
    if (watch == NULL)
        return MR_ENOMEM;
    mr_status status = enroll(loop, fd, events, mr__slab_id(&watch->slot, index));
    if (status == MR_OK)
        *out_index = index;
    else
        mr__slab_free(&loop->watches, &watch->slot, index);
    return status;
}

static mr_status add(mr_loop *loop, int fd, unsigned events, uint32_t *out_index)
{
    if (loop->options.park == MR_PARK_FUTEX || (loop->sim != NULL && fd < MR__PIPES_FIRST))
        return MR_EINCOMPATIBLE;
    if (place(loop, fd) < loop->slot_of_fd_cap && loop->slot_of_fd[place(loop, fd)] != MR__NIL)
        return MR_EEXIST;
    bool first = loop->poller == NULL;
    mr_status status = open_poller(loop);
    if (status == MR_OK)
        status = add_to_poller(loop, fd, events, out_index);
    if (status != MR_OK && first) { /* never parked in: no thread can be about to wake it */
        mr__poller_close(loop->poller);
        loop->poller = NULL;
    }
    return status;
}

static mr_status refuse(mr_loop *loop, mr_status status)
{
    if (status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_WATCH].refused, 1);
    return status;
}

static bool can_add(const mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn,
                    const mr_watch *out_watch)
{
    return loop != NULL && fd >= 0 && (events & ~(unsigned)ASKABLE) == 0 && fn != NULL &&
           out_watch != NULL;
}

mr_status mr_watch_add_with(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                            mr_discard_fn *discard, mr_watch *out_watch)
{
    if (!can_add(loop, fd, events, fn, out_watch))
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    uint32_t index = 0;
    if (status == MR_OK && mr__forked(loop))
        status = MR_EFORKED;
    if (status == MR_OK)
        status = add(loop, fd, events, &index);
    if (status != MR_OK)
        return refuse(loop, status);
    mr__watch *watch = mr__slab_at(&loop->watches, index);
    watch->fd = fd;
    watch->asked = watch->registered = (uint8_t)events;
    watch->ref = 1;
    watch->fn = fn;
    watch->arg = arg;
    watch->discard = discard;
    loop->slot_of_fd[place(loop, fd)] = index;
    mr__tally *tally = &loop->other[MR_KIND_WATCH];
    mr__counter_add(&tally->accepted, 1);
    mr__counter_max(&tally->most, watch_count(loop));
    set_effective(loop, MR_PARK_POLLER);
    out_watch->id = mr__slab_id(&watch->slot, index);
    return MR_OK;
}

mr_status mr_watch_add(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                       mr_watch *out_watch)
{
    return mr_watch_add_with(loop, fd, events, fn, arg, NULL, out_watch);
}

mr_status mr_watch_modify(mr_loop *loop, mr_watch given, unsigned events)
{
    if (loop == NULL || (events & ~(unsigned)ASKABLE) != 0)
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    if (status != MR_OK)
        return status;
    mr__watch *watch = find(loop, given.id);
    if (watch == NULL)
        return MR_ENOENT;
    if (mr__forked(loop))
        return MR_EFORKED;
    status = watch->registered == 0 && events == 0
                 ? probe(loop, watch->fd, given.id)
                 : set_interest(loop, watch->fd, watch->registered, events, given.id);
    if (status != MR_OK)
        return status;
    watch->asked = watch->registered = (uint8_t)events;
    return MR_OK;
}

/* Out of the poller, the table and the slab. A descriptor closed before is fine. */
static void release(mr_loop *loop, uint64_t id)
{
    mr__watch *watch = find(loop, id);
    if (watch->registered != 0 && !mr__forked(loop))
        poller_set(loop, watch->fd, watch->registered, 0, id);
    loop->slot_of_fd[place(loop, watch->fd)] = MR__NIL;
    if (watch->ref == 0)
        mr__unref_add(loop, false);
    mr__slab_free(&loop->watches, &watch->slot, (uint32_t)id);
    if (watch_count(loop) == 0 && loop->options.park == MR_PARK_AUTO)
        set_effective(loop, MR_PARK_FUTEX);
}

mr_status mr_watch_remove(mr_loop *loop, mr_watch watch, mr_task_fn *closed_fn, void *arg)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    if (find(loop, watch.id) == NULL)
        return MR_ENOENT;
    if (closed_fn != NULL && (status = mr_close_callback(loop, closed_fn, arg)) != MR_OK)
        return status;
    release(loop, watch.id);
    mr__counter_add(&loop->other[MR_KIND_WATCH].cancelled, 1);
    return MR_OK;
}

static mr_status set_ref(mr_loop *loop, uint64_t id, uint8_t ref)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    mr__watch *watch = find(loop, id);
    if (watch == NULL)
        return MR_ENOENT;
    if (watch->ref != ref)
        mr__unref_add(loop, ref == 0);
    watch->ref = ref;
    return MR_OK;
}

mr_status mr_watch_ref(mr_loop *loop, mr_watch watch)
{
    return set_ref(loop, watch.id, 1);
}

mr_status mr_watch_unref(mr_loop *loop, mr_watch watch)
{
    return set_ref(loop, watch.id, 0);
}

/* ---- from other threads ---- */

typedef struct waited_add {
    mr__awaited awaited;
    int fd;
    unsigned events;
    mr_watch_fn *fn;
    void *arg;
    mr_discard_fn *discard;
    mr_watch *out_watch;
} waited_add;

static mr_status apply_add(mr_loop *loop, mr__awaited *awaited)
{
    const waited_add *it = (const waited_add *)awaited;
    return mr_watch_add_with(loop, it->fd, it->events, it->fn, it->arg, it->discard, it->out_watch);
}

mr_status mr_watch_add_wait_with(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                                 mr_discard_fn *discard, uint64_t timeout_ns, mr_watch *out_watch)
{
    if (!can_add(loop, fd, events, fn, out_watch))
        return MR_EINVAL;
    waited_add add = {{.apply = apply_add}, fd, events, fn, arg, discard, out_watch};
    mr_status status = MR_ECLOSED;
    if (mr__phase(loop) < MR__STOPPING)
        status = mr__command_wait(loop, &add.awaited, timeout_ns);
    if (!add.awaited.answered && status != MR_EFORKED) { /* the owner counts what it has seen */
        mr__mutex_lock(&loop->ingress.lock);
        mr__counter_add(&loop->ingress.watches_refused, 1);
        mr__mutex_unlock(&loop->ingress.lock);
    }
    return status;
}

mr_status mr_watch_add_wait(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                            uint64_t timeout_ns, mr_watch *out_watch)
{
    return mr_watch_add_wait_with(loop, fd, events, fn, arg, NULL, timeout_ns, out_watch);
}

typedef struct waited_change {
    mr__awaited awaited;
    mr_watch watch;
    unsigned events;       /* modify */
    mr_task_fn *closed_fn; /* remove, with the next */
    void *arg;
} waited_change;

static mr_status apply_modify(mr_loop *loop, mr__awaited *awaited)
{
    const waited_change *it = (const waited_change *)awaited;
    return mr_watch_modify(loop, it->watch, it->events);
}

mr_status mr_watch_modify_wait(mr_loop *loop, mr_watch watch, unsigned events, uint64_t timeout_ns)
{
    if (loop == NULL || (events & ~(unsigned)ASKABLE) != 0)
        return MR_EINVAL;
    if (mr__phase(loop) >= MR__STOPPING)
        return MR_ECLOSED;
    waited_change change = {.awaited.apply = apply_modify, .watch = watch, .events = events};
    return mr__command_wait(loop, &change.awaited, timeout_ns);
}

static mr_status apply_remove(mr_loop *loop, mr__awaited *awaited)
{
    const waited_change *it = (const waited_change *)awaited;
    return mr_watch_remove(loop, it->watch, it->closed_fn, it->arg);
}

/* The owner applies commands outside every callback, so none is in progress when this returns. */
mr_status mr_watch_remove_wait(mr_loop *loop, mr_watch watch, mr_task_fn *closed_fn, void *arg,
                               uint64_t timeout_ns)
{
    if (loop == NULL)
        return MR_EINVAL;
    waited_change change = {
        .awaited.apply = apply_remove, .watch = watch, .closed_fn = closed_fn, .arg = arg};
    return mr__command_wait(loop, &change.awaited, timeout_ns);
}

/* ---- readiness ---- */

/* What the old set still knows goes into the fresh one. A descriptor closed under its watch is not
 * known there, and stays silent; its number may be a stranger's by now. In a forked child the old
 * set is the parent's, which must not even be asked: there all that is open goes in. */
static mr_status copy_registrations(mr_loop *loop, mr__poller *fresh)
{
    for (uint32_t fd = 0; fd < loop->slot_of_fd_cap; fd++) {
        if (loop->slot_of_fd[fd] == MR__NIL)
            continue;
        const mr__watch *watch = mr__slab_at(&loop->watches, loop->slot_of_fd[fd]);
        unsigned events = watch->registered;
        uint64_t token = mr__slab_id(&watch->slot, loop->slot_of_fd[fd]);
        if (events == 0)
            continue;
        mr_status status = MR_OK;
        if (!mr__forked(loop))
            status = poller_set(loop, watch->fd, events, events, token);
        if (status == MR_OK)
            status = mr__poller_set(fresh, watch->fd, 0, events, token);
        if (status == MR_ENOMEM || status == MR_ELIMIT)
            return status;
    }
    return MR_OK;
}

/* Get rid of a registration that cannot be taken away: a new set without it. Failing to make one
 * changes nothing: the stale entry then costs a turn each time it is ready, until a later try. */
static mr_status rebuild(mr_loop *loop)
{
    mr__poller *fresh = NULL;
    loop->poller_stale = false;
    mr_status status = mr__poller_open(&fresh);
    if (status == MR_OK)
        status = copy_registrations(loop, fresh);
    if (status != MR_OK) {
        mr__poller_close(fresh);
        return status;
    }
    mr__wait_for_wakers(loop); /* no new one: ASLEEP is not set outside mr__park */
    mr__poller_close(loop->poller);
    loop->poller = fresh; /* model: SWAP_POLLER */
    return MR_OK;
}

void mr__watches_refresh(mr_loop *loop)
{
    if (MR_UNLIKELY(loop->poller_stale))
        (void)rebuild(loop);
}

/* The old set is the parent's: only our descriptors of it are closed. */
mr_status mr__watches_after_fork(mr_loop *loop)
{
    mr_status status = loop->poller == NULL ? MR_OK : rebuild(loop);
    if (status == MR_OK)
        loop->ready_pos = loop->ready_count = 0; /* the next poll finds them again */
    return status;
}

/* A token that matches no watch right after the kernel gave it belongs to a descriptor that was
 * closed before its watch was removed, while a duplicate keeps the registration alive (epoll(7),
 * Q6). */
void mr__watches_collected(mr_loop *loop)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->ready_count; i++)
        if (find(loop, loop->ready[i].token) != NULL)
            loop->ready[kept++] = loop->ready[i];
    bool stale = kept != loop->ready_count;
    loop->ready_count = kept;
    if (stale)
        loop->poller_stale = true;
}

void mr__watches_collect(mr_loop *loop)
{
    if (loop->ready_pos != loop->ready_count)
        return; /* those that were not served come first */
    mr__watches_refresh(loop);
    loop->ready_pos = loop->ready_count = 0;
    int os_error = 0;
    mr__counter_add(&loop->polls, 1);
    if (MR_UNLIKELY(loop->sim != NULL)) {
        loop->ready_count = mr__sim_collect(loop->sim, loop->ready, MR__READY_MAX);
        return;
    }
    mr_status status =
        mr__poller_wait(loop->poller, 0, loop->ready, MR__READY_MAX, &loop->ready_count, &os_error);
    if (status != MR_OK)
        mr__poller_failed(loop, os_error);
    mr__watches_collected(loop);
}

static unsigned deliverable(const mr__watch *watch, unsigned events)
{
    if (watch->asked == 0)
        return 0;
    unsigned wanted = watch->asked | MR_ERROR | MR_HANGUP;
    if ((watch->asked & MR_READ) == 0 && (events & MR__FULL_HANGUP) == 0)
        wanted &= ~(unsigned)MR_HANGUP; /* a half-close concerns readers only */
    return events & wanted;
}

static void serve(mr_loop *loop, const mr__ready *ready)
{
    mr__watch *watch = find(loop, ready->token);
    unsigned events = watch == NULL ? 0 : deliverable(watch, ready->events);
    if (events == 0)
        return;
    mr__call_begin(loop, MR_KIND_WATCH, ready->token);
    watch->fn((mr_watch){ready->token}, events, watch->arg);
    mr__call_end(loop);
}

void mr__watches_run(mr_loop *loop)
{
    while (loop->ready_pos != loop->ready_count && !mr__stopping(loop)) {
        mr__ready ready = loop->ready[loop->ready_pos++];
        serve(loop, &ready);
        if (mr__over_turn_time(loop))
            break;
    }
}

void mr__watches_discard(mr_loop *loop, mr_status reason)
{
    loop->ready_pos = loop->ready_count = 0;
    for (uint32_t fd = 0; fd < loop->slot_of_fd_cap; fd++) {
        if (loop->slot_of_fd[fd] == MR__NIL)
            continue;
        uint32_t index = loop->slot_of_fd[fd];
        mr__watch watch = *(mr__watch *)mr__slab_at(&loop->watches, index);
        release(loop, mr__slab_id(&watch.slot, index));
        mr__counter_add(&loop->other[MR_KIND_WATCH].discarded, 1);
        /* A watch's function has a signature of its own: on_discard is told without it. */
        mr__call_discard(loop, MR_KIND_WATCH, NULL, watch.arg, watch.discard, reason);
    }
}
