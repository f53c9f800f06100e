/* The loop's door for the rooms above it: what they may do beyond the public headers.
 *
 * Completions: work that the library owes (a pool job's result, later a settlement). The place is
 * reserved when the operation starts, so that the end of it can never be refused for lack of room
 * or memory, also while the loop stops. The node lives in the operation's own memory.
 *
 * Microtask source: a JavaScript engine's job queue takes the place of the loop's own microtask
 * ring, so that C microtasks and promise jobs share one FIFO. */
#ifndef MR_LOOP_EXTEND_H
#define MR_LOOP_EXTEND_H

#include <millrace/hooks.h>
#include <millrace/loop.h>

/* A door: in the shared library these are exported, under a private name, for libmillrace-js. */
#pragma GCC visibility push(default)

typedef struct mr__completion {
    struct mr__completion *next; /* the loop's */
    mr_task_fn *fn;              /* runs on the owner, as internal work, with a checkpoint */
    mr_discard_fn *discard;      /* instead of fn when the loop ends first; on the owner */
    void *arg;
    bool unref;               /* does not hold the loop until it is posted */
    uint32_t fork_generation; /* the loop's: what a parent reserved is not owed in its child */
} mr__completion;

/* Reserve: fn, discard, arg and unref are set by the caller. The loop stays alive (a hold, unless
 * unref) and its shutdown waits until the completion was posted and run.
 *
 * Returns  0; MR_ECLOSED, MR_EFORKED. Thread: any; while stopping: the owner only. */
mr_status mr__completion_reserve(mr_loop *loop, mr__completion *completion);

/* Post: exactly once after a reserve. fn or discard follows on the owner; node and arg are theirs.
 *
 * Returns  0; MR_ECLOSED: the loop ended, or the reserve was the parent's; neither will be called, node and arg are the caller's.
 * Thread   any. */
mr_status mr__completion_post(mr_loop *loop, mr__completion *completion);

/* Somebody to be told, on the owner, that the loop ends: once, after its last callback and before
 * what is left of its work is discarded, when completions are still taken. The node lives in the
 * operation's own memory; it is off the list when it is told, and may take off others. */
typedef struct mr__end_notice {
    struct mr__end_notice *next, *prev; /* the loop's */
    void (*fn)(struct mr__end_notice *notice);
} mr__end_notice;

/* fn is set by the caller. Owner, before the end. */
void mr__end_notice_add(mr_loop *loop, mr__end_notice *notice);
/* Nothing if it is not on the list (zeroed, removed or told). Owner. */
void mr__end_notice_remove(mr_loop *loop, mr__end_notice *notice);

/* Offer: reserve and post in one, for what nobody could foresee. Under the lock that posting takes
 * (mr__arrivals_lock), claim(arg) gives the node, or NULL and nothing is posted. Accepted until the
 * loop shuts its doors, also while it stops.
 *
 * Returns  0: claim was called; MR_ECLOSED, MR_EFORKED: it was not. Thread: any. */
mr_status mr__completion_offer(mr_loop *loop, mr__completion *(*claim)(void *arg), void *arg);

typedef struct mr__microtask_source {
    /* Append a C microtask to the FIFO; when it comes up the source calls mr__microtask_run. */
    mr_status (*push)(void *self, const mr_task *task);
    /* Run the next job; false when there was none. */
    bool (*run_one)(void *self);
    bool (*pending)(const void *self);
    /* The loop ends: give each C microtask still queued to mr__microtask_discard, forget the rest.
     */
    void (*drop)(void *self);
    void *self;
} mr__microtask_source;

/* Attach; queued C microtasks move over in order. MR_EBUSY if there is one; MR_ENOMEM: the loop has all
 * its microtasks as before, and what was pushed is for the source to forget. Owner. */
mr_status mr__microtask_attach(mr_loop *loop, const mr__microtask_source *source);
/* Detach; C microtasks still queued go back into the loop's ring after this, one by one, or are
 * discarded. Owner; also after the end. */
void mr__microtask_detach(mr_loop *loop);
void mr__microtask_return(mr_loop *loop, const mr_task *task);
/* One C microtask, called by the source from inside run_one: runs the user's function. */
void mr__microtask_run(mr_loop *loop, const mr_task *task);
/* One C microtask reported as discarded, from inside drop. */
void mr__microtask_discard(mr_loop *loop, const mr_task *task);

/* Extension: a room above that keeps state of its own in a loop (the promises). What other threads do
 * to that state comes in as arrivals, as a completion does, but with no debt that a shutdown waits
 * for; the node is the room's, and posting it can not be refused for lack of room or memory. */
