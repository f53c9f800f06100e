/* Scenarios F2, F5, F7, F8, F9: errors, numbers that are used again, hang-ups, faults. */
#include "scenario.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>

static const uint64_t untouched = UINT64_C(0xA5A5A5A5A5A5A5A5); /* no call would write this */

static void turn(void)
{
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

static void count_call(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    ++*(unsigned *)arg;
}

static mr_watch add(int fd, unsigned events, mr_watch_fn *fn, void *arg)
{
    mr_watch watch = {0};
    EXPECT(mr_watch_add(loop, fd, events, fn, arg, &watch) == 0);
    return watch;
}

static uint64_t watches(void)
{
    return counts(MR_KIND_WATCH).pending;
}

/* ---- F2 ---- */

typedef struct errors {
    int open, regular, folder, closed; /* descriptors; `closed` is a number that is not open */
    mr_watch watch, gone;              /* on `open`, by the test; one that was removed */
    unsigned calls;
} errors;

/* The plain call on the owner, the waiting one elsewhere. */
static mr_status add_here(int fd, unsigned events, mr_watch_fn *fn, mr_watch *out)
{
    mr_loop_stats before = stats_of(loop);
    unsigned descriptors = open_descriptors();
    mr_status status = mr_watch_add(loop, fd, events, fn, NULL, out);
    if (status == MR_EWRONGTHREAD) {
        status = mr_watch_add_wait(loop, fd, events, fn, NULL, FOR_EVER, out);
    }
    EXPECT(open_descriptors() == descriptors);
    mr_kind_stats was = before.kind[MR_KIND_WATCH], is = counts(MR_KIND_WATCH);
    EXPECT(is.accepted == was.accepted && is.pending == was.pending);
    EXPECT(is.refused == was.refused + (status != MR_EINVAL)); /* invalid calls are no attempts */
    return status;
}

static mr_status modify_here(mr_watch watch, unsigned events)
{
    mr_status status = mr_watch_modify(loop, watch, events);
    return status == MR_EWRONGTHREAD ? mr_watch_modify_wait(loop, watch, events, FOR_EVER) : status;
}

static mr_status remove_here(mr_watch watch)
{
    mr_status status = mr_watch_remove(loop, watch, nothing, NULL);
    return status == MR_EWRONGTHREAD ? mr_watch_remove_wait(loop, watch, nothing, NULL, FOR_EVER)
                                     : status;
}

static void fresh_errors(const errors *e)
{
    mr_watch out = {untouched};
    for (unsigned events = 0; events <= MR_READ; events += MR_READ) {
        EXPECT(add_here(e->closed, events, count_call, &out) == MR_EBADF);
        EXPECT(add_here(INT_MAX, events, count_call, &out) == MR_EBADF);
        EXPECT(add_here(e->regular, events, count_call, &out) == MR_ENOTSUP);
        EXPECT(add_here(e->folder, events, count_call, &out) == MR_ENOTSUP);
        EXPECT(add_here(-1, events, count_call, &out) == MR_EINVAL);
        EXPECT(add_here(INT_MIN, events, count_call, &out) == MR_EINVAL);
        EXPECT(add_here(e->open, events, NULL, &out) == MR_EINVAL);
        EXPECT(add_here(e->open, events, count_call, NULL) == MR_EINVAL);
    }
    for (unsigned unknown = MR_ERROR; unknown != 0; unknown <<= 1) {
        EXPECT(add_here(e->open, MR_READ | unknown, count_call, &out) == MR_EINVAL);
    }
    EXPECT(out.id == untouched);
}

static void errors_beside_a_watch(const errors *e)
{
    mr_watch out = {untouched}, none = {0}, never = {untouched};
    fresh_errors(e);
    EXPECT(add_here(e->open, MR_READ, count_call, &out) == MR_EEXIST);
    EXPECT(add_here(e->open, 0, count_call, &out) == MR_EEXIST);
    EXPECT(out.id == untouched);
    EXPECT(modify_here(e->watch, MR_HANGUP) == MR_EINVAL);
    EXPECT(modify_here(e->watch, UINT_MAX) == MR_EINVAL);
    EXPECT(modify_here(none, MR_WRITE) == MR_ENOENT);
    EXPECT(modify_here(never, MR_WRITE) == MR_ENOENT);
    EXPECT(modify_here(e->gone, MR_WRITE) == MR_ENOENT);
    EXPECT(remove_here(none) == MR_ENOENT);
    EXPECT(remove_here(never) == MR_ENOENT);
    EXPECT(remove_here(e->gone) == MR_ENOENT);
    EXPECT(counts(MR_KIND_CLOSE).accepted == 0);
}

static void *errors_elsewhere(void *arg)
{
    errors_beside_a_watch(arg);
    submit(shut_down, NULL);
    return NULL;
}

static void errors_on_a_closed_loop(const errors *e)
{
    mr_watch out = {untouched};
    assert_int_equal(add_here(e->closed, MR_READ, count_call, &out), MR_ECLOSED);
    assert_int_equal(add_here(-1, MR_READ, count_call, &out), MR_EINVAL);
    assert_int_equal(modify_here(e->watch, MR_READ), MR_ECLOSED);
    assert_int_equal(modify_here(e->watch, 64), MR_EINVAL);
    assert_int_equal(remove_here(e->watch), MR_ECLOSED);
    assert_int_equal(out.id, untouched);
}

static void watch_open_one(errors *e)
{
    e->gone = add(e->open, MR_READ, count_call, &e->calls);
    assert_int_equal(mr_watch_remove(loop, e->gone, NULL, NULL), 0);
    e->watch = add(e->open, MR_READ, count_call, &e->calls);
}

static void F2_each_error_has_its_code_and_changes_nothing(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        errors e = {.regular = open("/proc/self/exe", O_RDONLY), .folder = open("/", O_RDONLY)};
        pipe_with(fds, 1);
        e.open = fds[0];
        e.closed = dup(fds[1]);
        close(e.closed);
        begin(park);
        fresh_errors(&e); /* also: the poller that the first watch opened is closed again */
        watch_open_one(&e);
        errors_beside_a_watch(&e);
        turn();
        assert_int_equal(e.calls, 1); /* still what it was */
        finish_turned();

        begin(park);
        watch_open_one(&e);
        assert_int_equal(mr_watch_modify(loop, e.watch, 0), 0);
        pthread_t other = thread_start(errors_elsewhere, &e);
        assert_int_equal(mr_loop_run(loop), 0);
        thread_join(other);
        errors_on_a_closed_loop(&e);
        assert_int_equal(e.calls, 1);
        finish();
        pipe_close(fds);
        close(e.regular);
        close(e.folder);
    }
}

