/* The loop's own shared header: the struct and the doors between its files.
 *
 * Who may touch what: the first line (life) any thread, by atomics; the second group any thread,
 * under the lock named there; everything after `owner part` the owner thread alone, except
 * counters, which any thread may read. */
#ifndef MR_LOOP_CORE_H
#define MR_LOOP_CORE_H

#include <stdatomic.h>

#include <millrace/hooks.h>
#include <millrace/immediate.h>
#include <millrace/microtask.h>
#include <millrace/sim.h>
#include <millrace/submit.h>
#include <millrace/timer.h>
#include <millrace/watch.h>

#include "base/ring.h"
#include "base/slab.h"
#include "base/thread_id.h"
#include "loop/extend.h"
#include "loop/inbox.h"
#include "loop/testing.h"
#include "loop/wheel.h"
#include "os/clock.h"
#include "os/fork.h"
#include "os/parker.h"
#include "os/poller.h"
#include "os/sim/pipes.h"
#include "os/spin.h"
#include "os/thread.h"

/* The life word: a phase and two flags. ASLEEP: the owner waits or is about to; who clears it owes
 * the wake. POKED: a turn was asked for. */
enum {
    MR__CREATED = 0,
    MR__RUNNING = 1,
    MR__STOPPING = 2,
    MR__CLOSED = 3,
    MR__PHASE = 3,
    MR__ASLEEP = 4,
    MR__POKED = 8
};

/* Why the loop ends; only rises. */
typedef enum mr__stop {
    MR__STOP_NONE = 0,
    MR__STOP_SHUTDOWN,
    MR__STOP_CLOSE,
    MR__STOP_DEADLOCK, /* simulation: nothing can happen */
    MR__STOP_POLLER,
    MR__STOP_FORKED /* in a child until mr_loop_after_fork: no callback begins, nothing ends */
} mr__stop;

typedef enum mr__command_kind {
    MR__COMMAND_CANCEL,
    MR__COMMAND_REF,
    MR__COMMAND_UNREF,
    MR__COMMAND_AWAITED
} mr__command_kind;

/* A command whose poster waits; the first member of a struct in the poster's frame that holds the
 * rest of what apply needs. apply runs on the owner, outside every callback. */
typedef struct mr__awaited {
    mr_status (*apply)(mr_loop *loop, struct mr__awaited *self);
    mr_status status; /* under life_lock, with the next */
    bool answered;
} mr__awaited;

typedef struct mr__command {
    struct mr__command *next;
    mr__command_kind kind;
    mr_status outcome;
    uint64_t id;
    mr_outcome_fn *fn; /* cancel with outcome */
    void *arg;
    mr__awaited *awaited;
} mr__command;

typedef struct mr__ingress {
    mr__inbox external, internal;
    mr__mutex lock;                                  /* of the rest */
    mr__command *commands, **commands_tail;          /* under lock: accepted, not applied */
    mr__command *spare;                              /* under lock: for reuse */
    mr__completion *completions, **completions_tail; /* under lock: posted */
    mr__counter owed;       /* under lock: reserved and not run; shutdown waits for them */
    mr__counter owed_unref; /* under lock: of them, those unref'd and not posted */
    bool completions_shut;  /* under lock */
    mr__arrival *arrivals, **arrivals_tail; /* under lock: posted */
    mr__counter signal;           /* commands and completions waiting: looked at without the lock */
    uint64_t command_allocations; /* under lock */
    mr__counter side_accepted;    /* under lock: outcomes and completions */
    mr__counter watches_refused;  /* under lock: waited for elsewhere, never seen by the owner */
} mr__ingress;

typedef struct mr__immediate {
    mr__slot slot;                      /* in use, next is its own number */
    struct mr__immediate *next, **link; /* on the list; link: what points to it */
    mr_task_fn *fn;                     /* NULL: the runtime's own */
    union {
        struct {
            void *arg;
            mr_discard_fn *discard;
        };
        void *words[MR__OWN_WORDS];
    };
    bool unref;
} mr__immediate;
static_assert(sizeof(mr__immediate) <= MR__SLOT_BYTES, "an immediate fits in a slot");

typedef struct mr__watch {
    mr__slot slot;
    int fd;
    uint8_t asked, registered, ref, spare;
    mr_watch_fn *fn;
    void *arg;
    mr_discard_fn *discard;
    uint64_t extra;
} mr__watch;
static_assert(sizeof(mr__watch) <= MR__SLOT_BYTES, "a watch fits in a slot");

