/* What the scenario tests share: one loop, one story of what happened, gates between threads, and
 * the law that every scenario ends with: accepted work is run, cancelled or reported.
 *
 * A test makes `loop` with begin(), lets callbacks note() into the story, and closes with finish(),
 * which checks conservation. Checks inside callbacks and on other threads use EXPECT: cmocka may
 * only jump out of the test's own frame. Every test has a watchdog of a minute.
 *
 * MR_TEST_SCALE in the environment, for TSan and valgrind, divides the rounds of the threaded
 * scenarios and makes the watchdog patient. */
#ifndef MR_TESTS_SCENARIO_H
#define MR_TESTS_SCENARIO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <millrace/millrace.h>

#include "base/memory.h"
#include "loop/testing.h"
#include "os/fault.h"

#define MS UINT64_C(1000000)
#define SEC UINT64_C(1000000000)
#define FOR_EVER UINT64_MAX
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Both ways of waiting, and the one that chooses; with descriptors the futex is not on offer. */
#define EACH_PARK(park)                                                                            \
    mr_park park = MR_PARK_AUTO;                                                                   \
    park <= MR_PARK_POLLER;                                                                        \
    park = (mr_park)(park + 1)
#define EACH_WATCH_PARK(park)                                                                      \
    mr_park park = MR_PARK_AUTO;                                                                   \
    park <= MR_PARK_POLLER;                                                                        \
    park = (mr_park)(park + 2)

#define SCENARIO(name)                                                                             \
    {                                                                                              \
#name, name, scenario_setup, scenario_teardown, (void *)(uintptr_t) #name                  \
    }
#define RUN_SCENARIOS(list) cmocka_run_group_tests(list, NULL, NULL)

/* ---- checks that may fail anywhere ---- */

static _Atomic unsigned failed_expectations;

#define EXPECT(x)                                                                                  \
    ((x) ? (void)0                                                                                 \
         : (void)(atomic_fetch_add(&failed_expectations, 1),                                       \
                  fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x)))

/* ---- the story: what happened, in order; owner thread only ---- */

static char story[1 << 16];
static size_t story_len;

static inline void story_clear(void)
{
    story_len = 0;
    story[0] = 0;
}

static inline void note(const char *format, ...) MR_PRINTF(1, 2);
static inline void note(const char *format, ...)
{
    char text[64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = strlen(text);
    if (story_len + len + 2 > sizeof story) {
        EXPECT(story_len < sizeof story - 64); /* too long a story */
        return;
    }
    if (story_len != 0) {
        story[story_len++] = ' ';
    }
    memcpy(story + story_len, text, len + 1);
    story_len += len;
}

/* A task whose argument is its name. */
static inline void say(void *arg)
{
    note("%s", (const char *)arg);
}

static inline void nothing(void *arg)
{
    (void)arg;
}

#define assert_story(text) assert_string_equal(story, text)

/* ---- what the loop reports ---- */

typedef struct reports {
    _Atomic uint64_t discarded[MR_KIND_COUNT]; /* told to on_discard */
    _Atomic uint64_t own;                      /* told to discard functions of the items */
    _Atomic uint64_t after_run;                /* told after run had returned: never */
    _Atomic mr_status reason;                  /* of the last one */
    pthread_t thread;                          /* of the last one */
    unsigned pressure[MR_PRESSURE_RUNAWAY + 1];
    uint64_t pressure_depth[MR_PRESSURE_RUNAWAY + 1];
    unsigned poller_failures;
    int os_error;
} reports;

static mr_loop *loop; /* of the scenario at hand */
static reports told;
static _Atomic bool run_returned;
static mr_park park_at_hand;

static inline void on_discard(mr_kind kind, mr_task_fn *fn, void *task_arg, mr_status reason,
                              void *arg)
{
    (void)fn, (void)task_arg, (void)arg;
    atomic_fetch_add(&told.discarded[kind], 1);
    atomic_store(&told.reason, reason);
    told.thread = pthread_self();
    if (atomic_load(&run_returned)) {
        atomic_fetch_add(&told.after_run, 1);
    }
}

static inline void own_discard(void *arg, mr_status reason)
{
    (void)arg;
    atomic_fetch_add(&told.own, 1);
    atomic_store(&told.reason, reason);
    told.thread = pthread_self();
    if (atomic_load(&run_returned)) {
        atomic_fetch_add(&told.after_run, 1);
    }
}

static inline void on_pressure(mr_pressure kind, uint64_t depth, void *arg)
{
    (void)arg;
    told.pressure[kind]++;
    told.pressure_depth[kind] = depth;
}

static inline void on_poller_failure(int os_error, void *arg)
{
    (void)arg;
    told.poller_failures++;
    told.os_error = os_error;
}

static inline uint64_t reports_of_all_kinds(void)
{
    uint64_t sum = 0;
    for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
        sum += atomic_load(&told.discarded[kind]);
    }
    return sum;
}

