/* How much of the thread's stack script may use.
 *
 * The engine counts from where it is entered. Its limit is what was asked for, and at most what lies
 * below that place of the thread's own stack, less a reserve for C code that does not ask. */
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "js/gate.h"

enum { DEFAULT_STACK = 1024 * 1024, RESERVE = 256 * 1024, SMALLEST = 64 * 1024 };
enum { UNLIMITED_STACK = 8 * 1024 * 1024 }; /* what of a stack without a limit is counted on */

/* The main thread's stack grows as it is used: its end follows from its beginning, near which the
 * kernel puts what the auxiliary vector points to. pthread_getattr_np would read the list of all
 * mappings for it. */
static bool main_thread_bounds(uintptr_t *out_low, uintptr_t *out_high)
{
    if (syscall(SYS_gettid) != getpid())
        return false;
    struct rlimit limit;
    uintptr_t high = (uintptr_t)getauxval(AT_RANDOM);
    if (high == 0 || getrlimit(RLIMIT_STACK, &limit) != 0)
        return false;
    rlim_t size = limit.rlim_cur == RLIM_INFINITY ? UNLIMITED_STACK : limit.rlim_cur;
    *out_high = high;
    *out_low = high > size ? high - size : 0;
    return true;
}

static bool thread_bounds(uintptr_t *out_low, uintptr_t *out_high)
{
    pthread_attr_t attributes;
    if (main_thread_bounds(out_low, out_high))
        return true;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return false;
    void *low;
    size_t size;
    bool known = pthread_attr_getstack(&attributes, &low, &size) == 0;
    (void)pthread_attr_destroy(&attributes);
    if (known) {
        *out_low = (uintptr_t)low;
        *out_high = (uintptr_t)low + size;
    }
    return known;
}

/* The most that script may use below `at`. */
static size_t room_below(const mr__js_limits *limits, uintptr_t at)
{
    size_t room = at - limits->stack_low;
    return room >= RESERVE + SMALLEST ? room - RESERVE : room / 2;
}

static bool inside(const mr__js_limits *limits, uintptr_t at)
{
    return at >= limits->stack_low && at < limits->stack_high;
}

void mr__js_stack_enter(mr_js *js, uintptr_t at)
{
    mr__js_limits *limits = &js->limits;
    size_t wanted = js->options.stack_bytes ? js->options.stack_bytes : DEFAULT_STACK;
    limits->roomy_low = limits->roomy_size = 0;
    if (!inside(limits, at) && !thread_bounds(&limits->stack_low, &limits->stack_high))
        limits->stack_low = limits->stack_high = 0;
    size_t room =
        inside(limits, at) ? room_below(limits, at) : wanted; /* else a stack of the host's */
    limits->stack_bytes = room < wanted ? room : wanted;
    if (room >= wanted && inside(limits, at)) {
        limits->roomy_low = limits->stack_low + RESERVE + wanted;
        limits->roomy_size = limits->stack_high - limits->roomy_low;
    }
    JS_SetMaxStackSize(js->rt, limits->stack_bytes);
}
