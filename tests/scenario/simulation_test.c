/* Scenarios S1 to S5: loops in virtual time, whose order a seed decides. */
#include "promise/pool.h"
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

/* ---- S1: a world with all kinds of things in it ---- */

/* How many seeds a test with many takes: MR_SIM_SEEDS in the environment, or n. MR_SIM_FIRST is the
 * first of them; with MR_SIM_TRACE their traces are printed. */
static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t first_seed(void)
{
    return from_environment("MR_SIM_FIRST", 1);
}

static uint64_t seeds(unsigned n)
{
    return from_environment("MR_SIM_SEEDS", scaled(n));
}

/* The watchdog is for one seed, and the seed at hand is in its story. */
static void next_seed(uint64_t seed)
{
    atomic_store(&watchdog_at, real_now() + 60 * SEC);
    note("seed %" PRIu64, seed);
}

enum { ACTORS = 3 };

typedef struct player {
    unsigned name, left;
} player;

static player players[ACTORS];
static int fds[2];
static mr_timer shared_timer;

static void told_outcome(mr_status outcome, void *arg)
{
    (void)arg;
    EXPECT(outcome == 0 || outcome == MR_ENOENT);
}

static uint64_t play(mr_loop *of, void *arg)
{
    player *p = arg;
    size_t len;
    switch (p->name) {
    case 0:
        EXPECT(mr_submit(of, queue_ticks, NULL) == 0);
        break;
    case 1:
        EXPECT(mr_submit_internal(of, nothing, NULL) == 0);
        EXPECT(mr_sim_write(of, fds[1], "x", 1, &len) == 0);
        break;
    default:
        EXPECT(mr_timer_cancel_outcome(of, shared_timer, told_outcome, NULL) == 0);
    }
    if (--p->left == 0) {
        EXPECT(mr_loop_release(of) == 0);
        return MR_SIM_DONE;
    }
    return p->name * MS / 4;
}

static void drain_pipe(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == MR_READ);
    char bytes[8];
    size_t len;
    EXPECT(mr_sim_read(loop, fds[0], bytes, sizeof bytes, &len) == 0 && len != 0);
}

static void run_world(uint64_t seed, trace *t)
{
    begin_traced(seed, t);
    mr_watch watch;
    mr_immediate immediate;
    assert_int_equal(mr_sim_pipe(loop, fds), 0);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, drain_pipe, NULL, &watch), 0);
    assert_int_equal(mr_watch_unref(loop, watch), 0);
    shared_timer = timer_every(MS, nothing, NULL);
    timer_in(2 * MS, nothing, NULL);
    assert_int_equal(mr_immediate_start(loop, nothing, NULL, &immediate), 0);
    for (unsigned i = 0; i < ACTORS; i++) {
        players[i] = (player){i, 2};
        assert_int_equal(mr_loop_hold(loop), 0);
        assert_int_equal(mr_sim_actor(loop, i * MS / 2, play, &players[i]), 0);
    }
    assert_int_equal(mr_loop_run(loop), 0);
    finish();
}

static void S1_same_seed_gives_the_same_trace(void **state)
{
    (void)state;
    static trace first, second, other;
    unsigned different = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        run_world(seed, &first);
        run_world(seed, &second);
        assert_string_equal(first.text, second.text);
        run_world(seed + 100, &other);
        different += strcmp(first.text, other.text) != 0;
    }
    assert_true(different > 10);
}

