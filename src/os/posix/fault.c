#include "os/fault.h"

#ifdef MR_TEST
#include <stdatomic.h>

static _Atomic unsigned left[MR__SYS_COUNT];
static _Atomic int error_of[MR__SYS_COUNT];

void mr__fault_set(mr__syscall call, int os_error, unsigned times)
{
    atomic_store(&error_of[call], os_error);
    atomic_store(&left[call], times);
}

int mr__fault_take(mr__syscall call)
{
    unsigned now = atomic_load(&left[call]);
    while (now != 0 && !atomic_compare_exchange_weak(&left[call], &now, now - 1)) {
    }
    return now == 0 ? 0 : atomic_load(&error_of[call]);
}
#else
typedef int mr__fault_empty; /* ISO C wants a declaration in each file */
#endif
