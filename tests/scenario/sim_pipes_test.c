/* Descriptors of a simulated loop: the scenarios of group F that hold for them, and what mr_sim_*
 * calls answer. */
#include "scenario.h"

static int fds[2];
static mr_watch watches[2];

static void begin_world(uint64_t seed)
{
    begin_simulated(seed, 0, false);
    assert_int_equal(mr_sim_pipe(loop, fds), 0);
}

static void turn(void)
{
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

static void put(int fd, const char *text)
{
    size_t len = 0;
    EXPECT(mr_sim_write(loop, fd, text, strlen(text), &len) == 0);
    EXPECT(len == strlen(text));
}

static void get(int fd, size_t most, const char *expected)
{
    char bytes[64];
    size_t len = 0;
    EXPECT(mr_sim_read(loop, fd, bytes, most, &len) == 0);
    EXPECT(len == strlen(expected) && memcmp(bytes, expected, len) == 0);
}

/* Notes the events of a watch behind its name. */
static void say_events(mr_watch watch, unsigned events, void *arg)
{
    (void)watch;
    note("%s%s%s%s%s", (const char *)arg, (events & MR_READ) != 0 ? ":read" : "",
         (events & MR_WRITE) != 0 ? ":write" : "", (events & MR_HANGUP) != 0 ? ":hangup" : "",
         (events & MR_ERROR) != 0 ? ":error" : "");
}

static mr_watch watch_fd(int fd, unsigned events, const char *name)
{
    mr_watch watch = {0};
    EXPECT(mr_watch_add(loop, fd, events, say_events, (void *)(uintptr_t)name, &watch) == 0);
    return watch;
}

static void turn_and_expect(const char *expected)
{
    story_clear();
    turn();
    assert_story(expected);
}

/* ---- events ---- */

static void read_one(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == MR_READ);
    note("%" PRIu64, stats_of(loop).turns);
    char byte;
    size_t len = 0;
    EXPECT(mr_sim_read(loop, fds[0], &byte, 1, &len) == 0 && len == 1);
}

static void F1_simulated_readiness_is_level_triggered(void **state)
{
    (void)state;
    begin_world(1);
    put(fds[1], "abc");
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, read_one, NULL, &watches[0]), 0);
    for (int i = 0; i < 5; i++) {
        turn();
    }
    assert_story("1 2 3");
    size_t len = 1;
    char byte;
    assert_int_equal(mr_sim_read(loop, fds[0], &byte, 1, &len), 0);
    assert_int_equal(len, 0); /* nothing there yet */
    finish_turned();
}

static void F1_simulated_writability_ends_with_the_room(void **state)
{
    (void)state;
    begin_world(1);
    static char block[MR_SIM_PIPE_BYTES + 100];
    size_t len = 0;
    watch_fd(fds[0], MR_READ | MR_WRITE, "a");
    watch_fd(fds[1], MR_READ, "b");
    turn_and_expect("a:write");
    assert_int_equal(mr_sim_write(loop, fds[0], block, sizeof block, &len), 0);
    assert_int_equal(len, MR_SIM_PIPE_BYTES);
    turn_and_expect("b:read");
    assert_int_equal(mr_sim_write(loop, fds[0], block, 1, &len), 0);
    assert_int_equal(len, 0);
    assert_int_equal(mr_sim_read(loop, fds[1], block, 1, &len), 0);
    put(fds[1], "x"); /* the other direction has room of its own */
    story_clear();
    turn();
    assert_true(strcmp(story, "a:read:write b:read") == 0 ||
                strcmp(story, "b:read a:read:write") == 0);
    finish_turned();
}

