#include "js/packages.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "js/file_url.h"
#include "js/source_text.h"

enum { BUCKETS = 128 };

struct mr__resolver {
    const char *const *builtins;
    mr__package *buckets[BUCKETS];
    mr__package none; /* what is answered when memory is short */
};

/* ---- Errors -----------------------------------------------------------------------------------*/

bool mr__packages_fail(mr__resolve_error *error, const char *js_class, const char *code,
                       const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    error->js_class = js_class;
    error->code = code;
    error->message.len = 0;
    mr__bytes_fill(&error->message, ' ', len < 0 ? 1 : (size_t)len + 1);
    if (!error->message.failed && len >= 0) {
        vsnprintf(error->message.data, (size_t)len + 1, format, again);
        error->message.len = (size_t)len;
    }
    va_end(again);
    return false;
}

/* The end of most messages: " imported from /the/importer" for those that have one. */
static bool name_importer(const mr__request *request)
{
    if (request->importer != NULL)
        mr__bytes_printf(&request->error->message, " imported from %s", request->importer);
    return false;
}

bool mr__packages_bad_encoding(const mr__request *request, const char *path)
{
    mr__packages_fail(request->error, "TypeError", "ERR_INVALID_MODULE_SPECIFIER",
                      "Invalid module \"%s\" must not include encoded \"/\" or \"\\\" characters",
                      path);
    return name_importer(request);
}

bool mr__packages_bad_config(const mr__request *request, const mr__package *package,
                             const char *reason)
{
    mr__packages_fail(request->error, "Error", "ERR_INVALID_PACKAGE_CONFIG",
                      "Invalid package config %s/package.json", package->directory);
    if (request->importer != NULL && request->is_import)
        mr__bytes_printf(&request->error->message, " while importing from %s", request->importer);
    mr__bytes_printf(&request->error->message, ". %s", reason);
    return false;
}

/* ---- package.json -----------------------------------------------------------------------------*/

mr__resolver *mr__resolver_create(const char *const *builtins)
{
    mr__resolver *resolver = mr__alloc_zero(sizeof(*resolver));
    if (resolver != NULL) {
        resolver->builtins = builtins;
        resolver->none.directory = (char *)"";
    }
    return resolver;
}

void mr__resolver_destroy(mr__resolver *resolver)
{
    for (size_t i = 0; resolver != NULL && i < BUCKETS; i++) {
        for (mr__package *at = resolver->buckets[i], *next; at != NULL; at = next) {
            next = at->next;
            mr__json_free(at->json);
            mr__free(at->directory);
            mr__free(at);
        }
    }
    mr__free(resolver);
}

const char *const *mr__packages_builtins(mr__resolver *resolver)
{
    return resolver->builtins;
}

bool mr__packages_is_builtin(mr__resolver *resolver, const char *name)
{
    for (const char *const *at = resolver->builtins; *at != NULL; at++) {
        if (strcmp(*at, name) == 0)
            return true;
    }
    return false;
}

static size_t bucket_of(const char *text)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash % BUCKETS;
}

/* Read DIRECTORY/package.json; only a file that is there counts. */
static void read_package(mr__package *package)
{
    mr__bytes path = {0}, text = {0};
    mr__bytes_printf(&path, "%s/package.json", package->directory);
    if (mr__source_read(mr__bytes_cstr(&path), &text) == 0) {
        package->json = mr__json_parse(text.data, text.len);
        package->state = package->json == NULL ? MR__PACKAGE_BROKEN : MR__PACKAGE_READ;
    }
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&text);
}

const mr__package *mr__packages_at(mr__resolver *resolver, const char *directory)
{
    size_t len = strlen(directory);
    while (len > 0 && directory[len - 1] == '/')
        len--;
    char *copy = mr__alloc(len + 1);
    if (copy == NULL)
        return &resolver->none;
    memcpy(copy, directory, len);
    copy[len] = '\0';
    mr__package **bucket = &resolver->buckets[bucket_of(copy)];
    for (mr__package *at = *bucket; at != NULL; at = at->next) {
        if (strcmp(at->directory, copy) == 0) {
            mr__free(copy);
            return at;
        }
    }
    mr__package *package = mr__alloc_zero(sizeof(*package));
    if (package == NULL) {
        mr__free(copy);
        return &resolver->none;
    }
    package->directory = copy;
    package->next = *bucket;
    *bucket = package;
    read_package(package);
    return package;
}

