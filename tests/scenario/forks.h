/* What the tests of forks share. A child reports through its exit status: the number of EXPECTs that
 * failed in it. */
#ifndef MR_TESTS_FORKS_H
#define MR_TESTS_FORKS_H

#include "scenario.h"

#include <sys/wait.h>

static bool in_child;
static unsigned children_failed;

/* True in the child. In the parent, after the child has ended. */
static inline bool fork_and_wait(void)
{
    pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0) {
        in_child = true;
        atomic_store(&failed_expectations, 0);
        alarm(60); /* the watchdog thread is the parent's */
        return true;
    }
    int how = -1;
    EXPECT(waitpid(child, &how, 0) == child);
    EXPECT(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    children_failed += !WIFEXITED(how) || WEXITSTATUS(how) != 0;
    return false;
}

static inline void child_ends(void)
{
    unsigned failed = atomic_load(&failed_expectations);
    _exit(failed > 99 ? 99 : (int)failed);
}

#endif
