/* Slots of promises, what other threads may do to them, and their end. */
#include "promise/registry.h"

#include <string.h>

#include "base/memory.h"
#include "os/backtrace.h"

enum {
    KEPT = 256, /* slots: with no more than these nothing is given back */
    LOOKS = 20, /* slots looked at in a turn, to give pages back */
    BLOCKS_KEPT = 32,
    PAGE_BYTES = (sizeof(mr__promise_page) + MR_LINE - 1) / MR_LINE * MR_LINE
};
static const uint32_t generations = UINT32_MAX - 15; /* a slot with no more of them is retired */

/* ---- pages ---- */

static void link_page(mr__promise_page **list, mr__promise_page *page)
{
    page->prev = NULL;
    page->next = *list;
    if (*list != NULL)
        (*list)->prev = page;
    *list = page;
}

static void unlink_page(mr__promise_page **list, mr__promise_page *page)
{
    if (page->prev != NULL)
        page->prev->next = page->next;
    else
        *list = page->next;
    if (page->next != NULL)
        page->next->prev = page->prev;
}

static uint64_t live(const mr__promises *of)
{
    return mr__counter_get(&of->made) - mr__counter_get(&of->freed);
}

static uint32_t used_slots(const mr__promises *of, const mr__promise_page *page)
{
    if (page == NULL)
        return 0;
    if (page != of->current)
        return page->used;
    uint32_t used = MR__PROMISE_PAGE;
    for (const mr_promise *promise = of->free; promise != NULL; promise = promise->link.next)
        used--;
    return used;
}

void mr__promises_check(const mr__promises *of)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < of->page_count; i++)
        used += used_slots(of, of->pages[i].page);
    MR_ASSERT(used == live(of) + mr__counter_get(&of->retired));
    for (const mr__promise_page *page = of->partial; page != NULL; page = page->next)
        MR_ASSERT(page->free != NULL && page->used != 0 && page != of->current);
    for (const mr__promise_page *page = of->empty; page != NULL; page = page->next)
        MR_ASSERT(page->used == 0);
}

static bool grow_directory(mr__promises *of)
{
    uint32_t cap = of->page_cap == 0 ? 8 : of->page_cap * 2;
    mr__page_entry *pages = mr__alloc(cap * sizeof *pages);
    if (pages == NULL)
        return false;
    mr__page_entry *old = of->pages;
    if (of->page_count != 0)
        memcpy(pages, old, of->page_count * sizeof *pages);
    mr__arrivals_lock(of->loop);
    of->pages = pages;
    of->page_cap = cap;
    mr__arrivals_unlock(of->loop);
    mr__free(old);
    return true;
}

/* The number of a page that was given back, or a new one; UINT32_MAX without memory. */
static uint32_t vacant(mr__promises *of)
{
    if (of->vacant != 0)
        return of->vacant - 1;
    if (of->page_count == of->page_cap && !grow_directory(of))
        return UINT32_MAX;
    return of->page_count;
}

static void init_slots(mr__promises *of, mr__promise_page *page, uint32_t generation)
{
    for (uint32_t i = MR__PROMISE_PAGE; i-- > 0;) {
        mr_promise *promise = &page->slots[i];
        atomic_init(&promise->generation, generation);
        promise->refs = 0;
        promise->flags = 0;
        promise->last = NULL;
        promise->of = of;
        promise->index = (page->number << MR__PROMISE_SHIFT) + i;
        promise->link.next = page->free;
        page->free = promise;
    }
}

static bool grow(mr__promises *of)
{
    uint32_t number = vacant(of);
    if (number >= UINT32_MAX >> MR__PROMISE_SHIFT)
        return false;
    bool single;
    mr__promise_page *page = mr__arena_take(&of->page_memory, &single);
    if (page == NULL)
        return false;
    page->single = single;
    page->number = number;
    page->used = 0;
    page->generation = number < of->page_count ? of->pages[number].generation : 0;
    page->depth = 0;
    page->free = NULL;
    page->origins = NULL;
    init_slots(of, page, page->generation);
    mr__arrivals_lock(of->loop);
    of->pages[number].page = page;
    if (number == of->page_count)
        of->page_count++;
    else
        of->vacant = of->pages[number].vacant;
    mr__arrivals_unlock(of->loop);
    mr__counter_add(&of->capacity, MR__PROMISE_PAGE);
    mr__counter_add(&of->allocations, 1);
    link_page(&of->empty, page);
    return true;
}

