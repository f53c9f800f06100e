/* The event loop: creation, running, ending, staying alive, its numbers.
 *
 * Life: CREATED -> RUNNING <-> SLEEPING -> STOPPING -> CLOSED. The creating thread is the owner
 * until some thread calls mr_loop_run or mr_loop_turn; from then on that thread. Calls marked
 * MR_OWNER are for the owner; elsewhere they answer MR_EWRONGTHREAD and change nothing. Calls
 * marked MR_ANY_THREAD may come from every thread that holds a reference, at any moment, also after
 * the end.
 *
 * One turn: checkpoint, poll, immediates, close callbacks, timers, internal work, external work. A
 * checkpoint (all ticks, all microtasks, until both are empty, then end jobs) follows every
 * callback.
 *
 * Invariant: accepted work is run, cancelled by its user, or discarded and reported; never lost.
 *
 * In a forked child the loop stands still until the owner, if it is the thread that forked, calls
 * mr_loop_after_fork. Until then run, turn, shutdown, close, request_close, set_park, get_stats and
 * every call that hands something to another thread or to the poller (submissions, commands,
 * adding and modifying watches) answer MR_EFORKED and change nothing; what the owner does with
 * timers, immediates and the queues of checkpoints works. vfork() and clone() are not noticed: such
 * children may only exec or _exit. No signal handler is installed and no mask changed; of all calls
 * only mr_loop_wake may be made from a handler.
 *
 * Callbacks must not longjmp or throw out, nor exit the thread.
 *
 * Since 0.1 */
#ifndef MILLRACE_LOOP_H
#define MILLRACE_LOOP_H

#include <millrace/attributes.h>
#include <millrace/status.h>

MR_BEGIN_DECLS

typedef struct mr_loop mr_loop; /* counted: mr_loop_ref, mr_loop_unref */

/* A callback of the loop, on the owner thread, outside every call of the library. */
typedef void mr_task_fn(void *arg);

/* Told, on the owner thread, that accepted work will never run, once, before run returns. It may
 * free arg; every start call in it answers MR_ECLOSED. */
typedef void mr_discard_fn(void *arg, mr_status reason);

/* The long form of a callback, taken by the calls that end in _with. discard may be NULL: then the
 * loop's on_discard is told. */
typedef struct mr_task {
    mr_task_fn *fn;
    void *arg;
    mr_discard_fn *discard;
} mr_task;

/* The kinds of work that the loop counts and reports. */
typedef enum mr_kind {
    MR_KIND_TASK = 0, /* mr_submit */
    MR_KIND_INTERNAL, /* mr_submit_internal, outcomes of commands, completions of pools */
    MR_KIND_MICROTASK,
    MR_KIND_TICK,
    MR_KIND_IMMEDIATE,
    MR_KIND_CLOSE, /* close callbacks */
    MR_KIND_TIMER,
    MR_KIND_WATCH,
    MR_KIND_END_JOB, /* mr_checkpoint_end */
    MR_KIND_COUNT
} mr_kind;

typedef enum mr_state {
    MR_STATE_CREATED = 0,
    MR_STATE_RUNNING,
    MR_STATE_SLEEPING, /* parked or about to park */
    MR_STATE_STOPPING, /* an end was asked for, the owner drains */
    MR_STATE_CLOSED
} mr_state;

/* How the owner waits. AUTO uses the futex exactly while no watch exists. */
typedef enum mr_park { MR_PARK_AUTO = 0, MR_PARK_FUTEX, MR_PARK_POLLER } mr_park;

/* What on_pressure reports. */
typedef enum mr_pressure {
    MR_PRESSURE_LEFT_OVER = 0, /* external work stayed over the turn's budget; depth: how many */
    MR_PRESSURE_QUEUE_HIGH,    /* the external queue rose to 75 % of its bound */
    MR_PRESSURE_QUEUE_LOW,     /* and fell to 50 % again */
    MR_PRESSURE_TURN_TIME,     /* max_turn_ns was used up */
    MR_PRESSURE_RUNAWAY        /* 100 000 callbacks in one checkpoint */
} mr_pressure;

typedef void mr_pressure_fn(mr_pressure kind, uint64_t depth, void *arg);
typedef void mr_on_discard_fn(mr_kind kind, mr_task_fn *fn, void *task_arg, mr_status reason,
                              void *arg);
typedef void mr_poller_failure_fn(int os_error, void *arg);

