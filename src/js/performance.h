/* The timeline of marks and measures (User Timing, level 3), and the classes of its entries.
 *
 * An entry is on the timeline or only in the hands of script. At most 65,536 are on it; what comes
 * later is returned, not kept, and counted. Invariant: the map of latest marks names, for each name
 * of a mark on the timeline, the one added last. */
#ifndef MR_JS_PERFORMANCE_H
#define MR_JS_PERFORMANCE_H

#include "js/idmap.h"
#include "js/webapi.h"

typedef struct mr__perf_entry {
    JSAtom name;
    bool measure;
    double start_ms, duration_ms;
    JSValue detail;
} mr__perf_entry;

struct mr__js_timeline {
    JSValue *objects; /* owned, in the order of adding */
    size_t count, cap;
    mr__idmap latest; /* name of a mark: its struct */
    uint64_t dropped;
};

/* Time since timeOrigin. */
double mr__perf_now(mr_js *js);

int mr__perf_entries_install(mr_js *js, JSValueConst global);
mr__perf_entry *mr__perf_entry_of(mr_js *js, JSValueConst value); /* NULL: none */
/* An object for the entry, which passes in, also on failure. */
JSValue mr__perf_entry_new(mr_js *js, JSValueConst new_target, mr__perf_entry entry);
/* Read name and options of a mark. -1 with the exception. */
int mr__perf_read_mark(mr_js *js, int argc, JSValueConst *argv, mr__perf_entry *out_entry);
/* A time that is not negative. -1: it is, thrown. */
int mr__perf_check_time(JSContext *ctx, const char *what, double time_ms);
/* A clone of what script gave as detail; null for undefined. */
JSValue mr__perf_detail(mr_js *js, JSValueConst given);
/* An argument of type DOMString. JS_ATOM_NULL with the exception. */
JSAtom mr__perf_name(JSContext *ctx, JSValueConst value);
/* Web IDL's double: finite, or a TypeError. */
int mr__perf_number(JSContext *ctx, const char *what, JSValueConst value, double *out_number);

/* performance_measure.c: the arguments of measure as an entry. */
int mr__perf_read_measure(mr_js *js, int argc, JSValueConst *argv, mr__perf_entry *out_entry);

void mr__perf_timeline_deinit(mr_js *js);

#endif