/* ---- F5 ---- */

typedef struct swap {
    int fds[2][2], fresh[2];
    mr_watch watches[2], successor;
    unsigned calls[2], successor_calls;
} swap;

static swap two;

static void successor_called(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT(watch.id == two.successor.id && events == MR_READ);
    two.successor_calls++;
}

/* The number of the other one, ready as well, goes to a pipe with nothing in it. */
static void first_swaps_the_other(mr_watch watch, unsigned events, void *arg)
{
    unsigned self = (unsigned)(uintptr_t)arg;
    EXPECT(watch.id == two.watches[self].id && events == MR_READ);
    if (++two.calls[self] != 1 || two.successor.id != 0) {
        return;
    }
    int number = two.fds[1 - self][0];
    EXPECT(mr_watch_remove(loop, two.watches[1 - self], NULL, NULL) == 0);
    close(number);
    EXPECT(dup2(two.fresh[0], number) == number);
    two.successor = add(number, MR_READ, successor_called, NULL);
    EXPECT(two.successor.id != two.watches[1 - self].id);
}

static void F5_old_readiness_never_reaches_a_successor_of_the_same_number(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        memset(&two, 0, sizeof two);
        begin(park);
        for (uintptr_t i = 0; i < 2; i++) {
            pipe_with(two.fds[i], 1);
            two.watches[i] = add(two.fds[i][0], MR_READ, first_swaps_the_other, (void *)i);
        }
        pipe_with(two.fresh, 0);
        turn();
        assert_int_equal(two.calls[0] + two.calls[1], 1);
        turn();
        assert_int_equal(two.calls[0] + two.calls[1], 2);
        assert_int_equal(two.successor_calls, 0);
        assert_int_equal(write(two.fresh[1], "x", 1), 1);
        turn();
        assert_int_equal(two.calls[0] + two.calls[1], 3);
        assert_int_equal(two.successor_calls, 1);
        finish_turned();
        pipe_close(two.fds[0]);
        pipe_close(two.fds[1]);
        pipe_close(two.fresh);
    }
}

