/* The command `millrace`. */
#include <stdio.h>

#include <millrace/version.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/run.h"

int main(int argc, char **argv)
{
    mr__options options;
    mr__output_init();
    if (!mr__command_line_read(&options, argc, argv))
        return MR__STATUS_USAGE;
    switch (options.command) {
    case MR__COMMAND_HELP:
        return mr__help_print(options.topic) ? 0 : MR__STATUS_USAGE;
    case MR__COMMAND_VERSION:
        printf("millrace %s (QuickJS-ng %s)\n", mr_version(), mr_js_engine_version());
        return 0;
    case MR__COMMAND_RUN:
    case MR__COMMAND_EVAL:
    case MR__COMMAND_REPL:
        break;
    }
    return mr__run(&options, argc, argv);
}