/* Numbers of a kind whose queue does not count by itself. */
typedef struct mr__tally {
    mr__counter accepted, refused, run, cancelled, discarded, most;
} mr__tally;

enum { MR__READY_MAX = 256, MR__HOOKS_MAX = 4 };

/* Who looks on: hooks or a trace, at everything; the room above, through the door of turns. The others
 * stand here beside the fields that say the same, so that hot paths ask one question for all that is
 * out of the ordinary. */
enum {
    MR__BY_HOOKS = 1,
    MR__BY_DOOR = 2,
    MR__BY_EXTENSION = 4, /* it looks on itself, or has ended: its own business */
    MR__IS_SIMULATED = 8,
    MR__HAS_SOURCE = 16,
    MR__NO_STARTS = 32,
    MR__IS_DUE = 64,      /* the extension asked to be called after the turn */
    MR__IS_SPECIAL = 128, /* max_turn_ns or MR_MICROTASKS_PER_PHASE is set */
    MR__LOOKED_AT = MR__BY_HOOKS | MR__BY_EXTENSION | MR__IS_SIMULATED,
    MR__NO_QUEUE = MR__HAS_SOURCE | MR__NO_STARTS, /* microtasks do not simply go into their ring */
    MR__NO_SIMPLE_START = MR__IS_SIMULATED | MR__NO_STARTS,
    MR__EXTRAORDINARY = MR__LOOKED_AT | MR__NO_QUEUE
};

/* Where the owner is, for the trace; the names are in simulate.c. */
typedef enum mr__where {
    MR__IN_BETWEEN = 0,
    MR__IN_CHECKPOINT,
    MR__IN_POLL,
    MR__IN_IMMEDIATES,
    MR__IN_CLOSES,
    MR__IN_TIMERS,
    MR__IN_INTERNAL,
    MR__IN_EXTERNAL,
    MR__IN_DRAIN,
    MR__IN_END
} mr__where;

struct mr_loop {
    /* What a submission reads of its loop, in a line that changes when the owner does, or sleeps. */
    alignas(MR_LINE) _Atomic uint32_t life;
    uint32_t fork_generation; /* of the process that the OS objects belong to */
    _Atomic uint64_t owner;   /* thread id */

    alignas(MR_LINE) _Atomic uint64_t refs;
    _Atomic uint32_t stop;   /* mr__stop; written under life_lock */
    _Atomic uint32_t wakers; /* threads between winning ASLEEP and having woken */
    _Atomic uint64_t holds;
    _Atomic uint64_t now_ns;
    _Atomic bool parked_in_poller; /* which wake the sleeper needs; set before ASLEEP */
    mr__counter wakes_sent;
    mr__mutex life_lock;
    mr__cond ended;
    _Atomic uint64_t driver; /* thread inside run, turn or an end; 0: none; set under life_lock */
    _Atomic bool held;       /* the owner is at something outside any run: mr__owner_holds */
    bool ever_run;           /* under life_lock */
    bool visited;            /* under life_lock: the driver is an owner outside any run */
    mr__stop stop_before_fork;
    mr_loop *driven_outside; /* what the driver drove when it took this one */

    alignas(MR_LINE) mr__ingress ingress;

    /* ---- owner part ---- */
    alignas(MR_LINE) mr__ring ticks;
    mr__ring microtasks, end_jobs, closes;
    mr__counter source_run; /* microtasks run by the source */
    mr__tally
        other[MR_KIND_COUNT]; /* microtask, tick, end job, close: refused and discarded only */
    mr__microtask_source source;
    bool has_source;
    uint8_t observed;       /* MR__BY_HOOKS and those that stand with it */
    _Atomic bool no_starts; /* the end has begun its last part: nothing may be started any more */
    bool in_checkpoint;
    bool draining; /* inside mr__drain: a shutdown is no reason to stay awake any more */
    mr__where where;
    unsigned depth; /* callbacks on the stack */
    mr_kind current_kind;
    uint64_t current_id;
    uint64_t tasks_begun;     /* by mr__call_begin */
    unsigned timer_nesting;   /* HTML nesting level of the running timer callback */
    uint32_t timer_turn;      /* of the last start with a deadline up to the next */
    uint64_t timers_until_ns; /* what fires in this turn; UINT64_MAX: not known yet */
    mr_loop_options options;
    mr__counter turns, parks, polls, most_microtasks;
    uint64_t turn_start_ns;
    bool now_is_old;                    /* now_ns is of an earlier turn: asked for, it is read */
    uint64_t origin_ns, origin_wall_ns; /* of the creation, by the loop's clock and by the wall's */
    uint32_t pressure_due;
    bool queue_was_high;
    bool busy_watches; /* the last poll found something without sleeping */
    bool turn_time_up;
    mr__counter unrefs; /* of timers, immediates, watches: those that are unref'd */
    mr__counter side_run, side_discarded; /* outcomes and completions */

