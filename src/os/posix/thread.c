#include "os/thread.h"
#include "os/spin.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/memory.h"
#include "os/fault.h"

/* What we hold a mutex for is over sooner than a system call: who finds it held looks a few times more
 * before it sleeps, where the C library can do that. */
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
enum { MUTEX_TYPE = PTHREAD_MUTEX_ADAPTIVE_NP };
#else
enum { MUTEX_TYPE = PTHREAD_MUTEX_DEFAULT };
#endif

mr_status mr__mutex_init(mr__mutex *mutex)
{
    if (mr__fault_take(MR__SYS_MUTEX_INIT) != 0)
        return MR_ENOMEM;
    pthread_mutexattr_t attr;
    if (pthread_mutexattr_init(&attr) != 0)
        return MR_ENOMEM;
    pthread_mutexattr_settype(&attr, MUTEX_TYPE);
    int failed = pthread_mutex_init(&mutex->handle, &attr);
    pthread_mutexattr_destroy(&attr);
    return failed == 0 ? MR_OK : MR_ENOMEM;
}

bool mr__mutex_free(mr__mutex *mutex)
{
    if (pthread_mutex_trylock(&mutex->handle) != 0)
        return false;
    pthread_mutex_unlock(&mutex->handle);
    return true;
}

void mr__mutex_renew(mr__mutex *mutex)
{
    *mutex = (mr__mutex){PTHREAD_MUTEX_INITIALIZER};
}

void mr__mutex_deinit(mr__mutex *mutex)
{
    pthread_mutex_destroy(&mutex->handle);
}

static mr_status init_cond(mr__cond *cond)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0)
        return MR_ENOMEM;
    int failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (failed == 0)
        failed = pthread_cond_init(&cond->handle, &attr);
    pthread_condattr_destroy(&attr);
    return failed == 0 ? MR_OK : MR_ENOMEM;
}

mr_status mr__cond_init(mr__cond *cond)
{
    return mr__fault_take(MR__SYS_COND_INIT) != 0 ? MR_ENOMEM : init_cond(cond);
}

void mr__cond_renew(mr__cond *cond)
{
    *cond = (mr__cond){PTHREAD_COND_INITIALIZER};
    (void)init_cond(cond); /* needs nothing that could run out on the systems we know */
}

void mr__cond_deinit(mr__cond *cond)
{
    pthread_cond_destroy(&cond->handle);
}

void mr__cond_wait(mr__cond *cond, mr__mutex *mutex)
{
    pthread_cond_wait(&cond->handle, &mutex->handle);
}

bool mr__cond_wait_until(mr__cond *cond, mr__mutex *mutex, uint64_t deadline_ns)
{
    if (deadline_ns == UINT64_MAX) {
        mr__cond_wait(cond, mutex);
        return true;
    }
    struct timespec at = {.tv_sec = (time_t)(deadline_ns / 1000000000u),
                          .tv_nsec = (long)(deadline_ns % 1000000000u)};
    return pthread_cond_timedwait(&cond->handle, &mutex->handle, &at) != ETIMEDOUT;
}

void mr__cond_signal(mr__cond *cond)
{
    pthread_cond_signal(&cond->handle);
}

void mr__cond_broadcast(mr__cond *cond)
{
    pthread_cond_broadcast(&cond->handle);
}

typedef struct start {
    void (*fn)(void *arg);
    void (*exited)(void *arg);
    void *arg;
    char name[16];
} start;

static void nothing(void *arg)
{
    (void)arg;
}

static void *thread_main(void *arg)
{
    start given = *(start *)arg;
    int before;
    mr__free(arg);
    if (given.name[0] != '\0')
        pthread_setname_np(pthread_self(), given.name);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_cleanup_push(given.exited, given.arg);
    given.fn(given.arg);
    pthread_cleanup_pop(0);
    return NULL;
}

static int create_blocked(pthread_t *handle, size_t stack_bytes, start *given)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return ENOMEM;
    sigset_t all, before;
    sigfillset(&all);
    int failed = stack_bytes != 0 ? pthread_attr_setstacksize(&attr, stack_bytes) : 0;
    if (failed == 0)
        failed = pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
    if (failed == 0) {
        failed = mr__fault_take(MR__SYS_THREAD_START);
        if (failed == 0)
            failed = pthread_create(handle, &attr, thread_main, given);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attr);
    return failed;
}

mr_status mr__thread_start(mr__thread *thread, void (*fn)(void *arg), void *arg, size_t stack_bytes,
                           const char *name)
{
    return mr__thread_start_guarded(thread, fn, nothing, arg, stack_bytes, name);
}

mr_status mr__thread_start_guarded(mr__thread *thread, void (*fn)(void *arg),
                                   void (*exited)(void *arg), void *arg, size_t stack_bytes,
                                   const char *name)
{
    MR_ASSERT(fn != NULL && exited != NULL);
    start *given = mr__alloc_zero(sizeof *given);
    if (given == NULL)
        return MR_ENOMEM;
    given->fn = fn;
    given->exited = exited;
    given->arg = arg;
    snprintf(given->name, sizeof given->name, "%s", name == NULL ? "" : name);
    int failed = create_blocked(&thread->handle, stack_bytes, given);
    if (failed == 0)
        return MR_OK;
    mr__free(given);
    return failed == EINVAL ? MR_EINVAL : MR_ELIMIT;
}

void mr__thread_join(mr__thread *thread)
{
    pthread_join(thread->handle, NULL);
}

void mr__thread_detach(mr__thread *thread)
{
    pthread_detach(thread->handle);
}

void mr__thread_back_off(unsigned round)
{
    enum { YIELDS = 100 };
    const struct timespec moment = {.tv_nsec = 50000};
    if (round < YIELDS)
        sched_yield();
    else
        nanosleep(&moment, NULL); /* cut short by a signal: the caller looks again */
}

bool mr__spin_possible(void)
{
    enum { ASKED_EVERY = 1024 };
    static _Thread_local unsigned answers;
    static _Thread_local bool possible;
    if (answers++ % ASKED_EVERY == 0)
        possible = mr__thread_cpus() > 1;
    return possible;
}

unsigned mr__thread_cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}
