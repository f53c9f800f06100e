/* The embedding API's entries into script: eval, files, calls, errors, the end. */
#include "js/value.h"

#include "base/memory.h"
#include "js/bridge.h"
#include "js/gate.h"
#include "js/install.h"
#include "js/text.h"
#include "loop/extend.h"

/* ---- Around every entry -----------------------------------------------------------------------*/

mr_status mr__js_check(const mr_js *js)
{
    mr_status status = mr__js_check_making(js);
    return (status == MR_OK || status == MR_ECLOSED) && js->in_hook ? MR_EREENTRANT : status;
}

mr_status mr__js_check_making(const mr_js *js)
{
    if (js == NULL)
        return MR_EINVAL;
    if (!mr__loop_is_owner(js->loop))
        return MR_EWRONGTHREAD;
    return js->gone || mr_loop_state(js->loop) == MR_STATE_CLOSED ? MR_ECLOSED : MR_OK;
}

static void keep_failure(mr_js *js, JSValue thrown)
{
    JS_FreeValue(js->ctx, js->failure);
    js->failure = thrown;
    js->failed = true;
    js->failure_rejected = js->entry_rejected;
    js->entry_rejected = false;
}

/* What was run for C was ended by a limit: why. */
static mr_status ended_result(mr_js *js, JSValue value)
{
    JS_FreeValue(js->ctx, value);
    mr_status reason = js->limits.reason;
    if (js->limits.ending == MR__JS_END_NOT)
        js->limits.reason = MR_OK; /* else the outer ones are told too */
    return reason;
}

mr_status mr__js_result(mr_js *js, JSValue value, mr_js_value **out_value)
{
    if (MR_UNLIKELY(js->limits.reason != MR_OK))
        return ended_result(js, value);
    if (JS_IsException(value)) {
        JSValue thrown = JS_GetException(js->ctx);
        if (js->gone) {
            JS_FreeValue(js->ctx, thrown);
            return MR_ECANCELED;
        }
        keep_failure(js, thrown);
        return MR_EJS;
    }
    if (out_value == NULL) {
        JS_FreeValue(js->ctx, value);
        return MR_OK;
    }
    mr_js_value *handle = mr__js_value_new(js, value);
    if (handle == NULL)
        return MR_ENOMEM;
    *out_value = handle;
    return MR_OK;
}

mr_status mr__js_made(mr_js *js, JSValue value, mr_js_value **out_value)
{
    mr_status status = mr__js_result(js, value, out_value);
    return status == MR_EJS && mr__js_is_out_of_memory(js->ctx, js->failure) ? MR_ENOMEM : status;
}

void mr__js_settle(mr_js *js)
{
    if (js->depth == 0 && !mr__loop_in_callback(js->loop))
        mr__loop_checkpoint(js->loop);
}

/* The status of an entry, then its checkpoint. */
static mr_status finish_entry(mr_js *js, JSValue value, mr_js_value **out_value)
{
    mr_status status = mr__js_result(js, value, out_value);
    mr__js_settle(js);
    return status;
}

/* ---- Evaluation -------------------------------------------------------------------------------*/

/* Keep a text that comes from no file: the engine wants it terminated, and a report shows its
 * lines. */
static bool keep_source(mr_js *js, const char *source, size_t len, const char *name)
{
    js->eval_name.len = js->eval_source.len = 0;
    mr__bytes_str(&js->eval_name, name);
    mr__bytes_append(&js->eval_source, source, len);
    mr__bytes_cstr(&js->eval_name);
    mr__bytes_cstr(&js->eval_source);
    return !js->eval_name.failed && !js->eval_source.failed;
}

static JSValue compile(mr_js *js, int flags)
{
    return JS_Eval(js->ctx, js->eval_source.data, js->eval_source.len, js->eval_name.data,
                   flags | JS_EVAL_FLAG_COMPILE_ONLY);
}

/* A classic script; only if it does not compile as one, with the second flags; if both fail the
 * first error counts. */
