/* Errors made in C, as Node.js makes them: the engine's own classes, an own `code`, whole messages.
 *
 * The engine's constructors for C take the intrinsic prototypes, so nothing that a script does to
 * the global names reaches them; but they cut messages at 255 bytes, so the message is set apart.
 */
#include "js/runtime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "js/builtins.h"
#include "js/errors.h"

/* ---- The system's error numbers: name and text as libuv, and so Node.js, writes them
 * -----------*/

struct system_error {
    int number;
    const char *name, *text;
};

static const struct system_error system_errors[] = {
    {E2BIG, "E2BIG", "argument list too long"},
    {EACCES, "EACCES", "permission denied"},
    {EADDRINUSE, "EADDRINUSE", "address already in use"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL", "address not available"},
    {EAFNOSUPPORT, "EAFNOSUPPORT", "address family not supported"},
    {EAGAIN, "EAGAIN", "resource temporarily unavailable"},
    {EALREADY, "EALREADY", "connection already in progress"},
    {EBADF, "EBADF", "bad file descriptor"},
    {EBUSY, "EBUSY", "resource busy or locked"},
    {ECANCELED, "ECANCELED", "operation canceled"},
    {ECONNABORTED, "ECONNABORTED", "software caused connection abort"},
    {ECONNREFUSED, "ECONNREFUSED", "connection refused"},
    {ECONNRESET, "ECONNRESET", "connection reset by peer"},
    {EDESTADDRREQ, "EDESTADDRREQ", "destination address required"},
    {EEXIST, "EEXIST", "file already exists"},
    {EFAULT, "EFAULT", "bad address in system call argument"},
    {EFBIG, "EFBIG", "file too large"},
    {EHOSTDOWN, "EHOSTDOWN", "host is down"},
    {EHOSTUNREACH, "EHOSTUNREACH", "host is unreachable"},
    {EILSEQ, "EILSEQ", "illegal byte sequence"},
    {EINTR, "EINTR", "interrupted system call"},
    {EINVAL, "EINVAL", "invalid argument"},
    {EIO, "EIO", "i/o error"},
    {EISCONN, "EISCONN", "socket is already connected"},
    {EISDIR, "EISDIR", "illegal operation on a directory"},
    {ELOOP, "ELOOP", "too many symbolic links encountered"},
    {EMFILE, "EMFILE", "too many open files"},
    {EMLINK, "EMLINK", "too many links"},
    {EMSGSIZE, "EMSGSIZE", "message too long"},
    {ENAMETOOLONG, "ENAMETOOLONG", "name too long"},
    {ENETDOWN, "ENETDOWN", "network is down"},
    {ENETUNREACH, "ENETUNREACH", "network is unreachable"},
    {ENFILE, "ENFILE", "file table overflow"},
    {ENOBUFS, "ENOBUFS", "no buffer space available"},
    {ENODATA, "ENODATA", "no data available"},
    {ENODEV, "ENODEV", "no such device"},
    {ENOENT, "ENOENT", "no such file or directory"},
    {ENOMEM, "ENOMEM", "not enough memory"},
    {ENOPROTOOPT, "ENOPROTOOPT", "protocol not available"},
    {ENOSPC, "ENOSPC", "no space left on device"},
    {ENOSYS, "ENOSYS", "function not implemented"},
    {ENOTCONN, "ENOTCONN", "socket is not connected"},
    {ENOTDIR, "ENOTDIR", "not a directory"},
    {ENOTEMPTY, "ENOTEMPTY", "directory not empty"},
    {ENOTSOCK, "ENOTSOCK", "socket operation on non-socket"},
    {ENOTSUP, "ENOTSUP", "operation not supported on socket"},
    {ENOTTY, "ENOTTY", "inappropriate ioctl for device"},
    {ENXIO, "ENXIO", "no such device or address"},
    {EOVERFLOW, "EOVERFLOW", "value too large for defined data type"},
    {EPERM, "EPERM", "operation not permitted"},
    {EPIPE, "EPIPE", "broken pipe"},
    {EPROTO, "EPROTO", "protocol error"},
    {EPROTONOSUPPORT, "EPROTONOSUPPORT", "protocol not supported"},
    {EPROTOTYPE, "EPROTOTYPE", "protocol wrong type for socket"},
    {ERANGE, "ERANGE", "result too large"},
    {EROFS, "EROFS", "read-only file system"},
    {ESHUTDOWN, "ESHUTDOWN", "cannot send after transport endpoint shutdown"},
    {ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "socket type not supported"},
    {ESPIPE, "ESPIPE", "invalid seek"},
    {ESRCH, "ESRCH", "no such process"},
    {ETIMEDOUT, "ETIMEDOUT", "connection timed out"},
    {ETXTBSY, "ETXTBSY", "text file is busy"},
    {EXDEV, "EXDEV", "cross-device link not permitted"},
};

static struct system_error system_error_of(int number, char name[24])
{
    for (size_t i = 0; i < sizeof(system_errors) / sizeof(system_errors[0]); i++) {
        if (system_errors[i].number == number)
            return system_errors[i];
    }
    snprintf(name, 24, "E%d", number);
    return (struct system_error){number, name, "unknown error"};
}

/* ---- Making an error --------------------------------------------------------------------------*/

static JSValue new_of_class(JSContext *ctx, const char *js_class)
{
    if (strcmp(js_class, "TypeError") == 0)
        return JS_NewTypeError(ctx, "%s", "");
    if (strcmp(js_class, "RangeError") == 0)
        return JS_NewRangeError(ctx, "%s", "");
    if (strcmp(js_class, "SyntaxError") == 0)
        return JS_NewSyntaxError(ctx, "%s", "");
    return JS_NewPlainError(ctx, "%s", "");
}

static int define_str(JSContext *ctx, JSValueConst object, const char *name, const char *text,
                      size_t len, int flags)
{
    JSValue value = JS_NewStringLen(ctx, text, len);
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, object, name, value, flags);
}

