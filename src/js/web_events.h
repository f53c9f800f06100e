/* Event, EventTarget and AbortSignal (DOM standard, for a target without parent): the structs behind
 * the objects, and the doors between their files and to the rest of the room. Owner thread.
 *
 * References. A target holds its listeners. A listener with option `signal` and that signal know each
 * other without holding. Of AbortSignal.any the dependent holds its sources, and a source holds the
 * dependents that are needed: those with listeners or steps of their own. A needed signal that
 * something outside the engine can abort (a timer, a signal of C) is held by the runtime. What is
 * held is counted and told to the engine's collector; only the runtime's own holds are not, so a
 * finalizer never lets go of one: it leaves that to mr__js_signals_look. */
#ifndef MR_JS_WEB_EVENTS_H
#define MR_JS_WEB_EVENTS_H

#include "js/idmap.h"
#include "js/runtime.h"

typedef enum mr__web_class {
    MR__WEB_EVENT,
    MR__WEB_CUSTOM_EVENT,
    MR__WEB_EVENT_TARGET,
    MR__WEB_ABORT_SIGNAL,
    MR__WEB_ABORT_CONTROLLER,
    MR__WEB_CLASS_COUNT
} mr__web_class;

typedef enum mr__web_name {
    MR__NAME_ABORT,
    MR__NAME_BUBBLES,
    MR__NAME_CANCELABLE,
    MR__NAME_CAPTURE,
    MR__NAME_COMPOSED,
    MR__NAME_DETAIL,
    MR__NAME_HANDLE_EVENT,
    MR__NAME_IS_TRUSTED,
    MR__NAME_NEXT,
    MR__NAME_DONE,
    MR__NAME_ONCE,
    MR__NAME_PASSIVE,
    MR__NAME_PROTOTYPE,
    MR__NAME_SIGNAL,
    MR__NAME_VALUE,
    MR__WEB_NAME_COUNT
} mr__web_name;

/* ---- Events -----------------------------------------------------------------------------------*/

enum {
    MR__EVENT_BUBBLES = 1 << 0,
    MR__EVENT_CANCELABLE = 1 << 1,
    MR__EVENT_COMPOSED = 1 << 2,
    MR__EVENT_CANCELED = 1 << 3,
    MR__EVENT_STOPPED = 1 << 4,     /* stopPropagation */
    MR__EVENT_STOPPED_NOW = 1 << 5, /* stopImmediatePropagation */
    MR__EVENT_PASSIVE = 1 << 6,     /* a passive listener is running */
    MR__EVENT_DISPATCHED = 1 << 7,  /* right now */
    MR__EVENT_TRUSTED = 1 << 8,
    MR__EVENT_CUSTOM = 1 << 9
};

typedef struct mr__event {
    JSAtom type;
    uint32_t flags;
    JSValue target, detail; /* null when there is none */
    double time_stamp;      /* ms since timeOrigin */
} mr__event;

/* ---- Targets ----------------------------------------------------------------------------------*/

enum {
    MR__LISTENER_CAPTURE = 1 << 0,
    MR__LISTENER_ONCE = 1 << 1,
    MR__LISTENER_PASSIVE = 1 << 2,
    MR__LISTENER_HANDLER = 1 << 3,  /* an event handler attribute: no key of its own */
    MR__LISTENER_RESISTANT = 1 << 4 /* our own: called although the event was stopped */
};

/* What a signal does when it aborts, before its event: DOM's abort algorithms. It is on its signal's
 * list until it is run, removed, or told that the signal is gone; then fn or gone may free it. */
typedef struct mr__abort_step {
    struct mr__abort_step *previous, *next;
    struct mr__signal *signal; /* NULL: on no list */
    void (*fn)(mr_js *js, struct mr__abort_step *step, struct mr__signal *signal);
    void (*gone)(mr_js *js, struct mr__abort_step *step); /* perhaps amid a collection */
} mr__abort_step;

typedef struct mr__listener_end {
    mr__abort_step step; /* first */
    struct mr__listener *listener;
} mr__listener_end;

typedef struct mr__listener {
    struct mr__listener *previous, *next;
    struct mr__listeners *list;
    uint64_t order; /* of adding, rising */
    JSValue callback;
    uint32_t flags;
    mr__listener_end *end; /* by option signal, or NULL */
} mr__listener;

/* The listeners of one type, in order of adding. */
typedef struct mr__listeners {
    struct mr__listeners *previous, *next;
    struct mr__target *target;
    JSAtom type;
    mr__listener *first, *last;
    size_t count, captures;
    mr__idmap index; /* by callback and capture, once there are many */
} mr__listeners;

