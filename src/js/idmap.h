/* A map from non-zero 64-bit keys to 64-bit values: open addressing, linear probing, deletion by
 * shifting back. Init with {0}. Invariant: at most three quarters of the cells are in use. */
#ifndef MR_JS_IDMAP_H
#define MR_JS_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mr__idmap_cell {
    uint64_t key, value; /* key 0: free */
} mr__idmap_cell;

typedef struct mr__idmap {
    mr__idmap_cell *cells;
    size_t len, cap; /* cap: 0 or a power of two */
} mr__idmap;

void mr__idmap_deinit(mr__idmap *map);
bool mr__idmap_put(mr__idmap *map, uint64_t key, uint64_t value); /* false: no memory */
bool mr__idmap_get(const mr__idmap *map, uint64_t key, uint64_t *out_value);
bool mr__idmap_remove(mr__idmap *map, uint64_t key);

#endif
