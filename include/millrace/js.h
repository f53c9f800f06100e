/* A JavaScript runtime (QuickJS-ng) on a Millrace loop.
 *
 * mr_js_create makes an engine on a loop and installs the global names, mr_js_attach installs them into
 * an engine of the caller's; mr_js_eval, mr_js_run_file and mr_js_call run code on the owner thread;
 * everything that the code schedules runs as callbacks of the loop. One runtime per loop and one loop
 * per runtime. mr_js_destroy may come before or after the end of the loop.
 *
 * The end. When the loop ends gracefully (mr_loop_shutdown, nothing left to do), what is queued runs,
 * promises that still have a settler are rejected with MR_ECLOSED and their reactions run; the event
 * `exit` is the last JavaScript. When it is closed, no JavaScript runs any more. process.exit and fatal
 * errors end the runtime, never the process, and by option the loop. Whichever comes first, then: timers,
 * immediates and tracked signals are dropped; promises of the script stay pending; promises of C that
 * wait for the script are rejected with MR_ECLOSED; handles (mr_js_value) are emptied, and releasing them
 * stays legal; the hook `shutdown` is called; calls answer MR_ECLOSED. mr_js_destroy frees the engine
 * with what is queued in it.
 *
 * On a simulated loop (mr_loop_options.simulate) a script is told virtual time and numbers of the
 * seed: Date, which starts at 2000-01-01T00:00:00Z plus mr_simulate.start_ns, performance,
 * process.hrtime and uptime, Math.random, process.pid, and what node:os says of the moment. File
 * work ends in an order of the seed's. What files hold, the environment and standard input are the
 * real ones, and the time zone is that of the process: for runs that repeat everywhere, set TZ=UTC.
 *
 * Every call is for the owner thread of the loop, but for those marked MR_ANY_THREAD. A runtime does not
 * come along into a forked child: such a child may exec, _exit, or make a loop and a runtime of its own.
 *
 * Since 0.1 */
#ifndef MILLRACE_JS_H
#define MILLRACE_JS_H

#include <millrace/abort.h>
#include <millrace/loop.h>
#include <millrace/promise.h>

MR_BEGIN_DECLS

typedef struct mr_js mr_js;
struct JSContext; /* of <quickjs.h> */

/* How a source text is to be read. */
typedef enum mr_js_kind {
    MR_JS_AUTO = 0, /* by the file's ending, the nearest package.json, the text itself */
    MR_JS_SCRIPT,   /* classic script: global, sloppy unless it says otherwise */
    MR_JS_MODULE,   /* ECMAScript module */
    MR_JS_COMMONJS, /* CommonJS: require, module, exports, __filename, __dirname */
    MR_JS_EVAL      /* classic script with top-level await (millrace eval) */
} mr_js_kind;

typedef enum mr_js_rejections {
    MR_JS_REJECTIONS_THROW = 0, /* an unhandled rejection is an uncaught exception */
    MR_JS_REJECTIONS_WARN,      /* prints a warning, goes on */
    MR_JS_REJECTIONS_NONE       /* silent */
} mr_js_rejections;

/* stream 1 is standard output, 2 standard error. Bytes are borrowed until it returns. */
typedef void mr_js_write_fn(int stream, const char *data, size_t len_bytes, void *arg);

/* What a host is told of a runtime, outside JavaScript, on the owner thread. A hook may use calls that
 * are marked "also in hooks"; others answer MR_EREENTRANT. Its answer counts for `created` alone: other
 * than 0, the runtime is destroyed without `shutdown` and that is what mr_js_create returns. Elsewhere a
 * failure changes nothing but mr_js_stats.hook_failures. */
typedef mr_status mr_js_hook_fn(mr_js *js, void *arg);
typedef mr_status mr_js_turn_hook_fn(mr_js *js, uint64_t turn, void *arg);
typedef struct mr_js_hooks {
    size_t size_bytes;      /* sizeof(mr_js_hooks) */
    mr_js_hook_fn *created; /* once, after installation, before any user code */
    mr_js_turn_hook_fn
        *turn_begin; /* each turn of the loop until the runtime ends: before anything runs */
    mr_js_turn_hook_fn *turn_end; /* … and after it; once for each turn_begin */
    mr_js_hook_fn *shutdown;      /* once, after the last JavaScript, at every kind of end */
    void *arg;
} mr_js_hooks;

