/* The native part of `fs`: each operation once, for the synchronous and the asynchronous form.
 *
 * binding.NAME(arguments, how): without `how` it runs at once and returns or throws; with true it
 * gives a promise; with a function it calls that with (error) or (null, value). Both of these run
 * on the runtime's pool, made at the first of them, and end in a callback of the loop. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/memory.h"
#include "js/fs_requests.h"
#include "js/gate.h"

/* As many threads as libuv has for files. The queue is as long as scripts make it. */
enum { POOL_THREADS = 4, POOL_QUEUE = 1 << 24 };

/* Invariant: the list holds the requests that have not ended, each with one count of its own and
 * one of its job; the engine's values in them live as long as they are in the list. */
struct mr__js_fs {
    mr_pool *pool;
    mr__fs_request *requests;
    JSClassID holder_class;
};

static const mr__fs_op ops[] = {
    {"access", "pi", mr__fs_run_access, NULL},
    {"open", "pii", mr__fs_run_open, mr__fs_result_number},
    {"close", "f", mr__fs_run_close, NULL},
    {"read", "fbi", mr__fs_run_read, mr__fs_result_place},
    {"write", "fwei", mr__fs_run_write, mr__fs_result_number},
    {"stat", "pi", mr__fs_run_stat, mr__fs_result_stat},
    {"lstat", "pi", mr__fs_run_lstat, mr__fs_result_stat},
    {"fstat", "fi", mr__fs_run_fstat, mr__fs_result_stat},
    {"rename", "pd", mr__fs_run_rename, NULL},
    {"link", "pd", mr__fs_run_link, NULL},
    {"symlink", "pd", mr__fs_run_symlink, NULL},
    {"unlink", "p", mr__fs_run_unlink, NULL},
    {"rmdir", "p", mr__fs_run_rmdir, NULL},
    {"chmod", "ti", mr__fs_run_chmod, NULL},
    {"utimes", "tnn", mr__fs_run_utimes, NULL},
    {"truncate", "ti", mr__fs_run_truncate, NULL},
    {"sync", "fi", mr__fs_run_sync, NULL},
    {"readlink", "pe", mr__fs_run_readlink, mr__fs_result_text},
    {"mkdtemp", "pe", mr__fs_run_mkdtemp, mr__fs_result_text},
    {"readFile", "tie", mr__fs_run_read_file, mr__fs_result_bytes},
    {"writeFile", "tweiii", mr__fs_run_write_file, NULL},
    {"copyFile", "pdi", mr__fs_run_copy_file, NULL},
    {"readdir", "peii", mr__fs_run_readdir, mr__fs_result_entries},
    {"mkdir", "pii", mr__fs_run_mkdir, mr__fs_result_text},
    {"remove", "piiii", mr__fs_run_remove, mr__fs_result_number},
    {"realpath", "pie", mr__fs_run_realpath, mr__fs_result_text},
};
enum { OP_COUNT = sizeof ops / sizeof ops[0] };

static int count_args(const mr__fs_op *op)
{
    int count = 0;
    for (const char *letter = op->args; *letter != '\0'; letter++)
        count += *letter == 'b' ? 3 : 1;
    return count;
}

/* ---- The life of an asynchronous request ------------------------------------------------------*/

static void drop(mr__fs_request *request)
{
    if (atomic_fetch_sub_explicit(&request->refs, 1, memory_order_acq_rel) != 1)
        return;
    mr__fs_request_deinit(request);
    mr__free(request);
}

static void enlist(mr_js *js, mr__fs_request *request)
{
    request->js = js;
    request->next = js->fs->requests;
    if (request->next != NULL)
        request->next->previous = request;
    js->fs->requests = request;
}

/* Out of the list, without its engine values. */
static void delist(mr__fs_request *request)
{
    mr_js *js = request->js;
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        js->fs->requests = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    request->js = NULL;
    JS_FreeValue(js->ctx, request->resolve);
    JS_FreeValue(js->ctx, request->reject);
    JS_FreeValue(js->ctx, request->place);
    request->resolve = request->reject = request->place = JS_UNDEFINED;
    drop(request);
}

static JSValue result_of(JSContext *ctx, mr__fs_request *request)
{
    return request->op->result == NULL ? JS_UNDEFINED : request->op->result(ctx, request);
}

