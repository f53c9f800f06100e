/* Use the installed JavaScript runtime: a script that waits, and its answer read from C. */
#include <millrace/js.h>
#include <millrace/loop.h>

#include <stdio.h>
#include <string.h>

static const char source[] = "var answer = 0; setTimeout(() => { answer = 6 * 7; }, 1);";

static mr_status ask(mr_loop *loop, double *out_answer)
{
    mr_js_options options = {.size_bytes = sizeof options};
    mr_js *js;
    mr_status status = mr_js_create(loop, &options, &js);
    if (status != MR_OK)
        return status;
    status = mr_js_eval(js, source, strlen(source), "ask.js", MR_JS_SCRIPT, NULL);
    if (status == MR_OK)
        status = mr_loop_run(loop);

    mr_js_value *answer = NULL;
    if (status == MR_OK)
        status = mr_js_get(js, NULL, "answer", &answer);
    if (status == MR_OK)
        status = mr_js_to_double(js, answer, out_answer);
    mr_js_value_unref(answer);
    mr_js_destroy(js);
    return status;
}

int main(void)
{
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_loop *loop;
    if (mr_loop_create(&options, &loop) != MR_OK)
        return 1;
    double answer = 0;
    mr_status status = ask(loop, &answer);
    mr_loop_unref(loop);

    printf("QuickJS-ng %s: %s, %g\n", mr_js_engine_version(), mr_status_name(status), answer);
    return status == MR_OK && answer == 42 ? 0 : 1;
}