/* ---- F7 ---- */

typedef struct ghost {
    int pipe[2], copy, idle[2];
    unsigned calls, idle_calls;
    mr_watch watch, idle_watch;
} ghost;

static void read_idle(mr_watch watch, unsigned events, void *arg)
{
    ghost *g = arg;
    char byte;
    EXPECT(watch.id == g->idle_watch.id && events == MR_READ);
    EXPECT(read(g->idle[0], &byte, 1) == 1);
    g->idle_calls++;
}

/* A watch was removed after its descriptor was closed; a duplicate keeps it ready in the kernel. */
static void ghost_begin(mr_park park, ghost *g)
{
    memset(g, 0, sizeof *g);
    pipe_with(g->pipe, 1);
    pipe_with(g->idle, 0);
    begin(park);
    g->watch = add(g->pipe[0], MR_READ, count_call, &g->calls);
    g->idle_watch = add(g->idle[0], MR_READ, read_idle, g);
    turn();
    assert_int_equal(g->calls, 1);
    g->copy = dup(g->pipe[0]);
    close(g->pipe[0]);
    assert_int_equal(mr_watch_remove(loop, g->watch, NULL, NULL), 0);
    assert_int_equal(watches(), 1);
}

static void ghost_end(const ghost *g)
{
    assert_int_equal(g->calls, 1);
    close(g->copy);
    close(g->pipe[1]);
    pipe_close(g->idle);
}

static void F7_closed_descriptor_with_a_live_duplicate_does_not_spin(void **state)
{
    (void)state;
    enum { FEW = 8 }; /* a spinning loop polls thousands of times in the rest below */
    for (EACH_WATCH_PARK(park)) {
        ghost g;
        runner r;
        ghost_begin(park, &g);
        mr_loop_stats before = stats_of(loop);
        runner_start(&r);
        rest(50 * MS);
        wait_for_state(MR_STATE_SLEEPING);
        mr_loop_stats after = stats_of(loop);
        assert_true(after.polls - before.polls <= FEW);
        assert_true(after.turns - before.turns <= FEW);
        for (unsigned n = 1; n <= 3; n++) { /* the other watch is in the new set */
            assert_int_equal(write(g.idle[1], "x", 1), 1);
            wait_for_state(MR_STATE_SLEEPING);
        }
        submit(shut_down, NULL);
        assert_int_equal(runner_join(&r), 0);
        assert_true(g.idle_calls >= 1);
        finish();
        ghost_end(&g);
    }
}

static void F7_a_failed_rebuild_loses_nothing_and_is_tried_again(void **state)
{
    (void)state;
    static const mr__syscall calls[] = {MR__SYS_POLLER_OPEN, MR__SYS_POLLER_SET};
    for (EACH_WATCH_PARK(park)) {
        for (unsigned i = 0; i < COUNT_OF(calls); i++) {
            ghost g;
            ghost_begin(park, &g);
            turn(); /* the poll that finds the entry */
            unsigned descriptors = open_descriptors();
            mr__fault_set(calls[i], ENOSPC, 1);
            turn();
            mr__fault_set(calls[i], 0, 0);
            assert_int_equal(open_descriptors(), descriptors);
            turn();
            turn();
            uint64_t polls = stats_of(loop).polls;
            assert_int_equal(mr_loop_turn(loop, 20 * MS), 0);
            assert_int_equal(stats_of(loop).polls, polls + 1); /* it waited: nothing is ready */
            assert_int_equal(write(g.idle[1], "x", 1), 1);
            turn();
            assert_int_equal(g.idle_calls, 1);
            finish_turned();
            ghost_end(&g);
        }
    }
}