    mr__slab immediates;
    mr__immediate *immediate_head, **immediate_tail;
    mr__immediate *immediate_last; /* of the running batch; NULL: none runs, or no more */

    mr__slab timers;
    mr__wheel wheel;

    mr__slab watches;
    uint32_t *slot_of_fd; /* MR__NIL: not watched */
    uint32_t slot_of_fd_cap;
    mr__poller *poller;
    mr_park effective; /* FUTEX or POLLER */
    mr__spin spin;
    mr__ready ready[MR__READY_MAX];
    size_t ready_pos, ready_count;
    int poller_error;
    bool poller_stale; /* the kernel's set holds a registration of ours that is gone */

    mr__command *outcomes, **outcomes_tail; /* applied, to be told */
    mr__completion *arrived;                /* taken from ingress, to be run */
    mr__arrival *landed;                    /* the same for the extension */
    const mr__extension *extension;
    void *_Atomic extension_self;               /* any thread reads it */
    mr__end_notice *first_notice, *last_notice; /* of those to be told of the end */

    const mr_hooks *hooks[MR__HOOKS_MAX];
    unsigned hook_count;
    mr__own_immediates own_immediates;
    mr__turn_door_fn *turn_door;
    void *turn_door_arg;

    void *runtime;
    struct mr__sim *sim; /* NULL: real world */
#ifdef MR_TEST
    mr__test_point_fn *test_point;
    void *test_point_arg;
#endif
};

/* ---- life.c */
static inline uint32_t mr__phase(const mr_loop *loop)
{
    /* model: PHASE; exact under life_lock */
    return atomic_load_explicit(&loop->life, memory_order_acquire) & MR__PHASE;
}
/* Whether a callback may still begin: relaxed, since only this thread's own order matters for its
 * own requests and foreign ones are asynchronous anyway. model: GLANCE_STOP */
static inline bool mr__closing(const mr_loop *loop)
{
    return atomic_load_explicit(&loop->stop, memory_order_relaxed) >= MR__STOP_CLOSE;
}
static inline bool mr__stopping(const mr_loop *loop)
{
    /* model: GLANCE_STOP */
    return atomic_load_explicit(&loop->stop, memory_order_relaxed) != MR__STOP_NONE;
}
/* Whether this is a forked child that has not called mr_loop_after_fork: locks may be held by
 * threads that do not exist, and the poller is the parent's. */
static inline bool mr__forked(const mr_loop *loop)
{
    return MR_UNLIKELY(loop->fork_generation != mr__fork_generation());
}
bool mr__sim_is_actor(const struct mr__sim *sim);
uint64_t mr__sim_now(const struct mr__sim *sim);
static inline uint64_t mr__self(const mr_loop *loop)
{
    if (MR_UNLIKELY(loop->sim != NULL) && mr__sim_is_actor(loop->sim))
        return UINT64_MAX; /* an actor plays a thread of its own */
    return mr__thread_id();
}
static inline bool mr__is_owner(const mr_loop *loop)
{
    /* Relaxed: only this thread itself ever stores its own id. model: none */
    return atomic_load_explicit(&loop->owner, memory_order_relaxed) == mr__self(loop);
}
/* 0, MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED: the checks of an owner call. */
static inline mr_status mr__owner_call(const mr_loop *loop)
{
    if (MR_UNLIKELY(loop == NULL))
        return MR_EINVAL;
    if (MR_UNLIKELY(!mr__is_owner(loop)))
        return MR_EWRONGTHREAD;
    return MR_UNLIKELY(mr__phase(loop) == MR__CLOSED) ? MR_ECLOSED : MR_OK;
}
/* The same for starts, which STOPPING refuses too when `drains` is false. */
mr_status mr__owner_start(const mr_loop *loop, bool drains);
/* Whether mr__owner_start(loop, true) would say 0 and none of these stands in `observed`. */
MR_INLINE bool mr__may_start_unless(const mr_loop *loop, unsigned unless)
{
    /* model: none, as mr__is_owner; the end of starting is the owner's doing */
    return MR_LIKELY(atomic_load_explicit(&loop->owner, memory_order_relaxed) ==
                         mr__thread_id_cached &&
                     (loop->observed & unless) == 0);
}
/* Whether mr__owner_start would say 0, for the hot calls: a no may be a yes (simulation). CLOSED
 * comes after no_starts, by the owner's own hand. */
