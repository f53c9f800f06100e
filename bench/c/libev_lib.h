/* libev's header as these files use it: its macros cast pointers between its own types and shift signed
 * numbers, which our warnings mind. */
#ifndef BENCH_LIBEV_LIB_H
#define BENCH_LIBEV_LIB_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <ev.h>
#pragma GCC diagnostic pop
#pragma GCC diagnostic ignored "-Wstrict-aliasing"

#endif
