/* Events: telling those who asked to be told, at once and in order.
 *
 * A target has listeners by type; to dispatch an event calls those of its type inside the call, in
 * the order of adding. They are a snapshot of the moment of the dispatch: one that is added
 * meanwhile waits for the next event, one that is removed meanwhile is skipped. Unlike a reaction of
 * a promise a listener runs synchronously, so no checkpoint comes between two of them; ticks and
 * microtasks that they queue run after the callback that dispatched.
 *
 * Targets and events are counted and belong to the owner thread of their loop, whose memory they
 * keep. After the loop's end one thread at a time may read, remove and unref; nothing is dispatched.
 * The semantics are those of EventTarget in the DOM standard, without a tree.
 *
 * Since 0.1 */
#ifndef MILLRACE_EVENT_H
#define MILLRACE_EVENT_H

#include <millrace/promise.h>

MR_BEGIN_DECLS

typedef struct mr_event_target mr_event_target;
typedef struct mr_event mr_event;

typedef struct mr_listener {
    uint64_t id; /* of one target, never given again by it; 0 is never valid */
} mr_listener;

/* A listener. The event is borrowed until it returns; what it does with target and event is its own
 * affair: dispatching another event, adding, removing, the last unref. */
typedef void mr_event_fn(mr_event_target *target, mr_event *event, void *arg);

typedef struct mr_listen_options {
    size_t size_bytes;      /* sizeof(mr_listen_options): lets the struct grow */
    bool once;              /* removed before its first call */
    mr_release_fn *release; /* of arg, once, when the listener is gone and not running; or NULL */
} mr_listen_options;

enum {
    MR_EVENT_CANCELABLE = 1, /* the only one to be given to mr_event_create */
    MR_EVENT_PREVENTED = 2,
    MR_EVENT_STOPPED = 4,
    MR_EVENT_DISPATCHING = 8
};

/* ---- targets ---- */

/* Make a target.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure *out_target is untouched.
 * Owns     *out_target is owned.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_event_target_create(mr_loop *loop,
                                                              mr_event_target **out_target);

/* One more reference; one less. The last one releases all listeners. unref takes NULL.
 *
 * Thread   owner; after the loop's end one thread at a time. From elsewhere nothing is done.
 * Calls    the listeners' release.
 * Since    0.1 */
MR_API MR_OWNER mr_event_target *mr_event_target_ref(mr_event_target *target);
MR_API MR_OWNER void mr_event_target_unref(mr_event_target *target);

/* Call fn(target, event, arg) for each event of that type. The same function may be added again, and
 * is then called again.
 *
 * type     copied.
 * options  borrowed until it returns; NULL: none.
 * Returns  0; MR_ENOMEM, MR_EEXHAUSTED, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure nothing is
 *          added, nothing is released, *out_listener is untouched.
 * Owns     arg passes to the listener on success. out_listener may be NULL.
 * Thread   owner.
 * Calls    fn from mr_event_target_dispatch only.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_event_target_add(mr_event_target *target,
                                                           const char *type, mr_event_fn *fn,
                                                           void *arg,
                                                           const mr_listen_options *options,
                                                           mr_listener *out_listener);

/* Remove a listener; all of a type (NULL: of any). One that runs is run to its end and then
 * released. clear leaves those that are added meanwhile.
 *
 * Returns  0; MR_ENOENT (remove: it is gone already, or never was), MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner; after the loop's end one thread at a time.
 * Calls    their release.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_event_target_remove(mr_event_target *target, mr_listener listener);
MR_API MR_OWNER mr_status mr_event_target_clear(mr_event_target *target, const char *type);

/* Listeners of a type, or of all types (NULL). 0 for a NULL target.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER size_t mr_event_target_count(const mr_event_target *target, const char *type);

/* Call the listeners of the event's type. An event may be dispatched again, on the same target or
 * another of its loop, once it is not being dispatched; prevented it stays.
 *
 * out_allowed  false exactly if the event is cancelable and was prevented. May be NULL.
 * Returns  0; MR_EREENTRANT (the same event is being dispatched), MR_EWRONGTHREAD, MR_ECLOSED (also
 *          when a listener asked for the close of the loop: those after it are not called),
 *          MR_EFORKED, MR_EINVAL (also an event of another loop). On failure *out_allowed is untouched.
 * Thread   owner.
 * Calls    the listeners, through the loop's one call site, without a checkpoint of their own.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_event_target_dispatch(mr_event_target *target, mr_event *event,
                                                   bool *out_allowed);

/* ---- events ---- */

/* Make an event of a type, which is copied. detail is whatever the listeners shall know; flags are 0
 * or MR_EVENT_CANCELABLE.
 *
 * Returns  0; MR_ENOMEM, MR_EWRONGTHREAD, MR_ECLOSED, MR_EINVAL. On failure *out_event is untouched.
 * Owns     detail passes to the event on success; *out_event is owned.
 * Thread   owner.
 * Since    0.1 */
MR_API MR_NODISCARD MR_OWNER mr_status mr_event_create(mr_loop *loop, const char *type,
                                                       mr_value detail, uint32_t flags,
                                                       mr_event **out_event);

/* One more reference; one less. unref takes NULL.
 *
 * Thread   owner; after the loop's end one thread at a time. From elsewhere nothing is done.
 * Since    0.1 */
MR_API MR_OWNER mr_event *mr_event_ref(mr_event *event);
MR_API MR_OWNER void mr_event_unref(mr_event *event);

/* What an event is: its type and detail, lent until the unref; when it was made, by the loop's clock
 * in ns, as mr_loop_now; its flags. NULL gives "", undefined, 0.
 *
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER const char *mr_event_type(const mr_event *event);
MR_API MR_OWNER mr_value mr_event_detail(const mr_event *event);
MR_API MR_OWNER uint64_t mr_event_time(const mr_event *event);
MR_API MR_OWNER uint32_t mr_event_flags(const mr_event *event);

/* Prevent what follows the event, if it is cancelable (otherwise nothing happens); stop: call no
 * further listener in the dispatch at hand, or else in the next one.
 *
 * Returns  0; MR_EWRONGTHREAD, MR_EINVAL.
 * Thread   owner; after the loop's end one thread at a time.
 * Since    0.1 */
MR_API MR_OWNER mr_status mr_event_prevent(mr_event *event);
MR_API MR_OWNER mr_status mr_event_stop(mr_event *event);

MR_END_DECLS

#endif
