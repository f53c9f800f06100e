/* What makes and aborts signals: controllers and their ids, timers, other signals. */
#include "base/macros.h"
#include "base/memory.h"
#include "os/fork.h"
#include "promise/abort_signal.h"

static mr_status make_reason(mr_status code, mr_value *out_reason)
{
    mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error;
    mr_status status = mr_error_create(&spec, &error);
    if (status == MR_OK)
        *out_reason = mr_value_error(error);
    return status;
}

/* ---- Controllers ------------------------------------------------------------------------------*/

/* A place where the id is found. */
static mr_status open_post(mr__aborts *home, mr_abort_controller *controller)
{
    uint32_t index;
    mr__arrivals_lock(home->loop);
    mr__abort_post *post = mr__slab_alloc(&home->posts, &index);
    if (post != NULL) {
        post->controller = controller;
        controller->id = mr__slab_id(&post->slot, index);
    }
    mr__arrivals_unlock(home->loop);
    return post != NULL ? MR_OK : MR_ENOMEM;
}

static void deliver(void *arg);
static void discard(void *arg, mr_status reason);

mr_status mr_abort_controller_create(mr_loop *loop, mr_abort_controller **out_controller)
{
    mr__aborts *home;
    if (loop == NULL || out_controller == NULL)
        return MR_EINVAL;
    mr_status status = mr__aborts_of(loop, &home);
    if (status != MR_OK)
        return status;
    mr_abort_controller *controller = mr__alloc_zero(sizeof *controller);
    if (controller == NULL)
        return MR_ENOMEM;
    status = open_post(home, controller);
    if (status != MR_OK) {
        mr__free(controller);
        return status;
    }
    controller->refs = 1;
    controller->posted = (mr__completion){.fn = deliver, .discard = discard, .arg = controller};
    mr__abort_signal_init(home, &controller->signal, MR__ABORT_CONTROLLED);
    *out_controller = controller;
    return MR_OK;
}

mr_abort_controller *mr_abort_controller_ref(mr_abort_controller *controller)
{
    if (controller != NULL && mr__abort_may_use(&controller->signal))
        controller->refs++;
    return controller;
}

void mr_abort_controller_unref(mr_abort_controller *controller)
{
    if (controller == NULL || !mr__abort_may_use(&controller->signal))
        return;
    MR_ASSERT(controller->refs != 0);
    if (--controller->refs == 0)
        mr__abort_signal_drop(&controller->signal);
}

mr_abort_signal *mr_abort_controller_signal(mr_abort_controller *controller)
{
    return controller != NULL ? &controller->signal : NULL;
}

mr_abort_id mr_abort_controller_id(const mr_abort_controller *controller)
{
    return (mr_abort_id){controller != NULL ? controller->id : 0};
}

mr_status mr_abort(mr_abort_controller *controller, mr_value reason)
{
    if (controller == NULL)
        return MR_EINVAL;
    mr_abort_signal *signal = &controller->signal;
    mr_status status = mr__loop_owner_start(signal->home->loop);
    if (status == MR_OK && reason.kind == MR_VALUE_UNDEFINED && !signal->aborted)
        status = make_reason(MR_EABORT, &reason);
    if (status == MR_OK)
        mr__abort_run(signal, reason);
    return status;
}

/* ---- Aborts from elsewhere --------------------------------------------------------------------*/

typedef struct offer {
    mr__aborts *home;
    uint64_t id;
    mr_value reason;
    mr_status status;
    bool taken; /* reason is the controller's */
} offer;

/* Under the lock. What a parent posted is not on its way in its child. */
static bool is_on_its_way(const mr_abort_controller *controller)
{
    return controller->word == MR__ABORT_POSTED &&
           controller->posted.fork_generation == mr__fork_generation();
}

static mr__completion *claim(void *arg)
{
    offer *o = arg;
    mr__abort_post *post = mr__slab_find(&o->home->posts, o->id);
    o->status = post == NULL ? MR_ENOENT : MR_OK;
    if (post == NULL)
        return NULL;
    mr_abort_controller *controller = post->controller;
    if (controller->word == MR__ABORT_SPENT || is_on_its_way(controller))
        return NULL;
    controller->word = MR__ABORT_POSTED;
    controller->posted_reason = o->reason;
    o->taken = true;
    return &controller->posted;
}

static mr_status make_offer(mr_loop *loop, offer *o)
{
    o->home = mr__aborts_there(loop);
    if (o->home == NULL)
        return mr_loop_state(loop) == MR_STATE_CLOSED ? MR_ECLOSED : MR_ENOENT;
    mr_status status = mr__completion_offer(loop, claim, o);
    return status == MR_OK ? o->status : status;
}

