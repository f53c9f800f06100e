/* Assertions, branch hints and line sizes shared by every room. */
#ifndef MR_BASE_MACROS_H
#define MR_BASE_MACROS_H

#include <assert.h>
#include <stdalign.h>

#define MR_LINE 64 /* bytes of a cache line on every processor we build for */

#define MR_LIKELY(x) __builtin_expect(!!(x), 1)
#define MR_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* For the few functions that a hot path is made of. */
#define MR_INLINE static inline __attribute__((always_inline))
#define MR_COLD __attribute__((noinline, cold))

#define MR_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* A broken invariant of ours: ends the process at the place, also in release builds. Never used for
 * what the system, the network, a script or a database can cause. */
#define MR_ASSERT(x) ((x) ? (void)0 : __builtin_trap())

#ifdef MR_DEBUG
#define MR_DASSERT(x) assert(x)
#else
#define MR_DASSERT(x) ((void)sizeof(!(x)))
#endif

#endif
