/* Tasks for the owner of a runtime, from any thread. */
#include <millrace/submit.h>

#include "base/memory.h"
#include "js/runtime.h"

/* On its way through the loop. */
struct submission {
    mr_js *js; /* counted */
    mr_js_task task;
};

static void discard(struct submission *s, mr_status reason)
{
    if (s->task.discard != NULL)
        s->task.discard(s->task.arg, reason);
    else
        mr__loop_report_discard(s->js->loop, MR_KIND_TASK, s->task.arg);
}

static void end(struct submission *s)
{
    mr_js_unref(s->js);
    mr__free(s);
}

static void run(void *arg)
{
    struct submission *s = arg;
    if (s->js->gone)
        discard(s, MR_ECLOSED);
    else
        s->task.fn(s->js, s->task.arg);
    end(s);
}

static void dropped(void *arg, mr_status reason)
{
    discard(arg, reason);
    end(arg);
}

mr_status mr_js_submit_with(mr_js *js, const mr_js_task *task)
{
    if (js == NULL || task == NULL || task->fn == NULL)
        return MR_EINVAL;
    if (atomic_load(&js->ended)) /* model: none, a hint: run looks again */
        return MR_ECLOSED;
    struct submission *s = mr__alloc(sizeof *s);
    if (s == NULL)
        return MR_ENOMEM;
    *s = (struct submission){mr_js_ref(js), *task};
    mr_status status = mr_submit_with(js->loop, &(mr_task){run, s, dropped});
    if (status != MR_OK)
        end(s);
    return status;
}

mr_status mr_js_submit(mr_js *js, mr_js_task_fn *fn, void *arg)
{
    return mr_js_submit_with(js, &(mr_js_task){.fn = fn, .arg = arg});
}
