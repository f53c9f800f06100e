/* Promises between C and script: for each of ours one native promise, and the reverse.
 *
 * A pair keeps the native promise for as long as the promise of C lives, so whichever is shown comes
 * back as the same object; what comes back is handled where it comes from. One made for C follows the native one by a reaction, a job of the engine;
 * one made for a script is settled where the promise of C settles, in its place among the reactions. */
#include <string.h>

#include <millrace/microtask.h>

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/rejections.h"
#include "js/value.h"
#include "loop/extend.h"
#include "promise/door.h"

typedef struct mr__js_pair {
    mr_js *js;
    struct mr__js_pair *previous, *next;
    mr_promise *promise; /* not counted: the pair goes with it */
    JSValue native;
    JSValue settle[2];  /* made for a script and pending: what fulfils it, what rejects it */
    mr_settler settler; /* made for C: of the promise */
    bool awaited;       /* the promise tells when it settles: until then the pair stays */
    bool returned;      /* made for a script, which gave it back to C */
    bool minded;        /* and when it was rejected the script had something attached */
} pair;

static uint64_t key_of(const void *object)
{
    return (uint64_t)(uintptr_t)object;
}

static pair *find(const mr__idmap *map, const void *object)
{
    uint64_t found;
    return mr__idmap_get(map, key_of(object), &found) ? (pair *)(uintptr_t)found : NULL;
}

static void free_pair(pair *p)
{
    mr_js *js = p->js;
    mr__idmap_remove(&js->bridge->pairs_by_promise, key_of(p->promise));
    mr__idmap_remove(&js->bridge->pairs_by_native, key_of(JS_VALUE_GET_PTR(p->native)));
    if (js->bridge->next_pair == p)
        js->bridge->next_pair = p->next;
    *(p->previous != NULL ? &p->previous->next : &js->bridge->pairs) = p->next;
    if (p->next != NULL)
        p->next->previous = p->previous;
    JS_FreeValue(js->ctx, p->settle[0]);
    JS_FreeValue(js->ctx, p->settle[1]);
    JS_FreeValue(js->ctx, p->native);
    p->js = NULL;
    if (!p->awaited)
        mr__free(p);
}

/* The listener of the loop's promises. */
static void freed(mr_promise *promise, void *arg)
{
    mr_js *js = arg;
    pair *p = find(&js->bridge->pairs_by_promise, promise);
    if (p != NULL)
        free_pair(p);
}

/* native passes, also on failure. */
static pair *new_pair(mr_js *js, mr_promise *promise, JSValue native)
{
    struct mr__js_bridge *bridge = js->bridge;
    pair *p = mr__alloc(sizeof *p);
    if (p == NULL || mr__promises_on_freed(js->loop, freed, js) != MR_OK ||
        !mr__idmap_put(&bridge->pairs_by_promise, key_of(promise), key_of(p))) {
        mr__free(p);
        JS_FreeValue(js->ctx, native);
        return NULL;
    }
    *p = (pair){.js = js,
                .next = bridge->pairs,
                .promise = promise,
                .native = native,
                .settle = {JS_UNDEFINED, JS_UNDEFINED}};
    if (bridge->pairs != NULL)
        bridge->pairs->previous = p;
    bridge->pairs = p;
    if (!mr__idmap_put(&bridge->pairs_by_native, key_of(JS_VALUE_GET_PTR(native)), key_of(p))) {
        free_pair(p);
        return NULL;
    }
    mr__promise_mark(promise);
    return p;
}

/* ---- from C to script -------------------------------------------------------------------------*/

/* How the native promise ends: the value, or where there is no memory for it the engine's error. */
static JSValue outcome(mr_js *js, const mr_promise *promise, bool *out_rejected)
{
    *out_rejected = mr_promise_get_state(promise) == MR_PROMISE_REJECTED;
    JSValue value = mr__js_from_value(js, *out_rejected ? mr_promise_reason(promise)
                                                        : mr_promise_value(promise));
    if (!JS_IsException(value))
        return value;
    *out_rejected = true;
    return JS_GetException(js->ctx);
}

/* Whether looking for then could find one: no script runs for that, so a proxy, or whatever is in its
 * way, may have one. */
static bool may_have_then(mr_js *js, JSValueConst object)
{
    JSAtom name = JS_NewAtom(js->ctx, "then");
    JSValue at = JS_DupValue(js->ctx, object);
    bool may = false;
    while (!may && JS_IsObject(at)) {
        may = JS_IsProxy(at) || JS_GetOwnProperty(js->ctx, NULL, at, name) != 0;
        JSValue above = may ? JS_UNDEFINED : JS_GetPrototype(js->ctx, at);
        JS_FreeValue(js->ctx, at);
        at = above;
    }
    JS_FreeValue(js->ctx, at);
    JS_FreeAtom(js->ctx, name);
    return may;
}

