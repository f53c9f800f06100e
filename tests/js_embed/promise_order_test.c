/* One program in C and in JavaScript: the same steps in the same order.
 *
 * Each of many generated programs runs three times, in virtual time: on the C API alone, on the C
 * API with a runtime on the loop, whose job queue the microtasks then go through, and as JavaScript.
 * What they say must be equal, byte for byte.
 *
 * MR_ORDER_SEED=n runs the program of one seed and shows it; MR_ORDER_FIRST and MR_ORDER_PROGRAMS
 * say where to begin and how many to run, MR_TEST_SCALE divides the usual number. With
 * MR_ORDER_COVERAGE it tells how often each thing was done. With the arguments "emit" and a number
 * it writes so many programs, with what C says, as a script for Node.js. */
#include <inttypes.h>

#include "order_run.h"

#include <millrace/js.h>
#include <millrace/millrace.h>
#include <millrace/sim.h>

enum { PROGRAMS = 10000, BATCH = 200, COMMON = 1000 /* one in so many does what is covered */ };

static uint64_t seen[SEEN_ALL];
static unsigned errors; /* other than differences */

/* ---- playing a batch of programs on one loop ---- */

enum stage { BEGIN, FINALE, FINISH };
enum language { C_ALONE, C_ATTACHED, SCRIPT, LANGUAGES };

static const char *const language_names[LANGUAGES] = {"C", "C with a runtime", "JavaScript"};

/* What the programs of a batch said. */
struct batch {
    uint64_t first;
    unsigned count;
    char *said[LANGUAGES][BATCH];
};

struct player {
    mr_loop *loop;
    mr_js *js; /* NULL: C alone */
    struct batch *batch;
    struct run run;
    struct program program;
    uint64_t serial;
    unsigned at; /* program */
    enum language language;
    enum stage stage;
};

static char *copy_of(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = malloc(len);
    if (copy == NULL)
        abort();
    return memcpy(copy, text, len);
}

static void run_script(struct player *player, const char *source, size_t len)
{
    if (mr_js_eval(player->js, source, len, NULL, MR_JS_SCRIPT, NULL) == MR_OK)
        return;
    fprintf(stderr, "seed %" PRIu64 ": %s\n%s\n", player->program.seed,
            mr_js_last_error(player->js), source);
    player->run.errors++;
}

static char *said_by_script(struct player *player)
{
    mr_js_value *value = NULL;
    char *text = NULL, *copy;
    size_t len;
    order_must(&player->run, mr_js_get(player->js, NULL, "text", &value), "mr_js_get");
    order_must(&player->run, mr_js_to_string(player->js, value, &text, &len), "mr_js_to_string");
    copy = copy_of(text == NULL ? "" : text);
    mr_js_free(text);
    mr_js_value_unref(value);
    return copy;
}

/* Only the prelude knows that what a handler made closed a ring. */
static void count_rings(struct player *player)
{
    mr_js_value *value = NULL;
    int64_t rings = 0;
    order_must(&player->run, mr_js_get(player->js, NULL, "rings", &value), "mr_js_get");
    order_must(&player->run, mr_js_to_int64(player->js, value, &rings), "mr_js_to_int64");
    mr_js_value_unref(value);
    seen[SAW_HANDLER_MADE_RING] += (uint64_t)rings;
}

static void begin_program(struct player *player)
{
    generate(&player->program, player->batch->first + player->at);
    if (player->language != SCRIPT) {
        order_begin(&player->run, &player->program, ++player->serial);
        return;
    }
    struct text source = {0};
    emit_program(&source, &player->program);
    run_script(player, source.data, source.len);
    text_free(&source);
}

static void finish_program(struct player *player)
{
    char **said = &player->batch->said[player->language][player->at];
    if (player->language == SCRIPT) {
        *said = said_by_script(player);
        count_rings(player);
    } else {
        *said = copy_of(text_of(&player->run.said));
        order_finish(&player->run);
    }
    if (player->language == C_ATTACHED) {
        player->language = SCRIPT;
        return;
    }
    if (player->language == SCRIPT)
        player->language = C_ATTACHED;
    player->at++;
}

static void play(void *arg);

/* Timers of programs come much sooner. */
static void play_later(struct player *player)
{
    mr_timer timer;
    order_must(&player->run,
               mr_timer_start(player->loop, UINT64_C(1000000000), play, player, &timer),
               "mr_timer_start");
}

