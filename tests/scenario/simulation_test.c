/* Scenarios S1 to S5: loops in virtual time, whose order a seed decides. */
#include "scenario.h"

/* ---- traces ---- */

typedef struct trace {
    char text[1 << 16];
    size_t len;
} trace;

static void keep_line(const char *line, size_t len, void *arg)
{
    trace *t = arg;
    EXPECT(line[len] == 0 && strlen(line) == len);
    EXPECT(t->len + len + 2 <= sizeof t->text);
    if (t->len + len + 2 <= sizeof t->text) {
        memcpy(t->text + t->len, line, len);
        t->len += len;
        t->text[t->len++] = '\n';
        t->text[t->len] = 0;
    }
}

static void begin_traced(uint64_t seed, trace *t)
{
    mr_simulate world = {.seed = seed, .start_ns = 7, .trace_fn = keep_line, .trace_arg = t};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.auto_exit = true;
    t->len = 0;
    t->text[0] = 0;
    begin_with(&options);
}

static void queue_ticks(void *arg)
{
    (void)arg;
    EXPECT(mr_microtask(loop, nothing, NULL) == 0);
    EXPECT(mr_next_tick(loop, nothing, NULL) == 0);
    EXPECT(mr_checkpoint_end(loop, nothing, NULL) == 0);
}

static void S1_trace_has_a_line_for_each_event(void **state)
{
    (void)state;
    static trace t;
    mr_immediate immediate;
    begin_traced(1, &t);
    submit(queue_ticks, NULL);
    EXPECT(mr_submit_internal(loop, nothing, NULL) == 0);
    EXPECT(mr_immediate_start(loop, nothing, NULL, &immediate) == 0);
    EXPECT(mr_close_callback(loop, nothing, NULL) == 0);
    timer_in(5 * MS, shut_down, NULL);
    timer_in(6 * MS, nothing, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_string_equal(t.text, "7 1 immediates immediate 4294967296\n"
                                "7 1 closes close 0\n"
                                "7 1 internal internal 0\n"
                                "7 1 external task 0\n"
                                "7 1 external tick 0\n"
                                "7 1 external microtask 0\n"
                                "7 1 external end_job 0\n"
                                "5000007 2 timers timer 4294967296\n"
                                "5000007 2 drain timer 0\n"
                                "5000007 2 end closed 0\n");
    finish();
}

int main(void)
{
    const struct CMUnitTest scenarios[] = {
        SCENARIO(S1_trace_has_a_line_for_each_event),
    };
    return RUN_SCENARIOS(scenarios);
}
