/* The inspector's own header: what the inspect_*.c files, format.c and console*.c share.
 *
 * A value is written in one pass of recursive descent (inspect.c). Every object becomes a shape
 * (its name, its braces, the keys to list) and a list of entry texts, which inspect_layout.c joins
 * on one line or several. Text is UTF-8 in which a lone surrogate keeps its three-byte form, so
 * that nothing is lost when the text becomes a string again; mr__js_write repairs it for the
 * outside.
 *
 * Invariant: no function here runs script, except an inspect.custom function, a getter when
 * options.getters asks for it, and the comparator of options.sorted. Everything else is read
 * through own property descriptors and through intrinsic functions that were taken at installation.
 */
#ifndef MR_JS_INSPECT_H
#define MR_JS_INSPECT_H

#include "js/runtime.h"

/* ---- inspect_intrinsics.c: what the engine says about an object
 * --------------------------------*/

enum mr__kind {
    MR__KIND_OTHER = 0,
    MR__KIND_ERROR,
    MR__KIND_NUMBER,
    MR__KIND_STRING,
    MR__KIND_BOOLEAN,
    MR__KIND_SYMBOL,
    MR__KIND_BIGINT,
    MR__KIND_ARGUMENTS,
    MR__KIND_DATE,
    MR__KIND_SHARED_BUFFER,
    MR__KIND_MAP_ITERATOR,
    MR__KIND_SET_ITERATOR,
    MR__KIND_GENERATOR,
    MR__KIND_ASYNC_GENERATOR,
    MR__KIND_GENERATOR_FUNCTION,
    MR__KIND_ASYNC_GENERATOR_FUNCTION,
    MR__KIND_ASYNC_FUNCTION,
    MR__KIND_NAMESPACE,
    MR__KIND_COUNT
};

enum mr__atom {
    MR__ATOM_NAME,
    MR__ATOM_MESSAGE,
    MR__ATOM_STACK,
    MR__ATOM_CAUSE,
    MR__ATOM_ERRORS,
    MR__ATOM_CODE,
    MR__ATOM_LENGTH,
    MR__ATOM_CONSTRUCTOR,
    MR__ATOM_PROTOTYPE,
    MR__ATOM_PROTO,
    MR__ATOM_TO_STRING,
    MR__ATOM_BYTE_LENGTH,
    MR__ATOM_BYTE_OFFSET,
    MR__ATOM_BUFFER,
    MR__ATOM_VALUE,
    MR__ATOM_DONE,
    MR__ATOM_TAG,          /* Symbol.toStringTag */
    MR__ATOM_ITERATOR,     /* Symbol.iterator */
    MR__ATOM_TO_PRIMITIVE, /* Symbol.toPrimitive */
    MR__ATOM_CUSTOM,       /* Symbol.for('nodejs.util.inspect.custom') */
    MR__ATOM_COUNT
};

enum mr__intrinsic {
    MR__FN_MAP_SIZE,
    MR__FN_MAP_KEYS,
    MR__FN_MAP_VALUES,
    MR__FN_MAP_ENTRIES,
    MR__FN_MAP_NEXT,
    MR__FN_SET_SIZE,
    MR__FN_SET_VALUES,
    MR__FN_SET_ENTRIES,
    MR__FN_SET_NEXT,
    MR__FN_DATE_TIME,
    MR__FN_DATE_ISO,
    MR__FN_FUNCTION_SOURCE,
    MR__FN_NUMBER_VALUE,
    MR__FN_STRING_VALUE,
    MR__FN_BOOLEAN_VALUE,
    MR__FN_BIGINT_VALUE,
    MR__FN_SYMBOL_VALUE,
    MR__FN_SYMBOL_TEXT,
    MR__FN_ERROR_STACK,
    MR__FN_ERROR_TEXT,
    MR__FN_VIEW_LENGTH,
    MR__FN_VIEW_OFFSET,
    MR__FN_VIEW_BUFFER,
    MR__FN_TYPED_TAG,
    MR__FN_DOM_NAME,
    MR__FN_DOM_MESSAGE,
    MR__FN_DOM_CODE,
    MR__FN_RE_SOURCE,
    MR__FN_RE_FLAGS, /* hasIndices, global, ignoreCase, multiline, dotAll, unicode, -Sets, sticky */
    MR__FN_PARSE_INT = MR__FN_RE_FLAGS + 8,
    MR__FN_PARSE_FLOAT,
    MR__FN_COUNT
};

enum { MR__CLASSES_MAX = 128 }; /* the engine's own classes; those of others lie above */

