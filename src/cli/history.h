/* The lines of earlier sessions: a text file, one a line, the newest last. */
#ifndef MR_CLI_HISTORY_H
#define MR_CLI_HISTORY_H

#include <stddef.h>

enum { MR__HISTORY_LINES = 1000 };

typedef struct mr__history {
    char *path; /* NULL: nothing is kept */
    int most;   /* lines that are kept */
} mr__history;

/* MILLRACE_REPL_HISTORY names the file, or none if it is empty; without it
 * ~/.millrace_repl_history. MILLRACE_REPL_HISTORY_SIZE: how many lines are kept. */
void mr__history_open(mr__history *out_history);
void mr__history_close(mr__history *history);

/* Call fn for each line, the oldest first. Lines beyond the bound are removed from the file. */
void mr__history_load(const mr__history *history, void (*fn)(const char *line, void *arg),
                      void *arg);
/* Add a line at once: another session may be doing the same. */
void mr__history_add(const mr__history *history, const char *line, size_t len);

#endif