static void free_page(mr__promises *of, mr__promise_page *page)
{
    mr__free(page->origins);
    mr__arena_give(&of->page_memory, page, page->single);
}

static void give_back(mr__promises *of, mr__promise_page *page)
{
    unlink_page(&of->empty, page);
    mr__arrivals_lock(of->loop);
    of->pages[page->number] = (mr__page_entry){NULL, page->generation, of->vacant};
    of->vacant = page->number + 1;
    mr__arrivals_unlock(of->loop);
    mr__counter_set(&of->capacity, mr__counter_get(&of->capacity) - MR__PROMISE_PAGE);
    free_page(of, page);
}

static bool too_large(const mr__promises *of)
{
    uint64_t capacity = mr__counter_get(&of->capacity);
    return capacity > KEPT && live(of) * 4 < capacity && of->empty != NULL;
}

static void trim(mr__promises *of)
{
    for (unsigned looks = 0; looks < LOOKS && too_large(of); looks += MR__PROMISE_PAGE)
        give_back(of, of->empty);
    if (too_large(of))
        mr__extension_due(of->loop);
}

/* ---- one promise ---- */

static mr__origin *origin_at(const mr__promise_page *page, const mr_promise *promise)
{
    size_t size = sizeof(mr__origin) + page->depth * sizeof(void *);
    return (mr__origin *)(void *)(page->origins + (promise->index & (MR__PROMISE_PAGE - 1)) * size);
}

/* What is kept for other promises of the page is lent until they are freed: so long it stays, and
 * its depth is the most for this one. */
static void remember(mr__promises *of, mr_promise *promise)
{
    mr__promise_page *page = mr__promise_page_of(promise);
    unsigned depth = of->options.debug_stacks;
    if (page->depth != depth && used_slots(of, page) == 1) {
        mr__free(page->origins);
        page->origins = NULL;
    }
    if (page->origins == NULL) {
        page->depth = (uint16_t)depth;
        size_t size = sizeof(mr__origin) + depth * sizeof(void *);
        page->origins = depth == 0 ? NULL : mr__alloc_zero(size * MR__PROMISE_PAGE);
        if (page->origins == NULL)
            return;
        mr__counter_add(&of->allocations, 1);
    }
    mr__origin *origin = origin_at(page, promise);
    origin->at_ns = mr__loop_clock(of->loop);
    origin->n = mr__backtrace(origin->frames, depth < page->depth ? depth : page->depth);
}

static const mr__origin *origin_of(const mr_promise *promise)
{
    const mr__promise_page *page = mr__promise_page_of(promise);
    const mr__origin *origin = page->origins == NULL ? NULL : origin_at(page, promise);
    return origin == NULL || origin->n == 0 ? NULL : origin; /* made with debug_stacks off */
}

/* Another page becomes the current one. False without memory. */
static bool next_page(mr__promises *of)
{
    mr__promise_page *page = of->partial;
    if (page == NULL && of->empty == NULL && !grow(of))
        return false;
    if (of->current != NULL)
        of->current->used = MR__PROMISE_PAGE; /* those retired count */
    if (page == NULL)
        page = of->empty;
    unlink_page(page == of->partial ? &of->partial : &of->empty, page);
    of->current = page;
    of->free = page->free;
    page->free = NULL;
    return true;
}

mr_promise *mr__promise_new_slowly(mr__promises *of, bool settler)
{
    if (of->free == NULL && !next_page(of))
        return NULL;
    mr_promise *promise = mr__promise_take(of, settler);
    if (of->remembers)
        remember(of, promise);
    mr__promise_tell(promise, MR_PROMISE_MADE);
    return promise;
}

