/* Handles of timers and immediates: the object that a script has, and the struct behind it.
 *
 * The struct has two owners: the object, and the loop while it holds a timer or immediate for it; it
 * goes back into its pool when both are gone. While pending, it holds its object, so that the
 * callback lives. A one-shot that has fired keeps its callback for refresh; clearing gives it up,
 * after the callback if that runs. */
#ifndef MR_JS_HANDLES_H
#define MR_JS_HANDLES_H

#include "js/idmap.h"
#include "js/runtime.h"

enum mr__scheduler {
    MR__SET_TIMEOUT,
    MR__CLEAR_TIMEOUT,
    MR__SET_INTERVAL,
    MR__CLEAR_INTERVAL,
    MR__SET_IMMEDIATE,
    MR__CLEAR_IMMEDIATE,
    MR__SCHEDULER_COUNT
};

/* Copies of the arguments for a callback, in the engine's memory. */
typedef struct mr__handle_args {
    uint32_t count;
    JSValue values[];
} mr__handle_args;

/* A burst has as many as a memory has room for: what is not in it costs nothing. */
typedef struct mr__handle {
    union {
        void *object;            /* held while pending, else NULL */
        struct mr__handle *next; /* of the free ones of a block */
    };
    void *fn;              /* an object; NULL: given up */
    mr__handle_args *args; /* NULL: none */
    uint64_t number;       /* the id that Symbol.toPrimitive tells; an immediate has none */
    uint64_t loop_id;      /* timer or immediate of the loop */
    uint32_t delay_ms;
    bool immediate : 1, repeats : 1, ref : 1;
    bool pending : 1; /* waits to be called, or is being called; false while it is free */
    bool held : 1;    /* the loop has it as an argument */
    bool cleared : 1; /* for good; an immediate that ran is so too */
    bool running : 1, refreshed : 1;
    bool told : 1;   /* number is in timers->numbers */
    bool orphan : 1; /* the object is gone */
} mr__handle;

struct mr__js_timers {
    JSClassID timeout_class, immediate_class;
    JSValue functions[MR__SCHEDULER_COUNT]; /* as installed */
    JSValue spare_timeout, spare_immediate; /* keep the engine's shape of such objects alive */
    uint64_t last_number;
    mr__idmap numbers; /* ids that scripts were told -> handle */
    struct mr__handle_pool *pool;
    bool warned_nan, warned_negative;
};

/* Make the pool and the two classes. -1 with an exception. */
int mr__handles_install(mr_js *js);
/* The runtime ends; structs that the loop or objects still have stay until they give them back. */
void mr__handles_destroy(mr_js *js);

/* Make a handle and start it: a value for the script. After the loop's end it never runs. */
JSValue mr__handle_start_timer(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv,
                               uint32_t delay_ms, bool repeats);
JSValue mr__handle_start_immediate(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv);

void mr__handle_clear(mr_js *js, mr__handle *handle);
void mr__handle_set_ref(mr_js *js, mr__handle *handle, bool ref);
void mr__handle_refresh(mr_js *js, mr__handle *handle, JSValueConst object);

/* handle_methods.c: prototypes with what scripts call. -1 with an exception. */
int mr__handle_protos_install(mr_js *js);

#endif