/* Told each line of a simulation's trace, without a line end, as it happens: virtual time in ns,
 * turn, phase, kind and id, a space between any two. line is borrowed until it returns and ends
 * with a NUL beyond len_bytes. Must not call into the loop. */
typedef void mr_sim_trace_fn(const char *line, size_t len_bytes, void *arg);

/* Simulation: virtual time, no thread, no system clock or poller. See millrace/sim.h. */
typedef struct mr_simulate {
    uint64_t seed;             /* orders actors and simultaneously ready descriptors */
    uint64_t start_ns;         /* the virtual clock at creation */
    mr_sim_trace_fn *trace_fn; /* NULL: no trace */
    void *trace_arg;
} mr_simulate;

enum {
    MR_MICROTASKS_PER_PHASE = 1, /* one checkpoint after each phase instead of each callback */
    /* Sleep at once. Otherwise a loop without descriptors, and who waits for a promise of it, spins for
     * at most 100 µs before it sleeps, while its last waits were as short and it may run on more than
     * one processor: an answer then takes a microsecond rather than some 60. */
    MR_NO_SPINNING = 2
};

/* Zero in any field means the default. Start from {.size_bytes = sizeof(mr_loop_options)}. */
typedef struct mr_loop_options {
    size_t size_bytes;           /* sizeof(mr_loop_options): lets the struct grow */
    uint32_t max_external;       /* pending external tasks: 65 536; 1 to 2^24 */
    uint32_t max_internal;       /* pending internal tasks: 65 536; 1 to 2^24 */
    uint32_t max_tasks_per_turn; /* external tasks run by one turn: 1024; 1 to 2^20 */
    uint64_t max_turn_ns;        /* 0: no bound */
    uint64_t max_microtasks;     /* per checkpoint; 0: no bound */
    uint64_t max_wait_ns;        /* longest single wait in the poller: 10 s */
    uint32_t flags;              /* MR_MICROTASKS_PER_PHASE, MR_NO_SPINNING */
    mr_park park;
    bool auto_exit;               /* run ends when nothing is alive */
    mr_task_fn *on_quiescence;    /* before auto-exit: may start new work */
    mr_on_discard_fn *on_discard; /* discarded work without a discard of its own */
    mr_pressure_fn *on_pressure;  /* at most once per turn and kind */
    mr_poller_failure_fn *on_poller_failure;
    void *arg;                   /* given to the four above */
    const mr_simulate *simulate; /* borrowed until create returns; NULL: real world */
} mr_loop_options;

/* Make a loop. Everything is validated before anything is acquired; no descriptor is opened until
 * the first watch (MR_PARK_POLLER opens at once).
 *
 * options  borrowed until it returns; NULL: all defaults.
 * Returns  0; MR_EINVAL (a value out of range), MR_ENOMEM, MR_ELIMIT. On failure *out_loop is
 *          untouched.
 * Owns     *out_loop is owned: release with mr_loop_unref.
 * Thread   the caller becomes the owner.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_loop_create(const mr_loop_options *options, mr_loop **out_loop);

/* Add a reference.
 *
 * Returns  loop itself, owned; NULL for NULL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_loop *mr_loop_ref(mr_loop *loop);

/* Drop a reference. The last one closes a loop that has not ended, on this thread, and frees it.
 * NULL is fine.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD void mr_loop_unref(mr_loop *loop);

/* Run turns until shutdown, close or, with auto_exit, until nothing is alive. Makes the caller the
 * owner.
 *
 * Returns  0 after shutdown or auto-exit; MR_ECANCELED after close; MR_EPOLLER after a failure of
 *          the poller; MR_EDEADLOCK (simulation: nothing can ever happen); MR_EREENTRANT in a
 *          callback of this loop; MR_EBUSY when another thread runs it; MR_ECLOSED when it stops or
 *          has ended; MR_EFORKED in a forked child: once the callback that forked has returned,
 *          none begins, of its checkpoint neither; MR_EINVAL.
 * Calls    every kind of callback.
 * Since    0.1 */
MR_API mr_status mr_loop_run(mr_loop *loop);

/* Run exactly one turn, waiting for at most max_wait_ns (0: not at all; UINT64_MAX: without bound).
 * For hosts that have a loop of their own, and for tests. In STOPPING it performs the whole drain.
 *
 * Returns  as mr_loop_run; 0 also when the loop goes on.
 * Calls    every kind of callback.
 * Since    0.1 */
MR_API mr_status mr_loop_turn(mr_loop *loop, uint64_t max_wait_ns);

