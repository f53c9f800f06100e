/* The contract of os/poller.h, on real descriptors. Nothing sleeps: readiness is made before the
 * wait, or the wait is unbounded and an alarm ends a test that hangs. */
#include "os/poller.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include <millrace/watch.h>

#include "base/memory.h"
#include "os/clock.h"
#include "os/fault.h"

#define MS UINT64_C(1000000)
#define NO_BOUND UINT64_MAX
enum { CAP = 16 };

/* ---- One poller and what it answers -----------------------------------------------------------*/

static mr__poller *poller;
static mr__ready ready[CAP];
static size_t count;

static int set_up(void **state)
{
    (void)state;
    alarm(60);
    poller = NULL;
    return mr__poller_open(&poller) == MR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mr__poller_close(poller);
    alarm(0);
    return 0;
}

static void wait_for(uint64_t timeout_ns)
{
    int error = -1;
    memset(ready, 0xee, sizeof ready);
    count = 99;
    assert_int_equal(mr__poller_wait(poller, timeout_ns, ready, CAP, &count, &error), MR_OK);
    assert_int_equal(error, -1);
}

static void expect_none(void)
{
    wait_for(0);
    assert_int_equal(count, 0);
}

static void expect_one(uint64_t token, unsigned events)
{
    wait_for(NO_BOUND);
    assert_int_equal(count, 1);
    assert_int_equal(ready[0].token, token);
    assert_int_equal(ready[0].events, events);
}

/* What came for a token, 0 if nothing did. */
static unsigned events_of(uint64_t token)
{
    unsigned events = 0;
    for (size_t i = 0; i < count; i++)
        if (ready[i].token == token)
            events |= ready[i].events;
    return events;
}

static void set(int fd, unsigned from, unsigned to, uint64_t token)
{
    assert_int_equal(mr__poller_set(poller, fd, from, to, token), MR_OK);
}

/* ---- Descriptors ------------------------------------------------------------------------------*/

typedef struct ends {
    int read, write;
} ends;

static ends new_pipe(void)
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    return (ends){fds[0], fds[1]};
}

static ends new_socket_pair(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    return (ends){fds[0], fds[1]};
}

static void close_both(ends e)
{
    close(e.read);
    close(e.write);
}

static void put(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void get(int fd)
{
    char c;
    assert_int_equal(read(fd, &c, 1), 1);
}

static void fill(int fd)
{
    static const char block[4096];
    while (write(fd, block, sizeof block) > 0) {
    }
    assert_int_equal(errno, EAGAIN);
}

static void empty(int fd)
{
    static char block[65536];
    while (read(fd, block, sizeof block) > 0) {
    }
    assert_int_equal(errno, EAGAIN);
}

/* Open descriptors of this process; *out_inherited: those that a new program would get. */
static unsigned open_descriptors(unsigned *out_inherited)
{
    unsigned open = 0;
    *out_inherited = 0;
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        open += flags >= 0;
        *out_inherited += flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    return open;
}

/* ---- Opening and closing ----------------------------------------------------------------------*/

static void descriptors_are_close_on_exec_and_gone_after_close(void **state)
{
    (void)state;
    unsigned inherited_before, inherited;
    unsigned before = open_descriptors(&inherited_before);
    mr__poller *other = NULL;
    assert_int_equal(mr__poller_open(&other), MR_OK);
    assert_true(open_descriptors(&inherited) > before);
    assert_int_equal(inherited, inherited_before);
    mr__poller_close(other);
    assert_int_equal(open_descriptors(&inherited), before);
    mr__poller_close(NULL);
}

static void a_failed_open_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        int error;
        mr_status status;
    } rows[] = {{ENOMEM, MR_ENOMEM}, {EMFILE, MR_ELIMIT}, {ENFILE, MR_ELIMIT}};
    unsigned inherited, before = open_descriptors(&inherited);
    mr__poller *untouched = poller;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mr__fault_set(MR__SYS_POLLER_OPEN, rows[i].error, 1);
        assert_int_equal(mr__poller_open(&untouched), rows[i].status);
        assert_ptr_equal(untouched, poller);
    }
    mr__alloc_fail_at(1);
    assert_int_equal(mr__poller_open(&untouched), MR_ENOMEM);
    mr__alloc_fail_at(0);
    assert_ptr_equal(untouched, poller);
    assert_int_equal(open_descriptors(&inherited), before);
}

