/* A bell for floors: a futex that rings once, however often it is rung before it is heard. Ringing calls
 * the system only where the owner sleeps. */
#ifndef BENCH_FLOOR_BELL_H
#define BENCH_FLOOR_BELL_H

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BELL_QUIET, BELL_RUNG, BELL_ASLEEP };

typedef struct floor_bell {
    _Alignas(64) _Atomic uint32_t state;
} floor_bell;

static inline void bell_ring(floor_bell *bell)
{
    if (atomic_exchange(&bell->state, BELL_RUNG) == BELL_ASLEEP)
        syscall(SYS_futex, &bell->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static inline void bell_wait(floor_bell *bell)
{
    for (;;) {
        uint32_t state = BELL_QUIET;
        if (atomic_compare_exchange_strong(&bell->state, &state, BELL_ASLEEP))
            state = BELL_ASLEEP;
        if (state == BELL_RUNG)
            break;
        syscall(SYS_futex, &bell->state, FUTEX_WAIT_PRIVATE, BELL_ASLEEP, NULL, NULL, 0);
    }
    atomic_store(&bell->state, BELL_QUIET);
}

#endif
