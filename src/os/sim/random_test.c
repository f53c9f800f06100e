/* The expected numbers come from separate implementations: SplitMix64 from its first value with
 * seed 1234567 and xoshiro256** from state {1, 2, 3, 4} are the test vectors in general use; the
 * others were computed with arbitrary-precision integers. */
#include "os/sim/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_state_is_four_words_of_split_mix(void **state)
{
    (void)state;
    static const uint64_t words[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                     UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
    mr__random random;
    mr__random_seed(&random, 1234567);
    for (int i = 0; i < 4; i++)
        assert_int_equal(random.s[i], words[i]);
}

static void the_generator_gives_the_known_numbers(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {
        11520,
        0,
        1509978240,
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576),
    };
    mr__random random = {.s = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_int_equal(mr__random_next(&random), numbers[i]);
}

static void a_seed_gives_the_known_sequence(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, first[3], thousandth;
    } rows[] = {
        {0,
         {UINT64_C(0x99ec5f36cb75f2b4), UINT64_C(0xbf6e1f784956452a), UINT64_C(0x1a5f849d4933e6e0)},
         UINT64_C(0x7aac8c483a2edd2f)},
        {1,
         {UINT64_C(0xb3f2af6d0fc710c5), UINT64_C(0x853b559647364cea), UINT64_C(0x92f89756082a4514)},
         UINT64_C(0xb8517c33c344d153)},
        {42,
         {UINT64_C(0x15780b2e0c2ec716), UINT64_C(0x6104d9866d113a7e), UINT64_C(0xae17533239e499a1)},
         UINT64_C(0x8de5848c61ab8968)},
        {UINT64_MAX,
         {UINT64_C(0x8f5520d52a7ead08), UINT64_C(0xc476a018caa1802d), UINT64_C(0x81de31c0d260469e)},
         UINT64_C(0xc3c93ea5cde434cc)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mr__random random;
        uint64_t last = 0;
        mr__random_seed(&random, rows[i].seed);
        for (int n = 0; n < 1000; n++) {
            last = mr__random_next(&random);
            if (n < 3)
                assert_int_equal(last, rows[i].first[n]);
        }
        assert_int_equal(last, rows[i].thousandth);
    }
}

static void below_is_the_remainder(void **state)
{
    (void)state;
    static const unsigned dice[] = {0, 2, 0, 4, 2, 5, 4, 4};
    mr__random random;
    mr__random_seed(&random, 7);
    for (size_t i = 0; i < sizeof dice / sizeof dice[0]; i++)
        assert_int_equal(mr__random_below(&random, 6), dice[i]);
}

/* The stream of seed 7 starts 0xb3…, 0x47…, 0xd6…, 0xfb…, 0xfd…, 0xdf…, 0x0f…: with 2^63 + 1
 * results every value in the upper half is one too many. */
static void below_throws_away_what_would_favour_small_results(void **state)
{
    (void)state;
    static const uint64_t kept[] = {UINT64_C(0x475c3d964f482cd2), UINT64_C(0x0f8d72c295ec5854),
                                    UINT64_C(0x1abc4dcb546f61dc), UINT64_C(0x67594f96cac88520)};
    mr__random random;
    mr__random_seed(&random, 7);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        assert_int_equal(mr__random_below(&random, (UINT64_C(1) << 63) + 1), kept[i]);
}

static void below_stays_below_for_every_bound(void **state)
{
    (void)state;
    mr__random random;
    mr__random_seed(&random, 11);
    for (int i = 0; i < 100; i++)
        assert_int_equal(mr__random_below(&random, 1), 0);
    for (unsigned bit = 0; bit < 64; bit++)
        for (uint64_t n = (UINT64_C(1) << bit) - (bit > 0), i = 0; i < 3; n++, i++)
            for (int times = 0; times < 50 && n != 0; times++)
                assert_true(mr__random_below(&random, n) < n);
    for (int i = 0; i < 100; i++)
        assert_true(mr__random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void all_results_below_a_small_bound_are_about_as_frequent(void **state)
{
    (void)state;
    unsigned counts[10] = {0};
    mr__random random;
    mr__random_seed(&random, 5);
    for (int i = 0; i < 100000; i++)
        counts[mr__random_below(&random, 10)]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 9600, 10400); /* more than four standard deviations each way */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_is_four_words_of_split_mix),
        cmocka_unit_test(the_generator_gives_the_known_numbers),
        cmocka_unit_test(a_seed_gives_the_known_sequence),
        cmocka_unit_test(below_is_the_remainder),
        cmocka_unit_test(below_throws_away_what_would_favour_small_results),
        cmocka_unit_test(below_stays_below_for_every_bound),
        cmocka_unit_test(all_results_below_a_small_bound_are_about_as_frequent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
