/* A simulated loop: a year of one-minute timers in well under a second of real time. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <stdio.h>

#define MINUTE_NS UINT64_C(60000000000)

static mr_loop *loop;
static mr_timer timer;
static uint64_t fired;

static void on_minute(void *arg)
{
    (void)arg;
    if (++fired == UINT64_C(365) * 24 * 60)
        mr_timer_cancel(loop, timer);
}

int main(void)
{
    mr_simulate world = {.seed = 1};
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true, .simulate = &world};
    if (mr_loop_create(&options, &loop) != MR_OK ||
        mr_timer_repeat(loop, MINUTE_NS, on_minute, NULL, &timer) != MR_OK)
        return 1;
    mr_status status = mr_loop_run(loop);
    printf("%" PRIu64 " firings, %" PRIu64 " virtual days, %s\n", fired,
           mr_loop_now(loop) / (MINUTE_NS * 60 * 24), mr_status_name(status));
    mr_loop_unref(loop);
    return fired == 525600 && status == MR_OK ? 0 : 1;
}
