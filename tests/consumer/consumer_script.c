/* Use the installed JavaScript runtime: a script that waits, then answers to a C function. */
#include <millrace/js.h>
#include <millrace/loop.h>

#include <stdio.h>
#include <string.h>

static const char source[] = "setTimeout(() => answer(6 * 7), 1);";

static mr_status take_answer(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                             mr_js_value **out_value)
{
    (void)out_value;
    return argc == 1 ? mr_js_to_double(js, argv[0], arg) : MR_EINVAL;
}

static mr_status ask(mr_js *js, double *out_answer)
{
    mr_js_value *function;
    mr_status status = mr_js_function_create(js, "answer", take_answer, out_answer, &function);
    if (status != MR_OK)
        return status;
    status = mr_js_set(js, NULL, "answer", function);
    mr_js_value_unref(function);
    if (status != MR_OK)
        return status;
    return mr_js_eval(js, source, strlen(source), "ask.js", MR_JS_SCRIPT, NULL);
}

int main(void)
{
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_js_options js_options = {.size_bytes = sizeof js_options};
    mr_loop *loop;
    mr_js *js;
    if (mr_loop_create(&options, &loop) != MR_OK)
        return 1;
    mr_status status = mr_js_create(loop, &js_options, &js);
    if (status != MR_OK)
        return 1;

    double answer = 0;
    status = ask(js, &answer);
    if (status == MR_OK)
        status = mr_loop_run(loop);
    mr_js_destroy(js);
    mr_loop_unref(loop);

    printf("QuickJS-ng %s: %s, %g\n", mr_js_engine_version(), mr_status_name(status), answer);
    return status == MR_OK && answer == 42 ? 0 : 1;
}
