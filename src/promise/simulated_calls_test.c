/* A simulated loop asks the system for nothing but memory. The calls below are wrapped by the
 * linker (cmake/Tests.cmake), so that those made from our own code are counted. */
#define _GNU_SOURCE 1
#include "promise/pool.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <millrace/sim.h>
#include <millrace/submit.h>
#include <millrace/timer.h>
#include <millrace/watch.h>

static _Atomic unsigned clocks, sleeps, threads, pollers;

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    clocks++;
    return __real_clock_gettime(clock, out);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg)
{
    threads++;
    return __real_pthread_create(thread, attr, fn, arg);
}

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int flags)
{
    pollers++;
    return __real_epoll_create1(flags);
}

/* The parker's futex and the poller's wait; they are answered as if interrupted. */
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    (void)number;
    sleeps++;
    errno = EINTR;
    return -1;
}

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    sleeps++;
    return __real_pthread_cond_wait(cond, mutex);
}

int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until)
{
    sleeps++;
    return __real_pthread_cond_timedwait(cond, mutex, until);
}

static void forget(void)
{
    clocks = 0;
    sleeps = 0;
    threads = 0;
    pollers = 0;
}

static mr_loop *make(const mr_simulate *simulate)
{
    mr_loop *loop;
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = simulate};
    assert_int_equal(mr_loop_create(&options, &loop), MR_OK);
    return loop;
}

static void count(void *arg)
{
    ++*(unsigned *)arg;
}

/* ---- a job of a pool ---- */

static unsigned jobs_done;

static mr_status job_work(mr__pool_job *job)
{
    (void)job;
    return MR_OK;
}

static void job_done(mr__pool_job *job)
{
    (void)job;
    jobs_done++;
}

static void job_discard(mr__pool_job *job, mr_status reason)
{
    (void)job, (void)reason;
}

static mr__pool_job new_job(void)
{
    return (mr__pool_job){
        .work = job_work, .done = job_done, .discard = job_discard, .abandoned = job_done};
}

/* ---- an actor and a descriptor ---- */

static int fds[2];
static unsigned submitted;

static uint64_t act(mr_loop *loop, void *arg)
{
    (void)arg;
    size_t len;
    if (mr_sim_write(loop, fds[1], "x", 1, &len) != MR_OK ||
        mr_submit(loop, count, &submitted) != MR_OK)
        abort();
    mr_loop_shutdown(loop, 1000); /* waits, of a real thread */
    return MR_SIM_DONE;
}

static void on_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)events;
    mr_watch_remove(arg, watch, NULL, NULL);
}

static void a_simulated_loop_asks_the_system_for_nothing(void **state)
{
    (void)state;
    const mr_simulate simulate = {.seed = 1};
    mr__pool_job job = new_job();
    unsigned fired = 0;
    mr_pool *pool;
    mr_watch watch;
    mr_timer timer;
    forget();
    jobs_done = submitted = 0;
    mr_loop *loop = make(&simulate);
    assert_int_equal(mr_pool_create(NULL, &pool), MR_OK);
    assert_int_equal(mr__pool_submit(pool, loop, &job), MR_OK);
    assert_int_equal(mr_sim_pipe(loop, fds), MR_OK);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, on_ready, loop, &watch), MR_OK);
    assert_int_equal(mr_timer_start(loop, 1000, count, &fired, &timer), MR_OK);
    assert_int_equal(mr_sim_actor(loop, UINT64_C(3600000000000), act, NULL), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(mr_loop_now(loop), UINT64_C(3600000000000));
    assert_int_equal(jobs_done, 1);
    assert_int_equal(fired, 1);
    assert_int_equal(submitted, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    assert_int_equal(clocks, 0);
    assert_int_equal(sleeps, 0);
    assert_int_equal(threads, 0);
    assert_int_equal(pollers, 0);
}

/* The control: the same things on a real loop are seen. */
static void a_real_loop_does(void **state)
{
    (void)state;
    mr__pool_job job = new_job();
    unsigned fired = 0;
    mr_pool *pool;
    mr_timer timer;
    forget();
    jobs_done = 0;
    mr_loop *loop = make(NULL);
    assert_int_equal(mr_pool_create(NULL, &pool), MR_OK);
    assert_int_equal(mr__pool_submit(pool, loop, &job), MR_OK);
    assert_int_equal(mr_timer_start(loop, 1000000, count, &fired, &timer), MR_OK);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_POLLER, 0), MR_OK);
    assert_int_equal(mr_loop_set_park(loop, MR_PARK_FUTEX, 0), MR_OK);
    assert_int_equal(mr_loop_run(loop), MR_OK);
    assert_int_equal(jobs_done, 1);
    assert_int_equal(fired, 1);
    assert_int_equal(mr_pool_close(pool), MR_OK);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    assert_true(clocks != 0);
    assert_true(sleeps != 0);
    assert_true(threads != 0);
    assert_true(pollers != 0);
}

/* ---- what other rooms may ask of a simulation ---- */

static char lines[1000];

static void keep_line(const char *line, size_t len, void *arg)
{
    (void)arg;
    assert_true(strlen(lines) + len + 2 < sizeof lines);
    strcat(strcat(lines, line), "\n");
}

static void another_room_may_add_lines(void **state)
{
    (void)state;
    const mr_simulate traced = {.seed = 1, .start_ns = 5, .trace_fn = keep_line};
    const mr_simulate silent = {.seed = 1};
    char kind[301];
    memset(kind, 'k', 300);
    kind[300] = 0;
    lines[0] = 0;
    mr_loop *loop = make(&traced);
    assert_true(mr__loop_simulated(loop));
    mr__sim_trace(loop, "console log", 7);
    mr__sim_trace(loop, kind, UINT64_MAX);
    kind[200] = 0;
    char expected[400];
    snprintf(expected, sizeof expected,
             "5 0 between console log 7\n5 0 between %s 18446744073709551615\n", kind);
    assert_string_equal(lines, expected);
    mr_loop_unref(loop);
    lines[0] = 0;
    loop = make(&silent);
    mr__sim_trace(loop, "nobody listens", 1);
    mr_loop_unref(loop);
    loop = make(NULL);
    assert_false(mr__loop_simulated(loop));
    mr__sim_trace(loop, "nobody listens", 1);
    mr_loop_unref(loop);
    assert_string_equal(lines, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_simulated_loop_asks_the_system_for_nothing),
        cmocka_unit_test(a_real_loop_does),
        cmocka_unit_test(another_room_may_add_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
