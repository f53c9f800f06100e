/* Mistakes that the library catches: a rejection that is lost, a promise that nobody settles, a
 * second settlement, an owner that waits for itself, a ring, a call from the wrong thread. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <pthread.h>
#include <stdio.h>

static mr_loop *loop;
static int caught;

static void check(const char *mistake, mr_status status, mr_status expected)
{
    printf("%s: %s\n", mistake, mr_status_name(status));
    caught += status == expected;
}

static void on_unhandled(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    (void)promise, (void)arg;
    check("lost rejection", mr_error_code(mr_value_as_error(reason)), MR_EIO);
    caught += creation.n > 0; /* addresses, for addr2line or backtrace_symbols */
}

static mr_status reject(void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    return MR_EIO;
}

/* Nothing is attached to the promise, and its last reference goes. */
static mr_status lose_rejection(void)
{
    mr_promise *promise;
    mr_status status = mr_promise_try(loop, reject, NULL, &promise);
    if (status == MR_OK)
        mr_promise_unref(promise);
    return status;
}

static void list_pending(mr_promise *promise, uint64_t age_ns, mr_creation creation, void *count)
{
    (void)promise, (void)age_ns;
    printf("still pending: one promise, made %s\n", creation.n > 0 ? "at a known place" : "?");
    ++*(int *)count;
}

/* A reference that is not given back, of a promise whose settler is forgotten. */
static mr_status forget(mr_promise **out_promise)
{
    mr_settler settler;
    int count = 0;
    mr_status status = mr_promise_with_resolvers(loop, out_promise, &settler);
    if (status == MR_OK)
        status = mr_promise_each(loop, list_pending, &count);
    caught += count == 1;
    return status;
}

/* Who waits for itself is told so, at once. */
static mr_status block_owner(mr_promise *pending)
{
    mr_waiter *waiter;
    mr_status status = mr_promise_waiter(pending, &waiter);
    if (status != MR_OK)
        return status;
    check("owner waits", mr_waiter_wait(waiter, MR_NEVER, NULL, NULL), MR_EDEADLOCK);
    check("owner awaits", mr_await(loop, reject, NULL, MR_NEVER, NULL, NULL), MR_EDEADLOCK);
    mr_waiter_unref(waiter);
    return MR_OK;
}

static mr_status say_reason(mr_value reason, void *mistake, mr_value *out_value)
{
    (void)out_value;
    check(mistake, mr_error_code(mr_value_as_error(reason)), MR_ECYCLE);
    return MR_OK;
}

static mr_status settle_wrongly(void)
{
    mr_settler settler;
    mr_promise *promise;
    mr_status status = mr_promise_with_resolvers(loop, &promise, &settler);
    if (status != MR_OK)
        return status;
    mr_value itself = mr_value_promise(mr_promise_ref(promise));
    check("follows itself", mr_settler_resolve(loop, settler, itself), MR_OK);
    check("settled again", mr_settler_resolve(loop, settler, mr_value_int(2)), MR_ENOENT);
    status = mr_promise_catch(promise, say_reason, "its reason", NULL, NULL);
    mr_promise_unref(promise);
    return status;
}

static void *elsewhere(void *promise)
{
    mr_reaction reaction = {0};
    check("foreign then", mr_promise_then(promise, &reaction, NULL), MR_EWRONGTHREAD);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    mr_promise *forgotten;
    mr_promise_stats stats = {0};
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_promise_options watching = {
        .size_bytes = sizeof watching, .on_unhandled_rejection = on_unhandled, .debug_stacks = 32};
    if (mr_loop_create(&options, &loop) != MR_OK ||
        mr_promise_configure(loop, &watching) != MR_OK || lose_rejection() != MR_OK ||
        forget(&forgotten) != MR_OK || block_owner(forgotten) != MR_OK ||
        settle_wrongly() != MR_OK || pthread_create(&thread, NULL, elsewhere, forgotten) != 0)
        return 1;
    pthread_join(thread, NULL);
    mr_status status = mr_loop_run(loop);
    if (mr_promise_get_stats(loop, &stats) == MR_OK && stats.live == 1)
        puts("at the end: one promise that was not given back");
    mr_promise_unref(forgotten); /* without this a leak checker names it, too */
    mr_loop_unref(loop);
    return status != MR_OK || stats.live != 1 || caught != 9;
}
