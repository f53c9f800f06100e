/* Lines with libedit. Its reading of a byte waits in the loop, so timers run while one types.
 *
 * libedit gives the terminal back after each line, and what is typed before the next one would be
 * taken as lines by the kernel: an end of input among it would be lost. So the terminal is put into a
 * mode without lines and echo before libedit looks, which is then what it gives back. */
#include "cli/editor.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/history.h"
#include "cli/libedit.h"

enum { DEFAULT_COLUMNS = 80, MOST_LISTED = 200 };

struct mr__editor {
    EditLine *el;
    History *lines;
    mr__history kept;
    const mr__editor_host *host;
    const char *prompt;
    char *last; /* the newest line of the history */
    mr__wait waited;
    struct termios found, base; /* modes: as we found them, and as they are between lines */
    bool has_modes, editing, hidden, released;
};

static mr__editor *editor_of(EditLine *el)
{
    void *self = NULL;
    mr__libedit.el_get(el, EL_CLIENTDATA, &self);
    return self;
}

static char *give_prompt(EditLine *el)
{
    return (char *)(uintptr_t)editor_of(el)->prompt;
}

/* ---- The terminal's modes ---------------------------------------------------------------------*/

static void set_modes(const mr__editor *editor, const struct termios *modes)
{
    if (editor->has_modes)
        tcsetattr(STDIN_FILENO, TCSADRAIN, modes);
}

static void take_modes(mr__editor *editor)
{
    editor->has_modes = tcgetattr(STDIN_FILENO, &editor->found) == 0;
    editor->base = editor->found;
    editor->base.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    editor->base.c_cc[VMIN] = 1;
    editor->base.c_cc[VTIME] = 0;
    set_modes(editor, &editor->base);
}

void mr__editor_release(mr__editor *editor)
{
    if (editor == NULL || editor->released)
        return;
    editor->released = true;
    set_modes(editor, &editor->found);
}

void mr__editor_acquire(mr__editor *editor)
{
    if (editor == NULL || !editor->released)
        return;
    editor->released = false;
    set_modes(editor, &editor->base);
}

/* ---- The screen -------------------------------------------------------------------------------*/

static void write_out(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, text, len);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            text += written;
            len -= (size_t)written;
        }
    }
}

void mr__editor_hide(mr__editor *editor)
{
    static const char clear[] = "\r\033[J";
    if (editor == NULL || !editor->editing || editor->hidden)
        return;
    fflush(stdout);
    write_out(clear, sizeof(clear) - 1);
    editor->hidden = true;
}

void mr__editor_show(mr__editor *editor)
{
    if (editor == NULL || !editor->hidden)
        return;
    editor->hidden = false;
    mr__libedit.el_set(editor->el, EL_REFRESH);
}

void mr__editor_refresh(mr__editor *editor)
{
    if (editor == NULL)
        return;
    mr__libedit.el_resize(editor->el);
    if (editor->released)
        return;
    set_modes(editor, &editor->base);
    if (editor->editing) {
        mr__libedit.el_set(editor->el, EL_PREP_TERM, 1);
        mr__editor_hide(editor);
    }
}

/* ---- Reading ----------------------------------------------------------------------------------*/

/* One byte, while the loop runs. 1; 0 at the end; -1 when something else has to be done. */
static int read_byte(mr__editor *editor, unsigned char *out)
{
    editor->waited = editor->host->wait(editor->host->arg);
    if (editor->waited != MR__WAIT_READABLE)
        return -1;
    ssize_t got;
    do
        got = read(STDIN_FILENO, out, 1);
    while (got < 0 && errno == EINTR);
    return got == 1 ? 1 : 0;
}

/* A character of the locale; a byte that is none stands for itself. */
static int read_character(EditLine *el, wchar_t *out)
{
    mr__editor *editor = editor_of(el);
    mbstate_t state;
    memset(&state, 0, sizeof(state));
    for (;;) {
        unsigned char byte;
        int got = read_byte(editor, &byte);
        if (got <= 0)
            return got;
        char text = (char)byte;
        size_t len = mbrtowc(out, &text, 1, &state);
        if (len == (size_t)-2)
            continue;
        if (len == (size_t)-1)
            *out = L'?';
        return 1;
    }
}

/* ---- Completion -------------------------------------------------------------------------------*/

struct words {
    char **list;
    size_t count, cap;
};

