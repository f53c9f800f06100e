/* Identity of the calling thread: a number above 0 that no other thread of this process ever had.
 */
#ifndef MR_BASE_THREAD_ID_H
#define MR_BASE_THREAD_ID_H

#include <stdint.h>

extern _Thread_local uint64_t mr__thread_id_cached; /* 0 until first asked */
uint64_t mr__thread_id_make(void);

static inline uint64_t mr__thread_id(void)
{
    uint64_t id = mr__thread_id_cached;
    return id != 0 ? id : mr__thread_id_make();
}

#endif
