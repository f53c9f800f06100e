/* The texts of `millrace help`. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static const char general[] =
    "Millrace: JavaScript on an event loop for C programs.\n"
    "\n"
    "Usage:\n"
    "  millrace run  [options] FILE [args...]   run a script; FILE - is standard input\n"
    "  millrace eval [options] CODE [args...]   run a piece of code\n"
    "  millrace repl [options]                  type code, see results; also without a command\n"
    "  millrace help [run|eval|repl]            this text, or that of a command\n"
    "  millrace --version                       the version\n"
    "\n"
    "Example:\n"
    "  millrace run app.js\n";

#define COMMON_OPTIONS                                                                             \
    "  --unhandled-rejections=MODE   throw (default), warn or none\n"                              \
    "  --no-warnings                 print no process warnings\n"                                  \
    "  --color=WHEN                  auto (default), always or never\n"                            \
    "  --trace-promises              say where a promise was made when its rejection is fatal\n"   \
    "  --simulate                    run in virtual time: no waiting, and the same program with\n" \
    "                                the same seed does the same, to the byte\n"                   \
    "  --seed N                      with --simulate: what decides order and random numbers, 0\n"  \
    "                                to 18446744073709551615; without it one is drawn and told\n"  \
    "  --trace FILE                  with --simulate: write a line for each event to FILE\n"       \
    "  --help                        this text\n"

static const char run[] =
    "Usage: millrace run [options] FILE [args...]\n"
    "\n"
    "Runs a script. .mjs is an ECMAScript module and .cjs a CommonJS file; .js is a module if the\n"
    "nearest package.json says so, else a classic script if it compiles as one, else a module.\n"
    "FILE - is standard input. What follows FILE is process.argv from index 2.\n"
    "\n"
    "Options:\n"
    "  --module                      read FILE as an ECMAScript module\n"
    "  --script                      read FILE as a classic script\n" COMMON_OPTIONS "\n"
    "Exit status:\n"
    "  0    nothing is left to do\n"
    "  1    uncaught exception or rejection; FILE missing, unreadable or not compiling\n"
    "  2    wrong command line\n"
    "  7    a listener of 'uncaughtException' threw\n"
    "  13   the top-level await of the module never settled\n"
    "  141  standard output was closed\n"
    "  n    process.exit(n), process.exitCode = n\n"
    "\n"
    "Example:\n"
    "  millrace run --module app.js --verbose\n";

static const char eval[] =
    "Usage: millrace eval [options] CODE [args...]\n"
    "\n"
    "Runs a piece of code as a classic script that may use top-level await. What follows CODE is\n"
    "process.argv from index 1.\n"
    "\n"
    "Options:\n"
    "  -p, --print                   print the completion value\n" COMMON_OPTIONS "\n"
    "Example:\n"
    "  millrace eval -p '6 * 7'\n";

static const char repl[] =
    "Usage: millrace repl [options]\n"
    "\n"
    "Reads code line by line, runs it and prints the values. On a terminal with editing, history\n"
    "and completion (Tab); else without a prompt, one result a line. .help tells the commands.\n"
    "_ is the last value and _error the last error; Ctrl+C stops running code, Ctrl+D leaves.\n"
    "\n"
    "Options:\n"
    "  --unhandled-rejections=MODE   throw (default), warn or none\n"
    "  --no-warnings                 print no process warnings\n"
    "  --color=WHEN                  auto (default), always or never\n"
    "  --trace-promises              say where a promise was made that nobody handles\n"
    "  --help                        this text\n"
    "\n"
    "Environment:\n"
    "  MILLRACE_REPL_HISTORY         the history's file, ~/.millrace_repl_history; empty: none\n"
    "  MILLRACE_REPL_HISTORY_SIZE    how many lines it keeps, 1000\n"
    "\n"
    "Example:\n"
    "  millrace repl --color=never <session.js\n";

bool mr__help_print(const char *topic)
{
    const char *text = topic == NULL                ? general
                       : strcmp(topic, "run") == 0  ? run
                       : strcmp(topic, "eval") == 0 ? eval
                       : strcmp(topic, "repl") == 0 ? repl
                                                    : NULL;
    if (text == NULL) {
        fprintf(stderr, "millrace: no help for '%s'; there is help for run, eval and repl\n",
                topic);
        return false;
    }
    fputs(text, stdout);
    return true;
}
