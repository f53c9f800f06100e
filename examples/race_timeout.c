/* A bound on waiting, in three ways: a race with a timeout, a deadline, and a signal that also ends
 * the work. In virtual time: nobody waits, and the moments are exact. */
#include <inttypes.h>
#include <millrace/millrace.h>
#include <stdio.h>

#define MS UINT64_C(1000000)

/* Something slow. */
static mr_status answer_after(mr_loop *loop, uint64_t delay_ns, mr_abort_signal *signal,
                              mr_promise **out_promise)
{
    return mr_sleep(loop, delay_ns, signal, out_promise);
}

static mr_status say(mr_loop *loop, const char *how)
{
    printf("  %" PRIu64 " ms: %s\n", mr_loop_now(loop) / MS, how);
    return MR_OK;
}

static mr_status say_answer(mr_value value, void *loop, mr_value *out_value)
{
    (void)value, (void)out_value;
    return say(loop, "answered");
}

static mr_status say_reason(mr_value reason, void *loop, mr_value *out_value)
{
    (void)out_value;
    return say(loop, mr_error_message(mr_value_as_error(reason)));
}

/* The first to settle decides; the others are not told, and go on. So the timer of a timeout that
 * lost keeps the loop running. */
static mr_status with_race(mr_loop *loop, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_promise *answer, *timeout;
    mr_status status = answer_after(loop, delay_ns, NULL, &answer);
    if (status != MR_OK)
        return status;
    status = mr_timeout(loop, 50 * MS, &timeout);
    if (status != MR_OK) {
        mr_promise_unref(answer);
        return status;
    }
    mr_value runners[] = {mr_value_promise(answer), mr_value_promise(timeout)};
    status = mr_promise_race(loop, runners, 2, out_promise);
    for (int i = 0; i < 2 && status != MR_OK; i++)
        mr_value_release(runners[i]); /* they passed on success only */
    return status;
}

/* The timer goes with what it bounds. */
static mr_status with_deadline(mr_loop *loop, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_promise *answer;
    mr_status status = answer_after(loop, delay_ns, NULL, &answer);
    if (status != MR_OK)
        return status;
    status = mr_promise_deadline(answer, 50 * MS, out_promise);
    mr_promise_unref(answer);
    return status;
}

/* Nobody works on for nothing: the signal reaches what is slow. */
static mr_status with_signal(mr_loop *loop, uint64_t delay_ns, mr_promise **out_promise)
{
    mr_abort_signal *signal;
    mr_status status = mr_abort_after(loop, 50 * MS, &signal);
    if (status != MR_OK)
        return status;
    status = answer_after(loop, delay_ns, signal, out_promise);
    mr_abort_signal_unref(signal); /* what listens to it keeps it */
    return status;
}

typedef mr_status bounded_fn(mr_loop *loop, uint64_t delay_ns, mr_promise **out_promise);

/* The moment at which nothing is left to do, in ms; -1 when something failed. */
static int64_t run(const char *name, bounded_fn *bounded, uint64_t delay_ns)
{
    mr_loop *loop;
    mr_promise *promise;
    mr_simulate world = {.seed = 1};
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true, .simulate = &world};
    printf("%s, an answer after %" PRIu64 " ms\n", name, delay_ns / MS);
    if (mr_loop_create(&options, &loop) != MR_OK)
        return -1;
    mr_reaction reaction = {.on_fulfilled = say_answer, .on_rejected = say_reason, .arg = loop};
    mr_status status = bounded(loop, delay_ns, &promise);
    if (status == MR_OK) {
        status = mr_promise_then(promise, &reaction, NULL);
        mr_promise_unref(promise);
    }
    if (status == MR_OK)
        status = mr_loop_run(loop);
    int64_t end = status == MR_OK ? (int64_t)(mr_loop_now(loop) / MS) : -1;
    printf("  %" PRId64 " ms: nothing left\n", end);
    mr_loop_unref(loop);
    return end;
}

int main(void)
{
    bool as_told = run("race", with_race, 20 * MS) == 50;
    as_told &= run("race", with_race, 80 * MS) == 80;
    as_told &= run("deadline", with_deadline, 20 * MS) == 20;
    as_told &= run("deadline", with_deadline, 80 * MS) == 80;
    as_told &= run("signal", with_signal, 20 * MS) == 20;
    as_told &= run("signal", with_signal, 80 * MS) == 50;
    return as_told ? 0 : 1;
}
