/* Names that module texts offer and ask for, found without running them.
 *
 * A CommonJS file has no declared exports. When a module imports from one, the engine needs the
 * names before anything runs, and the file should run at its place in the order. So its text is
 * searched for the usual forms, as Node.js does; the importer's text says which names it needs. */
#ifndef MR_JS_MODULE_NAMES_H
#define MR_JS_MODULE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* A set of names; failed: memory was short. Init with {0}. */
typedef struct mr__export_names {
    char **items;
    size_t count, cap;
    bool failed;
} mr__export_names;
void mr__export_names_deinit(mr__export_names *names);
void mr__export_names_add(mr__export_names *names, const char *text,
                          size_t len); /* unless it is there */
bool mr__export_names_has(const mr__export_names *names, const char *text);

typedef struct mr__commonjs_names {
    mr__export_names exports;
    mr__export_names reexports; /* requests whose names are exports of this file, too */
    bool uncertain;             /* there may be others */
} mr__commonjs_names;
void mr__commonjs_names_deinit(mr__commonjs_names *names);
void mr__commonjs_names_find(mr__commonjs_names *names, const char *text, size_t len);

/* What one module asks of one specifier. */
typedef struct mr__wanted {
    char *specifier;
    mr__export_names names;
    bool all; /* import * or export * */
} mr__wanted;

typedef struct mr__wanted_list {
    mr__wanted *items;
    size_t count, cap;
    bool failed;
} mr__wanted_list;
void mr__wanted_list_deinit(mr__wanted_list *list);
void mr__wanted_list_find(mr__wanted_list *list, const char *text, size_t len);
const mr__wanted *mr__wanted_list_get(const mr__wanted_list *list, const char *specifier);

#endif
