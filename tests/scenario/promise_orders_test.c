/* Scenario P7, widened: small programs of promises run in the order that Node.js runs them in. The
 * programs and their orders are in promise_orders.h; promise_orders.mjs says what a program is, and
 * this file runs the same language.
 *
 * MR_PROMISE_ORDERS=file takes other ones, a program and its order on two lines each, as
 * promise_orders.mjs prints them. */
#include "promise_scenario.h"

#include <ctype.h>

#include "promise_orders.h"

enum { MOST = 60, ROUTINES = 16, NONE = 255 };

static struct world {
    const char *routines[ROUTINES];
    mr_promise *promises[MOST];
    mr_settler settlers[MOST];
    bool leaf[MOST]; /* settled with a number from the start */
    unsigned count;
    int budget;
    bool over;        /* what the end of the loop settles is not told */
    uint64_t starved; /* from each routine on the n-th allocation fails; 0: none does */
    unsigned attached, released;
    char told[1 << 14];
    size_t len;
} w;

/* ---- what is told ---- */

static void put(const char *format, ...) MR_PRINTF(1, 2);
static void put(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w.told + w.len, sizeof w.told - w.len, format, args);
    va_end(args);
    EXPECT(n >= 0 && w.len + (size_t)n < sizeof w.told);
    if (n > 0 && w.len + (size_t)n < sizeof w.told)
        w.len += (size_t)n;
}

static void begin_word(void)
{
    if (w.len != 0)
        put(" ");
}

static unsigned number_of(const mr_promise *promise)
{
    unsigned i = 0;
    while (i < w.count && w.promises[i] != promise)
        i++;
    return i;
}

static void show(mr_value value);

static void show_settled(mr_value value, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        mr_promise_state state = MR_PROMISE_PENDING;
        mr_value entry = {0};
        EXPECT(mr_settled_at(value, i, &state, &entry) == 0 && state != MR_PROMISE_PENDING);
        put("%s%c", i == 0 ? "" : ",", state == MR_PROMISE_FULFILLED ? 'f' : 'r');
        show(entry);
    }
}

static void show_array(mr_value value)
{
    size_t n = 0;
    const mr_value *items = mr_value_as_array(value, &n);
    put("[");
    if (mr_settled_at(value, n, NULL, NULL) == MR_ERANGE)
        show_settled(value, n);
    else
        for (size_t i = 0; i < n; i++) {
            put("%s", i == 0 ? "" : ",");
            show(items[i]);
        }
    put("]");
}

static void show_error(const mr_error *error)
{
    if (mr_error_code(error) == MR_EAGGREGATE) {
        put("agg[");
        for (size_t i = 0; i < mr_error_member_count(error); i++) {
            put("%s", i == 0 ? "" : ",");
            show(mr_error_member_at(error, i));
        }
        put("]");
    } else {
        put("%s",
            mr_error_code(error) == MR_ECYCLE ? "cycle" : mr_status_name(mr_error_code(error)));
    }
}

static void show(mr_value value)
{
    switch ((mr_value_kind)value.kind) {
    case MR_VALUE_UNDEFINED:
        put("-");
        break;
    case MR_VALUE_INT:
        put("%" PRId64, int_of(value));
        break;
    case MR_VALUE_PROMISE:
        put("P%u", number_of(mr_value_as_promise(value)));
        break;
    case MR_VALUE_ARRAY:
        show_array(value);
        break;
    case MR_VALUE_ERROR:
        show_error(mr_value_as_error(value));
        break;
    default:
        put("?");
    }
}

/* ---- the language ---- */

/* A call again when memory failed it: the test of faults makes it. */
#define AGAIN(status, call)                                                                        \
    do                                                                                             \
        status = (call);                                                                           \
    while (status == MR_ENOMEM)

static unsigned long take_number(const char **at)
{
    char *end;
    unsigned long number = strtoul(*at, &end, 10);
    EXPECT(end != *at);
    *at = end;
    return number;
}

static unsigned take_promise(const char **at)
{
    return (unsigned)(take_number(at) % w.count);
}

