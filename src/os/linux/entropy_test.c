#include "os/entropy.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/fault.h"

enum { BLOCK = 16, BLOCKS = 1000, THREADS = 4 };

typedef uint8_t block[BLOCK];

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, BLOCK);
}

static void all_differ(block *blocks, size_t n)
{
    qsort(blocks, n, BLOCK, compare);
    for (size_t i = 1; i < n; i++)
        assert_memory_not_equal(blocks[i - 1], blocks[i], BLOCK);
}

static void fill_blocks(block *blocks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mr__entropy(blocks[i], BLOCK);
}

static void no_two_calls_get_the_same(void **state)
{
    (void)state;
    static block blocks[BLOCKS];
    fill_blocks(blocks, BLOCKS);
    all_differ(blocks, BLOCKS);
}

static void sixteen_calls_cost_one_system_call(void **state)
{
    (void)state;
    static block blocks[BLOCKS];
    uint64_t before = mr__fault_passed(MR__SYS_ENTROPY);
    fill_blocks(blocks, BLOCKS);
    uint64_t asked = mr__fault_passed(MR__SYS_ENTROPY) - before;
    assert_true(asked != 0 && asked <= BLOCKS / 16 + 1);
}

static void every_byte_of_a_large_buffer_is_filled(void **state)
{
    (void)state;
    static uint8_t bytes[10000];
    unsigned seen[256] = {0};
    mr__entropy(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        seen[bytes[i]]++;
    for (int value = 0; value < 256; value++) /* 39 are to be expected */
        assert_true(seen[value] != 0 && seen[value] < 120);
    all_differ((block *)(void *)bytes, sizeof bytes / BLOCK);
}

static void nothing_is_written_beyond_the_buffer(void **state)
{
    (void)state;
    uint8_t bytes[3] = {0xA5, 0xA5, 0xA5};
    mr__entropy(bytes + 1, 0);
    assert_int_equal(bytes[1], 0xA5);
    mr__entropy(bytes + 1, 1);
    assert_int_equal(bytes[0], 0xA5);
    assert_int_equal(bytes[2], 0xA5);
}

static void a_forked_child_does_not_get_what_its_parent_gets(void **state)
{
    (void)state;
    static block blocks[2 * BLOCKS];
    int fds[2];
    mr__entropy(blocks[0], BLOCK); /* there is something left over */
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    fill_blocks(blocks, 100);
    if (child == 0)
        _exit(write(fds[1], blocks, 100 * BLOCK) == 100 * BLOCK ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(fds[0], blocks + 100, 100 * BLOCK), 100 * BLOCK);
    close(fds[0]);
    close(fds[1]);
    all_differ(blocks, 200);
}

static void *thread_main(void *arg)
{
    fill_blocks(arg, BLOCKS);
    return NULL;
}

static void threads_share_nothing(void **state)
{
    (void)state;
    static block blocks[THREADS * BLOCKS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, thread_main, blocks + i * BLOCKS), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    all_differ(blocks, THREADS * BLOCKS);
}

static void a_system_without_a_source_is_made_up_for(void **state)
{
    (void)state;
    static block blocks[BLOCKS];
    mr__fault_set(MR__SYS_ENTROPY, ENOSYS, 1000000);
    fill_blocks(blocks, BLOCKS);
    mr__fault_set(MR__SYS_ENTROPY, 0, 0);
    all_differ(blocks, BLOCKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_calls_get_the_same),
        cmocka_unit_test(sixteen_calls_cost_one_system_call),
        cmocka_unit_test(every_byte_of_a_large_buffer_is_filled),
        cmocka_unit_test(nothing_is_written_beyond_the_buffer),
        cmocka_unit_test(a_forked_child_does_not_get_what_its_parent_gets),
        cmocka_unit_test(threads_share_nothing),
        cmocka_unit_test(a_system_without_a_source_is_made_up_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