/* Put "Class [CODE]: message" in front of the frames: the engine keeps those alone. */
static int add_head(JSContext *ctx, JSValueConst error, const char *js_class, const char *code,
                    const char *text, size_t len)
{
    mr_js *js = mr__js_of(ctx);
    JSValue stack = js->error_stacks != NULL ? mr__js_error_frames(js, error)
                                             : JS_GetPropertyStr(ctx, error, "stack");
    const char *frames = JS_IsString(stack) ? JS_ToCString(ctx, stack) : NULL;
    int status = JS_IsException(stack) ? -1 : 0;
    if (frames != NULL && (frames[0] == '\0' || strncmp(frames, "    at ", 7) == 0)) {
        mr__bytes full = {0};
        size_t frames_len = strlen(frames);
        mr__bytes_printf(&full, "%s [%s]: ", js_class, code);
        mr__bytes_append(&full, text, len);
        mr__bytes_str(&full, frames_len == 0 ? "" : "\n");
        mr__bytes_append(&full, frames, frames_len == 0 ? 0 : frames_len - 1);
        if (!full.failed)
            status = define_str(ctx, error, "stack", full.data, full.len,
                                JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        mr__bytes_deinit(&full);
    }
    JS_FreeCString(ctx, frames);
    JS_FreeValue(ctx, stack);
    return status < 0 ? -1 : 0;
}

/* Whether Node.js shows the code in the head. The wrapped reason of a rejection is known by a name
 * of its own instead, which its maker sets. */
static bool has_coded_head(const char *code)
{
    return code != NULL && strncmp(code, "ERR_", 4) == 0 &&
           strcmp(code, "ERR_UNHANDLED_REJECTION") != 0;
}

/* An error of the class with that message and, unless NULL, that own code. */
static JSValue new_error(JSContext *ctx, const char *js_class, const char *code, const char *text,
                         size_t len)
{
    JSValue error = new_of_class(ctx, js_class);
    if (JS_IsException(error))
        return error;
    int hidden = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
    if (define_str(ctx, error, "message", text, len, hidden) < 0)
        goto fail;
    if (code != NULL && define_str(ctx, error, "code", code, strlen(code), JS_PROP_C_W_E) < 0)
        goto fail;
    if (has_coded_head(code) && (mr__js_builtins_brand_error(mr__js_of(ctx), error, js_class) < 0 ||
                                 add_head(ctx, error, js_class, code, text, len) < 0))
        goto fail;
    return error;
fail:
    JS_FreeValue(ctx, error);
    return JS_EXCEPTION;
}

static void format_text(mr__bytes *out, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    mr__bytes_fill(out, ' ', len < 0 ? 1 : (size_t)len + 1);
    if (!out->failed && len >= 0) {
        vsnprintf(out->data, (size_t)len + 1, format, again);
        out->len = (size_t)len;
    }
    va_end(again);
}

/* Throw the error with the text, which passes in. */
static JSValue throw_text(JSContext *ctx, const char *js_class, const char *code, mr__bytes *text)
{
    JSValue error = text->failed ? JS_ThrowOutOfMemory(ctx)
                                 : new_error(ctx, js_class, code, text->data, text->len);
    mr__bytes_deinit(text);
    return JS_IsException(error) ? error : JS_Throw(ctx, error);
}

JSValue mr__js_throw_code(JSContext *ctx, const char *js_class, const char *code,
                          const char *format, ...)
{
    mr__bytes text = {0};
    va_list args;
    va_start(args, format);
    format_text(&text, format, args);
    va_end(args);
    return throw_text(ctx, js_class, code, &text);
}

/* ---- Wrong arguments --------------------------------------------------------------------------*/

enum { RECEIVED_MAX = 28, RECEIVED_CUT = 25 };

/* The value of an own data property without running script; JS_UNDEFINED for anything else. */
static JSValue own_data(JSContext *ctx, JSValueConst object, const char *name)
{
    JSPropertyDescriptor desc;
    if (!JS_IsObject(object) || JS_IsProxy(object))
        return JS_UNDEFINED;
    JSAtom atom = JS_NewAtom(ctx, name);
    int found = atom == JS_ATOM_NULL ? -1 : JS_GetOwnProperty(ctx, &desc, object, atom);
    JS_FreeAtom(ctx, atom);
    if (found < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
    if (found <= 0)
        return JS_UNDEFINED;
    JS_FreeValue(ctx, desc.getter);
    JS_FreeValue(ctx, desc.setter);
    if (!(desc.flags & JS_PROP_GETSET))
        return desc.value;
    JS_FreeValue(ctx, desc.value);
    return JS_UNDEFINED;
}

static void append_string(JSContext *ctx, mr__bytes *out, JSValueConst string)
{
    const char *text = JS_IsString(string) ? JS_ToCString(ctx, string) : NULL;
    if (text != NULL)
        mr__bytes_str(out, text);
    JS_FreeCString(ctx, text);
}

/* "an instance of Foo", by the first constructor on the way up. */
static void append_instance(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    JSValue at = JS_DupValue(ctx, value);
    JSValue name = JS_UNDEFINED;
    while (JS_IsObject(at) && !JS_IsProxy(at) && JS_IsUndefined(name)) {
        JSValue constructor = own_data(ctx, at, "constructor");
        name = own_data(ctx, constructor, "name");
        JS_FreeValue(ctx, constructor);
        JSValue up = JS_GetPrototype(ctx, at);
        JS_FreeValue(ctx, at);
        at = up;
    }
    JS_FreeValue(ctx, at);
    mr__bytes_str(out, JS_IsString(name) ? "an instance of " : "[Object: null prototype] {}");
    append_string(ctx, out, name);
    JS_FreeValue(ctx, name);
}

/* 'text', or as JSON writes it when there is a quote in it; long text is cut as Node.js cuts it. */
static void append_quoted(mr__bytes *out, const char *text)
{
    bool plain = strchr(text, '\'') == NULL;
    size_t len = strlen(text), shown = len, count = 0;
    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80 && count++ == RECEIVED_CUT)
            shown = i;
    }
    shown = count > RECEIVED_MAX ? shown : len;
    mr__bytes_char(out, plain ? '\'' : '"');
    for (size_t i = 0; i < shown; i++) {
        if (!plain && (text[i] == '"' || text[i] == '\\'))
            mr__bytes_char(out, '\\');
        if (!plain && (unsigned char)text[i] < 0x20)
            mr__bytes_printf(out, "\\u%04x", (unsigned)text[i]);
        else
            mr__bytes_char(out, text[i]);
    }
    mr__bytes_str(out, shown < len ? "..." : "");
    mr__bytes_char(out, plain ? '\'' : '"');
}