/* ---- the loop of the scenario ---- */

static inline mr_loop_options options_for(mr_park park)
{
    mr_loop_options options = {.size_bytes = sizeof options,
                               .park = park,
                               .on_discard = on_discard,
                               .on_pressure = on_pressure,
                               .on_poller_failure = on_poller_failure};
    return options;
}

/* ---- time, and the watchdog that it feeds ---- */

static inline uint64_t real_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

static _Atomic uint64_t watchdog_at; /* 0: off */
static _Atomic(const char *) watchdog_name;

/* A test hangs when it began no new loop for a minute. */
static inline void watchdog_feed(void)
{
    atomic_store(&watchdog_at, real_now() + (getenv("MR_TEST_SCALE") != NULL ? 240 : 60) * SEC);
}

/* Whether threads that race each other begin another of `wanted` rounds. A round hands over many
 * times, and each costs a slice of time where other programs keep the processors busy: after eight
 * seconds a twentieth of the rounds is enough. */
static inline bool another_round(unsigned done, unsigned wanted, uint64_t began)
{
    return done < wanted && (done <= wanted / 20 || real_now() - began < 8 * SEC);
}

static inline void begin_with(const mr_loop_options *options)
{
    watchdog_feed();
    assert_null(loop);
    story_clear();
    memset(&told, 0, sizeof told);
    atomic_store(&run_returned, false);
    park_at_hand = options->park;
    assert_int_equal(mr_loop_create(options, &loop), 0);
    assert_non_null(loop);
}

static inline void begin(mr_park park)
{
    mr_loop_options options = options_for(park);
    begin_with(&options);
}

/* A loop in virtual time that starts at start_ns. */
static inline void begin_simulated(uint64_t seed, uint64_t start_ns, bool auto_exit)
{
    mr_simulate world = {.seed = seed, .start_ns = start_ns};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.auto_exit = auto_exit;
    begin_with(&options);
}

static inline mr_loop_stats stats_of(mr_loop *of)
{
    mr_loop_stats stats;
    memset(&stats, 0, sizeof stats);
    EXPECT(mr_loop_get_stats(of, &stats) == 0);
    return stats;
}

static inline mr_kind_stats counts(mr_kind kind)
{
    return stats_of(loop).kind[kind];
}

/* The law: at CLOSED each accepted item was run, cancelled or reported, and nothing is pending. */
static inline void check_conservation(mr_loop *of)
{
    static const char *const names[] = {"task",  "internal", "microtask", "tick",   "immediate",
                                        "close", "timer",    "watch",     "end job"};
    assert_int_equal(mr_loop_state(of), MR_STATE_CLOSED);
    mr_loop_stats stats = stats_of(of);
    for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
        const mr_kind_stats *k = &stats.kind[kind];
        bool kept = k->attempted == k->accepted + k->refused &&
                    k->accepted == k->run + k->cancelled + k->discarded && k->pending == 0 &&
                    k->most_pending <= k->accepted;
        if (!kept) {
            print_error("%s: attempted %" PRIu64 " accepted %" PRIu64 " refused %" PRIu64
                        " run %" PRIu64 " cancelled %" PRIu64 " discarded %" PRIu64
                        " pending %" PRIu64 " at most %" PRIu64 "\n",
                        names[kind], k->attempted, k->accepted, k->refused, k->run, k->cancelled,
                        k->discarded, k->pending, k->most_pending);
        }
        assert_true(kept);
    }
}