static unsigned take_routine(const char **at)
{
    EXPECT(**at == ',');
    ++*at;
    if (**at != '-')
        return (unsigned)take_number(at);
    ++*at;
    return NONE;
}

/* Owned. */
static mr_value take_operand(const char **at, mr_value argument)
{
    if (**at == 'a') {
        ++*at;
        return mr_value_ref(argument);
    }
    if (**at != 'p')
        return mr_value_int((int64_t)take_number(at));
    ++*at;
    unsigned long number = take_number(at);
    return w.count == 0 ? mr_value_int(0) : holding(w.promises[number % w.count]);
}

/* Owned. A promise is a reason only if it holds no other one: two that are each other's reason would
 * keep each other for ever. */
static mr_value take_reason(const char **at, mr_value argument)
{
    mr_value value = take_operand(at, argument);
    const mr_promise *promise = mr_value_as_promise(value);
    if (!is_undefined(value) && (promise == NULL || w.leaf[number_of(promise)]))
        return value;
    mr_value_release(value);
    return mr_value_int(0);
}

static void keep(mr_promise *promise, mr_settler settler)
{
    EXPECT(w.count < MOST);
    w.promises[w.count] = promise;
    w.settlers[w.count++] = settler;
}

static mr_status run(unsigned index, mr_value argument, bool told_argument, mr_value *out_value);

static mr_status when_fulfilled(mr_value value, void *arg, mr_value *out_value)
{
    return run((uintptr_t)arg & 255, value, true, out_value);
}

static mr_status when_rejected(mr_value value, void *arg, mr_value *out_value)
{
    return run((uintptr_t)arg >> 8 & 255, value, true, out_value);
}

static mr_status when_tried(void *arg, mr_value *out_value)
{
    return run((unsigned)(uintptr_t)arg, mr_value_undefined(), true, out_value);
}

static void as_job(void *arg)
{
    mr_value value = {0};
    if (w.over)
        return;
    run((unsigned)(uintptr_t)arg, mr_value_undefined(), false, &value);
    mr_value_release(value);
}

static void on_release(void *arg)
{
    (void)arg;
    w.released++;
}

static void chain(char op, const char *at)
{
    mr_promise *from = w.promises[take_promise(&at)], *child = NULL;
    unsigned first = take_routine(&at), second = op == 't' ? take_routine(&at) : first;
    void *arg = (void *)(uintptr_t)(first | second << 8);
    const mr_reaction reaction = {.on_fulfilled = first == NONE ? NULL : when_fulfilled,
                                  .on_rejected = second == NONE ? NULL : when_rejected,
                                  .arg = arg,
                                  .release = on_release};
    mr_status status;
    if (op == 't')
        AGAIN(status, mr_promise_then(from, &reaction, &child));
    else if (op == 'c')
        AGAIN(status, mr_promise_catch(from, when_rejected, arg, on_release, &child));
    else
        AGAIN(status, mr_promise_finally(from, when_fulfilled, arg, on_release, &child));
    EXPECT(status == 0);
    w.attached++;
    keep(child, (mr_settler){0});
}

static void combine(char op, const char *at, mr_value argument)
{
    mr_value values[8];
    mr_promise *made = NULL;
    size_t n = 0;
    while (isalnum((unsigned char)*at)) {
        values[n++] = take_operand(&at, argument);
        at += *at == ',';
    }
    mr_status status;
    if (op == 'A')
        AGAIN(status, mr_promise_all(loop, values, n, &made));
    else if (op == 'S')
        AGAIN(status, mr_promise_all_settled(loop, values, n, &made));
    else if (op == 'Y')
        AGAIN(status, mr_promise_any(loop, values, n, &made));
    else
        AGAIN(status, mr_promise_race(loop, values, n, &made));
    EXPECT(status == 0);
    keep(made, (mr_settler){0});
}

