/* Scenarios F1, F3, F4, F6, F13, F14: watches on the owner. */
#include "scenario.h"

static unsigned round_no;

static void turn(void)
{
    round_no++;
    assert_int_equal(mr_loop_turn(loop, 0), 0);
}

static mr_watch add(int fd, unsigned events, mr_watch_fn *fn, void *arg)
{
    mr_watch watch = {0};
    EXPECT(mr_watch_add(loop, fd, events, fn, arg, &watch) == 0);
    EXPECT(watch.id != 0);
    return watch;
}

/* ---- F1 ---- */

static void read_one(mr_watch watch, unsigned events, void *arg)
{
    char byte;
    (void)watch;
    EXPECT(events == MR_READ);
    EXPECT(read(*(int *)arg, &byte, 1) == 1);
    note("read@%u", round_no);
}

static void F1_readiness_is_level_triggered_once_a_turn(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        pipe_with(fds, 3);
        begin(park);
        round_no = 0;
        add(fds[0], MR_READ, read_one, &fds[0]);
        for (unsigned i = 0; i < 6; i++) {
            turn();
        }
        assert_story("read@1 read@2 read@3");
        finish_turned();
        pipe_close(fds);
    }
}

/* ---- F3, F4 ---- */

typedef struct party {
    int fds[3][2];
    mr_watch watches[3];
    unsigned calls[3], events[3];
    unsigned total;
    void (*first)(struct party *p, unsigned self); /* what the first one called does */
} party;

static party pair_or_three;

static void party_called(mr_watch watch, unsigned events, void *arg)
{
    party *p = &pair_or_three;
    unsigned self = (unsigned)(uintptr_t)arg;
    EXPECT(watch.id == p->watches[self].id);
    p->calls[self]++;
    p->events[self] |= events;
    if (p->total++ == 0) {
        p->first(p, self);
    }
}

/* n sockets with a byte to read and room to write, watched for reading. */
static void party_begin(mr_park park, unsigned n, void (*first)(party *, unsigned))
{
    memset(&pair_or_three, 0, sizeof pair_or_three);
    pair_or_three.first = first;
    begin(park);
    for (unsigned i = 0; i < n; i++) {
        int *fds = pair_or_three.fds[i];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        assert_int_equal(write(fds[1], "x", 1), 1);
        pair_or_three.watches[i] = add(fds[0], MR_READ, party_called, (void *)(uintptr_t)i);
    }
}

static void party_end(unsigned n)
{
    finish_turned();
    for (unsigned i = 0; i < n; i++) {
        pipe_close(pair_or_three.fds[i]);
    }
}

static void other_to_write(party *p, unsigned self)
{
    EXPECT(mr_watch_modify(loop, p->watches[1 - self], MR_WRITE) == 0);
}

static void other_to_nothing(party *p, unsigned self)
{
    EXPECT(mr_watch_modify(loop, p->watches[1 - self], 0) == 0);
}

static void F3_modify_acts_on_readiness_collected_already(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        party_begin(park, 2, other_to_write);
        for (unsigned i = 0; i < 5; i++) {
            turn();
        }
        unsigned first = pair_or_three.calls[0] == 5 && pair_or_three.events[0] == MR_READ ? 0 : 1;
        assert_int_equal(pair_or_three.calls[first], 5);
        assert_int_equal(pair_or_three.events[first], MR_READ);
        assert_true(pair_or_three.calls[1 - first] >= 4);
        assert_int_equal(pair_or_three.events[1 - first], MR_WRITE);
        party_end(2);

        party_begin(park, 2, other_to_nothing);
        for (unsigned i = 0; i < 5; i++) {
            turn();
        }
        first = pair_or_three.calls[0] != 0 ? 0 : 1;
        assert_int_equal(pair_or_three.calls[first], 5);
        assert_int_equal(pair_or_three.calls[1 - first], 0);
        /* Paused, not forgotten: asked again, it is delivered again. */
        assert_int_equal(mr_watch_modify(loop, pair_or_three.watches[1 - first], MR_READ), 0);
        turn();
        assert_int_equal(pair_or_three.calls[1 - first], 1);
        party_end(2);
    }
}

