/* The list is kept as it grows, which is nearly its order: marks come in the order of time, only a
 * measure may start before what is there. It is sorted when it is asked for.
 *
 * Invariant (check): marks has, for each name of a mark in the list, the latest of them; in_order
 * says that the list is sorted by start time, then by number. */
#include <millrace/perf.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "base/names.h"
#include "promise/access.h"

struct mr_perf_entry {
    mr__name latest; /* in marks, as long as it is the latest mark of its name */
    _Atomic uint32_t refs;
    mr_perf_kind kind;
    uint64_t number; /* of making */
    uint64_t start_ns;
    int64_t duration_ns;
    mr_value detail;
    char name[];
};

struct mr_perf {
    mr_loop *loop;
    uint64_t origin_ns, origin_wall_ns;
    uint64_t made, dropped;
    mr__names marks;
    mr_perf_entry **entries;
    size_t count, cap;
    bool in_order;
};

static int compare(const void *a, const void *b)
{
    const mr_perf_entry *x = *(mr_perf_entry *const *)a, *y = *(mr_perf_entry *const *)b;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static mr_perf_entry *latest_mark(const mr_perf *perf, const char *name)
{
    mr__name *found = mr__names_find(&perf->marks, name);
    return found == NULL ? NULL : MR_CONTAINER(found, mr_perf_entry, latest);
}

/* Looks at everything: after calls that do so too. */
static void check(const mr_perf *perf)
{
#ifdef MR_DEBUG
    mr__names_check(&perf->marks);
    for (size_t i = 0; i < perf->count; i++) {
        const mr_perf_entry *entry = perf->entries[i];
        MR_ASSERT(!perf->in_order || i == 0 || compare(&perf->entries[i - 1], &entry) < 0);
        MR_ASSERT(entry->kind != MR_PERF_MARK ||
                  latest_mark(perf, entry->name)->number >= entry->number);
    }
#else
    (void)perf;
#endif
}

/* ---- Entries ----------------------------------------------------------------------------------*/

mr_perf_entry *mr_perf_entry_ref(mr_perf_entry *entry)
{
    /* Relaxed: who adds a reference has one already. */
    if (entry != NULL)
        atomic_fetch_add_explicit(&entry->refs, 1, memory_order_relaxed);
    return entry;
}

void mr_perf_entry_unref(mr_perf_entry *entry)
{
    /* Acquire-release: what every former holder read was read before the end below. */
    if (entry == NULL || atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel) != 1)
        return;
    mr_value_release(entry->detail);
    mr__free(entry);
}

mr_perf_kind mr_perf_entry_kind(const mr_perf_entry *entry)
{
    return entry == NULL ? MR_PERF_ANY : entry->kind;
}

const char *mr_perf_entry_name(const mr_perf_entry *entry)
{
    return entry == NULL ? "" : entry->name;
}

uint64_t mr_perf_entry_start(const mr_perf_entry *entry)
{
    return entry == NULL ? 0 : entry->start_ns;
}

int64_t mr_perf_entry_duration(const mr_perf_entry *entry)
{
    return entry == NULL ? 0 : entry->duration_ns;
}

mr_value mr_perf_entry_detail(const mr_perf_entry *entry)
{
    return entry == NULL ? mr_value_undefined() : entry->detail;
}

/* ---- The list ---------------------------------------------------------------------------------*/

static bool make_room(mr_perf *perf)
{
    if (perf->count < perf->cap || perf->count == MR_PERF_MOST)
        return true;
    size_t cap = perf->cap == 0 ? 16 : 2 * perf->cap;
    mr_perf_entry **entries = mr__realloc(perf->entries, cap * sizeof(mr_perf_entry *));
    if (entries == NULL)
        return false;
    perf->entries = entries;
    perf->cap = cap;
    return true;
}

static void set_latest(mr_perf *perf, mr_perf_entry *mark)
{
    mr_perf_entry *before = latest_mark(perf, mark->name);
    if (before != NULL)
        mr__names_remove(&perf->marks, &before->latest);
    mr__names_add(&perf->marks, &mark->latest);
}

/* Takes the reference. There is room. */
static void keep(mr_perf *perf, mr_perf_entry *entry)
{
    if (perf->count == MR_PERF_MOST) {
        perf->dropped++;
        mr_perf_entry_unref(entry);
        return;
    }
    perf->in_order &= perf->count == 0 || compare(&perf->entries[perf->count - 1], &entry) < 0;
    perf->entries[perf->count++] = entry;
    if (entry->kind == MR_PERF_MARK)
        set_latest(perf, entry);
}

static mr_status make(mr_perf *perf, const mr_perf_entry *given, const char *name,
                      mr_perf_entry **out_entry)
{
    size_t len = strlen(name) + 1;
    if (!make_room(perf))
        return MR_ENOMEM;
    mr_perf_entry *entry = mr__alloc(sizeof *entry + len);
    if (entry == NULL)
        return MR_ENOMEM;
    *entry = *given;
    memcpy(entry->name, name, len);
    entry->latest.text = entry->name;
    entry->number = perf->made++;
    atomic_init(&entry->refs, 1);
    if (out_entry != NULL)
        *out_entry = mr_perf_entry_ref(entry);
    keep(perf, entry);
    return MR_OK;
}

static bool matches(const mr_perf_entry *entry, mr_perf_kind kind, const char *name)
{
    return (kind == MR_PERF_ANY || entry->kind == kind) &&
           (name == NULL || strcmp(entry->name, name) == 0);
}

/* Off the list, and chained up by the node that it needs no more. All are off before the first is
 * released, which may call release functions of users. A name that is cleared loses all its marks. */
