/* Timers with nanosecond deadlines.
 *
 * Never early: between the start call and the callback at least the delay passes, by a clock read
 * at the call. Timers fire by deadline, then by order of starting; a timer never fires in the turn
 * that started it. Handles are generational ids: a stale one is a clean MR_ENOENT. Ref'd when made.
 *
 * The structure is a hierarchical timing wheel (Varghese and Lauck, 1987) over 64-bit nanoseconds.
 *
 * Since 0.1 */
#ifndef MILLRACE_TIMER_H
#define MILLRACE_TIMER_H

#include <millrace/loop.h>

MR_BEGIN_DECLS

typedef struct mr_timer {
    uint64_t id; /* slot and generation; 0 is never valid */
} mr_timer;

#define MR_NEVER UINT64_MAX /* a deadline that never comes */

enum {
    MR_TIMER_AT = 1,        /* delay_ns is a deadline of the monotonic clock; no clock is read */
    MR_TIMER_REPEAT = 2,    /* again every period_ns */
    MR_TIMER_UNREF = 4,     /* does not keep the loop alive */
    MR_TIMER_HTML_CLAMP = 8 /* nesting level 6 or more waits at least 4 ms (HTML, section 8.6) */
};

typedef struct mr_timer_spec {
    size_t size_bytes; /* sizeof(mr_timer_spec) */
    mr_task_fn *fn;
    void *arg;
    mr_discard_fn *discard; /* NULL: the loop's on_discard */
    uint64_t delay_ns;      /* first firing; sums saturate, MR_NEVER never fires */
    uint64_t period_ns; /* with MR_TIMER_REPEAT: next deadline = start of the callback + period */
    uint64_t slack_ns;  /* deadlines round up to a multiple of the largest power of two in it */
    uint32_t flags;
} mr_timer_spec;

/* Start a timer: once after a delay; once at a deadline; every period, first after one period.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED, MR_ENOMEM, MR_EEXHAUSTED, MR_EINVAL (NULL loop, fn or
 *          output, unknown flags). On failure *out_timer is untouched.
 * Owns     arg passes to the loop on success; after a cancel it is the caller's again.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_timer_start(mr_loop *loop, uint64_t delay_ns,
                                                      mr_task_fn *fn, void *arg,
                                                      mr_timer *out_timer);
MR_API MR_NODISCARD MR_OWNER mr_status mr_timer_start_at(mr_loop *loop, uint64_t deadline_ns,
                                                         mr_task_fn *fn, void *arg,
                                                         mr_timer *out_timer);
MR_API MR_NODISCARD MR_OWNER mr_status mr_timer_repeat(mr_loop *loop, uint64_t period_ns,
                                                       mr_task_fn *fn, void *arg,
                                                       mr_timer *out_timer);
MR_API MR_NODISCARD MR_OWNER mr_status mr_timer_start_with(mr_loop *loop, const mr_timer_spec *spec,
                                                           mr_timer *out_timer);

/* Count again from now, with a new place in the FIFO. Revives a one-shot in its own callback; a
 * repeat keeps its period.
 *
 * Returns  0; MR_ENOENT, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_timer_reset(mr_loop *loop, mr_timer timer, uint64_t delay_ns);
MR_API MR_OWNER mr_status mr_timer_reset_at(mr_loop *loop, mr_timer timer, uint64_t deadline_ns);

/* Cancel; keep the loop alive with it or not (flags, not counts). In its own callback an id is
 * still live: the first cancel is 0 and stops a repeat.
 *
 * On the owner they act at once. From another thread they post a command and return; 0 then means
 * accepted, and the owner applies it at the start of its next phase, so a cancel accepted before
 * the timer phase in which the timer is due prevents it.
 *
 * Returns  0; MR_ENOENT (owner only), MR_ECLOSED, MR_ENOMEM (other threads only), MR_EINVAL.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_timer_cancel(mr_loop *loop, mr_timer timer);
MR_API MR_ANY_THREAD mr_status mr_timer_ref(mr_loop *loop, mr_timer timer);
MR_API MR_ANY_THREAD mr_status mr_timer_unref(mr_loop *loop, mr_timer timer);

/* Cancel as a command, on any thread, and tell the outcome (0 or MR_ENOENT) in a callback of the
 * loop.
 *
 * Returns  0 accepted; MR_ECLOSED, MR_ENOMEM, MR_EINVAL. On failure fn never runs.
 * Thread   any.
 * Since    0.1 */
typedef void mr_outcome_fn(mr_status outcome, void *arg);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_timer_cancel_outcome(mr_loop *loop, mr_timer timer,
                                                                    mr_outcome_fn *fn, void *arg);

/* Cancel n timers; statuses[i] becomes 0 or MR_ENOENT for each. n may be 0.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_timer_cancel_many(mr_loop *loop, const mr_timer *timers, size_t n,
                                               mr_status *statuses);

MR_END_DECLS

#endif