/* A dispatch that goes through a list; on the stack. */
typedef struct mr__walk {
    struct mr__walk *outer;
    const mr__listeners *list;
    mr__listener *next;
} mr__walk;

typedef struct mr__target {
    JSValue object; /* not counted: the object it stands behind */
    mr__listeners *lists;
    mr__idmap by_type; /* once there are many lists */
    size_t list_count;
    uint64_t last_order;
    mr__walk *walks;      /* the innermost first */
    double max_listeners; /* of one type, without a warning; 0: any number */
    bool is_signal, warned;
} mr__target;

/* ---- Signals ----------------------------------------------------------------------------------*/

/* A dependent at one of its sources. */
typedef struct mr__signal_link {
    struct mr__signal_link *previous, *next; /* the source's other dependents */
    struct mr__signal *source;               /* counted; NULL: aborted or gone */
    struct mr__signal *dependent;
    bool holds; /* the source holds the dependent */
} mr__signal_link;

struct mr__timeout;

typedef struct mr__signal {
    mr__target target;
    JSValue reason;
    mr__abort_step *first_step, *last_step;
    mr__signal_link *first_dependent, *last_dependent;
    mr__signal_link *links; /* to sources, in an array */
    size_t link_count;
    size_t needed_dependents;
    size_t abort_listeners;
    mr__listener *on_abort;
    struct mr__timeout *timeout;                  /* pending */
    struct mr__signal_twin *twin;                 /* the signal of C that goes with it */
    struct mr__signal *next_run;                  /* of those aborted together */
    struct mr__signal *previous_kept, *next_kept; /* the runtime's holds */
    struct mr__signal *previous_look, *next_look; /* what finalizers left to do */
    bool aborted, dependent, needed, kept, outside, to_look_at;
} mr__signal;

/* ---- The runtime's part -----------------------------------------------------------------------*/

struct mr__js_events {
    JSClassID event_class, target_class, signal_class, controller_class;
    JSValue protos[MR__WEB_CLASS_COUNT];
    JSValue constructors[MR__WEB_CLASS_COUNT];
    /* An object of each class, and an Event with all it has: as long as there is one the engine keeps
     * its layout, and does not build it anew for each short-lived object. Made at the first use. */
    JSValue samples[MR__WEB_CLASS_COUNT], event_sample;
    JSAtom atoms[MR__WEB_NAME_COUNT];
    mr__event *spare_event; /* of the last Event that was freed; NULL: none */
    JSValue last_text;      /* what an event's type was made from last, and the type */
    JSAtom last_type;
    JSAtom iterator;    /* Symbol.iterator */
    JSValue is_trusted; /* the getter that all events share */
    JSValue thrower;    /* throws its argument */
    mr__signal *kept, *to_look_at;
    struct mr__timeout *timeouts;
    mr_js_track *tracks;
    struct mr__signal_twin *twins, *twins_gone; /* gone: their AbortSignal was collected */
    mr__idmap twins_by_c;
    double max_listeners; /* of targets made from now on */
    bool ended;           /* no step, no timer any more */
};

/* ---- web_event.c ------------------------------------------------------------------------------*/

int mr__js_event_install(mr_js *js);
/* The struct of an Event, or NULL. */
mr__event *mr__js_event_of(mr_js *js, JSValueConst value);
/* A trusted event that neither bubbles nor can be cancelled. */
JSValue mr__js_event_new(mr_js *js, JSAtom type);

/* ---- web_listeners.c --------------------------------------------------------------------------*/

/* Add a listener unless it is there: 1 and *out_listener (may be NULL), 0, or -1: no memory, thrown.
 * The target is held by the caller, here and below. */
int mr__js_listen(mr_js *js, mr__target *target, JSAtom type, JSValueConst callback, uint32_t flags,
                  mr__listener **out_listener);
mr__listener *mr__js_find_listener(mr__target *target, JSAtom type, JSValueConst callback,
                                   bool capture);
void mr__js_unlisten(mr_js *js, mr__listener *listener);
mr__listeners *mr__js_listeners_of(mr__target *target, JSAtom type); /* NULL: none */
/* Free a list that is empty and that no dispatch goes through. */
void mr__js_list_release(JSRuntime *rt, mr__listeners *list);
/* Remove the listener when the signal, which has not aborted, does. -1: no memory, thrown. */
int mr__js_listener_end_with(mr_js *js, mr__listener *listener, mr__signal *signal);
void mr__js_target_deinit(JSRuntime *rt, mr__target *target);
void mr__js_target_mark(JSRuntime *rt, const mr__target *target, JS_MarkFunc *mark);