static void F8_simulated_half_close_is_for_readers(void **state)
{
    (void)state;
    begin_world(1);
    watches[0] = watch_fd(fds[0], MR_READ, "a");
    put(fds[1], "xy");
    assert_int_equal(mr_sim_end(loop, fds[1]), 0);
    turn_and_expect("a:read:hangup");
    get(fds[0], 64, "xy");
    turn_and_expect("a:read:hangup");
    char byte;
    size_t len = 77;
    assert_int_equal(mr_sim_read(loop, fds[0], &byte, 1, &len), MR_ECLOSED);
    assert_int_equal(mr_sim_write(loop, fds[1], "x", 1, &len), MR_ECLOSED);
    assert_int_equal(len, 77);
    assert_int_equal(mr_watch_modify(loop, watches[0], MR_WRITE), 0);
    turn_and_expect("a:write");
    put(fds[0], "z"); /* the other direction goes on */
    get(fds[1], 64, "z");
    assert_int_equal(mr_watch_modify(loop, watches[0], 0), 0);
    turn_and_expect("");
    assert_int_equal(mr_watch_modify(loop, watches[0], MR_WRITE), 0);
    assert_int_equal(mr_sim_end(loop, fds[0]), 0); /* now both are ended: that is for all */
    turn_and_expect("a:write:hangup");
    finish_turned();
}

static void F8_simulated_close_is_for_all_but_paused_ones(void **state)
{
    (void)state;
    static const unsigned asked[] = {MR_READ, MR_WRITE, MR_READ | MR_WRITE, 0};
    static const char *const told_of[] = {"a:read:hangup", "a:write:hangup", "a:read:write:hangup",
                                          ""};
    for (unsigned i = 0; i < COUNT_OF(asked); i++) {
        begin_world(1);
        watch_fd(fds[0], asked[i], "a");
        assert_int_equal(mr_sim_close(loop, fds[1]), 0);
        turn_and_expect(told_of[i]);
        size_t len = 77;
        char byte;
        assert_int_equal(mr_sim_write(loop, fds[0], "x", 1, &len), MR_ECLOSED);
        assert_int_equal(mr_sim_read(loop, fds[0], &byte, 1, &len), MR_ECLOSED);
        assert_int_equal(len, 77);
        finish_turned();
    }
}

static void F8_simulated_bytes_sent_before_a_close_arrive(void **state)
{
    (void)state;
    begin_world(1);
    watch_fd(fds[0], MR_READ, "a");
    put(fds[1], "last");
    assert_int_equal(mr_sim_close(loop, fds[1]), 0);
    turn_and_expect("a:read:hangup");
    get(fds[0], 3, "las");
    get(fds[0], 3, "t");
    finish_turned();
}

static void F8_simulated_close_with_unread_bytes_is_an_error(void **state)
{
    (void)state;
    static const unsigned asked[] = {MR_READ, MR_WRITE, 0};
    static const char *const told_of[] = {"a:read:hangup:error", "a:write:hangup:error", ""};
    for (unsigned i = 0; i < COUNT_OF(asked); i++) {
        begin_world(1);
        watch_fd(fds[0], asked[i], "a");
        put(fds[1], "never read"); /* lost with the connection */
        put(fds[0], "unread");
        assert_int_equal(mr_sim_close(loop, fds[1]), 0);
        turn_and_expect(told_of[i]);
        size_t len = 77;
        char byte;
        assert_int_equal(mr_sim_read(loop, fds[0], &byte, 1, &len), MR_EIO);
        assert_int_equal(mr_sim_write(loop, fds[0], "x", 1, &len), MR_EIO);
        assert_int_equal(len, 77);
        finish_turned();
    }
}

/* ---- life of a descriptor ---- */

