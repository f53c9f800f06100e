/* Watches: readiness of descriptors, level-triggered.
 *
 * The loop never duplicates, reads or closes your descriptor. Handles are generational ids, and
 * events carry them: none reaches a successor with the same descriptor number. MR_READ and MR_WRITE
 * are asked for; MR_ERROR and MR_HANGUP are delivered on top. A peer's half-close is MR_HANGUP for
 * watches that ask for MR_READ; full hang-up and error come to all. events 0 pauses a watch:
 * nothing is delivered.
 *
 * Since 0.1 */
#ifndef MILLRACE_WATCH_H
#define MILLRACE_WATCH_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

typedef struct mr_watch {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_watch;

enum { MR_READ = 1, MR_WRITE = 2, MR_ERROR = 4, MR_HANGUP = 8 };

typedef void mr_watch_fn(mr_watch watch, unsigned events, void *arg);

/* Watch fd.
 *
 * discard  of the _with form: told when the loop ends with the watch in place.
 * Returns  0; MR_EEXIST (fd is watched), MR_EBADF (not open), MR_ENOTSUP (regular file), MR_ELIMIT,
 *          MR_EINCOMPATIBLE (MR_PARK_FUTEX), MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL (fd
 *          < 0, unknown bits, NULL). On failure nothing changed.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_watch_add(mr_loop *loop, int fd, unsigned events,
                                                    mr_watch_fn *fn, void *arg,
                                                    mr_watch *out_watch);
MR_API MR_NODISCARD MR_OWNER mr_status mr_watch_add_with(mr_loop *loop, int fd, unsigned events,
                                                         mr_watch_fn *fn, void *arg,
                                                         mr_discard_fn *discard,
                                                         mr_watch *out_watch);

/* Change what is asked for; acts at once, also on readiness collected already.
 *
 * Returns  0; MR_ENOENT, MR_EBADF (fd was closed), MR_ELIMIT, MR_ENOMEM, MR_EWRONGTHREAD,
 *          MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_watch_modify(mr_loop *loop, mr_watch watch, unsigned events);

/* End a watch; no callback follows. closed_fn (NULL: none) runs in the close phase, once.
 *
 * Returns  0, also when fd is closed already; MR_ENOENT, MR_EWRONGTHREAD, MR_ECLOSED, MR_ENOMEM
 *          (only with closed_fn; nothing changed), MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_watch_remove(mr_loop *loop, mr_watch watch, mr_task_fn *closed_fn,
                                          void *arg);

/* The same from other threads: the owner applies it at its next phase, and the call waits for that.
 * After timeout_ns (UINT64_MAX: none) without it the answer is MR_ETIMEDOUT and it never will be.
 * remove also waits for a callback in progress: none runs when it returns 0. While nobody runs the
 * loop nothing is applied; its end answers MR_ECLOSED. On the owner they are the calls above, and
 * nothing waits.
 *
 * Returns  as the calls above, without MR_EWRONGTHREAD; MR_ETIMEDOUT; MR_ENOMEM. In a simulation
 *          an actor cannot wait for its own thread: MR_ETIMEDOUT at once.
 * Owns     arg stays the caller's on failure. out_watch is written before the call returns, but fn
 *          may run before that: what it needs goes into arg.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_watch_add_wait(mr_loop *loop, int fd,
                                                              unsigned events, mr_watch_fn *fn,
                                                              void *arg, uint64_t timeout_ns,
                                                              mr_watch *out_watch);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status
mr_watch_add_wait_with(mr_loop *loop, int fd, unsigned events, mr_watch_fn *fn, void *arg,
                       mr_discard_fn *discard, uint64_t timeout_ns, mr_watch *out_watch);
MR_API MR_ANY_THREAD mr_status mr_watch_modify_wait(mr_loop *loop, mr_watch watch, unsigned events,
                                                    uint64_t timeout_ns);
MR_API MR_ANY_THREAD mr_status mr_watch_remove_wait(mr_loop *loop, mr_watch watch,
                                                    mr_task_fn *closed_fn, void *arg,
                                                    uint64_t timeout_ns);

/* Keep the loop alive with it or not: flags, not counts.
 *
 * Returns  0; MR_ENOENT, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_watch_ref(mr_loop *loop, mr_watch watch);
MR_API MR_OWNER mr_status mr_watch_unref(mr_loop *loop, mr_watch watch);

MR_END_DECLS

#endif