/* ---- Readiness --------------------------------------------------------------------------------*/

static void without_descriptors_nothing_is_ready(void **state)
{
    (void)state;
    expect_none();
}

static void reading_is_told_as_long_as_there_is_something_to_read(void **state)
{
    (void)state;
    ends e = new_pipe();
    set(e.read, 0, MR_READ, 7);
    expect_none();
    put(e.write);
    put(e.write);
    expect_one(7, MR_READ);
    expect_one(7, MR_READ);
    get(e.read);
    expect_one(7, MR_READ);
    get(e.read);
    expect_none();
    close_both(e);
}

static void writing_is_told_while_there_is_room(void **state)
{
    (void)state;
    ends e = new_pipe();
    set(e.write, 0, MR_WRITE, 8);
    expect_one(8, MR_WRITE);
    fill(e.write);
    expect_none();
    empty(e.read);
    expect_one(8, MR_WRITE);
    close_both(e);
}

static void both_directions_come_in_one_entry(void **state)
{
    (void)state;
    ends e = new_socket_pair();
    set(e.read, 0, MR_READ | MR_WRITE, 9);
    expect_one(9, MR_WRITE);
    put(e.write);
    expect_one(9, MR_READ | MR_WRITE);
    fill(e.read);
    expect_one(9, MR_READ);
    close_both(e);
}

static void a_token_comes_back_with_all_its_bits(void **state)
{
    (void)state;
    ends e = new_pipe();
    static const uint64_t tokens[] = {0, UINT64_MAX - 1, UINT64_C(0x8000000100000000)};
    put(e.write);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        set(e.read, 0, MR_READ, tokens[i]);
        expect_one(tokens[i], MR_READ);
        set(e.read, MR_READ, 0, tokens[i]);
    }
    close_both(e);
}

/* ---- Changing what is asked for ---------------------------------------------------------------*/

static void a_change_replaces_events_and_token(void **state)
{
    (void)state;
    ends e = new_socket_pair();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    set(e.read, MR_READ, MR_WRITE, 2);
    expect_one(2, MR_WRITE);
    set(e.read, MR_WRITE, MR_READ, 3);
    expect_one(3, MR_READ);
    close_both(e);
}

static void the_same_events_again_bring_the_new_token(void **state)
{
    (void)state;
    ends e = new_pipe();
    put(e.write);
    set(e.read, 0, MR_READ, 5);
    set(e.read, MR_READ, MR_READ, 6);
    expect_one(6, MR_READ);
    close_both(e);
}

static void from_nothing_to_nothing_needs_no_descriptor(void **state)
{
    (void)state;
    set(-1, 0, 0, 5);
    expect_none();
}

static void what_was_taken_away_is_silent(void **state)
{
    (void)state;
    ends e = new_pipe();
    put(e.write);
    set(e.read, 0, MR_READ, 5);
    set(e.read, MR_READ, 0, 5);
    expect_none();
    set(e.read, 0, MR_READ, 6);
    expect_one(6, MR_READ);
    close_both(e);
}

static void a_second_registration_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    ends e = new_socket_pair();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    assert_int_equal(mr__poller_set(poller, e.read, 0, MR_WRITE, 2), MR_EEXIST);
    expect_one(1, MR_READ);
    close_both(e);
}

static void descriptors_that_are_not_open_or_not_known_are_bad(void **state)
{
    (void)state;
    ends e = new_pipe();
    assert_int_equal(mr__poller_set(poller, -1, 0, MR_READ, 1), MR_EBADF);
    assert_int_equal(mr__poller_set(poller, e.read, MR_READ, MR_WRITE, 1), MR_EBADF);
    assert_int_equal(mr__poller_set(poller, e.read, MR_READ, 0, 1), MR_EBADF);
    close_both(e);
    assert_int_equal(mr__poller_set(poller, e.read, 0, MR_READ, 1), MR_EBADF);
    expect_none();
}

static void a_closed_descriptor_is_gone_by_itself(void **state)
{
    (void)state;
    ends e = new_pipe();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    close(e.read);
    assert_int_equal(mr__poller_set(poller, e.read, MR_READ, 0, 1), MR_EBADF);
    expect_none();
    close(e.write);
}

