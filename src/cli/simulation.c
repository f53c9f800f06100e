#include "cli/simulation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool fail(const char *what, const char *path, int error)
{
    fprintf(stderr, "millrace: %s%s%s%s: %s\n", what, path ? " '" : "", path ? path : "",
            path ? "'" : "", strerror(error));
    return false;
}

static void write_line(const char *line, size_t len_bytes, void *arg)
{
    FILE *trace = arg;
    fwrite(line, 1, len_bytes, trace);
    putc('\n', trace);
}

/* Short enough to be typed again. */
static bool draw_seed(uint64_t *out_seed)
{
    uint32_t seed;
    if (getentropy(&seed, sizeof(seed)) != 0)
        return fail("cannot draw a seed", NULL, errno);
    *out_seed = seed;
    fprintf(stderr, "millrace: simulating; to repeat this run: --seed %" PRIu32 "\n", seed);
    return true;
}

bool mr__simulation_begin(mr__simulation *out_simulation, const mr__options *options)
{
    *out_simulation = (mr__simulation){.simulate = {.seed = options->seed}};
    if (options->trace != NULL) {
        FILE *trace = fopen(options->trace, "we");
        if (trace == NULL)
            return fail("cannot write the trace", options->trace, errno);
        out_simulation->trace = out_simulation->simulate.trace_arg = trace;
        out_simulation->simulate.trace_fn = write_line;
    }
    if (setenv("TZ", "UTC", 1) != 0)
        return fail("cannot set the time zone", NULL, errno);
    tzset();
    return options->has_seed || draw_seed(&out_simulation->simulate.seed);
}

bool mr__simulation_end(mr__simulation *simulation, const mr__options *options)
{
    if (simulation->trace == NULL)
        return true;
    errno = 0;
    bool failed = ferror(simulation->trace) != 0;
    if (fclose(simulation->trace) != 0)
        failed = true;
    simulation->trace = NULL;
    return !failed || fail("cannot write the trace", options->trace, errno ? errno : EIO);
}
