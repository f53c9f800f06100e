/* Rejections that nobody handles: reported once each, at the end of the checkpoint.
 *
 * A rejected promise without anything attached is tracked, with a reference, until an end job reports
 * it or finds that something was attached meanwhile. HTML, section 8.1.7.3, has the same two lists. */
#include "promise/registry.h"

static void report(void *arg);

static void forget(void *arg, mr_status reason)
{
    (void)reason;
    mr__promises *of = arg;
    of->report_queued = false;
    mr__rejections_forget(of);
}

static void queue_report(mr__promises *of)
{
    const mr_task task = {report, of, forget};
    if (!of->report_queued)
        of->report_queued = mr_checkpoint_end_with(of->loop, &task) == MR_OK;
    if (!of->report_queued)
        mr__extension_due(of->loop); /* without memory: asked again */
}

/* What the end of the loop rejects is no news. */
static bool caused_by_end(const mr__promises *of, mr_value reason)
{
    if (!of->ending || reason.kind != MR_VALUE_ERROR)
        return false;
    mr_error *error = reason.as.pointer;
    return error == of->closed_error ||
           (mr_error_code(error) == MR_EAGGREGATE && mr_error_find(error, MR_ECLOSED) != NULL);
}

void mr__rejection_track(mr_promise *promise)
{
    mr__promises *of = promise->of;
    if (of->ended || (promise->flags & MR__P_TRACKED) != 0 || caused_by_end(of, promise->as.value))
        return;
    promise->flags |= MR__P_TRACKED;
    mr__promise_list_add(&of->rejected, promise);
    queue_report(of);
}

void mr__rejection_handled(mr_promise *promise)
{
    mr__promises *of = promise->of;
    if (of->ended)
        return; /* a waiter: nothing runs any more */
    if ((promise->flags & MR__P_TELLING) != 0)
        return; /* a combinator came to nothing meanwhile */
    promise->flags |= MR__P_TELLING;
    mr__promise_list_add(&of->handled, promise);
    queue_report(of);
}

void mr__rejections_due(mr__promises *of)
{
    if (of->rejected.first != NULL || of->handled.first != NULL)
        queue_report(of);
}

static void report_unhandled(mr__promises *of, mr_promise *promise)
{
    promise->flags &= (uint16_t)~MR__P_TRACKED;
    if ((promise->flags & MR__P_MINDED) != 0)
        return;
    promise->flags |= MR__P_REPORTED;
    mr__counter_add(&of->unhandled, 1);
    mr__promise_tell(promise, MR_PROMISE_WAS_UNHANDLED);
    if (of->options.on_unhandled_rejection != NULL)
        of->options.on_unhandled_rejection(promise, promise->as.value, mr_promise_creation(promise),
                                           of->options.arg);
}

static void report_handled(mr__promises *of, mr_promise *promise)
{
    promise->flags &= (uint16_t)~MR__P_TELLING;
    if ((promise->flags & MR__P_MINDED) == 0)
        return; /* a combinator that came to nothing */
    mr__promise_tell(promise, MR_PROMISE_WAS_HANDLED);
    if (of->options.on_rejection_handled != NULL)
        of->options.on_rejection_handled(promise, of->options.arg);
}

/* Lists as they are now: what the callbacks reject is for the next checkpoint. */
static void report(void *arg)
{
    mr__promises *of = arg;
    mr__promise_list handled = of->handled, rejected = of->rejected;
    mr_promise *promise;
    of->handled = of->rejected = (mr__promise_list){NULL, NULL};
    of->report_queued = false;
    while (!mr__loop_closing(of->loop) && (promise = mr__promise_list_take(&handled)) != NULL) {
        report_handled(of, promise);
        mr__promise_drop(promise);
    }
    while (!mr__loop_closing(of->loop) && (promise = mr__promise_list_take(&rejected)) != NULL) {
        report_unhandled(of, promise);
        mr__promise_drop(promise);
    }
    mr__promise_list_forget(&handled);
    mr__promise_list_forget(&rejected);
}

void mr__rejections_forget(mr__promises *of)
{
    mr__promise_list_forget(&of->handled);
    mr__promise_list_forget(&of->rejected);
}