static void make(char op, const char *at, mr_value argument)
{
    mr_settler settler = {0};
    mr_promise *made = NULL;
    mr_value value = {0};
    mr_status status;
    void *routine = op == 'y' ? (void *)(uintptr_t)take_number(&at) : NULL;
    if (op == 'v')
        value = take_operand(&at, argument);
    else if (op == 'e')
        value = take_reason(&at, argument);
    bool leaf = (op == 'v' || op == 'e') && value.kind == MR_VALUE_INT;
    if (op == 'n')
        AGAIN(status, mr_promise_with_resolvers(loop, &made, &settler));
    else if (op == 'v')
        AGAIN(status, mr_promise_resolve(loop, value, &made));
    else if (op == 'e')
        AGAIN(status, mr_promise_reject(loop, value, &made));
    else
        AGAIN(status, mr_promise_try(loop, when_tried, routine, &made));
    EXPECT(status == 0);
    w.leaf[w.count] = leaf;
    keep(made, settler);
}

static void settle(char op, const char *at, mr_value argument)
{
    mr_settler *settler = &w.settlers[take_promise(&at)];
    EXPECT(*at++ == ',');
    mr_value value = op == 's' ? take_operand(&at, argument) : take_reason(&at, argument);
    mr_status status = settler->id == 0 ? MR_ENOENT
                       : op == 's'      ? mr_settler_resolve(loop, *settler, value)
                                        : mr_settler_reject(loop, *settler, value);
    EXPECT(status == 0 || settler->id == 0);
    if (status != 0)
        mr_value_release(value);
    *settler = (mr_settler){0};
}

static void queue_job(char op, const char *at)
{
    void *routine = (void *)(uintptr_t)take_number(&at);
    mr_status status;
    if (op == 'm')
        AGAIN(status, mr_microtask(loop, as_job, routine));
    else
        AGAIN(status, mr_next_tick(loop, as_job, routine));
    EXPECT(status == 0);
}

static void statement(const char *at, mr_value argument)
{
    char op = *at++;
    if (strchr("tcfsr", op) != NULL && w.count == 0)
        return;
    if (strchr("nvey", op) != NULL)
        make(op, at, argument);
    else if (strchr("tcf", op) != NULL)
        chain(op, at);
    else if (strchr("ASYR", op) != NULL)
        combine(op, at, argument);
    else if (strchr("sr", op) != NULL)
        settle(op, at, argument);
    else
        queue_job(op, at);
}

static mr_status run(unsigned index, mr_value argument, bool told_argument, mr_value *out_value)
{
    if (w.over)
        return 0;
    if (w.starved != 0)
        mr__alloc_fail_at(w.starved);
    begin_word();
    put("%u", index);
    if (told_argument) {
        put(":");
        show(argument);
    }
    for (const char *at = w.routines[index]; *at != 0 && *at != '/'; at += *at == ' ') {
        if (*at == '<' || *at == '!') {
            bool fails = *at++ == '!';
            *out_value = fails ? take_reason(&at, argument) : take_operand(&at, argument);
            return fails ? MR_EABORT : 0;
        }
        if (w.budget-- > 0)
            statement(at, argument);
        at += strcspn(at, " /");
    }
    return 0;
}

/* ---- running a program ---- */

static void on_unhandled(mr_promise *promise, mr_value reason, mr_creation creation, void *arg)
{
    (void)reason, (void)creation, (void)arg;
    if (w.over)
        return;
    begin_word();
    put("u%u", number_of(promise));
}

static void on_handled(mr_promise *promise, void *arg)
{
    (void)arg;
    if (w.over)
        return;
    begin_word();
    put("h%u", number_of(promise));
}

static void end_program(void *arg)
{
    (void)arg;
    w.over = true;
    for (unsigned i = 0; i < w.count; i++)
        mr_promise_unref(w.promises[i]);
    shut_down(NULL);
}

static void load_program(const char *program)
{
    const char *at = program;
    memset(&w, 0, sizeof w);
    w.budget = MOST;
    unsigned long tasks = take_number(&at);
    for (unsigned i = 0; *at == '/'; i++) {
        EXPECT(i < ROUTINES);
        w.routines[i] = ++at;
        at += strcspn(at, "/");
    }
    for (uintptr_t i = 0; i < tasks; i++)
        submit(as_job, (void *)i);
    submit(end_program, NULL);
}

