/* Random calls of the public API on a simulated loop, checked against a reference.
 *
 * The input is a stream of operations. The host takes some between turns, every callback takes a
 * few of its own, and so does every step of an actor. The reference is an array of all that was
 * ever started, in order of starting, and finds by looking through it whatever the loop keeps in
 * rings, lists and wheels: what is the oldest, what is due first, what must have run by the end of
 * a turn. It says of each callback whether it may begin now, of each call what it must answer, and
 * at the end whether everything accepted was run, cancelled or reported, once, as the loop's own
 * numbers also say. Any difference aborts. */
#include <millrace/hooks.h>
#include <millrace/immediate.h>
#include <millrace/microtask.h>
#include <millrace/millrace.h>
#include <millrace/sim.h>
#include <millrace/submit.h>
#include <millrace/timer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 2048, ACTORS = 8, BOUND = 8, BUDGET = 4 };

enum state { QUEUED, RUNNING, RAN, CANCELLED, DISCARDED, REFUSED };

/* Phases of a turn as numbers; HOST: between turns. A thing of phase p that was started in a phase
 * before p runs in the same turn, all else in the next. */
enum { HOST = -1, POLL = 0, IMMEDIATES, CLOSES, TIMERS, INTERNALS, EXTERNALS };

/* The kinds are mr_kind, and outcomes of cancel commands. */
enum { OUTCOME = MR_KIND_COUNT, KINDS };

struct item {
    int kind;
    enum state state;
    uint64_t id, turn;
    int phase;
    /* timers */
    uint64_t deadline, period, slack, place;
    bool repeat, ref, rearmed;
    /* Started in the end stage of a checkpoint. An end job then waits for the next checkpoint, and
     * which phase that one belongs to is not seen: a phase may pass without a callback. */
    bool late;
    uint64_t checkpoint;
    /* outcomes: the timer asked for, the answer once applied */
    struct item *target;
    bool applied, told;
    mr_status outcome;
};

enum command { CANCEL, REF, UNREF, CANCEL_TOLD };
struct command_record {
    enum command what;
    uint64_t id;
    struct item *told;
};

enum stage { TICKS, MICROTASKS };

static struct world {
    const uint8_t *at, *end;
    mr_loop *loop;
    struct item items[MOST];
    size_t count;
    struct command_record commands[MOST];
    size_t command_count;
    uint64_t actor_at[ACTORS];
    unsigned actor_steps[ACTORS];
    size_t actors;
    uint64_t refused[KINDS];
    uint64_t clock, due_time, phase_clock, places, turn, checkpoints;
    uint64_t turn_limit;
    int phase;
    unsigned depth, externals_this_turn;
    enum stage stage;
    /* Between the beginning of a turn and its poll commands are applied once, which is not seen;
     * unsure: some came in then. */
    bool opening, unsure;
    bool polled; /* the loop's time after the poll was not looked at yet */
    bool in_turn, in_end_stage, in_discard, as_actor;
    bool stopping, closing, closed, foreign_close;
} w;

#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "loop_fuzz:%d: %s: ", __LINE__, #condition);                           \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static uint8_t next(void)
{
    return w.at == w.end ? 0 : *w.at++;
}

static void expect(mr_status got, mr_status want, const char *call)
{
    CHECK(got == want, "%s: %s, not %s", call, mr_status_name(got), mr_status_name(want));
}

/* ---- looking through the reference ---- */

static struct item *oldest(int kind)
{
    for (size_t i = 0; i < w.count; i++)
        if (w.items[i].kind == kind && w.items[i].state == QUEUED &&
            (kind != OUTCOME || w.items[i].applied))
            return &w.items[i];
    return NULL;
}

static uint64_t count_of(int kind, enum state state)
{
    uint64_t n = 0;
    for (size_t i = 0; i < w.count; i++)
        n += w.items[i].kind == kind && w.items[i].state == state;
    return n;
}

