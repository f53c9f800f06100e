/* Promise.all, allSettled, any and race: ECMA-262, section 27.2.4.
 *
 * The specification makes a promise of each plain value and reacts to each promise with a job, of which
 * only the job that decides does anything to be seen. Here there is a job only where it may be that one.
 * Values that are gathered (any but a rejection for all, any rejection for any, every one for
 * all_settled) need none at the call, as plain values do not, unless nothing else is waited for: then the
 * last of them has the job. Of promises that are pending at the call the last to settle decides, if all
 * are gathered, and has one; those before it are taken down inside their settling. Of plain values the
 * first has the job for any and race, which end with it. */
#include "promise/settling.h"

#include <string.h>

#include "base/memory.h"

enum { INPUTS_MAX = 2097150 };
/* Kinds of an item meanwhile: where the input's reaction is; to be taken with the values. */
enum { LISTED = 255, READY = 254 };
enum { FIRST_HANDLER = 1, GAVE_REFERENCE = 2 }; /* marks in `len` of such items, during the call */

typedef enum combine { ALL, ALL_SETTLED, ANY, RACE } combine;

/* One reference for each reaction and for the job of the plain values. */
struct mr__combinator {
    uint32_t refs;
    uint8_t kind;
    bool done;
    uint32_t n, remaining; /* inputs that wait, or whose job waits */
    uint32_t open;         /* of them, promises that were pending at the call and still are */
    uint32_t decider;      /* the index of the value that has a job without a promise; n: none */
    mr_promise *child;
    mr__array *array; /* the result, or the reasons; an input in a list is LISTED */
};
static_assert(sizeof(mr__combinator) + sizeof(mr__array) <= 96,
              "a combinator takes 96 bytes and at most 32 for each input");

MR_INLINE mr_value *item(const mr__combinator *c, size_t index)
{
    return &c->array->items[c->kind == ALL_SETTLED ? 2 * index : index];
}

/* Whether an input that ended like this is one of many that make the result. */
MR_INLINE bool gathers(const mr__combinator *c, mr_promise_state state)
{
    return c->kind == ALL_SETTLED ||
           (c->kind == ALL ? state == MR_PROMISE_FULFILLED
                           : c->kind == ANY && state == MR_PROMISE_REJECTED);
}

void mr__combinator_listed(mr__combinator *c, size_t index, mr__reaction *reaction)
{
    mr_value *at = item(c, index);
    uint8_t marks = at->len;
    *at = reaction == NULL ? (mr_value){0} : (mr_value){.kind = LISTED, .as.pointer = reaction};
    at->len = marks;
}

void mr__combinator_unref(mr__combinator *c)
{
    if (--c->refs != 0)
        return;
    if (!c->done)
        mr__promise_drop(c->child); /* the loop ended */
    if (c->array != NULL)
        mr__object_unref(&c->array->object);
    mr__free(c);
}

/* Take the reactions off the inputs that are still in lists. */
static void leave_inputs(mr__combinator *c)
{
    if (c->array == NULL)
        return; /* it waited for all of them */
    for (size_t i = 0; i < c->n; i++) {
        mr_value *at = item(c, i);
        if (at->kind != LISTED)
            continue;
        mr__reaction *reaction = at->as.pointer;
        mr_promise *input = reaction->as.element.input;
        *at = (mr_value){0};
        mr__promise_detach(input, reaction);
        c->refs--; /* the caller has one */
    }
}

static void finish(mr__combinator *c, mr_promise_state state, mr_value value)
{
    c->done = true;
    leave_inputs(c);
    if (state == MR_PROMISE_FULFILLED)
        mr__promise_fulfil(c->child, value);
    else
        mr__promise_reject_with(c->child, value);
    mr__promise_drop(c->child);
}

static mr_value take_array(mr__combinator *c)
{
    mr__array *array = c->array;
    c->array = NULL;
    return (mr_value){.kind = MR_VALUE_ARRAY, .as.pointer = array};
}