MR_INLINE bool mr__may_start(const mr_loop *loop, bool drains)
{
    /* model: none, the same */
    return MR_LIKELY(
        mr__may_start_unless(loop, MR__NO_SIMPLE_START) &&
        (drains || (atomic_load_explicit(&loop->life, memory_order_acquire) & MR__STOPPING) == 0));
}
static inline void mr__set_observed(mr_loop *loop, unsigned bit, bool on)
{
    loop->observed = (uint8_t)(on ? loop->observed | bit : loop->observed & ~bit);
}
static inline void mr__set_no_starts(mr_loop *loop, bool on)
{
    loop->no_starts = on;
    mr__set_observed(loop, MR__NO_STARTS, on);
}
void mr__request_stop(mr_loop *loop, mr__stop stop);
extern _Thread_local mr_loop *mr__driven; /* by this thread now: the innermost one */
/* For calls of any thread that need no command on the owner. True: the caller is the owner and
 * stays it; outside any run (*out_visit) who comes to run or end the loop waits for
 * mr__owner_leaves. The thread that made a loop does not know when another begins to run it. */
bool mr__owner_enters(mr_loop *loop, bool *out_visit);
void mr__owner_leaves(mr_loop *loop);
/* The same for a moment outside any run in which nobody's code runs, without a lock: false also when
 * it is not so simple. The exchange and the store of `driver` by who comes to drive, with the loads
 * that follow each, are sequentially consistent: either this sees the driver, or the driver sees
 * `held` and waits. tests/model/hold.pml checks it. */
static inline bool mr__owner_holds(mr_loop *loop)
{
    bool free = false;
    if (!atomic_compare_exchange_strong(&loop->held, &free, true)) /* model: HOLD */
        return false;
    /* model: LOOK_DRIVER */
    if (MR_LIKELY(atomic_load(&loop->driver) == 0 &&
                  atomic_load_explicit(&loop->owner, memory_order_relaxed) ==
                      mr__thread_id_cached &&
                  (loop->observed & (MR__BY_HOOKS | MR__IS_SIMULATED)) == 0))
        return true;
    atomic_store_explicit(&loop->held, false, memory_order_release); /* model: LET_GO */
    return false;
}
static inline void mr__owner_lets_go(mr_loop *loop)
{
    /* Release pairs with the load in drive(): what was done here comes first. model: LET_GO */
    atomic_store_explicit(&loop->held, false, memory_order_release);
}

/* ---- loop.c */
/* A fresh reading of the loop's clock. */
static inline uint64_t mr__clock_of(const mr_loop *loop)
{
    return MR_UNLIKELY(loop->sim != NULL) ? mr__sim_now(loop->sim) : mr__clock_now();
}

/* ---- fork.c */
mr_status mr__fork_begin(void);    /* from now on forks are noticed */
void mr__fork_mend(mr_loop *loop); /* the owner: locks that can be taken, an empty ingress */

/* ---- wake.c */
void mr__wake_asleep(mr_loop *loop);
static inline void mr__wake_if_asleep(mr_loop *loop) /* after publishing work */
{
    /* Sequentially consistent with the claim of a task; who left ingress.lock could do with acquire.
     * model: GLANCE */
    if (MR_UNLIKELY((atomic_load(&loop->life) & MR__ASLEEP) != 0))
        mr__wake_asleep(loop);
}
void mr__wake_always(mr_loop *loop);
/* Wait until deadline_ns or a wake, unless there is work. */
void mr__park(mr_loop *loop, uint64_t deadline_ns);
/* Whether a turn has anything to do but wait for timers and descriptors, at a glance: what other threads do
 * meanwhile may be missed, and is seen before the loop sleeps. */
bool mr__work_seen(mr_loop *loop);
void mr__wait_for_wakers(mr_loop *loop);
void mr__poller_failed(mr_loop *loop, int os_error);

