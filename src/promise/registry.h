/* Promises inside a loop: their slots, their reactions, what is owed at the end.
 *
 * A promise is a slot of a page; pages stay where they are until they are empty. The slot's number
 * and its generation are the id of its settler: the generation is odd exactly while the settler may
 * still be used, and who turns it even, by a compare-and-swap, has won. Other threads do that under the
 * arrivals lock, which also guards the directory of pages; the owner does it without.
 *
 * References to a promise: its users', its parent's reaction, each queued job, and one of its own
 * (HELD) while it is pending and something is attached. So a pending promise without any has no
 * reaction.
 *
 * New promises come out of the free slots of one page, the current one, last freed first; they hang on
 * the registry itself, so that neither making nor freeing one there looks at the page. When they are
 * used up another page becomes current. Nodes of reactions and their blocks are kept in the same way.
 *
 * Invariant (mr__promises_check): the current page and those without free slots are on no list; all
 * others are partial, or empty without used slots; live = sum of used over all pages. */
#ifndef MR_PROMISE_REGISTRY_H
#define MR_PROMISE_REGISTRY_H

#include <stdatomic.h>

#include <millrace/microtask.h>
#include <millrace/promise.h>

#include "base/arena.h"
#include "base/counter.h"
#include "base/macros.h"
#include "loop/core.h" /* not its door alone: a promise's whole life is some hundred instructions */
#include "promise/value.h"

#ifdef MR_TEST
enum { MR__PROMISE_SHIFT = 1, MR__NODE_BLOCK_BYTES = 128 };
#else
enum { MR__PROMISE_SHIFT = 8, MR__NODE_BLOCK_BYTES = 8192 };
#endif
enum { MR__PROMISE_PAGE = 1 << MR__PROMISE_SHIFT };

typedef struct mr__promises mr__promises;
typedef struct mr__combinator mr__combinator;
typedef struct mr__reaction mr__reaction;

typedef enum mr__react {
    MR__REACT_THEN = 0, /* fn[state], arg, release; settles the child, if there is one */
    MR__REACT_FINALLY,  /* fn[0] */
    MR__REACT_KEEP,     /* after finally: the child gets `kept`, unless the promise was rejected */
    MR__REACT_ADOPT,    /* the child gets what the promise got */
    MR__REACT_ELEMENT,  /* input of a combinator */
    MR__REACT_AT_ONCE,  /* fn(arg), without a job */
    MR__REACT_OWED      /* has run: there was no memory for the promise that tells how it ended */
} mr__react;

/* The low bits of target say the kind. */
struct mr__reaction {
    union {
        mr_reaction_fn *fn[2]; /* when fulfilled, when rejected */
        mr_value kept;         /* or owed */
        struct {
            mr__reaction *before; /* in the list of the input; NULL: it is the first, or inline */
            mr_promise *input;
        } element;
        struct {
            mr__reaction *before; /* as an element's */
            mr__settled_fn *fn;
        } at_once;
    } as;
    union {
        void *user;
        size_t index;           /* of an element */
        mr_promise_state state; /* of what is kept */
        mr_status status;       /* with what is owed; above 0: it is a reason */
    } arg;
    mr_release_fn *release;
    uintptr_t target; /* mr_promise or mr__combinator, one reference; with the kind */
};
static_assert(sizeof(mr__reaction) == 40, "a reaction fits in a promise of 96 bytes");

enum { MR__REACT_MASK = 7 };

/* A further reaction. It is its own job once the promise has settled. */
typedef struct mr__node {
    mr__reaction reaction; /* first: a pointer to it is one to the node */
    union {
        struct mr__node *next; /* in a list, or free */
        mr_promise *promise;   /* queued: what it reacts to, one reference */
    } link;
} mr__node;
static_assert(sizeof(mr__node) == 48, "a further reaction takes 48 bytes");

/* Aligned to its size, so that a node finds it. */
typedef struct mr__node_block {
    struct mr__node_block *prev, *next; /* of those with free nodes */
    mr__node *free;
    uint32_t used; /* as in a page */
    bool single;   /* as mr__arena_take said */
    mr__node nodes[];
} mr__node_block;
enum { MR__BLOCK_NODES = (MR__NODE_BLOCK_BYTES - sizeof(mr__node_block)) / sizeof(mr__node) };

