/* The native part of `process`: src/js/lib/internal/process.js makes the object itself. */
#include "js/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "js/encoding.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/jobs.h"
#include "js/simulation.h"
#include "loop/extend.h"

#include <millrace/version.h>

struct mr__js_process {
    JSValue functions[MR__PROCESS_FN_COUNT];
    JSValue streams[MR__STDERR + 1]; /* process.stdout and stderr, once there; 0 is not used */
};

/* ---- What C asks of process.js ----------------------------------------------------------------*/

JSValue mr__js_process_call(mr_js *js, mr__js_process_fn fn, int argc, JSValueConst *argv)
{
    if (js->process == NULL || JS_IsUndefined(js->process->functions[fn]))
        return JS_UNDEFINED;
    return JS_Call(js->ctx, js->process->functions[fn], JS_UNDEFINED, argc, argv);
}

void mr__js_warn(mr_js *js, const char *name, const char *text)
{
    JSValue args[] = {JS_NewString(js->ctx, text), JS_NewString(js->ctx, name)};
    JSValue result = mr__js_process_call(js, MR__PROCESS_WARN, 2, args);
    if (JS_IsException(result))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    JS_FreeValues(js->ctx, result, args[0], args[1]);
}

/* ---- The end ----------------------------------------------------------------------------------*/

static JSValue process_exit(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    int code = 0;
    if (argc > 0 && JS_ToInt32(ctx, &code, argv[0]) < 0)
        return JS_EXCEPTION;
    if (!js->gone && js->exiting) {
        /* exit() in an exit listener: takes effect at once, the other listeners are skipped. */
        if (argc > 0) {
            js->exit_code = code;
            js->has_exit_code = true;
        }
        mr__js_end(js);
    }
    mr__js_exit(js, code, argc > 0);
    return mr__js_throw_exit(js);
}

static JSValue get_exit_code(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    return js->has_exit_code ? JS_NewInt32(ctx, js->exit_code) : JS_UNDEFINED;
}

static JSValue set_exit_code(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    js->has_exit_code = !JS_IsUndefined(argv[0]);
    int code = 0;
    if (js->has_exit_code && JS_ToInt32(ctx, &code, argv[0]) < 0)
        return JS_EXCEPTION;
    js->exit_code = code;
    return JS_UNDEFINED;
}

/* ---- Time and memory --------------------------------------------------------------------------*/

enum { NS_PER_S = 1000000000 };

static JSValue hrtime(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    uint64_t now = mr__js_clock(mr__js_of(ctx));
    const JSValue parts[] = {JS_NewInt64(ctx, (int64_t)(now / NS_PER_S)),
                             JS_NewInt64(ctx, (int64_t)(now % NS_PER_S))};
    return JS_NewArrayFrom(ctx, 2, parts);
}

static JSValue hrtime_bigint(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewBigUint64(ctx, mr__js_clock(mr__js_of(ctx)));
}

static JSValue uptime(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    return JS_NewNumber(ctx, (double)(mr__js_clock(js) - js->created_ns) / NS_PER_S);
}

/* Resident pages of the process; where the kernel does not tell, the most there ever were. On a
 * simulated loop what the engine uses: how the kernel pages, and what the allocator adds to a block, is no
 * part of the run. */
static double resident_bytes(const mr_js *js)
{
    if (js->simulation != NULL) {
        JSMemoryUsage held;
        JS_ComputeMemoryUsage(js->rt, &held);
        return (double)held.memory_used_size;
    }
    unsigned long long size, resident;
    FILE *file = fopen("/proc/self/statm", "re");
    bool known = file != NULL && fscanf(file, "%llu %llu", &size, &resident) == 2;
    if (file != NULL)
        fclose(file);
    if (known)
        return (double)resident * (double)sysconf(_SC_PAGESIZE);
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss * 1024 : 0;
}

static JSValue rss(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewNumber(ctx, resident_bytes(mr__js_of(ctx)));
}