static void a_duplicate_keeps_the_registration_of_a_closed_descriptor(void **state)
{
    (void)state;
    ends e = new_pipe();
    int duplicate = fcntl(e.read, F_DUPFD_CLOEXEC, 0);
    put(e.write);
    set(e.read, 0, MR_READ, 4);
    close(e.read);
    assert_int_equal(mr__poller_set(poller, e.read, MR_READ, 0, 4), MR_EBADF);
    expect_one(4, MR_READ);
    close(duplicate);
    expect_none();
    close(e.write);
}

static void regular_files_are_not_supported(void **state)
{
    (void)state;
    char name[] = "/tmp/millrace-poller-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    assert_int_equal(mr__poller_set(poller, fd, 0, MR_READ, 1), MR_ENOTSUP);
    expect_none();
    close(fd);
}

static void a_refused_change_keeps_the_old_registration(void **state)
{
    (void)state;
    static const struct {
        int error;
        mr_status status;
    } rows[] = {{ENOSPC, MR_ELIMIT}, {ENOMEM, MR_ENOMEM}};
    ends e = new_socket_pair();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mr__fault_set(MR__SYS_POLLER_SET, rows[i].error, 1);
        assert_int_equal(mr__poller_set(poller, e.read, MR_READ, MR_WRITE, 2), rows[i].status);
        expect_one(1, MR_READ);
        mr__fault_set(MR__SYS_POLLER_SET, rows[i].error, 1);
        assert_int_equal(mr__poller_set(poller, e.write, 0, MR_WRITE, 2), rows[i].status);
        expect_one(1, MR_READ);
    }
    close_both(e);
}

/* ---- Hanging up -------------------------------------------------------------------------------*/

static void a_half_close_is_told_to_readers_only(void **state)
{
    (void)state;
    ends e = new_socket_pair();
    fill(e.read);
    set(e.read, 0, MR_WRITE, 1);
    assert_int_equal(shutdown(e.write, SHUT_WR), 0);
    expect_none();
    set(e.read, MR_WRITE, MR_READ, 2);
    expect_one(2, MR_READ | MR_HANGUP);
    close_both(e);
}

static void a_full_hang_up_comes_to_all(void **state)
{
    (void)state;
    static const unsigned asked[] = {MR_READ, MR_WRITE};
    for (int i = 0; i < 2; i++) {
        ends e = new_socket_pair();
        set(e.read, 0, asked[i], 3);
        close(e.write);
        wait_for(NO_BOUND);
        assert_int_equal(count, 1);
        assert_int_equal(ready[0].token, 3);
        assert_int_equal(ready[0].events & (MR_HANGUP | MR__FULL_HANGUP),
                         MR_HANGUP | MR__FULL_HANGUP);
        assert_int_equal(ready[0].events & (MR_READ | MR_WRITE), asked[i]);
        close(e.read);
    }
}

static void the_last_writer_gone_is_a_hang_up_for_the_reader(void **state)
{
    (void)state;
    ends e = new_pipe();
    set(e.read, 0, MR_READ, 4);
    put(e.write);
    close(e.write);
    expect_one(4, MR_READ | MR_HANGUP | MR__FULL_HANGUP);
    get(e.read);
    expect_one(4, MR_HANGUP | MR__FULL_HANGUP);
    close(e.read);
}

static void the_last_reader_gone_is_an_error_for_the_writer(void **state)
{
    (void)state;
    ends e = new_pipe();
    set(e.write, 0, MR_WRITE, 5);
    close(e.read);
    expect_one(5, MR_WRITE | MR_ERROR);
    close(e.write);
}

/* ---- Many at once -----------------------------------------------------------------------------*/

static void no_more_entries_are_written_than_there_is_room_for(void **state)
{
    (void)state;
    ends e[5];
    bool seen[5] = {0};
    for (unsigned i = 0; i < 5; i++) {
        e[i] = new_pipe();
        put(e[i].write);
        set(e[i].read, 0, MR_READ, i);
    }
    for (int rounds = 0; rounds < 5; rounds++) {
        int error = 0;
        memset(ready, 0xee, sizeof ready);
        assert_int_equal(mr__poller_wait(poller, NO_BOUND, ready, 2, &count, &error), MR_OK);
        assert_int_equal(count, 2);
        assert_int_equal(ready[2].token, UINT64_C(0xeeeeeeeeeeeeeeee));
        for (size_t i = 0; i < count; i++)
            seen[ready[i].token] = true;
    }
    for (unsigned i = 0; i < 5; i++) {
        assert_true(seen[i]); /* those that were told step back behind the others */
        close_both(e[i]);
    }
}