static void run_program(const char *program, const mr_loop_options *options)
{
    const mr_promise_options telling = {.size_bytes = sizeof telling,
                                        .on_unhandled_rejection = on_unhandled,
                                        .on_rejection_handled = on_handled};
    begin_with(options);
    EXPECT(mr_promise_configure(loop, &telling) == 0);
    load_program(program);
    snprintf(story, sizeof story, "%s", program); /* told when the test ends early */
}

static void check_program(const char *program, const char *order, mr_park park)
{
    mr_loop_options options = options_for(park);
    run_program(program, &options);
    assert_int_equal(mr_loop_run(loop), 0);
    if (strcmp(w.told, order) != 0)
        print_error("%s\n  wanted %s\n", program, order);
    assert_string_equal(w.told, order);
    assert_int_equal(w.attached, w.released);
    finish_promises();
}

/* Two lines at a time; false at the end. */
static bool read_line(FILE *file, char *line, size_t size)
{
    if (fgets(line, (int)size, file) == NULL)
        return false;
    line[strcspn(line, "\n")] = 0;
    return true;
}

static unsigned check_file(const char *name, void (*check)(const char *program, const char *order))
{
    static char program[1 << 12], order_wanted[1 << 14];
    unsigned n = 0;
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    while (read_line(file, program, sizeof program) &&
           read_line(file, order_wanted, sizeof order_wanted)) {
        check(program, order_wanted);
        n++;
    }
    fclose(file);
    return n;
}

static void each_program(void (*check)(const char *program, const char *order))
{
    const char *name = getenv("MR_PROMISE_ORDERS");
    if (name != NULL) {
        assert_true(check_file(name, check) != 0);
        return;
    }
    for (unsigned i = 0; i < COUNT_OF(promise_orders); i++)
        check(promise_orders[i].program, promise_orders[i].order);
}

static void check_really(const char *program, const char *order)
{
    check_program(program, order, MR_PARK_AUTO);
}

static void P7_programs_run_in_the_order_of_nodejs(void **state)
{
    (void)state;
    each_program(check_really);
}

/* ---- without memory ---- */

/* Whether the n-th allocation was made. What it fails is tried again, or done later: the order may
 * differ, nothing may be lost. */
static bool run_starved(const char *program, uint64_t n)
{
    mr_loop_options options = options_for(MR_PARK_AUTO);
    run_program(program, &options);
    uint64_t before = mr__alloc_count();
    mr__alloc_fail_at(n);
    assert_int_equal(mr_loop_run(loop), 0);
    mr__alloc_fail_at(0);
    bool taken = mr__alloc_count() - before >= n;
    assert_int_equal(w.attached, w.released);
    finish_promises();
    return taken;
}

static void check_starved(const char *program, const char *order)
{
    (void)order;
    for (uint64_t n = 1; run_starved(program, n); n++)
        assert_true(n < 10000);
}

static void check_starved_often(const char *program, const char *order)
{
    (void)order;
    for (uint64_t n = 1; n < 8; n++) {
        mr_loop_options options = options_for(MR_PARK_AUTO);
        run_program(program, &options);
        w.starved = n;
        assert_int_equal(mr_loop_run(loop), 0);
        mr__alloc_fail_at(0);
        assert_int_equal(w.attached, w.released);
        finish_promises();
    }
}

static void P7_programs_lose_nothing_when_each_routine_is_starved(void **state)
{
    (void)state;
    each_program(check_starved_often);
}

static void P7_programs_lose_nothing_when_the_nth_allocation_fails(void **state)
{
    (void)state;
    each_program(check_starved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(P7_programs_run_in_the_order_of_nodejs),
        SCENARIO(P7_programs_lose_nothing_when_the_nth_allocation_fails),
        SCENARIO(P7_programs_lose_nothing_when_each_routine_is_starved),
    };
    return RUN_SCENARIOS(tests);
}
