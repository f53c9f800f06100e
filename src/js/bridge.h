/* Values, errors and promises between C and script; see mr_js_to_value. */
#ifndef MR_JS_BRIDGE_H
#define MR_JS_BRIDGE_H

#include <millrace/promise.h>

#include "js/idmap.h"
#include "js/runtime.h"
#include "promise/door.h"

struct mr__js_bridge {
    mr__idmap pairs_by_promise, pairs_by_native; /* pair, by the address of each side */
    mr__idmap errors;  /* the script's object of an mr_error, not counted */
    mr__idmap wrapped; /* the mr_error that was made of a script's object, not counted */
    struct mr__js_pair *pairs, *next_pair;  /* the next of a walk that pairs may leave */
    struct mr__js_held *let_go;             /* by objects that were collected */
    struct mr__js_lent *lent_back;          /* memory that buffers no longer use */
    const struct mr__js_wrapping *wrapping; /* errors that are just being read */
    unsigned nesting;                       /* of values that are just being made */
    bool releasing, ended;
    bool fulfilling;        /* the value that a promise is resolved with is no thenable */
    JSClassID holder_class; /* objects that hold an mr_value */
    JSValue private_key;    /* on an error: its holder */
};

/* value borrowed; owned, or JS_EXCEPTION. */
JSValue mr__js_from_value(mr_js *js, mr_value value);
/* 0, MR_ENOMEM, MR_ERANGE. May run getters of errors. */
mr_status mr__js_to_value(mr_js *js, JSValueConst value, mr_value *out_value);

mr_status mr__js_script_value(mr_js *js, JSValueConst value, mr_value *out_value);
mr_status mr__js_script_value_as(mr_js *js, const mr__script_type *type, JSValueConst value,
                                 mr_value *out_value);

/* bridge_errors.c: the same for errors. */
JSValue mr__js_from_error(mr_js *js, mr_error *error);
mr_status mr__js_to_error(mr_js *js, JSValueConst object, mr_value *out_value);
/* What was thrown as an error that holds it, owned. */
mr_status mr__js_thrown_to_error(mr_js *js, JSValueConst thrown, mr_error **out_error);

/* What an object holds. The engine finalizes objects amid a collection, when nothing else may be freed
 * and no function of the program may run; so what is let go then waits on a list of the bridge. */
struct mr__js_held {
    mr_value value;
    uint64_t error_object; /* that this is the holder of; 0: none */
    struct mr__js_held *next;
};
/* An object that holds value, which is borrowed. */
JSValue mr__js_hold(mr_js *js, mr_value value, uint64_t error_object);
struct mr__js_held *mr__js_held_by(const mr_js *js, JSValueConst object); /* NULL: it is none */

/* Release what collected objects held. */
void mr__js_bridge_release(mr_js *js);

/* promise_bridge.c */
JSValue mr__js_from_promise(mr_js *js, mr_promise *promise);
mr_status mr__js_to_promise(mr_js *js, JSValueConst native, mr_promise **out_promise);
/* The engine's tracker: true for a promise whose rejection is told on C's side. */
bool mr__js_pair_tracks(mr_js *js, JSValueConst native, bool is_handled);
void mr__js_pairs_destroy(mr_js *js);
/* Reject the promises of C that wait for the script: it runs no more. */
void mr__js_pairs_reject(mr_js *js);
/* See mr__script_type. */
bool mr__js_adopt(void *object, mr_promise *promise);

#endif
