#include "base/macros.h"
#include "base/memory.h"
#include "promise/abort_signal.h"
#include "promise/registry.h"

static mr__abort_dependent *dependent_of(mr_abort_signal *signal)
{
    return MR_CONTAINER(signal, mr__abort_dependent, signal);
}

static mr__abort_timed *timed_of(mr_abort_signal *signal)
{
    return MR_CONTAINER(signal, mr__abort_timed, signal);
}

void mr__abort_check(const mr_abort_signal *signal)
{
    MR_DASSERT((signal->first_effect == NULL) == (signal->last_effect == NULL));
    MR_DASSERT((signal->first_handler == NULL) == (signal->last_handler == NULL));
    MR_DASSERT((signal->first_dependent == NULL) == (signal->last_dependent == NULL));
    MR_DASSERT(signal->first_dependent == NULL ||
               (!signal->aborted && signal->kind != MR__ABORT_DEPENDENT));
    if (signal->kind != MR__ABORT_DEPENDENT)
        return;
    const mr__abort_dependent *dependent = MR_CONTAINER(signal, const mr__abort_dependent, signal);
    size_t live = 0;
    for (size_t i = 0; i < dependent->n; i++)
        live += dependent->links[i].source != NULL;
    MR_DASSERT(live == dependent->live && (live == 0 || !signal->aborted));
}

/* ---- The signals of a loop --------------------------------------------------------------------*/

static void take_off(mr_abort_signal *signal)
{
    mr__aborts *home = signal->home;
    *(signal->prev != NULL ? &signal->prev->next : &home->first) = signal->next;
    *(signal->next != NULL ? &signal->next->prev : &home->last) = signal->prev;
    signal->next = signal->prev = NULL;
}

/* Nothing of it will ever be called; what others hold is theirs. */
static void strip(mr_abort_signal *signal)
{
    while (signal->first_effect != NULL)
        mr__abort_effect_remove(signal->first_effect);
    mr__abort_handlers_release(signal);
}

/* What is released may free signals: the one at hand and the next are held. */
static void home_end(mr__end_notice *notice)
{
    mr__aborts *home = (mr__aborts *)notice;
    mr_abort_signal *next, *signal = mr_abort_signal_ref(home->first);
    for (; signal != NULL; signal = next) {
        strip(signal);
        if (signal->kind == MR__ABORT_FOREIGN)
            mr__abort_foreign_tell(signal);
        next = mr_abort_signal_ref(signal->next);
        mr__abort_signal_drop(signal);
    }
    home->holds_loop = home->live != 0;
    if (home->holds_loop)
        mr_loop_ref(home->loop);
}

void mr__aborts_destroy(mr__aborts *home)
{
    if (home == NULL)
        return;
    mr__slab_deinit(&home->handlers);
    mr__slab_deinit(&home->posts);
    mr_error_unref(home->timeout);
    mr__free(home);
}

mr_status mr__aborts_of(mr_loop *loop, mr__aborts **out_home)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    mr__aborts *home = atomic_load_explicit(&of->aborts, memory_order_relaxed);
    if (home == NULL) {
        home = mr__alloc_zero(sizeof *home);
        if (home == NULL)
            return MR_ENOMEM;
        home->notice.fn = home_end;
        home->loop = loop;
        mr__slab_init(&home->handlers);
        mr__slab_init(&home->posts);
        mr__end_notice_add(loop, &home->notice);
        /* Release pairs with the acquire in mr__aborts_there. */
        atomic_store_explicit(&of->aborts, home, memory_order_release);
    }
    *out_home = home;
    return MR_OK;
}

mr__aborts *mr__aborts_there(mr_loop *loop)
{
    mr__promises *of = mr__extension_of(loop);
    return of == NULL ? NULL : atomic_load_explicit(&of->aborts, memory_order_acquire);
}

/* ---- Life -------------------------------------------------------------------------------------*/

bool mr__abort_may_use(const mr_abort_signal *signal)
{
    mr_loop *loop = signal->home->loop;
    return mr__loop_is_owner(loop) || mr_loop_state(loop) == MR_STATE_CLOSED;
}

void mr__abort_signal_init(mr__aborts *home, mr_abort_signal *signal, mr__abort_kind kind)
{
    signal->home = home;
    signal->kind = kind;
    signal->refs = 1;
    signal->prev = home->last;
    *(home->last != NULL ? &home->last->next : &home->first) = signal;
    home->last = signal;
    home->live++;
}

static bool is_held(mr_abort_signal *signal)
{
    if (signal->refs != 0)
        return true;
    if (signal->aborted)
        return false;
    switch (signal->kind) {
    case MR__ABORT_DEPENDENT:
        return dependent_of(signal)->live != 0 && signal->first_handler != NULL;
    case MR__ABORT_TIMED:
        return timed_of(signal)->timer.id != 0 &&
               (signal->first_handler != NULL || signal->first_dependent != NULL);
    case MR__ABORT_FOREIGN:
        return mr__abort_foreign_may_abort(signal) &&
               (signal->first_handler != NULL || signal->first_dependent != NULL);
    case MR__ABORT_CONTROLLED:
        break;
    }
    return false;
}

