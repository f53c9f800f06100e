/* Unhandled rejections.
 *
 * The engine tells when a promise is rejected without a handler and when one is attached later.
 * Both are noted; an end job of the checkpoint judges what is still unhandled. A handler that comes
 * for a promise no longer on the list comes after its report. Entries are numbered in order of
 * rejection: number - first is the position in the array. */
#include "js/rejections.h"

#include <string.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/idmap.h"
#include "js/promise_trace.h"

#include <millrace/microtask.h>

struct rejection {
    JSValue promise, reason; /* promise undefined: handled meanwhile */
};

/* Grows by doubling; elements before `head` are done. */
struct rejection_list {
    struct rejection *items;
    size_t head, len, cap;
};

struct judge;

struct mr__js_rejections {
    mr_js *js;
    struct rejection_list noted;
    uint64_t first;             /* number of noted.items[0] */
    mr__idmap numbers;          /* promise -> its number + 1 */
    struct rejection_list late; /* handled after their report; reason unused */
    struct judge *judge;        /* the end job that is queued; NULL: none */
    bool judging;
};

/* What the loop holds: outlives the runtime if need be. */
struct judge {
    struct mr__js_rejections *owner;
};

/* ---- Lists ------------------------------------------------------------------------------------*/

static bool list_push(struct rejection_list *list, struct rejection item)
{
    if (list->len == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        struct rejection *items = mr__realloc(list->items, cap * sizeof(*items));
        if (items == NULL)
            return false;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->len++] = item;
    return true;
}

static void free_item(JSContext *ctx, struct rejection item)
{
    JS_FreeValue(ctx, item.promise);
    JS_FreeValue(ctx, item.reason);
}

static void list_deinit(JSContext *ctx, struct rejection_list *list)
{
    while (list->head < list->len)
        free_item(ctx, list->items[list->head++]);
    mr__free(list->items);
    *list = (struct rejection_list){0};
}

static uint64_t key_of(JSValueConst promise)
{
    return (uint64_t)(uintptr_t)JS_VALUE_GET_PTR(promise);
}

/* ---- Judging ----------------------------------------------------------------------------------*/

/* An Error by that name; without frames, since no code of the script is running. */
static JSValue new_rejection_error(JSContext *ctx, const char *message)
{
    const int hidden = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
    JSValue error = JS_NewPlainError(ctx, "%s", "");
    JSValue name = JS_NewString(ctx, "UnhandledPromiseRejection");
    JSValue code = JS_NewString(ctx, "ERR_UNHANDLED_REJECTION");
    JSValue text = JS_NewString(ctx, message);
    if (!JS_IsObject(error)) {
        JS_FreeValues(ctx, name, code, text);
        return error;
    }
    JS_DefinePropertyValueStr(ctx, error, "message", text, hidden);
    JS_DefinePropertyValueStr(ctx, error, "name", name, hidden);
    JS_DefinePropertyValueStr(ctx, error, "code", code, JS_PROP_C_W_E);
    return error;
}

