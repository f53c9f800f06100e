/* Between the engine's values and a file system request. */
#include "js/fs_requests.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"
#include "js/buffer.h"
#include "js/simulation.h"

/* ---- Arguments --------------------------------------------------------------------------------*/

typedef struct parser {
    JSContext *ctx;
    mr__fs_request *request;
    JSValueConst *argv;
    int left;
    bool synchronous;
    unsigned ints, numbers;
} parser;

/* A path as the system takes it. */
static int to_path(JSContext *ctx, JSValueConst value, char **out_path)
{
    uint8_t *bytes = NULL, *view = NULL;
    size_t len = 0;
    if (JS_IsString(value)) {
        if (mr__js_encode(ctx, value, MR__ENCODING_UTF8, &bytes, &len) < 0)
            return -1;
        view = bytes;
    } else {
        view = JS_GetUint8Array(ctx, &len, value);
        if (view == NULL && JS_HasException(ctx))
            return -1;
    }
    char *path = mr__alloc(len + 1);
    if (path != NULL && len > 0)
        memcpy(path, view, len);
    mr__free(bytes);
    if (path == NULL) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    path[len] = '\0';
    *out_path = path;
    return 0;
}

static int take_fd(parser *p)
{
    return JS_ToInt32(p->ctx, &p->request->fd, p->argv[0]);
}

static int take_encoding(parser *p)
{
    int32_t number;
    if (JS_ToInt32(p->ctx, &number, p->argv[0]) < 0)
        return -1;
    if (number < 0 || number >= MR__ENCODING_COUNT) {
        JS_ThrowRangeError(p->ctx, "no such encoding");
        return -1;
    }
    p->request->encoding = (mr__encoding)number;
    return 0;
}

/* Memory of the script is used in place only while no script can run. */
static int take_view(parser *p, uint8_t *view, size_t len)
{
    mr__fs_request *request = p->request;
    request->len = len;
    if (p->synchronous || len == 0) {
        request->data = len == 0 ? NULL : view;
        request->borrowed = true;
        return 0;
    }
    request->data = mr__alloc(len);
    if (request->data == NULL) {
        JS_ThrowOutOfMemory(p->ctx);
        return -1;
    }
    memcpy(request->data, view, len);
    return 0;
}

static int take_data(parser *p)
{
    JSValueConst value = p->argv[0];
    if (JS_IsString(value)) {
        int32_t encoding;
        if (JS_ToInt32(p->ctx, &encoding, p->argv[1]) < 0)
            return -1;
        if (encoding <= MR__ENCODING_BYTES || encoding >= MR__ENCODING_COUNT)
            encoding = MR__ENCODING_UTF8;
        return mr__js_encode(p->ctx, value, (mr__encoding)encoding, &p->request->data,
                             &p->request->len);
    }
    size_t len = 0;
    uint8_t *view = JS_GetUint8Array(p->ctx, &len, value);
    if (view == NULL && JS_HasException(p->ctx))
        return -1;
    return take_view(p, view, len);
}

static int take_place(parser *p)
{
    int64_t offset, wanted;
    size_t size = 0;
    if (JS_ToInt64(p->ctx, &offset, p->argv[1]) < 0 || JS_ToInt64(p->ctx, &wanted, p->argv[2]) < 0)
        return -1;
    uint8_t *view = JS_GetUint8Array(p->ctx, &size, p->argv[0]);
    if (view == NULL && JS_HasException(p->ctx))
        return -1;
    if (offset < 0 || wanted < 0 || (uint64_t)offset > size ||
        (uint64_t)wanted > size - (uint64_t)offset) {
        JS_ThrowRangeError(p->ctx, "outside of the buffer");
        return -1;
    }
    mr__fs_request *request = p->request;
    request->len = (size_t)wanted;
    if (p->synchronous || wanted == 0) {
        request->data = wanted == 0 ? NULL : view + offset;
        request->borrowed = true;
        return 0;
    }
    request->place = JS_DupValue(p->ctx, p->argv[0]);
    request->place_offset = (size_t)offset;
    request->data = mr__alloc((size_t)wanted);
    if (request->data == NULL)
        JS_ThrowOutOfMemory(p->ctx);
    return request->data == NULL ? -1 : 0;
}

