/* A program of order_program.h run on the C API. What it says is what its JavaScript says.
 *
 * A call is what a handler or task gets as its argument: one allocation, given back by the release
 * of the reaction, or when the task has run. Calls of an earlier program, which a promise that never
 * settled keeps until the loop ends, say nothing. */
#ifndef MR_TESTS_ORDER_RUN_H
#define MR_TESTS_ORDER_RUN_H

#include <millrace/microtask.h>
#include <millrace/promise.h>
#include <millrace/timer.h>

#include "order_emit.h"

/* What a set of programs must have done, each of it often. */
#define ORDER_SEEN_LIST(X)                                                                         \
    X(RESOLVED_WITH_PLAIN)                                                                         \
    X(RESOLVED_WITH_PENDING)                                                                       \
    X(RESOLVED_WITH_FULFILLED)                                                                     \
    X(RESOLVED_WITH_REJECTED)                                                                      \
    X(RESOLVED_WITH_ITSELF)                                                                        \
    X(RESOLVED_WITH_RING)                                                                          \
    X(SETTLER_SPENT)                                                                               \
    X(REJECTED_WITH_PROMISE)                                                                       \
    X(SETTLED_FROM_MICROTASK)                                                                      \
    X(SETTLED_FROM_TICK)                                                                           \
    X(SETTLED_FROM_TIMER)                                                                          \
    X(SETTLED_FROM_HANDLER)                                                                        \
    X(ATTACHED_TO_PENDING)                                                                         \
    X(ATTACHED_TO_FULFILLED)                                                                       \
    X(ATTACHED_TO_REJECTED)                                                                        \
    X(ATTACHED_IN_HANDLER)                                                                         \
    X(THEN_WITHOUT_HANDLERS)                                                                       \
    X(CHILD_WITHOUT_NUMBER)                                                                        \
    X(HANDLER_MADE_NOTHING)                                                                        \
    X(HANDLER_MADE_PLAIN)                                                                          \
    X(HANDLER_MADE_PENDING)                                                                        \
    X(HANDLER_MADE_FULFILLED)                                                                      \
    X(HANDLER_MADE_REJECTED)                                                                       \
    X(HANDLER_MADE_OWN_CHILD)                                                                      \
    X(HANDLER_MADE_RING)                                                                           \
    X(HANDLER_THREW_VALUE)                                                                         \
    X(HANDLER_THREW_CODE)                                                                          \
    X(FINALLY_MADE_PLAIN)                                                                          \
    X(FINALLY_MADE_PENDING)                                                                        \
    X(FINALLY_MADE_FULFILLED)                                                                      \
    X(FINALLY_MADE_REJECTED)                                                                       \
    X(FINALLY_THREW)                                                                               \
    X(ALL_OF_NOTHING)                                                                              \
    X(ALL_OF_PLAIN)                                                                                \
    X(ALL_OF_PROMISES)                                                                             \
    X(ALL_OF_BOTH)                                                                                 \
    X(ALL_OF_DUPLICATES)                                                                           \
    X(ALL_SETTLED_OF_NOTHING)                                                                      \
    X(ALL_SETTLED_OF_PLAIN)                                                                        \
    X(ALL_SETTLED_OF_PROMISES)                                                                     \
    X(ALL_SETTLED_OF_BOTH)                                                                         \
    X(ALL_SETTLED_OF_DUPLICATES)                                                                   \
    X(ANY_OF_NOTHING)                                                                              \
    X(ANY_OF_PLAIN)                                                                                \
    X(ANY_OF_PROMISES)                                                                             \
    X(ANY_OF_BOTH)                                                                                 \
    X(ANY_OF_DUPLICATES)                                                                           \
    X(RACE_OF_NOTHING)                                                                             \
    X(RACE_OF_PLAIN)                                                                               \
    X(RACE_OF_PROMISES)                                                                            \
    X(RACE_OF_BOTH)                                                                                \
    X(RACE_OF_DUPLICATES)                                                                          \
    X(SAW_ARRAY)                                                                                   \
    X(SAW_SETTLEMENTS)                                                                             \
    X(SAW_AGGREGATE)                                                                               \
    X(SAW_CYCLE)                                                                                   \
    X(DROPPED_PENDING)                                                                             \
    X(DROPPED_SETTLED)                                                                             \
    X(UNHANDLED)                                                                                   \
    X(UNHANDLED_DROPPED)                                                                           \
    X(HANDLED_LATER)                                                                               \
    X(HANDLED_IN_REPORT)

