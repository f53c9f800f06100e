/* A read-eval-print loop in a runtime: lines go in, results come out through the runtime's sink.
 *
 * The host reads lines from wherever it likes and runs the loop meanwhile; `millrace repl` does that
 * with a terminal. A line that starts with a dot is a command (.help lists them). Other lines are
 * collected until they are a whole script, which then runs as one callback, with top-level await. Its
 * value is written to stream 1 as the console shows it, and is `_` afterwards; what it throws is
 * written there too, and is `_error`. Later inputs may declare the same name with let, const or class
 * again. To make that possible these names are properties of the global object, not enumerable.
 *
 * While the session lives, nothing that a script throws ends the runtime: what leaves a callback and
 * has no listener is written to stream 1. process.exit ends it as usual. Scripts see the names `_`,
 * `_error`, `require`, and the modules of the host by their names (`fs`, `path`), made when used.
 *
 * All calls are for the owner thread of the loop, except where another is named.
 *
 * Since 0.1 */
#ifndef MILLRACE_REPL_H
#define MILLRACE_REPL_H

#include <millrace/js.h>

MR_BEGIN_DECLS

typedef struct mr_js_repl mr_js_repl;

/* What the session waits for. */
typedef enum mr_js_repl_state {
    MR_JS_REPL_READY = 0, /* a new input */
    MR_JS_REPL_MORE,      /* the rest of the present one */
    MR_JS_REPL_EDITOR,    /* lines, until mr_js_repl_end_input (.editor) */
    MR_JS_REPL_BUSY,      /* an await of the last input: run the loop */
    MR_JS_REPL_ENDED      /* nothing any more: .exit, process.exit */
} mr_js_repl_state;

/* Begin a session. One a runtime.
 *
 * Returns  0; MR_EBUSY (there is one), MR_ENOMEM, MR_EINVAL, MR_EWRONGTHREAD, MR_ECLOSED.
 * Owns     *out_repl is owned: release with mr_js_repl_destroy, before the runtime.
 * Since    0.1 */
MR_API MR_NODISCARD mr_status mr_js_repl_create(mr_js *js, mr_js_repl **out_repl);

/* End a session; what it collected and waited for is dropped. NULL is fine.
 *
 * Since 0.1 */
MR_API void mr_js_repl_destroy(mr_js_repl *repl);

/* Since 0.1 */
MR_API mr_js_repl_state mr_js_repl_get_state(const mr_js_repl *repl);

/* Take a line, without its newline; text is borrowed until it returns. A checkpoint follows as in
 * mr_js_eval. While BUSY the line is refused.
 *
 * Returns  0, also when the input threw; MR_EBUSY, MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Since    0.1 */
MR_API mr_status mr_js_repl_line(mr_js_repl *repl, const char *text, size_t len_bytes);

/* No line follows the ones collected: run them as they are. An unfinished input is a SyntaxError.
 *
 * Returns  as mr_js_repl_line.
 * Since    0.1 */
MR_API mr_status mr_js_repl_end_input(mr_js_repl *repl);

/* Drop what was collected, stop waiting for an await: READY. The awaited promise goes on. After
 * mr_js_repl_interrupt the input that is dropped counts as interrupted, which is written.
 *
 * Since 0.1 */
MR_API void mr_js_repl_break(mr_js_repl *repl);

/* Stop the code that is running, as mr_js_interrupt does with MR_JS_INTERRUPT_CALLBACK, and the jobs
 * behind it in its checkpoint; the session goes on. Call mr_js_repl_resume afterwards, outside
 * JavaScript: it says whether something was stopped since the last time.
 *
 * Thread   any; also from a signal handler.
 * Since    0.1 */
MR_API void mr_js_repl_interrupt(mr_js_repl *repl);
MR_API bool mr_js_repl_resume(mr_js_repl *repl);

/* While the host reads standard input itself: reads of process.stdin wait until it no longer does.
 *
 * Since 0.1 */
MR_API void mr_js_repl_own_input(mr_js_repl *repl, bool own);

/* One way to go on with a text; word is borrowed until it returns. */
typedef void mr_js_completion_fn(const char *word, size_t len_bytes, void *arg);

/* Find names that go on with the end of text: keywords, globals and properties. Runs no getter and
 * no proxy's trap. Each word replaces what follows *out_start.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL.
 * Since    0.1 */
MR_API mr_status mr_js_repl_complete(mr_js_repl *repl, const char *text, size_t len_bytes,
                                     mr_js_completion_fn *fn, void *arg, size_t *out_start);

MR_END_DECLS

#endif