static void F7_a_duplicate_back_under_its_number_is_watched_anew(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        for (unsigned events = 0; events <= MR_READ; events += MR_READ) {
            ghost g;
            unsigned calls = 0;
            ghost_begin(park, &g);
            assert_int_equal(dup2(g.copy, g.pipe[0]), g.pipe[0]);
            mr_watch again = add(g.pipe[0], events, count_call, &calls);
            assert_int_not_equal(again.id, g.watch.id);
            turn();
            turn();
            assert_int_equal(calls, events == 0 ? 0 : 2);
            assert_int_equal(mr_watch_modify(loop, again, MR_READ), 0);
            turn();
            assert_int_equal(calls, events == 0 ? 1 : 3);
            assert_int_equal(mr_watch_remove(loop, again, NULL, NULL), 0);
            turn();
            assert_int_equal(calls, events == 0 ? 1 : 3);
            finish_turned();
            close(g.pipe[0]);
            ghost_end(&g);
        }
    }
}

static void F7_a_stranger_under_the_number_of_a_closed_descriptor_is_not_watched(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        ghost g;
        int stranger[2];
        ghost_begin(park, &g);
        pipe_with(stranger, 1);
        assert_int_equal(dup2(stranger[0], g.idle[0]), g.idle[0]); /* closes it under its watch */
        for (unsigned i = 0; i < 4; i++) {
            turn();
        }
        assert_int_equal(g.idle_calls, 0);
        assert_int_equal(mr_watch_remove(loop, g.idle_watch, NULL, NULL), 0);
        finish_turned();
        pipe_close(stranger);
        ghost_end(&g);
    }
}

/* ---- F8 ---- */

typedef enum ending { HALF_CLOSE, FULL_CLOSE, RESET, ENDINGS } ending;

/* Duplicates of one end, each watched for something else. */
typedef struct ends {
    int ours[3], peer;
    unsigned reader, writer, paused; /* events that came */
} ends;

static void collect(mr_watch watch, unsigned events, void *arg)
{
    (void)watch;
    EXPECT(events != 0);
    *(unsigned *)arg |= events;
}

static void tcp_pair(int *ours, int *peer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    *ours = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*ours, (struct sockaddr *)&at, sizeof at), 0);
    *peer = accept(listener, NULL, NULL);
    assert_true(*peer >= 0);
    close(listener);
}

static void ends_open(ends *e, bool tcp)
{
    int pair[2];
    memset(e, 0, sizeof *e);
    if (tcp) {
        tcp_pair(&e->ours[0], &e->peer);
    } else {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        e->ours[0] = pair[0];
        e->peer = pair[1];
    }
    e->ours[1] = dup(e->ours[0]);
    e->ours[2] = dup(e->ours[0]);
}