enum seen {
#define ORDER_SEEN_ENUM(name) SAW_##name,
    ORDER_SEEN_LIST(ORDER_SEEN_ENUM)
#undef ORDER_SEEN_ENUM
        SEEN_COUNT,
    SEEN_OPS = SEEN_COUNT, /* each statement */
    SEEN_ALL = SEEN_OPS + OPS
};

enum { OF_NOTHING, OF_PLAIN, OF_PROMISES, OF_BOTH, OF_DUPLICATES, OF_KINDS };
_Static_assert(SAW_RACE_OF_DUPLICATES - SAW_ALL_OF_NOTHING + 1 == 4 * OF_KINDS,
               "the kinds of inputs stand together for each combinator");

struct run {
    mr_loop *loop;
    const struct program *program;
    uint64_t serial; /* of the program at hand; 0: none */
    uint64_t *seen;
    struct text said;
    mr_promise *promises[PROMISES];
    mr_settler settlers[PROMISES];
    bool opened[PROMISES], touched[PROMISES];
    int reports;
    enum op inside; /* the handler or task that runs: THEN, a task, or OPS */
    bool reporting;
    size_t calls; /* that were not given back */
    unsigned errors;
};

struct call {
    struct run *run;
    uint64_t serial;
    enum op op;
    int blocks[2];
    int promise; /* of a finale */
};

static inline void order_saw(struct run *run, enum seen what)
{
    run->seen[what]++;
}

/* 0, or a failure of the test. */
static inline void order_must(struct run *run, mr_status status, const char *what)
{
    if (status != MR_OK) {
        fprintf(stderr, "seed %llu: %s: %s\n", (unsigned long long)run->program->seed, what,
                mr_status_name(status));
        run->errors++;
    }
}

/* ---- what is said ---- */

static inline int order_number(const struct run *run, const mr_promise *promise)
{
    for (int k = 0; k < PROMISES; k++)
        if (run->promises[k] == promise)
            return k;
    return NONE;
}

static inline void order_show(struct run *run, mr_value value, int deep);

static inline void order_show_list(struct run *run, const mr_value *items, size_t n, int deep)
{
    if (deep > 2) {
        text_add(&run->said, "[...]");
        return;
    }
    text_add(&run->said, "[");
    for (size_t i = 0; i < n; i++) {
        text_add(&run->said, i == 0 ? "" : ",");
        order_show(run, items[i], deep + 1);
    }
    text_add(&run->said, "]");
}

static inline void order_show_settlements(struct run *run, mr_value value, size_t n, int deep)
{
    order_saw(run, SAW_SAW_SETTLEMENTS);
    if (deep > 2) {
        text_add(&run->said, "[...]");
        return;
    }
    text_add(&run->said, "[");
    for (size_t i = 0; i < n; i++) {
        mr_promise_state state;
        mr_value item;
        order_must(run, mr_settled_at(value, i, &state, &item), "mr_settled_at");
        text_add(&run->said, "%s%s", i == 0 ? "" : ",", state == MR_PROMISE_FULFILLED ? "+" : "-");
        order_show(run, item, deep + 1);
    }
    text_add(&run->said, "]");
}

