/* What was measured: a row for each figure of a contestant in a workload, and how rows are shown. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "bout.h"

#include <stdio.h>

typedef struct row {
    char workload[2 * NAME_BYTES], contestant[NAME_BYTES];
    double *samples; /* ns per operation, a round each; sorted by rows_finish */
    unsigned n;
    double median, spread; /* spread: (most - least) / median */
    uint64_t ops;
    long rss_kb;
    double syscalls; /* an operation; negative: not known */
} row;

typedef struct rows {
    row *at;
    unsigned n;
} rows;

/* The row of a figure, made if it is new. */
row *rows_get(rows *all, const char *workload, const char *suffix, const char *contestant);
void row_add(row *one, double ns, uint64_t ops, long rss_kb);
void rows_finish(rows *all);
/* For each row that stands in both, `kept` gets the steadier one. Frees what is left. */
void rows_keep_steadier(rows *kept, rows *again);
double rows_widest(const rows *all);

void rows_print_head(FILE *out);
/* The rows of one workload and of its suffixes, with the ratios among those of one name. */
void rows_print(const rows *all, FILE *out);
void rows_print_json(const rows *all, FILE *out);
void rows_free(rows *all);

#endif