static void add_word(const char *word, size_t len, void *arg)
{
    struct words *words = arg;
    if (words->count == words->cap) {
        size_t cap = words->cap ? words->cap * 2 : 64;
        char **list = realloc(words->list, cap * sizeof(*list));
        if (list == NULL)
            return;
        words->list = list;
        words->cap = cap;
    }
    char *copy = strndup(word, len);
    if (copy != NULL)
        words->list[words->count++] = copy;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t common_prefix(const struct words *words)
{
    size_t len = strlen(words->list[0]);
    for (size_t i = 1; i < words->count; i++) {
        size_t same = 0;
        while (same < len && words->list[i][same] == words->list[0][same])
            same++;
        len = same;
    }
    return len;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : DEFAULT_COLUMNS;
}

static void list_words(mr__editor *editor, const struct words *words)
{
    size_t width = 0, columns, shown = words->count < MOST_LISTED ? words->count : MOST_LISTED;
    for (size_t i = 0; i < shown; i++) {
        size_t len = strlen(words->list[i]) + 2;
        width = len > width ? len : width;
    }
    columns = terminal_columns() / width;
    columns = columns == 0 ? 1 : columns;
    mr__editor_hide(editor);
    for (size_t i = 0; i < shown; i++) {
        bool last = (i + 1) % columns == 0 || i + 1 == shown;
        printf("%-*s%s", last ? 0 : (int)width, words->list[i], last ? "\n" : "");
    }
    if (shown < words->count)
        printf("... and %zu more\n", words->count - shown);
    fflush(stdout);
    mr__editor_show(editor);
}

static unsigned char complete(EditLine *el, int key)
{
    (void)key;
    mr__editor *editor = editor_of(el);
    const LineInfo *line = mr__libedit.el_line(el);
    size_t len = (size_t)(line->cursor - line->buffer), start = len;
    struct words words = {0};
    unsigned char result = CC_ERROR;
    if (len == 0)
        return CC_ERROR;
    editor->host->complete(editor->host->arg, line->buffer, len, add_word, &words, &start);
    if (words.count > 0) {
        qsort(words.list, words.count, sizeof(*words.list), compare_words);
        size_t common = common_prefix(&words);
        char *rest = common > len - start
                         ? strndup(words.list[0] + (len - start), common - (len - start))
                         : NULL;
        if (rest != NULL && mr__libedit.el_insertstr(el, rest) == 0) {
            result = CC_REFRESH;
        } else if (words.count > 1) {
            list_words(editor, &words);
            result = CC_NORM;
        }
        free(rest);
    }
    for (size_t i = 0; i < words.count; i++)
        free(words.list[i]);
    free(words.list);
    return result;
}

/* ---- History ----------------------------------------------------------------------------------*/

static void remember(const char *line, void *arg)
{
    mr__editor *editor = arg;
    HistEvent event;
    mr__libedit.history(editor->lines, &event, H_ENTER, line);
    free(editor->last);
    editor->last = strdup(line);
}

static void keep(mr__editor *editor, const char *line, size_t len)
{
    bool blank = strspn(line, " \t") >= len;
    if (blank || (editor->last != NULL && strlen(editor->last) == len &&
                  memcmp(editor->last, line, len) == 0))
        return;
    char *copy = strndup(line, len);
    if (copy != NULL) {
        remember(copy, editor);
        mr__history_add(&editor->kept, copy, strlen(copy));
    }
    free(copy);
}

/* ---- Life -------------------------------------------------------------------------------------*/

static bool set_up(mr__editor *editor)
{
    HistEvent event;
    EditLine *el = editor->el;
    if (editor->lines == NULL || el == NULL)
        return false;
    mr__libedit.el_set(el, EL_CLIENTDATA, editor);
    mr__libedit.el_set(el, EL_SETTY, "-x", "-icanon", "-echo", NULL); /* between lines, see above */
    mr__libedit.el_set(el, EL_PROMPT, give_prompt);
    mr__libedit.el_set(el, EL_GETCFN, read_character);
    mr__libedit.el_set(el, EL_EDITOR, "emacs");
    mr__libedit.el_set(el, EL_HIST, mr__libedit.history, editor->lines);
    mr__libedit.el_wset(el, EL_ADDFN, L"millrace-complete", L"complete a name",
                        complete); /* el_set leaks */
    mr__libedit.el_set(el, EL_BIND, "^I", "millrace-complete", NULL);
    mr__libedit.el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    mr__libedit.el_set(el, EL_BIND, "\\e[1;5C", "em-next-word", NULL);
    mr__libedit.el_set(el, EL_BIND, "\\e[1;5D", "ed-prev-word", NULL);
    mr__libedit.history(editor->lines, &event, H_SETSIZE, editor->kept.most);
    mr__history_load(&editor->kept, remember, editor);
    mr__libedit.el_source(el, NULL); /* what the user prefers: ~/.editrc */
    return true;
}

mr__editor *mr__editor_open(const mr__editor_host *host)
{
    if (!mr__libedit_load())
        return NULL;
    /* Scripts are UTF-8; a terminal in a locale without it would lose all else. */
    if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8");
    mr__editor *editor = calloc(1, sizeof(*editor));
    if (editor == NULL)
        return NULL;
    editor->host = host;
    editor->prompt = "";
    mr__history_open(&editor->kept);
    take_modes(editor);
    editor->lines = mr__libedit.history_init();
    editor->el = mr__libedit.el_init("millrace", stdin, stdout, stderr);
    if (set_up(editor))
        return editor;
    mr__editor_close(editor);
    return NULL;
}

void mr__editor_close(mr__editor *editor)
{
    if (editor == NULL)
        return;
    if (editor->el != NULL)
        mr__libedit.el_end(editor->el);
    if (editor->lines != NULL)
        mr__libedit.history_end(editor->lines);
    set_modes(editor, &editor->found);
    mr__history_close(&editor->kept);
    free(editor->last);
    free(editor);
}

static mr__line why_none(mr__editor *editor)
{
    const LineInfo *line = mr__libedit.el_line(editor->el);
    bool text = line->lastchar > line->buffer;
    if (editor->waited == MR__WAIT_READABLE)
        return MR__LINE_END;
    mr__libedit.el_reset(editor->el);
    if (editor->waited == MR__WAIT_ENDED)
        return MR__LINE_STOPPED;
    write_out("\n", 1);
    return text ? MR__LINE_INTERRUPTED_TEXT : MR__LINE_INTERRUPTED;
}

mr__line mr__editor_read(mr__editor *editor, const char *prompt, const char **out_text,
                         size_t *out_len)
{
    int count = 0;
    editor->prompt = prompt;
    editor->waited = MR__WAIT_READABLE;
    editor->editing = true;
    const char *text = mr__libedit.el_gets(editor->el, &count);
    editor->editing = editor->hidden = false;
    if (text == NULL || count <= 0 || editor->waited != MR__WAIT_READABLE)
        return why_none(editor);
    size_t len = (size_t)count;
    if (len > 0 && text[len - 1] == '\n')
        len--;
    keep(editor, text, len);
    *out_text = text;
    *out_len = len;
    return MR__LINE_READ;
}
