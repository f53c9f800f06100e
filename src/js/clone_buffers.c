/* Copies of buffers and views, and the transfer of buffers. */
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "js/clone.h"

#include "js/errors.h"
#include "js/inspect.h"
#include "js/webapi.h"

/* ---- Buffers ----------------------------------------------------------------------------------*/

static int refuse_detached(mr__clone *clone)
{
    mr__js_throw_dom(clone->js->ctx, "DataCloneError",
                     "An ArrayBuffer is detached and could not be cloned.");
    return -1;
}

/* Whether the buffer can change its length, and how far. -1: an exception waits. */
static int read_limit(mr_js *js, JSValueConst buffer, bool shared, size_t *out_max)
{
    JSValue can = mr__kept_call(js, shared ? MR__KEPT_SHARED_GROWABLE : MR__KEPT_BUFFER_RESIZABLE,
                                buffer, 0, NULL);
    if (JS_IsException(can) || JS_ToBool(js->ctx, can) <= 0)
        return JS_IsException(can) ? -1 : 0;
    double max = 0;
    JSValue number =
        mr__kept_call(js, shared ? MR__KEPT_SHARED_MAX : MR__KEPT_BUFFER_MAX, buffer, 0, NULL);
    if (JS_IsException(number) || JS_ToFloat64(js->ctx, &max, number) < 0)
        return -1;
    *out_max = (size_t)max;
    return 1;
}

static JSValue new_resizable(mr_js *js, size_t len, size_t max)
{
    JSContext *ctx = js->ctx;
    static const char *const names[] = {"maxByteLength"};
    const JSValue values[] = {JS_NewInt64(ctx, (int64_t)max)};
    JSValue args[] = {JS_NewInt64(ctx, (int64_t)len), mr__web_object(ctx, 1, names, values)};
    JSValue buffer = JS_IsException(args[1])
                         ? JS_EXCEPTION
                         : mr__kept_new(js, MR__KEPT_BUFFER, 2, (JSValueConst *)args);
    JS_FreeValue(ctx, args[1]);
    return buffer;
}

static JSValue copy_bytes(mr_js *js, JSValueConst source, size_t len)
{
    JSContext *ctx = js->ctx;
    size_t max, size;
    int resizable = read_limit(js, source, false, &max);
    if (resizable < 0)
        return JS_EXCEPTION;
    JSValue copy = resizable
                       ? new_resizable(js, len, max)
                       : JS_NewArrayBufferCopy(ctx, JS_GetArrayBuffer(ctx, &size, source), len);
    if (JS_IsException(copy))
        return copy;
    if (resizable && len != 0)
        memcpy(JS_GetArrayBuffer(ctx, &size, copy), JS_GetArrayBuffer(ctx, &size, source), len);
    if (JS_IsImmutableArrayBuffer(source) == 1)
        JS_SetImmutableArrayBuffer(copy, true);
    return copy;
}

/* Another object for the same memory. */
static JSValue share_bytes(mr_js *js, JSValueConst source, size_t len)
{
    size_t max = 0, size;
    if (read_limit(js, source, true, &max) < 0)
        return JS_EXCEPTION;
    uint8_t *data = JS_GetArrayBuffer(js->ctx, &size, source);
    return JS_NewArrayBuffer(js->ctx, data, len, max, NULL, NULL, true);
}

static size_t copy_buffer(mr__clone *clone, JSValueConst value, const mr__buffer_view *view)
{
    if (!view->in_bounds) {
        refuse_detached(clone);
        return 0;
    }
    if (!JS_IsArrayBuffer(value) && !clone->js->shares_memory) {
        mr__clone_refuse(clone, value);
        return 0;
    }
    JSValue copy = JS_IsArrayBuffer(value) ? copy_bytes(clone->js, value, view->len)
                                           : share_bytes(clone->js, value, view->len);
    return mr__clone_enter(clone, value, copy);
}

/* ---- Views ------------------------------------------------------------------------------------*/

static size_t element_size(int type)
{
    static const unsigned char sizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};
    return type < 0 ? 1 : sizes[type];
}

static int resize(mr_js *js, JSValueConst buffer, size_t size)
{
    JSValue number = JS_NewInt64(js->ctx, (int64_t)size);
    JSValue result = mr__kept_call(js, MR__KEPT_BUFFER_RESIZE, buffer, 1, (JSValueConst *)&number);
    JS_FreeValue(js->ctx, result);
    return JS_IsException(result) ? -1 : 0;
}

/* Whether the view has another length, or is still in bounds, when its buffer has another size. No
 * script runs meanwhile. -1: an exception waits. */
static int try_size(mr_js *js, JSValueConst value, const mr__buffer_view *view, size_t size,
                    size_t other)
{
    JSContext *ctx = js->ctx;
    uint8_t saved[8];
    size_t lost = other < size ? size - other : 0, now;
    if (lost != 0)
        memcpy(saved, JS_GetArrayBuffer(ctx, &now, view->buffer) + other, lost);
    if (resize(js, view->buffer, other) < 0)
        return -1;
    mr__buffer_view changed;
    mr__buffer_view_of(js, value, &changed);
    JS_FreeValue(ctx, changed.buffer);
    if (resize(js, view->buffer, size) < 0)
        return -1;
    if (lost != 0)
        memcpy(JS_GetArrayBuffer(ctx, &now, view->buffer) + other, saved, lost);
    return lost != 0 ? changed.in_bounds : changed.len != view->len;
}

