/* Spinning before sleeping: a waker needs some 60 µs to bring back a sleeping thread of another
 * processor, and one store to tell a spinning one. So who waits spins first, for a bounded time and only
 * while its last waits were short; the first long wait ends it, so an idle thread burns nothing.
 * After Karlin, Manasse, McGeoch and Owicki, Competitive randomized algorithms for non-uniform problems
 * (1990): spinning for about as long as a sleep and a wake cost is never much worse than the best. */
#ifndef MR_OS_SPIN_H
#define MR_OS_SPIN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MR__SPIN_NS = 100000, /* the longest */
    MR__SPIN_LOOKS = 64,  /* between two readings of the clock */
    MR__SPIN_AFTER = 2    /* short waits in a row */
};

typedef struct mr__spin {
    unsigned short_waits; /* in a row, at most AFTER */
} mr__spin;

/* Whether another processor can do meanwhile what this thread waits for; asked of the system now and
 * then only. */
bool mr__spin_possible(void);

static inline bool mr__spin_worth(const mr__spin *spin)
{
    return spin->short_waits == MR__SPIN_AFTER && mr__spin_possible();
}

/* A wait, spent spinning or asleep, is over. */
static inline void mr__spin_learn(mr__spin *spin, uint64_t waited_ns)
{
    if (waited_ns > MR__SPIN_NS)
        spin->short_waits = 0;
    else if (spin->short_waits != MR__SPIN_AFTER)
        spin->short_waits++;
}

static inline void mr__spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

#endif
