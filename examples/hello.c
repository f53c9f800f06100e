/* A timer, a microtask and a task from another thread, in the order the loop promises. */
#include <millrace/millrace.h>
#include <pthread.h>
#include <stdio.h>

static mr_loop *loop;

static void say(void *text)
{
    puts(text);
}

static void on_timer(void *text)
{
    say(text);
    if (mr_microtask(loop, say, "microtask: right after the timer's callback") != MR_OK)
        puts("no microtask");
    mr_loop_release(loop); /* the thread's work is not awaited any longer */
}

static void *elsewhere(void *arg)
{
    if (mr_submit(loop, say, "task: submitted by another thread") != MR_OK)
        puts("refused");
    return arg;
}

int main(void)
{
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_timer timer;
    pthread_t thread;
    if (mr_loop_create(&options, &loop) != MR_OK || mr_loop_hold(loop) != MR_OK ||
        mr_timer_start(loop, 20000000, on_timer, "timer: 20 ms", &timer) != MR_OK)
        return 1;
    pthread_create(&thread, NULL, elsewhere, NULL);
    mr_status status = mr_loop_run(loop);
    pthread_join(thread, NULL);
    mr_loop_unref(loop);
    return status == MR_OK ? 0 : 1;
}
