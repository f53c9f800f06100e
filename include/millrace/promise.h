/* Promises: results that come later, with the semantics of ECMA-262 (section 27.2).
 *
 * A promise is counted and belongs to its loop's owner thread. It is PENDING, then FULFILLED with a
 * value or REJECTED with a reason, once and for ever. A settler is the id that settles it: any thread
 * may use it, the first use wins, a stale one is harmless. Handlers run as microtasks of the loop,
 * never inside a call, in the order of attaching and after as many jobs as in JavaScript.
 *
 * Life: a pending promise with a reaction or a waiter lives until it settles or the loop ends. One
 * with neither is freed at its last unref, and its settler becomes stale. A promise keeps its loop's
 * memory: after the loop's end one thread at a time may read and unref it. A pending promise does not
 * keep a loop running; what will settle it does.
 *
 * Shutdown: when nothing else is left, every promise that has a live settler is rejected with
 * MR_ECLOSED in the order of their slots, and their reactions run. Close: the same, but no reaction
 * runs; each is released, or reported to on_discard where it has no release.
 *
 * A rejection that nothing was attached to by the end of its checkpoint is reported, once; see
 * mr_promise_configure.
 *
 * Since 0.1 */
#ifndef MILLRACE_PROMISE_H
#define MILLRACE_PROMISE_H

#include <millrace/error.h>
#include <millrace/loop.h>

MR_BEGIN_DECLS

typedef enum mr_promise_state {
    MR_PROMISE_PENDING = 0,
    MR_PROMISE_FULFILLED,
    MR_PROMISE_REJECTED
} mr_promise_state;