static inline void order_show_array(struct run *run, mr_value value, int deep)
{
    size_t n = 0;
    const mr_value *items = mr_value_as_array(value, &n);
    if (n != 0 && mr_settled_at(value, 0, NULL, NULL) == MR_OK) {
        order_show_settlements(run, value, n / 2, deep);
        return;
    }
    order_saw(run, SAW_SAW_ARRAY);
    order_show_list(run, items, n, deep);
}

static inline void order_show_error(struct run *run, const mr_error *error, int deep)
{
    mr_status code = mr_error_code(error);
    if (code == MR_EAGGREGATE) {
        mr_value members[INPUTS];
        size_t n = mr_error_member_count(error);
        for (size_t i = 0; i < n && i < INPUTS; i++)
            members[i] = mr_error_member_at(error, i);
        order_saw(run, SAW_SAW_AGGREGATE);
        text_add(&run->said, "all of ");
        order_show_list(run, members, n, deep);
    } else if (strcmp(mr_status_js_class(code), "TypeError") == 0) {
        order_saw(run, SAW_SAW_CYCLE);
        text_add(&run->said, "TypeError");
    } else {
        text_add(&run->said, "%s", mr_status_name(code));
    }
}

static inline void order_show(struct run *run, mr_value value, int deep)
{
    int64_t integer;
    if (value.kind == MR_VALUE_UNDEFINED) {
        text_add(&run->said, "undefined");
    } else if (mr_value_as_int(value, &integer)) {
        text_add(&run->said, "%lld", (long long)integer);
    } else if (value.kind == MR_VALUE_PROMISE) {
        int k = order_number(run, mr_value_as_promise(value));
        text_add(&run->said, k == NONE ? "P?" : "P%d", k);
    } else if (value.kind == MR_VALUE_ARRAY) {
        order_show_array(run, value, deep);
    } else if (value.kind == MR_VALUE_ERROR) {
        order_show_error(run, mr_value_as_error(value), deep);
    } else {
        text_add(&run->said, "kind %d", (int)value.kind);
    }
}

static inline void order_say(struct run *run, mr_value value)
{
    text_add(&run->said, " ");
    order_show(run, value, 0);
    text_add(&run->said, "\n");
}

/* ---- values ---- */

static inline mr_value order_error(struct run *run, mr_status code)
{
    const mr_error_spec spec = {.size_bytes = sizeof spec, .code = code};
    mr_error *error = NULL;
    order_must(run, mr_error_create(&spec, &error), "mr_error_create");
    return mr_value_error(error);
}

static inline mr_status order_code(int number)
{
    static const mr_status codes[CODES] = {MR_EIO, MR_ECANCELED, MR_ETIMEDOUT};
    return codes[number];
}

static inline mr_value order_value(struct run *run, struct value value, mr_value argument)
{
    switch (value.is) {
    case IS_INT:
        return mr_value_int(value.number);
    case IS_UNDEFINED:
        return mr_value_undefined();
    case IS_ERROR:
        return order_error(run, order_code(value.number));
    case IS_PROMISE:
        if (run->promises[value.number] == NULL)
            return mr_value_int(-value.number);
        return mr_value_promise(mr_promise_ref(run->promises[value.number]));
    case IS_ARGUMENT:
        return mr_value_ref(argument);
    }
    return mr_value_undefined();
}

/* What a promise is resolved with. plain: the first of four places, by state of what it is. */
static inline void order_saw_resolution(struct run *run, mr_value value, enum seen plain)
{
    const mr_promise *promise = mr_value_as_promise(value);
    unsigned at = promise == NULL ? 0 : 1 + (unsigned)mr_promise_get_state(promise);
    order_saw(run, (enum seen)(plain + at));
}

/* ---- calls ---- */

static inline struct call *order_call(struct run *run, enum op op, const int *blocks)
{
    struct call *call = malloc(sizeof *call);
    if (call == NULL)
        abort();
    *call = (struct call){
        .run = run, .serial = run->serial, .op = op, .blocks = {blocks[0], blocks[1]}};
    run->calls++;
    return call;
}