/* ---- extension.c */
void mr__extension_run_due(mr_loop *loop);
bool mr__extension_settle_rest(mr_loop *loop);
void mr__extension_end(mr_loop *loop);
void mr__extension_destroy(mr_loop *loop);

/* ---- turn.c */
void mr__turn(mr_loop *loop, uint64_t max_wait_ns);
void mr__turns(mr_loop *loop); /* one, or many in which only immediates run */
void mr__drain(mr_loop *loop);
uint64_t mr__now_fresh(mr_loop *loop);

/* ---- call.c: the one place where user code is called */
void mr__call(mr_loop *loop, mr_kind kind, uint64_t id, mr_task_fn *fn, void *arg);
void mr__call_poller_failure(mr_loop *loop);
void mr__checkpoint_slow(mr_loop *loop);
static inline bool mr__microtasks_pending(const mr_loop *loop)
{
    return MR_UNLIKELY(loop->has_source) ? loop->source.pending(loop->source.self)
                                         : mr__ring_len(&loop->microtasks) != 0;
}
static inline bool mr__checkpoint_pending(const mr_loop *loop)
{
    return mr__ring_len(&loop->ticks) != 0 || mr__microtasks_pending(loop) ||
           mr__ring_len(&loop->end_jobs) != 0;
}
static inline void mr__checkpoint(mr_loop *loop)
{
    if (mr__checkpoint_pending(loop))
        mr__checkpoint_slow(loop);
}
void mr__call_discard(mr_loop *loop, mr_kind kind, mr_task_fn *fn, void *arg,
                      mr_discard_fn *discard, mr_status reason);
void mr__call_pressure(mr_loop *loop, mr_pressure kind, uint64_t depth);

/* ---- microtask.c */
void mr__closes_run(mr_loop *loop);
void mr__queues_discard(mr_loop *loop, mr_status reason);

/* ---- immediate.c */
void mr__immediates_run(mr_loop *loop);
/* Turns that find nothing but immediates, and watches, as many as there are. False: none did; true: of
 * the last one the phases after the immediates are still to come. */
bool mr__immediates_only(mr_loop *loop);
void mr__immediates_discard(mr_loop *loop, mr_status reason);

/* ---- timer.c */
void mr__timers_run(mr_loop *loop);
void mr__timers_discard(mr_loop *loop, mr_status reason);
static inline uint64_t mr__timers_next(mr_loop *loop)
{
    return mr__counter_get(&loop->timers.live) == 0 ? UINT64_MAX
                                                    : mr__wheel_next(&loop->wheel, &loop->timers);
}

/* ---- watch.c */
void mr__watches_collect(mr_loop *loop);   /* one poll that does not wait */
void mr__watches_collected(mr_loop *loop); /* after a wait that filled loop->ready */
void mr__watches_refresh(mr_loop *loop);   /* before a wait: a new set if the old is stale */
void mr__watches_run(mr_loop *loop);
void mr__watches_discard(mr_loop *loop, mr_status reason);
mr_status mr__park_mode_apply(mr_loop *loop, mr_park park);
void mr__watches_deinit(mr_loop *loop);
mr_status mr__watches_after_fork(mr_loop *loop);

/* ---- ingress.c */
mr_status mr__ingress_init(mr__ingress *ingress, uint32_t max_external, uint32_t max_internal);
void mr__ingress_deinit(mr__ingress *ingress);
void mr__ingress_after_fork(mr_loop *loop);
void mr__external_run(mr_loop *loop);
void mr__internal_run(mr_loop *loop);
void mr__ingress_stopping(mr_loop *loop);
/* Shut for good if nothing came in meanwhile (force: shut anyway). */
bool mr__ingress_shut(mr_loop *loop, bool force);
void mr__ingress_discard(mr_loop *loop, mr_status reason);
void mr__ingress_trim(mr_loop *loop);
bool mr__ingress_waiting(mr_loop *loop);
void mr__completions_run(mr_loop *loop);
void mr__arrivals_run(mr_loop *loop);
/* Whether nothing is queued, posted or owed, so that a shut would succeed. */
bool mr__ingress_quiet(mr_loop *loop);

/* ---- command.c */
mr_status mr__command_post(mr_loop *loop, mr__command_kind kind, uint64_t id, mr_outcome_fn *fn,
                           void *arg, mr__awaited *awaited);
