/* Ticks and microtasks of scripts, for process.c. */
#ifndef MR_JS_JOBS_H
#define MR_JS_JOBS_H

#include "js/runtime.h"

/* process.nextTick. */
JSValue mr__js_next_tick(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

/* Become the loop's FIFO of microtasks; those that wait there move over. MR_ENOMEM: none did. */
mr_status mr__js_jobs_attach(mr_js *js);
/* queueMicrotask. */
JSValue mr__js_queue_microtask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv);

#endif
