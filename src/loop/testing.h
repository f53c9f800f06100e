/* Test builds (MR_TEST): places where a test may hold a thread, and presets of internal counters.
 */
#ifndef MR_LOOP_TESTING_H
#define MR_LOOP_TESTING_H

#include <millrace/loop.h>
#include <millrace/timer.h>

typedef enum mr__test_point {
    MR__TEST_BEFORE_PARK,        /* owner: decided to wait, nothing published yet */
    MR__TEST_PUBLISHED_SLEEPING, /* owner: state says SLEEPING, sources not looked at again yet */
    MR__TEST_AFTER_WAKE,         /* owner: out of the wait */
    MR__TEST_PRODUCER_PUSHED,    /* producer: item in the queue, state not read yet */
    MR__TEST_BEFORE_CLOSED       /* owner: everything reported, CLOSED not published yet */
} mr__test_point;

#ifdef MR_TEST
typedef void mr__test_point_fn(mr_loop *loop, mr__test_point point, void *arg);
/* Install before threads start; fn runs on the thread that passes the point, holding no lock. */
void mr__test_point_set(mr_loop *loop, mr__test_point_fn *fn, void *arg);
void mr__test_point_pass(mr_loop *loop, mr__test_point point);
/* Preset the head and tail counters of all rings of the loop (empty ones) to value. */
void mr__test_preset_counters(mr_loop *loop, uint64_t value);
/* Preset the generation that the next timer started will get. */
void mr__test_preset_generation(mr_loop *loop, uint32_t generation);
/* Slots of the timer slab in use. */
uint32_t mr__test_live_timers(const mr_loop *loop);
#else
#define mr__test_point_pass(loop, point) ((void)0)
#endif

#endif
