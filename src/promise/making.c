/* Making promises and reading them. */
#include "promise/registry.h"

mr_promise_state mr_promise_get_state(const mr_promise *promise)
{
    return promise == NULL ? MR_PROMISE_PENDING : (mr_promise_state)promise->state;
}

static mr_value settled_as(const mr_promise *promise, mr_promise_state state)
{
    return promise != NULL && promise->state == state ? promise->as.value : mr_value_undefined();
}

mr_value mr_promise_value(const mr_promise *promise)
{
    return settled_as(promise, MR_PROMISE_FULFILLED);
}

mr_value mr_promise_reason(const mr_promise *promise)
{
    return settled_as(promise, MR_PROMISE_REJECTED);
}

mr_loop *mr_promise_loop(const mr_promise *promise)
{
    return promise == NULL ? NULL : promise->of->loop;
}

MR_COLD static mr_status with_resolvers_slowly(mr_loop *loop, mr_promise **out_promise,
                                               mr_settler *out_settler)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    if (out_settler == NULL)
        return MR_EINVAL;
    mr_promise *promise = mr__promise_new(of, true);
    if (promise == NULL)
        return MR_ENOMEM;
    out_settler->id = mr__promise_id(promise);
    if (out_promise != NULL)
        *out_promise = promise;
    else
        promise->flags |= MR__P_KEPT;
    return MR_OK;
}

mr_status mr_promise_with_resolvers(mr_loop *loop, mr_promise **out_promise,
                                    mr_settler *out_settler)
{
    mr__promises *of;
    mr_promise *promise;
    if (MR_UNLIKELY(loop == NULL || out_promise == NULL || out_settler == NULL ||
                    !mr__promises_usual(loop, MR__LOOKED_AT | MR__NO_STARTS) ||
                    (of = mr__promises_here(loop)) == NULL ||
                    (promise = mr__promise_take(of, true)) == NULL))
        return with_resolvers_slowly(loop, out_promise, out_settler);
    *out_promise = promise;
    out_settler->id = mr__promise_id_live(promise);
    return MR_OK;
}

static mr_status make_settled(mr_loop *loop, mr_promise_state state, mr_value value,
                              mr_promise **out_promise)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    if (out_promise == NULL || !mr__promises_accept(of, value))
        return MR_EINVAL;
    if (state == MR_PROMISE_FULFILLED && value.kind == MR_VALUE_PROMISE) {
        *out_promise = value.as.pointer;
        return MR_OK;
    }
    mr_promise *promise = mr__promise_new(of, false);
    if (promise == NULL)
        return MR_ENOMEM;
    if (state == MR_PROMISE_FULFILLED)
        mr__promise_fulfil(promise, value);
    else
        mr__promise_reject_with(promise, value);
    *out_promise = promise;
    return MR_OK;
}

mr_status mr_promise_resolve(mr_loop *loop, mr_value value, mr_promise **out_promise)
{
    return make_settled(loop, MR_PROMISE_FULFILLED, value, out_promise);
}

mr_status mr_promise_reject(mr_loop *loop, mr_value reason, mr_promise **out_promise)
{
    return make_settled(loop, MR_PROMISE_REJECTED, reason, out_promise);
}

typedef struct attempt {
    mr_make_fn *fn;
    void *arg;
    mr_value value;
    mr_status status;
} attempt;

static void run_attempt(void *arg)
{
    attempt *a = arg;
    a->status = a->fn(a->arg, &a->value);
}

mr_status mr_promise_try(mr_loop *loop, mr_make_fn *fn, void *arg, mr_promise **out_promise)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    if (fn == NULL || out_promise == NULL)
        return MR_EINVAL;
    mr_promise *promise = mr__promise_new(of, false);
    if (promise == NULL)
        return MR_ENOMEM;
    attempt a = {.fn = fn, .arg = arg};
    mr__loop_call_inside(loop, run_attempt, &a);
    mr__promise_answer(promise, a.status, a.value);
    *out_promise = promise;
    return MR_OK;
}
