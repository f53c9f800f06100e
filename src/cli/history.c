#include "cli/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_name[] = "/.millrace_repl_history";

static char *default_path(void)
{
    const char *home = getenv("HOME");
    if (home == NULL || *home == '\0')
        return NULL;
    size_t size = strlen(home) + sizeof(default_name);
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s%s", home, default_name);
    return path;
}

void mr__history_open(mr__history *out_history)
{
    const char *path = getenv("MILLRACE_REPL_HISTORY");
    const char *size = getenv("MILLRACE_REPL_HISTORY_SIZE");
    out_history->most = MR__HISTORY_LINES;
    if (size != NULL) {
        char *end;
        long value = strtol(size, &end, 10);
        if (end != size && *end == '\0' && value > 0 && value <= 1000000)
            out_history->most = (int)value;
    }
    if (path == NULL)
        out_history->path = default_path();
    else
        out_history->path = *path == '\0' ? NULL : strdup(path);
}

void mr__history_close(mr__history *history)
{
    free(history->path);
    history->path = NULL;
}

/* The whole file, terminated; NULL: there is none that can be read. */
static char *read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "re");
    struct stat stat;
    if (file == NULL)
        return NULL;
    char *text = NULL;
    if (fstat(fileno(file), &stat) == 0 && S_ISREG(stat.st_mode))
        text = malloc((size_t)stat.st_size + 1);
    if (text != NULL) {
        *out_len = fread(text, 1, (size_t)stat.st_size, file);
        text[*out_len] = '\0';
    }
    fclose(file);
    return text;
}

/* Replace the file by the text: whole or not at all. */
static void rewrite(const char *path, const char *text, size_t len)
{
    size_t size = strlen(path) + sizeof(".new");
    char *other = malloc(size);
    if (other == NULL)
        return;
    snprintf(other, size, "%s.new", path);
    int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = fd >= 0 && write(fd, text, len) == (ssize_t)len;
    if (fd >= 0 && close(fd) != 0)
        written = false;
    if (fd >= 0 && (!written || rename(other, path) != 0))
        unlink(other);
    free(other);
}

/* Where the last `most` lines begin. */
static char *last_lines(char *text, size_t len, int most)
{
    char *at = text + len;
    for (int lines = 0; at > text; at--) {
        if (at[-1] == '\n' && at != text + len && ++lines == most)
            return at;
    }
    return text;
}

void mr__history_load(const mr__history *history, void (*fn)(const char *line, void *arg),
                      void *arg)
{
    size_t len = 0;
    char *text = history->path == NULL ? NULL : read_file(history->path, &len);
    if (text == NULL)
        return;
    char *line = last_lines(text, len, history->most);
    if (line != text)
        rewrite(history->path, line, (size_t)(text + len - line));
    while (*line != '\0') {
        char *end = line + strcspn(line, "\n");
        bool more = *end == '\n';
        *end = '\0';
        if (*line != '\0')
            fn(line, arg);
        line = end + more;
    }
    free(text);
}

void mr__history_add(const mr__history *history, const char *line, size_t len)
{
    if (history->path == NULL || len == 0 || memchr(line, '\0', len) != NULL)
        return;
    int fd = open(history->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char *text = fd < 0 ? NULL : malloc(len + 1);
    if (text != NULL) {
        memcpy(text, line, len);
        text[len] = '\n';
        ssize_t written = write(fd, text, len + 1);
        (void)written; /* a history that cannot be kept is no reason to complain */
    }
    free(text);
    if (fd >= 0)
        close(fd);
}
