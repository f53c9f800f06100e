/* A script's run: a loop, a runtime on it, the script as its first task, until nothing is left. */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <millrace/submit.h>

#include "cli/output.h"
#include "cli/repl.h"
#include "cli/simulation.h"

/* Leak checkers want everything freed; otherwise the end of the process does that faster. */
#if defined(MR_TEST) || defined(__SANITIZE_ADDRESS__)
enum { FREE_AT_END = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { FREE_AT_END = 1 };
#else
enum { FREE_AT_END = 0 };
#endif
#else
enum { FREE_AT_END = 0 };
#endif

struct run {
    const mr__options *options;
    const char *file; /* real path of the script, or "-" */
    mr__simulation simulation;
    mr_loop *loop;
    mr_js *js;
    mr_status started; /* what could not be told otherwise */
};

static bool is_repl(const struct run *run)
{
    return run->options->command == MR__COMMAND_REPL;
}

static int fail(const char *what, mr_status status)
{
    fprintf(stderr, "millrace: %s: %s\n", what, mr_status_text(status));
    return MR__STATUS_FAILED;
}

/* ---- The script as a task ---------------------------------------------------------------------*/

static mr_status start_script(struct run *run)
{
    const char *target = run->options->target;
    if (run->options->command == MR__COMMAND_RUN)
        return mr_js_run_file(run->js, run->file, run->options->kind, NULL);
    if (run->options->print)
        return mr_js_eval_print(run->js, target, strlen(target), NULL);
    return mr_js_eval(run->js, target, strlen(target), NULL, MR_JS_EVAL, NULL);
}

static void first_task(void *arg)
{
    struct run *run = arg;
    run->started = start_script(run);
    if (run->started == MR_EJS)
        mr_js_raise(run->js);
}

static void on_quiescence(void *arg)
{
    struct run *run = arg;
    mr_js_before_exit(run->js);
}

/* ---- What the script is told ------------------------------------------------------------------*/

/* process.argv; the strings of argv are borrowed. */
struct script_argv {
    char program[PATH_MAX];
    const char **list;
    int count;
};

static bool make_argv(struct script_argv *out, const struct run *run, int argc, char *const *argv)
{
    ssize_t len = readlink("/proc/self/exe", out->program, sizeof(out->program) - 1);
    snprintf(out->program + (len > 0 ? len : 0), len > 0 ? 1 : sizeof(out->program), "%s",
             len > 0 ? "" : argv[0]);
    out->list = calloc((size_t)argc + 2, sizeof(*out->list));
    if (out->list == NULL)
        return false;
    out->list[out->count++] = out->program;
    if (run->options->command == MR__COMMAND_RUN)
        out->list[out->count++] = run->file;
    for (int i = run->options->first_arg; i < argc; i++)
        out->list[out->count++] = argv[i];
    return true;
}

static mr_status make_runtime(struct run *run, const struct script_argv *script, char *const *argv)
{
    const mr__options *options = run->options;
    const mr_js_options js_options = {
        .size_bytes = sizeof(js_options),
        .write = mr__output_write,
        .argv = script->list,
        .argc = script->count,
        .argv0 = argv[0],
        .exec_argv = (const char *const *)argv + options->first_option,
        .exec_argc = options->option_count,
        .rejections = options->rejections,
        .no_warnings = options->no_warnings,
        .trace_promises = options->trace_promises,
        .own_stdio = true,
        .color_stdout = mr__output_has_color(options->color, STDOUT_FILENO),
        .color_stderr = mr__output_has_color(options->color, STDERR_FILENO),
        .exit_closes_loop = !is_repl(run),
        .cache_entries = MR_JS_CACHE_ENTRIES,
    };
    return mr_js_create(run->loop, &js_options, &run->js);
}

/* ---- The run ----------------------------------------------------------------------------------*/

static int run_loop(struct run *run)
{
    mr_status status = mr_submit(run->loop, first_task, run);
    if (status == MR_OK)
        status = mr_loop_run(run->loop);
    /* A deadlock is the end of virtual time, with timers that would come after it. */
    if (status != MR_OK && status != MR_ECANCELED && status != MR_EDEADLOCK)
        return fail("the event loop ended", status);
    int code = mr_js_finish(run->js);
    if (run->started != MR_OK && run->started != MR_EJS && run->started != MR_ECANCELED)
        return fail("the script could not be started", run->started);
    return code;
}

static int run_with(struct run *run, int argc, char *const *argv)
{
    const mr_loop_options loop_options = {
        .size_bytes = sizeof(loop_options),
        .auto_exit = !is_repl(run),
        .on_quiescence = on_quiescence,
        .arg = run,
        .simulate = run->options->simulate ? &run->simulation.simulate : NULL,
    };
    struct script_argv script = {.count = 0};
    mr_status status = mr_loop_create(&loop_options, &run->loop);
    if (status != MR_OK)
        return fail("no event loop", status);
    if (!make_argv(&script, run, argc, argv))
        return fail("no runtime", MR_ENOMEM);
    status = make_runtime(run, &script, argv);
    free(script.list);
    if (status != MR_OK)
        return fail("no runtime", status);
    return is_repl(run) ? mr__repl_run(run->loop, run->js) : run_loop(run);
}

/* Tell why a script cannot be read, before anything is made. */
static bool is_readable(const char *file)
{
    if (strcmp(file, "-") == 0)
        return true;
    struct stat stat;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode))
        error = EISDIR;
    if (fd >= 0)
        close(fd);
    if (error != 0)
        fprintf(stderr, "millrace: cannot run '%s': %s\n", file, strerror(error));
    return error == 0;
}

int mr__run(const mr__options *options, int argc, char *const *argv)
{
    char real[PATH_MAX];
    struct run run = {.options = options, .file = options->target};
    if (options->command == MR__COMMAND_RUN) {
        if (!is_readable(options->target))
            return MR__STATUS_FAILED;
        if (strcmp(options->target, "-") != 0 && realpath(options->target, real) != NULL)
            run.file = real;
    }
    if (options->simulate && !mr__simulation_begin(&run.simulation, options))
        return MR__STATUS_FAILED;
    int status = run_with(&run, argc, argv);
    if (FREE_AT_END) {
        mr_js_destroy(run.js);
        mr_loop_unref(run.loop);
    }
    return mr__simulation_end(&run.simulation, options) ? status : MR__STATUS_FAILED;
}