mr_status mr_abort_post(mr_loop *loop, mr_abort_id id, mr_value reason)
{
    if (loop == NULL || (mr_value_is_bound(reason) && !mr__loop_is_owner(loop)))
        return MR_EINVAL;
    offer o = {.id = id.id, .reason = reason};
    bool ours = reason.kind == MR_VALUE_UNDEFINED;
    mr_status status = ours ? make_reason(MR_EABORT, &o.reason) : MR_OK;
    if (status != MR_OK)
        return status;
    status = make_offer(loop, &o);
    if (!o.taken && (ours || status == MR_OK))
        mr_value_release(o.reason);
    return status;
}

static mr_value take_posted(mr_abort_controller *controller)
{
    mr_loop *loop = controller->signal.home->loop;
    mr__arrivals_lock(loop);
    controller->word = MR__ABORT_SPENT;
    mr_value reason = controller->posted_reason;
    mr__arrivals_unlock(loop);
    return reason;
}

static void deliver(void *arg)
{
    mr_abort_controller *controller = arg;
    mr_value reason = take_posted(controller);
    controller->signal.refs++;
    mr__abort_run(&controller->signal, reason);
    mr__abort_signal_drop(&controller->signal);
}

static void discard(void *arg, mr_status why)
{
    (void)why;
    mr_abort_controller *controller = arg;
    mr_value_release(take_posted(controller));
    mr__abort_look(&controller->signal);
}

void mr__abort_post_spend(mr_abort_controller *controller)
{
    mr_loop *loop = controller->signal.home->loop;
    mr__arrivals_lock(loop);
    if (!is_on_its_way(controller))
        controller->word = MR__ABORT_SPENT;
    mr__arrivals_unlock(loop);
}

bool mr__abort_post_close(mr_abort_controller *controller)
{
    mr__aborts *home = controller->signal.home;
    mr__arrivals_lock(home->loop);
    bool closes = !is_on_its_way(controller);
    if (closes) {
        mr__abort_post *post = mr__slab_find(&home->posts, controller->id);
        mr__slab_free(&home->posts, &post->slot, (uint32_t)controller->id);
    }
    mr__arrivals_unlock(home->loop);
    return closes;
}

/* ---- Timers -----------------------------------------------------------------------------------*/

/* An abort whose time has come does not depend on memory for its reason. */
static mr_value timeout_reason(mr__aborts *home)
{
    mr_value reason;
    if (make_reason(MR_ETIMEDOUT, &reason) != MR_OK)
        reason = mr_value_error(mr_error_ref(home->timeout));
    return reason;
}

static void on_time(void *arg)
{
    mr__abort_timed *timed = arg;
    mr_abort_signal *signal = &timed->signal;
    timed->timer.id = 0;
    signal->refs++;
    mr__abort_run(signal, timeout_reason(signal->home));
    mr__abort_signal_drop(signal);
}

static void on_no_time(void *arg, mr_status why)
{
    (void)why;
    mr__abort_timed *timed = arg;
    timed->timer.id = 0;
    mr__abort_look(&timed->signal);
}

static mr_status start_timed(mr__aborts *home, uint64_t delay_ns, mr__abort_timed *timed)
{
    mr_timer_spec spec = {.size_bytes = sizeof spec,
                          .fn = on_time,
                          .arg = timed,
                          .discard = on_no_time,
                          .delay_ns = delay_ns,
                          .flags = MR_TIMER_UNREF};
    return mr_timer_start_with(home->loop, &spec, &timed->timer);
}

static mr_status store_timeout(mr__aborts *home)
{
    mr_value reason;
    if (home->timeout != NULL)
        return MR_OK;
    mr_status status = make_reason(MR_ETIMEDOUT, &reason);
    if (status == MR_OK)
        home->timeout = mr_value_as_error(reason);
    return status;
}

mr_status mr_abort_after(mr_loop *loop, uint64_t delay_ns, mr_abort_signal **out_signal)
{
    mr__aborts *home;
    if (loop == NULL || out_signal == NULL)
        return MR_EINVAL;
    mr_status status = mr__aborts_of(loop, &home);
    if (status == MR_OK)
        status = store_timeout(home);
    if (status != MR_OK)
        return status;
    mr__abort_timed *timed = mr__alloc_zero(sizeof *timed);
    if (timed == NULL)
        return MR_ENOMEM;
    status = start_timed(home, delay_ns, timed);
    if (status != MR_OK) {
        mr__free(timed);
        return status;
    }
    mr__abort_signal_init(home, &timed->signal, MR__ABORT_TIMED);
    *out_signal = &timed->signal;
    return MR_OK;
}