/* Post and wait until it was applied: its status; or MR_ETIMEDOUT, MR_ECLOSED, MR_ENOMEM, and then
 * awaited->answered is false and it never will be applied. On the owner it is applied at once. */
mr_status mr__command_wait(mr_loop *loop, mr__awaited *awaited, uint64_t timeout_ns);
void mr__commands_apply(mr_loop *loop);
void mr__outcomes_run(mr_loop *loop);
void mr__commands_discard(mr_loop *loop, mr_status reason);
void mr__commands_after_fork(mr_loop *loop, bool whole); /* whole: as in mr__ingress_after_fork */
mr_status mr__timer_set_ref(mr_loop *loop, uint64_t id, bool ref);

/* ---- simulate.c */
struct mr__sim *mr__sim_create(const mr_simulate *simulate);
void mr__sim_destroy(struct mr__sim *sim);
bool mr__sim_traced(const struct mr__sim *sim); /* false for NULL */
void mr__sim_trace_kind(mr_loop *loop, mr_kind kind, uint64_t id);
void mr__sim_between(mr_loop *loop); /* let the seed take steps that are due */
/* One move of a wait: take a step that is due, or move the clock to the next one or to deadline_ns,
 * whichever is first. False when the wait is over: the deadline has come, a descriptor is ready, or
 * nothing can ever happen, which then ends the loop. */
bool mr__sim_wait(mr_loop *loop, uint64_t deadline_ns);
void mr__sim_ended(mr_loop *loop); /* CLOSED: take the steps that are still owed */
/* For the watches, in the place of the poller. */
mr_status mr__sim_poller_set(struct mr__sim *sim, int fd, unsigned from, unsigned to,
                             uint64_t token);
size_t mr__sim_collect(struct mr__sim *sim, mr__ready *ready, size_t cap);

/* ---- hooks.c */
#define MR__HOOK(loop, name, ...)                                                                  \
    do {                                                                                           \
        if (MR_UNLIKELY(((loop)->observed & MR__BY_HOOKS) != 0))                                   \
            mr__hook_##name(loop, __VA_ARGS__);                                                    \
    } while (0)
void mr__hook_turn(mr_loop *loop, bool begin); /* if anybody looks on */
void mr__hook_task(mr_loop *loop, bool begin, mr_kind kind, uint64_t id);
void mr__hook_timer(mr_loop *loop, bool scheduled, uint64_t id, uint64_t deadline_ns);
void mr__hook_drained(mr_loop *loop, uint64_t count);
void mr__hook_poll(mr_loop *loop, bool begin, uint64_t value);
void mr__hook_mode(mr_loop *loop, mr_park effective);

/* ---- call.c again: every callback of a phase runs between these two. */
MR_INLINE void mr__call_begin(mr_loop *loop, mr_kind kind, uint64_t id)
{
    MR_DASSERT(!loop->in_checkpoint || loop->depth != 0);
    loop->depth++;
    loop->tasks_begun++;
    loop->current_kind = kind;
    loop->current_id = id;
    MR__HOOK(loop, task, true, kind, id);
}
MR_INLINE void mr__call_end(mr_loop *loop)
{
    if (MR_LIKELY((loop->options.flags & MR_MICROTASKS_PER_PHASE) == 0))
        mr__checkpoint(loop);
    MR__HOOK(loop, task, false, loop->current_kind, loop->current_id);
    loop->depth--;
    if (MR_UNLIKELY(loop->sim != NULL))
        mr__sim_between(loop);
}

/* One more that is unref'd, or one less. */
static inline void mr__unref_add(mr_loop *loop, bool up)
{
    uint64_t now = mr__counter_get(&loop->unrefs);
    MR_DASSERT(up || now != 0);
    mr__counter_set(&loop->unrefs, up ? now + 1 : now - 1);
}
/* Whether there are ref'd timers, immediates or watches. */
static inline bool mr__any_ref(const mr_loop *loop)
{
    return mr__counter_get(&loop->timers.live) + mr__counter_get(&loop->immediates.live) +
               mr__counter_get(&loop->watches.live) !=
           mr__counter_get(&loop->unrefs);
}

static inline bool mr__over_turn_time(mr_loop *loop)
{
    if (MR_LIKELY(loop->options.max_turn_ns == 0))
        return false;
    if (!loop->turn_time_up &&
        mr__clock_of(loop) - loop->turn_start_ns >= loop->options.max_turn_ns)
        loop->turn_time_up = true;
    return loop->turn_time_up;
}

#endif
