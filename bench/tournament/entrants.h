/* Who takes part: the programs beside this one, and the runtimes of JavaScript that are installed. */
#ifndef BENCH_ENTRANTS_H
#define BENCH_ENTRANTS_H

#include <stdbool.h>
#include <stdint.h>

enum { ENTRANT_ARGS = 8, NAME_BYTES = 48 };

/* One contestant in one workload. */
typedef struct entrant {
    char workload[NAME_BYTES], contestant[NAME_BYTES];
    char *argv[ENTRANT_ARGS]; /* the last argument but the operations; NULL ends it */
    uint64_t ops;             /* usually; 0: only the program knows */
    bool whole_life;          /* the figure is the time from start to exit of the process */
} entrant;

typedef struct entrants {
    entrant *at;
    unsigned n;
} entrants;

/* All of them, those of one workload side by side, in the order of the groups. directory: of the
 * contestants' programs; sources: of bench. */
void entrants_find(entrants *out, const char *directory, const char *sources);

#endif
