/* What the files of this contestant share: one loop with the default options. */
#ifndef BENCH_MILLRACE_LOOP_H
#define BENCH_MILLRACE_LOOP_H

#include <millrace/millrace.h>

static mr_loop *peer_loop;

static inline void millrace_open(void)
{
    CHECK(mr_loop_create(NULL, &peer_loop) == 0);
}

/* From a callback: nothing more is run, which is no error here. */
static inline void millrace_stop(void)
{
    CHECK(mr_loop_request_close(peer_loop) == 0);
}

static inline void millrace_run(void)
{
    CHECK(mr_loop_run(peer_loop) == MR_ECANCELED);
}

#endif