/* The package that a file in the directory belongs to, or NULL. */
static const mr__package *scope_of(mr__resolver *resolver, const char *directory)
{
    static const char modules[] = "/node_modules";
    size_t skip = sizeof(modules) - 1;
    mr__bytes path = {0};
    mr__bytes_str(&path, directory);
    const mr__package *found = NULL;
    for (;;) {
        while (path.len > 0 && path.data[path.len - 1] == '/')
            path.len--;
        if (path.len >= skip && memcmp(path.data + path.len - skip, modules, skip) == 0)
            break;
        const mr__package *package = mr__packages_at(resolver, mr__bytes_cstr(&path));
        if (package->state != MR__PACKAGE_ABSENT) {
            found = package;
            break;
        }
        if (path.len == 0 || path.failed)
            break;
        while (path.len > 0 && path.data[path.len - 1] != '/')
            path.len--;
    }
    mr__bytes_deinit(&path);
    return found;
}

mr__package_type mr__resolver_package_type(mr__resolver *resolver, const char *path)
{
    mr__bytes directory = {0};
    mr__path_dirname(&directory, path);
    const mr__package *package = scope_of(resolver, mr__bytes_cstr(&directory));
    mr__bytes_deinit(&directory);
    if (package == NULL)
        return MR__PACKAGE_NONE;
    const char *type = mr__json_text(mr__json_get(package->json, "type"));
    if (type != NULL && strcmp(type, "module") == 0)
        return MR__PACKAGE_MODULE;
    return type != NULL && strcmp(type, "commonjs") == 0 ? MR__PACKAGE_COMMONJS
                                                         : MR__PACKAGE_NO_TYPE;
}

/* ---- Targets ----------------------------------------------------------------------------------*/

/* The look-up of one key in exports or imports. */
struct target {
    const mr__request *request;
    const mr__package *package;
    const char *key;     /* the key that matched */
    const char *subpath; /* what was asked for: "./x" or "#x" */
    const char *part;    /* what the '*' of the key stands for; NULL: the key has none */
    size_t part_len;
    bool imports;
};

/* UNDEFINED goes on to the next condition, NULL does not. */
enum outcome { OUT_ERROR, OUT_UNDEFINED, OUT_NULL, OUT_FOUND };

static enum outcome resolve_target(const struct target *t, const mr__json *node, mr__resolved *out);

static const char *shown(const mr__json *node)
{
    switch (node->kind) {
    case MR__JSON_STRING:
    case MR__JSON_NUMBER:
        return node->text;
    case MR__JSON_BOOL:
        return node->truth ? "true" : "false";
    default:
        return "null";
    }
}

static enum outcome bad_target(const struct target *t, const mr__json *node)
{
    const char *what = t->imports ? "imports" : "exports";
    const char *text = shown(node);
    mr__bytes *message = &t->request->error->message;
    if (!t->imports && strcmp(t->key, ".") == 0)
        mr__packages_fail(t->request->error, "Error", "ERR_INVALID_PACKAGE_TARGET",
                          "Invalid \"exports\" main target \"%s\" defined", text);
    else
        mr__packages_fail(t->request->error, "Error", "ERR_INVALID_PACKAGE_TARGET",
                          "Invalid \"%s\" target \"%s\" defined for '%s'", what, text, t->key);
    mr__bytes_printf(message, " in the package config %s/package.json", t->package->directory);
    name_importer(t->request);
    if (!t->imports && strncmp(text, "./", 2) != 0)
        mr__bytes_str(message, "; targets must start with \"./\"");
    return OUT_ERROR;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether a part of a path between slashes is "." or ".." or node_modules, encoded or not. */
static bool is_bad_segment(const char *text, size_t len)
{
    char plain[16];
    size_t to = 0;
    for (size_t i = 0; i < len; i++) {
        if (to == sizeof(plain) - 1)
            return false;
        plain[to] = text[i];
        if (text[i] == '%' && len - i > 2 && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            plain[to] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        to++;
    }
    plain[to] = '\0';
    return strcmp(plain, ".") == 0 || strcmp(plain, "..") == 0 ||
           strcasecmp(plain, "node_modules") == 0;
}

static bool has_bad_segment(const char *text, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '/' && text[i] != '\\')
            continue;
        if (is_bad_segment(text + start, i - start))
            return true;
        start = i + 1;
    }
    return false;
}