static inline void order_release(void *arg)
{
    struct call *call = arg;
    call->run->calls--;
    free(call);
}

static inline mr_status order_block(struct run *run, int block, mr_value argument,
                                    mr_value *out_value);

/* A block as the body of a handler or task. */
static inline mr_status order_enter(struct call *call, int block, mr_value argument,
                                    mr_value *out_value)
{
    struct run *run = call->run;
    if (call->serial != run->serial)
        return MR_OK;
    enum op before = run->inside;
    run->inside = call->op;
    mr_status status = order_block(run, block, argument, out_value);
    run->inside = before;
    return status;
}

static inline mr_status order_fulfilled(mr_value value, void *arg, mr_value *out_value)
{
    struct call *call = arg;
    return order_enter(call, call->blocks[0], value, out_value);
}

static inline mr_status order_rejected(mr_value value, void *arg, mr_value *out_value)
{
    struct call *call = arg;
    return order_enter(call, call->blocks[1], value, out_value);
}

static inline mr_status order_make(void *arg, mr_value *out_value)
{
    struct call *call = arg;
    return order_enter(call, call->blocks[0], mr_value_undefined(), out_value);
}

static inline void order_task(void *arg)
{
    struct call *call = arg;
    mr_value value = mr_value_undefined();
    order_must(call->run, order_enter(call, call->blocks[0], value, &value), "a task");
    order_release(call);
}

/* ---- statements ---- */

/* The promise passes. */
static inline void order_set(struct run *run, int k, mr_promise *promise)
{
    if (k == NONE)
        mr_promise_unref(promise);
    else
        run->promises[k] = promise;
}

static inline void order_make_settled(struct run *run, const struct statement *s, mr_value argument)
{
    mr_promise *promise = NULL;
    mr_value value = order_value(run, s->values[0], argument);
    mr_status status = s->op == RESOLVE ? mr_promise_resolve(run->loop, value, &promise)
                                        : mr_promise_reject(run->loop, value, &promise);
    if (s->op == REJECT && value.kind == MR_VALUE_PROMISE)
        order_saw(run, SAW_REJECTED_WITH_PROMISE);
    order_must(run, status, "a settled promise");
    order_set(run, s->to, promise);
}

static inline void order_open(struct run *run, const struct statement *s)
{
    if (s->to == NONE)
        return;
    order_must(run,
               mr_promise_with_resolvers(run->loop, &run->promises[s->to], &run->settlers[s->to]),
               "mr_promise_with_resolvers");
    run->opened[s->to] = true;
}

static inline void order_attempt(struct run *run, const struct statement *s)
{
    mr_promise *promise = NULL;
    struct call *call = order_call(run, OPS, s->blocks);
    order_must(run, mr_promise_try(run->loop, order_make, call, &promise), "mr_promise_try");
    order_release(call);
    order_set(run, s->to, promise);
}

static inline void order_attach(struct run *run, const struct statement *s)
{
    mr_promise *of = run->promises[s->of], *child = NULL;
    if (of == NULL)
        return;
    struct call *call = order_call(run, THEN, s->blocks);
    const mr_reaction reaction = {.on_fulfilled = s->blocks[0] == NONE ? NULL : order_fulfilled,
                                  .on_rejected = s->blocks[1] == NONE ? NULL : order_rejected,
                                  .arg = call,
                                  .release = order_release};
    order_saw(run, (enum seen)(SAW_ATTACHED_TO_PENDING + (int)mr_promise_get_state(of)));
    if (run->inside == THEN)
        order_saw(run, SAW_ATTACHED_IN_HANDLER);
    if (run->reporting && mr_promise_get_state(of) == MR_PROMISE_REJECTED)
        order_saw(run, SAW_HANDLED_IN_REPORT);
    if (s->op == THEN && s->blocks[0] == NONE && s->blocks[1] == NONE)
        order_saw(run, SAW_THEN_WITHOUT_HANDLERS);
    if (s->to == NONE)
        order_saw(run, SAW_CHILD_WITHOUT_NUMBER);
    run->touched[s->of] = true;
    mr_promise **out_child = s->to == NONE ? NULL : &child;
    mr_status status =
        s->op == THEN    ? mr_promise_then(of, &reaction, out_child)
        : s->op == CATCH ? mr_promise_catch(of, order_fulfilled, call, order_release, out_child)
                         : mr_promise_finally(of, order_fulfilled, call, order_release, out_child);
    order_must(run, status, "a reaction");
    order_set(run, s->to, child);
}

