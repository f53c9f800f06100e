/* A runtime on a simulated loop of a C program: no option asks for it, all follows from the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <millrace/js.h>
#include <millrace/millrace.h>
#include <millrace/sim.h>

struct world {
    mr_loop *loop;
    mr_js *js;
    char out[4096];
    size_t out_len;
};

static void on_write(int stream, const char *data, size_t len, void *arg)
{
    struct world *world = arg;
    (void)stream;
    assert_true(world->out_len + len < sizeof(world->out));
    memcpy(world->out + world->out_len, data, len);
    world->out_len += len;
    world->out[world->out_len] = '\0';
}

static void create(struct world *world, const mr_simulate *simulate)
{
    *world = (struct world){.loop = NULL};
    const mr_loop_options options = {
        .size_bytes = sizeof(options), .auto_exit = true, .simulate = simulate};
    const mr_js_options js_options = {
        .size_bytes = sizeof(js_options), .write = on_write, .write_arg = world};
    assert_int_equal(mr_loop_create(&options, &world->loop), 0);
    assert_int_equal(mr_js_create(world->loop, &js_options, &world->js), 0);
}

static void destroy(struct world *world)
{
    assert_int_equal(mr_js_destroy(world->js), 0);
    mr_loop_unref(world->loop);
}

static void run_code(struct world *world, const char *source)
{
    mr_status status = mr_js_eval(world->js, source, strlen(source), NULL, MR_JS_SCRIPT, NULL);
    if (status != 0)
        print_error("%s: %s\n", source, mr_js_last_error(world->js));
    assert_int_equal(status, 0);
}

static mr_status advance(mr_js *js, size_t argc, mr_js_value *const *argv, void *arg,
                         mr_js_value **out_value)
{
    struct world *world = arg;
    int64_t ms;
    (void)out_value;
    assert_int_equal(argc, 1);
    assert_int_equal(mr_js_to_int64(js, argv[0], &ms), 0);
    return mr_sim_advance(world->loop, (uint64_t)ms * 1000000);
}

static void add_advance(struct world *world)
{
    mr_js_value *fn;
    assert_int_equal(mr_js_function_create(world->js, "advance", advance, world, &fn), 0);
    assert_int_equal(mr_js_set(world->js, NULL, "advance", fn), 0);
    mr_js_value_unref(fn);
}

static void clocks_are_that_of_the_loop(void **state)
{
    (void)state;
    struct world world;
    create(&world, &(mr_simulate){.seed = 1, .start_ns = 3600 * UINT64_C(1000000000)});
    add_advance(&world);
    run_code(&world, "const show = () => console.log(new Date(), performance.now(),"
                     "process.hrtime()); show(); advance(250); show();"
                     "setTimeout(() => { show(); advance(86400000); show(); }, 1000);");
    assert_int_equal(mr_loop_run(world.loop), 0);
    assert_string_equal(world.out, "2000-01-01T01:00:00.000Z 0 [ 3600, 0 ]\n"
                                   "2000-01-01T01:00:00.250Z 250 [ 3600, 250000000 ]\n"
                                   "2000-01-01T01:00:01.250Z 1250 [ 3601, 250000000 ]\n"
                                   "2000-01-02T01:00:01.250Z 86401250 [ 90001, 250000000 ]\n");
    destroy(&world);
}

static void numbers_come_from_the_seed(void **state)
{
    (void)state;
    static const char code[] = "console.log(Math.random(), Math.random(), process.pid)";
    struct world a, b, other;
    create(&a, &(mr_simulate){.seed = 5});
    create(&b, &(mr_simulate){.seed = 5});
    create(&other, &(mr_simulate){.seed = 6});
    run_code(&a, code);
    run_code(&b, code);
    run_code(&other, code);
    assert_string_equal(a.out, b.out);
    assert_string_not_equal(a.out, other.out);
    destroy(&a);
    destroy(&b);
    destroy(&other);
}

static unsigned steps;
static uint64_t note_step(mr_loop *loop, void *place)
{
    (void)loop;
    *(unsigned *)place = ++steps;
    return MR_SIM_DONE;
}

/* Which of two actors steps first, as a bit for each of 32 seeds, with or without a script that
 * draws numbers. */
static uint32_t orders(const char *code)
{
    uint32_t bits = 0;
    for (unsigned seed = 0; seed < 32; seed++) {
        struct world world;
        unsigned first = 0, second = 0;
        steps = 0;
        create(&world, &(mr_simulate){.seed = seed});
        assert_int_equal(mr_sim_actor(world.loop, 1, note_step, &first), 0);
        assert_int_equal(mr_sim_actor(world.loop, 1, note_step, &second), 0);
        run_code(&world, code);
        assert_int_equal(mr_loop_run(world.loop), 0);
        bits |= (uint32_t)(first < second) << seed;
        assert_int_equal(steps, 2);
        destroy(&world);
    }
    return bits;
}

static void drawing_numbers_leaves_the_order_of_actors(void **state)
{
    (void)state;
    uint32_t plain = orders("setTimeout(() => {}, 5)");
    assert_int_not_equal(plain, 0);
    assert_int_not_equal(plain, UINT32_MAX);
    assert_int_equal(orders("Math.random(); setTimeout(() => {}, 5)"), plain);
}

static void real_loops_have_real_clocks(void **state)
{
    (void)state;
    struct world world;
    create(&world, NULL);
    run_code(&world, "console.log(Date.now() > 1.6e12, Date.now.name, process.pid)");
    char expected[64];
    snprintf(expected, sizeof(expected), "true now %ld\n", (long)getpid());
    assert_string_equal(world.out, expected);
    destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_that_of_the_loop),
        cmocka_unit_test(numbers_come_from_the_seed),
        cmocka_unit_test(drawing_numbers_leaves_the_order_of_actors),
        cmocka_unit_test(real_loops_have_real_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