static const char *type_name(JSValueConst value)
{
    if (JS_IsBool(value))
        return "boolean";
    if (JS_IsBigInt(value))
        return "bigint";
    if (JS_IsSymbol(value))
        return "symbol";
    return JS_IsString(value) ? "string" : "number";
}

/* "type number (5)" */
static void append_primitive(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    mr__bytes shown = {0};
    JSValue text = JS_UNDEFINED;
    const char *chars = NULL;
    if (JS_IsSymbol(value)) {
        text = JS_GetPropertyStr(ctx, value, "description");
        chars = JS_IsString(text) ? JS_ToCString(ctx, text) : NULL;
        mr__bytes_printf(&shown, "Symbol(%s)", chars == NULL ? "" : chars);
    } else if ((chars = JS_ToCString(ctx, value)) != NULL) {
        double number = JS_VALUE_GET_TAG(value) == JS_TAG_FLOAT64 ? JS_VALUE_GET_FLOAT64(value) : 1;
        if (JS_IsString(value))
            append_quoted(&shown, chars);
        else
            mr__bytes_printf(&shown, "%s%s%s", number == 0 && signbit(number) ? "-" : "", chars,
                             JS_IsBigInt(value) ? "n" : "");
    }
    JS_FreeCString(ctx, chars);
    JS_FreeValue(ctx, text);
    mr__bytes_printf(out, "type %s (%s)", type_name(value), mr__bytes_cstr(&shown));
    mr__bytes_deinit(&shown);
}

