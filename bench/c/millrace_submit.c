/* submit for Millrace: mr_submit and mr_submit_many with the default bound of 65 536, which copy the tasks. A
 * producer that is refused yields. */
#include "rules/submit_rules.h"

#include "c/millrace_loop.h"
#include <sched.h>

static void peer_open(const bench_workload *workload)
{
    (void)workload;
    millrace_open();
}

static void peer_run(void)
{
    millrace_run();
}

static void peer_stop(void)
{
    millrace_stop();
}

static void ran(void *arg)
{
    submit_ran((uint64_t)(uintptr_t)arg);
}

static inline void peer_post(unsigned producer, uint64_t index, uint64_t number)
{
    (void)producer, (void)index;
    for (;;) {
        mr_status status = mr_submit(peer_loop, ran, (void *)(uintptr_t)number);
        if (status == 0)
            return;
        CHECK(status == MR_EBACKPRESSURE);
        sched_yield();
    }
}

static inline void peer_post_many(unsigned producer, uint64_t index, uint64_t number, uint64_t n)
{
    mr_task tasks[SUBMIT_BATCH];
    CHECK(n <= SUBMIT_BATCH);
    (void)producer, (void)index;
    for (uint64_t i = 0; i < n; i++)
        tasks[i] = (mr_task){.fn = ran, .arg = (void *)(uintptr_t)(number + i)};
    for (size_t done = 0, accepted; done < n; done += accepted) {
        mr_status status = mr_submit_many(peer_loop, tasks + done, n - done, &accepted);
        CHECK(status == 0 || status == MR_EBACKPRESSURE);
        if (status != 0)
            sched_yield();
    }
}

BENCH_REGISTER(millrace_submit)
{
    submit_register("millrace");
}