/* Every discarded item was reported, once, before run returned. */
static inline void check_reports(mr_loop *of)
{
    mr_loop_stats stats = stats_of(of);
    uint64_t discarded = 0;
    for (unsigned kind = 0; kind < MR_KIND_COUNT; kind++) {
        assert_true(atomic_load(&told.discarded[kind]) <= stats.kind[kind].discarded);
        discarded += stats.kind[kind].discarded;
    }
    assert_int_equal(reports_of_all_kinds() + atomic_load(&told.own), discarded);
    assert_int_equal(atomic_load(&told.after_run), 0);
}

static inline void finish(void)
{
    check_conservation(loop);
    check_reports(loop);
    mr_loop_unref(loop);
    loop = NULL;
    assert_int_equal(atomic_exchange(&failed_expectations, 0), 0);
}

/* End a loop that the calling thread drives with mr_loop_turn. */
static inline void finish_turned(void)
{
    assert_int_equal(mr_loop_shutdown(loop, FOR_EVER), 0);
    if (mr_loop_state(loop) != MR_STATE_CLOSED) {
        assert_int_equal(mr_loop_turn(loop, 0), 0);
    }
    finish();
}

static inline void submit(mr_task_fn *fn, void *arg)
{
    EXPECT(mr_submit(loop, fn, arg) == 0);
}

static inline void submit_say(const char *name)
{
    submit(say, (void *)(uintptr_t)name);
}

/* A task that ends the loop the graceful way. */
static inline void shut_down(void *arg)
{
    (void)arg;
    EXPECT(mr_loop_shutdown(loop, FOR_EVER) == 0);
}

/* ---- timers ---- */

static inline mr_timer timer_in(uint64_t delay, mr_task_fn *fn, void *arg)
{
    mr_timer timer = {0};
    EXPECT(mr_timer_start(loop, delay, fn, arg, &timer) == 0);
    EXPECT(timer.id != 0);
    return timer;
}

static inline mr_timer timer_at(uint64_t deadline, mr_task_fn *fn, void *arg)
{
    mr_timer timer = {0};
    EXPECT(mr_timer_start_at(loop, deadline, fn, arg, &timer) == 0);
    EXPECT(timer.id != 0);
    return timer;
}

static inline mr_timer timer_every(uint64_t period, mr_task_fn *fn, void *arg)
{
    mr_timer timer = {0};
    EXPECT(mr_timer_repeat(loop, period, fn, arg, &timer) == 0);
    EXPECT(timer.id != 0);
    return timer;
}

/* Note the virtual time in ms, with a name before it. */
static inline void say_ms(void *arg)
{
    note("%s@%" PRIu64, (const char *)arg, mr_loop_now(loop) / MS);
    EXPECT(mr_loop_now(loop) % MS == 0);
}

/* ---- waiting ---- */

static inline void rest(uint64_t ns)
{
    struct timespec t = {.tv_sec = (time_t)(ns / SEC), .tv_nsec = (long)(ns % SEC)};
    nanosleep(&t, NULL);
}

static inline unsigned scaled(unsigned n)
{
    const char *text = getenv("MR_TEST_SCALE");
    unsigned by = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 1;
    n /= by != 0 ? by : 1;
    return n != 0 ? n : 1;
}

/* xorshift64* (Vigna, 2016): the tests' own source of variety, the same in every run. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* ---- memory ---- */

/* Bytes that the program has from the allocator; a sanitizer's own knows them exactly. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static inline size_t bytes_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
               ? __sanitizer_get_current_allocated_bytes()
               : mallinfo2().uordblks;
}

/* ---- threads ---- */

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned opened;
} gate;

