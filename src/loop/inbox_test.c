/* The inbox by itself: order, bound, gate, memory, threads. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/memory.h"
#include "loop/inbox.h"

static mr__inbox inbox;

static void nothing(void *arg)
{
    (void)arg;
}

static void dropped(void *arg, int reason)
{
    (void)arg, (void)reason;
}

static void begin(uint32_t bound)
{
    inbox = (mr__inbox){0};
    assert_int_equal(mr__inbox_init(&inbox, bound), MR_OK);
}

static mr_status push(uintptr_t number)
{
    return mr__inbox_push(&inbox, false, &(mr_task){nothing, (void *)number, NULL});
}

static void push_all(uintptr_t from, uintptr_t n)
{
    for (uintptr_t i = 0; i < n; i++)
        assert_int_equal(push(from + i), MR_OK);
}

static void pop_all(uintptr_t from, uintptr_t n)
{
    mr_task task;
    for (uintptr_t i = 0; i < n; i++) {
        assert_true(mr__inbox_pop(&inbox, false, &task));
        assert_ptr_equal(task.arg, (void *)(from + i));
        assert_ptr_equal(task.fn, nothing);
    }
}

static void keeps_order_over_chunks_and_wrap(void **state)
{
    (void)state;
    begin(1000);
    mr_task task;
    assert_false(mr__inbox_pop(&inbox, true, &task));
    mr__inbox_preset(&inbox, UINT64_MAX - 100 * MR__INBOX_STEP);
    uintptr_t in = 0, out = 0;
    for (uintptr_t n = 1; n < 60; n++) {
        push_all(in, n + 5);
        in += n + 5;
        assert_int_equal(mr__inbox_pending(&inbox), in - out);
        pop_all(out, n);
        out += n;
    }
    pop_all(out, in - out);
    assert_int_equal(mr__inbox_pending(&inbox), 0);
    assert_int_equal(mr__inbox_accepted(&inbox), in);
    assert_false(mr__inbox_pop(&inbox, false, &task));
    mr__inbox_deinit(&inbox);
}

static void bound_is_exact(void **state)
{
    (void)state;
    static const uint32_t bounds[] = {1, 2, 4, 15, 16, 17, 100};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        uint32_t bound = bounds[b];
        begin(bound);
        for (uintptr_t round = 0; round < 50; round++) {
            push_all(round * bound, bound);
            assert_int_equal(push(0), MR_EBACKPRESSURE);
            pop_all(round * bound, bound);
        }
        push_all(0, bound);
        pop_all(0, 1);
        assert_int_equal(push(bound), MR_OK);
        assert_int_equal(push(0), MR_EBACKPRESSURE);
        assert_int_equal(atomic_load(&inbox.refused), 51);
        assert_int_equal(atomic_load(&inbox.most), bound);
        pop_all(1, bound);
        mr__inbox_deinit(&inbox);
    }
}

static void many_are_accepted_in_a_row_as_far_as_there_is_room(void **state)
{
    (void)state;
    mr_task tasks[70];
    for (uintptr_t i = 0; i < 70; i++)
        tasks[i] = (mr_task){nothing, (void *)i, NULL};
    begin(64);
    size_t accepted;
    assert_int_equal(mr__inbox_push_many(&inbox, false, tasks, 40, &accepted), MR_OK);
    assert_int_equal(accepted, 40);
    assert_int_equal(mr__inbox_push_many(&inbox, false, tasks + 40, 30, &accepted),
                     MR_EBACKPRESSURE);
    assert_int_equal(accepted, 24);
    assert_int_equal(atomic_load(&inbox.refused), 6);
    pop_all(0, 64);
    assert_int_equal(mr__inbox_push_many(&inbox, false, tasks, 70, &accepted), MR_EBACKPRESSURE);
    assert_int_equal(accepted, 64);
    assert_int_equal(atomic_load(&inbox.refused), 12);
    assert_int_equal(mr__inbox_push_many(&inbox, false, tasks, 1, &accepted), MR_EBACKPRESSURE);
    assert_int_equal(accepted, 0);
    pop_all(0, 64);
    mr__inbox_deinit(&inbox);
}

static void peak_is_of_the_time_since_it_was_asked(void **state)
{
    (void)state;
    uint64_t peak;
    begin(100);
    push_all(0, 80);
    pop_all(0, 70);
    assert_int_equal(mr__inbox_peak(&inbox, &peak), 10);
    assert_int_equal(peak, 80);
    push_all(80, 5);
    pop_all(70, 15);
    assert_int_equal(mr__inbox_peak(&inbox, &peak), 0);
    assert_int_equal(peak, 15);
    assert_int_equal(atomic_load(&inbox.most), 80);
    mr__inbox_deinit(&inbox);
}

static void who_was_refused_is_in_the_next_peak(void **state)
{
    (void)state;
    uint64_t peak;
    begin(100);
    assert_true(mr__inbox_was_full(&inbox));
    assert_false(mr__inbox_was_full(&inbox)); /* it stands there already */
    assert_int_equal(mr__inbox_peak(&inbox, &peak), 0);
    assert_int_equal(peak, 100);
    assert_int_equal(mr__inbox_peak(&inbox, &peak), 0);
    assert_int_equal(peak, 0);
    mr__inbox_deinit(&inbox);
}

