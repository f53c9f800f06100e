/* Standard output and error: synchronous, whole writes in call order. */
#ifndef MR_CLI_OUTPUT_H
#define MR_CLI_OUTPUT_H

#include <millrace/js.h>

#include "cli/options.h"

/* Call once, before anything is written. */
void mr__output_init(void);
/* The sink for mr_js_options.write. A closed standard output ends the process with status 141. */
mr_js_write_fn mr__output_write;
/* Call fn before each write: something on the terminal makes room. NULL: nothing. */
void mr__output_before(void (*fn)(void *arg), void *arg);
/* Whether a stream wants colours. */
bool mr__output_has_color(mr__color color, int stream);

#endif
