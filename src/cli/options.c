/* Reading the command line. Nothing is run unless all of it is understood. */
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Complaints -------------------------------------------------------------------------------*/

static bool complain(const char *format, ...) MR_PRINTF(1, 2);
static bool complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("millrace: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

/* ---- The options ------------------------------------------------------------------------------*/

enum option_id {
    KIND_MODULE,
    KIND_SCRIPT,
    REJECTIONS,
    NO_WARNINGS,
    COLOR,
    PRINT,
    SIMULATE,
    SEED,
    TRACE,
    TRACE_PROMISES
};

struct choice {
    const char *word;
    int value;
};

static const struct choice rejection_words[] = {
    {"throw", MR_JS_REJECTIONS_THROW},
    {"warn", MR_JS_REJECTIONS_WARN},
    {"none", MR_JS_REJECTIONS_NONE},
    {NULL, 0},
};
static const struct choice color_words[] = {
    {"auto", MR__COLOR_AUTO},
    {"always", MR__COLOR_ALWAYS},
    {"never", MR__COLOR_NEVER},
    {NULL, 0},
};

enum {
    RUN = 1u << MR__COMMAND_RUN,
    EVAL = 1u << MR__COMMAND_EVAL,
    REPL = 1u << MR__COMMAND_REPL,
};

/* Also the order in which a complaint names them. */
static const struct option {
    const char *name, *short_name;
    enum option_id id;
    unsigned commands;          /* bits of mr__command */
    const struct choice *words; /* the values that there are; NULL: read_text knows */
    const char *takes;          /* the same for people; NULL: takes no value */
} options[] = {
    {"--module", NULL, KIND_MODULE, RUN, NULL, NULL},
    {"--script", NULL, KIND_SCRIPT, RUN, NULL, NULL},
    {"--print", "-p", PRINT, EVAL, NULL, NULL},
    {"--unhandled-rejections", NULL, REJECTIONS, RUN | EVAL | REPL, rejection_words,
     "throw, warn or none"},
    {"--no-warnings", NULL, NO_WARNINGS, RUN | EVAL | REPL, NULL, NULL},
    {"--color", NULL, COLOR, RUN | EVAL | REPL, color_words, "auto, always or never"},
    {"--trace-promises", NULL, TRACE_PROMISES, RUN | EVAL | REPL, NULL, NULL},
    {"--simulate", NULL, SIMULATE, RUN | EVAL, NULL, NULL},
    {"--seed", NULL, SEED, RUN | EVAL, NULL, "a whole number from 0 to 18446744073709551615"},
    {"--trace", NULL, TRACE, RUN | EVAL, NULL, "the path of a file to write"},
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static void apply(mr__options *out, enum option_id id, int value)
{
    switch (id) {
    case KIND_MODULE:
        out->kind = MR_JS_MODULE;
        break;
    case KIND_SCRIPT:
        out->kind = MR_JS_SCRIPT;
        break;
    case REJECTIONS:
        out->rejections = (mr_js_rejections)value;
        break;
    case NO_WARNINGS:
        out->no_warnings = true;
        break;
    case COLOR:
        out->color = (mr__color)value;
        break;
    case PRINT:
        out->print = true;
        break;
    case TRACE_PROMISES:
        out->trace_promises = true;
        break;
    case SIMULATE:
        out->simulate = true;
        break;
    case SEED:
    case TRACE:
        break;
    }
}

static bool read_seed(const char *text, uint64_t *out_seed)
{
    uint64_t seed = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned digit = (unsigned)*text - '0';
        if (digit > 9 || seed > (UINT64_MAX - digit) / 10)
            return false;
        seed = seed * 10 + digit;
    }
    *out_seed = seed;
    return true;
}

/* A value that is not one of a few words. */
static bool read_text(mr__options *out, enum option_id id, const char *value)
{
    if (id == SEED) {
        out->has_seed = true;
        return read_seed(value, &out->seed);
    }
    out->trace = value;
    return *value != '\0';
}

static bool read_value(mr__options *out, const struct option *option, const char *value)
{
    if (option->words == NULL)
        return read_text(out, option->id, value);
    for (const struct choice *choice = option->words; choice->word != NULL; choice++) {
        if (strcmp(value, choice->word) == 0) {
            apply(out, option->id, choice->value);
            return true;
        }
    }
    return false;
}

static const struct option *find(const char *text, size_t name_len, mr__command command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        if ((option->commands >> command & 1) == 0)
            continue;
        if (strlen(option->name) == name_len && memcmp(option->name, text, name_len) == 0)
            return option;
        if (option->short_name != NULL && strcmp(option->short_name, text) == 0)
            return option;
    }
    return NULL;
}

static bool complain_unknown(const char *text, mr__command command)
{
    char known[256] = "";
    for (int i = 0; i < OPTION_COUNT; i++) {
        if ((options[i].commands >> command & 1) == 0)
            continue;
        size_t used = strlen(known);
        snprintf(known + used, sizeof(known) - used, "%s%s", used == 0 ? "" : ", ",
                 options[i].name);
    }
    return complain("unknown option '%s'; the options are %s, --help", text, known);
}