void mr__promise_page_moves(mr__promises *of, mr__promise_page *page, bool was_full)
{
    if (page->used != 0) {
        link_page(&of->partial, page);
        return;
    }
    if (!was_full)
        unlink_page(&of->partial, page);
    link_page(&of->empty, page);
    if (too_large(of))
        mr__extension_due(of->loop);
}

/* The generation that the slot is left with; false when it has no more. */
static bool leave_generation(mr__promise_page *page, mr_promise *promise)
{
    mr__promise_tell(promise, MR_PROMISE_FREED);
    uint32_t generation = atomic_load_explicit(&promise->generation, memory_order_relaxed);
    if ((promise->flags & MR__P_SETTLER) == 0) { /* ids told to hooks do not come back either */
        generation += 2;
        atomic_store_explicit(&promise->generation, generation, memory_order_relaxed);
    }
    if (generation > page->generation)
        page->generation = generation;
    return generation < generations;
}

static void free_slot(mr__promises *of, mr_promise *promise)
{
    if (MR_UNLIKELY((promise->flags & MR__P_MARKED) != 0) && of->freed_fn != NULL)
        of->freed_fn(promise, of->freed_arg);
    if (((promise->flags & MR__P_SETTLER) != 0 || (of->loop->observed & MR__LOOKED_AT) != 0) &&
        !leave_generation(mr__promise_page_of(promise), promise)) {
        mr__counter_add(&of->freed, 1);
        mr__counter_add(&of->retired, 1); /* its page stays */
        return;
    }
    mr__promise_give(of, promise);
}

/* Free it, and what its value held, without recursion: those that fall meanwhile are added. */
static void bury(mr__promises *of, mr_promise *promise)
{
    promise->link.next = of->dying;
    of->dying = promise;
    if (of->burying)
        return;
    of->burying = true;
    while ((promise = of->dying) != NULL) {
        of->dying = promise->link.next;
        mr_value value = promise->as.value;
        promise->as.value = (mr_value){0};
        mr_value_release(value);
        free_slot(of, promise);
    }
    of->burying = false;
}

/* Of a pending one made with a settler: false when another thread has won it meanwhile, and its
 * settlement is on its way. */
static bool spend_unused(mr__promises *of, mr_promise *promise)
{
    uint32_t generation = atomic_load_explicit(&promise->generation, memory_order_relaxed);
    /* Relaxed: nothing is handed over to who loses. */
    if ((generation & 1) != 0 &&
        atomic_compare_exchange_strong_explicit(&promise->generation, &generation, generation + 1,
                                                memory_order_relaxed, memory_order_relaxed)) {
        of->settlers--;
        return true;
    }
    return (promise->flags & MR__P_FOLLOWS) != 0 || of->ended;
}

static __attribute__((noinline)) void last_unref_slowly(mr_promise *promise)
{
    mr__promises *of = promise->of;
    if (MR_UNLIKELY(promise->state == MR_PROMISE_PENDING)) {
        if ((promise->flags & MR__P_SETTLER) != 0 && !spend_unused(of, promise)) {
            promise->flags |= MR__P_ORPHAN;
            return;
        }
        mr__counter_add(&of->dropped, 1);
    }
    bool outlived = of->ended;
    if (mr__value_is_plain(promise->as.value))
        free_slot(of, promise);
    else
        bury(of, promise);
    if (MR_UNLIKELY(outlived) && !of->burying && live(of) == 0)
        mr_loop_unref(of->loop);
}

/* The usual one is settled, with a plain value. False when it is another. */
MR_INLINE bool free_usual(mr__promises *of, mr_promise *promise)
{
    if (MR_UNLIKELY((promise->flags & MR__P_NOT_JUST_FREED) != 0))
        return false;
    if ((promise->flags & MR__P_SETTLER) != 0) {
        mr__promise_page *page = mr__promise_page_of(promise);
        uint32_t generation = atomic_load_explicit(&promise->generation, memory_order_relaxed);
        if (MR_UNLIKELY(generation >= generations))
            return false;
        if (generation > page->generation)
            page->generation = generation;
    }
    mr__promise_give(of, promise);
    return true;
}