/* ---- web_target.c -----------------------------------------------------------------------------*/

int mr__js_target_install(mr_js *js);
/* The struct of an EventTarget, an AbortSignal too, or NULL. */
mr__target *mr__js_target_of(mr_js *js, JSValueConst value);
/* An EventTarget with that prototype. */
JSValue mr__js_target_new(mr_js *js, JSValueConst proto);
void mr__js_target_init(mr_js *js, mr__target *target, JSValueConst object);
/* Have the waiting exception surface as a tick. -1: it is the uncatchable one, and waits still. */
int mr__js_report_listener(mr_js *js);
/* Run the listeners. -1 when the script was ended meanwhile, with the uncatchable error. */
int mr__js_dispatch(mr_js *js, mr__target *target, JSValueConst event_object);

/* ---- web_signal.c: what aborting does, and who holds whom --------------------------------------*/

mr__signal *mr__js_signal_of(mr_js *js, JSValueConst value); /* NULL: no AbortSignal */
JSValue mr__js_signal_new(mr_js *js);
/* Abort, if it has not been. The object is held by the caller. -1 as mr__js_dispatch. */
int mr__js_signal_abort(mr_js *js, mr__signal *signal, JSValueConst reason);
/* fn and gone are set; the signal has not aborted and is held by the caller. */
void mr__js_step_add(mr_js *js, mr__signal *signal, mr__abort_step *step);
void mr__js_step_remove(mr_js *js, mr__abort_step *step);      /* nothing if it is on no list */
void mr__js_step_remove_late(mr_js *js, mr__abort_step *step); /* the same, from a finalizer */
/* After something changed of what makes the signal needed. The object is held by the caller. */
void mr__js_signal_changed(mr_js *js, mr__signal *signal);
/* Whether something outside the engine can abort it. The object is held by the caller. */
void mr__js_signal_set_outside(mr_js *js, mr__signal *signal, bool outside);
/* Look at what finalizers left; nothing most of the time. */
void mr__js_signals_look(mr_js *js);
/* Make dependent, which is new, follow n signals; -1: no memory, thrown. */
int mr__js_signal_follow(mr_js *js, mr__signal *dependent, size_t n, mr__signal *const *signals);
int mr__js_signal_install(mr_js *js);
void mr__js_signal_deinit(mr_js *js, mr__signal *signal);

/* ---- web_abort.c: the classes AbortSignal and AbortController ----------------------------------*/

int mr__js_abort_install(mr_js *js);
void mr__js_timeouts_stop(mr_js *js);
void mr__js_timeout_cancel(mr__signal *signal); /* also from a finalizer */
/* The signal of an AbortController, or NULL. */
mr__signal *mr__js_controller_signal(mr_js *js, JSValueConst value, JSValue *out_object);

/* ---- web_track.c, web_twin.c: what C has of signals --------------------------------------------*/

void mr__js_tracks_stop(mr_js *js);
void mr__js_twins_stop(mr_js *js);
void mr__js_twin_gone(mr_js *js, mr__signal *signal); /* from the finalizer */
void mr__js_twins_release(mr_js *js);                 /* let go of what finalizers left */

/* ---- web_classes.c: installing, and what the classes share -------------------------------------*/

JSValue mr__js_throw_this(JSContext *ctx, const char *class_name);
JSValue mr__js_throw_missing(JSContext *ctx, const char *argument);
/* The prototype for a new object: the one of new_target, else that of the class. */
JSValue mr__js_proto_for(mr_js *js, JSValueConst new_target, mr__web_class which);
/* An object of the class with that prototype, without a struct. */
JSValue mr__js_new_web_object(mr_js *js, mr__web_class which, JSClassID class_id,
                              JSValueConst proto);
/* An argument of type DOMString. JS_ATOM_NULL with the exception. */
JSAtom mr__js_to_type(mr_js *js, JSValueConst value);
/* Set flag in *flags if the dictionary's member is true. */
int mr__js_read_flag(mr_js *js, JSValueConst dictionary, mr__web_name name, uint32_t flag,
                     uint32_t *flags);
/* Keep constructor and prototype of a class. base: of the class above, or -1. */
int mr__js_make_web_class(mr_js *js, mr__web_class which, int base, JSCFunction *constructor,
                          int length, const JSCFunctionListEntry *members, int count);

#endif