/* Whether the view follows the length of its buffer. The engine does not tell; where a view reaches
 * the end of a buffer that can change, it is tried. What cannot be tried makes no difference, but for
 * a shared buffer, which cannot shrink again. */
static int follows_length(mr_js *js, JSValueConst value, const mr__buffer_view *view)
{
    size_t max, size, step = element_size(view->type);
    bool shared = !JS_IsArrayBuffer(view->buffer);
    int can = read_limit(js, view->buffer, shared, &max);
    if (can <= 0)
        return can;
    JS_GetArrayBuffer(js->ctx, &size, view->buffer);
    if (size - view->offset - view->len >= step)
        return 0;
    if (shared)
        return 1;
    if (max - size >= step)
        return try_size(js, value, view, size, size + step);
    return view->len < step ? 1 : try_size(js, value, view, size, size - step);
}

static JSValue make_view(mr_js *js, JSValueConst buffer, const struct mr__clone_view *view)
{
    JSValueConst args[] = {buffer, JS_NewInt64(js->ctx, (int64_t)view->offset),
                           JS_NewInt64(js->ctx, (int64_t)(view->len / element_size(view->type)))};
    int count = view->follows ? 2 : 3;
    return view->type == MR__VIEW_DATA_VIEW
               ? mr__kept_new(js, MR__KEPT_DATA_VIEW, count, args)
               : JS_NewTypedArray(js->ctx, count, args, (JSTypedArrayEnum)view->type);
}

static size_t delay_view(mr__clone *clone, JSValueConst value, struct mr__clone_view *view)
{
    if (!mr__web_grow(clone->js->ctx, (void **)&clone->views, clone->view_count, &clone->view_cap,
                      sizeof(*clone->views)))
        return 0;
    view->entry = mr__clone_enter(clone, value, JS_UNDEFINED);
    if (view->entry != 0)
        clone->views[clone->view_count++] = *view;
    return view->entry;
}

static size_t copy_view(mr__clone *clone, JSValueConst value, const mr__buffer_view *view)
{
    mr__copied buffer;
    if (!view->in_bounds) {
        refuse_detached(clone);
        return 0;
    }
    int follows = follows_length(clone->js, value, view);
    if (follows < 0 || mr__clone_copy(clone, view->buffer, &buffer) < 0)
        return 0;
    struct mr__clone_view made = {.buffer_entry = buffer.entry,
                                  .offset = view->offset,
                                  .len = view->len,
                                  .type = view->type,
                                  .follows = follows > 0};
    if (buffer.entry <= clone->transferred)
        return delay_view(clone, value, &made);
    return mr__clone_enter(clone, value,
                           make_view(clone->js, clone->entries[buffer.entry - 1].copy, &made));
}

size_t mr__clone_view(mr__clone *clone, JSValueConst value, mr__buffer_view *view)
{
    size_t entry = view->type == MR__VIEW_BUFFER ? copy_buffer(clone, value, view)
                                                 : copy_view(clone, value, view);
    JS_FreeValue(clone->js->ctx, view->buffer);
    return entry;
}

/* ---- Transfer ---------------------------------------------------------------------------------*/

static int check_attached(mr__clone *clone)
{
    JSContext *ctx = clone->js->ctx;
    for (size_t i = 0; i < clone->transferred; i++) {
        size_t size;
        if (JS_GetArrayBuffer(ctx, &size, clone->entries[i].source) != NULL)
            continue;
        JS_FreeValue(ctx, JS_GetException(ctx));
        return refuse_detached(clone);
    }
    return 0;
}

int mr__clone_transfer(mr__clone *clone)
{
    if (check_attached(clone) < 0)
        return -1;
    for (size_t i = 0; i < clone->transferred; i++) {
        struct mr__clone_entry *entry = &clone->entries[i];
        JSValue moved = mr__kept_call(clone->js, MR__KEPT_BUFFER_TRANSFER, entry->source, 0, NULL);
        if (JS_IsException(moved))
            return -1;
        entry->copy = moved;
    }
    for (size_t i = 0; i < clone->view_count; i++) {
        const struct mr__clone_view *view = &clone->views[i];
        JSValue made = make_view(clone->js, clone->entries[view->buffer_entry - 1].copy, view);
        if (JS_IsException(made))
            return -1;
        clone->entries[view->entry - 1].copy = made;
    }
    return 0;
}

/* ---- Shared memory ----------------------------------------------------------------------------*/

/* In front of the bytes that shared buffers show. Counted by the engine's allocator, so that its
 * limit holds for them too. */
struct shared_block {
    alignas(8) size_t references; /* as far as the engine aligns */
    unsigned char bytes[];
};

static void *shared_alloc(void *opaque, size_t size)
{
    mr_js *js = opaque;
    struct shared_block *block = js_malloc(js->ctx, sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->references = 1;
    return block->bytes;
}

static struct shared_block *block_of(void *bytes)
{
    return (struct shared_block *)((unsigned char *)bytes - offsetof(struct shared_block, bytes));
}

static void shared_free(void *opaque, void *bytes)
{
    mr_js *js = opaque;
    struct shared_block *block = block_of(bytes);
    if (--block->references == 0)
        js_free_rt(js->rt, block);
}

static void shared_dup(void *opaque, void *bytes)
{
    (void)opaque;
    block_of(bytes)->references++;
}

void mr__js_share_memory(mr_js *js)
{
    const JSSharedArrayBufferFunctions functions = {shared_alloc, shared_free, shared_dup, js};
    JS_SetSharedArrayBufferFunctions(js->rt, &functions);
    js->shares_memory = true;
}
