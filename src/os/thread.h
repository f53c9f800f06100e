/* Threads, mutexes and condition variables. Waits are against the monotonic clock.
 *
 * Thread starting and joining are for the worker pool; the loop itself starts none. */
#ifndef MR_OS_THREAD_H
#define MR_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <millrace/status.h>

#include "base/thread_id.h"

typedef struct mr__mutex {
    pthread_mutex_t handle;
} mr__mutex;

typedef struct mr__cond {
    pthread_cond_t handle;
} mr__cond;

typedef struct mr__thread {
    pthread_t handle;
} mr__thread;

mr_status mr__mutex_init(mr__mutex *mutex);
void mr__mutex_deinit(mr__mutex *mutex);
/* In a forked child, on its only thread: whether the mutex is free, so that what it guards is
 * whole; and a new one in its place, whoever held the old one. The same for a condition. */
bool mr__mutex_free(mr__mutex *mutex);
void mr__mutex_renew(mr__mutex *mutex);
static inline void mr__mutex_lock(mr__mutex *mutex)
{
    pthread_mutex_lock(&mutex->handle);
}
static inline void mr__mutex_unlock(mr__mutex *mutex)
{
    pthread_mutex_unlock(&mutex->handle);
}

mr_status mr__cond_init(mr__cond *cond);
void mr__cond_deinit(mr__cond *cond);
void mr__cond_renew(mr__cond *cond);
void mr__cond_wait(mr__cond *cond, mr__mutex *mutex);
/* false when the deadline (monotonic ns; UINT64_MAX: never) passed. Spurious wakes are possible. */
bool mr__cond_wait_until(mr__cond *cond, mr__mutex *mutex, uint64_t deadline_ns);
void mr__cond_signal(mr__cond *cond);
void mr__cond_broadcast(mr__cond *cond);

/* Start a thread with all signals blocked, which pthread_cancel does not end. stack_bytes 0: the system's default. name (at most 15
 * bytes are kept) may be NULL. MR_ELIMIT when there can be no further thread. */
mr_status mr__thread_start(mr__thread *thread, void (*fn)(void *arg), void *arg, size_t stack_bytes,
                           const char *name);
/* The same; where fn ends its thread instead of returning, exited(arg) is the last thing to run on
 * it. */
mr_status mr__thread_start_guarded(mr__thread *thread, void (*fn)(void *arg),
                                   void (*exited)(void *arg), void *arg, size_t stack_bytes,
                                   const char *name);
void mr__thread_join(mr__thread *thread);
/* Instead of a join: nobody waits for its end. */
void mr__thread_detach(mr__thread *thread);
/* In a loop that waits for a few instructions of another thread: round counts its turns from 0. Yields, which
 * threads of lower priority gain nothing from; so later rounds sleep, some 50 us each. */
void mr__thread_back_off(unsigned round);
/* Processors that this process may use, at least 1. */
unsigned mr__thread_cpus(void);

#endif