struct mr__intrinsics {
    JSAtom atoms[MR__ATOM_COUNT];
    JSValue functions[MR__FN_COUNT];
    JSValue error_proto;
    JSValue inspect; /* util.inspect as given to custom functions; undefined until first needed */
    unsigned char kinds[MR__CLASSES_MAX];
    JSClassID class_ids[MR__KIND_COUNT];
    struct mr__iterator_layout {
        bool known;
        int keys, values, entries; /* what the engine stores for each kind of iterator */
    } layout;
    struct {
        JSPropertyEnum *names;
        uint32_t count;
    } globals[2]; /* the names that the global object had at first, and those installed */
};

/* stage: what is being installed before the global object has it. */
int mr__intrinsics_init(mr_js *js, struct mr__intrinsics *in, JSValueConst stage);
void mr__intrinsics_deinit(mr_js *js, struct mr__intrinsics *in);
struct mr__intrinsics *mr__intrinsics_of(mr_js *js);

enum mr__kind mr__kind_of(mr_js *js, JSValueConst value);
bool mr__is_error(mr_js *js,
                  JSValueConst value); /* native, DOMException, or below Error.prototype */
bool mr__is_namespace(mr_js *js, JSValueConst value);
bool mr__is_class_name(mr_js *js, JSValueConst name); /* the name of a class of the language */

/* The intrinsic called on value without arguments; owned. */
JSValue mr__intrinsic_call(mr_js *js, enum mr__intrinsic fn, JSValueConst value);
/* value[atom] along the prototypes if it is a data property, else undefined; owned. Never throws.
 */
JSValue mr__data_get(mr_js *js, JSValueConst value, JSAtom atom);
/* The own data property, else undefined. */
JSValue mr__data_own(mr_js *js, JSValueConst value, JSAtom atom);
bool mr__data_is_own(mr_js *js, JSValueConst value, JSAtom atom, bool *out_enumerable);
/* A proxy's innermost target, else value itself; JS_NULL when revoked; owned. */
JSValue mr__proxy_unwrap(mr_js *js, JSValueConst value);

/* The items of a Map, Set or an iterator over one (which does not move), at most max (a Map's item
 * is two values), and the number of all of them. Values in *out_items are owned by the list. */
typedef struct mr__items {
    JSValue *values;
    size_t count, cap;
    uint64_t total; /* items there are, shown or not */
    bool pairs;     /* key and value alternate */
} mr__items;
int mr__items_read(mr_js *js, mr__items *out_items, JSValueConst value, uint64_t max);
void mr__items_deinit(mr_js *js, mr__items *items);

void mr__clear_exception(JSContext *ctx);

/* ---- inspect_text.c: strings, numbers, widths, styles -----------------------------------------*/

enum mr__style {
    MR__STYLE_NONE,
    MR__STYLE_SPECIAL,
    MR__STYLE_NUMBER,
    MR__STYLE_BIGINT,
    MR__STYLE_BOOLEAN,
    MR__STYLE_UNDEFINED,
    MR__STYLE_NULL,
    MR__STYLE_STRING,
    MR__STYLE_SYMBOL,
    MR__STYLE_DATE,
    MR__STYLE_REGEXP,
    MR__STYLE_MODULE
};

void mr__style_begin(mr__bytes *out, enum mr__style style, bool colors);
void mr__style_end(mr__bytes *out, enum mr__style style, bool colors);
void mr__style_text(mr__bytes *out, enum mr__style style, bool colors, const char *text);
/* Style by its name ("number"); MR__STYLE_NONE if there is none. */
enum mr__style mr__style_named(const char *name);

/* UTF-16 code units of the text, colour sequences not counted. */
size_t mr__text_units(const char *text, size_t len, bool colors);
/* Columns on a terminal. */
size_t mr__text_columns(const char *text, size_t len, bool colors);
/* Bytes that the first `units` UTF-16 units take; *out_split is set if that cuts a pair. */
size_t mr__text_prefix(const char *text, size_t len, size_t units, bool *out_split);
/* Order of two texts by UTF-16 units. */
int mr__text_compare(const char *a, size_t a_len, const char *b, size_t b_len);
void mr__text_quote(mr__bytes *out, const char *text, size_t len);
void mr__text_escape(mr__bytes *out, const char *text, size_t len); /* as in single quotes, bare */
bool mr__text_is_identifier(const char *text, size_t len);
bool mr__text_find(const char *text, size_t len, const char *part, size_t part_len, size_t *out_at);
void mr__text_indented(mr__bytes *out, const char *text, size_t len, size_t indentation);
/* Append a JS string or primitive as text; objects throw nothing and give "". */
int mr__text_append_js(JSContext *ctx, mr__bytes *out, JSValueConst value);
void mr__text_number(mr__bytes *out, JSContext *ctx, JSValueConst number, bool separators);
void mr__text_bigint(mr__bytes *out, JSContext *ctx, JSValueConst bigint, bool separators);
/* -1 with an out-of-memory exception if the buffer failed. */
int mr__text_check(JSContext *ctx, const mr__bytes *bytes);

