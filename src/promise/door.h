/* The promises' door for the script room, which is a library of its own. Owner thread. */
#ifndef MR_PROMISE_DOOR_H
#define MR_PROMISE_DOOR_H

#include <millrace/abort.h>
#include <millrace/promise.h>

#pragma GCC visibility push(default)

/* Called when the promise settles, inside the settling: no user code, nothing attached to the same
 * promise. While it is PENDING: the loop ended first. */
typedef void mr__settled_fn(mr_promise *promise, void *arg);

/* Have fn(promise, arg) called when a pending promise settles, in its place among the reactions; once,
 * always. It counts as shown. MR_ENOMEM. */
mr_status mr__promise_bridge(mr_promise *promise, mr__settled_fn *fn, void *arg);
/* The script has it: as long as nothing is attached here its rejection is told there, not here. */
void mr__promise_shown(mr_promise *promise);
/* The script gave it back, with nothing attached: it is told here again. */
void mr__promise_returned(mr_promise *promise);

/* One listener a loop: freed(promise, arg) is called when a promise that was marked is freed. */
typedef void mr__freed_fn(mr_promise *promise, void *arg);
mr_status mr__promises_on_freed(mr_loop *loop, mr__freed_fn *fn, void *arg); /* MR_ENOMEM */
void mr__promises_no_listener(mr_loop *loop); /* also after the end */
void mr__promise_mark(mr_promise *promise);

/* A script value: an object of the script room. adopt is asked when a promise is resolved with one: true
 * takes over, and later resolves promise, on which it takes a reference of its own. */
typedef struct mr__script_type {
    void (*release)(void *object);
    bool (*adopt)(void *object, mr_promise *promise);
} mr__script_type;
mr_status mr__value_script(const mr__script_type *type, void *object, mr_value *out_value);
void *mr__value_script_object(mr_value value); /* NULL: none */
/* Resolve or reject a promise that adopt took over; the value passes. */
void mr__promise_adopted(mr_promise *promise, bool fulfilled, mr_value value);

/* The script's own error behind an error that was made for it; undefined: none. The value passes. */
void mr__error_set_origin(mr_error *error, mr_value origin);
mr_value mr__error_origin(const mr_error *error);
/* One more reference; NULL for an error that has none left and is about to be freed. */
mr_error *mr__error_ref_living(mr_error *error);

/* A signal that a script's signal aborts. lost(arg) is called once, when it is freed or the loop ends,
 * unless mr__abort_foreign_end came first: it will not abort any more. It lives with handlers and
 * followers, as one of mr_abort_after does before its time. */
typedef void mr__abort_lost_fn(void *arg);
mr_status mr__abort_foreign_create(mr_loop *loop, mr__abort_lost_fn *lost, void *arg,
                                   mr_abort_signal **out_signal);
/* The arg of one that was made with lost and has not ended; else NULL. */
void *mr__abort_foreign_arg(mr_abort_signal *signal, mr__abort_lost_fn *lost);
void mr__abort_foreign_abort(mr_abort_signal *signal, mr_value reason); /* reason passes */
void mr__abort_foreign_end(mr_abort_signal *signal);

#pragma GCC visibility pop

#endif