enum {
    MR__P_HELD = 1,       /* pending, with reactions */
    MR__P_INLINE = 2,     /* `reaction` is in use */
    MR__P_SETTLER = 4,    /* made with a settler */
    MR__P_FOLLOWS = 8,    /* pending: value is a promise on the way to the one it waits for */
    MR__P_HANDLED = 16,   /* something was attached */
    MR__P_REPORTED = 32,  /* as unhandled */
    MR__P_LATE = 64,      /* on the list of those that could not queue their jobs */
    MR__P_ORPHAN = 128,   /* without references: another thread's settlement is on its way */
    MR__P_QUEUED = 256,   /* the job of `reaction` */
    MR__P_MARKED = 512,   /* the listener wants to know when it is freed */
    MR__P_TELLING = 1024, /* on the list of those that were handled after a report */
    MR__P_KEPT = 2048,    /* pending, for its settler alone: one reference */
    MR__P_SHOWN =
        4096, /* the script has it and did not give it back: its rejection is told there */
    MR__P_TRACKED = 8192,  /* on the list of rejections to judge */
    MR__P_COUNTED = 16384, /* settled: its value is to be released */
    MR__P_PENDING = 32768, /* as `state` says: to be asked together with the others */
    MR__P_MINDED = MR__P_HANDLED | MR__P_SHOWN,
    MR__P_NOT_JUST_FREED = MR__P_PENDING | MR__P_COUNTED | MR__P_MARKED
};

typedef enum mr__arriving {
    MR__ARRIVING_RESOLVE,
    MR__ARRIVING_REJECT,
    MR__ARRIVING_BUILD
} mr__arriving;

struct mr_promise {
    _Atomic uint32_t generation;
    uint32_t refs;
    mr__promises *of;
    union {
        mr_value value; /* of a pending one: undefined, or see FOLLOWS; of another thread's until
                           it has arrived */
        struct {
            mr_make_fn *make;
            void *arg;
        } build;
    } as;
    uint32_t index;
    uint8_t state;    /* mr_promise_state */
    uint8_t arriving; /* mr__arriving; of the thread that won the settler */
    uint16_t flags;
    union {
        mr__arrival arrival;
        mr_promise *next; /* free, dying, tracked or late */
    } link;
    mr__node *last; /* of a circle: the further reactions, in the order of attaching */
    mr__reaction reaction;
};
static_assert(sizeof(mr_promise) == 96, "a promise with one reaction takes 96 bytes");

typedef struct mr__origin {
    uint64_t at_ns;
    unsigned n;
    void *frames[];
} mr__origin;

typedef struct mr__promise_page {
    struct mr__promise_page *prev, *next; /* of the partial or of the empty ones */
    uint32_t number;
    uint32_t used;       /* slots, of one that is not current */
    uint32_t generation; /* the highest that a slot of it ever had */
    uint16_t depth;      /* of the origins */
    bool single;         /* as mr__arena_take said */
    mr_promise *free;    /* of one that is not current */
    char *origins;       /* debug_stacks: a mr__origin for each slot */
    /* Each slot lies in two lines, and what making and settling write begins one or ends one. */
    alignas(MR_LINE) mr_promise slots[MR__PROMISE_PAGE];
} mr__promise_page;

typedef struct mr__page_entry {
    mr__promise_page *page; /* NULL: given back */
    uint32_t generation;    /* that it ended with */
    uint32_t vacant;        /* the next one given back, as in mr__promises */
} mr__page_entry;

typedef struct mr__promise_list {
    mr_promise *first, *last;
} mr__promise_list;