/* text with every '*' replaced by the part. */
static void substitute(const struct target *t, const char *text, mr__bytes *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '*' && t->part != NULL)
            mr__bytes_append(out, t->part, t->part_len);
        else
            mr__bytes_char(out, *text);
    }
}

static enum outcome resolve_path_target(const struct target *t, const mr__json *node,
                                        mr__resolved *out)
{
    const mr__request *request = t->request;
    if (has_bad_segment(node->text + 2, strlen(node->text + 2)))
        return bad_target(t, node);
    if (t->part != NULL && has_bad_segment(t->part, t->part_len)) {
        mr__packages_fail(
            request->error, "TypeError", "ERR_INVALID_MODULE_SPECIFIER",
            "Invalid module \"%s\" request is not a valid match in pattern \"%s\" for "
            "the \"%s\" resolution of %s/package.json",
            t->subpath, t->key, t->imports ? "imports" : "exports", t->package->directory);
        name_importer(request);
        return OUT_ERROR;
    }
    mr__bytes text = {0};
    substitute(t, node->text, &text);
    out->name.len = out->suffix.len = 0;
    mr__file_url_result result = mr__file_url_resolve(mr__bytes_cstr(&text), t->package->directory,
                                                      &out->name, &out->suffix);
    mr__bytes_deinit(&text);
    if (result == MR__FILE_URL_OK) {
        /* Should require not find that file, its error names the package.json. */
        request->error->path.len = 0;
        if (!request->is_import)
            mr__bytes_printf(&request->error->path, "%s/package.json", t->package->directory);
        return OUT_FOUND;
    }
    mr__packages_bad_encoding(request, mr__bytes_cstr(&out->name));
    return OUT_ERROR;
}

/* A target of imports that names another package. */
static enum outcome resolve_package_target(const struct target *t, const char *text,
                                           mr__resolved *out)
{
    mr__bytes specifier = {0}, importer = {0};
    substitute(t, text, &specifier);
    mr__bytes_printf(&importer, "%s/package.json", t->package->directory);
    mr__request request = *t->request;
    request.importer = mr__bytes_cstr(&importer);
    bool found =
        mr__packages_import(&request, mr__bytes_cstr(&specifier), t->package->directory, out);
    mr__bytes_deinit(&specifier);
    mr__bytes_deinit(&importer);
    return found ? OUT_FOUND : OUT_ERROR;
}

static enum outcome resolve_string(const struct target *t, const mr__json *node, mr__resolved *out)
{
    const char *text = node->text;
    if (strncmp(text, "./", 2) == 0)
        return resolve_path_target(t, node, out);
    if (!t->imports || text[0] == '/' || strncmp(text, "../", 3) == 0 ||
        mr__url_scheme_length(text) != 0)
        return bad_target(t, node);
    return resolve_package_target(t, text, out);
}

/* The first element that can be used; if none can, what the last one said. */
static enum outcome resolve_array(const struct target *t, const mr__json *node, mr__resolved *out)
{
    enum outcome last = OUT_NULL;
    for (const mr__json *child = node->first; child != NULL; child = child->next) {
        enum outcome outcome = resolve_target(t, child, out);
        const char *code = t->request->error->code;
        if (outcome == OUT_FOUND ||
            (outcome == OUT_ERROR &&
             (code == NULL || strcmp(code, "ERR_INVALID_PACKAGE_TARGET") != 0)))
            return outcome;
        if (outcome != OUT_UNDEFINED)
            last = outcome;
    }
    return last;
}

static bool is_condition(const struct target *t, const char *key)
{
    if (strcmp(key, "default") == 0)
        return true;
    for (const char *const *at = t->request->conditions; *at != NULL; at++) {
        if (strcmp(*at, key) == 0)
            return true;
    }
    return false;
}

static bool is_index(const char *key)
{
    return key[0] != '\0' && strspn(key, "0123456789") == strlen(key) &&
           (key[0] != '0' || key[1] == '\0');
}

static enum outcome resolve_conditions(const struct target *t, const mr__json *node,
                                       mr__resolved *out)
{
    for (const mr__json *child = node->first; child != NULL; child = child->next) {
        if (is_index(child->key)) {
            mr__packages_bad_config(t->request, t->package,
                                    "\"exports\" cannot contain numeric property keys.");
            return OUT_ERROR;
        }
    }
    for (const mr__json *child = node->first; child != NULL; child = child->next) {
        if (!is_condition(t, child->key))
            continue;
        enum outcome outcome = resolve_target(t, mr__json_get(node, child->key), out);
        if (outcome != OUT_UNDEFINED)
            return outcome;
    }
    return OUT_UNDEFINED;
}

