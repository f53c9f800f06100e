/* The tournament: runs the contestants, interleaved, and says who was how fast.
 *
 * A round is one run of each contestant of a workload, each a fresh process: A B C, A B C. The first round
 * warms up and is not counted. When the most and the least of a row are further apart than 15 % of the
 * median, the workload is run again, twice at most, and the steadier rows are kept. System calls are
 * counted in two runs of their own, one four times as long as the other: the difference is free of what
 * start and end of a process call.
 */
#include "rows.h"

#include <libgen.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, MOST_REPEATS = 2, LONG_WORKLOAD_S = 90 };
#define WIDE 0.15

typedef struct options {
    const char *json, *only;
    unsigned rounds, percent, repeats;
    bool list;
} options;

static _Noreturn void usage(int status)
{
    fprintf(status == 0 ? stdout : stderr,
            "usage: tournament [--json FILE] [--only PATTERN] [--rounds N] [--ops PERCENT] "
            "[--steady N] [--list]\n\n"
            "  --json FILE    a JSON object a line for each row\n"
            "  --only PATTERN workloads that match this extended regular expression\n"
            "  --rounds N     counted rounds: 7\n"
            "  --ops PERCENT  of the usual number of operations: 100\n"
            "  --steady N     run a workload with a spread over 15 %% again, N times at most: 2\n"
            "  --list         workloads and contestants, without running them\n");
    exit(status);
}

static unsigned number(const char *text)
{
    char *end;
    unsigned long value = text == NULL ? 0 : strtoul(text, &end, 10);
    if (text == NULL || *text == '\0' || *end != '\0' || value > 1000000)
        usage(2);
    return (unsigned)value;
}

static options parse(char **argv)
{
    options out = {.rounds = ROUNDS, .percent = 100, .repeats = MOST_REPEATS};
    for (argv++; *argv != NULL; argv++) {
        if (strcmp(*argv, "--help") == 0)
            usage(0);
        else if (strcmp(*argv, "--list") == 0)
            out.list = true;
        else if (argv[1] == NULL)
            usage(2);
        else if (strcmp(*argv, "--json") == 0)
            out.json = *++argv;
        else if (strcmp(*argv, "--only") == 0)
            out.only = *++argv;
        else if (strcmp(*argv, "--rounds") == 0)
            out.rounds = number(*++argv);
        else if (strcmp(*argv, "--ops") == 0)
            out.percent = number(*++argv);
        else if (strcmp(*argv, "--steady") == 0)
            out.repeats = number(*++argv);
        else
            usage(2);
    }
    if (out.rounds == 0 || out.percent == 0)
        usage(2);
    return out;
}

/* ---- one workload ---- */

/* The contestants of one workload, and how much each does in a run. */
typedef struct match {
    entrant *at;
    unsigned n;
    uint64_t *ops;
    bool *absent; /* cannot run here, or failed */
} match;

static void record(rows *to, const entrant *one, const bout *run)
{
    for (unsigned i = 0; i < run->n; i++) {
        row *into = rows_get(to, one->workload, run->figures[i].suffix, one->contestant);
        row_add(into, run->figures[i].ns, run->figures[i].ops, run->rss_kb);
    }
}

/* The first run of each. Returns whether one failed. */
static bool warm_up(match *now, unsigned percent)
{
    bool failed = false;
    for (unsigned i = 0; i < now->n; i++) {
        bout run;
        uint64_t ops = now->at[i].ops * percent / 100;
        int status =
            bout_run(&now->at[i], ops == 0 && now->at[i].ops > 0 ? 1 : ops, false, false, &run);
        now->absent[i] = status != 0;
        now->ops[i] = run.figures[0].ops;
        if (status != 0)
            fprintf(stderr, "%s %s: %s\n", now->at[i].workload, now->at[i].contestant,
                    status == 77 ? "cannot take part" : "FAILED, left out");
        failed = failed || (status != 0 && status != 77);
    }
    return failed;
}