void mr__promise_last_unref(mr_promise *promise)
{
    mr__promises *of = promise->of;
    MR_DASSERT((promise->flags & MR__P_HELD) == 0);
    MR_DASSERT(((promise->flags & MR__P_PENDING) != 0) == (promise->state == MR_PROMISE_PENDING));
    if (MR_UNLIKELY((of->loop->observed & MR__LOOKED_AT) != 0) || !free_usual(of, promise))
        last_unref_slowly(promise);
}

mr_promise *mr_promise_ref(mr_promise *promise)
{
    if (promise != NULL && (mr__is_owner(promise->of->loop) || promise->of->ended))
        mr__promise_hold(promise);
    return promise;
}

MR_COLD static void unref_slowly(mr_promise *promise)
{
    if (promise != NULL && (mr__is_owner(promise->of->loop) || promise->of->ended))
        mr__promise_drop(promise);
}

void mr_promise_unref(mr_promise *promise)
{
    if (MR_UNLIKELY(promise == NULL || !mr__promises_usual(promise->of->loop, MR__LOOKED_AT)))
        unref_slowly(promise);
    else if (--promise->refs == 0 && !free_usual(promise->of, promise))
        last_unref_slowly(promise);
}

/* ---- blocks of nodes ---- */

static void link_block(mr__promises *of, mr__node_block *block)
{
    block->prev = NULL;
    block->next = of->blocks;
    if (of->blocks != NULL)
        of->blocks->prev = block;
    of->blocks = block;
}

static void unlink_block(mr__promises *of, mr__node_block *block)
{
    if (block->prev != NULL)
        block->prev->next = block->next;
    else
        of->blocks = block->next;
    if (block->next != NULL)
        block->next->prev = block->prev;
}

static bool new_block(mr__promises *of)
{
    bool single;
    mr__node_block *block = mr__arena_take(&of->block_memory, &single);
    if (block == NULL)
        return false;
    block->single = single;
    block->free = NULL;
    block->used = 0;
    for (size_t i = MR__BLOCK_NODES; i-- > 0;) {
        block->nodes[i].link.next = block->free;
        block->free = &block->nodes[i];
    }
    mr__counter_add(&of->allocations, 1);
    of->unused_blocks++;
    link_block(of, block);
    return true;
}

mr__node *mr__node_block_next(mr__promises *of)
{
    if (of->blocks == NULL && !new_block(of))
        return NULL;
    mr__node_block *block = of->blocks;
    if (of->block != NULL)
        of->block->used = MR__BLOCK_NODES;
    unlink_block(of, block);
    of->unused_blocks -= block->used == 0;
    of->block = block;
    of->free_nodes = block->free;
    block->free = NULL;
    return of->free_nodes;
}

/* Some without used nodes are kept, so that bursts of the usual size allocate nothing. */
void mr__node_block_moves(mr__promises *of, mr__node_block *block, bool was_full)
{
    if (was_full)
        link_block(of, block);
    if (block->used != 0)
        return;
    if (of->unused_blocks != BLOCKS_KEPT) {
        of->unused_blocks++;
        return;
    }
    unlink_block(of, block);
    mr__arena_give(&of->block_memory, block, block->single);
}

/* ---- lists ---- */

void mr__promise_list_add(mr__promise_list *list, mr_promise *promise)
{
    promise->link.next = NULL;
    if (list->last != NULL)
        list->last->link.next = promise;
    else
        list->first = promise;
    list->last = promise;
    mr__promise_hold(promise);
}

mr_promise *mr__promise_list_take(mr__promise_list *list)
{
    mr_promise *promise = list->first;
    if (promise != NULL && (list->first = promise->link.next) == NULL)
        list->last = NULL;
    return promise;
}

