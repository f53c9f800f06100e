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
    return loop->poller != NULL ? MR_OK : mr__poller_open(&loop->poller);
}

mr_status mr__park_mode_apply(mr_loop *loop, mr_park park)
{
    if (loop->sim != NULL)
        return park == MR_PARK_POLLER ? MR_EINCOMPATIBLE : MR_OK;
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

static bool reserve_fd(mr_loop *loop, int fd)
{
    uint32_t need = (uint32_t)fd + 1, cap = loop->slot_of_fd_cap;
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

/* Paused watches are not registered, so what cannot be watched is found out here. */
static mr_status probe(mr_loop *loop, int fd, uint64_t token)
{
    mr_status status = mr__poller_set(loop->poller, fd, 0, MR_READ, token);
    if (status == MR_OK)
        mr__poller_set(loop->poller, fd, MR_READ, 0, token);
    return status;
}

static mr_status add(mr_loop *loop, int fd, unsigned events, uint32_t *out_index)
{
    if (loop->sim != NULL || loop->options.park == MR_PARK_FUTEX)
        return MR_EINCOMPATIBLE;
    if ((uint32_t)fd < loop->slot_of_fd_cap && loop->slot_of_fd[fd] != MR__NIL)
        return MR_EEXIST;
    mr_status status = open_poller(loop);
    if (status != MR_OK)
        return status;
    uint32_t index;
    mr__watch *watch = reserve_fd(loop, fd) ? mr__slab_alloc(&loop->watches, &index) : NULL;
    if (watch == NULL)
        return MR_ENOMEM;
    uint64_t token = mr__slab_id(&watch->slot, index);
    status =
        events == 0 ? probe(loop, fd, token) : mr__poller_set(loop->poller, fd, 0, events, token);
    if (status != MR_OK) {
        mr__slab_free(&loop->watches, &watch->slot, index);
        return status;
    }
    *out_index = index;
    return MR_OK;
}

static mr_status refuse(mr_loop *loop, mr_status status)
{
    if (status != MR_EWRONGTHREAD)
        mr__counter_add(&loop->other[MR_KIND_WATCH].refused, 1);
    return status;
}

mr_status mr_watch_add_with(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                            mr_discard_fn *discard, mr_watch *out_watch)
{
    if (loop == NULL || fd < 0 || (events & ~(unsigned)ASKABLE) != 0 || fn == NULL ||
        out_watch == NULL)
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    uint32_t index = 0;
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
    loop->slot_of_fd[fd] = index;
    mr__alive_add(loop, true);
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
    status = mr__poller_set(loop->poller, watch->fd, watch->registered, events, given.id);
    if (status != MR_OK)
        return status;
    watch->asked = watch->registered = (uint8_t)events;
    return MR_OK;
}

/* Out of the poller, the table and the slab. A descriptor closed before is fine. */
static void release(mr_loop *loop, uint64_t id)
{
    mr__watch *watch = find(loop, id);
    if (watch->registered != 0)
        mr__poller_set(loop->poller, watch->fd, watch->registered, 0, id);
    loop->slot_of_fd[watch->fd] = MR__NIL;
    if (watch->ref != 0)
        mr__alive_add(loop, false);
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
        mr__alive_add(loop, ref != 0);
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

/* A new set with the live registrations only. Failing to make one changes nothing: the stale entry
 * then costs a wake-up each turn until a later try. */
static void rebuild(mr_loop *loop)
{
    mr__poller *fresh = NULL;
    if (mr__poller_open(&fresh) != MR_OK)
        return;
    for (uint32_t fd = 0; fd < loop->slot_of_fd_cap; fd++) {
        if (loop->slot_of_fd[fd] == MR__NIL)
            continue;
        mr__watch *watch = mr__slab_at(&loop->watches, loop->slot_of_fd[fd]);
        uint64_t token = mr__slab_id(&watch->slot, loop->slot_of_fd[fd]);
        /* A descriptor closed under its watch stays silent, as in the old set. */
        if (watch->registered != 0)
            mr__poller_set(fresh, watch->fd, 0, watch->registered, token);
    }
    mr__poller *old = loop->poller;
    loop->poller = fresh;
    mr__wait_for_wakers(loop); /* no new one: ASLEEP is not set outside mr__park */
    mr__poller_close(old);
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
    loop->ready_pos = loop->ready_count = 0;
    int os_error = 0;
    mr__counter_add(&loop->polls, 1);
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
    if (loop->poller_stale) {
        loop->poller_stale = false;
        rebuild(loop);
    }
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