static enum outcome resolve_target(const struct target *t, const mr__json *node, mr__resolved *out)
{
    switch (node->kind) {
    case MR__JSON_STRING:
        return resolve_string(t, node, out);
    case MR__JSON_ARRAY:
        return resolve_array(t, node, out);
    case MR__JSON_OBJECT:
        return resolve_conditions(t, node, out);
    case MR__JSON_NULL:
        return OUT_NULL;
    default:
        return bad_target(t, node);
    }
}

/* ---- Keys -------------------------------------------------------------------------------------*/

/* Whether pattern key a goes before b: the longer text before the '*', then the longer key. */
static bool is_better(const char *a, const char *b)
{
    if (b == NULL)
        return true;
    size_t a_base = strcspn(a, "*"), b_base = strcspn(b, "*");
    return a_base != b_base ? a_base > b_base : strlen(a) > strlen(b);
}

static bool matches(const char *key, const char *subpath)
{
    size_t base = strcspn(key, "*"), len = strlen(subpath), key_len = strlen(key);
    if (key[base] == '\0' || strchr(key + base + 1, '*') != NULL || len < key_len || len == base)
        return false;
    size_t trailer = key_len - base - 1;
    return strncmp(key, subpath, base) == 0 &&
           memcmp(subpath + len - trailer, key + base + 1, trailer) == 0;
}

/* Find the key for t->subpath among the members of the object, and resolve its target. */
static enum outcome resolve_key(struct target *t, const mr__json *object, mr__resolved *out)
{
    size_t len = strlen(t->subpath);
    const mr__json *exact = strchr(t->subpath, '*') != NULL || t->subpath[len - 1] == '/'
                                ? NULL
                                : mr__json_get(object, t->subpath);
    if (exact != NULL) {
        t->key = t->subpath;
        return resolve_target(t, exact, out);
    }
    const char *best = NULL;
    for (const mr__json *child = object->first; child != NULL; child = child->next) {
        if (matches(child->key, t->subpath) && is_better(child->key, best))
            best = child->key;
    }
    if (best == NULL)
        return OUT_UNDEFINED;
    size_t base = strcspn(best, "*");
    t->key = best;
    t->part = t->subpath + base;
    t->part_len = len - base - (strlen(best) - base - 1);
    return resolve_target(t, mr__json_get(object, best), out);
}

/* ---- exports ----------------------------------------------------------------------------------*/

static const mr__json *field(const mr__package *package, const char *name)
{
    const mr__json *node = mr__json_get(package->json, name);
    return node == NULL || node->kind == MR__JSON_NULL ? NULL : node;
}

/* Whether the keys are subpaths: 1, conditions: 0, mixed: -1. */
static int has_subpaths(const mr__json *exports)
{
    bool dots = false, others = false;
    if (exports->kind != MR__JSON_OBJECT)
        return 0;
    for (const mr__json *child = exports->first; child != NULL; child = child->next) {
        dots = dots || child->key[0] == '.';
        others = others || child->key[0] != '.';
    }
    return dots && others ? -1 : dots;
}

static bool not_exported(const struct target *t)
{
    mr__resolve_error *error = t->request->error;
    if (strcmp(t->subpath, ".") == 0)
        mr__packages_fail(error, "Error", "ERR_PACKAGE_PATH_NOT_EXPORTED",
                          "No \"exports\" main defined in %s/package.json", t->package->directory);
    else
        mr__packages_fail(error, "Error", "ERR_PACKAGE_PATH_NOT_EXPORTED",
                          "Package subpath '%s' is not defined by \"exports\" in %s/package.json",
                          t->subpath, t->package->directory);
    return name_importer(t->request);
}