static JSValue compile_either(mr_js *js, int second, bool *out_second)
{
    *out_second = false;
    JSValue code = compile(js, JS_EVAL_TYPE_GLOBAL);
    if (!JS_IsException(code))
        return code;
    JSValue first = JS_GetException(js->ctx);
    code = compile(js, second);
    if (JS_IsException(code)) {
        JS_FreeValue(js->ctx, JS_GetException(js->ctx));
        return JS_Throw(js->ctx, first);
    }
    JS_FreeValue(js->ctx, first);
    *out_second = true;
    return code;
}

static JSValue compile_kind(mr_js *js, mr_js_kind kind, bool *out_promise)
{
    *out_promise = kind == MR_JS_MODULE;
    if (kind == MR_JS_MODULE)
        return compile(js, JS_EVAL_TYPE_MODULE);
    if (kind == MR_JS_SCRIPT)
        return compile(js, JS_EVAL_TYPE_GLOBAL);
    if (kind == MR_JS_EVAL)
        return compile_either(js, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC, out_promise);
    return compile_either(js, JS_EVAL_TYPE_MODULE, out_promise);
}

static JSValue value_member(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    return argc > 0 && JS_IsObject(argv[0]) ? JS_GetPropertyStr(ctx, argv[0], "value")
                                            : JS_UNDEFINED;
}

/* Classic code with a top-level await gives a promise of { value }: make it one of the value. */
static JSValue unwrap_promise(JSContext *ctx, JSValue promise)
{
    JSValue unwrap = JS_NewCFunction(ctx, value_member, "", 1);
    JSValue derived =
        JS_IsException(unwrap) ? JS_EXCEPTION : JS_PromiseThen(ctx, promise, unwrap, JS_UNDEFINED);
    JS_FreeValue(ctx, unwrap);
    JS_FreeValue(ctx, promise);
    return derived;
}

/* Compile and run; *out_async: the result is the promise of a module or of a top-level await. */
static JSValue run_source(mr_js *js, mr_js_kind kind, bool *out_async)
{
    JSValue code = compile_kind(js, kind, out_async);
    if (JS_IsException(code))
        return code;
    bool module = JS_IsModule(code);
    JSValue value = JS_EvalFunction(js->ctx, code);
    if (!*out_async || JS_IsException(value))
        return value;
    return mr__js_watch_entry(js, module ? value : unwrap_promise(js->ctx, value));
}

static mr_status check_source(const mr_js *js, const char *source, size_t len, mr_js_kind kind)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    bool known =
        kind == MR_JS_AUTO || kind == MR_JS_SCRIPT || kind == MR_JS_MODULE || kind == MR_JS_EVAL;
    return known && (source != NULL || len == 0) ? MR_OK : MR_EINVAL;
}

mr_status mr_js_eval(mr_js *js, const char *source, size_t len_bytes, const char *name,
                     mr_js_kind kind, mr_js_value **out_value)
{
    mr_status status = check_source(js, source, len_bytes, kind);
    if (status != MR_OK)
        return status;
    if (!keep_source(js, source, len_bytes, name ? name : "[eval]"))
        return MR_ENOMEM;
    bool async;
    mr__js_enter_call(js);
    JSValue value = run_source(js, kind, &async);
    mr__js_leave(js);
    return finish_entry(js, value, out_value);
}

/* ---- Printing the completion value ------------------------------------------------------------*/

static int print_value(mr_js *js, JSValueConst value)
{
    mr__bytes text = {0};
    mr__inspect_options options = mr__inspect_defaults;
    options.colors = js->options.color_stdout;
    int failed = JS_IsString(value) ? mr__js_append_text(js->ctx, &text, value)
                                    : mr__js_inspect(js, &text, value, &options);
    mr__bytes_char(&text, '\n');
    if (!failed && !text.failed && !js->gone)
        mr__js_write(js, MR__STDOUT, text.data, text.len);
    mr__bytes_deinit(&text);
    return failed;
}

