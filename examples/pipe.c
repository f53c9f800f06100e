/* A watch on a pipe: readiness, half-close, and removing the watch from its own callback. */
#include <millrace/millrace.h>
#include <stdio.h>
#include <unistd.h>

static mr_loop *loop;

static void on_ready(mr_watch watch, unsigned events, void *arg)
{
    int fd = *(int *)arg;
    char text[16];
    ssize_t n = (events & MR_READ) != 0 ? read(fd, text, sizeof text) : 0;
    if (n > 0) {
        printf("read %.*s\n", (int)n, text);
    } else {
        puts("writer is gone");
        mr_watch_remove(loop, watch, NULL, NULL);
    }
}

int main(void)
{
    int fds[2];
    mr_watch watch;
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    if (pipe(fds) != 0 || mr_loop_create(&options, &loop) != MR_OK ||
        mr_watch_add(loop, fds[0], MR_READ, on_ready, &fds[0], &watch) != MR_OK)
        return 1;
    if (write(fds[1], "hello", 5) != 5)
        return 1;
    close(fds[1]);
    mr_status status = mr_loop_run(loop);
    mr_loop_unref(loop);
    close(fds[0]);
    return status == MR_OK ? 0 : 1;
}
