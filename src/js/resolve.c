#include "js/resolve.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "js/file_url.h"
#include "js/packages.h"

/* ---- Small things -----------------------------------------------------------------------------*/

void mr__resolved_deinit(mr__resolved *resolved)
{
    mr__bytes_deinit(&resolved->name);
    mr__bytes_deinit(&resolved->suffix);
}

void mr__resolve_error_deinit(mr__resolve_error *error)
{
    mr__bytes_deinit(&error->message);
    mr__bytes_deinit(&error->url);
    mr__bytes_deinit(&error->path);
}

bool mr__resolve_is_relative(const char *request)
{
    if (request[0] != '.')
        return false;
    request += request[1] == '.' ? 2 : 1;
    return *request == '\0' || *request == '/';
}

void mr__resolve_importer_path(mr__bytes *out, const char *importer)
{
    mr__bytes ignored = {0};
    char cwd[PATH_MAX];
    if (strncmp(importer, "file:", 5) == 0) {
        (void)mr__file_url_resolve(importer, "/", out, &ignored);
    } else if (importer[0] == '/') {
        mr__bytes_str(out, importer);
    } else {
        mr__bytes_str(out, getcwd(cwd, sizeof(cwd)) == NULL ? "" : cwd);
        mr__bytes_char(out, '/');
        mr__bytes_str(out, importer);
    }
    mr__bytes_deinit(&ignored);
}

enum { FOUND_NOTHING, FOUND_FILE, FOUND_DIRECTORY };

static int look(const char *path)
{
    struct stat info;
    size_t len = strlen(path);
    if (stat(path, &info) != 0)
        return FOUND_NOTHING;
    if (S_ISDIR(info.st_mode))
        return FOUND_DIRECTORY;
    return len > 0 && path[len - 1] == '/' ? FOUND_NOTHING : FOUND_FILE;
}

/* Make the name in out the real path of the file that it names. */
static bool finish_file(mr__resolved *out, mr__resolve_error *error)
{
    char real[PATH_MAX];
    if (realpath(mr__bytes_cstr(&out->name), real) != NULL) {
        out->name.len = 0;
        mr__bytes_str(&out->name, real);
    }
    (void)mr__bytes_cstr(&out->name);
    (void)mr__bytes_cstr(&out->suffix);
    if (!out->name.failed && !out->suffix.failed)
        return true;
    error->code = NULL;
    return false;
}

static bool finish_builtin(mr__resolved *out, const char *name, mr__resolve_error *error)
{
    out->builtin = true;
    out->name.len = 0;
    mr__bytes_str(&out->name, name);
    (void)mr__bytes_cstr(&out->name);
    error->code = NULL;
    return !out->name.failed;
}

/* ---- Built-in modules -------------------------------------------------------------------------*/

static bool unknown_builtin(mr__resolver *resolver, const char *specifier, mr__resolve_error *error)
{
    mr__packages_fail(error, "Error", "ERR_UNKNOWN_BUILTIN_MODULE",
                      "No such built-in module: %s. There are:", specifier);
    const char *const *names = mr__packages_builtins(resolver);
    for (size_t i = 0; names[i] != NULL; i++)
        mr__bytes_printf(&error->message, "%s node:%s", i == 0 ? "" : ",", names[i]);
    return false;
}

/* ---- import -----------------------------------------------------------------------------------*/

static void set_url(mr__resolve_error *error, const mr__resolved *out)
{
    mr__bytes path = {0};
    mr__bytes_append(&path, out->name.data, out->name.len);
    mr__file_url_append(&error->url, mr__bytes_cstr(&path));
    mr__bytes_append(&error->url, out->suffix.data, out->suffix.len);
    mr__bytes_deinit(&path);
}

/* The file that a path names, as import wants it: there, and no directory. */
static bool finish_import(const mr__request *request, mr__resolved *out)
{
    mr__resolve_error *error = request->error;
    const char *path = mr__bytes_cstr(&out->name);
    switch (look(path)) {
    case FOUND_FILE:
        return finish_file(out, error);
    case FOUND_DIRECTORY:
        mr__packages_fail(error, "Error", "ERR_UNSUPPORTED_DIR_IMPORT",
                          "Directory import '%s' is not supported resolving ES modules "
                          "imported from %s",
                          path, request->importer);
        break;
    default:
        if (path[0] != '\0' && path[strlen(path) - 1] == '/')
            mr__packages_fail(error, "Error", "ERR_UNSUPPORTED_DIR_IMPORT",
                              "Directory import '%s' is not supported resolving ES modules "
                              "imported from %s",
                              path, request->importer);
        else
            mr__packages_fail(error, "Error", "ERR_MODULE_NOT_FOUND",
                              "Cannot find module '%s' imported from %s", path, request->importer);
    }
    set_url(error, out);
    return false;
}

