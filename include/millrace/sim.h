/* Simulation: a loop in virtual time, on one thread, whose order a seed decides.
 *
 * Made with mr_loop_options.simulate. Time stands still in callbacks unless mr_sim_advance moves
 * it, and jumps to the next event when nothing is ready. Actors play other threads: between
 * callbacks the seed picks which of them steps. If nothing can ever happen, mr_loop_run returns
 * MR_EDEADLOCK. The generator is xoshiro256** (Blackman and Vigna, 2018) seeded by SplitMix64.
 *
 * The trace (mr_simulate.trace_fn) has one line per event: each callback, tick, microtask and end
 * job, before it runs; each step of an actor; each discarded item; the end. Its phase is one of
 * between (turns), checkpoint (the turn's first), poll, immediates, closes, timers, internal,
 * external, drain, end. Same program, same seed: the same lines, on every platform.
 *
 * Since 0.1 */
#ifndef MILLRACE_SIM_H
#define MILLRACE_SIM_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

/* Move the virtual clock on, as if a callback had worked that long.
 *
 * Returns  0; MR_EINCOMPATIBLE (not a simulated loop), MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_sim_advance(mr_loop *loop, uint64_t ns);

/* One step of an actor: makes any-thread calls and answers when it wants to step again: a delay in
 * virtual ns (0: whenever the seed says), or MR_SIM_DONE. It runs as a thread of its own would: it
 * is not the owner. */
#define MR_SIM_DONE UINT64_MAX
typedef uint64_t mr_sim_step_fn(mr_loop *loop, void *arg);

/* Add an actor whose first step comes after delay_ns.
 *
 * Returns  0; MR_EINCOMPATIBLE, MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_sim_actor(mr_loop *loop, uint64_t delay_ns,
                                                    mr_sim_step_fn *step, void *arg);

MR_END_DECLS

#endif