static void F2_simulated_calls_refuse_what_they_cannot_do(void **state)
{
    (void)state;
    begin_world(1);
    int more[2] = {-1, -1};
    char byte = 'x';
    size_t len = 77;
    mr_watch watch = {77};
    int closed = fds[1] + 1;
    static const int bad[] = {-1, 0, 2, INT32_MAX};
    for (unsigned i = 0; i <= COUNT_OF(bad); i++) {
        int fd = i < COUNT_OF(bad) ? bad[i] : closed;
        assert_int_equal(mr_sim_read(loop, fd, &byte, 1, &len), MR_EBADF);
        assert_int_equal(mr_sim_write(loop, fd, &byte, 1, &len), MR_EBADF);
        assert_int_equal(mr_sim_end(loop, fd), MR_EBADF);
        assert_int_equal(mr_sim_close(loop, fd), MR_EBADF);
    }
    assert_int_equal(mr_watch_add(loop, closed, MR_READ, say_events, "", &watch), MR_EBADF);
    assert_int_equal(mr_watch_add(loop, closed, 0, say_events, "", &watch), MR_EBADF);
    assert_int_equal(mr_sim_pipe(NULL, more), MR_EINVAL);
    assert_int_equal(mr_sim_pipe(loop, NULL), MR_EINVAL);
    assert_int_equal(mr_sim_read(NULL, fds[0], &byte, 1, &len), MR_EINVAL);
    assert_int_equal(mr_sim_read(loop, fds[0], NULL, 1, &len), MR_EINVAL);
    assert_int_equal(mr_sim_read(loop, fds[0], &byte, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_sim_write(NULL, fds[0], &byte, 1, &len), MR_EINVAL);
    assert_int_equal(mr_sim_write(loop, fds[0], NULL, 1, &len), MR_EINVAL);
    assert_int_equal(mr_sim_write(loop, fds[0], &byte, 1, NULL), MR_EINVAL);
    assert_int_equal(mr_sim_end(NULL, fds[0]), MR_EINVAL);
    assert_int_equal(mr_sim_close(NULL, fds[0]), MR_EINVAL);
    assert_int_equal(len, 77);
    watch = watch_fd(fds[0], MR_READ, "a");
    mr_watch second = {77};
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, say_events, "", &second), MR_EEXIST);
    assert_int_equal(second.id, 77);
    assert_int_equal(counts(MR_KIND_WATCH).pending, 1);
    assert_int_equal(mr_loop_shutdown(loop, 0), 0);
    assert_int_equal(mr_loop_state(loop), MR_STATE_CLOSED);
    assert_int_equal(mr_sim_pipe(loop, more), MR_ECLOSED);
    assert_int_equal(mr_sim_close(loop, fds[0]), MR_ECLOSED);
    assert_int_equal(more[0], -1);
    finish();
}

static void F2_real_and_simulated_descriptors_do_not_mix(void **state)
{
    (void)state;
    int real[2];
    pipe_with(real, 1);
    begin_world(1);
    int simulated = fds[0];
    mr_watch watch = {77};
    assert_int_equal(mr_watch_add(loop, real[0], MR_READ, say_events, "", &watch),
                     MR_EINCOMPATIBLE);
    assert_int_equal(mr_watch_add(loop, real[0], 0, say_events, "", &watch), MR_EINCOMPATIBLE);
    finish_turned();
    begin(MR_PARK_AUTO);
    int more[2];
    size_t len;
    assert_int_equal(mr_sim_pipe(loop, more), MR_EINCOMPATIBLE);
    assert_int_equal(mr_sim_write(loop, simulated, "x", 1, &len), MR_EINCOMPATIBLE);
    assert_int_equal(mr_sim_close(loop, real[0]), MR_EINCOMPATIBLE);
    assert_int_equal(watch.id, 77);
    finish_turned();
    pipe_close(real);
}

static void W6_simulated_watch_and_futex_exclude_each_other(void **state)
{
    (void)state;
    begin_world(1);
    mr_watch watch = watch_fd(fds[0], MR_READ, "a");
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, 0), MR_EINCOMPATIBLE);
    assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), 0);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, 0), 0);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, say_events, "", &watch), MR_EINCOMPATIBLE);
    assert_int_equal(counts(MR_KIND_WATCH).pending, 0);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_AUTO, 0), 0);
    watch_fd(fds[0], MR_READ, "a");
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_POLLER, 0), MR_EINCOMPATIBLE);
    finish_turned();
}

