#include "js/idmap.h"

#include "base/memory.h"

enum { FIRST_CAP = 16 };

static size_t home(const mr__idmap *map, uint64_t key)
{
    return (size_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (map->cap - 1);
}

/* The cell that holds key, or the free one where it would go. */
static size_t find(const mr__idmap *map, uint64_t key)
{
    size_t i = home(map, key);
    while (map->cells[i].key != 0 && map->cells[i].key != key)
        i = (i + 1) & (map->cap - 1);
    return i;
}

static bool grow(mr__idmap *map)
{
    mr__idmap next = {.len = map->len, .cap = map->cap ? map->cap * 2 : FIRST_CAP};
    next.cells = mr__alloc_zero(next.cap * sizeof(*next.cells));
    if (next.cells == NULL)
        return false;
    for (size_t i = 0; i < map->cap; i++) {
        if (map->cells[i].key != 0)
            next.cells[find(&next, map->cells[i].key)] = map->cells[i];
    }
    mr__free(map->cells);
    *map = next;
    return true;
}

void mr__idmap_deinit(mr__idmap *map)
{
    mr__free(map->cells);
    *map = (mr__idmap){0};
}

bool mr__idmap_put(mr__idmap *map, uint64_t key, uint64_t value)
{
    if ((map->len + 1) * 4 > map->cap * 3 && !grow(map))
        return false;
    mr__idmap_cell *cell = &map->cells[find(map, key)];
    map->len += cell->key == 0;
    *cell = (mr__idmap_cell){key, value};
    return true;
}

bool mr__idmap_get(const mr__idmap *map, uint64_t key, uint64_t *out_value)
{
    if (map->len == 0)
        return false;
    const mr__idmap_cell *cell = &map->cells[find(map, key)];
    if (cell->key == 0)
        return false;
    *out_value = cell->value;
    return true;
}

bool mr__idmap_remove(mr__idmap *map, uint64_t key)
{
    if (map->len == 0)
        return false;
    size_t hole = find(map, key);
    if (map->cells[hole].key == 0)
        return false;
    size_t mask = map->cap - 1;
    /* Entries after the hole that could not be found past it move into it (Knuth, 6.4, R). */
    for (size_t i = (hole + 1) & mask; map->cells[i].key != 0; i = (i + 1) & mask) {
        size_t wanted = home(map, map->cells[i].key);
        if (((i - wanted) & mask) >= ((i - hole) & mask)) {
            map->cells[hole] = map->cells[i];
            hole = i;
        }
    }
    map->cells[hole] = (mr__idmap_cell){0};
    map->len--;
    return true;
}
