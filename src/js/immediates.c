/* setImmediate and clearImmediate. The handle's object knows the loop's immediate by its id, which never
 * means another one; all else is in the loop's slot: the object and the callback, each counted, and
 * the arguments. */
#include <millrace/immediate.h>

#include "js/gate.h"
#include "js/handles.h"
#include "loop/extend.h"

enum { OBJECT, FN, ARGS };
/* Ids of handles that came too late for the loop. Its own are larger. */
enum { LATE = 1, LATE_UNREF = 2, LATE_CLEARED = 3 };

static_assert(sizeof(void *) >= sizeof(uint64_t), "an id fits where a pointer does");

static uint64_t id_of(void *opaque)
{
    return (uintptr_t)opaque;
}

static void set_id(JSValueConst object, uint64_t id)
{
    JS_SetOpaque(object, (void *)(uintptr_t)id);
}

/* ---- Their end --------------------------------------------------------------------------------*/

MR_INLINE void free_words(mr_js *js, void *const *words)
{
    JSRuntime *rt = js->rt;
    js->heap.waiting--;
    if (MR_UNLIKELY(words[ARGS] != NULL))
        mr__handle_args_free(rt, words[ARGS]);
    JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, words[FN]));
    JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, words[OBJECT]));
}

static void run(void *self, void *const *words, bool ref)
{
    mr_js *js = self;
    /* Its turn or the drain may come when nothing lives any more: then it is not run. */
    if (MR_LIKELY(ref) || mr_loop_alive(js->loop))
        mr__handle_call(js, words[FN], words[OBJECT], words[ARGS]);
    free_words(js, words);
}

static void discard(void *self, void *const *words)
{
    free_words(self, words);
}

static void clear(mr_js *js, JSValueConst object, uint64_t id)
{
    void *words[MR__OWN_WORDS];
    if (MR_UNLIKELY(id <= LATE_CLEARED))
        set_id(object, LATE_CLEARED);
    else if (mr__own_immediate_take(js->loop, id, words))
        free_words(js, words);
}

void mr__immediates_stop(mr_js *js)
{
    mr__own_immediates_clear(js->loop);
}

/* ---- Making one -------------------------------------------------------------------------------*/

MR_COLD static JSValue not_started(mr_js *js, JSValue object, void *const *words, mr_status status)
{
    if (status == MR_ECLOSED)
        set_id(object, LATE);
    else
        JS_FreeValue(js->ctx, object);
    free_words(js, words);
    return status == MR_ECLOSED ? object : mr__handle_refused(js, status);
}

static JSValue start(mr_js *js, JSValueConst fn, mr__handle_args *args)
{
    JSContext *ctx = js->ctx;
    JSValue object = JS_NewObjectClass(ctx, js->timers->immediate_class);
    if (MR_UNLIKELY(JS_IsException(object))) {
        if (args != NULL)
            mr__handle_args_free(js->rt, args);
        return object;
    }
    void *const words[MR__OWN_WORDS] = {
        [OBJECT] = JS_VALUE_GET_PTR(JS_DupValue(ctx, object)),
        [FN] = JS_VALUE_GET_PTR(JS_DupValue(ctx, fn)),
        [ARGS] = args,
    };
    js->heap.waiting++;
    uint64_t id;
    mr_status status = mr__own_immediate_start(js->loop, words, &id);
    if (MR_UNLIKELY(status != MR_OK))
        return not_started(js, object, words, status);
    set_id(object, id);
    return object;
}

JSValue mr__set_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    if (mr__js_check_function(ctx, argv[0], "callback") < 0)
        return JS_EXCEPTION;
    mr__handle_args *args = NULL;
    if (MR_UNLIKELY(argc > 1)) {
        args = mr__handle_args_copy(js, argc - 1, argv + 1);
        if (args == NULL)
            return JS_ThrowOutOfMemory(ctx);
    }
    return start(js, argv[0], args);
}

JSValue mr__clear_immediate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    uint64_t id = id_of(JS_GetOpaque(argv[0], js->timers->immediate_class));
    if (id != 0)
        clear(js, argv[0], id);
    return JS_UNDEFINED;
}

/* ---- Methods ----------------------------------------------------------------------------------*/

enum method { REF, UNREF, HAS_REF, DISPOSE };

static void set_ref(mr_js *js, JSValueConst object, uint64_t id, bool ref)
{
    if (id == LATE || id == LATE_UNREF)
        set_id(object, ref ? LATE : LATE_UNREF);
    else if (ref)
        mr_immediate_ref(js->loop, (mr_immediate){id});
    else
        mr_immediate_unref(js->loop, (mr_immediate){id});
}

static JSValue call_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                           int method)
{
    (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    uint64_t id = id_of(JS_GetOpaque2(ctx, this_val, js->timers->immediate_class));
    if (id == 0)
        return JS_EXCEPTION;
    switch ((enum method)method) {
    case REF:
    case UNREF:
        set_ref(js, this_val, id, method == REF);
        return JS_DupValue(ctx, this_val);
    case HAS_REF:
        return JS_NewBool(ctx, id == LATE || mr__own_immediate_ref(js->loop, id));
    case DISPOSE:
    default:
        clear(js, this_val, id);
        return JS_UNDEFINED;
    }
}

#define METHOD(name, magic) JS_CFUNC_MAGIC_DEF(name, 0, call_method, magic)
static const JSCFunctionListEntry methods[] = {
    METHOD("ref", REF),
    METHOD("unref", UNREF),
    METHOD("hasRef", HAS_REF),
    METHOD("[Symbol.dispose]", DISPOSE),
};
#undef METHOD

/* ---- Life -------------------------------------------------------------------------------------*/

int mr__immediates_install(mr_js *js)
{
    const JSClassDef def = {.class_name = "Immediate"};
    const mr__own_immediates own = {run, discard, js};
    struct mr__js_timers *timers = js->timers;
    mr__own_immediates_set(js->loop, &own);
    JS_NewClassID(js->rt, &timers->immediate_class);
    if (JS_NewClass(js->rt, timers->immediate_class, &def) < 0 ||
        mr__handle_proto(js->ctx, timers->immediate_class, "Immediate", methods,
                         sizeof(methods) / sizeof(methods[0])) < 0)
        return -1;
    timers->spare_immediate = JS_NewObjectClass(js->ctx, timers->immediate_class);
    return JS_IsException(timers->spare_immediate) ? -1 : 0;
}

void mr__immediates_destroy(mr_js *js)
{
    mr__immediates_stop(js);
    mr__own_immediates_set(js->loop, &(mr__own_immediates){0});
    JS_FreeValue(js->ctx, js->timers->spare_immediate);
}
