/* A loop in virtual time: the clock stands still in callbacks and jumps when nothing is ready;
 * actors play other threads, stepped between callbacks and while the loop has nothing to do. */
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "loop/core.h"
#include "os/sim/random.h"

typedef struct actor {
    mr_sim_step_fn *step;
    void *arg;
    uint64_t at_ns;
} actor;

struct mr__sim {
    uint64_t now_ns;
    mr__random random;
    actor *actors;
    size_t count, cap;
    bool stepping;
    mr_sim_trace_fn *trace_fn;
    void *trace_arg;
};

struct mr__sim *mr__sim_create(const mr_simulate *simulate)
{
    struct mr__sim *sim = mr__alloc_zero(sizeof *sim);
    if (sim == NULL)
        return NULL;
    sim->now_ns = simulate->start_ns;
    sim->trace_fn = simulate->trace_fn;
    sim->trace_arg = simulate->trace_arg;
    mr__random_seed(&sim->random, simulate->seed);
    return sim;
}

void mr__sim_destroy(struct mr__sim *sim)
{
    if (sim == NULL)
        return;
    mr__free(sim->actors);
    mr__free(sim);
}

uint64_t mr__sim_now(const struct mr__sim *sim)
{
    return sim->now_ns;
}

bool mr__loop_simulated(const mr_loop *loop)
{
    return loop->sim != NULL;
}

bool mr__sim_traced(const struct mr__sim *sim)
{
    return sim != NULL && sim->trace_fn != NULL;
}

void mr__sim_trace(mr_loop *loop, const char *kind, uint64_t id)
{
    static const char *const phases[] = {
        [MR__IN_BETWEEN] = "between",   [MR__IN_CHECKPOINT] = "checkpoint",
        [MR__IN_POLL] = "poll",         [MR__IN_IMMEDIATES] = "immediates",
        [MR__IN_CLOSES] = "closes",     [MR__IN_TIMERS] = "timers",
        [MR__IN_INTERNAL] = "internal", [MR__IN_EXTERNAL] = "external",
        [MR__IN_DRAIN] = "drain",       [MR__IN_END] = "end"};
    if (!mr__sim_traced(loop->sim))
        return;
    char line[300];
    int len =
        snprintf(line, sizeof line, "%" PRIu64 " %" PRIu64 " %s %.200s %" PRIu64, loop->sim->now_ns,
                 mr__counter_get(&loop->turns), phases[loop->where], kind, id);
    loop->sim->trace_fn(line, (size_t)len, loop->sim->trace_arg);
}

void mr__sim_trace_kind(mr_loop *loop, mr_kind kind, uint64_t id)
{
    static const char *const kinds[MR_KIND_COUNT] = {
        [MR_KIND_TASK] = "task",           [MR_KIND_INTERNAL] = "internal",
        [MR_KIND_MICROTASK] = "microtask", [MR_KIND_TICK] = "tick",
        [MR_KIND_IMMEDIATE] = "immediate", [MR_KIND_CLOSE] = "close",
        [MR_KIND_TIMER] = "timer",         [MR_KIND_WATCH] = "watch",
        [MR_KIND_END_JOB] = "end_job"};
    mr__sim_trace(loop, kinds[kind], id);
}

bool mr__sim_is_actor(const struct mr__sim *sim)
{
    return sim->stepping;
}

mr_status mr_sim_advance(mr_loop *loop, uint64_t ns)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    if (loop->sim == NULL)
        return MR_EINCOMPATIBLE;
    uint64_t now = loop->sim->now_ns;
    loop->sim->now_ns = ns > UINT64_MAX - now ? UINT64_MAX : now + ns;
    return MR_OK;
}

mr_status mr_sim_actor(mr_loop *loop, uint64_t delay_ns, mr_sim_step_fn *step, void *arg)
{
    if (loop == NULL || step == NULL)
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    if (status != MR_OK)
        return status;
    struct mr__sim *sim = loop->sim;
    if (sim == NULL)
        return MR_EINCOMPATIBLE;
    if (sim->count == sim->cap) {
        size_t cap = sim->cap == 0 ? 8 : sim->cap * 2;
        actor *actors = mr__realloc(sim->actors, cap * sizeof *actors);
        if (actors == NULL)
            return MR_ENOMEM;
        sim->actors = actors;
        sim->cap = cap;
    }
    uint64_t at = delay_ns > UINT64_MAX - sim->now_ns ? UINT64_MAX : sim->now_ns + delay_ns;
    sim->actors[sim->count++] = (actor){step, arg, at};
    return MR_OK;
}

static void step_actor(mr_loop *loop, size_t which)
{
    struct mr__sim *sim = loop->sim;
    actor chosen = sim->actors[which];
    sim->stepping = true;
    uint64_t delay = chosen.step(loop, chosen.arg);
    sim->stepping = false;
    if (delay == MR_SIM_DONE) {
        sim->actors[which] = sim->actors[--sim->count];
        return;
    }
    sim->actors[which].at_ns = delay > UINT64_MAX - sim->now_ns ? UINT64_MAX : sim->now_ns + delay;
}

/* A random one of the actors whose time has come; false when there is none. */
static bool step_due(mr_loop *loop)
{
    struct mr__sim *sim = loop->sim;
    size_t due = 0;
    for (size_t i = 0; i < sim->count; i++)
        due += sim->actors[i].at_ns <= sim->now_ns;
    if (due == 0)
        return false;
    uint64_t pick = mr__random_below(&sim->random, due);
    for (size_t i = 0; i < sim->count; i++) {
        if (sim->actors[i].at_ns > sim->now_ns || pick-- != 0)
            continue;
        step_actor(loop, i);
        return true;
    }
    return false;
}

void mr__sim_between(mr_loop *loop)
{
    if (loop->sim->stepping || loop->sim->count == 0 || loop->depth != 0)
        return;
    while (mr__random_below(&loop->sim->random, 2) == 0 && step_due(loop)) {
    }
}

bool mr__sim_wait(mr_loop *loop, uint64_t deadline_ns)
{
    struct mr__sim *sim = loop->sim;
    uint64_t next = deadline_ns;
    if (step_due(loop))
        return true;
    for (size_t i = 0; i < sim->count; i++)
        if (sim->actors[i].at_ns < next)
            next = sim->actors[i].at_ns;
    if (next == UINT64_MAX)
        return false;
    if (next > sim->now_ns)
        sim->now_ns = next;
    return true;
}
