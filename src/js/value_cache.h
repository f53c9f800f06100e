/* Names and short strings that C gives to the engine, kept so that the next use makes nothing.
 *
 * An entry is a text of at most 32 bytes with the engine's string for it and, once it named a property,
 * the engine's atom. No object is ever kept, so nothing that a script could collect, or see, depends on
 * what is here. */
#ifndef MR_JS_VALUE_CACHE_H
#define MR_JS_VALUE_CACHE_H

#include "js/runtime.h"

enum { MR__CACHED_BYTES = 32, MR__CACHE_MOST = 65536 };

/* The cache of options.cache_entries; false: no memory. */
bool mr__js_cache_create(mr_js *js);
void mr__js_cache_clear(mr_js *js); /* while the context lives */
void mr__js_cache_destroy(mr_js *js);

/* A text in UTF-8 as a string, owned, or JS_EXCEPTION; texts of any length, longer ones are made anew. */
JSValue mr__js_cached_string(mr_js *js, const char *text, size_t len);
/* The same as the name of a property: owned, or JS_ATOM_NULL with an exception. */
JSAtom mr__js_cached_atom(mr_js *js, const char *text, size_t len);

void mr__js_cache_stats(const mr_js *js, mr_js_stats *out_stats);

#endif
