/* `millrace run`, `millrace eval` and `millrace repl`. */
#ifndef MR_CLI_RUN_H
#define MR_CLI_RUN_H

#include "cli/options.h"

/* Run the script to its end; the exit status. */
int mr__run(const mr__options *options, int argc, char *const *argv);

#endif