static bool play(match *now, unsigned rounds, rows *out)
{
    bool failed = false;
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < now->n; i++) {
            bout run;
            if (now->absent[i])
                continue;
            if (bout_run(&now->at[i], now->ops[i], false, true, &run) == 0) {
                record(out, &now->at[i], &run);
                continue;
            }
            fprintf(stderr, "%s %s: FAILED, left out\n", now->at[i].workload,
                    now->at[i].contestant);
            now->absent[i] = failed = true;
        }
    rows_finish(out);
    return failed;
}

static void count_syscalls(match *now, rows *out)
{
    for (unsigned i = 0; i < now->n; i++) {
        bout shorter, longer;
        const entrant *one = &now->at[i];
        if (now->absent[i] || bout_run(one, now->ops[i], true, true, &longer) != 0 ||
            longer.syscalls < 0)
            continue;
        double calls = (double)longer.syscalls;
        uint64_t ops = longer.figures[0].ops;
        if (!one->whole_life && ops >= 4) {
            if (bout_run(one, ops / 4, true, true, &shorter) != 0 || shorter.figures[0].ops >= ops)
                continue;
            calls -= (double)shorter.syscalls;
            ops -= shorter.figures[0].ops;
        }
        row *counted = rows_get(out, one->workload, "", one->contestant);
        counted->syscalls = calls < 0 ? 0 : calls / (double)ops;
    }
}

static uint64_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec;
}

static bool run_match(match *now, const options *with, rows *out)
{
    now->ops = calloc(now->n, sizeof(*now->ops));
    now->absent = calloc(now->n, sizeof(*now->absent));
    if (now->ops == NULL || now->absent == NULL)
        abort();
    bool failed = warm_up(now, with->percent);
    uint64_t start = seconds();
    failed = play(now, with->rounds, out) || failed;
    bool is_long = seconds() - start > LONG_WORKLOAD_S;
    for (unsigned i = 0; i < with->repeats && rows_widest(out) > WIDE && !is_long; i++) {
        rows again = {0};
        failed = play(now, with->rounds, &again) || failed;
        rows_keep_steadier(out, &again);
    }
    count_syscalls(now, out);
    free(now->ops);
    free(now->absent);
    return failed;
}

/* ---- all of them ---- */

static bool wanted(const char *workload, const options *with)
{
    regex_t pattern;
    if (with->only == NULL)
        return true;
    if (regcomp(&pattern, with->only, REG_EXTENDED | REG_NOSUB) != 0)
        return strstr(workload, with->only) != NULL;
    bool matches = regexec(&pattern, workload, 0, NULL, 0) == 0;
    regfree(&pattern);
    return matches;
}

static bool run_all(entrants *all, const options *with, FILE *json)
{
    bool failed = false;
    rows_print_head(stdout);
    for (unsigned i = 0, n; i < all->n; i += n) {
        const char *workload = all->at[i].workload;
        for (n = 1; i + n < all->n && strcmp(all->at[i + n].workload, workload) == 0;)
            n++;
        if (!wanted(workload, with))
            continue;
        rows measured = {0};
        failed = run_match(&(match){.at = &all->at[i], .n = n}, with, &measured) || failed;
        rows_print(&measured, stdout);
        if (json != NULL)
            rows_print_json(&measured, json);
        rows_free(&measured);
    }
    return failed;
}

int main(int argc, char **argv)
{
    (void)argc;
    options with = parse(argv);
    char self[PATH_MAX] = "";
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
        return 1;
    entrants all;
    entrants_find(&all, dirname(self), BENCH_SOURCES);
    if (with.list) {
        for (unsigned i = 0; i < all.n; i++)
            if (wanted(all.at[i].workload, &with))
                printf("%s %s\n", all.at[i].workload, all.at[i].contestant);
        return 0;
    }
    FILE *json = with.json == NULL ? NULL : fopen(with.json, "we");
    if (with.json != NULL && json == NULL) {
        perror(with.json);
        return 1;
    }
    bool failed = run_all(&all, &with, json);
    if (json != NULL && fclose(json) != 0) {
        perror(with.json);
        return 1;
    }
    return failed ? 1 : 0;
}
