/* What is known of each ES module: one record per name and type, for the life of the runtime.
 *
 * The engine cannot take back a module that others refer to. So a dependency that fails while a
 * graph is loaded becomes a module that throws, the graph is loaded to its end, and then the
 * records say which modules of it failed and why: these are never linked, and each keeps the one
 * error that every importer gets. */
#ifndef MR_JS_MODULE_RECORDS_H
#define MR_JS_MODULE_RECORDS_H

#include <quickjs.h>

#include "js/module_names.h"

typedef enum mr__module_kind {
    MR__MODULE_NEW, /* not loaded yet */
    MR__MODULE_JS,
    MR__MODULE_COMMONJS,
    MR__MODULE_VALUE /* JSON, built-in */
} mr__module_kind;

typedef struct mr__module_record {
    struct mr__module_record *next; /* in the bucket */
    char *name;
    bool json; /* requested with { type: 'json' } */
    mr__module_kind kind;
    JSModuleDef *def; /* the engine's; NULL before it is loaded */

    bool failed;
    JSValue error; /* if failed */
    struct mr__module_record **dependencies;
    size_t dependency_count, dependency_cap;
    unsigned visit; /* number of the last walk that came here */

    bool busy;       /* being loaded, or evaluated with the graph that it is part of */
    bool done;       /* an evaluation has returned */
    bool linked;     /* exports can no longer be added */
    bool uncertain;  /* CommonJS: names may lack some */
    bool has_run;    /* CommonJS: ran at load */
    bool has_thrown; /* … and threw; exports is the exception */
    JSValue exports;
    mr__export_names names; /* of a module of C, without default */
} mr__module_record;

typedef struct mr__module_records {
    mr__module_record *buckets[256];
    unsigned walks;
} mr__module_records;

void mr__module_records_deinit(JSContext *ctx, mr__module_records *records);
/* The record, made if there is none; NULL when memory is short. */
mr__module_record *mr__module_records_get(mr__module_records *records, const char *name, bool json);
mr__module_record *mr__module_records_find(mr__module_records *records, const char *name,
                                           bool json);

/* Note that importer needs dependency; false when memory is short. */
bool mr__module_record_depends(mr__module_record *importer, mr__module_record *dependency);
/* Keep the error, which passes in, as the record's one error, unless it has one. */
void mr__module_record_fail(JSContext *ctx, mr__module_record *record, JSValue error);
/* Carry the failures of dependencies upwards from below root. True if root failed. */
bool mr__module_records_settle(JSContext *ctx, mr__module_records *records,
                               mr__module_record *root);
/* Mark root and all below, but what is done, as busy; take that back, when they are done. */
void mr__module_records_begin(mr__module_record *root);
void mr__module_records_end(mr__module_record *root);
/* Whether root or anything below is busy: the engine cannot evaluate it now. */
bool mr__module_records_are_busy(mr__module_records *records, mr__module_record *root);
/* Mark root and all below as linked. */
void mr__module_records_link(mr__module_record *root);

#endif
