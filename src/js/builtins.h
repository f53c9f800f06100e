/* The compiled JavaScript library: the table that the tool builtinc writes at build time, and what
 * errors.c needs of the registry. The registry's own functions are in runtime.h. */
#ifndef MR_JS_BUILTINS_H
#define MR_JS_BUILTINS_H

#include <stddef.h>
#include <stdint.h>

#include "js/runtime.h"

/* One library file: the engine's bytecode of a function (primordials, binding, require). */
struct mr__builtin_source {
    const char *name; /* "events", "internal/errors" */
    const uint8_t *data;
    size_t len;
};

/* Written by builtinc: all files sorted by name, and the names of the public ones, sorted and
 * NULL-terminated. */
extern const struct mr__builtin_source mr__builtin_sources[];
extern const size_t mr__builtin_source_count;
extern const char *const mr__builtin_public_names[];

/* Give a coded error the toString that shows "Class [CODE]: message". 0 also while the registry is
 * not installed yet. */
int mr__js_builtins_brand_error(mr_js *js, JSValueConst error, const char *js_class);

#endif