/* The argument of one letter. */
static int take(parser *p, char letter)
{
    mr__fs_request *request = p->request;
    switch (letter) {
    case 'p':
        return to_path(p->ctx, p->argv[0], &request->path);
    case 'd':
        return to_path(p->ctx, p->argv[0], &request->dest);
    case 't':
        return JS_IsNumber(p->argv[0]) ? take_fd(p) : to_path(p->ctx, p->argv[0], &request->path);
    case 'f':
        return take_fd(p);
    case 'i':
        MR_ASSERT(p->ints < MR__FS_INTS);
        return JS_ToInt64Ext(p->ctx, &request->ints[p->ints++], p->argv[0]);
    case 'n':
        MR_ASSERT(p->numbers < MR__FS_NUMBERS);
        return JS_ToFloat64(p->ctx, &request->numbers[p->numbers++], p->argv[0]);
    case 'e':
        return take_encoding(p);
    case 'w':
        return take_data(p);
    default:
        MR_ASSERT(letter == 'b');
        return take_place(p);
    }
}

int mr__fs_parse(JSContext *ctx, mr__fs_request *request, int argc, JSValueConst *argv,
                 bool synchronous)
{
    parser p = {.ctx = ctx, .request = request, .argv = argv, .synchronous = synchronous};
    request->fd = -1;
    request->encoding = MR__ENCODING_UTF8;
    (void)argc; /* the caller has looked: there is a value for every letter */
    for (const char *letter = request->op->args; *letter != '\0'; letter++) {
        if (take(&p, *letter) < 0)
            return -1;
        p.argv += *letter == 'b' ? 3 : 1;
    }
    if (request->op->run == mr__fs_run_mkdtemp)
        request->chance = mr__js_chance(mr__js_of(ctx));
    return 0;
}

void mr__fs_request_deinit(mr__fs_request *request)
{
    mr__free(request->path);
    mr__free(request->dest);
    mr__free(request->error_path);
    mr__free(request->text);
    if (!request->borrowed)
        mr__free(request->data);
    mr__fs_entries_deinit(&request->entries);
}

/* ---- Results ----------------------------------------------------------------------------------*/

static JSValue too_large(JSContext *ctx, const mr__fs_request *request)
{
    mr__js_throw_code(ctx, "RangeError", "ERR_FS_FILE_TOO_LARGE",
                      "File size (%" PRId64 ") is greater than 2 GiB", request->number);
    return JS_GetException(ctx);
}

JSValue mr__fs_error(JSContext *ctx, const mr__fs_request *request)
{
    if (request->too_large)
        return too_large(ctx, request);
    const char *path = request->no_path ? NULL : request->path;
    const char *dest = request->no_path ? NULL : request->dest;
    if (request->error_path != NULL) {
        path = request->error_path;
        dest = NULL;
    }
    JSValue error = mr__js_new_errno(ctx, request->error, request->syscall, path, dest);
    return JS_IsException(error) ? JS_GetException(ctx) : error;
}

JSValue mr__fs_result_number(JSContext *ctx, mr__fs_request *request)
{
    return JS_NewInt64(ctx, request->number);
}

JSValue mr__fs_result_text(JSContext *ctx, mr__fs_request *request)
{
    if (request->text == NULL)
        return JS_UNDEFINED;
    return mr__js_decode(ctx, (const uint8_t *)request->text, strlen(request->text),
                         request->encoding);
}

/* For the engine: our memory that became an ArrayBuffer's. */
static void *resize_bytes(JSRuntime *rt, void *opaque, void *bytes, size_t size)
{
    (void)rt;
    (void)opaque;
    if (size != 0)
        return mr__realloc(bytes, size);
    mr__free(bytes);
    return NULL;
}

