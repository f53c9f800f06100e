/* Group scale, what Millrace alone has: one figure against the size. Timers and watches are with their
 * groups.
 *
 *   scale_promises_N  a promise is made, settled and freed while N others are pending, with a reaction each
 *   scale_loops_N     N loops live in the process; one turn of each in turn, which runs one task submitted to it
 *
 * Counted: processor time of the thread. _bytes: see bench_bytes.
 */
#include "harness.h"

#include <millrace/millrace.h>

static uint64_t heard;

static void hear(void *arg)
{
    (void)arg;
    heard++;
}

static mr_status never(mr_value value, void *arg, mr_value *out_value)
{
    (void)value, (void)arg, (void)out_value;
    return 0;
}

static void scale_promises(const bench_workload *workload)
{
    static const mr_reaction reaction = {.on_fulfilled = never};
    mr_loop *loop;
    mr_settler settler;
    mr_promise *promise;
    CHECK(mr_loop_create(NULL, &loop) == 0);
    uint64_t before = bench_memory();
    for (uint64_t i = 0; i < workload->size; i++) {
        CHECK(mr_promise_with_resolvers(loop, &promise, &settler) == 0);
        CHECK(mr_promise_then(promise, &reaction, NULL) == 0);
        mr_promise_unref(promise);
    }
    uint64_t bytes = bench_memory() - before;
    uint64_t start = thread_ns();
    for (uint64_t i = 0; i < workload->ops; i++) {
        CHECK(mr_promise_with_resolvers(loop, &promise, &settler) == 0);
        CHECK(mr_settler_resolve(loop, settler, mr_value_int(1)) == 0);
        mr_promise_unref(promise);
    }
    bench_span(thread_ns() - start, workload->ops);
    bench_bytes(bytes, workload->size);
}

static void scale_loops(const bench_workload *workload)
{
    mr_loop **loops = bench_alloc(workload->size, sizeof(mr_loop *));
    uint64_t before = bench_memory();
    for (uint64_t i = 0; i < workload->size; i++)
        CHECK(mr_loop_create(NULL, &loops[i]) == 0);
    for (uint64_t i = 0; i < workload->size; i++) { /* their queues are made */
        CHECK(mr_submit(loops[i], hear, NULL) == 0);
        CHECK(mr_loop_turn(loops[i], 0) == 0);
    }
    uint64_t bytes = bench_memory() - before;
    heard = 0;
    uint64_t start = thread_ns();
    for (uint64_t i = 0, k = 0; i < workload->ops; i++) {
        CHECK(mr_submit(loops[k], hear, NULL) == 0);
        CHECK(mr_loop_turn(loops[k], 0) == 0);
        k = k + 1 == workload->size ? 0 : k + 1;
    }
    uint64_t end = thread_ns();
    CHECK(heard == workload->ops);
    bench_span(end - start, workload->ops);
    bench_bytes(bytes, workload->size);
}

static void add(const char *kind, uint64_t most, uint64_t ops, void (*run)(const bench_workload *))
{
    for (uint64_t n = 1; n <= most; n *= 10) {
        bench_workload one = {.contestant = "millrace", .run = run, .ops = ops, .size = n};
        snprintf(one.name, sizeof(one.name), "scale_%s_%llu", kind, (unsigned long long)n);
        bench_add(&one);
    }
}

BENCH_REGISTER(millrace_scale)
{
    add("promises", 1000000, 300000, scale_promises);
    add("loops", 1000, 100000, scale_loops);
}
