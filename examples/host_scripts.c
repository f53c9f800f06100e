/* A host of user scripts: a C module for them, a function called in each, its promise awaited, their
 * errors survived. */
#include <millrace/js.h>
#include <millrace/millrace.h>
#include <stdio.h>
#include <string.h>

/* What users wrote. Each has a function `price`, which may take its time. */
static const struct {
    const char *name, *source;
} scripts[] = {
    {"fixed.js", "globalThis.price = (n) => n * 3;"},
    {"slow.js", "globalThis.price = async (n) => {\n"
                "    const { rate } = await import('shop');\n"
                "    await new Promise((resolve) => setTimeout(resolve, 5));\n"
                "    return n * rate('EUR');\n"
                "};"},
    {"typo.js", "globalThis.price = (n) => n +;"},
    {"faulty.js", "globalThis.price = async (n) => { (await import('shop')).rate('gold'); };"},
    {"rude.js", "globalThis.price = () => process.exit(7);"},
};

/* ---- The module: import { rate } from 'shop' ---- */

static mr_status rate(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                      mr_js_value **out_value)
{
    (void)arg;
    char *currency;
    if (argc != 1)
        return MR_EINVAL; /* a TypeError to the script */
    mr_status status = mr_js_to_string(js, argv[0], &currency, NULL);
    if (status != MR_OK)
        return status;
    bool known = strcmp(currency, "EUR") == 0;
    mr_js_free(currency);
    return known ? mr_js_from_int64(js, 4, out_value) : MR_ENOENT;
}

static mr_status init_shop(mr_js *js, mr_js_value *exports, void *arg)
{
    mr_js_value *function;
    mr_status status = mr_js_function_create(js, "rate", rate, arg, &function);
    if (status != MR_OK)
        return status;
    status = mr_js_set(js, exports, "rate", function);
    mr_js_value_unref(function);
    return status;
}

/* ---- One script ---- */

typedef struct visit {
    mr_loop *loop;
    mr_js *js;
    const char *name, *source;
} visit;

static mr_status on_price(mr_value value, void *arg, mr_value *out_value)
{
    (void)out_value;
    const visit *v = arg;
    double price = 0;
    if (mr_value_as_double(value, &price))
        printf("%s: %g\n", v->name, price);
    return MR_OK;
}

static mr_status on_error(mr_value reason, void *arg, mr_value *out_value)
{
    (void)out_value;
    const visit *v = arg;
    const mr_error *error = mr_value_as_error(reason);
    printf("%s: %s (%s)\n", v->name, mr_error_message(error), mr_status_name(mr_error_code(error)));
    return MR_OK;
}

/* What went wrong in a call. A script that ended itself has no exception. */
static void tell(visit *v, mr_status status)
{
    mr_error *error = NULL;
    int code;
    if (status == MR_EJS && mr_js_exception(v->js, &error) == MR_OK)
        printf("%s: %s\n", v->name, mr_error_message(error));
    else if (mr_js_exit_code(v->js, &code))
        printf("%s: ended itself with %d\n", v->name, code);
    else
        printf("%s: %s\n", v->name, mr_status_text(status));
    mr_error_unref(error);
}

/* A number, or the promise of one: the same to who waits. */
static mr_status await_price(visit *v, mr_js_value *result)
{
    mr_value value;
    mr_promise *promise;
    mr_settler settler;
    mr_status status = mr_js_to_value(v->js, result, &value);
    if (status != MR_OK)
        return status;
    status = mr_promise_with_resolvers(v->loop, &promise, &settler);
    if (status != MR_OK) {
        mr_value_release(value);
        return status;
    }
    status = mr_settler_resolve(v->loop, settler, value); /* follows, if it is a promise */
    if (status != MR_OK)
        mr_value_release(value);
    const mr_reaction reaction = {.on_fulfilled = on_price, .on_rejected = on_error, .arg = v};
    if (status == MR_OK)
        status = mr_promise_then(promise, &reaction, NULL);
    mr_promise_unref(promise);
    return status;
}

static mr_status call_price(visit *v)
{
    mr_js_value *price, *amount = NULL, *result = NULL;
    mr_status status = mr_js_get(v->js, NULL, "price", &price);
    if (status != MR_OK)
        return status;
    status = mr_js_from_int64(v->js, 10, &amount);
    if (status == MR_OK)
        status = mr_js_call(v->js, price, NULL, 1, &amount, &result);
    if (status == MR_OK)
        status = await_price(v, result);
    mr_js_value_unref(result);
    mr_js_value_unref(amount);
    mr_js_value_unref(price);
    return status;
}

static void print(int stream, const char *data, size_t len, void *arg)
{
    (void)arg;
    fwrite(data, 1, len, stream == 1 ? stdout : stderr);
}

/* A task: its checkpoint comes after it, when somebody already waits for the promise. */
static void run_script(mr_js *js, void *arg)
{
    visit *v = arg;
    mr_status status = mr_js_module_add(js, "shop", init_shop, NULL);
    if (status == MR_OK)
        status = mr_js_eval(js, v->source, strlen(v->source), v->name, MR_JS_SCRIPT, NULL);
    if (status == MR_OK)
        status = call_price(v);
    if (status != MR_OK)
        tell(v, status);
}

/* A loop and a runtime for each script: what one does to its globals is nothing to the next. */
static mr_status host(const char *name, const char *source)
{
    visit v = {.name = name, .source = source};
    const mr_loop_options loop_options = {.size_bytes = sizeof loop_options, .auto_exit = true};
    mr_js_options options = MR_JS_OPTIONS_INIT;
    options.write = print;
    mr_status status = mr_loop_create(&loop_options, &v.loop);
    if (status != MR_OK)
        return status;
    status = mr_js_create(v.loop, &options, &v.js);
    if (status == MR_OK)
        status = mr_js_submit(v.js, run_script, &v);
    if (status == MR_OK)
        status = mr_loop_run(v.loop); /* until its timers and promises are done */
    mr_js_destroy(v.js);
    mr_loop_unref(v.loop);
    return status;
}

int main(void)
{
    mr_status status = MR_OK;
    for (size_t i = 0; status == MR_OK && i < sizeof scripts / sizeof scripts[0]; i++)
        status = host(scripts[i].name, scripts[i].source);
    return status == MR_OK ? 0 : 1;
}