void mr__promise_list_forget(mr__promise_list *list)
{
    mr_promise *promise;
    while ((promise = mr__promise_list_take(list)) != NULL)
        mr__promise_drop(promise);
}

/* ---- the loop's extension ---- */

static mr_promise *promise_of(mr__arrival *arrival)
{
    return (mr_promise *)((char *)arrival - offsetof(mr_promise, link));
}

/* What a settlement of another thread is made of, taken out of the promise. */
static void deliver(void *self, mr__arrival *arrival)
{
    mr__promises *of = self;
    mr_promise *promise = promise_of(arrival);
    of->settlers--;
    promise->flags &= (uint16_t)~MR__P_ORPHAN;
    mr__promise_hold(promise);
    if (promise->arriving == MR__ARRIVING_BUILD) {
        mr_make_fn *make = promise->as.build.make;
        void *arg = promise->as.build.arg;
        mr_value value = {0};
        promise->as.value = value;
        mr_status status = make(arg, &value);
        mr__promise_answer(promise, status, value);
    } else {
        mr_value value = promise->as.value;
        promise->as.value = (mr_value){0};
        if (promise->arriving == MR__ARRIVING_RESOLVE)
            mr__promise_resolve_with(promise, value);
        else
            mr__promise_reject_with(promise, value);
    }
    mr__promise_drop(promise);
}

/* The loop ended first; `end` rejects the promise. */
static void discard(void *self, mr__arrival *arrival)
{
    mr__promises *of = self;
    mr_promise *promise = promise_of(arrival);
    bool build = promise->arriving == MR__ARRIVING_BUILD;
    void *arg = promise->as.build.arg;
    mr_value value = promise->as.value;
    of->settlers--;
    promise->as.value = (mr_value){0};
    if (build)
        mr__loop_report_discard(of->loop, MR_KIND_INTERNAL, arg);
    else
        mr_value_release(value);
    if ((promise->flags & MR__P_ORPHAN) != 0) {
        promise->flags &= (uint16_t)~MR__P_ORPHAN; /* the slot is free, also for `end` */
        mr__counter_add(&of->dropped, 1);
        free_slot(of, promise);
    }
}

/* In a child the settler is as it was before the parent's other thread used it. */
static void forget(void *self, mr__arrival *arrival)
{
    (void)self;
    mr_promise *promise = promise_of(arrival);
    if (promise->arriving != MR__ARRIVING_BUILD)
        mr_value_release(promise->as.value);
    promise->as.value = (mr_value){0};
    atomic_fetch_sub_explicit(&promise->generation, 1, memory_order_relaxed);
    if ((promise->flags & MR__P_ORPHAN) != 0) {
        promise->flags &= (uint16_t)~MR__P_ORPHAN;
        mr__promise_last_unref(promise);
    }
}

static void due(void *self)
{
    mr__promises *of = self;
    mr__promise_retry_late(of);
    mr__rejections_due(of);
    trim(of);
}

static mr_promise *slot_at(const mr__promises *of, uint64_t index)
{
    const mr__promise_page *page = of->pages[index >> MR__PROMISE_SHIFT].page;
    return page == NULL ? NULL
                        : (mr_promise *)(uintptr_t)&page->slots[index & (MR__PROMISE_PAGE - 1)];
}

static uint64_t slot_count(const mr__promises *of)
{
    return (uint64_t)of->page_count << MR__PROMISE_SHIFT;
}

/* The slots of pages that none is used of need not be looked at. */
static uint64_t skip_unused(const mr__promises *of, uint64_t index)
{
    while (index < slot_count(of)) {
        const mr__promise_page *page = of->pages[index >> MR__PROMISE_SHIFT].page;
        if ((index & (MR__PROMISE_PAGE - 1)) != 0 ||
            (page != NULL && (page == of->current || page->used != 0)))
            break;
        index += MR__PROMISE_PAGE;
    }
    return index;
}

static bool in_use(const mr_promise *promise)
{
    return promise != NULL && (promise->refs != 0 || (promise->flags & MR__P_ORPHAN) != 0);
}