/* The reason as an Error: itself, or one that shows it. Runs no script. */
static JSValue error_for(mr_js *js, JSValueConst reason)
{
    if (mr__reason_is_error(js, reason))
        return JS_DupValue(js->ctx, reason);
    mr__bytes text = {0};
    mr__bytes_str(&text, "This error originated either by throwing inside of an async function "
                         "without a catch block, or by rejecting a promise which was not handled "
                         "with .catch(). The promise rejected with the reason \"");
    if (mr__reason_describe(js, &text, reason) < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    mr__bytes_str(&text, "\".");
    JSValue error = new_rejection_error(js->ctx, mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
    return error;
}

static void warn_about(mr_js *js, JSValueConst reason)
{
    mr__bytes text = {0};
    mr__inspect_options options = mr__inspect_defaults;
    options.custom = false;
    mr__bytes_str(&text, "a promise was rejected and nothing handled it: ");
    if (mr__js_inspect(js, &text, reason, &options) < 0)
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    mr__js_warn(js, "UnhandledPromiseRejectionWarning", mr__bytes_cstr(&text));
    mr__bytes_deinit(&text);
}

bool mr__js_rejections_judging(const mr_js *js)
{
    return js->rejections != NULL && js->rejections->judging;
}

static void throw_on(mr_js *js, JSValueConst reason)
{
    js->rejections->judging = true;
    mr__js_uncaught_value(js, js->repl ? JS_DupValue(js->ctx, reason) : error_for(js, reason),
                          true);
    js->rejections->judging = false;
}

/* One unhandled rejection. false: a listener threw, the batch ends. */
static bool judge_one(mr_js *js, struct rejection item)
{
    JSValueConst args[] = {item.reason, item.promise};
    mr__js_enter(js);
    JSValue heard = mr__js_process_call(js, MR__PROCESS_REJECTION, 2, args);
    mr__js_leave(js);
    if (JS_IsException(heard)) {
        mr__js_uncaught(js, false);
        return false;
    }
    bool handled = JS_ToBool(js->ctx, heard) > 0;
    mr__js_promise_trace_about(js, item.promise);
    JS_FreeValue(js->ctx, heard);
    if (js->options.rejections == MR_JS_REJECTIONS_WARN)
        warn_about(js, item.reason);
    else if (js->options.rejections == MR_JS_REJECTIONS_THROW && !handled)
        throw_on(js, item.reason);
    mr__js_promise_trace_about(js, JS_UNDEFINED);
    return true;
}

/* rejectionHandled for those reported before and handled since. false: a listener threw. */
static bool tell_late(struct mr__js_rejections *self, size_t count)
{
    mr_js *js = self->js;
    bool going = true;
    for (; going && count > 0 && !js->gone; count--) {
        struct rejection item = self->late.items[self->late.head++];
        JSValue name = JS_NewString(js->ctx, "rejectionHandled");
        JSValueConst args[] = {name, item.promise};
        mr__js_enter(js);
        JSValue result = mr__js_process_call(js, MR__PROCESS_EMIT, 2, args);
        mr__js_leave(js);
        going = !JS_IsException(result);
        if (!going)
            mr__js_uncaught(js, false);
        JS_FreeValue(js->ctx, result);
        JS_FreeValue(js->ctx, name);
        free_item(js->ctx, item);
    }
    if (self->late.head == self->late.len)
        self->late.head = self->late.len = 0;
    return going;
}

/* Judge what was noted before `end`. A listener that throws ends the batch: the rest is dropped. */
static void judge_batch(struct mr__js_rejections *self, uint64_t end)
{
    mr_js *js = self->js;
    bool going = true;
    while (!js->gone && self->first + self->noted.head < end) {
        struct rejection item = self->noted.items[self->noted.head++];
        if (JS_IsUndefined(item.promise))
            continue;
        mr__idmap_remove(&self->numbers, key_of(item.promise));
        going = going && judge_one(js, item);
        free_item(js->ctx, item);
    }
    if (self->noted.head == self->noted.len) {
        self->first += self->noted.len;
        self->noted.head = self->noted.len = 0;
    }
}

static void schedule(struct mr__js_rejections *self);

static void run_judge(void *arg)
{
    struct judge *judge = arg;
    struct mr__js_rejections *self = judge->owner;
    mr__free(judge);
    if (self == NULL)
        return;
    self->judge = NULL;
    if (self->js->gone)
        return;
    size_t late = self->late.len - self->late.head;
    uint64_t end = self->first + self->noted.len;
    if (tell_late(self, late))
        judge_batch(self, end);
    schedule(self); /* what was noted meanwhile, or stayed behind a listener that threw */
}

static void discard_judge(void *arg, mr_status reason)
{
    (void)reason;
    struct judge *judge = arg;
    if (judge->owner != NULL)
        judge->owner->judge = NULL;
    mr__free(judge);
}

static void schedule(struct mr__js_rejections *self)
{
    bool idle = self->noted.head == self->noted.len && self->late.head == self->late.len;
    if (self->judge != NULL || idle)
        return;
    struct judge *judge = mr__alloc(sizeof(*judge));
    if (judge == NULL)
        return;
    judge->owner = self;
    mr_task task = {run_judge, judge, discard_judge};
    if (mr_checkpoint_end_with(self->js->loop, &task) == MR_OK)
        self->judge = judge;
    else
        mr__free(judge);
}

/* ---- Noting -----------------------------------------------------------------------------------*/

static void note_rejected(struct mr__js_rejections *self, JSValueConst promise, JSValueConst reason)
{
    JSContext *ctx = self->js->ctx;
    struct rejection item = {JS_DupValue(ctx, promise), JS_DupValue(ctx, reason)};
    uint64_t number = self->first + self->noted.len;
    if (!mr__idmap_put(&self->numbers, key_of(promise), number + 1)) {
        free_item(ctx, item);
    } else if (!list_push(&self->noted, item)) {
        mr__idmap_remove(&self->numbers, key_of(promise));
        free_item(ctx, item);
    }
}

static void note_handled(struct mr__js_rejections *self, JSValueConst promise)
{
    JSContext *ctx = self->js->ctx;
    uint64_t number;
    if (!mr__idmap_get(&self->numbers, key_of(promise), &number)) {
        struct rejection item = {JS_DupValue(ctx, promise), JS_UNDEFINED};
        if (!list_push(&self->late, item))
            free_item(ctx, item);
        return;
    }
    mr__idmap_remove(&self->numbers, key_of(promise));
    struct rejection *item = &self->noted.items[number - 1 - self->first];
    struct rejection done = *item;
    *item = (struct rejection){JS_UNDEFINED, JS_UNDEFINED};
    free_item(ctx, done);
}

bool mr__js_rejections_take(mr_js *js, JSValueConst promise)
{
    uint64_t number;
    bool there = mr__idmap_get(&js->rejections->numbers, key_of(promise), &number);
    if (there)
        note_handled(js->rejections, promise);
    return there;
}

void mr__js_rejections_note(mr_js *js, JSValueConst promise)
{
    JSValue reason = JS_PromiseResult(js->ctx, promise);
    note_rejected(js->rejections, promise, reason);
    JS_FreeValue(js->ctx, reason);
    schedule(js->rejections);
}

/* The engine's tracker. The promise is alive: the caller holds it. */
static void track(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled,
                  void *opaque)
{
    struct mr__js_rejections *self = opaque;
    if (self->js->gone)
        return;
    if (self->js->limits.ending != MR__JS_END_NOT || JS_IsUncatchableError(reason)) {
        /* The engine makes rejections of a callback's end: that is told of by itself, once. */
        if (!is_handled)
            JS_PromiseMarkAsHandled(ctx, promise);
        return;
    }
    if (mr__js_pair_tracks(self->js, promise, is_handled))
        return;
    if (is_handled)
        note_handled(self, promise);
    else
        note_rejected(self, promise, reason);
    schedule(self);
}

/* ---- Life -------------------------------------------------------------------------------------*/

int mr__js_rejections_install(mr_js *js)
{
    js->rejections = mr__alloc_zero(sizeof(*js->rejections));
    if (js->rejections == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->rejections->js = js;
    return 0;
}

void mr__js_rejections_listen(mr_js *js)
{
    JS_SetHostPromiseRejectionTracker(js->rt, track, js->rejections);
}

void mr__js_rejections_destroy(mr_js *js)
{
    struct mr__js_rejections *self = js->rejections;
    if (self == NULL)
        return;
    JS_SetHostPromiseRejectionTracker(js->rt, NULL, NULL);
    if (self->judge != NULL)
        self->judge->owner = NULL;
    list_deinit(js->ctx, &self->noted);
    list_deinit(js->ctx, &self->late);
    mr__idmap_deinit(&self->numbers);
    mr__free(self);
    js->rejections = NULL;
}
