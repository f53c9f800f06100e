/* What a fork finds half done by other threads, made to happen. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/core.h"

static mr_loop *loop;
static pthread_barrier_t together;

static void count(void *arg)
{
    ++*(int *)arg;
}

/* Holds the locks, with lists that are guarded by them in pieces, and is waking the owner, until the
 * fork has happened. */
static void *hold_all(void *arg)
{
    (void)arg;
    mr__mutex_lock(&loop->life_lock);
    mr__mutex_lock(&loop->ingress.lock);
    mr__inbox *external = &loop->ingress.external;
    mr__mutex_lock(&external->lock);
    mr__inbox_chunk *whole = external->spare;
    external->spare = (mr__inbox_chunk *)(uintptr_t)64;
    mr__command *spare = loop->ingress.spare;
    loop->ingress.spare = (mr__command *)(uintptr_t)64;
    atomic_fetch_add(&loop->wakers, 1);
    pthread_barrier_wait(&together);
    pthread_barrier_wait(&together);
    atomic_fetch_sub(&loop->wakers, 1);
    external->spare = whole;
    mr__mutex_unlock(&external->lock);
    loop->ingress.spare = spare;
    mr__mutex_unlock(&loop->ingress.lock);
    mr__mutex_unlock(&loop->life_lock);
    return NULL;
}

static int in_the_child(void)
{
    int ran = 0;
    alarm(60);
    if (mr_loop_turn(loop, 0) != MR_EFORKED)
        return 1;
    if (mr_loop_after_fork(loop) != MR_OK)
        return 2;
    if (mr_submit(loop, count, &ran) != MR_OK || mr_loop_turn(loop, 0) != MR_OK || ran != 1)
        return 3;
    if (mr_timer_cancel_outcome(loop, (mr_timer){7}, NULL, NULL) != MR_EINVAL)
        return 4;
    if (mr_loop_close(loop) != MR_OK || mr_loop_state(loop) != MR_STATE_CLOSED)
        return 5;
    mr_loop_unref(loop);
    return 0;
}

static void child_mends_what_other_threads_left_half_done(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    skip(); /* it counts the locks as held by the thread that the child does not have */
#endif
    int ran = 0, how = -1;
    assert_int_equal(mr_loop_create(NULL, &loop), MR_OK);
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_int_equal(mr_submit(loop, count, &ran), MR_OK);
    assert_int_equal(pthread_barrier_init(&together, NULL, 2), 0);
    pthread_t holder;
    assert_int_equal(pthread_create(&holder, NULL, hold_all, NULL), 0);
    pthread_barrier_wait(&together);
    pid_t child = fork();
    if (child == 0)
        _exit(in_the_child());
    pthread_barrier_wait(&together);
    pthread_join(holder, NULL);
    pthread_barrier_destroy(&together);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_int_equal(ran, 1);
    assert_int_equal(mr_loop_close(loop), MR_OK);
    mr_loop_unref(loop);
}

static void *wait_for_the_end(void *arg)
{
    *(mr_status *)arg = mr_loop_shutdown(loop, UINT64_MAX);
    return NULL;
}

/* A condition that somebody waits for must not be waited for in its turn. */
static void child_frees_a_loop_that_others_use(void **state)
{
    (void)state;
    int how = -1;
    mr_status ended = 1;
    pthread_t waiter;
    assert_int_equal(mr_loop_create(NULL, &loop), MR_OK);
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    assert_int_equal(pthread_create(&waiter, NULL, wait_for_the_end, &ended), 0);
    while (mr_loop_state(loop) != MR_STATE_STOPPING)
        mr__thread_back_off(0);
    mr__mutex_lock(&loop->life_lock); /* free once it waits */
    mr__mutex_unlock(&loop->life_lock);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        mr_loop_unref(loop); /* that of the thread that waits */
        mr_loop_unref(loop);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(mr_loop_turn(loop, 0), MR_OK);
    pthread_join(waiter, NULL);
    assert_int_equal(ended, MR_OK);
    mr_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_mends_what_other_threads_left_half_done),
        cmocka_unit_test(child_frees_a_loop_that_others_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
