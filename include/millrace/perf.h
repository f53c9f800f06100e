/* The clock of a loop: marks, measures, and the list of them (User Timing of the W3C, in C).
 *
 * Times are in ns since the origin, which is the creation of the loop; on a simulated loop they are
 * virtual, and so is the wall clock, which stands at 2000-01-01T00:00:00Z at virtual time 0. A perf
 * is for the owner thread of its loop, whose memory it keeps; after the loop's end one thread at a
 * time may read, clear and destroy.
 *
 * At most MR_PERF_MOST entries are kept. A later one is made and given to the caller as ever, but it
 * is not in the list, no measure finds it, and it is counted as dropped; clearing makes room.
 *
 * Since 0.1 */
#ifndef MILLRACE_PERF_H
#define MILLRACE_PERF_H

#include <millrace/loop.h>
#include <millrace/value.h>

MR_BEGIN_DECLS

enum { MR_PERF_MOST = 65536 };

typedef struct mr_perf mr_perf;
typedef struct mr_perf_entry mr_perf_entry; /* counted, immutable */

typedef enum mr_perf_kind {
    MR_PERF_ANY = 0, /* for listing and clearing */
    MR_PERF_MARK,
    MR_PERF_MEASURE
} mr_perf_kind;

/* Make the perf of a loop; more than one know nothing of each other. destroy takes NULL; from
 * another thread than those above it does nothing.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure *out_perf is untouched.
 * Owns     *out_perf is owned. destroy gives up the list's references to its entries.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_perf_create(mr_loop *loop, mr_perf **out_perf);
MR_API MR_OWNER void mr_perf_destroy(mr_perf *perf);

/* A fresh reading of the clock, in ns since the origin. The origin by the wall's clock, in ns since
 * 1970-01-01T00:00:00Z. How many entries were dropped, ever. 0 for NULL, and elsewhere.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER uint64_t mr_perf_now(const mr_perf *perf);
MR_API MR_OWNER uint64_t mr_perf_time_origin(const mr_perf *perf);
MR_API MR_OWNER uint64_t mr_perf_dropped(const mr_perf *perf);

/* Mark this moment.
 *
 * name     copied.
 * Returns  0, also when the entry was dropped; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On
 *          failure *out_entry is untouched.
 * Owns     detail passes to the entry on success; *out_entry is owned; out_entry may be NULL.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_perf_mark(mr_perf *perf, const char *name, mr_value detail,
                                       mr_perf_entry **out_entry);

/* Measure from one mark to another: from the latest of the name start (NULL: from the origin) to the
 * latest of the name end (NULL: to now). The duration is negative when end lies before start.
 *
 * Returns  as mr_perf_mark; MR_ENOENT: no mark of that name is in the list.
 * Owns     as mr_perf_mark.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_perf_measure(mr_perf *perf, const char *name, const char *start,
                                          const char *end, mr_value detail,
                                          mr_perf_entry **out_entry);

/* List the entries of a kind and of a name (NULL: any) by start time, then by order of making: the
 * first cap of them into entries, which may be NULL if cap is 0; *out_count becomes how many there
 * are.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_EINVAL.
 * Owns     the entries are lent until they are cleared.
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_perf_list(mr_perf *perf, mr_perf_kind kind, const char *name,
                                       mr_perf_entry **entries, size_t cap, size_t *out_count);

/* Take the entries of a kind and of a name (NULL: any) off the list.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_perf_clear(mr_perf *perf, mr_perf_kind kind, const char *name);

/* One more reference to an entry; one less. unref takes NULL.
 *
 * Thread   any; the owner if the detail is bound.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_perf_entry *mr_perf_entry_ref(mr_perf_entry *entry);
MR_API MR_ANY_THREAD void mr_perf_entry_unref(mr_perf_entry *entry);

/* What an entry says; name and detail are lent until the unref. A mark's duration is 0. NULL gives
 * MR_PERF_ANY, "", 0, 0, undefined.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD mr_perf_kind mr_perf_entry_kind(const mr_perf_entry *entry);
MR_API MR_ANY_THREAD const char *mr_perf_entry_name(const mr_perf_entry *entry);
MR_API MR_ANY_THREAD uint64_t mr_perf_entry_start(const mr_perf_entry *entry);
MR_API MR_ANY_THREAD int64_t mr_perf_entry_duration(const mr_perf_entry *entry);
MR_API MR_ANY_THREAD mr_value mr_perf_entry_detail(const mr_perf_entry *entry);

MR_END_DECLS

#endif
