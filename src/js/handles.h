/* Handles of timers and immediates: the object that a script has, and what is behind it.
 *
 * Of an immediate that is the loop's own slot, found by its id, and while it waits: the object is held,
 * so that the callback has it, and the callback and its arguments are given up when it has run.
 *
 * Of a timer it is a struct. It has two owners: the object, and the loop while it holds a timer for it; it
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
    uint64_t number;       /* the id that Symbol.toPrimitive tells */
    uint64_t loop_id;      /* the loop's timer */
    uint32_t delay_ms;
    bool repeats : 1, ref : 1;
    bool pending : 1; /* waits to be called, or is being called; false while it is free */
    bool held : 1;    /* the loop has it as an argument */
    bool cleared : 1; /* for good */
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

/* Make the pool and the class. -1 with an exception. */
int mr__handles_install(mr_js *js);
/* The runtime ends; structs that the loop or objects still have stay until they give them back. */
void mr__handles_destroy(mr_js *js);

/* Make the handle of a timer and start it: a value for the script. After the loop's end it never runs. */
JSValue mr__handle_start(mr_js *js, JSValueConst fn, int argc, JSValueConst *argv,
                         uint32_t delay_ms, bool repeats);

/* NULL: no memory, nothing is thrown. */
mr__handle_args *mr__handle_args_copy(mr_js *js, int argc, JSValueConst *argv);
void mr__handle_args_free(JSRuntime *rt, mr__handle_args *args);
/* args: NULL or of the caller, who frees them. */
void mr__handle_call(mr_js *js, void *fn, void *object, mr__handle_args *args);
/* Throw for what the loop said. */
JSValue mr__handle_refused(mr_js *js, mr_status status);

void mr__handle_clear(mr_js *js, mr__handle *handle);
void mr__handle_set_ref(mr_js *js, mr__handle *handle, bool ref);
void mr__handle_refresh(mr_js *js, mr__handle *handle, JSValueConst object);

/* ---- handle_methods.c -------------------------------------------------------------------------*/

/* The prototype of a class, with a constructor that throws. -1 with an exception. */
int mr__handle_proto(JSContext *ctx, JSClassID class_id, const char *name,
                     const JSCFunctionListEntry *methods, int method_count);
int mr__timeout_proto_install(mr_js *js);

/* ---- immediates.c -----------------------------------------------------------------------------*/

int mr__immediates_install(mr_js *js); /* -1 with an exception */
void mr__immediates_destroy(mr_js *js);
/* Take all back from the loop. */
void mr__immediates_stop(mr_js *js);
/* setImmediate, clearImmediate */
JSValue mr__set_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);
JSValue mr__clear_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

#endif
