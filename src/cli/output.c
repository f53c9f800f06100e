#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    void (*fn)(void *arg);
    void *arg;
} before;

/* A descriptor of the loop must not become one of the three streams. */
static void fill_closed_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            _exit(MR__STATUS_FAILED);
    }
}

void mr__output_init(void)
{
    fill_closed_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write */
}

/* The end after a failed write. Nothing more can be said on a stream that is closed. */
static void fail(int stream, int error)
{
    if (stream != STDOUT_FILENO)
        return;
    fflush(NULL); /* a trace that is being written */
    if (error == EPIPE)
        _exit(MR__STATUS_PIPE);
    fprintf(stderr, "millrace: cannot write to standard output: %s\n", strerror(error));
    _exit(MR__STATUS_FAILED);
}

void mr__output_before(void (*fn)(void *arg), void *arg)
{
    before.fn = fn;
    before.arg = arg;
}

void mr__output_write(int stream, const char *data, size_t len_bytes, void *arg)
{
    (void)arg;
    if (before.fn != NULL)
        before.fn(before.arg);
    while (len_bytes > 0) {
        ssize_t written = write(stream, data, len_bytes);
        if (written >= 0) {
            data += written;
            len_bytes -= (size_t)written;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = stream, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            fail(stream, errno);
            return;
        }
    }
}

bool mr__output_has_color(mr__color color, int stream)
{
    if (color != MR__COLOR_AUTO)
        return color == MR__COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(stream) == 1 && (no_color == NULL || *no_color == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}
