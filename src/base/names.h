/* Things found by their name: a chained hash table of nodes that live in the things.
 *
 * Adding never fails: without memory for more chains, chains grow longer. Removing is for the
 * node's owner, who keeps the text as long as the node is in the table.
 *
 * Invariant (mr__names_check): each node is in the chain of its hash; count is the number of nodes;
 * no two have equal texts. */
#ifndef MR_BASE_NAMES_H
#define MR_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

typedef struct mr__name {
    struct mr__name *next;
    uint64_t hash;
    const char *text;
} mr__name;

enum { MR__NAMES_FEW = 8 };

typedef struct mr__names {
    mr__name **chains; /* a power of two of them */
    size_t chain_count, count;
    mr__name *few[MR__NAMES_FEW]; /* the chains of a small table, which then may not move */
} mr__names;

void mr__names_init(mr__names *names);
void mr__names_deinit(mr__names *names); /* the nodes are their owners' */
mr__name *mr__names_find(const mr__names *names, const char *text); /* NULL: none */
/* node->text is set by the caller, and is not in the table. */
void mr__names_add(mr__names *names, mr__name *node);
void mr__names_remove(mr__names *names, mr__name *node);
void mr__names_check(const mr__names *names);

#endif