struct mr__promises {
    mr_loop *loop;
    mr_promise *free; /* slots of the current page */
    mr__promise_page *current;
    mr__node *free_nodes; /* of the current block */
    mr__node_block *block;
    /* live = made - freed, pending = made - settled - dropped */
    mr__counter made, settled, freed;
    uint64_t settlers; /* not spent by the owner */
    mr__promise_page *partial, *empty;
    mr__page_entry *pages; /* changed under the arrivals lock, as the next three */
    uint32_t page_count, page_cap;
    uint32_t vacant; /* the number of a page that was given back, plus 1; 0: none */
    mr__arena page_memory, block_memory;
    mr__node_block *blocks;            /* with free nodes, but for the current one */
    uint32_t unused_blocks;            /* of them, those without used nodes */
    struct mr__aborts *_Atomic aborts; /* abort.c's */
    mr_promise *dying;
    bool burying;
    bool ending; /* the drain rejects what nobody settles */
    bool ended;
    bool report_queued;
    bool remembers;                     /* debug_stacks is or was on; MR__BY_EXTENSION tells too */
    mr__promise_list rejected, handled; /* to be reported; one reference each */
    mr__promise_list late;              /* the same */
    struct mr__deadline *followed;      /* whose promises have settled; see sleep.c */
    mr_error *closed_error, *memory_error;
    mr_promise_options options;
    mr__freed_fn *freed_fn;
    void *freed_arg;
    mr__counter dropped;
    mr__counter adopted, unhandled, waiters, capacity, allocations;
    mr__counter retired; /* slots */
};

/* ---- registry.c */
mr_status mr__promises_of_slowly(mr_loop *loop, mr__promises **out_promises);
/* What is attached to the loop, or NULL. Relaxed: the owner, who asks, attached it. model: none */
MR_INLINE mr__promises *mr__promises_here(const mr_loop *loop)
{
    return atomic_load_explicit(&loop->extension_self, memory_order_relaxed);
}
/* For calls of the owner that start something which a drain still runs. */
MR_INLINE mr_status mr__promises_of(mr_loop *loop, mr__promises **out_promises)
{
    if (MR_LIKELY(loop != NULL && mr__may_start(loop, true))) {
        *out_promises = mr__promises_here(loop);
        if (MR_LIKELY(*out_promises != NULL))
            return MR_OK;
    }
    return mr__promises_of_slowly(loop, out_promises);
}
/* It got its first free slot, or lost its last used one. */
void mr__promise_page_moves(mr__promises *of, mr__promise_page *page, bool was_full);
void mr__promise_last_unref(mr_promise *promise);
mr__node *mr__node_block_next(mr__promises *of);
void mr__node_block_moves(mr__promises *of, mr__node_block *block, bool was_full);
/* The slot that an id names, whatever its generation is, or NULL. */
MR_INLINE mr_promise *mr__promise_slot(const mr__promises *of, uint64_t id)
{
    uint32_t index = (uint32_t)id, page = index >> MR__PROMISE_SHIFT;
    return MR_UNLIKELY(page >= of->page_count || of->pages[page].page == NULL)
               ? NULL
               : &of->pages[page].page->slots[index & (MR__PROMISE_PAGE - 1)];
}
/* Spend the settler of a slot, which may be NULL. Of the owner and the other threads one succeeds. */
MR_INLINE bool mr__promise_spend(mr_promise *promise, uint64_t id)
{
    uint32_t generation = (uint32_t)(id >> 32);
    /* Relaxed: what the winner writes to the promise it writes as the owner, or hands over to the
     * owner through the arrivals lock. */
    return promise != NULL && (generation & 1) != 0 &&
           atomic_compare_exchange_strong_explicit(&promise->generation, &generation,
                                                   generation + 1, memory_order_relaxed,
                                                   memory_order_relaxed);
}
/* The pending promise of a settler with its settler spent by this call, or NULL. */
MR_INLINE mr_promise *mr__promise_claim(const mr__promises *of, uint64_t id)
{
    mr_promise *promise = mr__promise_slot(of, id);
    return mr__promise_spend(promise, id) ? promise : NULL;
}
void mr__promises_check(const mr__promises *of);
void mr__promise_list_add(mr__promise_list *list, mr_promise *promise);
mr_promise *mr__promise_list_take(mr__promise_list *list);
void mr__promise_list_forget(mr__promise_list *list);

static inline mr__promise_page *mr__promise_page_of(const mr_promise *promise)
{
    const mr_promise *first = promise - (promise->index & (MR__PROMISE_PAGE - 1));
    return (mr__promise_page *)((uintptr_t)first - offsetof(mr__promise_page, slots));
}

