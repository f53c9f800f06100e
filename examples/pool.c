/* Work that blocks, on threads of a pool: each result is a promise of the loop. One job gives up
 * when it is told that its signal was aborted. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void rest_a_millisecond(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* On a thread of the pool: as long as it likes. What it returns settles the promise. */
static mr_status fetch(mr_job *job, void *path, mr_value *out_value)
{
    (void)job;
    char text[64];
    rest_a_millisecond();
    if (strcmp(path, "/missing") == 0)
        return MR_ENOENT; /* the reason will be an error of that code */
    int len = snprintf(text, sizeof text, "the contents of %s", (const char *)path);
    return mr_value_bytes(text, (size_t)len, out_value);
}

/* Endless, but for looking whether anybody still wants it. */
static mr_status search(mr_job *job, void *arg, mr_value *out_value)
{
    (void)arg;
    for (int64_t steps = 0;; steps++) {
        if (mr_job_cancelled(job) != MR_OK) {
            *out_value = mr_value_int(steps);
            return MR_OK; /* it may still fulfil, here with how far it came */
        }
        rest_a_millisecond();
    }
}

/* On the owner, as microtasks. */
static mr_status on_text(mr_value value, void *path, mr_value *out_value)
{
    (void)out_value;
    size_t len;
    const char *text = mr_value_as_bytes(&value, &len);
    printf("%s: %.*s\n", (char *)path, (int)len, text);
    return MR_OK;
}

static mr_status on_error(mr_value reason, void *path, mr_value *out_value)
{
    (void)out_value;
    printf("%s: %s\n", (char *)path, mr_error_message(mr_value_as_error(reason)));
    return MR_OK;
}

static mr_status on_found(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    int64_t steps = 0;
    mr_value_as_int(value, &steps);
    printf("search: given up after %s\n", steps > 0 ? "some steps" : "no step");
    return MR_OK;
}

static mr_status offload(mr_loop *loop, mr_pool *pool, const mr_offload_spec *spec,
                         mr_reaction_fn *fulfilled)
{
    mr_promise *promise;
    mr_reaction reaction = {.on_fulfilled = fulfilled, .on_rejected = on_error, .arg = spec->arg};
    mr_status status = mr_offload(loop, pool, spec, &promise, NULL);
    if (status != MR_OK)
        return status;
    status = mr_promise_then(promise, &reaction, NULL);
    mr_promise_unref(promise); /* with a reaction it lives until it settles */
    return status;
}

static mr_status start(mr_loop *loop, mr_pool *pool)
{
    static char *const paths[] = {"/one", "/missing", "/two"};
    mr_abort_signal *signal;
    mr_status status = mr_abort_after(loop, 20000000, &signal);
    for (int i = 0; i < 3 && status == MR_OK; i++) {
        mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = fetch, .arg = paths[i]};
        status = offload(loop, pool, &spec, on_text);
    }
    if (status != MR_OK)
        return status;
    mr_offload_spec spec = {
        .size_bytes = sizeof spec, .fn = search, .arg = "search", .signal = signal};
    status = offload(loop, pool, &spec, on_found);
    mr_abort_signal_unref(signal); /* the job has its own */
    return status;
}

int main(void)
{
    mr_loop *loop = NULL;
    mr_pool *pool = NULL;
    mr_pool_stats stats = {0};
    mr_loop_options loop_options = {.size_bytes = sizeof loop_options, .auto_exit = true};
    mr_pool_options pool_options = {
        .size_bytes = sizeof pool_options, .max_threads = 2, .name = "fetchers"};
    if (mr_loop_create(&loop_options, &loop) != MR_OK ||
        mr_pool_create(&pool_options, &pool) != MR_OK || start(loop, pool) != MR_OK)
        return 1;
    mr_status status = mr_loop_run(loop); /* pending jobs keep it running */
    mr_pool_close(pool);
    mr_pool_get_stats(pool, &stats);
    printf("%" PRIu64 " jobs, %" PRIu64 " failed, at most %u at a time\n", stats.submitted,
           stats.failed, stats.most_running);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    return status != MR_OK || stats.completed != 3 || stats.failed != 1;
}