static struct item *by_id(int kind, uint64_t id)
{
    for (size_t i = 0; i < w.count; i++) {
        struct item *item = &w.items[i];
        if (item->kind == kind && item->id == id &&
            (item->state == QUEUED || (kind == MR_KIND_TIMER && item->state == RUNNING)))
            return item;
    }
    return NULL;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* The due time of a timer asked for `deadline`: the next multiple of the power of two in slack. */
static uint64_t rounded(uint64_t deadline, uint64_t slack)
{
    uint64_t unit = 1;
    if (slack == 0 || deadline == UINT64_MAX)
        return deadline;
    while (unit * 2 <= slack)
        unit *= 2;
    return deadline % unit == 0 ? deadline : deadline - deadline % unit + unit;
}

static bool may_fire(const struct item *t)
{
    return t->kind == MR_KIND_TIMER && t->state == QUEUED && t->turn != w.turn &&
           t->deadline <= w.due_time;
}

static bool fires_before(const struct item *a, const struct item *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->place < b->place;
}

static void place(struct item *t, uint64_t deadline)
{
    t->deadline = rounded(deadline, t->slack);
    t->place = ++w.places;
    t->turn = w.in_turn ? w.turn : UINT64_MAX;
}

/* ---- commands: applied when a phase begins ---- */

static void apply_commands(void)
{
    for (size_t i = 0; i < w.command_count; i++) {
        struct command_record *c = &w.commands[i];
        struct item *t = by_id(MR_KIND_TIMER, c->id);
        if (t != NULL && c->what == REF)
            t->ref = true;
        else if (t != NULL && c->what == UNREF)
            t->ref = false;
        else if (t != NULL)
            t->state = CANCELLED;
        if (c->told != NULL) {
            c->told->applied = true;
            c->told->outcome = t != NULL ? MR_OK : MR_ENOENT;
        }
    }
    w.command_count = 0;
}

static void enter_phase(int phase)
{
    if (w.phase == phase)
        return;
    w.unsure = false;
    CHECK(phase > w.phase || w.stopping, "phase %d after phase %d", phase, w.phase);
    apply_commands();
    if (w.phase < TIMERS && phase >= TIMERS)
        w.due_time = w.clock;
    w.phase = phase;
}

/* ---- what a callback does ---- */

static void operate(bool host);

static void operate_some(void)
{
    for (unsigned n = next() % 4; n != 0; n--)
        operate(false);
}

static void check_checkpoint_done(void)
{
    CHECK(oldest(MR_KIND_TICK) == NULL && oldest(MR_KIND_MICROTASK) == NULL,
          "a callback begins before the checkpoint is over");
    for (size_t i = 0; i < w.count; i++) {
        const struct item *job = &w.items[i];
        if (job->kind == MR_KIND_END_JOB && job->state == QUEUED)
            CHECK(job->late && job->checkpoint + 1 >= w.checkpoints, "an end job was left out");
    }
}

static int phase_of(int kind)
{
    switch (kind) {
    case MR_KIND_IMMEDIATE:
        return IMMEDIATES;
    case MR_KIND_CLOSE:
        return CLOSES;
    case MR_KIND_TIMER:
        return TIMERS;
    case MR_KIND_TASK:
        return EXTERNALS;
    case MR_KIND_TICK:
    case MR_KIND_MICROTASK:
    case MR_KIND_END_JOB:
        return HOST; /* of checkpoints, which belong to no phase */
    default:
        return INTERNALS;
    }
}

static void begin(struct item *item)
{
    /* An actor's close may come when the next of a checkpoint has been chosen already. */
    bool chosen = w.foreign_close && phase_of(item->kind) == HOST;
    CHECK((!w.closing || chosen) && !w.closed, "kind %d runs after close", item->kind);
    w.foreign_close = false;
    CHECK(w.depth == 0, "kind %d runs inside a callback", item->kind);
    CHECK(!w.as_actor && !w.in_discard, "kind %d runs inside a call", item->kind);
    CHECK(item->state == QUEUED, "kind %d runs in state %d", item->kind, item->state);
    w.depth++;
    item->state = RAN;
}

static void finish(void)
{
    operate_some();
    w.depth--;
}

static void in_checkpoint(struct item *item)
{
    CHECK(oldest(item->kind) == item, "kind %d out of order", item->kind);
    begin(item);
    switch (item->kind) {
    case MR_KIND_TICK:
        CHECK(w.stage == TICKS || oldest(MR_KIND_MICROTASK) == NULL, "a tick among microtasks");
        w.stage = TICKS;
        break;
    case MR_KIND_MICROTASK:
        CHECK(w.stage == MICROTASKS || oldest(MR_KIND_TICK) == NULL, "a microtask among ticks");
        w.stage = MICROTASKS;
        break;
    default:
        CHECK(oldest(MR_KIND_TICK) == NULL && oldest(MR_KIND_MICROTASK) == NULL,
              "an end job before the end");
        CHECK(!item->late || item->checkpoint < w.checkpoints, "an end job in its own checkpoint");
        w.in_end_stage = true;
        w.stage = TICKS;
    }
    finish();
}

static void begin_in_phase(struct item *item)
{
    check_checkpoint_done();
    enter_phase(phase_of(item->kind));
    if (w.stopping && !w.in_turn)
        apply_commands(); /* a drain: no timer is left that they could concern */
    if (!w.stopping)
        CHECK(item->turn != w.turn || item->phase < w.phase || item->late,
              "kind %d in the turn of its start", item->kind);
    begin(item);
    w.stage = TICKS;
}

static void in_phase(struct item *item)
{
    CHECK(oldest(item->kind) == item, "kind %d out of order", item->kind);
    begin_in_phase(item);
    if (item->kind == MR_KIND_TASK && !w.stopping)
        CHECK(++w.externals_this_turn <= BUDGET, "over the budget");
    if (item->kind == MR_KIND_INTERNAL && !w.stopping)
        for (size_t i = 0; i < w.count; i++)
            CHECK(w.items[i].kind != OUTCOME || w.items[i].state != QUEUED ||
                      (w.items[i].turn == w.turn &&
                       (w.items[i].late || w.items[i].phase >= INTERNALS)),
                  "an internal task before an outcome");
    finish();
}

static void in_timer(struct item *t)
{
    CHECK(!w.stopping, "a timer fires after shutdown");
    enter_phase(TIMERS);
    CHECK(may_fire(t), "a timer of %llu fires at %llu, in state %d",
          (unsigned long long)t->deadline, (unsigned long long)w.due_time, t->state);
    for (size_t i = 0; i < w.count; i++)
        CHECK(!may_fire(&w.items[i]) || !fires_before(&w.items[i], t), "timers out of order");
    begin_in_phase(t);
    t->state = RUNNING;
    t->rearmed = false;
    uint64_t started = w.clock;
    finish();
    if (t->state != RUNNING) {
        t->id = t->state == CANCELLED ? 0 : t->id;
    } else if (t->rearmed) {
        t->state = QUEUED;
    } else if (t->repeat) {
        t->state = QUEUED;
        place(t, add(started, t->period));
    } else {
        t->state = RAN;
    }
}

static bool any_queued(void)
{
    for (size_t i = 0; i < w.count; i++)
        if (w.items[i].state == QUEUED && w.items[i].kind != MR_KIND_TIMER)
            return true;
    return w.command_count != 0;
}

/* The wait moves the clock. */
static void jump(uint64_t now)
{
    CHECK(now >= w.clock, "time goes back");
    if (now == w.clock)
        return;
    CHECK(w.phase == POLL && w.depth == 0, "time moves outside the wait");
    CHECK(w.stopping || now <= w.turn_limit, "waited beyond the bound");
    for (size_t i = 0; i < w.count; i++)
        CHECK(w.items[i].kind != MR_KIND_TIMER || w.items[i].state != QUEUED ||
                  now <= w.items[i].deadline,
              "slept through a timer");
    for (size_t i = 0; i < w.actors; i++)
        CHECK(now <= w.actor_at[i], "slept through an actor");
    for (size_t i = 0; i < w.count; i++)
        CHECK(w.items[i].state != QUEUED || w.items[i].kind == MR_KIND_TIMER,
              "slept with kind %d waiting", w.items[i].kind);
    CHECK(w.command_count == 0, "slept with a command waiting");
    w.clock = now;
}

/* The first to come after the poll sees what time the wait ended at. */
static void look_at_time(void)
{
    uint64_t now = w.polled ? mr_loop_now(w.loop) : 0;
    w.polled = false;
    if (now > w.clock)
        jump(now);
}

static void on_run(void *arg)
{
    struct item *item = arg;
    look_at_time();
    switch (item->kind) {
    case MR_KIND_TICK:
    case MR_KIND_MICROTASK:
    case MR_KIND_END_JOB:
        in_checkpoint(item);
        break;
    case MR_KIND_TIMER:
        in_timer(item);
        break;
    default:
        in_phase(item);
    }
}

static void on_outcome(mr_status outcome, void *arg)
{
    struct item *item = arg;
    look_at_time();
    if (w.stopping && !w.in_turn)
        apply_commands();
    else
        enter_phase(INTERNALS);
    in_phase(item);
    expect(outcome, item->outcome, "outcome");
}

static void discarded(struct item *item, mr_status reason)
{
    expect(reason, MR_ECLOSED, "reason");
    CHECK(w.stopping, "kind %d discarded", item->kind);
    CHECK(w.closing || item->kind == MR_KIND_TIMER, "kind %d discarded by shutdown", item->kind);
    CHECK(item->state == QUEUED, "kind %d discarded in state %d", item->kind, item->state);
    item->state = DISCARDED;
    if (w.closing)
        apply_commands(); /* a drain discards timers first, a close does not */
    w.in_discard = true;
    if (w.command_count == 0)
        operate(false);
    w.in_discard = false;
}

static void on_own_discard(void *arg, mr_status reason)
{
    discarded(arg, reason);
}

static void on_discard(mr_kind kind, mr_task_fn *fn, void *task_arg, mr_status reason, void *arg)
{
    struct item *item = task_arg;
    (void)arg;
    CHECK(item->kind == OUTCOME ? fn == NULL : fn == on_run && (int)kind == item->kind, "kind %d",
          (int)kind);
    discarded(item, reason);
}

/* ---- operations ---- */

static const uint64_t spans[] = {0,
                                 0,
                                 1,
                                 2,
                                 63,
                                 64,
                                 65,
                                 4095,
                                 4096,
                                 4097,
                                 1000000,
                                 1 << 20,
                                 (1 << 24) + 1,
                                 UINT64_C(1) << 40,
                                 UINT64_C(1) << 63,
                                 UINT64_MAX};

static uint64_t span(void)
{
    uint8_t byte = next();
    return byte < 128 ? byte % 8 : spans[byte % 16];
}

/* A start to be tried. It counts as queued from before the call, in which an actor may step, until
 * the call refuses it. */
static struct item *new_item(int kind)
{
    if (w.count == MOST)
        return NULL;
    struct item *item = &w.items[w.count++];
    *item = (struct item){.kind = kind, .phase = w.phase, .ref = true};
    item->turn = w.in_turn ? w.turn : UINT64_MAX;
    item->late = w.in_end_stage;
    item->checkpoint = w.checkpoints;
    return item;
}

static void note(struct item *item, mr_status got, mr_status want, const char *call)
{
    expect(got, want, call);
    if (got == MR_OK)
        return;
    item->state = REFUSED;
    if (got != MR_EWRONGTHREAD)
        w.refused[item->kind]++;
}

/* What a start answers: `drains`: also while the loop stops. */
static mr_status start_status(bool drains)
{
    if (w.as_actor)
        return MR_EWRONGTHREAD;
    if (w.closed || w.in_discard || (w.stopping && !drains))
        return MR_ECLOSED;
    return MR_OK;
}

static void queue(int kind)
{
    struct item *item = new_item(kind);
    if (item == NULL)
        return;
    mr_task task = {on_run, item, (next() & 1) != 0 ? on_own_discard : NULL};
    mr_status got, want = start_status(true);
    switch (kind) {
    case MR_KIND_TASK:
    case MR_KIND_INTERNAL:
        want = w.closed || w.in_discard || (w.stopping && (kind == MR_KIND_TASK || w.as_actor))
                   ? MR_ECLOSED
               : count_of(kind, QUEUED) > BOUND ? MR_EBACKPRESSURE
                                                : MR_OK;
        got = kind == MR_KIND_TASK ? mr_submit_with(w.loop, &task)
                                   : mr_submit_internal_with(w.loop, &task);
        break;
    case MR_KIND_TICK:
        got = mr_next_tick_with(w.loop, &task);
        break;
    case MR_KIND_MICROTASK:
        got = mr_microtask_with(w.loop, &task);
        break;
    case MR_KIND_END_JOB:
        got = mr_checkpoint_end_with(w.loop, &task);
        break;
    case MR_KIND_CLOSE:
        got = mr_close_callback_with(w.loop, &task);
        break;
    default: {
        mr_immediate immediate = {0};
        got = mr_immediate_start_with(w.loop, &task, &immediate);
        item->id = immediate.id;
        CHECK((immediate.id != 0) == (got == MR_OK), "an id of a failed start");
    }
    }
    note(item, got, want, "queue");
}

static void start_timer(uint8_t form)
{
    struct item *t = new_item(MR_KIND_TIMER);
    if (t == NULL)
        return;
    uint64_t length = span();
    mr_timer timer = {0};
    mr_timer_spec spec = {.size_bytes = sizeof spec, .fn = on_run, .arg = t, .delay_ns = length};
    mr_status got;
    uint64_t deadline = add(w.clock, length);
    switch (form % 5) {
    case 0:
        got = mr_timer_start(w.loop, length, on_run, t, &timer);
        break;
    case 1: /* among few round deadlines, past ones too */
        deadline = (w.clock & ~UINT64_C(63)) + length % 8 * 16;
        got = mr_timer_start_at(w.loop, deadline, on_run, t, &timer);
        break;
    case 2:
        t->repeat = true;
        t->period = length;
        got = mr_timer_repeat(w.loop, length, on_run, t, &timer);
        break;
    case 3:
        spec.flags = MR_TIMER_REPEAT | MR_TIMER_UNREF;
        spec.period_ns = t->period = span();
        spec.discard = on_own_discard;
        t->repeat = true;
        t->ref = false;
        got = mr_timer_start_with(w.loop, &spec, &timer);
        break;
    default:
        spec.slack_ns = t->slack = next() % 100;
        got = mr_timer_start_with(w.loop, &spec, &timer);
    }
    CHECK((timer.id != 0) == (got == MR_OK), "an id of a failed start");
    t->id = timer.id;
    place(t, deadline);
    note(t, got, start_status(false), "timer");
}

/* The id of anything of the kind, mostly stale, or none at all. */
static uint64_t any_id(int kind)
{
    uint8_t byte = next();
    if (byte == 255)
        return UINT64_C(0x9e3779b97f4a7c15) * next();
    uint64_t n = 0, id = 0;
    for (size_t i = w.count; i-- > 0 && n <= byte % 16u;)
        if (w.items[i].kind == kind && w.items[i].id != 0) {
            id = w.items[i].id;
            n++;
        }
    return id;
}

/* A command of an actor: noted before the call, in which another may step and post the next. */
static void post(enum command what, uint64_t id)
{
    mr_timer timer = {id};
    if (w.command_count == MOST)
        return;
    w.commands[w.command_count++] = (struct command_record){what, id, NULL};
    mr_status got = what == CANCEL ? mr_timer_cancel(w.loop, timer)
                    : what == REF  ? mr_timer_ref(w.loop, timer)
                                   : mr_timer_unref(w.loop, timer);
    if (got == MR_OK)
        return;
    CHECK(w.stopping, "command: %s", mr_status_name(got)); /* the very end takes none */
    expect(got, MR_ECLOSED, "command");
    w.command_count--;
}

static void cancel_timer(void)
{
    uint64_t id = any_id(MR_KIND_TIMER);
    struct item *t = by_id(MR_KIND_TIMER, id);
    if (w.as_actor) {
        post(CANCEL, id);
        return;
    }
    mr_status got = mr_timer_cancel(w.loop, (mr_timer){id});
    expect(got, w.closed ? MR_ECLOSED : t == NULL ? MR_ENOENT : MR_OK, "cancel");
    if (got == MR_OK)
        t->state = CANCELLED;
}

static void flag_timer(bool ref)
{
    uint64_t id = any_id(MR_KIND_TIMER);
    struct item *t = by_id(MR_KIND_TIMER, id);
    if (w.as_actor) {
        post(ref ? REF : UNREF, id);
        return;
    }
    mr_status got = (ref ? mr_timer_ref : mr_timer_unref)(w.loop, (mr_timer){id});
    expect(got, w.closed ? MR_ECLOSED : t == NULL ? MR_ENOENT : MR_OK, "ref");
    if (got == MR_OK)
        t->ref = ref;
}

static void cancel_told(void)
{
    uint64_t id = any_id(MR_KIND_TIMER);
    struct item *told = w.in_discard || w.command_count == MOST ? NULL : new_item(OUTCOME);
    if (told == NULL)
        return;
    w.commands[w.command_count++] = (struct command_record){CANCEL_TOLD, id, told};
    mr_status got = mr_timer_cancel_outcome(w.loop, (mr_timer){id}, on_outcome, told);
    if (got == MR_OK)
        return;
    CHECK(w.stopping, "cancel_outcome: %s", mr_status_name(got));
    expect(got, MR_ECLOSED, "cancel_outcome");
    w.command_count--;
    told->state = REFUSED;
}

static void cancel_many(void)
{
    mr_timer timers[4];
    mr_status statuses[4] = {77, 77, 77, 77};
    size_t n = next() % 5;
    for (size_t i = 0; i < n; i++)
        timers[i].id = any_id(MR_KIND_TIMER);
    mr_status want = w.as_actor ? MR_EWRONGTHREAD : w.closed ? MR_ECLOSED : MR_OK;
    expect(mr_timer_cancel_many(w.loop, timers, n, statuses), want, "cancel_many");
    for (size_t i = 0; i < n; i++) {
        struct item *t = want == MR_OK ? by_id(MR_KIND_TIMER, timers[i].id) : NULL;
        expect(statuses[i], want != MR_OK ? 77 : t == NULL ? MR_ENOENT : MR_OK, "one of many");
        if (t != NULL)
            t->state = CANCELLED;
    }
}

static void reset_timer(bool at)
{
    uint64_t id = any_id(MR_KIND_TIMER), length = span();
    struct item *t = by_id(MR_KIND_TIMER, id);
    mr_status want = start_status(false);
    if (want == MR_OK && t == NULL)
        want = MR_ENOENT;
    expect(at ? mr_timer_reset_at(w.loop, (mr_timer){id}, length)
              : mr_timer_reset(w.loop, (mr_timer){id}, length),
           want, "reset");
    if (want != MR_OK)
        return;
    t->rearmed = t->state == RUNNING;
    place(t, at ? length : add(w.clock, length));
}

static void touch_immediate(uint8_t how)
{
    uint64_t id = any_id(MR_KIND_IMMEDIATE);
    struct item *item = by_id(MR_KIND_IMMEDIATE, id);
    mr_immediate immediate = {id};
    mr_status want = w.as_actor     ? MR_EWRONGTHREAD
                     : w.closed     ? MR_ECLOSED
                     : item == NULL ? MR_ENOENT
                                    : MR_OK;
    expect(how == 0   ? mr_immediate_cancel(w.loop, immediate)
           : how == 1 ? mr_immediate_ref(w.loop, immediate)
                      : mr_immediate_unref(w.loop, immediate),
           want, "immediate");
    if (want != MR_OK)
        return;
    if (how == 0)
        item->state = CANCELLED;
    else
        item->ref = how == 1;
}

static uint64_t on_step(mr_loop *loop, void *arg)
{
    size_t self = (size_t)(uintptr_t)arg;
    bool inside = w.as_actor; /* another actor's call */
    CHECK(loop == w.loop, "a stranger's actor");
    look_at_time();
    if (w.actor_at[self] > w.clock)
        jump(w.actor_at[self]);
    w.as_actor = true;
    operate_some();
    w.as_actor = inside;
    uint64_t delay = span();
    if (--w.actor_steps[self] == 0)
        delay = MR_SIM_DONE;
    w.actor_at[self] = delay == MR_SIM_DONE ? UINT64_MAX : add(w.clock, delay);
    if (delay == MR_SIM_DONE)
        w.actor_steps[self] = 0;
    return delay;
}

static void start_actor(void)
{
    if (w.actors == ACTORS)
        return;
    uint64_t delay = span();
    void *arg = (void *)(uintptr_t)w.actors;
    mr_status want = start_status(false);
    expect(mr_sim_actor(w.loop, delay, on_step, arg), want, "actor");
    if (want != MR_OK)
        return;
    w.actor_steps[w.actors] = 1 + next() % 4;
    w.actor_at[w.actors++] = add(w.clock, delay);
}

static void advance(void)
{
    if (w.in_end_stage)
        return; /* whether the timers of this turn have been looked at is not seen then */
    uint64_t length = span();
    if (length > UINT64_C(1) << 41)
        length = 1;
    mr_status want = w.as_actor ? MR_EWRONGTHREAD : w.closed ? MR_ECLOSED : MR_OK;
    expect(mr_sim_advance(w.loop, length), want, "advance");
    if (want == MR_OK)
        w.clock += length;
}

static void misuse(void)
{
    mr_timer timer = {5};
    expect(mr_submit(w.loop, NULL, NULL), MR_EINVAL, "submit NULL");
    expect(mr_timer_start(w.loop, 1, NULL, NULL, &timer), MR_EINVAL, "timer NULL");
    CHECK(timer.id == 5, "an output was touched");
    if (w.depth != 0 && !w.as_actor && !w.closed) {
        expect(mr_loop_turn(w.loop, 0), MR_EREENTRANT, "turn");
        expect(mr_loop_close(w.loop), MR_EREENTRANT, "close");
    }
}

static void stop(bool close)
{
    if (next() % 4 != 0 || w.in_discard) /* rarely, or nothing else is seen */
        return;
    bool host = w.depth == 0 && !w.as_actor, ends = host && !w.in_turn && w.turn == 0 && !w.closed;
    w.stopping = true; /* before: a loop that never ran is drained inside the call */
    w.foreign_close = w.foreign_close || (close && w.as_actor && !w.closing && !w.closed);
    w.closing = w.closing || (close && !w.closed);
    if (close)
        expect(mr_loop_request_close(w.loop), MR_OK, "request_close");
    else
        expect(mr_loop_shutdown(w.loop, UINT64_MAX), ends && w.closing ? MR_ECANCELED : MR_OK,
               "shutdown");
    w.closed = w.closed || (ends && !close);
}

static void host_turn(void);

static void operate(bool host)
{
    uint8_t op = next();
    if (host && op >= 96) {
        host_turn();
        return;
    }
    unsigned what = op % 24;
    bool of_timers = what >= 12 && what <= 18 && what != 15 && what != 17;
    bool maybe_applied = (w.opening || w.in_end_stage) && w.command_count != 0;
    if (of_timers && (maybe_applied || (w.in_end_stage && w.unsure)) && !w.as_actor)
        return; /* whether a phase has begun since, and applied them, is not seen then */
    switch (what) {
    case 0:
    case 1:
        queue(MR_KIND_TASK);
        break;
    case 2:
        queue(MR_KIND_INTERNAL);
        break;
    case 3:
        queue(MR_KIND_TICK);
        break;
    case 4:
        queue(MR_KIND_MICROTASK);
        break;
    case 5:
        queue(MR_KIND_END_JOB);
        break;
    case 6:
        queue(MR_KIND_CLOSE);
        break;
    case 7:
        queue(MR_KIND_IMMEDIATE);
        break;
    case 8:
    case 9:
    case 10:
    case 11:
        start_timer(next());
        break;
    case 12:
        cancel_timer();
        break;
    case 13:
        reset_timer(false);
        break;
    case 14:
        reset_timer(true);
        break;
    case 15:
        touch_immediate(next() % 3);
        break;
    case 16:
        flag_timer((next() & 1) != 0);
        break;
    case 17:
        cancel_told();
        break;
    case 18:
        cancel_many();
        break;
    case 19:
        advance();
        break;
    case 20:
        expect(mr_loop_wake(w.loop), w.closed ? MR_ECLOSED : MR_OK, "wake");
        break;
    case 21:
        start_actor();
        break;
    case 22:
        misuse();
        break;
    default:
        stop((next() & 1) != 0);
    }
}

/* ---- turns ---- */

static void on_turn_begin(mr_loop *loop, uint64_t turn, void *arg)
{
    (void)loop;
    (void)arg;
    w.turn = turn;
    w.in_turn = true;
    w.phase = POLL;
    w.externals_this_turn = 0;
    w.stage = TICKS;
    w.opening = true;
}

static void on_poll_begin(mr_loop *loop, uint64_t deadline, void *arg)
{
    (void)loop;
    (void)deadline;
    (void)arg;
    w.unsure = w.opening && w.command_count != 0;
    if (w.opening)
        apply_commands();
    w.opening = false;
}

static void on_poll_end(mr_loop *loop, unsigned ready, void *arg)
{
    (void)loop;
    (void)ready;
    (void)arg;
    w.polled = true;
}

static void on_turn_end(mr_loop *loop, uint64_t turn, void *arg)
{
    (void)loop;
    (void)turn;
    (void)arg;
    look_at_time();
    w.in_turn = false;
    if (w.stopping)
        return;
    enter_phase(EXTERNALS);
    CHECK(oldest(MR_KIND_TICK) == NULL && oldest(MR_KIND_MICROTASK) == NULL, "left in the turn");
    for (size_t i = 0; i < w.count; i++) {
        const struct item *item = &w.items[i];
        if (item->state != QUEUED || (item->late && item->turn == w.turn))
            continue;
        if (item->kind == MR_KIND_TIMER)
            CHECK(!may_fire(item), "a due timer was left out");
        else if (item->kind == MR_KIND_TASK)
            CHECK(w.externals_this_turn == BUDGET ||
                      (item->turn == w.turn && item->phase >= EXTERNALS),
                  "a task was left out");
        else if (item->kind != MR_KIND_END_JOB)
            CHECK(item->turn == w.turn && item->phase >= phase_of(item->kind),
                  "kind %d was left out", item->kind);
    }
}

static void on_drained(mr_loop *loop, uint64_t count, void *arg)
{
    (void)loop;
    (void)count;
    (void)arg;
    w.checkpoints++;
    w.in_end_stage = false;
    w.stage = TICKS;
}

static void check_alive(void)
{
    bool alive = any_queued();
    for (size_t i = 0; i < w.count && !alive; i++)
        alive = w.items[i].kind == MR_KIND_TIMER && w.items[i].state == QUEUED && w.items[i].ref;
    if (!alive || mr_loop_alive(w.loop))
        return;
    for (size_t i = 0; i < w.count; i++)
        if (w.items[i].kind != MR_KIND_IMMEDIATE && w.items[i].state == QUEUED && w.items[i].ref)
            CHECK(false, "kind %d does not keep the loop alive", w.items[i].kind);
}

static void host_turn(void)
{
    if (w.closed)
        return;
    bool stopping = w.stopping;
    uint64_t most = span();
    most = most > UINT64_C(1) << 41 ? 1000 : most;
    w.turn_limit = add(w.clock, most);
    mr_status got = mr_loop_turn(w.loop, most);
    w.phase = HOST;
    CHECK(!stopping || w.stopping, "stopping ends");
    if (w.stopping) {
        expect(got, w.closing ? MR_ECANCELED : MR_OK, "last turn");
        w.closed = true;
    } else {
        expect(got, MR_OK, "turn");
        check_alive();
    }
}

static void end_loop(void)
{
    bool close = (next() & 1) != 0;
    w.stopping = true;
    if (!w.closed && close) {
        w.closing = true;
        expect(mr_loop_close(w.loop), MR_OK, "close");
    } else if (!w.closed) {
        mr_loop_shutdown(w.loop, UINT64_MAX); /* drains here when the loop never ran */
        if (mr_loop_state(w.loop) != MR_STATE_CLOSED)
            mr_loop_turn(w.loop, 0);
    }
    w.closed = true;
    CHECK(mr_loop_state(w.loop) == MR_STATE_CLOSED, "not closed");
}

static void check_numbers(void)
{
    mr_loop_stats stats;
    apply_commands(); /* the end applied them, before or after it discarded the timers */
    expect(mr_loop_get_stats(w.loop, &stats), MR_OK, "stats");
    for (size_t i = 0; i < w.count; i++)
        CHECK(w.items[i].state > RUNNING, "kind %d lost in state %d", w.items[i].kind,
              w.items[i].state);
    for (int kind = 0; kind < MR_KIND_COUNT; kind++) {
        const mr_kind_stats *s = &stats.kind[kind];
        uint64_t ran = count_of(kind, RAN), cancelled = count_of(kind, CANCELLED),
                 gone = count_of(kind, DISCARDED);
        if (kind == MR_KIND_INTERNAL) {
            ran += count_of(OUTCOME, RAN);
            gone += count_of(OUTCOME, DISCARDED);
        }
        CHECK(s->run == ran && s->cancelled == cancelled && s->discarded == gone,
              "numbers of kind %d", kind);
        CHECK(s->accepted == ran + cancelled + gone && s->pending == 0, "kind %d not conserved",
              kind);
        CHECK(s->attempted == s->accepted + s->refused && s->refused == w.refused[kind],
              "refusals of kind %d", kind);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(&w, 0, sizeof w);
    w.at = data;
    w.end = data + size;
    w.phase = HOST;
    mr_simulate simulate = {.seed = next()};
    simulate.start_ns = w.clock = spans[next() % 14];
    mr_loop_options options = {.size_bytes = sizeof options,
                               .max_external = BOUND,
                               .max_internal = BOUND,
                               .max_tasks_per_turn = BUDGET,
                               .on_discard = on_discard,
                               .simulate = &simulate};
    static const mr_hooks hooks = {.size_bytes = sizeof hooks,
                                   .turn_begin = on_turn_begin,
                                   .turn_end = on_turn_end,
                                   .poll_begin = on_poll_begin,
                                   .poll_end = on_poll_end,
                                   .microtasks_drained = on_drained};
    expect(mr_loop_create(&options, &w.loop), MR_OK, "create");
    expect(mr_hooks_attach(w.loop, &hooks), MR_OK, "hooks");
    while (w.at != w.end && !w.closed)
        operate(true);
    end_loop();
    check_numbers();
    mr_loop_unref(w.loop);
    return 0;
}
