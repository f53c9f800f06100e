/* What the scenarios of abort signals share. */
#ifndef MR_TESTS_ABORTING_H
#define MR_TESTS_ABORTING_H

#include "scenario.h"

#include <millrace/abort.h>

static inline mr_abort_controller *controller(void)
{
    mr_abort_controller *made = NULL;
    EXPECT(mr_abort_controller_create(loop, &made) == 0);
    return made;
}

static inline mr_abort_signal *signal_of(mr_abort_controller *c)
{
    return mr_abort_controller_signal(c);
}

static inline mr_abort_signal *any_of(size_t n, mr_abort_signal *const *signals)
{
    mr_abort_signal *made = NULL;
    EXPECT(mr_abort_any(loop, signals, n, &made) == 0);
    return made;
}

static inline mr_abort_signal *any_2(mr_abort_signal *a, mr_abort_signal *b)
{
    return any_of(2, (mr_abort_signal *[]){a, b});
}

/* A handler whose argument is its name. */
static inline void say_aborted(mr_abort_signal *signal, mr_value reason, void *arg)
{
    EXPECT(mr_abort_signal_aborted(signal));
    EXPECT(reason.kind == mr_abort_signal_reason(signal).kind);
    note("%s", (const char *)arg);
}

static inline void say_released(void *arg)
{
    note("-%s", (const char *)arg);
}

static inline mr_abort_handler on(mr_abort_signal *signal, mr_abort_fn *fn, const char *name)
{
    mr_abort_handler handler = {0};
    EXPECT(mr_abort_signal_on(signal, fn, (void *)(uintptr_t)name, NULL, &handler) == 0);
    EXPECT(handler.id != 0);
    return handler;
}

static inline void on_say(mr_abort_signal *signal, const char *name)
{
    on(signal, say_aborted, name);
}

/* The same, and note the release. */
static inline mr_abort_handler on_released(mr_abort_signal *signal, const char *name)
{
    mr_abort_handler handler = {0};
    EXPECT(mr_abort_signal_on(signal, say_aborted, (void *)(uintptr_t)name, say_released,
                              &handler) == 0);
    return handler;
}

static inline int64_t number_of(mr_value value)
{
    int64_t number = -1;
    mr_value_as_int(value, &number);
    return number;
}

static inline mr_status code_of(mr_value value)
{
    return mr_error_code(mr_value_as_error(value));
}

static inline mr_value error_of(mr_status code)
{
    mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error = NULL;
    EXPECT(mr_error_create(&spec, &error) == 0);
    return mr_value_error(error);
}

#endif
