/* A JavaScript runtime (QuickJS-ng) on a Millrace loop.
 *
 * mr_js_create makes an engine on a loop and installs the global names; mr_js_eval, mr_js_run_file
 * and mr_js_call run code on the owner thread; everything that the code schedules runs as callbacks
 * of the loop. One runtime per loop and one loop per runtime. mr_js_destroy may come before or
 * after the end of the loop.
 *
 * On a simulated loop (mr_loop_options.simulate) a script is told virtual time and numbers of the
 * seed: Date, which starts at 2000-01-01T00:00:00Z plus mr_simulate.start_ns, performance,
 * process.hrtime and uptime, Math.random, process.pid, and what node:os says of the moment. File
 * work ends in an order of the seed's. What files hold, the environment and standard input are the
 * real ones, and the time zone is that of the process: for runs that repeat everywhere, set TZ=UTC.
 *
 * Every call is for the owner thread of the loop. A runtime does not come along into a forked
 * child: such a child may exec, _exit, or make a loop and a runtime of its own.
 *
 * Since 0.1 */
#ifndef MILLRACE_JS_H
#define MILLRACE_JS_H

#include <millrace/loop.h>
#include <millrace/promise.h>

MR_BEGIN_DECLS

typedef struct mr_js mr_js;

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

/* A limit that what runs has come to. */
typedef enum mr_js_limit {
    MR_JS_LIMIT_TIME = 1, /* mr_js_options.callback_limit_ns */
    MR_JS_LIMIT_MEMORY    /* an allocation over memory_limit_bytes was refused */
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
    bool exit_closes_loop;           /* process.exit and fatal errors also ask the loop to close */
    size_t memory_limit_bytes;       /* 0: none */
    size_t stack_bytes;              /* 0: 1 MiB; always at most the thread's stack less 256 KiB */
    uint64_t callback_limit_ns;      /* as mr_js_set_callback_limit */
    mr_js_limit_fn *on_limit;        /* NULL: time ends the callback, a refused allocation throws */
    void *on_limit_arg;
} mr_js_options;

/* Make a runtime on the loop and install its global names.
 *
 * Returns  0; MR_EINVAL, MR_EBUSY (the loop has a runtime), MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED.
 * Owns     *out_js is owned: release with mr_js_destroy.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_create(mr_loop *loop, const mr_js_options *options,
                                           mr_js **out_js);

/* Free the runtime and all it made. NULL is fine.
 *
 * Returns  0; MR_EREENTRANT when JavaScript is running, MR_EWRONGTHREAD.
 * Since    0.1 */
MR_API mr_status mr_js_destroy(mr_js *js);

/* ---- Limits -----------------------------------------------------------------------------------
 *
 * What runs is ended by an error that no script can catch: no catch, finally, iterator close or
 * listener runs, what waited for it stays pending, and it is reported once, on stream 2 (a call of
 * the host's answers with a status instead). The engine looks for it at every 10,000th branch or
 * call and inside regular expressions. It does not look inside a built-in function that works on
 * much data at once (join, fill, sort without a function, JSON.parse, split, padEnd, indexOf in long
 * strings, BigInt to text), in the compiler or in its collector: there the end comes when that
 * returns. A limit over such code needs a process of its own. */

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

/* A property of an object, or of the global object when object is NULL; owned.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_get(mr_js *js, mr_js_value *object, const char *name,
                                        mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_set(mr_js *js, mr_js_value *object, const char *name,
                                        mr_js_value *value);

/* Values from C; owned. Strings are UTF-8, invalid sequences become U+FFFD.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_from_string(mr_js *js, const char *text, size_t len_bytes,
                                                mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_double(mr_js *js, double number, mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_int64(mr_js *js, int64_t number, mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_from_bool(mr_js *js, bool value, mr_js_value **out_value);

/* A C function that JavaScript can call. It returns 0 and may set *out_value (owned, passes to the
 * engine; NULL: undefined), or a status that becomes an Error of the status's class with `code`.
 * Arguments are borrowed until it returns.
 *
 * Since 0.1 */
typedef mr_status mr_js_function_fn(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                                    mr_js_value **out_value);
MR_API MR_NODISCARD mr_status mr_js_function_create(mr_js *js, const char *name,
                                                    mr_js_function_fn *fn, void *arg,
                                                    mr_js_value **out_value);

/* Values to C. The string is owned: release with mr_js_free. Conversion may run script (toString).
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_to_string(mr_js *js, mr_js_value *value, char **out_text,
                                              size_t *out_len_bytes);
MR_API MR_NODISCARD mr_status mr_js_to_double(mr_js *js, mr_js_value *value, double *out_number);
MR_API MR_NODISCARD mr_status mr_js_to_int64(mr_js *js, mr_js_value *value, int64_t *out_number);
MR_API void mr_js_free(void *text);

/* The value as the console shows it; owned: release with mr_js_free.
 *
 * Since 0.1 */
MR_API MR_NODISCARD mr_status mr_js_inspect(mr_js *js, mr_js_value *value, char **out_text,
                                            size_t *out_len_bytes);

/* A value of a script as one of promises and errors, and back; see <millrace/value.h>.
 *
 *   undefined, null, booleans      the same
 *   number                         int where it is a safe integer but not -0, else double
 *   BigInt                         int; MR_ERANGE where it does not fit
 *   string                         text in UTF-8
 *   Uint8Array                     bytes, copied
 *   Promise                        the promise that follows it, and back: each has one of the other
 *   Error                          an error with its message, cause and members (`errors`, where that
 *                                  is an array); the code that `code` names, else MR_EAGGREGATE with
 *                                  members and MR_EJS without. Rings are cut; of a chain of causes
 *                                  the 64 outermost are kept
 *   any other object, symbol       a script value: the same object comes back
 *
 * To a script: an int beyond 2^53-1 is a BigInt, an array an Array (of mr_promise_all_settled with
 * objects {status, value} or {status, reason}), an error an Error of its code's class with message,
 * code, cause and errors, pointers and customs an object that says nothing. An error and what was made
 * of it are one: it comes back as the same object, in both directions. A script value that a runtime
 * left behind, or of another runtime, is undefined. Arrays, members and reasons nested 500 deep throw a
 * RangeError. What an object that was collected held is released at the next call or job.
 *
 * A promise shown to the other side, also one that came from there, counts as handled; there its
 * rejection is reported, if nothing is attached. From C to a script no job comes in between, from a
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

/* Release a value; NULL is fine; also legal after the runtime's end.
 *
 * Since 0.1 */
MR_API void mr_js_value_unref(mr_js_value *value);

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

/* Whether the runtime has stopped by process.exit or a fatal error, and with which status.
 *
 * Since 0.1 */
MR_API bool mr_js_exited(const mr_js *js, int *out_status);

/* The end of a script: emits 'exit' if that has not happened and stops the runtime; no JavaScript
 * runs any more. Says the status the process should end with: 0 to 255; 13 when the top-level await
 * of the first module that was evaluated never settled.
 *
 * Since 0.1 */
MR_API int mr_js_finish(mr_js *js);

/* Version of the engine, as "0.17.0".
 *
 * Since 0.1 */
MR_API const char *mr_js_engine_version(void);

MR_END_DECLS

#endif
