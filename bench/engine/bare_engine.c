/* A floor of the scripts: the engine, embedded bare, with a loop over its job queue. It has performance.now
 * (the engine's), queueMicrotask, console.log of numbers and process.argv; a workload that asks for more
 * ends with a ReferenceError, and is not for this floor (exit 77).
 *
 * Its timers and immediates are what a handle costs in any host: an object of the engine, which the
 * host holds with the callback until that is called or cleared. They have no deadline, no order among
 * kinds, no arguments, no methods, and a handle's place is used again: timers are called in the order of
 * setting, at once.
 *
 *   bare_engine FILE [OPERATIONS]
 */
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static JSValue print(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    for (int i = 0; i < argc; i++) {
        const char *text = JS_ToCString(ctx, argv[i]);
        if (text == NULL)
            return JS_EXCEPTION;
        printf("%s%s", i == 0 ? "" : " ", text);
        JS_FreeCString(ctx, text);
    }
    putchar('\n');
    return JS_UNDEFINED;
}

static JSValue run_microtask(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc;
    return JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
}

static JSValue queue_microtask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    if (argc < 1 || JS_EnqueueJob(ctx, run_microtask, 1, argv) != 0)
        return JS_EXCEPTION;
    return JS_UNDEFINED;
}

/* ---- Handles ----------------------------------------------------------------------------------*/

typedef struct waiting {
    JSValue handle, fn; /* fn undefined: cleared */
} waiting;

static struct {
    JSClassID class_id;
    JSValue spare; /* keeps the engine's shape of such objects alive */
    waiting *at;
    size_t n, cap, done, live;
} handles;

static JSValue set_handle(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    if (argc < 1 || !JS_IsFunction(ctx, argv[0]))
        return JS_ThrowTypeError(ctx, "not a function");
    JSValue handle = JS_NewObjectClass(ctx, handles.class_id);
    if (JS_IsException(handle))
        return handle;
    if (handles.n == handles.cap) {
        handles.cap = handles.cap == 0 ? 1024 : 2 * handles.cap;
        handles.at = reallocarray(handles.at, handles.cap, sizeof(*handles.at));
        if (handles.at == NULL)
            abort();
    }
    handles.at[handles.n++] = (waiting){JS_DupValue(ctx, handle), JS_DupValue(ctx, argv[0])};
    handles.live++;
    JS_SetOpaque(handle, (void *)(uintptr_t)handles.n);
    return handle;
}

/* What is there is the caller's now. */
static waiting take(size_t place)
{
    waiting one = handles.at[place];
    JS_SetOpaque(one.handle, NULL);
    handles.at[place].fn = JS_UNDEFINED;
    if (--handles.live == 0)
        handles.n = handles.done = 0;
    return one;
}

static void give_up(JSContext *ctx, waiting one)
{
    JS_FreeValue(ctx, one.fn);
    JS_FreeValue(ctx, one.handle);
}

static JSValue clear_handle(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    uintptr_t place = argc < 1 ? 0 : (uintptr_t)JS_GetOpaque(argv[0], handles.class_id);
    if (place != 0)
        give_up(ctx, take(place - 1));
    return JS_UNDEFINED;
}

static bool any_handle(void)
{
    while (handles.done != handles.n && JS_IsUndefined(handles.at[handles.done].fn))
        handles.done++;
    return handles.done != handles.n;
}

/* Call the next one; 0: there is none; -1 with an exception. */
static int run_handle(JSContext *ctx)
{
    if (!any_handle())
        return 0;
    waiting one = take(handles.done);
    JSValue result = JS_Call(ctx, one.fn, one.handle, 0, NULL);
    give_up(ctx, one);
    JS_FreeValue(ctx, result);
    return JS_IsException(result) ? -1 : 1;
}

static void install_handles(JSContext *ctx, JSValueConst global)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_DEF("setImmediate", 1, set_handle),
        JS_CFUNC_DEF("setTimeout", 2, set_handle),
        JS_CFUNC_DEF("clearTimeout", 1, clear_handle),
    };
    const JSClassDef def = {.class_name = "Handle"};
    JSRuntime *runtime = JS_GetRuntime(ctx);
    JS_NewClassID(runtime, &handles.class_id);
    if (JS_NewClass(runtime, handles.class_id, &def) < 0 ||
        JS_SetPropertyFunctionList(ctx, global, functions,
                                   sizeof(functions) / sizeof(functions[0])) < 0)
        abort();
    JS_SetClassProto(ctx, handles.class_id, JS_NewObject(ctx));
    handles.spare = JS_NewObjectClass(ctx, handles.class_id);
}

/* ---- The host ---------------------------------------------------------------------------------*/

static void set(JSContext *ctx, JSValueConst on, const char *name, JSValue value)
{
    if (JS_SetPropertyStr(ctx, on, name, value) < 0)
        abort();
}

static void install(JSContext *ctx, int argc, char **argv)
{
    JSValue global = JS_GetGlobalObject(ctx), console = JS_NewObject(ctx);
    JSValue process = JS_NewObject(ctx), arguments = JS_NewArray(ctx);
    for (int i = 0; i < argc; i++)
        if (JS_SetPropertyUint32(ctx, arguments, (uint32_t)i, JS_NewString(ctx, argv[i])) < 0)
            abort();
    set(ctx, process, "argv", arguments);
    set(ctx, console, "log", JS_NewCFunction(ctx, print, "log", 0));
    set(ctx, global, "process", process);
    set(ctx, global, "console", console);
    set(ctx, global, "queueMicrotask", JS_NewCFunction(ctx, queue_microtask, "queueMicrotask", 1));
    install_handles(ctx, global);
    JS_FreeValue(ctx, global);
}

/* 0; 77 where a global is missing. */
static int report(JSContext *ctx)
{
    JSValue error = JS_GetException(ctx);
    const char *text = JS_ToCString(ctx, error);
    const char *said = text == NULL ? "" : text;
    bool missing =
        strncmp(said, "ReferenceError", 14) == 0 || strstr(said, "not a function") != NULL;
    fprintf(stderr, "%s\n", said);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, error);
    return missing ? 77 : 1;
}

static char *read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(1 << 20);
    if (file == NULL || text == NULL)
        abort();
    *out_len = fread(text, 1, (1 << 20) - 1, file);
    text[*out_len] = '\0';
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *ctx = runtime == NULL ? NULL : JS_NewContext(runtime);
    if (ctx == NULL)
        abort();
    install(ctx, argc, argv);
    size_t len;
    char *text = read_file(argv[1], &len);
    JSValue result = JS_Eval(ctx, text, len, argv[1], JS_EVAL_TYPE_GLOBAL);
    int status = JS_IsException(result) ? report(ctx) : 0;
    JS_FreeValue(ctx, result);
    for (int ran = 1; status == 0 && ran > 0;) {
        JSContext *of = ctx;
        ran = JS_ExecutePendingJob(runtime, &of);
        if (ran == 0)
            ran = run_handle(ctx);
        if (ran < 0)
            status = report(of);
    }
    while (any_handle())
        give_up(ctx, take(handles.done));
    JS_FreeValue(ctx, handles.spare);
    free(handles.at);
    free(text);
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
    return status;
}
