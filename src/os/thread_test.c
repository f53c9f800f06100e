#include "os/thread.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static _Atomic bool done;
static mr__mutex gate;

static void *finish(void *arg)
{
    (void)arg;
    mr__mutex_lock(&gate);
    mr__mutex_unlock(&gate);
    atomic_store(&done, true);
    return NULL;
}

/* Both on one processor: while the urgent thread runs or yields, the other one does not. */
static void back_off_lets_threads_of_lower_priority_run(void **state)
{
    (void)state;
    assert_int_equal(mr__mutex_init(&gate), 0);
    cpu_set_t all, one;
    struct sched_param urgent = {.sched_priority = 1}, usual = {0};
    pthread_t low;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (size_t i = 0; CPU_COUNT(&one) == 0; i++) {
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    }
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    mr__mutex_lock(&gate);
    assert_int_equal(pthread_create(&low, NULL, finish, NULL), 0);
    bool permitted = pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent) == 0;
    mr__mutex_unlock(&gate);
    unsigned rounds = 0;
    while (!atomic_load(&done)) {
        mr__thread_back_off(rounds++);
    }
    assert_int_equal(pthread_setschedparam(pthread_self(), SCHED_OTHER, &usual), 0);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    assert_int_equal(pthread_join(low, NULL), 0);
    mr__mutex_deinit(&gate);
    if (!permitted)
        skip();
    assert_true(rounds < 10000); /* yields alone: 758 603 when it was tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_off_lets_threads_of_lower_priority_run),
    };
    return cmocka_run_group_tests_name("os/thread", tests, NULL, NULL);
}