/* fulfil(value) as a job. */
static JSValue fulfil_later(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc;
    return JS_Call(ctx, argv[0], JS_UNDEFINED, 1, &argv[1]);
}

/* The engine looks for a then of what it fulfils with: script, which does not run inside a settling. */
static JSValue fulfil(mr_js *js, JSValueConst settle, JSValueConst value)
{
    JSValueConst args[] = {settle, value};
    if (JS_IsObject(value) && may_have_then(js, value)) {
        if (JS_EnqueueJob(js->ctx, fulfil_later, 2, args) == 0)
            return JS_UNDEFINED;
        JS_FreeValue(js->ctx, JS_GetException(js->ctx)); /* no memory: better now than never */
    }
    return JS_Call(js->ctx, settle, JS_UNDEFINED, 1, &value);
}

static void settle_native(pair *p, const mr_promise *promise)
{
    mr_js *js = p->js;
    bool rejected;
    JSValue settle[] = {p->settle[0], p->settle[1]};
    p->settle[0] = p->settle[1] = JS_UNDEFINED;
    mr__js_enter(js);
    JSValue value = outcome(js, promise, &rejected);
    p->minded = true; /* unless the engine says otherwise */
    JSValue result = rejected ? JS_Call(js->ctx, settle[1], JS_UNDEFINED, 1, (JSValueConst *)&value)
                              : fulfil(js, settle[0], value);
    if (JS_IsException(result))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, result);
    JS_FreeValue(js->ctx, value);
    JS_FreeValue(js->ctx, settle[0]);
    JS_FreeValue(js->ctx, settle[1]);
    if (p->returned && p->minded)
        mr__promise_shown(p->promise);
    mr__js_leave(js);
}

/* The engine's word on the rejection of a promise that C gave to a script and got back. There the chain
 * ends: C reports it, if neither has attached anything. */
bool mr__js_pair_tracks(mr_js *js, JSValueConst native, bool is_handled)
{
    pair *p = js->bridge == NULL || js->bridge->pairs == NULL
                  ? NULL
                  : find(&js->bridge->pairs_by_native, JS_VALUE_GET_PTR(native));
    if (p == NULL || !p->returned)
        return false;
    p->minded = is_handled;
    if (is_handled)
        mr__promise_shown(p->promise);
    return true;
}

static void settled(mr_promise *promise, void *arg)
{
    pair *p = arg;
    p->awaited = false;
    if (p->js == NULL) /* the runtime has ended */
        mr__free(p);
    else if (!p->js->gone && mr_promise_get_state(promise) != MR_PROMISE_PENDING)
        settle_native(p, promise);
}

static JSValue follow_pending(mr_js *js, mr_promise *promise)
{
    JSValue settle[2];
    JSValue native = JS_NewPromiseCapability(js->ctx, settle);
    if (JS_IsException(native))
        return native;
    pair *p = new_pair(js, promise, native);
    if (p == NULL) {
        JS_FreeValue(js->ctx, settle[0]);
        JS_FreeValue(js->ctx, settle[1]);
        return JS_ThrowOutOfMemory(js->ctx);
    }
    p->settle[0] = settle[0];
    p->settle[1] = settle[1];
    if (mr__promise_bridge(promise, settled, p) != MR_OK) {
        free_pair(p);
        return JS_ThrowOutOfMemory(js->ctx);
    }
    p->awaited = true;
    return JS_DupValue(js->ctx, p->native);
}

static JSValue copy_settled(mr_js *js, mr_promise *promise)
{
    bool rejected;
    JSValue value = outcome(js, promise, &rejected);
    JSValue native = JS_NewSettledPromise(js->ctx, rejected, value);
    JS_FreeValue(js->ctx, value);
    if (JS_IsException(native))
        return native;
    pair *p = new_pair(js, promise, native);
    if (p == NULL)
        return JS_ThrowOutOfMemory(js->ctx);
    mr__promise_shown(promise);
    return JS_DupValue(js->ctx, p->native);
}

JSValue mr__js_from_promise(mr_js *js, mr_promise *promise)
{
    pair *p = find(&js->bridge->pairs_by_promise, promise);
    if (p != NULL) {
        mr__promise_shown(promise);
        if (p->returned && !p->minded && mr_promise_get_state(promise) == MR_PROMISE_REJECTED)
            mr__js_rejections_note(js, p->native);
        p->returned = false;
        return JS_DupValue(js->ctx, p->native);
    }
    return mr_promise_get_state(promise) == MR_PROMISE_PENDING ? follow_pending(js, promise)
                                                               : copy_settled(js, promise);
}

