#include "js/value_cache.h"

#include <string.h>

#include "base/memory.h"
#include "js/encoding.h"
#include "js/value.h"

enum { NONE = UINT32_MAX };

struct cached {
    char text[MR__CACHED_BYTES];
    uint32_t len, hash;
    JSAtom atom; /* JS_ATOM_NULL: it named no property yet */
    JSValue string;
    uint32_t next_in_bucket;
    uint32_t newer, older; /* by use */
};

/* Entries 0 to used-1 are in use, each in the bucket of its hash and in the list by use.
 * Invariant: used <= cap; the list holds exactly the used ones. */
struct mr__js_cache {
    struct cached *entries;
    uint32_t *buckets; /* first entry, or NONE; their number is a power of two */
    uint32_t cap, used, mask;
    uint32_t newest, oldest;
    uint64_t hits, misses, evictions;
};

static uint32_t hash_of(const char *text, size_t len)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* ---- The list by use --------------------------------------------------------------------------*/

static void unlink_entry(struct mr__js_cache *cache, uint32_t index)
{
    const struct cached *entry = &cache->entries[index];
    *(entry->newer == NONE ? &cache->newest : &cache->entries[entry->newer].older) = entry->older;
    *(entry->older == NONE ? &cache->oldest : &cache->entries[entry->older].newer) = entry->newer;
}

static void link_newest(struct mr__js_cache *cache, uint32_t index)
{
    struct cached *entry = &cache->entries[index];
    entry->newer = NONE;
    entry->older = cache->newest;
    *(cache->newest == NONE ? &cache->oldest : &cache->entries[cache->newest].newer) = index;
    cache->newest = index;
}

static void use(struct mr__js_cache *cache, uint32_t index)
{
    if (cache->newest == index)
        return;
    unlink_entry(cache, index);
    link_newest(cache, index);
}

/* ---- Entries ----------------------------------------------------------------------------------*/

static struct cached *find(struct mr__js_cache *cache, const char *text, size_t len, uint32_t hash)
{
    uint32_t at = cache->buckets[hash & cache->mask];
    while (at != NONE) {
        struct cached *entry = &cache->entries[at];
        if (entry->hash == hash && entry->len == len && memcmp(entry->text, text, len) == 0) {
            use(cache, at);
            return entry;
        }
        at = entry->next_in_bucket;
    }
    return NULL;
}

static void empty(mr_js *js, struct cached *entry)
{
    JS_FreeAtom(js->ctx, entry->atom);
    JS_FreeValue(js->ctx, entry->string);
}

/* A place: a new one, or that of the entry that was not used for longest. */
static uint32_t take_place(mr_js *js)
{
    struct mr__js_cache *cache = js->cache;
    if (cache->used < cache->cap)
        return cache->used++;
    uint32_t index = cache->oldest;
    struct cached *entry = &cache->entries[index];
    uint32_t *link = &cache->buckets[entry->hash & cache->mask];
    while (*link != index)
        link = &cache->entries[*link].next_in_bucket;
    *link = entry->next_in_bucket;
    unlink_entry(cache, index);
    empty(js, entry);
    cache->evictions++;
    return index;
}

/* string passes in. */
static struct cached *add(mr_js *js, const char *text, size_t len, uint32_t hash, JSValue string)
{
    struct mr__js_cache *cache = js->cache;
    uint32_t index = take_place(js), *bucket = &cache->buckets[hash & cache->mask];
    struct cached *entry = &cache->entries[index];
    *entry = (struct cached){.len = (uint32_t)len,
                             .hash = hash,
                             .atom = JS_ATOM_NULL,
                             .string = string,
                             .next_in_bucket = *bucket};
    memcpy(entry->text, text, len);
    *bucket = index;
    link_newest(cache, index);
    return entry;
}

static JSValue make_string(mr_js *js, const char *text, size_t len)
{
    return mr__js_decode(js->ctx, (const uint8_t *)text, len, MR__ENCODING_UTF8);
}