static void play(void *arg)
{
    static const char finale[] = "finale();";
    struct player *player = arg;
    switch (player->stage) {
    case BEGIN:
        player->stage = FINALE;
        begin_program(player);
        break;
    case FINALE:
        player->stage = FINISH;
        if (player->language == SCRIPT)
            run_script(player, finale, sizeof finale - 1);
        else
            order_finale(&player->run);
        break;
    case FINISH:
        player->stage = BEGIN;
        finish_program(player);
        break;
    }
    if (player->at < player->batch->count)
        play_later(player);
}

static void attach_runtime(struct player *player)
{
    static const char host[] =
        "const later = setTimeout;\n"
        "const hear = (unhandled, handled) => {\n"
        "  process.on('unhandledRejection', unhandled).on('rejectionHandled', handled);\n"
        "};\n";
    const mr_js_options options = {.size_bytes = sizeof options};
    assert_int_equal(mr_js_create(player->loop, &options, &player->js), 0);
    run_script(player, host, sizeof host - 1);
    run_script(player, order_prelude, sizeof order_prelude - 1);
}

/* Nothing that a program made may outlive the loop. */
static void end_player(struct player *player)
{
    mr_promise_stats stats;
    assert_int_equal(mr_promise_get_stats(player->loop, &stats), 0);
    assert_int_equal(mr_js_destroy(player->js), 0);
    mr_loop_unref(player->loop);
    if (stats.live != 0 || stats.pending != 0 || player->run.calls != 0) {
        print_error("from seed %" PRIu64 ", %u programs: %" PRIu64
                    " promises and %zu handlers left\n",
                    player->batch->first, player->batch->count, stats.live, player->run.calls);
        player->run.errors++;
    }
    errors += player->run.errors;
    text_free(&player->run.said);
}

static void play_batch(struct batch *batch, bool attached)
{
    static struct player player;
    const mr_simulate world = {.seed = batch->first};
    const mr_loop_options options = {
        .size_bytes = sizeof options, .auto_exit = true, .simulate = &world};
    player = (struct player){.batch = batch, .language = attached ? C_ATTACHED : C_ALONE};
    player.run.seen = seen;
    player.run.program = &player.program;
    assert_int_equal(mr_loop_create(&options, &player.loop), 0);
    player.run.loop = player.loop;
    if (attached)
        attach_runtime(&player);
    order_listen(&player.run);
    play_later(&player);
    assert_int_equal(mr_loop_run(player.loop), 0);
    end_player(&player);
}

static void free_batch(struct batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        for (int language = 0; language < LANGUAGES; language++)
            free(batch->said[language][i]);
}

/* ---- comparing ---- */

static void show_program(uint64_t seed)
{
    static struct program program;
    struct text source = {0};
    generate(&program, seed);
    emit_program(&source, &program);
    fprintf(stderr, "MR_ORDER_SEED=%" PRIu64 "\n%s;\n", seed, source.data);
    text_free(&source);
}

static bool said_the_same(const struct batch *batch, unsigned i)
{
    return strcmp(batch->said[C_ALONE][i], batch->said[C_ATTACHED][i]) == 0 &&
           strcmp(batch->said[C_ALONE][i], batch->said[SCRIPT][i]) == 0;
}

static void show(const struct batch *batch, unsigned i)
{
    show_program(batch->first + i);
    for (int language = 0; language < LANGUAGES; language++)
        fprintf(stderr, "---- %s ----\n%s", language_names[language], batch->said[language][i]);
}

/* How many differ; the first one is shown. */
static unsigned compare(const struct batch *batch, unsigned before)
{
    unsigned differ = before;
    for (unsigned i = 0; i < batch->count; i++)
        if (!said_the_same(batch, i) && differ++ == 0)
            show(batch, i);
    return differ;
}

/* ---- the tests ---- */

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static uint64_t scaled(uint64_t n)
{
    uint64_t by = from_environment("MR_TEST_SCALE", 1);
    return by == 0 || by > n ? 1 : n / by;
}

static void assert_all_was_seen(uint64_t programs)
{
    static const char *const names[SEEN_COUNT] = {
#define ORDER_SEEN_NAME(name) #name,
        ORDER_SEEN_LIST(ORDER_SEEN_NAME)
#undef ORDER_SEEN_NAME
    };
    unsigned rare = 0;
    for (unsigned i = 0; i < SEEN_ALL; i++) {
        if (getenv("MR_ORDER_COVERAGE") != NULL)
            fprintf(stderr, "%8" PRIu64 " %s %u\n", seen[i], i < SEEN_COUNT ? names[i] : "op", i);
        if (seen[i] >= programs / COMMON)
            continue;
        print_error("%s %u: only %" PRIu64 " times\n", i < SEEN_COUNT ? names[i] : "statement",
                    i < SEEN_COUNT ? i : i - SEEN_OPS, seen[i]);
        rare++;
    }
    assert_int_equal(rare, 0);
}

