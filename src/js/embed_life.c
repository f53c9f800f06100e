/* The ends of a runtime, and the hooks that its host gave it. */
#include "js/embed_life.h"

#include "js/gate.h"
#include "js/value.h"

/* ---- Hooks ------------------------------------------------------------------------------------*/

/* A hook may fail; but for `created` nobody waits for its answer. */
static void note(mr_js *js, mr_status status)
{
    if (status != MR_OK)
        js->hook_failures++;
}

static void call_turn_hook(mr_js *js, mr_js_turn_hook_fn *fn, uint64_t turn)
{
    if (fn == NULL)
        return;
    js->in_hook = true;
    note(js, fn(js, turn, js->hooks.arg));
    js->in_hook = false;
}

static mr_status call_hook(mr_js *js, mr_js_hook_fn *fn)
{
    if (fn == NULL)
        return MR_OK;
    js->in_hook = true;
    mr_status status = fn(js, js->hooks.arg);
    js->in_hook = false;
    return status;
}

mr_status mr__js_hook_created(mr_js *js)
{
    mr_status status = call_hook(js, js->hooks.created);
    if (status != MR_OK)
        js->hooks.shutdown = NULL; /* nobody has the runtime */
    return status;
}

/* The door of turns: begin and end in pairs, from the turn after the creation to the end of script. */
static void turn(bool begin, uint64_t number, void *arg)
{
    mr_js *js = arg;
    if (begin && !js->gone) {
        js->in_turn = true;
        js->turn = number;
        call_turn_hook(js, js->hooks.turn_begin, number);
    } else if (!begin && js->gone && js->depth == 0) {
        mr__js_conclude(js);
    } else if (!begin && js->in_turn) {
        js->in_turn = false;
        call_turn_hook(js, js->hooks.turn_end, number);
    }
}

/* ---- The end ----------------------------------------------------------------------------------*/

void mr__js_conclude(mr_js *js)
{
    if (js->concluded)
        return;
    js->concluded = true;
    if (js->in_turn)
        call_turn_hook(js, js->hooks.turn_end, js->turn);
    js->in_turn = false;
    mr__js_values_empty(js);
    note(js, call_hook(js, js->hooks.shutdown));
}

/* The loop has drained, or was closed. `exit` is the last script of a graceful end; at the end of
 * virtual time, too. */
static void loop_ends(mr__end_notice *notice)
{
    mr_js *js = (mr_js *)(void *)((char *)notice - offsetof(mr_js, loop_end));
    mr_status why = mr__loop_end_status(js->loop);
    if (why == MR_OK || why == MR_EDEADLOCK)
        (void)mr_js_finish(js);
    else if (!js->gone)
        mr__js_stop(js);
    if (js->depth == 0)
        mr__js_conclude(js);
}

void mr__js_life_begin(mr_js *js)
{
    js->loop_end.fn = loop_ends;
    mr__end_notice_add(js->loop, &js->loop_end);
    if (js->hooks.size_bytes != 0)
        mr__loop_set_turn_door(js->loop, turn, js);
}

void mr__js_life_end(mr_js *js)
{
    mr__end_notice_remove(js->loop, &js->loop_end);
    if (js->hooks.size_bytes != 0)
        mr__loop_set_turn_door(js->loop, NULL, NULL);
}