static JSValue print_settled(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return print_value(js, argv[0]) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static JSValue print_when_settled(mr_js *js, JSValue promise)
{
    JSValue print = JS_NewCFunction(js->ctx, print_settled, "", 1);
    JSValue derived = JS_IsException(print) ? JS_EXCEPTION
                                            : JS_PromiseThen(js->ctx, promise, print, JS_UNDEFINED);
    JS_FreeValue(js->ctx, print);
    JS_FreeValue(js->ctx, promise);
    if (!JS_IsException(derived))
        JS_PromiseMarkAsHandled(js->ctx, derived); /* its source is watched already */
    return derived;
}

mr_status mr_js_eval_print(mr_js *js, const char *source, size_t len_bytes, const char *name)
{
    mr_status status = check_source(js, source, len_bytes, MR_JS_EVAL);
    if (status != MR_OK)
        return status;
    if (!keep_source(js, source, len_bytes, name ? name : "[eval]"))
        return MR_ENOMEM;
    bool async;
    mr__js_enter_call(js);
    JSValue value = run_source(js, MR_JS_EVAL, &async);
    if (!JS_IsException(value) && async) {
        value = print_when_settled(js, value);
    } else if (!JS_IsException(value) && print_value(js, value) < 0) {
        JS_FreeValue(js->ctx, value);
        value = JS_EXCEPTION;
    }
    mr__js_leave(js);
    return finish_entry(js, value, NULL);
}

/* ---- Files and calls --------------------------------------------------------------------------*/

mr_status mr_js_run_file(mr_js *js, const char *path, mr_js_kind kind, mr_js_value **out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (path == NULL || kind > MR_JS_COMMONJS)
        return MR_EINVAL;
    mr__js_enter_call(js);
    JSValue value = mr__js_run_file(js, path, kind);
    mr__js_leave(js);
    return finish_entry(js, value, out_value);
}

enum { INLINE_CALL_ARGS = 8 };

static mr_status call(mr_js *js, mr_js_value *fn, mr_js_value *this_value, size_t argc,
                      mr_js_value *const *argv, JSValue *args, mr_js_value **out_value)
{
    for (size_t i = 0; i < argc; i++) {
        if (argv[i] == NULL || argv[i]->js != js)
            return MR_EINVAL;
        args[i] = argv[i]->value;
    }
    mr__js_enter_call(js);
    JSValue value =
        JS_Call(js->ctx, fn->value, this_value ? this_value->value : JS_UNDEFINED, (int)argc, args);
    mr__js_leave(js);
    return finish_entry(js, value, out_value);
}

mr_status mr_js_call(mr_js *js, mr_js_value *fn, mr_js_value *this_value, size_t argc,
                     mr_js_value *const *argv, mr_js_value **out_value)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK)
        return status;
    if (fn == NULL || fn->js != js || (this_value != NULL && this_value->js != js) ||
        (argc != 0 && argv == NULL) || argc > INT16_MAX)
        return MR_EINVAL;
    JSValue few[INLINE_CALL_ARGS];
    if (argc <= INLINE_CALL_ARGS)
        return call(js, fn, this_value, argc, argv, few, out_value);
    JSValue *many = mr__alloc(argc * sizeof(*many));
    if (many == NULL)
        return MR_ENOMEM;
    status = call(js, fn, this_value, argc, argv, many, out_value);
    mr__free(many);
    return status;
}

/* ---- Errors -----------------------------------------------------------------------------------*/

mr_status mr_js_exception(mr_js *js, mr_error **out_error)
{
    mr_status status = mr__js_check(js);
    if (status != MR_OK || out_error == NULL)
        return status != MR_OK ? status : MR_EINVAL;
    if (!js->failed)
        return MR_ENOENT;
    JSValue thrown = JS_DupValue(js->ctx, js->failure);
    mr__js_enter(js);
    status = mr__js_thrown_to_error(js, thrown, out_error);
    mr__js_leave(js);
    JS_FreeValue(js->ctx, thrown);
    return status;
}

const char *mr_js_last_error(mr_js *js)
{
    if (js == NULL || !js->failed)
        return "";
    js->failure_text.len = 0;
    mr__js_report(js, &js->failure_text, js->failure);
    return mr__bytes_cstr(&js->failure_text);
}

void mr_js_raise(mr_js *js)
{
    if (mr__js_check(js) != MR_OK || !js->failed)
        return;
    JSValue thrown = js->failure;
    js->failure = JS_UNDEFINED;
    js->failed = false;
    mr__js_uncaught_value(js, thrown, js->failure_rejected);
    mr__js_settle(js);
}
