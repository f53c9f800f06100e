/* structuredClone (HTML standard, 2.7): a walk over a graph of objects that copies as it goes.
 *
 * The walk keeps its own stack, so the depth of a graph is bounded by memory. Each object met gets an
 * entry, which holds it and its copy until the end; a map by address finds the entry again. Getters
 * run at the standard's places, depth first; nothing else of a script does, except the conversion of
 * an error's name and message.
 *
 * A buffer to be transferred has no copy before the walk is over, nor has a view of one. With such
 * buffers the walk only notes what goes where, and joins it when they have moved. */
#ifndef MR_JS_CLONE_H
#define MR_JS_CLONE_H

#include "js/idmap.h"
#include "js/intrinsics.h"

/* A value on its way into its container: of an object the entry is known, its copy perhaps later. */
typedef struct mr__copied {
    JSValue value; /* owned; undefined when entry is set */
    size_t entry;  /* 1 + index, or 0 */
} mr__copied;

struct mr__clone_entry {
    JSValue source, copy; /* owned; copy undefined while it waits for a transfer */
};

/* A view of a buffer that is transferred. */
struct mr__clone_view {
    size_t entry, buffer_entry; /* 1 + index */
    size_t offset, len;         /* bytes */
    int type;
    bool follows;
};

struct mr__clone_frame;
struct mr__clone_link;

typedef struct mr__clone {
    mr_js *js;
    mr__idmap seen; /* address of an object: 1 + index of its entry */
    struct mr__clone_entry *entries;
    size_t entry_count, entry_cap;
    struct mr__clone_frame *frames;
    size_t depth, frame_cap;
    struct mr__clone_link *links;
    size_t link_count, link_cap;
    struct mr__clone_view *views;
    size_t view_count, view_cap;
    size_t transferred; /* so many entries are the buffers to move */
} mr__clone;

/* Give source an entry with that copy, which passes in. 0: no memory, thrown; else 1 + index. */
size_t mr__clone_enter(mr__clone *clone, JSValueConst source, JSValue copy);
/* Begin to copy a value: whole, or with a frame on the stack that does the rest. */
int mr__clone_copy(mr__clone *clone, JSValueConst value, mr__copied *out);
/* Let the copy of the entry get this value as its cause. It passes in. */
int mr__clone_push_cause(mr__clone *clone, size_t entry, JSValue cause);
/* Throw DataCloneError: the value could not be cloned. -1. */
int mr__clone_refuse(mr__clone *clone, JSValueConst value);

/* clone_kinds.c: what is copied as a whole, but for an error's cause. 1 + index of the entry, 0 with
 * the exception, also for what cannot be copied. */
size_t mr__clone_leaf(mr__clone *clone, JSValueConst value);

/* clone_buffers.c */
/* Copy what the view shows; its buffer passes in. 1 + index of the entry, 0 with the exception. */
size_t mr__clone_view(mr__clone *clone, JSValueConst value, mr__buffer_view *view);
int mr__clone_transfer(mr__clone *clone); /* move the buffers, make the views of them */

#endif