/* ---- from script to C -------------------------------------------------------------------------*/

static mr_value error_of(mr_status status)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = status};
    mr_error *error = NULL;
    return mr_error_create(&spec, &error) == MR_OK ? mr_value_error(error) : mr_value_undefined();
}

static void reject(mr_js *js, mr_settler settler, mr_status status)
{
    mr_value reason = error_of(status);
    if (mr_settler_reject(js->loop, settler, reason) != MR_OK)
        mr_value_release(reason);
}

static JSValue native_settled(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                              int rejected, JSValueConst *data)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    uint32_t low, high;
    mr_value value = {0};
    if (JS_ToUint32(ctx, &low, data[0]) < 0 || JS_ToUint32(ctx, &high, data[1]) < 0)
        return JS_EXCEPTION;
    const mr_settler settler = {(uint64_t)high << 32 | low};
    mr_status status = mr__js_to_value(js, argc > 0 ? argv[0] : JS_UNDEFINED, &value);
    if (status == MR_EJS)
        JS_FreeValue(ctx, JS_GetException(ctx));
    if (status != MR_OK) { /* a BigInt too large for C; or no memory */
        reject(js, settler, status);
        return JS_UNDEFINED;
    }
    /* The engine has looked for a then. */
    js->bridge->fulfilling = !rejected && value.kind == MR_VALUE_SCRIPT;
    status = rejected ? mr_settler_reject(js->loop, settler, value)
                      : mr_settler_resolve(js->loop, settler, value);
    js->bridge->fulfilling = false;
    if (status != MR_OK) /* nobody waits any more */
        mr_value_release(value);
    return JS_UNDEFINED;
}

static int watch_native(mr_js *js, JSValueConst native, mr_settler settler)
{
    JSValue data[] = {JS_NewUint32(js->ctx, (uint32_t)settler.id),
                      JS_NewUint32(js->ctx, (uint32_t)(settler.id >> 32))};
    JSValue fulfilled = JS_NewCFunctionData(js->ctx, native_settled, 1, 0, 2, (JSValueConst *)data);
    JSValue rejected = JS_NewCFunctionData(js->ctx, native_settled, 1, 1, 2, (JSValueConst *)data);
    JSValue child = JS_EXCEPTION;
    if (!JS_IsException(fulfilled) && !JS_IsException(rejected))
        child = JS_PromiseThen(js->ctx, native, fulfilled, rejected);
    JS_FreeValue(js->ctx, fulfilled);
    JS_FreeValue(js->ctx, rejected);
    JS_FreeValue(js->ctx, child);
    return JS_IsException(child) ? -1 : 0;
}

static JSValue swallow(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)ctx, (void)this_val, (void)argc, (void)argv;
    return JS_UNDEFINED;
}

/* Mark a rejected native promise as handled; by a reaction, so that the engine tells. */
static int be_handled(mr_js *js, JSValueConst native)
{
    JSValue fn = JS_NewCFunction(js->ctx, swallow, "", 0);
    JSValue child =
        JS_IsException(fn) ? JS_EXCEPTION : JS_PromiseThen(js->ctx, native, JS_UNDEFINED, fn);
    JS_FreeValue(js->ctx, fn);
    JS_FreeValue(js->ctx, child);
    if (!JS_IsException(child))
        return 0;
    JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    return -1;
}

/* C gets back what it showed: its chain ends there now. */
static int give_back(mr_js *js, pair *p)
{
    bool rejected = mr_promise_get_state(p->promise) == MR_PROMISE_REJECTED;
    if (rejected && !p->returned && !mr__js_rejections_take(js, p->native))
        return be_handled(js, p->native); /* the script has handled it, or told of it */
    if (!p->returned)
        p->minded = false;
    p->returned = true;
    if (!p->minded)
        mr__promise_returned(p->promise);
    return 0;
}

mr_status mr__js_to_promise(mr_js *js, JSValueConst native, mr_promise **out_promise)
{
    pair *known = find(&js->bridge->pairs_by_native, JS_VALUE_GET_PTR(native));
    if (known != NULL) {
        if (known->settler.id == 0 && give_back(js, known) < 0)
            return MR_ENOMEM;
        *out_promise = mr_promise_ref(known->promise);
        return MR_OK;
    }
    mr_promise *promise;
    mr_settler settler;
    mr_status status = mr_promise_with_resolvers(js->loop, &promise, &settler);
    if (status != MR_OK)
        return status;
    pair *p = new_pair(js, promise, JS_DupValue(js->ctx, native));
    if (p == NULL) {
        mr_promise_unref(promise);
        return MR_ENOMEM;
    }
    p->settler = settler;
    if (watch_native(js, native, settler) < 0) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        mr_promise_unref(promise);
        return MR_ENOMEM;
    }
    *out_promise = promise;
    return MR_OK;
}

