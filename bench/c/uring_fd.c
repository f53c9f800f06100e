/* Floor of fd: floor-uring, polls of io_uring that stay armed, one wait for a batch of completions. */
#include "rules/fd_rules.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <liburing.h>
#pragma GCC diagnostic pop
#include <poll.h>

enum { ENTRIES = 1024 };

static struct io_uring ring;
static bool stopped;

static void peer_open(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CQSIZE, .cq_entries = 16 * ENTRIES};
    if (io_uring_queue_init_params(ENTRIES, &ring, &params) != 0)
        bench_skip("no io_uring here");
}

static void peer_watch(size_t i, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    if (sqe == NULL) {
        CHECK(io_uring_submit(&ring) >= 0);
        CHECK((sqe = io_uring_get_sqe(&ring)) != NULL);
    }
    io_uring_prep_poll_multishot(sqe, fd, POLLIN);
    io_uring_sqe_set_data64(sqe, i);
}

/* A poll that was disarmed, by an overflow of completions, is armed again. */
static void complete(const struct io_uring_cqe *cqe)
{
    size_t i = (size_t)io_uring_cqe_get_data64(cqe);
    if ((cqe->flags & IORING_CQE_F_MORE) == 0)
        peer_watch(i, fd_pairs[i].in);
    if (!stopped)
        fd_ready(i);
}

static void peer_run(void)
{
    while (!stopped) {
        struct io_uring_cqe *cqe;
        unsigned head, n = 0;
        CHECK(io_uring_submit_and_wait(&ring, 1) >= 0);
        io_uring_for_each_cqe(&ring, head, cqe)
        {
            complete(cqe);
            n++;
        }
        io_uring_cq_advance(&ring, n);
    }
}

static void peer_stop(void)
{
    stopped = true;
}

BENCH_REGISTER(uring_fd)
{
    fd_register("floor-uring");
}
