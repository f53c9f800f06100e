/* Abort signals: one thread's word that what was begun is no longer wanted, with the semantics of the
 * DOM standard (section 3.3, AbortController and AbortSignal).
 *
 * A controller aborts its signal, once; a signal is handed to operations, which ask it or are told.
 * mr_abort_any makes a signal that follows several, mr_abort_after one that a timer aborts. All of
 * them are counted and belong to their loop's owner thread; an mr_abort_id is the way in for other
 * threads, and is harmless when stale.
 *
 * An abort happens inside the call: first the signal and those that follow it are aborted, with the
 * same reason; then, for the signal and for each that follows it in the order of making, what the
 * library does for it (a job is told, a sleep rejected) and its handlers in the order of adding, each
 * once. Once the loop closes no handler is called any more; the loop's end releases those left.
 *
 * Life: a signal with no reference left is freed, and its handlers are released, unless handlers
 * still wait for what may abort it: one of mr_abort_any lives with handlers until it or all that it
 * follows end, one of mr_abort_after until its time with handlers or signals that follow it. A signal
 * keeps its loop's memory: after the loop's end one thread at a time may read and unref it.
 *
 * Since 0.1 */
#ifndef MILLRACE_ABORT_H
#define MILLRACE_ABORT_H

#include <millrace/error.h>
#include <millrace/loop.h>

MR_BEGIN_DECLS

typedef struct mr_abort_controller mr_abort_controller; /* counted */
typedef struct mr_abort_signal mr_abort_signal;         /* counted */

typedef struct mr_abort_id {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_abort_id;

typedef struct mr_abort_handler {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_abort_handler;

/* Told of an abort; signal and reason are lent until it returns. It may add and remove handlers,
 * abort, ref and unref anything, this signal and its controller too. */
typedef void mr_abort_fn(mr_abort_signal *signal, mr_value reason, void *arg);

/* ---- controllers ---- */

/* Make a controller and its signal.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure *out_controller is
 *          untouched.
 * Owns     *out_controller is owned: release with mr_abort_controller_unref.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status
mr_abort_controller_create(mr_loop *loop, mr_abort_controller **out_controller);

/* One more reference; one less. Both take NULL. The signal may live longer.
 *
 * Thread   owner; after the loop's end one thread at a time. From elsewhere nothing is done.
 * Since    0.1 */
MR_API MR_OWNER mr_abort_controller *mr_abort_controller_ref(mr_abort_controller *controller);
MR_API MR_OWNER void mr_abort_controller_unref(mr_abort_controller *controller);

/* Its signal, lent as long as the controller is owned; NULL for NULL.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER mr_abort_signal *mr_abort_controller_signal(mr_abort_controller *controller);

/* The id by which other threads abort it, for as long as its signal lives; {0} for NULL.
 *
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_abort_id mr_abort_controller_id(const mr_abort_controller *controller);

/* Abort the signal: the first time; later it changes nothing. An undefined reason stands for a new
 * error of code MR_EABORT.
 *
 * Returns  0; MR_ENOMEM (no reason given), MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure
 *          nothing is aborted.
 * Owns     reason passes to the signal at 0, or is released there; it stays the caller's otherwise.
 * Thread   owner.
 * Calls    the handlers, through the loop's one call site, without a checkpoint of its own.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_abort(mr_abort_controller *controller, mr_value reason);

/* The same from any thread: the owner aborts as internal work of the loop. What was accepted is
 * neither lost nor forgotten with the last reference; the first one accepted gives the reason, unless
 * the owner aborts before it gets there. An abort that is accepted keeps the loop running until then.
 *
 * Returns  0: accepted, or aborted before. MR_ENOENT: the signal is gone. MR_ENOMEM (no reason
 *          given), MR_ECLOSED, MR_EFORKED. MR_EINVAL: also from another thread a reason that is bound
 *          to a loop (mr_value_is_bound).
 * Owns     as mr_abort; other threads release only what is not bound.
 * Thread   any.
 * Calls    as mr_abort, but never before this returns, on the owner too.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_abort_post(mr_loop *loop, mr_abort_id id, mr_value reason);

/* ---- signals ---- */

/* A signal that is aborted as soon as one of n others is, with the reason of that one; at once, if
 * one has been, by the first of these in the array. With n = 0 it never is. It follows the signals at
 * the root: of one that follows others, these. signals may be NULL when there are none.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL (a NULL signal, one of another
 *          loop). On failure *out_signal is untouched.
 * Owns     *out_signal is owned: release with mr_abort_signal_unref. The signals stay the caller's
 *          and may go before it.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_abort_any(mr_loop *loop, mr_abort_signal *const *signals,
                                                    size_t n, mr_abort_signal **out_signal);

/* A signal that is aborted after a delay, with an error of code MR_ETIMEDOUT. Its timer does not keep
 * the loop running.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED (also while stopping), MR_EINVAL. On failure
 *          *out_signal is untouched.
 * Owns     *out_signal is owned: release with mr_abort_signal_unref.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_abort_after(mr_loop *loop, uint64_t delay_ns,
                                                      mr_abort_signal **out_signal);

/* One more reference; one less. Both take NULL.
 *
 * Thread   owner; after the loop's end one thread at a time. From elsewhere nothing is done.
 * Calls    at the last reference the release functions of the handlers.
 * Since    0.1 */
MR_API MR_OWNER mr_abort_signal *mr_abort_signal_ref(mr_abort_signal *signal);
MR_API MR_OWNER void mr_abort_signal_unref(mr_abort_signal *signal);

/* Whether it has been aborted; the reason (lent as long as the signal is owned), undefined before;
 * and as a status: 0 before, then the code of a reason that is an error, else MR_EABORT; the loop.
 * NULL is false, undefined, 0, NULL.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER bool mr_abort_signal_aborted(const mr_abort_signal *signal);
MR_API MR_OWNER mr_value mr_abort_signal_reason(const mr_abort_signal *signal);
MR_API MR_OWNER mr_status mr_abort_signal_check(const mr_abort_signal *signal);
MR_API MR_OWNER mr_loop *mr_abort_signal_loop(const mr_abort_signal *signal);

/* Call fn once, when the signal is aborted; if it has been, as a microtask.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL (signal or fn is NULL). On failure
 *          nothing is added, nothing is released, *out_handler is untouched.
 * Owns     arg passes to the handler on success; release(arg), if not NULL, runs once, after fn or
 *          when the handler is dropped.
 * Thread   owner.
 * Calls    fn, never before this returns. out_handler may be NULL.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_abort_signal_on(mr_abort_signal *signal, mr_abort_fn *fn,
                                                          void *arg, void (*release)(void *arg),
                                                          mr_abort_handler *out_handler);

/* Drop a handler that was not called yet, and release its argument; one that waits as a microtask too.
 *
 * Returns  0; MR_ENOENT (called, being called, dropped, of another signal), MR_EWRONGTHREAD,
 *          MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_abort_signal_off(mr_abort_signal *signal, mr_abort_handler handler);

MR_END_DECLS

#endif