static void remove_itself(party *p, unsigned self)
{
    EXPECT(mr_watch_remove(loop, p->watches[self], NULL, NULL) == 0);
    EXPECT(mr_watch_remove(loop, p->watches[self], NULL, NULL) == MR_ENOENT);
    note("%u", self);
}

static void remove_the_next(party *p, unsigned self)
{
    EXPECT(mr_watch_remove(loop, p->watches[(self + 1) % 3], NULL, NULL) == 0);
    note("%u", (self + 1) % 3);
}

static void remove_all(party *p, unsigned self)
{
    (void)self;
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(mr_watch_remove(loop, p->watches[i], NULL, NULL) == 0);
    }
}

static void F4_no_call_after_remove(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        party_begin(park, 3, remove_itself);
        turn();
        turn();
        unsigned gone = (unsigned)(story[0] - '0');
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(pair_or_three.calls[i], i == gone ? 1 : 2);
        }
        party_end(3);

        party_begin(park, 3, remove_the_next);
        turn();
        turn();
        gone = (unsigned)(story[0] - '0');
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(pair_or_three.calls[i], i == gone ? 0 : 2);
        }
        party_end(3);

        party_begin(park, 3, remove_all);
        turn();
        turn();
        assert_int_equal(pair_or_three.total, 1);
        assert_int_equal(counts(MR_KIND_WATCH).pending, 0);
        party_end(3);
    }
}

/* ---- F6 ---- */

static void count_call(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    ++*(unsigned *)arg;
}

static void F6_fd_closed_before_remove_is_tolerated(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2], again[2];
        unsigned old_calls = 0, new_calls = 0;
        pipe_with(fds, 1);
        begin(park);
        mr_watch watch = add(fds[0], MR_READ, count_call, &old_calls);
        close(fds[0]);
        assert_int_equal(mr_watch_modify(loop, watch, MR_READ | MR_WRITE), MR_EBADF);
        assert_int_equal(counts(MR_KIND_WATCH).pending, 1);
        assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), 0);
        assert_int_equal(counts(MR_KIND_WATCH).pending, 0);
        assert_int_equal(mr_watch_remove(loop, watch, NULL, NULL), MR_ENOENT);
        assert_false(mr_loop_alive(loop));
        turn();
        pipe_with(again, 1);
        assert_int_equal(again[0], fds[0]); /* the kernel gives the lowest free number */
        add(again[0], MR_READ, count_call, &new_calls);
        turn();
        assert_int_equal(old_calls, 0);
        assert_int_equal(new_calls, 1);
        finish_turned();
        pipe_close(again);
        close(fds[1]);
    }
}

/* ---- F13 ---- */

enum { READY = 300 };

typedef struct crowd {
    mr_watch watches[READY];
    unsigned calls[READY], called, called_at_timer, called_at_immediate;
    bool pause;
} crowd;

static crowd many;

static void crowd_called(mr_watch watch, unsigned events, void *arg)
{
    unsigned self = (unsigned)(uintptr_t)arg;
    EXPECT(events == MR_READ && watch.id == many.watches[self].id);
    many.calls[self]++;
    many.called++;
    if (many.pause) {
        EXPECT(mr_watch_modify(loop, watch, 0) == 0);
    }
}

static void crowd_timer(void *arg)
{
    (void)arg;
    many.called_at_timer = many.called;
    note("timer@%u", round_no);
}

static void crowd_immediate(void *arg)
{
    (void)arg;
    many.called_at_immediate = many.called;
    note("immediate@%u", round_no);
}

