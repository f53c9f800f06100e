/* Many jobs at once, one result: all waits for every one of them and gives up at the first that
 * fails, all_settled tells how each of them ended. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 8 };

static mr_loop *loop;
static mr_pool *pool;
static int done;

/* On a thread of the pool; its argument is its own, see job_of. */
static mr_status count_primes(mr_job *job, void *arg, mr_value *out_value)
{
    int64_t below = *(int64_t *)arg, count = 0;
    (void)job;
    if (below < 0)
        return MR_ERANGE;
    for (int64_t n = 2; n < below; n++) {
        int64_t divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0)
            divisor++;
        count += divisor * divisor > n;
    }
    *out_value = mr_value_int(count);
    return MR_OK;
}

/* Each job has an argument of its own, not the address of the variable of a loop. */
static mr_status job_of(int64_t below, mr_value *out_value)
{
    mr_promise *promise;
    int64_t *own = malloc(sizeof *own);
    mr_offload_spec spec = {
        .size_bytes = sizeof spec, .fn = count_primes, .arg = own, .release = free};
    if (own == NULL)
        return MR_ENOMEM;
    *own = below;
    mr_status status = mr_offload(loop, pool, &spec, &promise, NULL);
    if (status == MR_OK)
        *out_value = mr_value_promise(promise);
    else
        free(own);
    return status;
}

typedef mr_status combine_fn(mr_loop *of, const mr_value *values, size_t n, mr_promise **out);

/* A promise of n jobs. When one cannot be started, or they cannot be combined, those that were
 * started end without us: releasing their promises is all that is owed. */
static mr_status start(combine_fn *combine, const int64_t *limits, size_t n, mr_promise **out)
{
    mr_value jobs[MOST];
    size_t made = 0;
    mr_status status = n <= MOST ? MR_OK : MR_ELIMIT;
    while (status == MR_OK && made < n) {
        status = job_of(limits[made], &jobs[made]);
        made += status == MR_OK;
    }
    if (status == MR_OK)
        status = combine(loop, jobs, n, out); /* the values pass to it */
    while (status != MR_OK && made > 0)
        mr_value_release(jobs[--made]);
    return status;
}

static mr_status say_sum(mr_value value, void *arg, mr_value *out_value)
{
    size_t n;
    int64_t count, sum = 0;
    const mr_value *counts = mr_value_as_array(value, &n); /* by index, whoever came first */
    (void)arg, (void)out_value;
    for (size_t i = 0; i < n; i++)
        sum += mr_value_as_int(counts[i], &count) ? count : 0;
    printf("all: %zu counts, %" PRId64 " in total\n", n, sum);
    done++;
    return MR_OK;
}

static mr_status say_failure(mr_value reason, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    printf("all: %s\n", mr_error_message(mr_value_as_error(reason)));
    done++;
    return MR_OK;
}

static mr_status say_each(mr_value value, void *arg, mr_value *out_value)
{
    mr_promise_state state;
    mr_value end;
    int64_t count = 0;
    (void)arg, (void)out_value;
    for (size_t i = 0; mr_settled_at(value, i, &state, &end) == MR_OK; i++) {
        if (state == MR_PROMISE_FULFILLED && mr_value_as_int(end, &count))
            printf("all_settled: %zu: %" PRId64 "\n", i, count);
        else
            printf("all_settled: %zu: %s\n", i, mr_error_message(mr_value_as_error(end)));
    }
    done++;
    return MR_OK;
}

static mr_status run(combine_fn *combine, const int64_t *limits, size_t n, mr_reaction reaction)
{
    mr_promise *promise;
    mr_status status = start(combine, limits, n, &promise);
    if (status != MR_OK)
        return status;
    status = mr_promise_then(promise, &reaction, NULL);
    mr_promise_unref(promise);
    for (int before = done; status == MR_OK && done == before;)
        status = mr_loop_turn(loop, UINT64_MAX);
    return status;
}

int main(void)
{
    static const int64_t good[] = {10, 100, 1000, 10000}, bad[] = {10, -1, 1000};
    if (mr_loop_create(NULL, &loop) != MR_OK || mr_pool_create(NULL, &pool) != MR_OK)
        return 1;
    mr_status status =
        run(mr_promise_all, good, 4, (mr_reaction){say_sum, say_failure, NULL, NULL});
    if (status == MR_OK)
        status = run(mr_promise_all, bad, 3, (mr_reaction){say_sum, say_failure, NULL, NULL});
    if (status == MR_OK)
        status = run(mr_promise_all_settled, bad, 3, (mr_reaction){.on_fulfilled = say_each});
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    return status != MR_OK || done != 3;
}