typedef struct mr__arrival {
    struct mr__arrival *next; /* the loop's */
} mr__arrival;

typedef struct mr__extension {
    /* Internal work on the owner, with a checkpoint; instead of it when the loop ends first. */
    void (*deliver)(void *self, mr__arrival *arrival);
    void (*discard)(void *self, mr__arrival *arrival);
    /* A forked child forgets it: the parent delivers. */
    void (*forget)(void *self, mr__arrival *arrival);
    /* After each turn, when mr__extension_due was called since. */
    void (*due)(void *self);
    /* A drain has nothing left, not even debts: end what nobody will settle. Whether there was some. */
    bool (*settle_rest)(void *self);
    /* The last step before CLOSED: nothing of the room runs after it. */
    void (*end)(void *self);
    void (*destroy)(void *self); /* the loop's memory goes */
} mr__extension;

/* One extension a loop. Owner. MR_EBUSY if there is one. */
mr_status mr__extension_attach(mr_loop *loop, const mr__extension *extension, void *self);
/* What was attached, or NULL. Any thread. */
void *mr__extension_of(mr_loop *loop);
/* Ask for `due` after this turn, which also keeps the loop from waiting before it. Owner. */
void mr__extension_due(mr_loop *loop);
/* Under the ingress lock: claim(arg) says what arrives, or NULL, and nothing does. Any thread.
 *
 * Returns  0; MR_ENOENT (NULL), MR_ECLOSED, MR_EFORKED. */
mr_status mr__arrival_post(mr_loop *loop, mr__arrival *(*claim)(void *arg), void *arg);
/* The lock that claim runs under, for the owner to change what it reads. */
void mr__arrivals_lock(mr_loop *loop);
void mr__arrivals_unlock(mr_loop *loop);

/* The checks of an owner call that starts something which a drain still runs: MR_EINVAL,
 * MR_EWRONGTHREAD, MR_ECLOSED (also in the last part of the end). */
mr_status mr__loop_owner_start(const mr_loop *loop);
/* Whether the loop's last part of the end has begun, or it is CLOSED. */
bool mr__loop_closed(const mr_loop *loop);
bool mr__loop_spins(const mr_loop *loop); /* MR_NO_SPINNING is off */
/* Tell hooks and trace of a promise's transition. */
void mr__loop_promise_hook(mr_loop *loop, uint64_t id, mr_promise_transition what);
/* Tell on_discard of work that the end of the loop dropped, and that is no task. */
void mr__loop_report_discard(mr_loop *loop, mr_kind kind, void *arg);
/* A microtask that could not be queued because the loop ends: counted and reported as discarded. */
void mr__microtask_refuse(mr_loop *loop, const mr_task *task);

/* Whether the calling thread owns the loop; whether it is inside a callback of it right now. */
bool mr__loop_is_owner(const mr_loop *loop);
/* 0, MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED: the checks of an owner call. */
mr_status mr__loop_owner_call(const mr_loop *loop);
/* The same before user code is called inside a call: MR_ECLOSED also once a close was asked for, and
 * MR_EFORKED. */
mr_status mr__loop_call_allowed(const mr_loop *loop);
/* Call fn(arg), which is or calls user code, now: as part of the callback that runs, or outside any
 * run, without a checkpoint and without a task of its own. It may nest. Owner. */
void mr__loop_call_inside(mr_loop *loop, void (*fn)(void *arg), void *arg);
/* mr_timer_start_with for a deadline, and no more: the arguments are not looked at, and the compiler leaves
 * out what they do not ask for. Owner. */
mr_status mr__timer_start_once(mr_loop *loop, uint64_t deadline_ns, bool ref, const mr_task *task,
                               uint64_t *out_id);
/* Cancel a timer, also where the owner visits the loop. Owner. */
mr_status mr__timer_cancel_now(mr_loop *loop, uint64_t id);
/* The loop that the calling thread runs, the innermost one; NULL: none. */
mr_loop *mr__loop_driven(void);
bool mr__loop_in_callback(const mr_loop *loop);
/* Whether a checkpoint is running, after a callback or by mr__loop_checkpoint. */
bool mr__loop_in_checkpoint(const mr_loop *loop);
/* A number that changes with each callback of a phase; what its checkpoint runs has the same. Owner. */
uint64_t mr__loop_task(const mr_loop *loop);
/* Whether a close was asked for: no further callback may begin. Owner. */
bool mr__loop_closing(const mr_loop *loop);
/* Ask the system to back a block by large pages, for a room with a copy of base/memory.c (mr__memory_tell).
 * Any. */
