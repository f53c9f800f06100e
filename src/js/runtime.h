/* The JavaScript room's own shared header: what each API family's file needs of the runtime.
 *
 * One mr_js is one engine runtime with one context on one loop. Every function here is for the
 * owner thread. Functions that return int or JSValue follow the engine's way: -1 or JS_EXCEPTION
 * with the exception waiting in the context. */
#ifndef MR_JS_RUNTIME_H
#define MR_JS_RUNTIME_H

#include <quickjs.h>

#include <millrace/js.h>

#include <stdatomic.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "js/heap.h"
#include "js/limits.h"
#include "loop/extend.h"

struct mr_js {
    mr_loop *loop;         /* counted: the runtime may outlive every other user of the loop */
    _Atomic uint32_t refs; /* of the memory: the owner's until it destroys the runtime, submissions,
                              others that may submit, an engine that is not ours */
    _Atomic bool ended;    /* as gone, for other threads */
    JSRuntime *rt;
    JSContext *ctx;
    mr_js_options options;

    bool attached;     /* the engine is the host's */
    bool in_hook;      /* a hook of the host's runs */
    bool in_turn;      /* the host was told that a turn began */
    uint64_t turn;     /* … of that number */
    bool concluded;    /* the end but for the engine is over */
    mr_js_hooks hooks; /* zeroed: none */
    uint64_t hook_failures;
    mr__end_notice loop_end;
    mr__js_heap heap; /* of an engine of ours */
    mr__js_limits limits;
    unsigned depth;     /* entries from C into JavaScript that have not returned */
    uintptr_t stack;    /* the frame that the engine was told its stack begins at */
    bool gone;          /* the gate: set once, then no JavaScript runs any more */
    bool exiting;       /* process.exit or a fatal error: 'exit' was or is being emitted */
    bool has_exit_code; /* process.exitCode is set */
    int exit_code;

    /* State of the families, each owned by the file of the same name. */
    struct mr__js_jobs *jobs;
    struct mr__js_ticks *ticks;
    struct mr__js_rejections *rejections;
    struct mr__js_timers *timers;
    struct mr__js_delay *delays; /* list of those that wait */
    struct mr__js_console *console;
    struct mr__js_process *process;
    struct mr__js_modules *modules;
    struct mr__js_builtins *builtins;
    struct mr__js_primordials *primordials;
    struct mr__js_fs *fs;
    struct mr__js_error_stacks *error_stacks; /* NULL in a context of the host's */
    struct mr__js_buffers *buffers;
    struct mr__js_events *events;
    struct mr__js_bridge *bridge;
    struct {
        JSClassID url, params, iterator;
        JSValue constructor, params_constructor;
    } url;                      /* classes of url.c */
    struct mr__js_cache *cache; /* NULL: off */
    struct mr__js_kept *kept;
    struct mr__js_webapi *webapi;
    bool shares_memory;      /* shared buffers count those that show their bytes */
    struct mr__shown *shown; /* classes of ours that the inspector knows; inspect_platform.c */
    struct mr__js_simulation *simulation; /* NULL: the real world */

    uint64_t created_ns;   /* the loop's clock, for uptime and performance.now */
    double time_origin_ms; /* the same moment in Unix time */
    JSValue performance;   /* the global object of that name, once asked for */
    struct {
        JSValue constructor, prototype;
        JSValue create, fields; /* of internal/dom_exception, undefined before the first one */
    } dom;                      /* DOMException */
    JSValue entry;              /* promise of the first module evaluated, undefined if none */
    JSValue failure;            /* what the last MR_EJS threw */
    bool failed;                /* failure holds something */
    bool failure_rejected;      /* it was the rejection of a module */
    bool entry_rejected;        /* what is being thrown is one */
    mr__bytes failure_text;     /* its report, made when asked for */
    mr__bytes eval_name, eval_source;        /* the last text that came from no file, for reports */
    struct mr__js_host_module *host_modules; /* list */
    struct mr_js_value *values;              /* list of those that C holds */
    size_t value_count;                      /* of that list */
    void *stdin_request;                     /* stdin.c: the read that waits */
    struct mr_js_repl *repl;                 /* NULL: none */
    bool stdin_held;                         /* it waits for mr_js_repl_own_input */
    struct mr__js_promise_trace *promise_trace; /* NULL: off */
};

