/* Lines as the terminal itself lets one edit them. */
#include "cli/editor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct mr__editor {
    const mr__editor_host *host;
    char *text;
    size_t len, cap;
};

mr__editor *mr__editor_open(const mr__editor_host *host)
{
    mr__editor *editor = calloc(1, sizeof(*editor));
    if (editor != NULL)
        editor->host = host;
    return editor;
}

void mr__editor_close(mr__editor *editor)
{
    if (editor != NULL)
        free(editor->text);
    free(editor);
}

static bool append(mr__editor *editor, char c)
{
    if (editor->len == editor->cap) {
        size_t cap = editor->cap ? editor->cap * 2 : 256;
        char *text = realloc(editor->text, cap);
        if (text == NULL)
            return false;
        editor->text = text;
        editor->cap = cap;
    }
    editor->text[editor->len++] = c;
    return true;
}

mr__line mr__editor_read(mr__editor *editor, const char *prompt, const char **out_text,
                         size_t *out_len)
{
    editor->len = 0;
    fputs(prompt, stdout);
    fflush(stdout);
    for (;;) {
        char c;
        mr__wait waited = editor->host->wait(editor->host->arg);
        if (waited == MR__WAIT_INTERRUPTED)
            return MR__LINE_INTERRUPTED;
        if (waited == MR__WAIT_ENDED)
            return MR__LINE_STOPPED;
        if (read(STDIN_FILENO, &c, 1) != 1 || !append(editor, c))
            return MR__LINE_END;
        if (c == '\n') {
            *out_text = editor->text;
            *out_len = editor->len - 1;
            return MR__LINE_READ;
        }
    }
}

void mr__editor_hide(mr__editor *editor)
{
    (void)editor;
}

void mr__editor_show(mr__editor *editor)
{
    (void)editor;
}

void mr__editor_release(mr__editor *editor)
{
    (void)editor;
}

void mr__editor_acquire(mr__editor *editor)
{
    (void)editor;
}

void mr__editor_refresh(mr__editor *editor)
{
    (void)editor;
}