/* The memory that was read into becomes the buffer's. */
JSValue mr__fs_result_bytes(JSContext *ctx, mr__fs_request *request)
{
    if (request->encoding != MR__ENCODING_BYTES || request->len == 0)
        return mr__js_decode(ctx, request->data, request->len, request->encoding);
    uint8_t *data = request->data;
    request->data = NULL;
    JSValue array = JS_NewUint8Array(ctx, data, request->len, resize_bytes, NULL, false);
    return mr__js_buffer_from_array(mr__js_of(ctx), array);
}

/* Bytes read aside go to their place, as far as that is still there. */
JSValue mr__fs_result_place(JSContext *ctx, mr__fs_request *request)
{
    if (!request->borrowed && request->number > 0) {
        size_t size = 0, got = (size_t)request->number;
        uint8_t *view = JS_GetUint8Array(ctx, &size, request->place);
        if (view == NULL && JS_HasException(ctx))
            return JS_EXCEPTION;
        size_t offset = request->place_offset;
        size_t room = size > offset ? size - offset : 0;
        if (view != NULL)
            memcpy(view + offset, request->data, got < room ? got : room);
    }
    return JS_NewInt64(ctx, request->number);
}

static int append(JSContext *ctx, JSValueConst array, size_t index, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueUint32(ctx, array, (uint32_t)index, value, JS_PROP_C_W_E);
}

JSValue mr__fs_result_stat(JSContext *ctx, mr__fs_request *request)
{
    bool big = request->ints[0] != 0;
    JSValue array = JS_NewArray(ctx);
    if (JS_IsException(array))
        return array;
    for (size_t i = 0; i < MR__FS_STAT_COUNT; i++) {
        int64_t number = request->stat[i];
        JSValue value = big ? JS_NewBigInt64(ctx, number) : JS_NewInt64(ctx, number);
        if (append(ctx, array, i, value) < 0) {
            JS_FreeValue(ctx, array);
            return JS_EXCEPTION;
        }
    }
    return array;
}

enum { NAMES, TYPES, FOLDERS, ENTRY_LISTS };

static JSValue entry_value(JSContext *ctx, const mr__fs_request *request, size_t index, int list)
{
    const mr__fs_entry *entry = &request->entries.items[index];
    const uint8_t *name = (const uint8_t *)entry->name;
    size_t skip = entry->folder_len > 0 ? entry->folder_len + 1 : 0;
    if (list == TYPES)
        return JS_NewInt32(ctx, entry->type);
    if (list == FOLDERS)
        return mr__js_decode(ctx, name, entry->folder_len, MR__ENCODING_UTF8);
    if (request->ints[1] != 0)
        return mr__js_decode(ctx, name + skip, strlen(entry->name + skip), request->encoding);
    return mr__js_decode(ctx, name, strlen(entry->name), request->encoding);
}

static JSValue entry_list(JSContext *ctx, const mr__fs_request *request, int list)
{
    JSValue array = JS_NewArray(ctx);
    for (size_t i = 0; !JS_IsException(array) && i < request->entries.count; i++) {
        if (append(ctx, array, i, entry_value(ctx, request, i, list)) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        }
    }
    return array;
}

/* The names; with types, [names, types, folders]. */
JSValue mr__fs_result_entries(JSContext *ctx, mr__fs_request *request)
{
    if (request->ints[1] == 0)
        return entry_list(ctx, request, NAMES);
    JSValue lists = JS_NewArray(ctx);
    for (int i = 0; !JS_IsException(lists) && i < ENTRY_LISTS; i++) {
        if (append(ctx, lists, (size_t)i, entry_list(ctx, request, i)) < 0) {
            JS_FreeValue(ctx, lists);
            lists = JS_EXCEPTION;
        }
    }
    return lists;
}
