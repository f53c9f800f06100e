/* Internal effects of abort signals, and what a forked child makes of a posted abort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millrace/abort.h>

#include "base/macros.h"
#include "promise/abort.h"

typedef struct operation {
    mr__abort_effect effect;
    const char *name;
    struct operation *removes; /* this one, when it is called */
} operation;

static char story[256];
static mr_loop *loop;

static void note(const char *text)
{
    strcat(strcat(story, story[0] != 0 ? " " : ""), text);
}

static int setup(void **state)
{
    (void)state;
    story[0] = 0;
    return mr_loop_create(NULL, &loop);
}

static int teardown(void **state)
{
    (void)state;
    mr_loop_unref(loop);
    return 0;
}

static void end_operation(mr__abort_effect *effect, mr_value reason)
{
    operation *o = MR_CONTAINER(effect, operation, effect);
    int64_t number;
    assert_null(effect->signal);
    assert_true(mr_value_as_int(reason, &number) && number == 5);
    note(o->name);
    if (o->removes != NULL)
        mr__abort_effect_remove(&o->removes->effect);
}

static operation operation_of(const char *name)
{
    return (operation){.effect.fn = end_operation, .name = name};
}

static void say(mr_abort_signal *signal, mr_value reason, void *arg)
{
    (void)signal, (void)reason;
    note(arg);
}

static void say_released(void *arg)
{
    (void)arg;
    note("released");
}

static mr_abort_controller *controller(void)
{
    mr_abort_controller *c = NULL;
    assert_int_equal(mr_abort_controller_create(loop, &c), 0);
    return c;
}

static void effects_come_before_handlers_in_order_of_adding(void **state)
{
    (void)state;
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = mr_abort_controller_signal(c), *any;
    assert_int_equal(mr_abort_any(loop, &signal, 1, &any), 0);
    operation a = operation_of("a"), b = operation_of("b"), d = operation_of("d");
    operation of_any = operation_of("any");
    assert_int_equal(mr_abort_signal_on(signal, say, (void *)(uintptr_t) "handler", NULL, NULL), 0);
    mr__abort_effect_add(any, &of_any.effect);
    mr__abort_effect_add(signal, &a.effect);
    mr__abort_effect_add(signal, &b.effect);
    mr__abort_effect_add(signal, &d.effect);
    mr__abort_effect_remove(&a.effect);
    mr__abort_effect_remove(&a.effect);
    mr__abort_effect_add(signal, &a.effect);
    mr_abort_signal_unref(any); /* lives by its effect */
    assert_int_equal(mr_abort(c, mr_value_int(5)), 0);
    assert_string_equal(story, "b d a handler any");
    mr_abort_controller_unref(c);
}

static void effect_may_remove_others(void **state)
{
    (void)state;
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = mr_abort_controller_signal(c);
    operation a = operation_of("a"), b = operation_of("b"), d = operation_of("d");
    a.removes = &b;
    d.removes = &a;
    mr__abort_effect_add(signal, &a.effect);
    mr__abort_effect_add(signal, &b.effect);
    mr__abort_effect_add(signal, &d.effect);
    assert_int_equal(mr_abort(c, mr_value_int(5)), 0);
    assert_string_equal(story, "a d");
    assert_null(b.effect.signal);
    mr_abort_controller_unref(c);
}

static void effect_keeps_its_signal(void **state)
{
    (void)state;
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = mr_abort_controller_signal(c);
    mr_abort_id id = mr_abort_controller_id(c);
    operation a = operation_of("a");
    mr__abort_effect_add(signal, &a.effect);
    mr_abort_controller_unref(c);
    assert_int_equal(mr_abort_post(loop, id, mr_value_int(5)), 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_string_equal(story, "a");
    assert_int_equal(mr_abort_post(loop, id, mr_value_int(5)), MR_ENOENT);
}

static void effects_are_off_at_the_end_of_the_loop(void **state)
{
    (void)state;
    mr_abort_controller *c = controller();
    mr_abort_signal *signal = mr_abort_controller_signal(c), *any;
    assert_int_equal(mr_abort_any(loop, &signal, 1, &any), 0);
    operation a = operation_of("a"), b = operation_of("b");
    mr__abort_effect_add(signal, &a.effect);
    mr__abort_effect_add(any, &b.effect);
    assert_int_equal(mr_abort_signal_on(any, say, NULL, say_released, NULL), 0);
    mr_abort_signal_unref(any);
    mr_abort_controller_unref(c);
    assert_int_equal(mr_loop_close(loop), 0);
    assert_null(a.effect.signal);
    assert_null(b.effect.signal);
    assert_string_equal(story, "released");
    mr__abort_effect_remove(&a.effect);
}

/* What a parent posted it carries out itself; its child may abort anew. */
static int child_posts_anew(mr_abort_id id, mr_abort_controller *c)
{
    if (mr_abort_post(loop, id, mr_value_int(6)) != MR_EFORKED)
        return 1;
    if (mr_loop_after_fork(loop) != 0 || mr_loop_turn(loop, 0) != 0 || story[0] != 0)
        return 2;
    if (mr_abort_post(loop, id, mr_value_int(5)) != 0 || mr_loop_turn(loop, 0) != 0)
        return 3;
    if (strcmp(story, "x") != 0 || mr_abort_signal_check(mr_abort_controller_signal(c)) == 0)
        return 4;
    mr_abort_controller_unref(c);
    return mr_abort_post(loop, id, mr_value_int(5)) == MR_ENOENT ? 0 : 5;
}

static void forked_child_forgets_what_its_parent_posted(void **state)
{
    (void)state;
    mr_abort_controller *c = controller();
    mr_abort_id id = mr_abort_controller_id(c);
    assert_int_equal(
        mr_abort_signal_on(mr_abort_controller_signal(c), say, (void *)(uintptr_t) "x", NULL, NULL),
        0);
    assert_int_equal(mr_abort_post(loop, id, mr_value_int(5)), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(child_posts_anew(id, c));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(mr_loop_turn(loop, 0), 0);
    assert_string_equal(story, "x");
    mr_abort_controller_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(effects_come_before_handlers_in_order_of_adding, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(effect_may_remove_others, setup, teardown),
        cmocka_unit_test_setup_teardown(effect_keeps_its_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(effects_are_off_at_the_end_of_the_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(forked_child_forgets_what_its_parent_posted, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
