/* libedit, loaded with the first line that is edited: its libraries would make up a quarter of the
 * start of a command that runs a script. */
#ifndef MR_CLI_LIBEDIT_H
#define MR_CLI_LIBEDIT_H

#include <stdbool.h>
#include <stdio.h>

#include <histedit.h>

#define MR__LIBEDIT_FUNCTIONS(X)                                                                   \
    X(el_end)                                                                                      \
    X(el_get)                                                                                      \
    X(el_gets)                                                                                     \
    X(el_init)                                                                                     \
    X(el_insertstr)                                                                                \
    X(el_line)                                                                                     \
    X(el_reset)                                                                                    \
    X(el_resize)                                                                                   \
    X(el_set)                                                                                      \
    X(el_source)                                                                                   \
    X(el_wset)                                                                                     \
    X(history)                                                                                     \
    X(history_end)                                                                                 \
    X(history_init)

/* Its functions under their own names, once it is loaded. */
#define MR__LIBEDIT_MEMBER(name) __typeof__(name) *name;
struct mr__libedit {
    MR__LIBEDIT_FUNCTIONS(MR__LIBEDIT_MEMBER)
};
extern struct mr__libedit mr__libedit;

/* false: it is not on this machine. */
bool mr__libedit_load(void);

#endif