/* ---- inspect_width.c --------------------------------------------------------------------------*/

int mr__width_of(uint32_t code_point); /* 0, 1 or 2 columns */

/* ---- inspect.c --------------------------------------------------------------------------------*/

enum mr__getters { MR__GETTERS_NONE, MR__GETTERS_ALL, MR__GETTERS_GET, MR__GETTERS_SET };
enum { MR__COMPACT_TRUE = -1 }; /* options.compact: the boolean true */

typedef struct mr__inspector {
    mr_js *js;
    JSContext *ctx;
    mr__inspect_options options;
    enum mr__getters getters;
    bool unlimited_depth;      /* depth was null */
    JSValue comparator;        /* of sorted, or undefined; owned */
    JSValueConst user_options; /* the object the caller gave, or undefined */

    void **seen; /* objects being written, outermost first */
    size_t seen_count, seen_cap;
    void **circular; /* objects met again, in the order of their reference numbers */
    size_t circular_count, circular_cap;
    size_t indentation;
    int current_depth;
    uint64_t written[64];  /* bytes so far by indentation: the brake on exploding structures */
    uintptr_t stack_limit; /* do not go below */
} mr__inspector;

typedef struct mr__entries {
    mr__bytes text;
    size_t *ends;
    size_t count, cap;
} mr__entries;

typedef struct mr__keys {
    JSAtom *atoms;
    uint32_t count, cap;
} mr__keys;

/* How an object is going to be written. */
typedef struct mr__shape mr__shape;
typedef int mr__fill_fn(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth);
struct mr__shape {
    JSValueConst value;
    mr__bytes constructor; /* the class's name */
    bool no_constructor;   /* null prototype */
    mr__bytes tag;
    mr__bytes base; /* text before the braces */
    mr__bytes open; /* prefix and opening brace */
    const char *close;
    mr__keys keys;
    mr__entries inherited; /* showHidden: properties of the prototypes */
    bool has_inherited;
    bool list; /* an array: extra keys are written as such, entries may be grouped */
    mr__fill_fn *fill;
    mr__items items;
};

/* What a describe function found out. */
enum { MR__SHAPE_FAILED = -1, MR__SHAPE_GO_ON = 0, MR__SHAPE_DONE = 1 /* base is all */ };

int mr__inspect_value(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                      bool in_typed_array);
int mr__inspector_init(mr__inspector *in, mr_js *js, const mr__inspect_options *options);
void mr__inspector_deinit(mr__inspector *in);
int mr__inspect_primitive(mr__inspector *in, mr__bytes *out, JSValueConst value);
/* Call a script's function: the only way in which the inspector runs script. */
JSValue mr__inspect_call(mr__inspector *in, JSValueConst fn, JSValueConst receiver, int argc,
                         JSValueConst *argv);
/* Whether the waiting exception ends the script (process.exit, a limit). */
bool mr__inspect_is_ended(mr__inspector *in);
/* Whether depth lies beyond the wanted levels. */
bool mr__inspect_too_deep(const mr__inspector *in, int depth);

/* ---- inspect_platform.c -----------------------------------------------------------------------*/

/* What an object of a class of ours shows: the plain object that make gives, behind the name of its
 * class or without one, with fewer levels of it than an ordinary object would have. */
typedef struct mr__stand_in {
    JSValue (*make)(mr_js *js, JSValueConst value);
    int fewer_levels;
    bool named;
    bool plain_when_deep; /* below the depth it shows as the object without properties that it is */
} mr__stand_in;

int mr__inspect_register(mr_js *js, JSClassID class_id, const mr__stand_in *stand_in);
void mr__inspect_unregister(mr_js *js); /* all */
/* Once all global classes are there. */
int mr__inspect_install(mr_js *js, JSValueConst global);
/* Whether the function is the constructor of a class of ours, which shows as a class. */
bool mr__inspect_is_platform_class(mr_js *js, JSValueConst function);
/* 1 if the value is such an object and was written, 0 if not. */
int mr__inspect_platform(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth);

/* Append the name of the constructor. -1 with an exception. */
int mr__inspect_class_name(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth);

/* ---- inspect_url.c ---- */