static void gate_is_shut_for_each_side(void **state)
{
    (void)state;
    const mr_task task = {nothing, NULL, NULL};
    begin(8);
    mr__inbox_shut(&inbox, MR__INBOX_SHUT);
    assert_true(mr__inbox_is_shut(&inbox, false));
    assert_false(mr__inbox_is_shut(&inbox, true));
    assert_int_equal(push(0), MR_ECLOSED);
    assert_int_equal(mr__inbox_push(&inbox, true, &task), MR_OK);
    mr__inbox_shut(&inbox, MR__INBOX_SHUT_OWNER);
    assert_int_equal(mr__inbox_push(&inbox, true, &task), MR_ECLOSED);
    assert_int_equal(mr__inbox_pending(&inbox), 1);
    assert_int_equal(atomic_load(&inbox.refused), 2);
    pop_all(0, 1);
    mr__inbox_deinit(&inbox);
}

static void discard_functions_stay_with_their_tasks(void **state)
{
    (void)state;
    begin(256);
    mr_task task;
    for (uintptr_t i = 0; i < 1000; i++) {
        for (uintptr_t k = 0; k < 7; k++) {
            bool has = (i + k) % 5 == 0;
            mr_task one = {nothing, (void *)k, has ? dropped : NULL};
            assert_int_equal(mr__inbox_push(&inbox, false, &one), MR_OK);
        }
        for (uintptr_t k = 0; k < 7; k++) {
            assert_true(mr__inbox_pop(&inbox, false, &task));
            assert_true(task.discard == ((i + k) % 5 == 0 ? dropped : NULL));
        }
    }
    mr__inbox_deinit(&inbox);
}

static void memory_follows_use(void **state)
{
    (void)state;
    enum { MANY = 64 * MR__INBOX_CHUNK };
    begin(MANY);
    assert_int_equal(mr__inbox_bytes(&inbox), 0);
    for (uintptr_t i = 0; i < MANY; i++) { /* a few at a time need two chunks */
        push_all(i, 3);
        pop_all(i, 3);
    }
    assert_true(mr__counter_get(&inbox.chunks) <= 2);
    push_all(0, MANY);
    pop_all(0, MANY);
    assert_true(mr__counter_get(&inbox.chunks) >= 64);
    uint64_t allocations = mr__counter_get(&inbox.allocations);
    push_all(0, MANY);
    pop_all(0, MANY);
    assert_int_equal(mr__counter_get(&inbox.allocations), allocations);
    for (unsigned i = 0; i < 63; i++)
        mr__inbox_drained(&inbox, 1);
    mr__inbox_drained(&inbox, MANY); /* a large one among them */
    assert_true(mr__counter_get(&inbox.chunks) >= 64);
    for (unsigned i = 0; i < 64; i++)
        mr__inbox_drained(&inbox, 1);
    assert_true(mr__counter_get(&inbox.chunks) <= 33);
    mr__inbox_trim(&inbox, 4 * MR__INBOX_CHUNK);
    assert_true(mr__counter_get(&inbox.chunks) <= 4);
    push_all(0, MANY);
    pop_all(0, MANY);
    mr__inbox_deinit(&inbox);
}