static JSValue memory_usage(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    JSMemoryUsage usage;
    JS_ComputeMemoryUsage(JS_GetRuntime(ctx), &usage);
    bool simulated = mr__js_of(ctx)->simulation != NULL;
    const char *names[] = {"rss", "heapTotal", "heapUsed", "external", "arrayBuffers"};
    const JSValue values[] = {
        JS_NewNumber(ctx, resident_bytes(mr__js_of(ctx))),
        JS_NewInt64(ctx, simulated ? usage.memory_used_size : usage.malloc_size),
        JS_NewInt64(ctx, usage.memory_used_size),
        JS_NewInt64(ctx, usage.binary_object_size),
        JS_NewInt64(ctx, usage.binary_object_size),
    };
    return JS_NewObjectFromStr(ctx, 5, names, values);
}

/* ---- The working directory --------------------------------------------------------------------*/

static JSValue cwd(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    char path[PATH_MAX];
    if (getcwd(path, sizeof(path)) == NULL)
        return mr__js_throw_errno(ctx, errno, "uv_cwd", NULL, NULL);
    return JS_NewString(ctx, path);
}

static JSValue change_directory(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    MR__JS_GATE(mr__js_of(ctx));
    const char *path = JS_ToCString(ctx, argv[0]);
    if (path == NULL)
        return JS_EXCEPTION;
    JSValue result = JS_UNDEFINED;
    if (chdir(path) != 0) {
        int error = errno;
        char before[PATH_MAX];
        const char *from = getcwd(before, sizeof(before));
        result = mr__js_throw_errno(ctx, error, "chdir", from ? from : "", path);
    }
    JS_FreeCString(ctx, path);
    return result;
}

static JSValue ppid(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewInt32(ctx, mr__js_ppid(mr__js_of(ctx)));
}

static JSValue is_error(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    return JS_NewBool(ctx, JS_IsError(argv[0]));
}

/* ---- Output -----------------------------------------------------------------------------------*/

static bool bytes_of(JSContext *ctx, JSValueConst view, const char **out_data, size_t *out_len)
{
    size_t offset = 0, length = 0, size;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, view, &offset, &length, NULL);
    if (JS_IsException(buffer))
        return false;
    const uint8_t *data = JS_GetArrayBuffer(ctx, &size, buffer);
    JS_FreeValue(ctx, buffer);
    if (data == NULL)
        return false;
    *out_data = (const char *)data + offset;
    *out_len = length;
    return true;
}

/* (stream, text or view) */
static JSValue write_value(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    int stream;
    if (JS_ToInt32(ctx, &stream, argv[0]) < 0)
        return JS_EXCEPTION;
    const char *data;
    size_t len;
    if (JS_IsObject(argv[1])) {
        if (!bytes_of(ctx, argv[1], &data, &len))
            return JS_EXCEPTION;
        mr__js_write_raw(js, stream, data, len);
        return JS_UNDEFINED;
    }
    data = JS_ToCStringLen(ctx, &len, argv[1]);
    if (data == NULL)
        return JS_EXCEPTION;
    mr__js_write(js, stream, data, len);
    JS_FreeCString(ctx, data);
    return JS_UNDEFINED;
}

/* (stream, object) */
static JSValue keep_stream(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    int stream;
    if (JS_ToInt32(ctx, &stream, argv[0]) < 0)
        return JS_EXCEPTION;
    if (js->process != NULL && (stream == MR__STDOUT || stream == MR__STDERR)) {
        JS_FreeValue(ctx, js->process->streams[stream]);
        js->process->streams[stream] = JS_DupValue(ctx, argv[1]);
    }
    return JS_UNDEFINED;
}

/* The function in the place of the stream's write; owned, undefined if there is none. */
static JSValue own_write(mr_js *js, int stream)
{
    JSValueConst object = js->process == NULL ? JS_UNDEFINED : js->process->streams[stream];
    if (!JS_IsObject(object))
        return JS_UNDEFINED;
    JSAtom name = JS_NewAtom(js->ctx, "write");
    JSValue function = name == JS_ATOM_NULL ? JS_EXCEPTION : mr__data_own(js, object, name);
    JS_FreeAtom(js->ctx, name);
    if (JS_IsException(function))
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
    if (JS_IsFunction(js->ctx, function))
        return function;
    JS_FreeValue(js->ctx, function);
    return JS_UNDEFINED;
}

