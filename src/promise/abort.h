/* Abort signals, for the operations of the library that a signal ends: jobs and sleeps. */
#ifndef MR_PROMISE_ABORT_H
#define MR_PROMISE_ABORT_H

#include <millrace/abort.h>

/* An internal effect: called once when the signal aborts, before every handler, in the order of
 * adding; it is off the list by then. It may settle promises, add and remove other effects and free
 * its own memory; it runs no user code. The node lives in the operation's own memory.
 *
 * When the last part of the loop's end begins, before completions are refused, effects still on are
 * taken off without a call: who finds a completion refused finds its effect off. */
typedef struct mr__abort_effect {
    struct mr__abort_effect *next, *prev;
    mr_abort_signal *signal; /* one reference, while it is on the list */
    void (*fn)(struct mr__abort_effect *effect, mr_value reason);
} mr__abort_effect;

/* fn is set by the caller; the signal has not aborted. Owner of the signal's loop. */
void mr__abort_effect_add(mr_abort_signal *signal, mr__abort_effect *effect);
/* Take it off; nothing if it is not on a list (zeroed, removed or called). */
void mr__abort_effect_remove(mr__abort_effect *effect);

#endif
