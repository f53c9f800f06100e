/* Reading standard input without stopping the loop.
 *
 * One request at a time: a watch where the descriptor can be watched (pipe, terminal, socket),
 * which lives only while somebody waits; an immediate for what is always ready (a regular file,
 * /dev/null). On a simulated loop always an immediate, and every piece is full but the last, so that
 * the pieces do not depend on the writer's pace. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <millrace/immediate.h>
#include <millrace/watch.h>

#include "base/memory.h"
#include "js/buffer.h"
#include "js/gate.h"
#include "js/process.h"
#include "loop/extend.h"

enum { CHUNK = 65536 };

/* The loop's argument; js is NULL once nobody waits for it any more. */
struct request {
    mr_js *js;
    JSValue callback;
    mr_watch watch;
    mr_immediate immediate;
    bool watched, held; /* held: the host reads the descriptor itself, this waits */
};

/* Take the request from the runtime: it stays for the loop, or for the caller, to free. */
static JSValue unhook(struct request *request)
{
    JSValue callback = request->callback;
    request->js->stdin_request = NULL;
    request->js = NULL;
    request->callback = JS_UNDEFINED;
    return callback;
}

static void drop(struct request *request)
{
    mr_js *js = request->js;
    if (js != NULL)
        JS_FreeValue(js->ctx, unhook(request));
    mr__free(request);
}

static void discarded(void *arg, mr_status reason)
{
    (void)reason;
    drop(arg);
}

/* Call back with an error number, or with what was read: nothing is the end. */
static void deliver(mr_js *js, JSValue callback, const uint8_t *data, ssize_t len, int error)
{
    JSValue args[2] = {JS_UNDEFINED, JS_NULL};
    if (error != 0)
        args[0] = mr__js_new_errno(js->ctx, error, "read", NULL, NULL);
    else if (len > 0)
        args[1] = mr__js_buffer_copy(js, data, (size_t)len);
    if (JS_IsException(args[1]))
        mr__js_uncaught(js, false);
    else
        mr__js_call_callback(js, callback, JS_UNDEFINED, 2, args);
    JS_FreeValue(js->ctx, args[0]);
    JS_FreeValue(js->ctx, args[1]);
    JS_FreeValue(js->ctx, callback);
}

static ssize_t read_some(uint8_t *data, size_t room)
{
    ssize_t len;
    do
        len = read(STDIN_FILENO, data, room);
    while (len < 0 && errno == EINTR);
    return len;
}

static bool would_block(ssize_t len)
{
    return len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Wait until the piece is full or the input ends. An error after some bytes comes with the next. */
static ssize_t read_full(uint8_t *data, size_t room)
{
    size_t done = 0;
    while (done < room) {
        ssize_t len = read_some(data + done, room - done);
        if (would_block(len)) {
            struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
            poll(&wait, 1, -1);
        } else if (len < 0 && done == 0) {
            return len;
        } else if (len <= 0) {
            break;
        } else {
            done += (size_t)len;
        }
    }
    return (ssize_t)done;
}

/* false: nothing was there after all, wait on. */
static bool read_chunk(struct request *request)
{
    uint8_t data[CHUNK];
    mr_js *js = request->js;
    ssize_t len = mr__loop_simulated(js->loop) ? read_full(data, sizeof(data))
                                               : read_some(data, sizeof(data));
    int error = len < 0 ? errno : 0;
    if (would_block(len))
        return false;
    if (request->watched)
        mr_watch_remove(js->loop, request->watch, NULL, NULL);
    JSValue callback = unhook(request);
    mr__free(request);
    /* EIO: the terminal has gone. EBADF: there was no input from the start. */
    deliver(js, callback, data, len, error == EIO || error == EBADF ? 0 : error);
    return true;
}

static void on_ready(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events;
    read_chunk(arg);
}

static void on_immediate(void *arg)
{
    struct request *request = arg;
    if (request->js == NULL || request->js->gone)
        drop(request);
    else if (!read_chunk(request))
        drop(request);
}

static mr_status start(mr_js *js, struct request *request)
{
    request->held = js->stdin_held;
    if (request->held)
        return MR_OK;
    if (!mr__loop_simulated(js->loop)) {
        mr_status status = mr_watch_add_with(js->loop, STDIN_FILENO, MR_READ, on_ready, request,
                                             discarded, &request->watch);
        request->watched = status == MR_OK;
        if (status != MR_ENOTSUP && status != MR_EBADF)
            return status;
    }
    mr_task task = {on_immediate, request, discarded};
    return mr_immediate_start_with(js->loop, &task, &request->immediate);
}

JSValue mr__js_stdin_read(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct request *request = mr__alloc(sizeof(*request));
    if (request == NULL)
        return JS_ThrowOutOfMemory(ctx);
    *request = (struct request){.js = js, .callback = JS_DupValue(ctx, argv[0])};
    js->stdin_request = request;
    mr_status status = start(js, request);
    if (status == MR_OK)
        return JS_UNDEFINED;
    drop(request);
    if (status == MR_ECLOSED)
        return JS_UNDEFINED;
    return mr__js_throw_code(ctx, mr_status_js_class(status), mr_status_name(status), "%s",
                             mr_status_text(status));
}

/* Take the request from the loop. Unless 0 the loop still reports it as discarded. */
static mr_status let_go(mr_js *js, const struct request *request)
{
    if (request->held)
        return MR_OK;
    return request->watched ? mr_watch_remove(js->loop, request->watch, NULL, NULL)
                            : mr_immediate_cancel(js->loop, request->immediate);
}

void mr__js_stdin_hold(mr_js *js, bool held)
{
    struct request *request = js->stdin_request;
    if (js->stdin_held == held)
        return;
    js->stdin_held = held;
    if (request == NULL)
        return;
    if (held && let_go(js, request) == MR_OK) {
        request->watched = false;
        request->held = true;
    } else if (!held && request->held && start(js, request) != MR_OK) {
        drop(request); /* the loop ends */
    }
}

void mr__js_stdin_stop(mr_js *js)
{
    struct request *request = js->stdin_request;
    if (request == NULL)
        return;
    mr_status status = let_go(js, request);
    JS_FreeValue(js->ctx, unhook(request));
    if (status == MR_OK)
        mr__free(request); /* else the loop still reports it as discarded */
}

JSValue mr__js_stdin_cancel(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    mr__js_stdin_stop(mr__js_of(ctx));
    return JS_UNDEFINED;
}