int mr__js_write_as_script(mr_js *js, int stream, const char *data, size_t len)
{
    JSValue function = own_write(js, stream);
    if (JS_IsUndefined(function))
        return 0;
    JSValue text = JS_NewStringLen(js->ctx, data, len);
    JSValue result = JS_EXCEPTION;
    if (!JS_IsException(text))
        result = JS_Call(js->ctx, function, js->process->streams[stream], 1, &text);
    JS_FreeValue(js->ctx, text);
    JS_FreeValue(js->ctx, function);
    if (JS_IsException(result) && (js->gone || js->limits.ending != MR__JS_END_NOT))
        return -1;
    JS_FreeValue(js->ctx, JS_IsException(result) ? JS_GetException(js->ctx) : result);
    return 1;
}

static mr__encoding encoding_of(JSContext *ctx, JSValueConst name)
{
    const char *text = JS_IsString(name) ? JS_ToCString(ctx, name) : NULL;
    mr__encoding encoding = text ? mr__encoding_of(text) : MR__ENCODING_UNKNOWN;
    JS_FreeCString(ctx, text);
    return encoding;
}

/* (stream, text, encoding): false when there is no such encoding. */
static JSValue write_text(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    mr__encoding encoding = encoding_of(ctx, argv[2]);
    if (encoding == MR__ENCODING_UNKNOWN)
        return JS_FALSE;
    if (encoding == MR__ENCODING_BYTES)
        encoding = MR__ENCODING_UTF8;
    int stream;
    uint8_t *bytes;
    size_t len;
    if (JS_ToInt32(ctx, &stream, argv[0]) < 0 ||
        mr__js_encode(ctx, argv[1], encoding, &bytes, &len) < 0)
        return JS_EXCEPTION;
    if (len != 0)
        mr__js_write_raw(js, stream, (const char *)bytes, len);
    mr__free(bytes);
    return JS_TRUE;
}

void mr__js_write_raw(mr_js *js, int stream, const char *data, size_t len)
{
    if (js->options.write != NULL)
        js->options.write(stream, data, len, js->options.write_arg);
}

static JSValue is_tty(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    int fd = -1;
    JS_ToInt32(ctx, &fd, argv[0]);
    return JS_NewBool(ctx, mr__js_of(ctx)->options.own_stdio && isatty(fd) == 1);
}

/* [columns, rows] of a terminal. */
static JSValue window_size(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    int fd = -1;
    JS_ToInt32(ctx, &fd, argv[0]);
    struct winsize size;
    if (!mr__js_of(ctx)->options.own_stdio || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return JS_UNDEFINED;
    const JSValue parts[] = {JS_NewInt32(ctx, size.ws_col), JS_NewInt32(ctx, size.ws_row)};
    return JS_NewArrayFrom(ctx, 2, parts);
}

/* ---- Who runs, and what it took ---------------------------------------------------------------*/

static JSValue user_id(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewInt64(ctx, getuid());
}

static JSValue effective_user_id(JSContext *ctx, JSValueConst this_val, int argc,
                                 JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewInt64(ctx, geteuid());
}

static JSValue group_id(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewInt64(ctx, getgid());
}

static JSValue effective_group_id(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    MR__JS_GATE(mr__js_of(ctx));
    return JS_NewInt64(ctx, getegid());
}

/* (mask or undefined): the mask that was. */
static JSValue change_umask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    MR__JS_GATE(mr__js_of(ctx));
    uint32_t mask = 0;
    bool asks = JS_IsUndefined(argv[0]);
    if (!asks && JS_ToUint32(ctx, &mask, argv[0]) < 0)
        return JS_EXCEPTION;
    mode_t before = umask((mode_t)(mask & 0777));
    if (asks)
        umask(before);
    return JS_NewInt64(ctx, before);
}

