#include "echo_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE = 64, BATCH = 256 };

typedef struct connection {
    int fd;
    unsigned got; /* bytes of the answer that is coming */
    uint64_t sent;
} connection;

static int listen_on(struct sockaddr_in *out_address)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof(*out_address);
    *out_address = (struct sockaddr_in){.sin_family = AF_INET};
    out_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(listener >= 0 && bind(listener, (struct sockaddr *)out_address, len) == 0);
    CHECK(listen(listener, 1024) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)out_address, &len) == 0);
    return listener;
}

static void send_one(connection *one)
{
    char message[MESSAGE];
    one->sent++;
    memset(message, (int)(one->sent & 127), sizeof(message));
    CHECK(write(one->fd, message, sizeof(message)) == MESSAGE);
    one->got = 0;
}

/* Returns whether an answer has come whole. */
static bool receive(connection *one)
{
    char answer[MESSAGE];
    ssize_t n = read(one->fd, answer, MESSAGE - one->got);
    CHECK(n > 0);
    for (ssize_t i = 0; i < n; i++)
        CHECK(answer[i] == (char)(one->sent & 127));
    one->got += (unsigned)n;
    return one->got == MESSAGE;
}

static uint64_t exchange(int epoll, connection *connections, uint64_t n, uint64_t ops)
{
    uint64_t started = 0, answered = 0, start = wall_ns();
    for (uint64_t i = 0; i < n && started < ops; i++, started++)
        send_one(&connections[i]);
    while (answered < ops) {
        struct epoll_event events[BATCH];
        int ready = epoll_wait(epoll, events, BATCH, -1);
        for (int i = 0; i < ready; i++) {
            connection *one = &connections[events[i].data.u64];
            if (!receive(one))
                continue;
            answered++;
            if (started < ops) {
                started++;
                send_one(one);
            }
        }
    }
    return wall_ns() - start;
}

void echo_run(const bench_workload *workload, void (*serve)(int listener, uint64_t connections))
{
    struct sockaddr_in address;
    int listener = listen_on(&address);
    pid_t server = fork();
    CHECK(server >= 0);
    if (server == 0) {
        bench_place_thread(PLACE_CROSS, BENCH_OWNER);
        serve(listener, workload->size);
        _exit(1);
    }
    bench_place_thread(PLACE_CROSS, BENCH_OTHER);
    connection *connections = bench_alloc(workload->size, sizeof(*connections));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint64_t i = 0; i < workload->size; i++) {
        struct epoll_event interest = {.events = EPOLLIN, .data.u64 = i};
        int fd = connections[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
        CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest) == 0);
    }
    exchange(epoll, connections, workload->size, workload->size); /* all are served */
    uint64_t ns = exchange(epoll, connections, workload->size, workload->ops);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    bench_span(ns, workload->ops);
}

void echo_register(const char *contestant, void (*run)(const bench_workload *workload))
{
    static const struct {
        unsigned connections, ops;
    } sizes[] = {{1, 20000}, {50, 100000}, {1000, 100000}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        bench_workload one = {.run = run, .ops = sizes[i].ops, .size = sizes[i].connections};
        snprintf(one.contestant, sizeof(one.contestant), "%s", contestant);
        snprintf(one.name, sizeof(one.name), "echo_c%u", sizes[i].connections);
        bench_add(&one);
    }
}
