/* `millrace repl`. */
#ifndef MR_CLI_REPL_H
#define MR_CLI_REPL_H

#include <millrace/repl.h>

/* Read and run inputs until there are no more; the exit status. */
int mr__repl_run(mr_loop *loop, mr_js *js);

#endif