static void *use_from_here(void *arg)
{
    char byte = 'x';
    size_t len = 77;
    int more[2];
    EXPECT(mr_sim_pipe(loop, more) == MR_EWRONGTHREAD);
    EXPECT(mr_sim_write(loop, fds[0], &byte, 1, &len) == MR_EWRONGTHREAD);
    EXPECT(mr_sim_close(loop, fds[0]) == MR_EWRONGTHREAD);
    return arg;
}

static void F2_real_threads_have_no_part_in_a_simulation(void **state)
{
    (void)state;
    begin_world(1);
    thread_join(thread_start(use_from_here, NULL));
    finish_turned();
}

static void F5_simulated_number_in_use_again_gets_no_old_event(void **state)
{
    (void)state;
    begin_world(1);
    watches[0] = watch_fd(fds[0], MR_READ, "old");
    put(fds[1], "x");
    assert_int_equal(mr_sim_close(loop, fds[0]), 0);
    turn_and_expect("");
    int again[2];
    assert_int_equal(mr_sim_pipe(loop, again), 0);
    assert_int_equal(again[0], fds[0]); /* the lowest free number */
    put(again[1], "y");
    turn_and_expect("");
    assert_int_equal(mr_watch_modify(loop, watches[0], MR_WRITE), MR_EBADF);
    assert_int_equal(mr_watch_remove(loop, watches[0], NULL, NULL), 0);
    watch_fd(again[0], MR_READ, "new");
    turn_and_expect("new:read");
    finish_turned();
}

static void remove_both(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT(events == MR_READ);
    note("%d", watch.id == watches[0].id ? 0 : 1);
    EXPECT(mr_watch_remove(loop, watches[0], NULL, NULL) == 0);
    EXPECT(mr_watch_remove(loop, watches[1], NULL, NULL) == 0);
}

/* Both are ready: the seed says which comes first, and then the other one never comes. */
static void F4_simulated_readiness_collected_already_is_dropped(void **state)
{
    (void)state;
    bool seen[2] = {false, false};
    for (uint64_t seed = 0; seed < 100; seed++) {
        begin_world(seed);
        put(fds[0], "x");
        put(fds[1], "y");
        for (int i = 0; i < 2; i++) {
            assert_int_equal(mr_watch_add(loop, fds[i], MR_READ, remove_both, NULL, &watches[i]),
                             0);
        }
        turn();
        turn();
        assert_int_equal(story_len, 1);
        seen[story[0] - '0'] = true;
        finish_turned();
    }
    assert_true(seen[0] && seen[1]);
}

enum { MANY = 150 };
static unsigned times[2 * MANY];

static void count_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)watch;
    EXPECT(events == MR_WRITE);
    times[(size_t)(uintptr_t)arg]++;
}

static void F13_simulated_ready_watches_share_the_turns(void **state)
{
    (void)state;
    begin_simulated(5, 0, false);
    memset(times, 0, sizeof times);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(mr_sim_pipe(loop, fds), 0);
        for (unsigned k = 0; k < 2; k++) {
            mr_watch watch;
            assert_int_equal(mr_watch_add(loop, fds[k], MR_WRITE, count_ready,
                                          (void *)(uintptr_t)(2 * i + k), &watch),
                             0);
        }
    }
    unsigned sum = 0;
    turn();
    for (unsigned i = 0; i < 2 * MANY; i++) {
        sum += times[i];
    }
    assert_int_equal(sum, 256);
    turn();
    for (unsigned i = 0; i < 2 * MANY; i++) {
        assert_in_range(times[i], 1, 2); /* nobody is passed over twice */
    }
    finish_turned();
}

/* ---- with actors ---- */

enum { STREAM = 20000 };
static unsigned sent, received;

