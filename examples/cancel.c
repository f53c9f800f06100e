/* One signal ends everything that was begun for it: a job of a pool, a sleep, and something of our
 * own. The word comes from another thread, as from a user who pressed a key. */
#include <millrace/millrace.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)

static mr_loop *loop;
static mr_abort_id key;
static int ended;

/* On a thread of the pool: endless, but for looking whether anybody still wants it. */
static mr_status search(mr_job *job, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    while (mr_job_cancelled(job) == MR_OK)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return mr_job_cancelled(job); /* the code of the reason */
}

static mr_status say_end(mr_value reason, void *name, mr_value *out_value)
{
    (void)out_value;
    printf("%s: %s\n", (char *)name, mr_status_name(mr_error_code(mr_value_as_error(reason))));
    ended++;
    return MR_OK;
}

/* Something of our own that is to end; the handler is called inside the abort. */
static void on_abort(mr_abort_signal *signal, mr_value reason, void *name)
{
    mr_value out_value = mr_value_undefined();
    (void)signal;
    if (say_end(reason, name, &out_value) != MR_OK)
        puts("never");
}

/* The promise passes to this; only its rejection is of interest here. */
static mr_status expect_end(mr_promise *promise, char *name)
{
    mr_status status = mr_promise_catch(promise, say_end, name, NULL, NULL);
    mr_promise_unref(promise);
    return status;
}

static mr_status start(mr_pool *pool, mr_abort_signal *signal)
{
    mr_promise *found, *slept;
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = search, .signal = signal};
    mr_status status = mr_abort_signal_on(signal, on_abort, "handler", NULL, NULL);
    if (status == MR_OK && (status = mr_offload(loop, pool, &spec, &found, NULL)) == MR_OK)
        status = expect_end(found, "job");
    if (status == MR_OK && (status = mr_sleep(loop, 3600 * SECOND_NS, signal, &slept)) == MR_OK)
        status = expect_end(slept, "sleep");
    return status;
}

/* Any thread may abort by the id, at any time: a signal that is gone is MR_ENOENT. */
static void *press_key(void *arg)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (mr_abort_post(loop, key, mr_value_undefined()) != MR_OK)
        puts("nothing to abort");
    return arg;
}

int main(void)
{
    mr_pool *pool;
    mr_abort_controller *user;
    mr_abort_signal *patience, *either;
    pthread_t thread;
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    if (mr_loop_create(&options, &loop) != MR_OK || mr_pool_create(NULL, &pool) != MR_OK ||
        mr_abort_controller_create(loop, &user) != MR_OK ||
        mr_abort_after(loop, 60 * SECOND_NS, &patience) != MR_OK)
        return 1;
    /* The user, or too long a time: whichever comes first. */
    mr_abort_signal *causes[] = {mr_abort_controller_signal(user), patience};
    if (mr_abort_any(loop, causes, 2, &either) != MR_OK || start(pool, either) != MR_OK)
        return 1;
    key = mr_abort_controller_id(user);
    if (pthread_create(&thread, NULL, press_key, NULL) != 0)
        return 1;
    mr_status status = mr_loop_run(loop); /* the job and the sleep keep it running */
    pthread_join(thread, NULL);
    mr_abort_signal_unref(either);
    mr_abort_signal_unref(patience);
    mr_abort_controller_unref(user);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    return status != MR_OK || ended != 3;
}