/* Of one whose settler is not spent. */
static inline uint64_t mr__promise_id_live(const mr_promise *promise)
{
    return (uint64_t)atomic_load_explicit(&promise->generation, memory_order_relaxed) << 32 |
           promise->index;
}

static inline uint64_t mr__promise_id(const mr_promise *promise)
{
    uint32_t generation = atomic_load_explicit(&promise->generation, memory_order_relaxed);
    if ((promise->flags & MR__P_SETTLER) != 0 && (generation & 1) == 0)
        generation--; /* spent */
    return (uint64_t)(generation | 1) << 32 | promise->index;
}

/* Whether this is the owner of a real loop, and nothing of `unless` (MR__LOOKED_AT …) is so. */
MR_INLINE bool mr__promises_usual(const mr_loop *loop, unsigned unless)
{
    /* Relaxed, as mr__is_owner; a thread without a number owns nothing. model: none */
    return MR_LIKELY(atomic_load_explicit(&loop->owner, memory_order_relaxed) ==
                         mr__thread_id_cached &&
                     (loop->observed & unless) == 0);
}

/* After the end nobody listens: tables were lent until then, and the thread may be any. */
static inline void mr__promise_tell(mr_promise *promise, mr_promise_transition what)
{
    if (MR_UNLIKELY((promise->of->loop->observed & MR__BY_HOOKS) != 0) && !promise->of->ended)
        mr__loop_promise_hook(promise->of->loop, mr__promise_id(promise), what);
}

/* A pending promise with one reference, or NULL: there are none in the current page. */
MR_INLINE mr_promise *mr__promise_take(mr__promises *of, bool settler)
{
    mr_promise *promise = of->free;
    if (MR_UNLIKELY(promise == NULL))
        return NULL;
    of->free = promise->link.next;
    promise->refs = 1;
    promise->as.value = (mr_value){0};
    promise->state = MR_PROMISE_PENDING;
    promise->arriving = 0;
    promise->flags = settler ? MR__P_PENDING | MR__P_SETTLER : MR__P_PENDING;
    mr__counter_add(&of->made, 1);
    if (settler) {
        /* Relaxed: no other thread knows the id yet. */
        atomic_store_explicit(&promise->generation,
                              atomic_load_explicit(&promise->generation, memory_order_relaxed) + 1,
                              memory_order_relaxed);
        of->settlers++;
    }
    return promise;
}
/* The same, also from another page, and told to who looks on; NULL without memory. */
mr_promise *mr__promise_new_slowly(mr__promises *of, bool settler);
MR_INLINE mr_promise *mr__promise_new(mr__promises *of, bool settler)
{
    mr_promise *promise =
        (of->loop->observed & MR__LOOKED_AT) == 0 ? mr__promise_take(of, settler) : NULL;
    return MR_LIKELY(promise != NULL) ? promise : mr__promise_new_slowly(of, settler);
}

static inline bool mr__is_current(const mr__promises *of, const mr_promise *promise)
{
    return (uintptr_t)promise - (uintptr_t)of->current < sizeof *of->current;
}

/* Put a slot back among the free ones. */
MR_INLINE void mr__promise_give(mr__promises *of, mr_promise *promise)
{
    mr__counter_add(&of->freed, 1);
    if (MR_LIKELY(mr__is_current(of, promise))) {
        promise->link.next = of->free;
        of->free = promise;
        return;
    }
    mr__promise_page *page = mr__promise_page_of(promise);
    mr_promise *next = page->free;
    promise->link.next = next;
    page->free = promise;
    if (MR_UNLIKELY(--page->used == 0 || next == NULL))
        mr__promise_page_moves(of, page, next == NULL);
}

static inline void mr__promise_hold(mr_promise *promise)
{
    promise->refs++;
}

static inline void mr__promise_drop(mr_promise *promise)
{
    if (--promise->refs == 0)
        mr__promise_last_unref(promise);
}

MR_INLINE mr__node *mr__node_new(mr__promises *of)
{
    mr__node *node = of->free_nodes;
    if (MR_UNLIKELY(node == NULL) && (node = mr__node_block_next(of)) == NULL)
        return NULL;
    of->free_nodes = node->link.next;
    return node;
}

