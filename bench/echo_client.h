/* The client of the echo workloads; see rules/fd_rules.h. The server runs in a child of this process and
 * is killed in the end. */
#ifndef BENCH_ECHO_CLIENT_H
#define BENCH_ECHO_CLIENT_H

#include "harness.h"

/* Run a server and measure it. serve(listener, connections) need not return. */
void echo_run(const bench_workload *workload, void (*serve)(int listener, uint64_t connections));

/* Add echo_c1, _c50 and _c1000. */
void echo_register(const char *contestant, void (*run)(const bench_workload *workload));

#endif