static inline mr_js *mr__js_of(JSContext *ctx)
{
    return JS_GetRuntimeOpaque(JS_GetRuntime(ctx));
}

/* Each family: install defines its names on the global object (or sets up its state), destroy frees
 * its state while the context still lives; both tolerate a half-made runtime. */
int mr__js_builtins_install(mr_js *js, JSValueConst global);
void mr__js_builtins_destroy(mr_js *js);
int mr__js_dom_exception_install(mr_js *js, JSValueConst global);
void mr__js_dom_exception_destroy(mr_js *js);
int mr__js_jobs_install(mr_js *js, JSValueConst global); /* queueMicrotask, rejections */
int mr__js_webapi_install(mr_js *js, JSValueConst global);
void mr__js_webapi_destroy(mr_js *js);
void mr__js_jobs_destroy(mr_js *js);
int mr__js_ticks_install(mr_js *js, JSValueConst global);
void mr__js_ticks_destroy(mr_js *js);
int mr__js_url_install(mr_js *js, JSValueConst global); /* URL, URLSearchParams */
void mr__js_url_destroy(mr_js *js);
int mr__js_timers_install(mr_js *js, JSValueConst global);
void mr__js_timers_destroy(mr_js *js);
int mr__js_delay_install(mr_js *js, JSValueConst global);
int mr__js_console_install(mr_js *js, JSValueConst global);
void mr__js_console_destroy(mr_js *js);
int mr__js_process_install(mr_js *js, JSValueConst global);
void mr__js_process_destroy(mr_js *js);
int mr__js_modules_install(mr_js *js, JSValueConst global);
void mr__js_modules_destroy(mr_js *js);
int mr__js_bridge_install(mr_js *js, JSValueConst global);
void mr__js_bridge_destroy(mr_js *js);
void mr__js_bridge_free(mr_js *js); /* after the engine, whose objects still look at it */
int mr__js_events_install(mr_js *js, JSValueConst global); /* EventTarget, AbortSignal and kin */
void mr__js_events_destroy(mr_js *js);
void mr__js_events_free(mr_js *js); /* after the engine */
int mr__js_error_stacks_install(mr_js *js, JSValueConst global);
void mr__js_error_stacks_destroy(mr_js *js);
/* The frames that the engine or Error.captureStackTrace kept of an error, without a head: text,
 * undefined, or what Error.prepareStackTrace gave. Owned. Runs no script. */
JSValue mr__js_error_frames(mr_js *js, JSValueConst error);
/* frames, which pass in, behind the error's own `Name: message`. What is not frames stays as it is. */
JSValue mr__js_error_stack(mr_js *js, JSValueConst error, JSValue frames);
int mr__js_fs_install(mr_js *js, JSValueConst global);
void mr__js_fs_destroy(mr_js *js);
int mr__js_buffer_install(mr_js *js, JSValueConst global);
void mr__js_buffer_destroy(mr_js *js);

/* ---- builtins.c: the JavaScript part of the library -------------------------------------------
 * Each file src/js/lib/NAME.js is the body of a function (primordials, binding, require) that
 * returns its exports; it is compiled to bytecode at build time and run at its first use. */

/* Exports of the built-in file NAME ("events", "internal/errors", "fs/promises"), owned. */
JSValue mr__js_builtin(mr_js *js, const char *name);
/* Whether `node:NAME` exists for scripts (internal ones do not). */
bool mr__js_builtin_is_public(const char *name);
/* The public names, NULL-terminated, sorted. */
const char *const *mr__js_builtin_names(void);

/* A native namespace that binding('NAME') gives to built-in files, made at its first use. */
typedef int mr__js_binding_init(mr_js *js, JSValueConst target);
typedef struct mr__js_binding {
    const char *name;
    mr__js_binding_init *init;
} mr__js_binding;
int mr__js_binding_util(mr_js *js, JSValueConst target);    /* inspect_binding.c */
int mr__js_binding_fs(mr_js *js, JSValueConst target);      /* fs.c */
int mr__js_binding_events(mr_js *js, JSValueConst target);  /* web_binding.c */
int mr__js_binding_object(mr_js *js, JSValueConst target);  /* object_binding.c */
int mr__js_binding_os(mr_js *js, JSValueConst target);      /* os_info.c */
int mr__js_binding_process(mr_js *js, JSValueConst target); /* process.c */
int mr__js_binding_timers(mr_js *js, JSValueConst target);  /* timers.c */
int mr__js_binding_buffer(mr_js *js, JSValueConst target);  /* buffer_binding.c */
int mr__js_binding_modules(mr_js *js, JSValueConst target); /* modules.c */
int mr__js_binding_url(mr_js *js, JSValueConst target);     /* url.c */
int mr__js_binding_webapi(mr_js *js, JSValueConst target);  /* webapi.c */