static void crowd_scene(mr_park park, const int *copies, bool pause)
{
    mr_timer timer;
    mr_immediate immediate;
    memset(&many, 0, sizeof many);
    many.pause = pause;
    round_no = 0;
    begin(park);
    for (uintptr_t i = 0; i < READY; i++) {
        many.watches[i] = add(copies[i], MR_READ, crowd_called, (void *)i);
    }
    assert_int_equal(mr_timer_start(loop, 0, crowd_timer, NULL, &timer), 0);
    assert_int_equal(mr_immediate_start(loop, crowd_immediate, NULL, &immediate), 0);
    turn();
    assert_story("immediate@1 timer@1");
    assert_int_equal(many.called_at_immediate, 256);
    assert_int_equal(many.called_at_timer, 256);
    assert_int_equal(many.called, 256);
    turn();
    assert_int_equal(many.called, pause ? READY : 512);
    for (unsigned i = 0; i < READY; i++) {
        assert_in_range(many.calls[i], 1, pause ? 1 : 2);
    }
    finish_turned();
}

static void F13_many_ready_watches_delay_a_timer_by_256_calls(void **state)
{
    (void)state;
    int fds[2], copies[READY];
    pipe_with(fds, 1);
    for (unsigned i = 0; i < READY; i++) {
        copies[i] = dup(fds[0]);
        assert_true(copies[i] >= 0);
    }
    for (EACH_WATCH_PARK(park)) {
        crowd_scene(park, copies, true);
        crowd_scene(park, copies, false);
    }
    for (unsigned i = 0; i < READY; i++) {
        close(copies[i]);
    }
    pipe_close(fds);
}

/* ---- F14 ---- */

static mr_watch closing;

static void say_called(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    note("%s", (const char *)arg);
}

static void remove_with_closed(void *arg)
{
    say(arg);
    EXPECT(mr_watch_remove(loop, closing, say, "closed") == 0);
}

static void remove_from_own_callback(mr_watch watch, unsigned events, void *arg)
{
    say_called(watch, events, arg);
    EXPECT(mr_watch_remove(loop, watch, say, "closed") == 0);
}

static void F14_closed_fn_runs_once_in_the_close_phase(void **state)
{
    (void)state;
    for (EACH_WATCH_PARK(park)) {
        int fds[2];
        mr_timer timer;
        mr_immediate immediate;
        pipe_with(fds, 1);
        begin(park);
        closing = add(fds[0], MR_READ, say_called, "ready");
        assert_int_equal(mr_immediate_start(loop, remove_with_closed, "remove", &immediate), 0);
        assert_int_equal(mr_timer_start(loop, 0, say, "timer", &timer), 0);
        turn();
        assert_story("ready remove closed timer");
        turn();
        turn();
        assert_story("ready remove closed timer");

        story_clear();
        closing = add(fds[0], MR_READ, remove_from_own_callback, "ready");
        assert_int_equal(mr_immediate_start(loop, say, "immediate", &immediate), 0);
        turn();
        turn();
        assert_story("ready immediate closed");

        story_clear();
        closing = add(fds[0], MR_READ, say_called, "must not be called");
        assert_int_equal(mr_watch_remove(loop, closing, say, "closed"), 0);
        assert_true(mr_loop_alive(loop)); /* by the close callback */
        assert_story("");
        turn();
        turn();
        assert_story("closed");
        assert_int_equal(counts(MR_KIND_CLOSE).run, 3);
        finish_turned();
        pipe_close(fds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(F1_readiness_is_level_triggered_once_a_turn),
        SCENARIO(F3_modify_acts_on_readiness_collected_already),
        SCENARIO(F4_no_call_after_remove),
        SCENARIO(F6_fd_closed_before_remove_is_tolerated),
        SCENARIO(F13_many_ready_watches_delay_a_timer_by_256_calls),
        SCENARIO(F14_closed_fn_runs_once_in_the_close_phase),
    };
    return RUN_SCENARIOS(tests);
}