static void tell(mr__fs_request *request, bool failed, JSValueConst value)
{
    mr_js *js = request->js;
    if (!request->is_callback) {
        mr__js_call_callback(js, failed ? request->reject : request->resolve, JS_UNDEFINED, 1,
                             &value);
    } else if (failed) {
        mr__js_call_callback(js, request->resolve, JS_UNDEFINED, 1, &value);
    } else {
        JSValueConst args[] = {JS_NULL, value};
        int count = JS_IsUndefined(value) ? 1 : 2;
        mr__js_call_callback(js, request->resolve, JS_UNDEFINED, count, args);
    }
}

static mr__fs_request *request_of(mr__pool_job *job)
{
    return MR_CONTAINER(job, mr__fs_request, job);
}

static mr_status job_work(mr__pool_job *job)
{
    mr__fs_request *request = request_of(job);
    request->op->run(request);
    return request->error == 0 && !request->too_large ? MR_OK : MR_EIO;
}

static void settle(mr__fs_request *request)
{
    JSContext *ctx = request->js->ctx;
    bool failed = request->error != 0 || request->too_large;
    JSValue value = failed ? mr__fs_error(ctx, request) : result_of(ctx, request);
    if (JS_IsException(value)) {
        value = JS_GetException(ctx);
        failed = true;
    }
    tell(request, failed, value);
    JS_FreeValue(ctx, value);
}

/* What the script is told may end the runtime, and with it the request's place in the list. */
static void job_done(mr__pool_job *job)
{
    mr__fs_request *request = request_of(job);
    if (request->js != NULL && !request->js->gone)
        settle(request);
    if (request->js != NULL)
        delist(request);
    drop(request);
}

static void job_discard(mr__pool_job *job, mr_status reason)
{
    (void)reason;
    mr__fs_request *request = request_of(job);
    if (request->js != NULL)
        delist(request);
    drop(request);
}

/* The list still has it, until the runtime goes. */
static void job_abandoned(mr__pool_job *job)
{
    drop(request_of(job));
}

/* ---- Starting ---------------------------------------------------------------------------------*/

static mr_status need_pool(struct mr__js_fs *fs)
{
    const mr_pool_options options = {.size_bytes = sizeof options,
                                     .max_threads = POOL_THREADS,
                                     .max_queue = POOL_QUEUE,
                                     .name = "mr-files"};
    return fs->pool != NULL ? MR_OK : mr_pool_create(&options, &fs->pool);
}

static int error_of(mr_status status)
{
    switch (status) {
    case MR_ENOMEM:
        return ENOMEM;
    case MR_ECLOSED:
        return ECANCELED;
    default:
        return EAGAIN;
    }
}

static mr__fs_request *new_request(JSContext *ctx, const mr__fs_op *op)
{
    mr__fs_request *request = mr__alloc_zero(sizeof *request);
    if (request == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return NULL;
    }
    atomic_init(&request->refs, 1);
    request->op = op;
    request->job.work = job_work;
    request->job.done = job_done;
    request->job.discard = job_discard;
    request->job.abandoned = job_abandoned;
    request->resolve = request->reject = request->place = JS_UNDEFINED;
    return request;
}

/* Who will be told: a callback, or a new promise, which is the result. */
static JSValue prepare_answer(JSContext *ctx, mr__fs_request *request, JSValueConst how)
{
    request->is_callback = JS_IsFunction(ctx, how);
    if (request->is_callback) {
        request->resolve = JS_DupValue(ctx, how);
        return JS_UNDEFINED;
    }
    JSValue functions[2];
    JSValue promise = JS_NewPromiseCapability(ctx, functions);
    if (!JS_IsException(promise)) {
        request->resolve = functions[0];
        request->reject = functions[1];
    }
    return promise;
}

static mr_status submit(mr_js *js, mr__fs_request *request)
{
    mr_status status = need_pool(js->fs);
    if (status != MR_OK)
        return status;
    atomic_fetch_add_explicit(&request->refs, 1, memory_order_relaxed);
    status = mr__pool_submit(js->fs->pool, js->loop, &request->job);
    if (status != MR_OK)
        drop(request);
    return status;
}

