#include "os/entropy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/thread_id.h"
#include "os/clock.h"
#include "os/fault.h"
#include "os/fork.h"
#include "os/sim/random.h"

/* getrandom gives up to 256 bytes whole, also when a signal comes (random(4)). */
enum { AT_ONCE = 256 };

static bool ask(void *buffer, size_t len)
{
    ssize_t n;
    if (mr__fault_take(MR__SYS_ENTROPY) != 0)
        return false;
    do
        n = getrandom(buffer, len, 0);
    while (n < 0 && errno == EINTR); /* the pool is not seeded yet: early at boot */
    return n == (ssize_t)len;
}

/* Without getrandom (before Linux 3.17, or forbidden by a filter): what differs between any two
 * calls of any two processes. */
static void make_up(uint8_t *buffer, size_t len)
{
    static _Thread_local uint64_t calls;
    mr__random random;
    mr__random_seed(&random, mr__clock_wall() ^ (uint64_t)getpid() << 40);
    random.s[0] ^= mr__thread_id() << 32 ^ ++calls;
    random.s[1] ^= (uintptr_t)&random;
    for (int i = 0; i < 8; i++)
        mr__random_next(&random); /* until each bit has reached all others */
    for (size_t i = 0; i < len; i++)
        buffer[i] = (uint8_t)(mr__random_next(&random) >> 32);
}

static void fill(void *buffer, size_t len)
{
    if (!ask(buffer, len))
        make_up(buffer, len);
}

typedef struct store {
    uint8_t bytes[AT_ONCE];
    size_t left;
    uint32_t fork_generation; /* a child does not use what its parent has */
} store;

static void take(store *from, uint8_t *buffer, size_t len)
{
    uint32_t generation = mr__fork_generation();
    if (from->left < len || from->fork_generation != generation) {
        fill(from->bytes, AT_ONCE);
        from->left = AT_ONCE;
        from->fork_generation = generation;
    }
    from->left -= len;
    memcpy(buffer, from->bytes + from->left, len);
}

void mr__entropy(void *buffer, size_t len_bytes)
{
    static _Thread_local store mine;
    bool counted = mr__fork_watch(NULL) == MR_OK; /* else a child would not be noticed */
    for (uint8_t *at = buffer; len_bytes != 0;) {
        size_t len = len_bytes < AT_ONCE ? len_bytes : AT_ONCE;
        if (counted)
            take(&mine, at, len);
        else
            fill(at, len);
        at += len;
        len_bytes -= len;
    }
}