#define GATE                                                                                       \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                                     \
    }

static inline void gate_open(gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->opened++;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

/* Until it was opened n times. */
static inline void gate_wait_for(gate *g, unsigned n)
{
    pthread_mutex_lock(&g->lock);
    while (g->opened < n) {
        pthread_cond_wait(&g->moved, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
}

static inline void gate_wait(gate *g)
{
    gate_wait_for(g, 1);
}

static inline void open_gate(void *arg)
{
    gate_open(arg);
}

/* A place where a thread stops until the test lets it go. */
typedef struct hold {
    gate reached, go;
} hold;

#define HOLD                                                                                       \
    {                                                                                              \
        GATE, GATE                                                                                 \
    }

static inline void hold_here(void *arg)
{
    hold *h = arg;
    gate_open(&h->reached);
    gate_wait(&h->go);
}

/* The same at a test point of the loop; once, when armed. */
typedef struct point_hold {
    mr__test_point point;
    _Atomic bool armed;
    hold at;
} point_hold;

static inline void point_hold_fn(mr_loop *of, mr__test_point point, void *arg)
{
    (void)of;
    point_hold *p = arg;
    if (point == p->point && atomic_exchange(&p->armed, false)) {
        hold_here(&p->at);
    }
}

static inline pthread_t thread_start(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, fn, arg);
    if (error != 0) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        abort();
    }
    return thread;
}

static inline void thread_join(pthread_t thread)
{
    pthread_join(thread, NULL);
}

/* A thread that runs the loop. */
typedef struct runner {
    pthread_t thread;
    mr_status status;
} runner;

static inline void *runner_main(void *arg)
{
    runner *r = arg;
    r->status = mr_loop_run(loop);
    atomic_store(&run_returned, true);
    return NULL;
}

static inline void runner_start(runner *r)
{
    r->status = 1;
    r->thread = thread_start(runner_main, r);
}

static inline mr_status runner_join(runner *r)
{
    thread_join(r->thread);
    return r->status;
}

static inline void wait_for_state(mr_state state)
{
    while (mr_loop_state(loop) != state) {
        rest(20000);
    }
}

/* ---- descriptors ---- */

static inline unsigned open_descriptors(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/dev/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        n++;
    }
    closedir(dir);
    return n;
}

/* A pipe with n bytes in it. */
static inline void pipe_with(int fds[2], unsigned n)
{
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(write(fds[1], "x", 1), 1);
    }
}

static inline void pipe_close(const int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

/* ---- setup, teardown, watchdog ---- */

static unsigned descriptors_before;

static inline void *watchdog_main(void *arg)
{
    (void)arg;
    for (;;) {
        rest(100 * MS);
        uint64_t at = atomic_load(&watchdog_at);
        if (at != 0 && real_now() > at) {
            fprintf(stderr, "watchdog: %s hangs (park %d, story: %s)\n",
                    atomic_load(&watchdog_name), (int)park_at_hand, story);
            abort();
        }
    }
    return NULL;
}

static inline int scenario_setup(void **state)
{
    static bool guarded;
    if (!guarded) {
        guarded = true;
        pthread_detach(thread_start(watchdog_main, NULL));
    }
    atomic_store(&watchdog_name, (const char *)*state);
    watchdog_feed();
    atomic_store(&failed_expectations, 0);
    descriptors_before = open_descriptors();
    return 0;
}

static inline int scenario_teardown(void **state)
{
    (void)state;
    atomic_store(&watchdog_at, 0);
    if (loop != NULL) {
        print_error("ended early in park mode %d; story: %s\n", (int)park_at_hand, story);
        loop = NULL;
        return 0;
    }
    if (open_descriptors() != descriptors_before) {
        print_error("%u descriptors before, %u after\n", descriptors_before, open_descriptors());
        return -1;
    }
    return atomic_load(&failed_expectations) == 0 ? 0 : -1;
}

#endif