/* 1 if the value is a URLSearchParams and was written, 0 if not. */
int mr__inspect_url_params(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth);

/* ---- inspect_object.c: names, keys, properties ------------------------------------------------*/

int mr__shape_name(mr__inspector *in, mr__shape *shape, int depth);
int mr__shape_tag(mr__inspector *in, mr__shape *shape);
/* "Foo(2) [Tag] " or "[Foo(2): null prototype] [Tag] ". */
void mr__shape_prefix(const mr__shape *shape, mr__bytes *out, const char *fallback,
                      const char *size);
bool mr__shape_bare(const mr__shape *shape); /* nothing to list */
int mr__keys_read(mr__inspector *in, mr__keys *keys, JSValueConst value, bool skip_indices);
int mr__keys_add(JSContext *ctx, mr__keys *keys, JSAtom atom, bool first);
bool mr__keys_remove(JSContext *ctx, mr__keys *keys, JSAtom atom);
bool mr__keys_have(const mr__keys *keys, JSAtom atom);
void mr__keys_deinit(JSContext *ctx, mr__keys *keys);
void mr__shape_deinit(mr__inspector *in, mr__shape *shape);

enum mr__place { MR__PLACE_OBJECT, MR__PLACE_ELEMENT, MR__PLACE_EXTRA };
/* Append `key: value` (for an element: the value) of a property of holder. A getter that options
 * ask to call is called on receiver. */
int mr__inspect_property(mr__inspector *in, mr__bytes *out, JSValueConst holder,
                         JSValueConst receiver, JSAtom key, int depth, enum mr__place place);

/* Append the value behind a key and its colon: in compact mode a long one begins a line of its own.
 */
int mr__inspect_held(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth,
                     enum mr__place place);

/* ---- inspect_kinds.c, inspect_buffers.c, inspect_error.c, inspect_events.c ---------------------*/

/* 1 if the value is an event, a target, a signal or a controller and was written; 0, -1. */
int mr__inspect_web(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth);

int mr__describe(mr__inspector *in, mr__shape *shape, int depth, bool in_typed_array);
int mr__describe_buffer(mr__inspector *in, mr__shape *shape, bool in_typed_array);
int mr__describe_view(mr__inspector *in, mr__shape *shape);
int mr__describe_typed_array(mr__inspector *in, mr__shape *shape);
int mr__describe_error(mr__inspector *in, mr__shape *shape);
void mr__more_items(mr__bytes *out, uint64_t count); /* "... 2 more items" */

/* ---- inspect_layout.c -------------------------------------------------------------------------*/

void mr__entries_end(mr__entries *entries); /* what was appended to entries->text is one entry */
const char *mr__entries_at(const mr__entries *entries, size_t i, size_t *out_len);
void mr__entries_deinit(mr__entries *entries);
int mr__entries_sort(mr__inspector *in, mr__entries *entries, size_t from);
typedef struct mr__frame {
    const mr__bytes *base, *open; /* NULL: empty */
    const char *close;
    bool list;
    JSValueConst value; /* decides whether numbers are aligned to the right; undefined: left */
    int depth;
} mr__frame;
int mr__layout(mr__inspector *in, mr__bytes *out, mr__entries *entries, const mr__frame *frame);

/* ---- inspect_options.c ------------------------------------------------------------------------*/

/* Read a script's options object (undefined: defaults) into in. Getters of it run. */
int mr__options_read(mr__inspector *in, JSValueConst object);
/* The options object that a custom function gets; owned. */
JSValue mr__options_object(mr__inspector *in);
/* inspect(value, options) as text; -1 with an exception. */
int mr__inspect_with(mr_js *js, mr__bytes *out, JSValueConst value, JSValueConst options,
                     const mr__inspect_options *base);
JSValue mr__text_to_js(JSContext *ctx, mr__bytes *text); /* and release the buffer */

/* ---- format.c ---------------------------------------------------------------------------------*/

/* util.formatWithOptions; options undefined or an object. */
int mr__js_format_with(mr_js *js, mr__bytes *out, int argc, JSValueConst *argv,
                       const mr__inspect_options *base, JSValueConst options);

/* ---- console.c, console_table.c ---------------------------------------------------------------*/

struct mr__js_console {
    struct mr__intrinsics intrinsics;
    JSValue counts, timers; /* null-prototype objects by label */
    size_t group_indent;
    uintptr_t stack_top; /* an address of the stack at installation */
};
/* The table of console.table in out; 0 when data is a primitive and out is untouched, 1 when made.
 */
int mr__console_table(mr_js *js, mr__bytes *out, JSValueConst data, JSValueConst columns,
                      bool colors);

#endif