static void peer_ends(ends *e, bool tcp, ending how)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (how == HALF_CLOSE) {
        assert_int_equal(shutdown(e->peer, SHUT_WR), 0);
        return;
    }
    if (how == RESET && tcp) {
        assert_int_equal(setsockopt(e->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    } else if (how == RESET) { /* what the peer leaves unread resets a local socket */
        assert_int_equal(write(e->ours[0], "x", 1), 1);
    }
    close(e->peer);
    e->peer = -1;
    if (how == FULL_CLOSE && tcp) { /* a FIN alone is the peer's half */
        assert_int_equal(shutdown(e->ours[0], SHUT_WR), 0);
    }
}

static void ending_scene(mr_park park, bool tcp, ending how)
{
    static const unsigned reader_wants[] = {MR_READ | MR_HANGUP, MR_HANGUP, MR_ERROR};
    ends e;
    ends_open(&e, tcp);
    begin(park);
    add(e.ours[0], MR_READ, collect, &e.reader);
    mr_watch writer = add(e.ours[1], MR_WRITE, collect, &e.writer);
    mr_watch paused = add(e.ours[2], how == HALF_CLOSE ? 0 : MR_READ, collect, &e.paused);
    assert_int_equal(mr_watch_modify(loop, paused, 0), 0);
    turn();
    assert_int_equal(e.reader, 0);
    assert_int_equal(e.writer, MR_WRITE);
    peer_ends(&e, tcp, how);
    while ((e.reader & reader_wants[how]) != reader_wants[how]) {
        assert_int_equal(mr_loop_turn(loop, 10 * MS), 0); /* loopback takes its time */
    }
    turn();
    assert_int_equal(e.reader & MR_ERROR, how == RESET ? MR_ERROR : 0);
    assert_int_equal(e.writer & MR_ERROR, how == RESET ? MR_ERROR : 0);
    assert_int_equal(e.writer & MR_HANGUP, how == HALF_CLOSE ? 0 : MR_HANGUP);
    assert_int_equal(e.writer & MR_READ, 0);
    assert_int_equal(e.paused, 0);
    assert_int_equal(mr_watch_modify(loop, writer, 0), 0);
    finish_turned();
    for (unsigned i = 0; i < 3; i++) {
        close(e.ours[i]);
    }
    if (e.peer >= 0) {
        close(e.peer);
    }
}

static void F8_half_close_full_close_and_reset_by_the_peer(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        for (unsigned how = HALF_CLOSE; how < ENDINGS; how++) {
            ending_scene(park, true, (ending)how);
            ending_scene(park, false, (ending)how);
        }
    }
}

static void F8_a_paused_watch_of_a_dead_peer_lets_the_loop_sleep(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        for (unsigned how = HALF_CLOSE; how < ENDINGS; how++) {
            ends e;
            ends_open(&e, true);
            begin(park);
            mr_watch watch = add(e.ours[0], MR_READ, collect, &e.reader);
            peer_ends(&e, true, (ending)how);
            while (e.reader == 0) {
                assert_int_equal(mr_loop_turn(loop, 10 * MS), 0);
            }
            assert_int_equal(mr_watch_modify(loop, watch, 0), 0);
            e.reader = 0;
            uint64_t polls = stats_of(loop).polls, before = real_now();
            assert_int_equal(mr_loop_turn(loop, 20 * MS), 0);
            assert_true(real_now() - before >= 20 * MS);
            /* One without waiting, since the last one found something at once, and one that waits. */
            assert_in_range(stats_of(loop).polls, polls + 1, polls + 2);
            assert_int_equal(e.reader, 0);
            assert_int_equal(mr_watch_modify(loop, watch, MR_READ), 0);
            turn();
            assert_int_not_equal(e.reader, 0); /* level-triggered: told now */
            finish_turned();
            for (unsigned i = 0; i < 3; i++) {
                close(e.ours[i]);
            }
            if (e.peer >= 0) {
                close(e.peer);
            }
        }
    }
}

/* ---- F9 ---- */

static const struct {
    int os_error;
    mr_status status;
} refusals[] = {{EMFILE, MR_ELIMIT}, {ENFILE, MR_ELIMIT}, {ENOSPC, MR_ELIMIT}, {ENOMEM, MR_ENOMEM}};

static void adds_fail(int fd, unsigned events, mr_status want)
{
    mr_watch watch = {untouched};
    unsigned descriptors = open_descriptors(), calls = 0;
    mr_loop_stats before = stats_of(loop);
    assert_int_equal(mr_watch_add(loop, fd, events, count_call, &calls, &watch), want);
    assert_int_equal(watch.id, untouched);
    assert_int_equal(watches(), before.kind[MR_KIND_WATCH].pending);
    assert_int_equal(counts(MR_KIND_WATCH).refused, before.kind[MR_KIND_WATCH].refused + 1);
    assert_int_equal(open_descriptors(), descriptors);
}