enum { MANY = 600 };

static void hundreds_of_ready_descriptors_all_come(void **state)
{
    (void)state;
    static mr__ready many[MANY];
    static bool seen[MANY];
    static int fds[MANY];
    unsigned found = 0;
    int error = 0;
    for (unsigned i = 0; i < MANY; i++) {
        fds[i] = eventfd(1, EFD_CLOEXEC);
        assert_true(fds[i] >= 0);
        set(fds[i], 0, MR_READ, i);
    }
    for (int rounds = 0; rounds < 10 && found < MANY; rounds++) {
        assert_int_equal(mr__poller_wait(poller, 0, many, MANY, &count, &error), MR_OK);
        assert_in_range(count, 1, MANY);
        for (size_t i = 0; i < count; i++) {
            found += !seen[many[i].token];
            seen[many[i].token] = true;
        }
    }
    assert_int_equal(found, MANY);
    for (unsigned i = 0; i < MANY; i++)
        close(fds[i]);
}

static void ready_descriptors_among_idle_ones_come_alone(void **state)
{
    (void)state;
    ends e[8];
    for (unsigned i = 0; i < 8; i++) {
        e[i] = new_pipe();
        set(e[i].read, 0, MR_READ, i);
    }
    put(e[2].write);
    put(e[5].write);
    wait_for(NO_BOUND);
    assert_int_equal(count, 2);
    assert_int_equal(events_of(2), MR_READ);
    assert_int_equal(events_of(5), MR_READ);
    for (unsigned i = 0; i < 8; i++)
        close_both(e[i]);
}

/* ---- Time -------------------------------------------------------------------------------------*/

static void waits_in_vain_at_least(uint64_t timeout_ns)
{
    uint64_t before = mr__clock_now();
    wait_for(timeout_ns);
    assert_int_equal(count, 0);
    assert_true(mr__clock_now() - before >= timeout_ns);
}

static void a_wait_never_ends_early(void **state)
{
    (void)state;
    static const uint64_t spans[] = {1, 999, 1000, 999999, MS, MS + 1, 5 * MS + 123456};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        waits_in_vain_at_least(spans[i]);
}

static void the_longest_bounded_wait_ends_when_something_is_ready(void **state)
{
    (void)state;
    static const uint64_t spans[] = {UINT64_MAX - 1, UINT64_MAX / 2, UINT64_C(1) << 62};
    ends e = new_pipe();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        wait_for(spans[i]);
        assert_int_equal(count, 1);
    }
    close_both(e);
}

/* ---- Waking -----------------------------------------------------------------------------------*/

static void a_wake_before_the_wait_ends_it_at_once_and_only_once(void **state)
{
    (void)state;
    mr__poller_wake(poller);
    wait_for(NO_BOUND);
    assert_int_equal(count, 0);
    waits_in_vain_at_least(2 * MS);
}

static void many_wakes_are_one(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        mr__poller_wake(poller);
    wait_for(NO_BOUND);
    assert_int_equal(count, 0);
    waits_in_vain_at_least(2 * MS);
}

static void *wake_from_here(void *arg)
{
    mr__poller_wake(arg);
    return NULL;
}

static void a_wake_of_another_thread_ends_the_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, wake_from_here, poller), 0);
        wait_for(NO_BOUND);
        assert_int_equal(count, 0);
        pthread_join(thread, NULL);
    }
}

static void a_wake_takes_nothing_away_from_ready_descriptors(void **state)
{
    (void)state;
    ends e = new_pipe();
    put(e.write);
    set(e.read, 0, MR_READ, 1);
    for (size_t room = 1; room <= 2; room++) {
        unsigned seen = 0;
        int error = 0;
        mr__poller_wake(poller);
        for (int rounds = 0; rounds < 3 && seen == 0; rounds++) {
            assert_int_equal(mr__poller_wait(poller, NO_BOUND, ready, room, &count, &error), MR_OK);
            assert_true(count <= 1);
            seen |= events_of(1);
        }
        assert_int_equal(seen, MR_READ);
        wait_for(0);
    }
    close_both(e);
}

