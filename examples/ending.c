/* The two ends of a loop: shutdown runs what is queued, close reports it. Nothing is lost. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <stdio.h>
#include <stdlib.h>

static void run_letter(void *letter)
{
    printf("ran %s\n", (char *)letter);
    free(letter);
}

/* Told on the owner thread, once for each item, before run, close or shutdown returns. */
static void letter_discarded(void *letter, mr_status reason)
{
    printf("not run: %s (%s)\n", (char *)letter, mr_status_name(reason));
    free(letter);
}

static int submit_letter(mr_loop *loop, char name)
{
    char *letter = malloc(2);
    if (letter == NULL)
        return 1;
    letter[0] = name;
    letter[1] = 0;
    mr_task task = {.fn = run_letter, .arg = letter, .discard = letter_discarded};
    mr_status status = mr_submit_with(loop, &task);
    if (status == MR_OK)
        return 0;
    printf("refused: %s (%s)\n", letter, mr_status_name(status)); /* still ours */
    free(letter);
    return 1;
}

static int end_one(mr_status (*end)(mr_loop *loop))
{
    mr_loop *loop;
    mr_loop_stats stats;
    if (mr_loop_create(NULL, &loop) != MR_OK)
        return 1;
    int failed = submit_letter(loop, 'a') + submit_letter(loop, 'b');
    end(loop); /* it never ran: the end happens here, on this thread */
    failed += submit_letter(loop, 'c') == 0;
    mr_loop_get_stats(loop, &stats);
    mr_kind_stats tasks = stats.kind[MR_KIND_TASK];
    printf("attempted %" PRIu64 ", refused %" PRIu64 ", run %" PRIu64 ", discarded %" PRIu64 "\n",
           tasks.attempted, tasks.refused, tasks.run, tasks.discarded);
    mr_loop_unref(loop);
    return failed + (tasks.attempted != tasks.refused + tasks.run + tasks.discarded);
}

static mr_status shut_down(mr_loop *loop)
{
    return mr_loop_shutdown(loop, UINT64_MAX);
}

int main(void)
{
    return end_one(shut_down) + end_one(mr_loop_close);
}
