/* Where a specifier leads: Node.js's resolution of files and packages, for import and for require.
 *
 * Pure C on the file system: no engine value, no script. A resolver keeps every package.json that
 * it has read, so one run sees one state of them. */
#ifndef MR_JS_RESOLVE_H
#define MR_JS_RESOLVE_H

#include "base/bytes.h"

typedef struct mr__resolver mr__resolver;

/* builtins: names of the built-in modules, sorted, NULL-terminated, borrowed for the resolver's
 * life. NULL when memory is short; owned. */
mr__resolver *mr__resolver_create(const char *const *builtins);
void mr__resolver_destroy(mr__resolver *resolver);

/* A result. Init with {0}; release with mr__resolved_deinit. */
typedef struct mr__resolved {
    bool builtin;     /* name is that of a built-in module, else a real path */
    mr__bytes name;   /* terminated */
    mr__bytes suffix; /* "?query#fragment" of an import, percent-encoded, terminated */
} mr__resolved;
void mr__resolved_deinit(mr__resolved *resolved);

/* Why there is none. Init with {0}; release with mr__resolve_error_deinit. code NULL: out of
 * memory. url (of the file that is missing) and path (of the package.json at fault) may be empty.
 */
typedef struct mr__resolve_error {
    const char *js_class, *code;
    mr__bytes message, url, path;
    bool plain; /* require found nothing at all: the message wants the stack of requirers */
} mr__resolve_error;
void mr__resolve_error_deinit(mr__resolve_error *error);

/* Resolve the specifier of an import. importer is the name of the importing code as the engine has
 * it: a file URL, an absolute path, or a made-up name, which counts as a file in the working
 * directory. */
bool mr__resolve_import(mr__resolver *resolver, const char *specifier, const char *importer,
                        mr__resolved *out, mr__resolve_error *error);

/* Resolve the request of a require(). directory is where relative requests and the search for
 * node_modules start; importer is the path shown in messages, NULL for none. */
bool mr__resolve_require(mr__resolver *resolver, const char *request, const char *directory,
                         const char *importer, mr__resolved *out, mr__resolve_error *error);

/* What the nearest package.json says about .js files. */
typedef enum mr__package_type {
    MR__PACKAGE_NONE,    /* there is no package.json */
    MR__PACKAGE_NO_TYPE, /* it has no (known) type */
    MR__PACKAGE_COMMONJS,
    MR__PACKAGE_MODULE
} mr__package_type;
mr__package_type mr__resolver_package_type(mr__resolver *resolver, const char *path);

/* The importer's path for messages and for relative specifiers, appended. */
void mr__resolve_importer_path(mr__bytes *out, const char *importer);

/* The n-th directory, from 0, where require() looks for packages from that directory, appended to
 * out; false when there are no more. */
bool mr__resolve_search_path(const char *directory, size_t n, mr__bytes *out);

bool mr__resolve_is_relative(const char *request); /* ".", "..", "./x", "../x" */

#endif
