/* Use the installed core: a timer, and the version that was linked. */
#include <millrace/millrace.h>

#include <stdio.h>
#include <string.h>

static void fired(void *arg)
{
    *(int *)arg += 1;
}

int main(void)
{
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_loop *loop;
    if (mr_loop_create(&options, &loop) != MR_OK)
        return 1;

    int count = 0;
    mr_timer timer;
    mr_status status = mr_timer_start(loop, 1000000, fired, &count, &timer);
    if (status == MR_OK)
        status = mr_loop_run(loop);
    mr_loop_unref(loop);

    printf("%s: %s, %d\n", mr_version(), mr_status_name(status), count);
    return status == MR_OK && count == 1 && strcmp(mr_version(), MR_VERSION) == 0 ? 0 : 1;
}
