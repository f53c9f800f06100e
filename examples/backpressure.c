/* A producer that is faster than the loop: refused at once when the queue is full, told when to go
 * on. */
#include <millrace/millrace.h>
#include <pthread.h>
#include <stdio.h>

enum { ITEMS = 1000, ROOM = 8 };

static mr_loop *loop;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t went_low = PTHREAD_COND_INITIALIZER;
static unsigned lows;            /* under lock */
static unsigned worked, refused; /* of the owner; of the producer */

static void work(void *arg)
{
    (void)arg;
    worked++;
}

static void finish(void *arg)
{
    (void)arg;
    mr_loop_shutdown(loop, 0); /* from a callback it only asks, and what is queued still runs */
}

static void on_pressure(mr_pressure kind, uint64_t depth, void *arg)
{
    (void)depth, (void)arg;
    if (kind != MR_PRESSURE_QUEUE_LOW)
        return;
    pthread_mutex_lock(&lock);
    lows++;
    pthread_cond_signal(&went_low);
    pthread_mutex_unlock(&lock);
}

/* The number of lows is read before the attempt, so one that comes in between is not missed. */
static void submit_or_wait(mr_task_fn *fn)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        unsigned before = lows;
        pthread_mutex_unlock(&lock);
        if (mr_submit(loop, fn, NULL) != MR_EBACKPRESSURE)
            return;
        refused++;
        pthread_mutex_lock(&lock);
        while (lows == before)
            pthread_cond_wait(&went_low, &lock);
        pthread_mutex_unlock(&lock);
    }
}

static void *produce(void *arg)
{
    for (int i = 0; i < ITEMS; i++)
        submit_or_wait(work);
    submit_or_wait(finish);
    return arg;
}

int main(void)
{
    mr_loop_options options = {
        .size_bytes = sizeof options, .max_external = ROOM, .on_pressure = on_pressure};
    pthread_t thread;
    if (mr_loop_create(&options, &loop) != MR_OK ||
        pthread_create(&thread, NULL, produce, NULL) != 0)
        return 1;
    mr_status status = mr_loop_run(loop);
    pthread_join(thread, NULL);
    printf("%u of %d items ran; the producer was refused %u times\n", worked, ITEMS, refused);
    mr_loop_unref(loop);
    return status != MR_OK || worked != ITEMS;
}
