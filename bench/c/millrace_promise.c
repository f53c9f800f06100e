/* Group promise, for Millrace alone; in scripts the peers have their own (bench/js).
 *
 *   create_resolve  a promise is made, settled with a number and freed, in a callback of the loop.
 *   then_settled    a reaction is attached to one settled promise; all then run.
 *   then_chain      one chain: each link is the derived promise of the one before; the first is settled and
 *                   the value, one more at each link, comes out at the end. Making counts too.
 *   fan_out         reactions on one pending promise, which is then settled.
 *   all             mr_promise_all of settled promises; all_pending: of pending ones, then settled in order.
 *                   An operation is an input; making the inputs is not counted, settling them is.
 *   race_loser      a race of a promise that stays pending and a settled one: 100 000 reactions must come
 *                   off the pending one again.
 *   foreign_settle  another thread settles; wall time from its first settling to the last reaction.
 *   offload         a job of a pool of two threads and the reaction to its result, 256 in flight; wall time.
 *
 * Counted: processor time of the thread where nothing else is said, to the end of the last reaction. The
 * values are numbers; each reaction adds what it gets, and the sum is checked.
 */
#include "harness.h"

#include "c/millrace_loop.h"

static uint64_t sum, left;

static mr_status add(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    sum += (uint64_t)value.as.integer;
    if (--left == 0)
        millrace_stop();
    return 0;
}

static mr_status add_one(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg;
    left--;
    *out_value = mr_value_int(value.as.integer + 1);
    return 0;
}

static const mr_reaction adds = {.on_fulfilled = add};
static const mr_reaction adds_one = {.on_fulfilled = add_one};

static mr_promise *pending(mr_settler *out_settler)
{
    mr_promise *promise;
    CHECK(mr_promise_with_resolvers(peer_loop, &promise, out_settler) == 0);
    return promise;
}

static mr_promise *settled(int64_t number)
{
    mr_promise *promise;
    CHECK(mr_promise_resolve(peer_loop, mr_value_int(number), &promise) == 0);
    return promise;
}

static inline void settle(mr_settler settler, int64_t number)
{
    CHECK(mr_settler_resolve(peer_loop, settler, mr_value_int(number)) == 0);
}

static void open_for(const bench_workload *workload)
{
    millrace_open();
    sum = 0;
    left = workload->ops;
}

static void run_until(uint64_t expected, uint64_t start, uint64_t ops)
{
    millrace_run();
    uint64_t end = thread_ns();
    CHECK(left == 0 && sum == expected);
    bench_span(end - start, ops);
}

static void create_in_callback(void *arg)
{
    const bench_workload *workload = arg;
    mr_settler settler;
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++) {
        mr_promise *promise = pending(&settler);
        settle(settler, (int64_t)i);
        sum += (uint64_t)mr_promise_value(promise).as.integer;
        mr_promise_unref(promise);
    }
    uint64_t end = thread_ns();
    CHECK(sum == workload->ops * (workload->ops - 1) / 2);
    bench_span(end - start, workload->ops);
    millrace_stop();
}

static void create_resolve(const bench_workload *workload)
{
    open_for(workload);
    CHECK(mr_submit(peer_loop, create_in_callback, (void *)(uintptr_t)workload) == 0);
    millrace_run();
}

static void then_settled(const bench_workload *workload)
{
    open_for(workload);
    mr_promise *promise = settled(3);
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++)
        CHECK(mr_promise_then(promise, &adds, NULL) == 0);
    run_until(3 * workload->ops, start, workload->ops);
}

static void then_chain(const bench_workload *workload)
{
    open_for(workload);
    left++; /* the end of the chain */
    mr_settler settler;
    uint64_t start = thread_ns();
    mr_promise *last = pending(&settler);
    for (uint64_t i = 0; i < workload->ops; i++) {
        mr_promise *child;
        CHECK(mr_promise_then(last, &adds_one, &child) == 0);
        mr_promise_unref(last);
        last = child;
    }
    CHECK(mr_promise_then(last, &adds, NULL) == 0);
    mr_promise_unref(last);
    settle(settler, 0);
    run_until(workload->ops, start, workload->ops);
}

static void fan_out(const bench_workload *workload)
{
    open_for(workload);
    mr_settler settler;
    mr_promise *promise = pending(&settler);
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++)
        CHECK(mr_promise_then(promise, &adds, NULL) == 0);
    settle(settler, 5);
    run_until(5 * workload->ops, start, workload->ops);
}

static mr_status add_all(mr_value value, void *arg, mr_value *out_value)
{
    (void)arg, (void)out_value;
    size_t n;
    const mr_value *items = mr_value_as_array(value, &n);
    CHECK(n == left);
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)items[i].as.integer;
    left = 0;
    millrace_stop();
    return 0;
}