static mr_value aggregate(mr__promises *of, const mr_value *reasons, size_t n)
{
    const mr_error_spec spec = {
        .size_bytes = sizeof spec, .code = MR_EAGGREGATE, .members = reasons, .member_n = n};
    mr_error *error;
    if (mr_error_create(&spec, &error) != MR_OK)
        error = mr_error_ref(of->memory_error);
    return mr_value_error(error);
}

static void one_less(mr__combinator *c)
{
    if (--c->remaining != 0)
        return;
    if (c->kind == ANY)
        finish(c, MR_PROMISE_REJECTED, aggregate(c->child->of, c->array->items, c->array->n));
    else
        finish(c, MR_PROMISE_FULFILLED, take_array(c));
}

/* value passes to the result. */
MR_INLINE void record(mr__combinator *c, size_t index, mr_promise_state state, mr_value value)
{
    mr_value *at = item(c, index);
    if (c->kind == ALL_SETTLED)
        *at++ = mr_value_int(state);
    *at = value;
    if (MR_UNLIKELY(!mr__value_is_plain(value)))
        c->array->object.bound |= mr_value_is_bound(value);
}

void mr__combinator_element(mr__combinator *c, size_t index, mr_promise_state state, mr_value value)
{
    if (c->done)
        return;
    if (!gathers(c, state)) {
        finish(c, state, mr__value_ref(value));
        return;
    }
    record(c, index, state, mr__value_ref(value));
    one_less(c);
}

bool mr__combinator_take(mr__combinator *c, size_t index, mr_promise_state state, mr_value value)
{
    if (c->done || c->open <= 1 || !gathers(c, state) || item(c, index)->kind != LISTED)
        return false;
    record(c, index, state, mr__value_ref(value));
    c->open--;
    c->remaining--;
    c->refs--; /* others wait, with one each */
    return true;
}

static void run_decider(void *arg)
{
    mr__combinator *c = arg;
    if (!c->done && (c->kind == ANY || c->kind == RACE))
        finish(c, MR_PROMISE_FULFILLED, mr__value_ref(*item(c, c->decider)));
    else if (!c->done)
        one_less(c);
    mr__combinator_unref(c);
}

static void discard_decider(void *arg, mr_status reason)
{
    (void)reason;
    mr__combinator_unref(arg);
}

/* ---- making ---- */

static bool awaits(mr_value value)
{
    return value.kind == MR_VALUE_PROMISE;
}

/* Look at each value once: whether it may be one, who will have a job, who has none. */
static mr_status look(mr__combinator *c, const mr__promises *of, const mr_value *values)
{
    enum { AHEAD = 8 };
    bool waits_for_all = c->kind == ALL || c->kind == ALL_SETTLED;
    uint32_t first_plain = c->n, last_ready = c->n, settled = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        if (i + AHEAD < c->n)
            __builtin_prefetch(values[i + AHEAD].as.pointer);
        if (!awaits(values[i])) {
            first_plain = first_plain == c->n ? i : first_plain;
            last_ready = i;
            continue;
        }
        const mr_promise *input = values[i].as.pointer;
        if (MR_UNLIKELY(input == NULL || input->of != of))
            return MR_EINVAL;
        if ((input->flags & (MR__P_PENDING | MR__P_LATE)) != 0) {
            c->open++; /* a late one has settled, and its jobs have not been queued */
        } else if (waits_for_all && gathers(c, (mr_promise_state)input->state)) {
            item(c, i)->kind = READY;
            last_ready = i;
        } else {
            settled++;
        }
    }
    c->remaining = c->open + settled;
    if (!waits_for_all)
        c->decider = first_plain;
    else
        c->decider = c->remaining == 0 ? last_ready : c->n;
    c->remaining += c->decider != c->n;
    return MR_OK;
}

static void destroy_unused(mr__combinator *c)
{
    mr__free(c->array);
    mr__free(c);
}