enum { MR_JS_CACHE_ENTRIES = 256 }; /* usual for mr_js_options.cache_entries */
/* The usual options, to begin with: mr_js_options options = MR_JS_OPTIONS_INIT; */
#define MR_JS_OPTIONS_INIT                                                                         \
    {                                                                                              \
        .size_bytes = sizeof(mr_js_options), .cache_entries = MR_JS_CACHE_ENTRIES                  \
    }

/* A limit that what runs has come to. */
typedef enum mr_js_limit {
    MR_JS_LIMIT_TIME = 1, /* mr_js_options.callback_limit_ns */
    MR_JS_LIMIT_MEMORY    /* more than memory_limit_bytes, or no memory at all */
} mr_js_limit;

/* What is to follow. */
typedef enum mr_js_verdict {
    MR_JS_END_CALLBACK = 0, /* what runs is ended, the next callback runs */
    MR_JS_END_RUNTIME,      /* and no JavaScript runs any more */
    MR_JS_GRANT             /* goes on; of time it has the same once more */
} mr_js_verdict;

/* Asked when a limit is reached, on the owner with the script in the middle of its work: it may
 * submit, and must not enter the runtime. `times` counts the questions about this limit within one
 * task, from 1. */
typedef mr_js_verdict mr_js_limit_fn(mr_js *js, mr_js_limit limit, uint32_t times, void *arg);

typedef struct mr_js_options {
    size_t size_bytes;     /* sizeof(mr_js_options) */
    mr_js_write_fn *write; /* console and report output; NULL: dropped */
    void *write_arg;
    const char *const *argv; /* process.argv, copied; [0] the program, [1] the script */
    int argc;
    const char *argv0;            /* process.argv0, copied; NULL: argv[0] */
    const char *const *exec_argv; /* process.execArgv, copied */
    int exec_argc;
    mr_js_rejections rejections;
    bool no_warnings;                /* process warnings are not printed */
    bool own_stdio;                  /* process.stdin, stdout and stderr are those of the process */
    bool color_stdout, color_stderr; /* console colours */
    bool trace_promises;             /* reports of rejections say where the promise was made */
    bool exit_closes_loop;           /* process.exit and fatal errors also ask the loop to close */
    size_t memory_limit_bytes;       /* of the engine and what is held for it; 0: none; see below */
    size_t stack_bytes;              /* 0: 1 MiB; always at most the thread's stack less 256 KiB */
    bool always_bigint;              /* integers of C are BigInts, however small */
    uint32_t cache_entries;   /* names and short strings of C that are kept; 0: off; at most 2^16 */
    const mr_js_hooks *hooks; /* copied; NULL: none */
    uint64_t callback_limit_ns; /* as mr_js_set_callback_limit */
    mr_js_limit_fn *on_limit;   /* NULL: what runs is ended */
    void *on_limit_arg;
} mr_js_options;

/* Make a runtime on the loop and install its global names.
 *
 * options  borrowed until it returns; NULL: MR_JS_OPTIONS_INIT.
 * Returns  0; MR_EINVAL, MR_EBUSY (the loop has a runtime), MR_ENOMEM, MR_EJS, MR_EWRONGTHREAD,
 *          MR_ECLOSED; what the hook `created` answered. On failure *out_js is untouched, and microtasks
 *          that were queued on the loop still are.
 * Owns     *out_js is owned: release with mr_js_destroy.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_create(mr_loop *loop, const mr_js_options *options,
                                           mr_js **out_js);

/* The same in a context of the caller's engine. Its global object must take the names: be extensible, and
 * have none of them as a property that is not configurable or whose getter throws. A property of such a
 * name is replaced. On failure every property is as it was before.
 *
 * From then on the opaque pointer of the context's JSRuntime, its interrupt handler, module loader and
 * rejection tracker are the runtime's: an opaque pointer that is set already is MR_EBUSY, and stays
 * set until that JSRuntime is freed. Jobs that are queued in it run as microtasks of the loop. Limits and
 * stack size are the caller's unless an option sets them. The caller frees context and JSRuntime, after
 * mr_js_destroy; what he still runs in it until then finds our functions ended.
 *
 * Returns  as mr_js_create; MR_EJS when the global object does not take a name or something threw: the
 *          exception waits in the context (JS_GetException).
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_attach(mr_loop *loop, struct JSContext *ctx,
                                           const mr_js_options *options, mr_js **out_js);

/* End the runtime, if nothing has, and free its engine and all it made. NULL is fine. No JavaScript runs:
 * for a last `exit` call mr_js_finish before, or let the loop end.
 *
 * Returns  0; MR_EREENTRANT when JavaScript or a hook is running, MR_EWRONGTHREAD.
 * Since    0.1 */
