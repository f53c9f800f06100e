/* An echo server: the loop has a thread of its own, and another thread opens and closes the door. */
#include <arpa/inet.h>
#include <millrace/millrace.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)

static mr_loop *loop;

static int fd_of(void *arg)
{
    return (int)(intptr_t)arg;
}

static void close_fd(void *arg)
{
    close(fd_of(arg));
}

/* The loop ended with the connection in place: its argument comes back here. */
static void discarded(void *arg, mr_status reason)
{
    (void)reason;
    close_fd(arg);
}

static void on_bytes(mr_watch watch, unsigned events, void *arg)
{
    char bytes[512];
    ssize_t n = (events & MR_READ) != 0 ? recv(fd_of(arg), bytes, sizeof bytes, MSG_DONTWAIT) : 0;
    if (n > 0 && send(fd_of(arg), bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n)
        return;
    /* Gone, or not reading: close in the close phase, when no callback can follow. */
    mr_watch_remove(loop, watch, close_fd, arg);
}

static void on_connection(mr_watch watch, unsigned events, void *listener)
{
    mr_watch connection;
    int fd = accept(fd_of(listener), NULL, NULL);
    (void)watch, (void)events;
    if (fd >= 0 && mr_watch_add_with(loop, fd, MR_READ, on_bytes, (void *)(intptr_t)fd, discarded,
                                     &connection) != MR_OK)
        close(fd);
}

static void *run(void *arg)
{
    (void)arg;
    mr_loop_run(loop);
    return NULL;
}

static int open_listener(struct sockaddr_in *address)
{
    socklen_t len = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof *address) != 0 ||
        listen(fd, 8) != 0 || getsockname(fd, (struct sockaddr *)address, &len) != 0)
        return -1;
    return fd;
}

static int say_hello(const struct sockaddr_in *address)
{
    char answer[5];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
        send(fd, "hello", 5, MSG_NOSIGNAL) != 5 || recv(fd, answer, 5, MSG_WAITALL) != 5)
        return 1;
    printf("the server says %.5s\n", answer);
    return close(fd);
}

int main(void)
{
    struct sockaddr_in address;
    pthread_t thread;
    mr_watch door;
    int listener = open_listener(&address);
    if (listener < 0 || mr_loop_create(NULL, &loop) != MR_OK ||
        pthread_create(&thread, NULL, run, NULL) != 0)
        return 1;
    mr_status status = mr_watch_add_wait(loop, listener, MR_READ, on_connection,
                                         (void *)(intptr_t)listener, SECOND_NS, &door);
    int failed = status != MR_OK || say_hello(&address) != 0;
    if (status == MR_OK) /* no callback runs any more when this returns 0 */
        status = mr_watch_remove_wait(loop, door, NULL, NULL, SECOND_NS);
    mr_loop_shutdown(loop, UINT64_MAX);
    pthread_join(thread, NULL);
    close(listener);
    mr_loop_unref(loop);
    return failed != 0 || status != MR_OK;
}