/* The subpath of a package that has exports. */
static bool resolve_exports(const mr__request *request, const mr__package *package,
                            const char *subpath, mr__resolved *out)
{
    const mr__json *exports = field(package, "exports");
    struct target t = {request, package, ".", subpath, NULL, 0, false};
    int subpaths = has_subpaths(exports);
    if (subpaths < 0)
        return mr__packages_bad_config(
            request, package,
            "\"exports\" cannot contain some keys starting with '.' and some not. The exports "
            "object "
            "must either be an object of package subpath keys or an object of main entry condition "
            "name keys only.");
    enum outcome outcome = OUT_UNDEFINED;
    if (subpaths != 0)
        outcome = resolve_key(&t, exports, out);
    else if (strcmp(subpath, ".") == 0)
        outcome = resolve_target(&t, exports, out);
    if (outcome == OUT_FOUND || outcome == OUT_ERROR)
        return outcome == OUT_FOUND;
    return not_exported(&t);
}

/* ---- Bare specifiers --------------------------------------------------------------------------*/

/* Split "name/sub" or "@scope/name/sub": the length of the name, 0 if it is no package name. */
static size_t package_name_length(const char *specifier)
{
    size_t len = strcspn(specifier, "/");
    if (specifier[0] == '@') {
        if (specifier[len] == '\0')
            return 0;
        len += 1 + strcspn(specifier + len + 1, "/");
    }
    if (specifier[0] == '.' || strcspn(specifier, "\\%") < len)
        return 0;
    return len;
}

/* "." or "./sub". */
static void append_subpath(mr__bytes *out, const char *specifier, size_t name_len)
{
    mr__bytes_char(out, '.');
    mr__bytes_str(out, specifier + name_len);
}

mr__found mr__packages_self(const mr__request *request, const char *specifier,
                            const char *directory, mr__resolved *out)
{
    size_t len = package_name_length(specifier);
    const mr__package *package = len == 0 ? NULL : scope_of(request->resolver, directory);
    const char *name = package == NULL ? NULL : mr__json_text(mr__json_get(package->json, "name"));
    if (name == NULL || field(package, "exports") == NULL || strlen(name) != len ||
        strncmp(name, specifier, len) != 0)
        return MR__FOUND_NOTHING;
    mr__bytes subpath = {0};
    append_subpath(&subpath, specifier, len);
    bool found = resolve_exports(request, package, mr__bytes_cstr(&subpath), out);
    mr__bytes_deinit(&subpath);
    return found ? MR__FOUND : MR__FOUND_ERROR;
}

