/* The annex: what a room above keeps beside a loop. Offers to it are in ingress.c. */
#include "loop/core.h"

void mr__annex_attach(mr_loop *loop, mr__annex *annex)
{
    /* Release pairs with the acquire in mr__annex_of. model: none, once in a loop's life */
    atomic_store_explicit(&loop->annex, annex, memory_order_release);
}

mr__annex *mr__annex_of(mr_loop *loop)
{
    return atomic_load_explicit(&loop->annex, memory_order_acquire); /* model: none */
}

void mr__annex_end(mr_loop *loop)
{
    mr__annex *annex = mr__annex_of(loop);
    if (annex != NULL)
        annex->end(annex);
}

void mr__annex_destroy(mr_loop *loop)
{
    mr__annex *annex = mr__annex_of(loop);
    if (annex != NULL)
        annex->destroy(annex);
}
