/* A floor of the scripts: the engine, embedded bare, with a loop over its job queue. It has performance.now
 * (the engine's), queueMicrotask, console.log of numbers and process.argv; a workload that asks for more
 * ends with a ReferenceError, and is not for this floor (exit 77).
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
        JSContext *of;
        ran = JS_ExecutePendingJob(runtime, &of);
        if (ran < 0)
            status = report(of);
    }
    free(text);
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
    return status;
}
