#include "rows.h"

#include <stdlib.h>
#include <string.h>

row *rows_get(rows *all, const char *workload, const char *suffix, const char *contestant)
{
    char name[2 * NAME_BYTES];
    snprintf(name, sizeof(name), "%s%s", workload, suffix);
    for (unsigned i = 0; i < all->n; i++)
        if (strcmp(all->at[i].workload, name) == 0 &&
            strcmp(all->at[i].contestant, contestant) == 0)
            return &all->at[i];
    all->at = reallocarray(all->at, all->n + 1, sizeof(*all->at));
    if (all->at == NULL)
        abort();
    row *one = &all->at[all->n++];
    *one = (row){.syscalls = -1};
    memcpy(one->workload, name, sizeof(name));
    snprintf(one->contestant, sizeof(one->contestant), "%s", contestant);
    return one;
}

void row_add(row *one, double ns, uint64_t ops, long rss_kb)
{
    one->samples = reallocarray(one->samples, one->n + 1, sizeof(*one->samples));
    if (one->samples == NULL)
        abort();
    one->samples[one->n++] = ns;
    one->ops = ops;
    if (rss_kb > one->rss_kb)
        one->rss_kb = rss_kb;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void rows_finish(rows *all)
{
    for (unsigned i = 0; i < all->n; i++) {
        row *one = &all->at[i];
        qsort(one->samples, one->n, sizeof(*one->samples), compare);
        one->median = (one->samples[(one->n - 1) / 2] + one->samples[one->n / 2]) / 2;
        double width = one->samples[one->n - 1] - one->samples[0];
        one->spread = one->median > 0 ? width / one->median : 0;
    }
}

double rows_widest(const rows *all)
{
    double widest = 0;
    for (unsigned i = 0; i < all->n; i++)
        if (all->at[i].spread > widest)
            widest = all->at[i].spread;
    return widest;
}

void rows_keep_steadier(rows *kept, rows *again)
{
    for (unsigned i = 0; i < kept->n; i++)
        for (unsigned j = 0; j < again->n; j++) {
            row *old = &kept->at[i], *new = &again->at[j], other;
            if (strcmp(old->workload, new->workload) != 0 ||
                strcmp(old->contestant, new->contestant) != 0 || old->spread <= new->spread)
                continue;
            other = *old;
            *old = *new;
            *new = other;
        }
    rows_free(again);
}

void rows_free(rows *all)
{
    for (unsigned i = 0; i < all->n; i++)
        free(all->at[i].samples);
    free(all->at);
    *all = (rows){0};
}

/* ---- showing ---- */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The best row of a workload among the floors, or among the peers: who is neither a floor nor ours. */
static const row *best(const rows *all, const char *workload, bool floor)
{
    const row *found = NULL;
    for (unsigned i = 0; i < all->n; i++) {
        const row *one = &all->at[i];
        if (strcmp(one->workload, workload) == 0 && starts(one->contestant, "floor") == floor &&
            !starts(one->contestant, "millrace") && (found == NULL || one->median < found->median))
            found = one;
    }
    return found;
}

void rows_print_head(FILE *out)
{
    fprintf(out, "| workload | contestant | ns/op | least | most | to best peer | to floor "
                 "| syscalls/op | KiB |\n"
                 "|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
}

static void print_ratio(const row *one, const row *to, FILE *out)
{
    if (to == NULL || to->median <= 0)
        fprintf(out, " |");
    else
        fprintf(out, " %.2f |", one->median / to->median);
}

void rows_print(const rows *all, FILE *out)
{
    for (unsigned i = 0; i < all->n; i++) {
        const row *one = &all->at[i];
        fprintf(out, "| %s | %s | %.4g | %.4g | %.4g |", one->workload, one->contestant,
                one->median, one->samples[0], one->samples[one->n - 1]);
        print_ratio(one, best(all, one->workload, false), out);
        print_ratio(one, best(all, one->workload, true), out);
        if (one->syscalls < 0)
            fprintf(out, " |");
        else
            fprintf(out, " %.3g |", one->syscalls);
        fprintf(out, " %ld |\n", one->rss_kb);
    }
    fflush(out);
}

/* Names hold nothing that JSON escapes. */
void rows_print_json(const rows *all, FILE *out)
{
    for (unsigned i = 0; i < all->n; i++) {
        const row *one = &all->at[i];
        fprintf(out,
                "{\"workload\":\"%s\",\"contestant\":\"%s\",\"ns_per_op\":%.4g,\"spread\":%.4f,"
                "\"ops\":%llu,\"rss_kb\":%ld,\"syscalls_per_op\":",
                one->workload, one->contestant, one->median, one->spread,
                (unsigned long long)one->ops, one->rss_kb);
        if (one->syscalls < 0)
            fprintf(out, "null}\n");
        else
            fprintf(out, "%.6g}\n", one->syscalls);
    }
    fflush(out);
}