static int64_t micros(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* [user, system] in microseconds; none pass in a simulation. */
static JSValue cpu_usage(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct rusage usage = {0};
    if (js->simulation == NULL)
        getrusage(RUSAGE_SELF, &usage);
    const JSValue parts[] = {JS_NewInt64(ctx, micros(usage.ru_utime)),
                             JS_NewInt64(ctx, micros(usage.ru_stime))};
    return JS_NewArrayFrom(ctx, 2, parts);
}

/* ---- The binding ------------------------------------------------------------------------------*/

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("nextTick", 1, mr__js_next_tick),
    JS_CFUNC_DEF("exit", 1, process_exit),
    JS_CFUNC_DEF("getExitCode", 0, get_exit_code),
    JS_CFUNC_DEF("setExitCode", 1, set_exit_code),
    JS_CFUNC_DEF("hrtime", 0, hrtime),
    JS_CFUNC_DEF("uptime", 0, uptime),
    JS_CFUNC_DEF("rss", 0, rss),
    JS_CFUNC_DEF("memoryUsage", 0, memory_usage),
    JS_CFUNC_DEF("cwd", 0, cwd),
    JS_CFUNC_DEF("chdir", 1, change_directory),
    JS_CFUNC_DEF("ppid", 0, ppid),
    JS_CFUNC_DEF("isError", 1, is_error),
    JS_CFUNC_DEF("write", 2, write_value),
    JS_CFUNC_DEF("writeText", 3, write_text),
    JS_CFUNC_DEF("keepStream", 2, keep_stream),
    JS_CFUNC_DEF("getuid", 0, user_id),
    JS_CFUNC_DEF("getgid", 0, group_id),
    JS_CFUNC_DEF("geteuid", 0, effective_user_id),
    JS_CFUNC_DEF("getegid", 0, effective_group_id),
    JS_CFUNC_DEF("umask", 1, change_umask),
    JS_CFUNC_DEF("cpuUsage", 0, cpu_usage),
    JS_CFUNC_DEF("isTTY", 1, is_tty),
    JS_CFUNC_DEF("windowSize", 1, window_size),
    JS_CFUNC_DEF("readStdin", 1, mr__js_stdin_read),
    JS_CFUNC_DEF("stopStdin", 0, mr__js_stdin_cancel),
    JS_CFUNC_DEF("newDecoder", 1, mr__js_new_decoder),
    JS_CFUNC_DEF("encodingName", 1, mr__js_encoding_name),
    JS_PROP_STRING_DEF("millrace", MR_VERSION, JS_PROP_C_W_E),
};

/* value passes in; an exception, which waits already, is none. */
static int set(JSContext *ctx, JSValueConst target, const char *name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, target, name, value, JS_PROP_C_W_E);
}

static JSValue new_list(JSContext *ctx, const char *const *list, int count)
{
    JSValue array = JS_NewArray(ctx);
    for (int i = 0; i < count && !JS_IsException(array); i++) {
        JSValue item = JS_NewString(ctx, list[i]);
        if (JS_DefinePropertyValueUint32(ctx, array, (uint32_t)i, item, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, array);
            return JS_EXCEPTION;
        }
    }
    return array;
}

/* The names that Node.js has for processors; others as the kernel says. */
static const char *arch_name(const char *machine)
{
    static const char *const known[][2] = {
        {"x86_64", "x64"},      {"aarch64", "arm64"},       {"i686", "ia32"},
        {"i586", "ia32"},       {"i386", "ia32"},           {"armv7l", "arm"},
        {"armv6l", "arm"},      {"ppc64le", "ppc64"},       {"s390x", "s390x"},
        {"riscv64", "riscv64"}, {"loongarch64", "loong64"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(machine, known[i][0]) == 0)
            return known[i][1];
    }
    return machine;
}

