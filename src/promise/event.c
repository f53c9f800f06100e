/* Listeners are in two places: in the list of their type, which dispatching goes through, and in an
 * array sorted by id, which removing by id looks into. Both are in the order of adding. Removed ones
 * leave the lists at once, also under a dispatch, whose place is then moved on; one that runs is
 * freed by its last dispatch.
 *
 * Invariant (check): each live listener is in both, with an id that no other has; a type is in the
 * table as long as it has listeners; no dispatch stands at a removed one. */
#include <millrace/event.h>

#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "base/names.h"
#include "promise/access.h"

typedef struct listener {
    uint64_t id;                  /* 0: removed */
    struct listener *next, *prev; /* of its type; next also of those to be buried */
    struct kind *kind;
    mr_event_fn *fn;
    void *arg;
    mr_release_fn *release;
    unsigned running; /* calls on the stack */
    bool once;
} listener;

/* Of one type, by name. */
typedef struct kind {
    mr__name name;
    listener *first, *last;
    size_t count;
    char text[];
} kind;

typedef struct place {
    uint64_t id;
    listener *of; /* NULL: removed */
} place;

/* A dispatch on the stack. */
typedef struct pass {
    struct pass *outer;
    mr_event_target *target;
    mr_event *event;
    listener *next;
    uint64_t last_id; /* the snapshot: later ones are not called */
    mr_status status;
} pass;

struct mr_event_target {
    mr_loop *loop;
    uint64_t refs;
    uint64_t last_id;
    mr__names kinds;
    place *places; /* by rising id */
    size_t place_count, place_cap, live;
    pass *passes;
};

struct mr_event {
    mr_loop *loop;
    uint64_t refs;
    uint64_t time_ns;
    uint32_t flags;
    mr_value detail;
    char type[];
};

static void check(const mr_event_target *target)
{
#ifdef MR_DEBUG
    size_t live = 0;
    uint64_t id = 0;
    for (size_t i = 0; i < target->place_count; i++) {
        const place *at = &target->places[i];
        MR_ASSERT(at->id > id);
        id = at->id;
        if (at->of == NULL)
            continue;
        MR_ASSERT(at->of->id == id && at->of->kind->count != 0);
        MR_ASSERT(at->of->prev == NULL ? at->of->kind->first == at->of
                                       : at->of->prev->next == at->of && at->of->prev->id < id);
        live++;
    }
    MR_ASSERT(id <= target->last_id && live == target->live);
    for (const pass *p = target->passes; p != NULL; p = p->outer)
        MR_ASSERT(p->next == NULL || p->next->id != 0);
#else
    (void)target;
#endif
}

/* ---- Kinds ------------------------------------------------------------------------------------*/

static kind *find_kind(const mr_event_target *target, const char *text)
{
    mr__name *name = mr__names_find(&target->kinds, text);
    return name == NULL ? NULL : MR_CONTAINER(name, kind, name);
}

/* NULL: no memory. */
static kind *take_kind(mr_event_target *target, const char *text)
{
    kind *of = find_kind(target, text);
    if (of != NULL)
        return of;
    size_t len = strlen(text) + 1;
    of = mr__alloc_zero(sizeof *of + len);
    if (of == NULL)
        return NULL;
    memcpy(of->text, text, len);
    of->name.text = of->text;
    mr__names_add(&target->kinds, &of->name);
    return of;
}

static void leave_kind(mr_event_target *target, kind *of)
{
    if (of->count != 0)
        return;
    mr__names_remove(&target->kinds, &of->name);
    mr__free(of);
}

/* ---- Listeners --------------------------------------------------------------------------------*/

static void squeeze(mr_event_target *target)
{
    size_t n = 0;
    for (size_t i = 0; i < target->place_count; i++)
        if (target->places[i].of != NULL)
            target->places[n++] = target->places[i];
    target->place_count = n;
}

/* Room for one more place. Squeezing pays for itself: at least half of the places are gone. */
static bool make_room(mr_event_target *target)
{
    if (target->place_count < target->place_cap)
        return true;
    if (target->place_cap != 0 && target->live <= target->place_cap / 2) {
        squeeze(target);
        return true;
    }
    size_t cap = target->place_cap == 0 ? 4 : 2 * target->place_cap;
    place *places = mr__realloc(target->places, cap * sizeof *places);
    if (places == NULL)
        return false;
    target->places = places;
    target->place_cap = cap;
    return true;
}