/* A relative, absolute or file: specifier. */
static bool import_file(const mr__request *request, const char *specifier, const char *directory,
                        mr__resolved *out)
{
    switch (mr__file_url_resolve(specifier, directory, &out->name, &out->suffix)) {
    case MR__FILE_URL_OK:
        return finish_import(request, out);
    case MR__FILE_URL_HOST:
        return mr__packages_fail(request->error, "TypeError", "ERR_INVALID_FILE_URL_HOST",
                                 "File URL host must be \"localhost\" or empty");
    default:
        return mr__packages_bad_encoding(request, mr__bytes_cstr(&out->name));
    }
}

static bool import_scheme(const mr__request *request, const char *specifier, size_t scheme_len,
                          const char *directory, mr__resolved *out)
{
    if (scheme_len == 4 && strncmp(specifier, "node", 4) == 0) {
        if (!mr__packages_is_builtin(request->resolver, specifier + 5))
            return unknown_builtin(request->resolver, specifier, request->error);
        return finish_builtin(out, specifier + 5, request->error);
    }
    if (scheme_len == 4 && strncmp(specifier, "file", 4) == 0)
        return import_file(request, specifier, directory, out);
    return mr__packages_fail(request->error, "Error", "ERR_UNSUPPORTED_ESM_URL_SCHEME",
                             "Only URLs with a scheme in: file and node are supported by the "
                             "module loader. Received protocol '%.*s:'",
                             (int)scheme_len, specifier);
}

static bool import_from(const mr__request *request, const char *specifier, const char *directory,
                        mr__resolved *out)
{
    size_t scheme_len = mr__url_scheme_length(specifier);
    if (scheme_len != 0)
        return import_scheme(request, specifier, scheme_len, directory, out);
    if (specifier[0] == '/' || mr__resolve_is_relative(specifier))
        return import_file(request, specifier, directory, out);
    bool found = specifier[0] == '#' ? mr__packages_imports(request, specifier, directory, out)
                                     : mr__packages_import(request, specifier, directory, out);
    if (!found)
        return false;
    return out->builtin ? finish_builtin(out, mr__bytes_cstr(&out->name), request->error)
                        : finish_import(request, out);
}

static const char *const import_conditions[] = {"millrace", "node", "import", NULL};
static const char *const require_conditions[] = {"millrace", "node", "require", NULL};

bool mr__resolve_import(mr__resolver *resolver, const char *specifier, const char *importer,
                        mr__resolved *out, mr__resolve_error *error)
{
    mr__bytes path = {0}, directory = {0};
    mr__resolve_importer_path(&path, importer);
    mr__path_dirname(&directory, mr__bytes_cstr(&path));
    mr__request request = {resolver, mr__bytes_cstr(&path), import_conditions, true, error};
    bool found = import_from(&request, specifier, mr__bytes_cstr(&directory), out);
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&directory);
    return found;
}

/* ---- require ----------------------------------------------------------------------------------*/

static bool nothing(const mr__request *request, const char *specifier)
{
    request->error->plain = true;
    return mr__packages_fail(request->error, "Error", "MODULE_NOT_FOUND", "Cannot find module '%s'",
                             specifier);
}

/* Replace the name in out by path + ending if there is such a file. */
static bool try_file(mr__resolved *out, const char *path, const char *ending)
{
    out->name.len = 0;
    mr__bytes_str(&out->name, path);
    mr__bytes_str(&out->name, ending);
    return look(mr__bytes_cstr(&out->name)) == FOUND_FILE;
}

static bool try_endings(mr__resolved *out, const char *path)
{
    return try_file(out, path, ".js") || try_file(out, path, ".json") ||
           try_file(out, path, ".node");
}

static mr__found try_index(mr__resolved *out, const char *directory)
{
    mr__bytes index = {0};
    mr__path_normalize(&index, directory, "index");
    mr__found result = try_endings(out, mr__bytes_cstr(&index)) ? MR__FOUND : MR__FOUND_NOTHING;
    mr__bytes_deinit(&index);
    return result;
}

