/* Simulation: a loop in virtual time, on one thread, whose order a seed decides.
 *
 * Made with mr_loop_options.simulate. Time stands still in callbacks unless mr_sim_advance moves
 * it, and jumps to the next event when nothing is ready. Actors play other threads: between
 * callbacks, and in test builds at every test point, the seed picks which of them steps. Jobs of
 * worker pools are done by such steps too. If nothing can ever happen, mr_loop_run returns
 * MR_EDEADLOCK. The generator is xoshiro256** (Blackman and Vigna, 2018) seeded by SplitMix64.
 *
 * The trace (mr_simulate.trace_fn) has one line per event: each callback, tick, microtask and end
 * job, before it runs; each step of an actor or of a pool's job; each discarded item; the end. Its
 * phase is one of between (turns), checkpoint (the turn's first), poll, immediates, closes, timers,
 * internal, external, drain, end. Same program, same seed: the same lines, on every platform.
 *
 * Since 0.1 */
#ifndef MILLRACE_SIM_H
#define MILLRACE_SIM_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

/* Move the virtual clock on, as if a callback had worked that long; at most to 2^64 - 2.
 *
 * Returns  0; MR_EINCOMPATIBLE (not a simulated loop), MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_sim_advance(mr_loop *loop, uint64_t ns);

/* One step of an actor: makes any-thread calls and answers when it wants to step again: a delay in
 * virtual ns (0: whenever the seed says), or MR_SIM_DONE. It runs as a thread of its own would: it
 * is not the owner. Since its owner is the same thread, it cannot wait: mr_loop_shutdown and
 * mr_loop_close only ask, other calls that wait for the owner answer MR_ETIMEDOUT at once. */
#define MR_SIM_DONE UINT64_MAX
typedef uint64_t mr_sim_step_fn(mr_loop *loop, void *arg);

/* Add an actor whose first step comes after delay_ns.
 *
 * Returns  0; MR_EINCOMPATIBLE, MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_sim_actor(mr_loop *loop, uint64_t delay_ns,
                                                    mr_sim_step_fn *step, void *arg);

/* Two connected descriptors that exist in this simulated loop only, for mr_watch_add and the calls
 * below. What one end writes the other reads, both ways, with room for MR_SIM_PIPE_BYTES each way.
 * Readiness is that of connected stream sockets: MR_READ also at the end of what comes, MR_WRITE
 * also when writing would fail; MR_HANGUP to watches that ask for MR_READ once the other end was
 * ended, and to all once it is closed or both are ended; MR_ERROR to all when it was closed with
 * bytes unread. They are numbers that no descriptor of the system has; the lowest free ones are
 * taken first. All that are open go with the loop.
 *
 * Returns  0; MR_EINCOMPATIBLE (not a simulated loop), MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED,
 *          MR_EINVAL. On failure out_fds is untouched.
 * Thread   owner, and actors.
 * Since    0.1 */
enum { MR_SIM_PIPE_BYTES = 4096 };
MR_API MR_NODISCARD mr_status mr_sim_pipe(mr_loop *loop, int out_fds[2]);

/* Read what is there, up to cap_bytes; write as much as there is room for. Neither waits:
 * *out_len_bytes is 0 when nothing is there yet, or when there is no room.
 *
 * Returns  0; MR_ECLOSED (read: the other end writes no more and all was read; write: the other end
 *          is closed, or this one was ended; both: the loop), MR_EIO (the other end was closed with
 *          bytes unread), MR_EBADF, MR_EINCOMPATIBLE, MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner, and actors.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_sim_read(mr_loop *loop, int fd, void *bytes, size_t cap_bytes,
                                          size_t *out_len_bytes);
MR_API MR_NODISCARD mr_status mr_sim_write(mr_loop *loop, int fd, const void *bytes,
                                           size_t len_bytes, size_t *out_len_bytes);

/* Write no more from this end, but read on (half-close).
 *
 * Returns  0; MR_EBADF, MR_ECLOSED, MR_EINCOMPATIBLE, MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner, and actors.
 * Since    0.1 */
MR_API mr_status mr_sim_end(mr_loop *loop, int fd);

/* Close this end. A watch on it falls silent; remove it all the same.
 *
 * Returns  as mr_sim_end.
 * Thread   owner, and actors.
 * Since    0.1 */
MR_API mr_status mr_sim_close(mr_loop *loop, int fd);

MR_END_DECLS

#endif