static mr_status make(mr__promises *of, combine kind, const mr_value *values, size_t n,
                      mr__combinator **out_combinator)
{
    mr__combinator *c = mr__alloc_zero(sizeof *c);
    if (c == NULL)
        return MR_ENOMEM;
    size_t items = kind == ALL_SETTLED ? 2 * n : n;
    *c = (mr__combinator){.refs = 1, .kind = (uint8_t)kind, .n = (uint32_t)n};
    c->array = mr__alloc_zero(sizeof *c->array + items * sizeof(mr_value));
    mr_status status = c->array == NULL ? MR_ENOMEM : look(c, of, values);
    if (status == MR_OK && (c->child = mr__promise_new(of, false)) == NULL)
        status = MR_ENOMEM;
    if (status != MR_OK) {
        destroy_unused(c);
        return status;
    }
    mr__object_init(&c->array->object, MR__OBJECT_ARRAY);
    c->array->object.settlements = kind == ALL_SETTLED;
    c->array->n = items;
    mr__counter_add(&of->allocations, 2);
    *out_combinator = c;
    return MR_OK;
}

/* The first reaction of a pending input: it lies in it, and the reference that passes to us is the one
 * that keeps it. */
MR_INLINE void attach_first(mr__combinator *c, size_t index, mr_promise *input)
{
    const uint16_t flags = input->flags;
    uint8_t marks = (flags & MR__P_HANDLED) == 0 ? FIRST_HANDLER : 0;
    marks |= (flags & MR__P_HELD) == 0 ? GAVE_REFERENCE : 0;
    input->reaction.as.element.before = NULL;
    input->reaction.as.element.input = input;
    input->reaction.arg.index = index;
    input->reaction.release = NULL;
    input->reaction.target = (uintptr_t)c | MR__REACT_ELEMENT;
    input->flags = flags | MR__P_INLINE | MR__P_HANDLED | MR__P_HELD;
    c->refs++;
    *item(c, index) = (mr_value){.kind = LISTED, .len = marks, .as.pointer = &input->reaction};
}

static bool attach(mr__combinator *c, size_t index, mr_promise *input)
{
    mr_value *at = item(c, index);
    if (at->kind == READY) {
        at->len = (input->flags & MR__P_HANDLED) == 0 ? FIRST_HANDLER : 0;
        mr__promise_be_handled(input);
        return true;
    }
    if (MR_LIKELY((input->flags & (MR__P_INLINE | MR__P_PENDING)) == MR__P_PENDING &&
                  input->last == NULL)) {
        attach_first(c, index, input);
        return true;
    }
    mr__reaction *listed = NULL;
    const mr__reaction reaction = {
        .as.element.input = input, .arg.index = index, .target = (uintptr_t)c | MR__REACT_ELEMENT};
    c->refs++;
    at->len = (input->flags & MR__P_HANDLED) == 0 ? FIRST_HANDLER : 0;
    if (!mr__promise_attach(input, &reaction, &listed)) {
        c->refs--;
        *at = (mr_value){0}; /* nor is it in a list */
        return false;
    }
    if (listed != NULL)
        mr__combinator_listed(c, index, listed);
    return true;
}

static bool queue_decider(mr__combinator *c)
{
    const mr_task task = {run_decider, c, discard_decider};
    c->refs++;
    if (mr_microtask_with(c->child->of->loop, &task) == MR_OK)
        return true;
    c->refs--;
    return false;
}

/* As if nothing had been attached; jobs already queued find the combinator done. */
static void undo(mr__combinator *c, const mr_value *values, size_t attached)
{
    c->done = true;
    for (size_t i = 0; i < attached; i++) {
        mr_promise *input = awaits(values[i]) ? values[i].as.pointer : NULL;
        mr_value *at = item(c, i);
        if (input != NULL && (at->len & FIRST_HANDLER) != 0)
            input->flags &= (uint16_t)~MR__P_HANDLED;
        if (input != NULL && (at->len & GAVE_REFERENCE) != 0)
            mr__promise_hold(input);
        at->len = 0;
        if (at->kind == READY)
            at->kind = MR_VALUE_UNDEFINED;
    }
    leave_inputs(c);
    mr__promise_drop(c->child);
}

