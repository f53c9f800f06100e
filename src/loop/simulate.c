/* A loop in virtual time: the clock stands still in callbacks and jumps when nothing is ready;
 * actors play other threads, stepped between callbacks and while the loop has nothing to do. */
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
};

struct mr__sim *mr__sim_create(const mr_simulate *simulate)
{
    struct mr__sim *sim = mr__alloc_zero(sizeof *sim);
    if (sim == NULL)
        return NULL;
    sim->now_ns = simulate->start_ns;
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
