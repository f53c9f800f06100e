/* The REPL of the command: lines from a terminal or from a file, while the loop runs. */
#include "cli/repl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <millrace/version.h>
#include <millrace/watch.h>

#include "cli/editor.h"
#include "cli/output.h"

enum { CHUNK = 65536 };

struct session {
    mr_loop *loop;
    mr_js *js;
    mr_js_repl *repl;
    mr__editor *editor; /* NULL: not a terminal */
    mr_watch input, signals;
    bool readable;
    bool asked_to_leave; /* Ctrl-C on an empty line; the next one leaves */
    char *text;          /* not a terminal: what was read */
    size_t len, at, cap;
    bool at_end;
};

/* ---- Signals: there is one terminal ------------------------------------------------------------
 * A handler only notes what came, stops the code that runs, and wakes the loop through a pipe. */

static struct {
    volatile sig_atomic_t interrupted, redraw;
    int wake[2];
    mr_js_repl *repl;
    struct termios modes; /* of the terminal when the session began */
    bool has_modes;
} terminal;

static void wake(void)
{
    int error = errno;
    ssize_t written = write(terminal.wake[1], "", 1); /* full: it wakes anyway */
    (void)written;
    errno = error;
}

static void on_interrupt(int number)
{
    (void)number;
    terminal.interrupted = 1;
    mr_js_repl_interrupt(terminal.repl);
    wake();
}

static void on_redraw(int number)
{
    (void)number;
    terminal.redraw = 1;
    wake();
}

/* Leave the terminal as it was found, then end as the signal says. */
static void on_end(int number)
{
    if (terminal.has_modes)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.modes);
    signal(number, SIG_DFL);
    raise(number);
}