/* Free one of the dead. What followed it has one source less. */
static void bury(mr_abort_signal *signal)
{
    MR_ASSERT(signal->refs == 0 && signal->first_effect == NULL);
    mr__aborts *home = signal->home;
    if (signal->kind == MR__ABORT_DEPENDENT)
        mr__abort_unlink_all(signal);
    else if (signal->kind == MR__ABORT_TIMED && timed_of(signal)->timer.id != 0)
        mr__timer_cancel_now(home->loop, timed_of(signal)->timer.id);
    else if (signal->kind == MR__ABORT_FOREIGN)
        mr__abort_foreign_tell(signal);
    while (signal->first_dependent != NULL) {
        mr_abort_signal *dependent = signal->first_dependent->dependent;
        mr__abort_unlink(signal->first_dependent);
        mr__abort_look(dependent);
    }
    mr__abort_handlers_release(signal);
    mr_value_release(signal->reason);
    mr__free(signal); /* the first member, whatever its kind */
    home->live--;
}

/* What is released may lead to more of the dead: only the outermost call frees, so that no chain
 * of them is a chain of calls. */
static void bury_all(mr__aborts *home)
{
    if (home->burying)
        return;
    home->burying = true;
    while (home->dead != NULL) {
        mr_abort_signal *signal = home->dead;
        home->dead = signal->next;
        bury(signal);
    }
    home->burying = false;
    if (home->holds_loop && home->live == 0) {
        home->holds_loop = false;
        mr_loop_unref(home->loop); /* and with the loop home may go */
    }
}

void mr__abort_look(mr_abort_signal *signal)
{
    if (signal->dead || is_held(signal))
        return;
    if (signal->kind == MR__ABORT_CONTROLLED &&
        !mr__abort_post_close(MR_CONTAINER(signal, mr_abort_controller, signal)))
        return;
    take_off(signal);
    signal->dead = true;
    signal->next = signal->home->dead;
    signal->home->dead = signal;
    bury_all(signal->home);
}

void mr__abort_signal_drop(mr_abort_signal *signal)
{
    MR_ASSERT(signal->refs != 0);
    if (--signal->refs == 0)
        mr__abort_look(signal);
}

mr_abort_signal *mr_abort_signal_ref(mr_abort_signal *signal)
{
    if (signal != NULL && mr__abort_may_use(signal))
        signal->refs++;
    return signal;
}

void mr_abort_signal_unref(mr_abort_signal *signal)
{
    if (signal != NULL && mr__abort_may_use(signal))
        mr__abort_signal_drop(signal);
}

/* ---- Reading ----------------------------------------------------------------------------------*/

bool mr_abort_signal_aborted(const mr_abort_signal *signal)
{
    return signal != NULL && signal->aborted;
}

mr_value mr_abort_signal_reason(const mr_abort_signal *signal)
{
    return signal != NULL ? signal->reason : mr_value_undefined();
}

mr_status mr_abort_signal_check(const mr_abort_signal *signal)
{
    if (signal == NULL || !signal->aborted)
        return MR_OK;
    const mr_error *error = mr_value_as_error(signal->reason);
    return error != NULL ? mr_error_code(error) : MR_EABORT;
}

mr_loop *mr_abort_signal_loop(const mr_abort_signal *signal)
{
    return signal != NULL ? signal->home->loop : NULL;
}

/* ---- Effects ----------------------------------------------------------------------------------*/

void mr__abort_effect_add(mr_abort_signal *signal, mr__abort_effect *effect)
{
    MR_ASSERT(effect->fn != NULL && !signal->aborted);
    signal->refs++;
    effect->signal = signal;
    effect->next = NULL;
    effect->prev = signal->last_effect;
    *(effect->prev != NULL ? &effect->prev->next : &signal->first_effect) = effect;
    signal->last_effect = effect;
}

void mr__abort_effect_remove(mr__abort_effect *effect)
{
    mr_abort_signal *signal = effect->signal;
    if (signal == NULL)
        return;
    *(effect->prev != NULL ? &effect->prev->next : &signal->first_effect) = effect->next;
    *(effect->next != NULL ? &effect->next->prev : &signal->last_effect) = effect->prev;
    effect->next = effect->prev = NULL;
    effect->signal = NULL;
    mr__abort_signal_drop(signal);
}

/* ---- Aborting ---------------------------------------------------------------------------------*/

/* DOM, "run the abort steps". */
static void run_steps(mr_abort_signal *signal)
{
    while (signal->first_effect != NULL) {
        mr__abort_effect *effect = signal->first_effect;
        mr__abort_effect_remove(effect);
        effect->fn(effect, signal->reason);
    }
    mr__abort_handlers_call(signal);
}

static void mark(mr_abort_signal *signal, mr_value reason)
{
    signal->aborted = true;
    signal->reason = reason;
    signal->refs++; /* until its steps have run */
    if (signal->kind == MR__ABORT_CONTROLLED)
        mr__abort_post_spend(MR_CONTAINER(signal, mr_abort_controller, signal));
}

/* DOM, "signal abort": all that is aborted together is so before anybody is told. */
void mr__abort_run(mr_abort_signal *signal, mr_value reason)
{
    mr__abort_check(signal);
    if (signal->aborted) {
        mr_value_release(reason);
        return;
    }
    mr_abort_signal *next, *last = signal;
    mark(signal, reason);
    while (signal->first_dependent != NULL) {
        last->next_run = signal->first_dependent->dependent;
        last = last->next_run;
        mark(last, mr_value_ref(reason));
        mr__abort_unlink_all(last);
    }
    mr__abort_check(signal);
    for (; signal != NULL; signal = next) {
        next = signal->next_run;
        run_steps(signal);
        mr__abort_signal_drop(signal);
    }
}
