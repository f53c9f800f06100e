#include "bout.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_RUN_S = 180 };

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The kernel's number of the trace point at the entry of each system call; 0: unknown here. */
static uint64_t syscall_tracepoint(void)
{
    static const char *const places[] = {
        "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
        "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
    };
    unsigned long long id = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && id == 0; i++) {
        FILE *file = fopen(places[i], "re");
        if (file == NULL)
            continue;
        if (fscanf(file, "%llu", &id) != 1)
            id = 0;
        fclose(file);
    }
    return id;
}

/* Counts the calls of a process and of all threads and children that it will have, from its exec on. */
static int open_counter(pid_t pid)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof(attr),
        .config = syscall_tracepoint(),
        .disabled = 1,
        .inherit = 1,
        .enable_on_exec = 1,
    };
    if (attr.config == 0)
        return -1;
    return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static _Noreturn void become(const entrant *one, uint64_t ops, bool quiet, int gate, int output)
{
    char number[32], *argv[ENTRANT_ARGS + 1] = {one->argv[0]};
    unsigned n = 1;
    for (; one->argv[n] != NULL; n++)
        argv[n] = one->argv[n];
    snprintf(number, sizeof(number), "%llu", (unsigned long long)ops);
    if (ops > 0)
        argv[n++] = number;
    argv[n] = NULL;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(output, 1);
    if (quiet)
        dup2(null, 2);
    char go;
    while (read(gate, &go, 1) < 0)
        ;
    alarm(LONGEST_RUN_S);
    execv(one->argv[0], argv);
    _exit(127);
}

static void read_figures(FILE *output, bout *out)
{
    char line[256];
    while (fgets(line, sizeof(line), output) != NULL && out->n < BOUT_FIGURES) {
        bout_figure *figure = &out->figures[out->n];
        *figure = (bout_figure){0};
        char *rest;
        figure->ns = strtod(line, &rest);
        figure->ops = strtoull(rest, &rest, 10);
        sscanf(rest, "%47s", figure->suffix);
        out->n += figure->ops > 0;
    }
}

int bout_run(const entrant *one, uint64_t ops, bool count, bool quiet, bout *out)
{
    int gate[2], output[2];
    *out = (bout){.syscalls = -1};
    if (pipe2(gate, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        close(gate[1]); /* or it would hold its own gate shut */
        become(one, ops, quiet, gate[0], output[1]);
    }
    close(gate[0]);
    close(output[1]);
    int counter = count && child > 0 ? open_counter(child) : -1;
    uint64_t start = now_ns();
    close(gate[1]); /* opens it */

    FILE *figures = fdopen(output[0], "r");
    if (figures != NULL) {
        read_figures(figures, out);
        fclose(figures);
    }
    int status = 1;
    struct rusage usage = {0};
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    uint64_t calls;
    if (counter >= 0 && read(counter, &calls, sizeof(calls)) == sizeof(calls))
        out->syscalls = (int64_t)calls;
    if (counter >= 0)
        close(counter);
    out->rss_kb = usage.ru_maxrss;
    if (one->whole_life) {
        out->figures[0] = (bout_figure){.ns = (double)(now_ns() - start), .ops = 1};
        out->n = 1;
    }
    if (!WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status) == 0 && out->n == 0 ? 1 : WEXITSTATUS(status);
}
