/* A loop in virtual time: the clock stands still in callbacks and jumps when nothing is ready;
 * actors play other threads. They step between callbacks, at the test points (which lie between
 * the moves of the protocols that threads share) and while the loop waits.
 *
 * All that waits to step is one list of steps. A step leaves it before it runs, so one that passes
 * a test point itself is safe from being stepped again. */
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "loop/core.h"
#include "os/sim/random.h"

#define LAST_NS (UINT64_MAX - 1) /* UINT64_MAX is never */

typedef struct actor {
    mr__sim_step step;
    struct actor *next;
    mr_loop *loop;
    mr_sim_step_fn *fn;
    void *arg;
} actor;

struct mr__sim {
    uint64_t now_ns;
    mr__random random; /* the order */
    mr__random lent;   /* mr__sim_chance */
    mr__sim_step *first, *last;
    uint64_t last_id;
    actor *actors; /* all that ever were, to be freed at the end */
    unsigned stepping;
    mr__pipes *pipes; /* NULL until the first */
    mr_sim_trace_fn *trace_fn;
    void *trace_arg;
};

struct mr__sim *mr__sim_create(const mr_simulate *simulate)
{
    struct mr__sim *sim = mr__alloc_zero(sizeof *sim);
    if (sim == NULL)
        return NULL;
    sim->now_ns = simulate->start_ns < LAST_NS ? simulate->start_ns : LAST_NS;
    sim->trace_fn = simulate->trace_fn;
    sim->trace_arg = simulate->trace_arg;
    mr__random_seed(&sim->random, simulate->seed);
    mr__random_seed(&sim->lent, ~simulate->seed);
    return sim;
}

void mr__sim_destroy(struct mr__sim *sim)
{
    if (sim == NULL)
        return;
    while (sim->actors != NULL) {
        actor *next = sim->actors->next;
        mr__free(sim->actors);
        sim->actors = next;
    }
    mr__pipes_destroy(sim->pipes);
    mr__free(sim);
}

/* ---- time and chance --------------------------------------------------------------------------*/

static uint64_t later(const struct mr__sim *sim, uint64_t ns)
{
    return ns > UINT64_MAX - sim->now_ns ? UINT64_MAX : sim->now_ns + ns;
}

uint64_t mr__sim_now(const struct mr__sim *sim)
{
    return sim->now_ns;
}

mr_status mr_sim_advance(mr_loop *loop, uint64_t ns)
{
    mr_status status = mr__owner_call(loop);
    if (status != MR_OK)
        return status;
    if (loop->sim == NULL)
        return MR_EINCOMPATIBLE;
    uint64_t now_ns = later(loop->sim, ns);
    loop->sim->now_ns = now_ns < LAST_NS ? now_ns : LAST_NS;
    return MR_OK;
}

uint64_t mr__sim_random(mr_loop *loop)
{
    return mr__random_next(&loop->sim->random);
}

/* ---- the trace --------------------------------------------------------------------------------*/

bool mr__loop_simulated(const mr_loop *loop)
{
    return loop->sim != NULL;
}

