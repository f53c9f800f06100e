/* Editing a line on the terminal, with history and completion. Two files do it: editor_libedit.c and,
 * where that library is not installed, editor_plain.c, which leaves editing to the terminal. */
#ifndef MR_CLI_EDITOR_H
#define MR_CLI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum mr__wait { MR__WAIT_READABLE, MR__WAIT_INTERRUPTED, MR__WAIT_ENDED } mr__wait;
typedef enum mr__line {
    MR__LINE_READ,
    MR__LINE_END,              /* Ctrl-D or the end of the input */
    MR__LINE_INTERRUPTED,      /* Ctrl-C, on an empty line */
    MR__LINE_INTERRUPTED_TEXT, /* Ctrl-C, and a text was dropped */
    MR__LINE_STOPPED           /* wait said that it ended */
} mr__line;

typedef void mr__word_fn(const char *word, size_t len, void *arg);

typedef struct mr__editor_host {
    mr__wait (*wait)(void *arg); /* until a byte of standard input can be read */
    /* Give all words that may stand in place of text from *out_start on. */
    void (*complete)(void *arg, const char *text, size_t len, mr__word_fn *word, void *word_arg,
                     size_t *out_start);
    void *arg;
} mr__editor_host;

typedef struct mr__editor mr__editor;

/* NULL: no memory, or a terminal that cannot be used. host is borrowed until close. */
mr__editor *mr__editor_open(const mr__editor_host *host);
void mr__editor_close(mr__editor *editor);

/* Read a line; *out_text is borrowed until the next call, without newline. */
mr__line mr__editor_read(mr__editor *editor, const char *prompt, const char **out_text,
                         size_t *out_len);
/* Something else is about to be written: take the line that is being typed off the screen; show it
 * again if it was hidden. */
void mr__editor_hide(mr__editor *editor);
void mr__editor_show(mr__editor *editor);
/* While no line is read: give the terminal's own modes back to whoever reads it, and take them again. */
void mr__editor_release(mr__editor *editor);
void mr__editor_acquire(mr__editor *editor);
/* After a stop of the process, or in a window of a new size. */
void mr__editor_refresh(mr__editor *editor);

#endif
