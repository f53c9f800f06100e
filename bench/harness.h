/* What the programs of the tournament share: the list of workloads, clocks, random numbers, samples,
 * placement, checks, results.
 *
 * One program a contestant: bench/c/NAME_*.c with this harness. `contest-NAME --list` prints what it can
 * do, a line each: workload, contestant, operations. `contest-NAME WORKLOAD CONTESTANT [OPS]` runs one of
 * them once and prints a line for each figure: ns per operation, operations, and a suffix of the
 * workload's name where there is more than one figure. Exit 1: a check failed, the figures are worth
 * nothing. Exit 77: this machine cannot run it.
 *
 * The rules of a workload stand in bench/rules, one file a group, once for all contestants: the file
 * drives and checks, and the contestant gives it a few functions (peer_*) before it includes it.
 */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- workloads ---- */

/* Where threads run: FREE, as the system likes; SAME, all on processor 0; CROSS, the loop's owner on
 * processor 0 and all others on 1. */
typedef enum bench_place { PLACE_FREE, PLACE_SAME, PLACE_CROSS } bench_place;

typedef struct bench_workload {
    char name[40], contestant[24];
    void (*run)(const struct bench_workload *workload);
    uint64_t ops;  /* when run: as the command line says */
    uint64_t size; /* producers, residents, idle descriptors: as the group says */
    uint64_t active;
    bench_place place;
    struct bench_workload *next;
} bench_workload;

/* Add a workload to the program's list; called before main. */
void bench_add(const bench_workload *workload);

/* Before main, where the file that follows the rules stands. */
#define BENCH_REGISTER(function) __attribute__((constructor)) static void function(void)

/* "" for FREE, "_same", "_cross". */
const char *bench_place_suffix(bench_place place);

/* ---- placement ---- */

enum { BENCH_OWNER = 0, BENCH_OTHER = 1 };

/* Put the calling thread where `place` wants the owner or another thread. Exit 77 when CROSS finds one
 * processor only. */
void bench_place_thread(bench_place place, int who);

/* ---- clocks ---- */

static inline uint64_t bench_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Wall time; processor time of this thread; of the whole process. */
static inline uint64_t wall_ns(void)
{
    return bench_clock(CLOCK_MONOTONIC);
}
static inline uint64_t thread_ns(void)
{
    return bench_clock(CLOCK_THREAD_CPUTIME_ID);
}
static inline uint64_t process_ns(void)
{
    return bench_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- numbers ---- */

/* xorshift64* (Vigna, 2016), the same numbers in each run. */
static inline uint64_t bench_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

/* 0 to n-1 in a random order; the caller frees. */
uint32_t *bench_shuffled(size_t n);

/* Memory, or the end. */
void *bench_alloc(size_t n, size_t size);

/* ---- results and checks ---- */

/* One figure; suffix "" or as "_p99". */
void bench_result(const char *suffix, double ns, uint64_t ops);
/* The figure of a span of nanoseconds in which `ops` operations were done. */
void bench_span(uint64_t ns, uint64_t ops);
/* Memory from malloc now, as mallinfo2 tells it; and _bytes, what of it each of n things takes, in place of
 * nanoseconds: that of the contestant and of the nodes that a contestant's user must have. */
uint64_t bench_memory(void);
void bench_bytes(uint64_t bytes, uint64_t n);
/* p50 as the figure itself, and _p99; sorts the samples. */
void bench_percentiles(uint64_t *samples, size_t n);
/* The p-th of sorted samples, p from 0 to 1. */
uint64_t bench_percentile(const uint64_t *sorted, size_t n, double p);
void bench_sort(uint64_t *samples, size_t n);

_Noreturn void bench_fail(const char *file, int line, const char *what);
_Noreturn void bench_skip(const char *why);

/* Stays on in every build. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            bench_fail(__FILE__, __LINE__, #condition);                                            \
    } while (0)

#endif