static int set_machine(JSContext *ctx, JSValueConst target)
{
    struct utsname names;
    if (uname(&names) != 0)
        names = (struct utsname){.sysname = "unknown", .machine = "unknown"};
    for (char *c = names.sysname; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    return set(ctx, target, "platform", JS_NewString(ctx, names.sysname)) < 0 ||
                   set(ctx, target, "arch", JS_NewString(ctx, arch_name(names.machine))) < 0
               ? -1
               : 0;
}

static int set_options(mr_js *js, JSValueConst target)
{
    JSContext *ctx = js->ctx;
    const mr_js_options *options = &js->options;
    const char *program = options->argc > 0 ? options->argv[0] : "";
    if (set(ctx, target, "argv", new_list(ctx, options->argv, options->argc)) < 0 ||
        set(ctx, target, "execArgv", new_list(ctx, options->exec_argv, options->exec_argc)) < 0 ||
        set(ctx, target, "execPath", JS_NewString(ctx, program)) < 0 ||
        set(ctx, target, "argv0", JS_NewString(ctx, options->argv0 ? options->argv0 : "")) < 0 ||
        set(ctx, target, "noWarnings", JS_NewBool(ctx, options->no_warnings)) < 0 ||
        set(ctx, target, "pid", JS_NewInt32(ctx, mr__js_pid(js))) < 0 ||
        set(ctx, target, "env", mr__js_new_env(js)) < 0)
        return -1;
    return set(ctx, target, "quickjs", JS_NewString(ctx, mr_js_engine_version()));
}

int mr__js_binding_process(mr_js *js, JSValueConst target)
{
    const int count = sizeof(functions) / sizeof(functions[0]);
    JSValue bigint = JS_NewCFunction(js->ctx, hrtime_bigint, "bigint", 0);
    if (JS_SetPropertyFunctionList(js->ctx, target, functions, count) < 0 ||
        set(js->ctx, target, "hrtimeBigint", bigint) < 0 || set_machine(js->ctx, target) < 0)
        return -1;
    return set_options(js, target);
}

/* ---- Life -------------------------------------------------------------------------------------*/

static int keep_functions(mr_js *js, JSValueConst exports)
{
    static const char *const names[] = {
        [MR__PROCESS_EMIT] = "emit",
        [MR__PROCESS_UNCAUGHT] = "uncaught",
        [MR__PROCESS_REJECTION] = "rejection",
        [MR__PROCESS_WARN] = "warn",
    };
    JSValue list = JS_GetPropertyStr(js->ctx, exports, "c");
    bool failed = JS_IsException(list);
    for (int i = 0; !failed && i < MR__PROCESS_FN_COUNT; i++) {
        js->process->functions[i] = JS_GetPropertyStr(js->ctx, list, names[i]);
        failed = JS_IsException(js->process->functions[i]);
    }
    JS_FreeValue(js->ctx, list);
    return failed ? -1 : 0;
}

int mr__js_process_install(mr_js *js, JSValueConst global)
{
    js->process = mr__alloc(sizeof(*js->process));
    if (js->process == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    for (int i = 0; i < MR__PROCESS_FN_COUNT; i++)
        js->process->functions[i] = JS_UNDEFINED;
    for (int i = 0; i <= MR__STDERR; i++)
        js->process->streams[i] = JS_UNDEFINED;
    JSValue exports = mr__js_builtin(js, "internal/process");
    if (JS_IsException(exports))
        return -1;
    JSValue object = JS_GetPropertyStr(js->ctx, exports, "process");
    int failed = JS_IsException(object) || keep_functions(js, exports) < 0;
    JS_FreeValue(js->ctx, exports);
    if (failed) {
        JS_FreeValue(js->ctx, object);
        return -1;
    }
    return JS_DefinePropertyValueStr(js->ctx, global, "process", object,
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

void mr__js_process_destroy(mr_js *js)
{
    if (js->process == NULL)
        return;
    mr__js_stdin_stop(js);
    for (int i = 0; i < MR__PROCESS_FN_COUNT; i++)
        JS_FreeValue(js->ctx, js->process->functions[i]);
    JS_FreeValue(js->ctx, js->process->streams[MR__STDOUT]);
    JS_FreeValue(js->ctx, js->process->streams[MR__STDERR]);
    mr__free(js->process);
    js->process = NULL;
}