uint64_t mr__sim_chance(mr_loop *loop)
{
    MR_ASSERT(loop->sim != NULL);
    return mr__random_next(&loop->sim->lent);
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

/* ---- steps ------------------------------------------------------------------------------------*/

bool mr__sim_is_actor(const struct mr__sim *sim)
{
    return sim->stepping != 0;
}

static void append(struct mr__sim *sim, mr__sim_step *step)
{
    step->next = NULL;
    step->prev = sim->last;
    if (sim->last != NULL)
        sim->last->next = step;
    else
        sim->first = step;
    sim->last = step;
}

static void take_out(struct mr__sim *sim, mr__sim_step *step)
{
    if (step->prev != NULL)
        step->prev->next = step->next;
    else
        sim->first = step->next;
    if (step->next != NULL)
        step->next->prev = step->prev;
    else
        sim->last = step->prev;
}

void mr__sim_step_add(mr_loop *loop, mr__sim_step *step, uint64_t delay_ns)
{
    MR_ASSERT(step->fn != NULL && step->kind != NULL);
    if (step->id == 0)
        step->id = ++loop->sim->last_id;
    step->at_ns = later(loop->sim, delay_ns);
    append(loop->sim, step);
}

void mr__sim_step_remove(mr_loop *loop, mr__sim_step *step)
{
    take_out(loop->sim, step);
}

void mr__sim_step_now(mr_loop *loop, mr__sim_step *step)
{
    struct mr__sim *sim = loop->sim;
    take_out(sim, step);
    mr__sim_trace(loop, step->kind, step->id);
    mr_loop_ref(loop); /* a step may drop the last reference of others */
    sim->stepping++;
    step->fn(step->arg); /* may free the step */
    sim->stepping--;
    mr_loop_unref(loop);
}

/* A random one of the steps whose time has come; false when there is none. */
static bool step_due(mr_loop *loop)
{
    struct mr__sim *sim = loop->sim;
    uint64_t due = 0;
    for (const mr__sim_step *step = sim->first; step != NULL; step = step->next)
        due += step->at_ns <= sim->now_ns;
    if (due == 0)
        return false;
    uint64_t pick = due == 1 ? 0 : mr__random_below(&sim->random, due);
    mr__sim_step *step = sim->first;
    for (; step->at_ns > sim->now_ns || pick-- != 0; step = step->next) {
    }
    mr__sim_step_now(loop, step);
    return true;
}

void mr__sim_between(mr_loop *loop)
{
    struct mr__sim *sim = loop->sim;
    while (sim->first != NULL && mr__random_below(&sim->random, 2) == 0 && step_due(loop)) {
    }
}

static uint64_t next_step_ns(const struct mr__sim *sim)
{
    uint64_t next = UINT64_MAX;
    for (const mr__sim_step *step = sim->first; step != NULL; step = step->next)
        if (step->at_ns < next)
            next = step->at_ns;
    return next;
}

bool mr__sim_wait(mr_loop *loop, uint64_t deadline_ns)
{
    struct mr__sim *sim = loop->sim;
    if (sim->now_ns >= deadline_ns || (sim->pipes != NULL && mr__pipes_any_ready(sim->pipes)))
        return false;
    if (step_due(loop))
        return true;
    uint64_t step_ns = next_step_ns(sim);
    uint64_t next = step_ns < deadline_ns ? step_ns : deadline_ns;
    if (next == UINT64_MAX)
        mr__request_stop(loop, MR__STOP_DEADLOCK);
    else
        sim->now_ns = next;
    return next < deadline_ns;
}

void mr__sim_ended(mr_loop *loop)
{
    struct mr__sim *sim = loop->sim;
    mr__sim_step *step = sim->first;
    while (step != NULL) {
        if (!step->outlives) {
            step = step->next;
            continue;
        }
        mr__sim_step_now(loop, step);
        step = sim->first; /* it may have added and removed others */
    }
}

/* ---- actors -----------------------------------------------------------------------------------*/

static void step_actor(void *arg)
{
    actor *self = arg;
    uint64_t delay = self->fn(self->loop, self->arg);
    if (delay != MR_SIM_DONE)
        mr__sim_step_add(self->loop, &self->step, delay);
}

mr_status mr_sim_actor(mr_loop *loop, uint64_t delay_ns, mr_sim_step_fn *step, void *arg)
{
    if (loop == NULL || step == NULL)
        return MR_EINVAL;
    mr_status status = mr__owner_start(loop, false);
    if (status != MR_OK)
        return status;
    if (loop->sim == NULL)
        return MR_EINCOMPATIBLE;
    actor *added = mr__alloc_zero(sizeof *added);
    if (added == NULL)
        return MR_ENOMEM;
    added->step = (mr__sim_step){.fn = step_actor, .arg = added, .kind = "actor"};
    added->loop = loop;
    added->fn = step;
    added->arg = arg;
    added->next = loop->sim->actors;
    loop->sim->actors = added;
    mr__sim_step_add(loop, &added->step, delay_ns);
    return MR_OK;
}

/* ---- pipes ------------------------------------------------------------------------------------*/

mr_status mr__sim_poller_set(struct mr__sim *sim, int fd, unsigned from, unsigned to,
                             uint64_t token)
{
    return sim->pipes == NULL ? MR_EBADF : mr__pipes_set(sim->pipes, fd, from, to, token);
}

size_t mr__sim_collect(struct mr__sim *sim, mr__ready *ready, size_t cap)
{
    return sim->pipes == NULL ? 0 : mr__pipes_collect(sim->pipes, &sim->random, ready, cap);
}

static_assert((int)MR_SIM_PIPE_BYTES == (int)MR__PIPE_BYTES, "the header says how much fits");

/* For the one thread of the simulation, whoever it plays. */
static mr_status pipe_call(const mr_loop *loop)
{
    if (loop == NULL)
        return MR_EINVAL;
    if (loop->sim == NULL)
        return MR_EINCOMPATIBLE;
    /* model: none, as mr__is_owner */
    if (atomic_load_explicit(&loop->owner, memory_order_relaxed) != mr__thread_id())
        return MR_EWRONGTHREAD;
    return mr__phase(loop) == MR__CLOSED ? MR_ECLOSED : MR_OK;
}

static mr_status end_call(const mr_loop *loop)
{
    mr_status status = pipe_call(loop);
    return status == MR_OK && loop->sim->pipes == NULL ? MR_EBADF : status;
}

mr_status mr_sim_pipe(mr_loop *loop, int out_fds[2])
{
    mr_status status = out_fds == NULL ? MR_EINVAL : pipe_call(loop);
    if (status != MR_OK)
        return status;
    if (loop->sim->pipes == NULL)
        loop->sim->pipes = mr__pipes_create();
    return loop->sim->pipes == NULL ? MR_ENOMEM : mr__pipes_open(loop->sim->pipes, out_fds);
}

mr_status mr_sim_read(mr_loop *loop, int fd, void *bytes, size_t cap_bytes, size_t *out_len_bytes)
{
    if (bytes == NULL || out_len_bytes == NULL)
        return MR_EINVAL;
    mr_status status = end_call(loop);
    return status != MR_OK ? status
                           : mr__pipes_read(loop->sim->pipes, fd, bytes, cap_bytes, out_len_bytes);
}

mr_status mr_sim_write(mr_loop *loop, int fd, const void *bytes, size_t len_bytes,
                       size_t *out_len_bytes)
{
    if (bytes == NULL || out_len_bytes == NULL)
        return MR_EINVAL;
    mr_status status = end_call(loop);
    return status != MR_OK ? status
                           : mr__pipes_write(loop->sim->pipes, fd, bytes, len_bytes, out_len_bytes);
}

mr_status mr_sim_end(mr_loop *loop, int fd)
{
    mr_status status = end_call(loop);
    return status != MR_OK ? status : mr__pipes_end(loop->sim->pipes, fd);
}

mr_status mr_sim_close(mr_loop *loop, int fd)
{
    mr_status status = end_call(loop);
    return status != MR_OK ? status : mr__pipes_close(loop->sim->pipes, fd);
}