static inline void order_saw_settling(struct run *run, const struct statement *s, mr_value value)
{
    static const enum seen places[OPS + 1] = {[MICROTASK] = SAW_SETTLED_FROM_MICROTASK,
                                              [TICK] = SAW_SETTLED_FROM_TICK,
                                              [TIMER] = SAW_SETTLED_FROM_TIMER,
                                              [THEN] = SAW_SETTLED_FROM_HANDLER};
    const mr_promise *promise = mr_value_as_promise(value);
    if (places[run->inside] != 0)
        order_saw(run, places[run->inside]);
    if (s->op == SETTLE_RESOLVE && (promise == NULL || promise != run->promises[s->of]))
        order_saw_resolution(run, value, SAW_RESOLVED_WITH_PLAIN);
}

static inline void order_settle(struct run *run, const struct statement *s, mr_value argument)
{
    mr_promise *promise = run->promises[s->of];
    bool resolves = s->op == SETTLE_RESOLVE;
    if (!run->opened[s->of])
        return;
    mr_value value = order_value(run, s->values[0], argument);
    const mr_promise *with = mr_value_as_promise(value);
    order_saw_settling(run, s, value);
    mr_status status = resolves ? mr_settler_resolve(run->loop, run->settlers[s->of], value)
                                : mr_settler_reject(run->loop, run->settlers[s->of], value);
    if (status != MR_OK)
        mr_value_release(value);
    if (status == MR_ENOENT)
        order_saw(run, SAW_SETTLER_SPENT);
    else
        order_must(run, status, "a settler");
    if (status == MR_OK && resolves && with != NULL &&
        mr_promise_get_state(promise) == MR_PROMISE_REJECTED)
        order_saw(run, with == promise ? SAW_RESOLVED_WITH_ITSELF : SAW_RESOLVED_WITH_RING);
    text_add(&run->said, "%s %d%s\n", resolves ? "resolve" : "reject", s->of,
             promise == NULL   ? ""
             : status == MR_OK ? " won"
                               : " lost");
}

static inline void order_saw_inputs(struct run *run, enum op op, const mr_value *values, int n)
{
    int plain = 0, kind;
    bool twice = false;
    for (int i = 0; i < n; i++) {
        plain += values[i].kind != MR_VALUE_PROMISE;
        for (int j = 0; j < i; j++)
            twice |= values[i].kind == MR_VALUE_PROMISE && values[j].kind == MR_VALUE_PROMISE &&
                     values[i].as.pointer == values[j].as.pointer;
    }
    kind = n == 0 ? OF_NOTHING : plain == n ? OF_PLAIN : plain == 0 ? OF_PROMISES : OF_BOTH;
    int first = (int)SAW_ALL_OF_NOTHING + OF_KINDS * ((int)op - (int)ALL);
    order_saw(run, (enum seen)(first + kind));
    if (twice)
        order_saw(run, (enum seen)(first + OF_DUPLICATES));
}

