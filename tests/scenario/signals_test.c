/* Scenario K3 and the rest of section 11: signals interrupt every wait, and change nothing. */
#include "scenario.h"

#include <signal.h>

static pthread_t owner;
static _Atomic bool storm_over;
static _Atomic uint64_t handled;

/* All a handler may do: wake the loop. */
static void wake_from_handler(int signal)
{
    (void)signal;
    int before = errno;
    errno = 4711;
    if (mr_loop_wake(loop) != 0 || errno != 4711)
        atomic_fetch_add(&failed_expectations, 1);
    atomic_fetch_add(&handled, 1);
    errno = before;
}

static struct sigaction handle_with(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler}, before;
    sigemptyset(&action.sa_mask); /* no SA_RESTART: waits are to be interrupted */
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    return before;
}

/* ---- K3: a storm ---- */

static void *storm_main(void *arg)
{
    (void)arg;
    while (!atomic_load(&storm_over)) {
        pthread_kill(owner, SIGUSR1);
        rest(20000);
    }
    return NULL;
}

static unsigned tasks_run;
static unsigned fired;

static void count_task(void *arg)
{
    (void)arg;
    tasks_run++;
}

static void fire_on_time(void *arg)
{
    EXPECT(real_now() >= *(uint64_t *)arg);
    fired++;
}

static void end_storm(void *arg)
{
    (void)arg;
    atomic_store(&storm_over, true);
}

static void *producer_main(void *arg)
{
    unsigned n = *(unsigned *)arg;
    for (unsigned i = 0; i < n; i++) {
        while (mr_submit(loop, count_task, NULL) == MR_EBACKPRESSURE)
            rest(20000);
        if (i % 64 == 0)
            rest(50000); /* lets the loop park in between */
    }
    return NULL;
}

static void on_ready_once(mr_watch watch, unsigned events, void *arg)
{
    (void)arg;
    EXPECT(events == MR_READ);
    note("w");
    EXPECT(mr_watch_remove(loop, watch, NULL, NULL) == 0);
}

static void storm(mr_park park)
{
    static uint64_t due[200];
    unsigned n = scaled(20000);
    int ready[2];
    mr_watch watch;
    pipe_with(ready, 1);
    begin(park);
    tasks_run = fired = 0;
    atomic_store(&storm_over, false);
    atomic_store(&handled, 0);
    owner = pthread_self();
    struct sigaction before = handle_with(wake_from_handler);
    if (park != MR_PARK_FUTEX)
        assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, on_ready_once, NULL, &watch), 0);
    for (unsigned i = 0; i < COUNT_OF(due); i++) {
        due[i] = real_now() + i * MS / 4;
        timer_in(i * MS / 4, fire_on_time, &due[i]);
    }
    pthread_t storming = thread_start(storm_main, NULL);
    pthread_t producing = thread_start(producer_main, &n);
    while (tasks_run < n || fired < COUNT_OF(due) || atomic_load(&handled) < 100)
        assert_int_equal(mr_loop_turn(loop, FOR_EVER), 0);
    end_storm(NULL);
    thread_join(storming);
    thread_join(producing);
    assert_int_equal(tasks_run, n);
    assert_int_equal(fired, COUNT_OF(due));
    assert_story(park != MR_PARK_FUTEX ? "w" : "");
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    finish_turned();
    pipe_close(ready);
}

static void K3_signal_storm_loses_nothing_and_makes_nothing_early(void **state)
{
    (void)state;
    for (EACH_PARK(park))
        storm(park);
}

/* ---- K3: one signal ---- */

static void count_turn(mr_loop *of, uint64_t turn, void *arg)
{
    (void)of, (void)turn;
    atomic_fetch_add((_Atomic uint64_t *)arg, 1);
}

static void ignore_signal(int signal)
{
    (void)signal;
    atomic_fetch_add(&handled, 1);
}

/* Send one signal to the parked owner; wait until its handler has run. */
static void signal_the_sleeper(const runner *r)
{
    uint64_t before = atomic_load(&handled);
    wait_for_state(MR_STATE_SLEEPING);
    pthread_kill(r->thread, SIGUSR1);
    while (atomic_load(&handled) == before)
        rest(20000);
}

static void K3_wake_from_a_handler_makes_one_turn_and_a_bare_signal_none(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    skip(); /* it puts handlers off to the next call it intercepts; parking is none */
#endif
    for (EACH_PARK(park)) {
        _Atomic uint64_t turns = 0;
        mr_hooks hooks = {.size_bytes = sizeof hooks, .arg = &turns, .turn_begin = count_turn};
        runner r;
        begin(park);
        assert_int_equal(mr_hooks_attach(loop, &hooks), 0);
        struct sigaction before = handle_with(wake_from_handler);
        runner_start(&r);
        for (unsigned i = 2; i < 12; i++) {
            signal_the_sleeper(&r);
            while (atomic_load(&turns) < i)
                rest(20000);
        }
        wait_for_state(MR_STATE_SLEEPING);
        handle_with(ignore_signal);
        for (unsigned i = 0; i < 10; i++)
            signal_the_sleeper(&r);
        assert_int_equal(mr_loop_state(loop), MR_STATE_SLEEPING);
        assert_int_equal(atomic_load(&turns), 11);
        assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
        assert_int_equal(runner_join(&r), 0);
        assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
        finish();
    }
}

/* ---- nothing installed, nothing masked ---- */

typedef struct settings {
    sigset_t mask;
    struct sigaction actions[65];
} settings;

static void read_settings(settings *s)
{
    memset(s, 0, sizeof *s);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &s->mask), 0);
    for (int signal = 1; signal < 65; signal++)
        sigaction(signal, NULL, &s->actions[signal]); /* two are the C library's own */
}

static void same_settings(const settings *a, const settings *b)
{
    for (int signal = 1; signal < 65; signal++) {
        EXPECT(sigismember(&a->mask, signal) == sigismember(&b->mask, signal));
        EXPECT(a->actions[signal].sa_handler == b->actions[signal].sa_handler);
        EXPECT(a->actions[signal].sa_flags == b->actions[signal].sa_flags);
    }
}

static settings before_all;

static void look_inside(void *arg)
{
    static settings inside;
    (void)arg;
    note("looked");
    read_settings(&inside);
    same_settings(&before_all, &inside);
}

static void K3_no_handler_is_installed_and_no_mask_changed(void **state)
{
    (void)state;
    static settings after;
    for (EACH_WATCH_PARK(park)) {
        int ready[2];
        mr_watch watch;
        pipe_with(ready, 1);
        read_settings(&before_all);
        begin(park);
        assert_int_equal(mr_watch_add(loop, ready[0], MR_READ, on_ready_once, NULL, &watch), 0);
        timer_in(MS, look_inside, NULL);
        timer_in(2 * MS, shut_down, NULL);
        assert_int_equal(mr_loop_run(loop), 0);
        assert_story("w looked");
        finish();
        read_settings(&after);
        same_settings(&before_all, &after);
        assert_int_equal(atomic_load(&failed_expectations), 0);
        pipe_close(ready);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K3_signal_storm_loses_nothing_and_makes_nothing_early),
        SCENARIO(K3_wake_from_a_handler_makes_one_turn_and_a_bare_signal_none),
        SCENARIO(K3_no_handler_is_installed_and_no_mask_changed),
    };
    return RUN_SCENARIOS(tests);
}