/* Owner and a long wait: of the slots of all chunks those hold an argument that wait. */
static void expect_scrubbed(uint64_t waiting)
{
    mr__inbox_trim(&inbox, 4 * MR__INBOX_CHUNK);
    uint64_t found = 0;
    for (uint64_t i = 0; i <= inbox.directory_mask; i++) {
        const mr__inbox_chunk *chunk = atomic_load(&inbox.directory[i]);
        for (unsigned k = 0; chunk != NULL && k < MR__INBOX_CHUNK; k++)
            found += chunk->slots[k].arg != NULL;
    }
    for (const mr__inbox_chunk *chunk = inbox.spare; chunk != NULL; chunk = chunk->next)
        for (unsigned k = 0; k < MR__INBOX_CHUNK; k++)
            found += chunk->slots[k].arg != NULL;
    assert_int_equal(found, waiting);
}

static void no_argument_stays_over_a_long_wait(void **state)
{
    (void)state;
    begin(16 * MR__INBOX_CHUNK);
    mr__inbox_preset(&inbox, UINT64_MAX - 100 * MR__INBOX_STEP);
    expect_scrubbed(0);
    for (uintptr_t n = 1; n < 8 * MR__INBOX_CHUNK; n += n) {
        push_all(1, n);
        expect_scrubbed(n);
        pop_all(1, n / 2);
        expect_scrubbed(n - n / 2);
        pop_all(n / 2 + 1, n - n / 2);
        expect_scrubbed(0);
    }
    mr__inbox_deinit(&inbox);
}

static void without_memory_nothing_is_accepted(void **state)
{
    (void)state;
    begin(256);
    mr__alloc_fail_at(1);
    assert_int_equal(push(0), MR_ENOMEM);
    mr__alloc_fail_at(0);
    assert_int_equal(mr__inbox_pending(&inbox), 0);
    push_all(0, MR__INBOX_CHUNK);
    mr__alloc_fail_at(1);
    assert_int_equal(push(0), MR_ENOMEM);
    mr__alloc_fail_at(0);
    pop_all(0, MR__INBOX_CHUNK);
    push_all(0, 100);
    pop_all(0, 100);
    mr__inbox_deinit(&inbox);
}

static void a_fork_leaves_it_empty(void **state)
{
    (void)state;
    begin(256);
    push_all(0, 50);
    pop_all(0, 20);
    mr__counter_add(&inbox.run, 20);
    atomic_fetch_add(&inbox.gate, MR__INBOX_STEP); /* claimed by a thread that is not here */
    mr__inbox_after_fork(&inbox);
    assert_int_equal(mr__inbox_pending(&inbox), 0);
    assert_int_equal(mr__inbox_accepted(&inbox), 20);
    for (uintptr_t i = 0; i < 40;
         i++) { /* one chunk, many laps: no slot seems written that is not */
        push_all(i, 10);
        pop_all(i, 10);
        mr_task task;
        assert_false(mr__inbox_pop(&inbox, false, &task));
    }
    push_all(0, 256);
    assert_int_equal(push(0), MR_EBACKPRESSURE);
    pop_all(0, 256);
    mr__inbox_deinit(&inbox);
}

/* ---- with threads ---- */

static unsigned scaled(unsigned rounds)
{
    const char *by = getenv("MR_TEST_SCALE");
    return by == NULL ? rounds : rounds / (unsigned)atoi(by);
}

static void *write_late(void *arg)
{
    struct timespec moment = {.tv_nsec = 5000000};
    nanosleep(&moment, NULL);
    mr__inbox_write(arg, MR__INBOX_STEP, nothing, (void *)(uintptr_t)1, NULL);
    return NULL;
}

static void a_task_that_is_not_written_yet_is_waited_for(void **state)
{
    (void)state;
    begin(8);
    push_all(0, 1);
    atomic_fetch_add(&inbox.gate, MR__INBOX_STEP);
    pop_all(0, 1);
    mr_task task;
    assert_false(mr__inbox_pop(&inbox, false, &task));
    assert_int_equal(mr__inbox_pending(&inbox), 1);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_late, atomic_load(&inbox.directory[0])),
                     0);
    assert_true(mr__inbox_pop(&inbox, true, &task));
    assert_ptr_equal(task.arg, (void *)(uintptr_t)1);
    pthread_join(writer, NULL);
    mr__inbox_deinit(&inbox);
}

enum { PRODUCERS = 4, BOUND = 40 };
static unsigned each;
static _Atomic uint64_t accepted_by_all;