/* The entry of a text, made if there is none; NULL with an exception. */
static struct cached *get(mr_js *js, const char *text, size_t len)
{
    struct mr__js_cache *cache = js->cache;
    uint32_t hash = hash_of(text, len);
    struct cached *entry = find(cache, text, len, hash);
    if (entry != NULL) {
        cache->hits++;
        return entry;
    }
    cache->misses++;
    JSValue string = make_string(js, text, len);
    return JS_IsException(string) ? NULL : add(js, text, len, hash, string);
}

static bool is_cached(const mr_js *js, size_t len)
{
    return js->cache != NULL && len <= MR__CACHED_BYTES;
}

JSValue mr__js_cached_string(mr_js *js, const char *text, size_t len)
{
    if (!is_cached(js, len))
        return make_string(js, text, len);
    const struct cached *entry = get(js, text, len);
    return entry == NULL ? JS_EXCEPTION : JS_DupValue(js->ctx, entry->string);
}

JSAtom mr__js_cached_atom(mr_js *js, const char *text, size_t len)
{
    struct cached *entry = is_cached(js, len) ? get(js, text, len) : NULL;
    if (entry == NULL && is_cached(js, len))
        return JS_ATOM_NULL;
    if (entry != NULL && entry->atom != JS_ATOM_NULL)
        return JS_DupAtom(js->ctx, entry->atom);
    JSValue string =
        entry == NULL ? make_string(js, text, len) : JS_DupValue(js->ctx, entry->string);
    JSAtom atom = JS_IsException(string) ? JS_ATOM_NULL : JS_ValueToAtom(js->ctx, string);
    JS_FreeValue(js->ctx, string);
    if (entry != NULL)
        entry->atom = JS_DupAtom(js->ctx, atom);
    return atom;
}

/* ---- Life -------------------------------------------------------------------------------------*/

bool mr__js_cache_create(mr_js *js)
{
    uint32_t cap = js->options.cache_entries, buckets = 1;
    if (cap == 0)
        return true;
    while (buckets < cap)
        buckets *= 2;
    js->cache = mr__alloc_zero(sizeof *js->cache);
    if (js->cache == NULL)
        return false;
    js->cache->entries = mr__alloc(cap * sizeof *js->cache->entries);
    js->cache->buckets = mr__alloc(buckets * sizeof *js->cache->buckets);
    if (js->cache->entries == NULL || js->cache->buckets == NULL) {
        mr__js_cache_destroy(js);
        return false;
    }
    memset(js->cache->buckets, 0xff, buckets * sizeof *js->cache->buckets);
    js->cache->cap = cap;
    js->cache->mask = buckets - 1;
    js->cache->newest = js->cache->oldest = NONE;
    return true;
}

void mr__js_cache_clear(mr_js *js)
{
    struct mr__js_cache *cache = js->cache;
    if (cache == NULL)
        return;
    for (uint32_t i = 0; i < cache->used; i++)
        empty(js, &cache->entries[i]);
    cache->used = 0;
    cache->newest = cache->oldest = NONE;
    memset(cache->buckets, 0xff, (cache->mask + 1) * sizeof *cache->buckets);
}

void mr__js_cache_destroy(mr_js *js)
{
    if (js->cache == NULL)
        return;
    mr__free(js->cache->entries);
    mr__free(js->cache->buckets);
    mr__free(js->cache);
    js->cache = NULL;
}

void mr__js_cache_stats(const mr_js *js, mr_js_stats *out_stats)
{
    const struct mr__js_cache *cache = js->cache;
    if (cache == NULL)
        return;
    uint64_t asked = cache->hits + cache->misses;
    out_stats->cache_hits = cache->hits;
    out_stats->cache_misses = cache->misses;
    out_stats->cache_evictions = cache->evictions;
    out_stats->cache_hit_ratio = asked == 0 ? 0 : (double)cache->hits / (double)asked;
    out_stats->cache_entries = cache->used;
}