typedef struct mr_settler {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_settler;

/* Makes a value: what mr_promise_try and the builder of a settler call. Returns 0 and leaves an owned
 * value in *out_value, which is undefined on entry; or a negative status, and then *out_value is the
 * reason, or where it was left undefined an error of that code is. */
typedef mr_status mr_make_fn(void *arg, mr_value *out_value);

/* Reacts to a settlement; the same, with the value or the reason, which is borrowed until it returns.
 * A promise as the value is awaited. */
typedef mr_status mr_reaction_fn(mr_value value, void *arg, mr_value *out_value);

typedef void mr_release_fn(void *arg);

/* What to do when a promise settles. A NULL handler passes the value or the reason through. release
 * runs once, after the handler, or when the reaction is dropped. */
typedef struct mr_reaction {
    mr_reaction_fn *on_fulfilled, *on_rejected;
    void *arg;
    mr_release_fn *release; /* may be NULL */
} mr_reaction;

/* ---- making ---- */

/* A pending promise and the id that settles it. out_promise may be NULL.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure the outputs are
 *          untouched.
 * Owns     *out_promise is owned. Without it the promise lives until it is settled.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_with_resolvers(mr_loop *loop,
                                                                 mr_promise **out_promise,
                                                                 mr_settler *out_settler);

/* A promise fulfilled with value; value itself, if that is a promise of this loop. A promise rejected
 * with reason, whatever it is: also a promise, which is not awaited. Two promises that are each
 * other's reason are a ring that is never freed; see mr_settler_reject.
 *
 * Returns  as above; MR_EINVAL also for a promise of another loop.
 * Owns     value passes to the promise on success; *out_promise is owned.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_resolve(mr_loop *loop, mr_value value,
                                                          mr_promise **out_promise);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_reject(mr_loop *loop, mr_value reason,
                                                         mr_promise **out_promise);

/* Call fn(arg) now, inside this call, and make a promise of what it returns.
 *
 * Returns  as mr_promise_with_resolvers; 0 also when fn failed: the promise is rejected then.
 * Owns     *out_promise is owned.
 * Thread   owner.
 * Calls    fn, through the loop's one call site, without a checkpoint of its own.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_try(mr_loop *loop, mr_make_fn *fn, void *arg,
                                                      mr_promise **out_promise);

/* One more reference; one less. unref takes NULL and never recurses on the length of a chain.
 *
 * Thread   owner; after the loop's end one thread at a time. From elsewhere nothing is done.
 * Since    0.1 */
MR_API MR_OWNER mr_promise *mr_promise_ref(mr_promise *promise);
MR_API MR_OWNER void mr_promise_unref(mr_promise *promise);

/* ---- reading ---- */

/* The state; the value of a fulfilled one, the reason of a rejected one, undefined otherwise (lent
 * until the unref); the loop. NULL is PENDING, undefined, NULL.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER mr_promise_state mr_promise_get_state(const mr_promise *promise);
MR_API MR_OWNER mr_value mr_promise_value(const mr_promise *promise);
MR_API MR_OWNER mr_value mr_promise_reason(const mr_promise *promise);
MR_API MR_OWNER mr_loop *mr_promise_loop(const mr_promise *promise);

/* ---- chaining ---- */

/* Attach a reaction. then: both handlers. catch: what a rejection meets; a value passes. finally: fn
 * runs either way with undefined, its value is dropped and the settlement kept, but a failure, or the
 * rejection of a promise that it returns and that is awaited, replaces it.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL (catch and finally: fn is NULL). On failure nothing is attached, nothing is released, *out_child is untouched.
 * Owns     arg passes to the reaction on success. *out_child, the promise of what the handler makes,
 *          is owned; out_child may be NULL: its rejection is reported all the same.
 * Thread   owner.
 * Calls    the handler as a microtask, never before this returns.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_then(mr_promise *promise,
                                                       const mr_reaction *reaction,
                                                       mr_promise **out_child);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_catch(mr_promise *promise, mr_reaction_fn *fn,
                                                        void *arg, mr_release_fn *release,
                                                        mr_promise **out_child);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_finally(mr_promise *promise, mr_reaction_fn *fn,
                                                          void *arg, mr_release_fn *release,
                                                          mr_promise **out_child);

/* ---- settling ---- */

/* Settle the promise of a settler. resolve with a promise follows it: the settler is spent, the state
 * comes later; with itself, or closing a ring of promises that follow each other, rejects it with
 * MR_ECYCLE. resolve_with lets make(arg) make the value on the owner; a failure of it rejects.
 *
 * The winner is decided at the call. On the owner the state changes at once, from elsewhere as
 * internal work of the loop; a settlement is never refused for lack of room or memory.
 *
 * A promise whose reason or value holds the promise itself, as the reason, in an array, as a member
 * of an error or by way of another promise, is a ring of references that is never freed.
 *
 * Returns  0: this call won. MR_ENOENT: another did, or the promise is gone. MR_ECLOSED after the end.
 *          MR_EFORKED. MR_EINVAL: from another thread a value that is bound to a loop
 *          (mr_value_is_bound); a promise of another loop; the settler is then not used up.
 * Owns     value passes to the promise at 0 and stays the caller's otherwise. arg stays the caller's.
 * Thread   any.
 * Calls    make as internal work of the loop, on its owner too; never before this returns.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_settler_resolve(mr_loop *loop, mr_settler settler,
                                                  mr_value value);
MR_API MR_ANY_THREAD mr_status mr_settler_reject(mr_loop *loop, mr_settler settler,
                                                 mr_value reason);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_settler_resolve_with(mr_loop *loop,
                                                                    mr_settler settler,
                                                                    mr_make_fn *make, void *arg);

/* ---- combinators ---- */

/* A promise of n values, of which those that are promises are awaited. n is at most 2 097 150.
 *
 *   all          an array of the values by index; the first rejection
 *   all_settled  an array to be read by mr_settled_at; never rejects
 *   any          the first fulfilment; when all are rejected an error MR_EAGGREGATE whose members are
 *                the reasons by index
 *   race         the first settlement
 *
 * Of nothing: all and all_settled fulfil, any rejects, race stays pending. A settled one takes its
 * reactions off the inputs that are still pending; those stay handled.
 *
 * Returns  as mr_promise_then; MR_ELIMIT (n), MR_EINVAL (a promise of another loop, or a value of
 *          kind promise that holds NULL).
 * Owns     the values pass to the combinator on success; *out_promise is owned.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_all(mr_loop *loop, const mr_value *values,
                                                      size_t n, mr_promise **out_promise);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_all_settled(mr_loop *loop, const mr_value *values,
                                                              size_t n, mr_promise **out_promise);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_any(mr_loop *loop, const mr_value *values,
                                                      size_t n, mr_promise **out_promise);
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_race(mr_loop *loop, const mr_value *values,
                                                       size_t n, mr_promise **out_promise);

/* How input index of an all_settled ended. The result is an array of 2 n values, a state as int and
 * its value or reason for each; this reads a pair. Outputs may be NULL; *out_value is lent.
 *
 * Returns  0; MR_EINVAL (result is no array of this kind), MR_ERANGE.
 * Thread   as of the value.
 * Since    0.1 */
MR_API mr_status mr_settled_at(mr_value result, size_t index, mr_promise_state *out_state,
                               mr_value *out_value);

/* ---- waiting from another thread ---- */

typedef struct mr_waiter mr_waiter;

/* Prepare to wait for a promise; any number per promise. The promise counts as handled.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED (a pending promise after the end), MR_EINVAL.
 * Owns     *out_waiter is owned: release with mr_waiter_unref.
 * Thread   owner; of a settled promise after the end, one thread at a time.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_promise_waiter(mr_promise *promise,
                                                         mr_waiter **out_waiter);

/* Wait until the promise has settled, for at most timeout_ns (MR_NEVER: without end). May be asked
 * again, also after a timeout. Outputs may be NULL.
 *
 * Returns  0; MR_ETIMEDOUT; MR_ECLOSED: the loop ended before; MR_EDEADLOCK: on the owner, while the
 *          promise is pending; MR_EINVAL (also a value bound to the loop, asked for elsewhere: the
 *          state is given all the same).
 * Owns     *out_value is owned.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_waiter_wait(mr_waiter *waiter, uint64_t timeout_ns,
                                              mr_promise_state *out_state, mr_value *out_value);
MR_API MR_ANY_THREAD void mr_waiter_unref(mr_waiter *waiter); /* NULL is fine */

/* Run fn(arg) on the loop, as external work, and wait for what it makes, also through a promise.
 * After a timeout the late result is released.
 *
 * Returns  as mr_submit and mr_waiter_wait.
 * Owns     arg passes to fn at any return but those of mr_submit; *out_value is owned.
 * Thread   any but the owner.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_await(mr_loop *loop, mr_make_fn *fn, void *arg,
                                        uint64_t timeout_ns, mr_promise_state *out_state,
                                        mr_value *out_value);

/* ---- rejections that nobody handles, debugging, numbers ---- */

/* Where a promise was made: return addresses, innermost first; n is 0 with debug_stacks off. Lent
 * until the promise is freed. */
typedef struct mr_creation {
    void *const *frames;
    unsigned n;
} mr_creation;

typedef struct mr_promise_options {
    size_t size_bytes; /* sizeof(mr_promise_options): lets the struct grow */
    /* At the end of the checkpoint in which promise was rejected, when nothing was attached to it. */
    void (*on_unhandled_rejection)(mr_promise *promise, mr_value reason, mr_creation creation,
                                   void *arg);
    /* For one that was reported, at the end of the checkpoint in which something was attached. */
    void (*on_rejection_handled)(mr_promise *promise, void *arg);
    void *arg;
    unsigned debug_stacks; /* frames of a creation that are kept: 0 to 64; 32 is usual */
} mr_promise_options;

/* Set the promise options of a loop; NULL sets the defaults, all zero. Without callbacks unhandled
 * rejections are counted and told to hooks, nothing more. debug_stacks is for promises made later.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED, MR_ENOMEM, MR_EINVAL.
 * Thread   owner.
 * Calls    the callbacks as end jobs of the loop; promise, reason and creation are borrowed until
 *          they return.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_promise_configure(mr_loop *loop, const mr_promise_options *options);

/* The stack that made a promise. Thread: owner. Since 0.1 */
MR_API MR_OWNER mr_creation mr_promise_creation(const mr_promise *promise);

/* Call fn for each pending promise, in the order of slots, with its age (0 with debug_stacks off)
 * and creation. fn must not call into the loop.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
typedef void mr_promise_each_fn(mr_promise *promise, uint64_t age_ns, mr_creation creation,
                                void *arg);
MR_API MR_OWNER mr_status mr_promise_each(mr_loop *loop, mr_promise_each_fn *fn, void *arg);

typedef struct mr_promise_stats {
    uint64_t live;    /* promises that exist now; of a reaction without out_child none may */
    uint64_t pending; /* of them */
    uint64_t settled; /* from here: ever */
    uint64_t adopted; /* that followed another */
    uint64_t freed;
    uint64_t unhandled;   /* reported as such */
    uint64_t waiters;     /* now */
    uint64_t capacity;    /* slots in memory */
    uint64_t allocations; /* of pages, reactions and combinators, ever */
} mr_promise_stats;

/* Numbers of a loop's promises; all zero for a loop that had none.
 *
 * Returns  0; MR_EINVAL.
 * Thread   any; exact on the owner.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_promise_get_stats(mr_loop *loop, mr_promise_stats *out_stats);

MR_END_DECLS

#endif