MR_API mr_status mr_js_destroy(mr_js *js);

/* Keep the memory of a runtime, so that another thread may use it in calls that are for any thread, also
 * after its end. Not a reason for it to live. unref takes NULL.
 *
 * Returns  js itself, owned.
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_js *mr_js_ref(mr_js *js);
MR_API MR_ANY_THREAD void mr_js_unref(mr_js *js);

/* A task for the owner: fn(js, arg) as external work of the loop, no JavaScript on the stack; a checkpoint
 * follows. discard(arg, reason) is called instead, on the owner, when the loop or the runtime ends before;
 * without one the loop's on_discard is told. */
typedef void mr_js_task_fn(mr_js *js, void *arg);
typedef struct mr_js_task {
    mr_js_task_fn *fn;
    void *arg;
    mr_discard_fn *discard; /* NULL: none */
} mr_js_task;

/* Submit a task. A thread that may come after mr_js_destroy holds a reference (mr_js_ref).
 *
 * Returns  0; MR_ECLOSED (the runtime or the loop has ended), MR_EBACKPRESSURE, MR_ENOMEM, MR_EINVAL.
 *          On failure fn never runs.
 * Owns     arg passes on success, to exactly one of fn and discard; it stays the caller's on failure.
 * Thread   any; also in hooks; wakes the loop.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_js_submit(mr_js *js, mr_js_task_fn *fn, void *arg);
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_js_submit_with(mr_js *js, const mr_js_task *task);
/* ---- Limits -----------------------------------------------------------------------------------
 *
 * What runs is ended by an error that no script can catch: no catch, finally, iterator close or
 * listener runs, what waited for it stays pending, and it is reported once, on stream 2 (a call of
 * the host's answers with a status instead). The engine looks for it at every 10,000th branch or
 * call and inside regular expressions. It does not look inside a built-in function that works on
 * much data at once (join, fill, sort without a function, JSON.parse, split, padEnd, indexOf in long
 * strings, BigInt to text), in the compiler or in its collector: there the end comes when that
 * returns. A limit over such code needs a process of its own. */

/* Memory over mr_js_options.memory_limit_bytes: a large allocation is refused, which throws an
 * InternalError; small ones, of at most 4 KiB, may go beyond it by as much again and at most 4 MiB,
 * and what runs is ended with MR_ENOMEM when the engine looks next. The same where there is no
 * memory at all. */

/* How long a task may run, which is a callback of the loop with its checkpoint, or an entry from C
 * with its own; 0: no limit, and no clock is read. Counted from where script is first entered in it;
 * waiting does not count. Past it, what runs is ended with MR_ETIMEDOUT, and the rest of the
 * checkpoint has the same time once more. From the next task on. On a simulated loop the clock stands
 * still while script runs: there each time that the engine looks counts as 100 us, which is the same
 * at each run.
 *
 * Returns  0; MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED.
 * Since    0.1 */
MR_API mr_status mr_js_set_callback_limit(mr_js *js, uint64_t limit_ns);

typedef enum mr_js_interrupt_reason {
    MR_JS_INTERRUPT_CALLBACK = 1, /* end the callback that runs; forgotten when none runs */
    MR_JS_INTERRUPT_RUNTIME       /* end it, and let no JavaScript run any more, not even 'exit' */
} mr_js_interrupt_reason;

/* End what runs, with MR_ECANCELED. The stronger of two reasons stays. When nothing runs,
 * MR_JS_INTERRUPT_RUNTIME takes effect before the next callback does. Safe in a signal handler.
 *
 * Returns  0; MR_EINVAL.
 * Thread   any, while js is alive.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_js_interrupt(mr_js *js, mr_js_interrupt_reason reason);

/* A value of the runtime, counted; belongs to its runtime. */
typedef struct mr_js_value mr_js_value;