/* ---- errors.c ---------------------------------------------------------------------------------*/

/* Throw an Error of class ("TypeError", "RangeError", "Error", "SyntaxError") with an own `code`,
 * whose stack starts with `Class [CODE]: message` as Node.js shows it. Returns JS_EXCEPTION. */
JSValue mr__js_throw_code(JSContext *ctx, const char *js_class, const char *code,
                          const char *format, ...) MR_PRINTF(4, 5);
/* The 'callback' / 'listener' argument check of Node.js: ERR_INVALID_ARG_TYPE unless callable. */
int mr__js_not_function(JSContext *ctx, JSValueConst value, const char *argument);
static inline int mr__js_check_function(JSContext *ctx, JSValueConst value, const char *argument)
{
    return MR_LIKELY(JS_IsFunction(ctx, value)) ? 0 : mr__js_not_function(ctx, value, argument);
}
/* Throw an Error for a failed system call: message "ENOENT: no such file or directory, open 'x'",
 * own errno (negative), code, syscall, path, dest; path and dest may be NULL. */
JSValue mr__js_throw_errno(JSContext *ctx, int err, const char *syscall, const char *path,
                           const char *dest);
JSValue mr__js_new_errno(JSContext *ctx, int err, const char *syscall, const char *path,
                         const char *dest); /* the same, returned instead of thrown */

/* ---- inspect.c: values as text, as util.inspect of Node.js writes them ------------------------*/

typedef struct mr__inspect_options {
    int depth;            /* levels below the value; INT_MAX for all */
    int max_array_length; /* items shown; INT_MAX for all */
    int max_string_length;
    int break_length;
    int compact; /* 0: one entry a line */
    bool show_hidden, colors, custom, show_proxy, sorted, getters, numeric_separator;
} mr__inspect_options;
extern const mr__inspect_options mr__inspect_defaults; /* depth 2, 100, 10000, 80, 3, custom */

/* Append the text of value. Runs no script unless options.custom finds a
 * Symbol.for('nodejs.util.inspect.custom') function. -1 with an exception. */
int mr__js_inspect(mr_js *js, mr__bytes *out, JSValueConst value,
                   const mr__inspect_options *options);
/* Append util.format(...argv). */
int mr__js_format(mr_js *js, mr__bytes *out, int argc, JSValueConst *argv, bool colors);

/* ---- console.c --------------------------------------------------------------------------------*/

enum { MR__STDOUT = 1, MR__STDERR = 2 };
/* Give bytes to the host's sink, synchronously and whole. */
void mr__js_write(mr_js *js, int stream, const char *data, size_t len);

/* ---- exception.c: the one way from C into script, and what happens to what leaves it ----------*/

/* Take the waiting exception of the context and put it through uncaughtExceptionMonitor,
 * uncaughtException, or the fatal report and exit 1. */
void mr__js_uncaught(mr_js *js, bool from_rejection);
/* Take an exception value the same way (value passes in). */
void mr__js_uncaught_value(mr_js *js, JSValue value, bool from_rejection);
/* End of the script's life with a status: emits 'exit', shuts the gate, asks the loop to close. The
 * caller then throws the uncatchable error (mr__js_throw_exit). */
void mr__js_exit(mr_js *js, int code, bool has_code);
/* The same without 'exit': no listener runs any more. */
void mr__js_end_at_once(mr_js *js, int code);
JSValue mr__js_throw_exit(mr_js *js);
/* Append the report of an uncaught value: where it was thrown with the source line and a caret, the
 * value as the console shows it, the stack. Runs no script. */
void mr__js_report(mr_js *js, mr__bytes *out, JSValueConst value);

/* ---- modules.c / commonjs.c -------------------------------------------------------------------*/

/* Evaluate a file as its kind says (module, CommonJS, classic script). The result is the completion
 * value or the module's promise. */
JSValue mr__js_run_file(mr_js *js, const char *path, mr_js_kind kind);

#endif
