#include "js/module_records.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

static size_t bucket_of(const char *text)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash % 256;
}

static void free_record(JSContext *ctx, mr__module_record *record)
{
    JS_FreeValue(ctx, record->error);
    JS_FreeValue(ctx, record->exports);
    mr__export_names_deinit(&record->names);
    mr__free(record->dependencies);
    mr__free(record->name);
    mr__free(record);
}

void mr__module_records_deinit(JSContext *ctx, mr__module_records *records)
{
    for (size_t i = 0; i < 256; i++) {
        for (mr__module_record *at = records->buckets[i], *next; at != NULL; at = next) {
            next = at->next;
            free_record(ctx, at);
        }
        records->buckets[i] = NULL;
    }
}

mr__module_record *mr__module_records_find(mr__module_records *records, const char *name, bool json)
{
    for (mr__module_record *at = records->buckets[bucket_of(name)]; at != NULL; at = at->next) {
        if (at->json == json && strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

mr__module_record *mr__module_records_get(mr__module_records *records, const char *name, bool json)
{
    mr__module_record *record = mr__module_records_find(records, name, json);
    if (record != NULL)
        return record;
    size_t len = strlen(name);
    record = mr__alloc_zero(sizeof(*record));
    char *copy = mr__alloc(len + 1);
    if (record == NULL || copy == NULL) {
        mr__free(record);
        mr__free(copy);
        return NULL;
    }
    memcpy(copy, name, len + 1);
    record->name = copy;
    record->json = json;
    record->error = JS_UNDEFINED;
    record->exports = JS_UNDEFINED;
    record->next = records->buckets[bucket_of(name)];
    records->buckets[bucket_of(name)] = record;
    return record;
}

bool mr__module_record_depends(mr__module_record *importer, mr__module_record *dependency)
{
    if (importer->dependency_count == importer->dependency_cap) {
        size_t cap = importer->dependency_cap == 0 ? 4 : importer->dependency_cap * 2;
        mr__module_record **list = mr__realloc(importer->dependencies, cap * sizeof(*list));
        if (list == NULL)
            return false;
        importer->dependencies = list;
        importer->dependency_cap = cap;
    }
    importer->dependencies[importer->dependency_count++] = dependency;
    return true;
}

void mr__module_record_fail(JSContext *ctx, mr__module_record *record, JSValue error)
{
    if (record->failed) {
        JS_FreeValue(ctx, error);
        return;
    }
    record->failed = true;
    record->error = error;
}

/* One walk in the order of imports; true if it changed anything. Cycles need several. Linked
 * records have settled before. */
static bool walk(JSContext *ctx, mr__module_record *record, unsigned number)
{
    bool changed = false;
    if (record->visit == number || record->failed || record->linked)
        return false;
    record->visit = number;
    for (size_t i = 0; i < record->dependency_count; i++) {
        mr__module_record *dependency = record->dependencies[i];
        changed = walk(ctx, dependency, number) || changed;
        if (dependency->failed && !record->failed) {
            mr__module_record_fail(ctx, record, JS_DupValue(ctx, dependency->error));
            changed = true;
        }
    }
    return changed;
}

bool mr__module_records_settle(JSContext *ctx, mr__module_records *records, mr__module_record *root)
{
    while (walk(ctx, root, ++records->walks)) {
    }
    return root->failed;
}

void mr__module_records_link(mr__module_record *root)
{
    if (root->linked)
        return;
    root->linked = true;
    for (size_t i = 0; i < root->dependency_count; i++)
        mr__module_records_link(root->dependencies[i]);
}

void mr__module_records_begin(mr__module_record *root)
{
    if (root->busy || root->done)
        return;
    root->busy = true;
    for (size_t i = 0; i < root->dependency_count; i++)
        mr__module_records_begin(root->dependencies[i]);
}

void mr__module_records_end(mr__module_record *root)
{
    if (!root->busy)
        return;
    root->busy = false;
    root->done = true;
    for (size_t i = 0; i < root->dependency_count; i++)
        mr__module_records_end(root->dependencies[i]);
}

static bool find_busy(mr__module_record *record, unsigned number)
{
    if (record->busy || record->done || record->visit == number)
        return record->busy;
    record->visit = number;
    for (size_t i = 0; i < record->dependency_count; i++) {
        if (find_busy(record->dependencies[i], number))
            return true;
    }
    return false;
}

bool mr__module_records_are_busy(mr__module_records *records, mr__module_record *root)
{
    return find_busy(root, ++records->walks);
}