static void F9_opening_the_poller_may_fail_and_be_tried_again(void **state)
{
    (void)state;
    int fds[2];
    pipe_with(fds, 1);
    for (unsigned i = 0; i < COUNT_OF(refusals); i++) {
        unsigned calls = 0;
        begin(MR_PARK_AUTO);
        mr__fault_set(MR__SYS_POLLER_OPEN, refusals[i].os_error, 2);
        adds_fail(fds[0], MR_READ, refusals[i].status);
        assert_int_equal(mr_loop_set_park(loop, MR_PARK_POLLER, 0), refusals[i].status);
        turn();
        assert_int_equal(stats_of(loop).polls, 0);
        add(fds[0], MR_READ, count_call, &calls);
        turn();
        assert_int_equal(calls, 1);
        finish_turned();

        mr_loop *none = NULL;
        mr_loop_options options = options_for(MR_PARK_POLLER);
        mr__fault_set(MR__SYS_POLLER_OPEN, refusals[i].os_error, 1);
        assert_int_equal(mr_loop_create(&options, &none), refusals[i].status);
        assert_null(none);
    }
    pipe_close(fds);
}

static void F9_a_registration_may_fail_and_be_tried_again(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2], spare[2];
        unsigned calls = 0, spare_calls = 0;
        pipe_with(fds, 1);
        pipe_with(spare, 1);
        begin(park);
        mr_watch watch = add(fds[0], MR_READ, count_call, &calls);
        for (unsigned i = 0; i < COUNT_OF(refusals); i++) {
            for (unsigned events = 0; events <= MR_READ; events += MR_READ) {
                mr__fault_set(MR__SYS_POLLER_SET, refusals[i].os_error, 1);
                adds_fail(spare[0], events, refusals[i].status);
            }
            mr__fault_set(MR__SYS_POLLER_SET, refusals[i].os_error, 1);
            assert_int_equal(mr_watch_modify(loop, watch, MR_WRITE), refusals[i].status);
            turn();
            assert_int_equal(calls, i + 1); /* still asks for reading */
        }
        add(spare[0], MR_READ, count_call, &spare_calls);
        turn();
        assert_int_equal(spare_calls, 1);
        finish_turned();
        pipe_close(fds);
        pipe_close(spare);
    }
}

static void F9_memory_may_run_out_while_adding(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        unsigned calls = 0, failures = 0;
        mr_watch watch;
        pipe_with(fds, 1);
        begin(park);
        for (;;) {
            uint64_t kept = watches();
            unsigned descriptors = open_descriptors();
            mr__alloc_fail_at(failures + 1);
            mr_status status = mr_watch_add(loop, fds[0], MR_READ, count_call, &calls, &watch);
            mr__alloc_fail_at(0);
            if (status == 0) {
                break;
            }
            assert_int_equal(status, MR_ENOMEM);
            assert_int_equal(watches(), kept);
            assert_int_equal(open_descriptors(), descriptors);
            turn();
            failures++;
        }
        assert_true(failures >= 1);
        assert_int_equal(calls, 0);
        turn();
        assert_int_equal(calls, 1);
        finish_turned();
        pipe_close(fds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(F2_each_error_has_its_code_and_changes_nothing),
        SCENARIO(F5_old_readiness_never_reaches_a_successor_of_the_same_number),
        SCENARIO(F7_closed_descriptor_with_a_live_duplicate_does_not_spin),
        SCENARIO(F7_a_failed_rebuild_loses_nothing_and_is_tried_again),
        SCENARIO(F7_a_duplicate_back_under_its_number_is_watched_anew),
        SCENARIO(F7_a_stranger_under_the_number_of_a_closed_descriptor_is_not_watched),
        SCENARIO(F8_half_close_full_close_and_reset_by_the_peer),
        SCENARIO(F8_a_paused_watch_of_a_dead_peer_lets_the_loop_sleep),
        SCENARIO(F9_opening_the_poller_may_fail_and_be_tried_again),
        SCENARIO(F9_a_registration_may_fail_and_be_tried_again),
        SCENARIO(F9_memory_may_run_out_while_adding),
    };
    return RUN_SCENARIOS(tests);
}
