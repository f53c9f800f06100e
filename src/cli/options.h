/* The command line, read once into one struct. */
#ifndef MR_CLI_OPTIONS_H
#define MR_CLI_OPTIONS_H

#include <millrace/js.h>

/* Exit statuses of the command itself. */
enum { MR__STATUS_FAILED = 1, MR__STATUS_USAGE = 2, MR__STATUS_PIPE = 141 };

typedef enum mr__command {
    MR__COMMAND_HELP,
    MR__COMMAND_VERSION,
    MR__COMMAND_RUN,
    MR__COMMAND_EVAL,
    MR__COMMAND_REPL
} mr__command;

typedef enum mr__color { MR__COLOR_AUTO, MR__COLOR_ALWAYS, MR__COLOR_NEVER } mr__color;

/* Strings point into argv. */
typedef struct mr__options {
    mr__command command;
    const char *topic;              /* help: of which command; NULL: of all */
    const char *target;             /* run: FILE; eval: CODE */
    int first_option, option_count; /* in argv: those of the command, for process.execArgv */
    int first_arg;                  /* in argv: what belongs to the script */
    mr_js_kind kind;
    mr_js_rejections rejections;
    mr__color color;
    bool no_warnings, print, trace_promises;
    bool simulate, has_seed;
    uint64_t seed;
    const char *trace; /* the file's path; NULL: none */
} mr__options;

/* Read the command line. false: one line went to stderr, the status is MR__STATUS_USAGE. */
bool mr__command_line_read(mr__options *out_options, int argc, char *const *argv);

/* Print the help for a command, or for all; false when there is no such topic. */
bool mr__help_print(const char *topic);

#endif