static place *find_place(const mr_event_target *target, uint64_t id)
{
    size_t low = 0, high = target->place_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (target->places[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < target->place_count && target->places[low].id == id ? &target->places[low] : NULL;
}

static void append(mr_event_target *target, kind *of, listener *new)
{
    new->id = ++target->last_id;
    new->kind = of;
    new->prev = of->last;
    *(of->last == NULL ? &of->first : &of->last->next) = new;
    of->last = new;
    of->count++;
    target->places[target->place_count++] = (place){new->id, new};
    target->live++;
}

/* Take it out of everything; it stays to be buried. */
static void take_out(mr_event_target *target, listener *old)
{
    for (pass *p = target->passes; p != NULL; p = p->outer)
        if (p->next == old)
            p->next = old->next;
    kind *of = old->kind;
    *(old->prev == NULL ? &of->first : &old->prev->next) = old->next;
    *(old->next == NULL ? &of->last : &old->next->prev) = old->prev;
    of->count--;
    find_place(target, old->id)->of = NULL;
    target->live--;
    old->id = 0;
    old->next = NULL;
    leave_kind(target, of);
}

/* Of one that is out. While it runs its last dispatch does it later. */
static void bury(listener *old)
{
    if (old->running != 0)
        return;
    mr_release_fn *release = old->release;
    void *arg = old->arg;
    mr__free(old);
    if (release != NULL)
        release(arg);
}

/* All of them are out before the first release function runs, which may do what it likes. */
static void bury_all(listener *first)
{
    for (listener *old = first, *next; old != NULL; old = next) {
        next = old->next;
        bury(old);
    }
}

/* Take out a listener and put it behind *tail, unless it runs. */
static listener **collect(mr_event_target *target, listener *old, listener **tail)
{
    take_out(target, old);
    if (old->running != 0)
        return tail;
    *tail = old;
    return &old->next;
}

static void clear(mr_event_target *target, const char *text)
{
    listener *dead = NULL, **tail = &dead;
    if (text == NULL) {
        for (size_t i = 0; i < target->place_count; i++)
            if (target->places[i].of != NULL)
                tail = collect(target, target->places[i].of, tail);
        target->place_count = 0;
    } else {
        const kind *of = find_kind(target, text);
        for (size_t n = of == NULL ? 0 : of->count; n != 0; n--)
            tail = collect(target, of->first, tail);
    }
    check(target);
    bury_all(dead);
}

/* ---- Targets ----------------------------------------------------------------------------------*/

mr_status mr_event_target_create(mr_loop *loop, mr_event_target **out_target)
{
    mr_status status = out_target == NULL ? MR_EINVAL : mr__loop_owner_call(loop);
    if (status != MR_OK)
        return status;
    mr_event_target *target = mr__alloc_zero(sizeof *target);
    if (target == NULL)
        return MR_ENOMEM;
    target->loop = mr_loop_ref(loop);
    target->refs = 1;
    mr__names_init(&target->kinds);
    *out_target = target;
    return MR_OK;
}

mr_event_target *mr_event_target_ref(mr_event_target *target)
{
    if (target != NULL && mr__access(target->loop) == MR_OK)
        target->refs++;
    return target;
}

void mr_event_target_unref(mr_event_target *target)
{
    if (target == NULL || mr__access(target->loop) != MR_OK || --target->refs != 0)
        return;
    target->refs = 1; /* for release functions that take a reference and drop it, */
    while (target->live != 0)
        clear(target, NULL); /* or add */
    mr_loop *loop = target->loop;
    mr__names_deinit(&target->kinds);
    mr__free(target->places);
    mr__free(target);
    mr_loop_unref(loop);
}

static mr_status add(mr_event_target *target, const char *text, const listener *given,
                     mr_listener *out_listener)
{
    if (target->last_id == UINT64_MAX)
        return MR_EEXHAUSTED;
    if (!make_room(target))
        return MR_ENOMEM;
    listener *new = mr__alloc(sizeof *new);
    if (new == NULL)
        return MR_ENOMEM;
    kind *of = take_kind(target, text);
    if (of == NULL) {
        mr__free(new);
        return MR_ENOMEM;
    }
    *new = *given;
    append(target, of, new);
    check(target);
    if (out_listener != NULL)
        out_listener->id = new->id;
    return MR_OK;
}

mr_status mr_event_target_add(mr_event_target *target, const char *type, mr_event_fn *fn, void *arg,
                              const mr_listen_options *options, mr_listener *out_listener)
{
    if (target == NULL || type == NULL || fn == NULL ||
        (options != NULL && options->size_bytes != sizeof *options))
        return MR_EINVAL;
    mr_status status = mr__loop_owner_call(target->loop);
    if (status != MR_OK)
        return status;
    listener given = {.fn = fn, .arg = arg};
    if (options != NULL) {
        given.once = options->once;
        given.release = options->release;
    }
    return add(target, type, &given, out_listener);
}

mr_status mr_event_target_remove(mr_event_target *target, mr_listener given)
{
    if (target == NULL)
        return MR_EINVAL;
    mr_status status = mr__access(target->loop);
    if (status != MR_OK)
        return status;
    const place *at = find_place(target, given.id);
    if (at == NULL || at->of == NULL)
        return MR_ENOENT;
    listener *old = at->of;
    take_out(target, old);
    check(target);
    bury(old);
    return MR_OK;
}

mr_status mr_event_target_clear(mr_event_target *target, const char *type)
{
    if (target == NULL)
        return MR_EINVAL;
    mr_status status = mr__access(target->loop);
    if (status == MR_OK)
        clear(target, type);
    return status;
}

size_t mr_event_target_count(const mr_event_target *target, const char *type)
{
    if (target == NULL || type == NULL)
        return target == NULL ? 0 : target->live;
    const kind *of = find_kind(target, type);
    return of == NULL ? 0 : of->count;
}

/* ---- Dispatching ------------------------------------------------------------------------------*/

static void call_next(pass *at)
{
    listener *now = at->next;
    at->next = now->next;
    now->running++;
    if (now->once)
        take_out(at->target, now);
    now->fn(at->target, at->event, now->arg);
    now->running--;
    if (now->id == 0)
        bury(now);
}

static bool goes_on(pass *at)
{
    if (at->next == NULL || at->next->id > at->last_id ||
        (at->event->flags & MR_EVENT_STOPPED) != 0)
        return false;
    at->status = mr__loop_call_allowed(at->target->loop);
    return at->status == MR_OK;
}

static void run_pass(void *arg)
{
    pass *at = arg;
    at->outer = at->target->passes;
    at->target->passes = at;
    while (goes_on(at))
        call_next(at);
    at->target->passes = at->outer;
    check(at->target);
}

static mr_status dispatch(mr_event_target *target, mr_event *event)
{
    const kind *of = find_kind(target, event->type);
    pass whole = {.target = mr_event_target_ref(target),
                  .event = mr_event_ref(event),
                  .next = of == NULL ? NULL : of->first,
                  .last_id = target->last_id};
    event->flags |= MR_EVENT_DISPATCHING;
    if (whole.next != NULL)
        mr__loop_call_inside(target->loop, run_pass, &whole);
    event->flags &= ~(uint32_t)(MR_EVENT_DISPATCHING | MR_EVENT_STOPPED);
    return whole.status;
}

mr_status mr_event_target_dispatch(mr_event_target *target, mr_event *event, bool *out_allowed)
{
    if (target == NULL || event == NULL || event->loop != target->loop)
        return MR_EINVAL;
    mr_status status = mr__loop_call_allowed(target->loop);
    if (status != MR_OK)
        return status;
    if ((event->flags & MR_EVENT_DISPATCHING) != 0)
        return MR_EREENTRANT;
    status = dispatch(target, event);
    if (status == MR_OK && out_allowed != NULL)
        *out_allowed = (event->flags & MR_EVENT_PREVENTED) == 0;
    mr_event_unref(event);
    mr_event_target_unref(target);
    return status;
}

/* ---- Events -----------------------------------------------------------------------------------*/

mr_status mr_event_create(mr_loop *loop, const char *type, mr_value detail, uint32_t flags,
                          mr_event **out_event)
{
    if (type == NULL || out_event == NULL || (flags & ~(uint32_t)MR_EVENT_CANCELABLE) != 0)
        return MR_EINVAL;
    mr_status status = mr__loop_owner_call(loop);
    if (status != MR_OK)
        return status;
    size_t len = strlen(type) + 1;
    mr_event *event = mr__alloc(sizeof *event + len);
    if (event == NULL)
        return MR_ENOMEM;
    *event = (mr_event){.loop = mr_loop_ref(loop),
                        .refs = 1,
                        .time_ns = mr__loop_clock(loop),
                        .flags = flags,
                        .detail = detail};
    memcpy(event->type, type, len);
    *out_event = event;
    return MR_OK;
}

mr_event *mr_event_ref(mr_event *event)
{
    if (event != NULL && mr__access(event->loop) == MR_OK)
        event->refs++;
    return event;
}

void mr_event_unref(mr_event *event)
{
    if (event == NULL || mr__access(event->loop) != MR_OK || --event->refs != 0)
        return;
    mr_loop *loop = event->loop;
    mr_value_release(event->detail);
    mr__free(event);
    mr_loop_unref(loop);
}

const char *mr_event_type(const mr_event *event)
{
    return event == NULL ? "" : event->type;
}

mr_value mr_event_detail(const mr_event *event)
{
    return event == NULL ? mr_value_undefined() : event->detail;
}

uint64_t mr_event_time(const mr_event *event)
{
    return event == NULL ? 0 : event->time_ns;
}

uint32_t mr_event_flags(const mr_event *event)
{
    return event == NULL ? 0 : event->flags;
}

mr_status mr_event_prevent(mr_event *event)
{
    if (event == NULL)
        return MR_EINVAL;
    mr_status status = mr__access(event->loop);
    if (status == MR_OK && (event->flags & MR_EVENT_CANCELABLE) != 0)
        event->flags |= MR_EVENT_PREVENTED;
    return status;
}

mr_status mr_event_stop(mr_event *event)
{
    if (event == NULL)
        return MR_EINVAL;
    mr_status status = mr__access(event->loop);
    if (status == MR_OK)
        event->flags |= MR_EVENT_STOPPED;
    return status;
}