/* size: 1 for pending inputs. */
static void all(const bench_workload *workload)
{
    open_for(workload);
    size_t n = workload->ops;
    mr_value *inputs = bench_alloc(n, sizeof(*inputs));
    mr_settler *settlers = bench_alloc(n, sizeof(*settlers));
    for (size_t i = 0; i < n; i++)
        inputs[i] =
            mr_value_promise(workload->size == 0 ? settled((int64_t)i) : pending(&settlers[i]));
    mr_reaction reaction = {.on_fulfilled = add_all};
    mr_promise *result;
    uint64_t start = thread_ns();
    CHECK(mr_promise_all(peer_loop, inputs, n, &result) == 0);
    CHECK(mr_promise_then(result, &reaction, NULL) == 0);
    for (size_t i = 0; workload->size == 1 && i < n; i++)
        settle(settlers[i], (int64_t)i);
    run_until((uint64_t)n * (n - 1) / 2, start, n);
    mr_promise_unref(result);
}

static void race_loser(const bench_workload *workload)
{
    open_for(workload);
    mr_settler settler;
    mr_promise *loser = pending(&settler);
    mr_promise *winner = settled(7);
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++) {
        mr_value inputs[2] = {mr_value_promise(mr_promise_ref(loser)),
                              mr_value_promise(mr_promise_ref(winner))};
        mr_promise *result;
        CHECK(mr_promise_race(peer_loop, inputs, 2, &result) == 0);
        CHECK(mr_promise_then(result, &adds, NULL) == 0);
        mr_promise_unref(result);
    }
    run_until(7 * workload->ops, start, workload->ops);
}

/* ---- from other threads ---- */

typedef struct foreign {
    mr_settler *settlers;
    uint64_t n, start;
} foreign;

static void *settle_all(void *arg)
{
    foreign *work = arg;
    work->start = wall_ns();
    for (uint64_t i = 0; i < work->n; i++)
        settle(work->settlers[i], 1);
    return NULL;
}

static void foreign_settle(const bench_workload *workload)
{
    open_for(workload);
    foreign work = {.n = workload->ops};
    work.settlers = bench_alloc(work.n, sizeof(*work.settlers));
    for (uint64_t i = 0; i < work.n; i++) {
        mr_promise *promise = pending(&work.settlers[i]);
        CHECK(mr_promise_then(promise, &adds, NULL) == 0);
        mr_promise_unref(promise);
    }
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, settle_all, &work) == 0);
    millrace_run();
    uint64_t end = wall_ns();
    pthread_join(thread, NULL);
    CHECK(left == 0 && sum == workload->ops);
    bench_span(end - work.start, workload->ops);
}

static mr_pool *pool;
static uint64_t to_start;
static void start_job(void);

static mr_status job(mr_job *self, void *arg, mr_value *out_value)
{
    (void)self, (void)arg;
    *out_value = mr_value_int(1);
    return 0;
}

static mr_status job_done(mr_value value, void *arg, mr_value *out_value)
{
    if (to_start > 0)
        start_job();
    return add(value, arg, out_value);
}

static void start_job(void)
{
    static const mr_offload_spec spec = {.size_bytes = sizeof(spec), .fn = job};
    static const mr_reaction reaction = {.on_fulfilled = job_done};
    mr_promise *promise;
    to_start--;
    CHECK(mr_offload(peer_loop, pool, &spec, &promise, NULL) == 0);
    CHECK(mr_promise_then(promise, &reaction, NULL) == 0);
    mr_promise_unref(promise);
}

static void offload(const bench_workload *workload)
{
    enum { IN_FLIGHT = 256 };
    open_for(workload);
    to_start = workload->ops;
    mr_pool_options options = {.size_bytes = sizeof(options), .max_threads = 2};
    CHECK(mr_pool_create(&options, &pool) == 0);
    uint64_t start = wall_ns();
    for (unsigned i = 0; i < IN_FLIGHT && to_start > 0; i++)
        start_job();
    millrace_run();
    uint64_t end = wall_ns();
    CHECK(left == 0 && sum == workload->ops);
    mr_pool_unref(pool);
    bench_span(end - start, workload->ops);
}

BENCH_REGISTER(millrace_promise)
{
    static const bench_workload workloads[] = {
        {"create_resolve", "millrace", create_resolve, .ops = 1000000},
        {"then_settled", "millrace", then_settled, .ops = 1000000},
        {"then_chain", "millrace", then_chain, .ops = 1000000},
        {"fan_out", "millrace", fan_out, .ops = 100000},
        {"all", "millrace", all, .ops = 100000},
        {"all_pending", "millrace", all, .ops = 100000, .size = 1},
        {"race_loser", "millrace", race_loser, .ops = 100000},
        {"foreign_settle", "millrace", foreign_settle, .ops = 100000},
        {"offload", "millrace", offload, .ops = 100000},
    };
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        bench_add(&workloads[i]);
}