/* One option; *at is moved when it takes the next argument as its value. */
static bool read_option(mr__options *out, int argc, char *const *argv, int *at)
{
    const char *text = argv[*at], *equals = strchr(text, '=');
    const struct option *option =
        find(text, equals ? (size_t)(equals - text) : strlen(text), out->command);
    if (option == NULL)
        return complain_unknown(text, out->command);
    if (option->takes == NULL) {
        if (equals != NULL)
            return complain("option '%s' takes no value", option->name);
        apply(out, option->id, 0);
        return true;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (value == NULL && *at + 1 < argc)
        value = argv[++*at];
    if (value != NULL && read_value(out, option, value))
        return true;
    return complain("bad value '%s' for option '%s'; it takes %s", value ? value : "", option->name,
                    option->takes);
}

/* Options that mean nothing without another. */
static bool check_options(const mr__options *out)
{
    if (!out->simulate && out->has_seed)
        return complain("option '--seed' needs option '--simulate'");
    if (!out->simulate && out->trace != NULL)
        return complain("option '--trace' needs option '--simulate'");
    return true;
}

/* ---- Commands ---------------------------------------------------------------------------------*/

static bool is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

/* The options of a command; *out_at is where they end. */
static bool read_options(mr__options *out, int argc, char *const *argv, const char *name,
                         int *out_at)
{
    int at = 2;
    out->first_option = at;
    for (; at < argc && argv[at][0] == '-' && argv[at][1] != '\0'; at++) {
        if (is_help(argv[at])) {
            out->command = MR__COMMAND_HELP;
            out->topic = name;
            return true;
        }
        if (strcmp(argv[at], "--") == 0)
            break;
        if (!read_option(out, argc, argv, &at))
            return false;
    }
    if (!check_options(out))
        return false;
    out->option_count = at - out->first_option;
    if (at < argc && strcmp(argv[at], "--") == 0)
        at++;
    *out_at = at;
    return true;
}

/* Options, then FILE or CODE, then what belongs to the script. */
static bool read_target(mr__options *out, int argc, char *const *argv, const char *name,
                        const char *what)
{
    int at;
    if (!read_options(out, argc, argv, name, &at))
        return false;
    if (out->command == MR__COMMAND_HELP)
        return true;
    if (at >= argc)
        return complain("%s: no %s given; usage: millrace %s [options] %s [args...]", name, what,
                        name, what);
    out->target = argv[at];
    out->first_arg = at + 1;
    return true;
}

static bool read_repl(mr__options *out, int argc, char *const *argv)
{
    int at;
    out->first_arg = argc;
    if (!read_options(out, argc, argv, "repl", &at))
        return false;
    if (out->command == MR__COMMAND_HELP || at >= argc)
        return true;
    return complain("repl: unexpected argument '%s'; usage: millrace repl [options]", argv[at]);
}

static bool looks_like_script(const char *word)
{
    const char *dot = strrchr(word, '.');
    return strchr(word, '/') != NULL ||
           (dot != NULL &&
            (strcmp(dot, ".js") == 0 || strcmp(dot, ".mjs") == 0 || strcmp(dot, ".cjs") == 0));
}

static bool complain_command(const char *word)
{
    if (word[0] == '-')
        return complain("unknown option '%s'; the options here are --help and --version, those of "
                        "a script follow `millrace run`",
                        word);
    if (looks_like_script(word))
        return complain("unknown command '%s'; to run a file: millrace run %s", word, word);
    return complain("unknown command '%s'; the commands are run, eval, repl and help", word);
}

bool mr__command_line_read(mr__options *out_options, int argc, char *const *argv)
{
    *out_options = (mr__options){.command = MR__COMMAND_HELP};
    if (argc < 2) {
        out_options->command = MR__COMMAND_REPL;
        out_options->first_arg = argc;
        return (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) ||
               complain(
                   "no command given; to run a file: millrace run FILE (more: millrace --help)");
    }
    const char *word = argv[1];
    if (is_help(word) || strcmp(word, "help") == 0) {
        out_options->topic = argc > 2 ? argv[2] : NULL;
        return true;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-v") == 0) {
        out_options->command = MR__COMMAND_VERSION;
        return true;
    }
    if (strcmp(word, "run") == 0) {
        out_options->command = MR__COMMAND_RUN;
        return read_target(out_options, argc, argv, "run", "FILE");
    }
    if (strcmp(word, "eval") == 0) {
        out_options->command = MR__COMMAND_EVAL;
        out_options->kind = MR_JS_EVAL;
        return read_target(out_options, argc, argv, "eval", "CODE");
    }
    if (strcmp(word, "repl") == 0) {
        out_options->command = MR__COMMAND_REPL;
        return read_repl(out_options, argc, argv);
    }
    return complain_command(word);
}