/* To be changed on purpose only: seeds that showed something once then show something else. */
static const char golden[] = "7 1 checkpoint actor 1\n"
                             "7 1 immediates immediate 4294967296\n"
                             "7 1 external task 0\n"
                             "7 1 external tick 0\n"
                             "7 1 external microtask 0\n"
                             "7 1 external actor 1\n"
                             "7 1 external end_job 0\n"
                             "7 2 external task 0\n"
                             "7 2 external tick 0\n"
                             "7 2 external microtask 0\n"
                             "7 2 external end_job 0\n"
                             "500007 3 poll actor 2\n"
                             "500007 3 poll watch 4294967296\n"
                             "500007 3 internal internal 0\n"
                             "750007 4 poll actor 2\n"
                             "750007 4 poll watch 4294967296\n"
                             "750007 4 internal internal 0\n"
                             "1000007 5 timers timer 4294967296\n"
                             "1000007 6 checkpoint actor 3\n"
                             "1000007 6 internal internal 0\n"
                             "1500007 7 poll actor 3\n"
                             "1500007 7 internal internal 0\n"
                             "2000007 8 timers timer 4294967297\n"
                             "2000007 8 drain watch 0\n"
                             "2000007 8 end closed 0\n";

static void S1_golden_trace_is_the_same_on_every_platform(void **state)
{
    (void)state;
    static trace t;
    run_world(2024, &t);
    assert_string_equal(t.text, golden);
}

/* ---- S2 ---- */

static unsigned last_of[ACTORS];

static void note_task(void *arg)
{
    unsigned value = (unsigned)(uintptr_t)arg, name = value / 100, number = value % 100;
    EXPECT(number == last_of[name] + 1);
    last_of[name] = number;
    note("%c", 'a' + (int)name);
}

static uint64_t submit_two(mr_loop *of, void *arg)
{
    player *p = arg;
    EXPECT(mr_submit(of, note_task, (void *)(uintptr_t)(p->name * 100 + 3 - p->left)) == 0);
    if (--p->left != 0) {
        return 0;
    }
    EXPECT(mr_loop_release(of) == 0);
    return MR_SIM_DONE;
}

/* The stories that occurred, without repetition. */
typedef struct stories {
    char text[100][64];
    unsigned count;
} stories;

static void collect_story(stories *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (strcmp(all->text[i], story) == 0) {
            return;
        }
    }
    assert_true(all->count < COUNT_OF(all->text) && story_len < sizeof all->text[0]);
    memcpy(all->text[all->count++], story, story_len + 1);
}

static void S2_seeds_give_different_orders_but_always_fifo(void **state)
{
    (void)state;
    static stories all;
    all.count = 0;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        begin_simulated(seed, 0, true);
        memset(last_of, 0, sizeof last_of);
        for (unsigned i = 0; i < ACTORS; i++) {
            players[i] = (player){i, 2};
            assert_int_equal(mr_loop_hold(loop), 0);
            assert_int_equal(mr_sim_actor(loop, 0, submit_two, &players[i]), 0);
        }
        assert_int_equal(mr_loop_run(loop), 0);
        for (unsigned i = 0; i < ACTORS; i++) {
            assert_int_equal(last_of[i], 2);
        }
        collect_story(&all);
        assert_int_equal(counts(MR_KIND_TASK).run, 2 * ACTORS);
        finish();
    }
    assert_int_equal(all.count, 90); /* 6! / (2! 2! 2!): there are no others */
}

/* ---- S3 ---- */

static uint64_t firings;

static void count_firing(void *arg)
{
    (void)arg;
    firings++;
    EXPECT(mr_loop_now(loop) == firings * 60 * SEC);
}

static void S3_a_year_of_minutes_passes_in_no_time(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    firings = 0;
    timer_every(60 * SEC, count_firing, NULL);
    timer_at(365 * 24 * 3600 * SEC + 1, shut_down, NULL);
    assert_int_equal(mr_loop_run(loop), 0);
    assert_int_equal(firings, 525600);
    finish();
}

/* ---- S4 ---- */

static void never_reached(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)events, (void)arg;
    EXPECT(false);
}

static void S4_nothing_can_happen(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
    finish();
    /* Held, with a watch that nobody makes ready, and a timer of the end of time. */
    begin_simulated(1, 0, true);
    mr_watch watch;
    assert_int_equal(mr_sim_pipe(loop, fds), 0);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, never_reached, NULL, &watch), 0);
    assert_int_equal(mr_loop_hold(loop), 0);
    timer_in(FOR_EVER, nothing, NULL);
    submit_say("task");
    assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
    assert_story("task");
    assert_int_equal(counts(MR_KIND_WATCH).discarded, 1);
    assert_int_equal(counts(MR_KIND_TIMER).discarded, 1);
    finish();
}