mr__found mr__packages_exports_below(const mr__request *request, const char *specifier,
                                     const char *root, mr__resolved *out)
{
    size_t len = package_name_length(specifier);
    if (len == 0)
        return MR__FOUND_NOTHING;
    mr__request unnamed = *request; /* the messages do not name the importer */
    unnamed.importer = NULL;
    mr__bytes directory = {0}, subpath = {0};
    mr__bytes_printf(&directory, "%s/%.*s", root, (int)len, specifier);
    append_subpath(&subpath, specifier, len);
    const mr__package *package = mr__packages_at(request->resolver, mr__bytes_cstr(&directory));
    mr__found found = MR__FOUND_NOTHING;
    if (package->state == MR__PACKAGE_BROKEN) {
        mr__packages_bad_config(&unnamed, package, "It is not JSON.");
        found = MR__FOUND_ERROR;
    } else if (field(package, "exports") != NULL) {
        found = resolve_exports(&unnamed, package, mr__bytes_cstr(&subpath), out) ? MR__FOUND
                                                                                  : MR__FOUND_ERROR;
    }
    mr__bytes_deinit(&directory);
    mr__bytes_deinit(&subpath);
    return found;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* The main file of a package without exports, with the endings that import guesses here only. */
static bool legacy_main(const mr__request *request, const mr__package *package, mr__resolved *out)
{
    static const char *const endings[] = {"",          ".js",         ".json",      ".node",
                                          "/index.js", "/index.json", "/index.node"};
    const char *main = mr__json_text(field(package, "main"));
    for (size_t i = 0; main != NULL && i < sizeof(endings) / sizeof(endings[0]); i++) {
        out->name.len = 0;
        mr__path_normalize(&out->name, package->directory, main);
        mr__bytes_str(&out->name, endings[i]);
        if (is_file(mr__bytes_cstr(&out->name)))
            return true;
    }
    for (size_t i = 4; i < sizeof(endings) / sizeof(endings[0]); i++) {
        out->name.len = 0;
        mr__bytes_printf(&out->name, "%s%s", package->directory, endings[i]);
        if (is_file(mr__bytes_cstr(&out->name)))
            return true;
    }
    mr__packages_fail(request->error, "Error", "ERR_MODULE_NOT_FOUND",
                      "Cannot find package '%s/%s'", package->directory,
                      main == NULL ? "index.js" : main);
    return name_importer(request);
}

/* The subpath in the package directory that was found. */
static bool import_from_package(const mr__request *request, const mr__package *package,
                                const char *subpath, mr__resolved *out)
{
    if (package->state == MR__PACKAGE_BROKEN)
        return mr__packages_bad_config(request, package, "It is not JSON.");
    if (field(package, "exports") != NULL)
        return resolve_exports(request, package, subpath, out);
    if (strcmp(subpath, ".") == 0)
        return legacy_main(request, package, out);
    if (mr__file_url_resolve(subpath, package->directory, &out->name, &out->suffix) ==
        MR__FILE_URL_OK)
        return true;
    return mr__packages_bad_encoding(request, mr__bytes_cstr(&out->name));
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool import_upwards(const mr__request *request, const char *specifier, size_t name_len,
                           const char *directory, mr__resolved *out)
{
    mr__bytes path = {0}, subpath = {0};
    mr__found found = MR__FOUND_NOTHING;
    append_subpath(&subpath, specifier, name_len);
    for (size_t n = 0; found == MR__FOUND_NOTHING; n++) {
        path.len = 0;
        if (!mr__resolve_search_path(directory, n, &path))
            break;
        mr__bytes_printf(&path, "/%.*s", (int)name_len, specifier);
        if (!is_directory(mr__bytes_cstr(&path)))
            continue;
        const mr__package *package = mr__packages_at(request->resolver, mr__bytes_cstr(&path));
        found = import_from_package(request, package, mr__bytes_cstr(&subpath), out)
                    ? MR__FOUND
                    : MR__FOUND_ERROR;
    }
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&subpath);
    if (found == MR__FOUND_NOTHING) {
        mr__packages_fail(request->error, "Error", "ERR_MODULE_NOT_FOUND",
                          "Cannot find package '%.*s'", (int)name_len, specifier);
        name_importer(request);
    }
    return found == MR__FOUND;
}

bool mr__packages_import(const mr__request *request, const char *specifier, const char *directory,
                         mr__resolved *out)
{
    if (mr__packages_is_builtin(request->resolver, specifier)) {
        out->builtin = true;
        mr__bytes_str(&out->name, specifier);
        return true;
    }
    size_t len = package_name_length(specifier);
    if (len == 0 && specifier[0] != '\0') {
        mr__packages_fail(request->error, "TypeError", "ERR_INVALID_MODULE_SPECIFIER",
                          "Invalid module \"%s\" is not a valid package name", specifier);
        return name_importer(request);
    }
    if (len == 0) {
        mr__packages_fail(request->error, "Error", "ERR_MODULE_NOT_FOUND",
                          "Cannot find package ''");
        return name_importer(request);
    }
    mr__found self = mr__packages_self(request, specifier, directory, out);
    if (self != MR__FOUND_NOTHING)
        return self == MR__FOUND;
    return import_upwards(request, specifier, len, directory, out);
}

/* ---- imports ----------------------------------------------------------------------------------*/

bool mr__packages_imports(const mr__request *request, const char *specifier, const char *directory,
                          mr__resolved *out)
{
    size_t len = strlen(specifier);
    if (len == 1 || specifier[1] == '/' || specifier[len - 1] == '/') {
        mr__packages_fail(request->error, "TypeError", "ERR_INVALID_MODULE_SPECIFIER",
                          "Invalid module \"%s\" is not a valid internal imports specifier name",
                          specifier);
        return name_importer(request);
    }
    const mr__package *package = scope_of(request->resolver, directory);
    const mr__json *imports = package == NULL ? NULL : field(package, "imports");
    if (imports != NULL && imports->kind == MR__JSON_OBJECT) {
        struct target t = {request, package, specifier, specifier, NULL, 0, true};
        enum outcome outcome = resolve_key(&t, imports, out);
        if (outcome == OUT_FOUND || outcome == OUT_ERROR)
            return outcome == OUT_FOUND;
    }
    mr__packages_fail(request->error, "TypeError", "ERR_PACKAGE_IMPORT_NOT_DEFINED",
                      "Package import specifier \"%s\" is not defined", specifier);
    if (package != NULL)
        mr__bytes_printf(&request->error->message, " in package %s/package.json",
                         package->directory);
    return name_importer(request);
}
