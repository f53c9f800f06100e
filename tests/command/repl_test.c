/* The REPL at a terminal: a pseudo-terminal in the place of one, and somebody who types. Nothing waits
 * for time: the next thing is typed when the last one has been answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { WATCHDOG_MS = 60000, SCREEN = 1 << 20 };

struct terminal {
    pid_t child;
    int fd;
    char *seen; /* all that was written; what was expected already lies before `at` */
    size_t len, at;
    char home[32];
};

/* ---- Somebody who types -----------------------------------------------------------------------*/

static void run_command(const char *home, const char *const *options)
{
    const char *argv[8] = {MILLRACE_COMMAND};
    int argc = 1;
    for (; options != NULL && options[argc - 1] != NULL; argc++)
        argv[argc] = options[argc - 1];
    setenv("HOME", home, 1);
    setenv("TERM", "dumb", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("NO_COLOR", "1", 1);
    unsetenv("MILLRACE_REPL_HISTORY");
    if (chdir(home) == 0)
        execv(MILLRACE_COMMAND, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void open_at(struct terminal *t, const char *const *options)
{
    struct winsize size = {.ws_row = 50, .ws_col = 200};
    t->seen = t->seen ? t->seen : malloc(SCREEN);
    assert_non_null(t->seen);
    t->len = t->at = 0;
    t->child = forkpty(&t->fd, NULL, NULL, &size);
    assert_true(t->child >= 0);
    if (t->child == 0)
        run_command(t->home, options);
}

static void open_with(struct terminal *t, const char *const *options)
{
    memset(t, 0, sizeof(*t));
    snprintf(t->home, sizeof(t->home), "/tmp/millrace-repl-XXXXXX");
    assert_non_null(mkdtemp(t->home));
    open_at(t, options);
}

static const char *const repl[] = {"repl", NULL};

/* More of what the command writes. false: it has closed the terminal. */
static bool read_more(struct terminal *t)
{
    struct pollfd ready = {.fd = t->fd, .events = POLLIN};
    int polled;
    do
        polled = poll(&ready, 1, WATCHDOG_MS);
    while (polled < 0 && errno == EINTR);
    if (polled == 0) {
        print_message("nothing more came; seen:\n%.*s\n", (int)t->len, t->seen);
        kill(t->child, SIGKILL);
        fail();
    }
    ssize_t len = read(t->fd, t->seen + t->len, SCREEN - t->len - 1);
    if (len <= 0)
        return false;
    t->len += (size_t)len;
    t->seen[t->len] = '\0';
    return true;
}

static void expect(struct terminal *t, const char *text)
{
    for (;;) {
        char *found =
            t->len == 0 ? NULL : memmem(t->seen + t->at, t->len - t->at, text, strlen(text));
        if (found != NULL) {
            t->at = (size_t)(found - t->seen) + strlen(text);
            return;
        }
        if (!read_more(t)) {
            print_message("the end came before '%s'; seen:\n%.*s\n", text, (int)t->len, t->seen);
            fail();
        }
    }
}

static void type(struct terminal *t, const char *text)
{
    assert_int_equal(write(t->fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Type a line at the prompt; what it answers; back at the prompt. */
static void answers(struct terminal *t, const char *line, const char *answer)
{
    char text[512];
    type(t, line);
    expect(t, line);
    type(t, "\n");
    snprintf(text, sizeof(text), "\n%s\r\n", answer);
    expect(t, text);
    expect(t, "> ");
}

static void greets(struct terminal *t)
{
    expect(t, "Millrace ");
    expect(t, "> ");
}

/* The status with which it ends; 128 + signal for a signal. */
static int ends(struct terminal *t)
{
    while (read_more(t)) {
    }
    int status;
    assert_int_equal(waitpid(t->child, &status, 0), t->child);
    close(t->fd);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void forget(struct terminal *t)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/.millrace_repl_history", t->home);
    unlink(path);
    assert_int_equal(rmdir(t->home), 0);
    free(t->seen);
}

static int leaves(struct terminal *t)
{
    type(t, "\004");
    int status = ends(t);
    forget(t);
    return status;
}

/* ---- M7 ---------------------------------------------------------------------------------------*/

static void M7_values_errors_and_names_again(void **state)
{
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    answers(&t, "6 * 7", "42");
    answers(&t, "_ + 1", "43");
    answers(&t, "const x = 1", "undefined");
    answers(&t, "const x = 'again'", "undefined");
    answers(&t, "x", "'again'");
    answers(&t, "x = 2", "Uncaught TypeError: Assignment to constant variable.");
    answers(&t, "throw new Error('goes on')", "Uncaught Error: goes on");
    answers(&t, "_error.message", "'goes on'");
    answers(&t, "await new Promise(r => setTimeout(r, 5, 'awaited'))", "'awaited'");
    answers(&t, "'gr\xc3\xbc\xc3\x9f'.length", "4");
    assert_int_equal(leaves(&t), 0);
}

static void M7_unfinished_input_is_continued(void **state)
{
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    type(&t, "function add(a, b) {\n");
    expect(&t, "... ");
    type(&t, "return a +\n");
    expect(&t, "... ");
    type(&t, "b }\n");
    expect(&t, "\nundefined\r\n");
    answers(&t, "add(2, 3)", "5");
    type(&t, "[1,\n");
    expect(&t, "... ");
    type(&t, "\003"); /* dropped, and that is no step towards leaving */
    expect(&t, "> ");
    answers(&t, "typeof add", "'function'");
    type(&t, "{ (\n");
    expect(&t, "... ");
    type(&t, ".break\n");
    expect(&t, "> ");
    answers(&t, "1 +1", "2");
    assert_int_equal(leaves(&t), 0);
}

static void M7_timers_run_while_one_types(void **state)
{
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    answers(&t, "let n = 0", "undefined");
    type(&t,
         "const id = setInterval(() => { if (++n == 3) { clearInterval(id); console.log('third') } "
         "}, 1)\n");
    expect(&t, "undefined\r\n");
    expect(&t, "> ");
    type(&t, "n * 1"); /* never finished before the timers have run */
    expect(&t, "third\r\n");
    expect(&t, "> n * 1"); /* the line is back */
    type(&t, "0\n");
    expect(&t, "\n30\r\n");
    expect(&t, "> ");
    type(&t, "setTimeout(() => { throw new RangeError('late') }), 0\n");
    expect(&t, "Uncaught RangeError: late");
    answers(&t, "2 ** 3", "8");
    assert_int_equal(leaves(&t), 0);
}

static void M7_interrupt_stops_only_the_running_code(void **state)
{
    static const char *const endless[] = {
        "console.log('be' + 'gin'); for (;;) {}",
        "console.log('be' + 'gin'); try { for (;;) {} } finally { console.log('nev' + 'er') }",
        "console.log('be' + 'gin'); (function f() { Promise.resolve().then(f) })()",
        "console.log('be' + 'gin'); (async () => { for (;;) await 0 })(), 0",
        "console.log('be' + 'gin'); await new Promise(() => {})",
        "console.log('be' + 'gin'); await (async () => { for (;;) {} })()",
        "setTimeout(() => { console.log('be' + 'gin'); for (;;) {} }), 0",
    };
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    answers(&t, "let kept = 'kept', ticks = 0; setInterval(() => ticks++, 1).unref(); 0", "0");
    for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
        type(&t, endless[i]);
        type(&t, "\n");
        expect(&t, "begin\r\n");
        kill(t.child, SIGINT);
        expect(&t, "Script execution was interrupted by `SIGINT`");
        expect(&t, "> ");
        answers(&t, "kept + 1", "'kept1'");
    }
    answers(&t, "ticks = 0, await new Promise(r => setTimeout(r, 20)), ticks > 0", "true");
    assert_null(memmem(t.seen, t.len, "never\r\n", 7));
    assert_int_equal(leaves(&t), 0);
}

static void M7_interrupt_twice_leaves(void **state)
{
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    type(&t, "some text");
    expect(&t, "some text");
    type(&t, "\003");
    expect(&t, "> ");
    answers(&t, "1 + 1", "2"); /* the text is gone */
    type(&t, "\003");
    expect(&t, "(To exit, press Ctrl+C again or Ctrl+D or type .exit)\r\n> ");
    answers(&t, "1 + 2", "3"); /* a line in between: asked anew */
    type(&t, "\003");
    expect(&t, "type .exit)\r\n> ");
    type(&t, "\003");
    assert_int_equal(ends(&t), 0);
    forget(&t);
}

static void M7_exit_in_every_way(void **state)
{
    static const struct {
        const char *line;
        int status;
    } ways[] = {{".exit\n", 0},
                {"process.exitCode = 4; 0\n.exit\n", 4},
                {"process.on('exit', c => console.log('ex' + 'it', c)); process.exit(5)\n", 5},
                {"setTimeout(() => process.exit(6), 1)\n", 6}};
    struct terminal t;
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        open_with(&t, repl);
        greets(&t);
        type(&t, ways[i].line);
        assert_int_equal(ends(&t), ways[i].status);
        assert_true(i != 2 || memmem(t.seen, t.len, "exit 5", 6) != NULL);
        forget(&t);
    }
}

static void M7_terminal_is_left_as_it_was(void **state)
{
    struct terminal t;
    struct termios before, during, after;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    assert_int_equal(tcgetattr(t.fd, &during), 0);
    assert_int_equal(during.c_lflag & ICANON, 0);
    int status;
    kill(t.child, SIGTERM);
    assert_int_equal(waitpid(t.child, &status, 0), t.child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    before = during;
    before.c_lflag |= ICANON | ECHO;
    assert_int_equal(tcgetattr(t.fd, &after), 0);
    assert_true((after.c_lflag & ICANON) != 0 && (after.c_lflag & ECHO) != 0);
    close(t.fd);
    forget(&t);
}

static void M7_tab_completes_without_running_a_getter(void **state)
{
    struct terminal t;
    (void)state;
    open_with(&t, repl);
    greets(&t);
    answers(&t, "let ran = 0, things = { firstThing: 11, get second() { ran++ } }; 0", "0");
    type(&t, "thi\t");
    expect(&t, "thi");
    type(&t, "ngs.first\t\n");
    expect(&t, "\n11\r\n");
    expect(&t, "> ");
    type(&t, "things.second.a\t\003");
    expect(&t, "> ");
    answers(&t, "ran", "0");
    type(&t, "Math.sq\t(16)\n");
    expect(&t, "\n4\r\n");
    expect(&t, "> ");
    type(&t, "Math.lo\t\t");
    expect(&t, "Math.log10");
    expect(&t, "Math.log2");
    expect(&t, "> Math.log");
    type(&t, "2(8)\n");
    expect(&t, "\n3\r\n");
    expect(&t, "> ");
    assert_int_equal(leaves(&t), 0);
}

static void M7_history_is_kept(void **state)
{
    struct terminal t;
    char path[64];
    struct stat stat_of;
    (void)state;
    open_with(&t, NULL); /* the command alone is the REPL */
    greets(&t);
    answers(&t, "'first' + 1", "'first1'");
    answers(&t, "'second' + 2", "'second2'");
    type(&t, "\033[A");
    expect(&t, "'second' + 2");
    type(&t, "\033[A");
    expect(&t, "first");
    type(&t, "\n");
    expect(&t, "\n'first1'\r\n");
    expect(&t, "> ");
    type(&t, "\004");
    assert_int_equal(ends(&t), 0);
    snprintf(path, sizeof(path), "%s/.millrace_repl_history", t.home);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    open_at(&t, repl);
    greets(&t);
    type(&t, "\020\020\n"); /* Ctrl-P twice */
    expect(&t, "\n'second2'\r\n");
    expect(&t, "> ");
    assert_int_equal(leaves(&t), 0);
}

static void M7_commands(void **state)
{
    struct terminal t;
    char path[64];
    (void)state;
    open_with(&t, repl);
    greets(&t);
    type(&t, ".help\n");
    expect(&t, ".exit ");
    expect(&t, ".load ");
    expect(&t, "> ");
    answers(&t, "const kept = 5", "undefined");
    answers(&t, ".save session.js", "Session saved to: session.js");
    answers(&t, ".nothing", "Invalid REPL keyword");
    answers(&t, ".load missing.js", "Failed to load: missing.js: No such file or directory");
    type(&t, ".editor\n");
    expect(&t, "cancel)\r\n");
    type(&t, "const kept = 6\nkept *\n7\n");
    expect(&t, "7");
    type(&t, "\004");
    expect(&t, "\n42\r\n");
    expect(&t, "> ");
    answers(&t, ".load session.js", "undefined");
    answers(&t, "kept", "5");
    snprintf(path, sizeof(path), "%s/session.js", t.home);
    unlink(path);
    assert_int_equal(leaves(&t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(M7_values_errors_and_names_again),
        cmocka_unit_test(M7_unfinished_input_is_continued),
        cmocka_unit_test(M7_timers_run_while_one_types),
        cmocka_unit_test(M7_interrupt_stops_only_the_running_code),
        cmocka_unit_test(M7_interrupt_twice_leaves),
        cmocka_unit_test(M7_exit_in_every_way),
        cmocka_unit_test(M7_terminal_is_left_as_it_was),
        cmocka_unit_test(M7_tab_completes_without_running_a_getter),
        cmocka_unit_test(M7_history_is_kept),
        cmocka_unit_test(M7_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