static void on_wake(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    char bytes[64];
    while (read(terminal.wake[0], bytes, sizeof(bytes)) > 0) {
    }
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static bool handle_signals(struct session *session)
{
    if (pipe2(terminal.wake, O_NONBLOCK | O_CLOEXEC) != 0)
        return false;
    terminal.repl = session->repl;
    terminal.has_modes = tcgetattr(STDIN_FILENO, &terminal.modes) == 0;
    if (mr_watch_add(session->loop, terminal.wake[0], MR_READ, on_wake, NULL, &session->signals) !=
            MR_OK ||
        mr_watch_unref(session->loop, session->signals) != MR_OK)
        return false;
    handle(SIGINT, on_interrupt);
    handle(SIGWINCH, on_redraw);
    handle(SIGCONT, on_redraw);
    handle(SIGTERM, on_end);
    handle(SIGHUP, on_end);
    return true;
}

/* ---- Waiting: the loop runs -------------------------------------------------------------------*/

static bool ended(const struct session *session)
{
    return mr_js_repl_get_state(session->repl) == MR_JS_REPL_ENDED;
}

static void on_input(mr_watch watch, unsigned events, void *arg)
{
    (void)events;
    struct session *session = arg;
    session->readable = true;
    mr_watch_modify(session->loop, watch, 0);
}

/* A regular file is always ready. The watch is there only while a line is wanted: otherwise the
 * descriptor is the script's. */
static bool watch_input(struct session *session)
{
    mr_status status =
        mr_watch_add(session->loop, STDIN_FILENO, MR_READ, on_input, session, &session->input);
    session->readable = status != MR_OK;
    return status == MR_OK && mr_watch_unref(session->loop, session->input) == MR_OK;
}

/* Whether Ctrl-C came and stopped nothing: it is meant for the prompt. */
static bool take_interrupt(struct session *session, bool *out_idle)
{
    if (!terminal.interrupted)
        return false;
    terminal.interrupted = 0;
    *out_idle = !mr_js_repl_resume(session->repl);
    return true;
}

static void take_redraw(struct session *session)
{
    if (!terminal.redraw)
        return;
    terminal.redraw = 0;
    mr__editor_refresh(session->editor);
}

static mr__wait run_until_readable(struct session *session)
{
    bool idle;
    for (;;) {
        mr_status status = mr_loop_turn(session->loop, session->readable ? 0 : UINT64_MAX);
        if (ended(session) || status != MR_OK)
            return MR__WAIT_ENDED;
        mr__editor_show(session->editor);
        take_redraw(session);
        if (take_interrupt(session, &idle) && idle)
            return MR__WAIT_INTERRUPTED;
        if (session->readable)
            return MR__WAIT_READABLE;
    }
}

static mr__wait wait_for_input(void *arg)
{
    struct session *session = arg;
    mr_js_repl_own_input(session->repl, true);
    bool watched = watch_input(session);
    mr__wait result = run_until_readable(session);
    if (watched)
        mr_watch_remove(session->loop, session->input, NULL, NULL);
    if (session->editor != NULL)
        mr_js_repl_own_input(session->repl, false);
    return result;
}

/* Run the loop until the last input is done. On a terminal only Ctrl-C ends a wait without hope. */
static void wait_for_result(struct session *session)
{
    if (mr_js_repl_get_state(session->repl) != MR_JS_REPL_BUSY)
        return;
    mr_js_repl_own_input(session->repl, false); /* the script may read what comes now */
    mr__editor_release(session->editor);
    while (mr_js_repl_get_state(session->repl) == MR_JS_REPL_BUSY) {
        if (session->editor == NULL && !mr_loop_alive(session->loop)) {
            static const char text[] = "Warning: Detected unsettled top-level await\n";
            mr__output_write(STDERR_FILENO, text, sizeof(text) - 1, NULL);
            mr_js_repl_break(session->repl);
            return;
        }
        if (terminal.interrupted) {
            mr_js_repl_break(session->repl);
            break;
        }
        if (mr_loop_turn(session->loop, UINT64_MAX) != MR_OK)
            return;
        take_redraw(session);
    }
}

/* ---- A terminal -------------------------------------------------------------------------------*/

static void complete(void *arg, const char *text, size_t len, mr__word_fn *word, void *word_arg,
                     size_t *out_start)
{
    struct session *session = arg;
    if (mr_js_repl_complete(session->repl, text, len, word, word_arg, out_start) != MR_OK)
        *out_start = len;
}

/* Output of the script may come while a line is being typed. */
static void make_way(void *arg)
{
    struct session *session = arg;
    mr__editor_hide(session->editor);
}

static void say(const char *text)
{
    mr__output_write(STDOUT_FILENO, text, strlen(text), NULL);
}

/* Ctrl-C at the prompt. false: it was the second. */
static bool interrupt_prompt(struct session *session, bool had_text)
{
    bool unfinished = mr_js_repl_get_state(session->repl) != MR_JS_REPL_READY;
    mr_js_repl_break(session->repl);
    if (had_text || unfinished) {
        session->asked_to_leave = false;
        return true;
    }
    if (session->asked_to_leave)
        return false;
    session->asked_to_leave = true;
    say("(To exit, press Ctrl+C again or Ctrl+D or type .exit)\n");
    return true;
}

/* Ctrl-D: runs what .editor collected, drops an unfinished input, else leaves. */
static bool end_prompt(struct session *session)
{
    say("\n");
    switch (mr_js_repl_get_state(session->repl)) {
    case MR_JS_REPL_EDITOR:
        mr_js_repl_end_input(session->repl);
        return true;
    default:
        return false;
    }
}

static const char *prompt_of(mr_js_repl_state state)
{
    return state == MR_JS_REPL_MORE ? "... " : state == MR_JS_REPL_EDITOR ? "" : "> ";
}

static bool serve_line(struct session *session)
{
    const char *text;
    size_t len;
    const char *prompt = prompt_of(mr_js_repl_get_state(session->repl));
    switch (mr__editor_read(session->editor, prompt, &text, &len)) {
    case MR__LINE_READ:
        session->asked_to_leave = false;
        mr_js_repl_line(session->repl, text, len);
        return true;
    case MR__LINE_INTERRUPTED:
        return interrupt_prompt(session, false);
    case MR__LINE_INTERRUPTED_TEXT:
        return interrupt_prompt(session, true);
    case MR__LINE_END:
        return end_prompt(session);
    case MR__LINE_STOPPED:
        return false;
    }
    return false;
}

static int serve_terminal(struct session *session)
{
    const mr__editor_host host = {wait_for_input, complete, session};
    if (!handle_signals(session) || (session->editor = mr__editor_open(&host)) == NULL) {
        fputs("millrace: cannot use the terminal\n", stderr);
        return MR__STATUS_FAILED;
    }
    mr__output_before(make_way, session);
    printf("Millrace %s (QuickJS-ng %s)\nType \".help\" for more information.\n", mr_version(),
           mr_js_engine_version());
    fflush(stdout);
    bool going = true;
    while (going && !ended(session)) {
        bool idle;
        going = serve_line(session);
        wait_for_result(session);
        take_interrupt(session, &idle);
        mr__editor_acquire(session->editor);
    }
    mr__output_before(NULL, NULL);
    mr__editor_close(session->editor);
    session->editor = NULL;
    return mr_js_finish(session->js);
}

/* ---- No terminal ------------------------------------------------------------------------------*/

static bool make_room(struct session *session)
{
    if (session->at > 0) {
        memmove(session->text, session->text + session->at, session->len - session->at);
        session->len -= session->at;
        session->at = 0;
    }
    if (session->cap - session->len >= CHUNK)
        return true;
    size_t cap = session->cap * 2 + CHUNK;
    char *text = realloc(session->text, cap);
    if (text == NULL)
        return false;
    session->text = text;
    session->cap = cap;
    return true;
}

static void read_chunk(struct session *session)
{
    if (!make_room(session)) {
        session->at_end = true;
        return;
    }
    ssize_t len = read(STDIN_FILENO, session->text + session->len, CHUNK);
    if (len > 0)
        session->len += (size_t)len;
    else if (len == 0 || (errno != EAGAIN && errno != EINTR))
        session->at_end = true;
}

/* The next whole line, or the rest at the end. false: there is none. */
static bool next_line(struct session *session, const char **out_text, size_t *out_len)
{
    for (;;) {
        size_t left = session->len - session->at;
        char *start = session->text == NULL ? NULL : session->text + session->at;
        char *newline = left == 0 ? NULL : memchr(start, '\n', left);
        if (newline != NULL || (session->at_end && left > 0)) {
            *out_text = start;
            *out_len = newline != NULL ? (size_t)(newline - start) : left;
            session->at += *out_len + (newline != NULL);
            return true;
        }
        if (session->at_end || wait_for_input(session) != MR__WAIT_READABLE)
            return false;
        read_chunk(session);
    }
}

/* No more lines: what they started goes on until nothing is left. */
static void finish_loop(struct session *session)
{
    mr_js_repl_own_input(session->repl, false);
    for (;;) {
        while (!ended(session) && mr_loop_alive(session->loop)) {
            if (mr_loop_turn(session->loop, UINT64_MAX) != MR_OK)
                return;
        }
        if (ended(session))
            return;
        mr_js_before_exit(session->js);
        if (!mr_loop_alive(session->loop))
            return;
    }
}

static int serve_file(struct session *session)
{
    const char *text;
    size_t len;
    while (!ended(session) && next_line(session, &text, &len)) {
        mr_js_repl_line(session->repl, text, len);
        wait_for_result(session);
    }
    if (!ended(session)) {
        mr_js_repl_end_input(session->repl);
        wait_for_result(session);
        finish_loop(session);
    }
    free(session->text);
    return mr_js_finish(session->js);
}

/* ---- The session ------------------------------------------------------------------------------*/

int mr__repl_run(mr_loop *loop, mr_js *js)
{
    struct session session = {.loop = loop, .js = js};
    mr_status status = mr_js_repl_create(js, &session.repl);
    int code = MR__STATUS_FAILED;
    if (status != MR_OK)
        fprintf(stderr, "millrace: no session: %s\n", mr_status_text(status));
    else if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
        code = serve_terminal(&session);
    else
        code = serve_file(&session);
    mr_js_repl_destroy(session.repl);
    return code;
}