/* Graceful end: queued work runs, timers and watches are discarded, then the loop is CLOSED.
 *
 * From a callback, or from the owner between turns, it returns 0 at once; elsewhere it waits for
 * CLOSED. A loop that never ran is drained by the caller, who becomes its owner.
 *
 * timeout_ns  of the waiting only (UINT64_MAX: none); the owner finishes all the same.
 * Returns     0; MR_ETIMEDOUT; MR_ECANCELED (a close cut the drain); MR_EPOLLER; MR_EINVAL.
 * Thread      any.
 * Since       0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_shutdown(mr_loop *loop, uint64_t timeout_ns);

/* End now: no callback begins after the current one; queued work is discarded and reported. Returns
 * when the owner has left; outside any run the caller ends the loop inside the call.
 *
 * Returns  0; MR_EREENTRANT from a callback of this loop (use mr_loop_request_close); MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_close(mr_loop *loop);

/* Ask for a close and return at once, also from a callback. Outside any run the owner's next
 * turn, or a close, shutdown or last unref, carries it out.
 *
 * Returns  0; MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_request_close(mr_loop *loop);

/* Make the loop run in a forked child, with poller and locks of its own. Timers, immediates,
 * watches, ticks, microtasks, end jobs and close callbacks stay, as do holds and an end asked for
 * before. What waits in ingress is the parent's: submitted tasks, commands and their outcomes,
 * results of pools. It is neither run nor reported in the child and leaves its numbers; what its
 * arguments hold is not released there. References held by other threads are never dropped.
 *
 * A child that does without the loop may drop its reference instead: the last unref by the owner
 * frees the memory and reports nothing; by another thread it leaves the memory alone.
 *
 * Returns  0, also in a process that need not call it; MR_EWRONGTHREAD (the owner did not fork);
 *          MR_ENOMEM, MR_ELIMIT (nothing changed, try again); MR_ECLOSED, MR_EINVAL.
 * Thread   owner, inside a callback or between turns.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_loop_after_fork(mr_loop *loop);

/* Make a waiting loop do one turn; nothing else.
 *
 * Returns  0; MR_ECLOSED; MR_EINVAL.
 * Thread   any; async-signal-safe.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_wake(mr_loop *loop);

/* The state of the moment; MR_STATE_CLOSED for NULL.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_state mr_loop_state(const mr_loop *loop);

/* Whether anything keeps the loop alive: ref'd timers, immediates and watches, queued work, holds.
 *
 * Thread   any; from other threads a hint.
 * Since    0.1 */
MR_API MR_ANY_THREAD bool mr_loop_alive(const mr_loop *loop);

/* The loop's time in ns of the monotonic clock: refreshed at turn start, after the poll, before the
 * timers. The owner outside a turn refreshes it first; other threads read the last value. Never
 * goes back. 0 for NULL.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD uint64_t mr_loop_now(mr_loop *loop);

/* Keep the loop alive until as many releases have come.
 *
 * Returns  0; MR_ECLOSED (hold), MR_EINVAL (release without hold, NULL).
 * Thread   any; the last release wakes the loop.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_hold(mr_loop *loop);
MR_API MR_ANY_THREAD mr_status mr_loop_release(mr_loop *loop);

/* Change how the owner waits. On the owner it is immediate; elsewhere the owner applies it at its
 * next phase and the call waits for that.
 *
 * Returns  0; MR_EINCOMPATIBLE (FUTEX while a watch exists), MR_ELIMIT, MR_ENOMEM, MR_ETIMEDOUT
 *          (never applied then), MR_ECLOSED, MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_set_park(mr_loop *loop, mr_park park, uint64_t timeout_ns);

/* Numbers of one kind of work. attempted = accepted + refused; at CLOSED accepted = run + cancelled
 * + discarded. Repeats and watches count once, at their end. */
typedef struct mr_kind_stats {
    uint64_t attempted, accepted, refused, run, cancelled, discarded;
    uint64_t pending, most_pending;
} mr_kind_stats;

typedef struct mr_loop_stats {
    mr_kind_stats kind[MR_KIND_COUNT];
    uint64_t turns, parks, polls, wakes_sent;
    uint64_t allocations;     /* made for queues and slots since creation */
    uint64_t bytes_kept;      /* by queues and slots now */
    uint64_t most_microtasks; /* the longest checkpoint, in callbacks */
} mr_loop_stats;

/* Copy the loop's numbers. Exact as a whole once nobody else is calling.
 *
 * Returns  0; MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_loop_get_stats(mr_loop *loop, mr_loop_stats *out_stats);

MR_END_DECLS

#endif
