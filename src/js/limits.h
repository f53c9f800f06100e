/* Limits of what script may use: time, the stop word, the stack. Policy stands on top of this.
 *
 * A task is one callback of the loop with its checkpoint, or one entry of C outside any callback
 * with its checkpoint. Ending what runs is done in one way: the engine asks (interrupted) and is
 * told to end it; from then on `ending` is set, every native function of ours throws the uncatchable
 * error at entry, the engine's stack limit is pulled up to where script was entered, so that nothing
 * can be called, and the engine is told again each time it asks. That lasts until control is back
 * where C called script (mr__js_leave of the outermost entry), which tells of it once.
 *
 * The engine makes ordinary rejections of the uncatchable error in some places, by calling the
 * promise's own function. It asks at each call, but only every so often it really does: while ending,
 * that number of calls is used up each time, so that the very next call or branch is refused too. The
 * promise then stays pending and nothing of the script goes on. */
#ifndef MR_JS_LIMITS_H
#define MR_JS_LIMITS_H

#include <quickjs.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <millrace/js.h>

typedef struct mr__js_limits {
    /* What mr_js_interrupt asked for; 0: nothing. Written by any thread with release; the owner's
     * exchange, acquire, sees with it all that the thread did before. */
    _Atomic uint32_t stop_word;

    /* ---- owner ---- */
    uint8_t ending;    /* mr__js_ending; not 0: what runs is being ended */
    bool answering;    /* the outermost entry answers with a status: nothing is reported */
    mr_status reason;  /* why, of `ending`; after the outermost leave: of the last entry, or 0 */
    uint64_t limit_ns; /* for one task; 0: none */
    uint64_t deadline_ns;
    uint64_t task;                  /* of the loop, that deadline_ns is for */
    uint64_t polls;                 /* of the engine, in this task */
    uint64_t poll_budget;           /* on a simulated loop in place of the deadline */
    uint32_t times_up, times_short; /* in this task */
    uint64_t refused_seen;          /* of the heap's refusals, at the last poll */
    bool refused_before;            /* there was one before that poll */
    JSValue nothing;                /* a function that does nothing */
    uint32_t period;                /* calls between two polls of the engine; 0: not counted yet */
    uint32_t used_up;               /* how often while ending */
    bool using_up, polled;
#ifdef MR_TEST
    bool collects;      /* MR_COLLECT is set: the engine collects before each callback and job */
    uint64_t collected; /* bytes */
    uint32_t collections;
#endif

    /* The stack: where the thread's begins and ends, and the entries for which nothing is to be
     * done, since the engine's limit is whole and fits below them. */
    uintptr_t stack_low, stack_high;
    uintptr_t roomy_low, roomy_size;
    size_t stack_bytes; /* the engine's limit as it stands */
} mr__js_limits;

#ifdef MR_TEST
/* With MR_COLLECT a collection precedes each callback and job, until the heaps collected add up to
 * this, in MiB: then only one of so many, and none of a large heap. Each takes a third of a nanosecond
 * a byte. */
enum {
    MR__JS_COLLECTS_MIB = 4 << 10,
    MR__JS_COLLECTS_SELDOM = 256,
    MR__JS_COLLECTS_BELOW = 3 << 20
};
#endif

typedef enum mr__js_ending {
    MR__JS_END_NOT,
    MR__JS_END_CALLBACK,
    MR__JS_END_RUNTIME
} mr__js_ending;

void mr__js_limits_destroy(mr_js *js);

/* The engine's interrupt handler; opaque is the mr_js. */
int mr__js_interrupted(JSRuntime *rt, void *opaque);

/* Slow parts of entering and leaving, see gate.h. */
void mr__js_limits_enter(mr_js *js);
void mr__js_stack_enter(mr_js *js, uintptr_t at);
void mr__js_ended(mr_js *js);

#endif
