#include "os/backtrace.h"

#include <execinfo.h>
#include <string.h>

enum { FRAMES_MAX = 65 };

unsigned mr__backtrace(void **frames, unsigned cap)
{
    void *all[FRAMES_MAX];
    if (cap > FRAMES_MAX - 1)
        cap = FRAMES_MAX - 1;
    int n = backtrace(all, (int)cap + 1); /* the first is this function */
    if (n <= 1)
        return 0;
    memcpy(frames, all + 1, ((size_t)n - 1) * sizeof *frames);
    return (unsigned)n - 1;
}