static JSValue start(JSContext *ctx, const mr__fs_op *op, int argc, JSValueConst *argv,
                     JSValueConst how)
{
    mr_js *js = mr__js_of(ctx);
    mr__fs_request *request = new_request(ctx, op);
    if (request == NULL)
        return JS_EXCEPTION;
    enlist(js, request);
    JSValue answer = JS_EXCEPTION;
    if (mr__fs_parse(ctx, request, argc, argv, false) == 0)
        answer = prepare_answer(ctx, request, how);
    if (JS_IsException(answer)) {
        delist(request);
        return answer;
    }
    mr_status status = submit(js, request);
    if (status != MR_OK) {
        delist(request);
        JS_FreeValue(ctx, answer);
        return mr__js_throw_errno(ctx, error_of(status), op->name, NULL, NULL);
    }
    return answer;
}

static JSValue run_now(JSContext *ctx, const mr__fs_op *op, int argc, JSValueConst *argv)
{
    mr__fs_request request = {.op = op, .place = JS_UNDEFINED};
    JSValue result = JS_EXCEPTION;
    if (mr__fs_parse(ctx, &request, argc, argv, true) == 0) {
        op->run(&request);
        if (request.error != 0 || request.too_large)
            JS_Throw(ctx, mr__fs_error(ctx, &request));
        else
            result = result_of(ctx, &request);
    }
    mr__fs_request_deinit(&request);
    return result;
}

static JSValue call_op(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                       int magic)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    const mr__fs_op *op = &ops[magic];
    int wanted = count_args(op);
    if (argc < wanted)
        return JS_ThrowTypeError(ctx, "%s needs %d arguments", op->name, wanted);
    if (argc == wanted || JS_IsUndefined(argv[wanted]))
        return run_now(ctx, op, wanted, argv);
    return start(ctx, op, wanted, argv, argv[wanted]);
}

/* ---- Encodings --------------------------------------------------------------------------------*/

/* encodingOf(name): its number, -1 for an unknown one. */
static JSValue encoding_of(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    if (argc < 1 || !JS_IsString(argv[0]))
        return JS_NewInt32(ctx, MR__ENCODING_UNKNOWN);
    const char *name = JS_ToCString(ctx, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    mr__encoding encoding = mr__encoding_of(name);
    JS_FreeCString(ctx, name);
    return JS_NewInt32(ctx, encoding);
}

/* ---- Descriptors that somebody owns -----------------------------------------------------------*/

/* An object that closes its descriptor when it is collected, unless the descriptor was let go. */
static void close_held(JSRuntime *rt, JSValueConst value)
{
    (void)rt;
    JSClassID class_id;
    intptr_t held = (intptr_t)JS_GetAnyOpaque(value, &class_id);
    if (held > 0)
        close((int)(held - 1));
}

static const JSClassDef holder_def = {.class_name = "Descriptor", .finalizer = close_held};

/* holdDescriptor(fd): such an object. */
static JSValue hold_descriptor(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    int32_t fd;
    if (argc < 1 || JS_ToInt32(ctx, &fd, argv[0]) < 0)
        return JS_EXCEPTION;
    JSValue holder = JS_NewObjectProtoClass(ctx, JS_NULL, mr__js_of(ctx)->fs->holder_class);
    if (!JS_IsException(holder))
        JS_SetOpaque(holder, (void *)((intptr_t)fd + 1));
    return holder;
}

/* letDescriptorGo(holder): from now on somebody else closes it. */
static JSValue let_go(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    if (argc < 1 || JS_GetOpaque(argv[0], mr__js_of(ctx)->fs->holder_class) == NULL)
        return JS_ThrowTypeError(ctx, "not a descriptor");
    JS_SetOpaque(argv[0], NULL);
    return JS_UNDEFINED;
}

/* ---- Constants --------------------------------------------------------------------------------*/

#define CONSTANT(name)                                                                             \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct {
    const char *name;
    int32_t value;
} constants[] = {
    {"UV_FS_SYMLINK_DIR", 1},
    {"UV_FS_SYMLINK_JUNCTION", 2},
    CONSTANT(O_RDONLY),
    CONSTANT(O_WRONLY),
    CONSTANT(O_RDWR),
    {"UV_DIRENT_UNKNOWN", MR__FS_UNKNOWN},
    {"UV_DIRENT_FILE", MR__FS_FILE},
    {"UV_DIRENT_DIR", MR__FS_FOLDER},
    {"UV_DIRENT_LINK", MR__FS_LINK},
    {"UV_DIRENT_FIFO", MR__FS_FIFO},
    {"UV_DIRENT_SOCKET", MR__FS_SOCKET},
    {"UV_DIRENT_CHAR", MR__FS_CHARACTER},
    {"UV_DIRENT_BLOCK", MR__FS_BLOCK},
    CONSTANT(S_IFMT),
    CONSTANT(S_IFREG),
    CONSTANT(S_IFDIR),
    CONSTANT(S_IFCHR),
    CONSTANT(S_IFBLK),
    CONSTANT(S_IFIFO),
    CONSTANT(S_IFLNK),
    CONSTANT(S_IFSOCK),
    CONSTANT(O_CREAT),
    CONSTANT(O_EXCL),
    {"UV_FS_O_FILEMAP", 0},
    CONSTANT(O_NOCTTY),
    CONSTANT(O_TRUNC),
    CONSTANT(O_APPEND),
    CONSTANT(O_DIRECTORY),
    CONSTANT(O_NOATIME),
    CONSTANT(O_NOFOLLOW),
    CONSTANT(O_SYNC),
    CONSTANT(O_DSYNC),
    CONSTANT(O_DIRECT),
    CONSTANT(O_NONBLOCK),
    CONSTANT(S_IRWXU),
    CONSTANT(S_IRUSR),
    CONSTANT(S_IWUSR),
    CONSTANT(S_IXUSR),
    CONSTANT(S_IRWXG),
    CONSTANT(S_IRGRP),
    CONSTANT(S_IWGRP),
    CONSTANT(S_IXGRP),
    CONSTANT(S_IRWXO),
    CONSTANT(S_IROTH),
    CONSTANT(S_IWOTH),
    CONSTANT(S_IXOTH),
    CONSTANT(F_OK),
    CONSTANT(R_OK),
    CONSTANT(W_OK),
    CONSTANT(X_OK),
    {"UV_FS_COPYFILE_EXCL", 1},
    {"COPYFILE_EXCL", 1},
    {"UV_FS_COPYFILE_FICLONE", 2},
    {"COPYFILE_FICLONE", 2},
    {"UV_FS_COPYFILE_FICLONE_FORCE", 4},
    {"COPYFILE_FICLONE_FORCE", 4},
};