static void say_and_move_to_the_end_of_time(void *arg)
{
    say(arg);
    EXPECT(mr_sim_advance(loop, FOR_EVER) == 0);
    EXPECT(mr_sim_advance(loop, FOR_EVER) == 0);
}

static void S4_nothing_can_happen_at_the_end_of_time(void **state)
{
    (void)state;
    for (int started_there = 0; started_there < 2; started_there++) {
        begin_simulated(1, started_there != 0 ? FOR_EVER : 0, false);
        timer_in(1, say_and_move_to_the_end_of_time, "first");
        timer_at(FOR_EVER - 1, say, (void *)(uintptr_t) "last");
        timer_at(FOR_EVER, say, (void *)(uintptr_t) "never");
        assert_int_equal(mr_loop_run(loop), MR_EDEADLOCK);
        assert_story(started_there != 0 ? "last" : "first last");
        finish();
    }
}

static void S4_a_real_descriptor_is_refused(void **state)
{
    (void)state;
    int real[2];
    pipe_with(real, 1);
    begin_simulated(1, 0, true);
    mr_watch watch = {77};
    assert_int_equal(mr_watch_add(loop, real[0], MR_READ, never_reached, NULL, &watch),
                     MR_EINCOMPATIBLE);
    assert_int_equal(watch.id, 77);
    assert_int_equal(mr_loop_run(loop), 0);
    finish();
    pipe_close(real);
}

static uint64_t ask_to_wait(mr_loop *of, void *arg)
{
    (void)arg;
    EXPECT(mr_loop_set_park(of, MR_PARK_FUTEX, FOR_EVER) == MR_ETIMEDOUT);
    EXPECT(mr_loop_run(of) == MR_EBUSY);
    EXPECT(mr_sim_advance(of, 1) == MR_EWRONGTHREAD);
    EXPECT(mr_loop_shutdown(of, FOR_EVER) == 0);
    EXPECT(mr_loop_state(of) == MR_STATE_STOPPING);
    return MR_SIM_DONE;
}

static void S4_an_actor_never_waits(void **state)
{
    (void)state;
    begin_simulated(1, 0, false);
    assert_int_equal(mr_sim_actor(loop, MS, ask_to_wait, NULL), 0);
    assert_int_equal(mr_loop_run(loop), 0);
    finish();
}

/* ---- S5: everything at once, with actors at every test point ---- */

typedef struct rover {
    unsigned left, holds;
    bool last; /* ends the loop */
    uint64_t random;
    uintptr_t sent, seen; /* numbered external tasks */
} rover;

enum { ROVERS = 4 };
static rover rovers[ROVERS];
static uint64_t owner_random;
static unsigned rovers_left;
static mr_timer last_timer;
static mr_pool *pool;

typedef struct work_item {
    mr__pool_job job;
    unsigned worked;
} work_item;

static unsigned jobs_accepted, jobs_done, jobs_dropped;

static mr_status job_work(mr__pool_job *job)
{
    ((work_item *)(void *)job)->worked++;
    return MR_OK;
}

static void job_done(mr__pool_job *job)
{
    EXPECT(((work_item *)(void *)job)->worked == 1);
    jobs_done++;
    free(job);
}

static void job_discard(mr__pool_job *job, mr_status reason)
{
    (void)reason;
    jobs_dropped++;
    free(job);
}

static void job_abandoned(mr__pool_job *job)
{
    job_discard(job, MR_ECLOSED);
}

static void submit_job(mr_loop *of)
{
    work_item *item = calloc(1, sizeof *item);
    EXPECT(item != NULL);
    item->job.work = job_work;
    item->job.done = job_done;
    item->job.discard = job_discard;
    item->job.abandoned = job_abandoned;
    mr_status status = mr__pool_submit(pool, of, &item->job);
    EXPECT(status == 0 || status == MR_ECLOSED || status == MR_EBACKPRESSURE);
    if (status == 0) {
        jobs_accepted++;
    } else {
        free(item);
    }
}