static bool attach_all(mr__combinator *c, const mr_value *values)
{
    for (uint32_t i = 0; i < c->n; i++) {
        bool done = !awaits(values[i]) || attach(c, i, values[i].as.pointer);
        if (done && i == c->decider)
            done = queue_decider(c);
        if (!done) {
            undo(c, values, i + 1);
            return false;
        }
    }
    return true;
}

/* The values pass: plain ones into the array, or away; of promises the reactions know, but for those
 * that are ready. */
static void take_values(mr__combinator *c, const mr_value *values)
{
    bool waits_for_all = c->kind == ALL || c->kind == ALL_SETTLED;
    for (uint32_t i = 0; i < c->n; i++) {
        mr_value *at = item(c, i);
        if (awaits(values[i])) {
            mr_promise *input = values[i].as.pointer;
            bool gave = (at->len & GAVE_REFERENCE) != 0;
            at->len = 0;
            if (at->kind == READY)
                record(c, i, (mr_promise_state)input->state, mr__value_ref(input->as.value));
            if (!gave)
                mr__promise_drop(input);
        } else if (waits_for_all) {
            record(c, i, MR_PROMISE_FULFILLED, values[i]);
        } else if (i == c->decider) {
            *at = values[i];
        } else {
            mr_value_release(values[i]);
        }
    }
}

static mr_status combine_with(mr_loop *loop, combine kind, const mr_value *values, size_t n,
                              mr_promise **out_promise)
{
    mr__promises *of;
    mr__combinator *c;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    if (out_promise == NULL || (values == NULL && n != 0))
        return MR_EINVAL;
    if (n > INPUTS_MAX)
        return MR_ELIMIT;
    status = make(of, kind, values, n, &c);
    if (status != MR_OK)
        return status;
    mr_promise *child = c->child;
    if (!attach_all(c, values)) {
        mr__combinator_unref(c);
        return MR_ENOMEM;
    }
    mr__promise_hold(child);
    take_values(c, values);
    if (n == 0 && kind != RACE) {
        c->remaining = 1;
        one_less(c);
    }
    mr__combinator_unref(c);
    *out_promise = child;
    return MR_OK;
}

mr_status mr_promise_all(mr_loop *loop, const mr_value *values, size_t n, mr_promise **out_promise)
{
    return combine_with(loop, ALL, values, n, out_promise);
}

mr_status mr_promise_all_settled(mr_loop *loop, const mr_value *values, size_t n,
                                 mr_promise **out_promise)
{
    return combine_with(loop, ALL_SETTLED, values, n, out_promise);
}

mr_status mr_promise_any(mr_loop *loop, const mr_value *values, size_t n, mr_promise **out_promise)
{
    return combine_with(loop, ANY, values, n, out_promise);
}

mr_status mr_promise_race(mr_loop *loop, const mr_value *values, size_t n, mr_promise **out_promise)
{
    return combine_with(loop, RACE, values, n, out_promise);
}

mr_status mr_settled_at(mr_value result, size_t index, mr_promise_state *out_state,
                        mr_value *out_value)
{
    const mr__array *array = result.kind == MR_VALUE_ARRAY ? result.as.pointer : NULL;
    if (array == NULL || !array->object.settlements)
        return MR_EINVAL;
    if (index >= array->n / 2)
        return MR_ERANGE;
    if (out_state != NULL)
        *out_state = (mr_promise_state)array->items[2 * index].as.integer;
    if (out_value != NULL)
        *out_value = array->items[2 * index + 1];
    return MR_OK;
}
