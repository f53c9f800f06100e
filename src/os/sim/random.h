/* The simulation's generator: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. */
#ifndef MR_OS_SIM_RANDOM_H
#define MR_OS_SIM_RANDOM_H

#include <stdint.h>

typedef struct mr__random {
    uint64_t s[4];
} mr__random;

void mr__random_seed(mr__random *random, uint64_t seed);
uint64_t mr__random_next(mr__random *random);
uint64_t mr__random_below(mr__random *random, uint64_t n); /* uniform in 0 .. n-1; n > 0 */

#endif