/* What the owner does in its callbacks. */
static void owner_acts(void *arg)
{
    (void)arg;
    mr_immediate immediate;
    mr_status status = 0;
    size_t len;
    switch (next_random(&owner_random) >> 40 & 15) {
    case 0:
        status =
            mr_timer_start(loop, next_random(&owner_random) >> 44, owner_acts, NULL, &last_timer);
        break;
    case 1:
        status = mr_immediate_start(loop, owner_acts, NULL, &immediate);
        break;
    case 2:
        status = mr_submit(loop, nothing, NULL);
        break;
    case 3:
        status = mr_submit_internal(loop, owner_acts, NULL);
        break;
    case 4:
        status = mr_close_callback(loop, nothing, NULL);
        break;
    case 5:
        queue_ticks(NULL);
        break;
    case 6:
        submit_job(loop);
        break;
    case 7:
        status = mr_sim_write(loop, fds[0], "pong", 4, &len);
        break;
    case 8:
        status = mr_sim_advance(loop, next_random(&owner_random) >> 48);
        break;
    default:
        break;
    }
    EXPECT(status == 0 || status == MR_ECLOSED || status == MR_EBACKPRESSURE);
}

static void numbered(void *arg)
{
    uintptr_t value = (uintptr_t)arg;
    rover *r = &rovers[value % ROVERS];
    EXPECT(value / ROVERS == r->seen + 1);
    r->seen = value / ROVERS;
    owner_acts(NULL);
}

static void told_cancel(mr_status outcome, void *arg)
{
    told_outcome(outcome, arg);
    owner_acts(NULL);
}

static void rover_acts(mr_loop *of, rover *r)
{
    mr_status status = 0;
    size_t len;
    switch (next_random(&r->random) >> 40 & 15) {
    case 0:
        status = mr_submit_internal(of, owner_acts, NULL);
        break;
    case 1:
        status = mr_timer_cancel_outcome(of, last_timer, told_cancel, NULL);
        break;
    case 2:
        status = mr_timer_cancel(of, last_timer);
        break;
    case 3:
        status = mr_timer_unref(of, last_timer);
        break;
    case 4:
        status = mr_loop_wake(of);
        break;
    case 5:
        submit_job(of);
        break;
    case 6:
        status = mr_sim_write(of, fds[1], "ping", 4, &len);
        break;
    case 7:
        status = mr_loop_hold(of);
        r->holds += status == 0;
        break;
    default:
        status = mr_submit(of, numbered, (void *)((r->sent + 1) * ROVERS + (size_t)(r - rovers)));
        r->sent += status == 0;
        break;
    }
    EXPECT(status == 0 || status == MR_ECLOSED || status == MR_EBACKPRESSURE);
}

static uint64_t rove(mr_loop *of, void *arg)
{
    rover *r = arg;
    if (r->left == 0) {
        EXPECT(mr_loop_shutdown(of, 0) == 0);
        return MR_SIM_DONE;
    }
    rover_acts(of, r);
    if (r->holds != 0 && (next_random(&r->random) >> 60 & 1) != 0) {
        EXPECT(mr_loop_release(of) == 0);
        r->holds--;
    }
    if (--r->left != 0) {
        uint64_t random = next_random(&r->random);
        return (random & 3) == 0 ? 0 : random >> 44 >> (random >> 8 & 15);
    }
    for (; r->holds != 0; r->holds--) {
        EXPECT(mr_loop_release(of) == 0);
    }
    return --rovers_left == 0 && r->last ? 2 * MS : MR_SIM_DONE;
}

static void on_ping(mr_watch watch, unsigned events, void *arg)
{
    (void)watch, (void)arg;
    EXPECT(events == MR_READ);
    char bytes[6];
    size_t len;
    EXPECT(mr_sim_read(loop, fds[0], bytes, sizeof bytes, &len) == 0 && len != 0);
    owner_acts(NULL);
}