static uint64_t send_some(mr_loop *of, void *arg)
{
    unsigned char bytes[700];
    size_t len = 0, n = 0;
    while (n < sizeof bytes && sent + n < STREAM) {
        bytes[n] = (unsigned char)((sent + n) % 251);
        n++;
    }
    EXPECT(mr_sim_write(of, fds[1], bytes, n, &len) == 0);
    sent += (unsigned)len;
    if (sent < STREAM) {
        return *(uint64_t *)arg;
    }
    EXPECT(mr_sim_close(of, fds[1]) == 0);
    return MR_SIM_DONE;
}

static void receive_some(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT((events & MR_READ) != 0);
    unsigned char bytes[1000];
    size_t len = 0;
    mr_status status = mr_sim_read(loop, fds[0], bytes, sizeof bytes, &len);
    if (status == MR_ECLOSED) {
        EXPECT(events == (MR_READ | MR_HANGUP));
        EXPECT(mr_sim_close(loop, fds[0]) == 0);
        EXPECT(mr_watch_remove(loop, watch, NULL, NULL) == 0);
        shut_down(NULL);
        return;
    }
    EXPECT(status == 0 && len != 0);
    for (size_t i = 0; i < len; i++) {
        EXPECT(bytes[i] == (received + i) % 251);
    }
    received += (unsigned)len;
}

static void F1_simulated_stream_of_an_actor_arrives_whole(void **state)
{
    (void)state;
    static uint64_t pauses[] = {0, MS};
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin_world(seed);
        sent = received = 0;
        assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, receive_some, NULL, &watches[0]), 0);
        assert_int_equal(mr_sim_actor(loop, 0, send_some, &pauses[seed % 2]), 0);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_int_equal(received, STREAM);
        finish();
    }
}

static void K4_no_memory_for_a_simulated_pipe_changes_nothing(void **state)
{
    (void)state;
    unsigned failures = 0;
    for (uint64_t n = 1;; n++) {
        begin_simulated(1, 0, false);
        fds[0] = fds[1] = -1;
        mr__alloc_fail_at(n);
        mr_status status = mr_sim_pipe(loop, fds);
        mr__alloc_fail_at(0);
        if (status == 0) {
            finish_turned();
            break;
        }
        assert_int_equal(status, MR_ENOMEM);
        assert_int_equal(fds[0], -1);
        assert_int_equal(fds[1], -1);
        failures++;
        assert_int_equal(mr_sim_pipe(loop, fds), 0);
        finish_turned();
    }
    assert_int_equal(failures, 4); /* the set, its table, two ends */
}

int main(void)
{
    const struct CMUnitTest scenarios[] = {
        SCENARIO(F1_simulated_readiness_is_level_triggered),
        SCENARIO(F1_simulated_writability_ends_with_the_room),
        SCENARIO(F1_simulated_stream_of_an_actor_arrives_whole),
        SCENARIO(F2_simulated_calls_refuse_what_they_cannot_do),
        SCENARIO(F2_real_and_simulated_descriptors_do_not_mix),
        SCENARIO(F2_real_threads_have_no_part_in_a_simulation),
        SCENARIO(W6_simulated_watch_and_futex_exclude_each_other),
        SCENARIO(F4_simulated_readiness_collected_already_is_dropped),
        SCENARIO(F5_simulated_number_in_use_again_gets_no_old_event),
        SCENARIO(F8_simulated_half_close_is_for_readers),
        SCENARIO(F8_simulated_close_is_for_all_but_paused_ones),
        SCENARIO(F8_simulated_bytes_sent_before_a_close_arrive),
        SCENARIO(F8_simulated_close_with_unread_bytes_is_an_error),
        SCENARIO(F13_simulated_ready_watches_share_the_turns),
        SCENARIO(K4_no_memory_for_a_simulated_pipe_changes_nothing),
    };
    return RUN_SCENARIOS(scenarios);
}