/* Evaluate source text. The synchronous part runs now, then a checkpoint if no JavaScript is on the
 * stack and no callback of the loop is running. What a module throws after its first await goes
 * through uncaughtException.
 *
 * name        file name for stacks and relative imports; NULL: "[eval]".
 * out_value   completion value (for a module, or MR_JS_EVAL with a top-level await: its promise),
 *             owned, or NULL.
 * Returns     0; MR_EJS when it threw (mr_js_last_error tells what); MR_ECANCELED when it called
 *             process.exit; MR_ECLOSED when the runtime has stopped; MR_EINVAL, MR_EWRONGTHREAD.
 * Since       0.1 */
MR_API MR_NODISCARD mr_status mr_js_eval(mr_js *js, const char *source, size_t len_bytes,
                                         const char *name, mr_js_kind kind,
                                         mr_js_value **out_value);

/* Evaluate as MR_JS_EVAL and write the completion value, once it is known, to stream 1 as the
 * console shows it.
 *
 * Returns  as mr_js_eval.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_eval_print(mr_js *js, const char *source, size_t len_bytes,
                                               const char *name);

/* Evaluate a file, as mr_js_eval. "-" is standard input.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_run_file(mr_js *js, const char *path, mr_js_kind kind,
                                             mr_js_value **out_value);

/* Call a function with arguments; this_value NULL: undefined. A checkpoint follows as in
 * mr_js_eval.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_call(mr_js *js, mr_js_value *fn, mr_js_value *this_value,
                                         size_t argc, mr_js_value *const *argv,
                                         mr_js_value **out_value);

/* A property of an object, or of the global object when object is NULL; owned. name is UTF-8. Getters,
 * setters and proxies of the script run.
 *
 * Returns  as mr_js_call.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_get(mr_js *js, mr_js_value *object, const char *name,
                                        mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_set(mr_js *js, mr_js_value *object, const char *name,
                                        mr_js_value *value);

/* Values from C; owned. Strings are UTF-8, invalid sequences become U+FFFD, a zero is a character like
 * others. An integer up to 2^53-1 in magnitude is a number, beyond a BigInt; with
 * mr_js_options.always_bigint each is a BigInt.
 *
 * Returns  0; MR_ENOMEM, MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED. On failure *out_value is untouched.
 * Thread   owner; also in hooks.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_from_string(mr_js *js, const char *text, size_t len_bytes,
                                                mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_double(mr_js *js, double number, mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_int64(mr_js *js, int64_t number, mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_uint64(mr_js *js, uint64_t number,
                                                mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_bool(mr_js *js, bool value, mr_js_value **out_value);

/* Bytes from C as a Uint8Array; owned. mr_js_from_bytes copies. mr_js_from_owned_bytes does not: the script
 * sees, and may write, the memory itself until release(data, len_bytes, arg) is called: once, on the owner
 * thread, outside JavaScript, at a call or job after the last buffer of it was collected, transferred or
 * detached, at the latest when the runtime's engine is freed. release NULL: the memory lives longer.
 *
 * Returns  as above; MR_ERANGE beyond 2^31-1 bytes, which is the engine's most.
 * Owns     data passes to the script on success; it stays the caller's on failure.
 * Thread   owner; also in hooks.
 * Since    0.1 */