typedef enum ending { BY_DEADLOCK, BY_SHUTDOWN, BY_ITSELF, ENDINGS } ending;

static void print_line(const char *line, size_t len, void *arg)
{
    (void)len, (void)arg;
    fprintf(stderr, "%s\n", line);
}

static void begin_everything(uint64_t seed, ending how)
{
    const mr_pool_options of_pool = {
        .size_bytes = sizeof of_pool, .max_threads = 2, .max_queue = 4};
    mr_simulate world = {.seed = seed,
                         .start_ns = seed,
                         .trace_fn = getenv("MR_SIM_TRACE") != NULL ? print_line : NULL};
    mr_loop_options options = options_for(MR_PARK_AUTO);
    options.simulate = &world;
    options.auto_exit = how == BY_ITSELF;
    begin_with(&options);
    next_seed(seed);
    assert_int_equal(mr_pool_create(&of_pool, &pool), 0);
    jobs_accepted = jobs_done = jobs_dropped = 0;
    owner_random = seed * 2 + 1;
    last_timer = timer_in(MS, nothing, NULL);
    mr_watch watch;
    assert_int_equal(mr_sim_pipe(loop, fds), 0);
    assert_int_equal(mr_watch_add(loop, fds[0], MR_READ, on_ping, NULL, &watch), 0);
    assert_int_equal(mr_watch_unref(loop, watch), 0);
    rovers_left = ROVERS;
    for (unsigned i = 0; i < ROVERS; i++) {
        rovers[i] = (rover){.left = 8, .last = how == BY_SHUTDOWN, .random = seed * 8 + i + 3};
        assert_int_equal(mr_sim_actor(loop, 0, rove, &rovers[i]), 0);
    }
}

/* Nothing of what can be run was discarded. */
static void expect_all_run(mr_kind kind)
{
    mr_kind_stats k = counts(kind);
    EXPECT(k.run + k.cancelled == k.accepted && k.discarded == 0);
}

static void S5_no_accepted_work_is_left_unrun(void **state)
{
    (void)state;
    static const mr_kind kinds[] = {MR_KIND_TASK,      MR_KIND_INTERNAL, MR_KIND_MICROTASK,
                                    MR_KIND_TICK,      MR_KIND_END_JOB,  MR_KIND_CLOSE,
                                    MR_KIND_IMMEDIATE, MR_KIND_TIMER};
    uint64_t first = first_seed(), end = first + seeds(10000);
    for (uint64_t seed = first; seed != end; seed++) {
        ending how = (ending)(seed % ENDINGS);
        begin_everything(seed, how);
        EXPECT(mr_loop_run(loop) == (how == BY_DEADLOCK ? MR_EDEADLOCK : 0));
        for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
            if (kinds[i] != MR_KIND_TIMER || how == BY_DEADLOCK) { /* an end discards timers */
                expect_all_run(kinds[i]);
            }
        }
        for (unsigned i = 0; i < ROVERS; i++) {
            EXPECT(rovers[i].seen == rovers[i].sent);
        }
        EXPECT(jobs_done == jobs_accepted && jobs_dropped == 0);
        mr_pool_unref(pool);
        if (atomic_load(&failed_expectations) != 0) {
            print_error("with seed %" PRIu64 "\n", seed);
        }
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest scenarios[] = {
        SCENARIO(S1_trace_has_a_line_for_each_event),
        SCENARIO(S1_same_seed_gives_the_same_trace),
        SCENARIO(S1_golden_trace_is_the_same_on_every_platform),
        SCENARIO(S2_seeds_give_different_orders_but_always_fifo),
        SCENARIO(S3_a_year_of_minutes_passes_in_no_time),
        SCENARIO(S4_nothing_can_happen),
        SCENARIO(S4_nothing_can_happen_at_the_end_of_time),
        SCENARIO(S4_a_real_descriptor_is_refused),
        SCENARIO(S4_an_actor_never_waits),
        SCENARIO(S5_no_accepted_work_is_left_unrun),
    };
    return RUN_SCENARIOS(scenarios);
}
