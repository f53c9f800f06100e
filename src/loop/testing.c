#include "loop/testing.h"

#ifdef MR_TEST
#include "loop/core.h"

void mr__test_point_set(mr_loop *loop, mr__test_point_fn *fn, void *arg)
{
    loop->test_point = fn;
    loop->test_point_arg = arg;
}

void mr__test_point_pass(mr_loop *loop, mr__test_point point)
{
    if (loop->test_point != NULL)
        loop->test_point(loop, point, loop->test_point_arg);
    if (loop->sim != NULL && loop->driver != 0) /* actors begin when the loop does */
        mr__sim_between(loop);
}

void mr__test_preset_counters(mr_loop *loop, uint64_t value)
{
    mr__ring_preset(&loop->ticks, value);
    mr__ring_preset(&loop->microtasks, value);
    mr__ring_preset(&loop->end_jobs, value);
    mr__ring_preset(&loop->closes, value);
    mr__inbox_preset(&loop->ingress.external, value);
    mr__inbox_preset(&loop->ingress.internal, value);
}

void mr__test_preset_generation(mr_loop *loop, uint32_t generation)
{
    if (loop->timers.free == NULL && !mr__slab_grow(&loop->timers))
        return;
    mr__slot *slot = &loop->timers.free->slot;
    slot->generation = (generation | 1u) - 1; /* allocation makes it odd */
}

uint32_t mr__test_live_timers(const mr_loop *loop)
{
    mr__slab_check(&loop->timers);
    mr__wheel_check(&loop->wheel, &loop->timers);
    return (uint32_t)mr__counter_get(&loop->timers.live);
}
#else
typedef int mr__testing_empty; /* ISO C wants a declaration in each file */
#endif