static void take_off(mr_perf *perf, mr_perf_entry *entry, mr__name **dead)
{
    if (entry->kind == MR_PERF_MARK && latest_mark(perf, entry->name) == entry)
        mr__names_remove(&perf->marks, &entry->latest);
    entry->latest.next = *dead;
    *dead = &entry->latest;
}

static void clear(mr_perf *perf, mr_perf_kind kind, const char *name)
{
    mr__name *dead = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < perf->count; i++)
        if (matches(perf->entries[i], kind, name))
            take_off(perf, perf->entries[i], &dead);
        else
            perf->entries[kept++] = perf->entries[i];
    perf->count = kept;
    perf->in_order |= kept == 0;
    check(perf);
    while (dead != NULL) {
        mr_perf_entry *entry = MR_CONTAINER(dead, mr_perf_entry, latest);
        dead = dead->next;
        mr_perf_entry_unref(entry);
    }
}

/* ---- Calls ------------------------------------------------------------------------------------*/

mr_status mr_perf_create(mr_loop *loop, mr_perf **out_perf)
{
    mr_status status = out_perf == NULL ? MR_EINVAL : mr__loop_owner_call(loop);
    if (status != MR_OK)
        return status;
    mr_perf *perf = mr__alloc_zero(sizeof *perf);
    if (perf == NULL)
        return MR_ENOMEM;
    perf->loop = mr_loop_ref(loop);
    perf->origin_ns = mr__loop_origin(loop, &perf->origin_wall_ns);
    perf->in_order = true;
    mr__names_init(&perf->marks);
    *out_perf = perf;
    return MR_OK;
}

void mr_perf_destroy(mr_perf *perf)
{
    if (perf == NULL || mr__access(perf->loop) != MR_OK)
        return;
    mr_loop *loop = perf->loop;
    clear(perf, MR_PERF_ANY, NULL);
    mr__names_deinit(&perf->marks);
    mr__free(perf->entries);
    mr__free(perf);
    mr_loop_unref(loop);
}

uint64_t mr_perf_now(const mr_perf *perf)
{
    return perf == NULL || mr__access(perf->loop) != MR_OK
               ? 0
               : mr__loop_clock(perf->loop) - perf->origin_ns;
}

uint64_t mr_perf_time_origin(const mr_perf *perf)
{
    return perf == NULL ? 0 : perf->origin_wall_ns;
}

uint64_t mr_perf_dropped(const mr_perf *perf)
{
    return perf == NULL || mr__access(perf->loop) != MR_OK ? 0 : perf->dropped;
}

mr_status mr_perf_mark(mr_perf *perf, const char *name, mr_value detail, mr_perf_entry **out_entry)
{
    if (perf == NULL || name == NULL)
        return MR_EINVAL;
    mr_status status = mr__loop_owner_call(perf->loop);
    if (status != MR_OK)
        return status;
    mr_perf_entry mark = {.kind = MR_PERF_MARK, .start_ns = mr_perf_now(perf), .detail = detail};
    return make(perf, &mark, name, out_entry);
}

/* When the latest mark of a name was; otherwise_ns for NULL. */
static mr_status time_of(const mr_perf *perf, const char *name, uint64_t otherwise_ns,
                         uint64_t *out_ns)
{
    *out_ns = otherwise_ns;
    if (name == NULL)
        return MR_OK;
    const mr_perf_entry *mark = latest_mark(perf, name);
    if (mark == NULL)
        return MR_ENOENT;
    *out_ns = mark->start_ns;
    return MR_OK;
}

mr_status mr_perf_measure(mr_perf *perf, const char *name, const char *start, const char *end,
                          mr_value detail, mr_perf_entry **out_entry)
{
    if (perf == NULL || name == NULL)
        return MR_EINVAL;
    mr_status status = mr__loop_owner_call(perf->loop);
    if (status != MR_OK)
        return status;
    mr_perf_entry measure = {.kind = MR_PERF_MEASURE, .detail = detail};
    uint64_t end_ns;
    status = time_of(perf, start, 0, &measure.start_ns);
    if (status == MR_OK)
        status = time_of(perf, end, mr_perf_now(perf), &end_ns);
    if (status != MR_OK)
        return status;
    measure.duration_ns = (int64_t)(end_ns - measure.start_ns);
    return make(perf, &measure, name, out_entry);
}

mr_status mr_perf_list(mr_perf *perf, mr_perf_kind kind, const char *name, mr_perf_entry **entries,
                       size_t cap, size_t *out_count)
{
    if (perf == NULL || (unsigned)kind > MR_PERF_MEASURE || (entries == NULL && cap != 0) ||
        out_count == NULL)
        return MR_EINVAL;
    mr_status status = mr__access(perf->loop);
    if (status != MR_OK)
        return status;
    if (!perf->in_order)
        qsort(perf->entries, perf->count, sizeof(mr_perf_entry *), compare);
    perf->in_order = true;
    check(perf);
    size_t n = 0;
    for (size_t i = 0; i < perf->count; i++)
        if (matches(perf->entries[i], kind, name)) {
            if (n < cap)
                entries[n] = perf->entries[i];
            n++;
        }
    *out_count = n;
    return MR_OK;
}

mr_status mr_perf_clear(mr_perf *perf, mr_perf_kind kind, const char *name)
{
    if (perf == NULL || (unsigned)kind > MR_PERF_MEASURE)
        return MR_EINVAL;
    mr_status status = mr__access(perf->loop);
    if (status == MR_OK)
        clear(perf, kind, name);
    return status;
}