static mr_value closed_reason(mr__promises *of)
{
    return mr_value_error(mr_error_ref(of->closed_error));
}

static bool settle_rest(void *self)
{
    mr__promises *of = self;
    bool any = of->late.first != NULL;
    mr__promise_retry_late(of);
    of->ending = true;
    for (uint64_t i = 0; i < slot_count(of) && of->settlers != 0; i++) {
        mr_promise *promise = slot_at(of, i);
        if (promise == NULL ||
            (atomic_load_explicit(&promise->generation, memory_order_relaxed) & 1) == 0 ||
            mr__promise_claim(of, mr__promise_id(promise)) == NULL)
            continue;
        any = true;
        of->settlers--;
        mr__promise_hold(promise);
        mr__promise_reject_with(promise, closed_reason(of));
        mr__promise_drop(promise);
    }
    return any;
}

/* Each pending promise that had a settler is rejected, and no reaction runs. Two passes: what is
 * released in one must find the settlers spent. */
static void end(void *self)
{
    mr__promises *of = self;
    mr__promises_check(of);
    of->ending = true;
    mr__rejections_forget(of);
    for (uint64_t i = 0; (i = skip_unused(of, i)) < slot_count(of); i++) {
        mr_promise *promise = slot_at(of, i);
        if (promise != NULL &&
            (atomic_load_explicit(&promise->generation, memory_order_relaxed) & 1) != 0 &&
            mr__promise_claim(of, mr__promise_id(promise)) != NULL)
            of->settlers--;
    }
    for (uint64_t i = 0; (i = skip_unused(of, i)) < slot_count(of); i++) {
        mr_promise *promise = slot_at(of, i);
        if (!in_use(promise))
            continue;
        mr__promise_hold(promise);
        mr__promise_drop_reactions(promise);
        if (promise->state == MR_PROMISE_PENDING && (promise->flags & MR__P_SETTLER) != 0)
            mr__promise_reject_with(promise, closed_reason(of));
        mr__promise_drop(promise);
    }
    mr__promise_list_forget(&of->late);
    mr__rejections_forget(of);
    of->ended = true;
    mr__set_observed(of->loop, MR__BY_EXTENSION, true);
    if (live(of) != 0)
        mr_loop_ref(of->loop); /* until the last promise goes */
}

static void destroy(void *self)
{
    mr__promises *of = self;
    for (uint32_t i = 0; i < of->page_count; i++)
        if (of->pages[i].page != NULL)
            free_page(of, of->pages[i].page);
    mr__free(of->pages);
    mr__aborts_destroy(of->aborts);
    if (of->block != NULL)
        mr__arena_give(&of->block_memory, of->block, of->block->single);
    for (mr__node_block *block; (block = of->blocks) != NULL;) {
        unlink_block(of, block);
        mr__arena_give(&of->block_memory, block, block->single);
    }
    mr_error_unref(of->closed_error);
    mr_error_unref(of->memory_error);
    mr__free(of);
}

static const mr__extension extension = {.deliver = deliver,
                                        .discard = discard,
                                        .forget = forget,
                                        .due = due,
                                        .settle_rest = settle_rest,
                                        .end = end,
                                        .destroy = destroy};

static mr_status make_registry(mr_loop *loop, mr__promises **out_promises)
{
    const mr_error_spec closed = {.size_bytes = sizeof closed, .code = MR_ECLOSED};
    const mr_error_spec memory = {.size_bytes = sizeof memory, .code = MR_ENOMEM};
    mr__promises *of = mr__alloc_line(sizeof *of);
    if (of == NULL)
        return MR_ENOMEM;
    of->loop = loop;
    mr__arena_init(&of->page_memory, PAGE_BYTES, MR__ARENA_SINGLES);
    mr__arena_init(&of->block_memory, MR__NODE_BLOCK_BYTES, MR__ARENA_SINGLES);
    mr_status status = mr_error_create(&closed, &of->closed_error);
    if (status == MR_OK)
        status = mr_error_create(&memory, &of->memory_error);
    if (status == MR_OK)
        status = mr__extension_attach(loop, &extension, of);
    if (status != MR_OK) {
        destroy(of);
        return status;
    }
    *out_promises = of;
    return MR_OK;
}

