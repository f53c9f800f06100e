/* One run of one contestant: a fresh process, its figures, memory and system calls. */
#ifndef BENCH_BOUT_H
#define BENCH_BOUT_H

#include "entrants.h"

enum { BOUT_FIGURES = 6 };

typedef struct bout_figure {
    char suffix[NAME_BYTES]; /* of the workload's name */
    double ns;               /* an operation */
    uint64_t ops;
} bout_figure;

typedef struct bout {
    bout_figure figures[BOUT_FIGURES];
    unsigned n;
    long rss_kb;      /* the most that was resident */
    int64_t syscalls; /* of the process and its threads; -1: not counted */
} bout;

/* Run it; ops 0: as many as it likes. With `count` the system calls are counted by the kernel, where it
 * lets us: that costs some time, so its time is not to be used. Quiet: what it says on stderr is dropped.
 * Returns 0; 77: not for this machine; else it failed. */
int bout_run(const entrant *one, uint64_t ops, bool count, bool quiet, bout *out);

#endif
