/* What `--simulate`, `--seed` and `--trace` ask for. */
#ifndef MR_CLI_SIMULATION_H
#define MR_CLI_SIMULATION_H

#include <stdio.h>

#include <millrace/loop.h>

#include "cli/options.h"

typedef struct mr__simulation {
    mr_simulate simulate; /* for the loop's options; holds the trace's FILE */
    FILE *trace;          /* NULL: none */
} mr__simulation;

/* Open the trace, set the time zone, draw and tell the seed if none was given. false: one line went
 * to stderr. */
bool mr__simulation_begin(mr__simulation *out_simulation, const mr__options *options);

/* Complete the trace, after the loop's last event. false: one line went to stderr. */
bool mr__simulation_end(mr__simulation *simulation, const mr__options *options);

#endif