static void *produce(void *arg)
{
    uintptr_t me = (uintptr_t)arg;
    mr_task tasks[5];
    for (unsigned i = 0; i < each;) {
        size_t n = 1 + i % 5, accepted = 0;
        if (n > each - i)
            n = each - i;
        for (size_t k = 0; k < n; k++)
            tasks[k] = (mr_task){nothing, (void *)(me << 32 | (i + k)), k == 3 ? dropped : NULL};
        mr_status status = n == 1 ? mr__inbox_push(&inbox, false, tasks)
                                  : mr__inbox_push_many(&inbox, false, tasks, n, &accepted);
        if (n == 1)
            accepted = status == MR_OK;
        i += (unsigned)accepted;
        atomic_fetch_add(&accepted_by_all, accepted);
        if (status == MR_ECLOSED)
            return NULL;
        if (status != MR_OK)
            sched_yield();
    }
    return NULL;
}

static uint64_t drain(unsigned *next)
{
    mr_task task;
    uint64_t n = 0;
    while (mr__inbox_pop(&inbox, false, &task)) {
        uintptr_t from = (uintptr_t)task.arg >> 32, number = (uint32_t)(uintptr_t)task.arg;
        assert_true(from < PRODUCERS);
        assert_int_equal(number, next[from]);
        next[from]++;
        n++;
    }
    return n;
}

static void producers_keep_order_and_bound(void **state)
{
    (void)state;
    pthread_t producers[PRODUCERS];
    unsigned next[PRODUCERS] = {0};
    each = scaled(50000);
    accepted_by_all = 0;
    begin(BOUND);
    for (uintptr_t i = 0; i < PRODUCERS; i++)
        assert_int_equal(pthread_create(&producers[i], NULL, produce, (void *)i), 0);
    for (uint64_t n = 0; n < (uint64_t)each * PRODUCERS;) {
        assert_true(mr__inbox_pending(&inbox) <= BOUND);
        n += drain(next);
    }
    for (unsigned i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    assert_true(atomic_load(&inbox.most) <= BOUND);
    assert_int_equal(mr__inbox_accepted(&inbox), accepted_by_all);
    assert_int_equal(mr__inbox_pending(&inbox), 0);
    mr__inbox_deinit(&inbox);
}

static void nothing_passes_a_gate_that_is_held_or_shut(void **state)
{
    (void)state;
    pthread_t producers[PRODUCERS];
    unsigned rounds = scaled(100);
    each = UINT32_MAX;
    for (unsigned round = 0; round < rounds; round++) {
        unsigned next[PRODUCERS] = {0};
        uint64_t n = 0;
        accepted_by_all = 0;
        begin(BOUND);
        for (uintptr_t i = 0; i < PRODUCERS; i++)
            assert_int_equal(pthread_create(&producers[i], NULL, produce, (void *)i), 0);
        for (unsigned holds = 0; holds < 20; holds++) {
            n += drain(next);
            mr__inbox_hold(&inbox);
            uint64_t there = mr__inbox_accepted(&inbox);
            sched_yield();
            assert_int_equal(mr__inbox_accepted(&inbox), there);
            if (holds == 19)
                mr__inbox_shut(&inbox, MR__INBOX_SHUT);
            mr__inbox_let_go(&inbox);
        }
        uint64_t there = mr__inbox_accepted(&inbox);
        for (unsigned i = 0; i < PRODUCERS; i++)
            pthread_join(producers[i], NULL);
        assert_int_equal(mr__inbox_accepted(&inbox), there);
        n += drain(next);
        assert_int_equal(n, there);
        assert_int_equal(accepted_by_all, there);
        mr__inbox_deinit(&inbox);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_over_chunks_and_wrap),
        cmocka_unit_test(bound_is_exact),
        cmocka_unit_test(many_are_accepted_in_a_row_as_far_as_there_is_room),
        cmocka_unit_test(peak_is_of_the_time_since_it_was_asked),
        cmocka_unit_test(who_was_refused_is_in_the_next_peak),
        cmocka_unit_test(gate_is_shut_for_each_side),
        cmocka_unit_test(discard_functions_stay_with_their_tasks),
        cmocka_unit_test(memory_follows_use),
        cmocka_unit_test(no_argument_stays_over_a_long_wait),
        cmocka_unit_test(without_memory_nothing_is_accepted),
        cmocka_unit_test(a_fork_leaves_it_empty),
        cmocka_unit_test(a_task_that_is_not_written_yet_is_waited_for),
        cmocka_unit_test(producers_keep_order_and_bound),
        cmocka_unit_test(nothing_passes_a_gate_that_is_held_or_shut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