/* ---- objects that have a then -----------------------------------------------------------------*/

typedef struct adoption {
    mr_js_value *object; /* one handle */
    mr_promise *promise;
} adoption;

static void end_adoption(adoption *a, bool fulfilled, mr_value value)
{
    mr__promise_adopted(a->promise, fulfilled, value);
    mr_promise_unref(a->promise);
    mr_js_value_unref(a->object);
    mr__free(a);
}

static void fail_adoption(adoption *a, mr_status status)
{
    end_adoption(a, false, error_of(status));
}

static void discard_adoption(void *arg, mr_status reason)
{
    fail_adoption(arg, reason);
}

/* As the engine resolves: it looks up then, and calls it in a job. */
static void run_adoption(void *arg)
{
    adoption *a = arg;
    mr_js *js = a->object->js;
    if (js == NULL || js->gone) {
        fail_adoption(a, MR_ECLOSED);
        return;
    }
    JSValue settle[2];
    mr_value value = {0};
    mr_status status = MR_ENOMEM;
    mr__js_enter(js);
    JSValue native = JS_NewPromiseCapability(js->ctx, settle);
    if (!JS_IsException(native)) {
        JSValue result =
            JS_Call(js->ctx, settle[0], JS_UNDEFINED, 1, (JSValueConst *)&a->object->value);
        JS_FreeValue(js->ctx, result);
        JS_FreeValue(js->ctx, settle[0]);
        JS_FreeValue(js->ctx, settle[1]);
        status = mr__js_to_value(js, native, &value);
    }
    if (JS_HasException(js->ctx))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValue(js->ctx, native);
    mr__js_leave(js);
    if (status == MR_OK)
        end_adoption(a, true, value);
    else
        fail_adoption(a, status);
}

bool mr__js_adopt(void *object, mr_promise *promise)
{
    const mr_js_value *handle = object;
    mr_js *js = handle->js;
    if (js == NULL || js->gone)
        return false;
    if (js->bridge->fulfilling) {
        js->bridge->fulfilling = false;
        return false;
    }
    if (!JS_IsObject(handle->value) || !may_have_then(js, handle->value))
        return false;
    mr_promise_ref(promise);
    adoption *a = mr__alloc(sizeof *a);
    if (a == NULL) {
        mr__promise_adopted(promise, false, error_of(MR_ENOMEM));
        mr_promise_unref(promise);
        return true;
    }
    *a = (adoption){mr__js_value_new(js, JS_DupValue(js->ctx, handle->value)), promise};
    const mr_task task = {run_adoption, a, discard_adoption};
    mr_status status = a->object == NULL ? MR_ENOMEM : mr_microtask_with(js->loop, &task);
    if (status != MR_OK)
        fail_adoption(a, status);
    return true;
}

/* ---- the call and the ends --------------------------------------------------------------------*/

mr_status mr_js_promise_create(mr_js *js, mr_js_value **out_value, mr_settler *out_settler)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (out_value == NULL || out_settler == NULL)
        return MR_EINVAL;
    mr_promise *promise;
    mr_settler settler;
    status = mr_promise_with_resolvers(js->loop, &promise, &settler);
    if (status != MR_OK)
        return status;
    status = mr_js_from_value(js, mr_value_promise(promise), out_value);
    if (status == MR_OK)
        *out_settler = settler;
    else
        (void)mr_settler_resolve(js->loop, settler, mr_value_undefined()); /* nobody has it */
    mr_promise_unref(promise);
    return status;
}

void mr__js_pairs_reject(mr_js *js)
{
    struct mr__js_bridge *bridge = js->bridge;
    pair *p = bridge == NULL ? NULL : bridge->pairs;
    for (; p != NULL; p = bridge->next_pair) {
        const mr_settler settler = p->settler;
        bridge->next_pair = p->next;
        p->settler.id = 0;
        if (settler.id != 0)
            reject(js, settler, MR_ECLOSED);
    }
}

/* The pairs forget the engine; promises of C that wait for the script are rejected. */
void mr__js_pairs_destroy(mr_js *js)
{
    struct mr__js_bridge *bridge = js->bridge;
    mr__promises_no_listener(js->loop);
    while (bridge->pairs != NULL) {
        const mr_settler settler = bridge->pairs->settler;
        free_pair(bridge->pairs);
        if (settler.id != 0)
            reject(js, settler, MR_ECLOSED);
    }
    mr__idmap_deinit(&bridge->pairs_by_promise);
    mr__idmap_deinit(&bridge->pairs_by_native);
}
