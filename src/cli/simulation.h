/* What `--simulate`, `--seed` and `--trace` ask for. */
#ifndef MR_CLI_SIMULATION_H
#define MR_CLI_SIMULATION_H

#include <millrace/loop.h>

#include "cli/options.h"

/* Fill *out for the loop's options: draws and tells the seed if none was given, sets the time zone,
 * opens the trace. false: one line went to stderr, the status is MR__STATUS_FAILED. */
bool mr__simulation_begin(mr_simulate *out, const mr__options *options);
/* Complete the trace. false: it could not be written, one line went to stderr. */
bool mr__simulation_end(const mr__options *options);

#endif