static JSValue make_constants(JSContext *ctx)
{
    JSValue object = JS_NewObjectProto(ctx, JS_NULL);
    if (JS_IsException(object))
        return object;
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        JSValue value = JS_NewInt32(ctx, constants[i].value);
        if (JS_DefinePropertyValueStr(ctx, object, constants[i].name, value, JS_PROP_ENUMERABLE) <
            0) {
            JS_FreeValue(ctx, object);
            return JS_EXCEPTION;
        }
    }
    return object;
}

/* ---- The namespace and its life ---------------------------------------------------------------*/

static int define(JSContext *ctx, JSValueConst target, const char *name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, target, name, value, JS_PROP_C_W_E);
}

static int define_helpers(JSContext *ctx, JSValueConst target)
{
    return define(ctx, target, "encodingOf", JS_NewCFunction(ctx, encoding_of, "encodingOf", 1)) <
                       0 ||
                   define(ctx, target, "holdDescriptor",
                          JS_NewCFunction(ctx, hold_descriptor, "holdDescriptor", 1)) < 0 ||
                   define(ctx, target, "letDescriptorGo",
                          JS_NewCFunction(ctx, let_go, "letDescriptorGo", 1)) < 0 ||
                   define(ctx, target, "constants", make_constants(ctx)) < 0
               ? -1
               : 0;
}

int mr__js_binding_fs(mr_js *js, JSValueConst target)
{
    JSContext *ctx = js->ctx;
    for (int i = 0; i < OP_COUNT; i++) {
        JSValue function = JS_NewCFunctionMagic(ctx, call_op, ops[i].name, count_args(&ops[i]),
                                                JS_CFUNC_generic_magic, i);
        if (define(ctx, target, ops[i].name, function) < 0)
            return -1;
    }
    return define_helpers(ctx, target);
}

int mr__js_fs_install(mr_js *js, JSValueConst global)
{
    (void)global;
    js->fs = mr__alloc_zero(sizeof *js->fs);
    if (js->fs == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    JS_NewClassID(js->rt, &js->fs->holder_class);
    return JS_NewClass(js->rt, js->fs->holder_class, &holder_def);
}

/* Requests on their way go on without the engine; nobody waits for them. */
void mr__js_fs_destroy(mr_js *js)
{
    if (js->fs == NULL)
        return;
    while (js->fs->requests != NULL)
        delist(js->fs->requests);
    mr_pool_unref(js->fs->pool);
    mr__free(js->fs);
    js->fs = NULL;
}