static void on_signal(int number)
{
    (void)number;
    errno = EDOM;
    mr__poller_wake(poller);
    if (errno != EDOM)
        abort();
}

static void a_signal_handler_may_wake_and_keeps_errno(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_signal}, before;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    raise(SIGUSR1);
    wait_for(NO_BOUND);
    assert_int_equal(count, 0);
    mr__fault_set(MR__SYS_WAKE_WRITE, EBADF, 1); /* also when it fails */
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    expect_none();
}

static void a_wake_is_tried_again_when_it_is_interrupted(void **state)
{
    (void)state;
    static const int errors[] = {EINTR, EAGAIN};
    for (int i = 0; i < 2; i++) {
        mr__fault_set(MR__SYS_WAKE_WRITE, errors[i], 2);
        mr__poller_wake(poller);
        wait_for(NO_BOUND);
        assert_int_equal(count, 0);
    }
}

/* ---- Interruption and failure -----------------------------------------------------------------*/

static volatile sig_atomic_t ticks;

static void on_tick(int number)
{
    (void)number;
    ticks++;
}

/* The signal comes again and again, so that one that hits before the wait does no harm. */
static void an_interrupted_wait_succeeds_with_none_ready(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART}, before;
    struct itimerval every = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    ticks = 0;
    setitimer(ITIMER_REAL, &every, NULL);
    wait_for(NO_BOUND);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_int_equal(count, 0);
    assert_true(ticks > 0);
}

static void a_failed_wait_tells_why(void **state)
{
    (void)state;
    static const int errors[] = {EBADF, EINVAL, EFAULT};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        int error = 0;
        mr__fault_set(MR__SYS_POLLER_WAIT, errors[i], 1);
        assert_int_equal(mr__poller_wait(poller, NO_BOUND, ready, CAP, &count, &error), MR_EPOLLER);
        assert_int_equal(error, errors[i]);
        assert_int_equal(count, 0);
    }
    expect_none();
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(descriptors_are_close_on_exec_and_gone_after_close),
        CLAIM(a_failed_open_leaves_nothing),
        CLAIM(without_descriptors_nothing_is_ready),
        CLAIM(reading_is_told_as_long_as_there_is_something_to_read),
        CLAIM(writing_is_told_while_there_is_room),
        CLAIM(both_directions_come_in_one_entry),
        CLAIM(a_token_comes_back_with_all_its_bits),
        CLAIM(a_change_replaces_events_and_token),
        CLAIM(the_same_events_again_bring_the_new_token),
        CLAIM(from_nothing_to_nothing_needs_no_descriptor),
        CLAIM(what_was_taken_away_is_silent),
        CLAIM(a_second_registration_is_refused_and_changes_nothing),
        CLAIM(descriptors_that_are_not_open_or_not_known_are_bad),
        CLAIM(a_closed_descriptor_is_gone_by_itself),
        CLAIM(a_duplicate_keeps_the_registration_of_a_closed_descriptor),
        CLAIM(regular_files_are_not_supported),
        CLAIM(a_refused_change_keeps_the_old_registration),
        CLAIM(a_half_close_is_told_to_readers_only),
        CLAIM(a_full_hang_up_comes_to_all),
        CLAIM(the_last_writer_gone_is_a_hang_up_for_the_reader),
        CLAIM(the_last_reader_gone_is_an_error_for_the_writer),
        CLAIM(no_more_entries_are_written_than_there_is_room_for),
        CLAIM(hundreds_of_ready_descriptors_all_come),
        CLAIM(ready_descriptors_among_idle_ones_come_alone),
        CLAIM(a_wait_never_ends_early),
        CLAIM(the_longest_bounded_wait_ends_when_something_is_ready),
        CLAIM(a_wake_before_the_wait_ends_it_at_once_and_only_once),
        CLAIM(many_wakes_are_one),
        CLAIM(a_wake_of_another_thread_ends_the_wait),
        CLAIM(a_wake_takes_nothing_away_from_ready_descriptors),
        CLAIM(a_signal_handler_may_wake_and_keeps_errno),
        CLAIM(a_wake_is_tried_again_when_it_is_interrupted),
        CLAIM(an_interrupted_wait_succeeds_with_none_ready),
        CLAIM(a_failed_wait_tells_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
