/* Millrace: an event loop with the asynchronous model of JavaScript. Includes every public header
 * of the core; the JavaScript runtime is <millrace/js.h>, in its own library.
 *
 * Since 0.1 */
#ifndef MILLRACE_MILLRACE_H
#define MILLRACE_MILLRACE_H

#include <millrace/abort.h>
#include <millrace/attributes.h>
#include <millrace/error.h>
#include <millrace/event.h>
#include <millrace/hooks.h>
#include <millrace/immediate.h>
#include <millrace/loop.h>
#include <millrace/microtask.h>
#include <millrace/perf.h>
#include <millrace/pool.h>
#include <millrace/promise.h>
#include <millrace/sim.h>
#include <millrace/sleep.h>
#include <millrace/status.h>
#include <millrace/submit.h>
#include <millrace/timer.h>
#include <millrace/value.h>
#include <millrace/version.h>
#include <millrace/watch.h>

#endif
