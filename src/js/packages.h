/* Packages: package.json read once, its exports, imports and main. The lower half of resolve.c.
 *
 * The functions leave in out the path that the package names, not looked at yet, or the name of a
 * built-in module. */
#ifndef MR_JS_PACKAGES_H
#define MR_JS_PACKAGES_H

#include "js/package_json.h"
#include "js/resolve.h"

typedef enum mr__package_state {
    MR__PACKAGE_ABSENT, /* the directory has no package.json */
    MR__PACKAGE_BROKEN, /* it has one that is not JSON */
    MR__PACKAGE_READ
} mr__package_state;

typedef struct mr__package {
    struct mr__package *next;
    char *directory;
    mr__package_state state;
    mr__json *json; /* NULL unless read */
} mr__package;

/* One resolution under way. */
typedef struct mr__request {
    mr__resolver *resolver;
    const char *importer; /* path for messages; NULL: none */
    const char *const *conditions;
    bool is_import;
    mr__resolve_error *error;
} mr__request;

typedef enum mr__found { MR__FOUND_ERROR = -1, MR__FOUND_NOTHING = 0, MR__FOUND = 1 } mr__found;

/* The package.json of a directory; borrowed for the resolver's life; never NULL. */
const mr__package *mr__packages_at(mr__resolver *resolver, const char *directory);
bool mr__packages_is_builtin(mr__resolver *resolver, const char *name);
const char *const *mr__packages_builtins(mr__resolver *resolver);

/* A bare specifier of an import from a file in the directory. */
bool mr__packages_import(const mr__request *request, const char *specifier, const char *directory,
                         mr__resolved *out);
/* A specifier that starts with '#': the imports of the package around the directory. */
bool mr__packages_imports(const mr__request *request, const char *specifier, const char *directory,
                          mr__resolved *out);
/* The package of the specifier below the node_modules directory root, if its package.json has
 * exports. */
mr__found mr__packages_exports_below(const mr__request *request, const char *specifier,
                                     const char *root, mr__resolved *out);
/* The package around the directory by its own name, if it has exports. */
mr__found mr__packages_self(const mr__request *request, const char *specifier,
                            const char *directory, mr__resolved *out);

/* Fill in the error; returns false. */
bool mr__packages_fail(mr__resolve_error *error, const char *js_class, const char *code,
                       const char *format, ...) MR_PRINTF(4, 5);
bool mr__packages_bad_encoding(const mr__request *request, const char *path);
bool mr__packages_bad_config(const mr__request *request, const mr__package *package,
                             const char *reason);

#endif
