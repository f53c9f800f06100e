#include "base/names.h"

#include <string.h>

#include "base/macros.h"
#include "base/memory.h"

/* FNV-1a (Fowler, Noll and Vo), 64 bits. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return hash;
}

static mr__name **chain_of(const mr__names *names, uint64_t hash)
{
    return &names->chains[hash & (names->chain_count - 1)];
}

void mr__names_init(mr__names *names)
{
    *names = (mr__names){.chain_count = MR__NAMES_FEW};
    names->chains = names->few;
}

void mr__names_deinit(mr__names *names)
{
    if (names->chains != names->few)
        mr__free(names->chains);
}

static void link_in(mr__names *names, mr__name *node)
{
    mr__name **chain = chain_of(names, node->hash);
    node->next = *chain;
    *chain = node;
}

static void grow(mr__names *names)
{
    mr__names old = *names;
    mr__name **chains = mr__alloc_zero(2 * old.chain_count * sizeof(mr__name *));
    if (chains == NULL)
        return;
    names->chains = chains;
    names->chain_count = 2 * old.chain_count;
    mr__name **from = old.chain_count == MR__NAMES_FEW ? old.few : old.chains;
    for (size_t i = 0; i < old.chain_count; i++)
        for (mr__name *node = from[i], *next; node != NULL; node = next) {
            next = node->next;
            link_in(names, node);
        }
    if (from != old.few)
        mr__free(from);
}

mr__name *mr__names_find(const mr__names *names, const char *text)
{
    uint64_t hash = hash_of(text);
    mr__name *node = *chain_of(names, hash);
    while (node != NULL && (node->hash != hash || strcmp(node->text, text) != 0))
        node = node->next;
    return node;
}

void mr__names_add(mr__names *names, mr__name *node)
{
    MR_DASSERT(mr__names_find(names, node->text) == NULL);
    if (names->count >= names->chain_count)
        grow(names);
    node->hash = hash_of(node->text);
    link_in(names, node);
    names->count++;
}

void mr__names_remove(mr__names *names, mr__name *node)
{
    mr__name **at = chain_of(names, node->hash);
    while (*at != node) {
        MR_ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = node->next;
    names->count--;
}

void mr__names_check(const mr__names *names)
{
    size_t count = 0;
    for (size_t i = 0; i < names->chain_count; i++)
        for (const mr__name *node = names->chains[i]; node != NULL; node = node->next) {
            MR_ASSERT(node->hash == hash_of(node->text));
            MR_ASSERT((node->hash & (names->chain_count - 1)) == i);
            MR_ASSERT(mr__names_find(names, node->text) == node);
            count++;
        }
    MR_ASSERT(count == names->count);
}
