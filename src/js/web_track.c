/* mr_js_signal_track: C that is told of the abort of a script's signal.
 *
 * A track has an atomic state, which whoever moves it from TRACKED decides: the owner by calling fn,
 * any thread by untracking. The rest of it is the owner's: the step at the signal, which is taken off
 * there at once or, for another thread, when its message arrives. References: the user's, that of the
 * runtime while the step is on, that of a message under way. */
#include <stdatomic.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/value.h"
#include "js/web_events.h"
#include "loop/extend.h"

enum state { TRACKED, UNTRACKED, CALLED };

struct mr_js_track {
    mr__abort_step step; /* first */
    mr_js *js;           /* NULL: the step is off; the owner's */
    mr_loop *loop;       /* counted */
    mr_js_abort_fn *fn;
    void *arg;
    mr_js_track *previous, *next; /* js->events->tracks */
    mr__completion message;
    atomic_int state;
    atomic_uint refs;
};

/* ---- References -------------------------------------------------------------------------------*/

void mr_js_track_unref(mr_js_track *track)
{
    if (track == NULL || atomic_fetch_sub_explicit(&track->refs, 1, memory_order_acq_rel) != 1)
        return;
    mr_loop_unref(track->loop);
    mr__free(track);
}

/* The runtime knows it no more. Perhaps amid a collection. */
static void forget(mr_js_track *track)
{
    *(track->previous != NULL ? &track->previous->next : &track->js->events->tracks) = track->next;
    if (track->next != NULL)
        track->next->previous = track->previous;
    track->js = NULL;
    mr_js_track_unref(track);
}

static void drop(mr_js_track *track)
{
    mr_js *js = track->js;
    if (js == NULL)
        return;
    mr__js_step_remove(js, &track->step);
    forget(track);
}

void mr__js_tracks_stop(mr_js *js)
{
    while (js->events->tracks != NULL)
        drop(js->events->tracks);
}

/* ---- The abort --------------------------------------------------------------------------------*/

static bool leave_tracked(mr_js_track *track, enum state to)
{
    int expected = TRACKED;
    return atomic_compare_exchange_strong_explicit(&track->state, &expected, to,
                                                   memory_order_acq_rel, memory_order_acquire);
}

/* Call fn with the reason; a failure surfaces as what a listener throws. */
static void call(mr_js *js, const mr_js_track *track, JSValueConst reason)
{
    mr_js_value *lent = mr__js_value_new(js, JS_DupValue(js->ctx, reason));
    mr_status status = lent == NULL ? MR_ENOMEM : track->fn(js, lent, track->arg);
    mr_js_value_unref(lent);
    if (status == MR_OK || js->gone)
        return;
    mr__js_throw_status(js, status);
    (void)mr__js_report_listener(js);
}

static void signal_aborts(mr_js *js, mr__abort_step *step, mr__signal *signal)
{
    mr_js_track *track = (mr_js_track *)step;
    if (leave_tracked(track, CALLED))
        call(js, track, signal->reason);
    if (track->js != NULL) /* fn may have ended the script */
        forget(track);
}

/* The signal was collected: nothing can abort it. */
static void signal_gone(mr_js *js, mr__abort_step *step)
{
    (void)js;
    forget((mr_js_track *)step);
}

/* ---- Tracking ---------------------------------------------------------------------------------*/

static mr_js_track *new_track(mr_js *js, mr_js_abort_fn *fn, void *arg)
{
    mr_js_track *track = mr__alloc_zero(sizeof(*track));
    if (track == NULL)
        return NULL;
    track->step.fn = signal_aborts;
    track->step.gone = signal_gone;
    track->js = js;
    track->loop = mr_loop_ref(js->loop);
    track->fn = fn;
    track->arg = arg;
    atomic_init(&track->state, TRACKED);
    atomic_init(&track->refs, 2);
    track->next = js->events->tracks;
    if (track->next != NULL)
        track->next->previous = track;
    js->events->tracks = track;
    return track;
}

mr_status mr_js_signal_track(mr_js *js, mr_js_value *signal_value, mr_js_abort_fn *fn, void *arg,
                             mr_js_track **out_track, bool *out_aborted)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (signal_value == NULL || signal_value->js != js || fn == NULL || out_track == NULL ||
        out_aborted == NULL)
        return MR_EINVAL;
    mr__signal *signal = mr__js_signal_of(js, signal_value->value);
    if (signal == NULL)
        return MR_EINVAL;
    mr_js_track *track = NULL;
    if (!signal->aborted) {
        track = new_track(js, fn, arg);
        if (track == NULL)
            return MR_ENOMEM;
        mr__js_step_add(js, signal, &track->step);
    }
    *out_track = track;
    *out_aborted = signal->aborted;
    return MR_OK;
}

/* ---- Untracking -------------------------------------------------------------------------------*/

static void message_arrives(void *arg)
{
    mr_js_track *track = arg;
    drop(track);
    mr_js_track_unref(track);
}

static void message_discarded(void *arg, mr_status reason)
{
    (void)reason;
    message_arrives(arg);
}

static mr__completion *claim(void *arg)
{
    return arg;
}

/* Where the loop has ended, so will the runtime, which takes the step off. */
static void send(mr_js_track *track)
{
    track->message =
        (mr__completion){.fn = message_arrives, .discard = message_discarded, .arg = track};
    atomic_fetch_add_explicit(&track->refs, 1, memory_order_relaxed);
    if (mr__completion_offer(track->loop, claim, &track->message) != MR_OK)
        mr_js_track_unref(track);
}

mr_status mr_js_signal_untrack(mr_js_track *track)
{
    if (track == NULL)
        return MR_EINVAL;
    if (!leave_tracked(track, UNTRACKED))
        return MR_ENOENT;
    if (mr__loop_is_owner(track->loop))
        drop(track);
    else
        send(track);
    return MR_OK;
}