/* A directory: its package.json's main, else its index. */
static mr__found try_directory(const mr__request *request, mr__resolved *out, const char *directory)
{
    const mr__package *package = mr__packages_at(request->resolver, directory);
    if (package->state == MR__PACKAGE_BROKEN) {
        mr__packages_bad_config(request, package, "It is not JSON.");
        return MR__FOUND_ERROR;
    }
    const char *main = mr__json_text(mr__json_get(package->json, "main"));
    if (main == NULL || main[0] == '\0')
        return try_index(out, directory);
    mr__bytes path = {0};
    mr__path_normalize(&path, directory, main);
    while (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    const char *target = mr__bytes_cstr(&path);
    mr__found result = MR__FOUND;
    if (!try_file(out, target, "") && !try_endings(out, target))
        result = try_index(out, target);
    if (result == MR__FOUND_NOTHING)
        result = try_index(out, directory);
    if (result == MR__FOUND_NOTHING) {
        mr__bytes_printf(&request->error->path, "%s/package.json", package->directory);
        mr__packages_fail(
            request->error, "Error", "MODULE_NOT_FOUND",
            "Cannot find module '%s'. Please verify that the package.json has a valid "
            "\"main\" entry",
            target);
        result = MR__FOUND_ERROR;
    }
    mr__bytes_deinit(&path);
    return result;
}

/* A path without certainty about its ending or kind. */
static mr__found try_path(const mr__request *request, mr__resolved *out, const char *path)
{
    size_t len = strlen(path);
    bool directory_only = len > 0 && path[len - 1] == '/';
    int found = look(path);
    if (!directory_only &&
        ((found == FOUND_FILE && try_file(out, path, "")) || try_endings(out, path)))
        return MR__FOUND;
    return found == FOUND_DIRECTORY ? try_directory(request, out, path) : MR__FOUND_NOTHING;
}

bool mr__resolve_search_path(const char *directory, size_t n, mr__bytes *out)
{
    static const char modules[] = "/node_modules";
    size_t skip = sizeof(modules) - 1, len = strlen(directory);
    while (len > 0 && directory[len - 1] == '/')
        len--;
    for (;;) {
        bool inside = len >= skip && memcmp(directory + len - skip, modules, skip) == 0;
        if (!inside && n-- == 0) {
            mr__bytes_append(out, directory, len);
            mr__bytes_str(out, modules);
            return true;
        }
        if (len == 0)
            return false;
        while (len > 0 && directory[--len] != '/') {
        }
    }
}

/* The file that exports or imports of a package named: there are no endings to guess. */
static bool finish_target(const mr__request *request, mr__resolved *out)
{
    const char *path = mr__bytes_cstr(&out->name);
    if (out->builtin)
        return finish_builtin(out, path, request->error);
    if (look(path) == FOUND_FILE)
        return finish_file(out, request->error);
    return mr__packages_fail(request->error, "Error", "MODULE_NOT_FOUND", "Cannot find module '%s'",
                             path);
}

static mr__found require_in(const mr__request *request, const char *specifier, const char *root,
                            mr__resolved *out)
{
    if (look(root) != FOUND_DIRECTORY)
        return MR__FOUND_NOTHING;
    mr__found exported = mr__packages_exports_below(request, specifier, root, out);
    if (exported == MR__FOUND)
        return finish_target(request, out) ? MR__FOUND : MR__FOUND_ERROR;
    if (exported == MR__FOUND_ERROR)
        return MR__FOUND_ERROR;
    mr__bytes path = {0};
    mr__path_normalize(&path, root, specifier);
    mr__found result = try_path(request, out, mr__bytes_cstr(&path));
    mr__bytes_deinit(&path);
    return result;
}

static mr__found require_package(const mr__request *request, const char *specifier,
                                 const char *directory, mr__resolved *out)
{
    mr__bytes root = {0};
    mr__found result = MR__FOUND_NOTHING;
    for (size_t n = 0; result == MR__FOUND_NOTHING; n++) {
        root.len = 0;
        if (!mr__resolve_search_path(directory, n, &root))
            break;
        result = require_in(request, specifier, mr__bytes_cstr(&root), out);
    }
    mr__bytes_deinit(&root);
    return result;
}

static mr__found require_own(const mr__request *request, const char *specifier,
                             const char *directory, mr__resolved *out)
{
    mr__found found = specifier[0] != '#' ? mr__packages_self(request, specifier, directory, out)
                      : mr__packages_imports(request, specifier, directory, out) ? MR__FOUND
                                                                                 : MR__FOUND_ERROR;
    if (found != MR__FOUND)
        return found;
    return finish_target(request, out) ? MR__FOUND : MR__FOUND_ERROR;
}

static bool require_from(const mr__request *request, const char *specifier, const char *directory,
                         mr__resolved *out)
{
    mr__found found;
    if (specifier[0] == '/' || mr__resolve_is_relative(specifier)) {
        mr__bytes path = {0};
        mr__path_normalize(&path, directory, specifier);
        found = try_path(request, out, mr__bytes_cstr(&path));
        mr__bytes_deinit(&path);
    } else {
        found = require_own(request, specifier, directory, out);
        if (found == MR__FOUND_NOTHING)
            found = require_package(request, specifier, directory, out);
    }
    if (found == MR__FOUND)
        return out->builtin || finish_file(out, request->error);
    return found == MR__FOUND_NOTHING && nothing(request, specifier);
}

bool mr__resolve_require(mr__resolver *resolver, const char *request_text, const char *directory,
                         const char *importer, mr__resolved *out, mr__resolve_error *error)
{
    mr__request request = {resolver, importer, require_conditions, false, error};
    if (strncmp(request_text, "node:", 5) == 0) {
        if (!mr__packages_is_builtin(resolver, request_text + 5))
            return unknown_builtin(resolver, request_text, error);
        return finish_builtin(out, request_text + 5, error);
    }
    if (mr__packages_is_builtin(resolver, request_text))
        return finish_builtin(out, request_text, error);
    return require_from(&request, request_text, directory, out);
}
