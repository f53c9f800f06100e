/* Promise.all, allSettled, any and race: ECMA-262, section 27.2.4.
 *
 * The specification makes a promise of each plain value and reacts to it with a job. Here the plain
 * values of one call share one job, at the place of the one that decides: the last for all and
 * all_settled, which wait for every job, the first for any and race, which end with the first. */
#include "promise/registry.h"

#include <string.h>

#include "base/memory.h"

enum { INPUTS_MAX = 2097150, LISTED = 255 /* kind of an item: where its reaction is */ };

typedef enum combine { ALL, ALL_SETTLED, ANY, RACE } combine;

/* One reference for each reaction and for the job of the plain values. */
struct mr__combinator {
    uint32_t refs;
    uint8_t kind;
    bool done;
    size_t n, remaining;
    size_t plain; /* the plain value with the job; n: none */
    mr_promise *child;
    mr__array *array; /* the result, or the reasons; an input in a list is LISTED */
};
static_assert(sizeof(mr__combinator) + sizeof(mr__array) <= 96,
              "a combinator takes 96 bytes and at most 32 for each input");

static mr_value *item(const mr__combinator *c, size_t index)
{
    return &c->array->items[c->kind == ALL_SETTLED ? 2 * index : index];
}

static size_t item_count(const mr__combinator *c)
{
    return c->kind == ALL_SETTLED ? 2 * c->n : c->n;
}

void mr__combinator_listed(mr__combinator *c, size_t index, mr__reaction *reaction)
{
    mr_value *at = item(c, index);
    uint8_t first_handler = at->len;
    *at = reaction == NULL ? (mr_value){0} : (mr_value){.kind = LISTED, .as.pointer = reaction};
    at->len = first_handler;
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

static bool keeps_length(mr_value value)
{
    return value.kind == MR_VALUE_BYTES || value.kind == MR_VALUE_TEXT;
}

static mr_value take_array(mr__combinator *c)
{
    mr__array *array = c->array;
    c->array = NULL;
    for (size_t i = 0; i < array->n; i++) {
        array->items[i].len = keeps_length(array->items[i]) ? array->items[i].len : 0;
        array->object.bound |= mr_value_is_bound(array->items[i]);
    }
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

void mr__combinator_element(mr__combinator *c, size_t index, mr_promise_state state, mr_value value)
{
    if (c->done)
        return;
    if (c->kind == RACE || (c->kind == ALL && state == MR_PROMISE_REJECTED) ||
        (c->kind == ANY && state == MR_PROMISE_FULFILLED)) {
        finish(c, state, mr__value_ref(value));
        return;
    }
    mr_value *at = item(c, index);
    if (c->kind == ALL_SETTLED)
        *at++ = mr_value_int(state);
    *at = mr__value_ref(value);
    one_less(c);
}

static void run_plain(void *arg)
{
    mr__combinator *c = arg;
    if (!c->done && (c->kind == ANY || c->kind == RACE))
        finish(c, MR_PROMISE_FULFILLED, mr__value_ref(*item(c, c->plain)));
    else if (!c->done)
        one_less(c);
    mr__combinator_unref(c);
}

static void discard_plain(void *arg, mr_status reason)
{
    (void)reason;
    mr__combinator_unref(arg);
}

/* ---- making ---- */

static bool awaits(mr_value value)
{
    return value.kind == MR_VALUE_PROMISE;
}

static void count_inputs(mr__combinator *c, const mr_value *values)
{
    bool last = c->kind == ALL || c->kind == ALL_SETTLED;
    c->plain = c->n;
    for (size_t i = 0; i < c->n; i++) {
        c->remaining += awaits(values[i]);
        if (!awaits(values[i]) && (last || c->plain == c->n))
            c->plain = i;
    }
    c->remaining += c->plain != c->n;
}

static mr__combinator *make(mr__promises *of, combine kind, const mr_value *values, size_t n)
{
    mr__combinator *c = mr__alloc_zero(sizeof *c);
    if (c == NULL)
        return NULL;
    *c = (mr__combinator){.refs = 1, .kind = (uint8_t)kind, .n = n};
    c->array = mr__alloc_zero(sizeof *c->array + item_count(c) * sizeof(mr_value));
    c->child = c->array == NULL ? NULL : mr__promise_new(of, false);
    if (c->child == NULL) {
        mr__free(c->array);
        mr__free(c);
        return NULL;
    }
    mr__object_init(&c->array->object, MR__OBJECT_ARRAY);
    c->array->object.settlements = kind == ALL_SETTLED;
    c->array->n = item_count(c);
    mr__counter_add(&of->allocations, 2);
    count_inputs(c, values);
    return c;
}

/* The marks of a call that may fail in the middle: whose first handler this was. */
enum { FIRST_HANDLER = 1 };

static bool attach(mr__combinator *c, size_t index, mr_promise *input)
{
    bool first = (input->flags & MR__P_HANDLED) == 0;
    mr__reaction *at = NULL;
    const mr__reaction reaction = {
        .as.element.input = input, .arg.index = index, .target = (uintptr_t)c | MR__REACT_ELEMENT};
    c->refs++;
    item(c, index)->len = first ? FIRST_HANDLER : 0;
    if (!mr__promise_attach(input, &reaction, &at)) {
        c->refs--;
        *item(c, index) = (mr_value){0}; /* nor is it in a list */
        return false;
    }
    if (at != NULL)
        mr__combinator_listed(c, index, at);
    return true;
}

static bool queue_plain(mr__combinator *c)
{
    const mr_task task = {run_plain, c, discard_plain};
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
    for (size_t i = 0; i < attached; i++)
        if (awaits(values[i]) && item(c, i)->len == FIRST_HANDLER) {
            mr_promise *input = values[i].as.pointer;
            input->flags &= (uint16_t)~MR__P_HANDLED;
        }
    leave_inputs(c);
    mr__promise_drop(c->child);
}

static bool attach_all(mr__combinator *c, const mr_value *values)
{
    for (size_t i = 0; i < c->n; i++) {
        bool done = awaits(values[i]) ? attach(c, i, values[i].as.pointer)
                    : i == c->plain   ? queue_plain(c)
                                      : true;
        if (!done) {
            undo(c, values, i);
            return false;
        }
    }
    return true;
}

/* The values pass: plain ones into the array, or away; of promises the reactions know. */
static void take_values(mr__combinator *c, const mr_value *values)
{
    for (size_t i = 0; i < c->n; i++) {
        mr_value *at = item(c, i);
        if (awaits(values[i])) {
            mr__promise_drop(values[i].as.pointer);
        } else if (c->kind == ALL_SETTLED) {
            at[0] = mr_value_int(MR_PROMISE_FULFILLED);
            at[1] = values[i];
        } else if (c->kind == ALL || i == c->plain) {
            *at = values[i];
        } else {
            mr_value_release(values[i]);
        }
    }
}

static mr_status check(mr__promises *of, const mr_value *values, size_t n,
                       mr_promise *const *out_promise)
{
    if (out_promise == NULL || (values == NULL && n != 0))
        return MR_EINVAL;
    if (n > INPUTS_MAX)
        return MR_ELIMIT;
    for (size_t i = 0; i < n; i++)
        if (!mr__promises_accept(of, values[i]))
            return MR_EINVAL;
    return MR_OK;
}

static mr_status combine_with(mr_loop *loop, combine kind, const mr_value *values, size_t n,
                              mr_promise **out_promise)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status == MR_OK)
        status = check(of, values, n, out_promise);
    if (status != MR_OK)
        return status;
    mr__combinator *c = make(of, kind, values, n);
    if (c == NULL)
        return MR_ENOMEM;
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