static void programs_say_the_same_in_c_and_in_javascript(void **state)
{
    (void)state;
    static struct batch batch;
    const char *one = getenv("MR_ORDER_SEED");
    uint64_t first = from_environment(one != NULL ? "MR_ORDER_SEED" : "MR_ORDER_FIRST", 1);
    uint64_t programs = one != NULL ? 1 : from_environment("MR_ORDER_PROGRAMS", scaled(PROGRAMS));
    unsigned differ = 0;
    for (uint64_t done = 0; done < programs; done += batch.count) {
        uint64_t left = programs - done;
        batch = (struct batch){.first = first + done,
                               .count = left < BATCH ? (unsigned)left : (unsigned)BATCH};
        play_batch(&batch, false);
        play_batch(&batch, true);
        differ = compare(&batch, differ);
        if (one != NULL && differ == 0)
            show(&batch, 0);
        free_batch(&batch);
    }
    if (differ != 0)
        print_error("%u of %" PRIu64 " programs differ\n", differ, programs);
    assert_int_equal(differ, 0);
    assert_int_equal(errors, 0);
    if (programs >= PROGRAMS)
        assert_all_was_seen(programs);
}

/* ---- the same for Node.js ---- */

/* Timers in virtual time: one for each immediate, which is a task of its own there. */
static const char node_host[] =
    "'use strict';\n"
    "const timers = [];\n"
    "let now = 0;\n"
    "const later = (fn, ms) => {\n"
    "  timers.push({ at: now + ms, fn });\n"
    "  timers.sort((a, b) => a.at - b.at);\n"
    "};\n"
    "const hear = (unhandled, handled) => {\n"
    "  process.on('unhandledRejection', unhandled).on('rejectionHandled', handled);\n"
    "};\n";
static const char node_driver[] =
    "let index = 0, differ = 0;\n"
    "const fire = () => { const timer = timers.shift(); now = timer.at; timer.fn(); };\n"
    "const compare = () => {\n"
    "  const [seed, , said] = programs[index++];\n"
    "  if (said !== text && differ++ === 0)\n"
    "    console.log(`MR_ORDER_SEED=${seed}\\n---- C ----\\n${said}---- Node.js ----\\n${text}`);\n"
    "};\n"
    "const steps = [() => programs[index][1](), () => finale(), compare];\n"
    "let step = 0;\n"
    "const go = () => {\n"
    "  if (timers.length !== 0) fire();\n"
    "  else steps[step++ % 3]();\n"
    "  if (index < programs.length) { setImmediate(go); return; }\n"
    "  console.log(`${index} programs, ${differ} differ`);\n"
    "  process.exitCode = differ === 0 ? 0 : 1;\n"
    "};\n"
    "setImmediate(go);\n";

static void emit_said(struct text *out, const char *said)
{
    text_add(out, "'");
    for (; *said != '\0'; said++)
        text_add(out, *said == '\n' ? "\\n" : "%c", *said);
    text_add(out, "'");
}

/* What a report itself rejects waits for the next checkpoint here, not so in Node.js: programs that
 * do anything in a report are left out. */
static void emit_batch(struct text *out, const struct batch *batch)
{
    static struct program program;
    for (unsigned i = 0; i < batch->count; i++) {
        generate(&program, batch->first + i);
        if (!program.quiet)
            continue;
        text_add(out, "[%" PRIu64 ", () => ", program.seed);
        emit_program(out, &program);
        text_add(out, ", ");
        emit_said(out, batch->said[C_ALONE][i]);
        text_add(out, "],\n");
    }
}

static int emit(unsigned count)
{
    static struct batch batch;
    struct text out = {0};
    uint64_t first = from_environment("MR_ORDER_FIRST", 1);
    text_add(&out, "%s%sconst programs = [\n", node_host, order_prelude);
    for (unsigned done = 0; done < count; done += batch.count) {
        batch = (struct batch){.first = first + done,
                               .count = count - done < BATCH ? count - done : BATCH};
        play_batch(&batch, false);
        emit_batch(&out, &batch);
        free_batch(&batch);
    }
    text_add(&out, "];\n%s", node_driver);
    bool written = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    text_free(&out);
    return written && errors == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_say_the_same_in_c_and_in_javascript),
    };
    if (argc == 3 && strcmp(argv[1], "emit") == 0)
        return emit((unsigned)strtoul(argv[2], NULL, 10));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
