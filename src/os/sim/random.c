#include "os/sim/random.h"

#include "base/macros.h"

static uint64_t rotate_left(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static uint64_t split_mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void mr__random_seed(mr__random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->s[i] = split_mix(&seed);
}

uint64_t mr__random_next(mr__random *random)
{
    uint64_t *s = random->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t mr__random_below(mr__random *random, uint64_t n)
{
    MR_ASSERT(n != 0);
    uint64_t fair =
        UINT64_MAX - UINT64_MAX % n; /* values from here on would favour small results */
    uint64_t value;
    do {
        value = mr__random_next(random);
    } while (value >= fair);
    return value % n;
}
