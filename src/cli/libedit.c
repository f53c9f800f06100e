#include "cli/libedit.h"

#include <dlfcn.h>
#include <stddef.h>

struct mr__libedit mr__libedit;

#define FUNCTION(name) {#name, offsetof(struct mr__libedit, name)},
static const struct {
    const char *name;
    size_t offset;
} functions[] = {MR__LIBEDIT_FUNCTIONS(FUNCTION)};

bool mr__libedit_load(void)
{
    /* Debian counts its versions apart from all others. */
    void *library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        library = dlopen("libedit.so.0", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library != NULL && i < sizeof(functions) / sizeof(functions[0]); i++) {
        /* POSIX lets a pointer from dlsym be a function; ISO C has no cast for it. */
        void *function = dlsym(library, functions[i].name);
        if (function == NULL)
            return false;
        *(void **)(void *)((char *)&mr__libedit + functions[i].offset) = function;
    }
    return library != NULL;
}