static inline void order_combine(struct run *run, const struct statement *s, mr_value argument)
{
    mr_value values[INPUTS];
    mr_promise *promise = NULL;
    size_t n = (size_t)s->n;
    for (size_t i = 0; i < n; i++)
        values[i] = order_value(run, s->values[i], argument);
    order_saw_inputs(run, s->op, values, s->n);
    mr_status status = s->op == ALL ? mr_promise_all(run->loop, values, n, &promise)
                       : s->op == ALL_SETTLED
                           ? mr_promise_all_settled(run->loop, values, n, &promise)
                       : s->op == ANY ? mr_promise_any(run->loop, values, n, &promise)
                                      : mr_promise_race(run->loop, values, n, &promise);
    order_must(run, status, "a combinator");
    order_set(run, s->to, promise);
}

static inline void order_start(struct run *run, const struct statement *s)
{
    struct call *call = order_call(run, s->op, s->blocks);
    mr_timer timer;
    mr_status status = s->op == MICROTASK ? mr_microtask(run->loop, order_task, call)
                       : s->op == TICK
                           ? mr_next_tick(run->loop, order_task, call)
                           : mr_timer_start(run->loop, (uint64_t)s->n * UINT64_C(1000000),
                                            order_task, call, &timer);
    order_must(run, status, "a task");
}

/* A pending promise with a settler must have a reaction: without one it would be freed, and its
 * rejection not be reported. */
static inline void order_drop(struct run *run, const struct statement *s)
{
    mr_promise *promise = run->promises[s->of];
    if (promise == NULL || (run->opened[s->of] && !run->touched[s->of]))
        return;
    order_saw(run, mr_promise_get_state(promise) == MR_PROMISE_PENDING ? SAW_DROPPED_PENDING
                                                                       : SAW_DROPPED_SETTLED);
    run->promises[s->of] = NULL;
    mr_promise_unref(promise);
}

static inline void order_statement(struct run *run, const struct statement *s, mr_value argument)
{
    order_saw(run, (enum seen)((int)SEEN_OPS + (int)s->op));
    switch (s->op) {
    case RESOLVE:
    case REJECT:
        order_make_settled(run, s, argument);
        break;
    case OPEN:
        order_open(run, s);
        break;
    case ATTEMPT:
        order_attempt(run, s);
        break;
    case THEN:
    case CATCH:
    case FINALLY:
        order_attach(run, s);
        break;
    case SETTLE_RESOLVE:
    case SETTLE_REJECT:
        order_settle(run, s, argument);
        break;
    case ALL:
    case ALL_SETTLED:
    case ANY:
    case RACE:
        order_combine(run, s, argument);
        break;
    case MICROTASK:
    case TICK:
    case TIMER:
        order_start(run, s);
        break;
    case DROP:
        order_drop(run, s);
        break;
    case OPS:
        break;
    }
}

/* ---- blocks ---- */

static inline void order_saw_made(struct run *run, const struct block *b, mr_value value)
{
    const mr_promise *promise = mr_value_as_promise(value);
    if (!b->has_argument) { /* finally or an attempt */
        order_saw_resolution(run, value, SAW_FINALLY_MADE_PLAIN);
    } else if (promise != NULL && b->own != NONE && promise == run->promises[b->own]) {
        order_saw(run, SAW_HANDLER_MADE_OWN_CHILD);
    } else {
        order_saw_resolution(run, value, SAW_HANDLER_MADE_PLAIN);
    }
}

static inline mr_status order_end(struct run *run, const struct block *b, mr_value argument,
                                  mr_value *out_value)
{
    if (b->end == END_NOTHING) {
        if (b->makes)
            order_saw(run, SAW_HANDLER_MADE_NOTHING);
        return MR_OK;
    }
    if (b->end != END_RETURN && !b->has_argument)
        order_saw(run, SAW_FINALLY_THREW);
    if (b->end == END_THROW_CODE) {
        order_saw(run, SAW_HANDLER_THREW_CODE);
        return order_code(b->value.number);
    }
    *out_value = order_value(run, b->value, argument);
    if (b->end == END_RETURN) {
        order_saw_made(run, b, *out_value);
        return MR_OK;
    }
    order_saw(run, SAW_HANDLER_THREW_VALUE);
    return MR_EIO; /* of an undefined one */
}