mr_status mr__promises_of_slowly(mr_loop *loop, mr__promises **out_promises)
{
    mr_status status = mr__loop_owner_start(loop);
    if (MR_UNLIKELY(status != MR_OK))
        return status;
    *out_promises = mr__extension_of(loop);
    return MR_LIKELY(*out_promises != NULL) ? MR_OK : make_registry(loop, out_promises);
}

/* ---- options, numbers, debugging ---- */

mr_status mr_promise_configure(mr_loop *loop, const mr_promise_options *options)
{
    enum { FRAMES_MAX = 64 };
    const mr_promise_options none = {.size_bytes = sizeof none};
    if (options == NULL)
        options = &none;
    if (options->size_bytes != sizeof *options || options->debug_stacks > FRAMES_MAX)
        return MR_EINVAL;
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status == MR_OK) {
        of->options = *options;
        of->remembers |= options->debug_stacks != 0;
        mr__set_observed(loop, MR__BY_EXTENSION, of->remembers);
    }
    return status;
}

mr_creation mr_promise_creation(const mr_promise *promise)
{
    const mr__origin *origin = promise == NULL ? NULL : origin_of(promise);
    return origin == NULL ? (mr_creation){NULL, 0} : (mr_creation){origin->frames, origin->n};
}

mr_status mr_promise_each(mr_loop *loop, mr_promise_each_fn *fn, void *arg)
{
    mr_status status = mr__loop_owner_call(loop);
    if (status != MR_OK)
        return status;
    if (fn == NULL)
        return MR_EINVAL;
    const mr__promises *of = mr__extension_of(loop);
    uint64_t now = mr__loop_clock(loop);
    for (uint64_t i = 0; of != NULL && i < slot_count(of); i++) {
        mr_promise *promise = slot_at(of, i);
        if (!in_use(promise) || promise->state != MR_PROMISE_PENDING)
            continue;
        const mr__origin *origin = origin_of(promise);
        fn(promise, origin == NULL ? 0 : now - origin->at_ns, mr_promise_creation(promise), arg);
    }
    return MR_OK;
}

mr_status mr_promise_get_stats(mr_loop *loop, mr_promise_stats *out_stats)
{
    if (loop == NULL || out_stats == NULL)
        return MR_EINVAL;
    *out_stats = (mr_promise_stats){0};
    const mr__promises *of = mr__extension_of(loop);
    if (of == NULL)
        return MR_OK;
    out_stats->live = live(of);
    out_stats->pending =
        mr__counter_get(&of->made) - mr__counter_get(&of->settled) - mr__counter_get(&of->dropped);
    out_stats->settled = mr__counter_get(&of->settled);
    out_stats->adopted = mr__counter_get(&of->adopted);
    out_stats->freed = mr__counter_get(&of->freed);
    out_stats->unhandled = mr__counter_get(&of->unhandled);
    out_stats->waiters = mr__counter_get(&of->waiters);
    out_stats->capacity = mr__counter_get(&of->capacity);
    out_stats->allocations = mr__counter_get(&of->allocations);
    return MR_OK;
}

/* ---- the script room's door ---- */

mr_status mr__promises_on_freed(mr_loop *loop, mr__freed_fn *fn, void *arg)
{
    mr__promises *of;
    mr_status status = mr__promises_of(loop, &of);
    if (status != MR_OK)
        return status;
    of->freed_fn = fn;
    of->freed_arg = arg;
    return MR_OK;
}

void mr__promises_no_listener(mr_loop *loop)
{
    mr__promises *of = mr__extension_of(loop);
    if (of != NULL)
        of->freed_fn = NULL;
}

void mr__promise_mark(mr_promise *promise)
{
    promise->flags |= MR__P_MARKED;
}