/* ---- Other signals ----------------------------------------------------------------------------*/

/* Once, however often it is given: then its last dependent is this one. */
static void link_to(mr__abort_dependent *dependent, mr_abort_signal *source)
{
    mr__abort_link *last = source->last_dependent;
    if (last != NULL && last->dependent == &dependent->signal)
        return;
    mr__abort_link *link = &dependent->links[dependent->n++];
    *link = (mr__abort_link){.prev = last, .source = source, .dependent = &dependent->signal};
    *(last != NULL ? &last->next : &source->first_dependent) = link;
    source->last_dependent = link;
    dependent->live++;
}

static const mr__abort_dependent *as_dependent(const mr_abort_signal *signal)
{
    return signal->kind == MR__ABORT_DEPENDENT
               ? MR_CONTAINER(signal, const mr__abort_dependent, signal)
               : NULL;
}

static void link_to_sources(mr__abort_dependent *dependent, mr_abort_signal *signal)
{
    const mr__abort_dependent *other = as_dependent(signal);
    if (other == NULL)
        link_to(dependent, signal);
    for (size_t i = 0; other != NULL && i < other->n; i++)
        if (other->links[i].source != NULL)
            link_to(dependent, other->links[i].source);
}

void mr__abort_unlink(mr__abort_link *link)
{
    mr_abort_signal *source = link->source;
    *(link->prev != NULL ? &link->prev->next : &source->first_dependent) = link->next;
    *(link->next != NULL ? &link->next->prev : &source->last_dependent) = link->prev;
    link->source = NULL;
    MR_CONTAINER(link->dependent, mr__abort_dependent, signal)->live--;
}

void mr__abort_unlink_all(mr_abort_signal *signal)
{
    mr__abort_dependent *dependent = MR_CONTAINER(signal, mr__abort_dependent, signal);
    for (size_t i = 0; i < dependent->n; i++) {
        mr_abort_signal *source = dependent->links[i].source;
        if (source == NULL)
            continue;
        mr__abort_unlink(&dependent->links[i]);
        mr__abort_look(source);
    }
}

/* All of them are of this loop: the first that was aborted, and how many sources they have. */
static mr_status look_at(mr_loop *loop, mr_abort_signal *const *signals, size_t n,
                         mr_abort_signal **out_aborted, size_t *out_sources)
{
    mr_abort_signal *aborted = NULL;
    size_t sources = 0;
    for (size_t i = 0; i < n; i++) {
        if (mr_abort_signal_loop(signals[i]) != loop)
            return MR_EINVAL;
        if (aborted == NULL && signals[i]->aborted)
            aborted = signals[i];
        const mr__abort_dependent *other = as_dependent(signals[i]);
        size_t more = other != NULL ? other->live : 1;
        if (sources > SIZE_MAX / sizeof(mr__abort_link) / 2 - more)
            return MR_ENOMEM;
        sources += more;
    }
    *out_aborted = aborted;
    *out_sources = aborted != NULL ? 0 : sources;
    return MR_OK;
}

mr_status mr_abort_any(mr_loop *loop, mr_abort_signal *const *signals, size_t n,
                       mr_abort_signal **out_signal)
{
    mr__aborts *home;
    mr_abort_signal *aborted;
    size_t sources;
    if (loop == NULL || out_signal == NULL || (n != 0 && signals == NULL))
        return MR_EINVAL;
    mr_status status = mr__aborts_of(loop, &home);
    if (status == MR_OK)
        status = look_at(loop, signals, n, &aborted, &sources);
    if (status != MR_OK)
        return status;
    mr__abort_dependent *dependent =
        mr__alloc_zero(sizeof *dependent + sources * sizeof dependent->links[0]);
    if (dependent == NULL)
        return MR_ENOMEM;
    mr__abort_signal_init(home, &dependent->signal, MR__ABORT_DEPENDENT);
    if (aborted != NULL) {
        dependent->signal.aborted = true;
        dependent->signal.reason = mr_value_ref(aborted->reason);
    }
    for (size_t i = 0; aborted == NULL && i < n; i++)
        link_to_sources(dependent, signals[i]);
    mr__abort_check(&dependent->signal);
    *out_signal = &dependent->signal;
    return MR_OK;
}