static inline mr_status order_block(struct run *run, int block, mr_value argument,
                                    mr_value *out_value)
{
    const struct block *b = &run->program->blocks[block];
    text_add(&run->said, "block %d", block);
    order_say(run, argument);
    for (int at = b->first; at != NONE; at = run->program->statements[at].next)
        order_statement(run, &run->program->statements[at], argument);
    return order_end(run, b, argument, out_value);
}

/* ---- reports ---- */

static inline void order_unhandled(mr_promise *promise, mr_value reason, mr_creation creation,
                                   void *arg)
{
    struct run *run = arg;
    int at = run->reports, k = order_number(run, promise);
    (void)creation;
    if (run->serial == 0)
        return;
    order_saw(run, SAW_UNHANDLED);
    if (k == NONE)
        order_saw(run, SAW_UNHANDLED_DROPPED);
    text_add(&run->said, k == NONE ? "unhandled P?" : "unhandled P%d", k);
    order_say(run, reason);
    if (at >= REPORTS)
        return;
    run->reports++;
    if (run->program->reports[at] == NONE)
        return;
    if (run->program->reported[at] != NONE)
        order_set(run, run->program->reported[at], mr_promise_ref(promise));
    run->reporting = true;
    mr_value value = mr_value_undefined();
    order_must(run, order_block(run, run->program->reports[at], reason, &value), "a report");
    run->reporting = false;
}

static inline void order_handled(mr_promise *promise, void *arg)
{
    struct run *run = arg;
    if (run->serial == 0)
        return;
    int k = order_number(run, promise);
    order_saw(run, SAW_HANDLED_LATER);
    text_add(&run->said, k == NONE ? "handled P?\n" : "handled P%d\n", k);
}

/* ---- a program from its beginning to its end ---- */

static inline void order_listen(struct run *run)
{
    const mr_promise_options options = {.size_bytes = sizeof options,
                                        .on_unhandled_rejection = order_unhandled,
                                        .on_rejection_handled = order_handled,
                                        .arg = run};
    order_must(run, mr_promise_configure(run->loop, &options), "mr_promise_configure");
}

/* Inside a callback of the loop. */
static inline void order_begin(struct run *run, const struct program *program, uint64_t serial)
{
    mr_value value = mr_value_undefined();
    run->program = program;
    run->serial = serial;
    run->reports = 0;
    run->inside = OPS;
    text_clear(&run->said);
    order_must(run, order_block(run, MAIN, value, &value), "the program");
}

static inline mr_status order_final(struct call *call, const char *how, mr_value value)
{
    if (call->serial == call->run->serial) {
        text_add(&call->run->said, "P%d %s", call->promise, how);
        order_say(call->run, value);
    }
    return MR_OK;
}

static inline mr_status order_final_value(mr_value value, void *arg, mr_value *out_value)
{
    (void)out_value;
    return order_final(arg, "fulfilled", value);
}

static inline mr_status order_final_reason(mr_value reason, void *arg, mr_value *out_value)
{
    (void)out_value;
    return order_final(arg, "rejected", reason);
}

/* All that settled, and what with. */
static inline void order_finale(struct run *run)
{
    for (int k = 0; k < PROMISES; k++) {
        if (run->promises[k] == NULL)
            continue;
        struct call *call = order_call(run, THEN, (int[]){NONE, NONE});
        call->promise = k;
        const mr_reaction reaction = {order_final_value, order_final_reason, call, order_release};
        order_must(run, mr_promise_then(run->promises[k], &reaction, NULL), "mr_promise_then");
    }
}

static inline void order_finish(struct run *run)
{
    run->serial = 0;
    for (int k = 0; k < PROMISES; k++) {
        mr_promise_unref(run->promises[k]);
        run->promises[k] = NULL;
        run->opened[k] = run->touched[k] = false;
    }
}

#endif