void mr__loop_advise_bulk(void *block, size_t size_bytes);
/* Have the system back memory that will be written all over, in one go. Any. */
void mr__loop_populate(void *block, size_t size_bytes);
/* A fresh reading of the loop's clock (virtual when simulated), in ns. Owner. */
uint64_t mr__loop_clock(mr_loop *loop);
/* The moment of the loop's creation by its clock, and by the wall's in ns since 1970. Any. */
uint64_t mr__loop_origin(const mr_loop *loop, uint64_t *out_wall_ns);
/* Where the wall clock of simulated loops stands at virtual time 0: 2000-01-01T00:00:00Z. */
#define MR__SIM_EPOCH_MS UINT64_C(946684800000)
/* Run the checkpoint now, for an entry into user code outside any callback. Owner, between turns.
 */
void mr__loop_checkpoint(mr_loop *loop);
/* Whether the loop is simulated, so that clocks, threads and random numbers must be its own. Any. */
bool mr__loop_simulated(const mr_loop *loop);
/* Add a line to the trace of a simulated loop: time, turn and phase stand in front of kind (a word
 * or a few, the first 200 bytes are kept) and id. Nothing without a trace. Owner, or an actor. */
void mr__sim_trace(mr_loop *loop, const char *kind, uint64_t id);
/* The next number of the seed's. On a simulated loop; owner, or an actor. */
uint64_t mr__sim_random(mr_loop *loop);
/* A number of the seed's for what stands on the loop: drawing it changes nothing in the order that
 * mr__sim_random decides. The same. */
uint64_t mr__sim_chance(mr_loop *loop);

/* What another thread would do, done on the one thread of a simulation: fn(arg) runs once, no
 * sooner than delay_ns from now, when the seed says; the caller then counts as a foreign thread. The
 * memory is the caller's, and must stay until fn is called or the step is removed. */
typedef struct mr__sim_step {
    struct mr__sim_step *next, *prev; /* the simulation's */
    void (*fn)(void *arg);
    void *arg;
    const char *kind; /* in the trace */
    bool outlives;    /* is taken at once when the loop has ended; otherwise never then */
    uint64_t id;      /* in the trace; 0: the first add gives one */
    uint64_t at_ns;   /* the simulation's */
} mr__sim_step;

void mr__sim_step_add(mr_loop *loop, mr__sim_step *step, uint64_t delay_ns);
void mr__sim_step_remove(mr_loop *loop, mr__sim_step *step); /* one that was added and not taken */
void mr__sim_step_now(mr_loop *loop, mr__sim_step *step);    /* the same, and take it */
/* Called at the begin of every turn, after the hooks for that, and at its end, before them; one a loop,
 * NULL takes it away. Nothing of the loop may be called in it that runs callbacks. Owner. */
typedef void mr__turn_door_fn(bool begin, uint64_t turn, void *arg);
void mr__loop_set_turn_door(mr_loop *loop, mr__turn_door_fn *fn, void *arg);
/* Immediates of the runtime: three words of its own in the loop's slot are all the state there is of one.
 * In every other way they are immediates. */
enum { MR__OWN_WORDS = 3 };
typedef struct mr__own_immediates {
    /* Instead of a task. ref: as set last. The words are the callee's, here and below. */
    void (*run)(void *self, void *const *words, bool ref);
    /* Instead of it when the loop ends first, or they are cleared. Nothing of the loop is called in it. */
    void (*discard)(void *self, void *const *words);
    void *self;
} mr__own_immediates;

/* One a loop; a zeroed one takes it away, when none of its immediates is left. Owner, as all of these. */
void mr__own_immediates_set(mr_loop *loop, const mr__own_immediates *own);
/* Returns as mr_immediate_start; *out_id is for mr_immediate_ref and mr_immediate_unref too. */
mr_status mr__own_immediate_start(mr_loop *loop, void *const *words, uint64_t *out_id);
/* Cancel it; false: it is none that waits. */
bool mr__own_immediate_take(mr_loop *loop, uint64_t id, void **out_words);
/* Whether it waits and is ref'd. */
bool mr__own_immediate_ref(mr_loop *loop, uint64_t id);
/* Cancel all, also in the child of a fork; discard is called for each. */
void mr__own_immediates_clear(mr_loop *loop);
/* How the loop ends, from an end notice on: what mr_loop_run will return. Owner. */
mr_status mr__loop_end_status(const mr_loop *loop);
/* A place for the one runtime of a loop: returns MR_EBUSY if taken. */
mr_status mr__loop_claim_runtime(mr_loop *loop, void *runtime);
void mr__loop_release_runtime(mr_loop *loop);

#pragma GCC visibility pop

#endif