typedef void mr_js_release_fn(void *data, size_t len_bytes, void *arg);
MR_API MR_NODISCARD mr_status mr_js_from_bytes(mr_js *js, const void *data, size_t len_bytes,
                                               mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_owned_bytes(mr_js *js, void *data, size_t len_bytes,
                                                     mr_js_release_fn *release, void *arg,
                                                     mr_js_value **out_value);

/* The bytes of an ArrayBuffer, a SharedArrayBuffer, a typed array or a DataView, those of the view alone.
 *
 * borrow   *out_data is borrowed until JavaScript runs next or the value is released; it may be written.
 * copy     *out_data is owned: release with mr_js_free. A zero byte follows the last one.
 * take     the same, and the whole buffer is detached: the script has it no more.
 *
 * Returns  0; MR_EINVAL (something else than such an object), MR_ENOENT (detached, or out of its buffer's
 *          bounds), MR_ENOTSUP (take of shared memory), MR_ENOMEM, MR_EREENTRANT (in a hook),
 *          MR_EWRONGTHREAD, MR_ECLOSED. On failure the outputs and the buffer are untouched.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_borrow_bytes(mr_js *js, mr_js_value *value, void **out_data,
                                                 size_t *out_len_bytes);
MR_API MR_NODISCARD mr_status mr_js_copy_bytes(mr_js *js, mr_js_value *value, void **out_data,
                                               size_t *out_len_bytes);
MR_API MR_NODISCARD mr_status mr_js_take_bytes(mr_js *js, mr_js_value *value, void **out_data,
                                               size_t *out_len_bytes);

/* A C function that JavaScript can call. It returns 0 and may set *out_value (owned, passes to the
 * engine; NULL: undefined), or a status that becomes an Error of the status's class with `code`; MR_EJS
 * after a call that answered MR_EJS throws what that call threw. Arguments are borrowed until it
 * returns; arg until the runtime ends.
 *
 * name      of the function, borrowed until it returns; NULL: "".
 * Returns   as mr_js_from_string.
 * Thread    owner; also in hooks.
 * Since     0.1 */
typedef mr_status mr_js_function_fn(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                                    mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_function_create(mr_js *js, const char *name,
                                                    mr_js_function_fn *fn, void *arg,
                                                    mr_js_value **out_value);

/* A module for scripts, under a bare name, as "db" or "millrace:db": for import, import() and require, before
 * the names of `node:` and packages. init(js, exports, arg) is called once, when a script first asks for the
 * module; it gives the object exports its members (mr_js_set). They are the names that can be imported; the
 * object itself is the default export, and what require returns. A status other than 0 becomes an error as
 * that of a function does; every importer gets that error.
 *
 * name      borrowed until it returns; not empty, at most 255 bytes, no path, not beginning with "node:" or
 *           what begins a URL.
 * arg       borrowed until the runtime ends.
 * Returns   0; MR_EEXIST, MR_EINVAL, MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED.
 * Thread    owner; also in hooks.
 * Since     0.1 */
typedef mr_status mr_js_module_fn(mr_js *js, mr_js_value *exports, void *arg);
MR_API MR_NODISCARD mr_status mr_js_module_add(mr_js *js, const char *name, mr_js_module_fn *init,
                                               void *arg);

/* Values to C. The string is owned, and terminated: release with mr_js_free. Lone surrogates become U+FFFD.
 * Conversion may run script (toString, valueOf). Integers come from numbers that are integral, safe (up to
 * 2^53-1 in magnitude) and not -0, and from BigInts that fit; all else that is a number is MR_ERANGE.
 *
 * Returns   0; MR_ERANGE, MR_EJS, MR_ENOMEM, MR_EINVAL, MR_EREENTRANT (in a hook), MR_EWRONGTHREAD,
 *           MR_ECLOSED. On failure the outputs are untouched.
 * Since     0.1 */
MR_API MR_NODISCARD mr_status mr_js_to_string(mr_js *js, mr_js_value *value, char **out_text,
                                              size_t *out_len_bytes);
MR_API MR_NODISCARD mr_status mr_js_to_double(mr_js *js, mr_js_value *value, double *out_number);
MR_API MR_NODISCARD mr_status mr_js_to_int64(mr_js *js, mr_js_value *value, int64_t *out_number);
MR_API MR_NODISCARD mr_status mr_js_to_uint64(mr_js *js, mr_js_value *value, uint64_t *out_number);
MR_API MR_ANY_THREAD void mr_js_free(void *text);

/* The value as the console shows it; owned: release with mr_js_free.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_inspect(mr_js *js, mr_js_value *value, char **out_text,
                                            size_t *out_len_bytes);

/* A value of a script as one of promises and errors, and back; see <millrace/value.h>.
 *
 *   undefined, null, booleans      the same
 *   number                         int where it is a safe integer but not -0, else double
 *   BigInt                         int, or uint where it fits that alone; else MR_ERANGE
 *   string                         text in UTF-8
 *   ArrayBuffer, a view of one     bytes, copied; detached ones are script values
 *   Promise                        the promise that follows it, and back: each has one of the other
 *   Error                          an error with its message, cause and members (`errors`, where that
 *                                  is an array); the code that `code` names, else MR_EAGGREGATE with
 *                                  members and MR_EJS without. Rings are cut; of a chain of causes
 *                                  the 64 outermost are kept
 *   any other object, symbol       a script value: the same object comes back
 *
 * To a script: an int beyond 2^53-1 is a BigInt (mr_js_options.always_bigint: each is), bytes are a
 * Uint8Array of their own, an array an Array (of mr_promise_all_settled with
 * objects {status, value} or {status, reason}), an error an Error of its code's class with message,
 * code, cause and errors, pointers and customs an object that says nothing. An error and what was made
 * of it are one: it comes back as the same object, in both directions. A script value that a runtime
 * left behind, or of another runtime, is undefined. Arrays, members and reasons nested 500 deep throw a
 * RangeError. What an object that was collected held is released at the next call or job.
 *
 * A promise shown to the other side counts as handled; there its rejection is reported, if nothing is
 * attached. One that a script gives back to C is reported by C, if neither has attached anything; one
 * that C gives back to the script it came from counts as handled. From C to a script no job comes in between, from a
 * script to C one.
 *
 * Returns  0; MR_ENOMEM, MR_ERANGE, MR_EJS, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Owns     the value given is borrowed; the output is owned.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_to_value(mr_js *js, mr_js_value *value, mr_value *out_value);
MR_API MR_NODISCARD mr_status mr_js_from_value(mr_js *js, mr_value value, mr_js_value **out_value);

/* A native promise and the settler of it, which any thread may use once (mr_settler_resolve and its
 * siblings). A builder that fails rejects.
 *
 * Returns  as mr_js_from_value.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_promise_create(mr_js *js, mr_js_value **out_value,
                                                   mr_settler *out_settler);

/* ---- abort signals ---- */

/* Told of the abort of a script's signal; reason is lent until it returns. A failure surfaces as what a
 * listener throws does: as an exception of the status's class, on a tick; the others are told. */
typedef mr_status mr_js_abort_fn(mr_js *js, mr_js_value *reason, void *arg);

typedef struct mr_js_track mr_js_track; /* counted */

/* Have fn called once when the script's AbortSignal aborts, before its listeners; or learn that it has:
 * then *out_track is NULL and fn is not called. A signal that can still abort is not collected while
 * it is tracked.
 *
 * Returns  0; MR_EINVAL (no AbortSignal of this runtime), MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED. On
 *          failure the outputs are untouched.
 * Owns     arg passes to fn when it is called, and back to the caller where mr_js_signal_untrack
 *          returns 0: always one of the two, unless neither happens. *out_track is owned: release
 *          with mr_js_track_unref, which does not untrack.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_signal_track(mr_js *js, mr_js_value *signal, mr_js_abort_fn *fn,
                                                 void *arg, mr_js_track **out_track,
                                                 bool *out_aborted);

/* Track no more. It may be called again, before, during and after the abort, and after the end of the
 * runtime and of the loop.
 *
 * Returns  0: fn was not called and never will be; MR_ENOENT: it was, it is being called, or this was
 *          untracked before; MR_EINVAL (NULL).
 * Thread   any; what the runtime holds for it is released on the owner.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_status mr_js_signal_untrack(mr_js_track *track);

/* Release a track; NULL is fine.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD void mr_js_track_unref(mr_js_track *track);

/* The abort signal of C that a script's AbortSignal has, for mr_offload, mr_sleep and all that takes
 * one; and the AbortSignal that a signal of C has. Both abort together: what aborts the one aborts the
 * other inside the same call, with the same reason, as mr_js_to_value and mr_js_from_value know
 * reasons. Each has one of the other, so that what goes there and back comes back as it was. The
 * AbortError and the TimeoutError of a script are errors of code MR_EABORT and MR_ETIMEDOUT.
 *
 * A signal that can still abort lives while something waits for it on either side. When the runtime
 * ends, a signal of C that follows one of its scripts will not abort any more.
 *
 * Returns  0; MR_EINVAL (no AbortSignal of this runtime, a signal of another loop), MR_ENOMEM, MR_EJS,
 *          MR_EWRONGTHREAD, MR_ECLOSED.
 * Owns     what is given is borrowed; the output is owned.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_to_abort_signal(mr_js *js, mr_js_value *value,
                                                    mr_abort_signal **out_signal);
MR_API MR_NODISCARD mr_status mr_js_from_abort_signal(mr_js *js, mr_abort_signal *signal,
                                                      mr_js_value **out_value);

/* Release a value; NULL is fine; also legal after the runtime's end.
 *
 * Since 0.1 */
MR_API void mr_js_value_unref(mr_js_value *value);

/* What the last MR_EJS of this runtime threw, as an error with message, code and cause (mr_js_to_value). To a
 * script it is what was thrown: an error that holds a number comes back as that number.
 *
 * Returns  0; MR_ENOENT (nothing was thrown, or mr_js_raise took it), MR_ENOMEM, MR_EINVAL,
 *          MR_EREENTRANT, MR_EWRONGTHREAD, MR_ECLOSED.
 * Owns     *out_error is owned: release with mr_error_unref.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_exception(mr_js *js, mr_error **out_error);

/* The text of the last MR_EJS of this runtime as the command would report it, with stack: borrowed
 * until the next call on the runtime. "" if there was none.
 *
 * Since 0.1 */
MR_API const char *mr_js_last_error(mr_js *js);

/* Put the exception of the last MR_EJS through uncaughtException as if it had left a callback.
 *
 * Since 0.1 */
MR_API void mr_js_raise(mr_js *js);

/* Report that nothing is left to do: emits 'beforeExit'. For the loop's quiescence handler.
 *
 * Since 0.1 */
MR_API void mr_js_before_exit(mr_js *js);

/* Whether the script has ended, by process.exit, by a fatal error or because nothing was left, and with
 * which code: 0 to 255. false: it runs, or was cut off by mr_loop_close or mr_js_destroy.
 *
 * Since 0.1 */
MR_API bool mr_js_exit_code(const mr_js *js, int *out_code);

/* The end of a script, which also the graceful end of the loop is: emits 'exit' if that has not happened
 * and stops the runtime; no JavaScript runs any more. Says the status the process should end with: 0 to
 * 255; 13 when the top-level await of the first module that was evaluated never settled.
 *
 * Since 0.1 */
MR_API int mr_js_finish(mr_js *js);

/* Numbers of a runtime. */
typedef struct mr_js_stats {
    size_t size_bytes; /* sizeof(mr_js_stats), set by the caller */
    uint64_t cache_hits, cache_misses, cache_evictions;
    double cache_hit_ratio; /* hits of all look-ups, 0 to 1; 0 before the first */
    uint64_t cache_entries; /* kept now */
    uint64_t values;        /* handles that C holds */
    uint64_t hook_failures; /* hooks that answered something other than 0 */
} mr_js_stats;

/* Copy the numbers; also in hooks and after the end.
 *
 * Returns  0; MR_EINVAL (size_bytes too), MR_EWRONGTHREAD. On failure *out_stats is untouched.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_get_stats(mr_js *js, mr_js_stats *out_stats);

/* What an engine can do; what is neither here nor ECMA-262 of 2020 nobody asked for yet. */
typedef enum mr_js_feature {
    MR_JS_WEAK_REFS = 1 << 0,         /* WeakRef, FinalizationRegistry */
    MR_JS_SHARED_MEMORY = 1 << 1,     /* SharedArrayBuffer, Atomics */
    MR_JS_RESIZABLE_BUFFERS = 1 << 2, /* new ArrayBuffer(n, { maxByteLength }) */
    MR_JS_BUFFER_TRANSFER = 1 << 3,   /* ArrayBuffer.prototype.transfer */
    MR_JS_FLOAT16 = 1 << 4,           /* Float16Array */
    MR_JS_REGEXP_SETS = 1 << 5,       /* the flag v of regular expressions */
    MR_JS_ITERATOR_HELPERS = 1 << 6,  /* Iterator.prototype.map and its siblings */
    MR_JS_SET_METHODS = 1 << 7,       /* Set.prototype.union and its siblings */
    MR_JS_PROMISE_TRY = 1 << 8,
    MR_JS_ARRAY_FROM_ASYNC = 1 << 9,
    MR_JS_ERROR_IS_ERROR = 1 << 10,
    MR_JS_DISPOSE = 1 << 11, /* Symbol.dispose */
    MR_JS_USING = 1 << 12,   /* the declaration `using` */
    MR_JS_TEMPORAL = 1 << 13,
    MR_JS_INTL = 1 << 14
} mr_js_feature;

/* Which of these the engine in use has: asks an engine made for the moment, which takes a millisecond or
 * two.
 *
 * Returns  0; MR_ENOMEM, MR_EINVAL. On failure *out_features is untouched.
 * Thread   any.
 * Since    0.1 */
MR_API MR_NODISCARD MR_ANY_THREAD mr_status mr_js_features(uint64_t *out_features);

/* Version of the engine, as "0.17.0".
 *
 * Since 0.1 */
MR_API const char *mr_js_engine_version(void);

MR_END_DECLS

#endif