MR_INLINE void mr__node_free(mr__promises *of, mr__node *node)
{
    mr__node_block *block =
        (mr__node_block *)((uintptr_t)node & ~(uintptr_t)(MR__NODE_BLOCK_BYTES - 1));
    if (MR_LIKELY(block == of->block)) {
        node->link.next = of->free_nodes;
        of->free_nodes = node;
        return;
    }
    mr__node *next = block->free;
    node->link.next = next;
    block->free = node;
    if (MR_UNLIKELY(--block->used == 0 || next == NULL))
        mr__node_block_moves(of, block, next == NULL);
}

/* ---- promise.c; values pass to them */
void mr__promise_fulfil(mr_promise *promise, mr_value value);
void mr__promise_reject_with(mr_promise *promise, mr_value reason);
void mr__promise_resolve_with(mr_promise *promise, mr_value value);
/* What a user's function answered. */
void mr__promise_answer(mr_promise *promise, mr_status status, mr_value value);
mr_value mr__promises_error(mr__promises *of, mr_status code);
/* Attach: false without memory, and then nothing is. The promise is handled from now on. *out_at is
 * where the reaction waits in a list, to be taken off, or NULL: it is a job. */
bool mr__promise_attach(mr_promise *promise, const mr__reaction *reaction, mr__reaction **out_at);
bool mr__promise_attach_at_once(mr_promise *promise, mr__settled_fn *fn, void *arg,
                                mr__reaction **out_at);
void mr__promise_be_handled(mr_promise *promise);
/* Take an element's reaction, or one at once, off a pending promise: attaching told where it is. */
void mr__promise_detach(mr_promise *promise, mr__reaction *reaction);
/* To the end of its circle. */
void mr__promise_append(mr_promise *promise, mr__node *node);
/* Attach a node, which passes on success; its reaction may move into the promise. */
bool mr__promise_attach_node(mr_promise *promise, mr__node *node);
/* A reaction that will not run: the loop ended first. */
void mr__promise_drop_reaction(mr_promise *promise, const mr__reaction *reaction);
/* Queue the jobs of a settled one; those that could not be. */
void mr__promise_trigger(mr_promise *promise);
void mr__promise_retry_late(mr__promises *of);
void mr__promise_drop_reactions(mr_promise *promise);
/* A value that a promise of the loop may be resolved with. */
MR_INLINE bool mr__promises_accept(const mr__promises *of, mr_value value)
{
    return MR_LIKELY(value.kind != MR_VALUE_PROMISE) ||
           (value.as.pointer != NULL && ((const mr_promise *)value.as.pointer)->of == of);
}

/* ---- settler.c */
/* Settle the promise of a settler, if there is one, also inside the settling of another. value passes
 * to it or is released. Owner. */
void mr__settler_use(mr__promises *of, mr_settler settler, mr_promise_state state, mr_value value);

/* ---- rejection.c */
void mr__rejection_track(mr_promise *promise);
void mr__rejection_handled(mr_promise *promise); /* something is attached for the first time */
void mr__rejections_due(mr__promises *of);       /* a report that could not be queued */
void mr__rejections_forget(mr__promises *of);

/* ---- abort.c */
void mr__aborts_destroy(struct mr__aborts *home);

/* ---- combinator.c */
void mr__combinator_element(mr__combinator *combinator, size_t index, mr_promise_state state,
                            mr_value value);
/* The same inside the settling, without a job: false if it may be the one that decides. Takes down its
 * reaction, too, which is then off the input. */
bool mr__combinator_take(mr__combinator *combinator, size_t index, mr_promise_state state,
                         mr_value value);
/* Where the reaction of an element is, so that it can be taken off; NULL: not in a list any more. */
void mr__combinator_listed(mr__combinator *combinator, size_t index, mr__reaction *reaction);
void mr__combinator_unref(mr__combinator *combinator);

static inline mr__react mr__reaction_kind(const mr__reaction *reaction)
{
    return (mr__react)(reaction->target & MR__REACT_MASK);
}

static inline void *mr__reaction_target(const mr__reaction *reaction)
{
    return (void *)(reaction->target & ~(uintptr_t)MR__REACT_MASK);
}

#endif