void mr__js_append_received(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    if (JS_IsUndefined(value) || JS_IsNull(value)) {
        mr__bytes_str(out, JS_IsNull(value) ? "null" : "undefined");
    } else if (JS_IsFunction(ctx, value)) {
        JSValue name = own_data(ctx, value, "name");
        mr__bytes_str(out, "function ");
        append_string(ctx, out, name);
        JS_FreeValue(ctx, name);
    } else if (JS_IsObject(value)) {
        append_instance(ctx, out, value);
    } else {
        append_primitive(ctx, out, value);
    }
}

JSValue mr__js_throw_arg_type(JSContext *ctx, const char *argument, const char *expected,
                              JSValueConst value)
{
    mr__bytes text = {0};
    const char *kind = strchr(argument, '.') == NULL ? "argument" : "property";
    mr__bytes_printf(&text, "The \"%s\" %s must be %s. Received ", argument, kind, expected);
    mr__js_append_received(ctx, &text, value);
    return throw_text(ctx, "TypeError", "ERR_INVALID_ARG_TYPE", &text);
}

int mr__js_not_function(JSContext *ctx, JSValueConst value, const char *argument)
{
    mr__js_throw_arg_type(ctx, argument, "of type function", value);
    return -1;
}

/* ---- Failed system calls ----------------------------------------------------------------------*/

static void system_message(mr__bytes *out, const struct system_error *known, const char *syscall,
                           const char *path, const char *dest)
{
    mr__bytes_printf(out, "%s: %s, %s", known->name, known->text, syscall);
    if (path != NULL)
        mr__bytes_printf(out, " '%s'", path);
    if (dest != NULL)
        mr__bytes_printf(out, " -> '%s'", dest);
}

static int define_optional(JSContext *ctx, JSValueConst error, const char *name, const char *text)
{
    return text == NULL ? 0 : define_str(ctx, error, name, text, strlen(text), JS_PROP_C_W_E);
}

JSValue mr__js_new_errno(JSContext *ctx, int err, const char *syscall, const char *path,
                         const char *dest)
{
    char name[24];
    struct system_error known = system_error_of(err, name);
    mr__bytes text = {0};
    system_message(&text, &known, syscall, path, dest);
    JSValue error =
        text.failed ? JS_ThrowOutOfMemory(ctx) : new_error(ctx, "Error", NULL, text.data, text.len);
    mr__bytes_deinit(&text);
    if (JS_IsException(error))
        return error;
    if (JS_DefinePropertyValueStr(ctx, error, "errno", JS_NewInt32(ctx, -err), JS_PROP_C_W_E) < 0 ||
        define_optional(ctx, error, "code", known.name) < 0 ||
        define_optional(ctx, error, "syscall", syscall) < 0 ||
        define_optional(ctx, error, "path", path) < 0 ||
        define_optional(ctx, error, "dest", dest) < 0) {
        JS_FreeValue(ctx, error);
        return JS_EXCEPTION;
    }
    return error;
}

JSValue mr__js_throw_errno(JSContext *ctx, int err, const char *syscall, const char *path,
                           const char *dest)
{
    JSValue error = mr__js_new_errno(ctx, err, syscall, path, dest);
    return JS_IsException(error) ? error : JS_Throw(ctx, error);
}
