/* The descriptors of a simulated world: pairs of connected ends, a bounded buffer in each direction.
 *
 * Readiness follows the poller contract (os/poller.h) and what a connected pair of stream sockets
 * shows there. An end goes with its close: its number is free for the next pair, the lowest first,
 * and its registration is gone. Not for several threads. */
#ifndef MR_OS_SIM_PIPES_H
#define MR_OS_SIM_PIPES_H

#include <stdint.h>

#include "os/poller.h"
#include "os/sim/random.h"

enum {
    MR__PIPES_FIRST = 1 << 30, /* no descriptor of the system has so high a number */
    MR__PIPE_BYTES = 4096      /* MR_SIM_PIPE_BYTES */
};

typedef struct mr__pipes mr__pipes;

mr__pipes *mr__pipes_create(void); /* NULL: no memory */
void mr__pipes_destroy(mr__pipes *pipes);

/* MR_ENOMEM; fds is untouched then. */
mr_status mr__pipes_open(mr__pipes *pipes, int fds[2]);
/* What is there, up to cap bytes; 0 bytes when nothing is there yet. MR_ECLOSED: after the last
 * byte, the other end writes no more. MR_EIO: it was closed with bytes of ours unread. MR_EBADF. */
mr_status mr__pipes_read(mr__pipes *pipes, int fd, void *bytes, size_t cap, size_t *out_len);
/* As many bytes as there is room for, 0 when there is none. MR_ECLOSED: the other end is closed, or
 * this one was ended. MR_EIO, MR_EBADF. */
mr_status mr__pipes_write(mr__pipes *pipes, int fd, const void *bytes, size_t len, size_t *out_len);
/* No more writing from this end: the other one reads to the end. MR_EBADF. */
mr_status mr__pipes_end(mr__pipes *pipes, int fd);
mr_status mr__pipes_close(mr__pipes *pipes, int fd); /* MR_EBADF */

/* As mr__poller_set. */
mr_status mr__pipes_set(mr__pipes *pipes, int fd, unsigned from, unsigned to, uint64_t token);
/* Up to cap ready ends, in random order; those beyond cap come first the next time. */
size_t mr__pipes_collect(mr__pipes *pipes, mr__random *random, mr__ready *ready, size_t cap);
bool mr__pipes_any_ready(const mr__pipes *pipes);

#endif
