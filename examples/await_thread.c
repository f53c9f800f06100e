/* A loop on a thread of its own, and a program that wants answers from it: mr_await for a question,
 * a waiter for a promise that is there already. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <pthread.h>
#include <stdio.h>

#define MS UINT64_C(1000000)

static mr_loop *loop;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static mr_waiter *ready; /* under lock */
static mr_settler settler;

/* ---- on the owner ---- */

static mr_status divide(void *arg, mr_value *out_value)
{
    const int64_t *question = arg;
    if (question[1] == 0)
        return MR_ERANGE; /* rejected, with an error of that code */
    *out_value = mr_value_int(question[0] / question[1]);
    return MR_OK;
}

/* A promise is waited for. This one is settled by whoever has the settler. */
static mr_status never(void *arg, mr_value *out_value)
{
    mr_promise *promise;
    mr_status status = mr_promise_with_resolvers(loop, &promise, arg);
    if (status == MR_OK)
        *out_value = mr_value_promise(promise);
    return status;
}

static void make_waiter(void *arg)
{
    mr_promise *promise;
    mr_waiter *waiter = NULL;
    (void)arg;
    if (mr_promise_with_resolvers(loop, &promise, &settler) != MR_OK)
        return;
    if (mr_promise_waiter(promise, &waiter) != MR_OK)
        puts("no waiter");
    mr_promise_unref(promise); /* with a waiter it lives until it settles */
    pthread_mutex_lock(&lock);
    ready = waiter;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

/* It makes the loop, so that the other threads are never taken for its owner. */
static void *run(void *arg)
{
    (void)arg;
    if (mr_loop_create(NULL, &loop) == MR_OK && mr_submit(loop, make_waiter, NULL) == MR_OK)
        mr_loop_run(loop);
    return NULL;
}

/* ---- on another thread ---- */

static int ask(int64_t a, int64_t b)
{
    int64_t question[] = {a, b}, result;
    mr_promise_state state;
    mr_value value;
    mr_status status = mr_await(loop, divide, question, MR_NEVER, &state, &value);
    if (status != MR_OK)
        return 1;
    if (state == MR_PROMISE_FULFILLED && mr_value_as_int(value, &result))
        printf("%" PRId64 " / %" PRId64 " = %" PRId64 "\n", a, b, result);
    else
        printf("%" PRId64 " / %" PRId64 ": %s\n", a, b, mr_error_message(mr_value_as_error(value)));
    mr_value_release(value); /* owned, unlike what a handler gets */
    return 0;
}

static int wait_for(mr_waiter *waiter, uint64_t timeout_ns)
{
    int64_t number = 0;
    mr_value value;
    mr_promise_state state;
    mr_status status = mr_waiter_wait(waiter, timeout_ns, &state, &value);
    if (status == MR_OK && state == MR_PROMISE_FULFILLED && mr_value_as_int(value, &number))
        printf("waiter: %" PRId64 "\n", number);
    else
        printf("waiter: %s\n", mr_status_name(status));
    if (status == MR_OK)
        mr_value_release(value);
    return status;
}

int main(void)
{
    pthread_t thread;
    static mr_settler unused; /* a late question still writes to it: not of this frame */
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        return 1;
    pthread_mutex_lock(&lock);
    while (ready == NULL)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    int failed = ask(84, 2) + ask(1, 0);
    failed += wait_for(ready, MS) != MR_ETIMEDOUT; /* it stays usable */
    failed += mr_settler_resolve(loop, settler, mr_value_int(42)) != MR_OK;
    failed += wait_for(ready, MR_NEVER) != MR_OK;
    failed += wait_for(ready, 0) != MR_OK; /* as often as one asks */
    failed += mr_await(loop, never, &unused, MS, NULL, NULL) != MR_ETIMEDOUT;
    failed += mr_loop_shutdown(loop, UINT64_MAX) != MR_OK;
    failed += mr_await(loop, divide, NULL, MR_NEVER, NULL, NULL) != MR_ECLOSED;
    pthread_join(thread, NULL);
    mr_waiter_unref(ready);
    mr_loop_unref(loop);
    return failed == 0 ? 0 : 1;
}
