/* Abort signals, inside: the structs, and the doors between abort.c (what aborting does, life),
 * abort_sources.c (what makes and aborts signals), abort_foreign.c (the same for scripts) and
 * abort_handlers.c. */
#ifndef MR_PROMISE_ABORT_SIGNAL_H
#define MR_PROMISE_ABORT_SIGNAL_H

#include <millrace/timer.h>

#include "base/slab.h"
#include "loop/extend.h"
#include "promise/abort.h"
#include "promise/door.h"

/* A dependent at one of its sources; lives in the dependent's memory. */
typedef struct mr__abort_link {
    struct mr__abort_link *next, *prev; /* of the source's other dependents */
    mr_abort_signal *source;            /* NULL: it ended */
    mr_abort_signal *dependent;
} mr__abort_link;

typedef struct mr__abort_handler {
    mr__slot slot;
    struct mr__abort_handler *next, *prev;
    mr_abort_signal *signal;
    mr_abort_fn *fn; /* NULL: dropped, while it waited as a microtask */
    void *arg;
    void (*release)(void *arg);
    bool late; /* a microtask, with a reference to the signal; on no list */
} mr__abort_handler;
static_assert(sizeof(mr__abort_handler) <= MR__SLOT_BYTES, "a handler fits in a slot");

typedef enum mr__abort_kind {
    MR__ABORT_CONTROLLED, /* the first member of a controller */
    MR__ABORT_DEPENDENT,  /* of mr_abort_any: the first member of a mr__abort_dependent */
    MR__ABORT_TIMED,      /* of mr_abort_after: the first member of a mr__abort_timed */
    MR__ABORT_FOREIGN     /* of a script: the first member of a mr__abort_foreign */
} mr__abort_kind;

typedef struct mr__aborts mr__aborts;

/* Invariant (mr__abort_check): an aborted signal has no effects and no links; only a signal that
 * depends on none has dependents; what nothing holds (mr__abort_is_held) is dead. */
struct mr_abort_signal {
    mr__aborts *home;
    mr_abort_signal *next, *prev; /* all of the loop, in order of making; or next of the dead */
    mr_abort_signal *next_run;    /* of those aborted together */
    uint64_t refs;                /* of users, of effects, of handlers that wait as microtasks */
    mr__abort_kind kind;
    bool aborted;
    bool dead; /* on its way to be freed */
    mr_value reason;
    mr__abort_effect *first_effect, *last_effect;
    mr__abort_handler *first_handler, *last_handler;
    mr__abort_link *first_dependent, *last_dependent;
};

/* Of aborts posted to a controller: none; one, which is on its way; no use for another. */
typedef enum mr__abort_word { MR__ABORT_OPEN, MR__ABORT_POSTED, MR__ABORT_SPENT } mr__abort_word;

struct mr_abort_controller {
    mr_abort_signal signal;
    uint64_t refs;       /* together one of the signal's */
    uint64_t id;         /* in home->posts */
    mr__abort_word word; /* under the lock of arrivals, with what follows */
    mr__completion posted;
    mr_value posted_reason;
};

typedef struct mr__abort_dependent {
    mr_abort_signal signal;
    size_t n;
    size_t live; /* links whose source has not ended */
    mr__abort_link links[];
} mr__abort_dependent;

typedef struct mr__abort_timed {
    mr_abort_signal signal;
    mr_timer timer; /* {0}: fired, cancelled or discarded */
} mr__abort_timed;

typedef struct mr__abort_foreign {
    mr_abort_signal signal;
    mr__abort_lost_fn *lost; /* NULL: it can not abort any more, or was told */
    void *arg;
} mr__abort_foreign;

/* What an id leads to. */
typedef struct mr__abort_post {
    mr__slot slot;
    mr_abort_controller *controller;
} mr__abort_post;

/* The abort signals of a loop. It lives as long as the loop's memory. */
struct mr__aborts {
    mr__end_notice notice;
    mr_loop *loop;
    mr__slab handlers;
    mr__slab posts; /* changed under the lock of arrivals */
    mr_abort_signal *first, *last;
    uint64_t live;
    mr_abort_signal *dead;
    bool burying;
    bool holds_loop;   /* since the loop's end: one reference, for all that live */
    mr_error *timeout; /* a reason in store, for a timer that fires without memory for one */
};

/* ---- abort.c */
/* The owner's part of a loop; made at the first use. As mr__loop_owner_start, and MR_ENOMEM. */
mr_status mr__aborts_of(mr_loop *loop, mr__aborts **out_home);
mr__aborts *mr__aborts_there(mr_loop *loop); /* NULL: not made yet. Any thread */
/* Whether the calling thread may use a signal: the owner, and after the end whoever does. */
bool mr__abort_may_use(const mr_abort_signal *signal);
/* A zeroed signal becomes one that lives, with one reference. */
void mr__abort_signal_init(mr__aborts *home, mr_abort_signal *signal, mr__abort_kind kind);
void mr__abort_signal_drop(mr_abort_signal *signal); /* a reference */
/* After something that may have held it went. */
void mr__abort_look(mr_abort_signal *signal);
/* Abort, if it has not been; reason is owned and passes to it, or is released. */
void mr__abort_run(mr_abort_signal *signal, mr_value reason);
void mr__abort_check(const mr_abort_signal *signal);

/* ---- abort_sources.c */
/* A dependent on all sources of others; each end of a link may go first. */
void mr__abort_unlink(mr__abort_link *link);
void mr__abort_unlink_all(mr_abort_signal *dependent); /* and look at the sources */
/* The controller's id ends. False: an abort of it is on its way, so that it must live. */
bool mr__abort_post_close(mr_abort_controller *controller);
/* It has been aborted: nothing need be posted any more. */
void mr__abort_post_spend(mr_abort_controller *controller);

/* ---- abort_foreign.c */
bool mr__abort_foreign_may_abort(const mr_abort_signal *signal);
void mr__abort_foreign_tell(mr_abort_signal *signal); /* that it is freed, once */

/* ---- abort_handlers.c */
void mr__abort_handlers_call(mr_abort_signal *signal);
void mr__abort_handlers_release(mr_abort_signal *signal);

#endif
